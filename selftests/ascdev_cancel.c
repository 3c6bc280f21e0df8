// SPDX-License-Identifier: MIT
/*
 * Jobs that are taken back: those that wait, run, or have ended, of this client and of
 * others, and while more come.
 */

#include <pthread.h>

#include "ascdev_test.h"

#define MAX_JOBS	100

FIXTURE(cancel)
{
	int fd;
	int minor;
	struct small_job small;
	uint32_t ctx;
	struct drm_ascdev_result *records;
	struct drm_ascdev_job jobs[MAX_JOBS];
	struct drm_ascdev_sync signals[MAX_JOBS];
	char dir[160], device[64];
	long long before;
};

static uint32_t create_ctx(int fd)
{
	struct drm_ascdev_ctx_create args = { .flags = 0 };

	return do_ioctl(fd, DRM_IOCTL_ASCDEV_CTX_CREATE, &args) ? 0 : args.ctx;
}

/* Small jobs with cookies from 1000 on, each with a record and a fence of its own. */
FIXTURE_SETUP(cancel)
{
	uint32_t records;
	int i;

	self->fd = open_node(&self->minor);
	if (self->fd < 0)
		SKIP(return, "no device");
	ASSERT_TRUE(make_small_job(self->fd, &self->small));
	self->ctx = create_ctx(self->fd);
	ASSERT_NE(0, self->ctx);
	records = create_bo(self->fd, MAX_JOBS * sizeof(*self->records));
	self->records = map_bo(self->fd, records, MAX_JOBS * sizeof(*self->records));
	ASSERT_NE(MAP_FAILED, self->records);
	for (i = 0; i < MAX_JOBS; i++) {
		self->jobs[i] = self->small.job;
		self->jobs[i].cookie = 1000 + i;
		self->jobs[i].result = (struct drm_ascdev_range){
			records, 0, i * sizeof(*self->records), sizeof(*self->records)
		};
		self->signals[i] = (struct drm_ascdev_sync){
			DRM_ASCDEV_SYNC_SIGNAL, create_syncobj(self->fd), 0
		};
		set_syncs(&self->jobs[i], &self->signals[i], 1);
	}
	snprintf(self->device, sizeof(self->device), SYSFS_DEVICE "/", self->minor);
	if (!find_injection(self->dir, sizeof(self->dir)))
		self->dir[0] = 0;
	self->before = read_stat(self->minor, "jobs_cancelled");
}

FIXTURE_TEARDOWN(cancel)
{
	if (self->dir[0]) {
		write_number(self->dir, "hang", 0);
		write_number(self->dir, "slow_ms", 0);
		write_number(self->device, "timeout_ms", 4000);
		drop_dumps();
	}
	close(self->fd);
}

/* Returns how many jobs were cancelled, or a negative errno. */
static int cancel(int fd, uint32_t ctx, uint64_t cookie)
{
	struct drm_ascdev_cancel args = { .ctx = ctx, .cookie = cookie, .cancelled = ~0u };
	int ret = do_ioctl(fd, DRM_IOCTL_ASCDEV_CANCEL, &args);

	return ret ? ret : (int)args.cancelled;
}

static int cancel_all(int fd, uint32_t ctx)
{
	struct drm_ascdev_cancel args = {
		.ctx = ctx, .flags = DRM_ASCDEV_CANCEL_ALL, .cancelled = ~0u,
	};
	int ret = do_ioctl(fd, DRM_IOCTL_ASCDEV_CANCEL, &args);

	return ret ? ret : (int)args.cancelled;
}

static int submit_to(int fd, uint32_t ctx, struct drm_ascdev_job *jobs, uint32_t count)
{
	struct drm_ascdev_submit args = {
		.ctx = ctx,
		.jobs = { .stride = sizeof(*jobs), .count = count, .array = (uintptr_t)jobs },
	};

	return do_ioctl(fd, DRM_IOCTL_ASCDEV_SUBMIT, &args);
}

