/* SPDX-License-Identifier: MIT */
#ifndef ASC_TENSOR_H
#define ASC_TENSOR_H

#include "asc.h"

/* Order of the dimensions in a file, the slowest first; surfaces have N, C, H, W. */
enum layout {
	LAYOUT_NCHW = 0,
	LAYOUT_NHWC = 1,
};

/* Which of N, C, H, W the dimension @i of four is. */
int layout_axis(uint32_t layout, int i);

const char *layout_name(uint32_t layout);

/**
 * struct tensor - values in memory
 * @name: its name; "" in a file that has no names
 * @surface: from @values on
 * @layout: one of enum layout
 * @dims: dimensions that the file has, 1 to 4: the last of the layout
 * @file: what @values lies in, to be freed; NULL if the tensors of a file share it
 * @values: the first value
 */
struct tensor {
	char *name;
	struct ascdev_surface surface;
	uint32_t layout;
	int dims;
	uint8_t *file;
	uint8_t *values;
};

/**
 * struct tensors - what is in a file
 * @list: tensors
 * @count: how many
 * @file: what all of them lie in, of file_read(), or NULL
 * @file_bytes: its size
 */
struct tensors {
	struct tensor *list;
	size_t count;
	uint8_t *file;
	size_t file_bytes;
};

/* Reads .npy, .npz, .safetensors, or raw values with --dtype and --shape. */
int tensors_read(struct tensors *tensors, const struct options *options, const char *name);

/* Likewise, from the bytes of the file, which become the tensors', also on failure. */
int tensors_from_bytes(struct tensors *tensors, const struct options *options, uint8_t *data,
		       size_t size, const char *name);

/**
 * struct loader - where values come from as they are written
 * @load: gives tensor @i its @file and @values, or complains; returns an exit code
 * @data: handed to @load
 *
 * So one tensor at a time is in memory.
 */
struct loader {
	int (*load)(void *data, size_t i, struct tensor *tensor);
	void *data;
};

/*
 * Writes dense tensors, which have no values yet, as what the name ends in: .npz, .safetensors,
 * or else .npy, which takes one.
 */
int tensors_write(struct tensors *tensors, const struct loader *loader, const char *name,
		  bool force);

/* The kind of file that a name stands for, as tensors_write() has it. */
bool name_ends_in(const char *name, const char *suffix);

/* Adds one, all 0 but for its name.  NULL after a complaint. */
struct tensor *tensors_add(struct tensors *tensors, const char *tensor_name);

void tensors_free(struct tensors *tensors);

/* For readers of formats: lays out values of @dim in a file and checks their size. */
int tensor_lay_out(struct tensor *tensor, uint32_t dtype, const uint32_t *dim, int dims,
		   bool fortran_order, uint64_t *bytes, const char *name);

/* Complains of what makes a tensor none that can be compressed.  Returns an exit code. */
int tensor_not_taken(const char *what, const char *name);

/* Values in the machine's byte order from those of the other one. */
void tensor_swap(struct tensor *tensor, uint64_t bytes);

/* @tensor from the .npy file at @data, to which its values point. */
int tensor_from_npy(struct tensor *tensor, uint8_t *data, size_t size, const char *name);

/* The extents that a file has; their number is @dims. */
void tensor_dims(const struct tensor *tensor, uint32_t *dim);

/* Makes a tensor dense, once @surface.dtype, its @dim, @layout and @dims are set. */
int tensor_make_dense(struct tensor *tensor, uint64_t *bytes);

/* Likewise, and makes room for the values. */
int tensor_alloc(struct tensor *tensor);

/* Takes the values of a tensor away that has them for itself. */
void tensor_unload(struct tensor *tensor);

/* All complain, and return an exit code. */
int npz_read(struct tensors *tensors, const uint8_t *data, size_t size, const char *name);
int npz_write(struct tensors *tensors, const struct loader *loader, const char *name, bool force);
bool npz_is(const uint8_t *data, size_t size);

int safetensors_read(struct tensors *tensors, size_t size, const char *name);
int safetensors_write(struct tensors *tensors, const struct loader *loader, const char *name,
		      bool force);
bool safetensors_is(const uint8_t *data, size_t size);

/*
 * The value at N, C, H, W.  One that is not a finite number counts as what ASC makes of it: a
 * NaN as 0, an infinity as the largest finite number.
 */
double tensor_value(const struct tensor *tensor, const uint32_t *at);

/* Header of the .npy file of a dense tensor. */
void tensor_npy_header(const struct tensor *tensor, uint8_t *text);

#endif
