// SPDX-License-Identifier: MIT
/*
 * BC4 by libsquish: the block of alpha that DXT5 begins with is one of BC4.  (Its own BC4, as
 * of 1.15, codes colours.)  The colours are all black, which costs it little.
 */

#include <cstring>

#include <squish.h>

#include "bench.h"

#define BC4_BYTES	8

void bc4_encode(const uint8_t values[16], uint8_t block[BC4_BYTES])
{
	uint8_t pixels[64] = {}, whole[2 * BC4_BYTES];

	for (int i = 0; i < 16; i++)
		pixels[4 * i + 3] = values[i];
	squish::Compress(pixels, whole, squish::kDxt5 | squish::kColourRangeFit);
	memcpy(block, whole, BC4_BYTES);
}

void bc4_decode(const uint8_t block[BC4_BYTES], uint8_t values[16])
{
	uint8_t pixels[64], whole[2 * BC4_BYTES] = {};

	memcpy(whole, block, BC4_BYTES);
	squish::Decompress(pixels, whole, squish::kDxt5);
	for (int i = 0; i < 16; i++)
		values[i] = pixels[4 * i + 3];
}
