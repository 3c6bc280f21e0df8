// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is left of a job that hung an engine: a devcoredump with its descriptor and the
 * engine's state.
 */

#include <linux/devcoredump.h>
#include <linux/slab.h>
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

static void dump_work(struct work_struct *work)
{
	struct dump *d = container_of(work, struct dump, work);
	char *text = vmalloc(TEXT_BYTES);

	if (text)
		dev_coredumpv(d->adev->drm.dev, text, print_dump(d, text), GFP_KERNEL);
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
