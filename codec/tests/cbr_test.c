// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * surface.c and asc_cbr.c: descriptions, edges, strides, payloads.
 */

#include <stdlib.h>

#include "ascdev_harness.h"

#include "asc_cbr.h"
#include "rounds.h"

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
		EXPECT_EQ(i <= FMC_BF16 ? 0 : -EINVAL,
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
	const struct asc_cbr_params good = {
		.profile = FMC_PROFILE_FULL,
		.endpoints = FMC_ENDPOINTS_TWO, .block = { 4, 4, 1 },
	};
	static const struct asc_cbr_block bad_blocks[] = {
		{ 0, 0, 0 }, { 0, 4, 4 }, { 4, 0, 4 }, { 4, 4, 0 }, { 3, 4, 1 }, { 65, 1, 8 },
		{ 8, 8, 2 }, { 65535, 65535, 65535 }, { 72, 0, 0 }, { 12, 0, 0 }, { 0, 0, 8 },
	}, good_blocks[] = {
		{ 4, 4, 1 }, { 4, 4, 2 }, { 2, 2, 4 }, { 4, 4, 4 }, { 8, 4, 1 }, { 8, 8, 1 },
		{ 3, 8, 1 }, { 1, 1, 64 }, { 64, 0, 0 }, { 8, 0, 0 },
	};
	struct asc_cbr_params p = good;
	struct asc_cbr_chooser chooser;
	struct asc_cbr cbr;
	u64 bound;
	u32 i;

	EXPECT_EQ(0, asc_cbr_init(&cbr, &u8_map, &p));
	p.endpoints = FMC_ENDPOINTS_AUTO;
	EXPECT_EQ(-EINVAL, asc_cbr_init(&cbr, &u8_map, &p));
	EXPECT_EQ(0, asc_cbr_bound(&u8_map, &p, &bound));
	p = good;
	for (i = 0; i < sizeof(bad_blocks) / sizeof(bad_blocks[0]); i++) {
		p.block = bad_blocks[i];
		EXPECT_EQ(-EINVAL, asc_cbr_init(&cbr, &u8_map, &p)) TH_LOG("bad %u", i);
		if (i) {
			EXPECT_EQ(-EINVAL, asc_cbr_bound(&u8_map, &p, &bound));
			EXPECT_EQ(-EINVAL, asc_cbr_choose_init(&chooser, &u8_map, &p));
		}
	}
	for (i = 0; i < sizeof(good_blocks) / sizeof(good_blocks[0]); i++) {
		p.block = good_blocks[i];
		EXPECT_EQ(0, asc_cbr_init(&cbr, &u8_map, &p)) TH_LOG("good %u", i);
	}
	p = good;
	p.effort = 2;
	EXPECT_EQ(-EINVAL, asc_cbr_init(&cbr, &u8_map, &p));
	p = good;
	p.endpoints = 3;
	EXPECT_EQ(-EINVAL, asc_cbr_init(&cbr, &u8_map, &p));
	p = good;
	p.scale = 3;
	EXPECT_EQ(-EINVAL, asc_cbr_init(&cbr, &u8_map, &p));
	p = good;
	p.zero_point = 255;
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
		struct asc_cbr_params p = { .profile = FMC_PROFILE_FULL };
		u64 bound;

		for (p.endpoints = 0; p.endpoints < 3; p.endpoints++) {
			ASSERT_EQ(0, asc_cbr_bound(&s, &p, &bound));
			EXPECT_EQ(2 * 3 * 16 * 32 / 2, bound);
		}
	}
}

/* Returns the endpoint mode that was used, and the parameters. */
static int round_trip(const struct fmc_surface *s, struct asc_cbr_params *p, const u8 *src,
		      u8 *payload, u8 *back, struct asc_cbr_stats *stats)
{
	struct asc_cbr_chooser chooser;
	struct asc_cbr cbr;

	if (asc_cbr_choose_init(&chooser, s, p))
		return -1;
	while (asc_cbr_choose_step(&chooser, src))
		;
	*p = chooser.params;
	if (asc_cbr_init(&cbr, s, p))
		return -1;
	asc_cbr_encode(&cbr, 0, cbr.blocks, src, payload, stats);
	asc_cbr_decode(&cbr, 0, cbr.blocks, payload, back);
	return p->endpoints;
}

