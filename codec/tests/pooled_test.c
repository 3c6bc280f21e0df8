// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * asc_pooled.c: every rule of Documentation/format.rst about a block of the pooled profile,
 * beside a decoder and an encoder that were written from that page.
 */

#include <math.h>
#include <stdlib.h>

#include "ascdev_harness.h"

#include "asc_cbr.h"
#include "asc_pooled.h"
#include "rounds.h"

#define VALUES	ASC_POOL_VALUES
#define GUARD	0x5a

static uint64_t random_state = 88172645463325252ull;

static uint32_t random_number(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state >> 16;
}

static const struct { u32 w, h, c; } shapes[] = {
	{ 8, 8, 1 }, { 64, 1, 1 }, { 1, 1, 64 }, { 4, 4, 4 }, { 2, 2, 16 }, { 16, 1, 1 },
	{ 4, 4, 1 }, { 3, 4, 4 }, { 32, 1, 1 }, { 2, 8, 2 },
	{ 8, 8, 4 }, { 256, 1, 1 }, { 1, 1, 256 }, { 4, 4, 16 }, { 2, 2, 64 }, { 16, 16, 1 },
};

#define SHAPES	(sizeof(shapes) / sizeof(shapes[0]))

static struct asc_block_format random_format(bool floats)
{
	u32 shape = random_number() % SHAPES, bits = 8 << random_number() % 2;
	struct asc_block_format f = {
		.pooled = true, .bits = bits, .endpoints = 1 + random_number() % 2,
		.width = shapes[shape].w, .height = shapes[shape].h,
		.values = shapes[shape].w * shapes[shape].h * shapes[shape].c,
	};
	u32 zeros[] = { 0, 1u << (bits - 1), (1u << bits) - 1, random_number() % (1u << bits) };

	if (f.values == ASC_POOL_VALUES)
		f.endpoints = 1;
	f.zero = zeros[random_number() % 4];
	if (floats && bits == 16 && random_number() % 2) {
		f.kind = 1 + random_number() % 2;
		f.zero = ASC_FLOAT_ZERO;
		f.exponent = 1 + random_number() % asc_max_exponent(f.kind);
	}
	return f;
}

static struct asc_pool pool;

static void encode(const struct asc_block_format *f, enum asc_effort effort, const u16 *values,
		   u8 *bits, u16 *decoded)
{
	if (f->values < ASC_POOL_VALUES) {
		asc_pooled_encode(f, effort, values, bits, decoded);
		return;
	}
	memcpy(pool.values, values, sizeof(pool.values));
	asc_pooled_encode_large(f, effort, &pool, bits);
	memcpy(decoded, pool.decoded, sizeof(pool.decoded));
}

static void decode(const struct asc_block_format *f, const u8 *bits, u16 *values)
{
	if (f->values < ASC_POOL_VALUES)
		asc_pooled_decode(f, bits, values);
	else
		asc_pooled_decode_large(f, bits, &pool, values);
}

/* Any, near to zero, smooth, sparse, extreme, flat. */
static void random_values(const struct asc_block_format *f, u16 *values)
{
	u32 max = (1u << f->bits) - 1, kind = random_number() % 6;
	u32 shift = random_number() % f->bits;
	u32 last = random_number() & max, i;

	for (i = 0; i < f->values; i++) {
		u32 random = random_number() & max, near = f->zero + (random >> shift);

		switch (kind) {
		case 0:
			values[i] = random;
			break;
		case 1:
			values[i] = near > max ? max : near;
			break;
		case 2:
			last = last + (random >> shift) - (max >> shift) / 2;
			values[i] = last & max;
			break;
		case 3:
			values[i] = random_number() % 4 ? f->zero : random;
			break;
		case 4:
			values[i] = random & 1 ? random & 2 ? 0 : max : f->zero;
			break;
		default:
			values[i] = last;
		}
	}
}

/* --- by the page: a decoder --- */

static const u32 levels[13] = { 1, 2, 4, 5, 8, 11, 16, 22, 32, 45, 64, 128, 256 };
static const u32 pairs[13] = { 0, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16 };

