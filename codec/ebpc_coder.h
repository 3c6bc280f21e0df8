/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A tile as the two streams of EBPC: Documentation/format.rst, "ebpc".  ebpc.c has the same
 * streams value by value and bit by bit, for all parameters; here are those of a tile, blocks
 * at a time.  The file is compiled once for each kind of CPU, see tile_coders.h.
 *
 * A mask tells which values are not zero; these stand without gaps in an array.  With that, the
 * ZNZ stream is about the mask, and the BPC stream about the array.
 *
 * Streams lie in the workspace as a sequence of bytes, the first bit being the highest of the
 * first byte, with some room behind, so that reads and writes need not end with the last bit;
 * nor does it matter then who changes the input meanwhile.
 *
 * A block of B values has planes of B - 1 bits, B + 1 of them.  The last one tells the signs of
 * the differences.  A decoder has no use for it: values are modulo 2^B.
 */

#include "bits64.h"
#include "ebpc_tile.h"

/* Bytes in which the size of the ZNZ stream stands before it. */
#define SIZE_BYTES	2

#define ZERO_RUN	16
#define ZERO_RUN_BITS	5	/* of its code */

/* What may be read or written behind the end of a stream. */
#define SLACK		64

/* The longest streams that a tile may give: blocks of 16 values, 16 + 17 * 16 bits each. */
#define STREAM_BYTES	(FMC_TILE_MAX_VALUES / 16 * (16 + 17 * 16) / 8)

/* Blocks of 8 values that are worked at together. */
#define GROUP		32

/* A symbol of a plane of 7 bits. */
struct symbol {
	u8 code, bits;
};

/* What a stream goes on with, if not with a plane as it is. */
struct escape {
	u16 x;		/* what changes in the first plane, or CLEARS */
	u8 bits;	/* of the symbol */
	u8 planes;	/* that it stands for; NONE if no symbol is like this */
};

#define CLEARS	0xffff
#define NONE	32

struct ebpc_workspace {
	u64 mask[FMC_TILE_MAX_VALUES / 64];
	u16 rest[64];		/* values that do not fill a word of the mask */
	union {
		u8 dense8[FMC_TILE_MAX_VALUES + SLACK];
		u16 dense16[FMC_TILE_MAX_VALUES + SLACK];
	};
	u8 stream[STREAM_BYTES + SLACK];
	union {
		struct {
			struct symbol symbols[128];
			u64 planes[GROUP], x[GROUP];
			u32 last_plane[GROUP];
		} encoder;
		struct {
			struct escape escapes[256];
			u64 x[GROUP];
			u8 base[GROUP];
		} decoder;
	};
};

static_assert(sizeof(struct ebpc_workspace) <= EBPC_TILE_WORKSPACE_BYTES, "workspace");

/*
 * Bits to a stream, the highest first
 */

struct writer {
	u64 bits;	/* the lowest @fill were not written yet */
	u32 fill;
	u8 *at;
};

/* @value has no bits beside the lowest @count, 32 at most. */
static inline void put_bits(struct writer *w, u64 value, u32 count)
{
	w->bits = w->bits << count | value;
	w->fill += count;
	if (w->fill < 32)
		return;
	w->fill -= 32;
	put_be32(w->at, w->bits >> w->fill);
	w->at += 4;
}

/* Complete the last word with zeros.  Returns the bytes of the stream. */
static u32 end_stream(struct writer *w, const u8 *stream, u32 word_bytes)
{
	u32 bits = (w->at - stream) * 8 + w->fill;

	put_be32(w->at, w->bits << (32 - w->fill));
	return (bits + 8 * word_bytes - 1) / (8 * word_bytes) * word_bytes;
}

/* Words of two bytes have their first bits in the second one. */
static void copy_words(u8 *to, const u8 *from, u32 bytes, u32 word_bytes)
{
	u32 i;

	if (word_bytes == 1) {
		memcpy(to, from, bytes);
		return;
	}
	for (i = 0; i + 2 <= bytes; i += 2) {
		u8 first = from[i], second = from[i + 1];

		to[i] = second;
		to[i + 1] = first;
	}
}

