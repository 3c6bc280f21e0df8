// SPDX-License-Identifier: MIT
/*
 * The device goes away while it is used in every way, and comes back.  Needs root.
 *
 * ASCDEV_UNPLUG_SECONDS is for how long devices come and go at random, instead of a fixed
 * number of times; ASCDEV_SEED is where the random numbers begin.
 */

#include <poll.h>
#include <pthread.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "ascdev_test.h"

FIXTURE(unplug)
{
	int fd;
	int minor;
};

FIXTURE_SETUP(unplug)
{
	self->fd = open_node(&self->minor);
	if (self->fd < 0)
		SKIP(return, "no device");
	if (geteuid())
		SKIP(return, "needs root");
}

FIXTURE_TEARDOWN(unplug)
{
	if (self->fd >= 0)
		close(self->fd);
	/* a test that failed may have left it unbound */
	write_device("bind");
}

/* 1, or the error of a sync_file's fence once it has signalled; 0 if it does not. */
static int wait_sync_file(int file)
{
	struct sync_file_info info = { .num_fences = 0 };
	struct pollfd poll_file = { .fd = file, .events = POLLIN };
	int ret;

	do {
		ret = poll(&poll_file, 1, 60000);
	} while (ret < 0 && errno == EINTR);
	if (ret != 1)
		return 0;
	ret = do_ioctl(file, SYNC_IOC_FILE_INFO, &info);
	return ret ? ret : info.status;
}

/* How many hold the module; -1 where it is no module, -2 where that is not to be known. */
static int module_users(void)
{
	char line[32];

	if (access("/sys/module/ascdev/initstate", F_OK))
		return -1;
	read_line("/sys/module/ascdev/", "refcnt", line, sizeof(line));
	return line[0] ? atoi(line) : -2;
}

/* rmmod would work. */
static bool module_becomes_free(void)
{
	int i;

	for (i = 0; i < 1000; i++) {
		if (module_users() <= 0)
			return true;
		usleep(20000);
	}
	return false;
}

static bool rmmod_is_refused(void)
{
	/* or else it would really go */
	return module_users() && syscall(SYS_delete_module, "ascdev", O_NONBLOCK) == -1 &&
	       (errno == EWOULDBLOCK || errno == EBUSY || errno == ENOENT);
}

static void unmap_small_job(struct small_job *small)
{
	munmap(small->surface, SMALL_BYTES);
	munmap(small->payload, SMALL_PAYLOAD);
	munmap(small->record, 4096);
}

/* Of whatever node there is at the moment. */
#define PLATFORM_DEVICE	"/sys/bus/platform/devices/" FIRST_DEVICE "/"

static bool set_attribute(const char *name, int number)
{
	return write_number(PLATFORM_DEVICE, name, number);
}

static bool inject(const char *what, int number)
{
	char dir[160];

	return find_injection(dir, sizeof(dir)) && write_number(dir, what, number);
}

TEST_F(unplug, under_load)
{
	struct drm_ascdev_sync sync = { DRM_ASCDEV_SYNC_SIGNAL, 0, 0 };
	struct drm_ascdev_bo_create create = { .size = 4096 };
	struct drm_ascdev_job jobs[32];
	struct sync_fence_info fences[1];
	struct sync_file_info info = { .num_fences = 1, .sync_fence_info = (uintptr_t)fences };
	uint8_t *memory;
	int file;

	/* work for the engine, work in the queue, and a fence of the last job */
	ASSERT_TRUE(make_large_jobs(self->fd, jobs, 32));
	sync.handle = create_syncobj(self->fd);
	set_syncs(&jobs[31], &sync, 1);
	memory = map_bo(self->fd, jobs[0].src.handle, 4 << 20);
	ASSERT_NE(MAP_FAILED, memory);
	ASSERT_EQ(0, submit_jobs(self->fd, jobs, 32));
	file = export_sync_file(self->fd, sync.handle);
	ASSERT_LE(0, file);

	ASSERT_EQ(0, write_device("unbind"));

	/* the file is dead, its memory is not */
	EXPECT_EQ(-ENODEV, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_CREATE, &create));
	EXPECT_EQ(-ENODEV, submit_jobs(self->fd, jobs, 1));
	memory[0] = 1;
	memory[(4 << 20) - 1] = 1;
	EXPECT_EQ(-1, open_node(NULL));

	/* all fences signal; the last job never ran */
	EXPECT_EQ(-ENODEV, wait_sync_file(file));

	/* the fence of a job that never ran outlives the file and the device */
	munmap(memory, 4 << 20);
	close(self->fd);
	usleep(300000);
	ASSERT_EQ(0, do_ioctl(file, SYNC_IOC_FILE_INFO, &info));
	EXPECT_EQ(-ENODEV, fences[0].status);
	EXPECT_TRUE(rmmod_is_refused());
	ASSERT_TRUE(rebind());
	close(file);
	self->fd = open_node(&self->minor);
	ASSERT_LE(0, self->fd);
	EXPECT_EQ(0, read_stat(self->minor, "jobs_submitted"));
}

