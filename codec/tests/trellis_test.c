// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * asc_trellis.c, and what has a trellis: tiles of asc_vbr_trellis.c, and the large blocks of
 * asc_pooled.c.
 */

#include <stdlib.h>

#include "ascdev_harness.h"

#include "asc_cbr.h"
#include "asc_pooled.h"
#include "asc_trellis.h"
#include "asc_vbr.h"
#include "asc_vbr_trellis.h"
#include "cpus.h"
#include "rounds.h"

#define K	(test_kernels()->vbr)
#define N	ASC_POOL_VALUES

static u8 workspace[ASC_VBR_WORKSPACE_BYTES] __attribute__((aligned(8)));
static u16 values[FMC_TILE_MAX_VALUES], decoded[FMC_TILE_MAX_VALUES], back[FMC_TILE_MAX_VALUES];
static u8 out[4 * FMC_TILE_MAX_VALUES];
static struct asc_pool pool;

static uint64_t random_state = 88172645463325252ull;

static uint32_t random_number(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state >> 16;
}

/* Roughly normal, with a standard deviation of 1000. */
static int noise(void)
{
	int sum = 0, i;

	for (i = 0; i < 12; i++)
		sum += (int)(random_number() % 1001);
	return (sum - 6000) * 1000 / 1001;
}

/* --- the trellis --- */

/* Both ways into a state begin where asc_trellis_before() says, by a point of that class. */
TEST(states)
{
	u32 state, choice, class, before;

	for (state = 0; state < ASC_TRELLIS_STATES; state++)
		for (choice = 0; choice < 2; choice++) {
			before = asc_trellis_before(state, choice, &class);
			EXPECT_EQ(choice, before >> 2);
			EXPECT_EQ(before & 1, class & 1);
			EXPECT_EQ(state, asc_trellis_next(before, class));
			EXPECT_EQ(state, asc_trellis_next(before, class + 4 * random_number()));
		}
}

/* No sequence of points is better than the one that is found. */
TEST(search_is_exhaustive)
{
	enum { LENGTH = 10 };
	struct asc_trellis_candidates c[LENGTH];
	u32 round, i, k, bits, state, class, cost, best;
	u8 choices[LENGTH];

	for (round = 0; round < rounds(200); round++) {
		struct asc_trellis t;

		asc_trellis_begin(&t);
		for (i = 0; i < LENGTH; i++) {
			for (k = 0; k < ASC_TRELLIS_CLASSES; k++)
				c[i].costs[k] = random_number() % 1000;
			choices[i] = asc_trellis_advance(&t, &c[i]);
		}
		state = asc_trellis_end(&t);
		for (cost = 0, i = LENGTH; i--;) {
			state = asc_trellis_before(state, choices[i] >> state & 1, &class);
			cost += c[i].costs[class];
		}
		EXPECT_EQ(0, state);
		for (best = ~0u, bits = 0; bits < 1u << LENGTH; bits++) {
			u32 sum = 0;

			for (state = 0, i = 0; i < LENGTH; i++) {
				class = (bits >> i & 1) << 1 | (state & 1);
				sum += c[i].costs[class];
				state = asc_trellis_next(state, class);
			}
			best = sum < best ? sum : best;
		}
		EXPECT_EQ(best, cost);
	}
}

/* Where it matters what the point before was, each state goes on from the best way to it. */
TEST(search_by_the_point_before)
{
	enum { LENGTH = 20, STATES = ASC_TRELLIS_STATES };
	struct asc_trellis_candidates c[LENGTH][ASC_TRELLIS_CLASSES];
	const struct asc_trellis_candidates *by[ASC_TRELLIS_CLASSES];
	u32 round, i, k, state, next, class, classes[LENGTH];
	u8 choices[LENGTH], before = 0;

	for (round = 0; round < rounds(200); round++) {
		u32 costs[STATES], lasts[STATES] = { 0 }, sums[STATES], ends[STATES], cost = 0;
		struct asc_trellis t;

		for (state = 0; state < STATES; state++)
			costs[state] = state ? 1000000 : 0;
		asc_trellis_begin(&t);
		for (i = 0; i < LENGTH; i++) {
			for (k = 0; k < 16; k++)
				c[i][k / 4].costs[k % 4] = random_number() % 1000;
			for (k = 0; k < ASC_TRELLIS_CLASSES; k++)
				by[k] = &c[i][i ? k : 0];
			before = asc_trellis_advance_by(&t, before, by);
			choices[i] = before;

			memset(sums, 0xff, sizeof(sums));
			for (k = 0; k < 2 * STATES; k++) {
				state = k / 2;
				class = (k & 1) << 1 | (state & 1);
				next = asc_trellis_next(state, class);
				cost = costs[state] + c[i][lasts[state]].costs[class];
				if (cost >= sums[next])
					continue;
				sums[next] = cost;
				ends[next] = class;
			}
			memcpy(costs, sums, sizeof(costs));
			memcpy(lasts, ends, sizeof(lasts));
		}
		state = asc_trellis_end(&t);
		next = state;
		for (i = LENGTH; i--;)
			state = asc_trellis_before(state, choices[i] >> state & 1, &classes[i]);
		EXPECT_EQ(0, state);
		for (cost = 0, class = 0, i = 0; i < LENGTH; class = classes[i++])
			cost += c[i][class].costs[classes[i]];
		EXPECT_EQ(costs[next], cost);
		for (state = 0; state < STATES; state++)
			EXPECT_LE(cost, costs[state]);
	}
}

