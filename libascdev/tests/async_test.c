// SPDX-License-Identifier: MIT
/*
 * Jobs that end by themselves, in the threads of the software backend; also built with
 * ThreadSanitizer.
 */

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <ascdev.h>

#include "ascdev_harness.h"
#include "held.h"

#define SECOND	1000000000ll

/* Large enough to be shared, and to run for a while. */
#define LARGE_H	64
#define LARGE_W	96
#define LARGE_C	32

FIXTURE(async)
{
	struct ascdev_ctx *ctx;
	struct ascdev_surface small, large;
	struct ascdev_buf *src, *dst;
	uint8_t *values, *payload;
	uint64_t small_bytes, large_bytes, bound;
};

FIXTURE_VARIANT(async)
{
	uint32_t threads;
};

FIXTURE_VARIANT_ADD(async, none) { .threads = 0 };
FIXTURE_VARIANT_ADD(async, one) { .threads = 1 };
FIXTURE_VARIANT_ADD(async, three) { .threads = 3 };

static void fill(uint8_t *bytes, size_t count, uint32_t seed)
{
	size_t i;

	for (i = 0; i < count; i++) {
		seed = seed * 1664525 + 1013904223;
		bytes[i] = i % 40 < 20 ? i / 3 : seed >> 26;
	}
}

FIXTURE_SETUP(async)
{
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	struct ascdev_params params = ASCDEV_PARAMS_INIT;

	opts.backend = ASCDEV_BACKEND_SW;
	opts.threads = variant->threads;
	ASSERT_EQ(0, ascdev_open(&opts, NULL, &self->ctx));
	ascdev_surface_nchw(&self->small, ASCDEV_DTYPE_U8, 1, 4, 16, 16);
	ascdev_surface_nchw(&self->large, ASCDEV_DTYPE_U8, 1, LARGE_C, LARGE_H, LARGE_W);
	ascdev_surface_bytes(&self->small, &self->small_bytes);
	ascdev_surface_bytes(&self->large, &self->large_bytes);
	params.codec = ASCDEV_CODEC_DCAC;
	ASSERT_EQ(0, ascdev_compress_bound(&params, &self->large, &self->bound));
	ASSERT_EQ(0, ascdev_buf_alloc(self->ctx, self->large_bytes, &self->src));
	ASSERT_EQ(0, ascdev_buf_alloc(self->ctx, self->bound, &self->dst));
	ASSERT_EQ(0, ascdev_buf_map(self->src, (void **)&self->values));
	ASSERT_EQ(0, ascdev_buf_map(self->dst, (void **)&self->payload));
	fill(self->values, self->large_bytes, 1);
}

FIXTURE_TEARDOWN(async)
{
	ascdev_buf_unref(self->src);
	ascdev_buf_unref(self->dst);
	ascdev_close(self->ctx);
}

static int is_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0);
}

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * SECOND + t.tv_nsec;
}

#define JOBS	20

