/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What ASC-VBR with AVX2 for values of 16 bits and of 8 bits has in common.
 */
#ifndef ASCDEV_CODEC_ASC_VBR_AVX2_H
#define ASCDEV_CODEC_ASC_VBR_AVX2_H

#include "asc_vbr_bmi2.h"

static __always_inline __m256i set32(u32 v)
{
	return _mm256_set1_epi32((int)v);
}

/* Floor of the logarithm, of numbers below 2^24; of 0 less than any. */
static __always_inline __m256i log2_ymm(__m256i v)
{
	return _mm256_srli_epi32(_mm256_castps_si256(_mm256_cvtepi32_ps(v)), 23);
}

/*
 * Headers of two blocks of @size values, from sums in modes ZERO, LEFT and UP, and how many
 * are not zero; as suit_width() and decide() have it.
 */
static __always_inline void decide_two(__m256i sums, const u32 *size, u8 *header)
{
	__m256i count = _mm256_setr_m128i(_mm_set1_epi32((int)size[0]),
					  _mm_set1_epi32((int)size[1]));
	__m256i mask_bits = _mm256_andnot_si256(set32(7), _mm256_add_epi32(count, set32(7)));
	__m256i zero = _mm256_setzero_si256(), n = _mm256_blend_epi32(count, sums, 0x88);
	__m256i s = _mm256_blend_epi32(sums, _mm256_sub_epi32(_mm256_shuffle_epi32(sums, 0), sums),
				       0x88);
	__m256i half = _mm256_srli_epi32(n, 1), t = _mm256_add_epi32(s, half), k, cost, key;
	__m256i none = _mm256_cmpeq_epi32(s, zero);

	k = _mm256_sub_epi32(log2_ymm(t), log2_ymm(n));
	/* less by 1 if it is too much */
	k = _mm256_add_epi32(k, _mm256_cmpgt_epi32(_mm256_sllv_epi32(n, k), t));
	k = _mm256_max_epi32(k, zero);
	k = _mm256_min_epi32(k, set32(ASC_VBR_WIDTH_MAX));
	cost = _mm256_add_epi32(_mm256_madd_epi16(n, k), _mm256_sub_epi32(n, half));
	cost = _mm256_add_epi32(cost, _mm256_srlv_epi32(t, k));
	cost = _mm256_andnot_si256(none, cost);
	cost = _mm256_add_epi32(cost, _mm256_blend_epi32(zero, mask_bits, 0x88));
	k = _mm256_blendv_epi8(k, set32(ASC_VBR_WIDTH_NONE), none);
	/* the mode counts where costs are equal; what is below is the header */
	key = _mm256_setr_epi32(0, ASC_VBR_LEFT * 0x41, ASC_VBR_UP * 0x41, ASC_VBR_ZVC * 0x41,
				0, ASC_VBR_LEFT * 0x41, ASC_VBR_UP * 0x41, ASC_VBR_ZVC * 0x41);
	key = _mm256_or_si256(key, _mm256_slli_epi32(cost, 8));
	key = _mm256_or_si256(key, _mm256_slli_epi32(k, 2));
	key = _mm256_min_epu32(key, _mm256_shuffle_epi32(key, 0xb1));
	key = _mm256_min_epu32(key, _mm256_shuffle_epi32(key, 0x4e));
	key = _mm256_and_si256(key, set32(0x3f));
	header[0] = _mm_cvtsi128_si32(_mm256_castsi256_si128(key));
	header[1] = _mm_cvtsi128_si32(_mm256_extracti128_si256(key, 1));
}

#endif
