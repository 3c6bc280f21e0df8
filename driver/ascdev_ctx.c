// SPDX-License-Identifier: GPL-2.0-only
/*
 * Contexts: queues of jobs, each with a priority and parameters of its own.
 */

#include <linux/capability.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <drm/ascdev_accel.h>
#include <drm/drm_print.h>

#include "ascdev_ctx.h"
#include "ascdev_device.h"
#include "ascdev_job.h"

static const enum drm_sched_priority priorities[] = {
	[DRM_ASCDEV_PRIORITY_NORMAL] = DRM_SCHED_PRIORITY_NORMAL,
	[DRM_ASCDEV_PRIORITY_LOW] = DRM_SCHED_PRIORITY_LOW,
	[DRM_ASCDEV_PRIORITY_HIGH] = DRM_SCHED_PRIORITY_HIGH,
};

/**
 * ascdev_ctx_priorities - priorities that the caller may have
 *
 * Return: mask of 1 << enum drm_ascdev_priority.
 */
u32 ascdev_ctx_priorities(void)
{
	u32 mask = 1u << DRM_ASCDEV_PRIORITY_NORMAL | 1u << DRM_ASCDEV_PRIORITY_LOW;

	return capable(CAP_SYS_NICE) ? mask | 1u << DRM_ASCDEV_PRIORITY_HIGH : mask;
}

/**
 * ascdev_ctx_priority_name - a priority in a word
 * @priority: one of enum drm_ascdev_priority
 *
 * Return: the word.
 */
const char *ascdev_ctx_priority_name(u32 priority)
{
	static const char * const names[] = {
		[DRM_ASCDEV_PRIORITY_NORMAL] = "normal",
		[DRM_ASCDEV_PRIORITY_LOW] = "low",
		[DRM_ASCDEV_PRIORITY_HIGH] = "high",
	};

	return names[priority];
}

static void ctx_free(struct kref *ref)
{
	struct ascdev_ctx *ctx = container_of(ref, struct ascdev_ctx, ref);

	mutex_destroy(&ctx->submit_lock);
	ascdev_file_put(ctx->file);
	kfree(ctx);
}

/**
 * ascdev_ctx_put - drop a reference
 * @ctx: context
 */
void ascdev_ctx_put(struct ascdev_ctx *ctx)
{
	kref_put(&ctx->ref, ctx_free);
}

static struct ascdev_ctx *ctx_create(struct ascdev_file *file, u32 priority)
{
	struct ascdev_device *adev = file->adev;
	struct ascdev_ctx *ctx = kzalloc(sizeof(*ctx), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!ctx)
		return ERR_PTR(-ENOMEM);
	kref_init(&ctx->ref);
	mutex_init(&ctx->submit_lock);
	spin_lock_init(&ctx->lock);
	INIT_LIST_HEAD(&ctx->jobs);
	INIT_LIST_HEAD(&ctx->turn.node);
	ctx->adev = adev;
	ctx->priority = priority;
	ctx->file = file;
	kref_get(&file->ref);

	mutex_lock(&adev->ctx_lock);
	ret = drm_sched_entity_init(&ctx->entity, priorities[priority], adev->scheds,
				    adev->engines_used, NULL);
	if (!ret)
		list_add_tail(&ctx->node, &adev->ctxs);
	mutex_unlock(&adev->ctx_lock);
	if (ret) {
		ascdev_ctx_put(ctx);
		return ERR_PTR(ret);
	}
	return ctx;
}

/*
 * Drop what is in the queue.  The scheduler takes the queue off its list of those with
 * jobs, but a worker that has just taken a job would put it back, for the next one, and
 * go on with it when it is freed.  So there must be no such worker.
 */
static void kill_entity(struct ascdev_ctx *ctx)
{
	struct ascdev_engine *engine = container_of(ctx->entity.rq->sched, struct ascdev_engine,
						    sched);

	ascdev_sched_pause(engine);
	ascdev_turns_drop(engine, ctx);
	drm_sched_entity_fini(&ctx->entity);
	ascdev_sched_resume(engine);
}

