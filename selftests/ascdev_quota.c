// SPDX-License-Identifier: MIT
/*
 * What one client may have: places in the queue, and pinned memory.
 */

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#include "ascdev_test.h"

#define PERCENT_FILE	"/sys/module/ascdev/parameters/pinned_percent"

static bool write_limit(int minor, unsigned long long bytes)
{
	char path[128];

	snprintf(path, sizeof(path), SYSFS_DEVICE "/max_pinned_bytes", minor);
	return write_number(path, "", bytes);
}

static int query_info(int fd, struct drm_ascdev_dev_info *info)
{
	struct drm_ascdev_dev_query query = {
		.type = DRM_ASCDEV_DEV_QUERY_DEV_INFO,
		.size = sizeof(*info),
		.pointer = (uintptr_t)info,
	};

	return do_ioctl(fd, DRM_IOCTL_ASCDEV_DEV_QUERY, &query);
}

/* KiB that a client's jobs have pinned, as fdinfo tells; -1 if it does not. */
static long long pinned_kib(int fd)
{
	long long kib = -1;
	char line[128];
	FILE *file;

	snprintf(line, sizeof(line), "/proc/self/fdinfo/%d", fd);
	file = fopen(line, "r");
	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "ascdev-pinned: %lld KiB", &kib) == 1)
			break;
	}
	fclose(file);
	return kib;
}

/* A job lets go of what it used a little after its fence has signalled. */
static long long await_pinned_kib(int fd, long long kib)
{
	int tries;

	for (tries = 0; tries < 500 && pinned_kib(fd) != kib; tries++)
		usleep(20000);
	return pinned_kib(fd);
}

static void close_handle(int fd, uint32_t handle)
{
	struct drm_gem_close args = { .handle = handle };

	do_ioctl(fd, DRM_IOCTL_GEM_CLOSE, &args);
}

static int submit_and_wait(int fd, struct drm_ascdev_job *job)
{
	int ret = submit_jobs(fd, job, 1);

	return ret ? ret : wait_bo(fd, job->dst.handle, 20000);
}

FIXTURE(pinned)
{
	int fd;
	int other;
	int minor;
	unsigned long long limit;
	struct small_job small;
};

#define SMALL_KIB	((SMALL_BYTES + SMALL_PAYLOAD + 4096) / 1024)

FIXTURE_SETUP(pinned)
{
	struct drm_ascdev_dev_info info;

	self->fd = open_node(&self->minor);
	if (self->fd < 0)
		SKIP(return, "no device");
	if (geteuid())
		SKIP(return, "needs root");
	self->other = open_node(NULL);
	ASSERT_LE(0, self->other);
	ASSERT_EQ(0, query_info(self->fd, &info));
	self->limit = info.max_pinned_bytes;
	ASSERT_LT(0, self->limit);
	ASSERT_TRUE(make_small_job(self->fd, &self->small));
}

/* By the parent, which outlives an assertion that fails. */
FIXTURE_TEARDOWN_PARENT(pinned)
{
	if (self->limit) {
		EXPECT_TRUE(write_limit(self->minor, self->limit));
		EXPECT_TRUE(write_number(PERCENT_FILE, "", 50));
	}
}

TEST_F(pinned, is_what_jobs_have_used)
{
	EXPECT_EQ(0, pinned_kib(self->fd));
	ASSERT_EQ(0, submit_and_wait(self->fd, &self->small.job));
	EXPECT_EQ(SMALL_KIB, pinned_kib(self->fd));
	/* once, however often; and it stays so */
	ASSERT_EQ(0, submit_and_wait(self->fd, &self->small.job));
	EXPECT_EQ(SMALL_KIB, pinned_kib(self->fd));
	EXPECT_EQ(0, pinned_kib(self->other));
	close_handle(self->fd, self->small.src);
	EXPECT_EQ(SMALL_KIB - SMALL_BYTES / 1024,
		  await_pinned_kib(self->fd, SMALL_KIB - SMALL_BYTES / 1024));
	close_handle(self->fd, self->small.dst);
	close_handle(self->fd, self->small.result);
	EXPECT_EQ(0, await_pinned_kib(self->fd, 0));
}

