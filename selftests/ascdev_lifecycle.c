// SPDX-License-Identifier: MIT
/*
 * Clients that are killed, or closed by the kernel.  Needs root.
 */

#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "ascdev_test.h"

FIXTURE(lifecycle)
{
	int fd;
	int minor;
};

FIXTURE_SETUP(lifecycle)
{
	self->fd = open_node(&self->minor);
	if (self->fd < 0)
		SKIP(return, "no device");
	if (geteuid())
		SKIP(return, "needs root");
}

FIXTURE_TEARDOWN(lifecycle)
{
	close(self->fd);
}

TEST_F(lifecycle, client_killed_in_mid_job)
{
	int round;

	for (round = 0; round < 5; round++) {
		int status, ready[2];
		char byte;
		pid_t pid;

		ASSERT_EQ(0, pipe(ready));
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid) {
			struct drm_ascdev_job jobs[16];
			int fd = open_node(NULL);

			if (fd < 0 || !make_large_jobs(fd, jobs, 16) || submit_jobs(fd, jobs, 16))
				_exit(1);
			if (write(ready[1], "x", 1) != 1)
				_exit(1);
			for (;;)
				pause();
		}
		close(ready[1]);
		ASSERT_EQ(1, read(ready[0], &byte, 1));
		close(ready[0]);
		usleep(round * 30000);
		ASSERT_EQ(0, kill(pid, SIGKILL));
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		ASSERT_TRUE(WIFSIGNALED(status));
	}
	EXPECT_TRUE(stats_balance(self->minor));
}

/*
 * A killed client's queue is given a second by the scheduler and then dropped;
 * the job must not run when its fence signals after that.
 */
TEST_F(lifecycle, killed_while_waiting_for_a_fence)
{
	long long cancelled = read_stat(self->minor, "jobs_cancelled");
	struct foreign_fence fence;
	int status;
	pid_t pid;

	if (!make_foreign_fence(&fence))
		SKIP(return, "no vgem");
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		struct drm_ascdev_sync sync = { 0 };
		struct small_job small;
		int fd = open_node(NULL);

		if (fd < 0 || !make_small_job(fd, &small))
			_exit(1);
		sync.handle = create_syncobj(fd);
		import_sync_file(fd, sync.handle, fence.sync_file);
		set_syncs(&small.job, &sync, 1);
		submit_jobs(fd, &small.job, 1);
		kill(getpid(), SIGKILL);
	}
	/* its files are closed by then */
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	ASSERT_EQ(0, signal_foreign_fence(&fence));
	EXPECT_TRUE(stats_balance(self->minor));
	EXPECT_EQ(cancelled + 1, read_stat(self->minor, "jobs_cancelled"));
}

TEST_F(lifecycle, module_stays_while_open)
{
	EXPECT_EQ(-1, syscall(SYS_delete_module, "ascdev", O_NONBLOCK));
	EXPECT_TRUE(errno == EWOULDBLOCK || errno == EBUSY || errno == ENOENT)
		TH_LOG("errno %d", errno);
	EXPECT_LE(0, read_stat(self->minor, "jobs_submitted"));
}

/*
 * The last reference to a file dropped by the kernel itself, in the collection of
 * unreachable sockets: it must not wait for the queue.
 */
TEST_F(lifecycle, closed_by_the_kernel)
{
	char control[CMSG_SPACE(sizeof(int) * 2)] = { 0 };
	struct iovec iov = { .iov_base = "x", .iov_len = 1 };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	struct drm_ascdev_sync sync = { 0 };
	struct foreign_fence fence;
	struct small_job small;
	int sockets[2], pipes[2], fd, i;
	char byte;

	if (!make_foreign_fence(&fence))
		SKIP(return, "no vgem");
	fd = open_node(NULL);
	ASSERT_LE(0, fd);
	ASSERT_TRUE(make_small_job(fd, &small));
	munmap(small.surface, SMALL_BYTES);
	munmap(small.payload, SMALL_PAYLOAD);
	munmap(small.record, 4096);
	sync.handle = create_syncobj(fd);
	ASSERT_EQ(0, import_sync_file(fd, sync.handle, fence.sync_file));
	set_syncs(&small.job, &sync, 1);
	ASSERT_EQ(0, submit_jobs(fd, &small.job, 1));

	/* the node, and the socket that carries it, in a message that nobody can read */
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, sockets));
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int) * 2);
	memcpy(CMSG_DATA(header), (int[]){ fd, sockets[0] }, sizeof(int) * 2);
	ASSERT_EQ(1, sendmsg(sockets[1], &message, 0));
	close(fd);
	close(sockets[0]);
	close(sockets[1]);
	/* sockets that come and go have the collector run */
	for (i = 0; i < 10; i++) {
		close(socket(AF_UNIX, SOCK_DGRAM, 0));
		usleep(20000);
	}

	/* other files that the kernel closes later are not held up */
	ASSERT_EQ(0, pipe(pipes));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, sockets));
	memcpy(CMSG_DATA(header), (int[]){ pipes[1], sockets[0] }, sizeof(int) * 2);
	ASSERT_EQ(1, sendmsg(sockets[1], &message, 0));
	close(pipes[1]);
	close(sockets[0]);
	close(sockets[1]);
	ASSERT_EQ(0, fcntl(pipes[0], F_SETFL, O_NONBLOCK));
	for (i = 0; i < 400 && read(pipes[0], &byte, 1); i++) {
		close(socket(AF_UNIX, SOCK_DGRAM, 0));
		usleep(20000);
	}
	EXPECT_GT(400, i);
	/* before the fence signals by itself */
	ASSERT_EQ(0, signal_foreign_fence(&fence));
	EXPECT_TRUE(stats_balance(self->minor));
}

TEST_HARNESS_MAIN
