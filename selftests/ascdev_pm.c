// SPDX-License-Identifier: MIT
/*
 * The device sleeps while nobody uses it, and with the system; jobs, files and memory
 * do not notice.  Needs root; debugfs for slow jobs and hangs.
 */

#include <sys/wait.h>

#include "ascdev_test.h"

#define JOBS	24

FIXTURE(pm)
{
	int fd, minor;
	char power[160];
	char device[160];
	char inject[160];
	struct small_job small;
	uint32_t syncobj;
};

FIXTURE_SETUP(pm)
{
	char status[32];

	self->fd = open_node(&self->minor);
	if (self->fd < 0)
		SKIP(return, "no device");
	if (geteuid())
		SKIP(return, "needs root");
	snprintf(self->device, sizeof(self->device), SYSFS_DEVICE "/", self->minor);
	snprintf(self->power, sizeof(self->power), SYSFS_DEVICE "/power/", self->minor);
	read_line(self->power, "runtime_status", status, sizeof(status));
	if (!status[0] || !strcmp(status, "unsupported"))
		SKIP(return, "a kernel without CONFIG_PM");
	if (!find_injection(self->inject, sizeof(self->inject)))
		SKIP(return, "no debugfs");
	ASSERT_TRUE(make_small_job(self->fd, &self->small));
	self->syncobj = create_syncobj(self->fd);
}

FIXTURE_TEARDOWN(pm)
{
	write_number(self->inject, "hang", 0);
	write_number(self->inject, "slow_ms", 0);
	write_number(self->device, "timeout_ms", 4000);
	write_number(self->power, "autosuspend_delay_ms", 50);
	write_to(self->power, "control", "auto");
	close(self->fd);
}

static bool status_is(FIXTURE_DATA(pm) *self, const char *wanted)
{
	char status[32];

	read_line(self->power, "runtime_status", status, sizeof(status));
	return !strcmp(status, wanted);
}

static bool status_becomes(FIXTURE_DATA(pm) *self, const char *wanted)
{
	int i;

	for (i = 0; i < 2000; i++) {
		if (status_is(self, wanted))
			return true;
		usleep(10000);
	}
	return false;
}

static long long power_number(FIXTURE_DATA(pm) *self, const char *name)
{
	char line[32];

	read_line(self->power, name, line, sizeof(line));
	return line[0] ? atoll(line) : -1;
}

/* Until so many engines have begun a job. */
static bool become_busy(FIXTURE_DATA(pm) *self, int engines)
{
	char line[256], path[256];
	int i, busy = 0;

	snprintf(path, sizeof(path), "%s../engines", self->inject);
	for (i = 0; i < 2000 && busy < engines; i++) {
		FILE *file = fopen(path, "r");

		busy = 0;
		while (file && fgets(line, sizeof(line), file))
			busy += !!strstr(line, " busy ");
		if (file)
			fclose(file);
		usleep(10000);
	}
	return busy == engines;
}

static int submit_small(FIXTURE_DATA(pm) *self)
{
	static struct drm_ascdev_sync sync;

	sync = (struct drm_ascdev_sync){ DRM_ASCDEV_SYNC_SIGNAL, self->syncobj, 0 };
	memset(self->small.record, 0, sizeof(*self->small.record));
	set_syncs(&self->small.job, &sync, 1);
	return submit_jobs(self->fd, &self->small.job, 1);
}

/* Runs the small job; 1, or how its fence ended. */
static int run_small(FIXTURE_DATA(pm) *self)
{
	int ret = submit_small(self);

	if (!ret)
		ret = wait_syncobj(self->fd, self->syncobj, 60000);
	return ret ? ret : fence_status(self->fd, self->syncobj);
}

TEST_F(pm, sleeps_without_jobs_and_wakes_up_for_one)
{
	long long asleep;

	ASSERT_TRUE(status_becomes(self, "suspended"));
	EXPECT_EQ(50, power_number(self, "autosuspend_delay_ms"));
	EXPECT_EQ(1, run_small(self));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, self->small.record->status);
	EXPECT_TRUE(status_becomes(self, "suspended"));
	asleep = power_number(self, "runtime_suspended_time");
	usleep(20000);
	EXPECT_LT(asleep, power_number(self, "runtime_suspended_time"));
}

