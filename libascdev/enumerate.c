// SPDX-License-Identifier: MIT
/*
 * Finding devices.  libdrm looks at /dev/dri only, so accel nodes are found here.
 */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

#define SYSFS_CLASS	"/sys/class/accel"
#define SYSFS_DEVICES	"/sys/bus/platform/devices"
#define SYSFS_DRIVER	"/sys/bus/platform/drivers/" DRIVER_NAME
#define NODE_DIR	"/dev/accel"
#define DRIVER_NAME	"ascdev"

#define MAX_PATH	512

struct ascdev_device_list {
	uint32_t count;
	struct ascdev_device_info *devices;
};

static bool is_accel(const char *name)
{
	return !strncmp(name, "accel", 5) && name[5] && strspn(name + 5, "0123456789") ==
	       strlen(name + 5) && strlen(name) < 16;
}

static int by_number(const struct dirent **a, const struct dirent **b)
{
	return atoi((*a)->d_name + 5) - atoi((*b)->d_name + 5);
}

static int select_accel(const struct dirent *entry)
{
	return is_accel(entry->d_name);
}

/* Is the driver bound to this entry of the class ours? */
static bool is_ours(const char *root, const char *name)
{
	char path[MAX_PATH], target[256], *base;
	ssize_t n;

	snprintf(path, sizeof(path), "%s" SYSFS_CLASS "/%.15s/device/driver", root, name);
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return false;
	target[n] = 0;
	base = strrchr(target, '/');
	return base && !strcmp(base + 1, DRIVER_NAME);
}

static int add_device(struct ascdev_device_list *list, const struct ascdev_device_info *info)
{
	struct ascdev_device_info *grown =
		realloc(list->devices, (list->count + 1) * sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	list->devices = grown;
	list->devices[list->count++] = *info;
	return 0;
}

static int add_node(struct ascdev_device_list *list, const char *root, const char *name,
		    bool in_sysfs)
{
	struct ascdev_device_info info = { .size = sizeof(info) };
	char node[MAX_PATH];
	int fd;

	snprintf(node, sizeof(node), "%s" NODE_DIR "/%.15s", root, name);
	if (in_sysfs)
		snprintf(info.sysfs, sizeof(info.sysfs), "%.80s" SYSFS_CLASS "/%.15s/device", root,
			 name);
	fd = device_open(node, &info);
	if (fd >= 0)
		close(fd);
	else if (fd == -ENODEV && !in_sysfs)
		return 0;	/* somebody else's */
	return add_device(list, &info);
}

/*
 * sysfs tells whose a node is without opening it.  A container may have the
 * nodes and no sysfs; then each is asked.
 */
static int scan_nodes(struct ascdev_device_list *list, const char *root, const char *dir,
		      bool in_sysfs)
{
	struct dirent **entries;
	char path[MAX_PATH];
	int n, i, ret = 0;

	snprintf(path, sizeof(path), "%s%s", root, dir);
	n = scandir(path, &entries, select_accel, by_number);
	if (n < 0)
		return errno == ENOMEM ? -ENOMEM : 0;
	for (i = 0; i < n; i++) {
		if (!ret && (!in_sysfs || is_ours(root, entries[i]->d_name)))
			ret = add_node(list, root, entries[i]->d_name, in_sysfs);
		free(entries[i]);
	}
	free(entries);
	return ret;
}

static int select_platform(const struct dirent *entry)
{
	size_t length = strlen(DRIVER_NAME);

	return !strncmp(entry->d_name, DRIVER_NAME, length) &&
	       (!entry->d_name[length] || entry->d_name[length] == '.');
}

/* Devices that nobody drives: there is no node, but something to be done about it. */
static int scan_unbound(struct ascdev_device_list *list, const char *root)
{
	struct dirent **entries;
	char path[MAX_PATH];
	int n, i, ret = 0;

	snprintf(path, sizeof(path), "%s" SYSFS_DEVICES, root);
	n = scandir(path, &entries, select_platform, alphasort);
	if (n < 0)
		return errno == ENOMEM ? -ENOMEM : 0;
	for (i = 0; i < n; i++) {
		struct ascdev_device_info info = { .size = sizeof(info) };
		const char *name = entries[i]->d_name;

		snprintf(path, sizeof(path), "%s" SYSFS_DEVICES "/%.64s/driver", root, name);
		if (!ret && access(path, F_OK)) {
			snprintf(info.sysfs, sizeof(info.sysfs), "%.30s" SYSFS_DEVICES "/%.60s",
				 root, name);
			device_explain(&info, -ENXIO,
				       "%.64s: no driver is bound to it; as root: echo %.64s > "
				       SYSFS_DRIVER "/bind", name, name);
			ret = add_device(list, &info);
		}
		free(entries[i]);
	}
	free(entries);
	return ret;
}

static bool exists(const char *root, const char *what)
{
	char path[MAX_PATH];

	snprintf(path, sizeof(path), "%s%s", root, what);
	return !access(path, F_OK);
}

static int make_list(const char *root, struct ascdev_device_list **out)
{
	struct ascdev_device_list *list = calloc(1, sizeof(*list));
	int ret;

	if (!list)
		return -ENOMEM;
	ret = scan_nodes(list, root, SYSFS_CLASS, true);
	if (!ret && !list->count && !exists(root, SYSFS_CLASS))
		ret = scan_nodes(list, root, NODE_DIR, false);
	if (!ret)
		ret = scan_unbound(list, root);
	if (ret) {
		ascdev_device_list_free(list);
		return ret;
	}
	*out = list;
	return list->count;
}

int ascdev_enumerate(const struct ascdev_enumerate_opts *user_opts,
		     struct ascdev_device_list **list)
{
	struct ascdev_enumerate_opts opts = ASCDEV_ENUMERATE_OPTS_INIT;
	int ret = 0;

	if (user_opts)
		ret = struct_from_user(&opts, sizeof(opts), sizeof(opts), user_opts);
	if (!ret && opts.pad)
		ret = -EINVAL;
	return ret ? ret : make_list(opts.root ? opts.root : "", list);
}

const struct ascdev_device_info *ascdev_device_list_get(const struct ascdev_device_list *list,
							 uint32_t i)
{
	return i < list->count ? &list->devices[i] : NULL;
}

void ascdev_device_list_free(struct ascdev_device_list *list)
{
	if (!list)
		return;
	free(list->devices);
	free(list);
}

static void explain_absence(const char *root, struct ascdev_device_info *info)
{
	if (!exists(root, "/sys"))
		device_explain(info, -ENODEV, "no codec device in " NODE_DIR
			       ", and no /sys to look for others");
	else if (exists(root, SYSFS_DRIVER))
		device_explain(info, -ENXIO, "the module " DRIVER_NAME
			       " is loaded, but bound to no device; see " SYSFS_DRIVER);
	else
		device_explain(info, -ENODEV, "no codec device, and the module " DRIVER_NAME
			       " is not loaded; as root: modprobe " DRIVER_NAME);
}

/* The first usable device, or what is wrong with the first one. */
int device_find(const char *root, struct ascdev_device_info *info)
{
	struct ascdev_device_list *list;
	uint32_t i;
	int n = make_list(root ? root : "", &list);

	if (n < 0) {
		device_explain(info, n, "out of memory");
		return n;
	}
	explain_absence(root ? root : "", info);
	if (list->count)
		*info = list->devices[0];
	for (i = 0; i < list->count; i++) {
		if (!list->devices[i].state) {
			*info = list->devices[i];
			break;
		}
	}
	ascdev_device_list_free(list);
	return info->state;
}
