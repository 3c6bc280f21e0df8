// SPDX-License-Identifier: MIT
/*
 * Devices.  libdrm looks at /dev/dri only, so accel nodes are found here.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xf86drm.h>

#include <drm/ascdev_accel.h>

#include "internal.h"

#define SYSFS_CLASS	"/sys/class/accel"
#define NODE_DIR	"/dev/accel"
#define DRIVER_NAME	"ascdev"
#define UAPI_MAJOR	1

struct ascdev_device_list {
	uint32_t count;
	struct ascdev_device_info *devices;
};

static void explain(struct ascdev_device_info *info, int state, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void explain(struct ascdev_device_info *info, int state, const char *format, ...)
{
	va_list args;

	info->state = state;
	va_start(args, format);
	vsnprintf(info->message, sizeof(info->message), format, args);
	va_end(args);
}

static void explain_access(struct ascdev_device_info *info)
{
	struct group storage, *group = NULL;
	char strings[1024];
	struct stat st;

	if (stat(info->node, &st)) {
		explain(info, -EACCES, "%s: permission denied", info->node);
		return;
	}
	if (st.st_mode & 0060)
		getgrgid_r(st.st_gid, &storage, strings, sizeof(strings), &group);
	if (group && st.st_gid)
		explain(info, -EACCES,
			"%s: permission denied (mode %04o); join group %s: adduser USER %s",
			info->node, st.st_mode & 07777, group->gr_name, group->gr_name);
	else
		explain(info, -EACCES,
			"%s: permission denied (mode %04o); install 60-ascdev.rules or run as root",
			info->node, st.st_mode & 07777);
}

static void explain_open(struct ascdev_device_info *info, int error)
{
	switch (error) {
	case EACCES:
		explain_access(info);
		break;
	case EPERM:
		explain(info, -EPERM, "%s: not permitted by a cgroup or seccomp filter",
			info->node);
		break;
	case ENOENT:
		explain(info, -ENOENT, "%s: no such device node; is udev running?", info->node);
		break;
	default:
		explain(info, -error, "%s: %s", info->node, strerror(error));
	}
}

static int query(int fd, struct ascdev_device_info *info)
{
	struct drm_ascdev_dev_info dev = { 0 };
	struct drm_ascdev_dev_query args = {
		.type = DRM_ASCDEV_DEV_QUERY_DEV_INFO,
		.size = sizeof(dev),
		.pointer = (uintptr_t)&dev,
	};

	if (drmIoctl(fd, DRM_IOCTL_ASCDEV_DEV_QUERY, &args)) {
		explain(info, -errno, "%s: the driver does not answer: %s", info->node,
			strerror(errno));
		return info->state;
	}
	info->emulated = !!(dev.flags & DRM_ASCDEV_DEV_EMULATED);
	info->engines = dev.engines;
	return 0;
}

int device_open(const char *node, struct ascdev_device_info *info)
{
	drmVersionPtr version;
	int fd;

	if (strlen(node) >= sizeof(info->node)) {
		explain(info, -ENOENT, "%.60s...: path too long", node);
		return info->state;
	}
	memmove(info->node, node, strlen(node) + 1);	/* it may be info->node itself */
	fd = open(node, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		explain_open(info, errno);
		return info->state;
	}
	version = drmGetVersion(fd);
	if (!version || strcmp(version->name, DRIVER_NAME)) {
		explain(info, -ENODEV, "%s: not a device of the driver " DRIVER_NAME, info->node);
	} else {
		snprintf(info->version, sizeof(info->version), "%d.%d", version->version_major,
			 version->version_minor);
		if (version->version_major != UAPI_MAJOR)
			explain(info, -EPROTO,
				"%s: the driver's interface is %s, libascdev %s speaks %d.x",
				info->node, info->version, ascdev_version_string(), UAPI_MAJOR);
		else if (!query(fd, info))
			info->state = 0;
	}
	drmFreeVersion(version);
	if (info->state) {
		close(fd);
		return info->state;
	}
	return fd;
}

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
static bool is_ours(const char *name)
{
	char path[64], target[256], *base;
	ssize_t n;

	snprintf(path, sizeof(path), SYSFS_CLASS "/%.15s/device/driver", name);
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return false;
	target[n] = 0;
	base = strrchr(target, '/');
	return base && !strcmp(base + 1, DRIVER_NAME);
}

static int add_device(struct ascdev_device_list *list, const char *name, bool in_sysfs)
{
	struct ascdev_device_info info = { .size = sizeof(info) };
	struct ascdev_device_info *grown;
	char node[64];
	int fd;

	snprintf(node, sizeof(node), NODE_DIR "/%.15s", name);
	if (in_sysfs)
		snprintf(info.sysfs, sizeof(info.sysfs), SYSFS_CLASS "/%.15s/device", name);
	fd = device_open(node, &info);
	if (fd >= 0)
		close(fd);
	else if (fd == -ENODEV && !in_sysfs)
		return 0;	/* somebody else's */
	grown = realloc(list->devices, (list->count + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	list->devices = grown;
	list->devices[list->count++] = info;
	return 0;
}

/*
 * sysfs tells whose a node is without opening it.  A container may have the
 * nodes and no sysfs; then each is asked.
 */
static int scan(struct ascdev_device_list *list, const char *dir, bool in_sysfs)
{
	struct dirent **entries;
	int n = scandir(dir, &entries, select_accel, by_number);
	int i, ret = 0;

	if (n < 0)
		return errno == ENOMEM ? -ENOMEM : 0;
	for (i = 0; i < n; i++) {
		if (!ret && (!in_sysfs || is_ours(entries[i]->d_name)))
			ret = add_device(list, entries[i]->d_name, in_sysfs);
		free(entries[i]);
	}
	free(entries);
	return ret;
}

int ascdev_enumerate(struct ascdev_device_list **out)
{
	struct ascdev_device_list *list = calloc(1, sizeof(*list));
	int ret;

	if (!list)
		return -ENOMEM;
	ret = scan(list, SYSFS_CLASS, true);
	if (!ret && !list->count && access(SYSFS_CLASS, F_OK))
		ret = scan(list, NODE_DIR, false);
	if (ret) {
		ascdev_device_list_free(list);
		return ret;
	}
	*out = list;
	return list->count;
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

/* The first usable device, or what is wrong with the first one. */
int device_find(struct ascdev_device_info *info)
{
	struct ascdev_device_list *list;
	uint32_t i;
	int n = ascdev_enumerate(&list);

	if (n < 0) {
		explain(info, n, "out of memory");
		return n;
	}
	explain(info, -ENODEV, "no codec device; load the driver with: modprobe " DRIVER_NAME);
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
