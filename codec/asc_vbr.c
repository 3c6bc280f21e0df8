// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ASC-VBR: blocks at a variable rate.  Values are quantised by one step; a block is
 * predicted in one of four modes, and what is left is split into low bits of a width
 * that suits the block and a high part in unary.
 *
 * The parts lie apart in a tile - modes, widths, masks, low bits, high parts - so that
 * vector code finds each with shifts and sums only.  Documentation/asc-vbr.rst.
 */

#include "asc_vbr.h"
#include "asc_vbr_entropy.h"
#include "asc_vbr_grid.h"

enum asc_vbr_mode {
	MODE_ZERO,	/* distance to zero */
	MODE_LEFT,	/* difference to the value before */
	MODE_UP,	/* difference to the value one width before */
	MODE_ZVC,	/* a mask of the non-zero values, and their distance to zero */
	MODES
};

/* Width of a block of which nothing is stored: all is 0. */
#define WIDTH_NONE	15
#define WIDTH_MAX	14

/* What encoding has decided. */
struct plan {
	u16 points[FMC_TILE_MAX_VALUES];
	u8 header[ASC_VBR_MAX_BLOCKS];
};

/* What steers decoding, read once. */
struct control {
	u32 mask[ASC_VBR_MAX_BLOCKS];
	u8 header[ASC_VBR_MAX_BLOCKS];
};

/* Header of a block while it is in memory. */
#define HEADER(mode, width)	((mode) | (width) << 2)
#define HEADER_MODE(header)	((header) & 3)
#define HEADER_WIDTH(header)	((header) >> 2)

/* Residuals of a block. */
struct residuals {
	u32 mask;
	u32 count;
	u32 sum;
	u16 values[ASC_VBR_BLOCK];
};

/* Sizes of the parts. */
struct sizes {
	u32 mask_bytes;
	u32 low_bits;
	u32 high_bits;
};

static u32 bits_set(u32 v)
{
	v -= v >> 1 & 0x55555555;
	v = (v & 0x33333333) + (v >> 2 & 0x33333333);
	v = (v + (v >> 4)) & 0x0f0f0f0f;
	return v * 0x01010101 >> 24;
}

static u32 blocks_of(u32 count)
{
	return (count + ASC_VBR_BLOCK - 1) / ASC_VBR_BLOCK;
}

/*
 * The distance to zero as a number that is small if it is: 0, -1, 1, -2, 2 and so on, and
 * one by one where only one side is left.
 */
static u32 fold(const struct asc_vbr_grid *g, u32 point)
{
	u32 distance = point < g->origin ? g->origin - point : point - g->origin;

	if (distance > g->both)
		return distance + g->both;
	return 2 * distance - (point < g->origin);
}

static u32 unfold(const struct asc_vbr_grid *g, u32 number)
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

/* The same for a difference, modulo the number of values. */
static u32 fold_difference(const struct asc_vbr_grid *g, u32 point, u32 before)
{
	u32 difference = (point - before) & g->max;

	return (difference << 1 ^ -(difference >> g->sign_bit)) & g->max;
}

static u32 unfold_difference(const struct asc_vbr_grid *g, u32 number, u32 before)
{
	return (before + (number >> 1 ^ -(number & 1))) & g->max;
}

static u32 point_before(const struct asc_vbr_grid *g, const u16 *points, u32 at, u32 distance)
{
	return at < distance ? g->origin : points[at - distance];
}

static void fold_block(const struct asc_vbr_grid *g, const u16 *points, u32 count,
		       struct residuals *r)
{
	u32 i;

	for (i = 0; i < count; i++) {
		r->values[i] = fold(g, points[i]);
		r->sum += r->values[i];
	}
}

static void fold_differences(const struct asc_vbr_grid *g, const u16 *points, u32 first, u32 count,
			     u32 distance, struct residuals *r)
{
	u32 i;

	for (i = 0; i < count; i++) {
		u32 before = point_before(g, points, first + i, distance);

		r->values[i] = fold_difference(g, points[first + i], before);
		r->sum += r->values[i];
	}
}

