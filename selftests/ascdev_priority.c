// SPDX-License-Identifier: MIT
/*
 * Who is served when: turns among equals, priorities, and who may have which.  The order
 * is that of the records' start_ns; an engine is kept busy while jobs are queued by making
 * it slow, for which the tests need root and debugfs.
 */

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "ascdev_test.h"

#define SLOW	"/sys/kernel/debug/accel/" FIRST_DEVICE "/inject/slow_ms"

/**
 * struct queue - jobs of one context, with a record each
 * @fd: node
 * @ctx: context
 * @dst: buffer object for the payload, which nobody shares
 * @records: how they ended
 * @jobs: the smallest that there are
 * @count: number of @records and @jobs
 */
struct queue {
	int fd;
	uint32_t ctx;
	uint32_t dst;
	struct drm_ascdev_result *records;
	struct drm_ascdev_job *jobs;
	uint32_t count;
};

FIXTURE(priority)
{
	int fd;
	uint32_t engines;
	struct drm_ascdev_job gate;
};

static bool set_slow(int ms)
{
	FILE *file = fopen(SLOW, "w");

	return file && fprintf(file, "%d", ms) > 0 && !fclose(file);
}

static int create(int fd, uint32_t priority, uint32_t *ctx)
{
	struct drm_ascdev_ctx_create args = { .priority = priority };
	int ret = do_ioctl(fd, DRM_IOCTL_ASCDEV_CTX_CREATE, &args);

	*ctx = args.ctx;
	return ret;
}

static struct drm_ascdev_dev_info device_info(int fd)
{
	struct drm_ascdev_dev_info info = { 0 };
	struct drm_ascdev_dev_query query = {
		.type = DRM_ASCDEV_DEV_QUERY_DEV_INFO, .size = sizeof(info),
		.pointer = (uintptr_t)&info,
	};

	do_ioctl(fd, DRM_IOCTL_ASCDEV_DEV_QUERY, &query);
	return info;
}

/* 64 values each. */
static bool make_queue(struct queue *q, int fd, uint32_t ctx, uint32_t count)
{
	struct drm_ascdev_job job = { .op = DRM_ASCDEV_OP_COMPRESS };
	uint64_t bytes = count * sizeof(*q->records);
	uint32_t result = create_bo(fd, bytes), i;

	*q = (struct queue){ .fd = fd, .ctx = ctx, .dst = create_bo(fd, 4096), .count = count };
	q->records = map_bo(fd, result, bytes);
	q->jobs = calloc(count, sizeof(*q->jobs));
	describe_dense(&job.surface, DRM_ASCDEV_DTYPE_U8, 1, 1, 1, 64);
	job.params.codec = DRM_ASCDEV_CODEC_RAW;
	job.src = (struct drm_ascdev_range){ create_bo(fd, 4096), 0, 0, 64 };
	job.dst = (struct drm_ascdev_range){ q->dst, 0, 0, 64 };
	if (!q->dst || !job.src.handle || q->records == MAP_FAILED || !q->jobs)
		return false;
	for (i = 0; i < count; i++) {
		q->jobs[i] = job;
		q->jobs[i].cookie = i;
		q->jobs[i].result = (struct drm_ascdev_range){
			result, 0, i * sizeof(*q->records), sizeof(*q->records)
		};
	}
	return true;
}

static void free_queue(struct queue *q)
{
	munmap(q->records, q->count * sizeof(*q->records));
	free(q->jobs);
}

static int submit_queue(struct queue *q)
{
	uint32_t done, n;
	int ret = 0;

	for (done = 0; !ret && done < q->count; done += n) {
		struct drm_ascdev_submit args = {
			.ctx = q->ctx,
			.jobs = { .stride = sizeof(*q->jobs),
				  .array = (uintptr_t)(q->jobs + done) },
		};

		n = q->count - done < 250 ? q->count - done : 250;
		args.jobs.count = n;
		ret = do_ioctl(q->fd, DRM_IOCTL_ASCDEV_SUBMIT, &args);
	}
	return ret;
}

/* Wait for all; false if one did not end well, or not in the order of the queue. */
static bool wait_queue(struct queue *q)
{
	uint32_t i;

	if (wait_bo(q->fd, q->dst, 100000))
		return false;
	for (i = 0; i < q->count; i++) {
		if (q->records[i].status != DRM_ASCDEV_STATUS_DONE || q->records[i].cookie != i ||
		    (i && q->records[i].start_ns < q->records[i - 1].end_ns))
			return false;
	}
	return true;
}

