// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * asc_block.c: every rule of Documentation/format.rst about one block.
 */

#include <stdlib.h>

#include "ascdev_harness.h"

#include "asc_block.h"
#include "rounds.h"

#define BOTH	(1u << ASC_SCALE_LINEAR | 1u << ASC_SCALE_LOG)

static const struct asc_block_format formats[] = {
	{ 16, 8, 2, 0 }, { 8, 8, 1, 0 }, { 8, 8, 1, 128 }, { 32, 16, 2, 0 }, { 16, 16, 1, 0 },
	{ 16, 16, 1, 32768 }, { 64, 8, 2, 0 }, { 64, 16, 1, 7 },
};

#define FORMATS	(sizeof(formats) / sizeof(formats[0]))

static uint64_t random_state = 88172645463325252ull;

static uint32_t random_number(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state >> 16;
}

/* Blocks of several kinds: any, narrow, flat, sparse, steep. */
static void random_block(const struct asc_block_format *f, u16 *values)
{
	u32 mask = (1u << f->bits) - 1, kind = random_number() % 5, i;
	u32 base = random_number() & mask, spread = 1 + (random_number() & mask) % 50;

	for (i = 0; i < f->values; i++) {
		u32 r = random_number();

		switch (kind) {
		case 0:
			values[i] = r & mask;
			break;
		case 1:
			values[i] = (base + r % spread) & mask;
			break;
		case 2:
			values[i] = base;
			break;
		case 3:
			values[i] = r % 3 ? f->zero : r >> 8 & mask;
			break;
		default:
			values[i] = (r & mask) >> (r >> 24) % f->bits;
		}
	}
}

TEST(worked_example_two_endpoints)
{
	static const u16 values[16] = { 40, 38, 35, 29, 37, 34, 30, 24,
					33, 29, 22, 18, 27, 23, 17, 10 };
	static const u8 expected[8] = { 0x0a, 0x28, 0xb7, 0x69, 0x77, 0xe5, 0xc4, 0x09 };
	static const u16 back[16] = { 40, 36, 36, 27, 36, 36, 31, 23,
				      31, 27, 23, 19, 27, 23, 19, 10 };
	u16 decoded[16], again[16];
	u8 bits[8];

	EXPECT_EQ(ASC_SCALE_LINEAR, asc_block_encode(&formats[0], BOTH, ASC_EFFORT_HW, values, bits, decoded));
	EXPECT_EQ(0, memcmp(expected, bits, 8));
	asc_block_decode(&formats[0], bits, again);
	EXPECT_EQ(0, memcmp(back, again, sizeof(back)));
	EXPECT_EQ(0, memcmp(back, decoded, sizeof(back)));
}

TEST(worked_example_one_endpoint)
{
	static const u16 values[8] = { 0, 3, 0, 9, 1, 0, 5, 98 };
	static const u8 expected[4] = { 0x63, 0x00, 0x04, 0xe4 };
	static const u16 back[8] = { 0, 0, 0, 12, 0, 0, 6, 99 };
	u16 decoded[8], again[8];
	u8 bits[4];

	EXPECT_EQ(ASC_SCALE_LOG, asc_block_encode(&formats[1], BOTH, ASC_EFFORT_HW, values, bits, decoded));
	EXPECT_EQ(0, memcmp(expected, bits, 4));
	asc_block_decode(&formats[1], bits, again);
	EXPECT_EQ(0, memcmp(back, again, sizeof(back)));
	EXPECT_EQ(0, memcmp(back, decoded, sizeof(back)));
}

TEST(worked_example_narrow)
{
	static const struct asc_block_format format = { 8, 16, 1, 0x8000, ASC_INTEGER, true, 15 };
	static const int16_t values[8] = { 0, 3, 0, 900, 1, 0, 5, 9800 };
	static const u8 expected[4] = { 0xc7, 0x00, 0x02, 0xe0 };
	static const int16_t back[8] = { 0, 0, 0, 608, 0, 0, 0, 9728 };
	u16 numbers[8], decoded[8];
	u8 bits[4];
	u32 i;

	for (i = 0; i < 8; i++)
		numbers[i] = (u16)values[i] ^ 0x8000;
	EXPECT_EQ(ASC_SCALE_LOG, asc_block_encode(&format, BOTH, ASC_EFFORT_HW, numbers, bits, decoded));
	EXPECT_EQ(0, memcmp(expected, bits, 4));
	asc_block_decode(&format, bits, decoded);
	for (i = 0; i < 8; i++)
		EXPECT_EQ(back[i], (int16_t)(decoded[i] ^ 0x8000));
}

