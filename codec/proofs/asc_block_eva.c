// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * For Frama-C's EVA: the encoder of asc_block.c on every block of a format.
 */

#include "nearest.h"
#define NEAREST_OF_EIGHT
#define nearest_of_eight	nearest_in_plain_c
#include "../asc_block.c"
#include "__fc_builtin.h"

void encode(void)
{
	const u32 max = (1u << BITS) - 1;
	struct asc_block_format f = {
		.values = VALUES,
		.bits = BITS,
		.endpoints = ENDPOINTS,
		.zero = Frama_C_unsigned_int_interval(0, max),
	};
	u8 bits[ENDPOINTS * BITS / 8 + VALUES * 3 / 8];
	u16 values[VALUES], decoded[VALUES];
	u32 i;

	for (i = 0; i < VALUES; i++)
		values[i] = Frama_C_unsigned_int_interval(0, max);
	asc_block_encode(&f, SCALES, ASC_EFFORT_HW, values, bits, decoded);
}
