/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the AVX-512 code that has blocks in columns has in common: a step for all columns of
 * vectors, and where blocks lie in memory.
 */
#ifndef ASCDEV_CODEC_ASC_COLUMNS_AVX512_H
#define ASCDEV_CODEC_ASC_COLUMNS_AVX512_H

#include "asc_lanes_avx512.h"
#include "asc_strip.h"

#define inline_all inline __attribute__((__always_inline__))

/* Counted before the loop: UBSan's check of a division in it would hide it from the annotation. */
#define FOR(count, k)	_Pragma("GCC unroll 16") \
	for (u32 k = 0, k##_end = (count); k < k##_end; k++)

/* Values of 8 or of 16 bits without sign. */
static inline_all __m512i set1(u32 bits, u32 x)
{
	return bits == 8 ? _mm512_set1_epi8((char)x) : _mm512_set1_epi16((short)x);
}

static inline_all __m512i add(u32 bits, __m512i a, __m512i b)
{
	return bits == 8 ? _mm512_add_epi8(a, b) : _mm512_add_epi16(a, b);
}

static inline_all __m512i sub(u32 bits, __m512i a, __m512i b)
{
	return bits == 8 ? _mm512_sub_epi8(a, b) : _mm512_sub_epi16(a, b);
}

static inline_all __m512i subs(u32 bits, __m512i a, __m512i b)
{
	return bits == 8 ? _mm512_subs_epu8(a, b) : _mm512_subs_epu16(a, b);
}

static inline_all __m512i lesser(u32 bits, __m512i a, __m512i b)
{
	return bits == 8 ? _mm512_min_epu8(a, b) : _mm512_min_epu16(a, b);
}

static inline_all __m512i greater(u32 bits, __m512i a, __m512i b)
{
	return bits == 8 ? _mm512_max_epu8(a, b) : _mm512_max_epu16(a, b);
}

/* Rounded up. */
static inline_all __m512i mean(u32 bits, __m512i a, __m512i b)
{
	return bits == 8 ? _mm512_avg_epu8(a, b) : _mm512_avg_epu16(a, b);
}

static inline_all __m512i half(u32 bits, __m512i x, u32 times)
{
	x = _mm512_srli_epi16(x, times);
	return bits == 8 ? _mm512_and_si512(x, _mm512_set1_epi8(0xff >> times)) : x;
}

/* The distance of @a and @b, or 2^bits less that. */
static inline_all __m512i distance(u32 bits, __m512i a, __m512i b)
{
	__m512i x = sub(bits, a, b);

	return bits == 8 ? _mm512_abs_epi8(x) : _mm512_abs_epi16(x);
}

/* Where @a is @b or more. */
static inline_all __mmask64 reaches(u32 bits, __m512i a, __m512i b)
{
	return bits == 8 ? _mm512_cmpge_epu8_mask(a, b) : _mm512_cmpge_epu16_mask(a, b);
}

/* @b where the mask says so, otherwise @a. */
static inline_all __m512i choose(u32 bits, __mmask64 mask, __m512i a, __m512i b)
{
#ifdef __clang__
	return bits == 8 ? _mm512_mask_blend_epi8(mask, a, b) : _mm512_mask_blend_epi16(mask, a, b);
#else
	/* of that GCC makes a move into a copy of @a as often as not */
	__mmask32 words = mask;
	__m512i x;

	if (bits == 8)
		__asm__("vpblendmb %3, %2, %0%{%1%}" : "=v"(x) : "Yk"(mask), "v"(a), "vm"(b));
	else
		__asm__("vpblendmw %3, %2, %0%{%1%}" : "=v"(x) : "Yk"(words), "v"(a), "vm"(b));
	return x;
#endif
}

/**
 * struct points - points of blocks above the lowest, in columns
 * @linear: the second to the fourth
 * @log: the second to the seventh
 * @range: the eighth
 */
struct points {
	__m512i linear[3], log[6], range;
};

/*
 * The least numbers above the lowest point that have an index above 0, 1, ... 6; see
 * make_thresholds().  Of points a and b in turn (a + b) / 2, rounded down, and 1, and
 * (a + b) / 2, rounded up, but above a.
 */
static inline_all void make_limits(u32 bits, const struct points *p, __mmask64 log, __m512i *t)
{
	const __m512i one = set1(bits, 1);
	__m512i q[6], above[6];

	FOR(3, k) {
		q[k] = choose(bits, log, p->linear[k], p->log[k]);
		q[k + 3] = choose(bits, log, sub(bits, p->range, p->linear[2 - k]), p->log[k + 3]);
	}
	FOR(6, k)
		above[k] = add(bits, q[k], one);
	t[0] = mean(bits, one, q[0]);
	t[1] = greater(bits, above[0], mean(bits, q[0], q[1]));
	t[2] = mean(bits, above[1], q[2]);
	t[3] = greater(bits, above[2], mean(bits, q[2], q[3]));
	t[4] = mean(bits, above[3], q[4]);
	t[5] = greater(bits, above[4], mean(bits, q[4], q[5]));
	t[6] = mean(bits, above[5], p->range);
}

/* 32-bit words without sign, as sums of 64 bits. */
static inline_all __m512i add_halves(__m512i sums, __m512i x)
{
	sums = _mm512_add_epi64(sums, _mm512_srli_epi64(x, 32));
	return _mm512_add_epi64(sums, _mm512_and_si512(x, _mm512_set1_epi64(0xffffffff)));
}

static inline u32 min_u32(u32 a, u32 b)
{
	return a < b ? a : b;
}

/* How many of some blocks are in the part from one on. */
static inline u32 part_of(u32 count, u32 first, u32 size)
{
	return count <= first ? 0 : min_u32(count - first, size);
}

/* Plain accesses where they will do: masked ones of bytes are slow. */
static inline_all __m512i load_bytes(const u8 *p, u32 count, __m512i otherwise)
{
	if (count == 64)
		return _mm512_loadu_si512(p);
	return _mm512_mask_loadu_epi8(otherwise, first_bytes(count), p);
}

static inline_all void store_bytes(u8 *p, u32 count, __m512i x)
{
	if (count == 64)
		_mm512_storeu_si512(p, x);
	else if (count)
		_mm512_mask_storeu_epi8(p, first_bytes(count), x);
}

/* Blocks whose errors are summed up in 32 bits. */
#define MAX_SLICE	2048

#define MAX_ROWS	32

/* Bytes of rows that lines have to be fetched one by one. */
#define LONG_LINE	1024

/**
 * struct line - where the rows of the blocks of a line are
 * @row: in blocks, from the first one's first row
 * @rows: how many
 * @size: bytes of a block in a row
 * @src: first row of the next block
 * @step: bytes from the begin of a line to the next one's
 * @across: blocks in a line
 * @ahead: bytes from what is loaded to what is fetched for later; a CPU does not find out by itself
 *	what comes after the short rows of many a line
 * @x: blocks of this line that have been
 * @left: blocks that have not, of all lines
 * @stream: of a decoder, rows of the same block are alike in how they lie in lines of the cache,
 *	and stores of whole ones are not to go through it
 */
struct line {
	u64 row[MAX_ROWS];
	const u8 *src;
	u64 step, ahead;
	u32 rows, size, across, x, left;
	bool stream;
};

static void make_line(struct line *at, const struct asc_strip *strip, const u8 *src, u32 count)
{
	u32 y, z, i = 0;

	for (z = 0; z < strip->c; z++) {
		for (y = 0; y < strip->h; y++)
			at->row[i++] = (strip->order ? strip->order[z] : z) * strip->plane +
				       y * strip->row;
	}
	at->rows = i;
	at->size = strip->w * strip->format->bits / 8;
	at->src = src;
	at->step = strip->line;
	at->across = strip->across;
	at->ahead = at->across * at->size >= LONG_LINE ? LONG_LINE / 2 : 2 * strip->line;
	at->x = 0;
	at->left = count;
	at->stream = false;
}

/* The same for a decoder. */
static void make_line_of(struct line *at, const struct asc_strip *strip, u8 *dst, u32 count)
{
	u64 rows = 0;
	u32 i;

	make_line(at, strip, dst, count);
	if (!strip->stream)
		return;
	for (i = 0; i < at->rows; i++)
		rows |= at->row[i];
	at->stream = !(rows & 63);
}

/* Are the next blocks to be streamed? */
static inline_all bool streams(const struct line *at)
{
	return at->stream && !((unsigned long)at->src & 63);
}

/* Streamed stores are not in order with others. */
static inline void end_line(const struct line *at)
{
	if (at->stream)
		_mm_sfence();
}

static inline_all void put_bytes(const struct line *at, u8 *p, u32 count, bool stream, __m512i x)
{
	if (stream && count == 64) {
		_mm512_stream_si512((__m512i *)p, x);
		return;
	}
	__builtin_prefetch(p + at->ahead, 1);
	store_bytes(p, count, x);
}

/* How many of the next blocks of a line there are, of @most at most. */
static inline_all u32 in_line(const struct line *at, u32 most)
{
	return min_u32(most, min_u32(at->left, at->across - at->x));
}

/* As in_line(), of the very first blocks: those before one whose row begins a line of the cache. */
static u32 first_in_line(const struct line *at, u32 most)
{
	u32 bytes = -(unsigned long)at->src & 63;

	if (at->stream && bytes && bytes % at->size == 0)
		most = min_u32(most, bytes / at->size);
	return in_line(at, most);
}

static inline_all void go_on(struct line *at, u32 blocks)
{
	at->x += blocks;
	at->left -= blocks;
	at->src += blocks * at->size;
	if (at->x == at->across) {
		at->src -= at->x * at->size;
		at->src += at->step;
		at->x = 0;
	}
}

static inline_all __m512i unpack(u32 bytes, bool high, __m512i a, __m512i b)
{
	switch (bytes) {
	case 1:
		return high ? _mm512_unpackhi_epi8(a, b) : _mm512_unpacklo_epi8(a, b);
	case 2:
		return high ? _mm512_unpackhi_epi16(a, b) : _mm512_unpacklo_epi16(a, b);
	case 4:
		return high ? _mm512_unpackhi_epi32(a, b) : _mm512_unpacklo_epi32(a, b);
	default:
		return high ? _mm512_unpackhi_epi64(a, b) : _mm512_unpacklo_epi64(a, b);
	}
}

/* Bytes of payload that are fetched for later: a decoder reads too little for a CPU to do it. */
#define AHEAD		1024

/* The largest of words, or of bytes. */
static inline u32 greatest_of(u32 bits, __m512i x)
{
	if (bits == 8)
		x = greater(16, _mm512_srli_epi16(x, 8), _mm512_and_si512(x, set1(16, 0xff)));
	x = greater(16, _mm512_srli_epi32(x, 16), _mm512_and_si512(x, _mm512_set1_epi32(0xffff)));
	return _mm512_reduce_max_epu32(x);
}

#endif