/* A job that is not at its end after the status was read had it awake when it was read. */
TEST_F(pm, a_job_keeps_it_awake)
{
	char usage[16];
	int looks = 0;

	ASSERT_TRUE(write_number(self->power, "autosuspend_delay_ms", 0));
	ASSERT_TRUE(status_becomes(self, "suspended"));
	/* it lasts until it was looked at */
	ASSERT_TRUE(write_number(self->device, "timeout_ms", 600000));
	ASSERT_TRUE(write_number(self->inject, "slow_ms", 2000));
	ASSERT_EQ(0, submit_small(self));
	for (;;) {
		bool awake = status_is(self, "active");

		read_line(self->power, "runtime_usage", usage, sizeof(usage));
		if (wait_bo(self->fd, self->small.result, 0) != -ETIME)
			break;
		if (++looks == 10)
			write_number(self->inject, "slow_ms", 0);
		EXPECT_TRUE(awake);
		/* CONFIG_PM_ADVANCED_DEBUG */
		EXPECT_TRUE(!usage[0] || !strcmp(usage, "1"))
			TH_LOG("usage %s", usage);
	}
	EXPECT_LT(0, looks);
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, self->small.record->status);
	EXPECT_TRUE(status_becomes(self, "suspended"));
}

/* From SUBMIT on, so that nothing needs to be woken up where fences depend on it. */
TEST_F(pm, a_job_that_waits_keeps_it_awake)
{
	struct drm_ascdev_sync sync = { 0 };
	struct foreign_fence fence;

	if (!make_foreign_fence(&fence))
		SKIP(return, "no vgem");
	ASSERT_TRUE(write_number(self->power, "autosuspend_delay_ms", 0));
	ASSERT_TRUE(status_becomes(self, "suspended"));
	sync.handle = create_syncobj(self->fd);
	ASSERT_EQ(0, import_sync_file(self->fd, sync.handle, fence.sync_file));
	set_syncs(&self->small.job, &sync, 1);
	ASSERT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));
	EXPECT_TRUE(status_is(self, "active"));
	usleep(100000);
	EXPECT_TRUE(status_is(self, "active"));
	ASSERT_EQ(0, signal_foreign_fence(&fence));
	EXPECT_EQ(0, wait_bo(self->fd, self->small.result, 30000));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, self->small.record->status);
	EXPECT_TRUE(status_becomes(self, "suspended"));
}

TEST_F(pm, sysfs_keeps_it_awake)
{
	ASSERT_TRUE(status_becomes(self, "suspended"));
	ASSERT_EQ(0, write_to(self->power, "control", "on"));
	EXPECT_TRUE(status_is(self, "active"));
	EXPECT_EQ(1, run_small(self));
	usleep(300000);
	EXPECT_TRUE(status_is(self, "active"));
	ASSERT_EQ(0, write_to(self->power, "control", "auto"));
	EXPECT_TRUE(status_becomes(self, "suspended"));

	ASSERT_TRUE(write_number(self->power, "autosuspend_delay_ms", 600000));
	EXPECT_EQ(1, run_small(self));
	usleep(300000);
	EXPECT_TRUE(status_is(self, "active"));
	ASSERT_TRUE(write_number(self->power, "autosuspend_delay_ms", 0));
	EXPECT_TRUE(status_becomes(self, "suspended"));
}

/* An engine without power fails jobs with -EIO. */
TEST_F(pm, in_and_out_of_sleep)
{
	uint32_t seed = 1;
	int i;

	ASSERT_TRUE(write_number(self->power, "autosuspend_delay_ms", 0));
	for (i = 0; i < 300; i++) {
		ASSERT_EQ(1, run_small(self));
		ASSERT_EQ(DRM_ASCDEV_STATUS_DONE, self->small.record->status);
		seed = seed * 1664525 + 1013904223;
		usleep(seed >> 21);
	}
	EXPECT_TRUE(status_becomes(self, "suspended"));
	EXPECT_TRUE(stats_balance(self->minor));
}

/* A SUBMIT that is refused gives back what it took. */
TEST_F(pm, refused_jobs_do_not_keep_it_awake)
{
	struct drm_ascdev_job jobs[8];
	int i;

	for (i = 0; i < 8; i++)
		jobs[i] = self->small.job;
	jobs[7].src.handle = 12345;
	EXPECT_EQ(-ENOENT, submit_jobs(self->fd, jobs, 8));
	EXPECT_TRUE(status_becomes(self, "suspended"));
}

