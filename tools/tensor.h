/* SPDX-License-Identifier: MIT */
#ifndef ASC_TENSOR_H
#define ASC_TENSOR_H

#include "asc.h"

/**
 * struct tensor - values in memory
 * @surface: layout, from @values on
 * @dims: dimensions that the file has, 1 to 4; those in front are 1 in @surface
 * @file: what @values lies in; to be freed
 * @values: the first value
 */
struct tensor {
	struct ascdev_surface surface;
	int dims;
	uint8_t *file;
	uint8_t *values;
};

/* Reads .npy, or raw values with --dtype and --shape.  Complains; returns an exit code. */
int tensor_read(struct tensor *tensor, const struct options *options, const char *name);

/* Makes room for values of a dense surface.  Complains; returns an exit code. */
int tensor_alloc(struct tensor *tensor, uint32_t dtype, const uint32_t *dim, int dims);

/* Writes a dense tensor as .npy.  Complains; returns an exit code. */
int tensor_write_npy(const struct tensor *tensor, const char *name, bool force);

void tensor_free(struct tensor *tensor);

#endif