struct stream {
	const u8 *bits;
	u32 at, end;
};

static u32 field(struct stream *s, u32 count)
{
	u32 value = 0, i;

	for (i = 0; i < count; i++, s->at++) {
		if (s->at < s->end)
			value |= (u32)(s->bits[s->at / 8] >> s->at % 8 & 1) << i;
	}
	return value;
}

static void field_group(struct stream *s, u32 code, u32 *indices)
{
	u32 mask, i;

	if (code < 13) {
		for (i = 0; i < 16; i += 2) {
			u32 pair = field(s, pairs[code]);

			indices[i] = pair % levels[code];
			indices[i + 1] = pair / levels[code];
		}
	} else if (code < 21) {
		for (i = 0; i < 16; i++)
			indices[i] = field(s, code - 13);
		for (i = 0; i < 16; i++) {
			while (field(s, 1))
				indices[i] += 1u << (code - 13);
		}
	} else {
		mask = field(s, 16);
		for (i = 0; i < 16; i++)
			indices[i] = mask >> i & 1 ? 1 + field(s, code - 21) : 0;
	}
}

struct header {
	u32 step_code, predicted, shared, codes[ASC_POOLED_GROUPS];
	int base;
};

static void field_header(const struct asc_block_format *f, struct stream *s, struct header *h)
{
	u32 g;

	h->step_code = field(s, f->bits == 8 ? 6 : 7);
	h->predicted = field(s, 1);
	h->base = 0;
	if (f->endpoints == 2) {
		u32 bits = f->bits + 1 - h->step_code / 8;

		h->base = field(s, bits);
		if (h->base >> (bits - 1))
			h->base -= 1 << bits;
	}
	h->shared = field(s, 1);
	for (g = 0; g < f->values / 16; g++)
		h->codes[g] = g && h->shared ? h->codes[0] : field(s, 5);
}

static int page_floor_half(int a)
{
	return a < 0 ? -((1 - a) / 2) : a / 2;
}

static void page_decode(const struct asc_block_format *f, const u8 *bits, u16 *values)
{
	struct stream s = { bits, 0, 4 * f->values };
	u32 indices[VALUES], g, i;
	int t[VALUES], most;
	struct header h;

	field_header(f, &s, &h);
	for (g = 0; g < f->values / 16; g++)
		field_group(&s, h.codes[g], indices + 16 * g);
	most = 1 << (f->bits - h.step_code / 8);
	for (i = 0; i < f->values; i++) {
		u32 x = i % f->width, y = i / f->width % f->height;
		int d = indices[i], origin = h.base, number;
		s64 eighths;

		if (f->endpoints == 2 || h.predicted)
			d = d % 2 ? (d + 1) / 2 : -(d / 2);
		if (h.predicted && x && y)
			origin = page_floor_half(t[i - 1] + t[i - f->width]);
		else if (h.predicted && x)
			origin = t[i - 1];
		else if (h.predicted && y)
			origin = t[i - f->width];
		t[i] = origin + d;
		t[i] = t[i] > most ? most : t[i] < -most ? -most : t[i];
		eighths = (s64)abs(t[i]) * ((8 + h.step_code % 8) << h.step_code / 8);
		number = (eighths + 3 + eighths / 8 % 2) / 8;
		number = (int)f->zero + (t[i] < 0 ? -number : number);
		if (f->kind == ASC_INTEGER) {
			number = number < 0 ? 0 : number >> f->bits ? (1 << f->bits) - 1 : number;
			values[i] = number;
		} else {
			number = number < 1 ? 1 : number > 0xffff ? 0xffff : number;
			values[i] = asc_float_from_fixed(f->kind, f->exponent, number);
		}
	}
}