/*
 * End the queue, and drop the file's reference.  A process waits until the queue is
 * empty, and can be killed meanwhile; one that exits waits for @timeout at most; then
 * what is left is dropped.  Jobs that still run, or wait for fences of others, outlive
 * the context's place in the file.  Returns what is left of @timeout.
 *
 * The last reference to a file may also be dropped by the kernel itself, in a thread
 * that others depend on and that cannot be killed: it does not wait.
 */
static long ctx_end(struct ascdev_ctx *ctx, long timeout)
{
	struct ascdev_device *adev = ctx->adev;

	mutex_lock(&ctx->submit_lock);
	ctx->dead = true;
	mutex_unlock(&ctx->submit_lock);
	/* it would kill the queue of a killed process, and that is for kill_entity() */
	WRITE_ONCE(ctx->entity.last_user, NULL);
	if (!(current->flags & PF_KTHREAD))
		timeout = drm_sched_entity_flush(&ctx->entity, timeout);
	mutex_lock(&adev->ctx_lock);
	list_del(&ctx->node);
	mutex_unlock(&adev->ctx_lock);
	kill_entity(ctx);
	ascdev_ctx_put(ctx);
	return timeout > 0 ? timeout : 0;
}

/* How long a process that exits waits, with all of its contexts. */
#define EXIT_TIMEOUT	msecs_to_jiffies(1000)

/**
 * ascdev_file_init - prepare an open file for contexts and jobs
 * @adev: device
 * @file: zeroed
 *
 * Return: 0 or a negative errno.
 */
int ascdev_file_init(struct ascdev_device *adev, struct ascdev_file *file)
{
	struct ascdev_ctx *ctx;

	kref_init(&file->ref);
	spin_lock_init(&file->stats_lock);
	xa_init_flags(&file->ctxs, XA_FLAGS_ALLOC1);
	file->adev = adev;
	ctx = ctx_create(file, DRM_ASCDEV_PRIORITY_NORMAL);
	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	file->ctx = ctx;
	return 0;
}

/**
 * ascdev_file_close - end all contexts of a file and drop its reference
 * @file: from ascdev_file_init()
 */
void ascdev_file_close(struct ascdev_file *file)
{
	long timeout = ctx_end(file->ctx, EXIT_TIMEOUT);
	struct ascdev_ctx *ctx;
	unsigned long id;

	xa_for_each(&file->ctxs, id, ctx)
		timeout = ctx_end(ctx, timeout);
	xa_destroy(&file->ctxs);
	ascdev_file_put(file);
}

static void ascdev_file_free(struct kref *ref)
{
	kfree(container_of(ref, struct ascdev_file, ref));
}

/**
 * ascdev_file_put - drop a reference
 * @file: file
 */
void ascdev_file_put(struct ascdev_file *file)
{
	kref_put(&file->ref, ascdev_file_free);
}

/**
 * ascdev_file_unreserve - give back places in a file's queue
 * @file: file
 * @adev: its device
 * @count: how many
 */
void ascdev_file_unreserve(struct ascdev_file *file, struct ascdev_device *adev, u32 count)
{
	atomic_sub(count, &file->jobs);
	wake_up_all(&adev->room);
}

/**
 * ascdev_ctx_find - look a context up
 * @file: file
 * @id: context, 0 for that of the file
 *
 * Return: the context, referenced, or NULL.
 */
struct ascdev_ctx *ascdev_ctx_find(struct ascdev_file *file, u32 id)
{
	struct ascdev_ctx *ctx;

	if (!id) {
		kref_get(&file->ctx->ref);
		return file->ctx;
	}
	xa_lock(&file->ctxs);
	ctx = xa_load(&file->ctxs, id);
	if (ctx)
		kref_get(&ctx->ref);
	xa_unlock(&file->ctxs);
	return ctx;
}

/**
 * ascdev_ctx_is_banned - has it hung engines too often?
 * @ctx: context
 *
 * Return: true or false.
 */
bool ascdev_ctx_is_banned(struct ascdev_ctx *ctx)
{
	return READ_ONCE(ctx->hangs) >= ASCDEV_MAX_HANGS;
}

/**
 * ascdev_ctx_job_failed - a job failed on an engine
 * @ctx: its context
 * @job: the job
 * @error: negative errno; -ETIME for a hang
 *
 * Called in the fence-signalling path.
 */
