// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * One job in parts: encoders and decoders that are forked give, byte for byte, what one
 * alone gives.
 */

#include <stdlib.h>

#include "codec.h"
#include "cpus.h"
#include "ascdev_harness.h"
#include "rounds.h"

#define MAX_PARTS	4

static struct fmc_workspace whole_ws, part_ws[MAX_PARTS];

static void __attribute__((constructor)) set_kernels(void)
{
	whole_ws.kernels = test_kernels();
	whole_ws.long_steps = true;
}

static const u32 extents[][FMC_DIMS] = {
	{ 1, 1, 1, 1 }, { 2, 40, 9, 11 }, { 1, 3, 70, 66 }, { 1, 1, 1, 16385 }, { 3, 300, 1, 1 },
};

#define EXTENTS	(sizeof(extents) / sizeof(extents[0]))

/* Which units a part has: of very different size, some only one. */
static u32 part_size(u32 units, u32 parts, u32 i)
{
	return i + 1 < parts ? (i % 2 ? 1 : (units - parts) / parts + 1) : 0;
}

static int encode(struct fmc_encoder *enc, const struct fmc_surface *s,
		  const struct fmc_params *p, const void *src, u8 *payload, u32 max_parts)
{
	static struct fmc_encoder parts[MAX_PARTS];
	int ret = fmc_encode_init(enc, s, p, &whole_ws), more = 1;
	u32 units, n, i, first;

	while (!ret && more) {
		units = max_parts ? fmc_encode_units(enc) : 0;
		if (!units) {
			more = fmc_encode_step(enc, src, payload);
			continue;
		}
		n = units < max_parts ? units : max_parts;
		for (i = 0, first = 0; i < n; i++) {
			u32 count = i + 1 < n ? part_size(units, n, i) : units - first;

			fmc_encode_fork(enc, first, count, &part_ws[i], &parts[i]);
			first += count;
		}
		/* no part depends on one before it */
		for (i = n; i--; )
			while (fmc_encode_step(&parts[i], src, payload))
				;
		more = fmc_encode_join(enc, parts, n, payload);
	}
	return ret;
}

static int decode(struct fmc_decoder *dec, const struct fmc_surface *s,
		  const struct fmc_params *p, const struct fmc_part *part, const u8 *payload,
		  u64 payload_bytes, u8 *dst, u32 max_parts)
{
	static struct fmc_decoder parts[MAX_PARTS];
	int ret = fmc_decode_init(dec, s, p, part, payload_bytes, &whole_ws);
	u32 units, n, i, first;

	if (ret)
		return ret;
	if (!max_parts) {
		while (fmc_decode_step(dec, payload, dst))
			;
		return 0;
	}
	units = fmc_decode_units(dec);
	n = units < max_parts ? units : max_parts;
	for (i = 0, first = 0; i < n; i++) {
		u32 count = i + 1 < n ? part_size(units, n, i) : units - first;

		fmc_decode_fork(dec, first, count, &part_ws[i], &parts[i]);
		first += count;
	}
	for (i = n; i--; )
		while (fmc_decode_step(&parts[i], payload, dst))
			;
	fmc_decode_join(dec, parts, n);
	return 0;
}

static void fill(u8 *data, u64 bytes, u32 seed)
{
	u64 i;

	for (i = 0; i < bytes; i++) {
		seed = seed * 1664525 + 1013904223;
		data[i] = i / 300 % 3 ? i / 7 : seed >> 24 & (i / 50 % 2 ? 0xff : 0x0f);
	}
}

