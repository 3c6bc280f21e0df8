// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ASC (Adaptive Scale feature-map Compression, arXiv 2312.08176): one block of
 * values to bits and back.  Documentation/format.rst, "ASC block", is the
 * specification.
 */

#include "asc_block.h"

/*
 * Where the points lie between the endpoints, in sixteenths of the range.
 *
 * Linear: the sevenths, rounded to sixteenths, so that neither side divides.
 * Only the lower half is listed: the upper one mirrors it, which keeps the
 * rounding free of bias.
 *
 * Log-linear: each octave is halved linearly.  Every weight is one power of two
 * or the sum of two, so that shifts and one adder make each of them.
 */
static const u8 linear_weights[ASC_POINTS / 2] = { 0, 2, 5, 7 };
static const u8 log_weights[ASC_POINTS] = { 0, 1, 2, 4, 6, 8, 12, 16 };

static u32 sixteenths(u32 range, u32 weight)
{
	return (range * weight + 8) >> 4;
}

static void linear_points(u32 low, u32 high, u32 *points)
{
	u32 k;

	for (k = 0; k < ASC_POINTS / 2; k++) {
		u32 step = sixteenths(high - low, linear_weights[k]);

		points[k] = low + step;
		points[ASC_POINTS - 1 - k] = high - step;
	}
}

static void log_points(u32 low, u32 high, u32 *points)
{
	u32 k;

	for (k = 0; k < ASC_POINTS; k++)
		points[k] = low + sixteenths(high - low, log_weights[k]);
}

static void scale_points(enum asc_scale scale, u32 low, u32 high, u32 *points)
{
	if (scale == ASC_SCALE_LOG)
		log_points(low, high, points);
	else
		linear_points(low, high, points);
}

/*
 * Threshold comparison: an index is the number of midpoints below the value.
 * A value on a midpoint goes to the even index, so that ties do not all err in
 * one direction; among equal points it stays with the first.
 */
static void make_thresholds(const u32 *points, u32 *thresholds)
{
	u32 k;

	for (k = 0; k < ASC_POINTS - 1; k++) {
		thresholds[k] = points[k] + points[k + 1];
		if (k & 1 && points[k] < points[k + 1])
			thresholds[k]--;
	}
}

static u32 threshold_index(const u32 *thresholds, u32 value)
{
	u32 index = 0, k;

	for (k = 0; k < ASC_POINTS - 1; k++)
		index += 2 * value > thresholds[k];
	return index;
}

static u32 distance(u32 a, u32 b)
{
	return a > b ? a - b : b - a;
}

/* Returns the sum of absolute errors. */
static u32 quantise(const struct asc_block_format *f, const u32 *points,
		    const u16 *values, u8 *indices)
{
	u32 thresholds[ASC_POINTS - 1];
	u32 error = 0, i;

	make_thresholds(points, thresholds);
	for (i = 0; i < f->values; i++) {
		indices[i] = threshold_index(thresholds, values[i]);
		error += distance(points[indices[i]], values[i]);
	}
	return error;
}

/* The same sum alone. */
static u32 absolute_error(const struct asc_block_format *f, const u32 *points,
			  const u16 *values)
{
	u32 thresholds[ASC_POINTS - 1];
	u32 error = 0, i;

	make_thresholds(points, thresholds);
	for (i = 0; i < f->values; i++)
		error += distance(points[threshold_index(thresholds, values[i])], values[i]);
	return error;
}

/**
 * struct fit - a block against points: sums for a least-squares fit
 * @error: sum of squared errors
 * @ll: sum of l * l, where l and h, in sixteenths, are the parts of the low and
 *	the high endpoint in the point that a value takes
 * @lh: sum of l * h
 * @hh: sum of h * h
 * @lv: sum of l * value
 * @hv: sum of h * value
 */
struct fit {
	u64 error;
	u32 ll, lh, hh;
	u64 lv, hv;
};

static u32 point_weight(enum asc_scale scale, u32 index)
{
	if (scale == ASC_SCALE_LOG)
		return log_weights[index];
	if (index < ASC_POINTS / 2)
		return linear_weights[index];
	return 16 - linear_weights[ASC_POINTS - 1 - index];
}

