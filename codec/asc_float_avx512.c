// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Loops over floats, for x86-64 with AVX-512.
 */

#include "asc_float_loops.h"

#ifdef FMC_X86

const struct asc_float_kernels asc_float_kernels_avx512 = {
	.to_fixed = floats_to_fixed,
	.largest = floats_largest,
};

#endif
