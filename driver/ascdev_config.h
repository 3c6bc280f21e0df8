/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASCDEV_CONFIG_H
#define ASCDEV_CONFIG_H

#include <linux/types.h>

#include "ascdev_model.h"

#define ASCDEV_MAX_ENGINES	8

/* The device that is there when the module is loaded. */
#define ASCDEV_DEFAULT_NAME	"default"

/**
 * struct ascdev_config - what an emulated device is like
 * @name: what tells it from others
 * @engines: how many it has
 * @engines_used: how many get jobs at first; 0 for all
 * @max_queued_jobs: jobs of one open file
 * @max_contexts: contexts of one open file, apart from context 0
 * @pace: 1 if a job takes as long as @model says, or longer
 * @max_bo_bytes: size of one buffer object
 * @max_pinned_bytes: what the jobs of one open file may have pinned at first
 * @model: the hardware that an engine stands for
 */
struct ascdev_config {
	char name[64];
	u32 engines;
	u32 engines_used;
	u32 max_queued_jobs;
	u32 max_contexts;
	u32 pace;
	u64 max_bo_bytes;
	u64 max_pinned_bytes;
	struct ascdev_model model;
};

int ascdev_config_init(struct ascdev_config *config, const char *name);
int ascdev_config_set(struct ascdev_config *config, const char *key, u64 value);
int ascdev_config_get(const struct ascdev_config *config, const char *key, u64 *value);
bool ascdev_config_is_valid(const struct ascdev_config *config);

#endif
