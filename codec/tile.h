/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_TILE_H
#define ASCDEV_CODEC_TILE_H

#include "types.h"

/* Values of a tile at most. */
#define FMC_TILE_MAX_VALUES	16384

/**
 * enum fmc_trellis - are the values of a tile the points of a trellis?
 * @FMC_TRELLIS_NONE: any values
 * @FMC_TRELLIS: each is even or odd as asc_trellis.h has it
 * @FMC_TRELLIS_ZERO: likewise, but zero may be anywhere
 */
enum fmc_trellis {
	FMC_TRELLIS_NONE = 0,
	FMC_TRELLIS,
	FMC_TRELLIS_ZERO,
};

/**
 * struct fmc_tile - values that are coded on their own, at a variable rate
 * @w: width
 * @h: height
 * @c: channels
 * @bits: bits of a value, 8 or 16
 * @zero: the value that stands for 0.0
 * @trellis: only for DC-AC; @zero is then at least 3 below the largest value, and a decoder
 *	is told only whether there is one
 *
 * The w*h*c values themselves are u16, dense, in the order C, H, W, and are the
 * order-preserving unsigned numbers of format.rst, as @zero is.  w*h*c is at least
 * 1 and at most FMC_TILE_MAX_VALUES; any of the three may be that large.
 */
struct fmc_tile {
	u32 w, h, c;
	u32 bits;
	u32 zero;
	enum fmc_trellis trellis;
};

static inline u32 fmc_tile_values(const struct fmc_tile *tile)
{
	return tile->w * tile->h * tile->c;
}

/* Bytes of the values as they are. */
static inline u32 fmc_tile_raw_bytes(const struct fmc_tile *tile)
{
	return fmc_tile_values(tile) * (tile->bits / 8);
}

static inline u32 fmc_value_mask(u32 bits)
{
	return (1u << bits) - 1;
}

/* Write a value, the lower byte first.  Returns where the next one goes. */
static inline u8 *fmc_put_value(u8 *out, u32 value, u32 bits)
{
	*out++ = value;
	if (bits == 16)
		*out++ = value >> 8;
	return out;
}

static inline u32 fmc_get_value(const u8 *in, u32 bits)
{
	return bits == 16 ? in[0] | (u32)in[1] << 8 : in[0];
}

#endif
