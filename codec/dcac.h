/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_DCAC_H
#define ASCDEV_CODEC_DCAC_H

#include "tile_coders.h"

/* Bytes of workspace for either direction. */
#define DCAC_WORKSPACE_BYTES	(544 * 1024)

#define DCAC_MAX_LANES		16	/* entropy coders in lockstep */
#define DCAC_LANE_VALUES	1024	/* values that are worth one more */

/* Tiles that are decoded together.  Steps in a kernel are shorter, and its stack is small. */
#ifdef __KERNEL__
#define DCAC_TILES_MAX		1
#else
#define DCAC_TILES_MAX		4
#endif

/**
 * dcac_lanes - in how many sequences are the values of a tile?
 * @tile: its description
 *
 * Return: a number L.  Every L-th plane is of one sequence, and a trellis goes along it.
 */
static inline u32 dcac_lanes(const struct fmc_tile *tile)
{
	u32 lanes = DCAC_MAX_LANES;

	while (lanes > 1 &&
	       (lanes > tile->c || lanes * DCAC_LANE_VALUES > fmc_tile_values(tile)))
		lanes /= 2;
	return lanes;
}

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
static inline u32 dcac_tile_encode(const struct fmc_tile_coders *coders,
				   const struct fmc_tile *tile, const u16 *values, u8 *out,
				   u32 capacity, void *workspace)
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
static inline int dcac_tile_decode(const struct fmc_tile_coders *coders,
				   const struct fmc_tile *tile, const u8 *in, u32 bytes,
				   u16 *values, void *workspace)
{
	return coders->dcac_decode(tile, in, bytes, values, workspace);
}

/**
 * dcac_decode_tiles - decompress tiles together
 * @coders: for the CPU, which have it
 * @tiles: some
 * @count: how many, at most DCAC_TILES_MAX
 * @workspace: @count * DCAC_WORKSPACE_BYTES, aligned like u64
 *
 * Return: a mask of those that make sense, for dcac_take_tile().  Any of the others may be
 * one for dcac_tile_decode(): together go those of one shape and of DCAC_MAX_LANES.
 */
static inline u32 dcac_decode_tiles(const struct fmc_tile_coders *coders,
				    const struct fmc_coded_tile *tiles, u32 count, void *workspace)
{
	return coders->dcac_decode_tiles(tiles, count, workspace);
}

/**
 * dcac_take_tile - values of a tile that was decompressed with others
 * @coders: for the CPU
 * @number: which
 * @values: receives them
 * @workspace: as dcac_decode_tiles() left it
 */
static inline void dcac_take_tile(const struct fmc_tile_coders *coders, u32 number, u16 *values,
				  const void *workspace)
{
	coders->dcac_take_tile(number, values, workspace);
}

#endif
