// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A tile as the two streams of EBPC.  Documentation/format.rst, "ebpc".
 */

#include "ebpc.h"
#include "ebpc_tile.h"

/* Bytes in which the size of the ZNZ stream stands before it. */
#define SIZE_BYTES	2

/* The block that the authors' hardware has for each width. */
static struct ebpc_params tile_params(const struct fmc_tile *tile)
{
	struct ebpc_params p = {
		.bits = tile->bits,
		.block = tile->bits,
		.zero_run = 16,
	};

	return p;
}

/* Values at a time, on the stack. */
#define CHUNK	64

static void encode_values(struct ebpc_encoder *e, const struct fmc_tile *tile, const u16 *values)
{
	u32 n = fmc_tile_values(tile), i, k;
	u16 chunk[CHUNK];

	for (i = 0; i < n; i += k) {
		for (k = 0; k < CHUNK && i + k < n; k++)
			chunk[k] = values[i + k] - tile->zero;
		ebpc_encode(e, chunk, k);
	}
}

/**
 * ebpc_tile_encode - compress a tile
 * @tile: what the values are
 * @values: the values
 * @out: receives the bytes
 * @capacity: how many there is room for
 * @workspace: EBPC_TILE_WORKSPACE_BYTES
 *
 * Return: bytes written, or 0 if they do not fit.
 */
u32 ebpc_tile_encode(const struct fmc_tile *tile, const u16 *values, u8 *out, u32 capacity,
		     void *workspace)
{
	struct ebpc_params params = tile_params(tile);
	struct ebpc_encoder e;
	u64 znz_bytes, bpc_bytes;

	if (capacity < SIZE_BYTES)
		return 0;
	/* It is not known where the second stream starts before the first has ended. */
	if (ebpc_encode_init(&e, &params, out + SIZE_BYTES, capacity - SIZE_BYTES, workspace,
			     EBPC_TILE_WORKSPACE_BYTES))
		return 0;
	encode_values(&e, tile, values);
	if (ebpc_encode_end(&e, &znz_bytes, &bpc_bytes) ||
	    bpc_bytes > capacity - SIZE_BYTES - znz_bytes)
		return 0;
	fmc_put_value(out, znz_bytes, 16);
	memcpy(out + SIZE_BYTES + znz_bytes, workspace, bpc_bytes);
	return SIZE_BYTES + znz_bytes + bpc_bytes;
}

/**
 * ebpc_tile_decode - decompress a tile
 * @tile: what the values are
 * @in: what ebpc_tile_encode() gave; any content, and it may change meanwhile
 * @bytes: size of @in
 * @values: receives the values; zeros from where @in makes no sense
 *
 * Return: 0 or -EBADMSG.
 */
int ebpc_tile_decode(const struct fmc_tile *tile, const u8 *in, u32 bytes, u16 *values)
{
	struct ebpc_params params = tile_params(tile);
	u32 n = fmc_tile_values(tile), znz_bytes = 0, i;
	struct ebpc_decoder d;
	int ret;

	if (bytes >= SIZE_BYTES) {
		znz_bytes = fmc_get_value(in, 16);
		in += SIZE_BYTES;
		bytes -= SIZE_BYTES;
	}
	/* Empty streams end too early, and give zeros. */
	if (znz_bytes > bytes) {
		znz_bytes = 0;
		bytes = 0;
	}
	ret = ebpc_decode_init(&d, &params, in, znz_bytes, in + znz_bytes, bytes - znz_bytes);
	if (ret)
		return ret;
	ret = ebpc_decode(&d, values, n);
	for (i = 0; i < n; i++)
		values[i] = (values[i] + tile->zero) & fmc_value_mask(tile->bits);
	return ret;
}
