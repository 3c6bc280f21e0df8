// SPDX-License-Identifier: MIT
/*
 * The device.  Buffers are its buffer objects; every job signals a point of one
 * timeline and leaves a record in a page of its own.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xf86drm.h>

#include <drm/ascdev_accel.h>

#include "internal.h"

#define RECORD_BYTES	4096

static void hw_close(struct ascdev_ctx *ctx)
{
	drmSyncobjDestroy(ctx->fd, ctx->timeline);
	close(ctx->fd);
}

static int hw_buf_alloc(struct ascdev_buf *buf)
{
	struct drm_ascdev_bo_create args = { .size = buf->bytes };

	if (drmIoctl(buf->ctx->fd, DRM_IOCTL_ASCDEV_BO_CREATE, &args))
		return -errno;
	buf->handle = args.handle;
	buf->object_bytes = args.size;
	return 0;
}

static int hw_buf_map(struct ascdev_buf *buf)
{
	struct drm_ascdev_bo_mmap_offset args = { .handle = buf->handle };
	void *address;

	if (drmIoctl(buf->ctx->fd, DRM_IOCTL_ASCDEV_BO_MMAP_OFFSET, &args))
		return -errno;
	address = mmap(NULL, buf->object_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, buf->ctx->fd,
		       args.offset);
	if (address == MAP_FAILED)
		return -errno;
	buf->address = address;
	return 0;
}

static int hw_buf_wait(struct ascdev_buf *buf, int64_t timeout_ns)
{
	struct drm_ascdev_bo_wait args = {
		.handle = buf->handle,
		.timeout_ns = deadline_ns(timeout_ns),
	};

	return drmIoctl(buf->ctx->fd, DRM_IOCTL_ASCDEV_BO_WAIT, &args) ? -errno : 0;
}

static void hw_buf_free(struct ascdev_buf *buf)
{
	if (buf->address)
		munmap(buf->address, buf->object_bytes);
	drmCloseBufferHandle(buf->ctx->fd, buf->handle);
}

static int hw_job_init(struct ascdev_job *job)
{
	void *address;
	int ret = ascdev_buf_alloc(job->ctx, RECORD_BYTES, &job->record);

	if (ret)
		return ret;
	ret = ascdev_buf_map(job->record, &address);
	if (ret) {
		ascdev_buf_free(job->record);
		job->record = NULL;
	}
	return ret;
}

static struct drm_ascdev_range make_range(const struct ascdev_buf *buf, uint64_t offset,
					  uint64_t bytes)
{
	return (struct drm_ascdev_range){ .handle = buf->handle, .offset = offset, .size = bytes };
}

static int describe_job(const struct ascdev_job *job, uint64_t point, struct drm_ascdev_job *to)
{
	struct job_plan plan;
	int ret = job_check(job, &plan);

	if (ret)
		return ret;
	*to = (struct drm_ascdev_job){
		.op = job->op == JOB_COMPRESS ? DRM_ASCDEV_OP_COMPRESS : DRM_ASCDEV_OP_DECOMPRESS,
		.cookie = point,
		.surface.dtype = job->surface.dtype,
		.params.codec = job->params.codec,
		.params.endpoints = job->params.endpoints,
		.params.scale = job->params.scale,
		.params.zero_point = job->params.zero_point,
		.params.effort = job->params.effort,
		.params.profile = job->params.profile,
		.params.exponent = job->params.exponent,
		.params.reorder = job->params.reorder,
		.params.max_error = job->params.max_error,
		.params.target_bpe = job->params.target_bpe,
		.params.block = { job->params.block.w, job->params.block.h, job->params.block.c,
				  job->params.block.pad },
		.src = make_range(job->src, job->src_offset, plan.src_bytes),
		.dst = make_range(job->dst, job->dst_offset, plan.dst_bytes),
		.result = make_range(job->record, 0, sizeof(struct drm_ascdev_result)),
	};
	if (job->order)
		to->order = make_range(job->order, 0, job->order->bytes);
	if (job->has_part) {
		memcpy(to->part.at, job->part.at, sizeof(to->part.at));
		memcpy(to->part.dim, job->part.dim, sizeof(to->part.dim));
	}
	memcpy(to->surface.dim, job->surface.dim, sizeof(to->surface.dim));
	memcpy(to->surface.stride, job->surface.stride, sizeof(to->surface.stride));
	return 0;
}

/* Make syncobjs of the fences that a job waits for. */
static int import_waits(const struct ascdev_job *job, struct drm_ascdev_sync *syncs)
{
	int fd = job->ctx->fd;
	uint32_t i;

	for (i = 0; i < job->wait_count; i++) {
		if (drmSyncobjCreate(fd, 0, &syncs[i].handle))
			return -errno;
		if (drmSyncobjImportSyncFile(fd, syncs[i].handle, job->wait_fences[i]))
			return -errno;
	}
	return 0;
}

