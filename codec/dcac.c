// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * DC-AC: lossless coding of feature maps by the correlation of their planes, after
 * Bae, Lee, Kim, "DC-AC: Deep correlation-based adaptive compression of feature map
 * planes in convolutional neural networks" (ISCAS 2021).  The paper leaves its base
 * coder open; this one predicts from neighbours, and codes by interleaved rANS with
 * distributions that are fixed for a tile.  Documentation/dcac.rst has the format.
 */

#include "asc_trellis.h"
#include "dcac.h"

#define LANES_MAX	16	/* entropy coders in lockstep */
#define LANE_VALUES	1024	/* values that are worth one more */
#define WINDOW		8	/* planes back that may be referred to */

#define REFERENCE_BITS	6	/* distance and weight */

#define PROB_BITS	12
#define PROB_ONE	4096u
#define STATE_MIN	0x10000u

/* Activity classes: how many bits the activity has, and two for the first values of a plane. */
#define CLASS_FIRST	19
#define CLASS_SECOND	20
#define CLASSES		21
#define CONTEXTS	(2 * CLASSES)

/* Symbols: a rank below 8 is its own, each octave above has four. */
#define SYMBOLS		61
#define RANK_LEVELS	72
#define ZERO_LEVELS	32

static const int weights[8] = { -4, -2, -1, 1, 2, 3, 4, 6 };	/* quarters */

/* 4096 / (1 + exp((12 - i) / 2)) */
static const u16 zero_freqs[ZERO_LEVELS] = {
	10, 17, 27, 45, 74, 121, 194, 311, 488, 747, 1102, 1546,
	2048, 2550, 2994, 3349, 3608, 3785, 3902, 3975, 4022, 4051, 4069, 4079,
	4086, 4090, 4092, 4094, 4094, 4095, 4095, 4095,
};

/* 2^14 * 2^(i / 4) */
static const u32 quarter_octaves[4] = { 16384, 19484, 23170, 27554 };

/* What is known of a tile before its values. */
struct params {
	u32 w, h, c;
	u32 plane;		/* values of a plane */
	u32 lanes;
	u32 zero;
	u32 max;		/* greatest number of the type */
	u32 floor;		/* no value is less */
	u32 explicit_zero;	/* symbol 0 is the value zero */
	u32 base;		/* least number that has a rank */
	u32 trellis;		/* 1: the state of a lane tells bit 0 of a number */
	u32 symbols;
};

struct model {
	u16 start[SYMBOLS + 2];	/* PROB_ONE behind the last symbol */
};

/* One of the coders, and where it is in the tile. */
struct lane {
	u32 state;
	u32 wait;		/* steps until it begins */
	u32 channel, x, y, at;
	u32 symbol;
	u32 trellis;		/* state */
};

struct workspace {
	struct params params;
	struct lane lanes[LANES_MAX];
	s32 residuals[FMC_TILE_MAX_VALUES];	/* against neighbours alone */
	u8 reference[FMC_TILE_MAX_VALUES];	/* of a plane: distance, 0: none */
	u8 weight[FMC_TILE_MAX_VALUES];	/* by number */
	u8 used[CONTEXTS];
	u8 zero_level[CONTEXTS];
	u8 rank_level[CONTEXTS];
	struct model models[CONTEXTS];
	union {
		/* decoder: the symbol of each slot */
		u8 symbol_of[CONTEXTS][PROB_ONE];
		/* encoder: takes of the decoder, in order, see op_symbol(), op_bits() */
		struct {
			u32 ops[2 * FMC_TILE_MAX_VALUES];
			u16 count[CONTEXTS][SYMBOLS];
		};
	};
};

static_assert(sizeof(struct workspace) <= DCAC_WORKSPACE_BYTES, "workspace");

static u32 bits_of(u32 v)
{
	return v ? 32 - __builtin_clz(v) : 0;
}

static u32 distance_of(u32 a, u32 b)
{
	return a > b ? a - b : b - a;
}

static s32 clamp_s32(s32 v, s32 low, s32 high)
{
	return v < low ? low : v > high ? high : v;
}

/*
 * Ranks and their symbols
 */

