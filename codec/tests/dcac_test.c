// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * dcac_coder.h: round trips, what the planes' correlation gains, golden vectors, and streams
 * that nobody wrote.
 */

#include <pthread.h>
#include <stdlib.h>

#include "ascdev_harness.h"

#include "cpus.h"
#include "dcac.h"

#define ROOM	(FMC_TILE_MAX_VALUES * 4 + 4096)

static const struct fmc_tile shapes[] = {
	{ 1, 1, 1 }, { 2, 1, 1 }, { 1, 2, 1 }, { 1, 1, 2 }, { 3, 3, 256 }, { 1, 1, 16384 },
	{ 1, 1, 5000 }, { 2, 1, 4100 }, { 1, 3, 700 }, { 16384, 1, 1 }, { 1, 16384, 1 },
	{ 32, 32, 16 }, { 31, 17, 31 }, { 13, 13, 48 }, { 6, 6, 128 }, { 128, 128, 1 },
	{ 64, 64, 3 }, { 5, 7, 33 }, { 40, 1, 40 },
};

#define SHAPES	(sizeof(shapes) / sizeof(shapes[0]))

/* Kinds of content. */
enum { ALL_ZERO, ALL_MAX, NOISE, EXTREMES, SPARSE, SMOOTH, RELU, OUTLIERS, KINDS };

static u16 values[FMC_TILE_MAX_VALUES], decoded[FMC_TILE_MAX_VALUES];
static u8 workspace[DCAC_WORKSPACE_BYTES] __attribute__((aligned(8)));
static uint64_t random_state;

static uint32_t random_number(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state >> 16;
}

/* Nothing may depend on what the last tile left. */
static void soil_workspace(void)
{
	memset(workspace, random_number(), sizeof(workspace));
}

static int wave(int x, int y)
{
	return abs((x * 5 + y * 3) % 64 - 32) * 3;
}

static void fill(const struct fmc_tile *t, int kind)
{
	int max = (1 << t->bits) - 1, scale = t->bits == 16 ? 100 : 1, v;
	u32 i;

	random_state = 88172645463325252ull;
	for (i = 0; i < fmc_tile_values(t); i++) {
		int x = i % t->w, y = i / t->w % t->h;
		int noise = random_number() % 7;

		switch (kind) {
		case ALL_ZERO:
			v = t->zero;
			break;
		case ALL_MAX:
			v = max;
			break;
		case NOISE:
			v = random_number() & max;
			break;
		case EXTREMES:
			v = random_number() & 1 ? max : 0;
			break;
		case SPARSE:
			v = t->zero + (noise ? 0 : random_number() % 100);
			break;
		case SMOOTH:
			v = (wave(x, y) + noise) * scale;
			break;
		case RELU:
			v = (wave(x, y) + noise - 40) * scale;
			v = t->zero + (v > 0 ? v : 0);
			break;
		default:
			v = random_number() % 500 ? 0 : random_number() & max;
		}
		values[i] = v < 0 ? 0 : v > max ? max : v;
	}
}

/* Exactly as much room as the stream takes, so that the sanitizer sees any byte beyond. */
static int decode_copy(const struct fmc_tile *t, const u8 *in, u32 bytes)
{
	u8 *copy = malloc(bytes ? bytes : 1);
	int ret;

	memcpy(copy, in, bytes);
	soil_workspace();
	memset(decoded, 0xa5, sizeof(decoded));
	ret = dcac_tile_decode(test_kernels()->tiles, t, copy, bytes, decoded, workspace);
	free(copy);
	return ret;
}

static bool round_trip(const struct fmc_tile *t, u32 *bytes)
{
	static u8 out[ROOM];

	soil_workspace();
	*bytes = dcac_tile_encode(test_kernels()->tiles, t, values, out, ROOM, workspace);
	return *bytes && !decode_copy(t, out, *bytes) &&
	       !memcmp(values, decoded, fmc_tile_values(t) * sizeof(*values));
}

static const struct {
	u32 bits, zero;
} types[] = { { 8, 0 }, { 8, 0x80 }, { 16, 0 }, { 16, 0x8000 }, { 8, 255 }, { 16, 77 } };

TEST(round_trips)
{
	u32 i, k, kind, bytes;

	for (i = 0; i < SHAPES; i++) {
		for (k = 0; k < sizeof(types) / sizeof(types[0]); k++) {
			struct fmc_tile t = shapes[i];

			t.bits = types[k].bits;
			t.zero = types[k].zero;
			for (kind = 0; kind < KINDS; kind++) {
				fill(&t, kind);
				ASSERT_TRUE(round_trip(&t, &bytes))
					TH_LOG("%ux%ux%u, %u bits, zero %u, kind %u", t.w, t.h,
					       t.c, t.bits, t.zero, kind);
			}
		}
	}
}

