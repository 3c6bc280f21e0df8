// SPDX-License-Identifier: MIT
/*
 * Jobs: what both backends share.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/sync_file.h>

#include "internal.h"

static bool fits(uint64_t offset, uint64_t bytes, uint64_t size)
{
	return offset <= size && bytes <= size - offset;
}

/*
 * The checks that the driver makes as well.  They are made here for both
 * backends, so that a mistake has the same answer on each.
 */
int job_check(const struct ascdev_job *job, bool in_process, struct job_plan *plan)
{
	const struct ascdev_buf *payload_buf = job->op == JOB_COMPRESS ? job->dst : job->src;
	uint64_t payload_offset = job->op == JOB_COMPRESS ? job->dst_offset : job->src_offset;
	uint64_t elements, least;
	int ret;

	if (job->surface.pad)
		return -EINVAL;
	if (payload_offset % job->ctx->caps.payload_align || payload_offset > payload_buf->bytes ||
	    job->src_offset > job->src->bytes || job->dst_offset > job->dst->bytes)
		return -EINVAL;
	codec_surface(&plan->surface, &job->surface);
	ret = codec_params(&plan->params, &job->params);
	if (ret)
		return ret;
	if (job->op == JOB_COMPRESS)
		params_for_ctx(job->ctx, in_process, &plan->params, &plan->surface);
	memset(&plan->part, 0, sizeof(plan->part));
	memcpy(plan->part.dim, job->has_part ? job->part.dim : job->surface.dim,
	       sizeof(plan->part.dim));
	if (job->has_part)
		memcpy(plan->part.at, job->part.at, sizeof(plan->part.at));
	if (job->op == JOB_COMPRESS) {
		/* Only the device knows what its defaults need. */
		if (plan->params.codec == FMC_CODEC_DEFAULT)
			plan->dst_bytes = job->dst->bytes - job->dst_offset;
		else
			ret = fmc_bound(&plan->surface, &plan->params, &plan->dst_bytes);
		if (!ret)
			ret = fmc_surface_check(&plan->surface, &elements, &plan->src_bytes);
		if (!ret && !fits(job->src_offset, plan->src_bytes, job->src->bytes))
			ret = -EINVAL;
	} else {
		ret = fmc_decode_check(&plan->surface, &plan->params, &plan->part, &least,
				       &plan->dst_bytes);
		plan->src_bytes = job->src->bytes - job->src_offset;
		if (!ret && fmc_codec_has_fixed_rate(plan->params.codec))
			plan->src_bytes = least < plan->src_bytes ? least : plan->src_bytes;
		if (!ret && plan->src_bytes < least)
			ret = -EINVAL;
	}
	if (ret)
		return ret;
	if (!fits(job->dst_offset, plan->dst_bytes, job->dst->bytes))
		return -ENOSPC;
	if (job->src == job->dst && job->src_offset < job->dst_offset + plan->dst_bytes &&
	    job->dst_offset < job->src_offset + plan->src_bytes)
		return -EINVAL;
	return 0;
}

/* Why a description makes no sense, as far as a part of it is to blame by itself. */
static void explain_job(const struct ascdev_job *job, char *text, size_t size)
{
	bool compress = job->op == JOB_COMPRESS;
	uint64_t offset = compress ? job->dst_offset : job->src_offset, elements, bytes, bound;
	uint32_t align = job->ctx->caps.payload_align;
	struct fmc_surface surface;
	struct fmc_params params;

	codec_surface(&surface, &job->surface);
	if (job->surface.pad || fmc_surface_check(&surface, &elements, &bytes)) {
		snprintf(text, size, "the surface has an unknown type, or an extent of 0");
		return;
	}
	if (offset % align) {
		snprintf(text, size, "the offset of the payload is no multiple of %u", align);
		return;
	}
	if (compress && !codec_params(&params, &job->params)) {
		params_for_ctx(job->ctx, job->ctx->backend == &sw_backend, &params, &surface);
		if (params_bound(&surface, &params, &bound)) {
			params_explain(&surface, &params, text, size);
			return;
		}
	}
	if (compress && !fits(job->src_offset, bytes, job->src->bytes))
		snprintf(text, size, "the surface takes %llu bytes from %llu, its buffer has %llu",
			 (unsigned long long)bytes, (unsigned long long)job->src_offset,
			 (unsigned long long)job->src->bytes);
}

int ascdev_job_create(struct ascdev_ctx *ctx, struct ascdev_job **out)
{
	struct ascdev_job *job = calloc(1, sizeof(*job));
	int ret;

	if (!job)
		return ctx_fail(ctx, -ENOMEM, "out of memory");
	job->ctx = ctx;
	list_init(&job->node);
	ret = ctx->backend->job_init(job);
	if (ret) {
		free(job);
		return ctx_fail(ctx, ret, "a job: %s", ascdev_strerror(ret));
	}
	*out = job;
	return 0;
}

