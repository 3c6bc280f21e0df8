// SPDX-License-Identifier: GPL-2.0-only
/*
 * The emulated engine: a worker that runs the codec on a CPU.  A test vehicle
 * and a fallback.
 */

#include <linux/delay.h>
#include <linux/dma-fence.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include <drm/drm_managed.h>

#include "ascdev_device.h"
#include "ascdev_engine.h"
#include "ascdev_job.h"
#include "ascdev_vector.h"

/* The pause after each step of a job that is told to be slow. */
#define SLOW_JOB_MS	20

/* Called after each step.  Return: 0 to go on, or the error to end with. */
static int step_done(struct ascdev_engine *engine, struct ascdev_job *job)
{
	u32 slow_ms = READ_ONCE(engine->adev->inject.slow_ms) + engine->slow_ms;

	WRITE_ONCE(job->units_done, job->units_done + 1);
	if (slow_ms)
		msleep(slow_ms);
	cond_resched();
	if (!READ_ONCE(engine->has_power))
		return -EIO;
	return READ_ONCE(engine->abort_error);
}

/*
 * Nothing else runs on the CPU while vector registers are in use, so encoders whose steps take
 * milliseconds must do without: searches, and that of the pooled profile.
 */
static enum fmc_cpu cpu_for(const struct ascdev_job *job)
{
	if (job->op == DRM_ASCDEV_OP_COMPRESS &&
	    (job->params.effort == ASC_EFFORT_BEST || job->params.profile == FMC_PROFILE_POOLED))
		return FMC_CPU_SCALAR;
	return ascdev_vector_cpu();
}

static int compress(struct ascdev_engine *engine, struct ascdev_job *job,
		    struct drm_ascdev_result *result, struct ascdev_model_job *done)
{
	const void *src = ascdev_job_address(job, ASCDEV_JOB_SRC);
	void *dst = ascdev_job_address(job, ASCDEV_JOB_DST);
	struct fmc_encoder *enc = &engine->encoder;
	enum fmc_cpu cpu;
	int ret, more;

	if (job->bo[ASCDEV_JOB_ORDER])
		memcpy(engine->workspace->order, ascdev_job_address(job, ASCDEV_JOB_ORDER),
		       job->surface.dim[FMC_DIM_C] * sizeof(u16));
	cpu = cpu_for(job);
	engine->workspace->kernels = fmc_kernels_get(cpu);
	ret = fmc_encode_init(enc, &job->surface, &job->params, engine->workspace);
	if (ret)
		return ret;
	do {
		ascdev_vector_begin(cpu);
		more = fmc_encode_step(enc, src, dst);
		ascdev_vector_end(cpu);
		ret = step_done(engine, job);
		if (ret)
			return ret;
	} while (more);

	job->params = enc->params;
	result->bytes = enc->bytes;
	result->bytes_read = (u64)enc->elements * (fmc_dtype_bits(job->surface.dtype) / 8);
	result->elements = enc->elements;
	result->linear_blocks = enc->stats.linear_blocks;
	result->log_blocks = enc->stats.log_blocks;
	result->sum_abs_error = enc->stats.sum_abs_error;
	result->sum_sq_error = enc->stats.sum_sq_error;
	result->max_abs_error = enc->stats.max_abs_error;
	result->error_exponent = enc->stats.error_exponent;
	if (enc->params.codec == FMC_CODEC_ASC_CBR) {
		done->blocks = enc->cbr.blocks;
		done->block_values = enc->cbr.format.values;
	}
	return 0;
}

/* Behind the order, if the payload has one. */
static void count_blocks_read(const struct fmc_decoder *dec, struct ascdev_model_job *done)
{
	u64 bytes = dec->bytes_read;

	if (dec->params.reorder)
		bytes -= fmc_order_bytes(dec->whole.dim[FMC_DIM_C]);
	done->blocks = div_u64(bytes, asc_block_bytes(&dec->cbr.format));
	done->block_values = dec->cbr.format.values;
}

static int decompress(struct ascdev_engine *engine, struct ascdev_job *job,
		      struct drm_ascdev_result *result, struct ascdev_model_job *done)
{
	const void *src = ascdev_job_address(job, ASCDEV_JOB_SRC);
	void *dst = ascdev_job_address(job, ASCDEV_JOB_DST);
	struct fmc_decoder *dec = &engine->decoder;
	enum fmc_cpu cpu = cpu_for(job);
	int ret, more;

	engine->workspace->kernels = fmc_kernels_get(cpu);
	ret = fmc_decode_init(dec, &job->surface, &job->params, &job->part, job->payload_bytes,
			      engine->workspace);
	if (ret)
		return ret;
	do {
		ascdev_vector_begin(cpu);
		more = fmc_decode_step(dec, src, dst);
		ascdev_vector_end(cpu);
		ret = step_done(engine, job);
		if (ret)
			return ret;
	} while (more);

