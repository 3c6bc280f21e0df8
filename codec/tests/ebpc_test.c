// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ebpc.c: its format by hand, round trips, bounds, and streams that nobody wrote.
 */

#include <stdlib.h>

#include "ascdev_harness.h"

#include "ebpc.h"
#include "rounds.h"

static const struct ebpc_params all_params[] = {
	{ 8, 8, 16 }, { 16, 16, 16 }, { 16, 8, 16 }, { 8, 16, 16 }, { 8, 8, 8 }, { 8, 8, 2 },
	{ 16, 16, 64 },
};

#define ALL_PARAMS	(sizeof(all_params) / sizeof(all_params[0]))

static uint64_t random_state = 88172645463325252ull;

static uint32_t random_number(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state >> 16;
}

static int encode(const struct ebpc_params *p, const u16 *values, u32 count, u8 *znz,
		  u64 *znz_bytes, u8 *bpc, u64 *bpc_bytes)
{
	struct ebpc_encoder e;
	int ret = ebpc_encode_init(&e, p, znz, *znz_bytes, bpc, *bpc_bytes);

	if (ret)
		return ret;
	/* in parts, which must not show */
	ebpc_encode(&e, values, count / 3);
	ebpc_encode(&e, values + count / 3, count - count / 3);
	return ebpc_encode_end(&e, znz_bytes, bpc_bytes);
}

/*
 * 5 6 7 8 9 10 11 12, two zeros, -1, by the rules of the format: eight times 1, then
 * 0 0001 for the zeros, then 1; padded.  Block: base 5, all differences 1: plane 0 is
 * all ones (00000); then planes of zeros: plane 1 differs from plane 0 in all places
 * but is zero itself (all ones win: 00000); 7 equal planes are one run (001 101).
 * Block: base -1, then zeros: differences 1 0 0 0 0 0 0: plane 0 has one 1 at 0
 * (00011 000); plane 1 is zero (00001); 7 equal planes (001 101).
 */
TEST(by_hand)
{
	static const u16 values[11] = { 5, 6, 7, 8, 9, 10, 11, 12, 0, 0, 0xff };
	static const u8 expected_znz[] = { 0xff, 0x0c };
	/* 00000101 00000 00000 001101 | 11111111 00011000 00001 001101, then padding */
	static const u8 expected_bpc[] = { 0x05, 0x00, 0x0d, 0xff, 0x18, 0x09, 0xa0 };
	u64 znz_bytes = 16, bpc_bytes = 32;
	u8 znz[16], bpc[32];
	struct ebpc_decoder d;
	u16 back[11];

	ASSERT_EQ(0, encode(&all_params[0], values, 11, znz, &znz_bytes, bpc, &bpc_bytes));
	ASSERT_EQ(sizeof(expected_znz), znz_bytes);
	EXPECT_EQ(0, memcmp(expected_znz, znz, znz_bytes));
	ASSERT_EQ(sizeof(expected_bpc), bpc_bytes);
	EXPECT_EQ(0, memcmp(expected_bpc, bpc, bpc_bytes));
	ASSERT_EQ(0, ebpc_decode_init(&d, &all_params[0], znz, znz_bytes, bpc, bpc_bytes));
	ASSERT_EQ(0, ebpc_decode(&d, back, 11));
	EXPECT_EQ(0, memcmp(values, back, sizeof(values)));
}

static u32 random_values(const struct ebpc_params *p, u16 *values)
{
	u32 count = random_number() % 300, kind = random_number() % 5, mask = (1u << p->bits) - 1, i;

	for (i = 0; i < count; i++) {
		u32 r = random_number();

		values[i] = kind == 0 ? r & mask : kind == 1 ? 0 : kind == 2 ? (r % 5 ? 0 : r >> 8 & mask) :
			    kind == 3 ? (i * 3 + r % 4) & mask : (i & 16 ? 1u << (p->bits - 1) : mask >> 1);
	}
	return count;
}

