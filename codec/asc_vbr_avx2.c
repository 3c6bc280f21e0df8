// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ASC-VBR with AVX2 and BMI2: bits by PDEP and PEXT, high parts put together in registers,
 * loops over a block as the compiler vectorises them.
 */

#include "kernels.h"

#ifdef FMC_X86

#include "asc_vbr_avx2.h"
#include "asc_vbr_loops.h"

/* --- encoding --------------------------------------------------------------- */

/* At most 64 bits. */
static __always_inline void put_long(struct writer *w, u64 value, u32 bits)
{
	u64 low = w->bits | value << w->fill, high = value >> 1 >> (63 - w->fill);
	u32 fill = w->fill + bits;

	put_u64(w->at, low);
	put_u64(w->at + 8, high);
	w->bits = fill >= 64 ? high : low >> (fill & 56);
	w->at += fill / 8;
	w->fill = fill & 7;
}

/* Low bits, four numbers at a time; those behind the last are 0. */
static __always_inline void put_low(struct writer *w, const u16 *numbers, u32 width, u32 count)
{
	u64 mask = ((1ull << width) - 1) * 0x0001000100010001ull;
	u32 i;

	for (i = 0; i < count; i += 4)
		put(w, _pext_u64(get_u64((const u8 *)(numbers + i)), mask),
		    asc_vbr_min(count - i, 4) * width);
}

/* Cold: a number is long, or many are. */
static noinline void put_high_slowly(struct writer *w, const u16 *numbers, u32 width, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++) {
		u32 zeros = numbers[i] >> width;

		for (; zeros >= 56; zeros -= 56)
			put(w, 0, 56);
		put(w, 1ull << zeros, zeros + 1);
	}
}

/*
 * Zeros and a one for each of up to 16 numbers: codes are put together by two until they
 * are one.  Returns how many bits it has; more than 64 if it is not valid.
 */
static __always_inline u32 pack_high(const u16 *numbers, u32 width, u32 count, u64 *bits_out)
{
	const __m256i lanes = _mm256_setr_epi16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
						15);
	__m256i one32 = _mm256_set1_epi32(1), low16 = _mm256_set1_epi32(0xffff);
	__m256i low32 = _mm256_set1_epi64x(0xffffffff);
	__m256i used = _mm256_cmpgt_epi16(_mm256_set1_epi16((short)count), lanes);
	__m256i v = _mm256_loadu_si256((const void *)numbers), bits, shift, first, code, n, m;
	u32 total;

	v = _mm256_srl_epi16(v, _mm_cvtsi32_si128((int)width));
	bits = _mm256_and_si256(_mm256_add_epi16(v, _mm256_set1_epi16(1)), used);
	shift = _mm256_blendv_epi8(_mm256_set1_epi16(64), v, used);
	/* 16 bits to 32 */
	first = _mm256_and_si256(bits, low16);
	code = _mm256_sllv_epi32(one32, _mm256_and_si256(shift, low16));
	shift = _mm256_add_epi32(_mm256_srli_epi32(shift, 16), first);
	code = _mm256_or_si256(code, _mm256_sllv_epi32(one32, shift));
	n = _mm256_add_epi32(first, _mm256_srli_epi32(bits, 16));
	/* to 64 */
	first = _mm256_and_si256(n, low32);
	m = _mm256_add_epi64(first, _mm256_srli_epi64(n, 32));
	code = _mm256_or_si256(_mm256_and_si256(code, low32),
			       _mm256_sllv_epi64(_mm256_srli_epi64(code, 32), first));
	/* 8 numbers */
	code = _mm256_or_si256(code, _mm256_sllv_epi64(_mm256_shuffle_epi32(code, 0xee), m));
	m = _mm256_add_epi64(m, _mm256_shuffle_epi32(m, 0xee));
	/* 16 numbers */
	code = _mm256_or_si256(code, _mm256_sllv_epi64(_mm256_permute4x64_epi64(code, 0xee), m));
	m = _mm256_add_epi64(m, _mm256_permute4x64_epi64(m, 0xee));
	total = _mm_cvtsi128_si32(_mm256_castsi256_si128(m));
	*bits_out = _mm_cvtsi128_si64(_mm256_castsi256_si128(code));
	n = _mm256_cmpgt_epi32(n, _mm256_set1_epi32(32));
	return _mm256_testz_si256(n, n) ? total : 65;
}

static __always_inline void put_high(struct writer *w, const u16 *numbers, u32 width, u32 count)
{
	u32 left = asc_vbr_min(count, 16), bits[2];
	u64 code[2];

	bits[0] = pack_high(numbers, width, left, &code[0]);
	bits[1] = pack_high(numbers + 16, width, count - left, &code[1]);
	if (bits[0] > 64 || bits[1] > 64) {
		put_high_slowly(w, numbers, width, count);
		return;
	}
	put_long(w, code[0], bits[0]);
	put_long(w, code[1], bits[1]);
}