/* --- tiles of a variable rate --- */

static struct fmc_tile random_tile(void)
{
	static const u16 zeros[] = { 0, 0, 0x80, 0x8000, 0xffff, 1, 100, 60000 };
	struct fmc_tile tile = { .bits = random_number() & 1 ? 8 : 16 };

	do {
		tile.w = 1 + random_number() % (random_number() % 8 ? 40 : 400);
		tile.h = 1 + random_number() % 20;
		tile.c = 1 + random_number() % (random_number() % 8 ? 4 : 50);
	} while (fmc_tile_values(&tile) > FMC_TILE_MAX_VALUES);
	tile.zero = zeros[random_number() % 8] & fmc_value_mask(tile.bits);
	return tile;
}

/* Normal, behind a ReLU, mostly zero, or anything. */
static void random_values(const struct fmc_tile *tile)
{
	s32 max = fmc_value_mask(tile->bits), scale = 1 + random_number() % max;
	u32 kind = random_number() % 4, i;

	for (i = 0; i < fmc_tile_values(tile); i++) {
		s32 distance = noise() * (scale / 16) / 1000, value;

		if ((kind == 1 && distance < 0) || (kind == 2 && random_number() % 4))
			distance = 0;
		value = (s32)tile->zero + distance;
		if (kind == 3)
			value = random_number() & max;
		values[i] = value < 0 ? 0 : value > max ? max : value;
	}
}

static u32 random_step(const struct fmc_tile *tile)
{
	return ASC_VBR_RATE_UNIT / 2 + random_number() % (random_number() & 1 ? 2000 :
		ASC_VBR_RATE_UNIT * (fmc_value_mask(tile->bits) - 1));
}

static bool has_trellis(const struct fmc_tile *tile)
{
	return !fmc_get_value(out, tile->bits) &&
	       !fmc_get_value(out + tile->bits / 8, tile->bits);
}

TEST(tiles_round_trip)
{
	u32 round, bytes, i, trellises = 0;

	for (round = 0; round < rounds(1500); round++) {
		struct fmc_tile tile = random_tile();
		u32 step = random_step(&tile), n = fmc_tile_values(&tile);

		random_values(&tile);
		bytes = asc_vbr_rate_encode(K, &tile, step, values, out, sizeof(out), decoded,
					    workspace);
		ASSERT_LT(0, bytes);
		trellises += has_trellis(&tile);
		ASSERT_EQ(0, asc_vbr_tile_decode(K, &tile, out, bytes, back, workspace));
		ASSERT_EQ(0, memcmp(decoded, back, n * sizeof(*back)));
		for (i = 0; step < ASC_VBR_RATE_UNIT && i < n; i++)
			ASSERT_EQ(values[i], back[i]);
		ASSERT_EQ(bytes, asc_vbr_rate_encode(K, &tile, step, values, out, bytes, decoded,
						     workspace));
		ASSERT_GE(bytes - 1, asc_vbr_rate_encode(K, &tile, step, values, out, bytes - 1,
							 decoded, workspace));
	}
	EXPECT_LT(rounds(1500) / 4, trellises);
}

/* Values that lie apart as far as they can, by turns. */
static void extreme_values(const struct fmc_tile *tile)
{
	u32 max = fmc_value_mask(tile->bits), every = 1 + random_number() % 5, i;

	for (i = 0; i < fmc_tile_values(tile); i++)
		values[i] = i / every & 1 ? max : random_number() & 1 ? 0 : tile->zero;
}

