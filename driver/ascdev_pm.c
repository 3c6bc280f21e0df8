// SPDX-License-Identifier: GPL-2.0-only
/*
 * Power: engines sleep while there are no jobs, and with the system.
 *
 * A job keeps its device awake from SUBMIT until it is freed.  Waking it up any later,
 * when the scheduler runs the job, would make the job's fence wait for whatever resuming
 * a device takes, memory among it, which may in turn wait for the fence.
 */

#include <linux/device.h>
#include <linux/iopoll.h>
#include <linux/pm_runtime.h>
#include <linux/time64.h>

#include <drm/drm_print.h>

#include "ascdev_device.h"
#include "ascdev_job.h"
#include "ascdev_pm.h"

/* How long the device stays awake without a job, unless sysfs says otherwise. */
#define AUTOSUSPEND_MS	50

/*
 * How long the system's sleep waits for all running jobs.  Longer than it takes to end
 * one that hangs, unless timeout_ms was made longer.
 */
#define SLEEP_TIMEOUT_US	(10 * USEC_PER_SEC)

static void suspend_engines(struct ascdev_device *adev)
{
	u32 i;

	for (i = 0; i < adev->config.engines; i++)
		adev->engines[i].ops->suspend(&adev->engines[i]);
}

static void resume_engines(struct ascdev_device *adev)
{
	u32 i;

	for (i = 0; i < adev->config.engines; i++)
		adev->engines[i].ops->resume(&adev->engines[i]);
}

static int ascdev_pm_runtime_suspend(struct device *dev)
{
	suspend_engines(dev_get_drvdata(dev));
	return 0;
}

static int ascdev_pm_runtime_resume(struct device *dev)
{
	resume_engines(dev_get_drvdata(dev));
	return 0;
}

static bool is_idle(struct ascdev_device *adev)
{
	bool idle = true;
	u32 i;

	for (i = 0; i < adev->config.engines; i++) {
		struct ascdev_engine *engine = &adev->engines[i];

		spin_lock(&engine->lock);
		idle = idle && !engine->job;
		spin_unlock(&engine->lock);
	}
	return idle;
}

static void stop_schedulers(struct ascdev_device *adev)
{
	u32 i;

	for (i = 0; i < adev->config.engines; i++)
		ascdev_sched_pause(&adev->engines[i]);
}

static void start_schedulers(struct ascdev_device *adev)
{
	u32 i;

	for (i = 0; i < adev->config.engines; i++)
		ascdev_sched_resume(&adev->engines[i]);
}

/*
 * The system goes to sleep, and processes are frozen already.  No further job begins,
 * and those that run come to their end; timeouts go on and end one that hangs.  What is
 * queued stays so.
 */
static int ascdev_pm_suspend(struct device *dev)
{
	struct ascdev_device *adev = dev_get_drvdata(dev);
	bool idle;
	int ret;

	stop_schedulers(adev);
	ret = read_poll_timeout(is_idle, idle, idle, USEC_PER_MSEC, SLEEP_TIMEOUT_US, false, adev);
	if (ret) {
		drm_dbg(&adev->drm, "a job runs for too long to sleep\n");
		ret = -EBUSY;
		goto err_start;
	}
	ret = pm_runtime_force_suspend(dev);
	if (ret)
		goto err_start;
	return 0;

err_start:
	start_schedulers(adev);
	return ret;
}

/* Queued jobs hold the device, so that it is awake before they go on. */
static int ascdev_pm_resume(struct device *dev)
{
	int ret = pm_runtime_force_resume(dev);

	start_schedulers(dev_get_drvdata(dev));
	return ret;
}

const struct dev_pm_ops ascdev_pm_ops = {
	RUNTIME_PM_OPS(ascdev_pm_runtime_suspend, ascdev_pm_runtime_resume, NULL)
	SYSTEM_SLEEP_PM_OPS(ascdev_pm_suspend, ascdev_pm_resume)
};

/* Jobs that are freed later find runtime PM disabled, and only give back their count. */
static void ascdev_pm_fini(void *data)
{
	struct ascdev_device *adev = data;
	struct device *dev = adev->drm.dev;

	pm_runtime_dont_use_autosuspend(dev);
	pm_runtime_disable(dev);
	if (!pm_runtime_status_suspended(dev))
		suspend_engines(adev);
	pm_runtime_set_suspended(dev);
}

/**
 * ascdev_pm_init - let the device sleep, and wake up
 * @adev: device with its engines, not yet registered
 *
 * It is awake until the driver core has probed it.
 *
 * Return: 0 or a negative errno.
 */
int ascdev_pm_init(struct ascdev_device *adev)
{
	struct device *dev = adev->drm.dev;

	resume_engines(adev);
	pm_runtime_set_active(dev);
	pm_runtime_set_autosuspend_delay(dev, AUTOSUSPEND_MS);
	pm_runtime_use_autosuspend(dev);
	pm_runtime_mark_last_busy(dev);
	pm_runtime_enable(dev);
	return devm_add_action_or_reset(dev, ascdev_pm_fini, adev);
}

/**
 * ascdev_pm_get - wake the device up and keep it awake
 * @adev: device, in a drm_dev_enter() section
 *
 * Return: 0, or -EIO if it does not wake up.
 */
int ascdev_pm_get(struct ascdev_device *adev)
{
	int ret = pm_runtime_resume_and_get(adev->drm.dev);

	if (!ret)
		return 0;
	drm_dbg(&adev->drm, "the device does not wake up: %d\n", ret);
	return -EIO;
}

/**
 * ascdev_pm_put - undo ascdev_pm_get()
 * @adev: device, bound or not
 *
 * Never sleeps.
 */
void ascdev_pm_put(struct ascdev_device *adev)
{
	pm_runtime_mark_last_busy(adev->drm.dev);
	pm_runtime_put_autosuspend(adev->drm.dev);
}
