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

/* What could not be looked at is not there, unless memory has ended. */
static int absent(void)
{
	return errno == ENOMEM ? -ENOMEM : 0;
}

/* Returns 1, 0 or -ENOMEM. */
static int exists(const char *path)
{
	return access(path, F_OK) ? absent() : 1;
}

static int exists_below(const char *root, const char *what)
{
	char path[MAX_PATH];

	snprintf(path, sizeof(path), "%s%s", root, what);
	return exists(path);
}

/* Is the driver bound to this entry of the class ours?  Returns 1, 0 or -ENOMEM. */
static int is_ours(const char *root, const char *name)
{
	char path[MAX_PATH], target[256], *base;
	ssize_t n;

	snprintf(path, sizeof(path), "%s" SYSFS_CLASS "/%.15s/device/driver", root, name);
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return absent();
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
	int fd, ours = in_sysfs ? is_ours(root, name) : 1;
	char node[MAX_PATH];

	if (ours <= 0)
		return ours;
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
		return absent();
	for (i = 0; i < n; i++) {
		if (!ret)
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

/* A device that nobody drives: there is no node, but something to be done about it. */
static int add_unbound(struct ascdev_device_list *list, const char *root, const char *name)
{
	struct ascdev_device_info info = { .size = sizeof(info) };
	char path[MAX_PATH];
	int bound;

	snprintf(path, sizeof(path), "%s" SYSFS_DEVICES "/%.64s/driver", root, name);
	bound = exists(path);
	if (bound)
		return bound < 0 ? bound : 0;
	snprintf(info.sysfs, sizeof(info.sysfs), "%.30s" SYSFS_DEVICES "/%.60s", root, name);
	device_explain(&info, -ENXIO, "%.64s: no driver is bound to it; as root: echo %.64s > "
		       SYSFS_DRIVER "/bind", name, name);
	return add_device(list, &info);
}

static int scan_unbound(struct ascdev_device_list *list, const char *root)
{
	struct dirent **entries;
	char path[MAX_PATH];
	int n, i, ret = 0;

	snprintf(path, sizeof(path), "%s" SYSFS_DEVICES, root);
	n = scandir(path, &entries, select_platform, alphasort);
	if (n < 0)
		return absent();
	for (i = 0; i < n; i++) {
		if (!ret)
			ret = add_unbound(list, root, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return ret;
}

static int make_list(const char *root, struct ascdev_device_list **out)
{
	struct ascdev_device_list *list = calloc(1, sizeof(*list));
	int ret;

	if (!list)
		return -ENOMEM;
	ret = scan_nodes(list, root, SYSFS_CLASS, true);
	if (!ret && !list->count) {
		ret = exists_below(root, SYSFS_CLASS);
		if (!ret)
			ret = scan_nodes(list, root, NODE_DIR, false);
	}
	if (ret >= 0)
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
	int sysfs = exists_below(root, "/sys");
	int loaded = sysfs > 0 ? exists_below(root, SYSFS_DRIVER) : sysfs;

	if (loaded < 0)
		device_explain(info, loaded, "out of memory");
	else if (!sysfs)
		device_explain(info, -ENODEV, "no codec device in " NODE_DIR
			       ", and no /sys to look for others");
	else if (loaded)
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
	if (list->count)
		*info = list->devices[0];
	else
		explain_absence(root ? root : "", info);
	for (i = 0; i < list->count; i++) {
		if (!list->devices[i].state) {
			*info = list->devices[i];
			break;
		}
	}
	ascdev_device_list_free(list);
	return info->state;
}
