// SPDX-License-Identifier: GPL-2.0-only
/*
 * The order in which jobs reach engines, and what exporters of their memory are told.  The
 * scheduler, contexts and all that is between them are the driver's; engines are replaced by
 * ones that note what they are given, and end it when they are told.
 */

#include <kunit/device.h>
#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/dma-buf.h>
#include <linux/dma-fence.h>
#include <linux/dma-resv.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include <drm/ascdev_accel.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_managed.h>

#include "../ascdev_compat.h"
#include "../ascdev_ctx.h"
#include "../ascdev_device.h"
#include "../ascdev_engine.h"
#include "../ascdev_fence.h"
#include "../ascdev_job.h"

/* Nothing waits for so long but where something is wrong. */
#define PATIENCE	msecs_to_jiffies(30000)

#define MAX_STARTS	2048

/**
 * struct fixture - a device without its node, and a client
 * @adev: device
 * @drm_file: as the core has it
 * @file: the driver's part of it
 * @other: another client, and its part; NULL but in tests that add it
 * @other_file: likewise
 * @started: completed once for each start
 * @waited: starts that the test has waited for
 * @lock: protects @starts and @count
 * @starts: what engines were given, in order: cookie and number of the engine
 * @count: how many
 * @cancel_at_start: CANCEL comes while an engine is being given a job
 * @aborted: cookie of the last job that an engine was told to end
 * @abort_error: with which error
 * @stuck: the cookie of a job with which an engine is stuck: the workqueue that the scheduler has
 *	in common with it, too
 * @is_stuck: completed when it is
 * @freed: completed when it is no longer to be so
 * @stuck_work: keeps the workqueue
 */
struct fixture {
	struct ascdev_device *adev;
	struct drm_file *drm_file;
	struct ascdev_file *file;
	struct drm_file *other;
	struct ascdev_file *other_file;
	struct completion started;
	u32 waited;
	spinlock_t lock;
	struct {
		u64 cookie;
		u32 engine;
	} starts[MAX_STARTS];
	u32 count;
	bool cancel_at_start;
	u64 aborted;
	int abort_error;
	u64 stuck;
	struct completion is_stuck, freed;
	struct work_struct stuck_work;
};

/* In a test's mind, the contexts of the other client come after all of the first one's. */
#define OTHER	1000000

/* A job is named by its context and its place in there. */
static u64 name_of(u32 ctx, u32 n)
{
	return (u64)ctx << 32 | n;
}

static u32 ctx_of(u64 cookie)
{
	return cookie >> 32;
}

static struct fixture *current_fixture;

/* Return: how many jobs were cancelled, or a negative errno. */
static int cancel(struct fixture *f, u32 ctx, u32 flags, u64 cookie)
{
	struct drm_ascdev_cancel args = { .ctx = ctx, .flags = flags, .cookie = cookie };
	int ret = ascdev_ioctl_cancel(&f->adev->drm, &args, f->drm_file);

	return ret ?: args.cancelled;
}

static void note_start(struct ascdev_engine *engine, struct ascdev_job *job)
{
	struct fixture *f = current_fixture;

	spin_lock(&f->lock);
	if (f->count < MAX_STARTS) {
		f->starts[f->count].cookie = job->cookie;
		f->starts[f->count].engine = engine - f->adev->engines;
	}
	f->count++;
	spin_unlock(&f->lock);
	if (f->cancel_at_start)
		cancel(f, ctx_of(job->cookie), 0, job->cookie);
	spin_lock(&engine->lock);
	engine->job = job;
	spin_unlock(&engine->lock);
	if (f->stuck && f->stuck == job->cookie)
		queue_work(engine->sched.submit_wq, &f->stuck_work);
	complete(&f->started);
}

static void stuck_work(struct work_struct *work)
{
	struct fixture *f = container_of(work, struct fixture, stuck_work);

	complete(&f->is_stuck);
	wait_for_completion_timeout(&f->freed, PATIENCE);
}

static bool finish(struct fixture *f, u32 which, int error);

/* Nothing ends but by finish(). */
static void note_abort(struct ascdev_engine *engine, struct ascdev_job *job, int error)
{
	struct fixture *f = current_fixture;

	spin_lock(&engine->lock);
	if (engine->job == job) {
		f->aborted = job->cookie;
		f->abort_error = error;
	}
	spin_unlock(&engine->lock);
	/* the job before ends at once; this goes on when the engine is stuck with the next */
	if (f->stuck && f->stuck != job->cookie && finish(f, 0, error))
		wait_for_completion_timeout(&f->is_stuck, PATIENCE);
}

static void ignore_stop(struct ascdev_engine *engine)
{
}

static const struct ascdev_engine_ops noting_ops = {
	.start = note_start,
	.abort = note_abort,
	.stop = ignore_stop,
};

static const struct drm_driver driver = {
	.driver_features = DRIVER_COMPUTE_ACCEL | DRIVER_GEM,
	.name = "ascdev-test",
	.desc = "ascdev KUnit test",
};

/* Wait until one more job has been started than was waited for before. */
static void wait_start(struct kunit *test)
{
	struct fixture *f = test->priv;

	KUNIT_ASSERT_NE(test, 0, wait_for_completion_timeout(&f->started, PATIENCE));
	f->waited++;
}