/* Symbol of a rank; its lowest *extra bits are not in it. */
static u32 rank_symbol(u32 rank, u32 *extra)
{
	u32 top;

	*extra = 0;
	if (rank < 8)
		return rank;
	top = bits_of(rank) - 1;
	*extra = top - 2;
	return 4 * (top - 1) + (rank >> *extra & 3);
}

/* Bits of a rank that its symbol leaves open. */
static u32 symbol_extra(u32 symbol)
{
	return symbol < 8 ? 0 : symbol / 4 - 1;
}

/* The least rank of a symbol. */
static u32 symbol_rank(u32 symbol)
{
	return symbol < 8 ? symbol : (4 | (symbol & 3)) << (symbol / 4 - 1);
}

/*
 * Ranks count values by their distance from the prediction, above and below in turn,
 * until one side has no more.  @below and @above are the numbers on each side.
 */
static u32 rank_of(u32 value, u32 prediction, u32 below, u32 above)
{
	u32 both = below < above ? below : above;
	u32 distance = distance_of(value, prediction);

	if (distance > both)
		return distance + both;
	return value < prediction ? 2 * distance - 1 : 2 * distance;
}

static u32 value_of(u32 rank, u32 prediction, u32 below, u32 above)
{
	u32 both = below < above ? below : above;

	if (rank > 2 * both)
		return below < above ? prediction + rank - both : prediction + both - rank;
	return rank & 1 ? prediction - (rank + 1) / 2 : prediction + rank / 2;
}

/*
 * The numbers that a value may be, seen from the prediction.  In a trellis these are the
 * even or the odd ones only, without bit 0.
 */
struct range {
	u32 prediction, below, above;
};

static void get_range(const struct params *p, const struct lane *lane, u32 prediction,
		      struct range *r)
{
	u32 odd = lane->trellis & p->trellis;
	u32 first = (p->base + p->trellis - odd) >> p->trellis;

	r->prediction = prediction >> p->trellis;
	if (r->prediction < first)
		r->prediction = first;
	r->below = r->prediction - first;
	r->above = (p->max >> p->trellis) - r->prediction;
}

/* A value that has been coded moves the state. */
static void step_trellis(struct lane *lane, u32 value)
{
	lane->trellis = asc_trellis_next(lane->trellis, value);
}

/*
 * Prediction
 */

struct neighbours {
	u32 west, north, northwest, northeast;
};

/* Values outside the plane are made of those next to the edge. */
static void get_neighbours(const struct params *p, const u16 *v, u32 x, u32 y,
			   struct neighbours *n)
{
	if (y) {
		const u16 *above = v - p->w;

		n->north = above[0];
		n->northeast = x + 1 < p->w ? above[1] : above[0];
		n->northwest = x ? above[-1] : n->northeast;
		n->west = x ? v[-1] : above[0];
	} else {
		n->west = x ? v[-1] : p->zero;
		n->north = n->west;
		n->northwest = x > 1 ? v[-2] : n->west;
		n->northeast = n->west;
	}
}

static s32 predict_spatial(const struct params *p, const struct neighbours *n)
{
	s32 sum = 2 * (s32)(n->west + n->north) - (s32)n->northwest + (s32)n->northeast;

	return clamp_s32((sum + 2) >> 2, p->floor, p->max);
}

struct prediction {
	u32 value;
	s32 spatial;
	u32 context;
};

/* Of the value that a lane is at, from values of earlier steps only. */
static void predict(const struct workspace *ws, const u16 *values, const struct lane *lane,
		    struct prediction *out)
{
	const struct params *p = &ws->params;
	u32 distance = ws->reference[lane->channel], activity;
	struct neighbours n;
	s32 v;

	get_neighbours(p, values + lane->at, lane->x, lane->y, &n);
	out->spatial = predict_spatial(p, &n);
	activity = distance_of(n.west, n.northwest) + distance_of(n.north, n.northwest) +
		   distance_of(n.north, n.northeast);
	v = out->spatial;
	if (distance) {
		s32 residual = ws->residuals[lane->at - distance * p->plane];

		v += (weights[ws->weight[lane->channel]] * residual) >> 2;
		activity += residual < 0 ? -residual : residual;
	}
	out->value = clamp_s32(v, p->base, p->max);
	if (lane->y || lane->x > 1)
		out->context = bits_of(activity);
	else
		out->context = lane->x ? CLASS_SECOND : CLASS_FIRST;
	if (p->explicit_zero && (n.west == p->zero || n.north == p->zero ||
				 n.northwest == p->zero || n.northeast == p->zero))
		out->context += CLASSES;
}

