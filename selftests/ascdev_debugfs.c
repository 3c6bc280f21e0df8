// SPDX-License-Identifier: MIT
/*
 * Files in debugfs.  Needs root.
 */

#include <pthread.h>
#include <sys/mount.h>

#include "ascdev_test.h"

#define DEBUGFS		"/sys/kernel/debug"
#define DEVICE_DIR	DEBUGFS "/accel/" FIRST_DEVICE

FIXTURE(debugfs)
{
	int fd;
	int minor;
	unsigned long long client;
	char text[65536];
};

/* The file as a string; its length, or a negative errno. */
static int read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY), length = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	do {
		n = read(fd, text + length, size - 1 - length);
		if (n > 0)
			length += n;
	} while (n > 0);
	close(fd);
	text[length] = 0;
	return n < 0 ? -errno : length;
}

static unsigned long long client_of(int fd)
{
	unsigned long long id = 0;
	char path[64], text[4096];
	const char *line;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	if (read_text(path, text, sizeof(text)) < 0)
		return 0;
	line = strstr(text, "drm-client-id:");
	if (line)
		sscanf(line, "drm-client-id: %llu", &id);
	return id;
}

FIXTURE_SETUP(debugfs)
{
	self->fd = open_node(&self->minor);
	if (self->fd < 0)
		SKIP(return, "no device");
	if (geteuid())
		SKIP(return, "needs root");
	if (access(DEBUGFS "/accel", F_OK) && mount("debugfs", DEBUGFS, "debugfs", 0, NULL))
		SKIP(return, "no debugfs: %s", strerror(errno));
	self->client = client_of(self->fd);
	ASSERT_NE(0, self->client);
}

FIXTURE_TEARDOWN(debugfs)
{
	write_number(DEVICE_DIR "/inject/", "slow_ms", 0);
	close(self->fd);
}

/**
 * struct engine - a line of "engines"
 * @state: state
 * @client: whose job; 0 for none
 * @op: as a word
 * @codec: as a word
 * @units: units of work done
 * @since: when it began
 * @elapsed: for how long
 */
struct engine {
	char state[16];
	unsigned long long client;
	char op[16], codec[16];
	unsigned int units;
	unsigned long long since, elapsed;
};

/* The first engine. */
static bool read_engine(char *text, size_t size, struct engine *engine)
{
	static const char header[] =
		"engine state client fence op codec units since_ns elapsed_ns\n";

	memset(engine, 0, sizeof(*engine));
	if (read_text(DEVICE_DIR "/engines", text, size) < 0 ||
	    strncmp(text, header, strlen(header)))
		return false;
	text += strlen(header);
	if (!strcmp(text, "0 idle - - - - - - -\n"))
		return sscanf(text, "0 %15s", engine->state) == 1;
	return sscanf(text, "0 %15s %llu %*u:%*u %15s %15s %u %llu %llu\n", engine->state,
		      &engine->client, engine->op, engine->codec, &engine->units,
		      &engine->since, &engine->elapsed) == 7;
}

TEST_F(debugfs, engines)
{
	unsigned long long now = deadline_ms(0);
	struct engine engine, later;
	struct drm_ascdev_job jobs[4];

	ASSERT_TRUE(stats_balance(self->minor));
	ASSERT_TRUE(read_engine(self->text, sizeof(self->text), &engine));
	EXPECT_STREQ("idle", engine.state);

	/* so slow that each of their steps is seen */
	ASSERT_TRUE(write_number(DEVICE_DIR "/inject/", "slow_ms", 100));
	ASSERT_TRUE(make_large_jobs(self->fd, jobs, 4));
	ASSERT_EQ(0, submit_jobs(self->fd, jobs, 4));
	do {
		ASSERT_TRUE(read_engine(self->text, sizeof(self->text), &engine));
	} while (strcmp(engine.state, "busy"));
	EXPECT_EQ(self->client, engine.client);
	EXPECT_STREQ("compress", engine.op);
	EXPECT_STREQ("asc-cbr", engine.codec);
	EXPECT_LT(now, engine.since);
	EXPECT_GE(deadline_ms(0), engine.since + engine.elapsed);
	do {
		ASSERT_TRUE(read_engine(self->text, sizeof(self->text), &later));
	} while (later.units == engine.units);
	EXPECT_EQ(engine.since, later.since);
	EXPECT_LT(engine.units, later.units);
	EXPECT_LT(engine.elapsed, later.elapsed);
	ASSERT_TRUE(write_number(DEVICE_DIR "/inject/", "slow_ms", 0));
	ASSERT_EQ(0, wait_bo(self->fd, jobs[0].dst.handle, 300000));
	ASSERT_TRUE(read_engine(self->text, sizeof(self->text), &engine));
	EXPECT_STREQ("idle", engine.state);
}

