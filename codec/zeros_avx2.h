/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Values without those that are zero, by pext and pdep: a word of 8 or 4 values at a time.
 */
#ifndef ASCDEV_CODEC_ZEROS_AVX2_H
#define ASCDEV_CODEC_ZEROS_AVX2_H

#include "bits64.h"
#include "simd_x86.h"

/* Values that are worked at together. */
#define ZEROS_VALUES	64

/* The lowest bit of each value in a word. */
static inline u64 zeros_ones(u32 bits)
{
	return bits == 8 ? 0x0101010101010101ull : 0x0001000100010001ull;
}

/* Values less zero as bytes, the lower first, and all ones where there is one that is not zero. */
static inline void zeros_split(const u16 *values, u32 zero, u32 bits, u8 *v, u8 *some)
{
	u16 v16[ZEROS_VALUES], some16[ZEROS_VALUES];
	u32 i;

	if (bits == 8) {
		for (i = 0; i < ZEROS_VALUES; i++) {
			v[i] = values[i] - zero;
			some[i] = v[i] ? 0xff : 0;
		}
		return;
	}
	for (i = 0; i < ZEROS_VALUES; i++) {
		v16[i] = values[i] - zero;
		some16[i] = v16[i] ? 0xffff : 0;
	}
	memcpy(v, v16, sizeof(v16));
	memcpy(some, some16, sizeof(some16));
}

/* The inverse: values from bytes. */
static inline void zeros_join(const u8 *v, u32 zero, u32 bits, u16 *values)
{
	u16 v16[ZEROS_VALUES];
	u32 i;

	if (bits == 8) {
		for (i = 0; i < ZEROS_VALUES; i++)
			values[i] = (v[i] + zero) & 0xff;
		return;
	}
	memcpy(v16, v, sizeof(v16));
	for (i = 0; i < ZEROS_VALUES; i++)
		values[i] = v16[i] + zero;
}

/* All ones for each value whose bit is set. */
static inline u64 zeros_spread(u64 mask, u32 bits)
{
	return _pdep_u64(mask, zeros_ones(bits)) * ((1u << bits) - 1);
}

#endif
