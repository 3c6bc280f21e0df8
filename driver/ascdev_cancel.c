// SPDX-License-Identifier: GPL-2.0-only
/*
 * CANCEL: taking jobs back.
 *
 * The scheduler lets no job go out of a queue, and one that ended before its turn would let
 * those pass who wait for its fence in place of what the job itself waits for.  So a job is
 * marked here, and ends when it would have been run.
 */

#include <linux/list.h>
#include <linux/spinlock.h>

#include <drm/ascdev_accel.h>
#include <drm/drm_print.h>

#include "ascdev_ctx.h"
#include "ascdev_engine.h"
#include "ascdev_job.h"
#include "ascdev_trace.h"

/* The caller holds the context's lock, so that the job stays. */
static void cancel(struct ascdev_job *job)
{
	struct ascdev_engine *engine = container_of(job->base.sched, struct ascdev_engine, sched);

	trace_ascdev_job_cancel(job);
	WRITE_ONCE(job->cancelled, true);
	/* does nothing if the engine does not have it; see ascdev_sched_run_job() */
	engine->ops->abort(engine, job, -ECANCELED);
}

int ascdev_ioctl_cancel(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_ascdev_cancel *args = data;
	bool all = args->flags & DRM_ASCDEV_CANCEL_ALL;
	struct ascdev_ctx *ctx;
	struct ascdev_job *job;

	if (args->flags & ~DRM_ASCDEV_CANCEL_ALL || args->pad || (all && args->cookie)) {
		drm_dbg(drm, "cancel: flags %#x, cookie %#llx or padding\n", args->flags,
			args->cookie);
		return -EINVAL;
	}
	ctx = ascdev_ctx_find(file->driver_priv, args->ctx);
	if (!ctx) {
		drm_dbg(drm, "cancel: no context %u\n", args->ctx);
		return -ENOENT;
	}
	args->cancelled = 0;
	spin_lock(&ctx->lock);
	list_for_each_entry(job, &ctx->jobs, node) {
		if (job->cancelled || (!all && job->cookie != args->cookie))
			continue;
		cancel(job);
		args->cancelled++;
	}
	spin_unlock(&ctx->lock);
	ascdev_ctx_put(ctx);
	return 0;
}
