/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_ASC_BLOCK_H
#define ASCDEV_CODEC_ASC_BLOCK_H

#include "surface.h"

/* Points between the endpoints of a block; an index of 3 bits names one. */
#define ASC_POINTS	8

/* Bytes of the largest block: two endpoints of 16 bits, 64 indices. */
#define ASC_BLOCK_MAX_BYTES	(4 + FMC_BLOCK_MAX_VALUES * 3 / 8)

enum asc_scale { ASC_SCALE_LINEAR, ASC_SCALE_LOG };

/**
 * enum asc_kind - what the numbers of a block stand for
 * @ASC_INTEGER: themselves
 * @ASC_F16: ordered patterns of binary16, as fmc_to_ordered() makes them
 * @ASC_BF16: likewise of the upper half of a binary32
 */
enum asc_kind { ASC_INTEGER, ASC_F16, ASC_BF16 };

/* The ordered pattern of 0.0. */
#define ASC_FLOAT_ZERO	0x8000

/* Bits of a magnitude in the fixed-point numbers that stand for floats. */
#define ASC_FIXED_BITS	15

/**
 * struct asc_block_format - what both sides must know about a block
 * @values: values in a block; a multiple of 8, at most FMC_BLOCK_MAX_VALUES
 * @bits: bits of a value and of an endpoint, 8 or 16
 * @endpoints: 2 (minimum and maximum) or 1 (maximum above @zero)
 * @zero: in one-endpoint mode the value, as an unsigned number, that stands
 *	for the minimum of every block; of floats ASC_FLOAT_ZERO
 * @kind: what numbers stand for; floats have 16 bits
 */
struct asc_block_format {
	u32 values;
	u32 bits;
	u32 endpoints;
	u32 zero;
	enum asc_kind kind;
};

/* Bytes of every block of this format. */
static inline u32 asc_block_bytes(const struct asc_block_format *f)
{
	return f->endpoints * f->bits / 8 + f->values * 3 / 8;
}

/**
 * enum asc_effort - how hard an encoder works
 * @ASC_EFFORT_HW: what a hardware encoder does; the specification's encoder
 * @ASC_EFFORT_BEST: endpoints fitted by least squares, scale by squared error
 */
enum asc_effort { ASC_EFFORT_HW, ASC_EFFORT_BEST };

enum asc_scale asc_block_encode(const struct asc_block_format *f, u32 scales,
				enum asc_effort effort, const u16 *values, u8 *bits,
				u16 *decoded);
void asc_block_decode(const struct asc_block_format *f, const u8 *bits, u16 *values);
u32 asc_float_finite(enum asc_kind kind, u32 value);
u32 asc_float_exponent(enum asc_kind kind, u32 value);
u32 asc_float_to_fixed(enum asc_kind kind, u32 exponent, u32 value);

#endif
