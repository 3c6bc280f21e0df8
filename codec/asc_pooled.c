// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A block of the pooled profile: values share one step, and the bits of the block go to
 * those that need them.  Documentation/format.rst, "Pooled profile", is the specification.
 */

#include "asc_pool_search.h"
#include "asc_pooled_reader.h"
#include "asc_pooled_writer.h"

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

static u32 max_u32(u32 a, u32 b)
{
	return a > b ? a : b;
}

/**
 * struct scale - from steps, or points, to numbers
 * @step: distance of two in 1/@unit
 * @unit: what 1 is
 * @zero: number that 0 stands for
 * @least: what can be held; fixed point has as many numbers below its zero as above
 * @most: likewise
 */
struct scale {
	u32 step, unit;
	s32 zero, least, most;
};

static void set_scale(struct scale *s, const struct asc_block_format *f, u32 step_code, u32 unit)
{
	s->step = step_of(step_code);
	s->unit = unit;
	s->zero = f->zero;
	s->least = is_float(f);
	s->most = (1 << f->bits) - 1;
}

/* The distance of at most most_steps(), to nearest, of two the even one. */
static __always_inline s32 number_at(const struct scale *s, s32 steps)
{
	u32 magnitude = (steps < 0 ? -steps : steps) * s->step;
	s32 distance = (magnitude + s->unit / 2 - 1 + (magnitude / s->unit & 1)) / s->unit;
	s32 number = s->zero + (steps < 0 ? -distance : distance);

	return number < s->least ? s->least : number > s->most ? s->most : number;
}

static s32 number_of(const struct asc_block_format *f, u32 step_code, s32 steps)
{
	struct scale s;

	set_scale(&s, f, step_code, UNIT);
	return number_at(&s, steps);
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
	u8 codes[ASC_POOLED_GROUPS];
};

/* Do indices go up and down by turns, 0, 1, -1, 2, -2?  Not above a zero that is the least. */
static bool has_signs(const struct asc_block_format *f, const struct plan *plan)
{
	return f->endpoints == 2 || plan->predicted;
}

static u32 index_of(bool signs, s32 steps)
{
	u32 sign = 0 - (u32)(steps > 0);

	return signs ? (0 - (u32)steps * 2) ^ sign : (u32)steps;
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

static struct place place_of(const struct asc_block_format *f, u32 i)
{
	struct place p = { i, i % f->width, i / f->width % f->height };

	return p;
}

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
#define MANY_STEPS	0x40000

/* The mean, rounded down, of numbers with a sign. */
static s32 mean_of(s32 a, s32 b)
{
	return (s32)((u32)(a + b + 2 * MANY_STEPS) >> 1) - MANY_STEPS;
}

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
	return mean_of(steps[p->i - 1], steps[p->i - f->width]);
}

/**
 * struct quantiser - distances to steps
 * @step: step, in 1/UNIT
 * @exponent: exponent of the step
 * @mantissa: mantissa of the step, in 1/UNIT
 * @reciprocal: 2^24 / @mantissa, rounded up
 */
struct quantiser {
	u32 step, exponent, mantissa, reciprocal;
};

static void set_quantiser(struct quantiser *q, u32 step_code)
{
	q->step = step_of(step_code);
	q->exponent = step_code / UNIT;
	q->mantissa = UNIT + step_code % UNIT;
	q->reciprocal = (1u << 24) / q->mantissa + 1;
}

/*
 * To nearest; of two to the even one, so that errors have no bias.  The quotient is
 * exact: a distance in eighths is below 2^20, and the divisor below 16.  @rest receives by how
 * much the magnitude is above the one half a step lower, in 1/mantissa of a step, rounded down.
 */
static s32 nearest_and_rest(const struct quantiser *q, s32 distance, u32 *rest)
{
	u32 magnitude = distance < 0 ? -distance : distance;
	u32 sum = magnitude * UNIT + q->step / 2, scaled = sum >> q->exponent;
	u32 count = (u64)scaled * q->reciprocal >> 24;

	*rest = scaled - count * q->mantissa;
	if (!(q->step & 1) && count & 1 && count * q->step == sum) {
		count--;
		*rest = q->mantissa;
	}
	return distance < 0 ? -(s32)count : (s32)count;
}

static s32 nearest_steps(const struct quantiser *q, s32 distance)
{
	u32 rest;

	return nearest_and_rest(q, distance, &rest);
}

/*
 * A step that is a little too small fits if some values go to the next point on the side of
 * what they are relative to, where that takes fewer bits and adds little error.
 */

static u32 bits_saved(u32 code, u32 from, u32 to)
{
	if (code < ASC_FIRST_RICE)
		return 0;
	if (code < ASC_FIRST_MASK)
		return (from >> (code - ASC_FIRST_RICE)) - (to >> (code - ASC_FIRST_RICE));
	return from && !to ? code - ASC_FIRST_MASK : 0;
}

/* What a move adds for each bit that it saves is below @most_cost / 8 squares of the step. */
static s32 move(const struct quantiser *q, bool signs, u32 code, u32 most_cost, s32 distance,
		s32 steps, s32 origin)
{
	bool down = steps > origin, below = distance < 0;
	s32 moved = down ? steps - 1 : steps + 1;
	u32 saved, added;

	if (steps == origin)
		return steps;
	saved = bits_saved(code, index_of(signs, steps - origin), index_of(signs, moved - origin));
	/* of a, the error becomes step - a or step + a */
	nearest_and_rest(q, distance, &added);
	if (down == below)
		added = q->mantissa - added;
	return 16 * added < q->mantissa * saved * most_cost ? moved : steps;
}

/**
 * struct tally - what the bits of some indices depend on
 * @max: the largest
 * @nonzero: how many are not 0
 * @rice: sums of what is left of them behind 0, 1, ... low bits
 */
struct tally {
	u32 max, nonzero, rice[ASC_RICE_CODES];
};

/**
 * struct source - a block to be encoded
 * @format: format
 * @sum: sum of the distances of its values from zero
 * @distances: these
 * @steps: what the last attempt made of them
 * @indices: of these
 */
struct source {
	const struct asc_block_format *format;
	s32 sum;
	s32 *distances;
	s32 *steps;
	u16 *indices;
};

/* The nearest steps of all values. */
static void to_steps(const struct source *src, const struct quantiser *q)
{
	u32 count = src->format->values, i;

	for (i = 0; i < count; i++)
		src->steps[i] = nearest_steps(q, src->distances[i]);
}

