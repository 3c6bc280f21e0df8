// SPDX-License-Identifier: MIT
/*
 * Buffers: what both backends share.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/dma-buf.h>

#include "internal.h"

static struct ascdev_buf *new_buf(struct ascdev_ctx *ctx, enum buf_kind kind, uint64_t bytes)
{
	struct ascdev_buf *buf = calloc(1, sizeof(*buf));

	if (buf) {
		buf->ctx = ctx;
		buf->kind = kind;
		buf->bytes = bytes;
		buf->refs = 1;
		buf->dmabuf = -1;
		list_init(&buf->node);
	}
	return buf;
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
	buf = new_buf(ctx, BUF_OWN, bytes);
	if (!buf)
		return ctx_fail(ctx, -ENOMEM, "out of memory");
	ret = ctx->backend->buf_alloc(buf);
	if (ret) {
		free(buf);
		return ctx_fail(ctx, ret, "a buffer of %llu bytes: %s", (unsigned long long)bytes,
				ascdev_strerror(ret));
	}
	pthread_mutex_lock(&ctx->lock);
	list_add(&ctx->bufs, &buf->node);
	pthread_mutex_unlock(&ctx->lock);
	*out = buf;
	return 0;
}

static int sync_dmabuf(int fd, uint64_t flags)
{
	struct dma_buf_sync args = { .flags = flags };
	int ret;

	do {
		ret = ioctl(fd, DMA_BUF_IOCTL_SYNC, &args);
	} while (ret && (errno == EINTR || errno == EAGAIN));
	return ret ? -errno : 0;
}

int dmabuf_sync(const struct ascdev_buf *buf, uint64_t flags)
{
	return buf->dmabuf >= 0 ? sync_dmabuf(buf->dmabuf, flags) : 0;
}

/* An empty bracket, which changes nothing, tells a dma-buf from other files. */
static bool is_dmabuf(int fd)
{
	return !sync_dmabuf(fd, DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ) &&
	       !sync_dmabuf(fd, DMA_BUF_SYNC_END | DMA_BUF_SYNC_READ);
}

int ascdev_buf_import_dmabuf(struct ascdev_ctx *ctx, int fd, struct ascdev_buf **out)
{
	struct ascdev_buf *buf, *known = NULL;
	off_t bytes;
	int ret = 0;

	if (!is_dmabuf(fd))
		return ctx_fail(ctx, -EINVAL, "file descriptor %d is no dma-buf", fd);
	bytes = lseek(fd, 0, SEEK_END);
	lseek(fd, 0, SEEK_SET);
	buf = bytes > 0 ? new_buf(ctx, BUF_DMABUF, bytes) : NULL;
	if (!buf)
		return ctx_fail(ctx, bytes > 0 ? -ENOMEM : -EINVAL, "importing a dma-buf: %s",
				bytes > 0 ? "out of memory" : "it has no size");
	buf->dmabuf = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (buf->dmabuf < 0) {
		ret = -errno;
		free(buf);
		return ctx_fail(ctx, ret, "importing a dma-buf: %s", ascdev_strerror(ret));
	}
	pthread_mutex_lock(&ctx->lock);
	ret = ctx->backend->buf_import(ctx, fd, buf, &known);
	if (!ret && known)
		buf_get(known);
	else if (!ret)
		list_add(&ctx->bufs, &buf->node);
	pthread_mutex_unlock(&ctx->lock);
	if (ret || known) {
		close(buf->dmabuf);
		free(buf);
		buf = known;
	}
	if (ret)
		return ctx_fail(ctx, ret, "importing a dma-buf: %s", ascdev_strerror(ret));
	*out = buf;
	return 0;
}

int ascdev_buf_import_user(struct ascdev_ctx *ctx, void *memory, uint64_t bytes,
			   struct ascdev_buf **out)
{
	struct ascdev_buf *buf;

	if (ctx->backend != &sw_backend)
		return ctx_fail(ctx, -EOPNOTSUPP,
				"a device uses none but its own buffers and dma-bufs");
	if (!memory || !bytes || bytes > SIZE_MAX)
		return ctx_fail(ctx, -EINVAL, "no memory to import");
	buf = new_buf(ctx, BUF_USER, bytes);
	if (!buf)
		return ctx_fail(ctx, -ENOMEM, "out of memory");
	buf->address = memory;
	*out = buf;
	return 0;
}

