// SPDX-License-Identifier: MIT
/*
 * DRM_IOCTL_ASCDEV_SUBMIT: what is accepted, what is not, and that a refusal
 * changes nothing.
 */

#include "ascdev_test.h"

FIXTURE(submit)
{
	int fd;
	int minor;
	struct small_job small;
};

FIXTURE_SETUP(submit)
{
	self->fd = open_node(&self->minor);
	if (self->fd < 0)
		SKIP(return, "no device");
	ASSERT_TRUE(make_small_job(self->fd, &self->small));
}

FIXTURE_TEARDOWN(submit)
{
	close(self->fd);
}

/* What a refused job must leave alone. */
static void expect_refused(struct __test_metadata *_metadata, FIXTURE_DATA(submit) *self,
			   int expected, int got, const char *what)
{
	int i;

	EXPECT_EQ(expected, got) TH_LOG("%s", what);
	EXPECT_EQ(0, self->small.record->status);
	for (i = 0; i < SMALL_PAYLOAD && !self->small.payload[i]; i++)
		;
	EXPECT_EQ(SMALL_PAYLOAD, i) TH_LOG("%s", what);
}

TEST_F(submit, compresses)
{
	struct drm_ascdev_result *record = self->small.record;

	ASSERT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));
	ASSERT_EQ(0, wait_bo(self->fd, self->small.dst, 20000));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, record->status);
	EXPECT_EQ(0, record->error);
	EXPECT_EQ(self->small.job.cookie, record->cookie);
	EXPECT_EQ(SMALL_PAYLOAD, record->bytes);
	EXPECT_EQ(SMALL_BYTES, record->elements);
	EXPECT_EQ(SMALL_BYTES / 16, record->linear_blocks + record->log_blocks);
	EXPECT_GE(record->sum_sq_error, record->sum_abs_error);
	EXPECT_LE(record->max_abs_error, record->sum_abs_error);
	EXPECT_EQ(DRM_ASCDEV_CODEC_ASC_CBR, record->codec);
	EXPECT_EQ(DRM_ASCDEV_ENDPOINTS_TWO, record->endpoints);
	EXPECT_EQ(4, record->block.w);
	EXPECT_EQ(4, record->block.h);
	EXPECT_EQ(1, record->block.c);
	EXPECT_EQ(DRM_ASCDEV_PROFILE_FULL, record->profile);
	EXPECT_EQ(0, record->error_exponent);
	EXPECT_EQ(0, record->exponent);
	EXPECT_EQ(0, record->pad);
	EXPECT_EQ(SMALL_BYTES, record->bytes_read);
	EXPECT_EQ(0, record->block.pad);
	EXPECT_LE(record->start_ns, record->end_ns);
}

TEST_F(submit, decompresses_within_the_reported_error)
{
	struct drm_ascdev_job back = self->small.job;
	uint32_t handle = create_bo(self->fd, SMALL_BYTES);
	uint8_t *values = map_bo(self->fd, handle, SMALL_BYTES);
	uint64_t sum = 0, max = 0;
	int i;

	ASSERT_NE(MAP_FAILED, values);
	back.op = DRM_ASCDEV_OP_DECOMPRESS;
	back.src = self->small.job.dst;
	back.dst = (struct drm_ascdev_range){ handle, 0, 0, SMALL_BYTES };
	back.result = (struct drm_ascdev_range){ 0 };
	ASSERT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));
	ASSERT_EQ(0, submit_jobs(self->fd, &back, 1));
	ASSERT_EQ(0, wait_bo(self->fd, handle, 20000));
	for (i = 0; i < SMALL_BYTES; i++) {
		uint64_t error = abs(values[i] - self->small.surface[i]);

		sum += error;
		max = error > max ? error : max;
	}
	EXPECT_EQ(self->small.record->sum_abs_error, sum);
	EXPECT_EQ(self->small.record->max_abs_error, max);
	EXPECT_LT(max, 40);
}

