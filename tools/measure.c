// SPDX-License-Identifier: MIT

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "measure.h"

/* Seconds that a sample takes at least, so that neither the clock nor an interrupt matters. */
#define SAMPLE_SECONDS	0.01

double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec * 1e-9;
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
		if (!activities[i].samples)
			return -ENOMEM;
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