/* Returns the bits of the stream: those of whole words. */
static u32 load_stream(struct ebpc_workspace *ws, const u8 *in, u32 bytes, u32 word_bytes)
{
	bytes -= bytes % word_bytes;
	/* no tile has more */
	if (bytes > STREAM_BYTES)
		bytes = STREAM_BYTES;
	copy_words(ws->stream, in, bytes, word_bytes);
	memset(ws->stream + bytes, 0, SLACK);
	return 8 * bytes;
}

/*
 * ZNZ
 */

static u32 encode_mask(const u64 *mask, u32 n, u8 *stream, u32 word_bytes)
{
	struct writer w = { .at = stream };
	u32 run = 0, i;

	for (i = 0; i < n; i += 64) {
		u32 left = n - i < 64 ? n - i : 64;
		u64 m = mask[i / 64];

		while (left) {
			u32 zeros = m ? (u32)__builtin_ctzll(m) : left, ones;

			run += zeros;
			left -= zeros;
			for (; run >= ZERO_RUN; run -= ZERO_RUN)
				put_bits(&w, ZERO_RUN - 1, ZERO_RUN_BITS);
			if (!left)
				break;
			m >>= zeros;
			ones = __builtin_ctzll(~m | 1ull << 24);
			if (run)
				put_bits(&w, (u64)(run - 1) << ones | ((1u << ones) - 1),
					 ZERO_RUN_BITS + ones);
			else
				put_bits(&w, (1u << ones) - 1, ones);
			run = 0;
			m >>= ones;
			left -= ones;
		}
	}
	if (run)
		put_bits(&w, run - 1, ZERO_RUN_BITS);
	return end_stream(&w, stream, word_bytes);
}

/* Less than 64 bits from a place on. */
static inline void set_ones(u64 *mask, u32 at, u32 ones)
{
	u64 run = (1ull << ones) - 1;
	u32 shift = at % 64;

	mask[at / 64] |= run << shift;
	if (shift + ones > 64)
		mask[at / 64 + 1] |= run >> (64 - shift);
}

/*
 * Returns how many values are not zero.  Behind its @bits the stream goes on with zeros;
 * *failed is set if they were needed.
 */
static u32 decode_mask(const u8 *stream, u32 bits, u32 n, u64 *mask, bool *failed)
{
	u32 at = 0, i = 0, count = 0;

	memset(mask, 0, (n + 63) / 64 * sizeof(*mask));
	while (i < n) {
		/* 57 bits at least: of ones up to 48, and a run of zeros */
		u64 window = get_be64(stream + at / 8) << (at % 8);
		u32 ones = __builtin_clzll(~window | 1ull << (63 - 48));

		at += ones;
		if (ones > n - i)
			ones = n - i;
		set_ones(mask, i, ones);
		count += ones;
		i += ones;
		window <<= ones;
		if (i == n || window >> 63)
			continue;
		at += ZERO_RUN_BITS;
		if (at > bits) {
			*failed = true;
			break;
		}
		i += (window >> (64 - ZERO_RUN_BITS)) + 1;
	}
	return count;
}

/*
 * BPC: symbols
 */

/* Codes of planes that differ from the one below. */
static void prepare_symbols(struct symbol *symbols)
{
	u32 x;

	for (x = 1; x < 128; x++) {
		u32 low = x & -x, place = __builtin_clz(x) - 25;
		struct symbol s = { 0x80 | x, 8 };

		if (x == low)
			s.code = 3 << 3 | place;
		else if (x == (low | low << 1))
			s.code = 2 << 3 | place;
		symbols[x] = s;
	}
	symbols[127] = (struct symbol){ 0, 5 };
}

/* The code of a run of planes that do not differ; of none, no bits. */
static inline struct symbol run_symbol(u32 planes, u32 log_bits)
{
	struct symbol s = { planes, 2 * planes };

	if (planes >= 2) {
		s.code = (1u << log_bits) - 2 + planes;
		s.bits = 3 + log_bits;
	}
	return s;
}

/* By the first 5 + @log_bits bits of what follows in a stream, of which the first is 0. */
static void prepare_escapes(struct escape *escapes, u32 log_bits)
{
	u32 width = (1u << log_bits) - 1, i;

	for (i = 0; i < 16u << log_bits; i++) {
		struct escape e = { .bits = 5 + log_bits, .planes = 1 };
		u32 place = i & width, kind = i >> log_bits, ones = kind == 2 ? 2 : 1;

		if (kind >> 3) {
			e.bits = 2;
		} else if (kind >> 2) {
			e.bits = 3 + log_bits;
			e.planes = (i >> 2 & width) + 2;
		} else if (kind < 2) {
			e.bits = 5;
			e.x = kind ? CLEARS : (1u << width) - 1;
		} else if (place + ones <= width) {
			e.x = (2 * ones - 1) << (width - place - ones);
		} else {
			e.planes = NONE;
		}
		escapes[i] = e;
	}
}

