// SPDX-License-Identifier: MIT
/*
 * What /proc/<pid>/fdinfo tells of a client, read as the kernel's
 * Documentation/gpu/drm-usage-stats.rst has it.
 */

#include <ctype.h>

#include "ascdev_test.h"

#define MAX_PAIRS	64

/**
 * struct fdinfo - the pairs of a file
 * @text: the file, cut into strings
 * @key: keys
 * @value: values
 * @count: number of them
 */
struct fdinfo {
	char text[8192];
	const char *key[MAX_PAIRS];
	const char *value[MAX_PAIRS];
	int count;
};

/* What a value is.  The numbers differ in the units that they may have. */
enum type { STRING, NUMBER, POSITIVE, NANOSECONDS, FREQUENCY, BYTES };

/* Standard keys; those that end in '-' go on with a name.  The first that fits counts. */
static const struct {
	const char *key;
	enum type type;
} standard[] = {
	{ "drm-driver", STRING },
	{ "drm-pdev", STRING },
	{ "drm-client-id", NUMBER },
	{ "drm-client-name", STRING },
	{ "drm-engine-capacity-", POSITIVE },
	{ "drm-engine-", NANOSECONDS },
	{ "drm-total-cycles-", NUMBER },
	{ "drm-cycles-", NUMBER },
	{ "drm-maxfreq-", FREQUENCY },
	{ "drm-total-", BYTES },
	{ "drm-shared-", BYTES },
	{ "drm-resident-", BYTES },
	{ "drm-memory-", BYTES },
	{ "drm-purgeable-", BYTES },
	{ "drm-active-", BYTES },
};

static bool starts_with(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

/* A number, and whether its unit is one of the type's. */
static bool parse_number(const char *text, enum type type, uint64_t *value)
{
	char *unit;

	if (!isdigit(text[0]))
		return false;
	errno = 0;
	*value = strtoull(text, &unit, 10);
	if (errno)
		return false;
	if (*unit) {
		if (!isspace(*unit))
			return false;
		while (isspace(*unit))
			unit++;
	}
	switch (type) {
	case NANOSECONDS:
		return !strcmp(unit, "ns");
	case FREQUENCY:
		if (!strcmp(unit, "KHz"))
			*value *= 1000;
		else if (!strcmp(unit, "MHz"))
			*value *= 1000000;
		else
			return !strcmp(unit, "Hz");
		return true;
	case BYTES:
		if (!strcmp(unit, "KiB"))
			*value <<= 10;
		else if (!strcmp(unit, "MiB"))
			*value <<= 20;
		else
			return !*unit;
		return true;
	case POSITIVE:
		return *value && !*unit;
	default:
		return !*unit;
	}
}

static const char *check_standard(const char *key, const char *value)
{
	uint64_t number;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(standard); i++) {
		const char *known = standard[i].key;
		bool named = known[strlen(known) - 1] == '-';

		if (named ? !starts_with(key, known) : !!strcmp(key, known))
			continue;
		if (named && !key[strlen(known)])
			return "a key without its name";
		if (standard[i].type == STRING)
			return *value ? NULL : "an empty string";
		return parse_number(value, standard[i].type, &number) ? NULL :
			"not a number, or a wrong unit";
	}
	return "a key with drm- that is not standard";
}

/* NULL if there is no such key. */
static const char *find(const struct fdinfo *info, const char *key)
{
	int i;

	for (i = 0; i < info->count; i++) {
		if (!strcmp(info->key[i], key))
			return info->value[i];
	}
	return NULL;
}

static const char *find_named(const struct fdinfo *info, const char *key, const char *name)
{
	char full[128];

	snprintf(full, sizeof(full), "%s%s", key, name);
	return find(info, full);
}

/* Bytes of the region "memory"; kernels may leave out what is 0. */
static uint64_t memory(const struct fdinfo *info, const char *kind)
{
	const char *value = find_named(info, kind, "memory");
	uint64_t bytes = 0;

	if (value)
		parse_number(value, BYTES, &bytes);
	return bytes;
}

/* A number that has to be there. */
static uint64_t number(const struct fdinfo *info, const char *key, enum type type)
{
	const char *value = find(info, key);
	uint64_t n = UINT64_MAX;

	if (value)
		parse_number(value, type, &n);
	return n;
}

static uint64_t engine_ns(const struct fdinfo *info)
{
	return number(info, "drm-engine-codec", NANOSECONDS);
}

