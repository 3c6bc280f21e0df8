// SPDX-License-Identifier: MIT
/*
 * The codec in process.  A job runs, in the caller's thread, when it is submitted.
 */

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

#include "internal.h"

static void sw_close(struct ascdev_ctx *ctx)
{
	(void)ctx;
}

static int sw_buf_alloc(struct ascdev_buf *buf)
{
	if (buf->bytes > SIZE_MAX)
		return -ENOMEM;
	buf->address = calloc(1, buf->bytes);
	return buf->address ? 0 : -ENOMEM;
}

static int sw_buf_map(struct ascdev_buf *buf)
{
	(void)buf;	/* mapped from the start */
	return 0;
}

static int sw_buf_wait(struct ascdev_buf *buf, int64_t timeout_ns)
{
	(void)buf;
	(void)timeout_ns;
	return 0;
}

static void sw_buf_free(struct ascdev_buf *buf)
{
	free(buf->address);
}

static int sw_job_init(struct ascdev_job *job)
{
	(void)job;
	return 0;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static int compress(const struct fmc_surface *surface, struct asc_cbr_params *params,
		    const void *src, void *dst, struct ascdev_result *result)
{
	struct asc_cbr_stats stats = { 0 };
	struct asc_cbr_chooser chooser;
	struct asc_cbr cbr;
	int ret = asc_cbr_choose_init(&chooser, surface, params);

	if (ret)
		return ret;
	while (asc_cbr_choose_step(&chooser, src))
		;
	*params = chooser.params;
	ret = asc_cbr_init(&cbr, surface, params);
	if (ret)
		return ret;
	asc_cbr_encode(&cbr, 0, cbr.blocks, src, dst, &stats);
	result->bytes = asc_cbr_bytes(&cbr);
	result->elements = cbr.elements;
	result->linear_blocks = stats.linear_blocks;
	result->log_blocks = stats.log_blocks;
	result->sum_abs_error = stats.sum_abs_error;
	result->sum_sq_error = stats.sum_sq_error;
	result->max_abs_error = stats.max_abs_error;
	return 0;
}

static int decompress(const struct fmc_surface *surface, const struct asc_cbr_params *params,
		      const void *src, void *dst, struct ascdev_result *result)
{
	struct asc_cbr cbr;
	int ret = asc_cbr_init(&cbr, surface, params);

	if (ret)
		return ret;
	asc_cbr_decode(&cbr, 0, cbr.blocks, src, dst);
	result->elements = cbr.elements;
	result->bytes = (uint64_t)cbr.elements * fmc_dtype_bits(surface->dtype) / 8;
	return 0;
}

static int run(struct ascdev_job *job)
{
	const uint8_t *src = (const uint8_t *)job->src->address + job->src_offset;
	uint8_t *dst = (uint8_t *)job->dst->address + job->dst_offset;
	struct job_plan plan;
	uint64_t start;
	uint32_t i;
	int ret = job_check(job, &plan);

	if (ret)
		return ret;

	for (i = 0; i < job->wait_count; i++) {
		struct pollfd fence = { .fd = job->wait_fences[i], .events = POLLIN };

		while (poll(&fence, 1, -1) < 0 && errno == EINTR)
			;
	}

	job->result = (struct ascdev_result)ASCDEV_RESULT_INIT;
	start = now_ns();
	if (job->op == JOB_COMPRESS)
		ret = compress(&plan.surface, &plan.params, src, dst, &job->result);
	else
		ret = decompress(&plan.surface, &plan.params, src, dst, &job->result);
	job->result.exec_ns = now_ns() - start;
	job->result.backend = ASCDEV_BACKEND_SW;
	job->result.codec = ASCDEV_CODEC_ASC_CBR;
	job->result.endpoints = plan.params.endpoints;
	job->result.block.w = plan.params.block.w;
	job->result.block.h = plan.params.block.h;
	job->result.block.c = plan.params.block.c;
	return ret;
}

static int sw_submit(struct ascdev_ctx *ctx, struct ascdev_job *const *jobs, uint32_t count,
		     uint32_t *accepted)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		int ret = run(jobs[i]);

		if (ret)
			return ctx_fail(ctx, ret, "job %u: %s", i, ascdev_strerror(ret));
		jobs[i]->error = 0;
		jobs[i]->state = JOB_IN_FLIGHT;
		*accepted = i + 1;
	}
	return 0;
}

static int sw_wait(struct ascdev_job *job, int64_t timeout_ns)
{
	(void)job;	/* ended when it was submitted */
	(void)timeout_ns;
	return 0;
}

static int sw_get_fence(struct ascdev_job *job)
{
	return ctx_fail(job->ctx, -EOPNOTSUPP, "jobs in process have ended once submitted");
}

const struct backend sw_backend = {
	.id = ASCDEV_BACKEND_SW,
	.close = sw_close,
	.buf_alloc = sw_buf_alloc,
	.buf_map = sw_buf_map,
	.buf_wait = sw_buf_wait,
	.buf_free = sw_buf_free,
	.job_init = sw_job_init,
	.submit = sw_submit,
	.wait = sw_wait,
	.get_fence = sw_get_fence,
};

void sw_open(struct ascdev_ctx *ctx)
{
	ctx->backend = &sw_backend;
	ctx->caps.backend = ASCDEV_BACKEND_SW;
	ctx->caps.engines = 1;
	ctx->caps.codecs = 1u << ASCDEV_CODEC_DEFAULT | 1u << ASCDEV_CODEC_ASC_CBR;
	ctx->caps.dtypes = 1u << ASCDEV_DTYPE_U8 | 1u << ASCDEV_DTYPE_S8 |
			   1u << ASCDEV_DTYPE_U16 | 1u << ASCDEV_DTYPE_S16;
	ctx->caps.payload_align = 8;
	ctx->caps.max_elements = FMC_MAX_ELEMENTS;
	ctx->caps.max_buffer_bytes = 1ull << 40;
}
