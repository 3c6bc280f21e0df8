/* SPDX-License-Identifier: MIT */
#ifndef ASC_CONTAINER_H
#define ASC_CONTAINER_H

#include "asc.h"

/*
 * A .asc file: one compressed tensor.  Documentation/container.rst has the layout.
 */

/**
 * struct container - a .asc file in memory
 * @codec: one of enum ascdev_codec
 * @dtype: one of enum ascdev_dtype
 * @dims: dimensions of the tensor, 1 to 4
 * @dim: its extents, as N, C, H, W; those in front are 1
 * @endpoints: endpoint mode of the payload
 * @zero_point: zero point of the payload
 * @block: shape of its blocks
 * @payload: payload
 * @payload_bytes: its size
 * @file: what @payload lies in, to be freed; NULL if it is somebody else's
 */
struct container {
	uint32_t codec;
	uint32_t dtype;
	int dims;
	uint32_t dim[4];
	uint32_t endpoints;
	int32_t zero_point;
	struct ascdev_block block;
	uint8_t *payload;
	uint64_t payload_bytes;
	uint8_t *file;
};

/* Both complain and return an exit code. */
int container_read(struct container *container, const char *name);
int container_write(const struct container *container, const char *name);

void container_free(struct container *container);

#endif
