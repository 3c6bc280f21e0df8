/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Vectors of words of 32 bits with AVX2: 8.  Code for any number of them is written with these
 * names, and included by a file for each kind of CPU.
 */

#include "simd_x86.h"

#define inline_all inline __attribute__((__always_inline__))

#define LANES	8

/* A mask has all bits for true. */
#define words	__m256i
#define mask	__m256i

#define w_set(x)		_mm256_set1_epi32(x)
#define w_load(p)		_mm256_loadu_si256((const __m256i *)(p))
#define w_store(p, x)		_mm256_storeu_si256((__m256i *)(p), x)
#define w_load8(p)		_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(p)))
#define w_load16(p)		_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)(p)))
#define w_add(a, b)		_mm256_add_epi32(a, b)
#define w_sub(a, b)		_mm256_sub_epi32(a, b)
#define w_mullo(a, b)		_mm256_mullo_epi32(a, b)
#define w_abs(a)		_mm256_abs_epi32(a)
#define w_max(a, b)		_mm256_max_epi32(a, b)
#define w_min(a, b)		_mm256_min_epi32(a, b)
#define w_srli(a, n)		_mm256_srli_epi32(a, n)
#define w_slli(a, n)		_mm256_slli_epi32(a, n)
#define w_srai(a, n)		_mm256_srai_epi32(a, n)
#define w_srl(a, n)		_mm256_srlv_epi32(a, n)
#define w_sll(a, n)		_mm256_sllv_epi32(a, n)
#define w_sra(a, n)		_mm256_srav_epi32(a, n)
#define w_and(a, b)		_mm256_and_si256(a, b)
#define w_or(a, b)		_mm256_or_si256(a, b)
#define w_xor(a, b)		_mm256_xor_si256(a, b)
/* the second one where the mask tells */
#define w_blend(m, a, b)	_mm256_blendv_epi8(a, b, m)
#define w_maskz(m, a)		_mm256_and_si256(m, a)
#define w_srli64(a, n)		_mm256_srli_epi64(a, n)
#define w_slli64(a, n)		_mm256_slli_epi64(a, n)
#define w_add64(a, b)		_mm256_add_epi64(a, b)
#define w_mul32(a, b)		_mm256_mul_epu32(a, b)
#define w_even_odd(a, b)	_mm256_blend_epi32(a, b, 0xaa)

#define m_eq(a, b)		_mm256_cmpeq_epi32(a, b)
#define m_not(a)		_mm256_xor_si256(a, _mm256_set1_epi32(-1))
#define m_ne(a, b)		m_not(m_eq(a, b))
#define m_lt(a, b)		_mm256_cmpgt_epi32(b, a)
#define m_ltu(a, b)		m_not(m_eq(_mm256_max_epu32(a, b), a))
#define m_and(a, b)		_mm256_and_si256(a, b)
#define m_any(a)		(!_mm256_testz_si256(a, a))

/* The lowest bits of each word. */
static inline_all void w_store16(u16 *to, words x)
{
	__m256i low = _mm256_and_si256(x, _mm256_set1_epi32(0xffff));
	__m256i packed = _mm256_permute4x64_epi64(_mm256_packus_epi32(low, low), 0x08);

	_mm_storeu_si128((__m128i *)to, _mm256_castsi256_si128(packed));
}

static inline_all void w_store8(u8 *to, words x)
{
	__m256i low = _mm256_and_si256(x, _mm256_set1_epi32(0xff));
	__m256i packed = _mm256_permute4x64_epi64(_mm256_packus_epi32(low, low), 0x08);
	__m128i bytes = _mm256_castsi256_si128(packed);

	_mm_storel_epi64((__m128i *)to, _mm_packus_epi16(bytes, bytes));
}
