// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ASC-CBR with AVX2: integers, effort hw, in blocks of 8 and 16 values of 8 bits and of 16 and 32
 * values of 16 bits; the narrow profile in blocks of 8 values with one endpoint, and of 16 with
 * two.
 *
 * Values of 8 bits are worked on in eights, as their indices are stored: all eights of a block
 * carry its endpoints.  Blocks of 16 bits are worked on one by one.
 */

#include "asc_cbr.h"
#include "kernels.h"

#ifdef FMC_X86

#include "simd_x86.h"

#define inline_all inline __attribute__((__always_inline__))

/* Sums of 32 bits hold the squares of so many blocks. */
#define MAX_SLICE	2048

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

/* Both lanes alike, from the last byte. */
#define LANES(...)	_mm256_set_epi8(__VA_ARGS__, __VA_ARGS__)

/* Bytes of memory, 16 at most, and nothing behind them. */
static inline_all __m128i load_bytes(const u8 *p, u32 bytes)
{
	u64 low = 0, high = 0;

	memcpy(&low, p, bytes < 8 ? bytes : 8);
	if (bytes > 8)
		memcpy(&high, p + 8, bytes - 8);
	return _mm_set_epi64x(high, low);
}

static inline_all void store_bytes(u8 *p, u32 bytes, __m128i x)
{
	u64 low = _mm_cvtsi128_si64(x), high;

	memcpy(p, &low, bytes < 8 ? bytes : 8);
	if (bytes > 8) {
		high = _mm_extract_epi64(x, 1);
		memcpy(p + 8, &high, bytes - 8);
	}
}

/* A piece of a row into a lane, or back. */
static inline_all __m128i load_rows_4(const u8 *p, u64 row)
{
	u32 x[4];

	memcpy(&x[0], p, 4);
	memcpy(&x[1], p + row, 4);
	memcpy(&x[2], p + 2 * row, 4);
	memcpy(&x[3], p + 3 * row, 4);
	return _mm_set_epi32(x[3], x[2], x[1], x[0]);
}

static inline_all void store_rows_4(u8 *p, u64 row, __m128i v)
{
	u32 x[4] = { _mm_extract_epi32(v, 0), _mm_extract_epi32(v, 1), _mm_extract_epi32(v, 2),
		     _mm_extract_epi32(v, 3) };

	memcpy(p, &x[0], 4);
	memcpy(p + row, &x[1], 4);
	memcpy(p + 2 * row, &x[2], 4);
	memcpy(p + 3 * row, &x[3], 4);
}

static inline_all __m256i lanes(__m128i low, __m128i high)
{
	return _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
}

/*
 * The upper points of the linear scale are mirrored: of range R, R - (R * w + 8 >> 4) is
 * R * (16 - w) + 7 >> 4.
 */
#define WEIGHTS_LINEAR	0x100e0b0907050200ll
#define WEIGHTS_LOG	0x100c080604020100ll
#define BIAS_LINEAR	0x0707070708080808ll
#define BIAS_LOG	0x0808080808080808ll

/* The points of each eight, in its bytes. */
static inline_all __m256i points_8(__m256i low, __m256i range, __m256i weights, __m256i bias)
{
	const __m256i one = _mm256_set1_epi8(1);
	__m256i a, b;

	a = _mm256_maddubs_epi16(_mm256_unpacklo_epi8(range, one),
				 _mm256_unpacklo_epi8(weights, bias));
	b = _mm256_maddubs_epi16(_mm256_unpackhi_epi8(range, one),
				 _mm256_unpackhi_epi8(weights, bias));
	a = _mm256_packus_epi16(_mm256_srli_epi16(a, 4), _mm256_srli_epi16(b, 4));
	return _mm256_add_epi8(low, a);
}

/*
 * Eights to values.  Of each eight three bytes of indices stand in its first four bytes, and
 * again in its last four; @e0 and @e1 are its endpoints.
 */
static inline_all __m256i decode_8(__m256i x, __m256i e0, __m256i e1, u32 endpoints, __m256i zero,
				   __m256i sign)
{
	const __m256i one = _mm256_set1_epi8(1);
	__m256i low, high, linear, points;

	if (endpoints == 1) {
		linear = _mm256_cmpeq_epi8(_mm256_and_si256(e0, one), _mm256_setzero_si256());
		low = _mm256_setzero_si256();
		high = _mm256_or_si256(e0, one);
	} else {
		low = _mm256_min_epu8(e0, e1);
		high = _mm256_max_epu8(e0, e1);
		linear = _mm256_cmpeq_epi8(low, e0);
	}
	points = points_8(low, _mm256_sub_epi8(high, low),
			  _mm256_blendv_epi8(_mm256_set1_epi64x(WEIGHTS_LOG),
					     _mm256_set1_epi64x(WEIGHTS_LINEAR), linear),
			  _mm256_blendv_epi8(_mm256_set1_epi64x(BIAS_LOG),
					     _mm256_set1_epi64x(BIAS_LINEAR), linear));
	if (endpoints == 1)
		points = _mm256_adds_epu8(points, zero);
	points = _mm256_xor_si256(points, sign);
	/* 12 bits to each four bytes, 6 to each two, 3 to each */
	x = _mm256_srlv_epi32(x, _mm256_set1_epi64x(12ll << 32));
	x = _mm256_or_si256(_mm256_and_si256(x, _mm256_set1_epi32(0x3f)),
			    _mm256_and_si256(_mm256_slli_epi32(x, 10),
					     _mm256_set1_epi32(0x3f0000)));
	x = _mm256_or_si256(x, _mm256_slli_epi32(x, 5));
	x = _mm256_and_si256(x, _mm256_set1_epi8(7));
	/* the second eight of a lane has its points there */
	x = _mm256_or_si256(x, _mm256_set_epi64x(0x0808080808080808, 0, 0x0808080808080808, 0));
	return _mm256_shuffle_epi8(points, x);
}