/*
 * BPC, blocks of 8 bytes: planes 0 to 7 are a word, and each of them a byte of it.
 */

#define EACH_BYTE	0x0101010101010101ull
#define HIGH_BITS	(0x80 * EACH_BYTE)

/* Bit j of byte i to bit i of byte j. */
static inline u64 transpose(u64 x)
{
	u64 t;

	t = (x ^ x >> 7) & 0x00aa00aa00aa00aaull;
	x ^= t ^ t << 7;
	t = (x ^ x >> 14) & 0x0000cccc0000ccccull;
	x ^= t ^ t << 14;
	t = (x ^ x >> 28) & 0x00000000f0f0f0f0ull;
	return x ^ t ^ t << 28;
}

/* The highest bits of the bytes, to one byte. */
static inline u32 high_bits(u64 x)
{
	return (x >> 7 & EACH_BYTE) * 0x0102040810204080ull >> 56;
}

static inline u64 add_bytes(u64 a, u64 b)
{
	return ((a & ~HIGH_BITS) + (b & ~HIGH_BITS)) ^ ((a ^ b) & HIGH_BITS);
}

/* Planes of some blocks, plane 0 in the lowest byte, and what differs from the plane below. */
static void find_planes8(struct ebpc_workspace *ws, const u8 *values, u32 blocks)
{
	u32 i;

	for (i = 0; i < blocks; i++) {
		/* the first value is the highest byte; turned over, so that signs do not matter */
		u64 a = get_be64(values + 8 * i) ^ HIGH_BITS, b = a << 8;
		u64 d = ((b | HIGH_BITS) - (a & ~HIGH_BITS)) ^ (~(a ^ b) & HIGH_BITS);
		u64 borrow = (~b & a) | (~(a ^ b) & d);
		u64 planes = transpose(d >> 8);

		ws->encoder.planes[i] = planes;
		ws->encoder.x[i] = planes ^ planes << 8;
		/* the difference is negative */
		ws->encoder.last_plane[i] = high_bits(borrow >> 8);
	}
}

static inline void put_block8(struct ebpc_workspace *ws, struct writer *w, u32 i, u8 first)
{
	u64 planes = ws->encoder.planes[i], x = ws->encoder.x[i];
	u32 last_plane = ws->encoder.last_plane[i], last_x = last_plane ^ (u32)(planes >> 56);
	u32 left = high_bits(x + 0x7f * EACH_BYTE) | (u32)!!last_x << 8, at = 0;
	struct symbol run;

	put_bits(w, first, 8);
	while (left) {
		u32 j = __builtin_ctz(left);
		u32 change = j < 8 ? x >> (8 * j) & 0x7f : last_x;
		u32 plane = j < 8 ? planes >> (8 * j) & 0x7f : last_plane;
		struct symbol s = ws->encoder.symbols[change];

		run = run_symbol(j - at, 3);
		if (!plane && change != 0x7f)
			s = (struct symbol){ 1, 5 };
		put_bits(w, (u32)run.code << s.bits | s.code, run.bits + s.bits);
		at = j + 1;
		left &= left - 1;
	}
	run = run_symbol(9 - at, 3);
	put_bits(w, run.code, run.bits);
}

static u32 encode_blocks8(struct ebpc_workspace *ws, u32 count)
{
	struct writer w = { .at = ws->stream };
	u32 blocks = (count + 7) / 8, i, k;

	memset(ws->dense8 + count, 0, 8);
	prepare_symbols(ws->encoder.symbols);
	for (i = 0; i < blocks; i += GROUP) {
		u32 n = blocks - i < GROUP ? blocks - i : GROUP;

		find_planes8(ws, ws->dense8 + 8 * i, n);
		for (k = 0; k < n; k++)
			put_block8(ws, &w, k, ws->dense8[8 * (i + k)]);
	}
	return end_stream(&w, ws->stream, 1);
}

