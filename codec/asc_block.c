// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ASC (Adaptive Scale feature-map Compression, arXiv 2312.08176): one block of
 * values to bits and back.  Documentation/format.rst, "ASC block", is the
 * specification.
 */

#include "asc_search.h"
#include "kernels.h"

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

static u16 distance(u16 a, u16 b)
{
	u16 more = a > b ? a : b, less = a > b ? b : a;

	return more - less;
}

/**
 * struct quantised - values of a block on one scale
 * @indices: which point each takes
 * @nearest: those points
 */
struct quantised {
	u8 indices[FMC_BLOCK_MAX_VALUES];
	u16 nearest[FMC_BLOCK_MAX_VALUES];
};

/* Compilers have such types for every machine; without vectors they become plain code. */
#define EIGHT_WORDS	__attribute__((__vector_size__(16)))

/* Provers that know no such types have it in plain C: proofs/nearest.h. */
#ifndef NEAREST_OF_EIGHT
/* The nearest points of eight values, and which ones; thresholds with a sign, and turned over. */
static void nearest_of_eight(const u16 *values, u16 first, const short *threshold, const u16 *step,
			     u16 *points, u8 *indices)
{
	u16 EIGHT_WORDS nearest = { 0 };
	/* with a sign, as every machine compares such */
	short EIGHT_WORDS v, above = { 0 };
	short index[8];
	u32 k;

	memcpy(&v, values, sizeof(v));
	v ^= (short)-0x8000;
	nearest += first;
	for (k = 0; k < ASC_POINTS - 1; k++) {
		short EIGHT_WORDS mask = v > (short EIGHT_WORDS){ 0 } + threshold[k];

		above -= mask;
		nearest += (__typeof__(nearest))mask & step[k];
	}
	memcpy(points, &nearest, sizeof(nearest));
	memcpy(index, &above, sizeof(index));
	for (k = 0; k < 8; k++)
		indices[k] = index[k];
}
#endif

/* Returns the sum of absolute errors. */
static u32 quantise(const struct asc_block_format *f, const u32 *points, const u16 *values,
		    struct quantised *q)
{
	short threshold[ASC_POINTS - 1] __uninitialized;
	u16 step[ASC_POINTS - 1] __uninitialized;
	u32 thresholds[ASC_POINTS - 1] __uninitialized;
	u32 error = 0, i, k;

	make_thresholds(points, thresholds);
	for (k = 0; k < ASC_POINTS - 1; k++) {
		/* twice a number is above one if it is above half of that, rounded down */
		threshold[k] = (thresholds[k] >> 1) ^ 0x8000;
		step[k] = points[k + 1] - points[k];
	}
	for (i = 0; i < f->values; i += 8)
		nearest_of_eight(values + i, points[0], threshold, step, q->nearest + i,
				 q->indices + i);
	for (i = 0; i < f->values; i++)
		error += distance(q->nearest[i], values[i]);
	return error;
}

static u32 max_value(const struct asc_block_format *f)
{
	return (1u << f->bits) - 1;
}

static bool is_float(const struct asc_block_format *f)
{
	return f->kind != ASC_INTEGER;
}

/**
 * struct ends - what a block says about its points
 * @scale: scale
 * @low: lowest point, as a number to work on: an integer, or of floats ASC_FLOAT_ZERO
 *	plus a fixed-point number.  In one-endpoint mode both are what they are above
 *	zero, so @low is 0.
 * @high: highest point, likewise
 * @exponent: of floats, what fixed-point numbers refer to
 */
struct ends {
	enum asc_scale scale;
	u32 low, high;
	u32 exponent;
};

/*
 * An endpoint of the narrow profile is a float of 8 bits, relative to zero: 4 bits of
 * fraction, 3 of exponent, a sign.  Its largest exponent is that of the surface.
 */
#define NARROW_FRACTION		4
#define NARROW_EXPONENT		7
#define NARROW_ZERO		0x80