TEST(random_shapes)
{
	u32 n, bytes;

	for (n = 0; n < 400; n++) {
		struct fmc_tile t = { 0 };
		uint64_t state = 0x9e3779b97f4a7c15ull * (n + 1);

		t.w = 1 + (state >> 20) % (n & 1 ? 5 : 40);
		t.h = 1 + (state >> 30) % (n & 2 ? 5 : 40);
		t.c = 1 + (state >> 40) % (FMC_TILE_MAX_VALUES / t.w / t.h);
		t.bits = n & 4 ? 8 : 16;
		t.zero = n & 8 ? 0 : 1u << (t.bits - 1);
		fill(&t, (state >> 50) % KINDS);
		ASSERT_TRUE(round_trip(&t, &bytes))
			TH_LOG("%ux%ux%u, %u bits, zero %u", t.w, t.h, t.c, t.bits, t.zero);
	}
}

/* Few bytes for little, and little more than the values for noise. */
TEST(sizes)
{
	struct fmc_tile t = { 32, 32, 16, 8, 0 };
	u32 bytes;

	fill(&t, ALL_ZERO);
	ASSERT_TRUE(round_trip(&t, &bytes));
	EXPECT_LT(bytes, 100);
	fill(&t, RELU);
	ASSERT_TRUE(round_trip(&t, &bytes));
	EXPECT_LT(bytes, fmc_tile_raw_bytes(&t) / 2);
	fill(&t, NOISE);
	ASSERT_TRUE(round_trip(&t, &bytes));
	EXPECT_LT(bytes, fmc_tile_raw_bytes(&t) * 106 / 100);
}

/* Planes of noise, each much like the one three before it. */
TEST(planes_correlate)
{
	struct fmc_tile t = { 32, 32, 16, 8, 0 };
	u32 plane = t.w * t.h, alone, related, i;

	fill(&t, NOISE);
	ASSERT_TRUE(round_trip(&t, &alone));
	for (i = 3 * plane; i < fmc_tile_values(&t); i++) {
		u32 v = values[i - 3 * plane] + (values[i] & 3);

		values[i] = v > 255 ? 255 : v;
	}
	ASSERT_TRUE(round_trip(&t, &related));
	EXPECT_LT(related, alone * 2 / 3);
}

/* Too little room is never written over, and enough is enough. */
TEST(capacity)
{
	struct fmc_tile t = { 9, 5, 20, 8, 0x80 };
	static u8 out[ROOM], again[ROOM];
	u32 bytes, room;

	fill(&t, SMOOTH);
	bytes = dcac_tile_encode(test_kernels()->tiles, &t, values, out, ROOM, workspace);
	ASSERT_NE(0, bytes);
	for (room = 0; room < bytes + 3; room++) {
		u8 *tight = malloc(room ? room : 1);
		u32 got;

		soil_workspace();
		got = dcac_tile_encode(test_kernels()->tiles, &t, values, tight, room, workspace);
		EXPECT_EQ(room < bytes ? 0 : bytes, got);
		if (got) {
			memcpy(again, tight, got);
			EXPECT_EQ(0, memcmp(out, again, bytes));
		}
		free(tight);
	}
}

static u64 hash(const u8 *p, u32 bytes)
{
	u64 h = 0xcbf29ce484222325ull;

	while (bytes--)
		h = (h ^ *p++) * 0x100000001b3ull;
	return h;
}

/* The examples of Documentation/dcac.rst. */
TEST(by_hand)
{
	static const struct fmc_tile row = { 4, 1, 1, 8, 0 };
	static const u16 row_values[] = { 0, 0, 0, 7 };
	static const u8 row_bytes[] = { 0x23, 0x00, 0x00, 0xc0, 0x01, 0x00, 0xf8, 0x01,
					0xdf, 0xe1, 0x81, 0x12 };
	u8 out[64];

	EXPECT_EQ(sizeof(row_bytes),
		  dcac_tile_encode(test_kernels()->tiles, &row, row_values, out, sizeof(out), workspace));
	EXPECT_EQ(0, memcmp(row_bytes, out, sizeof(row_bytes)));
	EXPECT_EQ(0, decode_copy(&row, row_bytes, sizeof(row_bytes)));
	EXPECT_EQ(0, memcmp(row_values, decoded, sizeof(row_values)));
}

