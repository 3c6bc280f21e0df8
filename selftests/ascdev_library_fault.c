// SPDX-License-Identifier: MIT
/*
 * The library on a device, in a kernel without memory: every allocation that a call makes
 * there fails once, in turn.  Calls give -ENOMEM or do without, and go well when they are
 * repeated.  With AUTO compression always goes well.
 */

#include <ascdev.h>

#include "ascdev_fault.h"

FIXTURE(library_fault)
{
	struct ascdev_ctx *ctx;
	struct ascdev_surface surface;
	struct ascdev_buf *src, *dst;
	struct ascdev_job *job;
	struct ascdev_open_opts hw;
	int nth_fd;
};

/* The library does not give the kernel bad addresses: copies do not fail. */
static bool spare_copies(void)
{
	return write_file("/sys/kernel/debug/fail_usercopy/require-start", "1") &&
	       write_file("/sys/kernel/debug/fail_usercopy/require-end", "1");
}

FIXTURE_SETUP(library_fault)
{
	self->hw = (struct ascdev_open_opts)ASCDEV_OPEN_OPTS_INIT;
	self->hw.backend = ASCDEV_BACKEND_HW;
	if (ascdev_open(&self->hw, NULL, &self->ctx))
		SKIP(return, "no device");
	self->nth_fd = open_faults();
	if (self->nth_fd < 0 || !spare_copies()) {
		ascdev_close(self->ctx);
		SKIP(return, "no fault injection");
	}
	ascdev_surface_nchw(&self->surface, ASCDEV_DTYPE_U8, 1, 64, 16, 16);
	ASSERT_EQ(0, ascdev_buf_alloc(self->ctx, SMALL_BYTES, &self->src));
	ASSERT_EQ(0, ascdev_buf_alloc(self->ctx, 2 * SMALL_BYTES, &self->dst));
	ASSERT_EQ(0, ascdev_job_create(self->ctx, &self->job));
	ASSERT_EQ(0, ascdev_job_compress(self->job, NULL, &self->surface, self->src, 0, self->dst,
					 0));
}

FIXTURE_TEARDOWN(library_fault)
{
	EXPECT_TRUE(spare_nothing());
	ascdev_job_destroy(self->job);
	ascdev_buf_unref(self->src);
	ascdev_buf_unref(self->dst);
	ascdev_close(self->ctx);
	close(self->nth_fd);
}

/* What follows the call undoes it where it went well. */
#define EXPECT_EACH_FAULT(error, call, ...) SWEEP_FOR(error, error, call, __VA_ARGS__)

TEST_F(library_fault, contexts)
{
	struct ascdev_params defaults = ASCDEV_PARAMS_INIT;
	const struct ascdev_device_info *info;
	struct ascdev_device_list *list;
	struct ascdev_ctx *ctx;
	int found;

	defaults.codec = ASCDEV_CODEC_ZVC;
	self->hw.defaults = &defaults;
	EXPECT_EACH_FAULT(-ENOMEM, ascdev_open(&self->hw, NULL, &ctx), ascdev_close(ctx));
	EXPECT_EACH_FAULT(-ENOMEM, (found = ascdev_enumerate(NULL, &list)) < 0 ? found : 0,
			  info = ascdev_device_list_get(list, 0);
			  EXPECT_TRUE(info && (!info->state || info->state == -ENOMEM));
			  ascdev_device_list_free(list));
}

TEST_F(library_fault, buffers)
{
	struct ascdev_buf *buf;
	struct ascdev_ctx *other;
	void *address;
	int fd;

	EXPECT_EACH_FAULT(-ENOMEM, ascdev_buf_alloc(self->ctx, 8192, &buf), ascdev_buf_unref(buf));
	EXPECT_EACH_FAULT(-ENOMEM, ascdev_buf_map(self->src, &address),
			  *(uint8_t *)address = 1;
			  EXPECT_EQ(0, ascdev_buf_unmap(self->src)));
	EXPECT_EACH_FAULT(-ENOMEM, (fd = ascdev_buf_export_dmabuf(self->src)) < 0 ? fd : 0,
			  close(fd));
	fd = ascdev_buf_export_dmabuf(self->src);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ascdev_open(&self->hw, NULL, &other));
	EXPECT_EACH_FAULT(-ENOMEM, ascdev_buf_import_dmabuf(other, fd, &buf),
			  ascdev_buf_unref(buf));
	ascdev_close(other);
	close(fd);
}

