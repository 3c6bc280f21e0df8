// SPDX-License-Identifier: GPL-2.0-only
/*
 * SUBMIT: copy in, check, queue.
 *
 * Everything that can fail happens before the first job is armed.  From then on
 * jobs are pushed, fences attached and syncobjs signalled without a way back.
 */

#include <linux/dma-fence-chain.h>
#include <linux/dma-resv.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <drm/ascdev_accel.h>
#include <drm/drm_exec.h>
#include <drm/drm_gem.h>
#include <drm/drm_print.h>
#include <drm/drm_syncobj.h>

#include "ascdev_compat.h"
#include "ascdev_ctx.h"
#include "ascdev_device.h"
#include "ascdev_fence.h"
#include "ascdev_gem.h"
#include "ascdev_job.h"
#include "ascdev_pin.h"
#include "ascdev_pm.h"
#include "tests/ascdev_kunit.h"

static_assert((int)DRM_ASCDEV_DTYPE_U8 == FMC_U8);
static_assert((int)DRM_ASCDEV_DTYPE_S8 == FMC_S8);
static_assert((int)DRM_ASCDEV_DTYPE_U16 == FMC_U16);
static_assert((int)DRM_ASCDEV_DTYPE_S16 == FMC_S16);
static_assert((int)DRM_ASCDEV_DTYPE_F16 == FMC_F16);
static_assert((int)DRM_ASCDEV_DTYPE_BF16 == FMC_BF16);
static_assert((int)DRM_ASCDEV_CODEC_ASC_CBR == FMC_CODEC_ASC_CBR);
static_assert((int)DRM_ASCDEV_CODEC_ASC_VBR == FMC_CODEC_ASC_VBR);
static_assert((int)DRM_ASCDEV_CODEC_EBPC == FMC_CODEC_EBPC);
static_assert((int)DRM_ASCDEV_CODEC_DCAC == FMC_CODEC_DCAC);
static_assert((int)DRM_ASCDEV_CODEC_ZVC == FMC_CODEC_ZVC);
static_assert((int)DRM_ASCDEV_CODEC_RAW == FMC_CODEC_RAW);
static_assert((int)DRM_ASCDEV_CODEC_AUTO == FMC_CODEC_AUTO);
static_assert((int)DRM_ASCDEV_PROFILE_AUTO == FMC_PROFILE_AUTO);
static_assert((int)DRM_ASCDEV_PROFILE_FULL == FMC_PROFILE_FULL);
static_assert((int)DRM_ASCDEV_PROFILE_NARROW == FMC_PROFILE_NARROW);
static_assert((int)DRM_ASCDEV_PROFILE_POOLED == FMC_PROFILE_POOLED);
static_assert((int)DRM_ASCDEV_REORDER_NONE == FMC_REORDER_NONE);
static_assert((int)DRM_ASCDEV_REORDER_HEURISTIC == FMC_REORDER_HEURISTIC);
static_assert((int)DRM_ASCDEV_REORDER_GREEDY == FMC_REORDER_GREEDY);
static_assert((int)DRM_ASCDEV_REORDER_GIVEN == FMC_REORDER_GIVEN);
static_assert((int)DRM_ASCDEV_EFFORT_HW == ASC_EFFORT_HW);
static_assert((int)DRM_ASCDEV_EFFORT_BEST == ASC_EFFORT_BEST);
static_assert((int)DRM_ASCDEV_ENDPOINTS_AUTO == FMC_ENDPOINTS_AUTO);
static_assert((int)DRM_ASCDEV_ENDPOINTS_ONE == FMC_ENDPOINTS_ONE);
static_assert((int)DRM_ASCDEV_ENDPOINTS_TWO == FMC_ENDPOINTS_TWO);
static_assert((int)DRM_ASCDEV_SCALE_AUTO == FMC_SCALE_AUTO);
static_assert((int)DRM_ASCDEV_SCALE_LINEAR == FMC_SCALE_LINEAR);
static_assert((int)DRM_ASCDEV_SCALE_LOG == FMC_SCALE_LOG);

