// SPDX-License-Identifier: MIT
/*
 * asc verify
 */

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "codec.h"
#include "json.h"

/**
 * struct difference - how one tensor differs from another
 * @signal: sum of the squared values of the first
 * @noise: sum of the squared differences
 * @max: largest difference
 * @elements: values
 */
struct difference {
	double signal;
	double noise;
	uint32_t max;
	uint64_t elements;
};

static int value_at(const struct tensor *tensor, const uint32_t *at)
{
	const uint8_t *p = tensor->values;
	int16_t v16;
	int i;

	for (i = 0; i < 4; i++)
		p += at[i] * tensor->surface.stride[i];
	switch (tensor->surface.dtype) {
	case ASCDEV_DTYPE_U8:
		return *p;
	case ASCDEV_DTYPE_S8:
		return (int8_t)*p;
	case ASCDEV_DTYPE_U16:
		memcpy(&v16, p, sizeof(v16));
		return (uint16_t)v16;
	default:
		memcpy(&v16, p, sizeof(v16));
		return v16;
	}
}

static struct difference compare(const struct tensor *a, const struct tensor *b)
{
	const uint32_t *dim = a->surface.dim;
	struct difference d = { 0 };
	uint32_t at[4];

	for (at[0] = 0; at[0] < dim[0]; at[0]++)
		for (at[1] = 0; at[1] < dim[1]; at[1]++)
			for (at[2] = 0; at[2] < dim[2]; at[2]++)
				for (at[3] = 0; at[3] < dim[3]; at[3]++) {
					int x = value_at(a, at);
					int error = x - value_at(b, at);
					uint32_t size = error < 0 ? -error : error;

					d.signal += (double)x * x;
					d.noise += (double)error * error;
					d.max = size > d.max ? size : d.max;
					d.elements++;
				}
	return d;
}

static int report(const struct options *options, const struct container *container,
		  const struct ascdev_result *result, const struct difference *d)
{
	static const char *const endpoints[] = { "auto", "one", "two" };
	uint64_t bytes = d->elements * ascdev_dtype_bytes(container->dtype);
	double ratio = (double)bytes / container->payload_bytes;
	double bpe = container->payload_bytes * 8.0 / d->elements;
	const struct ascdev_block *block = &container->block;
	char shape[32];
	double sqnr = d->noise ? 10 * log10(d->signal / d->noise) : INFINITY;

	if (block->h)
		snprintf(shape, sizeof(shape), "%ux%ux%u", block->w, block->h, block->c);
	else
		snprintf(shape, sizeof(shape), "run%u", block->w);
	if (options->json) {
		json_t *value = json_pack(
			"{s:o, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:f, s:f, s:i, s:I, s:I, s:b, s:s}",
			"input", json_name(options->input), "backend", backend_name(result), "codec",
			ascdev_codec_name(container->codec), "dtype",
			ascdev_dtype_name(container->dtype), "endpoints",
			endpoints[container->endpoints], "elements", (json_int_t)d->elements,
			"bytes", (json_int_t)bytes, "payload_bytes",
			(json_int_t)container->payload_bytes, "ratio", ratio, "bpe", bpe,
			"max_error", d->max, "linear_blocks", (json_int_t)result->linear_blocks,
			"log_blocks", (json_int_t)result->log_blocks, "lossless", !d->noise,
			"block", shape);

		/* JSON has no infinity: null where signal or noise is 0 */
		json_object_set_new(value, "sqnr_db", d->noise && d->signal ? json_real(sqnr) :
									      json_null());
		return json_print(value);
	}
	printf("%s: %s %s, %u x %u x %u x %u, endpoints %s, block %s, backend %s\n",
	       options->input,
	       ascdev_codec_name(container->codec), ascdev_dtype_name(container->dtype),
	       container->dim[0], container->dim[1], container->dim[2], container->dim[3],
	       endpoints[container->endpoints], shape, backend_name(result));
	printf("%llu bytes to %llu: ratio %.3f, %.3f bpe\n", (unsigned long long)bytes,
	       (unsigned long long)container->payload_bytes, ratio, bpe);
	if (d->noise && !d->signal)
		printf("SQNR undefined, all values are 0; largest error %u\n", d->max);
	else if (d->noise)
		printf("SQNR %.2f dB, largest error %u\n", sqnr, d->max);
	else
		printf("SQNR infinite, nothing was lost\n");
	return EXIT_OK;
}

int cmd_verify(const struct options *options)
{
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	struct container container = { .file = NULL };
	struct tensor tensor, back = { .file = NULL };
	struct difference difference;
	struct ascdev_ctx *ctx;
	int ret = tensor_read(&tensor, options);

	if (ret)
		return ret;
	ret = open_context(options, &ctx);
	if (ret) {
		tensor_free(&tensor);
		return ret;
	}
	ret = compress_tensor(ctx, &options->params, &tensor, options->input, &container, &result);
	if (!ret)
		ret = decompress_container(ctx, &container, options->input, &back, NULL);
	if (!ret) {
		difference = compare(&tensor, &back);
		if (difference.max != result.max_abs_error) {
			complain("%s: the largest error is %u, but %u was reported", options->input,
				 difference.max, result.max_abs_error);
			ret = EXIT_FAILED;
		}
	}
	if (!ret)
		ret = report(options, &container, &result, &difference);
	tensor_free(&back);
	container_free(&container);
	tensor_free(&tensor);
	ascdev_close(ctx);
	return ret;
}
