// SPDX-License-Identifier: MIT
/*
 * One device: opening it, and saying why that does not work.
 */

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

#define DRIVER_NAME	"ascdev"
#define UAPI_MAJOR	1

void device_explain(struct ascdev_device_info *info, int state, const char *format, ...)
{
	va_list args;

	info->state = state;
	va_start(args, format);
	vsnprintf(info->message, sizeof(info->message), format, args);
	va_end(args);
}

/* Is the process in a group of the node's? */
static bool in_group(gid_t gid)
{
	int n = getgroups(0, NULL), i;
	bool found = gid == getegid();
	gid_t *groups;

	if (n <= 0)
		return found;
	groups = malloc(n * sizeof(*groups));
	if (!groups)
		return found;
	n = getgroups(n, groups);
	for (i = 0; i < n && !found; i++)
		found = groups[i] == gid;
	free(groups);
	return found;
}

static void explain_access(struct ascdev_device_info *info)
{
	struct group storage, *group = NULL;
	char strings[1024];
	struct stat st;

	if (stat(info->node, &st)) {
		device_explain(info, -EACCES, "%s: permission denied on the way to it; run as root",
			       info->node);
		return;
	}
	if ((st.st_mode & 0060) == 0060 && st.st_gid)
		getgrgid_r(st.st_gid, &storage, strings, sizeof(strings), &group);
	if (in_group(st.st_gid) && group)
		device_explain(info, -EACCES,
			       "%s: permission denied (mode %04o, group %s, which you are in); "
			       "is it SELinux or AppArmor?",
			       info->node, st.st_mode & 07777, group->gr_name);
	else if (group)
		device_explain(info, -EACCES,
			       "%s: permission denied (mode %04o); join group %s: adduser USER %s",
			       info->node, st.st_mode & 07777, group->gr_name, group->gr_name);
	else
		device_explain(info, -EACCES,
			       "%s: permission denied (mode %04o, owner %u, group %u); install "
			       "60-ascdev.rules or run as root",
			       info->node, st.st_mode & 07777, (unsigned int)st.st_uid,
			       (unsigned int)st.st_gid);
}

static void explain_open(struct ascdev_device_info *info, int error)
{
	switch (error) {
	case EACCES:
		explain_access(info);
		break;
	case EPERM:
		device_explain(info, -EPERM,
			       "%s: not permitted by a cgroup or a seccomp filter; a container "
			       "needs --device %s",
			       info->node, info->node);
		break;
	case ENOENT:
		device_explain(info, -ENOENT,
			       "%s: no such device node; is udev running? A container needs "
			       "--device", info->node);
		break;
	case ENODEV:
	case ENXIO:
		device_explain(info, -ENODEV,
			       "%s: no device behind the node; load the driver with: modprobe "
			       DRIVER_NAME, info->node);
		break;
	default:
		device_explain(info, -error, "%s: %s", info->node, strerror(error));
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
		device_explain(info, -errno, "%s: the driver does not answer: %s", info->node,
			       strerror(errno));
		return info->state;
	}
	info->emulated = !!(dev.flags & DRM_ASCDEV_DEV_EMULATED);
	info->engines = dev.engines;
	return 0;
}

int device_check(int fd, struct ascdev_device_info *info)
{
	drmVersionPtr version = drmGetVersion(fd);

	info->state = 0;
	info->message[0] = 0;
	if (!version) {
		device_explain(info, -ENODEV, "%s: not a device of the driver " DRIVER_NAME,
			       info->node);
	} else if (strcmp(version->name, DRIVER_NAME)) {
		device_explain(info, -ENODEV,
			       "%s: a device of the driver %.32s, not of " DRIVER_NAME, info->node,
			       version->name);
	} else {
		snprintf(info->version, sizeof(info->version), "%d.%d", version->version_major,
			 version->version_minor);
		if (version->version_major != UAPI_MAJOR)
			device_explain(info, -EPROTO,
				       "%s: the driver's interface is %s, libascdev %s speaks %d.x; "
				       "update the %s",
				       info->node, info->version, ascdev_version_string(),
				       UAPI_MAJOR, version->version_major < UAPI_MAJOR ?
				       "driver" : "library");
		else
			query(fd, info);
	}
	drmFreeVersion(version);
	return info->state;
}

int device_open(const char *node, struct ascdev_device_info *info)
{
	int fd;

	if (strlen(node) >= sizeof(info->node)) {
		device_explain(info, -ENOENT, "%.60s...: path too long", node);
		return info->state;
	}
	memmove(info->node, node, strlen(node) + 1);	/* it may be info->node itself */
	fd = open(node, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		explain_open(info, errno);
		return info->state;
	}
	if (device_check(fd, info)) {
		close(fd);
		return info->state;
	}
	return fd;
}
