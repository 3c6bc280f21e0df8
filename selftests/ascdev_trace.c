// SPDX-License-Identifier: MIT
/*
 * Trace events of jobs.  Needs root and tracefs.
 */

#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "ascdev_test.h"

#define TRACEFS		"/sys/kernel/tracing"
#define INJECT		"/sys/kernel/debug/accel/" FIRST_DEVICE "/inject"
#define MAX_EVENTS	64

static const char * const names[] = { "submit", "run", "done", "timeout", "cancel" };

enum name { SUBMIT, RUN, DONE, TIMEOUT, CANCEL, NAMES };

/**
 * struct event - a line of the trace
 * @name: one of enum name
 * @dev: name of the device
 * @client: client
 * @context: the job's name, with @seqno
 * @seqno: the job's name
 * @op: as a word
 * @codec: as a word
 * @rest: the event's own fields
 */
struct event {
	enum name name;
	char dev[32];
	unsigned long long client, context, seqno;
	char op[16], codec[16];
	char rest[256];
};

FIXTURE(trace)
{
	int fd;
	int minor;
	unsigned long long client;
	char instance[64];
	struct event events[MAX_EVENTS];
	int count;
};

static bool write_file(const char *dir, const char *file, const char *text)
{
	char path[160];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	fd = open(path, O_WRONLY | O_TRUNC);
	if (fd < 0)
		return false;
	n = write(fd, text, strlen(text));
	close(fd);
	return n == (ssize_t)strlen(text);
}

static unsigned long long client_of(int fd)
{
	unsigned long long id = 0;
	char path[64], line[256];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "drm-client-id: %llu", &id) == 1)
			break;
	}
	if (file)
		fclose(file);
	return id;
}

FIXTURE_SETUP(trace)
{
	self->fd = open_node(&self->minor);
	if (self->fd < 0)
		SKIP(return, "no device");
	if (geteuid())
		SKIP(return, "needs root");
	if (access(TRACEFS "/events", F_OK) && mount("tracefs", TRACEFS, "tracefs", 0, NULL))
		SKIP(return, "no tracefs: %s", strerror(errno));
	self->client = client_of(self->fd);
	ASSERT_NE(0, self->client);

	/* a buffer of our own */
	snprintf(self->instance, sizeof(self->instance), TRACEFS "/instances/ascdev-%d",
		 getpid());
	ASSERT_EQ(0, mkdir(self->instance, 0700)) TH_LOG("%s", strerror(errno));
	/* others are not precise enough everywhere to tell the order of events of two CPUs */
	ASSERT_TRUE(write_file(self->instance, "trace_clock", "counter"));
	ASSERT_TRUE(write_file(self->instance, "events/ascdev/enable", "1"));
	ASSERT_TRUE(write_file(self->instance, "tracing_on", "1"));
}

FIXTURE_TEARDOWN(trace)
{
	if (self->instance[0]) {
		write_file(self->instance, "events/ascdev/enable", "0");
		rmdir(self->instance);
	}
	close(self->fd);
}

static bool parse_event(const char *line, struct event *event)
{
	const char *at = strstr(line, " ascdev_job_");
	int i, end = 0;

	if (!at)
		return false;
	at += strlen(" ascdev_job_");
	for (i = 0; i < NAMES; i++) {
		if (!strncmp(at, names[i], strlen(names[i])) && at[strlen(names[i])] == ':')
			break;
	}
	if (i == NAMES)
		return false;
	event->name = i;
	at += strlen(names[i]);
	if (sscanf(at, ": dev=%31s client_id=%llu fence=%llu:%llu op=%15s codec=%15s %n",
		   event->dev, &event->client, &event->context, &event->seqno, event->op,
		   event->codec, &end) != 6 || !end)
		return false;
	snprintf(event->rest, sizeof(event->rest), "%s", at + end);
	event->rest[strcspn(event->rest, "\n")] = 0;
	return true;
}

/* Events in the trace, in the order in which they happened; -1 if one makes no sense. */
static int read_events(const char *instance, struct event *events)
{
	char path[80], line[512];
	int count = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/trace", instance);
	file = fopen(path, "r");
	if (!file)
		return -1;
	while (count >= 0 && fgets(line, sizeof(line), file)) {
		if (line[0] == '#')
			continue;
		if (count == MAX_EVENTS || !parse_event(line, &events[count]))
			count = -1;
		else
			count++;
	}
	fclose(file);
	return count;
}

