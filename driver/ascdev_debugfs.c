// SPDX-License-Identifier: GPL-2.0-only
/*
 * What goes on in a device, Documentation/ABI/testing/debugfs-driver-ascdev.
 *
 * Nothing here keeps a job or an engine waiting.  drm_dev_unregister() removes
 * the files and waits for who is reading them.
 */

#include <linux/dma-fence.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/xarray.h>

#include <drm/ascdev_accel.h>
#include <drm/drm_debugfs.h>
#include <drm/drm_file.h>

#include "ascdev_ctx.h"
#include "ascdev_debugfs.h"
#include "ascdev_device.h"
#include "ascdev_engine.h"
#include "ascdev_gem.h"
#include "ascdev_job.h"
#include "params_text.h"

/**
 * struct snapshot - the job that an engine has
 * @client_id: who submitted it
 * @fence_context: the job's name, with @fence_seqno
 * @fence_seqno: the job's name
 * @op: one of enum drm_ascdev_op
 * @codec: one of enum fmc_codec
 * @units: units of work done
 * @start_ns: when the engine began; 0 if it has not yet
 * @busy: there is a job; all else has a meaning
 */
struct snapshot {
	u64 client_id;
	u64 fence_context;
	u64 fence_seqno;
	u32 op;
	u32 codec;
	u32 units;
	u64 start_ns;
	bool busy;
};

/* An engine lets go of a job under its lock, before the job ends. */
static void take_snapshot(struct ascdev_engine *engine, struct snapshot *s)
{
	struct ascdev_job *job;

	memset(s, 0, sizeof(*s));
	spin_lock(&engine->lock);
	job = engine->job;
	if (job) {
		s->busy = true;
		s->client_id = job->ctx->file->client_id;
		s->fence_context = job->base.s_fence->finished.context;
		s->fence_seqno = job->base.s_fence->finished.seqno;
		s->op = job->op;
		/* the engine replaces AUTO by what it has chosen */
		s->codec = data_race(job->params.codec);
		s->units = READ_ONCE(job->units_done);
		spin_lock(&job->ctx->file->stats_lock);
		s->start_ns = job->start_ns;
		spin_unlock(&job->ctx->file->stats_lock);
	}
	spin_unlock(&engine->lock);
}

static void show_engine(struct seq_file *m, u32 number, const struct snapshot *s)
{
	u64 elapsed = s->start_ns ? ktime_get_ns() - s->start_ns : 0;

	if (!s->busy) {
		seq_printf(m, "%u idle - - - - - - -\n", number);
		return;
	}
	seq_printf(m, "%u %s %llu %llu:%llu %s %s %u %llu %llu\n", number,
		   s->start_ns ? "busy" : "starting", s->client_id, s->fence_context,
		   s->fence_seqno, s->op == DRM_ASCDEV_OP_COMPRESS ? "compress" : "decompress",
		   fmc_codec_name(s->codec), s->units, s->start_ns, elapsed);
}

/* Those that get jobs, and those that still have one. */
static int engines_show(struct seq_file *m, void *data)
{
	struct drm_debugfs_entry *entry = m->private;
	struct ascdev_device *adev = to_ascdev(entry->dev);
	struct snapshot s;
	u32 i;

	seq_puts(m, "engine state client fence op codec units since_ns elapsed_ns\n");
	for (i = 0; i < adev->config.engines; i++) {
		take_snapshot(&adev->engines[i], &s);
		if (s.busy || i < READ_ONCE(adev->engines_used))
			show_engine(m, i, &s);
	}
	return 0;
}

static u64 file_memory(struct drm_file *file)
{
	struct drm_gem_object *obj;
	u64 bytes = 0;
	int id;

	spin_lock(&file->table_lock);
	idr_for_each_entry(&file->object_idr, obj, id)
		bytes += obj->size;
	spin_unlock(&file->table_lock);
	return bytes;
}

static void show_process(struct seq_file *m, struct drm_file *file)
{
	struct task_struct *task;
	struct pid *pid;

	rcu_read_lock();
	pid = rcu_dereference(file->pid);
	task = pid_task(pid, PIDTYPE_TGID);
	seq_printf(m, " %d", pid_vnr(pid));
	if (task) {
		char comm[TASK_COMM_LEN];

		seq_putc(m, ' ');
		seq_escape(m, get_task_comm(comm, task), " \t\n\\");
	} else {
		seq_puts(m, " -");
	}
	rcu_read_unlock();
}

