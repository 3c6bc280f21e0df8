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

/* Vector code likes its memory aligned, which the caller's need not be. */
#define ALIGNMENT	64

static_assert(sizeof(struct asc_vbr_plan) + ALIGNMENT <= ASC_VBR_WORKSPACE_BYTES, "workspace");
static_assert(sizeof(struct asc_vbr_control) + ALIGNMENT <= ASC_VBR_WORKSPACE_BYTES, "workspace");

static void *align(void *workspace)
{
	return (u8 *)workspace + (-(unsigned long)workspace & (ALIGNMENT - 1));
}

/* Nothing but what is there already. */
static struct asc_vbr_ahead fetch_nothing(const void *workspace)
{
	struct asc_vbr_ahead ahead = {
		.at = (unsigned long)workspace, .height = 1, .left = 1,
		.out = (unsigned long)workspace,
	};

	return ahead;
}

static u32 fixed_bytes(const struct fmc_tile *tile)
{
	u32 blocks = asc_vbr_blocks(fmc_tile_values(tile));

	return tile->bits / 4 + asc_vbr_mode_bytes(blocks) + asc_vbr_width_bytes(blocks);
}

static u32 bytes_of(const struct fmc_tile *tile, const struct asc_vbr_sizes *sizes)
{
	return fixed_bytes(tile) + sizes->mask_bytes + (sizes->low_bits + 7) / 8 +
	       (sizes->high_bits + 7) / 8;
}

static void fill_origins(const struct asc_vbr_grid *g, u16 *points)
{
	u32 i;

	for (i = 0; i < ASC_VBR_BLOCK; i++)
		points[i] = g->origin;
}

static void find_points(const struct asc_vbr_kernels *k, struct asc_vbr_grid *g,
			const struct fmc_tile *tile, u32 step, const u16 *values,
			struct asc_vbr_errors *errors, u16 *points)
{
	u32 n = fmc_tile_values(tile);

	asc_vbr_set_step(g, tile, step);
	asc_vbr_set_origin(g, 0);
	if (k->to_points_above && k->to_points_above(g, values, n, points, errors))
		return;
	asc_vbr_set_origin(g, asc_vbr_steps(g, g->zero - k->least(values, n, g->zero)));
	if (errors)
		k->to_points_errors(g, values, n, points, errors);
	else
		k->to_points(g, values, n, points);
}

static void plan_points(const struct asc_vbr_kernels *k, struct asc_vbr_grid *g,
			const struct fmc_tile *tile, u32 step, const u16 *values,
			struct asc_vbr_errors *errors, struct asc_vbr_plan *plan)
{
	find_points(k, g, tile, step, values, errors, plan->points + ASC_VBR_BLOCK);
	fill_origins(g, plan->points);
	/* what a whole block has beyond the end is read, and does not count */
	fill_origins(g, plan->points + ASC_VBR_BLOCK + fmc_tile_values(tile));
}

/* Whole bytes, the last of which may be begun. */
static u8 *put_bits(const u8 *part, u32 bits, u8 *out)
{
	u32 bytes = (bits + 7) / 8;

	memcpy(out, part, bytes);
	if (bits % 8)
		out[bytes - 1] &= (1u << bits % 8) - 1;
	return out + bytes;
}

static void put_tile(const struct asc_vbr_kernels *k, const struct asc_vbr_grid *g,
		     const struct fmc_tile *tile, struct asc_vbr_plan *plan, u8 *out)
{
	out = fmc_put_value(out, g->step, tile->bits);
	out = fmc_put_value(out, g->origin, tile->bits);
	out = k->put_headers(plan->header, asc_vbr_blocks(fmc_tile_values(tile)), out);
	out = put_bits(plan->masks, 8 * plan->sizes.mask_bytes, out);
	out = put_bits(plan->lows, plan->sizes.low_bits, out);
	put_bits(plan->highs, plan->sizes.high_bits, out);
}

static bool step_valid(const struct fmc_tile *tile, u32 step)
{
	return step && !(step >> tile->bits);
}

/**
 * asc_vbr_tile_bytes() - size that a tile would have
 * @k: inner loops
 * @tile: tile
 * @step: as for asc_vbr_tile_encode()
 * @values: values
 * @workspace: ASC_VBR_WORKSPACE_BYTES, aligned to 4
 *
 * Return: what asc_vbr_tile_encode() would return with any capacity; it may be more
 * than the tile has bytes as it is.
 */
