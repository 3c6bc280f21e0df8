// SPDX-License-Identifier: MIT
/*
 * Waits and signals of jobs: binary and timeline syncobjs, sync_files, implicit
 * order on shared buffer objects.
 */

#include "ascdev_test.h"

FIXTURE(sync)
{
	int fd;
	struct small_job small;
	uint32_t syncobj;
};

FIXTURE_SETUP(sync)
{
	self->fd = open_node(NULL);
	if (self->fd < 0)
		SKIP(return, "no device");
	ASSERT_TRUE(make_small_job(self->fd, &self->small));
	self->syncobj = create_syncobj(self->fd);
	ASSERT_NE(0, self->syncobj);
}

FIXTURE_TEARDOWN(sync)
{
	close(self->fd);
}

#define WAIT_BINARY	0
#define SIGNAL_BINARY	DRM_ASCDEV_SYNC_SIGNAL
#define WAIT_POINT	DRM_ASCDEV_SYNC_TIMELINE
#define SIGNAL_POINT	(DRM_ASCDEV_SYNC_TIMELINE | DRM_ASCDEV_SYNC_SIGNAL)

TEST_F(sync, signals_a_binary_syncobj)
{
	struct drm_ascdev_sync sync = { SIGNAL_BINARY, self->syncobj, 0 };

	set_syncs(&self->small.job, &sync, 1);
	ASSERT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));
	ASSERT_EQ(0, wait_syncobj(self->fd, self->syncobj, 20000));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, self->small.record->status);
}

TEST_F(sync, signals_points_of_a_timeline)
{
	struct drm_ascdev_sync syncs[2] = {
		{ SIGNAL_POINT, self->syncobj, 10 }, { SIGNAL_POINT, self->syncobj, 20 },
	};
	struct drm_ascdev_job jobs[2] = { self->small.job, self->small.job };

	jobs[1].cookie = 2;
	set_syncs(&jobs[0], &syncs[0], 1);
	set_syncs(&jobs[1], &syncs[1], 1);
	ASSERT_EQ(0, submit_jobs(self->fd, jobs, 2));
	ASSERT_EQ(0, wait_point(self->fd, self->syncobj, 10, 20000));
	ASSERT_EQ(0, wait_point(self->fd, self->syncobj, 20, 20000));
	EXPECT_EQ(2, self->small.record->cookie);
	/* nobody has promised point 21 */
	EXPECT_EQ(-EINVAL, wait_point(self->fd, self->syncobj, 21, 0));
}

TEST_F(sync, waits_for_a_binary_syncobj)
{
	uint32_t done = create_syncobj(self->fd);
	struct drm_ascdev_sync syncs[2] = {
		{ WAIT_BINARY, self->syncobj, 0 }, { SIGNAL_BINARY, done, 0 },
	};
	struct foreign_fence fence;

	if (!make_foreign_fence(&fence))
		SKIP(return, "no vgem");
	ASSERT_EQ(0, import_sync_file(self->fd, self->syncobj, fence.sync_file));
	set_syncs(&self->small.job, syncs, 2);
	ASSERT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));
	EXPECT_EQ(-ETIME, wait_syncobj(self->fd, done, 100));
	EXPECT_EQ(DRM_ASCDEV_STATUS_NONE, self->small.record->status);
	ASSERT_EQ(0, signal_foreign_fence(&fence));
	EXPECT_EQ(0, wait_syncobj(self->fd, done, 20000));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, self->small.record->status);
}

TEST_F(sync, waits_for_a_point)
{
	struct drm_ascdev_sync syncs[3] = {
		{ WAIT_BINARY, self->syncobj, 0 }, { SIGNAL_POINT, 0, 5 }, { WAIT_POINT, 0, 5 },
	};
	uint32_t timeline = create_syncobj(self->fd);
	struct drm_ascdev_job second = self->small.job;
	struct foreign_fence fence;

	if (!make_foreign_fence(&fence))
		SKIP(return, "no vgem");
	ASSERT_EQ(0, import_sync_file(self->fd, self->syncobj, fence.sync_file));
	syncs[1].handle = timeline;
	syncs[2].handle = timeline;
	set_syncs(&self->small.job, &syncs[0], 2);
	ASSERT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));
	second.cookie = 2;
	set_syncs(&second, &syncs[2], 1);
	ASSERT_EQ(0, submit_jobs(self->fd, &second, 1));
	EXPECT_EQ(-ETIME, wait_point(self->fd, timeline, 5, 50));
	ASSERT_EQ(0, signal_foreign_fence(&fence));
	ASSERT_EQ(0, wait_bo(self->fd, self->small.result, 20000));
	EXPECT_EQ(2, self->small.record->cookie);
}