/* Where the bytes of blocks go, for decode_8(): of one block of 16 values, two of 8. */
static inline_all __m256i unpack_8(u32 values, u32 e)
{
	u32 a = e, b = values == 16 ? e + 3 : 2 * e + 3;
	u64 low = (a | (a + 1) << 8 | (a + 2) << 16) * 0x100000001ull | 0x8000000080000000ull;
	u64 high = (b | (b + 1) << 8 | (b + 2) << 16) * 0x100000001ull | 0x8000000080000000ull;

	return _mm256_set_epi64x(high, low, high, low);
}

static inline_all __m256i end_bytes(u32 values, u32 e, u32 which)
{
	u64 low = which * 0x0101010101010101ull;
	u64 high = values == 16 ? low : low + (e + 3) * 0x0101010101010101ull;

	return _mm256_set_epi64x(high, low, high, low);
}

/* @count blocks; in rows of four if @rows, otherwise runs. */
static inline_all void decode_blocks_8(const struct asc_strip *strip, u32 values, u32 endpoints,
				       bool rows, const u8 *bits, u32 count, u8 *dst)
{
	const __m256i sign = _mm256_set1_epi8(strip->dtype == FMC_S8 ? 0x80 : 0);
	const __m256i zero = _mm256_set1_epi8(strip->format->zero);
	const __m256i unpack = unpack_8(values, endpoints);
	const __m256i first = end_bytes(values, endpoints, 0);
	const __m256i second = end_bytes(values, endpoints, endpoints - 1);
	u32 bytes = endpoints + values * 3 / 8, in_lane = 16 / values, i;

	for (i = 0; i < count; i += 2 * in_lane) {
		u32 left = count - i, now[2], k;
		__m128i half[2];
		__m256i x;

		now[0] = left < in_lane ? left : in_lane;
		left -= now[0];
		now[1] = left < in_lane ? left : in_lane;
		for (k = 0; k < 2; k++, bits += in_lane * bytes) {
			if (now[k] == in_lane)
				half[k] = load_bytes(bits, in_lane * bytes);
			else
				half[k] = now[k] ? load_bytes(bits, bytes) : _mm_setzero_si128();
		}
		x = lanes(half[0], half[1]);
		x = decode_8(_mm256_shuffle_epi8(x, unpack), _mm256_shuffle_epi8(x, first),
			     _mm256_shuffle_epi8(x, second), endpoints, zero, sign);
		half[0] = _mm256_castsi256_si128(x);
		half[1] = _mm256_extracti128_si256(x, 1);
		for (k = 0; k < 2; k++) {
			if (rows) {
				if (now[k])
					store_rows_4(dst + 4 * (i + k), strip->row, half[k]);
			} else if (now[k] == in_lane) {
				_mm_storeu_si128((__m128i *)(dst + (i + k * in_lane) * values),
						 half[k]);
			} else if (now[k]) {
				_mm_storel_epi64((__m128i *)(dst + (i + k * in_lane) * values),
						 half[k]);
			}
		}
	}
}

/**
 * struct counts - sums of errors
 * @abs: of absolute errors, 64 bits each
 * @squares: of squares; of 8 bits 32 bits each, enough for MAX_SLICE blocks, of 16 bits 64
 * @max: largest errors, as wide as values
 * @log: of 8 bits, eights on the log-linear scale, 64 bits each
 * @log_blocks: of 16 bits, blocks on that scale
 */
struct counts {
	__m256i abs, squares, max, log;
	u32 log_blocks;
};

static inline_all u64 sum_64(__m256i x)
{
	__m128i half = _mm_add_epi64(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));

	return _mm_cvtsi128_si64(half) + _mm_extract_epi64(half, 1);
}

/* Words of 32 bits without sign as sums of 64. */
static inline_all __m256i add_halves(__m256i sums, __m256i x)
{
	x = _mm256_add_epi64(_mm256_and_si256(x, _mm256_set1_epi64x(0xffffffff)),
			     _mm256_srli_epi64(x, 32));
	return _mm256_add_epi64(sums, x);
}

/* The greatest of words of 16 bits. */
static inline_all u32 greatest_word(__m256i x)
{
	__m128i half = _mm_max_epu16(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));

	/* there is an instruction for the least */
	half = _mm_minpos_epu16(_mm_xor_si128(half, _mm_set1_epi16(-1)));
	return ~_mm_cvtsi128_si32(half) & 0xffff;
}

static void add_counts(const struct asc_strip *strip, u64 abs, u64 squares, u32 max, u32 log,
		       u32 blocks, struct asc_cbr_stats *stats)
{
	if (strip->scales == 1u << ASC_SCALE_LOG)
		log = blocks;
	stats->log_blocks += log;
	stats->linear_blocks += blocks - log;
	stats->sum_abs_error += abs;
	stats->sum_sq_error += squares;
	if (max > stats->max_abs_error)
		stats->max_abs_error = max;
	stats->error_exponent = 0;
}

/*
 * A value is above so many midpoints, see make_thresholds(), each rounded down: of the points
 * below and above, (a + b) / 2 if the lower one is even, (a + b - 1) / 2 otherwise, but a
 * where they are equal.  In the order in which indices_8() looks at them: 0, 2, 4, 6; 1, 5; 3.
 */
