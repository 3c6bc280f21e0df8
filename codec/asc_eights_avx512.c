// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ASC-CBR with AVX-512: blocks of 8 integers in 4 bytes, which have one endpoint of 8 bits.
 *
 * A vector has one value of each of 64 blocks, or 32 of 16 bits, and eight vectors, the columns,
 * have all: what is found once for a block is found once for eight vectors, and no step needs a
 * shuffle.  What is in memory otherwise is brought into columns first.
 */

#include "asc_cbr.h"
#include "kernels.h"

#ifdef FMC_X86

#include "asc_columns_avx512.h"

#define COLUMNS		8
#define ALL(k)		FOR(COLUMNS, k)
#define DOUBLING(w, step) _Pragma("GCC unroll 4") for (u32 step = 1; step < (w); step *= 2)

/* --- endpoints of the narrow profile ------------------------------------------------ */

/**
 * struct narrow - how numbers become endpoints, and back
 * @half: what rounds numbers from fixed point
 * @limit: numbers above it are above fixed point
 * @down: bits that fixed point has more than numbers
 * @up: or less
 * @inexact: not every endpoint is a number
 *
 * See narrow_magnitude().
 */
struct narrow {
	__m512i half, limit;
	__m128i down, up;
	bool inexact;
};

static void make_narrow(struct narrow *n, const struct asc_block_format *f)
{
	u32 down = f->exponent < ASC_FIXED_BITS ? ASC_FIXED_BITS - f->exponent : 0;
	u32 up = f->exponent > ASC_FIXED_BITS ? f->exponent - ASC_FIXED_BITS : 0;

	n->half = set1(16, down ? 1u << (down - 1) : 0);
	n->limit = set1(16, ASC_FIXED_MAX << up >> down | ((1u << up) - 1));
	n->down = _mm_cvtsi32_si128(down);
	n->up = _mm_cvtsi32_si128(up);
	n->inexact = down;
}

/* Endpoints to numbers, in words; the lowest bit is the scale. */
static inline_all __m512i narrow_numbers(const struct narrow *n, __m512i code)
{
	const __m512i high = set1(16, 0x70);
	__m512i pattern = _mm512_srli_epi16(code, 1), fixed, shift;

	/* exponents of 0 and 1 are alike, but for the leading bit */
	shift = greater(16, _mm512_srli_epi16(pattern, 4), set1(16, 1));
	fixed = lesser(16, _mm512_and_si512(pattern, high), set1(16, 16));
	/* the bits below */
	pattern = _mm512_andnot_si512(high, pattern);
	fixed = _mm512_sllv_epi16(_mm512_or_si512(fixed, pattern), add(16, shift, set1(16, 3)));
	return _mm512_sll_epi16(_mm512_srl_epi16(add(16, fixed, n->half), n->down), n->up);
}

/* By the upper 7 bits of 15, how far the leading bit is above the lowest of them, or 0. */
#define TWICE(x)	x, x
#define TIMES_4(x)	TWICE(TWICE(x))
#define TIMES_8(x)	TWICE(TIMES_4(x))
#define TIMES_16(x)	TWICE(TIMES_8(x))
#define TIMES_32(x)	TWICE(TIMES_16(x))
static const u8 leading[128] = {
	0, 0, TWICE(1), TIMES_4(2), TIMES_8(3), TIMES_16(4), TIMES_32(5), TIMES_32(6), TIMES_32(6),
};

/* Numbers to the nearest endpoints, on the linear scale. */
static inline_all __m512i narrow_codes(const struct narrow *n, __m512i number)
{
	const __m512i one = set1(16, 1);
	__mmask32 over = _mm512_cmpgt_epu16_mask(number, n->limit);
	__m512i fixed = _mm512_srl_epi16(_mm512_sll_epi16(number, n->down), n->up);
	__m512i left, shift, half, odd, x;

	fixed = _mm512_mask_mov_epi16(fixed, over, set1(16, ASC_FIXED_MAX));
	left = _mm512_permutex2var_epi8(_mm512_loadu_si512(leading), _mm512_srli_epi16(fixed, 8),
					_mm512_loadu_si512(leading + 64));
	/* what is cut off, 4 to 10 bits; half of that, less 1, and 1 more if the rest is odd */
	shift = add(16, left, set1(16, 4));
	half = sub(16, _mm512_sllv_epi16(set1(16, 8), left), one);
	odd = _mm512_and_si512(_mm512_srlv_epi16(fixed, shift), one);
	x = _mm512_srlv_epi16(add(16, add(16, fixed, half), odd), shift);
	x = add(16, x, _mm512_slli_epi16(left, 4));
	return _mm512_slli_epi16(lesser(16, x, set1(16, 127)), 1);
}

/* --- encoder --------------------------------------------------------------------- */

/**
 * struct job - what an encoder needs
 * @minus: what makes values in memory numbers above the zero point; also the zero point there
 * @top: the largest number above the zero point; what is below it comes out as more
 * @may_log: blocks that may take the log-linear scale, all or none
 * @must_log: likewise, that must
 * @only_log: only that scale may be taken
 * @narrow: of values of 16 bits
 */
struct job {
	__m512i minus, top;
	u64 may_log, must_log;
	bool only_log;
	struct narrow narrow;
};

