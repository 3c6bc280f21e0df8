/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the device have in common.  Everything goes through the
 * uapi; tests skip where there is no device.
 */
#ifndef ASCDEV_TEST_H
#define ASCDEV_TEST_H

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <drm/ascdev_accel.h>
#include <linux/dma-buf.h>
#include <linux/sync_file.h>

/* programs that are no tests leave it out */
#ifndef ASCDEV_NO_HARNESS
#include "ascdev_harness.h"
#endif

#define SYSFS_DEVICE	"/sys/class/accel/accel%d/device"
#define SYSFS_DRIVER	"/sys/bus/platform/drivers/ascdev"
#define FIRST_DEVICE	"ascdev.0"

/* ioctl() that gives 0 or a negative errno */
static inline int do_ioctl(int fd, unsigned long request, void *arg)
{
	int ret;

	do {
		ret = ioctl(fd, request, arg);
	} while (ret == -1 && errno == EINTR);
	return ret == -1 ? -errno : 0;
}

/* Is it a node of our driver? */
static inline bool node_is_ours(int fd)
{
	char name[16] = "";
	struct drm_version version = { .name_len = sizeof(name) - 1, .name = name };

	return !do_ioctl(fd, DRM_IOCTL_VERSION, &version) && !strcmp(name, "ascdev");
}

/* Opens the first node of our driver; its number in *minor.  -1 if there is none. */
static inline int open_node(int *minor)
{
	char path[64];
	int i;

	for (i = 0; i < 64; i++) {
		int fd;

		snprintf(path, sizeof(path), "/dev/accel/accel%d", i);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (node_is_ours(fd)) {
			if (minor)
				*minor = i;
			return fd;
		}
		close(fd);
	}
	return -1;
}

static inline int64_t deadline_ms(int ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec + ms * 1000000ll;
}

/* Creates a buffer object; 0 on failure. */
static inline uint32_t create_bo(int fd, uint64_t size)
{
	struct drm_ascdev_bo_create args = { .size = size };

	return do_ioctl(fd, DRM_IOCTL_ASCDEV_BO_CREATE, &args) ? 0 : args.handle;
}

static inline void *map_bo(int fd, uint32_t handle, uint64_t size)
{
	struct drm_ascdev_bo_mmap_offset args = { .handle = handle };

	if (do_ioctl(fd, DRM_IOCTL_ASCDEV_BO_MMAP_OFFSET, &args))
		return MAP_FAILED;
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, args.offset);
}

static inline int wait_bo(int fd, uint32_t handle, int ms)
{
	struct drm_ascdev_bo_wait args = { .handle = handle, .timeout_ns = deadline_ms(ms) };

	return do_ioctl(fd, DRM_IOCTL_ASCDEV_BO_WAIT, &args);
}

static inline uint32_t create_syncobj(int fd)
{
	struct drm_syncobj_create args = { 0 };

	return do_ioctl(fd, DRM_IOCTL_SYNCOBJ_CREATE, &args) ? 0 : args.handle;
}

static inline int wait_syncobj(int fd, uint32_t handle, int ms)
{
	struct drm_syncobj_wait args = {
		.handles = (uintptr_t)&handle,
		.timeout_nsec = deadline_ms(ms),
		.count_handles = 1,
	};

	return do_ioctl(fd, DRM_IOCTL_SYNCOBJ_WAIT, &args);
}

static inline int wait_point(int fd, uint32_t handle, uint64_t point, int ms)
{
	struct drm_syncobj_timeline_wait args = {
		.handles = (uintptr_t)&handle,
		.points = (uintptr_t)&point,
		.timeout_nsec = deadline_ms(ms),
		.count_handles = 1,
	};

	return do_ioctl(fd, DRM_IOCTL_SYNCOBJ_TIMELINE_WAIT, &args);
}

