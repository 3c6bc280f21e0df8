// SPDX-License-Identifier: MIT
/*
 * Clients that mean no good, or die: what they leave behind, and what others notice.
 *
 * ASCDEV_STRESS_SECONDS: for how long clients are killed, instead of a fixed number.
 */

#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "ascdev_test.h"

FIXTURE(stress)
{
	int fd;
	int minor;
	struct small_job small;
	uint8_t expected[SMALL_PAYLOAD];
};

/* The job, whose payload must be what it always is. */
static bool is_right(FIXTURE_DATA(stress) *self)
{
	memset(self->small.payload, 0, SMALL_PAYLOAD);
	memset(self->small.record, 0, sizeof(*self->small.record));
	return !submit_jobs(self->fd, &self->small.job, 1) &&
	       !wait_bo(self->fd, self->small.dst, 60000) &&
	       self->small.record->status == DRM_ASCDEV_STATUS_DONE &&
	       !memcmp(self->small.payload, self->expected, SMALL_PAYLOAD);
}

FIXTURE_SETUP(stress)
{
	self->fd = open_node(&self->minor);
	if (self->fd < 0)
		SKIP(return, "no device");
	ASSERT_TRUE(make_small_job(self->fd, &self->small));
	ASSERT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));
	ASSERT_EQ(0, wait_bo(self->fd, self->small.dst, 60000));
	ASSERT_EQ(DRM_ASCDEV_STATUS_DONE, self->small.record->status);
	memcpy(self->expected, self->small.payload, SMALL_PAYLOAD);
}

FIXTURE_TEARDOWN(stress)
{
	close(self->fd);
}

static uint64_t next(uint64_t *random)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return *random >> 16;
}

static int create_ctx(int fd, uint32_t *ctx)
{
	struct drm_ascdev_ctx_create args = { .priority = DRM_ASCDEV_PRIORITY_NORMAL };
	int ret = do_ioctl(fd, DRM_IOCTL_ASCDEV_CTX_CREATE, &args);

	*ctx = args.ctx;
	return ret;
}

static int submit_to(int fd, uint32_t ctx, struct drm_ascdev_job *jobs, uint32_t count)
{
	struct drm_ascdev_submit args = {
		.ctx = ctx,
		.jobs = { .stride = sizeof(*jobs), .count = count, .array = (uintptr_t)jobs },
	};

	return do_ioctl(fd, DRM_IOCTL_ASCDEV_SUBMIT, &args);
}

static int close_bo(int fd, uint32_t handle)
{
	struct drm_gem_close args = { .handle = handle };

	return do_ioctl(fd, DRM_IOCTL_GEM_CLOSE, &args);
}

/* Everything that leaves something behind, until it is killed. */
static void be_busy(int shared_buffer)
{
	struct drm_ascdev_job jobs[20], large;
	struct small_job small;
	int fd = open_node(NULL), i;

	if (fd < 0 || !make_small_job(fd, &small) || !make_large_jobs(fd, &large, 1))
		_exit(1);
	large.surface.dim[1] = 4;
	for (i = 0; i < 20; i++)
		jobs[i] = i % 9 ? small.job : large;
	/* what another client reads and writes too */
	jobs[7].dst.handle = import_dmabuf(fd, shared_buffer);
	for (;;) {
		struct drm_ascdev_sync sync = { DRM_ASCDEV_SYNC_SIGNAL, create_syncobj(fd), 0 };
		struct drm_ascdev_cancel cancel = { .flags = DRM_ASCDEV_CANCEL_ALL };
		uint32_t ctx = 0, bo = create_bo(fd, 1 << 16);
		int file, other = open_node(NULL);

		create_ctx(fd, &ctx);
		cancel.ctx = ctx;
		set_syncs(&jobs[3], &sync, 1);
		submit_to(fd, ctx, jobs, 20);
		if (ctx % 4 == 0)
			do_ioctl(fd, DRM_IOCTL_ASCDEV_CANCEL, &cancel);
		file = export_sync_file(fd, sync.handle);
		import_sync_file(fd, create_syncobj(fd), file);
		close(export_dmabuf(fd, bo));
		map_bo(fd, bo, 1 << 16);
		close(file);
		close(other);
	}
}

