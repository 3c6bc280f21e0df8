// SPDX-License-Identifier: MIT
/*
 * Emulated devices made and removed at run time, and the hardware that they stand for.
 * Needs root.
 */

#include <dirent.h>
#include <sys/stat.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>

#include "ascdev_test.h"

#define CONFIGFS	"/sys/kernel/config"
#define DIRECTORY	CONFIGFS "/ascdev"
#define DEBUGFS		"/sys/kernel/debug"

/* Every number of a device, its bounds, and what it is at first. */
static const struct {
	const char *name;
	unsigned long long min, max, first;
} numbers[] = {
	{ "clock_khz", 1000, 10000000, 800000 },
	{ "compress_cycles", 1, 4096, 8 },
	{ "decompress_cycles", 1, 4096, 8 },
	{ "engines", 1, 8, 1 },
	{ "lanes", 1, 1024, 32 },
	{ "max_bo_bytes", 4096, 2ull << 30, 2ull << 30 },
	{ "max_contexts", 1, 16384, 16384 },
	{ "max_pinned_bytes", 0, INT64_MAX, 0 },	/* see first_of() */
	{ "max_queued_jobs", 1, 4096, 4096 },
	{ "memory_bytes", 1, 4096, 64 },
	{ "pace", 0, 1, 0 },
	{ "startup_cycles", 0, 1000000, 200 },
};

#define NUMBERS	ARRAY_SIZE(numbers)

/* A limit of memory follows from how much the machine has. */
static unsigned long long first_of(size_t i)
{
	struct sysinfo info;

	if (strcmp(numbers[i].name, "max_pinned_bytes"))
		return numbers[i].first;
	return sysinfo(&info) ? 0 : (unsigned long long)info.totalram * info.mem_unit / 4;
}

/* 0 or a negative errno */
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

/* A line of a file, without its end; "" if there is none. */
static void read_attribute(const char *path, char *line, size_t size)
{
	FILE *file = fopen(path, "r");

	line[0] = 0;
	if (!file)
		return;
	if (fgets(line, size, file))
		line[strcspn(line, "\n")] = 0;
	fclose(file);
}

static int make(const char *name)
{
	char path[300];

	snprintf(path, sizeof(path), DIRECTORY "/%s", name);
	return mkdir(path, 0755) ? -errno : 0;
}

static int drop(const char *name)
{
	char path[300];

	snprintf(path, sizeof(path), DIRECTORY "/%s", name);
	return rmdir(path) ? -errno : 0;
}

static int set_text(const char *name, const char *attribute, const char *text)
{
	char path[300];

	snprintf(path, sizeof(path), DIRECTORY "/%s/%s", name, attribute);
	return write_text(path, text);
}

static int set(const char *name, const char *attribute, unsigned long long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu\n", value);
	return set_text(name, attribute, text);
}

static unsigned long long get(const char *name, const char *attribute)
{
	char path[300], line[64];

	snprintf(path, sizeof(path), DIRECTORY "/%s/%s", name, attribute);
	read_attribute(path, line, sizeof(line));
	return line[0] ? strtoull(line, NULL, 10) : ~0ull;
}

/* Number of the node of a device, or -1. */
static int find_minor(const char *name)
{
	char path[128], line[128];
	int i;

	for (i = 0; i < 64; i++) {
		snprintf(path, sizeof(path), SYSFS_DEVICE "/name", i);
		read_attribute(path, line, sizeof(line));
		if (!strcmp(line, name))
			return i;
	}
	return -1;
}

/* Opens the node of a device, -1 if it has none. */
static int open_named(const char *name)
{
	char path[64];
	int minor = find_minor(name);

	if (minor < 0)
		return -1;
	snprintf(path, sizeof(path), "/dev/accel/accel%d", minor);
	return open(path, O_RDWR | O_CLOEXEC);
}

static struct drm_ascdev_dev_info query(int fd)
{
	struct drm_ascdev_dev_info info = { 0 };
	struct drm_ascdev_dev_query args = {
		.size = sizeof(info),
		.pointer = (uintptr_t)&info,
	};

	if (do_ioctl(fd, DRM_IOCTL_ASCDEV_DEV_QUERY, &args))
		memset(&info, 0, sizeof(info));
	return info;
}

/*
 * Runs a job and waits for it.  The one before gives back its place in the queue, of which
 * there may be no other, a little after its end.
 */
static int run(int fd, struct small_job *small)
{
	struct drm_ascdev_submit args = {
		.flags = DRM_ASCDEV_SUBMIT_WAIT,
		.jobs = { .stride = sizeof(small->job), .count = 1,
			  .array = (uintptr_t)&small->job },
	};
	int ret;

	memset(small->record, 0, sizeof(*small->record));
	ret = do_ioctl(fd, DRM_IOCTL_ASCDEV_SUBMIT, &args);
	return ret ? ret : wait_bo(fd, small->result, 200000);
}

/* Compresses, decompresses, and compares. */
static bool round_trip(int fd)
{
	struct small_job small, back;
	int i;

	if (!make_small_job(fd, &small) || !make_small_job(fd, &back))
		return false;
	/* lossless, so that all values come back */
	small.job.params = (struct drm_ascdev_codec_params){ .codec = DRM_ASCDEV_CODEC_RAW };
	small.dst = create_bo(fd, 2 * SMALL_BYTES);
	small.job.dst = (struct drm_ascdev_range){ small.dst, 0, 0, 2 * SMALL_BYTES };
	if (run(fd, &small) || small.record->status != DRM_ASCDEV_STATUS_DONE)
		return false;
	memset(back.surface, 0, SMALL_BYTES);
	back.job.op = DRM_ASCDEV_OP_DECOMPRESS;
	back.job.params = small.job.params;
	back.job.src = (struct drm_ascdev_range){ small.dst, 0, 0, small.record->bytes };
	back.job.dst = (struct drm_ascdev_range){ back.src, 0, 0, SMALL_BYTES };
	if (run(fd, &back) || back.record->status != DRM_ASCDEV_STATUS_DONE)
		return false;
	for (i = 0; i < SMALL_BYTES; i++) {
		if (small.surface[i] != back.surface[i])
			return false;
	}
	return true;
}

