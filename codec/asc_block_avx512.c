// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ASC-CBR with AVX-512.
 */

#include "kernels.h"

#ifdef FMC_X86

#include "simd_x86.h"

/* Bytes 0 to count - 1. */
static inline __mmask64 first_bytes(u32 count)
{
	return count >= 64 ? ~0ull : (1ull << count) - 1;
}

/*
 * Values of 8 bits, two endpoints, 16 values: a block is 8 bytes.  The points of eight
 * blocks fill a vector, so an index of a value is one into that.
 *
 * The upper points of the linear scale are mirrored: of range R, R - (R * w + 8 >> 4) is
 * R * (16 - w) + 7 >> 4.
 */
static inline __m512i points_8(__m512i blocks, __m512i sign)
{
	const __m512i weights_lin = _mm512_set1_epi64(0x100e0b0907050200);
	const __m512i weights_log = _mm512_set1_epi64(0x100c080604020100);
	const __m512i bias_lin = _mm512_set1_epi64(0x0707070708080808);
	const __m512i bias_log = _mm512_set1_epi8(8), one = _mm512_set1_epi8(1);
	const __m512i first = _mm512_set4_epi32(0x08080808, 0x08080808, 0, 0);
	__m512i e0 = _mm512_shuffle_epi8(blocks, first);
	__m512i e1 = _mm512_shuffle_epi8(blocks, _mm512_add_epi8(first, one));
	__mmask64 log = _mm512_cmpgt_epu8_mask(e0, e1);
	__m512i low = _mm512_min_epu8(e0, e1);
	__m512i range = _mm512_sub_epi8(_mm512_max_epu8(e0, e1), low);
	__m512i weights = _mm512_mask_blend_epi8(log, weights_lin, weights_log);
	__m512i bias = _mm512_mask_blend_epi8(log, bias_lin, bias_log);
	__m512i a, b;

	a = _mm512_maddubs_epi16(_mm512_unpacklo_epi8(range, one),
				 _mm512_unpacklo_epi8(weights, bias));
	b = _mm512_maddubs_epi16(_mm512_unpackhi_epi8(range, one),
				 _mm512_unpackhi_epi8(weights, bias));
	a = _mm512_packus_epi16(_mm512_srli_epi16(a, 4), _mm512_srli_epi16(b, 4));
	return _mm512_xor_si512(_mm512_add_epi8(low, a), sign);
}

/* The low three bits of each byte, and the block's place among the points. */
static inline __m512i look_up(__m512i points, __m512i indices, __m512i base)
{
	/* indices & 7 | base */
	indices = _mm512_ternarylogic_epi32(indices, _mm512_set1_epi8(7), base, 0xea);
	return _mm512_permutexvar_epi8(indices, points);
}

static u32 decode_runs_8(const struct asc_strip *strip, const u8 *bits, u32 count, u8 *dst)
{
	const __m512i sign = _mm512_set1_epi8(strip->dtype == FMC_S8 ? 0x80 : 0);
	const __m512i low_half = _mm512_set_epi64(3, 3, 2, 2, 1, 1, 0, 0);
	const __m512i high_half = _mm512_set_epi64(7, 7, 6, 6, 5, 5, 4, 4);
	const __m512i shifts = _mm512_set4_epi64(0x3d3a3734312e2b28, 0x25221f1c19161310,
						 0x3d3a3734312e2b28, 0x25221f1c19161310);
	const __m512i base = _mm512_slli_epi64(_mm512_mullo_epi64(low_half,
				_mm512_set1_epi64(0x0101010101010101)), 3);
	u32 i;

	for (i = 0; i < count; i += 8) {
		u32 now = count - i < 8 ? count - i : 8;
		__m512i x = _mm512_maskz_loadu_epi8(first_bytes(8 * now), bits + 8 * i);
		__m512i points = points_8(x, sign), y;

		y = _mm512_multishift_epi64_epi8(shifts, _mm512_permutexvar_epi64(low_half, x));
		_mm512_mask_storeu_epi8(dst + 16 * i, first_bytes(16 * now),
					look_up(points, y, base));
		if (now <= 4)
			break;
		y = _mm512_multishift_epi64_epi8(shifts, _mm512_permutexvar_epi64(high_half, x));
		y = look_up(points, y, _mm512_add_epi8(base, _mm512_set1_epi8(32)));
		_mm512_mask_storeu_epi8(dst + 16 * i + 64, first_bytes(16 * now - 64), y);
	}
	return count;
}

u32 asc_decode_avx512(const struct asc_strip *strip, const u8 *bits, u32 count, u8 *dst)
{
	const struct asc_block_format *f = strip->format;

	if (f->pooled || f->bits != 8 || f->endpoints != 2 || f->values != 16)
		return 0;
	if (strip->w == 16)
		return decode_runs_8(strip, bits, count, dst);
	return 0;
}

#endif