TEST_F(async, ends_are_reaped_once)
{
	struct ascdev_completion done[JOBS];
	struct ascdev_job *jobs[JOBS];
	uint32_t accepted, seen = 0, n = 0, i;
	int ret, fd = ascdev_get_fd(self->ctx);

	EXPECT_EQ(0, ascdev_reap(self->ctx, done, JOBS, 0));
	EXPECT_EQ(-EINVAL, ascdev_reap(self->ctx, done, 0, 0));
	EXPECT_EQ(0, is_readable(fd));
	for (i = 0; i < JOBS; i++) {
		ASSERT_EQ(0, ascdev_job_create(self->ctx, &jobs[i]));
		ASSERT_EQ(0, ascdev_job_compress(jobs[i], NULL, &self->small, self->src, 0,
						 self->dst, i * 1024));
		ASSERT_EQ(0, ascdev_job_set_cookie(jobs[i], 1000 + i));
	}
	ASSERT_EQ(0, ascdev_submit(self->ctx, jobs, JOBS, &accepted));
	EXPECT_EQ(JOBS, accepted);
	/* the end of one of them is not reported again */
	ASSERT_EQ(0, ascdev_wait(jobs[7], -1, NULL));
	while (n < JOBS - 1) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		ASSERT_EQ(1, poll(&p, 1, -1));
		ret = ascdev_reap(self->ctx, done, 3, 0);
		ASSERT_LT(0, ret);
		ASSERT_GE(3, ret);
		for (i = 0; i < (uint32_t)ret; i++) {
			uint64_t k = done[i].cookie - 1000;

			ASSERT_GT(JOBS, k);
			EXPECT_NE(7, k);
			EXPECT_EQ(jobs[k], done[i].job);
			EXPECT_EQ(0, done[i].status);
			EXPECT_EQ(512, done[i].result->bytes);
			EXPECT_EQ(ASCDEV_BACKEND_SW, done[i].result->backend);
			EXPECT_EQ(0, seen & 1u << k);
			seen |= 1u << k;
			EXPECT_EQ(0, ascdev_wait(jobs[k], 0, NULL));
		}
		n += ret;
	}
	EXPECT_EQ(0, is_readable(fd));
	EXPECT_EQ(0, ascdev_reap(self->ctx, done, JOBS, 1000));
	for (i = 0; i < JOBS; i++)
		ascdev_job_destroy(jobs[i]);
}

TEST_F(async, reap_waits)
{
	struct ascdev_completion done;
	struct ascdev_params params = ASCDEV_PARAMS_INIT;
	struct ascdev_job *job;
	int64_t start = now_ns();

	EXPECT_EQ(0, ascdev_reap(self->ctx, &done, 1, SECOND / 20));
	EXPECT_LE(SECOND / 20, now_ns() - start);
	params.codec = ASCDEV_CODEC_DCAC;
	ASSERT_EQ(0, ascdev_job_create(self->ctx, &job));
	ASSERT_EQ(0, ascdev_job_compress(job, &params, &self->large, self->src, 0, self->dst, 0));
	ASSERT_EQ(0, ascdev_submit(self->ctx, &job, 1, NULL));
	ASSERT_EQ(1, ascdev_reap(self->ctx, &done, 1, -1));
	EXPECT_EQ(job, done.job);
	EXPECT_EQ(0, done.status);
	/* a job that is reported may be used again */
	ASSERT_EQ(0, ascdev_submit(self->ctx, &job, 1, NULL));
	ASSERT_EQ(0, ascdev_buf_wait(self->dst, -1));
	ASSERT_EQ(1, ascdev_reap(self->ctx, &done, 1, 0));
	ascdev_job_destroy(job);
}

/* Each job reads what the one before it wrote, although there are several threads. */
TEST_F(async, order_where_it_matters)
{
	struct ascdev_params params = ASCDEV_PARAMS_INIT;
	struct ascdev_job *jobs[2 * JOBS];
	struct ascdev_buf *back;
	uint8_t *decoded;
	uint32_t i;

	params.codec = ASCDEV_CODEC_ZVC;
	ASSERT_EQ(0, ascdev_buf_alloc(self->ctx, self->large_bytes, &back));
	ASSERT_EQ(0, ascdev_buf_map(back, (void **)&decoded));
	/* the values wander from src to back and to src again, through one payload */
	for (i = 0; i < 2 * JOBS; i++) {
		struct ascdev_buf *from = i / 2 % 2 ? back : self->src;
		struct ascdev_buf *to = i / 2 % 2 ? self->src : back;

		ASSERT_EQ(0, ascdev_job_create(self->ctx, &jobs[i]));
		ASSERT_EQ(0, i % 2 ? ascdev_job_decompress(jobs[i], &params, &self->large,
							   self->dst, 0, to, 0) :
				     ascdev_job_compress(jobs[i], &params, &self->large, from, 0,
							 self->dst, 0));
	}
	ASSERT_EQ(0, ascdev_submit(self->ctx, jobs, 2 * JOBS, NULL));
	for (i = 0; i < 2 * JOBS; i++) {
		EXPECT_EQ(0, ascdev_wait(jobs[i], -1, NULL));
		ascdev_job_destroy(jobs[i]);
	}
	EXPECT_EQ(0, memcmp(decoded, self->values, self->large_bytes));
	ascdev_buf_unref(back);
}