TEST_F(submit, what_is_left_open_is_chosen)
{
	int i;

	for (i = 0; i < SMALL_BYTES; i++)
		self->small.surface[i] = i % 3 ? 0 : i;
	self->small.job.params.codec = DRM_ASCDEV_CODEC_DEFAULT;
	self->small.job.params.endpoints = DRM_ASCDEV_ENDPOINTS_AUTO;
	memset(&self->small.job.params.block, 0, sizeof(self->small.job.params.block));
	ASSERT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));
	ASSERT_EQ(0, wait_bo(self->fd, self->small.dst, 20000));
	EXPECT_EQ(DRM_ASCDEV_CODEC_ASC_CBR, self->small.record->codec);
	EXPECT_NE(DRM_ASCDEV_ENDPOINTS_AUTO, self->small.record->endpoints);
	EXPECT_NE(0, self->small.record->block.w);
}

TEST_F(submit, many_jobs_in_order)
{
	struct drm_ascdev_job jobs[64];
	int i;

	/* the last one decides what is in the payload and in the record */
	for (i = 0; i < 64; i++) {
		jobs[i] = self->small.job;
		jobs[i].cookie = i + 1;
		jobs[i].params.scale = i == 63 ? DRM_ASCDEV_SCALE_LOG : DRM_ASCDEV_SCALE_LINEAR;
	}
	ASSERT_EQ(0, submit_jobs(self->fd, jobs, 64));
	ASSERT_EQ(0, wait_bo(self->fd, self->small.dst, 20000));
	EXPECT_EQ(64, self->small.record->cookie);
	EXPECT_EQ(0, self->small.record->linear_blocks);
}

TEST_F(submit, strides_of_other_versions)
{
	struct {
		struct drm_ascdev_job job;
		uint64_t more[2];
	} grown[2] = { { .job = self->small.job }, { .job = self->small.job } };
	struct drm_ascdev_submit args = {
		.jobs = { .stride = sizeof(grown[0]), .count = 2, .array = (uintptr_t)grown },
	};

	grown[1].more[1] = 1;
	expect_refused(_metadata, self, -E2BIG, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_SUBMIT, &args),
		       "something in an unknown member");
	grown[1].more[1] = 0;
	ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_SUBMIT, &args));
	ASSERT_EQ(0, wait_bo(self->fd, self->small.dst, 20000));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, self->small.record->status);
}

