// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Comparing shapes of blocks, for x86-64 with AVX2.
 */

#include "kernels.h"

#ifdef FMC_X86

#include "asc_shape_folds.h"
#include "asc_shape_loops.h"

const struct asc_shape_kernels asc_shape_avx2 = ASC_SHAPE_KERNELS;

#endif
