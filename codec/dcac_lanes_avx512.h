/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * DC-AC's decoder by vectors of the lanes of a tile, and of several tiles together.  Part of
 * dcac_coder.h.
 *
 * A step of a tile is a long chain: neighbours tell the context, that and the state tell the
 * entry, the entry tells how many words are taken, these the next state, all of it the value,
 * which is a neighbour.  So a step is in two parts, and each part is done for all tiles before
 * the other one: what a tile waits for comes meanwhile.  Tiles of one shape are at the same
 * place, and where that is at an edge is found once for all.
 */

#define TILES_MAX	DCAC_TILES_MAX

/* The index of a context among rows: leading zeros of the activity, and more if zero is near. */
#define ROW_FIRST	13
#define ROW_SECOND	12
#define ROW_NEAR	24

static inline u32 row_of_context(u32 context)
{
	u32 class = context % CLASSES, row = 32 - class;

	if (class == CLASS_FIRST)
		row = ROW_FIRST;
	if (class == CLASS_SECOND)
		row = ROW_SECOND;
	return context < CLASSES ? row : row + ROW_NEAR;
}

/* What a symbol says besides its slots: bits that it leaves open, and those that it has. */
static inline u32 symbol_code(const struct params *p, u32 symbol)
{
	u32 rank_of = symbol - p->explicit_zero;

	if (symbol < p->explicit_zero)
		return (u32)ENTRY_ZERO << ENTRY_EXTRA;
	return symbol_extra(rank_of) << ENTRY_EXTRA |
	       (rank_of < 8 ? rank_of : 4 | (rank_of & 3)) << ENTRY_TOP;
}

/* And back. */
static inline u32 entry_symbol(const struct params *p, u32 entry)
{
	u32 extra = entry >> ENTRY_EXTRA & 15, top = entry >> ENTRY_TOP;

	if (extra == ENTRY_ZERO)
		return 0;
	return (extra ? 4 * (extra + 1) + (top & 3) : top) + p->explicit_zero;
}

static inline u32 make_entry(const u16 *start, u32 code)
{
	return start[0] | (u32)(start[1] - start[0] - 1) << ENTRY_SIZE | code;
}

/* The first entry of a row that tells of a symbol. */
static inline u32 first_entry(u32 slot)
{
	s32 coarse = (slot + COARSE / 2 - 1) / COARSE;
	s32 fine = (s32)slot - FINE_SLOTS + FINE_SLOTS / COARSE;

	return coarse > fine ? coarse : fine;
}

/*
 * A row for each context in use, and one for all others.  Where symbols share an entry, slots
 * of some find the wrong one, and see by its slots that it is.
 */
static noinline void fill_rows(struct dcac_workspace *ws)
{
	const struct params p = ws->params;
	u32 *row = ws->entries, codes[64], number = 0, i, k;

	memset(ws->row_of, 0, sizeof(ws->row_of));
	for (i = 0; i < ENTRIES; i++)
		row[i] = PROB_ONE;
	for (k = 0; k < p.symbols; k++)
		codes[k] = symbol_code(&p, k);
	for (i = 0; i < CONTEXTS; i++) {
		const u16 *start = ws->models[i].start;
		u32 at = 0, end;

		if (!ws->used[i])
			continue;
		row += ENTRIES;
		ws->row_context[++number] = i;
		ws->row_of[row_of_context(i)] = number * ENTRIES;
		for (k = 0; k < p.symbols; k++) {
			__m512i entry = _mm512_set1_epi32(make_entry(start + k, codes[k]));

			/* what is too much is overwritten, or behind the last row */
			end = first_entry(start[k + 1]);
			do {
				_mm512_storeu_si512(row + at, entry);
				_mm512_storeu_si512(row + at + 16, entry);
				at += 32;
			} while (at < end);
			at = end;
		}
	}
}

/* Where tiles of one shape are. */
struct course {
	u32 step, steps, last_x, last_y;
	u32 row;			/* of this step, in values */
	u32 above;			/* rows up */
	__m512i length, at, channel, x, y;
	__mmask16 active, first, last, top;
};

/* A tile that is being decoded. */
struct taking {
	struct dcac_workspace *ws;
	struct words s;
	u32 low, base, max, zero, near;
	u32 any;			/* reference */
	u32 failed_at;			/* step, or ~0 */
	__m512i prev, state, prediction, spatial, entry;
};

static inline __m512i lane_numbers(void)
{
	return _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
}