TEST(worked_example_f16)
{
	static const struct asc_block_format format = { 16, 16, 1, ASC_FLOAT_ZERO, ASC_F16 };
	static const u16 values[16] = { 0, 0x3c00, 0x4000, 0x3800, 0, 0x4200, 0, 0x4500,
					0x3400, 0x7e00, 0, 0x3e00, 0x4100, 0, 0x3000, 0x8000 };
	static const u8 expected[8] = { 0x01, 0x8a, 0x18, 0x85, 0xe2, 0x01, 0x56, 0x00 };
	static const u16 back[16] = { 0, 0x3d00, 0x3f80, 0x3900, 0, 0x4100, 0, 0x4500,
				      0x3500, 0, 0, 0x3d00, 0x4100, 0, 0, 0 };
	u16 numbers[16], decoded[16];
	u8 bits[8];
	u32 i;

	for (i = 0; i < 16; i++)
		numbers[i] = fmc_to_ordered(FMC_F16, values[i]);
	EXPECT_EQ(ASC_SCALE_LOG, asc_block_encode(&format, BOTH, ASC_EFFORT_HW, numbers, bits, decoded));
	EXPECT_EQ(0, memcmp(expected, bits, 8));
	asc_block_decode(&format, bits, decoded);
	for (i = 0; i < 16; i++)
		EXPECT_EQ(back[i], fmc_from_ordered(FMC_F16, decoded[i]));
}

/* What compresses further must not depend on which of equal points was taken. */
TEST(flat_blocks_have_zero_indices)
{
	u32 format, value, i;

	for (format = 0; format < FORMATS; format++) {
		const struct asc_block_format *f = &formats[format];

		for (value = 0; value < 256; value++) {
			u16 values[64], decoded[64];
			u8 bits[32];

			if (f->endpoints == 1 && value > f->zero)
				break;
			for (i = 0; i < f->values; i++)
				values[i] = value;
			asc_block_encode(f, BOTH, ASC_EFFORT_HW, values, bits, decoded);
			for (i = f->endpoints * f->bits / 8; i < asc_block_bytes(f); i++)
				ASSERT_EQ(0, bits[i]);
		}
	}
}

TEST(sizes)
{
	EXPECT_EQ(8, asc_block_bytes(&formats[0]));
	EXPECT_EQ(4, asc_block_bytes(&formats[1]));
	EXPECT_EQ(16, asc_block_bytes(&formats[3]));
	EXPECT_EQ(8, asc_block_bytes(&formats[4]));
	EXPECT_EQ(26, asc_block_bytes(&formats[6]));
}

/*
 * The specification once more, in the plainest way: points by the text, index by
 * distance (ties to the even one), scale by the sum of errors.
 */
static void plain_points(bool log, u32 low, u32 high, u32 *p)
{
	static const u32 linear[8] = { 0, 2, 5, 7, 7, 5, 2, 0 };
	static const u32 logs[8] = { 0, 1, 2, 4, 6, 8, 12, 16 };
	int k;

	for (k = 0; k < 8; k++) {
		if (log)
			p[k] = low + ((high - low) * logs[k] + 8) / 16;
		else if (k < 4)
			p[k] = low + ((high - low) * linear[k] + 8) / 16;
		else
			p[k] = high - ((high - low) * linear[k] + 8) / 16;
	}
}

static u32 plain_encode(const struct asc_block_format *f, bool log, u32 low, u32 high,
			const u16 *values, u32 *indices)
{
	u32 points[8], total = 0, i, k;

	plain_points(log, low, high, points);
	for (i = 0; i < f->values; i++) {
		u32 best = 0;

		for (k = 1; k < 8; k++) {
			u32 d = abs((int)values[i] - (int)points[k]);
			u32 b = abs((int)values[i] - (int)points[best]);

			if (d < b || (d == b && k % 2 == 0 && points[k] != points[best]))
				best = k;
		}
		indices[i] = best;
		total += abs((int)values[i] - (int)points[best]);
	}
	return total;
}

