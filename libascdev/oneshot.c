// SPDX-License-Identifier: MIT
/*
 * Compression of ordinary memory: copied through buffers for a device, used as
 * it is in process.  With AUTO, what a device fails to do is repeated in process.
 */

#include <errno.h>
#include <string.h>

#include "internal.h"

/* The surface as a job sees it in a buffer of its own: dense. */
static void make_dense(struct ascdev_surface *dense, const struct ascdev_surface *surface)
{
	ascdev_surface_nchw(dense, surface->dtype, surface->dim[0], surface->dim[1],
			    surface->dim[2], surface->dim[3]);
}

/* Copy every value from one layout to another; what lies between is left alone. */
static void copy_values(void *to, const struct ascdev_surface *to_layout, const void *from,
			const struct ascdev_surface *from_layout)
{
	uint32_t bytes = ascdev_dtype_bytes(to_layout->dtype);
	const uint64_t *ts = to_layout->stride, *fs = from_layout->stride;
	uint32_t n, c, h, w;

	for (n = 0; n < to_layout->dim[0]; n++) {
		for (c = 0; c < to_layout->dim[1]; c++) {
			for (h = 0; h < to_layout->dim[2]; h++) {
				uint8_t *t = (uint8_t *)to + n * ts[0] + c * ts[1] + h * ts[2];
				const uint8_t *f =
					(const uint8_t *)from + n * fs[0] + c * fs[1] + h * fs[2];

				if (ts[3] == bytes && fs[3] == bytes) {
					memcpy(t, f, (size_t)bytes * to_layout->dim[3]);
					continue;
				}
				for (w = 0; w < to_layout->dim[3]; w++)
					memcpy(t + w * ts[3], f + w * fs[3], bytes);
			}
		}
	}
}

/* Run one job from one buffer to another and wait for it. */
static int run(struct ascdev_ctx *ctx, enum job_op op, const struct ascdev_params *params,
	       const struct ascdev_surface *surface, const struct ascdev_part *part,
	       struct ascdev_buf *src, struct ascdev_buf *dst, struct ascdev_result *result)
{
	struct ascdev_job *job;
	int ret = ascdev_job_create(ctx, &job);

	if (ret)
		return ret;
	job->is_private = true;
	if (op == JOB_COMPRESS)
		ret = ascdev_job_compress(job, params, surface, src, 0, dst, 0);
	else
		ret = ascdev_job_decompress(job, params, surface, src, 0, dst, 0);
	if (!ret && part)
		ret = ascdev_job_set_part(job, part);
	if (!ret)
		ret = ascdev_submit(ctx, &job, 1, NULL);
	if (!ret)
		ret = ascdev_wait(job, -1, result);
	ascdev_job_destroy(job);
	return ret;
}

/* What is to be done, in the caller's memory; checked once, if it is done in process. */
struct oneshot {
	enum job_op op;
	struct ascdev_params params;
	struct job_plan plan;
	const struct ascdev_surface *surface;
	const struct ascdev_part *part;
	const void *src;
	uint64_t src_bytes;
	void *dst;
	uint64_t dst_bytes;
};

/* Caller's memory as a buffer; it is not freed with it. */
static struct ascdev_buf borrow(struct ascdev_ctx *ctx, const void *memory, uint64_t bytes)
{
	return (struct ascdev_buf){
		.ctx = ctx,
		.kind = BUF_USER,
		.bytes = bytes,
		.address = (void *)memory,
		.refs = 1,
		.dmabuf = -1,
	};
}

static int run_in_place(struct ascdev_ctx *ctx, const struct oneshot *o, int reason,
			struct ascdev_result *result)
{
	struct ascdev_buf src = borrow(ctx, o->src, o->src_bytes);
	struct ascdev_buf dst = borrow(ctx, o->dst, o->dst_bytes);
	uint64_t channels = o->surface->dim[FMC_DIM_C];
	struct ascdev_buf order = borrow(ctx, o->params.order, channels * sizeof(uint16_t));
	struct ascdev_job job = {
		.ctx = ctx,
		.op = o->op,
		.params = o->params,
		.surface = *o->surface,
		.src = &src,
		.dst = &dst,
		.has_part = o->part,
	};
	int ret;

	if (o->part)
		job.part = *o->part;
	if (o->op == JOB_COMPRESS && o->params.reorder == ASCDEV_REORDER_GIVEN) {
		if (!o->params.order || channels > FMC_REORDER_MAX_CHANNELS)
			return ctx_fail(ctx, -EINVAL,
					"an order is missing, or of too many channels");
		job.order = &order;
	}
	ret = job_run_once(&job, ctx->backend == &sw_backend ? &o->plan : NULL, reason);
	*result = job.result;
	return ret ? ctx_fail(ctx, ret, "the job failed: %s", ascdev_strerror(ret)) : 0;
}