/* Values from what differs in planes; here plane 0 is the highest byte. */
static void solve_blocks8(const struct ebpc_workspace *ws, u8 *values, u32 blocks)
{
	u32 i;

	for (i = 0; i < blocks; i++) {
		u64 v = ws->decoder.x[i];

		v ^= v >> 8;
		v ^= v >> 16;
		v ^= v >> 32;
		v = transpose(__builtin_bswap64(v)) | (u64)ws->decoder.base[i] << 56;
		v = add_bytes(v, v >> 8);
		v = add_bytes(v, v >> 16);
		v = add_bytes(v, v >> 32);
		put_be64(values + 8 * i, v);
	}
}

/* Read a block.  Returns where it ends, or 0 if it makes no sense. */
static inline u32 get_block8(struct ebpc_workspace *ws, u32 at, u32 i)
{
	const u8 *stream = ws->stream;
	u64 window = get_be64(stream + at / 8) << (at % 8), x = 0;
	u32 j = 0;

	ws->decoder.base[i] = window >> 56;
	window <<= 8;
	at += 8;
	for (;;) {
		/* of 49 bits there are: up to five planes as they are, and something else */
		u32 n = __builtin_clzll((~window & HIGH_BITS) | 1ull << (63 - 40)) / 8;
		struct escape e;
		u64 change;

		if (n > 9 - j)
			n = 9 - j;
		x |= (window & ~(~0ull >> (8 * n)) & ~HIGH_BITS) >> 4 * j >> 4 * j;
		j += n;
		at += 8 * n;
		if (j == 9)
			break;
		window <<= 8 * n;
		if (!(window >> 63)) {
			e = ws->decoder.escapes[window >> 56];
			change = e.x;
			if (change == CLEARS) {
				change = x ^ x >> 32;
				change ^= change >> 16;
				change ^= change >> 8;
				change &= 0xff;
			}
			x |= change << 56 >> 4 * j >> 4 * j;
			j += e.planes;
			at += e.bits;
			if (j >= 9)
				break;
		}
		window = get_be64(stream + at / 8) << (at % 8);
	}
	ws->decoder.x[i] = x;
	return j == 9 ? at : 0;
}

/* Returns the number of blocks that could be read. */
static u32 decode_blocks8(struct ebpc_workspace *ws, u32 bits, u32 blocks)
{
	u32 at = 0, i, k, n;

	prepare_escapes(ws->decoder.escapes, 3);
	for (i = 0; i < blocks; i += k) {
		n = blocks - i < GROUP ? blocks - i : GROUP;
		for (k = 0; k < n; k++) {
			at = get_block8(ws, at, k);
			if (!at || at > bits)
				break;
		}
		solve_blocks8(ws, ws->dense8 + 8 * i, k);
		if (k < n)
			return i + k;
	}
	return blocks;
}

/*
 * BPC, blocks of 16 words
 */

static inline void find_planes16(const u16 *v, u16 *planes)
{
#ifdef FMC_USE_AVX512
	__m256i a = _mm256_loadu_si256((const void *)v);
	__m256i b = _mm256_loadu_si256((const void *)(v + 1));
	__m256i d = _mm256_sub_epi16(b, a);
	/* the first difference leftmost */
	const __m256i turn = _mm256_set_epi16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
	u32 j;

	a = _mm256_permutexvar_epi16(turn, a);
	d = _mm256_permutexvar_epi16(turn, d);
	b = _mm256_permutexvar_epi16(turn, b);
	/* one too many, in the lowest bit */
	for (j = 0; j < 16; j++)
		planes[j] = _mm256_test_epi16_mask(d, _mm256_set1_epi16(1u << j)) >> 1;
	planes[16] = _mm256_cmplt_epi16_mask(b, a) >> 1;
#else
	u64 low[2] = { 0 }, high[2] = { 0 };
	u32 last = 0, i, j;

	for (i = 0; i < 15; i++) {
		u16 d = v[i + 1] - v[i];
		u32 byte = 14 - i;

		low[byte / 8] |= (u64)(d & 0xff) << (byte % 8 * 8);
		high[byte / 8] |= (u64)(d >> 8) << (byte % 8 * 8);
		last |= (u32)((v[i + 1] ^ 0x8000) < (v[i] ^ 0x8000)) << byte;
	}
	for (i = 0; i < 2; i++) {
		low[i] = transpose(low[i]);
		high[i] = transpose(high[i]);
	}
	for (j = 0; j < 8; j++) {
		planes[j] = (low[0] >> (8 * j) & 0xff) | (low[1] >> (8 * j) & 0xff) << 8;
		planes[j + 8] = (high[0] >> (8 * j) & 0xff) | (high[1] >> (8 * j) & 0xff) << 8;
	}
	planes[16] = last;
#endif
}

