// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The search of an encoder for the points of a trellis: Viterbi's, over all ways through
 * its states.
 */

#include "asc_trellis.h"

/* More than all errors together. */
#define NEVER	(1ull << 60)

/**
 * asc_trellis_begin - begin a sequence
 * @t: filled in
 */
void asc_trellis_begin(struct asc_trellis *t)
{
	u32 i;

	for (i = 0; i < ASC_TRELLIS_STATES; i++)
		t->costs[0][i] = i ? NEVER : 0;
	t->turn = 0;
}

/*
 * The two states that lie behind states @before and @before + 4, with a of @before: bit 1 of
 * them is that of the point, or its inverse.
 */
static inline u32 advance_two(const u64 *__restrict costs, u64 *__restrict next,
			      const u32 *__restrict from_first,
			      const u32 *__restrict from_second, u32 before)
{
	u32 a = before & 1, state = a << 2 | (before >> 1 ^ a);
	u64 first = costs[before], second = costs[before + 4];
	u64 even = first + from_first[a], even_second = second + from_second[a + 2];
	u64 odd = first + from_first[a + 2], odd_second = second + from_second[a];
	bool take = even_second < even, take_odd = odd_second < odd;

	next[state] = take ? even_second : even;
	next[state + 2] = take_odd ? odd_second : odd;
	return (u32)take << state | (u32)take_odd << (state + 2);
}

/**
 * asc_trellis_advance - one value on
 * @t: search
 * @candidates: what the value may become
 *
 * Return: for each state behind the value, the choice that asc_trellis_before() needs, as
 * one bit.
 */
u8 asc_trellis_advance(struct asc_trellis *t, const struct asc_trellis_candidates *candidates)
{
	const u64 *costs = t->costs[t->turn];
	u64 *next = t->costs[t->turn ^ 1];
	const u32 *c = candidates->costs;

	t->turn ^= 1;
	return advance_two(costs, next, c, c, 0) | advance_two(costs, next, c, c, 1) |
	       advance_two(costs, next, c, c, 2) | advance_two(costs, next, c, c, 3);
}

/* Of the last point on the best way to a state; see asc_trellis_before(). */
static u32 last_class(u32 state, u32 choices)
{
	return ((state ^ choices >> state << 1) & 2) | state >> 2;
}

/**
 * asc_trellis_advance_by - one value on, where the point before it matters
 * @t: search
 * @before: what the call for the value before returned; anything for the first value
 * @candidates: what the value may become, behind a point of each class
 *
 * Return: as asc_trellis_advance().
 */
u8 asc_trellis_advance_by(struct asc_trellis *t, u8 before,
			  const struct asc_trellis_candidates *const *candidates)
{
	const u64 *costs = t->costs[t->turn];
	u64 *next = t->costs[t->turn ^ 1];
	u32 choices = 0, s;

	t->turn ^= 1;
	for (s = 0; s < ASC_TRELLIS_STATES / 2; s++)
		choices |= advance_two(costs, next, candidates[last_class(s, before)]->costs,
				       candidates[last_class(s + 4, before)]->costs, s);
	return choices;
}

/**
 * asc_trellis_end - end a sequence
 * @t: search
 *
 * Return: the state that the best way leads to.
 */
u32 asc_trellis_end(const struct asc_trellis *t)
{
	const u64 *costs = t->costs[t->turn];
	u32 best = 0, i;

	for (i = 1; i < ASC_TRELLIS_STATES; i++) {
		if (costs[i] < costs[best])
			best = i;
	}
	return best;
}
