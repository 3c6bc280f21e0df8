/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_EBPC_TILE_H
#define ASCDEV_CODEC_EBPC_TILE_H

#include "tile.h"

/* Bytes of workspace for either direction, aligned like u64. */
#define EBPC_TILE_WORKSPACE_BYTES	(8 * FMC_TILE_MAX_VALUES)

struct fmc_kernels;

u32 ebpc_tile_encode(const struct fmc_kernels *kernels, const struct fmc_tile *tile,
		     const u16 *values, u8 *out, u32 capacity, void *workspace);
int ebpc_tile_decode(const struct fmc_kernels *kernels, const struct fmc_tile *tile, const u8 *in,
		     u32 bytes, u16 *values, void *workspace);

#endif
