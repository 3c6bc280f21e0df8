/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The pooled profile's encoder for blocks side by side, one in each word of a vector.  Who
 * includes it says what a vector is:
 *
 * - words, LANES of them of 16 bits; mask, which tells for each true or false;
 * - functions with names that begin with w_ and m_.
 *
 * asc_pooled.c says what is done and why, in plain C, and gives the same bytes.  Numbers of
 * steps have the zero of the format added to them here, so that none is negative.
 */

/**
 * struct lane_plan - how blocks are tried
 * @step_code: exponent and mantissa of the step
 * @base: of that step
 * @codes: of the groups; before moves, those that these are for
 * @most_cost: of moves; where 0, there are none
 * @predicted: which blocks are
 * @shared: groups have one code
 * @squares: sums of squared errors; even and odd words, as SQUARES_OF() has it
 * @sums: of errors, likewise
 * @max: for 16 bits, largest absolute errors; above ASC_POOLED_MOST_ERROR(), sums say nothing
 */
struct lane_plan {
	words step_code, base, codes[ASC_POOLED_GROUPS], most_cost;
	mask predicted, shared;
	words squares[2], sums[2], max;
};

/**
 * struct lane_step - a step, in parts
 * @mantissa: 8 to 15
 * @exponent: exponent
 * @reciprocal: 2^16 / @mantissa, rounded up for 8 bits, down for 16
 * @even: is the step, in eighths, even?
 * @half: for 8 bits, half of it
 * @step: for 8 bits, in eighths
 * @left: for 16 bits, up to an exponent of 3, how far values go to the left
 * @add_left: what is added then
 * @right: above that, how far their mean with @add_right goes to the right
 * @add_right: see there
 * @low: the bits that are lost then
 * @low_half: what is added to those
 */
struct lane_step {
	words mantissa, exponent, reciprocal;
	mask even;
	words half, step;
	words left, right, add_left, add_right, low, low_half;
};

/* What is known of all blocks. */
struct lane_format {
	const struct asc_block_format *f;
	struct asc_pooled_lanes *l;
	u32 first;
};

static inline_all void set_lane_step(struct lane_step *s, words step_code, bool wide)
{
	const words one = w_set(1);
	words high;

	s->exponent = w_srli(step_code, 3);
	s->mantissa = w_add(w_and(step_code, w_set(7)), w_set(8));
	s->reciprocal = w_reciprocal(step_code, wide);
	s->even = m_or(m_ne(s->exponent, w_set(0)), m_eq(w_and(s->mantissa, one), w_set(0)));
	if (!wide) {
		s->step = w_sll(s->mantissa, s->exponent);
		s->half = w_srli(s->step, 1);
		return;
	}
	/* exponents up to 3, and those above */
	high = w_set(4);
	s->left = w_subs(w_set(3), s->exponent);
	s->add_left = w_srli(s->mantissa, 1);
	s->right = w_subs(s->exponent, high);
	s->add_right = w_sub(w_sll(s->mantissa, s->right), one);
	s->left = w_blend(m_lt(s->exponent, high), w_set(16), s->left);
	s->add_left = w_maskz(m_lt(s->exponent, high), s->add_left);
	s->right = w_blend(m_lt(s->exponent, high), s->right, w_set(16));
	s->low = w_sub(w_sll(one, s->exponent), one);
	s->low_half = w_sll(s->mantissa, w_sub(s->exponent, one));
}

/* To nearest, of two the even one; @rest as nearest_and_rest() has it. */
static inline_all words lane_nearest(const struct lane_step *s, words magnitude, bool wide,
				     words *rest)
{
	words x, count, sum = w_slli(magnitude, 3);
	mask tie;

	if (!wide) {
		sum = w_add(sum, s->half);
		x = w_srl(sum, s->exponent);
		count = w_mulhi(x, s->reciprocal);
		tie = m_and(s->even, m_eq(w_mullo(count, s->step), sum));
	} else {
		words left;
		mask more;

		x = w_add(w_srl(w_avg(magnitude, s->add_right), s->right),
			  w_add(w_sll(magnitude, s->left), s->add_left));
		count = w_mulhi(x, s->reciprocal);
		left = w_sub(x, w_mullo(count, s->mantissa));
		more = m_ge(left, s->mantissa);
		count = w_sub(count, m_words(more));
		left = w_sub(left, w_maskz(more, s->mantissa));
		sum = w_and(w_add(sum, s->low_half), s->low);
		tie = m_and(s->even, m_eq(w_or(sum, left), w_set(0)));
	}
	count = w_sub(count, w_maskz(tie, w_and(count, w_set(1))));
	if (rest)
		*rest = w_sub(x, w_mullo(count, s->mantissa));
	return count;
}

