// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Steps of ASC-VBR for a rate, found as tiles are coded: what a sample of tiles took with two
 * steps tells what is likely to come, and the step is the one that uses up what is left.
 */

#include "pace.h"

/* Steps are in 1/UNIT. */
#define UNIT	256

/* No step is more than so many times as large as those that were counted, or smaller. */
#define REACH	8

/* Part of the budget that has to be used before what was used counts for half. */
#define DOUBT	4

static u32 min_u32(u32 a, u32 b)
{
	return a < b ? a : b;
}

/* Expectations of the part that the next tile begins. */
static void enter_part(struct fmc_pace *pace)
{
	u32 part = pace->next / pace->part_tiles, p;
	u32 size = min_u32(pace->part_tiles, pace->tiles - pace->next);

	pace->left = 0;
	pace->left_saved = 0;
	for (p = part; p < FMC_PACE_PARTS; p++) {
		pace->left += pace->parts[p];
		pace->left_saved += pace->saved[p];
	}
	if (pace->left_saved < 0)
		pace->left_saved = 0;
	pace->tile = pace->parts[part] / size;
	pace->tile_saved = pace->saved[part] / (s32)size;
}

/*
 * Tiles at the end that save at least 1/TAIL of what all save with the larger step can make up for
 * those before them.
 */
#define TAIL	100

static u32 find_end(const struct fmc_pace *pace)
{
	u32 p = (pace->tiles - 1) / pace->part_tiles;
	s32 saved = pace->saved[p];

	while (p > 1 && saved < pace->left_saved / TAIL)
		saved += pace->saved[--p];
	return p * pace->part_tiles;
}

/**
 * fmc_pace_begin - begin with the first tile
 * @pace: steps and what tiles are likely to take with them are there; the rest is filled in
 * @tiles: tiles of the surface
 * @part_tiles: tiles of a part, at least 1/FMC_PACE_PARTS of them
 */
void fmc_pace_begin(struct fmc_pace *pace, u32 tiles, u32 part_tiles)
{
	pace->tiles = tiles;
	pace->part_tiles = part_tiles;
	pace->next = 0;
	pace->credit = 0;
	pace->expected = 0;
	enter_part(pace);
	pace->end = find_end(pace);
}

/* @step times @rate / (@rate + @more), in 1/UNIT; @more is not below 0 by as much as @rate. */
static u64 scaled_step(u32 step, u64 rate, s64 more)
{
	while (rate >> 30 || (rate + more) >> 30) {
		rate >>= 1;
		more /= 2;
	}
	return rate + more ? fmc_div_u64((u64)step * UNIT * rate, rate + more) : ~0ull;
}

/*
 * The step with which all tiles that are left are likely to take @bytes, in 1/UNIT: between both
 * steps on a straight line, beyond them on a hyperbola through both, which tells of less than a
 * straight line what a larger step saves.
 */
static u64 step_for(const struct fmc_pace *pace, s64 bytes)
{
	u32 width = pace->coarse - pace->fine;
	u32 saved = pace->left_saved;
	s64 less = bytes - pace->left;
	u64 rate;

	if (less < 0) {
		rate = fmc_div_u64((u64)saved * pace->fine, width);
		return rate <= (u64)-less ? ~0ull : scaled_step(pace->coarse, rate, less);
	}
	if (less < saved)
		return pace->coarse * UNIT - fmc_div_u64(less * (u64)(width * UNIT), saved);
	rate = fmc_div_u64((u64)saved * pace->coarse, width);
	return scaled_step(pace->fine, rate, less - saved);
}

/*
 * What tiles that are left may take, by the sample: those before them took more than it told, or
 * less, and as much as they are those behind them are likely to do the same.
 */
static u32 bytes_left(const struct fmc_pace *pace, u32 budget, u32 used)
{
	u32 doubt = budget / DOUBT;
	u64 bytes = fmc_div_u64((u64)(budget - used) * (pace->expected + doubt), used + doubt);
	u32 lossless = pace->left + pace->left_saved;

	if (pace->fine == pace->least && bytes > lossless)
		bytes = lossless;
	return bytes >> 31 ? ~0u >> 1 : bytes;
}

/* What the next tile takes of @bytes that all from it on take. */
static u32 share_of(const struct fmc_pace *pace, u32 bytes)
{
	s64 share = 0;

	if (pace->left_saved > 0)
		share = fmc_div_s64(((s64)bytes - pace->left) * pace->tile_saved,
				    pace->left_saved);
	share += pace->tile;
	return share < 0 ? 0 : share > bytes ? bytes : share;
}

/**
 * fmc_pace_most - the largest step that a tile may have
 * @pace: from fmc_pace_begin()
 *
 * Return: the step
 */
u32 fmc_pace_most(const struct fmc_pace *pace)
{
	return min_u32(pace->coarse * REACH, pace->largest);
}

/**
 * fmc_pace_step - the step of the next tile
 * @pace: from fmc_pace_begin()
 * @budget: bytes of all tiles
 * @used: bytes of those before the next one, at most @budget
 *
 * Return: a step, from @pace->least to @pace->largest
 */
u32 fmc_pace_step(struct fmc_pace *pace, u32 budget, u32 used)
{
	u32 most = fmc_pace_most(pace) * UNIT;
	u32 least = pace->fine / REACH > pace->least ? pace->fine / REACH : pace->least;
	u32 bytes = bytes_left(pace, budget, used), step;
	u64 x = step_for(pace, bytes);

	least *= UNIT;
	pace->step = x < least ? least : x > most ? most : x;
	pace->credit += pace->step % UNIT;
	step = pace->step / UNIT + pace->credit / UNIT;
	pace->credit %= UNIT;
	pace->expected += share_of(pace, bytes);
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
	u32 behind = (pace->left - min_u32(pace->left, pace->tile)) / 2;

	return budget - used - min_u32(behind, (budget - used) / 2);
}

/**
 * fmc_pace_next - go on to the next tile
 * @pace: after fmc_pace_step()
 */
void fmc_pace_next(struct fmc_pace *pace)
{
	pace->left -= pace->tile;
	pace->left_saved -= pace->tile_saved;
	if (pace->left_saved < 0)
		pace->left_saved = 0;
	if (++pace->next % pace->part_tiles == 0 && pace->next < pace->tiles)
		enter_part(pace);
}
