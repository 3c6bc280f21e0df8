// SPDX-License-Identifier: MIT
/*
 * asc eval: rate, error and time of codecs and parameters on maps.
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "json.h"
#include "maps.h"
#include "plot.h"
#include "trial.h"

/* What is tried unless --try says otherwise. */
static const char *const settings[] = {
	"codec=asc-cbr", "codec=asc-cbr,effort=best",
	"codec=asc-vbr,target_bpe=1", "codec=asc-vbr,target_bpe=2", "codec=asc-vbr,target_bpe=3",
	"codec=asc-vbr,target_bpe=4", "codec=asc-vbr,target_bpe=6",
	"codec=asc-vbr,max_error=8", "codec=asc-vbr,max_error=4", "codec=asc-vbr,max_error=2",
	"codec=asc-vbr,max_error=1", "codec=asc-vbr",
	"codec=dcac", "codec=ebpc", "codec=zvc",
};

#define N_SETTINGS	(sizeof(settings) / sizeof(settings[0]))

/**
 * struct row - what one setting made of one map, or of all
 * @trial: of several maps, the sums
 * @sqnr: dB; of several, the mean of those that lost something
 * @psnr: likewise
 * @lossy: maps that lost something
 * @maps: maps
 */
struct row {
	struct trial trial;
	double sqnr;
	double psnr;
	uint32_t lossy;
	uint32_t maps;
};

/**
 * struct evaluation - a run of the command
 * @options: the command line
 * @ctx: what runs the jobs
 * @params: settings
 * @all: a row for each of them
 * @count: how many
 * @rows: for --json
 */
struct evaluation {
	const struct options *options;
	struct ascdev_ctx *ctx;
	struct ascdev_params *params;
	struct row *all;
	size_t count;
	json_t *rows;
};

static void add_up(struct row *all, const struct row *row)
{
	all->maps++;
	trial_add(&all->trial, &row->trial);
	if (isinf(row->sqnr) && row->sqnr > 0)
		return;
	all->sqnr = (all->sqnr * all->lossy + row->sqnr) / (all->lossy + 1);
	all->psnr = (all->psnr * all->lossy + row->psnr) / (all->lossy + 1);
	all->lossy++;
}

static double ratio(const struct trial *trial)
{
	return (double)trial->bytes / trial->payload_bytes;
}

/* The parameters as they were asked for. */
static const char *label(const struct ascdev_params *params, char *text, size_t size)
{
	if (ascdev_params_format(params, text, size) < 0)
		*text = 0;
	return text;
}

static json_t *row_json(const struct row *row, const struct ascdev_params *params)
{
	const struct trial *trial = &row->trial;
	char text[256];

	return json_pack("{s:s, s:I, s:I, s:I, s:f, s:f, s:o, s:o, s:f, s:f, s:f}", "params",
			 label(params, text, sizeof(text)), "elements",
			 (json_int_t)trial->elements, "bytes", (json_int_t)trial->bytes,
			 "payload_bytes", (json_int_t)trial->payload_bytes, "bpe",
			 trial_bpe(trial), "ratio", ratio(trial), "sqnr_db",
			 json_number(row->sqnr), "psnr_db", json_number(row->psnr), "max_error",
			 trial->difference.max, "compress_s", trial->compress_s, "decompress_s",
			 trial->decompress_s);
}

static void print_row(const struct row *row, const struct ascdev_params *params)
{
	const struct trial *trial = &row->trial;
	char text[256];

	printf("%7.3f %7.3f %8.2f %8.2f %10.6g %11.3f %13.3f  %s\n", trial_bpe(trial),
	       ratio(trial), row->sqnr, row->psnr, trial->difference.max,
	       1e3 * trial->compress_s, 1e3 * trial->decompress_s,
	       label(params, text, sizeof(text)));
}

static void print_columns(void)
{
	printf("    bpe   ratio  SQNR dB  PSNR dB  max error "
	       "compress ms decompress ms  parameters\n");
}

/* RFC 4180 */
static void print_quoted(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"')
			putchar('"');
		putchar(*text);
	}
	putchar('"');
}

static void print_csv(const struct map *map, const struct row *row,
		      const struct ascdev_params *params)
{
	const struct trial *trial = &row->trial;
	char text[256];

	print_quoted(map->input);
	putchar(',');
	print_quoted(map->tensor->name);
	printf(",%s,", ascdev_dtype_name(map->tensor->surface.dtype));
	print_quoted(label(params, text, sizeof(text)));
	printf(",%llu,%llu,%.6g,%.6g,%.6g,%.6g,%.6g,%.6g,%.6g\n",
	       (unsigned long long)trial->elements, (unsigned long long)trial->payload_bytes,
	       trial_bpe(trial), ratio(trial), row->sqnr, row->psnr, trial->difference.max,
	       trial->compress_s, trial->decompress_s);
}

static void show(struct evaluation *evaluation, const struct map *map, const struct row *row,
		 const struct ascdev_params *params)
{
	json_t *value;

	if (evaluation->options->csv) {
		print_csv(map, row, params);
	} else if (evaluation->options->json) {
		value = row_json(row, params);
		json_object_set_new(value, "input", json_name(map->input));
		json_object_set_new(value, "tensor", json_name(map->tensor->name));
		json_object_set_new(value, "dtype", json_string(ascdev_dtype_name(
			map->tensor->surface.dtype)));
		json_array_append_new(evaluation->rows, value);
	} else {
		print_row(row, params);
	}
}

