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
static __always_inline __m512i suit_lanes(__m512i s, __m512i n, u32 mode, bool narrow)
{
	__m512i half = _mm512_srli_epi32(n, 1), t = _mm512_add_epi32(s, half), k, bits;
	__mmask16 nonzero = _mm512_test_epi32_mask(s, s);

	k = _mm512_sub_epi32(_mm512_lzcnt_epi32(n), _mm512_lzcnt_epi32(t));
	k = _mm512_mask_sub_epi32(k, _mm512_cmpgt_epu32_mask(_mm512_sllv_epi32(n, k), t), k,
				  set32(1));
	k = _mm512_max_epi32(k, _mm512_setzero_si512());
	if (!narrow)
		k = _mm512_min_epi32(k, set32(ASC_VBR_WIDTH_MAX));
	bits = _mm512_add_epi32(_mm512_madd_epi16(n, k), _mm512_sub_epi32(n, half));
	bits = _mm512_maskz_add_epi32(nonzero, bits, _mm512_srlv_epi32(t, k));
	k = _mm512_mask_mov_epi32(set32(ASC_VBR_WIDTH_NONE), nonzero, k);
	bits = _mm512_or_si512(_mm512_slli_epi32(bits, 8), _mm512_slli_epi32(k, 2));
	return _mm512_or_si512(bits, set32(mode * 0x41));
}

/*
 * The same of whole blocks in the modes that store all numbers.  What it takes grows with the sum,
 * and is the same where the least sum's width leaves as much of both.
 */
