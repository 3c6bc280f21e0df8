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
 * @parts: what each part of the surface is likely to take with them, in bytes
 * @tiles: tiles of the surface
 * @part_tiles: tiles of a part, of which the last ones may be smaller, or empty
 * @next: the next tile
 * @step: its step, in 1/256
 * @tile: what each tile of its part is likely to take with @fine and with @coarse
 * @left: the same of all tiles from it on
 * @credit: what is left of steps that were rounded down, in 1/256
 */
struct fmc_pace {
	u32 fine, coarse;
	u32 parts[2][FMC_PACE_PARTS];
	u32 tiles, part_tiles;
	u32 next;
	u32 step;
	u32 tile[2];
	u32 left[2];
	u32 credit;
};

void fmc_pace_begin(struct fmc_pace *pace, u32 tiles, u32 part_tiles);
u32 fmc_pace_step(struct fmc_pace *pace, u32 budget, u32 used);
u32 fmc_pace_room(const struct fmc_pace *pace, u32 budget, u32 used);
void fmc_pace_next(struct fmc_pace *pace);

#endif
