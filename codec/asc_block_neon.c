// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ASC-CBR with NEON: integers, effort hw, in blocks of up to 32 values, of rows of any power of
 * two and of runs.
 *
 * An encoder has a block in each lane, so that nothing is found twice and no lane waits; a
 * decoder the points, of which those of a block are then a table for TBL.
 */

#include "asc_cbr.h"
#include "kernels.h"

#ifdef FMC_ARM64

#include "simd_arm64.h"

/* Values and bytes of a block, at most. */
#define MAX_VALUES	32
#define MAX_BYTES	16

#define MAX_FOURS	(MAX_VALUES / 4)

/**
 * struct job - what is to be done
 * @strip: where the values are
 * @values: in a block
 * @endpoints: 1 or 2
 * @narrow: of the narrow profile
 * @bytes: of a block
 * @scales: as for asc_block_encode()
 * @zero: zero point
 * @most: the largest value
 * @exponent: as of struct asc_block_format
 */
struct job {
	const struct asc_strip *strip;
	u32 values, endpoints;
	bool narrow;
	u32 bytes, scales, zero, most, exponent;
};

static u32 max_u32(u32 a, u32 b)
{
	return a > b ? a : b;
}

/* What makes values of the type unsigned numbers. */
static __always_inline u32 strip_sign(const struct asc_strip *strip)
{
	return strip->dtype == FMC_S8 ? 0x80 : strip->dtype == FMC_S16 ? 0x8000 : 0;
}

static __always_inline u64 plane_at(const struct asc_strip *strip, u32 z)
{
	return (strip->order ? strip->order[z] : z) * strip->plane;
}

/* --- endpoints of the narrow profile ------------------------------------------ */

/*
 * As narrow_distance() and narrow_magnitude() of asc_block.c have it, for a fraction of 4 bits
 * and an exponent of 3.
 */
static __always_inline uint16x8_t narrow_distances(struct job job, uint16x8_t pattern)
{
	const uint16x8_t one = vdupq_n_u16(1);
	uint16x8_t exponent = vshrq_n_u16(pattern, 4), own = vmaxq_u16(exponent, one);
	uint16x8_t fixed = vandq_u16(pattern, vdupq_n_u16(15));

	fixed = vorrq_u16(fixed, vshlq_n_u16(vminq_u16(exponent, one), 4));
	fixed = vshlq_u16(fixed, vreinterpretq_s16_u16(vaddq_u16(own, vdupq_n_u16(3))));
	return vrshlq_u16(fixed, vdupq_n_s16((s32)job.exponent - ASC_FIXED_BITS));
}

static __always_inline uint16x8_t narrow_magnitudes(struct job job, uint16x8_t distance)
{
	s32 up = ASC_FIXED_BITS - (s32)job.exponent;
	uint16x8_t fixed, zeros, odd, half, pattern;
	int16x8_t shift;

	/* what is too large is cut */
	fixed = up < 0 ? vshrq_n_u16(distance, 1) : vqshlq_u16(distance, vdupq_n_s16(up));
	fixed = vminq_u16(fixed, vdupq_n_u16(ASC_FIXED_MAX));
	zeros = vminq_u16(vsubq_u16(vclzq_u16(fixed), vdupq_n_u16(1)), vdupq_n_u16(6));
	shift = vsubq_s16(vreinterpretq_s16_u16(zeros), vdupq_n_s16(10));
	odd = vandq_u16(vshlq_u16(fixed, shift), vdupq_n_u16(1));
	half = vshlq_u16(vdupq_n_u16(1), vsubq_s16(vdupq_n_s16(-1), shift));
	fixed = vaddq_u16(vaddq_u16(fixed, odd), vsubq_u16(half, vdupq_n_u16(1)));
	pattern = vaddq_u16(vshlq_u16(fixed, shift),
			    vshlq_n_u16(vsubq_u16(vdupq_n_u16(6), zeros), 4));
	return vminq_u16(pattern, vdupq_n_u16(127));
}

static __always_inline uint16x8_t narrow_codes(struct job job, uint16x8_t number)
{
	const uint16x8_t zero = vdupq_n_u16(job.zero);
	uint16x8_t above, magnitude;

	if (job.endpoints == 1)
		return vshlq_n_u16(narrow_magnitudes(job, number), 1);
	above = vcgeq_u16(number, zero);
	magnitude = narrow_magnitudes(job, vabdq_u16(number, zero));
	return veorq_u16(magnitude, vbslq_u16(above, vdupq_n_u16(0x80), vdupq_n_u16(0x7f)));
}

