/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Blocks of ASC-VBR in plain C: the reference, and what CPUs without a version of their own
 * run, compiled for them.
 */
#ifndef ASCDEV_CODEC_ASC_VBR_BLOCKS_H
#define ASCDEV_CODEC_ASC_VBR_BLOCKS_H

#include "asc_vbr_kernels.h"

/* --- bits ------------------------------------------------------------------- */

static inline void put_u64(u8 *out, u64 v)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	memcpy(out, &v, sizeof(v));
}

static inline u64 get_u64(const u8 *in)
{
	u64 v;

	memcpy(&v, in, sizeof(v));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	return v;
}

/* Bits that are being written, the lowest of a byte first; up to 8 bytes ahead. */
struct writer {
	u8 *at;
	u64 bits;
	u32 fill;
};

/* At most 56 bits. */
static inline void put(struct writer *w, u64 value, u32 bits)
{
	w->bits |= value << w->fill;
	w->fill += bits;
	put_u64(w->at, w->bits);
	w->at += w->fill / 8;
	w->bits >>= w->fill & ~7u;
	w->fill &= 7;
}

static inline u32 bits_written(const struct writer *w, const u8 *start)
{
	return 8 * (w->at - start) + w->fill;
}

/* Bits that are being read, none behind the end.  After it they are 0. */
struct reader {
	const u8 *at, *end;
	u64 bits;
	u32 fill;
};

static inline void fill_up(struct reader *r)
{
	if (r->end - r->at >= 8) {
		/* what does not fit comes again, at the same place */
		r->bits |= get_u64(r->at) << r->fill;
		r->at += (63 - r->fill) / 8;
		r->fill |= 56;
		r->bits &= ~0ull >> (64 - r->fill);
		return;
	}
	while (r->fill < 56 && r->at < r->end) {
		r->bits |= (u64)*r->at++ << r->fill;
		r->fill += 8;
	}
}

static inline void skip(struct reader *r, u32 bits)
{
	r->bits >>= bits;
	r->fill -= bits;
}

/* There are that many. */
static inline u32 get_bits(struct reader *r, u32 bits)
{
	u32 value;

	if (r->fill < bits)
		fill_up(r);
	value = r->bits & ((1u << bits) - 1);
	skip(r, bits);
	return value;
}

/* Zeros before a one; false if there is none. */
static inline bool get_unary(struct reader *r, u32 *value)
{
	u32 zeros = 0, bits;

	while (!r->bits) {
		zeros += r->fill;
		r->fill = 0;
		fill_up(r);
		if (!r->fill)
			return false;
	}
	bits = __builtin_ctzll(r->bits);
	r->bits >>= bits;
	r->bits >>= 1;
	r->fill -= bits + 1;
	*value = zeros + bits;
	return true;
}

/* --- numbers ---------------------------------------------------------------- */

/*
 * The distance to zero as a number that is small if it is: 0, -1, 1, -2, 2 and so on, and
 * one by one where only one side is left.
 */
static inline u16 fold(u16 point, u16 origin, u16 both)
{
	u16 below = point < origin;
	u16 distance = below ? origin - point : point - origin;

	return distance > both ? distance + both : distance + distance - below;
}

static inline u32 unfold(const struct asc_vbr_grid *g, u32 number)
{
	bool below;
	u32 distance;

	if (number > 2 * g->both) {
		distance = number - g->both;
		below = g->origin > g->both;
	} else {
		distance = (number + 1) / 2;
		below = number & 1;
	}
	return (below ? g->origin - distance : g->origin + distance) & g->max;
}

/* The same for a difference, modulo the number of values; @up: unused bits of a point */
static inline u16 fold_difference(u16 point, u16 before, u32 up)
{
	u16 difference = (u16)(point - before) << up;
	u16 sign = difference >> 15 ? 0xffff : 0;

	return (u16)((u16)(difference << 1) ^ sign) >> up;
}

static inline u32 unfold_difference(const struct asc_vbr_grid *g, u32 number, u32 before)
{
	return (before + (number >> 1 ^ -(number & 1))) & g->max;
}

/* What comes a width before each point of a block. */
static inline const u16 *points_above(const struct asc_vbr_grid *g, const u16 *points,
				      u32 first, u16 *buffer)
{
	u32 i;

	if (g->up <= ASC_VBR_BLOCK || first >= g->up)
		return points + (s32)(first - g->up);
	for (i = 0; i < ASC_VBR_BLOCK; i++)
		buffer[i] = first + i < g->up ? g->origin : points[first + i - g->up];
	return buffer;
}

