/* SPDX-License-Identifier: MIT */
#ifndef ASC_CONTAINER_H
#define ASC_CONTAINER_H

#include "asc.h"

/*
 * A .asc file: one compressed tensor.  Documentation/container.rst has the layout.
 */

/**
 * struct container - a .asc file in memory
 * @params: how the payload is decompressed
 * @dtype: one of enum ascdev_dtype
 * @dims: dimensions of the tensor, 1 to 4
 * @dim: its extents, as N, C, H, W; those in front are 1
 * @payload: payload
 * @payload_bytes: its size
 * @file: what @payload lies in, to be freed; NULL if it is somebody else's
 */
struct container {
	struct ascdev_params params;
	uint32_t dtype;
	int dims;
	uint32_t dim[4];
	uint8_t *payload;
	uint64_t payload_bytes;
	uint8_t *file;
};

/* Both complain and return an exit code. */
int container_read(struct container *container, const char *name);
int container_write(const struct container *container, const char *name, bool force);

void container_free(struct container *container);

#endif
