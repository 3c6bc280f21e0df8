// SPDX-License-Identifier: MIT
/*
 * Each field of a job at every limit of integers: a documented error, or a job that runs
 * and stays within its ranges.  Likewise those of its call.
 */

#include "ascdev_fields.h"
#include "ascdev_test.h"

#define BO_BYTES	32768
#define AT		8192	/* where ranges begin, and how long they are */
#define C		6
#define H		9
#define W		10
#define PATTERN		0x5a

FIXTURE(limits)
{
	int fd;
	int minor;
	uint32_t src, dst, order, result;
	uint8_t *src_memory, *dst_memory, *order_memory, *result_memory;
	uint8_t src_copy[BO_BYTES], order_copy[BO_BYTES];
	struct drm_ascdev_job job;
};

static uint8_t *make_bo(int fd, uint32_t *handle)
{
	*handle = create_bo(fd, BO_BYTES);
	return *handle ? map_bo(fd, *handle, BO_BYTES) : MAP_FAILED;
}

FIXTURE_VARIANT(limits)
{
	uint32_t codec;
	uint32_t profile;
	bool decompress;
	bool order;
};

#define VARIANT(name, codec, profile, decompress, order)				\
	FIXTURE_VARIANT_ADD(limits, name) {						\
		DRM_ASCDEV_CODEC_##codec, DRM_ASCDEV_PROFILE_##profile, decompress, order }

VARIANT(default_codec, DEFAULT, AUTO, false, false);
VARIANT(asc_cbr, ASC_CBR, FULL, false, false);
VARIANT(pooled, ASC_CBR, POOLED, false, false);
VARIANT(asc_vbr, ASC_VBR, AUTO, false, true);
VARIANT(ebpc, EBPC, AUTO, false, false);
VARIANT(dcac, DCAC, AUTO, false, true);
VARIANT(zvc, ZVC, AUTO, false, false);
VARIANT(raw, RAW, AUTO, false, false);
VARIANT(automatic, AUTO, AUTO, false, false);
VARIANT(from_asc_cbr, ASC_CBR, FULL, true, false);
VARIANT(from_pooled, ASC_CBR, POOLED, true, false);
VARIANT(from_asc_vbr, ASC_VBR, AUTO, true, true);
VARIANT(from_ebpc, EBPC, AUTO, true, false);
VARIANT(from_dcac, DCAC, AUTO, true, true);
VARIANT(from_zvc, ZVC, AUTO, true, false);
VARIANT(from_raw, RAW, AUTO, true, false);

static struct drm_ascdev_result *record_of(FIXTURE_DATA(limits) *self)
{
	return (struct drm_ascdev_result *)(self->result_memory + AT);
}

static int run(FIXTURE_DATA(limits) *self, struct drm_ascdev_job *job)
{
	int ret = submit_jobs(self->fd, job, 1);

	return ret ? ret : wait_bo(self->fd, job->src.handle, 60000) ?:
			   wait_bo(self->fd, job->dst.handle, 60000);
}

FIXTURE_SETUP(limits)
{
	struct drm_ascdev_job *job = &self->job;
	uint16_t *channels;
	int i;

	self->fd = open_node(&self->minor);
	if (self->fd < 0)
		SKIP(return, "no device");
	self->src_memory = make_bo(self->fd, &self->src);
	self->dst_memory = make_bo(self->fd, &self->dst);
	self->order_memory = make_bo(self->fd, &self->order);
	self->result_memory = make_bo(self->fd, &self->result);
	ASSERT_NE(MAP_FAILED, self->src_memory);
	ASSERT_NE(MAP_FAILED, self->dst_memory);
	ASSERT_NE(MAP_FAILED, self->order_memory);
	ASSERT_NE(MAP_FAILED, self->result_memory);
	for (i = 0; i < BO_BYTES; i++)
		self->src_memory[i] = i % 17 * 3 + i / 99;
	channels = (uint16_t *)(self->order_memory + AT);
	for (i = 0; i < C; i++)
		channels[i] = C - 1 - i;

	job->op = DRM_ASCDEV_OP_COMPRESS;
	job->cookie = 4711;
	describe_dense(&job->surface, DRM_ASCDEV_DTYPE_U8, 1, C, H, W);
	job->params.codec = variant->codec;
	if (variant->codec == DRM_ASCDEV_CODEC_ASC_CBR) {
		job->params.endpoints = DRM_ASCDEV_ENDPOINTS_TWO;
		job->params.profile = variant->profile;
		job->params.block = (struct drm_ascdev_block){ 4, 4, 1, 0 };
	}
	if (variant->order) {
		job->params.reorder = DRM_ASCDEV_REORDER_GIVEN;
		job->order = (struct drm_ascdev_range){ self->order, 0, AT, 2 * C };
	}
	job->src = (struct drm_ascdev_range){ self->src, 0, AT, AT };
	job->dst = (struct drm_ascdev_range){ self->dst, 0, AT, AT };
	job->result = (struct drm_ascdev_range){ self->result, 0, AT,
						 sizeof(struct drm_ascdev_result) };
	if (variant->decompress) {
		ASSERT_EQ(0, run(self, job));
		ASSERT_EQ(DRM_ASCDEV_STATUS_DONE, record_of(self)->status);
		memcpy(self->src_memory, self->dst_memory, BO_BYTES);
		job->op = DRM_ASCDEV_OP_DECOMPRESS;
		job->src.size = (record_of(self)->bytes + 7) & ~7;
		job->params.reorder = record_of(self)->reorder;
		job->params.exponent = record_of(self)->exponent;
		job->order = (struct drm_ascdev_range){ 0 };
		job->part = (struct drm_ascdev_part){ { 0, 1, 2, 3 }, { 1, 4, 5, 6 } };
	}
	memcpy(self->src_copy, self->src_memory, BO_BYTES);
	memcpy(self->order_copy, self->order_memory, BO_BYTES);
	memset(self->dst_memory, PATTERN, BO_BYTES);
	memset(self->result_memory, PATTERN, BO_BYTES);
}

FIXTURE_TEARDOWN(limits)
{
	close(self->fd);
}

static bool is_documented(int ret)
{
	return ret == -EINVAL || ret == -EOVERFLOW || ret == -ENOENT || ret == -ENOSPC ||
	       ret == -E2BIG || ret == -EFAULT;
}

/* Is there something outside of a range? */
static bool is_spilt(const uint8_t *memory, const struct drm_ascdev_range *range)
{
	uint64_t i;

	for (i = 0; i < BO_BYTES; i++) {
		if (i == range->offset)
			i += range->size;
		if (i < BO_BYTES && memory[i] != PATTERN)
			return true;
	}
	return false;
}

/* A job that was taken: ranges may be other ones than they were, and of any object. */
static const char *what_is_wrong(FIXTURE_DATA(limits) *self, const struct drm_ascdev_job *job)
{
	const struct drm_ascdev_result *record =
		(void *)(self->result_memory + (job->result.offset & (BO_BYTES - 8)));
	bool to_dst = job->dst.handle == self->dst;
	bool to_result = job->result.handle == self->result;

	if (to_dst && to_result) {
		if (is_spilt(self->dst_memory, &job->dst))
			return "wrote outside of its destination";
		if (is_spilt(self->result_memory, &job->result))
			return "wrote outside of its record";
		if (memcmp(self->src_memory, self->src_copy, BO_BYTES) ||
		    memcmp(self->order_memory, self->order_copy, BO_BYTES))
			return "wrote to what it reads";
	}
	if (to_result) {
		if (record->cookie != job->cookie)
			return "has the record of another";
		if (record->status == DRM_ASCDEV_STATUS_DONE ? record->error :
		    record->status != DRM_ASCDEV_STATUS_FAILED || record->error != -EBADMSG)
			return "ended otherwise than done, or with EBADMSG";
		if (record->status == DRM_ASCDEV_STATUS_DONE &&
		    record->bytes > job->dst.size)
			return "says that it wrote more than there is room for";
	}
	return NULL;
}

static void restore(FIXTURE_DATA(limits) *self)
{
	memcpy(self->src_memory, self->src_copy, BO_BYTES);
	memcpy(self->order_memory, self->order_copy, BO_BYTES);
	memset(self->dst_memory, PATTERN, BO_BYTES);
	memset(self->result_memory, PATTERN, BO_BYTES);
}

/* What a codec has to do with; the other fields are left to one of them. */
static bool is_of_codec(const struct field *field)
{
	return !field->offset || (field->offset >= offsetof(struct drm_ascdev_job, surface) &&
				  field->offset < offsetof(struct drm_ascdev_job, src));
}

TEST_F(limits, every_field_of_a_job)
{
	bool all = variant->profile == DRM_ASCDEV_PROFILE_FULL;
	unsigned int accepted = 0, refused = 0, i, k;

	ASSERT_EQ(0, run(self, &self->job));
	ASSERT_EQ(NULL, what_is_wrong(self, &self->job));
	ASSERT_EQ(DRM_ASCDEV_STATUS_DONE, record_of(self)->status);
	restore(self);
	for (i = 0; i < COUNT(job_fields); i++) {
		for (k = 0; k < BOUNDARIES && (all || is_of_codec(&job_fields[i])); k++) {
			struct drm_ascdev_job job = self->job;
			const char *wrong = NULL;
			int ret;

			/* those of more bits than the field has are others again */
			if (job_fields[i].bytes < 8 && k > 1 &&
			    boundary(k - 1) >> 8 * job_fields[i].bytes)
				continue;
			write_field(&job_fields[i], &job, boundary(k));
			ret = run(self, &job);
			if (ret) {
				refused++;
				EXPECT_TRUE(is_documented(ret))
					TH_LOG("%s = %#llx: %d", job_fields[i].name,
					       (unsigned long long)boundary(k), ret);
				continue;
			}
			accepted++;
			wrong = what_is_wrong(self, &job);
			EXPECT_EQ(NULL, wrong)
				TH_LOG("%s = %#llx: %s", job_fields[i].name,
				       (unsigned long long)boundary(k), wrong);
			restore(self);
		}
	}
	EXPECT_LT(50, accepted);
	EXPECT_LT(300, refused);
	EXPECT_EQ(0, run(self, &self->job));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, record_of(self)->status);
	EXPECT_TRUE(stats_balance(self->minor));
}

