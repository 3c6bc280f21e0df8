/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASCDEV_ENGINE_H
#define ASCDEV_ENGINE_H

#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include <drm/gpu_scheduler.h>

#include "ascdev_turns.h"
#include "codec.h"

struct ascdev_device;
struct ascdev_engine;
struct ascdev_job;

/**
 * struct ascdev_engine_ops - what an engine can do
 * @start: begin a job.  Called in the fence-signalling path: allocates nothing,
 *	takes no lock under which memory is allocated.  The engine calls
 *	ascdev_job_begin() when it begins and ascdev_job_done() when it has ended
 *	the job, later, from a process context of its own.
 * @abort: make this job, if it is the running one, end soon with the given error; does not
 *	sleep
 * @stop: never run anything again, and end the running job; returns when it has
 *	ended.  For a device that goes away; the scheduler is paused meanwhile.
 * @suspend: lose power; it has no job, and gets none until it is resumed
 * @resume: be ready for jobs; may sleep
 */
struct ascdev_engine_ops {
	void (*start)(struct ascdev_engine *engine, struct ascdev_job *job);
	void (*abort)(struct ascdev_engine *engine, struct ascdev_job *job, int error);
	void (*stop)(struct ascdev_engine *engine);
	void (*suspend)(struct ascdev_engine *engine);
	void (*resume)(struct ascdev_engine *engine);
};

/**
 * struct ascdev_engine - runs one job at a time
 * @adev: its device
 * @name: name of its timeline
 * @ops: its kind
 * @sched: hands it jobs
 * @turns: whose job @sched is to hand it next
 * @pause_lock: protects @paused, which is read without it by the worker of @turns
 * @paused: how many want @sched to hand out no job
 * @fence_context: context of the fences of its jobs
 * @fence_lock: protects these fences
 * @seqno: of the last fence; the scheduler calls run_job() one at a time
 * @wq: where the emulated engine works, in order with the scheduler, whose work for
 *	a job is before and after it; NULL for a workqueue of the scheduler's own
 * @work: its work, one run for each job
 * @slow_ms: pause after each step of the running job, for the worker alone
 * @workspace: scratch memory of the codecs, for the worker alone
 * @encoder: the running compression
 * @decoder: the running decompression
 * @lock: protects @job and @abort_error
 * @job: the running job
 * @abort_error: 0, or the error with which the running job is to end; read
 *	without the lock, by the worker
 * @stopped: nothing is run any more; set once
 * @has_power: of the emulated engine, which fails jobs without; written and read once
 *	at a time
 */
struct ascdev_engine {
	struct ascdev_device *adev;
	char name[16];
	const struct ascdev_engine_ops *ops;
	struct drm_gpu_scheduler sched;
	struct ascdev_turns turns;
	struct mutex pause_lock;
	u32 paused;
	u64 fence_context;
	spinlock_t fence_lock;
	u32 seqno;
	struct workqueue_struct *wq;
	struct work_struct work;
	u32 slow_ms;
	struct fmc_workspace *workspace;
	union {
		struct fmc_encoder encoder;
		struct fmc_decoder decoder;
	};
	spinlock_t lock;
	struct ascdev_job *job;
	int abort_error;
	bool stopped;
	bool has_power;
};

int ascdev_engine_emu_init(struct ascdev_engine *engine);

#endif
