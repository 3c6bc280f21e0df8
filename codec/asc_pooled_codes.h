/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_ASC_POOLED_CODES_H
#define ASCDEV_CODEC_ASC_POOLED_CODES_H

/* Only for what reads both tables: compilers warn of those that nothing does. */

#include "asc_pooled.h"

/* Indices of a pair below the number of levels, and the bits that a pair of them takes. */
static const u16 asc_plain_levels[ASC_PLAIN_CODES] = {
	1, 2, 4, 5, 8, 11, 16, 22, 32, 45, 64, 128, 256
};

static const u8 asc_pair_bits[ASC_PLAIN_CODES] = {
	0, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16
};

#endif
