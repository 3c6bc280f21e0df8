/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between Linux 6.12 and later kernels.  Goes away in tree.
 */
#ifndef ASCDEV_COMPAT_H
#define ASCDEV_COMPAT_H

#include <linux/version.h>

#include <drm/drm_gem.h>
#include <drm/gpu_scheduler.h>

/* 6.13: the namespace is a string */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define ASCDEV_IMPORT_NS(name) MODULE_IMPORT_NS(name)
#else
#define ASCDEV_IMPORT_NS(name) MODULE_IMPORT_NS(#name)
#endif

/* 6.13: copy_struct_to_user() */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#include <linux/minmax.h>
#include <linux/uaccess.h>

static inline int ascdev_copy_struct_to_user(void __user *dst, size_t usize,
					     const void *src, size_t ksize)
{
	size_t size = min(ksize, usize);

	if (usize > ksize && clear_user(dst + size, usize - ksize))
		return -EFAULT;
	return copy_to_user(dst, src, size) ? -EFAULT : 0;
}
#else
#define ascdev_copy_struct_to_user(dst, usize, src, ksize) \
	copy_struct_to_user(dst, usize, src, ksize, NULL)
#endif

/* 6.15: drm_sched_init() takes its arguments in a structure */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 15, 0)
struct drm_sched_init_args {
	const struct drm_sched_backend_ops *ops;
	struct workqueue_struct *submit_wq;
	struct workqueue_struct *timeout_wq;
	u32 num_rqs;
	u32 credit_limit;
	unsigned int hang_limit;
	long timeout;
	atomic_t *score;
	const char *name;
	struct device *dev;
};

static inline int ascdev_sched_init(struct drm_gpu_scheduler *sched,
				    const struct drm_sched_init_args *args)
{
	return drm_sched_init(sched, args->ops, args->submit_wq, args->num_rqs,
			      args->credit_limit, args->hang_limit, args->timeout,
			      args->timeout_wq, args->score, args->name, args->dev);
}
#else
#define ascdev_sched_init(sched, args) drm_sched_init(sched, args)
#endif

/* 6.16: drm_gem_vmap() and drm_gem_vunmap() lose their suffix */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 16, 0)
#define ascdev_gem_vmap(obj, map) drm_gem_vmap_unlocked(obj, map)
#define ascdev_gem_vunmap(obj, map) drm_gem_vunmap_unlocked(obj, map)
#else
#define ascdev_gem_vmap(obj, map) drm_gem_vmap(obj, map)
#define ascdev_gem_vunmap(obj, map) drm_gem_vunmap(obj, map)
#endif

/*
 * 6.17: drm_sched_job_init() takes the client's id; a timeout handler can say "no hang", and what
 * it said of a job that it has dealt with has another name
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
#define ascdev_sched_job_init(job, entity, credits, owner, client_id) \
	drm_sched_job_init(job, entity, credits, owner)

static inline enum drm_gpu_sched_stat ascdev_sched_no_hang(struct drm_sched_job *job)
{
	struct drm_gpu_scheduler *sched = job->sched;

	spin_lock(&sched->job_list_lock);
	list_add(&job->list, &sched->pending_list);
	/* The job may have ended while it was off the list: let it be looked for again. */
	if (!READ_ONCE(sched->pause_submit))
		queue_work(sched->submit_wq, &sched->work_free_job);
	spin_unlock(&sched->job_list_lock);
	return DRM_GPU_SCHED_STAT_NOMINAL;
}

#define ASCDEV_SCHED_JOB_FREED	DRM_GPU_SCHED_STAT_NOMINAL
#else
#define ascdev_sched_job_init(job, entity, credits, owner, client_id) \
	drm_sched_job_init(job, entity, credits, owner, client_id)

static inline enum drm_gpu_sched_stat ascdev_sched_no_hang(struct drm_sched_job *job)
{
	return DRM_GPU_SCHED_STAT_NO_HANG;
}

#define ASCDEV_SCHED_JOB_FREED	DRM_GPU_SCHED_STAT_RESET
#endif

#endif