/* Indices of a group, relative to the base. */
static void index_by_base(const struct source *src, const struct plan *plan, u32 first,
			  struct tally *t)
{
	const s32 *steps = src->steps + first;
	u16 *indices = src->indices + first;
	bool signs = src->format->endpoints == 2;
	s32 base = plan->base;
	u32 i;

	for (i = 0; i < GROUP; i++) {
		u32 index = index_of(signs, steps[i] - base);

		t->nonzero += !!index;
		t->max = index > t->max ? index : t->max;
		indices[i] = index;
	}
}

/*
 * Indices of the group that begins at a place, relative to what is predicted, or after
 * moves with at most such a cost.
 */
static noinline void index_by_place(const struct source *src, const struct plan *plan,
				    const struct quantiser *q, u32 most_cost, struct place at,
				    struct tally *t)
{
	const struct asc_block_format *f = src->format;
	u32 end = at.i + GROUP, code = plan->codes[at.i / GROUP];
	bool signs = has_signs(f, plan);
	s32 *steps = src->steps;

	for (; at.i < end; next_place(f, &at)) {
		s32 origin = origin_of(f, plan, steps, &at);
		u32 index;

		if (most_cost)
			steps[at.i] = move(q, signs, code, most_cost, src->distances[at.i],
					   steps[at.i], origin);
		index = index_of(signs, steps[at.i] - origin);
		t->nonzero += !!index;
		t->max = index > t->max ? index : t->max;
		src->indices[at.i] = index;
	}
}

/* Four at a time; in which order does not matter. */
static void add_rice(const u16 *indices, struct tally *t)
{
	u64 words[GROUP / 4];
	u32 k;

	memcpy(words, indices, sizeof(words));
	for (k = 0; k < ASC_RICE_CODES; k++) {
		u64 mask = (0xffffu >> k) * 0x0001000100010001ull;
		u64 sum = (words[0] >> k & mask) + (words[1] >> k & mask) +
			  (words[2] >> k & mask) + (words[3] >> k & mask);

		t->rice[k] += sum * 0x0001000100010001ull >> 48;
	}
}

static void add_tally(const struct tally *t, struct tally *to)
{
	u32 k;

	to->nonzero += t->nonzero;
	if (t->max > to->max)
		to->max = t->max;
	for (k = 0; k < ASC_RICE_CODES; k++)
		to->rice[k] += t->rice[k];
}

/* Bits of some indices with the code that needs least, the first of equals. */
static u32 choose_code(const struct tally *t, u32 count, u8 *code)
{
	u32 best, bits, k;

	for (k = 0; k < ASC_PLAIN_CODES - 1 && asc_plain_levels[k] <= t->max; k++)
		;
	best = t->max < asc_plain_levels[k] ? count / 2 * asc_pair_bits[k] : ~0u;
	*code = k;
	for (k = 0; k < ASC_RICE_CODES; k++) {
		bits = count * (k + 1) + t->rice[k];
		if (bits < best) {
			best = bits;
			*code = ASC_FIRST_RICE + k;
		}
	}
	for (k = 0; k < ASC_MASK_CODES - 1 && 1u << k < t->max; k++)
		;
	bits = count + t->nonzero * k;
	if (t->max <= 1u << k && bits < best) {
		best = bits;
		*code = ASC_FIRST_MASK + k;
	}
	return best;
}

/* The base is the mean of the block, within what can be stored. */
static void choose_base(const struct asc_block_format *f, struct plan *plan,
			const struct quantiser *q, s32 sum)
{
	s32 limit = 1 << (base_bits(f, plan->step_code) - 1);

	plan->base = 0;
	if (f->endpoints == 1)
		return;
	plan->base = nearest_steps(q, sum / (s32)f->values);
	if (plan->base >= limit)
		plan->base = limit - 1;
}

/* What counts, as in asc_block.c: errors that point one way add up in a network. */
#define BIAS_WEIGHT	2

/* Returns false if an error is too large for it, which then is not known. */
static noinline bool cost_of(const struct source *src, u32 step_code, u64 *cost)
{
	const struct asc_block_format *f = src->format;
	s32 sum = 0, most = ASC_POOLED_MOST_ERROR(f->values);
	u32 squares = 0, i;

	for (i = 0; i < f->values; i++) {
		s32 error = number_of(f, step_code, src->steps[i]) - (s32)f->zero -
			    src->distances[i];

		if (error > most || error < -most)
			return false;
		squares += error * error;
		sum += error;
	}
	*cost = (u64)squares * f->values + BIAS_WEIGHT * (u64)((s64)sum * sum);
	return true;
}

/* A code for each group, or one for all.  Returns whether the block fits. */
static bool choose_codes(const struct asc_block_format *f, struct plan *plan,
			 const struct tally *all, u32 bits)
{
	u32 groups = f->values / GROUP, rest = 4 * f->values - header_bits(f, plan->step_code);
	u32 together;
	u8 code;

	bits += groups * ASC_CODE_BITS;
	together = choose_code(all, f->values, &code) + ASC_CODE_BITS;
	plan->shared = together <= bits;
	if (!plan->shared)
		return bits <= rest;
	memset(plan->codes, code, sizeof(plan->codes));
	return together <= rest;
}

/*
 * With the step, prediction and codes of the plan, which receives other codes.  Returns whether
 * it fits, and its cost, if that is wanted, is known.
 */
static noinline bool attempt(const struct source *src, u32 most_cost, struct plan *plan, u64 *cost)
{
	const struct asc_block_format *f = src->format;
	u32 rest = 4 * f->values - header_bits(f, plan->step_code) - ASC_CODE_BITS, bits = 0, i;
	struct tally all = { 0 };
	struct quantiser q;

	set_quantiser(&q, plan->step_code);
	choose_base(f, plan, &q, src->sum);
	to_steps(src, &q);
	for (i = 0; i < f->values; i += GROUP) {
		struct tally t = { 0 };

		if (plan->predicted || most_cost)
			index_by_place(src, plan, &q, most_cost, place_of(f, i), &t);
		else
			index_by_base(src, plan, i, &t);
		if (t.max > ASC_MAX_INDEX)
			return false;
		add_rice(src->indices + i, &t);
		add_tally(&t, &all);
		bits += choose_code(&t, GROUP, &plan->codes[i / GROUP]);
		if (bits > rest)
			return false;
	}
	if (!choose_codes(f, plan, &all, bits))
		return false;
	return !cost || cost_of(src, plan->step_code, cost);
}

/*
 * Successive approximation of the smallest step with which the block fits, as long as it
 * can be below a limit.  With the largest step every block fits without prediction.
 * Returns whether it is below.
 */
