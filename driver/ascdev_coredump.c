// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is left of a job that hung an engine: a devcoredump with its descriptor and the
 * engine's state.
 */

#include <linux/delay.h>
#include <linux/devcoredump.h>
#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include <drm/drm_gem.h>

#include "ascdev_ctx.h"
#include "ascdev_device.h"
#include "ascdev_coredump.h"
#include "ascdev_fence.h"
#include "ascdev_job.h"
#include "ascdev_vector.h"
#include "params_text.h"

/**
 * struct dump - a snapshot on its way to userspace
 * @work: hands it over, from where memory may be allocated
 * @adev: device, referenced
 * @engine: name of the engine
 * @seqno: of the last job that it was given
 * @abort_error: with which it was told before to end the job, or 0
 * @has_power: the engine is awake
 * @timeout_ms: how long it may make no progress
 * @client_id: of the job, as all below
 * @ctx: number of the context
 * @priority: one of enum drm_ascdev_priority
 * @fence_context: name of the job, with @fence_seqno
 * @fence_seqno: name of the job
 * @elapsed_ns: for how long the engine has had it; 0 if it has not begun
 * @cookie: its name for userspace
 * @op: one of enum drm_ascdev_op
 * @surface: the uncompressed side
 * @params: the compressed side
 * @part: what to decompress
 * @payload_bytes: size or bound of the payload
 * @offset: where its bytes begin in each buffer object
 * @bo_bytes: sizes of these; 0 for one that it has not
 * @units: units of work done
 * @hangs: how many jobs of the context hung, this one not counted
 */
struct dump {
	struct work_struct work;
	struct ascdev_device *adev;
	char engine[16];
	u32 seqno;
	int abort_error;
	bool has_power;
	u32 timeout_ms;
	u64 client_id;
	u32 ctx;
	u32 priority;
	u64 fence_context;
	u64 fence_seqno;
	u64 elapsed_ns;
	u64 cookie;
	u32 op;
	struct fmc_surface surface;
	struct fmc_params params;
	struct fmc_part part;
	u64 payload_bytes;
	u64 offset[ASCDEV_JOB_BOS];
	u64 bo_bytes[ASCDEV_JOB_BOS];
	u32 units;
	u32 hangs;
};

#define TEXT_BYTES	4096

/* So often it is seen whether a dump that was let go is gone, and with such pauses. */
#define TRIES		20
#define TRY_MS		10

static int print_engine(const struct dump *d, char *text, int size)
{
	return scnprintf(text, size,
			 "ascdev: an engine made no progress\n"
			 "device: %s\nname: %s\nengine: %s\ncode: %s\npower: %s\n"
			 "timeout ms: %u\njobs begun: %u\nunits done: %u\nelapsed ns: %llu\n"
			 "told to end: %d\n",
			 dev_name(d->adev->drm.dev), d->adev->config.name, d->engine,
			 fmc_cpu_name(ascdev_vector_cpu()), d->has_power ? "on" : "off",
			 d->timeout_ms, d->seqno, d->units, d->elapsed_ns, d->abort_error);
}

static int print_job(const struct dump *d, char *text, int size)
{
	const u32 *dim = d->surface.dim;
	const u64 *stride = d->surface.stride;

	return scnprintf(text, size,
			 "client: %llu\ncontext: %u\npriority: %s\nearlier hangs of the context: %u\n"
			 "fence: %llu:%llu\ncookie: %#llx\nop: %s\ndtype: %s\n"
			 "dim: %u %u %u %u\nstride: %llu %llu %llu %llu\n"
			 "part: %u %u %u %u + %u %u %u %u\npayload bytes: %llu\n",
			 d->client_id, d->ctx, ascdev_ctx_priority_name(d->priority), d->hangs,
			 d->fence_context, d->fence_seqno, d->cookie,
			 d->op == DRM_ASCDEV_OP_COMPRESS ? "compress" : "decompress",
			 fmc_dtype_name(d->surface.dtype), dim[0], dim[1], dim[2], dim[3],
			 stride[0], stride[1], stride[2], stride[3], d->part.at[0], d->part.at[1],
			 d->part.at[2], d->part.at[3], d->part.dim[0], d->part.dim[1],
			 d->part.dim[2], d->part.dim[3], d->payload_bytes);
}

