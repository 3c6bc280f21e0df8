/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * ZVC, zero value compression: a bit for every value, and the values that are
 * not zero.  Documentation/format.rst, "zvc".
 *
 * The file is compiled once for each kind of CPU, see tile_coders.h.
 */

#include "zvc.h"

static u32 count_nonzero(const struct fmc_tile *tile, const u16 *values)
{
	u32 n = fmc_tile_values(tile), zero = tile->zero, count = 0, i;

	for (i = 0; i < n; i++)
		count += values[i] != zero;
	return count;
}

#ifdef FMC_USE_AVX512
/* Store bytes of 32 values at most, without a byte beyond.  Returns their number. */
static inline u32 zvc_put_32(__m512i v, __mmask32 mask, u32 bits, u8 *out)
{
	u32 count = __builtin_popcount(mask);

	if (bits == 16)
		_mm512_mask_storeu_epi16(out, _bzhi_u32(~0u, count),
					 _mm512_maskz_compress_epi16(mask, v));
	else
		_mm256_mask_storeu_epi8(out, _bzhi_u32(~0u, count),
			_mm256_maskz_compress_epi8(mask, _mm512_cvtepi16_epi8(v)));
	return count * (bits / 8);
}
#endif

static u32 zvc_encode(const struct fmc_tile *tile, const u16 *values, u8 *out, u32 capacity)
{
	u32 n = fmc_tile_values(tile), mask_bytes = (n + 7) / 8, i = 0;
	u32 bytes = mask_bytes + count_nonzero(tile, values) * (tile->bits / 8);
	u8 *value = out + mask_bytes;

	if (bytes > capacity)
		return 0;
	memset(out, 0, mask_bytes);
#ifdef FMC_USE_AVX512
	for (; i + 32 <= n; i += 32) {
		__m512i v = _mm512_sub_epi16(_mm512_loadu_si512(values + i),
					     _mm512_set1_epi16(tile->zero));
		__mmask32 mask = _mm512_test_epi16_mask(v, v);

		out[i / 8] = mask;
		out[i / 8 + 1] = mask >> 8;
		out[i / 8 + 2] = mask >> 16;
		out[i / 8 + 3] = mask >> 24;
		value += zvc_put_32(v, mask, tile->bits, value);
	}
#endif
	for (; i < n; i++) {
		if (values[i] == tile->zero)
			continue;
		out[i / 8] |= 1u << (i % 8);
		value = fmc_put_value(value, values[i] - tile->zero, tile->bits);
	}
	return bytes;
}

static int zvc_decode(const struct fmc_tile *tile, const u8 *in, u32 bytes, u16 *values)
{
	u32 n = fmc_tile_values(tile), size = tile->bits / 8, at = (n + 7) / 8, i = 0;
	bool bad = bytes < at;
	u8 mask = 0;

#ifdef FMC_USE_AVX512
	for (; !bad && i + 32 <= n; i += 32) {
		u32 bits = in[i / 8] | in[i / 8 + 1] << 8 | in[i / 8 + 2] << 16 |
			   (u32)in[i / 8 + 3] << 24;
		u32 count = __builtin_popcount(bits), used = _bzhi_u32(~0u, count);
		__m512i v;

		if (bytes - at < count * size)
			break;
		if (size == 2)
			v = _mm512_maskz_expand_epi16(bits, _mm512_maskz_loadu_epi16(used, in + at));
		else
			v = _mm512_cvtepu8_epi16(_mm256_maskz_expand_epi8(bits,
						 _mm256_maskz_loadu_epi8(used, in + at)));
		v = _mm512_add_epi16(v, _mm512_set1_epi16(tile->zero));
		v = _mm512_and_si512(v, _mm512_set1_epi16(fmc_value_mask(tile->bits)));
		_mm512_storeu_si512(values + i, v);
		at += count * size;
	}
#endif
	for (; i < n; i++) {
		values[i] = tile->zero;
		if (bad)
			continue;
		if (i % 8 == 0)
			mask = in[i / 8];
		if (!(mask >> (i % 8) & 1))
			continue;
		if (bytes - at < size) {
			bad = true;
			continue;
		}
		values[i] = fmc_value_mask(tile->bits) &
			    (tile->zero + fmc_get_value(in + at, tile->bits));
		at += size;
	}
	return bad || at != bytes ? -EBADMSG : 0;
}