static void read_all(const char *pattern)
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

TEST_F(pm, looking_does_not_wake_it_up)
{
	struct drm_ascdev_dev_info info;
	struct drm_ascdev_dev_query query = {
		.type = DRM_ASCDEV_DEV_QUERY_DEV_INFO,
		.size = sizeof(info),
		.pointer = (uintptr_t)&info,
	};
	struct drm_ascdev_ctx_create create = { .flags = 0 };
	char path[300];
	long long awake;
	uint8_t *memory;
	uint32_t bo;
	int fd;

	ASSERT_TRUE(status_becomes(self, "suspended"));
	awake = power_number(self, "runtime_active_time");

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", self->fd);
	read_all(path);
	snprintf(path, sizeof(path), "%s*", self->device);
	read_all(path);
	snprintf(path, sizeof(path), "%s*/*", self->device);
	read_all(path);
	snprintf(path, sizeof(path), "%s../*", self->inject);
	read_all(path);
	fd = open_node(NULL);
	EXPECT_LE(0, fd);
	EXPECT_EQ(0, do_ioctl(fd, DRM_IOCTL_ASCDEV_DEV_QUERY, &query));
	EXPECT_EQ(0, do_ioctl(fd, DRM_IOCTL_ASCDEV_CTX_CREATE, &create));
	bo = create_bo(fd, 1 << 16);
	memory = map_bo(fd, bo, 1 << 16);
	ASSERT_NE(MAP_FAILED, memory);
	memset(memory, 1, 1 << 16);
	munmap(memory, 1 << 16);
	EXPECT_EQ(0, wait_bo(fd, bo, 0));
	close(fd);

	EXPECT_TRUE(status_is(self, "suspended"));
	EXPECT_EQ(awake, power_number(self, "runtime_active_time"));
}

/* The system goes to sleep, in a way that ends by itself. */
FIXTURE(sleep)
{
	FIXTURE_DATA(pm) pm;
	bool ready;
	uint32_t src, dst, result, timeline;
	uint8_t *payload, *expected;
	struct drm_ascdev_result *records;
	struct drm_ascdev_job jobs[JOBS];
	struct drm_ascdev_sync syncs[JOBS];
};

/* Devices are suspended, and resumed at once; or all of it, with an alarm to wake up by. */
FIXTURE_VARIANT(sleep)
{
	const char *test;
	const char *state;
};

FIXTURE_VARIANT_ADD(sleep, devices)
{
	.test = "devices",
	.state = "freeze",
};

FIXTURE_VARIANT_ADD(sleep, system)
{
	.test = "none",
	.state = "mem",
};

#define POWER		"/sys/power/"
#define SUSPEND		"/sys/module/suspend/parameters/"
#define RTC		"/sys/class/rtc/rtc0/"

/* 0, or the errno of what refused. */
static int try_to_sleep(const FIXTURE_VARIANT(sleep) *variant, int seconds)
{
	int ret = write_to(POWER, "pm_test", variant->test);
	char alarm[16];

	if (!ret && !strcmp(variant->test, "none")) {
		write_to(RTC, "wakealarm", "0");
		snprintf(alarm, sizeof(alarm), "+%d", seconds);
		ret = write_to(RTC, "wakealarm", alarm);
	}
	if (!ret)
		ret = write_to(POWER, "state", variant->state);
	write_to(POWER, "pm_test", "none");
	return ret;
}

/* An alarm that comes before the system sleeps is answered with -EBUSY, too. */
static int sleep_system(const FIXTURE_VARIANT(sleep) *variant)
{
	int seconds = 2, ret;

	do {
		ret = try_to_sleep(variant, seconds);
		seconds *= 2;
	} while (ret == -EBUSY && !strcmp(variant->test, "none") && seconds < 60);
	return ret;
}

