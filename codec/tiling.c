// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * How a surface is cut into tiles.  Documentation/format.rst, "Tiles".
 */

#include "tiling.h"

/* Cut into parts as equal as can be, of at most @limit: none is a narrow rest. */
static u32 part_of(u32 extent, u32 limit, u32 *parts)
{
	u32 part;

	*parts = extent / limit + !!(extent % limit);
	part = extent / *parts + !!(extent % *parts);
	/* rounding up may have made the last one empty */
	*parts = extent / part + !!(extent % part);
	return part;
}

/* Planes of few rows have wider tiles. */
static u32 max_width(u32 width, u32 height, u32 max_plane)
{
	u32 rest = height < max_plane ? max_plane / height : 1;

	return rest > width ? rest : width;
}

/**
 * fmc_tiling_init - cut a surface into tiles
 * @tiling: filled in
 * @surface: a checked description
 * @zero_point: value that stands for 0.0
 * @width: width of a tile, where there are rows enough
 * @max_plane: values of one channel in a tile at most; at least @width
 * @max_values: values of a tile at most; at least @max_plane
 */
void fmc_tiling_init(struct fmc_tiling *tiling, const struct fmc_surface *surface,
		     s32 zero_point, u32 width, u32 max_plane, u32 max_values)
{
	width = max_width(width, surface->dim[FMC_DIM_H], max_plane);
	tiling->surface = *surface;
	tiling->zero = fmc_zero_number(surface->dtype, zero_point);
	tiling->w = part_of(surface->dim[FMC_DIM_W], width, &tiling->across);
	tiling->h = part_of(surface->dim[FMC_DIM_H], max_plane / tiling->w, &tiling->down);
	tiling->c = part_of(surface->dim[FMC_DIM_C], max_values / (tiling->w * tiling->h),
			    &tiling->deep);
	/* There are no more tiles than values, of which there are at most 2^30. */
	tiling->count = surface->dim[FMC_DIM_N] * tiling->deep * tiling->down * tiling->across;
}

static u32 cut(u32 size, u32 extent, u32 at)
{
	return extent - at < size ? extent - at : size;
}

/**
 * fmc_tiling_get - one tile
 * @tiling: from fmc_tiling_init()
 * @index: which, below tiling->count
 * @tile: receives what it is
 * @box: receives where it is; it lies inside the surface
 *
 * Tiles follow one another by batch, channel, then down the plane and across.
 */
void fmc_tiling_get(const struct fmc_tiling *tiling, u32 index, struct fmc_tile *tile,
		    struct fmc_box *box)
{
	const u32 *dim = tiling->surface.dim;
	u32 row = index / tiling->across;
	u32 plane = row / tiling->down;

	box->at[FMC_DIM_N] = plane / tiling->deep;
	box->at[FMC_DIM_C] = plane % tiling->deep * tiling->c;
	box->at[FMC_DIM_H] = row % tiling->down * tiling->h;
	box->at[FMC_DIM_W] = index % tiling->across * tiling->w;
	box->w = cut(tiling->w, dim[FMC_DIM_W], box->at[FMC_DIM_W]);
	box->h = cut(tiling->h, dim[FMC_DIM_H], box->at[FMC_DIM_H]);
	box->c = cut(tiling->c, dim[FMC_DIM_C], box->at[FMC_DIM_C]);
	tile->w = box->w;
	tile->h = box->h;
	tile->c = box->c;
	tile->bits = fmc_dtype_bits(tiling->surface.dtype);
	tile->zero = tiling->zero;
	tile->trellis = FMC_TRELLIS_NONE;
}
