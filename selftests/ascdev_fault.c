// SPDX-License-Identifier: MIT
/*
 * Every allocation and every copy from or to userspace fails once, in turn.  Needs
 * root and a kernel with CONFIG_FAULT_INJECTION, FAILSLAB and FAIL_PAGE_ALLOC.
 */

#include "ascdev_test.h"

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

/* Let faults hit allocations of every kind, quietly. */
static bool set_up_injection(void)
{
	static const char * const dirs[] = { "failslab", "fail_page_alloc", "fail_usercopy" };
	char path[128];
	size_t i;

	for (i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s/verbose", dirs[i]);
		if (!write_file(path, "0"))
			return false;
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s/times", dirs[i]);
		if (!write_file(path, "-1"))
			return false;
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s/ignore-gfp-wait", dirs[i]);
		if (i < 2 && !write_file(path, "N"))
			return false;
	}
	return write_file("/sys/kernel/debug/fail_page_alloc/min-order", "0") &&
	       !access("/proc/thread-self/fail-nth", W_OK);
}

FIXTURE(fault)
{
	int fd;
	int minor;
	int nth_fd;
	struct small_job small;
};

FIXTURE_SETUP(fault)
{
	self->fd = open_node(&self->minor);
	if (self->fd < 0)
		SKIP(return, "no device");
	if (!set_up_injection())
		SKIP(return, "no fault injection");
	self->nth_fd = open("/proc/thread-self/fail-nth", O_RDWR);
	ASSERT_LE(0, self->nth_fd);
	ASSERT_TRUE(make_small_job(self->fd, &self->small));
	/* have everything mapped, so that only the call itself allocates */
	ASSERT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));
	ASSERT_EQ(0, wait_bo(self->fd, self->small.dst, 20000));
}

FIXTURE_TEARDOWN(fault)
{
	close(self->nth_fd);
	close(self->fd);
}

static void arm(FIXTURE_DATA(fault) *self, unsigned int nth)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", nth);
	if (pwrite(self->nth_fd, text, strlen(text), 0) < 0)
		abort();
}

/* Returns true if the fault was hit; disarms it in any case. */
static bool disarm(FIXTURE_DATA(fault) *self)
{
	char text[16] = "";

	/* a fault that the operation left over may hit these two: then it is gone */
	if (pread(self->nth_fd, text, sizeof(text) - 1, 0) < 0)
		return false;
	if (pwrite(self->nth_fd, "0", 1, 0) < 0 && errno != EFAULT)
		abort();
	return atoi(text) == 0;
}

/*
 * Repeats an operation with the first, second, ... fault until none is hit.
 * A fault that is hit may be survived, or gives -ENOMEM or -EFAULT.
 */
#define SWEEP(operation, undo)								\
	do {										\
		unsigned int nth, failed = 0;						\
		bool hit = true;							\
											\
		for (nth = 1; hit; nth++) {						\
			int ret;							\
											\
			ASSERT_LT(nth, 1000);						\
			arm(self, nth);							\
			ret = operation;						\
			hit = disarm(self);						\
			EXPECT_TRUE(!ret || (hit && (ret == -ENOMEM || ret == -EFAULT))) \
				TH_LOG("fault %u: %d", nth, ret);			\
			failed += !!ret;						\
			if (!ret)							\
				undo;							\
		}									\
		EXPECT_LT(0, failed);							\
	} while (0)

TEST_F_TIMEOUT(fault, open_and_close, 120)
{
	char path[64];
	int fd = -1;

	snprintf(path, sizeof(path), "/dev/accel/accel%d", self->minor);
	SWEEP((fd = open(path, O_RDWR)) < 0 ? -errno : 0, close(fd));
}

TEST_F_TIMEOUT(fault, query, 120)
{
	struct drm_ascdev_dev_info info;
	struct drm_ascdev_dev_query args;

	SWEEP((args = (struct drm_ascdev_dev_query){ .size = sizeof(info),
						     .pointer = (uintptr_t)&info },
	       do_ioctl(self->fd, DRM_IOCTL_ASCDEV_DEV_QUERY, &args)), (void)0);
}

