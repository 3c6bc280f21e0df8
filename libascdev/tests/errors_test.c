// SPDX-License-Identifier: MIT
/*
 * Errors of single functions that the other tests do not come across: those of the header
 * which a process can provoke by itself.  The linker puts functions from here in the place of
 * those that allocate memory and start threads.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>

#include <ascdev.h>

#include "ascdev_harness.h"
#include "held.h"

#define BYTES	(64 * 64 * 64)

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *memory, size_t bytes);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
			  void *(*start)(void *argument), void *argument);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *memory, size_t bytes);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
			  void *(*start)(void *argument), void *argument);

/* The how manieth allocation fails, the how manieth thread does not start; 0 for none. */
static int memory_ends, threads_end;

static bool ends(int *left)
{
	return *left && !--*left;
}

void *__wrap_malloc(size_t bytes)
{
	return ends(&memory_ends) ? NULL : __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes)
{
	return ends(&memory_ends) ? NULL : __real_calloc(count, bytes);
}

void *__wrap_realloc(void *memory, size_t bytes)
{
	return ends(&memory_ends) ? NULL : __real_realloc(memory, bytes);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
			  void *(*start)(void *argument), void *argument)
{
	return ends(&threads_end) ? EAGAIN : __real_pthread_create(thread, attr, start, argument);
}

/* A structure from a later library, with a member that is not known here, and set. */
#define LATER(type)							\
	struct {							\
		struct type known;					\
		uint64_t unknown;					\
	}

FIXTURE(errors)
{
	struct ascdev_ctx *ctx;
	struct ascdev_surface surface;
	struct ascdev_params params;
	LATER(ascdev_params) later;
	struct ascdev_buf *src, *dst;
	struct ascdev_job *job;
};

FIXTURE_SETUP(errors)
{
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	struct ascdev_params init = ASCDEV_PARAMS_INIT;

	opts.backend = ASCDEV_BACKEND_SW;
	opts.threads = 1;
	ASSERT_EQ(0, ascdev_open(&opts, NULL, &self->ctx));
	ascdev_surface_nchw(&self->surface, ASCDEV_DTYPE_U8, 1, 64, 64, 64);
	self->params = init;
	self->later.known = init;
	self->later.known.size = sizeof(self->later);
	self->later.unknown = 1;
	ASSERT_EQ(0, ascdev_buf_alloc(self->ctx, BYTES, &self->src));
	ASSERT_EQ(0, ascdev_buf_alloc(self->ctx, 2 * BYTES, &self->dst));
	ASSERT_EQ(0, ascdev_job_create(self->ctx, &self->job));
}

FIXTURE_TEARDOWN(errors)
{
	ascdev_job_destroy(self->job);
	ascdev_buf_unref(self->src);
	ascdev_buf_unref(self->dst);
	ascdev_close(self->ctx);
}

TEST_F(errors, parameters_of_a_later_library)
{
	struct ascdev_params *later = &self->later.known;
	struct ascdev_analysis analysis = ASCDEV_ANALYSIS_INIT;
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	static uint8_t memory[2 * BYTES];
	uint16_t order[64];
	uint64_t bound;
	char text[256];

	EXPECT_EQ(-E2BIG, ascdev_params_parse(later, "codec=raw"));
	EXPECT_EQ(-E2BIG, ascdev_params_get(later, "codec", text, sizeof(text)));
	EXPECT_EQ(-E2BIG, ascdev_params_format(later, text, sizeof(text)));
	EXPECT_EQ(-E2BIG, ascdev_params_lookup(later, "* codec=raw", "x", NULL));
	EXPECT_EQ(-E2BIG, ascdev_params_settle(later, &result));
	EXPECT_EQ(-E2BIG, ascdev_compress_bound(later, &self->surface, &bound));
	EXPECT_EQ(-E2BIG, ascdev_payload_order(later, &self->surface, memory, BYTES, order));
	EXPECT_EQ(-E2BIG, ascdev_compress(self->ctx, later, &self->surface, memory, memory + BYTES,
					  BYTES, NULL));
	EXPECT_EQ(-E2BIG, ascdev_analyze(later, &self->surface, memory, 0, &analysis));
	EXPECT_EQ(-E2BIG, ascdev_job_compress(self->job, later, &self->surface, self->src, 0,
					      self->dst, 0));
	EXPECT_EQ(-E2BIG, ascdev_job_decompress(self->job, later, &self->surface, self->dst, 0,
						self->src, 0));
	/* what is not set may be as long as it likes */
	self->later.unknown = 0;
	EXPECT_EQ(0, ascdev_params_parse(later, "codec=raw"));
}

