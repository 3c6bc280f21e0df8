// SPDX-License-Identifier: MIT
/*
 * asc tune: parameters for each layer that keep to a goal in the fewest bytes.
 */

#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "file.h"
#include "json.h"
#include "maps.h"
#include "pattern.h"
#include "sysfs.h"
#include "trial.h"

/**
 * struct layer - maps that are compressed with the same parameters
 * @name: its name; NULL for all maps together
 * @maps: maps
 * @count: how many
 * @best: parameters that were found
 * @trial: what they made of the maps, the sums
 * @sqnr: of the map that has the least
 * @found: there are some
 */
struct layer {
	const char *name;
	const struct map **maps;
	size_t count;
	struct ascdev_params best;
	struct trial trial;
	double sqnr;
	bool found;
};

/**
 * struct tuning - a run of the command
 * @options: the command line
 * @ctx: what runs the jobs
 * @layers: layers, and all maps together as the last one
 * @count: how many
 */
struct tuning {
	const struct options *options;
	struct ascdev_ctx *ctx;
	struct layer *layers;
	size_t count;
};

/* --- trying ---------------------------------------------------------------------- */

/* Does one map keep to the goal? */
static bool keeps(const struct options *options, const struct trial *trial)
{
	switch (options->goal) {
	case GOAL_MIN_SQNR:
		return difference_sqnr(&trial->difference) >= options->goal_value;
	case GOAL_MAX_ERROR:
		return trial->difference.max <= options->goal_value;
	case GOAL_TARGET_BPE:
		return trial_bpe(trial) <= options->goal_value;
	default:
		return !trial->difference.noise;
	}
}

/* Below a rate the error counts; otherwise, and if that is equal, bytes do. */
static bool is_better(const struct options *options, const struct layer *layer,
		      const struct trial *trial, double sqnr)
{
	if (!layer->found)
		return true;
	if (options->goal == GOAL_TARGET_BPE && sqnr != layer->sqnr)
		return sqnr > layer->sqnr;
	return trial->payload_bytes < layer->trial.payload_bytes;
}

/*
 * Tries parameters on all maps of a layer, and keeps them if they are the best.  *kept tells
 * whether they keep to the goal.  Returns an exit code.
 */
static int try_params(const struct tuning *tuning, struct layer *layer,
		      const struct ascdev_params *params, bool *kept)
{
	struct trial sum = { .elements = 0 }, trial;
	double sqnr = INFINITY;
	size_t i;
	int ret;

	*kept = false;
	for (i = 0; i < layer->count; i++) {
		ret = trial_run(tuning->ctx, params, layer->maps[i]->tensor,
				layer->maps[i]->input, &trial);
		if (ret == TRIAL_NOT_FOR)
			return EXIT_OK;
		if (ret)
			return ret;
		if (!keeps(tuning->options, &trial))
			return EXIT_OK;
		sqnr = fmin(sqnr, difference_sqnr(&trial.difference));
		trial_add(&sum, &trial);
	}
	*kept = true;
	if (is_better(tuning->options, layer, &sum, sqnr)) {
		layer->best = *params;
		layer->trial = sum;
		layer->sqnr = sqnr;
		layer->found = true;
	}
	return EXIT_OK;
}

/* Likewise, from text to which a number is added, or nothing if it is negative. */
static int try_text(const struct tuning *tuning, struct layer *layer, const char *text,
		    double number, bool *kept)
{
	struct ascdev_params params = tuning->options->params;
	char full[128];

	if (number < 0)
		snprintf(full, sizeof(full), "%s", text);
	else
		snprintf(full, sizeof(full), "%s%.10g", text, number);
	if (ascdev_params_parse(&params, full)) {
		*kept = false;
		return EXIT_OK;
	}
	return try_params(tuning, layer, &params, kept);
}

/*
 * The number from @good to @bad, in steps, that is next to @bad among those that keep to the
 * goal, if all up to it do; each that is looked at is a candidate.
 */
static int search(const struct tuning *tuning, struct layer *layer, const char *text, int good,
		  int bad, double step)
{
	bool kept;
	int ret;

	while (good - bad > 1 || bad - good > 1) {
		int middle = good + (bad - good) / 2;

		ret = try_text(tuning, layer, text, middle * step, &kept);
		if (ret)
			return ret;
		if (kept)
			good = middle;
		else
			bad = middle;
	}
	return EXIT_OK;
}

static bool has_16_bits(const struct layer *layer)
{
	size_t i;

	for (i = 0; i < layer->count; i++) {
		if (ascdev_dtype_bytes(layer->maps[i]->tensor->surface.dtype) > 1)
			return true;
	}
	return false;
}