/* The scheduler's name is asked for by way of a fence whose device is gone. */
TEST_F(unplug, a_fence_outlives_the_device)
{
	struct drm_ascdev_sync sync = { DRM_ASCDEV_SYNC_SIGNAL, 0, 0 };
	struct sync_fence_info fences[1] = { 0 };
	struct sync_file_info info = { .num_fences = 1, .sync_fence_info = (uintptr_t)fences };
	struct small_job small;
	int file;

	ASSERT_TRUE(make_small_job(self->fd, &small));
	sync.handle = create_syncobj(self->fd);
	set_syncs(&small.job, &sync, 1);
	ASSERT_EQ(0, submit_jobs(self->fd, &small.job, 1));
	ASSERT_EQ(0, wait_syncobj(self->fd, sync.handle, 20000));
	file = export_sync_file(self->fd, sync.handle);
	ASSERT_LE(0, file);
	ASSERT_EQ(0, write_device("unbind"));
	close(self->fd);
	usleep(100000);
	ASSERT_EQ(0, do_ioctl(file, SYNC_IOC_FILE_INFO, &info));
	EXPECT_EQ(1, fences[0].status);
	ASSERT_TRUE(rebind());
	close(file);
	self->fd = open_node(&self->minor);
	ASSERT_LE(0, self->fd);
}

#define OLD	12

/* Files of devices that are gone, closed in another order than that of their opening. */
TEST_F(unplug, old_files_stay_open)
{
	struct drm_ascdev_dev_query query = { .type = DRM_ASCDEV_DEV_QUERY_DEV_INFO };
	struct small_job small[OLD];
	int fds[OLD], i;

	for (i = 0; i < OLD; i++) {
		fds[i] = open_node(NULL);
		ASSERT_LE(0, fds[i]);
		ASSERT_TRUE(make_small_job(fds[i], &small[i]));
		ASSERT_EQ(0, submit_jobs(fds[i], &small[i].job, 1));
		ASSERT_EQ(0, write_device("unbind"));
		EXPECT_EQ(-ENODEV, do_ioctl(fds[i], DRM_IOCTL_ASCDEV_DEV_QUERY, &query));
		ASSERT_TRUE(rebind());
	}
	for (i = 0; i < OLD; i++) {
		int k = i * 5 % OLD;

		EXPECT_EQ(-ENODEV, submit_jobs(fds[k], &small[k].job, 1));
		small[k].surface[0]++;
		small[k].payload[SMALL_PAYLOAD - 1]++;
		/* the job ran or did not, but not half of it */
		EXPECT_TRUE(small[k].record->status != DRM_ASCDEV_STATUS_DONE ||
			    small[k].record->bytes == SMALL_PAYLOAD);
		if (k % 2)
			close(fds[k]);
		unmap_small_job(&small[k]);
		if (!(k % 2))
			close(fds[k]);
	}
	close(self->fd);
	self->fd = -1;
	EXPECT_TRUE(module_becomes_free());
}

/* Its holder is another process, which uses it while the device is gone, and with the next one. */
TEST_F(unplug, a_dma_buf_outlives_the_device)
{
	int ready[2], gone[2], dmabuf, status, fd, i;
	struct small_job small;
	uint8_t reference[SMALL_PAYLOAD], *memory;
	uint32_t handle;
	char byte;
	pid_t pid;

	ASSERT_TRUE(make_small_job(self->fd, &small));
	ASSERT_EQ(0, submit_jobs(self->fd, &small.job, 1));
	ASSERT_EQ(0, wait_bo(self->fd, small.dst, 20000));
	memcpy(reference, small.payload, SMALL_PAYLOAD);
	dmabuf = export_dmabuf(self->fd, small.src);
	ASSERT_LE(0, dmabuf);
	ASSERT_EQ(0, pipe(ready));
	ASSERT_EQ(0, pipe(gone));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(self->fd);
		unmap_small_job(&small);
		memory = mmap(NULL, SMALL_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, dmabuf, 0);
		if (memory == MAP_FAILED || write(ready[1], "x", 1) != 1 ||
		    read(gone[0], &byte, 1) != 1)
			_exit(1);
		/* from here on only this process has the object, and the device is gone */
		for (i = 0; i < SMALL_BYTES; i++) {
			if (memory[i] != (uint8_t)(i * 7 / 16 ^ i >> 5))
				_exit(2);
			memory[i]++;
			memory[i]--;
		}
		if (!rmmod_is_refused())
			_exit(3);
		if (write(ready[1], "x", 1) != 1 || read(gone[0], &byte, 1) != 1)
			_exit(1);
		/* there is another device */
		fd = open_node(NULL);
		if (fd < 0 || !make_small_job(fd, &small))
			_exit(4);
		handle = import_dmabuf(fd, dmabuf);
		if (!handle)
			_exit(5);
		memset(small.surface, 0, SMALL_BYTES);
		small.job.src.handle = handle;
		if (submit_jobs(fd, &small.job, 1) || wait_bo(fd, small.dst, 20000))
			_exit(6);
		_exit(memcmp(small.payload, reference, SMALL_PAYLOAD) ? 7 : 0);
	}
	ASSERT_EQ(1, read(ready[0], &byte, 1));
	ASSERT_EQ(0, write_device("unbind"));
	unmap_small_job(&small);
	close(dmabuf);
	close(self->fd);
	self->fd = -1;
	ASSERT_EQ(1, write(gone[1], "x", 1));
	ASSERT_EQ(1, read(ready[0], &byte, 1));
	ASSERT_TRUE(rebind());
	ASSERT_EQ(1, write(gone[1], "x", 1));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_TRUE(module_becomes_free());
}

