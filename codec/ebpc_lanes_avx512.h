/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Several tiles of EBPC at once: each step of a decoder waits for the one before, but tiles do
 * not wait for one another.  A tile is a lane of vectors, eight of which are a group.
 *
 * Tiles here make sense to the end.  Others are found out, and left to ebpc_coder.h: so both
 * always give the same values.  Lanes that are at their end go on with what makes no sense, to
 * no avail, in memory of their own.
 */

#include "simd_x86.h"

#define GROUP_LANES	8

/* Bits of a window: two words, from a byte on. */
#define WINDOW_BITS	(128 - 7)

/* What is read behind a stream, or written behind values. */
#define LANE_SLACK	64

/* Of a lane, by the bytes of its values. */
#define LANE_STREAM_BYTES(size)	(FMC_TILE_MAX_VALUES * (size) + 2 * LANE_SLACK)
#define LANE_DENSE_BYTES(size)	(FMC_TILE_MAX_VALUES * (size) + LANE_SLACK)
#define LANE_MASKS		(FMC_TILE_MAX_VALUES / 64)

struct ebpc_lanes {
	u64 masks[EBPC_LANES][LANE_MASKS];
	/* by lanes: values, then where streams begin and end, in bits of @room */
	u64 values[EBPC_LANES], znz[EBPC_LANES], znz_end[EBPC_LANES];
	u64 bpc[EBPC_LANES], bpc_end[EBPC_LANES];
	/* streams of all lanes, then their values without zeros */
	u8 room[(LANE_STREAM_BYTES(1) + LANE_DENSE_BYTES(1)) * EBPC_LANES];
};

static_assert(sizeof(struct ebpc_lanes) <= EBPC_LANES_WORKSPACE_BYTES, "workspace");
static_assert((LANE_STREAM_BYTES(2) + LANE_DENSE_BYTES(2)) * EBPC_LANES / 2 <=
	      (LANE_STREAM_BYTES(1) + LANE_DENSE_BYTES(1)) * EBPC_LANES, "lanes of words");

static u8 *dense_of_lane(struct ebpc_lanes *ws, u32 lane, u32 size)
{
	return ws->room + LANE_STREAM_BYTES(size) * ebpc_lanes(8 * size) +
	       LANE_DENSE_BYTES(size) * lane;
}

/* What follows in the streams of a group: the highest bits of the first word next. */
struct windows {
	__m512i first, second;
	__m512i at;		/* of the first bit, in the streams */
	__m512i end;		/* of the streams, in whole bytes */
};

static inline __m512i swap_bytes(__m512i v)
{
	const __m512i turn = _mm512_set_epi64(0x08090a0b0c0d0e0f, 0x0001020304050607,
					      0x08090a0b0c0d0e0f, 0x0001020304050607,
					      0x08090a0b0c0d0e0f, 0x0001020304050607,
					      0x08090a0b0c0d0e0f, 0x0001020304050607);

	return _mm512_shuffle_epi8(v, turn);
}

static inline void skip_in_lanes(struct windows *w, __m512i count)
{
	w->first = _mm512_shldv_epi64(w->first, w->second, count);
	w->second = _mm512_sllv_epi64(w->second, count);
	w->at = _mm512_add_epi64(w->at, count);
}

/* Two words of every other lane, from @at[0] on. */
static inline __m512i load_pairs(const u8 *streams, const u64 *at)
{
	__m512i v = _mm512_castsi128_si512(_mm_loadu_si128((const void *)(streams + at[0])));

	v = _mm512_inserti64x2(v, _mm_loadu_si128((const void *)(streams + at[2])), 1);
	v = _mm512_inserti64x2(v, _mm_loadu_si128((const void *)(streams + at[4])), 2);
	return _mm512_inserti64x2(v, _mm_loadu_si128((const void *)(streams + at[6])), 3);
}

/* There are WINDOW_BITS, then.  To gather words would take twice the time. */
static inline void refill_lanes_at(struct windows *w, const u8 *streams)
{
	__m512i shift = _mm512_and_si512(w->at, _mm512_set1_epi64(7)), even, odd, second;
	u64 byte[GROUP_LANES];

	_mm512_storeu_si512(byte, _mm512_min_epu64(_mm512_srli_epi64(w->at, 3), w->end));
	even = load_pairs(streams, byte);
	odd = load_pairs(streams, byte + 1);
	second = swap_bytes(_mm512_unpackhi_epi64(even, odd));
	w->first = swap_bytes(_mm512_unpacklo_epi64(even, odd));
	w->first = _mm512_shldv_epi64(w->first, second, shift);
	w->second = _mm512_sllv_epi64(second, shift);
}

