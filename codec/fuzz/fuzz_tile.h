/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * For fuzz targets of one tile's coder: any bytes decoded, and the same taken for
 * values to be encoded.
 */
#ifndef ASCDEV_CODEC_FUZZ_TILE_H
#define ASCDEV_CODEC_FUZZ_TILE_H

#include "fuzz.h"
#include "tile.h"

/* A coder; one without a workspace ignores it. */
struct tile_coder {
	u32 (*encode)(const struct fmc_tile *tile, const u16 *values, u8 *out, u32 capacity,
		      void *workspace);
	int (*decode)(const struct fmc_tile *tile, const u8 *in, u32 bytes, u16 *values,
		      void *workspace);
	u32 workspace_bytes;
};

/* Any extents; many values are rare, as they take long. */
static inline struct fmc_tile take_tile(struct input *in)
{
	u8 choice = take(in, 1);
	u32 limit = choice >= 0xf8 ? FMC_TILE_MAX_VALUES : choice & 2 ? 600 : 40;
	struct fmc_tile tile = { .bits = choice & 1 ? 16 : 8 };

	tile.w = 1 + take(in, 2) % limit;
	tile.h = 1 + take(in, 2) % (limit / tile.w);
	tile.c = 1 + take(in, 2) % (limit / (tile.w * tile.h));
	tile.zero = take(in, tile.bits / 8);
	return tile;
}

static inline int decode_tile(const struct tile_coder *coder, const struct fmc_tile *tile,
			      const u8 *in, u32 bytes, u16 *values, u8 before)
{
	u32 n = fmc_tile_values(tile), i;
	void *workspace = buffer(coder->workspace_bytes);
	int ret;

	memset(workspace, before, coder->workspace_bytes);
	memset(values, before, n * sizeof(*values));
	ret = coder->decode(tile, in, bytes, values, workspace);
	CHECK(!ret || ret == -EBADMSG);
	for (i = 0; i < n; i++)
		CHECK(values[i] <= fmc_value_mask(tile->bits));
	free(workspace);
	return ret;
}

/* What comes out depends on the bytes alone. */
static inline void decode_tile_bytes(const struct tile_coder *coder, const struct fmc_tile *tile,
				     struct input *in, u32 bytes)
{
	u32 size = fmc_tile_values(tile) * sizeof(u16);
	u8 *data = take_buffer(in, bytes);
	u16 *a = buffer(size), *b = buffer(size);

	CHECK(decode_tile(coder, tile, data, bytes, a, 0) ==
	      decode_tile(coder, tile, data, bytes, b, 0xff));
	CHECK(!memcmp(a, b, size));
	free(a);
	free(b);
	free(data);
}

/* Returns the bytes of a tile; @decoded are the values that must come back. */
static inline u32 round_trip_tile(const struct tile_coder *coder, const struct fmc_tile *tile,
				  const u16 *values, const u16 *decoded)
{
	u32 n = fmc_tile_values(tile), room = 2 * fmc_tile_raw_bytes(tile) + 64, bytes;
	void *workspace = buffer(coder->workspace_bytes);
	u16 *back = buffer(n * sizeof(*back));
	u8 *out = buffer(room), *exact;

	bytes = coder->encode(tile, values, out, room, workspace);
	CHECK(bytes && bytes <= room);
	exact = buffer(bytes);
	CHECK(coder->encode(tile, values, exact, bytes, workspace) == bytes);
	CHECK(!memcmp(out, exact, bytes));
	CHECK(!decode_tile(coder, tile, exact, bytes, back, 0xff));
	CHECK(!memcmp(decoded, back, n * sizeof(*back)));
	/* room for one byte less is not overstepped */
	free(exact);
	exact = buffer(bytes - 1);
	CHECK(!coder->encode(tile, values, exact, bytes - 1, workspace));
	free(exact);
	free(out);
	free(back);
	free(workspace);
	return bytes;
}

/* All that a lossless coder has to do. */
static inline int fuzz_tile(const struct tile_coder *coder, const u8 *data, size_t size)
{
	struct input in = { data, size };
	struct fmc_tile tile = take_tile(&in);
	u32 bytes = take(&in, 2) % (2 * fmc_tile_raw_bytes(&tile) + 64);
	u16 *values;

	decode_tile_bytes(coder, &tile, &in, bytes);
	values = take_values(&in, fmc_tile_values(&tile), tile.bits);
	round_trip_tile(coder, &tile, values, values);
	free(values);
	return 0;
}

#endif
