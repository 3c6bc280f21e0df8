/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What an encoder of DC-AC chooses for the points of a trellis: weights of neighbours, and
 * references.  dcac_points.h says what they are for.
 *
 * Part of dcac_coder.h.
 */

/*
 * Sums of products, for the least sum of squares of w * (neighbours) - value * 16.  Places
 * where neighbours differ count less.
 */
struct squares {
	s64 products[NEIGHBOURS][NEIGHBOURS];
	s64 targets[NEIGHBOURS];
};

/* One by one: clang would keep sums of many places on the stack. */
static noinline void add_place(struct squares *s, const struct params *p, const u16 *v, u32 x,
			       u32 y)
{
	struct neighbours n;
	s32 f[NEIGHBOURS];
	u32 shift, i, k;

	get_neighbours(p, v, x, y, &n);
	f[0] = (s32)n.west - (s32)p->zero;
	f[1] = (s32)n.north - (s32)p->zero;
	f[2] = (s32)n.northwest - (s32)p->zero;
	f[3] = (s32)n.northeast - (s32)p->zero;
	shift = bits_of(activity_of(&n));
	for (i = 0; i < NEIGHBOURS; i++) {
		for (k = 0; k < NEIGHBOURS; k++)
			s->products[i][k] += ((s64)f[i] * f[k] * 256) >> shift;
		s->targets[i] += ((s64)f[i] * ((s32)*v - (s32)p->zero) * 256) >> shift;
	}
}

/* So that weights times any of them fit. */
static void scale_squares(struct squares *s)
{
	u32 shift = 0, i, k;

	for (i = 0; i < NEIGHBOURS; i++)
		while (s->products[i][i] >> shift >> 44)
			shift++;
	for (i = 0; i < NEIGHBOURS; i++) {
		for (k = 0; k < NEIGHBOURS; k++)
			s->products[i][k] >>= shift;
		s->targets[i] >>= shift;
	}
}

/* Half of what the sum changes by if the i-th weight grows by a and the k-th by b. */
static s64 change_of(const struct squares *s, const s64 *slope, u32 i, s32 a, u32 k, s32 b)
{
	return 2 * (a * slope[i] + b * slope[k]) + a * a * s->products[i][i] +
	       b * b * s->products[k][k] + 2 * a * b * s->products[i][k];
}

static bool weight_fits(s32 weight)
{
	return weight >= -WEIGHT_BIAS && weight < WEIGHT_BIAS;
}

/* The step of one or two weights that lessens the sum most.  Returns false if none does. */
static noinline bool improve_weights(const struct squares *s, s32 *w)
{
	s64 slope[NEIGHBOURS], best = 0, change;
	u32 i, k, best_i = 0, best_k = 0;
	s32 a, b, best_a = 0, best_b = 0;

	for (i = 0; i < NEIGHBOURS; i++) {
		slope[i] = -16 * s->targets[i];
		for (k = 0; k < NEIGHBOURS; k++)
			slope[i] += w[k] * s->products[i][k];
	}
	for (i = 0; i < NEIGHBOURS; i++)
		for (k = i + 1; k < NEIGHBOURS; k++)
			for (a = -1; a <= 1; a++)
				for (b = -1; b <= 1; b++) {
					change = change_of(s, slope, i, a, k, b);
					if (change >= best || !weight_fits(w[i] + a) ||
					    !weight_fits(w[k] + b))
						continue;
					best = change;
					best_i = i;
					best_k = k;
					best_a = a;
					best_b = b;
				}
	w[best_i] += best_a;
	w[best_k] += best_b;
	return best < 0;
}

/* Steps are few, as weights are near those that are usual. */
#define WEIGHT_STEPS	64

static noinline void choose_weights(struct params *p, const u16 *values)
{
	struct squares squares = { 0 };
	s32 w[NEIGHBOURS];
	u32 channel, x, y;

	/* without the edges, where neighbours are made up */
	for (channel = 0; channel < p->c; channel++)
		for (y = 1; y < p->h; y++)
			for (x = 1; x + 1 < p->w; x++)
				add_place(&squares, p, values + channel * p->plane + y * p->w + x,
					  x, y);
	scale_squares(&squares);
	memcpy(w, default_weights, sizeof(w));
	for (x = 0; x < WEIGHT_STEPS && improve_weights(&squares, w); x++)
		;
	set_neighbour_weights(p, w);
}

static noinline void find_residuals_of_points(struct dcac_workspace *ws, const u16 *values)
{
	const struct params *p = &ws->params;
	u32 at = 0, channel, x, y;

	for (channel = 0; channel < p->c; channel++)
		for (y = 0; y < p->h; y++)
			for (x = 0; x < p->w; x++, at++) {
				struct neighbours n;

				get_neighbours(p, values + at, x, y, &n);
				ws->residuals[at] = values[at] - predict_by_weights(p, &n);
			}
}

static s64 product_of(const s32 *a, const s32 *b, u32 n)
{
	s64 sum = 0;
	u32 i;

	for (i = 0; i < n; i++)
		sum += (s64)a[i] * b[i];
	return sum;
}