/* Lossless, within the bound, in memory of exactly the size; with less, -ENOSPC. */
TEST(round_trips)
{
	u32 round;

	for (round = 0; round < rounds(20000); round++) {
		const struct ebpc_params *p = &all_params[round % ALL_PARAMS];
		u64 znz_bytes, bpc_bytes, znz_room, bpc_room;
		u16 values[300], back[300];
		u32 count = random_values(p, values);
		struct ebpc_decoder d;
		u8 *znz, *bpc;

		ASSERT_EQ(0, ebpc_bound(p, count, &znz_room, &bpc_room));
		znz_bytes = znz_room;
		bpc_bytes = bpc_room;
		znz = malloc(znz_room);
		bpc = malloc(bpc_room);
		ASSERT_EQ(0, encode(p, values, count, znz, &znz_bytes, bpc, &bpc_bytes));
		ASSERT_LE(znz_bytes, znz_room);
		ASSERT_LE(bpc_bytes, bpc_room);
		ASSERT_EQ(0, ebpc_decode_init(&d, p, znz, znz_bytes, bpc, bpc_bytes));
		ASSERT_EQ(0, ebpc_decode(&d, back, count / 2));
		ASSERT_EQ(0, ebpc_decode(&d, back + count / 2, count - count / 2));
		ASSERT_EQ(0, memcmp(values, back, count * 2));
		if (bpc_bytes) {
			u64 a = znz_bytes, b = bpc_bytes - p->bits / 8;

			ASSERT_EQ(-ENOSPC, encode(p, values, count, znz, &a, bpc, &b));
			ASSERT_EQ(0, ebpc_decode_init(&d, p, znz, 0, bpc, bpc_bytes));
			ASSERT_EQ(-EBADMSG, ebpc_decode(&d, back, 1));
		}
		free(znz);
		free(bpc);
	}
}

/* The worst data there is stays within the bound. */
TEST(bound)
{
	u32 k, i;

	for (k = 0; k < ALL_PARAMS; k++) {
		const struct ebpc_params *p = &all_params[k];
		u64 znz_bytes, bpc_bytes;
		u8 *znz, *bpc;
		u16 values[1024];

		for (i = 0; i < 1024; i++)
			values[i] = 1 + random_number() % ((1u << p->bits) - 1);
		ASSERT_EQ(0, ebpc_bound(p, 1024, &znz_bytes, &bpc_bytes));
		znz = malloc(znz_bytes);
		bpc = malloc(bpc_bytes);
		EXPECT_EQ(0, encode(p, values, 1024, znz, &znz_bytes, bpc, &bpc_bytes));
		for (i = 0; i < 1024; i += 2)
			values[i] = 0;
		ASSERT_EQ(0, ebpc_bound(p, 1024, &znz_bytes, &bpc_bytes));
		EXPECT_EQ(0, encode(p, values, 1024, znz, &znz_bytes, bpc, &bpc_bytes));
		free(znz);
		free(bpc);
	}
}

TEST(any_stream_is_safe)
{
	u32 round, i;

	for (round = 0; round < rounds(50000); round++) {
		const struct ebpc_params *p = &all_params[round % ALL_PARAMS];
		u32 znz_bytes = random_number() % 40, bpc_bytes = random_number() % 60;
		u32 count = random_number() % 200;
		u8 *znz = malloc(znz_bytes), *bpc = malloc(bpc_bytes);
		struct ebpc_decoder d;
		u16 values[200];
		int ret;

		for (i = 0; i < znz_bytes; i++)
			znz[i] = random_number() | (round % 2 ? 0xf0 : 0);
		for (i = 0; i < bpc_bytes; i++)
			bpc[i] = random_number() & (round % 3 ? 0xff : 0x18);
		memset(values, 0xee, sizeof(values));
		ASSERT_EQ(0, ebpc_decode_init(&d, p, znz, znz_bytes, bpc, bpc_bytes));
		ret = ebpc_decode(&d, values, count);
		ASSERT_TRUE(!ret || ret == -EBADMSG);
		for (i = 0; i < count; i++)
			ASSERT_EQ(0, values[i] >> (p->bits - 1) >> 1);
		free(znz);
		free(bpc);
	}
}

TEST(parameters)
{
	static const struct ebpc_params bad[] = {
		{ 0, 8, 16 }, { 12, 8, 16 }, { 8, 4, 16 }, { 8, 32, 16 }, { 8, 8, 1 }, { 8, 8, 12 },
		{ 8, 8, 128 }, { 8, 0, 16 }, { 32, 8, 16 },
	};
	struct ebpc_encoder e;
	struct ebpc_decoder d;
	u64 a, b;
	u32 i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		EXPECT_EQ(-EINVAL, ebpc_bound(&bad[i], 1, &a, &b));
		EXPECT_EQ(-EINVAL, ebpc_encode_init(&e, &bad[i], NULL, 0, NULL, 0));
		EXPECT_EQ(-EINVAL, ebpc_decode_init(&d, &bad[i], NULL, 0, NULL, 0));
	}
	EXPECT_EQ(-EINVAL, ebpc_bound(&all_params[0], 1ull << 41, &a, &b));
}

TEST_HARNESS_MAIN
