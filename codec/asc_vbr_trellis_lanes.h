/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The search for the points of tiles with a trellis, for many lanes of a tile at a time, one in
 * each word of 32 bits of a vector.  Who includes it says what a vector is, see words_avx2.h.
 *
 * asc_vbr_trellis.c says what is done and why, in plain C, and gives the same points.
 */

#include "dcac.h"

#define STATES	ASC_TRELLIS_STATES

#define STRETCH	ASC_VBR_STRETCH

/*
 * A value is nearer than four steps to each of its candidates.  Costs of states differ by that of
 * three values at most, as so many lead from any state to any other: those of 11 are below 2^31.
 */
#define MAX_ERROR	11585u

/* More than that of three values. */
#define NEVER	(1u << 29)

/**
 * struct trellis_lanes - some lanes of a tile
 * @g: points
 * @plane: values of a plane
 * @every: planes from one of a lane to its next
 * @count: lanes that are searched
 * @first: channel that the first of them begins with
 * @channels: of the tile
 */
struct trellis_lanes {
	const struct asc_vbr_points *g;
	u32 plane, every, count, first, channels;
};

/**
 * struct trellis_ways - the best ways to each state
 * @costs: sums of squared errors, beside those of the best of all
 */
struct trellis_ways {
	words costs[STATES];
};

/* Lanes that have a plane in a round. */
static inline_all u32 lanes_in_round(const struct trellis_lanes *t, u32 round)
{
	u32 left = t->channels - t->first - round * t->every;

	return left < t->count ? left : t->count;
}

static inline_all u32 rounds_of(const struct trellis_lanes *t)
{
	return (t->channels - t->first - 1) / t->every + 1;
}

/* Where a lane begins in a round; one that has no plane looks at that of another one. */
static inline_all u32 start_of(const struct trellis_lanes *t, u32 round, u32 lane)
{
	if (lane >= lanes_in_round(t, round))
		lane = 0;
	return (t->first + round * t->every + lane) * t->plane;
}

/* Rows of eight become columns. */
static inline_all void turn_8x8(__m128i *r)
{
	__m128i t[8];
	u32 i;

#pragma GCC unroll 4
	for (i = 0; i < 4; i++) {
		t[2 * i] = _mm_unpacklo_epi16(r[i], r[i + 4]);
		t[2 * i + 1] = _mm_unpackhi_epi16(r[i], r[i + 4]);
	}
#pragma GCC unroll 4
	for (i = 0; i < 4; i++) {
		r[2 * i] = _mm_unpacklo_epi16(t[i], t[i + 4]);
		r[2 * i + 1] = _mm_unpackhi_epi16(t[i], t[i + 4]);
	}
#pragma GCC unroll 4
	for (i = 0; i < 4; i++) {
		t[2 * i] = _mm_unpacklo_epi16(r[i], r[i + 4]);
		t[2 * i + 1] = _mm_unpackhi_epi16(r[i], r[i + 4]);
	}
#pragma GCC unroll 8
	for (i = 0; i < 8; i++)
		r[i] = t[i];
}

/* The next values of all lanes, of each value those of all lanes side by side. */
static noinline void get_stretch(const struct trellis_lanes *t, u32 round, const u16 *values,
				 u32 at, u32 count, u16 (*to)[16])
{
	__m128i rows[8];
	u32 lane, i;

	if (count < STRETCH) {
		for (lane = 0; lane < LANES; lane++)
			for (i = 0; i < count; i++)
				to[i][lane] = values[start_of(t, round, lane) + at + i];
		return;
	}
#pragma GCC unroll 2
	for (lane = 0; lane < LANES; lane += 8) {
#pragma GCC unroll 8
		for (i = 0; i < 8; i++)
			rows[i] = _mm_loadu_si128((const __m128i *)
						  (values + start_of(t, round, lane + i) + at));
		turn_8x8(rows);
#pragma GCC unroll 8
		for (i = 0; i < 8; i++)
			_mm_storeu_si128((__m128i *)(to[i] + lane), rows[i]);
	}
}