static inline_all __m256i thresholds_8(__m256i points)
{
	const __m256i order = _mm256_set_epi32(0x0f0b0d09, 0x0e0c0a08, 0x07030501, 0x06040200,
					       0x0f0b0d09, 0x0e0c0a08, 0x07030501, 0x06040200);
	__m256i next = _mm256_srli_epi64(points, 8);
	__m256i less = _mm256_and_si256(_mm256_xor_si256(points, next),
					_mm256_set1_epi64x(0x0001ff01ff01ff01));

	less = _mm256_min_epu8(less, _mm256_set1_epi8(1));
	next = _mm256_sub_epi8(_mm256_avg_epu8(points, next), less);
	return _mm256_shuffle_epi8(next, order);
}

/* 1 where a value is above a threshold. */
static inline_all __m256i is_above(__m256i value, __m256i threshold)
{
	return _mm256_min_epu8(_mm256_subs_epu8(value, threshold), _mm256_set1_epi8(1));
}

/* Indices of values by bisection, and the first byte of their points. */
static inline_all __m256i indices_8(__m256i values, __m256i thresholds, __m256i base)
{
	__m256i at, bit, t;

	t = _mm256_shuffle_epi8(thresholds, _mm256_or_si256(base, _mm256_set1_epi8(6)));
	at = is_above(values, t);
	t = _mm256_or_si256(_mm256_or_si256(at, base), _mm256_set1_epi8(4));
	bit = is_above(values, _mm256_shuffle_epi8(thresholds, t));
	at = _mm256_add_epi8(_mm256_add_epi8(at, at), bit);
	bit = is_above(values, _mm256_shuffle_epi8(thresholds, _mm256_or_si256(at, base)));
	return _mm256_or_si256(_mm256_add_epi8(_mm256_add_epi8(at, at), bit), base);
}

#define SWAP_4		11, 10, 9, 8, 15, 14, 13, 12, 3, 2, 1, 0, 7, 6, 5, 4
#define SWAP_2		13, 12, 15, 14, 9, 8, 11, 10, 5, 4, 7, 6, 1, 0, 3, 2
#define SWAP_1		14, 15, 12, 13, 10, 11, 8, 9, 6, 7, 4, 5, 2, 3, 0, 1

static inline_all __m256i least_8(__m256i v, u32 values)
{
	if (values == 16)
		v = _mm256_min_epu8(v, _mm256_shuffle_epi32(v, 0x4e));
	v = _mm256_min_epu8(v, _mm256_shuffle_epi8(v, LANES(SWAP_4)));
	v = _mm256_min_epu8(v, _mm256_shuffle_epi8(v, LANES(SWAP_2)));
	return _mm256_min_epu8(v, _mm256_shuffle_epi8(v, LANES(SWAP_1)));
}

static inline_all __m256i greatest_8(__m256i v, u32 values)
{
	if (values == 16)
		v = _mm256_max_epu8(v, _mm256_shuffle_epi32(v, 0x4e));
	v = _mm256_max_epu8(v, _mm256_shuffle_epi8(v, LANES(SWAP_4)));
	v = _mm256_max_epu8(v, _mm256_shuffle_epi8(v, LANES(SWAP_2)));
	return _mm256_max_epu8(v, _mm256_shuffle_epi8(v, LANES(SWAP_1)));
}

static inline_all void count_8(struct counts *c, __m256i v, __m256i decoded, __m256i inside)
{
	__m256i e = _mm256_sub_epi8(_mm256_max_epu8(v, decoded), _mm256_min_epu8(v, decoded));
	__m256i even, odd;

	e = _mm256_and_si256(e, inside);
	even = _mm256_and_si256(e, _mm256_set1_epi16(0xff));
	odd = _mm256_srli_epi16(e, 8);
	c->max = _mm256_max_epu8(c->max, e);
	c->abs = _mm256_add_epi64(c->abs, _mm256_sad_epu8(e, _mm256_setzero_si256()));
	c->squares = _mm256_add_epi32(c->squares, _mm256_madd_epi16(even, even));
	c->squares = _mm256_add_epi32(c->squares, _mm256_madd_epi16(odd, odd));
}

/**
 * struct job - what an encoder needs
 * @values: in a block
 * @endpoints: 1 or 2
 * @scales: as for asc_block_encode()
 * @sign: what makes values of the type unsigned numbers
 * @zero: zero point
 * @narrow: the format, if it is of the narrow profile; otherwise NULL
 */
struct job {
	u32 values, endpoints, scales;
	const struct asc_block_format *narrow;
	__m256i sign, zero;
};

/* -1 in all of an eight, or of a block, if the log-linear scale has less error. */
static inline_all __m256i prefer_log(const struct job *job, __m256i linear, __m256i log)
{
	__m256i x = _mm256_sub_epi64(log, linear);

	if (job->scales != (1u << ASC_SCALE_LINEAR | 1u << ASC_SCALE_LOG))
		return _mm256_set1_epi8(job->scales & 1u << ASC_SCALE_LOG ? -1 : 0);
	if (job->values == 16)
		x = _mm256_add_epi64(x, _mm256_shuffle_epi32(x, 0x4e));
	return _mm256_cmpgt_epi64(_mm256_setzero_si256(), x);
}

/* Eights of values to, in each, three bytes of indices and the endpoints. */
static inline_all __m256i encode_8(const struct job *job, __m256i v, __m256i inside,
				   struct counts *counts)
{
	const __m256i odd = _mm256_set_epi64x(0x0808080808080808, 0, 0x0808080808080808, 0);
	const __m256i one = _mm256_set1_epi8(1);
	__m256i numbers = job->endpoints == 1 ? _mm256_subs_epu8(v, job->zero) : v;
	__m256i low, high, range, points, log_points, linear, log, a, b, use_log;

