// SPDX-License-Identifier: MIT
/*
 * What any opener of the node may try.  The kernel must survive all of it; its
 * log is looked at by whoever runs this.
 */

#include <pthread.h>

#include "ascdev_test.h"

FIXTURE(security)
{
	int fd;
	int minor;
};

FIXTURE_SETUP(security)
{
	self->fd = open_node(&self->minor);
	if (self->fd < 0)
		SKIP(return, "no device");
}

FIXTURE_TEARDOWN(security)
{
	close(self->fd);
}

static bool still_works(int fd)
{
	struct small_job small;

	return make_small_job(fd, &small) && !submit_jobs(fd, &small.job, 1) &&
	       !wait_bo(fd, small.result, 20000) &&
	       small.record->status == DRM_ASCDEV_STATUS_DONE;
}

/*
 * The DRM core lets these through to code that needs a master, which an accel
 * client has not got.
 */
TEST_F(security, get_unique_and_get_magic)
{
	struct drm_unique unique = { 0 };
	struct drm_auth auth = { 0 };
	int other;

	EXPECT_EQ(-EACCES, do_ioctl(self->fd, DRM_IOCTL_GET_UNIQUE, &unique));
	EXPECT_EQ(-EACCES, do_ioctl(self->fd, DRM_IOCTL_GET_MAGIC, &auth));
	other = open_node(NULL);
	ASSERT_LE(0, other);
	close(other);
	EXPECT_TRUE(still_works(self->fd));
}

/* What an accel node has of the core: that of render nodes. */
static bool is_for_clients(unsigned int nr)
{
	switch (nr) {
	case _IOC_NR(DRM_IOCTL_VERSION):
	case _IOC_NR(DRM_IOCTL_GEM_CLOSE):
	case _IOC_NR(DRM_IOCTL_GET_CAP):
	case _IOC_NR(DRM_IOCTL_PRIME_HANDLE_TO_FD):
	case _IOC_NR(DRM_IOCTL_PRIME_FD_TO_HANDLE):
	case _IOC_NR(DRM_IOCTL_SYNCOBJ_CREATE) ... _IOC_NR(DRM_IOCTL_SYNCOBJ_SIGNAL):
	case _IOC_NR(DRM_IOCTL_SYNCOBJ_TIMELINE_WAIT):
	case _IOC_NR(DRM_IOCTL_SYNCOBJ_QUERY):
	case _IOC_NR(DRM_IOCTL_SYNCOBJ_TRANSFER):
	case _IOC_NR(DRM_IOCTL_SYNCOBJ_TIMELINE_SIGNAL):
	case 0xcf:	/* SYNCOBJ_EVENTFD */
	case 0xd1:	/* SET_CLIENT_NAME, since 6.14 */
	case 0xd2:	/* GEM_CHANGE_HANDLE, since 6.18 */
		return true;
	default:
		return false;
	}
}

#define LARGEST	_IOC_SIZEMASK

/*
 * Calls one number with arguments of every kind, sizes that are not its own, and each
 * direction.  Returns how many calls worked, or -1 for an error that none may have.
 *
 * The sizes do not cut a count of handles off from the flags behind it: the core allocates
 * what it is told before it looks, and warns.
 */
static int call_in_every_way(int fd, unsigned int nr)
{
	static const int sizes[] = { 0, 1, 4, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 104, 128,
				     256, 1024, LARGEST };
	static uint8_t argument[LARGEST + 1] __attribute__((aligned(8)));
	static uint64_t random = 88172645463325252ull;
	unsigned int direction, size, kind, i;
	int worked = 0;

	for (size = 0; size < ARRAY_SIZE(sizes); size++) {
		for (direction = 0; direction < 4; direction++) {
			for (kind = 0; kind < 6; kind++) {
				unsigned long request = _IOC(direction, 'd', nr, sizes[size]);
				void *pointer = argument;

				/* all of it only where much of it is read */
				memset(argument, kind == 1 ? 0xff : kind == 2 ? 1 : 0,
				       sizes[size] > 256 ? sizeof(argument) : 512);
				for (i = 0; kind == 3 && i < 32; i++) {
					random ^= random << 13;
					random ^= random >> 7;
					random ^= random << 17;
					memcpy(argument + 8 * i, &random, 8);
				}
				if (kind == 4)
					pointer = NULL;
				else if (kind == 5)
					pointer = (void *)0xffff888000000000ul;
				if (!ioctl(fd, request, pointer))
					worked++;
				else if (errno == EAGAIN || errno == EIO || errno == ENOMEM)
					return -1;
			}
		}
	}
	return worked;
}

TEST_F(security, every_core_ioctl)
{
	int nr, allowed = 0;

	for (nr = 0; nr < 256; nr++) {
		int worked;

		if (nr >= DRM_COMMAND_BASE && nr < DRM_COMMAND_END)
			continue;
		worked = call_in_every_way(self->fd, nr);
		EXPECT_LE(0, worked) TH_LOG("ioctl %#x: errno %d", nr, errno);
		EXPECT_TRUE(!worked || is_for_clients(nr)) TH_LOG("ioctl %#x", nr);
		allowed += worked > 0;
	}
	EXPECT_LT(3, allowed);
	EXPECT_TRUE(still_works(self->fd));
}

TEST_F(security, every_driver_ioctl_number)
{
	int nr;

	for (nr = DRM_COMMAND_BASE; nr < DRM_COMMAND_END; nr++) {
		int worked = call_in_every_way(self->fd, nr);

		EXPECT_LE(0, worked) TH_LOG("ioctl %#x: errno %d", nr, errno);
		if (nr - DRM_COMMAND_BASE > DRM_ASCDEV_CANCEL)
			EXPECT_EQ(0, worked) TH_LOG("ioctl %#x", nr);
	}
	EXPECT_TRUE(still_works(self->fd));
}

