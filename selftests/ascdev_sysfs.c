// SPDX-License-Identifier: MIT
/*
 * Attributes of the device.  Needs root to write.
 */

#include <ctype.h>
#include <dirent.h>

#include "ascdev_test.h"

static const char * const counters[] = {
	"jobs_submitted", "jobs_completed", "jobs_failed", "jobs_cancelled", "compress_jobs",
	"compress_bytes_in", "compress_bytes_out", "decompress_jobs", "decompress_bytes_in",
	"decompress_bytes_out", "busy_ns", "cycles", "hangs",
};

#define COUNTERS ARRAY_SIZE(counters)

static const char * const defaults[] = {
	"codec", "endpoints", "scale", "block", "profile", "effort", "reorder", "max_error",
	"target_bpe",
};

#define DEFAULTS ARRAY_SIZE(defaults)

FIXTURE(sysfs)
{
	int fd;
	int minor;
	char rate_mode[128];
	char saved[DEFAULTS][64];
	bool is_saved;
};

static int write_bytes(const char *path, const char *bytes, size_t count)
{
	int fd = open(path, O_WRONLY), ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, bytes, count) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

static int write_text(const char *path, const char *text)
{
	return write_bytes(path, text, strlen(text));
}

static bool read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, size - 1);
	close(fd);
	if (n < 0)
		return false;
	text[n] = 0;
	return true;
}

static bool reads(const char *path, const char *text)
{
	char buffer[256];

	return read_text(path, buffer, sizeof(buffer)) && !strcmp(buffer, text);
}

static void default_path(FIXTURE_DATA(sysfs) *self, const char *name, char path[128])
{
	snprintf(path, 128, SYSFS_DEVICE "/defaults/%s", self->minor, name);
}

static int set_default(FIXTURE_DATA(sysfs) *self, const char *name, const char *value)
{
	char path[128];

	default_path(self, name, path);
	return write_text(path, value);
}

/* @text without a newline */
static bool default_is(FIXTURE_DATA(sysfs) *self, const char *name, const char *text)
{
	char path[128], line[128];

	default_path(self, name, path);
	snprintf(line, sizeof(line), "%s\n", text);
	return reads(path, line);
}

FIXTURE_SETUP(sysfs)
{
	char path[128];
	size_t i;

	self->fd = open_node(&self->minor);
	if (self->fd < 0)
		SKIP(return, "no device");
	snprintf(self->rate_mode, sizeof(self->rate_mode), SYSFS_DEVICE "/rate_mode",
		 self->minor);
	for (i = 0; i < DEFAULTS; i++) {
		default_path(self, defaults[i], path);
		ASSERT_TRUE(read_text(path, self->saved[i], sizeof(self->saved[i])))
			TH_LOG("%s", path);
	}
	self->is_saved = true;
}

/* As everything was before.  By the parent, which outlives an assertion that fails. */
FIXTURE_TEARDOWN_PARENT(sysfs)
{
	size_t i;

	if (self->is_saved && !geteuid()) {
		set_default(self, "max_error", "0");
		set_default(self, "target_bpe", "0");
		for (i = 0; i < DEFAULTS; i++)
			EXPECT_EQ(0, set_default(self, defaults[i], self->saved[i]));
	}
}

/* Numbers within limits are taken, all else changes nothing. */
static void check_number(struct __test_metadata *_metadata, int minor, const char *name,
			 const char *least, const char *most, const char *const *bad)
{
	char path[128], line[32], was[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), SYSFS_DEVICE "/%s", minor, name);
	file = fopen(path, "r");
	ASSERT_NE(NULL, file);
	ASSERT_NE(NULL, fgets(was, sizeof(was), file));
	fclose(file);
	EXPECT_EQ(0, write_text(path, least));
	EXPECT_EQ(0, write_text(path, most));
	snprintf(line, sizeof(line), "%s\n", most);
	for (; *bad; bad++) {
		EXPECT_EQ(-EINVAL, write_text(path, *bad)) TH_LOG("%s '%s'", name, *bad);
		EXPECT_TRUE(reads(path, line));
	}
	EXPECT_EQ(0, write_text(path, was));
	EXPECT_TRUE(reads(path, was));
}

