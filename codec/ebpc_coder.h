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
#ifdef FMC_USE_AVX2
#include "zeros_avx2.h"
#elif defined(FMC_USE_NEON)
#include "zeros_neon.h"
#endif

/* Bytes in which the size of the ZNZ stream stands before it. */
#define SIZE_BYTES	2

#define ZERO_RUN	16
#define ZERO_RUN_BITS	5	/* of its code */

/* Ones of a mask that are read together. */
#define MAX_ONES	40

/* What may be read or written behind the end of a stream. */
#define SLACK		64

/* The longest streams that a tile may give: blocks of 16 values, 16 + 17 * 16 bits each. */
#define STREAM_BYTES	(FMC_TILE_MAX_VALUES / 16 * (16 + 17 * 16) / 8)

/* Blocks of 8 values that are worked at together. */
#define GROUP		64

/* Blocks of 16, and the numbers that each one has for its planes: three are none. */
#define GROUP16		16
#define ROW		20
#define NO_PLANE	0x8000

/* What a stream goes on with, if not with a plane as it is. */
struct escape {
	u16 x;		/* what changes in the first plane */
	u16 clears;	/* all ones: the first plane is zero, whatever was before */
	u16 bits;	/* of the symbol */
	u16 planes;	/* that it stands for; NONE if no symbol is like this */
};

#define NONE	32

struct ebpc_workspace {
	u64 mask[FMC_TILE_MAX_VALUES / 64 + 2];
	u16 rest[64];		/* values that do not fill a word of the mask */
	union {
		u8 dense8[FMC_TILE_MAX_VALUES + SLACK];
		u16 dense16[FMC_TILE_MAX_VALUES + SLACK];
	};
	u8 stream[STREAM_BYTES + SLACK];
	union {
		struct {
			/* by blocks; plane 0 in the highest byte */
			u64 planes[GROUP], x[GROUP], run[GROUP];
			u64 code[GROUP], valid[GROUP];
			/* those of the last planes: signs, and runs */
			u64 signs[GROUP], ends[GROUP];
			u8 last_plane[GROUP], last_x[GROUP], last_run[GROUP];
			u8 last_code[GROUP], last_valid[GROUP];
		} encoder;
		struct {
			/* the last plane of a block first, in numbers of their own before it */
			u16 planes[ROW * GROUP16 + 1], x[ROW * GROUP16 + 1];
			u16 code[ROW * GROUP16], valid[ROW * GROUP16];
			u16 run[2][16 + ROW * GROUP16];	/* with a margin */
		} encoder16;
		struct {
			struct escape escapes[512];
			u64 x[FMC_TILE_MAX_VALUES / 8];
			u8 base[FMC_TILE_MAX_VALUES / 8 + 1];
		} decoder;
	};
};

static_assert(sizeof(struct ebpc_workspace) <= EBPC_TILE_WORKSPACE_BYTES, "workspace");

/*
 * Bits to a stream, the highest first
 */

struct writer {
	u64 bits;	/* the lowest @fill, less than 8, are to be written again */
	u32 fill;
	u8 *at;
};

/* @value has no bits beside the lowest @count, 56 at most. */
static inline void put_bits(struct writer *w, u64 value, u32 count)
{
	w->bits = w->bits << count | value;
	w->fill += count;
	/* what is not there yet is zero */
	put_be64(w->at, w->bits << (63 - w->fill) << 1);
	w->at += w->fill / 8;
	w->fill %= 8;
}

/* The last word is completed with zeros.  Returns the bytes of the stream. */
static u32 end_stream(struct writer *w, const u8 *stream, u32 word_bytes)
{
	u32 bits = (w->at - stream) * 8 + w->fill;

	put_bits(w, 0, 0);
	return (bits + 8 * word_bytes - 1) / (8 * word_bytes) * word_bytes;
}

/*
 * Bits of a stream, the highest next
 */

struct reader {
	u64 bits;	/* the highest @count, and zeros */
	u32 count;
	const u8 *at;	/* what follows them */
};