/* Returns what differs, or NULL. */
static const char *compare(const struct fmc_surface *s, const struct fmc_params *p, u64 bytes,
			   const u8 *src)
{
	struct fmc_encoder one, many;
	struct fmc_decoder dec_one, dec_many;
	struct fmc_params settled;
	struct fmc_part part;
	const char *wrong = NULL;
	u8 *a, *b, *x, *y;
	u32 parts, i;
	u64 bound;

	if (fmc_bound(s, p, &bound))
		return "bound";
	a = malloc(bound);
	b = malloc(bound);
	x = malloc(bytes);
	y = malloc(bytes);
	if (encode(&one, s, p, src, a, 0))
		wrong = "encoder";
	for (parts = 1; !wrong && parts <= MAX_PARTS; parts += 3) {
		memset(b, 0xa5, bound);
		if (encode(&many, s, p, src, b, parts))
			wrong = "encoder in parts";
		else if (one.bytes != many.bytes)
			wrong = "size";
		else if (memcmp(a, b, one.bytes))
			wrong = "payload";
		else if (memcmp(&one.stats, &many.stats, sizeof(one.stats)))
			wrong = "statistics";
		else if (memcmp(&one.params, &many.params, sizeof(one.params)))
			wrong = "parameters";
	}
	settled = one.params;
	settled.max_error = 0;
	settled.target_bpe = 0;
	/* the whole, a part, and the whole of something damaged */
	for (i = 0; !wrong && i < 3 * MAX_PARTS; i += 3) {
		memset(&part, 0, sizeof(part));
		memcpy(part.dim, s->dim, sizeof(part.dim));
		if (i / MAX_PARTS == 1) {
			part.at[FMC_DIM_C] = s->dim[FMC_DIM_C] / 3;
			part.dim[FMC_DIM_C] -= part.at[FMC_DIM_C];
			part.at[FMC_DIM_W] = s->dim[FMC_DIM_W] / 2;
			part.dim[FMC_DIM_W] -= part.at[FMC_DIM_W];
		} else if (i >= 2 * MAX_PARTS) {
			fill(a + one.bytes / 3, one.bytes / 3, 5);
		}
		memset(x, 0x33, bytes);
		memset(y, 0x33, bytes);
		if (decode(&dec_one, s, &settled, &part, a, one.bytes, x, 0) ||
		    decode(&dec_many, s, &settled, &part, a, one.bytes, y, i % MAX_PARTS + 1))
			wrong = "decoder";
		else if (memcmp(x, y, bytes))
			wrong = "values";
		else if (dec_one.bytes_read != dec_many.bytes_read)
			wrong = "bytes read";
		else if (dec_one.error != dec_many.error)
			wrong = "error";
	}
	free(a);
	free(b);
	free(x);
	free(y);
	return wrong;
}

TEST(a_search_is_not_shared)
{
	struct fmc_surface s = { .dtype = FMC_U8, .dim = { 1, 2, 1, 1 }, .stride = { 2, 1, 1, 1 } };
	struct fmc_params p = { .codec = FMC_CODEC_ZVC, .reorder = FMC_REORDER_GREEDY };
	struct fmc_encoder enc;

	/* the search for an order is one encoder's */
	ASSERT_EQ(0, fmc_encode_init(&enc, &s, &p, &whole_ws));
	EXPECT_EQ(0, fmc_encode_units(&enc));
}

FIXTURE(split) {
	u8 unused;
};

FIXTURE_SETUP(split) { }

FIXTURE_TEARDOWN(split) { }

FIXTURE_VARIANT(split)
{
	struct fmc_params params;
};

#define VARIANT(name, ...) \
	FIXTURE_VARIANT_ADD(split, name) { .params = { __VA_ARGS__ } }

VARIANT(cbr, .codec = FMC_CODEC_ASC_CBR);
VARIANT(cbr_reordered, .codec = FMC_CODEC_ASC_CBR, .reorder = FMC_REORDER_HEURISTIC);
VARIANT(cbr_runs, .codec = FMC_CODEC_ASC_CBR, .block = { 16 }, .endpoints = FMC_ENDPOINTS_TWO);
VARIANT(cbr_pooled, .codec = FMC_CODEC_ASC_CBR, .profile = FMC_PROFILE_POOLED);
VARIANT(vbr, .codec = FMC_CODEC_ASC_VBR);
VARIANT(vbr_bounded, .codec = FMC_CODEC_ASC_VBR, .max_error = 3, .effort = ASC_EFFORT_BEST);
VARIANT(vbr_at_a_rate, .codec = FMC_CODEC_ASC_VBR, .target_bpe = 3 << 8);
VARIANT(vbr_at_a_low_rate, .codec = FMC_CODEC_ASC_VBR, .target_bpe = 1 << 7);
VARIANT(ebpc, .codec = FMC_CODEC_EBPC);
VARIANT(dcac, .codec = FMC_CODEC_DCAC);
VARIANT(zvc, .codec = FMC_CODEC_ZVC, .reorder = FMC_REORDER_GREEDY);
VARIANT(raw, .codec = FMC_CODEC_RAW);
VARIANT(automatic, .codec = FMC_CODEC_AUTO);
VARIANT(automatic_at_a_rate, .codec = FMC_CODEC_AUTO, .target_bpe = 5 << 8);
VARIANT(automatic_bounded, .codec = FMC_CODEC_AUTO, .max_error = 2);

