// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * surface.c and asc_cbr.c: descriptions, edges, strides, payloads.
 */

#include <stdlib.h>

#include "kselftest_harness.h"

#include "asc_cbr.h"

static struct fmc_surface dense(u32 dtype, u32 n, u32 c, u32 h, u32 w)
{
	u64 e = fmc_dtype_bits(dtype) / 8;

	return (struct fmc_surface){ dtype, { n, c, h, w },
				     { e * c * h * w, e * h * w, e * w, e } };
}

static void fill(u8 *bytes, u64 count, u32 seed)
{
	u64 i;

	for (i = 0; i < count; i++) {
		seed = seed * 1664525 + 1013904223;
		bytes[i] = i % 50 < 25 ? i : seed >> 24;
	}
}

TEST(surface_is_measured)
{
	struct fmc_surface s = dense(FMC_S16, 2, 3, 5, 7);
	u64 elements, bytes;

	ASSERT_EQ(0, fmc_surface_check(&s, &elements, &bytes));
	EXPECT_EQ(210, elements);
	EXPECT_EQ(420, bytes);
	s.stride[2] = 100;
	ASSERT_EQ(0, fmc_surface_check(&s, &elements, &bytes));
	EXPECT_EQ(1 * 210 + 2 * 70 + 4 * 100 + 6 * 2 + 2, bytes);
	/* strides of extents of 1 do not count */
	s = dense(FMC_U8, 1, 1, 1, 1);
	s.stride[0] = ~0ull;
	ASSERT_EQ(0, fmc_surface_check(&s, &elements, &bytes));
	EXPECT_EQ(1, bytes);
}

TEST(surface_is_refused)
{
	struct fmc_surface s;
	u64 elements, bytes;
	u32 i;

	for (i = 0; i < 4; i++) {
		s = dense(FMC_U8, 2, 2, 2, 2);
		s.dim[i] = 0;
		EXPECT_EQ(-EINVAL, fmc_surface_check(&s, &elements, &bytes));
		s.dim[i] = ~0u;
		EXPECT_EQ(-EOVERFLOW, fmc_surface_check(&s, &elements, &bytes));
		s.dim[i] = 2;
		s.stride[i] = 1ull << 32;
		EXPECT_EQ(-EOVERFLOW, fmc_surface_check(&s, &elements, &bytes));
		s.stride[i] = ~0ull;
		EXPECT_EQ(-EOVERFLOW, fmc_surface_check(&s, &elements, &bytes));
	}
	for (i = 0; i < 100; i++) {
		s = dense(FMC_U8, 1, 1, 1, 1);
		s.dtype = i;
		EXPECT_EQ(i == FMC_U8 || i == FMC_S8 || i == FMC_S16 ? 0 : -EINVAL,
			  fmc_surface_check(&s, &elements, &bytes));
	}
	s = dense(FMC_U8, 1, 1, 1 << 15, 1 << 15);
	EXPECT_EQ(0, fmc_surface_check(&s, &elements, &bytes));
	s.dim[0] = 2;
	EXPECT_EQ(-EOVERFLOW, fmc_surface_check(&s, &elements, &bytes));
	/* the largest reach that is accepted does not overflow */
	s = dense(FMC_S16, 1, 1, 1, 1 << 30);
	s.stride[3] = 0xffffffff;
	EXPECT_EQ(0, fmc_surface_check(&s, &elements, &bytes));
	EXPECT_EQ(0xffffffffull * ((1 << 30) - 1) + 2, bytes);
}

TEST(injective)
{
	struct fmc_surface s = dense(FMC_S16, 2, 3, 5, 7);

	EXPECT_TRUE(fmc_surface_is_injective(&s));
	s.stride[3] = 1;
	EXPECT_FALSE(fmc_surface_is_injective(&s));
	s = dense(FMC_U8, 2, 3, 5, 7);
	s.stride[1] = 34;
	EXPECT_FALSE(fmc_surface_is_injective(&s));
	s = dense(FMC_U8, 2, 3, 5, 7);
	s.stride[0] = 0;
	EXPECT_FALSE(fmc_surface_is_injective(&s));
	s.dim[0] = 1;
	EXPECT_TRUE(fmc_surface_is_injective(&s));
	/* channels fastest, padded */
	s = (struct fmc_surface){ FMC_U8, { 2, 3, 5, 7 }, { 1000, 1, 30, 4 } };
	EXPECT_TRUE(fmc_surface_is_injective(&s));
}