/* Drops zeros, and subtracts 1 from the rest. */
static void drop_zeros(struct residuals *r)
{
	u32 count = 0, i;

	for (i = 0; i < r->count; i++) {
		u32 kept = r->values[i] != 0;

		r->mask |= kept << i;
		r->values[count] = r->values[i] - 1;
		count += kept;
	}
	r->count = count;
	r->sum -= count;
}

static void take_residuals(const struct asc_vbr_grid *g, const u16 *points, u32 first, u32 count,
			   u32 mode, struct residuals *r)
{
	r->mask = 0;
	r->count = count;
	r->sum = 0;
	switch (mode) {
	case MODE_ZERO:
		fold_block(g, points + first, count, r);
		break;
	case MODE_ZVC:
		fold_block(g, points + first, count, r);
		drop_zeros(r);
		break;
	case MODE_LEFT:
		fold_differences(g, points, first, count, 1, r);
		break;
	case MODE_UP:
		fold_differences(g, points, first, count, g->up, r);
		break;
	}
}

/*
 * The width that suits the residuals, and about how many bits they then need. Both follow
 * from the mean alone, as if residuals fell off exponentially, so that an encoder has to
 * sum up once in each mode; trying every width would save 0.1 %.
 */
static u32 suit_width(const struct residuals *r, u32 *width)
{
	u32 sum = r->sum + r->count / 2, k = 0;

	if (!r->sum) {
		*width = WIDTH_NONE;
		return 0;
	}
	while (k < WIDTH_MAX && r->count << (k + 1) <= sum)
		k++;
	*width = k;
	return r->count * k + r->count - r->count / 2 + (sum >> k);
}

static u32 high_bits(const struct residuals *r, u32 width)
{
	u32 bits = r->count, i;

	for (i = 0; i < r->count; i++)
		bits += r->values[i] >> width;
	return bits;
}

/* Decides on a block, and adds its size. */
static u32 plan_block(const struct asc_vbr_grid *g, const u16 *points, u32 first, u32 count,
		      struct sizes *sizes)
{
	u32 best = 0, best_bits = ~0u, mode, width;
	struct residuals r;

	for (mode = 0; mode < MODES; mode++) {
		u32 bits;

		take_residuals(g, points, first, count, mode, &r);
		bits = suit_width(&r, &width) + (mode == MODE_ZVC ? (count + 7) / 8 * 8 : 0);
		if (bits < best_bits) {
			best_bits = bits;
			best = HEADER(mode, width);
		}
	}
	take_residuals(g, points, first, count, HEADER_MODE(best), &r);
	width = HEADER_WIDTH(best);
	if (HEADER_MODE(best) == MODE_ZVC)
		sizes->mask_bytes += (count + 7) / 8;
	if (width != WIDTH_NONE) {
		sizes->low_bits += r.count * width;
		sizes->high_bits += high_bits(&r, width);
	}
	return best;
}

static u32 fixed_bytes(const struct fmc_tile *tile)
{
	u32 blocks = blocks_of(fmc_tile_values(tile));

	return tile->bits / 4 + (blocks + 3) / 4 + (blocks + 1) / 2;
}

static u32 plan_tile(const struct asc_vbr_grid *g, const struct fmc_tile *tile, const u16 *values,
		     struct plan *plan, struct sizes *sizes)
{
	u32 count = fmc_tile_values(tile), i;

	for (i = 0; i < count; i++)
		plan->points[i] = asc_vbr_to_point(g, values[i]);
	memset(sizes, 0, sizeof(*sizes));
	for (i = 0; i < count; i += ASC_VBR_BLOCK)
		plan->header[i / ASC_VBR_BLOCK] =
			plan_block(g, plan->points, i, asc_vbr_min(count - i, ASC_VBR_BLOCK),
				   sizes);
	return fixed_bytes(tile) + sizes->mask_bytes + (sizes->low_bits + 7) / 8 +
	       (sizes->high_bits + 7) / 8;
}

