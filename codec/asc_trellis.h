/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_ASC_TRELLIS_H
#define ASCDEV_CODEC_ASC_TRELLIS_H

#include "types.h"

/*
 * Trellis-coded quantisation: a sequence of points, each of which is even or odd as bit 0
 * of a state tells, so it costs what points twice as far apart would; which one a value
 * may take depends on the points before, and an encoder looks ahead.
 *
 * The state is that of a convolutional code, Ungerboeck's with 8 states (parity checks 13
 * and 04 in octal).  It moves by the second lowest bit of the point.
 */
#define ASC_TRELLIS_STATES	8

/* With bits a, b, c of the state, the lowest first, and z of the point: a ^ b, c ^ z, a. */
static inline u32 asc_trellis_next(u32 state, u32 point)
{
	return ((state ^ state >> 1) & 1) | ((state >> 1 ^ point) & 2) | (state & 1) << 2;
}

/**
 * asc_trellis_before - one value back
 * @state: the state behind a value
 * @choice: bit 2 of the state before it
 * @class: receives the class of its point
 *
 * Return: the state before it.
 */
static inline u32 asc_trellis_before(u32 state, u32 choice, u32 *class)
{
	u32 a = state >> 2, b = (state ^ a) & 1, z = (state >> 1 ^ choice) & 1;

	*class = z << 1 | a;
	return choice << 2 | b << 1 | a;
}

/* Classes of points: what remains of them by 4.  Bit 0 is that of the state, bit 1 moves it. */
#define ASC_TRELLIS_CLASSES	4

/**
 * struct asc_trellis_candidates - what a value may become: the nearest point of each class
 * @costs: squares of their errors
 */
struct asc_trellis_candidates {
	u32 costs[ASC_TRELLIS_CLASSES];
};

/**
 * struct asc_trellis - a search for the points with the least sum of squares
 * @costs: of the best way to each state, and what the next ones go to, by turns
 * @turn: which are valid
 */
struct asc_trellis {
	u64 costs[2][ASC_TRELLIS_STATES];
	u32 turn;
};

void asc_trellis_begin(struct asc_trellis *t);
u8 asc_trellis_advance(struct asc_trellis *t, const struct asc_trellis_candidates *candidates);
u8 asc_trellis_advance_by(struct asc_trellis *t, u8 before,
			  const struct asc_trellis_candidates *const *candidates);
u32 asc_trellis_end(const struct asc_trellis *t);

#endif