/* Points have 64 bits. */
TEST_F(sync, waits_for_a_point_beyond_32_bits)
{
	const uint64_t high = (1ull << 32) + 5;
	uint32_t timeline = create_syncobj(self->fd), gate = create_syncobj(self->fd);
	struct drm_ascdev_sync low_signal = { SIGNAL_POINT, timeline, 5 };
	struct drm_ascdev_sync high_signal[2] = {
		{ WAIT_BINARY, gate, 0 }, { SIGNAL_POINT, timeline, high },
	};
	struct drm_ascdev_sync high_wait = { WAIT_POINT, 0, high };
	struct drm_syncobj_handle handle = { .handle = timeline };
	struct foreign_fence fence;
	struct small_job theirs;
	int other;

	if (!make_foreign_fence(&fence))
		SKIP(return, "no vgem");
	ASSERT_EQ(0, import_sync_file(self->fd, gate, fence.sync_file));
	set_syncs(&self->small.job, &low_signal, 1);
	ASSERT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));
	ASSERT_EQ(0, wait_point(self->fd, timeline, 5, 20000));
	set_syncs(&self->small.job, high_signal, 2);
	ASSERT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));

	/* another file, so that nothing but the point orders the jobs */
	other = open_node(NULL);
	ASSERT_LE(0, other);
	ASSERT_TRUE(make_small_job(other, &theirs));
	ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD, &handle));
	ASSERT_EQ(0, do_ioctl(other, DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE, &handle));
	high_wait.handle = handle.handle;
	set_syncs(&theirs.job, &high_wait, 1);
	ASSERT_EQ(0, submit_jobs(other, &theirs.job, 1));
	EXPECT_EQ(-ETIME, wait_bo(other, theirs.dst, 100));
	/* a point that nobody has promised */
	high_wait.timeline_value = 7ull << 32 | 5;
	EXPECT_EQ(-EINVAL, submit_jobs(other, &theirs.job, 1));
	ASSERT_EQ(0, signal_foreign_fence(&fence));
	EXPECT_EQ(0, wait_bo(other, theirs.dst, 20000));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, theirs.record->status);
	close(other);
}

TEST_F(sync, sync_file_of_a_job)
{
	struct drm_ascdev_sync sync = { SIGNAL_BINARY, self->syncobj, 0 };
	struct sync_file_info info = { .num_fences = 0 };
	int file;

	set_syncs(&self->small.job, &sync, 1);
	ASSERT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));
	file = export_sync_file(self->fd, self->syncobj);
	ASSERT_LE(0, file);
	ASSERT_EQ(0, wait_syncobj(self->fd, self->syncobj, 20000));
	ASSERT_EQ(0, do_ioctl(file, SYNC_IOC_FILE_INFO, &info));
	EXPECT_EQ(1, info.num_fences);
	EXPECT_EQ(1, info.status);
	close(file);
}

