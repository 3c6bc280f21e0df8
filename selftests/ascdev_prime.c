// SPDX-License-Identifier: MIT
/*
 * Buffer objects shared with other drivers, files and processes, by dma-buf.
 */

#include <linux/dma-heap.h>
#include <linux/udmabuf.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "ascdev_test.h"

/* Not in the headers of older distributions. */
#ifndef DMA_BUF_IOCTL_IMPORT_SYNC_FILE
struct dma_buf_import_sync_file {
	__u32 flags;
	__s32 fd;
};

#define DMA_BUF_IOCTL_IMPORT_SYNC_FILE	_IOW(DMA_BUF_BASE, 3, struct dma_buf_import_sync_file)
#endif

static int make_memfd(size_t size)
{
	int fd = memfd_create("ascdev", MFD_ALLOW_SEALING | MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, size) || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK))
		return -1;
	return fd;
}

/* Each makes a dma-buf, or returns -1 where the kernel has no such exporter. */
static int make_udmabuf(size_t size)
{
	struct udmabuf_create args = { .flags = UDMABUF_FLAGS_CLOEXEC, .size = size };
	int device = open("/dev/udmabuf", O_RDWR | O_CLOEXEC), fd;

	if (device < 0)
		return -1;
	args.memfd = make_memfd(size);
	fd = ioctl(device, UDMABUF_CREATE, &args);
	close(args.memfd);
	close(device);
	return fd;
}

static int make_heap_buffer(size_t size)
{
	struct dma_heap_allocation_data args = { .len = size, .fd_flags = O_RDWR | O_CLOEXEC };
	int heap = open("/dev/dma_heap/system", O_RDONLY | O_CLOEXEC), ret;

	if (heap < 0)
		return -1;
	ret = ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &args);
	close(heap);
	return ret ? -1 : (int)args.fd;
}

static int sync_dmabuf(int fd, uint64_t flags)
{
	struct dma_buf_sync args = { .flags = flags };

	return do_ioctl(fd, DMA_BUF_IOCTL_SYNC, &args);
}

/* The fences that a user who reads, or writes, has to wait for. */
static int fences_of(int fd, uint32_t flags)
{
	struct dma_buf_export_sync_file args = { .flags = flags, .fd = -1 };
	int ret = do_ioctl(fd, DMA_BUF_IOCTL_EXPORT_SYNC_FILE, &args);

	return ret ? ret : args.fd;
}

static int add_fence(int fd, int sync_file, uint32_t flags)
{
	struct dma_buf_import_sync_file args = { .flags = flags, .fd = sync_file };

	return do_ioctl(fd, DMA_BUF_IOCTL_IMPORT_SYNC_FILE, &args);
}

static int status_of(int sync_file)
{
	struct sync_file_info info = { .num_fences = 0 };
	int ret = do_ioctl(sync_file, SYNC_IOC_FILE_INFO, &info);

	return ret ? ret : info.status;
}

static void close_handle(int fd, uint32_t handle)
{
	struct drm_gem_close args = { .handle = handle };

	do_ioctl(fd, DRM_IOCTL_GEM_CLOSE, &args);
}

/**
 * struct submitter - a thread that submits a job, which may take a while
 * @thread: the thread
 * @fd: node
 * @job: the job
 * @ret: what came of it
 */
struct submitter {
	pthread_t thread;
	int fd;
	struct drm_ascdev_job *job;
	int ret;
};

static void *submit_it(void *data)
{
	struct submitter *submitter = data;

	submitter->ret = submit_jobs(submitter->fd, submitter->job, 1);
	return NULL;
}

static bool start_submit(struct submitter *submitter, int fd, struct drm_ascdev_job *job)
{
	submitter->fd = fd;
	submitter->job = job;
	return !pthread_create(&submitter->thread, NULL, submit_it, submitter);
}

static int end_submit(struct submitter *submitter)
{
	pthread_join(submitter->thread, NULL);
	return submitter->ret;
}

FIXTURE(import)
{
	int fd;
	struct small_job small;
	uint8_t expected[SMALL_PAYLOAD];
	int dmabuf;
	uint8_t *memory;
};

FIXTURE_VARIANT(import)
{
	int (*make)(size_t size);
	const char *module;
	bool wants_cpu_access;
};