/* --- encoding --------------------------------------------------------------- */

/* Of all modes; those of mode ZVC are those of mode ZERO. */
static inline void fold_numbers(const struct asc_vbr_grid *g, const u16 *points, u32 first,
				u16 (*numbers)[ASC_VBR_BLOCK])
{
	u16 origin = g->origin, both = g->both, *zero = numbers[ASC_VBR_ZERO];
	u16 *left = numbers[ASC_VBR_LEFT], *up = numbers[ASC_VBR_UP];
	const u16 *p = points + first;
	const u16 *above = points_above(g, points, first, up);
	u32 shift = 15 - g->sign_bit, i;

	for (i = 0; i < ASC_VBR_BLOCK; i++)
		zero[i] = fold(p[i], origin, both);
	for (i = 0; i < ASC_VBR_BLOCK; i++)
		left[i] = fold_difference(p[i], p[(s32)i - 1], shift);
	for (i = 0; i < ASC_VBR_BLOCK; i++)
		up[i] = fold_difference(p[i], above[i], shift);
}

/* Also how many of mode ZERO are not zero, in the place of mode ZVC. */
static inline void sum_numbers(u16 (*numbers)[ASC_VBR_BLOCK], u32 count, u32 *sums)
{
	const u16 *zero = numbers[ASC_VBR_ZERO], *left = numbers[ASC_VBR_LEFT];
	const u16 *up = numbers[ASC_VBR_UP];
	u32 i;

	memset(sums, 0, ASC_VBR_MODES * sizeof(*sums));
	if (count == ASC_VBR_BLOCK) {
		u32 z = 0, l = 0, u = 0, nonzero = 0;

		for (i = 0; i < ASC_VBR_BLOCK; i++)
			z += zero[i];
		for (i = 0; i < ASC_VBR_BLOCK; i++)
			l += left[i];
		for (i = 0; i < ASC_VBR_BLOCK; i++)
			u += up[i];
		for (i = 0; i < ASC_VBR_BLOCK; i++)
			nonzero += zero[i] != 0;
		sums[ASC_VBR_ZERO] = z;
		sums[ASC_VBR_LEFT] = l;
		sums[ASC_VBR_UP] = u;
		sums[ASC_VBR_ZVC] = nonzero;
		return;
	}
	for (i = 0; i < count; i++) {
		sums[ASC_VBR_ZERO] += zero[i];
		sums[ASC_VBR_LEFT] += left[i];
		sums[ASC_VBR_UP] += up[i];
		sums[ASC_VBR_ZVC] += zero[i] != 0;
	}
}

static inline void fold_block(const struct asc_vbr_grid *g, const u16 *points, u32 first,
			      u32 count, u16 (*numbers)[ASC_VBR_BLOCK], u32 *sums)
{
	fold_numbers(g, points, first, numbers);
	sum_numbers(numbers, count, sums);
}

/*
 * The width that suits numbers, and about how many bits they then need. Both follow
 * from the mean alone, as if numbers fell off exponentially, so that an encoder has to
 * sum up once in each mode; trying every width would save 0.1 %.
 */
static inline u32 suit_width(u32 sum, u32 count, u32 *width)
{
	u32 t = sum + count / 2, k;

	if (!sum) {
		*width = ASC_VBR_WIDTH_NONE;
		return 0;
	}
	/* the largest for which count << k is not above t */
	k = t < count ? 0 : __builtin_clz(count) - __builtin_clz(t);
	k -= k && count << k > t;
	k = asc_vbr_min(k, ASC_VBR_WIDTH_MAX);
	*width = k;
	return count * k + count - count / 2 + (t >> k);
}

/* Returns the header. */
static inline u32 decide(const u32 *sums, u32 count)
{
	u32 best, best_bits, width, mode, bits, nonzero = sums[ASC_VBR_ZVC];

	best_bits = suit_width(sums[ASC_VBR_ZERO], count, &width);
	best = ASC_VBR_HEADER(ASC_VBR_ZERO, width);
	for (mode = ASC_VBR_LEFT; mode <= ASC_VBR_UP; mode++) {
		bits = suit_width(sums[mode], count, &width);
		best = bits < best_bits ? ASC_VBR_HEADER(mode, width) : best;
		best_bits = asc_vbr_min(bits, best_bits);
	}
	bits = suit_width(sums[ASC_VBR_ZERO] - nonzero, nonzero, &width) + (count + 7) / 8 * 8;
	return bits < best_bits ? ASC_VBR_HEADER(ASC_VBR_ZVC, width) : best;
}