TEST_F(pinned, limit)
{
	struct drm_ascdev_job job = self->small.job;
	struct drm_ascdev_dev_info info;
	struct small_job theirs;

	ASSERT_TRUE(write_limit(self->minor, SMALL_KIB * 1024 - 1));
	ASSERT_EQ(0, query_info(self->fd, &info));
	EXPECT_EQ(SMALL_KIB * 1024 - 1, info.max_pinned_bytes);
	EXPECT_EQ(-EDQUOT, submit_jobs(self->fd, &self->small.job, 1));
	EXPECT_EQ(DRM_ASCDEV_STATUS_NONE, self->small.record->status);
	ASSERT_TRUE(write_limit(self->minor, SMALL_KIB * 1024));
	EXPECT_EQ(0, submit_and_wait(self->fd, &self->small.job));

	/* reached: no further object, but those that it has */
	job.src.handle = create_bo(self->fd, SMALL_BYTES);
	EXPECT_EQ(-EDQUOT, submit_jobs(self->fd, &job, 1));
	EXPECT_EQ(0, submit_and_wait(self->fd, &self->small.job));

	/* another client has its own */
	ASSERT_TRUE(make_small_job(self->other, &theirs));
	EXPECT_EQ(0, submit_and_wait(self->other, &theirs.job));

	/* lowered: what is pinned stays */
	ASSERT_TRUE(write_limit(self->minor, 0));
	EXPECT_EQ(0, submit_and_wait(self->fd, &self->small.job));
	EXPECT_EQ(SMALL_KIB, pinned_kib(self->fd));
	EXPECT_EQ(-EDQUOT, submit_jobs(self->fd, &job, 1));

	/* raised, or freed */
	ASSERT_TRUE(write_limit(self->minor, SMALL_KIB * 1024 + SMALL_BYTES));
	EXPECT_EQ(0, submit_and_wait(self->fd, &job));
	ASSERT_TRUE(write_limit(self->minor, SMALL_KIB * 1024));
	close_handle(self->fd, self->small.src);
	EXPECT_EQ(SMALL_KIB, await_pinned_kib(self->fd, SMALL_KIB));
	job.dst.handle = create_bo(self->fd, SMALL_PAYLOAD);
	close_handle(self->fd, self->small.dst);
	EXPECT_EQ(SMALL_KIB - SMALL_PAYLOAD / 1024,
		  await_pinned_kib(self->fd, SMALL_KIB - SMALL_PAYLOAD / 1024));
	EXPECT_EQ(0, submit_and_wait(self->fd, &job));
	close(self->other);
}

/* Many clients get no more than the machine can spare. */
TEST_F(pinned, limit_of_all)
{
	struct small_job theirs;

	ASSERT_EQ(0, submit_and_wait(self->fd, &self->small.job));
	ASSERT_TRUE(write_number(PERCENT_FILE, "", 0));
	EXPECT_FALSE(write_number(PERCENT_FILE, "", 101));
	EXPECT_FALSE(write_number(PERCENT_FILE, "", -1));
	ASSERT_TRUE(make_small_job(self->other, &theirs));
	EXPECT_EQ(-ENOMEM, submit_jobs(self->other, &theirs.job, 1));
	EXPECT_EQ(0, pinned_kib(self->other));
	/* nothing is pinned by a further use */
	EXPECT_EQ(0, submit_and_wait(self->fd, &self->small.job));
	ASSERT_TRUE(write_number(PERCENT_FILE, "", 50));
	EXPECT_EQ(0, submit_and_wait(self->other, &theirs.job));
	EXPECT_EQ(SMALL_KIB, pinned_kib(self->other));
}

/* Jobs that are queued keep counting when their handles are closed. */
TEST_F(pinned, closed_handles_hide_nothing)
{
	struct drm_ascdev_sync sync = { 0 };
	struct foreign_fence fence;
	int i;

	if (!make_foreign_fence(&fence))
		SKIP(return, "no vgem");
	sync.handle = create_syncobj(self->fd);
	ASSERT_EQ(0, import_sync_file(self->fd, sync.handle, fence.sync_file));
	set_syncs(&self->small.job, &sync, 1);
	ASSERT_TRUE(write_limit(self->minor, 4 * SMALL_BYTES));
	for (i = 0; i < 3; i++) {
		self->small.job.src.handle = create_bo(self->fd, SMALL_BYTES);
		ASSERT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));
		close_handle(self->fd, self->small.job.src.handle);
	}
	self->small.job.src.handle = create_bo(self->fd, SMALL_BYTES);
	EXPECT_EQ(-EDQUOT, submit_jobs(self->fd, &self->small.job, 1));
	EXPECT_EQ(3 * SMALL_BYTES / 1024 + (SMALL_PAYLOAD + 4096) / 1024, pinned_kib(self->fd));
	ASSERT_EQ(0, signal_foreign_fence(&fence));
	EXPECT_EQ((SMALL_PAYLOAD + 4096) / 1024,
		  await_pinned_kib(self->fd, (SMALL_PAYLOAD + 4096) / 1024));
	EXPECT_EQ(0, submit_and_wait(self->fd, &self->small.job));
}