/* There are 56 bits at least, then. */
static inline void refill_bits(struct reader *r)
{
	r->bits |= get_be64(r->at) >> r->count;
	r->at += (63 - r->count) / 8;
	r->count |= 56;
}

static inline void skip_bits(struct reader *r, u32 count)
{
	r->bits <<= count;
	r->count -= count;
}

static inline u32 bits_read(const struct reader *r, const u8 *stream)
{
	return (r->at - stream) * 8 - r->count;
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

/* Bits of a mask from a place on. */
static inline u64 mask_from(const u64 *mask, u32 at)
{
	u32 shift = at % 64;

	return mask[at / 64] >> shift | mask[at / 64 + 1] << 1 << (63 - shift);
}

/* Behind @n bits the mask gets ones. */
static noinline u32 encode_mask(u64 *mask, u32 n, u8 *stream, u32 word_bytes)
{
	struct writer w = { .at = stream };
	u32 i = 0;

	mask[n / 64] = (n % 64 ? mask[n / 64] : 0) | ~0ull << (n % 64);
	mask[n / 64 + 1] = ~0ull;
	while (i < n) {
		u64 window = mask_from(mask, i);
		u32 zeros = __builtin_ctzll(window | 1u << ZERO_RUN), some = !!zeros;
		u32 ones = __builtin_ctzll(~(window >> zeros) | 1u << 24);

		i += zeros;
		if (ones > n - i)
			ones = n - i;
		i += ones;
		put_bits(&w, (u64)(zeros - some) << ones | ((1u << ones) - 1),
			 ZERO_RUN_BITS * some + ones);
	}
	return end_stream(&w, stream, word_bytes);
}

/*
 * Returns how many values are not zero.  Behind its @bits the stream goes on with zeros;
 * *failed is set if they were needed.
 */
static noinline u32 decode_mask(const u8 *stream, u32 bits, u32 n, u64 *mask, bool *failed)
{
	struct reader r = { .at = stream };
	u32 words = (n + 63) / 64, i = 0, end = 0, count = 0;
	u8 *out = (u8 *)mask;
	u64 around = 0;		/* bits of the mask, from that byte on in which the next one is */

	memset(mask, 0, (words + 2) * sizeof(*mask));
	while (i < n) {
		u32 ones, zeros, next;

		refill_bits(&r);
		ones = __builtin_clzll(~r.bits | 1ull << (63 - MAX_ONES));
		around |= ((1ull << ones) - 1) << (i % 8);
		put_le64(out + i / 8, around);
		count += ones;
		end = i + ones;
		/* if there may be more ones, they are the next turn's */
		zeros = (r.bits << ones >> (64 - ZERO_RUN_BITS)) + 1;
		zeros = ones < MAX_ONES ? zeros : 0;
		skip_bits(&r, ones + (ones < MAX_ONES ? ZERO_RUN_BITS : 0));
		if (end < n && bits_read(&r, stream) > bits) {
			*failed = true;
			break;
		}
		next = end + zeros;
		around >>= (next / 8 - i / 8) * 8;
		i = next;
	}
	for (i = 0; i < words; i++)
		mask[i] = get_le64((const u8 *)(mask + i));
	if (end > n) {
		count -= end - n;
		mask[n / 64] &= (1ull << (n % 64)) - 1;
	}
	return count;
}

/*
 * BPC: symbols
 */

/*
 * By the first 5 + @log_bits bits of what follows in a stream, in @escapes of twice as many:
 * behind all that may follow there are those of nothing.  Planes count @unit each.
 */
static noinline void prepare_escapes(struct escape *escapes, u32 log_bits, u32 unit)
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
			e.x = kind ? 0 : (1u << width) - 1;
			e.clears = kind ? 0xffff : 0;
		} else if (place + ones <= width) {
			e.x = (2 * ones - 1) << (width - place - ones);
		} else {
			e.planes = NONE;
		}
		e.planes *= unit;
		escapes[i] = e;
	}
	/* no escape at all */
	memset(escapes + i, 0, i * sizeof(*escapes));
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

