// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ASC-CBR with AVX-512: full profile, effort hw.
 *
 * Values are worked on in eights, as their indices are stored: a vector has 8 of them with 8
 * bits, 4 with 16.  All eights of a block carry its endpoints, so blocks of any size, 8 to 64
 * values, are alike.
 */

#include "asc_cbr.h"
#include "kernels.h"

#ifdef FMC_X86

#include "asc_lanes_avx512.h"

#define inline_all inline __attribute__((__always_inline__))

/* Bytes of payload that are fetched for later: a decoder reads too little for a CPU to do it. */
#define AHEAD	1024

/* Plain accesses where they will do: masked ones of bytes are slow. */
static inline __m512i load_bytes(const u8 *p, u32 count)
{
	return count == 64 ? _mm512_loadu_si512(p) :
	       count == 32 ? _mm512_zextsi256_si512(_mm256_loadu_si256((const __m256i *)p)) :
			     _mm512_maskz_loadu_epi8(first_bytes(count), p);
}

static inline void store_bytes(u8 *p, u32 count, __m512i x)
{
	if (count == 64)
		_mm512_storeu_si512(p, x);
	else if (count == 32)
		_mm256_storeu_si256((__m256i *)p, _mm512_castsi512_si256(x));
	else
		_mm512_mask_storeu_epi8(p, first_bytes(count), x);
}

/*
 * Where the bytes of blocks of so many values, with endpoints of 8 bits, go: of each eight
 * three bytes of indices, then the two endpoints.
 */
#define EIGHT(indices, ends, second)	indices, indices + 1, indices + 2, ends, ends + second, \
					0, 0, 0

#define UNPACK_8(e)	EIGHT(e, 0, e - 1), EIGHT(2 * e + 3, e + 3, e - 1), \
	EIGHT(3 * e + 6, 2 * e + 6, e - 1), EIGHT(4 * e + 9, 3 * e + 9, e - 1), \
	EIGHT(5 * e + 12, 4 * e + 12, e - 1), EIGHT(6 * e + 15, 5 * e + 15, e - 1), \
	EIGHT(7 * e + 18, 6 * e + 18, e - 1), EIGHT(8 * e + 21, 7 * e + 21, e - 1)
#define PAIR(b, e)	EIGHT(b + e, b, e - 1), EIGHT(b + e + 3, b, e - 1)
#define UNPACK_16(e)	PAIR(0, e), PAIR(e + 6, e), PAIR(2 * e + 12, e), PAIR(3 * e + 18, e)
#define FOUR(b, e)	PAIR(b, e), EIGHT(b + e + 6, b, e - 1), EIGHT(b + e + 9, b, e - 1)
#define UNPACK_32(e)	FOUR(0, e), FOUR(e + 12, e)
#define UNPACK_64(e)	FOUR(0, e), EIGHT(e + 12, 0, e - 1), EIGHT(e + 15, 0, e - 1), \
	EIGHT(e + 18, 0, e - 1), EIGHT(e + 21, 0, e - 1)

/* By endpoints less 1, and by the power of two that the number of values is, less 3. */
static const u8 unpack_8[2][4][64] = {
	{ { UNPACK_8(1) }, { UNPACK_16(1) }, { UNPACK_32(1) }, { UNPACK_64(1) } },
	{ { UNPACK_8(2) }, { UNPACK_16(2) }, { UNPACK_32(2) }, { UNPACK_64(2) } },
};

/* The other way: where in the eights the bytes of blocks are. */
#define BODY(q)		8 * (q), 8 * (q) + 1, 8 * (q) + 2
#define BODY2(q)	BODY(q), BODY(q + 1)
#define BODY4(q)	BODY2(q), BODY2(q + 2)
#define ONE(q)		8 * (q) + 3
#define TWO(q)		8 * (q) + 3, 8 * (q) + 4

static const u8 pack_8[2][4][64] = {
	{ { ONE(0), BODY(0), ONE(1), BODY(1), ONE(2), BODY(2), ONE(3), BODY(3),
	    ONE(4), BODY(4), ONE(5), BODY(5), ONE(6), BODY(6), ONE(7), BODY(7) },
	  { ONE(0), BODY2(0), ONE(2), BODY2(2), ONE(4), BODY2(4), ONE(6), BODY2(6) },
	  { ONE(0), BODY4(0), ONE(4), BODY4(4) },
	  { ONE(0), BODY4(0), BODY4(4) } },
	{ { TWO(0), BODY(0), TWO(1), BODY(1), TWO(2), BODY(2), TWO(3), BODY(3),
	    TWO(4), BODY(4), TWO(5), BODY(5), TWO(6), BODY(6), TWO(7), BODY(7) },
	  { TWO(0), BODY2(0), TWO(2), BODY2(2), TWO(4), BODY2(4), TWO(6), BODY2(6) },
	  { TWO(0), BODY4(0), TWO(4), BODY4(4) },
	  { TWO(0), BODY4(0), BODY4(4) } },
};

/* A byte of each eight, in all of it. */
static inline __m512i spread_byte(__m512i x, u32 byte)
{
	return _mm512_shuffle_epi8(x, _mm512_add_epi8(_mm512_set1_epi8(byte),
				_mm512_set4_epi32(0x08080808, 0x08080808, 0, 0)));
}

/*
 * The points of each eight, in its eight bytes.  The upper points of the linear scale are
 * mirrored: of range R, R - (R * w + 8 >> 4) is R * (16 - w) + 7 >> 4.
 */
static inline __m512i points_8(__m512i low, __m512i range, __m512i weights, __m512i bias)
{
	const __m512i one = _mm512_set1_epi8(1);
	__m512i a, b;

	a = _mm512_maddubs_epi16(_mm512_unpacklo_epi8(range, one),
				 _mm512_unpacklo_epi8(weights, bias));
	b = _mm512_maddubs_epi16(_mm512_unpackhi_epi8(range, one),
				 _mm512_unpackhi_epi8(weights, bias));
	a = _mm512_packus_epi16(_mm512_srli_epi16(a, 4), _mm512_srli_epi16(b, 4));
	return _mm512_add_epi8(low, a);
}

#define WEIGHTS_LINEAR	0x100e0b0907050200ll
#define WEIGHTS_LOG	0x100c080604020100ll
#define BIAS_LINEAR	0x0707070708080808ll
#define BIAS_LOG	0x0808080808080808ll