/* The code of a plane that differs by @x from the one below; *@bits of it. */
static inline u32 plane_code16(u32 plane, u32 x, u32 *bits)
{
	u32 low = x & -x, rest = x ^ low;

	*bits = 16;
	/* likely not to be special: three bits or more */
	if ((rest & (rest - 1)) && plane && x != 0x7fff)
		return 1u << 15 | x;
	*bits = 5;
	if (x == 0x7fff)
		return 0;
	if (!plane)
		return 1;
	*bits = 9;
	if (!rest || rest == low << 1)
		return (rest ? 2u : 3u) << 4 | (u32)(__builtin_clz(x) - 17);
	*bits = 16;
	return 1u << 15 | x;
}

static inline void put_block16(struct writer *w, const u16 *values)
{
	u16 planes[17];
	u32 left = 0, last = 0, at = 0, j;
	struct symbol run;

	find_planes16(values, planes);
	for (j = 0; j < 17; j++) {
		left |= (u32)(planes[j] != last) << j;
		last = planes[j];
	}
	put_bits(w, values[0], 16);
	while (left) {
		u32 bits, code;

		j = __builtin_ctz(left);
		code = plane_code16(planes[j], planes[j] ^ (j ? planes[j - 1] : 0), &bits);
		run = run_symbol(j - at, 4);
		put_bits(w, (u64)run.code << bits | code, run.bits + bits);
		at = j + 1;
		left &= left - 1;
	}
	run = run_symbol(17 - at, 4);
	put_bits(w, run.code, run.bits);
}

static u32 encode_blocks16(struct ebpc_workspace *ws, u32 count)
{
	struct writer w = { .at = ws->stream };
	u32 i;

	memset(ws->dense16 + count, 0, 2 * 16);
	for (i = 0; i < count; i += 16)
		put_block16(&w, ws->dense16 + i);
	return end_stream(&w, ws->stream, 2);
}

static inline void solve_block16(u16 base, const u16 *x, u16 *values)
{
	u64 low[2] = { 0 }, high[2] = { 0 };
	u32 plane = 0, i, j;

	for (j = 0; j < 8; j++) {
		plane ^= x[j];
		low[0] |= (u64)(plane & 0xff) << (8 * j);
		low[1] |= (u64)(plane >> 8) << (8 * j);
	}
	for (j = 0; j < 8; j++) {
		plane ^= x[j + 8];
		high[0] |= (u64)(plane & 0xff) << (8 * j);
		high[1] |= (u64)(plane >> 8) << (8 * j);
	}
	for (i = 0; i < 2; i++) {
		low[i] = transpose(low[i]);
		high[i] = transpose(high[i]);
	}
	values[0] = base;
	for (i = 0; i < 15; i++) {
		u32 byte = 14 - i;

		base += (low[byte / 8] >> (byte % 8 * 8) & 0xff) |
			(high[byte / 8] >> (byte % 8 * 8) & 0xff) << 8;
		values[i + 1] = base;
	}
}

/* Read a block.  Returns where it ends, or 0 if it makes no sense. */
static inline u32 get_block16(struct ebpc_workspace *ws, u32 at, u16 *values)
{
	const u8 *stream = ws->stream;
	u16 base = get_be64(stream + at / 8) << (at % 8) >> 48;
	u16 x[17 + 3];	/* three more are written than are used */
	u32 j = 0, n, i;

	memset(x, 0, sizeof(x));
	at += 16;
	while (j < 17) {
		/* 57 bits: up to three planes as they are, and something else */
		u64 window = get_be64(stream + at / 8) << (at % 8);
		struct escape e;

		n = __builtin_clzll((~window & 0x8000800080008000ull) | 0x8000) / 16;
		if (n > 17 - j)
			n = 17 - j;
		/* what is none is written over */
		x[j] = window >> 48 & 0x7fff;
		x[j + 1] = window >> 32 & 0x7fff;
		x[j + 2] = window >> 16 & 0x7fff;
		j += n;
		at += 16 * n;
		x[j] = 0;
		x[j + 1] = 0;
		x[j + 2] = 0;
		window <<= 16 * n;
		if (j == 17 || window >> 63)
			continue;
		e = ws->decoder.escapes[window >> 55];
		x[j] = e.x;
		if (e.x == CLEARS) {
			x[j] = 0;
			for (i = 0; i < j; i++)
				x[j] ^= x[i];
		}
		j += e.planes;
		at += e.bits;
	}
	solve_block16(base, x, values);
	return j == 17 ? at : 0;
}