FIXTURE_VARIANT_ADD(import, udmabuf)
{
	.make = make_udmabuf,
	.module = "udmabuf",
	.wants_cpu_access = true,
};

FIXTURE_VARIANT_ADD(import, heap)
{
	.make = make_heap_buffer,
	.module = "system_heap",
	.wants_cpu_access = true,
};

FIXTURE_VARIANT_ADD(import, vgem)
{
	.make = make_vgem_buffer,
	.module = "vgem",
};

/* A foreign buffer with a surface in it, and what its payload has to be. */
FIXTURE_SETUP(import)
{
	self->fd = open_node(NULL);
	if (self->fd < 0)
		SKIP(return, "no device");
	self->dmabuf = variant->make(SMALL_BYTES);
	if (self->dmabuf < 0)
		SKIP(return, "no such exporter");
	ASSERT_TRUE(make_small_job(self->fd, &self->small));
	ASSERT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));
	ASSERT_EQ(0, wait_bo(self->fd, self->small.dst, 20000));
	memcpy(self->expected, self->small.payload, SMALL_PAYLOAD);
	memset(self->small.payload, 0, SMALL_PAYLOAD);
	memset(self->small.record, 0, sizeof(*self->small.record));

	self->memory = mmap(NULL, SMALL_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, self->dmabuf, 0);
	ASSERT_NE(MAP_FAILED, self->memory);
	ASSERT_EQ(0, sync_dmabuf(self->dmabuf, DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW));
	memcpy(self->memory, self->small.surface, SMALL_BYTES);
	ASSERT_EQ(0, sync_dmabuf(self->dmabuf, DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW));
	self->small.job.src.handle = import_dmabuf(self->fd, self->dmabuf);
	ASSERT_NE(0, self->small.job.src.handle);
}

FIXTURE_TEARDOWN(import)
{
	close(self->fd);
}

TEST_F(import, is_read_by_a_job)
{
	ASSERT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));
	ASSERT_EQ(0, wait_bo(self->fd, self->small.dst, 20000));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, self->small.record->status);
	EXPECT_EQ(0, memcmp(self->expected, self->small.payload, SMALL_PAYLOAD));
}

/* The payload, and the record, into foreign memory; and the values back into it. */
TEST_F(import, is_written_by_a_job)
{
	struct drm_ascdev_job back = self->small.job;
	int dmabuf = variant->make(SMALL_PAYLOAD + 4096);
	uint8_t *memory;

	ASSERT_LE(0, dmabuf);
	memory = mmap(NULL, SMALL_PAYLOAD + 4096, PROT_READ | PROT_WRITE, MAP_SHARED, dmabuf, 0);
	ASSERT_NE(MAP_FAILED, memory);
	self->small.job.dst.handle = import_dmabuf(self->fd, dmabuf);
	ASSERT_NE(0, self->small.job.dst.handle);
	self->small.job.result.handle = self->small.job.dst.handle;
	self->small.job.result.offset = SMALL_PAYLOAD;
	ASSERT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));

	/* waits for the engine */
	ASSERT_EQ(0, sync_dmabuf(dmabuf, DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ));
	EXPECT_EQ(0, memcmp(self->expected, memory, SMALL_PAYLOAD));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE,
		  ((struct drm_ascdev_result *)(memory + SMALL_PAYLOAD))->status);
	ASSERT_EQ(0, sync_dmabuf(dmabuf, DMA_BUF_SYNC_END | DMA_BUF_SYNC_READ));

	memset(self->memory, 0xee, SMALL_BYTES);
	back.op = DRM_ASCDEV_OP_DECOMPRESS;
	back.src = self->small.job.dst;
	back.dst = (struct drm_ascdev_range){ self->small.job.src.handle, 0, 0, SMALL_BYTES };
	ASSERT_EQ(0, submit_jobs(self->fd, &back, 1));
	ASSERT_EQ(0, sync_dmabuf(self->dmabuf, DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ));
	EXPECT_NE(0xee, self->memory[0]);
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, self->small.record->status);
	ASSERT_EQ(0, sync_dmabuf(self->dmabuf, DMA_BUF_SYNC_END | DMA_BUF_SYNC_READ));
	close(dmabuf);
}

