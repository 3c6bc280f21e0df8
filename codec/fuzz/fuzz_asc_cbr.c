// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * surface.c and asc_cbr.c.  Input: a description of which nothing is trusted,
 * parameters likewise; then the payload, which is also taken for a surface.
 */

#include "asc_cbr.h"
#include "asc_pooled.h"
#include "fuzz_surface.h"
#include "tests/cpus.h"

/* Descriptions that are accepted may be of any size; only small ones are coded. */
#define MAX_BYTES	4096

static struct asc_cbr_params take_params(struct input *in)
{
	static struct asc_pool pool;
	struct asc_cbr_params p = { .kernels = test_kernels(), .pool = &pool };
	u8 choice = take(in, 1);

	if (choice & 128) {
		p.endpoints = take(in, 4);
		p.scale = take(in, 4);
		p.effort = take(in, 4);
		p.zero_point = (s32)take(in, 4);
		p.profile = take(in, 4);
		p.exponent = take(in, 4);
	} else {
		p.endpoints = choice & 3;
		p.scale = choice >> 2 & 3;
		p.effort = choice >> 4 & 1;
		p.zero_point = choice & 32 ? (int)take(in, 2) - 32768 : (int)take(in, 1);
		p.profile = take(in, 1) & 3;
		p.exponent = take(in, 1);
	}
	if (choice & 64) {
		p.block.w = take(in, 2);
		p.block.h = take(in, 2);
		p.block.c = take(in, 2);
	} else {
		p.block.w = take(in, 1) & 15;
		p.block.h = take(in, 1) & 15;
		p.block.c = take(in, 1) & 15;
	}
	return p;
}

/* Decoding writes every value and nothing else, whatever was there before. */
static void *decode_all(const struct asc_cbr *cbr, u64 bytes, const u8 *payload)
{
	u64 written = 0, i;
	u8 *a = buffer(bytes), *b = buffer(bytes);

	memset(a, 0, bytes);
	memset(b, 0xff, bytes);
	asc_cbr_decode(cbr, 0, cbr->blocks, payload, a);
	asc_cbr_decode(cbr, 0, cbr->blocks, payload, b);
	for (i = 0; i < bytes; i++)
		written += a[i] == b[i];
	CHECK(written == (u64)cbr->elements * fmc_dtype_bits(cbr->surface.dtype) / 8);
	free(b);
	return a;
}

static void decode_any(struct input *in, const struct fmc_surface *s,
		       const struct asc_cbr_params *params, u64 bytes)
{
	struct asc_cbr cbr;
	u8 *payload;

	if (asc_cbr_init(&cbr, s, params) || !fmc_surface_is_injective(s) ||
	    asc_cbr_bytes(&cbr) > MAX_BYTES)
		return;
	payload = take_buffer(in, asc_cbr_bytes(&cbr));
	free(decode_all(&cbr, bytes, payload));
	free(payload);
}

static int choose(const struct fmc_surface *s, struct asc_cbr_params *params, const void *src)
{
	struct asc_cbr_chooser chooser;

	if (asc_cbr_choose_init(&chooser, s, params))
		return -1;
	while (asc_cbr_choose_step(&chooser, src))
		;
	*params = chooser.params;
	return 0;
}

static void encode_any(struct input *in, const struct fmc_surface *s,
		       const struct asc_cbr_params *params, u64 bytes)
{
	struct asc_cbr_params p = *params;
	struct asc_cbr_stats stats = { 0 };
	u8 *src, *payload, *back;
	struct asc_cbr cbr;
	u64 bound;

	if (asc_cbr_bound(s, params, &bound) || bound > MAX_BYTES)
		return;
	src = take_buffer(in, bytes);
	CHECK(!choose(s, &p, src));
	CHECK(!asc_cbr_init(&cbr, s, &p));
	CHECK(asc_cbr_bytes(&cbr) <= bound);
	payload = buffer(asc_cbr_bytes(&cbr));
	asc_cbr_encode(&cbr, 0, cbr.blocks / 2, src, payload, &stats);
	asc_cbr_encode(&cbr, cbr.blocks / 2, cbr.blocks - cbr.blocks / 2, src, payload, &stats);
	CHECK(stats.linear_blocks + stats.log_blocks == cbr.blocks);
	CHECK(stats.sum_abs_error <= (u64)cbr.elements * stats.max_abs_error);
	if (fmc_surface_is_injective(s)) {
		back = decode_all(&cbr, bytes, payload);
		/* without gaps the surface is its bytes, and those of integers are their values */
		if (s->dtype <= FMC_S16 &&
		    bytes == (u64)cbr.elements * fmc_dtype_bits(s->dtype) / 8)
			CHECK(!memcmp(src, back, bytes) == !stats.sum_abs_error);
		free(back);
	}
	free(payload);
	free(src);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	struct fmc_surface s = take_surface(&in);
	struct asc_cbr_params p = take_params(&in);
	u64 elements, bytes;

	if (fmc_surface_check(&s, &elements, &bytes)) {
		struct asc_cbr_chooser chooser;
		struct asc_cbr cbr;

		CHECK(asc_cbr_init(&cbr, &s, &p));
		CHECK(asc_cbr_bound(&s, &p, &bytes));
		CHECK(asc_cbr_choose_init(&chooser, &s, &p));
		return 0;
	}
	if (elements > MAX_BYTES || bytes > MAX_BYTES)
		return 0;
	decode_any(&in, &s, &p, bytes);
	encode_any(&in, &s, &p, bytes);
	return 0;
}
