// SPDX-License-Identifier: GPL-2.0-only
/*
 * A job from the scheduler's hands to its end.
 */

#include <linux/dma-fence.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/slab.h>

#include <drm/drm_gem.h>
#include <drm/drm_managed.h>
#include <drm/drm_print.h>

#include "ascdev_compat.h"
#include "ascdev_coredump.h"
#include "ascdev_ctx.h"
#include "ascdev_device.h"
#include "ascdev_fence.h"
#include "ascdev_gem.h"
#include "ascdev_job.h"
#include "ascdev_pin.h"
#include "ascdev_pm.h"
#include "ascdev_prime.h"
#include "ascdev_trace.h"
#include "ascdev_turns.h"

/**
 * ascdev_job_address - where a range of a job lies for an emulated engine
 * @job: a job whose buffer objects are mapped
 * @which: one that the job has
 *
 * Return: its first byte.
 */
void *ascdev_job_address(struct ascdev_job *job, enum ascdev_job_bo which)
{
	return to_ascdev_bo(job->bo[which])->map.vaddr + job->offset[which];
}

/* The caller holds the file's stats_lock. */
static void count(struct ascdev_job *job, enum ascdev_stat stat, u64 n)
{
	ascdev_stat_add(job->adev, stat, n);
	job->ctx->file->stats[stat] += n;
}

static void count_result(struct ascdev_job *job, const struct drm_ascdev_result *result)
{
	if (job->cancelled) {
		count(job, ASCDEV_STAT_CANCELLED, 1);
		return;
	}
	if (result->status != DRM_ASCDEV_STATUS_DONE) {
		count(job, ASCDEV_STAT_FAILED, 1);
		return;
	}
	count(job, ASCDEV_STAT_COMPLETED, 1);
	if (job->op == DRM_ASCDEV_OP_COMPRESS) {
		count(job, ASCDEV_STAT_COMPRESS_JOBS, 1);
		count(job, ASCDEV_STAT_COMPRESS_IN, result->bytes_read);
		count(job, ASCDEV_STAT_COMPRESS_OUT, result->bytes);
	} else {
		count(job, ASCDEV_STAT_DECOMPRESS_JOBS, 1);
		count(job, ASCDEV_STAT_DECOMPRESS_IN, result->bytes_read);
		count(job, ASCDEV_STAT_DECOMPRESS_OUT, result->bytes);
	}
}

/* Statistics, and clients, rely on what an engine says. */
static bool is_sane(const struct ascdev_job *job, const struct drm_ascdev_result *result)
{
	if (result->cookie != job->cookie)
		return false;
	if (result->status == DRM_ASCDEV_STATUS_FAILED)
		return result->error < 0 && result->error >= -MAX_ERRNO;
	if (result->status != DRM_ASCDEV_STATUS_DONE || result->error ||
	    result->elements > FMC_MAX_ELEMENTS)
		return false;
	/* a part may read some blocks of the payload again and again */
	return job->op == DRM_ASCDEV_OP_COMPRESS ?
	       result->bytes <= job->payload_bytes :
	       result->bytes == result->elements * (fmc_dtype_bits(job->surface.dtype) / 8);
}

static struct drm_ascdev_result failure(const struct ascdev_job *job, int error)
{
	return (struct drm_ascdev_result){
		.status = DRM_ASCDEV_STATUS_FAILED,
		.error = error,
		.cookie = job->cookie,
	};
}

static void write_record(struct ascdev_job *job, const struct drm_ascdev_result *result)
{
	if (job->bo[ASCDEV_JOB_RESULT])
		memcpy(ascdev_job_address(job, ASCDEV_JOB_RESULT), result, sizeof(*result));
}

/* It is decided how a job ends.  Return: whether it was cancelled before. */
static bool settle(struct ascdev_job *job)
{
	spin_lock(&job->ctx->lock);
	list_del_init(&job->node);
	spin_unlock(&job->ctx->lock);
	return job->cancelled;
}

/**
 * ascdev_job_accept - a job is armed and will be queued, without a way back
 * @job: the job
 */
void ascdev_job_accept(struct ascdev_job *job)
{
	struct ascdev_file *file = job->ctx->file;

	job->accepted = true;
	spin_lock(&job->ctx->lock);
	list_add_tail(&job->node, &job->ctx->jobs);
	spin_unlock(&job->ctx->lock);
	spin_lock(&file->stats_lock);
	count(job, ASCDEV_STAT_SUBMITTED, 1);
	spin_unlock(&file->stats_lock);
	ascdev_turn_queue(job);
	trace_ascdev_job_submit(job);
}

