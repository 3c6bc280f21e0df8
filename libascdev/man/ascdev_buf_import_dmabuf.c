// SPDX-License-Identifier: MIT
/* A device's buffer as a dma-buf, in another context; in process, memory of the caller. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>
#include <ascdev.h>

int main(void)
{
	static uint8_t memory[4096];
	struct ascdev_ctx *ctx, *other;
	struct ascdev_buf *buf, *same;
	int fd;

	if (ascdev_open(NULL, NULL, &ctx) || ascdev_open(NULL, NULL, &other) ||
	    ascdev_buf_alloc(ctx, sizeof(memory), &buf))
		return 1;
	fd = ascdev_buf_export_dmabuf(buf);
	if (fd >= 0) {
		if (ascdev_buf_import_dmabuf(other, fd, &same))
			return 1;
		close(fd);
	} else if (fd != -EOPNOTSUPP || ascdev_buf_import_user(other, memory, sizeof(memory), &same)) {
		return 1;
	}
	printf("%s of %llu bytes\n", fd >= 0 ? "a dma-buf" : "the caller's memory",
	       (unsigned long long)ascdev_buf_size(same));
	ascdev_buf_unref(same);
	ascdev_buf_unref(buf);
	ascdev_close(other);
	ascdev_close(ctx);
	return 0;
}
