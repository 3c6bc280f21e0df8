/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASCDEV_TURNS_H
#define ASCDEV_TURNS_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include <drm/gpu_scheduler.h>

struct ascdev_ctx;
struct ascdev_engine;
struct ascdev_job;
struct dma_fence;

/**
 * struct ascdev_turns - who is next on an engine
 * @lock: protects all of it but @work, and the turns of contexts and files with this engine;
 *	lock of the fences that jobs wait for their turn with
 * @work: lets the next one go; in order with the scheduler's work
 * @waiting: contexts whose next job waits for its turn, by &ascdev_ctx_turn.node
 * @next: whose job was let go and has not been run yet, or NULL
 * @busy: jobs that were run and not yet freed
 * @contexts: how many have jobs queued, of each priority
 * @files: to how many files these belong
 */
struct ascdev_turns {
	spinlock_t lock;
	struct work_struct work;
	struct list_head waiting;
	struct ascdev_ctx *next;
	u32 busy;
	u32 contexts[DRM_SCHED_PRIORITY_COUNT];
	u32 files[DRM_SCHED_PRIORITY_COUNT];
};

/**
 * struct ascdev_ctx_turn - a context's part in it
 * @node: in the list of those that wait
 * @job: the job that waits, or was let go; NULL if there is none
 * @queued: jobs that have been accepted and not yet left the queue
 * @last: number of its last turn
 */
struct ascdev_ctx_turn {
	struct list_head node;
	struct ascdev_job *job;
	u32 queued;
	u64 last;
};

/**
 * struct ascdev_file_turn - a file's part in it, for each engine and priority
 * @contexts: how many of its contexts have jobs queued
 * @last: number of its last turn
 */
struct ascdev_file_turn {
	u32 contexts;
	u64 last;
};

void ascdev_turns_init(struct ascdev_engine *engine);
void ascdev_turns_fini(struct ascdev_engine *engine);
void ascdev_turns_resume(struct ascdev_engine *engine);
void ascdev_turns_drop(struct ascdev_engine *engine, struct ascdev_ctx *ctx);

void ascdev_turn_queue(struct ascdev_job *job);
struct dma_fence *ascdev_turn_wait(struct ascdev_job *job);
void ascdev_turn_leave(struct ascdev_job *job, bool runs);
void ascdev_turn_end(struct ascdev_job *job);

#endif
