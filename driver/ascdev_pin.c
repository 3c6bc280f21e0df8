// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pinned memory, and how much of it a client may have.
 *
 * A job works on memory that is present and mapped in the kernel.  It stays so
 * after the job, as the next one is likely to want the same.  An object is pinned
 * while any file is charged for it; a file is charged from the first of its jobs
 * that uses the object until its handle is closed and its last such job is freed.
 * Each file that uses an object pays for all of it.  So nothing stays pinned that
 * no client pays for, whatever is closed, exported or imported, in any order.  For
 * those who open many files there is a limit for all of them.
 */

#include <linux/atomic.h>
#include <linux/dma-buf.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>

#include <drm/drm_drv.h>
#include <drm/drm_gem.h>
#include <drm/drm_print.h>

#include "ascdev_compat.h"
#include "ascdev_ctx.h"
#include "ascdev_device.h"
#include "ascdev_fence.h"
#include "ascdev_gem.h"
#include "ascdev_pin.h"
#include "tests/ascdev_kunit.h"

static int set_percent(const char *value, const struct kernel_param *param)
{
	return param_set_uint_minmax(value, param, 0, 100);
}

static const struct kernel_param_ops percent_ops = {
	.set = set_percent,
	.get = param_get_uint,
};

static unsigned int pinned_percent = 50;
module_param_cb(pinned_percent, &percent_ops, &pinned_percent, 0644);
MODULE_PARM_DESC(pinned_percent,
		 "how much of the machine's memory the jobs of all clients may have pinned");

/* What they have: each object once. */
static atomic64_t machine_pinned;