/* Integers of as many bits as the surface needs are brought to the bits of fixed point. */
static u32 narrow_magnitude(const struct asc_block_format *f, u32 distance)
{
	u32 bits = is_float(f) ? ASC_FIXED_BITS : f->exponent;
	u32 fixed = bits > ASC_FIXED_BITS ? distance >> 1 : distance << (ASC_FIXED_BITS - bits);

	if (fixed > ASC_FIXED_MAX)
		fixed = ASC_FIXED_MAX;
	return asc_magnitude_from_fixed(NARROW_FRACTION, NARROW_EXPONENT, fixed);
}

static u32 narrow_distance(const struct asc_block_format *f, u32 pattern)
{
	u32 bits = is_float(f) ? ASC_FIXED_BITS : f->exponent;
	u32 fixed = asc_magnitude_to_fixed(NARROW_FRACTION, NARROW_EXPONENT, pattern);

	if (bits >= ASC_FIXED_BITS)
		return fixed << (bits - ASC_FIXED_BITS);
	return (fixed + (1u << (ASC_FIXED_BITS - bits - 1))) >> (ASC_FIXED_BITS - bits);
}

static u32 narrow_code(const struct asc_block_format *f, u32 number)
{
	if (f->endpoints == 1)
		return narrow_magnitude(f, number) << 1;
	if (number >= f->zero)
		return NARROW_ZERO + narrow_magnitude(f, number - f->zero);
	return NARROW_ZERO - 1 - narrow_magnitude(f, f->zero - number);
}

static u32 narrow_number(const struct asc_block_format *f, u32 code)
{
	u32 distance, room;

	if (f->endpoints == 1)
		return narrow_distance(f, code >> 1);
	if (code >= NARROW_ZERO) {
		distance = narrow_distance(f, code - NARROW_ZERO);
		room = max_value(f) - f->zero;
		return f->zero + (distance < room ? distance : room);
	}
	distance = narrow_distance(f, NARROW_ZERO - 1 - code);
	return distance < f->zero ? f->zero - distance : 0;
}

/*
 * A number as an endpoint is stored, to nearest.  With one endpoint, the lowest bit
 * is left 0 for the scale: the sign's bit of floats, which are not negative, is not
 * needed; integers give up a bit.
 */
static u32 endpoint_code(const struct asc_block_format *f, u32 exponent, u32 number)
{
	if (f->narrow)
		return narrow_code(f, number);
	if (!is_float(f))
		return f->endpoints == 1 ? number & ~1u : number;
	if (f->endpoints == 1)
		return asc_magnitude_from_fixed(asc_fraction_bits(f->kind), exponent, number) << 1;
	return asc_float_from_fixed(f->kind, exponent, number);
}

/* A full endpoint of floats as an ordered pattern; not finite becomes the largest of its sign. */
static u32 float_pattern(const struct asc_block_format *f, u32 code)
{
	u32 pattern = f->endpoints == 1 ? ASC_FLOAT_ZERO | code >> 1 : code;
	u32 infinity = asc_infinity(f->kind);

	if (asc_magnitude(pattern) < infinity)
		return pattern;
	return pattern & 0x8000 ? ASC_FLOAT_ZERO + infinity - 1 : ASC_FLOAT_ZERO - infinity;
}

/*
 * The number that an endpoint stands for.  The maximum of a one-endpoint block of
 * integers is always odd, and so never below the true one.
 */
static u32 endpoint_number(const struct asc_block_format *f, u32 exponent, u32 code)
{
	u32 number;

	if (f->narrow)
		return narrow_number(f, code);
	if (!is_float(f))
		return f->endpoints == 1 ? code | 1 : code;
	number = asc_float_to_fixed(f->kind, exponent, float_pattern(f, code));
	return f->endpoints == 1 ? number - ASC_FLOAT_ZERO : number;
}

/* What becomes of a number as an endpoint. */
static u32 representable(const struct asc_block_format *f, u32 exponent, u32 number)
{
	return endpoint_number(f, exponent, endpoint_code(f, exponent, number));
}