static int value_at(u32 dtype, const u8 *map, u64 i)
{
	switch (dtype) {
	case FMC_U8:
		return map[i];
	case FMC_S8:
		return (int8_t)map[i];
	case FMC_U16:
		return ((u16 *)map)[i];
	default:
		return ((int16_t *)map)[i];
	}
}

/*
 * Exact allocations, so that a sanitiser sees any step outside; sizes around
 * those of blocks; the reported errors are those found.
 */
TEST(every_small_size)
{
	static const u32 dtypes[] = { FMC_U8, FMC_S8, FMC_S16, FMC_U16 };
	static const struct asc_cbr_block blocks[] = {
		{ 0, 0, 0 }, { 4, 4, 1 }, { 4, 4, 2 }, { 2, 2, 4 }, { 16, 0, 0 }, { 4, 4, 4 },
		{ 1, 1, 8 }, { 8, 8, 1 }, { 64, 0, 0 }, { 3, 8, 1 },
	};
	u32 t, w, h, c;

	for (t = 0; t < 4; t++)
	for (w = 1; w <= 17; w++)
	for (h = 1; h <= 9; h++)
	for (c = 1; c <= 3; c += 2) {
		struct fmc_surface s = dense(dtypes[t], 1, c, h, w);
		struct asc_cbr_params p = {
			.endpoints = (w + h) % 3, .scale = h % 3, .effort = w % 2,
			.block = blocks[(w + 3 * h + c) % 10],
			.profile = t > 1 ? (w + c / 2) % 3 : 0,
		};
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
			u64 error = abs(value_at(dtypes[t], src, i) - value_at(dtypes[t], back, i));

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
		struct asc_cbr_params p = { .profile = FMC_PROFILE_FULL }, q = p;
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
		ASSERT_LT(0, round_trip(&other, &q, b, b_payload, b_back, &b_stats));
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
	struct asc_cbr_params p = { .profile = FMC_PROFILE_FULL,
					    .endpoints = FMC_ENDPOINTS_ONE, .block = { 2, 2, 4 } };
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
	struct asc_cbr_params p = { .profile = FMC_PROFILE_FULL,
					    .endpoints = FMC_ENDPOINTS_TWO, .block = { 8, 4, 1 } };
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

	/* cuboids through channels, 4 x 2 x 2 */
	p.block = (struct asc_cbr_block){ 4, 2, 2 };
	ASSERT_EQ(0, asc_cbr_init(&cbr, &s, &p));
	asc_cbr_encode(&cbr, 0, cbr.blocks, src, payload, &stats);
	at = (((n * 2 + c / 2) * 5 + y / 2) * 6 + x / 4) * 10;
	EXPECT_EQ(0x9388, payload[at + 2] | payload[at + 3] << 8);
	EXPECT_EQ(0x8000, payload[at - 8] | payload[at - 7] << 8);

	/* runs of 32 */
	p.block = (struct asc_cbr_block){ 32, 0, 0 };
	ASSERT_EQ(0, asc_cbr_init(&cbr, &s, &p));
	asc_cbr_encode(&cbr, 0, cbr.blocks, src, payload, &stats);
	at = (((n * 3 + c) * 10 + y) * 21 + x) / 32 * 16;
	EXPECT_EQ(0x9388, payload[at + 2] | payload[at + 3] << 8);
	EXPECT_EQ(0x8000, payload[at - 14] | payload[at - 13] << 8);
}

/* The rate that follows from the shape; and no more than 3 % above 4 bpe by itself. */
TEST(rates)
{
	static const struct {
		struct asc_cbr_block block;
		u32 dtype, endpoints, eighths;
	} rates[] = {
		{ { 4, 4, 1 }, FMC_U8, FMC_ENDPOINTS_TWO, 32 },
		{ { 4, 4, 1 }, FMC_U8, FMC_ENDPOINTS_ONE, 28 },
		{ { 4, 4, 2 }, FMC_U8, FMC_ENDPOINTS_TWO, 28 },
		{ { 8, 8, 1 }, FMC_U8, FMC_ENDPOINTS_ONE, 25 },
		{ { 2, 2, 4 }, FMC_S16, FMC_ENDPOINTS_TWO, 40 },
		{ { 4, 4, 4 }, FMC_S16, FMC_ENDPOINTS_ONE, 26 },
		{ { 32, 0, 0 }, FMC_U16, FMC_ENDPOINTS_TWO, 32 },
	};
	static const u32 planes[] = { 3, 6, 7, 10, 13, 26 };
	u64 bound;
	u32 i;

	for (i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		struct fmc_surface s = dense(rates[i].dtype, 1, 16, 32, 32);
		struct asc_cbr_params p = { .profile = FMC_PROFILE_FULL,
					    .endpoints = rates[i].endpoints,
					    .block = rates[i].block };

		ASSERT_EQ(0, asc_cbr_bound(&s, &p, &bound));
		EXPECT_EQ(16 * 32 * 32 * rates[i].eighths / 64, bound) TH_LOG("rate %u", i);
	}
	for (i = 0; i < sizeof(planes) / sizeof(planes[0]); i++) {
		struct fmc_surface s = dense(i % 2 ? FMC_U8 : FMC_S16, 1, 80, planes[i], planes[i]);
		struct asc_cbr_params p = { .profile = FMC_PROFILE_FULL };

		ASSERT_EQ(0, asc_cbr_bound(&s, &p, &bound));
		EXPECT_LE(bound * 8 * 100, 80ull * planes[i] * planes[i] * 4 * 103);
	}
}

static struct asc_cbr_params chosen(const struct fmc_surface *s, struct asc_cbr_params p,
				    const void *src)
{
	struct asc_cbr_chooser chooser;

	if (asc_cbr_choose_init(&chooser, s, &p))
		return p;
	while (asc_cbr_choose_step(&chooser, src))
		;
	return chooser.params;
}

/* What is chosen is what gives the smallest error; all blocks of a small map are tried. */
TEST(choice)
{
	u32 round;

	for (round = 0; round < 200; round++) {
		struct fmc_surface s = dense(round % 2 ? FMC_S16 : FMC_S8, 1, 1 + round % 5,
					     3 + round % 14, 4 + round % 9);
		u64 elements, bytes, bound, least = ~0ull;
		struct asc_cbr_params p = { .profile = FMC_PROFILE_FULL,
					    .zero_point = round % 3 ? 0 : -5 }, q;
		struct asc_cbr_stats stats = { 0 };
		u8 *src, *back, *payload;
		struct asc_cbr cbr;
		u32 e, k;

		ASSERT_EQ(0, fmc_surface_check(&s, &elements, &bytes));
		ASSERT_EQ(0, asc_cbr_bound(&s, &p, &bound));
		src = malloc(bytes);
		back = malloc(bytes);
		payload = malloc(bound * 4);
		fill(src, bytes, round + 1);
		for (k = 0; k < elements; k++) {
			int v = value_at(s.dtype, src, k);

			/* some behind a ReLU */
			if (round % 4 && v < p.zero_point)
				v = p.zero_point;
			if (round % 8 == 3 && k % 3)
				v = p.zero_point;
			if (s.dtype == FMC_S8)
				src[k] = v;
			else
				((int16_t *)src)[k] = v;
		}
		q = p;
		ASSERT_LT(0, round_trip(&s, &q, src, payload, back, &stats));
		for (e = FMC_ENDPOINTS_ONE; e <= FMC_ENDPOINTS_TWO; e++) {
			for (k = 0; k < 3; k++) {
				static const struct asc_cbr_block all[3][3] = {
					{ { 4, 2, 1 }, { 8, 0, 0 }, { 1, 1, 8 } },
					{ { 4, 4, 1 }, { 16, 0, 0 }, { 1, 1, 16 } },
					{ { 8, 4, 1 }, { 32, 0, 0 }, { 1, 1, 32 } },
				};
				struct asc_cbr_params r = { .profile = FMC_PROFILE_FULL, .endpoints = e,
							    .zero_point = p.zero_point };
				struct asc_cbr_stats other = { 0 };

				r.block = all[e - 1 + round % 2][k];
				ASSERT_EQ(0, asc_cbr_init(&cbr, &s, &r));
				if (r.block.h && (u64)cbr.blocks * cbr.format.values * 100 >
						 elements * 103)
					continue;
				asc_cbr_encode(&cbr, 0, cbr.blocks, src, payload, &other);
				if (other.sum_sq_error < least)
					least = other.sum_sq_error;
			}
		}
		ASSERT_EQ(least, stats.sum_sq_error) TH_LOG("round %u", round);
		free(src);
		free(back);
		free(payload);
	}
}

/* One value below the zero point, wherever it is, rules one endpoint out. */
TEST(no_value_is_cut_off)
{
	enum { COUNT = 64 * 64 * 16 };
	struct fmc_surface s = dense(FMC_S8, 1, 16, 64, 64);
	struct asc_cbr_params p = { .profile = FMC_PROFILE_FULL };
	int8_t *map = malloc(COUNT);
	u32 i, round;

	for (round = 0; round < 40; round++) {
		for (i = 0; i < COUNT; i++)
			map[i] = i % 3 ? 0 : i % 100;
		ASSERT_EQ(FMC_ENDPOINTS_ONE, chosen(&s, p, map).endpoints);
		map[round * 1637 % COUNT] = -1;
		ASSERT_EQ(FMC_ENDPOINTS_TWO, chosen(&s, p, map).endpoints);
	}
	free(map);
}

/* A part decoded alone is the part of the whole; all else is left alone. */
TEST(boxes)
{
	static const struct asc_cbr_block blocks[] = {
		{ 4, 4, 1 }, { 4, 4, 2 }, { 2, 2, 4 }, { 4, 4, 4 }, { 8, 4, 1 }, { 8, 8, 1 },
		{ 1, 1, 16 }, { 3, 8, 1 }, { 8, 0, 0 }, { 16, 0, 0 }, { 64, 0, 0 },
	};
	u32 round, i, n, c, h, w;

	for (round = 0; round < rounds(3000); round++) {
		struct fmc_surface s = dense(round % 6, 1 + round % 3, 1 + round % 7,
					     1 + round % 19, 1 + round % 23), to = s;
		struct asc_cbr_params p = {
			.endpoints = 1 + round % 2, .block = blocks[round % 11],
			.profile = FMC_PROFILE_FULL + (round % 6 > 1 && round / 6 % 2),
			.exponent = 5,
		};
		u64 e = fmc_dtype_bits(s.dtype) / 8, elements, bytes, part;
		u32 at[FMC_DIMS], seed = round * 2654435761u;
		u64 read = 0;
		u8 *payload, *whole, *box;
		struct asc_cbr cbr;

		ASSERT_EQ(0, asc_cbr_init(&cbr, &s, &p));
		ASSERT_EQ(0, fmc_surface_check(&s, &elements, &bytes));
		payload = malloc(asc_cbr_bytes(&cbr));
		whole = malloc(bytes);
		fill(payload, asc_cbr_bytes(&cbr), round);
		asc_cbr_decode(&cbr, 0, cbr.blocks, payload, whole);
		to.dtype = s.dtype;
		for (i = 0; i < FMC_DIMS; i++) {
			seed = seed * 1664525 + 1013904223;
			at[i] = (seed >> 8) % s.dim[i];
			seed = seed * 1664525 + 1013904223;
			to.dim[i] = 1 + (seed >> 8) % (s.dim[i] - at[i]);
		}
		/* channels fastest, a byte of padding behind each row */
		to.stride[FMC_DIM_C] = e;
		to.stride[FMC_DIM_W] = e * to.dim[FMC_DIM_C];
		to.stride[FMC_DIM_H] = to.stride[FMC_DIM_W] * to.dim[FMC_DIM_W] + 1;
		to.stride[FMC_DIM_N] = to.stride[FMC_DIM_H] * to.dim[FMC_DIM_H];
		ASSERT_EQ(0, fmc_surface_check(&to, &elements, &part));
		box = malloc(part);
		memset(box, 0x5a, part);
		/* blocks that do not meet the box may hold anything */
		ASSERT_EQ(0, asc_cbr_decode_box(&cbr, payload, at, &to, box, &read));
		for (n = 0; n < to.dim[0]; n++)
		for (c = 0; c < to.dim[1]; c++)
		for (h = 0; h < to.dim[2]; h++)
		for (w = 0; w < to.dim[3]; w++) {
			u8 *there = box + n * to.stride[0] + c * to.stride[1] +
				    h * to.stride[2] + w * to.stride[3];
			u8 *here = whole + (n + at[0]) * s.stride[0] + (c + at[1]) * s.stride[1] +
				   (h + at[2]) * s.stride[2] + (w + at[3]) * s.stride[3];

			ASSERT_EQ(0, memcmp(here, there, e)) TH_LOG("round %u", round);
		}
		for (h = 0; h + 1 < to.dim[2]; h++)
			ASSERT_EQ(0x5a, box[h * to.stride[2] + to.stride[3] * to.dim[3]]);
		/* over an edge */
		for (i = 0; i < FMC_DIMS; i++) {
			u32 was = at[i];

			at[i] = s.dim[i] - to.dim[i] + 1;
			ASSERT_EQ(-EINVAL, asc_cbr_decode_box(&cbr, payload, at, &to, box, &read));
			at[i] = ~0u;
			ASSERT_EQ(-EINVAL, asc_cbr_decode_box(&cbr, payload, at, &to, box, &read));
			at[i] = was;
		}
		to.dtype = (to.dtype + 1) % 6;
		ASSERT_EQ(-EINVAL, asc_cbr_decode_box(&cbr, payload, at, &to, box, &read));
		free(payload);
		free(whole);
		free(box);
	}
}

/* Only blocks that meet the box are read: the payload ends behind the last of them. */
TEST(boxes_touch_nothing_else)
{
	u64 read = 0;
	struct fmc_surface s = dense(FMC_U8, 1, 4, 8, 32), to = dense(FMC_U8, 1, 1, 2, 4);
	static const struct asc_cbr_block blocks[] = { { 4, 4, 1 }, { 16, 0, 0 }, { 2, 2, 4 } };
	u32 at[FMC_DIMS] = { 0, 0, 2, 13 }, i, end;
	u8 values[8], *payload;
	struct asc_cbr cbr;

	for (i = 0; i < 3; i++) {
		struct asc_cbr_params p = { .profile = FMC_PROFILE_FULL,
						    .endpoints = 2, .block = blocks[i] };

		ASSERT_EQ(0, asc_cbr_init(&cbr, &s, &p));
		end = i == 0 ? 5 : i == 1 ? 8 : 16 + 9;
		payload = malloc(end * asc_block_bytes(&cbr.format));
		fill(payload, end * asc_block_bytes(&cbr.format), 1);
		EXPECT_EQ(0, asc_cbr_decode_box(&cbr, payload, at, &to, values, &read));
		free(payload);
	}
}

/* Which profile is taken, what is refused, what is resolved. */
TEST(profiles)
{
	static const u32 wide[] = { FMC_U16, FMC_S16, FMC_F16, FMC_BF16 };
	enum { COUNT = 4 * 16 * 16 };
	struct asc_cbr_params p = { .profile = FMC_PROFILE_AUTO };
	struct fmc_surface s = dense(FMC_S16, 1, 4, 16, 16);
	struct asc_cbr_params q;
	u16 map[COUNT];
	struct asc_cbr cbr;
	u64 bound;
	u32 i, t;

	for (i = 0; i < COUNT; i++)
		map[i] = i * 2654435761u >> 20;
	q = chosen(&s, p, map);
	EXPECT_EQ(FMC_PROFILE_NARROW, q.profile);
	EXPECT_EQ(12, q.exponent);
	/* a small range far from zero */
	for (i = 0; i < COUNT; i++)
		map[i] = 30000 + i * 40503u % 97;
	q = chosen(&s, p, map);
	EXPECT_EQ(FMC_PROFILE_FULL, q.profile);
	EXPECT_EQ(0, q.exponent);
	/* which the zero point can undo */
	p.zero_point = 30000;
	q = chosen(&s, p, map);
	EXPECT_EQ(FMC_PROFILE_NARROW, q.profile);
	EXPECT_EQ(7, q.exponent);
	p.zero_point = 0;

	for (t = 0; t < 4; t++) {
		s.dtype = wide[t];
		p = (struct asc_cbr_params){ .profile = FMC_PROFILE_NARROW };
		for (p.endpoints = 0; p.endpoints < 3; p.endpoints++) {
			ASSERT_EQ(0, asc_cbr_bound(&s, &p, &bound));
			EXPECT_EQ(COUNT / 2, bound);
			memset(map, 0, sizeof(map));
			q = chosen(&s, p, map);
			EXPECT_EQ(1, q.exponent);
			EXPECT_EQ(0, asc_cbr_init(&cbr, &s, &q));
			q.exponent = 0;
			EXPECT_EQ(-EINVAL, asc_cbr_init(&cbr, &s, &q));
			q.exponent = 255;
			EXPECT_EQ(-EINVAL, asc_cbr_init(&cbr, &s, &q));
		}
	}
	p = (struct asc_cbr_params){ .profile = 4 };
	EXPECT_EQ(-EINVAL, asc_cbr_bound(&s, &p, &bound));
	s = dense(FMC_U8, 1, 4, 16, 16);
	p.profile = FMC_PROFILE_NARROW;
	EXPECT_EQ(-EINVAL, asc_cbr_bound(&s, &p, &bound));
	p.profile = FMC_PROFILE_AUTO;
	EXPECT_EQ(0, asc_cbr_bound(&s, &p, &bound));
	EXPECT_EQ(FMC_PROFILE_FULL, chosen(&s, p, map).profile);
	p = (struct asc_cbr_params){ .endpoints = 2, .block = { 4, 4, 1 },
				     .profile = FMC_PROFILE_AUTO };
	EXPECT_EQ(-EINVAL, asc_cbr_init(&cbr, &s, &p));
	s = dense(FMC_F16, 1, 4, 16, 16);
	p.profile = FMC_PROFILE_FULL;
	p.zero_point = 1;
	EXPECT_EQ(-EINVAL, asc_cbr_init(&cbr, &s, &p));
}

/* Errors are counted in units of the surface's exponent; what is not finite counts as coded. */
TEST(errors_of_floats)
{
	/* 1.0, -0.5, 3.0, NaN, -0, 2^-14, infinity */
	static const u16 patterns[7] = { 0x3c00, 0xb800, 0x4200, 0x7e01, 0x8000, 0x0400, 0x7c00 };
	struct fmc_surface s = dense(FMC_F16, 1, 1, 4, 4);
	struct asc_cbr_params p = { .profile = FMC_PROFILE_FULL }, q;
	struct asc_cbr_stats stats = { 0 };
	u16 map[16], back[16];
	u8 payload[64];
	u32 i;

	for (i = 0; i < 16; i++)
		map[i] = patterns[i % 3];
	q = p;
	ASSERT_EQ(FMC_ENDPOINTS_TWO, round_trip(&s, &q, (u8 *)map, payload, (u8 *)back, &stats));
	EXPECT_EQ(16, q.exponent);
	/* 3.0 is 1.5 * 2^1 */
	EXPECT_EQ(1 - 14, stats.error_exponent);
	/* -0.5 and 3.0 are endpoints; the nearest point to 1.0 is 1.03125 */
	EXPECT_EQ(6 * (1 << 13) / 32, stats.sum_abs_error);
	EXPECT_EQ((1 << 13) / 32, stats.max_abs_error);

	/* none of these is negative */
	for (i = 0; i < 16; i++)
		map[i] = patterns[3 + i % 4];
	memset(&stats, 0, sizeof(stats));
	q = p;
	ASSERT_LT(0, round_trip(&s, &q, (u8 *)map, payload, (u8 *)back, &stats));
	EXPECT_EQ(30, q.exponent);
	EXPECT_EQ(0, stats.sum_abs_error);
	for (i = 0; i < 16; i++)
		EXPECT_EQ(i % 4 == 3 ? 0x7bff : 0, back[i]);
	p.endpoints = FMC_ENDPOINTS_ONE;
	ASSERT_LT(0, round_trip(&s, &p, (u8 *)map, payload, (u8 *)back, &stats));
	EXPECT_EQ(0, stats.sum_abs_error);
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
		u32 dtype, c, h, w, endpoints, scale, effort, profile;
		u16 block_w, block_h, block_c;
		s32 zero_point;
		u64 bytes, hash;
	} golden[] = {
#include "golden.inc"
	};
	u32 g;

	for (g = 0; g < sizeof(golden) / sizeof(golden[0]); g++) {
		struct fmc_surface s = dense(golden[g].dtype, 1, golden[g].c, golden[g].h,
					     golden[g].w);
		struct asc_cbr_params p = {
			.endpoints = golden[g].endpoints, .scale = golden[g].scale,
			.effort = golden[g].effort, .zero_point = golden[g].zero_point,
			.profile = golden[g].profile,
			.block = { golden[g].block_w, golden[g].block_h, golden[g].block_c },
		};
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
			if (golden[g].dtype == FMC_S16 || golden[g].dtype == FMC_U16)
				((int16_t *)src)[i] = v * 101;
			else if (golden[g].dtype == FMC_F16)
				((u16 *)src)[i] = (v < 0 ? 0x8000 : 0) | (0x3800 + abs(v) * 23);
			else if (golden[g].dtype == FMC_BF16)
				((u16 *)src)[i] = (v < 0 ? 0x8000 : 0) | (0x3f00 + abs(v) * 5);
			else
				src[i] = v;
		}
		ASSERT_LT(0, round_trip(&s, &p, src, payload, back, &stats));
		ASSERT_EQ(0, asc_cbr_init(&cbr, &s, &p));
		EXPECT_EQ(golden[g].bytes, asc_cbr_bytes(&cbr)) TH_LOG("vector %u", g);
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