TEST(encoder_follows_the_specification)
{
	u32 round, i, format;

	for (round = 0; round < rounds(40000); round++) {
		u16 values[64], decoded[64], again[64], above[64];
		u32 linear[64], logs[64], low = ~0u, high = 0;
		const struct asc_block_format *f;
		u32 error_linear, error_log, sum = 0;
		enum asc_scale scale;
		u8 bits[32];

		format = round % FORMATS;
		f = &formats[format];
		random_block(f, values);
		for (i = 0; i < f->values; i++) {
			above[i] = f->endpoints == 2 ? values[i] :
				   values[i] > f->zero ? values[i] - f->zero : 0;
			low = above[i] < low ? above[i] : low;
			high = above[i] > high ? above[i] : high;
		}
		if (f->endpoints == 1) {
			low = 0;
			high |= 1;
		}
		error_linear = plain_encode(f, false, low, high, above, linear);
		error_log = plain_encode(f, true, low, high, above, logs);
		scale = asc_block_encode(f, BOTH, ASC_EFFORT_HW, values, bits, decoded);
		ASSERT_EQ(error_log < error_linear, scale == ASC_SCALE_LOG);
		asc_block_decode(f, bits, again);
		ASSERT_EQ(0, memcmp(decoded, again, f->values * 2));
		for (i = 0; i < f->values; i++) {
			u32 points[8];
			u32 expected;

			plain_points(scale == ASC_SCALE_LOG, low, high, points);
			expected = points[scale == ASC_SCALE_LOG ? logs[i] : linear[i]];
			sum += abs((int)above[i] - (int)expected);
			if (f->endpoints == 1) {
				expected += f->zero;
				if (expected >> f->bits)
					expected = (1u << f->bits) - 1;
			}
			ASSERT_EQ(expected, decoded[i]) TH_LOG("round %u value %u", round, i);
		}
		ASSERT_EQ(scale == ASC_SCALE_LOG ? error_log : error_linear, sum);
	}
}

TEST(fixed_scales)
{
	u16 values[16], decoded[16];
	u8 bits[8];
	u32 i, round;

	for (round = 0; round < rounds(1000); round++) {
		random_block(&formats[0], values);
		values[0] = 1;
		values[1] = 200;
		asc_block_encode(&formats[0], 1u << ASC_SCALE_LINEAR, ASC_EFFORT_HW, values, bits, decoded);
		ASSERT_LT(bits[0], bits[1]);
		asc_block_encode(&formats[0], 1u << ASC_SCALE_LOG, ASC_EFFORT_HW, values, bits, decoded);
		ASSERT_GT(bits[0], bits[1]);
		for (i = 0; i < 16; i++)
			values[i] = 77;
		asc_block_encode(&formats[0], 1u << ASC_SCALE_LOG, ASC_EFFORT_HW, values, bits, decoded);
		ASSERT_EQ(77, decoded[15]);
	}
}

TEST(what_is_lossless)
{
	u32 range, i, format;

	/* flat blocks, the extremes of two endpoints, zero in one-endpoint mode */
	for (format = 0; format < FORMATS; format++) {
		const struct asc_block_format *f = &formats[format];
		u32 max = (1u << f->bits) - 1, round;
		u16 values[64], decoded[64];
		u8 bits[32];

		for (round = 0; round < rounds(2000); round++) {
			u32 low = max, high = 0;

			random_block(f, values);
			values[3] = f->zero;
			asc_block_encode(f, BOTH, ASC_EFFORT_HW, values, bits, decoded);
			if (f->endpoints == 1) {
				ASSERT_EQ(f->zero, decoded[3]);
				continue;
			}
			for (i = 0; i < f->values; i++) {
				low = values[i] < low ? values[i] : low;
				high = values[i] > high ? values[i] : high;
			}
			for (i = 0; i < f->values; i++) {
				if (values[i] == low || values[i] == high)
					ASSERT_EQ(values[i], decoded[i]);
			}
		}
	}

	/* ranges of up to 7 steps */
	for (range = 0; range <= 7; range++) {
		u16 values[16], decoded[16];
		u8 bits[8];

		for (i = 0; i < 16; i++)
			values[i] = 100 + i % (range + 1);
		asc_block_encode(&formats[0], BOTH, ASC_EFFORT_HW, values, bits, decoded);
		EXPECT_EQ(0, memcmp(values, decoded, sizeof(values)));
	}
	for (range = 0; range <= 7; range++) {
		u16 values[8], decoded[8];
		u8 bits[4];

		for (i = 0; i < 8; i++)
			values[i] = i % (range + 1);
		asc_block_encode(&formats[1], BOTH, ASC_EFFORT_HW, values, bits, decoded);
		EXPECT_EQ(0, memcmp(values, decoded, sizeof(values)));
	}
}