TEST_F(sync, rejects)
{
	struct drm_ascdev_sync sync, many[65];
	struct drm_ascdev_job job = self->small.job;
	int i;

#define REFUSED(error, flags, handle, value)							\
	do {											\
		sync = (struct drm_ascdev_sync){ flags, handle, value };			\
		set_syncs(&job, &sync, 1);							\
		EXPECT_EQ(error, submit_jobs(self->fd, &job, 1));				\
	} while (0)

	REFUSED(-EINVAL, 1u << 1, self->syncobj, 0);
	REFUSED(-EINVAL, 1u << 30 | SIGNAL_BINARY, self->syncobj, 0);
	REFUSED(-EINVAL, WAIT_BINARY, self->syncobj, 0);	/* it has no fence */
	REFUSED(-EINVAL, WAIT_POINT, self->syncobj, 1);
	REFUSED(-EINVAL, WAIT_BINARY, self->syncobj, 1);
	REFUSED(-EINVAL, SIGNAL_BINARY, self->syncobj, 1);
	REFUSED(-EINVAL, SIGNAL_POINT, self->syncobj, 0);
	REFUSED(-EINVAL, WAIT_POINT, self->syncobj, 0);
	REFUSED(-ENOENT, WAIT_BINARY, 0, 0);
	REFUSED(-ENOENT, WAIT_BINARY, 4711, 0);
	REFUSED(-ENOENT, WAIT_POINT, 4711, 1);
	REFUSED(-ENOENT, SIGNAL_BINARY, 4711, 0);
	REFUSED(-ENOENT, SIGNAL_POINT, 4711, 1);
#undef REFUSED

	for (i = 0; i < 65; i++)
		many[i] = (struct drm_ascdev_sync){ SIGNAL_POINT, self->syncobj, i + 1 };
	set_syncs(&job, many, 65);
	EXPECT_EQ(-E2BIG, submit_jobs(self->fd, &job, 1));
	set_syncs(&job, many, 1);
	job.syncs.stride = 8;
	EXPECT_EQ(-EINVAL, submit_jobs(self->fd, &job, 1));
	set_syncs(&job, many, 0);
	EXPECT_EQ(-EINVAL, submit_jobs(self->fd, &job, 1));
	set_syncs(&job, (void *)8, 1);
	EXPECT_EQ(-EFAULT, submit_jobs(self->fd, &job, 1));

	/* nothing of all that was done */
	EXPECT_EQ(0, self->small.record->status);
	EXPECT_EQ(-EINVAL, wait_syncobj(self->fd, self->syncobj, 0));
	set_syncs(&job, many, 64);
	EXPECT_EQ(0, submit_jobs(self->fd, &job, 1));
	EXPECT_EQ(0, wait_point(self->fd, self->syncobj, 64, 20000));
}

TEST_F(sync, a_refused_submit_signals_nothing)
{
	struct drm_ascdev_sync sync = { SIGNAL_BINARY, self->syncobj, 0 };
	struct drm_ascdev_job jobs[2] = { self->small.job, self->small.job };

	set_syncs(&jobs[0], &sync, 1);
	jobs[1].flags = 1;
	EXPECT_EQ(-EINVAL, submit_jobs(self->fd, jobs, 2));
	EXPECT_EQ(-EINVAL, wait_syncobj(self->fd, self->syncobj, 0));
}

/* A job of another file waits for what is queued on an object that both have. */
TEST_F(sync, implicit_order_between_files)
{
	struct drm_ascdev_sync sync = { WAIT_BINARY, self->syncobj, 0 };
	struct foreign_fence fence;
	struct small_job theirs;
	int other, dmabuf;

	if (!make_foreign_fence(&fence))
		SKIP(return, "no vgem");
	other = open_node(NULL);
	ASSERT_LE(0, other);
	ASSERT_TRUE(make_small_job(other, &theirs));
	dmabuf = export_dmabuf(self->fd, self->small.dst);
	ASSERT_LE(0, dmabuf);

	/* ours writes the payload, later; theirs reads it */
	ASSERT_EQ(0, import_sync_file(self->fd, self->syncobj, fence.sync_file));
	set_syncs(&self->small.job, &sync, 1);
	ASSERT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));
	theirs.job.op = DRM_ASCDEV_OP_DECOMPRESS;
	theirs.job.dst = theirs.job.src;
	theirs.job.src = (struct drm_ascdev_range){ import_dmabuf(other, dmabuf), 0, 0,
						    SMALL_PAYLOAD };
	memset(theirs.surface, 0xee, SMALL_BYTES);
	ASSERT_EQ(0, submit_jobs(other, &theirs.job, 1));
	EXPECT_EQ(-ETIME, wait_bo(other, theirs.src, 100));
	ASSERT_EQ(0, signal_foreign_fence(&fence));
	ASSERT_EQ(0, wait_bo(other, theirs.src, 20000));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, theirs.record->status);
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, self->small.record->status);
	EXPECT_LE(self->small.record->end_ns, theirs.record->start_ns);
	EXPECT_NE(0xee, theirs.surface[0]);
	close(dmabuf);
	close(other);
}

TEST_HARNESS_MAIN
