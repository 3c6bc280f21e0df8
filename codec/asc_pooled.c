// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A block of the pooled profile: values share one step, and the bits of the block go to
 * those that need them.  Documentation/format.rst, "Pooled profile", is the specification.
 */

#include "asc_pooled.h"

#define GROUP		ASC_POOLED_GROUP
#define MAX_GROUPS	(FMC_BLOCK_MAX_VALUES / GROUP)
#define BLOCK_BITS	(4 * FMC_BLOCK_MAX_VALUES)

/* A step is (8 + mantissa) * 2^exponent / 8. */
#define MANTISSA_BITS	3
#define UNIT		(1u << MANTISSA_BITS)

#define CODE_BITS	5

/* Codes of a group: plain indices, by number of levels; then Golomb-Rice; then a mask. */
#define PLAIN_CODES	13
#define RICE_CODES	8
#define MASK_CODES	11

#define FIRST_RICE	PLAIN_CODES
#define FIRST_MASK	(PLAIN_CODES + RICE_CODES)

/* Indices of a pair below the number of levels, and the bits that a pair of them takes. */
static const u16 plain_levels[PLAIN_CODES] = { 1, 2, 4, 5, 8, 11, 16, 22, 32, 45, 64, 128, 256 };
static const u8 pair_bits[PLAIN_CODES] = { 0, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16 };

static u32 exponent_bits(const struct asc_block_format *f)
{
	return f->bits == 8 ? 3 : 4;
}

static u32 step_bits(const struct asc_block_format *f)
{
	return exponent_bits(f) + MANTISSA_BITS;
}

/* Bits of the base, which is a number of steps: the fewer the larger they are. */
static u32 base_bits(const struct asc_block_format *f, u32 step_code)
{
	return f->bits + 1 - (step_code >> MANTISSA_BITS);
}

static u32 header_bits(const struct asc_block_format *f, u32 step_code)
{
	u32 base = f->endpoints == 2 ? 1 + base_bits(f, step_code) : 0;

	return step_bits(f) + base + f->values / GROUP * CODE_BITS;
}

/* Eighths. */
static u32 step_of(u32 step_code)
{
	return (UNIT + step_code % UNIT) << (step_code >> MANTISSA_BITS);
}

static bool is_float(const struct asc_block_format *f)
{
	return f->kind != ASC_INTEGER;
}

/* Numbers to work on are distances from zero. */
static s32 to_distance(const struct asc_block_format *f, u32 value)
{
	s32 distance;

	if (is_float(f))
		value = asc_float_to_fixed(f->kind, f->exponent, asc_float_finite(f->kind, value));
	distance = (s32)value - (s32)f->zero;
	return f->endpoints == 1 && distance < 0 ? 0 : distance;
}

static u32 min_u32(u32 a, u32 b)
{
	return a < b ? a : b;
}

/* The distance of a number of steps, rounded; more steps than there can be give the most. */
static s32 distance_of(const struct asc_block_format *f, u32 step_code, s32 steps)
{
	u32 most = 1u << (f->bits - (step_code >> MANTISSA_BITS));
	u32 magnitude = min_u32(steps < 0 ? -steps : steps, most);

	magnitude = (magnitude * step_of(step_code) + UNIT / 2) / UNIT;
	return steps < 0 ? -(s32)magnitude : (s32)magnitude;
}

static u32 value_of(const struct asc_block_format *f, u32 step_code, s32 steps)
{
	s32 number = (s32)f->zero + distance_of(f, step_code, steps);
	s32 most = (1 << f->bits) - 1, least = 0;

	/* fixed point has 0 in the middle, and as many numbers on either side */
	if (is_float(f))
		least = 1;
	number = number < least ? least : number > most ? most : number;
	if (is_float(f))
		return asc_float_from_fixed(f->kind, f->exponent, number);
	return number;
}

/**
 * struct plan - how a block is coded, but for its indices
 * @step_code: exponent and mantissa of the step
 * @base: steps that every index is relative to
 * @centred: indices go up and down from the base by turns: 0, 1, -1, 2, -2
 * @codes: of the groups
 */
