// SPDX-License-Identifier: GPL-2.0-only
/*
 * Emulated devices: platform devices that the driver makes itself, and binds to like
 * any other, so that they come and go as hardware does.
 */

#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/platform_device.h>

#include "ascdev_config.h"
#include "ascdev_emulated.h"

/**
 * ascdev_emulated_create - make an emulated device
 * @config: what it is like; copied
 * @id: its number, or PLATFORM_DEVID_AUTO
 *
 * platform_device_unregister() takes it away, whatever it does.
 *
 * Return: the device, bound to the driver, or a negative errno.
 */
struct platform_device *ascdev_emulated_create(const struct ascdev_config *config, int id)
{
	const struct platform_device_info info = {
		.name = ASCDEV_NAME,
		.id = id,
		.data = config,
		.size_data = sizeof(*config),
		.dma_mask = DMA_BIT_MASK(64),
	};
	struct platform_device *pdev = platform_device_register_full(&info);
	int ret;

	if (IS_ERR(pdev))
		return pdev;
	/* It is bound by now, as a rule; if not, this tells why. */
	ret = device_driver_attach(&ascdev_platform_driver.driver, &pdev->dev);
	if (ret && !device_is_bound(&pdev->dev)) {
		platform_device_unregister(pdev);
		return ERR_PTR(ret);
	}
	return pdev;
}