/* A structure of an array may grow, but not without end. */
#define MAX_STRIDE	4096

/**
 * struct signal - a syncobj to be signalled by a job
 * @syncobj: referenced
 * @chain: node for a timeline, allocated ahead; NULL for a binary syncobj
 * @point: point of the timeline
 */
struct signal {
	struct drm_syncobj *syncobj;
	struct dma_fence_chain *chain;
	u64 point;
};

/**
 * struct entry - a job of one SUBMIT, not yet queued
 * @job: the job
 * @signals: what it signals
 * @signal_count: number of @signals
 * @finished: its end, once it is armed
 * @bo: its buffer objects, referenced, once it is armed: the job may be gone before they
 *	are unlocked, and the last reference to one must not go while others are locked
 */
struct entry {
	struct ascdev_job *job;
	struct signal *signals;
	u32 signal_count;
	struct dma_fence *finished;
	struct drm_gem_object *bo[ASCDEV_JOB_BOS];
};

/**
 * struct submit - one SUBMIT
 * @drm: device
 * @adev: device
 * @file: who submits
 * @priv: the driver's part of @file
 * @ctx: the context, referenced
 * @entries: jobs
 * @count: number of @entries
 */
struct submit {
	struct drm_device *drm;
	struct ascdev_device *adev;
	struct drm_file *file;
	struct ascdev_file *priv;
	struct ascdev_ctx *ctx;
	struct entry *entries;
	u32 count;
};

