// SPDX-License-Identifier: GPL-2.0-only
/*
 * Driver for feature-map codecs: module, device node, ioctls.
 */

#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <drm/ascdev_accel.h>
#include <drm/drm_accel.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_ioctl.h>
#include <drm/drm_print.h>

#include "ascdev_compat.h"
#include "ascdev_ctx.h"
#include "ascdev_device.h"
#include "ascdev_emulated.h"
#include "ascdev_fence.h"
#include "ascdev_gem.h"
#include "ascdev_job.h"
#include "ascdev_pm.h"
#include "ascdev_prime.h"
#include "ascdev_sysfs.h"
#include "ascdev_vector.h"
#include "tests/ascdev_kunit.h"

/* An answer may grow; what a caller has room for beyond is cleared, but not without end. */
#define MAX_QUERY_BYTES	4096

#define CODECS	(1u << DRM_ASCDEV_CODEC_ASC_CBR | 1u << DRM_ASCDEV_CODEC_ASC_VBR |	\
		 1u << DRM_ASCDEV_CODEC_EBPC | 1u << DRM_ASCDEV_CODEC_DCAC |		\
		 1u << DRM_ASCDEV_CODEC_ZVC | 1u << DRM_ASCDEV_CODEC_RAW)

static int query_dev_info(struct ascdev_device *adev, struct drm_ascdev_dev_query *args)
{
	const struct drm_ascdev_dev_info info = {
		.flags = DRM_ASCDEV_DEV_EMULATED,
		.engines = READ_ONCE(adev->engines_used),
		.codecs = CODECS | 1u << DRM_ASCDEV_CODEC_DEFAULT | 1u << DRM_ASCDEV_CODEC_AUTO,
		.max_jobs = ascdev_device_max_jobs(adev),
		.max_syncs = ASCDEV_MAX_SYNCS,
		.max_queued_jobs = adev->config.max_queued_jobs,
		.max_elements = FMC_MAX_ELEMENTS,
		.max_bo_bytes = adev->config.max_bo_bytes,
		.max_contexts = adev->config.max_contexts,
		.priorities = ascdev_ctx_priorities(),
		.max_pinned_bytes = atomic64_read(&adev->max_pinned),
		.clock_khz = adev->config.model.clock_khz,
	};
	u32 size = args->size;

	if (args->index)
		return -EINVAL;
	args->size = sizeof(info);
	if (!args->pointer)
		return 0;
	return ascdev_copy_struct_to_user(u64_to_user_ptr(args->pointer), size, &info,
					  sizeof(info));
}

static int query_codec_info(struct drm_ascdev_dev_query *args)
{
	struct drm_ascdev_codec_info info = {
		.codec = args->index,
		.dtypes = 1u << DRM_ASCDEV_DTYPE_U8 | 1u << DRM_ASCDEV_DTYPE_S8 |
			  1u << DRM_ASCDEV_DTYPE_U16 | 1u << DRM_ASCDEV_DTYPE_S16 |
			  1u << DRM_ASCDEV_DTYPE_F16 | 1u << DRM_ASCDEV_DTYPE_BF16,
		.payload_align = ASCDEV_PAYLOAD_ALIGN,
		.efforts = 1u << DRM_ASCDEV_EFFORT_HW | 1u << DRM_ASCDEV_EFFORT_BEST,
		.reorders = 1u << DRM_ASCDEV_REORDER_NONE,
	};
	u32 size = args->size;

	if (args->index >= 32 || !(CODECS & 1u << args->index))
		return -ENOENT;
	if (args->index == DRM_ASCDEV_CODEC_ASC_CBR) {
		info.endpoints = 1u << DRM_ASCDEV_ENDPOINTS_AUTO | 1u << DRM_ASCDEV_ENDPOINTS_ONE |
				 1u << DRM_ASCDEV_ENDPOINTS_TWO;
		info.scales = 1u << DRM_ASCDEV_SCALE_AUTO | 1u << DRM_ASCDEV_SCALE_LINEAR |
			      1u << DRM_ASCDEV_SCALE_LOG;
		info.profiles = 1u << DRM_ASCDEV_PROFILE_AUTO | 1u << DRM_ASCDEV_PROFILE_FULL |
				1u << DRM_ASCDEV_PROFILE_NARROW | 1u << DRM_ASCDEV_PROFILE_POOLED;
	}
	if (args->index == DRM_ASCDEV_CODEC_ASC_VBR)
		info.max_error = FMC_MAX_ERROR;
	if (args->index != DRM_ASCDEV_CODEC_RAW) {
		info.reorders |= 1u << DRM_ASCDEV_REORDER_HEURISTIC |
				 1u << DRM_ASCDEV_REORDER_GREEDY |
				 1u << DRM_ASCDEV_REORDER_GIVEN;
		info.reorder_channels = FMC_REORDER_MAX_CHANNELS;
	}
	args->size = sizeof(info);
	if (!args->pointer)
		return 0;
	return ascdev_copy_struct_to_user(u64_to_user_ptr(args->pointer), size, &info,
					  sizeof(info));
}

