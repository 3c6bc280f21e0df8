/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Inner loops that exist for more than one CPU.  All versions give the same bytes; those in
 * plain C are the reference.
 *
 * A call works on a short slice, a tile or some hundred blocks: in the kernel nothing else
 * runs on the CPU meanwhile.
 */
#ifndef ASCDEV_CODEC_KERNELS_H
#define ASCDEV_CODEC_KERNELS_H

#include "asc_float_kernels.h"
#include "asc_pooled.h"
#include "asc_search.h"
#include "asc_shape.h"
#include "asc_strip.h"
#include "asc_vbr_kernels.h"
#include "cpu.h"
#include "reorder.h"
#include "tile_coders.h"

/*
 * Code for these machines is compiled; whether it may run is for the caller to say.
 * sparse does not know the compiler's vector functions.
 */
#if defined(__CHECKER__)
#elif defined(__x86_64__)
#define FMC_X86
#elif defined(__aarch64__) && defined(__AARCH64EL__)
#define FMC_ARM64
#endif

/**
 * struct fmc_kernels - the functions for one CPU
 * @cpu: what they use
 * @asc_encode: see asc_strip.h
 * @asc_decode: likewise
 * @notes_extremes: @asc_encode notes those of most blocks that a chooser prefers, see
 *	struct asc_cbr_stats; looking for them apart from that is no faster than beforehand
 * @shape: see asc_shape.h
 * @search: see asc_search.h; NULL where plain C does as well
 * @pooled: see asc_pooled.h; NULL where there is plain C only
 * @vbr: see asc_vbr_kernels.h
 * @tiles: lossless coders
 * @reorder_cost: see fmc_reorder_cost()
 * @floats: see asc_float_kernels.h
 */
struct fmc_kernels {
	enum fmc_cpu cpu;
	u32 (*asc_encode)(const struct asc_strip *strip, const u8 *src, u32 count, u8 *bits,
			  struct asc_cbr_stats *stats);
	u32 (*asc_decode)(const struct asc_strip *strip, const u8 *bits, u32 count, u8 *dst);
	bool notes_extremes;
	const struct asc_shape_kernels *shape;
	const struct asc_search_kernels *search;
	const struct asc_pooled_kernels *pooled;
	const struct asc_vbr_kernels *vbr;
	const struct fmc_tile_coders *tiles;
	u32 (*reorder_cost)(const u16 *a, const u16 *b, u32 count);
	const struct asc_float_kernels *floats;
};

extern const struct fmc_kernels fmc_kernels_scalar;
extern const struct fmc_kernels fmc_kernels_avx2;
extern const struct fmc_kernels fmc_kernels_avx512;
extern const struct fmc_kernels fmc_kernels_neon;

const struct fmc_kernels *fmc_kernels_get(enum fmc_cpu cpu);

#endif