static const char *check_together(const struct fdinfo *info)
{
	int i;

	if (!find(info, "drm-driver"))
		return "no drm-driver";
	for (i = 0; i < info->count; i++) {
		const char *key = info->key[i];

		if (starts_with(key, "drm-engine-capacity-") &&
		    !find_named(info, "drm-engine-", key + strlen("drm-engine-capacity-")))
			return "the capacity of no engine";
		if (starts_with(key, "drm-cycles-") &&
		    !find_named(info, "drm-engine-", key + strlen("drm-cycles-")))
			return "the cycles of no engine";
		if (starts_with(key, "drm-total-cycles-") &&
		    (!find_named(info, "drm-cycles-", key + strlen("drm-total-cycles-")) ||
		     find_named(info, "drm-maxfreq-", key + strlen("drm-total-cycles-"))))
			return "total cycles without cycles, or with a frequency";
		if (starts_with(key, "drm-maxfreq-") &&
		    !find_named(info, "drm-engine-", key + strlen("drm-maxfreq-")))
			return "the frequency of no engine";
	}
	if (memory(info, "drm-shared-") > memory(info, "drm-total-") ||
	    memory(info, "drm-resident-") > memory(info, "drm-total-") ||
	    memory(info, "drm-active-") > memory(info, "drm-resident-") ||
	    memory(info, "drm-purgeable-") > memory(info, "drm-resident-"))
		return "a part of the memory that is greater than the whole";
	return NULL;
}

/* Parse what is in @text.  NULL, or what is wrong with it. */
static const char *parse(struct fdinfo *info)
{
	char *line, *rest = info->text;

	info->count = 0;
	while ((line = strsep(&rest, "\n"))) {
		char *value = strchr(line, ':');
		const char *wrong;

		if (!*line && !rest)
			break;
		if (!value)
			return "a line without a colon";
		*value++ = 0;
		while (isspace(*value))
			value++;
		if (!*line || strpbrk(line, " \t"))
			return "an empty key, or one with blanks";
		if (find(info, line))
			return "a key twice";
		if (starts_with(line, "drm-")) {
			wrong = check_standard(line, value);
			if (wrong)
				return wrong;
		}
		if (info->count == MAX_PAIRS)
			return "too many pairs";
		info->key[info->count] = line;
		info->value[info->count++] = value;
	}
	return check_together(info);
}

/* NULL, or what is wrong. */
static const char *read_fdinfo(int fd, struct fdinfo *info)
{
	char path[64];
	size_t length;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "r");
	if (!file)
		return "no fdinfo";
	length = fread(info->text, 1, sizeof(info->text) - 1, file);
	fclose(file);
	info->text[length] = 0;
	return parse(info);
}

#define READ_FDINFO(fd, info)					\
	do {							\
		const char *wrong = read_fdinfo(fd, info);	\
								\
		ASSERT_EQ(NULL, wrong) TH_LOG("%s", wrong);	\
	} while (0)

static const char *parse_text(struct fdinfo *info, const char *text)
{
	snprintf(info->text, sizeof(info->text), "%s", text);
	return parse(info);
}

TEST(parser_takes_what_is_right)
{
	struct fdinfo info;

	EXPECT_EQ(NULL, parse_text(&info, "pos:\t0\ndrm-driver:\tx\n"));
	EXPECT_EQ(NULL, parse_text(&info, "drm-driver: x\ndrm-engine-a:1 ns\n"
				   "drm-engine-capacity-a: 2\ndrm-cycles-a: 3\n"
				   "drm-maxfreq-a: 4 MHz\nx-jobs: 7 jobs\n"));
	EXPECT_EQ(NULL, parse_text(&info, "drm-driver: x\ndrm-engine-a: 1 ns\n"
				   "drm-cycles-a: 7\ndrm-maxfreq-a: 5 KHz\n"));
	EXPECT_EQ(7, number(&info, "drm-cycles-a", NUMBER));
	EXPECT_EQ(5000, number(&info, "drm-maxfreq-a", FREQUENCY));
	EXPECT_EQ(UINT64_MAX, number(&info, "drm-cycles-b", NUMBER));
	EXPECT_EQ(NULL, parse_text(&info, "drm-driver: x\ndrm-total-memory:\t3 KiB\n"
				   "drm-resident-memory:\t1024\n"));
	EXPECT_EQ(3072, memory(&info, "drm-total-"));
	EXPECT_EQ(1024, memory(&info, "drm-resident-"));
}