/* Steps about as large as those from which on lanes are searched one by one. */
static u32 large_step(const struct fmc_tile *tile)
{
	u32 step = 2 * 2896 * ASC_VBR_RATE_UNIT + random_number() % 33 - 16;

	return tile->bits == 16 ? step : random_step(tile);
}

/* All that is known of the search is in the bytes, and each CPU has a search of its own. */
TEST(tiles_of_all_cpus)
{
	static u16 expected_values[FMC_TILE_MAX_VALUES];
	static u8 expected[sizeof(out)];
	u32 round, bytes, step;
	enum fmc_cpu cpu;

	for (round = 0; round < rounds(1500); round++) {
		struct fmc_tile tile = random_tile();
		u32 n = fmc_tile_values(&tile);

		if (random_number() % 4)
			random_values(&tile);
		else
			extreme_values(&tile);
		step = random_number() % 4 ? random_step(&tile) : large_step(&tile);
		bytes = asc_vbr_rate_encode(&asc_vbr_kernels_scalar, &tile, step, values, expected,
					    sizeof(expected), expected_values, workspace);
		for (cpu = FMC_CPU_SCALAR + 1; cpu < FMC_CPUS; cpu++) {
			if (!test_has_cpu(cpu))
				continue;
			ASSERT_EQ(bytes, asc_vbr_rate_encode(fmc_kernels_get(cpu)->vbr, &tile, step,
							     values, out, sizeof(out), decoded,
							     workspace));
			ASSERT_EQ(0, memcmp(expected, out, bytes));
			ASSERT_EQ(0, memcmp(expected_values, decoded, n * sizeof(*decoded)));
		}
	}
}

/* What it is for: 1 dB less than points without a trellis at the same rate. */
TEST(gain)
{
	struct fmc_tile tile = { 32, 32, 16, 16, 0x8000 };
	u32 n = fmc_tile_values(&tile), plain, trellis, i;
	double plain_error = 0, error = 0;

	for (i = 0; i < n; i++)
		values[i] = tile.zero + noise();
	plain = asc_vbr_entropy_encode(K, &tile, 500, values, out, sizeof(out), decoded, workspace);
	for (i = 0; i < n; i++)
		plain_error += (values[i] - decoded[i]) * (values[i] - decoded[i]);
	trellis = asc_vbr_rate_encode(K, &tile, ASC_VBR_RATE_UNIT * 500, values, out, sizeof(out),
				      decoded, workspace);
	for (i = 0; i < n; i++)
		error += (values[i] - decoded[i]) * (values[i] - decoded[i]);
	EXPECT_TRUE(has_trellis(&tile));
	EXPECT_GT(plain * 1.01, trellis);
	EXPECT_GT(plain_error * .81, error);
}

/* A plane that is made of two others, and of a little noise, costs little but them. */
TEST(references)
{
	struct fmc_tile tile = { 16, 16, 24, 16, 0x8000 };
	u32 n = fmc_tile_values(&tile), plane = 256, apart, made, i;

	for (i = 0; i < n; i++)
		values[i] = tile.zero + noise();
	apart = asc_vbr_rate_encode(K, &tile, ASC_VBR_RATE_UNIT * 100, values, out, sizeof(out),
				    decoded, workspace);
	/* the first two, and what they make up */
	for (i = 2 * plane; i < n; i++) {
		s32 a = values[i % plane] - 0x8000, b = values[plane + i % plane] - 0x8000;

		values[i] = tile.zero + a * (s32)(i / plane) / 16 - b * 3 / 4 + noise() / 20;
	}
	made = asc_vbr_rate_encode(K, &tile, ASC_VBR_RATE_UNIT * 100, values, out, sizeof(out),
				   decoded, workspace);
	EXPECT_GT(apart * .6, made);
	ASSERT_EQ(0, asc_vbr_tile_decode(K, &tile, out, made, back, workspace));
	EXPECT_EQ(0, memcmp(decoded, back, n * sizeof(*back)));
}

