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

/* The order that another file has for as many channels.  Complains; returns an exit code. */
static int read_order(const char *name, uint32_t channels, uint16_t **order)
{
	struct container container;
	struct ascdev_surface surface;
	int ret = container_read(&container, name);

	if (ret)
		return ret;
	*order = calloc(channels, sizeof(**order));
	ascdev_surface_nchw(&surface, container.dtype, container.dim[0], container.dim[1],
			    container.dim[2], container.dim[3]);
	if (!*order) {
		complain("out of memory");
		ret = EXIT_FAILED;
	} else if (container.dim[1] != channels) {
		complain("%s: %u channels, not %u", name, container.dim[1], channels);
		ret = EXIT_FAILED;
	} else if (ascdev_payload_order(&container.params, &surface, container.payload,
					container.payload_bytes, *order)) {
		complain("%s: no order of channels in it", name);
		ret = EXIT_FAILED;
	}
	container_free(&container);
	return ret;
}

int compress_tensor(struct ascdev_ctx *ctx, const struct options *options,
		    const struct tensor *tensor, const char *name, struct container *container,
		    struct ascdev_result *result)
{
	struct ascdev_params params = options->params;
	uint16_t *order = NULL;
	uint64_t bound;
	int ret = EXIT_OK;

	if (options->order_from) {
		ret = read_order(options->order_from, tensor->surface.dim[1], &order);
		params.reorder = ASCDEV_REORDER_GIVEN;
		params.order = order;
	}
	if (ret)
		goto out;
	ret = ascdev_compress_bound(&params, &tensor->surface, &bound);
	if (ret) {
		complain("%s: %s (does the codec have these parameters? is zero_point within the type?)",
			 input_shown(name), ascdev_strerror(ret));
		ret = EXIT_FAILED;
		goto out;
	}
	*container = (struct container){ .dims = tensor->dims, .params = params };
	container->file = malloc(bound);
	if (!container->file) {
		complain("%s: out of memory", input_shown(name));
		ret = EXIT_FAILED;
		goto out;
	}
	ret = ascdev_compress(ctx, &params, &tensor->surface, tensor->values, container->file,
			      bound, result);
	if (ret) {
		container_free(container);
		ret = library_failed(ctx, ret, name);
		goto out;
	}
	ascdev_params_settle(&container->params, result);
	container->dtype = tensor->surface.dtype;
	memcpy(container->dim, tensor->surface.dim, sizeof(container->dim));
	container->payload = container->file;
	container->payload_bytes = result->bytes;
out:
	container->params.order = NULL;
	free(order);
	return ret;
}

static bool part_fits(const struct ascdev_part *part, const uint32_t *dim)
{
	int i;

	for (i = 0; i < 4; i++) {
		if (!part->dim[i] || part->dim[i] > dim[i] || part->at[i] > dim[i] - part->dim[i])
			return false;
	}
	return true;
}

int decompress_container(struct ascdev_ctx *ctx, const struct container *container,
			 const struct ascdev_part *part, const char *name, struct tensor *tensor,
			 struct ascdev_result *result)
{
	const uint32_t *dim = part ? part->dim : container->dim;
	struct ascdev_surface surface;
	int ret;

	if (part && !part_fits(part, container->dim)) {
		complain("%s: the part leaves the tensor", input_shown(name));
		return EXIT_FAILED;
	}
	ret = tensor_alloc(tensor, container->dtype, &dim[4 - container->dims], container->dims);
	if (ret)
		return ret;
	surface = tensor->surface;
	memcpy(surface.dim, container->dim, sizeof(surface.dim));
	ret = ascdev_decompress_part(ctx, &container->params, &surface, part, container->payload,
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
