/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Loops of asc_shape.h, in 16 bits and without branches: compilers turn them into vector code,
 * for each set of instructions that a file with them is compiled for.
 */
#ifndef ASCDEV_CODEC_ASC_SHAPE_LOOPS_H
#define ASCDEV_CODEC_ASC_SHAPE_LOOPS_H

#include "asc_cbr.h"
#include "asc_shape.h"

static void shape_load(const u8 *__restrict p, u32 bits, u16 flip, u32 count,
		       u16 *__restrict numbers)
{
	u32 i;

	if (bits == 8) {
		for (i = 0; i < count; i++)
			numbers[i] = p[i] ^ flip;
		return;
	}
	memcpy(numbers, p, 2 * count);
	for (i = 0; flip && i < count; i++)
		numbers[i] ^= flip;
}

static void shape_range_8(const u8 *p, u8 flip, u32 count, u32 *least, u32 *greatest)
{
	u8 low = 0xff, high = 0;
	u32 i;

	for (i = 0; i < count; i++) {
		u8 v = p[i] ^ flip;

		low = v < low ? v : low;
		high = v > high ? v : high;
	}
	*least = low;
	*greatest = high;
}

/* Words that are looked at side by side. */
#define RANGE_WORDS	32

static void shape_range_16(const u8 *p, u16 flip, u32 count, u32 *least, u32 *greatest)
{
	/* with a sign, as of those every machine has the least and the greatest */
	short low[RANGE_WORDS], high[RANGE_WORDS], words[RANGE_WORDS];
	u32 now, i;

	flip ^= 0x8000;
	for (i = 0; i < RANGE_WORDS; i++) {
		low[i] = 32767;
		high[i] = -32768;
	}
	for (; count; count -= now, p += 2 * now) {
		now = count < RANGE_WORDS ? count : RANGE_WORDS;
		if (now == RANGE_WORDS) {
			memcpy(words, p, 2 * RANGE_WORDS);
		} else {
			for (i = 0; i < RANGE_WORDS; i++)
				memcpy(&words[i], p + 2 * (i % now), 2);
		}
		for (i = 0; i < RANGE_WORDS; i++) {
			short v = words[i] ^ flip;

			low[i] = v < low[i] ? v : low[i];
			high[i] = v > high[i] ? v : high[i];
		}
	}
	for (i = 1; i < RANGE_WORDS; i++) {
		low[0] = low[i] < low[0] ? low[i] : low[0];
		high[0] = high[i] > high[0] ? high[i] : high[0];
	}
	*least = (u16)low[0] ^ 0x8000;
	*greatest = (u16)high[0] ^ 0x8000;
}

static void shape_range(const u8 *p, u32 bits, u16 flip, u32 count, u32 *least, u32 *greatest)
{
	if (bits == 8)
		shape_range_8(p, flip, count, least, greatest);
	else
		shape_range_16(p, flip, count, least, greatest);
}

static void shape_extremes(const u16 *numbers, u32 count, u32 *least, u32 *greatest)
{
	u16 low = 0xffff, high = 0;
	u32 i;

	for (i = 0; i < count; i++) {
		low = numbers[i] < low ? numbers[i] : low;
		high = numbers[i] > high ? numbers[i] : high;
	}
	*least = low;
	*greatest = high;
}

static void shape_center(u16 *numbers, u32 count, u16 base, u32 shift)
{
	u32 i;

	for (i = 0; i < count; i++) {
		u16 v = numbers[i] > base ? numbers[i] - base : 0;

		v >>= shift;
		numbers[i] = v;
	}
}

/**
 * struct parts - parts of blocks, one behind the other as their values are
 * @least: of each part
 * @greatest: likewise
 * @sum: likewise
 * @w: parts in a row
 * @h: rows in a plane
 * @c: planes
 */
struct parts {
	const u16 *least, *greatest, *sum;
	u32 w, h, c;
};

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

static void fold_w(struct parts *p, u16 (*to)[ASC_PATCH_VALUES / 2])
{
	u32 rows = p->h * p->c, row = p->w, w = row / 2, i;

	if (row % 2 == 0) {
		w *= rows;
		rows = 1;
	}
	/* of single values, which are read once */
	if (p->least == p->sum && rows == 1) {
		fold_pairs(p->sum, p->sum, p->sum, w, to[0], to[1], to[2]);
		rows = 0;
	}
	for (i = 0; i < rows; i++)
		fold_pairs(p->least + i * row, p->greatest + i * row, p->sum + i * row, w,
			   to[0] + i * w, to[1] + i * w, to[2] + i * w);
	p->w /= 2;
}

/* Of lines one behind the other, two become one. */
static inline __attribute__((__always_inline__)) void
fold_each(const struct parts *p, u32 from, u32 line, u32 count,
	  u16 (*to)[ASC_PATCH_VALUES / 2], u32 at)
{
	for (; count--; from += 2 * line, at += line)
		fold_line(p->least + from, p->greatest + from, p->sum + from, line, to[0] + at,
			  to[1] + at, to[2] + at);
}