struct waiter {
	int fd;
	uint32_t timeline;
	uint64_t point;
	int ret;
};

static void *wait_for_point(void *data)
{
	struct waiter *w = data;

	w->ret = wait_point(w->fd, w->timeline, w->point, 100000);
	return NULL;
}

static void *wait_for_submit(void *data)
{
	struct waiter *w = data;
	struct drm_syncobj_timeline_wait args = {
		.handles = (uintptr_t)&w->timeline,
		.points = (uintptr_t)&w->point,
		.timeout_nsec = deadline_ms(1000),
		.count_handles = 1,
		.flags = DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT,
	};

	w->ret = do_ioctl(w->fd, DRM_IOCTL_SYNCOBJ_TIMELINE_WAIT, &args);
	return NULL;
}

/* Threads that are in the kernel, waiting, while the device goes. */
TEST_F(unplug, waits_end)
{
	struct drm_ascdev_job jobs[4];
	struct drm_ascdev_sync syncs[4];
	struct waiter waiters[5];
	pthread_t threads[5];
	int files[4], i;

	ASSERT_TRUE(make_large_jobs(self->fd, jobs, 4));
	for (i = 0; i < 4; i++) {
		syncs[i] = (struct drm_ascdev_sync){ DRM_ASCDEV_SYNC_SIGNAL,
						     create_syncobj(self->fd), 0 };
		set_syncs(&jobs[i], &syncs[i], 1);
	}
	ASSERT_EQ(0, submit_jobs(self->fd, jobs, 4));
	for (i = 0; i < 4; i++) {
		files[i] = export_sync_file(self->fd, syncs[i].handle);
		ASSERT_LE(0, files[i]);
		waiters[i] = (struct waiter){ self->fd, syncs[i].handle, 0, 1 };
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, wait_for_point, &waiters[i]));
	}
	/* and one for what nobody will ever submit */
	waiters[4] = (struct waiter){ self->fd, create_syncobj(self->fd), 7, 1 };
	ASSERT_EQ(0, pthread_create(&threads[4], NULL, wait_for_submit, &waiters[4]));
	usleep(10000);
	ASSERT_EQ(0, write_device("unbind"));
	ASSERT_EQ(0, pthread_join(threads[4], NULL));
	EXPECT_TRUE(waiters[4].ret == -ETIME || waiters[4].ret == -ENODEV)
		TH_LOG("wait: %d", waiters[4].ret);
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, pthread_join(threads[i], NULL));
		/* ended, or never begun because the device was gone already */
		EXPECT_TRUE(!waiters[i].ret || waiters[i].ret == -ENODEV)
			TH_LOG("wait %d: %d", i, waiters[i].ret);
		EXPECT_TRUE(wait_sync_file(files[i]));
		close(files[i]);
	}
	ASSERT_TRUE(rebind());
}

/* What is queued behind a fence of another driver ends with that, on a device long gone. */
TEST_F(unplug, jobs_that_wait_for_others)
{
	struct drm_ascdev_sync syncs[2] = { { 0 }, { DRM_ASCDEV_SYNC_SIGNAL, 0, 0 } };
	struct foreign_fence fence;
	struct small_job small, next;
	int file;

	if (!make_foreign_fence(&fence))
		SKIP(return, "no vgem");
	ASSERT_TRUE(make_small_job(self->fd, &small));
	syncs[0].handle = create_syncobj(self->fd);
	syncs[1].handle = create_syncobj(self->fd);
	ASSERT_EQ(0, import_sync_file(self->fd, syncs[0].handle, fence.sync_file));
	set_syncs(&small.job, syncs, 2);
	ASSERT_EQ(0, submit_jobs(self->fd, &small.job, 1));
	file = export_sync_file(self->fd, syncs[1].handle);
	ASSERT_LE(0, file);
	ASSERT_EQ(0, write_device("unbind"));
	ASSERT_TRUE(rebind());

	/* the next device has nothing to do with it */
	self->fd = open_node(&self->minor);
	ASSERT_LE(0, self->fd);
	ASSERT_TRUE(make_small_job(self->fd, &next));
	ASSERT_EQ(0, submit_jobs(self->fd, &next.job, 1));
	EXPECT_EQ(0, wait_bo(self->fd, next.result, 20000));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, next.record->status);

	ASSERT_EQ(0, signal_foreign_fence(&fence));
	EXPECT_EQ(-ENODEV, wait_sync_file(file));
	EXPECT_EQ(DRM_ASCDEV_STATUS_NONE, small.record->status);
	EXPECT_TRUE(stats_balance(self->minor));
	close(file);
}