TEST(parser_refuses_what_is_wrong)
{
	static const char * const wrong[] = {
		"drm-client-id: 1\n",
		"drm-driver: x\ndrm-driver: x\n",
		"drm-driver: x\nnonsense\n",
		"drm-driver: x\ndrm-client id: 1\n",
		"drm-driver: x\ndrm-client-id: -1\n",
		"drm-driver: x\ndrm-client-id: 1 ns\n",
		"drm-driver: x\ndrm-engine-a: 1\n",
		"drm-driver: x\ndrm-engine-a: 1ns\n",
		"drm-driver: x\ndrm-engine-: 1 ns\n",
		"drm-driver: x\ndrm-engine-capacity-a: 1\n",
		"drm-driver: x\ndrm-engine-a: 1 ns\ndrm-engine-capacity-a: 0\n",
		"drm-driver: x\ndrm-engine-a: 1 ns\ndrm-cycles-a: 1\n"
		"drm-total-cycles-a: 2\ndrm-maxfreq-a: 1 Hz\n",
		"drm-driver: x\ndrm-total-memory: 1 kB\n",
		"drm-driver: x\ndrm-total-memory: 1\ndrm-shared-memory: 2\n",
		"drm-driver: x\ndrm-jobs: 1\n",
	};
	struct fdinfo info;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		EXPECT_NE(NULL, parse_text(&info, wrong[i])) TH_LOG("text %zu", i);
}

FIXTURE(fdinfo)
{
	int fd;
	int minor;
	int other;
	struct fdinfo info;
};

FIXTURE_SETUP(fdinfo)
{
	self->fd = open_node(&self->minor);
	if (self->fd < 0)
		SKIP(return, "no device");
	self->other = open_node(NULL);
	ASSERT_LE(0, self->other);
}

FIXTURE_TEARDOWN(fdinfo)
{
	close(self->other);
	close(self->fd);
}

TEST_F(fdinfo, names_the_client)
{
	int copy = dup(self->fd);
	char first[32];

	READ_FDINFO(self->fd, &self->info);
	EXPECT_STREQ("ascdev", find(&self->info, "drm-driver"));
	ASSERT_NE(NULL, find(&self->info, "drm-client-id"));
	snprintf(first, sizeof(first), "%s", find(&self->info, "drm-client-id"));
	EXPECT_EQ(0, engine_ns(&self->info));
	EXPECT_EQ(0, memory(&self->info, "drm-total-"));

	READ_FDINFO(copy, &self->info);
	EXPECT_STREQ(first, find(&self->info, "drm-client-id"));
	READ_FDINFO(self->other, &self->info);
	EXPECT_STRNE(first, find(&self->info, "drm-client-id"));
	close(copy);
}

TEST_F(fdinfo, engine_time_is_that_of_the_records)
{
	struct small_job small;
	uint64_t sum = 0;
	int i;

	ASSERT_TRUE(make_small_job(self->fd, &small));
	for (i = 0; i < 5; i++) {
		ASSERT_EQ(0, submit_jobs(self->fd, &small.job, 1));
		ASSERT_EQ(0, wait_bo(self->fd, small.dst, 20000));
		sum += small.record->end_ns - small.record->start_ns;
		READ_FDINFO(self->fd, &self->info);
		EXPECT_EQ(sum, engine_ns(&self->info));
	}
	READ_FDINFO(self->other, &self->info);
	EXPECT_EQ(0, engine_ns(&self->info));
}

/* And of no other client's; the frequency is the clock that they count. */
TEST_F(fdinfo, cycles_are_those_of_the_records)
{
	struct drm_ascdev_dev_info info = { 0 };
	struct drm_ascdev_dev_query query = { .size = sizeof(info), .pointer = (uintptr_t)&info };
	struct small_job small;
	uint64_t sum = 0;
	int i;

	ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_DEV_QUERY, &query));
	ASSERT_TRUE(make_small_job(self->fd, &small));
	READ_FDINFO(self->fd, &self->info);
	EXPECT_EQ(0, number(&self->info, "drm-cycles-codec", NUMBER));
	EXPECT_EQ(info.clock_khz * 1000ull,
		  number(&self->info, "drm-maxfreq-codec", FREQUENCY));
	for (i = 0; i < 5; i++) {
		ASSERT_EQ(0, submit_jobs(self->fd, &small.job, 1));
		ASSERT_EQ(0, wait_bo(self->fd, small.dst, 20000));
		EXPECT_LT(0, small.record->cycles);
		sum += small.record->cycles;
		READ_FDINFO(self->fd, &self->info);
		EXPECT_EQ(sum, number(&self->info, "drm-cycles-codec", NUMBER));
	}
	READ_FDINFO(self->other, &self->info);
	EXPECT_EQ(0, number(&self->info, "drm-cycles-codec", NUMBER));
}