/* End what an engine has.  Return: whether it had something. */
static bool finish(struct fixture *f, u32 which, int error)
{
	struct ascdev_engine *engine = &f->adev->engines[which];
	struct drm_ascdev_result result = {
		.status = error ? DRM_ASCDEV_STATUS_FAILED : DRM_ASCDEV_STATUS_DONE,
		.error = error,
		.elements = 1,
		.bytes = 1,
	};
	struct ascdev_job *job;

	spin_lock(&engine->lock);
	job = engine->job;
	engine->job = NULL;
	spin_unlock(&engine->lock);
	if (!job)
		return false;
	result.cookie = job->cookie;
	ascdev_job_begin(job);
	ascdev_job_done(job, &result);
	return true;
}

/* End jobs until so many have been started. */
static void run_until(struct kunit *test, u32 count)
{
	struct fixture *f = test->priv;

	while (f->waited < count) {
		finish(f, 0, 0);
		wait_start(test);
	}
}

/* End everything, without a look at what is started. */
static bool drain(struct fixture *f)
{
	unsigned long end = jiffies + PATIENCE;
	u32 i;

	while (atomic_read(&f->file->jobs) ||
	       (f->other && atomic_read(&f->other_file->jobs))) {
		bool any = false;

		for (i = 0; i < ASCDEV_MAX_ENGINES; i++)
			any |= finish(f, i, 0);
		if (time_after(jiffies, end))
			return false;
		if (!any)
			usleep_range(20, 100);
	}
	return true;
}

static u32 add_ctx_of(struct kunit *test, struct drm_file *file, u32 priority)
{
	struct drm_ascdev_ctx_create args = { .priority = priority };
	struct fixture *f = test->priv;

	KUNIT_ASSERT_EQ(test, 0, ascdev_ioctl_ctx_create(&f->adev->drm, &args, file));
	return args.ctx;
}

static u32 add_ctx(struct kunit *test, u32 priority)
{
	struct fixture *f = test->priv;

	return add_ctx_of(test, f->drm_file, priority);
}

/* Return: context of the other client, to be named so. */
static u32 add_other_ctx(struct kunit *test, u32 priority)
{
	struct fixture *f = test->priv;

	return OTHER + add_ctx_of(test, f->other, priority);
}

static void destroy_ctx(struct kunit *test, u32 ctx)
{
	struct drm_ascdev_ctx_destroy args = { .ctx = ctx };
	struct fixture *f = test->priv;

	KUNIT_ASSERT_EQ(test, 0, ascdev_ioctl_ctx_destroy(&f->adev->drm, &args, f->drm_file));
}

static struct ascdev_job *make_job(struct kunit *test, u32 ctx_id, u32 n)
{
	struct fixture *f = test->priv;
	struct ascdev_file *file = ctx_id < OTHER ? f->file : f->other_file;
	struct ascdev_ctx *ctx = ascdev_ctx_find(file, ctx_id % OTHER);
	struct ascdev_job *job;

	KUNIT_ASSERT_NOT_NULL(test, ctx);
	job = kzalloc(sizeof(*job), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, job);
	job->adev = f->adev;
	job->ctx = ctx;
	job->cookie = name_of(ctx_id, n);
	job->payload_bytes = 1;
	job->fence = ascdev_fence_alloc(f->adev);
	KUNIT_ASSERT_NOT_NULL(test, job->fence);
	return job;
}

/* Queue a job, as SUBMIT does.  Return: its end, referenced. */
static struct dma_fence *queue(struct kunit *test, struct ascdev_job *job, struct dma_fence *wait)
{
	struct ascdev_ctx *ctx = job->ctx;
	struct ascdev_file *file = ctx->file;
	struct dma_fence *finished;

	KUNIT_ASSERT_EQ(test, 0, ascdev_sched_job_init(&job->base, &ctx->entity, 1, file, 0));
	if (wait)
		KUNIT_ASSERT_EQ(test, 0, drm_sched_job_add_dependency(&job->base,
								      dma_fence_get(wait)));

	mutex_lock(&ctx->submit_lock);
	drm_sched_job_arm(&job->base);
	finished = dma_fence_get(&job->base.s_fence->finished);
	atomic_inc(&file->jobs);
	ascdev_job_accept(job);
	drm_sched_entity_push_job(&job->base);
	mutex_unlock(&ctx->submit_lock);
	return finished;
}

static struct dma_fence *push(struct kunit *test, u32 ctx_id, u32 n, struct dma_fence *wait)
{
	return queue(test, make_job(test, ctx_id, n), wait);
}

static void push_many(struct kunit *test, u32 ctx, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		dma_fence_put(push(test, ctx, i, NULL));
}

/* Give the engine a job, so that what is queued stays queued until it ends. */
static void occupy(struct kunit *test)
{
	push_many(test, 0, 1);
	wait_start(test);
}

/* Was this start, counted from 0, that of a job of this context? */
static void expect_ctx(struct kunit *test, u32 i, u32 ctx)
{
	struct fixture *f = test->priv;

	KUNIT_EXPECT_EQ_MSG(test, ctx, ctx_of(f->starts[i].cookie), "start %u", i);
}

/* --- tests ------------------------------------------------------------------ */

static void a_thousand_jobs_delay_no_other(struct kunit *test)
{
	struct fixture *f = test->priv;
	u32 greedy = add_ctx(test, DRM_ASCDEV_PRIORITY_NORMAL);
	u32 other = add_ctx(test, DRM_ASCDEV_PRIORITY_NORMAL);
	u32 round;

	push_many(test, greedy, 1000);
	wait_start(test);
	/* at first, and whenever it comes again */
	for (round = 0; round < 10; round++) {
		u32 before = f->waited, i;

		push_many(test, other, 1);
		run_until(test, before + 2);
		for (i = before; i < before + 2; i++) {
			if (ctx_of(f->starts[i].cookie) == other)
				break;
		}
		KUNIT_EXPECT_LT_MSG(test, i, before + 2, "round %u", round);
	}
}

