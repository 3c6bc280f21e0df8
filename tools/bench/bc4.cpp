// SPDX-License-Identifier: MIT
/*
 * BC4 of libsquish, which wants pixels of four components, and codes the first.
 */

#include <squish.h>

#include "bench.h"

void bc4_encode(const uint8_t values[16], uint8_t block[8])
{
	uint8_t pixels[64] = {};

	for (int i = 0; i < 16; i++)
		pixels[4 * i] = values[i];
	squish::Compress(pixels, block, squish::kBc4);
}

void bc4_decode(const uint8_t block[8], uint8_t values[16])
{
	uint8_t pixels[64];

	squish::Decompress(pixels, block, squish::kBc4);
	for (int i = 0; i < 16; i++)
		values[i] = pixels[4 * i];
}