/* Another letter than DRM's, and everything else that a file can be asked for. */
TEST_F(security, not_an_ioctl_of_drm)
{
	uint64_t argument[32] = { 0 }, offset;
	int type;

	for (type = 0; type < 256; type++) {
		/* the kernel's own, such as FIOCLEX */
		if (type == 'd' || type == 'T' || type == 'f' || type == 'X' || type == 0x12 ||
		    type == 0 || type == 'r')
			continue;
		EXPECT_EQ(-1, ioctl(self->fd, _IOC(_IOC_READ | _IOC_WRITE, type, 0x40, 64),
				    argument));
		EXPECT_EQ(ENOTTY, errno);
	}
	for (offset = 0; offset < 1ull << 60; offset = offset * 2 + 4096)
		EXPECT_EQ(MAP_FAILED, mmap(NULL, 4096, PROT_READ, MAP_SHARED, self->fd, offset));
	EXPECT_EQ(-1, write(self->fd, argument, sizeof(argument)));
	EXPECT_EQ(-1, ftruncate(self->fd, 0));
	EXPECT_TRUE(still_works(self->fd));
}

#define RANDOM_JOBS	5000

TEST_F(security, random_submissions)
{
	struct drm_ascdev_job job;
	struct small_job small;
	uint64_t random = 88172645463325252ull;
	int i, k, accepted = 0;

	ASSERT_TRUE(make_small_job(self->fd, &small));
	for (i = 0; i < RANDOM_JOBS; i++) {
		uint32_t *words = (uint32_t *)&job;

		job = small.job;
		for (k = 0; k < 2; k++) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			/* a word gets another value: small, huge or any */
			words[random % (sizeof(job) / 4)] =
				random >> 62 == 0 ? (uint32_t)(random >> 32) % 70 :
				random >> 62 == 1 ? ~0u - (uint32_t)(random >> 32) % 9 :
				random >> 62 == 2 ? 1u << (random >> 32 & 31) :
						    (uint32_t)(random >> 24);
		}
		if (!submit_jobs(self->fd, &job, 1))
			accepted++;
	}
	EXPECT_LT(0, accepted);
	EXPECT_LT(accepted, RANDOM_JOBS);
	EXPECT_EQ(0, wait_bo(self->fd, small.src, 60000));
	EXPECT_EQ(0, wait_bo(self->fd, small.dst, 60000));
	EXPECT_TRUE(still_works(self->fd));
}

static volatile bool stop_scribbling;

static void *scribble(void *memory)
{
	volatile uint8_t *bytes = memory;
	uint32_t random = 1;

	while (!stop_scribbling) {
		random = random * 1664525 + 1013904223;
		bytes[random % SMALL_PAYLOAD] = random >> 24;
	}
	return NULL;
}

/* A payload, and a surface, that another thread writes while the engine reads. */
TEST_F(security, changing_input)
{
	struct drm_ascdev_job back;
	struct small_job small;
	pthread_t thread;
	uint32_t values;
	int i;

	ASSERT_TRUE(make_small_job(self->fd, &small));
	values = create_bo(self->fd, SMALL_BYTES);
	back = small.job;
	back.op = DRM_ASCDEV_OP_DECOMPRESS;
	back.src = small.job.dst;
	back.dst = (struct drm_ascdev_range){ values, 0, 0, SMALL_BYTES };
	stop_scribbling = false;
	ASSERT_EQ(0, pthread_create(&thread, NULL, scribble, small.payload));
	for (i = 0; i < 50; i++) {
		ASSERT_EQ(0, submit_jobs(self->fd, &back, 1));
		ASSERT_EQ(0, wait_bo(self->fd, values, 20000));
		ASSERT_EQ(DRM_ASCDEV_STATUS_DONE, small.record->status);
	}
	stop_scribbling = true;
	pthread_join(thread, NULL);

	stop_scribbling = false;
	small.job.params.endpoints = DRM_ASCDEV_ENDPOINTS_AUTO;
	ASSERT_EQ(0, pthread_create(&thread, NULL, scribble, small.surface));
	for (i = 0; i < 50; i++) {
		ASSERT_EQ(0, submit_jobs(self->fd, &small.job, 1));
		ASSERT_EQ(0, wait_bo(self->fd, small.dst, 20000));
		ASSERT_EQ(DRM_ASCDEV_STATUS_DONE, small.record->status);
	}
	stop_scribbling = true;
	pthread_join(thread, NULL);
	EXPECT_TRUE(still_works(self->fd));
}

/* Objects closed while jobs use them. */
TEST_F(security, objects_closed_in_flight)
{
	int i;

	for (i = 0; i < 20; i++) {
		struct drm_gem_close args = { 0 };
		struct drm_ascdev_job jobs[8];
		struct small_job small;
		int k;

		ASSERT_TRUE(make_small_job(self->fd, &small));
		for (k = 0; k < 8; k++)
			jobs[k] = small.job;
		ASSERT_EQ(0, submit_jobs(self->fd, jobs, 8));
		args.handle = small.src;
		ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_GEM_CLOSE, &args));
		args.handle = small.dst;
		ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_GEM_CLOSE, &args));
		args.handle = small.result;
		ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_GEM_CLOSE, &args));
		munmap(small.surface, SMALL_BYTES);
		munmap(small.payload, SMALL_PAYLOAD);
		munmap(small.record, 4096);
	}
	EXPECT_TRUE(still_works(self->fd));
	EXPECT_TRUE(stats_balance(self->minor));
}

TEST_HARNESS_MAIN