static inline void start_course(struct course *c, const struct params *p)
{
	u32 lengths[LANES_MAX], i;

	for (i = 0; i < LANES_MAX; i++)
		lengths[i] = i < p->lanes ? (p->c - i + p->lanes - 1) / p->lanes * p->plane : 0;
	c->length = _mm512_loadu_si512(lengths);
	c->step = 0;
	c->steps = lane_steps(p);
	c->last_x = p->w - 1;
	c->last_y = p->h - 1;
	c->row = ROW_MARGIN * LANES_MAX;
	c->above = (p->h > 1 ? p->w : 1) * p->lanes;
	c->at = _mm512_sub_epi32(_mm512_setzero_si512(), lane_numbers());
	c->channel = lane_numbers();
	c->x = _mm512_setzero_si512();
	c->y = _mm512_setzero_si512();
}

static inline void look_around(struct course *c)
{
	const __m512i none = _mm512_setzero_si512();

	c->active = _mm512_cmplt_epu32_mask(c->at, c->length);
	c->first = _mm512_cmpeq_epi32_mask(c->x, none);
	c->last = _mm512_cmpeq_epi32_mask(c->x, _mm512_set1_epi32(c->last_x));
	c->top = _mm512_cmpeq_epi32_mask(c->y, none);
}

static inline void start_taking(struct taking *t, struct dcac_workspace *ws,
				const struct words *s)
{
	const struct params *p = &ws->params;
	u32 states[LANES_MAX], i;

	place_references(ws);
	t->ws = ws;
	t->s = *s;
	t->any = 0;
	for (i = 0; i < p->c; i++)
		t->any |= ws->reference[i];
	for (i = 0; i < LANES_MAX; i++)
		states[i] = i < p->lanes ? ws->lanes[i].state : STATE_MIN;
	t->low = p->floor;
	t->base = p->base;
	t->max = p->max;
	t->zero = p->zero;
	t->near = p->explicit_zero ? ROW_NEAR : 0;
	t->failed_at = ~0u;
	t->prev = _mm512_set1_epi32(p->zero);
	memcpy(ws->place, ws->reference_at, sizeof(ws->place));
	memcpy(ws->place_weight, ws->reference_weight, sizeof(ws->place_weight));
	t->state = _mm512_loadu_si512(states);
}

/* What lacks words gets them in order, as refill() gives them. */
static noinline __m512i refill_slowly(struct words *s, __m512i state, u32 lanes)
{
	struct lane lane;
	u32 states[LANES_MAX], i;

	_mm512_storeu_si512(states, state);
	for (i = 0; i < LANES_MAX; i++) {
		if (!(lanes >> i & 1))
			continue;
		lane.state = states[i];
		refill(s, &lane);
		states[i] = lane.state;
	}
	return _mm512_loadu_si512(states);
}

static inline __m512i refill_lanes(struct words *s, __m512i state, __mmask16 lanes)
{
	__m512i words;

	lanes = _mm512_mask_cmplt_epu32_mask(lanes, state, _mm512_set1_epi32(STATE_MIN));
	if (s->bytes - s->at < 2 * LANES_MAX)
		return refill_slowly(s, state, lanes);
	words = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const void *)(s->in + s->at)));
	s->at += 2 * bits_of_mask(lanes);
	return _mm512_mask_or_epi32(state, lanes, _mm512_slli_epi32(state, 16),
				    _mm512_maskz_expand_epi32(lanes, words));
}

/*
 * Where symbols share an entry, and it is of another one.  Or it is that of contexts that are
 * not in use: nothing from here on counts.
 */
static noinline __m512i find_entries(struct taking *t, __m512i entry, u32 wrong, u32 step)
{
	struct dcac_workspace *ws = t->ws;
	u32 entries[LANES_MAX], states[LANES_MAX], i, symbol;

	_mm512_storeu_si512(entries, entry);
	_mm512_storeu_si512(states, t->state);
	for (; wrong; wrong &= wrong - 1) {
		u32 slot, row;
		const u16 *start;

		i = __builtin_ctz(wrong);
		slot = states[i] & (PROB_ONE - 1);
		row = ws->lane_rows[i];
		if (row && t->failed_at == ~0u) {
			start = ws->models[ws->row_context[row / ENTRIES]].start;
			symbol = entry_symbol(&ws->params, entries[i]);
			while (start[symbol] > slot)
				symbol--;
			while (start[symbol + 1] <= slot)
				symbol++;
			entries[i] = make_entry(start + symbol, symbol_code(&ws->params, symbol));
			continue;
		}
		entries[i] = (PROB_ONE - 1) << ENTRY_SIZE;
		if (t->failed_at == ~0u)
			t->failed_at = step;
	}
	return _mm512_loadu_si512(entries);
}