TEST(error_stays_below_a_seventh_of_the_range)
{
	u32 round, i;

	for (round = 0; round < rounds(20000); round++) {
		const struct asc_block_format *f = &formats[round % FORMATS];
		u16 values[64], decoded[64];
		u32 low = ~0u, high = 0;
		u8 bits[32];

		random_block(f, values);
		asc_block_encode(f, 1u << ASC_SCALE_LINEAR, ASC_EFFORT_HW, values, bits, decoded);
		for (i = 0; i < f->values; i++) {
			low = values[i] < low ? values[i] : low;
			high = values[i] > high ? values[i] : high;
		}
		if (f->endpoints == 1) {
			low = f->zero;
			if (high < low)
				continue;
		}
		for (i = 0; i < f->values; i++) {
			u32 error = abs((int)values[i] - (int)decoded[i]);

			/* a negative value is cut to the zero point */
			if (values[i] < low) {
				ASSERT_EQ(low, decoded[i]);
				continue;
			}
			/* the widest gap is 3/16; rounding adds at most 1 */
			ASSERT_LE(error, (high + 1 - low) * 3 / 32 + 1);
		}
	}
}

/* Uniform values: errors in both directions, about equally. */
TEST(no_bias)
{
	u32 f;

	for (f = 0; f < 2; f++) {
		const struct asc_block_format *format = &formats[f];
		int64_t sum = 0, size = 0;
		u32 round, i;

		for (round = 0; round < 50000; round++) {
			u16 values[64], decoded[64];
			u8 bits[32];

			for (i = 0; i < format->values; i++)
				values[i] = random_number() % 100;
			asc_block_encode(format, BOTH, ASC_EFFORT_HW, values, bits, decoded);
			for (i = 0; i < format->values; i++) {
				sum += decoded[i] - values[i];
				size += abs(decoded[i] - values[i]);
			}
		}
		EXPECT_LT(llabs(sum) * 50, size) TH_LOG("sum %lld of %lld", (long long)sum,
							(long long)size);
	}
}

static u64 squared_error(const struct asc_block_format *f, const u16 *a, const u16 *b)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < f->values; i++)
		sum += (u64)((int)a[i] - b[i]) * ((int)a[i] - b[i]);
	return sum;
}

static u64 squared_sum(const struct asc_block_format *f, const u16 *a, const u16 *b)
{
	int64_t sum = 0;
	u32 i;

	for (i = 0; i < f->values; i++)
		sum += (int)a[i] - b[i];
	return sum * sum;
}

/* What a search makes small. */
static u64 cost(const struct asc_block_format *f, const u16 *a, const u16 *b)
{
	return squared_error(f, a, b) * f->values + 2 * squared_sum(f, a, b);
}

/* A search is never worse than its start, decodes to what it says, and pays. */
TEST(best_effort)
{
	u64 total_hw = 0, total_best = 0;
	u32 round, i;

	for (round = 0; round < rounds(20000); round++) {
		const struct asc_block_format *f = &formats[round % FORMATS];
		u16 values[64], hw[64], best[64], again[64];
		u8 bits[32];

		random_block(f, values);
		/* what lies below zero is lost either way */
		for (i = 0; i < f->values; i++)
			if (f->endpoints == 1 && values[i] < f->zero)
				values[i] = f->zero;
		asc_block_encode(f, BOTH, ASC_EFFORT_HW, values, bits, hw);
		asc_block_encode(f, BOTH, ASC_EFFORT_BEST, values, bits, best);
		asc_block_decode(f, bits, again);
		ASSERT_EQ(0, memcmp(best, again, f->values * 2));
		if (f->endpoints == 2)
			ASSERT_LE(cost(f, values, best), cost(f, values, hw)) TH_LOG("round %u", round);
		if (f->bits == 8) {
			total_hw += squared_error(f, values, hw);
			total_best += squared_error(f, values, best);
		}
	}
	EXPECT_LT(total_best * 10, total_hw * 9);
}

static const struct asc_block_format float_formats[] = {
	{ 32, 16, 2, ASC_FLOAT_ZERO, ASC_F16 }, { 16, 16, 1, ASC_FLOAT_ZERO, ASC_F16 },
	{ 32, 16, 2, ASC_FLOAT_ZERO, ASC_BF16 }, { 16, 16, 1, ASC_FLOAT_ZERO, ASC_BF16 },
};

#define FLOAT_FORMATS	(sizeof(float_formats) / sizeof(float_formats[0]))

static int fraction(const struct asc_block_format *f)
{
	return f->kind == ASC_F16 ? 10 : 7;
}

static int float_bias(const struct asc_block_format *f)
{
	return f->kind == ASC_F16 ? 15 : 127;
}

/* v * 2^e, without libm */
static double scaled(double v, int e)
{
	for (; e > 0; e--)
		v *= 2;
	for (; e < 0; e++)
		v /= 2;
	return v;
}

/* Where the leading bit of a positive number is. */
static int leading(double v)
{
	int e = 0;

	for (; v >= 2; v /= 2)
		e++;
	for (; v < 1; v *= 2)
		e--;
	return e;
}

