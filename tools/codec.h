/* SPDX-License-Identifier: MIT */
#ifndef ASC_CODEC_H
#define ASC_CODEC_H

#include "asc.h"
#include "container.h"
#include "tensor.h"

/*
 * Compress a tensor that was read, as the options want it; name is for complaints.  The
 * container's payload is in its file.  Complains; returns an exit code.
 */
int compress_tensor(struct ascdev_ctx *ctx, const struct options *options,
		    const struct tensor *tensor, const char *name, struct container *container,
		    struct ascdev_result *result);

/* Decompress into a new tensor; NULL for all of it.  Complains; returns an exit code. */
int decompress_container(struct ascdev_ctx *ctx, const struct container *container,
			 const struct ascdev_part *part, const char *name, struct tensor *tensor, struct ascdev_result *result);

/* "hw" or "sw" */
const char *backend_name(const struct ascdev_result *result);

#endif