/*
 * Lanes: lane l codes the channels l, l + lanes, ... and is at any time one value
 * behind lane l - 1, so that values of earlier planes are there to be referred to.
 */

static void start_lanes(struct workspace *ws)
{
	u32 i;

	for (i = 0; i < ws->params.lanes; i++) {
		struct lane *lane = &ws->lanes[i];

		lane->wait = i;
		lane->channel = i;
		lane->x = 0;
		lane->y = 0;
		lane->at = i * ws->params.plane;
		lane->trellis = 0;
	}
}

static u32 lane_steps(const struct params *p)
{
	return (p->c + p->lanes - 1) / p->lanes * p->plane + p->lanes - 1;
}

static bool lane_active(const struct params *p, const struct lane *lane)
{
	return !lane->wait && lane->channel < p->c;
}

static void advance_lane(const struct params *p, struct lane *lane)
{
	if (lane->wait) {
		lane->wait--;
		return;
	}
	lane->at++;
	if (++lane->x < p->w)
		return;
	lane->x = 0;
	if (++lane->y < p->h)
		return;
	lane->y = 0;
	lane->channel += p->lanes;
	lane->at = lane->channel * p->plane;
}

/* The step at which the first value of a channel is coded. */
static u32 first_step(const struct params *p, u32 channel)
{
	return channel / p->lanes * p->plane + channel % p->lanes;
}

/* Is the plane @distance back always ahead of this one? */
static bool may_refer(const struct params *p, u32 channel, u32 distance)
{
	return distance <= channel && first_step(p, channel - distance) < first_step(p, channel);
}

static void init_params(struct params *p, const struct fmc_tile *tile)
{
	memset(p, 0, sizeof(*p));
	/* a single column is better seen as a row */
	p->w = tile->w > 1 ? tile->w : tile->h;
	p->h = tile->w > 1 ? tile->h : 1;
	p->c = tile->c;
	p->plane = tile->w * tile->h;
	p->zero = tile->zero;
	p->trellis = tile->trellis != FMC_TRELLIS_NONE;
	p->max = (1u << tile->bits) - 1;
	p->lanes = LANES_MAX;
	while (p->lanes > 1 && (p->lanes > p->c || p->lanes * LANE_VALUES > p->plane * p->c))
		p->lanes /= 2;
}

/* What follows from the flags of a tile. */
static void set_flags(struct params *p, bool floor, bool explicit_zero)
{
	p->floor = floor ? p->zero : 0;
	p->explicit_zero = explicit_zero;
	p->base = floor && explicit_zero && p->zero < p->max ? p->zero + 1 : p->floor;
}

/*
 * Models
 */

/*
 * Ranks are distributed geometrically: @left is the share of ranks that are greater, and
 * falls by @ratio with every rank, both in 1/2^32.
 */
static void build_model(const struct params *p, u32 zero_level, u32 rank_level, struct model *m)
{
	u32 last = p->symbols - 1, symbol = 0, k;
	/* the mean rank, 1/8 * 2^(level / 4), and 1; in 1/2^17 */
	u32 mean = (1u << 17) + (quarter_octaves[rank_level & 3] << (rank_level >> 2));
	u64 left = 1ull << 32, ratio = left - fmc_div_u64(1ull << 49, mean);
	u32 room = PROB_ONE;

	m->start[0] = 0;
	if (p->explicit_zero) {
		u32 freq = zero_freqs[zero_level];

		if (freq > PROB_ONE - last)
			freq = PROB_ONE - last;
		symbol = 1;
		m->start[1] = last ? freq : PROB_ONE;
		room -= freq;
	}
	/* every symbol has one slot, and shares of the others */
	room -= p->symbols - symbol;
	for (k = 0; symbol <= last; k++, symbol++) {
		if (k >= 8 && !(k & 3))
			ratio = (ratio * ratio) >> 32;
		left = (left * ratio) >> 32;
		m->start[symbol + 1] = PROB_ONE - (last - symbol) -
				       (u32)((left * room) >> 32);
	}
	m->start[p->symbols] = PROB_ONE;
}