/* Jobs behind one that is held can be taken back, and none that has ended. */
TEST_F(async, cancel)
{
	const uint32_t cancelled = variant->threads ? JOBS - 1 : 0;
	struct ascdev_stats stats = ASCDEV_STATS_INIT;
	struct ascdev_params params = ASCDEV_PARAMS_INIT;
	struct ascdev_completion done;
	struct ascdev_job *jobs[JOBS];
	struct hold hold;
	uint32_t i;

	params.codec = ASCDEV_CODEC_DCAC;
	for (i = 0; i < JOBS; i++) {
		ASSERT_EQ(0, ascdev_job_create(self->ctx, &jobs[i]));
		EXPECT_EQ(-EINVAL, ascdev_cancel(jobs[i]));
		/* they write to one place, so they run one by one */
		ASSERT_EQ(0, ascdev_job_compress(jobs[i], &params, &self->large, self->src, 0,
						 self->dst, 0));
	}
	if (variant->threads)
		ASSERT_EQ(0, hold_job(&hold, jobs[0]));
	ASSERT_EQ(0, ascdev_submit(self->ctx, jobs, JOBS, NULL));
	for (i = JOBS; --i; ) {
		EXPECT_EQ(cancelled ? 0 : -EBUSY, ascdev_cancel(jobs[i]));
		EXPECT_EQ(-EBUSY, ascdev_cancel(jobs[i]));
		EXPECT_EQ(cancelled ? -ECANCELED : 0, ascdev_wait(jobs[i], 0, NULL));
	}
	if (variant->threads)
		let_go(&hold);
	ASSERT_EQ(1, ascdev_reap(self->ctx, &done, 1, -1));
	EXPECT_EQ(jobs[0], done.job);
	EXPECT_EQ(0, done.status);
	EXPECT_EQ(-EBUSY, ascdev_cancel(jobs[0]));
	ASSERT_EQ(0, ascdev_get_stats(self->ctx, &stats));
	EXPECT_EQ(cancelled, stats.cancelled);
	EXPECT_EQ(cancelled, stats.failed);
	EXPECT_EQ(JOBS - cancelled, stats.completed);
	EXPECT_EQ(0, stats.in_flight);
	EXPECT_EQ(variant->threads ? JOBS : 1, stats.most_in_flight);
	for (i = 0; i < JOBS; i++)
		ascdev_job_destroy(jobs[i]);
}

/* While a thread has jobs, each is taken back, or runs, and never both. */
TEST_F(async, cancel_while_jobs_run)
{
	struct ascdev_stats stats = ASCDEV_STATS_INIT;
	struct ascdev_completion done;
	struct ascdev_job *jobs[JOBS];
	uint32_t cancelled = 0, i;

	for (i = 0; i < JOBS; i++) {
		ASSERT_EQ(0, ascdev_job_create(self->ctx, &jobs[i]));
		ASSERT_EQ(0, ascdev_job_compress(jobs[i], NULL, &self->large, self->src, 0,
						 self->dst, 0));
	}
	ASSERT_EQ(0, ascdev_submit(self->ctx, jobs, JOBS, NULL));
	for (i = JOBS; i--; ) {
		int ret = ascdev_cancel(jobs[i]);

		ASSERT_TRUE(!ret || ret == -EBUSY);
		if (ret)
			continue;
		cancelled++;
		EXPECT_EQ(-ECANCELED, ascdev_wait(jobs[i], 0, NULL));
	}
	for (i = cancelled; i < JOBS; i++) {
		ASSERT_EQ(1, ascdev_reap(self->ctx, &done, 1, -1));
		EXPECT_EQ(0, done.status);
	}
	ASSERT_EQ(0, ascdev_get_stats(self->ctx, &stats));
	EXPECT_EQ(cancelled, stats.cancelled);
	EXPECT_EQ(JOBS - cancelled, stats.completed);
	EXPECT_EQ(0, stats.in_flight);
	for (i = 0; i < JOBS; i++)
		ascdev_job_destroy(jobs[i]);
}

