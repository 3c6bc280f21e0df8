// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ASC-VBR, effort best, at a rate: points from a trellis (asc_trellis.h) through the
 * entropy coder of DC-AC.  At the same rate the squared error is lower by about 1 dB.
 * Documentation/asc-vbr.rst, "Tiles with a trellis".
 */

#include "asc_trellis.h"
#include "asc_vbr.h"
#include "asc_vbr_trellis.h"

/* The distance of points is given in 1/2^11 for 8 bits, in 1/2^3 for 16.  It is 1/2 at least. */
static u32 unit_bits(u32 value_bits)
{
	return 19 - value_bits;
}

#define STEP_BITS	16
#define POINT_BITS	16
#define POINT_MAX	65535

/**
 * struct grid - the points of a tile
 * @unit_bits: distances of points are in 1/2^unit_bits
 * @step: distance of points
 * @reciprocal: for a division by it
 * @zero: value of the point @origin
 * @origin: number of the point at zero
 * @max: largest value
 * @low: least point that is used
 * @zero_class: class of the points that @origin may take the place of, ASC_TRELLIS_CLASSES for none
 */
struct grid {
	u32 unit_bits;
	u32 step;
	u64 reciprocal;
	u32 zero, origin, max;
	s32 low;
	u32 zero_class;
};

#define RECIPROCAL_BITS	40

struct workspace {
	u16 points[FMC_TILE_MAX_VALUES];
	union {
		/* of each value, for each state: bit 2 of the state before */
		u8 choices[FMC_TILE_MAX_VALUES];
		u8 dcac[DCAC_WORKSPACE_BYTES];
	};
};

static_assert(sizeof(struct workspace) <= ASC_VBR_WORKSPACE_BYTES, "workspace");

static u32 min_u32(u32 a, u32 b)
{
	return a < b ? a : b;
}

static void set_grid(struct grid *g, const struct fmc_tile *tile, u32 step, u32 origin)
{
	g->unit_bits = unit_bits(tile->bits);
	g->step = step;
	g->reciprocal = fmc_div_u64(1ull << RECIPROCAL_BITS, step) + 1;
	g->zero = tile->zero;
	g->origin = origin;
	g->max = fmc_value_mask(tile->bits);
}

/* Points in a distance, rounded down.  Exact, as a distance in units is below 2^20. */
static u32 points_in(const struct grid *g, u32 units)
{
	return units * g->reciprocal >> RECIPROCAL_BITS;
}

/* The last point that is not above a value. */
static s32 point_below(const struct grid *g, u32 value)
{
	u32 below = value < g->zero, sign = 0 - below;
	u32 distance = ((value - g->zero) ^ sign) + below;
	u32 points = points_in(g, (distance << g->unit_bits) +
				    (sign & (g->step - 1)));

	return (s32)(g->origin + (points ^ sign) + below);
}

/* To nearest; of two to the even one, so that errors have no bias. */
static u32 round_units(const struct grid *g, u32 units)
{
	return (units + (1u << (g->unit_bits - 1)) - 1 + (units >> g->unit_bits & 1)) >>
	       g->unit_bits;
}

static u32 distance_of(const struct grid *g, u32 points)
{
	return round_units(g, points * g->step);
}

static u32 value_of(const struct grid *g, u32 point)
{
	if (point < g->origin)
		return g->zero - min_u32(distance_of(g, g->origin - point), g->zero);
	return g->zero + min_u32(distance_of(g, point - g->origin), g->max - g->zero);
}

/*
 * Chooses the origin: as few points below zero as the least value needs, and some more so
 * that it has one in each class near, where these do not cost points above.  Returns false
 * if there is no place for it.
 */
static bool fit_grid(struct grid *g, struct fmc_tile *points, const u16 *values)
{
	u32 n = fmc_tile_values(points), least = g->zero, zeros = 0, above, below = 0, i;

	for (i = 0; i < n; i++) {
		least = min_u32(least, values[i]);
		zeros += values[i] == g->zero;
	}
	above = points_in(g, ((g->max - g->zero) << g->unit_bits) + g->step - 1);
	if (least < g->zero)
		below = points_in(g, ((g->zero - least) << g->unit_bits) + g->step / 2) + 3;
	g->origin = min_u32(below, POINT_MAX - above);
	g->low = least < g->zero ? 0 : g->origin;
	g->zero_class = ASC_TRELLIS_CLASSES;
	points->zero = g->origin;
	points->trellis = FMC_TRELLIS;
	if (zeros * 16 >= n) {
		points->trellis = FMC_TRELLIS_ZERO;
		g->zero_class = (g->origin & 3) ^ 1;
	}
	/* some of the three may be missing */
	return above + below <= POINT_MAX + 3 && g->origin <= POINT_MAX - 3;
}

