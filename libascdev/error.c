// SPDX-License-Identifier: MIT
/*
 * Error codes in words, and structures that carry their size.
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"

static const struct {
	int code;
	const char *text;
	const char *name;
} texts[] = {
	{ 0, "success", "0" },
	{ E2BIG, "too large, or a structure of a newer library", "E2BIG" },
	{ EACCES, "no permission for the device node, or for the priority", "EACCES" },
	{ EAGAIN, "a thread could not be started", "EAGAIN" },
	{ EBADF, "not an open file", "EBADF" },
	{ EBADMSG, "the payload, or the order of channels, makes no sense", "EBADMSG" },
	{ EBUSY, "the queue is full, or the job is in flight", "EBUSY" },
	{ ECANCELED, "cancelled, or dropped before it ran", "ECANCELED" },
	{ EDQUOT, "jobs have used as much memory as the device allows", "EDQUOT" },
	{ EINTR, "interrupted by a signal", "EINTR" },
	{ EINVAL, "invalid argument", "EINVAL" },
	{ EIO, "the engine failed, or refuses a context of which too many jobs hung", "EIO" },
	{ EMFILE, "too many open files", "EMFILE" },
	{ ENODEV, "no codec device", "ENODEV" },
	{ ENOENT, "no such device node", "ENOENT" },
	{ ENOMEM, "out of memory", "ENOMEM" },
	{ ENOSPC, "the destination is too small, or there are too many contexts", "ENOSPC" },
	{ ENXIO, "the driver is loaded but bound to no device", "ENXIO" },
	{ EOPNOTSUPP, "not supported by this backend", "EOPNOTSUPP" },
	{ EOVERFLOW, "too many values or too large a stride", "EOVERFLOW" },
	{ EPERM, "permission denied by a cgroup or seccomp filter", "EPERM" },
	{ EPROTO, "driver and library speak different versions", "EPROTO" },
	{ ETIME, "not finished in time", "ETIME" },
	{ ETIMEDOUT, "the engine stood still", "ETIMEDOUT" },
};

static int find_text(int error)
{
	int code = error < 0 && error > -4096 ? -error : error, i;

	for (i = 0; i < (int)(sizeof(texts) / sizeof(texts[0])); i++) {
		if (texts[i].code == code)
			return i;
	}
	return -1;
}

const char *ascdev_strerror(int error)
{
	int i = find_text(error);

	return i < 0 ? "unexpected error" : texts[i].text;
}

const char *ascdev_errname(int error)
{
	int i = find_text(error);

	return i < 0 ? "?" : texts[i].name;
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
	char message[sizeof(ctx->message)];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	pthread_mutex_lock(&ctx->text_lock);
	memcpy(ctx->message, message, sizeof(message));
	pthread_mutex_unlock(&ctx->text_lock);
	if (ctx->log)
		ctx->log(ctx->log_user, ASCDEV_LOG_ERROR, message);
	return code;
}

void ctx_log(struct ascdev_ctx *ctx, uint32_t level, const char *format, ...)
{
	char message[sizeof(ctx->message)];
	va_list args;

	if (!ctx->log)
		return;
	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	ctx->log(ctx->log_user, level, message);
}

int ascdev_last_error(struct ascdev_ctx *ctx, char *buffer, size_t size)
{
	int length;

	pthread_mutex_lock(&ctx->text_lock);
	length = snprintf(buffer, size, "%s", ctx->message);
	pthread_mutex_unlock(&ctx->text_lock);
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
