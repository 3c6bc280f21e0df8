// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * asc_vbr.c: its format by hand, round trips within the bound, and tiles that nobody wrote.
 */

#include <pthread.h>
#include <stdlib.h>

#include "ascdev_harness.h"

#include "asc_vbr.h"
#include "cpus.h"
#include "rounds.h"

static u8 workspace[ASC_VBR_WORKSPACE_BYTES] __attribute__((aligned(4)));
static u16 values[FMC_TILE_MAX_VALUES], decoded[FMC_TILE_MAX_VALUES], back[FMC_TILE_MAX_VALUES];

static uint64_t random_state = 88172645463325252ull;

static uint32_t random_number(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state >> 16;
}

static struct fmc_tile random_tile(void)
{
	static const u16 zeros[] = { 0, 0, 0x80, 0x8000, 0xffff, 1, 100, 60000 };
	struct fmc_tile tile = { .bits = random_number() & 1 ? 8 : 16 };

	do {
		tile.w = 1 + random_number() % (random_number() % 8 ? 40 : 400);
		if (!(random_number() % 8))
			tile.w = 1 + random_number() % 3;
		tile.h = 1 + random_number() % 20;
		tile.c = 1 + random_number() % (random_number() % 8 ? 4 : 50);
	} while (fmc_tile_values(&tile) > FMC_TILE_MAX_VALUES);
	tile.zero = zeros[random_number() % 8] & ((1u << tile.bits) - 1);
	return tile;
}

static u32 random_step(const struct fmc_tile *tile)
{
	u32 max = (1u << tile->bits) - 1;

	switch (random_number() % 4) {
	case 0:
		return 1;
	case 1:
		return 1 + random_number() % 9;
	case 2:
		return 1 + random_number() % max;
	default:
		return random_number() & 1 ? max : max - 1;
	}
}

static void random_values(const struct fmc_tile *tile)
{
	u32 max = (1u << tile->bits) - 1, kind = 0, i;

	for (i = 0; i < fmc_tile_values(tile); i++) {
		u32 r = random_number();

		if (i % 100 == 0)
			kind = random_number() % 8;
		switch (kind) {
		case 0:
			r = tile->zero;
			break;
		case 1:
			r = 17;
			break;
		case 2:
			r = r % 4 ? tile->zero : r >> 8;
			break;
		case 3:
			r = i * 3 + r % 4;
			break;
		case 4:
			r = i >= tile->w ? values[i - tile->w] + r % 3 : r;
			break;
		case 5:
			r = r & 64 ? max : 0;
			break;
		case 6:
			r = tile->zero + r % 8 - 4u;
			break;
		}
		values[i] = r & max;
	}
}

/* The worked example of asc-vbr.rst. */
TEST(worked_example)
{
	static const struct fmc_tile tile = { 8, 5, 1, 8, 0 };
	static const u16 input[40] = {
		0, 0, 9, 0, 0, 0, 0, 31,
		0, 0, 0, 0, 4, 0, 0, 0,
		0, 0, 0, 12, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 22, 0, 0,
		60, 64, 67, 71, 70, 66, 61, 60,
	};
	static const u16 output[40] = {
		0, 0, 9, 0, 0, 0, 0, 30,
		0, 0, 0, 0, 3, 0, 0, 0,
		0, 0, 0, 12, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 21, 0, 0,
		60, 63, 66, 72, 69, 66, 60, 60,
	};
	static const u8 expected[] = {
		0x03, 0x00, 0x07, 0x22, 0x84, 0x10, 0x08, 0x20,
		0xc6, 0xa2, 0xd4, 0x00, 0xb9, 0x00, 0xdc, 0x07,
	};
	u8 out[sizeof(expected)];

	ASSERT_EQ(sizeof(expected), asc_vbr_tile_encode(&asc_vbr_kernels_scalar, &tile, 3, input, out, sizeof(out), NULL,
							workspace));
	EXPECT_EQ(0, memcmp(expected, out, sizeof(expected)));
	ASSERT_EQ(0, asc_vbr_tile_decode(&asc_vbr_kernels_scalar, &tile, expected, sizeof(expected), back, workspace));
	EXPECT_EQ(0, memcmp(output, back, sizeof(output)));
}

/*
 * Size as announced and no byte beyond, what the encoder says is what the decoder
 * gives, the bound holds, zero is exact.
 */
