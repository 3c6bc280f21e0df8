/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What all searches for the points of blocks with a trellis have in common, one block at a
 * time or many.
 */
#ifndef ASCDEV_CODEC_ASC_POOL_SEARCH_H
#define ASCDEV_CODEC_ASC_POOL_SEARCH_H

#include "asc_pooled_codes.h"
#include "asc_trellis.h"

/* A step is (8 + mantissa) * 2^exponent / 8. */
#define UNIT		8u

/* Beside prices, errors are shifted so that the square of a step is 2^16 to 2^18. */
#define ERROR_SHIFT	16

/* A price of 1 is 1/64 square of the step. */
static inline u32 price_unit(u32 step_code)
{
	u32 mantissa = UNIT + step_code % UNIT;

	return mantissa * mantissa * ((1u << ERROR_SHIFT) / (64 * UNIT * UNIT));
}

/* More than an index is worth. */
#define MANY_BITS	31u

/* How often the points above are looked up, and how far back ways may still part. */
#define TRACE_EVERY	8
#define TRACE_BACK	24

/* The next larger step takes about an eighth of a bit less for a value. */
#define STEP_SAVES	(ASC_POOL_VALUES / UNIT)

#define PRICES		6

/* The next price saves about so many bits of a block. */
#define PRICE_SAVES	5

/* Of a bit with a step; about 6 is what it is worth. */
static inline u32 bit_price(u32 price, u32 step_code)
{
	static const u8 prices[PRICES] = { 2, 4, 6, 10, 14, 18 };

	return prices[price] * price_unit(step_code);
}

#endif