/* Why the system cannot sleep here, or NULL. */
static const char *no_sleep(const FIXTURE_VARIANT(sleep) *variant)
{
	char line[256];
	FILE *mounts;

	read_line(POWER, "state", line, sizeof(line));
	if (!strstr(line, variant->state))
		return "the kernel cannot suspend the system";
	if (access(POWER "pm_test", W_OK))
		return "a kernel without CONFIG_PM_SLEEP_DEBUG";
	/* Nobody's machine goes away for a test. */
	read_line(RTC, "name", line, sizeof(line));
	if (!strcmp(variant->test, "none") && !strstr(line, "uml-rtc"))
		return "not in User Mode Linux, which the alarm of its RTC wakes up";
	/* 9p over virtio has no suspend: the guest would never find its files again */
	mounts = fopen("/proc/mounts", "r");
	while (mounts && fgets(line, sizeof(line), mounts)) {
		if (strstr(line, " 9p ")) {
			fclose(mounts);
			return "files are in a 9p file system, which does not survive it";
		}
	}
	if (mounts)
		fclose(mounts);
	return NULL;
}

FIXTURE_SETUP(sleep)
{
	FIXTURE_DATA(pm) *pm = &self->pm;
	const char *why;
	int i;

	pm->fd = open_node(&pm->minor);
	if (pm->fd < 0)
		SKIP(return, "no device");
	if (geteuid())
		SKIP(return, "needs root");
	why = no_sleep(variant);
	if (why)
		SKIP(return, "%s", why);
	if (!find_injection(pm->inject, sizeof(pm->inject)))
		SKIP(return, "no debugfs");
	snprintf(pm->device, sizeof(pm->device), SYSFS_DEVICE "/", pm->minor);
	snprintf(pm->power, sizeof(pm->power), SYSFS_DEVICE "/power/", pm->minor);
	self->ready = true;
	write_number(SUSPEND, "pm_test_delay", 0);
	ASSERT_TRUE(make_small_job(pm->fd, &pm->small));
	pm->syncobj = create_syncobj(pm->fd);

	/* JOBS times the small job, each with a place of its own for what it writes */
	self->dst = create_bo(pm->fd, JOBS * SMALL_PAYLOAD);
	self->result = create_bo(pm->fd, JOBS * 256);
	self->payload = map_bo(pm->fd, self->dst, JOBS * SMALL_PAYLOAD);
	self->records = map_bo(pm->fd, self->result, JOBS * 256);
	ASSERT_NE(MAP_FAILED, (void *)self->payload);
	ASSERT_NE(MAP_FAILED, (void *)self->records);
	self->timeline = create_syncobj(pm->fd);
	for (i = 0; i < JOBS; i++) {
		struct drm_ascdev_job *job = &self->jobs[i];

		*job = pm->small.job;
		job->dst = (struct drm_ascdev_range){ self->dst, 0, i * SMALL_PAYLOAD,
						      SMALL_PAYLOAD };
		job->result = (struct drm_ascdev_range){ self->result, 0,
							 i * sizeof(*self->records),
							 sizeof(*self->records) };
		self->syncs[i] = (struct drm_ascdev_sync){
			DRM_ASCDEV_SYNC_SIGNAL | DRM_ASCDEV_SYNC_TIMELINE, self->timeline, i + 1
		};
		set_syncs(job, &self->syncs[i], 1);
	}
	ASSERT_EQ(1, run_small(pm));
	self->expected = pm->small.payload;
}

FIXTURE_TEARDOWN(sleep)
{
	if (self->ready) {
		write_number(self->pm.inject, "hang", 0);
		write_number(self->pm.inject, "slow_ms", 0);
		write_number(self->pm.device, "timeout_ms", 4000);
		write_number(self->pm.device, "engines", 1);
		write_number(self->pm.power, "autosuspend_delay_ms", 50);
		write_number(SUSPEND, "pm_test_delay", 5);
	}
	close(self->pm.fd);
}

static int wrong_jobs(FIXTURE_DATA(sleep) *self)
{
	int i, wrong = 0;

	for (i = 0; i < JOBS; i++)
		wrong += self->records[i].status != DRM_ASCDEV_STATUS_DONE ||
			 memcmp(self->payload + i * SMALL_PAYLOAD, self->expected, SMALL_PAYLOAD);
	return wrong;
}

TEST_F(sleep, a_device_at_rest_is_left_alone)
{
	FIXTURE_DATA(pm) *pm = &self->pm;
	long long awake;

	ASSERT_TRUE(status_becomes(pm, "suspended"));
	awake = power_number(pm, "runtime_active_time");
	ASSERT_EQ(0, sleep_system(variant));
	EXPECT_TRUE(status_is(pm, "suspended"));
	EXPECT_EQ(awake, power_number(pm, "runtime_active_time"));
	EXPECT_EQ(1, run_small(pm));
	EXPECT_TRUE(status_becomes(pm, "suspended"));
}

