/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Blocks with a trellis side by side, one in each word of 32 bits of a vector.  Who includes it
 * says what a vector is:
 *
 * - words, LANES of them; mask, which tells for each true or false;
 * - functions with names that begin with w_ and m_.
 *
 * asc_pooled.c says what is done and why, in plain C, and gives the same bytes.  What depends on
 * a block only, and not on each of its values, is plain C here, too.
 */

#define GROUP	ASC_POOLED_GROUP
#define VALUES	ASC_POOL_VALUES

/**
 * struct pool_steps - steps, in parts
 * @step: in eighths
 * @mantissa: 8 to 15
 * @exponent: exponent
 * @reciprocal: 2^24 / @mantissa, rounded up
 * @left: shifts of squared errors
 * @right: then
 */
struct pool_steps {
	words step, mantissa, exponent, reciprocal, left, right;
};

/**
 * struct pool_lanes - what is known of all blocks
 * @f: format
 * @l: blocks
 * @first: of these
 * @least: the least number as a distance
 * @most: the largest
 */
struct pool_lanes {
	const struct asc_block_format *f;
	struct asc_pool_lanes *l;
	u32 first;
	words least, most;
};

static inline_all void set_pool_steps(const struct pool_lanes *pl, const u32 *step_code,
				      bool with_prices, struct pool_steps *s)
{
	const words none = w_set(0), shift = w_set(ERROR_SHIFT);
	words code = w_load(step_code + pl->first);

	s->exponent = w_srli(code, 3);
	s->mantissa = w_add(w_and(code, w_set(UNIT - 1)), w_set(UNIT));
	s->step = w_sll(s->mantissa, s->exponent);
	s->reciprocal = w_reciprocal(code);
	s->left = none;
	s->right = none;
	if (with_prices) {
		words by = w_slli(s->exponent, 1);

		s->left = w_max(w_sub(shift, by), none);
		s->right = w_max(w_sub(by, shift), none);
	}
}

/* A product of 64 bits, without the lowest 24. */
static inline_all words times_reciprocal(words a, words b)
{
	words even = w_srli64(w_mul32(a, b), 24);
	words odd = w_slli64(w_mul32(w_srli64(a, 32), w_srli64(b, 32)), 8);

	return w_even_odd(even, odd);
}

static inline_all words negate_where(mask m, words x)
{
	return w_blend(m, x, w_sub(w_set(0), x));
}

/* See nearest_steps(). */
static inline_all words pool_nearest(const struct pool_steps *s, words distance)
{
	words sum = w_add(w_slli(w_abs(distance), 3), w_srli(s->step, 1));
	words count = times_reciprocal(w_srl(sum, s->exponent), s->reciprocal), odd;
	mask tie = m_eq(w_mullo(count, s->step), sum);

	tie = m_and(tie, m_eq(w_and(s->step, w_set(1)), w_set(0)));
	odd = w_and(count, w_set(1));
	count = w_sub(count, w_maskz(tie, odd));
	return negate_where(m_lt(distance, w_set(0)), count);
}

/* See point_below(). */
static inline_all words pool_point_below(const struct pool_steps *s, words distance)
{
	mask below = m_lt(distance, w_set(0));
	words sum = w_add(w_slli(w_abs(distance), 4),
			  w_maskz(below, w_sub(s->step, w_set(1))));

	return negate_where(below, times_reciprocal(w_srl(sum, s->exponent), s->reciprocal));
}

/* The distance that a product of a point and a step stands for; see find_candidates(). */
static inline_all words pool_distance(const struct pool_lanes *pl, words units)
{
	/* rounded down, for numbers with a sign; of two equally near, the even one */
	words odd = w_and(w_srli(units, 4), w_set(1));
	words d = w_srai(w_add(w_add(units, w_set(UNIT - 1)), odd), 4);

	return w_min(w_max(d, pl->least), pl->most);
}

/**
 * struct pool_candidates - what values may become: of each class the nearest point
 * @points: points
 * @errors: their squared errors
 */
struct pool_candidates {
	words points[ASC_TRELLIS_CLASSES], errors[ASC_TRELLIS_CLASSES];
};