/* More often than jobs end. */
TEST_F(fdinfo, engine_time_grows_while_a_job_runs)
{
	uint64_t last = 0, ns, begin = deadline_ms(0);
	struct drm_ascdev_job jobs[4];
	char dir[160];
	int grown = 0;
	bool busy;

	if (!find_injection(dir, sizeof(dir)))
		SKIP(return, "no debugfs, or not root");
	/* until it was seen to grow */
	ASSERT_TRUE(write_number(dir, "slow_ms", 20));
	ASSERT_TRUE(make_large_jobs(self->fd, jobs, 4));
	ASSERT_EQ(0, submit_jobs(self->fd, jobs, 4));
	do {
		READ_FDINFO(self->fd, &self->info);
		ns = engine_ns(&self->info);
		busy = wait_bo(self->fd, jobs[0].dst.handle, 0) == -ETIME;
		ASSERT_LE(last, ns);
		grown += busy && ns > last;
		last = ns;
		if (grown > 4)
			write_number(dir, "slow_ms", 0);
	} while (busy);
	EXPECT_LT(4, grown);
	READ_FDINFO(self->fd, &self->info);
	ns = engine_ns(&self->info);
	EXPECT_LE(last, ns);
	EXPECT_GE(deadline_ms(0) - begin, ns);
	usleep(50000);
	READ_FDINFO(self->fd, &self->info);
	EXPECT_EQ(ns, engine_ns(&self->info));
	READ_FDINFO(self->other, &self->info);
	EXPECT_EQ(0, engine_ns(&self->info));
}

TEST_F(fdinfo, capacity_is_the_number_of_engines)
{
	char path[80];
	int fd;

	snprintf(path, sizeof(path), SYSFS_DEVICE "/engines", self->minor);
	fd = open(path, O_RDWR);
	if (fd < 0)
		SKIP(return, "needs root");
	READ_FDINFO(self->fd, &self->info);
	EXPECT_EQ(NULL, find(&self->info, "drm-engine-capacity-codec"));
	ASSERT_EQ(1, write(fd, "3", 1));
	READ_FDINFO(self->fd, &self->info);
	ASSERT_EQ(1, pwrite(fd, "1", 1, 0));
	EXPECT_STREQ("3", find(&self->info, "drm-engine-capacity-codec") ?: "none");
	close(fd);
}

TEST_F(fdinfo, memory_is_that_of_the_objects)
{
	const uint64_t sizes[] = { 4096, 1 << 20, 3 * 4096 };
	struct drm_gem_close close_args = { 0 };
	uint32_t handles[3];
	uint64_t sum = 0;
	void *map;
	int dmabuf, i;

	for (i = 0; i < 3; i++) {
		handles[i] = create_bo(self->fd, sizes[i]);
		ASSERT_NE(0, handles[i]);
		sum += sizes[i];
		READ_FDINFO(self->fd, &self->info);
		EXPECT_EQ(sum, memory(&self->info, "drm-total-"));
	}
	EXPECT_EQ(0, memory(&self->info, "drm-shared-"));
	EXPECT_EQ(0, memory(&self->info, "drm-resident-"));
	EXPECT_EQ(0, memory(&self->info, "drm-active-"));

	map = map_bo(self->fd, handles[1], sizes[1]);
	ASSERT_NE(MAP_FAILED, map);
	memset(map, 1, sizes[1]);
	READ_FDINFO(self->fd, &self->info);
	EXPECT_EQ(sizes[1], memory(&self->info, "drm-resident-"));

	dmabuf = export_dmabuf(self->fd, handles[2]);
	ASSERT_LE(0, dmabuf);
	ASSERT_NE(0, import_dmabuf(self->other, dmabuf));
	close(dmabuf);
	READ_FDINFO(self->fd, &self->info);
	EXPECT_EQ(sum, memory(&self->info, "drm-total-"));
	EXPECT_EQ(sizes[2], memory(&self->info, "drm-shared-"));
	READ_FDINFO(self->other, &self->info);
	EXPECT_EQ(sizes[2], memory(&self->info, "drm-total-"));
	EXPECT_EQ(sizes[2], memory(&self->info, "drm-shared-"));

	close_args.handle = handles[1];
	ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_GEM_CLOSE, &close_args));
	READ_FDINFO(self->fd, &self->info);
	EXPECT_EQ(sum - sizes[1], memory(&self->info, "drm-total-"));
	EXPECT_EQ(0, memory(&self->info, "drm-resident-"));
	munmap(map, sizes[1]);
}

