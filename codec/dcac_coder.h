/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * DC-AC: lossless coding of feature maps by the correlation of their planes, after
 * Bae, Lee, Kim, "DC-AC: Deep correlation-based adaptive compression of feature map
 * planes in convolutional neural networks" (ISCAS 2021).  The paper leaves its base
 * coder open; this one predicts from neighbours, and codes by interleaved rANS with
 * distributions that are fixed for a tile.  Documentation/dcac.rst has the format.
 *
 * The file is compiled once for each kind of CPU, see tile_coders.h.
 */

#include "asc_trellis.h"
#include "dcac.h"

#define LANES_MAX	DCAC_MAX_LANES
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

/* Words that a tile takes at most: two for a value, and one that is written in vain. */
#define WORD_BYTES	(4 * FMC_TILE_MAX_VALUES + 2)

/* Values of tiles in steps of 8 lanes or more; those that a row up reaches back */
#define ROW_VALUES	(2 * FMC_TILE_MAX_VALUES)
#define ROW_CHANNELS	2048
#define ROW_MAX		128
#define ROW_MARGIN	(ROW_MAX + 1)

/*
 * Entries of slots: the first slot, 13 bits, number of slots less 1, 12 bits, and the bits of
 * a rank: how many are open, or ENTRY_ZERO, 4 bits, and those that are known, 3 bits.
 */
#define ENTRY_SIZE	13
#define ENTRY_EXTRA	25
#define ENTRY_TOP	29
#define ENTRY_ZERO	15
/* From FINE_SLOTS on each slot has an entry, before it COARSE share one. */
#define FINE_SLOTS	3584
#define COARSE_BITS	2
#define COARSE		(1 << COARSE_BITS)
#define ENTRIES		(FINE_SLOTS / COARSE + PROB_ONE - FINE_SLOTS)

/* In place of a model's symbol. */
#define NOT_IN_USE	0x80000000u

/* Of the points of a trellis */
#define NEIGHBOURS	4
#define REFERENCES	3	/* of a plane */
#define REFERENCE_PLANES	2048	/* tiles of more planes have none */
#define POINT_WINDOW	64	/* planes back that may be referred to */
#define FACTOR_BIAS	16

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
	/* the rest but for @symbols only with a trellis: */
	s32 weights[NEIGHBOURS];	/* west, north, northwest, northeast, in 1/16 */
	s32 bias;
	u32 references;		/* there are some */
	u32 symbols;
};

/* A plane that another one is predicted from. */
struct reference {
	u8 distance;		/* 0: none */
	u8 factor;		/* in eighths, and FACTOR_BIAS */
};

struct model {
	u16 start[SYMBOLS + 2];	/* PROB_ONE behind the last symbol */
};

/* Some points with a trellis, and their neighbours. */
#define DISTANCES	256

struct distances {
	s32 value[DISTANCES], near[NEIGHBOURS][DISTANCES];	/* from zero */
	s32 scaled[NEIGHBOURS][DISTANCES];
	u32 shifts[DISTANCES];
};

/* How an encoder codes a symbol: a number for vectors to gather. */
struct coding {
	u32 inverse;		/* 2^(31 + shift) by the frequency, rounded up */
	u32 packed;		/* frequency less 1, first slot << 12, shift << 24 */
};

/* One of the coders, and where it is in the tile. */
struct lane {
	u32 state;
	u32 wait;		/* steps until it begins */
	u32 channel, x, y, at;
	u32 symbol;
	u32 trellis;		/* state */
};

/* The coders of an encoder, which goes through the steps of a decoder backwards. */
struct pushing {
	u32 state[LANES_MAX];
	u32 at[LANES_MAX];	/* in the takes, behind the next one */
	u32 left[LANES_MAX];	/* of the plane */
	u32 wait[LANES_MAX];	/* steps until the next one */
	u32 take[LANES_MAX];
	u32 takes[16][LANES_MAX];	/* of some steps, for vectors */
	u32 first;		/* of the words */
};

/* The coders of a decoder, one value of each in a step. */
struct stepping {
	u32 x[LANES_MAX], y[LANES_MAX], channel[LANES_MAX];
	u32 length[LANES_MAX];
	s32 place[LANES_MAX], weight[LANES_MAX];	/* of the reference, in residuals; or 0 */
	u32 prev[LANES_MAX], prev2[LANES_MAX];
	s32 other[LANES_MAX];				/* residual of the reference */
	s32 spatial[LANES_MAX], prediction[LANES_MAX];
	u32 activity[LANES_MAX], near[LANES_MAX];
	u32 state[LANES_MAX], rank[LANES_MAX], ends[LANES_MAX];
	/* bits that each one leaves open, 1 << 5 for the value zero, least rank from bit 8 on */
	u32 symbols[64];
};

struct dcac_workspace {
	struct params params;
	struct lane lanes[LANES_MAX];
	union {
		s32 residuals[ROW_VALUES + LANES_MAX];	/* against neighbours alone */
		/* with a trellis, which has no rows */
		struct {
			s32 point_residuals[FMC_TILE_MAX_VALUES];
			u16 errors[FMC_TILE_MAX_VALUES];	/* of predictions */
			struct reference references[REFERENCE_PLANES][REFERENCES];
			s64 squares[POINT_WINDOW];	/* of residuals of a plane */
		};
	};
	u8 reference[FMC_TILE_MAX_VALUES];	/* of a plane: distance, 0: none */
	u8 weight[FMC_TILE_MAX_VALUES];	/* by number */
	struct pushing pushing;
	u8 used[CONTEXTS];
	u8 zero_level[CONTEXTS];
	u8 rank_level[CONTEXTS];
	struct model models[CONTEXTS];
	bool has_shares[RANK_LEVELS];
	u32 shares[RANK_LEVELS][SYMBOLS + 3];
	union {
		/* decoder */
		struct {
			union {
				struct {
					u8 symbol_of[CONTEXTS][PROB_ONE];	/* of a slot */
					u32 packed[CONTEXTS][64];
					u32 slots[CONTEXTS];	/* mask of those in use */
				};
				/* of vectors: what slots say, a row for a context */
				struct {
					u32 entries[(CONTEXTS + 1) * ENTRIES + 32];
					u16 row_of[64];
					u8 row_context[CONTEXTS + 1];	/* by number */
					u32 lane_rows[LANES_MAX];
					s32 place[LANES_MAX], place_weight[LANES_MAX];
				};
			};
			s32 reference_at[ROW_CHANNELS + LANES_MAX];
			s32 reference_weight[ROW_CHANNELS + LANES_MAX];
			struct stepping stepping;
			u32 states[LANES_MAX];
			u32 lengths[LANES_MAX];
			u32 rows_taken;
			u16 rows[ROW_MARGIN * LANES_MAX + ROW_VALUES + 16 * LANES_MAX];
		};
		struct {
			/* encoder: what the decoder takes for each value, see make_take() */
			u32 takes[FMC_TILE_MAX_VALUES];
			struct coding coding[CONTEXTS][64];
			u16 count[CONTEXTS][64];
			u8 logs[PROB_ONE + 1];
			u8 zero_cost[ZERO_LEVELS], other_cost[ZERO_LEVELS];
			union {
				u32 activity[FMC_TILE_MAX_VALUES];	/* of a plane */
				/* of values by turns, as neighbours often count alike */
				u16 counts[4][CONTEXTS * 64];
				u8 words[WORD_BYTES];
			};
			/* with a trellis: west, north, northwest, northeast */
			u16 near[NEIGHBOURS][FMC_TILE_MAX_VALUES];
			u32 short_most;	/* of what is left of residuals, so that products fit */
			/* one after the other */
			union {
				struct distances distances;
				struct {
					s16 short_residuals[FMC_TILE_MAX_VALUES];
					s16 short_rest[FMC_TILE_MAX_VALUES];	/* of a plane */
				};
				s32 corrections[FMC_TILE_MAX_VALUES];	/* of a plane */
			};
		};
	};
};