struct plan {
	u32 step_code;
	s32 base;
	bool centred;
	u8 codes[MAX_GROUPS];
};

static u32 index_of(const struct plan *plan, s32 steps)
{
	steps -= plan->base;
	if (!plan->centred)
		return steps;
	return steps > 0 ? 2 * steps - 1 : -2 * steps;
}

static s32 steps_of(const struct plan *plan, u32 index)
{
	s32 half = (s32)(index + 1) / 2;

	if (!plan->centred)
		return plan->base + (s32)index;
	return plan->base + (index & 1 ? half : -half);
}

/*
 * Distances in steps, to nearest; of two to the even one, so that errors have no bias.
 * The reciprocal is exact: a distance in eighths is below 2^20, and the divisor below 16.
 */
static void to_steps(const struct asc_block_format *f, u32 step_code, const s32 *distances,
		     s32 *steps)
{
	u32 step = step_of(step_code), exponent = step_code >> MANTISSA_BITS, i;
	u32 reciprocal = (1u << 24) / (UNIT + step_code % UNIT) + 1;

	for (i = 0; i < f->values; i++) {
		u32 magnitude = distances[i] < 0 ? -distances[i] : distances[i];
		u32 sum = magnitude * UNIT + step / 2;
		u32 count = (u64)(sum >> exponent) * reciprocal >> 24;

		if (count * step == sum && !(step & 1))
			count &= ~1u;
		steps[i] = distances[i] < 0 ? -(s32)count : (s32)count;
	}
}

/* Bits of a group's indices with its best code, the first of equals. */
static u32 choose_code(const u32 *indices, u8 *code)
{
	u32 max = 0, nonzero = 0, best, i, k;

	for (i = 0; i < GROUP; i++) {
		if (indices[i] > max)
			max = indices[i];
		nonzero += !!indices[i];
	}
	for (k = 0; k < PLAIN_CODES && plain_levels[k] <= max; k++)
		;
	best = k < PLAIN_CODES ? GROUP / 2 * pair_bits[k] : ~0u;
	*code = k;
	for (k = 0; k < RICE_CODES; k++) {
		u32 bits = GROUP * (k + 1);

		for (i = 0; i < GROUP; i++)
			bits += indices[i] >> k;
		if (bits < best) {
			best = bits;
			*code = FIRST_RICE + k;
		}
	}
	for (k = 0; k < MASK_CODES && 1u << k < max; k++)
		;
	if (k < MASK_CODES && GROUP + nonzero * k < best) {
		best = GROUP + nonzero * k;
		*code = FIRST_MASK + k;
	}
	return best;
}

/* Bits of the block; chooses the codes of the groups. */
static u32 choose_codes(const struct asc_block_format *f, struct plan *plan, const s32 *steps)
{
	u32 bits = header_bits(f, plan->step_code), indices[GROUP], g, i;

	for (g = 0; g < f->values / GROUP; g++, steps += GROUP) {
		for (i = 0; i < GROUP; i++)
			indices[i] = index_of(plan, steps[i]);
		bits += choose_code(indices, &plan->codes[g]);
	}
	return bits;
}

static s32 clamp_base(const struct asc_block_format *f, u32 step_code, s32 base)
{
	s32 limit = 1 << (base_bits(f, step_code) - 1);

	return base < -limit ? -limit : base >= limit ? limit - 1 : base;
}

/* The base of a block is its least value, or its mean if indices go both ways. */
static void choose_base(const struct asc_block_format *f, struct plan *plan, const s32 *steps)
{
	s32 least = steps[0], sum = 0;
	u32 i;

	plan->base = 0;
	if (f->endpoints == 1)
		return;
	for (i = 0; i < f->values; i++) {
		if (steps[i] < least)
			least = steps[i];
		sum += steps[i];
	}
	if (plan->centred) {
		/* rounded, and the same for both signs */
		s32 half = (s32)f->values / 2;

		least = (sum + (sum < 0 ? -half : half)) / (s32)f->values;
	}
	plan->base = clamp_base(f, plan->step_code, least);
}

