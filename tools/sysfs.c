// SPDX-License-Identifier: MIT
/*
 * What a device has in sysfs; Documentation/ABI/testing/sysfs-driver-ascdev tells of it.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sysfs.h"

static bool has_statistics(const struct ascdev_device_info *info)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/stats", info->sysfs);
	return *info->sysfs && !access(path, R_OK | X_OK);
}

/* Why there is none, in the words of the library. */
static int explain(const struct options *options)
{
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	struct ascdev_error error = ASCDEV_ERROR_INIT;
	struct ascdev_ctx *ctx;

	opts.backend = ASCDEV_BACKEND_HW;
	opts.root = options->root;
	opts.device = options->device;
	if (ascdev_open(&opts, &error, &ctx)) {
		complain("%s", error.message);
		return EXIT_DEVICE;
	}
	ascdev_close(ctx);
	complain("the device has no statistics in sysfs; is /sys mounted?");
	return EXIT_DEVICE;
}

int sysfs_find(const struct options *options, struct ascdev_device_info *found)
{
	struct ascdev_enumerate_opts where = ASCDEV_ENUMERATE_OPTS_INIT;
	const struct ascdev_device_info *info;
	struct ascdev_device_list *list;
	uint32_t i;

	where.root = options->root;
	if (ascdev_enumerate(&where, &list) < 0) {
		complain("out of memory");
		return EXIT_FAILED;
	}
	for (i = 0; (info = ascdev_device_list_get(list, i)); i++) {
		if ((!options->device || !strcmp(options->device, info->node)) &&
		    has_statistics(info)) {
			*found = *info;
			break;
		}
	}
	ascdev_device_list_free(list);
	return info ? EXIT_OK : explain(options);
}

int sysfs_read(int dir, const char *name, uint64_t *value)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	char text[32];
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return n ? -errno : -ENODATA;
	text[n] = 0;
	*value = strtoull(text, NULL, 10);
	return 0;
}

static int write_default(const struct ascdev_device_info *info, const char *key, const char *value)
{
	char path[256];
	int fd, ret;

	snprintf(path, sizeof(path), "%s/defaults/%s", info->sysfs, key);
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	ret = fd < 0 ? -1 : write(fd, value, strlen(value));
	if (ret < 0)
		complain("%s: %s: %s%s", path, value, strerror(errno),
			 errno == EACCES ? "; root may write it" : "");
	if (fd >= 0)
		close(fd);
	return ret < 0 ? EXIT_IO : EXIT_OK;
}

int sysfs_set_defaults(const struct ascdev_device_info *info, const struct ascdev_params *params)
{
	static const char *const keys[] = {
		"codec", "endpoints", "scale", "block", "profile", "effort", "reorder",
		"max_error", "target_bpe",
	};
	char value[32];
	size_t i;
	int ret;

	/* either goal keeps the other from being set */
	ret = write_default(info, "max_error", "0");
	if (!ret)
		ret = write_default(info, "target_bpe", "0");
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]) && !ret; i++) {
		ascdev_params_get(params, keys[i], value, sizeof(value));
		ret = write_default(info, keys[i], value);
	}
	return ret;
}
