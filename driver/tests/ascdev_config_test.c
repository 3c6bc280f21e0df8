// SPDX-License-Identifier: GPL-2.0-only
/*
 * What emulated devices may be like.
 */

#include <kunit/test.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "../ascdev_config.h"

static void config_begins_valid(struct kunit *test)
{
	struct ascdev_config config;

	memset(&config, 0xff, sizeof(config));
	KUNIT_ASSERT_EQ(test, 0, ascdev_config_init(&config, "name"));
	KUNIT_EXPECT_TRUE(test, ascdev_config_is_valid(&config));
	KUNIT_EXPECT_STREQ(test, "name", config.name);
	KUNIT_EXPECT_EQ(test, 1, config.engines);
	KUNIT_EXPECT_EQ(test, 0, config.engines_used);
	KUNIT_EXPECT_EQ(test, 4096, config.max_queued_jobs);
	KUNIT_EXPECT_EQ(test, 16384, config.max_contexts);
	KUNIT_EXPECT_EQ(test, 2ull << 30, config.max_bo_bytes);
	KUNIT_EXPECT_EQ(test, (u64)totalram_pages() * (PAGE_SIZE / 4), config.max_pinned_bytes);
	KUNIT_EXPECT_EQ(test, 0, config.pace);
	KUNIT_EXPECT_EQ(test, 0, memcmp(&config.model, &ascdev_default_model,
					sizeof(config.model)));
}

static void config_names(struct kunit *test)
{
	struct ascdev_config config;
	char name[80];

	memset(name, 'x', sizeof(name));
	name[sizeof(config.name) - 1] = 0;
	KUNIT_EXPECT_EQ(test, 0, ascdev_config_init(&config, name));
	KUNIT_EXPECT_STREQ(test, name, config.name);
	KUNIT_EXPECT_TRUE(test, ascdev_config_is_valid(&config));
	memset(name, 'x', sizeof(name));
	name[sizeof(config.name)] = 0;
	KUNIT_EXPECT_EQ(test, -ENAMETOOLONG, ascdev_config_init(&config, name));

	KUNIT_EXPECT_EQ(test, 0, ascdev_config_init(&config, ""));
	KUNIT_EXPECT_FALSE(test, ascdev_config_is_valid(&config));
	KUNIT_EXPECT_EQ(test, 0, ascdev_config_init(&config, "x"));
	memset(config.name, 'x', sizeof(config.name));
	KUNIT_EXPECT_FALSE(test, ascdev_config_is_valid(&config));
}

static const struct {
	const char *key;
	u64 min;
	u64 max;
} numbers[] = {
	{ "engines", 1, 8 },
	{ "max_queued_jobs", 1, 4096 },
	{ "max_contexts", 1, 16384 },
	{ "max_bo_bytes", 4096, 2ull << 30 },
	{ "max_pinned_bytes", 0, S64_MAX },
	{ "pace", 0, 1 },
	{ "clock_khz", 1000, 10000000 },
	{ "lanes", 1, 1024 },
	{ "startup_cycles", 0, 1000000 },
	{ "compress_cycles", 1, 4096 },
	{ "decompress_cycles", 1, 4096 },
	{ "memory_bytes", 1, 4096 },
};

static bool same_numbers(const struct ascdev_config *a, const struct ascdev_config *b)
{
	u64 value_a, value_b;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		if (ascdev_config_get(a, numbers[i].key, &value_a) ||
		    ascdev_config_get(b, numbers[i].key, &value_b) || value_a != value_b)
			return false;
	}
	return a->engines_used == b->engines_used && !strcmp(a->name, b->name);
}