/* A sync_file of what a syncobj holds, or a negative errno. */
static inline int export_sync_file(int fd, uint32_t handle)
{
	struct drm_syncobj_handle args = {
		.handle = handle,
		.flags = DRM_SYNCOBJ_HANDLE_TO_FD_FLAGS_EXPORT_SYNC_FILE,
		.fd = -1,
	};
	int ret = do_ioctl(fd, DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD, &args);

	return ret ? ret : args.fd;
}

static inline int import_sync_file(int fd, uint32_t handle, int sync_file)
{
	struct drm_syncobj_handle args = {
		.handle = handle,
		.flags = DRM_SYNCOBJ_FD_TO_HANDLE_FLAGS_IMPORT_SYNC_FILE,
		.fd = sync_file,
	};

	return do_ioctl(fd, DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE, &args);
}

static inline int export_dmabuf(int fd, uint32_t handle)
{
	struct drm_prime_handle args = { .handle = handle, .flags = DRM_CLOEXEC | DRM_RDWR };
	int ret = do_ioctl(fd, DRM_IOCTL_PRIME_HANDLE_TO_FD, &args);

	return ret ? ret : args.fd;
}

static inline uint32_t import_dmabuf(int fd, int dmabuf)
{
	struct drm_prime_handle args = { .fd = dmabuf };

	return do_ioctl(fd, DRM_IOCTL_PRIME_FD_TO_HANDLE, &args) ? 0 : args.handle;
}

/**
 * struct foreign_fence - a fence of another driver, signalled when we want
 * @fd: vgem node
 * @fence: vgem's name of the fence
 * @sync_file: the fence; it signals by itself after 10 s
 */
struct foreign_fence {
	int fd;
	uint32_t fence;
	int sync_file;
};

struct vgem_fence_attach {
	uint32_t handle;
	uint32_t flags;
	uint32_t out_fence;
	uint32_t pad;
};

struct vgem_fence_signal {
	uint32_t fence;
	uint32_t flags;
};

#define VGEM_FENCE_WRITE	1
#define VGEM_IOCTL_FENCE_ATTACH	DRM_IOWR(DRM_COMMAND_BASE + 1, struct vgem_fence_attach)
#define VGEM_IOCTL_FENCE_SIGNAL	DRM_IOW(DRM_COMMAND_BASE + 2, struct vgem_fence_signal)

static inline int open_vgem(void)
{
	char path[64], name[16];
	int i;

	for (i = 0; i < 64; i++) {
		struct drm_version version = { .name_len = sizeof(name) - 1, .name = name };
		int fd;

		memset(name, 0, sizeof(name));
		snprintf(path, sizeof(path), "/dev/dri/card%d", i);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (!do_ioctl(fd, DRM_IOCTL_VERSION, &version) && !strcmp(name, "vgem"))
			return fd;
		close(fd);
	}
	return -1;
}

/* A dma-buf of another driver; -1 where vgem is not there. */
static inline int make_vgem_buffer(size_t size)
{
	struct drm_mode_create_dumb dumb = { .width = size / 4, .height = 1, .bpp = 32 };
	int vgem = open_vgem(), fd;

	if (vgem < 0)
		return -1;
	fd = do_ioctl(vgem, DRM_IOCTL_MODE_CREATE_DUMB, &dumb) ? -1 :
		export_dmabuf(vgem, dumb.handle);
	close(vgem);
	return fd;
}

/* False where vgem is not there. */
static inline bool make_foreign_fence(struct foreign_fence *f)
{
	struct drm_mode_create_dumb dumb = { .width = 64, .height = 16, .bpp = 32 };
	struct vgem_fence_attach attach = { .flags = VGEM_FENCE_WRITE };
	struct dma_buf_export_sync_file sync = { .flags = DMA_BUF_SYNC_RW, .fd = -1 };
	int dmabuf;

	f->fd = open_vgem();
	if (f->fd < 0)
		return false;
	if (do_ioctl(f->fd, DRM_IOCTL_MODE_CREATE_DUMB, &dumb))
		return false;
	attach.handle = dumb.handle;
	if (do_ioctl(f->fd, VGEM_IOCTL_FENCE_ATTACH, &attach))
		return false;
	f->fence = attach.out_fence;
	dmabuf = export_dmabuf(f->fd, dumb.handle);
	if (dmabuf < 0 || do_ioctl(dmabuf, DMA_BUF_IOCTL_EXPORT_SYNC_FILE, &sync))
		return false;
	close(dmabuf);
	f->sync_file = sync.fd;
	return true;
}