TEST(decoder_follows_the_page)
{
	u16 values[VALUES], expected[VALUES];
	u8 bits[VALUES / 2];
	u32 round, i;

	for (round = 0; round < rounds(20000); round++) {
		struct asc_block_format f = random_format(true);
		u32 likely = random_number() % 3;

		/* many ones make long codes, zeros short ones */
		for (i = 0; i < f.values / 2; i++)
			bits[i] = likely == 0 ? random_number() : likely == 1 ?
				  random_number() | random_number() | random_number() :
				  random_number() & random_number();
		page_decode(&f, bits, expected);
		decode(&f, bits, values);
		ASSERT_EQ(0, memcmp(expected, values, 2 * f.values)) TH_LOG("round %u", round);
	}
}

/* --- by the page: what hardware encodes --- */

static u32 page_group_bits(const u32 *k, u32 code)
{
	u32 bits = 0, i;

	for (i = 0; i < 16; i++) {
		if (code < 13) {
			if (k[i] >= levels[code])
				return 1000000;
			bits += i % 2 ? pairs[code] : 0;
		} else if (code < 21) {
			bits += code - 13 + (k[i] >> (code - 13)) + 1;
		} else {
			if (k[i] > 1u << (code - 21))
				return 1000000;
			bits += 1 + (k[i] ? code - 21 : 0);
		}
	}
	return bits;
}

static bool page_fits(const struct asc_block_format *f, const u16 *values, bool predicted,
		      u32 step_code, u32 *first_code)
{
	double step = ldexp(1 + step_code % 8 / 8.0, step_code / 8);
	u32 k[VALUES], bits = (f->bits == 8 ? 6 : 7) + 2, each = 0, all = ~0u, c, g, i;
	int t[VALUES], base = 0, sum = 0, limit = 1 << (f->bits - step_code / 8), d;

	for (i = 0; i < f->values; i++) {
		d = values[i] - (int)f->zero;
		d = f->endpoints == 1 && d < 0 ? 0 : d;
		sum += d;
		t[i] = rint(d / step);
	}
	if (f->endpoints == 2) {
		base = rint(sum / (int)f->values / step);
		base = base >= limit ? limit - 1 : base;
		bits += f->bits + 1 - step_code / 8;
	}
	for (i = 0; i < f->values; i++) {
		u32 x = i % f->width, y = i / f->width % f->height;

		d = base;
		if (predicted && (x || y))
			d = !y ? t[i - 1] : !x ? t[i - f->width] :
			    page_floor_half(t[i - 1] + t[i - f->width]);
		d = t[i] - d;
		k[i] = f->endpoints == 1 && !predicted ? d : d > 0 ? 2 * d - 1 : -2 * d;
		if (k[i] > 4095)
			return false;
	}
	for (g = 0; g < f->values / 16; g++) {
		u32 least = ~0u;

		for (c = 0; c < 32; c++) {
			u32 here = page_group_bits(k + 16 * g, c);

			if (here < least && !g)
				*first_code = c;
			least = here < least ? here : least;
		}
		each += least + 5;
	}
	for (c = 32; c--;) {
		u32 here = 5;

		for (g = 0; g < f->values / 16; g++)
			here += page_group_bits(k + 16 * g, c);
		if (here <= each && here <= all)
			*first_code = c;
		all = here < all ? here : all;
	}
	return bits + (all < each ? all : each) <= 4 * f->values;
}

static u32 page_step(const struct asc_block_format *f, const u16 *values, bool predicted)
{
	u32 bit = f->bits == 8 ? 32 : 64, found = 0, code;

	for (; bit; bit /= 2) {
		if (!page_fits(f, values, predicted, found + bit - 1, &code))
			found += bit;
	}
	return found;
}