TEST_F_TIMEOUT(fault, create_map_and_use, 120)
{
	struct drm_ascdev_bo_create create;
	struct drm_gem_close close_args = { 0 };
	struct drm_ascdev_job job = self->small.job;

	SWEEP((create = (struct drm_ascdev_bo_create){ .size = 8192 },
	       do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_CREATE, &create)),
	      (close_args.handle = create.handle,
	       do_ioctl(self->fd, DRM_IOCTL_GEM_CLOSE, &close_args)));

	/* the first job that uses an object maps it */
	create = (struct drm_ascdev_bo_create){ .size = SMALL_PAYLOAD };
	ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_CREATE, &create));
	job.dst.handle = create.handle;
	SWEEP(submit_jobs(self->fd, &job, 1), wait_bo(self->fd, create.handle, 20000));
}

/* A fourth object, the order, and a codec with an index */
TEST_F_TIMEOUT(fault, submit_with_an_order, 120)
{
	struct drm_ascdev_job job = self->small.job;
	uint32_t dst = create_bo(self->fd, 2 * SMALL_BYTES), order = create_bo(self->fd, 4096);
	uint16_t *channels = map_bo(self->fd, order, 4096);
	int i;

	ASSERT_NE(0, dst);
	ASSERT_NE(MAP_FAILED, channels);
	for (i = 0; i < 64; i++)
		channels[i] = 63 - i;
	memset(&job.params, 0, sizeof(job.params));
	job.params.codec = DRM_ASCDEV_CODEC_DCAC;
	job.params.reorder = DRM_ASCDEV_REORDER_GIVEN;
	job.dst = (struct drm_ascdev_range){ dst, 0, 0, 2 * SMALL_BYTES };
	job.order = (struct drm_ascdev_range){ order, 0, 0, 128 };
	SWEEP(submit_jobs(self->fd, &job, 1), wait_bo(self->fd, dst, 20000));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, self->small.record->status);
	EXPECT_EQ(DRM_ASCDEV_CODEC_DCAC, self->small.record->codec);
}

TEST_F_TIMEOUT(fault, submit, 300)
{
	struct drm_ascdev_job jobs[3] = { self->small.job, self->small.job, self->small.job };
	uint32_t binary = create_syncobj(self->fd), timeline = create_syncobj(self->fd);
	long long submitted = read_stat(self->minor, "jobs_submitted");
	struct drm_ascdev_sync syncs[3] = {
		{ DRM_ASCDEV_SYNC_SIGNAL, binary, 0 },
		{ DRM_ASCDEV_SYNC_SIGNAL | DRM_ASCDEV_SYNC_TIMELINE, timeline, 1 },
		{ 0, binary, 0 },
	};
	int accepted = 0;

	/* a fence to wait for */
	set_syncs(&jobs[0], syncs, 1);
	ASSERT_EQ(0, submit_jobs(self->fd, jobs, 1));
	set_syncs(&jobs[1], &syncs[1], 1);
	set_syncs(&jobs[2], &syncs[2], 1);
	SWEEP(submit_jobs(self->fd, jobs, 3), (accepted++, syncs[1].timeline_value++,
	      wait_bo(self->fd, self->small.dst, 20000)));
	ASSERT_TRUE(stats_balance(self->minor));
	/* all jobs of a call or none */
	EXPECT_EQ(submitted + 1 + 3 * accepted, read_stat(self->minor, "jobs_submitted"));
}

TEST_F_TIMEOUT(fault, import_and_name, 120)
{
	struct drm_prime_handle prime = { .fd = make_vgem_buffer(8192) };
	struct drm_ascdev_bo_set_label label = { .handle = self->small.src,
						 .label = (uintptr_t)"a name" };
	struct drm_gem_close close_args = { 0 };

	if (prime.fd < 0)
		SKIP(return, "no vgem");
	SWEEP(do_ioctl(self->fd, DRM_IOCTL_PRIME_FD_TO_HANDLE, &prime),
	      (close_args.handle = prime.handle,
	       do_ioctl(self->fd, DRM_IOCTL_GEM_CLOSE, &close_args)));
	close(prime.fd);
	SWEEP(do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_SET_LABEL, &label), (void)0);
}

TEST_F_TIMEOUT(fault, wait, 120)
{
	SWEEP(wait_bo(self->fd, self->small.dst, 1000), (void)0);
}

TEST_HARNESS_MAIN