/**
 * struct client - a line of "clients"
 * @pid: process
 * @command: its name
 * @queued: jobs that have not ended
 * @completed: jobs that ended well
 * @failed: jobs that failed
 * @cancelled: jobs that never ran
 * @memory: bytes of its buffer objects
 * @pinned: bytes of those that its jobs used
 */
struct client {
	int pid;
	char command[32];
	unsigned long long queued, completed, failed, cancelled, memory, pinned;
};

static bool read_client(char *text, size_t size, unsigned long long id, struct client *client)
{
	static const char header[] =
		"client pid command queued completed failed cancelled memory pinned\n";
	unsigned long long found;
	char *line;

	if (read_text(DEVICE_DIR "/clients", text, size) < 0 ||
	    strncmp(text, header, strlen(header)))
		return false;
	text += strlen(header);
	while ((line = strsep(&text, "\n"))) {
		if (sscanf(line, "%llu %d %31s %llu %llu %llu %llu %llu %llu", &found,
			   &client->pid, client->command, &client->queued,
			   &client->completed, &client->failed, &client->cancelled,
			   &client->memory, &client->pinned) == 9 &&
		    found == id)
			return true;
	}
	return false;
}

TEST_F(debugfs, clients)
{
	const uint64_t bytes = SMALL_BYTES + SMALL_PAYLOAD + 4096;
	int other = open_node(NULL);
	unsigned long long other_client = client_of(other);
	struct drm_ascdev_sync sync = { 0 };
	struct foreign_fence fence;
	struct small_job small;
	struct client client;
	uint32_t order;

	ASSERT_TRUE(read_client(self->text, sizeof(self->text), self->client, &client));
	EXPECT_EQ(getpid(), client.pid);
	EXPECT_STREQ("ascdev_debugfs", client.command);
	EXPECT_EQ(0, client.queued + client.completed + client.failed + client.cancelled);
	EXPECT_EQ(0, client.memory);

	ASSERT_TRUE(make_small_job(self->fd, &small));
	ASSERT_EQ(0, submit_jobs(self->fd, &small.job, 1));
	ASSERT_EQ(0, wait_bo(self->fd, small.dst, 20000));
	order = create_bo(self->fd, 4096);
	ASSERT_TRUE(read_client(self->text, sizeof(self->text), self->client, &client));
	EXPECT_EQ(0, client.queued);
	EXPECT_EQ(1, client.completed);
	EXPECT_EQ(bytes + 4096, client.memory);
	EXPECT_EQ(bytes, client.pinned);

	/* one that fails, for its order makes no sense */
	small.job.order = (struct drm_ascdev_range){ order, 0, 0, 4096 };
	small.job.params.reorder = DRM_ASCDEV_REORDER_GIVEN;
	small.job.dst = (struct drm_ascdev_range){ create_bo(self->fd, 65536), 0, 0, 65536 };
	ASSERT_EQ(0, submit_jobs(self->fd, &small.job, 1));
	ASSERT_EQ(0, wait_bo(self->fd, small.job.dst.handle, 20000));
	ASSERT_TRUE(read_client(self->text, sizeof(self->text), self->client, &client));
	EXPECT_EQ(1, client.completed);
	EXPECT_EQ(1, client.failed);
	EXPECT_EQ(0, client.cancelled);

	ASSERT_TRUE(read_client(self->text, sizeof(self->text), other_client, &client));
	EXPECT_EQ(0, client.completed + client.failed);
	EXPECT_EQ(0, client.memory);
	close(other);
	EXPECT_FALSE(read_client(self->text, sizeof(self->text), other_client, &client));

	if (!make_foreign_fence(&fence))
		SKIP(return, "no vgem");
	sync.handle = create_syncobj(self->fd);
	ASSERT_EQ(0, import_sync_file(self->fd, sync.handle, fence.sync_file));
	set_syncs(&small.job, &sync, 1);
	ASSERT_EQ(0, submit_jobs(self->fd, &small.job, 1));
	ASSERT_TRUE(read_client(self->text, sizeof(self->text), self->client, &client));
	EXPECT_EQ(1, client.queued);
	ASSERT_EQ(0, signal_foreign_fence(&fence));
	ASSERT_EQ(0, wait_bo(self->fd, small.job.dst.handle, 20000));
	ASSERT_TRUE(read_client(self->text, sizeof(self->text), self->client, &client));
	EXPECT_EQ(0, client.queued);
	EXPECT_EQ(2, client.failed);
}

