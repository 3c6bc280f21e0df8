// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fence that an engine signals.
 *
 * What userspace holds is the scheduler's fence of a job, of which this one is
 * the parent.  A sync_file may keep it after the last close of the node, after
 * unbind, and up to rmmod, and may still ask for its name, which is that of the
 * scheduler.  So the parent holds the device, in which the scheduler lies, and
 * the module.  A job holds its fence from the start, and with it the device; one
 * that never runs leaves it behind as a parent all the same.
 */

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "ascdev_device.h"
#include "ascdev_fence.h"

/**
 * struct ascdev_fence - signals when an engine has ended a job
 * @base: the fence, once ascdev_fence_init() was called
 * @adev: device, referenced
 * @engine: who signals it; lies in the device
 * @release_work: drops the references, from where that may sleep
 */
struct ascdev_fence {
	struct dma_fence base;
	struct ascdev_device *adev;
	struct ascdev_engine *engine;
	struct work_struct release_work;
};

/* Drained before the module goes, so that no release outlives its code. */
static struct workqueue_struct *release_wq;

static void drop_references(struct ascdev_fence *fence)
{
	drm_dev_put(&fence->adev->drm);
	module_put(THIS_MODULE);
}

/* The device may go with its last fence, and that sleeps; a fence may go anywhere. */
static void release_work(struct work_struct *work)
{
	struct ascdev_fence *fence = container_of(work, struct ascdev_fence, release_work);

	drop_references(fence);
	kfree_rcu_mightsleep(fence);
}

static const char *ascdev_fence_driver_name(struct dma_fence *fence)
{
	return "ascdev";
}

static const char *ascdev_fence_timeline_name(struct dma_fence *fence)
{
	return container_of(fence, struct ascdev_fence, base)->engine->name;
}

static void ascdev_fence_release(struct dma_fence *base)
{
	struct ascdev_fence *fence = container_of(base, struct ascdev_fence, base);

	ascdev_queue_release(&fence->release_work);
}

static const struct dma_fence_ops ascdev_fence_ops = {
	.get_driver_name = ascdev_fence_driver_name,
	.get_timeline_name = ascdev_fence_timeline_name,
	.release = ascdev_fence_release,
};

/**
 * ascdev_fence_alloc - memory for a fence, before the point of no return
 * @adev: device
 *
 * Return: a fence that is not yet one, or NULL.
 */
struct ascdev_fence *ascdev_fence_alloc(struct ascdev_device *adev)
{
	struct ascdev_fence *fence = kzalloc(sizeof(*fence), GFP_KERNEL_ACCOUNT);

	if (!fence)
		return NULL;
	__module_get(THIS_MODULE);
	drm_dev_get(&adev->drm);
	fence->adev = adev;
	INIT_WORK(&fence->release_work, release_work);
	return fence;
}

/**
 * ascdev_fence_free_unused - undo ascdev_fence_alloc()
 * @fence: from ascdev_fence_alloc(), not initialised; or NULL
 *
 * The caller holds the device by other means.
 */
void ascdev_fence_free_unused(struct ascdev_fence *fence)
{
	if (!fence)
		return;
	drop_references(fence);
	kfree(fence);
}

/**
 * ascdev_fence_init - make it a fence
 * @fence: from ascdev_fence_alloc()
 * @engine: who will signal it
 *
 * Return: the fence, with one reference, which is the caller's.
 */
struct dma_fence *ascdev_fence_init(struct ascdev_fence *fence, struct ascdev_engine *engine)
{
	fence->engine = engine;
	dma_fence_init(&fence->base, &ascdev_fence_ops, &engine->fence_lock,
		       engine->fence_context, ++engine->seqno);
	return &fence->base;
}

/**
 * ascdev_fence_init_signaled - make it the fence of a job that never ran
 * @fence: from ascdev_fence_alloc()
 * @engine: whose job it was
 * @error: negative errno
 *
 * Return: the fence, signalled, with one reference, which is the caller's.
 */
struct dma_fence *ascdev_fence_init_signaled(struct ascdev_fence *fence,
					     struct ascdev_engine *engine, int error)
{
	fence->engine = engine;
	dma_fence_init(&fence->base, &ascdev_fence_ops, &engine->fence_lock,
		       dma_fence_context_alloc(1), 1);
	dma_fence_set_error(&fence->base, error);
	dma_fence_signal(&fence->base);
	return &fence->base;
}

/**
 * ascdev_queue_release - run work that drops a reference to a device
 * @work: work; it has ended when the module goes
 */
void ascdev_queue_release(struct work_struct *work)
{
	queue_work(release_wq, work);
}

int ascdev_fence_module_init(void)
{
	release_wq = alloc_workqueue("ascdev-fence", WQ_UNBOUND, 0);
	return release_wq ? 0 : -ENOMEM;
}

void ascdev_fence_module_exit(void)
{
	destroy_workqueue(release_wq);
}
