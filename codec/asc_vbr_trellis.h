/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_ASC_VBR_TRELLIS_H
#define ASCDEV_CODEC_ASC_VBR_TRELLIS_H

#include "asc_vbr_entropy.h"

/* A step of asc_vbr_rate_encode() is in 1/4, which is 1/8 of the distance of points. */
#define ASC_VBR_RATE_UNIT	64

u32 asc_vbr_rate_encode(const struct asc_vbr_kernels *k, const struct fmc_tile *tile, u32 step,
			const u16 *values, u8 *out, u32 capacity, u16 *decoded, void *workspace);
int asc_vbr_trellis_decode(const struct asc_vbr_kernels *k, const struct fmc_tile *tile,
			   const u8 *in, u32 bytes, u16 *values, void *workspace);

#endif
