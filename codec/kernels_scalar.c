// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Functions for any CPU.
 */

#include "kernels.h"

/* Block by block, asc_cbr.c does as well. */
u32 asc_encode_none(const struct asc_strip *strip, const u8 *src, u32 count, u8 *bits,
		    struct asc_cbr_stats *stats)
{
	(void)strip;
	(void)src;
	(void)count;
	(void)bits;
	(void)stats;
	return 0;
}

u32 asc_decode_none(const struct asc_strip *strip, const u8 *bits, u32 count, u8 *dst)
{
	(void)strip;
	(void)bits;
	(void)count;
	(void)dst;
	return 0;
}

const struct fmc_kernels fmc_kernels_scalar = {
	.cpu = FMC_CPU_SCALAR,
	.asc_encode = asc_encode_none,
	.asc_decode = asc_decode_none,
	.shape = &asc_shape_scalar,
	.vbr = &asc_vbr_kernels_scalar,
	.tiles = &fmc_tile_coders_scalar,
	.reorder_cost = fmc_reorder_cost,
	.floats = &asc_float_kernels_scalar,
};