TEST(encoder_follows_the_page)
{
	u16 values[VALUES], decoded[VALUES];
	u8 bits[VALUES / 2];
	u32 round, i;

	for (round = 0; round < rounds(2000); round++) {
		struct asc_block_format f = random_format(false);
		struct stream s = { bits, 0, 4 * f.values };
		u32 plain, predicted, code = 0;
		struct header h;

		random_values(&f, values);
		encode(&f, ASC_EFFORT_HW, values, bits, decoded);
		field_header(&f, &s, &h);
		plain = page_step(&f, values, false);
		predicted = page_step(&f, values, true);
		ASSERT_TRUE(page_fits(&f, values, false, plain, &code));
		if (predicted < plain && page_fits(&f, values, true, predicted, &code)) {
			ASSERT_EQ(1, h.predicted) TH_LOG("round %u", round);
			ASSERT_EQ(predicted, h.step_code);
		} else {
			ASSERT_EQ(0, h.predicted) TH_LOG("round %u", round);
			ASSERT_EQ(plain, h.step_code);
			page_fits(&f, values, false, plain, &code);
		}
		ASSERT_EQ(code, h.codes[0]) TH_LOG("round %u", round);
		/* half a step, and half a unit where points are rounded */
		for (i = 0; i < f.values; i++) {
			int error = abs(values[i] - decoded[i]);

			if (f.endpoints == 1 && values[i] < f.zero)
				error = abs((int)f.zero - decoded[i]);
			ASSERT_LE(16 * error, ((8 + (int)h.step_code % 8) << h.step_code / 8) + 8);
		}
	}
}

static u64 cost(const struct asc_block_format *f, const u16 *values, const u16 *decoded)
{
	s64 sum = 0, squares = 0;
	u32 i;

	for (i = 0; i < f->values; i++) {
		s64 value = f->endpoints == 1 && values[i] < f->zero ? f->zero : values[i];

		sum += decoded[i] - value;
		squares += (decoded[i] - value) * (decoded[i] - value);
	}
	return squares * f->values + 2 * sum * sum;
}

TEST(what_is_coded_is_decoded)
{
	u16 values[VALUES], decoded[2][VALUES], back[VALUES];
	u8 bits[VALUES / 2 + 1];
	u32 round, effort, i;

	for (round = 0; round < rounds(5000); round++) {
		struct asc_block_format f = random_format(true);

		random_values(&f, values);
		for (effort = 0; effort < 2; effort++) {
			memset(bits, GUARD, sizeof(bits));
			encode(&f, effort, values, bits, decoded[effort]);
			ASSERT_EQ(GUARD, bits[asc_block_bytes(&f)]);
			decode(&f, bits, back);
			ASSERT_EQ(0, memcmp(back, decoded[effort], 2 * f.values));
		}
		if (f.kind == ASC_INTEGER) {
			ASSERT_LE(cost(&f, values, decoded[1]), cost(&f, values, decoded[0]))
				TH_LOG("round %u", round);
			continue;
		}
		for (i = 0; i < f.values; i++)
			ASSERT_EQ(asc_float_finite(f.kind, back[i]), back[i]);
	}
}

/* 28 bits of header, 64 of masks; the other 164 hold 20 values of any size. */
TEST(few_values_lose_nothing)
{
	struct asc_block_format f = { .values = 64, .bits = 8, .endpoints = 1, .pooled = true,
				      .width = 8, .height = 8 };
	u16 values[FMC_BLOCK_MAX_VALUES], decoded[FMC_BLOCK_MAX_VALUES];
	u8 bits[FMC_BLOCK_MAX_VALUES / 2];
	u32 round, i, effort;

	for (round = 0; round < rounds(5000); round++) {
		f.zero = round % 3 ? 0 : random_number() % 256;
		effort = random_number() % 2;
		for (i = 0; i < FMC_BLOCK_MAX_VALUES; i++)
			values[i] = f.zero;
		for (i = 0; i < 20; i++)
			values[random_number() % FMC_BLOCK_MAX_VALUES] =
				f.zero + random_number() % (256 - f.zero);
		encode(&f, effort, values, bits, decoded);
		ASSERT_EQ(0, memcmp(values, decoded, sizeof(values))) TH_LOG("round %u", round);
	}
}

