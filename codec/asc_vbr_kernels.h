/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The inner loops of ASC-VBR, of which there is a set for each kind of CPU.  All give the
 * same results.
 */
#ifndef ASCDEV_CODEC_ASC_VBR_KERNELS_H
#define ASCDEV_CODEC_ASC_VBR_KERNELS_H

#include "asc_vbr_grid.h"
#include "asc_vbr_points.h"
#include "surface.h"
#include "tile_coders.h"

/* Values of a block. */
#define ASC_VBR_BLOCK	32

#define ASC_VBR_MAX_BLOCKS	(FMC_TILE_MAX_VALUES / ASC_VBR_BLOCK)

enum asc_vbr_mode {
	ASC_VBR_ZERO,	/* distance to zero */
	ASC_VBR_LEFT,	/* difference to the value before */
	ASC_VBR_UP,	/* difference to the value one width before */
	ASC_VBR_ZVC,	/* a mask of the non-zero values, and their distance to zero */
	ASC_VBR_MODES
};

/* Width of a block of which nothing is stored: all is 0. */
#define ASC_VBR_WIDTH_NONE	15
#define ASC_VBR_WIDTH_MAX	14

/* Header of a block while it is in memory. */
#define ASC_VBR_HEADER(mode, width)	((mode) | (width) << 2)
#define ASC_VBR_HEADER_MODE(header)	((header) & 3)
#define ASC_VBR_HEADER_WIDTH(header)	((header) >> 2)

/* What vector code may read and write behind the end of an array. */
#define ASC_VBR_SLACK	64

/* Blocks that are planned together, and those whose numbers are in memory at a time. */
#define ASC_VBR_GROUP	4
#define ASC_VBR_PLANNED	32

/**
 * struct asc_vbr_ahead - memory that is needed soon, and is fetched bit by bit meanwhile
 * @at: next row
 * @row: from a row to the next
 * @plane: from the last row of a plane to the first of the next
 * @height: rows of a plane
 * @left: of these, those that are left of the one that @at is in
 * @out: what is written next
 *
 * Addresses are numbers, as they run over the end, where nothing is fetched.
 */
struct asc_vbr_ahead {
	unsigned long at, row, plane;
	u32 height, left;
	unsigned long out;
};

static inline void asc_vbr_skip_row(struct asc_vbr_ahead *ahead)
{
	if (--ahead->left) {
		ahead->at += ahead->row;
		return;
	}
	ahead->left = ahead->height;
	ahead->at += ahead->plane;
}

static inline void asc_vbr_fetch_row(struct asc_vbr_ahead *ahead)
{
	__builtin_prefetch((const void *)ahead->at);
	__builtin_prefetch((const void *)ahead->out, 1);
	ahead->out += ASC_VBR_BLOCK;
	asc_vbr_skip_row(ahead);
}

/* Goes on by two rows, of which it returns the second; of an odd number the last is one. */
static inline unsigned long asc_vbr_skip_rows(struct asc_vbr_ahead *ahead)
{
	unsigned long next = ahead->at + ahead->row;

	if (ahead->left > 2) {
		ahead->at = next + ahead->row;
		ahead->left -= 2;
		return next;
	}
	ahead->at = (ahead->left == 2 ? next : ahead->at) + ahead->plane;
	ahead->left = ahead->height;
	return next;
}

static inline void asc_vbr_fetch_rows(struct asc_vbr_ahead *ahead)
{
	__builtin_prefetch((const void *)ahead->at);
	__builtin_prefetch((const void *)asc_vbr_skip_rows(ahead));
	__builtin_prefetch((const void *)ahead->out, 1);
	ahead->out += 2 * ASC_VBR_BLOCK;
}

/* The same while a tile is decoded, whose rows will be written. */
static inline void asc_vbr_fetch_rows_to_write(struct asc_vbr_ahead *ahead)
{
	__builtin_prefetch((const void *)ahead->at, 1);
	__builtin_prefetch((const void *)asc_vbr_skip_rows(ahead), 1);
}