TEST_F(sysfs, numbers)
{
	static const char *const bad_engines[] = { "0", "9", "-1", "4294967297", "x", "2 3", NULL };
	static const char *const bad_timeouts[] = {
		"0", "9", "600001", "-1", "1s", "99999999999999999999", NULL
	};
	static const char *const bad_bytes[] = { "-1", "9223372036854775808", "1M", "x", NULL };

	if (geteuid())
		SKIP(return, "not root");
	check_number(_metadata, self->minor, "engines", "1", "8", bad_engines);
	check_number(_metadata, self->minor, "timeout_ms", "10", "600000", bad_timeouts);
	check_number(_metadata, self->minor, "max_pinned_bytes", "0", "9223372036854775807",
		     bad_bytes);
}

/* The number of engines changes while jobs are queued, and all are done. */
TEST_F(sysfs, engines_under_load)
{
	struct small_job small;
	char path[128], number[8];
	int fd = open_node(NULL), i;

	if (geteuid())
		SKIP(return, "not root");
	ASSERT_TRUE(make_small_job(fd, &small));
	snprintf(path, sizeof(path), SYSFS_DEVICE "/engines", self->minor);
	for (i = 0; i < 200; i++) {
		ASSERT_EQ(0, submit_jobs(fd, &small.job, 1));
		snprintf(number, sizeof(number), "%d", 1 + i % 8);
		ASSERT_EQ(0, write_text(path, number));
	}
	EXPECT_EQ(0, wait_bo(fd, small.dst, 20000));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, small.record->status);
	EXPECT_EQ(0, write_text(path, "1"));
	close(fd);
}

TEST_F(sysfs, rate_mode)
{
	static const char * const bad[] = {
		"abr\n", "cbr vbr\n", "\n", "CBR", "cbr\n\n", "asc-cbr", " cbr", "cb", "cbrr",
	};
	static const char * const variable[] = { "asc-vbr", "ebpc", "dcac", "zvc", "auto" };
	size_t i;

	if (geteuid())
		SKIP(return, "needs root");
	EXPECT_EQ(0, write_text(self->rate_mode, "cbr"));
	EXPECT_TRUE(reads(self->rate_mode, "cbr\n"));
	EXPECT_TRUE(default_is(self, "codec", "asc-cbr"));
	EXPECT_EQ(0, write_text(self->rate_mode, "vbr\n"));
	EXPECT_TRUE(reads(self->rate_mode, "vbr\n"));
	EXPECT_TRUE(default_is(self, "codec", "asc-vbr"));
	EXPECT_EQ(0, write_text(self->rate_mode, "cbr\n"));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-EINVAL, write_text(self->rate_mode, bad[i])) TH_LOG("'%s'", bad[i]);
		EXPECT_TRUE(reads(self->rate_mode, "cbr\n"));
	}
	for (i = 0; i < ARRAY_SIZE(variable); i++) {
		EXPECT_EQ(0, set_default(self, "codec", variable[i]));
		EXPECT_TRUE(reads(self->rate_mode, "vbr\n"));
	}
	EXPECT_EQ(0, set_default(self, "codec", "raw"));
	EXPECT_TRUE(reads(self->rate_mode, "cbr\n"));
}

TEST_F(sysfs, defaults_at_first)
{
	static const char * const values[DEFAULTS] = {
		"asc-cbr\n", "auto\n", "auto\n", "auto\n", "auto\n", "hw\n", "none\n", "0\n", "0\n",
	};
	size_t i;

	for (i = 0; i < DEFAULTS; i++)
		EXPECT_STREQ(values[i], self->saved[i]) TH_LOG("default %zu", i);
	EXPECT_TRUE(reads(self->rate_mode, "cbr\n"));
}