TEST(parameters_are_checked)
{
	struct fmc_surface u8_map = dense(FMC_U8, 1, 1, 8, 8);
	struct fmc_surface s8_map = dense(FMC_S8, 1, 1, 8, 8);
	struct fmc_surface s16_map = dense(FMC_S16, 1, 1, 8, 8);
	struct asc_cbr_params p = { 0 };
	struct asc_cbr cbr;

	EXPECT_EQ(0, asc_cbr_init(&cbr, &u8_map, &p));
	p.endpoints = 3;
	EXPECT_EQ(-EINVAL, asc_cbr_init(&cbr, &u8_map, &p));
	p = (struct asc_cbr_params){ .scale = 3 };
	EXPECT_EQ(-EINVAL, asc_cbr_init(&cbr, &u8_map, &p));
	p = (struct asc_cbr_params){ .zero_point = 255 };
	EXPECT_EQ(0, asc_cbr_init(&cbr, &u8_map, &p));
	EXPECT_EQ(-EINVAL, asc_cbr_init(&cbr, &s8_map, &p));
	EXPECT_EQ(0, asc_cbr_init(&cbr, &s16_map, &p));
	p.zero_point = -129;
	EXPECT_EQ(-EINVAL, asc_cbr_init(&cbr, &u8_map, &p));
	EXPECT_EQ(-EINVAL, asc_cbr_init(&cbr, &s8_map, &p));
	p.zero_point = -32769;
	EXPECT_EQ(-EINVAL, asc_cbr_init(&cbr, &s16_map, &p));
	p.zero_point = 32768;
	EXPECT_EQ(-EINVAL, asc_cbr_init(&cbr, &s16_map, &p));
}

TEST(four_bits_per_element)
{
	static const u32 dtypes[] = { FMC_U8, FMC_S8, FMC_S16 };
	u32 t;

	for (t = 0; t < 3; t++) {
		struct fmc_surface s = dense(dtypes[t], 2, 3, 16, 32);
		struct asc_cbr_params p = { 0 };
		u64 bound;

		for (p.endpoints = 0; p.endpoints < 3; p.endpoints++) {
			ASSERT_EQ(0, asc_cbr_bound(&s, &p, &bound));
			EXPECT_EQ(2 * 3 * 16 * 32 / 2, bound);
		}
	}
}

static int round_trip(const struct fmc_surface *s, const struct asc_cbr_params *p, const u8 *src,
		      u8 *payload, u8 *back, struct asc_cbr_stats *stats)
{
	struct asc_cbr_params params = *p;
	struct asc_cbr_survey survey = { 0 };
	struct asc_cbr cbr;

	if (asc_cbr_init(&cbr, s, &params))
		return -1;
	if (params.endpoints == FMC_ENDPOINTS_AUTO) {
		asc_cbr_survey(&cbr, 0, cbr.blocks, src, &survey);
		if (survey.blocks != cbr.blocks)
			return -1;
		params.endpoints = asc_cbr_choose(&survey);
		if (asc_cbr_init(&cbr, s, &params))
			return -1;
	}
	asc_cbr_encode(&cbr, 0, cbr.blocks, src, payload, stats);
	asc_cbr_decode(&cbr, 0, cbr.blocks, payload, back);
	return params.endpoints;
}

/*
 * Exact allocations, so that a sanitiser sees any step outside; sizes around
 * those of blocks; the reported errors are those found.
 */