/**
 * ascdev_job_begin - an engine begins a job
 * @job: the job
 */
void ascdev_job_begin(struct ascdev_job *job)
{
	struct ascdev_file *file = job->ctx->file;

	spin_lock(&file->stats_lock);
	job->start_ns = ktime_get_ns();
	file->stats[ASCDEV_STAT_BUSY_NS] -= job->start_ns;
	file->running++;
	spin_unlock(&file->stats_lock);
	trace_ascdev_job_run(job);
}

/**
 * ascdev_file_busy_ns - for how long engines worked for a file
 * @file: file
 *
 * What runs at this moment is included, so the time never goes back.
 *
 * Return: nanoseconds, those of several engines added up.
 */
u64 ascdev_file_busy_ns(struct ascdev_file *file)
{
	u64 busy;

	spin_lock(&file->stats_lock);
	busy = file->stats[ASCDEV_STAT_BUSY_NS] + file->running * ktime_get_ns();
	spin_unlock(&file->stats_lock);
	return busy;
}

/**
 * ascdev_file_cycles - how many cycles the jobs of a file took
 * @file: file
 *
 * Return: cycles, those of several engines added up.
 */
u64 ascdev_file_cycles(struct ascdev_file *file)
{
	u64 cycles;

	spin_lock(&file->stats_lock);
	cycles = file->stats[ASCDEV_STAT_CYCLES];
	spin_unlock(&file->stats_lock);
	return cycles;
}

/**
 * ascdev_job_done - an engine has ended a job
 * @job: the job; may be gone when this returns
 * @result: how it ended; replaced by a failure if it makes no sense or the job was
 *	cancelled; the times are filled in
 *
 * The record is written before the fence signals.
 */
void ascdev_job_done(struct ascdev_job *job, struct drm_ascdev_result *result)
{
	struct ascdev_file *file = job->ctx->file;
	struct dma_fence *fence = job->hw_fence;

	if (settle(job))
		*result = failure(job, -ECANCELED);
	else if (!is_sane(job, result))
		*result = failure(job, -EIO);
	spin_lock(&file->stats_lock);
	result->start_ns = job->start_ns;
	result->end_ns = ktime_get_ns();
	file->stats[ASCDEV_STAT_BUSY_NS] += result->end_ns;
	count(job, ASCDEV_STAT_CYCLES, result->cycles);
	file->running--;
	ascdev_stat_add(job->adev, ASCDEV_STAT_BUSY_NS, result->end_ns - result->start_ns);
	count_result(job, result);
	spin_unlock(&file->stats_lock);
	trace_ascdev_job_done(job, result);

	write_record(job, result);
	if (result->error && !job->cancelled)
		ascdev_ctx_job_failed(job->ctx, job, result->error);
	job->hw_fence = NULL;
	if (result->error)
		dma_fence_set_error(fence, result->error);
	dma_fence_signal(fence);
	dma_fence_put(fence);
}

static enum dma_data_direction access_direction(enum ascdev_job_bo which)
{
	return ascdev_job_reads(which) ? DMA_FROM_DEVICE : DMA_BIDIRECTIONAL;
}

/**
 * ascdev_job_begin_cpu_access - tell exporters that want to know of the engine's access
 * @job: one that is not yet queued
 *
 * It ends when the job is released.
 *
 * Return: 0 or a negative errno.
 */
int ascdev_job_begin_cpu_access(struct ascdev_job *job)
{
	u32 i;
	int ret;

	for (i = 0; i < ASCDEV_JOB_BOS; i++) {
		if (!job->bo[i] || !ascdev_prime_needs_cpu_access(job->bo[i]))
			continue;
		ret = ascdev_prime_begin_cpu_access(job->bo[i], access_direction(i));
		if (ret)
			return ret;
		job->cpu_access |= BIT(i);
	}
	return 0;
}

/**
 * ascdev_job_release - free a job
 * @job: one that the scheduler does not know, or no longer
 */