TEST_F(sysfs, defaults_take_good_values)
{
	static const char * const values[][2] = {
		{ "codec", "asc-cbr" }, { "codec", "asc-vbr" }, { "codec", "ebpc" },
		{ "codec", "dcac" }, { "codec", "zvc" }, { "codec", "raw" }, { "codec", "auto" },
		{ "endpoints", "one" }, { "endpoints", "two" }, { "endpoints", "auto" },
		{ "scale", "linear" }, { "scale", "log" }, { "scale", "auto" },
		{ "block", "4x4x1" }, { "block", "1x1x64" }, { "block", "run8" },
		{ "block", "run64" }, { "block", "auto" }, { "profile", "full" },
		{ "profile", "narrow" }, { "profile", "pooled" }, { "profile", "auto" },
		{ "effort", "best" }, { "effort", "hw" }, { "reorder", "heuristic" },
		{ "reorder", "greedy" }, { "reorder", "none" }, { "max_error", "1" },
		{ "max_error", "32767" }, { "max_error", "0" }, { "target_bpe", "4" },
		{ "target_bpe", "2.5" }, { "target_bpe", "64" }, { "target_bpe", "0" },
	};
	char line[64];
	size_t i;

	if (geteuid())
		SKIP(return, "needs root");
	for (i = 0; i < ARRAY_SIZE(values); i++) {
		EXPECT_EQ(0, set_default(self, values[i][0], values[i][1]))
			TH_LOG("%s %s", values[i][0], values[i][1]);
		EXPECT_TRUE(default_is(self, values[i][0], values[i][1]))
			TH_LOG("%s %s", values[i][0], values[i][1]);
		snprintf(line, sizeof(line), "%s\n", values[i][1]);
		EXPECT_EQ(0, set_default(self, values[i][0], line));
		EXPECT_TRUE(default_is(self, values[i][0], values[i][1]));
	}
	EXPECT_EQ(0, set_default(self, "target_bpe", "3.0001\n"));
	EXPECT_TRUE(default_is(self, "target_bpe", "3"));
}

TEST_F(sysfs, defaults_refuse_bad_values)
{
	static const char * const values[][2] = {
		{ "codec", "default" }, { "codec", "zip" }, { "codec", "ZVC" }, { "codec", "1" },
		{ "codec", "zvc\n\n" }, { "codec", "zvc " }, { "codec", " zvc" },
		{ "codec", "zvc,ebpc" }, { "codec", "codec=zvc" }, { "endpoints", "three" },
		{ "endpoints", "0" }, { "scale", "loglinear" }, { "scale", "lin" },
		{ "block", "4x4" }, { "block", "3x1x1" }, { "block", "8x8x2" },
		{ "block", "0x4x4" }, { "block", "65x8x1" }, { "block", "run12" },
		{ "block", "run72" }, { "block", "run" }, { "block", "run0" },
		{ "block", "4x4x1x1" }, { "block", "-4x4x1" }, { "profile", "wide" },
		{ "effort", "most" }, { "effort", "1" }, { "reorder", "given" },
		{ "reorder", "yes" }, { "max_error", "-1" }, { "max_error", "32768" },
		{ "max_error", "1.5" }, { "max_error", "0x1" }, { "max_error", " 1" },
		{ "max_error", "99999999999999999999" }, { "target_bpe", "65" },
		{ "target_bpe", "-1" }, { "target_bpe", "4." }, { "target_bpe", ".5" },
		{ "target_bpe", "four" }, { "target_bpe", "1e1" },
	};
	char before[DEFAULTS][64], path[128], page[4096];
	size_t i, k;

	if (geteuid())
		SKIP(return, "needs root");
	EXPECT_EQ(0, set_default(self, "codec", "auto"));
	EXPECT_EQ(0, set_default(self, "block", "run16"));
	EXPECT_EQ(0, set_default(self, "max_error", "7"));
	for (k = 0; k < DEFAULTS; k++) {
		default_path(self, defaults[k], path);
		ASSERT_TRUE(read_text(path, before[k], sizeof(before[k])));
	}
	for (i = 0; i < ARRAY_SIZE(values); i++)
		EXPECT_EQ(-EINVAL, set_default(self, values[i][0], values[i][1]))
			TH_LOG("value %zu", i);
	memset(page, '1', sizeof(page));
	for (k = 0; k < DEFAULTS; k++) {
		default_path(self, defaults[k], path);
		EXPECT_EQ(-EINVAL, write_text(path, "\n")) TH_LOG("%s", path);
		EXPECT_EQ(-EINVAL, write_bytes(path, "auto", 5)) TH_LOG("%s", path);
		EXPECT_EQ(-EINVAL, write_bytes(path, "\0", 1)) TH_LOG("%s", path);
		EXPECT_EQ(-EINVAL, write_bytes(path, page, sizeof(page))) TH_LOG("%s", path);
		EXPECT_TRUE(reads(path, before[k])) TH_LOG("%s", path);
	}
}