/* Bits that are being written, the lowest of a byte first. */
struct writer {
	u8 *at;
	u64 bits;
	u32 fill;
};

static void put(struct writer *w, u32 value, u32 bits)
{
	w->bits |= (u64)value << w->fill;
	w->fill += bits;
	if (w->fill < 32)
		return;
	w->at[0] = w->bits;
	w->at[1] = w->bits >> 8;
	w->at[2] = w->bits >> 16;
	w->at[3] = w->bits >> 24;
	w->at += 4;
	w->bits >>= 32;
	w->fill -= 32;
}

static void put_unary(struct writer *w, u32 value)
{
	for (; value >= 32; value -= 32)
		put(w, 0, 32);
	put(w, 1u << value, value + 1);
}

static void put_end(struct writer *w)
{
	u32 fill;

	for (fill = 0; fill < w->fill; fill += 8)
		*w->at++ = w->bits >> fill;
}

static void put_tile(const struct asc_vbr_grid *g, const struct fmc_tile *tile,
		     const struct plan *plan,
		     const struct sizes *sizes, u8 *out)
{
	u32 count = fmc_tile_values(tile), blocks = blocks_of(count), block, i;
	struct writer modes = { .at = out + tile->bits / 4 };
	struct writer widths = { .at = modes.at + (blocks + 3) / 4 };
	struct writer masks = { .at = widths.at + (blocks + 1) / 2 };
	struct writer lows = { .at = masks.at + sizes->mask_bytes };
	struct writer highs = { .at = lows.at + (sizes->low_bits + 7) / 8 };
	struct residuals r;

	fmc_put_value(fmc_put_value(out, g->step, tile->bits), g->origin, tile->bits);
	for (block = 0; block < blocks; block++) {
		u32 mode = HEADER_MODE(plan->header[block]);
		u32 width = HEADER_WIDTH(plan->header[block]);
		u32 first = block * ASC_VBR_BLOCK;
		u32 size = asc_vbr_min(count - first, ASC_VBR_BLOCK);

		take_residuals(g, plan->points, first, size, mode, &r);
		put(&modes, mode, 2);
		put(&widths, width, 4);
		if (mode == MODE_ZVC)
			put(&masks, r.mask, (size + 7) / 8 * 8);
		if (width == WIDTH_NONE)
			continue;
		for (i = 0; i < r.count; i++) {
			put(&lows, r.values[i] & ((1u << width) - 1), width);
			put_unary(&highs, r.values[i] >> width);
		}
	}
	put_end(&modes);
	put_end(&widths);
	put_end(&masks);
	put_end(&lows);
	put_end(&highs);
}

static bool step_valid(const struct fmc_tile *tile, u32 step)
{
	return step && !(step >> tile->bits);
}

/**
 * asc_vbr_tile_bytes() - size that a tile would have
 * @tile: tile
 * @step: as for asc_vbr_tile_encode()
 * @values: values
 * @workspace: ASC_VBR_WORKSPACE_BYTES, aligned to 4
 *
 * Return: what asc_vbr_tile_encode() would return with any capacity; it may be more
 * than the tile has bytes as it is.
 */
u32 asc_vbr_tile_bytes(const struct fmc_tile *tile, u32 step, const u16 *values,
		       void *workspace)
{
	struct sizes sizes;
	struct asc_vbr_grid g;

	if (!step_valid(tile, step))
		return 0;
	asc_vbr_fit(&g, tile, step, values);
	return plan_tile(&g, tile, values, workspace, &sizes);
}

