// SPDX-License-Identifier: MIT
/*
 * The device.  Buffers are its buffer objects; every job signals a point of one
 * timeline, which counts an eventfd up, and leaves a record in a page of its own.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <xf86drm.h>

#include <drm/ascdev_accel.h>

#include "internal.h"

#define RECORD_BYTES	4096

/* Of Linux 6.6; the headers of libdrm 2.4.114 do not have it. */
#ifndef DRM_IOCTL_SYNCOBJ_EVENTFD
struct drm_syncobj_eventfd {
	__u32 handle;
	__u32 flags;
	__u64 point;
	__s32 fd;
	__u32 pad;
};

#define DRM_IOCTL_SYNCOBJ_EVENTFD	DRM_IOWR(0xcf, struct drm_syncobj_eventfd)
#endif

static void destroy_ctx(int fd, uint32_t id)
{
	struct drm_ascdev_ctx_destroy args = { .ctx = id };

	if (id)
		drmIoctl(fd, DRM_IOCTL_ASCDEV_CTX_DESTROY, &args);
}

static void hw_close(struct ascdev_ctx *ctx)
{
	destroy_ctx(ctx->fd, ctx->hw_ctx);
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

/* One handle stands for one object, however often it is imported: see ascdev_buf. */
static int hw_buf_import(struct ascdev_ctx *ctx, int fd, struct ascdev_buf *buf,
			 struct ascdev_buf **known)
{
	struct list *pos;

	if (drmPrimeFDToHandle(ctx->fd, fd, &buf->handle))
		return errno == EINVAL ? -EOPNOTSUPP : -errno;
	list_for_each(pos, &ctx->bufs) {
		struct ascdev_buf *other = list_entry(pos, struct ascdev_buf, node);

		if (other->handle == buf->handle) {
			*known = other;
			return 0;
		}
	}
	buf->object_bytes = buf->bytes;
	return 0;
}

static int hw_buf_map(struct ascdev_buf *buf)
{
	struct drm_ascdev_bo_mmap_offset args = { .handle = buf->handle };
	int fd = buf->ctx->fd;
	void *address;

	if (buf->dmabuf >= 0)
		fd = buf->dmabuf;
	else if (drmIoctl(fd, DRM_IOCTL_ASCDEV_BO_MMAP_OFFSET, &args))
		return -errno;
	address = mmap(NULL, buf->object_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		       args.offset);
	if (address == MAP_FAILED)
		return buf->dmabuf >= 0 && errno != ENOMEM ? -EOPNOTSUPP : -errno;
	buf->address = address;
	return 0;
}

static void hw_buf_unmap(struct ascdev_buf *buf)
{
	if (buf->address)
		munmap(buf->address, buf->object_bytes);
	buf->address = NULL;
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
	hw_buf_unmap(buf);
	drmCloseBufferHandle(buf->ctx->fd, buf->handle);
}

static int hw_buf_export(struct ascdev_buf *buf)
{
	int fd;

	return drmPrimeHandleToFD(buf->ctx->fd, buf->handle, DRM_CLOEXEC | DRM_RDWR, &fd) ?
	       -errno : fd;
}

static int hw_job_init(struct ascdev_job *job)
{
	void *address;
	int ret = ascdev_buf_alloc(job->ctx, RECORD_BYTES, &job->record);

	if (ret)
		return ret;
	ret = ascdev_buf_map(job->record, &address);
	if (ret) {
		ascdev_buf_unref(job->record);
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
	int ret = job_check(job, false, &plan);

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

#define SYNCS_PER_JOB	(2 * MAX_SYNCS + 1)

/* What a job waits for and signals.  Fences become syncobjs, the first job->fence_count. */
static int describe_syncs(const struct ascdev_job *job, uint64_t point,
			  struct drm_ascdev_sync *syncs, struct drm_ascdev_obj_array *array)
{
	int fd = job->ctx->fd;
	uint32_t i, n = 0;

	for (; n < job->fence_count; n++) {
		if (drmSyncobjCreate(fd, 0, &syncs[n].handle) ||
		    drmSyncobjImportSyncFile(fd, syncs[n].handle, job->fences[n]))
			return -errno;
	}
	for (i = 0; i < job->wait_count; i++)
		syncs[n++] = (struct drm_ascdev_sync){
			.flags = job->waits[i].point ? DRM_ASCDEV_SYNC_TIMELINE : 0,
			.handle = job->waits[i].handle,
			.timeline_value = job->waits[i].point,
		};
	for (i = 0; i < job->signal_count; i++)
		syncs[n++] = (struct drm_ascdev_sync){
			.flags = DRM_ASCDEV_SYNC_SIGNAL |
				 (job->signals[i].point ? DRM_ASCDEV_SYNC_TIMELINE : 0),
			.handle = job->signals[i].handle,
			.timeline_value = job->signals[i].point,
		};
	syncs[n++] = (struct drm_ascdev_sync){
		.flags = DRM_ASCDEV_SYNC_TIMELINE | DRM_ASCDEV_SYNC_SIGNAL,
		.handle = job->ctx->timeline,
		.timeline_value = point,
	};
	*array = (struct drm_ascdev_obj_array){
		.stride = sizeof(*syncs), .count = n, .array = (uintptr_t)syncs,
	};
	return 0;
}

/*
 * Let points up to this one count the event up.  That comes before the jobs, as it is
 * what must not fail once they are queued.
 */
static int watch_points(struct ascdev_ctx *ctx, uint64_t last)
{
	while (ctx->watched_point < last) {
		struct drm_syncobj_eventfd args = {
			.handle = ctx->timeline,
			.point = ctx->watched_point + 1,
			.fd = ctx->event,
		};

		if (drmIoctl(ctx->fd, DRM_IOCTL_SYNCOBJ_EVENTFD, &args))
			return -errno;
		ctx->watched_point++;
	}
	return 0;
}

static int queue_jobs(struct ascdev_ctx *ctx, struct drm_ascdev_job *args, uint32_t count)
{
	struct drm_ascdev_submit submit = {
		.ctx = ctx->hw_ctx,
		.jobs = { .stride = sizeof(*args), .count = count, .array = (uintptr_t)args },
	};

	return drmIoctl(ctx->fd, DRM_IOCTL_ASCDEV_SUBMIT, &submit) ? -errno : 0;
}

static void jobs_are_queued(struct ascdev_ctx *ctx, struct ascdev_job *const *jobs,
			    uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		jobs[i]->point = ++ctx->last_point;
		list_add(&ctx->in_flight, &jobs[i]->node);
		job_begin(jobs[i]);
		job_drop_syncs(jobs[i]);
	}
}

static void close_imported(int fd, const struct drm_ascdev_sync *syncs, uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		if (syncs[i].handle)
			drmSyncobjDestroy(fd, syncs[i].handle);
	}
}

/* One SUBMIT of at most ctx->max_jobs jobs: all of them or none.  With ctx->lock held. */
static int submit_some(struct ascdev_ctx *ctx, struct ascdev_job *const *jobs, uint32_t count)
{
	struct drm_ascdev_job *args = calloc(count, sizeof(*args));
	struct drm_ascdev_sync *syncs = calloc(count * SYNCS_PER_JOB, sizeof(*syncs));
	uint32_t *fences = calloc(count, sizeof(*fences));
	int ret = args && syncs && fences ? 0 : -ENOMEM;
	uint32_t i;

	for (i = 0; i < count && !ret; i++) {
		uint64_t point = ctx->last_point + 1 + i;

		memset(jobs[i]->record->address, 0, sizeof(struct drm_ascdev_result));
		fences[i] = jobs[i]->fence_count;
		ret = describe_job(jobs[i], point, &args[i]);
		if (!ret)
			ret = describe_syncs(jobs[i], point, &syncs[i * SYNCS_PER_JOB],
					     &args[i].syncs);
	}
	if (!ret)
		ret = watch_points(ctx, ctx->last_point + count);
	if (!ret)
		ret = queue_jobs(ctx, args, count);
	if (!ret)
		jobs_are_queued(ctx, jobs, count);
	for (i = 0; syncs && fences && i < count; i++)
		close_imported(ctx->fd, &syncs[i * SYNCS_PER_JOB], fences[i]);
	free(args);
	free(syncs);
	free(fences);
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
	return ret;
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

/* The record of a job that has ended becomes its result.  With ctx->lock held. */
static void read_record(struct ascdev_job *job)
{
	const struct drm_ascdev_result *record = job->record->address;
	struct ascdev_result *result = &job->result;

	*result = (struct ascdev_result)ASCDEV_RESULT_INIT;
	job->error = job_error(record);
	result->backend = ASCDEV_BACKEND_HW;
	result->codec = record->codec;
	result->endpoints = record->endpoints;
	result->block.w = record->block.w;
	result->block.h = record->block.h;
	result->block.c = record->block.c;
	result->bytes = record->bytes;
	result->elements = record->elements;
	result->linear_blocks = record->linear_blocks;
	result->log_blocks = record->log_blocks;
	result->sum_abs_error = record->sum_abs_error;
	result->sum_sq_error = record->sum_sq_error;
	result->max_abs_error = record->max_abs_error;
	result->profile = record->profile;
	result->exponent = record->exponent;
	result->reorder = record->reorder;
	result->error_exponent = record->error_exponent;
	result->bytes_read = record->bytes_read;
	result->exec_ns = record->end_ns - record->start_ns;
	result->cycles = record->cycles;
}

/* Points of a timeline signal in order, and each counts the event up by one. */
static void hw_collect(struct ascdev_ctx *ctx)
{
	if (ctx->signals > ctx->ended_point)
		ctx->ended_point = ctx->signals;
	while (!list_is_empty(&ctx->in_flight)) {
		struct ascdev_job *job = list_entry(ctx->in_flight.next, struct ascdev_job, node);

		if (job->point > ctx->ended_point)
			break;
		list_remove(&job->node);
		read_record(job);
		job_done(job);
	}
}

/* How often a job is asked for whose device takes no more questions. */
#define GONE_POLL_NS	1000000

/*
 * A device that is gone signals all fences, soon; the event tells, for it is not the
 * device's.
 */
static int wait_without_device(struct ascdev_job *job, int64_t deadline)
{
	const struct timespec pause = { .tv_nsec = GONE_POLL_NS };
	struct ascdev_ctx *ctx = job->ctx;

	for (;;) {
		bool ended;

		pthread_mutex_lock(&ctx->lock);
		event_drain(ctx);
		hw_collect(ctx);
		ended = job->state != JOB_IN_FLIGHT;
		event_settle(ctx);
		pthread_mutex_unlock(&ctx->lock);
		if (ended)
			return 0;
		if (now_ns() >= deadline)
			return -ETIME;
		nanosleep(&pause, NULL);
	}
}

static int hw_wait(struct ascdev_job *job, int64_t timeout_ns)
{
	int64_t deadline = deadline_ns(timeout_ns);
	struct ascdev_ctx *ctx = job->ctx;
	uint64_t point = job->point;
	int ret = drmSyncobjTimelineWait(ctx->fd, &ctx->timeline, &point, 1, deadline, 0, NULL);

	if (ret == -ENODEV)
		return wait_without_device(job, deadline);
	if (ret)
		return ret;
	pthread_mutex_lock(&ctx->lock);
	if (point > ctx->ended_point)
		ctx->ended_point = point;
	pthread_mutex_unlock(&ctx->lock);
	return 0;
}

static int hw_cancel(struct ascdev_job *job)
{
	struct drm_ascdev_cancel args = { .ctx = job->ctx->hw_ctx, .cookie = job->point };

	if (drmIoctl(job->ctx->fd, DRM_IOCTL_ASCDEV_CANCEL, &args))
		return -errno;
	return args.cancelled ? 0 : -EBUSY;
}

static int hw_open_syncobj(struct ascdev_ctx *ctx, int fd, uint32_t *handle)
{
	if (!drmSyncobjFDToHandle(ctx->fd, fd, handle))
		return 0;
	return errno == ENODEV || errno == ENOMEM ? -errno : -EINVAL;
}

static void hw_close_syncobj(struct ascdev_ctx *ctx, uint32_t handle)
{
	drmSyncobjDestroy(ctx->fd, handle);
}

static int hw_get_fence(struct ascdev_job *job)
{
	struct ascdev_ctx *ctx = job->ctx;
	uint32_t binary;
	int fd = -1, ret = 0;

	if (drmSyncobjCreate(ctx->fd, 0, &binary))
		return ctx_fail(ctx, -errno, "a fence: %s", strerror(errno));
	if (drmSyncobjTransfer(ctx->fd, binary, 0, ctx->timeline, job->point, 0) ||
	    drmSyncobjExportSyncFile(ctx->fd, binary, &fd)) {
		/* which is also what the kernel says where it has no memory for a sync_file */
		ret = errno == EINVAL ? -ENOMEM : -errno;
		ctx_fail(ctx, ret, "a fence: %s", strerror(-ret));
	}
	drmSyncobjDestroy(ctx->fd, binary);
	return ret ? ret : fd;
}

static const struct backend hw_backend = {
	.id = ASCDEV_BACKEND_HW,
	.close = hw_close,
	.buf_alloc = hw_buf_alloc,
	.buf_import = hw_buf_import,
	.buf_map = hw_buf_map,
	.buf_unmap = hw_buf_unmap,
	.buf_free = hw_buf_free,
	.buf_export = hw_buf_export,
	.buf_wait = hw_buf_wait,
	.job_init = hw_job_init,
	.submit = hw_submit,
	.collect = hw_collect,
	.wait = hw_wait,
	.cancel = hw_cancel,
	.get_fence = hw_get_fence,
	.open_syncobj = hw_open_syncobj,
	.close_syncobj = hw_close_syncobj,
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

static struct drm_ascdev_codec_params params_to_uapi(const struct fmc_params *params)
{
	return (struct drm_ascdev_codec_params){
		.codec = params->codec,
		.endpoints = params->endpoints,
		.scale = params->scale,
		.profile = params->profile,
		.effort = params->effort,
		.zero_point = params->zero_point,
		.max_error = params->max_error,
		.target_bpe = params->target_bpe,
		.reorder = params->reorder,
		.exponent = params->exponent,
		.block = { params->block.w, params->block.h, params->block.c, 0 },
	};
}

/* The open file has a context already, which does unless it is others', too. */
static int create_ctx(struct ascdev_ctx *ctx, const struct ascdev_open_opts *opts, bool shared,
		      struct ascdev_device_info *info, int fd)
{
	struct drm_ascdev_ctx_create args = { .priority = opts->priority };

	if (!shared && !opts->priority && !ctx->has_defaults)
		return 0;
	if (ctx->has_defaults)
		args.defaults = params_to_uapi(&ctx->defaults);
	if (!drmIoctl(fd, DRM_IOCTL_ASCDEV_CTX_CREATE, &args)) {
		ctx->hw_ctx = args.ctx;
		return 0;
	}
	if (errno == EACCES)
		device_explain(info, -EACCES, "%s: priority high needs CAP_SYS_NICE", info->node);
	else if (errno == ENOSPC)
		device_explain(info, -ENOSPC, "%s: the file has too many contexts", info->node);
	else
		device_explain(info, -errno, "%s: a context: %s", info->node, strerror(errno));
	return info->state;
}

int hw_open(struct ascdev_ctx *ctx, const struct ascdev_open_opts *opts, bool shared,
	    struct ascdev_device_info *info, int fd)
{
	struct drm_ascdev_codec_info codec = { 0 };
	struct drm_ascdev_dev_info dev = { 0 };
	int ret = query(fd, DRM_ASCDEV_DEV_QUERY_DEV_INFO, 0, &dev, sizeof(dev));

	if (!ret)
		ret = query(fd, DRM_ASCDEV_DEV_QUERY_CODEC_INFO, DRM_ASCDEV_CODEC_ASC_CBR, &codec,
			    sizeof(codec));
	if (!ret && drmSyncobjCreate(fd, 0, &ctx->timeline))
		ret = -errno;
	if (ret) {
		device_explain(info, ret, "%s: %s", info->node, ascdev_strerror(ret));
		return ret;
	}
	ret = create_ctx(ctx, opts, shared, info, fd);
	if (ret) {
		drmSyncobjDestroy(fd, ctx->timeline);
		return ret;
	}
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