void ascdev_job_release(struct ascdev_job *job)
{
	u32 i;

	if (job->keeps_awake)
		ascdev_pm_put(job->adev);
	for (i = 0; i < ASCDEV_JOB_BOS; i++) {
		if (job->cpu_access & BIT(i))
			ascdev_prime_end_cpu_access(job->bo[i], access_direction(i));
		if (job->pin[i])
			ascdev_pin_put(job->pin[i]);
		if (job->bo[i])
			drm_gem_object_put(job->bo[i]);
	}
	if (job->accepted)
		ascdev_file_unreserve(job->ctx->file, job->adev, 1);
	ascdev_ctx_put(job->ctx);
	ascdev_fence_free_unused(job->fence);
	kfree(job);
}

/*
 * Called when a job waits for nothing else, and again before it leaves the queue.
 *
 * Contexts take turns.  The scheduler serves the context whose next job has waited for
 * longest, so one with a thousand jobs would keep others waiting for all of them.  This
 * lets the next one have waited since now.  Where clients have to take turns, see
 * ascdev_turns.c.
 */
static struct dma_fence *ascdev_sched_prepare_job(struct drm_sched_job *base,
						  struct drm_sched_entity *entity)
{
	struct dma_fence *turn = ascdev_turn_wait(to_ascdev_job(base));
	struct spsc_node *next = READ_ONCE(base->queue_node.next);

	if (turn)
		return turn;
	if (next)
		container_of(next, struct drm_sched_job, queue_node)->submit_ts = ktime_get();
	return NULL;
}

static void count_unrun(struct ascdev_job *job, int error)
{
	const struct drm_ascdev_result result = {
		.status = DRM_ASCDEV_STATUS_NONE,
		.error = error,
	};

	trace_ascdev_job_done(job, &result);
	spin_lock(&job->ctx->file->stats_lock);
	count(job, ASCDEV_STAT_CANCELLED, 1);
	spin_unlock(&job->ctx->file->stats_lock);
}

static struct dma_fence *ascdev_sched_run_job(struct drm_sched_job *base)
{
	struct ascdev_job *job = to_ascdev_job(base);
	struct ascdev_engine *engine = container_of(base->sched, struct ascdev_engine, sched);
	struct dma_fence *fence;
	int error = 0;

	job->scheduled = true;
	if (ascdev_ctx_is_banned(job->ctx))
		error = -ECANCELED;
	else if (READ_ONCE(engine->stopped))
		error = -ENODEV;
	if (error || READ_ONCE(job->cancelled)) {
		if (settle(job)) {
			const struct drm_ascdev_result result = failure(job, -ECANCELED);

			write_record(job, &result);
			error = -ECANCELED;
		}
		count_unrun(job, error);
		ascdev_turn_leave(job, false);
		return ERR_PTR(error);
	}

	fence = ascdev_fence_init(job->fence, engine);
	job->fence = NULL;
	job->hw_fence = dma_fence_get(fence);
	job->ran = true;
	ascdev_turn_leave(job, true);
	engine->ops->start(engine, job);
	/* CANCEL may have come when the engine did not have it yet */
	if (READ_ONCE(job->cancelled))
		engine->ops->abort(engine, job, -ECANCELED);
	return fence;
}

static void ascdev_sched_free_job(struct drm_sched_job *base);

static enum drm_gpu_sched_stat ascdev_sched_timedout_job(struct drm_sched_job *base)
{
	struct ascdev_job *job = to_ascdev_job(base);
	struct ascdev_engine *engine = container_of(base->sched, struct ascdev_engine, sched);
	u32 units = READ_ONCE(job->units_done);
	int error = units == job->units_seen ? -ETIME : 0;

	/*
	 * Ended since the timeout, or while the scheduler is stopped.  The scheduler looks at
	 * its first job only, and would free this one by a worker that may be behind the next
	 * job, on the engine's workqueue: if that one hangs nobody would see it.
	 */
	if (dma_fence_is_signaled(&base->s_fence->finished)) {
		ascdev_sched_free_job(base);
		return ASCDEV_SCHED_JOB_FREED;
	}
	/*
	 * A large job may well take longer than the timeout.  One that stands
	 * still is told to end, and then ends by the same way as any other.
	 */
	trace_ascdev_job_timeout(job, units, error);
	if (error) {
		settle(job);
		drm_dbg(&job->adev->drm, "%s makes no progress\n", engine->name);
		ascdev_coredump(engine, job);
		engine->ops->abort(engine, job, error);
	}
	job->units_seen = units;
	return ascdev_sched_no_hang(base);
}

