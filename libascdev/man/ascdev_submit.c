// SPDX-License-Identifier: MIT
/* More jobs than a queue takes: what is not accepted is submitted when others have ended. */
#include <errno.h>
#include <stdio.h>
#include <ascdev.h>

#define JOBS	2000

int main(void)
{
	static struct ascdev_job *jobs[JOBS];
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	uint32_t submitted = 0, ended = 0, accepted, i;
	struct ascdev_completion ends[64];
	struct ascdev_surface surface;
	struct ascdev_ctx *ctx;
	struct ascdev_buf *buf;
	int ret;

	opts.threads = 1;
	ascdev_surface_nchw(&surface, ASCDEV_DTYPE_U8, 1, 1, 8, 8);
	if (ascdev_open(&opts, NULL, &ctx) || ascdev_buf_alloc(ctx, 4096, &buf))
		return 1;
	for (i = 0; i < JOBS; i++) {
		if (ascdev_job_create(ctx, &jobs[i]) ||
		    ascdev_job_compress(jobs[i], NULL, &surface, buf, 0, buf, 1024))
			return 1;
	}
	while (ended < JOBS) {
		ret = ascdev_submit(ctx, jobs + submitted, JOBS - submitted, &accepted);
		if (ret && ret != -EBUSY)
			return 1;
		submitted += accepted;
		ret = ascdev_reap(ctx, ends, 64, -1);
		if (ret < 0 && ret != -EINTR)
			return 1;
		ended += ret > 0 ? (uint32_t)ret : 0;
	}
	printf("%u jobs\n", ended);
	for (i = 0; i < JOBS; i++)
		ascdev_job_destroy(jobs[i]);
	ascdev_buf_unref(buf);
	ascdev_close(ctx);
	return 0;
}
