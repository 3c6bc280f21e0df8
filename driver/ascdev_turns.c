// SPDX-License-Identifier: GPL-2.0-only
/*
 * Clients take turns on an engine, and so do the contexts of each.
 *
 * The scheduler knows contexts only: a client with many of them would have as many turns.
 * Where that makes a difference, that is where several clients have jobs queued with one
 * priority, and one of them in several contexts, a job that could run waits for its turn
 * with one more fence.  Once the scheduler has found no other job that could run, and the
 * engine has none, that of the next in turn is let go.
 *
 * What waits for fences of others never gets here, so it takes part in no turn.
 */

#include <linux/dma-fence.h>

#include "ascdev_ctx.h"
#include "ascdev_device.h"
#include "ascdev_engine.h"
#include "ascdev_job.h"
#include "ascdev_turns.h"

static const char *turn_driver_name(struct dma_fence *fence)
{
	return "ascdev";
}

static const char *turn_timeline_name(struct dma_fence *fence)
{
	return "turn";
}

/* It lies in the job; only the scheduler has it, and for no longer than the job. */
static void turn_release(struct dma_fence *fence)
{
}

static const struct dma_fence_ops turn_ops = {
	.get_driver_name = turn_driver_name,
	.get_timeline_name = turn_timeline_name,
	.release = turn_release,
};

static struct ascdev_engine *engine_of(const struct ascdev_job *job)
{
	return container_of(job->base.sched, struct ascdev_engine, sched);
}

static struct ascdev_file_turn *file_turn(struct ascdev_engine *engine, struct ascdev_ctx *ctx)
{
	return &ctx->file->turns[engine - engine->adev->engines][ctx->entity.priority];
}

static bool goes_before(struct ascdev_engine *engine, struct ascdev_ctx *a, struct ascdev_ctx *b)
{
	u64 file_a = file_turn(engine, a)->last, file_b = file_turn(engine, b)->last;

	if (a->entity.priority != b->entity.priority)
		return a->entity.priority < b->entity.priority;
	return file_a != file_b ? file_a < file_b : a->turn.last < b->turn.last;
}

static void let_go(struct ascdev_ctx *ctx)
{
	list_del_init(&ctx->turn.node);
	dma_fence_signal_locked(&ctx->turn.job->turn);
}

static void queue_turns(struct ascdev_engine *engine)
{
	queue_work(engine->sched.submit_wq, &engine->turns.work);
}

static void turns_work(struct work_struct *work)
{
	struct ascdev_turns *turns = container_of(work, struct ascdev_turns, work);
	struct ascdev_engine *engine = container_of(turns, struct ascdev_engine, turns);
	struct ascdev_ctx *ctx, *best = NULL;

	/* ascdev_turns_resume() makes up for it */
	if (READ_ONCE(engine->paused))
		return;
	/* others may come; each time one more has come to wait here, or the engine is busy */
	if (work_pending(&engine->sched.work_run_job)) {
		queue_turns(engine);
		return;
	}
	spin_lock(&turns->lock);
	if (!turns->busy && !turns->next) {
		list_for_each_entry(ctx, &turns->waiting, turn.node) {
			if (!best || goes_before(engine, ctx, best))
				best = ctx;
		}
		if (best) {
			turns->next = best;
			let_go(best);
		}
	}
	spin_unlock(&turns->lock);
}

/**
 * ascdev_turns_init - prepare an engine
 * @engine: engine
 */
void ascdev_turns_init(struct ascdev_engine *engine)
{
	spin_lock_init(&engine->turns.lock);
	INIT_LIST_HEAD(&engine->turns.waiting);
	INIT_WORK(&engine->turns.work, turns_work);
}

/**
 * ascdev_turns_fini - undo ascdev_turns_init()
 * @engine: engine without jobs
 */
void ascdev_turns_fini(struct ascdev_engine *engine)
{
	cancel_work_sync(&engine->turns.work);
}

/**
 * ascdev_turns_resume - go on after the scheduler was paused
 * @engine: engine
 */
void ascdev_turns_resume(struct ascdev_engine *engine)
{
	queue_turns(engine);
}

