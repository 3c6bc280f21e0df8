// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Every codec through the common interface: round trips, parts, hostile payloads.
 */

#include <stdlib.h>

#include "codec.h"
#include "cpus.h"
#include "ascdev_harness.h"
#include "rounds.h"

static u32 random_state = 1;

static u32 random_u32(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state;
}

static const u32 extents[][FMC_DIMS] = {
	{ 1, 1, 1, 1 }, { 1, 3, 5, 7 }, { 2, 40, 9, 11 }, { 1, 2, 70, 130 }, { 1, 1, 1, 16385 },
	{ 1, 17, 16384 / 8, 1 }, { 3, 300, 1, 1 }, { 1, 257, 3, 3 }, { 2, 3, 33, 65 },
};

#define EXTENTS	(sizeof(extents) / sizeof(extents[0]))

enum content { RANDOM, ZERO, CONSTANT, SPARSE, SMOOTH, CONTENTS };

/* NHWC with a gap behind each row, 16 bits unaligned */
static void describe(struct fmc_surface *s, u32 dtype, const u32 *dim)
{
	u32 size = fmc_dtype_bits(dtype) / 8;

	memset(s, 0, sizeof(*s));
	s->dtype = dtype;
	memcpy(s->dim, dim, sizeof(s->dim));
	s->stride[FMC_DIM_C] = size;
	s->stride[FMC_DIM_W] = (u64)size * dim[FMC_DIM_C];
	s->stride[FMC_DIM_H] = s->stride[FMC_DIM_W] * dim[FMC_DIM_W] + 1;
	s->stride[FMC_DIM_N] = s->stride[FMC_DIM_H] * dim[FMC_DIM_H];
}

static void fill(u8 *data, u64 bytes, enum content content, u32 value_bytes)
{
	u64 i;

	for (i = 0; i < bytes; i++) {
		switch (content) {
		case RANDOM:
			data[i] = random_u32();
			break;
		case ZERO:
			data[i] = 0;
			break;
		case CONSTANT:
			data[i] = 0x41;
			break;
		case SPARSE:
			data[i] = random_u32() % 4 ? 0 : random_u32() % 40;
			break;
		default:
			data[i] = value_bytes == 2 && i & 1 ? 0 : i / 50 + random_u32() % 3;
			break;
		}
	}
}

static u64 offset_of(const struct fmc_surface *s, const u32 *at)
{
	return at[0] * s->stride[0] + at[1] * s->stride[1] + at[2] * s->stride[2] +
	       at[3] * s->stride[3];
}

/* Bytes of a part of a surface in memory, and nothing else, are those of another one. */
static bool is_copy_of_part(const struct fmc_surface *s, const u8 *src, const struct fmc_part *part,
			    const struct fmc_surface *t, const u8 *dst, u64 dst_bytes, u8 untouched)
{
	u32 size = fmc_dtype_bits(s->dtype) / 8, n, c, y, x, i;
	u8 *expected = malloc(dst_bytes);
	bool same;

	memset(expected, untouched, dst_bytes);
	for (n = 0; n < part->dim[0]; n++)
		for (c = 0; c < part->dim[1]; c++)
			for (y = 0; y < part->dim[2]; y++)
				for (x = 0; x < part->dim[3]; x++) {
					u32 to[4] = { n, c, y, x }, from[4];

					for (i = 0; i < 4; i++)
						from[i] = to[i] + part->at[i];
					memcpy(expected + offset_of(t, to),
					       src + offset_of(s, from), size);
				}
	same = !memcmp(expected, dst, dst_bytes);
	free(expected);
	return same;
}

static struct fmc_part whole_of(const struct fmc_surface *s)
{
	struct fmc_part part = { 0 };

	memcpy(part.dim, s->dim, sizeof(part.dim));
	return part;
}

static struct fmc_workspace workspace;

static void __attribute__((constructor)) set_kernels(void)
{
	workspace.kernels = test_kernels();
	workspace.long_steps = true;
}