TEST_F(async, the_queue_has_an_end)
{
	enum { MANY = 1100 };
	struct ascdev_stats stats = ASCDEV_STATS_INIT;
	struct ascdev_params params = ASCDEV_PARAMS_INIT;
	struct ascdev_job **jobs = calloc(MANY, sizeof(*jobs));
	struct hold hold;
	uint32_t accepted, i;
	int ret;

	ASSERT_NE(NULL, jobs);
	params.codec = ASCDEV_CODEC_DCAC;
	for (i = 0; i < MANY; i++) {
		ASSERT_EQ(0, ascdev_job_create(self->ctx, &jobs[i]));
		/* the first one keeps the others waiting */
		ASSERT_EQ(0, ascdev_job_compress(jobs[i], &params, &self->small, self->src, 0,
						 self->dst, 0));
	}
	if (variant->threads)
		ASSERT_EQ(0, hold_job(&hold, jobs[0]));
	ret = ascdev_submit(self->ctx, jobs, MANY, &accepted);
	ASSERT_EQ(0, ascdev_get_stats(self->ctx, &stats));
	EXPECT_EQ(accepted, stats.submitted);
	if (variant->threads) {
		EXPECT_EQ(-EBUSY, ret);
		EXPECT_EQ(1024, accepted);
		EXPECT_EQ(1, stats.queue_full);
		EXPECT_EQ(-EINVAL, ascdev_wait(jobs[MANY - 1], 0, NULL));
		EXPECT_EQ(-ETIME, ascdev_wait(jobs[accepted - 1], 0, NULL));
		let_go(&hold);
	} else {
		EXPECT_EQ(0, ret);
		EXPECT_EQ(MANY, accepted);
	}
	for (i = 0; i < MANY; i++)
		ascdev_job_destroy(jobs[i]);
	free(jobs);
}

/* A buffer that the program has let go of is there as long as a job is. */
TEST_F(async, jobs_hold_their_buffers)
{
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	struct ascdev_buf *src, *dst;
	struct ascdev_job *job;
	uint8_t *memory;

	ASSERT_EQ(0, ascdev_buf_alloc(self->ctx, self->small_bytes, &src));
	ASSERT_EQ(0, ascdev_buf_alloc(self->ctx, 512, &dst));
	ASSERT_EQ(0, ascdev_buf_map(src, (void **)&memory));
	memset(memory, 3, self->small_bytes);
	EXPECT_EQ(src, ascdev_buf_ref(src));
	ascdev_buf_unref(src);
	ASSERT_EQ(0, ascdev_job_create(self->ctx, &job));
	ASSERT_EQ(0, ascdev_job_compress(job, NULL, &self->small, src, 0, dst, 0));
	ascdev_buf_unref(src);
	ascdev_buf_unref(dst);
	ASSERT_EQ(0, ascdev_submit(self->ctx, &job, 1, NULL));
	ASSERT_EQ(0, ascdev_wait(job, -1, &result));
	EXPECT_EQ(512, result.bytes);
	ascdev_job_destroy(job);
}

static const char *const variants[] = {
	"codec=asc-cbr", "codec=asc-cbr,effort=best,block=run16,reorder=heuristic",
	"codec=asc-vbr", "codec=asc-vbr,max_error=2", "codec=asc-vbr,target_bpe=2.5",
	"codec=ebpc", "codec=dcac", "codec=zvc,reorder=greedy", "codec=raw", "codec=auto",
};

