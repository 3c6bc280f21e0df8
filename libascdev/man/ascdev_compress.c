// SPDX-License-Identifier: MIT
/* Compresses a map with a bound of the error, and decompresses one row of a channel. */
#include <stdio.h>
#include <stdlib.h>
#include <ascdev.h>

static int fail(struct ascdev_ctx *ctx)
{
	char text[256];

	ascdev_last_error(ctx, text, sizeof(text));
	fprintf(stderr, "%s\n", text);
	return 1;
}

int main(void)
{
	static int16_t map[8 * 32 * 32];
	const struct ascdev_part row = { { 0, 5, 7, 0 }, { 1, 1, 1, 32 } };
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	struct ascdev_params params = ASCDEV_PARAMS_INIT;
	struct ascdev_surface surface;
	struct ascdev_ctx *ctx;
	int16_t back[32];
	uint64_t bound;
	void *payload;
	int i;

	for (i = 0; i < 8 * 32 * 32; i++)
		map[i] = (int16_t)(i % 32 * 100 - i / 32);
	params.codec = ASCDEV_CODEC_ASC_VBR;
	params.max_error = 4;
	ascdev_surface_nchw(&surface, ASCDEV_DTYPE_S16, 1, 8, 32, 32);
	if (ascdev_compress_bound(&params, &surface, &bound) || ascdev_open(NULL, NULL, &ctx))
		return 1;
	payload = malloc(bound);
	if (!payload)
		return 1;
	if (ascdev_compress(ctx, &params, &surface, map, payload, bound, &result) ||
	    ascdev_params_settle(&params, &result) ||
	    ascdev_decompress_part(ctx, &params, &surface, &row, payload, result.bytes, back, NULL))
		return fail(ctx);
	printf("%zu bytes to %llu, largest error %u\n", sizeof(map),
	       (unsigned long long)result.bytes, result.max_abs_error);
	for (i = 0; i < 32; i++) {
		if (abs(back[i] - map[(5 * 32 + 7) * 32 + i]) > 4)
			return 1;
	}
	free(payload);
	ascdev_close(ctx);
	return 0;
}