/* So do small numbers, and slopes, wherever they are. */
TEST(flat_and_smooth_blocks_lose_nothing)
{
	static const u32 shape[] = { 0, 1, 3 };
	u16 values[FMC_BLOCK_MAX_VALUES], decoded[FMC_BLOCK_MAX_VALUES];
	u8 bits[FMC_BLOCK_MAX_VALUES / 2];
	u32 round, i;

	for (round = 0; round < rounds(5000); round++) {
		struct asc_block_format f = { .values = 64, .bits = 8 << round % 2,
					      .endpoints = 2, .pooled = true };
		u32 s = shape[random_number() % 3], range = (1u << f.bits) - 120;
		u32 low = random_number() % range, slope = random_number() % 3;

		f.width = shapes[s].w;
		f.height = shapes[s].h;
		f.zero = random_number() % (1u << f.bits);
		for (i = 0; i < FMC_BLOCK_MAX_VALUES; i++)
			values[i] = low + (round % 4 < 2 ? random_number() % 8 :
					   i % f.width * slope / 2 + i / f.width % f.height * slope);
		encode(&f, round / 4 % 2, values, bits, decoded);
		ASSERT_EQ(0, memcmp(values, decoded, sizeof(values))) TH_LOG("round %u", round);
	}
}

TEST(zeros_stay_zeros)
{
	u16 values[VALUES], decoded[VALUES];
	u8 bits[VALUES / 2];
	u32 round, i;

	for (round = 0; round < rounds(5000); round++) {
		struct asc_block_format f = random_format(true);

		random_values(&f, values);
		for (i = 0; i < f.values; i += 3)
			values[i] = f.zero;
		encode(&f, ASC_EFFORT_HW, values, bits, decoded);
		for (i = 0; i < f.values; i += 3)
			ASSERT_EQ(f.zero, decoded[i]);
	}
}

TEST(errors_have_no_bias)
{
	u16 values[FMC_BLOCK_MAX_VALUES], decoded[FMC_BLOCK_MAX_VALUES];
	u32 endpoints, effort, round, i;
	u8 bits[FMC_BLOCK_MAX_VALUES / 2];

	for (endpoints = 1; endpoints <= 2; endpoints++)
		for (effort = 0; effort < 2; effort++) {
			struct asc_block_format f = { .values = 64, .bits = 8, .pooled = true,
						      .width = 8, .height = 8,
						      .endpoints = endpoints };
			s64 sum = 0, squares = 0;

			for (round = 0; round < 2000; round++) {
				for (i = 0; i < FMC_BLOCK_MAX_VALUES; i++)
					values[i] = random_number() % (round % 255 + 1);
				encode(&f, effort, values, bits, decoded);
				for (i = 0; i < FMC_BLOCK_MAX_VALUES; i++) {
					int error = decoded[i] - values[i];

					sum += error;
					squares += error * error;
				}
			}
			/* the mean is below 3/100 of the root of the mean square */
			EXPECT_LT(10000 * sum * sum, 9 * squares * FMC_BLOCK_MAX_VALUES * 2000)
				TH_LOG("%u endpoints, effort %u", endpoints, effort);
		}
}

/* The worked example of format.rst whose groups have codes of their own. */
TEST(worked_example_of_256_values)
{
	static const u8 start[] = {
		0x0b, 0x66, 0x6b, 0xb4, 0xf5, 0xd1, 0xda, 0x6c, 0x9d, 0x74, 0x46, 0xef, 0xbd,
		0xcd, 0x9b, 0xbc, 0x78, 0x8a, 0x46, 0x8c, 0x21, 0x00, 0xe8, 0x08, 0x03,
	};
	static const u16 output[32] = {
		41, 38, 36, 30, 36, 33, 30, 25, 33, 30, 22, 19, 28, 22, 16, 11,
		0, 0, 3, 91, 0, 0, 0, 41, 8, 0, 0, 0, 0, 11, 0, 0,
	};
	struct asc_block_format f = { .pooled = true, .bits = 8, .endpoints = 1,
				      .values = ASC_POOL_VALUES, .width = 4, .height = 4 };
	u8 bits[ASC_POOL_BYTES] = { 0 };
	u16 values[ASC_POOL_VALUES];

	memcpy(bits, start, sizeof(start));
	decode(&f, bits, values);
	EXPECT_EQ(0, memcmp(output, values, sizeof(output)));
}

/* --- surfaces --- */

