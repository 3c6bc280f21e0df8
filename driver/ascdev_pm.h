/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASCDEV_PM_H
#define ASCDEV_PM_H

#include <linux/pm.h>

struct ascdev_device;

extern const struct dev_pm_ops ascdev_pm_ops;

int ascdev_pm_init(struct ascdev_device *adev);
int ascdev_pm_get(struct ascdev_device *adev);
void ascdev_pm_put(struct ascdev_device *adev);

#endif