/* Eights of a vector with their endpoints and indices to values. */
static inline_all __m512i decode_8(__m512i x, u32 endpoints, __m512i zero, __m512i sign)
{
	const __m512i shifts = _mm512_set1_epi64(0x15120f0c09060300);
	const __m512i odd = _mm512_set4_epi32(0x08080808, 0x08080808, 0, 0);
	__m512i e0 = spread_byte(x, 3), e1, low, high, range, points;
	__mmask64 log;

	if (endpoints == 1) {
		const __m512i one = _mm512_set1_epi8(1);

		log = _mm512_test_epi8_mask(e0, one);
		low = _mm512_setzero_si512();
		high = _mm512_or_si512(e0, one);
	} else {
		e1 = spread_byte(x, 4);
		log = _mm512_cmpgt_epu8_mask(e0, e1);
		low = _mm512_min_epu8(e0, e1);
		high = _mm512_max_epu8(e0, e1);
	}
	range = _mm512_sub_epi8(high, low);
	points = points_8(low, range,
			  _mm512_mask_blend_epi8(log, _mm512_set1_epi64(WEIGHTS_LINEAR),
						 _mm512_set1_epi64(WEIGHTS_LOG)),
			  _mm512_mask_blend_epi8(log, _mm512_set1_epi64(BIAS_LINEAR),
						 _mm512_set1_epi64(BIAS_LOG)));
	if (endpoints == 1)
		points = _mm512_adds_epu8(points, zero);
	points = _mm512_xor_si512(points, sign);
	x = _mm512_multishift_epi64_epi8(shifts, x);
	/* x & 7 | odd */
	x = _mm512_ternarylogic_epi32(x, _mm512_set1_epi8(7), odd, 0xea);
	return _mm512_shuffle_epi8(points, x);
}

static u32 log2_values(const struct asc_block_format *f)
{
	return f->values == 8 ? 0 : f->values == 16 ? 1 : f->values == 32 ? 2 : 3;
}

static inline_all void decode_runs_8(const struct asc_strip *strip, u32 endpoints,
				     const u8 *bits, u32 count, u8 *dst)
{
	const struct asc_block_format *f = strip->format;
	const __m512i unpack = _mm512_loadu_si512(unpack_8[endpoints - 1][log2_values(f)]);
	const __m512i sign = _mm512_set1_epi8(strip->dtype == FMC_S8 ? 0x80 : 0);
	const __m512i zero = _mm512_set1_epi8(f->zero);
	u32 bytes = asc_block_bytes(f), at_once = 64 / f->values;
	__mmask64 all = first_bytes(bytes * at_once);

	for (; count >= at_once; count -= at_once, bits += bytes * at_once, dst += 64) {
		__m512i x = _mm512_maskz_loadu_epi8(all, bits);

		__builtin_prefetch(bits + AHEAD);
		x = _mm512_permutexvar_epi8(unpack, x);
		_mm512_storeu_si512(dst, decode_8(x, endpoints, zero, sign));
	}
	if (count) {
		__m512i x = _mm512_maskz_loadu_epi8(first_bytes(bytes * count), bits);

		x = _mm512_permutexvar_epi8(unpack, x);
		_mm512_mask_storeu_epi8(dst, first_bytes(count * f->values),
					decode_8(x, endpoints, zero, sign));
	}
}

/**
 * struct counts - sums of errors
 * @abs: of absolute errors, 64 bits each
 * @squares: of squares, 32 bits each, enough for MAX_SLICE blocks
 * @max: largest errors, 8 bits each
 * @log: eights on the log-linear scale, 64 bits each
 */
struct counts {
	__m512i abs, squares, max, log;
};

#define MAX_SLICE	2048

/* Of so many blocks. */
static void add_counts_8(const struct counts *c, const struct asc_strip *strip, u32 blocks,
			 struct asc_cbr_stats *stats)
{
	u32 eights = strip->format->values / 8, log;
	__m512i low = _mm512_set1_epi64(0xffffffff), odd = _mm512_srli_epi16(c->max, 8);
	__m512i wide = _mm512_add_epi64(_mm512_srli_epi64(c->squares, 32),
					_mm512_and_si512(c->squares, low));

	odd = _mm512_max_epu16(odd, _mm512_and_si512(c->max, _mm512_set1_epi16(0xff)));
	odd = _mm512_max_epu16(odd, _mm512_srli_epi32(odd, 16));
	odd = _mm512_and_si512(odd, _mm512_set1_epi32(0xffff));
	log = strip->scales == 1u << ASC_SCALE_LOG ? blocks :
						     _mm512_reduce_add_epi64(c->log) / eights;
	stats->log_blocks += log;
	stats->linear_blocks += blocks - log;
	stats->sum_abs_error += _mm512_reduce_add_epi64(c->abs);
	stats->sum_sq_error += _mm512_reduce_add_epi64(wide);
	if (_mm512_reduce_max_epu32(odd) > stats->max_abs_error)
		stats->max_abs_error = _mm512_reduce_max_epu32(odd);
	stats->error_exponent = 0;
}

/*
 * A value is above so many midpoints, see make_thresholds(), each rounded down: of the points
 * below and above, (a + b) / 2 if the lower one is even, (a + b - 1) / 2 otherwise, but a
 * where they are equal.  In the order in which indices_8() looks at them: 0, 2, 4, 6; 1, 5; 3.
 */
static inline __m512i thresholds_8(__m512i points)
{
	const __m512i order = _mm512_set4_epi32(0x0f0b0d09, 0x0e0c0a08, 0x07030501, 0x06040200);
	__m512i next = _mm512_srli_epi64(points, 8);
	__m512i less = _mm512_and_si512(_mm512_xor_si512(points, next),
					_mm512_set1_epi64(0x0001ff01ff01ff01));

	less = _mm512_min_epu8(less, _mm512_set1_epi8(1));
	next = _mm512_sub_epi8(_mm512_avg_epu8(points, next), less);
	return _mm512_shuffle_epi8(next, order);
}

/*
 * So many vectors go through an encoder side by side: each is a long chain of steps, and a CPU
 * does not look far enough ahead to find the beginning of the next one.
 */
#define SIDES	4
#define EACH(k)	_Pragma("GCC unroll 4") for (u32 k = 0; k < SIDES; k++)

/* 1 where a value is above a threshold; quicker than a compare, whose result is a mask. */
static inline __m512i is_above(__m512i value, __m512i threshold)
{
	return _mm512_min_epu8(_mm512_subs_epu8(value, threshold), _mm512_set1_epi8(1));
}

