// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * For CBMC: the block coder of ebpc.c on every block of BLOCK values of BITS bits.
 *
 * Beside the assertions, CBMC shows for each access that it is inside its object, for
 * each operation that it is defined, and for each loop that it ends.
 */

#include "../ebpc.c"
#include "proof.h"

/* What ebpc_bound() says for one block; encode() compares. */
#define POSITION	(BLOCK == 8 ? 3 : 4)
#define PLANE		(BLOCK > 5 + POSITION ? BLOCK : 5 + POSITION)
#define BYTES		((BITS + (BITS + 1) * PLANE + BITS - 1) / BITS * BITS / 8)

static const struct ebpc_params params = { BITS, BLOCK, 16 };

/* The decoder, on any bytes, to any end. */
void decode(void)
{
	struct ebpc_decoder d;
	u8 data[BYTES];
	u32 i = any_u32();
	int ret;

	ASSUME(!ebpc_decode_init(&d, &params, NULL, 0, data, BYTES));
	d.bpc.capacity = any_u32();
	ASSUME(d.bpc.capacity <= BYTES * 8);
	ret = get_block(&d);
	ASSERT(!ret || ret == -EBADMSG, "decoded or refused");
	ASSUME(i < BLOCK);
	ASSERT(ret || d.values[i] >> (BITS - 1) >> 1 == 0, "a value of the type");
}

/* Any block, encoded, stays within the bound and comes back; so do the bits used. */
void round_trip(void)
{
	struct ebpc_encoder e;
	struct ebpc_decoder d;
	u16 values[BLOCK];
	u64 znz_bytes, bpc_bytes;
	u8 data[BYTES];
	u32 i;

	ASSERT(!ebpc_bound(&params, BLOCK, &znz_bytes, &bpc_bytes) && bpc_bytes == BYTES, "bound");
	ASSUME(!ebpc_encode_init(&e, &params, NULL, 0, data, BYTES));
	for (i = 0; i < BLOCK; i++) {
		values[i] = any_u32();
		ASSUME(values[i] >> (BITS - 1) >> 1 == 0);
		e.values[i] = values[i];
	}
	put_block(&e);
	ASSERT(!e.full, "within the bound");
	ASSUME(!ebpc_decode_init(&d, &params, NULL, 0, data, BYTES));
	ASSERT(!get_block(&d), "decoded");
	ASSERT(d.bpc.at == e.bpc.at, "as many bits read as written");
	i = any_u32();
	ASSUME(i < BLOCK);
	ASSERT(d.values[i] == values[i], "lossless");
}