static noinline bool find_step(const struct source *src, u32 limit, struct plan *plan)
{
	u32 bit, found = 0, last = 2u << (step_bits(src->format) - 1);
	struct plan trial = *plan;

	for (bit = last / 2; bit && found < limit; bit >>= 1) {
		trial.step_code = found + bit - 1;
		if (!attempt(src, 0, &trial, NULL))
			found += bit;
	}
	plan->step_code = found;
	return found < limit && (found < last - 1 || attempt(src, 0, &trial, NULL));
}

/*
 * From a plan that fits to smaller steps with moves, as long as that is of use.  Returns what
 * moves may cost with the step that is left in the plan.
 */
static noinline u32 search(const struct source *src, struct plan *plan)
{
	u32 tries, costs = 0, found = plan->step_code, found_cost = 0, code = plan->step_code;
	u64 best, cost;

	if (!attempt(src, 0, plan, &best))
		return 0;
	for (tries = 0; tries < ASC_POOLED_TRIES && costs < ASC_POOLED_COSTS && code; tries++) {
		struct plan trial = *plan;

		trial.step_code = code - 1;
		if (attempt(src, ASC_POOLED_COST(costs), &trial, &cost)) {
			code--;
			if (cost < best) {
				best = cost;
				found = code;
				found_cost = ASC_POOLED_COST(costs);
			}
		} else {
			costs++;
		}
	}
	plan->step_code = found;
	return found_cost;
}

static noinline void put_one_group(struct asc_pooled_writer *w, const u16 *indices, u32 code)
{
	put_group(w, indices, code);
}

/* What a block has but for its indices. */
static void put_header(const struct asc_block_format *f, const struct plan *plan,
		       struct asc_pooled_writer *w)
{
	u32 groups = f->values / GROUP, g;

	memset(w->to, 0, f->values / 2 + WRITE_AHEAD);
	put(w, plan->step_code, step_bits(f));
	put(w, plan->predicted, 1);
	if (f->endpoints == 2)
		put_signed(w, plan->base, base_bits(f, plan->step_code));
	put(w, plan->shared, 1);
	for (g = 0; g < (plan->shared ? 1 : groups); g++)
		put(w, plan->codes[g], ASC_CODE_BITS);
}

static void write_block(const struct asc_block_format *f, const struct plan *plan,
			const u16 *indices, u8 *bits)
{
	u8 whole[ASC_POOL_BYTES + WRITE_AHEAD] __uninitialized;
	struct asc_pooled_writer w = { .to = whole };
	u32 g;

	put_header(f, plan, &w);
	for (g = 0; g < f->values / GROUP; g++)
		put_one_group(&w, indices + g * GROUP, plan->codes[g]);
	memcpy(bits, whole, f->values / 2);
}

/* By the smaller step, and a search from that. */
static noinline void encode(const struct source *src, enum asc_effort effort, u8 *bits)
{
	struct plan best = { 0 }, predicted = { .predicted = true };
	u32 most_cost = 0;

	find_step(src, ~0u, &best);
	if (find_step(src, best.step_code, &predicted))
		best = predicted;
	if (effort == ASC_EFFORT_BEST)
		most_cost = search(src, &best);
	attempt(src, most_cost, &best, NULL);
	write_block(src->format, &best, src->indices, bits);
}

/**
 * asc_pooled_put_groups - indices of a block of vector code to bits
 * @w: bits
 * @lanes: blocks, encoded
 * @lane: its place
 * @codes: of its groups
 * @groups: how many
 */
void asc_pooled_put_groups(struct asc_pooled_writer *w, const struct asc_pooled_lanes *lanes,
			   u32 lane, const u8 *codes, u32 groups)
{
	u32 g, i;

	for (g = 0; g < groups; g++) {
		u16 group[GROUP] __uninitialized;

		for (i = 0; i < GROUP; i++)
			group[i] = lanes->indices[g * GROUP + i][lane];
		put_one_group(w, group, codes[g]);
	}
}

/**
 * asc_pooled_take_out - what vector code made of a block
 * @f: format
 * @k: whose code it was
 * @lanes: blocks, encoded
 * @lane: its place
 * @bits: receives asc_block_bytes(f) bytes; NULL if the block is only tried
 *
 * Return: false if only asc_pooled_encode(), or asc_pooled_encode_large(), can tell.
 */
bool asc_pooled_take_out(const struct asc_block_format *f, const struct asc_pooled_kernels *k,
			 const struct asc_pooled_lanes *lanes, u32 lane, u8 *bits)
{
	u8 whole[ASC_POOL_BYTES + WRITE_AHEAD] __uninitialized;
	struct asc_pooled_writer w = { .to = whole };
	struct plan plan;
	u32 i;

	if (lanes->plain[lane] || !bits)
		return !lanes->plain[lane];
	plan.step_code = lanes->step_code[lane];
	plan.base = (s32)lanes->base[lane] - (s32)f->zero;
	plan.predicted = lanes->predicted[lane];
	plan.shared = lanes->shared[lane];
	for (i = 0; i < f->values / GROUP; i++)
		plan.codes[i] = lanes->codes[i][lane];
	put_header(f, &plan, &w);
	k->put_groups(&w, lanes, lane, plan.codes, f->values / GROUP);
	memcpy(bits, whole, f->values / 2);
	return true;
}

static void set_source(struct source *src, const u16 *values)
{
	const struct asc_block_format *f = src->format;
	u32 i;

	for (i = 0; i < f->values; i++) {
		src->distances[i] = to_distance(f, values[i]);
		src->sum += src->distances[i];
	}
}

static noinline void decode_small(const struct asc_block_format *f, const u8 *bits, u16 *values);

static noinline void encode_small(struct source *src, enum asc_effort effort, u8 *bits)
{
	s32 steps[FMC_BLOCK_MAX_VALUES] __uninitialized;
	u16 indices[FMC_BLOCK_MAX_VALUES] __uninitialized;

	src->steps = steps;
	src->indices = indices;
	encode(src, effort, bits);
}

/**
 * asc_pooled_encode - one block of values to bits
 * @f: format, with at most FMC_BLOCK_MAX_VALUES
 * @effort: ASC_EFFORT_HW: the smallest step that fits, by successive approximation.
 *	ASC_EFFORT_BEST: a search from there.
 * @values: f->values unsigned numbers of f->bits bits
 * @bits: receives asc_block_bytes(f) bytes
 * @decoded: receives what asc_pooled_decode() will make of them
 */
