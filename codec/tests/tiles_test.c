// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Lossless coders of tiles: those for every CPU give the bytes and values of those in plain C,
 * whatever comes in, and those of EBPC the streams of ebpc.c.
 */

#include <stdlib.h>

#include "ascdev_harness.h"

#include "cpus.h"
#include "dcac.h"
#include "ebpc.h"
#include "ebpc_tile.h"
#include "rounds.h"
#include "zvc.h"

#define ROOM	(8 * FMC_TILE_MAX_VALUES)

static const struct fmc_tile shapes[] = {
	{ 1, 1, 1 }, { 3, 3, 256 }, { 1, 1, 16384 }, { 16384, 1, 1 }, { 32, 32, 16 }, { 31, 17, 31 },
	{ 13, 13, 48 }, { 6, 6, 128 }, { 5, 7, 33 }, { 27, 27, 22 }, { 20, 40, 20 }, { 2, 512, 9 },
	{ 512, 2, 9 }, { 128, 8, 15 }, { 129, 8, 15 }, { 9, 100, 9 }, { 1, 1000, 16 }, { 2, 4, 2047 },
	{ 63, 1, 1 }, { 64, 1, 2 }, { 33, 1, 1 },
};

#define SHAPES	(sizeof(shapes) / sizeof(shapes[0]))

static u16 values[FMC_TILE_MAX_VALUES], expected[FMC_TILE_MAX_VALUES], got[FMC_TILE_MAX_VALUES];
static u8 plain[ROOM], coded[ROOM], znz[ROOM], bpc[ROOM];
static u64 workspace[DCAC_WORKSPACE_BYTES / 8];
static uint64_t random_state = 88172645463325252ull;

static uint32_t random_number(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state >> 16;
}

static void fill(const struct fmc_tile *t, u32 kind)
{
	u32 mask = fmc_value_mask(t->bits), i, v = 0;

	for (i = 0; i < fmc_tile_values(t); i++) {
		u32 r = random_number();

		switch (kind) {
		case 0:
			v = r;
			break;
		case 1:
			v = t->zero + (r % 8 ? 0 : r >> 8 & 63);
			break;
		case 2:
			v = v + r % 7 - 3;
			break;
		case 3:
			v = r & 1 ? mask : 0;
			break;
		case 4:
			v = t->zero;
			break;
		case 5:
			v = (i / t->w * 3 + i % t->w * 5 + r % 4) / 2;
			break;
		default:
			v = t->zero + (i % 300 < 150 ? r % 40 : 0);
		}
		values[i] = v & mask;
	}
}

static u32 encode(const struct fmc_tile_coders *c, u32 codec, const struct fmc_tile *t, u8 *out,
		  u32 room)
{
	memset(workspace, random_number(), sizeof(workspace));
	switch (codec) {
	case 0:
		return dcac_tile_encode(c, t, values, out, room, workspace);
	case 1:
		return ebpc_tile_encode(c, t, values, out, room, workspace);
	default:
		return zvc_tile_encode(c, t, values, out, room);
	}
}

static int decode(const struct fmc_tile_coders *c, u32 codec, const struct fmc_tile *t,
		  const u8 *in, u32 bytes, u16 *to)
{
	/* a copy of exactly the size, so that the sanitizer sees any byte beyond */
	u8 *copy = malloc(bytes ? bytes : 1);
	int ret;

	memcpy(copy, in, bytes);
	memset(workspace, random_number(), sizeof(workspace));
	memset(to, 0xa5, sizeof(values));
	switch (codec) {
	case 0:
		ret = dcac_tile_decode(c, t, copy, bytes, to, workspace);
		break;
	case 1:
		ret = ebpc_tile_decode(c, t, copy, bytes, to, workspace);
		break;
	default:
		ret = zvc_tile_decode(c, t, copy, bytes, to);
	}
	free(copy);
	return ret;
}

/* What ebpc.c makes of the values. */
static u32 encode_reference(const struct fmc_tile *t, u8 *out)
{
	struct ebpc_params params = { t->bits, t->bits, 16 };
	u64 znz_bytes = ROOM, bpc_bytes = ROOM;
	struct ebpc_encoder e;
	u32 i;

	ebpc_encode_init(&e, &params, znz, ROOM, bpc, ROOM);
	for (i = 0; i < fmc_tile_values(t); i++) {
		u16 v = values[i] - t->zero;

		ebpc_encode(&e, &v, 1);
	}
	ebpc_encode_end(&e, &znz_bytes, &bpc_bytes);
	fmc_put_value(out, znz_bytes, 16);
	memcpy(out + 2, znz, znz_bytes);
	memcpy(out + 2 + znz_bytes, bpc, bpc_bytes);
	return 2 + znz_bytes + bpc_bytes;
}

