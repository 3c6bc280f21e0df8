// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Comparing shapes of blocks, for aarch64.
 */

#include "kernels.h"

#ifdef FMC_ARM64

#include "asc_shape_folds.h"
#include "asc_shape_loops.h"

const struct asc_shape_kernels asc_shape_neon = ASC_SHAPE_KERNELS;

#endif