static __always_inline uint16x8_t narrow_numbers(struct job job, uint16x8_t code)
{
	const uint16x8_t zero = vdupq_n_u16(job.zero);
	uint16x8_t above, distance;

	if (job.endpoints == 1)
		return narrow_distances(job, vshrq_n_u16(code, 1));
	above = vtstq_u16(code, vdupq_n_u16(0x80));
	code = veorq_u16(code, vbslq_u16(above, vdupq_n_u16(0x80), vdupq_n_u16(0x7f)));
	distance = narrow_distances(job, code);
	return vbslq_u16(above, vqaddq_u16(zero, distance), vqsubq_u16(zero, distance));
}

/* --- bits --------------------------------------------------------------------- */

/* Eight indices of 3 bits to three bytes, in each lane. */
static __always_inline void pack_eight(const uint8x16_t *i, uint8x16_t *bytes)
{
	uint8x16_t x = vsliq_n_u8(i[0], i[1], 3);

	bytes[0] = vsliq_n_u8(x, i[2], 6);
	x = vsliq_n_u8(vshrq_n_u8(i[2], 2), i[3], 1);
	bytes[1] = vsliq_n_u8(vsliq_n_u8(x, i[4], 4), i[5], 7);
	x = vsliq_n_u8(vshrq_n_u8(i[5], 1), i[6], 2);
	bytes[2] = vsliq_n_u8(x, i[7], 5);
}

/* Words of eight blocks, which have @words each. */
static __always_inline void store_eight(const uint16x8_t *w, u32 words, u8 *bits)
{
	u32 k;

	if (words == 2) {
		uint16x8x2_t x = { { w[0], w[1] } };

		vst2q_u16((u16 *)bits, x);
	} else if (words == 4) {
		uint16x8x4_t x = { { w[0], w[1], w[2], w[3] } };

		vst4q_u16((u16 *)bits, x);
	} else {
		uint32x4x4_t low, high;

#pragma GCC unroll 4
		for (k = 0; k < 4; k++) {
			low.val[k] = vreinterpretq_u32_u16(vzip1q_u16(w[2 * k], w[2 * k + 1]));
			high.val[k] = vreinterpretq_u32_u16(vzip2q_u16(w[2 * k], w[2 * k + 1]));
		}
		vst4q_u32((u32 *)bits, low);
		vst4q_u32((u32 *)(bits + 64), high);
	}
}

/* Bytes of @lanes blocks, of which the first @n are wanted. */
static __always_inline void store_bytes(const uint8x16_t *bytes, u32 count, u32 lanes, u32 n,
					u8 *bits)
{
	u8 buffer[128], *to = n == lanes ? bits : buffer;
	uint16x8_t words[MAX_BYTES / 2];
	u32 k;

#pragma GCC unroll 8
	for (k = 0; k < count / 2; k++)
		words[k] = vreinterpretq_u16_u8(vzip1q_u8(bytes[2 * k], bytes[2 * k + 1]));
	store_eight(words, count / 2, to);
	if (lanes == 16) {
#pragma GCC unroll 8
		for (k = 0; k < count / 2; k++)
			words[k] = vreinterpretq_u16_u8(vzip2q_u8(bytes[2 * k], bytes[2 * k + 1]));
		store_eight(words, count / 2, to + 8 * count);
	}
	if (n < lanes)
		memcpy(bits, buffer, n * count);
}

/* Blocks of a size that is rare. */
static noinline void store_slowly(const uint8x16_t *bytes, u32 count, u32 n, u8 *bits)
{
	u8 lanes[MAX_BYTES][16];
	u32 b, k;

	memcpy(lanes, bytes, 16 * count);
	for (b = 0; b < n; b++) {
		for (k = 0; k < count; k++)
			*bits++ = lanes[k][b];
	}
}

static __always_inline void store_any(const uint8x16_t *bytes, u32 count, u32 lanes, u32 n,
				      u8 *bits)
{
	if (count == 8)
		store_bytes(bytes, 8, lanes, n, bits);
	else if (count == 4)
		store_bytes(bytes, 4, lanes, n, bits);
	else if (count == 16 && lanes == 8)
		store_bytes(bytes, 16, lanes, n, bits);
	else
		store_slowly(bytes, count, n, bits);
}