/* Drops zeros, and subtracts 1 from the rest.  Returns the mask. */
static inline u32 drop_zeros(u16 *numbers, u32 count)
{
	u32 mask = 0, kept = 0, i;

	for (i = 0; i < count; i++) {
		u16 number = numbers[i];

		mask |= (u32)!!number << i;
		numbers[kept] = number - 1;
		kept += !!number;
	}
	return mask;
}

static inline void put_numbers(u16 *numbers, u32 count, u32 width, struct writer *lows,
			       struct writer *highs)
{
	u32 low = (1u << width) - 1, i;

	/* those that fill up the last four are none */
	for (i = count; i % 4; i++)
		numbers[i] = 0;
	if (width) {
		for (i = 0; i < count; i += 4)
			put(lows, (numbers[i] & low) |
			    (u64)(numbers[i + 1] & low) << width |
			    (u64)(numbers[i + 2] & low) << 2 * width |
			    (u64)(numbers[i + 3] & low) << 3 * width,
			    asc_vbr_min(count - i, 4) * width);
	}
	for (i = 0; i < count; i++) {
		u32 high = numbers[i] >> width;

		for (; high >= 56; high -= 56)
			put(highs, 0, 56);
		put(highs, 1ull << high, high + 1);
	}
}

static inline u32 sum_high(const u16 *numbers, u32 count, u32 width)
{
	u32 sum = 0, i;

	if (count == ASC_VBR_BLOCK) {
		for (i = 0; i < ASC_VBR_BLOCK; i++)
			sum += numbers[i] >> width;
		return sum;
	}
	for (i = 0; i < count; i++)
		sum += numbers[i] >> width;
	return sum;
}

/* Of numbers without their zeros, the rest being less by 1. */
static inline u32 sum_high_zvc(const u16 *numbers, u32 count, u32 width)
{
	u32 sum = 0, i;

	for (i = 0; i < count; i++)
		sum += (u16)(numbers[i] - !!numbers[i]) >> width;
	return sum;
}

static inline void count_block(struct asc_vbr_plan *plan, const u32 *sums, u32 count, u32 header)
{
	u32 mode = ASC_VBR_HEADER_MODE(header), width = ASC_VBR_HEADER_WIDTH(header);
	struct asc_vbr_sizes *sizes = &plan->sizes;
	u32 numbers = count;

	if (mode == ASC_VBR_ZVC) {
		sizes->mask_bytes += (count + 7) / 8;
		numbers = sums[ASC_VBR_ZVC];
	}
	if (width == ASC_VBR_WIDTH_NONE)
		return;
	sizes->low_bits += numbers * width;
	sizes->high_bits += numbers;
	if (mode == ASC_VBR_ZVC)
		sizes->high_bits += sum_high_zvc(plan->numbers[0][ASC_VBR_ZERO], count, width);
	else
		sizes->high_bits += sum_high(plan->numbers[0][mode], count, width);
}

static inline void vbr_count(const struct asc_vbr_grid *g, u32 n, struct asc_vbr_plan *plan)
{
	u32 sums[ASC_VBR_MODES], first;

	memset(&plan->sizes, 0, sizeof(plan->sizes));
	for (first = 0; first < n; first += ASC_VBR_BLOCK) {
		u32 count = asc_vbr_min(n - first, ASC_VBR_BLOCK);

		fold_block(g, plan->points + ASC_VBR_BLOCK, first, count, plan->numbers[0], sums);
		count_block(plan, sums, count, decide(sums, count));
	}
}

