// SPDX-License-Identifier: MIT
/* Compresses a corner of a map whose channels lie next to each other, in place. */
#include <stdio.h>
#include <ascdev.h>

int main(void)
{
	static uint8_t map[56 * 56 * 16], payload[8 * 8 * 16];
	const struct ascdev_part corner = { { 0, 0, 48, 48 }, { 1, 16, 8, 8 } };
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	struct ascdev_surface whole, part;
	struct ascdev_ctx *ctx;
	uint64_t offset;

	ascdev_surface_nhwc(&whole, ASCDEV_DTYPE_U8, 1, 16, 56, 56);
	if (ascdev_surface_crop(&whole, &corner, &part, &offset) || ascdev_open(NULL, NULL, &ctx))
		return 1;
	if (ascdev_compress(ctx, NULL, &part, map + offset, payload, sizeof(payload), &result))
		return 1;
	printf("%llu values from byte %llu on: %llu bytes\n",
	       (unsigned long long)result.elements, (unsigned long long)offset,
	       (unsigned long long)result.bytes);
	ascdev_close(ctx);
	return 0;
}