VISIBLE_IF_KUNIT
int ascdev_check_array(struct drm_device *drm, const struct drm_ascdev_obj_array *array,
		       size_t min_stride, u32 max_count)
{
	if (!array->count) {
		if (array->stride || array->array) {
			drm_dbg(drm, "submit: empty array with stride or address\n");
			return -EINVAL;
		}
		return 0;
	}
	if (array->count > max_count || array->stride > MAX_STRIDE) {
		drm_dbg(drm, "submit: array of %u with stride %u\n", array->count, array->stride);
		return -E2BIG;
	}
	/* Strides keep the alignment of what they step over. */
	if (array->stride < min_stride || array->stride % 8) {
		drm_dbg(drm, "submit: stride %u\n", array->stride);
		return -EINVAL;
	}
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(ascdev_check_array);

static int copy_element(const struct drm_ascdev_obj_array *array, u32 i, void *to, size_t size)
{
	return copy_struct_from_user(to, size,
				     u64_to_user_ptr(array->array) + (size_t)i * array->stride,
				     array->stride);
}

static int add_sync(struct submit *submit, struct entry *entry, const struct drm_ascdev_sync *sync)
{
	bool timeline = sync->flags & DRM_ASCDEV_SYNC_TIMELINE;
	struct dma_fence *fence;
	struct signal *signal;
	int ret;

	if (sync->flags & ~(DRM_ASCDEV_SYNC_TIMELINE | DRM_ASCDEV_SYNC_SIGNAL) ||
	    (!timeline && sync->timeline_value) ||
	    (timeline && !sync->timeline_value)) {
		drm_dbg(submit->drm, "submit: sync flags %#x, value %llu\n", sync->flags,
			sync->timeline_value);
		return -EINVAL;
	}

	if (!(sync->flags & DRM_ASCDEV_SYNC_SIGNAL)) {
		/* drm_sched_job_add_syncobj_dependency() cuts points to 32 bits. */
		ret = drm_syncobj_find_fence(submit->file, sync->handle, sync->timeline_value, 0,
					     &fence);
		if (ret) {
			drm_dbg(submit->drm, "submit: no syncobj %u, or no fence at %llu\n",
				sync->handle, sync->timeline_value);
			return ret;
		}
		return drm_sched_job_add_dependency(&entry->job->base, fence);
	}

	signal = &entry->signals[entry->signal_count];
	signal->syncobj = drm_syncobj_find(submit->file, sync->handle);
	if (!signal->syncobj) {
		drm_dbg(submit->drm, "submit: no syncobj %u\n", sync->handle);
		return -ENOENT;
	}
	entry->signal_count++;
	if (timeline) {
		signal->point = sync->timeline_value;
		signal->chain = dma_fence_chain_alloc();
		if (!signal->chain)
			return -ENOMEM;
	}
	return 0;
}

static int add_syncs(struct submit *submit, struct entry *entry,
		     const struct drm_ascdev_obj_array *syncs)
{
	struct drm_ascdev_sync sync;
	u32 i;
	int ret;

	ret = ascdev_check_array(submit->drm, syncs, sizeof(sync), ASCDEV_MAX_SYNCS);
	if (ret || !syncs->count)
		return ret;
	entry->signals = kcalloc(syncs->count, sizeof(*entry->signals), GFP_KERNEL);
	if (!entry->signals)
		return -ENOMEM;
	for (i = 0; i < syncs->count; i++) {
		ret = copy_element(syncs, i, &sync, sizeof(sync));
		if (!ret)
			ret = add_sync(submit, entry, &sync);
		if (ret)
			return ret;
	}
	return 0;
}

/* Take a reference on the buffer object of a range that may hold @need bytes. */
static int use_range(struct submit *submit, struct ascdev_job *job, enum ascdev_job_bo which,
		     const struct drm_ascdev_range *range, u64 need, u32 align)
{
	struct drm_gem_object *obj;
	struct ascdev_pin *pin;
	u64 end;

	if (range->pad || range->offset & (align - 1)) {
		drm_dbg(submit->drm, "submit: range %d at %llu is misaligned or has padding\n",
			which, range->offset);
		return -EINVAL;
	}
	obj = drm_gem_object_lookup(submit->file, range->handle);
	if (!obj) {
		drm_dbg(submit->drm, "submit: no handle %u\n", range->handle);
		return -ENOENT;
	}
	job->bo[which] = obj;
	job->offset[which] = range->offset;
	if (check_add_overflow(range->offset, range->size, &end) || end > obj->size) {
		drm_dbg(submit->drm, "submit: range %d, %llu bytes at %llu, leaves its object\n",
			which, range->size, range->offset);
		return -EINVAL;
	}
	if (range->size < need) {
		drm_dbg(submit->drm, "submit: range %d has %llu bytes, %llu needed\n", which,
			range->size, need);
		return ascdev_job_reads(which) ? -EINVAL : -ENOSPC;
	}
	pin = ascdev_pin_get(to_ascdev_bo(obj), submit->priv);
	if (IS_ERR(pin))
		return PTR_ERR(pin);
	job->pin[which] = pin;
	return 0;
}

/* Handles may differ and yet name one object. */
static bool two_overlap(const struct ascdev_job *job, enum ascdev_job_bo a,
			const struct drm_ascdev_range *range_a, enum ascdev_job_bo b,
			const struct drm_ascdev_range *range_b)
{
	return job->bo[a] && job->bo[a] == job->bo[b] &&
	       range_a->offset < range_b->offset + range_b->size &&
	       range_b->offset < range_a->offset + range_a->size;
}

/* What a job writes it neither reads nor writes in another role. */
VISIBLE_IF_KUNIT
bool ascdev_ranges_overlap(const struct ascdev_job *job, const struct drm_ascdev_job *args)
{
	return two_overlap(job, ASCDEV_JOB_SRC, &args->src, ASCDEV_JOB_DST, &args->dst) ||
	       two_overlap(job, ASCDEV_JOB_SRC, &args->src, ASCDEV_JOB_RESULT, &args->result) ||
	       two_overlap(job, ASCDEV_JOB_DST, &args->dst, ASCDEV_JOB_RESULT, &args->result) ||
	       two_overlap(job, ASCDEV_JOB_DST, &args->dst, ASCDEV_JOB_ORDER, &args->order) ||
	       two_overlap(job, ASCDEV_JOB_ORDER, &args->order, ASCDEV_JOB_RESULT, &args->result);
}
EXPORT_SYMBOL_IF_KUNIT(ascdev_ranges_overlap);

static int use_optional_range(struct submit *submit, struct ascdev_job *job,
			      enum ascdev_job_bo which, const struct drm_ascdev_range *range,
			      u64 need, u32 align)
{
	if (range->handle)
		return use_range(submit, job, which, range, need, align);
	if (range->pad || range->offset || range->size) {
		drm_dbg(submit->drm, "submit: range %d without a handle\n", which);
		return -EINVAL;
	}
	return 0;
}

static int use_ranges(struct submit *submit, struct ascdev_job *job,
		      const struct drm_ascdev_job *args, u64 surface_bytes)
{
	bool compress = args->op == DRM_ASCDEV_OP_COMPRESS;
	bool ordered = compress && args->params.reorder == DRM_ASCDEV_REORDER_GIVEN;
	int ret;

	ret = use_range(submit, job, ASCDEV_JOB_SRC, &args->src,
			compress ? surface_bytes : job->payload_bytes,
			compress ? 1 : ASCDEV_PAYLOAD_ALIGN);
	if (ret)
		return ret;
	ret = use_range(submit, job, ASCDEV_JOB_DST, &args->dst,
			compress ? job->payload_bytes : surface_bytes,
			compress ? ASCDEV_PAYLOAD_ALIGN : 1);
	if (ret)
		return ret;
	ret = use_optional_range(submit, job, ASCDEV_JOB_RESULT, &args->result,
				 sizeof(struct drm_ascdev_result), 8);
	if (ret)
		return ret;
	if (!!args->order.handle != ordered) {
		drm_dbg(submit->drm, "submit: an order that is missing, or not wanted\n");
		return -EINVAL;
	}
	ret = use_optional_range(submit, job, ASCDEV_JOB_ORDER, &args->order,
				 job->surface.dim[FMC_DIM_C] * sizeof(u16), sizeof(u16));
	if (ret)
		return ret;
	if (ascdev_ranges_overlap(job, args)) {
		drm_dbg(submit->drm, "submit: ranges overlap\n");
		return -EINVAL;
	}
	return 0;
}

/**
 * ascdev_copy_params - parameters from userspace's structure
 * @to: filled in; whether numbers make sense is not checked
 * @from: the kernel's copy
 *
 * Return: 0 or -EINVAL for padding.
 */
int ascdev_copy_params(struct fmc_params *to, const struct drm_ascdev_codec_params *from)
{
	to->codec = from->codec;
	to->endpoints = from->endpoints;
	to->scale = from->scale;
	to->profile = from->profile;
	to->exponent = from->exponent;
	to->effort = from->effort;
	to->zero_point = from->zero_point;
	to->max_error = from->max_error;
	to->target_bpe = from->target_bpe;
	to->reorder = from->reorder;
	to->block.w = from->block.w;
	to->block.h = from->block.h;
	to->block.c = from->block.c;
	return from->block.pad ? -EINVAL : 0;
}

static int copy_params(struct submit *submit, struct ascdev_job *job,
		       const struct drm_ascdev_codec_params *args)
{
	struct fmc_params *params = &job->params;
	int ret = ascdev_copy_params(params, args);

	if (job->op != DRM_ASCDEV_OP_COMPRESS) {
		params->scale = FMC_SCALE_AUTO;
		params->effort = ASC_EFFORT_HW;
		params->max_error = 0;
		params->target_bpe = 0;
	} else if (params->codec == FMC_CODEC_DEFAULT && submit->ctx->has_defaults) {
		fmc_params_fill(params, &submit->ctx->defaults, &job->surface);
	} else if (params->codec == FMC_CODEC_DEFAULT) {
		mutex_lock(&submit->adev->defaults_lock);
		fmc_params_fill(params, &submit->adev->defaults, &job->surface);
		mutex_unlock(&submit->adev->defaults_lock);
	}
	return ret;
}

VISIBLE_IF_KUNIT
int ascdev_copy_part(struct drm_device *drm, struct ascdev_job *job,
		     const struct drm_ascdev_part *args)
{
	if (!memchr_inv(args, 0, sizeof(*args))) {
		memcpy(job->part.dim, job->surface.dim, sizeof(job->part.dim));
		return 0;
	}
	if (job->op == DRM_ASCDEV_OP_COMPRESS) {
		drm_dbg(drm, "submit: compression of a part\n");
		return -EINVAL;
	}
	memcpy(job->part.at, args->at, sizeof(job->part.at));
	memcpy(job->part.dim, args->dim, sizeof(job->part.dim));
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(ascdev_copy_part);

/* Make a job of what userspace asks for; all of it is in the kernel's copy. */
static int add_job(struct submit *submit, struct entry *entry, const struct drm_ascdev_job *args)
{
	struct ascdev_job *job = entry->job;
	u64 elements, surface_bytes;
	u32 i;
	int ret;

	if (args->op > DRM_ASCDEV_OP_DECOMPRESS || args->flags || args->surface.pad) {
		drm_dbg(submit->drm, "submit: op %u, flags %#x or padding\n", args->op,
			args->flags);
		return -EINVAL;
	}
	job->op = args->op;
	job->cookie = args->cookie;
	job->surface.dtype = args->surface.dtype;
	for (i = 0; i < FMC_DIMS; i++) {
		job->surface.dim[i] = args->surface.dim[i];
		job->surface.stride[i] = args->surface.stride[i];
	}
	ret = copy_params(submit, job, &args->params);
	if (!ret)
		ret = ascdev_copy_part(submit->drm, job, &args->part);
	if (ret)
		return ret;
	if (job->op == DRM_ASCDEV_OP_COMPRESS) {
		ret = fmc_bound(&job->surface, &job->params, &job->payload_bytes);
		if (!ret)
			ret = fmc_surface_check(&job->surface, &elements, &surface_bytes);
	} else {
		ret = fmc_decode_check(&job->surface, &job->params, &job->part,
				       &job->payload_bytes, &surface_bytes);
	}
	if (ret) {
		drm_dbg(submit->drm, "submit: bad surface or parameters (%d)\n", ret);
		return ret;
	}
	ret = use_ranges(submit, job, args, surface_bytes);
	if (ret)
		return ret;
	if (job->op == DRM_ASCDEV_OP_DECOMPRESS)
		job->payload_bytes = args->src.size;
	return 0;
}

static int add_entry(struct submit *submit, u32 i, const struct drm_ascdev_job *args)
{
	struct entry *entry = &submit->entries[i];
	struct ascdev_job *job;
	int ret;

	job = kzalloc(sizeof(*job), GFP_KERNEL_ACCOUNT);
	if (!job)
		return -ENOMEM;
	ret = ascdev_sched_job_init(&job->base, &submit->ctx->entity, 1, submit->priv,
				    submit->file->client_id);
	if (ret) {
		kfree(job);
		return ret;
	}
	entry->job = job;
	job->adev = submit->adev;
	job->ctx = submit->ctx;
	kref_get(&job->ctx->ref);
	job->fence = ascdev_fence_alloc(submit->adev);
	if (!job->fence)
		return -ENOMEM;
	ret = add_job(submit, entry, args);
	if (ret)
		return ret;
	return add_syncs(submit, entry, &args->syncs);
}

/* Lock all buffer objects, and reserve a place for the fence of each use of them. */
static int lock_objects(struct submit *submit, struct drm_exec *exec)
{
	u32 uses = submit->count * ASCDEV_JOB_BOS, i;
	int ret;

	drm_exec_until_all_locked(exec) {
		for (i = 0; i < uses; i++) {
			struct ascdev_job *job = submit->entries[i / ASCDEV_JOB_BOS].job;
			struct drm_gem_object *obj = job->bo[i % ASCDEV_JOB_BOS];

			if (!obj)
				continue;
			ret = drm_exec_prepare_obj(exec, obj, uses);
			drm_exec_retry_on_contention(exec);
			if (ret)
				return ret;
		}
	}
	return 0;
}

static int add_implicit_waits(struct submit *submit)
{
	u32 i, k;
	int ret;

	for (i = 0; i < submit->count; i++) {
		struct ascdev_job *job = submit->entries[i].job;

		for (k = 0; k < ASCDEV_JOB_BOS; k++) {
			if (!job->bo[k])
				continue;
			ret = drm_sched_job_add_implicit_dependencies(&job->base, job->bo[k],
								      !ascdev_job_reads(k));
			if (ret)
				return ret;
		}
	}
	return 0;
}

/* The point of no return: once the context is known to live, nothing here fails. */
static int push_jobs(struct submit *submit)
{
	u32 i, k;

	mutex_lock(&submit->ctx->submit_lock);
	if (submit->ctx->dead) {
		mutex_unlock(&submit->ctx->submit_lock);
		return -ENOENT;
	}
	for (i = 0; i < submit->count; i++) {
		struct entry *entry = &submit->entries[i];
		struct ascdev_job *job = entry->job;

		drm_sched_job_arm(&job->base);
		entry->finished = dma_fence_get(&job->base.s_fence->finished);
		for (k = 0; k < ASCDEV_JOB_BOS; k++) {
			if (!job->bo[k])
				continue;
			dma_resv_add_fence(job->bo[k]->resv, entry->finished,
					   ascdev_job_reads(k) ? DMA_RESV_USAGE_READ :
							  DMA_RESV_USAGE_WRITE);
			drm_gem_object_get(job->bo[k]);
			entry->bo[k] = job->bo[k];
		}
		ascdev_job_accept(job);
		entry->job = NULL;
		drm_sched_entity_push_job(&job->base);
	}
	mutex_unlock(&submit->ctx->submit_lock);
	return 0;
}

static void publish_fences(struct submit *submit)
{
	u32 i, k;

	for (i = 0; i < submit->count; i++) {
		struct entry *entry = &submit->entries[i];

		for (k = 0; k < entry->signal_count; k++) {
			struct signal *signal = &entry->signals[k];

			if (signal->chain) {
				drm_syncobj_add_point(signal->syncobj, signal->chain,
						      entry->finished, signal->point);
				signal->chain = NULL;
			} else {
				drm_syncobj_replace_fence(signal->syncobj, entry->finished);
			}
		}
	}
}

/* Here and not where a job is run, see ascdev_pm.c. */
static int keep_awake(struct submit *submit)
{
	u32 i;
	int ret;

	for (i = 0; i < submit->count; i++) {
		ret = ascdev_pm_get(submit->adev);
		if (ret)
			return ret;
		submit->entries[i].job->keeps_awake = true;
	}
	return 0;
}

static int queue_jobs(struct submit *submit)
{
	struct drm_exec exec;
	int ret, idx;
	u32 i;

	for (i = 0; i < submit->count; i++) {
		ret = ascdev_job_begin_cpu_access(submit->entries[i].job);
		if (ret)
			return ret;
	}

	/* Not around copies from userspace, which may take for ever. */
	if (!drm_dev_enter(submit->drm, &idx))
		return -ENODEV;
	ret = keep_awake(submit);
	if (ret)
		goto out_exit;
	drm_exec_init(&exec, DRM_EXEC_INTERRUPTIBLE_WAIT | DRM_EXEC_IGNORE_DUPLICATES, 0);
	ret = lock_objects(submit, &exec);
	if (!ret)
		ret = add_implicit_waits(submit);
	if (!ret)
		ret = push_jobs(submit);
	drm_exec_fini(&exec);
	if (!ret)
		publish_fences(submit);
out_exit:
	drm_dev_exit(idx);
	return ret;
}

static void free_entries(struct submit *submit)
{
	u32 i, k;

	for (i = 0; i < submit->count; i++) {
		struct entry *entry = &submit->entries[i];

		for (k = 0; k < entry->signal_count; k++) {
			dma_fence_chain_free(entry->signals[k].chain);
			drm_syncobj_put(entry->signals[k].syncobj);
		}
		kfree(entry->signals);
		for (k = 0; k < ASCDEV_JOB_BOS; k++)
			drm_gem_object_put(entry->bo[k]);
		dma_fence_put(entry->finished);
		if (entry->job) {
			drm_sched_job_cleanup(&entry->job->base);
			ascdev_job_release(entry->job);
		}
	}
	kvfree(submit->entries);
}

static bool try_reserve(struct ascdev_file *file, u32 count)
{
	int jobs = atomic_read(&file->jobs);

	do {
		if (jobs + count > file->adev->config.max_queued_jobs)
			return false;
	} while (!atomic_try_cmpxchg(&file->jobs, &jobs, jobs + count));
	return true;
}

/* Reserve places in the file's queue before anything is made. */
static int reserve_queue(struct submit *submit, u32 count, bool wait)
{
	bool reserved = try_reserve(submit->priv, count);
	int ret;

	if (reserved)
		return 0;
	if (!wait) {
		drm_dbg(submit->drm, "submit: queue is full\n");
		return -EBUSY;
	}
	ret = wait_event_interruptible(submit->adev->room,
				       (reserved = try_reserve(submit->priv, count)) ||
				       drm_dev_is_unplugged(submit->drm));
	if (ret)
		return ret;
	return reserved ? 0 : -ENODEV;
}

int ascdev_ioctl_submit(struct drm_device *drm, void *data, struct drm_file *file)
{
	const struct drm_ascdev_submit *args = data;
	struct drm_ascdev_job job_args;
	struct submit submit = {
		.drm = drm,
		.adev = to_ascdev(drm),
		.file = file,
		.priv = file->driver_priv,
	};
	u32 i;
	int ret;

	if (args->flags & ~DRM_ASCDEV_SUBMIT_WAIT || !args->jobs.count) {
		drm_dbg(drm, "submit: flags %#x or no jobs\n", args->flags);
		return -EINVAL;
	}
	ret = ascdev_check_array(drm, &args->jobs, sizeof(job_args),
				 ascdev_device_max_jobs(submit.adev));
	if (ret)
		return ret;
	submit.ctx = ascdev_ctx_find(submit.priv, args->ctx);
	if (!submit.ctx) {
		drm_dbg(drm, "submit: no context %u\n", args->ctx);
		return -ENOENT;
	}
	if (ascdev_ctx_is_banned(submit.ctx)) {
		drm_dbg(drm, "submit: context %u is banned\n", args->ctx);
		ascdev_ctx_put(submit.ctx);
		return -EIO;
	}

	ret = reserve_queue(&submit, args->jobs.count, args->flags & DRM_ASCDEV_SUBMIT_WAIT);
	if (ret)
		goto out_put;
	submit.entries = kvcalloc(args->jobs.count, sizeof(*submit.entries), GFP_KERNEL);
	if (!submit.entries) {
		ret = -ENOMEM;
		goto out_unreserve;
	}
	for (i = 0; i < args->jobs.count; i++) {
		ret = copy_element(&args->jobs, i, &job_args, sizeof(job_args));
		if (ret)
			goto out_free;
		submit.count++;
		ret = add_entry(&submit, i, &job_args);
		if (ret)
			goto out_free;
	}
	ret = queue_jobs(&submit);

out_free:
	free_entries(&submit);
out_unreserve:
	if (ret)
		ascdev_file_unreserve(submit.priv, submit.adev, args->jobs.count);
out_put:
	ascdev_ctx_put(submit.ctx);
	return ret;
}