static void contexts_take_turns(struct kunit *test)
{
	struct fixture *f = test->priv;
	u32 ctx[3], i, k;

	occupy(test);
	for (i = 0; i < 3; i++) {
		ctx[i] = add_ctx(test, DRM_ASCDEV_PRIORITY_NORMAL);
		push_many(test, ctx[i], 40 + 20 * i);
	}
	run_until(test, 1 + 40 + 60 + 80);
	/* while all three have jobs, each has one of three */
	for (i = 0; i < 40; i++) {
		for (k = 0; k < 3; k++)
			expect_ctx(test, 1 + 3 * i + k, ctx[k]);
	}
	for (i = 0; i < 20; i++) {
		for (k = 1; k < 3; k++)
			expect_ctx(test, 1 + 120 + 2 * i + k - 1, ctx[k]);
	}
	for (i = 0; i < 20; i++)
		expect_ctx(test, 1 + 160 + i, ctx[2]);
	/* each in its own order */
	for (k = 0; k < 3; k++) {
		u32 n = 0;

		for (i = 1; i < f->count; i++) {
			if (ctx_of(f->starts[i].cookie) == ctx[k])
				KUNIT_EXPECT_EQ(test, name_of(ctx[k], n++), f->starts[i].cookie);
		}
	}
}

static void add_other(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct drm_file *other = kunit_kzalloc(test, sizeof(*other), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, other);
	f->other_file = kzalloc(sizeof(*f->other_file), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f->other_file);
	KUNIT_ASSERT_EQ(test, 0, ascdev_file_init(f->adev, f->other_file));
	other->driver_priv = f->other_file;
	f->other = other;
}

/* One client has many contexts, and queues jobs in each of them. */
static void add_crowd(struct kunit *test, u32 *ctx, u32 contexts, u32 priority, u32 jobs)
{
	u32 i;

	for (i = 0; i < contexts; i++) {
		ctx[i] = add_ctx(test, priority);
		push_many(test, ctx[i], jobs);
	}
}

#define CROWD	32

/* Starts from one on: every second one is the other client's, between them all contexts'. */
static void expect_alternation(struct kunit *test, u32 from, u32 other_ctx, const u32 *ctx,
			       u32 rounds)
{
	struct fixture *f = test->priv;
	u32 i;

	for (i = 0; i < rounds; i++) {
		u32 at = from + 2 * i;

		expect_ctx(test, at, other_ctx);
		KUNIT_EXPECT_EQ_MSG(test, name_of(ctx[i % CROWD], i / CROWD),
				    f->starts[at + 1].cookie, "start %u", at + 1);
	}
}

static void clients_take_turns(struct kunit *test)
{
	u32 ctx[CROWD], i;

	add_other(test);
	occupy(test);
	add_crowd(test, ctx, CROWD, DRM_ASCDEV_PRIORITY_NORMAL, 3);
	push_many(test, OTHER, 2 * CROWD);
	run_until(test, 1 + 5 * CROWD);
	expect_alternation(test, 1, OTHER, ctx, 2 * CROWD);
	/* alone, the first one has the rest */
	for (i = 0; i < CROWD; i++)
		expect_ctx(test, 1 + 4 * CROWD + i, ctx[i]);
}

/* Contexts with one job at a time each time come as new, which helps them to nothing. */
static void clients_that_come_again_take_turns(struct kunit *test)
{
	struct fixture *f = test->priv;
	u32 ctx[CROWD], i, others = 0;

	add_other(test);
	occupy(test);
	add_crowd(test, ctx, CROWD, DRM_ASCDEV_PRIORITY_NORMAL, 1);
	push_many(test, OTHER, 100);
	for (i = 1; others < 100; i++) {
		u32 started;

		run_until(test, i + 1);
		started = ctx_of(f->starts[i].cookie);
		KUNIT_EXPECT_EQ_MSG(test, i & 1, started == OTHER, "start %u", i);
		others += started == OTHER;
		if (started != OTHER)
			push_many(test, started, 1);
	}
}

static void a_crowd_delays_no_other(struct kunit *test)
{
	struct fixture *f = test->priv;
	u32 ctx[CROWD], round;

	add_other(test);
	occupy(test);
	add_crowd(test, ctx, CROWD, DRM_ASCDEV_PRIORITY_NORMAL, 10);
	run_until(test, 2);
	for (round = 0; round < 10; round++) {
		u32 before = f->waited;

		push_many(test, OTHER, 1);
		run_until(test, before + 1);
		expect_ctx(test, before, OTHER);
		/* alone again */
		run_until(test, before + 4);
	}
}