static int ascdev_ioctl_dev_query(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_ascdev_dev_query *args = data;
	int ret;

	if (args->pad) {
		drm_dbg(drm, "query: non-zero padding\n");
		return -EINVAL;
	}
	if (args->size > MAX_QUERY_BYTES) {
		drm_dbg(drm, "query: size %u\n", args->size);
		return -E2BIG;
	}
	switch (args->type) {
	case DRM_ASCDEV_DEV_QUERY_DEV_INFO:
		ret = query_dev_info(to_ascdev(drm), args);
		break;
	case DRM_ASCDEV_DEV_QUERY_CODEC_INFO:
		ret = query_codec_info(args);
		break;
	default:
		ret = -EINVAL;
	}
	if (ret)
		drm_dbg(drm, "query: type %u, index %u: %d\n", args->type, args->index, ret);
	return ret;
}

static int ascdev_open(struct drm_device *drm, struct drm_file *file)
{
	struct ascdev_file *priv = kzalloc(sizeof(*priv), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!priv)
		return -ENOMEM;
	priv->client_id = file->client_id;
	ret = ascdev_file_init(to_ascdev(drm), priv);
	if (ret) {
		kfree(priv);
		return ret;
	}
	file->driver_priv = priv;
	return 0;
}

static void ascdev_postclose(struct drm_device *drm, struct drm_file *file)
{
	ascdev_file_close(file->driver_priv);
}

static void ascdev_show_fdinfo(struct drm_printer *p, struct drm_file *file)
{
	struct ascdev_device *adev = to_ascdev(file->minor->dev);
	u32 engines = READ_ONCE(adev->engines_used);
	struct ascdev_file *priv = file->driver_priv;

	drm_printf(p, "drm-engine-codec:\t%llu ns\n", ascdev_file_busy_ns(priv));
	drm_printf(p, "drm-cycles-codec:\t%llu\n", ascdev_file_cycles(priv));
	drm_printf(p, "drm-maxfreq-codec:\t%u KHz\n", adev->config.model.clock_khz);
	if (engines > 1)
		drm_printf(p, "drm-engine-capacity-codec:\t%u\n", engines);
	drm_show_memory_stats(p, file);
	drm_printf(p, ASCDEV_NAME "-pinned:\t%llu KiB\n", atomic64_read(&priv->pinned) >> 10);
}

/*
 * Core ioctls that are not for render nodes are not for accel nodes either, but
 * the core does not stop them here, and GET_UNIQUE and GET_MAGIC follow
 * file_priv->master, which an accel client has not got.
 */
VISIBLE_IF_KUNIT bool ascdev_core_ioctl_allowed(unsigned int cmd)
{
	unsigned int flags;

	return !drm_ioctl_flags(DRM_IOCTL_NR(cmd), &flags) || flags & DRM_RENDER_ALLOW;
}
EXPORT_SYMBOL_IF_KUNIT(ascdev_core_ioctl_allowed);

static long ascdev_unlocked_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return ascdev_core_ioctl_allowed(cmd) ? drm_ioctl(file, cmd, arg) : -EACCES;
}

#ifdef CONFIG_COMPAT
static long ascdev_compat_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return ascdev_core_ioctl_allowed(cmd) ? drm_compat_ioctl(file, cmd, arg) : -EACCES;
}
#else
#define ascdev_compat_ioctl NULL
#endif

/* DRM_ACCEL_FOPS with fdinfo, and ioctls of our own in front of the core's. */
static const struct file_operations ascdev_fops = {
	.owner = THIS_MODULE,
	.open = accel_open,
	.release = drm_release,
	.unlocked_ioctl = ascdev_unlocked_ioctl,
	.compat_ioctl = ascdev_compat_ioctl,
	.poll = drm_poll,
	.read = drm_read,
	.llseek = noop_llseek,
	.mmap = drm_gem_mmap,
	.show_fdinfo = drm_show_fdinfo,
	.fop_flags = FOP_UNSIGNED_OFFSET,
};