	low = job->endpoints == 1 ? _mm256_setzero_si256() : least_8(v, job->values);
	high = greatest_8(numbers, job->values);
	if (job->endpoints == 1)
		high = _mm256_or_si256(high, one);
	range = _mm256_sub_epi8(high, low);
	if (job->values == 16) {
		/* both scales side by side, as both eights have one range */
		points = points_8(low, range,
				  _mm256_set_epi64x(WEIGHTS_LOG, WEIGHTS_LINEAR, WEIGHTS_LOG,
						    WEIGHTS_LINEAR),
				  _mm256_set_epi64x(BIAS_LOG, BIAS_LINEAR, BIAS_LOG, BIAS_LINEAR));
		log_points = points;
		a = thresholds_8(points);
		linear = indices_8(numbers, a, _mm256_setzero_si256());
		log = indices_8(numbers, a, _mm256_set1_epi8(8));
	} else {
		points = points_8(low, range, _mm256_set1_epi64x(WEIGHTS_LINEAR),
				  _mm256_set1_epi64x(BIAS_LINEAR));
		log_points = points_8(low, range, _mm256_set1_epi64x(WEIGHTS_LOG),
				      _mm256_set1_epi64x(BIAS_LOG));
		linear = indices_8(numbers, thresholds_8(points), odd);
		log = indices_8(numbers, thresholds_8(log_points), odd);
	}
	a = _mm256_shuffle_epi8(points, linear);
	b = _mm256_shuffle_epi8(log_points, log);
	use_log = prefer_log(job, _mm256_sad_epu8(numbers, a), _mm256_sad_epu8(numbers, b));
	linear = _mm256_blendv_epi8(linear, log, use_log);
	a = _mm256_blendv_epi8(a, b, use_log);
	if (job->endpoints == 1)
		a = _mm256_adds_epu8(a, job->zero);
	counts->log = _mm256_sub_epi64(counts->log, use_log);
	count_8(counts, v, a, inside);
	/* three bits each */
	a = _mm256_and_si256(linear, _mm256_set1_epi8(7));
	a = _mm256_maddubs_epi16(a, _mm256_set1_epi16(0x0801));
	a = _mm256_madd_epi16(a, _mm256_set1_epi32(0x00400001));
	a = _mm256_or_si256(a, _mm256_srli_epi64(a, 20));
	a = _mm256_and_si256(a, _mm256_set1_epi64x(0xffffff));
	if (job->endpoints == 1) {
		/* the lowest bit is the scale */
		b = _mm256_blendv_epi8(_mm256_sub_epi8(high, one), high, use_log);
	} else {
		b = _mm256_blendv_epi8(high, low, use_log);
		b = _mm256_and_si256(b, _mm256_set1_epi64x(0xff00000000));
		a = _mm256_or_si256(a, b);
		b = _mm256_blendv_epi8(low, high, use_log);
	}
	return _mm256_or_si256(a, _mm256_and_si256(b, _mm256_set1_epi64x(0xff000000)));
}

/* Where bytes of blocks are, after encode_8(). */
static inline_all __m256i pack_8(u32 values, u32 endpoints)
{
	if (values == 16 && endpoints == 2)
		return LANES(-1, -1, -1, -1, -1, -1, -1, -1, 10, 9, 8, 2, 1, 0, 4, 3);
	if (values == 16)
		return LANES(-1, -1, -1, -1, -1, -1, -1, -1, -1, 10, 9, 8, 2, 1, 0, 3);
	if (endpoints == 2)
		return LANES(-1, -1, -1, -1, -1, -1, 10, 9, 8, 12, 11, 2, 1, 0, 4, 3);
	return LANES(-1, -1, -1, -1, -1, -1, -1, -1, 10, 9, 8, 11, 2, 1, 0, 3);
}

static inline_all void encode_blocks_8(const struct asc_strip *strip, u32 values, u32 endpoints,
				       bool rows, const u8 *src, u32 count, u8 *bits,
				       struct asc_cbr_stats *stats)
{
	u32 bytes = endpoints + values * 3 / 8, in_lane = 16 / values, i;
	const __m256i pack = pack_8(values, endpoints);
	const __m256i none = _mm256_setzero_si256();
	struct counts c = { none, none, none, none, 0 };
	struct job job = { .values = values, .endpoints = endpoints, .scales = strip->scales };

	job.zero = _mm256_set1_epi8(strip->format->zero);
	job.sign = _mm256_set1_epi8(strip->dtype == FMC_S8 ? 0x80 : 0);
	for (i = 0; i < count; i += 2 * in_lane) {
		u32 left = count - i, now[2], k;
		__m128i half[2], here[2];
		__m256i x;

		now[0] = left < in_lane ? left : in_lane;
		left -= now[0];
		now[1] = left < in_lane ? left : in_lane;
		for (k = 0; k < 2; k++) {
			const u8 *p = src + (i + k * in_lane) * (rows ? 4 : values);

			here[k] = _mm_set1_epi8(-1);
			if (now[k] == in_lane) {
				half[k] = rows ? load_rows_4(p, strip->row) :
						 _mm_loadu_si128((const __m128i *)p);
			} else {
				here[k] = _mm_set_epi64x(0, now[k] ? -1 : 0);
				half[k] = now[k] ? _mm_loadl_epi64((const __m128i *)p) :
						   _mm_setzero_si128();
			}
		}
		x = _mm256_xor_si256(lanes(half[0], half[1]), job.sign);
		if (now[1] < in_lane)
			x = _mm256_blendv_epi8(job.zero, x, lanes(here[0], here[1]));
		x = _mm256_shuffle_epi8(encode_8(&job, x, lanes(here[0], here[1]), &c), pack);
		half[0] = _mm256_castsi256_si128(x);
		half[1] = _mm256_extracti128_si256(x, 1);
		for (k = 0; k < 2; k++, bits += in_lane * bytes) {
			if (now[k] == in_lane)
				store_bytes(bits, in_lane * bytes, half[k]);
			else if (now[k])
				store_bytes(bits, bytes, half[k]);
		}
	}
	add_counts(strip, sum_64(c.abs), sum_64(add_halves(none, c.squares)),
		   greatest_word(_mm256_max_epu16(_mm256_srli_epi16(c.max, 8),
						  _mm256_and_si256(c.max,
								   _mm256_set1_epi16(0xff)))),
		   sum_64(c.log) * 8 / values, count, stats);
}