void asc_pooled_encode(const struct asc_block_format *f, enum asc_effort effort,
		       const u16 *values, u8 *bits, u16 *decoded)
{
	s32 distances[FMC_BLOCK_MAX_VALUES] __uninitialized;
	struct source src = { .format = f, .distances = distances };

	set_source(&src, values);
	encode_small(&src, effort, bits);
	decode_small(f, bits, decoded);
}

/**
 * struct large - what struct asc_pool has for the coder, of blocks without a trellis
 * @distances: values, from zero
 * @steps: what they become
 * @indices: of these
 */
struct large {
	s32 distances[ASC_POOL_VALUES];
	s32 steps[ASC_POOL_VALUES];
	u16 indices[ASC_POOL_VALUES];
};

static_assert(sizeof(struct large) <= sizeof(((struct asc_pool *)0)->scratch), "pool");

/**
 * asc_pooled_encode_large - ASC_POOL_VALUES values to bits, without a trellis
 * @f: format, of one endpoint
 * @effort: as for asc_pooled_encode()
 * @pool: with the values; its decoded values are filled in
 * @bits: receives ASC_POOL_BYTES bytes
 */
void asc_pooled_encode_large(const struct asc_block_format *f, enum asc_effort effort,
			     struct asc_pool *pool, u8 *bits)
{
	struct large *large = (struct large *)pool->scratch;
	struct source src = {
		.format = f, .distances = large->distances, .steps = large->steps,
		.indices = large->indices,
	};

	set_source(&src, pool->values);
	encode(&src, effort, bits);
	asc_pooled_decode_large(f, bits, pool, pool->decoded);
}

/* Header and indices, of a copy: bits may change meanwhile. */
static noinline void get_indices(const struct asc_block_format *f, const u8 *bits,
				 struct asc_pooled_header *h, u16 *indices)
{
	u8 copy[ASC_POOL_BYTES + READ_AHEAD] __uninitialized;
	struct asc_pooled_reader r = { .bits = copy, .end = 4 * f->values };
	u32 g;

	memcpy(copy, bits, f->values / 2);
	memset(copy + f->values / 2, 0, READ_AHEAD);
	get_header(f, &r, h);
	for (g = 0; g < f->values / GROUP; g++)
		get_group(&r, h->codes[g], indices + g * GROUP);
}

static s32 clamp_steps(s32 steps, s32 most)
{
	return steps < -most ? -most : steps > most ? most : steps;
}

/* Of indices that go up and down by turns, or do not, to what they are relative to by. */
static void add_base(const u16 *indices, u32 count, bool signs, s32 base, s32 most, s32 *steps)
{
	u32 i;

	if (signs) {
		for (i = 0; i < count; i++)
			steps[i] = clamp_steps(base + steps_of(true, indices[i]), most);
	} else {
		for (i = 0; i < count; i++)
			steps[i] = clamp_steps(base + steps_of(false, indices[i]), most);
	}
}

/* Likewise, predicted: all values of a row but the first have one beside them. */
static void add_origins(const struct asc_block_format *f, const u16 *indices, s32 base, s32 most,
			s32 *steps)
{
	u32 w = f->width, row, i;
	s32 left;

	for (row = 0; row < f->values / w; row++, steps += w, indices += w) {
		bool first = row % f->height == 0;

		left = clamp_steps((first ? base : steps[-(s32)w]) + steps_of(true, indices[0]),
				   most);
		steps[0] = left;
		for (i = 1; i < w; i++) {
			s32 origin = first ? left : mean_of(left, steps[(s32)i - (s32)w]);

			left = clamp_steps(origin + steps_of(true, indices[i]), most);
			steps[i] = left;
		}
	}
}

/* Fixed point to floats. */
static void to_floats(const struct asc_block_format *f, u16 *values)
{
	u32 i;

	for (i = 0; i < f->values; i++)
		values[i] = asc_float_from_fixed(f->kind, f->exponent, values[i]);
}

/* Of points of which @unit are a step of 1. */
static __always_inline void to_values(const struct asc_block_format *f, u32 step_code, u32 unit,
				      const s32 *steps, u16 *__restrict values)
{
	struct scale s;
	u32 i;

	set_scale(&s, f, step_code, unit);
	for (i = 0; i < f->values; i++)
		values[i] = number_at(&s, steps[i]);
	if (is_float(f))
		to_floats(f, values);
}

/* @steps and @indices are scratch memory. */
static noinline void decode(const struct asc_block_format *f, const u8 *bits, s32 *steps,
			    u16 *indices, u16 *values)
{
	struct asc_pooled_header h;
	s32 most;

	get_indices(f, bits, &h, indices);
	most = most_steps(f, h.step_code);
	if (h.predicted)
		add_origins(f, indices, h.base, most, steps);
	else
		add_base(indices, f->values, f->endpoints == 2, h.base, most, steps);
	to_values(f, h.step_code, UNIT, steps, values);
}

static noinline void decode_small(const struct asc_block_format *f, const u8 *bits, u16 *values)
{
	s32 steps[FMC_BLOCK_MAX_VALUES] __uninitialized;
	u16 indices[FMC_BLOCK_MAX_VALUES] __uninitialized;

	decode(f, bits, steps, indices, values);
}

/**
 * asc_pooled_decode - bits to one block of values
 * @f: format, with at most FMC_BLOCK_MAX_VALUES
 * @bits: asc_block_bytes(f) bytes; any content is valid
 * @values: receives f->values unsigned numbers of f->bits bits
 */
void asc_pooled_decode(const struct asc_block_format *f, const u8 *bits, u16 *values)
{
	decode_small(f, bits, values);
}

/**
 * asc_pooled_decode_large - bits to ASC_POOL_VALUES values, without a trellis
 * @f: format, of one endpoint
 * @bits: ASC_POOL_BYTES bytes; any content is valid
 * @pool: scratch memory
 * @values: receives the values, unsigned numbers of f->bits bits
 */
void asc_pooled_decode_large(const struct asc_block_format *f, const u8 *bits,
			     struct asc_pool *pool, u16 *values)
{
	struct large *large = (struct large *)pool->scratch;

	decode(f, bits, large->steps, large->indices, values);
}

/*
 * Pools of ASC_POOL_VALUES: points lie half a step apart, and are even or odd as a trellis
 * tells, so that an index still counts steps.
 */

#define POOL_GROUPS	ASC_POOLED_GROUPS

/**
 * struct pool_plan - how a pool is coded, but for its indices
 * @step_code: exponent and mantissa of the step
 * @base: point that every index is relative to, or the first one; even
 * @predicted: each value is relative to those beside and above it
 * @shared: all groups have the code of the first
 * @bits: all of the block
 * @codes: of the groups
 */
