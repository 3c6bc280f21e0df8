// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * How an encoder at effort hw comes to its choice: patches, estimates, and what they lead to.
 */

#include <stdio.h>
#include <stdlib.h>

#include "ascdev_harness.h"

#include "asc_cbr.h"
#include "cpus.h"
#include "rounds.h"

static struct asc_patch_memory memory;

static u32 next_random(u64 *state)
{
	*state = *state * 6364136223846793005ull + 1442695040888963407ull;
	return *state >> 33;
}

static struct fmc_surface dense(u32 dtype, u32 n, u32 c, u32 h, u32 w)
{
	struct fmc_surface s = { .dtype = dtype, .dim = { n, c, h, w } };
	u64 stride = fmc_dtype_bits(dtype) / 8;
	u32 i;

	for (i = FMC_DIMS; i-- > 0; stride *= s.dim[i])
		s.stride[i] = stride;
	return s;
}

/* Patches lie inside, each somewhere else, and are enough. */
TEST(patches)
{
	u64 seed = 1;
	u32 round, i;

	for (round = 0; round < rounds(2000); round++) {
		u32 c = 1 + next_random(&seed) % (round % 3 ? 40 : 3000);
		u32 h = 1 + next_random(&seed) % (round % 3 ? 70 : 4);
		u32 w = 1 + next_random(&seed) % (round % 5 ? 90 : 3);
		struct fmc_surface s = dense(FMC_U8, 1 + round % 3, c, h, w);
		u32 elements = s.dim[0] * c * h * w, rows, length, values;
		struct asc_sampler sampler;
		struct fmc_box box, last;

		asc_sampler_init(&sampler, &s, elements);
		values = sampler.w * sampler.h * sampler.c;
		ASSERT_LE(values, ASC_PATCH_VALUES);
		ASSERT_LE(1, sampler.count);
		ASSERT_LE(sampler.count, sampler.places);
		ASSERT_LE(elements < 4096 ? elements : 4096,
			  sampler.count == sampler.places ? ~0u : values * sampler.count);
		asc_sampler_runs(&sampler, &s, &rows, &length);
		ASSERT_EQ(values, rows * length);
		for (i = 0; i < sampler.count; i++) {
			asc_sampler_get(&sampler, &s, i, &box);
			ASSERT_LT(box.at[0], s.dim[0]);
			ASSERT_LE(box.at[1] + box.c, c);
			ASSERT_LE(box.at[2] + box.h, h);
			ASSERT_LE(box.at[3] + box.w, w);
			if (i)
				ASSERT_NE(0, memcmp(&box, &last, sizeof(box)));
			last = box;
		}
	}
}

/* What asc_shape.h says, block by block. */
static void expected(const struct asc_patch *p, const struct asc_cbr_choice *choice, u32 shift,
		     struct asc_estimate *e)
{
	const struct asc_cbr_block *b = &choice->block;
	u32 w = b->w, h = b->h ? b->h : 1, c = b->h ? b->c : 1;
	u32 pw = b->h ? p->w : p->length, ph = b->h ? p->h : p->rows, pc = b->h ? p->c : 1;
	u32 x, y, z, i, n = w * h * c;
	const u16 *values = p->memory->values;
	u64 sum_narrow = 0, error = 0;

	e->error = 0;
	e->values = 0;
	for (z = 0; z + c <= pc; z += c) {
		for (y = 0; y + h <= ph; y += h) {
			for (x = 0; x + w <= pw; x += w) {
				u32 low = 65535, high = 0, sum = 0, range, far;

				for (i = 0; i < n; i++) {
					u32 row = (z + i / w / h) * ph + y + i / w % h;
					u32 v = values[row * pw + x + i % w];

					low = v < low ? v : low;
					high = v > high ? v : high;
					sum += v;
				}
				far = high < p->zero ? n * p->zero - sum :
						       sum - n * (low < p->zero ? low : p->zero);
				range = high > p->zero ? high - p->zero : 0;
				if (low < p->zero && p->zero - low > range)
					range = p->zero - low;
				sum_narrow += (u64)range * far;
				if (choice->endpoints == FMC_ENDPOINTS_ONE)
					low = 0;
				range = high - low;
				sum -= n * low + range;
				if (sum > n * range / 2)
					sum = n * range / 2;
				if (range >= 8)
					error += (u64)range * sum;
				e->values += n;
			}
		}
	}
	if (choice->profile == FMC_PROFILE_NARROW)
		error += sum_narrow / 32;
	e->error = error << 2 * shift;
}