static const u32 lossless[] = {
	FMC_CODEC_ASC_VBR, FMC_CODEC_EBPC, FMC_CODEC_DCAC, FMC_CODEC_ZVC, FMC_CODEC_RAW,
	FMC_CODEC_AUTO,
};

#define LOSSLESS	(sizeof(lossless) / sizeof(lossless[0]))

static u64 encode(struct __test_metadata *_metadata, const struct fmc_surface *s,
		  const struct fmc_params *params, const u8 *src, u8 **payload,
		  struct fmc_params *resolved)
{
	struct fmc_encoder enc;
	u64 bound;

	ASSERT_EQ(0, fmc_bound(s, params, &bound));
	/* exactly the bound, so that the sanitiser sees what lies beyond */
	*payload = malloc(bound);
	ASSERT_TRUE(!!*payload);
	ASSERT_EQ(0, fmc_encode_init(&enc, s, params, &workspace));
	while (fmc_encode_step(&enc, src, *payload))
		;
	ASSERT_LE(enc.bytes, bound);
	*resolved = enc.params;
	return enc.bytes;
}

static int decode(struct __test_metadata *_metadata, const struct fmc_surface *s,
		  const struct fmc_params *params, const struct fmc_part *part,
		  const u8 *payload, u64 bytes, u8 *dst)
{
	struct fmc_decoder dec;

	ASSERT_EQ(0, fmc_decode_init(&dec, s, params, part, bytes, &workspace));
	while (fmc_decode_step(&dec, payload, dst))
		;
	return dec.error;
}

TEST(lossless_round_trip)
{
	u32 c, d, e, k;

	for (c = 0; c < LOSSLESS; c++) {
		for (d = FMC_U8; d <= FMC_BF16; d++) {
			for (e = 0; e < EXTENTS; e++) {
				struct fmc_params params = { .codec = lossless[c] }, resolved;
				struct fmc_surface s;
				struct fmc_part whole;
				u64 elements, bytes, coded;
				u8 *src, *dst, *payload;

				describe(&s, d, extents[e]);
				ASSERT_EQ(0, fmc_surface_check(&s, &elements, &bytes));
				whole = whole_of(&s);
				src = malloc(bytes);
				dst = malloc(bytes);
				for (k = 0; k < CONTENTS; k += few_rounds() ? 3 : 1) {
					fill(src, bytes, k, fmc_dtype_bits(d) / 8);
					coded = encode(_metadata, &s, &params, src, &payload,
						       &resolved);
					if (k == ZERO && resolved.codec != FMC_CODEC_RAW &&
					    elements > 8)
						EXPECT_LT(coded, elements * 6 / 10);
					memset(dst, 0xa5, bytes);
					EXPECT_EQ(0, decode(_metadata, &s, &resolved, NULL,
							    payload, coded, dst));
					EXPECT_TRUE(is_copy_of_part(&s, src, &whole, &s, dst,
								    bytes, 0xa5))
						TH_LOG("codec %u dtype %u extents %u content %u",
						       lossless[c], d, e, k);
					free(payload);
				}
				free(src);
				free(dst);
			}
		}
	}
}

static u32 number_at(const struct fmc_surface *s, const u8 *p)
{
	u16 v;

	if (fmc_dtype_bits(s->dtype) == 8)
		return fmc_to_ordered(s->dtype, *p);
	memcpy(&v, p, sizeof(v));
	return fmc_to_ordered(s->dtype, v);
}

/* The largest error, in ordered numbers; errors are summed up. */
static u32 largest_error(const struct fmc_surface *s, const u8 *a, const u8 *b, u64 *sum)
{
	u32 at[4], largest = 0;

	*sum = 0;
	for (at[0] = 0; at[0] < s->dim[0]; at[0]++)
		for (at[1] = 0; at[1] < s->dim[1]; at[1]++)
			for (at[2] = 0; at[2] < s->dim[2]; at[2]++)
				for (at[3] = 0; at[3] < s->dim[3]; at[3]++) {
					u64 offset = offset_of(s, at);
					u32 x = number_at(s, a + offset);
					u32 y = number_at(s, b + offset);
					u32 error = x > y ? x - y : y - x;

					*sum += error;
					if (error > largest)
						largest = error;
				}
	return largest;
}

