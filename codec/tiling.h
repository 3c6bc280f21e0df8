/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_TILING_H
#define ASCDEV_CODEC_TILING_H

#include "surface.h"
#include "tile.h"

/**
 * struct fmc_tiling - a surface cut into tiles
 * @surface: the feature map
 * @zero: for struct fmc_tile
 * @w: width of a tile; the last one of a row may be narrower, as the next two
 * @h: height of a tile
 * @c: channels of a tile
 * @across: tiles in a row
 * @down: rows of tiles in a plane
 * @deep: planes of tiles
 * @count: tiles in the surface
 */
struct fmc_tiling {
	struct fmc_surface surface;
	u32 zero;
	u32 w, h, c;
	u32 across, down, deep;
	u32 count;
};

void fmc_tiling_init(struct fmc_tiling *tiling, const struct fmc_surface *surface,
		     s32 zero_point, u32 width, u32 max_plane, u32 max_values);
void fmc_tiling_get(const struct fmc_tiling *tiling, u32 index, struct fmc_tile *tile,
		    struct fmc_box *box);

#endif
