// SPDX-License-Identifier: MIT
/*
 * asc bench: throughput of codecs, in process and on the device.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "maps.h"
#include "measure.h"

/* What is measured unless --try says otherwise. */
static const char *const settings[] = {
	"codec=asc-cbr", "codec=asc-vbr,target_bpe=4", "codec=asc-vbr", "codec=dcac", "codec=ebpc",
	"codec=zvc", "codec=raw",
};

#define N_SETTINGS	(sizeof(settings) / sizeof(settings[0]))

enum { COMPRESS, DECOMPRESS, MEMCPY, ACTIVITIES };

/**
 * struct bench - one map with one setting on one backend
 * @ctx: backend
 * @params: of the compression
 * @settled: of the decompression
 * @tensor: map
 * @back: what comes back
 * @bytes: bytes of the map
 * @payload: payload
 * @bound: room in it
 * @payload_bytes: its size
 */
struct bench {
	struct ascdev_ctx *ctx;
	struct ascdev_params params;
	struct ascdev_params settled;
	const struct tensor *tensor;
	struct tensor back;
	uint64_t bytes;
	uint8_t *payload;
	uint64_t bound;
	uint64_t payload_bytes;
};

static int run_compress(void *argument)
{
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	struct bench *b = argument;
	int ret = ascdev_compress(b->ctx, &b->params, &b->tensor->surface, b->tensor->values,
				  b->payload, b->bound, &result);

	if (ret)
		return ret;
	b->payload_bytes = result.bytes;
	b->settled = b->params;
	return ascdev_params_settle(&b->settled, &result);
}

static int run_decompress(void *argument)
{
	struct bench *b = argument;

	return ascdev_decompress(b->ctx, &b->settled, &b->back.surface, b->payload,
				 b->payload_bytes, b->back.values, NULL);
}

static int run_memcpy(void *argument)
{
	struct bench *b = argument;

	memcpy(b->back.values, b->tensor->values, b->bytes);
	/* nobody reads the copy, which is no reason not to make it */
	__asm__ volatile("" : : "r"(b->back.values) : "memory");
	return 0;
}

/* --- answers ------------------------------------------------------------------- */

static double rate(const struct bench *b, const struct activity *activity, uint32_t repeats)
{
	return b->bytes / sample_at(activity, repeats, 0.5) / 1e6;
}

/* Half of the distance of the quartiles, in percent of the median. */
static double spread(const struct activity *a, uint32_t repeats)
{
	return 50 * (sample_at(a, repeats, 0.75) - sample_at(a, repeats, 0.25)) /
	       sample_at(a, repeats, 0.5);
}

static json_t *activity_json(const struct bench *b, const struct activity *activities, int which,
			     uint32_t repeats)
{
	const struct activity *a = &activities[which];

	return json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "mb_per_s", rate(b, a, repeats),
			 "to_memcpy", rate(b, a, repeats) / rate(b, &activities[MEMCPY], repeats),
			 "median_s", sample_at(a, repeats, 0.5), "q1_s",
			 sample_at(a, repeats, 0.25), "q3_s", sample_at(a, repeats, 0.75),
			 "min_s", sample_at(a, repeats, 0), "max_s", sample_at(a, repeats, 1));
}

static json_t *bench_json(const struct bench *b, const char *backend, const char *params,
			  const struct activity *activities, uint32_t repeats)
{
	return json_pack("{s:s, s:s, s:I, s:f, s:o, s:o, s:o}", "backend", backend, "params",
			 params, "payload_bytes", (json_int_t)b->payload_bytes, "ratio",
			 (double)b->bytes / b->payload_bytes, "compress",
			 activity_json(b, activities, COMPRESS, repeats), "decompress",
			 activity_json(b, activities, DECOMPRESS, repeats), "memcpy",
			 activity_json(b, activities, MEMCPY, repeats));
}

static void print_bench(const struct bench *b, const char *backend, const char *params,
			const struct activity *activities, uint32_t repeats)
{
	double copy = rate(b, &activities[MEMCPY], repeats);
	int i;

	printf("%-7s %7.3f", backend, (double)b->bytes / b->payload_bytes);
	for (i = COMPRESS; i <= DECOMPRESS; i++)
		printf(" %10.1f %5.1f %8.5f", rate(b, &activities[i], repeats),
		       spread(&activities[i], repeats), rate(b, &activities[i], repeats) / copy);
	printf(" %10.1f  %s\n", copy, params);
}

