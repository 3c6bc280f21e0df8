// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Loops over floats, for any CPU.
 */

#include "asc_float_loops.h"

const struct asc_float_kernels asc_float_kernels_scalar = {
	.to_fixed = floats_to_fixed,
	.largest = floats_largest,
};