/* What threads share has the bytes, and the result, of one thread. */
TEST_F(async, threads_give_the_same)
{
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	struct ascdev_part part = { { 0, 3, 5, 7 }, { 1, LARGE_C - 8, LARGE_H - 20, LARGE_W - 9 } };
	uint8_t *payload, *back, *again;
	struct ascdev_ctx *plain;
	uint32_t dtype, v;

	opts.backend = ASCDEV_BACKEND_SW;
	ASSERT_EQ(0, ascdev_open(&opts, NULL, &plain));
	payload = malloc(4 * self->bound);
	back = malloc(2 * self->large_bytes);
	again = malloc(2 * self->large_bytes);
	ASSERT_TRUE(payload && back && again);
	for (v = 0; v < sizeof(variants) / sizeof(variants[0]); v++) {
		for (dtype = ASCDEV_DTYPE_U8; dtype <= ASCDEV_DTYPE_F16; dtype += 4) {
			struct ascdev_result r1 = ASCDEV_RESULT_INIT, r2 = ASCDEV_RESULT_INIT;
			struct ascdev_params params = ASCDEV_PARAMS_INIT;
			uint8_t *other = payload + 2 * self->bound;
			struct ascdev_surface s;
			uint64_t bytes, coded;

			ascdev_surface_nchw(&s, dtype, 1, LARGE_C, LARGE_H, dtype ? LARGE_W / 2 :
					    LARGE_W);
			ascdev_surface_bytes(&s, &bytes);
			ASSERT_EQ(0, ascdev_params_parse(&params, variants[v]));
			ASSERT_EQ(0, ascdev_compress(plain, &params, &s, self->values, payload,
						     2 * self->bound, &r1));
			ASSERT_EQ(0, ascdev_compress(self->ctx, &params, &s, self->values, other,
						     2 * self->bound, &r2));
			EXPECT_EQ(0, memcmp(payload, other, r1.bytes)) TH_LOG("%s", variants[v]);
			coded = r1.bytes;
			r1.exec_ns = 0;
			r2.exec_ns = 0;
			EXPECT_EQ(0, memcmp(&r1, &r2, sizeof(r1))) TH_LOG("%s", variants[v]);
			ASSERT_EQ(0, ascdev_params_settle(&params, &r1));
			memset(back, 0x5a, bytes);
			memset(again, 0x5a, bytes);
			ASSERT_EQ(0, ascdev_decompress(plain, &params, &s, payload, coded, back,
						       &r1));
			ASSERT_EQ(0, ascdev_decompress(self->ctx, &params, &s, payload, coded,
						       again, &r2));
			EXPECT_EQ(0, memcmp(back, again, bytes));
			EXPECT_EQ(r1.bytes_read, r2.bytes_read);
			part.dim[3] = s.dim[3] - 9;
			ASSERT_EQ(0, ascdev_decompress_part(plain, &params, &s, &part, payload,
							    coded, back, NULL));
			ASSERT_EQ(0, ascdev_decompress_part(self->ctx, &params, &s, &part, payload,
							    coded, again, NULL));
			EXPECT_EQ(0, memcmp(back, again, bytes));
		}
	}
	free(payload);
	free(back);
	free(again);
	ascdev_close(plain);
}

/* --- every function that any thread may call, at the same time -------------- */

#define HAMMERS	4
#define ROUNDS	40

struct hammer {
	struct ascdev_ctx *ctx;
	struct ascdev_buf *shared;	/* of all of them */
	pthread_t thread;
	int index;
	int wrong;			/* the line of the first thing that was */
};

#define CHECK(condition) do { if (!(condition) && !h->wrong) h->wrong = __LINE__; } while (0)