static void priorities_of_clients(struct kunit *test)
{
	u32 low[CROWD], high[CROWD], other_high, i;

	add_other(test);
	other_high = add_other_ctx(test, DRM_ASCDEV_PRIORITY_HIGH);
	occupy(test);
	add_crowd(test, low, CROWD, DRM_ASCDEV_PRIORITY_LOW, 1);
	push_many(test, OTHER, 4);
	/* with this priority, neither client has had a turn: the first to come is the first */
	push_many(test, other_high, CROWD);
	add_crowd(test, high, CROWD, DRM_ASCDEV_PRIORITY_HIGH, 1);
	run_until(test, 1 + 3 * CROWD + 4);
	expect_alternation(test, 1, other_high, high, CROWD);
	for (i = 0; i < 4; i++)
		expect_ctx(test, 1 + 2 * CROWD + i, OTHER);
	for (i = 0; i < CROWD; i++)
		expect_ctx(test, 1 + 2 * CROWD + 4 + i, low[i]);
}

/* It has jobs, but none that could run. */
static void a_waiting_client_holds_up_nobody(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct dma_fence *fence = ascdev_fence_init(ascdev_fence_alloc(f->adev),
						    &f->adev->engines[7]);
	u32 ctx[CROWD], i;

	add_other(test);
	dma_fence_put(push(test, OTHER, 0, fence));
	occupy(test);
	add_crowd(test, ctx, CROWD, DRM_ASCDEV_PRIORITY_NORMAL, 1);
	run_until(test, 11);
	for (i = 0; i < 10; i++)
		expect_ctx(test, 1 + i, ctx[i]);
	dma_fence_signal(fence);
	dma_fence_put(fence);
	run_until(test, 12);
	expect_ctx(test, 11, OTHER);
}

static void a_context_goes_while_it_waits(struct kunit *test)
{
	struct fixture *f = test->priv;
	u32 ctx[CROWD], i;

	add_other(test);
	occupy(test);
	add_crowd(test, ctx, CROWD, DRM_ASCDEV_PRIORITY_NORMAL, 3);
	push_many(test, OTHER, 2 * CROWD);
	run_until(test, 4);
	for (i = 0; i < CROWD; i += 2)
		destroy_ctx(test, ctx[i]);
	KUNIT_EXPECT_TRUE(test, drain(f));
	KUNIT_EXPECT_EQ(test, atomic64_read(&f->adev->stats[ASCDEV_STAT_SUBMITTED]),
			atomic64_read(&f->adev->stats[ASCDEV_STAT_CANCELLED]) + f->count);
	for (i = 0; i < DRM_SCHED_PRIORITY_COUNT; i++) {
		KUNIT_EXPECT_EQ(test, 0, f->adev->engines[0].turns.contexts[i]);
		KUNIT_EXPECT_EQ(test, 0, f->adev->engines[0].turns.files[i]);
	}
	KUNIT_EXPECT_TRUE(test, list_empty(&f->adev->engines[0].turns.waiting));
	KUNIT_EXPECT_NULL(test, f->adev->engines[0].turns.next);
}

static void priorities(struct kunit *test)
{
	u32 low = add_ctx(test, DRM_ASCDEV_PRIORITY_LOW);
	u32 normal = add_ctx(test, DRM_ASCDEV_PRIORITY_NORMAL);
	u32 high = add_ctx(test, DRM_ASCDEV_PRIORITY_HIGH);
	u32 i;

	occupy(test);
	push_many(test, low, 10);
	push_many(test, normal, 10);
	push_many(test, high, 10);
	run_until(test, 1 + 25);
	for (i = 0; i < 10; i++) {
		expect_ctx(test, 1 + i, high);
		expect_ctx(test, 11 + i, normal);
	}
	/* what comes late goes before what is less urgent, and breaks nothing off */
	push_many(test, normal, 1);
	push_many(test, high, 1);
	run_until(test, 1 + 32);
	for (i = 0; i < 5; i++)
		expect_ctx(test, 21 + i, low);
	expect_ctx(test, 26, high);
	expect_ctx(test, 27, normal);
	for (i = 0; i < 5; i++)
		expect_ctx(test, 28 + i, low);
}

static void a_waiting_job_holds_up_nobody(struct kunit *test)
{
	struct fixture *f = test->priv;
	u32 waiting = add_ctx(test, DRM_ASCDEV_PRIORITY_HIGH);
	u32 other = add_ctx(test, DRM_ASCDEV_PRIORITY_LOW);
	struct dma_fence *fence = ascdev_fence_init(ascdev_fence_alloc(f->adev),
						    &f->adev->engines[7]);
	u32 i;

	dma_fence_put(push(test, waiting, 0, fence));
	push_many(test, waiting, 1);
	push_many(test, other, 5);
	wait_start(test);
	run_until(test, 5);
	for (i = 0; i < 5; i++)
		expect_ctx(test, i, other);
	dma_fence_signal(fence);
	dma_fence_put(fence);
	run_until(test, 7);
	expect_ctx(test, 5, waiting);
	expect_ctx(test, 6, waiting);
}

static void engines_share_the_contexts(struct kunit *test)
{
	struct fixture *f = test->priv;
	u32 ctx[3], i, engines = 0;

	KUNIT_ASSERT_EQ(test, 0, ascdev_device_use_engines(f->adev, 3));
	for (i = 0; i < 3; i++) {
		ctx[i] = add_ctx(test, DRM_ASCDEV_PRIORITY_NORMAL);
		push_many(test, ctx[i], 5);
	}
	/* none has ended a job */
	for (i = 0; i < 3; i++)
		wait_start(test);
	KUNIT_EXPECT_EQ(test, 3, f->count);
	for (i = 0; i < 3; i++) {
		engines |= 1u << f->starts[i].engine;
		KUNIT_EXPECT_EQ(test, name_of(ctx_of(f->starts[i].cookie), 0),
				f->starts[i].cookie);
	}
	KUNIT_EXPECT_EQ(test, 7, engines);
}