TEST(round_trips)
{
	u32 round, i;

	for (round = 0; round < rounds(4000); round++) {
		struct fmc_tile tile = random_tile();
		u32 step = random_step(&tile), bytes;
		u8 *out;

		random_values(&tile);
		bytes = asc_vbr_tile_bytes(&asc_vbr_kernels_scalar, &tile, step, values, workspace);
		ASSERT_LT(0, bytes);
		out = malloc(bytes);
		memset(workspace, round, sizeof(workspace));
		ASSERT_EQ(0, asc_vbr_tile_encode(&asc_vbr_kernels_scalar, &tile, step, values, out, bytes - 1, NULL,
						 workspace));
		ASSERT_EQ(bytes, asc_vbr_tile_encode(&asc_vbr_kernels_scalar, &tile, step, values, out, bytes, decoded,
						     workspace));
		ASSERT_EQ(0, asc_vbr_tile_decode(&asc_vbr_kernels_scalar, &tile, out, bytes, back, workspace));
		for (i = 0; i < fmc_tile_values(&tile); i++) {
			ASSERT_EQ(decoded[i], back[i]);
			ASSERT_LE(abs(values[i] - back[i]), step / 2);
			ASSERT_EQ(0, back[i] >> (tile.bits - 1) >> 1);
			if (values[i] == tile.zero)
				ASSERT_EQ(tile.zero, back[i]);
		}
		free(out);
	}
}

/* Errors cancel out over all values of a type, on each side of zero. */
TEST(unbiased)
{
	static const u32 steps[] = { 2, 3, 4, 5, 6, 7, 8, 12, 16, 31, 64, 100, 1000, 4096 };
	struct fmc_tile tile = { 128, 128, 1, 16, 0x8000 };
	u32 k, part, i, side;

	for (k = 0; k < sizeof(steps) / sizeof(steps[0]); k++) {
		s64 error[2] = { 0, 0 };
		u8 *out = malloc(65536);
		u32 bytes;

		for (part = 0; part < 4; part++) {
			for (i = 0; i < 16384; i++)
				values[i] = part << 14 | i;
			bytes = asc_vbr_tile_encode(&asc_vbr_kernels_scalar, &tile, steps[k], values, out, 65536, NULL,
						    workspace);
			ASSERT_EQ(0, asc_vbr_tile_decode(&asc_vbr_kernels_scalar, &tile, out, bytes, back, workspace));
			for (i = 0; i < 16384; i++)
				error[part / 2] += back[i] - values[i];
		}
		for (side = 0; side < 2; side++) {
			/* whole intervals cancel out; a part of one is left at each end */
			EXPECT_LE(error[side], (s64)steps[k] * steps[k] / 4);
			EXPECT_GE(error[side], -(s64)steps[k] * steps[k] / 4);
		}
		free(out);
	}
}

TEST(sizes)
{
	struct fmc_tile tile = { 64, 16, 4, 8, 0 };
	u32 i;

	/* 2 + 128 / 4 + 128 / 2: headers only */
	memset(values, 0, sizeof(values));
	EXPECT_EQ(98, asc_vbr_tile_bytes(&asc_vbr_kernels_scalar, &tile, 1, values, workspace));
	/* a constant is paid for once: 32 values, of 14 bits at most */
	for (i = 0; i < 4096; i++)
		values[i] = 200;
	EXPECT_GE(98 + 32 * 14 / 8, asc_vbr_tile_bytes(&asc_vbr_kernels_scalar, &tile, 1, values, workspace));
	/* noise costs little more than its bits */
	for (i = 0; i < 4096; i++)
		values[i] = random_number() & 0xff;
	EXPECT_GE(4096 * 108 / 100, asc_vbr_tile_bytes(&asc_vbr_kernels_scalar, &tile, 1, values, workspace));
	/* signs are free where no value is below zero, and where only small ones are */
	tile.bits = 16;
	tile.zero = 0x8000;
	for (i = 0; i < 4096; i++)
		values[i] = 0x8000 + random_number() % 4096;
	EXPECT_GE(4096 * 129 / 80, asc_vbr_tile_bytes(&asc_vbr_kernels_scalar, &tile, 1, values, workspace));
	for (i = 0; i < 4096; i += 5)
		values[i] = 0x8000 - 3;
	EXPECT_GE(4096 * 129 / 80, asc_vbr_tile_bytes(&asc_vbr_kernels_scalar, &tile, 1, values, workspace));
	/* one value */
	tile.bits = 8;
	tile.zero = 0;
	tile.w = 1;
	tile.h = 1;
	tile.c = 1;
	EXPECT_GE(6, asc_vbr_tile_bytes(&asc_vbr_kernels_scalar, &tile, 1, values, workspace));
}

