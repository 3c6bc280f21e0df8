// SPDX-License-Identifier: MIT
/*
 * What is in a feature map, and what the codecs would make of it.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define CHUNK		FMC_TILE_MAX_VALUES
#define NUMBERS		65536	/* of the largest type */
#define LOG_BITS	16	/* of a logarithm, behind the point */

struct analyzer {
	struct fmc_surface surface;
	struct fmc_params params;
	const uint16_t *order;	/* that was given, or NULL */
	const void *src;
	struct fmc_workspace workspace;
	uint32_t count[NUMBERS];
};

/* Logarithm to base 2, of at least 1: bit by bit, by squaring. */
static uint64_t log2_fixed(uint64_t value)
{
	uint32_t whole = 63 - __builtin_clzll(value), i;
	uint64_t x = value << (63 - whole) >> 32, log = whole;	/* 1.31 bits */

	for (i = 0; i < LOG_BITS; i++) {
		x = x * x >> 31;
		log <<= 1;
		if (x >> 32) {
			log |= 1;
			x >>= 1;
		}
	}
	return log;
}

/* In 1/256 bits per value. */
static uint32_t entropy(const uint32_t *count, uint64_t total)
{
	uint64_t bits = 0;
	uint32_t i;

	for (i = 0; i < NUMBERS; i++) {
		if (count[i])
			bits += count[i] * log2_fixed(count[i]);
	}
	bits = total * log2_fixed(total) - bits;
	return (bits / total + 128) >> (LOG_BITS - 8);
}

/* A number in the order of numbers as one of the type. */
static int32_t to_type(uint32_t dtype, uint32_t number)
{
	uint32_t bits = fmc_from_ordered(dtype, number);

	if (dtype == FMC_S8)
		return (int8_t)bits;
	return dtype == FMC_S16 ? (int16_t)bits : (int32_t)bits;
}

static void count_values(struct analyzer *a, struct ascdev_analysis *out)
{
	uint32_t zero = fmc_zero_number(a->surface.dtype, a->params.zero_point);
	uint16_t *values = a->workspace.values;
	bool in_run = false;
	uint64_t first;
	uint32_t i, n;

	for (first = 0; first < out->elements; first += n) {
		n = out->elements - first < CHUNK ? out->elements - first : CHUNK;
		fmc_surface_gather_run(&a->surface, a->src, first, n, n, values);
		for (i = 0; i < n; i++) {
			bool is_zero = values[i] == zero;

			a->count[values[i]]++;
			out->zero_runs += is_zero && !in_run;
			in_run = is_zero;
		}
	}
	out->zeros = a->count[zero];
}

static void summarize_counts(const struct analyzer *a, struct ascdev_analysis *out)
{
	uint32_t dtype = a->surface.dtype;
	uint32_t bin = (1u << fmc_dtype_bits(dtype)) / ASCDEV_ANALYSIS_BINS, i;

	for (i = 0; i < NUMBERS; i++) {
		if (!a->count[i])
			continue;
		if (!out->distinct++)
			out->min = to_type(dtype, i);
		out->max = to_type(dtype, i);
		out->histogram[i / bin] += a->count[i];
	}
	out->entropy = entropy(a->count, out->elements);
}

/* What a codec has of the parameters. */
static struct fmc_params params_of(const struct analyzer *a, uint32_t codec)
{
	struct fmc_params params = { .zero_point = a->params.zero_point }, all = a->params;

	all.codec = codec;
	fmc_params_fill(&params, &all, &a->surface);
	return params;
}

/* Bytes of all that is no tile, where tiles are as they are. */
static uint64_t overhead(const struct analyzer *a, uint32_t codec, uint64_t raw)
{
	struct fmc_params params = params_of(a, codec);
	uint64_t bound;

	return fmc_bound(&a->surface, &params, &bound) ? 0 : bound - raw;
}

static uint32_t step_of(const struct analyzer *a)
{
	uint32_t largest = (1u << fmc_dtype_bits(a->surface.dtype)) - 1;
	uint32_t step = 2 * a->params.max_error + 1;

	return step < largest ? step : largest;
}

static void estimate(struct analyzer *a, struct ascdev_analysis *out)
{
	struct fmc_workspace *ws = &a->workspace;
	struct fmc_select sum = { 0 };
	struct fmc_tiling tiling;
	uint64_t raw;
	uint32_t i;

	/* the tiles of the lossless codecs; those of ASC-VBR are smaller */
	fmc_tiling_init(&tiling, &a->surface, a->params.zero_point, 32, 1024,
			FMC_TILE_MAX_VALUES);
	for (i = 0; i < tiling.count; i++) {
		struct fmc_tile tile;
		struct fmc_box box;

		fmc_tiling_get(&tiling, i, &tile, &box);
		fmc_surface_gather(&a->surface, a->src, &box, ws->values);
		fmc_select_add(&sum, ws->kernels->vbr, &tile, step_of(a), ws->values,
			       ws->scratch);
	}
	raw = sum.raw / 8;
	out->bytes[FMC_CODEC_RAW] = raw;
	out->exact |= 1u << FMC_CODEC_RAW;
	out->bytes[FMC_CODEC_ASC_CBR] = raw + overhead(a, FMC_CODEC_ASC_CBR, raw);
	out->bytes[FMC_CODEC_ZVC] = sum.zvc / 8 + overhead(a, FMC_CODEC_ZVC, raw);
	out->bytes[FMC_CODEC_EBPC] = sum.ebpc / 8 + overhead(a, FMC_CODEC_EBPC, raw);
	out->bytes[FMC_CODEC_DCAC] = sum.dcac / 8 + overhead(a, FMC_CODEC_DCAC, raw);
	if (a->params.target_bpe)
		out->bytes[FMC_CODEC_ASC_VBR] = out->elements * a->params.target_bpe >> 11;
	else
		out->bytes[FMC_CODEC_ASC_VBR] = sum.vbr / 8 + overhead(a, FMC_CODEC_ASC_VBR, raw);
}