u32 asc_vbr_tile_bytes(const struct asc_vbr_kernels *k, const struct fmc_tile *tile, u32 step,
		       const u16 *values, void *workspace)
{
	struct asc_vbr_plan *plan = align(workspace);
	struct asc_vbr_grid g;

	if (!step_valid(tile, step))
		return 0;
	plan_points(k, &g, tile, step, values, NULL, plan);
	k->count(&g, fmc_tile_values(tile), plan);
	return bytes_of(tile, &plan->sizes);
}

/* Adds to @errors, if it is not NULL, what coding does to values. */
static u32 encode(const struct asc_vbr_kernels *k, const struct fmc_tile *tile, u32 step,
		  const u16 *values, u8 *out, u32 capacity, u16 *decoded,
		  struct asc_vbr_errors *errors, struct asc_vbr_plan *plan)
{
	u32 n = fmc_tile_values(tile), bytes;
	struct asc_vbr_grid g;

	if (!step_valid(tile, step))
		return 0;
	plan_points(k, &g, tile, step, values, errors, plan);
	k->encode(&g, n, plan);
	bytes = bytes_of(tile, &plan->sizes);
	if (bytes > capacity)
		return 0;
	put_tile(k, &g, tile, plan, out);
	if (decoded)
		k->from_points(&g, plan->points + ASC_VBR_BLOCK, n, decoded);
	return bytes;
}

/**
 * asc_vbr_tile_encode() - compress a tile
 * @k: inner loops
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
u32 asc_vbr_tile_encode(const struct asc_vbr_kernels *k, const struct fmc_tile *tile, u32 step,
			const u16 *values, u8 *out, u32 capacity, u16 *decoded, void *workspace)
{
	struct asc_vbr_plan *plan = align(workspace);

	plan->ahead = fetch_nothing(plan);
	return encode(k, tile, step, values, out, capacity, decoded, NULL, plan);
}

/**
 * asc_vbr_tile_encode_errors() - compress a tile, and tell what that does to values
 * @k: as for asc_vbr_tile_encode()
 * @tile: likewise
 * @step: likewise
 * @values: likewise
 * @out: likewise
 * @capacity: likewise
 * @decoded: likewise
 * @errors: receives it
 * @ahead: what comes next, if @k has get_rows
 * @workspace: as for asc_vbr_tile_encode()
 *
 * Return: as asc_vbr_tile_encode().
 */
u32 asc_vbr_tile_encode_errors(const struct asc_vbr_kernels *k, const struct fmc_tile *tile,
			       u32 step, const u16 *values, u8 *out, u32 capacity, u16 *decoded,
			       struct asc_vbr_errors *errors, const struct asc_vbr_ahead *ahead,
			       void *workspace)
{
	struct asc_vbr_plan *plan = align(workspace);

	plan->ahead = *ahead;
	memset(errors, 0, sizeof(*errors));
	return encode(k, tile, step, values, out, capacity, decoded, errors, plan);
}

/* As plan_points(), of values of 8 bits. */
static void plan_bytes(const struct asc_vbr_kernels *k, struct asc_vbr_grid *g,
		       const struct fmc_tile *tile, u32 step, const u8 *values,
		       struct asc_vbr_errors *errors, struct asc_vbr_plan *plan)
{
	u32 n = fmc_tile_values(tile), below = 0;

	asc_vbr_set_step(g, tile, step);
	/* below 0 there is nothing to look for */
	if (g->zero)
		below = g->zero - k->bytes->least(values, n, g->zero);
	asc_vbr_set_origin(g, asc_vbr_steps(g, below));
	memset(plan->bytes, g->origin, ASC_VBR_SLACK);
	k->bytes->to_points(g, values, n, plan->bytes + ASC_VBR_SLACK, errors);
}

/**
 * asc_vbr_bytes_size() - size that a tile of values of 8 bits would have
 * @k: inner loops, which have asc_vbr_byte_kernels.count
 * @tile: tile
 * @step: as for asc_vbr_tile_encode()
 * @values: values, a byte each
 * @workspace: ASC_VBR_WORKSPACE_BYTES, aligned to 4
 *
 * Return: as asc_vbr_tile_bytes().
 */