TEST_F(trace, events_of_a_job)
{
	struct small_job small;
	char expected[256];
	int i;

	ASSERT_TRUE(make_small_job(self->fd, &small));
	for (i = 0; i < 3; i++) {
		struct event *events = self->events;

		ASSERT_TRUE(write_file(self->instance, "trace", ""));
		if (i == 1) {
			small.job.op = DRM_ASCDEV_OP_DECOMPRESS;
			small.job.params.profile = small.record->profile;
			small.job.src.handle = small.dst;
			small.job.src.size = SMALL_PAYLOAD;
			small.job.dst.handle = small.src;
			small.job.dst.size = SMALL_BYTES;
		}
		ASSERT_EQ(0, submit_jobs(self->fd, &small.job, 1));
		ASSERT_EQ(0, wait_bo(self->fd, small.dst, 20000));
		ASSERT_TRUE(stats_balance(self->minor));
		self->count = read_events(self->instance, events);
		ASSERT_EQ(3, self->count);
		EXPECT_EQ(SUBMIT, events[0].name);
		EXPECT_EQ(RUN, events[1].name);
		EXPECT_EQ(DONE, events[2].name);

		EXPECT_STREQ(FIRST_DEVICE, events[0].dev);
		EXPECT_EQ(self->client, events[0].client);
		EXPECT_EQ(i + 1, events[0].seqno);
		EXPECT_STREQ(i ? "decompress" : "compress", events[0].op);
		EXPECT_STREQ("asc-cbr", events[0].codec);
		snprintf(expected, sizeof(expected), "elements=%d bytes=%d", SMALL_BYTES,
			 i ? SMALL_PAYLOAD : SMALL_BYTES);
		EXPECT_STREQ(expected, events[0].rest);
		EXPECT_STREQ(expected, events[1].rest);
		snprintf(expected, sizeof(expected),
			 "elements=%d bytes_in=%llu bytes_out=%llu duration_ns=%llu error=0",
			 SMALL_BYTES, (unsigned long long)small.record->bytes_read,
			 (unsigned long long)small.record->bytes,
			 (unsigned long long)(small.record->end_ns - small.record->start_ns));
		EXPECT_STREQ(expected, events[2].rest);

		/* what names the job is the same in all */
		EXPECT_STREQ(events[0].dev, events[2].dev);
		EXPECT_EQ(events[0].client, events[1].client);
		EXPECT_EQ(events[0].client, events[2].client);
		EXPECT_EQ(events[0].context, events[1].context);
		EXPECT_EQ(events[0].context, events[2].context);
		EXPECT_EQ(events[0].seqno, events[1].seqno);
		EXPECT_EQ(events[0].seqno, events[2].seqno);
		EXPECT_STREQ(events[0].codec, events[2].codec);
	}
}

/* The fence that an engine signals, below that of the scheduler, tells whose it is. */
TEST_F(trace, names_of_fences)
{
	char path[80], line[512], driver[32], timeline[32];
	struct small_job small;
	int count = 0;
	FILE *file;

	ASSERT_TRUE(make_small_job(self->fd, &small));
	ASSERT_TRUE(write_file(self->instance, "events/ascdev/enable", "0"));
	ASSERT_TRUE(write_file(self->instance, "events/dma_fence/dma_fence_init/enable", "1"));
	ASSERT_EQ(0, submit_jobs(self->fd, &small.job, 1));
	ASSERT_EQ(0, wait_bo(self->fd, small.dst, 20000));
	ASSERT_TRUE(write_file(self->instance, "events/dma_fence/dma_fence_init/enable", "0"));

	snprintf(path, sizeof(path), "%s/trace", self->instance);
	file = fopen(path, "r");
	ASSERT_NE(NULL, file);
	while (fgets(line, sizeof(line), file)) {
		const char *at = strstr(line, "dma_fence_init: driver=");

		if (at && sscanf(at, "dma_fence_init: driver=%31s timeline=%31s", driver,
				 timeline) == 2 && !strcmp(driver, "ascdev")) {
			EXPECT_EQ(0, strncmp(timeline, "engine", 6)) TH_LOG("%s", timeline);
			count++;
		}
	}
	fclose(file);
	EXPECT_LT(0, count);
}