static inline_all words point_of_class(words first, words class)
{
	return w_add(first, w_and(w_sub(class, first), w_set(3)));
}

static inline_all void find_pool_candidates(const struct pool_lanes *pl,
					    const struct pool_steps *s, u32 i,
					    struct pool_candidates *c)
{
	words distance = w_load(pl->l->distances[i] + pl->first);
	words first = w_sub(pool_point_below(s, distance), w_set(1));
	u32 k;

	w_store(pl->l->firsts[i] + pl->first, first);
#pragma GCC unroll 4
	for (k = 0; k < ASC_TRELLIS_CLASSES; k++) {
		words error;

		c->points[k] = point_of_class(first, w_set(k));
		error = w_sub(pool_distance(pl, w_mullo(c->points[k], s->step)), distance);
		c->errors[k] = w_srl(w_sll(w_mullo(error, error), s->left), s->right);
	}
}

/* More than all errors and prices together. */
#define NEVER	(1u << 30)

/**
 * struct pool_trellis - ways through the trellis
 * @costs: of the best to each state
 * @choices: of the last value, see asc_trellis_advance()
 */
struct pool_trellis {
	words costs[ASC_TRELLIS_STATES];
	mask choices[ASC_TRELLIS_STATES];
};

static inline_all void begin_pools(struct pool_trellis *t)
{
	u32 i;

	for (i = 0; i < ASC_TRELLIS_STATES; i++) {
		t->costs[i] = w_set(i ? NEVER : 0);
		t->choices[i] = m_eq(w_set(0), w_set(1));
	}
}

/* See advance_two(); @errors are those behind each state, of the classes with bit 1 and without. */
static inline_all void advance_pools(const struct pool_lanes *pl, u32 i,
				     words errors[ASC_TRELLIS_STATES][2], struct pool_trellis *t)
{
	words next[ASC_TRELLIS_STATES], choices = w_set(0);
	u32 before, z;

#pragma GCC unroll 4
	for (before = 0; before < ASC_TRELLIS_STATES / 2; before++) {
#pragma GCC unroll 2
		for (z = 0; z < 2; z++) {
			u32 a = before & 1, state = (a << 2 | (before >> 1 ^ a)) + 2 * z;
			words first = w_add(t->costs[before], errors[before][z]);
			words second = w_add(t->costs[before + 4], errors[before + 4][z ^ 1]);

			t->choices[state] = m_lt(second, first);
			next[state] = w_min(first, second);
		}
	}
#pragma GCC unroll 8
	for (z = 0; z < ASC_TRELLIS_STATES; z++) {
		choices = w_or(choices, w_maskz(t->choices[z], w_set(1u << z)));
		t->costs[z] = next[z];
	}
	w_store8(pl->l->choices[i] + pl->first, choices);
}

/* See trace_back(). */
static noinline void trace_pools(const struct pool_lanes *pl, const struct pool_trellis *t,
				 u32 from, u32 end)
{
	struct asc_pool_lanes *l = pl->l;
	words best = t->costs[0], state = w_set(0), one = w_set(1);
	u32 i;

	for (i = 1; i < ASC_TRELLIS_STATES; i++) {
		state = w_blend(m_lt(t->costs[i], best), state, w_set(i));
		best = w_min(t->costs[i], best);
	}
	while (end-- > from) {
		words choice = w_and(w_srl(w_load8(l->choices[end] + pl->first), state), one);
		words a = w_srli(state, 2), class;

		/* see asc_trellis_before() */
		class = w_or(w_slli(w_and(w_xor(w_srli(state, 1), choice), one), 1), a);
		state = w_or(w_or(w_slli(choice, 2), w_slli(w_and(w_xor(state, a), one), 1)), a);
		w_store(l->points[end] + pl->first,
			point_of_class(w_load(l->firsts[end] + pl->first), class));
	}
}

