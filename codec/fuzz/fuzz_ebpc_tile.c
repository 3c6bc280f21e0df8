// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ebpc_tile.c.  Input: a tile, how many bytes; then these, which are also taken for
 * values.
 */

#include "ebpc_tile.h"
#include "fuzz_tile.h"

static int decode(const struct fmc_tile *tile, const u8 *in, u32 bytes, u16 *values,
		  void *workspace)
{
	(void)workspace;
	return ebpc_tile_decode(tile, in, bytes, values);
}

static const struct tile_coder coder = { ebpc_tile_encode, decode, EBPC_TILE_WORKSPACE_BYTES };

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	return fuzz_tile(&coder, data, size);
}
