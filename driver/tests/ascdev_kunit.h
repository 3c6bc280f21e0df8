/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions of the driver that KUnit tests see, and nobody else.
 */
#ifndef ASCDEV_KUNIT_H
#define ASCDEV_KUNIT_H

#include <kunit/visibility.h>

#if IS_ENABLED(CONFIG_KUNIT)

#include "../ascdev_job.h"

struct ascdev_bo;
struct drm_ascdev_job;
struct drm_ascdev_obj_array;
struct drm_ascdev_part;
struct drm_device;

int ascdev_check_array(struct drm_device *drm, const struct drm_ascdev_obj_array *array,
		       size_t min_stride, u32 max_count);
bool ascdev_ranges_overlap(const struct ascdev_job *job, const struct drm_ascdev_job *args);
int ascdev_copy_part(struct drm_device *drm, struct ascdev_job *job,
		     const struct drm_ascdev_part *args);
bool ascdev_core_ioctl_allowed(unsigned int cmd);
int ascdev_pin_map(struct ascdev_bo *bo);

#endif

#endif
