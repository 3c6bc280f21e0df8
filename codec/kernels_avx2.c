// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Functions for x86-64 with AVX2.
 */

#include "kernels.h"

#ifdef FMC_X86

const struct fmc_kernels fmc_kernels_avx2 = {
	.cpu = FMC_CPU_AVX2,
	.asc_encode = asc_encode_avx2,
	.asc_decode = asc_decode_avx2,
	.shape = &asc_shape_avx2,
	.search = &asc_search_avx2,
	.pooled = &asc_pooled_avx2,
	.vbr = &asc_vbr_kernels_avx2,
	.tiles = &fmc_tile_coders_avx2,
	.reorder_cost = fmc_reorder_cost_avx2,
	.floats = &asc_float_kernels_avx2,
};

#endif
