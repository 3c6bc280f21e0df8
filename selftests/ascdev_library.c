// SPDX-License-Identifier: MIT
/*
 * The library on a device: ends of jobs, shared buffers, fences and timelines, and what
 * becomes of them when the device goes away.
 */

#include <poll.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <ascdev.h>

#include "ascdev_test.h"

#define LARGE_BYTES	(64 * 224 * 224)

/* What is answered in the kernel's place, if error is not 0: what a test cannot bring it to say. */
static struct {
	unsigned long request;
	int error;
} answer;

/* Instead of libdrm's. */
int drmIoctl(int fd, unsigned long request, void *argument)
{
	int ret;

	if (answer.error && request == answer.request) {
		errno = answer.error;
		return -1;
	}
	do {
		ret = ioctl(fd, request, argument);
	} while (ret && (errno == EINTR || errno == EAGAIN));
	return ret;
}

FIXTURE(library)
{
	struct ascdev_ctx *ctx;
	struct ascdev_surface small, large;
	struct ascdev_buf *src, *dst;
	uint8_t *values, *payload;
};

static struct ascdev_ctx *open_ctx(uint32_t backend, uint32_t threads)
{
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	struct ascdev_ctx *ctx;

	opts.backend = backend;
	opts.threads = threads;
	return ascdev_open(&opts, NULL, &ctx) ? NULL : ctx;
}

FIXTURE_SETUP(library)
{
	int i;

	self->ctx = open_ctx(ASCDEV_BACKEND_AUTO, 0);
	ASSERT_NE(NULL, self->ctx);
	if (ascdev_get_backend(self->ctx, NULL) != ASCDEV_BACKEND_HW) {
		ascdev_close(self->ctx);
		SKIP(return, "no device");
	}
	ascdev_surface_nchw(&self->small, ASCDEV_DTYPE_U8, 1, 64, 16, 16);
	ascdev_surface_nchw(&self->large, ASCDEV_DTYPE_U8, 1, 64, 224, 224);
	ASSERT_EQ(0, ascdev_buf_alloc(self->ctx, LARGE_BYTES, &self->src));
	ASSERT_EQ(0, ascdev_buf_alloc(self->ctx, 2 * LARGE_BYTES, &self->dst));
	ASSERT_EQ(0, ascdev_buf_map(self->src, (void **)&self->values));
	ASSERT_EQ(0, ascdev_buf_map(self->dst, (void **)&self->payload));
	for (i = 0; i < LARGE_BYTES; i++)
		self->values[i] = i % 251 * (i / 1000 % 3);
}

FIXTURE_TEARDOWN(library)
{
	ascdev_buf_unref(self->src);
	ascdev_buf_unref(self->dst);
	ascdev_close(self->ctx);
}

static int wait_readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms);
}

#define JOBS	12

TEST_F(library, ends_are_reaped_once)
{
	int fd = ascdev_get_fd(self->ctx), n = 0, ret, i;
	struct ascdev_completion done[JOBS];
	struct ascdev_job *jobs[JOBS];
	uint64_t last = 0;

	EXPECT_EQ(0, wait_readable(fd, 0));
	EXPECT_EQ(0, ascdev_reap(self->ctx, done, JOBS, 0));
	for (i = 0; i < JOBS; i++) {
		ASSERT_EQ(0, ascdev_job_create(self->ctx, &jobs[i]));
		ASSERT_EQ(0, ascdev_job_compress(jobs[i], NULL, &self->small, self->src, 0,
						 self->dst, i * 16384));
		ASSERT_EQ(0, ascdev_job_set_cookie(jobs[i], 1 + i));
	}
	ASSERT_EQ(0, ascdev_submit(self->ctx, jobs, JOBS, NULL));
	ASSERT_EQ(0, ascdev_wait(jobs[2], -1, NULL));
	while (n < JOBS - 1) {
		ASSERT_EQ(1, wait_readable(fd, 20000));
		ret = ascdev_reap(self->ctx, done, 2, 0);
		ASSERT_LE(0, ret);
		for (i = 0; i < ret; i++) {
			/* one queue: in order */
			EXPECT_LT(last, done[i].cookie);
			last = done[i].cookie;
			EXPECT_NE(3, last);
			EXPECT_EQ(jobs[last - 1], done[i].job);
			EXPECT_EQ(0, done[i].status);
			EXPECT_EQ(8192, done[i].result->bytes);
			EXPECT_EQ(ASCDEV_BACKEND_HW, done[i].result->backend);
		}
		n += ret;
	}
	EXPECT_EQ(0, ascdev_reap(self->ctx, done, JOBS, 0));
	EXPECT_EQ(0, wait_readable(fd, 0));
	/* once more, waiting in the call */
	ASSERT_EQ(0, ascdev_submit(self->ctx, jobs, 2, NULL));
	ret = ascdev_reap(self->ctx, done, 1, -1);
	EXPECT_EQ(1, ret);
	EXPECT_EQ(jobs[0], done[0].job);
	ret = ascdev_reap(self->ctx, done, 2, -1);
	EXPECT_EQ(1, ret);
	EXPECT_EQ(jobs[1], done[0].job);
	for (i = 0; i < JOBS; i++)
		ascdev_job_destroy(jobs[i]);
}

/**
 * struct engine - directories by which the first device is told what to do
 * @inject: faults to inject
 * @device: attributes
 */
struct engine {
	char inject[160], device[160];
};

static bool find_engine(struct engine *engine)
{
	int minor = -1, fd = open_node(&minor);

	close(fd);
	snprintf(engine->device, sizeof(engine->device), SYSFS_DEVICE "/", minor);
	return fd >= 0 && find_injection(engine->inject, sizeof(engine->inject));
}

