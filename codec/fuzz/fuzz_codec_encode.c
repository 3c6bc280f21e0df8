// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Encoding by codec.c, and back.  Input: a description of which nothing is trusted,
 * parameters likewise; then the surface, which is also taken for an order.
 */

#include "fuzz_codec.h"

/* Returns the bytes of the payload, which is freed by the caller. */
static u64 encode(struct fmc_encoder *enc, const struct fmc_surface *s,
		  const struct fmc_params *p, const u8 *src, u8 before, u8 **payload)
{
	struct fmc_workspace *workspace = workspace_of(before);
	u32 channels = s->dim[FMC_DIM_C], i;
	u64 bound;

	CHECK(!fmc_bound(s, p, &bound));
	*payload = buffer(bound);
	for (i = 0; p->reorder == FMC_REORDER_GIVEN && i < channels; i++)
		workspace->order[i] = (i + 3) % channels;
	CHECK(!fmc_encode_init(enc, s, p, workspace));
	while (fmc_encode_step(enc, src, *payload))
		;
	CHECK(enc->bytes && enc->bytes <= bound);
	return enc->bytes;
}

static struct fmc_surface dense_of(const struct fmc_surface *s)
{
	u64 stride = fmc_dtype_bits(s->dtype) / 8;
	struct fmc_surface dense = *s;
	u32 i;

	for (i = FMC_DIMS; i-- > 0; stride *= s->dim[i])
		dense.stride[i] = stride;
	return dense;
}

/* Largest difference, as ordered numbers, of a surface and a dense one. */
static u32 largest_error(const struct fmc_surface *s, const u8 *src, const u8 *dst, u32 elements)
{
	struct fmc_surface dense = dense_of(s);
	u32 largest = 0, i;

	for (i = 0; i < elements; i++) {
		u16 a, b;

		fmc_surface_gather_run(s, src, i, 1, 1, &a);
		fmc_surface_gather_run(&dense, dst, i, 1, 1, &b);
		if ((u32)abs(a - b) > largest)
			largest = abs(a - b);
	}
	return largest;
}

/* The smallest payload that ASC-VBR can make of a surface, by the coarsest step. */
static u64 least_bytes(const struct fmc_surface *s, struct fmc_params p, const u8 *src)
{
	struct fmc_encoder enc;
	u8 *payload;
	u64 bytes;

	p.codec = FMC_CODEC_ASC_VBR;
	p.target_bpe = 0;
	p.max_error = FMC_MAX_ERROR;
	bytes = encode(&enc, s, &p, src, 0, &payload);
	free(payload);
	return bytes;
}

static void check_values(const struct fmc_surface *s, const struct fmc_params *asked,
			 const struct fmc_encoder *enc, const u8 *src, const u8 *payload)
{
	struct fmc_surface dense = dense_of(s);
	u32 size = fmc_dtype_bits(s->dtype) / 8, error;
	u8 *dst = buffer((u64)enc->elements * size);
	u64 least, extent, budget;
	struct fmc_decoder dec;

	CHECK(!fmc_decode_check(&dense, &enc->params, NULL, &least, &extent));
	CHECK(least <= enc->bytes);
	CHECK(least == enc->bytes || !fmc_codec_has_fixed_rate(enc->params.codec));
	CHECK(!fmc_decode_init(&dec, &dense, &enc->params, NULL, enc->bytes, workspace_of(0xff)));
	while (fmc_decode_step(&dec, payload, dst))
		;
	CHECK(!dec.error && dec.bytes_read <= enc->bytes);
	error = largest_error(s, src, dst, enc->elements);
	free(dst);
	if (enc->params.codec == FMC_CODEC_ASC_CBR)
		return;
	if (enc->params.codec != FMC_CODEC_ASC_VBR) {
		CHECK(!error);
		return;
	}
	/* those of floats at a rate are counted in another unit */
	if (!fmc_dtype_is_float(s->dtype) || !asked->target_bpe)
		CHECK(error == enc->stats.max_abs_error);
	if (!asked->target_bpe) {
		CHECK(error <= asked->max_error);
	} else if (!fmc_dtype_is_float(s->dtype)) {
		budget = ((u64)enc->elements * asked->target_bpe) >> 11;
		CHECK(enc->bytes <= budget || least_bytes(s, enc->params, src) > budget);
	}
}

static void encode_any(struct input *in, const struct fmc_surface *s,
		       const struct fmc_params *p, u64 bytes)
{
	u8 *src = take_buffer(in, bytes), *payload, *again;
	struct fmc_encoder enc;
	u64 coded;

	/* the workspace makes no difference */
	coded = encode(&enc, s, p, src, 0, &payload);
	CHECK(coded == encode(&enc, s, p, src, 0xff, &again));
	CHECK(!memcmp(payload, again, coded));
	free(again);
	check_values(s, p, &enc, src, payload);
	free(payload);
	free(src);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	struct fmc_surface s = take_surface(&in);
	struct fmc_params p = take_params(&in);
	u64 elements, bytes, bound;
	struct fmc_encoder enc;

	if (fmc_bound(&s, &p, &bound)) {
		CHECK(fmc_encode_init(&enc, &s, &p, workspace_of(0xff)));
		return 0;
	}
	CHECK(!fmc_surface_check(&s, &elements, &bytes));
	if (elements > MAX_ELEMENTS || bytes > MAX_BYTES || bound > 4 * MAX_BYTES)
		return 0;
	encode_any(&in, &s, &p, bytes);
	return 0;
}