/* Indices of values by bisection; those of the odd eights, or of all, have 8 added. */
static inline_all void indices_8(const __m512i *values, const __m512i *thresholds, __m512i base,
				 __m512i *at)
{
	const __m512i sixth = _mm512_or_si512(base, _mm512_set1_epi8(6));
	const __m512i fourth = _mm512_or_si512(base, _mm512_set1_epi8(4));
	__m512i t[SIDES], bit[SIDES];

	EACH(k)
		t[k] = _mm512_shuffle_epi8(thresholds[k], sixth);
	EACH(k)
		at[k] = is_above(values[k], t[k]);
	EACH(k)
		t[k] = _mm512_shuffle_epi8(thresholds[k], _mm512_or_si512(at[k], fourth));
	EACH(k)
		bit[k] = is_above(values[k], t[k]);
	EACH(k)
		at[k] = _mm512_add_epi8(_mm512_add_epi8(at[k], at[k]), bit[k]);
	EACH(k)
		t[k] = _mm512_shuffle_epi8(thresholds[k], _mm512_or_si512(at[k], base));
	EACH(k)
		bit[k] = is_above(values[k], t[k]);
	EACH(k)
		at[k] = _mm512_or_si512(_mm512_add_epi8(_mm512_add_epi8(at[k], at[k]), bit[k]),
					base);
}

static inline u32 min_u32(u32 a, u32 b)
{
	return a < b ? a : b;
}

/* How many of some blocks are in a side. */
static inline u32 part_of(u32 count, u32 side, u32 size)
{
	return count <= side * size ? 0 : min_u32(count - side * size, size);
}

#define BOTH_SCALES	(1u << ASC_SCALE_LINEAR | 1u << ASC_SCALE_LOG)

/* Sums over the eights of a block, in each of them. */
static inline_all __m512i sum_eights(__m512i x, u32 values)
{
	if (values >= 16)
		x = _mm512_add_epi64(x, _mm512_shuffle_epi32(x, 0x4e));
	if (values >= 32)
		x = _mm512_add_epi64(x, _mm512_shuffle_i64x2(x, x, 0xb1));
	if (values >= 64)
		x = _mm512_add_epi64(x, _mm512_shuffle_i64x2(x, x, 0x4e));
	return x;
}

/* Bits of @b where those of @mask are set, otherwise of @a. */
static inline __m512i choose(__m512i mask, __m512i a, __m512i b)
{
	return _mm512_ternarylogic_epi64(mask, b, a, 0xca);
}

/*
 * Errors of values.  With two endpoints none is above a quarter of a range, and the sums of the
 * absolute ones are known.
 */
static inline_all void count_8(struct counts *c, const __m512i *v, const __m512i *decoded,
			       const __m512i *sums, u32 endpoints, const __mmask64 *inside)
{
	const __m512i one = _mm512_set1_epi16(1), bytes = _mm512_set1_epi16(0xff);
	__m512i e[SIDES], even, odd;

	EACH(k) {
		e[k] = _mm512_sub_epi8(_mm512_max_epu8(v[k], decoded[k]),
				       _mm512_min_epu8(v[k], decoded[k]));
		if (endpoints == 1)
			e[k] = _mm512_maskz_mov_epi8(inside[k], e[k]);
		c->max = _mm512_max_epu8(c->max, e[k]);
	}
	if (endpoints == 2) {
		even = _mm512_setzero_si512();
		EACH(k) {
			c->abs = _mm512_add_epi64(c->abs, sums[k]);
			even = _mm512_add_epi16(even, _mm512_maddubs_epi16(e[k], e[k]));
		}
		c->squares = _mm512_add_epi32(c->squares, _mm512_madd_epi16(even, one));
		return;
	}
	EACH(k) {
		even = _mm512_and_si512(e[k], bytes);
		odd = _mm512_srli_epi16(e[k], 8);
		c->abs = _mm512_add_epi64(c->abs, _mm512_sad_epu8(e[k], _mm512_setzero_si512()));
		c->squares = _mm512_add_epi32(c->squares, _mm512_madd_epi16(even, even));
		c->squares = _mm512_add_epi32(c->squares, _mm512_madd_epi16(odd, odd));
	}
}

/**
 * struct job - what an encoder of one vector after the other needs
 * @values: in a block
 * @endpoints: 1 or 2
 * @scales: as for asc_block_encode()
 * @sign: what makes values of the type unsigned numbers
 * @zero: zero point
 * @pack: of pack_8
 */
struct job {
	u32 values, endpoints, scales;
	__m512i sign, zero, pack;
};

/*
 * Vectors of values, with the endpoints of each in @low and @high, to the bytes of blocks, which
 * take their place.  Of the blocks @now are there.
 */