/*
 * Header: bits, the lowest of a byte first.  One description of it serves both sides.
 */

struct bits {
	u8 *out;	/* NULL: read */
	const u8 *in;
	u32 bytes;
	u32 at;		/* in bits */
	bool failed;	/* no room, or nothing left, or nonsense */
};

/* Write a number of @count bits, or read one.  Returns it. */
static u32 code_bits(struct bits *b, u32 value, u32 count)
{
	u32 result = 0, i;

	for (i = 0; i < count; i++, b->at++) {
		u32 byte = b->at / 8, shift = b->at & 7;

		if (byte >= b->bytes) {
			b->failed = true;
			return 0;
		}
		if (!b->out) {
			result |= (u32)(b->in[byte] >> shift & 1) << i;
			continue;
		}
		b->out[byte] = (shift ? b->out[byte] : 0) | (value >> i & 1) << shift;
	}
	return b->out ? value : result;
}

/*
 * Levels are coded by their difference from what the context before suggests, 0, 1, -1,
 * 2, ... in an Elias gamma code.  With every class activity doubles, and ranks grow.
 */
#define RANK_STEP	2

static u32 level_code(u32 level, u32 guess)
{
	return level > guess ? 2 * (level - guess) : 2 * (guess - level) + 1;
}

static u32 level_bits(u32 level, u32 guess)
{
	return 2 * bits_of(level_code(level, guess)) - 1;
}

static u32 code_level(struct bits *b, u32 level, u32 guess, u32 levels)
{
	u32 code = level_code(level, guess), more = bits_of(code) - 1, zeros = 0, read = 1;

	while (zeros < 8 && !code_bits(b, zeros == more, 1))
		zeros++;
	while (zeros--)
		read = read << 1 | code_bits(b, code >> zeros & 1, 1);
	level = read & 1 ? guess - read / 2 : guess + read / 2;
	if (level < levels)
		return level;
	b->failed = true;
	return 0;
}

/* What the levels of a context probably are, from those of the last one in use. */
struct guess {
	u32 zero, rank;
};

static void guess_levels(const struct workspace *ws, u32 context, struct guess *g)
{
	u32 i = context;

	g->zero = context < CLASSES ? 6 : 18;
	g->rank = 4;
	while (i-- && i / CLASSES == context / CLASSES) {
		if (!ws->used[i])
			continue;
		g->zero = ws->zero_level[i];
		g->rank = ws->rank_level[i] + RANK_STEP;
		if (g->rank >= RANK_LEVELS)
			g->rank = RANK_LEVELS - 1;
		return;
	}
}

static void code_references(struct workspace *ws, struct bits *b)
{
	const struct params *p = &ws->params;
	bool any = false;
	u32 i;

	for (i = 0; i < p->c; i++)
		any |= ws->reference[i];
	if (!code_bits(b, any, 1))
		return;
	for (i = 1; i < p->c; i++) {
		if (!code_bits(b, !!ws->reference[i], 1))
			continue;
		ws->reference[i] = code_bits(b, ws->reference[i] - 1, 3) + 1;
		ws->weight[i] = code_bits(b, ws->weight[i], 3);
		b->failed |= !may_refer(p, i, ws->reference[i]);
	}
}

/* A reader has references, weights, contexts in use and levels set to 0 before. */
static void code_header(struct workspace *ws, struct bits *b)
{
	struct params *p = &ws->params;
	u32 i, floor, contexts;
	struct guess guess;

	floor = code_bits(b, p->floor == p->zero, 1);
	set_flags(p, floor, code_bits(b, p->explicit_zero, 1));
	p->symbols = code_bits(b, p->symbols, 6);
	if (!p->symbols || p->symbols > SYMBOLS)
		b->failed = true;
	code_references(ws, b);
	contexts = p->explicit_zero ? CONTEXTS : CLASSES;
	for (i = 0; i < contexts; i++) {
		ws->used[i] = code_bits(b, ws->used[i], 1);
		if (!ws->used[i])
			continue;
		guess_levels(ws, i, &guess);
		if (p->explicit_zero)
			ws->zero_level[i] = code_level(b, ws->zero_level[i], guess.zero,
						       ZERO_LEVELS);
		ws->rank_level[i] = code_level(b, ws->rank_level[i], guess.rank, RANK_LEVELS);
	}
}

