/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Loops over floats, as asc_float.h has them one by one: without branches, so that compilers
 * turn them into vector code, for each set of instructions that a file with them is compiled for.
 */
#ifndef ASCDEV_CODEC_ASC_FLOAT_LOOPS_H
#define ASCDEV_CODEC_ASC_FLOAT_LOOPS_H

#include "kernels.h"

/* All ones from zero on. */
static inline short not_negative(u16 value)
{
	return (short)value < 0 ? -1 : 0;
}

/* Without sign, and finite: 0 for NaN, the largest number for infinity. */
static inline short finite_magnitude(u16 value, short infinity)
{
	short pattern = value ^ 0x7fff ^ not_negative(value);

	pattern &= pattern > infinity ? 0 : -1;
	return pattern - (pattern == infinity);
}

static inline void floats_to_fixed(enum asc_kind kind, u32 exponent, const u16 *values, u32 count,
				   u16 *fixed)
{
	u32 fraction_bits = asc_fraction_bits(kind), up = ASC_FIXED_BITS - fraction_bits, i;
	short infinity = asc_infinity(kind);

	for (i = 0; i < count; i++) {
		u32 pattern = finite_magnitude(values[i], infinity);
		u32 own = pattern >> fraction_bits, normal = own != 0;
		/* twice the number, so that what is shifted out last rounds it */
		u32 twice = (pattern - ((own - normal) << fraction_bits)) << up, shift;

		own += !normal;
		shift = own > exponent ? 0 : exponent - own;
		shift = shift > ASC_FIXED_BITS + 1 ? ASC_FIXED_BITS + 1 : shift;
		twice = ((twice >> shift) + 1) >> 1;
		twice = own > exponent ? ASC_FIXED_MAX : twice;
		fixed[i] = values[i] & 0x8000 ? ASC_FLOAT_ZERO + twice : ASC_FLOAT_ZERO - twice;
	}
}

static inline u32 floats_largest(enum asc_kind kind, const u16 *values, u32 count, bool positive)
{
	short infinity = asc_infinity(kind), all = positive ? 0 : -1, largest = 0;
	u32 i;

	for (i = 0; i < count; i++) {
		short pattern = finite_magnitude(values[i], infinity);

		pattern &= all | not_negative(values[i]);
		largest = pattern > largest ? pattern : largest;
	}
	return largest;
}

#endif