static inline_all void encode_8(const struct job *job, __m512i *v, const __m512i *low,
				const __m512i *high, u32 now, struct counts *counts)
{
	const __m512i odd = _mm512_set4_epi32(0x08080808, 0x08080808, 0, 0);
	const __m512i eight = _mm512_set1_epi8(8), none = _mm512_setzero_si512();
	u32 values = job->values, at_once = 64 / values;
	__m512i numbers[SIDES], points[SIDES], log_points[SIDES], t[SIDES], linear[SIDES];
	__m512i log[SIDES], a[SIDES], b[SIDES], linear_sum[SIDES], use_log[SIDES];
	__mmask64 inside[SIDES];

	EACH(k)
		numbers[k] = job->endpoints == 1 ? _mm512_subs_epu8(v[k], job->zero) : v[k];
	if (values >= 16) {
		/* both scales side by side, as a pair of eights has one range */
		const __m512i weights = _mm512_set4_epi64(WEIGHTS_LOG, WEIGHTS_LINEAR,
							  WEIGHTS_LOG, WEIGHTS_LINEAR);
		const __m512i bias = _mm512_set4_epi64(BIAS_LOG, BIAS_LINEAR, BIAS_LOG,
						       BIAS_LINEAR);

		EACH(k) {
			points[k] = points_8(low[k], _mm512_sub_epi8(high[k], low[k]), weights,
					     bias);
			log_points[k] = points[k];
		}
		EACH(k)
			t[k] = thresholds_8(points[k]);
		indices_8(numbers, t, none, linear);
		indices_8(numbers, t, eight, log);
	} else {
		EACH(k) {
			__m512i range = _mm512_sub_epi8(high[k], low[k]);

			points[k] = points_8(low[k], range, _mm512_set1_epi64(WEIGHTS_LINEAR),
					     _mm512_set1_epi64(BIAS_LINEAR));
			log_points[k] = points_8(low[k], range, _mm512_set1_epi64(WEIGHTS_LOG),
						 _mm512_set1_epi64(BIAS_LOG));
		}
		EACH(k)
			t[k] = thresholds_8(points[k]);
		indices_8(numbers, t, odd, linear);
		EACH(k)
			t[k] = thresholds_8(log_points[k]);
		indices_8(numbers, t, odd, log);
	}
	EACH(k) {
		a[k] = _mm512_shuffle_epi8(points[k], linear[k]);
		b[k] = _mm512_shuffle_epi8(log_points[k], log[k]);
	}
	EACH(k) {
		linear_sum[k] = _mm512_sad_epu8(numbers[k], a[k]);
		t[k] = _mm512_sad_epu8(numbers[k], b[k]);
		use_log[k] = sum_eights(_mm512_sub_epi64(t[k], linear_sum[k]), values);
		use_log[k] = _mm512_srai_epi64(use_log[k], 63);
	}
	if (job->scales != BOTH_SCALES) {
		EACH(k)
			use_log[k] = job->scales & 1u << ASC_SCALE_LOG ?
				     _mm512_set1_epi64(-1) : none;
	}
	EACH(k) {
		linear[k] = choose(use_log[k], linear[k], log[k]);
		a[k] = choose(use_log[k], a[k], b[k]);
		t[k] = choose(use_log[k], linear_sum[k], t[k]);
		counts->log = _mm512_sub_epi64(counts->log, use_log[k]);
		if (job->endpoints == 1)
			a[k] = _mm512_adds_epu8(a[k], job->zero);
		inside[k] = first_bytes(part_of(now, k, at_once) * values);
	}
	count_8(counts, v, a, t, job->endpoints, inside);
	/* three bits each, 8 values in the first three bytes of an eight */
	EACH(k)
		t[k] = _mm512_and_si512(linear[k], _mm512_set1_epi8(7));
	EACH(k)
		t[k] = _mm512_maddubs_epi16(t[k], _mm512_set1_epi16(0x0801));
	EACH(k)
		t[k] = _mm512_madd_epi16(t[k], _mm512_set1_epi32(0x00400001));
	EACH(k)
		t[k] = _mm512_or_si512(t[k], _mm512_srli_epi64(t[k], 20));
	EACH(k) {
		if (job->endpoints == 1) {
			/* the lowest bit is the scale */
			a[k] = _mm512_sub_epi8(high[k], _mm512_set1_epi8(1));
			a[k] = choose(use_log[k], a[k], high[k]);
		} else {
			a[k] = choose(use_log[k], low[k], high[k]);
			b[k] = choose(use_log[k], high[k], low[k]);
			t[k] = _mm512_mask_mov_epi8(t[k], 0x1010101010101010, b[k]);
		}
		t[k] = _mm512_mask_mov_epi8(t[k], 0x0808080808080808, a[k]);
	}
	EACH(k)
		v[k] = _mm512_permutexvar_epi8(job->pack, t[k]);
}

static const struct counts no_counts;

/* The least and the greatest value of each block, in all of it. */
static inline_all __m512i least_8(__m512i v, u32 values)
{
	v = _mm512_min_epu8(v, _mm512_ror_epi64(v, 32));
	v = _mm512_min_epu8(v, _mm512_ror_epi64(v, 16));
	v = _mm512_min_epu8(v, _mm512_ror_epi64(v, 8));
	if (values >= 16)
		v = _mm512_min_epu8(v, _mm512_shuffle_epi32(v, 0x4e));
	if (values >= 32)
		v = _mm512_min_epu8(v, _mm512_shuffle_i64x2(v, v, 0xb1));
	if (values >= 64)
		v = _mm512_min_epu8(v, _mm512_shuffle_i64x2(v, v, 0x4e));
	return v;
}

static inline_all __m512i greatest_8(__m512i v, u32 values)
{
	v = _mm512_max_epu8(v, _mm512_ror_epi64(v, 32));
	v = _mm512_max_epu8(v, _mm512_ror_epi64(v, 16));
	v = _mm512_max_epu8(v, _mm512_ror_epi64(v, 8));
	if (values >= 16)
		v = _mm512_max_epu8(v, _mm512_shuffle_epi32(v, 0x4e));
	if (values >= 32)
		v = _mm512_max_epu8(v, _mm512_shuffle_i64x2(v, v, 0xb1));
	if (values >= 64)
		v = _mm512_max_epu8(v, _mm512_shuffle_i64x2(v, v, 0x4e));
	return v;
}

static inline_all struct job make_job(const struct asc_strip *strip, u32 values, u32 endpoints)
{
	const struct asc_block_format *f = strip->format;
	struct job job;

	job.values = values;
	job.endpoints = endpoints;
	job.scales = strip->scales;
	job.sign = _mm512_set1_epi8(strip->dtype == FMC_S8 ? 0x80 : 0);
	job.zero = _mm512_set1_epi8(f->zero);
	job.pack = _mm512_loadu_si512(pack_8[endpoints - 1][log2_values(f)]);
	return job;
}

static inline_all void encode_run_8(const struct job *job, const u8 *src, u32 now, u8 *bits,
				    struct counts *counts)
{
	u32 values = job->values, side = 64 / values, bytes = job->endpoints + values * 3 / 8;
	__m512i v[SIDES], low[SIDES], high[SIDES];

	EACH(k) {
		v[k] = load_bytes(src + k * 64, part_of(now, k, side) * values);
		v[k] = _mm512_xor_si512(v[k], job->sign);
	}
	EACH(k) {
		if (job->endpoints == 1) {
			low[k] = _mm512_setzero_si512();
			high[k] = greatest_8(_mm512_subs_epu8(v[k], job->zero), values);
			high[k] = _mm512_or_si512(high[k], _mm512_set1_epi8(1));
		} else {
			low[k] = least_8(v[k], values);
			high[k] = greatest_8(v[k], values);
		}
	}
	encode_8(job, v, low, high, now, counts);
	EACH(k)
		store_bytes(bits + k * side * bytes, part_of(now, k, side) * bytes, v[k]);
}

static inline_all void encode_runs_8(const struct asc_strip *strip, u32 values, u32 endpoints,
				     const u8 *src, u32 count, u8 *bits,
				     struct asc_cbr_stats *stats)
{
	const struct job job = make_job(strip, values, endpoints);
	u32 bytes = endpoints + values * 3 / 8, now = SIDES * 64 / values, i;
	struct counts counts = no_counts;

