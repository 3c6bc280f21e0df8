// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the driver accepts from userspace, as far as it takes no device to tell.
 */

#include <kunit/test.h>
#include <linux/module.h>

#include <drm/ascdev_accel.h>
#include <drm/drm.h>

#include "../ascdev_compat.h"
#include "../ascdev_device.h"
#include "ascdev_kunit.h"

static void submit_array(struct kunit *test)
{
	static const struct {
		struct drm_ascdev_obj_array array;
		int ret;
	} cases[] = {
		{ { .stride = 0, .count = 0 }, 0 },
		{ { .stride = 24, .count = 0 }, -EINVAL },
		{ { .stride = 0, .count = 0, .array = 8 }, -EINVAL },
		{ { .stride = 24, .count = 1 }, 0 },
		{ { .stride = 24, .count = 64 }, 0 },
		{ { .stride = 24, .count = 65 }, -E2BIG },
		{ { .stride = 24, .count = U32_MAX }, -E2BIG },
		{ { .stride = 0, .count = 1 }, -EINVAL },
		{ { .stride = 16, .count = 1 }, -EINVAL },
		{ { .stride = 28, .count = 1 }, -EINVAL },
		{ { .stride = 32, .count = 1 }, 0 },
		{ { .stride = 4096, .count = 1 }, 0 },
		{ { .stride = 4104, .count = 1 }, -E2BIG },
		{ { .stride = U32_MAX & ~7u, .count = 1 }, -E2BIG },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_EQ_MSG(test, cases[i].ret,
				    ascdev_check_array(NULL, &cases[i].array, 24, 64),
				    "case %u", i);
}

/* Of two ranges of 100 bytes, one byte in common makes the difference. */
static void submit_ranges_overlap(struct kunit *test)
{
	static const struct {
		enum ascdev_job_bo a, b;
		bool overlap;
	} pairs[] = {
		{ ASCDEV_JOB_SRC, ASCDEV_JOB_DST, true },
		{ ASCDEV_JOB_SRC, ASCDEV_JOB_RESULT, true },
		{ ASCDEV_JOB_DST, ASCDEV_JOB_RESULT, true },
		{ ASCDEV_JOB_DST, ASCDEV_JOB_ORDER, true },
		{ ASCDEV_JOB_ORDER, ASCDEV_JOB_RESULT, true },
		/* both are read only */
		{ ASCDEV_JOB_SRC, ASCDEV_JOB_ORDER, false },
	};
	struct ascdev_job *job = kunit_kzalloc(test, sizeof(*job), GFP_KERNEL);
	struct drm_gem_object *bo = kunit_kzalloc(test, 2 * sizeof(*bo), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, job);
	KUNIT_ASSERT_NOT_NULL(test, bo);
	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		struct drm_ascdev_job args = { };
		struct drm_ascdev_range *const range[ASCDEV_JOB_BOS] = {
			[ASCDEV_JOB_SRC] = &args.src,
			[ASCDEV_JOB_DST] = &args.dst,
			[ASCDEV_JOB_RESULT] = &args.result,
			[ASCDEV_JOB_ORDER] = &args.order,
		};
		struct drm_ascdev_range *a = range[pairs[i].a], *b = range[pairs[i].b];

		memset(job->bo, 0, sizeof(job->bo));
		job->bo[pairs[i].a] = &bo[0];
		job->bo[pairs[i].b] = &bo[0];
		a->offset = 1000;
		a->size = 100;
		b->size = 100;
		b->offset = 900;
		KUNIT_EXPECT_FALSE_MSG(test, ascdev_ranges_overlap(job, &args), "pair %u", i);
		b->offset = 1100;
		KUNIT_EXPECT_FALSE_MSG(test, ascdev_ranges_overlap(job, &args), "pair %u", i);
		b->offset = 901;
		KUNIT_EXPECT_EQ_MSG(test, pairs[i].overlap, ascdev_ranges_overlap(job, &args),
				    "pair %u", i);
		b->offset = 1099;
		KUNIT_EXPECT_EQ_MSG(test, pairs[i].overlap, ascdev_ranges_overlap(job, &args),
				    "pair %u", i);
		job->bo[pairs[i].b] = &bo[1];
		KUNIT_EXPECT_FALSE_MSG(test, ascdev_ranges_overlap(job, &args), "pair %u", i);
	}
}

