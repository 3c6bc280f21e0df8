// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Lossless coders of tiles, for x86-64 with AVX-512.
 */

#include "kernels.h"

#ifdef FMC_X86

#include "simd_x86.h"
#define FMC_USE_AVX2
#define FMC_USE_AVX512

#include "dcac_coder.h"
#include "ebpc_coder.h"
#include "ebpc_lanes_avx512.h"
#include "zvc_coder.h"

const struct fmc_tile_coders fmc_tile_coders_avx512 = {
	.dcac_encode = dcac_encode,
	.dcac_decode = dcac_decode,
#if DCAC_TILES_MAX > 1
	.dcac_decode_tiles = decode_tiles_of_dcac,
	.dcac_take_tile = take_tile_of_dcac,
#endif
	.ebpc_encode = ebpc_encode_tile,
	.ebpc_decode = ebpc_decode_tile,
	.ebpc_decode_lanes = decode_lanes_of_ebpc,
	.ebpc_take_lane = take_lane_of_ebpc,
	.zvc_encode = zvc_encode,
	.zvc_decode = zvc_decode,
};

#endif