static struct fmc_surface dense(u32 dtype, u32 c, u32 h, u32 w)
{
	u64 size = fmc_dtype_bits(dtype) / 8;
	struct fmc_surface s = {
		dtype, { 1, c, h, w }, { size * c * h * w, size * h * w, size * w, size },
	};

	return s;
}

static struct asc_cbr_params chosen(const struct fmc_surface *s, struct asc_cbr_params p,
				    const void *src)
{
	struct asc_cbr_chooser chooser;

	if (asc_cbr_choose_init(&chooser, s, &p))
		abort();
	while (asc_cbr_choose_step(&chooser, src))
		;
	return chooser.params;
}

TEST(rate_of_small_planes)
{
	static const u32 planes[][3] = {
		{ 256, 1, 1 }, { 1000, 1, 1 }, { 256, 3, 3 }, { 100, 7, 7 }, { 37, 7, 7 },
		{ 10, 13, 13 }, { 1024, 13, 13 }, { 3, 160, 160 }, { 17, 3, 3 }, { 1, 5, 3 },
	};
	struct asc_cbr_params p = { .profile = FMC_PROFILE_POOLED }, q;
	u32 dtype, i, elements;
	struct asc_cbr cbr;
	u64 bound;
	void *map;

	for (i = 0; i < sizeof(planes) / sizeof(planes[0]); i++)
		for (dtype = FMC_U8; dtype <= FMC_BF16; dtype++) {
			const u32 *d = planes[i];
			struct fmc_surface s = dense(dtype, d[0], d[1], d[2]);

			elements = d[0] * d[1] * d[2];
			ASSERT_EQ(0, asc_cbr_bound(&s, &p, &bound));
			map = calloc(elements, 2);
			q = chosen(&s, p, map);
			free(map);
			ASSERT_EQ(0, asc_cbr_init(&cbr, &s, &q));
			EXPECT_LE(asc_cbr_bytes(&cbr), bound);
			/* 3 %, or less than a run of 16 values */
			EXPECT_TRUE(bound * 200 <= elements * 103 || bound < elements / 2 + 8)
				TH_LOG("%u x %u x %u: %llu", d[0], d[1], d[2],
				       (unsigned long long)bound);
		}
}

TEST(shapes_of_whole_groups)
{
	static const struct asc_cbr_block good[] = {
		{ 4, 4, 1 }, { 2, 2, 4 }, { 8, 4, 1 }, { 3, 4, 4 }, { 16, 0, 0 }, { 48, 0, 0 },
	}, bad[] = {
		{ 4, 2, 1 }, { 8, 0, 0 }, { 24, 0, 0 }, { 3, 8, 1 }, { 8, 5, 1 },
	};
	struct asc_cbr_params p = { .profile = FMC_PROFILE_POOLED, .endpoints = 1 };
	struct fmc_surface s = dense(FMC_U8, 4, 8, 8), f16 = dense(FMC_F16, 4, 8, 8);
	struct asc_cbr cbr;
	u64 bound;
	u32 i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		p.block = good[i];
		EXPECT_EQ(0, asc_cbr_init(&cbr, &s, &p));
	}
	/* floats need to be told what they refer to */
	EXPECT_EQ(-EINVAL, asc_cbr_init(&cbr, &f16, &p));
	EXPECT_EQ(0, asc_cbr_bound(&f16, &p, &bound));
	p.exponent = 17;
	EXPECT_EQ(0, asc_cbr_init(&cbr, &f16, &p));
	p.exponent = 31;
	EXPECT_EQ(-EINVAL, asc_cbr_init(&cbr, &f16, &p));
	p.exponent = 0;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		p.block = bad[i];
		EXPECT_EQ(-EINVAL, asc_cbr_init(&cbr, &s, &p));
		EXPECT_EQ(-EINVAL, asc_cbr_bound(&s, &p, &bound));
	}
}