static_assert(sizeof(struct dcac_workspace) <= DCAC_WORKSPACE_BYTES, "workspace");

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
static inline u32 rank_symbol(u32 rank, u32 *extra)
{
	/* 4 to 7 as if they were an octave, too; below that, no 4 more */
	u32 shift = 29 - __builtin_clz(rank | 4);

	*extra = shift;
	return 4 * shift + (rank >> shift & 3) + (rank < 4 ? 0 : 4);
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
static u32 value_of(u32 rank, u32 prediction, u32 below, u32 above)
{
	u32 both = below < above ? below : above;

	if (rank > 2 * both)
		return below < above ? prediction + rank - both : prediction + both - rank;
	return rank & 1 ? prediction - (rank + 1) / 2 : prediction + rank / 2;
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

static u32 activity_of(const struct neighbours *n)
{
	return distance_of(n->west, n->northwest) + distance_of(n->north, n->northwest) +
	       distance_of(n->north, n->northeast);
}

static u32 context_of(const struct params *p, const struct lane *lane, const struct neighbours *n,
		      u32 activity)
{
	u32 class = bits_of(activity);

	/* only what follows from many references is more */
	if (class >= CLASS_FIRST)
		class = CLASS_FIRST - 1;
	if (!lane->y && lane->x < 2)
		class = lane->x ? CLASS_SECOND : CLASS_FIRST;
	if (p->explicit_zero && (n->west == p->zero || n->north == p->zero ||
				 n->northwest == p->zero || n->northeast == p->zero))
		class += CLASSES;
	return class;
}

/* Of the value that a lane is at, from values of earlier steps only. */
static void predict(const struct dcac_workspace *ws, const u16 *values, const struct lane *lane,
		    struct prediction *out)
{
	const struct params *p = &ws->params;
	u32 distance = ws->reference[lane->channel], activity;
	struct neighbours n;
	s32 v;

	get_neighbours(p, values + lane->at, lane->x, lane->y, &n);
	out->spatial = predict_spatial(p, &n);
	activity = activity_of(&n);
	v = out->spatial;
	if (distance) {
		s32 residual = ws->residuals[lane->at - distance * p->plane];

		v += (weights[ws->weight[lane->channel]] * residual) >> 2;
		activity += residual < 0 ? -residual : residual;
	}
	out->value = clamp_s32(v, p->base, p->max);
	out->context = context_of(p, lane, &n, activity);
}

/*
 * Lanes: lane l codes the channels l, l + lanes, ... and is at any time one value
 * behind lane l - 1, so that values of earlier planes are there to be referred to.
 */

static void start_lanes(struct dcac_workspace *ws)
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
	p->max = (1u << tile->bits) - 1;
	p->lanes = dcac_lanes(tile);
	p->trellis = tile->trellis != FMC_TRELLIS_NONE;
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
 * Ranks are distributed geometrically: the share of ranks that are greater than those of
 * a symbol, in 1/2^32, falls with every rank by a factor.  Shares of a level are computed
 * when they are needed first.
 */
static const u32 *get_shares(struct dcac_workspace *ws, u32 level)
{
	/* the mean rank, 1/8 * 2^(level / 4), and 1; in 1/2^17 */
	u32 mean = (1u << 17) + (quarter_octaves[level & 3] << (level >> 2)), k;
	u64 rest = fmc_div_u64(1ull << 49, mean);
	u64 left = 1ull << 32, ratio = left - rest, fall = left - (rest * rest >> 33);

	if (ws->has_shares[level])
		return ws->shares[level];
	ws->has_shares[level] = true;
	for (k = 0; k < SYMBOLS; k++) {
		if (k >= 8 && !(k & 3)) {
			ratio = (ratio * ratio) >> 32;
			if (ws->params.trellis)
				ratio = (ratio * fall) >> 32;
			fall = (fall * fall) >> 32;
			fall = (fall * fall) >> 32;
		}
		left = (left * ratio) >> 32;
		if (ws->params.trellis)
			ratio = (ratio * fall) >> 32;
		ws->shares[level][k] = left;
	}
	return ws->shares[level];
}

/* Of symbol 0, the value zero. */
static u32 zero_slots(const struct params *p, u32 level)
{
	u32 most = PROB_ONE - (p->symbols - 1);

	if (p->symbols == 1)
		return PROB_ONE;
	return zero_freqs[level] < most ? zero_freqs[level] : most;
}

static void build_model(struct dcac_workspace *ws, u32 zero_level, u32 rank_level, struct model *m)
{
	const struct params *p = &ws->params;
	u32 symbols = p->symbols, first = p->explicit_zero, room = PROB_ONE, k;
	const u32 *shares = get_shares(ws, rank_level);
	u16 *start = m->start + first + 1;

	m->start[0] = 0;
	if (first) {
		m->start[1] = zero_slots(p, zero_level);
		room -= m->start[1];
	}
	/* every symbol has one slot, and shares of the others */
	room -= symbols - first;
	for (k = 0; k < symbols - first; k++)
		start[k] = PROB_ONE - (symbols - first - 1 - k) -
			   (u32)(((u64)shares[k] * room) >> 32);
	m->start[symbols] = PROB_ONE;
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

static void guess_levels(const struct dcac_workspace *ws, u32 context, struct guess *g)
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

#include "dcac_points.h"

static void code_references(struct dcac_workspace *ws, struct bits *b)
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
static void code_header(struct dcac_workspace *ws, struct bits *b)
{
	struct params *p = &ws->params;
	u32 i, floor, contexts;
	struct guess guess;

	floor = code_bits(b, p->floor == p->zero, 1);
	set_flags(p, floor, code_bits(b, p->explicit_zero, 1));
	p->symbols = code_bits(b, p->symbols, 6);
	if (!p->symbols || p->symbols > SYMBOLS)
		b->failed = true;
	if (p->trellis) {
		code_weights(p, b);
		code_references_of_points(ws, b);
	} else {
		code_references(ws, b);
	}
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

/* A symbol of a context, and then some bits. */
static u32 make_take(u32 context, u32 symbol, u32 extra, u32 low)
{
	return context << 6 | symbol | extra << 12 | low << 16;
}

static void examine_zeros(struct params *p, enum fmc_trellis trellis, const u16 *values)
{
	u32 n = p->plane * p->c, zero = p->zero, zeros = 0, below = 0, i;

	for (i = 0; i < n; i++) {
		zeros += values[i] == zero;
		below += values[i] < zero;
	}
	set_flags(p, !below, trellis ? trellis == FMC_TRELLIS_ZERO : zeros * 16 >= n);
}

/* As if rows went on into one another, and then again where they do not. */
static noinline void find_residuals_of_plane(const struct params *p, const u16 *v,
					     s32 *restrict residuals)
{
	s32 low = p->floor, high = p->max, n = p->plane, w = p->w, i, x;
	struct neighbours near;

	for (i = w + 1; i < n; i++) {
		s32 s = (2 * (v[i - 1] + v[i - w]) - v[i - w - 1] + v[i - w + 1] + 2) >> 2;

		s = s < low ? low : s;
		residuals[i] = v[i] - (s > high ? high : s);
	}
	for (x = 0; x < w; x++) {
		get_neighbours(p, v + x, x, 0, &near);
		residuals[x] = v[x] - predict_spatial(p, &near);
	}
	/* as get_neighbours() has it: at the left, what is west and north of a value is one */
	for (i = w; i < n; i += w) {
		s32 end = i + w - 1, north = v[end - w];

		residuals[i] = v[i] - clamp_s32(v[i - w], low, high);
		residuals[end] = v[end] - clamp_s32((2 * v[end - 1] + 3 * north - v[end - w - 1] +
						     2) >> 2, low, high);
	}
}

static void find_residuals(struct dcac_workspace *ws, const u16 *values)
{
	const struct params p = ws->params;
	u32 at;

	for (at = 0; at < p.plane * p.c; at += p.plane)
		find_residuals_of_plane(&p, values + at, ws->residuals + at);
}

/* Roughly four times the bits that a residual takes. */
static u32 residual_cost(s32 residual)
{
	u32 extra, magnitude = residual < 0 ? -residual : residual;

	return rank_symbol(magnitude > 32767 ? 65535 : 2 * magnitude, &extra);
}

static s64 dot_product(const struct params *p, const s32 *a, const s32 *b)
{
	s64 sum = 0;
	u32 i;

	if (p->max > 255) {
		for (i = 0; i < p->plane; i++)
			sum += (s64)a[i] * b[i];
	} else {
		/* at most 16384 products of two numbers of 8 bits and a sign */
		s32 small = 0;

		for (i = 0; i < p->plane; i++)
			small += a[i] * b[i];
		sum = small;
	}
	return sum;
}

/* What a plane costs, and what with a reference. */
static u32 cost_of_plane(const struct params *p, const u16 *v, const s32 *own, const s32 *other,
			 s32 weight)
{
	s32 low = p->floor, high = p->max;
	u32 n = p->plane, cost = 0, i;

	for (i = 0; i < n; i++) {
		s32 prediction = v[i] - own[i] + ((weight * other[i]) >> 2);

		prediction = prediction < low ? low : prediction;
		cost += residual_cost(v[i] - (prediction > high ? high : prediction));
	}
	return cost;
}

/*
 * The plane and weight that leave the least squares, if they save bits, too.
 * @squares has the sums of squares of the planes before, and gets that of this one.
 * Returns four times the bits saved, roughly.
 */
static u32 choose_reference(struct dcac_workspace *ws, const u16 *values, u32 channel, s64 *squares)
{
	const struct params *p = &ws->params;
	const s32 *own = ws->residuals + channel * p->plane;
	u32 distance, i, best_distance = 0, best_weight = 0, cost, bare;
	s64 best = 0;

	ws->reference[channel] = 0;
	for (distance = 1; distance <= WINDOW; distance++) {
		s64 xy, xx = squares[(channel - distance) % WINDOW];

		if (!may_refer(p, channel, distance))
			continue;
		xy = dot_product(p, own, own - distance * p->plane);
		for (i = 0; i < 8; i++) {
			s64 gain = weights[i] * (8 * xy - weights[i] * xx);

			if (gain > best) {
				best = gain;
				best_distance = distance;
				best_weight = i;
			}
		}
	}
	squares[channel % WINDOW] = dot_product(p, own, own);
	if (!best_distance)
		return 0;
	values += channel * p->plane;
	bare = cost_of_plane(p, values, own, own, 0);
	cost = cost_of_plane(p, values, own, own - best_distance * p->plane,
			     weights[best_weight]);
	if (cost + 4 * REFERENCE_BITS >= bare)
		return 0;
	ws->reference[channel] = best_distance;
	ws->weight[channel] = best_weight;
	return bare - cost - 4 * REFERENCE_BITS;
}

static noinline void choose_references(struct dcac_workspace *ws, const u16 *values)
{
	s64 squares[WINDOW] = { 0 };
	u32 saved = 0, i;

	for (i = 0; i < ws->params.c; i++)
		saved += choose_reference(ws, values, i, squares);
	/* if there are any, all planes tell whether they have one */
	if (saved < 8 * ws->params.c)
		memset(ws->reference, 0, ws->params.c);
}

/* The rank of a value whose prediction by neighbours leaves @residual. */
static inline u32 find_rank(u32 value, s32 residual, s32 correction, s32 low, s32 high)
{
	s32 prediction = value - residual + correction;
	u32 below, above, both, distance, rank;

	prediction = prediction < low ? low : prediction;
	prediction = prediction > high ? high : prediction;
	below = prediction - low;
	above = high - prediction;
	both = below < above ? below : above;
	distance = (s32)value < prediction ? prediction - value : value - prediction;
	rank = 2 * distance - ((s32)value < prediction);
	return distance > both ? distance + both : rank;
}

/*
 * In a trellis ranks count only numbers that are even, or odd, as the value is; without
 * bit 0.  Where the state tells otherwise the value is zero, which needs no rank.
 */
static inline u32 find_trellis_rank(u32 value, s32 residual, s32 correction, s32 low, s32 high)
{
	u32 first = (low + 1 - (value & 1)) >> 1;
	s32 prediction = value - residual + correction;

	prediction = prediction < low ? low : prediction;
	prediction = (prediction > high ? high : prediction) >> 1;
	prediction = prediction < (s32)first ? (s32)first : prediction;
	return find_rank(value >> 1, (s32)(value >> 1) - prediction, 0, first, high >> 1);
}

/* What tells the context of a value but for its place: activity, and whether zero is near. */
static inline u32 find_activity(u32 west, u32 north, u32 northwest, u32 northeast, u32 zero)
{
	u32 activity = distance_of(west, northwest) + distance_of(north, northwest) +
		       distance_of(north, northeast);
	u32 near = (west == zero) | (north == zero) | (northwest == zero) | (northeast == zero);

	return activity | near << 31;
}

static u32 activity_at_top(const struct params *p, const u16 *v, u32 x)
{
	struct neighbours n;

	get_neighbours(p, v + x, x, 0, &n);
	return find_activity(n.west, n.north, n.northwest, n.northeast, p->zero);
}

/* As find_residuals_of_plane(). */
static noinline void find_activities(const struct params *p, const u16 *v,
				     u32 *restrict activity)
{
	s32 n = p->plane, w = p->w, i, x;
	u32 zero = p->zero;

	for (i = w + 1; i < n; i++)
		activity[i] = find_activity(v[i - 1], v[i - w], v[i - w - 1], v[i - w + 1], zero);
	for (x = 0; x < w; x++)
		activity[x] = activity_at_top(p, v, x);
	for (i = w; i < n; i += w) {
		u32 end = i + w - 1, left = v[i - w], right = v[end - w];

		activity[i] = find_activity(left, left, v[i - w + 1], v[i - w + 1], zero);
		activity[end] = find_activity(v[end - 1], right, v[end - w - 1], right, zero);
	}
}

/* Adds what the reference has to activities. */
static noinline void find_ranks(struct dcac_workspace *ws, const u16 *v, u32 channel,
				u32 *restrict ranks, u32 *restrict activity)
{
	u32 n = ws->params.plane, i;
	const s32 *own = ws->residuals + channel * n, *other = own;
	s32 low = ws->params.base, high = ws->params.max, weight;

	if (!ws->reference[channel]) {
		for (i = 0; i < n; i++)
			ranks[i] = find_rank(v[i], own[i], 0, low, high);
		return;
	}
	other -= ws->reference[channel] * n;
	weight = weights[ws->weight[channel]];
	for (i = 0; i < n; i++) {
		ranks[i] = find_rank(v[i], own[i], (weight * other[i]) >> 2, low, high);
		activity[i] += other[i] < 0 ? -other[i] : other[i];
	}
}

/* What the decoder takes for values of a plane, from their ranks. */
static noinline void ranks_to_takes(const struct params *p, const u16 *v,
				    const u32 *restrict activity, u32 *restrict takes)
{
	u32 n = p->plane, zero = p->zero, explicit_zero = p->explicit_zero, i;

	for (i = 0; i < n; i++) {
		u32 rank = takes[i], a = activity[i], extra, symbol, context;
		u32 is_zero = -((v[i] == zero) & explicit_zero);

		context = 31 - __builtin_clz((a << 1) | 1);
		context += CLASSES & -(a >> 31 & explicit_zero);
		symbol = rank_symbol(rank, &extra) + explicit_zero;
		rank &= (1u << extra) - 1;
		takes[i] = make_take(context, symbol & ~is_zero, extra & ~is_zero, rank & ~is_zero);
	}
	/* contexts of the first two values are told by their place */
	for (i = 0; i < 2 && i < p->w; i++) {
		u32 class = i ? CLASS_SECOND : CLASS_FIRST;

		class += activity[i] >> 31 & explicit_zero ? CLASSES : 0;
		takes[i] = (takes[i] & ~(63u << 6)) | class << 6;
	}
}

static void find_takes(struct dcac_workspace *ws, const u16 *values)
{
	const struct params p = ws->params;
	u32 at = 0, channel;

	for (channel = 0; channel < p.c; channel++, at += p.plane) {
		find_activities(&p, values + at, ws->activity);
		find_ranks(ws, values + at, channel, ws->takes + at, ws->activity);
		ranks_to_takes(&p, values + at, ws->activity, ws->takes + at);
	}
}

static void count_takes(struct dcac_workspace *ws)
{
	u32 at = ws->params.plane * ws->params.c, i, k;
	u16 *count = ws->count[0];

	memset(ws->count, 0, sizeof(ws->count));
	memset(ws->counts, 0, sizeof(ws->counts));
	for (i = 0; i + 4 <= at; i += 4) {
		for (k = 0; k < 4; k++)
			ws->counts[k][ws->takes[i + k] & 4095]++;
	}
	for (; i < at; i++)
		count[ws->takes[i] & 4095]++;
	for (i = 0; i < CONTEXTS * 64; i++)
		count[i] += ws->counts[0][i] + ws->counts[1][i] + ws->counts[2][i] +
			    ws->counts[3][i];
	ws->params.symbols = 1;
	for (i = 0; i < CONTEXTS; i++)
		for (k = ws->params.symbols; k < 64; k++)
			if (ws->count[i][k])
				ws->params.symbols = k + 1;
}

/* 16 * log2(v), roughly */
static u32 log2_16(u32 v)
{
	u32 top = bits_of(v) - 1;

	return 16 * top + ((v << 4) >> top) - 16;
}

#include "dcac_points_encode.h"

/* All costs below are in 1/16 bit, and hold what the level itself takes. */

static u32 choose_zero_level(const struct dcac_workspace *ws, u32 zeros, u32 others, u32 guess)
{
	u32 level, cost, best = ~0u, best_level = 0;

	for (level = 0; level < ZERO_LEVELS; level++) {
		cost = zeros * ws->zero_cost[level] + others * ws->other_cost[level] +
		       16 * level_bits(level, guess);
		if (cost < best) {
			best = cost;
			best_level = level;
		}
	}
	return best_level;
}

#ifndef FMC_USE_AVX512
/* What the ranks of a context cost with a level, or some number that is not below @most. */
static u32 cost_of_level(struct dcac_workspace *ws, u32 context, u32 level, u32 most)
{
	const struct params *p = &ws->params;
	const u16 *count = ws->count[context];
	u32 cost = 0, i;
	struct model m;

	build_model(ws, ws->zero_level[context], level, &m);
	for (i = p->explicit_zero; i < p->symbols && cost < most; i++)
		cost += count[i] * (16 * PROB_BITS - ws->logs[m.start[i + 1] - m.start[i]]);
	return cost;
}
#else
/* of two with one name, gcovr asks that they stand on one line */
#define cost_of_level cost_of_level_zmm
#define push_steps push_steps_zmm

/* The same by vectors of symbols, in any case. */
static noinline u32 cost_of_level(struct dcac_workspace *ws, u32 context, u32 level, u32 most)
{
	const struct params *p = &ws->params;
	u32 first = p->explicit_zero, n = p->symbols - first, room = PROB_ONE, i;
	const __m512i place = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8,
					       7, 6, 5, 4, 3, 2, 1, 0);
	const u32 *shares = get_shares(ws, level);
	const u16 *count = ws->count[context] + first;
	__m512i before, cost = _mm512_setzero_si512(), slots;

	(void)most;
	if (first)
		room -= zero_slots(p, ws->zero_level[context]);
	before = _mm512_set1_epi32(PROB_ONE - room);
	room -= n;
	slots = _mm512_set1_epi64(room);
	for (i = 0; i < n; i += 16) {
		__mmask16 some = n - i < 16 ? (1u << (n - i)) - 1 : 0xffff;
		__m512i left = _mm512_sub_epi32(_mm512_set1_epi32(n - 1 - i), place);
		__m512i share = _mm512_maskz_loadu_epi32(some, shares + i), end, freq, top, log, c;

		end = _mm512_srli_epi64(_mm512_mul_epu32(share, slots), 32);
		share = _mm512_mul_epu32(_mm512_srli_epi64(share, 32), slots);
		end = _mm512_mask_mov_epi32(end, 0xaaaa, share);
		/* the last symbol has all that is left */
		end = _mm512_maskz_mov_epi32(_mm512_test_epi32_mask(left, left), end);
		end = _mm512_sub_epi32(_mm512_sub_epi32(_mm512_set1_epi32(PROB_ONE), left), end);
		freq = _mm512_sub_epi32(end, _mm512_alignr_epi32(end, before, 15));
		before = end;
		/* as log2_16() */
		top = _mm512_sub_epi32(_mm512_set1_epi32(31), _mm512_lzcnt_epi32(freq));
		log = _mm512_srlv_epi32(_mm512_slli_epi32(freq, 4), top);
		log = _mm512_add_epi32(log, _mm512_slli_epi32(top, 4));
		log = _mm512_sub_epi32(_mm512_set1_epi32(16 * PROB_BITS + 16), log);
		c = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(some, count + i));
		cost = _mm512_add_epi32(cost, _mm512_mullo_epi32(c, log));
	}
	return _mm512_reduce_add_epi32(cost);
}
#endif

/* Keep this level if it costs less than the best so far. */
static u32 try_rank_level(struct dcac_workspace *ws, u32 context, u32 level, u32 guess, u32 best)
{
	u32 cost = 16 * level_bits(level, guess);

	if (cost < best)
		cost += cost_of_level(ws, context, level, best - cost);
	if (cost >= best)
		return best;
	ws->rank_level[context] = level;
	return cost;
}

static void choose_model(struct dcac_workspace *ws, u32 context)
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
	ws->zero_level[context] = choose_zero_level(ws, zeros, total - zeros, guess.zero);
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
	build_model(ws, ws->zero_level[context], ws->rank_level[context], &ws->models[context]);
}

static void prepare_coding(struct dcac_workspace *ws, u32 context)
{
	const u16 *start = ws->models[context].start;
	u32 i, freq, shift;

	for (i = 0; i < ws->params.symbols; i++) {
		struct coding *c = &ws->coding[context][i];

		if (!ws->count[context][i])
			continue;
		freq = start[i + 1] - start[i];
		shift = bits_of(freq - 1);
		c->inverse = fmc_div_u64((1ull << (31 + shift)) + freq - 1, freq);
		c->packed = (freq - 1) | (u32)start[i] << 12 | shift << 24;
	}
}

static noinline void choose_models(struct dcac_workspace *ws)
{
	u32 i;

	for (i = 0; i < ZERO_LEVELS; i++) {
		ws->zero_cost[i] = 16 * PROB_BITS - log2_16(zero_freqs[i]);
		ws->other_cost[i] = 16 * PROB_BITS - log2_16(PROB_ONE - zero_freqs[i]);
	}
#ifndef FMC_USE_AVX512
	for (i = 1; i <= PROB_ONE; i++)
		ws->logs[i] = log2_16(i);
#endif
	for (i = 0; i < CONTEXTS; i++) {
		choose_model(ws, i);
		if (ws->used[i])
			prepare_coding(ws, i);
	}
}

/*
 * Words go from the end of the room to its beginning, as a decoder reads forwards.  One is
 * written in any case, and kept or not: whether it is cannot be foreseen.
 */
static inline u32 push_word(u8 *words, u32 *first, u32 state, u64 limit)
{
	u32 full = state >= limit;

	words[*first - 2] = state;
	words[*first - 1] = state >> 8;
	*first -= 2 * full;
	return state >> 16 * full;
}

static inline u32 push_symbol(u8 *words, u32 *first, const struct coding *c, u32 state)
{
	u32 freq = (c->packed & 4095) + 1, start = c->packed >> 12 & 4095;
	u32 quotient, rest, less;

	state = push_word(words, first, state, (u64)freq << (32 - PROB_BITS));
	quotient = (u64)state * c->inverse >> (31 + (c->packed >> 24));
	/* as state < freq << 20, it is too large by 1 at most */
	rest = state - quotient * freq;
	less = -(rest >> 31);
	quotient += less;
	rest += freq & less;
	return (quotient << PROB_BITS) + start + rest;
}

static inline u32 push_bits(u8 *words, u32 *first, u32 bits, u32 count, u32 state)
{
	state = push_word(words, first, state, 1ull << (32 - count));
	return state << count | bits;
}

/* A step of the lanes whose bit is set. */
static inline void push_step(struct dcac_workspace *ws, struct pushing *s, u32 lanes, u32 active)
{
	const struct coding *coding = ws->coding[0];
	u32 *take = s->take, first = s->first, i;

	for (i = lanes; i--;) {
		if (!(active >> i & 1))
			continue;
		take[i] = ws->takes[--s->at[i]];
		s->state[i] = push_bits(ws->words, &first, take[i] >> 16, take[i] >> 12 & 15,
					s->state[i]);
	}
	for (i = lanes; i--;) {
		if (active >> i & 1)
			s->state[i] = push_symbol(ws->words, &first, coding + (take[i] & 4095),
						  s->state[i]);
	}
	s->first = first;
}

#ifdef FMC_USE_AVX512

/* Eight lanes, each in 64 bits: what lanes put out in a step, the first one's first. */
static inline __m512i push_words(u8 *words, u32 *first, __m512i state, __mmask8 full)
{
	u32 count = bits_of_mask(full);
	__m128i out = _mm512_cvtepi64_epi16(_mm512_maskz_compress_epi64(full, state));

	*first -= 2 * count;
	_mm_mask_storeu_epi16(words + *first, (1u << count) - 1, out);
	return _mm512_mask_srli_epi64(state, full, state, 16);
}

static inline __m512i push_bits8(u8 *words, u32 *first, __m512i take, __m512i state)
{
	__m512i count = _mm512_and_si512(_mm512_srli_epi64(take, 12), _mm512_set1_epi64(15));
	__m512i left = _mm512_sub_epi64(_mm512_set1_epi64(32), count);
	__m512i over = _mm512_srlv_epi64(state, left);

	state = push_words(words, first, state, _mm512_test_epi64_mask(over, over));
	return _mm512_or_si512(_mm512_sllv_epi64(state, count), _mm512_srli_epi64(take, 16));
}

/* As push_symbol(). */
static inline __m512i push_symbols8(const struct coding *coding, u8 *words, u32 *first,
				    __m512i take, __m512i state, __mmask8 active)
{
	const __m512i low = _mm512_set1_epi64(4095);
	__m512i c = _mm512_mask_i64gather_epi64(_mm512_setzero_si512(), active,
						_mm512_and_si512(take, low), coding, 8);
	__m512i packed = _mm512_srli_epi64(c, 32), freq, start, shift, quotient, rest, less;
	__mmask8 full;

	freq = _mm512_add_epi64(_mm512_and_si512(packed, low), _mm512_set1_epi64(1));
	start = _mm512_and_si512(_mm512_srli_epi64(packed, 12), low);
	shift = _mm512_add_epi64(_mm512_srli_epi64(packed, 24), _mm512_set1_epi64(31));
	full = _mm512_mask_cmpge_epu64_mask(active, _mm512_srli_epi64(state, 32 - PROB_BITS),
					    freq);
	state = push_words(words, first, state, full);
	quotient = _mm512_srlv_epi64(_mm512_mul_epu32(state, c), shift);
	rest = _mm512_sub_epi64(state, _mm512_mul_epu32(quotient, freq));
	less = _mm512_srai_epi64(rest, 63);
	quotient = _mm512_add_epi64(quotient, less);
	rest = _mm512_add_epi64(rest, _mm512_and_si512(freq, less));
	rest = _mm512_add_epi64(rest, start);
	return _mm512_mask_add_epi64(state, active, _mm512_slli_epi64(quotient, PROB_BITS), rest);
}

/* Rows to columns. */
static inline void turn_16x16(__m512i *r)
{
	__m512i t[16];
	u32 i;

	for (i = 0; i < 16; i += 2) {
		t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
		t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
	}
	for (i = 0; i < 16; i += 4) {
		r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
		r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
		r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
		r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
	}
	for (i = 0; i < 4; i++) {
		t[i] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88);
		t[i + 4] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xdd);
		t[i + 8] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0x88);
		t[i + 12] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0xdd);
	}
	for (i = 0; i < 4; i++) {
		r[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88);
		r[i + 4] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0x88);
		r[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0xdd);
		r[i + 12] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0xdd);
	}
}

