// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Functions for x86-64 with AVX-512.
 */

#include "kernels.h"

#ifdef FMC_X86

const struct fmc_kernels fmc_kernels_avx512 = {
	.cpu = FMC_CPU_AVX512,
	.asc_encode = asc_encode_avx512,
	.asc_decode = asc_decode_avx512,
	.notes_extremes = true,
	.shape = &asc_shape_avx512,
	.search = &asc_search_avx512,
	.pooled = &asc_pooled_avx512,
	.vbr = &asc_vbr_kernels_avx512,
	.tiles = &fmc_tile_coders_avx512,
	.reorder_cost = fmc_reorder_cost_avx512,
	.floats = &asc_float_kernels_avx512,
};

#endif