/* The end of the line of the object of so many bytes, which must be the only one; or NULL. */
static const char *read_bo(char *text, size_t size, unsigned long bytes)
{
	static const char header[] =
		"size resident mapped shared wc handles references label\n";
	char prefix[32], *line, *found = NULL;

	if (read_text(DEVICE_DIR "/bos", text, size) < 0 || strncmp(text, header, strlen(header)))
		return NULL;
	snprintf(prefix, sizeof(prefix), "%lu ", bytes);
	text += strlen(header);
	while ((line = strsep(&text, "\n"))) {
		if (strncmp(line, prefix, strlen(prefix)))
			continue;
		if (found)
			return NULL;
		found = line + strlen(prefix);
	}
	return found;
}

/* A job and a dma-buf let go of an object a little after they have ended. */
static const char *await_bo(char *text, size_t size, unsigned long bytes, const char *line)
{
	const char *got;
	int tries;

	for (tries = 0; tries < 200; tries++) {
		got = read_bo(text, size, bytes);
		if (!got == !line && (!got || !strcmp(got, line)))
			break;
		usleep(10000);
	}
	return got;
}

/**
 * struct context - a line of "contexts"
 * @priority: as a word
 * @queued: jobs that no engine has yet
 * @hangs: hangs counted against it
 * @state: as a word
 * @last_error: negative errno, or 0
 */
struct context {
	char priority[16];
	int queued, hangs;
	char state[16];
	int last_error;
};

static bool read_context(char *text, size_t size, unsigned long long client, unsigned int id,
			 struct context *context)
{
	static const char header[] =
		"client context priority queued hangs state last_error\n";
	unsigned long long found_client;
	unsigned int found;
	char *line;

	if (read_text(DEVICE_DIR "/contexts", text, size) < 0 ||
	    strncmp(text, header, strlen(header)))
		return false;
	text += strlen(header);
	while ((line = strsep(&text, "\n"))) {
		if (sscanf(line, "%llu %u %15s %d %d %15s %d", &found_client, &found,
			   context->priority, &context->queued, &context->hangs,
			   context->state, &context->last_error) == 7 &&
		    found_client == client && found == id)
			return true;
	}
	return false;
}

/**
 * struct queue - a line of "queues"
 * @priority: as a word
 * @engine: its number
 * @queued: jobs that no engine has yet
 * @cookie: of the first job
 * @state: as a word
 * @waits_for: a fence, or "-"
 */
struct queue {
	char priority[16];
	unsigned int engine;
	int queued;
	unsigned long long cookie;
	char state[16], waits_for[48];
};

static bool read_queue(char *text, size_t size, unsigned long long client, unsigned int id,
		       struct queue *queue)
{
	static const char header[] =
		"client context priority engine queued fence cookie state waits_for\n";
	unsigned long long found_client;
	unsigned int found;
	char *line;