TEST_F(split, parts_give_the_same)
{
	u32 dtype, e;

	for (dtype = FMC_U8; dtype <= FMC_BF16; dtype += few_rounds() ? 2 : 1) {
		for (e = few_rounds() ? EXTENTS - 3 : 0; e < EXTENTS; e++) {
			u32 size = fmc_dtype_bits(dtype) / 8;
			const u32 *dim = extents[e];
			struct fmc_surface s = { .dtype = dtype };
			const char *wrong;
			u64 bytes;
			u8 *src;

			memcpy(s.dim, dim, sizeof(s.dim));
			s.stride[FMC_DIM_W] = size;
			s.stride[FMC_DIM_H] = (u64)size * dim[FMC_DIM_W];
			s.stride[FMC_DIM_C] = s.stride[FMC_DIM_H] * dim[FMC_DIM_H];
			s.stride[FMC_DIM_N] = s.stride[FMC_DIM_C] * dim[FMC_DIM_C];
			bytes = s.stride[FMC_DIM_N] * dim[FMC_DIM_N];
			src = malloc(bytes);
			ASSERT_TRUE(src != NULL);
			fill(src, bytes, dtype * 16 + e * 128);
			wrong = compare(&s, &variant->params, bytes, src);
			free(src);
			EXPECT_TRUE(!wrong) {
				TH_LOG("dtype %u, extents %u: %s", dtype, e, wrong);
			}
		}
	}
}

/* So large that steps for a rate are found with a sample of tiles. */
static const u32 large[FMC_DIMS] = { 1, 5, 1024, 1024 };

static void describe_large(struct fmc_surface *s, u32 dtype)
{
	memset(s, 0, sizeof(*s));
	s->dtype = dtype;
	memcpy(s->dim, large, sizeof(s->dim));
	s->stride[FMC_DIM_W] = fmc_dtype_bits(dtype) / 8;
	s->stride[FMC_DIM_H] = s->stride[FMC_DIM_W] * large[FMC_DIM_W];
	s->stride[FMC_DIM_C] = s->stride[FMC_DIM_H] * large[FMC_DIM_H];
	s->stride[FMC_DIM_N] = s->stride[FMC_DIM_C] * large[FMC_DIM_C];
}

TEST(large_maps_at_a_rate)
{
	u32 dtype;

	for (dtype = FMC_U8; dtype <= FMC_F16; dtype += few_rounds() ? 4 : 2) {
		struct fmc_params p = { .codec = FMC_CODEC_ASC_VBR,
					.target_bpe = dtype ? 3 * 256 + 128 : 2 * 256 };
		u64 elements, bytes, limit, bound, i;
		struct fmc_encoder enc;
		struct fmc_surface s;
		const char *wrong;
		u8 *src, *payload;

		describe_large(&s, dtype);
		ASSERT_EQ(0, fmc_surface_check(&s, &elements, &bytes));
		ASSERT_EQ(0, fmc_bound(&s, &p, &bound));
		src = malloc(bytes);
		payload = malloc(bound);
		fill(src, bytes, dtype);
		/* finite numbers */
		for (i = 1; fmc_dtype_is_float(dtype) && i < bytes; i += 2)
			src[i] &= 0xbf;
		wrong = compare(&s, &p, bytes, src);
		EXPECT_TRUE(!wrong) {
			TH_LOG("dtype %u: %s", dtype, wrong);
		}
		ASSERT_EQ(0, encode(&enc, &s, &p, src, payload, 0));
		limit = elements * p.target_bpe / 2048;
		EXPECT_LE(enc.bytes, limit);
		EXPECT_GE(enc.bytes, limit - limit / 64)
			TH_LOG("dtype %u: %llu of %llu", dtype,
			       (unsigned long long)enc.bytes, (unsigned long long)limit);
		free(src);
		free(payload);
	}
}