TEST_F(errors, other_structures)
{
	LATER(ascdev_enumerate_opts) later = { ASCDEV_ENUMERATE_OPTS_INIT, 1 };
	struct ascdev_enumerate_opts opts = ASCDEV_ENUMERATE_OPTS_INIT;
	struct ascdev_stats stats = ASCDEV_STATS_INIT;
	struct ascdev_device_list *list;

	later.known.size = sizeof(later);
	EXPECT_EQ(-E2BIG, ascdev_enumerate(&later.known, &list));
	opts.pad = 1;
	EXPECT_EQ(-EINVAL, ascdev_enumerate(&opts, &list));
	opts.pad = 0;
	opts.size = 4;
	EXPECT_EQ(-EINVAL, ascdev_enumerate(&opts, &list));
	stats.size = 3;
	EXPECT_EQ(-EINVAL, ascdev_get_stats(self->ctx, &stats));
}

TEST_F(errors, a_job_in_flight)
{
	struct ascdev_job *busy = self->job;
	struct hold hold;

	ASSERT_EQ(0, ascdev_job_compress(busy, &self->params, &self->surface, self->src, 0,
					 self->dst, 0));
	ASSERT_EQ(0, hold_job(&hold, busy));
	ASSERT_EQ(0, ascdev_submit(self->ctx, &busy, 1, NULL));
	EXPECT_EQ(-EBUSY, ascdev_job_decompress(busy, &self->params, &self->surface, self->dst, 0,
						self->src, 0));
	EXPECT_EQ(-EBUSY, ascdev_job_compress(busy, &self->params, &self->surface, self->src, 0,
					      self->dst, 0));
	EXPECT_EQ(-EBUSY, ascdev_job_wait_point(busy, 0, 1));
	EXPECT_EQ(-EBUSY, ascdev_job_signal_point(busy, 0, 1));
	EXPECT_EQ(-ETIME, ascdev_buf_wait(self->dst, 0));
	EXPECT_EQ(-ETIME, ascdev_wait(busy, 1000, NULL));
	let_go(&hold);
	EXPECT_EQ(0, ascdev_buf_wait(self->dst, -1));
	/* in flight until its end is reported */
	EXPECT_EQ(-EBUSY, ascdev_job_set_cookie(busy, 1));
	EXPECT_EQ(0, ascdev_wait(busy, -1, NULL));
	EXPECT_EQ(0, ascdev_buf_wait(self->dst, 0));
}

TEST_F(errors, jobs_that_make_no_sense)
{
	struct ascdev_analysis analysis = ASCDEV_ANALYSIS_INIT;
	struct ascdev_surface large;
	struct ascdev_ctx *other;
	struct ascdev_buf *foreign;

	ASSERT_EQ(0, ascdev_open(NULL, NULL, &other));
	ASSERT_EQ(0, ascdev_buf_alloc(other, BYTES, &foreign));
	EXPECT_EQ(-EINVAL, ascdev_job_decompress(self->job, &self->params, &self->surface,
						 self->src, 0, foreign, 0));
	ascdev_buf_unref(foreign);
	ascdev_close(other);
	ascdev_surface_nchw(&large, ASCDEV_DTYPE_U8, 9, 999, 999, 999);
	EXPECT_EQ(-EOVERFLOW, ascdev_analyze(NULL, &large, &large, 0, &analysis));
	ASSERT_EQ(0, ascdev_job_compress(self->job, &self->params, &large, self->src, 0, self->dst,
					 0));
	EXPECT_EQ(-EOVERFLOW, ascdev_submit(self->ctx, &self->job, 1, NULL));
}

static void nothing(int number)
{
	(void)number;
}

TEST_F(errors, a_signal)
{
	struct sigaction action = { .sa_handler = nothing };
	struct itimerval soon = { .it_value.tv_usec = 20000, .it_interval.tv_usec = 20000 };
	struct itimerval never = { .it_value.tv_usec = 0 };
	struct ascdev_completion completion;

	ASSERT_EQ(0, sigaction(SIGALRM, &action, NULL));
	setitimer(ITIMER_REAL, &soon, NULL);
	EXPECT_EQ(-EINTR, ascdev_reap(self->ctx, &completion, 1, -1));
	setitimer(ITIMER_REAL, &never, NULL);
}

/* Memory that ends at the n-th allocation of a call, for each n that it has. */
#define EXPECT_NEEDS(error, allocations, call)				\
	do {								\
		int n;							\
									\
		for (n = 1; n <= (allocations); n++) {			\
			memory_ends = n;				\
			EXPECT_EQ(error, call);				\
			EXPECT_EQ(0, memory_ends);			\
		}							\
		memory_ends = n;					\
		EXPECT_EQ(0, call);					\
		EXPECT_EQ(1, memory_ends);				\
		memory_ends = 0;					\
	} while (0)