	for (i = 0; i + now <= count; i += now)
		encode_run_8(&job, src + i * values, now, bits + i * bytes, &counts);
	if (i < count)
		encode_run_8(&job, src + i * values, count - i, bits + i * bytes, &counts);
	add_counts_8(&counts, strip, count, stats);
}

#define ENCODE_RUNS(name, values, endpoints)						\
static noinline void name(const struct asc_strip *strip, const u8 *src, u32 count, u8 *bits, \
			  struct asc_cbr_stats *stats)					\
{											\
	encode_runs_8(strip, values, endpoints, src, count, bits, stats);		\
}

ENCODE_RUNS(encode_8_two, 8, 2)
ENCODE_RUNS(encode_32_two, 32, 2)
ENCODE_RUNS(encode_64_two, 64, 2)
ENCODE_RUNS(encode_16_one, 16, 1)
ENCODE_RUNS(encode_32_one, 32, 1)
ENCODE_RUNS(encode_64_one, 64, 1)

typedef void (*encode_fn)(const struct asc_strip *strip, const u8 *src, u32 count, u8 *bits,
			  struct asc_cbr_stats *stats);

/* By endpoints less 1, and the number of values, as unpack_8; others have columns. */
static const encode_fn encoders_8[2][4] = {
	{ NULL, encode_16_one, encode_32_one, encode_64_one },
	{ encode_8_two, NULL, encode_32_two, encode_64_two },
};

static u32 encode_slice_8(const struct asc_strip *strip, const u8 *src, u32 count, u8 *bits,
			  struct asc_cbr_stats *stats)
{
	const struct asc_block_format *f = strip->format;

	if (strip->w != f->values)
		return 0;
	encoders_8[f->endpoints - 1][log2_values(f)](strip, src, count, bits, stats);
	return count;
}

/*
 * Values of 16 bits, integers: an eight is a lane of 128 bits.  Of unpacked blocks the first three
 * bytes of both its halves are indices; the first half has the endpoints behind.
 */
#define WIDE(indices, ends, second)	indices, indices + 1, indices + 2, 0, ends, ends + 1, \
					ends + second, ends + second + 1, indices, indices + 1, \
					indices + 2, 0, 0, 0, 0, 0

#define WIDE_8(e)	WIDE(e, 0, e - 2), WIDE(2 * e + 3, e + 3, e - 2), \
	WIDE(3 * e + 6, 2 * e + 6, e - 2), WIDE(4 * e + 9, 3 * e + 9, e - 2)
#define WIDE_16(e)	WIDE(e, 0, e - 2), WIDE(e + 3, 0, e - 2), \
	WIDE(2 * e + 6, e + 6, e - 2), WIDE(2 * e + 9, e + 6, e - 2)
#define WIDE_32(e)	WIDE(e, 0, e - 2), WIDE(e + 3, 0, e - 2), WIDE(e + 6, 0, e - 2), \
	WIDE(e + 9, 0, e - 2)

/* By endpoints less 1, and by the power of two that the number of values is, less 3. */
static const u8 unpack_16[2][3][64] = {
	{ { WIDE_8(2) }, { WIDE_16(2) }, { WIDE_32(2) } },
	{ { WIDE_8(4) }, { WIDE_16(4) }, { WIDE_32(4) } },
};

#define WBODY(q)	16 * (q), 16 * (q) + 1, 16 * (q) + 2
#define WONE(q)		16 * (q) + 4, 16 * (q) + 5
#define WTWO(q)		16 * (q) + 4, 16 * (q) + 5, 16 * (q) + 6, 16 * (q) + 7

static const u8 pack_16[2][3][64] = {
	{ { WONE(0), WBODY(0), WONE(1), WBODY(1), WONE(2), WBODY(2), WONE(3), WBODY(3) },
	  { WONE(0), WBODY(0), WBODY(1), WONE(2), WBODY(2), WBODY(3) },
	  { WONE(0), WBODY(0), WBODY(1), WBODY(2), WBODY(3) } },
	{ { WTWO(0), WBODY(0), WTWO(1), WBODY(1), WTWO(2), WBODY(2), WTWO(3), WBODY(3) },
	  { WTWO(0), WBODY(0), WBODY(1), WTWO(2), WBODY(2), WBODY(3) },
	  { WTWO(0), WBODY(0), WBODY(1), WBODY(2), WBODY(3) } },
};

/* A word of each lane, in all of it. */
static inline_all __m512i spread_word(__m512i x, u32 word)
{
	return _mm512_shuffle_epi8(x, _mm512_set1_epi16(0x0100 + 0x0202 * word));
}

/* First word of each lane among those of the vector. */
static inline __m512i lane_words(void)
{
	return _mm512_set_epi64(0x0018001800180018, 0x0018001800180018, 0x0010001000100010,
				0x0010001000100010, 0x0008000800080008, 0x0008000800080008, 0, 0);
}

/* Words that count from the high endpoint, on the linear and the log-linear scale. */
#define FROM_HIGH_LINEAR	0xf0f0f0f0u
#define FROM_HIGH_LOG		0x80808080u

static inline __m512i weights_16(bool log)
{
	return log ? _mm512_set4_epi64(0x0000000c00080006, 0x0004000200010000,
				       0x0000000c00080006, 0x0004000200010000) :
		     _mm512_set4_epi64(0x0000000200050007, 0x0007000500020000,
				       0x0000000200050007, 0x0007000500020000);
}

/* The points of each lane. */
static inline_all __m512i points_16(__m512i low, __m512i high, __m512i weights, __mmask32 from_high)
{
	__m512i range = _mm512_sub_epi16(high, low), s, up;

	/* R * w + 8 >> 4, of 20 bits */
	s = _mm512_mulhi_epu16(range, _mm512_slli_epi16(weights, 12));
	up = _mm512_srli_epi16(_mm512_mullo_epi16(range, weights), 3);
	s = _mm512_add_epi16(s, _mm512_and_si512(up, _mm512_set1_epi16(1)));
	return _mm512_mask_sub_epi16(_mm512_add_epi16(low, s), from_high, high, s);
}