static void hammer_context(struct hammer *h)
{
	struct ascdev_stats stats = ASCDEV_STATS_INIT;
	struct ascdev_caps caps = ASCDEV_CAPS_INIT;
	char text[256];
	int reason;

	CHECK(!ascdev_get_caps(h->ctx, &caps));
	CHECK(!ascdev_get_stats(h->ctx, &stats));
	CHECK(ascdev_get_backend(h->ctx, &reason) == ASCDEV_BACKEND_SW);
	CHECK(ascdev_last_error(h->ctx, text, sizeof(text)) >= 0);
	CHECK(ascdev_get_fd(h->ctx) >= 0);
}

static void hammer_buffers(struct hammer *h)
{
	struct ascdev_buf *buf, *user;
	static uint8_t memory[HAMMERS][64];
	void *address;

	CHECK(ascdev_buf_ref(h->shared) == h->shared);
	CHECK(!ascdev_buf_map(h->shared, &address));
	CHECK(ascdev_buf_size(h->shared) >= 512);
	CHECK(!ascdev_buf_unmap(h->shared));
	CHECK(ascdev_buf_export_dmabuf(h->shared) == -EOPNOTSUPP);
	ascdev_buf_unref(h->shared);
	CHECK(!ascdev_buf_alloc(h->ctx, 100, &buf));
	CHECK(!ascdev_buf_begin_cpu(buf, ASCDEV_CPU_READ));
	CHECK(!ascdev_buf_end_cpu(buf, ASCDEV_CPU_READ));
	CHECK(!ascdev_buf_wait(buf, 0));
	ascdev_buf_unref(buf);
	CHECK(!ascdev_buf_import_user(h->ctx, memory[h->index], 64, &user));
	ascdev_buf_unref(user);
}

/* Jobs of its own; their ends may be reaped by any of the threads. */
static void hammer_jobs(struct hammer *h)
{
	struct ascdev_completion done[3];
	struct ascdev_surface surface;
	struct ascdev_job *jobs[3];
	struct ascdev_buf *dst;
	int i, ret;

	ascdev_surface_nchw(&surface, ASCDEV_DTYPE_U8, 1, 1, 16, 64);
	CHECK(!ascdev_buf_alloc(h->ctx, 3 * 512, &dst));
	for (i = 0; i < 3; i++) {
		CHECK(!ascdev_job_create(h->ctx, &jobs[i]));
		CHECK(!ascdev_job_compress(jobs[i], NULL, &surface, h->shared, 0, dst, i * 512));
	}
	CHECK(!ascdev_submit(h->ctx, jobs, 3, NULL));
	ret = ascdev_reap(h->ctx, done, 1, 0);
	CHECK(ret >= 0);
	ret = ascdev_cancel(jobs[2]);
	CHECK(!ret || ret == -EBUSY);
	CHECK(ascdev_job_get_fence(jobs[1]) == -EOPNOTSUPP);
	ret = ascdev_wait(jobs[0], 1000, NULL);
	CHECK(!ret || ret == -ETIME);
	for (i = 0; i < 3; i++) {
		ret = ascdev_wait(jobs[i], -1, NULL);
		CHECK(!ret || (i == 2 && ret == -ECANCELED));
		ascdev_job_destroy(jobs[i]);
	}
	ascdev_buf_unref(dst);
}

static void hammer_calls(struct hammer *h)
{
	static const uint32_t shape[] = { 1, 8, 64, 96 };
	enum { BYTES = 8 * 64 * 96 };
	struct ascdev_analysis analysis = ASCDEV_ANALYSIS_INIT;
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	struct ascdev_params params = ASCDEV_PARAMS_INIT;
	uint8_t *values = malloc(3 * BYTES), *payload = values + BYTES;
	struct ascdev_surface surface;

	CHECK(values);
	if (!values)
		return;
	fill(values, BYTES, h->index);
	ascdev_surface_nchw(&surface, ASCDEV_DTYPE_U8, shape[0], shape[1], shape[2], shape[3]);
	CHECK(!ascdev_compress(h->ctx, &params, &surface, values, payload, BYTES, &result));
	CHECK(!ascdev_params_settle(&params, &result));
	CHECK(!ascdev_decompress(h->ctx, &params, &surface, payload, result.bytes,
				 payload + BYTES, NULL));
	CHECK(!ascdev_analyze(NULL, &surface, values, 0, &analysis));
	free(values);
}