static inline void vbr_encode(const struct asc_vbr_grid *g, u32 n, struct asc_vbr_plan *plan)
{
	struct writer lows = { .at = plan->lows }, highs = { .at = plan->highs };
	u32 sums[ASC_VBR_MODES], first;
	u8 *masks = plan->masks;

	for (first = 0; first < n; first += ASC_VBR_BLOCK) {
		u32 count = asc_vbr_min(n - first, ASC_VBR_BLOCK), header, mode, width, mask, i;
		u16 *numbers;

		fold_block(g, plan->points + ASC_VBR_BLOCK, first, count, plan->numbers[0], sums);
		header = decide(sums, count);
		plan->header[first / ASC_VBR_BLOCK] = header;
		mode = ASC_VBR_HEADER_MODE(header);
		width = ASC_VBR_HEADER_WIDTH(header);
		numbers = plan->numbers[0][mode];
		if (mode == ASC_VBR_ZVC) {
			numbers = plan->numbers[0][ASC_VBR_ZERO];
			mask = drop_zeros(numbers, count);
			for (i = 0; i < count; i += 8)
				*masks++ = mask >> i;
			count = sums[ASC_VBR_ZVC];
		}
		if (width != ASC_VBR_WIDTH_NONE)
			put_numbers(numbers, count, width, &lows, &highs);
	}
	plan->sizes.mask_bytes = masks - plan->masks;
	plan->sizes.low_bits = bits_written(&lows, plan->lows);
	plan->sizes.high_bits = bits_written(&highs, plan->highs);
}

/* Modes and widths from a block on, 4 blocks at a time.  Those behind the last block are 0. */
static inline void put_headers(u8 *header, u32 first, u32 blocks, u8 *out)
{
	u8 *widths = out + asc_vbr_mode_bytes(blocks);
	u32 i;

	memset(header + blocks, 0, 3);
	for (i = first; i < blocks; i += 4) {
		const u8 *h = header + i;
		u32 four = h[0] | (u32)h[1] << 8 | (u32)h[2] << 16 | (u32)h[3] << 24;
		u32 mode = four & 0x03030303, width = four >> 2 & 0x0f0f0f0f;

		out[i / 4] = mode | mode >> 6 | mode >> 12 | mode >> 18;
		widths[i / 2] = width | width >> 4;
		if (i + 2 < blocks)
			widths[i / 2 + 1] = width >> 16 | width >> 20;
	}
}

static inline u8 *vbr_put_headers(u8 *header, u32 blocks, u8 *out)
{
	put_headers(header, 0, blocks, out);
	return out + asc_vbr_mode_bytes(blocks) + asc_vbr_width_bytes(blocks);
}

/* --- decoding --------------------------------------------------------------- */

static inline u32 bits_set(u32 v)
{
#if defined(__POPCNT__) || defined(__aarch64__)
	return __builtin_popcount(v);
#else
	v -= v >> 1 & 0x55555555;
	v = (v & 0x33333333) + (v >> 2 & 0x33333333);
	v = (v + (v >> 4)) & 0x0f0f0f0f;
	return v * 0x01010101 >> 24;
#endif
}

static inline u32 get_u32(const u8 *in)
{
	return in[0] | (u32)in[1] << 8 | (u32)in[2] << 16 | (u32)in[3] << 24;
}

/* Modes and widths from a block on, 4 blocks at a time. */
static inline void get_headers(const u8 *in, u32 first, u32 blocks, u8 *header)
{
	const u8 *widths = in + asc_vbr_mode_bytes(blocks);
	u32 i;

	for (i = first; i < blocks; i += 4) {
		u32 mode = in[i / 4], width = widths[i / 2];

		if (i + 2 < blocks)
			width |= (u32)widths[i / 2 + 1] << 8;
		header[i] = ASC_VBR_HEADER(mode & 3, width & 15);
		header[i + 1] = ASC_VBR_HEADER(mode >> 2 & 3, width >> 4 & 15);
		header[i + 2] = ASC_VBR_HEADER(mode >> 4 & 3, width >> 8 & 15);
		header[i + 3] = ASC_VBR_HEADER(mode >> 6, width >> 12);
	}
}

/* Masks from a block on; adds to control->numbers and to @low_bits what they leave. */
static inline const u8 *get_masks(const u8 *in, const u8 *end, u32 first, u32 n,
				  struct asc_vbr_control *control, u32 *low_bits)
{
	u32 blocks = asc_vbr_blocks(n), numbers = 0, lows = 0, block, i;

