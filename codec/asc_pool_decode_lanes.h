/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Pooled blocks that are decoded side by side, with a trellis or without, one in each word of 32
 * bits of a vector.  Who includes it says what a vector is, as for asc_pool_lanes.h, and:
 *
 * - get_plain_lane(), get_rice_lane(), get_masked_lane(), as of asc_pooled_reader.h, without _lane;
 * - w_leading(x): the place of the highest bit set, of numbers below 2^15 that are not 0.
 *
 * asc_pooled.c is the same in plain C.
 */

#include "asc_pooled_reader.h"

/* See get_group(). */
static inline_all void get_lane_group(struct asc_pooled_reader *r, u32 code, u16 *indices)
{
	if (code < ASC_FIRST_RICE)
		get_plain_lane(r, code, indices);
	else if (code < ASC_FIRST_MASK)
		get_rice_lane(r, code - ASC_FIRST_RICE, indices);
	else
		get_masked_lane(r, code - ASC_FIRST_MASK, indices);
	if (r->at > r->end)
		r->at = r->end;
}

/* Header and indices of a block, of a copy: bits may change meanwhile. */
static noinline void get_lane(const struct asc_block_format *f, const u8 *bits,
			      struct asc_pool_decoder *d, u32 lane)
{
	u8 copy[ASC_POOL_BYTES + READ_AHEAD] __uninitialized;
	struct asc_pooled_reader r = { .bits = copy, .end = 4 * f->values };
	struct asc_pooled_header h;
	u32 g;

	memcpy(copy, bits, f->values / 2);
	memset(copy + f->values / 2, 0, READ_AHEAD);
	get_header(f, &r, &h);
	d->step_code[lane] = h.step_code;
	d->base[lane] = h.base;
	d->predicted[lane] = h.predicted;
	for (g = 0; g < f->values / GROUP; g++)
		get_lane_group(&r, h.codes[g], d->values[lane] + g * GROUP);
}

/* Rows 0 to 7 of 16 columns to columns of 8 rows: those from 8 on are behind those before. */
static inline_all void transpose_half(const __m256i *row, __m256i *column)
{
	__m256i a[8], b[8];
	u32 i;

#pragma GCC unroll 4
	for (i = 0; i < 4; i++) {
		a[2 * i] = _mm256_unpacklo_epi16(row[2 * i], row[2 * i + 1]);
		a[2 * i + 1] = _mm256_unpackhi_epi16(row[2 * i], row[2 * i + 1]);
	}
	/* columns 2 * i and the next, of rows 0 to 3, and of others */
#pragma GCC unroll 2
	for (i = 0; i < 2; i++) {
		b[4 * i] = _mm256_unpacklo_epi32(a[4 * i], a[4 * i + 2]);
		b[4 * i + 1] = _mm256_unpackhi_epi32(a[4 * i], a[4 * i + 2]);
		b[4 * i + 2] = _mm256_unpacklo_epi32(a[4 * i + 1], a[4 * i + 3]);
		b[4 * i + 3] = _mm256_unpackhi_epi32(a[4 * i + 1], a[4 * i + 3]);
	}
#pragma GCC unroll 4
	for (i = 0; i < 4; i++) {
		column[2 * i] = _mm256_unpacklo_epi64(b[i], b[i + 4]);
		column[2 * i + 1] = _mm256_unpackhi_epi64(b[i], b[i + 4]);
	}
}

/* 16 rows of as many words, so many words apart, to columns. */
static inline_all void transpose(const u16 *from, u32 from_step, u16 *to, u32 to_step)
{
	__m256i row[16], column[16];
	u32 i;

#pragma GCC unroll 16
	for (i = 0; i < 16; i++)
		row[i] = _mm256_loadu_si256((const __m256i *)(from + i * from_step));
	transpose_half(row, column);
	transpose_half(row + 8, column + 8);
#pragma GCC unroll 8
	for (i = 0; i < 8; i++) {
		__m256i first = _mm256_permute2x128_si256(column[i], column[i + 8], 0x20);
		__m256i second = _mm256_permute2x128_si256(column[i], column[i + 8], 0x31);

		_mm256_storeu_si256((__m256i *)(to + i * to_step), first);
		_mm256_storeu_si256((__m256i *)(to + (i + 8) * to_step), second);
	}
}

/**
 * struct lane_scale - from steps, or points, to values
 * @step: distance of two, in eighths or 16ths
 * @zero: number that 0 stands for
 * @least: what can be held
 * @most: likewise
 * @kind: of values
 * @exponent: of floats, that of the surface
 */