static double absolute(double v)
{
	return v < 0 ? -v : v;
}

/* By the text of IEEE 754. */
static double float_value(const struct asc_block_format *f, u32 ordered)
{
	u32 pattern = fmc_from_ordered(f->kind == ASC_F16 ? FMC_F16 : FMC_BF16, ordered);
	int exponent = (pattern & 0x7fff) >> fraction(f);
	double m = pattern & ((1 << fraction(f)) - 1);
	double sign = pattern & 0x8000 ? -1 : 1;

	if (exponent == (f->kind == ASC_F16 ? 31 : 255))
		return m ? __builtin_nan("") : sign * __builtin_inf();
	if (exponent)
		m += 1 << fraction(f);
	return sign * scaled(m, (exponent ? exponent : 1) - float_bias(f) - fraction(f));
}

/* To nearest, the even one of two. */
static double rounded_to_float(const struct asc_block_format *f, double v)
{
	double units, rest;
	int64_t whole;
	int e;

	if (v < 0)
		return -rounded_to_float(f, -v);
	if (!v)
		return 0;
	e = leading(v);
	if (e < 1 - float_bias(f))
		e = 1 - float_bias(f);
	units = scaled(v, fraction(f) - e);
	whole = units;
	rest = units - whole;
	if (rest > 0.5 || (rest == 0.5 && whole % 2))
		whole++;
	return scaled(whole, e - fraction(f));
}

static double largest_float(const struct asc_block_format *f)
{
	return scaled(2 - scaled(1, -fraction(f)), float_bias(f));
}

/* Patterns of several kinds: any, of a few exponents, small ones, flat, sparse. */
static void random_floats(const struct asc_block_format *f, u16 *values)
{
	u32 kind = random_number() % 6, base = random_number(), i;
	u32 first = base >> 16 & 0x7fff;

	for (i = 0; i < f->values; i++) {
		u32 r = random_number(), pattern;

		switch (kind) {
		case 0:
			pattern = r;
			break;
		case 1:
			pattern = (first + (r & 0xfff)) | (r & 0x10000) >> 1;
			break;
		case 2:
			pattern = (r & 0x3ff) | (r & 0x10000) >> 1;
			break;
		case 3:
			pattern = base;
			break;
		case 4:
			pattern = first + (r & 0xff);
			break;
		default:
			pattern = r & 0x30000 ? 0 : r & 0x7fff;
		}
		if (r >> 27 == 5)
			pattern = 0x8000;
		pattern &= 0xffff;
		values[i] = fmc_to_ordered(f->kind == ASC_F16 ? FMC_F16 : FMC_BF16, pattern);
	}
}

/* What a value is coded as. */
static double coded_value(const struct asc_block_format *f, u32 ordered)
{
	double v = float_value(f, ordered);

	if (v != v)
		return 0;
	if (absolute(v) > largest_float(f))
		return v < 0 ? -largest_float(f) : largest_float(f);
	return v;
}

/* The specification once more, in floating point. */
TEST(floats_follow_the_specification)
{
	u32 round, i, k;

	for (round = 0; round < rounds(40000); round++) {
		const struct asc_block_format *f = &float_formats[round % FLOAT_FORMATS];
		double largest = 0, unit;
		u16 values[64], decoded[64], again[64], fixed[64];
		u32 linear[64], logs[64], low = ~0u, high = 0, points[8];
		enum asc_scale scale;
		u8 bits[32];
		int e;

		random_floats(f, values);
		for (i = 0; i < f->values; i++) {
			double v = coded_value(f, values[i]);

			if (f->endpoints == 1 && v < 0)
				v = 0;
			if (absolute(v) > largest)
				largest = absolute(v);
		}
		e = largest ? leading(largest) : -1000;
		if (e < 1 - float_bias(f))
			e = 1 - float_bias(f);
		unit = scaled(1, e - 14);
		for (i = 0; i < f->values; i++) {
			double v = coded_value(f, values[i]) / unit;
			/* negative ones may be larger than all that counts */
			int m = v < -40000 ? -40000 : v < 0 ? -(int)(0.5 - v) : (int)(v + 0.5);

			if (f->endpoints == 1)
				fixed[i] = m < 0 ? 0 : m;
			else
				fixed[i] = 0x8000 + m;
			low = fixed[i] < low ? fixed[i] : low;
			high = fixed[i] > high ? fixed[i] : high;
		}
		if (f->endpoints == 1)
			low = 0;
		scale = plain_encode(f, true, low, high, fixed, logs) <
			plain_encode(f, false, low, high, fixed, linear);
		ASSERT_EQ(scale, asc_block_encode(f, BOTH, ASC_EFFORT_HW, values, bits, decoded));
		asc_block_decode(f, bits, again);
		ASSERT_EQ(0, memcmp(decoded, again, f->values * 2));
		plain_points(scale, low, high, points);
		for (i = 0; i < f->values; i++) {
			k = points[scale ? logs[i] : linear[i]];
			ASSERT_EQ(rounded_to_float(f, ((int)k - (f->endpoints == 1 ? 0 : 0x8000)) *
						      unit),
				  float_value(f, decoded[i])) TH_LOG("round %u value %u", round, i);
		}
	}
}