int ascdev_buf_export_dmabuf(struct ascdev_buf *buf)
{
	int ret = buf->dmabuf >= 0 ? fcntl(buf->dmabuf, F_DUPFD_CLOEXEC, 0) :
				     buf->ctx->backend->buf_export(buf);

	if (ret < 0 && buf->dmabuf >= 0)
		ret = -errno;
	if (ret < 0)
		return ctx_fail(buf->ctx, ret, "exporting a buffer: %s", ascdev_strerror(ret));
	return ret;
}

int ascdev_buf_map(struct ascdev_buf *buf, void **address)
{
	int ret = 0;

	pthread_mutex_lock(&buf->ctx->lock);
	if (!buf->address)
		ret = buf->ctx->backend->buf_map(buf);
	if (!ret)
		buf->maps++;
	*address = buf->address;
	pthread_mutex_unlock(&buf->ctx->lock);
	if (ret)
		return ctx_fail(buf->ctx, ret, "mapping a buffer: %s", ascdev_strerror(ret));
	return 0;
}

int ascdev_buf_unmap(struct ascdev_buf *buf)
{
	bool was_mapped;

	pthread_mutex_lock(&buf->ctx->lock);
	was_mapped = buf->maps;
	if (was_mapped && !--buf->maps)
		buf->ctx->backend->buf_unmap(buf);
	pthread_mutex_unlock(&buf->ctx->lock);
	return was_mapped ? 0 : ctx_fail(buf->ctx, -EINVAL, "the buffer is not mapped");
}

/* Bits of ascdev.h in those of the dma-buf; 0 if they are not known. */
static uint64_t sync_flags(uint32_t access)
{
	if (!access || access & ~(ASCDEV_CPU_READ | ASCDEV_CPU_WRITE))
		return 0;
	return (access & ASCDEV_CPU_READ ? DMA_BUF_SYNC_READ : 0) |
	       (access & ASCDEV_CPU_WRITE ? DMA_BUF_SYNC_WRITE : 0);
}

int ascdev_buf_begin_cpu(struct ascdev_buf *buf, uint32_t access)
{
	uint64_t flags = sync_flags(access);
	int ret = flags ? ascdev_buf_wait(buf, -1) : -EINVAL;

	if (!ret)
		ret = dmabuf_sync(buf, flags | DMA_BUF_SYNC_START);
	return ret ? ctx_fail(buf->ctx, ret, "access of the CPU to a buffer: %s",
			      ascdev_strerror(ret)) : 0;
}

int ascdev_buf_end_cpu(struct ascdev_buf *buf, uint32_t access)
{
	uint64_t flags = sync_flags(access);
	int ret = flags ? dmabuf_sync(buf, flags | DMA_BUF_SYNC_END) : -EINVAL;

	return ret ? ctx_fail(buf->ctx, ret, "access of the CPU to a buffer: %s",
			      ascdev_strerror(ret)) : 0;
}

uint64_t ascdev_buf_size(const struct ascdev_buf *buf)
{
	return buf->bytes;
}

int ascdev_buf_wait(struct ascdev_buf *buf, int64_t timeout_ns)
{
	return buf->ctx->backend->buf_wait(buf, timeout_ns);
}

void buf_get(struct ascdev_buf *buf)
{
	buf->refs++;
}

/*
 * The object of the device is closed with the lock held: an import must find either the
 * buffer or none.
 */
void buf_put(struct ascdev_buf *buf)
{
	if (!buf || --buf->refs)
		return;
	list_remove(&buf->node);
	if (buf->kind != BUF_USER)
		buf->ctx->backend->buf_free(buf);
	if (buf->dmabuf >= 0)
		close(buf->dmabuf);
	free(buf);
}

struct ascdev_buf *ascdev_buf_ref(struct ascdev_buf *buf)
{
	pthread_mutex_lock(&buf->ctx->lock);
	buf_get(buf);
	pthread_mutex_unlock(&buf->ctx->lock);
	return buf;
}

void ascdev_buf_unref(struct ascdev_buf *buf)
{
	struct ascdev_ctx *ctx;

	if (!buf)
		return;
	ctx = buf->ctx;
	pthread_mutex_lock(&ctx->lock);
	buf_put(buf);
	pthread_mutex_unlock(&ctx->lock);
}