	result->elements = dec->elements;
	result->bytes = (u64)dec->elements * (fmc_dtype_bits(job->surface.dtype) / 8);
	result->bytes_read = dec->bytes_read;
	if (dec->params.codec == FMC_CODEC_ASC_CBR)
		count_blocks_read(dec, done);
	return dec->error;
}

/*
 * The time that the job takes in hardware, as far as it is not over.  In small steps, so
 * that somebody can put an end to it, and that it is seen to make progress.
 */
static int pace(struct ascdev_engine *engine, struct ascdev_job *job, u64 cycles)
{
	u64 end_ns = job->start_ns + ascdev_model_ns(&engine->adev->config.model, cycles);
	u64 now_ns;
	int ret;

	while ((now_ns = ktime_get_ns()) < end_ns) {
		u32 us = min_t(u64, end_ns - now_ns, 2 * NSEC_PER_MSEC) / NSEC_PER_USEC;

		usleep_range(us + 1, us + 1 + us / 8);
		ret = step_done(engine, job);
		if (ret)
			return ret;
	}
	return 0;
}

/* A job that came to its end has cycles, even if its payload made no sense. */
static int finish(struct ascdev_engine *engine, struct ascdev_job *job, int error,
		  struct drm_ascdev_result *result, struct ascdev_model_job *done)
{
	const struct ascdev_config *config = &engine->adev->config;
	u64 cycles;
	int ret = 0;

	if (error && error != -EBADMSG)
		return error;
	done->compress = job->op == DRM_ASCDEV_OP_COMPRESS;
	done->codec = job->params.codec;
	done->bits = fmc_dtype_bits(job->surface.dtype);
	done->values = result->elements;
	done->bytes = result->bytes + result->bytes_read;
	cycles = ascdev_model_cycles(&config->model, done);
	if (config->pace)
		ret = pace(engine, job, cycles);
	if (ret)
		return ret;
	result->cycles = cycles;
	return error;
}

/* No progress, until somebody puts an end to it. */
static int hang(struct ascdev_engine *engine)
{
	int error;

	while (!(error = READ_ONCE(engine->abort_error)))
		usleep_range(500, 1000);
	return error;
}

static void emu_work(struct work_struct *work)
{
	struct ascdev_engine *engine = container_of(work, struct ascdev_engine, work);
	struct ascdev_job *job = engine->job;
	struct drm_ascdev_result result = {
		.cookie = job->cookie,
	};
	struct ascdev_model_job done = { 0 };
	bool signalling = dma_fence_begin_signalling();
	int ret;

	ascdev_job_begin(job);
	engine->slow_ms = ascdev_injected(engine->adev, ASCDEV_INJECT_SLOW) ? SLOW_JOB_MS : 0;
	if (!READ_ONCE(engine->has_power))
		ret = -EIO;
	else if (ascdev_injected(engine->adev, ASCDEV_INJECT_HANG))
		ret = hang(engine);
	else if (ascdev_injected(engine->adev, ASCDEV_INJECT_FAIL))
		ret = -EIO;
	else if (job->op == DRM_ASCDEV_OP_COMPRESS)
		ret = finish(engine, job, compress(engine, job, &result, &done), &result, &done);
	else
		ret = finish(engine, job, decompress(engine, job, &result, &done), &result, &done);

	result.codec = job->params.codec;
	result.endpoints = job->params.endpoints;
	result.profile = job->params.profile;
	result.exponent = job->params.exponent;
	result.reorder = job->params.reorder;
	result.effort = job->params.effort;
	result.scale = job->params.scale;
	result.max_error = job->params.max_error;
	result.target_bpe = job->params.target_bpe;
	result.block.w = job->params.block.w;
	result.block.h = job->params.block.h;
	result.block.c = job->params.block.c;
	result.status = ret ? DRM_ASCDEV_STATUS_FAILED : DRM_ASCDEV_STATUS_DONE;
	result.error = ret;
	if (ascdev_injected(engine->adev, ASCDEV_INJECT_CORRUPT))
		memset(&result, 0xa5, sizeof(result));
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

static void emu_suspend(struct ascdev_engine *engine)
{
	WRITE_ONCE(engine->has_power, false);
}

static void emu_resume(struct ascdev_engine *engine)
{
	WRITE_ONCE(engine->has_power, true);
}

static const struct ascdev_engine_ops emu_ops = {
	.start = emu_start,
	.abort = emu_abort,
	.stop = emu_stop,
	.suspend = emu_suspend,
	.resume = emu_resume,
};

static void emu_fini(struct drm_device *drm, void *data)
{
	struct ascdev_engine *engine = data;

	destroy_workqueue(engine->wq);
	kvfree(engine->workspace);
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
	engine->workspace = kvzalloc(sizeof(*engine->workspace), GFP_KERNEL);
	if (!engine->workspace)
		return -ENOMEM;
	engine->wq = alloc_ordered_workqueue("ascdev-engine", WQ_MEM_RECLAIM);
	if (!engine->wq) {
		kvfree(engine->workspace);
		return -ENOMEM;
	}
	return drmm_add_action_or_reset(&engine->adev->drm, emu_fini, engine);
}