/* Values to steps. */
static inline_all words lane_steps(const struct lane_format *lf, const struct lane_step *s,
				   words value, bool wide, bool two, words *rest)
{
	words zero = w_set(lf->f->zero), count;

	if (!two)
		return w_add(zero, lane_nearest(s, w_subs(value, zero), wide, rest));
	count = lane_nearest(s, w_sub(w_max(value, zero), w_min(value, zero)), wide, rest);
	return w_blend(m_ge(value, zero), w_sub(zero, count), w_add(zero, count));
}

static inline_all words lane_base(const struct lane_format *lf, const struct lane_step *s,
				  bool wide, bool two)
{
	words zero = w_set(lf->f->zero), count, most;

	if (!two)
		return zero;
	count = lane_nearest(s, w_load(lf->l->mean + lf->first), wide, NULL);
	most = w_srl(w_set(wide ? 0xffff : 0xff), s->exponent);
	return w_blend(m_ne(w_load(lf->l->below + lf->first), w_set(0)),
		       w_add(zero, w_min(count, most)), w_sub(zero, count));
}

/* Numbers that steps stand for. */
static inline_all words lane_numbers(const struct lane_format *lf, const struct lane_step *s,
				     words steps, bool wide, bool two)
{
	words zero = w_set(lf->f->zero), magnitude, most, one = w_set(1), p;

	magnitude = two ? w_sub(w_max(steps, zero), w_min(steps, zero)) : w_sub(steps, zero);
	if (!wide) {
		p = w_mullo(magnitude, s->step);
		p = w_add(w_add(p, w_set(3)), w_and(w_srli(p, 3), one));
		p = w_srli(p, 3);
		most = w_min(w_add(zero, p), w_set(0xff));
	} else {
		/* in 1/8 up to an exponent of 3, then in steps of that */
		words down = w_subs(w_set(3), s->exponent), up = w_subs(s->exponent, w_set(3));
		words bias = w_srli(w_sll(one, down), 1), odd;
		mask rounds = m_ne(bias, w_set(0));

		p = w_mullo(magnitude, s->mantissa);
		odd = w_and(w_srl(p, down), w_maskz(rounds, one));
		p = w_add(w_add(p, w_maskz(rounds, w_sub(bias, one))), odd);
		p = w_srl(p, down);
		p = w_blend(m_ge(w_srl(w_set(0xffff), up), p), w_set(0xffff), w_sll(p, up));
		most = w_adds(zero, p);
	}
	return two ? w_blend(m_ge(steps, zero), w_subs(zero, p), most) : most;
}

/**
 * struct lane_tally - what the bits of indices depend on
 * @max: the largest
 * @nonzero: how many are not 0
 * @rice: sums of what is left of them behind 0, 1, ... low bits
 */
struct lane_tally {
	words max, nonzero, rice[ASC_RICE_CODES];
};

static inline_all void clear_lane_tally(struct lane_tally *t)
{
	u32 k;

	t->max = w_set(0);
	t->nonzero = w_set(0);
#pragma GCC unroll 8
	for (k = 0; k < ASC_RICE_CODES; k++)
		t->rice[k] = w_set(0);
}

static inline_all void count_lane_index(struct lane_tally *t, words index)
{
	u32 k;

	t->max = w_max(t->max, index);
	t->nonzero = w_add(t->nonzero, w_min(index, w_set(1)));
#pragma GCC unroll 8
	for (k = 0; k < ASC_RICE_CODES; k++)
		t->rice[k] = w_add(t->rice[k], w_srli(index, k));
}

