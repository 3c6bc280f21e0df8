/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_EBPC_TILE_H
#define ASCDEV_CODEC_EBPC_TILE_H

#include "tile_coders.h"

/* Bytes of workspace for either direction. */
#define EBPC_TILE_WORKSPACE_BYTES	(8 * FMC_TILE_MAX_VALUES)

/* Tiles that are decoded together at most, and the workspace for that. */
#define EBPC_LANES			16
#define EBPC_LANES_WORKSPACE_BYTES	(35 * FMC_TILE_MAX_VALUES)

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

/* Of @bits, how many tiles are decoded together at most? */
static inline u32 ebpc_lanes(u32 bits)
{
	return EBPC_LANES * 8 / bits;
}

/**
 * ebpc_decode_lanes - decompress some tiles together
 * @coders: for the CPU, which have it
 * @tiles: tiles of values of as many bits
 * @count: how many, 1 to ebpc_lanes()
 * @workspace: EBPC_LANES_WORKSPACE_BYTES, aligned like u64; holds the values
 *
 * Return: a mask of the tiles whose values ebpc_take_lane() gives, until the workspace is
 * used again; the others must be decoded on their own, as most make no sense.
 */
static inline u32 ebpc_decode_lanes(const struct fmc_tile_coders *coders,
				    const struct fmc_coded_tile *tiles, u32 count,
				    void *workspace)
{
	return coders->ebpc_decode_lanes(tiles, count, workspace);
}

/**
 * ebpc_take_lane - values of one of the tiles that were decoded together
 * @coders: for the CPU
 * @tile: what the values are
 * @lane: number of the tile, whose bit was set
 * @values: receives the values: as u8 if they have 8 bits, otherwise as u16
 * @workspace: as ebpc_decode_lanes() left it
 */
static inline void ebpc_take_lane(const struct fmc_tile_coders *coders,
				  const struct fmc_tile *tile, u32 lane, void *values,
				  void *workspace)
{
	coders->ebpc_take_lane(tile, lane, values, workspace);
}

#endif