static void engines_come_and_go(struct kunit *test)
{
	struct fixture *f = test->priv;
	u32 first = add_ctx(test, DRM_ASCDEV_PRIORITY_NORMAL);
	u32 second = add_ctx(test, DRM_ASCDEV_PRIORITY_NORMAL);

	push_many(test, first, 1);
	wait_start(test);
	/* a second engine, for a context that is there already */
	KUNIT_ASSERT_EQ(test, 0, ascdev_device_use_engines(f->adev, 2));
	push_many(test, second, 3);
	wait_start(test);
	KUNIT_EXPECT_EQ(test, 0, f->starts[0].engine);
	KUNIT_EXPECT_EQ(test, 1, f->starts[1].engine);
	/* it ends what is queued there, though no more comes */
	KUNIT_ASSERT_EQ(test, 0, ascdev_device_use_engines(f->adev, 1));
	KUNIT_EXPECT_TRUE(test, finish(f, 1, 0));
	wait_start(test);
	KUNIT_EXPECT_TRUE(test, finish(f, 1, 0));
	wait_start(test);
	KUNIT_EXPECT_EQ(test, 1, f->starts[3].engine);
	KUNIT_EXPECT_EQ(test, name_of(second, 2), f->starts[3].cookie);
	KUNIT_ASSERT_TRUE(test, drain(f));
	push_many(test, second, 1);
	wait_start(test);
	KUNIT_EXPECT_EQ(test, 0, f->starts[4].engine);
	KUNIT_EXPECT_EQ(test, -EINVAL, ascdev_device_use_engines(f->adev, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL, ascdev_device_use_engines(f->adev, ASCDEV_MAX_ENGINES + 1));
}

/* A queue that is dropped no longer counts as work of its engine. */
static void the_dropped_weigh_nothing(struct kunit *test)
{
	struct fixture *f = test->priv;
	int before;
	u32 ctx;

	occupy(test);
	before = atomic_read(f->adev->engines[0].sched.score);
	ctx = add_ctx(test, DRM_ASCDEV_PRIORITY_NORMAL);
	push_many(test, ctx, 5);
	KUNIT_EXPECT_LT(test, before + 4, atomic_read(f->adev->engines[0].sched.score));
	destroy_ctx(test, ctx);
	KUNIT_ASSERT_TRUE(test, drain(f));
	/* less what occupied it */
	KUNIT_EXPECT_EQ(test, before - 1, atomic_read(f->adev->engines[0].sched.score));
}

static void the_banned_are_dropped(struct kunit *test)
{
	struct fixture *f = test->priv;
	u32 guilty = add_ctx(test, DRM_ASCDEV_PRIORITY_HIGH);
	u32 other = add_ctx(test, DRM_ASCDEV_PRIORITY_LOW);
	struct dma_fence *ends[ASCDEV_MAX_HANGS + 2];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(ends); i++)
		ends[i] = push(test, guilty, i, NULL);
	push_many(test, other, 1);
	for (i = 0; i < ASCDEV_MAX_HANGS; i++) {
		wait_start(test);
		expect_ctx(test, i, guilty);
		KUNIT_EXPECT_TRUE(test, finish(f, 0, -ETIME));
	}
	wait_start(test);
	expect_ctx(test, ASCDEV_MAX_HANGS, other);
	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		KUNIT_EXPECT_LT(test, 0, dma_fence_wait_timeout(ends[i], false, PATIENCE));
		KUNIT_EXPECT_EQ(test, i < ASCDEV_MAX_HANGS ? -ETIME : -ECANCELED,
				dma_fence_get_status(ends[i]));
		dma_fence_put(ends[i]);
	}
	KUNIT_EXPECT_EQ(test, 2, atomic64_read(&f->adev->stats[ASCDEV_STAT_CANCELLED]));
	KUNIT_EXPECT_EQ(test, ASCDEV_MAX_HANGS,
			atomic64_read(&f->adev->stats[ASCDEV_STAT_FAILED]));
}

/*
 * A job that hangs may end, and the next one begin to hang, before the scheduler is done with the
 * timeout of the first.
 */
static void a_hang_behind_a_hang(struct kunit *test)
{
	struct fixture *f = test->priv;
	unsigned long end = jiffies + PATIENCE;

	f->stuck = name_of(0, 1);
	f->adev->engines[0].sched.timeout = msecs_to_jiffies(20);
	push_many(test, 0, 2);
	wait_start(test);
	wait_start(test);
	while (READ_ONCE(f->aborted) != f->stuck && time_before(jiffies, end))
		usleep_range(1000, 2000);
	KUNIT_EXPECT_EQ(test, f->stuck, READ_ONCE(f->aborted));
	KUNIT_EXPECT_EQ(test, -ETIME, f->abort_error);
	complete(&f->freed);
	KUNIT_EXPECT_TRUE(test, drain(f));
}

static void an_engine_that_stopped_runs_nothing(struct kunit *test)
{
	struct fixture *f = test->priv;
	u32 ctx = add_ctx(test, DRM_ASCDEV_PRIORITY_NORMAL);
	struct dma_fence *ends[2];
	u32 i;

	ends[0] = push(test, ctx, 0, NULL);
	wait_start(test);
	WRITE_ONCE(f->adev->engines[0].stopped, true);
	ends[1] = push(test, ctx, 1, NULL);
	KUNIT_EXPECT_TRUE(test, finish(f, 0, 0));
	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		KUNIT_EXPECT_LT(test, 0, dma_fence_wait_timeout(ends[i], false, PATIENCE));
		KUNIT_EXPECT_EQ(test, i ? -ENODEV : 1, dma_fence_get_status(ends[i]));
		dma_fence_put(ends[i]);
	}
	KUNIT_EXPECT_EQ(test, 1, f->count);
}

