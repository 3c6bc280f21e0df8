/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the AVX-512 code of ASC's blocks has in common.
 */
#ifndef ASCDEV_CODEC_ASC_LANES_AVX512_H
#define ASCDEV_CODEC_ASC_LANES_AVX512_H

#include "simd_x86.h"

/* Bytes 0 to count - 1. */
static inline __mmask64 first_bytes(u32 count)
{
	return count >= 64 ? ~0ull : (1ull << count) - 1;
}

/* Four by four lanes, rows for columns. */
static __always_inline void transpose_lanes(__m512i *v)
{
	__m512i a = _mm512_shuffle_i32x4(v[0], v[1], 0x44);
	__m512i b = _mm512_shuffle_i32x4(v[2], v[3], 0x44);
	__m512i c = _mm512_shuffle_i32x4(v[0], v[1], 0xee);
	__m512i d = _mm512_shuffle_i32x4(v[2], v[3], 0xee);

	v[0] = _mm512_shuffle_i32x4(a, b, 0x88);
	v[1] = _mm512_shuffle_i32x4(a, b, 0xdd);
	v[2] = _mm512_shuffle_i32x4(c, d, 0x88);
	v[3] = _mm512_shuffle_i32x4(c, d, 0xdd);
}

#endif