static void print_columns(void)
{
	printf("                 -------- compress -------- ------- decompress -------     memcpy\n"
	       "backend   ratio       MB/s   +-%% x memcpy       MB/s   +-%% x memcpy       MB/s  parameters\n");
}

/* --- measuring ----------------------------------------------------------------- */

/* @list: for --json */
static int measure_bench(struct bench *b, const struct options *options, const char *backend,
			 const char *input, json_t *list)
{
	struct activity activities[ACTIVITIES] = {
		[COMPRESS] = { .run = run_compress, .argument = b },
		[DECOMPRESS] = { .run = run_decompress, .argument = b },
		[MEMCPY] = { .run = run_memcpy, .argument = b },
	};
	char params[256] = "";
	int ret = measure(activities, ACTIVITIES, options->repeats), i;

	ascdev_params_format(&b->params, params, sizeof(params));
	progress_end();
	if (ret == -ENOMEM) {
		complain("%s: out of memory", input_shown(input));
		ret = EXIT_FAILED;
	}
	if (ret < 0)
		ret = library_failed(b->ctx, ret, input);
	else if (!ret && options->json)
		json_array_append_new(list, bench_json(b, backend, params, activities,
						       options->repeats));
	else if (!ret)
		print_bench(b, backend, params, activities, options->repeats);
	for (i = 0; i < ACTIVITIES; i++)
		free(activities[i].samples);
	return ret;
}

/* What neither the codec nor the type of the values has is left out. */
static int bench_setting(struct ascdev_ctx *ctx, const struct options *options,
			 const struct map *map, const struct ascdev_params *params, json_t *list)
{
	const char *backend = ascdev_get_backend(ctx, NULL) == ASCDEV_BACKEND_HW ? "hw" : "sw";
	struct bench b = { .ctx = ctx, .params = *params, .tensor = map->tensor };
	int ret;

	b.back.surface = map->tensor->surface;
	b.back.layout = map->tensor->layout;
	if (ascdev_compress_bound(params, &map->tensor->surface, &b.bound))
		return EXIT_OK;
	progress("%s, %s", input_shown(map->input), backend);
	ascdev_surface_bytes(&map->tensor->surface, &b.bytes);
	ret = tensor_alloc(&b.back);
	b.payload = malloc(b.bound);
	if (!ret && !b.payload) {
		complain("out of memory");
		ret = EXIT_FAILED;
	}
	if (!ret)
		ret = measure_bench(&b, options, backend, map->input, list);
	free(b.payload);
	free(b.back.file);
	return ret;
}

static int bench_backend(struct ascdev_ctx *ctx, const struct options *options,
			 const struct map *map, json_t *list)
{
	struct ascdev_params params;
	int ret = EXIT_OK;
	size_t i;

	for (i = 0; i < options->n_tries && !ret; i++)
		ret = bench_setting(ctx, options, map, &options->tries[i], list);
	for (i = 0; i < N_SETTINGS && !options->n_tries && !ret; i++) {
		params = options->params;
		ascdev_params_parse(&params, settings[i]);
		ret = bench_setting(ctx, options, map, &params, list);
	}
	return ret;
}

/* @contexts: either may be NULL */
static int bench_map(struct ascdev_ctx *const *contexts, const struct options *options,
		     const struct map *map)
{
	json_t *list = json_array();
	int i, ret = EXIT_OK;

	if (!options->json)
		map_print(map);
	for (i = 0; i < 2 && !ret; i++) {
		if (contexts[i])
			ret = bench_backend(contexts[i], options, map, list);
	}
	if (!ret && options->json)
		return json_print(json_pack(
			"{s:o, s:o, s:s, s:i, s:i, s:o}", "input", json_name(map->input), "tensor",
			json_name(map->tensor->name), "dtype",
			ascdev_dtype_name(map->tensor->surface.dtype), "repeats",
			(int)options->repeats, "threads", options->threads == ASCDEV_ALL_CPUS ?
			0 : options->threads ? (int)options->threads : 1, "results", list));
	json_decref(list);
	return ret;
}