/* Noise is not predicted from its neighbours, what is smooth is. */
TEST(weights_of_neighbours)
{
	struct fmc_tile tile = { 32, 32, 4, 16, 0x8000 };
	u32 n = fmc_tile_values(&tile), bits, i;

	for (i = 0; i < n; i++)
		values[i] = tile.zero + noise();
	bits = 8 * asc_vbr_rate_encode(K, &tile, ASC_VBR_RATE_UNIT * 100, values, out, sizeof(out),
				       decoded, workspace);
	/* a normal distribution has 5.37 bits */
	EXPECT_GT(n * 5.5, bits);
	for (i = 0; i < n; i++)
		values[i] = tile.zero + i % 32 * 300 + i / 32 % 32 * 200 + noise() / 10;
	bits = 8 * asc_vbr_rate_encode(K, &tile, ASC_VBR_RATE_UNIT * 100, values, out, sizeof(out),
				       decoded, workspace);
	EXPECT_GT(n * 2.8, bits);
}

static int decode_any(struct __test_metadata *_metadata, const struct fmc_tile *tile,
		      const u8 *in, u32 bytes)
{
	u8 *exact = malloc(bytes);
	u32 i;
	int ret;

	memcpy(exact, in, bytes);
	memset(back, 0xee, sizeof(back));
	ret = asc_vbr_tile_decode(K, tile, exact, bytes, back, workspace);
	ASSERT_TRUE(!ret || ret == -EBADMSG);
	for (i = 0; i < fmc_tile_values(tile); i++) {
		if (ret)
			ASSERT_EQ(tile->zero, back[i]);
		ASSERT_EQ(0, back[i] >> (tile->bits - 1) >> 1);
	}
	free(exact);
	return ret;
}

TEST(any_tile_is_safe)
{
	u32 round, bytes, step, head, i;

	for (round = 0; round < rounds(1500); round++) {
		struct fmc_tile tile = random_tile();

		random_values(&tile);
		bytes = asc_vbr_rate_encode(K, &tile, random_step(&tile), values, out, sizeof(out),
					    decoded, workspace);
		ASSERT_LT(0, bytes);
		step = 2 * (tile.bits / 8);
		head = step + 4;
		if (!has_trellis(&tile) || bytes <= head)
			continue;
		ASSERT_EQ(-EBADMSG, decode_any(_metadata, &tile, out, bytes - 1));
		ASSERT_EQ(-EBADMSG, decode_any(_metadata, &tile, out, 1 + random_number() % head));
		for (i = 0; i < 10; i++) {
			out[head + random_number() % (bytes - head)] ^= 1 << random_number() % 8;
			decode_any(_metadata, &tile, out, bytes);
		}
		/* any step and origin, and anything behind them */
		for (i = step; i < bytes; i++)
			out[i] = random_number();
		decode_any(_metadata, &tile, out, bytes);
		/* no step that an encoder has, no place for an origin */
		fmc_put_value(out + step, random_number() % (1u << (18 - tile.bits)), 16);
		ASSERT_EQ(-EBADMSG, decode_any(_metadata, &tile, out, bytes));
		fmc_put_value(out + step, 1u << (18 - tile.bits), 16);
		fmc_put_value(out + step + 2, 65535 - random_number() % 3, 16);
		ASSERT_EQ(-EBADMSG, decode_any(_metadata, &tile, out, bytes));
	}
}

/* The worked example of asc-vbr.rst. */
TEST(tile_example)
{
	static const struct fmc_tile tile = { 8, 1, 1, 8, 0x80 };
	static const u8 expected[] = {
		0x00, 0x00, 0x00, 0x14, 0x09, 0x00, 0x20, 0xec, 0xc3, 0x31, 0x00, 0x3c, 0xa4,
		0xf5, 0x3a, 0x16, 0x9e, 0x91,
	};
	static const u16 output[8] = { 140, 140, 143, 150, 153, 148, 126, 113 };

	ASSERT_EQ(0, asc_vbr_tile_decode(K, &tile, expected, sizeof(expected), back, workspace));
	EXPECT_EQ(0, memcmp(output, back, sizeof(output)));
}

/* --- large blocks --- */

static struct asc_block_format random_format(void)
{
	u32 bits = 8 << random_number() % 2;
	struct asc_block_format f = {
		.pooled = true, .bits = bits, .endpoints = 2, .values = N, .width = N, .height = 1,
	};
	u32 zeros[] = { 0, 1u << (bits - 1), (1u << bits) - 1, random_number() % (1u << bits) };

