/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Steps of ASC-VBR for a rate, found as tiles are coded.  Documentation/asc-vbr.rst,
 * "Steering".
 */
#ifndef ASCDEV_CODEC_PACE_H
#define ASCDEV_CODEC_PACE_H

#include "types.h"

#define FMC_PACE_PARTS	128

/**
 * struct fmc_pace - what tiles are likely to take, and what they have taken
 * @fine: a step
 * @coarse: a larger one
 * @least: the largest one without loss
 * @largest: the largest one there is
 * @parts: what each part of the surface is likely to take with @coarse, in bytes
 * @saved: how much less that is than with @fine
 * @tiles: tiles of the surface
 * @part_tiles: tiles of a part, of which the last ones may be smaller, or empty
 * @next: the next tile
 * @end: the first one of those that are left to find out how much is left
 * @step: its step, in 1/256
 * @tile: what each tile of its part is likely to take with @coarse
 * @tile_saved: how much less that is than with @fine
 * @left: what all tiles from it on are likely to take
 * @left_saved: likewise
 * @expected: what those before it were likely to take with the steps they had
 * @credit: what is left of steps that were rounded down, in 1/256
 */
struct fmc_pace {
	u32 fine, coarse, least, largest;
	u32 parts[FMC_PACE_PARTS];
	s32 saved[FMC_PACE_PARTS];
	u32 tiles, part_tiles;
	u32 next, end;
	u32 step;
	u32 tile, left;
	s32 tile_saved, left_saved;
	u32 expected;
	u32 credit;
};

void fmc_pace_begin(struct fmc_pace *pace, u32 tiles, u32 part_tiles);
u32 fmc_pace_most(const struct fmc_pace *pace);
u32 fmc_pace_step(struct fmc_pace *pace, u32 budget, u32 used);
u32 fmc_pace_room(const struct fmc_pace *pace, u32 budget, u32 used);
void fmc_pace_next(struct fmc_pace *pace);

#endif