/* The compiler is told the length of short ones. */
static void fold_lines(const struct parts *p, u32 from, u32 line, u32 count,
		       u16 (*to)[ASC_PATCH_VALUES / 2], u32 at)
{
	if (line == 4)
		fold_each(p, from, 4, count, to, at);
	else if (line == 8)
		fold_each(p, from, 8, count, to, at);
	else if (line == 16)
		fold_each(p, from, 16, count, to, at);
	else
		fold_each(p, from, line, count, to, at);
}

static void fold_h(struct parts *p, u16 (*to)[ASC_PATCH_VALUES / 2])
{
	u32 h = p->h / 2, z;

	if (p->h % 2) {
		for (z = 0; z < p->c; z++)
			fold_lines(p, z * p->h * p->w, p->w, h, to, z * h * p->w);
	} else {
		fold_lines(p, 0, p->w, p->c * h, to, 0);
	}
	p->h = h;
}

static void fold_c(struct parts *p, u16 (*to)[ASC_PATCH_VALUES / 2])
{
	p->c /= 2;
	fold_lines(p, 0, p->h * p->w, p->c, to, 0);
}

/**
 * struct folding - parts on their way to be blocks
 * @parts: the parts
 * @w: extents of a part
 * @h: likewise
 * @c: likewise
 * @next: which memory they come to next
 */
struct folding {
	struct parts parts;
	u32 w, h, c;
	u32 next;
};

/* Shapes of one kind grow out of one another. */
enum shape_kind { SHAPE_RUN, SHAPE_PLANE, SHAPE_COLUMN, SHAPE_SOLID, SHAPE_KINDS };

static enum shape_kind shape_kind(const struct asc_cbr_block *block)
{
	if (!block->h)
		return SHAPE_RUN;
	if (block->c == 1)
		return SHAPE_PLANE;
	return block->w == 1 && block->h == 1 ? SHAPE_COLUMN : SHAPE_SOLID;
}

static void take_parts(struct parts *p, u16 (*from)[ASC_PATCH_VALUES / 2])
{
	p->least = from[0];
	p->greatest = from[1];
	p->sum = from[2];
}

static void fold_fours(const struct asc_patch *patch)
{
	const u16 *values = patch->memory->values;
	struct parts p = { values, values, values, patch->w, patch->h, patch->c };

	fold_w(&p, patch->memory->folded[0]);
	take_parts(&p, patch->memory->folded[0]);
	fold_w(&p, patch->memory->fours);
}

/* @fours: whether these have been made; they are if a shape has them */
static void start_folding(struct folding *f, const struct asc_patch *patch, enum shape_kind kind,
			  u32 w, bool *fours)
{
	const u16 *values = patch->memory->values;

	f->parts = (struct parts){ values, values, values, patch->w, patch->h, patch->c };
	if (kind == SHAPE_RUN) {
		f->parts.w = patch->length;
		f->parts.h = patch->rows;
		f->parts.c = 1;
	}
	f->w = 1;
	f->h = 1;
	f->c = 1;
	f->next = 0;
	if (w < 4 || patch->w % 4 || (kind != SHAPE_RUN && kind != SHAPE_PLANE))
		return;
	if (!*fours)
		fold_fours(patch);
	*fours = true;
	take_parts(&f->parts, patch->memory->fours);
	f->parts.w /= 4;
	f->w = 4;
}

static void fold_once(struct folding *f, const struct asc_patch *patch, u32 h, u32 c)
{
	u16 (*to)[ASC_PATCH_VALUES / 2] = patch->memory->folded[f->next];

	/* lines first, which are the longer the fewer pairs were folded */
	if (f->c < c) {
		fold_c(&f->parts, to);
		f->c *= 2;
	} else if (f->h < h) {
		fold_h(&f->parts, to);
		f->h *= 2;
	} else {
		fold_w(&f->parts, to);
		f->w *= 2;
	}
	take_parts(&f->parts, to);
	f->next ^= 1;
}

/* A block whose range is below this is exact. */
#define EXACT_RANGE	8

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

static void shape_estimate(const struct asc_patch *patch, const struct asc_cbr_choice *choices,
			   u32 count, u32 shift, struct asc_estimate *estimates)
{
	bool fours = false;
	u32 kind, i;

	for (kind = 0; kind < SHAPE_KINDS; kind++) {
		struct folding f = { .w = ~0u };

		/* from the smaller shapes to the larger ones */
		for (i = count; i-- > 0;) {
			const struct asc_cbr_block *b = &choices[i].block;
			u32 w = b->w, h = b->h ? b->h : 1, c = b->h ? b->c : 1;

			if (shape_kind(b) != kind)
				continue;
			if (f.w > w || f.h > h || f.c > c)
				start_folding(&f, patch, kind, w, &fours);
			while (f.w < w || f.h < h || f.c < c)
				fold_once(&f, patch, h, c);
			add_estimate(&f, patch, &choices[i], shift, &estimates[i]);
		}
	}
}

#define ASC_SHAPE_KERNELS						\
	{ .load = shape_load, .range = shape_range, .extremes = shape_extremes,	\
	  .center = shape_center, .estimate = shape_estimate }

#endif