struct pool_plan {
	u32 step_code;
	s32 base;
	bool predicted;
	bool shared;
	u32 bits;
	u8 codes[POOL_GROUPS];
};

/**
 * struct pool - what struct asc_pool has for the coder
 * @sum: of @distances
 * @distances: values to be encoded, from zero
 * @firsts: the least of four points that each may become
 * @errors: of these
 * @points: of these
 * @best: the points of the best attempt
 * @indices: of @points
 * @choices: of each value, for each state: bit 2 of the state before
 * @bits: a block that is being encoded or decoded, and zeros behind
 */
struct pool {
	s32 sum;
	s32 distances[ASC_POOL_VALUES];
	s32 firsts[ASC_POOL_VALUES];
	struct asc_trellis_candidates errors[ASC_POOL_VALUES];
	s32 points[ASC_POOL_VALUES];
	s32 best[ASC_POOL_VALUES];
	u16 indices[ASC_POOL_VALUES];
	u8 choices[ASC_POOL_VALUES];
	u8 bits[ASC_POOL_BYTES + WRITE_AHEAD];
};

static_assert(sizeof(struct pool) <= sizeof(((struct asc_pool *)0)->scratch), "pool");

/* A point is half a step. */
static u32 pool_number(const struct asc_block_format *f, u32 step_code, s32 point)
{
	struct scale s;

	set_scale(&s, f, step_code, 2 * UNIT);
	return number_at(&s, point);
}

/* The last point that is not above a distance.  Exact as in nearest_and_rest(). */
static s32 point_below(const struct quantiser *q, s32 distance)
{
	u32 below = distance < 0, sign = 0 - below;
	u32 magnitude = ((u32)distance ^ sign) + below;
	u32 sum = magnitude * (2 * UNIT) + (sign & (q->step - 1));
	u32 count = (u64)(sum >> q->exponent) * q->reciprocal >> 24;

	return (s32)((count ^ sign) + below);
}

/* Where a value lies in its plane, and what is known when it is coded. */
struct pool_walk {
	const struct asc_pool_place *place;
	u32 i, x, y;
};

static void pool_step(struct pool_walk *w)
{
	w->i++;
	if (++w->x < w->place->w)
		return;
	w->x = 0;
	if (++w->y == w->place->h)
		w->y = 0;
}

/* Half a number, rounded down. */
static s32 half_of(s32 number)
{
	return (s32)((u32)(number + 4 * MANY_STEPS) >> 1) - 2 * MANY_STEPS;
}

/**
 * struct pool_origin - what an index of 0 stands for
 * @sum: of the points that it depends on, but for that on the left, and what keeps it positive
 * @left: 1 if it depends on that, or 0
 * @shift: half a sum, or a quarter
 */
struct pool_origin {
	u32 sum, left, shift;
};

static __always_inline struct pool_origin pool_origin(const struct pool_plan *plan,
						      const s32 *points,
						      const struct pool_walk *w)
{
	bool left = plan->predicted && w->x && w->i;
	bool up = plan->predicted && w->y && w->i >= w->place->w;
	s32 others = up ? points[w->i - w->place->w] : left ? 0 : plan->base;
	u32 shift = 1 + (left && up);

	return (struct pool_origin){ others + (4 * MANY_STEPS << shift), left, shift };
}

/* In steps. */
static s32 origin_behind(const struct pool_origin *o, s32 left)
{
	return (s32)((o->sum + (u32)left * o->left) >> o->shift) - 4 * MANY_STEPS;
}

/* The point on the left, if there is one. */
static s32 left_of(const s32 *points, const struct pool_walk *w)
{
	return w->i ? points[w->i - 1] : 0;
}

/* Above the magnitude of what stands for a point of a distance, or for one or two more. */
#define MANY_UNITS	(1u << 22)

/* Four points from the first one on; of pool_number(), in a row. */
static __always_inline void find_candidates(const struct asc_block_format *f, u32 step,
					    u32 left, u32 right, s32 distance, s32 first,
					    struct asc_trellis_candidates *c)
{
	s32 least = is_float(f) - (s32)f->zero, most = (1 << f->bits) - 1 - (s32)f->zero;
	u32 units = (u32)first * step + MANY_UNITS, i;

	for (i = 0; i < ASC_TRELLIS_CLASSES; i++, units += step) {
		s32 d = (s32)((units + UNIT - 1 + (units / (2 * UNIT) & 1)) / (2 * UNIT)) -
			(s32)(MANY_UNITS / (2 * UNIT));
		u32 error;

		d = d < least ? least : d > most ? most : d;
		error = d - distance;
		c->costs[(first + i) & 3] = error * error << left >> right;
	}
}

/* The points that values may become. */
static noinline void find_errors(const struct asc_block_format *f, const struct quantiser *q,
				 bool with_prices, struct pool *pool)
{
	u32 shift = with_prices ? 2 * q->exponent : ERROR_SHIFT, i;
	u32 left = shift < ERROR_SHIFT ? ERROR_SHIFT - shift : 0;
	u32 right = shift > ERROR_SHIFT ? shift - ERROR_SHIFT : 0;

	for (i = 0; i < ASC_POOL_VALUES; i++) {
		s32 first = point_below(q, pool->distances[i]) - 1;

		pool->firsts[i] = first;
		find_candidates(f, q->step, left, right, pool->distances[i], first,
				&pool->errors[i]);
	}
}

/* The points of the best way so far to a value, from another one on. */
static __always_inline void trace_back(const struct asc_trellis *trellis, u32 from, u32 end,
				       struct pool *pool)
{
	u32 state = asc_trellis_end(trellis), class;

	while (end-- > from) {
		state = asc_trellis_before(state, pool->choices[end] >> state & 1, &class);
		pool->points[end] = pool->firsts[end] + ((class - (u32)pool->firsts[end]) & 3);
	}
}

/* The points with the least sum of errors. */
static noinline void find_nearest_points(struct pool *pool)
{
	struct asc_trellis trellis;
	u32 i;

	asc_trellis_begin(&trellis);
	for (i = 0; i < ASC_POOL_VALUES; i++)
		pool->choices[i] = asc_trellis_advance(&trellis, &pool->errors[i]);
	trace_back(&trellis, 0, ASC_POOL_VALUES, pool);
}

/* Bits of an index beyond those that all of its group have; many if it has none. */
static __always_inline u32 bits_of(u32 code, u32 index)
{
	u32 width = code - ASC_FIRST_MASK;

	if (code < ASC_FIRST_RICE)
		return index < asc_plain_levels[code] ? 0 : MANY_BITS;
	if (code < ASC_FIRST_MASK)
		return min_u32(index >> (code - ASC_FIRST_RICE), MANY_BITS);
	return index > 1u << width ? MANY_BITS : index ? width : 0;
}

