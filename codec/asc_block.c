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
		    const u16 *values, u8 *indices, u16 *decoded)
{
	u32 thresholds[ASC_POINTS - 1];
	u32 error = 0, i;

	make_thresholds(points, thresholds);
	for (i = 0; i < f->values; i++) {
		u32 index = threshold_index(thresholds, values[i]);
		u32 value = points[index];

		indices[i] = index;
		decoded[i] = value;
		error += distance(value, values[i]);
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
 * The maximum of a one-endpoint block, above zero.  Its lowest bit is where the
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
					u32 high, const u16 *values, u8 *indices,
					u16 *decoded)
{
	u32 points[ASC_POINTS], error = ~0u;

	if (scales & 1u << ASC_SCALE_LINEAR) {
		scale_points(ASC_SCALE_LINEAR, low, high, points);
		error = quantise(f, points, values, indices, decoded);
	}
	if (!(scales & 1u << ASC_SCALE_LOG) || !error)
		return ASC_SCALE_LINEAR;
	scale_points(ASC_SCALE_LOG, low, high, points);
	if (absolute_error(f, points, values) >= error)
		return ASC_SCALE_LINEAR;
	quantise(f, points, values, indices, decoded);
	return ASC_SCALE_LOG;
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
	u8 indices[FMC_BLOCK_MAX_VALUES];
	u16 above[FMC_BLOCK_MAX_VALUES];
	u32 low = max_value(f), high = 0, i;
	enum asc_scale scale;

	if (f->endpoints == 1) {
		low = 0;
		for (i = 0; i < f->values; i++) {
			above[i] = values[i] > f->zero ? values[i] - f->zero : 0;
			if (above[i] > high)
				high = above[i];
		}
		values = above;
		high = one_endpoint_high(high);
	} else {
		for (i = 0; i < f->values; i++) {
			if (values[i] < low)
				low = values[i];
			if (values[i] > high)
				high = values[i];
		}
	}

	if (effort == ASC_EFFORT_BEST)
		scales = 1u << search_endpoints(f, scales, values, &low, &high);
	scale = quantise_by_scale(f, scales, low, high, values, indices, decoded);

	if (f->endpoints == 1) {
		put_endpoint(f, 0, (high & ~1u) | (scale == ASC_SCALE_LOG), bits);
		for (i = 0; i < f->values; i++) {
			u32 value = f->zero + decoded[i];

			decoded[i] = value < max_value(f) ? value : max_value(f);
		}
	} else {
		/* The order of the endpoints carries the scale. */
		put_endpoint(f, scale == ASC_SCALE_LOG, low, bits);
		put_endpoint(f, scale != ASC_SCALE_LOG, high, bits);
	}
	put_indices(f, indices, bits);
	return scale;
}

/**
 * asc_block_decode - bits to one block of values
 * @f: format
 * @bits: asc_block_bytes(f) bytes; any content is valid
 * @values: receives f->values unsigned numbers of f->bits bits
 */
void asc_block_decode(const struct asc_block_format *f, const u8 *bits, u16 *values)
{
	enum asc_scale scale;
	u32 points[ASC_POINTS];
	u32 low, high, i, k;

	if (f->endpoints == 1) {
		u32 endpoint = get_endpoint(f, 0, bits);

		scale = endpoint & 1 ? ASC_SCALE_LOG : ASC_SCALE_LINEAR;
		low = 0;
		high = one_endpoint_high(endpoint);
	} else {
		low = get_endpoint(f, 0, bits);
		high = get_endpoint(f, 1, bits);
		scale = low > high ? ASC_SCALE_LOG : ASC_SCALE_LINEAR;
		if (scale == ASC_SCALE_LOG) {
			u32 swap = low;

			low = high;
			high = swap;
		}
	}
	scale_points(scale, low, high, points);
	if (f->endpoints == 1) {
		for (k = 0; k < ASC_POINTS; k++) {
			points[k] += f->zero;
			if (points[k] > max_value(f))
				points[k] = max_value(f);
		}
	}

	bits += f->endpoints * f->bits / 8;
	for (i = 0; i < f->values; i += 8, bits += 3) {
		u32 word = bits[0] | (u32)bits[1] << 8 | (u32)bits[2] << 16;

		for (k = 0; k < 8; k++, word >>= 3)
			values[i + k] = points[word & (ASC_POINTS - 1)];
	}
}
