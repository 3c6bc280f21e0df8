/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * ASC's search for endpoints, many at a time: what vector code works on.
 */
#ifndef ASCDEV_CODEC_ASC_SEARCH_H
#define ASCDEV_CODEC_ASC_SEARCH_H

#include "asc_block.h"

/* Ends that are tried at once: eight pairs, on both scales. */
#define ASC_TRIES	16

/**
 * struct asc_sorted - values of a block in ascending order
 * @values: the values
 * @sums: of the first 0, 1, ... values
 * @squares: sum of the squares of all
 * @count: how many there are: a multiple of 8, 64 at most
 */
struct asc_sorted {
	u16 *values;
	u32 sums[FMC_BLOCK_MAX_VALUES + 1];
	u64 squares;
	u32 count;
};

/*
 * What counts is the squared error, and the square of the mean error: errors that point
 * one way add up in a network, while others cancel.
 */
#define ASC_BIAS_WEIGHT	2

/**
 * struct asc_tries - ends to try
 * @low: lower points; those with an even number are for the linear scale, with an odd one
 *	for the log-linear one
 * @high: upper points, not below those
 * @scales: as for asc_block_encode()
 *
 * ``u32 try_all(sorted, tries, &cost)`` finds the first with the least cost: the sum of the
 * squares of all errors times their number, and ASC_BIAS_WEIGHT times the square of the sum of
 * all errors.  The sum of the squares of the errors of each one is below 2^32.
 */
struct asc_tries {
	u16 low[ASC_TRIES];
	u16 high[ASC_TRIES];
	u32 scales;
};

/**
 * struct asc_fit - how values of one block fit a pair of ends
 * @cost: as of &struct asc_tries
 * @high: sum of the weights, in sixteenths, of the high end in the points that values take
 * @squares: of the squares of these
 * @products: of their products with the values
 */
struct asc_fit {
	u64 cost;
	u32 high, squares, products;
};

/**
 * struct asc_search_kernels - functions for one CPU
 * @sort: fill in what is sorted; its values have memory
 * @fit: the first two of &struct asc_tries, one for each scale
 * @try_all: see &struct asc_tries
 */
struct asc_search_kernels {
	void (*sort)(const u16 *values, u32 count, struct asc_sorted *s);
	void (*fit)(const struct asc_sorted *s, const struct asc_tries *tries,
		    struct asc_fit *fits);
	u32 (*try_all)(const struct asc_sorted *s, const struct asc_tries *tries, u64 *cost);
};

extern const struct asc_search_kernels asc_search_avx2;
extern const struct asc_search_kernels asc_search_avx512;

#endif