/**
 * asc_narrow_number - an endpoint of the narrow profile as a number
 * @f: format, of integers
 * @code: the endpoint
 *
 * Return: the number, which does not become less with a greater endpoint.
 */
u32 asc_narrow_number(const struct asc_block_format *f, u32 code)
{
	return narrow_number(f, code);
}

/**
 * asc_narrow_code - the nearest endpoint of the narrow profile
 * @f: format, of integers
 * @number: a number
 *
 * Return: the endpoint.
 */
u32 asc_narrow_code(const struct asc_block_format *f, u32 number)
{
	return narrow_code(f, number);
}

static void put_code(const struct asc_block_format *f, u32 which, u32 code, u8 *bits)
{
	if (asc_endpoint_bytes(f) == 1) {
		bits[which] = code;
	} else {
		bits[2 * which] = code;
		bits[2 * which + 1] = code >> 8;
	}
}

static u32 get_code(const struct asc_block_format *f, u32 which, const u8 *bits)
{
	if (asc_endpoint_bytes(f) == 1)
		return bits[which];
	return bits[2 * which] | (u32)bits[2 * which + 1] << 8;
}

static void store_ends(const struct asc_block_format *f, const struct ends *ends, u8 *bits)
{
	u32 high = endpoint_code(f, ends->exponent, ends->high);
	bool log = ends->scale == ASC_SCALE_LOG;

	if (f->endpoints == 1) {
		put_code(f, 0, high | log, bits);
		return;
	}
	/* The order of the endpoints carries the scale. */
	put_code(f, log, endpoint_code(f, ends->exponent, ends->low), bits);
	put_code(f, !log, high, bits);
}

static void load_ends(const struct asc_block_format *f, const u8 *bits, struct ends *ends)
{
	u32 low = 0, high = get_code(f, 0, bits), exponent;
	bool log = high & 1;

	if (f->endpoints == 2) {
		low = high;
		high = get_code(f, 1, bits);
		log = low > high;
		if (log) {
			u32 swap = low;

			low = high;
			high = swap;
		}
	}
	ends->scale = log ? ASC_SCALE_LOG : ASC_SCALE_LINEAR;
	ends->exponent = f->exponent;
	if (is_float(f) && !f->narrow) {
		ends->exponent = asc_float_exponent(f->kind, float_pattern(f, high));
		exponent = asc_float_exponent(f->kind, float_pattern(f, low));
		if (f->endpoints == 2 && exponent > ends->exponent)
			ends->exponent = exponent;
	}
	ends->low = f->endpoints == 2 ? endpoint_number(f, ends->exponent, low) : 0;
	ends->high = endpoint_number(f, ends->exponent, high);
}

/* The eight values that a block can hold. */
static void palette(const struct asc_block_format *f, const struct ends *ends, u16 *values)
{
	u32 points[ASC_POINTS] __uninitialized, zero = f->endpoints == 1 ? f->zero : 0, k;

	scale_points(ends->scale, ends->low, ends->high, points);
	if (!is_float(f)) {
		u32 most = max_value(f);

		for (k = 0; k < ASC_POINTS; k++)
			values[k] = points[k] + zero < most ? points[k] + zero : most;
		return;
	}
	for (k = 0; k < ASC_POINTS; k++)
		values[k] = asc_float_from_fixed(f->kind, ends->exponent, points[k] + zero);
}

