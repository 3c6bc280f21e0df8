// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Functions for aarch64.
 */

#include "kernels.h"

#ifdef FMC_ARM64

const struct fmc_kernels fmc_kernels_neon = {
	.cpu = FMC_CPU_NEON,
	.asc_encode = asc_encode_neon,
	.asc_decode = asc_decode_neon,
	.shape = &asc_shape_neon,
	.vbr = &asc_vbr_kernels_neon,
	.tiles = &fmc_tile_coders_neon,
	.reorder_cost = fmc_reorder_cost_neon,
	.floats = &asc_float_kernels_neon,
};

#endif
