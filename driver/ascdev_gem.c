// SPDX-License-Identifier: GPL-2.0-only
/*
 * Buffer objects.
 */

#include <linux/dma-resv.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <drm/ascdev_accel.h>
#include <drm/drm_print.h>
#include <drm/drm_utils.h>

#include "ascdev_device.h"
#include "ascdev_gem.h"
#include "ascdev_pin.h"

/* All objects come here when a handle is made, created and imported ones. */
static int ascdev_gem_open(struct drm_gem_object *obj, struct drm_file *file)
{
	struct ascdev_device *adev = to_ascdev(obj->dev);
	struct ascdev_bo *bo = to_ascdev_bo(obj);

	mutex_lock(&adev->bos_lock);
	if (list_empty(&bo->node))
		list_add_tail(&bo->node, &adev->bos);
	mutex_unlock(&adev->bos_lock);
	return ascdev_pin_open(bo, file->driver_priv);
}

static void ascdev_gem_close(struct drm_gem_object *obj, struct drm_file *file)
{
	ascdev_pin_close(to_ascdev_bo(obj), file->driver_priv);
}

static void ascdev_gem_free(struct drm_gem_object *obj)
{
	struct ascdev_device *adev = to_ascdev(obj->dev);
	struct ascdev_bo *bo = to_ascdev_bo(obj);

	mutex_lock(&adev->bos_lock);
	list_del(&bo->node);
	mutex_unlock(&adev->bos_lock);
	kfree(bo->label);
	mutex_destroy(&bo->map_lock);
	drm_gem_shmem_free(&bo->base);
}

/* Called under a spinlock, so without the one that protects the pages. */
static enum drm_gem_object_status ascdev_gem_status(struct drm_gem_object *obj)
{
	return ascdev_gem_is_resident(obj) ? DRM_GEM_OBJECT_RESIDENT : 0;
}

static const struct drm_gem_object_funcs ascdev_gem_funcs = {
	.free = ascdev_gem_free,
	.open = ascdev_gem_open,
	.close = ascdev_gem_close,
	.print_info = drm_gem_shmem_object_print_info,
	.pin = drm_gem_shmem_object_pin,
	.unpin = drm_gem_shmem_object_unpin,
	.get_sg_table = drm_gem_shmem_object_get_sg_table,
	.vmap = drm_gem_shmem_object_vmap,
	.vunmap = drm_gem_shmem_object_vunmap,
	.mmap = drm_gem_shmem_object_mmap,
	.status = ascdev_gem_status,
	.vm_ops = &drm_gem_shmem_vm_ops,
};

struct drm_gem_object *ascdev_gem_create_object(struct drm_device *drm, size_t size)
{
	struct ascdev_bo *bo = kzalloc(sizeof(*bo), GFP_KERNEL_ACCOUNT);

	if (!bo)
		return ERR_PTR(-ENOMEM);
	mutex_init(&bo->map_lock);
	INIT_LIST_HEAD(&bo->pins);
	INIT_LIST_HEAD(&bo->node);
	/* engines write it behind the back of those who keep the pages */
	bo->base.pages_mark_dirty_on_put = true;
	bo->base.base.funcs = &ascdev_gem_funcs;
	return &bo->base.base;
}

int ascdev_ioctl_bo_create(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_ascdev_bo_create *args = data;
	struct drm_gem_shmem_object *shmem;
	u32 handle;
	int ret, idx;

	if (args->flags & ~DRM_ASCDEV_BO_WC || !args->size) {
		drm_dbg(drm, "bo: size %llu, flags %#x\n", args->size, args->flags);
		return -EINVAL;
	}
	if (args->size > to_ascdev(drm)->config.max_bo_bytes) {
		drm_dbg(drm, "bo: size %llu too large\n", args->size);
		return -E2BIG;
	}
	if (!drm_dev_enter(drm, &idx))
		return -ENODEV;

	shmem = drm_gem_shmem_create(drm, PAGE_ALIGN(args->size));
	if (IS_ERR(shmem)) {
		ret = PTR_ERR(shmem);
		/* shmem's word for an inode that it cannot allocate */
		if (ret == -ENOSPC)
			ret = -ENOMEM;
		goto out_exit;
	}
	shmem->map_wc = args->flags & DRM_ASCDEV_BO_WC;

	ret = drm_gem_handle_create(file, &shmem->base, &handle);
	if (!ret) {
		args->size = shmem->base.size;
		args->handle = handle;
	}
	drm_gem_object_put(&shmem->base);

out_exit:
	drm_dev_exit(idx);
	return ret;
}

int ascdev_ioctl_bo_mmap_offset(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_ascdev_bo_mmap_offset *args = data;
	struct drm_gem_object *obj;
	int ret;

	if (args->pad) {
		drm_dbg(drm, "bo: non-zero padding\n");
		return -EINVAL;
	}
	obj = drm_gem_object_lookup(file, args->handle);
	if (!obj) {
		drm_dbg(drm, "bo: no handle %u\n", args->handle);
		return -ENOENT;
	}
	ret = drm_gem_create_mmap_offset(obj);
	if (!ret)
		args->offset = drm_vma_node_offset_addr(&obj->vma_node);
	drm_gem_object_put(obj);
	return ret;
}

int ascdev_ioctl_bo_wait(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_ascdev_bo_wait *args = data;
	struct drm_gem_object *obj;
	long left;

	if (args->pad) {
		drm_dbg(drm, "bo: non-zero padding\n");
		return -EINVAL;
	}
	obj = drm_gem_object_lookup(file, args->handle);
	if (!obj) {
		drm_dbg(drm, "bo: no handle %u\n", args->handle);
		return -ENOENT;
	}
	left = dma_resv_wait_timeout(obj->resv, DMA_RESV_USAGE_READ, true,
				     drm_timeout_abs_to_jiffies(args->timeout_ns));
	drm_gem_object_put(obj);
	if (left < 0)
		return left;
	return left ? 0 : -ETIME;
}

int ascdev_ioctl_bo_set_label(struct drm_device *drm, void *data, struct drm_file *file)
{
	const struct drm_ascdev_bo_set_label *args = data;
	struct ascdev_device *adev = to_ascdev(drm);
	struct drm_gem_object *obj;
	char *label = NULL;

	if (args->pad) {
		drm_dbg(drm, "bo: non-zero padding\n");
		return -EINVAL;
	}
	if (args->label) {
		label = strndup_user(u64_to_user_ptr(args->label), DRM_ASCDEV_BO_LABEL_BYTES);
		/* strndup_user()'s word for a name that is too long */
		if (label == ERR_PTR(-EINVAL))
			return -E2BIG;
		if (IS_ERR(label))
			return PTR_ERR(label);
	}
	obj = drm_gem_object_lookup(file, args->handle);
	if (!obj) {
		drm_dbg(drm, "bo: no handle %u\n", args->handle);
		kfree(label);
		return -ENOENT;
	}
	mutex_lock(&adev->bos_lock);
	swap(to_ascdev_bo(obj)->label, label);
	mutex_unlock(&adev->bos_lock);
	drm_gem_object_put(obj);
	kfree(label);
	return 0;
}