static inline_all void add_lane_tally(const struct lane_tally *t, struct lane_tally *to)
{
	u32 k;

	to->max = w_max(to->max, t->max);
	to->nonzero = w_add(to->nonzero, t->nonzero);
#pragma GCC unroll 8
	for (k = 0; k < ASC_RICE_CODES; k++)
		to->rice[k] = w_adds(to->rice[k], t->rice[k]);
}

/* See choose_code(). */
static inline_all words choose_lane_code(const struct lane_tally *t, u32 count, words *code)
{
	words best = w_set(0), bits, width = best;
	mask better;
	u32 k;

	*code = best;
#pragma GCC unroll 16
	for (k = 0; k < ASC_PLAIN_CODES; k++) {
		better = m_ge(t->max, w_set(asc_plain_levels[k]));
		if (k < ASC_PLAIN_CODES - 1)
			*code = w_sub(*code, m_words(better));
		best = w_blend(better, best, w_set(k < ASC_PLAIN_CODES - 1 ?
						   count / 2 * asc_pair_bits[k + 1] : 0xffff));
	}
#pragma GCC unroll 8
	for (k = 0; k < ASC_RICE_CODES; k++) {
		bits = w_adds(w_set(count * (k + 1)), t->rice[k]);
		better = m_lt(bits, best);
		best = w_min(best, bits);
		*code = w_blend(better, *code, w_set(ASC_FIRST_RICE + k));
	}
#pragma GCC unroll 16
	for (k = 0; k < ASC_MASK_CODES - 1; k++)
		width = w_sub(width, m_words(m_lt(w_set(1u << k), t->max)));
	bits = w_add(w_set(count), w_mullo(t->nonzero, width));
	bits = w_blend(m_lt(w_set(1u << (ASC_MASK_CODES - 1)), t->max), bits, w_set(0xffff));
	better = m_lt(bits, best);
	*code = w_blend(better, *code, w_add(w_set(ASC_FIRST_MASK), width));
	return w_min(best, bits);
}

/* Rounded down. */
static inline_all words w_mean(words a, words b)
{
	return w_sub(w_avg(a, b), w_and(w_xor(a, b), w_set(1)));
}

/* What an index of 0 stands for, from what is beside and above; @before is the value before. */
static inline_all words lane_origin(const struct lane_format *lf, words base, words before,
				    u32 i, u32 x, u32 y)
{
	words up;

	if (!y)
		return x ? before : base;
	/* where rows have one value, that is the one before */
	up = lf->f->width > 1 ? w_load(lf->l->steps[i - lf->f->width] + lf->first) : before;
	return x ? w_mean(before, up) : up;
}

/* Indices that go up and down by turns; a move does not make one of those that are too large. */
static inline_all words lane_index(words steps, words origin, mask up, bool wide)
{
	words distance;

	if (!wide) {
		distance = w_sub(origin, steps);
		return w_xor(w_add(distance, distance), w_sign(distance));
	}
	distance = w_sub(w_max(steps, origin), w_min(steps, origin));
	distance = w_min(distance, w_set(2 * ASC_MAX_INDEX));
	return w_add(w_add(distance, distance), m_words(up));
}

/* Indices above the least. */
static inline_all words lane_plain_index(words steps, words origin, bool wide)
{
	words distance = w_sub(steps, origin);

	return wide ? w_min(distance, w_set(2 * ASC_MAX_INDEX)) : distance;
}

/* Of values with 16 bits, those too large for words with so small a step. */
static inline_all mask too_large(const struct lane_step *s, words greatest)
{
	words limit = w_sll(w_set(8000), s->exponent);

	return m_and(m_lt(s->exponent, w_set(4)), m_ge(greatest, limit));
}