/* The next takes of the lanes whose bit is set, by steps: the last step's first. */
static noinline void turn_takes(struct dcac_workspace *ws, struct pushing *s, u32 active,
				u32 steps)
{
	__m512i rows[16];
	u32 i;

	for (i = 0; i < 16; i++) {
		if (!(active >> i & 1)) {
			rows[i] = _mm512_setzero_si512();
			continue;
		}
		s->at[i] -= steps;
		rows[i] = _mm512_maskz_loadu_epi32((1u << steps) - 1, ws->takes + s->at[i]);
	}
	turn_16x16(rows);
	for (i = 0; i < 16; i++)
		_mm512_storeu_si512(s->takes[i], rows[i]);
}

static inline __m512i load_8(const u32 *p)
{
	return _mm512_cvtepu32_epi64(_mm256_loadu_si256((const void *)p));
}

/* Up to 16 steps of the lanes whose bit is set. */
static inline void push_steps_of(struct dcac_workspace *ws, struct pushing *s, u32 lanes,
				 u32 active, u32 steps)
{
	__m512i state0 = load_8(s->state), state1 = load_8(s->state + 8), take0, take1;
	const struct coding *coding = ws->coding[0];
	__mmask8 low = active, high = active >> 8;
	u32 first = s->first, i;
	u8 *words = ws->words;

	turn_takes(ws, s, active, steps);
	for (i = steps; i--; ) {
		take0 = load_8(s->takes[i]);
		take1 = load_8(s->takes[i] + 8);
		if (lanes > 8)
			state1 = push_bits8(words, &first, take1, state1);
		state0 = push_bits8(words, &first, take0, state0);
		if (lanes > 8)
			state1 = push_symbols8(coding, words, &first, take1, state1, high);
		state0 = push_symbols8(coding, words, &first, take0, state0, low);
	}
	s->first = first;
	_mm256_storeu_si256((void *)s->state, _mm512_cvtepi64_epi32(state0));
	_mm256_storeu_si256((void *)(s->state + 8), _mm512_cvtepi64_epi32(state1));
}