/* See find_errors() and find_nearest_points(). */
static noinline void find_nearest_pools(const struct pool_lanes *pl, const u32 *step_code)
{
	struct pool_candidates c;
	struct pool_steps s;
	struct pool_trellis t;
	u32 i, k;

	set_pool_steps(pl, step_code, false, &s);
	begin_pools(&t);
	for (i = 0; i < VALUES; i++) {
		words errors[ASC_TRELLIS_STATES][2];

		find_pool_candidates(pl, &s, i, &c);
#pragma GCC unroll 8
		for (k = 0; k < ASC_TRELLIS_STATES; k++) {
			errors[k][0] = c.errors[k & 1];
			errors[k][1] = c.errors[(k & 1) + 2];
		}
		advance_pools(pl, i, errors, &t);
	}
	trace_pools(pl, &t, 0, VALUES);
}

/**
 * struct pool_walks - where values lie in their planes
 * @x: column
 * @y: row
 */
struct pool_walks {
	words x, y;
};

static inline_all void begin_pool_walks(const struct pool_lanes *pl, struct pool_walks *w)
{
	w->x = w_load(pl->l->x + pl->first);
	w->y = w_load(pl->l->y + pl->first);
}

static inline_all void step_pool_walks(const struct pool_lanes *pl, struct pool_walks *w)
{
	const words one = w_set(1);
	mask end;

	w->x = w_add(w->x, one);
	end = m_eq(w->x, w_set(pl->l->w));
	w->x = w_blend(end, w->x, w_set(0));
	w->y = w_add(w->y, w_maskz(end, one));
	w->y = w_blend(m_eq(w->y, w_set(pl->l->h)), w->y, w_set(0));
}

/**
 * struct pool_origins - what indices of 0 stand for
 * @sum: of the points that it depends on, but for that on the left
 * @left: those that depend on that
 * @shift: half a sum, or a quarter
 */
struct pool_origins {
	words sum;
	mask left;
	words shift;
};

/* See pool_origin(). */
static inline_all void find_pool_origins(const struct pool_lanes *pl, mask predicted, words base,
					 const struct pool_walks *w, u32 i, struct pool_origins *o)
{
	const words none = w_set(0), one = w_set(1);
	mask up;

	if (!i) {
		o->left = m_eq(none, one);
		o->sum = base;
		o->shift = one;
		return;
	}
	o->left = m_and(predicted, m_lt(none, w->x));
	o->sum = w_blend(o->left, base, none);
	o->shift = one;
	if (i < pl->l->w)
		return;
	up = m_and(predicted, m_lt(none, w->y));
	o->sum = w_blend(up, o->sum, w_load(pl->l->points[i - pl->l->w] + pl->first));
	o->shift = w_add(one, w_maskz(m_and(o->left, up), one));
}

static inline_all words pool_origin_behind(const struct pool_origins *o, words left)
{
	return w_sra(w_add(o->sum, w_maskz(o->left, left)), o->shift);
}

/* Up and down by turns. */
static inline_all words pool_index(words origin, words steps)
{
	words d = w_sub(origin, steps);

	return w_xor(w_add(d, d), w_srai(d, 31));
}

/**
 * struct pool_prices - what indices cost with the code of their group
 * @shift: low bits of a code of Golomb and Rice, or more than there are
 * @limit: larger ones cost @many
 * @nonzero: what those cost that are not 0
 * @many: many bits
 * @bit: one
 */
struct pool_prices {
	words shift, limit, nonzero, many, bit;
};

static inline_all void set_pool_prices(const struct pool_lanes *pl, const u32 *codes, words bit,
				       struct pool_prices *p)
{
	u32 shift[LANES], limit[LANES], nonzero[LANES], i;

	for (i = 0; i < LANES; i++) {
		u32 code = codes[pl->first + i], width = code - ASC_FIRST_MASK;

		shift[i] = MANY_BITS;
		limit[i] = ASC_MAX_INDEX << 8;
		nonzero[i] = 0;
		if (code < ASC_FIRST_RICE) {
			limit[i] = asc_plain_levels[code] - 1;
		} else if (code < ASC_FIRST_MASK) {
			shift[i] = code - ASC_FIRST_RICE;
		} else {
			limit[i] = 1u << width;
			nonzero[i] = width;
		}
	}
	p->shift = w_load(shift);
	p->limit = w_load(limit);
	p->nonzero = w_mullo(w_load(nonzero), bit);
	p->many = w_mullo(w_set(MANY_BITS), bit);
	p->bit = bit;
}

