// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ASC-VBR with NEON: numbers, their low bits and high parts eight at a time.
 */

#include "kernels.h"

#ifdef FMC_ARM64

#include "simd_arm64.h"

#include "asc_vbr_blocks.h"
#include "asc_vbr_loops.h"
#include "zeros_neon.h"

#define EIGHT	8

/* --- encoding --------------------------------------------------------------- */

/* As fold_difference(). */
static __always_inline uint16x8_t fold_differences(uint16x8_t points, uint16x8_t before,
						   int16x8_t up, int16x8_t down)
{
	uint16x8_t difference = vshlq_u16(vsubq_u16(points, before), up), sign;

	sign = vreinterpretq_u16_s16(vshrq_n_s16(vreinterpretq_s16_u16(difference), 15));
	return vshlq_u16(veorq_u16(vaddq_u16(difference, difference), sign), down);
}

/* As fold_block(), of a whole block. */
static __always_inline void fold_whole_block(const struct asc_vbr_grid *g, const u16 *points,
					     u32 first, u16 (*numbers)[ASC_VBR_BLOCK], u32 *sums)
{
	const uint16x8_t origin = vdupq_n_u16(g->origin), both = vdupq_n_u16(g->both);
	const int16x8_t up = vdupq_n_s16(15 - g->sign_bit), down = vnegq_s16(up);
	const u16 *p = points + first, *above;
	uint32x4_t zero_sum = vdupq_n_u32(0), left_sum = zero_sum, up_sum = zero_sum;
	uint16x8_t zeros = vdupq_n_u16(0);
	u32 i;

	above = points_above(g, points, first, numbers[ASC_VBR_UP]);
#pragma GCC unroll 4
	for (i = 0; i < ASC_VBR_BLOCK; i += EIGHT) {
		uint16x8_t v = vld1q_u16(p + i), distance = vabdq_u16(v, origin), near, far;

		/* less by 1 below the origin */
		near = vaddq_u16(vaddq_u16(distance, distance), vcltq_u16(v, origin));
		far = vaddq_u16(distance, both);
		near = vbslq_u16(vcgtq_u16(distance, both), far, near);
		vst1q_u16(numbers[ASC_VBR_ZERO] + i, near);
		zero_sum = vpadalq_u16(zero_sum, near);
		zeros = vsubq_u16(zeros, vceqzq_u16(near));
		near = fold_differences(v, vld1q_u16(p + (s32)i - 1), up, down);
		vst1q_u16(numbers[ASC_VBR_LEFT] + i, near);
		left_sum = vpadalq_u16(left_sum, near);
		near = fold_differences(v, vld1q_u16(above + i), up, down);
		vst1q_u16(numbers[ASC_VBR_UP] + i, near);
		up_sum = vpadalq_u16(up_sum, near);
	}
	sums[ASC_VBR_ZERO] = vaddvq_u32(zero_sum);
	sums[ASC_VBR_LEFT] = vaddvq_u32(left_sum);
	sums[ASC_VBR_UP] = vaddvq_u32(up_sum);
	sums[ASC_VBR_ZVC] = ASC_VBR_BLOCK - vaddvq_u16(zeros);
}

static __always_inline void fold_any_block(const struct asc_vbr_grid *g, const u16 *points,
					   u32 first, u32 count, u16 (*numbers)[ASC_VBR_BLOCK],
					   u32 *sums)
{
	if (count == ASC_VBR_BLOCK)
		fold_whole_block(g, points, first, numbers, sums);
	else
		fold_block(g, points, first, count, numbers, sums);
}

/* Low bits of eight numbers as two words of four. */
static __always_inline uint64x2_t pack_lows(uint16x8_t v, u32 width)
{
	uint32x4_t pairs = vreinterpretq_u32_u16(vandq_u16(v, vdupq_n_u16((1u << width) - 1)));
	uint64x2_t fours;

	pairs = vorrq_u32(vandq_u32(pairs, vdupq_n_u32(0xffff)),
			  vshlq_u32(vshrq_n_u32(pairs, 16), vdupq_n_s32(width)));
	fours = vreinterpretq_u64_u32(pairs);
	return vorrq_u64(vandq_u64(fours, vdupq_n_u64(0xffffffff)),
			 vshlq_u64(vshrq_n_u64(fours, 32), vdupq_n_s64(2 * width)));
}