/**
 * struct counts - sums of errors
 * @abs: of absolute errors: of values of 8 bits 64 bits each, otherwise 32, enough for MAX_SLICE
 *	blocks
 * @squares: of squares: of values of 8 bits 32 bits each, likewise, otherwise 64
 * @max: largest errors
 * @high: largest numbers
 * @log: blocks on the log-linear scale
 * @negative: there are numbers below the zero point
 */
struct counts {
	__m512i abs, squares, max, high;
	u32 log;
	bool negative;
};

/**
 * struct eights - blocks on their way through the encoder
 * @x: numbers above the zero point
 * @high: highest point
 * @code: what that is stored as
 * @points: what is between
 * @linear: distances of numbers, up to the highest point, to points of the linear scale
 * @log: likewise, log-linear
 * @linear_sum: sum of @linear
 * @log_sum: likewise
 * @use_log: blocks on that scale
 * @errors: of numbers
 */
struct eights {
	__m512i x[COLUMNS], high, code;
	struct points points;
	__m512i linear[COLUMNS], log[COLUMNS], linear_sum, log_sum;
	u64 use_log;
	__m512i errors[COLUMNS];
};

static inline_all __mmask64 above(u32 bits, __m512i a, __m512i b)
{
	return bits == 8 ? _mm512_cmpgt_epu8_mask(a, b) : _mm512_cmpgt_epu16_mask(a, b);
}

static inline_all __m512i highest(u32 bits, const __m512i *x)
{
	return greater(bits, greater(bits, greater(bits, x[0], x[1]), greater(bits, x[2], x[3])),
		       greater(bits, greater(bits, x[4], x[5]), greater(bits, x[6], x[7])));
}

/* With 8 bits an odd number, as the lowest bit of an endpoint is the scale. */
static inline_all __m512i find_highest(u32 bits, const __m512i *x)
{
	__m512i high = highest(bits, x);

	return bits == 8 ? _mm512_or_si512(high, set1(8, 1)) : high;
}

/* The highest point becomes one that can be stored; what was rounded may have another code. */
static inline_all void round_narrow(const struct narrow *n, struct eights *s)
{
	s->code = narrow_codes(n, s->high);
	s->high = narrow_numbers(n, s->code);
	if (n->inexact)
		s->code = narrow_codes(n, s->high);
}

/* @a and @b by the lower and by the upper half of a byte. */
static inline_all __m512i by_halves(__m512i low, __m512i high, u64 a0, u64 a1, u64 b0, u64 b1)
{
	__m512i a = _mm512_shuffle_epi8(_mm512_set4_epi32(a1 >> 32, a1, a0 >> 32, a0), low);
	__m512i b = _mm512_shuffle_epi8(_mm512_set4_epi32(b1 >> 32, b1, b0 >> 32, b0), high);

	return add(8, a, b);
}

static inline_all void find_points(u32 bits, struct eights *s)
{
	const __m512i none = _mm512_setzero_si512(), range = s->high;
	__m512i a = half(bits, range, 1), low, high;
	struct points *p = &s->points;

	p->range = range;
	/* (range * weight + 8) >> 4 */
	p->log[0] = mean(bits, half(bits, range, 3), none);
	p->log[1] = mean(bits, half(bits, range, 2), none);
	p->log[2] = mean(bits, a, none);
	p->log[4] = mean(bits, range, none);
	p->log[3] = mean(bits, a, half(bits, p->log[4], 1));
	p->log[5] = mean(bits, range, a);
	p->linear[0] = p->log[1];
	if (bits == 16) {
		p->linear[1] = mean(16, _mm512_mulhi_epu16(range, set1(16, 5 << 13)), none);
		p->linear[2] = mean(16, _mm512_mulhi_epu16(range, set1(16, 7 << 13)), none);
		return;
	}
	low = _mm512_and_si512(range, set1(8, 15));
	high = half(8, range, 4);
	p->linear[1] = by_halves(low, high, 0x0202020101010000, 0x0504040403030303,
				 0x231e19140f0a0500, 0x4b46413c37322d28);
	p->linear[2] = by_halves(low, high, 0x0303020201010000, 0x0706060505040404,
				 0x312a231c150e0700, 0x69625b544d463f38);
}

/*
 * The linear points are as far from one end as from the other, and of those between an end and
 * the middle, the last two are from the third one on what the first two are from the end on.
 * Where the log-linear ones are concerned, a distance that is too large for its sign comes out
 * as more than that to an end.
 */
static inline_all void find_distances(u32 bits, struct eights *s)
{
	const struct points *p = &s->points;
	__m512i middle = mean(bits, p->log[2], p->log[3]);
	__m512i third = mean(bits, p->linear[0], p->linear[1]);
	__m512i last = sub(bits, p->linear[2], p->linear[1]);

	ALL(k) {
		__m512i x = bits == 8 ? s->x[k] : lesser(bits, s->x[k], p->range);
		__m512i ends = lesser(bits, x, sub(bits, p->range, x)), from, a, b, c;
		__mmask64 inner = reaches(bits, ends, third), upper = reaches(bits, x, middle);

		if (bits == 8)
			from = _mm512_mask_sub_epi8(ends, inner, ends, p->linear[1]);
		else
			from = _mm512_mask_sub_epi16(ends, inner, ends, p->linear[1]);
		a = distance(bits, from, _mm512_setzero_si512());
		b = distance(bits, from, choose(bits, inner, p->linear[0], last));
		s->linear[k] = lesser(bits, a, b);
		a = distance(bits, x, choose(bits, upper, p->log[0], p->log[4]));
		b = distance(bits, x, choose(bits, upper, p->log[1], p->log[5]));
		c = distance(bits, x, choose(bits, upper, p->log[2], p->log[3]));
		s->log[k] = lesser(bits, lesser(bits, ends, a), lesser(bits, b, c));
		s->linear_sum = k ? add(bits, s->linear_sum, s->linear[k]) : s->linear[k];
		s->log_sum = k ? add(bits, s->log_sum, s->log[k]) : s->log[k];
	}
}

