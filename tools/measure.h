/* SPDX-License-Identifier: MIT */
#ifndef ASC_MEASURE_H
#define ASC_MEASURE_H

#include <stddef.h>
#include <stdint.h>

/*
 * How long things take.
 */

/* Seconds of CLOCK_MONOTONIC. */
double seconds_now(void);

/**
 * struct activity - something whose time is measured
 * @run: does it once; returns 0, or what ends the measurement
 * @argument: handed to @run
 * @loops: how often it is done for a sample, which lasts long enough for the clock
 * @samples: seconds of one run, ascending after measure(); to be freed
 */
struct activity {
	int (*run)(void *argument);
	void *argument;
	uint64_t loops;
	double *samples;
};

/*
 * Takes @repeats samples of each activity, in turns, so that what slows the machine down for a
 * while slows all of them down; after a first run of each that does not count.  Returns 0,
 * what an activity returned, or -ENOMEM.
 */
int measure(struct activity *activities, size_t count, uint32_t repeats);

/* The sample below which a part of all lies, 0.5 for the median. */
double sample_at(const struct activity *activity, uint32_t repeats, double part);

#endif