static u32 cost_of(const struct grid *g, u32 value, u32 point)
{
	u32 decoded = value_of(g, point);
	u32 error = value > decoded ? value - decoded : decoded - value;

	return error * error;
}

/* The first of the nearest points of each class, which lie in a row. */
static u32 first_candidate(const struct grid *g, u32 value)
{
	s32 first = point_below(g, value) - 1, last = POINT_MAX - (ASC_TRELLIS_CLASSES - 1);

	first = first < g->low ? g->low : first;
	return first > last ? last : first;
}

/* Above the distance of any point from zero, in units. */
#define MANY_UNITS	(1u << 22)

/* Squares of errors. */
static inline void find_candidates(const struct grid *g, u32 value, u32 first,
				   struct asc_trellis_candidates *c)
{
	u32 units = (first - g->origin) * g->step + MANY_UNITS, zero_error = value - g->zero, i;

	for (i = 0; i < ASC_TRELLIS_CLASSES; i++, units += g->step) {
		u32 rounded = round_units(g, units), error;
		s32 decoded = (s32)(g->zero + rounded - (MANY_UNITS >> g->unit_bits));

		decoded = decoded < 0 ? 0 : decoded > (s32)g->max ? (s32)g->max : decoded;
		error = value - (u32)decoded;
		c->costs[(first + i) & 3] = error * error;
	}
	if (g->zero_class < ASC_TRELLIS_CLASSES)
		c->costs[g->zero_class] = min_u32(c->costs[g->zero_class],
						  zero_error * zero_error);
}

/* Which of the points from the first one on, or the origin, has the cost of a class. */
static u32 candidate_of(const struct grid *g, u32 value, u32 first, u32 class)
{
	u32 point = first + ((class - first) & 3);

	if (class == g->zero_class && cost_of(g, value, g->origin) < cost_of(g, value, point))
		return g->origin;
	return point;
}

/* The points of one sequence with the least sum of squares: a Viterbi decoder. */
static void find_points(const struct grid *g, const struct fmc_tile *tile, u32 lane, u32 lanes,
			const u16 *values, struct workspace *ws)
{
	u32 plane = tile->w * tile->h, channel, at, state, class;
	struct asc_trellis_candidates candidates;
	struct asc_trellis trellis;

	asc_trellis_begin(&trellis);
	for (channel = lane; channel < tile->c; channel += lanes) {
		for (at = channel * plane; at < (channel + 1) * plane; at++) {
			u32 first = first_candidate(g, values[at]);

			find_candidates(g, values[at], first, &candidates);
			ws->choices[at] = asc_trellis_advance(&trellis, &candidates);
			ws->points[at] = first;
		}
	}
	state = asc_trellis_end(&trellis);
	while (channel > lane) {
		channel -= lanes;
		for (at = (channel + 1) * plane; at-- > channel * plane; ) {
			state = asc_trellis_before(state, ws->choices[at] >> state & 1,
						   &class);
			ws->points[at] = candidate_of(g, values[at], ws->points[at], class);
		}
	}
}

/* Two zeros, of a step and of one with entropy coding, the step, the origin. */
static u32 head_bytes(const struct fmc_tile *tile)
{
	return (2 * tile->bits + STEP_BITS + POINT_BITS) / 8;
}

static u32 trellis_encode(const struct asc_vbr_kernels *k, const struct fmc_tile *tile, u32 step,
			  const u16 *values, u8 *out, u32 capacity, u16 *decoded,
			  struct workspace *ws)
{
	u32 n = fmc_tile_values(tile), head = head_bytes(tile), lanes = dcac_lanes(tile), bytes, i;
	struct fmc_tile points = *tile;
	struct grid g;

	points.bits = POINT_BITS;
	/* twice as many points, in their unit */
	step = (step << unit_bits(tile->bits)) / (2 * ASC_VBR_RATE_UNIT);
	if (!(step >> (unit_bits(tile->bits) - 1)) || step >> STEP_BITS || capacity < head)
		return 0;
	set_grid(&g, tile, step, 0);
	if (!fit_grid(&g, &points, values))
		return 0;
	for (i = 0; i < lanes; i++)
		find_points(&g, tile, i, lanes, values, ws);
	for (i = 0; i < n; i++)
		decoded[i] = value_of(&g, ws->points[i]);
	bytes = dcac_tile_encode(k->tiles, &points, ws->points, out + head, capacity - head,
				 ws->dcac);
	if (!bytes)
		return 0;
	out = fmc_put_value(out, 0, tile->bits);
	out = fmc_put_value(out, 0, tile->bits);
	out = fmc_put_value(out, step, STEP_BITS);
	fmc_put_value(out, g.origin, POINT_BITS);
	return head + bytes;
}

