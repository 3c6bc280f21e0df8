/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Floats of 16 bits and fewer as integers: binary16, bfloat16, and the endpoints of
 * the narrow profile.
 *
 * A magnitude is a pattern without sign: exponent above fraction.  Exponents are
 * biased; subnormal numbers have exponent 1, like the least normal ones.
 *
 * Floats are worked on in fixed point: with an exponent E that no number exceeds, the
 * magnitude m stands for m * 2^(E - 14), and m is below 2^15.
 */
#ifndef ASCDEV_CODEC_ASC_FLOAT_H
#define ASCDEV_CODEC_ASC_FLOAT_H

#include "types.h"

/* Bits of a magnitude in fixed point. */
#define ASC_FIXED_BITS	15
#define ASC_FIXED_MAX	((1u << ASC_FIXED_BITS) - 1)

/* 0.0 as an ordered pattern, and among fixed-point numbers with a sign. */
#define ASC_FLOAT_ZERO	0x8000

/**
 * enum asc_kind - what the numbers of a block stand for
 * @ASC_INTEGER: themselves
 * @ASC_F16: ordered patterns of binary16, as fmc_to_ordered() makes them
 * @ASC_BF16: likewise of the upper half of a binary32
 */
enum asc_kind { ASC_INTEGER, ASC_F16, ASC_BF16 };

static inline u32 asc_fraction_bits(enum asc_kind kind)
{
	return kind == ASC_F16 ? 10 : 7;
}

static inline u32 asc_infinity(enum asc_kind kind)
{
	return kind == ASC_F16 ? 0x7c00 : 0x7f80;
}

/* Exponent of the largest finite number. */
static inline u32 asc_max_exponent(enum asc_kind kind)
{
	return (asc_infinity(kind) >> asc_fraction_bits(kind)) - 1;
}

/* Exponent of 1.0. */
static inline u32 asc_exponent_bias(enum asc_kind kind)
{
	return kind == ASC_F16 ? 15 : 127;
}

/* An ordered pattern without its sign. */
static inline u32 asc_magnitude(u32 ordered)
{
	return ordered & 0x8000 ? ordered ^ 0x8000 : ordered ^ 0x7fff;
}

static inline u32 asc_magnitude_exponent(u32 fraction_bits, u32 pattern)
{
	u32 exponent = pattern >> fraction_bits;

	return exponent ? exponent : 1;
}

/* To fixed point, to nearest; what is too large is cut. */
static inline u32 asc_magnitude_to_fixed(u32 fraction_bits, u32 exponent, u32 pattern)
{
	u32 own = asc_magnitude_exponent(fraction_bits, pattern), shift;
	u32 fixed = pattern & ((1u << fraction_bits) - 1);

	if (own > exponent)
		return ASC_FIXED_MAX;
	if (pattern >> fraction_bits)
		fixed |= 1u << fraction_bits;
	fixed <<= ASC_FIXED_BITS - 1 - fraction_bits;
	shift = exponent - own;
	if (!shift)
		return fixed;
	return shift > ASC_FIXED_BITS ? 0 : (fixed + (1u << (shift - 1))) >> shift;
}

/* The nearest pattern, the even one of two, with an exponent of at most that given. */
static inline u32 asc_magnitude_from_fixed(u32 fraction_bits, u32 exponent, u32 fixed)
{
	u32 limit = ((exponent + 1) << fraction_bits) - 1;
	u32 leading = ASC_FIXED_BITS - 1, own = exponent, zeros, pattern;

	if (!fixed)
		return 0;
	/* zeros above the leading bit, as many as leave an exponent of 1 */
	if (!(fixed >> leading) && own) {
		zeros = __builtin_clz(fixed) - (32 - ASC_FIXED_BITS);
		if (zeros > own - 1)
			zeros = own - 1;
		leading -= zeros;
		own -= zeros;
	}
	if (leading > fraction_bits) {
		u32 shift = leading - fraction_bits;
		u32 odd = fixed >> shift & 1;

		pattern = (fixed + (1u << (shift - 1)) - 1 + odd) >> shift;
	} else {
		pattern = fixed << (fraction_bits - leading);
	}
	/* the leading bit adds 1 to the exponent */
	pattern += (own - 1) << fraction_bits;
	return pattern < limit ? pattern : limit;
}

/**
 * asc_float_finite - a float that can be coded
 * @kind: ASC_F16 or ASC_BF16
 * @value: its ordered pattern; any
 *
 * Return: the ordered pattern; 0 for NaN and negative zero, the largest finite
 * number of its sign for an infinity.
 */
static inline u32 asc_float_finite(enum asc_kind kind, u32 value)
{
	u32 pattern = asc_magnitude(value), infinity = asc_infinity(kind);

	if (pattern > infinity || !pattern)
		return ASC_FLOAT_ZERO;
	if (pattern < infinity)
		return value;
	return value & 0x8000 ? value - 1 : value + 1;
}

/* Exponent of a finite number, from its ordered pattern. */
static inline u32 asc_float_exponent(enum asc_kind kind, u32 value)
{
	return asc_magnitude_exponent(asc_fraction_bits(kind), asc_magnitude(value));
}

/**
 * asc_float_to_fixed - a float as a fixed-point number
 * @kind: ASC_F16 or ASC_BF16
 * @exponent: exponent that the fixed-point number refers to
 * @value: the ordered pattern of a finite number
 *
 * Return: ASC_FLOAT_ZERO plus or minus its magnitude in fixed point.
 */
static inline u32 asc_float_to_fixed(enum asc_kind kind, u32 exponent, u32 value)
{
	u32 fixed = asc_magnitude_to_fixed(asc_fraction_bits(kind), exponent,
					   asc_magnitude(value));

	return value & 0x8000 ? ASC_FLOAT_ZERO + fixed : ASC_FLOAT_ZERO - fixed;
}

/* The inverse, rounded; there is no negative zero. */
static inline u32 asc_float_from_fixed(enum asc_kind kind, u32 exponent, u32 number)
{
	u32 bits = asc_fraction_bits(kind), pattern;

	if (number >= ASC_FLOAT_ZERO)
		return ASC_FLOAT_ZERO +
		       asc_magnitude_from_fixed(bits, exponent, number - ASC_FLOAT_ZERO);
	pattern = asc_magnitude_from_fixed(bits, exponent, ASC_FLOAT_ZERO - number);
	return pattern ? 0x7fff - pattern : ASC_FLOAT_ZERO;
}

#endif