/* Eight indices fill three bytes, the first in the lowest bits. */
static void put_indices(const struct asc_block_format *f, const u8 *indices, u8 *bits)
{
	u32 i, k;

	bits += f->endpoints * asc_endpoint_bytes(f);
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
 * Search for endpoints.  Values are sorted, so that those which take a point lie
 * together, and their sums are found without looking at them.
 */

/**
 * struct search - the best ends found so far
 * @format: format of the block
 * @sorted: its values
 * @best: the best ends
 * @cost: of those, by cost_of()
 */
struct search {
	const struct asc_block_format *format;
	const struct asc_sorted *sorted;
	struct ends best;
	u64 cost;
};

/* How many are less, or equal and before it, is where a value goes: nothing to guess for a CPU. */
static void sort_by_rank(const u16 *values, u32 count, u16 *sorted)
{
	s32 keys[FMC_BLOCK_MAX_VALUES] __uninitialized;
	u32 i, k;

	for (i = 0; i < count; i++)
		keys[i] = (s32)values[i] << 6 | i;
	for (i = 0; i < count; i++) {
		u32 rank = 0;

		for (k = 0; k < count; k++)
			rank += keys[k] < keys[i];
		sorted[rank] = values[i];
	}
}

static noinline void sort_values(const u16 *values, u32 count, struct asc_sorted *s)
{
	u32 i;

	s->count = count;
	sort_by_rank(values, count, s->values);
	s->sums[0] = 0;
	s->squares = 0;
	for (i = 0; i < count; i++) {
		s->sums[i + 1] = s->sums[i] + s->values[i];
		s->squares += (u64)s->values[i] * s->values[i];
	}
}

/* Where in the order the values of each point end. */
static void split(const struct asc_sorted *s, const u32 *points, u32 *end)
{
	u32 thresholds[ASC_POINTS - 1], at = 0, k;

	make_thresholds(points, thresholds);
	for (k = 0; k < ASC_POINTS - 1; k++) {
		while (at < s->count && 2u * s->values[at] <= thresholds[k])
			at++;
		end[k] = at;
	}
	end[k] = s->count;
}

static u64 cost_of(const struct search *search, const u32 *points, const u32 *end)
{
	const struct asc_sorted *s = search->sorted;
	s64 squares = s->squares, sum = -(s64)s->sums[s->count];
	u32 first = 0, k;

	for (k = 0; k < ASC_POINTS; k++) {
		u32 count = end[k] - first, values = s->sums[end[k]] - s->sums[first];

		/* (p - x)^2 = x^2 + p * (p - 2x) */
		squares += (s64)points[k] * ((s64)points[k] * count - 2 * (s64)values);
		sum += (s64)points[k] * count;
		first = end[k];
	}
	return squares * s->count + ASC_BIAS_WEIGHT * sum * sum;
}

static u32 clamp_number(const struct asc_block_format *f, s64 number)
{
	return number < 0 ? 0 : number > max_value(f) ? max_value(f) : (u32)number;
}

static u32 try_high(const struct search *search, s64 high)
{
	const struct asc_block_format *f = search->format;

	return representable(f, search->best.exponent, clamp_number(f, high));
}

static u32 try_low(const struct search *search, s64 low)
{
	const struct asc_block_format *f = search->format;

	if (f->endpoints == 1)
		return 0;
	/* zeros, of which there are many behind a ReLU, stay zeros */
	if (search->sorted->values[0] == f->zero)
		low = f->zero;
	return representable(f, search->best.exponent, clamp_number(f, low));
}

/* Ends as they can be stored.  Returns whether they are the best. */
static noinline bool try_stored(struct search *search, enum asc_scale scale, u32 low, u32 high,
				u32 *end)
{
	u32 points[ASC_POINTS] __uninitialized;
	u64 cost;

	scale_points(scale, low, high, points);
	split(search->sorted, points, end);
	cost = cost_of(search, points, end);
	if (cost >= search->cost)
		return false;
	search->cost = cost;
	search->best.scale = scale;
	search->best.low = low;
	search->best.high = high;
	return true;
}

static void try_ends(struct search *search, enum asc_scale scale, s64 low, s64 high, u32 *end)
{
	u32 stored_low = try_low(search, low), stored_high = try_high(search, high);

	try_stored(search, scale, stored_low < stored_high ? stored_low : stored_high, stored_high,
		   end);
}

static u32 point_weight(enum asc_scale scale, u32 index)
{
	if (scale == ASC_SCALE_LOG)
		return log_weights[index];
	if (index < ASC_POINTS / 2)
		return linear_weights[index];
	return 16 - linear_weights[ASC_POINTS - 1 - index];
}

enum { BOTH_SCALES = 1u << ASC_SCALE_LINEAR | 1u << ASC_SCALE_LOG };

static const struct asc_search_kernels *kernels_of(const struct search *search)
{
	const struct fmc_kernels *kernels = search->format->kernels;

	return kernels ? kernels->search : NULL;
}

/*
 * Endpoints that fit best by least squares, as long as each value keeps its point: a
 * value is l / 16 of the low endpoint and h / 16 of the high one.
 */
static void fit_ends(const struct search *search, const struct asc_fit *fit, s64 *low, s64 *high)
{
	const struct asc_sorted *s = search->sorted;
	u32 hh = fit->squares, lh = 16 * fit->high - hh, ll = 256 * s->count - 16 * fit->high - lh;
	u64 hv = fit->products, lv = 16 * (u64)s->sums[s->count] - hv;
	s64 determinant;

	if (search->format->endpoints == 1) {
		if (hh)
			*high = fmc_div_s64(16 * (s64)hv + hh / 2, hh);
		return;
	}
	/* 64 values with weights of at most 16: this is below 2^28 */
	determinant = (s64)ll * hh - (s64)lh * lh;
	if (determinant <= 0)
		return;
	*low = fmc_div_s64(16 * ((s64)hh * lv - (s64)lh * hv) + determinant / 2, determinant);
	*high = fmc_div_s64(16 * ((s64)ll * hv - (s64)lh * lv) + determinant / 2, determinant);
}

static void add_weights(const struct asc_sorted *s, enum asc_scale scale, const u32 *end,
			struct asc_fit *fit)
{
	u32 first = 0, k;

	memset(fit, 0, sizeof(*fit));
	for (k = 0; k < ASC_POINTS; k++) {
		u32 count = end[k] - first, values = s->sums[end[k]] - s->sums[first];
		u32 weight = point_weight(scale, k);

		fit->high += count * weight;
		fit->squares += count * weight * weight;
		fit->products += weight * values;
		first = end[k];
	}
}

/* Times that endpoints are fitted to the points that the last ones gave. */
#define FIT_ROUNDS	2

static noinline void search_by_fit(struct search *search, enum asc_scale scale, s64 low,
				   s64 high)
{
	u32 end[ASC_POINTS], round;
	struct asc_fit fit;

	for (round = 0; round < FIT_ROUNDS; round++) {
		s64 last_low = low, last_high = high;

		try_ends(search, scale, low, high, end);
		add_weights(search->sorted, scale, end, &fit);
		fit_ends(search, &fit, &low, &high);
		if (low == last_low && high == last_high)
			return;
	}
	try_ends(search, scale, low, high, end);
}

/*
 * Are all errors so small that 64, or 32, squares of them make less than 2^32?  Points lie at
 * most a quarter of a range apart.
 */
static bool squares_fit(const struct asc_sorted *s, const u32 *lows, const u32 *highs, u32 count)
{
	u32 limit = s->count > 32 ? 8191 : 11585, least = s->values[0];
	u32 greatest = s->values[s->count - 1], i;

	/* the first low end is the least */
	for (i = 0; i < count; i++) {
		if (highs[i] > lows[0] + 4 * limit || lows[i] > least + limit ||
		    highs[i] + limit < greatest)
			return false;
	}
	return true;
}

/* One scale after the other, as if tried so: the first of equals is kept. */
static noinline bool fit_both(struct search *search, s64 low, s64 high)
{
	s64 lows[2] = { low, low }, highs[2] = { high, high };
	struct ends best[2] = { search->best, search->best };
	u64 costs[2] = { ~0ull, ~0ull };
	struct asc_tries tries;
	struct asc_fit fits[2];
	u32 round, s;

	for (round = 0; round <= FIT_ROUNDS; round++) {
		for (s = ASC_SCALE_LINEAR; s <= ASC_SCALE_LOG; s++) {
			u32 stored_low = try_low(search, lows[s]);
			u32 stored_high = try_high(search, highs[s]);

			if (stored_low > stored_high)
				stored_low = stored_high;
			if (!squares_fit(search->sorted, &stored_low, &stored_high, 1))
				return false;
			tries.low[s] = stored_low;
			tries.high[s] = stored_high;
		}
		kernels_of(search)->fit(search->sorted, &tries, fits);
		for (s = ASC_SCALE_LINEAR; s <= ASC_SCALE_LOG; s++) {
			if (fits[s].cost < costs[s]) {
				costs[s] = fits[s].cost;
				best[s].low = tries.low[s];
				best[s].high = tries.high[s];
			}
			if (round < FIT_ROUNDS)
				fit_ends(search, &fits[s], &lows[s], &highs[s]);
		}
	}
	s = costs[ASC_SCALE_LOG] < costs[ASC_SCALE_LINEAR] ? ASC_SCALE_LOG : ASC_SCALE_LINEAR;
	search->best = best[s];
	search->best.scale = s;
	search->cost = costs[s];
	return true;
}

/* Steps in which endpoints are moved: the range divided by 2 to the power of these. */
#define COARSE_STEP	4
#define FINE_STEP	6

/* Times that each step is taken, as long as it helps. */
#define MOVE_ROUNDS	2

/* The first two leave the low endpoint where it is. */
static const struct { signed char low, high; } moves[] = {
	{ 0, -1 }, { 0, 1 }, { -1, 0 }, { 1, 0 },
	{ 1, -1 }, { -1, 1 }, { -1, -1 }, { 1, 1 },
};

/* The same by vector code. */
static noinline bool try_all(struct search *search, u32 scales, const u32 *lows, const u32 *highs,
			     u32 count)
{
	struct asc_tries tries __uninitialized;
	u32 i, at;
	u64 cost;

	for (i = 0; i < ASC_TRIES / 2; i++) {
		u32 high = highs[moves[i % count].high + 1], low = lows[moves[i % count].low + 1];

		tries.low[2 * i] = low < high ? low : high;
		tries.low[2 * i + 1] = tries.low[2 * i];
		tries.high[2 * i] = high;
		tries.high[2 * i + 1] = high;
	}
	tries.scales = scales;
	at = kernels_of(search)->try_all(search->sorted, &tries, &cost);
	if (cost >= search->cost)
		return false;
	search->cost = cost;
	search->best.scale = at & 1 ? ASC_SCALE_LOG : ASC_SCALE_LINEAR;
	search->best.low = tries.low[at];
	search->best.high = tries.high[at];
	return true;
}

/* Try the ends around the best ones, on either scale.  Returns whether one is better. */
static bool move_ends(struct search *search, u32 scales, s64 step)
{
	u32 count = search->format->endpoints == 2 ? 8 : 2, end[ASC_POINTS], lows[3], highs[3];
	bool better = false;
	u32 i, s;

	for (i = 0; i < 3; i++) {
		lows[i] = try_low(search, search->best.low + ((s64)i - 1) * step);
		highs[i] = try_high(search, search->best.high + ((s64)i - 1) * step);
	}
	if (kernels_of(search) && squares_fit(search->sorted, lows, highs, 3))
		return try_all(search, scales, lows, highs, count);
	for (i = 0; i < count; i++) {
		u32 high = highs[moves[i].high + 1], low = lows[moves[i].low + 1];

		for (s = ASC_SCALE_LINEAR; s <= ASC_SCALE_LOG; s++) {
			if (scales & 1u << s)
				better |= try_stored(search, s, low < high ? low : high, high, end);
		}
	}
	return better;
}

static void search_around(struct search *search, u32 scales, u32 range)
{
	u32 shift, round;

	for (shift = COARSE_STEP; shift <= FINE_STEP; shift++) {
		u32 step = range >> shift ? range >> shift : 1;

		for (round = 0; round < MOVE_ROUNDS; round++) {
			if (!move_ends(search, scales, step))
				break;
		}
		if (step == 1)
			break;
	}
}

/*
 * Find endpoints and scale with the least cost, from the extreme values.  The scratch
 * memory has room for the values.
 */
static noinline void search_ends(const struct asc_block_format *f, u32 scales,
				 const u16 *numbers, u16 *scratch, struct ends *ends)
{
	struct search search = { .format = f, .cost = ~0ull, .best = *ends };
	const struct asc_search_kernels *kernels;
	u32 scales_to_fit = scales, s;
	struct asc_sorted sorted;

	sorted.values = scratch;
	search.sorted = &sorted;
	kernels = kernels_of(&search);
	if (kernels && kernels->sort)
		kernels->sort(numbers, f->values, &sorted);
	else
		sort_values(numbers, f->values, &sorted);
	if (kernels && kernels->fit && scales == BOTH_SCALES &&
	    fit_both(&search, ends->low, ends->high))
		scales_to_fit = 0;
	for (s = ASC_SCALE_LINEAR; s <= ASC_SCALE_LOG; s++) {
		if (scales_to_fit & 1u << s)
			search_by_fit(&search, s, ends->low, ends->high);
	}
	search_around(&search, scales, ends->high - ends->low);
	*ends = search.best;
}

/*
 * Keep the scale with the smaller sum of absolute errors; the linear one if equal. Each has
 * a place of its own.
 */
static enum asc_scale quantise_by_scale(const struct asc_block_format *f, u32 scales, u32 low,
					u32 high, const u16 *values, struct quantised *q)
{
	u32 points[ASC_POINTS] __uninitialized, error = ~0u;

	if (scales & 1u << ASC_SCALE_LINEAR) {
		scale_points(ASC_SCALE_LINEAR, low, high, points);
		error = quantise(f, points, values, &q[ASC_SCALE_LINEAR]);
	}
	if (!(scales & 1u << ASC_SCALE_LOG) || !error)
		return ASC_SCALE_LINEAR;
	scale_points(ASC_SCALE_LOG, low, high, points);
	if (quantise(f, points, values, &q[ASC_SCALE_LOG]) >= error)
		return ASC_SCALE_LINEAR;
	return ASC_SCALE_LOG;
}

static const struct asc_float_kernels *float_kernels(const struct asc_block_format *f)
{
	return f->kernels ? f->kernels->floats : &asc_float_kernels_scalar;
}

/* Values as numbers to work on. */
static void to_numbers(const struct asc_block_format *f, u32 exponent, const u16 *values,
		       u16 *numbers)
{
	u32 zero = f->endpoints == 1 ? f->zero : 0, i;

	if (!is_float(f)) {
		for (i = 0; i < f->values; i++)
			numbers[i] = values[i] > zero ? values[i] - zero : 0;
		return;
	}
	float_kernels(f)->to_fixed(f->kind, exponent, values, f->values, numbers);
	for (i = 0; zero && i < f->values; i++)
		numbers[i] = numbers[i] > zero ? numbers[i] - zero : 0;
}

/* Of floats in the full profile: the largest exponent of the values that count. */
static u32 largest_exponent(const struct asc_block_format *f, const u16 *values)
{
	/* with one endpoint, what is negative becomes 0 */
	bool positive = f->endpoints == 1;

	return asc_magnitude_exponent(asc_fraction_bits(f->kind),
				      float_kernels(f)->largest(f->kind, values, f->values,
								positive));
}

static void find_extremes(const struct asc_block_format *f, const u16 *numbers, struct ends *ends)
{
	u16 low = numbers[0], high = numbers[0];
	u32 i;

	for (i = 0; i < f->values; i++) {
		low = numbers[i] < low ? numbers[i] : low;
		high = numbers[i] > high ? numbers[i] : high;
	}
	ends->low = f->endpoints == 1 ? 0 : low;
	ends->high = high;
}

/* What the points that values take become. */
static void decode_quantised(const struct asc_block_format *f, const struct ends *ends,
			     const struct quantised *q, u16 *decoded)
{
	u16 zero = f->endpoints == 1 ? f->zero : 0, room = max_value(f) - zero;
	u16 values[ASC_POINTS] __uninitialized;
	u32 i;

	if (!is_float(f)) {
		for (i = 0; i < f->values; i++)
			decoded[i] = (q->nearest[i] < room ? q->nearest[i] : room) + zero;
		return;
	}
	palette(f, ends, values);
	for (i = 0; i < f->values; i++)
		decoded[i] = values[q->indices[i]];
}

/* Numbers between ends to bits, on the better scale. */
static noinline void write_block(const struct asc_block_format *f, u32 scales, struct ends *ends,
				 const u16 *numbers, u8 *bits, u16 *decoded)
{
	struct quantised q[2] __uninitialized;

	ends->scale = quantise_by_scale(f, scales, ends->low, ends->high, numbers, q);
	store_ends(f, ends, bits);
	put_indices(f, q[ends->scale].indices, bits);
	decode_quantised(f, ends, &q[ends->scale], decoded);
}

/**
 * asc_block_encode - one block of values to bits
 * @f: format
 * @scales: which scales may be used: a mask of 1 << ASC_SCALE_LINEAR and
 *	1 << ASC_SCALE_LOG, not empty
 * @effort: ASC_EFFORT_HW: endpoints are the extreme values, and the scale with
 *	the smaller sum of absolute errors is kept, the linear one if they are
 *	equal (ASC paper: choice by L1 error).  ASC_EFFORT_BEST: a search.
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
	u16 numbers[FMC_BLOCK_MAX_VALUES] __uninitialized;
	u8 stored[4];
	struct ends ends = { 0 };

	ends.exponent = is_float(f) && !f->narrow ? largest_exponent(f, values) : f->exponent;
	to_numbers(f, ends.exponent, values, numbers);
	find_extremes(f, numbers, &ends);
	if (effort == ASC_EFFORT_BEST && ends.low < ends.high) {
		search_ends(f, scales, numbers, decoded, &ends);
		scales = 1u << ends.scale;
	}
	/* as they will be read: rounded, of floats with an exponent of their own */
	store_ends(f, &ends, stored);
	load_ends(f, stored, &ends);
	if (is_float(f) && !f->narrow)
		to_numbers(f, ends.exponent, values, numbers);
	write_block(f, scales, &ends, numbers, bits, decoded);
	return ends.scale;
}

