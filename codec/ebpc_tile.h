/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_EBPC_TILE_H
#define ASCDEV_CODEC_EBPC_TILE_H

#include "tile_coders.h"

/* Bytes of workspace for either direction. */
#define EBPC_TILE_WORKSPACE_BYTES	(8 * FMC_TILE_MAX_VALUES)

/**
 * ebpc_tile_encode - compress a tile
 * @coders: for the CPU
 * @tile: what the values are
 * @values: the values
 * @out: receives the bytes
 * @capacity: how many there is room for
 * @workspace: EBPC_TILE_WORKSPACE_BYTES, aligned like u64
 *
 * Return: bytes written, or 0 if they do not fit.
 */
static inline u32 ebpc_tile_encode(const struct fmc_tile_coders *coders,
				   const struct fmc_tile *tile, const u16 *values, u8 *out,
				   u32 capacity, void *workspace)
{
	return coders->ebpc_encode(tile, values, out, capacity, workspace);
}

/**
 * ebpc_tile_decode - decompress a tile
 * @coders: for the CPU
 * @tile: what the values are
 * @in: what ebpc_tile_encode() gave; any content, and it may change meanwhile
 * @bytes: size of @in
 * @values: receives the values; all are set in any case, those that @in has nothing about to
 *	the zero point
 * @workspace: EBPC_TILE_WORKSPACE_BYTES, aligned like u64
 *
 * Return: 0, or -EBADMSG if this is no tile of that kind.
 */
static inline int ebpc_tile_decode(const struct fmc_tile_coders *coders,
				   const struct fmc_tile *tile, const u8 *in, u32 bytes,
				   u16 *values, void *workspace)
{
	return coders->ebpc_decode(tile, in, bytes, values, workspace);
}

#endif