	if (read_text(DEVICE_DIR "/queues", text, size) < 0 ||
	    strncmp(text, header, strlen(header)))
		return false;
	text += strlen(header);
	while ((line = strsep(&text, "\n"))) {
		if (sscanf(line, "%llu %u %15s %u %d %*u:%*u %llx %15s %47s", &found_client, &found,
			   queue->priority, &queue->engine, &queue->queued, &queue->cookie,
			   queue->state, queue->waits_for) == 8 &&
		    found_client == client && found == id)
			return true;
	}
	return false;
}

/* Until the first job of context 0 is in this state. */
static bool await_queue(FIXTURE_DATA(debugfs) *self, struct queue *queue, const char *state)
{
	int tries;

	for (tries = 0; tries < 1000; tries++) {
		if (read_queue(self->text, sizeof(self->text), self->client, 0, queue) &&
		    !strcmp(queue->state, state))
			return true;
		usleep(10000);
	}
	return false;
}

TEST_F(debugfs, queues)
{
	struct drm_ascdev_sync sync = { 0 };
	struct drm_ascdev_job jobs[2];
	struct foreign_fence fence;
	struct small_job small;
	struct queue queue;

	ASSERT_TRUE(make_small_job(self->fd, &small));
	ASSERT_TRUE(stats_balance(self->minor));
	EXPECT_FALSE(read_queue(self->text, sizeof(self->text), self->client, 0, &queue));
	if (!make_foreign_fence(&fence))
		SKIP(return, "no vgem");
	sync.handle = create_syncobj(self->fd);
	ASSERT_EQ(0, import_sync_file(self->fd, sync.handle, fence.sync_file));
	jobs[0] = small.job;
	jobs[0].cookie = 0xabc;
	jobs[1] = small.job;
	set_syncs(&jobs[0], &sync, 1);
	ASSERT_TRUE(write_number(DEVICE_DIR "/inject/", "slow_ms", 1000));
	ASSERT_EQ(0, submit_jobs(self->fd, jobs, 2));
	ASSERT_TRUE(await_queue(self, &queue, "waiting"));
	EXPECT_STREQ("normal", queue.priority);
	EXPECT_EQ(0, queue.engine);
	EXPECT_EQ(2, queue.queued);
	EXPECT_EQ(0xabc, queue.cookie);
	EXPECT_NE(NULL, strchr(queue.waits_for, ':'));
	ASSERT_EQ(0, signal_foreign_fence(&fence));
	ASSERT_TRUE(await_queue(self, &queue, "running"));
	EXPECT_EQ(0xabc, queue.cookie);
	EXPECT_EQ(1, queue.queued);
	EXPECT_STREQ("-", queue.waits_for);
	ASSERT_TRUE(write_number(DEVICE_DIR "/inject/", "slow_ms", 0));
	ASSERT_EQ(0, wait_bo(self->fd, small.dst, 20000));
	EXPECT_FALSE(read_queue(self->text, sizeof(self->text), self->client, 0, &queue));
}

