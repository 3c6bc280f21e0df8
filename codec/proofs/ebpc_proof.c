// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * For CBMC: the bit streams and the symbols of ebpc.c, for words of BITS bits and
 * blocks of BLOCK values, on streams of any content, length and position.
 *
 * Beside the assertions, CBMC shows for each access that it is inside its object, for
 * each operation that it is defined, and for each loop that it ends.
 */

#include "../ebpc.c"
#include "proof.h"

#ifndef BLOCK
#define BLOCK		8
#endif

/* Of the stream; more than anything below reads or writes. */
#define BYTES		8

static void any_stream(struct ebpc_stream *s, u8 *data)
{
	init_stream(s, data, BYTES, BITS);
	s->capacity = any_u32();
	s->at = any_u32();
	ASSUME(s->at <= s->capacity && s->capacity <= BYTES * 8);
}

/* Any number of bits that is asked for is read in full or not at all. */
void get(void)
{
	u8 data[BYTES];
	struct ebpc_stream s;
	u32 count = any_u32();
	u64 before;
	s32 value;

	any_stream(&s, data);
	before = s.at;
	ASSUME(count <= 16);
	value = get_bits(&s, count);
	ASSERT(value == -EBADMSG ? s.at == before : s.at == before + count, "position");
	ASSERT(value == -EBADMSG || (value >= 0 && value < 1 << count), "value");
	ASSERT(s.at <= s.capacity, "within the stream");
}

/* What is written is read again, and nothing else changes. */
void put(void)
{
	u8 data[BYTES], old[BYTES];
	struct ebpc_stream s, back;
	u32 count = any_u32(), value = any_u32(), bit = any_u32();

	any_stream(&s, data);
	back = s;
	memcpy(old, data, BYTES);
	ASSUME(count <= 17);
	if (!put_bits(&s, value, count)) {
		ASSERT(count > back.capacity - back.at, "full");
		return;
	}
	ASSERT(s.at == back.at + count && s.at <= s.capacity, "position");
	ASSUME(bit < BYTES * 8 && (bit < back.at || bit >= s.at));
	ASSERT(((data[byte_of(&s, bit)] ^ old[byte_of(&s, bit)]) >> (7 - (bit & 7)) & 1) == 0,
	       "other bits");
	ASSERT(get_bits(&back, count) == (s32)(value & ((1u << count) - 1)), "value");
}

/* A symbol, and that the plane stays one. */
void symbol(void)
{
	struct ebpc_decoder d = { .params = { BITS, BLOCK, 16 } };
	u32 plane = any_u32(), repeat;
	u8 data[BYTES];
	int ret;

	any_stream(&d.bpc, data);
	ASSUME(plane >> (BLOCK - 1) == 0);
	ret = get_plane(&d, &plane, &repeat);
	ASSERT(!ret || ret == -EBADMSG, "read or refused");
	ASSERT(plane >> (BLOCK - 1) == 0 && repeat <= BITS + 1, "within the block");
	ASSERT(d.bpc.at <= d.bpc.capacity, "within the stream");
}
