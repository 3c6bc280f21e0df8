// SPDX-License-Identifier: MIT
/* Memory of a buffer, which other devices may use as well, between begin and end. */
#include <stdio.h>
#include <string.h>
#include <ascdev.h>

int main(void)
{
	const int64_t second = 1000000000;
	struct ascdev_buf *buf;
	struct ascdev_ctx *ctx;
	void *address;

	if (ascdev_open(NULL, NULL, &ctx) || ascdev_buf_alloc(ctx, 4096, &buf) ||
	    ascdev_buf_map(buf, &address))
		return 1;
	if (ascdev_buf_wait(buf, second))	/* no job uses it within a second */
		return 1;
	if (ascdev_buf_begin_cpu(buf, ASCDEV_CPU_READ | ASCDEV_CPU_WRITE))
		return 1;
	memset(address, 1, ascdev_buf_size(buf));
	if (ascdev_buf_end_cpu(buf, ASCDEV_CPU_READ | ASCDEV_CPU_WRITE))
		return 1;
	printf("%llu bytes set\n", (unsigned long long)ascdev_buf_size(buf));
	ascdev_buf_unmap(buf);
	ascdev_buf_unref(buf);
	ascdev_close(ctx);
	return 0;
}
