/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASCDEV_FENCE_H
#define ASCDEV_FENCE_H

#include <linux/dma-fence.h>

struct ascdev_device;
struct ascdev_engine;
struct ascdev_fence;
struct work_struct;

void ascdev_queue_release(struct work_struct *work);

int ascdev_fence_module_init(void);
void ascdev_fence_module_exit(void);

struct ascdev_fence *ascdev_fence_alloc(struct ascdev_device *adev);
void ascdev_fence_free_unused(struct ascdev_fence *fence);
struct dma_fence *ascdev_fence_init(struct ascdev_fence *fence, struct ascdev_engine *engine);
struct dma_fence *ascdev_fence_init_signaled(struct ascdev_fence *fence,
					     struct ascdev_engine *engine, int error);

#endif