/**
 * struct branches - what a value may become, by the class of the point on its left
 * @candidates: of origins one beside the other
 * @of: for each class one of these
 */
struct branches {
	struct asc_trellis_candidates candidates[3];
	const struct asc_trellis_candidates *of[ASC_TRELLIS_CLASSES];
};

/* Steps from the last of three origins to the first of three numbers, up to the other ends. */
#define DISTANCES	5

/* The point on the left is one of four in a row, which give at most three origins in a row. */
static __always_inline void find_branches(const struct pool *pool, const struct pool_plan *plan,
					  const struct pool_walk *w, u32 bit, struct branches *b)
{
	const struct asc_trellis_candidates *errors = &pool->errors[w->i];
	s32 left = left_of(pool->firsts, w), first = pool->firsts[w->i];
	struct pool_origin o = pool_origin(plan, pool->points, w);
	s32 origin = origin_behind(&o, left), steps = half_of(first);
	u32 code = plan->codes[w->i / GROUP], last = origin_behind(&o, left + 3) - origin, i, k;
	u32 costs[DISTANCES];

	for (i = 2 - last; i < DISTANCES; i++)
		costs[i] = bits_of(code, index_of(true, steps - origin - 2 + (s32)i)) * bit;
	for (k = 0; k <= last; k++) {
		for (i = 0; i < ASC_TRELLIS_CLASSES; i++) {
			u32 class = (first + i) & 3;

			b->candidates[k].costs[class] = errors->costs[class] +
							costs[2 - k + ((first & 1) + i) / 2];
		}
	}
	for (i = 0; i < ASC_TRELLIS_CLASSES; i++, left++)
		b->of[left & 3] = &b->candidates[origin_behind(&o, left) - origin];
}

/*
 * The points with the least sum of errors and of what bits cost with the codes of the plan.  An
 * index depends on the points beside it and above: on the left those of each way count, and
 * above those of the best way so far, or where it has not been looked up, those there were.
 */
static noinline void find_cheap_points(const struct asc_pool_place *place,
				       const struct pool_plan *plan, u32 bit, struct pool *pool)
{
	struct pool_walk w = { place, 0, place->x, place->y };
	struct asc_trellis trellis;
	struct branches branches;
	u8 before = 0;

	asc_trellis_begin(&trellis);
	for (; w.i < ASC_POOL_VALUES; pool_step(&w)) {
		if (w.i % TRACE_EVERY == 0)
			trace_back(&trellis, w.i < TRACE_BACK ? 0 : w.i - TRACE_BACK, w.i, pool);
		find_branches(pool, plan, &w, bit, &branches);
		before = asc_trellis_advance_by(&trellis, before, branches.of);
		pool->choices[w.i] = before;
	}
	trace_back(&trellis, 0, ASC_POOL_VALUES, pool);
}

/* Returns whether no index is too large. */
static bool find_pool_indices(const struct asc_pool_place *place, const struct pool_plan *plan,
			      struct pool *pool)
{
	struct pool_walk w = { place, 0, place->x, place->y };

	for (; w.i < ASC_POOL_VALUES; pool_step(&w)) {
		struct pool_origin o = pool_origin(plan, pool->points, &w);
		s32 origin = origin_behind(&o, left_of(pool->points, &w));
		u32 index = index_of(true, half_of(pool->points[w.i]) - origin);

		if (index > ASC_MAX_INDEX)
			return false;
		pool->indices[w.i] = index;
	}
	return true;
}

static void choose_pool_codes(const struct asc_block_format *f, struct pool_plan *plan,
			      const struct pool *pool)
{
	u32 bits = ASC_CODE_BITS * POOL_GROUPS, together, g, i;
	struct tally all = { 0 };
	u8 code;

	for (g = 0; g < POOL_GROUPS; g++) {
		const u16 *indices = pool->indices + g * GROUP;
		struct tally t = { 0 };

		for (i = 0; i < GROUP; i++) {
			t.nonzero += !!indices[i];
			t.max = indices[i] > t.max ? indices[i] : t.max;
		}
		add_rice(indices, &t);
		add_tally(&t, &all);
		bits += choose_code(&t, GROUP, &plan->codes[g]);
	}
	together = choose_code(&all, ASC_POOL_VALUES, &code) + ASC_CODE_BITS;
	plan->shared = together <= bits;
	if (plan->shared)
		memset(plan->codes, code, sizeof(plan->codes));
	plan->bits = header_bits(f, plan->step_code) + min_u32(bits, together);
}

/* With the points that there are.  Returns whether the block fits. */
static bool pool_attempt(const struct asc_block_format *f, const struct asc_pool_place *place,
			 struct pool *pool, struct pool_plan *plan)
{
	plan->bits = ~0u;
	if (!find_pool_indices(place, plan, pool))
		return false;
	choose_pool_codes(f, plan, pool);
	return plan->bits <= 4 * ASC_POOL_VALUES;
}

/* The base is the mean, in steps. */
static void choose_pool_base(const struct asc_block_format *f, const struct quantiser *q,
			     const struct pool *pool, struct pool_plan *plan)
{
	s32 limit = 1 << (base_bits(f, plan->step_code) - 1);
	s32 base = nearest_steps(q, pool->sum / ASC_POOL_VALUES);

	plan->base = 2 * (base < limit ? base : limit - 1);
}

/*
 * With points that lie on a step: predicted if the block then fits, or if it does not fit
 * either way and that takes fewer bits.  Returns whether it fits.
 */
static noinline bool pool_fits(const struct asc_block_format *f, const struct asc_pool_place *place,
			       const struct quantiser *q, u32 step_code, struct pool *pool,
			       struct pool_plan *plan)
{
	struct pool_plan p = { .step_code = step_code };

	choose_pool_base(f, q, pool, &p);
	*plan = p;
	plan->predicted = true;
	if (pool_attempt(f, place, pool, plan))
		return true;
	pool_attempt(f, place, pool, &p);
	if (p.bits < plan->bits)
		*plan = p;
	return plan->bits <= 4 * ASC_POOL_VALUES;
}

static bool nearest_points_fit(const struct asc_block_format *f, const struct asc_pool_place *place,
			       u32 step_code, struct pool *pool, struct pool_plan *plan)
{
	struct quantiser q;

	set_quantiser(&q, step_code);
	find_errors(f, &q, false, pool);
	find_nearest_points(pool);
	return pool_fits(f, place, &q, step_code, pool, plan);
}