/* --- the map that there is without a file ------------------------------------------ */

/* Slopes, noise on them, and zeros, as behind a ReLU. */
static uint32_t synthetic_value(uint32_t dtype, uint64_t i, uint32_t width, uint32_t noise)
{
	uint64_t x = i % width, y = i / width;
	int32_t value = (int32_t)((x * 5 + y * 3 + y / 61 * 97) % 320) - 160 + (int)(noise % 12);

	if (value <= 0)
		return 0;
	switch (dtype) {
	case ASCDEV_DTYPE_U8:
		return value;
	case ASCDEV_DTYPE_S8:
		return value / 2;
	case ASCDEV_DTYPE_F16:
		return 0x3000 + value * 16 + noise % 16;
	case ASCDEV_DTYPE_BF16:
		return 0x3e00 + value;
	default:
		return value * 64 + noise % 64;
	}
}

static int make_map(struct tensor *tensor, const struct options *options)
{
	static const uint32_t usual[] = { 64, 56, 56 };
	const char *name = "synthetic map";
	uint32_t dtype = options->dtype < 0 ? ASCDEV_DTYPE_U8 : (uint32_t)options->dtype;
	uint32_t seed = 1, size = ascdev_dtype_bytes(dtype), value;
	uint64_t bytes, i;
	int ret;

	*tensor = (struct tensor){ .name = (char *)"", .layout = options->layout };
	if (options->shape_dims)
		ret = tensor_lay_out(tensor, dtype, options->shape, options->shape_dims, false,
				     &bytes, name);
	else
		ret = tensor_lay_out(tensor, dtype, usual, 3, false, &bytes, name);
	if (!ret)
		ret = tensor_alloc(tensor);
	for (i = 0; !ret && i < bytes / size; i++) {
		seed = seed * 1664525 + 1013904223;
		value = synthetic_value(dtype, i, tensor->surface.dim[3], seed >> 16);
		if (size == 1)
			tensor->values[i] = value;
		else
			memcpy(&tensor->values[2 * i], &(uint16_t){ value }, 2);
	}
	return ret;
}

/* --- backends ------------------------------------------------------------------ */

/* The process, and the device if there is one; strict ones, so that each is what it says. */
static int open_both(const struct options *options, struct ascdev_ctx **contexts)
{
	struct options strict = *options;
	int ret = EXIT_OK;

	if (options->backend != ASCDEV_BACKEND_HW) {
		strict.backend = ASCDEV_BACKEND_SW;
		strict.device = NULL;
		ret = open_context(&strict, &contexts[0]);
	}
	if (ret || options->backend == ASCDEV_BACKEND_SW)
		return ret;
	strict = *options;
	ret = open_context(&strict, &contexts[1]);
	if (!ret && ascdev_get_backend(contexts[1], NULL) == ASCDEV_BACKEND_SW) {
		ascdev_close(contexts[1]);
		contexts[1] = NULL;
	}
	return ret;
}

static int bench_all(struct ascdev_ctx *const *contexts, const struct options *options)
{
	struct maps maps = { .count = 0 };
	struct tensor made = { .file = NULL };
	struct map synthetic = { .input = "synthetic", .tensor = &made };
	int ret = EXIT_OK, read = EXIT_OK;
	size_t i;

	if (!options->json)
		print_columns();
	if (options->n_inputs) {
		read = maps_read(&maps, options);
	} else {
		ret = make_map(&made, options);
		if (!ret)
			ret = bench_map(contexts, options, &synthetic);
	}
	for (i = 0; i < maps.count && !ret; i++)
		ret = bench_map(contexts, options, &maps.list[i]);
	maps_free(&maps);
	free(made.file);
	return ret ? ret : read;
}

int cmd_bench(const struct options *options)
{
	struct ascdev_ctx *contexts[2] = { NULL, NULL };
	int ret = open_both(options, contexts);

	if (!ret)
		ret = bench_all(contexts, options);
	ascdev_close(contexts[0]);
	ascdev_close(contexts[1]);
	return ret;
}