/*
 * Is it the device that is to blame, and may the job be done without it?  ECANCELED is that of
 * a device that went away: nobody has the job, to cancel it.
 */
static bool may_fall_back(const struct ascdev_ctx *ctx, int error)
{
	static const int errors[] = {
		-ENODEV, -ECANCELED, -EBUSY, -EIO, -ETIMEDOUT, -ENOMEM, -E2BIG, -EDQUOT,
	};
	size_t i;

	for (i = 0; ctx->is_auto && i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (error == errors[i])
			return true;
	}
	return false;
}

static int fall_back(struct ascdev_ctx *ctx, const struct oneshot *o, int reason,
		     struct ascdev_result *result)
{
	ctx_log(ctx, ASCDEV_LOG_WARNING, "%s: %s; a job runs in process", ctx->caps.node,
		ascdev_strerror(reason));
	return run_in_place(ctx, o, reason, result);
}

static int get_buffer(struct ascdev_ctx *ctx, uint64_t bytes, struct ascdev_buf **buf,
		      void **address)
{
	int ret = ascdev_buf_alloc(ctx, bytes, buf);

	return ret ? ret : ascdev_buf_map(*buf, address);
}

static int refuse_params(struct ascdev_ctx *ctx, const struct job_plan *plan, int error)
{
	char words[128];

	params_explain(&plan->surface, &plan->params, words, sizeof(words));
	return ctx_fail(ctx, error, "parameters: %s", words);
}

/*
 * Sizes of both sides; all that can be wrong with a description shows here.  Only the
 * device knows what its defaults need, which is at most @plan->dst_bytes.
 */
static int measure(struct ascdev_ctx *ctx, const struct ascdev_params *params,
		   const struct ascdev_surface *surface, struct job_plan *plan)
{
	int ret = codec_params(&plan->params, params);

	if (ret)
		return ctx_fail(ctx, ret, "parameters: %s", ascdev_strerror(ret));
	ret = ascdev_surface_bytes(surface, &plan->src_bytes);
	if (ret)
		return ctx_fail(ctx, ret, "surface: %s", ascdev_strerror(ret));
	codec_surface(&plan->surface, surface);
	memcpy(plan->part.dim, surface->dim, sizeof(plan->part.dim));
	params_for_ctx(ctx, ctx->backend == &sw_backend, &plan->params, &plan->surface);
	ret = params_bound(&plan->surface, &plan->params, &plan->dst_bytes);
	return ret ? refuse_params(ctx, plan, ret) : 0;
}

static int too_small(struct ascdev_ctx *ctx, uint64_t payload, uint64_t dst_bytes)
{
	return ctx_fail(ctx, -ENOSPC, "the payload may take %llu bytes, not %llu",
			(unsigned long long)payload, (unsigned long long)dst_bytes);
}

static bool overlap(const void *a, uint64_t a_bytes, const void *b, uint64_t b_bytes)
{
	uintptr_t x = (uintptr_t)a, y = (uintptr_t)b;

	return x < y ? y - x < a_bytes : x - y < b_bytes;
}

/* On a device: the values go through buffers, where they are dense. */
static int compress_on_device(struct ascdev_ctx *ctx, const struct oneshot *o, uint64_t payload,
			      struct ascdev_result *result)
{
	struct ascdev_buf *src = NULL, *dst = NULL;
	struct ascdev_surface dense;
	uint64_t bytes;
	void *from, *to;
	int ret;

	make_dense(&dense, o->surface);
	ascdev_surface_bytes(&dense, &bytes);
	ret = get_buffer(ctx, bytes, &src, &from);
	if (!ret)
		ret = get_buffer(ctx, payload, &dst, &to);
	if (!ret) {
		copy_values(from, &dense, o->src, o->surface);
		ret = run(ctx, JOB_COMPRESS, &o->params, &dense, NULL, src, dst, result);
	}
	if (!ret && result->bytes > o->dst_bytes)
		ret = too_small(ctx, result->bytes, o->dst_bytes);
	if (!ret)
		memcpy(o->dst, to, result->bytes);
	ascdev_buf_unref(src);
	ascdev_buf_unref(dst);
	return ret;
}

int ascdev_compress(struct ascdev_ctx *ctx, const struct ascdev_params *params,
		    const struct ascdev_surface *surface, const void *src, void *dst,
		    uint64_t dst_bytes, struct ascdev_result *result)
{
	struct ascdev_result r = ASCDEV_RESULT_INIT;
	struct oneshot o = {
		.op = JOB_COMPRESS, .surface = surface, .src = src, .dst = dst,
		.dst_bytes = dst_bytes,
	};
	uint64_t payload;
	int ret = params_from_user(&o.params, params);

	if (ret)
		return ctx_fail(ctx, ret, "parameters: %s", ascdev_strerror(ret));
	ret = measure(ctx, &o.params, surface, &o.plan);
	if (ret)
		return ret;
	o.src_bytes = o.plan.src_bytes;
	payload = o.plan.dst_bytes;
	if (o.plan.params.codec != FMC_CODEC_DEFAULT && dst_bytes < payload)
		return too_small(ctx, payload, dst_bytes);
	if (overlap(src, o.src_bytes, dst, dst_bytes < payload ? dst_bytes : payload))
		return ctx_fail(ctx, -EINVAL, "source and destination overlap");
	if (ctx->backend == &sw_backend) {
		ret = run_in_place(ctx, &o, 0, &r);
	} else {
		ret = compress_on_device(ctx, &o, payload, &r);
		if (may_fall_back(ctx, ret))
			ret = fall_back(ctx, &o, ret, &r);
	}
	if (!ret && result)
		ret = struct_to_user(result, &r, sizeof(r));
	return ret;
}