static void fit_block(const struct asc_block_format *f, enum asc_scale scale, u32 low, u32 high,
		      const u16 *values, struct fit *fit)
{
	u32 points[ASC_POINTS], thresholds[ASC_POINTS - 1], i;

	scale_points(scale, low, high, points);
	make_thresholds(points, thresholds);
	memset(fit, 0, sizeof(*fit));
	for (i = 0; i < f->values; i++) {
		u32 index = threshold_index(thresholds, values[i]);
		u32 d = distance(points[index], values[i]);
		u32 h = point_weight(scale, index), l = 16 - h;

		fit->error += (u64)d * d;
		fit->ll += l * l;
		fit->lh += l * h;
		fit->hh += h * h;
		fit->lv += (u64)l * values[i];
		fit->hv += (u64)h * values[i];
	}
}

static u32 max_value(const struct asc_block_format *f)
{
	return (1u << f->bits) - 1;
}

/*
 * Floats are worked on as fixed-point numbers: with the exponent E of the largest
 * magnitude of the block, the number 0x8000 + m stands for m * 2^(E - 14), |m| being
 * below 2^15.  In one-endpoint mode it is m itself.
 */
static u32 fraction_bits(enum asc_kind kind)
{
	return kind == ASC_F16 ? 10 : 7;
}

static u32 infinity(enum asc_kind kind)
{
	return kind == ASC_F16 ? 0x7c00 : 0x7f80;
}

static u32 magnitude(u32 value)
{
	return value & 0x8000 ? value ^ 0x8000 : value ^ 0x7fff;
}

/**
 * asc_float_finite - a float that can be coded
 * @kind: ASC_F16 or ASC_BF16
 * @value: its ordered pattern; any
 *
 * Return: the ordered pattern; 0 for NaN and negative zero, the largest finite
 * number of its sign for an infinity.
 */
u32 asc_float_finite(enum asc_kind kind, u32 value)
{
	u32 pattern = magnitude(value);

	if (pattern > infinity(kind) || !pattern)
		return ASC_FLOAT_ZERO;
	if (pattern < infinity(kind))
		return value;
	return value & 0x8000 ? value - 1 : value + 1;
}

/**
 * asc_float_exponent - biased exponent of a float
 * @kind: ASC_F16 or ASC_BF16
 * @value: the ordered pattern of a finite number
 *
 * Return: at least 1, which subnormal numbers have, too.
 */
u32 asc_float_exponent(enum asc_kind kind, u32 value)
{
	u32 exponent = magnitude(value) >> fraction_bits(kind);

	return exponent ? exponent : 1;
}

/* Magnitude in units of 2^(exponent - 14), to nearest; what is too large is cut. */
static u32 to_fixed(enum asc_kind kind, u32 exponent, u32 pattern)
{
	u32 own = asc_float_exponent(kind, ASC_FLOAT_ZERO | pattern), bits = fraction_bits(kind);
	u32 fixed = pattern & ((1u << bits) - 1), shift;

	if (pattern >> bits)
		fixed |= 1u << bits;
	fixed <<= ASC_FIXED_BITS - 1 - bits;
	if (own > exponent)
		return (1u << ASC_FIXED_BITS) - 1;
	shift = exponent - own;
	if (!shift)
		return fixed;
	return shift > ASC_FIXED_BITS ? 0 : (fixed + (1u << (shift - 1))) >> shift;
}

/* The nearest pattern, the even one of two, with an exponent of at most that given. */
static u32 from_fixed(enum asc_kind kind, u32 exponent, u32 fixed)
{
	u32 bits = fraction_bits(kind), top = ASC_FIXED_BITS - 1, own = exponent;
	u32 pattern, limit = ((exponent + 1) << bits) - 1;
	int shift;

	if (!fixed)
		return 0;
	while (top && !(fixed >> top) && own > 1) {
		top--;
		own--;
	}
	shift = (int)top - (int)bits;
	if (shift > 0) {
		u32 half = (1u << (shift - 1)) - 1 + (fixed >> shift & 1);

		pattern = (fixed + half) >> shift;
	} else {
		pattern = fixed << -shift;
	}
	/* a leading bit adds 1 to the exponent */
	pattern += (own - 1) << bits;
	return pattern < limit ? pattern : limit;
}

/**
 * asc_float_to_fixed - a float as a fixed-point number
 * @kind: ASC_F16 or ASC_BF16
 * @exponent: biased exponent of the largest magnitude, as asc_float_exponent() gives it
 * @value: the ordered pattern of a finite number
 *
 * Return: 0x8000 + m for a value of m * 2^(@exponent - 14), rounded to nearest; |m| is
 * below 2^15, and the largest for what is too large.
 */
u32 asc_float_to_fixed(enum asc_kind kind, u32 exponent, u32 value)
{
	u32 fixed = to_fixed(kind, exponent, magnitude(value));

	return value & 0x8000 ? ASC_FLOAT_ZERO + fixed : ASC_FLOAT_ZERO - fixed;
}

