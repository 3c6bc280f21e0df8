// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Blocks with a trellis, of the pooled profile, with AVX2: two times 8 side by side.
 */

#include "asc_pool_search.h"
#include "kernels.h"

#ifdef FMC_X86

#include "words_avx2.h"

/* 2^24 / 8 to 15, rounded up. */
static inline_all words w_reciprocal(words step_code)
{
	const words all = _mm256_setr_epi32(2097153, 1864136, 1677722, 1525202, 1398102, 1290556,
					    1198373, 1118482);

	return _mm256_permutevar8x32_epi32(all, w_and(step_code, w_set(7)));
}

#include "asc_pool_lanes.h"

/**
 * asc_pool_encode_avx2 - encode blocks with a trellis
 * @f: format, of two endpoints
 * @effort: as for asc_pool_encode()
 * @lanes: blocks
 */
void asc_pool_encode_avx2(const struct asc_block_format *f, enum asc_effort effort,
			  struct asc_pool_lanes *lanes)
{
	encode_pool_lanes(f, effort, lanes, 0);
	encode_pool_lanes(f, effort, lanes, LANES);
}

/* The place of the highest bit that is set, which floats have in their exponent. */
static inline_all words w_leading(words x)
{
	words exponent = w_srli(_mm256_castps_si256(_mm256_cvtepi32_ps(x)), 23);

	return w_sub(exponent, w_set(127));
}

#include "asc_pooled_reader.h"

#define EACH_WORD	0x0001000100010001ull

/* Four fields of so many bits each, all of which are in the window, to words. */
static inline_all u64 spread(u64 window, u32 bits)
{
	return _pdep_u64(window, ((1u << bits) - 1) * EACH_WORD);
}

static inline_all void get_plain_lane(struct asc_pooled_reader *r, u32 code, u16 *indices)
{
	u32 bits = asc_pair_bits[code];
	__m128i pairs, first, second;
	u64 four = spread(peek_all(r), bits);

	r->at += 4 * bits;
	pairs = _mm_set_epi64x(spread(peek_all(r), bits), four);
	r->at += 4 * bits;
	second = _mm_mulhi_epu16(pairs, _mm_set1_epi16(asc_plain_reciprocals[code]));
	first = _mm_mullo_epi16(second, _mm_set1_epi16(asc_plain_levels[code]));
	first = _mm_sub_epi16(pairs, first);
	_mm_storeu_si128((__m128i *)indices, _mm_unpacklo_epi16(first, second));
	_mm_storeu_si128((__m128i *)indices + 1, _mm_unpackhi_epi16(first, second));
}

static inline_all __m256i get_lows(struct asc_pooled_reader *r, u32 low)
{
	u64 window = peek(r), next;

	r->at += 8 * low;
	next = peek(r);
	r->at += 8 * low;
	return _mm256_set_epi64x(spread(next >> 4 * low, low), spread(next, low),
				 spread(window >> 4 * low, low), spread(window, low));
}

/* Of zeros in 64 bits the places of the first 16; before each are ones since the last. */
static inline_all void get_rice_lane(struct asc_pooled_reader *r, u32 low, u16 *indices)
{
	__m256i lows = get_lows(r, low), high;
	u64 zeros = ~peek_all(r), last = _pdep_u64(1u << (GROUP - 1), zeros);
	u8 places[GROUP];
	__m128i to, from;
	u32 i;

	if (!last) {
		_mm256_storeu_si256((__m256i *)indices, lows);
		add_unary(r, low, indices);
		return;
	}
#pragma GCC unroll 16
	for (i = 0; i < GROUP; i++, zeros &= zeros - 1)
		places[i] = __builtin_ctzll(zeros);
	to = _mm_loadu_si128((const __m128i *)places);
	from = _mm_alignr_epi8(to, _mm_set1_epi8(-1), 15);
	to = _mm_sub_epi8(_mm_sub_epi8(to, from), _mm_set1_epi8(1));
	high = _mm256_sll_epi16(_mm256_cvtepu8_epi16(to), _mm_cvtsi32_si128(low));
	_mm256_storeu_si256((__m256i *)indices, _mm256_or_si256(lows, high));
	r->at += __builtin_ctzll(last) + 1;
}

/* Fields one behind the other go to words that the mask has. */
static inline_all void get_masked_lane(struct asc_pooled_reader *r, u32 width, u16 *indices)
{
	u32 there = get(r, GROUP), i;

#pragma GCC unroll 4
	for (i = 0; i < GROUP; i += 4) {
		u64 ones = _pdep_u64(there >> i, EACH_WORD);

		ones += _pdep_u64(peek(r), ones * ((1u << width) - 1));
		memcpy(indices + i, &ones, sizeof(ones));
		r->at += bits_of_mask(there >> i & 15) * width;
	}
}

#include "asc_pool_decode_lanes.h"

/**
 * asc_pool_decode_avx2 - decode blocks side by side
 * @f: format
 * @bits: of the blocks, one behind the other; may change meanwhile
 * @count: blocks, at most ASC_POOL_LANES
 * @decoder: where values lie; receives them
 */
void asc_pool_decode_avx2(const struct asc_block_format *f, const u8 *bits, u32 count,
			  struct asc_pool_decoder *decoder)
{
	decode_pool_lanes(f, bits, count, decoder);
}

#endif
