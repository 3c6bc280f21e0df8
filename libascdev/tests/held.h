/* SPDX-License-Identifier: MIT */
/*
 * A job that is in flight until the test lets it go, however fast or slow threads are: it
 * waits for a fence, which is a pipe.  Also the whole of a library that Python's tests have
 * loaded before others.
 */
#ifndef HELD_H
#define HELD_H

#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/sync_file.h>

#include <ascdev.h>

/**
 * struct hold - what jobs wait for
 * @reader: end of the pipe that plays a sync_file
 * @writer: end that is closed to signal
 */
struct hold {
	int reader, writer;
};

/* Instead of the C library's: says that a pipe is a sync_file. */
int ioctl(int fd, unsigned long request, ...)
{
	void *argument;
	struct stat st;
	va_list args;

	if (request == SYNC_IOC_FILE_INFO && !fstat(fd, &st) && S_ISFIFO(st.st_mode))
		return 0;
	va_start(args, request);
	argument = va_arg(args, void *);
	va_end(args);
	return syscall(SYS_ioctl, fd, request, argument);
}

/* Before it is submitted.  Returns 0, or the error. */
static inline int hold_job(struct hold *hold, struct ascdev_job *job)
{
	int ends[2];

	if (pipe(ends))
		return -1;
	hold->writer = ends[1];
	hold->reader = ends[0];
	return ascdev_job_wait_fence(job, ends[0]);
}

static inline void let_go(struct hold *hold)
{
	close(hold->writer);
	close(hold->reader);
}

#endif