TEST_F(sysfs, one_goal_at_a_time)
{
	if (geteuid())
		SKIP(return, "needs root");
	EXPECT_EQ(0, set_default(self, "max_error", "3"));
	EXPECT_EQ(-EINVAL, set_default(self, "target_bpe", "4"));
	EXPECT_TRUE(default_is(self, "target_bpe", "0"));
	EXPECT_TRUE(default_is(self, "max_error", "3"));
	EXPECT_EQ(0, set_default(self, "target_bpe", "0"));
	EXPECT_EQ(0, set_default(self, "max_error", "0"));
	EXPECT_EQ(0, set_default(self, "target_bpe", "4"));
	EXPECT_EQ(-EINVAL, set_default(self, "max_error", "3"));
	EXPECT_TRUE(default_is(self, "target_bpe", "4"));
	EXPECT_TRUE(default_is(self, "max_error", "0"));
}

#define PAYLOAD_BYTES	(1 << 16)

/* A job of 4096 wild values, 16 channels of 16 x 16, that leaves all to the device. */
static bool make_open_job(FIXTURE_DATA(sysfs) *self, struct small_job *small)
{
	uint32_t payload = create_bo(self->fd, PAYLOAD_BYTES), i;

	if (!payload || !make_small_job(self->fd, small))
		return false;
	for (i = 0; i < SMALL_BYTES; i++)
		small->surface[i] = i * 2654435761u >> 24;
	memset(&small->job.params, 0, sizeof(small->job.params));
	small->job.surface.dim[1] = 16;
	small->job.dst = (struct drm_ascdev_range){ payload, 0, 0, PAYLOAD_BYTES };
	return true;
}

/* Runs a job with these parameters; what the device answers goes to *ret. */
static struct drm_ascdev_result *run(FIXTURE_DATA(sysfs) *self, struct small_job *small,
				     struct drm_ascdev_codec_params params, int *ret)
{
	struct drm_ascdev_job job = small->job;

	job.params = params;
	memset(small->record, 0, sizeof(*small->record));
	*ret = submit_jobs(self->fd, &job, 1);
	if (!*ret)
		*ret = wait_bo(self->fd, job.dst.handle, 20000);
	return small->record;
}

