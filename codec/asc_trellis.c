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
		t->costs[i] = i ? NEVER : 0;
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
	u64 next[ASC_TRELLIS_STATES];
	u32 state, choices = 0;

	for (state = 0; state < ASC_TRELLIS_STATES; state++) {
		u32 class0, class1, before0, before1;
		u64 cost0, cost1;

		before0 = asc_trellis_before(state, 0, &class0);
		before1 = asc_trellis_before(state, 1, &class1);
		cost0 = t->costs[before0] + candidates->costs[class0];
		cost1 = t->costs[before1] + candidates->costs[class1];
		choices |= (u32)(cost1 < cost0) << state;
		next[state] = cost1 < cost0 ? cost1 : cost0;
	}
	memcpy(t->costs, next, sizeof(next));
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
	u32 best = 0, i;

	for (i = 1; i < ASC_TRELLIS_STATES; i++) {
		if (t->costs[i] < t->costs[best])
			best = i;
	}
	return best;
}
