/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Values without those that are zero, by TBL: eight at a time.
 */
#ifndef ASCDEV_CODEC_ZEROS_NEON_H
#define ASCDEV_CODEC_ZEROS_NEON_H

#include "simd_arm64.h"

/* Places of the ones of four bits, in bytes, the first the lowest. */
static const u32 zeros_places_of_4[16] = {
	0x00000000, 0x00000000, 0x00000001, 0x00000100, 0x00000002, 0x00000200, 0x00000201,
	0x00020100, 0x00000003, 0x00000300, 0x00000301, 0x00030100, 0x00000302, 0x00030200,
	0x00030201, 0x03020100,
};

static const u8 zeros_ones_of_4[16] = { 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4 };

/* The same of eight bits; what is behind them is anything. */
static inline uint8x8_t zeros_places(u32 mask, u32 *count)
{
	u32 low = mask & 15, high = mask >> 4, ones = zeros_ones_of_4[low];
	u64 places = (u64)(zeros_places_of_4[high] + 0x04040404) << (8 * ones);

	*count = ones + zeros_ones_of_4[high];
	/* of zero bits, what is in the table is not for use */
	return vcreate_u8(places | zeros_places_of_4[low]);
}

/* Places of bytes of words, from those of the words. */
static inline uint8x16_t zeros_bytes(uint8x8_t places)
{
	uint8x16_t both = vcombine_u8(places, places);

	both = vshlq_n_u8(vzip1q_u8(both, both), 1);
	return vorrq_u8(both, vreinterpretq_u8_u16(vdupq_n_u16(0x0100)));
}

/*
 * Eight values less zero to @out, of which 16 bytes are written, those that are not zero first.
 * Returns a mask of these.
 */
static inline u32 zeros_take(const u16 *values, u32 zero, u32 bits, u8 *out, u32 *count)
{
	uint16x8_t v = vsubq_u16(vld1q_u16(values), vdupq_n_u16(zero));
	const uint8x8_t bit = vcreate_u8(0x8040201008040201);
	uint8x8_t some = bits == 8 ? vmovn_u16(v) : vmovn_u16(vtstq_u16(v, v)), places;
	u32 mask = vaddv_u8(vand_u8(vtst_u8(some, some), bit));

	places = zeros_places(mask, count);
	if (bits == 8)
		vst1q_u8(out, vqtbl1q_u8(vcombine_u8(some, some), vcombine_u8(places, places)));
	else
		vst1q_u8(out, vqtbl1q_u8(vreinterpretq_u8_u16(v), zeros_bytes(places)));
	return mask;
}

/* The inverse, from 16 bytes.  Returns how many values were taken. */
static inline u32 zeros_put(u32 mask, const u8 *in, u32 zero, u32 bits, u16 *values)
{
	const u64 ones = 0x0101010101010101;
	u64 set = mask * ones & 0x8040201008040201, ranks;
	uint8x8_t which = vcreate_u8(set), places;
	uint16x8_t v;

	/* a sum of ones up to each byte */
	ranks = ((set + 127 * ones) >> 7 & ones) * ones;
	/* what is not there is none of the places */
	places = vsub_u8(vcreate_u8(ranks), vdup_n_u8(1));
	if (bits == 8) {
		places = vorn_u8(places, vtst_u8(which, which));
		v = vmovl_u8(vqtbl1_u8(vld1q_u8(in), places));
		v = vandq_u16(vaddq_u16(v, vdupq_n_u16(zero)), vdupq_n_u16(0xff));
	} else {
		places = vorn_u8(vand_u8(places, vdup_n_u8(7)), vtst_u8(which, which));
		v = vreinterpretq_u16_u8(vqtbl1q_u8(vld1q_u8(in), zeros_bytes(places)));
		v = vaddq_u16(v, vdupq_n_u16(zero));
	}
	vst1q_u16(values, v);
	return ranks >> 56;
}

#endif