/* Ends and indices of @n blocks to bits. */
static __always_inline void store_8(struct job job, const uint8x16_t *ends,
				    const uint8x16_t *index, u32 n, u8 *bits)
{
	uint8x16_t bytes[MAX_BYTES], *at = bytes;
	u32 i;

	*at++ = ends[0];
	if (job.endpoints == 2)
		*at++ = ends[1];
	for (i = 0; i < job.values; i += 8, at += 3)
		pack_eight(index + i, at);
	store_any(bytes, job.bytes, 16, n, bits);
}

static __always_inline uint8x16_t low_bytes(uint16x8_t a, uint16x8_t b)
{
	return vuzp1q_u8(vreinterpretq_u8_u16(a), vreinterpretq_u8_u16(b));
}

static __always_inline void store_16(struct job job, const uint16x8_t *ends,
				     const uint16x8_t *index, u32 n, u8 *bits)
{
	uint8x16_t bytes[MAX_BYTES + 3], eight[8], *at = bytes;
	u32 i, k;

#pragma GCC unroll 2
	for (i = 0; i < job.endpoints; i++) {
		*at++ = low_bytes(ends[i], ends[i]);
		if (!job.narrow)
			*at++ = low_bytes(vshrq_n_u16(ends[i], 8), ends[i]);
	}
	/* two eights at a time */
	for (i = 0; i < job.values; i += 16, at += 6) {
		const uint16x8_t *second = index + (i + 8 < job.values ? i + 8 : i);

#pragma GCC unroll 8
		for (k = 0; k < 8; k++)
			eight[k] = low_bytes(index[i + k], second[k]);
		pack_eight(eight, at);
#pragma GCC unroll 3
		for (k = 0; k < 3; k++)
			at[3 + k] = vextq_u8(at[k], at[k], 8);
	}
	store_any(bytes, job.bytes, 8, n, bits);
}

/* Points of blocks as tables, one behind the other. */
static __always_inline void store_tables_8(const uint8x16_t *points, u8 *tables)
{
	store_bytes(points, ASC_POINTS, 16, 16, tables);
}

static __always_inline void store_tables_16(const uint16x8_t *points, u16 *tables)
{
	store_eight(points, ASC_POINTS, (u8 *)tables);
}

/* Do blocks one behind the other end where the last vector ends? */
static __always_inline bool writes_whole_8(struct job job, u32 n)
{
	return job.values * n % 16 == 0 && job.values != 24;
}

static __always_inline bool writes_whole_16(struct job job, u32 n)
{
	(void)job;
	(void)n;
	return true;
}

/*
 * Indices to points.  Of each eight, three bytes stand in four, twice; 12 bits are brought to each
 * four bytes, 6 to each two, 3 to each.
 */
static __always_inline uint8x16_t take_8(uint8x16_t x, uint8x16_t spread, uint8x16_t base,
					 uint8x16_t table)
{
	static const s32 down[4] = { 0, -12, 0, -12 };
	uint32x4_t twelve;
	uint16x8_t six;

	twelve = vreinterpretq_u32_u8(vqtbl1q_u8(x, spread));
	twelve = vshlq_u32(twelve, vld1q_s32(down));
	six = vreinterpretq_u16_u32(vsliq_n_u32(twelve, twelve, 10));
	x = vreinterpretq_u8_u16(vsliq_n_u16(six, six, 5));
	return vqtbl1q_u8(table, vbslq_u8(vdupq_n_u8(7), x, base));
}

/* Rows of four bytes of a block, or of two blocks. */
static __always_inline void store_rows_4(u8 *to, u64 row, bool two, uint8x16_t v)
{
	uint32x4_t x = vreinterpretq_u32_u8(v);

	if (two) {
		x = vuzp1q_u32(x, x);
		vst1_u8(to, vreinterpret_u8_u32(vget_low_u32(x)));
		x = vuzp2q_u32(vreinterpretq_u32_u8(v), x);
		vst1_u8(to + row, vreinterpret_u8_u32(vget_low_u32(x)));
		return;
	}
	vst1q_lane_u32((u32 *)to, x, 0);
	vst1q_lane_u32((u32 *)(to + row), x, 1);
	vst1q_lane_u32((u32 *)(to + 2 * row), x, 2);
	vst1q_lane_u32((u32 *)(to + 3 * row), x, 3);
}

