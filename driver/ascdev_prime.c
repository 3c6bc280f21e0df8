// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of other drivers.
 *
 * An emulated engine works through the kernel's mapping that the exporter makes, so an
 * attachment is not mapped for DMA.  Some exporters want to know when a CPU begins and
 * ends its access, to keep caches and bounce buffers right.  For an engine that would
 * have to be between the last fence that a job waits for and the fence that it signals.
 * But there an exporter may neither allocate memory nor take a lock under which others
 * do, and udmabuf and the heaps do that; some even wait for all fences of the buffer,
 * that of the job included.  So access begins in SUBMIT, before a fence of the job
 * is seen by anybody, and ends when the job has been freed:
 *
 * - SUBMIT waits for fences that are on such a buffer already;
 * - where DMA does not look into caches, another device that is started by the job's
 *   fence may be ahead of the end of the access.  There, userspace has to wait for the
 *   fence and to bracket an access of its own, which has the same effect.
 *
 * Exporters without such callbacks, like most DRM drivers and this one, need none of it:
 * their buffers are ordered by fences alone.
 */

#include <linux/dma-buf.h>
#include <linux/module.h>

#include <drm/drm_gem_shmem_helper.h>
#include <drm/drm_prime.h>
#include <drm/drm_print.h>

#include "ascdev_compat.h"
#include "ascdev_device.h"
#include "ascdev_prime.h"

ASCDEV_IMPORT_NS(DMA_BUF);

/**
 * ascdev_prime_import - make a buffer object of a dma-buf
 * @drm: device
 * @dma_buf: dma-buf
 *
 * Return: the object; of an own dma-buf, that which it was exported from.
 */
struct drm_gem_object *ascdev_prime_import(struct drm_device *drm, struct dma_buf *dma_buf)
{
	struct dma_buf_attachment *attach;
	struct drm_gem_object *obj;

	/* Knows our own; for others it would need drm_driver.gem_prime_import_sg_table. */
	obj = drm_gem_prime_import(drm, dma_buf);
	if (obj != ERR_PTR(-EINVAL))
		return obj;

	if (!dma_buf->size || !PAGE_ALIGNED(dma_buf->size)) {
		drm_dbg(drm, "import: %zu bytes are not whole pages\n", dma_buf->size);
		return ERR_PTR(-EINVAL);
	}
	if (dma_buf->size > to_ascdev(drm)->config.max_bo_bytes) {
		drm_dbg(drm, "import: %zu bytes are too many\n", dma_buf->size);
		return ERR_PTR(-E2BIG);
	}

	attach = dma_buf_attach(dma_buf, drm->dev);
	if (IS_ERR(attach))
		return ERR_CAST(attach);
	get_dma_buf(dma_buf);
	obj = drm_gem_shmem_prime_import_sg_table(drm, attach, NULL);
	if (IS_ERR(obj)) {
		dma_buf_detach(dma_buf, attach);
		dma_buf_put(dma_buf);
		return obj;
	}
	obj->import_attach = attach;
	obj->resv = dma_buf->resv;
	return obj;
}

/**
 * ascdev_prime_needs_cpu_access - does its exporter want to know of access by CPUs?
 * @obj: a buffer object
 *
 * Return: true or false.
 */
bool ascdev_prime_needs_cpu_access(const struct drm_gem_object *obj)
{
	const struct dma_buf_ops *ops;

	if (!obj->import_attach)
		return false;
	ops = obj->import_attach->dmabuf->ops;
	return ops->begin_cpu_access || ops->end_cpu_access;
}

/**
 * ascdev_prime_begin_cpu_access - a job is about to be queued that uses an object
 * @obj: one whose exporter wants to know
 * @direction: how the job uses it
 *
 * Waits for the fences on the object.
 *
 * Return: 0 or a negative errno, -ERESTARTSYS among them.
 */
int ascdev_prime_begin_cpu_access(struct drm_gem_object *obj, enum dma_data_direction direction)
{
	return dma_buf_begin_cpu_access(obj->import_attach->dmabuf, direction);
}

/**
 * ascdev_prime_end_cpu_access - the job has ended
 * @obj: as it was given to ascdev_prime_begin_cpu_access()
 * @direction: likewise
 *
 * Sleeps, perhaps for as long as there are jobs with the object.
 */
void ascdev_prime_end_cpu_access(struct drm_gem_object *obj, enum dma_data_direction direction)
{
	dma_buf_end_cpu_access(obj->import_attach->dmabuf, direction);
}