static bool has_ended(FIXTURE_DATA(cancel) *self, int i)
{
	return !wait_syncobj(self->fd, self->signals[i].handle, 0);
}

/* The end of a job: 1, or the error, if its fence and its record agree; else 0. */
static int end_of(FIXTURE_DATA(cancel) *self, int i)
{
	const struct drm_ascdev_result *record = &self->records[i];
	int status;

	if (wait_syncobj(self->fd, self->signals[i].handle, 60000))
		return 0;
	status = fence_status(self->fd, self->signals[i].handle);
	if (record->cookie != self->jobs[i].cookie)
		return 0;
	if (status == 1)
		return record->status == DRM_ASCDEV_STATUS_DONE && !record->error;
	return record->status == DRM_ASCDEV_STATUS_FAILED && record->error == status ? status : 0;
}

/* A job of context 0 that lasts until it is cancelled, and whose end nobody waits for. */
static bool submit_long_job(FIXTURE_DATA(cancel) *self)
{
	struct drm_ascdev_job large;

	if (!make_large_jobs(self->fd, &large, 1))
		return false;
	large.cookie = 1;
	return hold_next_job(self->dir, self->device) && !submit_jobs(self->fd, &large, 1) &&
	       wait_until_held(self->dir);
}

/* Until an engine has a job of the file. */
static bool wait_until_busy(FIXTURE_DATA(cancel) *self)
{
	unsigned long long busy = 0;
	char path[64], line[256];
	int tries;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", self->fd);
	for (tries = 0; !busy && tries < 10000; tries++) {
		FILE *file = fopen(path, "r");

		while (file && fgets(line, sizeof(line), file))
			sscanf(line, "drm-engine-codec: %llu", &busy);
		if (file)
			fclose(file);
		usleep(1000);
	}
	return busy;
}

static struct drm_ascdev_ctx_get_state state_of(int fd, uint32_t ctx)
{
	struct drm_ascdev_ctx_get_state state = { .ctx = ctx };

	do_ioctl(fd, DRM_IOCTL_ASCDEV_CTX_GET_STATE, &state);
	return state;
}

/* What waits keeps its place, so that nobody who waits for it comes too early. */
TEST_F(cancel, behind_a_fence)
{
	struct drm_ascdev_sync syncs[2], after;
	struct foreign_fence fence;
	uint32_t dst;
	uint8_t *payload;
	int i;

	if (!make_foreign_fence(&fence))
		SKIP(return, "no vgem");
	syncs[0] = (struct drm_ascdev_sync){ 0, create_syncobj(self->fd), 0 };
	ASSERT_EQ(0, import_sync_file(self->fd, syncs[0].handle, fence.sync_file));
	syncs[1] = self->signals[0];
	set_syncs(&self->jobs[0], syncs, 2);
	memset(self->small.payload, 0x5a, SMALL_PAYLOAD);
	ASSERT_EQ(0, submit_to(self->fd, self->ctx, self->jobs, 3));

	/* one that waits for the fence of one that is cancelled */
	dst = create_bo(self->fd, SMALL_PAYLOAD);
	payload = map_bo(self->fd, dst, SMALL_PAYLOAD);
	ASSERT_NE(MAP_FAILED, payload);
	after = (struct drm_ascdev_sync){ 0, self->signals[0].handle, 0 };
	syncs[0] = after;
	syncs[1] = self->signals[3];
	set_syncs(&self->jobs[3], syncs, 2);
	self->jobs[3].dst.handle = dst;
	ASSERT_EQ(0, submit_jobs(self->fd, &self->jobs[3], 1));

	EXPECT_EQ(1, cancel(self->fd, self->ctx, 1002));
	EXPECT_EQ(0, cancel(self->fd, self->ctx, 1002));
	EXPECT_EQ(1, cancel(self->fd, self->ctx, 1000));
	EXPECT_EQ(0, cancel(self->fd, self->ctx, 1003));
	usleep(50000);
	for (i = 0; i < 4; i++)
		EXPECT_FALSE(has_ended(self, i));
	EXPECT_EQ(1, cancel_all(self->fd, self->ctx));
	EXPECT_EQ(0, cancel_all(self->fd, self->ctx));
	ASSERT_EQ(0, signal_foreign_fence(&fence));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(-ECANCELED, end_of(self, i));
		EXPECT_EQ(0, self->records[i].start_ns);
		EXPECT_EQ(0, self->records[i].end_ns);
		EXPECT_EQ(0, self->records[i].bytes);
	}
	for (i = 0; i < SMALL_PAYLOAD; i++)
		ASSERT_EQ(0x5a, self->small.payload[i]);
	EXPECT_EQ(1, end_of(self, 3));
	EXPECT_TRUE(stats_balance(self->minor));
	EXPECT_EQ(self->before + 3, read_stat(self->minor, "jobs_cancelled"));
	EXPECT_EQ(0, state_of(self->fd, self->ctx).last_error);

	/* the context goes on */
	ASSERT_EQ(0, submit_to(self->fd, self->ctx, &self->jobs[1], 1));
	EXPECT_EQ(1, end_of(self, 1));
	EXPECT_EQ(0, memcmp(payload, self->small.payload, SMALL_PAYLOAD));
}