/* The sample tells nothing of what is coded then; all tiles are counted. */
TEST(a_rate_is_kept_if_the_sample_was_wrong)
{
	struct fmc_params p = { .codec = FMC_CODEC_ASC_VBR, .target_bpe = 3 * 256 };
	static const u32 amplitudes[] = { 1, 12 };
	u64 elements, bytes, bound, i;
	struct fmc_encoder enc;
	struct fmc_surface s;
	u8 *src, *payload;
	u32 a;

	describe_large(&s, FMC_U8);
	ASSERT_EQ(0, fmc_surface_check(&s, &elements, &bytes));
	ASSERT_EQ(0, fmc_bound(&s, &p, &bound));
	src = malloc(bytes);
	payload = malloc(bound);
	for (a = 0; a < 2; a++) {
		u32 seed = 1, coding = 0, more;

		/* without loss, or with a step for small numbers */
		for (i = 0; i < bytes; i++) {
			seed = seed * 1664525 + 1013904223;
			src[i] = (seed >> 16) % (4 * amplitudes[a]);
		}
		ASSERT_EQ(0, fmc_encode_init(&enc, &s, &p, &whole_ws));
		EXPECT_EQ(FMC_STAGE_STEER, enc.stage);
		do {
			u32 stage = enc.stage;

			more = fmc_encode_step(&enc, src, payload);
			if (stage == enc.stage || enc.stage != FMC_STAGE_CODE)
				continue;
			coding++;
			for (i = 0; i < bytes; i++) {
				seed = seed * 1664525 + 1013904223;
				src[i] = seed >> 24;
			}
		} while (more);
		EXPECT_EQ(2, coding);
		EXPECT_LE(enc.bytes, elements * 3 / 8);
	}
	free(src);
	free(payload);
}

/* Strips of rows, most nearly empty, some full: what tells of those that come last matters. */
static void fill_strips(u8 *data, u64 bytes, u32 seed)
{
	u32 bits = 0;
	u64 i;

	for (i = 0; i < bytes; i++) {
		if (i % (64 * large[FMC_DIM_W]) == 0) {
			seed = seed * 1664525 + 1013904223;
			bits = seed >> 30 ? seed >> 30 : 8;
		}
		seed = seed * 1664525 + 1013904223;
		data[i] = seed >> (32 - bits);
	}
}

TEST(a_sample_is_enough)
{
	struct fmc_params p = { .codec = FMC_CODEC_ASC_VBR, .target_bpe = 3 * 256 };
	static const u32 seeds[] = { 8, 16, 26 };
	u64 elements, bytes, bound, limit;
	struct fmc_encoder enc;
	struct fmc_surface s;
	u8 *src, *payload;
	u32 i;

	describe_large(&s, FMC_U8);
	ASSERT_EQ(0, fmc_surface_check(&s, &elements, &bytes));
	ASSERT_EQ(0, fmc_bound(&s, &p, &bound));
	limit = elements * p.target_bpe / 2048;
	src = malloc(bytes);
	payload = malloc(bound);
	for (i = 0; i < (few_rounds() ? 1 : 3); i++) {
		fill_strips(src, bytes, seeds[i]);
		ASSERT_EQ(0, encode(&enc, &s, &p, src, payload, 0));
		EXPECT_LE(enc.bytes, limit);
		EXPECT_GE(enc.bytes, limit - limit / 256);
		/* otherwise all tiles have been counted, after all */
		EXPECT_EQ(limit, enc.limit)
			TH_LOG("seed %u", seeds[i]);
	}
	free(src);
	free(payload);
}

/*
 * Values of @size bytes that are not much more than @base, but for @rare of them, which are large
 * or, if there are signs, below zero.
 */
static void fill_with_rare(u8 *data, u32 size, u64 count, u32 base, u32 rare, u32 *seed)
{
	s32 level = 0, v;
	u64 i;

	for (i = 0; i < count; i++) {
		*seed = *seed * 1664525 + 1013904223;
		level = (level * 3 + (*seed >> 24)) / 4;
		v = base + (*seed >> 23 & 1 ? level >> 1 : 0);
		v = size == 1 ? v & 0x7f : v;
		data[i * size] = v;
		if (size == 2)
			data[i * size + 1] = v >> 8;
	}
	while (rare--) {
		*seed = *seed * 1664525 + 1013904223;
		i = (u64)*seed * count >> 32;
		*seed = *seed * 1664525 + 1013904223;
		data[i * size + size - 1] = *seed >> 20 & 1 ? 0x7f : *seed >> 24 | 0x80;
	}
}