static inline_all __m512i decode_16(__m512i x, u32 endpoints, __m512i zero, __m512i sign)
{
	const __m512i shifts = _mm512_set4_epi64(0x151512120f0f0c0c, 0x0909060603030000,
						 0x151512120f0f0c0c, 0x0909060603030000);
	__m512i e0 = spread_word(x, 2), e1, low, high, points;
	__mmask32 log;

	if (endpoints == 1) {
		const __m512i one = _mm512_set1_epi16(1);

		log = _mm512_test_epi16_mask(e0, one);
		low = _mm512_setzero_si512();
		high = _mm512_or_si512(e0, one);
	} else {
		e1 = spread_word(x, 3);
		log = _mm512_cmpgt_epu16_mask(e0, e1);
		low = _mm512_min_epu16(e0, e1);
		high = _mm512_max_epu16(e0, e1);
	}
	points = points_16(low, high,
			   _mm512_mask_blend_epi16(log, weights_16(false), weights_16(true)),
			   (log & FROM_HIGH_LOG) | (~log & FROM_HIGH_LINEAR));
	if (endpoints == 1)
		points = _mm512_adds_epu16(points, zero);
	points = _mm512_xor_si512(points, sign);
	x = _mm512_multishift_epi64_epi8(shifts, x);
	/* x & 7 | first word of the lane */
	x = _mm512_ternarylogic_epi32(x, _mm512_set1_epi16(7), lane_words(), 0xea);
	return _mm512_permutexvar_epi16(x, points);
}

static inline __m512i sign_16(const struct asc_strip *strip)
{
	return _mm512_set1_epi16(strip->dtype == FMC_S16 ? 0x8000 : 0);
}

static inline_all void decode_runs_16(const struct asc_strip *strip, u32 endpoints,
				      const u8 *bits, u32 count, u8 *dst)
{
	const struct asc_block_format *f = strip->format;
	const __m512i unpack = _mm512_loadu_si512(unpack_16[endpoints - 1][log2_values(f)]);
	const __m512i sign = sign_16(strip), zero = _mm512_set1_epi16(f->zero);
	u32 bytes = asc_block_bytes(f), at_once = 32 / f->values, now;

	for (; count; count -= now, bits += bytes * now, dst += 64) {
		__m512i x;

		now = min_u32(count, at_once);
		__builtin_prefetch(bits + AHEAD);
		x = _mm512_permutexvar_epi8(unpack, load_bytes(bits, bytes * now));
		store_bytes(dst, now * f->values * 2, decode_16(x, endpoints, zero, sign));
	}
}

/* Rows of eight blocks of 4x4 words, from vectors of two blocks. */
static inline void blocks_to_rows(__m512i *v)
{
	const __m512i first = _mm512_set_epi64(13, 9, 5, 1, 12, 8, 4, 0);
	const __m512i last = _mm512_set_epi64(15, 11, 7, 3, 14, 10, 6, 2);
	__m512i a = _mm512_permutex2var_epi64(v[0], first, v[1]);
	__m512i b = _mm512_permutex2var_epi64(v[2], first, v[3]);
	__m512i c = _mm512_permutex2var_epi64(v[0], last, v[1]);
	__m512i d = _mm512_permutex2var_epi64(v[2], last, v[3]);

	v[0] = _mm512_shuffle_i64x2(a, b, 0x44);
	v[1] = _mm512_shuffle_i64x2(a, b, 0xee);
	v[2] = _mm512_shuffle_i64x2(c, d, 0x44);
	v[3] = _mm512_shuffle_i64x2(c, d, 0xee);
}

/* Four rows: 8x4x1 in groups of four blocks, 4x4x1 in groups of eight. */
static inline_all void decode_rows_16(const struct asc_strip *strip, u32 w, u32 endpoints,
				      const u8 *bits, u32 count, u8 *dst)
{
	const struct asc_block_format *f = strip->format;
	const __m512i unpack = _mm512_loadu_si512(unpack_16[endpoints - 1][w == 8 ? 2 : 1]);
	const __m512i sign = sign_16(strip), zero = _mm512_set1_epi16(f->zero);
	u32 bytes = 2 * endpoints + 3 * w / 2, in_vector = 8 / w, at_once = 4 * in_vector, i;

	for (i = 0; i < count; i += at_once) {
		u32 now = min_u32(count - i, at_once);
		__m512i v[SIDES];

		EACH(k) {
			v[k] = load_bytes(bits + (i + k * in_vector) * bytes,
					  part_of(now, k, in_vector) * bytes);
			__builtin_prefetch(bits + (i + k * in_vector) * bytes + AHEAD);
			v[k] = decode_16(_mm512_permutexvar_epi8(unpack, v[k]), endpoints, zero,
					 sign);
		}
		if (w == 8)
			transpose_lanes(v);
		else
			blocks_to_rows(v);
		EACH(k)
			store_bytes(dst + k * strip->row + i * w * 2, now * w * 2, v[k]);
	}
}

/* As thresholds_8(), in the order of the points. */
static inline __m512i thresholds_16(__m512i points)
{
	__m512i next = _mm512_bsrli_epi128(points, 2);
	__m512i less = _mm512_and_si512(_mm512_xor_si512(points, next),
					_mm512_set4_epi32(0x00000001, 0xffff0001, 0xffff0001,
							  0xffff0001));

	less = _mm512_min_epu16(less, _mm512_set1_epi16(1));
	return _mm512_sub_epi16(_mm512_avg_epu16(points, next), less);
}

/* Indices of values by bisection, and the first word of the lane. */
static inline_all void indices_16(const __m512i *values, const __m512i *thresholds, __m512i *at)
{
	const __m512i base = lane_words(), one = _mm512_set1_epi16(1), two = _mm512_set1_epi16(2);
	const __m512i four = _mm512_add_epi16(base, _mm512_set1_epi16(4));
	__mmask32 above[SIDES];
	__m512i t[SIDES];

	EACH(k)
		above[k] = _mm512_cmpgt_epu16_mask(values[k], spread_word(thresholds[k], 3));
	EACH(k)
		at[k] = _mm512_mask_blend_epi16(above[k], base, four);
	EACH(k)
		t[k] = _mm512_permutexvar_epi16(_mm512_or_si512(at[k], one), thresholds[k]);
	EACH(k)
		above[k] = _mm512_cmpgt_epu16_mask(values[k], t[k]);
	EACH(k)
		at[k] = _mm512_mask_add_epi16(at[k], above[k], at[k], two);
	EACH(k)
		t[k] = _mm512_permutexvar_epi16(at[k], thresholds[k]);
	EACH(k)
		above[k] = _mm512_cmpgt_epu16_mask(values[k], t[k]);
	EACH(k)
		at[k] = _mm512_mask_add_epi16(at[k], above[k], at[k], one);
}