/* Of 8 lanes at less cost. */
static inline __m512i gather_numbers(__m512i index, const void *base, u32 lanes)
{
	if (lanes == 8)
		return _mm512_castsi256_si512(_mm256_i32gather_epi32(base,
					      _mm512_castsi512_si256(index), 4));
	return _mm512_i32gather_epi32(index, base, 4);
}

/* The first part of a step: predictions, and what the states say in their contexts. */
static __always_inline void look_up(struct taking *t, const struct course *c, u32 lanes)
{
	const __m512i one = _mm512_set1_epi32(1), zero = _mm512_set1_epi32(t->zero);
	const u16 *above = t->ws->rows + c->row - c->above;
	__m512i w, n, nw, ne, spatial, prediction, activity, context, near, slot, fine, row;
	__m512i prev2;

	n = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const void *)above));
	ne = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const void *)(above + lanes)));
	nw = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const void *)(above - lanes)));
	ne = _mm512_mask_mov_epi32(ne, c->last, n);
	nw = _mm512_mask_mov_epi32(nw, c->first, ne);
	w = _mm512_mask_mov_epi32(t->prev, c->first, n);
	if (c->top) {
		w = _mm512_mask_mov_epi32(w, c->top, t->prev);
		w = _mm512_mask_mov_epi32(w, c->top & c->first, zero);
		n = _mm512_mask_mov_epi32(n, c->top, w);
		ne = _mm512_mask_mov_epi32(ne, c->top, w);
		nw = _mm512_mask_mov_epi32(nw, c->top, w);
		prev2 = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const void *)
				(t->ws->rows + c->row - 2 * lanes)));
		nw = _mm512_mask_mov_epi32(nw, c->top & _mm512_cmpgt_epu32_mask(c->x, one), prev2);
	}
	spatial = _mm512_slli_epi32(_mm512_add_epi32(w, n), 1);
	spatial = _mm512_add_epi32(spatial, _mm512_sub_epi32(ne, nw));
	spatial = _mm512_srai_epi32(_mm512_add_epi32(spatial, _mm512_set1_epi32(2)), 2);
	spatial = _mm512_max_epi32(spatial, _mm512_set1_epi32(t->low));
	spatial = _mm512_min_epi32(spatial, _mm512_set1_epi32(t->max));
	activity = _mm512_add_epi32(_mm512_abs_epi32(_mm512_sub_epi32(n, nw)),
				    _mm512_abs_epi32(_mm512_sub_epi32(n, ne)));
	activity = _mm512_add_epi32(activity, _mm512_abs_epi32(_mm512_sub_epi32(w, nw)));
	prediction = spatial;
	if (t->any) {
		const s32 *residual = t->ws->residuals + c->step * lanes;
		__m512i place = _mm512_loadu_si512(t->ws->place), other;
		__mmask16 has = _mm512_test_epi32_mask(place, place) & c->active;

		other = _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), has,
						    _mm512_add_epi32(place, lane_numbers()),
						    residual, 4);
		activity = _mm512_add_epi32(activity, _mm512_abs_epi32(other));
		other = _mm512_mullo_epi32(other, _mm512_loadu_si512(t->ws->place_weight));
		other = _mm512_srai_epi32(other, 2);
		prediction = _mm512_add_epi32(prediction, other);
	}
	prediction = _mm512_max_epi32(prediction, _mm512_set1_epi32(t->base));
	prediction = _mm512_min_epi32(prediction, _mm512_set1_epi32(t->max));
	context = _mm512_lzcnt_epi32(activity);
	if (c->top) {
		context = _mm512_mask_mov_epi32(context, c->top & c->first,
						_mm512_set1_epi32(ROW_FIRST));
		context = _mm512_mask_mov_epi32(context,
						c->top & _mm512_cmpeq_epi32_mask(c->x, one),
						_mm512_set1_epi32(ROW_SECOND));
	}
	near = _mm512_min_epu32(_mm512_xor_si512(n, zero), _mm512_xor_si512(nw, zero));
	near = _mm512_min_epu32(near, _mm512_xor_si512(ne, zero));
	near = _mm512_min_epu32(near, _mm512_xor_si512(w, zero));
	context = _mm512_mask_add_epi32(context, _mm512_testn_epi32_mask(near, near), context,
					_mm512_set1_epi32(t->near));
	row = _mm512_maskz_permutex2var_epi16(0x55555555, _mm512_loadu_si512(t->ws->row_of),
					      context, _mm512_loadu_si512(t->ws->row_of + 32));
	/* as first_entry() has it */
	slot = _mm512_and_si512(t->state, _mm512_set1_epi32(PROB_ONE - 1));
	fine = _mm512_sub_epi32(slot, _mm512_set1_epi32(FINE_SLOTS / COARSE * (COARSE - 1)));
	slot = _mm512_max_epi32(_mm512_srli_epi32(slot, COARSE_BITS), fine);
	t->entry = gather_numbers(_mm512_add_epi32(row, slot), t->ws->entries, lanes);
	_mm512_storeu_si512(t->ws->lane_rows, row);
	t->prediction = prediction;
	t->spatial = spatial;
}