void ascdev_ctx_job_failed(struct ascdev_ctx *ctx, const struct ascdev_job *job, int error)
{
	spin_lock(&ctx->lock);
	ctx->last_error = error;
	ctx->last_error_cookie = job->cookie;
	if (error == -ETIME)
		WRITE_ONCE(ctx->hangs, ctx->hangs + 1);
	spin_unlock(&ctx->lock);
	if (error == -ETIME)
		ascdev_stat_add(ctx->adev, ASCDEV_STAT_HANGS, 1);
}

int ascdev_ioctl_ctx_create(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_ascdev_ctx_create *args = data;
	bool has_defaults = memchr_inv(&args->defaults, 0, sizeof(args->defaults));
	struct ascdev_file *priv = file->driver_priv;
	struct fmc_params defaults;
	struct ascdev_ctx *ctx;
	int ret, idx;

	if (args->flags || args->pad || args->priority >= ARRAY_SIZE(priorities)) {
		drm_dbg(drm, "context: flags %#x, priority %u or padding\n", args->flags,
			args->priority);
		return -EINVAL;
	}
	if (!(ascdev_ctx_priorities() & 1u << args->priority)) {
		drm_dbg(drm, "context: priority %u needs CAP_SYS_NICE\n", args->priority);
		return -EACCES;
	}
	ret = ascdev_copy_params(&defaults, &args->defaults);
	if (ret || (has_defaults && !fmc_params_are_defaults(&defaults))) {
		drm_dbg(drm, "context: bad defaults\n");
		return -EINVAL;
	}

	if (!drm_dev_enter(drm, &idx))
		return -ENODEV;
	ctx = ctx_create(priv, args->priority);
	if (IS_ERR(ctx)) {
		ret = PTR_ERR(ctx);
		goto out_exit;
	}
	ctx->has_defaults = has_defaults;
	ctx->defaults = defaults;
	/* whoever guesses its number may destroy it at once */
	kref_get(&ctx->ref);
	ret = xa_alloc(&priv->ctxs, &ctx->id, ctx, XA_LIMIT(1, priv->adev->config.max_contexts),
		       GFP_KERNEL_ACCOUNT);
	if (ret) {
		ctx_end(ctx, 0);
		ret = ret == -EBUSY ? -ENOSPC : ret;
	} else {
		args->ctx = ctx->id;
	}
	ascdev_ctx_put(ctx);

out_exit:
	drm_dev_exit(idx);
	return ret;
}

int ascdev_ioctl_ctx_destroy(struct drm_device *drm, void *data, struct drm_file *file)
{
	const struct drm_ascdev_ctx_destroy *args = data;
	struct ascdev_file *priv = file->driver_priv;
	struct ascdev_ctx *ctx;

	if (args->pad || !args->ctx) {
		drm_dbg(drm, "context: destruction of %u, or padding\n", args->ctx);
		return -EINVAL;
	}
	ctx = xa_erase(&priv->ctxs, args->ctx);
	if (!ctx) {
		drm_dbg(drm, "context: no %u\n", args->ctx);
		return -ENOENT;
	}
	ctx_end(ctx, EXIT_TIMEOUT);
	return 0;
}

int ascdev_ioctl_ctx_get_state(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_ascdev_ctx_get_state *args = data;
	struct ascdev_ctx *ctx;

	if (args->pad) {
		drm_dbg(drm, "context: padding\n");
		return -EINVAL;
	}
	ctx = ascdev_ctx_find(file->driver_priv, args->ctx);
	if (!ctx) {
		drm_dbg(drm, "context: no %u\n", args->ctx);
		return -ENOENT;
	}
	spin_lock(&ctx->lock);
	args->flags = ascdev_ctx_is_banned(ctx) ? DRM_ASCDEV_CTX_BANNED : 0;
	args->hangs = ctx->hangs;
	args->last_error = ctx->last_error;
	args->last_error_cookie = ctx->last_error_cookie;
	spin_unlock(&ctx->lock);
	args->device_hangs = atomic64_read(&ctx->adev->stats[ASCDEV_STAT_HANGS]);
	ascdev_ctx_put(ctx);
	return 0;
}
