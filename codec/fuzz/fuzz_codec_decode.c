// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Decoding by codec.c.  Input: a description of which nothing is trusted, parameters
 * and a part likewise; then the payload.
 */

#include "fuzz_codec.h"

static struct fmc_part take_part(struct input *in, const struct fmc_surface *s, u8 choice)
{
	struct fmc_part part = { 0 };
	u32 i;

	for (i = 0; i < FMC_DIMS; i++) {
		part.at[i] = take(in, choice & 2 ? 4 : 2);
		part.dim[i] = take(in, choice & 2 ? 4 : 2);
		if (choice & 2 || !s->dim[i])
			continue;
		part.at[i] %= s->dim[i];
		part.dim[i] = 1 + part.dim[i] % (s->dim[i] - part.at[i]);
	}
	return part;
}

static void put_bytes(u8 *out, u32 value, u32 bytes)
{
	for (; bytes--; value >>= 8)
		*out++ = value;
}

/* An order that is one, and tiles of equal sizes, so that their coders have to do. */
static void make_sense(u8 *payload, const struct fmc_surface *s, const struct fmc_params *p,
		       u64 least, u64 bytes)
{
	u32 channels = s->dim[FMC_DIM_C], i, tiles;
	u64 order = p->reorder ? fmc_order_bytes(channels) : 0;

	if (p->reorder)
		for (i = 0; i < channels; i++)
			put_bytes(payload + i * (channels > 256 ? 2 : 1), channels - 1 - i,
				  channels > 256 ? 2 : 1);
	if (fmc_codec_has_fixed_rate(p->codec))
		return;
	tiles = (least - order) / 4;
	for (i = 0; i < tiles; i++)
		put_bytes(payload + order + i * 4, (bytes - least) * (i + 1) / tiles, 4);
}

/* Returns the error; nothing but the values is written. */
static int decode(const struct fmc_surface *s, const struct fmc_params *p,
		  const struct fmc_part *part, const u8 *payload, u64 bytes, u8 *dst,
		  u64 dst_bytes, u8 before)
{
	struct fmc_workspace *workspace = workspace_of(before);
	struct fmc_decoder dec;

	memset(dst, before, dst_bytes);
	CHECK(!fmc_decode_init(&dec, s, p, part, bytes, workspace));
	while (fmc_decode_step(&dec, payload, dst))
		;
	CHECK(!dec.error || dec.error == -EBADMSG);
	return dec.error;
}

static void decode_any(struct input *in, const struct fmc_surface *s,
		       const struct fmc_params *p, const struct fmc_part *part, u64 least,
		       u64 dst_bytes, bool sense)
{
	const u32 *dim = part ? part->dim : s->dim;
	u64 values = (u64)dim[0] * dim[1] * dim[2] * dim[3], written = 0, i;
	u64 bytes = least + take(in, 2);
	u8 *payload = take_buffer(in, bytes);
	u8 *a = buffer(dst_bytes), *b = buffer(dst_bytes);

	if (sense)
		make_sense(payload, s, p, least, bytes);
	CHECK(decode(s, p, part, payload, bytes, a, dst_bytes, 0) ==
	      decode(s, p, part, payload, bytes, b, dst_bytes, 0xff));
	for (i = 0; i < dst_bytes; i++)
		written += a[i] == b[i];
	CHECK(written == values * fmc_dtype_bits(s->dtype) / 8);
	free(a);
	free(b);
	free(payload);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	struct fmc_surface s = take_surface(&in);
	struct fmc_params p = take_params(&in);
	u8 choice = take(&in, 1);
	struct fmc_part some = { 0 };
	struct fmc_part *part = choice & 1 ? &some : NULL;
	struct fmc_decoder dec;
	u64 least, extent;

	if (part)
		some = take_part(&in, &s, choice);
	if (fmc_decode_check(&s, &p, part, &least, &extent)) {
		CHECK(fmc_decode_init(&dec, &s, &p, part, ~0ull, NULL));
		return 0;
	}
	CHECK(!least || fmc_decode_init(&dec, &s, &p, part, least - 1, NULL));
	if (least > MAX_BYTES || extent > MAX_BYTES ||
	    (u64)s.dim[0] * s.dim[1] * s.dim[2] * s.dim[3] > MAX_ELEMENTS)
		return 0;
	decode_any(&in, &s, &p, part, least, extent, choice & 4);
	return 0;
}
