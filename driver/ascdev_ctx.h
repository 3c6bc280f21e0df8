/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASCDEV_CTX_H
#define ASCDEV_CTX_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

#include <drm/gpu_scheduler.h>

#include "ascdev_turns.h"
#include "codec.h"

struct ascdev_device;
struct ascdev_file;
struct ascdev_job;
struct drm_device;
struct drm_file;

/* Jobs of a context that may hang an engine before it is banned. */
#define ASCDEV_MAX_HANGS	3

/**
 * struct ascdev_ctx - a queue of jobs
 * @ref: held by the file, until the context is destroyed, by each job, and by users
 * @adev: device; a job's fence holds it
 * @file: the file that it belongs to, referenced
 * @node: in the device's list of contexts, under its lock
 * @id: its number in @file, 0 for that of the file; a reader sees 0 before it has got it
 * @priority: one of enum drm_ascdev_priority
 * @entity: the scheduler's queue
 * @turn: who comes before it on the engine of @entity, under the lock of its turns
 * @submit_lock: makes jobs reach @entity in the order of their fences; protects @dead
 * @dead: no job may reach @entity any more
 * @has_defaults: @defaults are used, not the device's; both are set once
 * @defaults: what a job gets that leaves the codec open
 * @lock: protects all below, &ascdev_job.node and the setting of &ascdev_job.cancelled; an
 *	engine's lock is taken under it
 * @jobs: its jobs whose end is open, so that they can be cancelled
 * @hangs: jobs with which an engine made no progress
 * @last_error: error of the last job that failed on an engine, or 0
 * @last_error_cookie: its cookie
 */
struct ascdev_ctx {
	struct kref ref;
	struct ascdev_device *adev;
	struct ascdev_file *file;
	struct list_head node;
	u32 id;
	u32 priority;
	struct drm_sched_entity entity;
	struct ascdev_ctx_turn turn;
	struct mutex submit_lock;
	bool dead;
	bool has_defaults;
	struct fmc_params defaults;
	spinlock_t lock;
	struct list_head jobs;
	u32 hangs;
	int last_error;
	u64 last_error_cookie;
};

int ascdev_file_init(struct ascdev_device *adev, struct ascdev_file *file);
void ascdev_file_close(struct ascdev_file *file);
void ascdev_file_put(struct ascdev_file *file);
void ascdev_file_unreserve(struct ascdev_file *file, struct ascdev_device *adev, u32 count);

struct ascdev_ctx *ascdev_ctx_find(struct ascdev_file *file, u32 id);
void ascdev_ctx_put(struct ascdev_ctx *ctx);
bool ascdev_ctx_is_banned(struct ascdev_ctx *ctx);
void ascdev_ctx_job_failed(struct ascdev_ctx *ctx, const struct ascdev_job *job, int error);

u32 ascdev_ctx_priorities(void);
const char *ascdev_ctx_priority_name(u32 priority);
int ascdev_ioctl_ctx_create(struct drm_device *drm, void *data, struct drm_file *file);
int ascdev_ioctl_ctx_destroy(struct drm_device *drm, void *data, struct drm_file *file);
int ascdev_ioctl_ctx_get_state(struct drm_device *drm, void *data, struct drm_file *file);
int ascdev_ioctl_cancel(struct drm_device *drm, void *data, struct drm_file *file);

#endif
