/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASCDEV_JOB_H
#define ASCDEV_JOB_H

#include <linux/dma-fence.h>
#include <linux/list.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include <drm/ascdev_accel.h>
#include <drm/gpu_scheduler.h>

#include "codec.h"

struct ascdev_ctx;
struct ascdev_device;
struct ascdev_engine;
struct ascdev_fence;
struct ascdev_pin;
struct drm_gem_object;

/**
 * enum ascdev_job_bo - the buffer objects of a job
 * @ASCDEV_JOB_SRC: the surface or the payload that it reads
 * @ASCDEV_JOB_DST: the payload or the surface that it writes
 * @ASCDEV_JOB_RESULT: where the result record goes
 * @ASCDEV_JOB_ORDER: the order of channels that was given
 * @ASCDEV_JOB_BOS: number of them
 */
enum ascdev_job_bo {
	ASCDEV_JOB_SRC,
	ASCDEV_JOB_DST,
	ASCDEV_JOB_RESULT,
	ASCDEV_JOB_ORDER,
	ASCDEV_JOB_BOS
};

/**
 * struct ascdev_job - a checked job, from SUBMIT to its end
 * @base: the scheduler's part
 * @adev: device; @fence, and later the parent of @base's fence, holds it
 * @ctx: its context, referenced
 * @node: in its context's list of jobs that can be cancelled, under its lock; empty once it
 *	is decided how the job ends
 * @cancelled: it ends with -ECANCELED, unless its queue is dropped; set once
 * @fence: what the engine signals, from allocation until the job is run
 * @hw_fence: the same as a fence, with a reference, once the job is run
 * @turn: what it waits for its turn with; not used if it does not have to, see
 *	ascdev_turns.c
 * @accepted: counted in the file and in the statistics
 * @keeps_awake: holds the device's power, from SUBMIT until it is freed
 * @scheduled: the scheduler has taken it out of its context's queue to run it
 * @ran: an engine has had it
 * @start_ns: when the engine began, CLOCK_MONOTONIC; 0 before
 * @op: one of enum drm_ascdev_op
 * @cookie: for the result record
 * @surface: the uncompressed side
 * @params: the compressed side
 * @part: what to decompress
 * @payload_bytes: size of the payload; of a compression, its bound
 * @bo: buffer objects, referenced; NULL for a result not wanted and an order not given
 * @pin: what keeps each pinned and mapped
 * @cpu_access: mask of those whose exporter knows of the access by a CPU
 * @offset: where in each the job's bytes start
 * @units_done: units of work done so far; written by the engine, read by the
 *	timeout handler, which looks for a difference only
 * @units_seen: what the timeout handler saw last; used by it alone
 * @finished: holds the device while @release_work does
 * @release_work: ends the access by a CPU, and releases the job
 *
 * Nothing in it is changed by userspace; it holds no user address.
 */
struct ascdev_job {
	struct drm_sched_job base;
	struct ascdev_device *adev;
	struct ascdev_ctx *ctx;
	struct list_head node;
	bool cancelled;
	struct ascdev_fence *fence;
	struct dma_fence *hw_fence;
	struct dma_fence turn;
	bool accepted;
	bool keeps_awake;
	bool scheduled;
	bool ran;
	u64 start_ns;

	u32 op;
	u64 cookie;
	struct fmc_surface surface;
	struct fmc_params params;
	struct fmc_part part;
	u64 payload_bytes;
	struct drm_gem_object *bo[ASCDEV_JOB_BOS];
	struct ascdev_pin *pin[ASCDEV_JOB_BOS];
	u32 cpu_access;
	u64 offset[ASCDEV_JOB_BOS];

	u32 units_done;
	u32 units_seen;

	struct dma_fence *finished;
	struct work_struct release_work;
};

static inline struct ascdev_job *to_ascdev_job(struct drm_sched_job *base)
{
	return container_of(base, struct ascdev_job, base);
}

/* Values that a job reads or writes. */
static inline u64 ascdev_job_elements(const struct ascdev_job *job)
{
	const u32 *dim = job->part.dim;

	return (u64)dim[FMC_DIM_N] * dim[FMC_DIM_C] * dim[FMC_DIM_H] * dim[FMC_DIM_W];
}

/* Bytes of its source, without gaps. */
static inline u64 ascdev_job_bytes(const struct ascdev_job *job)
{
	if (job->op == DRM_ASCDEV_OP_COMPRESS)
		return ascdev_job_elements(job) * (fmc_dtype_bits(job->surface.dtype) / 8);
	return job->payload_bytes;
}

/* Everything else a job writes. */
static inline bool ascdev_job_reads(enum ascdev_job_bo which)
{
	return which == ASCDEV_JOB_SRC || which == ASCDEV_JOB_ORDER;
}

void *ascdev_job_address(struct ascdev_job *job, enum ascdev_job_bo which);
void ascdev_job_accept(struct ascdev_job *job);
void ascdev_job_begin(struct ascdev_job *job);
void ascdev_job_done(struct ascdev_job *job, struct drm_ascdev_result *result);
int ascdev_job_begin_cpu_access(struct ascdev_job *job);
void ascdev_job_release(struct ascdev_job *job);

int ascdev_sched_init_engine(struct ascdev_engine *engine);
void ascdev_sched_pause(struct ascdev_engine *engine);
void ascdev_sched_resume(struct ascdev_engine *engine);
u64 ascdev_file_busy_ns(struct ascdev_file *file);
u64 ascdev_file_cycles(struct ascdev_file *file);

int ascdev_copy_params(struct fmc_params *to, const struct drm_ascdev_codec_params *from);
int ascdev_ioctl_submit(struct drm_device *drm, void *data, struct drm_file *file);

#endif