static int print_dump(const struct dump *d, char *text)
{
	static const char * const objects[ASCDEV_JOB_BOS] = {
		[ASCDEV_JOB_SRC] = "src",
		[ASCDEV_JOB_DST] = "dst",
		[ASCDEV_JOB_RESULT] = "result",
		[ASCDEV_JOB_ORDER] = "order",
	};
	char value[FMC_TEXT_BYTES];
	u32 i;
	int n;

	n = print_engine(d, text, TEXT_BYTES);
	n += print_job(d, text + n, TEXT_BYTES - n);
	for (i = 0; i < ASCDEV_JOB_BOS; i++) {
		if (d->bo_bytes[i])
			n += scnprintf(text + n, TEXT_BYTES - n, "%s: at %llu of %llu bytes\n",
				       objects[i], d->offset[i], d->bo_bytes[i]);
	}
	for (i = 0; fmc_param_keys[i]; i++) {
		if (!fmc_param_get(&d->params, fmc_param_keys[i], value))
			n += scnprintf(text + n, TEXT_BYTES - n, "%s: %s\n", fmc_param_keys[i],
				       value);
	}
	return n;
}

/*
 * A device has one dump, of which its directory has a link.  The core looks for that dump before it
 * makes another one, but two that are made at a time do not see each other, and one that userspace
 * lets go is out of its sight before its link is.
 */
static DEFINE_MUTEX(making_dump);	/* from the look at the link until there is one */

static bool has_dump(struct device *dev)
{
	struct kernfs_node *link = sysfs_get_dirent(dev->kobj.sd, "devcoredump");

	sysfs_put(link);
	return link;
}

/* Returns whether it is the core's now. */
static bool hand_over(struct ascdev_device *adev, char *text, size_t bytes)
{
	struct device *dev = adev->drm.dev;
	bool room;
	int idx;

	/* one that is gone has no directory */
	if (!drm_dev_enter(&adev->drm, &idx))
		return false;
	mutex_lock(&making_dump);
	room = !has_dump(dev);
	if (room)
		dev_coredumpv(dev, text, bytes, GFP_KERNEL);
	mutex_unlock(&making_dump);
	drm_dev_exit(idx);
	return room;
}

static void dump_work(struct work_struct *work)
{
	struct dump *d = container_of(work, struct dump, work);
	char *text = vmalloc(TEXT_BYTES);
	size_t bytes = 0;
	u32 tries;

	if (text)
		bytes = print_dump(d, text);
	for (tries = 0; text && tries < TRIES && !drm_dev_is_unplugged(&d->adev->drm); tries++) {
		if (hand_over(d->adev, text, bytes))
			text = NULL;
		else
			msleep(TRY_MS);
	}
	vfree(text);
	drm_dev_put(&d->adev->drm);
	kfree(d);
}

static void look_at_engine(struct dump *d, struct ascdev_engine *engine)
{
	strscpy(d->engine, engine->name);
	d->seqno = engine->seqno;
	d->has_power = READ_ONCE(engine->has_power);
	d->timeout_ms = READ_ONCE(engine->adev->timeout_ms);
	spin_lock(&engine->lock);
	d->abort_error = engine->abort_error;
	spin_unlock(&engine->lock);
}

static void look_at_job(struct dump *d, const struct ascdev_job *job)
{
	u64 start_ns;
	u32 i;

	d->client_id = job->ctx->file->client_id;
	d->ctx = READ_ONCE(job->ctx->id);
	d->priority = job->ctx->priority;
	d->hangs = READ_ONCE(job->ctx->hangs);
	d->fence_context = job->base.s_fence->finished.context;
	d->fence_seqno = job->base.s_fence->finished.seqno;
	d->cookie = job->cookie;
	d->op = job->op;
	d->surface = job->surface;
	/* the engine, if it goes on after all, replaces what was left open */
	d->params = data_race(job->params);
	d->part = job->part;
	d->payload_bytes = job->payload_bytes;
	d->units = READ_ONCE(job->units_done);
	for (i = 0; i < ASCDEV_JOB_BOS; i++) {
		d->offset[i] = job->offset[i];
		d->bo_bytes[i] = job->bo[i] ? job->bo[i]->size : 0;
	}
	spin_lock(&job->ctx->file->stats_lock);
	start_ns = job->start_ns;
	spin_unlock(&job->ctx->file->stats_lock);
	d->elapsed_ns = start_ns ? ktime_get_ns() - start_ns : 0;
}

/**
 * ascdev_coredump - keep what is known of a job that makes no progress
 * @engine: engine that has it
 * @job: the job
 *
 * Called by the timeout handler, which must not wait for memory: without any there is
 * no dump.
 */
void ascdev_coredump(struct ascdev_engine *engine, struct ascdev_job *job)
{
	struct dump *d = kzalloc(sizeof(*d), GFP_NOWAIT | __GFP_NOWARN);

	if (!d)
		return;
	INIT_WORK(&d->work, dump_work);
	d->adev = engine->adev;
	drm_dev_get(&d->adev->drm);
	look_at_engine(d, engine);
	look_at_job(d, job);
	ascdev_queue_release(&d->work);
}
