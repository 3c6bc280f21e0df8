// SPDX-License-Identifier: MIT
/*
 * Tensors from and to files.
 */

#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "npy.h"
#include "tensor.h"

int layout_axis(uint32_t layout, int i)
{
	static const int nhwc[] = { 0, 2, 3, 1 };

	return layout == LAYOUT_NHWC ? nhwc[i] : i;
}

const char *layout_name(uint32_t layout)
{
	return layout == LAYOUT_NHWC ? "nhwc" : "nchw";
}

/* Strides of dense values, the last dimension of the file the fastest, or the first. */
static void set_strides(struct tensor *tensor, bool fortran_order)
{
	uint64_t stride = ascdev_dtype_bytes(tensor->surface.dtype);
	int i;

	for (i = 0; i < 4; i++) {
		int axis = layout_axis(tensor->layout, fortran_order ? i : 3 - i);

		tensor->surface.stride[axis] = stride;
		stride *= tensor->surface.dim[axis];
	}
}

int tensor_lay_out(struct tensor *tensor, uint32_t dtype, const uint32_t *dim, int dims,
		   bool fortran_order, uint64_t *bytes, const char *name)
{
	int i;

	tensor->surface = (struct ascdev_surface){ .dtype = dtype, .dim = { 1, 1, 1, 1 } };
	for (i = 0; i < dims; i++)
		tensor->surface.dim[layout_axis(tensor->layout, 4 - dims + i)] = dim[i];
	tensor->dims = dims;
	set_strides(tensor, fortran_order);
	if (!ascdev_surface_bytes(&tensor->surface, bytes))
		return EXIT_OK;
	if (!tensor->surface.dim[0] || !tensor->surface.dim[1] || !tensor->surface.dim[2] ||
	    !tensor->surface.dim[3])
		complain("%s: a shape of no values", name);
	else
		complain("%s: a shape of more than 2^30 values, the most that a tensor has; split it",
			 name);
	return EXIT_FAILED;
}

void tensor_dims(const struct tensor *tensor, uint32_t *dim)
{
	int i;

	for (i = 0; i < tensor->dims; i++)
		dim[i] = tensor->surface.dim[layout_axis(tensor->layout, 4 - tensor->dims + i)];
}

void tensor_swap(struct tensor *tensor, uint64_t bytes)
{
	uint8_t *values = tensor->values;
	uint64_t i;

	for (i = 0; i + 1 < bytes; i += 2) {
		uint8_t low = values[i];

		values[i] = values[i + 1];
		values[i + 1] = low;
	}
}

int tensor_not_taken(const char *what, const char *name)
{
	complain("%s: %s; maps are of u8, s8, u16, s16, f16 or bf16, of 1 to 4 dimensions", name,
		 what);
	return EXIT_FAILED;
}

int tensor_from_npy(struct tensor *tensor, uint8_t *data, size_t size, const char *name)
{
	struct npy_header header;
	uint64_t bytes;
	const char *wrong = npy_parse(data, size, &header);

	if (wrong && !*wrong)
		return tensor_not_taken(header.other, name);
	if (wrong) {
		complain("%s: %s", name, wrong);
		return EXIT_CORRUPT;
	}
	if (tensor_lay_out(tensor, header.dtype, header.dim, header.dims, header.fortran_order,
			   &bytes, name))
		return EXIT_FAILED;
	if (size - header.bytes != bytes) {
		complain("%s: damaged: %llu bytes of values expected, %zu found", name,
			 (unsigned long long)bytes, size - header.bytes);
		return EXIT_CORRUPT;
	}
	tensor->values = data + header.bytes;
	if (header.swapped)
		tensor_swap(tensor, bytes);
	return EXIT_OK;
}

static int read_raw(struct tensor *tensor, uint8_t *data, size_t size,
		    const struct options *options, const char *name)
{
	uint64_t bytes;

	if (tensor_lay_out(tensor, options->dtype, options->shape, options->shape_dims, false,
			   &bytes, name))
		return EXIT_FAILED;
	if (size != bytes) {
		complain("%s: --shape and --dtype want %llu bytes, the file has %zu", name,
			 (unsigned long long)bytes, size);
		return EXIT_FAILED;
	}
	tensor->values = data;
	return EXIT_OK;
}

struct tensor *tensors_add(struct tensors *tensors, const char *tensor_name)
{
	struct tensor *grown = realloc(tensors->list, (tensors->count + 1) * sizeof(*grown));
	char *copy = strdup(tensor_name);

	if (grown)
		tensors->list = grown;
	if (!grown || !copy) {
		free(copy);
		complain("out of memory");
		return NULL;
	}
	tensors->list[tensors->count] = (struct tensor){ .name = copy };
	return &tensors->list[tensors->count++];
}

/* A file of one tensor, without a name. */
static int read_one(struct tensors *tensors, size_t size, const struct options *options,
		    const char *name)
{
	struct tensor *tensor = tensors_add(tensors, "");

	if (!tensor)
		return EXIT_FAILED;
	if (npy_is(tensors->file, size))
		return tensor_from_npy(tensor, tensors->file, size, name);
	return read_raw(tensor, tensors->file, size, options, name);
}

