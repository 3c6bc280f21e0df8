// SPDX-License-Identifier: MIT
/* Searches for an order of channels once, and uses it for another map of the layer. */
#include <stdio.h>
#include <ascdev.h>

int main(void)
{
	static uint8_t map[16 * 24 * 24], payload[2 * sizeof(map)];
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	struct ascdev_params params = ASCDEV_PARAMS_INIT;
	struct ascdev_surface surface;
	struct ascdev_ctx *ctx;
	uint16_t order[16];
	uint32_t i;

	for (i = 0; i < sizeof(map); i++)
		map[i] = (uint8_t)(i % 24 * (i / 576 % 4));
	params.codec = ASCDEV_CODEC_DCAC;
	params.reorder = ASCDEV_REORDER_GREEDY;
	ascdev_surface_nchw(&surface, ASCDEV_DTYPE_U8, 1, 16, 24, 24);
	if (ascdev_open(NULL, NULL, &ctx) ||
	    ascdev_compress(ctx, &params, &surface, map, payload, sizeof(payload), &result) ||
	    ascdev_payload_order(&params, &surface, payload, result.bytes, order))
		return 1;
	for (i = 0; i < 16; i++)
		printf("%u ", order[i]);
	printf("\n");

	params.reorder = ASCDEV_REORDER_GIVEN;
	params.order = order;
	if (ascdev_compress(ctx, &params, &surface, map, payload, sizeof(payload), &result))
		return 1;
	ascdev_close(ctx);
	return 0;
}