/* A job that stands still and what is behind it; with AUTO, nothing of it is done in process. */
TEST_F(library, jobs_that_are_cancelled)
{
	struct ascdev_params slow = ASCDEV_PARAMS_INIT;
	struct ascdev_stats stats = ASCDEV_STATS_INIT;
	struct ascdev_completion done[JOBS];
	struct ascdev_job *jobs[JOBS];
	int n = 0, ret, fence, i;
	struct engine engine;

	if (!find_engine(&engine))
		SKIP(return, "no debugfs, or not root");
	slow.codec = ASCDEV_CODEC_ASC_CBR;
	slow.effort = ASCDEV_EFFORT_BEST;
	for (i = 0; i < JOBS; i++) {
		ASSERT_EQ(0, ascdev_job_create(self->ctx, &jobs[i]));
		ASSERT_EQ(0, ascdev_job_compress(jobs[i], i ? NULL : &slow,
						 i ? &self->small : &self->large, self->src, 0,
						 self->dst, i ? LARGE_BYTES + i * 16384 : 0));
		ASSERT_EQ(0, ascdev_job_set_cookie(jobs[i], i));
		EXPECT_EQ(-EINVAL, ascdev_cancel(jobs[i]));
	}
	ASSERT_TRUE(hold_next_job(engine.inject, engine.device));
	ASSERT_EQ(0, ascdev_submit(self->ctx, jobs, JOBS, NULL));
	ASSERT_TRUE(wait_until_held(engine.inject));
	for (i = 1; i < JOBS; i += 2) {
		EXPECT_EQ(0, ascdev_cancel(jobs[i]));
		EXPECT_EQ(-EBUSY, ascdev_cancel(jobs[i]));
	}
	fence = ascdev_job_get_fence(jobs[1]);
	EXPECT_EQ(0, ascdev_cancel(jobs[0]));
	EXPECT_TRUE(write_number(engine.device, "timeout_ms", 4000));
	while (n < JOBS) {
		ret = ascdev_reap(self->ctx, done, JOBS, -1);
		ASSERT_LT(0, ret);
		for (i = 0; i < ret; i++, n++) {
			/* in order all the same */
			EXPECT_EQ(n, done[i].cookie);
			EXPECT_EQ(n % 2 || !n ? -ECANCELED : 0, done[i].status);
			EXPECT_EQ(n % 2 || !n ? 0 : 8192, done[i].result->bytes);
			EXPECT_EQ(0, done[i].result->fallback_reason);
		}
	}
	EXPECT_EQ(1, wait_readable(fence, 0));
	close(fence);
	EXPECT_EQ(-ECANCELED, ascdev_wait(jobs[0], 0, NULL));
	EXPECT_EQ(-ECANCELED, ascdev_wait(jobs[1], 0, NULL));
	EXPECT_EQ(-EBUSY, ascdev_cancel(jobs[1]));
	EXPECT_EQ(-EBUSY, ascdev_cancel(jobs[2]));
	ASSERT_EQ(0, ascdev_get_stats(self->ctx, &stats));
	EXPECT_EQ(JOBS / 2 + 1, stats.cancelled);
	EXPECT_EQ(JOBS / 2 + 1, stats.failed);
	EXPECT_EQ(JOBS / 2 - 1, stats.completed);
	EXPECT_EQ(JOBS, stats.jobs_hw);
	EXPECT_EQ(0, stats.jobs_sw);
	EXPECT_EQ(0, stats.fallbacks);
	EXPECT_EQ(0, stats.in_flight);
	/* they may be submitted again */
	ASSERT_EQ(0, ascdev_submit(self->ctx, &jobs[1], 1, NULL));
	EXPECT_EQ(0, ascdev_wait(jobs[1], -1, NULL));
	for (i = 0; i < JOBS; i++)
		ascdev_job_destroy(jobs[i]);
}

struct canceller {
	struct ascdev_job **jobs;
	volatile bool stop;
	long cancelled;
	int error;
};

static void *cancel_jobs(void *data)
{
	struct canceller *c = data;
	int i;

	for (i = 0; !c->stop; i++) {
		int ret = ascdev_cancel(c->jobs[i % JOBS]);

		if (!ret)
			c->cancelled++;
		else if (ret != -EBUSY && ret != -EINVAL)
			c->error = ret;
		if (i % 5 == 0)
			usleep(i % 300);
	}
	return NULL;
}

/* What ascdev_cancel() promises is what ascdev_reap() gives, on a device and in process. */
static void cancel_from_another_thread(struct __test_metadata *_metadata,
				       FIXTURE_DATA(library) *self, struct ascdev_ctx *ctx)
{
	struct ascdev_stats stats = ASCDEV_STATS_INIT;
	struct ascdev_completion done[JOBS];
	struct ascdev_job *jobs[JOBS];
	struct ascdev_buf *src, *dst;
	struct canceller c = { .jobs = jobs };
	long cancelled = 0;
	pthread_t thread;
	int round, n, i;

	ASSERT_EQ(0, ascdev_buf_alloc(ctx, 16384, &src));
	ASSERT_EQ(0, ascdev_buf_alloc(ctx, JOBS * 16384, &dst));
	for (i = 0; i < JOBS; i++) {
		ASSERT_EQ(0, ascdev_job_create(ctx, &jobs[i]));
		ASSERT_EQ(0, ascdev_job_compress(jobs[i], NULL, &self->small, src, 0, dst,
						 i * 16384));
	}
	ASSERT_EQ(0, pthread_create(&thread, NULL, cancel_jobs, &c));
	for (round = 0; round < 60; round++) {
		ASSERT_EQ(0, ascdev_submit(ctx, jobs, JOBS, NULL));
		for (n = 0; n < JOBS; n++) {
			ASSERT_EQ(1, ascdev_reap(ctx, done, 1, -1));
			ASSERT_TRUE(!done[0].status || done[0].status == -ECANCELED);
			cancelled += !!done[0].status;
		}
	}
	c.stop = true;
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(0, c.error);
	EXPECT_EQ(c.cancelled, cancelled);
	ASSERT_EQ(0, ascdev_get_stats(ctx, &stats));
	EXPECT_EQ(cancelled, stats.cancelled);
	EXPECT_EQ(cancelled, stats.failed);
	EXPECT_EQ(60 * JOBS - cancelled, stats.completed);
	EXPECT_EQ(60 * JOBS, stats.submitted);
	EXPECT_EQ(0, stats.fallbacks);
	for (i = 0; i < JOBS; i++)
		ascdev_job_destroy(jobs[i]);
	ascdev_buf_unref(src);
	ascdev_buf_unref(dst);
}