/* Dimensions were read as N, C, H, W; the layout tells which is which. */
static void change_layout(struct tensor *tensor, uint32_t layout)
{
	struct ascdev_surface nchw = tensor->surface;
	int i;

	for (i = 0; i < 4; i++) {
		tensor->surface.dim[layout_axis(layout, i)] = nchw.dim[i];
		tensor->surface.stride[layout_axis(layout, i)] = nchw.stride[i];
	}
	tensor->layout = layout;
}

int tensors_from_bytes(struct tensors *tensors, const struct options *options, uint8_t *data,
		       size_t size, const char *input)
{
	const char *name = input_shown(input);
	int ret = EXIT_OK;
	size_t i;

	*tensors = (struct tensors){ .file = data, .file_bytes = size };
	if (npy_is(tensors->file, size) || (options->shape_dims && options->dtype >= 0)) {
		ret = read_one(tensors, size, options, name);
	} else if (npz_is(tensors->file, size)) {
		ret = npz_read(tensors, tensors->file, size, name);
	} else if (safetensors_is(tensors->file, size)) {
		ret = safetensors_read(tensors, size, name);
	} else {
		complain("%s: no .npy file, nor .npz or .safetensors; raw values need --dtype and --shape",
			 name);
		ret = EXIT_FAILED;
	}
	for (i = 0; i < tensors->count && !ret; i++)
		change_layout(&tensors->list[i], options->layout);
	if (ret)
		tensors_free(tensors);
	return ret;
}

int tensors_read(struct tensors *tensors, const struct options *options, const char *input)
{
	uint8_t *data;
	size_t size;
	int ret;

	*tensors = (struct tensors){ .count = 0 };
	ret = file_read(input, &data, &size);
	return ret ? ret : tensors_from_bytes(tensors, options, data, size, input);
}

int tensor_make_dense(struct tensor *tensor, uint64_t *bytes)
{
	set_strides(tensor, false);
	if (!ascdev_surface_bytes(&tensor->surface, bytes))
		return EXIT_OK;
	complain("more than 2^30 values");
	return EXIT_FAILED;
}

int tensor_alloc(struct tensor *tensor)
{
	uint64_t bytes;
	int ret = tensor_make_dense(tensor, &bytes);

	if (ret)
		return ret;
	tensor->file = malloc(bytes);
	if (!tensor->file) {
		complain("out of memory");
		return EXIT_FAILED;
	}
	tensor->values = tensor->file;
	return EXIT_OK;
}

void tensor_unload(struct tensor *tensor)
{
	free(tensor->file);
	tensor->file = NULL;
	tensor->values = NULL;
}

void tensor_npy_header(const struct tensor *tensor, uint8_t *text)
{
	struct npy_header header = {
		.dtype = tensor->surface.dtype,
		.dims = tensor->dims,
	};

	tensor_dims(tensor, header.dim);
	npy_format(&header, text);
}

static int write_npy(struct tensor *tensor, const struct loader *loader, const char *name,
		     bool force)
{
	uint8_t text[NPY_HEADER_BYTES];
	struct output output;
	uint64_t bytes;
	int ret;

	tensor_npy_header(tensor, text);
	ascdev_surface_bytes(&tensor->surface, &bytes);
	/* before there is an output: what cannot be had leaves nothing in a pipe */
	ret = loader->load(loader->data, 0, tensor);
	if (!ret)
		ret = output_open(&output, name, force);
	if (!ret)
		ret = output_write(&output, text, sizeof(text));
	if (!ret)
		ret = output_write(&output, tensor->values, bytes);
	if (!ret)
		ret = output_commit(&output);
	tensor_unload(tensor);
	return ret;
}

bool name_ends_in(const char *name, const char *suffix)
{
	size_t length = strlen(name), n = strlen(suffix);

	return length > n && !strcmp(name + length - n, suffix);
}

int tensors_write(struct tensors *tensors, const struct loader *loader, const char *name,
		  bool force)
{
	if (name_ends_in(name, ".npz"))
		return npz_write(tensors, loader, name, force);
	if (name_ends_in(name, ".safetensors"))
		return safetensors_write(tensors, loader, name, force);
	if (tensors->count == 1)
		return write_npy(&tensors->list[0], loader, name, force);
	complain("%s: %zu tensors are no .npy file; -o NAME.npz or .safetensors takes them, --tensor names one",
		 output_shown(name), tensors->count);
	return EXIT_FAILED;
}

void tensors_free(struct tensors *tensors)
{
	size_t i;

	for (i = 0; i < tensors->count; i++) {
		free(tensors->list[i].name);
		free(tensors->list[i].file);
	}
	free(tensors->list);
	file_free(tensors->file, tensors->file_bytes);
	*tensors = (struct tensors){ .count = 0 };
}
