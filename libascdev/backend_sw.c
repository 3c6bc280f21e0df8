// SPDX-License-Identifier: MIT
/*
 * The codec in process.  A job runs when it is submitted, in the caller's thread, or in
 * those of a pool.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "pool.h"

static void sw_close(struct ascdev_ctx *ctx)
{
	pool_stop(ctx);
}

static int sw_buf_alloc(struct ascdev_buf *buf)
{
	if (buf->bytes > SIZE_MAX)
		return -ENOMEM;
	buf->address = calloc(1, buf->bytes);
	return buf->address ? 0 : -ENOMEM;
}

/* Every dma-buf has an inode of its own, whatever descriptor stands for it. */
static int sw_buf_import(struct ascdev_ctx *ctx, int fd, struct ascdev_buf *buf,
			 struct ascdev_buf **known)
{
	struct list *pos;
	struct stat st;
	void *address;

	if (fstat(fd, &st))
		return -errno;
	list_for_each(pos, &ctx->bufs) {
		struct ascdev_buf *other = list_entry(pos, struct ascdev_buf, node);

		if (other->kind == BUF_DMABUF && other->inode == st.st_ino) {
			*known = other;
			return 0;
		}
	}
	if (buf->bytes > SIZE_MAX)
		return -ENOMEM;
	address = mmap(NULL, buf->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (address == MAP_FAILED)
		return errno == ENOMEM ? -ENOMEM : -EOPNOTSUPP;
	buf->inode = st.st_ino;
	buf->address = address;
	return 0;
}

static int sw_buf_map(struct ascdev_buf *buf)
{
	(void)buf;	/* mapped from the start */
	return 0;
}

static void sw_buf_unmap(struct ascdev_buf *buf)
{
	(void)buf;	/* jobs need it */
}

static void sw_buf_free(struct ascdev_buf *buf)
{
	if (buf->kind == BUF_DMABUF)
		munmap(buf->address, buf->bytes);
	else
		free(buf->address);
}

static int sw_buf_export(struct ascdev_buf *buf)
{
	(void)buf;
	return -EOPNOTSUPP;
}

static int sw_buf_wait(struct ascdev_buf *buf, int64_t timeout_ns)
{
	struct ascdev_ctx *ctx = buf->ctx;
	int64_t deadline = deadline_ns(timeout_ns);
	int ret = 0;

	pthread_mutex_lock(&ctx->lock);
	while (buf->users && !ret)
		ret = cond_wait_until(&ctx->ended, &ctx->lock, deadline);
	if (!buf->users)
		ret = 0;
	pthread_mutex_unlock(&ctx->lock);
	return ret;
}

static int sw_job_init(struct ascdev_job *job)
{
	(void)job;
	return 0;
}

static void wait_for_fences(const struct ascdev_job *job)
{
	uint32_t i;

	for (i = 0; i < job->fence_count; i++) {
		struct pollfd fence = { .fd = job->fences[i], .events = POLLIN };

		while (poll(&fence, 1, -1) < 0 && errno == EINTR)
			;
	}
}

/* Returns why the job is not accepted; whether it did well stands in the job. */
static int submit_here(struct ascdev_job *job)
{
	struct ascdev_ctx *ctx = job->ctx;
	struct workspace *workspace = take_workspace(ctx);

	if (!workspace)
		return -ENOMEM;
	pthread_mutex_lock(&ctx->lock);
	job_begin(job);
	pthread_mutex_unlock(&ctx->lock);
	wait_for_fences(job);
	job_run(job, &workspace->codec);
	give_workspace(ctx, workspace);
	pthread_mutex_lock(&ctx->lock);
	job_done(job);
	event_settle(ctx);
	pthread_mutex_unlock(&ctx->lock);
	return 0;
}

static int submit_to_pool(struct ascdev_job *job)
{
	int ret;

	pthread_mutex_lock(&job->ctx->lock);
	ret = pool_queue(job);
	pthread_mutex_unlock(&job->ctx->lock);
	return ret;
}

static int sw_submit(struct ascdev_ctx *ctx, struct ascdev_job *const *jobs, uint32_t count,
		     uint32_t *accepted)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		int ret = job_check(jobs[i], true, &jobs[i]->plan);

		if (!ret)
			ret = ctx->pool ? submit_to_pool(jobs[i]) : submit_here(jobs[i]);
		if (ret)
			return ret;
		*accepted = i + 1;
	}
	return 0;
}

static void sw_collect(struct ascdev_ctx *ctx)
{
	(void)ctx;	/* jobs say themselves that they are done */
}

static int sw_wait(struct ascdev_job *job, int64_t timeout_ns)
{
	int64_t deadline = deadline_ns(timeout_ns);
	struct ascdev_ctx *ctx = job->ctx;
	int ret = 0;

	pthread_mutex_lock(&ctx->lock);
	while (job->state == JOB_IN_FLIGHT && !ret)
		ret = cond_wait_until(&ctx->ended, &ctx->lock, deadline);
	if (job->state != JOB_IN_FLIGHT)
		ret = 0;
	pthread_mutex_unlock(&ctx->lock);
	return ret;
}

static int sw_cancel(struct ascdev_job *job)
{
	if (!job->ctx->pool || !pool_take_back(job))
		return -EBUSY;
	job->error = -ECANCELED;
	job->result = (struct ascdev_result)ASCDEV_RESULT_INIT;
	job_done(job);
	return 0;
}

static int sw_get_fence(struct ascdev_job *job)
{
	return ctx_fail(job->ctx, -EOPNOTSUPP, "nothing makes fences in process");
}

static int sw_open_syncobj(struct ascdev_ctx *ctx, int fd, uint32_t *handle)
{
	(void)ctx;
	(void)fd;
	(void)handle;
	return -EOPNOTSUPP;
}

static void sw_close_syncobj(struct ascdev_ctx *ctx, uint32_t handle)
{
	(void)ctx;
	(void)handle;
}

const struct backend sw_backend = {
	.id = ASCDEV_BACKEND_SW,
	.close = sw_close,
	.buf_alloc = sw_buf_alloc,
	.buf_import = sw_buf_import,
	.buf_map = sw_buf_map,
	.buf_unmap = sw_buf_unmap,
	.buf_free = sw_buf_free,
	.buf_export = sw_buf_export,
	.buf_wait = sw_buf_wait,
	.job_init = sw_job_init,
	.submit = sw_submit,
	.collect = sw_collect,
	.wait = sw_wait,
	.cancel = sw_cancel,
	.get_fence = sw_get_fence,
	.open_syncobj = sw_open_syncobj,
	.close_syncobj = sw_close_syncobj,
};

int sw_open(struct ascdev_ctx *ctx, uint32_t threads)
{
	int ret;

	ctx->backend = &sw_backend;
	ret = threads ? pool_start(ctx, threads) : 0;
	if (ret)
		return ret;
	ctx->caps.backend = ASCDEV_BACKEND_SW;
	ctx->caps.engines = pool_threads(ctx);
	ctx->caps.cpu = cpu_of_kernels(ctx->kernels);
	ctx->caps.codecs = (1u << (ASCDEV_CODEC_AUTO + 1)) - 1;
	ctx->caps.dtypes = (1u << (ASCDEV_DTYPE_BF16 + 1)) - 1;
	ctx->caps.payload_align = 8;
	ctx->caps.max_elements = FMC_MAX_ELEMENTS;
	ctx->caps.max_buffer_bytes = 1ull << 40;
	return 0;
}
