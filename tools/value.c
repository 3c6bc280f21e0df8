// SPDX-License-Identifier: MIT
/*
 * Values of tensors as numbers.
 */

#include <math.h>
#include <string.h>

#include "tensor.h"

/* @bits: a binary32 whose lower half may be 0 */
static double bf16_value(uint32_t bits)
{
	float value;

	if ((bits & 0x7f800000) == 0x7f800000)
		bits = bits & 0x007f0000 ? 0 : (bits & 0x80000000) | 0x7f7f0000;
	memcpy(&value, &bits, sizeof(value));
	return value;
}

static double f16_value(uint32_t bits)
{
	int exponent = bits >> 10 & 31, fraction = bits & 0x3ff;
	double value;

	if (exponent == 31) {
		exponent = 30;
		fraction = fraction ? -1024 : 1023;
	}
	value = exponent ? ldexp(1024 + fraction, exponent - 25) : ldexp(fraction, -24);
	return bits & 0x8000 ? -value : value;
}

double tensor_value(const struct tensor *tensor, const uint32_t *at)
{
	const uint8_t *p = tensor->values;
	int16_t v16;
	int i;

	for (i = 0; i < 4; i++)
		p += at[i] * tensor->surface.stride[i];
	if (tensor->surface.dtype == ASCDEV_DTYPE_U8)
		return *p;
	if (tensor->surface.dtype == ASCDEV_DTYPE_S8)
		return (int8_t)*p;
	memcpy(&v16, p, sizeof(v16));
	switch (tensor->surface.dtype) {
	case ASCDEV_DTYPE_U16:
		return (uint16_t)v16;
	case ASCDEV_DTYPE_S16:
		return v16;
	case ASCDEV_DTYPE_F16:
		return f16_value((uint16_t)v16);
	default:
		return bf16_value((uint32_t)(uint16_t)v16 << 16);
	}
}