/* The feature map of the worked example: 64 x 56 x 56 values of 8 bits. */
#define MAP_BYTES	(64 * 56 * 56)

static bool make_map_job(int fd, struct small_job *map, int seed)
{
	int i;

	if (!make_small_job(fd, map))
		return false;
	map->src = create_bo(fd, MAP_BYTES);
	map->dst = create_bo(fd, MAP_BYTES / 2);
	if (!map->src || !map->dst)
		return false;
	map->surface = map_bo(fd, map->src, MAP_BYTES);
	if (map->surface == MAP_FAILED)
		return false;
	for (i = 0; i < MAP_BYTES; i++)
		map->surface[i] = i * (7 + seed) / 16 ^ i >> 5;
	describe_dense(&map->job.surface, DRM_ASCDEV_DTYPE_U8, 1, 64, 56, 56);
	map->job.src = (struct drm_ascdev_range){ map->src, 0, 0, MAP_BYTES };
	map->job.dst = (struct drm_ascdev_range){ map->dst, 0, 0, MAP_BYTES / 2 };
	return true;
}

/* Turns a compression that has run into the decompression of its payload. */
static void turn_round(struct small_job *map)
{
	struct drm_ascdev_range payload = map->job.dst;

	map->job.op = DRM_ASCDEV_OP_DECOMPRESS;
	map->job.params.endpoints = map->record->endpoints;
	map->job.params.profile = map->record->profile;
	payload.size = map->record->bytes;
	map->job.dst = map->job.src;
	map->job.src = payload;
}

static uint64_t duration_ns(const struct small_job *small)
{
	return small->record->end_ns - small->record->start_ns;
}

static const char * const names[] = { "t0", "t1", "t2" };

static void drop_all(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		drop(names[i]);
}

FIXTURE(configfs)
{
	int fd;
};

FIXTURE_SETUP(configfs)
{
	self->fd = -1;
	if (access(SYSFS_DRIVER, F_OK))
		SKIP(return, "no driver");
	if (access(CONFIGFS, F_OK))
		SKIP(return, "no configfs");
	if (geteuid())
		SKIP(return, "needs root");
	if (access(DIRECTORY, F_OK))
		mount("configfs", CONFIGFS, "configfs", 0, NULL);
	ASSERT_EQ(0, access(DIRECTORY, F_OK));
	drop_all();
}

FIXTURE_TEARDOWN(configfs)
{
	if (self->fd >= 0)
		close(self->fd);
	drop_all();
}

TEST_F(configfs, begins_as_documented)
{
	struct dirent *entry;
	size_t i, files = 0;
	DIR *dir;

	ASSERT_EQ(0, make("t0"));
	for (i = 0; i < NUMBERS; i++)
		EXPECT_EQ(first_of(i), get("t0", numbers[i].name))
			TH_LOG("number %zu", i);
	EXPECT_EQ(0, get("t0", "enabled"));
	dir = opendir(DIRECTORY "/t0");
	ASSERT_NE(NULL, dir);
	while ((entry = readdir(dir)))
		files += entry->d_name[0] != '.';
	closedir(dir);
	EXPECT_EQ(NUMBERS + 1, files);
	EXPECT_EQ(-1, find_minor("t0"));
	EXPECT_EQ(0, drop("t0"));
	EXPECT_EQ(-1, access(DIRECTORY "/t0", F_OK));
}

TEST_F(configfs, names)
{
	char name[80];

	EXPECT_EQ(-EINVAL, make("default"));
	memset(name, 'x', sizeof(name));
	name[64] = 0;
	EXPECT_EQ(-ENAMETOOLONG, make(name));
	name[63] = 0;
	ASSERT_EQ(0, make(name));
	EXPECT_EQ(0, set(name, "enabled", 1));
	EXPECT_LE(0, find_minor(name));
	EXPECT_EQ(0, drop(name));
	EXPECT_EQ(-1, find_minor(name));
	ASSERT_EQ(0, make("t0"));
	EXPECT_EQ(-EEXIST, make("t0"));
}

TEST_F(configfs, enable_use_disable)
{
	struct drm_ascdev_bo_create create = { .size = 4096 };
	int i;

	ASSERT_EQ(0, make("t0"));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, set("t0", "enabled", 1));
		EXPECT_EQ(1, get("t0", "enabled"));
		/* again is no change */
		EXPECT_EQ(0, set_text("t0", "enabled", "y"));
		self->fd = open_named("t0");
		ASSERT_LE(0, self->fd);
		EXPECT_TRUE(node_is_ours(self->fd));
		EXPECT_EQ(DRM_ASCDEV_DEV_EMULATED, query(self->fd).flags);
		EXPECT_TRUE(round_trip(self->fd));

		ASSERT_EQ(0, set("t0", "enabled", 0));
		EXPECT_EQ(0, get("t0", "enabled"));
		EXPECT_EQ(0, set_text("t0", "enabled", "n"));
		EXPECT_EQ(-1, find_minor("t0"));
		EXPECT_EQ(-ENODEV, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_CREATE, &create));
		close(self->fd);
		self->fd = -1;
	}
}

