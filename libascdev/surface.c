// SPDX-License-Identifier: MIT
/*
 * Surfaces of common layouts.
 */

#include <errno.h>
#include <string.h>

#include "internal.h"

/* @order: dimensions from the fastest to the slowest */
static void dense_surface(struct ascdev_surface *surface, uint32_t dtype, const uint32_t *dim,
			  const int *order)
{
	uint64_t stride = ascdev_dtype_bytes(dtype);
	int i;

	memset(surface, 0, sizeof(*surface));
	surface->dtype = dtype;
	for (i = 0; i < 4; i++) {
		surface->dim[order[i]] = dim[order[i]];
		surface->stride[order[i]] = stride;
		stride *= dim[order[i]];
	}
}

void ascdev_surface_nchw(struct ascdev_surface *surface, uint32_t dtype, uint32_t n, uint32_t c,
			 uint32_t h, uint32_t w)
{
	dense_surface(surface, dtype, (const uint32_t[]){ n, c, h, w },
		      (const int[]){ FMC_DIM_W, FMC_DIM_H, FMC_DIM_C, FMC_DIM_N });
}

void ascdev_surface_nhwc(struct ascdev_surface *surface, uint32_t dtype, uint32_t n, uint32_t c,
			 uint32_t h, uint32_t w)
{
	dense_surface(surface, dtype, (const uint32_t[]){ n, c, h, w },
		      (const int[]){ FMC_DIM_C, FMC_DIM_W, FMC_DIM_H, FMC_DIM_N });
}

int ascdev_surface_blocked(struct ascdev_surface *surface, uint32_t dtype, uint32_t n, uint32_t c,
			   uint32_t h, uint32_t w, uint32_t group)
{
	uint64_t images;

	if (!group)
		return -EINVAL;
	images = (uint64_t)n * (c / group + !!(c % group));
	if (images > UINT32_MAX)
		return -EOVERFLOW;
	ascdev_surface_nhwc(surface, dtype, images, group, h, w);
	return 0;
}

int ascdev_surface_crop(const struct ascdev_surface *whole, const struct ascdev_part *part,
			struct ascdev_surface *crop, uint64_t *offset)
{
	struct ascdev_surface s = *whole;
	uint64_t at = 0;
	int i;

	for (i = 0; i < 4; i++) {
		if (!part->dim[i] || part->dim[i] > whole->dim[i] ||
		    part->at[i] > whole->dim[i] - part->dim[i])
			return -EINVAL;
		s.dim[i] = part->dim[i];
		at += part->at[i] * whole->stride[i];
	}
	*crop = s;
	*offset = at;
	return 0;
}

void codec_surface(struct fmc_surface *to, const struct ascdev_surface *from)
{
	int i;

	memset(to, 0, sizeof(*to));
	to->dtype = from->dtype;
	for (i = 0; i < 4; i++) {
		to->dim[i] = from->dim[i];
		to->stride[i] = from->stride[i];
	}
}

int ascdev_surface_bytes(const struct ascdev_surface *surface, uint64_t *bytes)
{
	struct fmc_surface s;
	uint64_t elements;

	if (surface->pad)
		return -EINVAL;
	codec_surface(&s, surface);
	return fmc_surface_check(&s, &elements, bytes);
}
