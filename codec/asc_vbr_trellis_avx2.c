// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Tiles with a trellis, with AVX2: eight lanes side by side.
 */

#include "kernels.h"

#ifdef FMC_X86

#include "words_avx2.h"

#include "asc_vbr_trellis_lanes.h"

/**
 * asc_vbr_trellis_avx2 - search for the points of a tile
 * @g: points
 * @tile: what the values are
 * @values: the values
 * @points: receives the points
 * @decoded: receives what they stand for
 * @steps: scratch memory
 *
 * Return: true, or false if steps are too large.
 */
bool asc_vbr_trellis_avx2(const struct asc_vbr_points *g, const struct fmc_tile *tile,
			  const u16 *values, u16 *points, u16 *decoded, struct asc_vbr_steps *steps)
{
	return search_tile(g, tile, values, points, decoded, steps);
}

#endif
