/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * ZVC, zero value compression: a bit for every value, and the values that are
 * not zero.  Documentation/format.rst, "zvc".
 *
 * The file is compiled once for each kind of CPU, see tile_coders.h.
 */

#include "zvc.h"
#ifdef FMC_USE_AVX2
#include "zeros_avx2.h"
#elif defined(FMC_USE_NEON)
#include "zeros_neon.h"
#endif

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
#elif defined(FMC_USE_AVX2)
/* ZEROS_VALUES: bits to @mask, and values to @out, of which @room bytes are there. */
static inline u32 zvc_pack(const u16 *values, u32 zero, u32 bits, u8 *mask, u8 *out, u32 room)
{
	u8 v[2 * ZEROS_VALUES], some[2 * ZEROS_VALUES];
	u32 values_of_word = 64 / bits, at = 0, i, k;
	u64 all = 0;

	zeros_split(values, zero, bits, v, some);
	for (i = 0; i < ZEROS_VALUES / values_of_word; i++) {
		u64 which = get_le64(some + 8 * i), word = _pext_u64(get_le64(v + 8 * i), which);
		u32 count = __builtin_popcountll(which) / 8;

		all |= _pext_u64(which, zeros_ones(bits)) << (values_of_word * i);
		if (room - at >= 8) {
			put_le64(out + at, word);
		} else {
			for (k = 0; k < count; k++)
				out[at + k] = word >> (8 * k);
		}
		at += count;
	}
	put_le64(mask, all);
	return at;
}

/* The inverse; @bytes are there, and enough. */
static inline u32 zvc_unpack(u64 mask, const u8 *in, u32 bytes, u32 zero, u32 bits, u16 *values)
{
	u32 values_of_word = 64 / bits, at = 0, i, k;
	u8 v[2 * ZEROS_VALUES];

	for (i = 0; i < ZEROS_VALUES / values_of_word; i++) {
		u64 which = zeros_spread(mask >> (values_of_word * i), bits), word = 0;
		u32 count = __builtin_popcountll(which) / 8;

		if (bytes - at >= 8) {
			word = get_le64(in + at);
		} else {
			for (k = 0; k < count; k++)
				word |= (u64)in[at + k] << (8 * k);
		}
		put_le64(v + 8 * i, _pdep_u64(word, which));
		at += count;
	}
	zeros_join(v, zero, bits, values);
	return at;
}
#elif defined(FMC_USE_NEON)
/* Eight values: bits to @mask, and values to @out, of which @room bytes are there. */
static inline u32 zvc_pack(const u16 *values, u32 zero, u32 bits, u8 *mask, u8 *out, u32 room)
{
	u8 last[16];
	u32 count;

	if (room >= sizeof(last)) {
		*mask = zeros_take(values, zero, bits, out, &count);
	} else {
		*mask = zeros_take(values, zero, bits, last, &count);
		memcpy(out, last, count * (bits / 8));
	}
	return count * (bits / 8);
}

/* The inverse; @bytes are there.  Returns how many it takes. */
static inline u32 zvc_unpack(u32 mask, const u8 *in, u32 bytes, u32 zero, u32 bits, u16 *values)
{
	u8 last[16];

	if (bytes < sizeof(last)) {
		memset(last, 0, sizeof(last));
		memcpy(last, in, bytes);
		in = last;
	}
	return zeros_put(mask, in, zero, bits, values) * (bits / 8);
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
#elif defined(FMC_USE_AVX2)
	if (tile->bits == 8) {
		for (; i + ZEROS_VALUES <= n; i += ZEROS_VALUES)
			value += zvc_pack(values + i, tile->zero, 8, out + i / 8, value,
					  out + bytes - value);
	} else {
		for (; i + ZEROS_VALUES <= n; i += ZEROS_VALUES)
			value += zvc_pack(values + i, tile->zero, 16, out + i / 8, value,
					  out + bytes - value);
	}
#elif defined(FMC_USE_NEON)
	for (; i + 8 <= n; i += 8)
		value += zvc_pack(values + i, tile->zero, tile->bits, out + i / 8, value,
				  out + bytes - value);
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
	const __m512i zero16 = _mm512_set1_epi16(tile->zero);
	const __m256i zero8 = _mm256_set1_epi8(tile->zero);

	for (; !bad && i + 32 <= n; i += 32) {
		u32 bits = in[i / 8] | in[i / 8 + 1] << 8 | in[i / 8 + 2] << 16 |
			   (u32)in[i / 8 + 3] << 24;
		u32 count = __builtin_popcount(bits), used = _bzhi_u32(~0u, count);
		__m256i some;
		__m512i v;

		/* see take_bytes() */
		if (bytes - at < count * size)
			break;
		if (size == 2) {
			v = _mm512_maskz_loadu_epi16(used, in + at);
			v = _mm512_mask_expand_epi16(zero16, bits, _mm512_add_epi16(v, zero16));
		} else {
			some = _mm256_maskz_loadu_epi8(used, in + at);
			some = _mm256_mask_expand_epi8(zero8, bits, _mm256_add_epi8(some, zero8));
			v = _mm512_cvtepu8_epi16(some);
		}
		_mm512_storeu_si512(values + i, v);
		at += count * size;
	}
#elif defined(FMC_USE_AVX2)
	for (; !bad && i + ZEROS_VALUES <= n; i += ZEROS_VALUES) {
		u64 bits = get_le64(in + i / 8);

		if (bytes - at < __builtin_popcountll(bits) * size)
			break;
		if (size == 1)
			at += zvc_unpack(bits, in + at, bytes - at, tile->zero, 8, values + i);
		else
			at += zvc_unpack(bits, in + at, bytes - at, tile->zero, 16, values + i);
	}
#elif defined(FMC_USE_NEON)
	for (; !bad && i + 8 <= n; i += 8) {
		u32 taken = zvc_unpack(in[i / 8], in + at, bytes - at, tile->zero, tile->bits,
				       values + i);

		if (taken > bytes - at)
			break;
		at += taken;
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
