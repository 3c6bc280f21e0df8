// SPDX-License-Identifier: MIT
/*
 * Jobs: what both backends share.
 */

#include <errno.h>
#include <fcntl.h>
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
int job_check(const struct ascdev_job *job, struct job_plan *plan)
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
	if (job->op == JOB_COMPRESS && job->ctx->backend == &sw_backend)
		params_for_software(&plan->params);
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

int ascdev_job_create(struct ascdev_ctx *ctx, struct ascdev_job **out)
{
	struct ascdev_job *job = calloc(1, sizeof(*job));
	int ret;

	if (!job)
		return ctx_fail(ctx, -ENOMEM, "out of memory");
	job->ctx = ctx;
	ret = ctx->backend->job_init(job);
	if (ret) {
		free(job);
		return ctx_fail(ctx, ret, "a job: %s", ascdev_strerror(ret));
	}
	*out = job;
	return 0;
}

static void drop_waits(struct ascdev_job *job)
{
	while (job->wait_count)
		close(job->wait_fences[--job->wait_count]);
}

void ascdev_job_destroy(struct ascdev_job *job)
{
	if (!job)
		return;
	if (job->state == JOB_IN_FLIGHT)
		ascdev_wait(job, -1, NULL);
	drop_waits(job);
	ascdev_buf_free(job->order);
	ascdev_buf_free(job->record);
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
		ascdev_buf_free(*order);
		return ret;
	}
	memcpy(address, params->order, bytes);
	return 0;
}

static int set_up(struct ascdev_job *job, enum job_op op, const struct ascdev_params *params,
		  const struct ascdev_surface *surface, struct ascdev_buf *src,
		  uint64_t src_offset, struct ascdev_buf *dst, uint64_t dst_offset)
{
	struct ascdev_buf *order = NULL;
	struct ascdev_params p;
	int ret;

	if (job->state == JOB_IN_FLIGHT)
		return ctx_fail(job->ctx, -EBUSY, "the job is in flight");
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
	drop_waits(job);
	ascdev_buf_free(job->order);
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
	if (job->state == JOB_IN_FLIGHT)
		return ctx_fail(job->ctx, -EBUSY, "the job is in flight");
	if (job->state != JOB_READY || job->op != JOB_DECOMPRESS)
		return ctx_fail(job->ctx, -EINVAL, "the job is not set up to decompress");
	job->has_part = true;
	job->part = *part;
	return 0;
}

int ascdev_job_wait_fence(struct ascdev_job *job, int fd)
{
	struct sync_file_info info = { .num_fences = 0 };
	int copy;

	if (job->state == JOB_IN_FLIGHT)
		return ctx_fail(job->ctx, -EBUSY, "the job is in flight");
	if (job->state == JOB_NEW || job->wait_count == MAX_WAIT_FENCES)
		return ctx_fail(job->ctx, -EINVAL, "the job %s",
				job->state == JOB_NEW ? "is not set up" : "has enough fences");
	if (ioctl(fd, SYNC_IOC_FILE_INFO, &info))
		return ctx_fail(job->ctx, -EINVAL, "file descriptor %d is no sync_file", fd);
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (copy < 0)
		return ctx_fail(job->ctx, -errno, "%s", strerror(errno));
	job->wait_fences[job->wait_count++] = copy;
	return 0;
}

int ascdev_job_get_fence(struct ascdev_job *job)
{
	if (job->state != JOB_IN_FLIGHT && job->state != JOB_ENDED)
		return ctx_fail(job->ctx, -EINVAL, "the job was never submitted");
	return job->ctx->backend->get_fence(job);
}

int ascdev_submit(struct ascdev_ctx *ctx, struct ascdev_job *const *jobs, uint32_t count,
		  uint32_t *accepted)
{
	uint32_t done = 0, i;
	int ret = 0;

	for (i = 0; i < count; i++) {
		bool busy = jobs[i]->state == JOB_IN_FLIGHT || jobs[i]->listed;

		if (busy || jobs[i]->ctx != ctx || jobs[i]->state == JOB_NEW) {
			ret = ctx_fail(ctx, busy ? -EBUSY : -EINVAL,
				       "job %u is in flight, not set up, or of another context", i);
			break;
		}
		jobs[i]->listed = true;
	}
	count = i;
	for (i = 0; i < count; i++)
		jobs[i]->listed = false;
	/* what stands before a job that cannot be taken is taken all the same */
	if (i) {
		int error = ctx->backend->submit(ctx, jobs, i, &done);

		ret = error ? error : ret;
	}
	pthread_mutex_lock(&ctx->lock);
	ctx->stats.submitted += done;
	pthread_mutex_unlock(&ctx->lock);
	for (i = 0; i < done; i++)
		drop_waits(jobs[i]);
	if (accepted)
		*accepted = done;
	return ret;
}

static void count_end(struct ascdev_job *job)
{
	struct ascdev_stats *stats = &job->ctx->stats;

	pthread_mutex_lock(&job->ctx->lock);
	stats->exec_ns += job->result.exec_ns;
	if (job->error) {
		stats->failed++;
	} else {
		stats->completed++;
		if (job->op == JOB_COMPRESS) {
			stats->compress_bytes_in += job->result.bytes_read;
			stats->compress_bytes_out += job->result.bytes;
		} else {
			stats->decompress_bytes_in += job->result.bytes_read;
			stats->decompress_bytes_out += job->result.bytes;
		}
	}
	pthread_mutex_unlock(&job->ctx->lock);
}

int ascdev_wait(struct ascdev_job *job, int64_t timeout_ns, struct ascdev_result *result)
{
	int ret;

	if (job->state != JOB_IN_FLIGHT && job->state != JOB_ENDED)
		return ctx_fail(job->ctx, -EINVAL, "the job was never submitted");
	if (job->state == JOB_IN_FLIGHT) {
		ret = job->ctx->backend->wait(job, timeout_ns);
		if (ret)
			return ret;
		job->state = JOB_ENDED;
		count_end(job);
	}
	if (result && struct_to_user(result, &job->result, sizeof(job->result)))
		return ctx_fail(job->ctx, -EINVAL, "a result of another size");
	if (job->error)
		return ctx_fail(job->ctx, job->error, "the job failed: %s",
				ascdev_strerror(job->error));
	return 0;
}