static void expect_end(struct kunit *test, struct dma_fence *end, int status)
{
	KUNIT_EXPECT_LT(test, 0, dma_fence_wait_timeout(end, false, PATIENCE));
	KUNIT_EXPECT_EQ(test, status, dma_fence_get_status(end));
	dma_fence_put(end);
}

static void the_cancelled_never_start(struct kunit *test)
{
	struct fixture *f = test->priv;
	u32 other = add_ctx(test, DRM_ASCDEV_PRIORITY_NORMAL);
	u32 ctx = add_ctx(test, DRM_ASCDEV_PRIORITY_NORMAL);
	struct dma_fence *ends[5];
	u32 i;

	occupy(test);
	for (i = 0; i < ARRAY_SIZE(ends); i++)
		ends[i] = push(test, ctx, i, NULL);
	push_many(test, other, 2);
	KUNIT_EXPECT_EQ(test, 1, cancel(f, ctx, 0, name_of(ctx, 3)));
	KUNIT_EXPECT_EQ(test, 0, cancel(f, ctx, 0, name_of(ctx, 3)));
	KUNIT_EXPECT_EQ(test, 0, cancel(f, other, 0, name_of(ctx, 2)));
	KUNIT_EXPECT_EQ(test, 4, cancel(f, ctx, DRM_ASCDEV_CANCEL_ALL, 0));
	/* those that are to come are meant by nobody */
	push_many(test, ctx, 1);
	for (i = 0; i < ARRAY_SIZE(ends); i++)
		KUNIT_EXPECT_FALSE(test, dma_fence_is_signaled(ends[i]));
	run_until(test, 4);
	for (i = 0; i < ARRAY_SIZE(ends); i++)
		expect_end(test, ends[i], -ECANCELED);
	KUNIT_EXPECT_TRUE(test, drain(f));
	KUNIT_EXPECT_EQ(test, 4, f->count);
	KUNIT_EXPECT_EQ(test, 5, atomic64_read(&f->adev->stats[ASCDEV_STAT_CANCELLED]));
	KUNIT_EXPECT_EQ(test, 4, atomic64_read(&f->adev->stats[ASCDEV_STAT_COMPLETED]));
	KUNIT_EXPECT_EQ(test, 0, f->aborted);
}

/* Whatever the engine says in the end. */
static void the_cancelled_on_an_engine(struct kunit *test)
{
	static const int results[] = { 0, -EIO, -ETIME, -ECANCELED };
	struct fixture *f = test->priv;
	u32 ctx = add_ctx(test, DRM_ASCDEV_PRIORITY_NORMAL), i;
	struct drm_ascdev_ctx_get_state state = { .ctx = ctx };

	for (i = 0; i < ARRAY_SIZE(results); i++) {
		struct dma_fence *end = push(test, ctx, i, NULL);

		wait_start(test);
		KUNIT_EXPECT_EQ(test, 1, cancel(f, ctx, 0, name_of(ctx, i)));
		KUNIT_EXPECT_EQ(test, name_of(ctx, i), f->aborted);
		KUNIT_EXPECT_EQ(test, -ECANCELED, f->abort_error);
		KUNIT_EXPECT_FALSE(test, dma_fence_is_signaled(end));
		KUNIT_EXPECT_TRUE(test, finish(f, 0, results[i]));
		expect_end(test, end, -ECANCELED);
		KUNIT_EXPECT_EQ(test, 0, cancel(f, ctx, DRM_ASCDEV_CANCEL_ALL, 0));
	}
	KUNIT_EXPECT_EQ(test, 0, ascdev_ioctl_ctx_get_state(&f->adev->drm, &state, f->drm_file));
	KUNIT_EXPECT_EQ(test, 0, state.hangs);
	KUNIT_EXPECT_EQ(test, 0, state.last_error);
	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(results),
			atomic64_read(&f->adev->stats[ASCDEV_STAT_CANCELLED]));
	KUNIT_EXPECT_EQ(test, 0, atomic64_read(&f->adev->stats[ASCDEV_STAT_FAILED]));
	KUNIT_EXPECT_EQ(test, 0, f->file->running);
}

/* The engine is told, too, if it got the job a moment later. */
static void the_cancelled_on_the_way(struct kunit *test)
{
	struct fixture *f = test->priv;
	u32 ctx = add_ctx(test, DRM_ASCDEV_PRIORITY_NORMAL);
	struct dma_fence *end;

	f->cancel_at_start = true;
	end = push(test, ctx, 7, NULL);
	wait_start(test);
	/* waits until the scheduler is done with the start */
	drm_sched_wqueue_stop(&f->adev->engines[0].sched);
	drm_sched_wqueue_start(&f->adev->engines[0].sched);
	KUNIT_EXPECT_EQ(test, name_of(ctx, 7), f->aborted);
	KUNIT_EXPECT_EQ(test, -ECANCELED, f->abort_error);
	KUNIT_EXPECT_TRUE(test, finish(f, 0, 0));
	expect_end(test, end, -ECANCELED);
}

