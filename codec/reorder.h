/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_REORDER_H
#define ASCDEV_CODEC_REORDER_H

#include "surface.h"

struct fmc_kernels;

/**
 * enum fmc_reorder - how an order of the channels is found
 * @FMC_REORDER_NONE: not at all: the order in memory
 * @FMC_REORDER_HEURISTIC: each channel is compared with a few others
 * @FMC_REORDER_GREEDY: each channel is compared with all others
 * @FMC_REORDER_GIVEN: not sought for: the caller has one
 *
 * The numbers are those of the uapi and of the library.
 */
enum fmc_reorder {
	FMC_REORDER_NONE = 0,
	FMC_REORDER_HEURISTIC = 1,
	FMC_REORDER_GREEDY = 2,
	FMC_REORDER_GIVEN = 3,
};

/* Channels of a surface that is put in order, at most. */
#define FMC_REORDER_MAX_CHANNELS	4096

/* Bytes of scratch memory that fmc_order_is_permutation() needs at most. */
#define FMC_ORDER_BITMAP_BYTES		(FMC_REORDER_MAX_CHANNELS / 8)

/* Bytes of workspace for any surface and method, at most. */
#define FMC_REORDER_MAX_WORKSPACE	(140ull * FMC_REORDER_MAX_CHANNELS)

/**
 * struct fmc_reorder_search - a search for an order of the channels
 * @order: the result, in the workspace: C entries, order[i] is the channel that
 *	stands at place i.  Complete once fmc_reorder_step() returns false.
 * @surface: the feature map, in the order in memory
 * @cost: see fmc_reorder_cost()
 * @log_cells: logarithm to base 2 of the number of cells, where channels are looked at
 * @candidates: others that a unit is compared with at most
 * @range: of each channel, for each cell, the least and the greatest value; of a
 *	unit, those of all its channels, kept at its first channel
 * @key: of each unit, the sum of @range
 * @next: for each channel, the one behind it in the same unit
 * @last: of each unit, its last channel
 * @unit: the units' first channels: to be paired from the front, paired ones at
 *	the back
 * @looked_at: channels that @range has
 * @left: units in @unit that are still to be paired
 * @pairs: units in @unit that are paired
 * @rest: the unit that is smaller than the others, or none
 * @first: first channel of the unit that a partner is sought for, or none
 * @tried: candidates compared with it
 * @best: index in @unit of the best of these
 * @best_cost: cost of it
 *
 * Only @order is of interest outside of reorder.c.
 */
struct fmc_reorder_search {
	u16 *order;
	struct fmc_surface surface;
	u32 (*cost)(const u16 *a, const u16 *b, u32 count);
	u32 log_cells;
	u32 candidates;
	u16 *range;
	u32 *key;
	u16 *next;
	u16 *last;
	u16 *unit;
	u32 looked_at;
	u32 left;
	u32 pairs;
	u32 rest;
	u32 first;
	u32 tried;
	u32 best;
	u32 best_cost;
};

u64 fmc_reorder_workspace_bytes(const struct fmc_surface *surface, u32 method);
int fmc_reorder_init(struct fmc_reorder_search *search, const struct fmc_surface *surface,
		     u32 method, const struct fmc_kernels *kernels, void *workspace,
		     u64 workspace_bytes);
bool fmc_reorder_step(struct fmc_reorder_search *search, const void *src);
u32 fmc_reorder_cost(const u16 *a, const u16 *b, u32 count);
u32 fmc_reorder_cost_avx2(const u16 *a, const u16 *b, u32 count);
u32 fmc_reorder_cost_avx512(const u16 *a, const u16 *b, u32 count);
u32 fmc_reorder_cost_neon(const u16 *a, const u16 *b, u32 count);
bool fmc_order_is_permutation(const u16 *order, u32 channels, u8 *bitmap);

#endif