/* Bit j of byte i to bit 7 - i of byte 7 - j. */
static inline u64 transpose_back(u64 x)
{
	u64 t;

	t = (x ^ x >> 9) & 0x0055005500550055ull;
	x ^= t ^ t << 9;
	t = (x ^ x >> 18) & 0x0000333300003333ull;
	x ^= t ^ t << 18;
	t = (x ^ x >> 36) & 0x000000000f0f0f0full;
	return x ^ t ^ t << 36;
}

static inline u64 add_bytes(u64 a, u64 b)
{
	return ((a & ~HIGH_BITS) + (b & ~HIGH_BITS)) ^ ((a ^ b) & HIGH_BITS);
}

/*
 * Planes of some blocks, whose first values are lowest, and those of signs.  Compilers vectorise
 * this, and what follows.
 */
static noinline void find_planes8(u64 *restrict planes, u64 *restrict signs, u32 blocks)
{
	u32 i;

	for (i = 0; i < blocks; i++) {
		/* turned over, so that signs do not matter */
		u64 a = planes[i] ^ HIGH_BITS, b = a << 8;
		u64 d = ((a | HIGH_BITS) - (b & ~HIGH_BITS)) ^ (~(a ^ b) & HIGH_BITS);
		u64 sign = ((~a & b) | (~(a ^ b) & d)) >> 7 & EACH_BYTE;

		planes[i] = transpose_back(d) & ~HIGH_BITS;
		/* the first difference leftmost */
		sign |= sign << 9;
		sign |= sign << 18;
		sign |= sign << 36;
		signs[i] = sign >> 56 & 0x7f;
	}
}

/*
 * What differs from the planes before, and at the first plane of a run that does not differ, its
 * length.
 */
static noinline void find_runs8(const u64 *restrict planes, const u64 *restrict signs,
				u64 *restrict x, u64 *restrict run, u64 *restrict last_run,
				u32 blocks)
{
	u32 i;

	for (i = 0; i < blocks; i++) {
		u64 change = planes[i] ^ planes[i] >> 8, last = signs[i] ^ (planes[i] & 0x7f);
		u64 last_same = (last + 0x7f) >> 7 ^ 1, same, same2, same4, r;

		/* bytes of ones */
		same = ((change + ~HIGH_BITS) & HIGH_BITS) ^ HIGH_BITS;
		same = (same << 1) - (same >> 7);
		r = (same & EACH_BYTE) + (same & last_same);
		r += same & r << 8;
		same2 = same & same << 8;
		r += same2 & r << 16;
		same4 = same2 & same2 << 16;
		r += same4 & r << 32;
		x[i] = change;
		run[i] = r & ~(same >> 8);
		last_run[i] = last_same & ~same;
	}
}

/* The last planes as bytes. */
static noinline void narrow_last(struct ebpc_workspace *ws, u32 blocks)
{
	u32 i;

	for (i = 0; i < blocks; i++) {
		ws->encoder.last_plane[i] = ws->encoder.signs[i];
		ws->encoder.last_x[i] = ws->encoder.signs[i] ^ (ws->encoder.planes[i] & 0x7f);
		ws->encoder.last_run[i] = ws->encoder.ends[i];
	}
}

/* Codes of planes, and which bits of them are valid: the lowest. */
static noinline void find_codes8(const u8 *restrict planes, const u8 *restrict x,
				 const u8 *restrict run, u8 *restrict code, u8 *restrict valid,
				 u32 n)
{
	u32 i;

	for (i = 0; i < n; i++) {
		u8 low = x[i] & -x[i], both = low | low << 1;
		u8 log = (low & 0xaa ? 1 : 0) | (low & 0xcc ? 2 : 0) | (low & 0xf0 ? 4 : 0);
		u8 c = x[i] | 0x80, v = 0xff;

		c = x[i] == both ? 2 * 8 + 5 - log : c;
		c = x[i] == low ? 3 * 8 + 6 - log : c;
		v = planes[i] ? v : 0x1f;
		c = planes[i] ? c : 1;
		v = x[i] == 0x7f ? 0x1f : v;
		c = x[i] == 0x7f ? 0 : c;
		v = x[i] ? v : 0;
		c = run[i] ? 6 + run[i] : c;
		v = run[i] ? 0x3f : v;
		c = run[i] == 1 ? 1 : c;
		v = run[i] == 1 ? 3 : v;
		code[i] = c;
		valid[i] = v;
	}
}