/* Do blocks fit?  @codes are of use where they do. */
static inline_all mask lane_fits(const struct lane_format *lf, const struct lane_step *s,
				 bool wide, bool two, const struct lane_tally *all, words bits,
				 words *codes, mask *shared)
{
	u32 n = lf->f->values, groups = n / ASC_POOLED_GROUP, g;
	words rest = w_set(4 * n - (wide ? 7 : 6) - 2), together, code;

	if (two)
		rest = w_sub(rest, w_sub(w_set(wide ? 17 : 9), s->exponent));
	bits = w_adds(bits, w_set(groups * ASC_CODE_BITS));
	together = w_adds(choose_lane_code(all, n, &code), w_set(ASC_CODE_BITS));
	*shared = m_ge(bits, together);
	if (codes) {
		for (g = 0; g < groups; g++)
			codes[g] = w_blend(*shared, codes[g], code);
	}
	return m_and(m_ge(rest, w_min(bits, together)), m_ge(w_set(ASC_MAX_INDEX), all->max));
}

/* Do blocks fit with a step, all predicted or none?  See attempt(). */
static inline_all mask lanes_fit(const struct lane_format *lf, words step_code, bool wide,
				 bool two, bool predicted)
{
	const struct asc_block_format *f = lf->f;
	u32 i, end, x = 0, y = 0;
	words base, bits = w_set(0), before = bits, code;
	struct lane_tally all __uninitialized;
	struct lane_step s __uninitialized;
	mask shared;

	set_lane_step(&s, step_code, wide);
	base = lane_base(lf, &s, wide, two);
	clear_lane_tally(&all);
	for (i = 0; i < f->values; ) {
		struct lane_tally t __uninitialized;

		clear_lane_tally(&t);
		for (end = i + ASC_POOLED_GROUP; i < end; i++) {
			words v = w_load(lf->l->values[i] + lf->first), origin, index;
			words steps = lane_steps(lf, &s, v, wide, two, NULL);

			if (predicted) {
				w_store(lf->l->steps[i] + lf->first, steps);
				origin = lane_origin(lf, base, before, i, x, y);
				if (++x == f->width) {
					x = 0;
					if (++y == f->height)
						y = 0;
				}
				before = steps;
			} else {
				origin = base;
			}
			if (two || predicted)
				index = lane_index(steps, origin, m_lt(origin, steps), wide);
			else
				index = lane_plain_index(steps, origin, wide);
			count_lane_index(&t, index);
		}
		bits = w_adds(bits, choose_lane_code(&t, ASC_POOLED_GROUP, &code));
		add_lane_tally(&t, &all);
	}
	return lane_fits(lf, &s, wide, two, &all, bits, NULL, &shared);
}

/*
 * Errors of two values: words of both side by side, so that sums have 32 bits.  Their low
 * parts come first, and w_packs32() undoes that.
 */
static inline_all void add_lane_errors(words a, words b, words *squares, words *sums)
{
	words low = w_unpacklo(a, b), high = w_unpackhi(a, b);

	squares[0] = w_add32(squares[0], w_madd(low, low));
	squares[1] = w_add32(squares[1], w_madd(high, high));
	sums[0] = w_add32(sums[0], w_madd(low, w_set(1)));
	sums[1] = w_add32(sums[1], w_madd(high, w_set(1)));
}

/* See cost_of(): 64 bits each, of both halves the even ones, then the odd ones. */
static inline_all void lane_costs(u32 values, const struct lane_plan *plan, words cost[2][2])
{
	u32 i;

	for (i = 0; i < 2; i++) {
		words squares = plan->squares[i], sums = plan->sums[i], bias;

		bias = w_mul32s(sums, sums);
		cost[i][0] = w_add64(w_mul32(squares, w_set32(values)), w_add64(bias, bias));
		sums = w_srli64(sums, 32);
		bias = w_mul32s(sums, sums);
		cost[i][1] = w_add64(w_mul32(w_srli64(squares, 32), w_set32(values)),
				     w_add64(bias, bias));
	}
}