TEST(every_small_size)
{
	static const u32 dtypes[] = { FMC_U8, FMC_S8, FMC_S16 };
	u32 t, w, h, c;

	for (t = 0; t < 3; t++)
	for (w = 1; w <= 17; w++)
	for (h = 1; h <= 9; h++)
	for (c = 1; c <= 3; c += 2) {
		struct fmc_surface s = dense(dtypes[t], 1, c, h, w);
		struct asc_cbr_params p = { .endpoints = (w + h) % 3, .scale = h % 3 };
		u64 elements, bytes, bound, i, sum = 0, max = 0, squares = 0;
		struct asc_cbr_stats stats = { 0 };
		u8 *src, *back, *payload;

		ASSERT_EQ(0, fmc_surface_check(&s, &elements, &bytes));
		ASSERT_EQ(0, asc_cbr_bound(&s, &p, &bound));
		src = malloc(bytes);
		back = malloc(bytes);
		payload = malloc(bound);
		fill(src, bytes, w * h);
		memset(back, 0x99, bytes);
		ASSERT_LT(0, round_trip(&s, &p, src, payload, back, &stats));
		for (i = 0; i < elements; i++) {
			int a = dtypes[t] == FMC_U8 ? src[i] : dtypes[t] == FMC_S8 ?
				(int8_t)src[i] : ((int16_t *)src)[i];
			int b = dtypes[t] == FMC_U8 ? back[i] : dtypes[t] == FMC_S8 ?
				(int8_t)back[i] : ((int16_t *)back)[i];
			u64 error = abs(a - b);

			sum += error;
			squares += error * error;
			max = error > max ? error : max;
		}
		ASSERT_EQ(sum, stats.sum_abs_error) TH_LOG("%ux%ux%u type %u", c, h, w, dtypes[t]);
		ASSERT_EQ(squares, stats.sum_sq_error);
		ASSERT_EQ(max, stats.max_abs_error);
		free(src);
		free(back);
		free(payload);
	}
}

/* The same values in another layout give the same payload. */
TEST(layout_does_not_matter)
{
	enum { N = 2, C = 5, H = 11, W = 13 };
	static const u32 dtypes[] = { FMC_U8, FMC_S8, FMC_S16 };
	u32 t, n, c, h, w;

	for (t = 0; t < 3; t++) {
		u32 e = fmc_dtype_bits(dtypes[t]) / 8;
		struct fmc_surface nchw = dense(dtypes[t], N, C, H, W);
		/* odd strides, values misaligned */
		struct fmc_surface other = {
			dtypes[t], { N, C, H, W },
			{ 13 * 700 * e + 1, e + 1, W * (C * (e + 1) + 3) + 7, C * (e + 1) + 3 },
		};
		struct asc_cbr_params p = { 0 };
		struct asc_cbr_stats a_stats = { 0 }, b_stats = { 0 };
		u64 elements, a_bytes, b_bytes, bound;
		u8 *a, *b, *a_back, *b_back, *a_payload, *b_payload;

		ASSERT_EQ(0, fmc_surface_check(&nchw, &elements, &a_bytes));
		ASSERT_EQ(0, fmc_surface_check(&other, &elements, &b_bytes));
		ASSERT_TRUE(fmc_surface_is_injective(&other));
		ASSERT_EQ(0, asc_cbr_bound(&nchw, &p, &bound));
		a = malloc(a_bytes);
		a_back = malloc(a_bytes);
		b = malloc(b_bytes);
		b_back = malloc(b_bytes);
		a_payload = malloc(bound);
		b_payload = malloc(bound);
		fill(a, a_bytes, 3);
		memset(b, 0x11, b_bytes);
		memset(b_back, 0x11, b_bytes);
#define AT(base, s) ((base) + n * (s).stride[0] + c * (s).stride[1] + h * (s).stride[2] + \
		     w * (s).stride[3])
#define EACH_VALUE \
	for (n = 0; n < N; n++) for (c = 0; c < C; c++) for (h = 0; h < H; h++) \
		for (w = 0; w < W; w++)
		EACH_VALUE
			memcpy(AT(b, other), AT(a, nchw), e);
		ASSERT_LT(0, round_trip(&nchw, &p, a, a_payload, a_back, &a_stats));
		ASSERT_LT(0, round_trip(&other, &p, b, b_payload, b_back, &b_stats));
		EXPECT_EQ(0, memcmp(a_payload, b_payload, bound));
		EXPECT_EQ(0, memcmp(&a_stats, &b_stats, sizeof(a_stats)));
		EACH_VALUE
			ASSERT_EQ(0, memcmp(AT(a_back, nchw), AT(b_back, other), e));
		/* gaps are left alone: with the values put back, all is as before */
		EACH_VALUE
			memcpy(AT(b_back, other), AT(a, nchw), e);
		EXPECT_EQ(0, memcmp(b, b_back, b_bytes));
		free(a);
		free(b);
		free(a_back);
		free(b_back);
		free(a_payload);
		free(b_payload);
	}
}

