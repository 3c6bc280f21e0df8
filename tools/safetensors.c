// SPDX-License-Identifier: MIT
/*
 * .safetensors files: the length of a JSON header in 8 bytes, the header, and the values,
 * little-endian and in C order.
 */

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "file.h"
#include "tensor.h"

#define LENGTH_BYTES	8

/* As the format's own library has it. */
#define MAX_HEADER	100000000

static const char *const types[] = {
	[ASCDEV_DTYPE_U8] = "U8",   [ASCDEV_DTYPE_S8] = "I8",
	[ASCDEV_DTYPE_U16] = "U16", [ASCDEV_DTYPE_S16] = "I16",
	[ASCDEV_DTYPE_F16] = "F16", [ASCDEV_DTYPE_BF16] = "BF16",
};

static uint64_t header_bytes(const uint8_t *data)
{
	uint64_t bytes;

	memcpy(&bytes, data, sizeof(bytes));
	return le64toh(bytes);
}

bool safetensors_is(const uint8_t *data, size_t size)
{
	return size > LENGTH_BYTES && data[LENGTH_BYTES] == '{' &&
	       header_bytes(data) <= MAX_HEADER;
}

static int find_type(const char *type)
{
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (!strcmp(types[i], type))
			return i;
	}
	return -1;
}

/* Return: the number of dimensions, or -1. */
static int read_shape(const json_t *shape, uint32_t *dim)
{
	size_t i, dims = json_array_size(shape);

	if (dims < 1 || dims > 4)
		return -1;
	for (i = 0; i < dims; i++) {
		const json_t *extent = json_array_get(shape, i);

		if (!json_is_integer(extent) || json_integer_value(extent) < 0 ||
		    json_integer_value(extent) > UINT32_MAX)
			return -1;
		dim[i] = json_integer_value(extent);
	}
	return dims;
}

/* @values: all values of the file, @bytes of them */
static int read_tensor(struct tensors *tensors, const char *key, json_t *description,
		       uint8_t *values, uint64_t bytes, const char *name)
{
	struct tensor *tensor;
	json_int_t begin, end;
	char member[512], other[32];
	uint64_t expected;
	const char *type;
	uint32_t dim[4];
	json_t *shape;
	int dims, dtype;

	snprintf(member, sizeof(member), "%s: %s", name, key);
	if (json_unpack(description, "{s:s, s:o, s:[I,I]}", "dtype", &type, "shape", &shape,
			"data_offsets", &begin, &end)) {
		complain("%s: damaged: bad description in the header", member);
		return EXIT_CORRUPT;
	}
	dtype = find_type(type);
	dims = read_shape(shape, dim);
	if (dtype < 0) {
		snprintf(other, sizeof(other), "values of %s", type);
		return tensor_not_taken(other, member);
	}
	if (dims < 0)
		return tensor_not_taken("another shape", member);
	tensor = tensors_add(tensors, key);
	if (!tensor || tensor_lay_out(tensor, dtype, dim, dims, false, &expected, member))
		return EXIT_FAILED;
	if (begin < 0 || end < begin || (uint64_t)end > bytes || (uint64_t)(end - begin) != expected) {
		complain("%s: damaged: %llu bytes of values expected", member,
			 (unsigned long long)expected);
		return EXIT_CORRUPT;
	}
	/* tensors may share values, and are swapped each by itself */
	if (BYTE_ORDER == BIG_ENDIAN && ascdev_dtype_bytes(dtype) > 1) {
		tensor->file = malloc(expected);
		if (!tensor->file) {
			complain("%s: out of memory", name);
			return EXIT_FAILED;
		}
		memcpy(tensor->file, values + begin, expected);
		tensor->values = tensor->file;
		tensor_swap(tensor, expected);
	} else {
		tensor->values = values + begin;
	}
	return EXIT_OK;
}