/* Of 16 bits: what is above the low end, or for points with FROM_HIGH below the high one. */
#define STEPS_LINEAR	_mm_set_epi16(0, 2, 5, 7, 7, 5, 2, 0)
#define STEPS_LOG	_mm_set_epi16(0, 12, 8, 6, 4, 2, 1, 0)
#define FROM_HIGH_LINEAR	0xf0
#define FROM_HIGH_LOG		0x80

static inline_all __m128i steps_16(__m128i range, __m128i weights)
{
	__m128i x = _mm_and_si128(_mm_srli_epi16(_mm_mullo_epi16(range, weights), 3),
				  _mm_set1_epi16(1));

	return _mm_add_epi16(x, _mm_mulhi_epu16(range, _mm_slli_epi16(weights, 12)));
}

static inline_all __m128i points_16(__m128i low, __m128i high, bool log)
{
	__m128i range = _mm_sub_epi16(high, low), steps;

	steps = steps_16(range, log ? STEPS_LOG : STEPS_LINEAR);
	return log ? _mm_blend_epi16(_mm_add_epi16(low, steps), high, FROM_HIGH_LOG) :
		     _mm_blend_epi16(_mm_add_epi16(low, steps), _mm_sub_epi16(high, steps),
				     FROM_HIGH_LINEAR);
}

/* As thresholds_8(), in the order of the points, for signed comparison. */
static inline_all __m128i thresholds_16(__m128i points)
{
	__m128i next = _mm_bsrli_si128(points, 2);
	__m128i less = _mm_and_si128(_mm_xor_si128(points, next),
				     _mm_set_epi16(0, 1, -1, 1, -1, 1, -1, 1));

	less = _mm_min_epu16(less, _mm_set1_epi16(1));
	next = _mm_sub_epi16(_mm_avg_epu16(points, next), less);
	return _mm_xor_si128(next, _mm_set1_epi16(-0x8000));
}

static inline_all __m256i word_bytes(__m256i index)
{
	return _mm256_add_epi16(_mm256_mullo_epi16(index, _mm256_set1_epi16(0x0202)),
				_mm256_set1_epi16(0x0100));
}

static inline_all __m256i take_points(__m128i points, __m256i index)
{
	return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(points), word_bytes(index));
}

/* Vectors of values to indices; a block has @vectors of them. */
static inline_all void indices_16(const __m256i *numbers, u32 vectors, __m128i points,
				  __m256i *index)
{
	const __m256i flip = _mm256_set1_epi16(-0x8000);
	__m128i t = thresholds_16(points);
	u32 i, k;

	for (i = 0; i < vectors; i++)
		index[i] = _mm256_setzero_si256();
#pragma GCC unroll 8
	for (k = 0; k < ASC_POINTS - 1; k++) {
		__m256i threshold = _mm256_broadcastw_epi16(t);

		for (i = 0; i < vectors; i++)
			index[i] = _mm256_sub_epi16(index[i],
						    _mm256_cmpgt_epi16(_mm256_xor_si256(numbers[i],
											flip),
								       threshold));
		t = _mm_bsrli_si128(t, 2);
	}
}

static inline_all __m256i difference_16(__m256i a, __m256i b)
{
	return _mm256_sub_epi16(_mm256_max_epu16(a, b), _mm256_min_epu16(a, b));
}

static inline_all s32 sum_32(__m256i x)
{
	__m128i half = _mm_add_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));

	half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4e));
	return _mm_cvtsi128_si32(_mm_add_epi32(half, _mm_shuffle_epi32(half, 0xb1)));
}

/* Errors of 16 bits, whose squares have 32; of eight values that are there @twice. */
static inline_all void count_16(struct counts *c, __m256i v, __m256i decoded, bool twice)
{
	__m256i e = difference_16(v, decoded), even, odd;

	if (twice)
		e = _mm256_zextsi128_si256(_mm256_castsi256_si128(e));
	even = _mm256_and_si256(e, _mm256_set1_epi32(0xffff));
	odd = _mm256_srli_epi32(e, 16);
	c->max = _mm256_max_epu16(c->max, e);
	c->abs = add_halves(c->abs, _mm256_add_epi32(even, odd));
	c->squares = add_halves(c->squares, _mm256_mullo_epi32(even, even));
	c->squares = add_halves(c->squares, _mm256_mullo_epi32(odd, odd));
}

/* Three bits each of 8 words to the first three bytes of each lane. */
static inline_all __m256i pack_16(__m256i index)
{
	index = _mm256_madd_epi16(index, _mm256_set1_epi32(0x00080001));
	index = _mm256_or_si256(index, _mm256_srli_epi64(index, 26));
	return _mm256_or_si256(index, _mm256_slli_epi32(_mm256_bsrli_epi128(index, 8), 12));
}

