// SPDX-License-Identifier: MIT

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "measure.h"

/* Seconds that a sample takes at least, so that neither the clock nor an interrupt matters. */
#define SAMPLE_SECONDS	0.01

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

double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec * 1e-9;
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

static int take_sample(struct activity *activity, double *seconds)
{
	double start = seconds_now();
	uint64_t i;
	int ret = 0;

	for (i = 0; i < activity->loops && !ret; i++)
		ret = activity->run(activity->argument);
	*seconds = seconds_now() - start;
	return ret;
}

/* Runs it until as many loops are known as make a sample. */
static int find_loops(struct activity *activity)
{
	double seconds;
	int ret;

	activity->loops = 1;
	do {
		ret = take_sample(activity, &seconds);
		if (seconds < SAMPLE_SECONDS)
			activity->loops *= 2;
	} while (!ret && seconds < SAMPLE_SECONDS && activity->loops < 1ull << 40);
	return ret;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int measure(struct activity *activities, size_t count, uint32_t repeats)
{
	double seconds;
	uint32_t round;
	size_t i;
	int ret;

	for (i = 0; i < count; i++) {
		activities[i].samples = calloc(repeats, sizeof(double));
		if (!activities[i].samples) {
			complain("out of memory");
			return EXIT_FAILED;
		}
		ret = find_loops(&activities[i]);
		if (ret)
			return ret;
	}
	for (round = 0; round < repeats; round++) {
		for (i = 0; i < count; i++) {
			ret = take_sample(&activities[i], &seconds);
			if (ret)
				return ret;
			activities[i].samples[round] = seconds / activities[i].loops;
		}
	}
	for (i = 0; i < count; i++)
		qsort(activities[i].samples, repeats, sizeof(double), ascending);
	return 0;
}

double sample_at(const struct activity *activity, uint32_t repeats, double part)
{
	double position = part * (repeats - 1);
	uint32_t below = position;
	double more = position - below;

	if (below + 1 >= repeats)
		return activity->samples[repeats - 1];
	return activity->samples[below] * (1 - more) + activity->samples[below + 1] * more;
}