/* The other way round, for points. */
static noinline void put_stretch(const struct trellis_lanes *t, u32 round, u16 (*from)[LANES],
				 u32 count, u16 *points, u32 at)
{
	u32 active = lanes_in_round(t, round), lane, i;
	__m128i rows[8];

	if (count < STRETCH) {
		for (lane = 0; lane < active; lane++)
			for (i = 0; i < count; i++)
				points[start_of(t, round, lane) + at + i] = from[i][lane];
		return;
	}
#pragma GCC unroll 2
	for (lane = 0; lane < LANES; lane += 8) {
#pragma GCC unroll 8
		for (i = 0; i < 8; i++)
			rows[i] = _mm_loadu_si128((const __m128i *)(from[i] + lane));
		turn_8x8(rows);
#pragma GCC unroll 8
		for (i = 0; i < 8; i++) {
			if (lane + i < active)
				_mm_storeu_si128((__m128i *)
						 (points + start_of(t, round, lane + i) + at),
						 rows[i]);
		}
	}
}

static inline_all words negate_where(mask m, words x)
{
	return w_blend(m, x, w_sub(w_set(0), x));
}

/* See asc_vbr_points_in(). */
static inline_all words points_in(const struct asc_vbr_points *g, words units)
{
	words x = w_slli(units, 32 - ASC_VBR_UNITS_BITS), by = w_set(g->reciprocal);
	words even = w_srli64(w_mul32(x, by), 32), odd = w_mul32(w_srli64(x, 32), by);

	return w_srl(w_even_odd(even, odd), w_set(g->shift - ASC_VBR_UNITS_BITS));
}

/* See asc_vbr_round_units(). */
static inline_all words round_units(const struct asc_vbr_points *g, words units)
{
	const words bits = w_set(g->unit_bits), half = w_set((1u << (g->unit_bits - 1)) - 1);
	words odd = w_and(w_srl(units, bits), w_set(1));

	return w_srl(w_add(w_add(units, half), odd), bits);
}

static inline_all words square_of(words x)
{
	return w_mullo(x, x);
}

/* See first_candidate(); @distance is that of values from zero. */
static inline_all words first_candidates(const struct asc_vbr_points *g, words distance)
{
	mask below = m_lt(distance, w_set(0));
	words units = w_sll(w_abs(distance), w_set(g->unit_bits)), first;

	units = w_add(units, w_maskz(below, w_set(g->step - 1)));
	first = w_add(negate_where(below, points_in(g, units)), w_set(g->origin - 1));
	first = w_max(first, w_set(g->low));
	return w_min(first, w_set(ASC_VBR_POINT_MAX - (ASC_TRELLIS_CLASSES - 1)));
}

/* See find_candidates(). */
static inline_all void find_costs(const struct asc_vbr_points *g, words distance, words first,
				  u32 (*costs)[16])
{
	const words many = w_set(ASC_VBR_MANY_UNITS >> g->unit_bits);
	const words least = w_sub(many, w_set(g->zero)), most = w_add(least, w_set(g->max));
	words units = w_add(w_mullo(w_sub(first, w_set(g->origin)), w_set(g->step)),
			    w_set(ASC_VBR_MANY_UNITS));
	words value = w_add(distance, many), c[4], t[4];
	mask by_one = m_ne(w_and(first, w_set(1)), w_set(0));
	mask by_two = m_ne(w_and(first, w_set(2)), w_set(0));
	u32 i;

#pragma GCC unroll 4
	for (i = 0; i < 4; i++) {
		words decoded = w_min(w_max(round_units(g, units), least), most);

		c[i] = square_of(w_sub(value, decoded));
		units = w_add(units, w_set(g->step));
	}
	/* from points in a row to classes */
#pragma GCC unroll 4
	for (i = 0; i < 4; i++)
		t[i] = w_blend(by_one, c[i], c[(i + 3) & 3]);
	distance = w_min(w_abs(distance), w_set(MAX_ERROR));
#pragma GCC unroll 4
	for (i = 0; i < 4; i++) {
		words cost = w_blend(by_two, t[i], t[(i + 2) & 3]);

		if (i == g->zero_class)
			cost = w_min(cost, square_of(distance));
		w_store(costs[i], cost);
	}
}

