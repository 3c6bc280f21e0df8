// SPDX-License-Identifier: MIT
/* What some work came to: the difference of two readings. */
#include <stdio.h>
#include <ascdev.h>

int main(void)
{
	struct ascdev_stats before = ASCDEV_STATS_INIT, after = ASCDEV_STATS_INIT;
	static uint8_t map[64 * 64], payload[64 * 64];
	struct ascdev_surface surface;
	struct ascdev_ctx *ctx;
	int i;

	ascdev_surface_nchw(&surface, ASCDEV_DTYPE_U8, 1, 1, 64, 64);
	if (ascdev_open(NULL, NULL, &ctx) || ascdev_get_stats(ctx, &before))
		return 1;
	for (i = 0; i < 3; i++) {
		if (ascdev_compress(ctx, NULL, &surface, map, payload, sizeof(payload), NULL))
			return 1;
	}
	if (ascdev_get_stats(ctx, &after))
		return 1;
	printf("%llu jobs, %llu bytes to %llu, %llu of them not on a device although preferred\n",
	       (unsigned long long)(after.completed - before.completed),
	       (unsigned long long)(after.compress_bytes_in - before.compress_bytes_in),
	       (unsigned long long)(after.compress_bytes_out - before.compress_bytes_out),
	       (unsigned long long)(after.fallbacks - before.fallbacks));
	ascdev_close(ctx);
	return 0;
}
