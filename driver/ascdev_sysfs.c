// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attributes of the device, Documentation/ABI/testing/sysfs-driver-ascdev.
 */

#include <linux/device.h>
#include <linux/kstrtox.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "ascdev_device.h"
#include "ascdev_sysfs.h"
#include "ascdev_vector.h"
#include "params_text.h"

static int set_default(struct device *dev, const char *key, const char *value, size_t length)
{
	struct ascdev_device *adev = dev_get_drvdata(dev);
	struct fmc_params params;
	int ret;

	mutex_lock(&adev->defaults_lock);
	params = adev->defaults;
	ret = fmc_param_set(&params, key, strlen(key), value, length);
	if (!ret && !fmc_params_are_defaults(&params))
		ret = -EINVAL;
	if (!ret)
		adev->defaults = params;
	mutex_unlock(&adev->defaults_lock);
	return ret;
}

static ssize_t rate_mode_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct ascdev_device *adev = dev_get_drvdata(dev);
	u32 codec;

	mutex_lock(&adev->defaults_lock);
	codec = adev->defaults.codec;
	mutex_unlock(&adev->defaults_lock);
	return sysfs_emit(buf, "%s\n", fmc_codec_has_fixed_rate(codec) ? "cbr" : "vbr");
}

static ssize_t rate_mode_store(struct device *dev, struct device_attribute *attr,
			       const char *buf, size_t count)
{
	const char *codec;
	int ret;

	if (sysfs_streq(buf, "cbr"))
		codec = fmc_codec_name(FMC_CODEC_ASC_CBR);
	else if (sysfs_streq(buf, "vbr"))
		codec = fmc_codec_name(FMC_CODEC_ASC_VBR);
	else
		return -EINVAL;
	ret = set_default(dev, "codec", codec, strlen(codec));
	return ret ? ret : count;
}

static DEVICE_ATTR_RW(rate_mode);

static ssize_t default_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct ascdev_device *adev = dev_get_drvdata(dev);
	char text[FMC_TEXT_BYTES];
	int ret;

	mutex_lock(&adev->defaults_lock);
	ret = fmc_param_get(&adev->defaults, attr->attr.name, text);
	mutex_unlock(&adev->defaults_lock);
	return ret ? ret : sysfs_emit(buf, "%s\n", text);
}

static ssize_t default_store(struct device *dev, struct device_attribute *attr, const char *buf,
			     size_t count)
{
	size_t length = count && buf[count - 1] == '\n' ? count - 1 : count;
	int ret = set_default(dev, attr->attr.name, buf, length);

	return ret ? ret : count;
}

/* Named like the keys of the library's parameter string. */
#define DEFAULT_ATTR(_name)						\
	static struct device_attribute default_attr_##_name =		\
		__ATTR(_name, 0644, default_show, default_store)

DEFAULT_ATTR(codec);
DEFAULT_ATTR(endpoints);
DEFAULT_ATTR(scale);
DEFAULT_ATTR(block);
DEFAULT_ATTR(profile);
DEFAULT_ATTR(effort);
DEFAULT_ATTR(reorder);
DEFAULT_ATTR(max_error);
DEFAULT_ATTR(target_bpe);

static struct attribute *ascdev_default_attrs[] = {
	&default_attr_codec.attr,
	&default_attr_endpoints.attr,
	&default_attr_scale.attr,
	&default_attr_block.attr,
	&default_attr_profile.attr,
	&default_attr_effort.attr,
	&default_attr_reorder.attr,
	&default_attr_max_error.attr,
	&default_attr_target_bpe.attr,
	NULL
};

static const struct attribute_group ascdev_default_group = {
	.name = "defaults",
	.attrs = ascdev_default_attrs,
};

static ssize_t name_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct ascdev_device *adev = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%s\n", adev->config.name);
}

static DEVICE_ATTR_RO(name);

static ssize_t cpu_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", fmc_cpu_name(ascdev_vector_cpu()));
}

static DEVICE_ATTR_RO(cpu);

static ssize_t engines_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct ascdev_device *adev = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%u\n", READ_ONCE(adev->engines_used));
}

static ssize_t engines_store(struct device *dev, struct device_attribute *attr, const char *buf,
			     size_t count)
{
	unsigned int engines;
	int ret;

	if (kstrtouint(buf, 10, &engines))
		return -EINVAL;
	ret = ascdev_device_use_engines(dev_get_drvdata(dev), engines);
	return ret ? ret : count;
}

static DEVICE_ATTR_RW(engines);

static ssize_t timeout_ms_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct ascdev_device *adev = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%u\n", READ_ONCE(adev->timeout_ms));
}

static ssize_t timeout_ms_store(struct device *dev, struct device_attribute *attr,
				const char *buf, size_t count)
{
	unsigned int timeout;
	int ret;

	if (kstrtouint(buf, 10, &timeout))
		return -EINVAL;
	ret = ascdev_device_set_timeout(dev_get_drvdata(dev), timeout);
	return ret ? ret : count;
}

static DEVICE_ATTR_RW(timeout_ms);

static ssize_t max_pinned_bytes_show(struct device *dev, struct device_attribute *attr,
				     char *buf)
{
	struct ascdev_device *adev = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%lld\n", atomic64_read(&adev->max_pinned));
}

static ssize_t max_pinned_bytes_store(struct device *dev, struct device_attribute *attr,
				      const char *buf, size_t count)
{
	struct ascdev_device *adev = dev_get_drvdata(dev);
	s64 bytes;

	if (kstrtos64(buf, 10, &bytes) || bytes < 0)
		return -EINVAL;
	atomic64_set(&adev->max_pinned, bytes);
	return count;
}

static DEVICE_ATTR_RW(max_pinned_bytes);

static struct attribute *ascdev_attrs[] = {
	&dev_attr_engines.attr,
	&dev_attr_max_pinned_bytes.attr,
	&dev_attr_name.attr,
	&dev_attr_cpu.attr,
	&dev_attr_rate_mode.attr,
	&dev_attr_timeout_ms.attr,
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
STAT_ATTR(cycles, ASCDEV_STAT_CYCLES);
STAT_ATTR(hangs, ASCDEV_STAT_HANGS);

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
	&stat_attr_cycles.attr.attr,
	&stat_attr_hangs.attr.attr,
	NULL
};

static const struct attribute_group ascdev_stats_group = {
	.name = "stats",
	.attrs = ascdev_stats_attrs,
};

/* Created by the driver core before the device is announced, removed before it goes. */
const struct attribute_group *ascdev_sysfs_groups[] = {
	&ascdev_group,
	&ascdev_default_group,
	&ascdev_stats_group,
	NULL
};
