/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_ZVC_H
#define ASCDEV_CODEC_ZVC_H

#include "tile.h"

u32 zvc_tile_encode(const struct fmc_tile *tile, const u16 *values, u8 *out, u32 capacity);
int zvc_tile_decode(const struct fmc_tile *tile, const u8 *in, u32 bytes, u16 *values);

#endif