	f.zero = zeros[random_number() % 4];
	if (bits == 16 && random_number() % 3 == 0) {
		f.kind = 1 + random_number() % 2;
		f.zero = ASC_FLOAT_ZERO;
		f.exponent = 1 + random_number() % asc_max_exponent(f.kind);
	}
	return f;
}

static struct asc_pool_place random_place(void)
{
	struct asc_pool_place p = { .w = 1 + random_number() % (random_number() & 1 ? 40 : 400),
				    .h = 1 + random_number() % 40 };

	p.x = random_number() % p.w;
	p.y = random_number() % p.h;
	return p;
}

static u8 *exact_bits(void)
{
	return malloc(N / 2);
}

TEST(blocks_round_trip)
{
	u32 round, i;

	for (round = 0; round < rounds(1500); round++) {
		struct asc_block_format f = random_format();
		struct asc_pool_place place = random_place();
		struct fmc_tile tile = { N, 1, 1, f.bits, f.zero };
		u8 *bits = exact_bits();

		random_values(&tile);
		memcpy(pool.values, values, sizeof(pool.values));
		asc_pool_encode(&f, random_number() % 2 ? ASC_EFFORT_BEST : ASC_EFFORT_HW, &place,
				&pool, bits);
		EXPECT_EQ(0, memcmp(pool.values, values, sizeof(pool.values)));
		memcpy(decoded, pool.decoded, sizeof(pool.decoded));
		asc_pool_decode(&f, &place, bits, &pool, back);
		ASSERT_EQ(0, memcmp(decoded, back, N * sizeof(*back)));
		for (i = 0; i < N / 2; i++)
			bits[i] = round & 1 ? random_number() : random_number() & random_number();
		asc_pool_decode(&f, &place, bits, &pool, back);
		for (i = 0; i < N; i++)
			ASSERT_EQ(0, back[i] >> (f.bits - 1) >> 1);
		free(bits);
	}
}

/* Every block fits, with an error that the largest step bounds. */
TEST(extreme_blocks)
{
	static const struct asc_pool_place place = { 16, 16, 0, 0 };
	struct asc_block_format f = { .pooled = true, .endpoints = 2, .values = N, .width = 16,
				      .height = 16 };
	u8 bits[N / 2];
	u32 i, kind;

	for (f.bits = 8; f.bits <= 16; f.bits += 8)
		for (kind = 0; kind < 8; kind++) {
			enum asc_effort effort = kind & 4 ? ASC_EFFORT_BEST : ASC_EFFORT_HW;
			u32 max = fmc_value_mask(f.bits);

			f.zero = kind & 1 ? max : 0;
			for (i = 0; i < N; i++)
				pool.values[i] = (kind & 2 ? random_number() : i) & 1 ? max : 0;
			asc_pool_encode(&f, effort, &place, &pool, bits);
			for (i = 0; i < N; i++)
				EXPECT_GT(max / 3, (u32)abs(pool.values[i] - pool.decoded[i]));
		}
}

static double block_error(const struct asc_block_format *f, enum asc_effort effort,
			  const struct asc_pool_place *place)
{
	double error = 0;
	u8 bits[N / 2];
	u32 i;

	asc_pool_encode(f, effort, place, &pool, bits);
	for (i = 0; i < N; i++)
		error += ((double)pool.values[i] - pool.decoded[i]) *
			 ((double)pool.values[i] - pool.decoded[i]);
	return error;
}

/* A search has errors that are a fifth of a decibel smaller, of noise and what is like the left. */
TEST(gain_of_search)
{
	static const struct asc_pool_place place = { 20, 20, 3, 7 };
	struct asc_block_format f = { .pooled = true, .endpoints = 2, .values = N, .width = N,
				      .height = 1 };
	u32 i, round, kind;

	for (kind = 0; kind < 4; kind++) {
		double hw = 0, best = 0;

		f.bits = kind & 1 ? 16 : 8;
		f.zero = 1u << (f.bits - 1);
		for (round = 0; round < rounds(100); round++) {
			int last = 0;

			for (i = 0; i < N; i++) {
				last = (kind & 2 ? last * 3 / 4 : 0) + noise();
				pool.values[i] = f.zero + last / (f.bits == 8 ? 60 : 1);
			}
			hw += block_error(&f, ASC_EFFORT_HW, &place);
			best += block_error(&f, ASC_EFFORT_BEST, &place);
		}
		EXPECT_GT(hw * .955, best);
	}
}