TEST_F(library, cancel_from_another_thread)
{
	struct ascdev_ctx *sw = open_ctx(ASCDEV_BACKEND_SW, 2);

	cancel_from_another_thread(_metadata, self, self->ctx);
	cancel_from_another_thread(_metadata, self, sw);
	ascdev_close(sw);
}

TEST_F(library, contexts_of_one_file)
{
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	struct ascdev_params defaults = ASCDEV_PARAMS_INIT;
	struct ascdev_error error = ASCDEV_ERROR_INIT;
	static uint8_t payload[2 * 16384];
	struct ascdev_ctx *ctx;
	int fd = open_node(NULL);

	ASSERT_LE(0, fd);
	defaults.codec = ASCDEV_CODEC_ZVC;
	defaults.reorder = ASCDEV_REORDER_HEURISTIC;
	opts.backend = ASCDEV_BACKEND_HW;
	opts.defaults = &defaults;
	opts.priority = ASCDEV_PRIORITY_LOW;
	ASSERT_EQ(0, ascdev_open_fd(fd, &opts, &error, &ctx)) TH_LOG("%s", error.message);
	close(fd);
	ASSERT_EQ(0, ascdev_compress(ctx, NULL, &self->small, self->values, payload,
				     sizeof(payload), &result));
	EXPECT_EQ(ASCDEV_CODEC_ZVC, result.codec);
	EXPECT_EQ(ASCDEV_REORDER_HEURISTIC, result.reorder);
	EXPECT_EQ(ASCDEV_BACKEND_HW, result.backend);
	ascdev_close(ctx);

	/* in process they are the same */
	opts.backend = ASCDEV_BACKEND_SW;
	ASSERT_EQ(0, ascdev_open(&opts, NULL, &ctx));
	ASSERT_EQ(0, ascdev_compress(ctx, NULL, &self->small, self->values, payload,
				     sizeof(payload), &result));
	EXPECT_EQ(ASCDEV_CODEC_ZVC, result.codec);
	ascdev_close(ctx);
	defaults.codec = ASCDEV_CODEC_DEFAULT;
	EXPECT_EQ(-EINVAL, ascdev_open(&opts, NULL, &ctx));
}

TEST_F(library, too_many_contexts)
{
	struct ascdev_error error = ASCDEV_ERROR_INIT;
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	struct drm_ascdev_ctx_create create;
	int fd = open_node(NULL), ret, reason;
	struct ascdev_ctx *ctx;

	ASSERT_LE(0, fd);
	do {
		create = (struct drm_ascdev_ctx_create){ 0 };
		ret = do_ioctl(fd, DRM_IOCTL_ASCDEV_CTX_CREATE, &create);
	} while (!ret);
	ASSERT_EQ(-ENOSPC, ret);
	opts.backend = ASCDEV_BACKEND_HW;
	EXPECT_EQ(-ENOSPC, ascdev_open_fd(fd, &opts, &error, &ctx));
	EXPECT_NE(NULL, strstr(error.message, "too many contexts")) TH_LOG("%s", error.message);
	opts.backend = ASCDEV_BACKEND_AUTO;
	ASSERT_EQ(0, ascdev_open_fd(fd, &opts, NULL, &ctx));
	EXPECT_EQ(ASCDEV_BACKEND_SW, ascdev_get_backend(ctx, &reason));
	EXPECT_EQ(-ENOSPC, reason);
	ascdev_close(ctx);
	close(fd);
}

TEST_F(library, a_priority_that_needs_more)
{
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	struct ascdev_error error = ASCDEV_ERROR_INIT;
	struct ascdev_caps caps = ASCDEV_CAPS_INIT;
	struct ascdev_ctx *ctx;

	ASSERT_EQ(0, ascdev_get_caps(self->ctx, &caps));
	opts.backend = ASCDEV_BACKEND_HW;
	opts.priority = ASCDEV_PRIORITY_HIGH;
	if (!geteuid() && (chmod(caps.node, 0666) || setuid(65534)))
		SKIP(return, "cannot become another user");
	EXPECT_EQ(-EACCES, ascdev_open(&opts, &error, &ctx));
	EXPECT_NE(NULL, strstr(error.message, "CAP_SYS_NICE")) TH_LOG("%s", error.message);
}