TEST_F(cancel, behind_a_long_job)
{
	int i;

	if (!self->dir[0])
		SKIP(return, "no debugfs, or not root");
	ASSERT_TRUE(submit_long_job(self));
	ASSERT_EQ(0, submit_to(self->fd, self->ctx, self->jobs, 50));
	ASSERT_EQ(0, submit_jobs(self->fd, &self->jobs[50], 50));
	EXPECT_EQ(50, cancel_all(self->fd, self->ctx));
	/* of the other context: two by name, and then the one that is in the way of all */
	EXPECT_EQ(1, cancel(self->fd, 0, 1050));
	EXPECT_EQ(1, cancel(self->fd, 0, 1098));
	EXPECT_EQ(1, cancel(self->fd, 0, 1));
	for (i = 0; i < MAX_JOBS; i++)
		EXPECT_EQ(i <= 50 || i == 98 ? -ECANCELED : 1, end_of(self, i)) TH_LOG("%d", i);
	EXPECT_TRUE(stats_balance(self->minor));
	EXPECT_EQ(self->before + 53, read_stat(self->minor, "jobs_cancelled"));
}

/* A cookie names as many jobs as have it. */
TEST_F(cancel, several_of_one_name)
{
	int i;

	if (!self->dir[0])
		SKIP(return, "no debugfs, or not root");
	for (i = 0; i < 8; i++)
		self->jobs[i].cookie = i % 3 ? ~0ull : 0;
	ASSERT_TRUE(submit_long_job(self));
	ASSERT_EQ(0, submit_jobs(self->fd, self->jobs, 8));
	EXPECT_EQ(0, cancel(self->fd, 0, 0xffffffff));
	EXPECT_EQ(5, cancel(self->fd, 0, ~0ull));
	EXPECT_EQ(1, cancel(self->fd, 0, 1));
	for (i = 0; i < 8; i++)
		EXPECT_EQ(i % 3 ? -ECANCELED : 1, end_of(self, i));
}

TEST_F(cancel, one_that_has_ended)
{
	struct drm_ascdev_result record;

	EXPECT_EQ(0, cancel_all(self->fd, 0));
	EXPECT_EQ(0, cancel(self->fd, self->ctx, 1000));
	ASSERT_EQ(0, submit_to(self->fd, self->ctx, self->jobs, 1));
	EXPECT_EQ(1, end_of(self, 0));
	record = self->records[0];
	EXPECT_EQ(0, cancel(self->fd, self->ctx, 1000));
	EXPECT_EQ(0, cancel_all(self->fd, self->ctx));
	EXPECT_EQ(1, end_of(self, 0));
	EXPECT_EQ(0, memcmp(&record, &self->records[0], sizeof(record)));
	EXPECT_TRUE(stats_balance(self->minor));
	EXPECT_EQ(self->before, read_stat(self->minor, "jobs_cancelled"));
}