static inline void start_windows(struct windows *w, const u64 *begin, const u64 *end)
{
	w->at = _mm512_loadu_si512(begin);
	w->end = _mm512_srli_epi64(_mm512_loadu_si512(end), 3);
}

static inline void store_lanes(u8 *to, u32 stride, __m512i v)
{
	__m128i part[4];
	u32 i;

	part[0] = _mm512_castsi512_si128(v);
	part[1] = _mm512_extracti64x2_epi64(v, 1);
	part[2] = _mm512_extracti64x2_epi64(v, 2);
	part[3] = _mm512_extracti64x2_epi64(v, 3);
	for (i = 0; i < 4; i++, to += 2 * stride) {
		_mm_storel_epi64((void *)to, part[i]);
		_mm_storeh_pd((void *)(to + stride), _mm_castsi128_pd(part[i]));
	}
}

/*
 * ZNZ: words of the mask, of all lanes at once
 */

/* Ones that are read together, so that those and a run of zeros are 32 bits at most. */
#define LANE_ONES	22

struct znz_group {
	struct windows w;
	__m512i n;		/* values that are left */
	__m512i end;		/* of the word */
	__m512i fill;		/* bits of the word, or more */
	__m512i word;
	__m512i count;		/* of all ones */
	__m512i limit;		/* where in the stream another refill is needed */
};

static inline void refill_znz(struct znz_group *g, const u8 *streams)
{
	refill_lanes_at(&g->w, streams);
	g->limit = _mm512_add_epi64(g->w.at, _mm512_set1_epi64(WINDOW_BITS - 2 * (5 + LANE_ONES)));
}

/*
 * Ones, and a run of zeros, to the word of each lane that has room.  Here and there words of
 * 16 bits will do, and are faster.  Masks of vectors are slow.
 */
static inline void step_znz(struct znz_group *g)
{
	const __m512i all = _mm512_set1_epi64(-1), one = _mm512_set1_epi64(1);
	const __m512i five = _mm512_set1_epi64(5), most = _mm512_set1_epi64(LANE_ONES);
	__m512i room = _mm512_min_epu16(_mm512_subs_epu16(g->end, g->fill), most);
	__m512i ones = _mm512_lzcnt_epi64(_mm512_xor_si512(g->w.first, all)), zeros, from, less;

	/* all bits, if zeros follow in the word */
	less = _mm512_srai_epi64(_mm512_sub_epi64(ones, room), 63);
	ones = _mm512_min_epu16(ones, room);
	zeros = _mm512_srli_epi64(_mm512_sllv_epi64(g->w.first, ones), 59);
	zeros = _mm512_and_si512(_mm512_add_epi64(zeros, one), less);
	from = _mm512_sllv_epi64(all, g->fill);
	g->fill = _mm512_add_epi64(g->fill, ones);
	/* word | from & ~to */
	g->word = _mm512_ternarylogic_epi64(g->word, from, _mm512_sllv_epi64(all, g->fill), 0xf4);
	g->fill = _mm512_add_epi64(g->fill, zeros);
	g->count = _mm512_add_epi64(g->count, ones);
	skip_in_lanes(&g->w, _mm512_add_epi64(ones, _mm512_and_si512(less, five)));
}

static inline __mmask8 lacks_znz(const struct znz_group *g)
{
	return _mm512_cmpgt_epu64_mask(g->w.at, g->limit);
}

static inline __mmask8 has_room(const struct znz_group *g)
{
	return _mm512_cmplt_epi64_mask(g->fill, g->end);
}

static inline void start_masks(const struct ebpc_lanes *ws, struct znz_group *g, u32 first)
{
	start_windows(&g->w, ws->znz + first, ws->znz_end + first);
	g->n = _mm512_loadu_si512(ws->values + first);
	g->fill = _mm512_setzero_si512();
	g->count = _mm512_setzero_si512();
	refill_znz(g, ws->room);
}