/* One buffer, however often it is imported; the last reference closes its handle. */
TEST_F(library, imported_buffers)
{
	struct ascdev_buf *again, *third;
	uint8_t *memory;
	int fd, i;

	EXPECT_EQ(-EOPNOTSUPP, ascdev_buf_import_user(self->ctx, self->values, 100, &again));
	EXPECT_EQ(-EINVAL, ascdev_buf_import_dmabuf(self->ctx, 0, &again));
	EXPECT_EQ(-EINVAL, ascdev_buf_import_dmabuf(self->ctx, -1, &again));
	fd = ascdev_buf_export_dmabuf(self->src);
	ASSERT_LE(0, fd);
	/* its own */
	ASSERT_EQ(0, ascdev_buf_import_dmabuf(self->ctx, fd, &again));
	EXPECT_EQ(self->src, again);
	ascdev_buf_unref(again);
	EXPECT_EQ(0, ascdev_buf_wait(self->src, 0));

	/* of another file */
	for (i = 0; i < 2; i++) {
		struct ascdev_ctx *other = open_ctx(ASCDEV_BACKEND_HW, 0);

		ASSERT_NE(NULL, other);
		ASSERT_EQ(0, ascdev_buf_import_dmabuf(other, fd, &again));
		ASSERT_EQ(0, ascdev_buf_import_dmabuf(other, fd, &third));
		EXPECT_EQ(again, third);
		EXPECT_EQ(LARGE_BYTES, ascdev_buf_size(again));
		ascdev_buf_unref(again);
		ASSERT_EQ(0, ascdev_buf_map(third, (void **)&memory));
		ASSERT_EQ(0, ascdev_buf_begin_cpu(third, ASCDEV_CPU_READ | ASCDEV_CPU_WRITE));
		EXPECT_EQ(self->values[1000], memory[1000]);
		memory[1000] = 77 + i;
		ASSERT_EQ(0, ascdev_buf_end_cpu(third, ASCDEV_CPU_READ | ASCDEV_CPU_WRITE));
		EXPECT_EQ(77 + i, self->values[1000]);
		EXPECT_EQ(-EINVAL, ascdev_buf_begin_cpu(third, 0));
		EXPECT_EQ(0, ascdev_buf_unmap(third));
		EXPECT_EQ(-EINVAL, ascdev_buf_unmap(third));
		ascdev_buf_unref(third);
		ascdev_close(other);
	}
	close(fd);
}

/* One that may be read only cannot be mapped to be written. */
TEST_F(library, a_dmabuf_for_reading)
{
	struct drm_prime_handle export = { .flags = DRM_CLOEXEC };
	struct ascdev_ctx *sw = open_ctx(ASCDEV_BACKEND_SW, 0);
	int node = open_node(NULL);
	struct ascdev_buf *buf;
	void *address;

	ASSERT_LE(0, node);
	export.handle = create_bo(node, 8192);
	ASSERT_EQ(0, do_ioctl(node, DRM_IOCTL_PRIME_HANDLE_TO_FD, &export));
	EXPECT_EQ(-EOPNOTSUPP, ascdev_buf_import_dmabuf(sw, export.fd, &buf));
	ASSERT_EQ(0, ascdev_buf_import_dmabuf(self->ctx, export.fd, &buf));
	EXPECT_EQ(-EOPNOTSUPP, ascdev_buf_map(buf, &address));
	ascdev_buf_unref(buf);
	close(export.fd);
	close(node);
	ascdev_close(sw);
}

/*
 * No driver of a guest exports what others cannot reach: KUnit has an exporter for which the
 * driver gives this answer.
 */
TEST_F(library, a_dmabuf_out_of_reach)
{
	struct ascdev_job *job;
	uint32_t accepted = 1;

	ASSERT_EQ(0, ascdev_job_create(self->ctx, &job));
	ASSERT_EQ(0, ascdev_job_compress(job, NULL, &self->small, self->src, 0, self->dst, 0));
	answer.request = DRM_IOCTL_ASCDEV_SUBMIT;
	answer.error = EOPNOTSUPP;
	EXPECT_EQ(-EOPNOTSUPP, ascdev_submit(self->ctx, &job, 1, &accepted));
	EXPECT_EQ(0, accepted);
	answer.error = 0;
	EXPECT_EQ(0, ascdev_submit(self->ctx, &job, 1, NULL));
	EXPECT_EQ(0, ascdev_wait(job, -1, NULL));
	ascdev_job_destroy(job);
}

/* The device's memory, compressed in process, is the same. */
TEST_F(library, a_buffer_for_both)
{
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	struct ascdev_ctx *sw = open_ctx(ASCDEV_BACKEND_SW, 2);
	struct ascdev_buf *src, *again, *dst;
	struct ascdev_job *job, *sw_job;
	int fd = ascdev_buf_export_dmabuf(self->src), copy, fence;
	uint8_t *payload;

	ASSERT_NE(NULL, sw);
	ASSERT_EQ(0, ascdev_buf_import_dmabuf(sw, fd, &src));
	ASSERT_EQ(0, ascdev_buf_import_dmabuf(sw, fd, &again));
	EXPECT_EQ(src, again);
	ascdev_buf_unref(again);
	copy = ascdev_buf_export_dmabuf(src);
	ASSERT_LE(0, copy);
	ASSERT_EQ(0, ascdev_buf_alloc(sw, LARGE_BYTES, &dst));
	EXPECT_EQ(-EOPNOTSUPP, ascdev_buf_export_dmabuf(dst));
	ASSERT_EQ(0, ascdev_buf_map(dst, (void **)&payload));
	ASSERT_EQ(0, ascdev_job_create(self->ctx, &job));
	ASSERT_EQ(0, ascdev_job_create(sw, &sw_job));
	ASSERT_EQ(0, ascdev_job_compress(job, NULL, &self->large, self->src, 0, self->dst, 0));
	ASSERT_EQ(0, ascdev_job_compress(sw_job, NULL, &self->large, src, 0, dst, 0));
	ASSERT_EQ(0, ascdev_submit(self->ctx, &job, 1, NULL));
	/* a thread of the pool waits for the device */
	fence = ascdev_job_get_fence(job);
	ASSERT_LE(0, fence);
	ASSERT_EQ(0, ascdev_job_wait_fence(sw_job, fence));
	EXPECT_EQ(-EOPNOTSUPP, ascdev_job_wait_point(sw_job, fence, 1));
	ASSERT_EQ(0, ascdev_submit(sw, &sw_job, 1, NULL));
	ASSERT_EQ(0, ascdev_wait(sw_job, -1, &result));
	EXPECT_EQ(1, wait_readable(fence, 0));
	ASSERT_EQ(0, ascdev_wait(job, 0, NULL));
	EXPECT_EQ(0, memcmp(payload, self->payload, result.bytes));
	close(fence);
	close(copy);
	close(fd);
	ascdev_job_destroy(job);
	ascdev_job_destroy(sw_job);
	ascdev_buf_unref(src);
	ascdev_buf_unref(dst);
	ascdev_close(sw);
}

