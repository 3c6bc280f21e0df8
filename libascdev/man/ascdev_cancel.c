// SPDX-License-Identifier: MIT
/* Takes a job back if that can be done; otherwise lets it end. */
#include <errno.h>
#include <stdio.h>
#include <ascdev.h>

int main(void)
{
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	struct ascdev_surface surface;
	struct ascdev_job *job;
	struct ascdev_buf *buf;
	struct ascdev_ctx *ctx;
	int ret;

	opts.threads = 1;
	ascdev_surface_nchw(&surface, ASCDEV_DTYPE_U8, 1, 4, 64, 64);
	if (ascdev_open(&opts, NULL, &ctx) || ascdev_buf_alloc(ctx, 65536, &buf) ||
	    ascdev_job_create(ctx, &job) ||
	    ascdev_job_compress(job, NULL, &surface, buf, 0, buf, 32768) ||
	    ascdev_submit(ctx, &job, 1, NULL))
		return 1;
	if (ascdev_cancel(job) == -EBUSY)
		printf("too late: it has ended, or runs in process\n");
	ret = ascdev_wait(job, -1, NULL);
	if (ret && ret != -ECANCELED)
		return 1;
	printf("%s\n", ascdev_strerror(ret));
	ascdev_job_destroy(job);
	ascdev_buf_unref(buf);
	ascdev_close(ctx);
	return 0;
}