/* Each number on its own, at and beyond its bounds; no other changes with it. */
static void config_numbers(struct kunit *test)
{
	struct ascdev_config config, before;
	u32 i, k;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		const u64 good[] = { numbers[i].min, numbers[i].max };
		const u64 bad[] = { numbers[i].min - 1, numbers[i].max + 1, U32_MAX,
				    numbers[i].max + (1ull << 32), U64_MAX };
		const char *key = numbers[i].key;
		u64 value, old;

		for (k = 0; k < ARRAY_SIZE(good); k++) {
			ascdev_config_init(&config, "x");
			before = config;
			KUNIT_ASSERT_EQ_MSG(test, 0, ascdev_config_get(&config, key, &old), "%s",
					    key);
			KUNIT_EXPECT_EQ_MSG(test, 0, ascdev_config_set(&config, key, good[k]),
					    "%s", key);
			KUNIT_EXPECT_EQ(test, 0, ascdev_config_get(&config, key, &value));
			KUNIT_EXPECT_EQ_MSG(test, good[k], value, "%s", key);
			KUNIT_EXPECT_TRUE_MSG(test, ascdev_config_is_valid(&config), "%s", key);
			KUNIT_EXPECT_EQ(test, 0, ascdev_config_set(&config, key, old));
			KUNIT_EXPECT_TRUE_MSG(test, same_numbers(&config, &before), "%s", key);
		}
		for (k = 0; k < ARRAY_SIZE(bad); k++) {
			if (bad[k] >= numbers[i].min && bad[k] <= numbers[i].max)
				continue;
			ascdev_config_init(&config, "x");
			before = config;
			KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
					    ascdev_config_set(&config, key, bad[k]), "%s, %llu",
					    key, bad[k]);
			KUNIT_EXPECT_TRUE_MSG(test, same_numbers(&config, &before), "%s, %llu",
					      key, bad[k]);
		}
	}
}

static void config_unknown_numbers(struct kunit *test)
{
	static const char * const keys[] = { "", "engine", "enginess", "engines_used", "name" };
	struct ascdev_config config, before;
	u64 value;
	u32 i;

	ascdev_config_init(&config, "x");
	before = config;
	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		KUNIT_EXPECT_EQ_MSG(test, -ENOENT, ascdev_config_set(&config, keys[i], 1), "%s",
				    keys[i]);
		KUNIT_EXPECT_EQ_MSG(test, -ENOENT, ascdev_config_get(&config, keys[i], &value),
				    "%s", keys[i]);
	}
	KUNIT_EXPECT_TRUE(test, same_numbers(&config, &before));
}

/* What does not come by way of ascdev_config_set(). */
static void config_whole(struct kunit *test)
{
	static const struct {
		u32 engines;
		u32 engines_used;
		u32 clock_khz;
		u32 lanes;
		u64 max_bo_bytes;
		u64 max_pinned_bytes;
		bool valid;
	} cases[] = {
		{ 8, 0, 800000, 32, 4096, 0, true },
		{ 8, 8, 800000, 32, 4096, 0, true },
		{ 3, 3, 800000, 32, 4096, 0, true },
		{ 3, 4, 800000, 32, 4096, 0, false },
		{ 0, 0, 800000, 32, 4096, 0, false },
		{ 9, 1, 800000, 32, 4096, 0, false },
		{ 1, 1, 0, 32, 4096, 0, false },
		{ 1, 1, 800000, 0, 4096, 0, false },
		{ 1, 1, 800000, 32, 4095, 0, false },
		{ 1, 1, 800000, 32, (2ull << 30) + 1, 0, false },
		{ 1, 1, 800000, 32, 4096, S64_MAX, true },
		{ 1, 1, 800000, 32, 4096, 1ull << 63, false },
	};
	struct ascdev_config config;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		ascdev_config_init(&config, "x");
		config.engines = cases[i].engines;
		config.engines_used = cases[i].engines_used;
		config.model.clock_khz = cases[i].clock_khz;
		config.model.lanes = cases[i].lanes;
		config.max_bo_bytes = cases[i].max_bo_bytes;
		config.max_pinned_bytes = cases[i].max_pinned_bytes;
		KUNIT_EXPECT_EQ_MSG(test, cases[i].valid, ascdev_config_is_valid(&config),
				    "case %u", i);
	}
}

static struct kunit_case config_cases[] = {
	KUNIT_CASE(config_begins_valid),
	KUNIT_CASE(config_names),
	KUNIT_CASE(config_numbers),
	KUNIT_CASE(config_unknown_numbers),
	KUNIT_CASE(config_whole),
	{ }
};

static struct kunit_suite config_suite = {
	.name = "ascdev_config",
	.test_cases = config_cases,
};

kunit_test_suite(config_suite);