#define CLIENTS	4
#define ROUNDS	40

TEST_F_TIMEOUT(stress, clients_killed_at_any_moment, 7200)
{
	const char *text = getenv("ASCDEV_STRESS_SECONDS");
	int64_t end = text ? deadline_ms(1000 * atoi(text)) : 0;
	int shared_buffer, round, running = 0, status;
	uint64_t random = 0x243f6a8885a308d3;
	pid_t clients[CLIENTS] = { 0 };

	shared_buffer = export_dmabuf(self->fd, create_bo(self->fd, SMALL_PAYLOAD));
	ASSERT_LE(0, shared_buffer);
	for (round = 0; end ? deadline_ms(0) < end : round < ROUNDS; round++) {
		int i = round % CLIENTS;

		if (clients[i])
			ASSERT_EQ(0, kill(clients[i], SIGKILL));
		/* a client takes its time to end, but does not keep the next from being born */
		while (running && (waitpid(-1, &status, running < 3 * CLIENTS ? WNOHANG : 0) > 0)) {
			ASSERT_TRUE(WIFSIGNALED(status));
			running--;
		}
		clients[i] = fork();
		ASSERT_LE(0, clients[i]);
		if (!clients[i])
			be_busy(shared_buffer);
		running++;
		usleep(next(&random) % 60000);
		if (round % 8 == 7)
			EXPECT_TRUE(is_right(self)) TH_LOG("round %d", round);
	}
	for (; clients[round % CLIENTS]; round++) {
		ASSERT_EQ(0, kill(clients[round % CLIENTS], SIGKILL));
		clients[round % CLIENTS] = 0;
	}
	for (; running; running--)
		ASSERT_LT(0, waitpid(-1, &status, 0));
	TH_LOG("%d clients killed", round);
	EXPECT_TRUE(stats_balance(self->minor));
	EXPECT_TRUE(is_right(self));
	close(shared_buffer);
}

/* A file descriptor goes to the other end; -1 on failure. */
static int send_fd(int sock, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { .iov_base = "x", .iov_len = 1 };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(int));
	return sendmsg(sock, &message, 0) == 1 ? 0 : -1;
}

static int receive_fd(int sock)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 }, byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
				  .msg_controllen = sizeof(control) };
	int fd = -1;

	if (recvmsg(sock, &message, MSG_CMSG_CLOEXEC) == 1 && CMSG_FIRSTHDR(&message))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
	return fd;
}

/* A dma-buf outlives its exporter, whose jobs still write it. */
TEST_F(stress, exporter_that_dies)
{
	int round, status;

	for (round = 0; round < 6; round++) {
		int sockets[2], dmabuf;
		struct drm_ascdev_job job = self->small.job;
		uint8_t *memory;
		pid_t pid;

		ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid) {
			struct drm_ascdev_job jobs[8];
			struct small_job small;
			int fd = open_node(NULL), i;

			if (fd < 0 || !make_small_job(fd, &small) || !make_large_jobs(fd, jobs, 1))
				_exit(1);
			for (i = 1; i < 8; i++)
				jobs[i] = small.job;
			if (submit_jobs(fd, jobs, 8) ||
			    send_fd(sockets[1], export_dmabuf(fd, small.dst)))
				_exit(1);
			/* by its own hand, or by ours */
			if (round % 2)
				_exit(0);
			for (;;)
				pause();
		}
		close(sockets[1]);
		dmabuf = receive_fd(sockets[0]);
		ASSERT_LE(0, dmabuf);
		if (round % 2 == 0)
			ASSERT_EQ(0, kill(pid, SIGKILL));
		if (round < 3)
			ASSERT_EQ(pid, waitpid(pid, &status, 0));

		/* a job of ours behind those of the dead: they end, or are dropped */
		job.dst.handle = import_dmabuf(self->fd, dmabuf);
		ASSERT_NE(0, job.dst.handle);
		ASSERT_EQ(0, submit_jobs(self->fd, &job, 1));
		ASSERT_EQ(0, wait_bo(self->fd, job.dst.handle, 60000));
		EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, self->small.record->status);
		memory = mmap(NULL, SMALL_PAYLOAD, PROT_READ, MAP_SHARED, dmabuf, 0);
		ASSERT_NE(MAP_FAILED, memory);
		EXPECT_EQ(0, memcmp(memory, self->expected, SMALL_PAYLOAD));
		munmap(memory, SMALL_PAYLOAD);
		EXPECT_EQ(0, close_bo(self->fd, job.dst.handle));
		close(dmabuf);
		close(sockets[0]);
		if (round >= 3)
			ASSERT_EQ(pid, waitpid(pid, &status, 0));
	}
	EXPECT_TRUE(stats_balance(self->minor));
	EXPECT_TRUE(is_right(self));
}

