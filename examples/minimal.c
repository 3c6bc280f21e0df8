// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <ascdev.h>

int main(void)
{
	static unsigned char map[64 * 56 * 56], back[sizeof(map)], payload[sizeof(map)];
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	struct ascdev_params params = ASCDEV_PARAMS_INIT;
	struct ascdev_surface surface;
	struct ascdev_ctx *ctx;
	unsigned int i;

	for (i = 0; i < sizeof(map); i++)
		map[i] = i % 56 * (i / 56 % 61) / 16;
	ascdev_surface_nchw(&surface, ASCDEV_DTYPE_U8, 1, 64, 56, 56);
	if (ascdev_open(NULL, NULL, &ctx) ||	/* the device, or the codec in process */
	    ascdev_compress(ctx, &params, &surface, map, payload, sizeof(payload), &result))
		return 1;
	/* what was chosen is needed to read the payload again */
	if (ascdev_params_settle(&params, &result) ||
	    ascdev_decompress(ctx, &params, &surface, payload, result.bytes, back, NULL))
		return 1;
	printf("%zu bytes to %llu, largest error %u, backend %s\n", sizeof(map),
	       (unsigned long long)result.bytes, result.max_abs_error,
	       result.backend == ASCDEV_BACKEND_HW ? "hw" : "sw");
	ascdev_close(ctx);
	return 0;
}