/* Jobs of a queue that an engine began in a time. */
static uint32_t started_between(const struct queue *q, uint64_t from, uint64_t to)
{
	uint32_t i, count = 0;

	for (i = 0; i < q->count; i++)
		count += q->records[i].start_ns > from && q->records[i].start_ns < to;
	return count;
}

/* Whether every job of one queue began before any of the other. */
static bool all_before(const struct queue *first, const struct queue *second)
{
	return first->records[first->count - 1].start_ns < second->records[0].start_ns;
}

FIXTURE_SETUP(priority)
{
	self->fd = open_node(NULL);
	if (self->fd < 0)
		SKIP(return, "no device");
	if (!set_slow(0))
		SKIP(return, "no debugfs, or not root");
	self->engines = device_info(self->fd).engines;
	self->gate = (struct drm_ascdev_job){ .op = DRM_ASCDEV_OP_COMPRESS };
	describe_dense(&self->gate.surface, DRM_ASCDEV_DTYPE_U8, 1, 64, 64, 64);
	self->gate.params.codec = DRM_ASCDEV_CODEC_RAW;
	self->gate.src = (struct drm_ascdev_range){ create_bo(self->fd, 1 << 18), 0, 0, 1 << 18 };
	self->gate.dst = (struct drm_ascdev_range){ create_bo(self->fd, 1 << 18), 0, 0, 1 << 18 };
}

FIXTURE_TEARDOWN(priority)
{
	set_slow(0);
	close(self->fd);
}

/* Give the only engine a job that lasts until open_gate(), a minute at most. */
static bool close_gate(FIXTURE_DATA(priority) *self)
{
	return self->engines == 1 && set_slow(1000) && !submit_jobs(self->fd, &self->gate, 1);
}

static bool open_gate(FIXTURE_DATA(priority) *self)
{
	bool closed = wait_bo(self->fd, self->gate.dst.handle, 0) == -ETIME;

	return set_slow(0) && closed;
}

TEST_F(priority, a_thousand_jobs_delay_another_by_one)
{
	struct queue many, one;
	int second = open_node(NULL);
	uint64_t submitted;

	ASSERT_GE(second, 0);
	ASSERT_TRUE(make_queue(&many, self->fd, 0, 1000));
	ASSERT_TRUE(make_queue(&one, second, 0, 1));
	ASSERT_TRUE(close_gate(self));
	ASSERT_EQ(0, submit_queue(&many));
	ASSERT_EQ(0, submit_queue(&one));
	submitted = deadline_ms(0);
	ASSERT_TRUE(open_gate(self));
	ASSERT_TRUE(wait_queue(&one));
	ASSERT_TRUE(wait_queue(&many));
	/* the one whose turn it is */
	EXPECT_GE(1, started_between(&many, submitted, one.records[0].start_ns));
	EXPECT_EQ(1000, started_between(&many, submitted, ~0ull));
	free_queue(&one);
	free_queue(&many);
	close(second);
}

TEST_F(priority, nor_while_they_run)
{
	struct queue many, one;
	int second = open_node(NULL), round;

	ASSERT_GE(second, 0);
	ASSERT_TRUE(make_queue(&many, self->fd, 0, 3000));
	ASSERT_TRUE(make_queue(&one, second, 0, 1));
	ASSERT_EQ(0, submit_queue(&many));
	for (round = 0; round < 10; round++) {
		uint64_t submitted;

		memset(one.records, 0, sizeof(*one.records));
		ASSERT_EQ(0, submit_queue(&one));
		submitted = deadline_ms(0);
		ASSERT_TRUE(wait_queue(&one));
		/* one may be on its way to the engine, and one has its turn */
		EXPECT_GE(2, started_between(&many, submitted, one.records[0].start_ns));
	}
	ASSERT_TRUE(wait_queue(&many));
	free_queue(&one);
	free_queue(&many);
	close(second);
}

TEST_F(priority, contexts_of_a_client_take_turns)
{
	struct queue queues[3];
	uint32_t ctx, i, k;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, create(self->fd, DRM_ASCDEV_PRIORITY_NORMAL, &ctx));
		ASSERT_TRUE(make_queue(&queues[i], self->fd, ctx, 100));
	}
	ASSERT_TRUE(close_gate(self));
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, submit_queue(&queues[i]));
	ASSERT_TRUE(open_gate(self));
	for (i = 0; i < 3; i++)
		ASSERT_TRUE(wait_queue(&queues[i]));
	for (k = 1; k < 100; k++) {
		uint64_t from = queues[0].records[k - 1].start_ns;
		uint64_t to = queues[0].records[k].start_ns;

		EXPECT_EQ(1, started_between(&queues[1], from, to));
		EXPECT_EQ(1, started_between(&queues[2], from, to));
	}
	for (i = 0; i < 3; i++)
		free_queue(&queues[i]);
}

