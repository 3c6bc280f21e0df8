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
 * @most_cost: of moves
 * @predicted: which blocks are
 * @shared: groups have one code
 * @squares: sums of squared errors: 32 bits, see add_lane_errors()
 * @sums: of errors, likewise
 * @abs: of absolute errors: of 8 bits the first only, one word for each block; else likewise
 * @max: largest absolute errors; above ASC_POOLED_MOST_ERROR(), sums say nothing
 */
struct lane_plan {
	words step_code, base, codes[ASC_POOLED_GROUPS], most_cost;
	mask predicted, shared;
	words squares[2], sums[2], abs[2], max;
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

struct lane_tally;

/**
 * struct lane_format - what is known of all blocks
 * @f: format
 * @l: blocks
 * @first: of these
 * @all: for a trial, which has no room for it
 */
struct lane_format {
	const struct asc_block_format *f;
	struct asc_pooled_lanes *l;
	u32 first;
	struct lane_tally *all;
};

/* Words of these blocks, of values from one on. */
static inline const lane_row *words_from(const struct lane_format *lf, const lane_row *words, u32 i)
{
	return (const lane_row *)(words[i] + lf->first);
}

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
	if (!two)
		return most;
	/* fixed point has as many numbers below its zero as above */
	return w_blend(m_ge(steps, zero), w_max(w_subs(zero, p), w_set(lf->f->kind != ASC_INTEGER)),
		       most);
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

/* Adders for each bit: the bits of a sum, and what is carried. */
static inline_all words full_add(words *sum, words a, words b)
{
	words carry = w_majority(*sum, a, b);

	*sum = w_xor3(*sum, a, b);
	return carry;
}

static inline_all words half_add(words *sum, words a)
{
	words carry = w_and(*sum, a);

	*sum = w_xor(*sum, a);
	return carry;
}

/* How many of 16 indices have each bit: bits 0 to 4 of that. */
static inline_all void count_lane_bits(const lane_row *indices, words planes[5])
{
#define INDEX(i)	w_load(indices[i])
	words ones = INDEX(0), twos, fours, eights, c, d, e;

	twos = full_add(&ones, INDEX(1), INDEX(2));
	c = full_add(&ones, INDEX(3), INDEX(4));
	d = full_add(&ones, INDEX(5), INDEX(6));
	fours = full_add(&twos, c, d);
	c = full_add(&ones, INDEX(7), INDEX(8));
	d = full_add(&ones, INDEX(9), INDEX(10));
	e = full_add(&twos, c, d);
	c = full_add(&ones, INDEX(11), INDEX(12));
	d = full_add(&ones, INDEX(13), INDEX(14));
	d = full_add(&twos, c, d);
	eights = full_add(&fours, e, d);
	c = half_add(&ones, INDEX(15));
	c = half_add(&twos, c);
	c = half_add(&fours, c);
	planes[4] = half_add(&eights, c);
	planes[3] = eights;
	planes[2] = fours;
	planes[1] = twos;
	planes[0] = ones;
#undef INDEX
}

/* Where all indices are less, more low bits than 4 are of no use, and nothing is behind 4. */
#define FEW_BITS	4

/*
 * Of 16 indices.  A sum without the lowest bits is one with them, less as many of that bit as
 * there are.  Returns how many codes of Golomb and Rice are of use.
 */
static inline_all u32 tally_lanes(const lane_row *indices, struct lane_tally *t)
{
	words planes[5], max = w_set(0), nonzero = max, sum;
	u32 codes = FEW_BITS + 1, i, k;

#pragma GCC unroll 16
	for (i = 0; i < ASC_POOLED_GROUP; i++) {
		words index = w_load(indices[i]);

		max = w_max(max, index);
		nonzero = w_add(nonzero, w_min(index, w_set(1)));
	}
	t->max = max;
	t->nonzero = nonzero;
	count_lane_bits(indices, planes);
	sum = planes[0];
#pragma GCC unroll 4
	for (i = 1; i < 5; i++) {
		planes[i] = w_slli(planes[i], i);
		sum = w_add(sum, planes[i]);
	}
	t->rice[0] = sum;
	if (m_any(m_ge(max, w_set(1u << FEW_BITS))))
		codes = ASC_RICE_CODES;
#pragma GCC unroll 8
	for (k = 1; k < ASC_RICE_CODES; k++) {
		words bits;

		if (k >= FEW_BITS && codes <= FEW_BITS + 1) {
			t->rice[k] = w_set(0);
			continue;
		}
		bits = w_and(planes[0], w_set(1u << (k - 1)));
#pragma GCC unroll 4
		for (i = 1; i < 5; i++)
			bits = w_or_and(bits, planes[i], w_set(1u << (k - 1 + i)));
		sum = w_sub(sum, bits);
		t->rice[k] = w_srli(sum, k);
	}
	return codes;
}

static inline_all void add_lane_tally(const struct lane_tally *t, u32 codes,
				      struct lane_tally *to)
{
	u32 k;

