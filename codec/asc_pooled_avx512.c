// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The pooled profile's encoder with AVX-512: 32 blocks side by side.
 */

#include "asc_pooled_writer.h"
#include "kernels.h"

#ifdef FMC_X86

#include "simd_x86.h"

#define inline_all inline __attribute__((__always_inline__))

#define LANES	32

#define words	__m512i
#define mask	__mmask32

#define w_set(x)		_mm512_set1_epi16(x)
#define w_load(p)		_mm512_loadu_si512(p)
#define w_store(p, x)		_mm512_storeu_si512(p, x)
#define w_add(a, b)		_mm512_add_epi16(a, b)
#define w_adds(a, b)		_mm512_adds_epu16(a, b)
#define w_sub(a, b)		_mm512_sub_epi16(a, b)
#define w_subs(a, b)		_mm512_subs_epu16(a, b)
#define w_avg(a, b)		_mm512_avg_epu16(a, b)
#define w_max(a, b)		_mm512_max_epu16(a, b)
#define w_min(a, b)		_mm512_min_epu16(a, b)
#define w_mullo(a, b)		_mm512_mullo_epi16(a, b)
#define w_mulhi(a, b)		_mm512_mulhi_epu16(a, b)
#define w_srli(a, n)		_mm512_srli_epi16(a, n)
#define w_slli(a, n)		_mm512_slli_epi16(a, n)
#define w_srl(a, n)		_mm512_srlv_epi16(a, n)
#define w_sll(a, n)		_mm512_sllv_epi16(a, n)
#define w_sign(a)		_mm512_srai_epi16(a, 15)
#define w_and(a, b)		_mm512_and_si512(a, b)
#define w_andnot(a, b)		_mm512_andnot_si512(a, b)
#define w_or(a, b)		_mm512_or_si512(a, b)
#define w_xor(a, b)		_mm512_xor_si512(a, b)
#define w_xor3(a, b, c)		_mm512_ternarylogic_epi32(a, b, c, 0x96)
#define w_majority(a, b, c)	_mm512_ternarylogic_epi32(a, b, c, 0xe8)
/* a, or b and c */
#define w_or_and(a, b, c)	_mm512_ternarylogic_epi32(a, b, c, 0xf8)
/* b where the first says so, otherwise a */
#define w_select(m, a, b)	_mm512_ternarylogic_epi32(m, a, b, 0xac)
/* the second one where the mask tells */
#define w_blend(m, a, b)	_mm512_mask_blend_epi16(m, a, b)
#define w_maskz(m, a)		_mm512_maskz_mov_epi16(m, a)

#define m_eq(a, b)		_mm512_cmpeq_epu16_mask(a, b)
#define m_ne(a, b)		_mm512_cmpneq_epu16_mask(a, b)
#define m_lt(a, b)		_mm512_cmplt_epu16_mask(a, b)
#define m_ge(a, b)		_mm512_cmpge_epu16_mask(a, b)
#define m_and(a, b)		((mask)((a) & (b)))
#define m_andnot(a, b)		((mask)(~(a) & (b)))
#define m_or(a, b)		((mask)((a) | (b)))
#define m_eqv(a, b)		((mask)~((a) ^ (b)))
#define m_any(a)		((a) != 0)
#define m_words(a)		_mm512_movm_epi16(a)

#define w_unpacklo(a, b)	_mm512_unpacklo_epi16(a, b)
#define w_unpackhi(a, b)	_mm512_unpackhi_epi16(a, b)
#define w_madd(a, b)		_mm512_madd_epi16(a, b)
#define w_packs32(a, b)		_mm512_packs_epi32(a, b)
#define w_even32(a)		_mm512_shuffle_epi32(a, 0xa0)
#define w_odd32(a)		_mm512_shuffle_epi32(a, 0xf5)
#define w_set32(x)		_mm512_set1_epi32(x)
#define w_add32(a, b)		_mm512_add_epi32(a, b)
#define w_srli64(a, n)		_mm512_srli_epi64(a, n)
#define w_slli64(a, n)		_mm512_slli_epi64(a, n)
#define w_add64(a, b)		_mm512_add_epi64(a, b)
#define w_mul32(a, b)		_mm512_mul_epu32(a, b)
#define w_mul32s(a, b)		_mm512_mul_epi32(a, b)
#define w_less64(a, b)		_mm512_movm_epi64(_mm512_cmplt_epi64_mask(a, b))
#define w_low64()		_mm512_set1_epi64(0xffffffff)
#define m_of_words(a)		_mm512_movepi16_mask(a)

