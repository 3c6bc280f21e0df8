// SPDX-License-Identifier: MIT
/*
 * Compression of ordinary memory: copied through buffers for a device, used as
 * it is in process.
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

/* Caller's memory as a buffer of the software backend; it is not freed with it. */
static struct ascdev_buf borrow(struct ascdev_ctx *ctx, const void *memory, uint64_t bytes)
{
	return (struct ascdev_buf){ .ctx = ctx, .bytes = bytes, .address = (void *)memory };
}

static int run_in_place(struct ascdev_ctx *ctx, enum job_op op,
			const struct ascdev_params *params, const struct ascdev_surface *surface,
			const struct ascdev_part *part, const void *src, uint64_t src_bytes, void *dst, uint64_t dst_bytes,
			struct ascdev_result *result)
{
	struct ascdev_buf src_buf = borrow(ctx, src, src_bytes);
	struct ascdev_buf dst_buf = borrow(ctx, dst, dst_bytes);

	return run(ctx, op, params, surface, part, &src_buf, &dst_buf, result);
}

static int get_buffer(struct ascdev_ctx *ctx, uint64_t bytes, struct ascdev_buf **buf,
		      void **address)
{
	int ret = ascdev_buf_alloc(ctx, bytes, buf);

	return ret ? ret : ascdev_buf_map(*buf, address);
}

/*
 * Sizes of both sides; all that can be wrong with a description shows here.  Only the
 * device knows what its defaults need, which is at most @payload.
 */
static int measure(struct ascdev_ctx *ctx, const struct ascdev_params *user_params,
		   const struct ascdev_surface *surface, uint64_t *bytes, uint64_t *payload,
		   bool *exact)
{
	struct ascdev_params params;
	struct fmc_surface layout;
	struct fmc_params codec;
	int ret = params_from_user(&params, user_params);

	if (!ret)
		ret = codec_params(&codec, &params);
	if (!ret)
		ret = ascdev_surface_bytes(surface, bytes);
	if (!ret) {
		codec_surface(&layout, surface);
		if (ctx->backend == &sw_backend)
			params_for_software(&codec);
		ret = params_bound(&layout, &codec, payload);
		*exact = codec.codec != FMC_CODEC_DEFAULT;
	}
	return ret ? ctx_fail(ctx, ret, "surface or parameters: %s", ascdev_strerror(ret)) : 0;
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

int ascdev_compress(struct ascdev_ctx *ctx, const struct ascdev_params *params,
		    const struct ascdev_surface *surface, const void *src, void *dst,
		    uint64_t dst_bytes, struct ascdev_result *result)
{
	struct ascdev_result r = ASCDEV_RESULT_INIT;
	struct ascdev_buf *src_buf = NULL, *dst_buf = NULL;
	struct ascdev_surface dense;
	uint64_t bytes, payload;
	void *from, *to;
	bool exact = false;
	int ret = measure(ctx, params, surface, &bytes, &payload, &exact);

	if (ret)
		return ret;
	if (exact && dst_bytes < payload)
		return too_small(ctx, payload, dst_bytes);
	if (overlap(src, bytes, dst, dst_bytes < payload ? dst_bytes : payload))
		return ctx_fail(ctx, -EINVAL, "source and destination overlap");
	if (ctx->backend == &sw_backend) {
		ret = run_in_place(ctx, JOB_COMPRESS, params, surface, NULL, src, bytes, dst,
				   dst_bytes, &r);
		goto out;
	}

	make_dense(&dense, surface);
	ascdev_surface_bytes(&dense, &bytes);
	ret = get_buffer(ctx, bytes, &src_buf, &from);
	if (!ret)
		ret = get_buffer(ctx, payload, &dst_buf, &to);
	if (!ret) {
		copy_values(from, &dense, src, surface);
		ret = run(ctx, JOB_COMPRESS, params, &dense, NULL, src_buf, dst_buf, &r);
	}
	if (!ret && r.bytes > dst_bytes)
		ret = too_small(ctx, r.bytes, dst_bytes);
	if (!ret)
		memcpy(dst, to, r.bytes);
	ascdev_buf_free(src_buf);
	ascdev_buf_free(dst_buf);
out:
	if (!ret && result)
		ret = struct_to_user(result, &r, sizeof(r));
	return ret;
}

/* What a part takes in memory, and how much of the payload there must be. */
static int measure_part(struct ascdev_ctx *ctx, const struct ascdev_params *params,
			const struct ascdev_surface *surface, const struct ascdev_part *part,
			uint64_t *bytes, uint64_t *least)
{
	struct fmc_params codec;
	struct fmc_surface layout;
	struct fmc_part p;
	int ret = surface->pad ? -EINVAL : codec_params(&codec, params);

	codec_surface(&layout, surface);
	if (!ret && part) {
		memcpy(p.at, part->at, sizeof(p.at));
		memcpy(p.dim, part->dim, sizeof(p.dim));
	}
	if (!ret)
		ret = fmc_decode_check(&layout, &codec, part ? &p : NULL, least, bytes);
	return ret ? ctx_fail(ctx, ret, "surface, part or parameters: %s", ascdev_strerror(ret)) : 0;
}

int ascdev_decompress_part(struct ascdev_ctx *ctx, const struct ascdev_params *user_params,
			   const struct ascdev_surface *surface, const struct ascdev_part *part,
			   const void *src, uint64_t src_bytes, void *dst,
			   struct ascdev_result *result)
{
	struct ascdev_result r = ASCDEV_RESULT_INIT;
	struct ascdev_buf *src_buf = NULL, *dst_buf = NULL;
	struct ascdev_surface cut = *surface, dense;
	struct ascdev_params params;
	uint64_t bytes, payload;
	void *from, *to;
	int ret = params_from_user(&params, user_params);

	if (ret)
		return ctx_fail(ctx, ret, "parameters of another size");
	params_for_decoder(&params);
	ret = measure_part(ctx, &params, surface, part, &bytes, &payload);
	if (ret)
		return ret;
	if (src_bytes < payload)
		return ctx_fail(ctx, -EINVAL, "the payload takes %llu bytes, not %llu",
				(unsigned long long)payload, (unsigned long long)src_bytes);
	if (!fmc_codec_has_fixed_rate(params.codec))
		payload = src_bytes;
	if (overlap(src, payload, dst, bytes))
		return ctx_fail(ctx, -EINVAL, "source and destination overlap");
	if (ctx->backend == &sw_backend) {
		ret = run_in_place(ctx, JOB_DECOMPRESS, &params, surface, part, src, payload, dst,
				   bytes, &r);
		goto out;
	}

	if (part)
		memcpy(cut.dim, part->dim, sizeof(cut.dim));
	make_dense(&dense, &cut);
	ascdev_surface_bytes(&dense, &bytes);
	ret = get_buffer(ctx, payload, &src_buf, &from);
	if (!ret)
		ret = get_buffer(ctx, bytes, &dst_buf, &to);
	if (!ret) {
		struct ascdev_surface whole = dense;

		memcpy(from, src, payload);
		memcpy(whole.dim, surface->dim, sizeof(whole.dim));
		ret = run(ctx, JOB_DECOMPRESS, &params, &whole, part, src_buf, dst_buf, &r);
		if (!ret || ret == -EBADMSG)
			copy_values(dst, &cut, to, &dense);
	}
	ascdev_buf_free(src_buf);
	ascdev_buf_free(dst_buf);
out:
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