TEST_F(sysfs, jobs_take_the_defaults)
{
	static const char * const names[] = {
		NULL, "asc-cbr", "asc-vbr", "ebpc", "dcac", "zvc", "raw",
	};
	struct drm_ascdev_codec_params params = { 0 };
	struct drm_ascdev_result *r;
	struct small_job small;
	uint32_t codec;
	int ret;

	if (geteuid())
		SKIP(return, "needs root");
	ASSERT_TRUE(make_open_job(self, &small));
	EXPECT_EQ(0, set_default(self, "endpoints", "one"));
	EXPECT_EQ(0, set_default(self, "scale", "log"));
	EXPECT_EQ(0, set_default(self, "block", "run24"));
	EXPECT_EQ(0, set_default(self, "effort", "best"));
	EXPECT_EQ(0, set_default(self, "reorder", "greedy"));
	EXPECT_EQ(0, set_default(self, "max_error", "4"));
	for (codec = DRM_ASCDEV_CODEC_ASC_CBR; codec <= DRM_ASCDEV_CODEC_RAW; codec++) {
		bool is_cbr = codec == DRM_ASCDEV_CODEC_ASC_CBR;

		/* what the codec does not have is left out */
		EXPECT_EQ(0, set_default(self, "codec", names[codec]));
		r = run(self, &small, params, &ret);
		ASSERT_EQ(0, ret) TH_LOG("%s", names[codec]);
		EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, r->status);
		EXPECT_EQ(codec, r->codec);
		EXPECT_EQ(is_cbr ? DRM_ASCDEV_ENDPOINTS_ONE : 0, r->endpoints);
		EXPECT_EQ(is_cbr ? 24 : 0, r->block.w);
		EXPECT_EQ(0, r->block.h);
		EXPECT_EQ(0, r->linear_blocks);
		EXPECT_EQ(is_cbr ? (4096 + 23) / 24 : 0, r->log_blocks);
		EXPECT_EQ(codec == DRM_ASCDEV_CODEC_RAW ? DRM_ASCDEV_REORDER_NONE :
							  DRM_ASCDEV_REORDER_GREEDY, r->reorder);
		EXPECT_EQ(is_cbr ? DRM_ASCDEV_SCALE_LOG : 0, r->scale);
		EXPECT_EQ(DRM_ASCDEV_EFFORT_BEST, r->effort);
		EXPECT_EQ(codec == DRM_ASCDEV_CODEC_ASC_VBR ? 4 : 0, r->max_error);
		EXPECT_EQ(0, r->target_bpe);
		if (codec == DRM_ASCDEV_CODEC_ASC_VBR) {
			EXPECT_LT(0, r->max_abs_error);
			EXPECT_GE(4, r->max_abs_error);
		}
	}
	EXPECT_EQ(0, set_default(self, "codec", "auto"));
	r = run(self, &small, params, &ret);
	ASSERT_EQ(0, ret);
	EXPECT_NE(DRM_ASCDEV_CODEC_AUTO, r->codec);
	EXPECT_NE(DRM_ASCDEV_CODEC_DEFAULT, r->codec);
	EXPECT_GE(4, r->max_abs_error);
}

/* A job has what was set when it was submitted, whatever comes before it runs. */
TEST_F(sysfs, queued_jobs_keep_what_they_got)
{
	struct drm_ascdev_sync sync = { 0 };
	struct foreign_fence fence;
	struct small_job small;

	if (geteuid())
		SKIP(return, "needs root");
	ASSERT_TRUE(make_open_job(self, &small));
	if (!make_foreign_fence(&fence))
		SKIP(return, "no vgem");
	sync.handle = create_syncobj(self->fd);
	ASSERT_EQ(0, import_sync_file(self->fd, sync.handle, fence.sync_file));
	set_syncs(&small.job, &sync, 1);
	EXPECT_EQ(0, set_default(self, "codec", "asc-vbr"));
	EXPECT_EQ(0, set_default(self, "max_error", "3"));
	ASSERT_EQ(0, submit_jobs(self->fd, &small.job, 1));
	EXPECT_EQ(0, set_default(self, "max_error", "0"));
	EXPECT_EQ(0, set_default(self, "codec", "ebpc"));
	ASSERT_EQ(0, signal_foreign_fence(&fence));
	ASSERT_EQ(0, wait_bo(self->fd, small.job.dst.handle, 20000));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, small.record->status);
	EXPECT_EQ(DRM_ASCDEV_CODEC_ASC_VBR, small.record->codec);
	EXPECT_EQ(3, small.record->max_error);
}