static inline int signal_foreign_fence(struct foreign_fence *f)
{
	struct vgem_fence_signal signal = { .fence = f->fence };

	return do_ioctl(f->fd, VGEM_IOCTL_FENCE_SIGNAL, &signal);
}

/**
 * struct small_job - a job that any device runs: 64 x 16 x 16 values of 8 bits
 * @src: buffer object with the surface
 * @dst: buffer object for the payload
 * @result: buffer object for the record
 * @surface: memory of @src
 * @payload: memory of @dst
 * @record: memory of @result
 * @job: compresses; may be changed before it is submitted
 */
struct small_job {
	uint32_t src, dst, result;
	uint8_t *surface;
	uint8_t *payload;
	struct drm_ascdev_result *record;
	struct drm_ascdev_job job;
};

#define SMALL_BYTES	(64 * 16 * 16)
#define SMALL_PAYLOAD	(SMALL_BYTES / 2)

#define CODECS	(DRM_ASCDEV_CODEC_AUTO + 1)
#define DTYPES	(DRM_ASCDEV_DTYPE_BF16 + 1)

static inline uint32_t dtype_bytes(uint32_t dtype)
{
	return dtype <= DRM_ASCDEV_DTYPE_S8 ? 1 : 2;
}

static inline void describe_dense(struct drm_ascdev_surface *s, uint32_t dtype, uint32_t n,
				  uint32_t c, uint32_t h, uint32_t w)
{
	uint64_t bytes = dtype_bytes(dtype);

	*s = (struct drm_ascdev_surface){
		.dtype = dtype,
		.dim = { n, c, h, w },
		.stride = { bytes * c * h * w, bytes * h * w, bytes * w, bytes },
	};
}

static inline bool make_small_job(int fd, struct small_job *small)
{
	int i;

	small->src = create_bo(fd, SMALL_BYTES);
	small->dst = create_bo(fd, SMALL_PAYLOAD);
	small->result = create_bo(fd, 4096);
	if (!small->src || !small->dst || !small->result)
		return false;
	small->surface = map_bo(fd, small->src, SMALL_BYTES);
	small->payload = map_bo(fd, small->dst, SMALL_PAYLOAD);
	small->record = map_bo(fd, small->result, 4096);
	if (small->surface == MAP_FAILED || small->payload == MAP_FAILED ||
	    small->record == MAP_FAILED)
		return false;
	for (i = 0; i < SMALL_BYTES; i++)
		small->surface[i] = i * 7 / 16 ^ i >> 5;
	memset(&small->job, 0, sizeof(small->job));
	small->job.op = DRM_ASCDEV_OP_COMPRESS;
	small->job.cookie = 0x1234567890abcdefull;
	describe_dense(&small->job.surface, DRM_ASCDEV_DTYPE_U8, 1, 64, 16, 16);
	small->job.params.codec = DRM_ASCDEV_CODEC_ASC_CBR;
	small->job.params.endpoints = DRM_ASCDEV_ENDPOINTS_TWO;
	small->job.params.profile = DRM_ASCDEV_PROFILE_FULL;
	small->job.params.block = (struct drm_ascdev_block){ 4, 4, 1, 0 };
	small->job.src = (struct drm_ascdev_range){ small->src, 0, 0, SMALL_BYTES };
	small->job.dst = (struct drm_ascdev_range){ small->dst, 0, 0, SMALL_PAYLOAD };
	small->job.result = (struct drm_ascdev_range){ small->result, 0, 0,
						       sizeof(struct drm_ascdev_result) };
	return true;
}

