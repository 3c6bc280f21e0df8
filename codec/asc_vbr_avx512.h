/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What ASC-VBR with AVX-512 for values of 16 bits and of 8 bits has in common.
 */
#ifndef ASCDEV_CODEC_ASC_VBR_AVX512_H
#define ASCDEV_CODEC_ASC_VBR_AVX512_H

#include "asc_vbr_bmi2.h"

static const u8 lane_numbers[64] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
	16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
	32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
	48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63,
};

static __always_inline __m512i bytes64(void)
{
	return _mm512_loadu_si512(lane_numbers);
}

static __always_inline __m512i lanes(void)
{
	return _mm512_cvtepu8_epi16(_mm256_loadu_si256((const void *)lane_numbers));
}

static __always_inline __m512i set16(u32 v)
{
	return _mm512_set1_epi16((short)v);
}

static __always_inline __m512i set32(u32 v)
{
	return _mm512_set1_epi32((int)v);
}

/* Stays in a register, rather than being made again wherever it is used. */
static __always_inline __m512i kept(__m512i v)
{
	__asm__("" : "+v" (v));
	return v;
}

/* Floor of the logarithm, of numbers below 2^24; of 0 less than any. */
static __always_inline __m512i log2_zmm(__m512i v)
{
	return _mm512_srli_epi32(_mm512_castps_si512(_mm512_cvtepi32_ps(v)), 23);
}

/* What is as far behind the end of a tile as this is behind its start is needed soon. */
static __always_inline void fetch_ahead(const u8 *at, u32 bytes)
{
	__builtin_prefetch((const void *)((unsigned long)at + bytes));
}

/* 64 bits of the high parts, zeros behind them. */
static __always_inline u64 high_bits(const u8 *highs, u32 at, u32 bytes)
{
	if (bytes - at >= 8)
		return get_u64(highs + at);
	return _mm_cvtsi128_si64(_mm_maskz_loadu_epi8(_bzhi_u32(~0u, bytes - at), highs + at));
}

/*
 * Low bits with what vector code reads behind them: where they are if high parts are, else a
 * copy.  Nothing but values depends on them, so that they may change.
 */
static __always_inline const u8 *readable_lows(struct asc_vbr_control *control, const u8 *lows,
					       u32 low_bytes, u32 high_bytes)
{
	if (high_bytes >= ASC_VBR_SLACK)
		return lows;
	memcpy(control->in, lows, low_bytes + high_bytes);
	memset(control->in + low_bytes + high_bytes, 0, ASC_VBR_SLACK);
	return control->in;
}

/*
 * The header of each block, from sums in modes ZERO, LEFT and UP, and how many are not
 * zero; as suit_width() and decide() have it.
 */
static __always_inline __m512i decide_zmm(__m512i sums, __m512i count, __m512i mask_bits)
{
	const __mmask16 zvc = 0x8888;
	__m512i n = _mm512_mask_mov_epi32(count, zvc, sums);
	__m512i s = _mm512_mask_sub_epi32(sums, zvc, _mm512_shuffle_epi32(sums, 0), sums);
	__m512i half = _mm512_srli_epi32(n, 1), t = _mm512_add_epi32(s, half), k, cost;
	__mmask16 nonzero = _mm512_test_epi32_mask(s, s);
	__m512i key;

	k = _mm512_sub_epi32(log2_zmm(t), log2_zmm(n));
	k = _mm512_mask_sub_epi32(k, _mm512_cmpgt_epi32_mask(_mm512_sllv_epi32(n, k), t), k,
				  set32(1));
	k = _mm512_max_epi32(k, _mm512_setzero_si512());
	k = _mm512_min_epi32(k, set32(ASC_VBR_WIDTH_MAX));
	cost = _mm512_add_epi32(_mm512_madd_epi16(n, k), _mm512_sub_epi32(n, half));
	cost = _mm512_maskz_add_epi32(nonzero, cost, _mm512_srlv_epi32(t, k));
	cost = _mm512_mask_add_epi32(cost, zvc, cost, mask_bits);
	k = _mm512_mask_mov_epi32(set32(ASC_VBR_WIDTH_NONE), nonzero, k);
	/* the mode counts where costs are equal; what is below is the header */
	key = _mm512_set4_epi32(ASC_VBR_ZVC * 0x41, ASC_VBR_UP * 0x41, ASC_VBR_LEFT * 0x41, 0);
	key = _mm512_or_si512(key, _mm512_slli_epi32(cost, 8));
	key = _mm512_or_si512(key, _mm512_slli_epi32(k, 2));
	key = _mm512_min_epu32(key, _mm512_shuffle_epi32(key, 0xb1));
	key = _mm512_min_epu32(key, _mm512_shuffle_epi32(key, 0x4e));
	return _mm512_and_si512(key, set32(0x3f));
}

#endif
