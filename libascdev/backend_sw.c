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
	while (ctx->workspaces) {
		struct workspace *next = ctx->workspaces->next;

		free(ctx->workspaces);
		ctx->workspaces = next;
	}
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

/* As many come to exist as jobs have run at a time. */
static struct workspace *take_workspace(struct ascdev_ctx *ctx)
{
	struct workspace *w;

	pthread_mutex_lock(&ctx->lock);
	w = ctx->workspaces;
	if (w)
		ctx->workspaces = w->next;
	pthread_mutex_unlock(&ctx->lock);
	return w ? w : malloc(sizeof(*w));
}

static void give_workspace(struct ascdev_ctx *ctx, struct workspace *w)
{
	pthread_mutex_lock(&ctx->lock);
	w->next = ctx->workspaces;
	ctx->workspaces = w;
	pthread_mutex_unlock(&ctx->lock);
}

static int compress(struct ascdev_job *job, struct job_plan *plan, const void *src, void *dst,
		    struct fmc_workspace *workspace)
{
	struct ascdev_result *result = &job->result;
	struct fmc_encoder enc;
	int ret;

	if (job->order)
		memcpy(workspace->order, job->order->address, job->order->bytes);
	ret = fmc_encode_init(&enc, &plan->surface, &plan->params, workspace);
	if (ret)
		return ret;
	while (fmc_encode_step(&enc, src, dst))
		;
	plan->params = enc.params;
	result->bytes = enc.bytes;
	result->bytes_read = (uint64_t)enc.elements * fmc_dtype_bits(plan->surface.dtype) / 8;
	result->elements = enc.elements;
	result->linear_blocks = enc.stats.linear_blocks;
	result->log_blocks = enc.stats.log_blocks;
	result->sum_abs_error = enc.stats.sum_abs_error;
	result->sum_sq_error = enc.stats.sum_sq_error;
	result->max_abs_error = enc.stats.max_abs_error;
	result->error_exponent = enc.stats.error_exponent;
	return 0;
}

static int decompress(struct ascdev_job *job, const struct job_plan *plan, const void *src,
		      void *dst, struct fmc_workspace *workspace)
{
	struct fmc_decoder dec;
	int ret = fmc_decode_init(&dec, &plan->surface, &plan->params, &plan->part,
				  plan->src_bytes, workspace);

	if (ret)
		return ret;
	while (fmc_decode_step(&dec, src, dst))
		;
	job->result.elements = dec.elements;
	job->result.bytes = (uint64_t)dec.elements * fmc_dtype_bits(plan->surface.dtype) / 8;
	job->result.bytes_read = dec.bytes_read;
	return dec.error;
}

static void wait_for_fences(const struct ascdev_job *job)
{
	uint32_t i;

	for (i = 0; i < job->wait_count; i++) {
		struct pollfd fence = { .fd = job->wait_fences[i], .events = POLLIN };

		while (poll(&fence, 1, -1) < 0 && errno == EINTR)
			;
	}
}

/* Returns why the job is not accepted; whether it did well stands in the job. */
static int run(struct ascdev_job *job)
{
	const uint8_t *src = (const uint8_t *)job->src->address + job->src_offset;
	uint8_t *dst = (uint8_t *)job->dst->address + job->dst_offset;
	struct workspace *workspace;
	struct job_plan plan;
	uint64_t start;
	int ret = job_check(job, &plan);

	if (ret)
		return ret;
	workspace = take_workspace(job->ctx);
	if (!workspace)
		return -ENOMEM;
	wait_for_fences(job);

	job->result = (struct ascdev_result)ASCDEV_RESULT_INIT;
	start = now_ns();
	if (job->op == JOB_COMPRESS)
		job->error = compress(job, &plan, src, dst, &workspace->codec);
	else
		job->error = decompress(job, &plan, src, dst, &workspace->codec);
	job->result.exec_ns = now_ns() - start;
	give_workspace(job->ctx, workspace);
	job->result.backend = ASCDEV_BACKEND_SW;
	job->result.codec = plan.params.codec;
	job->result.endpoints = plan.params.endpoints;
	job->result.profile = plan.params.profile;
	job->result.exponent = plan.params.exponent;
	job->result.reorder = plan.params.reorder;
	job->result.block.w = plan.params.block.w;
	job->result.block.h = plan.params.block.h;
	job->result.block.c = plan.params.block.c;
	return 0;
}

static int sw_submit(struct ascdev_ctx *ctx, struct ascdev_job *const *jobs, uint32_t count,
		     uint32_t *accepted)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		int ret = run(jobs[i]);

		if (ret)
			return ctx_fail(ctx, ret, "job %u: %s", i, ascdev_strerror(ret));
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
	ctx->caps.codecs = (1u << (ASCDEV_CODEC_AUTO + 1)) - 1;
	ctx->caps.dtypes = (1u << (ASCDEV_DTYPE_BF16 + 1)) - 1;
	ctx->caps.payload_align = 8;
	ctx->caps.max_elements = FMC_MAX_ELEMENTS;
	ctx->caps.max_buffer_bytes = 1ull << 40;
}