FIXTURE(call_limits)
{
	int fd;
	struct small_job small;
};

FIXTURE_SETUP(call_limits)
{
	self->fd = open_node(NULL);
	if (self->fd < 0)
		SKIP(return, "no device");
	ASSERT_TRUE(make_small_job(self->fd, &self->small));
}

FIXTURE_TEARDOWN(call_limits)
{
	close(self->fd);
}

/* The same for a wait and for a signal. */
TEST_F(call_limits, every_field_of_a_sync)
{
	struct drm_ascdev_sync first = { DRM_ASCDEV_SYNC_SIGNAL, 0, 0 }, sync;
	unsigned int worked = 0, i, k;

	first.handle = create_syncobj(self->fd);
	ASSERT_NE(0, first.handle);
	for (i = 0; i < COUNT(sync_fields); i++) {
		for (k = 0; k < BOUNDARIES; k++) {
			int ret;

			sync = first;
			write_field(&sync_fields[i], &sync, boundary(k));
			set_syncs(&self->small.job, &sync, 1);
			ret = submit_jobs(self->fd, &self->small.job, 1);
			EXPECT_TRUE(!ret || ret == -EINVAL || ret == -ENOENT)
				TH_LOG("%s = %#llx: %d", sync_fields[i].name,
				       (unsigned long long)boundary(k), ret);
			worked += !ret;
		}
	}
	EXPECT_LT(0, worked);
	EXPECT_EQ(0, wait_bo(self->fd, self->small.dst, 60000));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, self->small.record->status);
}