/* Returns the number of blocks that could be read. */
static u32 decode_blocks16(struct ebpc_workspace *ws, u32 bits, u32 blocks)
{
	u32 at = 0, i;

	prepare_escapes(ws->decoder.escapes, 4);
	for (i = 0; i < blocks; i++) {
		at = get_block16(ws, at, ws->dense16 + 16 * i);
		if (!at || at > bits)
			break;
	}
	return i;
}

/*
 * Tiles
 */

/* Mask of 64 values, which are at @dense, less zero and without gaps, from *count on. */
static inline u64 take_64(const u16 *values, u32 zero, u32 bits, struct ebpc_workspace *ws, u32 *count)
{
#ifdef FMC_USE_AVX512
	__m512i low = _mm512_sub_epi16(_mm512_loadu_si512(values), _mm512_set1_epi16(zero));
	__m512i high = _mm512_sub_epi16(_mm512_loadu_si512(values + 32), _mm512_set1_epi16(zero));
	__m512i v;
	u64 mask;

	if (bits == 8) {
		v = _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvtepi16_epi8(low)),
				       _mm512_cvtepi16_epi8(high), 1);
		mask = _mm512_test_epi8_mask(v, v);
		_mm512_storeu_si512(ws->dense8 + *count, _mm512_maskz_compress_epi8(mask, v));
		*count += __builtin_popcountll(mask);
		return mask;
	}
	mask = _mm512_test_epi16_mask(low, low);
	_mm512_storeu_si512(ws->dense16 + *count, _mm512_maskz_compress_epi16(mask, low));
	*count += __builtin_popcountll(mask);
	low = high;
	v = _mm512_maskz_compress_epi16(_mm512_test_epi16_mask(low, low), low);
	_mm512_storeu_si512(ws->dense16 + *count, v);
	*count += __builtin_popcountll(_mm512_test_epi16_mask(low, low));
	return mask | (u64)_mm512_test_epi16_mask(low, low) << 32;
#else
	u64 mask = 0;
	u32 i, n = *count;

	for (i = 0; i < 64; i++) {
		u16 v = (values[i] - zero) & fmc_value_mask(bits);

		if (bits == 8)
			ws->dense8[n] = v;
		else
			ws->dense16[n] = v;
		n += !!v;
		mask |= (u64)!!v << i;
	}
	*count = n;
	return mask;
#endif
}

/* Mask, and values less zero that are not zero.  Returns their number. */
static u32 take_out_zeros(struct ebpc_workspace *ws, const struct fmc_tile *tile, const u16 *values)
{
	u32 n = fmc_tile_values(tile), whole = n & ~63u, count = 0, i;

	if (tile->bits == 8) {
		for (i = 0; i < whole; i += 64)
			ws->mask[i / 64] = take_64(values + i, tile->zero, 8, ws, &count);
	} else {
		for (i = 0; i < whole; i += 64)
			ws->mask[i / 64] = take_64(values + i, tile->zero, 16, ws, &count);
	}
	if (whole < n) {
		for (i = 0; i < 64; i++)
			ws->rest[i] = whole + i < n ? values[whole + i] : tile->zero;
		ws->mask[whole / 64] = take_64(ws->rest, tile->zero, tile->bits, ws, &count);
	}
	return count;
}

