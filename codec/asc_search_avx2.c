// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ASC's search for endpoints with AVX2: each value is compared with the thresholds of sixteen
 * pairs of ends at once.
 */

#include "kernels.h"

#ifdef FMC_X86

#include "asc_search_x86.h"

/* Where signed comparison puts unsigned numbers. */
static inline_all __m256i flip(__m256i x)
{
	return _mm256_xor_si256(x, _mm256_set1_epi16(-0x8000));
}

/* Errors of one value. */
static inline_all __m256i errors(const __m256i *points, const __m256i *thresholds, u32 value)
{
	__m256i x = flip(_mm256_set1_epi16(value)), p = points[0];
	u32 k;

#pragma GCC unroll 8
	for (k = 0; k < ASC_POINTS - 1; k++)
		p = _mm256_blendv_epi8(p, points[k + 1], _mm256_cmpgt_epi16(x, thresholds[k]));
	return _mm256_subs_epi16(p, x);
}

static inline_all __m256i least_of(__m256i a, __m256i b)
{
	return _mm256_blendv_epi8(a, b, _mm256_cmpgt_epi64(a, b));
}

/* Costs of even words, with their numbers. */
static inline_all __m256i costs(__m256i sum, __m256i squares, u32 count, __m256i numbers)
{
	__m256i bias = _mm256_mul_epi32(sum, sum);

	bias = _mm256_add_epi64(bias, bias);
	bias = _mm256_add_epi64(bias, _mm256_mul_epu32(squares, _mm256_set1_epi32(count)));
	return _mm256_or_si256(_mm256_slli_epi64(bias, 4), numbers);
}

static u32 try_all(const struct asc_sorted *s, const struct asc_tries *tries, u64 *cost)
{
	const __m256i one = _mm256_set1_epi16(1), never = _mm256_set1_epi64x(-1ull >> 1);
	__m256i points[ASC_POINTS], t[ASC_POINTS - 1], least[2];
	__m256i low_squares = _mm256_setzero_si256(), high_squares = low_squares;
	__m256i low_sum = low_squares, high_sum = low_squares;
	u64 found[4] __uninitialized;
	u32 i;

	tried_points(tries, points);
#pragma GCC unroll 8
	for (i = 0; i < ASC_POINTS - 1; i++)
		t[i] = flip(tried_threshold(points, i));
#pragma GCC unroll 8
	for (i = 0; i < ASC_POINTS; i++)
		points[i] = flip(points[i]);
	for (i = 0; i < s->count; i += 2) {
		__m256i a = errors(points, t, s->values[i]);
		__m256i b = errors(points, t, s->values[i + 1]);
		__m256i low = _mm256_unpacklo_epi16(a, b), high = _mm256_unpackhi_epi16(a, b);

		low_squares = _mm256_add_epi32(low_squares, _mm256_madd_epi16(low, low));
		high_squares = _mm256_add_epi32(high_squares, _mm256_madd_epi16(high, high));
		low_sum = _mm256_add_epi32(low_sum, _mm256_madd_epi16(low, one));
		high_sum = _mm256_add_epi32(high_sum, _mm256_madd_epi16(high, one));
	}
	/* a number in the lowest bits lets the first of equals win; the scales take turns */
	least[0] = least_of(costs(low_sum, low_squares, s->count, _mm256_set_epi64x(10, 8, 2, 0)),
			    costs(high_sum, high_squares, s->count,
				  _mm256_set_epi64x(14, 12, 6, 4)));
	low_sum = _mm256_srli_epi64(low_sum, 32);
	high_sum = _mm256_srli_epi64(high_sum, 32);
	low_squares = _mm256_srli_epi64(low_squares, 32);
	high_squares = _mm256_srli_epi64(high_squares, 32);
	least[1] = least_of(costs(low_sum, low_squares, s->count, _mm256_set_epi64x(11, 9, 3, 1)),
			    costs(high_sum, high_squares, s->count,
				  _mm256_set_epi64x(15, 13, 7, 5)));
	if (!(tries->scales & 1u << ASC_SCALE_LINEAR))
		least[0] = never;
	if (tries->scales & 1u << ASC_SCALE_LOG)
		least[0] = least_of(least[0], least[1]);
	_mm256_storeu_si256((__m256i *)found, least[0]);
	for (i = 1; i < 4; i++)
		found[0] = found[i] < found[0] ? found[i] : found[0];
	*cost = found[0] >> 4;
	return found[0] & (ASC_TRIES - 1);
}

const struct asc_search_kernels asc_search_avx2 = {
	.try_all = try_all,
};

#endif
