// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What it costs to join channels, with AVX-512.
 */

#include "kernels.h"

#ifdef FMC_X86

#include "simd_x86.h"

/* As fmc_reorder_cost_avx2(). */
u32 fmc_reorder_cost_avx512(const u16 *a, const u16 *b, u32 count)
{
	__m512i sum = _mm512_setzero_si512();
	u32 i;

	for (i = 0; i < count; i += 32) {
		__m512i va = _mm512_loadu_si512(a + i), vb = _mm512_loadu_si512(b + i);
		__m512i least = _mm512_min_epu16(va, vb), greatest = _mm512_max_epu16(va, vb);
		__m512i range = _mm512_mask_mov_epi16(least, 0xaaaaaaaa, greatest), times;
		__m512i others = _mm512_mask_mov_epi16(greatest, 0xaaaaaaaa, least);
		__mmask32 inside;

		inside = _mm512_cmpneq_epi16_mask(others, range);
		inside = _mm512_mask_cmpneq_epi16_mask(inside, others,
						       _mm512_rol_epi32(range, 16));
		range = _mm512_sub_epi32(_mm512_srli_epi32(range, 16),
					 _mm512_maskz_mov_epi16(0x55555555, range));
		/* of the two ends inside, and one more */
		times = _mm512_madd_epi16(_mm512_maskz_set1_epi16(inside, 1),
					  _mm512_set1_epi16(1));
		times = _mm512_add_epi32(times, _mm512_set1_epi32(1));
		sum = _mm512_add_epi32(sum, _mm512_mullo_epi32(range, times));
	}
	return _mm512_reduce_add_epi32(sum);
}

#endif