static inline void start_word(struct znz_group *g)
{
	g->end = _mm512_min_epu16(g->n, _mm512_set1_epi64(64));
	g->word = _mm512_setzero_si512();
}

static inline void end_word(struct ebpc_lanes *ws, struct znz_group *g, u32 first, u32 i)
{
	const __m512i word_bits = _mm512_set1_epi64(64);

	store_lanes((u8 *)&ws->masks[first][i], sizeof(ws->masks[0]), g->word);
	g->n = _mm512_subs_epu16(g->n, word_bits);
	g->fill = _mm512_subs_epu16(g->fill, word_bits);
}

/* The numbers of ones are those of values in the other stream. */
static inline u32 end_masks(struct ebpc_lanes *ws, const struct znz_group *g, u32 first)
{
	const __m512i end = _mm512_loadu_si512(ws->znz_end + first);

	_mm512_storeu_si512(ws->values + first, g->count);
	return (u32)_mm512_cmple_epu64_mask(g->w.at, end) << first;
}

/* Masks of some lanes.  Returns those whose streams were long enough. */
static inline u32 decode_masks(struct ebpc_lanes *ws, bool two, u32 words)
{
	struct znz_group a, b;
	u32 i;

	start_masks(ws, &a, 0);
	if (two)
		start_masks(ws, &b, GROUP_LANES);
	for (i = 0; i < words; i++) {
		start_word(&a);
		if (two)
			start_word(&b);
		do {
			if (lacks_znz(&a) | (two ? lacks_znz(&b) : 0)) {
				refill_znz(&a, ws->room);
				if (two)
					refill_znz(&b, ws->room);
			}
			step_znz(&a);
			if (two)
				step_znz(&b);
			step_znz(&a);
			if (two)
				step_znz(&b);
		} while (has_room(&a) | (two ? has_room(&b) : 0));
		end_word(ws, &a, 0, i);
		if (two)
			end_word(ws, &b, GROUP_LANES, i);
	}
	return end_masks(ws, &a, 0) | (two ? end_masks(ws, &b, GROUP_LANES) : 0);
}

/*
 * BPC
 *
 * In each step all lanes have one plane.  A run of planes that do not change stays at the head
 * of the window: "001 n" becomes "001 n - 1", and at last "01", which is one such plane.
 */

struct bpc_tables {
	__m512i length;		/* by the first bits; of runs, what is not kept */
	__m512i length2;
	__m512i head;		/* what is added to the highest byte then */
	__m512i head2;
	__m512i x;		/* what changes, behind the first bits; highest bit set: nonsense */
	__m512i x2;
};

struct bpc_group {
	struct windows w;
	__m512i plane;
	__m512i blocks;		/* of each lane */
	__m512i seen;		/* all that planes were, to find nonsense */
	__mmask8 bad;
};

/* 8 bits: by the first six; by those behind the first one */
static noinline void make_tables8(struct bpc_tables *t)
{
	u8 length[64], head[64], x[128];
	u32 i;

	for (i = 0; i < 64; i++) {
		length[i] = i >> 5 ? 8 : i >> 4 ? 2 : i == 8 ? 4 : i >> 3 ? 0 : i >> 2 ? 8 : 5;
		head[i] = i >> 3 != 1 ? 0 : i == 8 ? 0x40 : 0xfc;
	}
	for (i = 0; i < 128; i++) {
		u32 place = i & 7;

		x[i] = i >> 3 ? 0 : 0x7f;
		if (i >> 3 == 2)
			x[i] = place < 6 ? 3 << (5 - place) : 0x80;
		else if (i >> 3 == 3)
			x[i] = place < 7 ? 1 << (6 - place) : 0x80;
	}
	t->length = _mm512_loadu_si512(length);
	t->head = _mm512_loadu_si512(head);
	t->x = _mm512_loadu_si512(x);
	t->x2 = _mm512_loadu_si512(x + 64);
}