TEST_F(import, is_one_object_in_a_file)
{
	int other = open_node(NULL);
	uint32_t theirs;
	int again;

	ASSERT_LE(0, other);
	EXPECT_EQ(self->small.job.src.handle, import_dmabuf(self->fd, self->dmabuf));
	again = export_dmabuf(self->fd, self->small.job.src.handle);
	ASSERT_LE(0, again);
	EXPECT_EQ(self->small.job.src.handle, import_dmabuf(self->fd, again));
	theirs = import_dmabuf(other, self->dmabuf);
	EXPECT_NE(0, theirs);
	/* both files at once, on one reservation */
	ASSERT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));
	EXPECT_EQ(0, wait_bo(other, theirs, 20000));
	close(again);
	close(other);
}

TEST_F(import, is_mapped_through_the_node)
{
	uint8_t *memory = map_bo(self->fd, self->small.job.src.handle, SMALL_BYTES);

	ASSERT_NE(MAP_FAILED, memory);
	EXPECT_EQ(0, memcmp(memory, self->small.surface, SMALL_BYTES));
	memory[5] ^= 0xff;
	EXPECT_EQ(memory[5], self->memory[5]);
	munmap(memory, SMALL_BYTES);
}

/* It lives in the import, and so does the exporter's module. */
TEST_F(import, outlives_the_exporter)
{
	munmap(self->memory, SMALL_BYTES);
	close(self->dmabuf);
	EXPECT_EQ(-1, syscall(SYS_delete_module, variant->module, O_NONBLOCK));
	ASSERT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));
	ASSERT_EQ(0, wait_bo(self->fd, self->small.dst, 20000));
	EXPECT_EQ(0, memcmp(self->expected, self->small.payload, SMALL_PAYLOAD));
}

/* The last who has it is a job. */
TEST_F(import, outlives_its_handle)
{
	struct drm_ascdev_sync sync = { 0 };
	struct foreign_fence fence;

	if (!make_foreign_fence(&fence))
		SKIP(return, "no vgem");
	sync.handle = create_syncobj(self->fd);
	ASSERT_EQ(0, import_sync_file(self->fd, sync.handle, fence.sync_file));
	set_syncs(&self->small.job, &sync, 1);
	ASSERT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));
	munmap(self->memory, SMALL_BYTES);
	close(self->dmabuf);
	close_handle(self->fd, self->small.job.src.handle);
	EXPECT_EQ(-ENOENT, submit_jobs(self->fd, &self->small.job, 1));
	ASSERT_EQ(0, signal_foreign_fence(&fence));
	ASSERT_EQ(0, wait_bo(self->fd, self->small.dst, 20000));
	EXPECT_EQ(0, memcmp(self->expected, self->small.payload, SMALL_PAYLOAD));
}

/* A job waits for a writer that is on the buffer, whoever put its fence there. */
TEST_F(import, waits_for_its_fences)
{
	struct submitter submitter;
	struct foreign_fence fence;

	if (!make_foreign_fence(&fence))
		SKIP(return, "no vgem");
	ASSERT_EQ(0, add_fence(self->dmabuf, fence.sync_file, DMA_BUF_SYNC_WRITE));
	memset(self->memory, 0, SMALL_BYTES);
	ASSERT_TRUE(start_submit(&submitter, self->fd, &self->small.job));
	if (!variant->wants_cpu_access) {
		EXPECT_EQ(0, end_submit(&submitter));
		EXPECT_EQ(-ETIME, wait_bo(self->fd, self->small.dst, 100));
	} else {
		usleep(200000);
	}
	EXPECT_EQ(DRM_ASCDEV_STATUS_NONE, self->small.record->status);
	memcpy(self->memory, self->small.surface, SMALL_BYTES);
	ASSERT_EQ(0, signal_foreign_fence(&fence));
	if (variant->wants_cpu_access)
		EXPECT_EQ(0, end_submit(&submitter));
	ASSERT_EQ(0, wait_bo(self->fd, self->small.dst, 20000));
	EXPECT_EQ(0, memcmp(self->expected, self->small.payload, SMALL_PAYLOAD));
}