/* Each file pays for what it uses, of whomever it has it. */
TEST_F(pinned, sharing_hides_nothing)
{
	int dmabuf = export_dmabuf(self->fd, self->small.src);
	struct small_job theirs;
	uint32_t handle;

	ASSERT_LE(0, dmabuf);
	ASSERT_EQ(0, submit_and_wait(self->fd, &self->small.job));
	ASSERT_TRUE(make_small_job(self->other, &theirs));
	handle = import_dmabuf(self->other, dmabuf);
	ASSERT_NE(0, handle);
	close(dmabuf);
	EXPECT_EQ(0, pinned_kib(self->other));
	ASSERT_TRUE(write_limit(self->minor, SMALL_KIB * 1024 - 1));
	theirs.job.src.handle = handle;
	EXPECT_EQ(-EDQUOT, submit_jobs(self->other, &theirs.job, 1));

	/* whoever made it, and paid for it, may go */
	munmap(self->small.surface, SMALL_BYTES);
	munmap(self->small.payload, SMALL_PAYLOAD);
	munmap(self->small.record, 4096);
	close(self->fd);
	EXPECT_EQ(-EDQUOT, submit_jobs(self->other, &theirs.job, 1));
	ASSERT_TRUE(write_limit(self->minor, SMALL_KIB * 1024));
	EXPECT_EQ(0, submit_and_wait(self->other, &theirs.job));
	EXPECT_EQ(SMALL_KIB, pinned_kib(self->other));
	close_handle(self->other, handle);
	EXPECT_EQ(SMALL_KIB - SMALL_BYTES / 1024,
		  await_pinned_kib(self->other, SMALL_KIB - SMALL_BYTES / 1024));
}

/* What was in it is still there when it is pinned again. */
TEST_F(pinned, memory_survives)
{
	int dmabuf = export_dmabuf(self->fd, self->small.dst), i;
	uint8_t expected[SMALL_PAYLOAD];

	ASSERT_LE(0, dmabuf);
	ASSERT_EQ(0, submit_and_wait(self->fd, &self->small.job));
	memcpy(expected, self->small.payload, SMALL_PAYLOAD);
	munmap(self->small.payload, SMALL_PAYLOAD);
	for (i = 0; i < 3; i++) {
		close_handle(self->fd, self->small.job.dst.handle);
		self->small.job.dst.handle = import_dmabuf(self->fd, dmabuf);
		ASSERT_NE(0, self->small.job.dst.handle);
		self->small.payload = map_bo(self->fd, self->small.job.dst.handle, SMALL_PAYLOAD);
		ASSERT_NE(MAP_FAILED, self->small.payload);
		EXPECT_EQ(0, memcmp(expected, self->small.payload, SMALL_PAYLOAD));
		munmap(self->small.payload, SMALL_PAYLOAD);
		ASSERT_EQ(0, submit_and_wait(self->fd, &self->small.job));
	}
	close(dmabuf);
}

/* Handles that come and go under jobs: nothing is counted twice, nothing is forgotten. */
TEST_F(pinned, balances)
{
	int i;

	for (i = 0; i < 200; i++) {
		struct drm_ascdev_job job = self->small.job;

		job.dst.handle = create_bo(self->fd, SMALL_PAYLOAD);
		ASSERT_EQ(0, submit_jobs(self->fd, &job, 1));
		if (i % 3 == 0) {
			int dmabuf = export_dmabuf(self->fd, job.dst.handle);

			ASSERT_LE(0, dmabuf);
			close_handle(self->fd, job.dst.handle);
			job.dst.handle = import_dmabuf(self->fd, dmabuf);
			ASSERT_NE(0, job.dst.handle);
			ASSERT_EQ(0, submit_jobs(self->fd, &job, 1));
			close(dmabuf);
		}
		close_handle(self->fd, job.dst.handle);
	}
	ASSERT_EQ(0, wait_bo(self->fd, self->small.src, 20000));
	EXPECT_EQ((SMALL_BYTES + 4096) / 1024,
		  await_pinned_kib(self->fd, (SMALL_BYTES + 4096) / 1024));
}

