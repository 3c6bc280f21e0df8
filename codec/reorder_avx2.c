// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What it costs to join channels, with AVX2.
 */

#include "kernels.h"

#ifdef FMC_X86

#include "simd_x86.h"

/*
 * Cells are in words of 32 bits.  Of a cell, the other low end and the other high end are inside
 * if they are equal to neither end of the range, beyond which they cannot be.
 */
u32 fmc_reorder_cost_avx2(const u16 *a, const u16 *b, u32 count)
{
	const __m256i low_half = _mm256_set1_epi32(0xffff), ones = _mm256_set1_epi16(1);
	__m256i sum = _mm256_setzero_si256();
	__m128i half;
	u32 i;

	for (i = 0; i < count; i += 16) {
		__m256i va = _mm256_loadu_si256((const __m256i *)(a + i));
		__m256i vb = _mm256_loadu_si256((const __m256i *)(b + i));
		__m256i least = _mm256_min_epu16(va, vb), greatest = _mm256_max_epu16(va, vb);
		__m256i range = _mm256_blend_epi16(least, greatest, 0xaa), swapped, outside;
		__m256i others = _mm256_blend_epi16(greatest, least, 0xaa);

		swapped = _mm256_or_si256(_mm256_slli_epi32(range, 16),
					  _mm256_srli_epi32(range, 16));
		outside = _mm256_or_si256(_mm256_cmpeq_epi16(others, range),
					  _mm256_cmpeq_epi16(others, swapped));
		range = _mm256_sub_epi32(_mm256_srli_epi32(range, 16),
					 _mm256_and_si256(range, low_half));
		/* 3 less the number of those that are not inside */
		outside = _mm256_add_epi32(_mm256_madd_epi16(outside, ones),
					   _mm256_set1_epi32(3));
		sum = _mm256_add_epi32(sum, _mm256_mullo_epi32(range, outside));
	}
	half = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
	half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4e));
	half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0xb1));
	return _mm_cvtsi128_si32(half);
}

#endif
