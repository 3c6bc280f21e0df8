// SPDX-License-Identifier: MIT
/*
 * Why a device cannot be used, in words: by directories that stand for the root of a
 * machine, and a driver that is played by this program.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <xf86drm.h>

#include <ascdev.h>
#include <drm/ascdev_accel.h>

#include "ascdev_harness.h"

/* --- the driver: what libdrm would ask of it -------------------------------- */

static struct {
	const char *name;	/* NULL: no DRM device */
	int major, minor;
	int query_error;
	uint32_t engines;
} driver;

drmVersionPtr drmGetVersion(int fd)
{
	drmVersionPtr version;

	(void)fd;
	if (!driver.name)
		return NULL;
	version = calloc(1, sizeof(*version));
	version->name = strdup(driver.name);
	version->version_major = driver.major;
	version->version_minor = driver.minor;
	return version;
}

void drmFreeVersion(drmVersionPtr version)
{
	if (version)
		free(version->name);
	free(version);
}

int drmIoctl(int fd, unsigned long request, void *argument)
{
	struct drm_ascdev_dev_query *query = argument;

	(void)fd;
	errno = driver.query_error ? driver.query_error : ENOTTY;
	if (request != DRM_IOCTL_ASCDEV_DEV_QUERY || driver.query_error)
		return -1;
	((struct drm_ascdev_dev_info *)(uintptr_t)query->pointer)->engines = driver.engines;
	return 0;
}

/* --- the machine ------------------------------------------------------------ */

FIXTURE(machine)
{
	char root[32];
};

static void make_dir(const char *root, const char *path)
{
	char command[512];

	snprintf(command, sizeof(command), "mkdir -p '%s%s'", root, path);
	if (system(command))
		exit(1);
}

static void make_file(const char *root, const char *path, mode_t mode)
{
	char name[512];

	snprintf(name, sizeof(name), "%s%s", root, path);
	close(open(name, O_CREAT | O_WRONLY, 0600));
	chmod(name, mode);
}

static void make_link(const char *root, const char *path, const char *target)
{
	char name[512];

	snprintf(name, sizeof(name), "%s%s", root, path);
	if (symlink(target, name))
		exit(1);
}

/* An entry of the class, and its driver. */
static void make_accel(const char *root, const char *name, const char *driver_name)
{
	char path[256], target[256];

	snprintf(path, sizeof(path), "/sys/class/accel/%s/device", name);
	make_dir(root, path);
	strcat(path, "/driver");
	snprintf(target, sizeof(target), "../../../../bus/platform/drivers/%s", driver_name);
	make_link(root, path, target);
}