TEST(vbr_keeps_the_error)
{
	static const u32 bounds[] = { 1, 2, 7, 100, 200, 5000, FMC_MAX_ERROR };
	u32 d, e, k, b;

	for (d = FMC_U8; d <= FMC_BF16; d++) {
		for (e = 1; e < EXTENTS; e += 2) {
			struct fmc_surface s;
			u64 elements, bytes, coded, sum;
			u8 *src, *dst, *payload;

			describe(&s, d, extents[e]);
			ASSERT_EQ(0, fmc_surface_check(&s, &elements, &bytes));
			src = malloc(bytes);
			dst = malloc(bytes);
			for (k = 0; k < CONTENTS; k += few_rounds() ? 3 : 1) {
				fill(src, bytes, k, fmc_dtype_bits(d) / 8);
				for (b = 0; b < sizeof(bounds) / sizeof(bounds[0]); b++) {
					struct fmc_params p = { .codec = FMC_CODEC_ASC_VBR,
								.max_error = bounds[b],
								.effort = b % 2 };
					struct fmc_encoder enc;
					u64 bound;

					coded = encode(_metadata, &s, &p, src, &payload, &p);
					EXPECT_EQ(0, decode(_metadata, &s, &p, NULL, payload,
							    coded, dst));
					EXPECT_GE(bounds[b], largest_error(&s, src, dst, &sum));
					/* what the encoder reports is what came back */
					ASSERT_EQ(0, fmc_bound(&s, &p, &bound));
					fmc_encode_init(&enc, &s, &p, &workspace);
					while (fmc_encode_step(&enc, src, payload))
						;
					EXPECT_EQ(sum, enc.stats.sum_abs_error);
					free(payload);
				}
			}
			free(src);
			free(dst);
		}
	}
}

/* At a rate effort best has larger tiles, and a decoder must be told so. */
TEST(vbr_profile)
{
	struct fmc_params p = { .codec = FMC_CODEC_ASC_VBR, .effort = ASC_EFFORT_BEST,
				.target_bpe = 4 * 256 }, resolved;
	u32 dim[FMC_DIMS] = { 1, 48, 20, 20 }, i;
	u64 elements, bytes, coded, sum, bound;
	u8 *src, *dst, *payload;
	struct fmc_surface s;

	describe(&s, FMC_S8, dim);
	ASSERT_EQ(0, fmc_surface_check(&s, &elements, &bytes));
	src = malloc(bytes);
	dst = malloc(bytes);
	fill(src, bytes, RANDOM, 1);
	coded = encode(_metadata, &s, &p, src, &payload, &resolved);
	EXPECT_EQ(FMC_PROFILE_POOLED, resolved.profile);
	EXPECT_EQ(0, decode(_metadata, &s, &resolved, NULL, payload, coded, dst));
	EXPECT_LT(0, largest_error(&s, src, dst, &sum));
	/* 2 tiles */
	EXPECT_EQ(coded - 8, payload[4] | payload[5] << 8 | payload[6] << 16 | payload[7] << 24);
	resolved.profile = FMC_PROFILE_AUTO;
	EXPECT_EQ(-EBADMSG, decode(_metadata, &s, &resolved, NULL, payload, coded, dst));
	free(payload);

	/* without loss any tiling serves */
	p.target_bpe = 0;
	for (i = FMC_PROFILE_AUTO; i <= FMC_PROFILE_POOLED; i++) {
		p.profile = i;
		if (i == FMC_PROFILE_FULL || i == FMC_PROFILE_NARROW) {
			EXPECT_EQ(-EINVAL, fmc_bound(&s, &p, &bound));
			continue;
		}
		coded = encode(_metadata, &s, &p, src, &payload, &resolved);
		EXPECT_EQ(i, resolved.profile);
		EXPECT_EQ(0, decode(_metadata, &s, &resolved, NULL, payload, coded, dst));
		EXPECT_EQ(0, largest_error(&s, src, dst, &sum));
		free(payload);
	}
	p.profile = FMC_PROFILE_POOLED;
	for (i = FMC_CODEC_ASC_CBR; i <= FMC_CODEC_AUTO; i++) {
		p.codec = i;
		EXPECT_EQ(i == FMC_CODEC_ASC_CBR || i == FMC_CODEC_ASC_VBR ? 0 : -EINVAL,
			  fmc_bound(&s, &p, &bound));
	}
	free(src);
	free(dst);
}

