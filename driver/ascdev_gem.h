/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASCDEV_GEM_H
#define ASCDEV_GEM_H

#include <linux/iosys-map.h>

#include <drm/drm_gem_shmem_helper.h>

/**
 * struct ascdev_bo - a buffer object
 * @base: memory of shmem, mapped by drivers and processes alike
 * @map: the kernel's mapping while @pinned is not 0; a job that has the object pinned
 *	reads it without a lock
 * @map_lock: protects @map, @pins, @pinned.  Locks of the memory's owner are taken
 *	under it.
 * @pins: struct ascdev_pin of each handle
 * @pinned: how many of them, or of their jobs, have the object pinned
 * @node: entry in &ascdev_device.bos; empty until there is a handle
 * @label: its name, or NULL; protected by &ascdev_device.bos_lock
 */
struct ascdev_bo {
	struct drm_gem_shmem_object base;
	struct iosys_map map;
	struct mutex map_lock;
	struct list_head pins;
	u32 pinned;
	struct list_head node;
	char *label;
};

static inline struct ascdev_bo *to_ascdev_bo(struct drm_gem_object *obj)
{
	return container_of(to_drm_gem_shmem_obj(obj), struct ascdev_bo, base);
}

/* Has it got its memory?  A snapshot, unless the object's pages are locked. */
static inline bool ascdev_gem_is_resident(struct drm_gem_object *obj)
{
	return obj->import_attach || READ_ONCE(to_drm_gem_shmem_obj(obj)->pages);
}

struct drm_gem_object *ascdev_gem_create_object(struct drm_device *drm, size_t size);

int ascdev_ioctl_bo_create(struct drm_device *drm, void *data, struct drm_file *file);
int ascdev_ioctl_bo_mmap_offset(struct drm_device *drm, void *data, struct drm_file *file);
int ascdev_ioctl_bo_wait(struct drm_device *drm, void *data, struct drm_file *file);
int ascdev_ioctl_bo_set_label(struct drm_device *drm, void *data, struct drm_file *file);

#endif
