// SPDX-License-Identifier: MIT
/*
 * Contexts: priorities, defaults, turns, and what a client can do wrong.
 */

#include <linux/capability.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "ascdev_test.h"

FIXTURE(context)
{
	int fd;
	int minor;
	struct small_job small;
};

FIXTURE_SETUP(context)
{
	self->fd = open_node(&self->minor);
	if (self->fd < 0)
		SKIP(return, "no device");
	ASSERT_TRUE(make_small_job(self->fd, &self->small));
}

FIXTURE_TEARDOWN(context)
{
	close(self->fd);
}

static int create(int fd, uint32_t priority, uint32_t *ctx)
{
	struct drm_ascdev_ctx_create args = { .priority = priority };
	int ret = do_ioctl(fd, DRM_IOCTL_ASCDEV_CTX_CREATE, &args);

	*ctx = args.ctx;
	return ret;
}

static int destroy(int fd, uint32_t ctx)
{
	struct drm_ascdev_ctx_destroy args = { .ctx = ctx };

	return do_ioctl(fd, DRM_IOCTL_ASCDEV_CTX_DESTROY, &args);
}

static int submit_to(int fd, uint32_t ctx, struct drm_ascdev_job *jobs, uint32_t count)
{
	struct drm_ascdev_submit args = {
		.ctx = ctx,
		.jobs = { .stride = sizeof(*jobs), .count = count, .array = (uintptr_t)jobs },
	};

	return do_ioctl(fd, DRM_IOCTL_ASCDEV_SUBMIT, &args);
}

TEST_F(context, comes_and_goes)
{
	struct drm_ascdev_ctx_get_state state = { .flags = 7 };
	uint32_t first, second;

	ASSERT_EQ(0, create(self->fd, DRM_ASCDEV_PRIORITY_NORMAL, &first));
	ASSERT_EQ(0, create(self->fd, DRM_ASCDEV_PRIORITY_LOW, &second));
	EXPECT_NE(0, first);
	EXPECT_NE(0, second);
	EXPECT_NE(first, second);
	ASSERT_EQ(0, submit_to(self->fd, second, &self->small.job, 1));
	ASSERT_EQ(0, wait_bo(self->fd, self->small.dst, 20000));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, self->small.record->status);
	state.ctx = second;
	ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CTX_GET_STATE, &state));
	EXPECT_EQ(0, state.flags);
	EXPECT_EQ(0, state.hangs);
	EXPECT_EQ(0, state.last_error);
	ASSERT_EQ(0, destroy(self->fd, second));
	EXPECT_EQ(-ENOENT, destroy(self->fd, second));
	EXPECT_EQ(-ENOENT, submit_to(self->fd, second, &self->small.job, 1));
	state.ctx = second;
	EXPECT_EQ(-ENOENT, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CTX_GET_STATE, &state));
	/* the other goes with the file */
}

TEST_F(context, refuses_nonsense)
{
	struct drm_ascdev_ctx_create args = { .flags = 1 };
	struct drm_ascdev_ctx_destroy gone = { .ctx = 1, .pad = 1 };
	struct drm_ascdev_ctx_get_state state = { .pad = 1 };

	EXPECT_EQ(-EINVAL, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CTX_CREATE, &args));
	args = (struct drm_ascdev_ctx_create){ .pad = 1 };
	EXPECT_EQ(-EINVAL, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CTX_CREATE, &args));
	args = (struct drm_ascdev_ctx_create){ .priority = 3 };
	EXPECT_EQ(-EINVAL, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CTX_CREATE, &args));
	args = (struct drm_ascdev_ctx_create){ .defaults.codec = 99 };
	EXPECT_EQ(-EINVAL, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CTX_CREATE, &args));
	args = (struct drm_ascdev_ctx_create){ .defaults.effort = 1 };
	EXPECT_EQ(-EINVAL, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CTX_CREATE, &args));
	args = (struct drm_ascdev_ctx_create){ .defaults = {
		.codec = DRM_ASCDEV_CODEC_ASC_VBR, .max_error = 1, .target_bpe = 512 } };
	EXPECT_EQ(-EINVAL, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CTX_CREATE, &args));
	EXPECT_EQ(-EINVAL, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CTX_DESTROY, &gone));
	EXPECT_EQ(-EINVAL, destroy(self->fd, 0));
	EXPECT_EQ(-ENOENT, destroy(self->fd, 4711));
	EXPECT_EQ(-ENOENT, destroy(self->fd, ~0u));
	EXPECT_EQ(-EINVAL, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CTX_GET_STATE, &state));
	EXPECT_EQ(-ENOENT, submit_to(self->fd, ~0u, &self->small.job, 1));
}

