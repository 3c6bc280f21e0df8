// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ASC-VBR, effort best: the points of quantisation of a tile through the entropy coder
 * of DC-AC, which takes about a tenth fewer bits than blocks do, and more time.
 * Documentation/asc-vbr.rst, "Tiles with entropy coding".
 */

#include "asc_vbr_entropy.h"
#include "asc_vbr_trellis.h"

struct workspace {
	u16 points[FMC_TILE_MAX_VALUES];
	u8 dcac[DCAC_WORKSPACE_BYTES];
};

/* The tile that the points make. */
static struct fmc_tile tile_of_points(const struct fmc_tile *tile, const struct asc_vbr_grid *g)
{
	struct fmc_tile points = *tile;

	points.zero = g->origin;
	return points;
}

/* A step of 0, which no tile of blocks has; the step; the origin. */
static u32 head_bytes(const struct fmc_tile *tile)
{
	return 3 * (tile->bits / 8);
}

/**
 * asc_vbr_entropy_encode - compress a tile
 * @k: inner loops
 * @tile: what the values are
 * @step: as for asc_vbr_tile_encode()
 * @values: the values
 * @out: receives the bytes
 * @capacity: how many there is room for
 * @decoded: receives what asc_vbr_tile_decode() will give
 * @workspace: ASC_VBR_ENTROPY_WORKSPACE_BYTES, aligned to 4
 *
 * Return: bytes written, or 0 if they do not fit or the step is none.
 */
u32 asc_vbr_entropy_encode(const struct asc_vbr_kernels *k, const struct fmc_tile *tile, u32 step,
			   const u16 *values, u8 *out, u32 capacity, u16 *decoded,
			   void *workspace)
{
	u32 n = fmc_tile_values(tile), head = head_bytes(tile), bytes;
	struct workspace *ws = workspace;
	struct asc_vbr_grid g;
	struct fmc_tile points;

	if (!step || step >> tile->bits || capacity < head)
		return 0;
	asc_vbr_fit(k, &g, tile, step, values);
	k->to_points(&g, values, n, ws->points);
	k->from_points(&g, ws->points, n, decoded);
	points = tile_of_points(tile, &g);
	bytes = dcac_tile_encode(k->tiles, &points, ws->points, out + head, capacity - head,
				 ws->dcac);
	if (!bytes)
		return 0;
	out = fmc_put_value(out, 0, tile->bits);
	out = fmc_put_value(out, step, tile->bits);
	fmc_put_value(out, g.origin, tile->bits);
	return head + bytes;
}

/**
 * asc_vbr_entropy_decode - decompress a tile
 * @k: inner loops
 * @tile: what the values are
 * @in: what asc_vbr_entropy_encode() gave, behind the step of 0; any content, and it may
 *	change meanwhile
 * @bytes: size of @in
 * @values: receives the values; undefined if there is an error
 * @workspace: ASC_VBR_ENTROPY_WORKSPACE_BYTES, aligned to 4
 *
 * Return: 0 or -EBADMSG.
 */
int asc_vbr_entropy_decode(const struct asc_vbr_kernels *k, const struct fmc_tile *tile,
			   const u8 *in, u32 bytes, u16 *values, void *workspace)
{
	u32 n = fmc_tile_values(tile), size = tile->bits / 8, step, origin;
	struct workspace *ws = workspace;
	struct asc_vbr_grid g;
	struct fmc_tile points;
	int ret;

	if (bytes < 2 * size)
		return -EBADMSG;
	step = fmc_get_value(in, tile->bits);
	if (!step)
		return asc_vbr_trellis_decode(k, tile, in + size, bytes - size, values, workspace);
	origin = fmc_get_value(in + size, tile->bits);
	asc_vbr_set_step(&g, tile, step);
	if (origin > asc_vbr_steps(&g, g.zero))
		return -EBADMSG;
	asc_vbr_set_origin(&g, origin);
	points = tile_of_points(tile, &g);
	ret = dcac_tile_decode(k->tiles, &points, in + 2 * size, bytes - 2 * size, ws->points,
			       ws->dcac);
	k->from_points(&g, ws->points, n, values);
	return ret;
}