/* What one file has cannot be named, mapped or waited for by another. */
TEST_F(stress, handles_of_others)
{
	uint32_t tries[80], bos[32], syncobjs[32], ctxs[32];
	struct drm_ascdev_bo_mmap_offset offset = { 0 };
	int other = open_node(NULL), i;
	uint8_t *memory;

	ASSERT_LE(0, other);
	for (i = 0; i < 32; i++) {
		bos[i] = create_bo(self->fd, 4096);
		syncobjs[i] = create_syncobj(self->fd);
		ASSERT_NE(0, bos[i]);
		ASSERT_NE(0, syncobjs[i]);
		ASSERT_EQ(0, create_ctx(self->fd, &ctxs[i]));
	}
	for (i = 0; i < 48; i++)
		tries[i] = i;
	for (i = 0; i < 32; i++)
		tries[48 + i] = (1u << i) - 1 + (i % 2 ? 0 : ~0u << 31);
	for (i = 0; i < 80; i++) {
		struct drm_ascdev_ctx_get_state state = { .ctx = tries[i] };
		struct drm_ascdev_ctx_destroy destroy = { .ctx = tries[i] };
		struct drm_ascdev_cancel cancel = { .ctx = tries[i],
						    .flags = DRM_ASCDEV_CANCEL_ALL };
		struct drm_ascdev_bo_mmap_offset map = { .handle = tries[i] };
		struct drm_syncobj_handle to_fd = { .handle = tries[i] };
		struct drm_syncobj_destroy syncobj = { .handle = tries[i] };
		struct drm_ascdev_job job = self->small.job;

		EXPECT_EQ(tries[i] ? -ENOENT : 0,
			  do_ioctl(other, DRM_IOCTL_ASCDEV_CTX_GET_STATE, &state));
		EXPECT_EQ(tries[i] ? -ENOENT : -EINVAL,
			  do_ioctl(other, DRM_IOCTL_ASCDEV_CTX_DESTROY, &destroy));
		EXPECT_EQ(tries[i] ? -ENOENT : 0,
			  do_ioctl(other, DRM_IOCTL_ASCDEV_CANCEL, &cancel));
		EXPECT_EQ(-ENOENT, do_ioctl(other, DRM_IOCTL_ASCDEV_BO_MMAP_OFFSET, &map));
		EXPECT_EQ(-ENOENT, wait_bo(other, tries[i], 0));
		EXPECT_EQ(-ENOENT, export_dmabuf(other, tries[i]));
		EXPECT_EQ(-EINVAL, close_bo(other, tries[i]));
		EXPECT_EQ(-EINVAL, do_ioctl(other, DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD, &to_fd));
		EXPECT_EQ(-EINVAL, do_ioctl(other, DRM_IOCTL_SYNCOBJ_DESTROY, &syncobj));
		job.src.handle = tries[i];
		EXPECT_EQ(-ENOENT, submit_jobs(other, &job, 1));
		if (tries[i])
			EXPECT_EQ(-ENOENT, submit_to(other, tries[i], &self->small.job, 1));
	}

	/* an offset of the file's mappings is not a secret, but of no use either */
	offset.handle = bos[0];
	ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_MMAP_OFFSET, &offset));
	memory = mmap(NULL, 4096, PROT_READ, MAP_SHARED, other, offset.offset);
	EXPECT_EQ(MAP_FAILED, memory);
	EXPECT_EQ(EACCES, errno);
	memory = mmap(NULL, 8192, PROT_READ, MAP_SHARED, self->fd, offset.offset);
	EXPECT_EQ(MAP_FAILED, memory);
	EXPECT_EQ(EINVAL, errno);
	ASSERT_EQ(0, close_bo(self->fd, bos[0]));
	memory = mmap(NULL, 4096, PROT_READ, MAP_SHARED, self->fd, offset.offset);
	EXPECT_EQ(MAP_FAILED, memory);
	close(other);
	/* nothing was lost */
	for (i = 1; i < 32; i++)
		EXPECT_EQ(0, close_bo(self->fd, bos[i]));
	EXPECT_TRUE(is_right(self));
}