/* Where they are better, and @fits tells so, costs become those of the plan.  Returns where. */
static inline_all mask take_lane_costs(u32 values, const struct lane_plan *plan, mask fits,
				       words best[2][2])
{
	words fit = m_words(fits), cost[2][2], better[2];
	u32 i;

	lane_costs(values, plan, cost);
	for (i = 0; i < 2; i++) {
		words here = i ? w_unpackhi(fit, fit) : w_unpacklo(fit, fit);
		words even = w_and(w_even32(here), w_less64(cost[i][0], best[i][0]));
		words odd = w_and(w_odd32(here), w_less64(cost[i][1], best[i][1]));

		best[i][0] = w_or(w_and(even, cost[i][0]), w_andnot(even, best[i][0]));
		best[i][1] = w_or(w_and(odd, cost[i][1]), w_andnot(odd, best[i][1]));
		better[i] = w_or(w_srli64(even, 32), w_slli64(odd, 32));
	}
	return m_of_words(w_packs32(better[0], better[1]));
}

/* Absolute errors, of which @wide ones take all bits of a word. */
static inline_all void add_lane_squares(words error, bool wide, words *sums, words *squares)
{
	const words none = w_set(0);
	words low = w_unpacklo(error, none), high = w_unpackhi(error, none);

	sums[0] = w_add32(sums[0], low);
	sums[1] = w_add32(sums[1], high);
	if (!wide) {
		squares[0] = w_add32(squares[0], w_madd(low, low));
		squares[1] = w_add32(squares[1], w_madd(high, high));
		return;
	}
	squares[0] = w_add64(squares[0], w_mul32(low, low));
	squares[1] = w_add64(squares[1], w_mul32(high, high));
	low = w_srli64(low, 32);
	high = w_srli64(high, 32);
	squares[0] = w_add64(squares[0], w_mul32(low, low));
	squares[1] = w_add64(squares[1], w_mul32(high, high));
}

/* Words of 32 bits, of squares of 64 where they are @wide. */
static inline_all void add_up_lanes(struct asc_pooled_lanes *l, words max, const words *sums,
				    const words *squares, bool wide)
{
	u32 numbers[2][LANES / 2];
	u64 wide_numbers[2][LANES / 4];
	u16 errors[LANES];
	u32 i, k;

	w_store(errors, max);
	for (i = 0; i < LANES; i++)
		l->max_abs_error = errors[i] > l->max_abs_error ? errors[i] : l->max_abs_error;
	for (i = 0; i < 2; i++)
		w_store(numbers[i], sums[i]);
	for (i = 0; i < 2; i++)
		for (k = 0; k < LANES / 2; k++)
			l->sum_abs_error += numbers[i][k];
	for (i = 0; i < 2; i++) {
		w_store(numbers[i], squares[i]);
		w_store(wide_numbers[i], squares[i]);
	}
	for (i = 0; i < 2; i++) {
		for (k = 0; wide && k < LANES / 4; k++)
			l->sum_sq_error += wide_numbers[i][k];
		for (k = 0; !wide && k < LANES / 2; k++)
			l->sum_sq_error += numbers[i][k];
	}
}

/* Bits that moves save.  Only of 16 bits they may be so many that products do not fit. */
static inline_all words lane_saved(words index, words moved, words rice, words masked, bool wide)
{
	words saved = w_sub(w_srl(index, rice), w_srl(moved, rice));

	saved = w_add(saved, w_maskz(m_and(m_ne(index, w_set(0)), m_eq(moved, w_set(0))), masked));
	return wide ? w_min(saved, w_set(16)) : saved;
}

/*
 * With what the plan says, after moves.  Returns which fit, and, if they are measured, have
 * errors that are not too large; and what of the plan depends on indices.  @last: indices and
 * numbers are wanted.
 */