static inline_all words w_reciprocal(words step_code, bool down)
{
	const words up = _mm512_broadcast_i32x4(_mm_setr_epi16(8193, 7282, 6554, 5958, 5462, 5042,
							       4682, 4370));
	words found = _mm512_permutexvar_epi16(w_and(step_code, w_set(7)), up);

	return down ? w_sub(found, w_set(1)) : found;
}

/*
 * Of 16 and more indices up to 63: bits of a pair, plain; 1 << 5 times the code; 1 << 9
 * times the bits of those of a mask.
 */
static const u16 small_codes[64] = {
	0x0000, 0x0022, 0x0244, 0x0444, 0x0465, 0x0686, 0x0686, 0x0686,
	0x06a7, 0x08a7, 0x08a7, 0x08c8, 0x08c8, 0x08c8, 0x08c8, 0x08c8,
	0x08e9, 0x0ae9, 0x0ae9, 0x0ae9, 0x0ae9, 0x0ae9, 0x0b0a, 0x0b0a,
	0x0b0a, 0x0b0a, 0x0b0a, 0x0b0a, 0x0b0a, 0x0b0a, 0x0b0a, 0x0b0a,
	0x0b2b, 0x0d2b, 0x0d2b, 0x0d2b, 0x0d2b, 0x0d2b, 0x0d2b, 0x0d2b,
	0x0d2b, 0x0d2b, 0x0d2b, 0x0d2b, 0x0d2b, 0x0d4c, 0x0d4c, 0x0d4c,
	0x0d4c, 0x0d4c, 0x0d4c, 0x0d4c, 0x0d4c, 0x0d4c, 0x0d4c, 0x0d4c,
	0x0d4c, 0x0d4c, 0x0d4c, 0x0d4c, 0x0d4c, 0x0d4c, 0x0d4c, 0x0d4c,
};

/* The same of larger ones: plain by their maximum in 1/32, a mask's by what is one less. */
static const u16 plain_codes[32] = {
	0x0000, 0x0000, 0x016e, 0x016e, 0x0190, 0x0190, 0x0190, 0x0190,
	0x0190, 0x0190, 0x0190, 0x0190, 0x0190, 0x0190, 0x0190, 0x0190,
	0x0190, 0x0190, 0x0190, 0x0190, 0x0190, 0x0190, 0x0190, 0x0190,
	0x0190, 0x0190, 0x0190, 0x0190, 0x0190, 0x0190, 0x0190, 0x0190,
};

static const u16 mask_codes[32] = {
	0x0c00, 0x0c00, 0x0e00, 0x0e00, 0x1000, 0x1000, 0x1000, 0x1000,
	0x1200, 0x1200, 0x1200, 0x1200, 0x1200, 0x1200, 0x1200, 0x1200,
	0x1400, 0x1400, 0x1400, 0x1400, 0x1400, 0x1400, 0x1400, 0x1400,
	0x1400, 0x1400, 0x1400, 0x1400, 0x1400, 0x1400, 0x1400, 0x1400,
};

/* See asc_pooled_lanes.h; from the tables. */
static inline_all words plain_lane_codes(words max, u32 count, words *code, words *width)
{
	words found = _mm512_permutex2var_epi16(w_load(small_codes), max, w_load(small_codes + 32));
	mask large = m_ge(max, w_set(64)), none = 0;
	words bits;

	if (large) {
		words plain = w_min(w_srli(max, 5), w_set(31));
		words masked = w_min(w_srli(w_sub(max, w_set(1)), 5), w_set(31));

		plain = _mm512_permutexvar_epi16(plain, w_load(plain_codes));
		masked = _mm512_permutexvar_epi16(masked, w_load(mask_codes));
		found = w_blend(large, found, w_or(plain, masked));
		none = m_ge(max, w_set(256));
	}
	*code = w_and(w_srli(found, 5), w_set(15));
	*width = w_srli(found, 9);
	bits = w_mullo(w_and(found, w_set(31)), w_set(count / 2));
	return w_blend(none, bits, w_set(0xffff));
}

#define plain_lane_codes	plain_lane_codes

#include "asc_pooled_lanes.h"

/*
 * Indices of a group of all blocks change places, so that a block has those of its own one
 * behind the other.
 */