void job_drop_syncs(struct ascdev_job *job)
{
	const struct backend *backend = job->ctx->backend;

	while (job->fence_count)
		close(job->fences[--job->fence_count]);
	while (job->wait_count)
		backend->close_syncobj(job->ctx, job->waits[--job->wait_count].handle);
	while (job->signal_count)
		backend->close_syncobj(job->ctx, job->signals[--job->signal_count].handle);
}

/* With ctx->lock held. */
static void drop_buffers(struct ascdev_job *job)
{
	buf_put(job->src);
	buf_put(job->dst);
	buf_put(job->order);
}

void ascdev_job_destroy(struct ascdev_job *job)
{
	struct ascdev_ctx *ctx;
	bool in_flight;

	if (!job)
		return;
	ctx = job->ctx;
	pthread_mutex_lock(&ctx->lock);
	in_flight = job->state == JOB_IN_FLIGHT || job->state == JOB_DONE;
	pthread_mutex_unlock(&ctx->lock);
	if (in_flight)
		ascdev_wait(job, -1, NULL);
	pthread_mutex_lock(&ctx->lock);
	job_drop_syncs(job);
	drop_buffers(job);
	buf_put(job->record);
	pthread_mutex_unlock(&ctx->lock);
	free(job);
}

/*
 * Parameters outlive the call; what they point to need not.  @order receives a copy, or
 * NULL where there is none.
 */
static int copy_order(struct ascdev_ctx *ctx, const struct ascdev_params *params,
		      uint32_t channels, struct ascdev_buf **order)
{
	uint64_t bytes = channels * sizeof(*params->order);
	void *address;
	int ret;

	*order = NULL;
	if (params->reorder != ASCDEV_REORDER_GIVEN)
		return 0;
	if (!params->order || !channels || channels > FMC_REORDER_MAX_CHANNELS)
		return ctx_fail(ctx, -EINVAL, "an order is missing, or of too many channels");
	ret = ascdev_buf_alloc(ctx, bytes, order);
	if (ret)
		return ret;
	ret = ascdev_buf_map(*order, &address);
	if (ret) {
		ascdev_buf_unref(*order);
		return ret;
	}
	memcpy(address, params->order, bytes);
	return 0;
}

static bool is_in_flight(struct ascdev_job *job)
{
	bool in_flight;

	pthread_mutex_lock(&job->ctx->lock);
	in_flight = job->state == JOB_IN_FLIGHT || job->state == JOB_DONE;
	pthread_mutex_unlock(&job->ctx->lock);
	return in_flight;
}

static int refuse_in_flight(struct ascdev_job *job)
{
	return ctx_fail(job->ctx, -EBUSY, "the job is in flight");
}

static int set_up(struct ascdev_job *job, enum job_op op, const struct ascdev_params *params,
		  const struct ascdev_surface *surface, struct ascdev_buf *src,
		  uint64_t src_offset, struct ascdev_buf *dst, uint64_t dst_offset)
{
	struct ascdev_buf *order = NULL;
	struct ascdev_params p;
	int ret;

	if (is_in_flight(job))
		return refuse_in_flight(job);
	ret = params_from_user(&p, params);
	if (ret)
		return ctx_fail(job->ctx, ret, "parameters of another size");
	if (op == JOB_DECOMPRESS)
		params_for_decoder(&p);
	if (src->ctx != job->ctx || dst->ctx != job->ctx)
		return ctx_fail(job->ctx, -EINVAL, "a buffer of another context");
	if (op == JOB_COMPRESS)
		ret = copy_order(job->ctx, &p, surface->dim[FMC_DIM_C], &order);
	if (ret)
		return ret;
	/* nothing fails from here on: a description that is refused changes nothing */
	pthread_mutex_lock(&job->ctx->lock);
	buf_get(src);
	buf_get(dst);
	job_drop_syncs(job);
	drop_buffers(job);
	job->order = order;
	job->op = op;
	job->has_part = false;
	job->params = p;
	job->surface = *surface;
	job->src = src;
	job->src_offset = src_offset;
	job->dst = dst;
	job->dst_offset = dst_offset;
	job->state = JOB_READY;
	pthread_mutex_unlock(&job->ctx->lock);
	return 0;
}

int ascdev_job_compress(struct ascdev_job *job, const struct ascdev_params *params,
			const struct ascdev_surface *surface, struct ascdev_buf *src,
			uint64_t src_offset, struct ascdev_buf *dst, uint64_t dst_offset)
{
	return set_up(job, JOB_COMPRESS, params, surface, src, src_offset, dst, dst_offset);
}

int ascdev_job_decompress(struct ascdev_job *job, const struct ascdev_params *params,
			  const struct ascdev_surface *surface, struct ascdev_buf *src,
			  uint64_t src_offset, struct ascdev_buf *dst, uint64_t dst_offset)
{
	return set_up(job, JOB_DECOMPRESS, params, surface, src, src_offset, dst, dst_offset);
}