TEST_F(debugfs, contexts)
{
	struct drm_ascdev_ctx_create create = { .priority = DRM_ASCDEV_PRIORITY_LOW };
	struct drm_ascdev_ctx_destroy destroy = { .pad = 0 };
	struct drm_ascdev_job jobs[2];
	struct drm_ascdev_submit submit = {
		.jobs = { sizeof(jobs[0]), 1, (uintptr_t)jobs },
	};
	struct drm_ascdev_sync sync = { 0 };
	struct foreign_fence fence;
	struct small_job small;
	struct context context;

	ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CTX_CREATE, &create));
	submit.ctx = create.ctx;
	destroy.ctx = create.ctx;
	ASSERT_TRUE(read_context(self->text, sizeof(self->text), self->client, 0, &context));
	EXPECT_STREQ("normal", context.priority);
	ASSERT_TRUE(read_context(self->text, sizeof(self->text), self->client, create.ctx,
				 &context));
	EXPECT_STREQ("low", context.priority);
	EXPECT_EQ(0, context.queued);
	EXPECT_EQ(0, context.hangs);
	EXPECT_STREQ("-", context.state);
	EXPECT_EQ(0, context.last_error);

	/* one that fails, for its order makes no sense */
	ASSERT_TRUE(make_small_job(self->fd, &small));
	jobs[0] = small.job;
	jobs[0].order = (struct drm_ascdev_range){ create_bo(self->fd, 4096), 0, 0, 4096 };
	jobs[0].params.reorder = DRM_ASCDEV_REORDER_GIVEN;
	jobs[0].dst = (struct drm_ascdev_range){ create_bo(self->fd, 65536), 0, 0, 65536 };
	ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_SUBMIT, &submit));
	ASSERT_EQ(0, wait_bo(self->fd, jobs[0].dst.handle, 20000));
	ASSERT_TRUE(read_context(self->text, sizeof(self->text), self->client, create.ctx,
				 &context));
	EXPECT_EQ(-EBADMSG, context.last_error);
	ASSERT_TRUE(read_context(self->text, sizeof(self->text), self->client, 0, &context));
	EXPECT_EQ(0, context.last_error);

	if (make_foreign_fence(&fence)) {
		jobs[0] = small.job;
		jobs[1] = small.job;
		sync.handle = create_syncobj(self->fd);
		ASSERT_EQ(0, import_sync_file(self->fd, sync.handle, fence.sync_file));
		set_syncs(&jobs[0], &sync, 1);
		submit.jobs.count = 2;
		ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_SUBMIT, &submit));
		ASSERT_TRUE(read_context(self->text, sizeof(self->text), self->client,
					 create.ctx, &context));
		EXPECT_EQ(2, context.queued);
		ASSERT_EQ(0, signal_foreign_fence(&fence));
		ASSERT_EQ(0, wait_bo(self->fd, small.dst, 20000));
		ASSERT_TRUE(read_context(self->text, sizeof(self->text), self->client,
					 create.ctx, &context));
		EXPECT_EQ(0, context.queued);
	}
	ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CTX_DESTROY, &destroy));
	EXPECT_FALSE(read_context(self->text, sizeof(self->text), self->client, create.ctx,
				  &context));
}

#define EXPECT_BO(bytes, line) \
	EXPECT_STREQ(line, await_bo(self->text, sizeof(self->text), bytes, line) ?: "none")

TEST_F(debugfs, bos)
{
	const unsigned long bytes = 37 * 4096;
	int other = open_node(NULL), dmabuf;
	struct drm_gem_close close_args = { 0 };
	struct small_job small;
	uint32_t handle;
	void *map;

	ASSERT_EQ(NULL, read_bo(self->text, sizeof(self->text), bytes));
	handle = create_bo(self->fd, bytes);
	ASSERT_NE(0, handle);
	EXPECT_BO(bytes, "- - - - 1 1 -");

	map = map_bo(self->fd, handle, bytes);
	ASSERT_NE(MAP_FAILED, map);
	EXPECT_BO(bytes, "resident - - - 1 2 -");
	munmap(map, bytes);
	EXPECT_BO(bytes, "- - - - 1 1 -");

	/* used by a job */
	ASSERT_TRUE(make_small_job(self->fd, &small));
	small.job.dst = (struct drm_ascdev_range){ handle, 0, 0, bytes };
	ASSERT_EQ(0, submit_jobs(self->fd, &small.job, 1));
	ASSERT_EQ(0, wait_bo(self->fd, handle, 20000));
	EXPECT_BO(bytes, "resident mapped - - 1 1 -");

	dmabuf = export_dmabuf(self->fd, handle);
	ASSERT_LE(0, dmabuf);
	EXPECT_BO(bytes, "resident mapped exported - 1 2 -");
	ASSERT_NE(0, import_dmabuf(other, dmabuf));
	EXPECT_BO(bytes, "resident mapped exported - 2 2 -");

	/* pinned by the file whose job it was */
	close_args.handle = handle;
	ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_GEM_CLOSE, &close_args));
	EXPECT_BO(bytes, "- - exported - 1 2 -");

	/* held by the dma-buf alone */
	close(other);
	EXPECT_BO(bytes, "- - - - 0 1 -");
	close(dmabuf);
	EXPECT_EQ(NULL, await_bo(self->text, sizeof(self->text), bytes, NULL));
}