/* The format on any machine. */
TEST(golden)
{
	static const struct {
		struct fmc_tile t;
		int kind;
		u32 bytes;
		u64 hash;
	} cases[] = {
		{ { 32, 32, 16, 8, 0 }, RELU, 5568, 0x5e1df86700c348e2ull },
		{ { 13, 13, 48, 8, 0x80 }, SMOOTH, 4058, 0xf7a8af82acef79edull },
		{ { 3, 3, 256, 8, 0 }, SPARSE, 467, 0x8e059fb2e521442aull },
		{ { 31, 17, 31, 16, 0x8000 }, RELU, 13499, 0xf37a2eca7f484550ull },
		{ { 6, 6, 128, 16, 0x8000 }, OUTLIERS, 337, 0x62cbad03b2c8a799ull },
		{ { 40, 40, 5, 16, 0 }, SMOOTH, 10823, 0x9664deffa4f719ccull },
	};
	static u8 out[ROOM];
	u32 i, bytes;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fill(&cases[i].t, cases[i].kind);
		bytes = dcac_tile_encode(test_kernels()->tiles, &cases[i].t, values, out, ROOM, workspace);
		EXPECT_EQ(cases[i].bytes, bytes);
		EXPECT_EQ(cases[i].hash, hash(out, bytes))
			TH_LOG("case %u: %u, 0x%llx", i, bytes,
			       (unsigned long long)hash(out, bytes));
	}
}

static bool values_defined(const struct fmc_tile *t)
{
	u32 i;

	for (i = 0; i < fmc_tile_values(t); i++)
		if (decoded[i] >> t->bits)
			return false;
	return true;
}

/* A stream that is cut anywhere, or goes on, is found out. */
TEST(truncated)
{
	struct fmc_tile t = { 6, 6, 40, 8, 0 };
	static u8 out[ROOM];
	u32 bytes, n;

	fill(&t, RELU);
	bytes = dcac_tile_encode(test_kernels()->tiles, &t, values, out, ROOM, workspace);
	for (n = 0; n < bytes + 5; n++) {
		EXPECT_EQ(n == bytes ? 0 : -EBADMSG, decode_copy(&t, out, n));
		EXPECT_TRUE(values_defined(&t));
	}
}

TEST(hostile)
{
	static u8 out[ROOM];
	u32 i, kind, n, k, bytes;

	for (i = 0; i < SHAPES; i++) {
		struct fmc_tile t = shapes[i];

		for (kind = 0; kind < KINDS; kind++) {
			t.bits = kind & 1 ? 16 : 8;
			t.zero = kind & 2 ? 1u << (t.bits - 1) : 0;
			for (n = 0; n < 12; n++) {
				fill(&t, kind);
				bytes = dcac_tile_encode(test_kernels()->tiles, &t, values, out, ROOM, workspace);
				random_state += n * 7919 + 1;
				if (n < 4) {
					/* a few bits of the stream, first those of the header */
					for (k = 0; k <= n; k++) {
						u32 reach = n & 1 || bytes < 20 ? bytes : 20;

						out[random_number() % reach] ^=
							1 << random_number() % 8;
					}
				} else {
					bytes = random_number() % 600;
					for (k = 0; k < bytes; k++)
						out[k] = random_number();
				}
				decode_copy(&t, out, bytes);
				ASSERT_TRUE(values_defined(&t));
			}
		}
	}
}

struct changed {
	u8 *bytes;
	u32 count;
	bool stop;
};

static void *keep_changing(void *arg)
{
	struct changed *c = arg;
	u32 n = 12345;

	while (!__atomic_load_n(&c->stop, __ATOMIC_RELAXED)) {
		u32 reach = n >> 31 ? c->count : 16;	/* or the header */

		n = n * 1664525 + 1013904223;
		__atomic_fetch_xor(&c->bytes[(n >> 8) % reach], 1 << (n >> 5 & 7),
				   __ATOMIC_RELAXED);
	}
	return NULL;
}

/* A stream that another thread changes while it is decoded. */
TEST(changing)
{
	struct fmc_tile t = { 13, 13, 48, 16, 0x8000 };
	static u8 out[ROOM], good[ROOM];
	struct changed c = { .bytes = out };
	pthread_t thread;
	u32 n;

	fill(&t, RELU);
	c.count = dcac_tile_encode(test_kernels()->tiles, &t, values, good, ROOM, workspace);
	ASSERT_GT(c.count, 16);
	memcpy(out, good, c.count);
	ASSERT_EQ(0, pthread_create(&thread, NULL, keep_changing, &c));
	for (n = 0; n < 300; n++) {
		memcpy(out, good, c.count);
		dcac_tile_decode(test_kernels()->tiles, &t, out, c.count, decoded, workspace);
	}
	__atomic_store_n(&c.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
}

TEST_HARNESS_MAIN