static inline_all mask try_lanes(const struct lane_format *lf, struct lane_plan *plan, bool wide,
				 bool two, bool measure, bool last)
{
	const struct asc_block_format *f = lf->f;
	const words none = w_set(0), one = w_set(1), minus_one = w_set(0xffff);
	const words zero = w_set(f->zero);
	words bits = none, down_by, last_error = none, before = none;
	u32 i, end, x = 0, y = 0;
	struct lane_tally all __uninitialized;
	struct lane_step s __uninitialized;
	words most;
	mask signs, fits;

	set_lane_step(&s, plan->step_code, wide);
	plan->base = lane_base(lf, &s, wide, two);
	clear_lane_tally(&all);
	plan->squares[0] = none;
	plan->squares[1] = none;
	plan->sums[0] = none;
	plan->sums[1] = none;
	plan->max = none;
	signs = two ? m_eq(none, none) : plan->predicted;
	down_by = w_blend(signs, w_set(1), w_set(2));
	most = w_mullo(s.mantissa, plan->most_cost);
	for (i = 0; i < f->values; ) {
		words code = plan->codes[i / ASC_POOLED_GROUP], rice, masked;
		struct lane_tally t __uninitialized;

		rice = w_sub(code, w_set(ASC_FIRST_RICE));
		rice = w_blend(m_lt(rice, w_set(ASC_RICE_CODES)), w_set(16), rice);
		masked = w_subs(code, w_set(ASC_FIRST_MASK));
		clear_lane_tally(&t);
		for (end = i + ASC_POOLED_GROUP; i < end; i++) {
			words v = w_load(lf->l->values[i] + lf->first), rest, index, moved, saved;
			words steps = lane_steps(lf, &s, v, wide, two, &rest), origin;
			mask down, less, moves;

			origin = lane_origin(lf, plan->base, before, i, x, y);
			if (++x == f->width) {
				x = 0;
				if (++y == f->height)
					y = 0;
			}
			origin = w_blend(plan->predicted, plan->base, origin);
			down = m_lt(origin, steps);
			index = lane_index(steps, origin, down, wide);
			if (!two)
				index = w_blend(signs, lane_plain_index(steps, origin, wide),
						index);
			moved = w_subs(index, down_by);
			saved = lane_saved(index, moved, rice, masked, wide);
			less = two ? m_eqv(down, m_ge(v, zero)) : down;
			rest = w_blend(less, w_sub(s.mantissa, rest), rest);
			moves = m_lt(w_slli(rest, 4), w_mullo(most, saved));
			index = w_blend(moves, index, moved);
			steps = w_sub(steps, w_maskz(moves, w_blend(down, minus_one, one)));
			w_store(lf->l->steps[i] + lf->first, steps);
			before = steps;
			count_lane_index(&t, index);
			if (last)
				w_store(lf->l->indices[i] + lf->first, index);
			if (measure || last) {
				words number = lane_numbers(lf, &s, steps, wide, two), error;
				words from = two ? v : w_max(v, zero);

				if (last) {
					w_store(lf->l->decoded[i] + lf->first, number);
					continue;
				}
				error = w_sub(number, from);
				if (wide)
					plan->max = w_max(plan->max,
							  w_sub(w_max(number, from),
								w_min(number, from)));
				if (i & 1)
					add_lane_errors(last_error, error, plan->squares,
							plan->sums);
				last_error = error;
			}
		}
		bits = w_adds(bits, choose_lane_code(&t, ASC_POOLED_GROUP,
						     &plan->codes[i / ASC_POOLED_GROUP - 1]));
		add_lane_tally(&t, &all);
	}
	fits = lane_fits(lf, &s, wide, two, &all, bits, plan->codes, &plan->shared);
	return m_and(fits, m_ge(w_set(ASC_POOLED_MOST_ERROR(f->values)), plan->max));
}

#define TRY_LANES(name, wide, two)							\
static noinline mask fit_plain_##name(const struct lane_format *lf, words step_code)	\
{											\
	return lanes_fit(lf, step_code, wide, two, false);				\
}											\
static noinline mask fit_predicted_##name(const struct lane_format *lf, words step_code)	\
{											\
	return lanes_fit(lf, step_code, wide, two, true);				\
}											\
static noinline mask measure_##name(const struct lane_format *lf, struct lane_plan *plan)	\
{											\
	return try_lanes(lf, plan, wide, two, true, false);				\
}											\
static noinline mask finish_##name(const struct lane_format *lf, struct lane_plan *plan)	\
{											\
	return try_lanes(lf, plan, wide, two, false, true);				\
}

TRY_LANES(8_1, false, false)
TRY_LANES(8_2, false, true)
TRY_LANES(16_1, true, false)
TRY_LANES(16_2, true, true)

