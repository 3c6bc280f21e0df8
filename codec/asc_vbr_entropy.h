/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_ASC_VBR_ENTROPY_H
#define ASCDEV_CODEC_ASC_VBR_ENTROPY_H

#include "asc_vbr_kernels.h"
#include "dcac.h"

/* Of both functions; aligned to 4 bytes. */
#define ASC_VBR_ENTROPY_WORKSPACE_BYTES	(FMC_TILE_MAX_VALUES * 2 + DCAC_WORKSPACE_BYTES)

u32 asc_vbr_entropy_encode(const struct asc_vbr_kernels *k, const struct fmc_tile *tile, u32 step,
			   const u16 *values, u8 *out, u32 capacity, u16 *decoded,
			   void *workspace);
int asc_vbr_entropy_decode(const struct asc_vbr_kernels *k, const struct fmc_tile *tile,
			   const u8 *in, u32 bytes, u16 *values, void *workspace);

#endif
