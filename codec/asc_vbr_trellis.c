// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ASC-VBR, effort best, at a rate: points from a trellis (asc_trellis.h) through the
 * entropy coder of DC-AC.  At the same rate the squared error is lower by about 1 dB.
 * Documentation/asc-vbr.rst, "Tiles with a trellis".
 */

#include "asc_trellis.h"
#include "asc_vbr.h"
#include "asc_vbr_points.h"
#include "asc_vbr_trellis.h"

/* The distance of points is given in 1/2^11 for 8 bits, in 1/2^3 for 16.  It is 1/2 at least. */
static u32 unit_bits(u32 value_bits)
{
	return 19 - value_bits;
}

#define STEP_BITS	16
#define POINT_BITS	16

struct workspace {
	u16 points[FMC_TILE_MAX_VALUES];
	union {
		/* of each value, for each state: bit 2 of the state before */
		u8 choices[FMC_TILE_MAX_VALUES];
		struct asc_vbr_steps steps;
		u8 dcac[DCAC_WORKSPACE_BYTES];
	};
};

static_assert(sizeof(struct workspace) <= ASC_VBR_WORKSPACE_BYTES, "workspace");

static u32 min_u32(u32 a, u32 b)
{
	return a < b ? a : b;
}

static void set_grid(struct asc_vbr_points *g, const struct fmc_tile *tile, u32 step, u32 origin)
{
	g->unit_bits = unit_bits(tile->bits);
	g->step = step;
	g->shift = ASC_VBR_UNITS_BITS + 32 - __builtin_clz(step);
	g->reciprocal = fmc_div_u64(1ull << g->shift, step) + 1;
	g->zero = tile->zero;
	g->origin = origin;
	g->max = fmc_value_mask(tile->bits);
}

/* The last point that is not above a value. */
static s32 point_below(const struct asc_vbr_points *g, u32 value)
{
	u32 below = value < g->zero, sign = 0 - below;
	u32 distance = ((value - g->zero) ^ sign) + below;
	u32 points = asc_vbr_points_in(g, (distance << g->unit_bits) + (sign & (g->step - 1)));

	return (s32)(g->origin + (points ^ sign) + below);
}

/*
 * Chooses the origin: as few points below zero as the least value needs, and some more so
 * that it has one in each class near, where these do not cost points above.  Returns false
 * if there is no place for it.
 */
static bool fit_grid(struct asc_vbr_points *g, struct fmc_tile *points, const u16 *values)
{
	u32 n = fmc_tile_values(points), least = g->zero, zeros = 0, above, below = 0, i;

	for (i = 0; i < n; i++) {
		least = min_u32(least, values[i]);
		zeros += values[i] == g->zero;
	}
	above = asc_vbr_points_in(g, ((g->max - g->zero) << g->unit_bits) + g->step - 1);
	if (least < g->zero)
		below = asc_vbr_points_in(g, ((g->zero - least) << g->unit_bits) + g->step / 2) + 3;
	g->origin = min_u32(below, ASC_VBR_POINT_MAX - above);
	g->low = least < g->zero ? 0 : g->origin;
	g->zero_class = ASC_TRELLIS_CLASSES;
	points->zero = g->origin;
	points->trellis = FMC_TRELLIS;
	if (zeros * 16 >= n) {
		points->trellis = FMC_TRELLIS_ZERO;
		g->zero_class = (g->origin & 3) ^ 1;
	}
	/* some of the three may be missing */
	return above + below <= ASC_VBR_POINT_MAX + 3 && g->origin <= ASC_VBR_POINT_MAX - 3;
}

/* The first of the nearest points of each class, which lie in a row. */
static u32 first_candidate(const struct asc_vbr_points *g, u32 value)
{
	s32 first = point_below(g, value) - 1, last = ASC_VBR_POINT_MAX - (ASC_TRELLIS_CLASSES - 1);

	first = first < g->low ? g->low : first;
	return first > last ? last : first;
}

/* Squares of errors. */
static inline void find_candidates(const struct asc_vbr_points *g, u32 value, u32 first,
				   struct asc_trellis_candidates *c)
{
	u32 units = (first - g->origin) * g->step + ASC_VBR_MANY_UNITS;
	u32 zero_error = value - g->zero, i;

	for (i = 0; i < ASC_TRELLIS_CLASSES; i++, units += g->step) {
		u32 rounded = asc_vbr_round_units(g, units), error;
		s32 decoded = (s32)(g->zero + rounded - (ASC_VBR_MANY_UNITS >> g->unit_bits));

		decoded = decoded < 0 ? 0 : decoded > (s32)g->max ? (s32)g->max : decoded;
		error = value - (u32)decoded;
		c->costs[(first + i) & 3] = error * error;
	}
	if (g->zero_class < ASC_TRELLIS_CLASSES)
		c->costs[g->zero_class] = min_u32(c->costs[g->zero_class],
						  zero_error * zero_error);
}

/* The points of one sequence with the least sum of squares: a Viterbi decoder. */
static noinline void find_points(const struct asc_vbr_points *g, const struct fmc_tile *tile,
				 u32 lane, u32 lanes, const u16 *values, struct workspace *ws)
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
			ws->points[at] = asc_vbr_point_of_class(ws->points[at], class);
		}
	}
}

/* Points of all sequences, and what they stand for. */
static noinline void find_all_points(const struct asc_vbr_kernels *k,
				     const struct asc_vbr_points *g, const struct fmc_tile *tile,
				     const u16 *values, u16 *decoded, struct workspace *ws)
{
	u32 n = fmc_tile_values(tile), lanes = dcac_lanes(tile), i;

	if (k->trellis && k->trellis(g, tile, values, ws->points, decoded, &ws->steps))
		return;
	for (i = 0; i < lanes; i++)
		find_points(g, tile, i, lanes, values, ws);
	for (i = 0; i < n; i++) {
		ws->points[i] = asc_vbr_or_zero(g, values[i], ws->points[i]);
		decoded[i] = asc_vbr_value_of(g, ws->points[i]);
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
	u32 head = head_bytes(tile), bytes;
	struct fmc_tile points = *tile;
	struct asc_vbr_points g;

	points.bits = POINT_BITS;
	/* twice as many points, in their unit */
	step = (step << unit_bits(tile->bits)) / (2 * ASC_VBR_RATE_UNIT);
	if (!(step >> (unit_bits(tile->bits) - 1)) || step >> STEP_BITS || capacity < head)
		return 0;
	set_grid(&g, tile, step, 0);
	if (!fit_grid(&g, &points, values))
		return 0;
	find_all_points(k, &g, tile, values, decoded, ws);
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
	struct asc_vbr_points g;
	int ret;

	if (bytes < size)
		return -EBADMSG;
	step = fmc_get_value(in, STEP_BITS);
	origin = fmc_get_value(in + STEP_BITS / 8, POINT_BITS);
	if (!(step >> (unit_bits(tile->bits) - 1)) || origin > ASC_VBR_POINT_MAX - 3)
		return -EBADMSG;
	set_grid(&g, tile, step, origin);
	points.bits = POINT_BITS;
	points.zero = origin;
	points.trellis = FMC_TRELLIS;
	ret = dcac_tile_decode(k->tiles, &points, in + size, bytes - size, ws->points,
			       ws->dcac);
	for (i = 0; i < n; i++)
		values[i] = asc_vbr_value_of(&g, ws->points[i]);
	return ret;
}