/* Jobs in a pool that wait for a fence leave its threads to others, and can be cancelled. */
TEST_F(library, a_pool_and_a_foreign_fence)
{
	struct ascdev_ctx *sw = open_ctx(ASCDEV_BACKEND_SW, 1);
	struct ascdev_job *jobs[3];
	struct ascdev_buf *src, *dst;
	struct foreign_fence f;
	int i;

	if (!make_foreign_fence(&f)) {
		ascdev_close(sw);
		SKIP(return, "no vgem");
	}
	ASSERT_NE(NULL, sw);
	ASSERT_EQ(0, ascdev_buf_import_user(sw, self->values, LARGE_BYTES, &src));
	ASSERT_EQ(0, ascdev_buf_alloc(sw, 3 * 8192, &dst));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, ascdev_job_create(sw, &jobs[i]));
		ASSERT_EQ(0, ascdev_job_compress(jobs[i], NULL, &self->small, src, 0, dst,
						 i * 8192));
		if (i < 2)
			ASSERT_EQ(0, ascdev_job_wait_fence(jobs[i], f.sync_file));
	}
	ASSERT_EQ(0, ascdev_submit(sw, jobs, 3, NULL));
	EXPECT_EQ(0, ascdev_wait(jobs[2], -1, NULL));
	EXPECT_EQ(-ETIME, ascdev_wait(jobs[0], 1000000, NULL));
	EXPECT_EQ(0, ascdev_cancel(jobs[1]));
	EXPECT_EQ(-ECANCELED, ascdev_wait(jobs[1], 0, NULL));
	ASSERT_EQ(0, signal_foreign_fence(&f));
	EXPECT_EQ(0, ascdev_wait(jobs[0], -1, NULL));
	for (i = 0; i < 3; i++)
		ascdev_job_destroy(jobs[i]);
	close(f.sync_file);
	close(f.fd);
	ascdev_buf_unref(src);
	ascdev_buf_unref(dst);
	ascdev_close(sw);
}

/* A timeline of another open file. */
TEST_F(library, timelines)
{
	struct drm_syncobj_handle export = { .fd = -1 };
	struct ascdev_job *job;
	int fd = open_node(NULL), i;

	ASSERT_LE(0, fd);
	export.handle = create_syncobj(fd);
	ASSERT_NE(0, export.handle);
	ASSERT_EQ(0, do_ioctl(fd, DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD, &export));
	ASSERT_EQ(0, ascdev_job_create(self->ctx, &job));
	EXPECT_EQ(-EINVAL, ascdev_job_signal_point(job, export.fd, 1));
	ASSERT_EQ(0, ascdev_job_compress(job, NULL, &self->small, self->src, 0, self->dst, 0));
	EXPECT_EQ(-EINVAL, ascdev_job_signal_point(job, fd, 1));
	EXPECT_EQ(-EINVAL, ascdev_job_wait_point(job, -1, 1));
	/* a table of handles that cannot grow: the kernel keeps memory to let it grow a while */
	answer.request = DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE;
	answer.error = ENOMEM;
	EXPECT_EQ(-ENOMEM, ascdev_job_wait_point(job, export.fd, 1));
	EXPECT_EQ(-ENOMEM, ascdev_job_signal_point(job, export.fd, 1));
	answer.error = 0;

	/* nobody has submitted point 5 */
	ASSERT_EQ(0, ascdev_job_wait_point(job, export.fd, 5));
	EXPECT_EQ(-EINVAL, ascdev_submit(self->ctx, &job, 1, NULL));

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, ascdev_job_compress(job, NULL, &self->small, self->src, 0, self->dst,
						 0));
		if (i)
			ASSERT_EQ(0, ascdev_job_wait_point(job, export.fd, 5 * i));
		ASSERT_EQ(0, ascdev_job_signal_point(job, export.fd, 5 * i + 5));
		ASSERT_EQ(0, ascdev_submit(self->ctx, &job, 1, NULL));
		ASSERT_EQ(0, ascdev_wait(job, -1, NULL));
		EXPECT_EQ(0, wait_point(fd, export.handle, 5 * i + 5, 20000));
	}
	EXPECT_NE(0, wait_point(fd, export.handle, 16, 0));
	/* eight at most, and they go with the job */
	ASSERT_EQ(0, ascdev_job_compress(job, NULL, &self->small, self->src, 0, self->dst, 0));
	for (i = 0; i < 8; i++)
		EXPECT_EQ(0, ascdev_job_wait_point(job, export.fd, 5));
	EXPECT_EQ(-EINVAL, ascdev_job_wait_point(job, export.fd, 5));
	ascdev_job_destroy(job);
	close(export.fd);
	close(fd);
}

