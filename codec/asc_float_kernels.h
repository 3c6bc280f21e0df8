/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Loops over floats, of which there is a set for each kind of CPU.  All give the same.
 */
#ifndef ASCDEV_CODEC_ASC_FLOAT_KERNELS_H
#define ASCDEV_CODEC_ASC_FLOAT_KERNELS_H

#include "asc_float.h"

/**
 * struct asc_float_kernels - loops over ordered patterns of any floats
 * @to_fixed: asc_float_to_fixed() of asc_float_finite()
 * @largest: the largest magnitude of asc_float_finite(); if @positive, of values not below 0
 */
struct asc_float_kernels {
	void (*to_fixed)(enum asc_kind kind, u32 exponent, const u16 *values, u32 count,
			 u16 *fixed);
	u32 (*largest)(enum asc_kind kind, const u16 *values, u32 count, bool positive);
};

extern const struct asc_float_kernels asc_float_kernels_scalar;
extern const struct asc_float_kernels asc_float_kernels_avx2;
extern const struct asc_float_kernels asc_float_kernels_avx512;
extern const struct asc_float_kernels asc_float_kernels_neon;

#endif
