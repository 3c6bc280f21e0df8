/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_DCAC_H
#define ASCDEV_CODEC_DCAC_H

#include "tile_coders.h"

/* Bytes of workspace for either direction. */
#define DCAC_WORKSPACE_BYTES	(480 * 1024)

#define DCAC_MAX_LANES		16	/* entropy coders in lockstep */
#define DCAC_LANE_VALUES	1024	/* values that are worth one more */

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
 * dcac_tiles_decode - decompress two tiles together
 * @coders: for the CPU, which have it
 * @tiles: the two
 * @values: receive the values, as those of dcac_tile_decode()
 * @workspace: 2 * DCAC_WORKSPACE_BYTES, aligned like u64
 *
 * Return: a mask of those that make sense.
 */
static inline u32 dcac_tiles_decode(const struct fmc_tile_coders *coders,
				    const struct fmc_coded_tile *tiles, u16 *const *values,
				    void *workspace)
{
	return coders->dcac_decode_two(tiles, values, workspace);
}

#endif