/* A plane that slopes has next to no error wherever a run begins: rows are predicted. */
TEST(prediction_by_rows)
{
	struct asc_block_format f = { .pooled = true, .bits = 16, .endpoints = 2, .zero = 0x8000,
				      .values = N, .width = N, .height = 1 };
	struct asc_pool_place place = { .w = 20, .h = 20 };
	u8 bits[N / 2];
	u32 i;

	for (place.x = 0; place.x < 20; place.x += 7)
		for (place.y = 0; place.y < 20; place.y += 9) {
			u32 x = place.x, y = place.y;

			for (i = 0; i < N; i++) {
				pool.values[i] = 20000 + 800 * x + (y & 1 ? 9000 : 0);
				if (++x == place.w) {
					x = 0;
					y = (y + 1) % place.h;
				}
			}
			asc_pool_encode(&f, ASC_EFFORT_BEST, &place, &pool, bits);
			for (i = 0; i < N; i++)
				EXPECT_GT(2000, abs(pool.values[i] - pool.decoded[i]));
		}
}

/* The worked example of format.rst. */
TEST(block_example)
{
	static const u8 start[] = {
		0xd0, 0xc2, 0x17, 0x22, 0xe8, 0xda, 0x34, 0x22, 0x93, 0x6c, 0x11, 0x20,
	};
	static const u16 output[8] = { 168, 168, 164, 156, 166, 164, 158, 154 };
	static const struct asc_pool_place place = { 4, 64, 0, 0 };
	struct asc_block_format f = { .pooled = true, .bits = 8, .endpoints = 2, .zero = 0x80,
				      .values = N, .width = 4, .height = 64 };
	u8 bits[N / 2] = { 0 };

	memcpy(bits, start, sizeof(start));
	asc_pool_decode(&f, &place, bits, &pool, back);
	EXPECT_EQ(0, memcmp(output, back, sizeof(output)));
}

/* --- surfaces --- */

enum { C = 7, H = 19, W = 21, COUNT = C * H * W };

static struct fmc_surface dense(u32 dtype, u32 c, u32 h, u32 w)
{
	u64 size = fmc_dtype_bits(dtype) / 8;
	struct fmc_surface s = {
		dtype, { 1, c, h, w }, { size * c * h * w, size * h * w, size * w, size },
	};

	return s;
}

static struct asc_cbr_params chosen(const struct fmc_surface *s, struct asc_cbr_params p,
				    const void *src)
{
	struct asc_cbr_chooser chooser;

	if (asc_cbr_choose_init(&chooser, s, &p))
		abort();
	while (asc_cbr_choose_step(&chooser, src))
		;
	return chooser.params;
}

TEST(any_part_alone)
{
	static const struct asc_cbr_block blocks[] = { { 256, 0, 0 }, { 16, 16, 1 }, { 8, 8, 4 } };
	static u16 map[COUNT], whole[COUNT], part[COUNT];
	static u8 payload[65536];
	struct asc_cbr_stats stats = { 0 };
	u32 b, round, i, x, y, c;
	struct asc_cbr cbr;

	for (b = 0; b < 12; b++) {
		struct asc_cbr_params p = { .profile = FMC_PROFILE_POOLED, .endpoints = 1 + b / 6,
					    .block = blocks[b % 3], .pool = &pool };
		u32 dtype = b % 6 < 3 ? FMC_S16 : FMC_F16;
		struct fmc_surface s = dense(dtype, C, H, W);

		p.exponent = fmc_dtype_is_float(dtype) ? 20 : 0;
		ASSERT_EQ(0, asc_cbr_init(&cbr, &s, &p));
		for (i = 0; i < COUNT; i++)
			map[i] = noise();
		asc_cbr_encode(&cbr, 0, cbr.blocks, map, payload, &stats);
		asc_cbr_decode(&cbr, 0, cbr.blocks, payload, whole);
		for (round = 0; round < 20; round++) {
			u32 at[4] = { 0, random_number() % C, random_number() % H,
				      random_number() % W };
			struct fmc_surface to = dense(dtype, 1 + random_number() % (C - at[1]),
						      1 + random_number() % (H - at[2]),
						      1 + random_number() % (W - at[3]));
			u64 read = 0;

			ASSERT_EQ(0, asc_cbr_decode_box(&cbr, payload, at, &to, part, &read));
			ASSERT_EQ(0, read % (N / 2));
			for (i = 0, c = 0; c < to.dim[1]; c++)
				for (y = 0; y < to.dim[2]; y++)
					for (x = 0; x < to.dim[3]; x++, i++)
						ASSERT_EQ(whole[((at[1] + c) * H + at[2] + y) * W +
								at[3] + x], part[i]);
		}
	}
}