/* The inverse; there is no negative zero. */
static u32 float_from_fixed(enum asc_kind kind, u32 exponent, u32 number)
{
	u32 pattern;

	if (number >= ASC_FLOAT_ZERO)
		return ASC_FLOAT_ZERO + from_fixed(kind, exponent, number - ASC_FLOAT_ZERO);
	pattern = from_fixed(kind, exponent, ASC_FLOAT_ZERO - number);
	return pattern ? 0x7fff - pattern : ASC_FLOAT_ZERO;
}

static void put_endpoint(const struct asc_block_format *f, u32 which, u32 value, u8 *bits)
{
	if (f->bits == 8) {
		bits[which] = value;
	} else {
		bits[2 * which] = value;
		bits[2 * which + 1] = value >> 8;
	}
}

static u32 get_endpoint(const struct asc_block_format *f, u32 which, const u8 *bits)
{
	if (f->bits == 8)
		return bits[which];
	return bits[2 * which] | (u32)bits[2 * which + 1] << 8;
}

/* Eight indices fill three bytes, the first in the lowest bits. */
static void put_indices(const struct asc_block_format *f, const u8 *indices, u8 *bits)
{
	u32 i, k;

	bits += f->endpoints * f->bits / 8;
	for (i = 0; i < f->values; i += 8, bits += 3) {
		u32 word = 0;

		for (k = 0; k < 8; k++)
			word |= (u32)indices[i + k] << (3 * k);
		bits[0] = word;
		bits[1] = word >> 8;
		bits[2] = word >> 16;
	}
}

/*
 * The maximum of a one-endpoint block of integers, above zero.  Its lowest bit is where the
 * scale is carried, so it is always odd, and never below the true maximum.
 */
static u32 one_endpoint_high(u32 endpoint)
{
	return endpoint | 1;
}

static u32 clamp_endpoint(const struct asc_block_format *f, s64 value)
{
	return value < 0 ? 0 : value > max_value(f) ? max_value(f) : (u32)value;
}

/* Endpoints that fit the values best, as long as each keeps its point. */
static void solve_fit(const struct asc_block_format *f, const struct fit *fit, u32 *low,
		      u32 *high)
{
	/* 64 values with weights of at most 16: this is below 2^28 */
	s64 determinant = (s64)fit->ll * fit->hh - (s64)fit->lh * fit->lh;

	if (f->endpoints == 1) {
		s64 best;

		if (!fit->hh)
			return;
		best = fmc_div_s64(16 * (s64)fit->hv + fit->hh / 2, fit->hh);
		*high = one_endpoint_high(clamp_endpoint(f, best));
		return;
	}
	if (determinant <= 0)
		return;
	*low = clamp_endpoint(f, fmc_div_s64(16 * ((s64)fit->hh * fit->lv -
						   (s64)fit->lh * fit->hv) + determinant / 2,
					     determinant));
	*high = clamp_endpoint(f, fmc_div_s64(16 * ((s64)fit->ll * fit->hv -
						    (s64)fit->lh * fit->lv) + determinant / 2,
					      determinant));
	if (*low > *high)
		*low = *high;
}

/* Times that endpoints are fitted to the points that the last ones gave. */
#define FIT_ROUNDS	3

/* Try the scales allowed, each with endpoints fitted again and again. */
static enum asc_scale search_endpoints(const struct asc_block_format *f, u32 scales,
				       const u16 *values, u32 *low, u32 *high)
{
	u32 first_low = *low, first_high = *high, s, round;
	enum asc_scale best = ASC_SCALE_LINEAR;
	u64 best_error = ~0ull;

	for (s = ASC_SCALE_LINEAR; s <= ASC_SCALE_LOG; s++) {
		u32 l = first_low, h = first_high;

		if (!(scales & 1u << s))
			continue;
		for (round = 0; round <= FIT_ROUNDS; round++) {
			u32 last_l = l, last_h = h;
			struct fit fit;

			fit_block(f, s, l, h, values, &fit);
			if (fit.error < best_error) {
				best_error = fit.error;
				best = s;
				*low = l;
				*high = h;
			}
			solve_fit(f, &fit, &l, &h);
			if (l == last_l && h == last_h)
				break;
		}
	}
	return best;
}