static inline_all u32 three_bytes(__m128i x)
{
	return _mm_cvtsi128_si32(x) & 0xffffff;
}

static inline_all u64 six_bytes(__m256i index)
{
	__m256i x = pack_16(index);

	return three_bytes(_mm256_castsi256_si128(x)) |
	       (u64)three_bytes(_mm256_extracti128_si256(x, 1)) << 24;
}

/* How much more error one has than the other, in words of 32 bits. */
static inline_all __m256i more_error(__m256i v, __m256i a, __m256i b, bool large)
{
	const __m256i low = _mm256_set1_epi32(0xffff);

	a = difference_16(v, a);
	b = difference_16(v, b);
	/* errors to the nearest of points that reach over all values are below 2^14 */
	if (!large)
		return _mm256_madd_epi16(_mm256_sub_epi16(a, b), _mm256_set1_epi16(1));
	a = _mm256_add_epi32(_mm256_and_si256(a, low), _mm256_srli_epi32(a, 16));
	b = _mm256_add_epi32(_mm256_and_si256(b, low), _mm256_srli_epi32(b, 16));
	return _mm256_sub_epi32(a, b);
}

/* One block; @v are its values as unsigned numbers. */
static inline_all void encode_16(const struct job *job, const __m256i *v, u8 *bits,
				 struct counts *counts)
{
	u32 vectors = job->values == 32 ? 2 : 1, low = 0, high, first, second, i;
	__m256i numbers[2], linear[2], log[2], greatest, least, a[2], b[2], more;
	__m128i points[2];
	u64 ends, indices;
	bool use_log;

	for (i = 0; i < vectors; i++)
		numbers[i] = job->endpoints == 1 ? _mm256_subs_epu16(v[i], job->zero) : v[i];
	greatest = vectors == 2 ? _mm256_max_epu16(numbers[0], numbers[1]) : numbers[0];
	high = greatest_word(greatest);
	if (job->endpoints == 1) {
		high |= !job->narrow;
	} else {
		__m128i half;

		least = vectors == 2 ? _mm256_min_epu16(numbers[0], numbers[1]) : numbers[0];
		half = _mm_min_epu16(_mm256_castsi256_si128(least),
				     _mm256_extracti128_si256(least, 1));
		low = _mm_cvtsi128_si32(_mm_minpos_epu16(half)) & 0xffff;
	}
	if (job->narrow && job->endpoints == 2)
		low = asc_narrow_number(job->narrow, asc_narrow_code(job->narrow, low));
	if (job->narrow)
		high = asc_narrow_number(job->narrow, asc_narrow_code(job->narrow, high));
	points[0] = points_16(_mm_set1_epi16(low), _mm_set1_epi16(high), false);
	points[1] = points_16(_mm_set1_epi16(low), _mm_set1_epi16(high), true);
	indices_16(numbers, vectors, points[0], linear);
	indices_16(numbers, vectors, points[1], log);
	more = _mm256_setzero_si256();
	for (i = 0; i < vectors; i++) {
		a[i] = take_points(points[0], linear[i]);
		b[i] = take_points(points[1], log[i]);
		more = _mm256_add_epi32(more, more_error(numbers[i], b[i], a[i], job->narrow));
	}
	use_log = sum_32(more) < 0;
	if (job->scales != (1u << ASC_SCALE_LINEAR | 1u << ASC_SCALE_LOG))
		use_log = job->scales & 1u << ASC_SCALE_LOG;
	for (i = 0; i < vectors; i++) {
		__m256i mask = _mm256_set1_epi32(use_log ? -1 : 0);

		linear[i] = _mm256_blendv_epi8(linear[i], log[i], mask);
		a[i] = _mm256_blendv_epi8(a[i], b[i], mask);
		if (job->endpoints == 1)
			a[i] = _mm256_adds_epu16(a[i], job->zero);
		count_16(counts, v[i], a[i], job->values == 8);
	}
	counts->log_blocks += use_log;
	if (job->narrow && job->endpoints == 1) {
		indices = six_bytes(linear[0]) << 8;
		indices |= asc_narrow_code(job->narrow, high) | use_log;
		memcpy(bits, &indices, 4);
		return;
	}
	if (job->narrow) {
		/* what was rounded may have another code of the same number */
		low = asc_narrow_code(job->narrow, low);
		high = asc_narrow_code(job->narrow, high);
		ends = (use_log ? high | low << 8 : low | high << 8) | six_bytes(linear[0]) << 16;
		memcpy(bits, &ends, 8);
		return;
	}
	first = job->endpoints == 1 ? high - !use_log : use_log ? high : low;
	second = use_log ? low : high;
	ends = job->endpoints == 1 ? first : first | second << 16;
	for (i = 0; i < vectors; i++) {
		indices = six_bytes(linear[i]);
		/* the first 8 bytes hold the endpoints and what follows */
		if (!i) {
			ends |= indices << (16 * job->endpoints);
			memcpy(bits, &ends, 8);
			memcpy(bits + 2 * job->endpoints, &indices, 6);
		} else {
			memcpy(bits + 2 * job->endpoints + 6, &indices, 6);
		}
	}
}

static inline_all __m256i sign_16(const struct asc_strip *strip)
{
	return _mm256_set1_epi16(strip->dtype == FMC_S16 ? 0x8000 : 0);
}