/* Each job of many has its three events in order, whatever the others do. */
TEST_F(trace, events_of_many_jobs)
{
	struct drm_ascdev_job jobs[16];
	struct small_job small;
	int i, k;

	ASSERT_TRUE(make_small_job(self->fd, &small));
	for (i = 0; i < 16; i++)
		jobs[i] = small.job;
	ASSERT_EQ(0, submit_jobs(self->fd, jobs, 16));
	ASSERT_EQ(0, wait_bo(self->fd, small.dst, 20000));
	ASSERT_TRUE(stats_balance(self->minor));
	self->count = read_events(self->instance, self->events);
	ASSERT_EQ(48, self->count);
	for (i = 1; i <= 16; i++) {
		enum name next = SUBMIT;

		for (k = 0; k < self->count; k++) {
			if (self->events[k].seqno == i)
				EXPECT_EQ(next++, self->events[k].name);
		}
		EXPECT_EQ(DONE + 1, next);
	}
}

TEST_F(trace, a_job_that_fails)
{
	struct small_job small;
	uint32_t order;

	/* an order of the channels that has the first one only */
	ASSERT_TRUE(make_small_job(self->fd, &small));
	order = create_bo(self->fd, 4096);
	small.job.dst = (struct drm_ascdev_range){ create_bo(self->fd, 65536), 0, 0, 65536 };
	small.job.order = (struct drm_ascdev_range){ order, 0, 0, 4096 };
	small.job.params.reorder = DRM_ASCDEV_REORDER_GIVEN;
	ASSERT_EQ(0, submit_jobs(self->fd, &small.job, 1));
	ASSERT_EQ(0, wait_bo(self->fd, small.job.dst.handle, 20000));
	ASSERT_TRUE(stats_balance(self->minor));
	ASSERT_EQ(-EBADMSG, small.record->error);
	self->count = read_events(self->instance, self->events);
	ASSERT_EQ(3, self->count);
	EXPECT_EQ(DONE, self->events[2].name);
	EXPECT_NE(NULL, strstr(self->events[2].rest, " error=-74"))
		TH_LOG("%s", self->events[2].rest);
}

/* A job of a killed client that waits for a fence: it ends, and never runs. */
TEST_F(trace, a_job_that_never_runs)
{
	struct foreign_fence fence;
	int status;
	pid_t pid;

	if (!make_foreign_fence(&fence))
		SKIP(return, "no vgem");
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		struct drm_ascdev_sync sync = { 0 };
		struct small_job small;
		int fd = open_node(NULL);

		if (fd < 0 || !make_small_job(fd, &small))
			_exit(1);
		sync.handle = create_syncobj(fd);
		import_sync_file(fd, sync.handle, fence.sync_file);
		set_syncs(&small.job, &sync, 1);
		submit_jobs(fd, &small.job, 1);
		kill(getpid(), SIGKILL);
	}
	/* its files are closed by then */
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_EQ(0, signal_foreign_fence(&fence));
	ASSERT_TRUE(stats_balance(self->minor));
	self->count = read_events(self->instance, self->events);
	ASSERT_EQ(2, self->count);
	EXPECT_EQ(SUBMIT, self->events[0].name);
	EXPECT_EQ(DONE, self->events[1].name);
	EXPECT_EQ(self->events[0].context, self->events[1].context);
	EXPECT_EQ(self->events[0].seqno, self->events[1].seqno);
	EXPECT_NE(self->client, self->events[1].client);
	EXPECT_STREQ("asc-cbr", self->events[1].codec);
	EXPECT_NE(NULL, strstr(self->events[1].rest,
			       "bytes_in=0 bytes_out=0 duration_ns=0 error=-"))
		TH_LOG("%s", self->events[1].rest);
}