/**
 * asc_block_palette - the eight values that a block can hold
 * @f: format
 * @bits: the first bytes of a block, with its endpoints; any content is valid
 * @values: receives ASC_POINTS values
 */
void asc_block_palette(const struct asc_block_format *f, const u8 *bits, u16 *values)
{
	struct ends ends;

	load_ends(f, bits, &ends);
	palette(f, &ends, values);
}

/**
 * asc_block_decode - bits to one block of values
 * @f: format
 * @bits: asc_block_bytes(f) bytes; any content is valid
 * @values: receives f->values unsigned numbers of f->bits bits
 */
void asc_block_decode(const struct asc_block_format *f, const u8 *bits, u16 *values)
{
	u16 palette_values[ASC_POINTS] __uninitialized;
	struct ends ends;
	u32 i;

	load_ends(f, bits, &ends);
	palette(f, &ends, palette_values);
	bits += f->endpoints * asc_endpoint_bytes(f);
	for (i = 0; i < f->values; i += 8, bits += 3, values += 8) {
		u32 word = bits[0] | (u32)bits[1] << 8 | (u32)bits[2] << 16;

		values[0] = palette_values[word & 7];
		values[1] = palette_values[word >> 3 & 7];
		values[2] = palette_values[word >> 6 & 7];
		values[3] = palette_values[word >> 9 & 7];
		values[4] = palette_values[word >> 12 & 7];
		values[5] = palette_values[word >> 15 & 7];
		values[6] = palette_values[word >> 18 & 7];
		values[7] = palette_values[word >> 21];
	}
}
