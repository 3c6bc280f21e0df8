// SPDX-License-Identifier: MIT
/*
 * An emulated engine is told to hang, to fail, to give nonsense, to be slow: jobs end, the
 * guilty are told from the innocent, and what comes after works.  Needs root and debugfs.
 */

#include "ascdev_test.h"

FIXTURE(reset)
{
	int fd, minor;
	struct small_job small;
	uint32_t syncobj;
	char dir[160];
	char timeout[160];
};

FIXTURE_SETUP(reset)
{
	self->fd = open_node(&self->minor);
	if (self->fd < 0)
		SKIP(return, "no device");
	if (!find_injection(self->dir, sizeof(self->dir)))
		SKIP(return, "no debugfs, or not root");
	snprintf(self->timeout, sizeof(self->timeout), SYSFS_DEVICE "/", self->minor);
	ASSERT_TRUE(make_small_job(self->fd, &self->small));
	self->syncobj = create_syncobj(self->fd);
}

FIXTURE_TEARDOWN(reset)
{
	write_number(self->dir, "hang", 0);
	write_number(self->dir, "fail", 0);
	write_number(self->dir, "corrupt", 0);
	write_number(self->dir, "slow", 0);
	write_number(self->dir, "slow_ms", 0);
	write_number(self->timeout, "timeout_ms", 4000);
	close(self->fd);
}

/* Runs the job; returns the status of its fence. */
static int run(FIXTURE_DATA(reset) *self, uint32_t ctx)
{
	struct drm_ascdev_sync sync = { DRM_ASCDEV_SYNC_SIGNAL, self->syncobj, 0 };
	struct drm_ascdev_submit args = {
		.ctx = ctx,
		.jobs = { sizeof(self->small.job), 1, (uintptr_t)&self->small.job },
	};
	int ret;

	memset(self->small.record, 0, sizeof(*self->small.record));
	set_syncs(&self->small.job, &sync, 1);
	ret = do_ioctl(self->fd, DRM_IOCTL_ASCDEV_SUBMIT, &args);
	if (!ret)
		ret = wait_syncobj(self->fd, self->syncobj, 30000);
	return ret ? ret : fence_status(self->fd, self->syncobj);
}

/* Runs the job, which hangs.  Only then is the timeout short: on a busy machine it ends others. */
static int run_and_hang(FIXTURE_DATA(reset) *self, uint32_t ctx)
{
	int ret;

	if (!write_number(self->timeout, "timeout_ms", 100) || !write_number(self->dir, "hang", 1))
		return -EPERM;
	ret = run(self, ctx);
	return write_number(self->timeout, "timeout_ms", 600000) ? ret : -EPERM;
}

static struct drm_ascdev_ctx_get_state state_of(int fd, uint32_t ctx)
{
	struct drm_ascdev_ctx_get_state state = { .ctx = ctx };

	do_ioctl(fd, DRM_IOCTL_ASCDEV_CTX_GET_STATE, &state);
	return state;
}

TEST_F(reset, a_job_that_hangs_is_ended)
{
	long long hangs = read_stat(self->minor, "hangs");

	EXPECT_EQ(-ETIME, run_and_hang(self, 0));
	EXPECT_EQ(DRM_ASCDEV_STATUS_FAILED, self->small.record->status);
	EXPECT_EQ(-ETIME, self->small.record->error);
	EXPECT_EQ(self->small.job.cookie, self->small.record->cookie);
	EXPECT_EQ(hangs + 1, read_stat(self->minor, "hangs"));
	EXPECT_EQ(1, state_of(self->fd, 0).hangs);
	EXPECT_EQ(-ETIME, state_of(self->fd, 0).last_error);
	EXPECT_EQ(self->small.job.cookie, state_of(self->fd, 0).last_error_cookie);
	EXPECT_EQ(0, state_of(self->fd, 0).flags);
	EXPECT_EQ(1, run(self, 0));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, self->small.record->status);
	EXPECT_TRUE(stats_balance(self->minor));
}

TEST_F(reset, the_guilty_are_banned_and_others_are_not)
{
	struct drm_ascdev_ctx_create other = { .flags = 0 };
	int i;

	ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CTX_CREATE, &other));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(-ETIME, run_and_hang(self, 0));
	EXPECT_EQ(DRM_ASCDEV_CTX_BANNED, state_of(self->fd, 0).flags);
	EXPECT_EQ(-EIO, run(self, 0));
	EXPECT_EQ(0, state_of(self->fd, other.ctx).flags);
	EXPECT_EQ(0, state_of(self->fd, other.ctx).hangs);
	EXPECT_LE(3, state_of(self->fd, other.ctx).device_hangs);
	EXPECT_EQ(1, run(self, other.ctx));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, self->small.record->status);
}