/* Put the valid bits of codes, the highest first. */
static inline u32 join_codes(u32 code, u32 valid, u32 bits, u32 *count)
{
#ifdef FMC_USE_AVX2
	(void)bits;
	*count = __builtin_popcount(valid);
	return _pext_u32(code, valid);
#else
	u32 joined = 0, all = 0, i;

	for (i = 32; i; i -= bits) {
		u32 one = valid >> (i - bits) & fmc_value_mask(bits);
		u32 width = one ? 32 - __builtin_clz(one) : 0;

		joined = joined << width | (code >> (i - bits) & one);
		all += width;
	}
	*count = all;
	return joined;
#endif
}

static inline void put_block8(const struct ebpc_workspace *ws, struct writer *w, u32 i, u8 first)
{
	u64 code = ws->encoder.code[i], valid = ws->encoder.valid[i];
	u32 count, joined = join_codes(code >> 32, valid >> 32, 8, &count), last_count;

	put_bits(w, (u64)first << count | joined, 8 + count);
	joined = join_codes(code, valid, 8, &count);
	valid = ws->encoder.last_valid[i];
	last_count = valid ? 32 - __builtin_clz(valid) : 0;
	put_bits(w, (u64)joined << last_count | (ws->encoder.last_code[i] & valid),
		 count + last_count);
}

static noinline u32 encode_blocks8(struct ebpc_workspace *ws, u32 count)
{
	struct writer w = { .at = ws->stream };
	u32 blocks = (count + 7) / 8, i, k;

	memset(ws->dense8 + count, 0, 8);
	for (i = 0; i < blocks; i += GROUP) {
		u32 n = blocks - i < GROUP ? blocks - i : GROUP;
		const u8 *values = ws->dense8 + 8 * i;

		for (k = 0; k < n; k++)
			ws->encoder.planes[k] = get_le64(values + 8 * k);
		find_planes8(ws->encoder.planes, ws->encoder.signs, n);
		find_runs8(ws->encoder.planes, ws->encoder.signs, ws->encoder.x, ws->encoder.run,
			   ws->encoder.ends, n);
		narrow_last(ws, n);
		find_codes8((const u8 *)ws->encoder.planes, (const u8 *)ws->encoder.x,
			    (const u8 *)ws->encoder.run, (u8 *)ws->encoder.code,
			    (u8 *)ws->encoder.valid, 8 * n);
		find_codes8(ws->encoder.last_plane, ws->encoder.last_x, ws->encoder.last_run,
			    ws->encoder.last_code, ws->encoder.last_valid, n);
		for (k = 0; k < n; k++)
			put_block8(ws, &w, k, values[8 * k]);
	}
	return end_stream(&w, ws->stream, 1);
}

/* Values from what differs in planes; here plane 0 is the highest byte. */
static noinline void solve_blocks8(const struct ebpc_workspace *ws, u8 *values, u32 blocks)
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

/*
 * What differs in planes of blocks.  Returns the number of blocks that could be read.
 *
 * In each turn, up to five planes as they are, and something else, if not all planes are there:
 * 48 bits at most, and 8 of the block that follows.  It does not branch by what it reads, as
 * nobody could foresee that.
 */
