/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_SURFACE_H
#define ASCDEV_CODEC_SURFACE_H

#include "types.h"

/**
 * enum fmc_dtype - type of the values of a feature map
 * @FMC_U8: unsigned 8 bit
 * @FMC_S8: two's complement 8 bit
 * @FMC_U16: unsigned 16 bit, in the byte order of the machine
 * @FMC_S16: two's complement 16 bit, likewise
 * @FMC_F16: IEEE 754 binary16, likewise
 * @FMC_BF16: the upper half of an IEEE 754 binary32, likewise
 *
 * The numbers are those of the uapi and of the library.
 */
enum fmc_dtype {
	FMC_U8 = 0,
	FMC_S8 = 1,
	FMC_U16 = 2,
	FMC_S16 = 3,
	FMC_F16 = 4,
	FMC_BF16 = 5,
};

/* Order of the dimensions in struct fmc_surface. */
enum { FMC_DIM_N, FMC_DIM_C, FMC_DIM_H, FMC_DIM_W, FMC_DIMS };

/* Values of one surface at most; keeps every product below in 64 bits. */
#define FMC_MAX_ELEMENTS	(1ull << 30)

/* The largest block, in values, but for those of asc_pooled.h. */
#define FMC_BLOCK_MAX_VALUES		64

/**
 * struct fmc_surface - a feature map in memory
 * @dtype: one of enum fmc_dtype
 * @dim: extents N, C, H, W; all at least 1
 * @stride: bytes from one value to the next along each dimension.  Any number:
 *	values of 16 bits need not be aligned, rows need not be adjacent.  A
 *	stride of 0 repeats a value, which only a source may do.
 * @order: NULL, or for each place among the channels which channel is coded there:
 *	C entries, a permutation, which fmc_order_is_permutation() can tell.  Like
 *	@stride it says where values are; who makes the surface has checked it, and
 *	it stays as it is while the surface is used.
 */
struct fmc_surface {
	u32 dtype;
	u32 dim[FMC_DIMS];
	u64 stride[FMC_DIMS];
	const u16 *order;
};

/**
 * struct fmc_box - a part of a surface, in values
 * @at: first position in each dimension
 * @w: width
 * @h: height
 * @c: channels
 *
 * It may reach over the far edges of the surface.  Channels are counted in the
 * surface's order.
 */
struct fmc_box {
	u32 at[FMC_DIMS];
	u32 w, h, c;
};

/**
 * struct fmc_rows - rows of a box of integers, in memory, without gaps between their values
 * @at: where the first one is, seen from the first value of the surface
 * @row: bytes from a row to the next
 * @plane: bytes from a plane to the next
 * @flip: bits of a value that make it a number of equal order
 *
 * Of a single row, or plane, the distance to the next may be anything.
 */
struct fmc_rows {
	u64 at, row, plane;
	u32 flip;
};

/* Bits of one value, or 0 for an unknown type. */
static inline u32 fmc_dtype_bits(u32 dtype)
{
	switch (dtype) {
	case FMC_U8:
	case FMC_S8:
		return 8;
	case FMC_U16:
	case FMC_S16:
	case FMC_F16:
	case FMC_BF16:
		return 16;
	default:
		return 0;
	}
}

static inline bool fmc_dtype_is_float(u32 dtype)
{
	return dtype == FMC_F16 || dtype == FMC_BF16;
}

/*
 * The bits of a value as an unsigned number of the same order.  Of integers the
 * sign is turned over; of floats so are all other bits, too, below zero.
 */
static inline u32 fmc_to_ordered(u32 dtype, u32 value)
{
	switch (dtype) {
	case FMC_S8:
		return value ^ 0x80;
	case FMC_S16:
		return value ^ 0x8000;
	case FMC_F16:
	case FMC_BF16:
		return value & 0x8000 ? value ^ 0xffff : value | 0x8000;
	default:
		return value;
	}
}

/* The inverse. */
static inline u32 fmc_from_ordered(u32 dtype, u32 number)
{
	switch (dtype) {
	case FMC_F16:
	case FMC_BF16:
		return number & 0x8000 ? number ^ 0x8000 : number ^ 0xffff;
	default:
		return fmc_to_ordered(dtype, number);
	}
}

/* Is it neither an infinity nor a NaN?  For a number of fmc_to_ordered(), of floats. */
static inline bool fmc_number_is_finite(u32 dtype, u32 number)
{
	u32 exponent = dtype == FMC_F16 ? 0x7c00 : 0x7f80;

	return (fmc_from_ordered(dtype, number) & exponent) != exponent;
}

/* Can the type hold a value that stands for 0.0? */
static inline bool fmc_zero_point_fits(u32 dtype, s32 zero_point)
{
	switch (dtype) {
	case FMC_U8:
		return zero_point >= 0 && zero_point <= 255;
	case FMC_S8:
		return zero_point >= -128 && zero_point <= 127;
	case FMC_U16:
		return zero_point >= 0 && zero_point <= 65535;
	case FMC_S16:
		return zero_point >= -32768 && zero_point <= 32767;
	default:
		return !zero_point;
	}
}

/* A value that the type can hold, as an order-preserving unsigned number. */
static inline u32 fmc_zero_number(u32 dtype, s32 zero_point)
{
	return fmc_to_ordered(dtype, (u32)zero_point & ((1u << fmc_dtype_bits(dtype)) - 1));
}

int fmc_surface_check(const struct fmc_surface *s, u64 *elements, u64 *bytes);
bool fmc_surface_is_injective(const struct fmc_surface *s);
void fmc_surface_gather(const struct fmc_surface *s, const void *base,
			const struct fmc_box *box, u16 *values);
void fmc_surface_gather_bytes(const struct fmc_surface *s, const void *base,
			      const struct fmc_box *box, u8 *values);
void fmc_surface_scatter(const struct fmc_surface *s, void *base,
			 const struct fmc_box *box, const u16 *values);
void fmc_surface_scatter_part(const struct fmc_surface *s, void *base, const u32 *origin,
			      const struct fmc_box *box, const u16 *order, const u16 *values);
void fmc_surface_scatter_part_bytes(const struct fmc_surface *s, void *base, const u32 *origin,
				    const struct fmc_box *box, const u16 *order,
				    const u8 *values);
bool fmc_surface_rows(const struct fmc_surface *s, const u32 *origin, const struct fmc_box *box,
		      struct fmc_rows *rows);
void fmc_surface_gather_run(const struct fmc_surface *s, const void *base, u32 first,
			    u32 inside, u32 count, u16 *values);
void fmc_surface_scatter_run(const struct fmc_surface *s, void *base, u32 first, u32 inside,
			     const u16 *values);

#endif