/* AUTO does in process what the queue of the open file has no room for. */
TEST_F(library, a_full_queue)
{
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	struct drm_ascdev_sync sync = { .handle = 0 };
	struct ascdev_stats stats = ASCDEV_STATS_INIT;
	static uint8_t payload[SMALL_BYTES];
	struct ascdev_ctx *ctx, *strict;
	struct drm_ascdev_job jobs[256];
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	int fd = open_node(NULL), ret = 0, i;
	struct foreign_fence f;
	struct small_job small;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ascdev_open_fd(fd, NULL, NULL, &ctx));
	opts.backend = ASCDEV_BACKEND_HW;
	ASSERT_EQ(0, ascdev_open_fd(fd, &opts, NULL, &strict));
	ASSERT_TRUE(make_small_job(fd, &small));
	small.job.surface.dim[1] = 1;
	for (i = 0; i < 256; i++)
		jobs[i] = small.job;
	if (!make_foreign_fence(&f))
		SKIP(return, "no vgem");
	sync.handle = create_syncobj(fd);
	ASSERT_EQ(0, import_sync_file(fd, sync.handle, f.sync_file));
	set_syncs(&jobs[0], &sync, 1);
	for (i = 0; i < 1000 && !ret; i++)
		ret = submit_jobs(fd, jobs, 256);
	ASSERT_EQ(-EBUSY, ret);

	EXPECT_EQ(-EBUSY, ascdev_compress(strict, NULL, &self->small, self->values, payload,
					  sizeof(payload), NULL));
	ASSERT_EQ(0, ascdev_compress(ctx, NULL, &self->small, self->values, payload,
				     sizeof(payload), &result));
	EXPECT_EQ(ASCDEV_BACKEND_SW, result.backend);
	EXPECT_EQ(-EBUSY, result.fallback_reason);
	ASSERT_EQ(0, ascdev_get_stats(ctx, &stats));
	EXPECT_EQ(1, stats.fallbacks);
	EXPECT_EQ(1, stats.fallbacks_busy);
	EXPECT_EQ(1, stats.queue_full);
	EXPECT_EQ(1, stats.jobs_sw);
	ASSERT_EQ(0, signal_foreign_fence(&f));
	EXPECT_EQ(0, wait_bo(fd, small.dst, 60000));
	ascdev_close(strict);
	ascdev_close(ctx);
	close(f.sync_file);
	close(f.fd);
	close(fd);
}

/* No descriptor is left for what makes one, and what needs none goes on. */
TEST_F(library, too_many_files)
{
	struct rlimit before, none;
	struct ascdev_job *job, *next;
	struct ascdev_buf *buf;
	int dmabuf, fence;

	ASSERT_EQ(0, ascdev_job_create(self->ctx, &job));
	ASSERT_EQ(0, ascdev_job_create(self->ctx, &next));
	ASSERT_EQ(0, ascdev_job_compress(job, NULL, &self->small, self->src, 0, self->dst, 0));
	ASSERT_EQ(0, ascdev_job_compress(next, NULL, &self->small, self->src, 0, self->dst, 0));
	ASSERT_EQ(0, ascdev_submit(self->ctx, &job, 1, NULL));
	dmabuf = ascdev_buf_export_dmabuf(self->src);
	ASSERT_LE(0, dmabuf);
	fence = ascdev_job_get_fence(job);
	ASSERT_LE(0, fence);

	ASSERT_EQ(0, getrlimit(RLIMIT_NOFILE, &before));
	none = before;
	/* the lowest that is free */
	none.rlim_cur = dup(0);
	close(none.rlim_cur);
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &none));
	EXPECT_EQ(-EMFILE, ascdev_buf_export_dmabuf(self->src));
	EXPECT_EQ(-EMFILE, ascdev_buf_import_dmabuf(self->ctx, dmabuf, &buf));
	EXPECT_EQ(-EMFILE, ascdev_job_get_fence(job));
	EXPECT_EQ(-EMFILE, ascdev_job_wait_fence(next, fence));
	EXPECT_EQ(0, ascdev_submit(self->ctx, &next, 1, NULL));
	EXPECT_EQ(0, ascdev_wait(next, -1, NULL));
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &before));

	ASSERT_EQ(0, ascdev_job_compress(next, NULL, &self->small, self->src, 0, self->dst, 0));
	EXPECT_EQ(0, ascdev_job_wait_fence(next, fence));
	ascdev_job_destroy(job);
	ascdev_job_destroy(next);
	close(fence);
	close(dmabuf);
}

/* Memory beyond what a client's jobs may use: HW says so, AUTO does without the device. */
TEST_F(library, memory_that_jobs_may_not_use)
{
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	struct ascdev_stats stats = ASCDEV_STATS_INIT;
	static uint8_t payload[SMALL_BYTES];
	int minor, fd = open_node(&minor);
	struct ascdev_ctx *hw = open_ctx(ASCDEV_BACKEND_HW, 0);
	char sysfs[160], before[32];
	struct ascdev_job *job;

	close(fd);
	ASSERT_NE(NULL, hw);
	ASSERT_EQ(0, ascdev_job_create(self->ctx, &job));
	ASSERT_EQ(0, ascdev_job_compress(job, NULL, &self->small, self->src, 0, self->dst, 0));
	snprintf(sysfs, sizeof(sysfs), SYSFS_DEVICE "/", minor);
	read_line(sysfs, "max_pinned_bytes", before, sizeof(before));
	if (!write_number(sysfs, "max_pinned_bytes", 4096))
		SKIP(return, "not root");
	EXPECT_EQ(-EDQUOT, ascdev_compress(hw, NULL, &self->small, self->values, payload,
					   sizeof(payload), NULL));
	EXPECT_EQ(0, ascdev_compress(self->ctx, NULL, &self->small, self->values, payload,
				     sizeof(payload), &result));
	EXPECT_EQ(-EDQUOT, ascdev_submit(self->ctx, &job, 1, NULL));
	EXPECT_EQ(0, write_to(sysfs, "max_pinned_bytes", before));
	EXPECT_EQ(-EDQUOT, result.fallback_reason);
	EXPECT_EQ(ASCDEV_BACKEND_SW, result.backend);
	ASSERT_EQ(0, ascdev_get_stats(self->ctx, &stats));
	EXPECT_EQ(1, stats.fallbacks_limit);
	EXPECT_EQ(0, ascdev_compress(hw, NULL, &self->small, self->values, payload,
				     sizeof(payload), NULL));
	EXPECT_EQ(0, ascdev_submit(self->ctx, &job, 1, NULL));
	EXPECT_EQ(0, ascdev_wait(job, -1, NULL));
	ascdev_job_destroy(job);
	ascdev_close(hw);
}