static noinline u32 read_blocks8(struct ebpc_workspace *ws, u32 bits, u32 blocks)
{
	struct reader r = { .at = ws->stream };
	u32 i = 0, place = 0;	/* eight times the plane */
	u64 x = 0;

	ws->decoder.base[0] = ws->stream[0];
	refill_bits(&r);
	skip_bits(&r, 8);
	while (i < blocks) {
		u64 end, before;
		u32 n, whole;
		const struct escape *e;

		refill_bits(&r);
		/* no more planes than there are */
		end = 1ull << 55 >> (64 - place) / 2 >> (64 - place) / 2;
		end |= (~r.bits & HIGH_BITS) | 1ull << (63 - 40);
		n = __builtin_clzll(end) & ~7u;
		x |= (r.bits & ~(~0ull >> n) & ~HIGH_BITS) >> place / 2 >> place / 2;
		place += n;
		r.bits <<= n;
		e = &ws->decoder.escapes[r.bits >> 56 | ((place + 56) & 128)];
		before = x ^ x >> 32;
		before ^= before >> 16;
		before ^= before >> 8;
		before = ((before & e->clears) ^ e->x) << 56;
		x |= before >> place / 2 >> place / 2;
		place += e->planes;
		r.bits <<= e->bits;
		r.count -= n + e->bits;
		if (place > 72 || bits_read(&r, ws->stream) > bits)
			break;
		ws->decoder.x[i] = x;
		ws->decoder.base[i + 1] = r.bits >> 56;
		/* 1 for 72, 0 below; compilers would make a branch of a comparison */
		whole = (place + 56) >> 7;
		i += whole;
		x &= whole - 1ull;
		place &= whole - 1;
		skip_bits(&r, 8 * whole);
	}
	return i;
}

/* Returns the number of blocks that could be read. */
static u32 decode_blocks8(struct ebpc_workspace *ws, u32 bits, u32 blocks)
{
	prepare_escapes(ws->decoder.escapes, 3, 8);
	blocks = read_blocks8(ws, bits, blocks);
	solve_blocks8(ws, ws->dense8, blocks);
	return blocks;
}

/*
 * BPC, blocks of 16 words
 */

/* @planes: of a block, the last one first, behind three that are none */
static inline void find_planes16(const u16 *v, u16 *planes)
{
#ifdef FMC_USE_AVX2
	__m256i a = _mm256_loadu_si256((const void *)v);
	__m256i b = _mm256_loadu_si256((const void *)(v + 1));
	__m256i d = _mm256_sub_epi16(b, a), less = _mm256_cmpgt_epi16(a, b);
	const __m256i turn = _mm256_set_epi8(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15,
					     0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15);
	u32 j;

	/* higher bytes, then lower ones, each with the first difference last */
	d = _mm256_permute4x64_epi64(_mm256_shuffle_epi8(d, turn), 0x27);
	less = _mm256_permute4x64_epi64(_mm256_shuffle_epi8(less, turn), 0x27);
	planes[3] = (u32)_mm256_movemask_epi8(less) >> 17;
	for (j = 0; j < 8; j++) {
		u32 both = _mm256_movemask_epi8(d);

		planes[4 + j] = both >> 17;
		planes[12 + j] = (both & 0xffff) >> 1;
		d = _mm256_add_epi8(d, d);
	}
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
		planes[19 - j] = (low[0] >> (8 * j) & 0xff) | (low[1] >> (8 * j) & 0xff) << 8;
		planes[11 - j] = (high[0] >> (8 * j) & 0xff) | (high[1] >> (8 * j) & 0xff) << 8;
	}
	planes[3] = last;
#endif
	planes[0] = 0;
	planes[1] = 0;
	planes[2] = 0;
}

static noinline void find_planes_of_blocks16(const u16 *values, u16 *planes, u32 blocks)
{
	u32 i;

	for (i = 0; i < blocks; i++)
		find_planes16(values + 16 * i, planes + ROW * i);
}

/* What differs from the plane before, which stands behind. */
static noinline void find_changes16(const u16 *restrict planes, u16 *restrict x, u32 blocks)
{
	u32 i, k;

	for (i = 0; i < ROW * blocks - 1; i++)
		x[i] = planes[i] ^ planes[i + 1];
	for (i = 0; i < ROW * blocks; i += ROW) {
		for (k = 0; k < 3; k++)
			x[i + k] = NO_PLANE;
		x[i + ROW - 1] = planes[i + ROW - 1];
	}
	x[i] = NO_PLANE;
}

/*
 * Of runs of up to @step planes to those of twice as many; @before is @from less @step.
 * Not by a condition, for which a load would be one that must not be vectorised.
 */