/*
 * Distances are an eighth of the range at most, and that to the highest number is less, so that
 * the sums have as many bits as a value.
 */
static inline_all void choose_scale(u32 bits, const struct job *job, u64 valid, struct eights *s,
				    struct counts *c)
{
	u64 log = bits == 8 ? _mm512_cmplt_epu8_mask(s->log_sum, s->linear_sum) :
			      _mm512_cmplt_epu16_mask(s->log_sum, s->linear_sum);

	s->use_log = (log & job->may_log) | job->must_log;
	c->log += __builtin_popcountll(s->use_log & valid);
}

/* Errors of any size, by columns. */
static inline_all void count_any(u32 bits, const __m512i *errors, struct counts *c)
{
	ALL(k) {
		__m512i x = errors[k], even, odd;

		c->max = greater(bits, c->max, x);
		if (bits == 8) {
			even = _mm512_and_si512(x, set1(16, 0xff));
			odd = _mm512_srli_epi16(x, 8);
			c->abs = _mm512_add_epi64(c->abs,
						  _mm512_sad_epu8(x, _mm512_setzero_si512()));
			c->squares = _mm512_add_epi32(c->squares, _mm512_madd_epi16(even, even));
			c->squares = _mm512_add_epi32(c->squares, _mm512_madd_epi16(odd, odd));
		} else {
			even = _mm512_and_si512(x, _mm512_set1_epi32(0xffff));
			odd = _mm512_srli_epi32(x, 16);
			c->abs = _mm512_add_epi32(c->abs, _mm512_add_epi32(even, odd));
			c->squares = add_halves(c->squares, _mm512_mullo_epi32(even, even));
			c->squares = add_halves(c->squares, _mm512_mullo_epi32(odd, odd));
		}
	}
}

static noinline void count_words(const __m512i *errors, struct counts *c)
{
	count_any(16, errors, c);
}

/* What is above the highest point, in the narrow profile, has more error. */
static inline_all void find_errors(u32 bits, struct eights *s)
{
	ALL(k) {
		s->errors[k] = choose(bits, s->use_log, s->linear[k], s->log[k]);
		if (bits == 16)
			s->errors[k] = add(16, s->errors[k], subs(16, s->x[k], s->high));
	}
}

static inline_all __m512i sum_of(u32 bits, const __m512i *x)
{
	__m512i y[COLUMNS / 2] __uninitialized;

	FOR(4, k)
		y[k] = bits == 16 ? add(16, x[k], x[k + 4]) : _mm512_add_epi32(x[k], x[k + 4]);
	FOR(2, k)
		y[k] = bits == 16 ? add(16, y[k], y[k + 2]) : _mm512_add_epi32(y[k], y[k + 2]);
	return bits == 16 ? add(16, y[0], y[1]) : _mm512_add_epi32(y[0], y[1]);
}

/* Errors up to this have sums of eight in 16 bits, and of 16 squares in 32. */
#define SMALL_ERROR	8191

/* Of bytes distances, which are an eighth of the range at most. */
static inline_all void count_errors(u32 bits, const struct eights *s, struct counts *c)
{
	__m512i most = highest(bits, s->errors), sum, x[COLUMNS] __uninitialized;

	if (bits == 8) {
		c->max = greater(8, c->max, most);
		sum = choose(8, s->use_log, s->linear_sum, s->log_sum);
		sum = _mm512_sad_epu8(sum, _mm512_setzero_si512());
		c->abs = _mm512_add_epi64(c->abs, sum);
		ALL(k)
			x[k] = _mm512_maddubs_epi16(s->errors[k], s->errors[k]);
		sum = _mm512_madd_epi16(sum_of(16, x), set1(16, 1));
		c->squares = _mm512_add_epi32(c->squares, sum);
		return;
	}
	if (above(16, most, set1(16, SMALL_ERROR))) {
		ALL(k)
			x[k] = s->errors[k];
		count_words(x, c);
		return;
	}
	c->max = greater(16, c->max, most);
	sum = sum_of(16, s->errors);
	c->abs = _mm512_add_epi32(c->abs, _mm512_srli_epi32(sum, 16));
	c->abs = _mm512_add_epi32(c->abs, _mm512_and_si512(sum, _mm512_set1_epi32(0xffff)));
	ALL(k)
		x[k] = _mm512_madd_epi16(s->errors[k], s->errors[k]);
	c->squares = add_halves(c->squares, sum_of(32, x));
}

/*
 * Each bit of all bytes, and of all words.  They are read as they are added: made of other
 * registers, they would take turns at the one way from there.
 */
#define BYTES(bit)	{ TIMES_8(0x0101010101010101u << (bit)) }
static const __m512i byte_bits[8] = {
	BYTES(0), BYTES(1), BYTES(2), BYTES(3), BYTES(4), BYTES(5), BYTES(6), BYTES(7),
};

