/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The bits of a block of the pooled profile.
 */
#ifndef ASCDEV_CODEC_ASC_POOLED_WRITER_H
#define ASCDEV_CODEC_ASC_POOLED_WRITER_H

#include "asc_pooled_codes.h"
#include "bits64.h"

#define GROUP		ASC_POOLED_GROUP

/**
 * struct asc_pooled_writer - the bits of a block
 * @to: where the next ones go; 8 bytes are written, of which some belong to those behind
 * @word: of a byte that has been begun
 * @bits: bits in it
 */
struct asc_pooled_writer {
	u8 *to;
	u64 word;
	u32 bits;
};

/* What a writer writes behind the end. */
#define WRITE_AHEAD	8

/* At most 56 bits. */
static __always_inline void put(struct asc_pooled_writer *w, u64 value, u32 count)
{
	w->word |= value << w->bits;
	w->bits += count;
	put_le64(w->to, w->word);
	w->to += w->bits / 8;
	w->word >>= w->bits & 56;
	w->bits &= 7;
}

static inline void put_signed(struct asc_pooled_writer *w, s32 value, u32 count)
{
	put(w, (u32)value & ((1u << count) - 1), count);
}

static inline u64 plain_pair(const u16 *indices, u32 code)
{
	return indices[0] + (u32)asc_plain_levels[code] * indices[1];
}

static __always_inline void put_plain(struct asc_pooled_writer *w, const u16 *indices, u32 code)
{
	u32 bits = asc_pair_bits[code], i;

	for (i = 0; i < GROUP; i += 4)
		put(w, plain_pair(indices + i, code) | plain_pair(indices + i + 2, code) << bits,
		    2 * bits);
}

/* Ones, as many as a number says, and a zero. */
static __always_inline void put_unary(struct asc_pooled_writer *w, u32 number)
{
	for (; number > 32; number -= 32)
		put(w, 0xffffffff, 32);
	put(w, (1ull << number) - 1, number + 1);
}

static __always_inline void put_rice(struct asc_pooled_writer *w, const u16 *indices, u32 low)
{
	u32 mask = (1u << low) - 1, i;

	for (i = 0; i < GROUP; i += 4)
		put(w, (indices[i] & mask) | (indices[i + 1] & mask) << low |
		    (u64)((indices[i + 2] & mask) | (indices[i + 3] & mask) << low) << 2 * low,
		    4 * low);
	for (i = 0; i < GROUP; i += 2) {
		u32 first = indices[i] >> low, second = indices[i + 1] >> low;

		if (first + second <= 32) {
			put(w, ((1ull << first) - 1) | ((2ull << second) - 2) << first,
			    first + second + 2);
		} else {
			put_unary(w, first);
			put_unary(w, second);
		}
	}
}

static __always_inline void put_masked(struct asc_pooled_writer *w, const u16 *indices, u32 width)
{
	u32 mask = 0, bits, i, k;
	u64 four;

	for (i = 0; i < GROUP; i++)
		mask |= (u32)!!indices[i] << i;
	put(w, mask, GROUP);
	for (i = 0; i < GROUP; i += 4) {
		four = 0;
		bits = 0;
		for (k = i; k < i + 4; k++) {
			u32 there = mask >> k & 1;

			four |= (u64)(indices[k] - there) << bits;
			bits += there * width;
		}
		put(w, four, bits);
	}
}

static inline void put_group(struct asc_pooled_writer *writer, const u16 *indices, u32 code)
{
	/* so that it stays in registers: bytes might be anywhere */
	struct asc_pooled_writer w = *writer;

	if (code < ASC_FIRST_RICE)
		put_plain(&w, indices, code);
	else if (code < ASC_FIRST_MASK)
		put_rice(&w, indices, code - ASC_FIRST_RICE);
	else
		put_masked(&w, indices, code - ASC_FIRST_MASK);
	*writer = w;
}

#endif
