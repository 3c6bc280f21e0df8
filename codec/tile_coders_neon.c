// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Lossless coders of tiles, for aarch64.
 */

#include "kernels.h"

#ifdef FMC_ARM64

#include "simd_arm64.h"
#define FMC_USE_NEON

#include "dcac_coder.h"
#include "ebpc_coder.h"
#include "zvc_coder.h"

const struct fmc_tile_coders fmc_tile_coders_neon = {
	.dcac_encode = dcac_encode,
	.dcac_decode = dcac_decode,
	.ebpc_encode = ebpc_encode_tile,
	.ebpc_decode = ebpc_decode_tile,
	.zvc_encode = zvc_encode,
	.zvc_decode = zvc_decode,
};

#endif