#define ASCDEV_IOCTL(id, func) DRM_IOCTL_DEF_DRV(ASCDEV_##id, ascdev_ioctl_##func, 0)

static const struct drm_ioctl_desc ascdev_ioctls[] = {
	ASCDEV_IOCTL(DEV_QUERY, dev_query),
	ASCDEV_IOCTL(BO_CREATE, bo_create),
	ASCDEV_IOCTL(BO_MMAP_OFFSET, bo_mmap_offset),
	ASCDEV_IOCTL(BO_WAIT, bo_wait),
	ASCDEV_IOCTL(SUBMIT, submit),
	ASCDEV_IOCTL(CTX_CREATE, ctx_create),
	ASCDEV_IOCTL(CTX_DESTROY, ctx_destroy),
	ASCDEV_IOCTL(CTX_GET_STATE, ctx_get_state),
	ASCDEV_IOCTL(BO_SET_LABEL, bo_set_label),
	ASCDEV_IOCTL(CANCEL, cancel),
};

/*
 * Interface versions:
 *
 * - 1.0: first
 */
static const struct drm_driver ascdev_driver = {
	.driver_features = DRIVER_COMPUTE_ACCEL | DRIVER_GEM | DRIVER_SYNCOBJ |
			   DRIVER_SYNCOBJ_TIMELINE,
	.open = ascdev_open,
	.postclose = ascdev_postclose,
	.show_fdinfo = ascdev_show_fdinfo,
	.gem_create_object = ascdev_gem_create_object,
	.gem_prime_import = ascdev_prime_import,
	.ioctls = ascdev_ioctls,
	.num_ioctls = ARRAY_SIZE(ascdev_ioctls),
	.fops = &ascdev_fops,
	.name = ASCDEV_NAME,
	.desc = "Feature-map codec",
	.major = 1,
	.minor = 0,
};

static int ascdev_probe(struct platform_device *pdev)
{
	return ascdev_device_probe(pdev, &ascdev_driver);
}

struct platform_driver ascdev_platform_driver = {
	.probe = ascdev_probe,
	.remove = ascdev_device_remove,
	.driver = {
		.name = ASCDEV_NAME,
		.dev_groups = ascdev_sysfs_groups,
		.pm = pm_ptr(&ascdev_pm_ops),
	},
};

static bool default_device = true;
module_param(default_device, bool, 0444);
MODULE_PARM_DESC(default_device, "make an emulated device at once; others are made by configfs");

static int set_engines(const char *value, const struct kernel_param *param)
{
	return param_set_uint_minmax(value, param, 1, ASCDEV_MAX_ENGINES);
}

static const struct kernel_param_ops engines_ops = {
	.set = set_engines,
	.get = param_get_uint,
};

static unsigned int engines = 1;
module_param_cb(engines, &engines_ops, &engines, 0444);
MODULE_PARM_DESC(engines, "engines of this device that get jobs, 1 to 8; its attribute of the same name changes it");

/* NULL if there is none. */
static struct platform_device *ascdev_default_device;

static int __init create_default_device(void)
{
	struct platform_device *pdev;
	struct ascdev_config config;

	ascdev_config_init(&config, ASCDEV_DEFAULT_NAME);
	config.engines = ASCDEV_MAX_ENGINES;
	config.engines_used = engines;
	pdev = ascdev_emulated_create(&config, 0);
	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	ascdev_default_device = pdev;
	return 0;
}

static int __init ascdev_init(void)
{
	int ret;

	ret = ascdev_vector_init();
	if (ret)
		return ret;
	ret = ascdev_fence_module_init();
	if (ret)
		return ret;
	ret = platform_driver_register(&ascdev_platform_driver);
	if (ret)
		goto err_fence;
	if (default_device) {
		ret = create_default_device();
		if (ret)
			goto err_driver;
	}
	ret = ascdev_configfs_register();
	if (ret)
		goto err_device;
	return 0;

err_device:
	platform_device_unregister(ascdev_default_device);
err_driver:
	platform_driver_unregister(&ascdev_platform_driver);
err_fence:
	ascdev_fence_module_exit();
	return ret;
}
module_init(ascdev_init);

static void __exit ascdev_exit(void)
{
	ascdev_configfs_unregister();
	platform_device_unregister(ascdev_default_device);
	platform_driver_unregister(&ascdev_platform_driver);
	ascdev_fence_module_exit();
}
module_exit(ascdev_exit);

MODULE_AUTHOR("ascdev developers");
MODULE_DESCRIPTION("Feature-map codec accelerator");
MODULE_LICENSE("GPL");
