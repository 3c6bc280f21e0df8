/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * For fuzz targets: descriptions of surfaces.
 */
#ifndef ASCDEV_CODEC_FUZZ_SURFACE_H
#define ASCDEV_CODEC_FUZZ_SURFACE_H

#include "fuzz.h"
#include "surface.h"

/* Any description; nothing in it need make sense. */
static inline struct fmc_surface take_surface(struct input *in)
{
	u8 choice = take(in, 1), i;
	struct fmc_surface s = { .dtype = choice & 7 };
	u64 dense = fmc_dtype_bits(s.dtype) / 8;

	for (i = 0; i < FMC_DIMS; i++)
		s.dim[i] = choice & 8 ? take(in, 4) : take(in, 1) % 20;
	for (i = FMC_DIMS; i-- > 0;) {
		if (choice & 16)
			s.stride[i] = take(in, 8);
		else if (choice & 32)
			s.stride[i] = dense + take(in, 1);
		else if (choice & 64)
			s.stride[i] = take(in, 1);
		else
			s.stride[i] = dense;
		dense = s.stride[i] * s.dim[i];
	}
	return s;
}

#endif