/* What neither the codec nor the type of the values has is left out. */
static int evaluate(struct evaluation *evaluation, const struct map *map)
{
	const struct options *options = evaluation->options;
	struct row row;
	size_t i;
	int ret;

	if (!options->json && !options->csv)
		map_print(map);
	for (i = 0; i < evaluation->count; i++) {
		progress("%s: %zu of %zu", input_shown(map->input), i + 1, evaluation->count);
		row = (struct row){ .maps = 1 };
		ret = trial_run(evaluation->ctx, &evaluation->params[i], map->tensor, map->input,
				&row.trial);
		progress_end();
		if (ret == TRIAL_NOT_FOR)
			continue;
		if (ret)
			return ret;
		row.sqnr = difference_sqnr(&row.trial.difference);
		row.psnr = difference_psnr(&row.trial.difference);
		add_up(&evaluation->all[i], &row);
		show(evaluation, map, &row, &evaluation->params[i]);
	}
	return EXIT_OK;
}

/* Settings that differ in their goal only are a line. */
static void name_series(const struct ascdev_params *params, char *text, size_t size)
{
	struct ascdev_params plain = *params;

	plain.max_error = 0;
	plain.target_bpe = 0;
	label(&plain, text, size);
	if (params->codec == ASCDEV_CODEC_ASC_VBR || params->codec == ASCDEV_CODEC_AUTO)
		strncat(text, params->target_bpe ? ", by target_bpe" : ", by max_error",
			size - strlen(text) - 1);
}

static int plot(const struct evaluation *evaluation)
{
	struct point *points = calloc(evaluation->count + 1, sizeof(*points));
	size_t i, count = 0;
	int ret;

	if (!points) {
		complain("out of memory");
		return EXIT_FAILED;
	}
	for (i = 0; i < evaluation->count; i++) {
		const struct row *row = &evaluation->all[i];

		/* of all zeros there is no SQNR */
		if (!row->maps || (isinf(row->sqnr) && row->sqnr < 0))
			continue;
		points[count].x = trial_bpe(&row->trial);
		points[count].y = row->sqnr;
		name_series(&evaluation->params[i], points[count].series,
			    sizeof(points[count].series));
		count++;
	}
	ret = plot_write(points, count, evaluation->options->plot, evaluation->options->force);
	free(points);
	return ret;
}

static int summarize(struct evaluation *evaluation, size_t maps)
{
	json_t *all = json_array();
	size_t i;

	if (maps > 1 && !evaluation->options->json && !evaluation->options->csv)
		printf("all of %zu maps\n", maps);
	for (i = 0; i < evaluation->count; i++) {
		struct row *row = &evaluation->all[i];
		json_t *value;

		if (!row->maps)
			continue;
		if (!row->lossy)
			row->sqnr = row->psnr = INFINITY;
		if (evaluation->options->json) {
			value = row_json(row, &evaluation->params[i]);
			json_object_set_new(value, "maps", json_integer(row->maps));
			json_array_append_new(all, value);
		} else if (maps > 1 && !evaluation->options->csv) {
			print_row(row, &evaluation->params[i]);
		}
	}
	if (evaluation->options->json)
		return json_print(json_pack("{s:O, s:o}", "rows", evaluation->rows, "all", all));
	json_decref(all);
	return EXIT_OK;
}

static int evaluate_all(struct evaluation *evaluation, const struct maps *maps)
{
	const struct options *options = evaluation->options;
	int ret = EXIT_OK;
	size_t i;

	if (options->csv)
		printf("input,tensor,dtype,params,elements,payload_bytes,bpe,ratio,sqnr_db,psnr_db,"
		       "max_error,compress_s,decompress_s\n");
	else if (!options->json)
		print_columns();
	for (i = 0; i < maps->count && !ret; i++)
		ret = evaluate(evaluation, &maps->list[i]);
	if (!ret)
		ret = summarize(evaluation, maps->count);
	if (!ret && options->plot)
		ret = plot(evaluation);
	return ret;
}

/* Those of --try, or the usual ones. */
static int set_up(struct evaluation *evaluation)
{
	const struct options *options = evaluation->options;
	size_t i;

	evaluation->count = options->n_tries ? options->n_tries : N_SETTINGS;
	evaluation->params = calloc(evaluation->count, sizeof(*evaluation->params));
	evaluation->all = calloc(evaluation->count, sizeof(*evaluation->all));
	evaluation->rows = json_array();
	if (!evaluation->params || !evaluation->all || !evaluation->rows) {
		complain("out of memory");
		return EXIT_FAILED;
	}
	for (i = 0; i < evaluation->count; i++) {
		if (options->n_tries) {
			evaluation->params[i] = options->tries[i];
		} else {
			evaluation->params[i] = options->params;
			ascdev_params_parse(&evaluation->params[i], settings[i]);
		}
	}
	return EXIT_OK;
}

int cmd_eval(const struct options *options)
{
	struct evaluation evaluation = { .options = options };
	struct maps maps = { .count = 0 };
	int ret = open_context(options, &evaluation.ctx), read = EXIT_OK;

	if (ret)
		return ret;
	if (options->plot)
		ret = output_check(options->plot, options->force);
	if (!ret)
		ret = set_up(&evaluation);
	if (!ret)
		read = maps_read(&maps, options);
	if (!ret && maps.count)
		ret = evaluate_all(&evaluation, &maps);
	maps_free(&maps);
	json_decref(evaluation.rows);
	free(evaluation.params);
	free(evaluation.all);
	ascdev_close(evaluation.ctx);
	return ret ? ret : read;
}