#define WORDS(bit)	{ TIMES_8(0x0001000100010001u << (bit)) }
static const __m512i word_bits[16] = {
	WORDS(0), WORDS(1), WORDS(2), WORDS(3), WORDS(4), WORDS(5), WORDS(6), WORDS(7),
	WORDS(8), WORDS(9), WORDS(10), WORDS(11), WORDS(12), WORDS(13), WORDS(14), WORDS(15),
};

/* Where the mask says so, a bit is set. */
static inline_all __m512i set_bit(u32 bits, __m512i x, __mmask64 where, u32 bit)
{
#ifdef __clang__
	return bits == 8 ? _mm512_mask_add_epi8(x, where, x, byte_bits[bit]) :
			   _mm512_mask_add_epi16(x, where, x, word_bits[bit]);
#else
	/* in place, which GCC misses */
	__mmask32 words = where;

	if (bits == 8)
		__asm__("vpaddb %2, %0, %0%{%1%}"
			: "+v"(x) : "Yk"(where), "m"(byte_bits[bit]));
	else
		__asm__("vpaddw %2, %0, %0%{%1%}"
			: "+v"(x) : "Yk"(words), "m"(word_bits[bit]));
	return x;
#endif
}

/**
 * struct found - blocks of which all is known but their indices
 * @x: numbers
 * @ends: endpoints, whose lowest bit is the scale
 * @limits: see make_limits()
 * @bits: where the blocks go
 * @count: how many
 */
struct found {
	__m512i x[COLUMNS], ends, limits[7];
	u8 *bits;
	u32 count;
};

/* Columns of @out, as many as hold 4 bytes: the endpoint, and above it 3 bits of each index. */
static inline_all void pack(u32 bits, const struct found *f, __m512i *out)
{
	const __m512i *t = f->limits;

	FOR(32 / bits, i)
		out[i] = i ? _mm512_setzero_si512() : f->ends;
	ALL(k) {
		__mmask64 four = reaches(bits, f->x[k], t[3]), two, one;
		__m512i a = choose(bits, four, t[0], t[4]), b = choose(bits, four, t[2], t[6]);
		u32 at = 8 + 3 * k;

		two = reaches(bits, f->x[k], choose(bits, four, t[1], t[5]));
		one = reaches(bits, f->x[k], choose(bits, two, a, b));
		out[(at + 2) / bits] = set_bit(bits, out[(at + 2) / bits], four, (at + 2) % bits);
		out[(at + 1) / bits] = set_bit(bits, out[(at + 1) / bits], two, (at + 1) % bits);
		out[at / bits] = set_bit(bits, out[at / bits], one, at % bits);
	}
}

/* From columns to blocks one behind the other. */
static inline_all void interleave(u32 size, const __m512i *c, __m512i *out)
{
	const __m512i first = _mm512_set_epi64(11, 10, 3, 2, 9, 8, 1, 0);
	const __m512i last = _mm512_set_epi64(15, 14, 7, 6, 13, 12, 5, 4);
	__m512i a = unpack(size, false, c[0], c[1]), b = unpack(size, true, c[0], c[1]);
	__m512i d, e;

	if (size == 2) {
		out[0] = _mm512_permutex2var_epi64(a, first, b);
		out[1] = _mm512_permutex2var_epi64(a, last, b);
		return;
	}
	d = unpack(1, false, c[2], c[3]);
	e = unpack(1, true, c[2], c[3]);
	out[0] = unpack(2, false, a, d);
	out[1] = unpack(2, true, a, d);
	out[2] = unpack(2, false, b, e);
	out[3] = unpack(2, true, b, e);
	transpose_lanes(out);
}

static inline_all void finish(u32 bits, const struct found *f)
{
	__m512i columns[4] __uninitialized, out[4] __uninitialized;

	pack(bits, f, columns);
	interleave(bits / 8, columns, out);
	FOR(32 / bits, k)
		store_bytes(f->bits + 64 * k, part_of(4 * f->count, 64 * k, 64), out[k]);
}

#define EVEN_8(i)	(i), (i) + 2, (i) + 4, (i) + 6, (i) + 8, (i) + 10, (i) + 12, (i) + 14
#define EVEN_32(i)	EVEN_8(i), EVEN_8((i) + 16), EVEN_8((i) + 32), EVEN_8((i) + 48)
static const u8 even_bytes[64] = { EVEN_32(0), EVEN_32(64) };
static const u16 even_words[32] = { EVEN_32(0) };

/* A row of blocks of which @w values are side by side, to columns. */
static inline_all void load_row(u32 size, u32 w, const struct job *job, const struct line *at,
				u32 row, u32 blocks, __m512i *x)
{
	const __m512i even = size == 1 ? _mm512_loadu_si512(even_bytes) :
					 _mm512_loadu_si512(even_words);
	const __m512i odd = add(8 * size, even, set1(8 * size, 1));
	const u8 *p = at->src + at->row[row];
	__m512i y[COLUMNS] __uninitialized;

	FOR(w, k) {
		__builtin_prefetch(p + 64 * k + at->ahead);
		x[k] = load_bytes(p + 64 * k, part_of(blocks * w * size, 64 * k, 64), job->minus);
		x[k] = sub(8 * size, x[k], job->minus);
	}
	DOUBLING(w, step) {
		FOR(w, k)
			y[k] = x[k];
		FOR(w / 2, k) {
			__m512i a = y[2 * k], b = y[2 * k + 1];

			if (size == 1) {
				x[k] = _mm512_permutex2var_epi8(a, even, b);
				x[w / 2 + k] = _mm512_permutex2var_epi8(a, odd, b);
			} else {
				x[k] = _mm512_permutex2var_epi16(a, even, b);
				x[w / 2 + k] = _mm512_permutex2var_epi16(a, odd, b);
			}
		}
	}
}

