// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Loops over floats, for aarch64.
 */

#include "asc_float_loops.h"

#ifdef FMC_ARM64

const struct asc_float_kernels asc_float_kernels_neon = {
	.to_fixed = floats_to_fixed,
	.largest = floats_largest,
};

#endif