/* One plane of each lane, which is the highest byte. */
static inline void step_planes8(struct bpc_group *g, const struct bpc_tables *t)
{
	const __mmask64 lowest = 0x0101010101010101ull;
	__m512i first = g->w.first, x, length, head;
	__mmask8 raw = _mm512_movepi64_mask(first), stays;

	length = _mm512_srli_epi64(first, 58);
	length = _mm512_maskz_permutexvar_epi8(lowest, length, t->length);
	head = _mm512_maskz_permutexvar_epi8(lowest << 7, _mm512_srli_epi64(first, 2), t->head);
	x = _mm512_maskz_permutex2var_epi8(lowest << 7, t->x, first, t->x2);
	x = _mm512_mask_and_epi64(x, raw, first, _mm512_set1_epi64(0x7full << 56));
	stays = _mm512_cmpneq_epi64_mask(_mm512_and_si512(first, _mm512_set1_epi64(0xf8ull << 56)),
					 _mm512_set1_epi64(0x08ull << 56));
	g->plane = _mm512_maskz_xor_epi64(stays, g->plane, x);
	skip_in_lanes(&g->w, length);
	g->w.first = _mm512_add_epi64(g->w.first, head);
}

static inline __m512i swap_bits(__m512i v, u32 shift, u64 mask)
{
	__m512i t = _mm512_ternarylogic_epi64(v, _mm512_srli_epi64(v, shift),
					      _mm512_set1_epi64(mask), 0x28);

	return _mm512_ternarylogic_epi64(v, t, _mm512_slli_epi64(t, shift), 0x96);
}

/* As transpose(). */
static inline __m512i transpose_lanes(__m512i v)
{
	v = swap_bits(v, 7, 0x00aa00aa00aa00aaull);
	v = swap_bits(v, 14, 0x0000cccc0000ccccull);
	return swap_bits(v, 28, 0x00000000f0f0f0f0ull);
}

static inline __m512i solve_block8(__m512i planes, __m512i base)
{
	__m512i v = _mm512_or_si512(transpose_lanes(planes), _mm512_slli_epi64(base, 56));

	v = _mm512_add_epi8(v, _mm512_srli_epi64(v, 8));
	v = _mm512_add_epi8(v, _mm512_srli_epi64(v, 16));
	v = _mm512_add_epi8(v, _mm512_srli_epi64(v, 32));
	return swap_bytes(v);
}

/* Behind the planes but one, a run that does not end with the last one is none. */
static inline __mmask8 run_is_too_long(const struct bpc_group *g)
{
	return _mm512_cmpeq_epi64_mask(_mm512_srli_epi64(g->w.first, 61), _mm512_set1_epi64(1));
}

static inline void start_blocks(struct ebpc_lanes *ws, struct bpc_group *g, u32 first, u32 block)
{
	start_windows(&g->w, ws->bpc + first, ws->bpc_end + first);
	g->blocks = _mm512_loadu_si512(ws->values + first);
	g->blocks = _mm512_srli_epi64(_mm512_add_epi64(g->blocks, _mm512_set1_epi64(block - 1)),
				      block == 8 ? 3 : 4);
	g->seen = _mm512_setzero_si512();
	g->bad = 0;
}

/* @all: no lane has come to its end; those that have stay @at, where they were. */
static inline void end_block(struct bpc_group *g, __mmask8 bad, __m512i seen, __m512i at, u32 i,
			     bool all)
{
	__mmask8 active;

	if (all) {
		g->seen = _mm512_ternarylogic_epi64(g->seen, seen, g->plane, 0xfe);
		g->bad |= bad;
		return;
	}
	active = _mm512_cmpgt_epu64_mask(g->blocks, _mm512_set1_epi64(i));
	seen = _mm512_or_si512(seen, g->plane);
	g->seen = _mm512_mask_or_epi64(g->seen, active, g->seen, seen);
	g->bad |= bad & active;
	g->w.at = _mm512_mask_mov_epi64(at, active, g->w.at);
}

static inline u32 end_blocks(const struct ebpc_lanes *ws, const struct bpc_group *g, u32 first,
			     __m512i high_bits)
{
	const __m512i end = _mm512_loadu_si512(ws->bpc_end + first);
	__mmask8 bad = g->bad | _mm512_test_epi64_mask(g->seen, high_bits);

	return (u32)(__mmask8)(~bad & _mm512_cmple_epu64_mask(g->w.at, end)) << first;
}

/* A block of each lane: what it begins with, and its planes, the lowest first. */
struct block8 {
	__m512i base, planes, at;
};