/* The first ones run, others are queued, the last wait for a fence. */
TEST_F(sleep, jobs_survive)
{
	FIXTURE_DATA(pm) *pm = &self->pm;
	struct drm_ascdev_sync syncs[2];
	struct foreign_fence fence;

	if (!make_foreign_fence(&fence))
		SKIP(return, "no vgem");
	syncs[0] = (struct drm_ascdev_sync){ 0, create_syncobj(pm->fd), 0 };
	syncs[1] = self->syncs[JOBS - 2];
	ASSERT_EQ(0, import_sync_file(pm->fd, syncs[0].handle, fence.sync_file));
	set_syncs(&self->jobs[JOBS - 2], syncs, 2);
	ASSERT_TRUE(write_number(pm->inject, "slow_ms", 20));
	ASSERT_EQ(0, submit_jobs(pm->fd, self->jobs, JOBS));
	ASSERT_TRUE(become_busy(pm, 1));
	ASSERT_EQ(0, sleep_system(variant));

	EXPECT_TRUE(status_is(pm, "active"));
	/* the fence signals by itself after 10 seconds */
	ASSERT_TRUE(write_number(pm->inject, "slow_ms", 0));
	EXPECT_EQ(0, wait_point(pm->fd, self->timeline, JOBS - 2, 60000));
	EXPECT_EQ(2, wrong_jobs(self));
	ASSERT_EQ(0, signal_foreign_fence(&fence));
	EXPECT_EQ(0, wait_point(pm->fd, self->timeline, JOBS, 60000));
	EXPECT_EQ(0, wrong_jobs(self));
	EXPECT_TRUE(stats_balance(pm->minor));
	EXPECT_TRUE(status_becomes(pm, "suspended"));
}

TEST_F(sleep, files_contexts_and_memory_survive)
{
	FIXTURE_DATA(pm) *pm = &self->pm;
	struct drm_ascdev_ctx_create create = {
		.priority = DRM_ASCDEV_PRIORITY_LOW,
		.defaults = { .codec = DRM_ASCDEV_CODEC_ZVC },
	};
	struct drm_ascdev_submit args = {
		.jobs = { sizeof(pm->small.job), 1, (uintptr_t)&pm->small.job },
	};
	uint32_t bo = create_bo(pm->fd, 1 << 20), other;
	uint8_t *memory = map_bo(pm->fd, bo, 1 << 20);
	int dmabuf = export_dmabuf(pm->fd, bo), fd, i, wrong = 0;

	ASSERT_NE(MAP_FAILED, (void *)memory);
	ASSERT_LE(0, dmabuf);
	for (i = 0; i < 1 << 20; i++)
		memory[i] = i * 31 >> 4;
	ASSERT_EQ(0, do_ioctl(pm->fd, DRM_IOCTL_ASCDEV_CTX_CREATE, &create));
	ASSERT_EQ(0, sleep_system(variant));

	for (i = 0; i < 1 << 20; i++)
		wrong += memory[i] != (uint8_t)(i * 31 >> 4);
	EXPECT_EQ(0, wrong);
	fd = open_node(NULL);
	ASSERT_LE(0, fd);
	other = import_dmabuf(fd, dmabuf);
	EXPECT_NE(0, other);
	close(fd);
	/* the context is there, with its defaults */
	args.ctx = create.ctx;
	pm->small.job.params = (struct drm_ascdev_codec_params){ .codec = 0 };
	pm->small.job.dst.handle = bo;
	pm->small.job.dst.size = 1 << 20;
	ASSERT_EQ(0, do_ioctl(pm->fd, DRM_IOCTL_ASCDEV_SUBMIT, &args));
	EXPECT_EQ(0, wait_bo(pm->fd, pm->small.result, 30000));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, pm->small.record->status);
	EXPECT_EQ(DRM_ASCDEV_CODEC_ZVC, pm->small.record->codec);
}