/* See bits_of(). */
static inline_all words pool_price(const struct pool_prices *p, words index)
{
	words price = w_mullo(w_min(w_srl(index, p->shift), w_set(MANY_BITS)), p->bit);

	price = w_add(price, w_maskz(m_lt(w_set(0), index), p->nonzero));
	return w_blend(m_lt(p->limit, index), price, p->many);
}

/* Errors and prices behind a state, where ways to it differ in the point on the left. */
static inline_all void find_pool_errors(const struct pool_candidates *c,
					const struct pool_prices *p, const struct pool_origins *o,
					const words *before, mask choice, u32 state,
					words errors[2])
{
	/* see last_class() */
	u32 a = state & 1, b = state >> 2, z = state >> 1 & 1;
	words left = w_blend(choice, before[b + 2 * z], before[b + 2 * (z ^ 1)]);
	words origin = pool_origin_behind(o, left);
	words first = pool_index(origin, w_srai(c->points[a], 1));
	words second = pool_index(origin, w_srai(c->points[a + 2], 1));

	errors[0] = w_add(c->errors[a], pool_price(p, first));
	errors[1] = w_add(c->errors[a + 2], pool_price(p, second));
}

/* See find_cheap_points(). */
static noinline void find_cheap_pools(const struct pool_lanes *pl,
				      const struct asc_pool_plans *plan, const u32 *bits)
{
	mask predicted = m_ne(w_load(plan->predicted + pl->first), w_set(0));
	words base = w_load(plan->base + pl->first), bit = w_load(bits + pl->first);
	words before[ASC_TRELLIS_CLASSES];
	struct pool_candidates c;
	struct pool_prices p;
	struct pool_walks w;
	struct pool_steps s;
	struct pool_trellis t;
	u32 i, k;

	set_pool_steps(pl, plan->step_code, true, &s);
	begin_pools(&t);
	begin_pool_walks(pl, &w);
	for (k = 0; k < ASC_TRELLIS_CLASSES; k++)
		before[k] = w_set(0);
	for (i = 0; i < VALUES; ) {
		u32 end = i + GROUP;

		set_pool_prices(pl, plan->codes[i / GROUP], bit, &p);
		for (; i < end; i++) {
			words errors[ASC_TRELLIS_STATES][2];
			struct pool_origins o;

			if (i % TRACE_EVERY == 0)
				trace_pools(pl, &t, i < TRACE_BACK ? 0 : i - TRACE_BACK, i);
			find_pool_candidates(pl, &s, i, &c);
			find_pool_origins(pl, predicted, base, &w, i, &o);
#pragma GCC unroll 8
			for (k = 0; k < ASC_TRELLIS_STATES; k++)
				find_pool_errors(&c, &p, &o, before, t.choices[k], k, errors[k]);
			advance_pools(pl, i, errors, &t);
			memcpy(before, c.points, sizeof(before));
			step_pool_walks(pl, &w);
		}
	}
	trace_pools(pl, &t, 0, VALUES);
}

/**
 * struct pool_tally - what the bits of indices depend on
 * @max: the largest
 * @nonzero: how many are not 0
 * @rice: sums of what is left of them behind 0, 1, ... low bits
 */
struct pool_tally {
	words max, nonzero, rice[ASC_RICE_CODES];
};

static inline_all void clear_pool_tally(struct pool_tally *t)
{
	u32 k;

	t->max = w_set(0);
	t->nonzero = w_set(0);
	for (k = 0; k < ASC_RICE_CODES; k++)
		t->rice[k] = w_set(0);
}

static inline_all void count_pool_index(struct pool_tally *t, words index)
{
	u32 k;

	t->max = w_max(t->max, index);
	t->nonzero = w_add(t->nonzero, w_min(index, w_set(1)));
#pragma GCC unroll 8
	for (k = 0; k < ASC_RICE_CODES; k++)
		t->rice[k] = w_add(t->rice[k], w_srli(index, k));
}