struct lane_scale {
	words step, zero, least, most;
	enum asc_kind kind;
	u32 exponent;
};

/* asc_magnitude_from_fixed(), with an exponent that is not 0. */
static inline_all words lane_magnitude(const struct lane_scale *s, words fixed)
{
	const words one = w_set(1), none = w_set(0), first = w_set(ASC_FIXED_BITS - 1);
	u32 bits = asc_fraction_bits(s->kind);
	words zeros = w_min(w_sub(first, w_leading(fixed)), w_set(s->exponent - 1));
	words shift = w_sub(w_set(ASC_FIXED_BITS - 1 - bits), zeros);
	words half = w_sub(w_sll(one, w_sub(shift, one)), one);
	words odd = w_and(w_srl(fixed, shift), one);
	words rounded = w_srl(w_add(fixed, w_add(half, odd)), shift);
	words exact = w_sll(fixed, w_sub(none, shift));
	words pattern = w_blend(m_lt(none, shift), exact, rounded);

	pattern = w_add(pattern, w_slli(w_sub(w_set(s->exponent - 1), zeros), bits));
	pattern = w_min(pattern, w_set(((s->exponent + 1) << bits) - 1));
	return w_blend(m_eq(fixed, none), pattern, none);
}

/* asc_float_from_fixed() */
static inline_all words lane_floats(const struct lane_scale *s, words number)
{
	const words zero = w_set(ASC_FLOAT_ZERO);
	words pattern = lane_magnitude(s, w_abs(w_sub(number, zero)));
	mask below = m_and(m_lt(number, zero), m_ne(pattern, w_set(0)));

	return w_blend(below, w_add(zero, pattern), w_sub(w_sub(zero, w_set(1)), pattern));
}

/* Of points of which 1 << @log_unit are a step of 1. */
static inline_all words lane_values(const struct lane_scale *s, words steps, u32 log_unit)
{
	words sign = w_srai(steps, 31), magnitude = w_mullo(w_abs(steps), s->step);
	words odd = w_and(w_srli(magnitude, log_unit), w_set(1)), number;

	magnitude = w_add(w_add(magnitude, odd), w_set((1 << log_unit) / 2 - 1));
	number = w_sub(w_xor(w_srli(magnitude, log_unit), sign), sign);
	number = w_max(w_min(w_add(s->zero, number), s->most), s->least);
	return s->kind == ASC_INTEGER ? number : lane_floats(s, number);
}

/**
 * struct lane_walk - where values with a trellis lie in their planes
 * @x: columns
 * @y: rows
 * @w: values in a row
 * @h: rows in a plane
 */
struct lane_walk {
	words x, y, w, h;
};

static inline_all void lane_walk_on(struct lane_walk *at)
{
	mask more;

	at->x = w_add(at->x, w_set(1));
	more = m_ne(at->x, at->w);
	at->y = w_add(at->y, w_blend(more, w_set(1), w_set(0)));
	at->x = w_maskz(more, at->x);
	at->y = w_maskz(m_ne(at->y, at->h), at->y);
}

/**
 * struct lane_blocks - what is known of all blocks
 * @d: blocks
 * @lane: the first
 * @base: steps that indices are relative to, or points with a trellis
 * @predicted: blocks that are
 */
struct lane_blocks {
	struct asc_pool_decoder *d;
	u32 lane;
	words base;
	mask predicted;
};

/* What is above a value, if anything is in any block. */
static inline_all words lane_above(const struct lane_blocks *b, u32 i)
{
	return w_load(b->d->steps[i - b->d->w] + b->lane);
}

/* What indices of 0 stand for, in points. */
static inline_all words lane_points(const struct lane_blocks *b, const struct lane_walk *at,
				    u32 i, words left)
{
	const words none = w_set(0);
	words origins = b->base, above;
	mask beside, below;

	if (!i)
		return origins;
	beside = m_and(b->predicted, m_ne(at->x, none));
	origins = w_blend(beside, origins, left);
	if (i < b->d->w)
		return origins;
	above = lane_above(b, i);
	below = m_and(b->predicted, m_ne(at->y, none));
	origins = w_blend(below, origins, above);
	return w_blend(m_and(beside, below), origins, w_srai(w_add(left, above), 1));
}

/* In steps, where blocks are cuboids: values have the same place in all of them. */
static inline_all words lane_steps(const struct lane_blocks *b, u32 x, u32 y, u32 i, words left)
{
	words origins;

	if (!x && !y)
		return b->base;
	if (!y)
		origins = left;
	else if (!x)
		origins = lane_above(b, i);
	else
		origins = w_srai(w_add(left, lane_above(b, i)), 1);
	return w_blend(b->predicted, b->base, origins);
}

