/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASCDEV_EMULATED_H
#define ASCDEV_EMULATED_H

#include "ascdev_config.h"

struct platform_device;

/* What the driver is called, and with it its devices. */
#define ASCDEV_NAME	"ascdev"

/**
 * struct ascdev_platform_data - what an emulated device comes with
 * @config: what it is like
 * @error: what the driver's probe said last, which the driver core keeps to itself
 */
struct ascdev_platform_data {
	struct ascdev_config config;
	int error;
};

struct platform_device *ascdev_emulated_create(const struct ascdev_config *config, int id);

#if IS_REACHABLE(CONFIG_CONFIGFS_FS)
int ascdev_configfs_register(void);
void ascdev_configfs_unregister(void);
#else
static inline int ascdev_configfs_register(void)
{
	return 0;
}

static inline void ascdev_configfs_unregister(void)
{
}
#endif

#endif