/* See choose_code(). */
static noinline words choose_pool_code(const struct pool_tally *t, u32 count, words *code)
{
	words best = w_set(0), bits, width = best;
	mask better;
	u32 k;

	*code = best;
#pragma GCC unroll 16
	for (k = 0; k < ASC_PLAIN_CODES; k++) {
		better = m_lt(w_set(asc_plain_levels[k] - 1), t->max);
		if (k < ASC_PLAIN_CODES - 1)
			*code = w_add(*code, w_maskz(better, w_set(1)));
		best = w_blend(better, best, w_set(k < ASC_PLAIN_CODES - 1 ?
						   count / 2 * asc_pair_bits[k + 1] : NEVER));
	}
#pragma GCC unroll 8
	for (k = 0; k < ASC_RICE_CODES; k++) {
		bits = w_add(w_set(count * (k + 1)), t->rice[k]);
		better = m_lt(bits, best);
		best = w_min(best, bits);
		*code = w_blend(better, *code, w_set(ASC_FIRST_RICE + k));
	}
#pragma GCC unroll 16
	for (k = 0; k < ASC_MASK_CODES - 1; k++)
		width = w_add(width, w_maskz(m_lt(w_set(1u << k), t->max), w_set(1)));
	bits = w_add(w_set(count), w_mullo(t->nonzero, width));
	bits = w_blend(m_lt(w_set(1u << (ASC_MASK_CODES - 1)), t->max), bits, w_set(NEVER));
	better = m_lt(bits, best);
	*code = w_blend(better, *code, w_add(w_set(ASC_FIRST_MASK), width));
	return w_min(best, bits);
}

/* See choose_pool_codes() and pool_attempt(): codes stay where an index is too large. */
static noinline void choose_pool_plans(const struct pool_lanes *pl, const struct pool_tally *all,
				       words bits, struct asc_pool_plans *plan,
				       u32 (*codes)[ASC_POOL_LANES])
{
	mask fits = m_lt(all->max, w_set(ASC_MAX_INDEX + 1)), shared;
	words head, together, code, exponent;
	u32 g;

	exponent = w_srli(w_load(plan->step_code + pl->first), 3);
	/* step, what is predicted and shared, base */
	head = w_sub(w_set((pl->f->bits == 8 ? 6 : 7) + 2 + pl->f->bits + 1), exponent);
	bits = w_add(bits, w_set(ASC_CODE_BITS * ASC_POOLED_GROUPS));
	together = w_add(choose_pool_code(all, VALUES, &code), w_set(ASC_CODE_BITS));
	shared = m_lt(together, w_add(bits, w_set(1)));
	bits = w_blend(fits, w_set(~0u), w_add(head, w_min(bits, together)));
	w_store(plan->bits + pl->first, bits);
	w_store(plan->shared + pl->first,
		w_blend(fits, w_load(plan->shared + pl->first), w_maskz(shared, w_set(1))));
	for (g = 0; g < ASC_POOLED_GROUPS; g++) {
		u32 *to = plan->codes[g] + pl->first;
		words found = w_blend(shared, w_load(codes[g] + pl->first), code);

		w_store(to, w_blend(fits, w_load(to), found));
	}
}

/* See pool_attempt(): what the plan says makes codes and bits of the points that there are. */
static noinline void try_pools(const struct pool_lanes *pl, struct asc_pool_plans *plan)
{
	mask predicted = m_ne(w_load(plan->predicted + pl->first), w_set(0));
	words base = w_load(plan->base + pl->first), bits = w_set(0), left = bits, code;
	struct asc_pool_lanes *l = pl->l;
	struct pool_tally all;
	struct pool_walks w;
	u32 i, k;

	clear_pool_tally(&all);
	begin_pool_walks(pl, &w);
	for (i = 0; i < VALUES; ) {
		u32 end = i + GROUP, *codes = l->codes[i / GROUP] + pl->first;
		struct pool_tally t;

		clear_pool_tally(&t);
		for (; i < end; i++) {
			words point = w_load(l->points[i] + pl->first), index;
			struct pool_origins o;

			find_pool_origins(pl, predicted, base, &w, i, &o);
			index = pool_index(pool_origin_behind(&o, left), w_srai(point, 1));
			/* larger ones are too large all the same */
			index = w_min(index, w_set(2 * ASC_MAX_INDEX));
			count_pool_index(&t, index);
			w_store16(l->indices[i] + pl->first, index);
			left = point;
			step_pool_walks(pl, &w);
		}
		bits = w_add(bits, choose_pool_code(&t, GROUP, &code));
		w_store(codes, code);
		all.max = w_max(all.max, t.max);
		all.nonzero = w_add(all.nonzero, t.nonzero);
		for (k = 0; k < ASC_RICE_CODES; k++)
			all.rice[k] = w_add(all.rice[k], t.rice[k]);
	}
	choose_pool_plans(pl, &all, bits, plan, l->codes);
}