TEST(invalid_steps)
{
	struct fmc_tile tile = { 4, 4, 1, 8, 0 };
	u8 out[64];

	EXPECT_EQ(0, asc_vbr_tile_bytes(&asc_vbr_kernels_scalar, &tile, 0, values, workspace));
	EXPECT_EQ(0, asc_vbr_tile_bytes(&asc_vbr_kernels_scalar, &tile, 256, values, workspace));
	EXPECT_EQ(0, asc_vbr_tile_encode(&asc_vbr_kernels_scalar, &tile, 0, values, out, 64, NULL, workspace));
	EXPECT_EQ(0, asc_vbr_tile_encode(&asc_vbr_kernels_scalar, &tile, 256, values, out, 64, NULL, workspace));
	tile.bits = 16;
	EXPECT_EQ(0, asc_vbr_tile_bytes(&asc_vbr_kernels_scalar, &tile, 65536, values, workspace));
	EXPECT_LT(0, asc_vbr_tile_bytes(&asc_vbr_kernels_scalar, &tile, 256, values, workspace));
}

/* Decodes @bytes of @in from memory of that size, and checks what can be. */
static int decode_any(struct __test_metadata *_metadata, const struct fmc_tile *tile,
		      const u8 *in, u32 bytes)
{
	u8 *exact = malloc(bytes);
	u32 i;
	int ret;

	memcpy(exact, in, bytes);
	memset(back, 0xee, sizeof(back));
	ret = asc_vbr_tile_decode(&asc_vbr_kernels_scalar, tile, exact, bytes, back, workspace);
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
	static u8 out[65536];
	u32 round, bytes, i;

	for (round = 0; round < rounds(4000); round++) {
		struct fmc_tile tile = random_tile();

		random_values(&tile);
		bytes = asc_vbr_tile_encode(&asc_vbr_kernels_scalar, &tile, random_step(&tile), values, out, sizeof(out),
					    NULL, workspace);
		ASSERT_LT(0, bytes);
		ASSERT_EQ(-EBADMSG, decode_any(_metadata, &tile, out, bytes - 1));
		ASSERT_EQ(-EBADMSG, decode_any(_metadata, &tile, out, random_number() % bytes));
		out[bytes] = random_number();
		ASSERT_EQ(-EBADMSG, decode_any(_metadata, &tile, out, bytes + 1));
		for (i = 0; i < 10; i++) {
			out[random_number() % bytes] ^= 1 << random_number() % 8;
			decode_any(_metadata, &tile, out, bytes);
		}
		for (i = random_number() % bytes; i < bytes; i++)
			out[i] = round & 1 ? random_number() : 0;
		decode_any(_metadata, &tile, out, bytes);
		for (i = 0; i < bytes; i++)
			out[i] = random_number();
		decode_any(_metadata, &tile, out, bytes);
	}
}

static const struct asc_vbr_kernels *kernels_of(enum fmc_cpu cpu)
{
	return fmc_kernels_get(cpu)->vbr;
}

/* Encodes as any CPU does, from memory of just that size. */
static void check_encode(struct __test_metadata *_metadata, const struct fmc_tile *tile, u32 step,
			 enum fmc_cpu cpu, const u8 *expected, u32 bytes)
{
	struct asc_vbr_errors sums = { 0 }, errors;
	u8 *out = malloc(bytes);
	struct asc_vbr_ahead ahead = { .at = (unsigned long)out, .height = 1, .left = 1 };

	memset(workspace, cpu + step, sizeof(workspace));
	ASSERT_EQ(bytes, asc_vbr_tile_bytes(kernels_of(cpu), tile, step, values, workspace));
	ASSERT_EQ(bytes, asc_vbr_tile_encode(kernels_of(cpu), tile, step, values, out, bytes, back,
					     workspace));
	ASSERT_EQ(0, memcmp(expected, out, bytes));
	ASSERT_EQ(0, memcmp(decoded, back, fmc_tile_values(tile) * 2));
	memset(out, 0, bytes);
	ASSERT_EQ(bytes, asc_vbr_tile_encode_errors(kernels_of(cpu), tile, step, values, out,
						    bytes, NULL, &errors, &ahead, workspace));
	ASSERT_EQ(0, memcmp(expected, out, bytes));
	asc_vbr_kernels_scalar.add_errors(values, decoded, fmc_tile_values(tile), &sums);
	ASSERT_EQ(sums.sum_abs, errors.sum_abs);
	ASSERT_EQ(sums.sum_sq, errors.sum_sq);
	ASSERT_EQ(sums.max_abs, errors.max_abs);
	free(out);
}