static noinline bool fits(const struct asc_block_format *f, const s32 *distances,
			  struct plan *plan)
{
	s32 steps[FMC_BLOCK_MAX_VALUES];

	to_steps(f, plan->step_code, distances, steps);
	choose_base(f, plan, steps);
	return choose_codes(f, plan, steps) <= 4 * f->values;
}

/*
 * Successive approximation of the smallest step with which the block fits.  With the
 * largest step it always does.
 */
static void find_step(const struct asc_block_format *f, const s32 *distances, struct plan *plan)
{
	u32 bit, found = 0;

	for (bit = 1u << (step_bits(f) - 1); bit; bit >>= 1) {
		plan->step_code = found + bit - 1;
		if (!fits(f, distances, plan))
			found += bit;
	}
	plan->step_code = found;
	fits(f, distances, plan);
}

struct writer {
	u8 *bits;
	u32 at;
};

static void put(struct writer *w, u32 value, u32 count)
{
	for (; count--; value >>= 1, w->at++)
		w->bits[w->at / 8] |= (value & 1) << (w->at % 8);
}

static void put_plain(struct writer *w, const u32 *indices, u32 code)
{
	u32 i;

	for (i = 0; i < GROUP; i += 2)
		put(w, indices[i] + plain_levels[code] * indices[i + 1], pair_bits[code]);
}

static void put_rice(struct writer *w, const u32 *indices, u32 low)
{
	u32 i, k;

	for (i = 0; i < GROUP; i++)
		put(w, indices[i], low);
	for (i = 0; i < GROUP; i++) {
		for (k = indices[i] >> low; k; k--)
			put(w, 1, 1);
		put(w, 0, 1);
	}
}

static void put_masked(struct writer *w, const u32 *indices, u32 width)
{
	u32 i;

	for (i = 0; i < GROUP; i++)
		put(w, !!indices[i], 1);
	for (i = 0; i < GROUP; i++) {
		if (indices[i])
			put(w, indices[i] - 1, width);
	}
}

static void put_header(const struct asc_block_format *f, const struct plan *plan,
		       struct writer *w)
{
	u32 g;

	memset(w->bits, 0, f->values / 2);
	put(w, plan->step_code, step_bits(f));
	if (f->endpoints == 2) {
		put(w, plan->centred, 1);
		put(w, plan->base, base_bits(f, plan->step_code));
	}
	for (g = 0; g < f->values / GROUP; g++)
		put(w, plan->codes[g], CODE_BITS);
}

static void write_block(const struct asc_block_format *f, const struct plan *plan,
			const s32 *steps, u8 *bits)
{
	struct writer w = { bits, 0 };
	u32 indices[GROUP], g, i;

	put_header(f, plan, &w);
	for (g = 0; g < f->values / GROUP; g++, steps += GROUP) {
		u32 code = plan->codes[g];

		for (i = 0; i < GROUP; i++)
			indices[i] = index_of(plan, steps[i]);
		if (code < FIRST_RICE)
			put_plain(&w, indices, code);
		else if (code < FIRST_MASK)
			put_rice(&w, indices, code - FIRST_RICE);
		else
			put_masked(&w, indices, code - FIRST_MASK);
	}
}

/**
 * asc_pooled_encode - one block of values to bits
 * @f: format
 * @effort: ASC_EFFORT_HW: the smallest step that fits, by successive approximation.
 *	ASC_EFFORT_BEST: a search.
 * @values: f->values unsigned numbers of f->bits bits
 * @bits: receives asc_block_bytes(f) bytes
 * @decoded: receives what asc_pooled_decode() will make of them
 */
void asc_pooled_encode(const struct asc_block_format *f, enum asc_effort effort,
		       const u16 *values, u8 *bits, u16 *decoded)
{
	struct plan plan = { 0 }, centred = { .centred = true };
	s32 numbers[FMC_BLOCK_MAX_VALUES];
	u32 i;

	for (i = 0; i < f->values; i++)
		numbers[i] = to_distance(f, values[i]);
	find_step(f, numbers, &plan);
	if (f->endpoints == 2) {
		find_step(f, numbers, &centred);
		if (centred.step_code < plan.step_code)
			plan = centred;
	}
	to_steps(f, plan.step_code, numbers, numbers);
	write_block(f, &plan, numbers, bits);
	for (i = 0; i < f->values; i++)
		decoded[i] = value_of(f, plan.step_code, numbers[i]);
}