/* Blocks side by side in rows of @w values, or for 0 one behind the other. */
static __always_inline void take_points_8(struct job job, const u8 *in, const u8 *tables, u32 n,
					  u32 w, u8 *to)
{
	u32 next = job.values == 8 ? job.bytes : 3, step = job.values == 8 ? 2 : 1, b, i;
	const uint8x16_t base = vcombine_u8(vdup_n_u8(0), vdup_n_u8(job.values == 8 ? 8 : 0));
	uint8x16_t spread = vreinterpretq_u8_u32(vdupq_n_u32(0x80020100));
	u32 width = w ? w : job.values;

	/* the second eight of a block, or the first of the next */
	spread = vaddq_u8(spread, vcombine_u8(vdup_n_u8(0), vdup_n_u8(next)));
	in += job.endpoints;
	for (b = 0; b < n; b += step, in += step * job.bytes, to += step * width) {
		uint8x16_t table = vld1q_u8(tables + b * ASC_POINTS);

		for (i = 0; i < job.values; i += 16) {
			uint8x16_t x = take_8(vld1q_u8(in + 3 * i / 8), spread, base, table);

			if (w)
				store_rows_4(to, job.strip->row, job.values == 8, x);
			else
				vst1q_u8(to + i, x);
		}
	}
}

/* Rows that are written at once. */
static __always_inline u32 rows_8(struct job job, u32 n)
{
	const struct asc_strip *s = job.strip;

	if (s->w != 4 || s->c > 1)
		return 0;
	return job.values == 16 || (job.values == 8 && n % 2 == 0) ? 4 : 0;
}

/* The same in words, of an eight. */
static __always_inline uint16x8_t take_16(uint8x16_t x, uint8x16_t table)
{
	static const u8 spread[16] = { 0, 1, 0, 1, 0, 1, 1, 2, 1, 2, 1, 2, 2, 3, 2, 3 };
	static const short down[8] = { 0, -3, -6, -1, -4, -7, -2, -5 };
	uint16x8_t index;

	index = vreinterpretq_u16_u8(vqtbl1q_u8(x, vld1q_u8(spread)));
	index = vandq_u16(vshlq_u16(index, vld1q_s16(down)), vdupq_n_u16(7));
	/* bytes of the point */
	index = vmlaq_u16(vdupq_n_u16(0x0100), index, vdupq_n_u16(0x0202));
	return vreinterpretq_u16_u8(vqtbl1q_u8(table, vreinterpretq_u8_u16(index)));
}

static __always_inline void take_points_16(struct job job, const u8 *in, const u16 *tables, u32 n,
					   u32 w, u8 *to)
{
	u32 width = w ? w : job.values, b, i;

	in += (job.narrow ? 1 : 2) * job.endpoints;
	for (b = 0; b < n; b++, in += job.bytes, to += 2 * width) {
		uint8x16_t table = vld1q_u8((const u8 *)(tables + b * ASC_POINTS));
		u8 *row = to;

#pragma GCC unroll 4
		for (i = 0; i < job.values; i += 8) {
			uint8x16_t x = vld1q_u8(in + 3 * i / 8);

			x = vreinterpretq_u8_u16(take_16(x, table));
			if (w == 4) {
				vst1_u8(row, vget_low_u8(x));
				vst1_u8(row + job.strip->row, vget_high_u8(x));
				row += 2 * job.strip->row;
			} else {
				vst1q_u8(row, x);
				row += w ? job.strip->row : 16;
			}
		}
	}
}

static __always_inline u32 rows_16(struct job job, u32 n)
{
	const struct asc_strip *s = job.strip;

	(void)n;
	return (s->w == 4 || s->w == 8) && s->h > 1 && s->c == 1 ? s->w : 0;
}

/* --- rows --------------------------------------------------------------------- */

static __always_inline void copy_rows(u8 *to, const u8 *from, u32 block_bytes, u32 row_bytes, u32 n)
{
	u32 b;

	for (b = 0; b < n; b++)
		memcpy(to + b * row_bytes, from + b * block_bytes, row_bytes);
}

