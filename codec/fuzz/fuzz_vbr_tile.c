// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * asc_vbr.c, asc_vbr_entropy.c and asc_vbr_trellis.c.  Input: a step, a tile, how many
 * bytes; then these, which are also taken for values.
 */

#include "asc_vbr.h"
#include "asc_vbr_trellis.h"
#include "fuzz_tile.h"

static u32 step;
static bool entropy;

static u32 encode(const struct fmc_tile *tile, const u16 *values, u8 *out, u32 capacity,
		  void *workspace)
{
	u16 *decoded;
	u32 bytes;

	if (!entropy)
		return asc_vbr_tile_encode(&asc_vbr_kernels_scalar, tile, step, values, out,
					   capacity, NULL, workspace);
	decoded = buffer(fmc_tile_values(tile) * sizeof(*decoded));
	bytes = asc_vbr_entropy_encode(&asc_vbr_kernels_scalar, tile, step, values, out, capacity,
				       decoded, workspace);
	free(decoded);
	return bytes;
}

static int decode(const struct fmc_tile *tile, const u8 *in, u32 bytes, u16 *values,
		  void *workspace)
{
	return asc_vbr_tile_decode(&asc_vbr_kernels_scalar, tile, in, bytes, values, workspace);
}

static const struct tile_coder coder = {
	encode, decode, ASC_VBR_WORKSPACE_BYTES,
};

static void check_decoded(const struct fmc_tile *tile, const u8 *in, u32 bytes, const u16 *decoded,
			  void *workspace)
{
	u32 n = fmc_tile_values(tile);
	u16 *back = buffer(n * sizeof(*back));

	CHECK(!asc_vbr_tile_decode(&asc_vbr_kernels_scalar, tile, in, bytes, back, workspace));
	CHECK(!memcmp(back, decoded, n * sizeof(*back)));
	free(back);
}

static void round_trip(const struct fmc_tile *tile, const u16 *values)
{
	u32 n = fmc_tile_values(tile), room = 2 * fmc_tile_raw_bytes(tile) + 64, bytes, i;
	void *workspace = buffer(ASC_VBR_WORKSPACE_BYTES);
	u16 *decoded = buffer(n * sizeof(*decoded));
	u8 *out = buffer(room);

	bytes = asc_vbr_tile_encode(&asc_vbr_kernels_scalar, tile, step, values, out, room,
				    decoded, workspace);
	CHECK(bytes == asc_vbr_tile_bytes(&asc_vbr_kernels_scalar, tile, step, values,
					  workspace));
	for (i = 0; i < n; i++)
		CHECK((u32)abs(values[i] - decoded[i]) <= step / 2);
	/* both have the same points */
	entropy = false;
	CHECK(round_trip_tile(&coder, tile, values, decoded) == bytes);
	entropy = true;
	round_trip_tile(&coder, tile, values, decoded);
	bytes = asc_vbr_rate_encode(&asc_vbr_kernels_scalar, tile, ASC_VBR_RATE_UNIT * step,
				    values, out, room, decoded, workspace);
	CHECK(bytes);
	check_decoded(tile, out, bytes, decoded, workspace);
	free(out);
	free(decoded);
	free(workspace);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	u32 any_step = take(&in, 2), bytes;
	struct fmc_tile tile = take_tile(&in);
	u16 *values;

	step = 1 + any_step % fmc_value_mask(tile.bits);
	bytes = take(&in, 2) % (2 * fmc_tile_raw_bytes(&tile) + 64);
	decode_tile_bytes(&coder, &tile, &in, bytes);
	values = take_values(&in, fmc_tile_values(&tile), tile.bits);
	round_trip(&tile, values);
	free(values);
	return 0;
}
