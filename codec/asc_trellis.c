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

/**
 * asc_trellis_before - one value back
 * @state: the state behind a value
 * @choice: bit 2 of the state before it
 * @class: receives the class of its point
 *
 * Return: the state before it.
 */
u32 asc_trellis_before(u32 state, u32 choice, u32 *class)
{
	u32 a = state >> 2, b = (state ^ a) & 1, z = (state >> 1 ^ choice) & 1;

	*class = z << 1 | a;
	return choice << 2 | b << 1 | a;
}

/*
 * The two states that lie behind states @before and @before + 4, with a of @before: bit 1 of
 * them is that of the point, or its inverse.
 */
static inline u32 advance_two(const u64 *__restrict costs, u64 *__restrict next,
			      const u32 *__restrict candidates, u32 before)
{
	u32 a = before & 1, state = a << 2 | (before >> 1 ^ a);
	u64 first = costs[before], second = costs[before + 4];
	u64 even = candidates[a], odd = candidates[a + 2];
	bool take, take_odd;

	take = second + odd < first + even;
	next[state] = take ? second + odd : first + even;
	take_odd = second + even < first + odd;
	next[state + 2] = take_odd ? second + even : first + odd;
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

	t->turn ^= 1;
	return advance_two(costs, next, candidates->costs, 0) |
	       advance_two(costs, next, candidates->costs, 1) |
	       advance_two(costs, next, candidates->costs, 2) |
	       advance_two(costs, next, candidates->costs, 3);
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