static noinline void push_steps(struct dcac_workspace *ws, struct pushing *s, u32 lanes,
				u32 active, u32 steps)
{
	u32 i, n;

	for (i = 0; i < steps; i += n) {
		n = steps - i < 16 ? steps - i : 16;
		if (lanes == 16)
			push_steps_of(ws, s, 16, active, n);
		else if (lanes == 8)
			push_steps_of(ws, s, 8, active, n);
		else
			for (n = 0; n < steps; n++)
				push_step(ws, s, lanes, active);
	}
}

#else

static noinline void push_steps(struct dcac_workspace *ws, struct pushing *s, u32 lanes,
				u32 active, u32 steps)
{
	u32 i;

	if (active == 0xff && lanes == 8) {
		for (i = 0; i < steps; i++)
			push_step(ws, s, 8, 0xff);
	} else if (active == 0xffff) {
		for (i = 0; i < steps; i++)
			push_step(ws, s, 16, 0xffff);
	} else {
		for (i = 0; i < steps; i++)
			push_step(ws, s, lanes, active);
	}
}

#endif

/* Steps until a lane begins, ends, or comes to another plane. */
static u32 even_steps(const struct pushing *s, u32 lanes, u32 *active)
{
	u32 steps = ~0u, i;

	*active = 0;
	for (i = 0; i < lanes; i++) {
		u32 limit = s->wait[i] ? s->wait[i] : s->left[i];

		if (!s->wait[i])
			*active |= 1u << i;
		steps = limit < steps ? limit : steps;
	}
	return steps;
}