	for (block = first; block < blocks; block++) {
		u32 size = asc_vbr_min(n - block * ASC_VBR_BLOCK, ASC_VBR_BLOCK);
		u32 header = control->header[block], width = ASC_VBR_HEADER_WIDTH(header);
		u32 zvc = ASC_VBR_HEADER_MODE(header) == ASC_VBR_ZVC, mask, stored;

		if (size == ASC_VBR_BLOCK && end - in >= 4) {
			mask = get_u32(in) | (zvc - 1);
			in += 4 * zvc;
		} else {
			mask = asc_vbr_mask(size);
			if (zvc) {
				u32 read = 0;

				if (end - in < (size + 7) / 8)
					return NULL;
				for (i = 0; i < size; i += 8)
					read |= (u32)*in++ << i;
				mask &= read;
			}
		}
		control->mask[block] = mask;
		stored = width == ASC_VBR_WIDTH_NONE ? 0 : bits_set(mask);
		control->used[block] = asc_vbr_mask(stored);
		control->low_byte[block] = (*low_bits + lows) / 8;
		control->low_row[block] = width << ASC_VBR_LOW_ROW | (*low_bits + lows) % 8 * 8;
		numbers += stored;
		lows += stored * width;
	}
	control->numbers += numbers;
	*low_bits += lows;
	return in;
}

static inline const u8 *behind_headers(const u8 *in, u32 blocks)
{
	return in + asc_vbr_mode_bytes(blocks) + asc_vbr_width_bytes(blocks);
}

static inline const u8 *vbr_get_control(const u8 *in, const u8 *end, u32 n,
					struct asc_vbr_control *control, u32 *low_bits)
{
	u32 blocks = asc_vbr_blocks(n);

	control->numbers = 0;
	*low_bits = 0;
	get_headers(in, 0, blocks, control->header);
	return get_masks(behind_headers(in, blocks), end, 0, n, control, low_bits);
}

/* Numbers of a block, 0 where the mask is; false if there are too few. */
static inline bool get_numbers(struct reader *lows, struct reader *highs, u32 mask, u32 width,
			       u32 count, u32 *numbers)
{
	u32 i;

	if (width == ASC_VBR_WIDTH_NONE)
		mask = 0;
	for (i = 0; i < count; i++) {
		u32 high;

		if (!(mask >> i & 1)) {
			numbers[i] = 0;
			continue;
		}
		if (!get_unary(highs, &high))
			return false;
		numbers[i] = high << width | get_bits(lows, width);
	}
	return true;
}

static inline void get_block(const struct asc_vbr_grid *g, u32 header, u32 mask,
			     const u32 *numbers, u32 first, u32 count, u16 *points)
{
	u32 mode = ASC_VBR_HEADER_MODE(header), distance, i;
	u16 *p = points + first;

	if (mode == ASC_VBR_ZERO) {
		for (i = 0; i < count; i++)
			p[i] = unfold(g, numbers[i]);
	} else if (mode == ASC_VBR_ZVC) {
		for (i = 0; i < count; i++)
			p[i] = unfold(g, numbers[i] + (mask >> i & 1));
	} else if (mode == ASC_VBR_LEFT) {
		u32 point = p[-1];

		for (i = 0; i < count; i++) {
			point = unfold_difference(g, numbers[i], point);
			p[i] = point;
		}
	} else {
		distance = g->up;
		for (i = 0; i < count; i++) {
			bool outside = distance > ASC_VBR_BLOCK && first + i < distance;
			u32 above = outside ? g->origin : p[(s32)(i - distance)];

			p[i] = unfold_difference(g, numbers[i], above);
		}
	}
}

static inline int vbr_decode(const struct asc_vbr_grid *g, u32 n, struct asc_vbr_control *control,
			     const u8 *lows, const u8 *highs, const u8 *end)
{
	struct reader low = { .at = lows, .end = highs }, high = { .at = highs, .end = end };
	u32 numbers[ASC_VBR_BLOCK], first;

	for (first = 0; first < n; first += ASC_VBR_BLOCK) {
		u32 size = asc_vbr_min(n - first, ASC_VBR_BLOCK);
		u32 header = control->header[first / ASC_VBR_BLOCK];
		u32 mask = control->mask[first / ASC_VBR_BLOCK];

		if (!get_numbers(&low, &high, mask, ASC_VBR_HEADER_WIDTH(header), size, numbers))
			return -EBADMSG;
		get_block(g, header, mask, numbers, first, size,
			  control->points + ASC_VBR_BLOCK);
	}
	return high.at != high.end || high.fill >= 8 ? -EBADMSG : 0;
}

#endif
