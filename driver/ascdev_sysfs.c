// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attributes of the device, Documentation/ABI/testing/sysfs-driver-ascdev.
 */

#include <linux/device.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "ascdev_device.h"
#include "ascdev_sysfs.h"

static const char * const rate_modes[] = {
	[ASCDEV_RATE_CBR] = "cbr",
	[ASCDEV_RATE_VBR] = "vbr",
};

static ssize_t rate_mode_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct ascdev_device *adev = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%s\n", rate_modes[READ_ONCE(adev->rate_mode)]);
}

static ssize_t rate_mode_store(struct device *dev, struct device_attribute *attr,
			       const char *buf, size_t count)
{
	struct ascdev_device *adev = dev_get_drvdata(dev);
	int mode = sysfs_match_string(rate_modes, buf);

	if (mode < 0)
		return -EINVAL;
	if (mode == ASCDEV_RATE_VBR)
		return -EOPNOTSUPP;
	WRITE_ONCE(adev->rate_mode, mode);
	return count;
}

static DEVICE_ATTR_RW(rate_mode);

static struct attribute *ascdev_attrs[] = {
	&dev_attr_rate_mode.attr,
	NULL
};

static const struct attribute_group ascdev_group = {
	.attrs = ascdev_attrs,
};

/**
 * struct stat_attribute - a counter as a file
 * @attr: the file
 * @stat: the counter
 */
struct stat_attribute {
	struct device_attribute attr;
	enum ascdev_stat stat;
};

static ssize_t stat_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct stat_attribute *stat = container_of(attr, struct stat_attribute, attr);
	struct ascdev_device *adev = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%lld\n", atomic64_read(&adev->stats[stat->stat]));
}

#define STAT_ATTR(_name, _stat)						\
	static struct stat_attribute stat_attr_##_name = {		\
		.attr = __ATTR(_name, 0444, stat_show, NULL),		\
		.stat = _stat,						\
	}

STAT_ATTR(jobs_submitted, ASCDEV_STAT_SUBMITTED);
STAT_ATTR(jobs_completed, ASCDEV_STAT_COMPLETED);
STAT_ATTR(jobs_failed, ASCDEV_STAT_FAILED);
STAT_ATTR(jobs_cancelled, ASCDEV_STAT_CANCELLED);
STAT_ATTR(compress_jobs, ASCDEV_STAT_COMPRESS_JOBS);
STAT_ATTR(compress_bytes_in, ASCDEV_STAT_COMPRESS_IN);
STAT_ATTR(compress_bytes_out, ASCDEV_STAT_COMPRESS_OUT);
STAT_ATTR(decompress_jobs, ASCDEV_STAT_DECOMPRESS_JOBS);
STAT_ATTR(decompress_bytes_in, ASCDEV_STAT_DECOMPRESS_IN);
STAT_ATTR(decompress_bytes_out, ASCDEV_STAT_DECOMPRESS_OUT);
STAT_ATTR(busy_ns, ASCDEV_STAT_BUSY_NS);

static struct attribute *ascdev_stats_attrs[] = {
	&stat_attr_jobs_submitted.attr.attr,
	&stat_attr_jobs_completed.attr.attr,
	&stat_attr_jobs_failed.attr.attr,
	&stat_attr_jobs_cancelled.attr.attr,
	&stat_attr_compress_jobs.attr.attr,
	&stat_attr_compress_bytes_in.attr.attr,
	&stat_attr_compress_bytes_out.attr.attr,
	&stat_attr_decompress_jobs.attr.attr,
	&stat_attr_decompress_bytes_in.attr.attr,
	&stat_attr_decompress_bytes_out.attr.attr,
	&stat_attr_busy_ns.attr.attr,
	NULL
};

static const struct attribute_group ascdev_stats_group = {
	.name = "stats",
	.attrs = ascdev_stats_attrs,
};

/* Created by the driver core before the device is announced, removed before it goes. */
const struct attribute_group *ascdev_sysfs_groups[] = {
	&ascdev_group,
	&ascdev_stats_group,
	NULL
};
