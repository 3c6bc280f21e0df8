/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * nearest_of_eight() of asc_block.c for provers that know no vectors.  asc_block_proof.c
 * shows that it is the same.
 */
#ifndef ASCDEV_CODEC_NEAREST_H
#define ASCDEV_CODEC_NEAREST_H

#include "asc_block.h"

static void nearest_in_plain_c(const u16 *values, u16 first, const short *threshold,
			       const u16 *step, u16 *points, u8 *indices)
{
	u32 i, k;

	for (i = 0; i < 8; i++) {
		points[i] = first;
		indices[i] = 0;
		for (k = 0; k < ASC_POINTS - 1; k++) {
			if ((s32)values[i] - 0x8000 <= threshold[k])
				continue;
			points[i] += step[k];
			indices[i]++;
		}
	}
}

#endif