static inline __m512i add_halves(__m512i sums, __m512i x)
{
	x = _mm512_add_epi64(_mm512_and_si512(x, _mm512_set1_epi64(0xffffffff)),
			     _mm512_srli_epi64(x, 32));
	return _mm512_add_epi64(sums, x);
}

/* Errors of 16 bits; their squares have 32. */
static inline_all void count_16(struct counts *c, __m512i v, __m512i decoded, __mmask32 inside)
{
	__m512i e = _mm512_maskz_sub_epi16(inside, _mm512_max_epu16(v, decoded),
					   _mm512_min_epu16(v, decoded));
	__m512i even = _mm512_and_si512(e, _mm512_set1_epi32(0xffff));
	__m512i odd = _mm512_srli_epi32(e, 16);

	c->max = _mm512_max_epu16(c->max, e);
	c->abs = add_halves(c->abs, _mm512_add_epi32(even, odd));
	c->squares = add_halves(c->squares, _mm512_mullo_epi32(even, even));
	c->squares = add_halves(c->squares, _mm512_mullo_epi32(odd, odd));
}

static void add_counts_16(const struct counts *c, const struct asc_strip *strip, u32 blocks,
			  struct asc_cbr_stats *stats)
{
	u32 eights = strip->format->values / 8, max, log;
	__m512i m = _mm512_max_epu16(_mm512_srli_epi32(c->max, 16),
				     _mm512_and_si512(c->max, _mm512_set1_epi32(0xffff)));

	max = _mm512_reduce_max_epu32(m);
	log = strip->scales == 1u << ASC_SCALE_LOG ? blocks :
						     _mm512_reduce_add_epi64(c->log) / 2 / eights;
	stats->log_blocks += log;
	stats->linear_blocks += blocks - log;
	stats->sum_abs_error += _mm512_reduce_add_epi64(c->abs);
	stats->sum_sq_error += _mm512_reduce_add_epi64(c->squares);
	if (max > stats->max_abs_error)
		stats->max_abs_error = max;
	stats->error_exponent = 0;
}

/* Sum of the 32-bit words of a block, in each of them. */
static inline_all __m512i sum_words(__m512i x, u32 values)
{
	x = _mm512_add_epi32(x, _mm512_shuffle_epi32(x, 0x4e));
	x = _mm512_add_epi32(x, _mm512_shuffle_epi32(x, 0xb1));
	if (values >= 16)
		x = _mm512_add_epi32(x, _mm512_shuffle_i64x2(x, x, 0xb1));
	if (values >= 32)
		x = _mm512_add_epi32(x, _mm512_shuffle_i64x2(x, x, 0x4e));
	return x;
}

static inline_all __m512i least_16(__m512i v, u32 values)
{
	v = _mm512_min_epu16(v, _mm512_shuffle_epi32(v, 0x4e));
	v = _mm512_min_epu16(v, _mm512_shuffle_epi32(v, 0xb1));
	v = _mm512_min_epu16(v, _mm512_ror_epi32(v, 16));
	if (values >= 16)
		v = _mm512_min_epu16(v, _mm512_shuffle_i64x2(v, v, 0xb1));
	if (values >= 32)
		v = _mm512_min_epu16(v, _mm512_shuffle_i64x2(v, v, 0x4e));
	return v;
}

static inline_all __m512i greatest_16(__m512i v, u32 values)
{
	v = _mm512_max_epu16(v, _mm512_shuffle_epi32(v, 0x4e));
	v = _mm512_max_epu16(v, _mm512_shuffle_epi32(v, 0xb1));
	v = _mm512_max_epu16(v, _mm512_ror_epi32(v, 16));
	if (values >= 16)
		v = _mm512_max_epu16(v, _mm512_shuffle_i64x2(v, v, 0xb1));
	if (values >= 32)
		v = _mm512_max_epu16(v, _mm512_shuffle_i64x2(v, v, 0x4e));
	return v;
}

/* As encode_8(). */
static inline_all void encode_16(const struct job *job, __m512i *v, u32 now, struct counts *counts)
{
	const __m512i one = _mm512_set1_epi16(1);
	u32 values = job->values, at_once = 32 / values;
	__m512i numbers[SIDES], low[SIDES], high[SIDES], linear_points[SIDES], log_points[SIDES];
	__m512i t[SIDES], linear[SIDES], log[SIDES], use_log[SIDES];

	EACH(k) {
		numbers[k] = job->endpoints == 1 ? _mm512_subs_epu16(v[k], job->zero) : v[k];
		low[k] = job->endpoints == 1 ? _mm512_setzero_si512() : least_16(v[k], values);
		high[k] = greatest_16(numbers[k], values);
		if (job->endpoints == 1)
			high[k] = _mm512_or_si512(high[k], one);
	}
	EACH(k) {
		linear_points[k] = points_16(low[k], high[k], weights_16(false), FROM_HIGH_LINEAR);
		log_points[k] = points_16(low[k], high[k], weights_16(true), FROM_HIGH_LOG);
	}
	EACH(k)
		t[k] = thresholds_16(linear_points[k]);
	indices_16(numbers, t, linear);
	EACH(k)
		t[k] = thresholds_16(log_points[k]);
	indices_16(numbers, t, log);
	EACH(k) {
		__m512i a = _mm512_permutexvar_epi16(linear[k], linear_points[k]);
		__m512i b = _mm512_permutexvar_epi16(log[k], log_points[k]);
		__m512i more, decoded;

		/* errors to the nearest point are below 2^14 */
		more = _mm512_sub_epi16(_mm512_sub_epi16(_mm512_max_epu16(numbers[k], b),
							 _mm512_min_epu16(numbers[k], b)),
					_mm512_sub_epi16(_mm512_max_epu16(numbers[k], a),
							 _mm512_min_epu16(numbers[k], a)));
		use_log[k] = sum_words(_mm512_madd_epi16(more, one), values);
		use_log[k] = _mm512_srai_epi32(use_log[k], 31);
		if (job->scales != BOTH_SCALES)
			use_log[k] = _mm512_set1_epi32(job->scales & 1u << ASC_SCALE_LOG ? -1 : 0);
		decoded = choose(use_log[k], a, b);
		if (job->endpoints == 1)
			decoded = _mm512_adds_epu16(decoded, job->zero);
		count_16(counts, v[k], decoded, first_bytes(part_of(now, k, at_once) * values));
		counts->log = _mm512_add_epi64(counts->log, _mm512_srli_epi64(use_log[k], 63));
		linear[k] = choose(use_log[k], linear[k], log[k]);
	}
	/* three bits each, 8 values in the first three bytes of a lane */
	EACH(k) {
		t[k] = _mm512_and_si512(linear[k], _mm512_set1_epi16(7));
		t[k] = _mm512_madd_epi16(t[k], _mm512_set1_epi32(0x00080001));
		t[k] = _mm512_or_si512(t[k], _mm512_srli_epi64(t[k], 26));
		t[k] = _mm512_or_si512(t[k], _mm512_slli_epi64(_mm512_shuffle_epi32(t[k], 0x4e),
							       12));
	}
	EACH(k) {
		__m512i first, second = choose(use_log[k], high[k], low[k]);

		/* with one endpoint its lowest bit is the scale */
		first = job->endpoints == 1 ? _mm512_sub_epi16(high[k], one) : low[k];
		first = choose(use_log[k], first, high[k]);
		t[k] = _mm512_mask_mov_epi16(t[k], 0x04040404, first);
		if (job->endpoints == 2)
			t[k] = _mm512_mask_mov_epi16(t[k], 0x08080808, second);
		v[k] = _mm512_permutexvar_epi8(job->pack, t[k]);
	}
}

