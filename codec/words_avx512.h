/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Vectors of words of 32 bits with AVX-512: 16.  Code for any number of them is written with these
 * names, and included by a file for each kind of CPU.
 */

#include "simd_x86.h"

#define inline_all inline __attribute__((__always_inline__))

#define LANES	16

#define words	__m512i
#define mask	__mmask16

#define w_set(x)		_mm512_set1_epi32(x)
#define w_load(p)		_mm512_loadu_si512(p)
#define w_store(p, x)		_mm512_storeu_si512(p, x)
#define w_load8(p)		_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(p)))
#define w_store8(p, x)		_mm_storeu_si128((__m128i *)(p), _mm512_cvtepi32_epi8(x))
#define w_load16(p)		_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(p)))
#define w_store16(p, x)		_mm256_storeu_si256((__m256i *)(p), _mm512_cvtepi32_epi16(x))
#define w_add(a, b)		_mm512_add_epi32(a, b)
#define w_sub(a, b)		_mm512_sub_epi32(a, b)
#define w_mullo(a, b)		_mm512_mullo_epi32(a, b)
#define w_abs(a)		_mm512_abs_epi32(a)
#define w_max(a, b)		_mm512_max_epi32(a, b)
#define w_min(a, b)		_mm512_min_epi32(a, b)
#define w_srli(a, n)		_mm512_srli_epi32(a, n)
#define w_slli(a, n)		_mm512_slli_epi32(a, n)
#define w_srai(a, n)		_mm512_srai_epi32(a, n)
#define w_srl(a, n)		_mm512_srlv_epi32(a, n)
#define w_sll(a, n)		_mm512_sllv_epi32(a, n)
#define w_sra(a, n)		_mm512_srav_epi32(a, n)
#define w_and(a, b)		_mm512_and_si512(a, b)
#define w_or(a, b)		_mm512_or_si512(a, b)
#define w_xor(a, b)		_mm512_xor_si512(a, b)
/* the second one where the mask tells */
#define w_blend(m, a, b)	_mm512_mask_blend_epi32(m, a, b)
#define w_maskz(m, a)		_mm512_maskz_mov_epi32(m, a)
#define w_srli64(a, n)		_mm512_srli_epi64(a, n)
#define w_slli64(a, n)		_mm512_slli_epi64(a, n)
#define w_add64(a, b)		_mm512_add_epi64(a, b)
#define w_mul32(a, b)		_mm512_mul_epu32(a, b)
#define w_even_odd(a, b)	_mm512_mask_blend_epi32(0xaaaa, a, b)

#define m_eq(a, b)		_mm512_cmpeq_epi32_mask(a, b)
#define m_ne(a, b)		_mm512_cmpneq_epi32_mask(a, b)
#define m_lt(a, b)		_mm512_cmplt_epi32_mask(a, b)
#define m_ltu(a, b)		_mm512_cmplt_epu32_mask(a, b)
#define m_and(a, b)		((mask)((a) & (b)))
#define m_not(a)		((mask)~(a))
#define m_any(a)		((a) != 0)