/* The lossy codecs, as far as the goal lets them. */
static int try_lossy(const struct tuning *tuning, struct layer *layer)
{
	static const char *const cbr[] = {
		"codec=asc-cbr", "codec=asc-cbr,profile=pooled", "codec=asc-cbr,effort=best",
		"codec=asc-cbr,profile=pooled,effort=best",
	};
	static const char *const orders[] = { "", "reorder=heuristic," };
	static const char *const efforts[] = { "", "effort=best," };
	const struct options *options = tuning->options;
	bool kept;
	char text[96];
	size_t i;
	int ret = EXIT_OK;

	for (i = 0; i < sizeof(cbr) / sizeof(cbr[0]) && !ret; i++)
		ret = try_text(tuning, layer, cbr[i], -1, &kept);
	for (i = 0; i < 4 && !ret; i++) {
		snprintf(text, sizeof(text), "codec=asc-vbr,%s%s%s", orders[i & 1],
			 efforts[i >> 1], options->goal == GOAL_MAX_ERROR ? "max_error=" :
			 "target_bpe=");
		if (options->goal != GOAL_MIN_SQNR)
			ret = try_text(tuning, layer, text, options->goal_value, &kept);
		else
			/* eighths of a bit, from what is surely enough to nothing */
			ret = search(tuning, layer, text, has_16_bits(layer) ? 192 : 96, 0, 0.125);
	}
	if (!ret && options->goal == GOAL_MIN_SQNR)
		ret = search(tuning, layer, "codec=asc-vbr,max_error=", 0,
			     has_16_bits(layer) ? 32768 : 256, 1);
	return ret;
}

static int tune_layer(const struct tuning *tuning, struct layer *layer)
{
	static const char *const lossless[] = {
		"codec=dcac", "codec=dcac,reorder=heuristic", "codec=asc-vbr",
		"codec=asc-vbr,reorder=heuristic", "codec=ebpc", "codec=zvc", "codec=raw",
	};
	const struct options *options = tuning->options;
	int ret = EXIT_OK;
	bool kept;
	size_t i;

	for (i = 0; i < options->n_tries && !ret; i++)
		ret = try_params(tuning, layer, &options->tries[i], &kept);
	if (ret || options->n_tries)
		return ret;
	for (i = 0; i < sizeof(lossless) / sizeof(lossless[0]) && !ret; i++)
		ret = try_text(tuning, layer, lossless[i], -1, &kept);
	if (!ret && options->goal)
		ret = try_lossy(tuning, layer);
	return ret;
}

/* --- layers ---------------------------------------------------------------------- */

static struct layer *find_layer(struct tuning *tuning, const char *name)
{
	size_t i;

	for (i = 0; i < tuning->count; i++) {
		if (!strcmp(tuning->layers[i].name, name))
			return &tuning->layers[i];
	}
	tuning->layers[tuning->count].name = name;
	return &tuning->layers[tuning->count++];
}

/* Maps of the same name are of one layer.  Returns an exit code. */
static int make_layers(struct tuning *tuning, const struct maps *maps)
{
	struct layer *layer;
	size_t i;

	tuning->layers = calloc(maps->count + 1, sizeof(*tuning->layers));
	if (!tuning->layers)
		goto no_memory;
	for (i = 0; i <= maps->count; i++) {
		tuning->layers[i].maps = calloc(maps->count, sizeof(*layer->maps));
		if (!tuning->layers[i].maps)
			goto no_memory;
	}
	for (i = 0; i < maps->count; i++) {
		layer = find_layer(tuning, maps->list[i].layer);
		layer->maps[layer->count++] = &maps->list[i];
	}
	layer = &tuning->layers[tuning->count++];
	for (i = 0; i < maps->count; i++)
		layer->maps[layer->count++] = &maps->list[i];
	return EXIT_OK;
no_memory:
	complain("out of memory");
	return EXIT_FAILED;
}

static const char *shown_name(const struct layer *layer)
{
	return layer->name ? layer->name : "all maps";
}

static int tune_all(struct tuning *tuning)
{
	size_t i;
	int ret = EXIT_OK;

	for (i = 0; i < tuning->count && !ret; i++) {
		struct layer *layer = &tuning->layers[i];

		progress("%zu of %zu: %s", i + 1, tuning->count, shown_name(layer));
		ret = tune_layer(tuning, layer);
		progress_end();
		if (!ret && !layer->found) {
			complain("%s: nothing that was tried keeps to the goal", shown_name(layer));
			ret = EXIT_FAILED;
		}
		if (!ret)
			tell("%s: %.3f bpe, SQNR %.2f dB, largest error %g", shown_name(layer),
			     trial_bpe(&layer->trial), layer->sqnr, layer->trial.difference.max);
	}
	return ret;
}

