/* SPDX-License-Identifier: MIT */
#ifndef ASC_CONTAINER_H
#define ASC_CONTAINER_H

#include "asc.h"

/*
 * A .asc file: compressed tensors.  Documentation/container.rst has the layout.
 */

/**
 * struct entry - a compressed tensor
 * @name: its name; "" for the only one of a file that has no names
 * @params: how the payload is decompressed
 * @dtype: one of enum ascdev_dtype
 * @layout: one of enum layout
 * @dims: dimensions of the tensor, 1 to 4
 * @dim: its extents, as N, C, H, W; those that it has not are 1
 * @scale: what a step of the values stands for; 0 if that is not known
 * @payload: payload
 * @payload_bytes: its size
 * @spilled: @payload is a mapping of a file
 */
struct entry {
	char *name;
	struct ascdev_params params;
	uint32_t dtype;
	uint32_t layout;
	int dims;
	uint32_t dim[4];
	double scale;
	uint8_t *payload;
	uint64_t payload_bytes;
	bool spilled;
};

/**
 * struct container - a .asc file in memory
 * @entries: tensors
 * @count: how many
 * @file: what payloads lie in if the container was read; otherwise NULL, and each is an own one
 * @file_bytes: its size
 */
struct container {
	struct entry *entries;
	uint32_t count;
	uint8_t *file;
	size_t file_bytes;
};

/* All complain and return an exit code. */
int container_read(struct container *container, const char *name);
int container_write(const struct container *container, const char *name, bool force);

/*
 * Payloads that fill much memory go to files without a name, in the directory where the
 * container will be, or stay where they are if that cannot be.
 */
void container_spill(struct container *container, const char *name);

/* Is that the start of a container? */
bool container_is(const uint8_t *data, size_t size);

/* A container from its bytes, which become its own, also on failure. */
int container_from_bytes(struct container *container, uint8_t *data, size_t size,
			 const char *name);

/* Headers only: reads no payload, and there is none afterwards. */
int container_read_headers(struct container *container, const char *name);

/* Is there a tensor of that name? */
bool container_has(const struct container *container, const char *tensor);

/* The tensor of that name, or the only one if it has none; NULL after a complaint. */
const struct entry *container_find(const struct container *container, const char *tensor,
				   const char *name);

void container_free(struct container *container);

#endif
