/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * For fuzz targets: an input taken apart, buffers without a spare byte, and checks
 * that end the program.
 */
#ifndef ASCDEV_CODEC_FUZZ_H
#define ASCDEV_CODEC_FUZZ_H

#include <stdio.h>
#include <stdlib.h>

#include "types.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

struct input {
	const u8 *data;
	size_t left;
};

#define CHECK(condition)						\
	do {								\
		if (!(condition)) {					\
			fprintf(stderr, "%s:%d: %s\n", __FILE__,	\
				__LINE__, #condition);			\
			abort();					\
		}							\
	} while (0)

/* A number of some bytes, the lowest first; zeros behind the end. */
static inline u64 take(struct input *in, u32 bytes)
{
	u64 value = 0;
	u32 i;

	for (i = 0; i < bytes && in->left; i++, in->left--)
		value |= (u64)*in->data++ << (8 * i);
	return value;
}

/* A sanitiser sees each step over the ends of it; of 0 bytes, too. */
static inline void *buffer(size_t bytes)
{
	void *p = malloc(bytes);

	CHECK(p);
	return p;
}

/* All that is left, over and over where it is too short. */
static inline u8 *take_buffer(struct input *in, size_t bytes)
{
	u8 *p = buffer(bytes);
	size_t i;

	for (i = 0; i < bytes; i++)
		p[i] = in->left ? in->data[i % in->left] : 0;
	return p;
}

static inline u16 *take_values(struct input *in, u32 count, u32 bits)
{
	u16 *values = buffer(count * sizeof(*values));
	u32 bytes = bits / 8, i;

	for (i = 0; i < count; i++) {
		values[i] = in->left ? in->data[i * bytes % in->left] : 0;
		if (bits == 16 && in->left)
			values[i] |= in->data[(i * 2 + 1) % in->left] << 8;
	}
	return values;
}

#endif