/**
 * struct reader - the bits of a block
 * @bits: a copy, and zeros behind
 * @at: bits read
 * @end: bits of the block; behind them all bits are 0
 */
struct reader {
	u8 bits[BLOCK_BITS / 8 + 4];
	u32 at, end;
};

/* At least 25 bits. */
static u32 peek(const struct reader *r)
{
	const u8 *b = r->bits + r->at / 8;

	return (b[0] | (u32)b[1] << 8 | (u32)b[2] << 16 | (u32)b[3] << 24) >> (r->at % 8);
}

static void skip(struct reader *r, u32 count)
{
	r->at = min_u32(r->at + count, r->end);
}

/* At most 25 bits. */
static u32 get(struct reader *r, u32 count)
{
	u32 value = peek(r) & ((1u << count) - 1);

	skip(r, count);
	return value;
}

static void get_plain(struct reader *r, u32 code, u32 *indices)
{
	u32 i;

	for (i = 0; i < GROUP; i += 2) {
		u32 pair = get(r, pair_bits[code]);

		indices[i] = pair % plain_levels[code];
		indices[i + 1] = pair / plain_levels[code];
	}
}

/* Ones up to a zero, of which there is one behind the end. */
static u32 get_unary(struct reader *r)
{
	u32 count = 0, ones;

	do {
		ones = min_u32(__builtin_ctz(~peek(r) | 1u << 24), 24);
		count += ones;
		skip(r, ones);
	} while (ones == 24);
	skip(r, 1);
	return count;
}

static void get_rice(struct reader *r, u32 low, u32 *indices)
{
	u32 i;

	for (i = 0; i < GROUP; i++)
		indices[i] = get(r, low);
	for (i = 0; i < GROUP; i++)
		indices[i] |= get_unary(r) << low;
}

static void get_masked(struct reader *r, u32 width, u32 *indices)
{
	u32 mask = get(r, GROUP), i;

	for (i = 0; i < GROUP; i++)
		indices[i] = mask >> i & 1 ? get(r, width) + 1 : 0;
}

static void get_group(struct reader *r, u32 code, u32 *indices)
{
	if (code < FIRST_RICE)
		get_plain(r, code, indices);
	else if (code < FIRST_MASK)
		get_rice(r, code - FIRST_RICE, indices);
	else
		get_masked(r, code - FIRST_MASK, indices);
}

static void get_header(const struct asc_block_format *f, struct reader *r, struct plan *plan)
{
	u32 g;

	plan->step_code = get(r, step_bits(f));
	plan->centred = false;
	plan->base = 0;
	if (f->endpoints == 2) {
		u32 bits = base_bits(f, plan->step_code), sign = 1u << (bits - 1);

		plan->centred = get(r, 1);
		plan->base = (s32)(get(r, bits) ^ sign) - (s32)sign;
	}
	for (g = 0; g < f->values / GROUP; g++)
		plan->codes[g] = get(r, CODE_BITS);
}

/**
 * asc_pooled_decode - bits to one block of values
 * @f: format
 * @bits: asc_block_bytes(f) bytes; any content is valid
 * @values: receives f->values unsigned numbers of f->bits bits
 */
void asc_pooled_decode(const struct asc_block_format *f, const u8 *bits, u16 *values)
{
	struct reader r = { .end = 4 * f->values };
	u32 indices[GROUP], g, i;
	struct plan plan;

	memcpy(r.bits, bits, f->values / 2);
	get_header(f, &r, &plan);
	for (g = 0; g < f->values / GROUP; g++, values += GROUP) {
		get_group(&r, plan.codes[g], indices);
		for (i = 0; i < GROUP; i++)
			values[i] = value_of(f, plan.step_code, steps_of(&plan, indices[i]));
	}
}