TEST(floats_that_are_lossless)
{
	u32 value, format, i;

	for (format = 0; format < FLOAT_FORMATS; format++) {
		const struct asc_block_format *f = &float_formats[format];

		for (value = 0; value < 65536; value++) {
			u16 values[64], decoded[64];
			enum asc_effort effort;
			u8 bits[32];

			if (f->endpoints == 1 && value < ASC_FLOAT_ZERO)
				continue;
			for (i = 0; i < f->values; i++)
				values[i] = value;
			for (effort = ASC_EFFORT_HW; effort <= ASC_EFFORT_BEST; effort++) {
				asc_block_encode(f, BOTH, effort, values, bits, decoded);
				ASSERT_EQ(coded_value(f, value), float_value(f, decoded[i - 1]));
				/* no negative zero */
				ASSERT_NE(0x7fff, decoded[0]);
			}
			/* beside 0, too */
			values[0] = ASC_FLOAT_ZERO;
			asc_block_encode(f, BOTH, ASC_EFFORT_HW, values, bits, decoded);
			ASSERT_EQ(coded_value(f, value), float_value(f, decoded[1]));
			ASSERT_EQ(ASC_FLOAT_ZERO, decoded[0]);
		}
	}
}

TEST(floats_decode_to_finite_ones)
{
	u32 round, i;

	for (round = 0; round < rounds(200000); round++) {
		const struct asc_block_format *f = &float_formats[round % FLOAT_FORMATS];
		u16 values[64], decoded[64];
		u8 bits[32];

		for (i = 0; i < asc_block_bytes(f); i++)
			bits[i] = random_number() | (round % 3 ? 0 : 0x70);
		asc_block_decode(f, bits, values);
		for (i = 0; i < f->values; i++) {
			ASSERT_LE(absolute(float_value(f, values[i])), largest_float(f));
			ASSERT_NE(0x7fff, values[i]);
		}
		random_floats(f, values);
		asc_block_encode(f, BOTH, ASC_EFFORT_BEST, values, bits, decoded);
		asc_block_decode(f, bits, values);
		ASSERT_EQ(0, memcmp(decoded, values, f->values * 2));
	}
}

static const struct asc_block_format narrow_formats[] = {
	{ 16, 16, 2, 0x8000, ASC_INTEGER, true, 15 }, { 8, 16, 1, 0x8000, ASC_INTEGER, true, 15 },
	{ 16, 16, 2, 0, ASC_INTEGER, true, 16 }, { 8, 16, 1, 0, ASC_INTEGER, true, 16 },
	{ 16, 16, 2, 1000, ASC_INTEGER, true, 16 }, { 32, 16, 2, 0x7000, ASC_INTEGER, true, 9 },
	{ 16, 16, 1, 0, ASC_INTEGER, true, 12 }, { 16, 16, 2, 65535, ASC_INTEGER, true, 1 },
	{ 16, 16, 2, ASC_FLOAT_ZERO, ASC_F16, true, 16 },
	{ 8, 16, 1, ASC_FLOAT_ZERO, ASC_F16, true, 30 },
	{ 16, 16, 2, ASC_FLOAT_ZERO, ASC_BF16, true, 130 },
	{ 8, 16, 1, ASC_FLOAT_ZERO, ASC_BF16, true, 1 },
};

#define NARROW_FORMATS	(sizeof(narrow_formats) / sizeof(narrow_formats[0]))

/* The magnitude that 7 bits stand for, by the text, in units of 1/8. */
static u32 plain_magnitude(const struct asc_block_format *f, u32 pattern)
{
	u32 bits = f->kind == ASC_INTEGER ? f->exponent : 15;
	u32 units = pattern < 16 ? pattern * 16 : (16 + pattern % 16) << (pattern / 16 + 3);

	if (bits == 16)
		return units * 2;
	/* halves go up */
	return (2 * units + (1u << (15 - bits))) >> (16 - bits);
}

