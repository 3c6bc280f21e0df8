// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * reorder.c.  Input: a description of which nothing is trusted, a method; then the
 * surface, which is also taken for an order.
 */

#include "fuzz_surface.h"
#include "reorder.h"

#define MAX_BYTES	16384

static bool is_permutation(const u16 *order, u32 channels)
{
	u32 i, k;

	for (i = 0; i < channels; i++) {
		for (k = 0; k < channels && order[k] != i; k++)
			;
		if (k == channels)
			return false;
	}
	return true;
}

static void search_any(struct input *in, const struct fmc_surface *s, u32 method, u64 bytes)
{
	u64 room = fmc_reorder_workspace_bytes(s, method);
	struct fmc_reorder_search search;
	u8 *workspace, *src;

	CHECK(room <= FMC_REORDER_MAX_WORKSPACE);
	workspace = buffer(room);
	src = take_buffer(in, bytes);
	memset(workspace, 0xff, room);
	if (!fmc_reorder_init(&search, s, method, NULL, workspace, room)) {
		while (fmc_reorder_step(&search, src))
			;
		CHECK(is_permutation(search.order, s->dim[FMC_DIM_C]));
	}
	if (room)
		CHECK(fmc_reorder_init(&search, s, method, NULL, workspace, room - 1));
	free(src);
	free(workspace);
}

/* A permutation but for what the input swaps and overwrites. */
static void check_any(struct input *in, u32 channels)
{
	u8 *bitmap = buffer((channels + 7) / 8);
	u16 *order = buffer(channels * sizeof(*order));
	u32 i;

	for (i = 0; i < channels; i++)
		order[i] = i;
	while (in->left) {
		u32 a = take(in, 2) % channels, b = take(in, 2);

		if (b < channels) {
			u16 swap = order[a];

			order[a] = order[b];
			order[b] = swap;
		} else {
			order[a] = b - channels;
		}
	}
	CHECK(fmc_order_is_permutation(order, channels, bitmap) ==
	      is_permutation(order, channels));
	free(order);
	free(bitmap);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	struct fmc_surface s = take_surface(&in);
	u32 method = take(&in, 1) & 3;
	u64 elements, bytes;

	if (fmc_surface_check(&s, &elements, &bytes) || elements > MAX_BYTES || bytes > MAX_BYTES)
		return 0;
	if (s.dim[FMC_DIM_C] <= FMC_REORDER_MAX_CHANNELS) {
		search_any(&in, &s, method, bytes);
		check_any(&in, s.dim[FMC_DIM_C]);
	} else {
		struct fmc_reorder_search search;

		CHECK(fmc_reorder_init(&search, &s, method, NULL, NULL, 0));
	}
	return 0;
}
