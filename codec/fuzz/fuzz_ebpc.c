// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ebpc.c.  Input: parameters, number of values, sizes; then both streams, which
 * are also taken for values.
 */

#include "ebpc.h"
#include "fuzz.h"

static void round_trip(const struct ebpc_params *p, const u16 *values, u32 count)
{
	u64 znz_bytes, bpc_bytes, znz_room, bpc_room;
	u16 *back = buffer(count * sizeof(u16));
	struct ebpc_encoder e;
	struct ebpc_decoder d;
	u8 *znz, *bpc;

	CHECK(!ebpc_bound(p, count, &znz_room, &bpc_room));
	znz = buffer(znz_room);
	bpc = buffer(bpc_room);
	CHECK(!ebpc_encode_init(&e, p, znz, znz_room, bpc, bpc_room));
	ebpc_encode(&e, values, count / 3);
	ebpc_encode(&e, values + count / 3, count - count / 3);
	CHECK(!ebpc_encode_end(&e, &znz_bytes, &bpc_bytes));
	CHECK(znz_bytes <= znz_room && bpc_bytes <= bpc_room);
	CHECK(!ebpc_decode_init(&d, p, znz, znz_bytes, bpc, bpc_bytes));
	CHECK(!ebpc_decode(&d, back, count));
	CHECK(!memcmp(values, back, count * sizeof(u16)));
	free(bpc);
	free(znz);
	free(back);
}

/* Too little room is seen and not overstepped. */
static void encode_in_little_room(const struct ebpc_params *p, const u16 *values, u32 count,
				  u64 znz_room, u64 bpc_room)
{
	u8 *znz = buffer(znz_room), *bpc = buffer(bpc_room);
	u64 znz_bytes, bpc_bytes;
	struct ebpc_encoder e;
	int ret;

	CHECK(!ebpc_encode_init(&e, p, znz, znz_room, bpc, bpc_room));
	ebpc_encode(&e, values, count);
	ret = ebpc_encode_end(&e, &znz_bytes, &bpc_bytes);
	CHECK(ret == -ENOSPC || (!ret && znz_bytes <= znz_room && bpc_bytes <= bpc_room));
	free(bpc);
	free(znz);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	u32 choice = take(&in, 1), count = take(&in, 1), i;
	u64 znz_bytes = take(&in, 1), bpc_bytes = take(&in, 1) * 2;
	struct ebpc_params p = {
		.bits = choice & 1 ? 16 : 8,
		.block = choice & 2 ? 16 : 8,
		.zero_run = 2u << (choice >> 2) % 6,
	};
	u16 *values = buffer(count * sizeof(u16));
	u8 *znz = take_buffer(&in, znz_bytes), *bpc;
	struct ebpc_decoder d;
	int ret;

	if (in.left > znz_bytes) {
		in.data += znz_bytes;
		in.left -= znz_bytes;
	}
	bpc = take_buffer(&in, bpc_bytes);
	memset(values, 0xff, count * sizeof(u16));
	CHECK(!ebpc_decode_init(&d, &p, znz, znz_bytes, bpc, bpc_bytes));
	ret = ebpc_decode(&d, values, count);
	CHECK(!ret || ret == -EBADMSG);
	for (i = 0; i < count; i++)
		CHECK(!(values[i] >> (p.bits - 1) >> 1));
	round_trip(&p, values, count);
	free(bpc);
	free(znz);
	free(values);

	values = take_values(&in, count, p.bits);
	round_trip(&p, values, count);
	encode_in_little_room(&p, values, count, znz_bytes, bpc_bytes);
	free(values);
	return 0;
}
