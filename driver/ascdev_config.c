// SPDX-License-Identifier: GPL-2.0-only
/*
 * What emulated devices are like, and may be like.  Knows no device and no DRM.
 */

#include <kunit/visibility.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/stddef.h>
#include <linux/string.h>

#include "ascdev_config.h"

/**
 * struct field - a number of a configuration
 * @key: its name
 * @offset: where it is
 * @wide: it has 64 bits, not 32
 * @min: the least that it may be
 * @max: the most
 */
struct field {
	const char *key;
	size_t offset;
	bool wide;
	u64 min;
	u64 max;
};

#define FIELD(_key, _member, _min, _max)				\
	{ _key, offsetof(struct ascdev_config, _member), false, _min, _max }

#define FIELD64(_key, _member, _min, _max)				\
	{ _key, offsetof(struct ascdev_config, _member), true, _min, _max }

static const struct field fields[] = {
	FIELD("engines", engines, 1, ASCDEV_MAX_ENGINES),
	FIELD("max_queued_jobs", max_queued_jobs, 1, 4096),
	FIELD("max_contexts", max_contexts, 1, 16384),
	FIELD64("max_bo_bytes", max_bo_bytes, 4096, 2ull << 30),
	FIELD64("max_pinned_bytes", max_pinned_bytes, 0, S64_MAX),
	FIELD("pace", pace, 0, 1),
	FIELD("clock_khz", model.clock_khz, 1000, 10000000),
	FIELD("lanes", model.lanes, 1, 1024),
	FIELD("startup_cycles", model.startup_cycles, 0, 1000000),
	FIELD("compress_cycles", model.compress_cycles, 1, 4096),
	FIELD("decompress_cycles", model.decompress_cycles, 1, 4096),
	FIELD("memory_bytes", model.memory_bytes, 1, 4096),
};

static const struct field *find_field(const char *key)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		if (!strcmp(fields[i].key, key))
			return &fields[i];
	}
	return NULL;
}

static u64 get_field(const struct ascdev_config *config, const struct field *field)
{
	const void *at = (const void *)config + field->offset;

	return field->wide ? *(const u64 *)at : *(const u32 *)at;
}

/**
 * ascdev_config_init - the configuration to begin with
 * @config: filled in
 * @name: name of the device
 *
 * Return: 0 or -ENAMETOOLONG.
 */
int ascdev_config_init(struct ascdev_config *config, const char *name)
{
	*config = (struct ascdev_config){
		.engines = 1,
		.max_queued_jobs = 4096,
		.max_contexts = 16384,
		.max_bo_bytes = 2ull << 30,
		.max_pinned_bytes = ((u64)totalram_pages() << PAGE_SHIFT) / 4,
		.model = ascdev_default_model,
	};
	return strscpy(config->name, name) < 0 ? -ENAMETOOLONG : 0;
}
EXPORT_SYMBOL_IF_KUNIT(ascdev_config_init);

/**
 * ascdev_config_set - change a number
 * @config: not changed on an error
 * @key: which
 * @value: the number
 *
 * Return: 0; -ENOENT if there is none of this name; -EINVAL if it must not be so.
 */
int ascdev_config_set(struct ascdev_config *config, const char *key, u64 value)
{
	const struct field *field = find_field(key);
	void *at;

	if (!field)
		return -ENOENT;
	if (value < field->min || value > field->max)
		return -EINVAL;
	at = (void *)config + field->offset;
	if (field->wide)
		*(u64 *)at = value;
	else
		*(u32 *)at = value;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(ascdev_config_set);

/**
 * ascdev_config_get - read a number
 * @config: configuration
 * @key: which
 * @value: filled in
 *
 * Return: 0 or -ENOENT if there is none of this name.
 */
int ascdev_config_get(const struct ascdev_config *config, const char *key, u64 *value)
{
	const struct field *field = find_field(key);

	if (!field)
		return -ENOENT;
	*value = get_field(config, field);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(ascdev_config_get);

/**
 * ascdev_config_is_valid - can there be such a device?
 * @config: configuration
 *
 * Return: true or false.
 */
bool ascdev_config_is_valid(const struct ascdev_config *config)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		u64 value = get_field(config, &fields[i]);

		if (value < fields[i].min || value > fields[i].max)
			return false;
	}
	return config->name[0] && strnlen(config->name, sizeof(config->name)) <
	       sizeof(config->name) && config->engines_used <= config->engines;
}
EXPORT_SYMBOL_IF_KUNIT(ascdev_config_is_valid);