/* What other drivers made counts like any other, and is always there. */
TEST_F(fdinfo, imported_memory)
{
	struct drm_gem_close close_args = { 0 };
	int dmabuf = make_vgem_buffer(SMALL_BYTES);
	struct small_job small;
	uint64_t own = SMALL_BYTES + SMALL_PAYLOAD + 4096;

	if (dmabuf < 0)
		SKIP(return, "no vgem");
	ASSERT_TRUE(make_small_job(self->fd, &small));
	small.job.src.handle = import_dmabuf(self->fd, dmabuf);
	ASSERT_NE(0, small.job.src.handle);
	ASSERT_NE(0, import_dmabuf(self->other, dmabuf));
	close(dmabuf);
	READ_FDINFO(self->fd, &self->info);
	EXPECT_EQ(own + SMALL_BYTES, memory(&self->info, "drm-total-"));
	EXPECT_EQ(SMALL_BYTES, memory(&self->info, "drm-shared-"));
	EXPECT_EQ(0, memory(&self->info, "drm-active-"));
	EXPECT_STREQ("0 KiB", find(&self->info, "ascdev-pinned"));
	READ_FDINFO(self->other, &self->info);
	EXPECT_EQ(SMALL_BYTES, memory(&self->info, "drm-total-"));
	EXPECT_EQ(SMALL_BYTES, memory(&self->info, "drm-shared-"));
	EXPECT_EQ(SMALL_BYTES, memory(&self->info, "drm-resident-"));

	ASSERT_EQ(0, submit_jobs(self->fd, &small.job, 1));
	ASSERT_EQ(0, wait_bo(self->fd, small.dst, 20000));
	READ_FDINFO(self->fd, &self->info);
	EXPECT_STREQ("28 KiB", find(&self->info, "ascdev-pinned"));
	READ_FDINFO(self->other, &self->info);
	EXPECT_STREQ("0 KiB", find(&self->info, "ascdev-pinned"));

	close_args.handle = small.job.src.handle;
	ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_GEM_CLOSE, &close_args));
	READ_FDINFO(self->fd, &self->info);
	EXPECT_EQ(own, memory(&self->info, "drm-total-"));
	EXPECT_EQ(0, memory(&self->info, "drm-shared-"));
}

TEST_F(fdinfo, memory_is_active_while_a_job_is_queued)
{
	struct drm_ascdev_sync sync = { 0 };
	struct foreign_fence fence;
	struct small_job small;

	if (!make_foreign_fence(&fence))
		SKIP(return, "no vgem");
	ASSERT_TRUE(make_small_job(self->fd, &small));
	sync.handle = create_syncobj(self->fd);
	ASSERT_EQ(0, import_sync_file(self->fd, sync.handle, fence.sync_file));
	set_syncs(&small.job, &sync, 1);
	ASSERT_EQ(0, submit_jobs(self->fd, &small.job, 1));
	READ_FDINFO(self->fd, &self->info);
	EXPECT_EQ(memory(&self->info, "drm-total-"), memory(&self->info, "drm-active-"));
	EXPECT_EQ(SMALL_BYTES + SMALL_PAYLOAD + 4096, memory(&self->info, "drm-active-"));
	EXPECT_EQ(0, engine_ns(&self->info));
	READ_FDINFO(self->other, &self->info);
	EXPECT_EQ(0, memory(&self->info, "drm-active-"));

	ASSERT_EQ(0, signal_foreign_fence(&fence));
	ASSERT_EQ(0, wait_bo(self->fd, small.dst, 20000));
	READ_FDINFO(self->fd, &self->info);
	EXPECT_EQ(0, memory(&self->info, "drm-active-"));
	EXPECT_EQ(SMALL_BYTES + SMALL_PAYLOAD + 4096, memory(&self->info, "drm-resident-"));
}

TEST_HARNESS_MAIN
