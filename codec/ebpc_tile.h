/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_EBPC_TILE_H
#define ASCDEV_CODEC_EBPC_TILE_H

#include "tile.h"

/* Room that the encoder needs: both streams at their worst. */
#define EBPC_TILE_WORKSPACE_BYTES	(8 * FMC_TILE_MAX_VALUES)

u32 ebpc_tile_encode(const struct fmc_tile *tile, const u16 *values, u8 *out, u32 capacity,
		     void *workspace);
int ebpc_tile_decode(const struct fmc_tile *tile, const u8 *in, u32 bytes, u16 *values);

#endif