/* See choose_pool_base(). */
static inline_all words pool_base(const struct pool_lanes *pl, const struct pool_steps *s)
{
	words limit = w_sll(w_set(1), w_sub(w_set(pl->f->bits), s->exponent));
	words base = pool_nearest(s, w_load(pl->l->mean + pl->first));

	return w_slli(w_min(base, w_sub(limit, w_set(1))), 1);
}

static inline_all void copy_where(u32 *to, const u32 *from, u32 first, mask here)
{
	w_store(to + first, w_blend(here, w_load(to + first), w_load(from + first)));
}

/* Plans of some blocks become others. */
static noinline void take_pool_plans(const struct pool_lanes *pl, struct asc_pool_plans *to,
				     const struct asc_pool_plans *from, mask here)
{
	u32 g;

	copy_where(to->step_code, from->step_code, pl->first, here);
	copy_where((u32 *)to->base, (const u32 *)from->base, pl->first, here);
	copy_where(to->predicted, from->predicted, pl->first, here);
	copy_where(to->shared, from->shared, pl->first, here);
	copy_where(to->bits, from->bits, pl->first, here);
	for (g = 0; g < ASC_POOLED_GROUPS; g++)
		copy_where(to->codes[g], from->codes[g], pl->first, here);
}

/* See pool_fits(): the points that there are, predicted or not. */
static noinline void plan_pools(const struct pool_lanes *pl, const u32 *step_code, mask here,
				struct asc_pool_plans *plan)
{
	const words none = w_set(0), most = w_set(4 * VALUES + 1);
	struct asc_pool_plans *p = pl->l->trials;
	words bits, other;
	mask plain;
	struct pool_steps s;
	u32 k, g;

	set_pool_steps(pl, step_code, false, &s);
	for (k = 0; k < 2; k++) {
		copy_where(p[k].step_code, step_code, pl->first, m_eq(none, none));
		w_store(p[k].base + pl->first, pool_base(pl, &s));
		w_store(p[k].predicted + pl->first, w_set(k ? ~0u : 0));
		w_store(p[k].shared + pl->first, none);
		for (g = 0; g < ASC_POOLED_GROUPS; g++)
			w_store(p[k].codes[g] + pl->first, none);
		try_pools(pl, &p[k]);
	}
	bits = w_load(p[1].bits + pl->first);
	other = w_load(p[0].bits + pl->first);
	/* many are ~0, which is below 0 */
	plain = m_and(m_ltu(other, bits), m_not(m_ltu(bits, most)));
	take_pool_plans(pl, &p[1], &p[0], plain);
	take_pool_plans(pl, plan, &p[1], here);
}

/* See guess_pool(). */
static noinline void guess_pools(const struct pool_lanes *pl, const u32 *step_code, mask here,
				 struct asc_pool_plans *plan)
{
	struct asc_pool_lanes *l = pl->l;
	struct pool_steps s;
	u32 i;

	set_pool_steps(pl, step_code, false, &s);
	for (i = 0; i < VALUES; i++) {
		s32 *to = l->points[i] + pl->first;
		words steps = pool_nearest(&s, w_load(l->distances[i] + pl->first));

		w_store(to, w_blend(here, w_load(to), w_slli(steps, 1)));
	}
	plan_pools(pl, step_code, here, plan);
}

/**
 * struct pool_errors - of blocks
 * @squares: sums of squares, of even and odd blocks
 * @sums: sums
 */
struct pool_errors {
	u64 squares[2][LANES / 2];
	s32 sums[LANES];
};

/* See pool_cost(). */
static noinline void measure_pools(const struct pool_lanes *pl, const u32 *step_code,
				   struct pool_errors *e)
{
	words sum = w_set(0), squares[2] = { sum, sum };
	struct asc_pool_lanes *l = pl->l;
	struct pool_steps s;
	u32 i;