/**
 * struct lane_code - the same for bits of values and endpoints
 * @fit_plain: do blocks fit that are not predicted?
 * @fit_predicted: or predicted?
 * @measure: what becomes of them with a plan, and its errors
 * @finish: the same, but indices and numbers
 */
struct lane_code {
	mask (*fit_plain)(const struct lane_format *lf, words step_code);
	mask (*fit_predicted)(const struct lane_format *lf, words step_code);
	mask (*measure)(const struct lane_format *lf, struct lane_plan *plan);
	mask (*finish)(const struct lane_format *lf, struct lane_plan *plan);
};

static const struct lane_code lane_codes[2][2] = {
	{ { fit_plain_8_1, fit_predicted_8_1, measure_8_1, finish_8_1 },
	  { fit_plain_8_2, fit_predicted_8_2, measure_8_2, finish_8_2 } },
	{ { fit_plain_16_1, fit_predicted_16_1, measure_16_1, finish_16_1 },
	  { fit_plain_16_2, fit_predicted_16_2, measure_16_2, finish_16_2 } },
};

/**
 * struct lane_search - a search in all blocks
 * @lf: blocks
 * @code: code
 * @greatest: of values with 16 bits, the greatest magnitude
 * @plain: blocks that are for plain C
 */
struct lane_search {
	struct lane_format lf;
	const struct lane_code *code;
	words greatest;
	mask plain;
};

/* Steps so small that words overflow are for plain C. */
static inline_all void look_out(struct lane_search *ls, words step_code)
{
	struct lane_step s __uninitialized;

	if (ls->lf.f->bits == 8)
		return;
	s.exponent = w_srli(step_code, 3);
	ls->plain = m_or(ls->plain, too_large(&s, ls->greatest));
}

static noinline mask lanes_fit_with(struct lane_search *ls, words step_code, bool predicted)
{
	look_out(ls, step_code);
	return predicted ? ls->code->fit_predicted(&ls->lf, step_code) :
			   ls->code->fit_plain(&ls->lf, step_code);
}

/* See find_step(). */
static noinline words find_lane_steps(struct lane_search *ls, bool predicted)
{
	u32 bit = ls->lf.f->bits == 8 ? 32 : 64;
	words found = w_set(0);

	for (; bit; bit >>= 1) {
		mask fits = lanes_fit_with(ls, w_add(found, w_set(bit - 1)), predicted);

		found = w_blend(fits, w_add(found, w_set(bit)), found);
	}
	return found;
}

/* See search(): from a plan to a better one. */
static noinline void search_lanes(struct lane_search *ls, struct lane_plan *plan)
{
	words best_cost[2][2], found = plan->step_code, level = w_set(0), most_cost = w_set(0);
	words trial_code = plan->step_code;
	mask on;
	u32 i;

	look_out(ls, found);
	plan->most_cost = w_set(0);
	on = m_and(ls->code->measure(&ls->lf, plan), m_ne(trial_code, w_set(0)));
	lane_costs(ls->lf.f->values, plan, best_cost);
	for (i = 0; i < ASC_POOLED_TRIES && m_any(on); i++) {
		struct lane_plan trial;
		mask fits, better;

		trial.predicted = plan->predicted;
		trial.step_code = w_sub(trial_code, w_maskz(on, w_set(1)));
		trial.most_cost = w_sll(w_set(ASC_POOLED_COST(0)), level);
		memcpy(trial.codes, plan->codes, sizeof(trial.codes));
		look_out(ls, trial.step_code);
		fits = m_and(on, ls->code->measure(&ls->lf, &trial));
		trial_code = w_blend(fits, trial_code, trial.step_code);
		better = take_lane_costs(ls->lf.f->values, &trial, fits, best_cost);
		found = w_blend(better, found, trial.step_code);
		most_cost = w_blend(better, most_cost, trial.most_cost);
		level = w_add(level, w_maskz(m_andnot(fits, on), w_set(1)));
		on = m_and(on, m_and(m_lt(level, w_set(ASC_POOLED_COSTS)),
				     m_ne(trial_code, w_set(0))));
	}
	plan->step_code = found;
	plan->most_cost = most_cost;
}