/* One that reads does not wait for another reader. */
TEST_F(import, readers_share)
{
	struct foreign_fence fence;

	if (!make_foreign_fence(&fence))
		SKIP(return, "no vgem");
	ASSERT_EQ(0, add_fence(self->dmabuf, fence.sync_file, DMA_BUF_SYNC_READ));
	ASSERT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));
	EXPECT_EQ(0, wait_bo(self->fd, self->small.dst, 20000));
	EXPECT_EQ(0, memcmp(self->expected, self->small.payload, SMALL_PAYLOAD));
	ASSERT_EQ(0, signal_foreign_fence(&fence));
}

static void on_signal(int signal)
{
	(void)signal;
}

/* A SUBMIT that waits for them ends with a signal, and has done nothing. */
TEST_F(import, interrupted_submit)
{
	struct drm_ascdev_submit args = {
		.jobs = { sizeof(self->small.job), 1, (uintptr_t)&self->small.job },
	};
	struct sigaction action = { .sa_handler = on_signal };
	struct foreign_fence fence;
	pid_t child;
	int ret;

	if (!variant->wants_cpu_access)
		return;
	if (!make_foreign_fence(&fence))
		SKIP(return, "no vgem");
	ASSERT_EQ(0, add_fence(self->dmabuf, fence.sync_file, DMA_BUF_SYNC_WRITE));
	sigaction(SIGUSR1, &action, NULL);
	child = fork();
	if (!child) {
		/* until it gets there */
		for (;;) {
			usleep(200000);
			if (kill(getppid(), SIGUSR1) || getppid() == 1)
				_exit(0);
		}
	}
	ret = ioctl(self->fd, DRM_IOCTL_ASCDEV_SUBMIT, &args);
	EXPECT_EQ(-1, ret);
	EXPECT_EQ(EINTR, errno);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	ASSERT_EQ(0, signal_foreign_fence(&fence));
	EXPECT_EQ(0, wait_bo(self->fd, self->small.dst, 0));
	EXPECT_EQ(DRM_ASCDEV_STATUS_NONE, self->small.record->status);
	ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_SUBMIT, &args));
	EXPECT_EQ(0, wait_bo(self->fd, self->small.dst, 20000));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, self->small.record->status);
}

/* Others see the fences of jobs on the buffer: as a reader, writers have to wait for it. */
TEST_F(import, gets_the_fences_of_jobs)
{
	struct drm_ascdev_sync sync = { 0 };
	struct foreign_fence fence;
	int readers, writers;

	if (!make_foreign_fence(&fence))
		SKIP(return, "no vgem");
	sync.handle = create_syncobj(self->fd);
	ASSERT_EQ(0, import_sync_file(self->fd, sync.handle, fence.sync_file));
	set_syncs(&self->small.job, &sync, 1);
	ASSERT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));
	readers = fences_of(self->dmabuf, DMA_BUF_SYNC_READ);
	writers = fences_of(self->dmabuf, DMA_BUF_SYNC_WRITE);
	ASSERT_LE(0, readers);
	ASSERT_LE(0, writers);
	EXPECT_EQ(1, status_of(readers));
	EXPECT_EQ(0, status_of(writers));
	ASSERT_EQ(0, signal_foreign_fence(&fence));
	ASSERT_EQ(0, wait_bo(self->fd, self->small.dst, 20000));
	EXPECT_EQ(1, status_of(writers));
	close(readers);
	close(writers);
}

TEST_F(import, has_bounds)
{
	struct drm_ascdev_job job = self->small.job;

	job.src.size = SMALL_BYTES + 1;
	EXPECT_EQ(-EINVAL, submit_jobs(self->fd, &job, 1));
	job.src.size = SMALL_BYTES;
	job.src.offset = 1;
	EXPECT_EQ(-EINVAL, submit_jobs(self->fd, &job, 1));
	EXPECT_EQ(DRM_ASCDEV_STATUS_NONE, self->small.record->status);
}