TEST_F(configfs, bad_values)
{
	static const char * const bad[] = { "", "\n", "x", "-1", "1x", "1 2", "0x10", "1.5",
					    "18446744073709551616", "18446744073709551615" };
	char text[32];
	size_t i, k;

	ASSERT_EQ(0, make("t0"));
	for (i = 0; i < NUMBERS; i++) {
		const char *name = numbers[i].name;

		/* an empty write does not get to the driver */
		for (k = 1; k < ARRAY_SIZE(bad); k++)
			EXPECT_EQ(-EINVAL, set_text("t0", name, bad[k]))
				TH_LOG("number %zu, text %zu", i, k);
		EXPECT_EQ(-EINVAL, set("t0", name, numbers[i].max + 1)) TH_LOG("number %zu", i);
		EXPECT_EQ(-EINVAL, set("t0", name, numbers[i].max + (1ull << 32)))
			TH_LOG("number %zu", i);
		if (numbers[i].min)
			EXPECT_EQ(-EINVAL, set("t0", name, numbers[i].min - 1))
				TH_LOG("number %zu", i);
		EXPECT_EQ(first_of(i), get("t0", name)) TH_LOG("number %zu", i);

		EXPECT_EQ(0, set("t0", name, numbers[i].max)) TH_LOG("number %zu", i);
		EXPECT_EQ(numbers[i].max, get("t0", name)) TH_LOG("number %zu", i);
		/* without an end of line */
		snprintf(text, sizeof(text), "%llu", numbers[i].min);
		EXPECT_EQ(0, set_text("t0", name, text)) TH_LOG("number %zu", i);
		EXPECT_EQ(numbers[i].min, get("t0", name)) TH_LOG("number %zu", i);
	}
	for (k = 1; k < 5; k++) {
		EXPECT_EQ(-EINVAL, set_text("t0", "enabled", k == 4 ? "2" : bad[k]))
			TH_LOG("text %zu", k);
		EXPECT_EQ(0, get("t0", "enabled"));
	}
	EXPECT_EQ(-1, find_minor("t0"));
}

/* The least and the most of everything make a device that works. */
TEST_F(configfs, extremes)
{
	size_t i, k;

	ASSERT_EQ(0, make("t0"));
	for (k = 0; k < 2; k++) {
		for (i = 0; i < NUMBERS; i++)
			ASSERT_EQ(0, set("t0", numbers[i].name,
					 k ? numbers[i].max : numbers[i].min));
		/* jobs of a minute are not for a test */
		if (k) {
			ASSERT_EQ(0, set("t0", "pace", 0));
		} else {
			ASSERT_EQ(0, set("t0", "max_bo_bytes", 2 * SMALL_BYTES));
			/* none would let no job run */
			ASSERT_EQ(0, set("t0", "max_pinned_bytes", 8 * SMALL_BYTES));
		}
		ASSERT_EQ(0, set("t0", "enabled", 1));
		self->fd = open_named("t0");
		ASSERT_LE(0, self->fd);
		EXPECT_TRUE(round_trip(self->fd));
		close(self->fd);
		self->fd = -1;
		ASSERT_EQ(0, set("t0", "enabled", 0));
	}
}

TEST_F(configfs, busy_while_enabled)
{
	size_t i;

	ASSERT_EQ(0, make("t0"));
	ASSERT_EQ(0, set("t0", "enabled", 1));
	for (i = 0; i < NUMBERS; i++) {
		EXPECT_EQ(-EBUSY, set("t0", numbers[i].name, first_of(i)))
			TH_LOG("number %zu", i);
		EXPECT_EQ(-EBUSY, set("t0", numbers[i].name, numbers[i].max))
			TH_LOG("number %zu", i);
		EXPECT_EQ(first_of(i), get("t0", numbers[i].name))
			TH_LOG("number %zu", i);
	}
	ASSERT_EQ(0, set("t0", "enabled", 0));
	for (i = 0; i < NUMBERS; i++)
		EXPECT_EQ(0, set("t0", numbers[i].name, numbers[i].max))
			TH_LOG("number %zu", i);
}

TEST_F(configfs, limits)
{
	struct drm_ascdev_bo_create create = { .size = 128 * 1024 };
	struct drm_ascdev_ctx_create ctx = { 0 };
	struct drm_ascdev_dev_info info;
	struct drm_ascdev_job jobs[5];
	struct small_job small;
	char path[128];
	int i;

	ASSERT_EQ(0, make("t0"));
	ASSERT_EQ(0, set("t0", "engines", 3));
	ASSERT_EQ(0, set("t0", "max_bo_bytes", 128 * 1024));
	ASSERT_EQ(0, set("t0", "max_contexts", 2));
	ASSERT_EQ(0, set("t0", "max_queued_jobs", 4));
	ASSERT_EQ(0, set("t0", "clock_khz", 123456));
	ASSERT_EQ(0, set("t0", "enabled", 1));
	self->fd = open_named("t0");
	ASSERT_LE(0, self->fd);
	info = query(self->fd);
	EXPECT_EQ(3, info.engines);
	EXPECT_EQ(128 * 1024, info.max_bo_bytes);
	EXPECT_EQ(2, info.max_contexts);
	EXPECT_EQ(4, info.max_queued_jobs);
	EXPECT_EQ(4, info.max_jobs);
	EXPECT_EQ(123456, info.clock_khz);
	EXPECT_EQ(0, info.pad);

	EXPECT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_CREATE, &create));
	create.size++;
	EXPECT_EQ(-E2BIG, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_CREATE, &create));
	EXPECT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CTX_CREATE, &ctx));
	EXPECT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CTX_CREATE, &ctx));
	EXPECT_EQ(-ENOSPC, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CTX_CREATE, &ctx));

	ASSERT_TRUE(make_small_job(self->fd, &small));
	for (i = 0; i < 5; i++)
		jobs[i] = small.job;
	EXPECT_EQ(-E2BIG, submit_jobs(self->fd, jobs, 5));
	EXPECT_EQ(0, submit_jobs(self->fd, jobs, 4));
	EXPECT_EQ(0, wait_bo(self->fd, small.dst, 20000));

	snprintf(path, sizeof(path), SYSFS_DEVICE "/engines", find_minor("t0"));
	EXPECT_EQ(-EINVAL, write_text(path, "4"));
	EXPECT_EQ(3, query(self->fd).engines);
	EXPECT_EQ(0, write_text(path, "2"));
	EXPECT_EQ(2, query(self->fd).engines);
	EXPECT_EQ(3, get("t0", "engines"));
}

#define SMALL_PINNED	(SMALL_BYTES + SMALL_PAYLOAD + 4096)