static inline void start_block8(const struct ebpc_lanes *ws, struct bpc_group *g,
				struct block8 *block)
{
	block->at = g->w.at;
	refill_lanes_at(&g->w, ws->room);
	block->base = _mm512_srli_epi64(g->w.first, 56);
	block->planes = _mm512_setzero_si512();
	g->plane = _mm512_setzero_si512();
	skip_in_lanes(&g->w, _mm512_set1_epi64(8));
}

static inline void step_block8(struct bpc_group *g, const struct bpc_tables *t,
			       struct block8 *block)
{
	step_planes8(g, t);
	block->planes = _mm512_or_si512(_mm512_srli_epi64(block->planes, 8), g->plane);
}

static inline void end_block8(struct ebpc_lanes *ws, struct bpc_group *g,
			      const struct bpc_tables *t, const struct block8 *block, u32 first,
			      u32 i, bool all)
{
	__mmask8 bad = run_is_too_long(g);

	step_planes8(g, t);
	end_block(g, bad, block->planes, block->at, i, all);
	store_lanes(dense_of_lane(ws, first, 1) + 8 * i, LANE_DENSE_BYTES(1),
		    solve_block8(block->planes, block->base));
}

/* Values of some lanes.  Returns those that made sense. */
static inline u32 decode_dense8(struct ebpc_lanes *ws, bool two, u32 least, u32 blocks)
{
	const __m512i high_bits = _mm512_set1_epi8((char)0x80);
	struct bpc_group a, b;
	struct bpc_tables t;
	u32 i, j;

	make_tables8(&t);
	start_blocks(ws, &a, 0, 8);
	if (two)
		start_blocks(ws, &b, GROUP_LANES, 8);
	for (i = 0; i < blocks; i++) {
		struct block8 of_a, of_b;

		start_block8(ws, &a, &of_a);
		if (two)
			start_block8(ws, &b, &of_b);
		for (j = 0; j < 8; j++) {
			step_block8(&a, &t, &of_a);
			if (two)
				step_block8(&b, &t, &of_b);
		}
		end_block8(ws, &a, &t, &of_a, 0, i, i < least);
		if (two)
			end_block8(ws, &b, &t, &of_b, GROUP_LANES, i, i < least);
	}
	return end_blocks(ws, &a, 0, high_bits) |
	       (two ? end_blocks(ws, &b, GROUP_LANES, high_bits) : 0);
}

/* 16 bits: by the first seven */
static noinline void make_tables16(struct bpc_tables *t)
{
	u8 length[128], head[128];
	u16 x[64];
	u32 i;

	for (i = 0; i < 128; i++) {
		length[i] = i >> 6 ? 16 : i >> 5 ? 2 : i == 16 ? 5 : i >> 4 ? 0 : i >> 3 ? 9 : 5;
		head[i] = i >> 4 != 1 ? 0 : i == 16 ? 0x40 : 0xfe;
	}
	/* by the six bits behind the first three */
	for (i = 0; i < 64; i++) {
		u32 place = i & 15;

		x[i] = i >> 4 ? 0 : 0x7fff;
		if (i >> 4 == 2)
			x[i] = place < 14 ? 3 << (13 - place) : 0x8000;
		else if (i >> 4 == 3)
			x[i] = place < 15 ? 1 << (14 - place) : 0x8000;
	}
	t->length = _mm512_loadu_si512(length);
	t->length2 = _mm512_loadu_si512(length + 64);
	t->head = _mm512_loadu_si512(head);
	t->head2 = _mm512_loadu_si512(head + 64);
	t->x = _mm512_loadu_si512(x);
	t->x2 = _mm512_loadu_si512(x + 32);
}