/*
 * Encoder
 */

static u32 op_symbol(u32 lane, u32 context, u32 symbol)
{
	return lane | context << 4 | symbol << 10;
}

static u32 op_bits(u32 lane, u32 count, u32 value)
{
	return 1u << 31 | lane | count << 4 | value << 9;
}

static void examine_zeros(struct params *p, enum fmc_trellis trellis, const u16 *values)
{
	u32 zeros = 0, i;
	bool floor = true;

	for (i = 0; i < p->plane * p->c; i++) {
		zeros += values[i] == p->zero;
		floor &= values[i] >= p->zero;
	}
	set_flags(p, floor, trellis ? trellis == FMC_TRELLIS_ZERO : zeros * 16 >= p->plane * p->c);
}

static void find_residuals(struct workspace *ws, const u16 *values)
{
	const struct params *p = &ws->params;
	u32 i, x = 0, y = 0;

	for (i = 0; i < p->plane * p->c; i++) {
		struct neighbours n;

		get_neighbours(p, values + i, x, y, &n);
		ws->residuals[i] = values[i] - predict_spatial(p, &n);
		if (++x < p->w)
			continue;
		x = 0;
		if (++y == p->h)
			y = 0;
	}
}

/* Roughly four times the bits that a residual takes. */
static u32 residual_cost(s32 residual)
{
	u32 extra, magnitude = residual < 0 ? -residual : residual;

	return rank_symbol(magnitude > 32767 ? 65535 : 2 * magnitude, &extra);
}

/*
 * The plane and weight that leave the least squares, if they save bits, too.
 * @squares has the sums of squares of the planes before, and gets that of this one.
 * Returns four times the bits saved, roughly.
 */
static u32 choose_reference(struct workspace *ws, const u16 *values, u32 channel, s64 *squares)
{
	const struct params *p = &ws->params;
	const s32 *own = ws->residuals + channel * p->plane, *other;
	u32 distance, i, best_distance = 0, best_weight = 0, cost = 0, bare = 0;
	s64 best = 0, sum = 0;

	ws->reference[channel] = 0;
	for (distance = 1; distance <= WINDOW; distance++) {
		s64 xy = 0, xx = squares[(channel - distance) % WINDOW];

		if (!may_refer(p, channel, distance))
			continue;
		other = own - distance * p->plane;
		for (i = 0; i < p->plane; i++)
			xy += (s64)own[i] * other[i];
		for (i = 0; i < 8; i++) {
			s64 gain = weights[i] * (8 * xy - weights[i] * xx);

			if (gain > best) {
				best = gain;
				best_distance = distance;
				best_weight = i;
			}
		}
	}
	for (i = 0; i < p->plane; i++)
		sum += (s64)own[i] * own[i];
	squares[channel % WINDOW] = sum;
	if (!best_distance)
		return 0;
	other = own - best_distance * p->plane;
	for (i = 0; i < p->plane; i++) {
		u32 at = channel * p->plane + i;
		s32 spatial = values[at] - own[i];
		s32 v = spatial + ((weights[best_weight] * other[i]) >> 2);

		cost += residual_cost(values[at] - clamp_s32(v, p->floor, p->max));
		bare += residual_cost(own[i]);
	}
	if (cost + 4 * REFERENCE_BITS >= bare)
		return 0;
	ws->reference[channel] = best_distance;
	ws->weight[channel] = best_weight;
	return bare - cost - 4 * REFERENCE_BITS;
}

static void choose_references(struct workspace *ws, const u16 *values)
{
	s64 squares[WINDOW] = { 0 };
	u32 saved = 0, i;

	for (i = 0; i < ws->params.c; i++)
		saved += choose_reference(ws, values, i, squares);
	/* if there are any, all planes tell whether they have one */
	if (saved < 8 * ws->params.c)
		memset(ws->reference, 0, ws->params.c);
}