TEST_F(cancel, one_that_runs)
{
	struct drm_ascdev_job large;
	long long failed = read_stat(self->minor, "jobs_failed");

	if (!self->dir[0])
		SKIP(return, "no debugfs, or not root");
	/* for as long as the test looks */
	ASSERT_TRUE(write_number(self->device, "timeout_ms", 600000));
	ASSERT_TRUE(write_number(self->dir, "slow_ms", 300));
	ASSERT_TRUE(make_large_jobs(self->fd, &large, 1));
	large.cookie = self->jobs[0].cookie;
	large.result = self->jobs[0].result;
	large.syncs = self->jobs[0].syncs;
	ASSERT_EQ(0, submit_to(self->fd, self->ctx, &large, 1));
	ASSERT_TRUE(wait_until_busy(self));
	EXPECT_EQ(1, cancel(self->fd, self->ctx, large.cookie));
	EXPECT_EQ(-ECANCELED, end_of(self, 0));
	EXPECT_LT(0, self->records[0].start_ns);
	EXPECT_LE(self->records[0].start_ns, self->records[0].end_ns);
	EXPECT_EQ(0, self->records[0].cycles);
	EXPECT_EQ(0, self->records[0].bytes);
	EXPECT_EQ(0, state_of(self->fd, self->ctx).last_error);
	EXPECT_TRUE(stats_balance(self->minor));
	EXPECT_EQ(self->before + 1, read_stat(self->minor, "jobs_cancelled"));
	EXPECT_EQ(failed, read_stat(self->minor, "jobs_failed"));
}

/* It would stand still for ten minutes. */
TEST_F(cancel, one_that_hangs)
{
	long long hangs = read_stat(self->minor, "hangs");

	if (!self->dir[0])
		SKIP(return, "no debugfs, or not root");
	ASSERT_TRUE(hold_next_job(self->dir, self->device));
	ASSERT_EQ(0, submit_to(self->fd, self->ctx, self->jobs, 2));
	ASSERT_TRUE(wait_until_busy(self));
	EXPECT_EQ(1, cancel(self->fd, self->ctx, 1000));
	EXPECT_EQ(-ECANCELED, end_of(self, 0));
	EXPECT_EQ(1, end_of(self, 1));
	EXPECT_EQ(0, state_of(self->fd, self->ctx).hangs);
	EXPECT_EQ(hangs, read_stat(self->minor, "hangs"));
	EXPECT_TRUE(stats_balance(self->minor));
}

/* The timeout has told the engine to end it, which is still at its first step. */
TEST_F(cancel, one_that_is_given_up)
{
	char text[4096];

	if (!self->dir[0])
		SKIP(return, "no debugfs, or not root");
	if (access("/sys/class/devcoredump", R_OK))
		SKIP(return, "no devcoredump");
	drop_dumps();
	self->jobs[0].cookie = 0x91fe;
	ASSERT_TRUE(write_number(self->device, "timeout_ms", 20));
	ASSERT_TRUE(write_number(self->dir, "slow_ms", 2000));
	ASSERT_EQ(0, submit_to(self->fd, self->ctx, self->jobs, 1));
	ASSERT_TRUE(read_dump_of(self->jobs[0].cookie, text, sizeof(text)));
	EXPECT_EQ(0, cancel_all(self->fd, self->ctx));
	EXPECT_EQ(-ETIME, end_of(self, 0));
	EXPECT_EQ(1, state_of(self->fd, self->ctx).hangs);
	EXPECT_TRUE(stats_balance(self->minor));
	EXPECT_EQ(self->before, read_stat(self->minor, "jobs_cancelled"));
}

