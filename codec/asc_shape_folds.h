/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Steps from values to estimates, in 16 bits and without branches, as asc_shape_loops.h.
 */
#ifndef ASCDEV_CODEC_ASC_SHAPE_FOLDS_H
#define ASCDEV_CODEC_ASC_SHAPE_FOLDS_H

#include "asc_shape_parts.h"

/* Two numbers side by side, the one above the other in whatever order. */
static u32 two_numbers(const u16 *p, unsigned long i)
{
	u32 two;

	memcpy(&two, p + 2 * i, sizeof(two));
	return two;
}

/* Numbers side by side become one. */
static inline void fold_pairs(const u16 *__restrict least, const u16 *__restrict greatest,
			      const u16 *__restrict sum, u32 count, u16 *__restrict to_least,
			      u16 *__restrict to_greatest, u16 *__restrict to_sum)
{
	unsigned long i;

	for (i = 0; i < count; i++) {
		u32 l = two_numbers(least, i), g = two_numbers(greatest, i);
		u32 s = two_numbers(sum, i);
		s32 l0 = l & 0xffff, l1 = l >> 16, g0 = g & 0xffff, g1 = g >> 16;

		to_least[i] = l0 < l1 ? l0 : l1;
		to_greatest[i] = g0 > g1 ? g0 : g1;
		to_sum[i] = s + (s >> 16);
	}
}

/* Numbers one line apart become one. */
static inline void fold_line(const u16 *__restrict least, const u16 *__restrict greatest,
			     const u16 *__restrict sum, u32 line, u16 *__restrict to_least,
			     u16 *__restrict to_greatest, u16 *__restrict to_sum)
{
	const u16 *l = least + line, *g = greatest + line, *s = sum + line;
	u32 i;

	for (i = 0; i < line; i++) {
		to_least[i] = least[i] < l[i] ? least[i] : l[i];
		to_greatest[i] = greatest[i] > g[i] ? greatest[i] : g[i];
		to_sum[i] = sum[i] + s[i];
	}
}

/* Of lines one behind the other, two become one. */
static __always_inline void
fold_each(const struct parts *p, u32 from, u32 line, u32 count,
	  u16 (*to)[ASC_PATCH_VALUES / 2], u32 at)
{
	for (; count--; from += 2 * line, at += line)
		fold_line(p->least + from, p->greatest + from, p->sum + from, line, to[0] + at,
			  to[1] + at, to[2] + at);
}

/*
 * From the word @from on, of @count pairs of lines each becomes one, from the word @at on.  The
 * compiler is told the length of short ones.
 */
static void fold_lines(const struct parts *p, u32 from, u32 line, u32 count,
		       u16 (*to)[ASC_PATCH_VALUES / 2], u32 at)
{
	const u16 *l = p->least + from, *g = p->greatest + from, *s = p->sum + from;

	if (line == 1 && l == s)
		/* single values, which are read once */
		fold_pairs(s, s, s, count, to[0] + at, to[1] + at, to[2] + at);
	else if (line == 1)
		fold_pairs(l, g, s, count, to[0] + at, to[1] + at, to[2] + at);
	else if (line == 4)
		fold_each(p, from, 4, count, to, at);
	else if (line == 8)
		fold_each(p, from, 8, count, to, at);
	else if (line == 16)
		fold_each(p, from, 16, count, to, at);
	else
		fold_each(p, from, line, count, to, at);
}

/* Of blocks of @n values. */
static u32 estimate_block(u16 range, u16 rest, u16 n)
{
	u16 most = (u16)(n * range) >> 1;

	rest = rest < most ? rest : most;
	range = range < EXACT_RANGE ? 0 : range;
	return (u32)range * rest;
}

/* So many blocks have a sum of estimates that fits into 32 bits. */
#define ESTIMATES	64

static u32 estimate_two(const struct parts *p, u32 n, u32 first, u32 end)
{
	u32 error = 0, i;

	for (i = first; i < end; i++) {
		u16 range = p->greatest[i] - p->least[i];

		error += estimate_block(range, p->sum[i] - (u16)(n * p->least[i]) - range, n);
	}
	return error;
}

static u32 estimate_one(const struct parts *p, u32 n, u32 first, u32 end)
{
	u32 error = 0, i;

	for (i = first; i < end; i++)
		error += estimate_block(p->greatest[i], p->sum[i] - p->greatest[i], n);
	return error;
}

/*
 * What the endpoints of the narrow profile add: they are off by 1 / 7000 of the square of their
 * distance from zero, which reaches values as they are far from it, where the estimate has
 * 1 / 256.
 */
static u32 estimate_narrow(const struct parts *p, u16 zero, u32 n, u32 first, u32 end)
{
	u32 error = 0, i;

	for (i = first; i < end; i++) {
		u16 least = p->least[i], greatest = p->greatest[i], sum = p->sum[i];
		u16 up = greatest > zero ? greatest - zero : 0;
		u16 down = least < zero ? zero - least : 0;
		u16 above = sum - (u16)(n * (least < zero ? least : zero));
		u16 below = (u16)(n * zero) - sum;

		error += (u32)(up > down ? up : down) * (greatest < zero ? below : above);
	}
	return error;
}

static void add_estimate(const struct folding *f, const struct asc_patch *patch,
			 const struct asc_cbr_choice *choice, u32 shift,
			 struct asc_estimate *estimate)
{
	u32 blocks = f->parts.w * f->parts.h * f->parts.c, n = f->w * f->h * f->c, i, end;
	u64 error = 0, narrow = 0;

	for (i = 0; i < blocks; i = end) {
		end = blocks - i < ESTIMATES ? blocks : i + ESTIMATES;
		if (choice->endpoints == FMC_ENDPOINTS_ONE)
			error += estimate_one(&f->parts, n, i, end);
		else
			error += estimate_two(&f->parts, n, i, end);
		if (choice->profile == FMC_PROFILE_NARROW)
			narrow += estimate_narrow(&f->parts, patch->zero, n, i, end);
	}
	estimate->error += (error + (narrow >> 5)) << 2 * shift;
	estimate->values += blocks * n;
}

#endif