/* The symbol of the value that a lane is at, and what its rank has beyond that. */
static u32 find_symbol(struct workspace *ws, const u16 *values, const struct lane *lane,
		       u32 *context, u32 *extra, u32 *low)
{
	const struct params *p = &ws->params;
	u32 value = values[lane->at], symbol = 0, rank;
	struct prediction pred;
	struct range r;

	predict(ws, values, lane, &pred);
	*context = pred.context;
	*extra = 0;
	*low = 0;
	if (!p->explicit_zero || value != p->zero) {
		get_range(p, lane, pred.value, &r);
		rank = rank_of(value >> p->trellis, r.prediction, r.below, r.above);
		symbol = rank_symbol(rank, extra) + p->explicit_zero;
		*low = rank & ((1u << *extra) - 1);
	}
	ws->count[*context][symbol]++;
	return symbol;
}

/* Turn the values into what the decoder takes from its coders.  Returns the number of takes. */
static u32 find_ops(struct workspace *ws, const u16 *values)
{
	struct params *p = &ws->params;
	u32 step, steps = lane_steps(p), ops = 0, i;

	memset(ws->count, 0, sizeof(ws->count));
	p->symbols = 1;
	start_lanes(ws);
	for (step = 0; step < steps; step++) {
		u32 extra_op[LANES_MAX], extra_ops = 0;

		for (i = 0; i < p->lanes; i++) {
			struct lane *lane = &ws->lanes[i];
			u32 symbol, context, extra, low;

			if (lane_active(p, lane)) {
				symbol = find_symbol(ws, values, lane, &context, &extra, &low);
				step_trellis(lane, values[lane->at]);
				if (symbol >= p->symbols)
					p->symbols = symbol + 1;
				ws->ops[ops++] = op_symbol(i, context, symbol);
				if (extra)
					extra_op[extra_ops++] = op_bits(i, extra, low);
			}
			advance_lane(p, lane);
		}
		for (i = 0; i < extra_ops; i++)
			ws->ops[ops++] = extra_op[i];
	}
	return ops;
}

/* 16 * log2(v), roughly */
static u32 log2_16(u32 v)
{
	u32 top = bits_of(v) - 1;

	return 16 * top + ((v << 4) >> top) - 16;
}

/* All costs below are in 1/16 bit, and hold what the level itself takes. */

static u32 choose_zero_level(u32 zeros, u32 others, u32 guess)
{
	u32 level, cost, best = ~0u, best_level = 0;

	for (level = 0; level < ZERO_LEVELS; level++) {
		u32 freq = zero_freqs[level];

		cost = zeros * (16 * PROB_BITS - log2_16(freq)) +
		       others * (16 * PROB_BITS - log2_16(PROB_ONE - freq)) +
		       16 * level_bits(level, guess);
		if (cost < best) {
			best = cost;
			best_level = level;
		}
	}
	return best_level;
}

/* Keep this level if it costs less than the best so far. */
static u32 try_rank_level(struct workspace *ws, u32 context, u32 level, u32 guess, u32 best)
{
	const struct params *p = &ws->params;
	const u16 *count = ws->count[context];
	u32 cost = 16 * level_bits(level, guess), i;
	struct model m;

	build_model(p, ws->zero_level[context], level, &m);
	for (i = p->explicit_zero; i < p->symbols; i++)
		if (count[i])
			cost += count[i] * (16 * PROB_BITS - log2_16(m.start[i + 1] - m.start[i]));
	if (cost >= best)
		return best;
	ws->rank_level[context] = level;
	ws->models[context] = m;
	return cost;
}

static void choose_model(struct workspace *ws, u32 context)
{
	const struct params *p = &ws->params;
	u32 total = 0, zeros, i, best;
	struct guess guess;

	for (i = 0; i < p->symbols; i++)
		total += ws->count[context][i];
	ws->used[context] = !!total;
	if (!total)
		return;
	guess_levels(ws, context, &guess);
	zeros = p->explicit_zero ? ws->count[context][0] : 0;
	ws->zero_level[context] = choose_zero_level(zeros, total - zeros, guess.zero);
	/* coarse, then fine */
	best = try_rank_level(ws, context, guess.rank, guess.rank, ~0u);
	for (i = 0; i < RANK_LEVELS; i += 4)
		best = try_rank_level(ws, context, i, guess.rank, best);
	for (i = 2; i; i--) {
		u32 level = ws->rank_level[context];

		if (level >= i)
			best = try_rank_level(ws, context, level - i, guess.rank, best);
		if (level + i < RANK_LEVELS)
			best = try_rank_level(ws, context, level + i, guess.rank, best);
	}
}