/* Whatever the timeout, going away does not wait for a job that hangs. */
TEST_F(unplug, with_hanging_engines)
{
	struct drm_ascdev_sync syncs[8];
	struct small_job small;
	int files[8], i;

	if (!inject("hang", 0))
		SKIP(return, "no debugfs");
	ASSERT_TRUE(set_attribute("engines", 8));
	ASSERT_TRUE(set_attribute("timeout_ms", 600000));
	ASSERT_TRUE(inject("hang", 8));
	for (i = 0; i < 8; i++) {
		struct drm_ascdev_ctx_create create = { .flags = 0 };
		struct drm_ascdev_submit args = {
			.jobs = { sizeof(small.job), 1, (uintptr_t)&small.job },
		};

		ASSERT_TRUE(make_small_job(self->fd, &small));
		ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CTX_CREATE, &create));
		syncs[i] = (struct drm_ascdev_sync){ DRM_ASCDEV_SYNC_SIGNAL,
						     create_syncobj(self->fd), 0 };
		set_syncs(&small.job, &syncs[i], 1);
		args.ctx = create.ctx;
		ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_SUBMIT, &args));
		files[i] = export_sync_file(self->fd, syncs[i].handle);
		ASSERT_LE(0, files[i]);
	}
	ASSERT_EQ(0, write_device("unbind"));
	for (i = 0; i < 8; i++) {
		EXPECT_EQ(-ENODEV, wait_sync_file(files[i]));
		close(files[i]);
	}
	ASSERT_TRUE(rebind());
}

static bool runtime_status_becomes(const char *wanted)
{
	char status[32];
	int i;

	for (i = 0; i < 1000; i++) {
		read_line(PLATFORM_DEVICE, "power/runtime_status", status, sizeof(status));
		if (!strcmp(status, wanted))
			return true;
		usleep(20000);
	}
	return false;
}

/* From sleep, and from wakefulness without a job. */
TEST_F(unplug, asleep)
{
	int i;

	for (i = 0; i < 6; i++) {
		struct small_job small;
		int fd;

		if (access(PLATFORM_DEVICE "power/control", F_OK))
			SKIP(return, "a kernel without CONFIG_PM");
		ASSERT_EQ(0, write_to(PLATFORM_DEVICE, "power/control", i % 2 ? "on" : "auto"));
		ASSERT_TRUE(runtime_status_becomes(i % 2 ? "active" : "suspended"));
		ASSERT_EQ(0, write_device("unbind"));
		ASSERT_TRUE(rebind());
		fd = open_node(NULL);
		ASSERT_LE(0, fd);
		ASSERT_TRUE(make_small_job(fd, &small));
		ASSERT_EQ(0, submit_jobs(fd, &small.job, 1));
		EXPECT_EQ(0, wait_bo(fd, small.result, 20000));
		EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, small.record->status);
		unmap_small_job(&small);
		close(fd);
	}
	ASSERT_EQ(0, write_to(PLATFORM_DEVICE, "power/control", "auto"));
	EXPECT_TRUE(runtime_status_becomes("suspended"));
}

/* A dump can be read when its device is gone, and is all that is left of it. */
TEST_F(unplug, a_dump_is_open)
{
	struct small_job small;
	char text[4096];
	glob_t found;
	int dump, i;
	ssize_t n;

	if (access("/sys/class/devcoredump", R_OK) || !inject("hang", 0))
		SKIP(return, "no devcoredump, or no debugfs");
	drop_dumps();
	ASSERT_TRUE(set_attribute("timeout_ms", 100));
	ASSERT_TRUE(make_small_job(self->fd, &small));
	ASSERT_TRUE(inject("hang", 1));
	ASSERT_EQ(0, submit_jobs(self->fd, &small.job, 1));
	ASSERT_EQ(0, wait_bo(self->fd, small.result, 60000));
	for (i = 0; i < 1000; i++) {
		if (!glob("/sys/class/devcoredump/devcd*/data", 0, NULL, &found))
			break;
		usleep(20000);
	}
	ASSERT_GT(1000, i);
	dump = open(found.gl_pathv[0], O_RDWR);
	globfree(&found);
	ASSERT_LE(0, dump);
	ASSERT_EQ(0, write_device("unbind"));
	unmap_small_job(&small);
	close(self->fd);
	self->fd = -1;
	EXPECT_TRUE(module_becomes_free());
	n = read(dump, text, sizeof(text) - 1);
	ASSERT_LT(0, n);
	text[n] = 0;
	EXPECT_NE(NULL, strstr(text, "made no progress"));
	ASSERT_EQ(1, pwrite(dump, "0", 1, 0));
	close(dump);
	ASSERT_TRUE(rebind());
}

#define ENGINES	4

/* A dump is kept, and while it is let go others come; the kernel's log has no complaint. */
TEST_F(unplug, dumps_of_engines_that_hang_at_once)
{
	struct small_job small[ENGINES];
	int fd[ENGINES], round, i;

	if (access("/sys/class/devcoredump", R_OK) || !inject("hang", 0))
		SKIP(return, "no devcoredump, or no debugfs");
	ASSERT_TRUE(set_attribute("engines", ENGINES));
	ASSERT_TRUE(set_attribute("timeout_ms", 100));
	for (round = 0; round < 10; round++) {
		ASSERT_TRUE(inject("hang", ENGINES));
		for (i = 0; i < ENGINES; i++) {
			fd[i] = open_node(NULL);
			ASSERT_LE(0, fd[i]);
			ASSERT_TRUE(make_small_job(fd[i], &small[i]));
			ASSERT_EQ(0, submit_jobs(fd[i], &small[i].job, 1));
		}
		for (i = 0; i < ENGINES; i++) {
			EXPECT_EQ(0, wait_bo(fd[i], small[i].result, 60000));
			EXPECT_EQ(-ETIME, small[i].record->error);
			drop_dumps();
			unmap_small_job(&small[i]);
			close(fd[i]);
		}
	}
	close(self->fd);
	self->fd = -1;
	ASSERT_EQ(0, write_device("unbind"));
	drop_dumps();
	ASSERT_TRUE(rebind());
}

