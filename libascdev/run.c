// SPDX-License-Identifier: MIT
/*
 * Running a job in process.  Large ones are shared with the threads of a pool: the codec
 * cuts its work into units that do not depend on one another.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/dma-buf.h>

#include "pool.h"

/* Values that a part has at least: less is not worth waking a thread. */
#define PART_VALUES	16384

/* As threads are not equally fast. */
#define PARTS_PER_THREAD	4

/* As many come to exist as threads of the program run jobs at a time. */
struct workspace *take_workspace(struct ascdev_ctx *ctx)
{
	struct workspace *w;

	pthread_mutex_lock(&ctx->lock);
	w = ctx->workspaces;
	if (w)
		ctx->workspaces = w->next;
	pthread_mutex_unlock(&ctx->lock);
	if (!w) {
		w = malloc(sizeof(*w));
		if (w) {
			w->codec.kernels = ctx->kernels;
			w->codec.long_steps = true;
		}
	}
	return w;
}

void give_workspace(struct ascdev_ctx *ctx, struct workspace *w)
{
	pthread_mutex_lock(&ctx->lock);
	w->next = ctx->workspaces;
	ctx->workspaces = w;
	pthread_mutex_unlock(&ctx->lock);
}

/* Into how many parts is work of so many units and values cut?  1 for not at all. */
static uint32_t count_parts(const struct ascdev_ctx *ctx, uint32_t units, uint32_t elements)
{
	uint32_t threads = pool_threads(ctx), parts = threads * PARTS_PER_THREAD;

	if (threads == 1 || elements / PART_VALUES < 2)
		return 1;
	if (parts > elements / PART_VALUES)
		parts = elements / PART_VALUES;
	return parts > units ? units : parts;
}

static uint32_t first_unit(uint32_t units, uint32_t parts, uint32_t i)
{
	return (uint64_t)units * i / parts;
}

struct shared_encoder {
	const struct fmc_encoder *whole;
	struct fmc_encoder *parts;
	uint32_t units, count;
	const void *src;
	void *payload;
};

static void encode_part(void *argument, uint32_t i, struct fmc_workspace *workspace)
{
	const struct shared_encoder *s = argument;
	uint32_t first = first_unit(s->units, s->count, i);

	fmc_encode_fork(s->whole, first, first_unit(s->units, s->count, i + 1) - first, workspace,
			&s->parts[i]);
	while (fmc_encode_step(&s->parts[i], s->src, s->payload))
		;
}

/* Returns whether there is more to do, or -1 if it was not shared. */
static int encode_shared(struct ascdev_ctx *ctx, struct fmc_encoder *enc, const void *src,
			 void *payload)
{
	struct shared_encoder s = { .whole = enc, .src = src, .payload = payload };
	int more;

	s.units = fmc_encode_units(enc);
	s.count = count_parts(ctx, s.units, enc->elements);
	if (s.count <= 1)
		return -1;
	s.parts = malloc(s.count * sizeof(*s.parts));
	if (!s.parts)
		return -1;
	pool_share(ctx, s.count, encode_part, &s, enc->workspace);
	more = fmc_encode_join(enc, s.parts, s.count, payload);
	free(s.parts);
	return more;
}

static int compress(struct ascdev_job *job, const void *src, void *dst,
		    struct fmc_workspace *workspace)
{
	struct ascdev_result *result = &job->result;
	struct job_plan *plan = &job->plan;
	struct fmc_encoder enc;
	int ret, more = 1;