/* More effort gives fewer bytes, for the same values. */
TEST(vbr_effort)
{
	struct fmc_params p = { .codec = FMC_CODEC_ASC_VBR, .max_error = 1 };
	u32 dim[FMC_DIMS] = { 1, 16, 32, 32 };
	u8 *src, *hw, *best, *a, *b;
	u64 elements, bytes, hw_bytes, best_bytes;
	struct fmc_surface s;

	describe(&s, FMC_U8, dim);
	ASSERT_EQ(0, fmc_surface_check(&s, &elements, &bytes));
	src = malloc(bytes);
	a = calloc(1, bytes);
	b = calloc(1, bytes);
	fill(src, bytes, SPARSE, 1);
	hw_bytes = encode(_metadata, &s, &p, src, &hw, &p);
	p.effort = ASC_EFFORT_BEST;
	best_bytes = encode(_metadata, &s, &p, src, &best, &p);
	EXPECT_LT(best_bytes, hw_bytes);
	EXPECT_EQ(0, decode(_metadata, &s, &p, NULL, hw, hw_bytes, a));
	p.effort = ASC_EFFORT_HW;
	EXPECT_EQ(0, decode(_metadata, &s, &p, NULL, best, best_bytes, b));
	EXPECT_EQ(0, memcmp(a, b, bytes));
	free(src);
	free(a);
	free(b);
	free(hw);
	free(best);
}

TEST(vbr_keeps_the_rate)
{
	static const u32 targets[] = { 128, 256, 2 * 256, 3 * 256 + 77, 4 * 256, 9 * 256 };
	u32 d, e, k, t;

	for (d = FMC_U8; d <= FMC_BF16; d++) {
		for (e = 2; e < EXTENTS; e += 2) {
			struct fmc_surface s;
			u64 elements, bytes, coded, sum, raw;
			u8 *src, *dst, *payload;

			describe(&s, d, extents[e]);
			ASSERT_EQ(0, fmc_surface_check(&s, &elements, &bytes));
			raw = elements * fmc_dtype_bits(d) / 8;
			src = malloc(bytes);
			dst = malloc(bytes);
			for (k = 0; k < CONTENTS; k += few_rounds() ? 3 : 1) {
				u64 last = ~0ull;

				fill(src, bytes, k, fmc_dtype_bits(d) / 8);
				for (t = 0; t < sizeof(targets) / sizeof(targets[0]); t++) {
					struct fmc_params p = { .codec = FMC_CODEC_ASC_VBR,
								.target_bpe = targets[t],
								.effort = e / 2 % 2 };

					coded = encode(_metadata, &s, &p, src, &payload, &p);
					EXPECT_EQ(0, decode(_metadata, &s, &p, NULL, payload,
							    coded, dst));
					largest_error(&s, src, dst, &sum);
					/* at 2 bits and more anything can be met */
					if (targets[t] >= 512 && !fmc_dtype_is_float(d))
						EXPECT_LE(coded, elements * targets[t] / 2048);
					/* and it is made use of, but where nothing is lost */
					if (targets[t] >= 512 && sum && elements > 10000 &&
					    !fmc_dtype_is_float(d))
						EXPECT_GE(coded * 100, elements * targets[t] / 2048 * 90)
							TH_LOG("d %u e %u k %u target %u: %llu", d, e, k,
							       targets[t], (unsigned long long)coded);
					/* floats that are not finite keep tiles as they are */
					if (!fmc_dtype_is_float(d))
						EXPECT_LE(sum, last);
					last = sum;
					free(payload);
				}
				EXPECT_LE(coded, raw + 4 * elements);
			}
			free(src);
			free(dst);
		}
	}
}

