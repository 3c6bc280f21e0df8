/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASCDEV_PRIME_H
#define ASCDEV_PRIME_H

#include <linux/dma-direction.h>
#include <linux/types.h>

struct dma_buf;
struct drm_device;
struct drm_gem_object;

struct drm_gem_object *ascdev_prime_import(struct drm_device *drm, struct dma_buf *dma_buf);
bool ascdev_prime_needs_cpu_access(const struct drm_gem_object *obj);
int ascdev_prime_begin_cpu_access(struct drm_gem_object *obj, enum dma_data_direction direction);
void ascdev_prime_end_cpu_access(struct drm_gem_object *obj, enum dma_data_direction direction);

#endif