	set_pool_steps(pl, step_code, false, &s);
	for (i = 0; i < VALUES; i++) {
		words point = w_load(l->points[i] + pl->first);
		words d = pool_distance(pl, w_mullo(point, s.step));
		words error = w_sub(d, w_load(l->distances[i] + pl->first)), odd;

		w_store16(l->scratch[i] + pl->first, w_add(d, w_set(pl->f->zero)));
		sum = w_add(sum, error);
		error = w_abs(error);
		odd = w_srli64(error, 32);
		squares[0] = w_add64(squares[0], w_mul32(error, error));
		squares[1] = w_add64(squares[1], w_mul32(odd, odd));
	}
	w_store(e->squares[0], squares[0]);
	w_store(e->squares[1], squares[1]);
	w_store(e->sums, sum);
}

static u64 pool_cost(const struct pool_errors *e, u32 lane)
{
	s64 sum = e->sums[lane];

	return e->squares[lane & 1][lane / 2] * VALUES + 2 * (u64)(sum * sum);
}

/* The last trial is the best so far, where it is. */
static noinline void keep_pools(const struct pool_lanes *pl, const struct asc_pool_plans *plan,
				mask here)
{
	struct asc_pool_lanes *l = pl->l;
	u32 i;

	take_pool_plans(pl, &l->plans, plan, here);
	for (i = 0; i < VALUES; i++) {
		u16 *index = l->best[i] + pl->first, *number = l->decoded[i] + pl->first;

		w_store16(index, w_blend(here, w_load16(index),
					 w_load16(l->indices[i] + pl->first)));
		w_store16(number, w_blend(here, w_load16(number),
					  w_load16(l->scratch[i] + pl->first)));
	}
}

/* See find_pool_step(). */
static noinline void find_pool_steps(const struct pool_lanes *pl)
{
	struct asc_pool_lanes *l = pl->l;
	u32 found[ASC_POOL_LANES] = { 0 }, trial[ASC_POOL_LANES];
	u32 bit = pl->f->bits == 8 ? 32 : 64, i;
	const mask all = m_eq(w_set(0), w_set(0));
	struct pool_errors e;

	for (; bit; bit >>= 1) {
		for (i = pl->first; i < pl->first + LANES; i++) {
			trial[i] = found[i] + bit - 1;
			if (trial[i] >= ASC_POOL_LANES_STEPS)
				l->plain[i] = true;
		}
		find_nearest_pools(pl, trial);
		plan_pools(pl, trial, all, &l->work);
		for (i = pl->first; i < pl->first + LANES; i++)
			found[i] += l->work.bits[i] <= 4 * VALUES ? 0 : bit;
	}
	find_nearest_pools(pl, found);
	plan_pools(pl, found, all, &l->work);
	try_pools(pl, &l->work);
	measure_pools(pl, found, &e);
	keep_pools(pl, &l->work, all);
}

/* See guess_pool_step().  Returns in @to what that returns. */
static noinline void guess_pool_steps(const struct pool_lanes *pl, u32 *to)
{
	u32 from[ASC_POOL_LANES], code[ASC_POOL_LANES], most = pl->f->bits == 8 ? 63 : 127, i;
	const mask all = m_eq(w_set(0), w_set(0));
	struct asc_pool_plans *plan = &pl->l->work;
	bool more = true;

	for (i = pl->first; i < pl->first + LANES; i++) {
		from[i] = 0;
		to[i] = most;
		code[i] = most / 2;
	}
	while (more) {
		more = false;
		guess_pools(pl, code, all, plan);
		for (i = pl->first; i < pl->first + LANES; i++) {
			u32 steps, bits = plan->bits[i];

			if (from[i] >= to[i])
				continue;
			if (bits <= 4 * VALUES) {
				to[i] = code[i];
				steps = (4 * VALUES - bits) / STEP_SAVES;
				if (!steps)
					from[i] = to[i];
				code[i] = from[i] + steps > to[i] ? from[i] : to[i] - steps;
			} else {
				from[i] = code[i] + 1;
				steps = (bits - 4 * VALUES) / STEP_SAVES;
				if (steps > to[i] - from[i])
					steps = to[i] - from[i];
				code[i] = steps + from[i];
			}
			if (code[i] == to[i] && code[i])
				code[i]--;
			more |= from[i] < to[i];
		}
	}
}

