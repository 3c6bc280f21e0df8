// SPDX-License-Identifier: MIT
/*
 * Contexts: what both backends share.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
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

/* What the caller wants to hear of a failure before there is a context. */
static int refuse(const struct ascdev_open_opts *opts, struct ascdev_error *error, int code,
		  const char *message)
{
	if (opts->log)
		opts->log(opts->log_user, ASCDEV_LOG_ERROR, message);
	return report(error, code, message);
}

static int read_opts(const struct ascdev_open_opts *user_opts, struct ascdev_open_opts *opts,
		     struct fmc_params *defaults, const char **wrong)
{
	int ret = 0;

	*opts = (struct ascdev_open_opts)ASCDEV_OPEN_OPTS_INIT;
	*wrong = "options of another size";
	if (user_opts)
		ret = struct_from_user(opts, sizeof(*opts), sizeof(*opts), user_opts);
	if (ret)
		return ret;
	*wrong = NULL;
	if (opts->backend > ASCDEV_BACKEND_SW)
		*wrong = "unknown backend";
	else if (opts->device && opts->backend == ASCDEV_BACKEND_SW)
		*wrong = "a device and the software backend";
	else if (opts->priority > ASCDEV_PRIORITY_HIGH)
		*wrong = "unknown priority";
	else if (!cpu_kernels(opts->cpu))
		*wrong = "a CPU that this one is not";
	else if (opts->threads > MAX_THREADS && opts->threads != ASCDEV_ALL_CPUS)
		*wrong = "too many threads";
	else if (opts->defaults && params_as_defaults(defaults, opts->defaults))
		*wrong = "parameters that cannot be defaults";
	return *wrong ? -EINVAL : 0;
}

static struct ascdev_ctx *new_ctx(const struct ascdev_open_opts *opts,
				  const struct fmc_params *defaults)
{
	struct ascdev_ctx *ctx = calloc(1, sizeof(*ctx));

	if (!ctx)
		return NULL;
	pthread_mutex_init(&ctx->lock, NULL);
	pthread_mutex_init(&ctx->text_lock, NULL);
	cond_init(&ctx->ended);
	list_init(&ctx->bufs);
	list_init(&ctx->done);
	list_init(&ctx->in_flight);
	ctx->fd = -1;
	ctx->kernels = cpu_kernels(opts->cpu);
	ctx->is_auto = opts->backend == ASCDEV_BACKEND_AUTO;
	ctx->caps.size = sizeof(ctx->caps);
	ctx->stats.size = sizeof(ctx->stats);
	ctx->log = opts->log;
	ctx->log_user = opts->log_user;
	ctx->has_defaults = opts->defaults;
	if (opts->defaults)
		ctx->defaults = *defaults;
	ctx->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return ctx;
}

static void free_ctx(struct ascdev_ctx *ctx)
{
	while (ctx->workspaces) {
		struct workspace *next = ctx->workspaces->next;

		free(ctx->workspaces);
		ctx->workspaces = next;
	}
	if (ctx->event >= 0)
		close(ctx->event);
	pthread_cond_destroy(&ctx->ended);
	pthread_mutex_destroy(&ctx->lock);
	pthread_mutex_destroy(&ctx->text_lock);
	free(ctx);
}

static int open_device(struct ascdev_ctx *ctx, const struct ascdev_open_opts *opts,
		       struct ascdev_device_info *info)
{
	const char *node = opts->device;
	int fd, ret;

	if (!node) {
		ret = device_find(opts->root, info);
		if (ret)
			return ret;
		node = info->node;
	}
	fd = device_open(node, info);
	if (fd < 0)
		return fd;
	ret = hw_open(ctx, opts, false, info, fd);
	if (ret)
		close(fd);
	return ret;
}

/* A device that was opened by somebody else. */
static int open_copy(struct ascdev_ctx *ctx, const struct ascdev_open_opts *opts, int user_fd,
		     struct ascdev_device_info *info)
{
	int fd = fcntl(user_fd, F_DUPFD_CLOEXEC, 0), ret;

	snprintf(info->node, sizeof(info->node), "file descriptor %d", user_fd);
	if (fd < 0) {
		ret = -errno;
		device_explain(info, ret, "%s: %s", info->node, strerror(errno));
		return ret;
	}
	ret = device_check(fd, info);
	if (!ret)
		ret = hw_open(ctx, opts, true, info, fd);
	if (ret)
		close(fd);
	return ret;
}

/* @fd: an open device, or -1 */
static int open_ctx(int fd, const struct ascdev_open_opts *user_opts, struct ascdev_error *error,
		    struct ascdev_ctx **out)
{
	struct ascdev_device_info info = { .size = sizeof(info) };
	struct ascdev_open_opts opts;
	struct fmc_params defaults;
	struct ascdev_ctx *ctx;
	const char *wrong;
	int ret = read_opts(user_opts, &opts, &defaults, &wrong), fallback = 0;

	if (!ret && fd >= 0 && (opts.device || opts.backend == ASCDEV_BACKEND_SW)) {
		wrong = "an open device and something else to open";
		ret = -EINVAL;
	}
	if (ret)
		return refuse(&opts, error, ret, wrong);
	ctx = new_ctx(&opts, &defaults);
	if (!ctx)
		return refuse(&opts, error, -ENOMEM, "out of memory");
	if (ctx->event < 0) {
		ret = -errno;
		device_explain(&info, ret, "an eventfd: %s", strerror(errno));
	} else if (opts.backend == ASCDEV_BACKEND_SW) {
		ret = sw_open(ctx, opts.threads);
	} else {
		ret = fd >= 0 ? open_copy(ctx, &opts, fd, &info) : open_device(ctx, &opts, &info);
		if (ret && opts.backend == ASCDEV_BACKEND_AUTO) {
			fallback = ret;
			ret = sw_open(ctx, opts.threads);
		}
	}
	if (ret) {
		free_ctx(ctx);
		return refuse(&opts, error, ret, info.state == ret ? info.message :
								       ascdev_strerror(ret));
	}
	ctx->fallback_reason = fallback;
	if (fallback) {
		memcpy(ctx->message, info.message, sizeof(ctx->message));
		ctx_log(ctx, ASCDEV_LOG_WARNING, "%s; jobs run in process", info.message);
	}
	ctx_log(ctx, ASCDEV_LOG_INFO, "libascdev %s: %s", ascdev_version_string(),
		fallback || opts.backend == ASCDEV_BACKEND_SW ? "in process" : info.node);
	*out = ctx;
	return 0;
}

int ascdev_open(const struct ascdev_open_opts *opts, struct ascdev_error *error,
		struct ascdev_ctx **ctx)
{
	return open_ctx(-1, opts, error, ctx);
}

int ascdev_open_fd(int fd, const struct ascdev_open_opts *opts, struct ascdev_error *error,
		   struct ascdev_ctx **ctx)
{
	if (fd < 0)
		return report(error, -EBADF, "not a file descriptor");
	return open_ctx(fd, opts, error, ctx);
}

void ascdev_close(struct ascdev_ctx *ctx)
{
	if (!ctx)
		return;
	ctx->backend->close(ctx);
	free_ctx(ctx);
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