/* The caller is root; without the capability it may do less. */
static bool drop_sys_nice(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		return false;
	data[CAP_TO_INDEX(CAP_SYS_NICE)].effective &= ~CAP_TO_MASK(CAP_SYS_NICE);
	return !syscall(SYS_capset, &header, data);
}

static uint32_t allowed(int fd)
{
	struct drm_ascdev_dev_info info = { 0 };
	struct drm_ascdev_dev_query query = {
		.type = DRM_ASCDEV_DEV_QUERY_DEV_INFO, .size = sizeof(info),
		.pointer = (uintptr_t)&info,
	};

	do_ioctl(fd, DRM_IOCTL_ASCDEV_DEV_QUERY, &query);
	return info.priorities;
}

TEST_F(context, high_priority_needs_a_capability)
{
	uint32_t ctx;

	if (geteuid())
		SKIP(return, "not root");
	EXPECT_TRUE(allowed(self->fd) & 1u << DRM_ASCDEV_PRIORITY_HIGH);
	EXPECT_EQ(0, create(self->fd, DRM_ASCDEV_PRIORITY_HIGH, &ctx));
	ASSERT_TRUE(drop_sys_nice());
	EXPECT_FALSE(allowed(self->fd) & 1u << DRM_ASCDEV_PRIORITY_HIGH);
	EXPECT_EQ(-EACCES, create(self->fd, DRM_ASCDEV_PRIORITY_HIGH, &ctx));
	EXPECT_EQ(0, create(self->fd, DRM_ASCDEV_PRIORITY_LOW, &ctx));
}

TEST_F(context, has_defaults_of_its_own)
{
	struct drm_ascdev_ctx_create args = { .defaults = {
		.codec = DRM_ASCDEV_CODEC_ASC_VBR, .max_error = 3 } };
	struct drm_ascdev_job job = self->small.job;
	uint32_t dst = create_bo(self->fd, SMALL_BYTES + 4096);

	ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CTX_CREATE, &args));
	memset(&job.params, 0, sizeof(job.params));
	job.dst = (struct drm_ascdev_range){ dst, 0, 0, SMALL_BYTES + 4096 };
	ASSERT_EQ(0, submit_to(self->fd, args.ctx, &job, 1));
	ASSERT_EQ(0, wait_bo(self->fd, dst, 20000));
	EXPECT_EQ(DRM_ASCDEV_CODEC_ASC_VBR, self->small.record->codec);
	EXPECT_EQ(3, self->small.record->max_abs_error);
	/* the device's are others */
	ASSERT_EQ(0, submit_to(self->fd, 0, &job, 1));
	ASSERT_EQ(0, wait_bo(self->fd, dst, 20000));
	EXPECT_EQ(DRM_ASCDEV_CODEC_ASC_CBR, self->small.record->codec);
}

TEST_F(context, many_come_to_an_end)
{
	uint32_t ctx, count = 0;
	int ret;

	do {
		ret = create(self->fd, DRM_ASCDEV_PRIORITY_NORMAL, &ctx);
		count += !ret;
	} while (!ret && count < 100000);
	EXPECT_EQ(-ENOSPC, ret);
	EXPECT_EQ(16384, count);
	EXPECT_EQ(0, destroy(self->fd, ctx ? ctx : 1));
	EXPECT_EQ(0, create(self->fd, DRM_ASCDEV_PRIORITY_NORMAL, &ctx));
}

struct submitter {
	int fd;
	uint32_t ctx;
	struct drm_ascdev_job *jobs;
	uint32_t count;
	int ret;
};

