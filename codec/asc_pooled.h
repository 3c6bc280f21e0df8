/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_ASC_POOLED_H
#define ASCDEV_CODEC_ASC_POOLED_H

#include "asc_block.h"

/* Values that share a code of how their indices are stored. */
#define ASC_POOLED_GROUP	16

void asc_pooled_encode(const struct asc_block_format *f, enum asc_effort effort,
		       const u16 *values, u8 *bits, u16 *decoded);
void asc_pooled_decode(const struct asc_block_format *f, const u8 *bits, u16 *values);

/* Values of a large block, which has a trellis. */
#define ASC_POOL_VALUES		256

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
 * struct asc_pool - memory for large blocks, of which only one is worked on at a time
 * @values: what is to be encoded
 * @decoded: what it becomes
 * @scratch: for the coder
 */
struct asc_pool {
	u16 values[ASC_POOL_VALUES];
	u16 decoded[ASC_POOL_VALUES];
	u32 scratch[ASC_POOL_VALUES * 3];
};

void asc_pool_encode(const struct asc_block_format *f, const struct asc_pool_place *place,
		     struct asc_pool *pool, u8 *bits);
void asc_pool_decode(const struct asc_block_format *f, const struct asc_pool_place *place,
		     const u8 *bits, struct asc_pool *pool, u16 *values);

#endif