FIXTURE_SETUP(machine)
{
	/* another user is to come to the node */
	umask(022);
	strcpy(self->root, "/tmp/ascdev.XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->root));
	chmod(self->root, 0755);
	make_dir(self->root, "/sys/class/accel");
	make_dir(self->root, "/sys/bus/platform/devices");
	make_dir(self->root, "/dev/accel");
	driver.name = "ascdev";
	driver.major = 1;
	driver.minor = 3;
	driver.engines = 2;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

FIXTURE_TEARDOWN(machine)
{
	nftw(self->root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static int enumerate(const char *root, struct ascdev_device_list **list)
{
	struct ascdev_enumerate_opts opts = ASCDEV_ENUMERATE_OPTS_INIT;

	opts.root = root;
	return ascdev_enumerate(&opts, list);
}

/* What ascdev_open() says.  AUTO must say the same, and work. */
static int open_error(const char *root, const char *device, char *message)
{
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	struct ascdev_error error = ASCDEV_ERROR_INIT;
	struct ascdev_ctx *ctx;
	char text[256];
	int ret, reason;

	opts.root = root;
	opts.device = device;
	opts.backend = ASCDEV_BACKEND_HW;
	ret = ascdev_open(&opts, &error, &ctx);
	if (!ret)
		return 1;
	strcpy(message, error.message);
	opts.backend = ASCDEV_BACKEND_AUTO;
	if (error.code != ret || ascdev_open(&opts, NULL, &ctx))
		return 2;
	ascdev_last_error(ctx, text, sizeof(text));
	if (ascdev_get_backend(ctx, &reason) != ASCDEV_BACKEND_SW || reason != ret ||
	    strcmp(text, message))
		ret = 3;
	ascdev_close(ctx);
	return ret;
}

#define EXPECT_SAYS(text) EXPECT_NE(NULL, strstr(message, text)) TH_LOG("%s", message)

TEST_F(machine, nothing)
{
	struct ascdev_device_list *list;
	char message[256];

	ASSERT_EQ(0, enumerate(self->root, &list));
	EXPECT_EQ(NULL, ascdev_device_list_get(list, 0));
	ascdev_device_list_free(list);
	EXPECT_EQ(-ENODEV, open_error(self->root, NULL, message));
	EXPECT_SAYS("the module ascdev is not loaded");
	EXPECT_SAYS("modprobe ascdev");
}

TEST_F(machine, loaded_but_bound_to_nothing)
{
	char message[256];

	make_dir(self->root, "/sys/bus/platform/drivers/ascdev");
	EXPECT_EQ(-ENXIO, open_error(self->root, NULL, message));
	EXPECT_SAYS("/sys/bus/platform/drivers/ascdev");
}

TEST_F(machine, an_unbound_device)
{
	const struct ascdev_device_info *info;
	struct ascdev_device_list *list;
	char message[256];

	make_dir(self->root, "/sys/bus/platform/drivers/ascdev");
	make_dir(self->root, "/sys/bus/platform/devices/ascdev.0");
	make_dir(self->root, "/sys/bus/platform/devices/ascdevice.0");
	EXPECT_EQ(-ENXIO, open_error(self->root, NULL, message));
	EXPECT_SAYS("echo ascdev.0 > /sys/bus/platform/drivers/ascdev/bind");
	ASSERT_EQ(1, enumerate(self->root, &list));
	info = ascdev_device_list_get(list, 0);
	EXPECT_EQ(-ENXIO, info->state);
	EXPECT_STREQ("", info->node);
	EXPECT_NE(NULL, strstr(info->sysfs, "/sys/bus/platform/devices/ascdev.0"));
	ascdev_device_list_free(list);
}

TEST_F(machine, no_node)
{
	char message[256];

	make_accel(self->root, "accel0", "ascdev");
	EXPECT_EQ(-ENOENT, open_error(self->root, NULL, message));
	EXPECT_SAYS("/dev/accel/accel0");
	EXPECT_SAYS("udev");
}

/* Others' devices are not listed; ours are, usable or not, in the order of numbers. */
TEST_F(machine, several_devices)
{
	const struct ascdev_device_info *info;
	struct ascdev_device_list *list;

	make_accel(self->root, "accel0", "ivpu");
	make_accel(self->root, "accel10", "ascdev");
	make_accel(self->root, "accel2", "ascdev");
	make_file(self->root, "/dev/accel/accel0", 0600);
	make_file(self->root, "/dev/accel/accel10", 0600);
	ASSERT_EQ(2, enumerate(self->root, &list));
	info = ascdev_device_list_get(list, 0);
	EXPECT_NE(NULL, strstr(info->node, "accel2"));
	EXPECT_EQ(-ENOENT, info->state);
	info = ascdev_device_list_get(list, 1);
	EXPECT_NE(NULL, strstr(info->node, "accel10"));
	EXPECT_EQ(0, info->state) TH_LOG("%s", info->message);
	EXPECT_STREQ("", info->message);
	EXPECT_STREQ("1.3", info->version);
	EXPECT_EQ(2, info->engines);
	EXPECT_NE(NULL, strstr(info->sysfs, "/sys/class/accel/accel10/device"));
	ascdev_device_list_free(list);
}

/* A container may have nodes and no sysfs. */
TEST_F(machine, no_sysfs)
{
	struct ascdev_device_list *list;
	char message[256], path[64];

	snprintf(path, sizeof(path), "%s/sys", self->root);
	nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	EXPECT_EQ(-ENODEV, open_error(self->root, NULL, message));
	EXPECT_SAYS("no /sys");
	make_file(self->root, "/dev/accel/accel0", 0600);
	ASSERT_EQ(1, enumerate(self->root, &list));
	EXPECT_EQ(0, ascdev_device_list_get(list, 0)->state);
	ascdev_device_list_free(list);
	driver.name = "ivpu";
	ASSERT_EQ(0, enumerate(self->root, &list));
	ascdev_device_list_free(list);
}

/* As a user in no group of the node's.  Returns whether that is who this is. */
static int become_nobody(gid_t group)
{
	return !setgroups(0, NULL) && !setresgid(group, group, group) &&
	       !setresuid(65534, 65534, 65534);
}

TEST_F(machine, no_permission_and_a_group)
{
	struct group *group = getgrnam("video");
	char message[256], name[64];

	if (geteuid() || !group)
		SKIP(return, "needs root and a group video");
	make_accel(self->root, "accel0", "ascdev");
	make_file(self->root, "/dev/accel/accel0", 0660);
	snprintf(name, sizeof(name), "%s/dev/accel/accel0", self->root);
	ASSERT_EQ(0, chown(name, 0, group->gr_gid));
	ASSERT_TRUE(become_nobody(65534));
	EXPECT_EQ(-EACCES, open_error(self->root, NULL, message));
	EXPECT_SAYS(name);
	EXPECT_SAYS("mode 0660");
	EXPECT_SAYS("join group video: adduser USER video");
}

TEST_F(machine, no_permission_and_no_group)
{
	char message[256];

	if (geteuid())
		SKIP(return, "needs root");
	make_accel(self->root, "accel0", "ascdev");
	make_file(self->root, "/dev/accel/accel0", 0600);
	ASSERT_TRUE(become_nobody(65534));
	EXPECT_EQ(-EACCES, open_error(self->root, NULL, message));
	EXPECT_SAYS("mode 0600");
	EXPECT_SAYS("60-ascdev.rules");
}

/* open() of device nodes is refused, as by a container. */
TEST_F(machine, a_seccomp_filter)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_openat, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, O_RDWR | O_CLOEXEC, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };
	char message[256];

	make_accel(self->root, "accel0", "ascdev");
	make_file(self->root, "/dev/accel/accel0", 0600);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		SKIP(return, "no seccomp");
	EXPECT_EQ(-EPERM, open_error(self->root, NULL, message));
	EXPECT_SAYS("cgroup or a seccomp filter");
	EXPECT_SAYS("--device ");
}

TEST_F(machine, versions)
{
	char message[256];

	make_accel(self->root, "accel0", "ascdev");
	make_file(self->root, "/dev/accel/accel0", 0600);
	driver.major = 2;
	driver.minor = 7;
	EXPECT_EQ(-EPROTO, open_error(self->root, NULL, message));
	EXPECT_SAYS("the driver's interface is 2.7");
	EXPECT_SAYS(ascdev_version_string());
	EXPECT_SAYS("speaks 1.x");
	EXPECT_SAYS("update the library");
	driver.major = 0;
	EXPECT_EQ(-EPROTO, open_error(self->root, NULL, message));
	EXPECT_SAYS("update the driver");
}

TEST_F(machine, other_drivers)
{
	char message[256], node[64];

	make_file(self->root, "/dev/accel/accel0", 0600);
	snprintf(node, sizeof(node), "%s/dev/accel/accel0", self->root);
	driver.name = "ivpu";
	EXPECT_EQ(-ENODEV, open_error(NULL, node, message));
	EXPECT_SAYS("a device of the driver ivpu, not of ascdev");
	driver.name = NULL;
	EXPECT_EQ(-ENODEV, open_error(NULL, node, message));
	EXPECT_SAYS("not a device of the driver ascdev");
	driver.name = "ascdev";
	driver.query_error = ENODEV;
	EXPECT_EQ(-ENODEV, open_error(NULL, node, message));
	EXPECT_SAYS("the driver does not answer");
}

TEST_F(machine, an_open_file)
{
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	struct ascdev_error error = ASCDEV_ERROR_INIT;
	struct ascdev_ctx *ctx;
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	EXPECT_EQ(-EBADF, ascdev_open_fd(-1, NULL, &error, &ctx));
	EXPECT_EQ(-EBADF, error.code);
	opts.backend = ASCDEV_BACKEND_SW;
	EXPECT_EQ(-EINVAL, ascdev_open_fd(fd, &opts, &error, &ctx));
	opts.backend = ASCDEV_BACKEND_HW;
	opts.device = "/dev/null";
	EXPECT_EQ(-EINVAL, ascdev_open_fd(fd, &opts, &error, &ctx));
	opts.device = NULL;
	driver.name = NULL;
	EXPECT_EQ(-ENODEV, ascdev_open_fd(fd, &opts, &error, &ctx));
	EXPECT_NE(NULL, strstr(error.message, "file descriptor"));
	EXPECT_EQ(-EBADF, ascdev_open_fd(999, &opts, &error, &ctx));
	/* AUTO does without */
	ASSERT_EQ(0, ascdev_open_fd(fd, NULL, &error, &ctx));
	EXPECT_EQ(ASCDEV_BACKEND_SW, ascdev_get_backend(ctx, NULL));
	ascdev_close(ctx);
	/* the file is the caller's, still */
	EXPECT_LE(0, fcntl(fd, F_GETFD));
	close(fd);
}

TEST_F(machine, too_many_files)
{
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	struct ascdev_error error = ASCDEV_ERROR_INIT;
	struct rlimit limit = { 64, 64 };
	struct ascdev_ctx *ctx;
	int fds[64], n = 0;

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	opts.backend = ASCDEV_BACKEND_SW;
	while (n < 64 && (fds[n] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
		n++;
	EXPECT_EQ(-EMFILE, ascdev_open(&opts, &error, &ctx));
	EXPECT_EQ(-EMFILE, error.code);
	while (n)
		close(fds[--n]);
}

/* --- the log, and reasons --------------------------------------------------- */

struct log {
	int count[3];
	char last[3][256];
};

static void log_line(void *user, uint32_t level, const char *message)
{
	struct log *log = user;

	if (level > ASCDEV_LOG_INFO)
		exit(1);
	log->count[level]++;
	strcpy(log->last[level], message);
}

TEST_F(machine, the_log)
{
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	struct log log = { 0 };
	struct ascdev_buf *buf;
	struct ascdev_ctx *ctx;

	opts.root = self->root;
	opts.log = log_line;
	opts.log_user = &log;
	opts.backend = ASCDEV_BACKEND_HW;
	EXPECT_EQ(-ENODEV, ascdev_open(&opts, NULL, &ctx));
	EXPECT_EQ(1, log.count[ASCDEV_LOG_ERROR]);
	EXPECT_NE(NULL, strstr(log.last[ASCDEV_LOG_ERROR], "modprobe"));
	opts.backend = ASCDEV_BACKEND_AUTO;
	ASSERT_EQ(0, ascdev_open(&opts, NULL, &ctx));
	EXPECT_EQ(1, log.count[ASCDEV_LOG_WARNING]);
	EXPECT_NE(NULL, strstr(log.last[ASCDEV_LOG_WARNING], "modprobe"));
	EXPECT_EQ(1, log.count[ASCDEV_LOG_INFO]);
	EXPECT_EQ(-EINVAL, ascdev_buf_alloc(ctx, 0, &buf));
	EXPECT_EQ(2, log.count[ASCDEV_LOG_ERROR]);
	EXPECT_NE(NULL, strstr(log.last[ASCDEV_LOG_ERROR], "0 bytes"));
	ascdev_close(ctx);
}

TEST_F(machine, results_have_the_reason)
{
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	struct ascdev_stats stats = ASCDEV_STATS_INIT;
	uint8_t values[1024] = { 0 }, payload[512];
	struct ascdev_surface surface;
	struct ascdev_ctx *ctx;

	ascdev_surface_nchw(&surface, ASCDEV_DTYPE_U8, 1, 4, 16, 16);
	opts.root = self->root;
	ASSERT_EQ(0, ascdev_open(&opts, NULL, &ctx));
	ASSERT_EQ(0, ascdev_compress(ctx, NULL, &surface, values, payload, 512, &result));
	EXPECT_EQ(-ENODEV, result.fallback_reason);
	ASSERT_EQ(0, ascdev_get_stats(ctx, &stats));
	EXPECT_EQ(1, stats.fallbacks);
	EXPECT_EQ(1, stats.fallbacks_open);
	EXPECT_EQ(1, stats.jobs_sw);
	EXPECT_EQ(0, stats.jobs_hw);
	ascdev_close(ctx);
	opts.backend = ASCDEV_BACKEND_SW;
	ASSERT_EQ(0, ascdev_open(&opts, NULL, &ctx));
	ASSERT_EQ(0, ascdev_compress(ctx, NULL, &surface, values, payload, 512, &result));
	EXPECT_EQ(0, result.fallback_reason);
	ASSERT_EQ(0, ascdev_get_stats(ctx, &stats));
	EXPECT_EQ(0, stats.fallbacks);
	ascdev_close(ctx);
}

TEST(names_of_errors)
{
	static const struct {
		int code;
		const char *name;
	} names[] = {
		{ 0, "0" }, { E2BIG, "E2BIG" }, { EACCES, "EACCES" }, { EAGAIN, "EAGAIN" },
		{ EBADF, "EBADF" }, { EBADMSG, "EBADMSG" }, { EBUSY, "EBUSY" },
		{ ECANCELED, "ECANCELED" }, { EINTR, "EINTR" }, { EINVAL, "EINVAL" },
		{ EIO, "EIO" }, { EMFILE, "EMFILE" }, { ENODEV, "ENODEV" }, { ENOENT, "ENOENT" },
		{ ENOMEM, "ENOMEM" }, { ENOSPC, "ENOSPC" }, { ENXIO, "ENXIO" },
		{ EOPNOTSUPP, "EOPNOTSUPP" }, { EOVERFLOW, "EOVERFLOW" }, { EPERM, "EPERM" },
		{ EPROTO, "EPROTO" }, { ETIME, "ETIME" }, { ETIMEDOUT, "ETIMEDOUT" },
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		EXPECT_STREQ(names[i].name, ascdev_errname(names[i].code));
		EXPECT_STREQ(names[i].name, ascdev_errname(-names[i].code));
		EXPECT_STRNE("unexpected error", ascdev_strerror(names[i].code));
	}
	EXPECT_STREQ("?", ascdev_errname(ENOTTY));
	EXPECT_STREQ("?", ascdev_errname(-2147483647 - 1));
}

TEST_HARNESS_MAIN