/* Sixteen values from a row or rows of four or eight; or eight from a row, twice. */
static inline_all __m256i load_16(const u8 *p, u64 row, u32 w, u32 values)
{
	if (values == 8)
		return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)p));
	if (!w)
		return _mm256_loadu_si256((const __m256i *)p);
	if (w == 8)
		return lanes(_mm_loadu_si128((const __m128i *)p),
			     _mm_loadu_si128((const __m128i *)(p + row)));
	return lanes(_mm_unpacklo_epi64(_mm_loadl_epi64((const __m128i *)p),
					_mm_loadl_epi64((const __m128i *)(p + row))),
		     _mm_unpacklo_epi64(_mm_loadl_epi64((const __m128i *)(p + 2 * row)),
					_mm_loadl_epi64((const __m128i *)(p + 3 * row))));
}

static inline_all void store_16(u8 *p, u64 row, u32 w, u32 values, __m256i x)
{
	__m128i low = _mm256_castsi256_si128(x), high = _mm256_extracti128_si256(x, 1);

	if (values == 8) {
		_mm_storeu_si128((__m128i *)p, low);
	} else if (!w) {
		_mm256_storeu_si256((__m256i *)p, x);
	} else if (w == 8) {
		_mm_storeu_si128((__m128i *)p, low);
		_mm_storeu_si128((__m128i *)(p + row), high);
	} else {
		_mm_storel_epi64((__m128i *)p, low);
		_mm_storel_epi64((__m128i *)(p + row), _mm_unpackhi_epi64(low, low));
		_mm_storel_epi64((__m128i *)(p + 2 * row), high);
		_mm_storel_epi64((__m128i *)(p + 3 * row), _mm_unpackhi_epi64(high, high));
	}
}

/* Where the second vector of a block is. */
static inline_all u64 second_vector(const struct asc_strip *strip, u32 w)
{
	return w ? 2 * strip->row : 32;
}

static inline_all void encode_blocks_16(const struct asc_strip *strip, u32 w, u32 values,
					u32 endpoints, bool narrow, const u8 *src, u32 count,
					u8 *bits, struct asc_cbr_stats *stats)
{
	u32 bytes = (narrow ? 1 : 2) * endpoints + values * 3 / 8, step = 2 * (w ? w : values), i;
	const __m256i none = _mm256_setzero_si256();
	struct counts c = { none, none, none, none, 0 };
	struct job job = { .values = values, .endpoints = endpoints, .scales = strip->scales };

	job.zero = _mm256_set1_epi16(strip->format->zero);
	job.narrow = narrow ? strip->format : NULL;
	job.sign = sign_16(strip);
	for (i = 0; i < count; i++, src += step, bits += bytes) {
		__m256i v[2];

		v[0] = _mm256_xor_si256(load_16(src, strip->row, w, values), job.sign);
		if (values == 32)
			v[1] = _mm256_xor_si256(load_16(src + second_vector(strip, w), strip->row,
							w, values), job.sign);
		encode_16(&job, v, bits, &c);
	}
	add_counts(strip, sum_64(c.abs), sum_64(c.squares), greatest_word(c.max), c.log_blocks,
		   count, stats);
}

/* Six bytes of indices to values. */
static inline_all __m256i decode_16(u64 indices, __m128i points)
{
	__m256i x = lanes(_mm_set1_epi32((u32)indices & 0xffffff),
			  _mm_set1_epi32(indices >> 24 & 0xffffff));

	x = _mm256_srlv_epi32(x, _mm256_set_epi32(18, 12, 6, 0, 18, 12, 6, 0));
	x = _mm256_and_si256(x, _mm256_set1_epi32(0x3f));
	x = _mm256_or_si256(x, _mm256_slli_epi32(x, 13));
	return take_points(points, _mm256_and_si256(x, _mm256_set1_epi16(7)));
}

static inline_all void decode_blocks_16(const struct asc_strip *strip, u32 w, u32 values,
					u32 endpoints, bool narrow, const u8 *bits, u32 count,
					u8 *dst)
{
	u32 bytes = (narrow ? 1 : 2) * endpoints + values * 3 / 8, step = 2 * (w ? w : values), i;
	const __m128i zero = _mm_set1_epi16(strip->format->zero);
	const __m128i sign = _mm256_castsi256_si128(sign_16(strip));

	for (i = 0; i < count; i++, dst += step, bits += bytes) {
		__m128i x = load_bytes(bits, bytes), e0, e1, points;
		u64 first = _mm_cvtsi128_si64(x), second = _mm_extract_epi64(x, 1);

		if (narrow && endpoints == 1) {
			e1 = _mm_set1_epi16(asc_narrow_number(strip->format, first & 0xff));
			points = points_16(_mm_setzero_si128(), e1, first & 1);
			points = _mm_adds_epu16(points, zero);
			first >>= 8;
		} else if (narrow) {
			u32 low = first & 0xff, high = first >> 8 & 0xff;
			bool log = low > high;

			e0 = _mm_set1_epi16(asc_narrow_number(strip->format, log ? high : low));
			e1 = _mm_set1_epi16(asc_narrow_number(strip->format, log ? low : high));
			points = points_16(e0, e1, log);
			first >>= 16;
		} else if (endpoints == 1) {
			u32 high = first | 1;

			points = points_16(_mm_setzero_si128(), _mm_set1_epi16(high), first & 1);
			points = _mm_adds_epu16(points, zero);
			first >>= 16;
		} else {
			bool log = (u16)first > (u16)(first >> 16);

			e0 = _mm_set1_epi16(first);
			e1 = _mm_set1_epi16(first >> 16);
			points = points_16(_mm_min_epu16(e0, e1), _mm_max_epu16(e0, e1), log);
			first = first >> 32 | second << 32;
			second >>= 16;
		}
		points = _mm_xor_si128(points, sign);
		store_16(dst, strip->row, w, values, decode_16(first, points));
		if (values == 32)
			store_16(dst + second_vector(strip, w), strip->row, w, values,
				 decode_16(second, points));
	}
}

