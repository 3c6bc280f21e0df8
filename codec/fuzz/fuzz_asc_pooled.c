// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * asc_pooled.c.  Input: format and effort; then a block, which is also taken for values.
 */

#include "asc_pooled.h"
#include "fuzz.h"

static const u8 shapes[8][2] = {
	{ 8, 8 }, { 64, 1 }, { 1, 1 }, { 4, 4 }, { 2, 2 }, { 16, 1 }, { 4, 8 }, { 3, 4 },
};

static struct asc_block_format take_format(struct input *in)
{
	struct asc_block_format f = { .pooled = true };
	u8 choice = take(in, 1);

	f.width = shapes[choice % 8][0];
	f.height = shapes[choice % 8][1];
	f.values = choice % 8 == 7 ? 48 : choice % 8 == 5 ? 16 : 64;
	f.bits = choice & 8 ? 16 : 8;
	f.endpoints = choice & 16 ? 2 : 1;
	f.zero = take(in, f.bits / 8);
	if (f.bits == 8)
		return f;
	f.kind = (choice >> 5 & 3) % 3;
	f.exponent = take(in, 1);
	if (f.kind != ASC_INTEGER) {
		f.zero = ASC_FLOAT_ZERO;
		f.exponent = 1 + f.exponent % asc_max_exponent(f.kind);
	}
	return f;
}

/* Values have the bits of the type, and floats are finite numbers. */
static bool is_valid(const struct asc_block_format *f, u32 value)
{
	if (f->kind != ASC_INTEGER)
		return value == asc_float_finite(f->kind, value);
	return value < 1u << f->bits;
}

static void round_trip(const struct asc_block_format *f, enum asc_effort effort,
		       const u16 *values)
{
	u16 *decoded = buffer(f->values * sizeof(u16)), *back = buffer(f->values * sizeof(u16));
	u8 *bits = buffer(asc_block_bytes(f));

	asc_pooled_encode(f, effort, values, bits, decoded);
	asc_pooled_decode(f, bits, back);
	CHECK(!memcmp(decoded, back, f->values * sizeof(u16)));
	free(bits);
	free(back);
	free(decoded);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	struct asc_block_format f = take_format(&in);
	enum asc_effort effort = take(&in, 1) & 1 ? ASC_EFFORT_BEST : ASC_EFFORT_HW;
	u8 *bits = take_buffer(&in, asc_block_bytes(&f));
	u16 *values = buffer(f.values * sizeof(u16));
	u32 i;

	asc_pooled_decode(&f, bits, values);
	for (i = 0; i < f.values; i++)
		CHECK(is_valid(&f, values[i]));
	round_trip(&f, effort, values);
	free(values);
	free(bits);

	values = take_values(&in, f.values, f.bits);
	round_trip(&f, effort, values);
	free(values);
	return 0;
}
