// SPDX-License-Identifier: MIT
/*
 * Buffer objects: create, map, wait, share.
 */

#include <signal.h>
#include <sys/wait.h>

#include "ascdev_test.h"

FIXTURE(bo)
{
	int fd;
};

FIXTURE_SETUP(bo)
{
	self->fd = open_node(NULL);
	if (self->fd < 0)
		SKIP(return, "no device");
}

FIXTURE_TEARDOWN(bo)
{
	close(self->fd);
}

TEST_F(bo, create_rounds_up_and_clears)
{
	struct drm_ascdev_bo_create args = { .size = 5000 };
	long page = sysconf(_SC_PAGESIZE);
	uint8_t *memory;
	uint64_t i;

	ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_CREATE, &args));
	EXPECT_NE(0, args.handle);
	EXPECT_EQ((5000 + page - 1) / page * page, args.size);
	memory = map_bo(self->fd, args.handle, args.size);
	ASSERT_NE(MAP_FAILED, memory);
	for (i = 0; i < args.size; i++)
		ASSERT_EQ(0, memory[i]);
	memset(memory, 0xa5, args.size);
	EXPECT_EQ(0xa5, memory[args.size - 1]);
	munmap(memory, args.size);
}

TEST_F(bo, memory_survives_its_handle)
{
	struct drm_gem_close close_args = { 0 };
	uint8_t *memory;

	close_args.handle = create_bo(self->fd, 4096);
	ASSERT_NE(0, close_args.handle);
	memory = map_bo(self->fd, close_args.handle, 4096);
	ASSERT_NE(MAP_FAILED, memory);
	memory[0] = 1;
	ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_GEM_CLOSE, &close_args));
	EXPECT_EQ(1, memory[0]);
	EXPECT_EQ(-EINVAL, do_ioctl(self->fd, DRM_IOCTL_GEM_CLOSE, &close_args));
	EXPECT_EQ(MAP_FAILED, map_bo(self->fd, close_args.handle, 4096));
}

TEST_F(bo, create_rejects)
{
	struct drm_ascdev_bo_create zero = { .size = 0 };
	struct drm_ascdev_bo_create flags = { .size = 4096, .flags = DRM_ASCDEV_BO_WC << 1 };
	struct drm_ascdev_bo_create large = { 0 };
	struct drm_ascdev_bo_create largest = { .size = ~0ull };
	struct drm_ascdev_dev_info info;
	struct drm_ascdev_dev_query query = {
		.type = DRM_ASCDEV_DEV_QUERY_DEV_INFO,
		.size = sizeof(info),
		.pointer = (uintptr_t)&info,
	};

	ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_DEV_QUERY, &query));
	large.size = info.max_bo_bytes + 1;
	EXPECT_EQ(-EINVAL, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_CREATE, &zero));
	EXPECT_EQ(-EINVAL, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_CREATE, &flags));
	EXPECT_EQ(-E2BIG, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_CREATE, &large));
	EXPECT_EQ(-E2BIG, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_CREATE, &largest));
}

TEST_F(bo, mmap_offset_rejects)
{
	struct drm_ascdev_bo_mmap_offset unknown = { .handle = 12345 };
	struct drm_ascdev_bo_mmap_offset zero = { .handle = 0 };
	struct drm_ascdev_bo_mmap_offset pad = { .pad = 1 };

	pad.handle = create_bo(self->fd, 4096);
	ASSERT_NE(0, pad.handle);
	EXPECT_EQ(-ENOENT, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_MMAP_OFFSET, &unknown));
	EXPECT_EQ(-ENOENT, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_MMAP_OFFSET, &zero));
	EXPECT_EQ(-EINVAL, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_MMAP_OFFSET, &pad));
}

TEST_F(bo, wait_for_an_idle_one)
{
	struct drm_ascdev_bo_wait poll = { .timeout_ns = 0 };
	struct drm_ascdev_bo_wait past = { .timeout_ns = -1 };
	struct drm_ascdev_bo_wait forever = { .timeout_ns = INT64_MAX };
	struct drm_ascdev_bo_wait unknown = { .handle = 12345 };
	struct drm_ascdev_bo_wait pad = { .pad = 1 };

	poll.handle = create_bo(self->fd, 4096);
	past.handle = poll.handle;
	forever.handle = poll.handle;
	pad.handle = poll.handle;
	ASSERT_NE(0, poll.handle);
	EXPECT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_WAIT, &poll));
	EXPECT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_WAIT, &past));
	EXPECT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_WAIT, &forever));
	EXPECT_EQ(-ENOENT, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_WAIT, &unknown));
	EXPECT_EQ(-EINVAL, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_WAIT, &pad));
}

TEST_F(bo, wait_for_a_busy_one)
{
	struct foreign_fence fence;
	struct drm_ascdev_sync sync = { 0 };
	struct small_job small;

	if (!make_foreign_fence(&fence))
		SKIP(return, "no vgem");
	ASSERT_TRUE(make_small_job(self->fd, &small));
	sync.handle = create_syncobj(self->fd);
	ASSERT_EQ(0, import_sync_file(self->fd, sync.handle, fence.sync_file));
	set_syncs(&small.job, &sync, 1);
	ASSERT_EQ(0, submit_jobs(self->fd, &small.job, 1));
	EXPECT_EQ(-ETIME, wait_bo(self->fd, small.src, 0));
	EXPECT_EQ(-ETIME, wait_bo(self->fd, small.dst, 50));
	EXPECT_EQ(-ETIME, wait_bo(self->fd, small.result, -1000));
	EXPECT_EQ(0, small.record->status);
	ASSERT_EQ(0, signal_foreign_fence(&fence));
	EXPECT_EQ(0, wait_bo(self->fd, small.result, 20000));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, small.record->status);
}

