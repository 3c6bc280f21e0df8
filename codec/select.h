/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_SELECT_H
#define ASCDEV_CODEC_SELECT_H

#include "tile.h"

/**
 * struct fmc_select - what the codecs would make of some tiles
 * @values: values in the tiles
 * @raw: bits as they are
 * @zvc: bits with ZVC, exactly
 * @ebpc: bits with EBPC, estimated
 * @dcac: bits with DC-AC, estimated
 * @vbr: bits with ASC-VBR, exactly
 */
struct fmc_select {
	u64 values;
	u64 raw, zvc, ebpc, dcac, vbr;
};

void fmc_select_add(struct fmc_select *select, const struct asc_vbr_kernels *k,
		    const struct fmc_tile *tile, u32 step, const u16 *values, void *workspace);
u32 fmc_select_codec(const struct fmc_select *select, u32 target_bpe);

#endif
