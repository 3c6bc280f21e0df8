// SPDX-License-Identifier: MIT
/*
 * Errors of single functions that the other tests do not come across: those of the header
 * which a process can provoke by itself.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <sys/time.h>

#include <ascdev.h>

#include "ascdev_harness.h"
#include "held.h"

#define BYTES	(64 * 64 * 64)

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

TEST_HARNESS_MAIN
