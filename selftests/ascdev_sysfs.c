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
	"decompress_bytes_out", "busy_ns",
};

#define COUNTERS (sizeof(counters) / sizeof(counters[0]))

FIXTURE(sysfs)
{
	int fd;
	int minor;
	char rate_mode[128];
};

FIXTURE_SETUP(sysfs)
{
	self->fd = open_node(&self->minor);
	if (self->fd < 0)
		SKIP(return, "no device");
	snprintf(self->rate_mode, sizeof(self->rate_mode), SYSFS_DEVICE "/rate_mode",
		 self->minor);
}

FIXTURE_TEARDOWN(sysfs)
{
	close(self->fd);
}

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY), ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

static bool reads(const char *path, const char *text)
{
	char buffer[256];
	ssize_t n;
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		return false;
	n = read(fd, buffer, sizeof(buffer) - 1);
	close(fd);
	if (n < 0)
		return false;
	buffer[n] = 0;
	return !strcmp(buffer, text);
}

TEST_F(sysfs, rate_mode)
{
	EXPECT_TRUE(reads(self->rate_mode, "cbr\n"));
	if (geteuid())
		SKIP(return, "needs root");
	EXPECT_EQ(0, write_text(self->rate_mode, "cbr"));
	EXPECT_EQ(0, write_text(self->rate_mode, "cbr\n"));
	EXPECT_EQ(-EOPNOTSUPP, write_text(self->rate_mode, "vbr\n"));
	EXPECT_EQ(-EINVAL, write_text(self->rate_mode, "abr\n"));
	EXPECT_EQ(-EINVAL, write_text(self->rate_mode, "cbr vbr\n"));
	EXPECT_EQ(-EINVAL, write_text(self->rate_mode, "\n"));
	EXPECT_EQ(-EINVAL, write_text(self->rate_mode, "CBR"));
	EXPECT_TRUE(reads(self->rate_mode, "cbr\n"));
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

/* Every attribute is documented; ASCDEV_ABI names the file. */
TEST_F(sysfs, attributes_are_documented)
{
	const char *path = getenv("ASCDEV_ABI");
	char dir[128], *text;
	struct dirent *entry;
	FILE *file;
	DIR *stats;
	size_t n;

	file = path ? fopen(path, "r") : NULL;
	if (!file)
		SKIP(return, "no ASCDEV_ABI");
	text = calloc(1, 65536);
	n = fread(text, 1, 65535, file);
	fclose(file);
	ASSERT_LT(0, n);
	EXPECT_NE(NULL, strstr(text, "/device/rate_mode\n"));
	snprintf(dir, sizeof(dir), SYSFS_DEVICE "/stats", self->minor);
	stats = opendir(dir);
	ASSERT_NE(NULL, stats);
	while ((entry = readdir(stats))) {
		char line[320];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(line, sizeof(line), "/device/stats/%s\n", entry->d_name);
		EXPECT_NE(NULL, strstr(text, line)) TH_LOG("%s", entry->d_name);
	}
	closedir(stats);
	free(text);
}

TEST_HARNESS_MAIN
