/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The vectors of golden_codecs.inc and their inputs, for tests in the kernel and out of
 * it.  Who includes this has abs().
 */
#ifndef ASCDEV_CODEC_TESTS_GOLDEN_H
#define ASCDEV_CODEC_TESTS_GOLDEN_H

#include "codec.h"

struct vector {
	u32 codec, dtype;
	u32 dim[FMC_DIMS];
	s32 zero_point;
	struct asc_cbr_block block;
	u32 effort, reorder, max_error, target_bpe, profile;
	u32 coded_as;
	u64 bytes, payload_hash, values_hash;
};

static const struct vector vectors[] = {
#include "golden_codecs.inc"
};

/* The inputs of the vectors.  Changing them changes the vectors. */

static u32 random_u32(u32 *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* Bits of a value of any type; small numbers are small distances from the zero point. */
static u32 value_of(const struct vector *v, int number)
{
	u32 magnitude = abs(number);

	switch (v->dtype) {
	case FMC_F16:
		return magnitude ? (number < 0 ? 0x8000 : 0) | (0x3400 + magnitude * 19) : 0;
	case FMC_BF16:
		return magnitude ? (number < 0 ? 0x8000 : 0) | (0x3f00 + magnitude * 3) : 0;
	case FMC_U16:
	case FMC_S16:
		return (v->zero_point + number * 37) & 0xffff;
	default:
		return (v->zero_point + number) & 0xff;
	}
}

/* Any bits, but of a number; of the second batch now and then an infinity or a NaN. */
static u32 random_value(const struct vector *v, u32 n, u32 random)
{
	switch (v->dtype) {
	case FMC_F16:
		return n && random % 97 == 0 ? 0x7c00 | random >> 6 : random & 0xbfff;
	case FMC_BF16:
		return n && random % 97 == 0 ? 0x7f80 | random >> 6 : random & 0xbfff;
	default:
		return random;
	}
}

/* Smooth, sparse, random, and smooth with noise: by turns along channels and rows. */
static u32 content(const struct vector *v, const u32 *at, u32 *seed)
{
	u32 random = random_u32(seed);
	int ramp = (int)(at[FMC_DIM_W] * 2 + at[FMC_DIM_H] * 3 + at[FMC_DIM_C] * 5) % 90;

	switch ((at[FMC_DIM_C] + at[FMC_DIM_H] / 8 + 3) % 4) {
	case 0:
		return value_of(v, ramp);
	case 1:
		return value_of(v, random % 4 ? 0 : random >> 4 & 63);
	case 2:
		return random_value(v, at[FMC_DIM_N], random & 0xffff);
	default:
		return value_of(v, ramp / 2 + (int)(random & 7) - 20);
	}
}

static void fill(const struct vector *v, u8 *data)
{
	u32 size = fmc_dtype_bits(v->dtype) / 8, seed = v->dtype + 1, at[FMC_DIMS];

	for (at[0] = 0; at[0] < v->dim[0]; at[0]++)
		for (at[1] = 0; at[1] < v->dim[1]; at[1]++)
			for (at[2] = 0; at[2] < v->dim[2]; at[2]++)
				for (at[3] = 0; at[3] < v->dim[3]; at[3]++) {
					u16 value = content(v, at, &seed);

					if (size == 2)
						memcpy(data, &value, 2);
					else
						*data = value;
					data += size;
				}
}

static u64 fnv(u64 hash, u8 byte)
{
	return (hash ^ byte) * 0x100000001b3ull;
}

#define FNV_START	0xcbf29ce484222325ull

static u64 hash_bytes(const u8 *data, u64 bytes)
{
	u64 hash = FNV_START;

	while (bytes--)
		hash = fnv(hash, *data++);
	return hash;
}

/* Values, in the order of memory, the lower byte first. */
static u64 hash_values(const u8 *data, u64 count, u32 size)
{
	u64 hash = FNV_START;
	u16 value;

	for (; count--; data += size) {
		if (size == 1) {
			hash = fnv(hash, *data);
			continue;
		}
		memcpy(&value, data, 2);
		hash = fnv(fnv(hash, value), value >> 8);
	}
	return hash;
}

#endif