/* Rows of blocks from one behind the other, from block @first on. */
static noinline void copy_blocks(const struct asc_strip *s, const u8 *blocks, u32 block_bytes,
				 u32 first, u32 n, u8 *dst)
{
	u32 row_bytes = block_bytes / (s->h * s->c), y, z;

	blocks += first * block_bytes;
	dst += first * row_bytes;
	for (z = 0; z < s->c; z++) {
		for (y = 0; y < s->h; y++, blocks += row_bytes) {
			u8 *row = dst + plane_at(s, z) + y * s->row;

			switch (row_bytes) {
			case 4:
				copy_rows(row, blocks, block_bytes, 4, n - first);
				break;
			case 8:
				copy_rows(row, blocks, block_bytes, 8, n - first);
				break;
			case 16:
				copy_rows(row, blocks, block_bytes, 16, n - first);
				break;
			default:
				copy_rows(row, blocks, block_bytes, row_bytes, n - first);
			}
		}
	}
}

static noinline void store_rows(const struct asc_strip *strip, const u8 *blocks, u32 block_bytes,
				u32 n, u8 *dst);

#define LANE_BITS 8
#include "asc_block_neon_lanes.h"

#define LANE_BITS 16
#include "asc_block_neon_lanes.h"

/* Rows from vectors, which have as many blocks of each. */
static __always_inline void store_vectors(const struct asc_strip *s, const uint8x16_t *v, u8 *dst)
{
	u32 y, z;

	for (z = 0; z < s->c; z++) {
		for (y = 0; y < s->h; y++)
			vst1q_u8(dst + plane_at(s, z) + y * s->row, *v++);
	}
}

/* As load_fours(), of pieces of any size: a row of each block is one. */
static __always_inline u32 store_pieces(const struct asc_strip *s, const u8 *blocks,
					u32 block_bytes, u32 piece, u32 n, u8 *dst)
{
	uint16x8_t words[MAX_VALUES];
	uint8x16_t v[MAX_VALUES];
	u32 at_once = 16 / piece, done, k;

	for (done = 0; done + at_once <= n; done += at_once, blocks += at_once * block_bytes) {
		if (piece == 4) {
			uint32x4x4_t x = vld4q_u32((const u32 *)blocks);

#pragma GCC unroll 4
			for (k = 0; k < 4; k++)
				v[k] = vreinterpretq_u8_u32(x.val[k]);
		} else if (piece == 2) {
			load_fours_16(blocks, block_bytes / 8, vdupq_n_u16(0), words);
			for (k = 0; k < block_bytes / 2; k++)
				v[k] = vreinterpretq_u8_u16(words[k]);
		} else {
			load_fours_8(blocks, block_bytes / 4, vdupq_n_u8(0), v);
		}
		store_vectors(s, v, dst + done * piece);
	}
	return done;
}

static noinline void store_rows(const struct asc_strip *strip, const u8 *blocks, u32 block_bytes,
				u32 n, u8 *dst)
{
	u32 row_bytes = block_bytes / (strip->h * strip->c), done = 0;

	/* those that are common */
	if (row_bytes == 4 && block_bytes == 16)
		done = store_pieces(strip, blocks, 16, 4, n, dst);
	else if (row_bytes == 2 && block_bytes == 16)
		done = store_pieces(strip, blocks, 16, 2, n, dst);
	else if (row_bytes == 2 && block_bytes == 64)
		done = store_pieces(strip, blocks, 64, 2, n, dst);
	else if (row_bytes == 1 && block_bytes == 16)
		done = store_pieces(strip, blocks, 16, 1, n, dst);
	if (done < n)
		copy_blocks(strip, blocks, block_bytes, done, n, dst);
}

/* --- strips ------------------------------------------------------------------- */

static bool make_job(struct job *job, const struct asc_strip *strip)
{
	const struct asc_block_format *f = strip->format;

	/* rows that load_row() knows */
	if (f->pooled || f->kind != ASC_INTEGER || f->values > MAX_VALUES ||
	    strip->w > 32 || (strip->w & (strip->w - 1)))
		return false;
	job->strip = strip;
	job->values = f->values;
	job->endpoints = f->endpoints;
	job->narrow = f->narrow;
	job->bytes = asc_block_bytes(f);
	job->scales = strip->scales;
	job->zero = f->zero;
	job->most = (1u << f->bits) - 1;
	job->exponent = f->exponent;
	return true;
}

