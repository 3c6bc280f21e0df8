/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASCDEV_DEBUGFS_H
#define ASCDEV_DEBUGFS_H

struct ascdev_device;

#ifdef CONFIG_DEBUG_FS
void ascdev_debugfs_init(struct ascdev_device *adev);
#else
static inline void ascdev_debugfs_init(struct ascdev_device *adev)
{
}
#endif

#endif
