/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_DCAC_H
#define ASCDEV_CODEC_DCAC_H

#include "tile.h"

/* Bytes of workspace for either direction, aligned like u32. */
#define DCAC_WORKSPACE_BYTES	(320 * 1024)

u32 dcac_lanes(const struct fmc_tile *tile);
u32 dcac_tile_encode(const struct fmc_tile *tile, const u16 *values, u8 *out, u32 capacity,
		     void *workspace);
int dcac_tile_decode(const struct fmc_tile *tile, const u8 *in, u32 bytes, u16 *values,
		     void *workspace);

#endif