static void check_encode_bytes(struct __test_metadata *_metadata, const struct fmc_tile *tile,
			       u32 step, enum fmc_cpu cpu, const u8 *expected, u32 bytes)
{
	struct asc_vbr_errors sums = { 1, 2, 0 }, errors = { 1, 2, 0 };
	u32 n = fmc_tile_values(tile), i;
	u8 *out = malloc(bytes), *exact = malloc(n);
	struct asc_vbr_ahead ahead = { .at = (unsigned long)exact, .height = 1, .left = 1 };

	if (tile->bits == 8 && kernels_of(cpu)->bytes) {
		for (i = 0; i < n; i++)
			exact[i] = values[i];
		memset(workspace, cpu + step, sizeof(workspace));
		if (kernels_of(cpu)->bytes->count)
			ASSERT_EQ(bytes, asc_vbr_bytes_size(kernels_of(cpu), tile, step, exact,
							    workspace));
		ASSERT_EQ(0, asc_vbr_bytes_encode(kernels_of(cpu), tile, step, exact, out,
						  bytes - 1, &errors, &ahead, workspace));
		ASSERT_EQ(bytes, asc_vbr_bytes_encode(kernels_of(cpu), tile, step, exact, out,
						      bytes, &errors, &ahead, workspace));
		ASSERT_EQ(0, memcmp(expected, out, bytes));
		asc_vbr_kernels_scalar.add_errors(values, decoded, n, &sums);
		ASSERT_EQ(sums.sum_abs, errors.sum_abs);
		ASSERT_EQ(sums.sum_sq, errors.sum_sq);
		ASSERT_EQ(sums.max_abs, errors.max_abs);
	}
	free(exact);
	free(out);
}

/*
 * Rows apart from one another, in memory that ends behind the last one: they hold what
 * @decoded is, and what lies between them stays.
 */
static void check_rows(struct __test_metadata *_metadata, const struct fmc_tile *tile,
		       enum fmc_cpu cpu, const u8 *in, u32 bytes, int ret)
{
	u32 size = tile->bits / 8, gap = random_number() % 70, x, y, c, i;
	u64 row = (u64)tile->w * size + gap, plane = tile->h * row + random_number() % 70;
	u64 reach = (tile->c - 1) * plane + (tile->h - 1) * row + (u64)tile->w * size;
	u32 flip = random_number() & 1 ? 1u << (tile->bits - 1) : 0;
	u8 *out = malloc(reach), mark = random_number();
	struct fmc_rows rows = { .row = row, .plane = plane, .flip = flip };
	struct asc_vbr_ahead ahead = { .height = 1, .left = 1 };
	bool done;

	/* what is never stepped over may be anything */
	if (tile->h == 1)
		rows.row = ~0ull;
	if (tile->c == 1)
		rows.plane = ~0ull;
	memset(out, mark, reach);
	done = asc_vbr_rows_decode(kernels_of(cpu), tile, in, bytes, &rows, out, &ahead,
				   workspace);
	ASSERT_FALSE(done && ret);
	for (i = 0, c = 0; c < tile->c; c++) {
		for (y = 0; y < tile->h; y++) {
			u64 at = c * plane + y * row, end = at + (u64)tile->w * size;

			for (x = 0; done && x < tile->w; x++, i++, at += size)
				ASSERT_EQ(decoded[i] ^ flip, fmc_get_value(out + at, tile->bits));
			for (; at < (done ? end + gap : end) && at < reach; at++)
				ASSERT_EQ(mark, out[at]);
		}
	}
	free(out);
}

static void check_decode(struct __test_metadata *_metadata, const struct fmc_tile *tile,
			 enum fmc_cpu cpu, const u8 *in, u32 bytes)
{
	u8 *exact = malloc(bytes);
	int ret;

	memcpy(exact, in, bytes);
	memset(workspace, cpu, sizeof(workspace));
	ret = asc_vbr_tile_decode(&asc_vbr_kernels_scalar, tile, exact, bytes, decoded, workspace);
	memset(workspace, cpu + 100, sizeof(workspace));
	ASSERT_EQ(ret, asc_vbr_tile_decode(kernels_of(cpu), tile, exact, bytes, back, workspace));
	ASSERT_EQ(0, memcmp(decoded, back, fmc_tile_values(tile) * 2));
	if (tile->bits == 8 && kernels_of(cpu)->bytes && kernels_of(cpu)->bytes->decode) {
		u32 n = fmc_tile_values(tile), i;
		u8 *out = malloc(n);
		int got = asc_vbr_bytes_decode(kernels_of(cpu), tile, exact, bytes, out,
					       workspace);

		ASSERT_TRUE(got == ret || got == 1);
		for (i = 0; got != 1 && i < n; i++)
			ASSERT_EQ(decoded[i], out[i]);
		free(out);
	}
	check_rows(_metadata, tile, cpu, exact, bytes, ret);
	free(exact);
}

