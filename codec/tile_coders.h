/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_TILE_CODERS_H
#define ASCDEV_CODEC_TILE_CODERS_H

#include "tile.h"

/**
 * struct fmc_coded_tile - a tile that is to be decoded
 * @tile: what the values are
 * @in: any content, and it may change meanwhile
 * @bytes: size of @in
 */
struct fmc_coded_tile {
	struct fmc_tile tile;
	const u8 *in;
	u32 bytes;
};

/**
 * struct fmc_tile_coders - lossless coders of tiles, for one kind of CPU
 * @dcac_encode: see dcac_tile_encode()
 * @dcac_decode: see dcac_tile_decode()
 * @dcac_decode_tiles: see dcac_decode_tiles(); NULL where one tile at a time does as well
 * @dcac_take_tile: see dcac_take_tile()
 * @ebpc_encode: see ebpc_tile_encode()
 * @ebpc_decode: see ebpc_tile_decode()
 * @ebpc_decode_lanes: see ebpc_decode_lanes(); NULL where one tile at a time does as well
 * @ebpc_take_lane: see ebpc_take_lane()
 * @zvc_encode: see zvc_tile_encode()
 * @zvc_decode: see zvc_tile_decode()
 *
 * All of them are the same source, compiled with what the CPU has, and with vector functions
 * where compilers do not find them.
 */
struct fmc_tile_coders {
	u32 (*dcac_encode)(const struct fmc_tile *tile, const u16 *values, u8 *out, u32 capacity,
			   void *workspace);
	int (*dcac_decode)(const struct fmc_tile *tile, const u8 *in, u32 bytes, u16 *values,
			   void *workspace);
	u32 (*dcac_decode_tiles)(const struct fmc_coded_tile *tiles, u32 count, void *workspace);
	void (*dcac_take_tile)(u32 number, u16 *values, const void *workspace);
	u32 (*ebpc_encode)(const struct fmc_tile *tile, const u16 *values, u8 *out, u32 capacity,
			   void *workspace);
	int (*ebpc_decode)(const struct fmc_tile *tile, const u8 *in, u32 bytes, u16 *values,
			   void *workspace);
	u32 (*ebpc_decode_lanes)(const struct fmc_coded_tile *tiles, u32 count, void *workspace);
	void (*ebpc_take_lane)(const struct fmc_tile *tile, u32 lane, void *values,
			       void *workspace);
	u32 (*zvc_encode)(const struct fmc_tile *tile, const u16 *values, u8 *out, u32 capacity);
	int (*zvc_decode)(const struct fmc_tile *tile, const u8 *in, u32 bytes, u16 *values);
};

extern const struct fmc_tile_coders fmc_tile_coders_scalar;
extern const struct fmc_tile_coders fmc_tile_coders_avx2;
extern const struct fmc_tile_coders fmc_tile_coders_avx512;
extern const struct fmc_tile_coders fmc_tile_coders_neon;

#endif
