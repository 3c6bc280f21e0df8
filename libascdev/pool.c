// SPDX-License-Identifier: MIT
/*
 * Threads that run jobs in process.
 *
 * A job is run by the first thread that is free once its fences have signalled and no job
 * before it touches its bytes.  What a job can share, threads without a job help with.
 * ctx->lock protects everything here.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "pool.h"

#define MAX_QUEUED	1024
#define MAX_POLLED	64	/* fences that are waited for at a time */

/* Work that can be done piece by piece; it lies on the stack of who shares it. */
struct share {
	struct list node;
	void (*work)(void *argument, uint32_t i, struct fmc_workspace *workspace);
	void *argument;
	uint32_t next, count;
	uint32_t helpers;	/* other threads that have a piece */
};

struct worker {
	pthread_t thread;
	struct ascdev_ctx *ctx;
	struct fmc_workspace workspace;
};

struct pool {
	struct list queued;	/* jobs, in the order in which they came */
	struct list running;	/* jobs that a thread has */
	uint32_t jobs;		/* in both */
	struct list shares;
	pthread_cond_t work;	/* there may be something to do */
	pthread_cond_t helped;	/* a helper has finished a piece */
	bool polling;		/* a thread waits for fences, and for wake */
	int wake;
	bool stop;
	uint32_t count;
	struct worker *workers[];
};

/* Let a thread, or all, look for work. */
static void wake(struct pool *pool, bool all)
{
	const uint64_t one = 1;

	if (all)
		pthread_cond_broadcast(&pool->work);
	else
		pthread_cond_signal(&pool->work);
	if (pool->polling)
		(void)!write(pool->wake, &one, sizeof(one));
}

static bool overlap(const uint8_t *a, uint64_t a_bytes, const uint8_t *b, uint64_t b_bytes)
{
	return a < b + b_bytes && b < a + a_bytes;
}

static const uint8_t *source(const struct ascdev_job *job)
{
	return (uint8_t *)job->src->address + job->src_offset;
}

static const uint8_t *destination(const struct ascdev_job *job)
{
	return (uint8_t *)job->dst->address + job->dst_offset;
}

/* Does the order of two jobs matter? */
static bool conflict(const struct ascdev_job *a, const struct ascdev_job *b)
{
	return overlap(destination(a), a->plan.dst_bytes, source(b), b->plan.src_bytes) ||
	       overlap(source(a), a->plan.src_bytes, destination(b), b->plan.dst_bytes) ||
	       overlap(destination(a), a->plan.dst_bytes, destination(b), b->plan.dst_bytes);
}

/* Those that have signalled are dropped. */
static bool waits_for_fences(struct ascdev_job *job)
{
	while (job->fence_count) {
		struct pollfd fence = { .fd = job->fences[job->fence_count - 1], .events = POLLIN };

		if (poll(&fence, 1, 0) != 1)
			return true;
		close(job->fences[--job->fence_count]);
	}
	return false;
}

static bool is_blocked(const struct pool *pool, const struct ascdev_job *job)
{
	const struct list *pos;

	list_for_each(pos, &pool->running) {
		if (conflict(list_entry(pos, struct ascdev_job, node), job))
			return true;
	}
	for (pos = pool->queued.next; pos != &job->node; pos = pos->next) {
		if (conflict(list_entry(pos, struct ascdev_job, node), job))
			return true;
	}
	return false;
}

/* @waiting receives whether a job waits for a fence. */
static struct ascdev_job *find_job(struct pool *pool, bool *waiting)
{
	struct list *pos;

	*waiting = false;
	list_for_each(pos, &pool->queued) {
		struct ascdev_job *job = list_entry(pos, struct ascdev_job, node);

		if (waits_for_fences(job))
			*waiting = true;
		else if (!is_blocked(pool, job))
			return job;
	}
	return NULL;
}

static struct share *find_share(struct pool *pool)
{
	struct list *pos;

	list_for_each(pos, &pool->shares) {
		struct share *share = list_entry(pos, struct share, node);

		if (share->next < share->count)
			return share;
	}
	return NULL;
}

static void help(struct worker *worker, struct share *share)
{
	struct ascdev_ctx *ctx = worker->ctx;
	uint32_t i = share->next++;

	share->helpers++;
	pthread_mutex_unlock(&ctx->lock);
	share->work(share->argument, i, &worker->workspace);
	pthread_mutex_lock(&ctx->lock);
	if (!--share->helpers)
		pthread_cond_broadcast(&ctx->pool->helped);
}

static void run(struct worker *worker, struct ascdev_job *job)
{
	struct ascdev_ctx *ctx = worker->ctx;
	struct pool *pool = ctx->pool;

	list_remove(&job->node);
	list_add(&pool->running, &job->node);
	job->queued = false;
	pthread_mutex_unlock(&ctx->lock);
	job_run(job, &worker->workspace);
	pthread_mutex_lock(&ctx->lock);
	list_remove(&job->node);
	pool->jobs--;
	job_done(job);
	event_settle(ctx);
	/* jobs that this one was in the way of */
	wake(pool, true);
}

/*
 * Wait for the fences of jobs, and for others to wake.  Descriptors that are closed
 * meanwhile, and even used again, do no harm: who closes them wakes this thread.
 */