/**
 * ascdev_turns_drop - a context's queue is about to be dropped
 * @engine: where it is
 * @ctx: context; the engine's scheduler is paused
 */
void ascdev_turns_drop(struct ascdev_engine *engine, struct ascdev_ctx *ctx)
{
	spin_lock(&engine->turns.lock);
	if (!list_empty(&ctx->turn.node))
		let_go(ctx);
	ctx->turn.job = NULL;
	if (engine->turns.next == ctx)
		engine->turns.next = NULL;
	spin_unlock(&engine->turns.lock);
}

/**
 * ascdev_turn_queue - a job is about to be queued
 * @job: job, armed
 */
void ascdev_turn_queue(struct ascdev_job *job)
{
	struct ascdev_engine *engine = engine_of(job);
	struct ascdev_turns *turns = &engine->turns;
	struct ascdev_ctx *ctx = job->ctx;

	spin_lock(&turns->lock);
	if (!ctx->turn.queued++) {
		turns->contexts[ctx->entity.priority]++;
		if (!file_turn(engine, ctx)->contexts++)
			turns->files[ctx->entity.priority]++;
	}
	spin_unlock(&turns->lock);
}

/**
 * ascdev_turn_wait - does a job have to wait for its turn?
 * @job: the first one of its queue, which waits for nothing else
 *
 * Return: NULL if it does not, else a fence, referenced.
 */
struct dma_fence *ascdev_turn_wait(struct ascdev_job *job)
{
	struct ascdev_engine *engine = engine_of(job);
	struct ascdev_turns *turns = &engine->turns;
	struct ascdev_ctx *ctx = job->ctx;
	struct dma_fence *fence = NULL;
	u32 files;

	spin_lock(&turns->lock);
	files = turns->files[ctx->entity.priority];
	if (turns->next != ctx &&
	    (turns->next || !list_empty(&turns->waiting) ||
	     (files > 1 && turns->contexts[ctx->entity.priority] > files))) {
		dma_fence_init(&job->turn, &turn_ops, &turns->lock, dma_fence_context_alloc(1), 1);
		fence = dma_fence_get(&job->turn);
		ctx->turn.job = job;
		list_add_tail(&ctx->turn.node, &turns->waiting);
		queue_turns(engine);
	}
	spin_unlock(&turns->lock);
	return fence;
}

/* The caller holds the lock. */
static void leave(struct ascdev_engine *engine, struct ascdev_ctx *ctx)
{
	struct ascdev_turns *turns = &engine->turns;

	if (--ctx->turn.queued)
		return;
	turns->contexts[ctx->entity.priority]--;
	if (!--file_turn(engine, ctx)->contexts)
		turns->files[ctx->entity.priority]--;
}

/**
 * ascdev_turn_leave - a job has left its queue by its turn
 * @job: job
 * @runs: the engine gets it
 */
void ascdev_turn_leave(struct ascdev_job *job, bool runs)
{
	struct ascdev_engine *engine = engine_of(job);
	struct ascdev_turns *turns = &engine->turns;
	struct ascdev_ctx *ctx = job->ctx;

	spin_lock(&turns->lock);
	leave(engine, ctx);
	ctx->turn.job = NULL;
	if (turns->next == ctx)
		turns->next = NULL;
	if (runs) {
		turns->busy++;
		ctx->turn.last = atomic64_inc_return(&engine->adev->turns);
		file_turn(engine, ctx)->last = ctx->turn.last;
	}
	spin_unlock(&turns->lock);
}

/**
 * ascdev_turn_end - a job that was queued goes
 * @job: job
 */
void ascdev_turn_end(struct ascdev_job *job)
{
	struct ascdev_engine *engine = engine_of(job);
	struct ascdev_turns *turns = &engine->turns;

	spin_lock(&turns->lock);
	if (!job->scheduled)
		leave(engine, job->ctx);
	if (job->ran)
		turns->busy--;
	if (!list_empty(&turns->waiting))
		queue_turns(engine);
	spin_unlock(&turns->lock);
}