static void release_work(struct work_struct *work)
{
	struct ascdev_job *job = container_of(work, struct ascdev_job, release_work);
	struct dma_fence *finished = job->finished;

	ascdev_job_release(job);
	dma_fence_put(finished);
}

static void ascdev_sched_free_job(struct drm_sched_job *base)
{
	struct dma_fence *fence;
	struct ascdev_engine *engine = container_of(base->sched, struct ascdev_engine, sched);
	struct ascdev_job *job = to_ascdev_job(base);

	/*
	 * The scheduler counts jobs to find the engine with the fewest, and forgets
	 * about those that go with their queue: the engine would seem busy for ever.
	 */
	if (!job->scheduled) {
		atomic_dec(base->sched->score);
		settle(job);
		count_unrun(job, base->s_fence->finished.error);
	}
	ascdev_turn_end(job);
	if (!job->ran) {
		/* see ascdev_fence.c; pairs with the scheduler's smp_load_acquire() */
		smp_store_release(&base->s_fence->parent,
				  ascdev_fence_init_signaled(job->fence, engine, -ECANCELED));
		job->fence = NULL;
	}
	/*
	 * The scheduler's fence, and with it the device, may go with the job, if
	 * nobody else has it; not before all that belongs to the job is released.
	 */
	fence = dma_fence_get(&base->s_fence->finished);
	drm_sched_job_cleanup(base);
	/* Exporters may sleep, and wait for jobs that are to be run by this worker. */
	if (job->cpu_access) {
		job->finished = fence;
		INIT_WORK(&job->release_work, release_work);
		ascdev_queue_release(&job->release_work);
		return;
	}
	ascdev_job_release(job);
	dma_fence_put(fence);
}

static const struct drm_sched_backend_ops ascdev_sched_ops = {
	.prepare_job = ascdev_sched_prepare_job,
	.run_job = ascdev_sched_run_job,
	.timedout_job = ascdev_sched_timedout_job,
	.free_job = ascdev_sched_free_job,
};

/*
 * The scheduler is needed by the queue of every open file, so it goes with the
 * device, after the last close, and not with the driver's binding.
 */
static void ascdev_sched_fini(struct drm_device *drm, void *data)
{
	struct ascdev_engine *engine = data;

	ascdev_turns_fini(engine);
	drm_sched_fini(&engine->sched);
}

/**
 * ascdev_sched_init_engine - give an engine its scheduler
 * @engine: engine with its device set
 *
 * Return: 0 or a negative errno.
 */
int ascdev_sched_init_engine(struct ascdev_engine *engine)
{
	const struct drm_sched_init_args args = {
		.ops = &ascdev_sched_ops,
		.num_rqs = DRM_SCHED_PRIORITY_COUNT,
		.credit_limit = 1,
		.submit_wq = engine->wq,
		.timeout = msecs_to_jiffies(engine->adev->timeout_ms),
		.name = "ascdev",
		.dev = engine->adev->drm.dev,
	};
	int ret;

	ret = drmm_mutex_init(&engine->adev->drm, &engine->pause_lock);
	if (ret)
		return ret;
	engine->fence_context = dma_fence_context_alloc(1);
	spin_lock_init(&engine->fence_lock);
	ascdev_turns_init(engine);
	ret = ascdev_sched_init(&engine->sched, &args);
	if (ret)
		return ret;
	return drmm_add_action_or_reset(&engine->adev->drm, ascdev_sched_fini, engine);
}

/**
 * ascdev_sched_pause - let no further job reach an engine
 * @engine: engine; what it runs, it goes on with
 *
 * Waits for what the scheduler is at.  To be undone by ascdev_sched_resume(), as often as
 * it was called.
 */
void ascdev_sched_pause(struct ascdev_engine *engine)
{
	mutex_lock(&engine->pause_lock);
	WRITE_ONCE(engine->paused, engine->paused + 1);
	if (engine->paused == 1)
		drm_sched_wqueue_stop(&engine->sched);
	mutex_unlock(&engine->pause_lock);
}

/**
 * ascdev_sched_resume - undo ascdev_sched_pause()
 * @engine: engine
 */
void ascdev_sched_resume(struct ascdev_engine *engine)
{
	mutex_lock(&engine->pause_lock);
	if (engine->paused == 1)
		drm_sched_wqueue_start(&engine->sched);
	WRITE_ONCE(engine->paused, engine->paused - 1);
	ascdev_turns_resume(engine);
	mutex_unlock(&engine->pause_lock);
}