static inline_all void load_rows(u32 size, u32 w, const struct job *job, const struct line *at,
				 u32 blocks, __m512i *x)
{
	FOR(COLUMNS / w, row)
		load_row(size, w, job, at, row, blocks, x + w * row);
}

static inline_all void begin(u32 bits, const struct job *job, struct eights *s)
{
	if (bits == 16)
		round_narrow(&job->narrow, s);
	find_points(bits, s);
}

static inline_all void decide(u32 bits, const struct job *job, u64 valid, struct eights *s,
			      struct counts *c)
{
	find_distances(bits, s);
	choose_scale(bits, job, valid, s, c);
	find_errors(bits, s);
}

static inline_all void end(u32 bits, const struct eights *s, struct found *f)
{
	const __m512i one = set1(bits, 1);

	f->ends = bits == 8 ? _mm512_mask_sub_epi8(s->high, ~s->use_log, s->high, one) :
			      _mm512_mask_add_epi16(s->code, s->use_log, s->code, one);
	make_limits(bits, &s->points, s->use_log, f->limits);
	ALL(k)
		f->x[k] = s->x[k];
}

/*
 * Any numbers, those below the zero point being above the top.  What is at a point above the top,
 * which is cut off, has an error that is one less.
 */
static inline_all void encode_any(u32 bits, const struct job *job, const __m512i *x, u8 *to,
				  u32 count, struct counts *c)
{
	const __m512i none = _mm512_setzero_si512();
	struct found f = { .bits = to, .count = count };
	struct eights s __uninitialized;
	__mmask64 cut;

	ALL(k) {
		__mmask64 under = above(bits, x[k], job->top);

		s.x[k] = choose(bits, under, x[k], none);
		c->negative |= !!under;
	}
	s.high = find_highest(bits, s.x);
	c->high = greater(bits, c->high, s.high);
	cut = above(bits, s.high, job->top);
	begin(bits, job, &s);
	decide(bits, job, first_bytes(count), &s, c);
	end(bits, &s, &f);
	ALL(k) {
		__m512i under = sub(bits, none, x[k]);

		under = choose(bits, above(bits, x[k], job->top), none, under);
		s.errors[k] = add(bits, s.errors[k], under);
		if (bits == 8)
			s.errors[k] = choose(8, cut & reaches(8, s.x[k], f.limits[6]), s.errors[k],
					     sub(8, s.errors[k], set1(8, 1)));
	}
	count_any(bits, s.errors, c);
	finish(bits, &f);
}

static noinline void encode_any_bytes(const struct job *job, const __m512i *x, u8 *bits,
				      u32 count, struct counts *c)
{
	encode_any(8, job, x, bits, count, c);
}

static noinline void encode_any_words(const struct job *job, const __m512i *x, u8 *bits,
				      u32 count, struct counts *c)
{
	encode_any(16, job, x, bits, count, c);
}

/*
 * Blocks to @f, once what was there has been finished: each step waits for the one before it, and
 * so there are always two sets of blocks on their way.
 */
static inline_all void encode_next(u32 bits, const struct job *job, const __m512i *x, u8 *to,
				   u32 count, struct counts *c, struct found *f)
{
	struct eights s __uninitialized;

	s.high = find_highest(bits, x);
	if (above(bits, s.high, job->top)) {
		__m512i any[COLUMNS] __uninitialized;

		ALL(k)
			any[k] = x[k];
		if (bits == 8)
			encode_any_bytes(job, any, to, count, c);
		else
			encode_any_words(job, any, to, count, c);
		return;
	}
	c->high = greater(bits, c->high, s.high);
	ALL(k)
		s.x[k] = x[k];
	begin(bits, job, &s);
	if (f->count)
		finish(bits, f);
	decide(bits, job, first_bytes(count), &s, c);
	count_errors(bits, &s, c);
	end(bits, &s, f);
	f->bits = to;
	f->count = count;
}

static inline_all void add_counts(u32 bits, const struct counts *c, u32 blocks, bool must_log,
				  struct asc_cbr_stats *stats)
{
	u32 most = greatest_of(bits, c->max), log = must_log ? blocks : c->log;
	const __m512i none = _mm512_setzero_si512();
	__m512i abs = bits == 8 ? c->abs : add_halves(none, c->abs);
	__m512i squares = bits == 8 ? add_halves(none, c->squares) : c->squares;

	stats->log_blocks += log;
	stats->linear_blocks += blocks - log;
	stats->sum_abs_error += _mm512_reduce_add_epi64(abs);
	stats->sum_sq_error += _mm512_reduce_add_epi64(squares);
	if (most > stats->max_abs_error)
		stats->max_abs_error = most;
	stats->error_exponent = 0;
	stats->seen += blocks;
	most = greatest_of(bits, c->high);
	if (most > stats->greatest)
		stats->greatest = most;
	if (c->negative)
		stats->negative = true;
}