/* Places of slots among those of their symbols, and how many these have less 1. */
static inline __m512i split_entry(__m512i entry, __m512i slot, __m512i *size)
{
	__m512i start = _mm512_and_si512(entry, _mm512_set1_epi32(2 * PROB_ONE - 1));

	*size = _mm512_and_si512(_mm512_srli_epi32(entry, ENTRY_SIZE),
				 _mm512_set1_epi32(PROB_ONE - 1));
	return _mm512_sub_epi32(slot, start);
}

/* The second part: states, values. */
static __always_inline void take_up(struct taking *t, const struct course *c, u32 lanes)
{
	const __m512i one = _mm512_set1_epi32(1), none = _mm512_setzero_si512();
	const __m512i base = _mm512_set1_epi32(t->base), max = _mm512_set1_epi32(t->max);
	__m512i prediction = t->prediction, slot, offset, size, entry = t->entry;
	__m512i extra, open, rank, below, beyond, both, value, far;
	__mmask16 ends, wrong;

	slot = _mm512_and_si512(t->state, _mm512_set1_epi32(PROB_ONE - 1));
	offset = split_entry(entry, slot, &size);
	wrong = _mm512_mask_cmpgt_epu32_mask(c->active, offset, size);
	if (wrong) {
		entry = find_entries(t, entry, wrong, c->step);
		offset = split_entry(entry, slot, &size);
	}
	size = _mm512_mullo_epi32(_mm512_add_epi32(size, one),
				  _mm512_srli_epi32(t->state, PROB_BITS));
	t->state = _mm512_mask_add_epi32(t->state, c->active, size, offset);
	t->state = refill_lanes(&t->s, t->state, c->active);
	/* what the symbol says, and what it leaves open */
	extra = _mm512_and_si512(_mm512_srli_epi32(entry, ENTRY_EXTRA), _mm512_set1_epi32(15));
	ends = _mm512_cmpeq_epi32_mask(extra, _mm512_set1_epi32(ENTRY_ZERO));
	extra = _mm512_maskz_mov_epi32(c->active & ~ends, extra);
	rank = _mm512_sllv_epi32(_mm512_srli_epi32(entry, ENTRY_TOP), extra);
	open = _mm512_sllv_epi32(_mm512_set1_epi32(-1), extra);
	rank = _mm512_add_epi32(rank, _mm512_andnot_si512(open, t->state));
	t->state = _mm512_srlv_epi32(t->state, extra);
	t->state = refill_lanes(&t->s, t->state, _mm512_test_epi32_mask(extra, extra));
	/* as value_of() */
	below = _mm512_sub_epi32(prediction, base);
	beyond = _mm512_sub_epi32(max, prediction);
	both = _mm512_min_epi32(below, beyond);
	far = _mm512_add_epi32(base, rank);
	far = _mm512_mask_sub_epi32(far, _mm512_cmpge_epu32_mask(below, beyond), max, rank);
	value = _mm512_srli_epi32(rank, 1);
	value = _mm512_xor_si512(value, _mm512_sub_epi32(none, _mm512_and_si512(rank, one)));
	value = _mm512_add_epi32(prediction, value);
	beyond = _mm512_add_epi32(both, both);
	value = _mm512_mask_mov_epi32(value, _mm512_cmpgt_epu32_mask(rank, beyond), far);
	value = _mm512_and_si512(value, max);
	value = _mm512_mask_mov_epi32(value, ends, _mm512_set1_epi32(t->zero));
	_mm256_storeu_si256((void *)(t->ws->rows + c->row), _mm512_cvtepi32_epi16(value));
	if (t->any)
		_mm512_storeu_si512(t->ws->residuals + c->step * lanes,
				    _mm512_sub_epi32(value, t->spatial));
	t->prev = value;
}