static noinline void lengthen_runs16(const u16 *from, const u16 *before, u16 *restrict to,
				     u16 step, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		to[i] = from[i] + (before[i] & -(from[i] == step));
}

static noinline void begin_runs16(const u16 *restrict x, u16 *restrict runs, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		runs[i] = !x[i];
}

/* Lengths of runs of planes without change, from each plane on.  Returns them. */
static const u16 *find_runs16(struct ebpc_workspace *ws, u32 n)
{
	u16 *a = ws->encoder16.run[0] + 16, *b = ws->encoder16.run[1] + 16;

	begin_runs16(ws->encoder16.x, a, n);
	lengthen_runs16(a, a - 1, b, 1, n);
	lengthen_runs16(b, b - 2, a, 2, n);
	lengthen_runs16(a, a - 4, b, 4, n);
	lengthen_runs16(b, b - 8, a, 8, n);
	lengthen_runs16(a, a - 16, b, 16, n);
	return b;
}

/* As find_codes8(). */
static noinline void find_codes16(const u16 *restrict planes, const u16 *restrict x,
				  const u16 *restrict runs, u16 *restrict code, u16 *restrict valid,
				  u32 n)
{
	u32 i;

	for (i = 0; i < n; i++) {
		u16 low = x[i] & -x[i], both = low | low << 1, v = 0xffff, c = x[i] | 0x8000;
		u16 log = (low & 0xaaaa ? 1 : 0) | (low & 0xcccc ? 2 : 0) |
			  (low & 0xf0f0 ? 4 : 0) | (low & 0xff00 ? 8 : 0), run;

		v = x[i] == low || x[i] == both ? 0x1ff : v;
		c = x[i] == both ? 2 * 16 + 13 - log : c;
		c = x[i] == low ? 3 * 16 + 14 - log : c;
		v = planes[i] ? v : 0x1f;
		c = planes[i] ? c : 1;
		v = x[i] == 0x7fff ? 0x1f : v;
		c = x[i] == 0x7fff ? 0 : c;
		v = x[i] && x[i] != NO_PLANE ? v : 0;
		/* they begin behind another plane */
		run = runs[i] & -!!x[i + 1];
		c = run ? 14 + run : c;
		v = run ? 0x7f : v;
		c = run == 1 ? 1 : c;
		v = run == 1 ? 3 : v;
		code[i] = c;
		valid[i] = v;
	}
}

static inline void put_block16(const struct ebpc_workspace *ws, struct writer *w, u32 i, u16 first)
{
	const u16 *code = ws->encoder16.code + i * ROW, *valid = ws->encoder16.valid + i * ROW;
	u32 k;

	put_bits(w, first, 16);
	for (k = ROW; k > 2; k -= 2) {
		u32 count, joined = join_codes((u32)code[k - 1] << 16 | code[k - 2],
					       (u32)valid[k - 1] << 16 | valid[k - 2], 16, &count);

		put_bits(w, joined, count);
	}
}

static noinline u32 encode_blocks16(struct ebpc_workspace *ws, u32 count)
{
	struct writer w = { .at = ws->stream };
	u32 blocks = (count + 15) / 16, i, k;

	memset(ws->dense16 + count, 0, 2 * 16);
	memset(ws->encoder16.run, 0, sizeof(ws->encoder16.run));
	for (i = 0; i < blocks; i += GROUP16) {
		u32 n = blocks - i < GROUP16 ? blocks - i : GROUP16;
		const u16 *values = ws->dense16 + 16 * i, *runs;

		find_planes_of_blocks16(values, ws->encoder16.planes, n);
		find_changes16(ws->encoder16.planes, ws->encoder16.x, n);
		runs = find_runs16(ws, ROW * n);
		find_codes16(ws->encoder16.planes, ws->encoder16.x, runs, ws->encoder16.code,
			     ws->encoder16.valid, ROW * n);
		for (k = 0; k < n; k++)
			put_block16(ws, &w, k, values[16 * k]);
	}
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
		x[j] = 0;
		for (i = 0; i < j && e.clears; i++)
			x[j] ^= x[i];
		x[j] ^= e.x;
		j += e.planes;
		at += e.bits;
	}
	solve_block16(base, x, values);
	return j == 17 ? at : 0;
}