/* Processes that are killed with jobs on it leave it as it was. */
TEST_F(import, killed_with_jobs)
{
	int round, i;

	for (round = 0; round < 10; round++) {
		pid_t pid = fork();
		int status;

		ASSERT_LE(0, pid);
		if (!pid) {
			struct small_job small;
			int fd = open_node(NULL);

			if (fd < 0 || !make_small_job(fd, &small))
				_exit(1);
			small.job.src.handle = import_dmabuf(fd, self->dmabuf);
			for (i = 0; i < 20; i++) {
				if (submit_jobs(fd, &small.job, 1))
					_exit(2);
			}
			kill(getpid(), SIGKILL);
		}
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		ASSERT_TRUE(WIFSIGNALED(status));
	}
	ASSERT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));
	ASSERT_EQ(0, wait_bo(self->fd, self->small.dst, 20000));
	EXPECT_EQ(0, memcmp(self->expected, self->small.payload, SMALL_PAYLOAD));
}

FIXTURE(export)
{
	int fd;
	struct small_job small;
};

FIXTURE_SETUP(export)
{
	self->fd = open_node(NULL);
	if (self->fd < 0)
		SKIP(return, "no device");
	ASSERT_TRUE(make_small_job(self->fd, &self->small));
}

FIXTURE_TEARDOWN(export)
{
	close(self->fd);
}

TEST_F(export, comes_back_as_itself)
{
	int dmabuf = export_dmabuf(self->fd, self->small.dst), again;

	ASSERT_LE(0, dmabuf);
	EXPECT_EQ(self->small.dst, import_dmabuf(self->fd, dmabuf));
	again = export_dmabuf(self->fd, self->small.dst);
	EXPECT_EQ(self->small.dst, import_dmabuf(self->fd, again));
	close(again);

	/* as one object too: it may not be read and written at once */
	self->small.job.src.handle = self->small.dst;
	self->small.job.src.size = SMALL_PAYLOAD;
	EXPECT_EQ(-EINVAL, submit_jobs(self->fd, &self->small.job, 1));

	/* after the handle it is an object like any other */
	close_handle(self->fd, self->small.dst);
	EXPECT_NE(0, import_dmabuf(self->fd, dmabuf));
	close(dmabuf);
}

static bool send_fd(int socket, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { .iov_base = "x", .iov_len = 1 };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	return sendmsg(socket, &message, 0) == 1;
}

static int receive_fd(int socket)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 }, byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
				  .msg_controllen = sizeof(control) };
	int fd;

	if (recvmsg(socket, &message, 0) != 1 || !CMSG_FIRSTHDR(&message))
		return -1;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

/* A process that got only the dma-buf compresses into it. */
TEST_F(export, to_another_process)
{
	uint8_t expected[SMALL_PAYLOAD];
	int sockets[2], dmabuf, status;
	pid_t pid;

	ASSERT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));
	ASSERT_EQ(0, wait_bo(self->fd, self->small.dst, 20000));
	memcpy(expected, self->small.payload, SMALL_PAYLOAD);
	memset(self->small.payload, 0, SMALL_PAYLOAD);

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, sockets));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		struct small_job small;
		int fd = open_node(NULL);

		close(self->fd);
		if (fd < 0 || !make_small_job(fd, &small))
			_exit(1);
		small.job.dst.handle = import_dmabuf(fd, receive_fd(sockets[1]));
		_exit(small.job.dst.handle ? -submit_jobs(fd, &small.job, 1) : 2);
	}
	dmabuf = export_dmabuf(self->fd, self->small.dst);
	ASSERT_LE(0, dmabuf);
	ASSERT_TRUE(send_fd(sockets[0], dmabuf));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_EQ(0, status);
	EXPECT_EQ(0, wait_bo(self->fd, self->small.dst, 20000));
	EXPECT_EQ(0, memcmp(expected, self->small.payload, SMALL_PAYLOAD));
	close(dmabuf);
}

static void *read_it(void *data)
{
	int *dmabuf = data;

	return (void *)(intptr_t)sync_dmabuf(*dmabuf, DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ);
}