static void nonsense_cancels_nothing(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct drm_ascdev_cancel args = { .pad = 1 };

	occupy(test);
	KUNIT_EXPECT_EQ(test, -EINVAL, cancel(f, 0, 2, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL, cancel(f, 0, DRM_ASCDEV_CANCEL_ALL, 1));
	KUNIT_EXPECT_EQ(test, -ENOENT, cancel(f, 1, DRM_ASCDEV_CANCEL_ALL, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL, ascdev_ioctl_cancel(&f->adev->drm, &args, f->drm_file));
	KUNIT_EXPECT_TRUE(test, drain(f));
	KUNIT_EXPECT_EQ(test, 0, atomic64_read(&f->adev->stats[ASCDEV_STAT_CANCELLED]));
}

/* --- memory of exporters ------------------------------------------------------- */

/**
 * struct exporter - counts the accesses of which it is told
 * @dma_buf: what it has exported, as far as a job looks
 * @attach: the import
 * @resv: the reservation
 * @obj: the imported object
 * @begun: how often an access began, in each direction
 * @ended: how often one ended
 * @error: what the next one to begin is answered
 */
struct exporter {
	struct dma_buf dma_buf;
	struct dma_buf_attachment attach;
	struct dma_resv resv;
	struct drm_gem_object obj;
	atomic_t begun[DMA_NONE];
	atomic_t ended[DMA_NONE];
	int error;
};

static int count_begin(struct dma_buf *dma_buf, enum dma_data_direction direction)
{
	struct exporter *e = container_of(dma_buf, struct exporter, dma_buf);

	if (e->error)
		return e->error;
	atomic_inc(&e->begun[direction]);
	return 0;
}

static int count_end(struct dma_buf *dma_buf, enum dma_data_direction direction)
{
	atomic_inc(&container_of(dma_buf, struct exporter, dma_buf)->ended[direction]);
	return 0;
}

static const struct dma_buf_ops counting_ops = {
	.begin_cpu_access = count_begin,
	.end_cpu_access = count_end,
};

static void free_exporter(void *data)
{
	struct exporter *e = data;

	dma_resv_fini(&e->resv);
	kfree(e);
}

/* Return: one that a job uses from now on. */
static struct exporter *add_exporter(struct kunit *test, struct ascdev_job *job,
				     enum ascdev_job_bo which)
{
	struct exporter *e = kzalloc(sizeof(*e), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, e);
	dma_resv_init(&e->resv);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, free_exporter, e));
	e->dma_buf.ops = &counting_ops;
	e->dma_buf.resv = &e->resv;
	e->attach.dmabuf = &e->dma_buf;
	e->obj.import_attach = &e->attach;
	kref_init(&e->obj.refcount);
	drm_gem_object_get(&e->obj);
	job->bo[which] = &e->obj;
	return e;
}

/* Have there been so many accesses, all of them in this direction, and have so many ended? */
static void expect_access(struct kunit *test, struct exporter *e,
			  enum dma_data_direction direction, int begun, int ended)
{
	int i;

	for (i = 0; i < DMA_NONE; i++) {
		KUNIT_EXPECT_EQ(test, i == direction ? begun : 0, atomic_read(&e->begun[i]));
		KUNIT_EXPECT_EQ(test, i == direction ? ended : 0, atomic_read(&e->ended[i]));
	}
}

/* Jobs are freed some time after their end. */
static void wait_released(struct kunit *test, struct exporter *e)
{
	unsigned long end = jiffies + PATIENCE;

	while (kref_read(&e->obj.refcount) > 1 && time_before(jiffies, end))
		usleep_range(20, 100);
	KUNIT_EXPECT_EQ(test, 1, kref_read(&e->obj.refcount));
}

static void exporters_know_of_a_job(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct ascdev_job *job = make_job(test, 0, 1);
	struct exporter *src = add_exporter(test, job, ASCDEV_JOB_SRC);
	struct exporter *dst = add_exporter(test, job, ASCDEV_JOB_DST);
	struct exporter *order = add_exporter(test, job, ASCDEV_JOB_ORDER);

	KUNIT_ASSERT_EQ(test, 0, ascdev_job_begin_cpu_access(job));
	dma_fence_put(queue(test, job, NULL));
	wait_start(test);
	/* an engine reads what a device may have written, and writes what a device may read */
	expect_access(test, src, DMA_FROM_DEVICE, 1, 0);
	expect_access(test, order, DMA_FROM_DEVICE, 1, 0);
	expect_access(test, dst, DMA_BIDIRECTIONAL, 1, 0);

	KUNIT_EXPECT_TRUE(test, finish(f, 0, 0));
	wait_released(test, order);
	expect_access(test, src, DMA_FROM_DEVICE, 1, 1);
	expect_access(test, order, DMA_FROM_DEVICE, 1, 1);
	expect_access(test, dst, DMA_BIDIRECTIONAL, 1, 1);
}

static void exporters_know_of_the_cancelled(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct ascdev_job *job = make_job(test, 0, 1);
	struct exporter *src = add_exporter(test, job, ASCDEV_JOB_SRC);

	occupy(test);
	KUNIT_ASSERT_EQ(test, 0, ascdev_job_begin_cpu_access(job));
	dma_fence_put(queue(test, job, NULL));
	KUNIT_EXPECT_EQ(test, 1, cancel(f, 0, 0, name_of(0, 1)));
	KUNIT_EXPECT_TRUE(test, drain(f));
	wait_released(test, src);
	expect_access(test, src, DMA_FROM_DEVICE, 1, 1);
	KUNIT_EXPECT_EQ(test, 1, f->count);
}