/* For values on both sides of zero, of a search that has the memory. */
TEST(choice_of_large_blocks)
{
	struct asc_cbr_params p = { .effort = ASC_EFFORT_BEST, .pool = &pool }, q;
	struct fmc_surface s = dense(FMC_S16, 16, 20, 20);
	static int16_t map[6400];
	struct asc_cbr cbr;
	u64 bound;
	u32 i;

	for (i = 0; i < 6400; i++)
		map[i] = noise();
	q = chosen(&s, p, map);
	EXPECT_EQ(FMC_PROFILE_POOLED, q.profile);
	EXPECT_EQ(256, q.block.w);
	EXPECT_EQ(FMC_ENDPOINTS_TWO, (int)q.endpoints);
	ASSERT_EQ(0, asc_cbr_init(&cbr, &s, &q));
	ASSERT_EQ(0, asc_cbr_bound(&s, &p, &bound));
	EXPECT_LE(asc_cbr_bytes(&cbr), bound);
	p.pool = NULL;
	EXPECT_GE(64, chosen(&s, p, map).block.w);
	p.pool = &pool;
	/* of one endpoint where there are none below, whether that was asked for or not */
	p.endpoints = FMC_ENDPOINTS_ONE;
	EXPECT_EQ(FMC_PROFILE_POOLED, chosen(&s, p, map).profile);
	p.endpoints = FMC_ENDPOINTS_AUTO;
	for (i = 0; i < 6400; i++)
		map[i] = abs(map[i]);
	q = chosen(&s, p, map);
	EXPECT_EQ(256, q.block.h ? q.block.w * q.block.h * q.block.c : q.block.w);
	EXPECT_EQ(FMC_ENDPOINTS_ONE, (int)q.endpoints);
	ASSERT_EQ(0, asc_cbr_init(&cbr, &s, &q));
	EXPECT_LE(asc_cbr_bytes(&cbr), bound);
	/* not without the memory, nor with effort hw */
	p.pool = NULL;
	p.profile = FMC_PROFILE_POOLED;
	p.endpoints = FMC_ENDPOINTS_ONE;
	q = chosen(&s, p, map);
	EXPECT_GE(64, q.block.h ? q.block.w * q.block.h * q.block.c : q.block.w);
	p.pool = &pool;
	p.effort = ASC_EFFORT_HW;
	EXPECT_GE(64, chosen(&s, p, map).block.w);
	p.effort = ASC_EFFORT_BEST;
	p.endpoints = FMC_ENDPOINTS_AUTO;
	/* unless asked for */
	p.profile = FMC_PROFILE_POOLED;
	p.block = (struct asc_cbr_block){ 16, 16, 1 };
	EXPECT_EQ(16, chosen(&s, p, map).block.w);
}

TEST(large_shapes)
{
	static const struct asc_cbr_block good[] = { { 256, 0, 0 }, { 16, 16, 1 }, { 8, 8, 4 },
						     { 1, 1, 256 } };
	static const struct asc_cbr_block bad[] = { { 128, 0, 0 }, { 16, 8, 1 }, { 512, 0, 0 },
						    { 255, 0, 0 }, { 16, 16, 2 } };
	struct fmc_surface s = dense(FMC_S8, 4, 16, 16);
	struct asc_cbr cbr;
	u32 i;

	for (i = 0; i < 4; i++) {
		struct asc_cbr_params p = { .profile = FMC_PROFILE_POOLED, .endpoints = 2,
					    .block = good[i] };

		EXPECT_EQ(0, asc_cbr_init(&cbr, &s, &p));
		p.endpoints = FMC_ENDPOINTS_ONE;
		EXPECT_EQ(0, asc_cbr_init(&cbr, &s, &p));
		p.profile = FMC_PROFILE_FULL;
		EXPECT_EQ(-EINVAL, asc_cbr_init(&cbr, &s, &p));
	}
	for (i = 0; i < 5; i++) {
		struct asc_cbr_params p = { .profile = FMC_PROFILE_POOLED, .endpoints = 2,
					    .block = bad[i] };

		EXPECT_EQ(-EINVAL, asc_cbr_init(&cbr, &s, &p));
	}
}

TEST_HARNESS_MAIN
