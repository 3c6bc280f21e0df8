// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ASC-VBR for aarch64.
 */

#include "kernels.h"

#ifdef FMC_ARM64

#include "simd_arm64.h"

#include "asc_vbr_blocks.h"
#include "asc_vbr_loops.h"

const struct asc_vbr_kernels asc_vbr_kernels_neon = {
	.tiles = &fmc_tile_coders_neon,
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