/* Greatest magnitudes. */
static words greatest_of(const struct lane_format *lf)
{
	words most = w_load(lf->l->values[0] + lf->first), least = most, zero = w_set(lf->f->zero);
	u32 i;

	for (i = 1; i < lf->f->values; i++) {
		words v = w_load(lf->l->values[i] + lf->first);

		most = w_max(most, v);
		least = w_min(least, v);
	}
	return w_max(w_subs(most, zero), w_subs(zero, least));
}

static noinline void count_errors(const struct lane_format *lf)
{
	struct asc_pooled_lanes *l = lf->l;
	words counted = w_load(l->counted + lf->first), max = w_set(0);
	words sums[2] = { max, max }, squares[2] = { max, max };
	u32 i;

	counted = w_andnot(w_load(l->plain + lf->first), counted);
	for (i = 0; i < lf->f->values; i++) {
		words v = w_load(l->values[i] + lf->first), d = w_load(l->decoded[i] + lf->first);
		words error = w_and(counted, w_sub(w_max(v, d), w_min(v, d)));

		max = w_max(max, error);
		add_lane_squares(error, lf->f->bits == 16, sums, squares);
	}
	add_up_lanes(l, max, sums, squares, lf->f->bits == 16);
}

/* Rounded towards zero. */
static noinline void find_means(const struct lane_format *lf)
{
	const struct asc_block_format *f = lf->f;
	words low = w_set(0), high = w_set(0);
	u32 sums[2][LANES / 2], i;

	for (i = 0; i < f->values; i++) {
		words v = w_load(lf->l->values[i] + lf->first);

		low = w_add32(low, w_unpacklo(v, w_set(0)));
		high = w_add32(high, w_unpackhi(v, w_set(0)));
	}
	w_store(sums[0], low);
	w_store(sums[1], high);
	for (i = 0; i < LANES; i++) {
		/* four low ones, then four high ones */
		u32 sum = sums[i >> 2 & 1][i >> 3 << 2 | (i & 3)], zeros = f->zero * f->values;
		bool below = sum < zeros;

		sum = below ? zeros - sum : sum - zeros;
		lf->l->mean[lf->first + i] = sum / f->values;
		lf->l->below[lf->first + i] = below ? 0xffff : 0;
	}
}

static void encode_lanes(const struct asc_block_format *f, enum asc_effort effort,
			 struct asc_pooled_lanes *l, u32 first)
{
	struct lane_search ls = {
		.lf = { f, l, first },
		.code = &lane_codes[f->bits == 16][f->endpoints == 2],
	};
	const struct lane_format *lf = &ls.lf;
	struct lane_plan plan;
	words predicted_code;
	u32 g;

	if (f->endpoints == 2)
		find_means(lf);
	ls.plain = m_ne(w_set(0), w_set(0));
	ls.greatest = f->bits == 16 ? greatest_of(lf) : w_set(0);
	for (g = 0; g < ASC_POOLED_GROUPS; g++)
		plan.codes[g] = w_set(0);
	plan.step_code = find_lane_steps(&ls, false);
	predicted_code = find_lane_steps(&ls, true);
	plan.predicted = m_lt(predicted_code, plan.step_code);
	plan.step_code = w_min(plan.step_code, predicted_code);
	plan.most_cost = w_set(0);
	if (effort == ASC_EFFORT_BEST)
		search_lanes(&ls, &plan);
	look_out(&ls, plan.step_code);
	ls.code->finish(lf, &plan);
	w_store(l->step_code + first, plan.step_code);
	w_store(l->base + first, plan.base);
	for (g = 0; g < f->values / ASC_POOLED_GROUP; g++)
		w_store(l->codes[g] + first, plan.codes[g]);
	w_store(l->predicted + first, m_words(plan.predicted));
	w_store(l->shared + first, m_words(plan.shared));
	w_store(l->plain + first, m_words(ls.plain));
	count_errors(lf);
}