static void choose_models(struct workspace *ws)
{
	u32 i;

	for (i = 0; i < CONTEXTS; i++)
		choose_model(ws, i);
}

/* Write words from the end of the room, as a decoder reads forwards.  Returns where they begin. */
static u32 put_ops(struct workspace *ws, u32 ops, u8 *out, u32 first, u32 end)
{
	u32 i;

	for (i = 0; i < ws->params.lanes; i++)
		ws->lanes[i].state = STATE_MIN;
	while (ops--) {
		u32 op = ws->ops[ops], freq, start, total_bits;
		struct lane *lane = &ws->lanes[op & (LANES_MAX - 1)];

		if (op >> 31) {
			total_bits = op >> 4 & 31;
			freq = 1;
			start = op >> 9 & 0xffff;
		} else {
			const struct model *m = &ws->models[op >> 4 & 63];
			u32 symbol = op >> 10;

			total_bits = PROB_BITS;
			start = m->start[symbol];
			freq = m->start[symbol + 1] - start;
		}
		if ((u64)lane->state >= (u64)freq << (32 - total_bits)) {
			if (end - first < 2)
				return 0;
			out[--end] = lane->state >> 8;
			out[--end] = lane->state;
			lane->state >>= 16;
		}
		lane->state = (lane->state / freq << total_bits) + start + lane->state % freq;
	}
	return end;
}

/**
 * dcac_lanes - in how many sequences are the values of a tile?
 * @tile: its description
 *
 * Return: a number L.  Every L-th plane is of one sequence, and a trellis goes along it.
 */
u32 dcac_lanes(const struct fmc_tile *tile)
{
	struct params p;

	init_params(&p, tile);
	return p.lanes;
}

/**
 * dcac_tile_encode - encode a tile
 * @tile: its description
 * @values: its values
 * @out: receives them encoded
 * @capacity: room there, in bytes
 * @workspace: DCAC_WORKSPACE_BYTES, aligned like u32
 *
 * Return: the number of bytes, or 0 if the room does not suffice.
 */
u32 dcac_tile_encode(const struct fmc_tile *tile, const u16 *values, u8 *out, u32 capacity,
		     void *workspace)
{
	struct workspace *ws = workspace;
	struct params *p = &ws->params;
	struct bits header = { .out = out, .bytes = capacity };
	u32 i, ops, at, words, lanes;

	init_params(p, tile);
	lanes = p->lanes;
	examine_zeros(p, tile->trellis, values);
	find_residuals(ws, values);
	choose_references(ws, values);
	ops = find_ops(ws, values);
	choose_models(ws);
	code_header(ws, &header);
	at = (header.at + 7) / 8;
	if (header.failed || capacity - at < 4 * lanes)
		return 0;
	words = put_ops(ws, ops, out, at + 4 * lanes, capacity);
	if (!words)
		return 0;
	for (i = 0; i < lanes; i++) {
		u32 state = ws->lanes[i].state;

		out[at++] = state;
		out[at++] = state >> 8;
		out[at++] = state >> 16;
		out[at++] = state >> 24;
	}
	while (words < capacity)
		out[at++] = out[words++];
	return at;
}

/*
 * Decoder
 */

struct words {
	const u8 *in;
	u32 at, bytes;
	bool failed;
};

static void refill(struct words *s, struct lane *lane)
{
	if (lane->state >= STATE_MIN)
		return;
	if (s->bytes - s->at < 2) {
		s->failed = true;
		lane->state |= STATE_MIN;
		return;
	}
	lane->state = lane->state << 16 | s->in[s->at] | (u32)s->in[s->at + 1] << 8;
	s->at += 2;
}