/* What it is at first; sysfs changes it for the device that is there. */
TEST_F(configfs, pinned_memory)
{
	struct small_job small;
	char dir[128];
	int round;

	ASSERT_EQ(0, make("t0"));
	ASSERT_EQ(0, set("t0", "max_pinned_bytes", SMALL_PINNED - 1));
	for (round = 0; round < 2; round++) {
		ASSERT_EQ(0, set("t0", "enabled", 1));
		self->fd = open_named("t0");
		ASSERT_LE(0, self->fd);
		EXPECT_EQ(SMALL_PINNED - 1, query(self->fd).max_pinned_bytes);
		ASSERT_TRUE(make_small_job(self->fd, &small));
		EXPECT_EQ(-EDQUOT, run(self->fd, &small));
		snprintf(dir, sizeof(dir), SYSFS_DEVICE "/", find_minor("t0"));
		ASSERT_TRUE(write_number(dir, "max_pinned_bytes", SMALL_PINNED));
		EXPECT_EQ(SMALL_PINNED, query(self->fd).max_pinned_bytes);
		EXPECT_EQ(0, run(self->fd, &small));
		EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, small.record->status);
		EXPECT_EQ(SMALL_PINNED - 1, get("t0", "max_pinned_bytes"));
		close(self->fd);
		self->fd = -1;
		ASSERT_EQ(0, set("t0", "enabled", 0));
	}
	ASSERT_EQ(0, set("t0", "max_pinned_bytes", 0));
	ASSERT_EQ(0, set("t0", "enabled", 1));
	self->fd = open_named("t0");
	ASSERT_LE(0, self->fd);
	ASSERT_TRUE(make_small_job(self->fd, &small));
	EXPECT_EQ(-EDQUOT, run(self->fd, &small));
}

/* Each has its own of everything, and the end of one is not that of another. */
TEST_F(configfs, two_devices)
{
	static const char * const attributes[2][3] = {
		{ "t0", "1", "1000000" },
		{ "t1", "4", "2000000" },
	};
	struct small_job small[2];
	int fd[2], minor[2], i;

	for (i = 0; i < 2; i++) {
		const char *name = attributes[i][0];

		ASSERT_EQ(0, make(name));
		ASSERT_EQ(0, set_text(name, "engines", attributes[i][1]));
		ASSERT_EQ(0, set_text(name, "clock_khz", attributes[i][2]));
		ASSERT_EQ(0, set_text(name, "lanes", attributes[i][1]));
		ASSERT_EQ(0, set(name, "enabled", 1));
		minor[i] = find_minor(name);
		fd[i] = open_named(name);
		ASSERT_LE(0, fd[i]);
		ASSERT_TRUE(make_small_job(fd[i], &small[i]));
	}
	EXPECT_NE(minor[0], minor[1]);
	EXPECT_EQ(1, query(fd[0]).engines);
	EXPECT_EQ(4, query(fd[1]).engines);
	EXPECT_EQ(1000000, query(fd[0]).clock_khz);
	EXPECT_EQ(2000000, query(fd[1]).clock_khz);

	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, submit_jobs(fd[i], &small[i].job, 1));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, wait_bo(fd[i], small[i].dst, 20000));
	EXPECT_EQ(0, memcmp(small[0].payload, small[1].payload, SMALL_PAYLOAD));
	EXPECT_EQ(200 + 1024 * 8, small[0].record->cycles);
	EXPECT_EQ(200 + 256 * 8, small[1].record->cycles);
	ASSERT_EQ(0, run(fd[1], &small[1]));
	EXPECT_EQ(1, read_stat(minor[0], "jobs_completed"));
	EXPECT_EQ(2, read_stat(minor[1], "jobs_completed"));
	EXPECT_EQ(200 + 1024 * 8, read_stat(minor[0], "cycles"));
	EXPECT_EQ(2 * (200 + 256 * 8), read_stat(minor[1], "cycles"));

	ASSERT_EQ(0, set("t0", "enabled", 0));
	EXPECT_EQ(-ENODEV, submit_jobs(fd[0], &small[0].job, 1));
	EXPECT_EQ(0, run(fd[1], &small[1]));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, small[1].record->status);
	close(fd[0]);
	close(fd[1]);
}