#define TRACEFS	"/sys/kernel/tracing/"

static int count_lines(const char *path, const char *text)
{
	FILE *file = fopen(path, "r");
	char line[512];
	int n = 0;

	while (file && fgets(line, sizeof(line), file))
		n += !!strstr(line, text);
	if (file)
		fclose(file);
	return n;
}

#define CONTEXTS	4
#define PER_CONTEXT	100

/* The counters go with the device; the trace stays. */
TEST_F(unplug, every_job_is_accounted_for)
{
	struct drm_ascdev_job jobs[PER_CONTEXT];
	struct drm_ascdev_sync syncs[CONTEXTS];
	char instance[64], trace[80];
	int files[CONTEXTS], submitted, done, i, k;
	struct small_job small;

	if (access(TRACEFS "events", F_OK) && mount("tracefs", TRACEFS, "tracefs", 0, NULL))
		SKIP(return, "no tracefs: %s", strerror(errno));
	if (!inject("hang", 0))
		SKIP(return, "no debugfs");
	snprintf(instance, sizeof(instance), TRACEFS "instances/unplug-%d/", getpid());
	snprintf(trace, sizeof(trace), "%strace", instance);
	ASSERT_EQ(0, mkdir(instance, 0700));
	ASSERT_EQ(0, write_to(instance, "buffer_size_kb", "2048"));
	ASSERT_EQ(0, write_to(instance, "events/ascdev/enable", "1"));

	ASSERT_TRUE(set_attribute("engines", 2));
	ASSERT_TRUE(set_attribute("timeout_ms", 600000));
	ASSERT_TRUE(inject("slow_ms", 1));
	for (i = 0; i < CONTEXTS; i++) {
		struct drm_ascdev_ctx_create create = { .flags = 0 };
		struct drm_ascdev_submit args = {
			.jobs = { sizeof(jobs[0]), PER_CONTEXT, (uintptr_t)jobs },
		};

		ASSERT_TRUE(make_small_job(self->fd, &small));
		for (k = 0; k < PER_CONTEXT; k++)
			jobs[k] = small.job;
		syncs[i] = (struct drm_ascdev_sync){ DRM_ASCDEV_SYNC_SIGNAL,
						     create_syncobj(self->fd), 0 };
		set_syncs(&jobs[PER_CONTEXT - 1], &syncs[i], 1);
		ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CTX_CREATE, &create));
		args.ctx = create.ctx;
		ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_SUBMIT, &args));
		files[i] = export_sync_file(self->fd, syncs[i].handle);
		ASSERT_LE(0, files[i]);
		unmap_small_job(&small);
	}
	/* one engine is to be caught in a hang */
	ASSERT_TRUE(inject("hang", 1));
	ASSERT_EQ(0, write_device("unbind"));
	for (i = 0; i < CONTEXTS; i++) {
		EXPECT_TRUE(wait_sync_file(files[i]));
		close(files[i]);
	}
	close(self->fd);
	self->fd = -1;
	ASSERT_TRUE(rebind());
	EXPECT_TRUE(module_becomes_free());

	submitted = count_lines(trace, " ascdev_job_submit: ");
	done = count_lines(trace, " ascdev_job_done: ");
	EXPECT_EQ(CONTEXTS * PER_CONTEXT, submitted);
	EXPECT_EQ(submitted, done);
	EXPECT_LT(0, count_lines(trace, "error=-19"));
	write_to(instance, "events/ascdev/enable", "0");
	EXPECT_EQ(0, rmdir(instance));
}

/* What happens at random, below. */

#define PROCESSES	3
#define BATCH		8
#define GENERATIONS	3
#define ROUNDS		40

/**
 * struct shared - what the processes tell each other
 * @stop: come to an end
 * @accepted: jobs that SUBMIT took
 * @done: of these, those whose fence signalled without an error
 * @failed: and those with one
 * @unseen: those whose fence could not be had, as the device was gone
 * @generations: devices that were found
 */
struct shared {
	int stop;
	long accepted, done, failed, unseen, generations;
};

/**
 * struct lane - a thread that submits
 * @shared: see there
 * @thread: the thread
 * @fd: open file; shared by two lanes
 * @ctx: its own context
 * @seed: of its random numbers
 * @small: the job, and where it reads
 * @dst: BATCH places to write to
 * @result: and for records
 * @payload: memory of @dst
 * @records: memory of @result
 * @syncobjs: of the jobs
 * @why: what went wrong, or NULL
 * @code: number that goes with it
 */
struct lane {
	struct shared *shared;
	pthread_t thread;
	int fd;
	uint32_t ctx;
	uint32_t seed;
	struct small_job small;
	uint32_t dst, result;
	uint8_t *payload;
	struct drm_ascdev_result *records;
	uint32_t syncobjs[BATCH];
	const char *why;
	int code;
};

/* What the small job gives. */
static uint8_t reference[SMALL_PAYLOAD];

static uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static void count_jobs(long *counter, long n)
{
	__atomic_add_fetch(counter, n, __ATOMIC_RELAXED);
}

static bool is_over(struct shared *shared)
{
	return __atomic_load_n(&shared->stop, __ATOMIC_RELAXED);
}