/* See advance_two(). */
static inline_all words advance_ways(struct trellis_ways *ways, u32 (*from)[16])
{
	words costs[ASC_TRELLIS_CLASSES], next[STATES], choices = w_set(0);
	u32 before, z;

#pragma GCC unroll 4
	for (z = 0; z < ASC_TRELLIS_CLASSES; z++)
		costs[z] = w_load(from[z]);

#pragma GCC unroll 4
	for (before = 0; before < STATES / 2; before++) {
#pragma GCC unroll 2
		for (z = 0; z < 2; z++) {
			u32 a = before & 1, state = (a << 2 | (before >> 1 ^ a)) + 2 * z;
			words first = w_add(ways->costs[before], costs[a + 2 * z]);
			words second = w_add(ways->costs[before + 4], costs[a + 2 * (z ^ 1)]);

			choices = w_or(choices, w_maskz(m_lt(second, first), w_set(1u << state)));
			next[state] = w_min(first, second);
		}
	}
#pragma GCC unroll 8
	for (z = 0; z < STATES; z++)
		ways->costs[z] = next[z];
	return choices;
}

static inline_all void load_ways(struct trellis_ways *ways, const struct asc_vbr_steps *steps)
{
	u32 i;

#pragma GCC unroll 8
	for (i = 0; i < STATES; i++)
		ways->costs[i] = w_load(steps->ways[i]);
}

static inline_all void store_ways(const struct trellis_ways *ways, struct asc_vbr_steps *steps)
{
	u32 i;

#pragma GCC unroll 8
	for (i = 0; i < STATES; i++)
		w_store(steps->ways[i], ways->costs[i]);
}

static inline_all void begin_ways(struct asc_vbr_steps *steps)
{
	u32 i;

	for (i = 0; i < STATES; i++)
		w_store(steps->ways[i], w_set(i ? NEVER : 0));
}

/* All costs less the least of them. */
static inline_all void level_ways(struct trellis_ways *ways)
{
	words least = ways->costs[0];
	u32 i;

#pragma GCC unroll 8
	for (i = 1; i < STATES; i++)
		least = w_min(least, ways->costs[i]);
#pragma GCC unroll 8
	for (i = 0; i < STATES; i++)
		ways->costs[i] = w_sub(ways->costs[i], least);
}

/* First candidates of the next values, and what candidates cost. */
static noinline void find_stretch(const struct asc_vbr_points *grid, u32 count,
				  struct asc_vbr_steps *steps, u16 *firsts)
{
	const struct asc_vbr_points g = *grid;
	u32 i;

	for (i = 0; i < count; i++) {
		words distance = w_sub(w_load16(steps->values[i]), w_set(g.zero));
		words first = first_candidates(&g, distance);

		w_store16(firsts + i * LANES, first);
		find_costs(&g, distance, first, steps->costs[i]);
	}
}

/* The ways on through these values, and the choices. */
static noinline void advance_stretch(u32 count, struct asc_vbr_steps *steps, u8 *choices)
{
	struct trellis_ways ways;
	u32 i;

	load_ways(&ways, steps);
	level_ways(&ways);
	for (i = 0; i < count; i++)
		w_store8(choices + i * LANES, advance_ways(&ways, steps->costs[i]));
	store_ways(&ways, steps);
}

/* A plane of each lane. */
static noinline void search_planes(const struct trellis_lanes *t, u32 round, const u16 *values,
				   struct asc_vbr_steps *steps)
{
	u32 row = round * t->plane, at, count;

	for (at = 0; at < t->plane; at += count, row += count) {
		count = t->plane - at < STRETCH ? t->plane - at : STRETCH;
		get_stretch(t, round, values, at, count, steps->values);
		find_stretch(t->g, count, steps, steps->points + row * LANES);
		advance_stretch(count, steps, steps->choices + row * LANES);
	}
}

/* See asc_trellis_end(). */
static inline_all words best_states(const struct asc_vbr_steps *steps)
{
	words best = w_load(steps->ways[0]), state = w_set(0);
	u32 i;

#pragma GCC unroll 7
	for (i = 1; i < STATES; i++) {
		words cost = w_load(steps->ways[i]);

		state = w_blend(m_lt(cost, best), state, w_set(i));
		best = w_min(best, cost);
	}
	return state;
}

/* Back along a plane of each lane; see asc_trellis_before().  First candidates become points. */
static inline_all words trace_planes(const struct trellis_lanes *t, u32 round, words state,
				     struct asc_vbr_steps *steps)
{
	const u8 *choices = steps->choices + round * t->plane * LANES;
	u16 *points = steps->points + round * t->plane * LANES;
	const words one = w_set(1), three = w_set(3);
	u32 i;

