/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_ASC_POOLED_H
#define ASCDEV_CODEC_ASC_POOLED_H

#include "asc_block.h"

/* Values that share a code of how their indices are stored. */
#define ASC_POOLED_GROUP	16

/* Values of a large block. */
#define ASC_POOL_VALUES		256
#define ASC_POOL_BYTES		(ASC_POOL_VALUES / 2)

void asc_pooled_encode(const struct asc_block_format *f, enum asc_effort effort,
		       const u16 *values, u8 *bits, u16 *decoded);
void asc_pooled_decode(const struct asc_block_format *f, const u8 *bits, u16 *values);

/* Codes of a group: plain indices, by number of levels; then Golomb-Rice; then a mask. */
#define ASC_PLAIN_CODES		13
#define ASC_RICE_CODES		8
#define ASC_MASK_CODES		11

#define ASC_FIRST_RICE		ASC_PLAIN_CODES
#define ASC_FIRST_MASK		(ASC_PLAIN_CODES + ASC_RICE_CODES)

#define ASC_CODE_BITS		5

/* Larger indices are not coded, so that sums of 16 of them fit into 16 bits. */
#define ASC_MAX_INDEX		0xfff

/* A search takes no larger errors, so that squares of a block's make less than 2^32. */
#define ASC_POOLED_MOST_ERROR(values)	((values) > FMC_BLOCK_MAX_VALUES ? 4095 : 8191)

/* Smaller steps that are tried with moves, which may cost what a search is told in turn. */
#define ASC_POOLED_TRIES	4
#define ASC_POOLED_COSTS	3
#define ASC_POOLED_COST(i)	(1u << (i))

/* Blocks that lie side by side. */
#define ASC_POOLED_LANES	32

#define ASC_POOLED_GROUPS	(ASC_POOL_VALUES / ASC_POOLED_GROUP)

typedef u16 lane_row[ASC_POOLED_LANES];

/**
 * struct asc_pooled_lanes - blocks for vector code, which has one in each word
 * @values: values, of floats in fixed point
 * @decoded: what those become that are not counted; of others, nothing in particular
 * @steps: for the coder
 * @indices: of the values
 * @mean: mean distance from zero, rounded towards it, without its sign
 * @below: is the mean below zero?  0xffff or 0
 * @step_code: of the plan, see asc_pooled.c
 * @base: likewise, with zero added to it
 * @codes: likewise
 * @predicted: likewise, 0xffff or 0
 * @shared: likewise
 * @plain: blocks that are for plain C
 * @counted: 0xffff for those whose errors are to be added up, of integers; others 0
 * @sum_abs_error: sum of absolute errors
 * @sum_sq_error: sum of their squares
 * @max_abs_error: the largest
 */
struct asc_pooled_lanes {
	u16 values[ASC_POOL_VALUES][ASC_POOLED_LANES];
	u16 decoded[ASC_POOL_VALUES][ASC_POOLED_LANES];
	u16 steps[ASC_POOL_VALUES][ASC_POOLED_LANES];
	u16 indices[ASC_POOL_VALUES][ASC_POOLED_LANES];
	u16 mean[ASC_POOLED_LANES];
	u16 below[ASC_POOLED_LANES];
	u16 step_code[ASC_POOLED_LANES];
	u16 base[ASC_POOLED_LANES];
	u16 codes[ASC_POOLED_GROUPS][ASC_POOLED_LANES];
	u16 predicted[ASC_POOLED_LANES];
	u16 shared[ASC_POOLED_LANES];
	u16 plain[ASC_POOLED_LANES];
	u16 counted[ASC_POOLED_LANES];
	u64 sum_abs_error, sum_sq_error;
	u32 max_abs_error;
};

/* Blocks with a trellis that lie side by side, and steps from which on these are for plain C. */
#define ASC_POOL_LANES		16
#define ASC_POOL_LANES_STEPS	96