TEST_F(reset, jobs_queued_behind_a_hang)
{
	struct drm_ascdev_job jobs[8];
	struct drm_ascdev_sync syncs[8];
	uint32_t timeline = create_syncobj(self->fd);
	int i;

	/* which holds for those behind it, too */
	ASSERT_TRUE(write_number(self->timeout, "timeout_ms", 4000));
	ASSERT_TRUE(write_number(self->dir, "hang", 1));
	for (i = 0; i < 8; i++) {
		jobs[i] = self->small.job;
		jobs[i].cookie = 100 + i;
		syncs[i] = (struct drm_ascdev_sync){
			DRM_ASCDEV_SYNC_SIGNAL | DRM_ASCDEV_SYNC_TIMELINE, timeline, i + 1
		};
		set_syncs(&jobs[i], &syncs[i], 1);
	}
	ASSERT_EQ(0, submit_jobs(self->fd, jobs, 8));
	ASSERT_EQ(0, wait_point(self->fd, timeline, 8, 30000));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, self->small.record->status);
	EXPECT_EQ(107, self->small.record->cookie);
	EXPECT_EQ(100, state_of(self->fd, 0).last_error_cookie);
}

TEST_F(reset, an_engine_that_fails)
{
	ASSERT_TRUE(write_number(self->dir, "fail", 1));
	EXPECT_EQ(-EIO, run(self, 0));
	EXPECT_EQ(DRM_ASCDEV_STATUS_FAILED, self->small.record->status);
	EXPECT_EQ(-EIO, state_of(self->fd, 0).last_error);
	EXPECT_EQ(0, state_of(self->fd, 0).hangs);
	EXPECT_EQ(1, run(self, 0));
}

TEST_F(reset, a_record_of_nonsense)
{
	long long in = read_stat(self->minor, "compress_bytes_in");

	ASSERT_TRUE(write_number(self->dir, "corrupt", 1));
	EXPECT_EQ(-EIO, run(self, 0));
	EXPECT_EQ(DRM_ASCDEV_STATUS_FAILED, self->small.record->status);
	EXPECT_EQ(-EIO, self->small.record->error);
	EXPECT_EQ(self->small.job.cookie, self->small.record->cookie);
	EXPECT_EQ(0, self->small.record->bytes);
	EXPECT_EQ(in, read_stat(self->minor, "compress_bytes_in"));
	EXPECT_EQ(1, run(self, 0));
	EXPECT_TRUE(stats_balance(self->minor));
}

/*
 * Progress counts, not time: each step stays below the timeout, the job does not.  A machine
 * that is busy may be late with any step by what is left of the timeout: then of a longer one.
 */
TEST_F(reset, a_slow_job_is_not_ended)
{
	struct drm_ascdev_job job = self->small.job;
	uint32_t src = create_bo(self->fd, 1 << 20), dst = create_bo(self->fd, 1 << 20);
	int slow_ms = 100, status, hangs = 0;

	describe_dense(&job.surface, DRM_ASCDEV_DTYPE_U8, 1, 64, 64, 64);
	job.src = (struct drm_ascdev_range){ src, 0, 0, 1 << 18 };
	job.dst = (struct drm_ascdev_range){ dst, 0, 0, 1 << 17 };
	self->small.job = job;
	/* 16 steps */
	for (;;) {
		ASSERT_TRUE(write_number(self->timeout, "timeout_ms", 10 * slow_ms));
		ASSERT_TRUE(write_number(self->dir, "slow_ms", slow_ms));
		status = run(self, 0);
		if (status == 1 || ++hangs == 3)
			break;
		slow_ms *= 5;
	}
	EXPECT_EQ(1, status);
	EXPECT_LT(12000000ll * slow_ms, self->small.record->end_ns - self->small.record->start_ns);
	EXPECT_EQ(hangs, state_of(self->fd, 0).hangs);
	drop_dumps();
}

/* The number behind a word of a dump, or -1. */
static long long number_of(const char *text, const char *word)
{
	char line[64];
	const char *at;

	snprintf(line, sizeof(line), "\n%s: ", word);
	at = strstr(text, line);
	return at ? strtoll(at + strlen(line), NULL, 0) : -1;
}