/* About when the timeout ends it: it is the one or the other, and the answer says which. */
TEST_F(cancel, or_the_timeout)
{
	long long hangs = read_stat(self->minor, "hangs");
	int round, timeouts = 0;

	if (!self->dir[0])
		SKIP(return, "no debugfs, or not root");
	ASSERT_TRUE(write_number(self->device, "timeout_ms", 20));
	for (round = 0; round < 60; round++) {
		uint32_t ctx = create_ctx(self->fd);
		struct drm_ascdev_ctx_destroy destroy = { .ctx = ctx };
		int cancelled;

		ASSERT_TRUE(write_number(self->dir, "hang", 1));
		ASSERT_EQ(0, submit_to(self->fd, ctx, self->jobs, 1));
		usleep(round * 1000);
		cancelled = cancel_all(self->fd, ctx);
		EXPECT_EQ(cancelled ? -ECANCELED : -ETIME, end_of(self, 0));
		EXPECT_EQ(!cancelled, state_of(self->fd, ctx).hangs);
		timeouts += !cancelled;
		ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CTX_DESTROY, &destroy));
		drop_dumps();
	}
	EXPECT_EQ(hangs + timeouts, read_stat(self->minor, "hangs"));
	EXPECT_TRUE(stats_balance(self->minor));
	EXPECT_EQ(self->before + 60 - timeouts, read_stat(self->minor, "jobs_cancelled"));
}

/* Contexts have numbers of their own in each file. */
TEST_F(cancel, jobs_of_others)
{
	int other, i;

	if (!self->dir[0])
		SKIP(return, "no debugfs, or not root");
	other = open_node(NULL);
	ASSERT_LE(0, other);
	ASSERT_TRUE(submit_long_job(self));
	ASSERT_EQ(0, submit_to(self->fd, self->ctx, self->jobs, 4));
	EXPECT_EQ(0, cancel_all(other, 0));
	EXPECT_EQ(-ENOENT, cancel_all(other, self->ctx));
	EXPECT_EQ(self->ctx, create_ctx(other));
	EXPECT_EQ(0, cancel_all(other, self->ctx));
	EXPECT_EQ(0, cancel(other, self->ctx, 1000));
	/* nor those of the same file's other contexts */
	EXPECT_EQ(1, cancel_all(self->fd, 0));
	for (i = 0; i < 4; i++)
		EXPECT_EQ(1, end_of(self, i));
	close(other);
}

TEST_F(cancel, refuses_nonsense)
{
	struct drm_ascdev_ctx_destroy destroy = { .ctx = self->ctx };
	struct drm_ascdev_cancel args;
	int i;

	for (i = 1; i < 32; i++) {
		args = (struct drm_ascdev_cancel){ .flags = 1u << i };
		EXPECT_EQ(-EINVAL, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CANCEL, &args));
		args = (struct drm_ascdev_cancel){ .pad = 1u << i };
		EXPECT_EQ(-EINVAL, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CANCEL, &args));
	}
	args = (struct drm_ascdev_cancel){ .flags = DRM_ASCDEV_CANCEL_ALL, .cookie = 1 };
	EXPECT_EQ(-EINVAL, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CANCEL, &args));
	EXPECT_EQ(-ENOENT, cancel_all(self->fd, 4711));
	EXPECT_EQ(-ENOENT, cancel_all(self->fd, ~0u));
	EXPECT_EQ(-EFAULT, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CANCEL, NULL));
	ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CTX_DESTROY, &destroy));
	EXPECT_EQ(-ENOENT, cancel_all(self->fd, self->ctx));
}

#define STORM_JOBS	20

/**
 * struct storm - one who submits, or one who cancels
 * @fd: node
 * @ctx: context
 * @jobs: what is submitted, STORM_JOBS of them
 * @timeline: their fences signal points of it
 * @records: of @jobs
 * @stop: the others have ended
 * @jobs_cancelled: what the answers, or the records, say
 * @failed: something else went wrong
 */
struct storm {
	int fd;
	uint32_t ctx;
	struct drm_ascdev_job *jobs;
	uint32_t timeline;
	struct drm_ascdev_result *records;
	volatile bool *stop;
	long long jobs_cancelled;
	bool failed;
};