/* Returns the number of blocks that could be read. */
static noinline u32 decode_blocks16(struct ebpc_workspace *ws, u32 bits, u32 blocks)
{
	u32 at = 0, i;

	prepare_escapes(ws->decoder.escapes, 4, 1);
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
static inline u64 take_64(const u16 *values, u32 zero, u32 bits, struct ebpc_workspace *ws,
			  u32 *count)
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
#elif defined(FMC_USE_AVX2)
	u8 v[2 * ZEROS_VALUES], some[2 * ZEROS_VALUES];
	u8 *out = bits == 8 ? ws->dense8 + *count : (u8 *)(ws->dense16 + *count);
	u32 values_of_word = 64 / bits, i;
	u64 mask = 0;

	zeros_split(values, zero, bits, v, some);
	for (i = 0; i < 64 / values_of_word; i++) {
		u64 word = get_le64(some + 8 * i);

		put_le64(out, _pext_u64(get_le64(v + 8 * i), word));
		out += __builtin_popcountll(word) / 8;
		mask |= _pext_u64(word, zeros_ones(bits)) << (values_of_word * i);
	}
	*count += __builtin_popcountll(mask);
	return mask;
#elif defined(FMC_USE_NEON)
	u8 *out = bits == 8 ? ws->dense8 + *count : (u8 *)(ws->dense16 + *count);
	u64 mask = 0;
	u32 i, n;

	for (i = 0; i < 64; i += 8, out += n * bits / 8, *count += n)
		mask |= (u64)zeros_take(values + i, zero, bits, out, &n) << i;
	return mask;
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
static noinline u32 take_out_zeros(struct ebpc_workspace *ws, const struct fmc_tile *tile,
				   const u16 *values)
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
	__m512i z = bits == 8 ? _mm512_set1_epi8(zero) : _mm512_set1_epi16(zero), v;

	/* see take_bytes() */
	if (bits == 8) {
		v = _mm512_add_epi8(_mm512_loadu_si512(ws->dense8 + *count), z);
		v = _mm512_mask_expand_epi8(z, mask, v);
		_mm512_storeu_si512(values, _mm512_cvtepu8_epi16(_mm512_castsi512_si256(v)));
		_mm512_storeu_si512(values + 32,
				    _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(v, 1)));
		*count += __builtin_popcountll(mask);
		return;
	}
	v = _mm512_add_epi16(_mm512_loadu_si512(ws->dense16 + *count), z);
	_mm512_storeu_si512(values, _mm512_mask_expand_epi16(z, mask, v));
	*count += __builtin_popcount(mask);
	v = _mm512_add_epi16(_mm512_loadu_si512(ws->dense16 + *count), z);
	_mm512_storeu_si512(values + 32, _mm512_mask_expand_epi16(z, mask >> 32, v));
	*count += __builtin_popcount(mask >> 32);
#elif defined(FMC_USE_AVX2)
	const u8 *in = bits == 8 ? ws->dense8 + *count : (const u8 *)(ws->dense16 + *count);
	u32 values_of_word = 64 / bits, i;
	u8 v[2 * ZEROS_VALUES];

	for (i = 0; i < 64 / values_of_word; i++) {
		u64 word = zeros_spread(mask >> (values_of_word * i), bits);

		put_le64(v + 8 * i, _pdep_u64(get_le64(in), word));
		in += __builtin_popcountll(word) / 8;
	}
	zeros_join(v, zero, bits, values);
	*count += __builtin_popcountll(mask);
#elif defined(FMC_USE_NEON)
	const u8 *in = bits == 8 ? ws->dense8 + *count : (const u8 *)(ws->dense16 + *count);
	u32 i, n;

	for (i = 0; i < 64; i += 8, in += n * bits / 8, *count += n)
		n = zeros_put(mask >> i & 0xff, in, zero, bits, values + i);
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

static noinline void put_in_zeros(struct ebpc_workspace *ws, const struct fmc_tile *tile,
				  u16 *values)
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
