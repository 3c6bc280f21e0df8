/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Which shape of blocks suits a surface: estimates from a part of its values.
 *
 * With steps in proportion to its range r, the linear scale, a block of n values has a squared
 * error in proportion to n * r * r; with steps in proportion to what a value is above the
 * least one, the log-linear scale, one to the sum of the squares of that.  What is between the
 * two is r times the sum of what values are above the least one: as much as n * r / 2 if they are
 * spread evenly, less if most are small.  The least value and the greatest one are exact.  So
 * r * min(sum - n * least - r, n * r / 2) stands for the squared error of a block, times 256 or
 * so; and the least, the greatest and the sum of a block are those of its parts.
 */
#ifndef ASCDEV_CODEC_ASC_SHAPE_H
#define ASCDEV_CODEC_ASC_SHAPE_H

#include "surface.h"

struct asc_cbr_choice;

/* Values that are looked at together. */
#define ASC_PATCH_VALUES	2048

/* Bits that they have: sums of the largest block, which has 64, have 16, and its estimate 26. */
#define ASC_PATCH_BITS		10

/**
 * struct asc_patch_memory - memory for the values of a patch
 * @values: of the patch
 * @folded: least, greatest and sum of parts of blocks, and of parts twice as large
 * @fours: likewise, of parts of four values of a row, which runs and planes share
 */
struct asc_patch_memory {
	u16 values[ASC_PATCH_VALUES];
	u16 folded[2][3][ASC_PATCH_VALUES / 2];
	u16 fours[3][ASC_PATCH_VALUES / 2];
};

/**
 * struct asc_patch - values from one place of a surface
 * @w: values in a row
 * @h: rows in a plane
 * @c: planes
 * @rows: what runs lie in: so many rows
 * @length: values in each of these
 * @zero: what stands for 0.0, where a choice has one endpoint or the narrow profile; no value
 *	of the first is less, and what distances from it the second has are right
 * @memory: has the values, of which none has more than ASC_PATCH_BITS bits
 */
struct asc_patch {
	u32 w, h, c;
	u32 rows, length;
	u32 zero;
	struct asc_patch_memory *memory;
};

/**
 * struct asc_estimate - of the squared error of a choice
 * @error: sum of blocks, in a unit that all choices share
 * @values: of these blocks
 */
struct asc_estimate {
	u64 error;
	u32 values;
};

/**
 * struct asc_shape_kernels - loops over values
 * @load: @count values one behind the other to numbers; @flip is applied to each
 * @range: the least and the greatest number of @count values in memory
 * @extremes: likewise, of numbers
 * @center: what numbers are above @base, or 0, shifted to the right
 * @estimate: add to the estimates of choices what blocks of a patch give; none for choices
 *	of which it has no whole block
 */
struct asc_shape_kernels {
	void (*load)(const u8 *p, u32 bits, u16 flip, u32 count, u16 *numbers);
	void (*range)(const u8 *p, u32 bits, u16 flip, u32 count, u32 *least, u32 *greatest);
	void (*extremes)(const u16 *numbers, u32 count, u32 *least, u32 *greatest);
	void (*center)(u16 *numbers, u32 count, u16 base, u32 shift);
	void (*estimate)(const struct asc_patch *patch, const struct asc_cbr_choice *choices,
			 u32 count, u32 shift, struct asc_estimate *estimates);
};

extern const struct asc_shape_kernels asc_shape_scalar;
extern const struct asc_shape_kernels asc_shape_avx2;
extern const struct asc_shape_kernels asc_shape_avx512;
extern const struct asc_shape_kernels asc_shape_neon;

/**
 * struct asc_sampler - patches that are spread over a surface
 * @w: extents of a patch
 * @h: likewise
 * @c: likewise
 * @across: places for one in a row
 * @down: in a column
 * @deep: through the channels
 * @places: in the surface
 * @count: how many are looked at
 */
struct asc_sampler {
	u32 w, h, c;
	u32 across, down, deep, places;
	u32 count;
};

void asc_sampler_init(struct asc_sampler *sampler, const struct fmc_surface *s, u32 elements);
void asc_sampler_get(const struct asc_sampler *sampler, const struct fmc_surface *s, u32 i,
		     struct fmc_box *box);
void asc_sampler_runs(const struct asc_sampler *sampler, const struct fmc_surface *s, u32 *rows,
		      u32 *length);

#endif
