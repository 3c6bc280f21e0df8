// SPDX-License-Identifier: GPL-2.0-only
/*
 * Emulated devices that come and go at run time:
 * Documentation/ABI/testing/configfs-ascdev.
 */

#include <linux/configfs.h>
#include <linux/err.h>
#include <linux/kstrtox.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "ascdev_config.h"
#include "ascdev_emulated.h"

/**
 * struct emulated - a directory, and the device that it stands for
 * @item: the directory
 * @lock: protects all below
 * @config: what the device is like, or will be
 * @pdev: the device; NULL while it is not enabled
 */
struct emulated {
	struct config_item item;
	struct mutex lock;
	struct ascdev_config config;
	struct platform_device *pdev;
};

static struct emulated *to_emulated(struct config_item *item)
{
	return container_of(item, struct emulated, item);
}

static ssize_t number_show(struct config_item *item, const char *key, char *page)
{
	struct emulated *emulated = to_emulated(item);
	u64 value;
	int ret;

	mutex_lock(&emulated->lock);
	ret = ascdev_config_get(&emulated->config, key, &value);
	mutex_unlock(&emulated->lock);
	return ret ? ret : sprintf(page, "%llu\n", value);
}

static ssize_t number_store(struct config_item *item, const char *key, const char *page,
			    size_t count)
{
	struct emulated *emulated = to_emulated(item);
	u64 value;
	int ret;

	if (kstrtou64(page, 10, &value))
		return -EINVAL;
	mutex_lock(&emulated->lock);
	if (emulated->pdev)
		ret = -EBUSY;
	else
		ret = ascdev_config_set(&emulated->config, key, value);
	mutex_unlock(&emulated->lock);
	return ret ? ret : count;
}

/* The core does not say which attribute it is. */
#define NUMBER_ATTR(_name)								\
	static ssize_t emulated_##_name##_show(struct config_item *item, char *page)	\
	{										\
		return number_show(item, #_name, page);					\
	}										\
	static ssize_t emulated_##_name##_store(struct config_item *item,		\
						const char *page, size_t count)		\
	{										\
		return number_store(item, #_name, page, count);				\
	}										\
	CONFIGFS_ATTR(emulated_, _name)

NUMBER_ATTR(clock_khz);
NUMBER_ATTR(compress_cycles);
NUMBER_ATTR(decompress_cycles);
NUMBER_ATTR(engines);
NUMBER_ATTR(lanes);
NUMBER_ATTR(max_bo_bytes);
NUMBER_ATTR(max_contexts);
NUMBER_ATTR(max_pinned_bytes);
NUMBER_ATTR(max_queued_jobs);
NUMBER_ATTR(memory_bytes);
NUMBER_ATTR(pace);
NUMBER_ATTR(startup_cycles);

static int enable(struct emulated *emulated)
{
	struct platform_device *pdev;

	if (emulated->pdev)
		return 0;
	pdev = ascdev_emulated_create(&emulated->config, PLATFORM_DEVID_AUTO);
	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	emulated->pdev = pdev;
	return 0;
}

static void disable(struct emulated *emulated)
{
	platform_device_unregister(emulated->pdev);
	emulated->pdev = NULL;
}

static ssize_t emulated_enabled_show(struct config_item *item, char *page)
{
	struct emulated *emulated = to_emulated(item);
	bool enabled;

	mutex_lock(&emulated->lock);
	enabled = emulated->pdev;
	mutex_unlock(&emulated->lock);
	return sprintf(page, "%d\n", enabled);
}

static ssize_t emulated_enabled_store(struct config_item *item, const char *page, size_t count)
{
	struct emulated *emulated = to_emulated(item);
	bool enabled;
	int ret = 0;

	if (kstrtobool(page, &enabled))
		return -EINVAL;
	mutex_lock(&emulated->lock);
	if (enabled)
		ret = enable(emulated);
	else
		disable(emulated);
	mutex_unlock(&emulated->lock);
	return ret ? ret : count;
}

CONFIGFS_ATTR(emulated_, enabled);

static struct configfs_attribute *emulated_attrs[] = {
	&emulated_attr_clock_khz,
	&emulated_attr_compress_cycles,
	&emulated_attr_decompress_cycles,
	&emulated_attr_enabled,
	&emulated_attr_engines,
	&emulated_attr_lanes,
	&emulated_attr_max_bo_bytes,
	&emulated_attr_max_contexts,
	&emulated_attr_max_pinned_bytes,
	&emulated_attr_max_queued_jobs,
	&emulated_attr_memory_bytes,
	&emulated_attr_pace,
	&emulated_attr_startup_cycles,
	NULL
};

static void emulated_release(struct config_item *item)
{
	struct emulated *emulated = to_emulated(item);

	mutex_destroy(&emulated->lock);
	kfree(emulated);
}

static struct configfs_item_operations emulated_ops = {
	.release = emulated_release,
};

/* As the owner of its directory's type the module stays as long as there is one. */
static const struct config_item_type emulated_type = {
	.ct_attrs = emulated_attrs,
	.ct_item_ops = &emulated_ops,
	.ct_owner = THIS_MODULE,
};

static struct config_item *make_emulated(struct config_group *group, const char *name)
{
	struct emulated *emulated;
	int ret;

	if (!strcmp(name, ASCDEV_DEFAULT_NAME))
		return ERR_PTR(-EINVAL);
	emulated = kzalloc(sizeof(*emulated), GFP_KERNEL);
	if (!emulated)
		return ERR_PTR(-ENOMEM);
	ret = ascdev_config_init(&emulated->config, name);
	if (ret) {
		kfree(emulated);
		return ERR_PTR(ret);
	}
	mutex_init(&emulated->lock);
	config_item_init_type_name(&emulated->item, name, &emulated_type);
	return &emulated->item;
}

/* The device goes with the directory, even if one of its files is still open. */
static void drop_emulated(struct config_group *group, struct config_item *item)
{
	struct emulated *emulated = to_emulated(item);

	mutex_lock(&emulated->lock);
	disable(emulated);
	mutex_unlock(&emulated->lock);
	config_item_put(item);
}

static struct configfs_group_operations ascdev_group_ops = {
	.make_item = make_emulated,
	.drop_item = drop_emulated,
};

static const struct config_item_type ascdev_group_type = {
	.ct_group_ops = &ascdev_group_ops,
	.ct_owner = THIS_MODULE,
};

static struct configfs_subsystem ascdev_subsystem = {
	.su_group = {
		.cg_item = {
			.ci_namebuf = ASCDEV_NAME,
			.ci_type = &ascdev_group_type,
		},
	},
	.su_mutex = __MUTEX_INITIALIZER(ascdev_subsystem.su_mutex),
};

/**
 * ascdev_configfs_register - let devices be made
 *
 * Return: 0 or a negative errno.
 */
int ascdev_configfs_register(void)
{
	config_group_init(&ascdev_subsystem.su_group);
	return configfs_register_subsystem(&ascdev_subsystem);
}

/**
 * ascdev_configfs_unregister - undo ascdev_configfs_register(); no directory is left
 */
void ascdev_configfs_unregister(void)
{
	configfs_unregister_subsystem(&ascdev_subsystem);
}