/* Likewise one row. */
static inline void asc_vbr_fetch_row_to_write(struct asc_vbr_ahead *ahead)
{
	__builtin_prefetch((const void *)ahead->at, 1);
	asc_vbr_skip_row(ahead);
}

/**
 * struct asc_vbr_sizes - of the parts of a tile
 * @mask_bytes: bytes of masks
 * @low_bits: low bits of all numbers
 * @high_bits: bits of the high parts
 */
struct asc_vbr_sizes {
	u32 mask_bytes, low_bits, high_bits;
};

/**
 * struct asc_vbr_plan - a tile that is being encoded
 * @points: points of quantisation, behind a block of origins
 * @bytes: the same of values of 8 bits, behind ASC_VBR_SLACK origins
 * @header: what has been decided for each block
 * @masks: part of the tile
 * @lows: likewise; a number has 14 at most
 * @highs: likewise; the width that is chosen leaves 5 bits for each number at most
 * @numbers: of two groups of blocks, in the modes that differ
 * @heights: high parts of all numbers, a byte each
 * @sizes: of these parts
 * @ahead: to be fetched while this tile is encoded, a row for each block
 *
 * Arrays have whole cache lines.
 */
struct asc_vbr_plan {
	union {
		u16 points[ASC_VBR_BLOCK + FMC_TILE_MAX_VALUES + ASC_VBR_BLOCK];
		u8 bytes[ASC_VBR_SLACK + FMC_TILE_MAX_VALUES + ASC_VBR_SLACK];
	};
	u8 header[ASC_VBR_MAX_BLOCKS + ASC_VBR_SLACK];
	u8 masks[FMC_TILE_MAX_VALUES / 8 + ASC_VBR_SLACK];
	u8 lows[FMC_TILE_MAX_VALUES / 8 * ASC_VBR_WIDTH_MAX + 2 * ASC_VBR_SLACK];
	u8 highs[FMC_TILE_MAX_VALUES / 8 * 5 + 2 * ASC_VBR_SLACK];
	u16 numbers[ASC_VBR_PLANNED][ASC_VBR_MODES][ASC_VBR_BLOCK];
	u8 heights[FMC_TILE_MAX_VALUES + 2 * ASC_VBR_SLACK];
	struct asc_vbr_sizes sizes;
	struct asc_vbr_ahead ahead;
};

/**
 * struct asc_vbr_differences - blocks of modes LEFT and UP
 * @left: which are LEFT
 * @up: which are UP
 * @all: which are either
 * @lefts: how many
 * @ups: likewise
 * @count: likewise
 */
struct asc_vbr_differences {
	u16 left[ASC_VBR_MAX_BLOCKS + ASC_VBR_SLACK];
	u16 up[ASC_VBR_MAX_BLOCKS + ASC_VBR_SLACK];
	u16 all[ASC_VBR_MAX_BLOCKS + ASC_VBR_SLACK];
	u32 lefts, ups, count;
};

/* Of a row that asc_vbr_control.low_row is an offset in, the logarithm of its bytes. */
#define ASC_VBR_LOW_ROW	7

/**
 * struct asc_vbr_control - a tile that is being decoded
 * @points: as above
 * @bytes: likewise
 * @header: likewise
 * @mask: of each block, which values are not zero; all of them but in mode ZVC
 * @used: of each block, as many ones as there are numbers stored
 * @low_byte: of each block, in which byte its low bits begin
 * @low_row: where in a table with a row for each width, of 8 bytes for each place in a byte,
 *	those are that it begins at
 * @differences: some blocks
 * @in: a copy of what is read, where that needs bytes behind it
 * @places: places of the ones in the high parts, modulo 2^16, behind one that is -1
 * @numbers: how many numbers are stored
 * @ahead: rows to be fetched while this tile is decoded, one for each block
 */