/**
 * struct pool_search - where a search is
 * @best_cost: the least cost so far
 * @step_code: step
 * @price: number of the price
 * @larger: steps become larger
 * @done: it is at its end
 * @moved: has the step changed?  ~0 or 0
 * @better: is the last trial the best one?  ~0 or 0
 * @bit: what a bit costs
 */
struct pool_search {
	u64 best_cost[ASC_POOL_LANES];
	u32 step_code[ASC_POOL_LANES];
	u32 moved[ASC_POOL_LANES];
	u32 better[ASC_POOL_LANES];
	u32 bit[ASC_POOL_LANES];
	u8 price[ASC_POOL_LANES];
	bool larger[ASC_POOL_LANES];
	bool done[ASC_POOL_LANES];
};

static void set_pool_bits(const struct pool_lanes *pl, struct pool_search *s)
{
	u32 i;

	for (i = pl->first; i < pl->first + LANES; i++)
		s->bit[i] = bit_price(s->price[i], s->step_code[i]);
}

/* See search_pool(): what follows from a block that fits. */
static void pool_has_fitted(struct pool_search *s, u32 i, u64 cost)
{
	if (cost < s->best_cost[i]) {
		s->best_cost[i] = cost;
		s->better[i] = ~0u;
	}
	if (s->larger[i] || !s->step_code[i]) {
		s->done[i] = true;
		return;
	}
	s->step_code[i]--;
	s->moved[i] = ~0u;
}

/* Likewise, of one that does not. */
static void pool_has_not_fitted(struct pool_search *s, u32 i, u32 bits)
{
	u32 further = (bits - 4 * VALUES) / PRICE_SAVES;

	if (further < 1)
		further = 1;
	if (further < PRICES && s->price[i] + further < PRICES) {
		s->price[i] += further;
		return;
	}
	if (s->best_cost[i] != ~0ull) {
		s->done[i] = true;
		return;
	}
	s->price[i] = PRICES - 1;
	s->larger[i] = true;
	s->step_code[i]++;
	s->moved[i] = ~0u;
}

/* See search_pool(). */
static noinline void search_pools(const struct pool_lanes *pl)
{
	struct asc_pool_lanes *l = pl->l;
	struct asc_pool_plans *plan = &l->work;
	struct pool_search s = { 0 };
	struct pool_errors e;
	bool more = true;
	u32 i;

	guess_pool_steps(pl, s.step_code);
	for (i = pl->first; i < pl->first + LANES; i++) {
		s.best_cost[i] = ~0ull;
		s.moved[i] = ~0u;
	}
	while (more) {
		mask moved = m_ne(w_load(s.moved + pl->first), w_set(0));

		if (m_any(moved))
			guess_pools(pl, s.step_code, moved, plan);
		set_pool_bits(pl, &s);
		find_cheap_pools(pl, plan, s.bit);
		try_pools(pl, plan);
		measure_pools(pl, plan->step_code, &e);
		more = false;
		for (i = pl->first; i < pl->first + LANES; i++) {
			s.moved[i] = 0;
			s.better[i] = 0;
			if (s.done[i])
				continue;
			if (plan->bits[i] <= 4 * VALUES)
				pool_has_fitted(&s, i, pool_cost(&e, i - pl->first));
			else
				pool_has_not_fitted(&s, i, plan->bits[i]);
			more |= !s.done[i];
		}
		moved = m_ne(w_load(s.better + pl->first), w_set(0));
		if (m_any(moved))
			keep_pools(pl, plan, moved);
	}
}

static void encode_pool_lanes(const struct asc_block_format *f, enum asc_effort effort,
			      struct asc_pool_lanes *l, u32 first)
{
	s32 zero = f->zero;
	struct pool_lanes pl = {
		.f = f, .l = l, .first = first,
		.least = w_set((f->kind != ASC_INTEGER) - zero),
		.most = w_set((1 << f->bits) - 1 - zero),
	};

	if (effort == ASC_EFFORT_BEST)
		search_pools(&pl);
	else
		find_pool_steps(&pl);
}
