/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * ASC's search for endpoints: points and thresholds of sixteen pairs of ends, one in each word.
 */
#ifndef ASCDEV_CODEC_ASC_SEARCH_X86_H
#define ASCDEV_CODEC_ASC_SEARCH_X86_H

#include "asc_search.h"
#include "simd_x86.h"

#define inline_all inline __attribute__((__always_inline__))

/* Even words of one, odd words of another. */
#define EVEN_ODD(even, odd)	_mm256_blend_epi16(even, odd, 0xaa)

/* range * weight + 8 >> 4, with one weight for the linear scale and one for the other. */
static inline_all __m256i step_16(__m256i range, u32 linear, u32 log)
{
	__m256i weights = _mm256_set1_epi32(linear | log << 16);
	__m256i low = _mm256_mullo_epi16(range, weights);

	low = _mm256_and_si256(_mm256_srli_epi16(low, 3), _mm256_set1_epi16(1));
	return _mm256_add_epi16(low, _mm256_mulhi_epu16(range, _mm256_slli_epi16(weights, 12)));
}

/* Above the low end, but on the linear scale as far below the high one. */
static inline_all __m256i mirrored(__m256i low, __m256i high, __m256i step)
{
	return EVEN_ODD(_mm256_sub_epi16(high, step), _mm256_add_epi16(low, step));
}

/* See scale_points(). */
static inline_all void tried_points(const struct asc_tries *tries, __m256i *points)
{
	__m256i low = _mm256_loadu_si256((const __m256i *)tries->low);
	__m256i high = _mm256_loadu_si256((const __m256i *)tries->high);
	__m256i range = _mm256_sub_epi16(high, low);

	points[0] = low;
	points[1] = _mm256_add_epi16(low, step_16(range, 2, 1));
	points[2] = _mm256_add_epi16(low, step_16(range, 5, 2));
	points[3] = _mm256_add_epi16(low, step_16(range, 7, 4));
	points[4] = mirrored(low, high, step_16(range, 7, 6));
	points[5] = mirrored(low, high, step_16(range, 5, 8));
	points[6] = mirrored(low, high, step_16(range, 2, 12));
	points[7] = high;
}

/* See make_thresholds(): half of those, rounded down. */
static inline_all __m256i tried_threshold(const __m256i *points, u32 k)
{
	__m256i less = _mm256_xor_si256(points[k], points[k + 1]);
	const __m256i one = _mm256_set1_epi16(1);

	less = k & 1 ? _mm256_min_epu16(less, one) : _mm256_and_si256(less, one);
	return _mm256_sub_epi16(_mm256_avg_epu16(points[k], points[k + 1]), less);
}

#endif
