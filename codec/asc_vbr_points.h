/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The points of a tile with a trellis, and the values that they stand for: what a search has that
 * goes through values one by one, and what one has that takes many at a time.
 * Documentation/asc-vbr.rst, "Tiles with a trellis".
 */
#ifndef ASCDEV_CODEC_ASC_VBR_POINTS_H
#define ASCDEV_CODEC_ASC_VBR_POINTS_H

#include "asc_trellis.h"
#include "tile.h"

#define ASC_VBR_POINT_MAX	65535

/* Distances in units are below 2^20. */
#define ASC_VBR_UNITS_BITS	20

/**
 * struct asc_vbr_points - the points of a tile
 * @unit_bits: distances of points are in 1/2^unit_bits
 * @step: distance of points
 * @reciprocal: 2^@shift by it, rounded up
 * @shift: at least ASC_VBR_UNITS_BITS, and enough for quotients that are exact
 * @zero: value of the point @origin
 * @origin: number of the point at zero
 * @max: largest value
 * @low: least point that is used
 * @zero_class: class of the points that @origin may take the place of, ASC_TRELLIS_CLASSES for none
 */
struct asc_vbr_points {
	u32 unit_bits;
	u32 step;
	u32 reciprocal, shift;
	u32 zero, origin, max;
	s32 low;
	u32 zero_class;
};

static inline u32 asc_vbr_points_min(u32 a, u32 b)
{
	return a < b ? a : b;
}

/* Points in a distance, rounded down. */
static inline u32 asc_vbr_points_in(const struct asc_vbr_points *g, u32 units)
{
	return (u64)units * g->reciprocal >> g->shift;
}

/* To nearest; of two to the even one, so that errors have no bias. */
static inline u32 asc_vbr_round_units(const struct asc_vbr_points *g, u32 units)
{
	return (units + (1u << (g->unit_bits - 1)) - 1 + (units >> g->unit_bits & 1)) >>
	       g->unit_bits;
}

static inline u32 asc_vbr_distance_of(const struct asc_vbr_points *g, u32 points)
{
	return asc_vbr_round_units(g, points * g->step);
}

static inline u32 asc_vbr_value_of(const struct asc_vbr_points *g, u32 point)
{
	if (point < g->origin)
		return g->zero - asc_vbr_points_min(asc_vbr_distance_of(g, g->origin - point),
						    g->zero);
	return g->zero + asc_vbr_points_min(asc_vbr_distance_of(g, point - g->origin),
					    g->max - g->zero);
}

static inline u32 asc_vbr_cost_of(const struct asc_vbr_points *g, u32 value, u32 point)
{
	u32 decoded = asc_vbr_value_of(g, point);
	u32 error = value > decoded ? value - decoded : decoded - value;

	return error * error;
}

/* Zero, where that has the cost of the class of a point that was chosen for a value. */
static inline u32 asc_vbr_or_zero(const struct asc_vbr_points *g, u32 value, u32 point)
{
	if ((point & 3) == g->zero_class &&
	    asc_vbr_cost_of(g, value, g->origin) < asc_vbr_cost_of(g, value, point))
		return g->origin;
	return point;
}

/* Of four points in a row, the one of a class. */
static inline u32 asc_vbr_point_of_class(u32 first, u32 class)
{
	return first + ((class - first) & 3);
}

/* Above the distance of any point from zero, in units. */
#define ASC_VBR_MANY_UNITS	(1u << 22)

/* Values of a lane from one look at the least of all costs to the next. */
#define ASC_VBR_STRETCH	8

/**
 * struct asc_vbr_steps - what a search for many values takes, a row for each step
 * @points: of each lane
 * @choices: likewise, see asc_trellis_advance()
 * @ways: costs of the ways to each state
 * @values: the next values
 * @costs: of what they may become
 *
 * A lane may be alone where there is room for eight.
 */
struct asc_vbr_steps {
	u16 points[8 * FMC_TILE_MAX_VALUES];
	u8 choices[8 * FMC_TILE_MAX_VALUES];
	u32 ways[ASC_TRELLIS_STATES][16];
	u16 values[ASC_VBR_STRETCH][16];
	u32 costs[ASC_VBR_STRETCH][ASC_TRELLIS_CLASSES][16];
};

#endif