/* Numbers that are not zero, less 1, without those that are.  Returns the mask. */
static __always_inline u32 pick_nonzero(const u16 *numbers, u16 *out)
{
	__m256i a = _mm256_loadu_si256((const void *)numbers), one = _mm256_set1_epi16(1);
	__m256i b = _mm256_loadu_si256((const void *)(numbers + 16)), zero = _mm256_setzero_si256();
	__m256i zeros = _mm256_packs_epi16(_mm256_cmpeq_epi16(a, zero),
					   _mm256_cmpeq_epi16(b, zero));
	u32 mask = ~_mm256_movemask_epi8(_mm256_permute4x64_epi64(zeros, 0xd8)), rest = mask, i;
	u16 less[ASC_VBR_BLOCK];

	_mm256_storeu_si256((void *)less, _mm256_sub_epi16(a, one));
	_mm256_storeu_si256((void *)(less + 16), _mm256_sub_epi16(b, one));
	for (i = 0; i < ASC_VBR_BLOCK; i += 4, rest >>= 4) {
		u64 four = _pdep_u64(rest, 0x0001000100010001ull) * 0xffff;

		put_u64((u8 *)out, _pext_u64(get_u64((const u8 *)(less + i)), four));
		out += __builtin_popcount(rest & 15);
	}
	return mask;
}

/* Sums of pairs of words, less 2^16 each. */
static __always_inline __m256i add_pairs(const u16 *numbers)
{
	__m256i one = _mm256_set1_epi16(1), bias = _mm256_set1_epi16((short)0x8000);
	__m256i a = _mm256_loadu_si256((const void *)numbers);
	__m256i b = _mm256_loadu_si256((const void *)(numbers + 16));

	a = _mm256_madd_epi16(_mm256_xor_si256(a, bias), one);
	b = _mm256_madd_epi16(_mm256_xor_si256(b, bias), one);
	return _mm256_add_epi32(a, b);
}

/* As sum_numbers() of a whole block. */
static __always_inline void sum_block(u16 (*numbers)[ASC_VBR_BLOCK], u32 *sums)
{
	__m256i one = _mm256_set1_epi16(1), v;
	__m256i a = _mm256_loadu_si256((const void *)numbers[ASC_VBR_ZERO]);
	__m256i b = _mm256_loadu_si256((const void *)(numbers[ASC_VBR_ZERO] + 16));
	__m128i sum;

	a = _mm256_add_epi16(_mm256_min_epu16(a, one), _mm256_min_epu16(b, one));
	a = _mm256_hadd_epi32(add_pairs(numbers[ASC_VBR_UP]), _mm256_madd_epi16(a, one));
	v = _mm256_hadd_epi32(add_pairs(numbers[ASC_VBR_ZERO]), add_pairs(numbers[ASC_VBR_LEFT]));
	v = _mm256_hadd_epi32(v, a);
	sum = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
	sum = _mm_add_epi32(sum, _mm_setr_epi32(1 << 20, 1 << 20, 1 << 20, 0));
	_mm_storeu_si128((void *)sums, sum);
}

/* Numbers and headers of 4 blocks, some of which may be behind the end. */
static __always_inline void plan_group(const struct asc_vbr_grid *g, u32 n, u32 first,
				       struct asc_vbr_plan *plan)
{
	u32 sums[ASC_VBR_GROUP][ASC_VBR_MODES], size[ASC_VBR_GROUP], i;

	for (i = 0; i < ASC_VBR_GROUP; i++) {
		u32 at = first + i * ASC_VBR_BLOCK;

		size[i] = at < n ? asc_vbr_min(n - at, ASC_VBR_BLOCK) : 1;
		memset(sums[i], 0, sizeof(sums[i]));
		if (at >= n)
			continue;
		fold_numbers(g, plan->points + ASC_VBR_BLOCK, at, plan->numbers[i]);
		if (size[i] == ASC_VBR_BLOCK)
			sum_block(plan->numbers[i], sums[i]);
		else
			sum_numbers(plan->numbers[i], size[i], sums[i]);
	}
	for (i = 0; i < ASC_VBR_GROUP; i += 2)
		decide_two(_mm256_loadu_si256((const void *)sums[i]), size + i,
			   plan->header + first / ASC_VBR_BLOCK + i);
}