struct asc_vbr_control {
	union {
		u16 points[ASC_VBR_BLOCK + FMC_TILE_MAX_VALUES + ASC_VBR_BLOCK];
		u8 bytes[ASC_VBR_SLACK + FMC_TILE_MAX_VALUES + ASC_VBR_SLACK];
	};
	u8 header[ASC_VBR_MAX_BLOCKS + ASC_VBR_SLACK];
	u32 mask[ASC_VBR_MAX_BLOCKS];
	u32 used[ASC_VBR_MAX_BLOCKS];
	u16 low_byte[ASC_VBR_MAX_BLOCKS];
	u16 low_row[ASC_VBR_MAX_BLOCKS];
	struct asc_vbr_differences differences;
	u8 in[2 * FMC_TILE_MAX_VALUES + 2 * ASC_VBR_SLACK];
	u16 places[ASC_VBR_BLOCK + FMC_TILE_MAX_VALUES + 2 * ASC_VBR_SLACK];
	u32 numbers;
	struct asc_vbr_ahead ahead;
};

/**
 * struct asc_vbr_errors - what coding did to values
 * @sum_abs: sum of absolute errors
 * @sum_sq: sum of their squares
 * @max_abs: the largest
 */
struct asc_vbr_errors {
	u64 sum_abs, sum_sq;
	u32 max_abs;
};

/**
 * struct asc_vbr_byte_kernels - inner loops for values of 8 bits, in bytes
 * @least: as below
 * @to_points: the nearest points; adds up what they change
 * @encode: from plan->bytes to all other parts of the plan
 * @count: from plan->bytes to plan->sizes; NULL if there is none
 * @decode: from control to points, as the next ones; 1 if it takes numbers of 16 bits, or
 *	more; NULL if there is none
 * @put_rows: as below; there if @decode is
 */
struct asc_vbr_byte_kernels {
	u32 (*least)(const u8 *values, u32 n, u32 start);
	void (*to_points)(const struct asc_vbr_grid *g, const u8 *values, u32 n, u8 *points,
			  struct asc_vbr_errors *errors);
	void (*encode)(const struct asc_vbr_grid *g, u32 n, struct asc_vbr_plan *plan);
	void (*count)(const struct asc_vbr_grid *g, u32 n, struct asc_vbr_plan *plan);
	int (*decode)(const struct asc_vbr_grid *g, u32 n, struct asc_vbr_control *control,
		      const u8 *lows, const u8 *highs, const u8 *end);
	void (*put_rows)(const struct asc_vbr_grid *g, const struct fmc_tile *tile,
			 const u8 *points, const struct fmc_rows *rows, u8 *out);
};

/**
 * struct asc_vbr_kernels - inner loops
 * @tiles: lossless coders
 * @bytes: for values of 8 bits, or NULL
 * @least: the least of @n values and @start
 * @to_points: the nearest points
 * @to_points_errors: the same; adds up what they change
 * @to_points_above: the same with points that begin at zero, if no value is below; returns
 *	whether that is so, and @errors may be NULL.  NULL if there is none
 * @from_points: values that points stand for; those beyond the last as the last
 * @add_errors: add up what lies between two arrays
 * @encode: from plan->points to all other parts of the plan
 * @count: from plan->points to plan->sizes
 * @put_headers: write modes and widths of all blocks; may write behind the last of @header;
 *	returns what is behind them
 * @get_control: read modes and widths, which are there, and masks; returns what is behind
 *	them, which begins with @low_bits low bits, or NULL if they reach over the end
 * @decode: numbers and points; returns 0, or -EBADMSG if they do not end where the high
 *	parts do.  There are as many @lows as control says.
 * @put_rows: values that points of a tile stand for, to rows of a surface; NULL if there is
 *	none
 * @get_rows: values of rows of a surface, with as many bytes as those have; NULL if there is
 *	none.  If there is, @encode fetches what is ahead.
 * @trellis: the points of a tile with a trellis, and what they stand for; returns false if the
 *	search has to be one value at a time.  NULL if it always is
 */