/* What one device writes another one reads, once it is written, and when the first is gone. */
TEST_F(configfs, memory_of_another_device)
{
	static const char * const names[2] = { "t0", "t1" };
	static const uint8_t nothing[SMALL_PAYLOAD];
	struct drm_ascdev_sync sync = { 0 };
	struct foreign_fence fence;
	struct small_job small[2];
	uint32_t imported;
	int fd[2], dmabuf, i;

	if (!make_foreign_fence(&fence))
		SKIP(return, "no vgem");
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, make(names[i]));
		ASSERT_EQ(0, set(names[i], "enabled", 1));
		fd[i] = open_named(names[i]);
		ASSERT_LE(0, fd[i]);
		ASSERT_TRUE(make_small_job(fd[i], &small[i]));
	}
	dmabuf = export_dmabuf(fd[0], small[0].dst);
	ASSERT_LE(0, dmabuf);
	imported = import_dmabuf(fd[1], dmabuf);
	ASSERT_NE(0, imported);
	close(dmabuf);

	/* a copy of the payload */
	describe_dense(&small[1].job.surface, DRM_ASCDEV_DTYPE_U8, 1, 1, 1, SMALL_PAYLOAD);
	memset(&small[1].job.params, 0, sizeof(small[1].job.params));
	small[1].job.params.codec = DRM_ASCDEV_CODEC_RAW;
	small[1].job.src = (struct drm_ascdev_range){ imported, 0, 0, SMALL_PAYLOAD };

	sync.handle = create_syncobj(fd[0]);
	ASSERT_EQ(0, import_sync_file(fd[0], sync.handle, fence.sync_file));
	set_syncs(&small[0].job, &sync, 1);
	ASSERT_EQ(0, submit_jobs(fd[0], &small[0].job, 1));
	ASSERT_EQ(0, submit_jobs(fd[1], &small[1].job, 1));
	EXPECT_EQ(-ETIME, wait_bo(fd[1], small[1].dst, 100));
	ASSERT_EQ(0, signal_foreign_fence(&fence));
	ASSERT_EQ(0, wait_bo(fd[1], small[1].dst, 20000));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, small[1].record->status);
	EXPECT_NE(0, memcmp(small[0].payload, nothing, SMALL_PAYLOAD));
	EXPECT_EQ(0, memcmp(small[0].payload, small[1].payload, SMALL_PAYLOAD));

	/* a write of the first waits for what the second reads */
	ASSERT_TRUE(make_foreign_fence(&fence));
	sync.handle = create_syncobj(fd[1]);
	ASSERT_EQ(0, import_sync_file(fd[1], sync.handle, fence.sync_file));
	set_syncs(&small[1].job, &sync, 1);
	memset(&small[0].job.syncs, 0, sizeof(small[0].job.syncs));
	ASSERT_EQ(0, submit_jobs(fd[1], &small[1].job, 1));
	ASSERT_EQ(0, submit_jobs(fd[0], &small[0].job, 1));
	EXPECT_EQ(-ETIME, wait_bo(fd[0], small[0].dst, 100));
	memset(small[1].payload, 0, SMALL_PAYLOAD);

	/* its job never runs */
	ASSERT_EQ(0, set(names[0], "enabled", 0));
	ASSERT_EQ(0, signal_foreign_fence(&fence));
	ASSERT_EQ(0, wait_bo(fd[1], small[1].dst, 20000));
	EXPECT_EQ(0, memcmp(small[0].payload, small[1].payload, SMALL_PAYLOAD));
	close(fd[0]);
	memset(&small[1].job.syncs, 0, sizeof(small[1].job.syncs));
	EXPECT_EQ(0, run(fd[1], &small[1]));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, small[1].record->status);
	EXPECT_EQ(0, memcmp(small[0].payload, small[1].payload, SMALL_PAYLOAD));
	close(fd[1]);
}

TEST_F(configfs, disable_under_load)
{
	struct drm_ascdev_sync sync = { DRM_ASCDEV_SYNC_SIGNAL, 0, 0 };
	struct drm_ascdev_job jobs[32];
	uint8_t *memory;

	ASSERT_EQ(0, make("t0"));
	ASSERT_EQ(0, set("t0", "engines", 2));
	ASSERT_EQ(0, set("t0", "enabled", 1));
	self->fd = open_named("t0");
	ASSERT_LE(0, self->fd);
	ASSERT_TRUE(make_large_jobs(self->fd, jobs, 32));
	sync.handle = create_syncobj(self->fd);
	set_syncs(&jobs[31], &sync, 1);
	memory = map_bo(self->fd, jobs[0].src.handle, 4 << 20);
	ASSERT_NE(MAP_FAILED, memory);
	ASSERT_EQ(0, submit_jobs(self->fd, jobs, 32));
	memory[0] = 1;

	ASSERT_EQ(0, set("t0", "enabled", 0));
	EXPECT_EQ(-1, find_minor("t0"));
	EXPECT_EQ(-ENODEV, submit_jobs(self->fd, jobs, 1));
	memory[(4 << 20) - 1] = 1;

	/* while the dead one is still open */
	ASSERT_EQ(0, set("t0", "engines", 1));
	ASSERT_EQ(0, set("t0", "enabled", 1));
	close(self->fd);
	self->fd = open_named("t0");
	ASSERT_LE(0, self->fd);
	EXPECT_TRUE(round_trip(self->fd));
	munmap(memory, 4 << 20);
}

/* The device goes even if a file of the directory is open, and stays gone. */
TEST_F(configfs, rmdir_while_enabled)
{
	struct drm_ascdev_sync sync = { DRM_ASCDEV_SYNC_SIGNAL, 0, 0 };
	struct drm_ascdev_job jobs[8];
	char line[16];
	int attribute, file, i, status = 0;

	/* jobs of a quarter of an hour */
	ASSERT_EQ(0, make("t0"));
	ASSERT_EQ(0, set("t0", "clock_khz", 1000));
	ASSERT_EQ(0, set("t0", "lanes", 1));
	ASSERT_EQ(0, set("t0", "compress_cycles", 4096));
	ASSERT_EQ(0, set("t0", "pace", 1));
	ASSERT_EQ(0, set("t0", "enabled", 1));
	attribute = open(DIRECTORY "/t0/enabled", O_RDWR);
	ASSERT_LE(0, attribute);
	ASSERT_EQ(2, read(attribute, line, sizeof(line)));
	self->fd = open_named("t0");
	ASSERT_LE(0, self->fd);
	ASSERT_TRUE(make_large_jobs(self->fd, jobs, 8));
	sync.handle = create_syncobj(self->fd);
	set_syncs(&jobs[7], &sync, 1);
	ASSERT_EQ(0, submit_jobs(self->fd, jobs, 8));
	file = export_sync_file(self->fd, sync.handle);
	ASSERT_LE(0, file);

	ASSERT_EQ(0, drop("t0"));
	EXPECT_EQ(-1, find_minor("t0"));
	EXPECT_EQ(-ENODEV, submit_jobs(self->fd, jobs, 1));
	EXPECT_EQ(-1, pwrite(attribute, "1", 1, 0));
	EXPECT_EQ(-1, find_minor("t0"));
	for (i = 0; i < 500 && !status; i++) {
		struct sync_file_info info = { .num_fences = 0 };

		ASSERT_EQ(0, do_ioctl(file, SYNC_IOC_FILE_INFO, &info));
		status = info.status;
		usleep(20000);
	}
	EXPECT_EQ(-ENODEV, status);
	close(attribute);
	close(file);

	/* the name can be had again at once */
	ASSERT_EQ(0, make("t0"));
	EXPECT_EQ(0, get("t0", "enabled"));
}