VISIBLE_IF_KUNIT int ascdev_pin_map(struct ascdev_bo *bo)
{
	struct drm_gem_object *obj = &bo->base.base;
	struct dma_buf *dma_buf;
	int ret;

	if (!obj->import_attach)
		return ascdev_gem_vmap(obj, &bo->map);

	/* the helpers of 6.12 complain loudly of what an exporter may well do */
	dma_buf = obj->import_attach->dmabuf;
	if (!dma_buf->ops->vmap)
		return -EOPNOTSUPP;
	ret = dma_buf_vmap_unlocked(dma_buf, &bo->map);
	if (!ret && bo->map.is_iomem) {
		dma_buf_vunmap_unlocked(dma_buf, &bo->map);
		iosys_map_clear(&bo->map);
		ret = -EOPNOTSUPP;
	}
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(ascdev_pin_map);

static void unmap(struct ascdev_bo *bo)
{
	struct drm_gem_object *obj = &bo->base.base;

	if (obj->import_attach)
		dma_buf_vunmap_unlocked(obj->import_attach->dmabuf, &bo->map);
	else
		ascdev_gem_vunmap(obj, &bo->map);
	iosys_map_clear(&bo->map);
}

/* Adds if the sum is not above a maximum then. */
static bool add(atomic64_t *sum, u64 bytes, u64 max)
{
	s64 old = atomic64_read(sum);

	do {
		if (bytes > max || old > max - bytes)
			return false;
	} while (!atomic64_try_cmpxchg(sum, &old, old + bytes));
	return true;
}

static u64 machine_limit(void)
{
	return (u64)(totalram_pages() / 100 * READ_ONCE(pinned_percent)) << PAGE_SHIFT;
}

/* The caller holds the object's map_lock. */
static int pin_locked(struct ascdev_pin *pin)
{
	struct ascdev_bo *bo = pin->bo;
	struct drm_device *drm = bo->base.base.dev;
	u64 bytes = bo->base.base.size;
	int ret;

	if (!add(&pin->file->pinned, bytes, atomic64_read(&to_ascdev(drm)->max_pinned))) {
		drm_dbg(drm, "bo: %llu bytes are too many for the client to pin\n", bytes);
		return -EDQUOT;
	}
	if (!bo->pinned) {
		if (!add(&machine_pinned, bytes, machine_limit())) {
			drm_dbg(drm, "bo: %llu bytes are too many for the machine to pin\n", bytes);
			ret = -ENOMEM;
			goto err_file;
		}
		ret = ascdev_pin_map(bo);
		if (ret) {
			drm_dbg(drm, "bo: cannot be mapped (%d)\n", ret);
			goto err_machine;
		}
	}
	bo->pinned++;
	pin->charged = true;
	return 0;

err_machine:
	atomic64_sub(bytes, &machine_pinned);
err_file:
	atomic64_sub(bytes, &pin->file->pinned);
	return ret;
}

/* Nobody holds it any more. */
static void release(struct ascdev_pin *pin)
{
	struct ascdev_bo *bo = pin->bo;
	u64 bytes = bo->base.base.size;

	mutex_lock(&bo->map_lock);
	if (pin->charged) {
		if (!--bo->pinned) {
			unmap(bo);
			atomic64_sub(bytes, &machine_pinned);
		}
		atomic64_sub(bytes, &pin->file->pinned);
	}
	mutex_unlock(&bo->map_lock);
	ascdev_file_put(pin->file);
	kfree(pin);
}

static void release_now(struct kref *ref)
{
	release(container_of(ref, struct ascdev_pin, ref));
}

static void release_work(struct work_struct *work)
{
	struct ascdev_pin *pin = container_of(work, struct ascdev_pin, release_work);
	struct drm_gem_object *obj = &pin->bo->base.base;
	struct drm_device *drm = obj->dev;

	release(pin);
	drm_gem_object_put(obj);
	drm_dev_put(drm);
}

/*
 * A job is freed by the scheduler's worker, which must not wait for locks under which
 * memory is allocated: later jobs wait for it.
 */
static void release_later(struct kref *ref)
{
	struct ascdev_pin *pin = container_of(ref, struct ascdev_pin, ref);
	struct drm_gem_object *obj = &pin->bo->base.base;

	drm_dev_get(obj->dev);
	drm_gem_object_get(obj);
	ascdev_queue_release(&pin->release_work);
}

/**
 * ascdev_pin_open - a file gets a handle of an object
 * @bo: buffer object
 * @file: file
 *
 * Return: 0 or -ENOMEM.
 */
int ascdev_pin_open(struct ascdev_bo *bo, struct ascdev_file *file)
{
	struct ascdev_pin *pin = kzalloc(sizeof(*pin), GFP_KERNEL_ACCOUNT);

	if (!pin)
		return -ENOMEM;
	kref_init(&pin->ref);
	INIT_WORK(&pin->release_work, release_work);
	pin->bo = bo;
	pin->file = file;
	kref_get(&file->ref);
	mutex_lock(&bo->map_lock);
	list_add(&pin->node, &bo->pins);
	mutex_unlock(&bo->map_lock);
	return 0;
}

/* The caller holds the object's map_lock. */
static struct ascdev_pin *find(struct ascdev_bo *bo, struct ascdev_file *file)
{
	struct ascdev_pin *pin;

	list_for_each_entry(pin, &bo->pins, node) {
		if (pin->file == file)
			return pin;
	}
	return NULL;
}

/**
 * ascdev_pin_close - a handle is closed
 * @bo: buffer object
 * @file: whose handle it is
 */
void ascdev_pin_close(struct ascdev_bo *bo, struct ascdev_file *file)
{
	struct ascdev_pin *pin;

	mutex_lock(&bo->map_lock);
	pin = find(bo, file);
	list_del(&pin->node);
	mutex_unlock(&bo->map_lock);
	kref_put(&pin->ref, release_now);
}

/**
 * ascdev_pin_get - pin an object for a job
 * @bo: buffer object, held by the caller for as long as what is returned
 * @file: whose job it is
 *
 * Return: to be given back by ascdev_pin_put(), or -ENOENT if the handle has been closed,
 * -EDQUOT if the file may not pin so much, or another errno.
 */
struct ascdev_pin *ascdev_pin_get(struct ascdev_bo *bo, struct ascdev_file *file)
{
	struct ascdev_pin *found;
	int ret = 0;

	mutex_lock(&bo->map_lock);
	found = find(bo, file);
	if (!found)
		ret = -ENOENT;
	else if (!found->charged)
		ret = pin_locked(found);
	if (!ret)
		kref_get(&found->ref);
	mutex_unlock(&bo->map_lock);
	return ret ? ERR_PTR(ret) : found;
}

/**
 * ascdev_pin_put - a job no longer needs an object
 * @pin: from ascdev_pin_get(); the caller still holds the object
 *
 * Does not sleep.
 */
void ascdev_pin_put(struct ascdev_pin *pin)
{
	kref_put(&pin->ref, release_later);
}