static void wait_for_fences(struct ascdev_ctx *ctx)
{
	struct pollfd fds[MAX_POLLED + 1];
	struct pool *pool = ctx->pool;
	struct list *pos;
	uint64_t count;
	nfds_t n = 0;

	fds[n++] = (struct pollfd){ .fd = pool->wake, .events = POLLIN };
	list_for_each(pos, &pool->queued) {
		const struct ascdev_job *job = list_entry(pos, struct ascdev_job, node);

		/* the others are looked at when this one has signalled */
		if (job->fence_count && n <= MAX_POLLED)
			fds[n++] = (struct pollfd){ .fd = job->fences[job->fence_count - 1],
						    .events = POLLIN };
	}
	pool->polling = true;
	pthread_mutex_unlock(&ctx->lock);
	poll(fds, n, -1);
	pthread_mutex_lock(&ctx->lock);
	pool->polling = false;
	(void)!read(pool->wake, &count, sizeof(count));
	/* there may be work for more than this thread, and one is to wait in its place */
	pthread_cond_broadcast(&pool->work);
}

static void *work(void *argument)
{
	struct worker *worker = argument;
	struct ascdev_ctx *ctx = worker->ctx;
	struct pool *pool = ctx->pool;

	pthread_mutex_lock(&ctx->lock);
	for (;;) {
		struct share *share = find_share(pool);
		struct ascdev_job *job;
		bool waiting;

		if (share) {
			help(worker, share);
			continue;
		}
		job = find_job(pool, &waiting);
		if (job)
			run(worker, job);
		else if (pool->stop)
			break;
		else if (waiting && !pool->polling)
			wait_for_fences(ctx);
		else
			pthread_cond_wait(&pool->work, &ctx->lock);
	}
	pthread_mutex_unlock(&ctx->lock);
	return NULL;
}

uint32_t pool_threads(const struct ascdev_ctx *ctx)
{
	return ctx->pool ? ctx->pool->count : 1;
}

int pool_queue(struct ascdev_job *job)
{
	struct pool *pool = job->ctx->pool;

	if (pool->jobs == MAX_QUEUED)
		return -EBUSY;
	pool->jobs++;
	job->queued = true;
	list_add(&pool->queued, &job->node);
	job_begin(job);
	wake(pool, false);
	return 0;
}

bool pool_take_back(struct ascdev_job *job)
{
	struct pool *pool = job->ctx->pool;

	if (!job->queued)
		return false;
	job->queued = false;
	pool->jobs--;
	list_remove(&job->node);
	/* jobs that this one was in the way of, and who waits for its fences */
	wake(pool, true);
	return true;
}

void pool_share(struct ascdev_ctx *ctx, uint32_t count,
		void (*work)(void *argument, uint32_t i, struct fmc_workspace *workspace),
		void *argument, struct fmc_workspace *workspace)
{
	struct share share = { .work = work, .argument = argument, .count = count };
	struct pool *pool = ctx->pool;

	pthread_mutex_lock(&ctx->lock);
	list_add(&pool->shares, &share.node);
	wake(pool, true);
	while (share.next < share.count) {
		uint32_t i = share.next++;

		pthread_mutex_unlock(&ctx->lock);
		work(argument, i, workspace);
		pthread_mutex_lock(&ctx->lock);
	}
	list_remove(&share.node);
	while (share.helpers)
		pthread_cond_wait(&pool->helped, &ctx->lock);
	pthread_mutex_unlock(&ctx->lock);
}

void pool_stop(struct ascdev_ctx *ctx)
{
	struct pool *pool = ctx->pool;
	uint32_t i;

	if (!pool)
		return;
	pthread_mutex_lock(&ctx->lock);
	pool->stop = true;
	wake(pool, true);
	pthread_mutex_unlock(&ctx->lock);
	for (i = 0; i < pool->count; i++) {
		pthread_join(pool->workers[i]->thread, NULL);
		free(pool->workers[i]);
	}
	pthread_cond_destroy(&pool->work);
	pthread_cond_destroy(&pool->helped);
	close(pool->wake);
	free(pool);
	ctx->pool = NULL;
}

static uint32_t usable_cpus(void)
{
	cpu_set_t cpus;

	if (sched_getaffinity(0, sizeof(cpus), &cpus))
		return 1;
	return CPU_COUNT(&cpus);
}

static int start_worker(struct ascdev_ctx *ctx, struct worker **out)
{
	struct worker *worker = malloc(sizeof(*worker));
	sigset_t all, before;
	int ret;

	if (!worker)
		return -ENOMEM;
	worker->ctx = ctx;
	worker->workspace.kernels = ctx->kernels;
	worker->workspace.long_steps = true;
	/* signals are for the threads of the program */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	ret = -pthread_create(&worker->thread, NULL, work, worker);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (ret)
		free(worker);
	*out = worker;
	return ret;
}

int pool_start(struct ascdev_ctx *ctx, uint32_t threads)
{
	struct pool *pool;
	int ret = 0;

	if (threads == ASCDEV_ALL_CPUS)
		threads = usable_cpus();
	if (threads > MAX_THREADS)
		threads = MAX_THREADS;
	pool = calloc(1, sizeof(*pool) + threads * sizeof(pool->workers[0]));
	if (!pool)
		return -ENOMEM;
	list_init(&pool->queued);
	list_init(&pool->running);
	list_init(&pool->shares);
	pthread_cond_init(&pool->work, NULL);
	pthread_cond_init(&pool->helped, NULL);
	ctx->pool = pool;
	pool->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (pool->wake < 0)
		ret = -errno;
	/* the threads that are started see no pool->count */
	while (!ret && pool->count < threads) {
		struct worker *worker;

		ret = start_worker(ctx, &worker);
		if (!ret)
			pool->workers[pool->count++] = worker;
	}
	if (ret)
		pool_stop(ctx);
	return ret;
}
