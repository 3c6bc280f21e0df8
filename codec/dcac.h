/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_DCAC_H
#define ASCDEV_CODEC_DCAC_H

#include "tile_coders.h"

/* Bytes of workspace for either direction. */
#define DCAC_WORKSPACE_BYTES	(480 * 1024)

/**
 * dcac_tile_encode - compress a tile
 * @coders: for the CPU
 * @tile: what the values are
 * @values: the values
 * @out: receives the bytes
 * @capacity: how many there is room for
 * @workspace: DCAC_WORKSPACE_BYTES, aligned like u64
 *
 * Return: bytes written, or 0 if they do not fit.
 */
static inline u32 dcac_tile_encode(const struct fmc_tile_coders *coders, const struct fmc_tile *tile,
				   const u16 *values, u8 *out, u32 capacity, void *workspace)
{
	return coders->dcac_encode(tile, values, out, capacity, workspace);
}

/**
 * dcac_tile_decode - decompress a tile
 * @coders: for the CPU
 * @tile: what the values are
 * @in: what dcac_tile_encode() gave; any content, and it may change meanwhile
 * @bytes: size of @in
 * @values: receives the values; all are set in any case, those that @in has nothing about to
 *	the zero point
 * @workspace: DCAC_WORKSPACE_BYTES, aligned like u64
 *
 * Return: 0, or -EBADMSG if this is no tile of that kind.
 */
static inline int dcac_tile_decode(const struct fmc_tile_coders *coders, const struct fmc_tile *tile,
				   const u8 *in, u32 bytes, u16 *values, void *workspace)
{
	return coders->dcac_decode(tile, in, bytes, values, workspace);
}

#endif