#define CODE_8(name, values, endpoints, rows)						\
static noinline void encode_##name(const struct asc_strip *strip, const u8 *src, u32 count, \
				   u8 *bits, struct asc_cbr_stats *stats)		\
{											\
	encode_blocks_8(strip, values, endpoints, rows, src, count, bits, stats);	\
}											\
static noinline void decode_##name(const struct asc_strip *strip, const u8 *bits, u32 count, \
				   u8 *dst)						\
{											\
	decode_blocks_8(strip, values, endpoints, rows, bits, count, dst);		\
}

#define CODE_16(name, w, values, endpoints, narrow)					\
static noinline void encode_##name(const struct asc_strip *strip, const u8 *src, u32 count, \
				   u8 *bits, struct asc_cbr_stats *stats)		\
{											\
	encode_blocks_16(strip, w, values, endpoints, narrow, src, count, bits, stats);	\
}											\
static noinline void decode_##name(const struct asc_strip *strip, const u8 *bits, u32 count, \
				   u8 *dst)						\
{											\
	decode_blocks_16(strip, w, values, endpoints, narrow, bits, count, dst);	\
}

CODE_8(4x4_two, 16, 2, true)
CODE_8(16_two, 16, 2, false)
CODE_8(16_one, 16, 1, false)
CODE_8(8_two, 8, 2, false)
CODE_8(8_one, 8, 1, false)
CODE_16(wide_8x4_two, 8, 32, 2, false)
CODE_16(wide_32_two, 0, 32, 2, false)
CODE_16(wide_16_two, 0, 16, 2, false)
CODE_16(wide_4x4_one, 4, 16, 1, false)
CODE_16(wide_16_one, 0, 16, 1, false)
CODE_16(narrow_4x4_two, 4, 16, 2, true)
CODE_16(narrow_16_two, 0, 16, 2, true)
CODE_16(narrow_8_one, 0, 8, 1, true)

/**
 * struct coder - functions for one kind of blocks
 * @bits: of a value
 * @values: in a block
 * @endpoints: of a block
 * @w: values in a row, four rows; 0 for a run
 * @narrow: of the narrow profile
 * @encode: encode at most MAX_SLICE blocks
 * @decode: decode any number
 */
struct coder {
	u8 bits, values, endpoints, w;
	bool narrow;
	void (*encode)(const struct asc_strip *strip, const u8 *src, u32 count, u8 *bits,
		       struct asc_cbr_stats *stats);
	void (*decode)(const struct asc_strip *strip, const u8 *bits, u32 count, u8 *dst);
};

static const struct coder coders[] = {
	{ 8, 16, 2, 4, false, encode_4x4_two, decode_4x4_two },
	{ 8, 16, 2, 0, false, encode_16_two, decode_16_two },
	{ 8, 16, 1, 0, false, encode_16_one, decode_16_one },
	{ 8, 8, 2, 0, false, encode_8_two, decode_8_two },
	{ 8, 8, 1, 0, false, encode_8_one, decode_8_one },
	{ 16, 32, 2, 8, false, encode_wide_8x4_two, decode_wide_8x4_two },
	{ 16, 32, 2, 0, false, encode_wide_32_two, decode_wide_32_two },
	{ 16, 16, 2, 0, false, encode_wide_16_two, decode_wide_16_two },
	{ 16, 16, 1, 4, false, encode_wide_4x4_one, decode_wide_4x4_one },
	{ 16, 16, 1, 0, false, encode_wide_16_one, decode_wide_16_one },
	{ 16, 16, 2, 4, true, encode_narrow_4x4_two, decode_narrow_4x4_two },
	{ 16, 16, 2, 0, true, encode_narrow_16_two, decode_narrow_16_two },
	{ 16, 8, 1, 0, true, encode_narrow_8_one, decode_narrow_8_one },
};

static const struct coder *find_coder(const struct asc_strip *strip)
{
	const struct asc_block_format *f = strip->format;
	u32 i;

	if (f->pooled || f->kind != ASC_INTEGER || strip->order)
		return NULL;
	for (i = 0; i < COUNT(coders); i++) {
		const struct coder *c = &coders[i];

		if (c->narrow == f->narrow && c->bits == f->bits && c->values == f->values &&
		    c->endpoints == f->endpoints &&
		    (c->w ? strip->w == c->w && strip->h == 4 && strip->c == 1 :
			    strip->w == f->values))
			return c;
	}
	return NULL;
}

u32 asc_decode_avx2(const struct asc_strip *strip, const u8 *bits, u32 count, u8 *dst)
{
	const struct coder *coder = find_coder(strip);

	if (!coder)
		return 0;
	count = count < strip->across ? count : strip->across;
	coder->decode(strip, bits, count, dst);
	return count;
}

u32 asc_encode_avx2(const struct asc_strip *strip, const u8 *src, u32 count, u8 *bits,
		    struct asc_cbr_stats *stats)
{
	const struct coder *coder = find_coder(strip);
	const struct asc_block_format *f = strip->format;
	u32 done, now;

	if (!coder)
		return 0;
	count = count < strip->across ? count : strip->across;
	for (done = 0; done < count; done += now) {
		now = count - done < MAX_SLICE ? count - done : MAX_SLICE;
		coder->encode(strip, src + (u64)done * strip->w * (f->bits / 8), now,
			      bits + (u64)done * asc_block_bytes(f), stats);
	}
	return count;
}

#endif
