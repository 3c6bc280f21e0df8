// SPDX-License-Identifier: MIT
/*
 * Contexts and buffers: what both backends share.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

static int report(struct ascdev_error *error, int code, const char *message)
{
	struct ascdev_error e = ASCDEV_ERROR_INIT;

	if (error) {
		e.code = code;
		snprintf(e.message, sizeof(e.message), "%s", message);
		struct_to_user(error, &e, sizeof(e));
	}
	return code;
}

static int open_device(struct ascdev_ctx *ctx, const char *node, struct ascdev_device_info *info)
{
	int fd, ret;

	if (!node) {
		ret = device_find(info);
		if (ret)
			return ret;
		node = info->node;
	}
	fd = device_open(node, info);
	if (fd < 0)
		return fd;
	ret = hw_open(ctx, info, fd);
	if (ret) {
		close(fd);
		snprintf(info->message, sizeof(info->message), "%s: %s", info->node,
			 ascdev_strerror(ret));
	}
	return ret;
}

int ascdev_open(const struct ascdev_open_opts *user_opts, struct ascdev_error *error,
		struct ascdev_ctx **out)
{
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	struct ascdev_device_info info = { .size = sizeof(info) };
	struct ascdev_ctx *ctx;
	int ret = 0;

	if (user_opts)
		ret = struct_from_user(&opts, sizeof(opts), sizeof(opts), user_opts);
	if (ret)
		return report(error, ret, "options of another size");
	if (opts.backend > ASCDEV_BACKEND_SW)
		return report(error, -EINVAL, "unknown backend");
	if (opts.device && opts.backend == ASCDEV_BACKEND_SW)
		return report(error, -EINVAL, "a device and the software backend");

	ctx = calloc(1, sizeof(*ctx));
	if (!ctx)
		return report(error, -ENOMEM, "out of memory");
	pthread_mutex_init(&ctx->lock, NULL);
	ctx->fd = -1;
	ctx->caps.size = sizeof(ctx->caps);
	ctx->stats.size = sizeof(ctx->stats);

	if (opts.backend != ASCDEV_BACKEND_SW)
		ret = open_device(ctx, opts.device, &info);
	if (ret && opts.backend == ASCDEV_BACKEND_HW) {
		pthread_mutex_destroy(&ctx->lock);
		free(ctx);
		return report(error, ret, info.message);
	}
	if (ret || opts.backend == ASCDEV_BACKEND_SW) {
		sw_open(ctx);
		ctx->fallback_reason = ret;
		memcpy(ctx->message, info.message, sizeof(ctx->message));
	}
	*out = ctx;
	return 0;
}

void ascdev_close(struct ascdev_ctx *ctx)
{
	if (!ctx)
		return;
	ctx->backend->close(ctx);
	pthread_mutex_destroy(&ctx->lock);
	free(ctx);
}

int ascdev_get_backend(const struct ascdev_ctx *ctx, int *reason)
{
	if (reason)
		*reason = ctx->fallback_reason;
	return ctx->backend->id;
}

int ascdev_get_caps(const struct ascdev_ctx *ctx, struct ascdev_caps *caps)
{
	return struct_to_user(caps, &ctx->caps, sizeof(ctx->caps));
}

int ascdev_get_stats(struct ascdev_ctx *ctx, struct ascdev_stats *stats)
{
	int ret;

	pthread_mutex_lock(&ctx->lock);
	ret = struct_to_user(stats, &ctx->stats, sizeof(ctx->stats));
	pthread_mutex_unlock(&ctx->lock);
	return ret;
}

int ascdev_buf_alloc(struct ascdev_ctx *ctx, uint64_t bytes, struct ascdev_buf **out)
{
	struct ascdev_buf *buf;
	int ret;

	if (!bytes)
		return ctx_fail(ctx, -EINVAL, "a buffer of 0 bytes");
	if (bytes > ctx->caps.max_buffer_bytes)
		return ctx_fail(ctx, -E2BIG, "a buffer of %llu bytes; at most %llu",
				(unsigned long long)bytes,
				(unsigned long long)ctx->caps.max_buffer_bytes);
	buf = calloc(1, sizeof(*buf));
	if (!buf)
		return ctx_fail(ctx, -ENOMEM, "out of memory");
	buf->ctx = ctx;
	buf->bytes = bytes;
	ret = ctx->backend->buf_alloc(buf);
	if (ret) {
		free(buf);
		return ctx_fail(ctx, ret, "a buffer of %llu bytes: %s", (unsigned long long)bytes,
				ascdev_strerror(ret));
	}
	*out = buf;
	return 0;
}

int ascdev_buf_map(struct ascdev_buf *buf, void **address)
{
	int ret = 0;

	pthread_mutex_lock(&buf->ctx->lock);
	if (!buf->address)
		ret = buf->ctx->backend->buf_map(buf);
	*address = buf->address;
	pthread_mutex_unlock(&buf->ctx->lock);
	if (ret)
		return ctx_fail(buf->ctx, ret, "mapping a buffer: %s", ascdev_strerror(ret));
	return 0;
}

uint64_t ascdev_buf_size(const struct ascdev_buf *buf)
{
	return buf->bytes;
}

int ascdev_buf_wait(struct ascdev_buf *buf, int64_t timeout_ns)
{
	return buf->ctx->backend->buf_wait(buf, timeout_ns);
}

void ascdev_buf_free(struct ascdev_buf *buf)
{
	if (!buf)
		return;
	buf->ctx->backend->buf_free(buf);
	free(buf);
}
