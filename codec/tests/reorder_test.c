// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * reorder.c, and the order in surface.c.
 */

#include <stdlib.h>

#include "ascdev_harness.h"

#include "asc_cbr.h"
#include "cpus.h"
#include "reorder.h"

static const u32 dtypes[] = { FMC_U8, FMC_S8, FMC_U16, FMC_S16 };

static struct fmc_surface dense(u32 dtype, u32 n, u32 c, u32 h, u32 w)
{
	u64 e = fmc_dtype_bits(dtype) / 8;

	return (struct fmc_surface){ dtype, { n, c, h, w },
				     { e * c * h * w, e * h * w, e * w, e } };
}

static u64 bytes_of(const struct fmc_surface *s)
{
	u64 elements, bytes;

	return fmc_surface_check(s, &elements, &bytes) ? 0 : bytes;
}

static u32 next_random(u32 *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static u8 *random_bytes(u64 count, u32 seed)
{
	u8 *bytes = malloc(count);
	u64 i;

	for (i = 0; i < count; i++)
		bytes[i] = next_random(&seed) >> 8;
	return bytes;
}

static u16 *random_order(u32 channels, u32 seed)
{
	u16 *order = malloc(channels * sizeof(*order));
	u32 i;

	for (i = 0; i < channels; i++) {
		u32 k = next_random(&seed) % (i + 1);

		order[i] = order[k];
		order[k] = i;
	}
	return order;
}

static bool is_permutation(const u16 *order, u32 channels)
{
	u8 *bitmap = malloc((channels + 7) / 8);
	bool answer = fmc_order_is_permutation(order, channels, bitmap);

	free(bitmap);
	return answer;
}

/* Returns an order, to be freed, in a workspace of exactly the size that is asked for. */
static u16 *search(const struct fmc_surface *s, u32 method, const void *src, u32 *steps)
{
	u64 bytes = fmc_reorder_workspace_bytes(s, method);
	u32 channels = s->dim[FMC_DIM_C];
	u16 *order = malloc(channels * sizeof(*order));
	struct fmc_reorder_search search;
	void *workspace = malloc(bytes);
	u32 count = 1;

	memset(workspace, 0xa5, bytes);
	if (fmc_reorder_init(&search, s, method, test_kernels(), workspace,
			     bytes))
		abort();
	while (fmc_reorder_step(&search, src))
		count++;
	if (steps)
		*steps = count;
	memcpy(order, search.order, channels * sizeof(*order));
	free(workspace);
	return order;
}

/* A dense copy with the channels in an order. */
static u8 *permuted(const struct fmc_surface *s, const u8 *src, const u16 *order)
{
	u64 plane = s->stride[FMC_DIM_C], batch = s->stride[FMC_DIM_N];
	u8 *copy = malloc(bytes_of(s));
	u32 n, c;

	for (n = 0; n < s->dim[FMC_DIM_N]; n++) {
		for (c = 0; c < s->dim[FMC_DIM_C]; c++)
			memcpy(copy + n * batch + c * plane, src + n * batch + order[c] * plane,
			       plane);
	}
	return copy;
}

TEST(surface_in_an_order)
{
	u32 round, i;

	for (round = 0; round < 400; round++) {
		u32 seed = round;
		struct fmc_surface plain = dense(dtypes[round % 4], 1 + next_random(&seed) % 3,
						 1 + next_random(&seed) % 20,
						 1 + next_random(&seed) % 9,
						 1 + next_random(&seed) % 9);
		const u32 *dim = plain.dim;
		u32 elements = dim[0] * dim[1] * dim[2] * dim[3], first, inside;
		u16 *order = random_order(dim[FMC_DIM_C], round);
		u8 *src = random_bytes(bytes_of(&plain), round + 1000);
		u8 *copy = permuted(&plain, src, order), *back;
		u16 a[FMC_BLOCK_MAX_VALUES], b[FMC_BLOCK_MAX_VALUES];
		struct fmc_surface ordered = plain;
		struct fmc_box box;

		ordered.order = order;
		box.w = 1 + next_random(&seed) % 4;
		box.h = 1 + next_random(&seed) % 4;
		box.c = 1 + next_random(&seed) % 4;
		for (i = 0; i < FMC_DIMS; i++)
			box.at[i] = next_random(&seed) % dim[i];
		fmc_surface_gather(&ordered, src, &box, a);
		fmc_surface_gather(&plain, copy, &box, b);
		EXPECT_EQ(0, memcmp(a, b, box.w * box.h * box.c * sizeof(*a)));

		/* written through the order, the copy's values are at home again */
		back = malloc(bytes_of(&plain));
		memcpy(back, src, bytes_of(&plain));
		for (i = 0; i < box.w * box.h * box.c; i++)
			b[i] ^= 1;
		fmc_surface_scatter(&ordered, back, &box, b);
		fmc_surface_scatter(&plain, copy, &box, b);
		free(copy);
		copy = permuted(&plain, back, order);
		fmc_surface_gather(&plain, copy, &box, a);
		fmc_surface_gather(&ordered, back, &box, b);
		EXPECT_EQ(0, memcmp(a, b, box.w * box.h * box.c * sizeof(*a)));

		first = next_random(&seed) % elements;
		inside = elements - first < FMC_BLOCK_MAX_VALUES ? elements - first :
								   FMC_BLOCK_MAX_VALUES;
		fmc_surface_gather_run(&ordered, back, first, inside, FMC_BLOCK_MAX_VALUES, a);
		fmc_surface_gather_run(&plain, copy, first, inside, FMC_BLOCK_MAX_VALUES, b);
		EXPECT_EQ(0, memcmp(a, b, sizeof(a)));
		for (i = 0; i < inside; i++)
			b[i] ^= 3;
		fmc_surface_scatter_run(&ordered, back, first, inside, b);
		fmc_surface_scatter_run(&plain, copy, first, inside, b);
		free(src);
		src = permuted(&plain, back, order);
		EXPECT_EQ(0, memcmp(src, copy, bytes_of(&plain)));

		free(order);
		free(src);
		free(copy);
		free(back);
	}
}

TEST(payload_in_an_order)
{
	static const struct asc_cbr_block blocks[] = {
		{ 2, 2, 4 }, { 4, 4, 1 }, { 16, 0, 0 }, { 1, 1, 16 },
	};
	struct fmc_surface plain = dense(FMC_U8, 2, 21, 7, 6), ordered = plain;
	u16 *order = random_order(21, 1);
	u8 *src = random_bytes(bytes_of(&plain), 2), *copy = permuted(&plain, src, order);
	u64 bytes = bytes_of(&plain);
	u32 i;

	ordered.order = order;
	for (i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		struct asc_cbr_params p = { .profile = FMC_PROFILE_FULL,
						    .endpoints = FMC_ENDPOINTS_TWO, .block = blocks[i] };
		struct asc_cbr_stats a_stats = { 0 }, b_stats = { 0 };
		u8 *a, *b, *a_back = malloc(bytes), *b_back = malloc(bytes), *b_home;
		struct asc_cbr a_cbr, b_cbr;

		ASSERT_EQ(0, asc_cbr_init(&a_cbr, &plain, &p));
		ASSERT_EQ(0, asc_cbr_init(&b_cbr, &ordered, &p));
		a = malloc(asc_cbr_bytes(&a_cbr));
		b = malloc(asc_cbr_bytes(&b_cbr));
		asc_cbr_encode(&a_cbr, 0, a_cbr.blocks, copy, a, &a_stats);
		asc_cbr_encode(&b_cbr, 0, b_cbr.blocks, src, b, &b_stats);
		EXPECT_EQ(0, memcmp(a, b, asc_cbr_bytes(&a_cbr)));
		EXPECT_EQ(0, memcmp(&a_stats, &b_stats, sizeof(a_stats)));
		asc_cbr_decode(&a_cbr, 0, a_cbr.blocks, a, a_back);
		asc_cbr_decode(&b_cbr, 0, b_cbr.blocks, b, b_back);
		b_home = permuted(&plain, b_back, order);
		EXPECT_EQ(0, memcmp(a_back, b_home, bytes));
		free(a);
		free(b);
		free(a_back);
		free(b_back);
		free(b_home);
	}
	free(order);
	free(src);
	free(copy);
}

TEST(permutations_are_told)
{
	u16 *order = malloc((FMC_REORDER_MAX_CHANNELS + 1) * sizeof(*order));
	u32 channels, i;

	for (channels = 1; channels <= FMC_REORDER_MAX_CHANNELS; channels += 1 + channels / 3) {
		u16 *good = random_order(channels, channels);

		EXPECT_TRUE(is_permutation(good, channels));
		for (i = 0; i < 20; i++) {
			u32 seed = i, at = next_random(&seed) % channels;
			u16 kept = good[at];

			good[at] = i % 2 ? good[next_random(&seed) % channels] :
					   channels + next_random(&seed) % 1000;
			EXPECT_EQ(good[at] == kept, is_permutation(good, channels));
			good[at] = kept;
		}
		good[channels - 1] = 0xffff;
		EXPECT_FALSE(is_permutation(good, channels));
		free(good);
	}
	for (i = 0; i <= FMC_REORDER_MAX_CHANNELS; i++)
		order[i] = i;
	EXPECT_TRUE(is_permutation(order, FMC_REORDER_MAX_CHANNELS));
	EXPECT_FALSE(is_permutation(order, FMC_REORDER_MAX_CHANNELS + 1));
	free(order);
}

TEST(what_is_refused)
{
	struct fmc_surface s = dense(FMC_U8, 1, FMC_REORDER_MAX_CHANNELS, 1, 1);
	struct fmc_reorder_search search;
	void *workspace = malloc(FMC_REORDER_MAX_WORKSPACE);
	u64 bytes;
	u32 method;

	for (method = FMC_REORDER_NONE; method <= FMC_REORDER_GREEDY; method++) {
		s.dim[FMC_DIM_C] = FMC_REORDER_MAX_CHANNELS;
		bytes = fmc_reorder_workspace_bytes(&s, method);
		EXPECT_GE(FMC_REORDER_MAX_WORKSPACE, bytes);
		EXPECT_EQ(0, fmc_reorder_init(&search, &s, method, NULL, workspace, bytes));
		EXPECT_EQ(-ENOSPC, fmc_reorder_init(&search, &s, method, NULL,
						    workspace, bytes - 1));
		s.dim[FMC_DIM_C]++;
		EXPECT_EQ(0, fmc_reorder_workspace_bytes(&s, method));
		EXPECT_EQ(-EOPNOTSUPP, fmc_reorder_init(&search, &s, method, NULL,
						    workspace, ~0ull));
		s.dim[FMC_DIM_C] = ~0u;
		EXPECT_EQ(0, fmc_reorder_workspace_bytes(&s, method));
		EXPECT_EQ(-EOVERFLOW, fmc_reorder_init(&search, &s, method, NULL,
						    workspace, ~0ull));
		s.dim[FMC_DIM_C] = 0;
		EXPECT_EQ(-EINVAL, fmc_reorder_init(&search, &s, method, NULL, workspace, ~0ull));
	}
	s.dim[FMC_DIM_C] = 4;
	EXPECT_EQ(-EINVAL, fmc_reorder_init(&search, &s, 3, NULL, workspace, ~0ull));
	EXPECT_EQ(0, fmc_reorder_workspace_bytes(&s, 3));
	s.dtype = 99;
	EXPECT_EQ(-EINVAL, fmc_reorder_init(&search, &s, 1, NULL, workspace, ~0ull));
	free(workspace);
}

TEST(any_surface_has_an_order)
{
	u32 round, i;

	for (round = 0; round < 300; round++) {
		u32 seed = round;
		u32 n = 1 + next_random(&seed) % 3, c = 1 + next_random(&seed) % 150;
		u32 h = 1 + next_random(&seed) % 12, w = 1 + next_random(&seed) % 12;
		struct fmc_surface s = dense(dtypes[round % 4], n, c, h, w);
		u64 e = fmc_dtype_bits(s.dtype) / 8;
		/* the same values, channels fastest, in an order that is not looked at */
		struct fmc_surface other = { s.dtype, { n, c, h, w },
					     { e * c * h * w, e, e * c * w, e * c } };
		u8 *src = random_bytes(bytes_of(&s), round), *moved = malloc(bytes_of(&s));
		u32 method = round / 4 % 3;
		u16 *a, *b;
		u64 k;

		if (round % 5 == 0)	/* nothing but ties */
			memset(src, 1, bytes_of(&s));
		for (k = 0; k < bytes_of(&s) / e; k++) {
			u64 x = k % w, y = k / w % h, z = k / w / h % c, t = k / w / h / c;

			memcpy(moved + e * (((t * h + y) * w + x) * c + z), src + e * k, e);
		}
		a = search(&s, method, src, NULL);
		EXPECT_TRUE(is_permutation(a, c));
		for (i = 0; i < c && method == FMC_REORDER_NONE; i++)
			EXPECT_EQ(i, a[i]);
		other.order = a;
		b = search(&other, method, moved, NULL);
		EXPECT_EQ(0, memcmp(a, b, c * sizeof(*a)));
		free(src);
		free(moved);
		free(a);
		free(b);
	}
}

TEST(values_may_change_meanwhile)
{
	struct fmc_surface s = dense(FMC_S16, 1, 333, 4, 5);
	u64 bytes = fmc_reorder_workspace_bytes(&s, FMC_REORDER_GREEDY), k;
	u8 *src = random_bytes(bytes_of(&s), 1);
	void *workspace = malloc(bytes);
	struct fmc_reorder_search search;
	u32 seed = 5;

	ASSERT_EQ(0, fmc_reorder_init(&search, &s, FMC_REORDER_GREEDY, NULL, workspace, bytes));
	while (fmc_reorder_step(&search, src)) {
		for (k = 0; k < bytes_of(&s); k++)
			src[k] = next_random(&seed);
	}
	EXPECT_TRUE(is_permutation(search.order, 333));
	/* once done, it stays done */
	EXPECT_FALSE(fmc_reorder_step(&search, src));
	EXPECT_TRUE(is_permutation(search.order, 333));
	free(workspace);
	free(src);
}

/* Ends of cells: wild, of few values so that many are equal, extreme, or equal to the other's. */
static void fill_cells(u32 *seed, u32 count, u16 *a, const u16 *b)
{
	u32 kind = next_random(seed) % 4, i;

	for (i = 0; i < count; i++) {
		u32 r = next_random(seed);

		a[i] = kind == 0 ? r : kind == 1 ? 0x8000 + r % 4 :
		       r & 8 ? 0xffff : r & 4 ? r % 3 : 0;
		if (kind == 3 && r & 0x300)
			a[i] = b[i];
		if (i & 1 && a[i] < a[i - 1]) {
			u16 least = a[i];

			a[i] = a[i - 1];
			a[i - 1] = least;
		}
	}
}

TEST(costs_are_those_of_plain_c)
{
	u32 seed = 11, round, count;
	u16 cells[2][64 + 1];

	for (round = 0; round < 20000; round++) {
		/* at any address of a number */
		u16 *a = cells[0] + round % 2, *b = cells[1] + round / 2 % 2;
		enum fmc_cpu cpu;

		memset(cells, 0, sizeof(cells));
		fill_cells(&seed, 64, b, b);
		fill_cells(&seed, 64, a, b);
		for (count = 32; count <= 64; count += 32) {
			u32 cost = fmc_reorder_cost(a, b, count);

			for (cpu = FMC_CPU_SCALAR + 1; cpu < FMC_CPUS; cpu++) {
				if (!test_has_cpu(cpu))
					continue;
				ASSERT_EQ(cost, fmc_kernels_get(cpu)->reorder_cost(a, b, count))
					TH_LOG("%s", fmc_cpu_name(cpu));
			}
		}
	}
}

TEST(the_most_channels)
{
	struct fmc_surface s = dense(FMC_U8, 1, FMC_REORDER_MAX_CHANNELS, 2, 2);
	u8 *src = random_bytes(bytes_of(&s), 1);
	u16 *order;
	u32 steps;

	order = search(&s, FMC_REORDER_HEURISTIC, src, &steps);
	EXPECT_TRUE(is_permutation(order, FMC_REORDER_MAX_CHANNELS));
	EXPECT_GE(1000, steps);
	free(order);
	/* a third of the square of them to be compared, in small steps */
	order = search(&s, FMC_REORDER_GREEDY, src, &steps);
	EXPECT_TRUE(is_permutation(order, FMC_REORDER_MAX_CHANNELS));
	EXPECT_LE(4096 / 3 * 4096 / 512, steps);
	free(order);
	free(src);
}

/* The order depends on how values compare and on ratios of their differences only. */
TEST(types_of_equal_values)
{
	struct fmc_surface s = dense(FMC_U8, 2, 77, 9, 8);
	u64 count = bytes_of(&s), k;
	u8 *src = random_bytes(count, 3);
	u8 *s8_src = malloc(count);
	u16 *u16_src = malloc(2 * count), *s16_src = malloc(2 * count);
	u32 method;

	for (k = 0; k < count; k++) {
		s8_src[k] = src[k] ^ 0x80;
		u16_src[k] = src[k] * 200 + 17;
		s16_src[k] = (src[k] * 3 + 30000) ^ 0x8000;
	}
	for (method = FMC_REORDER_HEURISTIC; method <= FMC_REORDER_GREEDY; method++) {
		const void *other[] = { src, s8_src, u16_src, s16_src };
		u16 *a = search(&s, method, src, NULL);
		u32 t;

		for (t = 1; t < 4; t++) {
			struct fmc_surface o = dense(dtypes[t], 2, 77, 9, 8);
			u16 *b = search(&o, method, other[t], NULL);

			EXPECT_EQ(0, memcmp(a, b, 77 * sizeof(*a))) TH_LOG("type %u", t);
			free(b);
		}
		free(a);
	}
	free(src);
	free(s8_src);
	free(u16_src);
	free(s16_src);
}

/* Twins stand together, at even places.  One without a twin parts one pair at most. */
TEST(twins_stand_together)
{
	u32 channels, method, i, k;

	for (channels = 2; channels < 17; channels++) {
		struct fmc_surface s = dense(FMC_U8, 1, channels, 8, 8);
		u16 *shuffled = random_order(channels, channels);
		u8 *src = malloc(bytes_of(&s));

		/* so few that even the heuristic compares all of them */
		for (i = 0; i < channels; i++) {
			for (k = 0; k < 64; k++)
				src[shuffled[i] * 64 + k] = k / 16 * 2 + k / 4 % 2 == i / 2 ? 255 :
									       2 * (k % 8);
		}
		for (method = FMC_REORDER_HEURISTIC; method <= FMC_REORDER_GREEDY; method++) {
			u16 *order = search(&s, method, src, NULL);
			u32 twins = 0;

			for (i = 0; i + 1 < channels; i += 2)
				twins += !memcmp(src + order[i] * 64, src + order[i + 1] * 64, 64);
			EXPECT_LE(channels / 2 - channels % 2, twins)
				TH_LOG("%u channels", channels);
			free(order);
		}
		free(shuffled);
		free(src);
	}
}

static u64 error_of(const struct fmc_surface *s, const u8 *src, struct asc_cbr_block block)
{
	struct asc_cbr_params p = { .profile = FMC_PROFILE_FULL,
					    .endpoints = FMC_ENDPOINTS_TWO, .block = block };
	struct asc_cbr_stats stats = { 0 };
	struct asc_cbr cbr;
	u8 *payload;

	if (asc_cbr_init(&cbr, s, &p))
		abort();
	payload = malloc(asc_cbr_bytes(&cbr));
	asc_cbr_encode(&cbr, 0, cbr.blocks, src, payload, &stats);
	free(payload);
	return stats.sum_sq_error;
}

/* Families of channels that are active in the same places, far apart in memory. */
TEST(families_are_coded_better)
{
	static const struct asc_cbr_block blocks[] = { { 4, 2, 2 }, { 2, 2, 4 }, { 1, 1, 16 } };
	struct fmc_surface s = dense(FMC_U8, 1, 128, 24, 24);
	u8 *src = malloc(bytes_of(&s));
	u32 c, y, x, method, i, seed = 1;

	for (c = 0; c < 128; c++) {
		for (y = 0; y < 24; y++) {
			for (x = 0; x < 24; x++) {
				u32 active = (x / 6 + 4 * (y / 6) + c) % 8 == 0;

				src[(c * 24 + y) * 24 + x] =
					(active ? 180 : 0) + next_random(&seed) % 16;
			}
		}
	}
	for (method = FMC_REORDER_HEURISTIC; method <= FMC_REORDER_GREEDY; method++) {
		struct fmc_surface ordered = s;
		u16 *order = search(&s, method, src, NULL);

		ordered.order = order;
		for (i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
			EXPECT_GT(error_of(&s, src, blocks[i]), error_of(&ordered, src, blocks[i]));
		free(order);
	}
	free(src);
}

/* The same on every machine. */
TEST(golden_orders)
{
	static const u16 golden[][19] = {
		{ 15, 1, 17, 8, 5, 11, 13, 4, 0, 6, 16, 7, 10, 2, 12, 3, 18, 14, 9 },
		{ 0, 5, 10, 1, 11, 2, 17, 8, 15, 16, 12, 3, 6, 7, 18, 14, 13, 4, 9 },
	};
	struct fmc_surface s = dense(FMC_U8, 2, 19, 5, 9);
	u8 *src = random_bytes(bytes_of(&s), 12);
	u32 method, i;

	/* channels of different loudness */
	for (i = 0; i < bytes_of(&s); i++)
		src[i] = src[i] >> (i / 45 % 19 % 5);
	for (method = FMC_REORDER_HEURISTIC; method <= FMC_REORDER_GREEDY; method++) {
		u16 *order = search(&s, method, src, NULL);

		for (i = 0; i < 19; i++)
			EXPECT_EQ(golden[method - 1][i], order[i]) TH_LOG("[%u]", i);
		free(order);
	}
	free(src);
}

TEST_HARNESS_MAIN