static void build_models(struct workspace *ws)
{
	u32 i, k, symbols = ws->params.symbols;

	for (i = 0; i < CONTEXTS; i++) {
		struct model *m = &ws->models[i];

		if (!ws->used[i])
			continue;
		build_model(&ws->params, ws->zero_level[i], ws->rank_level[i], m);
		for (k = 0; k < symbols; k++)
			memset(ws->symbol_of[i] + m->start[k], k, m->start[k + 1] - m->start[k]);
	}
}

static void take_symbol(struct workspace *ws, struct lane *lane, u32 context)
{
	const struct model *m = &ws->models[context];
	u32 slot = lane->state & (PROB_ONE - 1);
	u32 symbol = ws->symbol_of[context][slot];

	lane->state = (m->start[symbol + 1] - m->start[symbol]) * (lane->state >> PROB_BITS) +
		      slot - m->start[symbol];
	lane->symbol = symbol;
}

static u32 take_value(const struct params *p, struct words *s, struct lane *lane, u32 prediction)
{
	u32 symbol = lane->symbol - p->explicit_zero, extra, rank, number;
	struct range r;

	if (p->explicit_zero && !lane->symbol)
		return p->zero;
	extra = symbol_extra(symbol);
	rank = symbol_rank(symbol);
	if (extra) {
		rank += lane->state & ((1u << extra) - 1);
		lane->state >>= extra;
		refill(s, lane);
	}
	get_range(p, lane, prediction, &r);
	number = value_of(rank, r.prediction, r.below, r.above);
	return (number << p->trellis | (lane->trellis & p->trellis)) & p->max;
}

/**
 * dcac_tile_decode - decode a tile
 * @tile: its description
 * @in: the tile encoded; any content is safe
 * @bytes: its size
 * @values: receives the values; all are set in any case
 * @workspace: DCAC_WORKSPACE_BYTES, aligned like u32
 *
 * Return: 0, or -EBADMSG if this is no encoded tile of that kind.
 */
int dcac_tile_decode(const struct fmc_tile *tile, const u8 *in, u32 bytes, u16 *values,
		     void *workspace)
{
	struct workspace *ws = workspace;
	struct params *p = &ws->params;
	struct bits header = { .in = in, .bytes = bytes };
	struct words s = { .in = in, .bytes = bytes };
	u32 i, step, steps;

	init_params(p, tile);
	for (i = 0; i < p->plane * p->c; i++)
		values[i] = p->zero;
	memset(ws->reference, 0, p->c);
	memset(ws->weight, 0, p->c);
	memset(ws->used, 0, sizeof(ws->used));
	memset(ws->zero_level, 0, sizeof(ws->zero_level));
	memset(ws->rank_level, 0, sizeof(ws->rank_level));
	code_header(ws, &header);
	s.at = (header.at + 7) / 8;
	if (header.failed || bytes - s.at < 4 * p->lanes)
		return -EBADMSG;
	for (i = 0; i < p->lanes; i++, s.at += 4)
		ws->lanes[i].state = in[s.at] | in[s.at + 1] << 8 | in[s.at + 2] << 16 |
				     (u32)in[s.at + 3] << 24;
	build_models(ws);
	start_lanes(ws);
	steps = lane_steps(p);
	for (step = 0; step < steps; step++) {
		struct prediction pred[LANES_MAX];

		for (i = 0; i < p->lanes; i++) {
			struct lane *lane = &ws->lanes[i];

			if (!lane_active(p, lane))
				continue;
			predict(ws, values, lane, &pred[i]);
			if (!ws->used[pred[i].context])
				return -EBADMSG;
			take_symbol(ws, lane, pred[i].context);
			refill(&s, lane);
		}
		for (i = 0; i < p->lanes; i++) {
			struct lane *lane = &ws->lanes[i];

			if (lane_active(p, lane)) {
				u32 value = take_value(p, &s, lane, pred[i].value);

				values[lane->at] = value;
				step_trellis(lane, value);
				ws->residuals[lane->at] = value - pred[i].spatial;
			}
			advance_lane(p, lane);
		}
	}
	/* a stream that is read to its end leaves the coders as the encoder began them */
	for (i = 0; i < p->lanes; i++)
		s.failed |= ws->lanes[i].state != STATE_MIN;
	return s.failed || s.at != bytes ? -EBADMSG : 0;
}
