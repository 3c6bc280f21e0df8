// SPDX-License-Identifier: MIT
/*
 * The codec of libascdev in the form that an accuracy harness loads: a function of a
 * shared object that passes one map through.
 */

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include <ascdev.h>

int64_t ascdev_codec(const void *in, void *out, int32_t c, int32_t h, int32_t w, int32_t dtype,
		     const char *options);

static int pass_through(struct ascdev_ctx *ctx, struct ascdev_params *params,
			const struct ascdev_surface *surface, const void *in, void *out,
			struct ascdev_result *result)
{
	uint64_t bound;
	void *payload;
	int ret;

	ret = ascdev_compress_bound(params, surface, &bound);
	if (ret)
		return ret;
	payload = malloc(bound);
	if (!payload)
		return -ENOMEM;
	ret = ascdev_compress(ctx, params, surface, in, payload, bound, result);
	if (!ret)
		ret = ascdev_params_settle(params, result);
	if (!ret)
		ret = ascdev_decompress(ctx, params, surface, payload, result->bytes, out, NULL);
	free(payload);
	return ret;
}

/**
 * ascdev_codec - compress a map and decompress it again
 * @in: C x H x W values, W fastest
 * @out: receives the values that come back
 * @c: extent of @in
 * @h: extent of @in
 * @w: extent of @in
 * @dtype: 0 u8, 1 s8, 2 s16
 * @options: text of ascdev_params_parse()
 *
 * Return: bytes of the payload, or a negative errno.
 */
int64_t ascdev_codec(const void *in, void *out, int32_t c, int32_t h, int32_t w, int32_t dtype,
		     const char *options)
{
	static const uint32_t dtypes[] = { ASCDEV_DTYPE_U8, ASCDEV_DTYPE_S8, ASCDEV_DTYPE_S16 };
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	struct ascdev_params params = ASCDEV_PARAMS_INIT;
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	struct ascdev_surface surface;
	struct ascdev_ctx *ctx;
	int ret;

	if (dtype < 0 || dtype > 2 || c < 1 || h < 1 || w < 1)
		return -EINVAL;
	ret = ascdev_params_parse(&params, options);
	if (ret)
		return ret;
	opts.backend = ASCDEV_BACKEND_SW;
	ret = ascdev_open(&opts, NULL, &ctx);
	if (ret)
		return ret;
	ascdev_surface_nchw(&surface, dtypes[dtype], 1, c, h, w);
	ret = pass_through(ctx, &params, &surface, in, out, &result);
	ascdev_close(ctx);
	return ret ? ret : (int64_t)result.bytes;
}