/* Keep the scale with the smaller sum of absolute errors; the linear one if equal. */
static enum asc_scale quantise_by_scale(const struct asc_block_format *f, u32 scales, u32 low,
					u32 high, const u16 *values, u8 *indices)
{
	u32 points[ASC_POINTS], error = ~0u;

	if (scales & 1u << ASC_SCALE_LINEAR) {
		scale_points(ASC_SCALE_LINEAR, low, high, points);
		error = quantise(f, points, values, indices);
	}
	if (!(scales & 1u << ASC_SCALE_LOG) || !error)
		return ASC_SCALE_LINEAR;
	scale_points(ASC_SCALE_LOG, low, high, points);
	if (absolute_error(f, points, values) >= error)
		return ASC_SCALE_LINEAR;
	quantise(f, points, values, indices);
	return ASC_SCALE_LOG;
}

/**
 * struct ends - what a block says about its points
 * @scale: scale
 * @low: lowest point, as a number to work on: an integer, or fixed-point; in
 *	one-endpoint mode 0, and above the zero point
 * @high: highest point, likewise
 * @exponent: of floats, biased exponent that the fixed-point numbers refer to
 */
struct ends {
	enum asc_scale scale;
	u32 low, high;
	u32 exponent;
};

static void store_ends(const struct asc_block_format *f, const struct ends *ends, u8 *bits)
{
	bool log = ends->scale == ASC_SCALE_LOG;
	u32 low = ends->low, high = ends->high;

	if (f->endpoints == 1) {
		/* the lowest bit carries the scale; floats have the sign's bit for it */
		if (f->kind == ASC_INTEGER)
			high &= ~1u;
		else
			high = from_fixed(f->kind, ends->exponent, high) << 1;
		put_endpoint(f, 0, high | log, bits);
		return;
	}
	if (f->kind != ASC_INTEGER) {
		low = float_from_fixed(f->kind, ends->exponent, low);
		high = float_from_fixed(f->kind, ends->exponent, high);
	}
	/* The order of the endpoints carries the scale. */
	put_endpoint(f, log, low, bits);
	put_endpoint(f, !log, high, bits);
}

/* An infinity or NaN as an endpoint is the largest finite number of its sign. */
static u32 finite_endpoint(enum asc_kind kind, u32 value)
{
	if (magnitude(value) < infinity(kind))
		return value;
	return value & 0x8000 ? ASC_FLOAT_ZERO + infinity(kind) - 1 : ASC_FLOAT_ZERO - infinity(kind);
}

/* Endpoints of a block of floats, from their ordered patterns; any. */
static void float_ends(const struct asc_block_format *f, u32 low, u32 high, struct ends *ends)
{
	u32 a, b;

	low = finite_endpoint(f->kind, low);
	high = finite_endpoint(f->kind, high);
	a = asc_float_exponent(f->kind, low);
	b = asc_float_exponent(f->kind, high);
	ends->exponent = a > b ? a : b;
	ends->low = asc_float_to_fixed(f->kind, ends->exponent, low);
	ends->high = asc_float_to_fixed(f->kind, ends->exponent, high);
}

static void load_ends(const struct asc_block_format *f, const u8 *bits, struct ends *ends)
{
	u32 first = get_endpoint(f, 0, bits), second;
	bool log;

	ends->low = 0;
	ends->exponent = 0;
	if (f->endpoints == 1) {
		ends->scale = first & 1 ? ASC_SCALE_LOG : ASC_SCALE_LINEAR;
		ends->high = one_endpoint_high(first);
		if (f->kind != ASC_INTEGER) {
			float_ends(f, ASC_FLOAT_ZERO, ASC_FLOAT_ZERO | first >> 1, ends);
			ends->low = 0;
			ends->high -= ASC_FLOAT_ZERO;
		}
		return;
	}
	second = get_endpoint(f, 1, bits);
	log = first > second;
	ends->scale = log ? ASC_SCALE_LOG : ASC_SCALE_LINEAR;
	ends->low = log ? second : first;
	ends->high = log ? first : second;
	if (f->kind != ASC_INTEGER)
		float_ends(f, ends->low, ends->high, ends);
}

/* A point as a value of the surface. */
static u32 point_value(const struct asc_block_format *f, const struct ends *ends, u32 point)
{
	if (f->endpoints == 1)
		point += f->zero;
	if (f->kind == ASC_INTEGER)
		return point < max_value(f) ? point : max_value(f);
	return float_from_fixed(f->kind, ends->exponent, point);
}

/* The eight values that a block can hold. */
static void palette(const struct asc_block_format *f, const struct ends *ends, u16 *values)
{
	u32 points[ASC_POINTS], k;

	scale_points(ends->scale, ends->low, ends->high, points);
	for (k = 0; k < ASC_POINTS; k++)
		values[k] = point_value(f, ends, points[k]);
}