static u32 plain_endpoint(const struct asc_block_format *f, u32 code)
{
	int number;

	if (f->endpoints == 1)
		return plain_magnitude(f, code >> 1);
	number = code < 128 ? (int)f->zero - (int)plain_magnitude(f, 127 - code) :
			      (int)f->zero + (int)plain_magnitude(f, code - 128);
	return number < 0 ? 0 : number > 65535 ? 65535 : number;
}

/* Every pair of endpoints of 8 bits, in both orders. */
TEST(narrow_endpoints)
{
	u32 format, a, b;

	for (format = 0; format < NARROW_FORMATS; format++) {
		const struct asc_block_format *f = &narrow_formats[format];

		if (f->kind != ASC_INTEGER)
			continue;
		for (a = 0; a < 256; a++)
		for (b = 0; b < 256; b += f->endpoints == 2 ? 1 : 256) {
			u16 values[64];
			u8 bits[32] = { 0 };
			u32 first, last;

			bits[0] = a;
			bits[1] = b;
			/* the last three bytes: index 7 */
			memset(bits + asc_block_bytes(f) - 3, 0xff, 3);
			if (f->endpoints == 1)
				memset(bits + 1, 0, 1);
			asc_block_decode(f, bits, values);
			first = plain_endpoint(f, a < b ? a : b);
			last = plain_endpoint(f, a < b ? b : a);
			if (f->endpoints == 1) {
				first = f->zero;
				last = f->zero + plain_endpoint(f, a);
				last = last > 65535 ? 65535 : last;
			}
			if (f->values > 8)
				ASSERT_EQ(first, values[0]) TH_LOG("%u: %u %u", format, a, b);
			ASSERT_EQ(last, values[f->values - 1]) TH_LOG("%u: %u %u", format, a, b);
		}
	}
}

/* Values as they are near the zero of a surface of that exponent. */
static void random_narrow(const struct asc_block_format *f, u16 *values)
{
	u32 shift = random_number() % 6, i;

	if (f->kind != ASC_INTEGER) {
		random_floats(f, values);
		return;
	}
	for (i = 0; i < f->values; i++) {
		int distance = (random_number() & ((1u << f->exponent) - 1)) >> shift, v;

		if (f->endpoints == 2 && random_number() % 3 == 0)
			distance = -distance;
		v = (int)f->zero + distance;
		values[i] = v < 0 ? 0 : v > 65535 ? 65535 : v;
	}
}

static u32 difference(u32 a, u32 b)
{
	return a > b ? a - b : b - a;
}

/* How far the nearest magnitude is. */
static u32 nearest_error(const struct asc_block_format *f, u32 distance)
{
	u32 pattern, best = ~0u;

	for (pattern = 0; pattern < 128; pattern++) {
		u32 error = difference(plain_magnitude(f, pattern), distance);

		best = error < best ? error : best;
	}
	/* an odd number of 16 bits is halved downwards, and a tie may so be missed */
	return best + (f->exponent == 16 ? 2 : 0);
}

TEST(narrow_encoder_follows_the_specification)
{
	u32 round, i;

	for (round = 0; round < rounds(20000); round++) {
		const struct asc_block_format *f = &narrow_formats[round % NARROW_FORMATS];
		u32 linear[64], logs[64], low = ~0u, high = 0, l, h;
		u16 values[64], decoded[64], again[64], above[64];
		u8 bits[32];

		random_narrow(f, values);
		asc_block_encode(f, BOTH, ASC_EFFORT_HW, values, bits, decoded);
		asc_block_decode(f, bits, again);
		ASSERT_EQ(0, memcmp(decoded, again, f->values * 2));
		if (f->kind != ASC_INTEGER || f->exponent < 15)
			continue;
		for (i = 0; i < f->values; i++) {
			above[i] = f->endpoints == 2 ? values[i] :
				   values[i] > f->zero ? values[i] - f->zero : 0;
			low = above[i] < low ? above[i] : low;
			high = above[i] > high ? above[i] : high;
		}
		h = plain_endpoint(f, f->endpoints == 1 || bits[0] > bits[1] ? bits[0] : bits[1]);
		l = f->endpoints == 1 ? 0 :
		    plain_endpoint(f, bits[0] > bits[1] ? bits[1] : bits[0]);
		ASSERT_LE(difference(h, high),
			  nearest_error(f, f->endpoints == 1 ? high : difference(high, f->zero)));
		if (f->endpoints == 2)
			ASSERT_LE(difference(l, low), nearest_error(f, difference(low, f->zero)));
		ASSERT_EQ(plain_encode(f, true, l, h, above, logs) <
			  plain_encode(f, false, l, h, above, linear),
			  f->endpoints == 1 ? bits[0] & 1 : bits[0] > bits[1] || l == h ?
			  bits[0] > bits[1] : 0) TH_LOG("round %u", round);
	}
}

