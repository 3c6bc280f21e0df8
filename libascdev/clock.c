// SPDX-License-Identifier: MIT
/*
 * Times and conditions by CLOCK_MONOTONIC.
 */

#include <errno.h>
#include <time.h>

#include "internal.h"

int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ll + now.tv_nsec;
}

int64_t deadline_ns(int64_t timeout_ns)
{
	int64_t now;

	if (!timeout_ns)
		return 0;
	if (timeout_ns < 0)
		return INT64_MAX;
	now = now_ns();
	return timeout_ns > INT64_MAX - now ? INT64_MAX : now + timeout_ns;
}

void cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
}

int cond_wait_until(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t deadline)
{
	struct timespec t;

	if (deadline == INT64_MAX) {
		pthread_cond_wait(cond, lock);
		return 0;
	}
	t.tv_sec = deadline / 1000000000;
	t.tv_nsec = deadline % 1000000000;
	return pthread_cond_timedwait(cond, lock, &t) == ETIMEDOUT ? -ETIME : 0;
}