/* Selecting looks at some tiles; steering begins with the first one again. */
TEST(auto_keeps_the_rate)
{
	struct fmc_params resolved;
	u32 d, e;

	for (d = FMC_U8; d <= FMC_S16; d++)
		for (e = 0; e < EXTENTS; e++) {
			struct fmc_params p = { .codec = FMC_CODEC_AUTO, .target_bpe = 4 * 256 };
			u64 elements, bytes, coded;
			u8 *src, *payload;
			struct fmc_surface s;

			describe(&s, d, extents[e]);
			ASSERT_EQ(0, fmc_surface_check(&s, &elements, &bytes));
			src = malloc(bytes);
			fill(src, bytes, RANDOM, fmc_dtype_bits(d) / 8);
			coded = encode(_metadata, &s, &p, src, &payload, &resolved);
			ASSERT_EQ(FMC_CODEC_ASC_VBR, resolved.codec);
			/* a few values are less than their index */
			if (elements > 100)
				EXPECT_LE(coded * 2, elements);
			free(payload);
			free(src);
		}
}

/* Whatever AUTO takes fits into its bound: ASC-VBR has more tiles than the others. */
TEST(auto_keeps_the_bound)
{
	u32 e, d, c;

	for (e = 0; e < EXTENTS; e++)
		for (d = FMC_U8; d <= FMC_BF16; d++)
			for (c = FMC_CODEC_ASC_VBR; c < FMC_CODEC_AUTO; c++) {
				struct fmc_params p = { .codec = c };
				struct fmc_surface s;
				u64 one, any;

				describe(&s, d, extents[e]);
				ASSERT_EQ(0, fmc_bound(&s, &p, &one));
				p.codec = FMC_CODEC_AUTO;
				ASSERT_EQ(0, fmc_bound(&s, &p, &any));
				EXPECT_LE(one, any);
			}
}

/* The order is not that of the payload if this is raw. */
TEST(auto_in_an_order)
{
	u32 d, e, k, raw = 0;

	for (d = FMC_U8; d <= FMC_BF16; d++)
		for (e = 0; e < EXTENTS; e++)
			for (k = 0; k < CONTENTS; k++) {
				struct fmc_params p = { .codec = FMC_CODEC_AUTO,
							.reorder = 1 + k % 2 };
				struct fmc_params resolved;
				u64 elements, bytes, coded;
				u8 *src, *dst, *payload;
				struct fmc_surface s;
				struct fmc_part whole;

				describe(&s, d, extents[e]);
				whole = whole_of(&s);
				ASSERT_EQ(0, fmc_surface_check(&s, &elements, &bytes));
				src = malloc(bytes);
				dst = malloc(bytes);
				fill(src, bytes, k, fmc_dtype_bits(d) / 8);
				memset(dst, 0xa5, bytes);
				coded = encode(_metadata, &s, &p, src, &payload, &resolved);
				raw += resolved.codec == FMC_CODEC_RAW && elements > 1000;
				EXPECT_EQ(0, decode(_metadata, &s, &resolved, NULL, payload, coded,
						    dst));
				EXPECT_TRUE(is_copy_of_part(&s, src, &whole, &s, dst, bytes, 0xa5))
					TH_LOG("dtype %u extents %u content %u", d, e, k);
				free(payload);
				free(src);
				free(dst);
			}
	EXPECT_NE(0, raw);
}

