/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_ASC_CBR_H
#define ASCDEV_CODEC_ASC_CBR_H

#include "asc_block.h"
#include "asc_shape.h"

struct asc_patch_memory;
struct asc_pool;
struct fmc_kernels;

/* The numbers of these three are those of the uapi and of the library. */
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
 * enum fmc_profile - how a block is laid out
 * @FMC_PROFILE_AUTO: chosen by the codec
 * @FMC_PROFILE_FULL: endpoints as values, indices of 3 bits
 * @FMC_PROFILE_NARROW: endpoints in 8 bits; only for values of 16 bits
 * @FMC_PROFILE_POOLED: a step, and indices of as many bits as they need (asc_pooled.h);
 *	there is one scale, and blocks have a multiple of 16 values, up to 64 or 256
 */
enum fmc_profile {
	FMC_PROFILE_AUTO = 0,
	FMC_PROFILE_FULL = 1,
	FMC_PROFILE_NARROW = 2,
	FMC_PROFILE_POOLED = 3,
};

/**
 * struct asc_cbr_block - the shape of a block
 * @w: width
 * @h: height
 * @c: channels
 *
 * All 0: chosen by the codec.  @h and @c 0: a run of @w values in the order
 * N, C, H, W, over the ends of rows and planes.  Otherwise a cuboid.  The number
 * of values is a multiple of 8, at most FMC_BLOCK_MAX_VALUES; or ASC_POOL_VALUES.
 */
struct asc_cbr_block {
	u16 w, h, c;
};

/**
 * struct asc_cbr_params - how a surface is to be compressed
 * @endpoints: one of enum fmc_endpoints
 * @scale: one of enum fmc_scale; of no meaning to a decoder
 * @effort: one of enum asc_effort; of no meaning to a decoder
 * @zero_point: the value that stands for 0.0; the minimum of every block in
 *	one-endpoint mode.  A number that the surface's type can hold; 0 for
 *	floats.
 * @profile: one of enum fmc_profile
 * @exponent: exponent of the largest magnitude in the surface; 0 leaves it open.
 *	Floats: biased.  Integers: bits of the largest distance from @zero_point.
 *	Endpoints of the narrow profile and floats of the pooled one refer to it.
 *	Otherwise it only sets the unit in which an encoder counts errors of floats.
 * @block: shape of a block
 * @reordered: channels are in an order of similarity, so shapes that reach across
 *	them are worth a try; of no meaning to a decoder
 * @may_guess: what is open may be resolved by a part of the values, if the caller asks
 *	asc_cbr_encode_guess() as it encodes
 * @pool: memory for large blocks; without, they are not chosen, and must not be coded
 * @patch: memory to compare shapes in, at effort hw; without, an encoder tries them
 * @kernels: functions for this CPU; NULL for plain C
 *
 * What is left to the codec, endpoints, profile, exponent or shape, an encoder
 * resolves with struct asc_cbr_chooser; a decoder must be told, but for the exponent
 * where nothing refers to it.
 */
struct asc_cbr_params {
	u32 endpoints;
	u32 scale;
	u32 effort;
	s32 zero_point;
	u32 profile;
	u32 exponent;
	struct asc_cbr_block block;
	bool reordered;
	bool may_guess;
	struct asc_pool *pool;
	struct asc_patch_memory *patch;
	const struct fmc_kernels *kernels;
};

/**
 * struct asc_cbr - a surface and its payload, ready to be coded
 * @surface: the feature map
 * @kernels: functions for this CPU
 * @format: format of every block
 * @exponent: of floats, biased exponent that errors are counted by
 * @scales: for asc_block_encode()
 * @effort: for asc_block_encode()
 * @block: shape of a block
 * @across: blocks in a row; of cuboids, as the next two
 * @down: rows of blocks in a plane
 * @deep: planes of blocks
 * @blocks: blocks in the surface
 * @elements: values in the surface
 * @pool: memory for large blocks
 * @stream: see struct asc_strip
 *
 * Made by asc_cbr_init(), not changed afterwards; any number of threads may
 * work on different blocks, if those are not large, or with a copy and memory of its own.
 */
struct asc_cbr {
	struct fmc_surface surface;
	const struct fmc_kernels *kernels;
	struct asc_block_format format;
	u32 exponent;
	u32 scales;
	enum asc_effort effort;
	struct asc_cbr_block block;
	u32 across, down, deep;
	u32 blocks;
	u32 elements;
	struct asc_pool *pool;
	bool stream;
};

/**
 * struct asc_cbr_stats - what an encoder did
 * @linear_blocks: blocks on the linear scale
 * @log_blocks: blocks on the log-linear scale
 * @sum_abs_error: sum over the surface of |x - x'|
 * @sum_sq_error: sum over the surface of (x - x')^2
 * @max_abs_error: maximum over the surface of |x - x'|
 * @error_exponent: errors are counted in units of two to the power of this; 0 for
 *	integers
 * @seen: blocks for which vector code has noted the next two
 * @greatest: the greatest number above the zero point
 * @negative: there was one below it
 *
 * Padding of blocks at the edges is not counted.  Errors of floats, but for ASC-VBR
 * with a bound, are counted in units of 2^-14 of the power of two below the largest
 * magnitude of the surface, each value rounded to these; a NaN counts as 0, an infinity
 * as the largest finite number.
 */