static inline_all void encode_lines(u32 size, u32 w, const struct job *job, struct line *at,
				    u32 count, u8 *bits, struct asc_cbr_stats *stats)
{
	const u32 most = 64 / size;
	struct found f = { .count = 0 };

	for (; count; count -= min_u32(count, MAX_SLICE)) {
		struct counts c = { 0 };

		at->left = min_u32(count, MAX_SLICE);
		while (at->left) {
			u32 now = in_line(at, most);
			__m512i x[COLUMNS] __uninitialized;

			if (now == most)
				load_rows(size, w, job, at, most, x);
			else
				load_rows(size, w, job, at, now, x);
			encode_next(8 * size, job, x, bits, now, &c, &f);
			go_on(at, now);
			bits += 4 * now;
		}
		add_counts(8 * size, &c, min_u32(count, MAX_SLICE), job->only_log, stats);
	}
	if (f.count)
		finish(8 * size, &f);
}

#define ENCODER(name, size, w)								\
static noinline void name(const struct job *job, struct line *at, u32 count, u8 *bits,	\
			  struct asc_cbr_stats *stats)					\
{											\
	encode_lines(size, w, job, at, count, bits, stats);				\
}

ENCODER(encode_bytes_1, 1, 1)
ENCODER(encode_bytes_2, 1, 2)
ENCODER(encode_bytes_4, 1, 4)
ENCODER(encode_bytes_8, 1, 8)
ENCODER(encode_words_1, 2, 1)
ENCODER(encode_words_2, 2, 2)
ENCODER(encode_words_4, 2, 4)
ENCODER(encode_words_8, 2, 8)

/* By bytes of a value less 1, and by the power of two that the width is. */
static void (* const encoders[2][4])(const struct job *job, struct line *at, u32 count, u8 *bits,
				     struct asc_cbr_stats *stats) = {
	{ encode_bytes_1, encode_bytes_2, encode_bytes_4, encode_bytes_8 },
	{ encode_words_1, encode_words_2, encode_words_4, encode_words_8 },
};

static noinline void make_job(struct job *job, const struct asc_strip *strip, u32 flip)
{
	const struct asc_block_format *f = strip->format;

	job->only_log = strip->scales == 1u << ASC_SCALE_LOG;
	job->may_log = strip->scales & 1u << ASC_SCALE_LOG ? ~0ull : 0;
	job->must_log = job->only_log ? ~0ull : 0;
	job->minus = set1(f->bits, f->zero ^ flip);
	job->top = set1(f->bits, (1u << f->bits) - 1 - f->zero);
	if (f->narrow)
		make_narrow(&job->narrow, f);
}

static u32 sign_of(const struct asc_strip *strip)
{
	return strip->dtype == FMC_S8 ? 0x80 : strip->dtype == FMC_S16 ? 0x8000 : 0;
}

/* Blocks of 4 bytes: of values of 16 bits those of the narrow profile. */
static bool is_eights(const struct asc_strip *strip)
{
	const struct asc_block_format *f = strip->format;

	return f->kind == ASC_INTEGER && f->values == 8 && f->endpoints == 1 && !f->pooled &&
	       f->narrow == (f->bits == 16) && !(strip->w & (strip->w - 1));
}

/* By width. */
static u32 power_of(const struct asc_strip *strip)
{
	return strip->w == 8 ? 3 : strip->w / 2;
}

/**
 * asc_encode_eights_avx512 - encode blocks of 8 values with one endpoint of 8 bits
 * @strip: blocks, of any kind; @strip->order is followed
 * @src: first value of the first block
 * @count: how many
 * @bits: receives the blocks
 * @stats: counters that are added to
 *
 * Return: @count, or 0 if the blocks are of another kind.
 */
u32 asc_encode_eights_avx512(const struct asc_strip *strip, const u8 *src, u32 count, u8 *bits,
			     struct asc_cbr_stats *stats)
{
	const struct asc_block_format *f = strip->format;
	struct line at;
	struct job job;

	/* no point is cut off */
	if (!is_eights(strip) || (f->narrow && f->zero + asc_narrow_number(f, 0xff) > 0xffff))
		return 0;
	make_job(&job, strip, sign_of(strip));
	make_line(&at, strip, src, 0);
	encoders[f->narrow][power_of(strip)](&job, &at, count, bits, stats);
	return count;
}

/* --- decoder, which takes 64 blocks at a time -------------------------------------- */

/**
 * struct eight - what a decoder needs
 * @zero: zero point
 * @sign: what makes unsigned numbers values of the type
 * @narrow: of the narrow profile
 */
struct eight {
	__m512i zero, sign;
	struct narrow narrow;
};

/*
 * Where the first bytes of 32 blocks are, and in the upper half of each lane the second ones.  In
 * a lane @piece blocks are neighbours, so that columns give rows when they are unpacked.
 */
#define PLACE(piece, lane, i)	(4 * ((i) / (piece) * 4 * (piece) + (lane) * (piece) + \
				      (i) % (piece)))
#define PLACES(piece, lane, b)	PLACE(piece, lane, 0) + (b), PLACE(piece, lane, 1) + (b), \
	PLACE(piece, lane, 2) + (b), PLACE(piece, lane, 3) + (b), PLACE(piece, lane, 4) + (b), \
	PLACE(piece, lane, 5) + (b), PLACE(piece, lane, 6) + (b), PLACE(piece, lane, 7) + (b)