	to->max = w_max(to->max, t->max);
	to->nonzero = w_add(to->nonzero, t->nonzero);
#pragma GCC unroll 8
	for (k = 0; k < ASC_RICE_CODES; k++) {
		if (k < FEW_BITS || codes > FEW_BITS + 1)
			to->rice[k] = w_adds(to->rice[k], t->rice[k]);
	}
}

#ifndef plain_lane_codes
/* Bits and code of plain indices, many if there is none, and of a mask the bits of each. */
static inline_all words plain_lane_codes(words max, u32 count, words *code, words *width)
{
	words best = w_set(0);
	u32 k;

	*code = best;
	*width = best;
#pragma GCC unroll 16
	for (k = 0; k < ASC_PLAIN_CODES; k++) {
		mask better = m_ge(max, w_set(asc_plain_levels[k]));

		if (k < ASC_PLAIN_CODES - 1)
			*code = w_sub(*code, m_words(better));
		best = w_blend(better, best, w_set(k < ASC_PLAIN_CODES - 1 ?
						   count / 2 * asc_pair_bits[k + 1] : 0xffff));
	}
#pragma GCC unroll 16
	for (k = 0; k < ASC_MASK_CODES - 1; k++)
		*width = w_sub(*width, m_words(m_lt(w_set(1u << k), max)));
	return best;
}
#endif

/* See choose_code(). */
static inline_all words choose_lane_code(const struct lane_tally *t, u32 codes, u32 count,
					 words *code)
{
	words bits, width, best = plain_lane_codes(t->max, count, code, &width);
	mask better;
	u32 k;

#pragma GCC unroll 8
	for (k = 0; k < ASC_RICE_CODES; k++) {
		if (k > FEW_BITS && codes <= FEW_BITS + 1)
			continue;
		bits = w_adds(w_set(count * (k + 1)), t->rice[k]);
		better = m_lt(bits, best);
		best = w_min(best, bits);
		*code = w_blend(better, *code, w_set(ASC_FIRST_RICE + k));
	}
	bits = w_add(w_set(count), w_mullo(t->nonzero, width));
	bits = w_blend(m_lt(w_set(1u << (ASC_MASK_CODES - 1)), t->max), bits, w_set(0xffff));
	better = m_lt(bits, best);
	*code = w_blend(better, *code, w_add(w_set(ASC_FIRST_MASK), width));
	return w_min(best, bits);
}

/* Bits of a group, which is added to the tally of all. */
static noinline words lane_group(const lane_row *indices,
				 struct lane_tally *all, words *code)
{
	struct lane_tally t __uninitialized;
	u32 codes = tally_lanes(indices, &t);

