/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What an encoder of DC-AC chooses for the points of a trellis: weights of neighbours, and
 * references.  dcac_points.h says what they are for.
 *
 * Part of dcac_coder.h.
 */

/*
 * Neighbours of the values of a plane, each kind side by side, for loops over many values: as
 * get_neighbours() has them.
 */
static noinline void list_neighbours(struct dcac_workspace *ws, const u16 *v, u32 at)
{
	u16 *west = ws->near[0] + at, *north = ws->near[1] + at;
	u16 *northwest = ws->near[2] + at, *northeast = ws->near[3] + at;
	u32 n = ws->params.plane, w = ws->params.w, i;

	v += at;
	for (i = 0; i < w; i++) {
		west[i] = i ? v[i - 1] : ws->params.zero;
		north[i] = west[i];
		northwest[i] = i > 1 ? v[i - 2] : west[i];
		northeast[i] = west[i];
	}
	if (n == w)
		return;
	/* as if rows went on into one another, and then again where they do not */
	memcpy(west + w, v + w - 1, (n - w) * sizeof(*v));
	memcpy(north + w, v, (n - w) * sizeof(*v));
	memcpy(northwest + w + 1, v, (n - w - 1) * sizeof(*v));
	memcpy(northeast + w, v + 1, (n - w) * sizeof(*v));
	for (i = w; i < n; i += w) {
		west[i] = v[i - w];
		northwest[i] = northeast[i];
		northeast[i + w - 1] = v[i - 1];
	}
}

/*
 * Sums of products, for the least sum of squares of w * (neighbours) - value * 16.  Places
 * where neighbours differ count less.
 */
struct squares {
	s64 products[NEIGHBOURS][NEIGHBOURS];
	s64 targets[NEIGHBOURS];
};

/* Makes products positive, and is a multiple of what they are divided by. */
#define PRODUCT_BIAS	(1ull << 48)

static u64 sum_of_products(const s32 *restrict a, const s32 *restrict b,
			   const u32 *restrict shifts, u32 n)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < n; i++)
		sum += ((s64)a[i] * b[i] + PRODUCT_BIAS) >> shifts[i];
	return sum;
}

static void subtract_zero(const u16 *restrict from, s32 zero, u32 scale, s32 *restrict to, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		to[i] = ((s32)from[i] - zero) * (s32)scale;
}

/* What activity divides by. */
static void find_shifts(const u16 *restrict west, const u16 *restrict north,
			const u16 *restrict northwest, const u16 *restrict northeast,
			u32 *restrict shifts, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++) {
		u32 activity = find_activity(west[i], north[i], northwest[i], northeast[i], ~0u);

		shifts[i] = 31 - __builtin_clz(activity << 1 | 1);
	}
}

/* Of some values and their neighbours. */
static noinline void find_distances(struct dcac_workspace *ws, const u16 *v, u32 at, u32 n)
{
	struct distances *d = &ws->distances;
	s32 zero = ws->params.zero;
	u32 k;

	find_shifts(ws->near[0] + at, ws->near[1] + at, ws->near[2] + at, ws->near[3] + at,
		    d->shifts, n);
	subtract_zero(v + at, zero, 1, d->value, n);
	for (k = 0; k < NEIGHBOURS; k++) {
		subtract_zero(ws->near[k] + at, zero, 1, d->near[k], n);
		subtract_zero(ws->near[k] + at, zero, 256, d->scaled[k], n);
	}
}

/* Where neighbours are made up, at the edges of planes, nothing counts. */
static noinline void clear_edges(const struct params *p, struct distances *d, u32 at, u32 n)
{
	u32 w = p->w, end = at + n, start = at - at % w, y = start / w % p->h, k;

	for (; start < end; start += w, y = y + 1 < p->h ? y + 1 : 0) {
		u32 from = start < at ? at : start, to = start + w < end ? start + w : end;

		for (k = 0; k < NEIGHBOURS; k++) {
			s32 *scaled = d->scaled[k];

			if (!y)
				memset(scaled + from - at, 0, (to - from) * sizeof(*scaled));
			if (start >= at)
				scaled[start - at] = 0;
			if (start + w <= end)
				scaled[start + w - 1 - at] = 0;
		}
	}
}

