// SPDX-License-Identifier: MIT
/* What devices there are, and why some cannot be used. */
#include <stdio.h>
#include <ascdev.h>

int main(void)
{
	const struct ascdev_device_info *device;
	struct ascdev_device_list *list;
	int count = ascdev_enumerate(NULL, &list), i;

	if (count < 0) {
		fprintf(stderr, "%s\n", ascdev_strerror(count));
		return 1;
	}
	printf("%d devices\n", count);
	for (i = 0; i < count; i++) {
		device = ascdev_device_list_get(list, i);
		printf("%s: %s\n", device->node, device->state ? device->message : "usable");
	}
	ascdev_device_list_free(list);
	return 0;
}