/* Heads of a tile that make sense, and what comes then does or does not. */
static void damage(const struct fmc_tile *tile, u8 *out, u32 bytes, u32 kind)
{
	u32 head = tile->bits / 4, from = random_number() % bytes, i;

	switch (kind) {
	case 0:
		out[random_number() % bytes] ^= 1 << random_number() % 8;
		break;
	case 1:
		for (i = from < head ? head : from; i < bytes; i++)
			out[i] = random_number() & random_number() & random_number();
		break;
	case 2:
		/* few ones: long numbers */
		for (i = from < head ? head : from; i < bytes; i++)
			out[i] = random_number() % 40 ? 0 : 1 << random_number() % 8;
		break;
	case 3:
		/* any modes without masks, which are as valid as those that were chosen */
		for (i = 0; i < asc_vbr_blocks(fmc_tile_values(tile)); i++) {
			u8 *modes = out + head + i / 4, shift = i % 4 * 2;

			if ((*modes >> shift & 3) != ASC_VBR_ZVC)
				*modes = (*modes & ~(3 << shift)) | random_number() % 3 << shift;
		}
		break;
	default:
		for (i = from < head ? head : from; i < bytes; i++)
			out[i] = random_number();
	}
}

TEST(cpus_agree)
{
	static u8 out[1 << 17], damaged[1 << 17];
	enum fmc_cpu cpu;
	u32 round, kind;

	for (round = 0; round < rounds(4000); round++) {
		struct fmc_tile tile = random_tile();
		u32 step = random_step(&tile), bytes;

		random_values(&tile);
		bytes = asc_vbr_tile_encode(&asc_vbr_kernels_scalar, &tile, step, values, out,
					    sizeof(out), decoded, workspace);
		ASSERT_LT(0, bytes);
		for (cpu = FMC_CPU_SCALAR + 1; cpu < FMC_CPUS; cpu++) {
			if (!test_has_cpu(cpu))
				continue;
			check_encode(_metadata, &tile, step, cpu, out, bytes);
			check_encode_bytes(_metadata, &tile, step, cpu, out, bytes);
		}
		for (kind = 0; kind < 6; kind++) {
			memcpy(damaged, out, bytes);
			if (kind < 5)
				damage(&tile, damaged, bytes, kind);
			for (cpu = FMC_CPU_SCALAR + 1; cpu < FMC_CPUS; cpu++) {
				if (test_has_cpu(cpu))
					check_decode(_metadata, &tile, cpu, damaged, bytes);
			}
		}
	}
}

static u8 changing[40000];
static u32 changing_bytes;
static bool stopping;

static void *change(void *unused)
{
	u64 state = 1;

	while (!__atomic_load_n(&stopping, __ATOMIC_RELAXED)) {
		state = state * 6364136223846793005ull + 1442695040888963407ull;
		((volatile u8 *)changing)[(state >> 33) % changing_bytes] = state >> 24;
	}
	return unused;
}

/* Another thread writes to the tile; modes, masks and widths are the first of it. */
TEST(changing_tile_is_safe)
{
	struct fmc_tile tile = { 33, 31, 4, 16, 0x8000 };
	pthread_t thread;
	u32 round, i;

	random_values(&tile);
	changing_bytes = asc_vbr_tile_encode(&asc_vbr_kernels_scalar, &tile, 5, values, changing, sizeof(changing), NULL,
					     workspace);
	ASSERT_LT(0, changing_bytes);
	ASSERT_EQ(0, pthread_create(&thread, NULL, change, NULL));
	for (round = 0; round < 500; round++) {
		enum fmc_cpu cpu = round % FMC_CPUS;
		u8 *exact = malloc(changing_bytes);
		int ret;

		memset(back, 0xee, sizeof(back));
		ret = asc_vbr_tile_decode(kernels_of(test_has_cpu(cpu) ? cpu : FMC_CPU_SCALAR),
					  &tile, changing, changing_bytes, back, workspace);
		ASSERT_TRUE(!ret || ret == -EBADMSG);
		for (i = 0; ret && i < fmc_tile_values(&tile); i++)
			ASSERT_EQ(0x8000, back[i]);
		/* parts of two states, in memory whose end is watched */
		memcpy(exact, changing, changing_bytes);
		exact[0] |= 1;
		exact[3] = 0;
		decode_any(_metadata, &tile, exact, changing_bytes);
		free(exact);
	}
	__atomic_store_n(&stopping, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
}

TEST_HARNESS_MAIN