/* One plane of each lane, which is the highest word. */
static inline void step_planes16(struct bpc_group *g, const struct bpc_tables *t)
{
	const __mmask64 lowest = 0x0101010101010101ull;
	__m512i first = g->w.first, x, length, head;
	__mmask8 raw = _mm512_movepi64_mask(first), changes, stays;

	length = _mm512_srli_epi64(first, 57);
	length = _mm512_maskz_permutex2var_epi8(lowest, t->length, length, t->length2);
	head = _mm512_srli_epi64(first, 1);
	head = _mm512_maskz_permutex2var_epi8(lowest << 7, t->head, head, t->head2);
	x = _mm512_srli_epi64(first, 7);
	x = _mm512_maskz_permutex2var_epi16(0x88888888, t->x, x, t->x2);
	x = _mm512_mask_and_epi64(x, raw, first, _mm512_set1_epi64(0x7fffull << 48));
	changes = _mm512_cmplt_epu64_mask(first, _mm512_set1_epi64(1ll << 61)) | raw;
	stays = _mm512_cmpneq_epi64_mask(_mm512_and_si512(first, _mm512_set1_epi64(0xf8ull << 56)),
					 _mm512_set1_epi64(0x08ull << 56));
	g->plane = _mm512_mask_xor_epi64(g->plane, changes, g->plane, x);
	g->plane = _mm512_maskz_mov_epi64(stays, g->plane);
	skip_in_lanes(&g->w, length);
	g->w.first = _mm512_add_epi64(g->w.first, head);
}

/* What stands at the head of the window may not be what is in the stream. */
static inline void refill_planes(struct windows *w, const u8 *streams)
{
	__m512i head = w->first;

	refill_lanes_at(w, streams);
	w->first = _mm512_ternarylogic_epi64(w->first, head, _mm512_set1_epi64(0x7full << 57),
					     0xd8);
}

/* Four planes in each word become the lower and the higher bytes of eight. */
static inline void split_planes(__m512i a, __m512i b, __m512i *low, __m512i *high)
{
	const __m512i even_odd = _mm512_set_epi64(0x0f0d0b090e0c0a08, 0x0705030106040200,
						  0x0f0d0b090e0c0a08, 0x0705030106040200,
						  0x0f0d0b090e0c0a08, 0x0705030106040200,
						  0x0f0d0b090e0c0a08, 0x0705030106040200);

	a = _mm512_shuffle_epi8(a, even_odd);
	b = _mm512_shuffle_epi8(b, even_odd);
	*low = _mm512_mask_mov_epi32(a, 0xaaaa, _mm512_slli_epi64(b, 32));
	*high = _mm512_mask_mov_epi32(_mm512_srli_epi64(a, 32), 0xaaaa, b);
}

/* Sums of the words of each 128 bits from the highest on, which become the first ones. */
static inline __m512i sum_words(__m512i v)
{
	const __m512i turn = _mm512_set_epi64(0x0100030205040706, 0x09080b0a0d0c0f0e,
					      0x0100030205040706, 0x09080b0a0d0c0f0e,
					      0x0100030205040706, 0x09080b0a0d0c0f0e,
					      0x0100030205040706, 0x09080b0a0d0c0f0e);

	v = _mm512_shuffle_epi8(v, turn);
	v = _mm512_add_epi16(v, _mm512_bslli_epi128(v, 2));
	v = _mm512_add_epi16(v, _mm512_bslli_epi128(v, 4));
	return _mm512_add_epi16(v, _mm512_bslli_epi128(v, 8));
}

static inline void store_blocks16(u8 *to, u32 stride, __m512i v)
{
	_mm_storeu_si128((void *)to, _mm512_castsi512_si128(v));
	_mm_storeu_si128((void *)(to + stride), _mm512_extracti64x2_epi64(v, 1));
	_mm_storeu_si128((void *)(to + 2 * stride), _mm512_extracti64x2_epi64(v, 2));
	_mm_storeu_si128((void *)(to + 3 * stride), _mm512_extracti64x2_epi64(v, 3));
}

/* @planes: four in each word, the lowest first */
static inline void solve_blocks16(const __m512i *planes, __m512i base, u8 *to, u32 stride)
{
	const __m512i last = _mm512_set1_epi16(0x0f0e);
	__m512i low[2], high[2], v, rest;
	u32 i;

	/* the last differences, then the first ones */
	split_planes(planes[0], planes[1], &low[0], &low[1]);
	split_planes(planes[2], planes[3], &high[0], &high[1]);
	for (i = 0; i < 2; i++) {
		low[i] = transpose_lanes(low[i]);
		high[i] = transpose_lanes(high[i]);
	}
	low[1] = _mm512_or_si512(low[1], _mm512_slli_epi64(base, 56));
	high[1] = _mm512_or_si512(high[1], _mm512_slli_epi64(_mm512_srli_epi64(base, 8), 56));
	/* blocks 0, 2, 4, 6, then the others */
	for (i = 0; i < 2; i++) {
		v = i ? _mm512_unpackhi_epi8(low[1], high[1]) :
			_mm512_unpacklo_epi8(low[1], high[1]);
		rest = i ? _mm512_unpackhi_epi8(low[0], high[0]) :
			   _mm512_unpacklo_epi8(low[0], high[0]);
		v = sum_words(v);
		rest = _mm512_add_epi16(sum_words(rest), _mm512_shuffle_epi8(v, last));
		store_blocks16(to + i * stride, 2 * stride, v);
		store_blocks16(to + i * stride + 16, 2 * stride, rest);
	}
}