/* False if something is wrong but the device is there. */
static bool device_is_gone(int fd)
{
	struct drm_ascdev_dev_query query = { .type = DRM_ASCDEV_DEV_QUERY_DEV_INFO };

	return do_ioctl(fd, DRM_IOCTL_ASCDEV_DEV_QUERY, &query) == -ENODEV;
}

static bool set_up_lane(struct lane *lane)
{
	struct drm_ascdev_ctx_create create = { .flags = 0 };
	int i;

	lane->payload = MAP_FAILED;
	lane->records = MAP_FAILED;
	if (!make_small_job(lane->fd, &lane->small))
		return false;
	lane->dst = create_bo(lane->fd, BATCH * SMALL_PAYLOAD);
	lane->result = create_bo(lane->fd, 4096);
	lane->payload = map_bo(lane->fd, lane->dst, BATCH * SMALL_PAYLOAD);
	lane->records = map_bo(lane->fd, lane->result, 4096);
	for (i = 0; i < BATCH; i++)
		lane->syncobjs[i] = create_syncobj(lane->fd);
	if (do_ioctl(lane->fd, DRM_IOCTL_ASCDEV_CTX_CREATE, &create))
		return false;
	lane->ctx = create.ctx;
	return lane->payload != MAP_FAILED && lane->records != MAP_FAILED;
}

static void tear_down_lane(struct lane *lane)
{
	unmap_small_job(&lane->small);
	munmap(lane->payload, BATCH * SMALL_PAYLOAD);
	munmap(lane->records, 4096);
}

/* A few jobs; 0, or the errno of SUBMIT. */
static int submit_batch(struct lane *lane, struct drm_ascdev_job *jobs,
			struct drm_ascdev_sync *syncs, int count)
{
	struct drm_ascdev_submit args = {
		.ctx = lane->ctx,
		.jobs = { sizeof(*jobs), count, (uintptr_t)jobs },
	};
	int i;

	for (i = 0; i < count; i++) {
		jobs[i] = lane->small.job;
		jobs[i].cookie = i;
		jobs[i].dst = (struct drm_ascdev_range){ lane->dst, 0, i * SMALL_PAYLOAD,
							 SMALL_PAYLOAD };
		jobs[i].result = (struct drm_ascdev_range){ lane->result, 0,
							    i * sizeof(*lane->records),
							    sizeof(*lane->records) };
		syncs[i] = (struct drm_ascdev_sync){ DRM_ASCDEV_SYNC_SIGNAL, lane->syncobjs[i],
						     0 };
		set_syncs(&jobs[i], &syncs[i], 1);
	}
	memset(lane->records, 0, 4096);
	memset(lane->payload, 0, BATCH * SMALL_PAYLOAD);
	return do_ioctl(lane->fd, DRM_IOCTL_ASCDEV_SUBMIT, &args);
}

/* Is the record, and the payload, what the fence says? */
static bool job_is_as_told(struct lane *lane, int i, int status)
{
	const struct drm_ascdev_result *record = &lane->records[i];

	if (status == 1)
		return record->status == DRM_ASCDEV_STATUS_DONE && record->cookie == (uint64_t)i &&
		       record->bytes == SMALL_PAYLOAD &&
		       !memcmp(lane->payload + i * SMALL_PAYLOAD, reference, SMALL_PAYLOAD);
	/* begun and ended, or never begun */
	return record->status == DRM_ASCDEV_STATUS_NONE ||
	       (record->status == DRM_ASCDEV_STATUS_FAILED && record->error == status);
}

static bool error_is_known(int status)
{
	return status == 1 || status == -ENODEV || status == -ETIME || status == -ECANCELED;
}

static bool wrong(struct lane *lane, const char *why, int code)
{
	lane->why = why;
	lane->code = code;
	return false;
}

/* Cancels one job of a batch, now and then.  Which it was, or -1. */
static int cancel_one(struct lane *lane, int count)
{
	uint32_t i = next_random(&lane->seed) % (2 * BATCH);
	struct drm_ascdev_cancel args = { .ctx = lane->ctx, .cookie = i };

	if (i >= (uint32_t)count || do_ioctl(lane->fd, DRM_IOCTL_ASCDEV_CANCEL, &args))
		return -1;
	return args.cancelled ? i : -1;
}

/* False when this lane is at its end: the device is gone, or something is wrong. */
static bool run_batch(struct lane *lane)
{
	int count = 1 + next_random(&lane->seed) % BATCH, files[BATCH], cancelled, ret, i;
	struct drm_ascdev_sync syncs[BATCH];
	struct drm_ascdev_job jobs[BATCH];
	bool ok = true;

	ret = submit_batch(lane, jobs, syncs, count);
	if (ret == -ENODEV)
		return false;
	if (ret == -EIO) {
		/* banned, after three hangs */
		struct drm_ascdev_ctx_create create = { .flags = 0 };

		ret = do_ioctl(lane->fd, DRM_IOCTL_ASCDEV_CTX_CREATE, &create);
		lane->ctx = create.ctx;
		return !ret || (ret != -ENODEV && wrong(lane, "context", ret));
	}
	if (ret)
		return wrong(lane, "submit", ret);
	count_jobs(&lane->shared->accepted, count);
	cancelled = cancel_one(lane, count);
	for (i = 0; i < count; i++)
		files[i] = export_sync_file(lane->fd, lane->syncobjs[i]);
	for (i = 0; i < count; i++) {
		int status;

		if (files[i] < 0) {
			count_jobs(&lane->shared->unseen, 1);
			if (files[i] != -ENODEV)
				ok = wrong(lane, "sync_file", files[i]);
			continue;
		}
		status = wait_sync_file(files[i]);
		close(files[i]);
		count_jobs(status == 1 ? &lane->shared->done : &lane->shared->failed, 1);
		if (i == cancelled && status != -ECANCELED)
			ok = wrong(lane, "cancelled", status);
		else if (!error_is_known(status))
			ok = wrong(lane, "fence", status);
		else if (!job_is_as_told(lane, i, status))
			ok = wrong(lane, "record or payload", status);
	}
	return ok;
}