/* An engine that hangs is waited for; a device that is tired of it says so. */
TEST_F(library, an_engine_that_hangs)
{
	struct ascdev_ctx *hw = open_ctx(ASCDEV_BACKEND_HW, 0);
	struct ascdev_ctx *strict = open_ctx(ASCDEV_BACKEND_HW, 0);
	struct ascdev_stats stats = ASCDEV_STATS_INIT;
	static uint8_t payload[SMALL_BYTES];
	int reason = 0, ret = 0, calls, hangs;
	struct engine engine;
	struct ascdev_job *job;
	struct ascdev_buf *buf;

	ASSERT_NE(NULL, hw);
	ASSERT_NE(NULL, strict);
	if (!find_engine(&engine))
		SKIP(return, "no debugfs, or not root");
	ASSERT_EQ(0, ascdev_job_create(self->ctx, &job));
	ASSERT_EQ(0, ascdev_job_compress(job, NULL, &self->small, self->src, 0, self->dst, 0));
	ASSERT_TRUE(write_number(engine.device, "timeout_ms", 100));
	for (calls = 0; calls < 100 && reason != -EIO && !ret; calls++) {
		struct ascdev_result result = ASCDEV_RESULT_INIT;

		if (!write_number(engine.inject, "hang", 1))
			break;
		ret = ascdev_compress(self->ctx, NULL, &self->small, self->values, payload,
				      sizeof(payload), &result);
		reason = result.fallback_reason;
		if (reason != -EIO && reason != -ETIMEDOUT)
			break;
	}
	/* not in process: contexts that are refused, a job that hangs, one that fails */
	EXPECT_EQ(-EIO, ascdev_submit(self->ctx, &job, 1, NULL));
	for (hangs = 1; hangs < calls; hangs++) {
		ASSERT_TRUE(write_number(engine.inject, "hang", 1));
		EXPECT_EQ(-ETIMEDOUT, ascdev_compress(strict, NULL, &self->small, self->values,
						      payload, sizeof(payload), NULL));
	}
	EXPECT_EQ(-EIO, ascdev_compress(strict, NULL, &self->small, self->values, payload,
					sizeof(payload), NULL));
	ascdev_close(strict);
	ASSERT_TRUE(write_number(engine.inject, "hang", 1));
	EXPECT_EQ(-ETIMEDOUT, ascdev_compress(hw, NULL, &self->small, self->values, payload,
					      sizeof(payload), NULL));
	ascdev_job_destroy(job);
	ASSERT_EQ(0, ascdev_job_create(hw, &job));
	ASSERT_EQ(0, ascdev_buf_alloc(hw, 2 * SMALL_BYTES, &buf));
	ASSERT_EQ(0, ascdev_job_compress(job, NULL, &self->small, buf, 0, buf, SMALL_BYTES));
	ASSERT_TRUE(write_number(engine.inject, "hang", 1));
	ASSERT_EQ(0, ascdev_submit(hw, &job, 1, NULL));
	EXPECT_EQ(-ETIMEDOUT, ascdev_wait(job, -1, NULL));
	write_number(engine.inject, "hang", 0);
	write_number(engine.device, "timeout_ms", 4000);
	ASSERT_TRUE(write_number(engine.inject, "fail", 1));
	ASSERT_EQ(0, ascdev_submit(hw, &job, 1, NULL));
	EXPECT_EQ(-EIO, ascdev_wait(job, -1, NULL));
	ascdev_job_destroy(job);
	ascdev_buf_unref(buf);
	ascdev_close(hw);
	EXPECT_EQ(0, ret);
	EXPECT_EQ(-EIO, reason);
	EXPECT_LT(1, calls);
	ASSERT_EQ(0, ascdev_get_stats(self->ctx, &stats));
	EXPECT_EQ(calls, stats.fallbacks);
	EXPECT_EQ(calls, stats.fallbacks_failed);
	EXPECT_EQ(calls, stats.jobs_sw);
}

/* --- a device that goes away ------------------------------------------------ */