TEST_F(errors, no_memory_for_a_context)
{
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	struct ascdev_error error = ASCDEV_ERROR_INIT;
	struct ascdev_device_list *list = NULL;
	struct ascdev_ctx *ctx = NULL;

	opts.backend = ASCDEV_BACKEND_SW;
	/* of two threads the second does not come about, and the first is ended again */
	opts.threads = 2;
	EXPECT_NEEDS(-ENOMEM, 4, ascdev_open(&opts, &error, &ctx));
	ascdev_close(ctx);
	memory_ends = 1;
	EXPECT_EQ(-ENOMEM, ascdev_open(&opts, &error, &ctx));
	EXPECT_STREQ("out of memory", error.message);
	for (threads_end = 1; threads_end <= 2;) {
		int which = threads_end;

		EXPECT_EQ(-EAGAIN, ascdev_open(&opts, &error, &ctx));
		EXPECT_STREQ("a thread could not be started", error.message);
		threads_end = which + 1;
	}
	threads_end = 0;
	memory_ends = 1;
	EXPECT_EQ(-ENOMEM, ascdev_enumerate(NULL, &list));
	memory_ends = 0;
}

TEST_F(errors, no_memory_for_buffers_and_jobs)
{
	struct ascdev_buf *buf = NULL;
	struct ascdev_job *job = NULL;
	uint16_t order[64];
	uint8_t memory[64];
	int i;

	EXPECT_NEEDS(-ENOMEM, 2, ascdev_buf_alloc(self->ctx, 64, &buf));
	ascdev_buf_unref(buf);
	EXPECT_NEEDS(-ENOMEM, 1, ascdev_buf_import_user(self->ctx, memory, 64, &buf));
	ascdev_buf_unref(buf);
	EXPECT_NEEDS(-ENOMEM, 1, ascdev_job_create(self->ctx, &job));
	ascdev_job_destroy(job);

	for (i = 0; i < 64; i++)
		order[i] = 63 - i;
	self->params.reorder = ASCDEV_REORDER_GIVEN;
	self->params.order = order;
	EXPECT_NEEDS(-ENOMEM, 2, ascdev_job_compress(self->job, &self->params, &self->surface,
						     self->src, 0, self->dst, 0));
	/* what was described before is still there */
	memory_ends = 1;
	EXPECT_EQ(-ENOMEM, ascdev_job_compress(self->job, &self->params, &self->surface, self->dst,
					       0, self->src, 0));
	memory_ends = 0;
	ASSERT_EQ(0, ascdev_submit(self->ctx, &self->job, 1, NULL));
	EXPECT_EQ(0, ascdev_wait(self->job, -1, NULL));
}

TEST_F(errors, no_memory_to_run)
{
	struct ascdev_analysis analysis = ASCDEV_ANALYSIS_INIT;
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	static uint8_t values[BYTES], payload[2 * BYTES];
	struct ascdev_buf *src, *dst;
	struct ascdev_job *job;
	struct ascdev_ctx *ctx;
	uint32_t accepted = 1;

	EXPECT_NEEDS(-ENOMEM, 1, ascdev_analyze(NULL, &self->surface, values, 0, &analysis));
	EXPECT_NEEDS(-ENOMEM, 2, ascdev_analyze(NULL, &self->surface, values,
						ASCDEV_ANALYZE_EXACT, &analysis));
	/* without threads: the first that runs something makes a workspace */
	opts.backend = ASCDEV_BACKEND_SW;
	ASSERT_EQ(0, ascdev_open(&opts, NULL, &ctx));
	ASSERT_EQ(0, ascdev_buf_alloc(ctx, BYTES, &src));
	ASSERT_EQ(0, ascdev_buf_alloc(ctx, 2 * BYTES, &dst));
	ASSERT_EQ(0, ascdev_job_create(ctx, &job));
	ASSERT_EQ(0, ascdev_job_compress(job, &self->params, &self->surface, src, 0, dst, 0));
	memory_ends = 1;
	EXPECT_EQ(-ENOMEM, ascdev_compress(ctx, NULL, &self->surface, values, payload,
					   sizeof(payload), NULL));
	memory_ends = 1;
	EXPECT_EQ(-ENOMEM, ascdev_submit(ctx, &job, 1, &accepted));
	EXPECT_EQ(0, accepted);
	memory_ends = 0;
	/* it can be submitted again */
	EXPECT_EQ(0, ascdev_submit(ctx, &job, 1, &accepted));
	EXPECT_EQ(1, accepted);
	EXPECT_EQ(0, ascdev_wait(job, -1, NULL));
	ascdev_job_destroy(job);
	ascdev_buf_unref(src);
	ascdev_buf_unref(dst);
	ascdev_close(ctx);
}

TEST_HARNESS_MAIN