/* The factor that leaves the least squares, for sums of products with the reference and of it. */
static s32 factor_of(s64 xy, s64 xx)
{
	if (8 * xy >= (FACTOR_BIAS - 1) * xx)
		return xx ? FACTOR_BIAS - 1 : 0;
	if (8 * xy <= -FACTOR_BIAS * xx)
		return -FACTOR_BIAS;
	while (xx >> 29) {
		xx >>= 1;
		xy /= 2;
	}
	return fmc_div_s64(16 * xy + (xy < 0 ? -xx : xx), 2 * (s32)xx);
}

/* Roughly four times the bits that a plane takes, whose residuals are these. */
static u32 cost_of_rest(const struct params *p, const u16 *v, const s32 *rest)
{
	s32 low = p->base, high = p->max;
	u32 cost = 0, i;

	for (i = 0; i < p->plane; i++) {
		s32 residual = v[i] - clamp_s32(v[i] - rest[i], low, high);

		if (!p->explicit_zero || v[i] != p->zero)
			cost += residual_cost(residual);
	}
	return cost;
}

/* The next reference of a plane: that which leaves the least squares of @rest. */
static u32 find_reference(const struct dcac_workspace *ws, u32 channel, const s32 *rest,
			  s32 *best_factor)
{
	const struct params *p = &ws->params;
	const s32 *own = ws->residuals + channel * p->plane;
	u32 distance, found = 0;
	s64 best = 0;

	for (distance = 1; distance <= POINT_WINDOW && distance <= channel; distance++) {
		s64 xx = ws->squares[(channel - distance) % POINT_WINDOW], xy, gain;
		s32 factor;

		if (!may_refer(p, channel, distance))
			continue;
		xy = product_of(rest, own - distance * p->plane, p->plane);
		factor = factor_of(xy, xx);
		gain = factor * (16 * xy - factor * xx);
		if (gain <= best)
			continue;
		best = gain;
		found = distance;
		*best_factor = factor;
	}
	return found;
}

/* More than a reference takes must be saved, as contexts become less alike by it. */
#define MARGIN_BITS	3

/* If it pays.  @rest is what references before leave, and takes @cost. */
static bool add_reference(struct dcac_workspace *ws, const u16 *v, u32 channel, s32 *rest,
			  u32 *cost, struct reference *r)
{
	const struct params *p = &ws->params;
	const s32 *other = ws->residuals + channel * p->plane;
	u32 bits = distance_bits(channel) + FACTOR_BITS + MARGIN_BITS, before = *cost, i;
	s32 factor = 0;

	r->distance = find_reference(ws, channel, rest, &factor);
	if (!r->distance)
		return false;
	r->factor = factor + FACTOR_BIAS;
	other -= r->distance * p->plane;
	for (i = 0; i < p->plane; i++)
		rest[i] -= (factor * other[i]) >> 3;
	*cost = cost_of_rest(p, v, rest);
	if (*cost + 4 * bits < before)
		return true;
	r->distance = 0;
	return false;
}

static noinline void choose_references_of_points(struct dcac_workspace *ws,
						 const u16 *values)
{
	struct params *p = &ws->params;
	s32 *rest = (s32 *)ws->activity;
	u32 channel, i;

	p->references = 0;
	if (p->c > REFERENCE_PLANES)
		return;
	memset(ws->references, 0, p->c * sizeof(*ws->references));
	for (channel = 0; channel < p->c; channel++) {
		const s32 *own = ws->residuals + channel * p->plane;
		const u16 *v = values + channel * p->plane;
		u32 cost = cost_of_rest(p, v, own);

		ws->squares[channel % POINT_WINDOW] = product_of(own, own, p->plane);
		memcpy(rest, own, p->plane * sizeof(*rest));
		for (i = 0; i < REFERENCES; i++) {
			if (!add_reference(ws, v, channel, rest, &cost,
					   &ws->references[channel][i]))
				break;
		}
		p->references |= i > 0;
	}
}

/* What a decoder takes for a point. */
static u32 take_of_point(const struct params *p, u32 value, const struct prediction *pred)
{
	u32 rank, extra, symbol;

	if (p->explicit_zero && value == p->zero)
		return make_take(pred->context, 0, 0, 0);
	rank = find_trellis_rank(value, value - pred->value, 0, p->base, p->max);
	symbol = rank_symbol(rank, &extra) + p->explicit_zero;
	return make_take(pred->context, symbol, extra, rank & ((1u << extra) - 1));
}

static noinline void find_takes_of_points(struct dcac_workspace *ws, const u16 *values)
{
	const struct params *p = &ws->params;
	struct lane lane = { 0 };
	struct prediction pred;

	for (; lane.channel < p->c; lane.channel++)
		for (lane.y = 0; lane.y < p->h; lane.y++)
			for (lane.x = 0; lane.x < p->w; lane.x++, lane.at++) {
				u32 value = values[lane.at];

				predict_point(ws, values, &lane, &pred);
				ws->errors[lane.at] = distance_of(value, pred.value);
				ws->takes[lane.at] = take_of_point(p, value, &pred);
			}
}

static void predict_points(struct dcac_workspace *ws, const u16 *values)
{
	struct params *p = &ws->params;

	choose_weights(p, values);
	find_residuals_of_points(ws, values);
	choose_references_of_points(ws, values);
	find_takes_of_points(ws, values);
}