/* A job that is refused has told some of them. */
static void an_exporter_refuses(struct kunit *test)
{
	struct ascdev_job *job = make_job(test, 0, 1);
	struct exporter *src = add_exporter(test, job, ASCDEV_JOB_SRC);
	struct exporter *dst = add_exporter(test, job, ASCDEV_JOB_DST);
	struct exporter *result = add_exporter(test, job, ASCDEV_JOB_RESULT);

	dst->error = -ENOMEM;
	KUNIT_EXPECT_EQ(test, -ENOMEM, ascdev_job_begin_cpu_access(job));
	ascdev_job_release(job);
	wait_released(test, result);
	expect_access(test, src, DMA_FROM_DEVICE, 1, 1);
	expect_access(test, dst, DMA_BIDIRECTIONAL, 0, 0);
	expect_access(test, result, DMA_BIDIRECTIONAL, 0, 0);
}

/* --- a device for each ---------------------------------------------------------- */

static int init_engines(struct ascdev_device *adev)
{
	u32 i;
	int ret;

	for (i = 0; i < ASCDEV_MAX_ENGINES; i++) {
		struct ascdev_engine *engine = &adev->engines[i];

		engine->adev = adev;
		engine->ops = &noting_ops;
		spin_lock_init(&engine->lock);
		ret = ascdev_sched_init_engine(engine);
		if (ret)
			return ret;
		adev->scheds[i] = &engine->sched;
	}
	return 0;
}

static int sched_init(struct kunit *test)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	struct device *dev = kunit_device_register(test, "ascdev-sched-test");
	struct ascdev_device *adev;

	KUNIT_ASSERT_NOT_NULL(test, f);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	adev = devm_drm_dev_alloc(dev, &driver, struct ascdev_device, drm);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, adev);
	KUNIT_ASSERT_EQ(test, 0, drmm_mutex_init(&adev->drm, &adev->ctx_lock));
	INIT_LIST_HEAD(&adev->ctxs);
	init_waitqueue_head(&adev->room);
	KUNIT_ASSERT_EQ(test, 0, ascdev_config_init(&adev->config, "test"));
	adev->config.engines = ASCDEV_MAX_ENGINES;
	adev->engines_used = 1;
	adev->timeout_ms = 600000;
	KUNIT_ASSERT_EQ(test, 0, init_engines(adev));

	f->adev = adev;
	spin_lock_init(&f->lock);
	init_completion(&f->started);
	init_completion(&f->is_stuck);
	init_completion(&f->freed);
	INIT_WORK(&f->stuck_work, stuck_work);
	f->drm_file = kunit_kzalloc(test, sizeof(*f->drm_file), GFP_KERNEL);
	f->file = kzalloc(sizeof(*f->file), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f->drm_file);
	KUNIT_ASSERT_NOT_NULL(test, f->file);
	KUNIT_ASSERT_EQ(test, 0, ascdev_file_init(adev, f->file));
	f->drm_file->driver_priv = f->file;
	test->priv = f;
	current_fixture = f;
	return 0;
}

static void sched_exit(struct kunit *test)
{
	struct fixture *f = test->priv;
	unsigned long end = jiffies + PATIENCE;

	if (!f)
		return;
	KUNIT_EXPECT_TRUE(test, drain(f));
	ascdev_file_close(f->file);
	if (f->other)
		ascdev_file_close(f->other_file);
	/* fences give the device back when it suits them; the driver's name lies here */
	while (kref_read(&f->adev->drm.ref) > 1 && time_before(jiffies, end))
		usleep_range(20, 100);
	KUNIT_EXPECT_EQ(test, 1, kref_read(&f->adev->drm.ref));
}

static struct kunit_case sched_cases[] = {
	KUNIT_CASE(a_thousand_jobs_delay_no_other),
	KUNIT_CASE(contexts_take_turns),
	KUNIT_CASE(clients_take_turns),
	KUNIT_CASE(clients_that_come_again_take_turns),
	KUNIT_CASE(a_crowd_delays_no_other),
	KUNIT_CASE(priorities_of_clients),
	KUNIT_CASE(a_waiting_client_holds_up_nobody),
	KUNIT_CASE(a_context_goes_while_it_waits),
	KUNIT_CASE(priorities),
	KUNIT_CASE(a_waiting_job_holds_up_nobody),
	KUNIT_CASE(engines_share_the_contexts),
	KUNIT_CASE(engines_come_and_go),
	KUNIT_CASE(the_banned_are_dropped),
	KUNIT_CASE(the_dropped_weigh_nothing),
	KUNIT_CASE(a_hang_behind_a_hang),
	KUNIT_CASE(an_engine_that_stopped_runs_nothing),
	KUNIT_CASE(the_cancelled_never_start),
	KUNIT_CASE(the_cancelled_on_an_engine),
	KUNIT_CASE(the_cancelled_on_the_way),
	KUNIT_CASE(nonsense_cancels_nothing),
	KUNIT_CASE(exporters_know_of_a_job),
	KUNIT_CASE(exporters_know_of_the_cancelled),
	KUNIT_CASE(an_exporter_refuses),
	{ }
};

static struct kunit_suite sched_suite = {
	.name = "ascdev_sched",
	.init = sched_init,
	.exit = sched_exit,
	.test_cases = sched_cases,
};

kunit_test_suite(sched_suite);