/* Turns are those of clients, however many contexts each has. */
#define CROWD		32
#define CROWD_JOBS	8

/* Many contexts of one client, each with jobs. */
static bool make_crowd(FIXTURE_DATA(priority) *self, uint32_t priority, struct queue *crowd)
{
	uint32_t ctx, i;

	for (i = 0; i < CROWD; i++) {
		if (create(self->fd, priority, &ctx) ||
		    !make_queue(&crowd[i], self->fd, ctx, CROWD_JOBS))
			return false;
	}
	return true;
}

static bool submit_crowd(struct queue *crowd)
{
	uint32_t i;

	for (i = 0; i < CROWD && !submit_queue(&crowd[i]); i++)
		;
	return i == CROWD;
}

static bool wait_crowd(struct queue *crowd)
{
	uint32_t i;

	for (i = 0; i < CROWD && wait_queue(&crowd[i]); i++)
		;
	return i == CROWD;
}

static uint32_t crowd_started_between(const struct queue *crowd, uint64_t from, uint64_t to)
{
	uint32_t i, count = 0;

	for (i = 0; i < CROWD; i++)
		count += started_between(&crowd[i], from, to);
	return count;
}

static void free_crowd(struct queue *crowd)
{
	uint32_t i;

	for (i = 0; i < CROWD; i++)
		free_queue(&crowd[i]);
}

TEST_F(priority, many_contexts_have_one_turn)
{
	struct queue crowd[CROWD], one;
	int second = open_node(NULL);
	uint32_t i, k;

	ASSERT_GE(second, 0);
	ASSERT_TRUE(make_crowd(self, DRM_ASCDEV_PRIORITY_NORMAL, crowd));
	ASSERT_TRUE(make_queue(&one, second, 0, CROWD * CROWD_JOBS / 2));
	ASSERT_TRUE(close_gate(self));
	ASSERT_TRUE(submit_crowd(crowd));
	ASSERT_EQ(0, submit_queue(&one));
	ASSERT_TRUE(open_gate(self));
	ASSERT_TRUE(wait_queue(&one));
	ASSERT_TRUE(wait_crowd(crowd));
	/* the gate was a turn of the first client */
	EXPECT_EQ(0, crowd_started_between(crowd, 0, one.records[0].start_ns));
	for (k = 1; k < one.count; k++)
		EXPECT_EQ(1, crowd_started_between(crowd, one.records[k - 1].start_ns,
						   one.records[k].start_ns));
	/* of these, each of its contexts had as many as the others */
	for (i = 0; i < CROWD; i++)
		EXPECT_LE(CROWD_JOBS / 2 - 1, started_between(&crowd[i], 0,
							      one.records[one.count - 1].start_ns));
	free_queue(&one);
	free_crowd(crowd);
	close(second);
}

TEST_F(priority, many_contexts_delay_another_by_one)
{
	struct queue crowd[CROWD], one;
	int second = open_node(NULL), round;

	ASSERT_GE(second, 0);
	ASSERT_TRUE(make_crowd(self, DRM_ASCDEV_PRIORITY_NORMAL, crowd));
	ASSERT_TRUE(make_queue(&one, second, 0, 1));
	ASSERT_TRUE(close_gate(self));
	ASSERT_TRUE(submit_crowd(crowd));
	ASSERT_TRUE(open_gate(self));
	for (round = 0; round < 10; round++) {
		uint64_t submitted;

		memset(one.records, 0, sizeof(*one.records));
		ASSERT_EQ(0, submit_queue(&one));
		submitted = deadline_ms(0);
		ASSERT_TRUE(wait_queue(&one));
		/* one may be on its way to the engine */
		EXPECT_GE(2, crowd_started_between(crowd, submitted, one.records[0].start_ns));
	}
	ASSERT_TRUE(wait_crowd(crowd));
	free_queue(&one);
	free_crowd(crowd);
	close(second);
}