static void *run_lane(void *data)
{
	struct lane *lane = data;

	if (!set_up_lane(lane)) {
		if (!device_is_gone(lane->fd))
			wrong(lane, "set up", 0);
		return NULL;
	}
	while (!is_over(lane->shared) && run_batch(lane))
		;
	/* memory stays, whatever became of the device */
	lane->small.surface[0]++;
	lane->small.surface[0]--;
	return NULL;
}

static void read_files(const char *pattern)
{
	char bytes[4096];
	glob_t found;
	size_t i;

	if (glob(pattern, 0, NULL, &found))
		return;
	for (i = 0; i < found.gl_pathc; i++) {
		int fd = open(found.gl_pathv[i], O_RDONLY | O_NONBLOCK);

		if (fd < 0)
			continue;
		while (read(fd, bytes, sizeof(bytes)) > 0)
			;
		close(fd);
	}
	globfree(&found);
}

struct reader {
	pthread_t thread;
	int fd;
	int stop;
};

static void *run_reader(void *data)
{
	struct reader *reader = data;
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", reader->fd);
	while (!__atomic_load_n(&reader->stop, __ATOMIC_RELAXED)) {
		read_files(path);
		read_files("/sys/kernel/debug/accel/ascdev*/*");
		read_files(PLATFORM_DEVICE "*");
		read_files(PLATFORM_DEVICE "stats/*");
		read_files(PLATFORM_DEVICE "power/runtime_*");
		usleep(1000);
	}
	return NULL;
}

/* Two lanes and a reader on one open file. */
static bool run_generation(struct lane *lanes, int fd, struct shared *shared, uint32_t *seed)
{
	struct reader reader = { .fd = fd };
	bool ok = true;
	int i;

	count_jobs(&shared->generations, 1);
	if (pthread_create(&reader.thread, NULL, run_reader, &reader))
		return false;
	for (i = 0; i < 2; i++) {
		lanes[i] = (struct lane){ .shared = shared, .fd = fd,
					  .seed = next_random(seed) | 1 };
		if (pthread_create(&lanes[i].thread, NULL, run_lane, &lanes[i]))
			return false;
	}
	for (i = 0; i < 2; i++) {
		pthread_join(lanes[i].thread, NULL);
		if (lanes[i].why) {
			printf("# lane %d: %s: %d\n", i, lanes[i].why, lanes[i].code);
			ok = false;
		}
	}
	__atomic_store_n(&reader.stop, 1, __ATOMIC_RELAXED);
	pthread_join(reader.thread, NULL);
	return ok;
}

/* Uses one device after another; files and memory of those that are gone are kept for a while. */
static int run_process(struct shared *shared, uint32_t seed)
{
	struct lane lanes[GENERATIONS][2];
	int fds[GENERATIONS], n = 0, i;
	bool ok = true;

	while (ok && !is_over(shared)) {
		int fd = open_node(NULL), at = n % GENERATIONS;

		if (fd < 0) {
			usleep(1000);
			continue;
		}
		if (n >= GENERATIONS) {
			for (i = 0; i < 2; i++)
				tear_down_lane(&lanes[at][i]);
			close(fds[at]);
		}
		fds[at] = fd;
		ok = run_generation(lanes[at], fd, shared, &seed);
		n++;
	}
	fflush(stdout);
	return !ok;
}

/* Another device each time. */
static void vary_device(uint32_t *seed)
{
	set_attribute("engines", 1 + next_random(seed) % 8);
	inject("slow_ms", next_random(seed) % 4 ? 0 : 1 + next_random(seed) % 8);
	inject("hang", next_random(seed) % 3 ? 0 : 1 + next_random(seed) % 4);
	set_attribute("timeout_ms", next_random(seed) % 2 ? 20 : 600000);
	set_attribute("power/autosuspend_delay_ms", 0);
}

