// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The pooled profile's encoder with AVX2: two times 16 blocks side by side.
 */

#include "asc_pooled_codes.h"
#include "kernels.h"

#ifdef FMC_X86

#include "simd_x86.h"

#define inline_all inline __attribute__((__always_inline__))

#define LANES	16

/* A mask has 0xffff for true. */
#define words	__m256i
#define mask	__m256i

#define w_set(x)		_mm256_set1_epi16(x)
#define w_load(p)		_mm256_loadu_si256((const __m256i *)(p))
#define w_store(p, x)		_mm256_storeu_si256((__m256i *)(p), x)
#define w_add(a, b)		_mm256_add_epi16(a, b)
#define w_adds(a, b)		_mm256_adds_epu16(a, b)
#define w_sub(a, b)		_mm256_sub_epi16(a, b)
#define w_subs(a, b)		_mm256_subs_epu16(a, b)
#define w_avg(a, b)		_mm256_avg_epu16(a, b)
#define w_max(a, b)		_mm256_max_epu16(a, b)
#define w_min(a, b)		_mm256_min_epu16(a, b)
#define w_mullo(a, b)		_mm256_mullo_epi16(a, b)
#define w_mulhi(a, b)		_mm256_mulhi_epu16(a, b)
#define w_srli(a, n)		_mm256_srli_epi16(a, n)
#define w_slli(a, n)		_mm256_slli_epi16(a, n)
#define w_sign(a)		_mm256_srai_epi16(a, 15)
#define w_and(a, b)		_mm256_and_si256(a, b)
#define w_andnot(a, b)		_mm256_andnot_si256(a, b)
#define w_or(a, b)		_mm256_or_si256(a, b)
#define w_xor(a, b)		_mm256_xor_si256(a, b)
#define w_xor3(a, b, c)		w_xor(w_xor(a, b), c)
#define w_majority(a, b, c)	w_or(w_and(a, b), w_and(w_or(a, b), c))
/* a, or b and c */
#define w_or_and(a, b, c)	w_or(a, w_and(b, c))
/* b where the first says so, otherwise a */
#define w_select(m, a, b)	_mm256_blendv_epi8(a, b, m)
/* the second one where the mask tells */
#define w_blend(m, a, b)	_mm256_blendv_epi8(a, b, m)
#define w_maskz(m, a)		_mm256_and_si256(m, a)

#define m_eq(a, b)		_mm256_cmpeq_epi16(a, b)
#define m_not(a)		_mm256_xor_si256(a, _mm256_set1_epi16(-1))
#define m_ne(a, b)		m_not(m_eq(a, b))
#define m_lt(a, b)		m_not(m_ge(a, b))
#define m_ge(a, b)		m_ge_of(a, b)
#define m_and(a, b)		_mm256_and_si256(a, b)
#define m_andnot(a, b)		_mm256_andnot_si256(a, b)
#define m_or(a, b)		_mm256_or_si256(a, b)
#define m_eqv(a, b)		m_eq(a, b)
#define m_any(a)		(!_mm256_testz_si256(a, a))
#define m_words(a)		(a)

static inline_all mask m_ge_of(words a, words b)
{
	return _mm256_cmpeq_epi16(_mm256_max_epu16(a, b), a);
}

#define w_unpacklo(a, b)	_mm256_unpacklo_epi16(a, b)
#define w_unpackhi(a, b)	_mm256_unpackhi_epi16(a, b)
#define w_madd(a, b)		_mm256_madd_epi16(a, b)
#define w_packs32(a, b)		_mm256_packs_epi32(a, b)
#define w_even32(a)		_mm256_shuffle_epi32(a, 0xa0)
#define w_odd32(a)		_mm256_shuffle_epi32(a, 0xf5)
#define w_set32(x)		_mm256_set1_epi32(x)
#define w_add32(a, b)		_mm256_add_epi32(a, b)
#define w_srli64(a, n)		_mm256_srli_epi64(a, n)
#define w_slli64(a, n)		_mm256_slli_epi64(a, n)
#define w_add64(a, b)		_mm256_add_epi64(a, b)
#define w_mul32(a, b)		_mm256_mul_epu32(a, b)
#define w_mul32s(a, b)		_mm256_mul_epi32(a, b)
#define w_less64(a, b)		_mm256_cmpgt_epi64(b, a)
#define w_low64()		_mm256_set1_epi64x(0xffffffff)
#define m_of_words(a)		(a)

/* Words go as far as each says, all of it from 16 on. */
static inline_all words w_srl(words a, words n)
{
	const words low = _mm256_set1_epi32(0xffff);
	words even = _mm256_srlv_epi32(_mm256_and_si256(a, low), _mm256_and_si256(n, low));
	words odd = _mm256_srlv_epi32(a, _mm256_srli_epi32(n, 16));

	return _mm256_blend_epi16(even, odd, 0xaa);
}

static inline_all words w_sll(words a, words n)
{
	const words low = _mm256_set1_epi32(0xffff);
	words even = _mm256_sllv_epi32(a, _mm256_and_si256(n, low));
	words odd = _mm256_sllv_epi32(_mm256_andnot_si256(low, a), _mm256_srli_epi32(n, 16));

	return _mm256_blend_epi16(even, odd, 0xaa);
}

static inline_all words w_reciprocal(words step_code, bool down)
{
	const words up = _mm256_broadcastsi128_si256(_mm_setr_epi16(8193, 7282, 6554, 5958, 5462,
								    5042, 4682, 4370));
	words places = _mm256_and_si256(step_code, _mm256_set1_epi16(7)), found;

	places = _mm256_mullo_epi16(places, _mm256_set1_epi16(0x202));
	places = _mm256_add_epi16(places, _mm256_set1_epi16(0x100));
	found = _mm256_shuffle_epi8(up, places);
	return down ? _mm256_sub_epi16(found, _mm256_set1_epi16(1)) : found;
}

#include "asc_pooled_lanes.h"

static void encode(const struct asc_block_format *f, enum asc_effort effort,
		   struct asc_pooled_lanes *lanes)
{
	encode_lanes(f, effort, lanes, 0);
	encode_lanes(f, effort, lanes, LANES);
}

const struct asc_pooled_kernels asc_pooled_avx2 = {
	.encode = encode,
	.put_groups = asc_pooled_put_groups,
	.encode_pools = asc_pool_encode_avx2,
	.decode = asc_pool_decode_avx2,
};

#endif