int ascdev_job_set_part(struct ascdev_job *job, const struct ascdev_part *part)
{
	if (is_in_flight(job))
		return refuse_in_flight(job);
	if (job->state != JOB_READY || job->op != JOB_DECOMPRESS)
		return ctx_fail(job->ctx, -EINVAL, "the job is not set up to decompress");
	job->has_part = true;
	job->part = *part;
	return 0;
}

int ascdev_job_set_cookie(struct ascdev_job *job, uint64_t cookie)
{
	if (is_in_flight(job))
		return refuse_in_flight(job);
	job->cookie = cookie;
	return 0;
}

/* Can a job have one more wait, or signal, of which it has @count? */
static int check_sync(struct ascdev_job *job, uint32_t count)
{
	if (is_in_flight(job))
		return refuse_in_flight(job);
	if (job->state != JOB_NEW && count < MAX_SYNCS)
		return 0;
	return ctx_fail(job->ctx, -EINVAL, "the job %s",
			job->state == JOB_NEW ? "is not set up" : "has enough waits or signals");
}

int ascdev_job_wait_fence(struct ascdev_job *job, int fd)
{
	struct sync_file_info info = { .num_fences = 0 };
	int ret = check_sync(job, job->fence_count + job->wait_count), copy;

	if (ret)
		return ret;
	if (ioctl(fd, SYNC_IOC_FILE_INFO, &info))
		return ctx_fail(job->ctx, -EINVAL, "file descriptor %d is no sync_file", fd);
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (copy < 0)
		return ctx_fail(job->ctx, -errno, "%s", strerror(errno));
	job->fences[job->fence_count++] = copy;
	return 0;
}

static int add_point(struct ascdev_job *job, struct sync_point *points, uint32_t *count, int fd,
		     uint64_t point)
{
	struct sync_point p = { .point = point };
	int ret = job->ctx->backend->open_syncobj(job->ctx, fd, &p.handle);

	if (ret)
		return ctx_fail(job->ctx, ret, ret == -EOPNOTSUPP ?
				"timelines are the device's; in process there are none" :
				"file descriptor %d is no syncobj", fd);
	points[(*count)++] = p;
	return 0;
}

int ascdev_job_wait_point(struct ascdev_job *job, int fd, uint64_t point)
{
	int ret = check_sync(job, job->fence_count + job->wait_count);

	return ret ? ret : add_point(job, job->waits, &job->wait_count, fd, point);
}

int ascdev_job_signal_point(struct ascdev_job *job, int fd, uint64_t point)
{
	int ret = check_sync(job, job->signal_count);

	return ret ? ret : add_point(job, job->signals, &job->signal_count, fd, point);
}

int ascdev_job_get_fence(struct ascdev_job *job)
{
	enum job_state state;

	pthread_mutex_lock(&job->ctx->lock);
	state = job->state;
	pthread_mutex_unlock(&job->ctx->lock);
	if (state == JOB_NEW || state == JOB_READY)
		return ctx_fail(job->ctx, -EINVAL, "the job was never submitted");
	return job->ctx->backend->get_fence(job);
}

/*
 * Jobs from the first on that can be submitted are in flight from here on.  Returns how
 * many; @error receives why the next one cannot.
 */
static uint32_t take_ready(struct ascdev_ctx *ctx, struct ascdev_job *const *jobs,
			   uint32_t count, int *error)
{
	uint32_t n;

	pthread_mutex_lock(&ctx->lock);
	for (n = 0; n < count; n++) {
		enum job_state state = jobs[n]->ctx == ctx ? jobs[n]->state : JOB_NEW;

		if (state == JOB_NEW)
			*error = -EINVAL;
		if (state == JOB_IN_FLIGHT || state == JOB_DONE)
			*error = -EBUSY;
		if (*error)
			break;
		jobs[n]->state = JOB_IN_FLIGHT;
	}
	pthread_mutex_unlock(&ctx->lock);
	return n;
}

int ascdev_submit(struct ascdev_ctx *ctx, struct ascdev_job *const *jobs, uint32_t count,
		  uint32_t *accepted)
{
	uint32_t done = 0, ready, i;
	int refused = 0, ret = 0;
	char words[128] = "";

	ready = take_ready(ctx, jobs, count, &refused);
	/* what stands before a job that cannot be taken is taken all the same */
	if (ready)
		ret = ctx->backend->submit(ctx, jobs, ready, &done);
	if (ret == -EINVAL)
		explain_job(jobs[done], words, sizeof(words));
	pthread_mutex_lock(&ctx->lock);
	for (i = done; i < ready; i++)
		jobs[i]->state = JOB_READY;
	if (ret == -EBUSY)
		ctx->stats.queue_full++;
	pthread_mutex_unlock(&ctx->lock);
	if (accepted)
		*accepted = done;
	if (ret)
		return ctx_fail(ctx, ret, "job %u: %s", done, ret == -EBUSY ? "the queue is full" :
				*words ? words : ascdev_strerror(ret));
	if (refused)
		return ctx_fail(ctx, refused,
				"job %u is in flight, not set up, or of another context", ready);
	return 0;
}