/* The inverse of take_64(). */
static inline void put_64(u64 mask, u32 zero, u32 bits, const struct ebpc_workspace *ws, u32 *count,
			  u16 *values)
{
#ifdef FMC_USE_AVX512
	const __m512i z = _mm512_set1_epi16(zero), value_mask = _mm512_set1_epi16(0xff);
	__m512i v;

	if (bits == 8) {
		v = _mm512_loadu_si512(ws->dense8 + *count);
		v = _mm512_maskz_expand_epi8(mask, v);
		_mm512_storeu_si512(values, _mm512_and_si512(_mm512_add_epi16(
				    _mm512_cvtepu8_epi16(_mm512_castsi512_si256(v)), z),
				    value_mask));
		_mm512_storeu_si512(values + 32, _mm512_and_si512(_mm512_add_epi16(
				    _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(v, 1)), z),
				    value_mask));
		*count += __builtin_popcountll(mask);
		return;
	}
	v = _mm512_maskz_expand_epi16(mask, _mm512_loadu_si512(ws->dense16 + *count));
	_mm512_storeu_si512(values, _mm512_add_epi16(v, z));
	*count += __builtin_popcount(mask);
	v = _mm512_loadu_si512(ws->dense16 + *count);
	v = _mm512_maskz_expand_epi16(mask >> 32, v);
	_mm512_storeu_si512(values + 32, _mm512_add_epi16(v, z));
	*count += __builtin_popcount(mask >> 32);
#else
	u32 i, n = *count;

	for (i = 0; i < 64; i++, mask >>= 1) {
		u32 v = bits == 8 ? ws->dense8[n] : ws->dense16[n];

		v &= -(u32)(mask & 1);
		values[i] = (v + zero) & fmc_value_mask(bits);
		n += mask & 1;
	}
	*count = n;
#endif
}

static void put_in_zeros(struct ebpc_workspace *ws, const struct fmc_tile *tile, u16 *values)
{
	u32 n = fmc_tile_values(tile), whole = n & ~63u, count = 0, i;

	if (tile->bits == 8) {
		for (i = 0; i < whole; i += 64)
			put_64(ws->mask[i / 64], tile->zero, 8, ws, &count, values + i);
	} else {
		for (i = 0; i < whole; i += 64)
			put_64(ws->mask[i / 64], tile->zero, 16, ws, &count, values + i);
	}
	if (whole < n) {
		put_64(ws->mask[whole / 64], tile->zero, tile->bits, ws, &count, ws->rest);
		memcpy(values + whole, ws->rest, (n - whole) * sizeof(*values));
	}
}

static u32 ebpc_encode_tile(const struct fmc_tile *tile, const u16 *values, u8 *out, u32 capacity,
		       void *workspace)
{
	struct ebpc_workspace *ws = workspace;
	u32 n = fmc_tile_values(tile), size = tile->bits / 8, count, znz, bpc;

	if (capacity < SIZE_BYTES)
		return 0;
	count = take_out_zeros(ws, tile, values);
	znz = encode_mask(ws->mask, n, ws->stream, size);
	if (znz > capacity - SIZE_BYTES)
		return 0;
	fmc_put_value(out, znz, 16);
	copy_words(out + SIZE_BYTES, ws->stream, znz, size);
	bpc = size == 1 ? encode_blocks8(ws, count) : encode_blocks16(ws, count);
	if (bpc > capacity - SIZE_BYTES - znz)
		return 0;
	copy_words(out + SIZE_BYTES + znz, ws->stream, bpc, size);
	return SIZE_BYTES + znz + bpc;
}

static int ebpc_decode_tile(const struct fmc_tile *tile, const u8 *in, u32 bytes, u16 *values,
		       void *workspace)
{
	struct ebpc_workspace *ws = workspace;
	u32 n = fmc_tile_values(tile), size = tile->bits / 8, znz = 0, bits, count, blocks, got;
	bool failed = false;

	if (bytes >= SIZE_BYTES) {
		znz = fmc_get_value(in, 16);
		in += SIZE_BYTES;
		bytes -= SIZE_BYTES;
	}
	/* Empty streams end too early, and give zeros. */
	if (znz > bytes) {
		znz = 0;
		bytes = 0;
	}
	bits = load_stream(ws, in, znz, size);
	count = decode_mask(ws->stream, bits, n, ws->mask, &failed);
	bits = load_stream(ws, in + znz, bytes - znz, size);
	blocks = (count + tile->bits - 1) / tile->bits;
	if (size == 1)
		got = decode_blocks8(ws, bits, blocks);
	else
		got = decode_blocks16(ws, bits, blocks);
	if (got < blocks) {
		memset(ws->dense8 + got * tile->bits * size, 0,
		       (blocks - got) * tile->bits * size);
		failed = true;
	}
	put_in_zeros(ws, tile, values);
	return failed ? -EBADMSG : 0;
}
