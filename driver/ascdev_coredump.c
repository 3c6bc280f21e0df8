// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is left of a job that hung an engine: a devcoredump with its descriptor and the
 * engine's state.
 */

#include <linux/delay.h>
#include <linux/devcoredump.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include "ascdev_ctx.h"
#include "ascdev_device.h"
#include "ascdev_coredump.h"
#include "ascdev_fence.h"
#include "ascdev_job.h"
#include "params_text.h"

/**
 * struct dump - a snapshot on its way to userspace
 * @work: hands it over, from where memory may be allocated
 * @adev: device, referenced
 * @engine: name of the engine
 * @cookie: of the job, as all below
 * @op: one of enum drm_ascdev_op
 * @surface: the uncompressed side
 * @params: the compressed side
 * @part: what to decompress
 * @payload_bytes: size or bound of the payload
 * @units: units of work done
 * @hangs: how many jobs of the context hung, this one not counted
 */
struct dump {
	struct work_struct work;
	struct ascdev_device *adev;
	char engine[16];
	u64 cookie;
	u32 op;
	struct fmc_surface surface;
	struct fmc_params params;
	struct fmc_part part;
	u64 payload_bytes;
	u32 units;
	u32 hangs;
};

#define TEXT_BYTES	2048

/* So often it is seen whether a dump that was let go is gone, and with such pauses. */
#define TRIES		20
#define TRY_MS		10

static int print_dump(const struct dump *d, char *text)
{
	const u32 *dim = d->surface.dim;
	const u64 *stride = d->surface.stride;
	char value[FMC_TEXT_BYTES];
	u32 i;
	int n;

	n = scnprintf(text, TEXT_BYTES,
		      "ascdev: an engine made no progress\n"
		      "device: %s\nengine: %s\nunits done: %u\nearlier hangs of the context: %u\n"
		      "cookie: %#llx\nop: %s\ndtype: %s\n"
		      "dim: %u %u %u %u\nstride: %llu %llu %llu %llu\n"
		      "part: %u %u %u %u + %u %u %u %u\npayload bytes: %llu\n",
		      dev_name(d->adev->drm.dev), d->engine, d->units, d->hangs, d->cookie,
		      d->op == DRM_ASCDEV_OP_COMPRESS ? "compress" : "decompress",
		      fmc_dtype_name(d->surface.dtype), dim[0], dim[1], dim[2], dim[3], stride[0],
		      stride[1], stride[2], stride[3], d->part.at[0], d->part.at[1],
		      d->part.at[2], d->part.at[3], d->part.dim[0], d->part.dim[1],
		      d->part.dim[2], d->part.dim[3], d->payload_bytes);
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
	strscpy(d->engine, engine->name);
	d->cookie = job->cookie;
	d->op = job->op;
	d->surface = job->surface;
	/* the engine, if it goes on after all, replaces what was left open */
	d->params = data_race(job->params);
	d->part = job->part;
	d->payload_bytes = job->payload_bytes;
	d->units = READ_ONCE(job->units_done);
	d->hangs = READ_ONCE(job->ctx->hangs);
	ascdev_queue_release(&d->work);
}
