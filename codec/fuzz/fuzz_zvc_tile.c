// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * zvc_coder.h.  Input: a tile, how many bytes; then these, which are also taken for values.
 */

#include "../tests/cpus.h"
#include "fuzz_tile.h"
#include "zvc.h"

static u32 encode(const struct fmc_tile *tile, const u16 *values, u8 *out, u32 capacity,
		  void *workspace)
{
	(void)workspace;
	return zvc_tile_encode(test_kernels()->tiles, tile, values, out, capacity);
}

static int decode(const struct fmc_tile *tile, const u8 *in, u32 bytes, u16 *values,
		  void *workspace)
{
	(void)workspace;
	return zvc_tile_decode(test_kernels()->tiles, tile, in, bytes, values);
}

static const struct tile_coder coder = { encode, decode, 0 };

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	return fuzz_tile(&coder, data, size);
}