static void *submit_storm(void *data)
{
	struct drm_ascdev_sync syncs[STORM_JOBS];
	struct storm *s = data;
	int round, i;

	for (round = 0; round < 40; round++) {
		for (i = 0; i < STORM_JOBS; i++) {
			syncs[i] = (struct drm_ascdev_sync){
				DRM_ASCDEV_SYNC_SIGNAL | DRM_ASCDEV_SYNC_TIMELINE, s->timeline,
				round * STORM_JOBS + i + 1
			};
			set_syncs(&s->jobs[i], &syncs[i], 1);
		}
		memset(s->records, 0, STORM_JOBS * sizeof(*s->records));
		if (submit_to(s->fd, s->ctx, s->jobs, STORM_JOBS) ||
		    wait_point(s->fd, s->timeline, (round + 1) * STORM_JOBS, 60000))
			s->failed = true;
		for (i = 0; i < STORM_JOBS; i++) {
			const struct drm_ascdev_result *record = &s->records[i];

			if (record->status == DRM_ASCDEV_STATUS_FAILED &&
			    record->error == -ECANCELED)
				s->jobs_cancelled++;
			else if (record->status != DRM_ASCDEV_STATUS_DONE)
				s->failed = true;
		}
	}
	return NULL;
}

static void *cancel_storm(void *data)
{
	struct storm *s = data;
	unsigned int i;

	for (i = 0; !*s->stop; i++) {
		int n = i % 8 ? cancel(s->fd, s->ctx, 1000 + i % STORM_JOBS) :
				cancel_all(s->fd, s->ctx);

		if (n < 0)
			s->failed = true;
		else
			s->jobs_cancelled += n;
		if (i % 3 == 0)
			usleep(i % 700);
	}
	return NULL;
}

/* Each job that an answer counts has a record that says so, and no other has. */
TEST_F(cancel, storms)
{
	long long submitted = read_stat(self->minor, "jobs_submitted");
	long long failed = read_stat(self->minor, "jobs_failed");
	long long answered = 0, recorded = 0;
	struct storm submitters[2], cancellers[4];
	pthread_t threads[6];
	volatile bool stop = false;
	int i;

	for (i = 0; i < MAX_JOBS; i++)
		self->jobs[i].cookie = 1000 + i % STORM_JOBS;
	for (i = 0; i < 2; i++) {
		submitters[i] = (struct storm){
			.fd = self->fd, .ctx = i ? self->ctx : 0,
			.jobs = self->jobs + i * STORM_JOBS,
			.records = self->records + i * STORM_JOBS,
			.timeline = create_syncobj(self->fd),
		};
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, submit_storm, &submitters[i]));
	}
	for (i = 0; i < 4; i++) {
		cancellers[i] = (struct storm){
			.fd = self->fd, .ctx = i % 2 ? self->ctx : 0, .stop = &stop,
		};
		ASSERT_EQ(0, pthread_create(&threads[2 + i], NULL, cancel_storm, &cancellers[i]));
	}
	for (i = 0; i < 6; i++) {
		stop = i >= 2;
		ASSERT_EQ(0, pthread_join(threads[i], NULL));
	}
	for (i = 0; i < 2; i++) {
		EXPECT_FALSE(submitters[i].failed);
		recorded += submitters[i].jobs_cancelled;
	}
	for (i = 0; i < 4; i++) {
		EXPECT_FALSE(cancellers[i].failed);
		answered += cancellers[i].jobs_cancelled;
	}
	EXPECT_EQ(answered, recorded);
	EXPECT_LT(0, answered);
	EXPECT_TRUE(stats_balance(self->minor));
	EXPECT_EQ(submitted + 2 * 40 * STORM_JOBS, read_stat(self->minor, "jobs_submitted"));
	EXPECT_EQ(self->before + answered, read_stat(self->minor, "jobs_cancelled"));
	EXPECT_EQ(failed, read_stat(self->minor, "jobs_failed"));
	ASSERT_EQ(0, submit_jobs(self->fd, self->jobs + 2 * STORM_JOBS, 1));
	EXPECT_EQ(1, end_of(self, 2 * STORM_JOBS));
}

TEST_HARNESS_MAIN