/* An engine that is told to hang. */
TEST_F(trace, a_job_that_hangs)
{
	struct small_job small;
	char device[64];
	int i;

	snprintf(device, sizeof(device), SYSFS_DEVICE, self->minor);
	if (access(INJECT "/hang", W_OK))
		SKIP(return, "no debugfs");
	ASSERT_TRUE(make_small_job(self->fd, &small));
	ASSERT_TRUE(write_file(device, "timeout_ms", "100"));
	ASSERT_TRUE(write_file(INJECT, "hang", "1"));
	EXPECT_EQ(0, submit_jobs(self->fd, &small.job, 1));
	EXPECT_EQ(0, wait_bo(self->fd, small.dst, 20000));
	EXPECT_TRUE(write_file(device, "timeout_ms", "4000"));
	ASSERT_TRUE(stats_balance(self->minor));
	ASSERT_EQ(-ETIME, small.record->error);
	self->count = read_events(self->instance, self->events);
	ASSERT_EQ(4, self->count);
	EXPECT_EQ(SUBMIT, self->events[0].name);
	EXPECT_EQ(RUN, self->events[1].name);
	EXPECT_EQ(TIMEOUT, self->events[2].name);
	EXPECT_STREQ("elements=16384 units=0 error=-62", self->events[2].rest);
	EXPECT_EQ(DONE, self->events[3].name);
	EXPECT_NE(NULL, strstr(self->events[3].rest, " error=-62"))
		TH_LOG("%s", self->events[3].rest);
	for (i = 1; i < 4; i++) {
		EXPECT_EQ(self->events[0].client, self->events[i].client);
		EXPECT_EQ(self->events[0].context, self->events[i].context);
		EXPECT_EQ(self->events[0].seqno, self->events[i].seqno);
	}
}

/* One that runs, and one behind it. */
TEST_F(trace, jobs_that_are_cancelled)
{
	static const enum name expected[] = { SUBMIT, SUBMIT, RUN, CANCEL, CANCEL, DONE, DONE };
	struct drm_ascdev_cancel cancel = { .flags = DRM_ASCDEV_CANCEL_ALL };
	struct drm_ascdev_job jobs[2];
	struct small_job small;
	int i, tries;

	if (access(INJECT "/hang", W_OK))
		SKIP(return, "no debugfs");
	ASSERT_TRUE(make_small_job(self->fd, &small));
	jobs[0] = small.job;
	jobs[1] = small.job;
	ASSERT_TRUE(write_file(INJECT, "hang", "1"));
	ASSERT_EQ(0, submit_jobs(self->fd, jobs, 2));
	for (tries = 0; read_events(self->instance, self->events) < 3 && tries < 1000; tries++)
		usleep(2000);
	EXPECT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CANCEL, &cancel));
	EXPECT_EQ(2, cancel.cancelled);
	EXPECT_EQ(0, wait_bo(self->fd, small.dst, 20000));
	ASSERT_TRUE(stats_balance(self->minor));
	self->count = read_events(self->instance, self->events);
	ASSERT_EQ(7, self->count);
	for (i = 0; i < self->count; i++) {
		const struct event *event = &self->events[i];

		/* the engine may begin the first one before the second is queued */
		if (i != 1 && i != 2)
			EXPECT_EQ(expected[i], event->name);
		if (event->name == CANCEL)
			EXPECT_STREQ("elements=16384 bytes=16384", event->rest);
		if (event->name == DONE)
			EXPECT_NE(NULL, strstr(event->rest, " error=-125"))
				TH_LOG("%s", event->rest);
	}
	EXPECT_EQ(self->events[0].seqno, self->events[3].seqno);
	EXPECT_EQ(self->events[0].seqno, self->events[5].seqno);
	EXPECT_EQ(self->events[0].seqno + 1, self->events[4].seqno);
	EXPECT_EQ(self->events[0].seqno + 1, self->events[6].seqno);
}

TEST_F(trace, fields_are_described)
{
	char path[128], text[4096];
	size_t n;
	FILE *file;

	snprintf(path, sizeof(path), "%s/events/ascdev/ascdev_job_timeout/format", self->instance);
	file = fopen(path, "r");
	ASSERT_NE(NULL, file);
	n = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[n] = 0;
	EXPECT_NE(NULL, strstr(text, "u64 client_id;"));
	EXPECT_NE(NULL, strstr(text, "u64 fence_context;"));
	EXPECT_NE(NULL, strstr(text, "u64 fence_seqno;"));
	EXPECT_NE(NULL, strstr(text, "u32 units;"));
	/* enums are numbers, so that programs can make words of them */
	EXPECT_NE(NULL, strstr(text, "{ 1, \"decompress\" }"));
	EXPECT_NE(NULL, strstr(text, "{ 1, \"asc-cbr\" }"));
}

TEST_HARNESS_MAIN
