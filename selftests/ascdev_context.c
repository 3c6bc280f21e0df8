// SPDX-License-Identifier: MIT
/*
 * Contexts: defaults, ends, and what a client can do wrong.
 */

#include <pthread.h>

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
TEST_F(context, goes_while_jobs_come)
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

TEST_HARNESS_MAIN