static noinline void gather_group(u16 (*indices)[ASC_POOLED_LANES])
{
	const __m512i first = _mm512_set_epi64(11, 10, 3, 2, 9, 8, 1, 0);
	const __m512i second = _mm512_set_epi64(15, 14, 7, 6, 13, 12, 5, 4);
	__m512i a[GROUP], b[GROUP];
	u32 i;

#pragma GCC unroll 16
	for (i = 0; i < GROUP; i++)
		a[i] = w_load(indices[i]);
	/* four times: parts twice as long of rows that have them in their numbers */
#pragma GCC unroll 8
	for (i = 0; i < 8; i++) {
		b[i] = _mm512_unpacklo_epi16(a[2 * i], a[2 * i + 1]);
		b[i + 8] = _mm512_unpackhi_epi16(a[2 * i], a[2 * i + 1]);
	}
#pragma GCC unroll 8
	for (i = 0; i < 8; i++) {
		a[i] = _mm512_unpacklo_epi32(b[2 * i], b[2 * i + 1]);
		a[i + 8] = _mm512_unpackhi_epi32(b[2 * i], b[2 * i + 1]);
	}
#pragma GCC unroll 8
	for (i = 0; i < 8; i++) {
		b[i] = _mm512_unpacklo_epi64(a[2 * i], a[2 * i + 1]);
		b[i + 8] = _mm512_unpackhi_epi64(a[2 * i], a[2 * i + 1]);
	}
	/*
	 * Row i has the values 0 to 7, or 8 to 15, of the block with the bits of i / 2 as
	 * 4, 1, 2 in each 128 bits.
	 */
#pragma GCC unroll 8
	for (i = 0; i < 8; i++) {
		u32 block = (i >> 2 & 1) | (i >> 1 & 1) << 1 | (i & 1) << 2;
		__m512i low = _mm512_permutex2var_epi64(b[2 * i], first, b[2 * i + 1]);
		__m512i high = _mm512_permutex2var_epi64(b[2 * i], second, b[2 * i + 1]);
		u16 *to = (u16 *)indices + GROUP * block;

		_mm256_storeu_si256((__m256i *)to, _mm512_castsi512_si256(low));
		_mm256_storeu_si256((__m256i *)(to + 8 * GROUP), _mm512_extracti64x4_epi64(low, 1));
		_mm256_storeu_si256((__m256i *)(to + 16 * GROUP), _mm512_castsi512_si256(high));
		_mm256_storeu_si256((__m256i *)(to + 24 * GROUP),
				    _mm512_extracti64x4_epi64(high, 1));
	}
}

/* Eight numbers of so many bits each, of which all fit into 56. */
static inline_all void put_words(struct asc_pooled_writer *w, __m128i x, u32 bits)
{
	u64 each = ((1ull << bits) - 1) * 0x0001000100010001ull;

	put(w, _pext_u64(_mm_cvtsi128_si64(x), each), 4 * bits);
	put(w, _pext_u64(_mm_extract_epi64(x, 1), each), 4 * bits);
}

static inline_all u64 any_of(__m512i x)
{
	__m256i y = _mm256_or_si256(_mm512_castsi512_si256(x), _mm512_extracti64x4_epi64(x, 1));
	__m128i z = _mm_or_si128(_mm256_castsi256_si128(y), _mm256_extracti128_si256(y, 1));

	return _mm_cvtsi128_si64(z) | _mm_extract_epi64(z, 1);
}

/* Ones, with a zero behind each number of them. */
static inline_all void put_ones(struct asc_pooled_writer *w, __m128i ends, u32 count)
{
	__m512i zeros = _mm512_sllv_epi64(_mm512_set1_epi64(1), _mm512_cvtepu16_epi64(ends));

	put(w, ((1ull << count) - 1) & ~any_of(zeros), count);
}

/* Returns false where numbers are so large that words of 64 bits are too short. */
static inline_all bool put_rice_group(struct asc_pooled_writer *w, __m256i x, u32 low)
{
	__m256i high = _mm256_srl_epi16(x, _mm_cvtsi32_si128(low));
	__m256i ends = _mm256_adds_epu16(high, _mm256_set1_epi16(1));
	u32 first, second;

	ends = _mm256_adds_epu16(ends, _mm256_slli_si256(ends, 2));
	ends = _mm256_adds_epu16(ends, _mm256_slli_si256(ends, 4));
	ends = _mm256_adds_epu16(ends, _mm256_slli_si256(ends, 8));
	first = _mm256_extract_epi16(ends, 7) & 0xffff;
	second = _mm256_extract_epi16(ends, 15) & 0xffff;
	if (first > 56 || second > 56)
		return false;
	if (low) {
		u64 each = ((1u << low) - 1) * 0x0101010101010101ull;
		__m128i bytes = _mm256_cvtepi16_epi8(x);

		put(w, _pext_u64(_mm_cvtsi128_si64(bytes), each), 8 * low);
		put(w, _pext_u64(_mm_extract_epi64(bytes, 1), each), 8 * low);
	}
	ends = _mm256_sub_epi16(ends, _mm256_set1_epi16(1));
	put_ones(w, _mm256_castsi256_si128(ends), first);
	put_ones(w, _mm256_extracti128_si256(ends, 1), second);
	return true;
}