	for (i = t->plane; i--;) {
		words choice = w_and(w_srl(w_load8(choices + i * LANES), state), one);
		words first = w_load16(points + i * LANES), a = w_srli(state, 2), class;

		class = w_and(w_xor(w_srli(state, 1), choice), one);
		class = w_add(w_add(class, class), a);
		w_store16(points + i * LANES,
			  w_add(first, w_and(w_sub(class, first), three)));
		state = w_and(w_xor(state, a), one);
		state = w_add(w_add(state, state), w_add(a, w_slli(choice, 2)));
	}
	return state;
}

static inline_all void put_plane(const struct trellis_lanes *t, u32 round,
				 const struct asc_vbr_steps *steps, u16 *points)
{
	u16 (*from)[LANES] = (u16 (*)[LANES])steps->points + round * t->plane;
	u32 at, count;

	for (at = 0; at < t->plane; at += count) {
		count = t->plane - at < STRETCH ? t->plane - at : STRETCH;
		put_stretch(t, round, from + at, count, points, at);
	}
}

/* Up to LANES lanes, of which some may have one plane less than the others. */
static noinline void search_lanes(const struct trellis_lanes *t, const u16 *values, u16 *points,
				  struct asc_vbr_steps *steps)
{
	static const u32 numbers[16] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
	u32 rounds = rounds_of(t), last = rounds - 1, round;
	words state, end;
	mask goes_on;

	begin_ways(steps);
	for (round = 0; round < last; round++)
		search_planes(t, round, values, steps);
	end = best_states(steps);
	search_planes(t, last, values, steps);
	state = trace_planes(t, last, best_states(steps), steps);
	goes_on = m_lt(w_load(numbers), w_set(lanes_in_round(t, last)));
	state = w_blend(goes_on, end, state);
	while (round--)
		state = trace_planes(t, round, state, steps);
	for (round = 0; round < rounds; round++)
		put_plane(t, round, steps, points);
}

/* See asc_vbr_or_zero() and asc_vbr_value_of(). */
static noinline void settle_points(const struct asc_vbr_points *grid, const u16 *values, u32 n,
				   u16 *points, u16 *decoded)
{
	const struct asc_vbr_points g = *grid;
	const words zero = w_set(g.zero), origin = w_set(g.origin);
	const words class = w_set(g.zero_class);
	u32 i;

	for (i = 0; i + LANES <= n; i += LANES) {
		words value = w_load16(values + i), point = w_load16(points + i);
		words away = w_sub(point, origin), distance;
		mask below = m_lt(away, w_set(0)), is_zero;

		distance = round_units(&g, w_mullo(w_abs(away), w_set(g.step)));
		distance = w_min(distance, w_blend(below, w_set(g.max - g.zero), zero));
		distance = w_add(negate_where(below, distance), zero);
		is_zero = m_and(m_eq(w_and(point, w_set(3)), class),
				m_lt(w_abs(w_sub(value, zero)), w_abs(w_sub(value, distance))));
		w_store16(points + i, w_blend(is_zero, point, origin));
		w_store16(decoded + i, w_blend(is_zero, distance, zero));
	}
	for (; i < n; i++) {
		points[i] = asc_vbr_or_zero(&g, values[i], points[i]);
		decoded[i] = asc_vbr_value_of(&g, points[i]);
	}
}

/* Returns false if costs may not fit. */
static inline_all bool search_tile(const struct asc_vbr_points *g, const struct fmc_tile *tile,
				   const u16 *values, u16 *points, u16 *decoded,
				   struct asc_vbr_steps *steps)
{
	u32 lanes = dcac_lanes(tile), first;
	struct trellis_lanes t = {
		.g = g, .plane = tile->w * tile->h, .every = lanes, .channels = tile->c,
		.count = lanes < LANES ? lanes : LANES,
	};

	if ((4 * g->step >> g->unit_bits) + 1 >= MAX_ERROR)
		return false;
	for (first = 0; first < lanes; first += LANES) {
		t.first = first;
		search_lanes(&t, values, points, steps);
	}
	settle_points(g, values, fmc_tile_values(tile), points, decoded);
	return true;
}
