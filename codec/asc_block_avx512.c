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

#include "simd_x86.h"

#define inline_all inline __attribute__((__always_inline__))

/* Bytes 0 to count - 1. */
static inline __mmask64 first_bytes(u32 count)
{
	return count >= 64 ? ~0ull : (1ull << count) - 1;
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

/* Rows 0 and 1, and 2 and 3, of eight blocks of 4 x 4 bytes, from those of each block. */
#define EVEN_PAIR	29, 25, 21, 17, 13, 9, 5, 1, 28, 24, 20, 16, 12, 8, 4, 0
#define ODD_PAIR	31, 27, 23, 19, 15, 11, 7, 3, 30, 26, 22, 18, 14, 10, 6, 2

/* Sixteen blocks of 4x4x1, two endpoints: what most maps of 8 bits have. */
static void decode_4x4_8(const struct asc_strip *strip, const u8 *bits, u32 count, u8 *dst)
{
	const __m512i unpack = _mm512_loadu_si512(unpack_8[1][1]);
	const __m512i even = _mm512_set_epi32(EVEN_PAIR), odd = _mm512_set_epi32(ODD_PAIR);
	const __m512i sign = _mm512_set1_epi8(strip->dtype == FMC_S8 ? 0x80 : 0);
	const __m512i none = _mm512_setzero_si512();
	u8 *row1 = dst + strip->row, *row2 = row1 + strip->row, *row3 = row2 + strip->row;
	u32 i;

	for (i = 0; i < count; i += 16) {
		u32 now = count - i < 16 ? count - i : 16, k;
		__mmask64 mask = first_bytes(4 * now);
		__m512i v[4], a, b, c, d;

		for (k = 0; k < 4; k++) {
			__mmask64 in = now == 16 ? 0xffffffff :
				       now <= 4 * k ? 0 : first_bytes(8 * (now - 4 * k));
			__m512i x = _mm512_maskz_loadu_epi8(in & 0xffffffff,
							    bits + 8 * (i + 4 * k));

			x = _mm512_permutexvar_epi8(unpack, x);
			v[k] = decode_8(x, 2, none, sign);
		}
		a = _mm512_permutex2var_epi32(v[0], even, v[1]);
		b = _mm512_permutex2var_epi32(v[2], even, v[3]);
		c = _mm512_permutex2var_epi32(v[0], odd, v[1]);
		d = _mm512_permutex2var_epi32(v[2], odd, v[3]);
		_mm512_mask_storeu_epi8(dst + 4 * i, mask, _mm512_shuffle_i64x2(a, b, 0x44));
		_mm512_mask_storeu_epi8(row1 + 4 * i, mask, _mm512_shuffle_i64x2(a, b, 0xee));
		_mm512_mask_storeu_epi8(row2 + 4 * i, mask, _mm512_shuffle_i64x2(c, d, 0x44));
		_mm512_mask_storeu_epi8(row3 + 4 * i, mask, _mm512_shuffle_i64x2(c, d, 0xee));
	}
}

/**
 * struct counts - sums of errors
 * @abs: sums of absolute errors, 64 bits
 * @squares: sums of squares, 32 bits
 * @max: largest error, 8 bits
 * @log: blocks on the log-linear scale
 *
 * The 32 bits are enough for MAX_SLICE blocks.
 */
struct counts {
	__m512i abs, squares, max;
	u32 log;
};

#define MAX_SLICE	2048

static inline void count_8(struct counts *c, __m512i v, __m512i decoded, __mmask64 inside)
{
	__m512i e = _mm512_maskz_sub_epi8(inside, _mm512_max_epu8(v, decoded),
					  _mm512_min_epu8(v, decoded));
	__m512i even = _mm512_and_si512(e, _mm512_set1_epi16(0xff)), odd = _mm512_srli_epi16(e, 8);

	c->abs = _mm512_add_epi64(c->abs, _mm512_sad_epu8(e, _mm512_setzero_si512()));
	c->max = _mm512_max_epu8(c->max, e);
	c->squares = _mm512_add_epi32(c->squares, _mm512_madd_epi16(even, even));
	c->squares = _mm512_add_epi32(c->squares, _mm512_madd_epi16(odd, odd));
}

static void add_counts_8(const struct counts *c, u32 blocks, struct asc_cbr_stats *stats)
{
	__m512i wide = _mm512_add_epi64(_mm512_srli_epi64(c->squares, 32),
					_mm512_and_si512(c->squares,
							 _mm512_set1_epi64(0xffffffff)));
	__m512i odd = _mm512_srli_epi16(c->max, 8);
	u32 max;

	odd = _mm512_max_epu16(odd, _mm512_and_si512(c->max, _mm512_set1_epi16(0xff)));
	max = _mm512_reduce_max_epu32(_mm512_max_epu32(_mm512_srli_epi32(odd, 16),
						       _mm512_and_si512(odd,
							_mm512_set1_epi32(0xffff))));
	stats->log_blocks += c->log;
	stats->linear_blocks += blocks - c->log;
	stats->sum_abs_error += _mm512_reduce_add_epi64(c->abs);
	stats->sum_sq_error += _mm512_reduce_add_epi64(wide);
	if (max > stats->max_abs_error)
		stats->max_abs_error = max;
	stats->error_exponent = 0;
}

/*
 * A value is above so many midpoints, see make_thresholds(), each rounded down: of the points
 * below and above, (a + b) / 2 if the lower one is even, (a + b - 1) / 2 otherwise, but a
 * where they are equal.
 */
static inline __m512i thresholds_8(__m512i points)
{
	__m512i next = _mm512_srli_epi64(points, 8);
	__m512i less = _mm512_and_si512(_mm512_xor_si512(points, next),
					_mm512_set1_epi64(0x0001ff01ff01ff01));

	less = _mm512_min_epu8(less, _mm512_set1_epi8(1));
	return _mm512_sub_epi8(_mm512_avg_epu8(points, next), less);
}

/* Indices of values by bisection; those of the odd eights, or of all, have 8 added. */
static inline_all __m512i indices_8(__m512i values, __m512i thresholds, __m512i base)
{
	const __m512i two = _mm512_set1_epi8(2), one = _mm512_set1_epi8(1);
	const __m512i four = _mm512_set1_epi8(4), three = _mm512_set1_epi8(3);
	__m512i t = _mm512_shuffle_epi8(thresholds, _mm512_or_si512(base, three)), at;

	at = _mm512_mask_add_epi8(base, _mm512_cmpgt_epu8_mask(values, t), base, four);
	t = _mm512_shuffle_epi8(_mm512_srli_epi64(thresholds, 8), at);
	at = _mm512_mask_add_epi8(at, _mm512_cmpgt_epu8_mask(values, t), at, two);
	t = _mm512_shuffle_epi8(thresholds, at);
	return _mm512_mask_add_epi8(at, _mm512_cmpgt_epu8_mask(values, t), at, one);
}

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

/* The first eight of each block. */
static inline_all u32 first_eights(u32 values)
{
	return values == 8 ? 0xff : values == 16 ? 0x55 : values == 32 ? 0x11 : 1;
}

/* Values of blocks in a vector, of which @now are there, to their bytes. */
static inline_all __m512i encode_8(__m512i v, __m512i low, __m512i high, u32 values,
				   u32 endpoints, u32 scales, __m512i zero, __m512i pack,
				   u32 now, struct counts *counts)
{
	const __m512i odd = _mm512_set4_epi32(0x08080808, 0x08080808, 0, 0);
	const __m512i eight = _mm512_set1_epi8(8), none = _mm512_setzero_si512();
	__m512i numbers = endpoints == 1 ? _mm512_subs_epu8(v, zero) : v;
	__m512i linear_points, log_points, thresholds, linear, log, a, b, indices;
	__m512i range = _mm512_sub_epi8(high, low);
	__mmask8 use_log;

	if (values >= 16) {
		/* both scales side by side, as a pair of eights has one range */
		const __m512i weights = _mm512_set4_epi64(WEIGHTS_LOG, WEIGHTS_LINEAR,
							  WEIGHTS_LOG, WEIGHTS_LINEAR);
		const __m512i bias = _mm512_set4_epi64(BIAS_LOG, BIAS_LINEAR, BIAS_LOG,
						       BIAS_LINEAR);

		linear_points = points_8(low, range, weights, bias);
		log_points = linear_points;
		thresholds = thresholds_8(linear_points);
		linear = indices_8(numbers, thresholds, none);
		log = indices_8(numbers, thresholds, eight);
	} else {
		linear_points = points_8(low, range, _mm512_set1_epi64(WEIGHTS_LINEAR),
					 _mm512_set1_epi64(BIAS_LINEAR));
		log_points = points_8(low, range, _mm512_set1_epi64(WEIGHTS_LOG),
				      _mm512_set1_epi64(BIAS_LOG));
		linear = indices_8(numbers, thresholds_8(linear_points), odd);
		log = indices_8(numbers, thresholds_8(log_points), odd);
	}
	a = _mm512_shuffle_epi8(linear_points, linear);
	b = _mm512_shuffle_epi8(log_points, log);
	use_log = _mm512_movepi64_mask(sum_eights(_mm512_sub_epi64(_mm512_sad_epu8(numbers, b),
								   _mm512_sad_epu8(numbers, a)),
						  values));
	if (scales == 1u << ASC_SCALE_LINEAR)
		use_log = 0;
	if (scales == 1u << ASC_SCALE_LOG)
		use_log = 0xff;
	indices = _mm512_mask_blend_epi64(use_log, linear, log);
	a = _mm512_mask_blend_epi64(use_log, a, b);
	if (endpoints == 1)
		a = _mm512_adds_epu8(a, zero);
	count_8(counts, v, a, first_bytes(now * values));
	counts->log += __builtin_popcount(use_log & first_eights(values) &
					  ((1u << now * values / 8) - 1));
	/* three bits each, 8 values in the first three bytes of an eight */
	indices = _mm512_and_si512(indices, _mm512_set1_epi8(7));
	indices = _mm512_maddubs_epi16(indices, _mm512_set1_epi16(0x0801));
	indices = _mm512_madd_epi16(indices, _mm512_set1_epi32(0x00400001));
	indices = _mm512_or_si512(indices, _mm512_srli_epi64(indices, 20));
	if (endpoints == 1) {
		/* the lowest bit is the scale */
		a = _mm512_sub_epi8(high, _mm512_set1_epi8(1));
		a = _mm512_mask_mov_epi64(a, use_log, high);
		indices = _mm512_mask_mov_epi8(indices, 0x0808080808080808, a);
	} else {
		a = _mm512_mask_blend_epi64(use_log, low, high);
		b = _mm512_mask_blend_epi64(use_log, high, low);
		indices = _mm512_mask_mov_epi8(indices, 0x0808080808080808, a);
		indices = _mm512_mask_mov_epi8(indices, 0x1010101010101010, b);
	}
	return _mm512_permutexvar_epi8(pack, indices);
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

static inline_all void encode_runs_8(const struct asc_strip *strip, u32 values, u32 endpoints,
				     const u8 *src, u32 count, u8 *bits,
				     struct asc_cbr_stats *stats)
{
	const struct asc_block_format *f = strip->format;
	const __m512i pack = _mm512_loadu_si512(pack_8[endpoints - 1][log2_values(f)]);
	const __m512i sign = _mm512_set1_epi8(strip->dtype == FMC_S8 ? 0x80 : 0);
	const __m512i zero = _mm512_set1_epi8(f->zero);
	u32 bytes = endpoints + values * 3 / 8, at_once = 64 / values, i;
	struct counts counts = no_counts;

	for (i = 0; i < count; i += at_once) {
		u32 now = count - i < at_once ? count - i : at_once;
		__m512i v = _mm512_maskz_loadu_epi8(first_bytes(now * values), src + i * values);
		__m512i low, high;

		v = _mm512_xor_si512(v, sign);
		if (endpoints == 1) {
			low = _mm512_setzero_si512();
			high = _mm512_or_si512(greatest_8(_mm512_subs_epu8(v, zero), values),
					       _mm512_set1_epi8(1));
		} else {
			low = least_8(v, values);
			high = greatest_8(v, values);
		}
		v = encode_8(v, low, high, values, endpoints, strip->scales, zero, pack, now,
			     &counts);
		_mm512_mask_storeu_epi8(bits + i * bytes, first_bytes(now * bytes), v);
	}
	add_counts_8(&counts, count, stats);
}

/* Sixteen blocks of 4x4x1, two endpoints. */
static void encode_4x4_8(const struct asc_strip *strip, const u8 *src, u32 count, u8 *bits,
			 struct asc_cbr_stats *stats)
{
	const __m512i pack = _mm512_loadu_si512(pack_8[1][1]);
	const __m512i sign = _mm512_set1_epi8(strip->dtype == FMC_S8 ? 0x80 : 0);
	const __m512i zero = _mm512_setzero_si512();
	/* four rows of four blocks, from two vectors with two rows of eight blocks */
	const __m512i first = _mm512_set_epi32(27, 19, 11, 3, 26, 18, 10, 2,
					       25, 17, 9, 1, 24, 16, 8, 0);
	const __m512i second = _mm512_add_epi32(first, _mm512_set1_epi32(4));
	const __m512i to_lanes = _mm512_set_epi32(3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0);
	struct counts counts = no_counts;
	u32 i, k, r;

	for (i = 0; i < count; i += 16) {
		u32 now = count - i < 16 ? count - i : 16;
		__m512i row[4], v[4], low, high, a, b;

		for (r = 0; r < 4; r++) {
			row[r] = _mm512_maskz_loadu_epi8(first_bytes(4 * now),
							 src + 4 * i + r * strip->row);
			row[r] = _mm512_xor_si512(row[r], sign);
		}
		low = _mm512_min_epu8(_mm512_min_epu8(row[0], row[1]),
				      _mm512_min_epu8(row[2], row[3]));
		high = _mm512_max_epu8(_mm512_max_epu8(row[0], row[1]),
				       _mm512_max_epu8(row[2], row[3]));
		low = _mm512_min_epu8(low, _mm512_ror_epi32(low, 16));
		high = _mm512_max_epu8(high, _mm512_ror_epi32(high, 16));
		low = _mm512_min_epu8(low, _mm512_ror_epi32(low, 8));
		high = _mm512_max_epu8(high, _mm512_ror_epi32(high, 8));
		a = _mm512_shuffle_i64x2(row[0], row[1], 0x44);
		b = _mm512_shuffle_i64x2(row[2], row[3], 0x44);
		v[0] = _mm512_permutex2var_epi32(a, first, b);
		v[1] = _mm512_permutex2var_epi32(a, second, b);
		a = _mm512_shuffle_i64x2(row[0], row[1], 0xee);
		b = _mm512_shuffle_i64x2(row[2], row[3], 0xee);
		v[2] = _mm512_permutex2var_epi32(a, first, b);
		v[3] = _mm512_permutex2var_epi32(a, second, b);
		for (k = 0; k < 4 && 4 * k < now; k++) {
			u32 here = now - 4 * k < 4 ? now - 4 * k : 4;
			__m512i lane = _mm512_add_epi32(to_lanes, _mm512_set1_epi32(4 * k));

			a = encode_8(v[k], _mm512_permutexvar_epi32(lane, low),
				     _mm512_permutexvar_epi32(lane, high), 16, 2, strip->scales,
				     zero, pack, here, &counts);
			_mm512_mask_storeu_epi8(bits + 8 * (i + 4 * k), first_bytes(8 * here), a);
		}
	}
	add_counts_8(&counts, count, stats);
}

static u32 encode_slice_8(const struct asc_strip *strip, const u8 *src, u32 count, u8 *bits,
			  struct asc_cbr_stats *stats)
{
	u32 values = strip->format->values, endpoints = strip->format->endpoints;

	if (strip->w == 4 && strip->h == 4 && strip->c == 1 && endpoints == 2)
		encode_4x4_8(strip, src, count, bits, stats);
	else if (strip->w != values)
		return 0;
	else if (endpoints == 2 && values == 16)
		encode_runs_8(strip, 16, 2, src, count, bits, stats);
	else if (endpoints == 1 && values == 8)
		encode_runs_8(strip, 8, 1, src, count, bits, stats);
	else if (endpoints == 2)
		encode_runs_8(strip, values, 2, src, count, bits, stats);
	else
		encode_runs_8(strip, values, 1, src, count, bits, stats);
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
	u32 done = 0, now, ret;

	if (f->pooled || f->bits != 8 || !is_power_of_two(f->values))
		return 0;
	for (done = 0; done < count; done += now) {
		now = count - done < MAX_SLICE ? count - done : MAX_SLICE;
		ret = encode_slice_8(strip, src + done * strip->w, now,
				     bits + done * asc_block_bytes(f), stats);
		if (!ret)
			return done;
	}
	return count;
}

u32 asc_decode_avx512(const struct asc_strip *strip, const u8 *bits, u32 count, u8 *dst)
{
	const struct asc_block_format *f = strip->format;

	if (f->pooled || f->bits != 8 || !is_power_of_two(f->values))
		return 0;
	if (strip->w == 4 && strip->h == 4 && strip->c == 1 && f->endpoints == 2)
		decode_4x4_8(strip, bits, count, dst);
	else if (strip->w != f->values)
		return 0;
	else if (f->endpoints == 1)
		decode_runs_8(strip, 1, bits, count, dst);
	else
		decode_runs_8(strip, 2, bits, count, dst);
	return count;
}

#endif