struct asc_vbr_kernels {
	const struct fmc_tile_coders *tiles;
	const struct asc_vbr_byte_kernels *bytes;
	u32 (*least)(const u16 *values, u32 n, u32 start);
	void (*to_points)(const struct asc_vbr_grid *g, const u16 *values, u32 n, u16 *points);
	void (*to_points_errors)(const struct asc_vbr_grid *g, const u16 *values, u32 n,
				 u16 *points, struct asc_vbr_errors *errors);
	bool (*to_points_above)(const struct asc_vbr_grid *g, const u16 *values, u32 n,
				u16 *points, struct asc_vbr_errors *errors);
	void (*from_points)(const struct asc_vbr_grid *g, const u16 *points, u32 n, u16 *values);
	void (*add_errors)(const u16 *a, const u16 *b, u32 n, struct asc_vbr_errors *errors);
	void (*encode)(const struct asc_vbr_grid *g, u32 n, struct asc_vbr_plan *plan);
	void (*count)(const struct asc_vbr_grid *g, u32 n, struct asc_vbr_plan *plan);
	u8 *(*put_headers)(u8 *header, u32 blocks, u8 *out);
	const u8 *(*get_control)(const u8 *in, const u8 *end, u32 n,
				 struct asc_vbr_control *control, u32 *low_bits);
	int (*decode)(const struct asc_vbr_grid *g, u32 n, struct asc_vbr_control *control,
		      const u8 *lows, const u8 *highs, const u8 *end);
	void (*put_rows)(const struct asc_vbr_grid *g, const struct fmc_tile *tile,
			 const u16 *points, const struct fmc_rows *rows, u8 *out);
	void (*get_rows)(const struct fmc_tile *tile, const struct fmc_rows *rows, const u8 *in,
			 u8 *values);
	bool (*trellis)(const struct asc_vbr_points *g, const struct fmc_tile *tile,
			const u16 *values, u16 *points, u16 *decoded, struct asc_vbr_steps *steps);
};

static inline u32 asc_vbr_blocks(u32 count)
{
	return (count + ASC_VBR_BLOCK - 1) / ASC_VBR_BLOCK;
}

static inline u32 asc_vbr_mode_bytes(u32 blocks)
{
	return (blocks + 3) / 4;
}

static inline u32 asc_vbr_width_bytes(u32 blocks)
{
	return (blocks + 1) / 2;
}

/* A bit for each value of a block. */
static inline u32 asc_vbr_mask(u32 values)
{
	return values == ASC_VBR_BLOCK ? ~0u : (1u << values) - 1;
}

/* The grid that begins with the least value. */
static inline void asc_vbr_fit(const struct asc_vbr_kernels *k, struct asc_vbr_grid *g,
			       const struct fmc_tile *tile, u32 step, const u16 *values)
{
	asc_vbr_set_step(g, tile, step);
	asc_vbr_set_origin(g, asc_vbr_steps(g, g->zero -
					    k->least(values, fmc_tile_values(tile), g->zero)));
}

bool asc_vbr_trellis_avx2(const struct asc_vbr_points *g, const struct fmc_tile *tile,
			  const u16 *values, u16 *points, u16 *decoded,
			  struct asc_vbr_steps *steps);
bool asc_vbr_trellis_avx512(const struct asc_vbr_points *g, const struct fmc_tile *tile,
			    const u16 *values, u16 *points, u16 *decoded,
			    struct asc_vbr_steps *steps);
extern const struct asc_vbr_byte_kernels asc_vbr_bytes_avx2;
extern const struct asc_vbr_byte_kernels asc_vbr_bytes_avx512;
extern const struct asc_vbr_kernels asc_vbr_kernels_scalar;
extern const struct asc_vbr_kernels asc_vbr_kernels_avx2;
extern const struct asc_vbr_kernels asc_vbr_kernels_avx512;
extern const struct asc_vbr_kernels asc_vbr_kernels_neon;

#endif
