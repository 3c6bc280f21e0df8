// SPDX-License-Identifier: MIT
/*
 * Error codes in words, and structures that carry their size.
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "internal.h"

static const struct {
	int code;
	const char *text;
} texts[] = {
	{ 0, "success" },
	{ E2BIG, "too large, or a structure of a newer library" },
	{ EACCES, "permission denied by the mode of the device node" },
	{ EBADF, "not an open file" },
	{ EBADMSG, "the payload, or the order of channels, makes no sense" },
	{ EBUSY, "busy: the queue is full or the job is in flight" },
	{ ECANCELED, "dropped before it ran" },
	{ EINVAL, "invalid argument" },
	{ EIO, "input or output error" },
	{ EMFILE, "too many open files" },
	{ ENODEV, "no codec device" },
	{ ENOENT, "no such device node" },
	{ ENOMEM, "out of memory" },
	{ ENOSPC, "destination too small" },
	{ EOPNOTSUPP, "not supported by this backend" },
	{ EOVERFLOW, "too many values or too large a stride" },
	{ EPERM, "permission denied by a cgroup or seccomp filter" },
	{ EPROTO, "driver and library speak different versions" },
	{ ETIME, "not finished in time" },
	{ ETIMEDOUT, "the engine stood still" },
};

const char *ascdev_strerror(int error)
{
	int code = error < 0 && error > -4096 ? -error : error;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i].code == code)
			return texts[i].text;
	}
	return "unexpected error";
}

#define STRINGIFY_(x) #x
#define STRINGIFY(x) STRINGIFY_(x)

const char *ascdev_version_string(void)
{
	return STRINGIFY(ASCDEV_VERSION_MAJOR) "." STRINGIFY(ASCDEV_VERSION_MINOR) "."
	       STRINGIFY(ASCDEV_VERSION_PATCH);
}

int ctx_fail(struct ascdev_ctx *ctx, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	pthread_mutex_lock(&ctx->lock);
	vsnprintf(ctx->message, sizeof(ctx->message), format, args);
	pthread_mutex_unlock(&ctx->lock);
	va_end(args);
	return code;
}

int ascdev_last_error(struct ascdev_ctx *ctx, char *buffer, size_t size)
{
	int length;

	pthread_mutex_lock(&ctx->lock);
	length = snprintf(buffer, size, "%s", ctx->message);
	pthread_mutex_unlock(&ctx->lock);
	return length;
}

int struct_from_user(void *to, size_t size, size_t min_size, const void *from)
{
	uint32_t user_size;
	size_t i;

	memcpy(&user_size, from, sizeof(user_size));
	if (user_size < min_size)
		return -EINVAL;
	for (i = size; i < user_size; i++) {
		if (((const unsigned char *)from)[i])
			return -E2BIG;
	}
	memset(to, 0, size);
	memcpy(to, from, user_size < size ? user_size : size);
	memcpy(to, &(uint32_t){ size }, sizeof(uint32_t));
	return 0;
}

int struct_to_user(void *to, const void *from, size_t size)
{
	uint32_t user_size;
	size_t n;

	memcpy(&user_size, to, sizeof(user_size));
	if (user_size < sizeof(uint32_t))
		return -EINVAL;
	n = user_size < size ? user_size : size;
	memset(to, 0, user_size);
	memcpy(to, from, n);
	memcpy(to, &(uint32_t){ n }, sizeof(uint32_t));
	return 0;
}

int64_t deadline_ns(int64_t timeout_ns)
{
	struct timespec now;
	int64_t t;

	if (!timeout_ns)
		return 0;
	if (timeout_ns < 0)
		return INT64_MAX;
	clock_gettime(CLOCK_MONOTONIC, &now);
	t = now.tv_sec * 1000000000ll + now.tv_nsec;
	return timeout_ns > INT64_MAX - t ? INT64_MAX : t + timeout_ns;
}