/* What a job sets wins, and one that names its codec has nothing of the defaults. */
TEST_F(sysfs, jobs_win_over_the_defaults)
{
	struct drm_ascdev_codec_params params = {
		.endpoints = DRM_ASCDEV_ENDPOINTS_TWO,
		.scale = DRM_ASCDEV_SCALE_LINEAR,
		.reorder = DRM_ASCDEV_REORDER_HEURISTIC,
		.block = { 4, 4, 1, 0 },
	};
	struct drm_ascdev_result *r;
	struct small_job small;
	int ret;

	if (geteuid())
		SKIP(return, "needs root");
	ASSERT_TRUE(make_open_job(self, &small));
	EXPECT_EQ(0, set_default(self, "endpoints", "one"));
	EXPECT_EQ(0, set_default(self, "scale", "log"));
	EXPECT_EQ(0, set_default(self, "block", "run24"));
	EXPECT_EQ(0, set_default(self, "reorder", "greedy"));
	EXPECT_EQ(0, set_default(self, "max_error", "4"));
	r = run(self, &small, params, &ret);
	ASSERT_EQ(0, ret);
	EXPECT_EQ(DRM_ASCDEV_CODEC_ASC_CBR, r->codec);
	EXPECT_EQ(DRM_ASCDEV_ENDPOINTS_TWO, r->endpoints);
	EXPECT_EQ(0, r->log_blocks);
	EXPECT_EQ(DRM_ASCDEV_REORDER_HEURISTIC, r->reorder);
	EXPECT_EQ(4, r->block.h);

	/* one goal of the job's instead of the other of the device's */
	EXPECT_EQ(0, set_default(self, "codec", "asc-vbr"));
	params = (struct drm_ascdev_codec_params){ .max_error = 1 };
	r = run(self, &small, params, &ret);
	ASSERT_EQ(0, ret);
	EXPECT_EQ(1, r->max_abs_error);
	EXPECT_EQ(1, r->max_error);
	params = (struct drm_ascdev_codec_params){ .target_bpe = 512 };
	r = run(self, &small, params, &ret);
	ASSERT_EQ(0, ret);
	EXPECT_LT(4, r->max_abs_error);
	EXPECT_EQ(0, r->max_error);
	EXPECT_EQ(512, r->target_bpe);
	EXPECT_GE(4096 / 4, r->bytes);

	params = (struct drm_ascdev_codec_params){ .codec = DRM_ASCDEV_CODEC_ASC_VBR };
	r = run(self, &small, params, &ret);
	ASSERT_EQ(0, ret);
	EXPECT_EQ(0, r->max_abs_error);
	EXPECT_EQ(0, r->max_error);
	EXPECT_EQ(DRM_ASCDEV_REORDER_NONE, r->reorder);
	params = (struct drm_ascdev_codec_params){
		.codec = DRM_ASCDEV_CODEC_ASC_CBR,
		.scale = DRM_ASCDEV_SCALE_LINEAR,
		.block = { 8, 0, 0, 0 },
	};
	r = run(self, &small, params, &ret);
	ASSERT_EQ(0, ret);
	EXPECT_EQ(8, r->block.w);
	EXPECT_EQ(512, r->linear_blocks);
	EXPECT_EQ(DRM_ASCDEV_REORDER_NONE, r->reorder);

	/* a parameter that the device's codec does not have */
	params = (struct drm_ascdev_codec_params){ .endpoints = DRM_ASCDEV_ENDPOINTS_ONE };
	run(self, &small, params, &ret);
	EXPECT_EQ(-EINVAL, ret);
}

/* No setting of the device makes a surface impossible. */
TEST_F(sysfs, defaults_fit_every_surface)
{
	struct drm_ascdev_codec_params params = { 0 };
	struct drm_ascdev_result *r;
	struct small_job small;
	int ret;

	if (geteuid())
		SKIP(return, "needs root");
	ASSERT_TRUE(make_open_job(self, &small));
	EXPECT_EQ(0, set_default(self, "profile", "narrow"));
	EXPECT_EQ(0, set_default(self, "reorder", "greedy"));
	r = run(self, &small, params, &ret);
	ASSERT_EQ(0, ret);
	EXPECT_EQ(DRM_ASCDEV_PROFILE_FULL, r->profile);
	describe_dense(&small.job.surface, DRM_ASCDEV_DTYPE_S16, 1, 16, 16, 16);
	r = run(self, &small, params, &ret);
	ASSERT_EQ(0, ret);
	EXPECT_EQ(DRM_ASCDEV_PROFILE_NARROW, r->profile);
	EXPECT_EQ(DRM_ASCDEV_REORDER_GREEDY, r->reorder);
	describe_dense(&small.job.surface, DRM_ASCDEV_DTYPE_U8, 1, 4097, 2, 1);
	r = run(self, &small, params, &ret);
	ASSERT_EQ(0, ret);
	EXPECT_EQ(DRM_ASCDEV_REORDER_NONE, r->reorder);
}

