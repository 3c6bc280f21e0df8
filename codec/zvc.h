/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_ZVC_H
#define ASCDEV_CODEC_ZVC_H

#include "tile_coders.h"

/**
 * zvc_tile_encode - compress a tile
 * @coders: for the CPU
 * @tile: what the values are
 * @values: the values
 * @out: receives the bytes
 * @capacity: how many there is room for
 *
 * Return: bytes written, or 0 if they do not fit.
 */
static inline u32 zvc_tile_encode(const struct fmc_tile_coders *coders, const struct fmc_tile *tile,
				  const u16 *values, u8 *out, u32 capacity)
{
	return coders->zvc_encode(tile, values, out, capacity);
}

/**
 * zvc_tile_decode - decompress a tile
 * @coders: for the CPU
 * @tile: what the values are
 * @in: what zvc_tile_encode() gave; any content, and it may change meanwhile
 * @bytes: size of @in
 * @values: receives the values; all are set in any case, those that @in has nothing about to
 *	the zero point
 *
 * Return: 0, or -EBADMSG if this is no tile of that kind.
 */
static inline int zvc_tile_decode(const struct fmc_tile_coders *coders, const struct fmc_tile *tile,
				  const u8 *in, u32 bytes, u16 *values)
{
	return coders->zvc_decode(tile, in, bytes, values);
}

#endif