/* Any division of the work gives the same bytes. */
TEST(parts_make_the_whole)
{
	struct fmc_surface s = dense(FMC_U8, 3, 5, 9, 22);
	struct asc_cbr_params p = { .endpoints = FMC_ENDPOINTS_ONE };
	struct asc_cbr_stats whole_stats = { 0 }, part_stats = { 0 };
	u8 src[3 * 5 * 9 * 22], whole[4096], parts[4096], a[sizeof(src)], b[sizeof(src)];
	struct asc_cbr cbr;
	u32 first, count;

	fill(src, sizeof(src), 9);
	ASSERT_EQ(0, asc_cbr_init(&cbr, &s, &p));
	ASSERT_LE(asc_cbr_bytes(&cbr), sizeof(whole));
	asc_cbr_encode(&cbr, 0, cbr.blocks, src, whole, &whole_stats);
	asc_cbr_decode(&cbr, 0, cbr.blocks, whole, a);
	for (first = 0; first < cbr.blocks; first += count) {
		count = 1 + first * 7 % 13;
		if (count > cbr.blocks - first)
			count = cbr.blocks - first;
		asc_cbr_encode(&cbr, first, count, src, parts, &part_stats);
		asc_cbr_decode(&cbr, first, count, parts, b);
	}
	EXPECT_EQ(0, memcmp(whole, parts, asc_cbr_bytes(&cbr)));
	EXPECT_EQ(0, memcmp(&whole_stats, &part_stats, sizeof(whole_stats)));
	EXPECT_EQ(0, memcmp(a, b, sizeof(a)));
}

/* The formula of format.rst for the address of a value's block. */
TEST(addresses_of_blocks)
{
	struct fmc_surface s = dense(FMC_S16, 2, 3, 10, 21);
	struct asc_cbr_params p = { .endpoints = FMC_ENDPOINTS_TWO };
	u16 src[2 * 3 * 10 * 21] = { 0 };
	struct asc_cbr_stats stats = { 0 };
	struct asc_cbr cbr;
	u8 payload[4096];
	u32 n = 1, c = 2, y = 9, x = 17, at;

	src[((n * 3 + c) * 10 + y) * 21 + x] = 5000;
	ASSERT_EQ(0, asc_cbr_init(&cbr, &s, &p));
	asc_cbr_encode(&cbr, 0, cbr.blocks, src, payload, &stats);
	at = (((n * 3 + c) * 3 + y / 4) * 3 + x / 8) * 16;
	/* 5000 ^ 8000h = 9388h is the larger endpoint; 0 ^ 8000h the smaller */
	EXPECT_EQ(0x8000, payload[at] | payload[at + 1] << 8);
	EXPECT_EQ(0x9388, payload[at + 2] | payload[at + 3] << 8);
	EXPECT_EQ(0x8000, payload[at - 16] | payload[at - 15] << 8);
	EXPECT_EQ(0x8000, payload[at - 14] | payload[at - 13] << 8);
}

