// SPDX-License-Identifier: MIT
/* Four jobs at a time, whose ends a loop around poll() takes. */
#include <poll.h>
#include <stdio.h>
#include <ascdev.h>

#define JOBS	4
#define ROOM	8192

int main(void)
{
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	struct ascdev_completion ends[JOBS];
	struct ascdev_buf *values, *payloads;
	struct ascdev_job *jobs[JOBS];
	struct ascdev_surface surface;
	struct ascdev_ctx *ctx;
	struct pollfd event;
	int left = JOBS, count, i;

	opts.threads = 2;	/* where there is no device */
	if (ascdev_open(&opts, NULL, &ctx) || ascdev_buf_alloc(ctx, JOBS * ROOM, &values) ||
	    ascdev_buf_alloc(ctx, JOBS * ROOM, &payloads))
		return 1;
	ascdev_surface_nchw(&surface, ASCDEV_DTYPE_U8, 1, 8, 32, 32);
	for (i = 0; i < JOBS; i++) {
		if (ascdev_job_create(ctx, &jobs[i]) || ascdev_job_set_cookie(jobs[i], 100 + i) ||
		    ascdev_job_compress(jobs[i], NULL, &surface, values, i * ROOM, payloads, i * ROOM))
			return 1;
	}
	if (ascdev_submit(ctx, jobs, JOBS, NULL))
		return 1;
	event.fd = ascdev_get_fd(ctx);
	event.events = POLLIN;
	while (left > 0 && poll(&event, 1, -1) > 0) {
		count = ascdev_reap(ctx, ends, JOBS, 0);
		for (i = 0; i < count; i++)
			printf("job %d: %s, %llu bytes\n", (int)ends[i].cookie,
			       ascdev_strerror(ends[i].status),
			       (unsigned long long)ends[i].result->bytes);
		left -= count;
	}
	for (i = 0; i < JOBS; i++)
		ascdev_job_destroy(jobs[i]);
	ascdev_buf_unref(payloads);
	ascdev_buf_unref(values);
	ascdev_close(ctx);
	return left;
}