/* A block whose modes are in memory; overwrites them. */
static __always_inline void put_block(u32 header, u32 count, u16 (*modes)[ASC_VBR_BLOCK],
				      u8 **masks, struct writer *lows, struct writer *highs)
{
	u32 mode = ASC_VBR_HEADER_MODE(header), width = ASC_VBR_HEADER_WIDTH(header), mask, i;
	u16 *numbers = modes[mode];

	if (mode == ASC_VBR_ZVC) {
		mask = pick_nonzero(modes[ASC_VBR_ZERO], numbers) & asc_vbr_mask(count);
		for (i = 0; i < count; i += 8)
			*(*masks)++ = mask >> i;
		count = __builtin_popcount(mask);
	}
	if (width == ASC_VBR_WIDTH_NONE)
		return;
	for (i = count; i % 4; i++)
		numbers[i] = 0;
	put_low(lows, numbers, width, count);
	put_high(highs, numbers, width, count);
}

static void vbr_encode_avx2(const struct asc_vbr_grid *g, u32 n, struct asc_vbr_plan *plan)
{
	struct writer lows = { .at = plan->lows }, highs = { .at = plan->highs };
	u8 *masks = plan->masks;
	u32 first, i;

	for (first = 0; first < n; first += ASC_VBR_GROUP * ASC_VBR_BLOCK) {
		plan_group(g, n, first, plan);
		for (i = 0; i < ASC_VBR_GROUP && first + i * ASC_VBR_BLOCK < n; i++)
			put_block(plan->header[first / ASC_VBR_BLOCK + i],
				  asc_vbr_min(n - first - i * ASC_VBR_BLOCK, ASC_VBR_BLOCK),
				  plan->numbers[i], &masks, &lows, &highs);
	}
	plan->sizes.mask_bytes = masks - plan->masks;
	plan->sizes.low_bits = bits_written(&lows, plan->lows);
	plan->sizes.high_bits = bits_written(&highs, plan->highs);
}

static u8 *vbr_put_headers_avx2(u8 *header, u32 blocks, u8 *out)
{
	return put_headers_bmi2(header, blocks, out);
}

/* --- decoding --------------------------------------------------------------- */

/* Places of the ones of 8 bits, a byte each. */
static __always_inline u64 places_of(u64 bits)
{
	return _pext_u64(0x0706050403020100ull, _pdep_u64(bits, 0x0101010101010101ull) * 0xff);
}

/*
 * Where the ones are, of which there are to be @numbers at least; places are modulo 2^16.
 * Returns how many were found.
 */
static __always_inline u32 find_ones(const u8 *highs, u32 bytes, u32 numbers, u16 *places)
{
	u32 found = 0, at;

	for (at = 0; at < bytes && found < numbers; at++) {
		__m128i v = _mm_cvtepu8_epi16(_mm_cvtsi64_si128((s64)places_of(highs[at])));

		v = _mm_add_epi16(v, _mm_set1_epi16((short)(8 * at)));
		_mm_storeu_si128((void *)(places + found), v);
		found += __builtin_popcount(highs[at]);
	}
	return found;
}

static const u8 *vbr_get_control_avx2(const u8 *in, const u8 *end, u32 n,
				      struct asc_vbr_control *control, u32 *low_bits)
{
	u32 blocks = asc_vbr_blocks(n);

	control->numbers = 0;
	*low_bits = 0;
	get_headers_bmi2(in, blocks, control->header);
	return get_masks(behind_headers(in, blocks), end, 0, n, control, low_bits);
}

/* Numbers as they are stored; returns whether one is too large for 16 bits. */
static __always_inline bool get_stored(const u16 *places, const u8 *lows, u32 at, u32 width,
				       u32 count, u16 *numbers)
{
	u64 mask = ((1ull << width) - 1) * 0x0001000100010001ull;
	u16 limit = 0xffff >> width, too_large = 0;
	u32 i;

	for (i = 0; i < ASC_VBR_BLOCK; i += 4, at += 4 * width)
		put_u64((u8 *)(numbers + i), _pdep_u64(get_u64(lows + at / 8) >> at % 8, mask));
	for (i = 0; i < ASC_VBR_BLOCK; i++) {
		u16 high = places[i] - places[(s32)i - 1] - 1;

		too_large |= (i < count) & (high > limit);
		numbers[i] |= (u16)(high << width);
	}
	return too_large;
}

/* Puts numbers where the mask is, and 0 elsewhere. */
static __always_inline void spread(u16 *numbers, const u16 *stored, u32 mask)
{
	u32 i;

	memset(numbers, 0, ASC_VBR_BLOCK * sizeof(*numbers));
	for (i = 0; mask; i++, mask &= mask - 1)
		numbers[__builtin_ctz(mask)] = stored[i];
}

static __always_inline void unfold_block(const struct asc_vbr_grid *g, const u16 *numbers, u16 *p)
{
	u16 origin = g->origin, twice = 2 * g->both, max = g->max, i;
	u16 flip = origin > g->both ? 0xffff : 0;
	u16 base = flip ? origin + g->both + 1 : origin - g->both;

	for (i = 0; i < ASC_VBR_BLOCK; i++) {
		u16 v = numbers[i], half = (v >> 1) + (v & 1);
		u16 near = v & 1 ? origin - half : origin + half;

		p[i] = (v > twice ? (u16)((v ^ flip) + base) : near) & max;
	}
}