/* The smallest step that fits, by successive approximation; with the largest one, all do. */
static noinline void find_pool_step(const struct asc_block_format *f,
				    const struct asc_pool_place *place, struct pool *pool,
				    struct pool_plan *plan)
{
	u32 bit, found = 0, last = 1u << step_bits(f);
	bool fits = false;

	for (bit = last / 2; bit; bit >>= 1) {
		fits = nearest_points_fit(f, place, found + bit - 1, pool, plan);
		if (!fits)
			found += bit;
	}
	/* once more, if what was tried last is not what was found */
	if (!fits)
		nearest_points_fit(f, place, found, pool, plan);
}

/*
 * A guess at how many bits a step takes, by the nearest points that are even, with these to
 * begin a search with.
 */
static noinline bool guess_pool(const struct asc_block_format *f,
				const struct asc_pool_place *place, u32 step_code,
				struct pool *pool, struct pool_plan *plan)
{
	struct quantiser q;
	u32 i;

	set_quantiser(&q, step_code);
	for (i = 0; i < ASC_POOL_VALUES; i++)
		pool->points[i] = 2 * nearest_steps(&q, pool->distances[i]);
	return pool_fits(f, place, &q, step_code, pool, plan);
}

/* A step that fits by that guess, while the one below does not, or is not likely to. */
static noinline u32 guess_pool_step(const struct asc_block_format *f,
				    const struct asc_pool_place *place, struct pool *pool)
{
	u32 from = 0, to = (1u << step_bits(f)) - 1, code = to / 2, steps;
	struct pool_plan plan;

	while (from < to) {
		if (guess_pool(f, place, code, pool, &plan)) {
			to = code;
			steps = (4 * ASC_POOL_VALUES - plan.bits) / STEP_SAVES;
			if (!steps)
				break;
			code = max_u32(from + steps, to) - steps;
		} else {
			from = code + 1;
			steps = (plan.bits - 4 * ASC_POOL_VALUES) / STEP_SAVES;
			code = min_u32(steps, to - from) + from;
		}
		if (code == to)
			code--;
	}
	return to;
}

/* See cost_of(). */
static noinline u64 pool_cost(const struct asc_block_format *f, u32 step_code,
			      const struct pool *pool)
{
	u64 squares = 0;
	s64 sum = 0;
	u32 i;

	for (i = 0; i < ASC_POOL_VALUES; i++) {
		s64 error = (s32)pool_number(f, step_code, pool->points[i]) - (s32)f->zero -
			    pool->distances[i];

		squares += (u64)(error * error);
		sum += error;
	}
	return squares * ASC_POOL_VALUES + BIAS_WEIGHT * (u64)(sum * sum);
}

/* Another step, with points to begin with. */
static noinline void set_pool_step(const struct asc_block_format *f,
				   const struct asc_pool_place *place, u32 step_code,
				   struct pool *pool, struct pool_plan *plan)
{
	struct quantiser q;

	guess_pool(f, place, step_code, pool, plan);
	set_quantiser(&q, step_code);
	find_errors(f, &q, true, pool);
}

/*
 * From the guess to smaller steps, at prices that do not fall, as long as one may make the block
 * fit.  If it never does, to larger ones.
 */
static noinline void search_pool(const struct asc_block_format *f,
				 const struct asc_pool_place *place, struct pool *pool,
				 struct pool_plan *best)
{
	u64 best_cost = ~0ull, cost;
	struct pool_plan plan;
	bool larger = false;
	u32 price = 0;

	set_pool_step(f, place, guess_pool_step(f, place, pool), pool, &plan);
	for (;;) {
		find_cheap_points(place, &plan, bit_price(price, plan.step_code), pool);
		if (pool_attempt(f, place, pool, &plan)) {
			cost = pool_cost(f, plan.step_code, pool);
			if (cost < best_cost) {
				best_cost = cost;
				*best = plan;
				memcpy(pool->best, pool->points, sizeof(pool->best));
			}
			if (larger || !plan.step_code)
				break;
			set_pool_step(f, place, plan.step_code - 1, pool, &plan);
			continue;
		}
		price += max_u32(1, (plan.bits - 4 * ASC_POOL_VALUES) / PRICE_SAVES);
		if (price < PRICES)
			continue;
		if (best_cost != ~0ull)
			break;
		price = PRICES - 1;
		larger = true;
		set_pool_step(f, place, plan.step_code + 1, pool, &plan);
	}
	memcpy(pool->points, pool->best, sizeof(pool->points));
}

/* What a block has but for its indices. */
static void put_pool_header(const struct asc_block_format *f, const struct pool_plan *plan,
			    struct asc_pooled_writer *w)
{
	u32 g;

	memset(w->to, 0, ASC_POOL_BYTES + WRITE_AHEAD);
	put(w, plan->step_code, step_bits(f));
	put(w, plan->predicted, 1);
	put_signed(w, plan->base >> 1, base_bits(f, plan->step_code));
	put(w, plan->shared, 1);
	for (g = 0; g < (plan->shared ? 1 : POOL_GROUPS); g++)
		put(w, plan->codes[g], ASC_CODE_BITS);
}

static void write_pool(const struct asc_block_format *f, const struct pool_plan *plan,
		       struct pool *pool, u8 *bits)
{
	struct asc_pooled_writer w = { .to = pool->bits };
	u32 g;

	put_pool_header(f, plan, &w);
	for (g = 0; g < POOL_GROUPS; g++)
		put_one_group(&w, pool->indices + g * GROUP, plan->codes[g]);
	memcpy(bits, pool->bits, ASC_POOL_BYTES);
}

/**
 * asc_pool_encode - ASC_POOL_VALUES values to bits
 * @f: format, of two endpoints
 * @effort: ASC_EFFORT_HW: the smallest step that fits, by successive approximation, with the
 *	points nearest to the values.  ASC_EFFORT_BEST: a search for points and a step.
 * @place: where the values lie
 * @pool: with the values; its decoded values are filled in
 * @bits: receives ASC_POOL_VALUES / 2 bytes
 */
void asc_pool_encode(const struct asc_block_format *f, enum asc_effort effort,
		     const struct asc_pool_place *place, struct asc_pool *pool, u8 *bits)
{
	struct pool *scratch = (struct pool *)pool->scratch;
	struct pool_plan plan;
	u32 i;

	scratch->sum = 0;
	for (i = 0; i < ASC_POOL_VALUES; i++) {
		scratch->distances[i] = to_distance(f, pool->values[i]);
		scratch->sum += scratch->distances[i];
	}
	if (effort == ASC_EFFORT_BEST)
		search_pool(f, place, scratch, &plan);
	else
		find_pool_step(f, place, scratch, &plan);
	find_pool_indices(place, &plan, scratch);
	write_pool(f, &plan, scratch, bits);
	asc_pool_decode(f, place, bits, pool, pool->decoded);
}