/* What is chosen with a look at all values. */
static struct fmc_params chosen_for_sure(const struct fmc_surface *s, struct fmc_params p,
					 const void *src)
{
	struct asc_cbr_params cbr = {
		.endpoints = p.endpoints, .scale = p.scale, .effort = p.effort,
		.zero_point = p.zero_point, .profile = p.profile, .exponent = p.exponent,
		.block = p.block, .kernels = whole_ws.kernels,
		.patch = (struct asc_patch_memory *)whole_ws.scratch,
	};
	static struct asc_cbr_chooser chooser;

	if (asc_cbr_choose_init(&chooser, s, &cbr))
		return p;
	while (asc_cbr_choose_step(&chooser, src))
		;
	p.endpoints = chooser.params.endpoints;
	p.profile = chooser.params.profile;
	p.exponent = chooser.params.exponent;
	p.block = chooser.params.block;
	return p;
}

static bool has_same_choice(const struct fmc_params *a, const struct fmc_params *b)
{
	return a->endpoints == b->endpoints && a->profile == b->profile &&
	       a->exponent == b->exponent && a->block.w == b->block.w &&
	       a->block.h == b->block.h && a->block.c == b->block.c;
}

static bool has_same_stats(struct asc_cbr_stats a, struct asc_cbr_stats b)
{
	/* which only some vector code notes */
	a.seen = b.seen;
	a.greatest = b.greatest;
	a.negative = b.negative;
	return !memcmp(&a, &b, sizeof(a));
}

/* Returns what differs from an encoder that is told everything, or NULL. */
static const char *compare_guess(const struct fmc_surface *s, const struct fmc_params *p,
				 const u8 *src, bool *wrong)
{
	struct fmc_params sure = chosen_for_sure(s, *p, src);
	struct fmc_encoder told, guessed;
	const char *differs = NULL;
	u32 parts, bytes;
	u8 *a, *b;
	u64 bound;

	if (fmc_bound(s, p, &bound))
		return "bound";
	a = malloc(bound);
	b = malloc(bound);
	if (encode(&told, s, &sure, src, a, 0))
		differs = "encoder";
	bytes = told.bytes;
	for (parts = 0; !differs && parts <= MAX_PARTS; parts += MAX_PARTS / 2) {
		memset(b, 0xa5, bound);
		if (encode(&guessed, s, p, src, b, parts))
			differs = "encoder in parts";
		else if (!has_same_choice(&guessed.params, &told.params))
			differs = "parameters";
		else if (guessed.bytes != bytes || memcmp(a, b, bytes))
			differs = "payload";
		else if (!has_same_stats(guessed.stats, told.stats))
			differs = "statistics";
		*wrong |= guessed.wrong;
	}
	free(a);
	free(b);
	return differs;
}

static u32 next_below(u32 *seed, u32 count)
{
	*seed = *seed * 1664525 + 1013904223;
	return (u64)*seed * count >> 32;
}

/* Values have no gaps between them in a row.  Patches have all values of small maps. */
static void describe_guessed(struct fmc_surface *s, bool large, u32 *seed)
{
	static const u8 dtypes[] = { FMC_S8, FMC_U16, FMC_S16, FMC_S16 };
	u32 dtype = dtypes[next_below(seed, 4)], size = fmc_dtype_bits(dtype) / 8;
	u32 most = 1 + next_below(seed, 12);

	memset(s, 0, sizeof(*s));
	s->dtype = dtype;
	s->dim[FMC_DIM_N] = 1 + next_below(seed, 2);
	s->dim[FMC_DIM_C] = 1 + next_below(seed, large ? 24 : most);
	s->dim[FMC_DIM_H] = large ? 32 + next_below(seed, 64) : 1 + next_below(seed, most);
	s->dim[FMC_DIM_W] = large ? 32 + 4 * next_below(seed, 24) : 1 + next_below(seed, most);
	s->stride[FMC_DIM_W] = size;
	s->stride[FMC_DIM_H] = s->dim[FMC_DIM_W] * size + next_below(seed, 2) * next_below(seed, 8);
	s->stride[FMC_DIM_C] = s->stride[FMC_DIM_H] * s->dim[FMC_DIM_H];
	s->stride[FMC_DIM_N] = s->stride[FMC_DIM_C] * s->dim[FMC_DIM_C];
}

static struct fmc_params open_params(u32 dtype, u32 *seed)
{
	static const struct asc_cbr_block blocks[] = {
		{ 8, 0, 0 }, { 16, 0, 0 }, { 32, 0, 0 }, { 4, 2, 1 }, { 4, 4, 1 }, { 8, 4, 1 },
		{ 1, 1, 16 },
	};
	struct fmc_params p = { .codec = FMC_CODEC_ASC_CBR, .effort = ASC_EFFORT_HW };