static void fill_patch(struct asc_patch *p, u64 *seed)
{
	u32 kind = next_random(seed) % 4, i;

	for (i = 0; i < ASC_PATCH_VALUES; i++) {
		u32 r = next_random(seed), v = r % (1u << ASC_PATCH_BITS);

		if (kind == 1)
			v = r & 0x70000 ? 0 : v;
		else if (kind == 2)
			v = (1u << ASC_PATCH_BITS) - 1;
		else if (kind == 3)
			v = v % 9;
		p->memory->values[i] = v;
	}
}

/* Estimates are those of the definition, on every CPU. */
TEST(estimates)
{
	static const struct asc_cbr_block blocks[] = {
		{ 4, 4, 1 }, { 16, 0, 0 }, { 1, 1, 16 }, { 8, 4, 1 }, { 32, 0, 0 }, { 1, 1, 32 },
		{ 2, 2, 4 }, { 4, 2, 2 }, { 8, 8, 1 }, { 64, 0, 0 }, { 4, 4, 4 }, { 1, 1, 64 },
		{ 4, 2, 1 }, { 8, 0, 0 }, { 1, 1, 8 }, { 2, 2, 2 }, { 2, 1, 4 },
	};
	enum { COUNT = sizeof(blocks) / sizeof(blocks[0]) };
	u64 seed = 2;
	u32 round, i;

	for (round = 0; round < rounds(1000); round++) {
		struct asc_estimate estimates[COUNT] = { { 0 } }, e;
		struct asc_cbr_choice choices[COUNT];
		struct asc_patch p = { .memory = &memory };
		u32 count = 1 + next_random(&seed) % COUNT, first = next_random(&seed) % COUNT;
		u32 shift = next_random(&seed) % 7;
		enum fmc_cpu cpu;

		p.w = 1 + next_random(&seed) % 40;
		p.h = 1 + next_random(&seed) % 20;
		p.c = 1 + next_random(&seed) % (ASC_PATCH_VALUES / (p.w * p.h));
		p.rows = round % 3 == 0 ? 1 : round % 3 == 1 ? p.c : p.c * p.h;
		p.length = p.w * p.h * p.c / p.rows;
		p.zero = round % 2 ? 0 : next_random(&seed) % (1u << ASC_PATCH_BITS);
		fill_patch(&p, &seed);
		for (i = 0; i < count; i++) {
			choices[i].block = blocks[(first + i) % COUNT];
			choices[i].endpoints = FMC_ENDPOINTS_ONE + next_random(&seed) % 2;
			choices[i].profile = FMC_PROFILE_FULL + next_random(&seed) % 2;
		}
		for (cpu = FMC_CPU_SCALAR; cpu < FMC_CPUS; cpu++) {
			if (!test_has_cpu(cpu))
				continue;
			memset(estimates, 0, sizeof(estimates));
			fmc_kernels_get(cpu)->shape->estimate(&p, choices, count, shift, estimates);
			for (i = 0; i < count; i++) {
				expected(&p, &choices[i], shift, &e);
				ASSERT_EQ(e.values, estimates[i].values) TH_LOG("%s, round %u, %u",
					  fmc_cpu_name(cpu), round, i);
				ASSERT_EQ(e.error, estimates[i].error) TH_LOG("%s, round %u, %u",
					  fmc_cpu_name(cpu), round, i);
			}
		}
	}
}

