/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * ASC-CBR, many blocks at a time: what vector code works on.
 */
#ifndef ASCDEV_CODEC_ASC_STRIP_H
#define ASCDEV_CODEC_ASC_STRIP_H

#include "asc_block.h"

struct asc_cbr_stats;

/**
 * struct asc_strip - blocks side by side in memory, each of them whole
 * @format: format of the blocks
 * @dtype: type of the values in memory, whose values are dense in a row
 * @scales: for asc_block_encode()
 * @exponent: of floats, biased exponent that errors are counted by
 * @w: values in a row of a block; the next block's row follows
 * @h: rows in a plane of a block
 * @c: planes in a block
 * @row: bytes from one row to the next
 * @plane: bytes from one plane to the next
 * @across: blocks in a line, one to the right of the other
 * @line: bytes from the begin of a line to the next one's
 * @order: NULL, or channels of the planes, which begin at @plane times these
 * @stream: the surface is too large for caches: what is decoded had better not go through them
 *
 * A run is one row.  Blocks are in one or more lines, of which the last may be cut short.
 *
 * ``u32 asc_encode(strip, src, count, bits, stats)`` encodes with effort hw as many of
 * @count blocks as it knows how to, from the first, and counts in stats what
 * asc_cbr_encode() does; ``u32 asc_decode(strip, bits, count, dst)`` decodes them.  Both
 * return how many that were, which may be 0.  Each byte of control data is read once.
 */
struct asc_strip {
	const struct asc_block_format *format;
	u32 dtype;
	u32 scales;
	u32 exponent;
	u32 w, h, c;
	u64 row, plane;
	u32 across;
	u64 line;
	const u16 *order;
	bool stream;
};

u32 asc_encode_none(const struct asc_strip *strip, const u8 *src, u32 count, u8 *bits,
		    struct asc_cbr_stats *stats);
u32 asc_decode_none(const struct asc_strip *strip, const u8 *bits, u32 count, u8 *dst);
u32 asc_decode_avx2(const struct asc_strip *strip, const u8 *bits, u32 count, u8 *dst);
u32 asc_encode_avx2(const struct asc_strip *strip, const u8 *src, u32 count, u8 *bits,
		    struct asc_cbr_stats *stats);
u32 asc_decode_avx512(const struct asc_strip *strip, const u8 *bits, u32 count, u8 *dst);
u32 asc_encode_avx512(const struct asc_strip *strip, const u8 *src, u32 count, u8 *bits,
		      struct asc_cbr_stats *stats);
u32 asc_decode_neon(const struct asc_strip *strip, const u8 *bits, u32 count, u8 *dst);
u32 asc_encode_neon(const struct asc_strip *strip, const u8 *src, u32 count, u8 *bits,
		    struct asc_cbr_stats *stats);

u32 asc_encode_columns_avx512(const struct asc_strip *strip, const u8 *src, u32 count, u8 *bits,
			      struct asc_cbr_stats *stats);

u32 asc_decode_columns_avx512(const struct asc_strip *strip, const u8 *bits, u32 count, u8 *dst);
u32 asc_encode_eights_avx512(const struct asc_strip *strip, const u8 *src, u32 count, u8 *bits,
			     struct asc_cbr_stats *stats);
u32 asc_decode_eights_avx512(const struct asc_strip *strip, const u8 *bits, u32 count, u8 *dst);

#endif