	if (!next_below(seed, 3))
		p.block = blocks[next_below(seed, sizeof(blocks) / sizeof(blocks[0]))];
	if (!next_below(seed, 3))
		p.endpoints = FMC_ENDPOINTS_ONE + next_below(seed, 2);
	if (!next_below(seed, 3))
		p.profile = fmc_dtype_bits(dtype) == 16 && next_below(seed, 2) ?
			    FMC_PROFILE_NARROW : FMC_PROFILE_FULL;
	if (!next_below(seed, 5))
		p.zero_point = 1 + next_below(seed, 100);
	return p;
}

/* The exponent and the sign of a map are guessed; that must not show in anything. */
TEST(guesses_that_are_wrong_do_not_show)
{
	u32 seed = 1, cpu, round, wrong_ones = 0, count = rounds(180);
	const struct fmc_kernels *kernels = whole_ws.kernels;

	for (round = 0; round < count; round++) {
		bool large = round % 3 == 0, wrong = false;
		struct fmc_surface s;
		u64 elements, bytes;
		struct fmc_params p;
		u8 *src;

		describe_guessed(&s, large, &seed);
		p = open_params(s.dtype, &seed);
		ASSERT_EQ(0, fmc_surface_check(&s, &elements, &bytes));
		/* exactly as much, so that the sanitiser sees what lies beyond */
		src = malloc(bytes);
		ASSERT_TRUE(!!src);
		memset(src, 0, bytes);
		fill_with_rare(src, fmc_dtype_bits(s.dtype) / 8,
			       bytes * 8 / fmc_dtype_bits(s.dtype),
			       next_below(&seed, 2) * next_below(&seed, 1 << next_below(&seed, 15)),
			       next_below(&seed, 1 << next_below(&seed, large ? 8 : 3)), &seed);
		for (cpu = FMC_CPU_SCALAR; cpu < FMC_CPUS; cpu++) {
			const char *differs;

			if (!test_has_cpu(cpu))
				continue;
			whole_ws.kernels = fmc_kernels_get(cpu);
			differs = compare_guess(&s, &p, src, &wrong);
			EXPECT_TRUE(!differs) {
				TH_LOG("%s, round %u, dtype %u, %ux%ux%ux%u: %s", fmc_cpu_name(cpu),
				       round, s.dtype, s.dim[0], s.dim[1], s.dim[2], s.dim[3],
				       differs);
			}
		}
		wrong_ones += wrong;
		free(src);
	}
	whole_ws.kernels = kernels;
	if (test_has_cpu(FMC_CPU_AVX512))
		EXPECT_LE(count / 40, wrong_ones);
}

/* One endpoint makes it zero, but it counts for the exponent. */
TEST(one_value_far_below_zero_is_not_missed)
{
	const struct fmc_params p = { .codec = FMC_CODEC_ASC_CBR, .endpoints = FMC_ENDPOINTS_ONE };
	struct fmc_surface s = {
		.dtype = FMC_S16, .dim = { 1, 8, 128, 64 },
		.stride = { 8 * 128 * 64 * 2, 128 * 64 * 2, 64 * 2, 2 },
	};
	const struct fmc_kernels *kernels = whole_ws.kernels;
	u32 bytes = s.stride[FMC_DIM_N], cpu, i, at, seed = 7;
	u8 *src = malloc(bytes);
	bool wrong = false;

	ASSERT_TRUE(!!src);
	fill_with_rare(src, 2, bytes / 2, 0, 0, &seed);
	for (cpu = FMC_CPU_SCALAR; cpu < FMC_CPUS; cpu++) {
		for (i = 0; i < 8 && test_has_cpu(cpu); i++) {
			const char *differs;
			u8 kept;

			whole_ws.kernels = fmc_kernels_get(cpu);
			at = next_below(&seed, bytes / 2) * 2 + 1;
			kept = src[at];
			src[at] = 0x8a;
			differs = compare_guess(&s, &p, src, &wrong);
			src[at] = kept;
			EXPECT_TRUE(!differs) {
				TH_LOG("%s, byte %u: %s", fmc_cpu_name(cpu), at, differs);
			}
		}
	}
	whole_ws.kernels = kernels;
	free(src);
	EXPECT_EQ(test_has_cpu(FMC_CPU_AVX512), wrong);
}

TEST_HARNESS_MAIN