/* Loops over values are those of plain C, wherever values begin and end. */
TEST(loops)
{
	static const u16 flips[2][2] = { { 0, 0x80 }, { 0, 0x8000 } };
	u64 seed = 3;
	u32 round, i;

	for (round = 0; round < rounds(3000); round++) {
		u32 bits = round % 2 ? 16 : 8, count = 1 + next_random(&seed) % 200, shift;
		u16 flip = flips[round % 2][round / 2 % 2], base, plain[200], numbers[200];
		u8 *src = malloc(count * bits / 8 + 1), *p = src + round / 4 % 2;
		const struct asc_shape_kernels *k;
		u32 low = 65535, high = 0, got[2];
		enum fmc_cpu cpu;

		/* no byte more than there are values */
		src = realloc(src, p - src + count * bits / 8);
		p = src + round / 4 % 2;
		for (i = 0; i < count * bits / 8; i++)
			p[i] = round / 8 % 2 ? next_random(&seed) : 200 + next_random(&seed) % 8;
		for (i = 0; i < count; i++) {
			u16 v = p[i];

			if (bits == 16)
				memcpy(&v, p + 2 * i, 2);
			plain[i] = v ^ flip;
			low = plain[i] < low ? plain[i] : low;
			high = plain[i] > high ? plain[i] : high;
		}
		base = low + next_random(&seed) % (high - low + 1);
		shift = next_random(&seed) % 8;
		for (cpu = FMC_CPU_SCALAR; cpu < FMC_CPUS; cpu++) {
			if (!test_has_cpu(cpu))
				continue;
			k = fmc_kernels_get(cpu)->shape;
			k->load(p, bits, flip, count, numbers);
			ASSERT_EQ(0, memcmp(plain, numbers, 2 * count));
			k->range(p, bits, flip, count, &got[0], &got[1]);
			ASSERT_EQ(low, got[0]);
			ASSERT_EQ(high, got[1]);
			k->extremes(numbers, count, &got[0], &got[1]);
			ASSERT_EQ(low, got[0]);
			ASSERT_EQ(high, got[1]);
			k->center(numbers, count, base, shift);
			for (i = 0; i < count; i++) {
				u32 v = plain[i] > base ? (plain[i] - base) >> shift : 0;

				ASSERT_EQ(v, numbers[i]);
			}
		}
		free(src);
	}
}

static struct asc_cbr_params chosen(const struct fmc_surface *s, struct asc_cbr_params p,
				    const void *src, enum fmc_cpu cpu)
{
	struct asc_cbr_chooser chooser;

	p.patch = &memory;
	p.kernels = fmc_kernels_get(cpu);
	memset(&memory, cpu, sizeof(memory));
	memset(&chooser, 0xa5, sizeof(chooser));
	if (asc_cbr_choose_init(&chooser, s, &p))
		return p;
	while (asc_cbr_choose_step(&chooser, src))
		;
	return chooser.params;
}

static void put(const struct fmc_surface *s, u8 *map, u32 c, u32 y, u32 x, s32 v)
{
	u8 *p = map + c * s->stride[1] + y * s->stride[2] + x * s->stride[3];
	u16 bits;

	switch (s->dtype) {
	case FMC_F16:
		/* 0 to 2047 */
		for (bits = 25; v && v < 1024; v *= 2)
			bits--;
		bits = v ? bits << 10 | (v & 0x3ff) : 0;
		break;
	case FMC_U8:
	case FMC_S8:
		*p = v;
		return;
	default:
		bits = v;
	}
	memcpy(p, &bits, 2);
}

/*
 * Values that differ little within cells, and much from one cell to the next: the shape that
 * fits in a cell is found, in whatever layout.
 */
TEST(shape_is_found)
{
	static const struct { u32 w, h, c; } cells[] = {
		{ 8, 4, 1 }, { 1, 1, 32 }, { 32, 1, 1 },
	};
	static const u32 types[] = { FMC_U8, FMC_S8, FMC_S16, FMC_U16, FMC_F16 };
	enum { C = 32, H = 24, W = 64 };
	u8 *map = malloc(2 * C * H * W);
	u32 round, c, y, x;
	u64 seed = 4;

	for (round = 0; round < 60; round++) {
		struct fmc_surface s = dense(types[round % 5], 1, C, H, W);
		u32 kind = round / 5 % 3, size = fmc_dtype_bits(s.dtype) / 8;
		u32 cell[C][H][W];
		struct asc_cbr_params p = { 0 }, q;
		enum fmc_cpu cpu;

		if (round / 15 % 2) {
			/* channels last */
			s.stride[1] = size;
			s.stride[3] = C * size;
			s.stride[2] = W * C * size;
		}
		for (c = 0; c < C; c++) {
			for (y = 0; y < H; y++) {
				for (x = 0; x < W; x++) {
					u32 cx = x / cells[kind].w * cells[kind].w;
					u32 cy = y / cells[kind].h * cells[kind].h;
					u32 cc = c / cells[kind].c * cells[kind].c, level;
					bool first = cx == x && cy == y && cc == c;

					if (first)
						cell[c][y][x] = next_random(&seed);
					level = cell[cc][cy][cx];
					level = level % 100 + next_random(&seed) % 20;
					put(&s, map, c, y, x, size == 1 ? level : 16 * level);
				}
			}
		}
		p = chosen(&s, p, map, FMC_CPU_SCALAR);
		ASSERT_EQ(kind == 2, !p.block.h);
		ASSERT_EQ(kind == 1, p.block.c > 1);
		for (cpu = FMC_CPU_SCALAR + 1; cpu < FMC_CPUS; cpu++) {
			if (!test_has_cpu(cpu))
				continue;
			q = chosen(&s, (struct asc_cbr_params){ 0 }, map, cpu);
			ASSERT_EQ(0, memcmp(&p.block, &q.block, sizeof(p.block)));
			ASSERT_EQ(p.endpoints, q.endpoints);
			ASSERT_EQ(p.profile, q.profile);
			ASSERT_EQ(p.exponent, q.exponent);
		}
	}
	free(map);
}

