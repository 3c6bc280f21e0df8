/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What encoders of ASC-VBR with AVX-512 have in common for values of 16 bits and of 8 bits:
 * 16 blocks are decided on at a time, and high parts are a sequence that knows no blocks.
 */
#ifndef ASCDEV_CODEC_ASC_VBR_ENCODE_AVX512_H
#define ASCDEV_CODEC_ASC_VBR_ENCODE_AVX512_H

#include "asc_vbr_avx512.h"

/* Blocks that are decided on at a time; a lane each. */
#define LANES	16

/* --- decisions --------------------------------------------------------------- */

/**
 * struct lane_sums - what is known of blocks before they are decided on
 * @zero: sums of the numbers in this mode
 * @left: likewise
 * @up: likewise
 * @count: values
 * @nonzero: masks of the values that are not zero.  They are written one by one, and can be
 *	read at once as soon as they have reached memory, which takes a while.
 */
struct lane_sums {
	__m512i zero, left, up, count;
	u32 nonzero[LANES];
};

/*
 * As suit_width() has it: the bits above the mode, which counts where they are equal, above
 * the header.
 */
static __always_inline __m512i suit_lanes(__m512i s, __m512i n, u32 mode)
{
	__m512i half = _mm512_srli_epi32(n, 1), t = _mm512_add_epi32(s, half), k, bits;
	__mmask16 nonzero = _mm512_test_epi32_mask(s, s);

	k = _mm512_sub_epi32(_mm512_lzcnt_epi32(n), _mm512_lzcnt_epi32(t));
	k = _mm512_mask_sub_epi32(k, _mm512_cmpgt_epu32_mask(_mm512_sllv_epi32(n, k), t), k,
				  set32(1));
	k = _mm512_max_epi32(k, _mm512_setzero_si512());
	k = _mm512_min_epi32(k, set32(ASC_VBR_WIDTH_MAX));
	bits = _mm512_add_epi32(_mm512_madd_epi16(n, k), _mm512_sub_epi32(n, half));
	bits = _mm512_maskz_add_epi32(nonzero, bits, _mm512_srlv_epi32(t, k));
	k = _mm512_mask_mov_epi32(set32(ASC_VBR_WIDTH_NONE), nonzero, k);
	bits = _mm512_or_si512(_mm512_slli_epi32(bits, 8), _mm512_slli_epi32(k, 2));
	return _mm512_or_si512(bits, set32(mode * 0x41));
}

/* The same of whole blocks. */
static __always_inline __m512i suit_whole_lanes(__m512i s, u32 mode)
{
	__m512i t = _mm512_add_epi32(s, set32(ASC_VBR_BLOCK / 2)), k, key;
	__m512i none = set32(mode * 0x41 | ASC_VBR_WIDTH_NONE << 2);

	k = _mm512_lzcnt_epi32(_mm512_or_si512(t, set32(ASC_VBR_BLOCK)));
	k = _mm512_sub_epi32(set32(26), k);
	k = _mm512_min_epi32(k, set32(ASC_VBR_WIDTH_MAX));
	t = _mm512_slli_epi32(_mm512_srlv_epi32(t, k), 8);
	key = _mm512_add_epi32(_mm512_slli_epi32(k, 13), _mm512_slli_epi32(k, 2));
	key = _mm512_add_epi32(_mm512_add_epi32(key, t), set32((16 << 8) + mode * 0x41));
	return _mm512_mask_mov_epi32(none, _mm512_test_epi32_mask(s, s), key);
}

/**
 * struct lanes - blocks that have been decided on, as they are stored
 * @from: where the numbers of each block are, seen from those of the first in mode ZERO
 * @less: what is to be subtracted from them, in each byte
 * @stored: which of them are
 * @width: of each
 * @low: where its low bits go
 * @end: the byte behind the last whole one of these, seen from the first
 * @shift: bits of its first byte that other blocks have
 * @height: where its high parts go, seen from those of the first
 * @height_end: where they end
 *
 * Arrays have whole cache lines.
 */
struct lanes {
	s32 from[LANES];
	u32 less[LANES], stored[LANES], width[LANES], low[LANES], end[LANES], shift[LANES];
	u32 height[LANES], height_end[LANES];
};

/**
 * struct lane_writer - parts of a tile that grow
 * @masks: the next one
 * @lows: the first byte
 * @low_bits: how many
 * @begun: the last byte of these, if it is not full; otherwise 0
 * @heights: high parts that are not written yet, and 1
 * @height_count: how many
 * @highs: high parts
 */
struct lane_writer {
	u8 *masks, *lows;
	u32 low_bits;
	__m512i begun;
	u8 *heights;
	u32 height_count;
	struct writer highs;
};

/* Values of each block of a group that has @n of them. */
static __always_inline __m512i count_lanes(u32 n)
{
	const __m512i begin = _mm512_setr_epi32(0, 32, 64, 96, 128, 160, 192, 224,
						256, 288, 320, 352, 384, 416, 448, 480);
	__m512i left = _mm512_max_epi32(_mm512_sub_epi32(set32(n), begin), _mm512_setzero_si512());

	return _mm512_min_epi32(left, set32(ASC_VBR_BLOCK));
}