FIXTURE(queue)
{
	int fd;
	int minor;
	struct small_job small;
	struct foreign_fence fence;
	struct drm_ascdev_sync sync;
	long long submitted;
	uint32_t queued;
};

/* A queue without a place, which gets many at once when the fence is signalled. */
FIXTURE_SETUP(queue)
{
	struct drm_ascdev_dev_info info;
	struct drm_ascdev_job jobs[256];
	uint32_t i;

	self->fd = open_node(&self->minor);
	if (self->fd < 0)
		SKIP(return, "no device");
	if (!make_foreign_fence(&self->fence))
		SKIP(return, "no vgem");
	ASSERT_EQ(0, query_info(self->fd, &info));
	self->queued = info.max_queued_jobs;
	ASSERT_EQ(0, self->queued % 256);
	ASSERT_TRUE(make_small_job(self->fd, &self->small));
	self->sync.handle = create_syncobj(self->fd);
	ASSERT_EQ(0, import_sync_file(self->fd, self->sync.handle, self->fence.sync_file));
	self->small.job.surface.dim[1] = 1;
	for (i = 0; i < 256; i++)
		jobs[i] = self->small.job;
	set_syncs(&jobs[0], &self->sync, 1);
	for (i = 0; i < self->queued; i += 256)
		ASSERT_EQ(0, submit_jobs(self->fd, jobs, 256));
	self->submitted = read_stat(self->minor, "jobs_submitted");
}

FIXTURE_TEARDOWN(queue)
{
	close(self->fd);
}

static int submit_waiting(int fd, struct drm_ascdev_job *jobs, uint32_t count)
{
	struct drm_ascdev_submit args = {
		.flags = DRM_ASCDEV_SUBMIT_WAIT,
		.jobs = { .stride = sizeof(*jobs), .count = count, .array = (uintptr_t)jobs },
	};

	return ioctl(fd, DRM_IOCTL_ASCDEV_SUBMIT, &args) ? -errno : 0;
}

/**
 * struct submitter - a thread that submits to a full queue
 * @thread: the thread
 * @fd: node
 * @job: the job
 * @count: how many of it
 * @returned: SUBMIT has returned
 * @ret: what it returned
 */
struct submitter {
	pthread_t thread;
	int fd;
	const struct drm_ascdev_job *job;
	uint32_t count;
	volatile bool returned;
	int ret;
};

static void *submit_them(void *data)
{
	struct submitter *submitter = data;
	struct drm_ascdev_job jobs[256];
	uint32_t i;

	for (i = 0; i < submitter->count; i++)
		jobs[i] = *submitter->job;
	submitter->ret = submit_waiting(submitter->fd, jobs, submitter->count);
	submitter->returned = true;
	return NULL;
}

static bool start_submit(struct submitter *submitter, int fd, const struct drm_ascdev_job *job,
			 uint32_t count)
{
	submitter->fd = fd;
	submitter->job = job;
	submitter->count = count;
	submitter->returned = false;
	return !pthread_create(&submitter->thread, NULL, submit_them, submitter);
}

static int end_submit(struct submitter *submitter)
{
	pthread_join(submitter->thread, NULL);
	return submitter->ret;
}

TEST_F(queue, full)
{
	struct small_job theirs;
	int other = open_node(NULL);

	EXPECT_EQ(-EBUSY, submit_jobs(self->fd, &self->small.job, 1));
	EXPECT_EQ(self->submitted, read_stat(self->minor, "jobs_submitted"));
	/* others have room, and are not held up */
	ASSERT_LE(0, other);
	ASSERT_TRUE(make_small_job(other, &theirs));
	ASSERT_EQ(0, submit_waiting(other, &theirs.job, 1));
	EXPECT_EQ(0, wait_bo(other, theirs.dst, 20000));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, theirs.record->status);
	close(other);
	ASSERT_EQ(0, signal_foreign_fence(&self->fence));
	EXPECT_TRUE(stats_balance(self->minor));
}