/* Bytes of a payload, or a negative errno. */
static int64_t encode(struct analyzer *a, uint32_t codec, void *payload)
{
	struct fmc_params params = params_of(a, codec);
	struct fmc_encoder enc;
	int ret;

	if (a->order)
		memcpy(a->workspace.order, a->order,
		       a->surface.dim[FMC_DIM_C] * sizeof(*a->order));
	ret = fmc_encode_init(&enc, &a->surface, &params, &a->workspace);
	if (ret)
		return ret;
	while (fmc_encode_step(&enc, a->src, payload))
		;
	return enc.bytes;
}

static int try_all(struct analyzer *a, struct ascdev_analysis *out)
{
	uint64_t bound, most = 0;
	int64_t bytes = 0;
	uint32_t codec;
	void *payload;

	for (codec = FMC_CODEC_ASC_CBR; codec <= FMC_CODEC_AUTO; codec++) {
		struct fmc_params params = params_of(a, codec);
		int ret = fmc_bound(&a->surface, &params, &bound);

		if (ret)
			return ret;
		most = bound > most ? bound : most;
	}
	payload = malloc(most);
	if (!payload)
		return -ENOMEM;
	for (codec = FMC_CODEC_ASC_CBR; codec < FMC_CODEC_AUTO && bytes >= 0; codec++) {
		bytes = encode(a, codec, payload);
		out->bytes[codec] = bytes;
		out->exact |= 1u << codec;
	}
	free(payload);
	return bytes < 0 ? bytes : 0;
}

/* The least that keeps values within what the parameters allow, as ASC-CBR does not. */
static void find_least(struct ascdev_analysis *out)
{
	uint64_t least = out->bytes[FMC_CODEC_RAW];
	uint32_t codec;

	for (codec = FMC_CODEC_ASC_VBR; codec < FMC_CODEC_RAW; codec++) {
		if (out->bytes[codec] < least)
			least = out->bytes[codec];
	}
	out->bytes[FMC_CODEC_AUTO] = least;
}

static int describe(struct analyzer *a, const struct ascdev_params *user_params,
		    const struct ascdev_surface *surface, struct ascdev_analysis *out)
{
	struct fmc_params raw = { .codec = FMC_CODEC_RAW };
	struct ascdev_params params;
	uint64_t bytes;
	int ret = params_from_user(&params, user_params);

	a->workspace.kernels = cpu_kernels(ASCDEV_CPU_AUTO);
	if (!ret)
		ret = codec_params(&a->params, &params);
	if (!ret && surface->pad)
		ret = -EINVAL;
	if (ret)
		return ret;
	a->params.exponent = 0;
	codec_surface(&a->surface, surface);
	raw.zero_point = a->params.zero_point;
	ret = fmc_bound(&a->surface, &raw, &bytes);
	if (ret)
		return ret;
	out->elements = bytes / (fmc_dtype_bits(a->surface.dtype) / 8);
	if (a->params.max_error > FMC_MAX_ERROR || (a->params.max_error && a->params.target_bpe))
		return -EINVAL;
	if (params.reorder == ASCDEV_REORDER_GIVEN) {
		if (!params.order || surface->dim[FMC_DIM_C] > FMC_REORDER_MAX_CHANNELS)
			return -EINVAL;
		a->order = params.order;
	}
	return 0;
}

int ascdev_analyze(const struct ascdev_params *params, const struct ascdev_surface *surface,
		   const void *src, uint32_t flags, struct ascdev_analysis *analysis)
{
	struct ascdev_analysis out = ASCDEV_ANALYSIS_INIT;
	struct analyzer *a;
	int ret;

	if (flags & ~ASCDEV_ANALYZE_EXACT)
		return -EINVAL;
	a = calloc(1, sizeof(*a));
	if (!a)
		return -ENOMEM;
	a->src = src;
	ret = describe(a, params, surface, &out);
	if (!ret) {
		count_values(a, &out);
		summarize_counts(a, &out);
		if (flags & ASCDEV_ANALYZE_EXACT)
			ret = try_all(a, &out);
		else
			estimate(a, &out);
	}
	if (!ret) {
		find_least(&out);
		ret = struct_to_user(analysis, &out, sizeof(out));
	}
	free(a);
	return ret;
}