static __always_inline __m512i suit_whole_lanes(const struct lane_sums *s, bool narrow)
{
	__m512i half = set32(ASC_VBR_BLOCK / 2), t, k, least, key;
	__mmask16 zero, left, some;

	t = _mm512_min_epu32(_mm512_min_epu32(s->zero, s->left), s->up);
	some = _mm512_test_epi32_mask(t, t);
	t = _mm512_add_epi32(t, half);
	k = _mm512_lzcnt_epi32(_mm512_or_si512(t, set32(ASC_VBR_BLOCK)));
	k = _mm512_sub_epi32(set32(26), k);
	if (!narrow)
		k = _mm512_min_epi32(k, set32(ASC_VBR_WIDTH_MAX));
	least = _mm512_srlv_epi32(t, k);
	zero = _mm512_cmpeq_epi32_mask(least, _mm512_srlv_epi32(_mm512_add_epi32(s->zero, half),
								k));
	left = _mm512_cmpeq_epi32_mask(least, _mm512_srlv_epi32(_mm512_add_epi32(s->left, half),
								k));
	/* 32 bits for each of the width, in units of 256 */
	key = _mm512_madd_epi16(k, set32((ASC_VBR_BLOCK << 8) + 4));
	key = _mm512_add_epi32(key, _mm512_slli_epi32(least, 8));
	key = _mm512_add_epi32(key, set32(ASC_VBR_BLOCK / 2 << 8));
	key = _mm512_mask_mov_epi32(set32(ASC_VBR_WIDTH_NONE << 2), some, key);
	/* the mode, where bits are equal, and in the header */
	least = _mm512_mask_mov_epi32(set32(ASC_VBR_UP * 0x41), left, set32(ASC_VBR_LEFT * 0x41));
	least = _mm512_maskz_mov_epi32((__mmask16)~zero, least);
	return _mm512_add_epi32(key, least);
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
 * @heights: how many all blocks have
 */
struct lanes {
	__m512i from, less, stored, width, low, end, shift, height;
	u32 heights;
};

/**
 * struct lane_writer - parts of a tile that grow
 * @masks: the next one
 * @lows: the first byte
 * @low_bits: how many
 * @begun: the last byte of these, if it is not full; otherwise 0
 * @heights: the next high part
 */
struct lane_writer {
	u8 *masks, *lows;
	u32 low_bits;
	__m512i begun;
	u8 *heights;
};

/* Where the values of each block of a group begin. */
static __always_inline __m512i block_starts(void)
{
	return _mm512_setr_epi32(0, 32, 64, 96, 128, 160, 192, 224,
				 256, 288, 320, 352, 384, 416, 448, 480);
}

/* Values of each block of a group that has @n of them. */
static __always_inline __m512i count_lanes(u32 n)
{
	__m512i left = _mm512_sub_epi32(set32(n), block_starts());

	left = _mm512_max_epi32(left, _mm512_setzero_si512());

	return _mm512_min_epi32(left, set32(ASC_VBR_BLOCK));
}

static __always_inline struct lane_writer writer_of(struct asc_vbr_plan *plan)
{
	struct lane_writer w = {
		.masks = plan->masks,
		.lows = plan->lows,
		.begun = _mm512_setzero_si512(),
		.heights = plan->heights,
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
					 bool narrow, u32 mode_bytes, s32 zero_bytes, u32 ones,
					 u8 *header, struct lanes *lanes, struct lane_writer *w)
{
	__m512i nonzero = _mm512_loadu_si512(s->nonzero), numbers = _mm512_popcnt_epi32(nonzero);
	__m512i mode, width, stored, bits, at, zvc_sum = _mm512_sub_epi32(s->zero, numbers);
	__m512i count = s->count, key, mask_bits, sums;
	__mmask16 zvc, some, zero;
	u32 rest = n % ASC_VBR_BLOCK, last;

	mask_bits = _mm512_andnot_si512(set32(7), _mm512_add_epi32(count, set32(7)));
	mask_bits = _mm512_slli_epi32(mask_bits, 8);
	key = _mm512_add_epi32(suit_lanes(zvc_sum, numbers, ASC_VBR_ZVC, narrow), mask_bits);
	if (whole) {
		key = _mm512_min_epu32(key, suit_whole_lanes(s, narrow));
	} else {
		key = _mm512_min_epu32(key, suit_lanes(s->zero, count, ASC_VBR_ZERO, narrow));
		key = _mm512_min_epu32(key, suit_lanes(s->left, count, ASC_VBR_LEFT, narrow));
		key = _mm512_min_epu32(key, suit_lanes(s->up, count, ASC_VBR_UP, narrow));
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
	lanes->stored = _mm512_maskz_mov_epi32(some, stored);
	numbers = _mm512_maskz_mov_epi32(some, _mm512_mask_mov_epi32(count, zvc, numbers));
	bits = _mm512_madd_epi16(numbers, width);
	/* low bits above numbers, none of which have more than 16 bits */
	sums = sum_lanes(_mm512_or_si512(_mm512_slli_epi32(bits, 16), numbers));
	last = last_lane(sums);
	at = _mm512_sub_epi32(_mm512_srli_epi32(sums, 16), bits);
	at = _mm512_add_epi32(at, set32(w->low_bits));
	w->low_bits += last >> 16;
	lanes->low = _mm512_srli_epi32(at, 3);
	lanes->shift = _mm512_and_si512(at, set32(7));
	lanes->end = _mm512_srli_epi32(_mm512_add_epi32(lanes->shift, bits), 3);
	lanes->heights = last & 0xffff;
	lanes->height = _mm512_sub_epi32(_mm512_and_si512(sums, set32(0xffff)), numbers);
	lanes->width = width;
	at = _mm512_madd_epi16(mode, set32(mode_bytes));
	zero = zvc | _mm512_testn_epi32_mask(mode, mode);
	lanes->from = _mm512_mask_mov_epi32(at, zero, set32((u32)zero_bytes));
	lanes->less = _mm512_maskz_set1_epi32(zvc, (int)ones);
}

/* --- high parts -------------------------------------------------------------- */

/*
 * Cold: of 16 numbers one is long, or many are.  Fields of a writer are handed over one by one, as
 * a copy of it in memory would be read in pieces that are not those it was written in.
 */
static noinline u64 put_heights_slowly(u8 **at, u32 *fill, u64 bits, const u8 *heights, u32 count)
{
	struct writer w = { .at = *at, .bits = bits, .fill = *fill };
	u32 i;

	for (i = 0; i < count; i++) {
		u32 zeros = heights[i];

		for (; zeros >= 56; zeros -= 56)
			put(&w, 0, 56);
		put(&w, 1ull << zeros, zeros + 1);
	}
	*at = w.at;
	*fill = w.fill;
	return w.bits;
}

/* What is the same for all high parts. */
struct height_packing {
	__m512i one8, one16, low8, most16, most64, width16, width32;
};

static __always_inline struct height_packing height_packing_of(void)
{
	struct height_packing p = {
		.one8 = kept(set8(1)), .one16 = kept(set16(1)), .low8 = kept(set16(0xff)),
		.most16 = kept(set16(15)), .most64 = kept(_mm512_set1_epi64(56)),
		.width16 = kept(set32(16)), .width32 = kept(_mm512_set1_epi64(32)),
	};

	return p;
}

/*
 * Zeros and a one for each of 64 numbers, or the first @count.  Codes of two are put together
 * until they are 16 numbers long.
 */
static __always_inline void put_heights(const struct height_packing *p, const u8 *heights,
					u32 count, struct writer *w)
{
	__mmask64 used = count < 64 ? (1ull << count) - 1 : ~0ull;
	u64 code[8] __uninitialized, bits[8] __uninitialized;
	__m512i v, c, n, shift;
	u32 broken, i;

	v = _mm512_maskz_add_epi8(used, _mm512_loadu_si512(heights), p->one8);
	n = _mm512_maddubs_epi16(v, p->one8);
	/* the bit behind each one, and the lowest where there is none */
	c = _mm512_sllv_epi16(p->one16, _mm512_and_si512(v, p->low8));
	c = _mm512_or_si512(c, _mm512_sllv_epi16(p->one16, n));
	c = _mm512_srli_epi16(c, 1);
	broken = _mm512_cmpgt_epu16_mask(n, p->most16);
	/* 16 bits to 32: the lower part is moved up to the higher one, and both down */
	shift = _mm512_subs_epu16(p->width16, n);
	c = _mm512_srlv_epi32(_mm512_sllv_epi16(c, shift), shift);
	n = _mm512_madd_epi16(n, p->one16);
	/* to 64 */
	shift = _mm512_subs_epu16(p->width32, n);
	c = _mm512_srlv_epi64(_mm512_sllv_epi32(c, shift), shift);
	n = _mm512_sad_epu8(v, _mm512_setzero_si512());
	/* 16 numbers */
	c = _mm512_or_si512(c, _mm512_sllv_epi64(_mm512_shuffle_epi32(c, 0x4e), n));
	n = _mm512_add_epi64(n, _mm512_shuffle_epi32(n, 0x4e));
	broken |= _mm512_cmpgt_epu64_mask(n, p->most64);
	if (broken) {
		u8 *at_now = w->at;
		u32 fill = w->fill;

		w->bits = put_heights_slowly(&at_now, &fill, w->bits, heights, count);
		w->at = at_now;
		w->fill = fill;
		return;
	}
	_mm512_storeu_si512(code, c);
	_mm512_storeu_si512(bits, n);
	for (i = 0; i < 8; i += 2)
		put(w, code[i], bits[i]);
}

/* Of all blocks at once, as nobody can tell how many those of a few have. */
static __always_inline void put_all_heights(const u8 *heights, u32 count, struct writer *w)
{
	const struct height_packing p = height_packing_of();
	u32 i;

	for (i = 0; i + 64 <= count; i += 64)
		put_heights(&p, heights + i, 64, w);
	put_heights(&p, heights + i, count - i, w);
}

static __always_inline void end_writing(struct lane_writer *w, struct asc_vbr_plan *plan)
{
	struct writer highs = { .at = plan->highs };

	put_all_heights(plan->heights, w->heights - plan->heights, &highs);
	plan->sizes.mask_bytes = w->masks - plan->masks;
	plan->sizes.low_bits = w->low_bits;
	plan->sizes.high_bits = bits_written(&highs, plan->highs);
}

#endif
