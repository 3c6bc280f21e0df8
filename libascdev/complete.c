// SPDX-License-Identifier: MIT
/*
 * Ends of jobs: the event, waiting, reaping, cancelling, counting.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

void job_begin(struct ascdev_job *job)
{
	struct ascdev_stats *stats = &job->ctx->stats;

	job->src->users++;
	job->dst->users++;
	stats->submitted++;
	if (++stats->in_flight > stats->most_in_flight)
		stats->most_in_flight = stats->in_flight;
}

static void count_fallback(struct ascdev_stats *stats, const struct ascdev_ctx *ctx, int reason)
{
	stats->fallbacks++;
	if (ctx->backend == &sw_backend)
		stats->fallbacks_open++;
	else if (reason == -ENODEV || reason == -ECANCELED)
		stats->fallbacks_gone++;
	else if (reason == -EBUSY)
		stats->fallbacks_busy++;
	else if (reason == -ENOMEM || reason == -E2BIG || reason == -EDQUOT)
		stats->fallbacks_limit++;
	else
		stats->fallbacks_failed++;
}

void job_done(struct ascdev_job *job)
{
	const struct ascdev_result *result = &job->result;
	struct ascdev_ctx *ctx = job->ctx;
	struct ascdev_stats *stats = &ctx->stats;

	stats->in_flight--;
	stats->exec_ns += result->exec_ns;
	if (result->backend == ASCDEV_BACKEND_HW)
		stats->jobs_hw++;
	else if (result->backend == ASCDEV_BACKEND_SW)
		stats->jobs_sw++;
	if (result->fallback_reason)
		count_fallback(stats, ctx, result->fallback_reason);
	if (job->error) {
		stats->failed++;
	} else {
		stats->completed++;
		if (job->op == JOB_COMPRESS) {
			stats->compress_bytes_in += result->bytes_read;
			stats->compress_bytes_out += result->bytes;
		} else {
			stats->decompress_bytes_in += result->bytes_read;
			stats->decompress_bytes_out += result->bytes;
		}
	}
	job->src->users--;
	job->dst->users--;
	job_drop_syncs(job);
	job->state = JOB_DONE;
	if (!job->is_private)
		list_add(&ctx->done, &job->node);
	pthread_cond_broadcast(&ctx->ended);
}

void event_drain(struct ascdev_ctx *ctx)
{
	uint64_t count;

	if (read(ctx->event, &count, sizeof(count)) == sizeof(count))
		ctx->signals += count - ctx->raised;
	ctx->raised = false;
}

void event_settle(struct ascdev_ctx *ctx)
{
	const uint64_t one = 1;

	if (!list_is_empty(&ctx->done) && !ctx->raised)
		ctx->raised = write(ctx->event, &one, sizeof(one)) == sizeof(one);
}

/* The end of a job is about to be reported.  With ctx->lock held. */
static void report_end(struct ascdev_job *job)
{
	if (job->state == JOB_DONE) {
		list_remove(&job->node);
		job->state = JOB_ENDED;
	}
}

int ascdev_wait(struct ascdev_job *job, int64_t timeout_ns, struct ascdev_result *result)
{
	struct ascdev_ctx *ctx = job->ctx;
	struct ascdev_result r;
	enum job_state state;
	int ret;

	pthread_mutex_lock(&ctx->lock);
	state = job->state;
	pthread_mutex_unlock(&ctx->lock);
	if (state == JOB_NEW || state == JOB_READY)
		return ctx_fail(ctx, -EINVAL, "the job was never submitted");
	if (state == JOB_IN_FLIGHT) {
		ret = ctx->backend->wait(job, timeout_ns);
		if (ret)
			return ret;
	}
	pthread_mutex_lock(&ctx->lock);
	event_drain(ctx);
	ctx->backend->collect(ctx);
	report_end(job);
	event_settle(ctx);
	r = job->result;
	ret = job->error;
	pthread_mutex_unlock(&ctx->lock);
	if (result && struct_to_user(result, &r, sizeof(r)))
		return ctx_fail(ctx, -EINVAL, "a result of another size");
	return ret ? ctx_fail(ctx, ret, "the job failed: %s", ascdev_strerror(ret)) : 0;
}

static uint32_t take_done(struct ascdev_ctx *ctx, struct ascdev_completion *completions,
			  uint32_t max)
{
	uint32_t n;

	pthread_mutex_lock(&ctx->lock);
	event_drain(ctx);
	ctx->backend->collect(ctx);
	for (n = 0; n < max && !list_is_empty(&ctx->done); n++) {
		struct ascdev_job *job = list_entry(ctx->done.next, struct ascdev_job, node);

		report_end(job);
		completions[n] = (struct ascdev_completion){
			.job = job,
			.cookie = job->cookie,
			.result = &job->result,
			.status = job->error,
		};
	}
	event_settle(ctx);
	pthread_mutex_unlock(&ctx->lock);
	return n;
}

/* Returns 1 if the event is readable, 0 at the deadline, or -EINTR. */
static int wait_for_event(const struct ascdev_ctx *ctx, int64_t deadline)
{
	struct pollfd event = { .fd = ctx->event, .events = POLLIN };
	int64_t left = deadline && deadline != INT64_MAX ? deadline - now_ns() : 0;
	struct timespec t;

	if (left < 0)
		left = 0;
	t.tv_sec = left / 1000000000;
	t.tv_nsec = left % 1000000000;
	return ppoll(&event, 1, deadline == INT64_MAX ? NULL : &t, NULL) < 0 ? -errno :
									       !!event.revents;
}

int ascdev_reap(struct ascdev_ctx *ctx, struct ascdev_completion *completions, uint32_t max,
		int64_t timeout_ns)
{
	int64_t deadline = deadline_ns(timeout_ns);
	uint32_t n;
	int ret;

	if (!max || max > INT32_MAX)
		return ctx_fail(ctx, -EINVAL, "no room for completions");
	for (;;) {
		n = take_done(ctx, completions, max);
		if (n || !timeout_ns)
			return n;
		ret = wait_for_event(ctx, deadline);
		if (ret <= 0)
			return ret;
	}
}

int ascdev_get_fd(const struct ascdev_ctx *ctx)
{
	return ctx->event;
}

int ascdev_cancel(struct ascdev_job *job)
{
	struct ascdev_ctx *ctx = job->ctx;
	int ret = -EINVAL;

	pthread_mutex_lock(&ctx->lock);
	if (job->state != JOB_NEW && job->state != JOB_READY) {
		ret = job->state == JOB_IN_FLIGHT ? ctx->backend->cancel(job) : -EBUSY;
		if (!ret) {
			ctx->stats.cancelled++;
			event_settle(ctx);
		}
	}
	pthread_mutex_unlock(&ctx->lock);
	if (!ret)
		return 0;
	return ctx_fail(ctx, ret, "%s", ret == -EINVAL ? "the job was never submitted" :
					ret == -EBUSY ? "the job cannot be taken back any more" :
							ascdev_strerror(ret));
}
