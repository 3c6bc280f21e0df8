// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Steps of ASC-VBR for a rate, found as tiles are coded: what a sample of tiles took with two
 * steps tells what is likely to come, and the step is the one that uses up what is left.
 */

#include "pace.h"

/* Steps are in 1/UNIT. */
#define UNIT	256

/* Part of the budget that has to be used before what was used counts for half. */
#define TRUST	1

static u32 min_u32(u32 a, u32 b)
{
	return a < b ? a : b;
}

/* Expectations of the part that the next tile begins. */
static void enter_part(struct fmc_pace *pace)
{
	u32 part = pace->next / pace->part_tiles, i, p;
	u32 size = min_u32(pace->part_tiles, pace->tiles - pace->next);

	for (i = 0; i < 2; i++) {
		pace->left[i] = 0;
		for (p = part; p < FMC_PACE_PARTS; p++)
			pace->left[i] += pace->parts[i][p];
		pace->tile[i] = pace->parts[i][part] / size;
	}
}

/**
 * fmc_pace_begin - begin with the first tile
 * @pace: steps and what parts take with them are there; the rest is filled in
 * @tiles: tiles of the surface
 * @part_tiles: tiles of a part, at least 1/FMC_PACE_PARTS of them
 */
void fmc_pace_begin(struct fmc_pace *pace, u32 tiles, u32 part_tiles)
{
	pace->tiles = tiles;
	pace->part_tiles = part_tiles;
	pace->next = 0;
	pace->credit = 0;
	enter_part(pace);
}

/**
 * fmc_pace_step - the step of the next tile
 * @pace: from fmc_pace_begin()
 * @budget: bytes of all tiles
 * @used: bytes of those before the next one, at most @budget
 *
 * Return: a step, at most twice @pace->coarse.
 */
u32 fmc_pace_step(struct fmc_pace *pace, u32 budget, u32 used)
{
	u32 width = pace->coarse - pace->fine;
	u32 least = pace->fine * UNIT / 2, most = pace->coarse * UNIT * 2;
	u32 saved = pace->left[0] - pace->left[1], step;
	/* the last tiles cannot be corrected */
	u32 spare = min_u32(2 * pace->tile[1], budget - used);
	s64 x;

	if (least < UNIT)
		least = UNIT;
	if (pace->left[0] <= pace->left[1] || saved >> 31)
		saved = 1;
	x = (s64)pace->left[0] - (budget - used - spare);
	x = pace->fine * UNIT + fmc_div_s64(x * (s64)(width * UNIT), saved);
	pace->step = x < least ? least : x > most ? most : x;
	pace->credit += pace->step % UNIT;
	step = pace->step / UNIT + pace->credit / UNIT;
	pace->credit %= UNIT;
	return step;
}

/**
 * fmc_pace_room - what the next tile may take
 * @pace: after fmc_pace_step()
 * @budget: as for fmc_pace_step()
 * @used: as for fmc_pace_step()
 *
 * Return: bytes; all that are left but half of what those behind it are likely to take.  It
 * matters near the end only, where one large tile may be too much.
 */
u32 fmc_pace_room(const struct fmc_pace *pace, u32 budget, u32 used)
{
	u32 behind = (pace->left[1] - min_u32(pace->left[1], pace->tile[1])) / 2;

	return budget - used - min_u32(behind, (budget - used) / 2);
}

/**
 * fmc_pace_next - go on to the next tile
 * @pace: after fmc_pace_step()
 */
void fmc_pace_next(struct fmc_pace *pace)
{
	u32 i;

	for (i = 0; i < 2; i++)
		pace->left[i] -= pace->tile[i];
	if (++pace->next % pace->part_tiles == 0 && pace->next < pace->tiles)
		enter_part(pace);
}
