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
 * Return: the device, or the error with which the driver refuses it.
 */
struct platform_device *ascdev_emulated_create(const struct ascdev_config *config, int id)
{
	const struct ascdev_platform_data data = {
		.config = *config,
	};
	const struct platform_device_info info = {
		.name = ASCDEV_NAME,
		.id = id,
		.data = &data,
		.size_data = sizeof(data),
		.dma_mask = DMA_BIT_MASK(64),
	};
	struct platform_device *pdev = platform_device_register_full(&info);
	const struct ascdev_platform_data *probed;
	int ret;

	if (IS_ERR(pdev))
		return pdev;
	probed = dev_get_platdata(&pdev->dev);
	ret = READ_ONCE(probed->error);
	if (ret) {
		platform_device_unregister(pdev);
		return ERR_PTR(ret);
	}
	return pdev;
}