/* One SUBMIT of at most ctx->max_jobs jobs: all of them or none.  With ctx->lock held. */
static int submit_some(struct ascdev_ctx *ctx, struct ascdev_job *const *jobs, uint32_t count)
{
	const uint32_t per_job = MAX_WAIT_FENCES + 1;
	struct drm_ascdev_job *args = calloc(count, sizeof(*args));
	struct drm_ascdev_sync *syncs = calloc(count * per_job, sizeof(*syncs));
	uint32_t i, k;
	int ret = 0;

	if (!args || !syncs)
		ret = -ENOMEM;
	for (i = 0; i < count && !ret; i++) {
		uint64_t point = ctx->last_point + 1 + i;
		struct drm_ascdev_sync *own = &syncs[i * per_job];
		struct drm_ascdev_sync *signal = &own[jobs[i]->wait_count];
		struct drm_ascdev_result *record = jobs[i]->record->address;

		memset(record, 0, sizeof(*record));
		ret = describe_job(jobs[i], point, &args[i]);
		if (!ret)
			ret = import_waits(jobs[i], own);
		signal->flags = DRM_ASCDEV_SYNC_TIMELINE | DRM_ASCDEV_SYNC_SIGNAL;
		signal->handle = ctx->timeline;
		signal->timeline_value = point;
		args[i].syncs.stride = sizeof(*own);
		args[i].syncs.count = jobs[i]->wait_count + 1;
		args[i].syncs.array = (uintptr_t)own;
	}
	if (!ret) {
		struct drm_ascdev_submit submit = {
			.jobs = { .stride = sizeof(*args), .count = count,
				  .array = (uintptr_t)args },
		};

		if (drmIoctl(ctx->fd, DRM_IOCTL_ASCDEV_SUBMIT, &submit))
			ret = -errno;
	}
	if (!ret) {
		for (i = 0; i < count; i++) {
			jobs[i]->point = ++ctx->last_point;
			jobs[i]->state = JOB_IN_FLIGHT;
		}
	}
	for (i = 0; syncs && i < count; i++) {
		for (k = 0; k < jobs[i]->wait_count; k++) {
			if (syncs[i * per_job + k].handle)
				drmSyncobjDestroy(ctx->fd, syncs[i * per_job + k].handle);
		}
	}
	free(args);
	free(syncs);
	return ret;
}

static int hw_submit(struct ascdev_ctx *ctx, struct ascdev_job *const *jobs, uint32_t count,
		     uint32_t *accepted)
{
	uint32_t step = ctx->max_jobs, done = 0;
	int ret = 0;

	pthread_mutex_lock(&ctx->lock);
	while (done < count) {
		uint32_t n = count - done < step ? count - done : step;

		ret = submit_some(ctx, jobs + done, n);
		if (!ret)
			done += n;
		else if (n > 1)
			step = 1;	/* find the one that is to blame */
		else
			break;
	}
	pthread_mutex_unlock(&ctx->lock);
	*accepted = done;
	if (ret)
		return ctx_fail(ctx, ret, "job %u: %s", done, ascdev_strerror(ret));
	return 0;
}

static int job_error(const struct drm_ascdev_result *record)
{
	switch (record->status) {
	case DRM_ASCDEV_STATUS_DONE:
		return 0;
	case DRM_ASCDEV_STATUS_FAILED:
		return record->error == -ETIME ? -ETIMEDOUT : record->error;
	default:
		return -ECANCELED;
	}
}

