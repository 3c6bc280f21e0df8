// SPDX-License-Identifier: MIT
/* The device if there is one, otherwise the codec in process on all CPUs; and why. */
#include <stdio.h>
#include <ascdev.h>

static void print(void *user, uint32_t level, const char *message)
{
	(void)level;
	fprintf(user, "%s\n", message);
}

int main(void)
{
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	struct ascdev_error error = ASCDEV_ERROR_INIT;
	struct ascdev_ctx *ctx;
	int reason;

	opts.threads = ASCDEV_ALL_CPUS;
	opts.log = print;
	opts.log_user = stderr;
	if (ascdev_open(&opts, &error, &ctx)) {
		fprintf(stderr, "%s [%s]\n", error.message, ascdev_errname(error.code));
		return 1;
	}
	if (ascdev_get_backend(ctx, &reason) == ASCDEV_BACKEND_HW)
		printf("jobs run on a device\n");
	else
		printf("jobs run in process: %s\n", ascdev_strerror(reason));
	ascdev_close(ctx);
	return 0;
}