TEST_F(sysfs, counters_are_numbers_and_read_only)
{
	size_t i;

	for (i = 0; i < COUNTERS; i++) {
		char path[160], text[64];
		FILE *file;
		size_t n;

		snprintf(path, sizeof(path), SYSFS_DEVICE "/stats/%s", self->minor, counters[i]);
		file = fopen(path, "r");
		ASSERT_NE(NULL, file) TH_LOG("%s", path);
		n = fread(text, 1, sizeof(text) - 1, file);
		fclose(file);
		text[n] = 0;
		EXPECT_EQ(n - 1, strspn(text, "0123456789")) TH_LOG("%s", path);
		EXPECT_EQ('\n', text[n - 1]);
		EXPECT_GT(0, write_text(path, "0"));
	}
}

TEST_F(sysfs, counters_count)
{
	long long before[COUNTERS], after[COUNTERS];
	struct drm_ascdev_job jobs[2];
	struct small_job small;
	uint32_t back;
	size_t i;

	ASSERT_TRUE(make_small_job(self->fd, &small));
	back = create_bo(self->fd, SMALL_BYTES);
	jobs[0] = small.job;
	jobs[1] = small.job;
	jobs[1].op = DRM_ASCDEV_OP_DECOMPRESS;
	jobs[1].src = small.job.dst;
	jobs[1].dst = (struct drm_ascdev_range){ back, 0, 0, SMALL_BYTES };

	ASSERT_TRUE(stats_balance(self->minor));
	for (i = 0; i < COUNTERS; i++)
		before[i] = read_stat(self->minor, counters[i]);
	ASSERT_EQ(0, submit_jobs(self->fd, jobs, 2));
	ASSERT_EQ(0, wait_bo(self->fd, back, 20000));
	for (i = 0; i < COUNTERS; i++)
		after[i] = read_stat(self->minor, counters[i]) - before[i];
	EXPECT_EQ(2, after[0]);
	EXPECT_EQ(2, after[1]);
	EXPECT_EQ(0, after[2]);
	EXPECT_EQ(0, after[3]);
	EXPECT_EQ(1, after[4]);
	EXPECT_EQ(SMALL_BYTES, after[5]);
	EXPECT_EQ(SMALL_PAYLOAD, after[6]);
	EXPECT_EQ(1, after[7]);
	EXPECT_EQ(SMALL_PAYLOAD, after[8]);
	EXPECT_EQ(SMALL_BYTES, after[9]);
	EXPECT_LT(0, after[10]);
}

/* Every device has these. */
static bool is_of_the_core(const char *name)
{
	static const char * const names[] = {
		"driver_override", "modalias", "uevent", "waiting_for_supplier",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(name, names[i]))
			return true;
	}
	return false;
}

/* Every attribute is documented; ASCDEV_ABI names the file. */
TEST_F(sysfs, attributes_are_documented)
{
	static const char * const dirs[] = { "", "stats/", "defaults/" };
	const char *abi = getenv("ASCDEV_ABI");
	size_t n, i, found = 0;
	struct dirent *entry;
	char path[128], *text;
	FILE *file;
	DIR *dir;

	file = abi ? fopen(abi, "r") : NULL;
	if (!file)
		SKIP(return, "no ASCDEV_ABI");
	text = calloc(1, 65536);
	n = fread(text, 1, 65535, file);
	fclose(file);
	ASSERT_LT(0, n);
	for (i = 0; i < ARRAY_SIZE(dirs); i++) {
		snprintf(path, sizeof(path), SYSFS_DEVICE "/%s", self->minor, dirs[i]);
		dir = opendir(path);
		ASSERT_NE(NULL, dir);
		while ((entry = readdir(dir))) {
			char line[320];

			if (entry->d_type != DT_REG || is_of_the_core(entry->d_name))
				continue;
			snprintf(line, sizeof(line), "/device/%s%s\n", dirs[i], entry->d_name);
			EXPECT_NE(NULL, strstr(text, line)) TH_LOG("%s", entry->d_name);
			found++;
		}
		closedir(dir);
	}
	/* cpu, engines, max_pinned_bytes, name, rate_mode, timeout_ms */
	EXPECT_EQ(6 + COUNTERS + DEFAULTS, found);
	free(text);
}

TEST_HARNESS_MAIN
