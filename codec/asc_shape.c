// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Where shapes of blocks are compared, and loops for any CPU.
 */

#include "asc_shape.h"
#include "asc_shape_folds.h"
#include "asc_shape_loops.h"

/* Values of a plane in a patch, and channels in one that has no whole planes. */
#define PLANE_VALUES	128
#define CHANNELS	(ASC_PATCH_VALUES / PLANE_VALUES)

/* One in so many values is looked at, but not fewer than these nor more than those. */
#define ONE_IN		32
#define MIN_VALUES	4096
#define MAX_VALUES	32768

static u32 min_u32(u32 a, u32 b)
{
	return a < b ? a : b;
}

static u32 count_places(u32 extent, u32 size)
{
	return extent / size + !!(extent % size);
}

/**
 * asc_sampler_init - prepare to look at parts of a surface
 * @sampler: filled in
 * @s: a checked description
 * @elements: values in it
 *
 * Patches have whole planes where these are small, whole rows where those are short, or
 * rows of a multiple of 32 values; 16 channels where there are as many.
 */
void asc_sampler_init(struct asc_sampler *sampler, const struct fmc_surface *s, u32 elements)
{
	u32 w = s->dim[FMC_DIM_W], h = s->dim[FMC_DIM_H], c = s->dim[FMC_DIM_C];
	u32 wanted = min_u32(elements / ONE_IN, MAX_VALUES), values;

	if (wanted < MIN_VALUES)
		wanted = min_u32(elements, MIN_VALUES);
	if (w * h <= PLANE_VALUES) {
		sampler->w = w;
		sampler->h = h;
		sampler->c = min_u32(c, ASC_PATCH_VALUES / (w * h) / CHANNELS * CHANNELS);
	} else if (w <= 32) {
		sampler->w = w;
		sampler->h = PLANE_VALUES / w;
		sampler->c = min_u32(c, CHANNELS);
	} else {
		sampler->h = min_u32(h, 4);
		sampler->w = min_u32(w, PLANE_VALUES / sampler->h / 32 * 32);
		sampler->c = min_u32(c, CHANNELS);
	}
	sampler->across = count_places(w, sampler->w);
	sampler->down = count_places(h, sampler->h);
	sampler->deep = count_places(c, sampler->c);
	sampler->places = s->dim[FMC_DIM_N] * sampler->deep * sampler->down * sampler->across;
	values = sampler->w * sampler->h * sampler->c;
	sampler->count = min_u32(count_places(wanted, values), sampler->places);
}

/* The last one overlaps the one before it if not all of it would lie inside. */
static u32 place_at(u32 place, u32 size, u32 extent)
{
	return min_u32(place * size, extent - size);
}

/**
 * asc_sampler_get - where is a patch?
 * @sampler: from asc_sampler_init()
 * @s: the same
 * @i: which, less than @sampler->count
 * @box: filled in; lies inside the surface
 *
 * One lies in each of @sampler->count equal parts of the places, in memory's order.
 */
void asc_sampler_get(const struct asc_sampler *sampler, const struct fmc_surface *s, u32 i,
		     struct fmc_box *box)
{
	u32 first = fmc_div_u64((u64)i * sampler->places, sampler->count);
	u32 end = fmc_div_u64((u64)(i + 1) * sampler->places, sampler->count);
	u32 place = first + ((u64)(i * 0x9e3779b1u) * (end - first) >> 32), row, plane;

	row = place / sampler->across;
	plane = row / sampler->down;
	box->w = sampler->w;
	box->h = sampler->h;
	box->c = sampler->c;
	box->at[FMC_DIM_N] = plane / sampler->deep;
	box->at[FMC_DIM_C] = place_at(plane % sampler->deep, box->c, s->dim[FMC_DIM_C]);
	box->at[FMC_DIM_H] = place_at(row % sampler->down, box->h, s->dim[FMC_DIM_H]);
	box->at[FMC_DIM_W] = place_at(place % sampler->across, box->w, s->dim[FMC_DIM_W]);
}

/**
 * asc_sampler_runs - in what do runs of a patch lie?
 * @sampler: from asc_sampler_init()
 * @s: the same
 * @rows: receives how many rows of values that are neighbours there are
 * @length: receives how many values each has
 */
void asc_sampler_runs(const struct asc_sampler *sampler, const struct fmc_surface *s, u32 *rows,
		      u32 *length)
{
	*rows = 1;
	*length = sampler->w;
	if (sampler->w < s->dim[FMC_DIM_W]) {
		*rows = sampler->h * sampler->c;
		return;
	}
	*length *= sampler->h;
	if (sampler->h < s->dim[FMC_DIM_H])
		*rows = sampler->c;
	else
		*length *= sampler->c;
}

const struct asc_shape_kernels asc_shape_scalar = ASC_SHAPE_KERNELS;