TEST_F(submit, rejects_bad_arrays)
{
	struct drm_ascdev_obj_array good = {
		sizeof(self->small.job), 1, (uintptr_t)&self->small.job
	};
	struct drm_ascdev_submit args;

#define REFUSED(error, ...)									\
	do {											\
		args = (struct drm_ascdev_submit){ .jobs = good };				\
		__VA_ARGS__;									\
		expect_refused(_metadata, self, error,						\
			       do_ioctl(self->fd, DRM_IOCTL_ASCDEV_SUBMIT, &args),		\
			       #__VA_ARGS__);							\
	} while (0)

	REFUSED(-EINVAL, args.flags = DRM_ASCDEV_SUBMIT_WAIT << 1);
	REFUSED(-ENOENT, args.ctx = 1);
	REFUSED(-EINVAL, args.jobs.count = 0);
	REFUSED(-EINVAL, memset(&args, 0, sizeof(args)));
	REFUSED(-EINVAL, args.jobs.stride -= 8);
	REFUSED(-EINVAL, args.jobs.stride += 4);
	REFUSED(-EINVAL, args.jobs.stride = 0);
	REFUSED(-E2BIG, args.jobs.count = 257);
	REFUSED(-E2BIG, args.jobs.count = ~0u);
	REFUSED(-E2BIG, args.jobs.stride = 8192);
	REFUSED(-E2BIG, args.jobs.stride = ~7u);
	REFUSED(-EFAULT, args.jobs.array = 0);
	REFUSED(-EFAULT, args.jobs.array = 1ull << 46);
	REFUSED(-EFAULT, args.jobs.array = ~0ull - 7);
#undef REFUSED
}

TEST_F(submit, rejects_bad_jobs)
{
	struct drm_ascdev_job good = self->small.job, job;
	uint32_t other = create_bo(self->fd, 1 << 20);
	long long submitted = read_stat(self->minor, "jobs_submitted");

	ASSERT_NE(0, other);

#define REFUSED(error, ...)									\
	do {											\
		job = good;									\
		__VA_ARGS__;									\
		expect_refused(_metadata, self, error, submit_jobs(self->fd, &job, 1),		\
			       #__VA_ARGS__);							\
	} while (0)

	REFUSED(-EINVAL, job.op = 2);
	REFUSED(-EINVAL, job.op = ~0u);
	REFUSED(-EINVAL, job.flags = 1);
	REFUSED(-EINVAL, job.flags = 1u << 31);

	/* surface */
	REFUSED(-EINVAL, job.surface.dtype = 6);
	REFUSED(-EINVAL, job.surface.dtype = ~0u);
	REFUSED(-EINVAL, job.surface.pad = 1);
	REFUSED(-EINVAL, job.surface.dim[0] = 0);
	REFUSED(-EINVAL, job.surface.dim[3] = 0);
	REFUSED(-EINVAL, job.surface.dim[1] = 65);
	REFUSED(-EINVAL, job.surface.stride[1] = 257);
	REFUSED(-EINVAL, job.surface.stride[2] = 0xffffffff);
	REFUSED(-EOVERFLOW, job.surface.stride[2] = 1ull << 32);
	REFUSED(-EOVERFLOW, job.surface.stride[3] = ~0ull);
	REFUSED(-EOVERFLOW, job.surface.dim[0] = ~0u);
	REFUSED(-EOVERFLOW, memset(job.surface.dim, 0xff, sizeof(job.surface.dim)));

	/* parameters */
	REFUSED(-EINVAL, job.params.codec = 8);
	REFUSED(-EINVAL, job.params.profile = 4);
	REFUSED(-EINVAL, job.params.profile = DRM_ASCDEV_PROFILE_NARROW);
	REFUSED(-EINVAL, job.params.reorder = 4);
	REFUSED(-EINVAL, job.params.codec = ~0u);
	REFUSED(-EINVAL, job.params.endpoints = 3);
	REFUSED(-EINVAL, job.params.scale = 3);
	REFUSED(-EINVAL, job.params.effort = 2);
	REFUSED(-EINVAL, job.params.exponent = 77);
	REFUSED(-EINVAL, job.params.block.w = 3);
	REFUSED(-EINVAL, job.params.block.w = 0);
	REFUSED(-EINVAL, job.params.block.h = 0);
	REFUSED(-EINVAL, job.params.block.c = 16);
	REFUSED(-EINVAL, job.params.block.c = 65535);
	REFUSED(-EINVAL, job.params.block.pad = 1);
	REFUSED(-EINVAL, job.params.zero_point = -1);
	REFUSED(-EINVAL, job.params.zero_point = 256);

	/* source */
	REFUSED(-ENOENT, job.src.handle = 0);
	REFUSED(-ENOENT, job.src.handle = 4711);
	REFUSED(-EINVAL, job.src.pad = 1);
	REFUSED(-EINVAL, job.src.offset = 1);
	REFUSED(-EINVAL, job.src.offset = ~0ull);
	REFUSED(-EINVAL, job.src.size = ~0ull);
	REFUSED(-EINVAL, job.src.offset = 4096; job.src.size = ~0ull - 4095);
	REFUSED(-EINVAL, job.src.size--);
	REFUSED(-EINVAL, job.src.size = 0);

	/* destination */
	REFUSED(-ENOENT, job.dst.handle = 0);
	REFUSED(-ENOENT, job.dst.handle = 4711);
	REFUSED(-EINVAL, job.dst.pad = 1);
	REFUSED(-EINVAL, job.dst.handle = other; job.dst.offset = 4);
	REFUSED(-EINVAL, job.dst.offset = 8);
	REFUSED(-EINVAL, job.dst.offset = ~7ull);
	REFUSED(-ENOSPC, job.dst.size--);
	REFUSED(-ENOSPC, job.dst.size = 0);

	/* result */
	REFUSED(-ENOENT, job.result.handle = 4711);
	REFUSED(-EINVAL, job.result.pad = 1);
	REFUSED(-EINVAL, job.result.offset = 4);
	REFUSED(-EINVAL, job.result.offset = 4096);
	REFUSED(-ENOSPC, job.result.size--);
	REFUSED(-EINVAL, job.result.handle = 0);

	/* overlap */
	REFUSED(-EINVAL, job.dst = job.src);
	REFUSED(-EINVAL, job.src.handle = other; job.dst = (struct drm_ascdev_range)
			 { other, 0, SMALL_BYTES - 8, SMALL_PAYLOAD });
	REFUSED(-EINVAL, job.result.handle = job.src.handle);
	REFUSED(-EINVAL, job.result.handle = job.dst.handle);

	/* decompression */
	REFUSED(-EINVAL, job.op = 1; job.params.codec = DRM_ASCDEV_CODEC_DEFAULT);
	REFUSED(-EINVAL, job.op = 1; job.params.endpoints = DRM_ASCDEV_ENDPOINTS_AUTO);
	REFUSED(-EINVAL, job.op = 1; job.params.profile = DRM_ASCDEV_PROFILE_AUTO);
	REFUSED(-EINVAL, job.op = 1; memset(&job.params.block, 0, sizeof(job.params.block)));
	REFUSED(-EINVAL, job.op = 1; job.src.size = SMALL_PAYLOAD - 1);
	REFUSED(-EINVAL, job.op = 1; job.src.offset = 4);
	REFUSED(-ENOSPC, job.op = 1);
	REFUSED(-EINVAL, job.op = 1; job.dst = (struct drm_ascdev_range){ other, 0, 0, 1 << 20 };
		job.surface.stride[3] = 0);
	REFUSED(-EINVAL, job.op = 1; job.dst = (struct drm_ascdev_range){ other, 0, 0, 1 << 20 };
		job.surface.stride[2] = 15);

	EXPECT_EQ(submitted, read_stat(self->minor, "jobs_submitted"));
#undef REFUSED
}

/* What each codec has of the parameters, and what a decompression must be told. */
TEST_F(submit, parameters_of_each_codec)
{
	uint32_t large = create_bo(self->fd, 1 << 16), back = create_bo(self->fd, 1 << 16);
	long long submitted = read_stat(self->minor, "jobs_submitted");
	struct drm_ascdev_job good = self->small.job, job;
	uint32_t codec;

	ASSERT_NE(0, large);
	ASSERT_NE(0, back);
	good.dst = (struct drm_ascdev_range){ large, 0, 0, 1 << 16 };

#define REFUSED(error, ...)									\
	do {											\
		job = good;									\
		__VA_ARGS__;									\
		expect_refused(_metadata, self, error, submit_jobs(self->fd, &job, 1),		\
			       #__VA_ARGS__);							\
	} while (0)

	for (codec = 1; codec < CODECS; codec++) {
		bool is_raw = codec == DRM_ASCDEV_CODEC_RAW;

		memset(&good.params, 0, sizeof(good.params));
		good.params.codec = codec;
		if (codec != DRM_ASCDEV_CODEC_ASC_CBR) {
			REFUSED(-EINVAL, job.params.endpoints = DRM_ASCDEV_ENDPOINTS_TWO);
			REFUSED(-EINVAL, job.params.scale = DRM_ASCDEV_SCALE_LOG);
			REFUSED(-EINVAL, job.params.profile = DRM_ASCDEV_PROFILE_FULL);
			REFUSED(-EINVAL, job.params.exponent = 1);
			REFUSED(-EINVAL, job.params.block.w = 16);
		}
		if (codec != DRM_ASCDEV_CODEC_ASC_VBR && codec != DRM_ASCDEV_CODEC_AUTO) {
			REFUSED(-EINVAL, job.params.max_error = 1);
			REFUSED(-EINVAL, job.params.target_bpe = 1024);
		}
		REFUSED(-EINVAL, job.params.max_error = 32768);
		REFUSED(-EINVAL, job.params.max_error = 1; job.params.target_bpe = 1024);
		REFUSED(-EINVAL, job.params.effort = 2);
		REFUSED(-EINVAL, job.params.zero_point = 256);
		REFUSED(-EINVAL, job.params.zero_point = 1;
			job.surface.dtype = DRM_ASCDEV_DTYPE_F16;
			job.surface.dim[1] = 16);
		REFUSED(-EINVAL, job.params.reorder = 4);
		REFUSED(-EINVAL, job.params.reorder = DRM_ASCDEV_REORDER_GREEDY;
			job.surface.dim[1] = 4097; job.surface.dim[2] = 1; job.surface.dim[3] = 1;
			job.surface.stride[1] = 1);

		/* an order: missing, not wanted, too short, misaligned, in the way */
		REFUSED(-EINVAL, job.order.handle = back; job.order.size = 128);
		REFUSED(-EINVAL, job.order.size = 128);
		REFUSED(-EINVAL, job.params.reorder = DRM_ASCDEV_REORDER_GIVEN);
		REFUSED(-EINVAL, job.params.reorder = DRM_ASCDEV_REORDER_GREEDY;
			job.order = (struct drm_ascdev_range){ back, 0, 0, 128 });
		REFUSED(-EINVAL, job.params.reorder = DRM_ASCDEV_REORDER_GIVEN;
			job.order = (struct drm_ascdev_range){ back, 0, 0, 127 });
		REFUSED(-EINVAL, job.params.reorder = DRM_ASCDEV_REORDER_GIVEN;
			job.order = (struct drm_ascdev_range){ back, 0, 1, 128 });
		REFUSED(-EINVAL, job.params.reorder = DRM_ASCDEV_REORDER_GIVEN;
			job.order = (struct drm_ascdev_range){ back, 1, 0, 128 });
		REFUSED(-EINVAL, job.params.reorder = DRM_ASCDEV_REORDER_GIVEN;
			job.order = (struct drm_ascdev_range){ back, 0, 65536 - 126, 128 });
		REFUSED(is_raw ? -EINVAL : -ENOENT,
			job.params.reorder = DRM_ASCDEV_REORDER_GIVEN;
			job.order = (struct drm_ascdev_range){ 4711, 0, 0, 128 });
		REFUSED(-EINVAL, job.params.reorder = DRM_ASCDEV_REORDER_GIVEN;
			job.order = (struct drm_ascdev_range){ large, 0, 65536 - 128, 128 });
		REFUSED(-EINVAL, job.params.reorder = DRM_ASCDEV_REORDER_GIVEN;
			job.order = (struct drm_ascdev_range){ job.result.handle, 0,
			sizeof(struct drm_ascdev_result) - 2, 128 });

		/* a part of a compression */
		REFUSED(-EINVAL, job.part.dim[0] = 1);
		REFUSED(-EINVAL, memcpy(job.part.dim, job.surface.dim, sizeof(job.part.dim)));

		/* too little room for what does not get smaller */
		REFUSED(-ENOSPC, job.dst.size = 255);

		/* decompression of what the record would have told */
		good.op = DRM_ASCDEV_OP_DECOMPRESS;
		good.src.handle = large;
		good.dst = (struct drm_ascdev_range){ back, 0, 0, SMALL_BYTES };
		if (codec == DRM_ASCDEV_CODEC_ASC_CBR) {
			REFUSED(-EINVAL, (void)0);
			good.params.endpoints = DRM_ASCDEV_ENDPOINTS_ONE;
			good.params.profile = DRM_ASCDEV_PROFILE_FULL;
			good.params.block = (struct drm_ascdev_block){ 8, 0, 0, 0 };
		}
		if (codec == DRM_ASCDEV_CODEC_AUTO) {
			REFUSED(-EINVAL, (void)0);
		} else {
			/* the order goes with the payload */
			REFUSED(-EINVAL, job.params.reorder = DRM_ASCDEV_REORDER_GIVEN;
				job.order = (struct drm_ascdev_range){ self->small.src, 0, 0,
								       128 });
			REFUSED(-EINVAL, job.src.size = 3);
			REFUSED(-EINVAL, job.src.size = 0);
			REFUSED(-ENOSPC, job.dst.size--);
			REFUSED(-EINVAL, job.params.reorder = 4);
			REFUSED(-EINVAL, job.part.dim[0] = 1);
			REFUSED(-EINVAL, job.part.at[0] = 1);
			REFUSED(-EINVAL, job.part = (struct drm_ascdev_part)
				{ { 0, 0, 0, 0 }, { 1, 64, 16, 17 } });
			REFUSED(-EINVAL, job.part = (struct drm_ascdev_part)
				{ { 0, 64, 0, 0 }, { 1, 1, 1, 1 } });
			REFUSED(-EINVAL, job.part = (struct drm_ascdev_part)
				{ { 0, ~0u, 0, 0 }, { 1, 2, 1, 1 } });
			REFUSED(-EINVAL, job.part = (struct drm_ascdev_part)
				{ { 0, 0, 0, 1 }, { 1, 1, 1, ~0u } });
			REFUSED(-ENOSPC, job.part = (struct drm_ascdev_part)
				{ { 0, 3, 0, 0 }, { 1, 2, 1, 1 } }; job.dst.size = 256);
			/* the payload is one of the whole surface */
			REFUSED(-EINVAL, job.surface.dim[1] = 1 << 22;
				job.part = (struct drm_ascdev_part)
				{ { 0, 0, 0, 0 }, { 1, 1, 1, 1 } });
		}
		good.op = DRM_ASCDEV_OP_COMPRESS;
		good.src = self->small.job.src;
		good.dst = (struct drm_ascdev_range){ large, 0, 0, 1 << 16 };
	}
	EXPECT_EQ(submitted, read_stat(self->minor, "jobs_submitted"));
#undef REFUSED
}

TEST_F(submit, one_bad_job_refuses_all)
{
	struct drm_ascdev_job jobs[3] = { self->small.job, self->small.job, self->small.job };

	jobs[2].dst.size = 1;
	expect_refused(_metadata, self, -ENOSPC, submit_jobs(self->fd, jobs, 3), "third job");
}

TEST_F(submit, handles_of_another_file)
{
	int other = open_node(NULL);

	ASSERT_LE(0, other);
	expect_refused(_metadata, self, -ENOENT, submit_jobs(other, &self->small.job, 1),
		       "handles of another file");
	close(other);
}

TEST_F(submit, one_object_for_all)
{
	uint32_t handle = create_bo(self->fd, 1 << 16);
	uint8_t *memory = map_bo(self->fd, handle, 1 << 16);
	struct drm_ascdev_job job = self->small.job;

	ASSERT_NE(MAP_FAILED, memory);
	memcpy(memory + 3, self->small.surface, SMALL_BYTES);
	job.src = (struct drm_ascdev_range){ handle, 0, 3, SMALL_BYTES };
	job.dst = (struct drm_ascdev_range){ handle, 0, SMALL_BYTES + 8, SMALL_PAYLOAD };
	job.result = (struct drm_ascdev_range){ handle, 0, SMALL_BYTES + 8 + SMALL_PAYLOAD,
						sizeof(struct drm_ascdev_result) };
	ASSERT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));
	ASSERT_EQ(0, submit_jobs(self->fd, &job, 1));
	ASSERT_EQ(0, wait_bo(self->fd, handle, 20000));
	EXPECT_EQ(0, memcmp(self->small.payload, memory + SMALL_BYTES + 8, SMALL_PAYLOAD));
	EXPECT_EQ(0, memcmp(self->small.surface, memory + 3, SMALL_BYTES));
}

TEST_F(submit, full_queue)
{
	struct drm_ascdev_job jobs[256];
	struct drm_ascdev_sync sync = { 0 };
	struct foreign_fence fence;
	int i, ret = 0;

	if (!make_foreign_fence(&fence))
		SKIP(return, "no vgem");
	sync.handle = create_syncobj(self->fd);
	ASSERT_EQ(0, import_sync_file(self->fd, sync.handle, fence.sync_file));
	for (i = 0; i < 256; i++) {
		jobs[i] = self->small.job;
		jobs[i].surface.dim[1] = 1;
	}
	set_syncs(&jobs[0], &sync, 1);
	for (i = 0; i < 16 && !ret; i++)
		ret = submit_jobs(self->fd, jobs, 256);
	ASSERT_EQ(0, ret);
	EXPECT_EQ(-EBUSY, submit_jobs(self->fd, jobs, 1));
	ASSERT_EQ(0, signal_foreign_fence(&fence));
	ASSERT_EQ(0, wait_bo(self->fd, self->small.dst, 120000));
	/* a place is free when a job is, which is soon after its fence */
	for (i = 0; i < 200; i++) {
		ret = submit_jobs(self->fd, &jobs[1], 1);
		if (!ret)
			break;
		usleep(20000);
	}
	EXPECT_EQ(0, ret);
}

TEST_HARNESS_MAIN