/**
 * asc_pool_put_in - hand a block to vector code
 * @f: format, of two endpoints
 * @place: where its values lie
 * @lanes: blocks, with the values of this one
 * @lane: its place among them
 */
void asc_pool_put_in(const struct asc_block_format *f, const struct asc_pool_place *place,
		     struct asc_pool_lanes *lanes, u32 lane)
{
	s32 sum = 0;
	u32 i;

	for (i = 0; i < ASC_POOL_VALUES; i++) {
		s32 distance = to_distance(f, lanes->values[lane][i]);

		lanes->distances[i][lane] = distance;
		sum += distance;
	}
	lanes->mean[lane] = sum / ASC_POOL_VALUES;
	lanes->w = place->w;
	lanes->h = place->h;
	lanes->x[lane] = place->x;
	lanes->y[lane] = place->y;
	lanes->plain[lane] = false;
}

static noinline void write_pool_lane(const struct asc_block_format *f,
				     const struct asc_pool_lanes *lanes, u32 lane, u8 *bits)
{
	u8 whole[ASC_POOL_BYTES + WRITE_AHEAD] __uninitialized;
	struct asc_pooled_writer w = { .to = whole };
	struct pool_plan plan;
	u32 g, i;

	plan.step_code = lanes->plans.step_code[lane];
	plan.base = lanes->plans.base[lane];
	plan.predicted = lanes->plans.predicted[lane];
	plan.shared = lanes->plans.shared[lane];
	for (g = 0; g < POOL_GROUPS; g++)
		plan.codes[g] = lanes->plans.codes[g][lane];
	put_pool_header(f, &plan, &w);
	for (g = 0; g < POOL_GROUPS; g++) {
		u16 group[GROUP] __uninitialized;

		for (i = 0; i < GROUP; i++)
			group[i] = lanes->best[g * GROUP + i][lane];
		put_one_group(&w, group, plan.codes[g]);
	}
	memcpy(bits, whole, ASC_POOL_BYTES);
}

/**
 * asc_pool_take_out - what vector code made of a block
 * @f: format
 * @lanes: blocks, encoded
 * @lane: its place
 * @bits: receives ASC_POOL_BYTES bytes; NULL if the block is only tried
 * @decoded: receives what asc_pool_decode() will make of them
 *
 * Return: false if only asc_pool_encode() can tell.
 */
bool asc_pool_take_out(const struct asc_block_format *f, const struct asc_pool_lanes *lanes,
		       u32 lane, u8 *bits, u16 *decoded)
{
	u32 i;

	if (lanes->plain[lane])
		return false;
	if (bits)
		write_pool_lane(f, lanes, lane, bits);
	for (i = 0; i < ASC_POOL_VALUES; i++) {
		u32 number = lanes->decoded[i][lane];

		decoded[i] = is_float(f) ? asc_float_from_fixed(f->kind, f->exponent, number) :
					   number;
	}
	return true;
}

/* From indices to points, not predicted: only the state goes from one to the next. */
static void add_pool_base(const u16 *indices, s32 base, s32 most, s32 *points)
{
	u32 state = 0, i;

	add_base(indices, ASC_POOL_VALUES, true, base, most, points);
	for (i = 0; i < ASC_POOL_VALUES; i++) {
		points[i] = 2 * points[i] + (s32)(state & 1);
		state = asc_trellis_next(state, points[i]);
	}
}

/**
 * struct pool_part - values of a row in a block, all of which have one above, or none
 * @i: the first
 * @end: behind the last
 * @left: the first has one beside it
 * @up: how far back those above are; or 0
 */
struct pool_part {
	u32 i, end;
	bool left;
	u32 up;
};

static __always_inline s32 point_at(s32 origin, u32 index, s32 most, u32 state)
{
	return 2 * clamp_steps(origin + steps_of(true, index), most) + (s32)(state & 1);
}

/* Returns the state behind the part. */
static __always_inline u32 add_part(const struct pool_part *part, const u16 *indices, s32 base,
				    s32 most, u32 state, s32 *points)
{
	u32 up = part->up, i = part->i;
	s32 left = i ? points[i - 1] : 0;

	if (!part->left) {
		left = point_at(half_of(up ? points[i - up] : base), indices[i], most, state);
		state = asc_trellis_next(state, left);
		points[i++] = left;
	}
	for (; i < part->end; i++) {
		s32 origin = up ? half_of(half_of(left + points[i - up])) : half_of(left);

		left = point_at(origin, indices[i], most, state);
		state = asc_trellis_next(state, left);
		points[i] = left;
	}
	return state;
}

/* Likewise, predicted. */
static void add_pool_origins(const struct asc_pool_place *place, const u16 *indices, s32 base,
			     s32 most, s32 *points)
{
	u32 x = place->x, y = place->y, state = 0, i, end;

	for (i = 0; i < ASC_POOL_VALUES; i = end) {
		bool up = y && i >= place->w;
		struct pool_part part;

		end = min_u32(ASC_POOL_VALUES, i + place->w - x);
		/* the first row above may begin where this one already has */
		if (y && i < place->w)
			end = min_u32(end, place->w);
		part = (struct pool_part){ i, end, x && i, up ? place->w : 0 };
		state = add_part(&part, indices, base, most, state, points);
		x += end - i;
		if (x < place->w)
			continue;
		x = 0;
		if (++y == place->h)
			y = 0;
	}
}

/**
 * asc_pool_decode - bits to ASC_POOL_VALUES values
 * @f: format, of two endpoints
 * @place: where the values lie
 * @bits: ASC_POOL_VALUES / 2 bytes; any content is valid
 * @pool: scratch memory
 * @values: receives the values, unsigned numbers of f->bits bits
 */
void asc_pool_decode(const struct asc_block_format *f, const struct asc_pool_place *place,
		     const u8 *bits, struct asc_pool *pool, u16 *values)
{
	struct pool *scratch = (struct pool *)pool->scratch;
	struct asc_pooled_header h;
	s32 most;

	get_indices(f, bits, &h, scratch->indices);
	most = most_steps(f, h.step_code);
	if (h.predicted)
		add_pool_origins(place, scratch->indices, 2 * h.base, most, scratch->points);
	else
		add_pool_base(scratch->indices, h.base, most, scratch->points);
	to_values(f, h.step_code, 2 * UNIT, scratch->points, values);
}