static void on_alarm(int signal)
{
	(void)signal;
}

/* A wait that a signal ends says so, and can be repeated as it was. */
TEST_F(bo, interrupted_wait)
{
	struct drm_ascdev_bo_wait args = { .timeout_ns = deadline_ms(60000) }, before;
	struct sigaction action = { .sa_handler = on_alarm };
	struct drm_ascdev_sync sync = { 0 };
	struct foreign_fence fence;
	struct small_job small;
	pid_t child;
	int ret;

	if (!make_foreign_fence(&fence))
		SKIP(return, "no vgem");
	ASSERT_TRUE(make_small_job(self->fd, &small));
	sync.handle = create_syncobj(self->fd);
	ASSERT_EQ(0, import_sync_file(self->fd, sync.handle, fence.sync_file));
	set_syncs(&small.job, &sync, 1);
	ASSERT_EQ(0, submit_jobs(self->fd, &small.job, 1));
	args.handle = small.dst;
	before = args;
	sigaction(SIGUSR1, &action, NULL);
	child = keep_signalling(SIGUSR1);
	ASSERT_LE(0, child);
	ret = ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_WAIT, &args);
	EXPECT_EQ(-1, ret);
	EXPECT_EQ(EINTR, errno);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	EXPECT_EQ(0, memcmp(&before, &args, sizeof(args)));
	ASSERT_EQ(0, signal_foreign_fence(&fence));
	EXPECT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_WAIT, &args));
}

/* Mappings of processes and of the engine agree on what is in it. */
TEST_F(bo, write_combined)
{
	struct drm_ascdev_bo_create args = { .size = SMALL_PAYLOAD, .flags = DRM_ASCDEV_BO_WC };
	struct small_job small;
	uint8_t *payload;

	ASSERT_TRUE(make_small_job(self->fd, &small));
	ASSERT_EQ(0, submit_jobs(self->fd, &small.job, 1));
	ASSERT_EQ(0, wait_bo(self->fd, small.dst, 20000));

	ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_CREATE, &args));
	payload = map_bo(self->fd, args.handle, SMALL_PAYLOAD);
	ASSERT_NE(MAP_FAILED, payload);
	small.job.dst.handle = args.handle;
	ASSERT_EQ(0, submit_jobs(self->fd, &small.job, 1));
	ASSERT_EQ(0, wait_bo(self->fd, args.handle, 20000));
	EXPECT_EQ(0, memcmp(payload, small.payload, SMALL_PAYLOAD));

	memset(small.surface, 0xee, SMALL_BYTES);
	small.job.op = DRM_ASCDEV_OP_DECOMPRESS;
	small.job.src = small.job.dst;
	small.job.dst = (struct drm_ascdev_range){ small.src, 0, 0, SMALL_BYTES };
	ASSERT_EQ(0, submit_jobs(self->fd, &small.job, 1));
	ASSERT_EQ(0, wait_bo(self->fd, small.src, 20000));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, small.record->status);
	EXPECT_NE(0xee, small.surface[0]);
}

TEST_F(bo, label_rejects)
{
	char label[DRM_ASCDEV_BO_LABEL_BYTES + 1];
	struct drm_ascdev_bo_set_label args = { .label = (uintptr_t)label };
	struct drm_ascdev_bo_set_label unknown = { .handle = 12345, .label = (uintptr_t)label };
	struct drm_ascdev_bo_set_label pad = { .pad = 1 };
	struct drm_ascdev_bo_set_label nowhere = { .label = 8 };

	memset(label, 'a', sizeof(label));
	args.handle = create_bo(self->fd, 4096);
	pad.handle = args.handle;
	nowhere.handle = args.handle;
	ASSERT_NE(0, args.handle);
	label[DRM_ASCDEV_BO_LABEL_BYTES] = 0;
	EXPECT_EQ(-E2BIG, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_SET_LABEL, &args));
	label[DRM_ASCDEV_BO_LABEL_BYTES - 1] = 0;
	EXPECT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_SET_LABEL, &args));
	EXPECT_EQ(-ENOENT, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_SET_LABEL, &unknown));
	EXPECT_EQ(-EINVAL, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_SET_LABEL, &pad));
	EXPECT_EQ(-EFAULT, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_SET_LABEL, &nowhere));
}

TEST_F(bo, handles_are_private)
{
	struct drm_ascdev_bo_mmap_offset args = { 0 };
	int other = open_node(NULL);

	ASSERT_LE(0, other);
	args.handle = create_bo(self->fd, 4096);
	ASSERT_NE(0, args.handle);
	EXPECT_EQ(-ENOENT, do_ioctl(other, DRM_IOCTL_ASCDEV_BO_MMAP_OFFSET, &args));
	close(other);
}

TEST_F(bo, shared_by_dmabuf)
{
	int other = open_node(NULL);
	uint8_t *a, *b;
	uint32_t mine, theirs;
	int dmabuf;

	ASSERT_LE(0, other);
	mine = create_bo(self->fd, 4096);
	ASSERT_NE(0, mine);
	dmabuf = export_dmabuf(self->fd, mine);
	ASSERT_LE(0, dmabuf);
	theirs = import_dmabuf(other, dmabuf);
	ASSERT_NE(0, theirs);
	a = map_bo(self->fd, mine, 4096);
	b = map_bo(other, theirs, 4096);
	ASSERT_NE(MAP_FAILED, a);
	ASSERT_NE(MAP_FAILED, b);
	a[7] = 77;
	EXPECT_EQ(77, b[7]);
	close(dmabuf);
	close(other);
}

TEST_HARNESS_MAIN
