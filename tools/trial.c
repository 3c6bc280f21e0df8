// SPDX-License-Identifier: MIT

#include <math.h>
#include <stdlib.h>

#include "measure.h"
#include "trial.h"

struct difference tensor_compare(const struct tensor *a, const struct tensor *b)
{
	struct difference d = { .least = INFINITY, .greatest = -INFINITY };
	const uint32_t *dim = a->surface.dim;
	uint32_t at[4];

	for (at[0] = 0; at[0] < dim[0]; at[0]++)
		for (at[1] = 0; at[1] < dim[1]; at[1]++)
			for (at[2] = 0; at[2] < dim[2]; at[2]++)
				for (at[3] = 0; at[3] < dim[3]; at[3]++) {
					double x = tensor_value(a, at);
					double error = fabs(x - tensor_value(b, at));

					d.signal += x * x;
					d.noise += error * error;
					d.max = fmax(d.max, error);
					d.least = fmin(d.least, x);
					d.greatest = fmax(d.greatest, x);
					d.elements++;
				}
	return d;
}

void difference_add(struct difference *sum, const struct difference *more)
{
	if (!sum->elements) {
		*sum = *more;
		return;
	}
	sum->signal += more->signal;
	sum->noise += more->noise;
	sum->max = fmax(sum->max, more->max);
	sum->least = fmin(sum->least, more->least);
	sum->greatest = fmax(sum->greatest, more->greatest);
	sum->elements += more->elements;
}

double difference_sqnr(const struct difference *d)
{
	return d->noise ? 10 * log10(d->signal / d->noise) : INFINITY;
}

double difference_psnr(const struct difference *d)
{
	double peak = d->greatest - d->least;

	return d->noise ? 10 * log10(peak * peak * d->elements / d->noise) : INFINITY;
}

/* With room for the payload and for what comes back. */
static int run(struct ascdev_ctx *ctx, const struct ascdev_params *params,
	       const struct tensor *tensor, const char *input, uint8_t *payload, uint64_t bound,
	       struct tensor *back, struct trial *trial)
{
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	double start = seconds_now();
	int ret;

	trial->params = *params;
	ret = ascdev_compress(ctx, params, &tensor->surface, tensor->values, payload, bound,
			      &result);
	trial->compress_s = seconds_now() - start;
	if (ret)
		return library_failed(ctx, ret, input);
	trial->elements = result.elements;
	trial->bytes = result.elements * ascdev_dtype_bytes(tensor->surface.dtype);
	trial->payload_bytes = result.bytes;
	ascdev_params_settle(&trial->params, &result);
	start = seconds_now();
	ret = ascdev_decompress(ctx, &trial->params, &back->surface, payload, result.bytes,
				back->values, NULL);
	trial->decompress_s = seconds_now() - start;
	if (ret)
		return library_failed(ctx, ret, input);
	trial->difference = tensor_compare(tensor, back);
	return EXIT_OK;
}

int trial_run(struct ascdev_ctx *ctx, const struct ascdev_params *params,
	      const struct tensor *tensor, const char *input, struct trial *trial)
{
	struct tensor back = { .surface = tensor->surface, .layout = tensor->layout };
	uint8_t *payload;
	uint64_t bound;
	int ret;

	*trial = (struct trial){ .elements = 0 };
	if (ascdev_compress_bound(params, &tensor->surface, &bound))
		return TRIAL_NOT_FOR;
	ret = tensor_alloc(&back);
	if (ret)
		return ret;
	payload = malloc(bound);
	if (payload) {
		ret = run(ctx, params, tensor, input, payload, bound, &back, trial);
	} else {
		complain("%s: out of memory", input_shown(input));
		ret = EXIT_FAILED;
	}
	free(payload);
	free(back.file);
	return ret;
}

void trial_add(struct trial *sum, const struct trial *more)
{
	if (!sum->elements)
		sum->params = more->params;
	sum->elements += more->elements;
	sum->bytes += more->bytes;
	sum->payload_bytes += more->payload_bytes;
	sum->compress_s += more->compress_s;
	sum->decompress_s += more->decompress_s;
	difference_add(&sum->difference, &more->difference);
}

double trial_bpe(const struct trial *trial)
{
	return trial->payload_bytes * 8.0 / trial->elements;
}