TEST_F_TIMEOUT(unplug, at_random_moments, 100000)
{
	const char *text = getenv("ASCDEV_UNPLUG_SECONDS");
	int64_t end = text ? deadline_ms(1000 * atoi(text)) : 0;
	struct shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint32_t seed;
	struct small_job small;
	pid_t pids[PROCESSES];
	int i, status, rounds = 0;

	text = getenv("ASCDEV_SEED");
	seed = text ? strtoul(text, NULL, 0) | 1 : 1;
	TH_LOG("ASCDEV_SEED=%u", seed);
	ASSERT_NE(MAP_FAILED, (void *)shared);
	ASSERT_TRUE(make_small_job(self->fd, &small));
	ASSERT_EQ(0, submit_jobs(self->fd, &small.job, 1));
	ASSERT_EQ(0, wait_bo(self->fd, small.dst, 20000));
	memcpy(reference, small.payload, SMALL_PAYLOAD);
	unmap_small_job(&small);
	for (i = 0; i < PROCESSES; i++) {
		uint32_t own = next_random(&seed) | 1;

		pids[i] = fork();
		ASSERT_LE(0, pids[i]);
		if (!pids[i]) {
			close(self->fd);
			_exit(run_process(shared, own));
		}
	}
	while (end ? deadline_ms(0) < end : rounds < ROUNDS) {
		vary_device(&seed);
		usleep(next_random(&seed) % 150000);
		ASSERT_EQ(0, write_device("unbind"));
		usleep(next_random(&seed) % 20000);
		EXPECT_TRUE(rmmod_is_refused());
		ASSERT_TRUE(rebind());
		rounds++;
	}
	/* the last device stays, and works */
	inject("slow_ms", 0);
	inject("hang", 0);
	set_attribute("timeout_ms", 1000);
	while (!__atomic_load_n(&shared->done, __ATOMIC_RELAXED) && !waitpid(-1, NULL, WNOHANG))
		usleep(1000);
	__atomic_store_n(&shared->stop, 1, __ATOMIC_RELAXED);
	for (i = 0; i < PROCESSES; i++) {
		ASSERT_EQ(pids[i], waitpid(pids[i], &status, 0));
		EXPECT_EQ(0, status);
	}
	TH_LOG("%d rounds, %ld files; %ld jobs: %ld done, %ld failed, %ld unseen", rounds,
	       shared->generations, shared->accepted, shared->done, shared->failed,
	       shared->unseen);
	EXPECT_EQ(shared->accepted, shared->done + shared->failed + shared->unseen);
	EXPECT_LT(0, shared->done);
	munmap(shared, sizeof(*shared));

	close(self->fd);
	self->fd = open_node(&self->minor);
	ASSERT_LE(0, self->fd);
	EXPECT_TRUE(stats_balance(self->minor));
	close(self->fd);
	self->fd = -1;
	EXPECT_TRUE(runtime_status_becomes("suspended"));
	drop_dumps();
	EXPECT_TRUE(module_becomes_free());
}

/**
 * struct crowd - what the processes of a crowd are told
 * @paused: let go of the device
 * @stop: come to an end
 */
struct crowd {
	int paused, stop;
};

/* Opens, submits, and closes without waiting. */
static int come_and_go(struct crowd *crowd, uint32_t seed)
{
	while (!__atomic_load_n(&crowd->stop, __ATOMIC_RELAXED)) {
		struct drm_ascdev_job jobs[BATCH];
		struct small_job small;
		int fd, i;

		usleep(next_random(&seed) % 3000);
		fd = __atomic_load_n(&crowd->paused, __ATOMIC_RELAXED) ? -1 : open_node(NULL);
		if (fd < 0)
			continue;
		if (!make_small_job(fd, &small))
			return 1;
		for (i = 0; i < BATCH; i++)
			jobs[i] = small.job;
		if (submit_jobs(fd, jobs, 1 + next_random(&seed) % BATCH))
			return 2;
		unmap_small_job(&small);
		close(fd);
	}
	return 0;
}

static int load_module(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	ret = syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;
	close(fd);
	return ret;
}

/* rmmod is tried all the time: it is refused, or there is no use of the device to be cut off. */
TEST_F(unplug, the_module_goes_and_comes)
{
	const char *path = getenv("ASCDEV_MODULE");
	struct crowd *crowd = mmap(NULL, sizeof(*crowd), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int refused = 0, removed = 0, round, i, status;
	pid_t pids[PROCESSES];

	if (!path)
		SKIP(return, "ASCDEV_MODULE does not say where the module is");
	ASSERT_NE(MAP_FAILED, (void *)crowd);
	close(self->fd);
	self->fd = -1;
	for (i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		ASSERT_LE(0, pids[i]);
		if (!pids[i])
			_exit(come_and_go(crowd, 12345 + i));
	}
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 100; i++) {
			if (!syscall(SYS_delete_module, "ascdev", O_NONBLOCK)) {
				removed++;
				ASSERT_EQ(0, load_module(path));
				continue;
			}
			ASSERT_TRUE(errno == EWOULDBLOCK || errno == EBUSY)
				TH_LOG("errno %d", errno);
			refused++;
			usleep(2000);
		}
		__atomic_store_n(&crowd->paused, 1, __ATOMIC_RELAXED);
		ASSERT_TRUE(module_becomes_free());
		/* somebody may be on the way in */
		for (i = 0; i < 1000 && syscall(SYS_delete_module, "ascdev", O_NONBLOCK); i++)
			usleep(20000);
		ASSERT_GT(1000, i);
		ASSERT_EQ(0, load_module(path));
		__atomic_store_n(&crowd->paused, 0, __ATOMIC_RELAXED);
	}
	__atomic_store_n(&crowd->stop, 1, __ATOMIC_RELAXED);
	for (i = 0; i < PROCESSES; i++) {
		ASSERT_EQ(pids[i], waitpid(pids[i], &status, 0));
		EXPECT_EQ(0, status);
	}
	TH_LOG("refused %d times, removed %d times", refused, removed);
	munmap(crowd, sizeof(*crowd));
}

TEST_HARNESS_MAIN
