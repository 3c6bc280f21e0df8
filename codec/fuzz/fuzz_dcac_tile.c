// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * dcac.c.  Input: a tile, how many bytes; then these, which are also taken for values.
 */

#include "dcac.h"
#include "fuzz_tile.h"

static const struct tile_coder coder = {
	dcac_tile_encode, dcac_tile_decode, DCAC_WORKSPACE_BYTES,
};

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	return fuzz_tile(&coder, data, size);
}
