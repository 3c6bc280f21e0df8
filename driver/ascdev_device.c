// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device comes and goes.
 */

#include <linux/platform_device.h>

#include <drm/drm_managed.h>

#include "ascdev_debugfs.h"
#include "ascdev_device.h"
#include "ascdev_engine.h"
#include "ascdev_job.h"

/**
 * ascdev_device_probe - bring a device up
 * @pdev: platform device
 * @driver: DRM driver
 *
 * Return: 0 or a negative errno.
 */
int ascdev_device_probe(struct platform_device *pdev, const struct drm_driver *driver)
{
	struct ascdev_device *adev;
	int ret;

	adev = devm_drm_dev_alloc(&pdev->dev, driver, struct ascdev_device, drm);
	if (IS_ERR(adev))
		return PTR_ERR(adev);
	platform_set_drvdata(pdev, adev);

	ret = drmm_mutex_init(&adev->drm, &adev->defaults_lock);
	if (ret)
		return ret;
	ret = drmm_mutex_init(&adev->drm, &adev->bos_lock);
	if (ret)
		return ret;
	INIT_LIST_HEAD(&adev->bos);
	adev->defaults.codec = FMC_CODEC_ASC_CBR;
	adev->engine.adev = adev;
	ret = ascdev_engine_emu_init(&adev->engine);
	if (ret)
		return ret;
	ret = ascdev_sched_init_engine(&adev->engine);
	if (ret)
		return ret;
	ascdev_debugfs_init(adev);
	return drm_dev_register(&adev->drm, 0);
}

/**
 * ascdev_device_remove - take a device down, whatever it does and whoever has it open
 * @pdev: platform device
 *
 * The running job is ended, queued ones are dropped; their fences signal -ENODEV.
 * Memory and the scheduler stay until the last file is closed.
 */
void ascdev_device_remove(struct platform_device *pdev)
{
	struct ascdev_device *adev = platform_get_drvdata(pdev);
	struct ascdev_engine *engine = &adev->engine;

	drm_dev_unplug(&adev->drm);
	drm_sched_wqueue_stop(&engine->sched);
	engine->ops->stop(engine);
	drm_sched_wqueue_start(&engine->sched);
}