static noinline u32 decode_dense16(struct ebpc_lanes *ws, u32 least, u32 blocks)
{
	const __m512i high_bits = _mm512_set1_epi16((short)0x8000);
	struct bpc_tables t;
	struct bpc_group g;
	u32 i, j;

	make_tables16(&t);
	start_blocks(ws, &g, 0, 16);
	for (i = 0; i < blocks; i++) {
		__m512i planes[4], base, at = g.w.at, seen;
		__mmask8 bad;

		refill_lanes_at(&g.w, ws->room);
		base = _mm512_srli_epi64(g.w.first, 48);
		g.plane = _mm512_setzero_si512();
		skip_in_lanes(&g.w, _mm512_set1_epi64(16));
		for (j = 0; j < 16; j++) {
			__m512i before = j % 4 ? planes[j / 4] : _mm512_setzero_si512();

			/* the windows are good for 112 bits, and seven of the head */
			if (j == 6 || j == 13)
				refill_planes(&g.w, ws->room);
			step_planes16(&g, &t);
			planes[j / 4] = _mm512_or_si512(_mm512_srli_epi64(before, 16), g.plane);
		}
		bad = run_is_too_long(&g);
		step_planes16(&g, &t);
		seen = _mm512_or_si512(_mm512_or_si512(planes[0], planes[1]),
				       _mm512_or_si512(planes[2], planes[3]));
		end_block(&g, bad, seen, at, i, i < least);
		solve_blocks16(planes, base, dense_of_lane(ws, 0, 2) + 32 * i,
			       LANE_DENSE_BYTES(2));
	}
	return end_blocks(ws, &g, 0, high_bits);
}

/* Compiled for each number of groups. */
static noinline u32 decode_masks_of_8(struct ebpc_lanes *ws, u32 words)
{
	return decode_masks(ws, false, words);
}

static noinline u32 decode_masks_of_16(struct ebpc_lanes *ws, u32 words)
{
	return decode_masks(ws, true, words);
}

static noinline u32 decode_dense8_of_8(struct ebpc_lanes *ws, u32 least, u32 blocks)
{
	return decode_dense8(ws, false, least, blocks);
}

static noinline u32 decode_dense8_of_16(struct ebpc_lanes *ws, u32 least, u32 blocks)
{
	return decode_dense8(ws, true, least, blocks);
}

/*
 * Copy the streams of a tile.  Returns false if it has none; the lane has no values, then.
 */
static bool load_lane(struct ebpc_lanes *ws, const struct fmc_coded_tile *coded, u32 lane)
{
	u32 size = coded->tile.bits / 8, bytes = coded->bytes, znz = 0, at = 0, bpc;
	u32 room = LANE_STREAM_BYTES(size) * lane;
	const u8 *in = coded->in;

	if (bytes >= SIZE_BYTES)
		znz = fmc_get_value(in, 16);
	if (bytes < SIZE_BYTES || znz > bytes - SIZE_BYTES || bytes > FMC_TILE_MAX_VALUES * size) {
		ws->values[lane] = 0;
		znz = 0;
		bpc = 0;
	} else {
		ws->values[lane] = fmc_tile_values(&coded->tile);
		in += SIZE_BYTES;
		at = znz;
		bpc = bytes - SIZE_BYTES - znz;
		znz -= znz % size;
		bpc -= bpc % size;
	}
	copy_words(ws->room + room, in, znz, size);
	memset(ws->room + room + znz, 0, LANE_SLACK);
	ws->znz[lane] = 8ull * room;
	ws->znz_end[lane] = 8ull * (room + znz);
	room += znz + LANE_SLACK;
	copy_words(ws->room + room, in + at, bpc, size);
	memset(ws->room + room + bpc, 0, LANE_SLACK);
	ws->bpc[lane] = 8ull * room;
	ws->bpc_end[lane] = 8ull * (room + bpc);
	return ws->values[lane];
}