/* What is zero stays zero where nothing is below it. */
TEST(narrow_zero)
{
	u32 round, i;

	for (round = 0; round < rounds(20000); round++) {
		const struct asc_block_format *f = &narrow_formats[round % NARROW_FORMATS];
		u16 values[64], decoded[64];
		u8 bits[32];

		random_narrow(f, values);
		for (i = 0; i < f->values; i++) {
			if (values[i] < f->zero || round % 3 == 0)
				values[i] = f->zero;
		}
		values[5] = f->zero;
		asc_block_encode(f, BOTH, round / 64 % 2, values, bits, decoded);
		ASSERT_EQ(f->zero, decoded[5]) TH_LOG("format %u", (u32)(round % NARROW_FORMATS));
	}
}

/* And in the full profile: whatever the effort. */
TEST(zero_behind_a_relu)
{
	static const struct asc_block_format two[] = {
		{ 16, 8, 2, 0 }, { 16, 8, 2, 128 }, { 32, 16, 2, 0x8000 },
		{ 32, 16, 2, ASC_FLOAT_ZERO, ASC_F16 }, { 32, 16, 2, ASC_FLOAT_ZERO, ASC_BF16 },
	};
	u32 round, i;

	for (round = 0; round < rounds(20000); round++) {
		const struct asc_block_format *f = &two[round % 5];
		u16 values[64], decoded[64];
		u8 bits[32];

		random_block(f, values);
		for (i = 0; i < f->values; i++) {
			if (values[i] < f->zero)
				values[i] = f->zero;
		}
		values[round % f->values] = f->zero;
		asc_block_encode(f, BOTH, round / 64 % 2, values, bits, decoded);
		ASSERT_EQ(f->zero, decoded[round % f->values]) TH_LOG("format %u", round % 5);
	}
}

/* Errors of either sign, about equally; a search keeps their sum small. */
TEST(narrow_has_no_bias)
{
	u32 format, effort;

	for (format = 0; format < 4; format++)
	for (effort = 0; effort < 2; effort++) {
		const struct asc_block_format *f = &narrow_formats[format];
		int64_t sum = 0, size = 0;
		u32 round, i;

		for (round = 0; round < 10000; round++) {
			u16 values[64], decoded[64];
			u8 bits[32];

			for (i = 0; i < f->values; i++)
				values[i] = f->zero + random_number() % 30000;
			asc_block_encode(f, BOTH, effort, values, bits, decoded);
			for (i = 0; i < f->values; i++) {
				sum += decoded[i] - values[i];
				size += abs(decoded[i] - values[i]);
			}
		}
		EXPECT_LT(llabs(sum) * (effort ? 20 : 50), size) TH_LOG("format %u effort %u: %lld of %lld",
							format, effort, (long long)sum,
							(long long)size);
	}
}

TEST(narrow_takes_anything)
{
	u32 round, i;

	for (round = 0; round < rounds(50000); round++) {
		const struct asc_block_format *f = &narrow_formats[round % NARROW_FORMATS];
		u8 *bits = malloc(asc_block_bytes(f));
		u16 *values = malloc(f->values * sizeof(*values)), decoded[64];

		for (i = 0; i < asc_block_bytes(f); i++)
			bits[i] = random_number();
		asc_block_decode(f, bits, values);
		for (i = 0; i < f->values; i++) {
			if (f->kind != ASC_INTEGER)
				ASSERT_LE(absolute(float_value(f, values[i])), largest_float(f));
			/* and values that are nowhere near the zero */
			values[i] = random_number();
		}
		asc_block_encode(f, BOTH, round / 64 % 2, values, bits, decoded);
		asc_block_decode(f, bits, values);
		ASSERT_EQ(0, memcmp(decoded, values, f->values * sizeof(*values)));
		free(bits);
		free(values);
	}
}

TEST(decoder_takes_anything)
{
	u32 round, i;

	for (round = 0; round < rounds(50000); round++) {
		const struct asc_block_format *f = &formats[round % FORMATS];
		u8 *bits = malloc(asc_block_bytes(f));
		u16 *values = malloc(f->values * sizeof(*values));

		for (i = 0; i < asc_block_bytes(f); i++)
			bits[i] = random_number();
		asc_block_decode(f, bits, values);
		for (i = 0; i < f->values; i++)
			ASSERT_LT(values[i], 1u << f->bits);
		free(bits);
		free(values);
	}
}

TEST_HARNESS_MAIN