TEST_F(library, the_device_goes_away)
{
	static uint8_t payload[LARGE_BYTES], twice[LARGE_BYTES], back[LARGE_BYTES];
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	struct ascdev_params params = ASCDEV_PARAMS_INIT;
	struct ascdev_stats stats = ASCDEV_STATS_INIT;
	struct ascdev_completion done[JOBS];
	struct drm_syncobj_handle export = { .fd = -1 };
	int n = 0, node, dmabuf, ret, i;
	struct ascdev_job *jobs[JOBS], *job;
	struct ascdev_ctx *strict, *next;
	struct ascdev_buf *buf, *unmapped;
	uint16_t order[64] = { 0 };
	struct engine engine;
	void *address;

	if (geteuid() || !find_engine(&engine))
		SKIP(return, "needs root, and debugfs");
	node = open_node(NULL);
	ASSERT_LE(0, node);
	export.handle = create_syncobj(node);
	ASSERT_EQ(0, do_ioctl(node, DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD, &export));
	dmabuf = ascdev_buf_export_dmabuf(self->src);
	ASSERT_LE(0, dmabuf);
	ASSERT_EQ(0, ascdev_buf_alloc(self->ctx, 4096, &unmapped));
	strict = open_ctx(ASCDEV_BACKEND_HW, 0);
	ASSERT_NE(NULL, strict);
	params.codec = ASCDEV_CODEC_DCAC;
	for (i = 0; i < JOBS; i++) {
		ASSERT_EQ(0, ascdev_job_create(self->ctx, &jobs[i]));
		ASSERT_EQ(0, ascdev_job_compress(jobs[i], &params, &self->large, self->src, 0,
						 self->dst, 0));
		ASSERT_EQ(0, ascdev_job_set_cookie(jobs[i], i));
	}
	/* one runs, the others wait for it */
	ASSERT_TRUE(hold_next_job(engine.inject, engine.device));
	ASSERT_EQ(0, ascdev_submit(self->ctx, jobs, JOBS - 2, NULL));
	ASSERT_TRUE(wait_until_held(engine.inject));
	ASSERT_EQ(0, write_device("unbind"));

	/* every job ends, whoever asks */
	EXPECT_EQ(-ENODEV, ascdev_cancel(jobs[0]));
	EXPECT_EQ(-ECANCELED, ascdev_wait(jobs[3], -1, NULL));
	EXPECT_EQ(-ENODEV, ascdev_wait(jobs[0], -1, NULL));
	while (n < JOBS - 4) {
		ASSERT_EQ(1, wait_readable(ascdev_get_fd(self->ctx), 20000));
		ret = ascdev_reap(self->ctx, done, JOBS, 0);
		ASSERT_LE(0, ret);
		for (i = 0; i < ret; i++)
			EXPECT_EQ(-ECANCELED, done[i].status);
		n += ret;
	}

	/* what needs the device fails, with AUTO too; its memory is still there */
	EXPECT_EQ(-ENODEV, ascdev_submit(self->ctx, &jobs[JOBS - 1], 1, NULL));
	EXPECT_EQ(-ENODEV, ascdev_buf_alloc(self->ctx, 4096, &buf));
	EXPECT_EQ(-ENODEV, ascdev_job_create(self->ctx, &job));
	EXPECT_EQ(-ENODEV, ascdev_buf_export_dmabuf(self->src));
	EXPECT_EQ(-ENODEV, ascdev_buf_import_dmabuf(self->ctx, dmabuf, &buf));
	EXPECT_EQ(-ENODEV, ascdev_buf_map(unmapped, &address));
	EXPECT_EQ(-ENODEV, ascdev_buf_wait(self->src, 0));
	EXPECT_EQ(-ENODEV, ascdev_buf_begin_cpu(self->src, ASCDEV_CPU_READ));
	EXPECT_EQ(-ENODEV, ascdev_job_get_fence(jobs[0]));
	EXPECT_EQ(-ENODEV, ascdev_job_wait_point(jobs[JOBS - 1], export.fd, 1));
	EXPECT_EQ(-ENODEV, ascdev_job_signal_point(jobs[JOBS - 1], export.fd, 1));
	params.reorder = ASCDEV_REORDER_GIVEN;
	params.order = order;
	EXPECT_EQ(-ENODEV, ascdev_job_compress(jobs[JOBS - 1], &params, &self->large, self->src, 0,
					       self->dst, 0));
	ascdev_buf_unref(unmapped);
	close(export.fd);
	close(dmabuf);
	close(node);
	self->payload[LARGE_BYTES - 1] = 1;

	/* what does not is done in process, and counted */
	params = (struct ascdev_params)ASCDEV_PARAMS_INIT;
	params.codec = ASCDEV_CODEC_ZVC;
	ASSERT_EQ(0, ascdev_compress(self->ctx, &params, &self->small, self->values, payload,
				     sizeof(payload), &result));
	EXPECT_EQ(ASCDEV_BACKEND_SW, result.backend);
	EXPECT_EQ(-ENODEV, result.fallback_reason);
	ASSERT_EQ(0, ascdev_decompress(self->ctx, &params, &self->small, payload, result.bytes,
				       back, NULL));
	EXPECT_EQ(0, memcmp(back, self->values, SMALL_BYTES));
	ASSERT_EQ(0, ascdev_get_stats(self->ctx, &stats));
	EXPECT_EQ(2, stats.fallbacks);
	EXPECT_EQ(2, stats.fallbacks_gone);
	EXPECT_EQ(2, stats.jobs_sw);
	EXPECT_EQ(0, stats.in_flight);
	EXPECT_EQ(JOBS - 2, stats.jobs_hw);
	EXPECT_EQ(-ENODEV, ascdev_compress(strict, &params, &self->small, self->values, payload,
					   sizeof(payload), NULL));
	ASSERT_EQ(0, ascdev_get_stats(strict, &stats));
	EXPECT_EQ(0, stats.fallbacks);

	/* another context is in process, and has the same bytes */
	next = open_ctx(ASCDEV_BACKEND_AUTO, 0);
	ASSERT_NE(NULL, next);
	EXPECT_EQ(ASCDEV_BACKEND_SW, ascdev_get_backend(next, &ret));
	EXPECT_EQ(-ENXIO, ret);
	ASSERT_EQ(0, ascdev_compress(next, &params, &self->small, self->values, twice,
				     sizeof(twice), &result));
	EXPECT_EQ(-ENXIO, result.fallback_reason);
	EXPECT_EQ(0, memcmp(payload, twice, result.bytes));
	ascdev_close(next);
	for (i = 0; i < JOBS; i++)
		ascdev_job_destroy(jobs[i]);
	ascdev_close(strict);
	ASSERT_TRUE(rebind());
}

/* In the middle of calls that AUTO repeats. */
static void *compress_on(void *argument)
{
	static uint8_t values[SMALL_BYTES], payload[SMALL_BYTES];
	struct ascdev_ctx *ctx = argument;
	struct ascdev_surface surface;
	long failed = 0, sw = 0;

	ascdev_surface_nchw(&surface, ASCDEV_DTYPE_U8, 1, 64, 16, 16);
	while (sw < 3 && !failed) {
		struct ascdev_result result = ASCDEV_RESULT_INIT;

		failed += !!ascdev_compress(ctx, NULL, &surface, values, payload, sizeof(payload),
					    &result);
		sw += result.backend == ASCDEV_BACKEND_SW;
	}
	return (void *)failed;
}

TEST_F(library, calls_go_on_without_it)
{
	pthread_t thread;
	void *failed;

	if (geteuid())
		SKIP(return, "needs root");
	ASSERT_EQ(0, pthread_create(&thread, NULL, compress_on, self->ctx));
	usleep(300000);
	ASSERT_EQ(0, write_device("unbind"));
	ASSERT_EQ(0, pthread_join(thread, &failed));
	EXPECT_EQ(NULL, failed);
	ASSERT_TRUE(rebind());
}

TEST_HARNESS_MAIN