/* Returns where the words begin. */
static noinline u32 put_takes(struct dcac_workspace *ws)
{
	const struct params *p = &ws->params;
	u32 lanes = p->lanes, step = lane_steps(p), steps, active, i;
	struct pushing *s = &ws->pushing;

	s->first = WORD_BYTES;

	for (i = 0; i < lanes; i++) {
		u32 planes = (p->c - i + lanes - 1) / lanes;

		s->state[i] = STATE_MIN;
		s->wait[i] = step - (planes * p->plane + i);
		s->left[i] = p->plane;
		s->at[i] = (i + (planes - 1) * lanes + 1) * p->plane;
	}
	for (; step; step -= steps) {
		steps = even_steps(s, lanes, &active);
		push_steps(ws, s, lanes, active, steps);
		for (i = 0; i < lanes; i++) {
			if (s->wait[i]) {
				s->wait[i] -= steps;
				continue;
			}
			s->left[i] -= steps;
			if (s->left[i])
				continue;
			/* the plane before, or none: then it is at the first one of all */
			s->left[i] = p->plane;
			if (s->at[i] < lanes * p->plane)
				s->wait[i] = ~0u;
			else
				s->at[i] -= (lanes - 1) * p->plane;
		}
	}
	for (i = 0; i < lanes; i++)
		ws->lanes[i].state = s->state[i];
	return s->first;
}