static __always_inline void put_lows(struct writer *w, uint16x8_t v, u32 width, u32 count)
{
	uint64x2_t fours = pack_lows(v, width);
	u64 low = vgetq_lane_u64(fours, 0), high = vgetq_lane_u64(fours, 1);

	if (width <= 7) {
		put(w, low | high << 4 * width, count * width);
		return;
	}
	put(w, low, asc_vbr_min(count, 4) * width);
	if (count > 4)
		put(w, high, (count - 4) * width);
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

/* Zeros and a one for each of eight numbers, of which those from @count on are 0. */
static __always_inline void put_highs(struct writer *w, const u16 *numbers, uint16x8_t v, u32 width,
				      u32 count)
{
	const uint32x4_t one = vdupq_n_u32(1);
	uint32x4_t pairs, first, second, code, bits;
	uint64x2_t fours, low_bits;
	u32 total, part;
	u64 all;

	pairs = vreinterpretq_u32_u16(vshlq_u16(v, vdupq_n_s16(-(s32)width)));
	first = vandq_u32(pairs, vdupq_n_u32(0xffff));
	second = vaddq_u32(vaddq_u32(first, one), vshrq_n_u32(pairs, 16));
	bits = vaddq_u32(second, one);
	code = vorrq_u32(vshlq_u32(one, vreinterpretq_s32_u32(first)),
			 vshlq_u32(one, vreinterpretq_s32_u32(second)));
	low_bits = vandq_u64(vreinterpretq_u64_u32(bits), vdupq_n_u64(0xffffffff));
	fours = vreinterpretq_u64_u32(code);
	fours = vorrq_u64(vandq_u64(fours, vdupq_n_u64(0xffffffff)),
			  vshlq_u64(vshrq_n_u64(fours, 32), vreinterpretq_s64_u64(low_bits)));
	low_bits = vpaddlq_u32(bits);
	part = vgetq_lane_u64(low_bits, 0);
	/* a one for each that is not there */
	total = part + vgetq_lane_u64(low_bits, 1) - (EIGHT - count);
	if (vmaxvq_u32(bits) > 32 || total > 56) {
		put_high_slowly(w, numbers, width, count);
		return;
	}
	all = vgetq_lane_u64(fours, 0) | vgetq_lane_u64(fours, 1) << part;
	put(w, all & ((1ull << total) - 1), total);
}

/* Numbers that are not zero, in front.  Returns the mask. */
static __always_inline u32 pick_nonzero(const u16 *numbers, u16 *out)
{
	u32 mask = 0, i, count;

	for (i = 0; i < ASC_VBR_BLOCK; i += EIGHT, out += count)
		mask |= zeros_take(numbers + i, 0, 16, (u8 *)out, &count) << i;
	return mask;
}

static __always_inline void put_all(u16 *numbers, u32 count, u32 width, u16 less,
				    struct writer *lows, struct writer *highs)
{
	u32 i;

	for (i = 0; i < count; i += EIGHT) {
		u32 now = asc_vbr_min(count - i, EIGHT), k;
		uint16x8_t v;

		if (now < EIGHT)
			for (k = now; k < EIGHT; k++)
				numbers[i + k] = less;
		v = vsubq_u16(vld1q_u16(numbers + i), vdupq_n_u16(less));
		vst1q_u16(numbers + i, v);
		if (width)
			put_lows(lows, v, width, now);
		put_highs(highs, numbers + i, v, width, now);
	}
}

static void vbr_encode_neon(const struct asc_vbr_grid *g, u32 n, struct asc_vbr_plan *plan)
{
	struct writer lows = { .at = plan->lows }, highs = { .at = plan->highs };
	u16 (*modes)[ASC_VBR_BLOCK] = plan->numbers[0];
	u32 sums[ASC_VBR_MODES], first;
	u8 *masks = plan->masks;

	for (first = 0; first < n; first += ASC_VBR_BLOCK) {
		u32 count = asc_vbr_min(n - first, ASC_VBR_BLOCK), header, mode, width, mask, i;

		fold_any_block(g, plan->points + ASC_VBR_BLOCK, first, count, modes, sums);
		header = decide(sums, count);
		plan->header[first / ASC_VBR_BLOCK] = header;
		mode = ASC_VBR_HEADER_MODE(header);
		width = ASC_VBR_HEADER_WIDTH(header);
		if (mode == ASC_VBR_ZVC) {
			mask = pick_nonzero(modes[ASC_VBR_ZERO], modes[ASC_VBR_ZVC]) &
			       asc_vbr_mask(count);
			for (i = 0; i < count; i += 8)
				*masks++ = mask >> i;
			count = sums[ASC_VBR_ZVC];
		}
		if (width != ASC_VBR_WIDTH_NONE)
			put_all(modes[mode], count, width, mode == ASC_VBR_ZVC, &lows, &highs);
	}
	plan->sizes.mask_bytes = masks - plan->masks;
	plan->sizes.low_bits = bits_written(&lows, plan->lows);
	plan->sizes.high_bits = bits_written(&highs, plan->highs);
}

static void vbr_count_neon(const struct asc_vbr_grid *g, u32 n, struct asc_vbr_plan *plan)
{
	u32 sums[ASC_VBR_MODES], first;

	memset(&plan->sizes, 0, sizeof(plan->sizes));
	for (first = 0; first < n; first += ASC_VBR_BLOCK) {
		u32 count = asc_vbr_min(n - first, ASC_VBR_BLOCK);

		fold_any_block(g, plan->points + ASC_VBR_BLOCK, first, count, plan->numbers[0],
			       sums);
		count_block(plan, sums, count, decide(sums, count));
	}
}

/* --- decoding --------------------------------------------------------------- */

/*
 * Where the ones are, of which there are to be @numbers at least; places are modulo 2^16.
 * Returns how many were found.
 */
static u32 find_ones(const u8 *highs, u32 bytes, u32 numbers, u16 *places)
{
	u32 found = 0, at, count;

	for (at = 0; at < bytes && found < numbers; at++, found += count)
		vst1q_u16(places + found, vaddw_u8(vdupq_n_u16(8 * at),
						   zeros_places(highs[at], &count)));
	return found;
}

/* Four numbers' low bits from each word. */
static __always_inline uint16x8_t unpack_lows(u64 low, u64 high, u32 width)
{
	uint64x2_t fours = vcombine_u64(vcreate_u64(low), vcreate_u64(high));
	uint32x4_t pairs;
	uint16x8_t v;

	fours = vsliq_n_u64(fours, vshlq_u64(fours, vdupq_n_s64(-2 * (s64)width)), 32);
	pairs = vreinterpretq_u32_u64(fours);
	pairs = vsliq_n_u32(pairs, vshlq_u32(pairs, vdupq_n_s32(-(s32)width)), 16);
	v = vreinterpretq_u16_u32(pairs);
	return vandq_u16(v, vdupq_n_u16((1u << width) - 1));
}

/* Numbers as they are stored, and @more; returns whether one is too large for 16 bits. */
static __always_inline bool get_stored(const u16 *places, const u8 *lows, u32 at, u32 width,
				       u32 count, u16 more, u16 *numbers)
{
	static const u16 lane[EIGHT] = { 0, 1, 2, 3, 4, 5, 6, 7 };
	const uint16x8_t limit = vdupq_n_u16(0xffff >> width), one = vdupq_n_u16(1);
	uint16x8_t place = vld1q_u16(lane), too_large = vdupq_n_u16(0);
	u32 i;

#pragma GCC unroll 4
	for (i = 0; i < ASC_VBR_BLOCK; i += EIGHT, at += 8 * width) {
		u32 next = at + 4 * width;
		uint16x8_t v = unpack_lows(get_u64(lows + at / 8) >> at % 8,
					   get_u64(lows + next / 8) >> next % 8, width);
		uint16x8_t high = vsubq_u16(vld1q_u16(places + i), vld1q_u16(places + (s32)i - 1));
		uint16x8_t used = vcltq_u16(place, vdupq_n_u16(count)), bad;

		high = vsubq_u16(high, one);
		bad = vcgtq_u16(high, limit);
		v = vorrq_u16(v, vshlq_u16(high, vdupq_n_s16(width)));
		v = vaddq_u16(v, vdupq_n_u16(more));
		/* over the end */
		bad = vorrq_u16(bad, vcltq_u16(v, vdupq_n_u16(more)));
		too_large = vorrq_u16(too_large, vandq_u16(bad, used));
		vst1q_u16(numbers + i, v);
		place = vaddq_u16(place, vdupq_n_u16(EIGHT));
	}
	return vmaxvq_u16(too_large);
}

/* Puts numbers where the mask is, and 0 elsewhere. */
static __always_inline void spread(const u16 *stored, u32 mask, u16 *numbers)
{
	u32 i;

	for (i = 0; i < ASC_VBR_BLOCK; i += EIGHT, mask >>= 8)
		stored += zeros_put(mask & 0xff, (const u8 *)stored, 0, 16, numbers + i);
}

/* As unfold(). */
static __always_inline void unfold_block(const struct asc_vbr_grid *g, const u16 *numbers, u16 *p)
{
	u16 flip = g->origin > g->both ? 0xffff : 0;
	const uint16x8_t base = vdupq_n_u16(flip ? g->origin + g->both + 1 : g->origin - g->both);
	const uint16x8_t origin = vdupq_n_u16(g->origin), twice = vdupq_n_u16(2 * g->both);
	const uint16x8_t max = vdupq_n_u16(g->max), one = vdupq_n_u16(1);
	u32 i;

#pragma GCC unroll 4
	for (i = 0; i < ASC_VBR_BLOCK; i += EIGHT) {
		uint16x8_t v = vld1q_u16(numbers + i), half = vrshrq_n_u16(v, 1), near, far;

		near = vbslq_u16(vtstq_u16(v, one), vsubq_u16(origin, half),
				 vaddq_u16(origin, half));
		far = vaddq_u16(veorq_u16(v, vdupq_n_u16(flip)), base);
		v = vbslq_u16(vcgtq_u16(v, twice), far, near);
		vst1q_u16(p + i, vandq_u16(v, max));
	}
}

static __always_inline uint16x8_t unfold_difference_8(const u16 *numbers)
{
	uint16x8_t v = vld1q_u16(numbers);

	return veorq_u16(vshrq_n_u16(v, 1), vtstq_u16(v, vdupq_n_u16(1)));
}

/* Sums up to each. */
static __always_inline void add_up(const struct asc_vbr_grid *g, const u16 *numbers, u16 *p)
{
	const uint16x8_t none = vdupq_n_u16(0), max = vdupq_n_u16(g->max);
	uint16x8_t before = vdupq_n_u16(p[-1]);
	u32 i;

#pragma GCC unroll 4
	for (i = 0; i < ASC_VBR_BLOCK; i += EIGHT) {
		uint16x8_t v = unfold_difference_8(numbers + i);

		v = vaddq_u16(v, vextq_u16(none, v, 7));
		v = vaddq_u16(v, vextq_u16(none, v, 6));
		v = vaddq_u16(v, vextq_u16(none, v, 4));
		v = vaddq_u16(v, before);
		before = vdupq_laneq_u16(v, 7);
		vst1q_u16(p + i, vandq_u16(v, max));
	}
}

static __always_inline void unfold_differences(const struct asc_vbr_grid *g, u32 mode,
					       const u16 *numbers, u32 first, u16 *points)
{
	u32 distance = mode == ASC_VBR_UP ? g->up : 1, i;
	u16 above[ASC_VBR_BLOCK], *p = points + first;
	const uint16x8_t max = vdupq_n_u16(g->max);
	const u16 *before;

	if (distance == 1) {
		add_up(g, numbers, p);
		return;
	}
	before = points_above(g, points, first, above);
	if (distance >= EIGHT) {
		for (i = 0; i < ASC_VBR_BLOCK; i += EIGHT) {
			uint16x8_t v = unfold_difference_8(numbers + i);

			v = vaddq_u16(v, vld1q_u16(before + i));
			vst1q_u16(p + i, vandq_u16(v, max));
		}
		return;
	}
	for (i = 0; i < ASC_VBR_BLOCK; i++)
		p[i] = unfold_difference(g, numbers[i], before[i]);
}

/* Returns whether there are numbers that take more than 16 bits. */
static bool decode_tile(const struct asc_vbr_grid *g, u32 n, struct asc_vbr_control *control)
{
	u16 *points = control->points + ASC_VBR_BLOCK, *places = control->places + ASC_VBR_BLOCK;
	u16 stored[ASC_VBR_BLOCK], spaced[ASC_VBR_BLOCK], *numbers;
	u32 low = 0, first;

	for (first = 0; first < n; first += ASC_VBR_BLOCK) {
		u32 header = control->header[first / ASC_VBR_BLOCK];
		u32 mask = control->mask[first / ASC_VBR_BLOCK], i;
		u32 mode = ASC_VBR_HEADER_MODE(header), width = ASC_VBR_HEADER_WIDTH(header);
		u16 more = mode == ASC_VBR_ZVC;

		numbers = stored;
		if (width == ASC_VBR_WIDTH_NONE) {
			for (i = 0; i < ASC_VBR_BLOCK; i += EIGHT)
				vst1q_u16(stored + i, vdupq_n_u16(more));
		} else {
			u32 count = bits_set(mask);

			if (get_stored(places, control->in, low, width, count, more, stored))
				return true;
			places += count;
			low += count * width;
		}
		if (mode == ASC_VBR_ZVC) {
			spread(stored, mask, spaced);
			numbers = spaced;
		}
		if (mode == ASC_VBR_ZERO || mode == ASC_VBR_ZVC)
			unfold_block(g, numbers, points + first);
		else
			unfold_differences(g, mode, numbers, first, points);
	}
	return false;
}

static int vbr_decode_neon(const struct asc_vbr_grid *g, u32 n, struct asc_vbr_control *control,
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

const struct asc_vbr_kernels asc_vbr_kernels_neon = {
	.tiles = &fmc_tile_coders_neon,
	.least = vbr_least,
	.to_points = vbr_to_points,
	.to_points_errors = vbr_to_points_errors,
	.from_points = vbr_from_points,
	.add_errors = vbr_add_errors,
	.encode = vbr_encode_neon,
	.count = vbr_count_neon,
	.put_headers = vbr_put_headers,
	.get_control = vbr_get_control,
	.decode = vbr_decode_neon,
};

#endif
