// SPDX-License-Identifier: GPL-2.0-only
/*
 * The emulated engine: a worker that runs the codec on a CPU.  A test vehicle
 * and a fallback.
 */

#include <linux/dma-fence.h>
#include <linux/ktime.h>
#include <linux/sched.h>

#include <drm/drm_managed.h>

#include "ascdev_device.h"
#include "ascdev_engine.h"
#include "ascdev_job.h"

/* Blocks between two looks at whether to go on: about a millisecond's work. */
#define UNIT_BLOCKS	1024

/* Likewise, in steps of asc_cbr_choose_step(). */
#define CHOOSE_STEPS	64

/**
 * struct unit - a part of a job
 * @first: first block
 * @count: number of blocks
 */
struct unit {
	u32 first;
	u32 count;
};

static bool next_unit(const struct asc_cbr *cbr, struct unit *unit)
{
	unit->first += unit->count;
	unit->count = min_t(u32, cbr->blocks - unit->first, UNIT_BLOCKS);
	return unit->count;
}

/* Called after each unit.  Return: 0 to go on, or the error to end with. */
static int unit_done(struct ascdev_engine *engine, struct ascdev_job *job)
{
	WRITE_ONCE(job->units_done, job->units_done + 1);
	cond_resched();
	return READ_ONCE(engine->abort_error);
}

/* Settle what the job leaves open. */
static int choose(struct ascdev_engine *engine, struct ascdev_job *job)
{
	const void *src = ascdev_job_address(job, ASCDEV_JOB_SRC);
	u32 steps = 0;
	int ret;

	ret = asc_cbr_choose_init(&job->chooser, &job->surface, &job->params);
	if (ret)
		return ret;
	while (asc_cbr_choose_step(&job->chooser, src)) {
		if (++steps % CHOOSE_STEPS)
			continue;
		ret = unit_done(engine, job);
		if (ret)
			return ret;
	}
	job->params = job->chooser.params;
	return 0;
}

static int compress(struct ascdev_engine *engine, struct ascdev_job *job,
		    struct drm_ascdev_result *result)
{
	const void *src = ascdev_job_address(job, ASCDEV_JOB_SRC);
	void *dst = ascdev_job_address(job, ASCDEV_JOB_DST);
	struct asc_cbr_stats stats = {};
	struct unit unit = {};
	struct asc_cbr cbr;
	int ret;

	ret = choose(engine, job);
	if (!ret)
		ret = asc_cbr_init(&cbr, &job->surface, &job->params);
	if (ret)
		return ret;

	while (next_unit(&cbr, &unit)) {
		asc_cbr_encode(&cbr, unit.first, unit.count, src, dst, &stats);
		ret = unit_done(engine, job);
		if (ret)
			return ret;
	}

	result->bytes = asc_cbr_bytes(&cbr);
	result->elements = cbr.elements;
	result->linear_blocks = stats.linear_blocks;
	result->log_blocks = stats.log_blocks;
	result->sum_abs_error = stats.sum_abs_error;
	result->sum_sq_error = stats.sum_sq_error;
	result->max_abs_error = stats.max_abs_error;
	return 0;
}

static int decompress(struct ascdev_engine *engine, struct ascdev_job *job,
		      struct drm_ascdev_result *result)
{
	const void *src = ascdev_job_address(job, ASCDEV_JOB_SRC);
	void *dst = ascdev_job_address(job, ASCDEV_JOB_DST);
	struct unit unit = {};
	struct asc_cbr cbr;
	int ret;

	ret = asc_cbr_init(&cbr, &job->surface, &job->params);
	if (ret)
		return ret;

	while (next_unit(&cbr, &unit)) {
		asc_cbr_decode(&cbr, unit.first, unit.count, src, dst);
		ret = unit_done(engine, job);
		if (ret)
			return ret;
	}

	result->elements = cbr.elements;
	result->bytes = (u64)cbr.elements * (cbr.format.bits / 8);
	return 0;
}

static void emu_work(struct work_struct *work)
{
	struct ascdev_engine *engine = container_of(work, struct ascdev_engine, work);
	struct ascdev_job *job = engine->job;
	struct drm_ascdev_result result = {
		.cookie = job->cookie,
		.codec = job->codec,
		.start_ns = ktime_get_ns(),
	};
	bool signalling = dma_fence_begin_signalling();
	int ret;

	if (job->op == DRM_ASCDEV_OP_COMPRESS)
		ret = compress(engine, job, &result);
	else
		ret = decompress(engine, job, &result);

	result.end_ns = ktime_get_ns();
	result.endpoints = job->params.endpoints;
	result.block.w = job->params.block.w;
	result.block.h = job->params.block.h;
	result.block.c = job->params.block.c;
	result.status = ret ? DRM_ASCDEV_STATUS_FAILED : DRM_ASCDEV_STATUS_DONE;
	result.error = ret;
	spin_lock(&engine->lock);
	engine->job = NULL;
	spin_unlock(&engine->lock);
	ascdev_job_done(job, &result);
	dma_fence_end_signalling(signalling);
}

static void emu_start(struct ascdev_engine *engine, struct ascdev_job *job)
{
	spin_lock(&engine->lock);
	engine->job = job;
	WRITE_ONCE(engine->abort_error, engine->stopped ? -ENODEV : 0);
	spin_unlock(&engine->lock);
	queue_work(engine->wq, &engine->work);
}

static void emu_abort(struct ascdev_engine *engine, struct ascdev_job *job, int error)
{
	spin_lock(&engine->lock);
	if (engine->job == job)
		WRITE_ONCE(engine->abort_error, error);
	spin_unlock(&engine->lock);
}

static void emu_stop(struct ascdev_engine *engine)
{
	spin_lock(&engine->lock);
	WRITE_ONCE(engine->stopped, true);
	WRITE_ONCE(engine->abort_error, -ENODEV);
	spin_unlock(&engine->lock);
	flush_work(&engine->work);
}

static const struct ascdev_engine_ops emu_ops = {
	.start = emu_start,
	.abort = emu_abort,
	.stop = emu_stop,
};

static void emu_fini(struct drm_device *drm, void *data)
{
	destroy_workqueue(data);
}

/**
 * ascdev_engine_emu_init - make an engine an emulated one
 * @engine: engine with its device set
 *
 * To be called before ascdev_sched_init_engine(), so that it ends after the
 * scheduler.
 *
 * Return: 0 or a negative errno.
 */
int ascdev_engine_emu_init(struct ascdev_engine *engine)
{
	engine->ops = &emu_ops;
	spin_lock_init(&engine->lock);
	INIT_WORK(&engine->work, emu_work);
	engine->wq = alloc_ordered_workqueue("ascdev-engine", WQ_MEM_RECLAIM);
	if (!engine->wq)
		return -ENOMEM;
	return drmm_add_action_or_reset(&engine->adev->drm, emu_fini, engine->wq);
}
