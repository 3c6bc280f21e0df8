/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Loops of ASC-VBR over the values of a tile, in 16 bits and without branches: compilers
 * turn them into vector code, for each set of instructions that a file with them is
 * compiled for.
 */
#ifndef ASCDEV_CODEC_ASC_VBR_LOOPS_H
#define ASCDEV_CODEC_ASC_VBR_LOOPS_H

#include "asc_vbr_kernels.h"

static inline u32 vbr_least(const u16 *values, u32 n, u32 start)
{
	u16 least = start;
	u32 i;

	for (i = 0; i < n; i++)
		least = values[i] < least ? values[i] : least;
	return least;
}

/*
 * Steps to the nearest point, as asc_vbr_steps() has it.  The quotient that the upper half
 * of a product gives is too small by 1 at most.
 */
static inline u16 steps_of(u16 distance, u16 step, u16 reciprocal, u16 half, u16 even)
{
	u16 steps = (u32)distance * reciprocal >> 16;
	u16 rest = distance - (u16)(steps * step);
	u16 over = rest >= step, up;

	steps += over;
	rest -= over ? step : 0;
	up = rest >= half;
	steps += up;
	/* a tie goes to the even one */
	return steps - (even & (rest == half) & steps);
}

static inline void vbr_to_points(const struct asc_vbr_grid *g, const u16 *values, u32 n,
				 u16 *points)
{
	u16 step = g->step, zero = g->zero, origin = g->origin;
	u16 half = step - step / 2, even = ~step & 1, reciprocal;
	u32 i;

	if (step == 1) {
		for (i = 0; i < n; i++)
			points[i] = values[i] - zero + origin;
		return;
	}
	reciprocal = 65536 / step;
	if (!zero) {
		/* so is the origin */
		for (i = 0; i < n; i++)
			points[i] = steps_of(values[i], step, reciprocal, half, even);
		return;
	}
	for (i = 0; i < n; i++) {
		u16 value = values[i], below = value < zero;
		u16 distance = below ? zero - value : value - zero;
		u16 steps = steps_of(distance, step, reciprocal, half, even);

		points[i] = below ? origin - steps : origin + steps;
	}
}

/*
 * Points of values of 8 bits, modulo 256, and how far they are from the values.  The
 * grid's points may begin anywhere.
 */
static inline void vbr_byte_points(const struct asc_vbr_grid *g, const u8 *values, u32 n,
				   u8 *points, u8 *errors)
{
	u16 step = g->step, zero = g->zero, half = step - step / 2, even = ~step & 1;
	u16 reciprocal = step == 1 ? 65535 : 65536 / step, origin = g->origin;
	u32 i;

	for (i = 0; i < n; i++) {
		u16 value = values[i], below = value < zero;
		u16 distance = below ? zero - value : value - zero;
		u16 steps = steps_of(distance, step, reciprocal, half, even);
		/* a point outside the type stands for its last value */
		u16 room = below ? zero : 255 - zero, there = steps * step;

		there = there > room ? room : there;
		points[i] = below ? origin - steps : origin + steps;
		errors[i] = there > distance ? there - distance : distance - there;
	}
}

/* Only the first and the last point may lie outside the type. */
static inline void vbr_from_points(const struct asc_vbr_grid *g, const u16 *points, u32 n,
				   u16 *values)
{
	u32 below = g->zero / g->step, above = (g->max - g->zero) / g->step;
	u16 least = g->origin > below ? g->origin - below : 0, most = g->origin + above;
	u16 step = g->step, base = g->zero - g->origin * g->step, last = g->last, max = g->max;
	u32 i;

	for (i = 0; i < n; i++) {
		u16 point = points[i] < last ? points[i] : last;
		u16 value = (u16)(point * (u32)step) + base;

		value = point > most ? max : value;
		values[i] = point < least ? 0 : value;
	}
}

/* What each of 256 points stands for. */
static inline void vbr_byte_values(const struct asc_vbr_grid *g, u8 *values)
{
	u32 below = g->zero / g->step, above = (g->max - g->zero) / g->step;
	u16 least = g->origin > below ? g->origin - below : 0, most = g->origin + above;
	u16 step = g->step, base = g->zero - g->origin * g->step, last = g->last, i;

	for (i = 0; i < 256; i++) {
		u16 point = i < last ? i : last, value = (u16)(point * step) + base;

		value = point > most ? 255 : value;
		values[i] = point < least ? 0 : value;
	}
}

static inline void vbr_add_errors(const u16 *a, const u16 *b, u32 n, struct asc_vbr_errors *errors)
{
	u16 largest = 0;
	u64 squares = 0;
	u32 sum = 0, i;

	for (i = 0; i < n; i++) {
		u16 error = a[i] > b[i] ? a[i] - b[i] : b[i] - a[i];

		largest = error > largest ? error : largest;
		sum += error;
	}
	if (largest < 256) {
		u32 small = 0;

		for (i = 0; i < n; i++) {
			s32 error = a[i] - b[i];

			small += error * error;
		}
		squares = small;
	} else {
		for (i = 0; i < n; i++) {
			u32 error = a[i] > b[i] ? a[i] - b[i] : b[i] - a[i];

			squares += error * error;
		}
	}
	errors->sum_abs += sum;
	errors->sum_sq += squares;
	if (largest > errors->max_abs)
		errors->max_abs = largest;
}

/* Values that are still in cache. */
#define ASC_VBR_CHUNK	128

static inline void vbr_to_points_errors(const struct asc_vbr_grid *g, const u16 *values, u32 n,
					u16 *points, struct asc_vbr_errors *errors)
{
	u16 decoded[ASC_VBR_CHUNK];
	u32 i, count;

	for (i = 0; i < n; i += count) {
		count = asc_vbr_min(n - i, ASC_VBR_CHUNK);
		vbr_to_points(g, values + i, count, points + i);
		if (g->step == 1)
			continue;
		vbr_from_points(g, points + i, count, decoded);
		vbr_add_errors(values + i, decoded, count, errors);
	}
}

#endif