/* Values as numbers to work on. */
static void to_numbers(const struct asc_block_format *f, u32 exponent, const u16 *values,
		       u16 *numbers)
{
	u32 zero = f->endpoints == 1 ? f->zero : 0, i;

	for (i = 0; i < f->values; i++) {
		u32 number = values[i];

		if (f->kind != ASC_INTEGER)
			number = asc_float_to_fixed(f->kind, exponent,
						    asc_float_finite(f->kind, number));
		numbers[i] = number > zero ? number - zero : 0;
	}
}

/* The largest exponent of the values that are not below zero in one-endpoint mode. */
static u32 largest_exponent(const struct asc_block_format *f, const u16 *values)
{
	u32 largest = 1, i;

	for (i = 0; i < f->values; i++) {
		u32 value = asc_float_finite(f->kind, values[i]);
		u32 exponent = asc_float_exponent(f->kind, value);

		if (f->endpoints == 1 && value < ASC_FLOAT_ZERO)
			continue;
		if (exponent > largest)
			largest = exponent;
	}
	return largest;
}

static void find_extremes(const struct asc_block_format *f, const u16 *numbers, struct ends *ends)
{
	u32 i;

	ends->low = f->endpoints == 1 ? 0 : numbers[0];
	ends->high = numbers[0];
	for (i = 1; i < f->values; i++) {
		if (numbers[i] < ends->low)
			ends->low = numbers[i];
		if (numbers[i] > ends->high)
			ends->high = numbers[i];
	}
	if (f->endpoints == 1 && f->kind == ASC_INTEGER)
		ends->high = one_endpoint_high(ends->high);
}

/**
 * asc_block_encode - one block of values to bits
 * @f: format
 * @scales: which scales may be used: a mask of 1 << ASC_SCALE_LINEAR and
 *	1 << ASC_SCALE_LOG, not empty
 * @effort: ASC_EFFORT_HW: endpoints are the extreme values, and the scale with
 *	the smaller sum of absolute errors is kept, the linear one if they are
 *	equal (ASC paper: choice by L1 error).  ASC_EFFORT_BEST: least squares.
 * @values: f->values unsigned numbers of f->bits bits
 * @bits: receives asc_block_bytes(f) bytes
 * @decoded: receives what asc_block_decode() will make of them
 *
 * Return: the scale of the block.
 */
enum asc_scale asc_block_encode(const struct asc_block_format *f, u32 scales,
				enum asc_effort effort, const u16 *values, u8 *bits,
				u16 *decoded)
{
	u16 numbers[FMC_BLOCK_MAX_VALUES], palette_values[ASC_POINTS];
	u8 indices[FMC_BLOCK_MAX_VALUES];
	struct ends ends = { 0 };
	u32 i;

	if (f->kind != ASC_INTEGER)
		ends.exponent = largest_exponent(f, values);
	to_numbers(f, ends.exponent, values, numbers);
	find_extremes(f, numbers, &ends);
	if (effort == ASC_EFFORT_BEST) {
		scales = 1u << search_endpoints(f, scales, numbers, &ends.low, &ends.high);
		if (f->kind != ASC_INTEGER) {
			/* as they will be read: rounded, with an exponent of their own */
			store_ends(f, &ends, bits);
			load_ends(f, bits, &ends);
			to_numbers(f, ends.exponent, values, numbers);
		}
	}
	ends.scale = quantise_by_scale(f, scales, ends.low, ends.high, numbers, indices);
	store_ends(f, &ends, bits);
	put_indices(f, indices, bits);
	palette(f, &ends, palette_values);
	for (i = 0; i < f->values; i++)
		decoded[i] = palette_values[indices[i]];
	return ends.scale;
}

/**
 * asc_block_decode - bits to one block of values
 * @f: format
 * @bits: asc_block_bytes(f) bytes; any content is valid
 * @values: receives f->values unsigned numbers of f->bits bits
 */
void asc_block_decode(const struct asc_block_format *f, const u8 *bits, u16 *values)
{
	u16 palette_values[ASC_POINTS];
	struct ends ends;
	u32 i, k;

	load_ends(f, bits, &ends);
	palette(f, &ends, palette_values);
	bits += f->endpoints * f->bits / 8;
	for (i = 0; i < f->values; i += 8, bits += 3) {
		u32 word = bits[0] | (u32)bits[1] << 8 | (u32)bits[2] << 16;

		for (k = 0; k < 8; k++, word >>= 3)
			values[i + k] = palette_values[word & (ASC_POINTS - 1)];
	}
}