/* Indices that go up and down by turns, in some blocks, to what they add. */
static inline_all words lane_turns(words index, mask turns)
{
	const words one = w_set(1);
	words half = w_srli(w_add(index, one), 1), even = w_sub(w_and(index, one), one);

	return w_blend(turns, index, w_sub(w_xor(half, even), even));
}

/* From indices in columns to values there.  @predicting: some blocks are predicted. */
static inline_all void decode_columns(const struct asc_block_format *f, bool trellis,
				      enum asc_kind kind, bool predicting,
				      const struct lane_blocks *blocks, words code)
{
	struct asc_pool_decoder *d = blocks->d;
	const words none = w_set(0), one = w_set(1);
	words exponent = w_srli(code, 3);
	words most = w_sll(one, w_sub(w_set(f->bits), exponent)), least = w_sub(none, most);
	mask turns = f->endpoints == 2 ? m_eq(none, none) : blocks->predicted;
	words a = none, b = none, c = none, left = none;
	u32 lane = blocks->lane, x = 0, y = 0, i;
	struct lane_walk at = {
		w_load(d->x + lane), w_load(d->y + lane), w_set(d->w), w_set(d->h)
	};
	struct lane_scale scale = {
		.step = w_sll(w_add(w_and(code, w_set(UNIT - 1)), w_set(UNIT)), exponent),
		.zero = w_set(f->zero), .least = w_set(kind != ASC_INTEGER),
		.most = w_set((1 << f->bits) - 1), .kind = kind, .exponent = f->exponent,
	};

	for (i = 0; i < f->values; i++) {
		words origins = blocks->base, steps;

		if (predicting && trellis) {
			origins = lane_points(blocks, &at, i, left);
			lane_walk_on(&at);
		} else if (predicting) {
			origins = lane_steps(blocks, x, y, i, left);
			if (++x == d->w) {
				x = 0;
				y = y + 1 == d->h ? 0 : y + 1;
			}
		}
		steps = lane_turns(w_load16(d->columns[i] + lane), turns);
		steps = w_add(w_srai(origins, trellis), steps);
		left = w_max(w_min(steps, most), least);
		if (trellis) {
			words before = a;

			steps = left;
			left = w_add(w_add(left, left), w_and(a, one));
			a = w_xor(a, b);
			b = w_xor(c, steps);
			c = before;
		}
		if (predicting)
			w_store(d->steps[i] + lane, left);
		w_store16(d->columns[i] + lane, lane_values(&scale, left, 3 + trellis));
	}
}

/* What depends on these is decided once. */
static noinline void decode_columns_of(const struct asc_block_format *f,
				       struct asc_pool_decoder *d, u32 lane)
{
	bool trellis = f->values == ASC_POOL_VALUES && f->endpoints == 2;
	words code = w_load(d->step_code + lane);
	struct lane_blocks blocks = {
		d, lane, w_slli(w_load(d->base + lane), trellis),
		m_ne(w_load(d->predicted + lane), w_set(0)),
	};

	if (f->kind != ASC_INTEGER && trellis)
		decode_columns(f, true, f->kind, true, &blocks, code);
	else if (f->kind != ASC_INTEGER)
		decode_columns(f, false, f->kind, true, &blocks, code);
	else if (trellis)
		decode_columns(f, true, ASC_INTEGER, true, &blocks, code);
	else if (m_any(blocks.predicted))
		decode_columns(f, false, ASC_INTEGER, true, &blocks, code);
	else
		decode_columns(f, false, ASC_INTEGER, false, &blocks, code);
}

static inline_all void decode_pool_lanes(const struct asc_block_format *f, const u8 *bits,
					 u32 count, struct asc_pool_decoder *d)
{
	u32 lane, i;

	for (lane = 0; lane < count; lane++, bits += f->values / 2)
		get_lane(f, bits, d, lane);
	/* no others; what becomes of them is not looked at */
	for (; lane < ASC_POOL_LANES; lane++) {
		d->step_code[lane] = 0;
		d->base[lane] = 0;
		d->predicted[lane] = false;
	}
	for (i = 0; i < f->values; i += GROUP)
		transpose(d->values[0] + i, ASC_POOL_VALUES, d->columns[i], ASC_POOL_LANES);
	for (lane = 0; lane < ASC_POOL_LANES; lane += LANES)
		decode_columns_of(f, d, lane);
	for (i = 0; i < f->values; i += GROUP)
		transpose(d->columns[i], ASC_POOL_LANES, d->values[0] + i, ASC_POOL_VALUES);
}