/* Whoever reads by CPU, or polls, waits for the engine. */
TEST_F(export, readers_wait_for_the_engine)
{
	struct drm_ascdev_sync sync = { 0 };
	struct foreign_fence fence;
	struct pollfd poll_args = { .events = POLLIN };
	pthread_t thread;
	uint8_t *memory;
	void *ret;
	int file;

	if (!make_foreign_fence(&fence))
		SKIP(return, "no vgem");
	sync.handle = create_syncobj(self->fd);
	ASSERT_EQ(0, import_sync_file(self->fd, sync.handle, fence.sync_file));
	set_syncs(&self->small.job, &sync, 1);
	poll_args.fd = export_dmabuf(self->fd, self->small.dst);
	ASSERT_LE(0, poll_args.fd);
	memory = mmap(NULL, SMALL_PAYLOAD, PROT_READ | PROT_WRITE, MAP_SHARED, poll_args.fd, 0);
	ASSERT_NE(MAP_FAILED, memory);
	EXPECT_EQ(1, poll(&poll_args, 1, 0));
	ASSERT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));
	file = fences_of(poll_args.fd, DMA_BUF_SYNC_READ);
	ASSERT_LE(0, file);
	EXPECT_EQ(0, status_of(file));
	EXPECT_EQ(0, poll(&poll_args, 1, 0));
	ASSERT_EQ(0, pthread_create(&thread, NULL, read_it, &poll_args.fd));
	usleep(100000);
	EXPECT_EQ(DRM_ASCDEV_STATUS_NONE, self->small.record->status);
	ASSERT_EQ(0, signal_foreign_fence(&fence));
	ASSERT_EQ(0, pthread_join(thread, &ret));
	EXPECT_EQ(0, (intptr_t)ret);
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, self->small.record->status);
	EXPECT_EQ(0, memcmp(memory, self->small.payload, SMALL_PAYLOAD));
	EXPECT_EQ(0, sync_dmabuf(poll_args.fd, DMA_BUF_SYNC_END | DMA_BUF_SYNC_READ));
	EXPECT_EQ(1, poll(&poll_args, 1, 10000));
	EXPECT_EQ(1, status_of(file));
	close(file);
	close(poll_args.fd);
}

/* A fence that userspace puts on our own dma-buf holds jobs back; SUBMIT returns at once. */
TEST_F(export, jobs_wait_for_its_fences)
{
	struct foreign_fence fence;
	int dmabuf;

	if (!make_foreign_fence(&fence))
		SKIP(return, "no vgem");
	dmabuf = export_dmabuf(self->fd, self->small.src);
	ASSERT_LE(0, dmabuf);
	ASSERT_EQ(0, add_fence(dmabuf, fence.sync_file, DMA_BUF_SYNC_WRITE));
	ASSERT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));
	EXPECT_EQ(-ETIME, wait_bo(self->fd, self->small.dst, 100));
	EXPECT_EQ(DRM_ASCDEV_STATUS_NONE, self->small.record->status);
	ASSERT_EQ(0, signal_foreign_fence(&fence));
	EXPECT_EQ(0, wait_bo(self->fd, self->small.dst, 20000));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, self->small.record->status);
	close(dmabuf);
}

/* Another driver attaches to it and maps it for DMA, and may be the last to hold it. */
TEST_F(export, to_another_driver)
{
	int vgem = open_vgem(), dmabuf;
	uint32_t handle, theirs;
	uint8_t *memory;

	if (vgem < 0)
		SKIP(return, "no vgem");
	memset(self->small.surface, 0xa5, SMALL_BYTES);
	dmabuf = export_dmabuf(self->fd, self->small.src);
	ASSERT_LE(0, dmabuf);
	theirs = import_dmabuf(vgem, dmabuf);
	ASSERT_NE(0, theirs);
	close(dmabuf);
	munmap(self->small.surface, SMALL_BYTES);
	close_handle(self->fd, self->small.src);

	dmabuf = export_dmabuf(vgem, theirs);
	ASSERT_LE(0, dmabuf);
	close(vgem);
	handle = import_dmabuf(self->fd, dmabuf);
	ASSERT_NE(0, handle);
	close(dmabuf);
	memory = map_bo(self->fd, handle, SMALL_BYTES);
	ASSERT_NE(MAP_FAILED, memory);
	EXPECT_EQ(0xa5, memory[SMALL_BYTES - 1]);
}