struct scribbler {
	volatile bool stop;
	volatile uint32_t writes;
	uint8_t *memory;
	uint32_t bytes;
};

static void *scribble(void *data)
{
	struct scribbler *scribbler = data;
	uint64_t random = 1;

	while (!scribbler->stop) {
		uint64_t value = next(&random);

		/* control data stands at the beginning */
		scribbler->memory[value % (value >> 40 & 1 ? 64 : scribbler->bytes)] = value >> 32;
		scribbler->writes++;
	}
	return NULL;
}

/* Payloads of every codec that another thread rewrites while the engine decodes them. */
TEST_F(stress, streams_rewritten)
{
	uint32_t payload = create_bo(self->fd, 2 * SMALL_BYTES);
	uint32_t values = create_bo(self->fd, 4 * SMALL_BYTES), dtype;
	uint8_t *stream = map_bo(self->fd, payload, 2 * SMALL_BYTES);
	uint8_t *output = map_bo(self->fd, values, 4 * SMALL_BYTES);
	int codec, i, k, damaged = 0;

	ASSERT_NE(MAP_FAILED, stream);
	ASSERT_NE(MAP_FAILED, output);
	for (codec = DRM_ASCDEV_CODEC_ASC_CBR; codec < DRM_ASCDEV_CODEC_AUTO; codec++) {
		/* unsigned bytes and words, and floats */
		for (dtype = DRM_ASCDEV_DTYPE_U8; dtype < DTYPES; dtype += 2) {
			struct drm_ascdev_job job = self->small.job;
			struct scribbler scribbler = { .memory = stream };
			uint32_t size = 16 * 16 * 16 * dtype_bytes(dtype);
			pthread_t thread;

			describe_dense(&job.surface, dtype, 1, 16, 16, 16);
			memset(&job.params, 0, sizeof(job.params));
			job.params.codec = codec;
			if (codec != DRM_ASCDEV_CODEC_RAW && codec != DRM_ASCDEV_CODEC_ASC_CBR)
				job.params.reorder = DRM_ASCDEV_REORDER_HEURISTIC;
			job.dst = (struct drm_ascdev_range){ payload, 0, 0, 2 * SMALL_BYTES };
			ASSERT_EQ(0, submit_jobs(self->fd, &job, 1));
			ASSERT_EQ(0, wait_bo(self->fd, payload, 60000));
			ASSERT_EQ(DRM_ASCDEV_STATUS_DONE, self->small.record->status);

			job.op = DRM_ASCDEV_OP_DECOMPRESS;
			job.params.endpoints = self->small.record->endpoints;
			job.params.profile = self->small.record->profile;
			job.params.exponent = self->small.record->exponent;
			job.params.reorder = self->small.record->reorder;
			job.params.block = self->small.record->block;
			job.src = (struct drm_ascdev_range){
				payload, 0, 0, (self->small.record->bytes + 7) & ~7 };
			job.dst = (struct drm_ascdev_range){ values, 0, 4096, size };
			memset(output, 0x5a, 4 * SMALL_BYTES);
			scribbler.bytes = job.src.size;
			ASSERT_EQ(0, pthread_create(&thread, NULL, scribble, &scribbler));
			/* a fast engine would be done before it begins */
			while (scribbler.writes < 1000)
				sched_yield();
			for (i = 0; i < 4; i++) {
				const struct drm_ascdev_result *record = self->small.record;

				ASSERT_EQ(0, submit_jobs(self->fd, &job, 1));
				ASSERT_EQ(0, wait_bo(self->fd, values, 60000));
				EXPECT_TRUE(record->status == DRM_ASCDEV_STATUS_DONE ||
					    (record->status == DRM_ASCDEV_STATUS_FAILED &&
					     record->error == -EBADMSG))
					TH_LOG("codec %d, type %u: %d", codec, dtype,
					       record->error);
				damaged += record->status != DRM_ASCDEV_STATUS_DONE;
			}
			scribbler.stop = true;
			pthread_join(thread, NULL);
			for (k = 0; k < 4096; k++)
				ASSERT_TRUE(output[k] == 0x5a && output[4096 + size + k] == 0x5a);
		}
	}
	EXPECT_LT(0, damaged);
	EXPECT_TRUE(is_right(self));
}