/* What a part takes in memory, and how much of the payload there must be. */
static int measure_part(struct ascdev_ctx *ctx, const struct oneshot *o, struct job_plan *plan)
{
	int ret = o->surface->pad ? -EINVAL : codec_params(&plan->params, &o->params);

	codec_surface(&plan->surface, o->surface);
	memcpy(plan->part.dim, o->part ? o->part->dim : o->surface->dim, sizeof(plan->part.dim));
	if (o->part)
		memcpy(plan->part.at, o->part->at, sizeof(plan->part.at));
	if (!ret)
		ret = fmc_decode_check(&plan->surface, &plan->params, &plan->part,
				       &plan->src_bytes, &plan->dst_bytes);
	return ret ? ctx_fail(ctx, ret, "surface, part or parameters: %s",
			      ascdev_strerror(ret)) : 0;
}

/* As compress_on_device(). */
static int decompress_on_device(struct ascdev_ctx *ctx, const struct oneshot *o,
				struct ascdev_result *result)
{
	struct ascdev_surface cut = *o->surface, dense, whole;
	struct ascdev_buf *src = NULL, *dst = NULL;
	uint64_t bytes;
	void *from, *to;
	int ret;

	if (o->part)
		memcpy(cut.dim, o->part->dim, sizeof(cut.dim));
	make_dense(&dense, &cut);
	ascdev_surface_bytes(&dense, &bytes);
	ret = get_buffer(ctx, o->src_bytes, &src, &from);
	if (!ret)
		ret = get_buffer(ctx, bytes, &dst, &to);
	if (!ret) {
		memcpy(from, o->src, o->src_bytes);
		whole = dense;
		memcpy(whole.dim, o->surface->dim, sizeof(whole.dim));
		ret = run(ctx, JOB_DECOMPRESS, &o->params, &whole, o->part, src, dst, result);
		if (!ret || ret == -EBADMSG)
			copy_values(o->dst, &cut, to, &dense);
	}
	ascdev_buf_unref(src);
	ascdev_buf_unref(dst);
	return ret;
}

int ascdev_decompress_part(struct ascdev_ctx *ctx, const struct ascdev_params *params,
			   const struct ascdev_surface *surface, const struct ascdev_part *part,
			   const void *src, uint64_t src_bytes, void *dst,
			   struct ascdev_result *result)
{
	struct ascdev_result r = ASCDEV_RESULT_INIT;
	struct oneshot o = {
		.op = JOB_DECOMPRESS, .surface = surface, .part = part, .src = src, .dst = dst,
	};
	int ret = params_from_user(&o.params, params);

	if (ret)
		return ctx_fail(ctx, ret, "parameters of another size");
	params_for_decoder(&o.params);
	ret = measure_part(ctx, &o, &o.plan);
	if (ret)
		return ret;
	if (src_bytes < o.plan.src_bytes)
		return ctx_fail(ctx, -EINVAL, "the payload takes %llu bytes, not %llu",
				(unsigned long long)o.plan.src_bytes,
				(unsigned long long)src_bytes);
	if (!fmc_codec_has_fixed_rate(o.params.codec))
		o.plan.src_bytes = src_bytes;
	o.src_bytes = o.plan.src_bytes;
	o.dst_bytes = o.plan.dst_bytes;
	if (overlap(src, o.src_bytes, dst, o.dst_bytes))
		return ctx_fail(ctx, -EINVAL, "source and destination overlap");
	if (ctx->backend == &sw_backend) {
		ret = run_in_place(ctx, &o, 0, &r);
	} else {
		ret = decompress_on_device(ctx, &o, &r);
		if (may_fall_back(ctx, ret))
			ret = fall_back(ctx, &o, ret, &r);
	}
	if (!ret && result)
		ret = struct_to_user(result, &r, sizeof(r));
	return ret;
}

int ascdev_decompress(struct ascdev_ctx *ctx, const struct ascdev_params *params,
		      const struct ascdev_surface *surface, const void *src, uint64_t src_bytes,
		      void *dst, struct ascdev_result *result)
{
	return ascdev_decompress_part(ctx, params, surface, NULL, src, src_bytes, dst, result);
}