TEST_F(library_fault, jobs)
{
	struct drm_syncobj_handle export = { .fd = -1 };
	struct ascdev_params params = ASCDEV_PARAMS_INIT;
	int node = open_node(NULL), fence, i;
	struct ascdev_job *job;
	uint16_t order[64];

	ASSERT_LE(0, node);
	export.handle = create_syncobj(node);
	ASSERT_EQ(0, do_ioctl(node, DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD, &export));
	EXPECT_EACH_FAULT(-ENOMEM, ascdev_job_create(self->ctx, &job), ascdev_job_destroy(job));
	ASSERT_EQ(0, ascdev_job_create(self->ctx, &job));

	for (i = 0; i < 64; i++)
		order[i] = 63 - i;
	params.codec = ASCDEV_CODEC_ZVC;
	params.reorder = ASCDEV_REORDER_GIVEN;
	params.order = order;
	EXPECT_EACH_FAULT(-ENOMEM, ascdev_job_compress(job, &params, &self->surface, self->src, 0,
						       self->dst, 0), (void)0);

	ASSERT_EQ(0, ascdev_submit(self->ctx, &self->job, 1, NULL));
	EXPECT_EACH_FAULT(-ENOMEM, (fence = ascdev_job_get_fence(self->job)) < 0 ? fence : 0,
			  close(fence));
	fence = ascdev_job_get_fence(self->job);
	ASSERT_EQ(0, ascdev_job_wait_fence(job, fence));
	close(fence);
	ASSERT_EQ(0, ascdev_job_signal_point(job, export.fd, 1));
	EXPECT_EACH_FAULT(-ENOMEM, ascdev_submit(self->ctx, &job, 1, NULL),
			  EXPECT_EQ(0, ascdev_wait(job, -1, NULL)));
	ASSERT_EQ(0, ascdev_wait(self->job, -1, NULL));
	ASSERT_EQ(0, ascdev_submit(self->ctx, &self->job, 1, NULL));
	EXPECT_EACH_FAULT(-ENOMEM, ascdev_wait(self->job, -1, NULL), (void)0);
	EXPECT_EQ(0, wait_point(node, export.handle, 1, 0));
	ascdev_job_destroy(job);
	close(export.fd);
	close(node);
}

TEST_F(library_fault, compression)
{
	static uint8_t values[SMALL_BYTES], payload[SMALL_BYTES], expected[SMALL_BYTES];
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	struct ascdev_stats stats = ASCDEV_STATS_INIT;
	unsigned int nth, in_process = 0;
	struct ascdev_ctx *ctx;
	bool hit = true;
	int i;

	for (i = 0; i < SMALL_BYTES; i++)
		values[i] = i % 251;
	EXPECT_EACH_FAULT(-ENOMEM, ascdev_compress(self->ctx, NULL, &self->surface, values,
						   expected, sizeof(expected), NULL), (void)0);

	ASSERT_EQ(0, ascdev_open(NULL, NULL, &ctx));
	for (nth = 1; hit; nth++) {
		int ret;

		memset(payload, 0, sizeof(payload));
		arm(self->nth_fd, nth);
		ret = ascdev_compress(ctx, NULL, &self->surface, values, payload, sizeof(payload),
				      &result);
		hit = disarm(self->nth_fd);
		EXPECT_EQ(0, ret) TH_LOG("fault %u", nth);
		EXPECT_EQ(0, memcmp(payload, expected, result.bytes));
		EXPECT_TRUE(!result.fallback_reason || result.fallback_reason == -ENOMEM);
		in_process += result.backend == ASCDEV_BACKEND_SW;
	}
	ASSERT_EQ(0, ascdev_get_stats(ctx, &stats));
	EXPECT_LT(0, in_process);
	EXPECT_EQ(in_process, stats.fallbacks_limit);
	ascdev_close(ctx);
}

TEST_HARNESS_MAIN