u32 asc_vbr_bytes_size(const struct asc_vbr_kernels *k, const struct fmc_tile *tile, u32 step,
		       const u8 *values, void *workspace)
{
	struct asc_vbr_plan *plan = align(workspace);
	struct asc_vbr_errors errors = { 0 };
	struct asc_vbr_grid g;

	if (!step_valid(tile, step))
		return 0;
	plan_bytes(k, &g, tile, step, values, &errors, plan);
	k->bytes->count(&g, fmc_tile_values(tile), plan);
	return bytes_of(tile, &plan->sizes);
}

/**
 * asc_vbr_bytes_encode() - compress a tile of values of 8 bits
 * @k: inner loops, which have those for bytes
 * @tile: tile
 * @step: as for asc_vbr_tile_encode()
 * @values: values, a byte each
 * @out: compressed tile
 * @capacity: bytes of @out
 * @errors: what coding does to values is added to it, if they fit
 * @ahead: what comes next
 * @workspace: ASC_VBR_WORKSPACE_BYTES, aligned to 4
 *
 * Return: as asc_vbr_tile_encode(), with the same bytes.
 */
u32 asc_vbr_bytes_encode(const struct asc_vbr_kernels *k, const struct fmc_tile *tile, u32 step,
			 const u8 *values, u8 *out, u32 capacity, struct asc_vbr_errors *errors,
			 const struct asc_vbr_ahead *ahead, void *workspace)
{
	struct asc_vbr_plan *plan = align(workspace);
	u32 n = fmc_tile_values(tile), bytes;
	struct asc_vbr_errors sum = *errors;
	struct asc_vbr_grid g;

	if (!step_valid(tile, step))
		return 0;
	plan_bytes(k, &g, tile, step, values, &sum, plan);
	plan->ahead = *ahead;
	k->bytes->encode(&g, n, plan);
	bytes = bytes_of(tile, &plan->sizes);
	if (bytes > capacity)
		return 0;
	put_tile(k, &g, tile, plan, out);
	*errors = sum;
	return bytes;
}

/* A tile whose head has been read. */
struct head {
	struct asc_vbr_grid g;
	const u8 *lows, *highs;
};

static int get_head(const struct asc_vbr_kernels *k, const struct fmc_tile *tile, const u8 *in,
		    u32 bytes, struct asc_vbr_control *control, struct head *head)
{
	u32 n = fmc_tile_values(tile), start = tile->bits / 4, low_bits, step, origin;
	const u8 *end = in + bytes;

	if (bytes < fixed_bytes(tile))
		return -EBADMSG;
	step = fmc_get_value(in, tile->bits);
	origin = fmc_get_value(in + tile->bits / 8, tile->bits);
	if (!step)
		return -EBADMSG;
	asc_vbr_set_step(&head->g, tile, step);
	if (origin > asc_vbr_steps(&head->g, head->g.zero))
		return -EBADMSG;
	asc_vbr_set_origin(&head->g, origin);
	head->lows = k->get_control(in + start, end, n, control, &low_bits);
	if (!head->lows || (low_bits + 7) / 8 > end - head->lows)
		return -EBADMSG;
	head->highs = head->lows + (low_bits + 7) / 8;
	return 0;
}

/* Leaves points in @control. */
static int decode_points(const struct asc_vbr_kernels *k, const struct fmc_tile *tile,
			 const u8 *in, u32 bytes, struct asc_vbr_control *control,
			 struct head *head)
{
	if (get_head(k, tile, in, bytes, control, head))
		return -EBADMSG;
	fill_origins(&head->g, control->points);
	return k->decode(&head->g, fmc_tile_values(tile), control, head->lows, head->highs,
			 in + bytes);
}

/* The same of values of 8 bits, in bytes; 1 as asc_vbr_bytes_decode() has it. */
static int decode_bytes(const struct asc_vbr_kernels *k, const struct fmc_tile *tile,
			const u8 *in, u32 bytes, struct asc_vbr_control *control,
			struct head *head)
{
	int ret = get_head(k, tile, in, bytes, control, head);

	/* perhaps with entropy coding */
	if (ret)
		return bytes && !in[0] ? 1 : ret;
	memset(control->bytes, head->g.origin, ASC_VBR_SLACK);
	return k->bytes->decode(&head->g, fmc_tile_values(tile), control, head->lows,
				head->highs, in + bytes);
}

