/* SPDX-License-Identifier: MIT */
#ifndef ASC_NPY_H
#define ASC_NPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the headers that npy_format() makes. */
#define NPY_HEADER_BYTES	128

/**
 * struct npy_header - header of a .npy file, format 1.0 to 3.0
 * @bytes: its size; values follow
 * @dtype: one of enum ascdev_dtype
 * @swapped: values are in the other byte order than the machine's
 * @fortran_order: the first dimension is the fastest
 * @dims: number of dimensions, 1 to 4
 * @dim: extents
 * @other: where the values are of a type that is not taken, or have more dimensions, what they
 *	are; otherwise ""
 */
struct npy_header {
	size_t bytes;
	uint32_t dtype;
	bool swapped;
	bool fortran_order;
	int dims;
	uint32_t dim[4];
	char other[32];
};

bool npy_is(const uint8_t *data, size_t size);

/* Return: NULL, or what is wrong with the file, or "" for what is in @other. */
const char *npy_parse(const uint8_t *data, size_t size, struct npy_header *header);

/* Values are in the machine's byte order, and in C order. */
void npy_format(const struct npy_header *header, uint8_t text[NPY_HEADER_BYTES]);

#endif