static __always_inline struct lane_writer writer_of(struct asc_vbr_plan *plan)
{
	struct lane_writer w = {
		.masks = plan->masks,
		.lows = plan->lows,
		.begun = _mm512_setzero_si512(),
		.heights = plan->heights,
		.highs = { .at = plan->highs },
	};

	return w;
}

/* The sum of all lanes up to each. */
static __always_inline __m512i sum_lanes(__m512i v)
{
	__m512i none = _mm512_setzero_si512();

	v = _mm512_add_epi32(v, _mm512_alignr_epi32(v, none, 15));
	v = _mm512_add_epi32(v, _mm512_alignr_epi32(v, none, 14));
	v = _mm512_add_epi32(v, _mm512_alignr_epi32(v, none, 12));
	return _mm512_add_epi32(v, _mm512_alignr_epi32(v, none, 8));
}

static __always_inline u32 last_lane(__m512i v)
{
	return _mm_extract_epi32(_mm512_extracti32x4_epi32(v, 3), 3);
}

/*
 * Decides on blocks, of which @n values are left; writes their headers and masks, and finds
 * where all else goes.  Numbers of a mode are @mode_bytes before those of the next, but those of
 * mode ZERO @zero_bytes behind their place; @ones is a 1 for each of 4 bytes of them.
 */
static __always_inline void decide_lanes(const struct lane_sums *s, u32 n, bool whole,
					 u32 mode_bytes, s32 zero_bytes, u32 ones, u8 *header,
					 struct lanes *lanes, struct lane_writer *w)
{
	__m512i nonzero = _mm512_loadu_si512(s->nonzero), numbers = bits_of_words(nonzero);
	__m512i mode, width, stored, bits, at, zvc_sum = _mm512_sub_epi32(s->zero, numbers);
	__m512i count = s->count, key, mask_bits;
	__mmask16 zvc, some, zero;
	u32 rest = n % ASC_VBR_BLOCK;

	mask_bits = _mm512_andnot_si512(set32(7), _mm512_add_epi32(count, set32(7)));
	mask_bits = _mm512_slli_epi32(mask_bits, 8);
	key = _mm512_add_epi32(suit_lanes(zvc_sum, numbers, ASC_VBR_ZVC), mask_bits);
	if (whole) {
		key = _mm512_min_epu32(key, suit_whole_lanes(s->zero, ASC_VBR_ZERO));
		key = _mm512_min_epu32(key, suit_whole_lanes(s->left, ASC_VBR_LEFT));
		key = _mm512_min_epu32(key, suit_whole_lanes(s->up, ASC_VBR_UP));
	} else {
		key = _mm512_min_epu32(key, suit_lanes(s->zero, count, ASC_VBR_ZERO));
		key = _mm512_min_epu32(key, suit_lanes(s->left, count, ASC_VBR_LEFT));
		key = _mm512_min_epu32(key, suit_lanes(s->up, count, ASC_VBR_UP));
	}
	key = _mm512_and_si512(key, set32(0x3f));
	_mm_storeu_si128((void *)header, _mm512_cvtepi32_epi8(key));
	mode = _mm512_and_si512(key, set32(3));
	width = _mm512_srli_epi32(key, 2);
	zvc = _mm512_cmpeq_epi32_mask(mode, set32(ASC_VBR_ZVC));
	some = _mm512_cmpneq_epi32_mask(width, set32(ASC_VBR_WIDTH_NONE));
	if (!whole)
		zvc &= _mm512_test_epi32_mask(count, count);
	_mm512_storeu_si512(w->masks, _mm512_maskz_compress_epi32(zvc, nonzero));
	w->masks += 4 * bits_of_mask(zvc);
	/* of the last block there may be less */
	if (!whole && rest && zvc >> n / ASC_VBR_BLOCK & 1)
		w->masks -= 4 - (rest + 7) / 8;
	stored = set32(~0u);
	if (!whole) {
		stored = _mm512_sllv_epi32(set32(1), count);
		stored = _mm512_sub_epi32(stored, set32(1));
	}
	stored = _mm512_mask_mov_epi32(stored, zvc, nonzero);
	_mm512_storeu_si512(lanes->stored, _mm512_maskz_mov_epi32(some, stored));
	numbers = _mm512_maskz_mov_epi32(some, _mm512_mask_mov_epi32(count, zvc, numbers));
	bits = _mm512_madd_epi16(numbers, width);
	at = _mm512_add_epi32(sum_lanes(bits), set32(w->low_bits));
	w->low_bits = last_lane(at);
	at = _mm512_sub_epi32(at, bits);
	_mm512_storeu_si512(lanes->low, _mm512_srli_epi32(at, 3));
	at = _mm512_and_si512(at, set32(7));
	_mm512_storeu_si512(lanes->shift, at);
	_mm512_storeu_si512(lanes->end, _mm512_srli_epi32(_mm512_add_epi32(at, bits), 3));
	at = sum_lanes(numbers);
	_mm512_storeu_si512(lanes->height_end, at);
	_mm512_storeu_si512(lanes->height, _mm512_sub_epi32(at, numbers));
	_mm512_storeu_si512(lanes->width, width);
	at = _mm512_madd_epi16(mode, set32(mode_bytes));
	zero = zvc | _mm512_testn_epi32_mask(mode, mode);
	_mm512_storeu_si512(lanes->from, _mm512_mask_mov_epi32(at, zero, set32((u32)zero_bytes)));
	_mm512_storeu_si512(lanes->less, _mm512_maskz_set1_epi32(zvc, (int)ones));
}

