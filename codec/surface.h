/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_SURFACE_H
#define ASCDEV_CODEC_SURFACE_H

#include "types.h"

/**
 * enum ascdev_codec_dtype - type of the values of a feature map
 * @ASCDEV_CODEC_U8: unsigned 8 bit
 * @ASCDEV_CODEC_S8: two's complement 8 bit
 * @ASCDEV_CODEC_S16: two's complement 16 bit, in the byte order of the machine
 *
 * The numbers are those of the uapi and of the library.
 */
enum ascdev_codec_dtype {
	ASCDEV_CODEC_U8 = 0,
	ASCDEV_CODEC_S8 = 1,
	ASCDEV_CODEC_S16 = 3,
};

/* Order of the dimensions in struct ascdev_surface. */
enum { ASCDEV_DIM_N, ASCDEV_DIM_C, ASCDEV_DIM_H, ASCDEV_DIM_W, ASCDEV_DIMS };

/* Values of one surface at most; keeps every product below in 64 bits. */
#define ASCDEV_SURFACE_MAX_ELEMENTS	(1ull << 30)

/* The largest block, in values. */
#define ASCDEV_BLOCK_MAX_VALUES		64

/**
 * struct ascdev_surface - a feature map in memory
 * @dtype: one of enum ascdev_codec_dtype
 * @dim: extents N, C, H, W; all at least 1
 * @stride: bytes from one value to the next along each dimension.  Any number:
 *	values of 16 bits need not be aligned, rows need not be adjacent.  A
 *	stride of 0 repeats a value, which only a source may do.
 */
struct ascdev_surface {
	u32 dtype;
	u32 dim[ASCDEV_DIMS];
	u64 stride[ASCDEV_DIMS];
};

/**
 * struct ascdev_box - a part of a surface, in values
 * @at: first position in each dimension
 * @w: width
 * @h: height
 * @c: channels
 *
 * It may reach over the far edges of the surface.
 */
struct ascdev_box {
	u32 at[ASCDEV_DIMS];
	u32 w, h, c;
};

/* Bits of one value, or 0 for an unknown type. */
static inline u32 ascdev_dtype_bits(u32 dtype)
{
	switch (dtype) {
	case ASCDEV_CODEC_U8:
	case ASCDEV_CODEC_S8:
		return 8;
	case ASCDEV_CODEC_S16:
		return 16;
	default:
		return 0;
	}
}

/*
 * XORed onto a value, this makes an unsigned number with the same order: the
 * sign bit is turned over.
 */
static inline u32 ascdev_dtype_sign(u32 dtype)
{
	switch (dtype) {
	case ASCDEV_CODEC_S8:
		return 0x80;
	case ASCDEV_CODEC_S16:
		return 0x8000;
	default:
		return 0;
	}
}

int ascdev_surface_check(const struct ascdev_surface *s, u64 *elements, u64 *bytes);
bool ascdev_surface_is_injective(const struct ascdev_surface *s);
void ascdev_surface_gather(const struct ascdev_surface *s, const void *base,
			   const struct ascdev_box *box, u16 *values);
void ascdev_surface_scatter(const struct ascdev_surface *s, void *base,
			    const struct ascdev_box *box, const u16 *values);

#endif