/* Of at most 7 bits each. */
static inline_all void put_masked_group(struct asc_pooled_writer *w, __m256i x, u32 width)
{
	__mmask16 there = _mm256_test_epi16_mask(x, x);
	u32 count = bits_of_mask(there), first = count < 8 ? count : 8;
	u64 each = ((1u << width) - 1) * 0x0101010101010101ull;
	__m128i bytes;

	x = _mm256_maskz_compress_epi16(there, _mm256_sub_epi16(x, _mm256_set1_epi16(1)));
	bytes = _mm256_cvtepi16_epi8(x);
	put(w, there, GROUP);
	put(w, _pext_u64(_mm_cvtsi128_si64(bytes), each), first * width);
	put(w, _pext_u64(_mm_extract_epi64(bytes, 1), each), (count - first) * width);
}

static inline_all bool put_fast(struct asc_pooled_writer *w, __m256i x, u32 code)
{
	if (code < ASC_FIRST_RICE) {
		u32 bits = asc_pair_bits[code];
		__m256i pairs = _mm256_set1_epi32(asc_plain_levels[code] << 16 | 1);

		if (bits > 14)
			return false;
		put_words(w, _mm256_cvtepi32_epi16(_mm256_madd_epi16(x, pairs)), bits);
		return true;
	}
	if (code < ASC_FIRST_MASK)
		return put_rice_group(w, x, code - ASC_FIRST_RICE);
	if (code - ASC_FIRST_MASK > 7)
		return false;
	put_masked_group(w, x, code - ASC_FIRST_MASK);
	return true;
}

static void put_groups(struct asc_pooled_writer *writer, const struct asc_pooled_lanes *lanes,
		       u32 lane, const u8 *codes, u32 groups)
{
	struct asc_pooled_writer w = *writer;
	u32 g;

	for (g = 0; g < groups; g++) {
		const u16 *indices = (const u16 *)(lanes->indices + g * GROUP) + lane * GROUP;

		if (!put_fast(&w, _mm256_loadu_si256((const __m256i *)indices), codes[g]))
			put_group(&w, indices, codes[g]);
	}
	*writer = w;
}

/* Rows of 32 * 16 values at most; halves of values, by a bit of their numbers, go apart. */
static inline_all void put_in_row_of(const u8 *p, bool wide, u16 flip, u32 w, lane_row *values)
{
	const __m512i even = _mm512_set_epi16(62, 60, 58, 56, 54, 52, 50, 48, 46, 44, 42, 40, 38,
					      36, 34, 32, 30, 28, 26, 24, 22, 20, 18, 16, 14, 12,
					      10, 8, 6, 4, 2, 0);
	const __m512i odd = w_add(even, w_set(1));
	__m512i v[16], apart[16];
	u32 bit, i;

#pragma GCC unroll 16
	for (i = 0; i < w; i++) {
		v[i] = wide ? w_load(p + 64 * i) :
			      _mm512_cvtepu8_epi16(_mm256_loadu_si256((const __m256i *)p + i));
		v[i] = w_xor(v[i], w_set(flip));
	}
#pragma GCC unroll 4
	for (bit = 1; bit < w; bit *= 2) {
#pragma GCC unroll 8
		for (i = 0; i < w / 2; i++) {
			apart[i] = _mm512_permutex2var_epi16(v[2 * i], even, v[2 * i + 1]);
			apart[i + w / 2] = _mm512_permutex2var_epi16(v[2 * i], odd, v[2 * i + 1]);
		}
#pragma GCC unroll 16
		for (i = 0; i < w; i++)
			v[i] = apart[i];
	}
#pragma GCC unroll 16
	for (i = 0; i < w; i++)
		w_store(values[i], v[i]);
}

#define PUT_IN_ROW(w)								\
	case w:									\
		if (wide)							\
			put_in_row_of(p, true, flip, w, values);		\
		else								\
			put_in_row_of(p, false, flip, w, values);		\
		break

static bool put_in_row(const u8 *p, bool wide, u16 flip, u32 w, lane_row *values)
{
	switch (w) {
	PUT_IN_ROW(1);
	PUT_IN_ROW(2);
	PUT_IN_ROW(4);
	PUT_IN_ROW(8);
	PUT_IN_ROW(16);
	default:
		return false;
	}
	return true;
}

static void encode(const struct asc_block_format *f, enum asc_effort effort,
		   struct asc_pooled_lanes *lanes)
{
	u32 i;

	encode_lanes(f, effort, lanes, 0);
	for (i = 0; i < f->values; i += GROUP)
		gather_group(lanes->indices + i);
}

const struct asc_pooled_kernels asc_pooled_avx512 = {
	.encode = encode,
	.put_in_row = put_in_row,
	.put_groups = put_groups,
	.encode_pools = asc_pool_encode_avx512,
	.decode = asc_pool_decode_avx512,
};

#endif
