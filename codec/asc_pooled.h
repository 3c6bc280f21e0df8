/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_ASC_POOLED_H
#define ASCDEV_CODEC_ASC_POOLED_H

#include "asc_block.h"

/* Values that share a code of how their indices are stored. */
#define ASC_POOLED_GROUP	16

void asc_pooled_encode(const struct asc_block_format *f, enum asc_effort effort,
		       const u16 *values, u8 *bits, u16 *decoded);
void asc_pooled_decode(const struct asc_block_format *f, const u8 *bits, u16 *values);

#endif