/* --- high parts -------------------------------------------------------------- */

/*
 * Cold: of 16 numbers one is long, or many are.  Fields of a writer are handed over one by one, as
 * a copy of it in memory would be read in pieces that are not those it was written in.
 */
static noinline u64 put_heights_slowly(u8 **at, u32 *fill, u64 bits, const u8 *heights)
{
	struct writer w = { .at = *at, .bits = bits, .fill = *fill };
	u32 i;

	/* of those that are not 0 none comes behind one that is */
	for (i = 0; i < 64 && heights[i]; i++) {
		u32 zeros = heights[i] - 1;

		for (; zeros >= 56; zeros -= 56)
			put(&w, 0, 56);
		put(&w, 1ull << zeros, zeros + 1);
	}
	*at = w.at;
	*fill = w.fill;
	return w.bits;
}

/*
 * Zeros and a one for each of 64 numbers, whose lengths are given; nothing for 0.  Codes of
 * two are put together until they are 16 numbers long.
 */
static __always_inline void put_heights(const u8 *heights, struct writer *w)
{
	const __m512i one = set16(1);
	__m512i v = _mm512_loadu_si512(heights), c, n, shift;
	u64 code[8] __uninitialized, bits[8] __uninitialized;
	u32 broken, i;

	n = _mm512_maddubs_epi16(v, _mm512_set1_epi8(1));
	/* the bit behind each one, and the lowest where there is none */
	c = _mm512_sllv_epi16(one, _mm512_and_si512(v, set16(0xff)));
	c = _mm512_or_si512(c, _mm512_sllv_epi16(one, n));
	c = _mm512_srli_epi16(c, 1);
	broken = _mm512_cmpgt_epu16_mask(n, set16(15));
	/* 16 bits to 32: the lower part is moved up to the higher one, and both down */
	shift = _mm512_maskz_sub_epi16(0x55555555, set16(16), n);
	c = _mm512_srlv_epi32(_mm512_sllv_epi16(c, shift), shift);
	n = _mm512_madd_epi16(n, one);
	/* to 64 */
	shift = _mm512_maskz_sub_epi32(0x5555, set32(32), n);
	c = _mm512_srlv_epi64(_mm512_sllv_epi32(c, shift), shift);
	n = _mm512_sad_epu8(v, _mm512_setzero_si512());
	/* 16 numbers */
	c = _mm512_or_si512(c, _mm512_sllv_epi64(_mm512_shuffle_epi32(c, 0x4e), n));
	n = _mm512_add_epi64(n, _mm512_shuffle_epi32(n, 0x4e));
	broken |= _mm512_cmpgt_epu64_mask(n, _mm512_set1_epi64(56));
	if (broken) {
		u8 *at_now = w->at;
		u32 fill = w->fill;

		w->bits = put_heights_slowly(&at_now, &fill, w->bits, heights);
		w->at = at_now;
		w->fill = fill;
		return;
	}
	_mm512_storeu_si512(code, c);
	_mm512_storeu_si512(bits, n);
	for (i = 0; i < 8; i += 2)
		put(w, code[i], bits[i]);
}

/* All that fill 64; what is left comes first next time. */
static __always_inline void put_whole_heights(struct lane_writer *w)
{
	/* in registers */
	struct writer highs = {
		.at = w->highs.at, .bits = w->highs.bits, .fill = w->highs.fill,
	};
	u8 *heights = w->heights;
	u32 i, count = w->height_count;

	for (i = 0; i + 64 <= count; i += 64)
		put_heights(heights + i, &highs);
	_mm512_storeu_si512(heights, _mm512_loadu_si512(heights + i));
	w->height_count = count - i;
	w->highs.at = highs.at;
	w->highs.bits = highs.bits;
	w->highs.fill = highs.fill;
}

static __always_inline void put_last_heights(struct lane_writer *w)
{
	__m512i v = _mm512_loadu_si512(w->heights);
	__mmask64 rest = (1ull << w->height_count) - 1;

	_mm512_storeu_si512(w->heights, _mm512_maskz_mov_epi8(rest, v));
	put_heights(w->heights, &w->highs);
}

static __always_inline void end_writing(struct lane_writer *w, struct asc_vbr_plan *plan)
{
	put_whole_heights(w);
	put_last_heights(w);
	plan->sizes.mask_bytes = w->masks - plan->masks;
	plan->sizes.low_bits = w->low_bits;
	plan->sizes.high_bits = bits_written(&w->highs, plan->highs);
}

#endif
