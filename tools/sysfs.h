/* SPDX-License-Identifier: MIT */
#ifndef ASC_SYSFS_H
#define ASC_SYSFS_H

#include "asc.h"

/*
 * Finds the device of --device, or the first one, by what it has in sysfs; it need not be one
 * that can be opened.  Complains if there is none, with the reason; returns an exit code.
 */
int sysfs_find(const struct options *options, struct ascdev_device_info *info);

/* A number from a file below an open directory.  Returns 0 or a negative errno. */
int sysfs_read(int dir, const char *name, uint64_t *value);

/* Makes these parameters the defaults of a device.  Complains; returns an exit code. */
int sysfs_set_defaults(const struct ascdev_device_info *info, const struct ascdev_params *params);

#endif