static void submit_part(struct kunit *test)
{
	static const struct drm_ascdev_part none;
	static const struct drm_ascdev_part corner = {
		.at = { 0, 1, 2, 3 },
		.dim = { 1, 1, 1, 1 },
	};
	struct ascdev_job *job = kunit_kzalloc(test, sizeof(*job), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, job);
	for (i = 0; i < FMC_DIMS; i++)
		job->surface.dim[i] = i + 1;

	job->op = DRM_ASCDEV_OP_COMPRESS;
	KUNIT_EXPECT_EQ(test, -EINVAL, ascdev_copy_part(NULL, job, &corner));
	KUNIT_EXPECT_EQ(test, 0, ascdev_copy_part(NULL, job, &none));

	job->op = DRM_ASCDEV_OP_DECOMPRESS;
	KUNIT_EXPECT_EQ(test, 0, ascdev_copy_part(NULL, job, &none));
	KUNIT_EXPECT_MEMEQ(test, job->part.dim, job->surface.dim, sizeof(job->part.dim));
	KUNIT_EXPECT_EQ(test, 0, ascdev_copy_part(NULL, job, &corner));
	KUNIT_EXPECT_MEMEQ(test, job->part.at, corner.at, sizeof(job->part.at));
	KUNIT_EXPECT_MEMEQ(test, job->part.dim, corner.dim, sizeof(job->part.dim));
}

static void core_ioctls(struct kunit *test)
{
	static const struct {
		unsigned int cmd;
		bool allowed;
	} cases[] = {
		/* these two follow a null pointer on accel nodes */
		{ DRM_IOCTL_GET_UNIQUE, false },
		{ DRM_IOCTL_GET_MAGIC, false },
		{ DRM_IOCTL_AUTH_MAGIC, false },
		{ DRM_IOCTL_SET_MASTER, false },
		{ DRM_IOCTL_DROP_MASTER, false },
		{ DRM_IOCTL_SET_CLIENT_CAP, false },
		{ DRM_IOCTL_GEM_FLINK, false },
		{ DRM_IOCTL_MODE_CREATE_DUMB, false },
		{ DRM_IOCTL_VERSION, true },
		{ DRM_IOCTL_GET_CAP, true },
		{ DRM_IOCTL_GEM_CLOSE, true },
		{ DRM_IOCTL_PRIME_HANDLE_TO_FD, true },
		{ DRM_IOCTL_PRIME_FD_TO_HANDLE, true },
		{ DRM_IOCTL_SYNCOBJ_CREATE, true },
		{ DRM_IOCTL_SYNCOBJ_TIMELINE_WAIT, true },
		{ DRM_IOCTL_ASCDEV_DEV_QUERY, true },
		{ DRM_IOCTL_ASCDEV_SUBMIT, true },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_EQ_MSG(test, cases[i].allowed,
				    ascdev_core_ioctl_allowed(cases[i].cmd), "ioctl %#x",
				    cases[i].cmd);
}

static void defaults(struct kunit *test)
{
	static const struct {
		struct fmc_params params;
		bool valid;
	} cases[] = {
		{ { .codec = FMC_CODEC_ASC_CBR }, true },
		{ { .codec = FMC_CODEC_AUTO, .target_bpe = 4 * 256 }, true },
		{ { .codec = FMC_CODEC_ASC_VBR, .max_error = 1 }, true },
		{ { .codec = FMC_CODEC_DEFAULT }, false },
		{ { .codec = FMC_CODEC_EBPC, .reorder = FMC_REORDER_GREEDY }, true },
		/* there is no order to be had */
		{ { .codec = FMC_CODEC_EBPC, .reorder = FMC_REORDER_GIVEN }, false },
		{ { .codec = FMC_CODEC_ASC_VBR, .max_error = 1, .target_bpe = 256 }, false },
		{ { .codec = FMC_CODEC_ASC_CBR, .block = { 4, 4, 2 } }, true },
		{ { .codec = FMC_CODEC_ASC_CBR, .block = { 3, 4, 1 } }, false },
		{ { .codec = FMC_CODEC_ASC_CBR, .block = { 4, 0, 0 } }, false },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_EQ_MSG(test, cases[i].valid, fmc_params_are_defaults(&cases[i].params),
				    "case %u", i);
}

static struct kunit_case checks_cases[] = {
	KUNIT_CASE(submit_array),
	KUNIT_CASE(submit_ranges_overlap),
	KUNIT_CASE(submit_part),
	KUNIT_CASE(core_ioctls),
	KUNIT_CASE(defaults),
	{ }
};

static struct kunit_suite checks_suite = {
	.name = "ascdev_checks",
	.test_cases = checks_cases,
};

kunit_test_suite(checks_suite);

ASCDEV_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
MODULE_AUTHOR("ascdev developers");
MODULE_DESCRIPTION("KUnit tests for feature-map codecs");
MODULE_LICENSE("GPL");