static int set_label(int fd, uint32_t handle, const char *label)
{
	struct drm_ascdev_bo_set_label args = { .handle = handle, .label = (uintptr_t)label };

	return do_ioctl(fd, DRM_IOCTL_ASCDEV_BO_SET_LABEL, &args);
}

TEST_F(debugfs, labels)
{
	const unsigned long bytes = 39 * 4096;
	struct drm_ascdev_bo_create args = { .size = bytes, .flags = DRM_ASCDEV_BO_WC };

	ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_CREATE, &args));
	EXPECT_BO(bytes, "- - - wc 1 1 -");
	ASSERT_EQ(0, set_label(self->fd, args.handle, "conv1/weights"));
	EXPECT_BO(bytes, "- - - wc 1 1 conv1/weights");
	/* nothing in it can pass for another column, or another line */
	ASSERT_EQ(0, set_label(self->fd, args.handle, "a b\\n\n\x1b[\xc3\xa4%s"));
	EXPECT_BO(bytes, "- - - wc 1 1 a\\040b\\134n\\012\\033[\\303\\244%s");
	ASSERT_EQ(0, set_label(self->fd, args.handle, ""));
	EXPECT_BO(bytes, "- - - wc 1 1 -");
	ASSERT_EQ(0, set_label(self->fd, args.handle, "x"));
	EXPECT_BO(bytes, "- - - wc 1 1 x");
	ASSERT_EQ(0, set_label(self->fd, args.handle, NULL));
	EXPECT_BO(bytes, "- - - wc 1 1 -");
}

/**
 * struct reader - a thread that reads everything
 * @stop: it ends
 * @fd: a node, for fdinfo
 * @reads: how often there was something to read
 */
struct reader {
	volatile bool stop;
	volatile int fd;
	unsigned long reads;
};

static void *read_always(void *data)
{
	static const char * const files[] = {
		DEVICE_DIR "/engines", DEVICE_DIR "/clients", DEVICE_DIR "/contexts",
		DEVICE_DIR "/queues", DEVICE_DIR "/bos",
	};
	struct reader *reader = data;
	static char text[65536];
	char path[64];
	size_t i;

	while (!reader->stop) {
		for (i = 0; i < ARRAY_SIZE(files); i++)
			reader->reads += read_text(files[i], text, sizeof(text)) > 0;
		snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", reader->fd);
		reader->reads += read_text(path, text, sizeof(text)) > 0;
	}
	return NULL;
}

TEST_F(debugfs, reads_while_the_device_goes_away)
{
	struct reader reader = { .fd = self->fd };
	pthread_t thread;
	char byte;
	int i, file;

	file = open(DEVICE_DIR "/bos", O_RDONLY);
	ASSERT_LE(0, file);
	ASSERT_EQ(0, pthread_create(&thread, NULL, read_always, &reader));
	for (i = 0; i < 10; i++) {
		struct drm_ascdev_job jobs[4];
		int fd = open_node(NULL);

		ASSERT_LE(0, fd);
		ASSERT_TRUE(make_large_jobs(fd, jobs, 4));
		reader.fd = fd;
		ASSERT_EQ(0, submit_jobs(fd, jobs, 4));
		usleep(20000 + i * 5000);
		ASSERT_EQ(0, write_device("unbind"));
		ASSERT_TRUE(rebind());
		close(fd);
	}
	reader.stop = true;
	pthread_join(thread, NULL);
	EXPECT_LT(0, reader.reads);
	/* opened before the device went away */
	EXPECT_GT(0, read(file, &byte, 1));
	close(file);
}

TEST_HARNESS_MAIN
