// SPDX-License-Identifier: MIT
/*
 * Tensors to containers and back, by way of the library.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"

const char *backend_name(const struct ascdev_result *result)
{
	return result->backend == ASCDEV_BACKEND_HW ? "hw" : "sw";
}

int compress_tensor(struct ascdev_ctx *ctx, const struct ascdev_params *params,
		    const struct tensor *tensor, const char *name, struct container *container,
		    struct ascdev_result *result)
{
	uint64_t bound;
	int ret = ascdev_compress_bound(params, &tensor->surface, &bound);

	if (ret) {
		complain("%s: %s (does the codec have these parameters? is zero_point within the type?)", name,
			 ascdev_strerror(ret));
		return EXIT_FAILED;
	}
	*container = (struct container){ .dims = tensor->dims, .params = *params };
	container->file = malloc(bound);
	if (!container->file) {
		complain("%s: out of memory", name);
		return EXIT_FAILED;
	}
	ret = ascdev_compress(ctx, params, &tensor->surface, tensor->values, container->file,
			      bound, result);
	if (ret) {
		container_free(container);
		return library_failed(ctx, ret, name);
	}
	ascdev_params_settle(&container->params, result);
	container->dtype = tensor->surface.dtype;
	memcpy(container->dim, tensor->surface.dim, sizeof(container->dim));
	container->payload = container->file;
	container->payload_bytes = result->bytes;
	return EXIT_OK;
}

int decompress_container(struct ascdev_ctx *ctx, const struct container *container,
			 const char *name, struct tensor *tensor, struct ascdev_result *result)
{
	int ret = tensor_alloc(tensor, container->dtype, &container->dim[4 - container->dims],
			       container->dims);

	if (ret)
		return ret;
	ret = ascdev_decompress(ctx, &container->params, &tensor->surface, container->payload,
				container->payload_bytes, tensor->values, result);
	if (!ret)
		return EXIT_OK;
	tensor_free(tensor);
	/* all that was asked for stood in the file */
	if (ret == -EBADMSG || ret == -EINVAL) {
		library_failed(ctx, ret, name);
		return EXIT_CORRUPT;
	}
	return library_failed(ctx, ret, name);
}
