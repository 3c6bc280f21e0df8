// SPDX-License-Identifier: MIT
/* On a device, a job of another context that starts when a first one has ended. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>
#include <ascdev.h>

int main(void)
{
	struct ascdev_ctx *ctx[2];
	struct ascdev_surface surface;
	struct ascdev_job *job[2];
	struct ascdev_buf *buf[2];
	int fence, i;

	ascdev_surface_nchw(&surface, ASCDEV_DTYPE_U8, 1, 4, 64, 64);
	for (i = 0; i < 2; i++) {
		if (ascdev_open(NULL, NULL, &ctx[i]) || ascdev_job_create(ctx[i], &job[i]) ||
		    ascdev_buf_alloc(ctx[i], 65536, &buf[i]) ||
		    ascdev_job_compress(job[i], NULL, &surface, buf[i], 0, buf[i], 32768))
			return 1;
	}
	if (ascdev_submit(ctx[0], &job[0], 1, NULL))
		return 1;
	fence = ascdev_job_get_fence(job[0]);
	if (fence >= 0) {
		if (ascdev_job_wait_fence(job[1], fence))
			return 1;
		close(fence);
	} else if (fence != -EOPNOTSUPP || ascdev_wait(job[0], -1, NULL)) {
		return 1;	/* in process there are no fences to wait for */
	}
	if (ascdev_submit(ctx[1], &job[1], 1, NULL) || ascdev_wait(job[1], -1, NULL))
		return 1;
	printf("one after the other\n");
	for (i = 0; i < 2; i++) {
		ascdev_job_destroy(job[i]);
		ascdev_buf_unref(buf[i]);
		ascdev_close(ctx[i]);
	}
	return 0;
}