/*
 * What a job writes is unmapped and closed while it runs, and the handle is that of
 * something else by the time it writes: that must stay as it was.
 */
TEST_F(stress, results_closed_in_flight)
{
	int round, i;

	for (round = 0; round < 20; round++) {
		uint32_t dst = create_bo(self->fd, SMALL_PAYLOAD), other;
		uint32_t record = create_bo(self->fd, 4096);
		struct drm_ascdev_job jobs[6];
		uint8_t *memory = map_bo(self->fd, dst, SMALL_PAYLOAD);
		int dmabuf = export_dmabuf(self->fd, dst);

		ASSERT_NE(MAP_FAILED, memory);
		ASSERT_LE(0, dmabuf);
		for (i = 0; i < 6; i++) {
			jobs[i] = self->small.job;
			jobs[i].dst.handle = dst;
			jobs[i].result.handle = record;
		}
		ASSERT_EQ(0, submit_jobs(self->fd, jobs, 6));
		ASSERT_EQ(0, close_bo(self->fd, dst));
		ASSERT_EQ(0, close_bo(self->fd, record));
		ASSERT_EQ(0, munmap(memory, SMALL_PAYLOAD));
		close(dmabuf);
		/* the lowest free numbers are given again */
		dst = create_bo(self->fd, SMALL_PAYLOAD);
		other = create_bo(self->fd, 4096);
		memory = map_bo(self->fd, dst, SMALL_PAYLOAD);
		ASSERT_NE(MAP_FAILED, memory);
		ASSERT_EQ(0, wait_bo(self->fd, self->small.src, 60000));
		for (i = 0; i < SMALL_PAYLOAD; i++)
			ASSERT_EQ(0, memory[i]);
		munmap(memory, SMALL_PAYLOAD);
		ASSERT_EQ(0, close_bo(self->fd, dst));
		ASSERT_EQ(0, close_bo(self->fd, other));
	}
	EXPECT_TRUE(stats_balance(self->minor));
	EXPECT_TRUE(is_right(self));
}

/* One in four with a job; those of the one half are destroyed, the others go with the file. */
#define CONTEXTS	10000

TEST_F(stress, ten_thousand_contexts)
{
	static uint32_t ctxs[CONTEXTS];
	struct small_job small;
	int fd = open_node(NULL), i;

	ASSERT_LE(0, fd);
	ASSERT_TRUE(make_small_job(fd, &small));
	/* one block, so that most of the time is that of the contexts */
	describe_dense(&small.job.surface, DRM_ASCDEV_DTYPE_U8, 1, 1, 4, 4);
	for (i = 0; i < CONTEXTS; i++) {
		int ret;

		ASSERT_EQ(0, create_ctx(fd, &ctxs[i]));
		if (i % 4)
			continue;
		ret = submit_to(fd, ctxs[i], &small.job, 1);
		ASSERT_EQ(0, ret);
	}
	for (i = 0; i < CONTEXTS; i += 2) {
		struct drm_ascdev_ctx_destroy args = { .ctx = ctxs[i] };

		ASSERT_EQ(0, do_ioctl(fd, DRM_IOCTL_ASCDEV_CTX_DESTROY, &args));
	}
	EXPECT_TRUE(is_right(self));
	munmap(small.surface, SMALL_BYTES);
	munmap(small.payload, SMALL_PAYLOAD);
	munmap(small.record, 4096);
	close(fd);
	EXPECT_TRUE(stats_balance(self->minor));
	EXPECT_TRUE(is_right(self));
}

TEST_HARNESS_MAIN