/* It is for a search, where it is better, and where nothing asks for another layout. */
TEST(choice_of_the_profile)
{
	enum { MAP = 4 * 16 * 16 };
	struct fmc_surface s = dense(FMC_U8, 4, 16, 16);
	struct asc_cbr_params p = { .effort = ASC_EFFORT_BEST }, q;
	u8 map[MAP];
	u32 i;

	for (i = 0; i < MAP; i++)
		map[i] = i * 2654435761u >> 29 ? 0 : i * 40503u >> 8;
	q = chosen(&s, p, map);
	EXPECT_EQ(FMC_PROFILE_POOLED, q.profile);
	EXPECT_EQ(0, q.exponent);
	p.scale = FMC_SCALE_LOG;
	EXPECT_EQ(FMC_PROFILE_FULL, chosen(&s, p, map).profile);
	p.scale = FMC_SCALE_AUTO;
	p.block = (struct asc_cbr_block){ 4, 4, 1 };
	EXPECT_EQ(FMC_PROFILE_FULL, chosen(&s, p, map).profile);
	p = (struct asc_cbr_params){ .effort = ASC_EFFORT_HW };
	EXPECT_EQ(FMC_PROFILE_FULL, chosen(&s, p, map).profile);
	/* two values in every run of 16, which the full profile has without error */
	p.effort = ASC_EFFORT_BEST;
	for (i = 0; i < MAP; i++)
		map[i] = i * 40503u >> 12 & 1 ? 13 + i / 16 * 3 : 200 - i / 16;
	EXPECT_EQ(FMC_PROFILE_FULL, chosen(&s, p, map).profile);
}

enum { C = 7, H = 11, W = 13, COUNT = C * H * W };

/* Is a part what it is in the whole? */
static bool is_part(const u8 *part, const u32 *dim, const u8 *whole, const u32 *at, u32 size)
{
	u32 i, x, y, c;

	for (i = 0; i < dim[1] * dim[2] * dim[3]; i++) {
		x = at[3] + i % dim[3];
		y = at[2] + i / dim[3] % dim[2];
		c = at[1] + i / dim[3] / dim[2];
		if (memcmp(part + i * size, whole + ((c * H + y) * W + x) * size, size))
			return false;
	}
	return true;
}

TEST(any_part_alone)
{
	static const struct asc_cbr_block blocks[] = { { 8, 8, 1 }, { 64, 0, 0 }, { 4, 4, 4 },
						       { 2, 2, 16 }, { 3, 4, 4 }, { 16, 0, 0 } };
	u16 map[COUNT], whole[COUNT], part[COUNT];
	struct asc_cbr_stats stats = { 0 };
	u32 b, dtype, round, i;
	u8 payload[8192];
	struct asc_cbr cbr;

	for (b = 0; b < 6 * 6; b++) {
		struct asc_cbr_params p = { .profile = FMC_PROFILE_POOLED,
					    .endpoints = 1 + (b + b / 6) % 2, .block = blocks[b / 6] };
		struct fmc_surface s;

		dtype = b % 6;
		s = dense(dtype, C, H, W);
		p.exponent = fmc_dtype_is_float(dtype) ? 20 : 0;
		ASSERT_EQ(0, asc_cbr_init(&cbr, &s, &p));
		ASSERT_LE(asc_cbr_bytes(&cbr), sizeof(payload));
		for (i = 0; i < COUNT; i++)
			map[i] = random_number();
		asc_cbr_encode(&cbr, 0, cbr.blocks, map, payload, &stats);
		asc_cbr_decode(&cbr, 0, cbr.blocks, payload, whole);
		for (round = 0; round < 20; round++) {
			u32 at[4] = { 0, random_number() % C, random_number() % H,
				      random_number() % W };
			struct fmc_surface to = dense(dtype, 1 + random_number() % (C - at[1]),
						      1 + random_number() % (H - at[2]),
						      1 + random_number() % (W - at[3]));
			u64 read = 0;

			ASSERT_EQ(0, asc_cbr_decode_box(&cbr, payload, at, &to, part, &read));
			ASSERT_EQ(0, read % asc_block_bytes(&cbr.format));
			ASSERT_TRUE(is_part((u8 *)part, to.dim, (u8 *)whole, at,
					    fmc_dtype_bits(dtype) / 8));
		}
	}
}

TEST_HARNESS_MAIN
