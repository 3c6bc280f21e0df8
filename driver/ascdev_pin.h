/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASCDEV_PIN_H
#define ASCDEV_PIN_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/workqueue.h>

struct ascdev_bo;
struct ascdev_file;
struct drm_gem_object;

/**
 * struct ascdev_pin - what keeps a buffer object pinned for a file
 * @ref: held by the file's handle and by each job of the file with the object
 * @node: in &ascdev_bo.pins while there is the handle
 * @bo: the object, which the handle and the jobs hold
 * @file: the file, referenced
 * @charged: counts in &ascdev_file.pinned and &ascdev_bo.pinned; protected by
 *	&ascdev_bo.map_lock
 * @release_work: releases it, from where that may sleep
 */
struct ascdev_pin {
	struct kref ref;
	struct list_head node;
	struct ascdev_bo *bo;
	struct ascdev_file *file;
	bool charged;
	struct work_struct release_work;
};

int ascdev_pin_open(struct ascdev_bo *bo, struct ascdev_file *file);
void ascdev_pin_close(struct ascdev_bo *bo, struct ascdev_file *file);
struct ascdev_pin *ascdev_pin_get(struct ascdev_bo *bo, struct ascdev_file *file);
void ascdev_pin_put(struct ascdev_pin *pin);

#endif