TEST_F(call_limits, every_field_of_a_submit)
{
	struct drm_ascdev_submit first = {
		.jobs = { sizeof(self->small.job), 1, (uintptr_t)&self->small.job },
	};
	unsigned int worked = 0, i, k;

	for (i = 0; i < COUNT(submit_fields); i++) {
		for (k = 0; k < BOUNDARIES; k++) {
			struct drm_ascdev_submit submit = first;
			int ret;

			write_field(&submit_fields[i], &submit, boundary(k));
			ret = do_ioctl(self->fd, DRM_IOCTL_ASCDEV_SUBMIT, &submit);
			EXPECT_TRUE(!ret || ret == -EINVAL || ret == -ENOENT || ret == -E2BIG ||
				    ret == -EFAULT)
				TH_LOG("%s = %#llx: %d", submit_fields[i].name,
				       (unsigned long long)boundary(k), ret);
			worked += !ret;
		}
	}
	EXPECT_LT(0, worked);
	EXPECT_EQ(0, wait_bo(self->fd, self->small.dst, 60000));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, self->small.record->status);
}

TEST_F(call_limits, every_field_of_a_cancel)
{
	unsigned int worked = 0, i, k;

	for (i = 0; i < COUNT(cancel_fields); i++) {
		for (k = 0; k < BOUNDARIES; k++) {
			struct drm_ascdev_cancel args = { .cookie = ~self->small.job.cookie };
			int ret;

			ASSERT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));
			write_field(&cancel_fields[i], &args, boundary(k));
			ret = do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CANCEL, &args);
			EXPECT_TRUE(!ret || ret == -EINVAL || ret == -ENOENT)
				TH_LOG("%s = %#llx: %d", cancel_fields[i].name,
				       (unsigned long long)boundary(k), ret);
			if (!ret)
				EXPECT_EQ(0, args.cancelled);
			worked += !ret;
		}
	}
	EXPECT_LT(0, worked);
	EXPECT_EQ(0, wait_bo(self->fd, self->small.dst, 60000));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, self->small.record->status);
}

TEST_F(call_limits, every_field_of_a_label)
{
	unsigned int worked = 0, i, k;

	for (i = 0; i < COUNT(bo_set_label_fields); i++) {
		for (k = 0; k < BOUNDARIES; k++) {
			struct drm_ascdev_bo_set_label label = {
				.handle = self->small.src,
				.label = (uintptr_t)"name",
			};
			int ret;

			write_field(&bo_set_label_fields[i], &label, boundary(k));
			ret = do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_SET_LABEL, &label);
			/* ENOMEM: strnlen_user() of User Mode Linux answers -EFAULT, not 0 */
			EXPECT_TRUE(!ret || ret == -EINVAL || ret == -ENOENT || ret == -E2BIG ||
				    ret == -EFAULT || ret == -ENOMEM)
				TH_LOG("%s = %#llx: %d", bo_set_label_fields[i].name,
				       (unsigned long long)boundary(k), ret);
			worked += !ret;
		}
	}
	EXPECT_LT(0, worked);
}

TEST_HARNESS_MAIN