TEST_F(reset, a_dump_tells_of_the_job)
{
	struct drm_ascdev_ctx_create low = { .priority = DRM_ASCDEV_PRIORITY_LOW };
	char text[4096];

	if (access("/sys/class/devcoredump", R_OK))
		SKIP(return, "no devcoredump");
	drop_dumps();
	ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CTX_CREATE, &low));
	self->small.job.cookie = 0xc0ffee;
	EXPECT_EQ(-ETIME, run_and_hang(self, low.ctx));
	ASSERT_TRUE(read_dump_of(0xc0ffee, text, sizeof(text)));
	EXPECT_NE(NULL, strstr(text, "made no progress"));
	EXPECT_NE(NULL, strstr(text, "engine: engine"));
	EXPECT_NE(NULL, strstr(text, "\npower: on\n"));
	EXPECT_EQ(100, number_of(text, "timeout ms"));
	EXPECT_LT(0, number_of(text, "jobs begun"));
	EXPECT_EQ(0, number_of(text, "units done"));
	/* the time limit runs from when the engine is given the job */
	EXPECT_LT(0, number_of(text, "elapsed ns"));
	EXPECT_EQ(0, number_of(text, "told to end"));
	EXPECT_EQ(low.ctx, number_of(text, "context"));
	EXPECT_NE(NULL, strstr(text, "\npriority: low\n"));
	EXPECT_EQ(0, number_of(text, "earlier hangs of the context"));
	EXPECT_LT(0, number_of(text, "fence"));
	EXPECT_NE(NULL, strstr(text, "cookie: 0xc0ffee\n"));
	EXPECT_NE(NULL, strstr(text, "op: compress\n"));
	EXPECT_NE(NULL, strstr(text, "dim: 1 64 16 16\n"));
	EXPECT_NE(NULL, strstr(text, "\nsrc: at 0 of 16384 bytes\n"));
	EXPECT_NE(NULL, strstr(text, "\nresult: at 0 of 4096 bytes\n"));
	EXPECT_EQ(NULL, strstr(text, "\norder:"));
	EXPECT_NE(NULL, strstr(text, "codec: asc-cbr\n"));
}

/* The next one only; it makes progress, and the record is right. */
TEST_F(reset, a_job_is_told_to_be_slow)
{
	ASSERT_TRUE(write_number(self->dir, "slow", 1));
	EXPECT_EQ(1, run(self, 0));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, self->small.record->status);
	EXPECT_LE(20000000, self->small.record->end_ns - self->small.record->start_ns);
	EXPECT_EQ(1, run(self, 0));
	EXPECT_EQ(0, state_of(self->fd, 0).hangs);
}

/* Sets up a fault of the kernel's own framework, to come with a probability. */
static bool use_framework(FIXTURE_DATA(reset) *self, const char *fault, int percent, char dir[200])
{
	snprintf(dir, 200, "%s%s/", self->dir, fault);
	return !access(dir, F_OK) && write_number(dir, "verbose", 0) &&
	       write_number(dir, "times", -1) && write_number(dir, "probability", percent);
}

/* Each fault that an engine can be told to have. */
TEST_F(reset, the_framework_knows_every_fault)
{
	char dir[200];

	if (!use_framework(self, "fail_hang", 100, dir))
		SKIP(return, "no CONFIG_FAULT_INJECTION_DEBUG_FS");
	ASSERT_TRUE(write_number(self->timeout, "timeout_ms", 100));
	EXPECT_EQ(-ETIME, run(self, 0));
	EXPECT_TRUE(write_number(dir, "probability", 0));
	ASSERT_TRUE(write_number(self->timeout, "timeout_ms", 4000));
	EXPECT_EQ(1, run(self, 0));

	ASSERT_TRUE(use_framework(self, "fail_record", 100, dir));
	EXPECT_EQ(-EIO, run(self, 0));
	EXPECT_EQ(self->small.job.cookie, self->small.record->cookie);
	EXPECT_TRUE(write_number(dir, "probability", 0));

	ASSERT_TRUE(use_framework(self, "fail_speed", 100, dir));
	EXPECT_EQ(1, run(self, 0));
	EXPECT_LE(20000000, self->small.record->end_ns - self->small.record->start_ns);
	EXPECT_TRUE(write_number(dir, "probability", 0));
	EXPECT_EQ(1, run(self, 0));
	EXPECT_TRUE(stats_balance(self->minor));
	drop_dumps();
}

TEST_F(reset, the_framework_injects)
{
	char dir[200];
	int failed = 0, i;

	if (!use_framework(self, "fail_job", 50, dir))
		SKIP(return, "no CONFIG_FAULT_INJECTION_DEBUG_FS");
	for (i = 0; i < 100; i++) {
		int status = run(self, 0);

		EXPECT_TRUE(status == 1 || status == -EIO);
		failed += status != 1;
	}
	EXPECT_TRUE(write_number(dir, "probability", 0));
	EXPECT_LT(10, failed);
	EXPECT_GT(90, failed);
	EXPECT_TRUE(stats_balance(self->minor));
}

TEST_HARNESS_MAIN