static void *submit_once(void *data)
{
	struct submitter *s = data;

	s->ret = submit_to(s->fd, s->ctx, s->jobs, s->count);
	return NULL;
}

/* A context goes while a thread submits to it: it takes all jobs of the call, or none. */
TEST_F_TIMEOUT(context, goes_while_jobs_come, 120)
{
	struct drm_ascdev_job jobs[32];
	long long submitted = read_stat(self->minor, "jobs_submitted");
	int round, i, accepted = 0;
	pthread_t thread;

	for (i = 0; i < 32; i++)
		jobs[i] = self->small.job;
	for (round = 0; round < 100; round++) {
		struct submitter s = { self->fd, 0, jobs, 32, 0 };

		ASSERT_EQ(0, create(self->fd, DRM_ASCDEV_PRIORITY_NORMAL, &s.ctx));
		ASSERT_EQ(0, pthread_create(&thread, NULL, submit_once, &s));
		usleep(round * 20);
		EXPECT_EQ(0, destroy(self->fd, s.ctx));
		ASSERT_EQ(0, pthread_join(thread, NULL));
		EXPECT_TRUE(!s.ret || s.ret == -ENOENT) TH_LOG("%d", s.ret);
		accepted += s.ret ? 0 : 32;
	}
	ASSERT_EQ(0, wait_bo(self->fd, self->small.dst, 60000));
	ASSERT_TRUE(stats_balance(self->minor));
	EXPECT_EQ(submitted + accepted, read_stat(self->minor, "jobs_submitted"));
}

/*
 * One client has queued hundreds of jobs; another's single job does not wait for them.
 * A vgem fence holds the first job until all are queued.
 */
#define QUEUED	500

TEST_F(context, clients_take_turns)
{
	uint32_t timeline = create_syncobj(self->fd), gate = create_syncobj(self->fd);
	struct drm_ascdev_job *jobs = calloc(QUEUED, sizeof(*jobs));
	struct drm_ascdev_sync syncs[QUEUED];
	struct foreign_fence fence;
	struct small_job other;
	int second, i, before;
	uint64_t point = 0;

	ASSERT_NE(NULL, jobs);
	second = open_node(NULL);
	ASSERT_GE(second, 0);
	ASSERT_TRUE(make_small_job(second, &other));
	if (!make_foreign_fence(&fence))
		SKIP(return, "no vgem");
	ASSERT_EQ(0, import_sync_file(self->fd, gate, fence.sync_file));
	for (i = 0; i < QUEUED; i++) {
		jobs[i] = self->small.job;
		syncs[i] = (struct drm_ascdev_sync){
			DRM_ASCDEV_SYNC_TIMELINE | DRM_ASCDEV_SYNC_SIGNAL, timeline, i + 1
		};
		set_syncs(&jobs[i], &syncs[i], 1);
	}
	/* an empty job's place: the first waits for the gate only */
	syncs[0] = (struct drm_ascdev_sync){ 0, gate, 0 };
	for (i = 0; i < QUEUED; i += 250)
		ASSERT_EQ(0, submit_jobs(self->fd, jobs + i, 250));
	ASSERT_EQ(0, submit_jobs(second, &other.job, 1));
	ASSERT_EQ(0, wait_bo(second, other.dst, 20000));
	/* the gate is closed: of the first client nothing has run */
	EXPECT_NE(0, wait_point(self->fd, timeline, 2, 0));
	ASSERT_EQ(0, signal_foreign_fence(&fence));
	ASSERT_EQ(0, wait_point(self->fd, timeline, 2, 20000));
	memset(other.record, 0, sizeof(*other.record));
	ASSERT_EQ(0, submit_jobs(second, &other.job, 1));
	ASSERT_EQ(0, wait_bo(second, other.dst, 20000));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, other.record->status);
	for (before = 1; before < QUEUED; before++) {
		if (wait_point(self->fd, timeline, before + 1, 0))
			break;
	}
	point = before;
	/* had it waited for its turn by age, it would have been the last */
	EXPECT_LT(point, QUEUED);
	ASSERT_EQ(0, wait_point(self->fd, timeline, QUEUED, 60000));
	close(second);
	free(jobs);
}

TEST_HARNESS_MAIN