/* One for each kind, of which the compiler knows what is the same in all blocks. */
#define ENCODER(name, lane_bits, ends, is_narrow)					\
static noinline void encode_##name(struct job job, const u8 *src, u32 count, u8 *bits,	\
				   struct asc_cbr_stats *stats)				\
{											\
	const u32 lanes = 128 / (lane_bits);						\
	u32 i, n;									\
											\
	job.endpoints = (ends);								\
	job.narrow = (is_narrow);							\
	for (i = 0; i < count; i += n) {						\
		n = count - i < lanes ? count - i : lanes;				\
		encode_batch_##lane_bits(job, src + i * job.strip->w * ((lane_bits) / 8), n, \
					 bits + i * job.bytes, stats);			\
	}										\
}

#define DECODER(name, lane_bits, values_of, ends, is_narrow)				\
static noinline void decode_##name(struct job job, const u8 *bits, u32 count, u8 *dst)	\
{											\
	const u32 lanes = 128 / (lane_bits);						\
	u32 i, n;									\
											\
	job.values = (values_of);							\
	job.endpoints = (ends);								\
	job.narrow = (is_narrow);							\
	job.bytes = job.endpoints * (job.narrow ? 1 : (lane_bits) / 8) + job.values * 3 / 8; \
	for (i = 0; i < count; i += n) {						\
		n = count - i < lanes ? count - i : lanes;				\
		decode_batch_##lane_bits(job, bits + i * job.bytes, n,			\
					 (count - i - n) * job.bytes,			\
					 dst + i * job.strip->w * ((lane_bits) / 8));	\
	}										\
}

ENCODER(one, 8, 1, false)
ENCODER(two, 8, 2, false)
ENCODER(wide_one, 16, 1, false)
ENCODER(wide_two, 16, 2, false)
ENCODER(narrow_one, 16, 1, true)
ENCODER(narrow_two, 16, 2, true)

/* Blocks of 4 bits a value, and others. */
DECODER(4_one, 8, 8, 1, false)
DECODER(4_two, 8, 16, 2, false)
DECODER(4_wide_one, 16, 16, 1, false)
DECODER(4_wide_two, 16, 32, 2, false)
DECODER(4_narrow_one, 16, 8, 1, true)
DECODER(4_narrow_two, 16, 16, 2, true)
DECODER(8, 8, job.values, job.endpoints, false)
DECODER(wide, 16, job.values, job.endpoints, false)
DECODER(narrow, 16, job.values, job.endpoints, true)

u32 asc_encode_neon(const struct asc_strip *strip, const u8 *src, u32 count, u8 *bits,
		    struct asc_cbr_stats *stats)
{
	u64 log = stats->log_blocks;
	struct job job;

	if (!make_job(&job, strip))
		return 0;
	count = count < strip->across ? count : strip->across;
	if (strip->format->bits == 8 && job.endpoints == 1)
		encode_one(job, src, count, bits, stats);
	else if (strip->format->bits == 8)
		encode_two(job, src, count, bits, stats);
	else if (job.narrow && job.endpoints == 1)
		encode_narrow_one(job, src, count, bits, stats);
	else if (job.narrow)
		encode_narrow_two(job, src, count, bits, stats);
	else if (job.endpoints == 1)
		encode_wide_one(job, src, count, bits, stats);
	else
		encode_wide_two(job, src, count, bits, stats);
	stats->linear_blocks += count - (stats->log_blocks - log);
	stats->error_exponent = 0;
	return count;
}

u32 asc_decode_neon(const struct asc_strip *strip, const u8 *bits, u32 count, u8 *dst)
{
	bool common;
	struct job job;

	if (!make_job(&job, strip))
		return 0;
	count = count < strip->across ? count : strip->across;
	common = 2 * job.bytes == job.values;
	if (strip->format->bits == 8 && !common)
		decode_8(job, bits, count, dst);
	else if (strip->format->bits == 8 && job.endpoints == 1)
		decode_4_one(job, bits, count, dst);
	else if (strip->format->bits == 8)
		decode_4_two(job, bits, count, dst);
	else if (job.narrow && !common)
		decode_narrow(job, bits, count, dst);
	else if (job.narrow && job.endpoints == 1)
		decode_4_narrow_one(job, bits, count, dst);
	else if (job.narrow)
		decode_4_narrow_two(job, bits, count, dst);
	else if (!common)
		decode_wide(job, bits, count, dst);
	else if (job.endpoints == 1)
		decode_4_wide_one(job, bits, count, dst);
	else
		decode_4_wide_two(job, bits, count, dst);
	return count;
}

#endif
