// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Blocks with a trellis, of the pooled profile, with AVX-512: 16 side by side.
 */

#include "asc_pool_search.h"
#include "kernels.h"

#ifdef FMC_X86

#include "words_avx512.h"

/* 2^24 / 8 to 15, rounded up. */
static inline_all words w_reciprocal(words step_code)
{
	const words all = _mm512_setr_epi32(2097153, 1864136, 1677722, 1525202, 1398102, 1290556,
					    1198373, 1118482, 0, 0, 0, 0, 0, 0, 0, 0);

	return _mm512_permutexvar_epi32(w_and(step_code, w_set(7)), all);
}

#include "asc_pool_lanes.h"

/**
 * asc_pool_encode_avx512 - encode blocks with a trellis
 * @f: format, of two endpoints
 * @effort: as for asc_pool_encode()
 * @lanes: blocks
 */
void asc_pool_encode_avx512(const struct asc_block_format *f, enum asc_effort effort,
			    struct asc_pool_lanes *lanes)
{
	encode_pool_lanes(f, effort, lanes, 0);
}

#define w_leading(x)		w_sub(w_set(31), _mm512_lzcnt_epi32(x))

#include "asc_pooled_reader.h"

static inline_all __m512i count_up(void)
{
	return _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

/* Of 64 bytes, 16 fields of less than 25 bits, which begin at these bits. */
static inline_all __m512i get_fields(__m512i bytes, __m512i at, u32 bits)
{
	const __m128i four_times = _mm_setr_epi32(0, 0x04040404, 0x08080808, 0x0c0c0c0c);
	__m512i from = _mm512_shuffle_epi8(w_srli(at, 3), _mm512_broadcast_i32x4(four_times));
	__m512i four;

	from = _mm512_add_epi8(from, w_set(0x03020100));
	four = _mm512_permutexvar_epi8(from, bytes);
	return w_and(w_srl(four, w_and(at, w_set(7))), w_set((1u << bits) - 1));
}

/* One behind the other, from one bit on. */
static inline_all __m512i get_row(__m512i bytes, u32 at, u32 bits)
{
	return get_fields(bytes, w_add(w_set(at), w_mullo(count_up(), w_set(bits))), bits);
}

static inline_all void get_plain_lane(struct asc_pooled_reader *r, u32 code, u16 *indices)
{
	u32 bits = asc_pair_bits[code];
	__m512i at = w_add(w_set(r->at % 8), w_mullo(w_srli(count_up(), 1), w_set(bits)));
	__m512i pairs = get_fields(w_load(r->bits + r->at / 8), at, bits);
	__m512i second = w_mullo(pairs, w_set(asc_plain_reciprocals[code])), first;

	second = w_srli(second, PAIR_SHIFT);
	first = w_sub(pairs, w_mullo(second, w_set(asc_plain_levels[code])));
	w_store16(indices, w_blend(0xaaaa, first, second));
	r->at += 8 * bits;
}

/* Of zeros in 64 bits the places of the first 16; before each are ones since the last. */
static inline_all void get_rice_lane(struct asc_pooled_reader *r, u32 low, u16 *indices)
{
	static const u8 places[64] = {
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
		16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
		32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
		48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63,
	};
	__m512i lows = get_row(w_load(r->bits + r->at / 8), r->at % 8, low);
	u64 zeros, last;
	__m128i to, from;

	r->at += GROUP * low;
	zeros = ~peek_all(r);
	last = _pdep_u64(1u << (GROUP - 1), zeros);
	if (!last) {
		w_store16(indices, lows);
		add_unary(r, low, indices);
		return;
	}
	to = _mm512_castsi512_si128(_mm512_maskz_compress_epi8(zeros, w_load(places)));
	from = _mm_alignr_epi8(to, _mm_set1_epi8(-1), 15);
	to = _mm_sub_epi8(_mm_sub_epi8(to, from), _mm_set1_epi8(1));
	w_store16(indices, w_or(lows, w_slli(_mm512_cvtepu8_epi32(to), low)));
	r->at += __builtin_ctzll(last) + 1;
}

static inline_all void get_masked_lane(struct asc_pooled_reader *r, u32 width, u16 *indices)
{
	__mmask16 there = get_le64(r->bits + r->at / 8) >> (r->at % 8);
	__m512i fields = get_row(w_load(r->bits + r->at / 8), r->at % 8 + GROUP, width);

	fields = _mm512_maskz_expand_epi32(there, w_add(fields, w_set(1)));
	w_store16(indices, fields);
	r->at += GROUP + bits_of_mask(there) * width;
}

#include "asc_pool_decode_lanes.h"

/**
 * asc_pool_decode_avx512 - decode blocks side by side
 * @f: format
 * @bits: of the blocks, one behind the other; may change meanwhile
 * @count: blocks, at most ASC_POOL_LANES
 * @decoder: where values lie; receives them
 */
void asc_pool_decode_avx512(const struct asc_block_format *f, const u8 *bits, u32 count,
			    struct asc_pool_decoder *decoder)
{
	decode_pool_lanes(f, bits, count, decoder);
}

#endif