static noinline void add_squares(const struct distances *d, u32 n, struct squares *s)
{
	u64 bias = 0;
	u32 i, k;

	for (i = 0; i < n; i++)
		bias += PRODUCT_BIAS >> d->shifts[i];
	for (i = 0; i < NEIGHBOURS; i++) {
		for (k = i; k < NEIGHBOURS; k++)
			s->products[i][k] += sum_of_products(d->scaled[i], d->near[k],
							     d->shifts, n) - bias;
		s->targets[i] += sum_of_products(d->scaled[i], d->value, d->shifts, n) - bias;
	}
}

static noinline void find_squares(struct dcac_workspace *ws, const u16 *values, struct squares *s)
{
	u32 count = ws->params.plane * ws->params.c, at, n, i, k;

	memset(s, 0, sizeof(*s));
	for (at = 0; at < count; at += n) {
		n = count - at < DISTANCES ? count - at : DISTANCES;
		find_distances(ws, values, at, n);
		clear_edges(&ws->params, &ws->distances, at, n);
		add_squares(&ws->distances, n, s);
	}
	for (i = 0; i < NEIGHBOURS; i++)
		for (k = 0; k < i; k++)
			s->products[i][k] = s->products[k][i];
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

static noinline void choose_weights(struct dcac_workspace *ws, const u16 *values)
{
	struct squares squares;
	s32 w[NEIGHBOURS];
	u32 i;

	find_squares(ws, values, &squares);
	scale_squares(&squares);
	memcpy(w, default_weights, sizeof(w));
	for (i = 0; i < WEIGHT_STEPS && improve_weights(&squares, w); i++)
		;
	set_neighbour_weights(&ws->params, w);
}

/* See predict_by_weights(). */
static noinline void find_residuals_of_points(struct dcac_workspace *ws, const u16 *values)
{
	const struct params p = ws->params;
	s32 *residuals = ws->residuals;
	u32 n = p.plane * p.c, i;

	for (i = 0; i < n; i++) {
		s32 sum = p.weights[0] * ws->near[0][i] + p.weights[1] * ws->near[1][i] +
			  p.weights[2] * ws->near[2][i] + p.weights[3] * ws->near[3][i];

		sum = (sum + p.bias) >> 4;
		sum = sum < (s32)p.floor ? (s32)p.floor : sum;
		residuals[i] = values[i] - (sum > (s32)p.max ? (s32)p.max : sum);
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

/* The same of small numbers, whose sum is not large. */
static s32 product_of_shorts(const s16 *a, const s16 *b, u32 n)
{
	s32 sum = 0;
	u32 i;

	for (i = 0; i < n; i++)
		sum += a[i] * b[i];
	return sum;
}

/* Returns the largest one without its sign. */
static u32 to_shorts(const s32 *restrict from, s16 *restrict to, u32 n)
{
	u32 most = 0, i;

	for (i = 0; i < n; i++) {
		u32 magnitude = from[i] < 0 ? -from[i] : from[i];

		most = magnitude > most ? magnitude : most;
		to[i] = from[i];
	}
	return most;
}

static noinline void shorten_residuals(struct dcac_workspace *ws)
{
	const struct params *p = &ws->params;
	u32 most = to_shorts(ws->residuals, ws->short_residuals, p->plane * p->c);

	ws->short_most = most > 32767 ? 0 : 0x7fffffff / ((most + 1) * p->plane);
	if (ws->short_most > 32767)
		ws->short_most = 32767;
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
static u32 find_reference(struct dcac_workspace *ws, u32 channel, const s32 *rest,
			  s32 *best_factor)
{
	bool is_short = to_shorts(rest, ws->short_rest, ws->params.plane) <= ws->short_most;
	const struct params *p = &ws->params;
	u32 own = channel * p->plane, distance, found = 0;
	s64 best = 0;

	for (distance = 1; distance <= POINT_WINDOW && distance <= channel; distance++) {
		s64 xx = ws->squares[(channel - distance) % POINT_WINDOW], xy, gain;
		s32 factor;

		if (!may_refer(p, channel, distance))
			continue;
		if (is_short)
			xy = product_of_shorts(ws->short_rest,
					       ws->short_residuals + own - distance * p->plane,
					       p->plane);
		else
			xy = product_of(rest, ws->residuals + own - distance * p->plane, p->plane);
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
	shorten_residuals(ws);
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

/* What references add to predictions of a plane, in eighths, and to activities. */
static noinline void add_references(const struct dcac_workspace *ws, u32 channel,
				    s32 *restrict corrections, u32 *restrict activity)
{
	const struct reference *r = ws->references[channel];
	u32 n = ws->params.plane, i, k;

	memset(corrections, 0, n * sizeof(*corrections));
	memset(activity, 0, n * sizeof(*activity));
	for (k = 0; ws->params.references && k < REFERENCES && r[k].distance; k++) {
		const s32 *other = ws->residuals + (channel - r[k].distance) * n;
		s32 factor = (s32)r[k].factor - FACTOR_BIAS;

		for (i = 0; i < n; i++) {
			corrections[i] += factor * other[i];
			activity[i] += other[i] < 0 ? -other[i] : other[i];
		}
	}
}

/* Errors of the predictions of a plane, and ranks. */
static noinline void find_errors(const struct params *p, const u16 *restrict v,
				 const s32 *restrict own, const s32 *restrict corrections,
				 u16 *restrict errors, u32 *restrict ranks)
{
	s32 low = p->base, high = p->max;
	u32 n = p->plane, i;

	for (i = 0; i < n; i++) {
		s32 prediction = v[i] - own[i] + (corrections[i] >> 3), error;

		prediction = prediction < low ? low : prediction;
		prediction = prediction > high ? high : prediction;
		error = v[i] - prediction;
		errors[i] = error < 0 ? -error : error;
		ranks[i] = find_trellis_rank(v[i], error, 0, low, high);
	}
}

/* See errors_near(). */
static noinline void add_errors(const struct params *p, const u16 *restrict errors,
				u32 *restrict activity)
{
	u32 n = p->plane, w = p->w, i;

	for (i = 1; i < w; i++)
		activity[i] += 2 * errors[i - 1];
	for (i = w; i < n; i++)
		activity[i] += errors[i - 1] + errors[i - w];
	for (i = w; i < n; i += w)
		activity[i] += errors[i - w] - errors[i - 1];
}

/* Activities of a plane with what neighbours add to them, in the form of find_activity(). */
static noinline void end_activities(struct dcac_workspace *ws, u32 at)
{
	const u16 *west = ws->near[0] + at, *north = ws->near[1] + at;
	const u16 *northwest = ws->near[2] + at, *northeast = ws->near[3] + at;
	u32 n = ws->params.plane, zero = ws->params.zero, *activity = ws->activity, i;
	const u32 most = (1u << (CLASS_FIRST - 1)) - 1;

	for (i = 0; i < n; i++) {
		u32 a = find_activity(west[i], north[i], northwest[i], northeast[i], zero);
		u32 sum = activity[i] + (a & ~(1u << 31));

		activity[i] = (sum < most ? sum : most) | (a & 1u << 31);
	}
}

static noinline void find_takes_of_points(struct dcac_workspace *ws, const u16 *values)
{
	const struct params p = ws->params;
	u32 at = 0, channel;

	for (channel = 0; channel < p.c; channel++, at += p.plane) {
		add_references(ws, channel, ws->corrections, ws->activity);
		find_errors(&p, values + at, ws->residuals + at, ws->corrections,
			    ws->errors + at, ws->takes + at);
		add_errors(&p, ws->errors + at, ws->activity);
		end_activities(ws, at);
		ranks_to_takes(&p, values + at, ws->activity, ws->takes + at);
	}
}

static void predict_points(struct dcac_workspace *ws, const u16 *values)
{
	u32 at;

	for (at = 0; at < ws->params.plane * ws->params.c; at += ws->params.plane)
		list_neighbours(ws, values, at);
	choose_weights(ws, values);
	find_residuals_of_points(ws, values);
	choose_references_of_points(ws, values);
	find_takes_of_points(ws, values);
}
