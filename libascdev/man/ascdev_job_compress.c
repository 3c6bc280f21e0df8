// SPDX-License-Identifier: MIT
/* A job from buffer to buffer, without a copy on the way. */
#include <stdio.h>
#include <string.h>
#include <ascdev.h>

int main(void)
{
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	struct ascdev_params params = ASCDEV_PARAMS_INIT;
	struct ascdev_buf *values = NULL, *payload = NULL;
	struct ascdev_job *job = NULL;
	struct ascdev_surface surface;
	struct ascdev_ctx *ctx;
	uint64_t bytes, bound;
	void *address;

	ascdev_surface_nchw(&surface, ASCDEV_DTYPE_F16, 1, 32, 28, 28);
	if (ascdev_open(NULL, NULL, &ctx) || ascdev_surface_bytes(&surface, &bytes) ||
	    ascdev_compress_bound(&params, &surface, &bound))
		return 1;
	if (ascdev_buf_alloc(ctx, bytes, &values) || ascdev_buf_alloc(ctx, bound, &payload) ||
	    ascdev_buf_map(values, &address) || ascdev_job_create(ctx, &job))
		return 1;
	memset(address, 0x3c, bytes);
	if (ascdev_job_compress(job, &params, &surface, values, 0, payload, 0) ||
	    ascdev_submit(ctx, &job, 1, NULL) || ascdev_wait(job, -1, &result))
		return 1;
	printf("%llu bytes to %llu\n", (unsigned long long)result.bytes_read,
	       (unsigned long long)result.bytes);
	ascdev_job_destroy(job);
	ascdev_buf_unref(payload);
	ascdev_buf_unref(values);
	ascdev_close(ctx);
	return 0;
}