/* On to the next step.  Returns a mask of lanes that begin another plane. */
static __always_inline __mmask16 go_on(struct course *c, u32 lanes)
{
	const __m512i one = _mm512_set1_epi32(1), none = _mm512_setzero_si512();
	__mmask16 last = c->last & c->active, ends = 0;

	c->step++;
	c->row += lanes;
	c->at = _mm512_add_epi32(c->at, one);
	c->x = _mm512_mask_add_epi32(c->x, c->active, c->x, one);
	if (last) {
		c->x = _mm512_mask_mov_epi32(c->x, last, none);
		ends = _mm512_mask_cmpeq_epi32_mask(last, c->y, _mm512_set1_epi32(c->last_y));
		c->y = _mm512_mask_add_epi32(c->y, last, c->y, one);
		c->y = _mm512_mask_mov_epi32(c->y, ends, none);
		c->channel = _mm512_mask_add_epi32(c->channel, ends, c->channel,
						   _mm512_set1_epi32(lanes));
	}
	return ends;
}

static inline void next_planes(struct taking *t, const struct course *c, __mmask16 ends)
{
	__m512i place = _mm512_loadu_si512(t->ws->place);
	__m512i weight = _mm512_loadu_si512(t->ws->place_weight);

	place = _mm512_mask_i32gather_epi32(place, ends, c->channel, t->ws->reference_at, 4);
	weight = _mm512_mask_i32gather_epi32(weight, ends, c->channel, t->ws->reference_weight, 4);
	_mm512_storeu_si512(t->ws->place, place);
	_mm512_storeu_si512(t->ws->place_weight, weight);
}

/* Returns a mask of tiles in which all contexts were in use. */
static __always_inline u32 take_tiles(struct dcac_workspace *const *ws, struct words *s,
				      u32 count, u32 lanes)
{
	struct taking t[TILES_MAX] __uninitialized;
	u32 done = 0, i, k;
	struct course c __uninitialized;

	start_course(&c, &ws[0]->params);
	for (k = 0; k < count; k++)
		start_taking(&t[k], ws[k], &s[k]);
	while (c.step < c.steps) {
		__mmask16 ends;

		look_around(&c);
#pragma GCC unroll 4
		for (k = 0; k < count; k++)
			look_up(&t[k], &c, lanes);
#pragma GCC unroll 4
		for (k = 0; k < count; k++)
			take_up(&t[k], &c, lanes);
		ends = go_on(&c, lanes);
		if (ends) {
			for (k = 0; k < count; k++)
				next_planes(&t[k], &c, ends);
		}
	}
	for (k = 0; k < count; k++) {
		u32 states[LANES_MAX] __uninitialized;

		s[k] = t[k].s;
		ws[k]->rows_taken = t[k].failed_at < c.steps ? t[k].failed_at : c.steps;
		_mm512_storeu_si512(states, t[k].state);
		for (i = 0; i < lanes; i++)
			ws[k]->lanes[i].state = states[i];
		done |= (u32)(t[k].failed_at == ~0u) << k;
	}
	return done;
}

/* Compiled for each number of lanes and of tiles. */
static noinline u32 take_8_lanes(struct dcac_workspace *const *ws, struct words *s)
{
	return take_tiles(ws, s, 1, 8);
}

static noinline u32 take_16_lanes(struct dcac_workspace *const *ws, struct words *s)
{
	return take_tiles(ws, s, 1, 16);
}

#if TILES_MAX > 1
static noinline u32 take_8_lanes_of_two(struct dcac_workspace *const *ws, struct words *s)
{
	return take_tiles(ws, s, 2, 8);
}

static noinline u32 take_16_lanes_of_two(struct dcac_workspace *const *ws, struct words *s)
{
	return take_tiles(ws, s, 2, 16);
}

static noinline u32 take_8_lanes_of_all(struct dcac_workspace *const *ws, struct words *s)
{
	return take_tiles(ws, s, TILES_MAX, 8);
}