/**
 * asc_vbr_tile_encode() - compress a tile
 * @tile: tile
 * @step: distance of quantisation points, 1 to the largest value of the type; no value
 *	changes by more than @step / 2, and 1 is lossless
 * @values: values
 * @out: compressed tile
 * @capacity: bytes of @out
 * @decoded: what decoding gives, or NULL
 * @workspace: ASC_VBR_WORKSPACE_BYTES, aligned to 4
 *
 * Return: bytes written; 0 if they are more than @capacity or the step is none.
 */
u32 asc_vbr_tile_encode(const struct fmc_tile *tile, u32 step, const u16 *values, u8 *out,
			u32 capacity, u16 *decoded, void *workspace)
{
	struct plan *plan = workspace;
	struct sizes sizes;
	struct asc_vbr_grid g;
	u32 bytes, i;

	if (!step_valid(tile, step))
		return 0;
	asc_vbr_fit(&g, tile, step, values);
	bytes = plan_tile(&g, tile, values, plan, &sizes);
	if (bytes > capacity)
		return 0;
	put_tile(&g, tile, plan, &sizes, out);
	if (decoded)
		for (i = 0; i < fmc_tile_values(tile); i++)
			decoded[i] = asc_vbr_from_point(&g, plan->points[i]);
	return bytes;
}

/* Bits that are being read; every byte once.  After the end they are 0. */
struct reader {
	const u8 *at, *end;
	u64 bits;
	u32 fill;
	bool broken;
};

static void fill_up(struct reader *r)
{
	while (r->fill <= 56 && r->at < r->end) {
		r->bits |= (u64)*r->at++ << r->fill;
		r->fill += 8;
	}
}

static void skip(struct reader *r, u32 bits)
{
	r->bits >>= bits;
	r->fill -= bits;
}

static u32 get(struct reader *r, u32 bits)
{
	u32 value;

	if (r->fill < bits)
		fill_up(r);
	if (r->fill < bits) {
		r->broken = true;
		return 0;
	}
	value = r->bits & ((1ull << bits) - 1);
	skip(r, bits);
	return value;
}

static u32 get_unary(struct reader *r)
{
	u32 value = 0, bits;

	while (!(u32)r->bits) {
		fill_up(r);
		if ((u32)r->bits)
			break;
		if (!r->fill) {
			r->broken = true;
			return 0;
		}
		bits = asc_vbr_min(r->fill, 32);
		skip(r, bits);
		value += bits;
	}
	bits = __builtin_ctz((u32)r->bits);
	skip(r, bits + 1);
	return value + bits;
}

/* Reads modes, widths and masks; what is @after them begins with @low_bits low bits. */
static void get_control(const struct fmc_tile *tile, const u8 *in, u32 bytes,
			struct control *control, struct reader *after, u32 *low_bits)
{
	u32 count = fmc_tile_values(tile), blocks = blocks_of(count), block;
	struct reader modes = { .at = in, .end = in + (blocks + 3) / 4 };
	struct reader widths = { .at = modes.end, .end = modes.end + (blocks + 1) / 2 };
	struct reader masks = { .at = widths.end, .end = in + bytes };

	*low_bits = 0;
	for (block = 0; block < blocks; block++) {
		u32 size = asc_vbr_min(count - block * ASC_VBR_BLOCK, ASC_VBR_BLOCK);
		u32 mode = get(&modes, 2), width = get(&widths, 4);
		u32 mask = size == 32 ? ~0u : (1u << size) - 1;

		if (mode == MODE_ZVC)
			mask &= get(&masks, (size + 7) / 8 * 8);
		control->mask[block] = mask;
		control->header[block] = HEADER(mode, width);
		if (width != WIDTH_NONE)
			*low_bits += bits_set(mask) * width;
	}
	*after = masks;
	after->at -= masks.fill / 8;
	after->bits = 0;
	after->fill = 0;
}

/* Numbers of a block, 0 where the mask is. */
static void get_numbers(struct reader *lows, struct reader *highs, u32 mask, u32 width,
			u32 count, u32 *numbers)
{
	u32 i;

	for (i = 0; i < count; i++) {
		numbers[i] = 0;
		if (width == WIDTH_NONE || !(mask >> i & 1))
			continue;
		numbers[i] = get_unary(highs) << width;
		numbers[i] |= get(lows, width);
	}
}

