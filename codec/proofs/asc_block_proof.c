// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * For CBMC: asc_block.c on every block of a format.  VALUES, BITS, ENDPOINTS, SCALES,
 * INDEX, KIND and NARROW name a case; its zero point is any.
 *
 * Beside the assertions, CBMC shows for each access that it is inside its object and
 * for each operation that it is defined.
 */

#include "nearest.h"
#include "../asc_block.c"
#include "proof.h"

#ifndef VALUES
#define VALUES		8
#endif
#ifndef ENDPOINTS
#define ENDPOINTS	2
#endif
#ifndef SCALES
#define SCALES		3
#endif
#ifndef INDEX
#define INDEX		0
#endif
#ifndef KIND
#define KIND		0
#endif
#ifndef NARROW
#define NARROW		0
#endif

#define BYTES	(ENDPOINTS * (NARROW ? 1 : BITS / 8) + VALUES * 3 / 8)

/* Format of blocks of eight integers, of which quantise() wants no more. */
static struct asc_block_format eight_values(void)
{
	struct asc_block_format f = { .values = 8, .bits = BITS };

	return f;
}

/* The point that quantise() finds for a value; nearest() shows that each is taken alone. */
static u32 found_index(const u32 *points, u32 value)
{
	struct asc_block_format f = eight_values();
	u16 values[8] = { value };
	struct quantised q;

	quantise(&f, points, values, &q);
	return q.indices[0];
}

static struct asc_block_format any_format(void)
{
	struct asc_block_format f = {
		.values = VALUES,
		.bits = BITS,
		.endpoints = ENDPOINTS,
		.zero = KIND ? ASC_FLOAT_ZERO : any_u32(),
		.kind = KIND,
		.narrow = NARROW,
		.exponent = any_u32(),
	};

	ASSUME(f.zero <= max_value(&f));
	ASSUME(f.exponent >= 1 && f.exponent <= (KIND ? asc_max_exponent(KIND) : 16));
	return f;
}

/* The plain version of vector code, which other provers get. */
void nearest(void)
{
	u16 values[8], step[ASC_POINTS - 1], points[8], plain_points[8], first = any_u32();
	short threshold[ASC_POINTS - 1];
	u8 indices[8], plain_indices[8];
	u32 i, k;

	for (i = 0; i < 8; i++)
		values[i] = any_u32();
	for (k = 0; k < ASC_POINTS - 1; k++) {
		threshold[k] = any_u32();
		step[k] = any_u32();
	}
	nearest_of_eight(values, first, threshold, step, points, indices);
	nearest_in_plain_c(values, first, threshold, step, plain_points, plain_indices);
	i = any_u32();
	ASSUME(i < 8);
	ASSERT(points[i] == plain_points[i] && indices[i] == plain_indices[i], "the same");
}

/* The decoder, on any bytes. */
void decode(void)
{
	struct asc_block_format f = any_format();
	u8 bits[BYTES];
	u16 values[VALUES];
	u32 i = any_u32();

	asc_block_decode(&f, bits, values);
	ASSUME(i < VALUES);
	if (KIND)
		ASSERT(values[i] == asc_float_finite(KIND, values[i]), "a finite number");
	else
		ASSERT(values[i] <= max_value(&f), "a value of the type");
}

/* What a value takes is the point that its index names, of any points that do not fall. */
void taken(void)
{
	struct asc_block_format f = eight_values();
	u32 points[ASC_POINTS], i;
	struct quantised q;
	u16 values[8];

	for (i = 0; i < 8; i++)
		values[i] = any_u32();
	for (i = 0; i < ASC_POINTS; i++) {
		points[i] = any_u32();
		ASSUME(points[i] <= 0xffff && (!i || points[i - 1] <= points[i]));
	}
	quantise(&f, points, values, &q);
	i = any_u32();
	ASSUME(i < 8);
	ASSERT(q.indices[i] < ASC_POINTS && q.nearest[i] == points[q.indices[i]], "its point");
}