static int hw_wait(struct ascdev_job *job, int64_t timeout_ns)
{
	const struct drm_ascdev_result *record = job->record->address;
	int ret = drmSyncobjTimelineWait(job->ctx->fd, &job->ctx->timeline, &job->point, 1,
					 deadline_ns(timeout_ns), 0, NULL);

	/* A device that is gone takes no more questions; the record may still tell. */
	if (ret && ret != -ENODEV)
		return ret;
	job->result = (struct ascdev_result)ASCDEV_RESULT_INIT;
	job->error = ret && record->status == DRM_ASCDEV_STATUS_NONE ? ret : job_error(record);
	job->result.backend = ASCDEV_BACKEND_HW;
	job->result.codec = record->codec;
	job->result.endpoints = record->endpoints;
	job->result.block.w = record->block.w;
	job->result.block.h = record->block.h;
	job->result.block.c = record->block.c;
	job->result.bytes = record->bytes;
	job->result.elements = record->elements;
	job->result.linear_blocks = record->linear_blocks;
	job->result.log_blocks = record->log_blocks;
	job->result.sum_abs_error = record->sum_abs_error;
	job->result.sum_sq_error = record->sum_sq_error;
	job->result.max_abs_error = record->max_abs_error;
	job->result.profile = record->profile;
	job->result.exponent = record->exponent;
	job->result.reorder = record->reorder;
	job->result.error_exponent = record->error_exponent;
	job->result.bytes_read = record->bytes_read;
	job->result.exec_ns = record->end_ns - record->start_ns;
	job->result.cycles = record->cycles;
	return 0;
}

static int hw_get_fence(struct ascdev_job *job)
{
	struct ascdev_ctx *ctx = job->ctx;
	uint32_t binary;
	int fd = -1, ret = 0;

	if (drmSyncobjCreate(ctx->fd, 0, &binary))
		return ctx_fail(ctx, -errno, "a fence: %s", strerror(errno));
	if (drmSyncobjTransfer(ctx->fd, binary, 0, ctx->timeline, job->point, 0) ||
	    drmSyncobjExportSyncFile(ctx->fd, binary, &fd))
		ret = ctx_fail(ctx, -errno, "a fence: %s", strerror(errno));
	drmSyncobjDestroy(ctx->fd, binary);
	return ret ? ret : fd;
}

static const struct backend hw_backend = {
	.id = ASCDEV_BACKEND_HW,
	.close = hw_close,
	.buf_alloc = hw_buf_alloc,
	.buf_map = hw_buf_map,
	.buf_wait = hw_buf_wait,
	.buf_free = hw_buf_free,
	.job_init = hw_job_init,
	.submit = hw_submit,
	.wait = hw_wait,
	.get_fence = hw_get_fence,
};

static int query(int fd, uint32_t type, uint32_t index, void *to, uint32_t size)
{
	struct drm_ascdev_dev_query args = {
		.type = type,
		.size = size,
		.pointer = (uintptr_t)to,
		.index = index,
	};

	return drmIoctl(fd, DRM_IOCTL_ASCDEV_DEV_QUERY, &args) ? -errno : 0;
}

int hw_open(struct ascdev_ctx *ctx, const struct ascdev_device_info *info, int fd)
{
	struct drm_ascdev_codec_info codec = { 0 };
	struct drm_ascdev_dev_info dev = { 0 };
	int ret = query(fd, DRM_ASCDEV_DEV_QUERY_DEV_INFO, 0, &dev, sizeof(dev));

	if (!ret)
		ret = query(fd, DRM_ASCDEV_DEV_QUERY_CODEC_INFO, DRM_ASCDEV_CODEC_ASC_CBR, &codec,
			    sizeof(codec));
	if (ret)
		return ret;
	if (drmSyncobjCreate(fd, 0, &ctx->timeline))
		return -errno;
	ctx->backend = &hw_backend;
	ctx->fd = fd;
	ctx->max_jobs = dev.max_jobs;
	ctx->caps.backend = ASCDEV_BACKEND_HW;
	ctx->caps.emulated = !!(dev.flags & DRM_ASCDEV_DEV_EMULATED);
	ctx->caps.engines = dev.engines;
	ctx->caps.codecs = dev.codecs;
	ctx->caps.dtypes = codec.dtypes;
	ctx->caps.payload_align = codec.payload_align;
	ctx->caps.max_elements = dev.max_elements;
	ctx->caps.max_buffer_bytes = dev.max_bo_bytes;
	memcpy(ctx->caps.node, info->node, sizeof(ctx->caps.node));
	return 0;
}