int safetensors_read(struct tensors *tensors, size_t size, const char *name)
{
	uint64_t length = header_bytes(tensors->file);
	uint8_t *values = tensors->file + LENGTH_BYTES + length;
	json_error_t error;
	json_t *header, *description;
	const char *key;
	int ret = EXIT_OK;

	if (length > size - LENGTH_BYTES) {
		complain("%s: damaged: the header is cut off", name);
		return EXIT_CORRUPT;
	}
	header = json_loadb((const char *)tensors->file + LENGTH_BYTES, length,
			    JSON_REJECT_DUPLICATES, &error);
	if (!header) {
		complain("%s: damaged: the header is no JSON: %s", name, error.text);
		return EXIT_CORRUPT;
	}
	json_object_foreach(header, key, description) {
		if (!strcmp(key, "__metadata__"))
			continue;
		ret = read_tensor(tensors, key, description, values, size - LENGTH_BYTES - length,
				  name);
		if (ret)
			break;
	}
	json_decref(header);
	if (!ret && !tensors->count) {
		complain("%s: no tensors in it", name);
		ret = EXIT_FAILED;
	}
	return ret;
}

/* The header's text; to be freed.  NULL after a complaint. */
static char *format_header(const struct tensors *tensors, const char *name)
{
	json_t *header = json_object();
	uint64_t at = 0, bytes;
	char *text = NULL;
	size_t i;

	for (i = 0; i < tensors->count; i++) {
		const struct tensor *tensor = &tensors->list[i];
		const char *key = *tensor->name ? tensor->name : "tensor";
		json_t *shape = json_array();
		uint32_t dim[4];
		int d;

		tensor_dims(tensor, dim);
		for (d = 0; d < tensor->dims; d++)
			json_array_append_new(shape, json_integer(dim[d]));
		ascdev_surface_bytes(&tensor->surface, &bytes);
		if (json_object_get(header, key) ||
		    json_object_set_new(header, key,
					json_pack("{s:s, s:o, s:[I,I]}", "dtype",
						  types[tensor->surface.dtype], "shape", shape,
						  "data_offsets", (json_int_t)at,
						  (json_int_t)(at + bytes)))) {
			complain("%s: '%s' is a name twice, or no UTF-8", output_shown(name), key);
			goto out;
		}
		at += bytes;
	}
	text = json_dumps(header, JSON_COMPACT);
	if (!text)
		complain("out of memory");
out:
	json_decref(header);
	return text;
}

static int write_values(struct output *output, const struct loader *loader, size_t i,
			struct tensor *tensor)
{
	uint64_t bytes;
	int ret = loader->load(loader->data, i, tensor);

	if (ret) {
		output_abandon(output);
		return ret;
	}
	ascdev_surface_bytes(&tensor->surface, &bytes);
	if (BYTE_ORDER == BIG_ENDIAN && ascdev_dtype_bytes(tensor->surface.dtype) > 1)
		tensor_swap(tensor, bytes);
	ret = output_write(output, tensor->values, bytes);
	tensor_unload(tensor);
	return ret;
}

int safetensors_write(struct tensors *tensors, const struct loader *loader, const char *name,
		      bool force)
{
	char *header = format_header(tensors, name);
	struct output output;
	uint64_t length;
	size_t i, pad;
	int ret;

	if (!header)
		return EXIT_FAILED;
	/* spaces, so that values are aligned */
	pad = -strlen(header) & 7;
	length = htole64(strlen(header) + pad);
	ret = output_open(&output, name, force);
	if (!ret)
		ret = output_write(&output, &length, sizeof(length));
	if (!ret)
		ret = output_write(&output, header, strlen(header));
	if (!ret)
		ret = output_write(&output, "        ", pad);
	for (i = 0; i < tensors->count && !ret; i++)
		ret = write_values(&output, loader, i, &tensors->list[i]);
	if (!ret)
		ret = output_commit(&output);
	free(header);
	return ret;
}