static u32 most_values(const struct ebpc_lanes *ws, u32 lanes)
{
	u32 most = 0, i;

	for (i = 0; i < lanes; i++)
		most = ws->values[i] > most ? ws->values[i] : most;
	return most;
}

static u32 least_values(const struct ebpc_lanes *ws, u32 lanes)
{
	u32 least = FMC_TILE_MAX_VALUES, i;

	for (i = 0; i < lanes; i++)
		least = ws->values[i] < least ? ws->values[i] : least;
	return least;
}

static u32 decode_lanes_of_ebpc(const struct fmc_coded_tile *tiles, u32 count,
				void *workspace)
{
	struct ebpc_lanes *ws = workspace;
	u32 size = tiles[0].tile.bits / 8, block = 8 * size, good = 0, words, most, least, i;
	bool two = count > GROUP_LANES;
	u32 lanes = two ? 2 * GROUP_LANES : GROUP_LANES;

	for (i = 0; i < count; i++) {
		if (load_lane(ws, &tiles[i], i))
			good |= 1u << i;
	}
	/* no values, in a stream that is there */
	for (; i < lanes; i++) {
		ws->values[i] = 0;
		ws->znz[i] = ws->znz[0];
		ws->znz_end[i] = ws->znz_end[0];
		ws->bpc[i] = ws->bpc[0];
		ws->bpc_end[i] = ws->bpc_end[0];
	}
	words = (most_values(ws, lanes) + 63) / 64;
	good &= two ? decode_masks_of_16(ws, words) : decode_masks_of_8(ws, words);
	most = (most_values(ws, lanes) + block - 1) / block;
	least = (least_values(ws, lanes) + block - 1) / block;
	if (size == 2)
		good &= decode_dense16(ws, least, most);
	else if (two)
		good &= decode_dense8_of_16(ws, least, most);
	else
		good &= decode_dense8_of_8(ws, least, most);
	return good;
}

/*
 * Zeros are there before values are spread: the form of the instructions that makes them waits
 * for what was in the register that it writes.
 */
static noinline void take_bytes(const u8 *dense, const u64 *masks, u32 zero, u32 n, u8 *values)
{
	const __m512i z = _mm512_set1_epi8(zero);
	__m512i v;
	u32 i;

	for (i = 0; i + 64 <= n; i += 64, masks++) {
		v = _mm512_add_epi8(_mm512_loadu_si512(dense), z);
		_mm512_storeu_si512(values + i, _mm512_mask_expand_epi8(z, *masks, v));
		dense += __builtin_popcountll(*masks);
	}
	if (i < n) {
		v = _mm512_add_epi8(_mm512_loadu_si512(dense), z);
		_mm512_mask_storeu_epi8(values + i, (1ull << (n - i)) - 1,
					_mm512_mask_expand_epi8(z, *masks, v));
	}
}

static noinline void take_words(const u16 *dense, const u64 *masks, u32 zero, u32 n, u16 *values)
{
	const __m512i z = _mm512_set1_epi16(zero);
	u32 i, mask;
	__m512i v;

	for (i = 0; i < n; i += 32) {
		__mmask32 inside = n - i < 32 ? (1u << (n - i)) - 1 : ~0u;

		mask = masks[i / 64] >> (i % 64);
		v = _mm512_add_epi16(_mm512_loadu_si512(dense), z);
		_mm512_mask_storeu_epi16(values + i, inside, _mm512_mask_expand_epi16(z, mask, v));
		dense += __builtin_popcount(mask);
	}
}

static void take_lane_of_ebpc(const struct fmc_tile *tile, u32 lane, void *values,
			      void *workspace)
{
	struct ebpc_lanes *ws = workspace;
	const u8 *dense = dense_of_lane(ws, lane, tile->bits / 8);

	if (tile->bits == 8)
		take_bytes(dense, ws->masks[lane], tile->zero, fmc_tile_values(tile), values);
	else
		take_words((const u16 *)dense, ws->masks[lane], tile->zero,
			   fmc_tile_values(tile), values);
}