static void random_part(const struct fmc_surface *s, struct fmc_part *part)
{
	u32 i;

	for (i = 0; i < FMC_DIMS; i++) {
		part->dim[i] = 1 + random_u32() % s->dim[i];
		part->at[i] = random_u32() % (s->dim[i] - part->dim[i] + 1);
	}
}

/* Encodes, and decodes parts, which must be those of the whole. */
static void check_parts(struct __test_metadata *_metadata, const struct fmc_surface *s,
			const struct fmc_params *params)
{
	struct fmc_params resolved;
	u64 elements, bytes, coded, part_bytes;
	u8 *src, *whole, *payload;
	u32 k;

	ASSERT_EQ(0, fmc_surface_check(s, &elements, &bytes));
	src = malloc(bytes);
	whole = malloc(bytes);
	fill(src, bytes, SPARSE, 1);
	coded = encode(_metadata, s, params, src, &payload, &resolved);
	ASSERT_EQ(0, decode(_metadata, s, &resolved, NULL, payload, coded, whole));
	for (k = 0; k < 8; k++) {
		struct fmc_surface t;
		struct fmc_part part;
		u8 *dst;

		random_part(s, &part);
		describe(&t, s->dtype, part.dim);
		ASSERT_EQ(0, fmc_surface_check(&t, &elements, &part_bytes));
		dst = malloc(part_bytes);
		memset(dst, 0x5a, part_bytes);
		memcpy(t.dim, s->dim, sizeof(t.dim));
		EXPECT_EQ(0, decode(_metadata, &t, &resolved, &part, payload, coded, dst));
		EXPECT_TRUE(is_copy_of_part(s, whole, &part, &t, dst, part_bytes, 0x5a))
			TH_LOG("codec %u reorder %u", resolved.codec, resolved.reorder);
		free(dst);
	}
	free(payload);
	free(whole);
	free(src);
}

TEST(parts)
{
	static const u32 codecs[] = {
		FMC_CODEC_ASC_CBR, FMC_CODEC_ASC_VBR, FMC_CODEC_EBPC, FMC_CODEC_DCAC,
		FMC_CODEC_ZVC, FMC_CODEC_RAW,
	};
	static const struct asc_cbr_block blocks[] = { { 0, 0, 0 }, { 2, 2, 4 }, { 8, 0, 0 } };
	u32 c, e, b, reorder;

	for (c = 0; c < sizeof(codecs) / sizeof(codecs[0]); c++)
		for (e = 0; e < EXTENTS; e++)
			for (reorder = 0; reorder < 3; reorder++)
				for (b = 0; b < 3; b++) {
					struct fmc_params p = { .codec = codecs[c], .reorder = reorder };
					struct fmc_surface s;

					if ((reorder && codecs[c] == FMC_CODEC_RAW) ||
					    (b && codecs[c] != FMC_CODEC_ASC_CBR))
						continue;
					p.block = blocks[b];
					describe(&s, (e + c + b) % 6, extents[e]);
					check_parts(_metadata, &s, &p);
				}
}

