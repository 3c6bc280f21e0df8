/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_ASC_BLOCK_H
#define ASCDEV_CODEC_ASC_BLOCK_H

#include "asc_float.h"
#include "surface.h"

struct fmc_kernels;

/* Points between the endpoints of a block; an index of 3 bits names one. */
#define ASC_POINTS	8

/* Bytes of the largest block: 64 values, 4 bits each, in the pooled profile. */
#define ASC_BLOCK_MAX_BYTES	(FMC_BLOCK_MAX_VALUES / 2)

enum asc_scale { ASC_SCALE_LINEAR, ASC_SCALE_LOG };

/**
 * struct asc_block_format - what both sides must know about a block
 * @values: values in a block; a multiple of 8, in the pooled profile of 16; at most
 *	FMC_BLOCK_MAX_VALUES
 * @bits: bits of a value, 8 or 16
 * @endpoints: 2 (minimum and maximum) or 1 (maximum above @zero)
 * @zero: the value, as an unsigned number, that stands for 0.0; of floats
 *	ASC_FLOAT_ZERO.  The minimum of every block in one-endpoint mode; what
 *	endpoints of the narrow profile are relative to; what a search leaves exact.
 * @kind: what numbers stand for; floats have 16 bits
 * @narrow: an endpoint has 8 bits, where it has @bits otherwise; only for 16 bits
 * @exponent: the exponent of the largest magnitude of the surface.  Integers, of the
 *	narrow profile only: bits of the largest distance from @zero, 1 to 16.
 *	Floats, of the narrow and the pooled profile: biased exponent.
 * @pooled: the block is one of asc_pooled.h; not with @narrow
 * @width: of the pooled profile only: values in a row of the block
 * @height: likewise, rows in a plane of the block
 * @kernels: functions for this CPU, of which a search makes use; NULL for plain C
 */
struct asc_block_format {
	u32 values;
	u32 bits;
	u32 endpoints;
	u32 zero;
	enum asc_kind kind;
	bool narrow;
	u32 exponent;
	bool pooled;
	u32 width, height;
	const struct fmc_kernels *kernels;
};

static inline u32 asc_endpoint_bytes(const struct asc_block_format *f)
{
	return f->narrow ? 1 : f->bits / 8;
}

/* What the numbers of a surface stand for. */
static inline enum asc_kind asc_kind_of(u32 dtype)
{
	return dtype == FMC_F16 ? ASC_F16 : dtype == FMC_BF16 ? ASC_BF16 : ASC_INTEGER;
}

/* Bytes of every block of this format. */
static inline u32 asc_block_bytes(const struct asc_block_format *f)
{
	if (f->pooled)
		return f->values / 2;
	return f->endpoints * asc_endpoint_bytes(f) + f->values * 3 / 8;
}

/**
 * enum asc_effort - how hard an encoder works
 * @ASC_EFFORT_HW: what a hardware encoder does; the specification's encoder
 * @ASC_EFFORT_BEST: endpoints and scale searched for the least error
 */
enum asc_effort { ASC_EFFORT_HW, ASC_EFFORT_BEST };

enum asc_scale asc_block_encode(const struct asc_block_format *f, u32 scales,
				enum asc_effort effort, const u16 *values, u8 *bits,
				u16 *decoded);
u32 asc_narrow_number(const struct asc_block_format *f, u32 code);
u32 asc_narrow_code(const struct asc_block_format *f, u32 number);
void asc_block_palette(const struct asc_block_format *f, const u8 *bits, u16 *values);
void asc_block_decode(const struct asc_block_format *f, const u8 *bits, u16 *values);

#endif