static inline int submit_jobs(int fd, struct drm_ascdev_job *jobs, uint32_t count)
{
	struct drm_ascdev_submit args = {
		.jobs = { .stride = sizeof(*jobs), .count = count, .array = (uintptr_t)jobs },
	};

	return do_ioctl(fd, DRM_IOCTL_ASCDEV_SUBMIT, &args);
}

static inline void set_syncs(struct drm_ascdev_job *job, struct drm_ascdev_sync *syncs,
			     uint32_t count)
{
	job->syncs = (struct drm_ascdev_obj_array){ sizeof(*syncs), count, (uintptr_t)syncs };
}

/*
 * 4 MiB, several times over: seconds of work for an emulated engine, which searches in
 * plain C.
 */
static inline bool make_large_jobs(int fd, struct drm_ascdev_job *jobs, int count)
{
	struct drm_ascdev_job job = { .op = DRM_ASCDEV_OP_COMPRESS };
	int i;

	describe_dense(&job.surface, DRM_ASCDEV_DTYPE_U8, 1, 64, 256, 256);
	job.params.codec = DRM_ASCDEV_CODEC_ASC_CBR;
	job.params.endpoints = DRM_ASCDEV_ENDPOINTS_TWO;
	job.params.effort = DRM_ASCDEV_EFFORT_BEST;
	job.params.block = (struct drm_ascdev_block){ 4, 4, 1, 0 };
	job.src = (struct drm_ascdev_range){ create_bo(fd, 4 << 20), 0, 0, 4 << 20 };
	job.dst = (struct drm_ascdev_range){ create_bo(fd, 2 << 20), 0, 0, 2 << 20 };
	for (i = 0; i < count; i++)
		jobs[i] = job;
	return job.src.handle && job.dst.handle;
}

/* How the fence of a syncobj ended: 1, or a negative errno. */
static inline int fence_status(int fd, uint32_t syncobj)
{
	struct sync_file_info info = { .num_fences = 0 };
	int sync_file = export_sync_file(fd, syncobj), ret;

	if (sync_file < 0)
		return sync_file;
	ret = do_ioctl(sync_file, SYNC_IOC_FILE_INFO, &info);
	close(sync_file);
	return ret ? ret : info.status;
}

/* A counter of the device, or -1. */
static inline long long read_stat(int minor, const char *name)
{
	char path[128];
	long long value = -1;
	FILE *file;

	snprintf(path, sizeof(path), SYSFS_DEVICE "/stats/%s", minor, name);
	file = fopen(path, "r");
	if (!file)
		return -1;
	if (fscanf(file, "%lld", &value) != 1)
		value = -1;
	fclose(file);
	return value;
}

/* Wait until all jobs of the device are accounted for. */
static inline bool stats_balance(int minor)
{
	int tries;

	for (tries = 0; tries < 3000; tries++) {
		long long ended = read_stat(minor, "jobs_completed") +
				  read_stat(minor, "jobs_failed") +
				  read_stat(minor, "jobs_cancelled");

		if (ended == read_stat(minor, "jobs_submitted"))
			return true;
		usleep(20000);
	}
	return false;
}

/* Writes a file of sysfs or debugfs; 0 or a negative errno. */
static inline int write_to(const char *dir, const char *name, const char *text)
{
	int length = strlen(text), fd, ret = 0;
	char path[256];

	snprintf(path, sizeof(path), "%s%s", dir, name);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -errno;
	if (write(fd, text, length) != length)
		ret = -errno;
	close(fd);
	return ret;
}

static inline bool write_number(const char *dir, const char *name, long long number)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", number);
	return !write_to(dir, name, text);
}

