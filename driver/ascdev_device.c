// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device comes and goes.
 */

#include <linux/jiffies.h>
#include <linux/moduleparam.h>
#include <linux/platform_device.h>

#include <drm/drm_managed.h>

#include "ascdev_ctx.h"
#include "ascdev_debugfs.h"
#include "ascdev_device.h"
#include "ascdev_engine.h"
#include "ascdev_job.h"
#include "ascdev_pm.h"

/* A job without progress for so long is ended. */
#define ASCDEV_TIMEOUT_MS	4000

/**
 * ascdev_device_probe - bring a device up
 * @pdev: platform device
 * @driver: DRM driver
 *
 * Return: 0 or a negative errno.
 */
int ascdev_device_probe(struct platform_device *pdev, const struct drm_driver *driver)
{
	const struct ascdev_config *config = dev_get_platdata(&pdev->dev);
	struct ascdev_device *adev;
	u32 i;
	int ret;

	if (!config || !ascdev_config_is_valid(config))
		return -EINVAL;
	adev = devm_drm_dev_alloc(&pdev->dev, driver, struct ascdev_device, drm);
	if (IS_ERR(adev))
		return PTR_ERR(adev);
	platform_set_drvdata(pdev, adev);

	adev->config = *config;
	ret = drmm_mutex_init(&adev->drm, &adev->defaults_lock);
	if (ret)
		return ret;
	ret = drmm_mutex_init(&adev->drm, &adev->bos_lock);
	if (ret)
		return ret;
	INIT_LIST_HEAD(&adev->bos);
	atomic64_set(&adev->max_pinned, adev->config.max_pinned_bytes);
	init_waitqueue_head(&adev->room);
	ret = drmm_mutex_init(&adev->drm, &adev->ctx_lock);
	if (ret)
		return ret;
	ascdev_inject_init(adev);
	INIT_LIST_HEAD(&adev->ctxs);
	adev->defaults.codec = FMC_CODEC_ASC_CBR;
	adev->timeout_ms = ASCDEV_TIMEOUT_MS;
	adev->engines_used = adev->config.engines_used ?: adev->config.engines;
	for (i = 0; i < adev->config.engines; i++) {
		struct ascdev_engine *engine = &adev->engines[i];

		engine->adev = adev;
		snprintf(engine->name, sizeof(engine->name), "engine%u", i);
		ret = ascdev_engine_emu_init(engine);
		if (ret)
			return ret;
		ret = ascdev_sched_init_engine(engine);
		if (ret)
			return ret;
		adev->scheds[i] = &engine->sched;
	}
	ret = ascdev_pm_init(adev);
	if (ret)
		return ret;
	ascdev_debugfs_init(adev);
	ret = drm_dev_register(&adev->drm, 0);
	if (ret)
		return ret;
	ascdev_inject_register(adev);
	return 0;
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
	u32 i;

	drm_dev_unplug(&adev->drm);
	wake_up_all(&adev->room);
	for (i = 0; i < adev->config.engines; i++)
		ascdev_sched_pause(&adev->engines[i]);
	for (i = 0; i < adev->config.engines; i++)
		adev->engines[i].ops->stop(&adev->engines[i]);
	for (i = 0; i < adev->config.engines; i++)
		ascdev_sched_resume(&adev->engines[i]);
}

/**
 * ascdev_device_use_engines - set how many engines get jobs
 * @adev: device
 * @engines: 1 to as many as it has
 *
 * Engines that are no longer used finish what their contexts have queued.
 *
 * Return: 0 or -EINVAL.
 */
int ascdev_device_use_engines(struct ascdev_device *adev, u32 engines)
{
	struct ascdev_ctx *ctx;

	if (!engines || engines > adev->config.engines)
		return -EINVAL;
	mutex_lock(&adev->ctx_lock);
	WRITE_ONCE(adev->engines_used, engines);
	list_for_each_entry(ctx, &adev->ctxs, node)
		drm_sched_entity_modify_sched(&ctx->entity, adev->scheds, engines);
	mutex_unlock(&adev->ctx_lock);
	return 0;
}

/**
 * ascdev_device_set_timeout - set how long a job may make no progress
 * @adev: device
 * @timeout_ms: 10 to 600000
 *
 * A job that runs is looked at once more by the old one.
 *
 * Return: 0 or -EINVAL.
 */
int ascdev_device_set_timeout(struct ascdev_device *adev, u32 timeout_ms)
{
	u32 i;

	if (timeout_ms < 10 || timeout_ms > 600000)
		return -EINVAL;
	WRITE_ONCE(adev->timeout_ms, timeout_ms);
	for (i = 0; i < adev->config.engines; i++)
		WRITE_ONCE(adev->engines[i].sched.timeout, msecs_to_jiffies(timeout_ms));
	return 0;
}
