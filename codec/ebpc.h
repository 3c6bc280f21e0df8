/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_EBPC_H
#define ASCDEV_CODEC_EBPC_H

#include "types.h"

#define EBPC_MAX_BLOCK	16

/**
 * struct ebpc_params - what both sides must know
 * @bits: bits of a value and of a word of the streams, 8 or 16
 * @block: values in a block of the BPC stream, 8 or 16
 * @zero_run: zeros that one code stands for at most, a power of two, 2 to 64
 */
struct ebpc_params {
	u32 bits;
	u32 block;
	u32 zero_run;
};

/**
 * struct ebpc_stream - a stream of bits in memory
 * @data: words of @word_bits bits, the lower byte first
 * @capacity: bits that there is room for, or that there are
 * @at: bits written or read so far
 * @word_bits: 8 or 16; the first bit is the highest of the first word
 */
struct ebpc_stream {
	u8 *data;
	u64 capacity;
	u64 at;
	u32 word_bits;
};

/**
 * struct ebpc_encoder - values to two streams
 * @params: parameters
 * @znz: zero or not
 * @bpc: what is not
 * @run: zeros that no code was written for yet
 * @values: non-zero values of the block that is being filled
 * @fill: their number
 * @full: a stream had no room
 */
struct ebpc_encoder {
	struct ebpc_params params;
	struct ebpc_stream znz, bpc;
	u32 run;
	u16 values[EBPC_MAX_BLOCK];
	u32 fill;
	bool full;
};

/**
 * struct ebpc_decoder - two streams to values
 * @params: parameters
 * @znz: zero or not
 * @bpc: what is not
 * @run: zeros that are still to be given
 * @values: values of the last block that was decoded
 * @left: how many of them are still to be given
 */
struct ebpc_decoder {
	struct ebpc_params params;
	struct ebpc_stream znz, bpc;
	u32 run;
	u16 values[EBPC_MAX_BLOCK];
	u32 left;
};

int ebpc_encode_init(struct ebpc_encoder *e, const struct ebpc_params *params, void *znz,
		     u64 znz_bytes, void *bpc, u64 bpc_bytes);
void ebpc_encode(struct ebpc_encoder *e, const u16 *values, u32 count);
int ebpc_encode_end(struct ebpc_encoder *e, u64 *znz_bytes, u64 *bpc_bytes);
int ebpc_bound(const struct ebpc_params *params, u64 count, u64 *znz_bytes, u64 *bpc_bytes);

int ebpc_decode_init(struct ebpc_decoder *d, const struct ebpc_params *params, const void *znz,
		     u64 znz_bytes, const void *bpc, u64 bpc_bytes);
int ebpc_decode(struct ebpc_decoder *d, u16 *values, u32 count);

#endif
