/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What ASC-VBR with AVX2 and with AVX-512 has in common: both have PDEP and PEXT.
 */
#ifndef ASCDEV_CODEC_ASC_VBR_BMI2_H
#define ASCDEV_CODEC_ASC_VBR_BMI2_H

#include "asc_vbr_blocks.h"
#include "simd_x86.h"

/* As get_headers(), 8 blocks at a time. */
static __always_inline void get_headers_bmi2(const u8 *in, u32 blocks, u8 *header)
{
	const u8 *widths = in + asc_vbr_mode_bytes(blocks);
	u32 first, width;
	u16 mode;

	for (first = 0; first + 8 <= blocks; first += 8) {
		memcpy(&mode, in + first / 4, sizeof(mode));
		memcpy(&width, widths + first / 2, sizeof(width));
		put_u64(header + first, _pdep_u64(mode, 0x0303030303030303ull) |
				       _pdep_u64(width, 0x3c3c3c3c3c3c3c3cull));
	}
	get_headers(in, first, blocks, header);
}

/* As asc_vbr_put_headers(), 8 blocks at a time. */
static __always_inline u8 *put_headers_bmi2(u8 *header, u32 blocks, u8 *out)
{
	u8 *widths = out + asc_vbr_mode_bytes(blocks);
	u32 first, width;
	u16 mode;

	for (first = 0; first + 8 <= blocks; first += 8) {
		u64 eight = get_u64(header + first);

		mode = _pext_u64(eight, 0x0303030303030303ull);
		width = _pext_u64(eight, 0x3c3c3c3c3c3c3c3cull);
		memcpy(out + first / 4, &mode, sizeof(mode));
		memcpy(widths + first / 2, &width, sizeof(width));
	}
	put_headers(header, first, blocks, out);
	return widths + asc_vbr_width_bytes(blocks);
}

#endif
