/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASCDEV_SYSFS_H
#define ASCDEV_SYSFS_H

struct attribute_group;

extern const struct attribute_group *ascdev_sysfs_groups[];

#endif