static u32 chosen(const struct fmc_surface *s, const struct asc_cbr_params *p, const void *src)
{
	struct asc_cbr_survey survey = { 0 };
	struct asc_cbr cbr;

	if (asc_cbr_init(&cbr, s, p))
		return ~0u;
	asc_cbr_survey(&cbr, 0, cbr.blocks, src, &survey);
	return asc_cbr_choose(&survey);
}

TEST(choice_of_endpoints)
{
	struct fmc_surface s = dense(FMC_S8, 1, 1, 8, 8);
	struct asc_cbr_params p = { 0 };
	int8_t map[64];
	int i;

	/* behind a ReLU: zero in every block */
	for (i = 0; i < 64; i++)
		map[i] = i % 3 ? 0 : i;
	EXPECT_EQ(FMC_ENDPOINTS_ONE, chosen(&s, &p, map));
	/* one value below zero */
	map[63] = -1;
	EXPECT_EQ(FMC_ENDPOINTS_TWO, chosen(&s, &p, map));
	/* three of four blocks touch zero */
	for (i = 0; i < 64; i++)
		map[i] = i % 8 < 4 || i < 32 ? 0 : 9;
	EXPECT_EQ(FMC_ENDPOINTS_ONE, chosen(&s, &p, map));
	/* two of four */
	for (i = 0; i < 64; i++)
		map[i] = i % 8 < 4 ? 0 : 9;
	EXPECT_EQ(FMC_ENDPOINTS_TWO, chosen(&s, &p, map));
	/* another zero point */
	p.zero_point = -128;
	for (i = 0; i < 64; i++)
		map[i] = i % 3 ? -128 : i;
	EXPECT_EQ(FMC_ENDPOINTS_ONE, chosen(&s, &p, map));
}

static u64 fnv(const u8 *bytes, u64 count)
{
	u64 hash = 14695981039346656037ull;

	while (count--)
		hash = (hash ^ *bytes++) * 1099511628211ull;
	return hash;
}

/*
 * Golden vectors: the format does not change by accident.  Values are made so
 * that they do not depend on the byte order of the machine.
 */
TEST(golden_payloads)
{
	static const struct {
		u32 dtype, c, h, w, endpoints, scale;
		s32 zero_point;
		u64 bytes, hash;
	} golden[] = {
#include "golden.inc"
	};
	u32 g;

	for (g = 0; g < sizeof(golden) / sizeof(golden[0]); g++) {
		struct fmc_surface s = dense(golden[g].dtype, 1, golden[g].c, golden[g].h,
					     golden[g].w);
		struct asc_cbr_params p = { golden[g].endpoints, golden[g].scale,
					    golden[g].zero_point };
		u64 elements, bytes, bound, i;
		struct asc_cbr_stats stats = { 0 };
		u8 *src, *payload, *back;
		struct asc_cbr cbr;
		u32 seed = 1;

		ASSERT_EQ(0, fmc_surface_check(&s, &elements, &bytes));
		ASSERT_EQ(0, asc_cbr_bound(&s, &p, &bound));
		src = malloc(bytes);
		back = malloc(bytes);
		payload = malloc(bound);
		for (i = 0; i < elements; i++) {
			int v;

			seed = seed * 1664525 + 1013904223;
			v = (int)(i % golden[g].w * 5 + (seed >> 27)) - 16;
			if (golden[g].dtype == FMC_S16)
				((int16_t *)src)[i] = v * 101;
			else
				src[i] = v;
		}
		p.endpoints = round_trip(&s, &p, src, payload, back, &stats);
		ASSERT_EQ(0, asc_cbr_init(&cbr, &s, &p));
		EXPECT_EQ(golden[g].bytes, asc_cbr_bytes(&cbr));
		EXPECT_EQ(golden[g].hash, fnv(payload, asc_cbr_bytes(&cbr)))
			TH_LOG("vector %u: %llu bytes, 0x%016llx", g,
			       (unsigned long long)asc_cbr_bytes(&cbr),
			       (unsigned long long)fnv(payload, asc_cbr_bytes(&cbr)));
		free(src);
		free(back);
		free(payload);
	}
}

TEST_HARNESS_MAIN
