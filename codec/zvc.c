// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ZVC, zero value compression: a bit for every value, and the values that are
 * not zero.  Documentation/format.rst, "zvc".
 */

#include "zvc.h"

static u32 count_nonzero(const struct fmc_tile *tile, const u16 *values)
{
	u32 n = fmc_tile_values(tile), count = 0, i;

	for (i = 0; i < n; i++)
		count += values[i] != tile->zero;
	return count;
}

/**
 * zvc_tile_encode - compress a tile
 * @tile: what the values are
 * @values: the values
 * @out: receives the bytes
 * @capacity: how many there is room for
 *
 * Return: bytes written, or 0 if they do not fit.
 */
u32 zvc_tile_encode(const struct fmc_tile *tile, const u16 *values, u8 *out, u32 capacity)
{
	u32 n = fmc_tile_values(tile), mask_bytes = (n + 7) / 8, i;
	u32 bytes = mask_bytes + count_nonzero(tile, values) * (tile->bits / 8);
	u8 *value = out + mask_bytes;

	if (bytes > capacity)
		return 0;
	memset(out, 0, mask_bytes);
	for (i = 0; i < n; i++) {
		if (values[i] == tile->zero)
			continue;
		out[i / 8] |= 1u << (i % 8);
		value = fmc_put_value(value, values[i] - tile->zero, tile->bits);
	}
	return bytes;
}

/**
 * zvc_tile_decode - decompress a tile
 * @tile: what the values are
 * @in: what zvc_tile_encode() gave; any content, and it may change meanwhile
 * @bytes: size of @in
 * @values: receives the values; zeros where @in ends too early
 *
 * Return: 0 or -EBADMSG.
 */
int zvc_tile_decode(const struct fmc_tile *tile, const u8 *in, u32 bytes, u16 *values)
{
	u32 n = fmc_tile_values(tile), size = tile->bits / 8, at = (n + 7) / 8, i;
	bool bad = bytes < at;
	u8 mask = 0;

	for (i = 0; i < n; i++) {
		values[i] = tile->zero;
		if (bad)
			continue;
		if (i % 8 == 0)
			mask = in[i / 8];
		if (!(mask >> (i % 8) & 1))
			continue;
		if (bytes - at < size) {
			bad = true;
			continue;
		}
		values[i] = fmc_value_mask(tile->bits) &
			    (tile->zero + fmc_get_value(in + at, tile->bits));
		at += size;
	}
	return bad || at != bytes ? -EBADMSG : 0;
}
