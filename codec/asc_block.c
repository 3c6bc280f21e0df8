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

static u32 quantise(const struct asc_block_format *f, const u32 *points,
		    const u16 *values, u8 *indices, u16 *decoded)
{
	u32 thresholds[ASC_POINTS - 1];
	u32 error = 0, i, k;

	make_thresholds(points, thresholds);
	for (i = 0; i < f->values; i++) {
		u32 index = 0, value;

		for (k = 0; k < ASC_POINTS - 1; k++)
			index += 2u * values[i] > thresholds[k];
		value = points[index];
		indices[i] = index;
		decoded[i] = value;
		error += value > values[i] ? value - values[i] : values[i] - value;
	}
	return error;
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

/**
 * asc_block_encode - one block of values to bits
 * @f: format
 * @scales: which scales may be used: a mask of 1 << ASC_SCALE_LINEAR and
 *	1 << ASC_SCALE_LOG, not empty
 * @values: f->values unsigned numbers of f->bits bits
 * @bits: receives asc_block_bytes(f) bytes
 * @decoded: receives what asc_block_decode() will make of them
 *
 * This is what a hardware encoder does: endpoints are the extreme values, both
 * scales are tried and the one with the smaller sum of absolute errors is kept,
 * the linear one if they are equal (ASC paper: choice by L1 error).
 *
 * Return: the scale of the block.
 */
enum asc_scale asc_block_encode(const struct asc_block_format *f, u32 scales,
				const u16 *values, u8 *bits, u16 *decoded)
{
	u16 above[FMC_BLOCK_MAX_VALUES], log_decoded[FMC_BLOCK_MAX_VALUES];
	u8 indices[FMC_BLOCK_MAX_VALUES], log_indices[FMC_BLOCK_MAX_VALUES];
	enum asc_scale scale = ASC_SCALE_LINEAR;
	u32 low = max_value(f), high = 0, linear_error = ~0u, i;
	u32 points[ASC_POINTS];

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

	if (scales & 1u << ASC_SCALE_LINEAR) {
		scale_points(ASC_SCALE_LINEAR, low, high, points);
		linear_error = quantise(f, points, values, indices, decoded);
	}
	if (scales & 1u << ASC_SCALE_LOG && linear_error) {
		scale_points(ASC_SCALE_LOG, low, high, points);
		if (quantise(f, points, values, log_indices, log_decoded) < linear_error) {
			scale = ASC_SCALE_LOG;
			memcpy(indices, log_indices, f->values);
			memcpy(decoded, log_decoded, f->values * sizeof(*decoded));
		}
	}

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