static inline_all void encode_blocks_16(const struct asc_strip *strip, u32 values,
					u32 endpoints, const u8 *src, u32 count, u8 *bits,
					struct asc_cbr_stats *stats)
{
	const struct asc_block_format *f = strip->format;
	u32 bytes = 2 * endpoints + values * 3 / 8, side = 32 / values, i, now;
	struct counts counts = no_counts;
	const __m512i sign = sign_16(strip);
	struct job job;

	job.values = values;
	job.endpoints = endpoints;
	job.scales = strip->scales;
	job.zero = _mm512_set1_epi16(f->zero);
	job.pack = _mm512_loadu_si512(pack_16[endpoints - 1][log2_values(f)]);
	for (i = 0; i < count; i += SIDES * side) {
		__m512i v[SIDES];

		now = min_u32(count - i, SIDES * side);
		EACH(k) {
			v[k] = load_bytes(src + i * values * 2 + k * 64,
					  part_of(now, k, side) * values * 2);
			v[k] = _mm512_xor_si512(v[k], sign);
		}
		encode_16(&job, v, now, &counts);
		EACH(k)
			store_bytes(bits + (i + k * side) * bytes, part_of(now, k, side) * bytes,
				    v[k]);
	}
	add_counts_16(&counts, strip, count, stats);
}

#define ENCODE_16(name, values, endpoints)						\
static noinline void name(const struct asc_strip *strip, const u8 *src, u32 count, u8 *bits, \
			  struct asc_cbr_stats *stats)					\
{											\
	encode_blocks_16(strip, values, endpoints, src, count, bits, stats);		\
}

ENCODE_16(encode_run16_16_two, 16, 2)
ENCODE_16(encode_run8_16_two, 8, 2)
ENCODE_16(encode_run32_16_one, 32, 1)
ENCODE_16(encode_run8_16_one, 8, 1)

static const encode_fn encoders_16[2][3] = {
	{ encode_run8_16_one, NULL, encode_run32_16_one },
	{ encode_run8_16_two, encode_run16_16_two, NULL },
};

static u32 encode_slice_16(const struct asc_strip *strip, const u8 *src, u32 count, u8 *bits,
			   struct asc_cbr_stats *stats)
{
	const struct asc_block_format *f = strip->format;

	if (f->kind != ASC_INTEGER || f->narrow || f->values > 32 || strip->w != f->values)
		return 0;
	encoders_16[f->endpoints - 1][log2_values(f)](strip, src, count, bits, stats);
	return count;
}

static bool is_power_of_two(u32 values)
{
	return !(values & (values - 1));
}

u32 asc_encode_avx512(const struct asc_strip *strip, const u8 *src, u32 count, u8 *bits,
		      struct asc_cbr_stats *stats)
{
	const struct asc_block_format *f = strip->format;
	u32 done = asc_encode_eights_avx512(strip, src, count, bits, stats), now, ret;

	if (!done)
		done = asc_encode_columns_avx512(strip, src, count, bits, stats);
	if (done)
		return done;
	count = min_u32(count, strip->across);
	if (strip->order)
		return 0;
	if (f->pooled || !is_power_of_two(f->values))
		return 0;
	if (f->narrow)
		return asc_encode_avx2(strip, src, count, bits, stats);
	for (done = 0; done < count; done += now) {
		now = count - done < MAX_SLICE ? count - done : MAX_SLICE;
		ret = f->bits == 16 ? encode_slice_16(strip, src + done * strip->w * 2, now,
						      bits + done * asc_block_bytes(f), stats) :
				      encode_slice_8(strip, src + done * strip->w, now,
						     bits + done * asc_block_bytes(f), stats);
		if (!ret)
			return done;
	}
	return count;
}

static u32 decode_16_bits(const struct asc_strip *strip, const u8 *bits, u32 count, u8 *dst)
{
	const struct asc_block_format *f = strip->format;
	bool rows = strip->h == 4 && strip->c == 1;

	if (f->kind != ASC_INTEGER || f->narrow || f->values > 32)
		return 0;
	if (rows && strip->w == 8 && f->endpoints == 2)
		decode_rows_16(strip, 8, 2, bits, count, dst);
	else if (rows && strip->w == 4 && f->endpoints == 1)
		decode_rows_16(strip, 4, 1, bits, count, dst);
	else if (strip->w != f->values)
		return 0;
	else if (f->endpoints == 1)
		decode_runs_16(strip, 1, bits, count, dst);
	else
		decode_runs_16(strip, 2, bits, count, dst);
	return count;
}

u32 asc_decode_avx512(const struct asc_strip *strip, const u8 *bits, u32 count, u8 *dst)
{
	const struct asc_block_format *f = strip->format;
	u32 done = asc_decode_eights_avx512(strip, bits, count, dst);

	if (!done)
		done = asc_decode_columns_avx512(strip, bits, count, dst);
	if (done)
		return done;
	count = min_u32(count, strip->across);
	if (f->pooled || strip->order || !is_power_of_two(f->values))
		return 0;
	if (f->narrow)
		return asc_decode_avx2(strip, bits, count, dst);
	if (f->bits == 16)
		return decode_16_bits(strip, bits, count, dst);
	if (strip->w != f->values)
		return 0;
	if (f->endpoints == 1)
		decode_runs_8(strip, 1, bits, count, dst);
	else
		decode_runs_8(strip, 2, bits, count, dst);
	return count;
}

#endif
