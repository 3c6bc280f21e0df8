/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASCDEV_EMULATED_H
#define ASCDEV_EMULATED_H

struct ascdev_config;
struct platform_device;
struct platform_driver;

/* What the driver is called, and with it its devices. */
#define ASCDEV_NAME	"ascdev"

extern struct platform_driver ascdev_platform_driver;

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