static void show_client(struct seq_file *m, struct drm_file *file)
{
	struct ascdev_file *priv = file->driver_priv;
	u64 submitted, completed, failed, cancelled;

	spin_lock(&priv->stats_lock);
	submitted = priv->stats[ASCDEV_STAT_SUBMITTED];
	completed = priv->stats[ASCDEV_STAT_COMPLETED];
	failed = priv->stats[ASCDEV_STAT_FAILED];
	cancelled = priv->stats[ASCDEV_STAT_CANCELLED];
	spin_unlock(&priv->stats_lock);

	seq_printf(m, "%llu", file->client_id);
	show_process(m, file);
	seq_printf(m, " %llu %llu %llu %llu %llu %lld\n",
		   submitted - completed - failed - cancelled, completed, failed, cancelled,
		   file_memory(file), atomic64_read(&priv->pinned));
}

static int clients_show(struct seq_file *m, void *data)
{
	struct drm_debugfs_entry *entry = m->private;
	struct drm_device *drm = entry->dev;
	struct drm_file *file;

	seq_puts(m, "client pid command queued completed failed cancelled memory pinned\n");
	mutex_lock(&drm->filelist_mutex);
	list_for_each_entry_reverse(file, &drm->filelist, lhead)
		show_client(m, file);
	mutex_unlock(&drm->filelist_mutex);
	return 0;
}

static void show_ctx(struct seq_file *m, struct ascdev_ctx *ctx)
{
	int last_error;
	u32 hangs;

	spin_lock(&ctx->lock);
	hangs = ctx->hangs;
	last_error = ctx->last_error;
	spin_unlock(&ctx->lock);
	seq_printf(m, "%llu %u %s %u %u %s %d\n", ctx->file->client_id, READ_ONCE(ctx->id),
		   ascdev_ctx_priority_name(ctx->priority),
		   spsc_queue_count(&ctx->entity.job_queue), hangs,
		   ascdev_ctx_is_banned(ctx) ? "banned" : "-", last_error);
}

static int contexts_show(struct seq_file *m, void *data)
{
	struct drm_debugfs_entry *entry = m->private;
	struct ascdev_device *adev = to_ascdev(entry->dev);
	struct ascdev_ctx *ctx;

	seq_puts(m, "client context priority queued hangs state last_error\n");
	mutex_lock(&adev->ctx_lock);
	list_for_each_entry(ctx, &adev->ctxs, node)
		show_ctx(m, ctx);
	mutex_unlock(&adev->ctx_lock);
	return 0;
}

/**
 * struct head - the first job of a queue
 * @engine: whose it is
 * @fence_context: the job's name, with @fence_seqno
 * @fence_seqno: the job's name
 * @cookie: the job's name for userspace
 * @state: as a word
 * @wait_context: the fence that it waits for, with @wait_seqno; 0 for none
 * @wait_seqno: the fence that it waits for
 */
struct head {
	u32 engine;
	u64 fence_context;
	u64 fence_seqno;
	u64 cookie;
	const char *state;
	u64 wait_context;
	u64 wait_seqno;
};

/*
 * The scheduler goes through a job's fences one by one, and stops at one that has not signalled.
 * To ask a fence whether it has might signal it, which must not be done under a lock.
 */
static void find_wait(struct ascdev_job *job, struct head *head)
{
	unsigned long looked_at = READ_ONCE(job->base.last_dependency);
	const struct dma_fence *fence;

	rcu_read_lock();
	fence = looked_at ? xa_load(&job->base.dependencies, looked_at - 1) : NULL;
	if (fence && !test_bit(DMA_FENCE_FLAG_SIGNALED_BIT, &fence->flags)) {
		head->state = "waiting";
		head->wait_context = fence->context;
		head->wait_seqno = fence->seqno;
	}
	rcu_read_unlock();
}