static u32 dcac_encode(const struct fmc_tile *tile, const u16 *values, u8 *out, u32 capacity,
		       void *workspace)
{
	struct dcac_workspace *ws = workspace;
	struct params *p = &ws->params;
	struct bits header = { .out = out, .bytes = capacity };
	u32 i, at, first, lanes;

	init_params(p, tile);
	memset(ws->has_shares, 0, sizeof(ws->has_shares));
	lanes = p->lanes;
	examine_zeros(p, tile->trellis, values);
	if (p->trellis) {
		predict_points(ws, values);
	} else {
		find_residuals(ws, values);
		choose_references(ws, values);
		find_takes(ws, values);
	}
	count_takes(ws);
	choose_models(ws);
	code_header(ws, &header);
	at = (header.at + 7) / 8;
	if (header.failed || capacity - at < 4 * lanes)
		return 0;
	first = put_takes(ws);
	if (WORD_BYTES - first > capacity - at - 4 * lanes)
		return 0;
	for (i = 0; i < lanes; i++) {
		u32 state = ws->lanes[i].state;

		out[at++] = state;
		out[at++] = state >> 8;
		out[at++] = state >> 16;
		out[at++] = state >> 24;
	}
	memcpy(out + at, ws->words + first, WORD_BYTES - first);
	return at + WORD_BYTES - first;
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

static void build_models(struct dcac_workspace *ws)
{
	u32 i;

	for (i = 0; i < CONTEXTS; i++) {
		if (ws->used[i])
			build_model(ws, ws->zero_level[i], ws->rank_level[i], &ws->models[i]);
	}
}

static void find_symbols(struct dcac_workspace *ws)
{
	u32 i, k, symbols = ws->params.symbols;

	for (i = 0; i < CONTEXTS; i++) {
		const struct model *m = &ws->models[i];

		if (!ws->used[i])
			continue;
		for (k = 0; k < symbols; k++)
			memset(ws->symbol_of[i] + m->start[k], k, m->start[k + 1] - m->start[k]);
	}
}

static void take_symbol(struct dcac_workspace *ws, struct lane *lane, u32 context)
{
	const struct model *m = &ws->models[context];
	u32 slot = lane->state & (PROB_ONE - 1);
	u32 symbol = ws->symbol_of[context][slot];

	lane->state = (m->start[symbol + 1] - m->start[symbol]) * (lane->state >> PROB_BITS) +
		      slot - m->start[symbol];
	lane->symbol = symbol;
}

/* The even or the odd numbers only, whichever the state tells. */
static u32 trellis_value_of(const struct params *p, const struct lane *lane, u32 rank,
			    u32 prediction)
{
	u32 odd = lane->trellis & 1, first = (p->base + 1 - odd) >> 1, last = p->max >> 1;

	prediction >>= 1;
	if (prediction < first)
		prediction = first;
	return value_of(rank, prediction, prediction - first, last - prediction) << 1 | odd;
}

static u32 take_value(const struct params *p, struct words *s, struct lane *lane, u32 prediction)
{
	u32 symbol = lane->symbol - p->explicit_zero, extra, rank;

	if (p->explicit_zero && !lane->symbol)
		return p->zero;
	extra = symbol_extra(symbol);
	rank = symbol_rank(symbol);
	if (extra) {
		rank += lane->state & ((1u << extra) - 1);
		lane->state >>= extra;
		refill(s, lane);
	}
	if (p->trellis)
		return trellis_value_of(p, lane, rank, prediction) & p->max;
	return value_of(rank, prediction, prediction - p->base, p->max - prediction) & p->max;
}

/* Returns false for a context that is not in use. */
static bool decode_lanes(struct dcac_workspace *ws, struct words *s, u16 *values)
{
	const struct params *p = &ws->params;
	u32 step, steps = lane_steps(p), i;

	start_lanes(ws);
	for (step = 0; step < steps; step++) {
		struct prediction pred[LANES_MAX];

		for (i = 0; i < p->lanes; i++) {
			struct lane *lane = &ws->lanes[i];

			if (!lane_active(p, lane))
				continue;
			if (p->trellis)
				predict_point(ws, values, lane, &pred[i]);
			else
				predict(ws, values, lane, &pred[i]);
			if (!ws->used[pred[i].context])
				return false;
			take_symbol(ws, lane, pred[i].context);
			refill(s, lane);
		}
		for (i = 0; i < p->lanes; i++) {
			struct lane *lane = &ws->lanes[i];

			if (lane_active(p, lane)) {
				u32 value = take_value(p, s, lane, pred[i].value);

				values[lane->at] = value;
				lane->trellis = asc_trellis_next(lane->trellis, value);
				if (p->trellis)
					ws->errors[lane->at] = distance_of(value, pred[i].value);
				ws->residuals[lane->at] = value - pred[i].spatial;
			}
			advance_lane(p, lane);
		}
	}
	return true;
}

/*
 * All lanes at once.  Values lie by steps, one of each lane, so that neighbours of all lanes
 * lie side by side.
 */

static bool has_rows(const struct params *p)
{
	return !p->trellis && p->lanes >= 8 && p->w <= ROW_MAX && p->c <= ROW_CHANNELS &&
	       lane_steps(p) * p->lanes <= ROW_VALUES;
}

/* Where the references of a plane are, in steps of all lanes, and their weights. */
static void place_references(struct dcac_workspace *ws)
{
	const struct params *p = &ws->params;
	u32 i;

	for (i = 0; i < p->c; i++) {
		u32 distance = ws->reference[i], other = i - distance;
		s32 lane = (s32)(other % p->lanes) - (s32)(i % p->lanes);
		s32 row = (s32)(other / p->lanes * p->plane) -
			  (s32)(i / p->lanes * p->plane) + lane;

		ws->reference_at[i] = distance ? row * (s32)p->lanes + lane : 0;
		ws->reference_weight[i] = distance ? weights[ws->weight[i]] : 0;
	}
	/* for lanes that have come to their end */
	for (; i < p->c + LANES_MAX; i++) {
		ws->reference_at[i] = 0;
		ws->reference_weight[i] = 0;
	}
}

#ifndef FMC_USE_AVX512
/* Starts and sizes of symbols. */
static void pack_models(struct dcac_workspace *ws)
{
	u32 i, k;

	for (i = 0; i < CONTEXTS; i++) {
		const u16 *start = ws->models[i].start;

		for (k = 0; k < 64; k++)
			ws->packed[i][k] = NOT_IN_USE;
		ws->slots[i] = ws->used[i] ? PROB_ONE - 1 : 0;
		if (!ws->used[i])
			ws->symbol_of[i][0] = 0;
		if (!ws->used[i])
			continue;
		for (k = 0; k < ws->params.symbols; k++)
			ws->packed[i][k] = start[k] | (u32)(start[k + 1] - start[k] - 1) << 12;
	}
}

/* Less than two steps of words are left: as refill() does it. */
static noinline u32 refill_state(struct words *s, u32 state)
{
	struct lane lane = { .state = state };

	refill(s, &lane);
	return lane.state;
}

/* Whether a word is needed cannot be foreseen, so there is no branch.  @may is 1, or 0: none is. */
static inline u32 refill_next(struct words *s, u32 state, u32 may)
{
	u32 lacks = (state < STATE_MIN) & may, word = s->in[s->at] | (u32)s->in[s->at + 1] << 8;

	s->at += 2 * lacks;
	return state << 16 * lacks | (word & -lacks);
}

/* What lanes see and predict; compilers vectorise this. */
static noinline void predict_step(const struct params *p, struct stepping *restrict l,
				  const u16 *restrict above, u32 lanes)
{
	s32 low = p->floor, base = p->base, max = p->max;
	u32 zero = p->zero, last = p->w - 1, i;

	for (i = 0; i < lanes; i++) {
		s32 n = above[i], ne = above[i + lanes], nw = above[(s32)i - (s32)lanes];
		s32 x = l->x[i], west = x ? (s32)l->prev[i] : n, spatial, activity;
		bool top = !l->y[i];
		s32 row = x ? l->prev[i] : zero, row2 = x > 1 ? (s32)l->prev2[i] : row;

		ne = x == (s32)last ? n : ne;
		nw = x ? nw : ne;
		west = top ? row : west;
		n = top ? row : n;
		ne = top ? row : ne;
		nw = top ? row2 : nw;
		spatial = (2 * (west + n) - nw + ne + 2) >> 2;
		spatial = spatial < low ? low : spatial;
		spatial = spatial > max ? max : spatial;
		activity = (west > nw ? west - nw : nw - west) + (n > nw ? n - nw : nw - n) +
			   (n > ne ? n - ne : ne - n);
		activity += l->other[i] < 0 ? -l->other[i] : l->other[i];
		l->spatial[i] = spatial;
		spatial += (l->other[i] * l->weight[i]) >> 2;
		spatial = spatial < base ? base : spatial;
		l->prediction[i] = spatial > max ? max : spatial;
		/* so that its bits are the class */
		activity = top && x == 0 ? 1 << (CLASS_FIRST - 1) : activity;
		activity = top && x == 1 ? 1 << (CLASS_SECOND - 1) : activity;
		l->activity[i] = activity;
		l->near[i] = (west == (s32)zero) | (n == (s32)zero) | (nw == (s32)zero) |
			     (ne == (s32)zero);
	}
}

/*
 * Symbols of lanes, and then what they leave open.  Returns false for a context not in use.
 * @plenty: there are words for all that may be needed.
 */
static inline bool take_step(struct dcac_workspace *ws, struct words *words, struct stepping *l,
			     u32 lanes, u32 active, bool plenty)
{
	u32 classes = ws->params.explicit_zero ? CLASSES : 0, unused = 0, i;
	struct words s = *words;

	for (i = 0; i < lanes; i++) {
		u32 context = 31 - __builtin_clz(l->activity[i] << 1 | 1), symbol, entry;
		u32 state = l->state[i], slot = state & (PROB_ONE - 1);

		if (!(active >> i & 1))
			continue;
		context += classes & -l->near[i];
		symbol = ws->symbol_of[context][slot & ws->slots[context]] & 63;
		entry = ws->packed[context][symbol];
		unused |= entry;
		state = ((entry >> 12 & (PROB_ONE - 1)) + 1) * (state >> PROB_BITS) + slot -
			(entry & (PROB_ONE - 1));
		l->state[i] = plenty ? refill_next(&s, state, 1) : refill_state(&s, state);
		l->rank[i] = l->symbols[symbol];
	}
	if (unused & NOT_IN_USE)
		return false;
	for (i = 0; i < lanes; i++) {
		u32 symbol = l->rank[i], extra = symbol & 31, state = l->state[i];

		if (!(active >> i & 1))
			continue;
		l->rank[i] = (symbol >> 8) + (state & ((1u << extra) - 1));
		l->ends[i] = symbol >> 5 & 1;
		state >>= extra;
		if (plenty)
			state = refill_next(&s, state, !!extra);
		else if (extra)
			state = refill_state(&s, state);
		l->state[i] = state;
	}
	*words = s;
	return true;
}

/* Values from ranks as value_of() does it, and on to the next place; vectorised, too. */
static noinline void put_step(const struct params *p, struct stepping *restrict l,
			      u16 *restrict row, s32 *restrict residual, u32 lanes)
{
	u32 base = p->base, max = p->max, zero = p->zero, i;

	for (i = 0; i < lanes; i++) {
		u32 prediction = l->prediction[i], rank = l->rank[i], half = (rank + 1) / 2;
		u32 below = prediction - base, above = max - prediction;
		u32 both = below < above ? below : above, value, far;

		value = rank & 1 ? prediction - half : prediction + half;
		far = below < above ? prediction + rank - both : prediction + both - rank;
		value = (rank > 2 * both ? far : value) & max;
		value = l->ends[i] ? zero : value;
		row[i] = value;
		residual[i] = value - l->spatial[i];
		l->prev2[i] = l->prev[i];
		l->prev[i] = value;
	}
}

/* Rows and planes that end.  Returns lanes that have a value in the next step. */
static noinline u32 end_rows(struct dcac_workspace *ws, struct stepping *l, u32 lanes, u32 step)
{
	const struct params *p = &ws->params;
	u32 active = 0, i;

	for (i = 0; i < lanes; i++) {
		if (step < i || step - i >= l->length[i])
			continue;
		active |= 1u << i;
		if (l->x[i] < p->w)
			continue;
		l->x[i] = 0;
		if (++l->y[i] < p->h)
			continue;
		l->y[i] = 0;
		l->channel[i] += lanes;
		l->place[i] = ws->reference_at[l->channel[i]];
		l->weight[i] = ws->reference_weight[l->channel[i]];
	}
	return active;
}

static inline bool step_lanes(struct dcac_workspace *ws, struct words *s, u32 lanes)
{
	const struct params p = ws->params;
	struct stepping *l = &ws->stepping;
	u16 *row = ws->rows + ROW_MARGIN * LANES_MAX;
	const u16 *above = row - (p.h > 1 ? p.w : 1) * lanes;
	u32 step, steps = lane_steps(&p), even = 0, active = 0, any = 0, i;
	s32 *residual = ws->residuals;
	bool used;

	memset(l, 0, sizeof(*l));
	l->symbols[0] = p.explicit_zero << 5;
	for (i = p.explicit_zero; i < 64; i++) {
		u32 symbol = i - p.explicit_zero;

		l->symbols[i] = symbol_extra(symbol) | symbol_rank(symbol) << 8;
	}
	place_references(ws);
	for (i = 0; i < p.c; i++)
		any |= ws->reference[i];
	for (i = 0; i < lanes; i++) {
		l->length[i] = (p.c - i + lanes - 1) / lanes * p.plane;
		l->state[i] = ws->lanes[i].state;
		l->channel[i] = i;
		l->place[i] = ws->reference_at[i];
		l->weight[i] = ws->reference_weight[i];
	}
	for (step = 0; step < steps; step++) {
		if (!even) {
			active = end_rows(ws, l, lanes, step);
			/* steps until a lane begins, ends, or comes to another row */
			even = step < lanes ? 1 : p.w;
			for (i = 0; i < lanes; i++) {
				if (active >> i & 1 && p.w - l->x[i] < even)
					even = p.w - l->x[i];
			}
		}
		even--;
		if (any) {
			for (i = 0; i < lanes; i++)
				l->other[i] = l->place[i] && active >> i & 1 ?
					      residual[l->place[i] + (s32)i] : 0;
		}
		predict_step(&p, l, above, lanes);
		if (s->bytes - s->at < 4 * LANES_MAX)
			used = take_step(ws, s, l, lanes, active, false);
		else if (active == (1u << lanes) - 1)
			used = take_step(ws, s, l, lanes, (1u << lanes) - 1, true);
		else
			used = take_step(ws, s, l, lanes, active, true);
		if (!used) {
			ws->rows_taken = step;
			return false;
		}
		put_step(&p, l, row, residual, lanes);
		for (i = 0; i < lanes; i++)
			l->x[i] += active >> i & 1;
		row += lanes;
		above += lanes;
		residual += lanes;
	}
	ws->rows_taken = steps;
	for (i = 0; i < lanes; i++)
		ws->lanes[i].state = l->state[i];
	return true;
}

/* Compiled for each number of lanes. */
static noinline bool step_8_lanes(struct dcac_workspace *ws, struct words *s)
{
	return step_lanes(ws, s, 8);
}

static noinline bool step_16_lanes(struct dcac_workspace *ws, struct words *s)
{
	return step_lanes(ws, s, 16);
}

#endif

#ifdef FMC_USE_AVX512
#include "dcac_lanes_avx512.h"
#else
static void prepare_lanes(struct dcac_workspace *ws)
{
	find_symbols(ws);
	pack_models(ws);
}

static bool take_all_lanes(struct dcac_workspace *ws, struct words *s)
{
	return ws->params.lanes == 8 ? step_8_lanes(ws, s) : step_16_lanes(ws, s);
}
#endif

/* From steps to planes; what was not reached stays as it is. */
static void put_lanes(const struct dcac_workspace *ws, u16 *values)
{
	const struct params p = ws->params;
	const u16 *rows = ws->rows + ROW_MARGIN * LANES_MAX;
	u32 channel, i;

#ifdef FMC_USE_AVX512
	if (p.lanes == LANES_MAX && ws->rows_taken == lane_steps(&p)) {
		put_16_lanes(ws, values);
		return;
	}
#endif
	for (channel = 0; channel < p.c; channel++) {
		u32 lane = channel % p.lanes, first = channel / p.lanes * p.plane + lane;
		u32 n = p.plane;

		if (first >= ws->rows_taken)
			continue;
		if (n > ws->rows_taken - first)
			n = ws->rows_taken - first;
		for (i = 0; i < n; i++)
			values[channel * p.plane + i] = rows[(first + i) * p.lanes + lane];
	}
}

/* All but the values.  Returns false if that makes no sense. */
static bool start_decoding(struct dcac_workspace *ws, const struct fmc_tile *tile,
			   struct words *s)
{
	struct bits header = { .in = s->in, .bytes = s->bytes };
	struct params *p = &ws->params;
	u32 i;

	init_params(p, tile);
	memset(ws->has_shares, 0, sizeof(ws->has_shares));
	memset(ws->reference, 0, p->c);
	memset(ws->weight, 0, p->c);
	if (p->trellis)
		memset(ws->references, 0, sizeof(ws->references));
	memset(ws->used, 0, sizeof(ws->used));
	memset(ws->zero_level, 0, sizeof(ws->zero_level));
	memset(ws->rank_level, 0, sizeof(ws->rank_level));
	code_header(ws, &header);
	s->at = (header.at + 7) / 8;
	if (header.failed || s->bytes - s->at < 4 * p->lanes)
		return false;
	for (i = 0; i < p->lanes; i++, s->at += 4)
		ws->lanes[i].state = s->in[s->at] | s->in[s->at + 1] << 8 |
				     s->in[s->at + 2] << 16 | (u32)s->in[s->at + 3] << 24;
	build_models(ws);
	return true;
}

/* A stream that is read to its end leaves the coders as the encoder began them. */
static int end_decoding(const struct dcac_workspace *ws, const struct words *s)
{
	bool failed = s->failed;
	u32 i;

	for (i = 0; i < ws->params.lanes; i++)
		failed |= ws->lanes[i].state != STATE_MIN;
	return failed || s->at != s->bytes ? -EBADMSG : 0;
}

static int decode_values(struct dcac_workspace *ws, struct words *s, u16 *values)
{
	bool done;

	if (has_rows(&ws->params)) {
		prepare_lanes(ws);
		done = take_all_lanes(ws, s);
		put_lanes(ws, values);
	} else {
		find_symbols(ws);
		done = decode_lanes(ws, s, values);
	}
	return done ? end_decoding(ws, s) : -EBADMSG;
}

static int dcac_decode(const struct fmc_tile *tile, const u8 *in, u32 bytes, u16 *values,
		       void *workspace)
{
	struct words s = { .in = in, .bytes = bytes };
	u32 i;

	for (i = 0; i < fmc_tile_values(tile); i++)
		values[i] = tile->zero;
	if (!start_decoding(workspace, tile, &s))
		return -EBADMSG;
	return decode_values(workspace, &s, values);
}

#if defined(FMC_USE_AVX512) && DCAC_TILES_MAX > 1
/* Are values of both at the same places? */
static bool same_shape(const struct params *a, const struct params *b)
{
	return a->w == b->w && a->h == b->h && a->c == b->c;
}

static u32 decode_tiles_of_dcac(const struct fmc_coded_tile *tiles, u32 count, void *workspace)
{
	struct dcac_workspace *all = workspace, *ws[TILES_MAX];
	u32 number[TILES_MAX], n = 0, done, good = 0, i;
	struct words s[TILES_MAX];

	for (i = 0; i < count; i++) {
		s[n] = (struct words){ .in = tiles[i].in, .bytes = tiles[i].bytes };
		if (!start_decoding(&all[i], &tiles[i].tile, &s[n]) ||
		    !has_rows(&all[i].params) ||
		    (n && !same_shape(&all[i].params, &ws[0]->params)))
			continue;
		ws[n] = &all[i];
		number[n++] = i;
	}
	if (n < 2)
		return 0;
	n = n < TILES_MAX ? 2 : TILES_MAX;
	for (i = 0; i < n; i++)
		prepare_lanes(ws[i]);
	done = take_together(ws, s, n);
	for (i = 0; i < n; i++) {
		if (done >> i & 1 && !end_decoding(ws[i], &s[i]))
			good |= 1u << number[i];
	}
	return good;
}

static void take_tile_of_dcac(u32 number, u16 *values, const void *workspace)
{
	put_lanes((const struct dcac_workspace *)workspace + number, values);
}
#endif