	add_lane_tally(&t, codes, all);
	return choose_lane_code(&t, codes, ASC_POOLED_GROUP, code);
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

/* Bits for indices and codes. */
static inline_all words lane_room(const struct lane_format *lf, const struct lane_step *s,
				  bool wide, bool two)
{
	words room = w_set(4 * lf->f->values - (wide ? 7 : 6) - 2);

	return two ? w_sub(room, w_sub(w_set(wide ? 17 : 9), s->exponent)) : room;
}

/* Do blocks fit?  @codes are of use where they do. */
static noinline mask lane_fits(const struct lane_format *lf, words room,
			       const struct lane_tally *all, words bits, words *codes,
			       mask *shared)
{
	u32 n = lf->f->values, groups = n / ASC_POOLED_GROUP, g;
	words together, code;

	bits = w_adds(bits, w_set(groups * ASC_CODE_BITS));
	together = w_adds(choose_lane_code(all, ASC_RICE_CODES, n, &code),
			  w_set(ASC_CODE_BITS));
	*shared = m_ge(bits, together);
	if (codes) {
		for (g = 0; g < groups; g++)
			codes[g] = w_blend(*shared, codes[g], code);
	}
	return m_and(m_ge(room, w_min(bits, together)), m_ge(w_set(ASC_MAX_INDEX), all->max));
}

/**
 * struct lane_trial - do blocks fit with a step?
 * @step_code: step
 * @plain: where it matters without prediction; receives where they fit
 * @predicted: likewise, predicted
 */
struct lane_trial {
	words step_code;
	mask plain, predicted;
};

/* Indices of 16 values, without prediction and with it, of which the second are @two. */
static inline_all void index_lanes(const struct lane_format *lf, const struct lane_step *s,
				   words base, words *before, u32 i, u32 *x, u32 *y, bool wide,
				   bool two, bool predicted)
{
	struct asc_pooled_lanes *l = lf->l;
	u32 end = i + ASC_POOLED_GROUP;

	for (; i < end; i++) {
		words v = w_load(l->values[i] + lf->first), origin, index;
		words steps = lane_steps(lf, s, v, wide, two, NULL);

		if (two)
			index = lane_index(steps, base, m_lt(base, steps), wide);
		else
			index = lane_plain_index(steps, base, wide);
		w_store(l->indices[i] + lf->first, index);
		if (!predicted)
			continue;
		w_store(l->steps[i] + lf->first, steps);
		origin = lane_origin(lf, base, *before, i, *x, *y);
		if (++*x == lf->f->width) {
			*x = 0;
			if (++*y == lf->f->height)
				*y = 0;
		}
		*before = steps;
		index = lane_index(steps, origin, m_lt(origin, steps), wide);
		w_store(l->decoded[i] + lf->first, index);
	}
}

/*
 * See attempt().  Values have the same steps in both cases.  Indices go where those of blocks
 * will be, and, predicted, where nothing has been decoded yet.
 */
static inline_all void lanes_fit(const struct lane_format *lf, struct lane_trial *t, bool wide,
				 bool two, bool predicted)
{
	const struct asc_block_format *f = lf->f;
	words base, bits[2] = { w_set(0), w_set(0) }, before = bits[0], code, room, least;
	struct lane_tally all[2] __uninitialized;
	struct lane_step s __uninitialized;
	u32 i, x = 0, y = 0;
	mask shared, open;

	set_lane_step(&s, t->step_code, wide);
	base = lane_base(lf, &s, wide, two);
	room = lane_room(lf, &s, wide, two);
	/* one code for all takes no less than the best one of each group does, and itself */
	least = w_sub(room, w_set(ASC_CODE_BITS));
	clear_lane_tally(&all[0]);
	clear_lane_tally(&all[1]);
	for (i = 0; i < f->values; i += ASC_POOLED_GROUP) {
		index_lanes(lf, &s, base, &before, i, &x, &y, wide, two, predicted);
		bits[0] = w_adds(bits[0], lane_group(words_from(lf, lf->l->indices, i), &all[0],
						     &code));
		open = m_and(t->plain, m_ge(least, bits[0]));
		if (predicted) {
			bits[1] = w_adds(bits[1], lane_group(words_from(lf, lf->l->decoded, i),
							     &all[1], &code));
			open = m_or(open, m_and(t->predicted, m_ge(least, bits[1])));
		}
		if (!m_any(open)) {
			t->plain = open;
			t->predicted = open;
			return;
		}
	}
	t->plain = m_and(t->plain, lane_fits(lf, room, &all[0], bits[0], NULL, &shared));
	if (predicted)
		t->predicted = m_and(t->predicted,
				     lane_fits(lf, room, &all[1], bits[1], NULL, &shared));
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

/* Absolute errors of two values, likewise; of 8 bits, all fit into a word. */
static inline_all void add_lane_abs(words a, words b, bool wide, words *sums)
{
	if (!wide) {
		sums[0] = w_add(sums[0], w_add(a, b));
		return;
	}
	sums[0] = w_add32(sums[0], w_madd(w_unpacklo(a, b), w_set(1)));
	sums[1] = w_add32(sums[1], w_madd(w_unpackhi(a, b), w_set(1)));
}

/* Bits that moves save.  Only of 16 bits they may be so many that products do not fit. */
static inline_all words lane_saved(words index, words moved, words rice, words masked, bool wide)
{
	words saved = w_sub(w_srl(index, rice), w_srl(moved, rice));

	saved = w_add(saved, w_maskz(m_and(m_ne(index, w_set(0)), m_eq(moved, w_set(0))), masked));
	return wide ? w_min(saved, w_set(16)) : saved;
}

/**
 * struct lane_moves - what moves depend on
 * @any: are there some?
 * @predicted: are there blocks that are?
 * @signs: where indices go up and down
 * @down_by: by how much a move makes an index smaller
 * @most: what it may cost, in squares of the step, times its mantissa
 */
struct lane_moves {
	bool any, predicted;
	mask signs;
	words down_by, most;
};

/**
 * struct lane_chain - values that are worked on one after the other
 * @i: the next
 * @before: steps of the last
 * @rice: low bits of the code of this group, 16 if it has none
 * @masked: bits of its mask's values, 0 if it has none
 */
struct lane_chain {
	u32 i;
	words before, rice, masked;
};

static inline_all void begin_lane_group(const struct lane_plan *plan, struct lane_chain *c)
{
	words code = plan->codes[c->i / ASC_POOLED_GROUP];

	c->rice = w_sub(code, w_set(ASC_FIRST_RICE));
	c->rice = w_blend(m_lt(c->rice, w_set(ASC_RICE_CODES)), w_set(16), c->rice);
	c->masked = w_subs(code, w_set(ASC_FIRST_MASK));
}

/* One value of a chain: its index is stored, and its error. */
static inline_all void lane_value(const struct lane_format *lf, const struct lane_plan *plan,
				  const struct lane_step *s, const struct lane_moves *m,
				  struct lane_chain *c, u32 x, u32 y, bool wide, bool two,
				  lane_row *indices, words *error, words *abs)
{
	const words one = w_set(1), minus_one = w_set(0xffff), zero = w_set(lf->f->zero);
	words v = w_load(lf->l->values[c->i] + lf->first), rest, index, number, from;
	words steps = lane_steps(lf, s, v, wide, two, &rest), origin = plan->base;
	mask down;

	if (m->predicted) {
		origin = lane_origin(lf, plan->base, c->before, c->i, x, y);
		origin = w_blend(plan->predicted, plan->base, origin);
	}
	down = m_lt(origin, steps);
	if (two || m->predicted) {
		index = lane_index(steps, origin, down, wide);
		if (!two)
			index = w_blend(m->signs, lane_plain_index(steps, origin, wide), index);
	} else {
		index = lane_plain_index(steps, origin, wide);
	}
	if (m->any) {
		words moved = w_subs(index, m->down_by);
		words saved = lane_saved(index, moved, c->rice, c->masked, wide);
		mask less = two ? m_eqv(down, m_ge(v, zero)) : down, moves;

		rest = w_blend(less, w_sub(s->mantissa, rest), rest);
		moves = m_lt(w_slli(rest, 4), w_mullo(m->most, saved));
		index = w_blend(moves, index, moved);
		steps = w_sub(steps, w_maskz(moves, w_blend(down, minus_one, one)));
	}
	if (m->predicted)
		w_store(lf->l->steps[c->i] + lf->first, steps);
	c->before = steps;
	w_store(indices[c->i] + lf->first, index);
	number = lane_numbers(lf, s, steps, wide, two);
	from = two ? v : w_max(v, zero);
	*error = w_sub(number, from);
	*abs = w_sub(w_max(number, from), w_min(number, from));
	c->i++;
}

/* Parts of a block that go side by side. */
#define CHAINS	4

/* How many, each of whole planes where values need others of these.  An even number, or one. */
static inline_all u32 count_chains(const struct asc_block_format *f, bool predicted)
{
	u32 whole = predicted ? f->width * f->height : 1, chains = CHAINS;

	while (chains > 1 && (f->values % (chains * ASC_POOLED_GROUP) ||
			      f->values % (chains * whole)))
		chains /= 2;
	return chains;
}

static inline_all void step_place(const struct asc_block_format *f, u32 *x, u32 *y)
{
	if (++*x < f->width)
		return;
	*x = 0;
	if (++*y == f->height)
		*y = 0;
}

/*
 * With what the plan says, after moves if there are to be some.  Returns which fit, and have
 * errors that are not too large; and what of the plan depends on indices.  A value waits for
 * the one before it, so parts of a block go side by side.
 */
static inline_all mask try_lanes(const struct lane_format *lf, struct lane_plan *plan, bool wide,
				 bool two, bool moves, lane_row *indices)
{
	const struct asc_block_format *f = lf->f;
	const words none = w_set(0);
	struct lane_moves m = { .any = moves, .predicted = m_any(plan->predicted) };
	u32 chains = count_chains(f, m.predicted), i, k, x = 0, y = 0;
	words bits = none, max = none, abs_sums[2] = { none, none };
	words squares[2] = { none, none }, sums[2] = { none, none };
	struct lane_step s __uninitialized;
	struct lane_chain c[CHAINS];
	mask fits;

	set_lane_step(&s, plan->step_code, wide);
	plan->base = lane_base(lf, &s, wide, two);
	clear_lane_tally(lf->all);
	m.signs = two ? m_eq(none, none) : plan->predicted;
	m.down_by = w_blend(m.signs, w_set(1), w_set(2));
	m.most = w_mullo(s.mantissa, plan->most_cost);
	for (k = 0; k < chains; k++) {
		c[k].i = f->values / chains * k;
		c[k].before = none;
	}
	while (c[0].i < f->values / chains) {
		for (k = 0; k < chains; k++)
			begin_lane_group(plan, &c[k]);
		/* two values each: of two chains, or one behind the other */
		for (i = 0; i < ASC_POOLED_GROUP; i += chains > 1 ? 1 : 2) {
			for (k = 0; k < chains; k += 2) {
				struct lane_chain *other = &c[chains > 1 ? k + 1 : 0];
				words errors[2], abs[2];

				lane_value(lf, plan, &s, &m, &c[k], x, y, wide, two, indices,
					   &errors[0], &abs[0]);
				if (chains == 1)
					step_place(f, &x, &y);
				lane_value(lf, plan, &s, &m, other, x, y, wide, two, indices,
					   &errors[1], &abs[1]);
				max = w_max(max, w_max(abs[0], abs[1]));
				add_lane_errors(errors[0], errors[1], squares, sums);
				add_lane_abs(abs[0], abs[1], wide, abs_sums);
			}
			step_place(f, &x, &y);
		}
		for (k = 0; k < chains; k++) {
			i = c[k].i - ASC_POOLED_GROUP;
			bits = w_adds(bits, lane_group(words_from(lf, indices, i), lf->all,
						       &plan->codes[i / ASC_POOLED_GROUP]));
		}
	}
	for (i = 0; i < 2; i++) {
		plan->squares[i] = squares[i];
		plan->sums[i] = sums[i];
		plan->abs[i] = abs_sums[i];
	}
	plan->max = max;
	fits = lane_fits(lf, lane_room(lf, &s, wide, two), lf->all, bits, plan->codes,
			 &plan->shared);
	return m_and(fits, m_ge(w_set(ASC_POOLED_MOST_ERROR(f->values)), plan->max));
}

/* What blocks become, by their indices. */
static inline_all void decode_lanes(const struct lane_format *lf, const struct lane_plan *plan,
				    bool wide, bool two)
{
	const struct asc_block_format *f = lf->f;
	mask signs = two ? m_eq(plan->base, plan->base) : plan->predicted;
	words before = w_set(0), one = w_set(1);
	struct lane_step s __uninitialized;
	u32 i, x = 0, y = 0;

	set_lane_step(&s, plan->step_code, wide);
	for (i = 0; i < f->values; i++) {
		words index = w_load(lf->l->indices[i] + lf->first), steps, half;
		words origin = lane_origin(lf, plan->base, before, i, x, y);
		mask up = m_eq(w_and(index, one), one);

		step_place(f, &x, &y);
		half = w_srli(w_add(index, one), 1);
		steps = w_blend(signs, index, w_blend(up, w_sub(w_set(0), half), half));
		steps = w_add(steps, w_blend(plan->predicted, plan->base, origin));
		w_store(lf->l->steps[i] + lf->first, steps);
		before = steps;
		w_store(lf->l->decoded[i] + lf->first, lane_numbers(lf, &s, steps, wide, two));
	}
}

#define TRY_LANES(name, wide, two)							\
static noinline void fit_plain_##name(const struct lane_format *lf, struct lane_trial *t)	\
{											\
	lanes_fit(lf, t, wide, two, false);						\
}											\
static noinline void fit_both_##name(const struct lane_format *lf, struct lane_trial *t)	\
{											\
	lanes_fit(lf, t, wide, two, true);						\
}											\
static noinline mask begin_##name(const struct lane_format *lf, struct lane_plan *plan)	\
{											\
	return try_lanes(lf, plan, wide, two, false, lf->l->indices);			\
}											\
static noinline mask move_##name(const struct lane_format *lf, struct lane_plan *plan)	\
{											\
	return try_lanes(lf, plan, wide, two, true, lf->l->decoded);			\
}											\
static noinline void decode_##name(const struct lane_format *lf, const struct lane_plan *plan)	\
{											\
	decode_lanes(lf, plan, wide, two);						\
}

TRY_LANES(8_1, false, false)
TRY_LANES(8_2, false, true)
TRY_LANES(16_1, true, false)
TRY_LANES(16_2, true, true)

/**
 * struct lane_code - the same for bits of values and endpoints
 * @fit_plain: do blocks fit that are not predicted?
 * @fit_both: either way?
 * @begin: indices and errors with a plan
 * @move: the same with moves, but indices go where nothing has been decoded yet
 * @decode: indices to numbers
 */
struct lane_code {
	void (*fit_plain)(const struct lane_format *lf, struct lane_trial *t);
	void (*fit_both)(const struct lane_format *lf, struct lane_trial *t);
	mask (*begin)(const struct lane_format *lf, struct lane_plan *plan);
	mask (*move)(const struct lane_format *lf, struct lane_plan *plan);
	void (*decode)(const struct lane_format *lf, const struct lane_plan *plan);
};

static const struct lane_code lane_codes[2][2] = {
	{ { fit_plain_8_1, fit_both_8_1, begin_8_1, move_8_1, decode_8_1 },
	  { fit_plain_8_2, fit_both_8_2, begin_8_2, move_8_2, decode_8_2 } },
	{ { fit_plain_16_1, fit_both_16_1, begin_16_1, move_16_1, decode_16_1 },
	  { fit_plain_16_2, fit_both_16_2, begin_16_2, move_16_2, decode_16_2 } },
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

/*
 * See find_step().  Both searches try the same steps until one of them fits and the other
 * does not, which decides.  Of planes of one value prediction never makes an index smaller.
 */
static noinline words find_lane_steps(struct lane_search *ls, mask *predicted)
{
	const struct asc_block_format *f = ls->lf.f;
	const words none = w_set(0);
	mask all = m_eq(none, none), open = all, fits;
	u32 bit = f->bits == 8 ? 32 : 64;
	words found = none;

	if (f->width * f->height == 1)
		open = m_andnot(all, all);
	*predicted = m_andnot(all, all);
	for (; bit; bit >>= 1) {
		struct lane_trial t;

		t.step_code = w_add(found, w_set(bit - 1));
		t.plain = m_andnot(*predicted, all);
		t.predicted = m_or(open, *predicted);
		look_out(ls, t.step_code);
		if (m_any(t.predicted))
			ls->code->fit_both(&ls->lf, &t);
		else
			ls->code->fit_plain(&ls->lf, &t);
		/* of neither kind where that does not matter */
		fits = m_or(t.plain, t.predicted);
		*predicted = m_or(*predicted, m_and(open, m_andnot(t.plain, t.predicted)));
		open = m_and(open, m_eqv(t.plain, t.predicted));
		found = w_blend(fits, w_add(found, w_set(bit)), found);
	}
	return found;
}

/* Words of 32 bits of both halves, where a mask has words. */
static inline_all words half_mask(words here, u32 half)
{
	return half ? w_unpackhi(here, here) : w_unpacklo(here, here);
}

static inline_all void store_codes(const struct lane_format *lf, const words *codes, mask here)
{
	u32 i;

	for (i = 0; i < lf->f->values / ASC_POOLED_GROUP; i++) {
		u16 *to = lf->l->codes[i] + lf->first;

		w_store(to, w_blend(here, w_load(to), codes[i]));
	}
}

/* Where it is better, a trial takes the place of a plan, but for codes, which moves are for. */
static inline_all void take_lane_plan(const struct lane_format *lf, struct lane_plan *plan,
				      const struct lane_plan *trial, mask better)
{
	words here = m_words(better);
	struct asc_pooled_lanes *l = lf->l;
	u32 i;

	plan->step_code = w_blend(better, plan->step_code, trial->step_code);
	plan->base = w_blend(better, plan->base, trial->base);
	plan->shared = m_or(m_and(better, trial->shared), m_andnot(better, plan->shared));
	plan->max = w_blend(better, plan->max, trial->max);
	for (i = 0; i < 2; i++) {
		words half = half_mask(here, i), to = lf->f->bits == 8 ? here : half;

		plan->abs[i] = w_select(to, plan->abs[i], trial->abs[i]);
		plan->squares[i] = w_select(half, plan->squares[i], trial->squares[i]);
	}
	store_codes(lf, trial->codes, better);
	for (i = 0; i < lf->f->values; i++) {
		words old = w_load(l->indices[i] + lf->first);

		w_store(l->indices[i] + lf->first,
			w_blend(better, old, w_load(l->decoded[i] + lf->first)));
	}
}

/* See search(): from a plan that has been tried, and where it is known, to a better one. */
static noinline void search_lanes(struct lane_search *ls, struct lane_plan *plan, mask known)
{
	words best_cost[2][2], level = w_set(0), trial_code = plan->step_code;
	mask on = m_and(known, m_ne(trial_code, w_set(0)));
	u32 i;

	lane_costs(ls->lf.f->values, plan, best_cost);
	for (i = 0; i < ASC_POOLED_TRIES && m_any(on); i++) {
		struct lane_plan trial;
		mask fits, better;

		trial.predicted = plan->predicted;
		trial.step_code = w_sub(trial_code, w_maskz(on, w_set(1)));
		trial.most_cost = w_sll(w_set(ASC_POOLED_COST(0)), level);
		memcpy(trial.codes, plan->codes, sizeof(trial.codes));
		look_out(ls, trial.step_code);
		fits = m_and(on, ls->code->move(&ls->lf, &trial));
		trial_code = w_blend(fits, trial_code, trial.step_code);
		better = take_lane_costs(ls->lf.f->values, &trial, fits, best_cost);
		if (m_any(better))
			take_lane_plan(&ls->lf, plan, &trial, better);
		level = w_add(level, w_maskz(m_andnot(fits, on), w_set(1)));
		on = m_and(on, m_and(m_lt(level, w_set(ASC_POOLED_COSTS)),
				     m_ne(trial_code, w_set(0))));
	}
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

/* Blocks whose errors are to be added up. */
static inline_all words counted_lanes(const struct lane_search *ls)
{
	return w_andnot(m_words(ls->plain), w_load(ls->lf.l->counted + ls->lf.first));
}

/* By decoded numbers. */
static noinline void count_decoded(const struct lane_search *ls)
{
	const struct lane_format *lf = &ls->lf;
	struct asc_pooled_lanes *l = lf->l;
	words counted = counted_lanes(ls), max = w_set(0);
	words sums[2] = { max, max }, squares[2] = { max, max };
	u32 i;

	for (i = 0; i < lf->f->values; i++) {
		words v = w_load(l->values[i] + lf->first), d = w_load(l->decoded[i] + lf->first);
		words error = w_and(counted, w_sub(w_max(v, d), w_min(v, d)));

		max = w_max(max, error);
		add_lane_squares(error, lf->f->bits == 16, sums, squares);
	}
	add_up_lanes(l, max, sums, squares, lf->f->bits == 16);
}

/* Those that the plan has. */
static noinline void count_planned(const struct lane_search *ls, const struct lane_plan *plan)
{
	words counted = counted_lanes(ls), sums[2], squares[2], abs;
	u32 i;

	abs = w_and(counted, plan->abs[0]);
	for (i = 0; i < 2; i++) {
		words half = half_mask(counted, i);

		sums[i] = w_and(half, plan->abs[i]);
		if (ls->lf.f->bits == 8)
			sums[i] = i ? w_unpackhi(abs, w_set(0)) : w_unpacklo(abs, w_set(0));
		squares[i] = w_and(half, plan->squares[i]);
	}
	add_up_lanes(ls->lf.l, w_and(counted, plan->max), sums, squares, false);
}

/*
 * Has the plan the errors of all blocks?  Not of those that are not counted, not too large
 * ones, and not those of values that one endpoint cannot hold.
 */
static noinline bool errors_are_known(const struct lane_search *ls, const struct lane_plan *plan)
{
	const struct lane_format *lf = &ls->lf;
	const words zero = w_set(lf->f->zero), most = w_set(ASC_POOLED_MOST_ERROR(lf->f->values));
	mask known = m_ne(w_load(lf->l->counted + lf->first), w_set(0));
	u32 i;

	known = m_or(ls->plain, m_and(known, m_ge(most, plan->max)));
	for (i = 0; lf->f->endpoints == 1 && lf->f->zero && i < lf->f->values; i++)
		known = m_and(known, m_ge(w_load(lf->l->values[i] + lf->first), zero));
	return !m_any(m_andnot(known, m_eq(zero, zero)));
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
	struct lane_tally all __uninitialized;
	struct lane_search ls = {
		.lf = { f, l, first, &all },
		.code = &lane_codes[f->bits == 16][f->endpoints == 2],
	};
	const struct lane_format *lf = &ls.lf;
	struct lane_plan plan;
	mask known;
	u32 g;

	if (f->endpoints == 2)
		find_means(lf);
	ls.plain = m_ne(w_set(0), w_set(0));
	ls.greatest = f->bits == 16 ? greatest_of(lf) : w_set(0);
	plan.step_code = find_lane_steps(&ls, &plan.predicted);
	plan.most_cost = w_set(0);
	for (g = 0; g < ASC_POOLED_GROUPS; g++)
		plan.codes[g] = w_set(0);
	look_out(&ls, plan.step_code);
	known = ls.code->begin(lf, &plan);
	store_codes(lf, plan.codes, m_eq(plan.base, plan.base));
	if (effort == ASC_EFFORT_BEST)
		search_lanes(&ls, &plan, known);
	if (errors_are_known(&ls, &plan)) {
		count_planned(&ls, &plan);
	} else {
		ls.code->decode(lf, &plan);
		count_decoded(&ls);
	}
	w_store(l->step_code + first, plan.step_code);
	w_store(l->base + first, plan.base);
	w_store(l->predicted + first, m_words(plan.predicted));
	w_store(l->shared + first, m_words(plan.shared));
	w_store(l->plain + first, m_words(ls.plain));
}