/* --- answers --------------------------------------------------------------------- */

static void print_goal(FILE *stream, const struct options *options)
{
	static const char *const goals[] = {
		[GOAL_MIN_SQNR] = "--min-sqnr", [GOAL_MAX_ERROR] = "--max-error",
		[GOAL_TARGET_BPE] = "--target-bpe",
	};

	if (options->goal)
		fprintf(stream, "# asc tune %s %g\n", goals[options->goal], options->goal_value);
	else
		fprintf(stream, "# asc tune, lossless\n");
}

static void print_table(FILE *stream, const struct tuning *tuning)
{
	char params[256];
	size_t i;

	print_goal(stream, tuning->options);
	for (i = 0; i < tuning->count; i++) {
		const struct layer *layer = &tuning->layers[i];

		/* of a pipe, the only map has no name */
		if (layer->name && !*layer->name)
			continue;
		ascdev_params_format(&layer->best, params, sizeof(params));
		fprintf(stream, "# %.3f bpe, SQNR %.2f dB, largest error %g\n",
			trial_bpe(&layer->trial), layer->sqnr, layer->trial.difference.max);
		if (layer->name)
			pattern_print(stream, layer->name);
		else
			fputc('*', stream);
		fprintf(stream, " %s\n", params);
	}
}

/* To be freed; NULL after a complaint. */
static char *make_table(const struct tuning *tuning)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (stream) {
		print_table(stream, tuning);
		if (!fclose(stream))
			return text;
	}
	complain("out of memory");
	free(text);
	return NULL;
}

static int write_table(const char *table, const struct options *options)
{
	struct output output;
	int ret = output_open(&output, options->output, options->force);

	if (!ret)
		ret = output_write(&output, table, strlen(table));
	if (!ret)
		ret = output_commit(&output);
	return ret;
}

static json_t *layer_json(const struct layer *layer)
{
	char params[256] = "";

	ascdev_params_format(&layer->best, params, sizeof(params));
	return json_pack("{s:o, s:i, s:s, s:f, s:f, s:o, s:f}", "layer",
			 layer->name ? json_name(layer->name) : json_null(), "maps",
			 (int)layer->count, "params", params, "bpe", trial_bpe(&layer->trial),
			 "ratio", (double)layer->trial.bytes / layer->trial.payload_bytes,
			 "sqnr_db", json_number(layer->sqnr), "max_error",
			 layer->trial.difference.max);
}

static int print_json(const struct tuning *tuning, const char *table)
{
	json_t *layers = json_array();
	size_t i;

	for (i = 0; i < tuning->count; i++)
		json_array_append_new(layers, layer_json(&tuning->layers[i]));
	return json_print(json_pack("{s:o, s:o}", "layers", layers, "table", json_name(table)));
}

static int answer(const struct tuning *tuning)
{
	const struct options *options = tuning->options;
	bool to_stdout = !options->output || !strcmp(options->output, "-");
	char *table = make_table(tuning);
	int ret = EXIT_OK;

	if (!table)
		return EXIT_FAILED;
	if (!to_stdout)
		ret = write_table(table, options);
	if (!ret && options->json)
		ret = print_json(tuning, table);
	else if (!ret && to_stdout)
		fputs(table, stdout);
	free(table);
	return ret;
}

/* What is wrong with the outputs shows before the work. */
static int check_outputs(const struct options *options, struct ascdev_device_info *info)
{
	int ret = options->output ? output_check(options->output, options->force) : EXIT_OK;

	return ret || !options->sysfs ? ret : sysfs_find(options, info);
}

static int tune(struct tuning *tuning, const struct maps *maps)
{
	const struct options *options = tuning->options;
	struct ascdev_device_info info;
	int ret = check_outputs(options, &info);

	if (!ret)
		ret = make_layers(tuning, maps);
	if (!ret)
		ret = tune_all(tuning);
	if (!ret)
		ret = answer(tuning);
	if (!ret && options->sysfs)
		ret = sysfs_set_defaults(&info, &tuning->layers[tuning->count - 1].best);
	return ret;
}

int cmd_tune(const struct options *options)
{
	struct tuning tuning = { .options = options };
	struct maps maps;
	size_t i;
	int ret = open_context(options, &tuning.ctx);

	if (ret)
		return ret;
	/* of some files only, the parameters would be those of another network */
	ret = maps_read(&maps, options);
	if (!ret)
		ret = tune(&tuning, &maps);
	for (i = 0; tuning.layers && i <= maps.count; i++)
		free(tuning.layers[i].maps);
	free(tuning.layers);
	maps_free(&maps);
	ascdev_close(tuning.ctx);
	return ret;
}