/* With points at distances of a step, and no larger error than half of it. */
static u32 uniform_encode(const struct asc_vbr_kernels *k, const struct fmc_tile *tile, u32 step,
			  const u16 *values, u8 *out, u32 capacity, u16 *decoded, void *workspace)
{
	u32 blocks = asc_vbr_tile_bytes(k, tile, step, values, workspace), bytes;

	bytes = asc_vbr_entropy_encode(k, tile, step, values, out, min_u32(capacity, blocks),
				       decoded, workspace);
	if (bytes)
		return bytes;
	return asc_vbr_tile_encode(k, tile, step, values, out, capacity, decoded, workspace);
}

/*
 * What a tile costs: its squared error, and for each byte what a larger step would add to
 * the error of other tiles where it saves one, about 1/8 of the square of the step a bit.
 */
static u64 weigh(const struct fmc_tile *tile, u32 step, const u16 *values, const u16 *decoded,
		 u32 bytes)
{
	u32 n = fmc_tile_values(tile), i;
	u64 cost = (u64)step * step / (ASC_VBR_RATE_UNIT * ASC_VBR_RATE_UNIT) * bytes;

	for (i = 0; i < n; i++) {
		s64 error = (s64)values[i] - decoded[i];

		cost += error * error;
	}
	return cost;
}

/* Bits of a value from which on a trellis is better than points without one. */
#define TRELLIS_BITS	2

/**
 * asc_vbr_rate_encode - compress a tile with the least error, not with a bound on it
 * @k: inner loops
 * @tile: what the values are
 * @step: in 1/ASC_VBR_RATE_UNIT; lossless below ASC_VBR_RATE_UNIT, and at most
 *	ASC_VBR_RATE_UNIT times the largest value of the type
 * @values: the values
 * @out: receives the bytes
 * @capacity: how many there is room for
 * @decoded: receives what asc_vbr_tile_decode() will give
 * @workspace: ASC_VBR_WORKSPACE_BYTES, aligned to 8
 *
 * With or without a trellis, whichever is better; at a given step both have about the same
 * rate.
 *
 * Return: bytes written, or 0 if they do not fit or the step is none.
 */
u32 asc_vbr_rate_encode(const struct asc_vbr_kernels *k, const struct fmc_tile *tile, u32 step,
			const u16 *values, u8 *out, u32 capacity, u16 *decoded, void *workspace)
{
	u32 trellis = trellis_encode(k, tile, step, values, out, capacity, decoded, workspace);
	u32 bytes;
	u64 cost;

	if (trellis * 8 >= fmc_tile_values(tile) * TRELLIS_BITS)
		return trellis;
	cost = trellis ? weigh(tile, step, values, decoded, trellis) : ~0ull;
	bytes = uniform_encode(k, tile,
			       step < 2 * ASC_VBR_RATE_UNIT ? 1 : step / ASC_VBR_RATE_UNIT,
			       values, out, capacity, decoded, workspace);
	if (bytes && weigh(tile, step, values, decoded, bytes) <= cost)
		return bytes;
	return trellis_encode(k, tile, step, values, out, capacity, decoded, workspace);
}

/**
 * asc_vbr_trellis_decode - decompress a tile
 * @k: inner loops
 * @tile: what the values are
 * @in: a tile with a trellis, behind the two zeros; any content, and it may change meanwhile
 * @bytes: size of @in
 * @values: receives the values; undefined if there is an error
 * @workspace: ASC_VBR_WORKSPACE_BYTES, aligned to 8
 *
 * Return: 0 or -EBADMSG.
 */
int asc_vbr_trellis_decode(const struct asc_vbr_kernels *k, const struct fmc_tile *tile,
			   const u8 *in, u32 bytes, u16 *values, void *workspace)
{
	u32 n = fmc_tile_values(tile), size = (STEP_BITS + POINT_BITS) / 8, step, origin, i;
	struct workspace *ws = workspace;
	struct fmc_tile points = *tile;
	struct grid g;
	int ret;

	if (bytes < size)
		return -EBADMSG;
	step = fmc_get_value(in, STEP_BITS);
	origin = fmc_get_value(in + STEP_BITS / 8, POINT_BITS);
	if (!(step >> (unit_bits(tile->bits) - 1)) || origin > POINT_MAX - 3)
		return -EBADMSG;
	set_grid(&g, tile, step, origin);
	points.bits = POINT_BITS;
	points.zero = origin;
	points.trellis = FMC_TRELLIS;
	ret = dcac_tile_decode(k->tiles, &points, in + size, bytes - size, ws->points,
			       ws->dcac);
	for (i = 0; i < n; i++)
		values[i] = value_of(&g, ws->points[i]);
	return ret;
}
