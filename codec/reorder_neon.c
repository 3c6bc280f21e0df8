// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What it costs to join channels, with NEON.
 */

#include "kernels.h"

#ifdef FMC_ARM64

#include "simd_arm64.h"

/*
 * Of a cell, the other low end and the other high end are inside if they are equal to neither
 * end of the range, beyond which they cannot be.
 */
u32 fmc_reorder_cost_neon(const u16 *a, const u16 *b, u32 count)
{
	uint32x4_t sum = vdupq_n_u32(0);
	u32 i;

	for (i = 0; i < count; i += 16) {
		uint16x8x2_t va = vld2q_u16(a + i), vb = vld2q_u16(b + i);
		uint16x8_t least = vminq_u16(va.val[0], vb.val[0]);
		uint16x8_t low = vmaxq_u16(va.val[0], vb.val[0]);
		uint16x8_t high = vminq_u16(va.val[1], vb.val[1]);
		uint16x8_t greatest = vmaxq_u16(va.val[1], vb.val[1]);
		uint16x8_t range = vsubq_u16(greatest, least);

		low = vorrq_u16(vceqq_u16(low, least), vceqq_u16(low, greatest));
		high = vorrq_u16(vceqq_u16(high, least), vceqq_u16(high, greatest));
		sum = vpadalq_u16(sum, range);
		sum = vpadalq_u16(sum, vbicq_u16(range, low));
		sum = vpadalq_u16(sum, vbicq_u16(range, high));
	}
	return vaddvq_u32(sum);
}

#endif