/* What makes no progress is ended as always; sleep waits for that. */
TEST_F(sleep, a_hang_is_ended_first)
{
	FIXTURE_DATA(pm) *pm = &self->pm;

	ASSERT_TRUE(write_number(pm->device, "timeout_ms", 2000));
	ASSERT_TRUE(write_number(pm->inject, "hang", 1));
	ASSERT_EQ(0, submit_jobs(pm->fd, self->jobs, JOBS));
	ASSERT_TRUE(become_busy(pm, 1));
	ASSERT_EQ(0, sleep_system(variant));
	EXPECT_EQ(0, wait_point(pm->fd, self->timeline, JOBS, 60000));
	EXPECT_EQ(-ETIME, self->records[0].error);
	EXPECT_EQ(1, wrong_jobs(self));
	EXPECT_TRUE(stats_balance(pm->minor));
}

/*
 * A job that makes progress is never cut off: the system stays awake, and so does the job.
 * One that ended meanwhile, and stays with its stopped scheduler, is no hang.
 */
TEST_F(sleep, a_long_job_keeps_the_system_awake)
{
	FIXTURE_DATA(pm) *pm = &self->pm;
	struct drm_ascdev_ctx_create create = { .flags = 0 };
	struct drm_ascdev_submit args = {
		.jobs = { sizeof(self->jobs[0]), 1, (uintptr_t)self->jobs },
	};
	struct drm_ascdev_job large;
	glob_t dumps;

	drop_dumps();
	ASSERT_TRUE(make_large_jobs(pm->fd, &large, 1));
	ASSERT_TRUE(write_number(pm->device, "engines", 2));
	ASSERT_TRUE(write_number(pm->device, "timeout_ms", 3000));
	ASSERT_TRUE(write_number(pm->inject, "slow_ms", 1000));
	ASSERT_EQ(0, do_ioctl(pm->fd, DRM_IOCTL_ASCDEV_CTX_CREATE, &create));
	args.ctx = create.ctx;
	ASSERT_EQ(0, submit_jobs(pm->fd, &large, 1));
	ASSERT_EQ(0, do_ioctl(pm->fd, DRM_IOCTL_ASCDEV_SUBMIT, &args));
	ASSERT_TRUE(become_busy(pm, 2));
	EXPECT_EQ(-EBUSY, try_to_sleep(variant, 60));
	EXPECT_TRUE(status_is(pm, "active"));
	EXPECT_EQ(GLOB_NOMATCH, glob("/sys/class/devcoredump/devcd*/data", 0, NULL, &dumps));
	ASSERT_TRUE(write_number(pm->inject, "slow_ms", 0));
	EXPECT_EQ(0, wait_bo(pm->fd, large.dst.handle, 60000));
	EXPECT_EQ(0, wait_bo(pm->fd, self->dst, 60000));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, self->records[0].status);
	EXPECT_EQ(0, sleep_system(variant));
	EXPECT_TRUE(stats_balance(pm->minor));
}

static int run_jobs_for_ever(FIXTURE_DATA(sleep) *self)
{
	int i;

	for (;;) {
		memset(self->records, 0, JOBS * sizeof(*self->records));
		memset(self->payload, 0, JOBS * SMALL_PAYLOAD);
		for (i = 0; i < JOBS; i++)
			self->syncs[i].timeline_value += JOBS;
		if (submit_jobs(self->pm.fd, self->jobs, JOBS))
			return 1;
		if (wait_bo(self->pm.fd, self->dst, 60000))
			return 2;
		if (wait_bo(self->pm.fd, self->result, 0))
			return 3;
		if (wrong_jobs(self))
			return 4;
	}
}

/* Wherever in its work the client is frozen. */
TEST_F(sleep, a_client_at_work_does_not_notice)
{
	long long completed = read_stat(self->pm.minor, "jobs_completed");
	int rounds = strcmp(variant->test, "none") ? 10 : 3, i, status;
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid)
		_exit(run_jobs_for_ever(self));
	for (i = 0; i < 6000 && read_stat(self->pm.minor, "jobs_completed") == completed; i++)
		usleep(10000);
	for (i = 0; i < rounds; i++) {
		EXPECT_EQ(0, sleep_system(variant));
		usleep(100000 + i * 7000);
	}
	/* still at work */
	EXPECT_EQ(0, waitpid(pid, &status, WNOHANG))
		TH_LOG("status %#x", status);
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_LT(completed, read_stat(self->pm.minor, "jobs_completed"));
	EXPECT_TRUE(stats_balance(self->pm.minor));
	EXPECT_TRUE(status_becomes(&self->pm, "suspended"));
}

TEST_HARNESS_MAIN