TEST_F(configfs, come_and_go)
{
	int i, first = find_minor("default");

	for (i = 0; i < 100; i++) {
		struct small_job small;
		int fd;

		ASSERT_EQ(0, make("t0"));
		ASSERT_EQ(0, set("t0", "engines", 1 + i % 8));
		ASSERT_EQ(0, set("t0", "enabled", 1));
		fd = open_named("t0");
		ASSERT_LE(0, fd);
		ASSERT_TRUE(make_small_job(fd, &small));
		ASSERT_EQ(0, submit_jobs(fd, &small.job, 1));
		if (i % 3 == 0)
			ASSERT_EQ(0, wait_bo(fd, small.dst, 20000));
		if (i % 2)
			ASSERT_EQ(0, set("t0", "enabled", 0));
		/* before or after the device goes */
		if (i % 5 < 2)
			close(fd);
		ASSERT_EQ(0, drop("t0"));
		if (i % 5 >= 2)
			close(fd);
		munmap(small.surface, SMALL_BYTES);
		munmap(small.payload, SMALL_PAYLOAD);
		munmap(small.record, 4096);
		ASSERT_EQ(-1, find_minor("t0"));
	}
	EXPECT_EQ(first, find_minor("default"));
}

/* What configfs has made can be unbound and bound like any device. */
TEST_F(configfs, unbind_and_bind)
{
	char path[128], target[256] = "";
	const char *device;

	ASSERT_EQ(0, make("t0"));
	ASSERT_EQ(0, set("t0", "lanes", 1));
	ASSERT_EQ(0, set("t0", "enabled", 1));
	snprintf(path, sizeof(path), SYSFS_DEVICE, find_minor("t0"));
	ASSERT_NE(NULL, realpath(path, target));
	device = strrchr(target, '/') + 1;
	ASSERT_EQ(0, write_text(SYSFS_DRIVER "/unbind", device));
	EXPECT_EQ(-1, find_minor("t0"));
	EXPECT_EQ(1, get("t0", "enabled"));
	EXPECT_EQ(-EBUSY, set("t0", "lanes", 2));
	ASSERT_EQ(0, write_text(SYSFS_DRIVER "/bind", device));
	self->fd = open_named("t0");
	ASSERT_LE(0, self->fd);
	EXPECT_TRUE(round_trip(self->fd));
	ASSERT_EQ(0, write_text(SYSFS_DRIVER "/unbind", device));
	ASSERT_EQ(0, set("t0", "enabled", 0));
	EXPECT_EQ(-ENODEV, write_text(SYSFS_DRIVER "/bind", device));
}

TEST_F(configfs, module_stays_while_there_is_a_directory)
{
	ASSERT_EQ(0, make("t0"));
	EXPECT_EQ(-1, syscall(SYS_delete_module, "ascdev", O_NONBLOCK));
	EXPECT_TRUE(errno == EWOULDBLOCK || errno == EBUSY || errno == ENOENT)
		TH_LOG("errno %d", errno);
	ASSERT_EQ(0, set("t0", "enabled", 1));
	EXPECT_EQ(-1, syscall(SYS_delete_module, "ascdev", O_NONBLOCK));
	EXPECT_EQ(0, access(DIRECTORY "/t0", F_OK));
	EXPECT_LE(0, find_minor("t0"));
}

/* The example of Documentation/hardware.rst, and again with other values. */
TEST_F(configfs, cycles_are_those_of_the_worked_example)
{
	struct small_job map;
	int i;

	ASSERT_EQ(0, make("t0"));
	ASSERT_EQ(0, set("t0", "enabled", 1));
	self->fd = open_named("t0");
	ASSERT_LE(0, self->fd);
	for (i = 0; i < 3; i++) {
		ASSERT_TRUE(make_map_job(self->fd, &map, i));
		ASSERT_EQ(0, run(self->fd, &map));
		EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, map.record->status);
		EXPECT_EQ(4904, map.record->cycles);
		turn_round(&map);
		ASSERT_EQ(0, run(self->fd, &map));
		EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, map.record->status);
		EXPECT_EQ(4904, map.record->cycles);
	}
	EXPECT_EQ(6 * 4904, read_stat(find_minor("t0"), "cycles"));
}

/* A part of 8 x 8 values of one channel is 4 blocks of 8 bytes, read once. */
TEST_F(configfs, cycles_of_a_part)
{
	struct small_job map;

	ASSERT_EQ(0, make("t0"));
	ASSERT_EQ(0, set("t0", "lanes", 1));
	ASSERT_EQ(0, set("t0", "startup_cycles", 50));
	ASSERT_EQ(0, set("t0", "decompress_cycles", 7));
	ASSERT_EQ(0, set("t0", "enabled", 1));
	self->fd = open_named("t0");
	ASSERT_LE(0, self->fd);
	ASSERT_TRUE(make_map_job(self->fd, &map, 0));
	ASSERT_EQ(0, run(self->fd, &map));
	EXPECT_EQ(50 + 12544 * 8, map.record->cycles);
	turn_round(&map);
	map.job.part = (struct drm_ascdev_part){ { 0, 3, 8, 16 }, { 1, 1, 8, 8 } };
	ASSERT_EQ(0, run(self->fd, &map));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, map.record->status);
	EXPECT_EQ(50 + 4 * 7, map.record->cycles);
}