/* Write-combined memory is the same through the node, the dma-buf and the engine. */
TEST_F(export, of_write_combined_memory)
{
	struct drm_ascdev_bo_create args = { .size = SMALL_BYTES, .flags = DRM_ASCDEV_BO_WC };
	uint8_t *node, *memory;
	int dmabuf;

	ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_CREATE, &args));
	node = map_bo(self->fd, args.handle, SMALL_BYTES);
	dmabuf = export_dmabuf(self->fd, args.handle);
	ASSERT_LE(0, dmabuf);
	memory = mmap(NULL, SMALL_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, dmabuf, 0);
	ASSERT_NE(MAP_FAILED, node);
	ASSERT_NE(MAP_FAILED, memory);
	memcpy(memory, self->small.surface, SMALL_BYTES);
	EXPECT_EQ(0, memcmp(node, memory, SMALL_BYTES));
	self->small.job.src.handle = args.handle;
	ASSERT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));
	ASSERT_EQ(0, wait_bo(self->fd, self->small.dst, 20000));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, self->small.record->status);
	close(dmabuf);
}

/* A handle means nothing in another file, whatever is asked of it. */
TEST_F(export, handles_cannot_be_guessed)
{
	int other = open_node(NULL);
	uint32_t handle;

	ASSERT_LE(0, other);
	for (handle = 0; handle < 64; handle++) {
		struct drm_ascdev_bo_set_label label = { .handle = handle };
		struct drm_ascdev_bo_mmap_offset offset = { .handle = handle };
		struct drm_gem_close close_args = { .handle = handle };
		struct drm_ascdev_job job = self->small.job;

		EXPECT_EQ(-ENOENT, export_dmabuf(other, handle));
		EXPECT_EQ(-ENOENT, wait_bo(other, handle, 0));
		EXPECT_EQ(-ENOENT, do_ioctl(other, DRM_IOCTL_ASCDEV_BO_SET_LABEL, &label));
		EXPECT_EQ(-ENOENT, do_ioctl(other, DRM_IOCTL_ASCDEV_BO_MMAP_OFFSET, &offset));
		EXPECT_EQ(-EINVAL, do_ioctl(other, DRM_IOCTL_GEM_CLOSE, &close_args));
		job.src.handle = handle;
		EXPECT_EQ(-ENOENT, submit_jobs(other, &job, 1));
	}
	/* nor does the offset that maps it */
	{
		struct drm_ascdev_bo_mmap_offset offset = { .handle = self->small.src };

		ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_MMAP_OFFSET, &offset));
		EXPECT_EQ(MAP_FAILED, mmap(NULL, SMALL_BYTES, PROT_READ, MAP_SHARED, other,
					   offset.offset));
		EXPECT_EQ(EACCES, errno);
	}
	EXPECT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));
	close(other);
}

static int try_import(int fd, int dmabuf)
{
	struct drm_prime_handle args = { .fd = dmabuf };

	return do_ioctl(fd, DRM_IOCTL_PRIME_FD_TO_HANDLE, &args);
}

TEST_F(export, imports_nothing_else)
{
	int memfd = make_memfd(4096);

	ASSERT_LE(0, memfd);
	EXPECT_EQ(-EBADF, try_import(self->fd, -1));
	EXPECT_EQ(-EBADF, try_import(self->fd, 1000));
	EXPECT_EQ(-EINVAL, try_import(self->fd, memfd));
	EXPECT_EQ(-EINVAL, try_import(self->fd, self->fd));
	close(memfd);
}

/* Refused before the exporter has to find the memory. */
TEST_F(export, imports_nothing_huge)
{
	struct drm_mode_create_dumb dumb = { .width = 1024, .bpp = 32 };
	struct drm_ascdev_dev_info info;
	struct drm_ascdev_dev_query query = {
		.type = DRM_ASCDEV_DEV_QUERY_DEV_INFO,
		.size = sizeof(info),
		.pointer = (uintptr_t)&info,
	};
	int vgem = open_vgem(), dmabuf;

	if (vgem < 0)
		SKIP(return, "no vgem");
	ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_DEV_QUERY, &query));
	dumb.height = info.max_bo_bytes / 4096 + 1;
	ASSERT_EQ(0, do_ioctl(vgem, DRM_IOCTL_MODE_CREATE_DUMB, &dumb));
	ASSERT_EQ(info.max_bo_bytes + 4096, dumb.size);
	dmabuf = export_dmabuf(vgem, dumb.handle);
	ASSERT_LE(0, dmabuf);
	EXPECT_EQ(-E2BIG, try_import(self->fd, dmabuf));
	close(dmabuf);
	close(vgem);
}

TEST_HARNESS_MAIN