/* Return: false if all jobs have ended. */
static bool find_head(struct ascdev_ctx *ctx, struct head *head)
{
	struct ascdev_engine *engine;
	struct ascdev_job *job;

	spin_lock(&ctx->lock);
	job = list_first_entry_or_null(&ctx->jobs, struct ascdev_job, node);
	if (job) {
		engine = container_of(job->base.sched, struct ascdev_engine, sched);
		*head = (struct head){
			.engine = engine - ctx->adev->engines,
			.fence_context = job->base.s_fence->finished.context,
			.fence_seqno = job->base.s_fence->finished.seqno,
			.cookie = job->cookie,
			.state = "ready",
		};
		spin_lock(&engine->lock);
		if (engine->job == job)
			head->state = "running";
		spin_unlock(&engine->lock);
		/* it comes after all other fences */
		if (!data_race(list_empty(&ctx->turn.node)))
			head->state = "turn";
		else if (!READ_ONCE(job->scheduled))
			find_wait(job, head);
	}
	spin_unlock(&ctx->lock);
	return job;
}

static void show_queue(struct seq_file *m, struct ascdev_ctx *ctx)
{
	struct head head;

	if (!find_head(ctx, &head))
		return;
	seq_printf(m, "%llu %u %s %u %u %llu:%llu %#llx %s ", ctx->file->client_id,
		   READ_ONCE(ctx->id), ascdev_ctx_priority_name(ctx->priority), head.engine,
		   spsc_queue_count(&ctx->entity.job_queue), head.fence_context, head.fence_seqno,
		   head.cookie, head.state);
	if (head.wait_context)
		seq_printf(m, "%llu:%llu\n", head.wait_context, head.wait_seqno);
	else
		seq_puts(m, "-\n");
}

static int queues_show(struct seq_file *m, void *data)
{
	struct drm_debugfs_entry *entry = m->private;
	struct ascdev_device *adev = to_ascdev(entry->dev);
	struct ascdev_ctx *ctx;

	seq_puts(m, "client context priority engine queued fence cookie state waits_for\n");
	mutex_lock(&adev->ctx_lock);
	list_for_each_entry(ctx, &adev->ctxs, node)
		show_queue(m, ctx);
	mutex_unlock(&adev->ctx_lock);
	return 0;
}

static void show_bo(struct seq_file *m, struct ascdev_bo *bo)
{
	struct drm_gem_object *obj = &bo->base.base;
	u32 references = kref_read(&obj->refcount), handles;
	bool is_pinned, is_exported;

	/* about to leave the list */
	if (!references)
		return;
	/* Each of these has a lock of its own: as of about now will do. */
	is_pinned = data_race(bo->pinned);
	is_exported = READ_ONCE(obj->dma_buf) && !obj->import_attach;
	handles = READ_ONCE(obj->handle_count);
	seq_printf(m, "%zu %s %s %s %s %u %u ", obj->size,
		   ascdev_gem_is_resident(obj) ? "resident" : "-", is_pinned ? "mapped" : "-",
		   is_exported ? "exported" : obj->import_attach ? "imported" : "-",
		   bo->base.map_wc ? "wc" : "-", handles, references);
	if (bo->label && *bo->label)
		seq_escape_str(m, bo->label, ESCAPE_NAP | ESCAPE_OCTAL | ESCAPE_APPEND, " \\");
	else
		seq_putc(m, '-');
	seq_putc(m, '\n');
}

static int bos_show(struct seq_file *m, void *data)
{
	struct drm_debugfs_entry *entry = m->private;
	struct ascdev_device *adev = to_ascdev(entry->dev);
	struct ascdev_bo *bo;

	seq_puts(m, "size resident mapped shared wc handles references label\n");
	mutex_lock(&adev->bos_lock);
	list_for_each_entry(bo, &adev->bos, node)
		show_bo(m, bo);
	mutex_unlock(&adev->bos_lock);
	return 0;
}

static const struct drm_debugfs_info ascdev_debugfs_files[] = {
	{ .name = "engines", .show = engines_show },
	{ .name = "clients", .show = clients_show },
	{ .name = "contexts", .show = contexts_show },
	{ .name = "queues", .show = queues_show },
	{ .name = "bos", .show = bos_show },
};

/**
 * ascdev_debugfs_init - create the files
 * @adev: device, not yet registered
 *
 * drm_driver.debugfs_init is not called for accel devices.  Until the device is
 * registered the files cannot be opened.
 */
void ascdev_debugfs_init(struct ascdev_device *adev)
{
	drm_debugfs_add_files(&adev->drm, ascdev_debugfs_files,
			      ARRAY_SIZE(ascdev_debugfs_files));
}
