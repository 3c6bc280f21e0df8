/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What is made of the values of a patch on their way to an estimate, see asc_shape.h.
 */
#ifndef ASCDEV_CODEC_ASC_SHAPE_PARTS_H
#define ASCDEV_CODEC_ASC_SHAPE_PARTS_H

#include "asc_cbr.h"
#include "asc_shape.h"

/**
 * struct parts - parts of blocks, one behind the other as their values are
 * @least: of each part
 * @greatest: likewise
 * @sum: likewise
 * @w: parts in a row
 * @h: rows in a plane
 * @c: planes
 */
struct parts {
	const u16 *least, *greatest, *sum;
	u32 w, h, c;
};

/**
 * struct folding - parts on their way to be blocks
 * @parts: the parts
 * @w: extents of a part
 * @h: likewise
 * @c: likewise
 * @next: which memory they come to next
 */
struct folding {
	struct parts parts;
	u32 w, h, c;
	u32 next;
};

/* A block whose range is below this is exact. */
#define EXACT_RANGE	8

#endif