/*
 * What write_block() writes, whatever its values take: of ends as they can be read, since the
 * encoder reads them first, and of indices.  The decoder makes of it what the encoder says.
 */
void written(void)
{
	struct asc_block_format f = any_format();
	u16 decoded[VALUES], back[VALUES];
	u8 stored[4], bits[BYTES];
	u32 points[ASC_POINTS], i;
	struct quantised q;
	struct ends ends;

	for (i = 0; i < sizeof(stored); i++)
		stored[i] = any_u32();
	load_ends(&f, stored, &ends);
	ends.scale = any_u32() & 1 ? ASC_SCALE_LOG : ASC_SCALE_LINEAR;
	/* values between equal ends have no error, with which the linear scale is kept */
	ASSUME(ends.low < ends.high || ends.scale == ASC_SCALE_LINEAR);
	scale_points(ends.scale, ends.low, ends.high, points);
	for (i = 0; i < VALUES; i++) {
		q.indices[i] = any_u32() % ASC_POINTS;
		q.nearest[i] = points[q.indices[i]];
	}
	store_ends(&f, &ends, bits);
	put_indices(&f, q.indices, bits);
	decode_quantised(&f, &ends, &q, decoded);
	asc_block_decode(&f, bits, back);
	i = any_u32();
	ASSUME(i < VALUES);
	ASSERT(back[i] == decoded[i], "decoded as the encoder says");
}

/* Half the largest gap: 3/16 of the range on the linear scale, 4/16 on the other. */
static void check_error(u32 low, u32 high, u32 value, u32 decoded)
{
	u32 sixteenths_of_gap = SCALES == 1 << ASC_SCALE_LINEAR ? 3 : 4;

	ASSERT(2 * distance(value, decoded) <= ((high - low) * sixteenths_of_gap + 15) / 16,
	       "within half the largest gap");
}

static void all_points(u32 low, u32 high, u32 *points, u32 *thresholds)
{
	scale_points(SCALES == 1 << ASC_SCALE_LINEAR ? ASC_SCALE_LINEAR : ASC_SCALE_LOG, low, high,
		     points);
	make_thresholds(points, thresholds);
}

/* A range that begins at 0, a value in it that takes the point INDEX: its error. */
void point(void)
{
	u32 points[ASC_POINTS], thresholds[ASC_POINTS - 1], high = any_u32(), value = any_u32();

	ASSUME(value <= high && high >> BITS == 0);
	all_points(0, high, points, thresholds);
	ASSUME(found_index(points, value) == INDEX);
	check_error(0, high, value, points[INDEX]);
}

/* Any other range is such a one, moved: its points by its beginning. */
void moved_points(void)
{
	u32 points[ASC_POINTS], thresholds[ASC_POINTS - 1], zero_points[ASC_POINTS];
	u32 low = any_u32(), high = any_u32(), k;

	ASSUME(low <= high && high >> BITS == 0);
	all_points(low, high, points, thresholds);
	all_points(0, high - low, zero_points, thresholds);
	for (k = 0; k < ASC_POINTS; k++)
		ASSERT(points[k] == low + zero_points[k], "moved");
}

/* So are thresholds, by twice that, and index by index, whatever the points. */
void moved_thresholds(void)
{
	u32 points[ASC_POINTS], zero_points[ASC_POINTS], low = any_u32(), k;
	u32 thresholds[ASC_POINTS - 1], zero_thresholds[ASC_POINTS - 1];

	ASSUME(low >> BITS == 0);
	for (k = 0; k < ASC_POINTS; k++) {
		zero_points[k] = any_u32();
		ASSUME(zero_points[k] >> BITS == 0);
		points[k] = low + zero_points[k];
	}
	make_thresholds(points, thresholds);
	make_thresholds(zero_points, zero_thresholds);
	for (k = 0; k < ASC_POINTS - 1; k++)
		ASSERT(thresholds[k] == 2 * low + zero_thresholds[k], "moved");
}