static int decode(const struct asc_vbr_kernels *k, const struct fmc_tile *tile, const u8 *in,
		  u32 bytes, u16 *values, struct asc_vbr_control *control)
{
	struct head head;

	control->ahead = fetch_nothing(control);
	if (decode_points(k, tile, in, bytes, control, &head))
		return -EBADMSG;
	k->from_points(&head.g, control->points + ASC_VBR_BLOCK, fmc_tile_values(tile), values);
	return 0;
}

/**
 * asc_vbr_tile_decode() - decompress a tile
 * @k: inner loops
 * @tile: tile
 * @in: compressed tile; may be anything, and change meanwhile
 * @bytes: bytes of @in
 * @values: values; all are zero if there is an error
 * @workspace: ASC_VBR_WORKSPACE_BYTES, aligned to 4
 *
 * Return: 0, or -EBADMSG if no encoder wrote this.
 */
int asc_vbr_tile_decode(const struct asc_vbr_kernels *k, const struct fmc_tile *tile,
			const u8 *in, u32 bytes, u16 *values, void *workspace)
{
	u32 size = tile->bits / 8, i;
	int ret;

	/* No blocks have a step of 0. */
	if (bytes >= size && !fmc_get_value(in, tile->bits))
		ret = asc_vbr_entropy_decode(k, tile, in + size, bytes - size, values, workspace);
	else
		ret = decode(k, tile, in, bytes, values, align(workspace));

	if (ret)
		for (i = 0; i < fmc_tile_values(tile); i++)
			values[i] = tile->zero;
	return ret;
}

/**
 * asc_vbr_rows_decode() - decompress a tile to where its values belong
 * @k: inner loops
 * @tile: tile
 * @in: as for asc_vbr_tile_decode()
 * @bytes: bytes of @in
 * @rows: rows that receive the values; none is read
 * @out: the first value of their surface
 * @ahead: what is written next
 * @workspace: ASC_VBR_WORKSPACE_BYTES, aligned to 4
 *
 * Return: whether it has; if not, nothing was written, and asc_vbr_tile_decode() can tell
 * why.
 */
bool asc_vbr_rows_decode(const struct asc_vbr_kernels *k, const struct fmc_tile *tile,
			 const u8 *in, u32 bytes, const struct fmc_rows *rows, u8 *out,
			 const struct asc_vbr_ahead *ahead, void *workspace)
{
	struct asc_vbr_control *control = align(workspace);
	struct head head;

	control->ahead = *ahead;
	if (tile->bits == 16) {
		if (!k->put_rows || decode_points(k, tile, in, bytes, control, &head))
			return false;
		k->put_rows(&head.g, tile, control->points + ASC_VBR_BLOCK, rows, out);
		return true;
	}
	if (!k->bytes || !k->bytes->put_rows || decode_bytes(k, tile, in, bytes, control, &head))
		return false;
	k->bytes->put_rows(&head.g, tile, control->bytes + ASC_VBR_SLACK, rows, out);
	return true;
}

/**
 * asc_vbr_bytes_decode() - decompress a tile of values of 8 bits
 * @k: inner loops, which have asc_vbr_byte_kernels.decode
 * @tile: tile
 * @in: as for asc_vbr_tile_decode()
 * @bytes: bytes of @in
 * @values: values, a byte each
 * @workspace: ASC_VBR_WORKSPACE_BYTES, aligned to 4
 *
 * Return: 0; -EBADMSG if no encoder wrote this; 1 if asc_vbr_tile_decode() can tell, and
 * @values are undefined.
 */
int asc_vbr_bytes_decode(const struct asc_vbr_kernels *k, const struct fmc_tile *tile,
			 const u8 *in, u32 bytes, u8 *values, void *workspace)
{
	struct asc_vbr_control *control = align(workspace);
	struct fmc_tile row = *tile;
	struct fmc_rows rows = { 0 };
	struct head head;
	int ret;

	control->ahead = fetch_nothing(control);
	ret = decode_bytes(k, tile, in, bytes, control, &head);
	row.w = fmc_tile_values(tile);
	row.h = 1;
	row.c = 1;
	if (!ret)
		k->bytes->put_rows(&head.g, &row, control->bytes + ASC_VBR_SLACK, &rows, values);
	else if (ret < 0)
		memset(values, tile->zero, row.w);
	return ret;
}