/* With a rate, floats are coded by their values; what is not finite becomes so. */
TEST(vbr_floats_at_a_rate)
{
	u32 dim[FMC_DIMS] = { 1, 8, 32, 32 }, d, i;

	for (d = FMC_F16; d <= FMC_BF16; d++) {
		struct fmc_params p = { .codec = FMC_CODEC_ASC_VBR, .target_bpe = 4 * 256 };
		enum asc_kind kind = asc_kind_of(d);
		u64 elements, bytes, coded, error = 0, signal = 0;
		u16 *src, *dst;
		struct fmc_surface s;
		u8 *payload;

		describe(&s, d, dim);
		s.stride[FMC_DIM_H] = s.stride[FMC_DIM_W] * 32;
		s.stride[FMC_DIM_N] = s.stride[FMC_DIM_H] * 32;
		ASSERT_EQ(0, fmc_surface_check(&s, &elements, &bytes));
		src = malloc(bytes);
		dst = malloc(bytes);
		/* fixed-point noise as floats, below 2.0 */
		for (i = 0; i < elements; i++)
			src[i] = fmc_from_ordered(d, asc_float_from_fixed(kind, asc_exponent_bias(kind),
				0x8000 + (int)(random_u32() % 40000) - 20000));
		src[7] = d == FMC_F16 ? 0x7c00 : 0x7f80;
		src[8] = 0xffff;
		coded = encode(_metadata, &s, &p, (u8 *)src, &payload, &p);
		EXPECT_LE(coded, elements / 2);
		EXPECT_NE(0, p.exponent);
		EXPECT_EQ(0, decode(_metadata, &s, &p, NULL, payload, coded, (u8 *)dst));
		for (i = 0; i < elements; i++) {
			u32 a = fmc_to_ordered(d, src[i]), b = fmc_to_ordered(d, dst[i]), x, y;

			EXPECT_TRUE(fmc_number_is_finite(d, b));
			if (i == 7 || i == 8)
				continue;
			x = asc_float_to_fixed(kind, asc_exponent_bias(kind), a);
			y = asc_float_to_fixed(kind, asc_exponent_bias(kind), b);
			error += (u64)(x > y ? x - y : y - x) * (x > y ? x - y : y - x);
			signal += (u64)(x > 0x8000 ? x - 0x8000 : 0x8000 - x) *
				  (x > 0x8000 ? x - 0x8000 : 0x8000 - x);
		}
		/* the infinity alone sets the scale of bfloat16 far away */
		if (d == FMC_F16)
			EXPECT_GT(signal, error);
		free(payload);
		free(src);
		free(dst);
	}
}

/* Exponents that no payload of that kind has are refused. */
TEST(exponents_are_checked)
{
	struct fmc_params p = { .codec = FMC_CODEC_ASC_VBR, .exponent = 1 };
	u32 dim[FMC_DIMS] = { 1, 1, 8, 8 };
	u64 least, bytes;
	struct fmc_surface s;

	describe(&s, FMC_F16, dim);
	EXPECT_EQ(0, fmc_decode_check(&s, &p, NULL, &least, &bytes));
	p.exponent = 31;
	EXPECT_EQ(-EINVAL, fmc_decode_check(&s, &p, NULL, &least, &bytes));
	p.exponent = 1;
	p.codec = FMC_CODEC_DCAC;
	EXPECT_EQ(-EINVAL, fmc_decode_check(&s, &p, NULL, &least, &bytes));
	p.codec = FMC_CODEC_ASC_VBR;
	describe(&s, FMC_S16, dim);
	EXPECT_EQ(-EINVAL, fmc_decode_check(&s, &p, NULL, &least, &bytes));
}

/* A sample that promises more than the rest keeps: the rate holds all the same. */
TEST(auto_is_not_fooled_by_a_sample)
{
	struct fmc_params p = { .codec = FMC_CODEC_AUTO, .target_bpe = 256 }, resolved;
	u32 dim[FMC_DIMS] = { 1, 640, 32, 32 }, i;
	u64 elements, bytes, coded;
	struct fmc_surface s;
	u8 *src, *payload;

	/* 40 tiles, of which every third is looked at, and only these are zero */
	memset(&s, 0, sizeof(s));
	s.dtype = FMC_U8;
	memcpy(s.dim, dim, sizeof(dim));
	s.stride[FMC_DIM_W] = 1;
	s.stride[FMC_DIM_H] = 32;
	s.stride[FMC_DIM_C] = 1024;
	ASSERT_EQ(0, fmc_surface_check(&s, &elements, &bytes));
	src = calloc(1, bytes);
	for (i = 0; i < bytes; i++)
		src[i] = i / 16384 % 3 ? random_u32() : 0;
	coded = encode(_metadata, &s, &p, src, &payload, &resolved);
	EXPECT_LE(coded, elements * 256 / 2048);
	EXPECT_EQ(FMC_CODEC_ASC_VBR, resolved.codec);
	EXPECT_EQ(256, resolved.target_bpe);
	free(payload);
	free(src);
}

