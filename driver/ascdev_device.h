/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASCDEV_DEVICE_H
#define ASCDEV_DEVICE_H

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/xarray.h>

#include <drm/drm_device.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/gpu_scheduler.h>

#include "ascdev_config.h"
#include "ascdev_engine.h"
#include "ascdev_inject.h"
#include "ascdev_turns.h"
#include "codec.h"

struct ascdev_ctx;
struct platform_device;

#define ASCDEV_MAX_JOBS		256
#define ASCDEV_MAX_SYNCS	64
#define ASCDEV_PAYLOAD_ALIGN	8

/**
 * enum ascdev_stat - counters of a device, each a file in sysfs
 * @ASCDEV_STAT_SUBMITTED: jobs accepted by SUBMIT
 * @ASCDEV_STAT_COMPLETED: jobs that ended well
 * @ASCDEV_STAT_FAILED: jobs that ran and failed
 * @ASCDEV_STAT_CANCELLED: jobs that never ran, or that CANCEL stopped
 * @ASCDEV_STAT_COMPRESS_JOBS: compressions of the completed jobs
 * @ASCDEV_STAT_COMPRESS_IN: bytes of values that they read
 * @ASCDEV_STAT_COMPRESS_OUT: bytes of payload that they wrote
 * @ASCDEV_STAT_DECOMPRESS_JOBS: decompressions of the completed jobs
 * @ASCDEV_STAT_DECOMPRESS_IN: bytes of payload that they read
 * @ASCDEV_STAT_DECOMPRESS_OUT: bytes of values that they wrote
 * @ASCDEV_STAT_BUSY_NS: time in which an engine was at work
 * @ASCDEV_STAT_CYCLES: cycles of the engines' clock that jobs took, as far as they ran to an end
 * @ASCDEV_STAT_HANGS: jobs with which an engine made no progress
 * @ASCDEV_STATS: number of counters
 *
 * SUBMITTED is the sum of COMPLETED, FAILED and CANCELLED once all jobs ended.
 */
enum ascdev_stat {
	ASCDEV_STAT_SUBMITTED,
	ASCDEV_STAT_COMPLETED,
	ASCDEV_STAT_FAILED,
	ASCDEV_STAT_CANCELLED,
	ASCDEV_STAT_COMPRESS_JOBS,
	ASCDEV_STAT_COMPRESS_IN,
	ASCDEV_STAT_COMPRESS_OUT,
	ASCDEV_STAT_DECOMPRESS_JOBS,
	ASCDEV_STAT_DECOMPRESS_IN,
	ASCDEV_STAT_DECOMPRESS_OUT,
	ASCDEV_STAT_BUSY_NS,
	ASCDEV_STAT_CYCLES,
	ASCDEV_STAT_HANGS,
	ASCDEV_STATS
};

/**
 * struct ascdev_device - one codec device
 * @drm: the DRM device; the structure lives as long as it
 * @config: what it is like; does not change
 * @engines: run jobs; there are as many as @config says
 * @scheds: their schedulers
 * @ctx_lock: protects @ctxs and @engines_used; taken before the scheduler's locks
 * @ctxs: all contexts
 * @engines_used: how many engines get jobs, from the first on
 * @turns: number of the last turn on any engine
 * @timeout_ms: how long a job may make no progress; read and written once at a time
 * @inject: faults that the engines are told to have
 * @stats: counters, see enum ascdev_stat; nothing is ordered by them
 * @defaults_lock: protects @defaults
 * @defaults: what a job that leaves the codec open gets
 * @bos_lock: protects @bos
 * @bos: all buffer objects, by &ascdev_bo.node
 * @max_pinned: bytes that the jobs of one file may have pinned; @config says how many
 *	at first
 * @room: who waits for room in the queue of a file; woken when a job is freed and when
 *	the device goes away
 */
struct ascdev_device {
	struct drm_device drm;
	struct ascdev_config config;
	struct ascdev_engine engines[ASCDEV_MAX_ENGINES];
	struct drm_gpu_scheduler *scheds[ASCDEV_MAX_ENGINES];
	struct mutex ctx_lock;
	struct list_head ctxs;
	u32 engines_used;
	atomic64_t turns;
	u32 timeout_ms;
	struct ascdev_inject inject;
	atomic64_t stats[ASCDEV_STATS];
	struct mutex defaults_lock;
	struct fmc_params defaults;
	struct mutex bos_lock;
	struct list_head bos;
	atomic64_t max_pinned;
	wait_queue_head_t room;
};

/**
 * struct ascdev_file - one open of the device node
 * @ref: held by the open file and by each of its contexts
 * @adev: device, while the file is open
 * @client_id: of its struct drm_file, which its jobs may outlive
 * @ctx: context 0
 * @ctxs: the others, by their number
 * @jobs: jobs accepted and not yet freed, and those that SUBMIT is at
 * @pinned: bytes that its jobs have pinned, see ascdev_pin.c
 * @stats_lock: protects @stats and @running, and the begin of each of its jobs.
 *	Nothing is locked or allocated under it, for jobs end under it.
 * @stats: like those of the device, of its jobs; but BUSY_NS lacks the time t
 *	for each job that is on an engine since t, see ascdev_file_busy_ns()
 * @running: how many are on an engine
 * @turns: with each engine, and priority as the scheduler has it; under the lock of the
 *	engine's turns
 */
struct ascdev_file {
	struct kref ref;
	struct ascdev_device *adev;
	u64 client_id;
	struct ascdev_ctx *ctx;
	struct xarray ctxs;
	atomic_t jobs;
	atomic64_t pinned;
	spinlock_t stats_lock;
	u64 stats[ASCDEV_STATS];
	u32 running;
	struct ascdev_file_turn turns[ASCDEV_MAX_ENGINES][DRM_SCHED_PRIORITY_COUNT];
};

static inline struct ascdev_device *to_ascdev(struct drm_device *drm)
{
	return container_of(drm, struct ascdev_device, drm);
}

/* Jobs of one SUBMIT: they have to fit into the queue of a file. */
static inline u32 ascdev_device_max_jobs(const struct ascdev_device *adev)
{
	return min(adev->config.max_queued_jobs, ASCDEV_MAX_JOBS);
}

static inline void ascdev_stat_add(struct ascdev_device *adev, enum ascdev_stat stat, u64 n)
{
	atomic64_add(n, &adev->stats[stat]);
}

int ascdev_device_probe(struct platform_device *pdev, const struct drm_driver *driver);
void ascdev_device_remove(struct platform_device *pdev);
int ascdev_device_use_engines(struct ascdev_device *adev, u32 engines);
int ascdev_device_set_timeout(struct ascdev_device *adev, u32 timeout_ms);

#endif
