/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The bits of a block of the pooled profile, as they are read.
 */
#ifndef ASCDEV_CODEC_ASC_POOLED_READER_H
#define ASCDEV_CODEC_ASC_POOLED_READER_H

#include "asc_pool_search.h"
#include "bits64.h"

#define GROUP		ASC_POOLED_GROUP

static inline u32 exponent_bits(const struct asc_block_format *f)
{
	return f->bits == 8 ? 3 : 4;
}

static inline u32 step_bits(const struct asc_block_format *f)
{
	return exponent_bits(f) + 3;
}

/* Bits of the base, which is a number of steps: the fewer the larger they are. */
static inline u32 base_bits(const struct asc_block_format *f, u32 step_code)
{
	return f->bits + 1 - (step_code / UNIT);
}

/**
 * struct asc_pooled_header - what a block has but for its indices
 * @step_code: exponent and mantissa of the step
 * @base: steps that every index is relative to, or the first one
 * @predicted: each value is relative to those beside and above it
 * @codes: of the groups
 */
struct asc_pooled_header {
	u32 step_code;
	s32 base;
	bool predicted;
	u8 codes[ASC_POOLED_GROUPS];
};

/**
 * struct asc_pooled_reader - the bits of a block
 * @bits: a copy, and READ_AHEAD zeros behind
 * @at: bits read; inside a group they may be some behind the end, where all bits are 0
 * @end: bits of the block
 */
struct asc_pooled_reader {
	const u8 *bits;
	u32 at, end;
};

/* A group with nothing but zeros, and a window behind it; vector code reads so many at a time. */
#define READ_AHEAD	64

/* Bits that can be looked at, at least. */
#define WINDOW		57

static __always_inline u64 peek(const struct asc_pooled_reader *r)
{
	return get_le64(r->bits + r->at / 8) >> (r->at % 8);
}

/* 64 bits. */
static __always_inline u64 peek_all(const struct asc_pooled_reader *r)
{
	const u8 *b = r->bits + r->at / 8;
	u32 shift = r->at % 8;

	return get_le64(b) >> shift | (u64)b[8] << 1 << (63 - shift);
}

/* Less than 32 bits. */
static __always_inline u32 get(struct asc_pooled_reader *r, u32 count)
{
	u32 value = peek(r) & ((1u << count) - 1);

	r->at += count;
	return value;
}

static __always_inline void get_header(const struct asc_block_format *f,
				       struct asc_pooled_reader *r, struct asc_pooled_header *h)
{
	u32 groups = f->values / GROUP, bits, sign, shared, g;

	h->step_code = get(r, step_bits(f));
	h->predicted = get(r, 1);
	h->base = 0;
	if (f->endpoints == 2) {
		bits = base_bits(f, h->step_code);
		sign = 1u << (bits - 1);
		h->base = (s32)(get(r, bits) ^ sign) - (s32)sign;
	}
	shared = get(r, 1);
	h->codes[0] = get(r, ASC_CODE_BITS);
	for (g = 1; g < groups; g++)
		h->codes[g] = shared ? h->codes[0] : get(r, ASC_CODE_BITS);
}

/* 2^16 / number of levels, rounded up: quotients of pairs are exact.  Of one level all are 0. */
#define PAIR_SHIFT	16

static const u16 asc_plain_reciprocals[ASC_PLAIN_CODES] = {
	0, 32768, 16384, 13108, 8192, 5958, 4096, 2979, 2048, 1457, 1024, 512, 256
};

static __always_inline void get_plain(struct asc_pooled_reader *r, u32 code, u16 *indices)
{
	u32 levels = asc_plain_levels[code], reciprocal = asc_plain_reciprocals[code];
	u32 bits = asc_pair_bits[code], each = (1u << bits) - 1, i, k;

	for (i = 0; i < GROUP; i += 4) {
		u64 window = peek(r);

		for (k = i; k < i + 4; k += 2) {
			u32 pair = window & each, second = pair * reciprocal >> PAIR_SHIFT;

			window >>= bits;
			indices[k] = pair - second * levels;
			indices[k + 1] = second;
		}
		r->at += 2 * bits;
	}
}

/*
 * Ones up to a zero, for each index, shifted left: zeros behind one another give their places
 * sooner than each number can be read behind the last.  Behind the end are zeros.
 */
static __always_inline void add_unary(struct asc_pooled_reader *r, u32 shift, u16 *indices)
{
	u32 ones = 0, i = 0;

	for (;;) {
		u64 zeros = ~peek(r) & ((1ull << WINDOW) - 1);
		u32 from = 0;

		for (; zeros; zeros &= zeros - 1) {
			u32 to = __builtin_ctzll(zeros);

			indices[i] |= (ones + to - from) << shift;
			ones = 0;
			from = to + 1;
			if (++i == GROUP) {
				r->at += from;
				return;
			}
		}
		ones += WINDOW - from;
		r->at += WINDOW;
	}
}

static __always_inline void get_rice(struct asc_pooled_reader *r, u32 low, u16 *indices)
{
	u32 each = (1u << low) - 1, i, k;

	for (i = 0; i < GROUP; i += 8) {
		u64 window = peek(r);

		for (k = 0; k < 8; k++)
			indices[i + k] = window >> k * low & each;
		r->at += 8 * low;
	}
	add_unary(r, low, indices);
}

static __always_inline void get_masked(struct asc_pooled_reader *r, u32 width, u16 *indices)
{
	u32 set = get(r, GROUP), each = (1u << width) - 1;

	memset(indices, 0, GROUP * sizeof(*indices));
	for (; set; set &= set - 1, r->at += width)
		indices[__builtin_ctz(set)] = (peek(r) & each) + 1;
}

static __always_inline void get_group(struct asc_pooled_reader *r, u32 code, u16 *indices)
{
	if (code < ASC_FIRST_RICE)
		get_plain(r, code, indices);
	else if (code < ASC_FIRST_MASK)
		get_rice(r, code - ASC_FIRST_RICE, indices);
	else
		get_masked(r, code - ASC_FIRST_MASK, indices);
	if (r->at > r->end)
		r->at = r->end;
}

#endif