static struct fmc_tile random_tile(u32 round)
{
	static const u32 zeros[] = { 0, 0x80, 255, 0, 0x8000, 77 };
	struct fmc_tile t = shapes[round % SHAPES];
	u32 type = random_number() % 6;

	t.bits = type < 3 ? 8 : 16;
	t.zero = zeros[type];
	return t;
}

TEST(ebpc_is_that_of_values_one_by_one)
{
	u32 round, bytes;

	for (round = 0; round < rounds(200); round++) {
		struct fmc_tile t = random_tile(round);

		fill(&t, random_number() % 7);
		bytes = encode_reference(&t, plain);
		ASSERT_EQ(bytes, encode(&fmc_tile_coders_scalar, 1, &t, coded, ROOM));
		ASSERT_EQ(0, memcmp(plain, coded, bytes));
	}
}

TEST(all_cpus_give_the_same)
{
	u32 round, bytes;
	enum fmc_cpu cpu;

	for (round = 0; round < rounds(300); round++) {
		struct fmc_tile t = random_tile(round / 3);
		u32 codec = round % 3, room, damage, i;
		int ret;

		fill(&t, random_number() % 7);
		bytes = encode(&fmc_tile_coders_scalar, codec, &t, plain, ROOM);
		ASSERT_NE(0, bytes);
		ASSERT_EQ(0, decode(&fmc_tile_coders_scalar, codec, &t, plain, bytes, expected));
		ASSERT_EQ(0, memcmp(values, expected, 2 * fmc_tile_values(&t)));
		for (cpu = FMC_CPU_AVX2; cpu < FMC_CPUS; cpu++) {
			const struct fmc_tile_coders *c;

			if (!test_has_cpu(cpu))
				continue;
			c = fmc_kernels_get(cpu)->tiles;
			room = random_number() % 2 ? bytes : ROOM;
			ASSERT_EQ(bytes, encode(c, codec, &t, coded, room));
			ASSERT_EQ(0, memcmp(plain, coded, bytes));
			ASSERT_EQ(0, encode(c, codec, &t, coded, bytes - 1));
			ASSERT_EQ(0, decode(c, codec, &t, plain, bytes, got));
			ASSERT_EQ(0, memcmp(values, got, 2 * fmc_tile_values(&t)));
			/* what nobody wrote */
			for (damage = 0; damage < 6; damage++) {
				u32 cut = damage % 2 ? random_number() % (bytes + 1) : bytes;

				memcpy(coded, plain, bytes);
				for (i = 0; i < damage; i++)
					coded[random_number() % bytes] ^= 1 << random_number() % 8;
				ret = decode(&fmc_tile_coders_scalar, codec, &t, coded, cut, expected);
				ASSERT_EQ(ret, decode(c, codec, &t, coded, cut, got));
				ASSERT_EQ(0, memcmp(expected, got, 2 * fmc_tile_values(&t)));
			}
		}
	}
}

/* Are values of a lane those that a tile on its own has? */
static bool lane_is(const struct fmc_tile *t, const void *lane, const u16 *v)
{
	u32 i;

	if (t->bits == 16)
		return !memcmp(lane, v, 2 * fmc_tile_values(t));
	for (i = 0; i < fmc_tile_values(t); i++)
		if (((const u8 *)lane)[i] != v[i])
			return false;
	return true;
}

static void damage_some(u8 *bytes, u32 *count)
{
	u32 i;

	switch (random_number() % 8) {
	case 0:
		*count = random_number() % (*count + 1);
		break;
	case 1:
		for (i = random_number() % 5; *count && i--; )
			bytes[random_number() % *count] ^= 1 << random_number() % 8;
		break;
	case 2:
		memset(bytes, random_number() % 2 ? 0xff : 0, *count / 2);
		break;
	case 3:
		for (i = 2; i < *count; i++)
			bytes[i] = random_number();
	}
}

