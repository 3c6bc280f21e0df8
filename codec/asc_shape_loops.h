/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Loops of asc_shape.h, in 16 bits and without branches: compilers turn them into vector code,
 * for each set of instructions that a file with them is compiled for.  That file includes what
 * folds parts and estimates before this.
 */
#ifndef ASCDEV_CODEC_ASC_SHAPE_LOOPS_H
#define ASCDEV_CODEC_ASC_SHAPE_LOOPS_H

#include "asc_shape_parts.h"

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

static void fold_w(struct parts *p, u16 (*to)[ASC_PATCH_VALUES / 2])
{
	u32 rows = p->h * p->c, row = p->w, i;

	p->w /= 2;
	if (row % 2 == 0)
		fold_lines(p, 0, 1, p->w * rows, to, 0);
	for (i = 0; row % 2 && i < rows; i++)
		fold_lines(p, i * row, 1, p->w, to, i * p->w);
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

/* Numbers of eight planes become one. */
static void fold_eight(const u16 *__restrict values, unsigned long plane, u16 *__restrict least,
		       u16 *__restrict greatest, u16 *__restrict sum)
{
	unsigned long i, z;

	for (i = 0; i < plane; i++) {
		u16 low = values[i], high = values[i], all = values[i];

#pragma GCC unroll 8
		for (z = 1; z < 8; z++) {
			u16 v = values[z * plane + i];

			low = v < low ? v : low;
			high = v > high ? v : high;
			all += v;
		}
		least[i] = low;
		greatest[i] = high;
		sum[i] = all;
	}
}

/* Of planes so many become one as is returned, @most at most. */
static u32 fold_c(struct parts *p, u16 (*to)[ASC_PATCH_VALUES / 2], u32 most)
{
	u32 plane = p->h * p->w, i;

	if (most < 8 || p->least != p->sum) {
		p->c /= 2;
		fold_lines(p, 0, plane, p->c, to, 0);
		return 2;
	}
	p->c /= 8;
	for (i = 0; i < p->c; i++)
		fold_eight(p->sum + 8 * i * plane, plane, to[0] + i * plane, to[1] + i * plane,
			   to[2] + i * plane);
	return 8;
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
		f->c *= fold_c(&f->parts, to, c / f->c);
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
