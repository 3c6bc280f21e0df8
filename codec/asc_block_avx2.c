// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ASC-CBR with AVX2.
 */

#include "kernels.h"

#ifdef FMC_X86

#include "simd_x86.h"

u32 asc_decode_avx2(const struct asc_strip *strip, const u8 *bits, u32 count, u8 *dst)
{
	return asc_decode_none(strip, bits, count, dst);
}

#endif