/**
 * struct asc_pool_plans - how blocks with a trellis are tried; see asc_pooled.c
 * @step_code: exponent and mantissa of the step
 * @base: point that every index is relative to, or the first one
 * @predicted: ~0 or 0
 * @shared: 1 or 0
 * @bits: all of the block; ~0 if an index is too large
 * @codes: of the groups
 */
struct asc_pool_plans {
	u32 step_code[ASC_POOL_LANES];
	s32 base[ASC_POOL_LANES];
	u32 predicted[ASC_POOL_LANES];
	u32 shared[ASC_POOL_LANES];
	u32 bits[ASC_POOL_LANES];
	u32 codes[ASC_POOLED_GROUPS][ASC_POOL_LANES];
};

/**
 * struct asc_pool_lanes - blocks with a trellis for vector code, which has one in each word
 * @values: values, of each block one behind the other
 * @w: values in a row of the plane
 * @h: rows in it
 * @x: place of the first value
 * @y: its row
 * @plain: blocks that are for plain C
 * @distances: values, from zero
 * @mean: of these, rounded towards zero
 * @firsts: the least of four points that each may become
 * @scratch: for the coder, where no points are looked for
 * @points: of the last attempt
 * @choices: of each value, for each state: bit 2 of the state before
 * @indices: of @points
 * @codes: of these
 * @trials: for the coder
 * @work: likewise
 * @plans: how the blocks are coded
 * @best: indices of that
 * @decoded: numbers of that
 */
struct asc_pool_lanes {
	u16 values[ASC_POOL_LANES][ASC_POOL_VALUES];
	u32 w, h;
	u32 x[ASC_POOL_LANES];
	u32 y[ASC_POOL_LANES];
	bool plain[ASC_POOL_LANES];
	s32 distances[ASC_POOL_VALUES][ASC_POOL_LANES];
	s32 mean[ASC_POOL_LANES];
	union {
		s32 firsts[ASC_POOL_VALUES][ASC_POOL_LANES];
		u16 scratch[ASC_POOL_VALUES][ASC_POOL_LANES];
	};
	s32 points[ASC_POOL_VALUES][ASC_POOL_LANES];
	u8 choices[ASC_POOL_VALUES][ASC_POOL_LANES];
	u16 indices[ASC_POOL_VALUES][ASC_POOL_LANES];
	u32 codes[ASC_POOLED_GROUPS][ASC_POOL_LANES];
	struct asc_pool_plans trials[2], work, plans;
	u16 best[ASC_POOL_VALUES][ASC_POOL_LANES];
	u16 decoded[ASC_POOL_VALUES][ASC_POOL_LANES];
};

/**
 * struct asc_pool_decoder - pooled blocks of any size for vector code that decodes them
 * @w: values in a row of the plane
 * @h: rows in it
 * @x: place of the first value
 * @y: its row
 * @values: decoded, of each block one behind the other
 * @columns: for the decoder, as what follows
 * @steps: or points
 * @step_code: of the header, see asc_pooled_reader.h
 * @base: likewise
 * @predicted: likewise
 */
struct asc_pool_decoder {
	u32 w, h;
	u32 x[ASC_POOL_LANES];
	u32 y[ASC_POOL_LANES];
	u16 values[ASC_POOL_LANES][ASC_POOL_VALUES];
	u16 columns[ASC_POOL_VALUES][ASC_POOL_LANES];
	s32 steps[ASC_POOL_VALUES][ASC_POOL_LANES];
	u32 step_code[ASC_POOL_LANES];
	s32 base[ASC_POOL_LANES];
	u32 predicted[ASC_POOL_LANES];
};

struct asc_pool_place;
struct asc_pooled_writer;

/**
 * struct asc_pooled_kernels - vector code for blocks side by side
 * @encode: encodes those in all places, with the bytes of plain C.  The caller fills in values,
 *	what is counted, and sums to add to.
 * @put_in_row: a row of values of all blocks, @w each, which lie one behind the other, as numbers
 *	with some bits inverted; false if it does not know such rows.  NULL if it knows none
 * @put_groups: see asc_pooled_put_groups(); where @encode has left indices is for it to know
 * @encode_pools: likewise, blocks with a trellis, which asc_pool_put_in() has put in
 * @decode: decodes up to ASC_POOL_LANES blocks that follow one another, of any size, with the
 *	values of plain C; any content is valid, and it may change meanwhile.  The caller fills in
 *	where values lie
 */