TEST_F(queue, waits_for_room)
{
	struct submitter submitter[4];
	int i;

	/* the largest SUBMIT needs many places at once */
	for (i = 0; i < 4; i++)
		ASSERT_TRUE(start_submit(&submitter[i], self->fd, &self->small.job,
					 i % 2 ? 1 : 256));
	usleep(300000);
	for (i = 0; i < 4; i++)
		EXPECT_FALSE(submitter[i].returned);
	EXPECT_EQ(self->submitted, read_stat(self->minor, "jobs_submitted"));
	ASSERT_EQ(0, signal_foreign_fence(&self->fence));
	for (i = 0; i < 4; i++)
		EXPECT_EQ(0, end_submit(&submitter[i]));
	EXPECT_EQ(self->submitted + 2 * 257, read_stat(self->minor, "jobs_submitted"));
	EXPECT_EQ(0, wait_bo(self->fd, self->small.dst, 60000));
	EXPECT_TRUE(stats_balance(self->minor));
}

/* Waiting is for room, not for mistakes. */
TEST_F(queue, mistakes_do_not_wait)
{
	struct drm_ascdev_submit args = {
		.flags = DRM_ASCDEV_SUBMIT_WAIT,
		.jobs = { .stride = sizeof(self->small.job), .count = 257,
			  .array = (uintptr_t)&self->small.job },
	};

	EXPECT_EQ(-E2BIG, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_SUBMIT, &args));
	args.jobs.count = 0;
	EXPECT_EQ(-EINVAL, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_SUBMIT, &args));
	args.jobs.count = 1;
	args.ctx = 4711;
	EXPECT_EQ(-ENOENT, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_SUBMIT, &args));
	ASSERT_EQ(0, signal_foreign_fence(&self->fence));
}

static void on_signal(int signal)
{
	(void)signal;
}

TEST_F(queue, interrupted)
{
	struct sigaction action = { .sa_handler = on_signal };
	pid_t child;

	sigaction(SIGUSR1, &action, NULL);
	child = keep_signalling(SIGUSR1);
	ASSERT_LE(0, child);
	EXPECT_EQ(-EINTR, submit_waiting(self->fd, &self->small.job, 1));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	EXPECT_EQ(self->submitted, read_stat(self->minor, "jobs_submitted"));
	EXPECT_EQ(-EBUSY, submit_jobs(self->fd, &self->small.job, 1));
	ASSERT_EQ(0, signal_foreign_fence(&self->fence));
	EXPECT_TRUE(stats_balance(self->minor));
	EXPECT_EQ(0, submit_waiting(self->fd, &self->small.job, 1));
}

/* A process that waits can be killed, and leaves no place taken. */
TEST_F(queue, killed)
{
	struct drm_ascdev_job jobs[256];
	pid_t pid = fork();
	uint32_t i;
	int status;

	ASSERT_LE(0, pid);
	if (!pid)
		_exit(-submit_waiting(self->fd, &self->small.job, 1));
	usleep(300000);
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(self->submitted, read_stat(self->minor, "jobs_submitted"));
	ASSERT_EQ(0, signal_foreign_fence(&self->fence));
	EXPECT_TRUE(stats_balance(self->minor));
	/* the whole quota is there again */
	for (i = 0; i < 256; i++)
		jobs[i] = self->small.job;
	for (i = 0; i < self->queued; i += 256)
		ASSERT_EQ(0, submit_waiting(self->fd, jobs, 256));
	EXPECT_EQ(0, wait_bo(self->fd, self->small.dst, 120000));
}

/* The jobs ahead wait for somebody else's fence, so nothing but the unplug ends the wait. */
TEST_F(queue, unplugged)
{
	struct submitter submitter;

	if (geteuid())
		SKIP(return, "needs root");
	ASSERT_TRUE(start_submit(&submitter, self->fd, &self->small.job, 1));
	usleep(300000);
	EXPECT_FALSE(submitter.returned);
	ASSERT_EQ(0, write_device("unbind"));
	EXPECT_EQ(-ENODEV, end_submit(&submitter));
	EXPECT_EQ(-ENODEV, submit_waiting(self->fd, &self->small.job, 1));
	ASSERT_EQ(0, signal_foreign_fence(&self->fence));
	ASSERT_TRUE(rebind());
}

TEST_HARNESS_MAIN
