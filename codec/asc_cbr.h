/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_ASC_CBR_H
#define ASCDEV_CODEC_ASC_CBR_H

#include "asc_block.h"

/* The numbers of these two are those of the uapi and of the library. */
enum fmc_endpoints {
	FMC_ENDPOINTS_AUTO = 0,
	FMC_ENDPOINTS_ONE = 1,
	FMC_ENDPOINTS_TWO = 2,
};

enum fmc_scale {
	FMC_SCALE_AUTO = 0,
	FMC_SCALE_LINEAR = 1,
	FMC_SCALE_LOG = 2,
};

/**
 * struct asc_cbr_params - how a surface is to be compressed
 * @endpoints: one of enum fmc_endpoints.  AUTO is for an encoder;
 *	asc_cbr_choose() resolves it.
 * @scale: one of enum fmc_scale; of no meaning to a decoder
 * @zero_point: the value that stands for 0.0; the minimum of every block in
 *	one-endpoint mode.  A number that the surface's type can hold.
 */
struct asc_cbr_params {
	u32 endpoints;
	u32 scale;
	s32 zero_point;
};

/**
 * struct asc_cbr - a surface and its payload, ready to be coded
 * @surface: the feature map
 * @format: format of every block
 * @scales: for asc_block_encode()
 * @w: width of a block
 * @h: height of a block
 * @across: blocks in a row
 * @down: rows of blocks in a plane
 * @blocks: blocks in the surface
 * @elements: values in the surface
 *
 * Made by asc_cbr_init(), not changed afterwards; any number of threads may
 * work on different blocks.
 */
struct asc_cbr {
	struct fmc_surface surface;
	struct asc_block_format format;
	u32 scales;
	u32 w, h;
	u32 across, down;
	u32 blocks;
	u64 elements;
};

/**
 * struct asc_cbr_stats - what an encoder did
 * @linear_blocks: blocks on the linear scale
 * @log_blocks: blocks on the log-linear scale
 * @sum_abs_error: sum over the surface of |x - x'|
 * @sum_sq_error: sum over the surface of (x - x')^2
 * @max_abs_error: maximum over the surface of |x - x'|
 *
 * Padding of blocks at the edges is not counted.
 */
struct asc_cbr_stats {
	u64 linear_blocks;
	u64 log_blocks;
	u64 sum_abs_error;
	u64 sum_sq_error;
	u32 max_abs_error;
};

/**
 * struct asc_cbr_survey - what asc_cbr_choose() needs to know of a surface
 * @blocks: blocks seen, of the shape of two-endpoint mode
 * @zero_blocks: blocks of them whose minimum is the zero point
 * @negative_blocks: blocks of them with a value below the zero point
 */
struct asc_cbr_survey {
	u64 blocks;
	u64 zero_blocks;
	u64 negative_blocks;
};

int asc_cbr_init(struct asc_cbr *cbr, const struct fmc_surface *surface,
		 const struct asc_cbr_params *params);
u64 asc_cbr_bytes(const struct asc_cbr *cbr);
int asc_cbr_bound(const struct fmc_surface *surface, const struct asc_cbr_params *params,
		  u64 *bytes);
void asc_cbr_survey(const struct asc_cbr *cbr, u32 first, u32 count, const void *src,
		    struct asc_cbr_survey *survey);
u32 asc_cbr_choose(const struct asc_cbr_survey *survey);
void asc_cbr_encode(const struct asc_cbr *cbr, u32 first, u32 count, const void *src,
		    void *payload, struct asc_cbr_stats *stats);
void asc_cbr_decode(const struct asc_cbr *cbr, u32 first, u32 count, const void *payload,
		    void *dst);

#endif
