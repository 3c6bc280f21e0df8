/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_ASC_VBR_GRID_H
#define ASCDEV_CODEC_ASC_VBR_GRID_H

#include "tile.h"

/**
 * struct asc_vbr_grid - the points of quantisation, and what predicts from them
 * @step: distance of points
 * @zero: value of the point @origin
 * @max: largest value
 * @sign_bit: number of its highest bit
 * @reciprocal: for a division by @step
 * @origin: number of the point at zero, which is the number of points below it
 * @last: number of the last point
 * @both: points on either side of the origin that have a mirror image
 * @up: distance of the value above
 *
 * max is a mask, too: differences are taken modulo max + 1.
 */
struct asc_vbr_grid {
	u32 step, zero, max, sign_bit;
	u64 reciprocal;
	u32 origin, last, both;
	u32 up;
};

#define ASC_VBR_RECIPROCAL_BITS	34

static inline u32 asc_vbr_min(u32 a, u32 b)
{
	return a < b ? a : b;
}

/*
 * Steps to the nearest point; of two to the even one, so that errors have no bias.
 * The product is the exact quotient: sums are below 2^17.
 */
static inline u32 asc_vbr_steps(const struct asc_vbr_grid *g, u32 distance)
{
	u32 sum = distance + g->step / 2;
	u32 steps = g->reciprocal * sum >> ASC_VBR_RECIPROCAL_BITS;
	u32 tie = (~g->step & 1) & (steps * g->step == sum);

	return steps - (tie & steps);
}

static inline void asc_vbr_set_step(struct asc_vbr_grid *g, const struct fmc_tile *tile, u32 step)
{
	g->step = step;
	g->reciprocal = fmc_div_u64(1ull << ASC_VBR_RECIPROCAL_BITS, step) + 1;
	g->sign_bit = tile->bits - 1;
	g->max = (1u << tile->bits) - 1;
	g->zero = tile->zero & g->max;
	g->up = tile->w;
}

static inline void asc_vbr_set_origin(struct asc_vbr_grid *g, u32 origin)
{
	g->origin = origin;
	g->last = origin + asc_vbr_steps(g, g->max - g->zero);
	g->both = asc_vbr_min(origin, g->last - origin);
}

#endif