static noinline u32 take_16_lanes_of_all(struct dcac_workspace *const *ws, struct words *s)
{
	return take_tiles(ws, s, TILES_MAX, 16);
}

static u32 take_together(struct dcac_workspace *const *ws, struct words *s, u32 count)
{
	if (ws[0]->params.lanes == 8)
		return count == 2 ? take_8_lanes_of_two(ws, s) : take_8_lanes_of_all(ws, s);
	return count == 2 ? take_16_lanes_of_two(ws, s) : take_16_lanes_of_all(ws, s);
}
#endif

static void prepare_lanes(struct dcac_workspace *ws)
{
	fill_rows(ws);
}

static bool take_all_lanes(struct dcac_workspace *ws, struct words *s)
{
	return ws->params.lanes == 8 ? take_8_lanes(&ws, s) : take_16_lanes(&ws, s);
}

/* 16 steps of 16 lanes to values of lanes. */
static __always_inline void turn_steps(const u16 *steps, __m256i *lanes)
{
	const __m512i pairs = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10,
					       25, 9, 24, 8, 23, 7, 22, 6, 21, 5, 20, 4,
					       19, 3, 18, 2, 17, 1, 16, 0);
	const __m512i low = _mm512_set_epi64(11, 10, 3, 2, 9, 8, 1, 0);
	const __m512i high = _mm512_set_epi64(15, 14, 7, 6, 13, 12, 5, 4);
	__m512i v[8], u[8], w;
	u32 i, k;

#pragma GCC unroll 8
	for (i = 0; i < 8; i++) {
		v[i] = _mm512_loadu_si512(steps + 2 * LANES_MAX * i);
		v[i] = _mm512_permutexvar_epi16(pairs, v[i]);
	}
#pragma GCC unroll 4
	for (i = 0; i < 8; i += 2) {
		u[i] = _mm512_unpacklo_epi32(v[i], v[i + 1]);
		u[i + 1] = _mm512_unpackhi_epi32(v[i], v[i + 1]);
	}
#pragma GCC unroll 2
	for (i = 0; i < 8; i += 4) {
#pragma GCC unroll 2
		for (k = 0; k < 2; k++) {
			v[i + 2 * k] = _mm512_unpacklo_epi64(u[i + k], u[i + k + 2]);
			v[i + 2 * k + 1] = _mm512_unpackhi_epi64(u[i + k], u[i + k + 2]);
		}
	}
#pragma GCC unroll 4
	for (i = 0; i < 4; i++) {
		w = _mm512_permutex2var_epi64(v[i], low, v[i + 4]);
		lanes[i] = _mm512_castsi512_si256(w);
		lanes[i + 4] = _mm512_extracti64x4_epi64(w, 1);
		w = _mm512_permutex2var_epi64(v[i], high, v[i + 4]);
		lanes[i + 8] = _mm512_castsi512_si256(w);
		lanes[i + 12] = _mm512_extracti64x4_epi64(w, 1);
	}
}

/* Values of a lane of which some are of another plane, or of none. */
static noinline void put_some(u16 *plane, s32 n, s32 first, __m256i lane)
{
	u16 values[16];
	s32 i;

	_mm256_storeu_si256((void *)values, lane);
	for (i = 0; i < 16; i++) {
		if (first + i >= 0 && first + i < n)
			plane[first + i] = values[i];
	}
}

/* put_lanes() for all steps of 16 lanes. */
static noinline void put_16_lanes(const struct dcac_workspace *ws, u16 *values)
{
	const u16 *steps = ws->rows + ROW_MARGIN * LANES_MAX;
	s32 n = ws->params.plane, c = ws->params.c, channel, at, i;

	for (channel = 0; channel < c; channel += LANES_MAX, steps += n * LANES_MAX) {
		s32 some = c - channel < LANES_MAX ? c - channel : LANES_MAX;
		u16 *planes = values + channel * n;
		__m256i lanes[LANES_MAX];

		for (at = 0; at < n + LANES_MAX - 1; at += 16) {
			turn_steps(steps + at * LANES_MAX, lanes);
			if (some < LANES_MAX || at < LANES_MAX - 1 || at + 16 > n) {
				for (i = 0; i < some; i++)
					put_some(planes + i * n, n, at - i, lanes[i]);
				continue;
			}
#pragma GCC unroll 16
			for (i = 0; i < LANES_MAX; i++)
				_mm256_storeu_si256((void *)(planes + i * (n - 1) + at), lanes[i]);
		}
	}
}