/* Values of 16 bits far from zero need endpoints that are exact; others do better without. */
TEST(profile_is_found)
{
	struct fmc_surface s = dense(FMC_S16, 1, 16, 32, 32);
	static int16_t map[16 * 32 * 32];
	u64 seed = 5;
	u32 round, i;

	for (round = 0; round < 20; round++) {
		struct asc_cbr_params p = { 0 };

		for (i = 0; i < 16 * 32 * 32; i++)
			map[i] = (round % 2 ? 0 : 20000) + next_random(&seed) % 300;
		p = chosen(&s, p, map, FMC_CPU_SCALAR);
		ASSERT_EQ(round % 2 ? FMC_PROFILE_NARROW : FMC_PROFILE_FULL, p.profile);
	}
}

/* The error that is chosen is not far from the least one; values below zero are kept. */
TEST(choice_is_good)
{
	enum { VALUES = 24 * 24 * 32 };
	u8 *payload = malloc(4 * VALUES), *map = malloc(2 * VALUES);
	double lost = 0;
	u64 seed = 6;
	u32 round, i;

	for (round = 0; round < 60; round++) {
		struct fmc_surface s = dense(round % 2 ? FMC_S16 : FMC_U8, 1, 32, 24, 24);
		bool negative = round % 8 == 7, below = false;
		struct asc_cbr_params p = { 0 }, q;
		struct asc_cbr_stats stats;
		struct asc_cbr cbr;
		u64 least = ~0ull, own = 0;
		int level[24 * 24] = { 0 };

		/* channels that are alike or not, rows that are or not, ReLU or not */
		for (i = 0; i < VALUES; i++) {
			u32 at = i % (24 * 24), r = next_random(&seed);
			int v = (r & 0xff) + (r >> 8 & 0xff) - (int)(round % 5 * 80);

			if (round % 3 == 1 && at % 24)
				v = (v + 3 * level[at - 1]) / 4;
			if (round % 3 == 2)
				v = (v + 3 * level[at]) / 4;
			level[at] = v;
			if (v < 0 && !(negative && s.dtype == FMC_S16))
				v = 0;
			below |= v < 0;
			v = s.dtype == FMC_U8 ? v / 2 : v;
			put(&s, map, i / (24 * 24), at / 24, at % 24, v);
		}
		p = chosen(&s, p, map, FMC_CPU_SCALAR);
		if (below)
			ASSERT_EQ(FMC_ENDPOINTS_TWO, p.endpoints);
		/* without memory, all are tried */
		q = (struct asc_cbr_params){ .patch = NULL };
		for (i = 0; i < 2; i++) {
			struct asc_cbr_chooser chooser;

			if (i) {
				ASSERT_EQ(0, asc_cbr_choose_init(&chooser, &s, &q));
				while (asc_cbr_choose_step(&chooser, map))
					;
				p = chooser.params;
			}
			memset(&stats, 0, sizeof(stats));
			ASSERT_EQ(0, asc_cbr_init(&cbr, &s, &p));
			asc_cbr_encode(&cbr, 0, cbr.blocks, map, payload, &stats);
			if (!i)
				own = stats.sum_sq_error;
			else
				least = stats.sum_sq_error;
		}
		/* where next to nothing is lost it does not matter how much */
		least += VALUES / 64;
		ASSERT_LE(own, least * 5 / 4) TH_LOG("round %u", round);
		lost += (double)own / least - 1;
	}
	ASSERT_LE(lost / 60, 0.03);
	free(payload);
	free(map);
}

TEST_HARNESS_MAIN