/* Tiles that are decoded together, of any sizes, some of them damaged. */
TEST(ebpc_lanes_are_tiles)
{
	static u64 lanes[EBPC_LANES_WORKSPACE_BYTES / 8];
	static u16 taken[FMC_TILE_MAX_VALUES];
	const struct fmc_tile_coders *c = fmc_kernels_get(FMC_CPU_AVX512)->tiles;
	struct fmc_coded_tile tiles[EBPC_LANES];
	u32 round, i, count, good, all_good = 0, all_bad = 0;

	if (!test_has_cpu(FMC_CPU_AVX512))
		SKIP(return, "no AVX-512");
	for (round = 0; round < rounds(150); round++) {
		struct fmc_tile first = random_tile(round), t;

		count = 1 + random_number() % ebpc_lanes(first.bits);
		for (i = 0; i < count; i++) {
			u8 *copy;

			t = random_tile(round % 3 ? round : random_number());
			t.bits = first.bits;
			t.zero = first.zero;
			fill(&t, random_number() % 7);
			tiles[i].tile = t;
			tiles[i].bytes = encode(&fmc_tile_coders_scalar, 1, &t, coded, ROOM);
			if (round % 2)
				damage_some(coded, &tiles[i].bytes);
			copy = malloc(tiles[i].bytes + 1);
			memcpy(copy, coded, tiles[i].bytes);
			/* exactly the size, so that the sanitizer sees any byte beyond */
			tiles[i].in = realloc(copy, tiles[i].bytes ? tiles[i].bytes : 1);
		}
		memset(lanes, random_number(), sizeof(lanes));
		good = ebpc_decode_lanes(c, tiles, count, lanes);
		ASSERT_EQ(0, (u64)good >> count);
		for (i = 0; i < count; i++) {
			int ret = decode(&fmc_tile_coders_scalar, 1, &tiles[i].tile, tiles[i].in,
					 tiles[i].bytes, expected);

			/* longer ones are not tried: a payload has them as they are */
			if (tiles[i].bytes <= fmc_tile_raw_bytes(&tiles[i].tile))
				ASSERT_EQ(!ret, good >> i & 1);
			if (good >> i & 1) {
				all_good++;
				ASSERT_EQ(0, ret);
				memset(taken, 0xa5, sizeof(taken));
				ebpc_take_lane(c, &tiles[i].tile, i, taken, lanes);
				ASSERT_TRUE(lane_is(&tiles[i].tile, taken, expected));
			} else {
				all_bad++;
			}
			free((void *)tiles[i].in);
		}
	}
	EXPECT_LT(rounds(150) / 2, all_good);
	EXPECT_LT(rounds(150) / 15, all_bad);
}

/* Some at once, mostly of one shape, some of them damaged. */
TEST(dcac_together_are_tiles)
{
	static const struct fmc_tile full[] = {
		{ 32, 32, 16 }, { 16, 16, 64 }, { 26, 26, 24 }, { 4, 256, 16 }, { 128, 8, 16 },
		{ 31, 17, 31 }, { 2, 32, 256 }, { 13, 13, 96 },
	};
	static u64 all[DCAC_TILES_MAX * DCAC_WORKSPACE_BYTES / 8];
	static u16 taken[FMC_TILE_MAX_VALUES];
	const struct fmc_tile_coders *c = fmc_kernels_get(FMC_CPU_AVX512)->tiles;
	struct fmc_coded_tile tiles[DCAC_TILES_MAX];
	u32 round, i, count, good, all_good = 0, all_bad = 0;

	if (!test_has_cpu(FMC_CPU_AVX512))
		SKIP(return, "no AVX-512");
	for (round = 0; round < rounds(200); round++) {
		struct fmc_tile shape = full[random_number() % 8];
		bool mixed = round % 5 == 4;

		count = 1 + random_number() % DCAC_TILES_MAX;
		for (i = 0; i < count; i++) {
			struct fmc_tile t = random_tile(random_number());
			u8 *copy;

			if (!mixed) {
				t.w = shape.w;
				t.h = shape.h;
				t.c = shape.c;
			}
			fill(&t, random_number() % 7);
			tiles[i].tile = t;
			tiles[i].bytes = encode(&fmc_tile_coders_scalar, 0, &t, coded, ROOM);
			if (round % 2 && random_number() % 2)
				damage_some(coded, &tiles[i].bytes);
			copy = malloc(tiles[i].bytes + 1);
			memcpy(copy, coded, tiles[i].bytes);
			tiles[i].in = realloc(copy, tiles[i].bytes ? tiles[i].bytes : 1);
		}
		memset(all, random_number(), sizeof(all));
		good = dcac_decode_tiles(c, tiles, count, all);
		ASSERT_EQ(0, good >> count);
		/* an odd one is left */
		if (!(round % 2) && !mixed)
			ASSERT_EQ(count & ~1u, (u32)__builtin_popcount(good));
		for (i = 0; i < count; i++) {
			int ret = decode(&fmc_tile_coders_scalar, 0, &tiles[i].tile, tiles[i].in,
					 tiles[i].bytes, expected);

			if (good >> i & 1) {
				all_good++;
				ASSERT_EQ(0, ret);
				memset(taken, 0xa5, sizeof(taken));
				dcac_take_tile(c, i, taken, all);
				ASSERT_EQ(0, memcmp(expected, taken,
						    2 * fmc_tile_values(&tiles[i].tile)));
			} else if (ret) {
				all_bad++;
			}
			free((void *)tiles[i].in);
		}
	}
	EXPECT_LT(rounds(200), all_good);
	EXPECT_LT(rounds(200) / 15, all_bad);
}

TEST_HARNESS_MAIN