#define LANE(piece, lane)	PLACES(piece, lane, 0), PLACES(piece, lane, 1)
#define LANES(piece)		LANE(piece, 0), LANE(piece, 1), LANE(piece, 2), LANE(piece, 3)

/* By the power of two that a piece is; and the same where the second bytes have their own lanes. */
static const u8 places[4][64] = { { LANES(1) }, { LANES(2) }, { LANES(4) }, { LANES(8) } };
static const u8 places_apart[64] = {
	PLACES(8, 0, 0), PLACES(8, 1, 0), PLACES(8, 2, 0), PLACES(8, 3, 0),
	PLACES(8, 0, 1), PLACES(8, 1, 1), PLACES(8, 2, 1), PLACES(8, 3, 1),
};

/*
 * The bytes of 64 blocks, each in a vector of its own; of values of 16 bits, those of the first
 * 32 blocks are in the lower bytes of words.
 */
static inline_all void load_eights(u32 size, u32 w, const u8 *bits, u32 count, __m512i *b)
{
	const u32 piece = 16 / w / (size == 1 && w > 1 ? 1 : 2);
	const u8 *place = size == 1 && w == 1 ? places_apart :
			  places[piece == 8 ? 3 : piece == 4 ? 2 : piece == 2];
	__m512i v[4];

	FOR(4, k) {
		__builtin_prefetch(bits + 64 * k + AHEAD);
		v[k] = load_bytes(bits + 64 * k, part_of(4 * count, 64 * k, 64),
				  _mm512_setzero_si512());
	}
	FOR(2, k) {
		__m512i which = add(8, _mm512_loadu_si512(place), set1(8, 2 * k));
		__m512i x = _mm512_permutex2var_epi8(v[0], which, v[1]);
		__m512i y = _mm512_permutex2var_epi8(v[2], which, v[3]);

		if (size == 2) {
			b[2 * k] = unpack(1, false, x, y);
			b[2 * k + 1] = unpack(1, true, x, y);
		} else if (w == 1) {
			b[2 * k] = _mm512_shuffle_i64x2(x, y, 0x44);
			b[2 * k + 1] = _mm512_shuffle_i64x2(x, y, 0xee);
		} else {
			b[2 * k] = unpack(8, false, x, y);
			b[2 * k + 1] = unpack(8, true, x, y);
		}
	}
}

/* Index @k of each block, from the second byte on; and @log, which is 8 or 0. */
static inline_all __m512i index_column(const __m512i *b, u32 k, __m512i log)
{
	u32 byte = 1 + 3 * k / 8, shift = 3 * k % 8;
	__m512i x = _mm512_srli_epi16(b[byte], shift);

	if (shift > 5)
		/* the lowest bits from this byte, the others from the next */
		x = _mm512_ternarylogic_epi32(set1(8, (1 << (8 - shift)) - 1), x,
					      _mm512_slli_epi16(b[byte + 1], 8 - shift), 0xca);
	/* x & 7 | log */
	return _mm512_ternarylogic_epi32(x, set1(8, 7), log, 0xea);
}

/* By scale and index, a weight, with what a product is rounded by above it; see points_of(). */
static const u16 byte_weights[16] = {
	0x0800, 0x0802, 0x0805, 0x0807, 0x0709, 0x070b, 0x070e, 0x0710,
	0x0800, 0x0801, 0x0802, 0x0804, 0x0806, 0x0808, 0x080c, 0x0810,
};

/*
 * A weight with its lowest bit in bit 12, so that the upper half of a product is the number, and
 * what the lower half is above if it is rounded up.  16 is a little less, and always rounded up.
 */
static const u16 word_weights[16] = {
	0x0000, 0x2000, 0x5000, 0x7000, 0x9000, 0xb000, 0xe000, 0xffff,
	0x0000, 0x1000, 0x2000, 0x4000, 0x6000, 0x8000, 0xc000, 0xffff,
};

static const u16 word_limits[16] = {
	0x7fff, 0x7fff, 0x7fff, 0x7fff, 0x8fff, 0x8fff, 0x8fff, 0x0000,
	0x7fff, 0x7fff, 0x7fff, 0x7fff, 0x7fff, 0x7fff, 0x7fff, 0x0000,
};

static inline_all __m512i twice(const u16 *words)
{
	return _mm512_broadcast_i64x4(_mm256_loadu_si256((const __m256i *)words));
}

/* Values of 8 bits; @range has those of even blocks, then of odd ones, each with 1 above it. */
static inline_all __m512i value_bytes(const struct eight *e, const __m512i *range, __m512i index)
{
	const __m512i weights = twice(byte_weights);
	__m512i even = _mm512_permutexvar_epi16(index, weights);
	__m512i odd = _mm512_permutexvar_epi16(_mm512_srli_epi16(index, 8), weights);

	even = _mm512_srli_epi16(_mm512_maddubs_epi16(range[0], even), 4);
	odd = _mm512_slli_epi16(_mm512_maddubs_epi16(range[1], odd), 4);
	even = _mm512_mask_blend_epi8(0xaaaaaaaaaaaaaaaa, even, odd);
	return _mm512_xor_si512(_mm512_adds_epu8(even, e->zero), e->sign);
}