/* Of high priority both, they go before what is not, and take turns. */
TEST_F(priority, many_urgent_contexts_have_one_turn)
{
	struct queue crowd[CROWD], one, normal;
	int second = open_node(NULL);
	uint32_t ctx, k;

	ASSERT_GE(second, 0);
	ASSERT_TRUE(make_crowd(self, DRM_ASCDEV_PRIORITY_HIGH, crowd));
	ASSERT_EQ(0, create(second, DRM_ASCDEV_PRIORITY_HIGH, &ctx));
	ASSERT_TRUE(make_queue(&one, second, ctx, CROWD));
	ASSERT_TRUE(make_queue(&normal, second, 0, 10));
	ASSERT_TRUE(close_gate(self));
	ASSERT_EQ(0, submit_queue(&normal));
	ASSERT_TRUE(submit_crowd(crowd));
	ASSERT_EQ(0, submit_queue(&one));
	ASSERT_TRUE(open_gate(self));
	ASSERT_TRUE(wait_queue(&one));
	ASSERT_TRUE(wait_queue(&normal));
	ASSERT_TRUE(wait_crowd(crowd));
	for (k = 1; k < one.count; k++)
		EXPECT_EQ(1, crowd_started_between(crowd, one.records[k - 1].start_ns,
						   one.records[k].start_ns));
	EXPECT_EQ(CROWD * CROWD_JOBS,
		  crowd_started_between(crowd, 0, normal.records[0].start_ns));
	EXPECT_TRUE(all_before(&one, &normal));
	free_queue(&normal);
	free_queue(&one);
	free_crowd(crowd);
	close(second);
}

TEST_F(priority, high_then_normal_then_low)
{
	static const uint32_t priorities[] = {
		DRM_ASCDEV_PRIORITY_LOW, DRM_ASCDEV_PRIORITY_NORMAL, DRM_ASCDEV_PRIORITY_HIGH,
	};
	struct queue queues[3];
	uint32_t ctx, i;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, create(self->fd, priorities[i], &ctx));
		ASSERT_TRUE(make_queue(&queues[i], self->fd, ctx, 100));
	}
	ASSERT_TRUE(close_gate(self));
	/* the least urgent ones come first */
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, submit_queue(&queues[i]));
	ASSERT_TRUE(open_gate(self));
	for (i = 0; i < 3; i++)
		ASSERT_TRUE(wait_queue(&queues[i]));
	EXPECT_TRUE(all_before(&queues[2], &queues[1]));
	EXPECT_TRUE(all_before(&queues[1], &queues[0]));
	for (i = 0; i < 3; i++)
		free_queue(&queues[i]);
}

/* What is urgent does not wait for what is not, whichever client it belongs to. */
TEST_F(priority, high_goes_before_a_thousand)
{
	struct queue many, one;
	int second = open_node(NULL);
	uint32_t ctx;

	ASSERT_GE(second, 0);
	ASSERT_EQ(0, create(second, DRM_ASCDEV_PRIORITY_HIGH, &ctx));
	ASSERT_TRUE(make_queue(&many, self->fd, 0, 1000));
	ASSERT_TRUE(make_queue(&one, second, ctx, 1));
	ASSERT_TRUE(close_gate(self));
	ASSERT_EQ(0, submit_queue(&many));
	ASSERT_EQ(0, submit_queue(&one));
	ASSERT_TRUE(open_gate(self));
	ASSERT_TRUE(wait_queue(&one));
	ASSERT_TRUE(wait_queue(&many));
	EXPECT_TRUE(all_before(&one, &many));
	free_queue(&one);
	free_queue(&many);
	close(second);
}

/* The caller is root; without the capability it may do less. */
static bool drop_sys_nice(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		return false;
	data[CAP_TO_INDEX(CAP_SYS_NICE)].effective &= ~CAP_TO_MASK(CAP_SYS_NICE);
	return !syscall(SYS_capset, &header, data);
}

TEST_F(priority, high_needs_a_capability)
{
	uint32_t ctx;

	EXPECT_TRUE(device_info(self->fd).priorities & 1u << DRM_ASCDEV_PRIORITY_HIGH);
	EXPECT_EQ(0, create(self->fd, DRM_ASCDEV_PRIORITY_HIGH, &ctx));
	ASSERT_TRUE(drop_sys_nice());
	EXPECT_FALSE(device_info(self->fd).priorities & 1u << DRM_ASCDEV_PRIORITY_HIGH);
	EXPECT_EQ(-EACCES, create(self->fd, DRM_ASCDEV_PRIORITY_HIGH, &ctx));
	EXPECT_EQ(0, create(self->fd, DRM_ASCDEV_PRIORITY_LOW, &ctx));
}

TEST_HARNESS_MAIN
