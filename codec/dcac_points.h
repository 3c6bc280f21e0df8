/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * How DC-AC predicts the points of a trellis.  There are fewer of them than there are values
 * without loss, and what neighbours tell is less alike: the weights of neighbours are those
 * of the tile, a plane may have more references, further back, and the context of a point
 * also knows how far off predictions were.  Documentation/dcac.rst, "With a trellis".
 *
 * Part of dcac_coder.h.
 */

/* What a header says if neighbours have other weights than without a trellis. */
#define WEIGHT_BITS	6
#define WEIGHT_BIAS	32

#define FACTOR_BITS	5	/* of a reference, in eighths */

static const s32 default_weights[NEIGHBOURS] = { 8, 8, -4, 4 };

static void set_neighbour_weights(struct params *p, const s32 *w)
{
	memcpy(p->weights, w, sizeof(p->weights));
	/* weights are of the distance from zero; and half, for rounding */
	p->bias = (s32)p->zero * (16 - w[0] - w[1] - w[2] - w[3]) + 8;
}

static s32 predict_by_weights(const struct params *p, const struct neighbours *n)
{
	const s32 *w = p->weights;
	s32 sum = w[0] * (s32)n->west + w[1] * (s32)n->north + w[2] * (s32)n->northwest +
		  w[3] * (s32)n->northeast;

	return clamp_s32((sum + p->bias) >> 4, p->floor, p->max);
}

/* How far off predictions to the left and above were; twice the one if there is no other. */
static u32 errors_near(const struct dcac_workspace *ws, const struct lane *lane)
{
	const u16 *errors = ws->errors + lane->at;
	u32 w = ws->params.w;

	return errors[lane->x ? -1 : -(s32)w] + errors[lane->y ? -(s32)w : -1];
}

/* As predict(), of points. */
static void predict_point(const struct dcac_workspace *ws, const u16 *values,
			  const struct lane *lane, struct prediction *out)
{
	const struct params *p = &ws->params;
	const struct reference *r = p->references ? ws->references[lane->channel] : NULL;
	struct neighbours n;
	u32 activity, i;
	s32 sum = 0;

	get_neighbours(p, values + lane->at, lane->x, lane->y, &n);
	out->spatial = predict_by_weights(p, &n);
	activity = activity_of(&n);
	for (i = 0; r && i < REFERENCES && r[i].distance; i++) {
		s32 residual = ws->residuals[lane->at - r[i].distance * p->plane];

		sum += ((s32)r[i].factor - FACTOR_BIAS) * residual;
		activity += residual < 0 ? -residual : residual;
	}
	out->value = clamp_s32(out->spatial + (sum >> 3), p->base, p->max);
	if (lane->x || lane->y)
		activity += errors_near(ws, lane);
	out->context = context_of(p, lane, &n, activity);
}

/* Header */

static void code_weights(struct params *p, struct bits *b)
{
	s32 w[NEIGHBOURS];
	u32 i;

	memcpy(w, p->weights, sizeof(w));
	if (code_bits(b, !!memcmp(w, default_weights, sizeof(w)), 1)) {
		for (i = 0; i < NEIGHBOURS; i++)
			w[i] = (s32)code_bits(b, w[i] + WEIGHT_BIAS, WEIGHT_BITS) - WEIGHT_BIAS;
	} else {
		memcpy(w, default_weights, sizeof(w));
	}
	set_neighbour_weights(p, w);
}

/* Bits that tell how far back a reference is. */
static u32 distance_bits(u32 channel)
{
	return bits_of((channel < POINT_WINDOW ? channel : POINT_WINDOW) - 1);
}

static void code_references_of_points(struct dcac_workspace *ws, struct bits *b)
{
	struct params *p = &ws->params;
	u32 channel, i;

	p->references = code_bits(b, p->references, 1);
	b->failed |= p->references && p->c > REFERENCE_PLANES;
	if (!p->references || b->failed)
		return;
	for (channel = 1; channel < p->c; channel++) {
		struct reference *r = ws->references[channel];

		for (i = 0; i < REFERENCES && code_bits(b, !!r[i].distance, 1); i++) {
			r[i].distance = code_bits(b, r[i].distance - 1, distance_bits(channel)) + 1;
			r[i].factor = code_bits(b, r[i].factor, FACTOR_BITS);
			b->failed |= !may_refer(p, channel, r[i].distance);
		}
	}
}