struct asc_cbr_stats {
	u64 linear_blocks;
	u64 log_blocks;
	u64 sum_abs_error;
	u64 sum_sq_error;
	u32 max_abs_error;
	s32 error_exponent;
	u64 seen;
	u32 greatest;
	bool negative;
};

/**
 * struct asc_cbr_guess - what was taken for granted
 * @exponent: no value has a larger exponent than that of the parameters
 * @positive: no value is below the zero point
 */
struct asc_cbr_guess {
	bool exponent;
	bool positive;
};

/* Profiles times endpoint modes times shapes that a chooser may have to try. */
#define ASC_CBR_MAX_CHOICES	32

/**
 * struct asc_cbr_choice - what an encoder may choose
 * @profile: FMC_PROFILE_FULL, FMC_PROFILE_NARROW or FMC_PROFILE_POOLED
 * @endpoints: FMC_ENDPOINTS_ONE or FMC_ENDPOINTS_TWO
 * @block: shape of a block
 */
struct asc_cbr_choice {
	u8 profile;
	u8 endpoints;
	struct asc_cbr_block block;
};

/**
 * struct asc_cbr_chooser - resolves what the parameters leave open
 * @params: parameters; resolved once asc_cbr_choose_step() returns false
 * @choices: what there is to choose from
 * @count: number of @choices
 * @trying: the one that is being tried
 * @cbr: ready to code with it
 * @next: its next block, or the next value where values are looked through
 * @seeking: looking through all values
 * @measuring: for their largest exponent, too
 * @negative: there are values below the zero point
 * @largest: the largest exponent seen
 * @stats: of the blocks tried
 * @best: the best choice so far
 * @best_error: mean squared error of it, in 1/256
 * @tried: values in the blocks tried
 * @end: of a chooser made by asc_cbr_choose_fork(), the block where it stops; otherwise 0
 * @estimating: choices are compared by estimates
 * @sampler: from what
 * @estimates: of each choice
 * @guessing: values are not looked through; what estimates are made of must do
 * @guess: what was taken for granted, once @params are resolved
 *
 * At effort hw, the choice with the smallest estimate of its error is taken, see asc_shape.h.
 * Otherwise a part of the blocks is encoded with every choice, at effort hw, and the one with
 * the smallest mean squared error is taken.  The first of equals is, in both cases.
 */
struct asc_cbr_chooser {
	struct asc_cbr_params params;
	struct asc_cbr_choice choices[ASC_CBR_MAX_CHOICES];
	u32 count;
	u32 trying;
	struct asc_cbr cbr;
	u32 next;
	bool seeking;
	bool measuring;
	bool negative;
	u32 largest;
	struct asc_cbr_stats stats;
	u32 best;
	u64 best_error;
	u32 tried;
	u32 end;
	bool estimating;
	struct asc_sampler sampler;
	struct asc_estimate estimates[ASC_CBR_MAX_CHOICES];
	bool guessing;
	struct asc_cbr_guess guess;
};

bool asc_cbr_block_is_open(const struct asc_cbr_block *block);
bool asc_cbr_block_is_valid(const struct asc_cbr_block *block);
bool asc_cbr_block_fits(const struct asc_cbr_block *block, u32 profile);
int asc_cbr_init(struct asc_cbr *cbr, const struct fmc_surface *surface,
		 const struct asc_cbr_params *params);
u64 asc_cbr_bytes(const struct asc_cbr *cbr);
int asc_cbr_bound(const struct fmc_surface *surface, const struct asc_cbr_params *params,
		  u64 *bytes);
int asc_cbr_choose_init(struct asc_cbr_chooser *chooser, const struct fmc_surface *surface,
			const struct asc_cbr_params *params);
bool asc_cbr_choose_step(struct asc_cbr_chooser *chooser, const void *src);
u32 asc_cbr_choose_units(const struct asc_cbr_chooser *chooser);
void asc_cbr_choose_fork(struct asc_cbr_chooser *part, u32 first, u32 count);
void asc_cbr_choose_join(struct asc_cbr_chooser *chooser, const struct asc_cbr_chooser *part);
void asc_cbr_choose_end(struct asc_cbr_chooser *chooser);
void asc_cbr_encode(const struct asc_cbr *cbr, u32 first, u32 count, const void *src,
		    void *payload, struct asc_cbr_stats *stats);
bool asc_cbr_encode_guess(const struct asc_cbr *cbr, const struct asc_cbr_guess *guess, u32 first,
			  u32 count, const void *src, void *payload, struct asc_cbr_stats *stats);
void asc_cbr_decode(const struct asc_cbr *cbr, u32 first, u32 count, const void *payload,
		    void *dst);
int asc_cbr_decode_box(const struct asc_cbr *cbr, const void *payload, const u32 *at,
		       const struct fmc_surface *to, void *dst, u64 *bytes_read);

#endif
