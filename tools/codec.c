// SPDX-License-Identifier: MIT
/*
 * Tensors to containers and back, by way of the library.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "file.h"

const char *backend_name(const struct ascdev_result *result)
{
	return result->backend == ASCDEV_BACKEND_HW ? "hw" : "sw";
}

/* What a complaint is about: the file, and its tensor if that has a name. */
static void name_tensor(const char *input, const char *tensor, char *text, size_t size)
{
	if (*tensor)
		snprintf(text, size, "%s: %s", input_shown(input), tensor);
	else
		snprintf(text, size, "%s", input_shown(input));
}

/*
 * The order that another file has for as many channels, in its only tensor or the one of the
 * same name.  Complains; returns an exit code.
 */
static int read_order(const char *name, const struct tensor *tensor, uint16_t **order)
{
	uint32_t channels = tensor->surface.dim[1];
	struct container container;
	struct ascdev_surface surface;
	const struct entry *entry;
	int ret = container_read(&container, name);

	if (ret)
		return ret;
	ret = EXIT_FAILED;
	entry = container_find(&container, container.count == 1 ? NULL : tensor->name, name);
	if (!entry)
		goto out;
	*order = calloc(channels, sizeof(**order));
	ascdev_surface_nchw(&surface, entry->dtype, entry->dim[0], entry->dim[1], entry->dim[2],
			    entry->dim[3]);
	if (!*order)
		complain("out of memory");
	else if (entry->dim[1] != channels)
		complain("%s: %u channels, not %u", name, entry->dim[1], channels);
	else if (ascdev_payload_order(&entry->params, &surface, entry->payload,
				      entry->payload_bytes, *order))
		complain("%s: no order of channels in it", name);
	else
		ret = EXIT_OK;
out:
	container_free(&container);
	return ret;
}

char *layer_name(const struct tensor *tensor, const char *input)
{
	const char *base = strrchr(input, '/');
	char *name;

	base = base ? base + 1 : input;
	if (*tensor->name)
		name = strdup(tensor->name);
	else if (!strcmp(input, "-"))
		name = strdup("");
	else
		name = strndup(base, strlen(base) - (name_ends_in(base, ".npy") ? 4 : 0));
	if (!name)
		complain("out of memory");
	return name;
}

/* What the table has for a tensor; nothing leaves @params alone.  Complains. */
static int find_params(const char *table, const struct tensor *tensor, const char *input,
		       struct ascdev_params *params)
{
	char *name = layer_name(tensor, input);

	if (!name)
		return EXIT_FAILED;
	ascdev_params_lookup(params, table, name, NULL);
	free(name);
	return EXIT_OK;
}

int compress_tensor(struct ascdev_ctx *ctx, const struct options *options,
		    const struct tensor *tensor, const char *input, struct entry *entry,
		    struct ascdev_result *result)
{
	struct ascdev_params params = options->params;
	uint16_t *order = NULL;
	uint8_t *shrunk;
	char name[512];
	uint64_t bound;
	int ret = EXIT_OK;

	*entry = (struct entry){ .dtype = tensor->surface.dtype };
	name_tensor(input, tensor->name, name, sizeof(name));
	if (options->table)
		ret = find_params((const char *)options->table, tensor, input, &params);
	if (!ret && options->order_from) {
		ret = read_order(options->order_from, tensor, &order);
		params.reorder = ASCDEV_REORDER_GIVEN;
		params.order = order;
	}
	if (ret)
		goto out;
	ret = ascdev_compress_bound(&params, &tensor->surface, &bound);
	if (ret) {
		/* it has no words for that, but this has */
		ret = ascdev_compress(ctx, &params, &tensor->surface, tensor->values, NULL, 0,
				      NULL);
		ret = library_failed(ctx, ret, name);
		goto out;
	}
	entry->name = strdup(tensor->name);
	entry->payload = malloc(bound);
	if (!entry->name || !entry->payload) {
		complain("%s: out of memory", name);
		ret = EXIT_FAILED;
		goto out;
	}
	ret = ascdev_compress(ctx, &params, &tensor->surface, tensor->values, entry->payload,
			      bound, result);
	if (ret) {
		ret = library_failed(ctx, ret, name);
		goto out;
	}
	entry->params = params;
	ascdev_params_settle(&entry->params, result);
	entry->params.order = NULL;
	entry->layout = tensor->layout;
	entry->dims = tensor->dims;
	memcpy(entry->dim, tensor->surface.dim, sizeof(entry->dim));
	entry->scale = options->scale;
	entry->payload_bytes = result->bytes;
	shrunk = realloc(entry->payload, result->bytes);
	if (shrunk)
		entry->payload = shrunk;
out:
	if (ret)
		entry_free(entry);
	free(order);
	return ret;
}

void entry_free(struct entry *entry)
{
	free(entry->name);
	free(entry->payload);
	*entry = (struct entry){ .dtype = 0 };
}

static bool box_fits(const struct ascdev_part *box, const uint32_t *dim)
{
	int i;

	for (i = 0; i < 4; i++) {
		if (!box->dim[i] || box->dim[i] > dim[i] || box->at[i] > dim[i] - box->dim[i])
			return false;
	}
	return true;
}

int describe_entry(const struct entry *entry, const struct ascdev_part *box, const char *input,
		   struct tensor *tensor)
{
	uint64_t bytes;
	char name[512];

	name_tensor(input, entry->name, name, sizeof(name));
	if (box && !box_fits(box, entry->dim)) {
		complain("%s: the box leaves the tensor", name);
		return EXIT_FAILED;
	}
	tensor->surface = (struct ascdev_surface){ .dtype = entry->dtype };
	memcpy(tensor->surface.dim, box ? box->dim : entry->dim, sizeof(entry->dim));
	tensor->layout = entry->layout;
	tensor->dims = entry->dims;
	return tensor_make_dense(tensor, &bytes);
}

int decompress_entry(struct ascdev_ctx *ctx, const struct entry *entry,
		     const struct ascdev_part *box, const char *input, struct tensor *tensor,
		     struct ascdev_result *result)
{
	struct ascdev_surface surface;
	char name[512];
	int ret = describe_entry(entry, box, input, tensor);

	if (!ret)
		ret = tensor_alloc(tensor);
	if (ret)
		return ret;
	name_tensor(input, entry->name, name, sizeof(name));
	surface = tensor->surface;
	memcpy(surface.dim, entry->dim, sizeof(surface.dim));
	ret = ascdev_decompress_part(ctx, &entry->params, &surface, box, entry->payload,
				     entry->payload_bytes, tensor->values, result);
	if (!ret)
		return EXIT_OK;
	/* all that was asked for stood in the file */
	if (ret == -EBADMSG || ret == -EINVAL) {
		library_failed(ctx, ret, name);
		return EXIT_CORRUPT;
	}
	return library_failed(ctx, ret, name);
}