	if (job->order)
		memcpy(workspace->order, job->order->address, job->order->bytes);
	ret = fmc_encode_init(&enc, &plan->surface, &plan->params, workspace);
	if (ret)
		return ret;
	while (more) {
		more = pool_threads(job->ctx) > 1 ? encode_shared(job->ctx, &enc, src, dst) : -1;
		if (more < 0)
			more = fmc_encode_step(&enc, src, dst);
	}
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

struct shared_decoder {
	const struct fmc_decoder *whole;
	struct fmc_decoder *parts;
	uint32_t units, count;
	const void *payload;
	void *dst;
};

static void decode_part(void *argument, uint32_t i, struct fmc_workspace *workspace)
{
	const struct shared_decoder *s = argument;
	uint32_t first = first_unit(s->units, s->count, i);

	fmc_decode_fork(s->whole, first, first_unit(s->units, s->count, i + 1) - first, workspace,
			&s->parts[i]);
	while (fmc_decode_step(&s->parts[i], s->payload, s->dst))
		;
}

/* Returns whether it was shared. */
static bool decode_shared(struct ascdev_ctx *ctx, struct fmc_decoder *dec, const void *payload,
			  void *dst)
{
	struct shared_decoder s = { .whole = dec, .payload = payload, .dst = dst };

	s.units = fmc_decode_units(dec);
	s.count = count_parts(ctx, s.units, dec->elements);
	if (s.count <= 1)
		return false;
	s.parts = malloc(s.count * sizeof(*s.parts));
	if (!s.parts)
		return false;
	pool_share(ctx, s.count, decode_part, &s, dec->workspace);
	fmc_decode_join(dec, s.parts, s.count);
	free(s.parts);
	return true;
}

static int decompress(struct ascdev_job *job, const void *src, void *dst,
		      struct fmc_workspace *workspace)
{
	const struct job_plan *plan = &job->plan;
	struct fmc_decoder dec;
	int ret = fmc_decode_init(&dec, &plan->surface, &plan->params, &plan->part,
				  plan->src_bytes, workspace);

	if (ret)
		return ret;
	if (!decode_shared(job->ctx, &dec, src, dst)) {
		while (fmc_decode_step(&dec, src, dst))
			;
	}
	job->result.elements = dec.elements;
	job->result.bytes = (uint64_t)dec.elements * fmc_dtype_bits(plan->surface.dtype) / 8;
	job->result.bytes_read = dec.bytes_read;
	return dec.error;
}

void job_run(struct ascdev_job *job, struct fmc_workspace *workspace)
{
	const uint8_t *src = (const uint8_t *)job->src->address + job->src_offset;
	uint8_t *dst = (uint8_t *)job->dst->address + job->dst_offset;
	const struct fmc_params *params = &job->plan.params;
	struct ascdev_result *result = &job->result;
	int64_t start;

	*result = (struct ascdev_result)ASCDEV_RESULT_INIT;
	dmabuf_sync(job->src, DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ);
	dmabuf_sync(job->dst, DMA_BUF_SYNC_START | DMA_BUF_SYNC_WRITE);
	start = now_ns();
	if (job->op == JOB_COMPRESS)
		job->error = compress(job, src, dst, workspace);
	else
		job->error = decompress(job, src, dst, workspace);
	result->exec_ns = now_ns() - start;
	dmabuf_sync(job->dst, DMA_BUF_SYNC_END | DMA_BUF_SYNC_WRITE);
	dmabuf_sync(job->src, DMA_BUF_SYNC_END | DMA_BUF_SYNC_READ);
	result->backend = ASCDEV_BACKEND_SW;
	result->fallback_reason = job->ctx->fallback_reason;
	result->codec = params->codec;
	result->endpoints = params->endpoints;
	result->profile = params->profile;
	result->exponent = params->exponent;
	result->reorder = params->reorder;
	result->block.w = params->block.w;
	result->block.h = params->block.h;
	result->block.c = params->block.c;
}

int job_run_once(struct ascdev_job *job, const struct job_plan *checked, int reason)
{
	struct ascdev_ctx *ctx = job->ctx;
	struct workspace *workspace;
	int ret = 0;

	if (checked)
		job->plan = *checked;
	else
		ret = job_check(job, true, &job->plan);
	if (ret)
		return ret;
	workspace = take_workspace(ctx);
	if (!workspace)
		return -ENOMEM;
	job->is_private = true;
	list_init(&job->node);
	pthread_mutex_lock(&ctx->lock);
	job_begin(job);
	pthread_mutex_unlock(&ctx->lock);
	job_run(job, &workspace->codec);
	if (reason)
		job->result.fallback_reason = reason;
	pthread_mutex_lock(&ctx->lock);
	job_done(job);
	pthread_mutex_unlock(&ctx->lock);
	give_workspace(ctx, workspace);
	return job->error;
}
