// SPDX-License-Identifier: MIT
/*
 * Tensors from and to files.
 */

#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "npy.h"
#include "tensor.h"

/* Extents and strides of a dense tensor of 1 to 4 dimensions. */
static void lay_out(struct ascdev_surface *surface, uint32_t dtype, const uint32_t *dim, int dims,
		    bool fortran_order)
{
	uint64_t stride = ascdev_dtype_bytes(dtype);
	int i;

	*surface = (struct ascdev_surface){ .dtype = dtype, .dim = { 1, 1, 1, 1 } };
	for (i = 0; i < dims; i++)
		surface->dim[4 - dims + i] = dim[i];
	for (i = 0; i < 4; i++) {
		int d = fortran_order ? i : 3 - i;

		surface->stride[d] = stride;
		stride *= surface->dim[d];
	}
}

/*
 * Bytes of all values.  Returns 0 if there are none or too many, after a
 * complaint.
 */
static uint64_t count_bytes(const struct ascdev_surface *surface, const char *name)
{
	uint64_t bytes;

	if (!ascdev_surface_bytes(surface, &bytes))
		return bytes;
	complain("%s: a shape of no values, or of more than 2^30", name);
	return 0;
}

static void swap_bytes(uint8_t *values, uint64_t bytes)
{
	uint64_t i;

	for (i = 0; i < bytes; i += 2) {
		uint8_t low = values[i];

		values[i] = values[i + 1];
		values[i + 1] = low;
	}
}

static int read_npy(struct tensor *tensor, size_t size, const char *name)
{
	struct npy_header header;
	uint64_t bytes;
	const char *wrong = npy_parse(tensor->file, size, &header);

	if (wrong) {
		complain("%s: %s", name, wrong);
		return EXIT_CORRUPT;
	}
	lay_out(&tensor->surface, header.dtype, header.dim, header.dims, header.fortran_order);
	bytes = count_bytes(&tensor->surface, name);
	if (!bytes)
		return EXIT_FAILED;
	if (size - header.bytes != bytes) {
		complain("%s: damaged: %llu bytes of values expected, %zu found", name,
			 (unsigned long long)bytes, size - header.bytes);
		return EXIT_CORRUPT;
	}
	tensor->dims = header.dims;
	tensor->values = tensor->file + header.bytes;
	if (header.swapped)
		swap_bytes(tensor->values, bytes);
	return EXIT_OK;
}

static int read_raw(struct tensor *tensor, size_t size, const struct options *options,
		    const char *name)
{
	uint64_t bytes;

	lay_out(&tensor->surface, options->dtype, options->shape, options->shape_dims, false);
	bytes = count_bytes(&tensor->surface, name);
	if (!bytes)
		return EXIT_FAILED;
	if (size != bytes) {
		complain("%s: --shape and --dtype want %llu bytes, the file has %zu",
			 name, (unsigned long long)bytes, size);
		return EXIT_FAILED;
	}
	tensor->dims = options->shape_dims;
	tensor->values = tensor->file;
	return EXIT_OK;
}

int tensor_read(struct tensor *tensor, const struct options *options, const char *name)
{
	size_t size;
	int ret;

	*tensor = (struct tensor){ .dims = 0 };
	ret = file_read(name, &tensor->file, &size);
	if (ret)
		return ret;
	if (npy_is(tensor->file, size)) {
		ret = read_npy(tensor, size, input_shown(name));
	} else if (options->shape_dims && options->dtype >= 0) {
		ret = read_raw(tensor, size, options, input_shown(name));
	} else {
		complain("%s: no .npy file; raw values need --dtype and --shape", input_shown(name));
		ret = EXIT_FAILED;
	}
	if (ret)
		tensor_free(tensor);
	return ret;
}

int tensor_alloc(struct tensor *tensor, uint32_t dtype, const uint32_t *dim, int dims)
{
	uint64_t bytes;

	*tensor = (struct tensor){ .dims = dims };
	lay_out(&tensor->surface, dtype, dim, dims, false);
	bytes = count_bytes(&tensor->surface, "output");
	if (!bytes)
		return EXIT_FAILED;
	tensor->file = malloc(bytes);
	if (!tensor->file) {
		complain("out of memory");
		return EXIT_FAILED;
	}
	tensor->values = tensor->file;
	return EXIT_OK;
}

int tensor_write_npy(const struct tensor *tensor, const char *name, bool force)
{
	struct npy_header header = {
		.dtype = tensor->surface.dtype,
		.dims = tensor->dims,
	};
	uint8_t text[NPY_HEADER_BYTES];
	struct output output;
	uint64_t bytes;
	int ret;

	memcpy(header.dim, &tensor->surface.dim[4 - tensor->dims],
	       tensor->dims * sizeof(header.dim[0]));
	npy_format(&header, text);
	ascdev_surface_bytes(&tensor->surface, &bytes);
	ret = output_open(&output, name, force);
	if (!ret)
		ret = output_write(&output, text, sizeof(text));
	if (!ret)
		ret = output_write(&output, tensor->values, bytes);
	if (!ret)
		ret = output_commit(&output);
	return ret;
}

void tensor_free(struct tensor *tensor)
{
	free(tensor->file);
	tensor->file = NULL;
	tensor->values = NULL;
}