/* What was found once serves again, and nothing but a permutation is taken. */
TEST(an_order_is_given)
{
	struct fmc_params p = { .codec = FMC_CODEC_ASC_CBR, .reorder = FMC_REORDER_GREEDY };
	struct fmc_params found, again;
	u32 dim[FMC_DIMS] = { 1, 300, 6, 6 }, i;
	u16 order[300];
	u8 *src, *first, *second, bitmap[FMC_ORDER_BITMAP_BYTES];
	struct fmc_encoder enc;
	struct fmc_surface s;
	u64 elements, bytes, coded;

	describe(&s, FMC_U8, dim);
	ASSERT_EQ(0, fmc_surface_check(&s, &elements, &bytes));
	src = malloc(bytes);
	fill(src, bytes, SPARSE, 1);
	coded = encode(_metadata, &s, &p, src, &first, &found);
	ASSERT_EQ(0, fmc_get_order(first, 300, order, bitmap));
	p.reorder = FMC_REORDER_GIVEN;
	memcpy(workspace.order, order, sizeof(order));
	ASSERT_EQ(coded, encode(_metadata, &s, &p, src, &second, &again));
	EXPECT_EQ(0, memcmp(first, second, coded));
	workspace.order[7] = workspace.order[8];
	EXPECT_EQ(-EBADMSG, fmc_encode_init(&enc, &s, &p, &workspace));
	workspace.order[7] = 300;
	EXPECT_EQ(-EBADMSG, fmc_encode_init(&enc, &s, &p, &workspace));

	/* a payload whose order is none: an error, and everything is written */
	second[1] ^= 2;
	memset(src, 0xee, bytes);
	EXPECT_EQ(-EBADMSG, decode(_metadata, &s, &again, NULL, second, coded, src));
	for (i = 0; i < 300; i++)
		EXPECT_NE(0xee, src[i]);
	free(src);
	free(first);
	free(second);
}

/* Any bytes decode, within the surface, and everything is written. */
TEST(hostile_payloads)
{
	static const u32 codecs[] = {
		FMC_CODEC_ASC_VBR, FMC_CODEC_EBPC, FMC_CODEC_DCAC, FMC_CODEC_ZVC,
	};
	u32 c, e, k, i, broken = 0;

	for (c = 0; c < sizeof(codecs) / sizeof(codecs[0]); c++)
		for (e = 1; e < EXTENTS; e++) {
			struct fmc_params p = { .codec = codecs[c], .reorder = e % 3,
						.effort = e % 2 }, resolved;
			struct fmc_surface s;
			u64 elements, bytes, coded, least, extent;
			u8 *src, *dst, *payload, *copy;

			describe(&s, (e + c) % 6, extents[e]);
			ASSERT_EQ(0, fmc_surface_check(&s, &elements, &bytes));
			src = malloc(bytes);
			dst = malloc(bytes);
			fill(src, bytes, SMOOTH, 1);
			coded = encode(_metadata, &s, &p, src, &payload, &resolved);
			ASSERT_EQ(0, fmc_decode_check(&s, &resolved, NULL, &least, &extent));
			for (k = 0; k < 40; k++) {
				/* cut off, bits turned over, or all random */
				u64 size = k % 4 ? coded : least + random_u32() % (coded - least + 1);

				copy = malloc(size);
				memcpy(copy, payload, size);
				for (i = 0; i < k; i++)
					copy[random_u32() % size] ^= 1u << random_u32() % 8;
				if (k % 10 == 9)
					fill(copy, size, RANDOM, 1);
				broken += !!decode(_metadata, &s, &resolved, NULL, copy, size, dst);
				free(copy);
			}
			free(payload);
			free(src);
			free(dst);
		}
	EXPECT_LT(500, broken);
}

TEST_HARNESS_MAIN