static inline_all __m512i value_words(const struct eight *e, __m512i range, __m512i index)
{
	__m512i weight = _mm512_permutexvar_epi16(index, twice(word_weights));
	__m512i limit = _mm512_permutexvar_epi16(index, twice(word_limits));
	__m512i x = _mm512_mulhi_epu16(range, weight);
	__mmask32 more = _mm512_cmpgt_epu16_mask(_mm512_mullo_epi16(range, weight), limit);

	x = _mm512_mask_add_epi16(x, more, x, set1(16, 1));
	return _mm512_xor_si512(_mm512_adds_epu16(x, e->zero), e->sign);
}

/* A row of @w columns, of @size vectors each: 64 blocks, in @w times @size vectors. */
static inline_all void store_columns(u32 size, u32 w, const struct line *at, u32 row, u32 blocks,
				     bool stream, __m512i v[][2])
{
	u8 *p = (u8 *)at->src + at->row[row];

	FOR(size, part) {
		__m512i x[8], y[8];

		FOR(w, k)
			x[k] = v[k][part];
		/* columns that are neighbours, in steps; each step makes two of two */
		DOUBLING(w, step) {
			FOR(w / 2, k) {
				/* of so many columns that are one already, the same part */
				u32 first = k / step * 2 * step + k % step;
				__m512i a = x[first], b = x[first + step];

				y[k / step * 2 * step + k % step * 2] =
					unpack(size * step, false, a, b);
				y[k / step * 2 * step + k % step * 2 + 1] =
					unpack(size * step, true, a, b);
			}
			FOR(w, k)
				x[k] = y[k];
		}
		FOR(w, k) {
			u32 from = 64 * (w * part + k);

			put_bytes(at, p + from, part_of(blocks * at->size, from, 64), stream, x[k]);
		}
	}
}

static inline_all void decode_some(u32 size, u32 w, const struct eight *e, struct line *at,
				   const u8 *bits, u32 now, bool stream)
{
	const u32 rows = 8 / w;
	__m512i b[4], log, range[2];

	load_eights(size, w, bits, now, b);
	log = _mm512_slli_epi16(_mm512_and_si512(b[0], set1(8, 1)), 3);
	if (size == 1) {
		b[0] = _mm512_or_si512(b[0], set1(8, 1));
		range[0] = _mm512_mask_blend_epi8(0xaaaaaaaaaaaaaaaa, b[0], set1(8, 1));
		range[1] = _mm512_or_si512(_mm512_srli_epi16(b[0], 8), set1(16, 0x100));
	} else {
		range[0] = _mm512_and_si512(b[0], set1(16, 0xff));
		range[0] = narrow_numbers(&e->narrow, range[0]);
		range[1] = narrow_numbers(&e->narrow, _mm512_srli_epi16(b[0], 8));
	}
	FOR(rows, row) {
		__m512i v[8][2];

		FOR(w, k) {
			__m512i index = index_column(b, w * row + k, log);

			if (size == 1) {
				v[k][0] = value_bytes(e, range, index);
				continue;
			}
			v[k][0] = value_words(e, range[0], index);
			v[k][1] = value_words(e, range[1], _mm512_srli_epi16(index, 8));
		}
		store_columns(size, w, at, row, now, stream, v);
	}
}

static inline_all void decode_eights(u32 size, u32 w, const struct eight *e, struct line *at,
				     const u8 *bits)
{
	u32 now;

	for (now = first_in_line(at, 64); at->left; now = in_line(at, 64)) {
		if (now < 64)
			decode_some(size, w, e, at, bits, now, false);
		else if (streams(at))
			decode_some(size, w, e, at, bits, 64, true);
		else
			decode_some(size, w, e, at, bits, 64, false);
		go_on(at, now);
		bits += 4 * now;
	}
}

#define EIGHTS(name, size, w)								\
static noinline void name(const struct eight *e, struct line *at, const u8 *bits)	\
{											\
	decode_eights(size, w, e, at, bits);						\
}

EIGHTS(bytes_eight_1, 1, 1)
EIGHTS(bytes_eight_2, 1, 2)
EIGHTS(bytes_eight_4, 1, 4)
EIGHTS(bytes_eight_8, 1, 8)
EIGHTS(words_eight_1, 2, 1)
EIGHTS(words_eight_2, 2, 2)
EIGHTS(words_eight_4, 2, 4)
EIGHTS(words_eight_8, 2, 8)

/* By bytes of a value less 1, and by the power of two that the width is. */
static void (* const eights[2][4])(const struct eight *e, struct line *at, const u8 *bits) = {
	{ bytes_eight_1, bytes_eight_2, bytes_eight_4, bytes_eight_8 },
	{ words_eight_1, words_eight_2, words_eight_4, words_eight_8 },
};

/**
 * asc_decode_eights_avx512 - decode blocks of 8 values with one endpoint of 8 bits
 * @strip: blocks, of any kind; @strip->order is followed
 * @bits: the blocks; each byte is read once
 * @count: how many
 * @dst: first value of the first block
 *
 * Return: @count, or 0 if the blocks are of another kind.
 */
u32 asc_decode_eights_avx512(const struct asc_strip *strip, const u8 *bits, u32 count, u8 *dst)
{
	const struct asc_block_format *f = strip->format;
	struct eight e;
	struct line at;

	if (!is_eights(strip))
		return 0;
	e.zero = set1(f->bits, f->zero);
	e.sign = set1(f->bits, sign_of(strip));
	if (f->narrow)
		make_narrow(&e.narrow, f);
	make_line_of(&at, strip, dst, count);
	eights[f->narrow][power_of(strip)](&e, &at, bits);
	end_line(&at);
	return count;
}

#endif