struct asc_pooled_kernels {
	void (*encode)(const struct asc_block_format *f, enum asc_effort effort,
		       struct asc_pooled_lanes *lanes);
	bool (*put_in_row)(const u8 *p, bool wide, u16 flip, u32 w, lane_row *values);
	void (*put_groups)(struct asc_pooled_writer *w, const struct asc_pooled_lanes *lanes,
			   u32 lane, const u8 *codes, u32 groups);
	void (*encode_pools)(const struct asc_block_format *f, enum asc_effort effort,
			     struct asc_pool_lanes *lanes);
	void (*decode)(const struct asc_block_format *f, const u8 *bits, u32 count,
		       struct asc_pool_decoder *decoder);
};

extern const struct asc_pooled_kernels asc_pooled_avx2;
extern const struct asc_pooled_kernels asc_pooled_avx512;

void asc_pool_encode_avx2(const struct asc_block_format *f, enum asc_effort effort,
			  struct asc_pool_lanes *lanes);
void asc_pool_encode_avx512(const struct asc_block_format *f, enum asc_effort effort,
			    struct asc_pool_lanes *lanes);
void asc_pool_decode_avx2(const struct asc_block_format *f, const u8 *bits, u32 count,
			  struct asc_pool_decoder *decoder);
void asc_pool_decode_avx512(const struct asc_block_format *f, const u8 *bits, u32 count,
			    struct asc_pool_decoder *decoder);

void asc_pooled_put_groups(struct asc_pooled_writer *w, const struct asc_pooled_lanes *lanes,
			   u32 lane, const u8 *codes, u32 groups);
bool asc_pooled_take_out(const struct asc_block_format *f, const struct asc_pooled_kernels *k,
			 const struct asc_pooled_lanes *lanes, u32 lane, u8 *bits);

/**
 * struct asc_pool_place - how the values of a large block lie
 * @w: values in a row
 * @h: rows in a plane
 * @x: place of the first value
 * @y: its row
 */
struct asc_pool_place {
	u32 w, h, x, y;
};

/**
 * struct asc_pool - memory for large blocks, of which only one is worked on at a time, or
 *	for blocks side by side
 * @values: what is to be encoded
 * @decoded: what it becomes
 * @scratch: for the coder
 * @lanes: blocks side by side
 * @pool_lanes: the same with a trellis
 * @decoder: blocks that are decoded side by side
 */
struct asc_pool {
	union {
		struct {
			u16 values[ASC_POOL_VALUES];
			u16 decoded[ASC_POOL_VALUES];
			u32 scratch[ASC_POOL_VALUES * 9];
		};
		struct asc_pooled_lanes lanes;
		struct asc_pool_lanes pool_lanes;
		struct asc_pool_decoder decoder;
	};
};

void asc_pooled_encode_large(const struct asc_block_format *f, enum asc_effort effort,
			     struct asc_pool *pool, u8 *bits);
void asc_pooled_decode_large(const struct asc_block_format *f, const u8 *bits,
			     struct asc_pool *pool, u16 *values);

void asc_pool_encode(const struct asc_block_format *f, enum asc_effort effort,
		     const struct asc_pool_place *place, struct asc_pool *pool, u8 *bits);
void asc_pool_put_in(const struct asc_block_format *f, const struct asc_pool_place *place,
		     struct asc_pool_lanes *lanes, u32 lane);
bool asc_pool_take_out(const struct asc_block_format *f, const struct asc_pool_lanes *lanes,
		       u32 lane, u8 *bits, u16 *decoded);
void asc_pool_decode(const struct asc_block_format *f, const struct asc_pool_place *place,
		     const u8 *bits, struct asc_pool *pool, u16 *values);

#endif