static void get_block(const struct asc_vbr_grid *g, u32 header, u32 mask, const u32 *numbers,
		      u32 first, u32 count, u16 *points)
{
	u32 mode = HEADER_MODE(header), distance = mode == MODE_UP ? g->up : 1, i;

	for (i = 0; i < count; i++) {
		u32 at = first + i;

		if (mode == MODE_ZERO) {
			points[at] = unfold(g, numbers[i]);
		} else if (mode == MODE_ZVC) {
			points[at] = unfold(g, numbers[i] + (mask >> i & 1));
		} else {
			points[at] = unfold_difference(g, numbers[i],
						       point_before(g, points, at, distance));
		}
	}
}

static void get_points(const struct asc_vbr_grid *g, u32 count, const struct control *control,
		       struct reader *lows, struct reader *highs, u16 *points)
{
	u32 numbers[ASC_VBR_BLOCK], first;

	for (first = 0; first < count; first += ASC_VBR_BLOCK) {
		u32 size = asc_vbr_min(count - first, ASC_VBR_BLOCK);
		u32 header = control->header[first / ASC_VBR_BLOCK];
		u32 mask = control->mask[first / ASC_VBR_BLOCK];

		get_numbers(lows, highs, mask, HEADER_WIDTH(header), size, numbers);
		get_block(g, header, mask, numbers, first, size, points);
	}
}

static int decode(const struct fmc_tile *tile, const u8 *in, u32 bytes, u16 *values,
		  struct control *control)
{
	u32 count = fmc_tile_values(tile), start = tile->bits / 4, low_bits, step, origin, i;
	struct reader lows, highs;
	struct asc_vbr_grid g;

	if (bytes < fixed_bytes(tile))
		return -EBADMSG;
	step = fmc_get_value(in, tile->bits);
	origin = fmc_get_value(in + tile->bits / 8, tile->bits);
	if (!step)
		return -EBADMSG;
	asc_vbr_set_step(&g, tile, step);
	if (origin > asc_vbr_steps(&g, g.zero))
		return -EBADMSG;
	asc_vbr_set_origin(&g, origin);
	get_control(tile, in + start, bytes - start, control, &lows, &low_bits);
	if (lows.broken || (low_bits + 7) / 8 > lows.end - lows.at)
		return -EBADMSG;
	highs = lows;
	highs.at += (low_bits + 7) / 8;
	lows.end = highs.at;
	get_points(&g, count, control, &lows, &highs, values);
	if (highs.broken || highs.at != highs.end || highs.fill >= 8)
		return -EBADMSG;
	for (i = 0; i < count; i++)
		values[i] = asc_vbr_from_point(&g, values[i]);
	return 0;
}

/**
 * asc_vbr_tile_decode() - decompress a tile
 * @tile: tile
 * @in: compressed tile; may be anything, and change meanwhile
 * @bytes: bytes of @in
 * @values: values; all are zero if there is an error
 * @workspace: ASC_VBR_WORKSPACE_BYTES, aligned to 4
 *
 * Return: 0, or -EBADMSG if no encoder wrote this.
 */
int asc_vbr_tile_decode(const struct fmc_tile *tile, const u8 *in, u32 bytes, u16 *values,
			void *workspace)
{
	u32 size = tile->bits / 8, i;
	int ret;

	/* No blocks have a step of 0. */
	if (bytes >= size && !fmc_get_value(in, tile->bits))
		ret = asc_vbr_entropy_decode(tile, in + size, bytes - size, values, workspace);
	else
		ret = decode(tile, in, bytes, values, workspace);

	if (ret)
		for (i = 0; i < fmc_tile_values(tile); i++)
			values[i] = tile->zero;
	return ret;
}
