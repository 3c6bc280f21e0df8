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

static __always_inline __m512i set8(u32 v)
{
	return _mm512_set1_epi8((char)v);
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

/*
 * Behind what @mask selects are zeros.  On Zen 5, compressing and expanding wait for what was in
 * the register that they write, also where none of it is kept: so there is a copy of zero.
 */
static __always_inline __m512i compress_bytes(__mmask64 mask, __m512i v)
{
	return _mm512_mask_compress_epi8(kept(_mm512_setzero_si512()), mask, v);
}

static __always_inline __m512i compress_words(__mmask32 mask, __m512i v)
{
	return _mm512_mask_compress_epi16(kept(_mm512_setzero_si512()), mask, v);
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

/* --- decoding --------------------------------------------------------------- */

/*
 * High parts, of which there are to be @numbers.  A byte for each of them has how many zeros
 * are before it in all, modulo 256.  Returns the place behind the last one; 0 if there are too
 * few, or one may be longer than a byte.
 */
static u32 count_zeros(const u8 *highs, u32 bytes, u32 numbers, u32 ahead, u8 *zeros)
{
	const __m512i lanes = bytes64();
	u32 found = 0, at;

	for (at = 0; at < bytes; at += 8) {
		u64 bits = high_bits(highs, at, bytes);
		__m512i ones = compress_bytes(bits, lanes);

		if (!bits)
			return 0;
		fetch_ahead(highs + at, ahead);
		ones = _mm512_add_epi8(_mm512_sub_epi8(ones, lanes), set8(8 * at - found));
		_mm512_storeu_si512(zeros + found, ones);
		found += __builtin_popcountll(bits);
		if (found >= numbers)
			return 8 * at + (zeros[(s32)numbers - 1] + numbers - 1) % 64 + 1;
	}
	return 0;
}

/* Returns how many. */
static __always_inline u32 list(__mmask32 blocks, __m512i places, u16 *out)
{
	_mm512_storeu_si512(out, _mm512_maskz_compress_epi16(blocks, places));
	return __builtin_popcount(blocks);
}

/* Blocks that are to be added to what is before them. */
static void list_differences(struct asc_vbr_control *control, u32 blocks)
{
	struct asc_vbr_differences *d = &control->differences;
	const __m256i is_left = _mm256_set1_epi8(ASC_VBR_LEFT);
	const __m256i is_up = _mm256_set1_epi8(ASC_VBR_UP);
	const u8 *header = control->header;
	u32 i;

	d->lefts = 0;
	d->ups = 0;
	d->count = 0;
	for (i = 0; i < blocks; i += 32) {
		__m256i mode = _mm256_and_si256(_mm256_loadu_si256((const void *)(header + i)),
						_mm256_set1_epi8(3));
		__mmask32 in = _bzhi_u32(~0u, asc_vbr_min(blocks - i, 32));
		__mmask32 left = _mm256_mask_cmpeq_epi8_mask(in, mode, is_left);
		__mmask32 up = _mm256_mask_cmpeq_epi8_mask(in, mode, is_up);
		__m512i place = _mm512_add_epi16(lanes(), set16(i));

		d->lefts += list(left, place, d->left + d->lefts);
		d->ups += list(up, place, d->up + d->ups);
		d->count += list(left | up, place, d->all + d->count);
	}
}

/*
 * Where in the block before each number of one has the last one above it, if the plane is narrow;
 * otherwise its own place.
 */
static __always_inline __m512i places_above(u32 up)
{
	__m512i place = lanes(), row;

	if (up >= ASC_VBR_BLOCK)
		return place;
	/* of which the reciprocal has 17 bits */
	if (up == 1)
		return set16(ASC_VBR_BLOCK - 1);
	row = _mm512_mulhi_epu16(place, set16(65536 / up + 1));
	place = _mm512_sub_epi16(place, _mm512_mullo_epi16(row, set16(up)));
	return _mm512_add_epi16(place, set16(ASC_VBR_BLOCK - up));
}

#endif
