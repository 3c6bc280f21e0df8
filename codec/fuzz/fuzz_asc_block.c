// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * asc_block.c.  Input: format, scales, effort; then a block, which is also taken
 * for values.
 */

#include "asc_block.h"
#include "fuzz.h"

static struct asc_block_format take_format(struct input *in)
{
	struct asc_block_format f = { 0 };
	u8 choice = take(in, 1);

	f.values = 8 * (1 + choice % 8);
	f.bits = choice & 8 ? 16 : 8;
	f.endpoints = choice & 16 ? 2 : 1;
	f.zero = take(in, f.bits / 8);
	if (f.bits == 8)
		return f;
	f.kind = (choice >> 5 & 3) % 3;
	f.narrow = choice & 128;
	f.exponent = take(in, 1);
	if (f.kind == ASC_INTEGER) {
		f.exponent = 1 + f.exponent % 16;
	} else {
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

/* Between two points of any scale lie at most 4/16 of the range, rounded up. */
static void check_error(const struct asc_block_format *f, const u16 *values, const u16 *decoded)
{
	u32 low = ~0u, high = 0, i;

	for (i = 0; i < f->values; i++) {
		low = values[i] < low ? values[i] : low;
		high = values[i] > high ? values[i] : high;
	}
	if (f->endpoints == 1) {
		low = f->zero;
		/* the endpoint is odd */
		high = high > low ? low + ((high - low) | 1) : low + 1;
	}
	for (i = 0; i < f->values; i++) {
		if (values[i] < low)
			CHECK(decoded[i] == low);
		else
			CHECK(2 * abs(values[i] - decoded[i]) <= ((int)(high - low) * 4 + 15) / 16);
	}
}

static void round_trip(const struct asc_block_format *f, u32 scales, enum asc_effort effort,
		       const u16 *values)
{
	u16 *decoded = buffer(f->values * sizeof(u16)), *back = buffer(f->values * sizeof(u16));
	u8 *bits = buffer(asc_block_bytes(f));
	enum asc_scale scale;

	scale = asc_block_encode(f, scales, effort, values, bits, decoded);
	CHECK(scales & 1u << scale);
	asc_block_decode(f, bits, back);
	CHECK(!memcmp(decoded, back, f->values * sizeof(u16)));
	if (effort == ASC_EFFORT_HW && f->kind == ASC_INTEGER && !f->narrow)
		check_error(f, values, decoded);
	free(bits);
	free(back);
	free(decoded);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	struct asc_block_format f = take_format(&in);
	u32 choice = take(&in, 1), scales = 1 + choice % 3, i;
	enum asc_effort effort = choice & 4 ? ASC_EFFORT_BEST : ASC_EFFORT_HW;
	u8 *bits = take_buffer(&in, asc_block_bytes(&f));
	u16 *values = buffer(f.values * sizeof(u16));

	asc_block_decode(&f, bits, values);
	for (i = 0; i < f.values; i++)
		CHECK(is_valid(&f, values[i]));
	round_trip(&f, scales, effort, values);
	free(values);
	free(bits);

	values = take_values(&in, f.values, f.bits);
	round_trip(&f, scales, effort, values);
	free(values);
	return 0;
}
