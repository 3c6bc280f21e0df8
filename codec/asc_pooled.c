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
#define CODES		(PLAIN_CODES + RICE_CODES + MASK_CODES)

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
	return f->bits + 1 - (step_code / UNIT);
}

/* Without the codes. */
static u32 header_bits(const struct asc_block_format *f, u32 step_code)
{
	return step_bits(f) + 2 + (f->endpoints == 2 ? base_bits(f, step_code) : 0);
}

/* More give the largest distance all the same. */
static s32 most_steps(const struct asc_block_format *f, u32 step_code)
{
	return 1 << (f->bits - step_code / UNIT);
}

/* Eighths. */
static u32 step_of(u32 step_code)
{
	return (UNIT + step_code % UNIT) << (step_code / UNIT);
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

/* The distance of at most most_steps(), rounded. */
static s32 distance_of(u32 step_code, s32 steps)
{
	u32 magnitude = steps < 0 ? -steps : steps;

	magnitude = (magnitude * step_of(step_code) + UNIT / 2) / UNIT;
	return steps < 0 ? -(s32)magnitude : (s32)magnitude;
}

/* What can be held; fixed point has as many numbers below its zero as above. */
static s32 number_of(const struct asc_block_format *f, u32 step_code, s32 steps)
{
	s32 number = (s32)f->zero + distance_of(step_code, steps);
	s32 least = is_float(f), most = (1 << f->bits) - 1;

	return number < least ? least : number > most ? most : number;
}

static u32 value_of(const struct asc_block_format *f, u32 step_code, s32 steps)
{
	s32 number = number_of(f, step_code, steps);

	return is_float(f) ? asc_float_from_fixed(f->kind, f->exponent, number) : (u32)number;
}

/**
 * struct plan - how a block is coded, but for its indices
 * @step_code: exponent and mantissa of the step
 * @base: steps that every index is relative to, or the first one
 * @predicted: each value is relative to those beside and above it
 * @shared: all groups have the code of the first
 * @codes: of the groups
 */
struct plan {
	u32 step_code;
	s32 base;
	bool predicted;
	bool shared;
	u8 codes[MAX_GROUPS];
};

/* Do indices go up and down by turns, 0, 1, -1, 2, -2?  Not above a zero that is the least. */
static bool has_signs(const struct asc_block_format *f, const struct plan *plan)
{
	return f->endpoints == 2 || plan->predicted;
}

static u32 index_of(bool signs, s32 steps)
{
	if (!signs)
		return steps;
	return steps > 0 ? 2 * steps - 1 : -2 * steps;
}

static s32 steps_of(bool signs, u32 index)
{
	s32 half = (s32)(index + 1) / 2;

	if (!signs)
		return (s32)index;
	return index & 1 ? half : -half;
}

/**
 * struct place - a value of a block
 * @i: its number
 * @x: its column
 * @y: its row
 */
struct place {
	u32 i, x, y;
};

static void next_place(const struct asc_block_format *f, struct place *p)
{
	p->i++;
	if (++p->x < f->width)
		return;
	p->x = 0;
	if (++p->y == f->height)
		p->y = 0;
}

/* Above the magnitude of any two numbers of steps. */
#define MANY_STEPS	(1 << 18)

/* What an index of 0 stands for. */
static s32 origin_of(const struct asc_block_format *f, const struct plan *plan,
		     const s32 *steps, const struct place *p)
{
	if (!plan->predicted || (!p->x && !p->y))
		return plan->base;
	if (!p->y)
		return steps[p->i - 1];
	if (!p->x)
		return steps[p->i - f->width];
	/* the mean, rounded down, of numbers with a sign */
	return (s32)((u32)(steps[p->i - 1] + steps[p->i - f->width] + 2 * MANY_STEPS) >> 1) -
	       MANY_STEPS;
}

/**
 * struct quantiser - distances to steps
 * @step: step, in 1/UNIT
 * @exponent: exponent of the step
 * @reciprocal: 2^24 / mantissa, rounded up
 */
struct quantiser {
	u32 step, exponent, reciprocal;
};

static void set_quantiser(struct quantiser *q, u32 step_code)
{
	q->step = step_of(step_code);
	q->exponent = step_code / UNIT;
	q->reciprocal = (1u << 24) / (UNIT + step_code % UNIT) + 1;
}

/*
 * To nearest; of two to the even one, so that errors have no bias.  The quotient is
 * exact: a distance in eighths is below 2^20, and the divisor below 16.
 */
static s32 nearest_steps(const struct quantiser *q, s32 distance)
{
	u32 magnitude = distance < 0 ? -distance : distance;
	u32 sum = magnitude * UNIT + q->step / 2;
	u32 count = (u64)(sum >> q->exponent) * q->reciprocal >> 24;

	if (!(q->step & 1) && count * q->step == sum)
		count &= ~1u;
	return distance < 0 ? -(s32)count : (s32)count;
}

/*
 * A step that is a little too small fits if some values go to the next point on the side of
 * what they are relative to, where that takes fewer bits and adds little error.
 */

/* What a move adds for each bit that it saves, at most, in 1/8 of the square of the step. */
#define MOST_COST	16

static u32 bits_saved(u32 code, u32 from, u32 to)
{
	if (code < FIRST_RICE)
		return 0;
	if (code < FIRST_MASK)
		return (from >> (code - FIRST_RICE)) - (to >> (code - FIRST_RICE));
	return from && !to ? code - FIRST_MASK : 0;
}

static s32 move(const struct quantiser *q, bool signs, u32 code, u32 most_cost, s32 distance,
		s32 steps, s32 origin)
{
	bool down = steps > origin;
	s32 moved = down ? steps - 1 : steps + 1;
	s32 above = distance * (s32)UNIT - steps * (s32)q->step;
	u32 saved;

	if (steps == origin)
		return steps;
	saved = bits_saved(code, index_of(signs, steps - origin), index_of(signs, moved - origin));
	/* of a, the error becomes step - a or step + a */
	above = down ? (s32)q->step + 2 * above : (s32)q->step - 2 * above;
	return saved && above * 8 <= (s32)(q->step * saved * most_cost) ? moved : steps;
}

/* Steps and indices of a block with a plan; moves with at most such a cost. */
static void quantise(const struct asc_block_format *f, const struct plan *plan, u32 most_cost,
		     const s32 *distances, s32 *steps, u16 *indices)
{
	bool signs = has_signs(f, plan);
	struct place p = { 0 };
	struct quantiser q;

	set_quantiser(&q, plan->step_code);
	for (; p.i < f->values; next_place(f, &p)) {
		s32 origin = origin_of(f, plan, steps, &p), number;

		number = nearest_steps(&q, distances[p.i]);
		if (most_cost)
			number = move(&q, signs, plan->codes[p.i / GROUP], most_cost,
				      distances[p.i], number, origin);
		steps[p.i] = number;
		indices[p.i] = min_u32(index_of(signs, number - origin), 0xffff);
	}
}

/* Above the bits of any block. */
#define NEVER_FITS	0x1000

/* Bits of a group with every code. */
static void count_bits(const u16 *indices, u32 *bits)
{
	u32 max = 0, nonzero = 0, i, k;

	for (i = 0; i < GROUP; i++) {
		if (indices[i] > max)
			max = indices[i];
		nonzero += !!indices[i];
	}
	for (k = 0; k < PLAIN_CODES; k++)
		bits[k] = max < plain_levels[k] ? GROUP / 2 * pair_bits[k] : NEVER_FITS;
	for (k = 0; k < RICE_CODES; k++) {
		u32 sum = GROUP * (k + 1);

		for (i = 0; i < GROUP; i++)
			sum += indices[i] >> k;
		bits[FIRST_RICE + k] = min_u32(sum, NEVER_FITS);
	}
	for (k = 0; k < MASK_CODES; k++)
		bits[FIRST_MASK + k] = max <= 1u << k ? GROUP + nonzero * k : NEVER_FITS;
}

/* The first of the least. */
static u32 least_of(const u32 *bits)
{
	u32 best = 0, k;

	for (k = 1; k < CODES; k++) {
		if (bits[k] < bits[best])
			best = k;
	}
	return best;
}

/* Bits of the block with the best codes: one for each group, or one for all. */
static noinline u32 choose_codes(const struct asc_block_format *f, struct plan *plan,
				 const u16 *indices)
{
	u32 bits[CODES], all[CODES] = { 0 }, groups = f->values / GROUP, sum = 0, g, k;

	for (g = 0; g < groups; g++) {
		count_bits(indices + g * GROUP, bits);
		for (k = 0; k < CODES; k++)
			all[k] += bits[k];
		plan->codes[g] = least_of(bits);
		sum += bits[plan->codes[g]] + CODE_BITS;
	}
	k = least_of(all);
	plan->shared = all[k] + CODE_BITS <= sum;
	if (plan->shared) {
		memset(plan->codes, k, groups);
		sum = all[k] + CODE_BITS;
	}
	return header_bits(f, plan->step_code) + sum;
}

/* The base is the mean of the block, within what can be stored. */
static void choose_base(const struct asc_block_format *f, struct plan *plan, s32 sum)
{
	s32 limit = 1 << (base_bits(f, plan->step_code) - 1);
	struct quantiser q;

	plan->base = 0;
	if (f->endpoints == 1)
		return;
	set_quantiser(&q, plan->step_code);
	plan->base = nearest_steps(&q, sum / (s32)f->values);
	if (plan->base >= limit)
		plan->base = limit - 1;
}

/**
 * struct attempt - a block with its indices
 * @plan: plan
 * @indices: indices
 * @bits: bits of the block; too many if it does not fit
 * @cost: cost_of() it
 */
struct attempt {
	struct plan plan;
	u16 indices[FMC_BLOCK_MAX_VALUES];
	u32 bits;
	u64 cost;
};

/**
 * struct source - a block to be encoded
 * @format: format
 * @distances: distances of its values from zero
 * @sum: sum of these
 */
struct source {
	const struct asc_block_format *format;
	s32 distances[FMC_BLOCK_MAX_VALUES];
	s32 sum;
};

/* What counts, as in asc_block.c: errors that point one way add up in a network. */
#define BIAS_WEIGHT	2

static u64 cost_of(const struct source *src, u32 step_code, const s32 *steps)
{
	const struct asc_block_format *f = src->format;
	u64 squares = 0;
	s64 sum = 0;
	u32 i;

	for (i = 0; i < f->values; i++) {
		s64 error = number_of(f, step_code, steps[i]) - (s32)f->zero - src->distances[i];

		squares += error * error;
		sum += error;
	}
	return squares * f->values + BIAS_WEIGHT * sum * sum;
}

/* With the step, prediction and codes of the plan.  Returns whether it fits. */
static noinline bool attempt(const struct source *src, u32 most_cost, bool measure,
			     struct attempt *a)
{
	const struct asc_block_format *f = src->format;
	s32 steps[FMC_BLOCK_MAX_VALUES];

	choose_base(f, &a->plan, src->sum);
	quantise(f, &a->plan, most_cost, src->distances, steps, a->indices);
	a->bits = choose_codes(f, &a->plan, a->indices);
	if (a->bits > 4 * f->values)
		return false;
	if (measure)
		a->cost = cost_of(src, a->plan.step_code, steps);
	return true;
}

/*
 * Successive approximation of the smallest step with which the block fits.  With the
 * largest step it always does, without prediction.  Returns whether it fits.
 */
static bool find_step(const struct source *src, struct attempt *a)
{
	u32 bit, found = 0;

	for (bit = 1u << (step_bits(src->format) - 1); bit; bit >>= 1) {
		a->plan.step_code = found + bit - 1;
		if (!attempt(src, 0, false, a))
			found += bit;
	}
	a->plan.step_code = found;
	return attempt(src, 0, false, a);
}

/* Smaller steps that are tried. */
#define SMALLER_STEPS	8

/* The least cost of moves with which the block fits. */
static bool move_until_it_fits(const struct source *src, struct attempt *a)
{
	struct plan plan = a->plan;
	u32 bit, found = 0;

	if (!attempt(src, MOST_COST, false, a))
		return false;
	for (bit = MOST_COST / 2; bit; bit >>= 1) {
		a->plan = plan;
		if (!attempt(src, found + bit, false, a))
			found += bit;
	}
	a->plan = plan;
	return attempt(src, found + 1, true, a);
}

static noinline void search(const struct source *src, const struct plan *plan,
			    struct attempt *best)
{
	u32 last = plan->step_code > SMALLER_STEPS ? plan->step_code - SMALLER_STEPS : 0, i;
	struct attempt a;

	for (i = plan->step_code + 1; i-- > last;) {
		a.plan = *plan;
		a.plan.step_code = i;
		if (!attempt(src, 0, true, &a) && !move_until_it_fits(src, &a))
			return;
		if (a.cost < best->cost)
			*best = a;
	}
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

static void put_plain(struct writer *w, const u16 *indices, u32 code)
{
	u32 i;

	for (i = 0; i < GROUP; i += 2)
		put(w, indices[i] + (u32)plain_levels[code] * indices[i + 1], pair_bits[code]);
}

static void put_rice(struct writer *w, const u16 *indices, u32 low)
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

static void put_masked(struct writer *w, const u16 *indices, u32 width)
{
	u32 i;

	for (i = 0; i < GROUP; i++)
		put(w, !!indices[i], 1);
	for (i = 0; i < GROUP; i++) {
		if (indices[i])
			put(w, indices[i] - 1, width);
	}
}

static void put_group(struct writer *w, const u16 *indices, u32 code)
{
	if (code < FIRST_RICE)
		put_plain(w, indices, code);
	else if (code < FIRST_MASK)
		put_rice(w, indices, code - FIRST_RICE);
	else
		put_masked(w, indices, code - FIRST_MASK);
}

static void write_block(const struct asc_block_format *f, const struct attempt *a, u8 *bits)
{
	const struct plan *plan = &a->plan;
	u32 groups = f->values / GROUP, g;
	struct writer w = { bits, 0 };

	memset(bits, 0, f->values / 2);
	put(&w, plan->step_code, step_bits(f));
	put(&w, plan->predicted, 1);
	if (f->endpoints == 2)
		put(&w, plan->base, base_bits(f, plan->step_code));
	put(&w, plan->shared, 1);
	for (g = 0; g < (plan->shared ? 1 : groups); g++)
		put(&w, plan->codes[g], CODE_BITS);
	for (g = 0; g < groups; g++)
		put_group(&w, a->indices + g * GROUP, plan->codes[g]);
}

/* By the smaller step, or a search. */
static noinline void encode(const struct source *src, enum asc_effort effort, u8 *bits)
{
	struct attempt best = { .cost = ~0ull }, predicted = { .plan.predicted = true };
	bool fits;

	find_step(src, &best);
	fits = find_step(src, &predicted);
	if (effort == ASC_EFFORT_BEST) {
		struct plan plan = best.plan;

		search(src, &plan, &best);
		if (fits)
			search(src, &predicted.plan, &best);
	} else if (fits && predicted.plan.step_code < best.plan.step_code) {
		best = predicted;
	}
	write_block(src->format, &best, bits);
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
	struct source src = { .format = f };
	u32 i;

	for (i = 0; i < f->values; i++) {
		src.distances[i] = to_distance(f, values[i]);
		src.sum += src.distances[i];
	}
	encode(&src, effort, bits);
	asc_pooled_decode(f, bits, decoded);
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

static void get_plain(struct reader *r, u32 code, u16 *indices)
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

static void get_rice(struct reader *r, u32 low, u16 *indices)
{
	u32 i;

	for (i = 0; i < GROUP; i++)
		indices[i] = get(r, low);
	for (i = 0; i < GROUP; i++)
		indices[i] |= get_unary(r) << low;
}

static void get_masked(struct reader *r, u32 width, u16 *indices)
{
	u32 mask = get(r, GROUP), i;

	for (i = 0; i < GROUP; i++)
		indices[i] = mask >> i & 1 ? get(r, width) + 1 : 0;
}

static void get_group(struct reader *r, u32 code, u16 *indices)
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
	plan->predicted = get(r, 1);
	plan->base = 0;
	if (f->endpoints == 2) {
		u32 bits = base_bits(f, plan->step_code), sign = 1u << (bits - 1);

		plan->base = (s32)(get(r, bits) ^ sign) - (s32)sign;
	}
	plan->shared = get(r, 1);
	for (g = 0; g < f->values / GROUP; g++)
		plan->codes[g] = g && plan->shared ? plan->codes[0] : get(r, CODE_BITS);
}

/* From indices to steps, none of which is more than there can be. */
static void add_origins(const struct asc_block_format *f, const struct plan *plan,
			const u16 *indices, s32 *steps)
{
	s32 most = most_steps(f, plan->step_code);
	bool signs = has_signs(f, plan);
	struct place p = { 0 };

	for (; p.i < f->values; next_place(f, &p)) {
		s32 sum = origin_of(f, plan, steps, &p) + steps_of(signs, indices[p.i]);

		steps[p.i] = sum < -most ? -most : sum > most ? most : sum;
	}
}

static noinline void give_values(const struct asc_block_format *f, const struct plan *plan,
				 const u16 *indices, u16 *values)
{
	s32 steps[FMC_BLOCK_MAX_VALUES];
	u32 i;

	add_origins(f, plan, indices, steps);
	for (i = 0; i < f->values; i++)
		values[i] = value_of(f, plan->step_code, steps[i]);
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
	u16 indices[FMC_BLOCK_MAX_VALUES];
	struct plan plan;
	u32 g;

	memcpy(r.bits, bits, f->values / 2);
	get_header(f, &r, &plan);
	for (g = 0; g < f->values / GROUP; g++)
		get_group(&r, plan.codes[g], indices + g * GROUP);
	give_values(f, &plan, indices, values);
}