/* Every codec, either way; a job that was cut off has none. */
TEST_F(configfs, cycles_are_deterministic)
{
	uint64_t cycles[CODECS][2] = { 0 };
	int round, codec;

	for (round = 0; round < 2; round++) {
		ASSERT_EQ(0, make("t0"));
		ASSERT_EQ(0, set("t0", "engines", 1 + round));
		ASSERT_EQ(0, set("t0", "enabled", 1));
		self->fd = open_named("t0");
		ASSERT_LE(0, self->fd);
		for (codec = DRM_ASCDEV_CODEC_ASC_CBR; codec < CODECS; codec++) {
			struct small_job small;

			ASSERT_TRUE(make_small_job(self->fd, &small));
			small.job.params = (struct drm_ascdev_codec_params){ .codec = codec };
			small.dst = create_bo(self->fd, 2 * SMALL_BYTES);
			small.job.dst = (struct drm_ascdev_range){ small.dst, 0, 0,
								   2 * SMALL_BYTES };
			ASSERT_EQ(0, run(self->fd, &small));
			ASSERT_EQ(DRM_ASCDEV_STATUS_DONE, small.record->status);
			EXPECT_LT(200, small.record->cycles);
			if (round)
				EXPECT_EQ(cycles[codec][0], small.record->cycles);
			cycles[codec][0] = small.record->cycles;

			small.job.params = (struct drm_ascdev_codec_params){
				.codec = small.record->codec,
				.endpoints = small.record->endpoints,
				.profile = small.record->profile,
				.exponent = small.record->exponent,
				.block = small.record->block,
			};
			small.job.op = DRM_ASCDEV_OP_DECOMPRESS;
			small.job.src = (struct drm_ascdev_range){ small.dst, 0, 0,
								   small.record->bytes };
			small.job.dst = (struct drm_ascdev_range){ small.src, 0, 0, SMALL_BYTES };
			ASSERT_EQ(0, run(self->fd, &small));
			ASSERT_EQ(DRM_ASCDEV_STATUS_DONE, small.record->status) TH_LOG("%d", codec);
			EXPECT_LT(200, small.record->cycles);
			if (round)
				EXPECT_EQ(cycles[codec][1], small.record->cycles);
			cycles[codec][1] = small.record->cycles;
		}
		close(self->fd);
		self->fd = -1;
		ASSERT_EQ(0, drop("t0"));
	}
}

/* 16384 values are 1024 blocks: 102400 cycles at 1 MHz are a tenth of a second. */
TEST_F(configfs, paced_job_takes_its_time)
{
	struct small_job small;
	int pace;

	for (pace = 0; pace < 2; pace++) {
		ASSERT_EQ(0, make("t0"));
		ASSERT_EQ(0, set("t0", "clock_khz", 1000));
		ASSERT_EQ(0, set("t0", "lanes", 1));
		ASSERT_EQ(0, set("t0", "compress_cycles", 100));
		ASSERT_EQ(0, set("t0", "pace", pace));
		ASSERT_EQ(0, set("t0", "enabled", 1));
		self->fd = open_named("t0");
		ASSERT_LE(0, self->fd);
		ASSERT_TRUE(make_small_job(self->fd, &small));
		ASSERT_EQ(0, run(self->fd, &small));
		EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, small.record->status);
		EXPECT_EQ(200 + 102400, small.record->cycles);
		if (pace)
			EXPECT_LE(small.record->cycles * 1000, duration_ns(&small));
		close(self->fd);
		self->fd = -1;
		ASSERT_EQ(0, drop("t0"));
	}
}

/* A job of so many times the values of a small one, in buffers of its own.  Returns its bytes. */
static uint32_t make_longer(int fd, struct small_job *small, uint32_t times)
{
	uint32_t bytes = SMALL_PAYLOAD * times;

	describe_dense(&small->job.surface, DRM_ASCDEV_DTYPE_U8, 1, 64, 16 * times, 16);
	small->job.src = (struct drm_ascdev_range){ create_bo(fd, 2 * bytes), 0, 0, 2 * bytes };
	small->job.dst = (struct drm_ascdev_range){ create_bo(fd, bytes), 0, 0, bytes };
	return bytes;
}

/*
 * Ten times longer than the timeout.  A machine that is busy may be late with a step by more
 * than that: then it is a longer one.
 */
TEST_F(configfs, paced_job_makes_progress)
{
	int times, hangs = 0;
	struct small_job small;
	char dir[128];

	ASSERT_EQ(0, make("t0"));
	ASSERT_EQ(0, set("t0", "clock_khz", 1000));
	ASSERT_EQ(0, set("t0", "lanes", 1));
	ASSERT_EQ(0, set("t0", "compress_cycles", 2000));
	ASSERT_EQ(0, set("t0", "pace", 1));
	ASSERT_EQ(0, set("t0", "enabled", 1));
	self->fd = open_named("t0");
	ASSERT_LE(0, self->fd);
	snprintf(dir, sizeof(dir), SYSFS_DEVICE "/", find_minor("t0"));
	ASSERT_TRUE(make_small_job(self->fd, &small));
	for (times = 1; times <= 25; times *= 5) {
		ASSERT_TRUE(write_number(dir, "timeout_ms", 200 * times));
		make_longer(self->fd, &small, times);
		ASSERT_EQ(0, run(self->fd, &small));
		if (small.record->status == DRM_ASCDEV_STATUS_DONE)
			break;
		hangs++;
	}
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, small.record->status);
	EXPECT_EQ(200 + 2048000 * times, small.record->cycles);
	EXPECT_LE(small.record->cycles * 1000, duration_ns(&small));
	EXPECT_EQ(hangs, read_stat(find_minor("t0"), "hangs"));
	drop_dumps();
}

/* The directory of its faults, by the name that the device has in the driver core. */
static bool find_faults(int minor, char *dir, size_t size)
{
	char path[64], target[256];
	ssize_t length;

	if (access(DEBUGFS "/accel", F_OK))
		mount("debugfs", DEBUGFS, "debugfs", 0, NULL);
	snprintf(path, sizeof(path), SYSFS_DEVICE, minor);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return false;
	target[length] = 0;
	snprintf(dir, size, DEBUGFS "/accel/%s/inject/", strrchr(target, '/') + 1);
	return !access(dir, F_OK);
}

/* The timeout of the device. */
static bool set_timeout(int ms)
{
	char dir[128];

	snprintf(dir, sizeof(dir), SYSFS_DEVICE "/", find_minor("t0"));
	return write_number(dir, "timeout_ms", ms);
}

