// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults that the emulated engines are told to have, so that recovery can be tested:
 * Documentation/ABI/testing/debugfs-driver-ascdev, directory inject.
 */

#include <linux/debugfs.h>

#include "ascdev_device.h"
#include "ascdev_inject.h"

static const char * const names[] = {
	[ASCDEV_INJECT_HANG] = "hang",
	[ASCDEV_INJECT_FAIL] = "fail",
	[ASCDEV_INJECT_CORRUPT] = "corrupt",
	[ASCDEV_INJECT_SLOW] = "slow",
};

#ifdef CONFIG_FAULT_INJECTION
static const char * const attr_names[] = {
	[ASCDEV_INJECT_HANG] = "fail_hang",
	[ASCDEV_INJECT_FAIL] = "fail_job",
	[ASCDEV_INJECT_CORRUPT] = "fail_record",
	[ASCDEV_INJECT_SLOW] = "fail_speed",
};

static bool framework_says(struct ascdev_inject *inject, enum ascdev_injection what)
{
	return should_fail(&inject->attr[what], 1);
}

static void init_framework(struct ascdev_inject *inject)
{
	static const struct fault_attr initial = FAULT_ATTR_INITIALIZER;
	u32 i;

	for (i = 0; i < ASCDEV_INJECTIONS; i++)
		inject->attr[i] = initial;
}

static void register_framework(struct ascdev_inject *inject, struct dentry *dir)
{
	u32 i;

	for (i = 0; i < ASCDEV_INJECTIONS; i++)
		fault_create_debugfs_attr(attr_names[i], dir, &inject->attr[i]);
}
#else
static bool framework_says(struct ascdev_inject *inject, enum ascdev_injection what)
{
	return false;
}

static void init_framework(struct ascdev_inject *inject)
{
}

static void register_framework(struct ascdev_inject *inject, struct dentry *dir)
{
}
#endif

/**
 * ascdev_inject_init - no faults
 * @adev: device
 */
void ascdev_inject_init(struct ascdev_device *adev)
{
	init_framework(&adev->inject);
}

/**
 * ascdev_inject_register - create the files
 * @adev: registered device
 *
 * They go with the device's directory.
 */
void ascdev_inject_register(struct ascdev_device *adev)
{
	struct dentry *dir = debugfs_create_dir("inject", adev->drm.debugfs_root);
	u32 i;

	for (i = 0; i < ASCDEV_INJECTIONS; i++)
		debugfs_create_atomic_t(names[i], 0600, dir, &adev->inject.count[i]);
	debugfs_create_u32("slow_ms", 0600, dir, &adev->inject.slow_ms);
	register_framework(&adev->inject, dir);
}

/**
 * ascdev_injected - shall this happen to the running job?
 * @adev: device
 * @what: the fault
 *
 * Return: true or false; true uses one up.
 */
bool ascdev_injected(struct ascdev_device *adev, enum ascdev_injection what)
{
	return atomic_dec_if_positive(&adev->inject.count[what]) >= 0 ||
	       framework_says(&adev->inject, what);
}