/* The first line of a file of sysfs; empty if it cannot be read. */
static inline void read_line(const char *dir, const char *name, char *line, size_t size)
{
	char path[256];
	FILE *file;

	line[0] = 0;
	snprintf(path, sizeof(path), "%s%s", dir, name);
	file = fopen(path, "r");
	if (!file)
		return;
	if (fgets(line, size, file))
		line[strcspn(line, "\n")] = 0;
	fclose(file);
}

/* Faults to inject; the directory is named after the device, not after the node. */
static inline bool find_injection(char *dir, size_t size)
{
	glob_t found;
	bool ok;

	if (glob("/sys/kernel/debug/accel/ascdev*/inject", 0, NULL, &found))
		return false;
	ok = found.gl_pathc == 1 &&
	     snprintf(dir, size, "%s/", found.gl_pathv[0]) < (int)size;
	globfree(&found);
	return ok;
}

/*
 * The job that an engine of the first device begins next stands still until somebody puts an
 * end to it: it is cancelled, or the device goes.  @inject and @device are directories.
 */
static inline bool hold_next_job(const char *inject, const char *device)
{
	return write_number(device, "timeout_ms", 600000) && write_number(inject, "hang", 1);
}

/* Until an engine has begun that job; one that is cancelled before leaves it to the next. */
static inline bool wait_until_held(const char *inject)
{
	char left[16];
	int tries;

	for (tries = 0; tries < 60000; tries++) {
		read_line(inject, "hang", left, sizeof(left));
		if (!strcmp(left, "0"))
			return true;
		usleep(1000);
	}
	return false;
}

/* A child that sends its parent a signal again and again, as one may come before a call waits. */
static inline pid_t keep_signalling(int number)
{
	pid_t child = fork();

	if (child)
		return child;
	do
		usleep(200000);
	while (!kill(getppid(), number) && getppid() != 1);
	_exit(0);
}

/* Lets all device coredumps go. */
static inline void drop_dumps(void)
{
	glob_t found;
	size_t i;

	if (glob("/sys/class/devcoredump/devcd*", 0, NULL, &found))
		return;
	for (i = 0; i < found.gl_pathc; i++)
		write_to(found.gl_pathv[i], "/data", "0");
	globfree(&found);
}

/* A dump, which is let go. */
static inline bool read_dump(char *text, size_t size)
{
	glob_t found;
	size_t n = 0;
	FILE *file;
	int i;

	for (i = 0; i < 3000; i++) {
		if (!glob("/sys/class/devcoredump/devcd*/data", 0, NULL, &found))
			break;
		usleep(20000);
	}
	if (i == 3000)
		return false;
	file = fopen(found.gl_pathv[0], "r+");
	if (file) {
		n = fread(text, 1, size - 1, file);
		text[n] = 0;
		/* a write lets it go */
		fseek(file, 0, SEEK_SET);
		fputc('0', file);
		fclose(file);
	}
	globfree(&found);
	return n;
}

/* That of a job with this cookie; dumps of jobs before it may still come. */
static inline bool read_dump_of(unsigned long long cookie, char *text, size_t size)
{
	char line[64];

	snprintf(line, sizeof(line), "\ncookie: %#llx\n", cookie);
	while (read_dump(text, size))
		if (strstr(text, line))
			return true;
	return false;
}

/* Write the name of the first device to "bind" or "unbind"; 0 or a negative errno. */
static inline int write_device(const char *file)
{
	char path[128];
	int fd, ret = 0;

	snprintf(path, sizeof(path), SYSFS_DRIVER "/%s", file);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -errno;
	if (write(fd, FIRST_DEVICE, strlen(FIRST_DEVICE)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

/* Binds again and waits for the node. */
static inline bool rebind(void)
{
	int i, fd;

	if (write_device("bind"))
		return false;
	for (i = 0; i < 3000; i++) {
		fd = open_node(NULL);
		if (fd >= 0) {
			close(fd);
			return true;
		}
		usleep(20000);
	}
	return false;
}

#endif