/* A device whose small jobs take two seconds, with a timeout of a tenth of one. */
static int make_slow_device(void)
{
	if (make("t0") || set("t0", "clock_khz", 1000) || set("t0", "lanes", 1) ||
	    set("t0", "compress_cycles", 2000) || set("t0", "pace", 1) || set("t0", "enabled", 1))
		return -1;
	return set_timeout(100) ? open_named("t0") : -1;
}

static uint32_t hangs_of(int fd)
{
	struct drm_ascdev_ctx_get_state state = { 0 };

	return do_ioctl(fd, DRM_IOCTL_ASCDEV_CTX_GET_STATE, &state) ? ~0u : state.hangs;
}

TEST_F(configfs, paced_job_hangs)
{
	struct small_job small;
	char dir[160];
	int minor;

	self->fd = make_slow_device();
	ASSERT_LE(0, self->fd);
	minor = find_minor("t0");
	if (!find_faults(minor, dir, sizeof(dir)))
		SKIP(return, "no debugfs");
	ASSERT_TRUE(make_small_job(self->fd, &small));
	ASSERT_TRUE(write_number(dir, "hang", 1));
	ASSERT_EQ(0, run(self->fd, &small));
	EXPECT_EQ(DRM_ASCDEV_STATUS_FAILED, small.record->status);
	EXPECT_EQ(-ETIME, small.record->error);
	EXPECT_EQ(0, small.record->cycles);
	EXPECT_EQ(1, read_stat(minor, "hangs"));
	EXPECT_EQ(0, read_stat(minor, "cycles"));

	/* the next takes its time, however late a busy machine is with it */
	ASSERT_TRUE(set_timeout(600000));
	ASSERT_EQ(0, run(self->fd, &small));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, small.record->status);
	EXPECT_EQ(200 + 2048000, small.record->cycles);
	EXPECT_LE(small.record->cycles * 1000, duration_ns(&small));
	EXPECT_EQ(1, hangs_of(self->fd));
	drop_dumps();
}

/* It has done its work, but for the wait, in which it comes to a standstill. */
TEST_F(configfs, paced_job_is_ended_while_it_waits)
{
	static const uint8_t untouched[8] = { 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5 };
	struct small_job small;
	uint8_t *payload;
	char dir[160];
	uint32_t bytes;
	int minor;

	self->fd = make_slow_device();
	ASSERT_LE(0, self->fd);
	minor = find_minor("t0");
	if (!find_faults(minor, dir, sizeof(dir)))
		SKIP(return, "no debugfs");
	/* it would wait for a minute */
	ASSERT_TRUE(make_small_job(self->fd, &small));
	bytes = make_longer(self->fd, &small, 30);
	payload = map_bo(self->fd, small.job.dst.handle, bytes);
	ASSERT_NE(MAP_FAILED, payload);
	memset(payload, untouched[0], bytes);
	memset(small.record, 0, sizeof(*small.record));
	ASSERT_EQ(0, submit_jobs(self->fd, &small.job, 1));
	/* the last of its blocks; or else it is ended before, on a busy machine */
	while (!memcmp(payload + bytes - 8, untouched, 8) &&
	       wait_bo(self->fd, small.result, 1) == -ETIME)
		;
	ASSERT_TRUE(write_number(dir, "slow_ms", 1000));
	EXPECT_EQ(0, wait_bo(self->fd, small.result, 60000));
	ASSERT_TRUE(write_number(dir, "slow_ms", 0));
	EXPECT_EQ(DRM_ASCDEV_STATUS_FAILED, small.record->status);
	EXPECT_EQ(-ETIME, small.record->error);
	EXPECT_EQ(0, small.record->cycles);
	EXPECT_EQ(0, read_stat(minor, "cycles"));
	EXPECT_EQ(1, hangs_of(self->fd));

	ASSERT_TRUE(set_timeout(600000));
	make_longer(self->fd, &small, 1);
	ASSERT_EQ(0, run(self->fd, &small));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, small.record->status);
	EXPECT_EQ(200 + 2048000, small.record->cycles);
	EXPECT_TRUE(stats_balance(minor));
	drop_dumps();
}

/* One that would take a quarter of an hour ends with its device. */
TEST_F(configfs, paced_job_can_be_stopped)
{
	struct drm_ascdev_job jobs[1];
	struct drm_ascdev_sync sync = { DRM_ASCDEV_SYNC_SIGNAL, 0, 0 };
	int file, i, status = 0, minor;

	ASSERT_EQ(0, make("t0"));
	ASSERT_EQ(0, set("t0", "clock_khz", 1000));
	ASSERT_EQ(0, set("t0", "lanes", 1));
	ASSERT_EQ(0, set("t0", "compress_cycles", 4096));
	ASSERT_EQ(0, set("t0", "startup_cycles", 1000000));
	ASSERT_EQ(0, set("t0", "pace", 1));
	ASSERT_EQ(0, set("t0", "enabled", 1));
	self->fd = open_named("t0");
	ASSERT_LE(0, self->fd);
	minor = find_minor("t0");
	ASSERT_TRUE(make_large_jobs(self->fd, jobs, 1));
	sync.handle = create_syncobj(self->fd);
	set_syncs(&jobs[0], &sync, 1);
	ASSERT_EQ(0, submit_jobs(self->fd, jobs, 1));
	file = export_sync_file(self->fd, sync.handle);
	ASSERT_LE(0, file);
	EXPECT_EQ(-ETIME, wait_bo(self->fd, jobs[0].dst.handle, 1000));
	EXPECT_EQ(0, read_stat(minor, "cycles"));
	ASSERT_EQ(0, set("t0", "enabled", 0));
	for (i = 0; i < 500 && !status; i++) {
		struct sync_file_info info = { .num_fences = 0 };

		ASSERT_EQ(0, do_ioctl(file, SYNC_IOC_FILE_INFO, &info));
		status = info.status;
		usleep(20000);
	}
	EXPECT_EQ(-ENODEV, status);
	close(file);
}

TEST_HARNESS_MAIN