static void *hammer(void *argument)
{
	struct hammer *h = argument;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		hammer_context(h);
		hammer_buffers(h);
		hammer_jobs(h);
		if (i % 8 == h->index)
			hammer_calls(h);
	}
	return NULL;
}

TEST_F(async, any_thread)
{
	struct ascdev_stats stats = ASCDEV_STATS_INIT;
	struct ascdev_completion done;
	struct hammer h[HAMMERS];
	int i;

	for (i = 0; i < HAMMERS; i++) {
		h[i] = (struct hammer){ .ctx = self->ctx, .shared = self->src, .index = i };
		ASSERT_EQ(0, pthread_create(&h[i].thread, NULL, hammer, &h[i]));
	}
	for (i = 0; i < HAMMERS; i++) {
		ASSERT_EQ(0, pthread_join(h[i].thread, NULL));
		EXPECT_EQ(0, h[i].wrong) TH_LOG("line %d", h[i].wrong);
	}
	EXPECT_EQ(0, ascdev_reap(self->ctx, &done, 1, 0));
	ASSERT_EQ(0, ascdev_get_stats(self->ctx, &stats));
	EXPECT_EQ(0, stats.in_flight);
	EXPECT_EQ(stats.submitted, stats.completed + stats.failed);
	EXPECT_EQ(stats.failed, stats.cancelled);
	EXPECT_EQ(stats.submitted, 3ull * HAMMERS * ROUNDS + 2 * HAMMERS * (ROUNDS / 8));
}

/* One thread submits, one waits for the ends: nothing is lost between them. */
static void *reaper(void *argument)
{
	struct ascdev_ctx *ctx = argument;
	struct ascdev_completion done[4];
	long n = 0;

	while (n < JOBS * 4) {
		int ret = ascdev_reap(ctx, done, 4, -1);

		if (ret <= 0)
			break;
		n += ret;
	}
	return (void *)n;
}

TEST_F(async, a_thread_that_reaps)
{
	struct ascdev_job *jobs[JOBS * 4];
	pthread_t thread;
	void *count;
	int i;

	ASSERT_EQ(0, pthread_create(&thread, NULL, reaper, self->ctx));
	for (i = 0; i < JOBS * 4; i++) {
		ASSERT_EQ(0, ascdev_job_create(self->ctx, &jobs[i]));
		ASSERT_EQ(0, ascdev_job_compress(jobs[i], NULL, &self->small, self->src, 0,
						 self->dst, i * 512));
		ASSERT_EQ(0, ascdev_submit(self->ctx, &jobs[i], 1, NULL));
	}
	ASSERT_EQ(0, pthread_join(thread, &count));
	EXPECT_EQ((void *)(JOBS * 4), count);
	for (i = 0; i < JOBS * 4; i++)
		ascdev_job_destroy(jobs[i]);
}

TEST(as_many_threads_as_cpus)
{
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	struct ascdev_caps caps = ASCDEV_CAPS_INIT;
	struct ascdev_ctx *ctx;

	opts.backend = ASCDEV_BACKEND_SW;
	opts.threads = 257;
	EXPECT_EQ(-EINVAL, ascdev_open(&opts, NULL, &ctx));
	opts.threads = ASCDEV_ALL_CPUS;
	ASSERT_EQ(0, ascdev_open(&opts, NULL, &ctx));
	ASSERT_EQ(0, ascdev_get_caps(ctx, &caps));
	EXPECT_LE(1, caps.engines);
	EXPECT_GE(sysconf(_SC_NPROCESSORS_CONF), caps.engines);
	ascdev_close(ctx);
}

TEST_HARNESS_MAIN