static __always_inline void unfold_differences(const struct asc_vbr_grid *g, u32 mode, u16 *numbers,
					       u32 first, u16 *points)
{
	u16 above[ASC_VBR_BLOCK], max = g->max, *p = points + first;
	u32 distance = mode == ASC_VBR_UP ? g->up : 1, i;
	const u16 *before;

	for (i = 0; i < ASC_VBR_BLOCK; i++)
		numbers[i] = numbers[i] >> 1 ^ -(numbers[i] & 1);
	if (distance >= ASC_VBR_BLOCK) {
		before = points_above(g, points, first, above);
		for (i = 0; i < ASC_VBR_BLOCK; i++)
			p[i] = (numbers[i] + before[i]) & max;
	} else if (distance == 1) {
		u16 sum = p[-1];

		for (i = 0; i < ASC_VBR_BLOCK; i++) {
			sum += numbers[i];
			p[i] = sum & max;
		}
	} else {
		for (i = 0; i < ASC_VBR_BLOCK; i++)
			p[i] = (numbers[i] + p[(s32)(i - distance)]) & max;
	}
}

/* Returns whether there are numbers that take more than 16 bits. */
static bool decode_tile(const struct asc_vbr_grid *g, u32 n, struct asc_vbr_control *control)
{
	u16 *points = control->points + ASC_VBR_BLOCK, *places = control->places + ASC_VBR_BLOCK;
	u16 stored[ASC_VBR_BLOCK], spaced[ASC_VBR_BLOCK], *numbers;
	u32 low = 0, first, i;

	for (first = 0; first < n; first += ASC_VBR_BLOCK) {
		u32 header = control->header[first / ASC_VBR_BLOCK];
		u32 mask = control->mask[first / ASC_VBR_BLOCK];
		u32 mode = ASC_VBR_HEADER_MODE(header), width = ASC_VBR_HEADER_WIDTH(header);
		u32 count = 0;

		numbers = stored;
		if (width == ASC_VBR_WIDTH_NONE) {
			memset(stored, 0, sizeof(stored));
		} else {
			count = __builtin_popcount(mask);
			if (get_stored(places, control->in, low, width, count, stored))
				return true;
			places += count;
			low += count * width;
		}
		if (mode == ASC_VBR_ZVC) {
			bool too_large = false;

			for (i = 0; i < count; i++) {
				stored[i]++;
				too_large |= !stored[i];
			}
			if (too_large)
				return true;
			if (!count)
				for (i = 0; i < ASC_VBR_BLOCK; i++)
					stored[i] = 1;
			spread(spaced, stored, mask);
			numbers = spaced;
		}
		if (mode == ASC_VBR_ZERO || mode == ASC_VBR_ZVC)
			unfold_block(g, numbers, points + first);
		else
			unfold_differences(g, mode, numbers, first, points);
	}
	return false;
}

static int vbr_decode_avx2(const struct asc_vbr_grid *g, u32 n, struct asc_vbr_control *control,
			   const u8 *lows, const u8 *highs, const u8 *end)
{
	u32 low_bytes = highs - lows, high_bytes = end - highs, found;
	u16 *places = control->places + ASC_VBR_BLOCK;

	/* not what an encoder writes, and too much for places of 16 bits */
	if (end - lows > 2 * FMC_TILE_MAX_VALUES || high_bytes >= 65536 / 8)
		return vbr_decode(g, n, control, lows, highs, end);
	/* a copy stays as it is, and has bytes behind it */
	memcpy(control->in, lows, low_bytes + high_bytes);
	memset(control->in + low_bytes + high_bytes, 0, ASC_VBR_SLACK);
	places[-1] = 0xffff;
	found = find_ones(control->in + low_bytes, high_bytes, control->numbers, places);
	if (found < control->numbers ||
	    8 * high_bytes - (u16)(places[(s32)control->numbers - 1] + 1) >= 8)
		return -EBADMSG;
	if (decode_tile(g, n, control))
		return vbr_decode(g, n, control, lows, highs, end);
	return 0;
}

const struct asc_vbr_kernels asc_vbr_kernels_avx2 = {
	.tiles = &fmc_tile_coders_avx2,
	.bytes = &asc_vbr_bytes_avx2,
	.least = vbr_least,
	.to_points = vbr_to_points,
	.to_points_errors = vbr_to_points_errors,
	.from_points = vbr_from_points,
	.add_errors = vbr_add_errors,
	.encode = vbr_encode_avx2,
	.count = vbr_count,
	.put_headers = vbr_put_headers_avx2,
	.get_control = vbr_get_control_avx2,
	.decode = vbr_decode_avx2,
	.trellis = asc_vbr_trellis_avx2,
};

#endif
