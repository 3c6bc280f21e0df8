// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ASC-VBR with AVX2 and BMI2.
 */

#include "kernels.h"

#ifdef FMC_X86

#include "asc_vbr_blocks.h"
#include "asc_vbr_loops.h"

const struct asc_vbr_kernels asc_vbr_kernels_avx2 = {
	.tiles = &fmc_tile_coders_avx2,
	.least = vbr_least,
	.to_points = vbr_to_points,
	.from_points = vbr_from_points,
	.add_errors = vbr_add_errors,
	.encode = vbr_encode,
	.count = vbr_count,
	.get_control = vbr_get_control,
	.decode = vbr_decode,
};

#endif
