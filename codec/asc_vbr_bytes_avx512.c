// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ASC-VBR with AVX-512 for values of 8 bits: a pair of blocks is a register of 64 bytes.
 */

#include "kernels.h"

#ifdef FMC_X86

#include "asc_vbr_encode_avx512.h"
#include "asc_vbr_loops.h"

#define PAIR	(2 * ASC_VBR_BLOCK)

/* A row of 16 bytes for VPSHUFB, four times. */
static __always_inline __m512i row(u64 high, u64 low)
{
	return _mm512_broadcast_i32x4(_mm_set_epi64x((s64)high, (s64)low));
}

static __always_inline __mmask64 inside(u32 n, u32 first)
{
	u32 left = first < n ? n - first : 0;

	return left >= PAIR ? ~0ull : (1ull << left) - 1;
}

static __always_inline __m512i load_inside(const u8 *bytes, u32 n, u32 first)
{
	return _mm512_maskz_loadu_epi8(inside(n, first), bytes + first);
}

/* --- values and points ------------------------------------------------------- */

static u32 least_avx512(const u8 *values, u32 n, u32 start)
{
	__m512i least = set8(start);
	u8 bytes[64];
	u32 i;

	for (i = 0; i < n; i += PAIR)
		least = _mm512_mask_min_epu8(least, inside(n, i), least,
					     load_inside(values, n, i));
	_mm512_storeu_si512(bytes, least);
	for (i = 0; i < 64; i++)
		start = bytes[i] < start ? bytes[i] : start;
	return start;
}

struct table {
	__m512i quarter[4];
};

static __always_inline struct table load_table(const u8 *bytes)
{
	struct table t;
	u32 i;

	for (i = 0; i < 4; i++)
		t.quarter[i] = _mm512_loadu_si512(bytes + 64 * i);
	return t;
}

static __always_inline __m512i look_up(const struct table *t, __m512i v)
{
	__m512i low = _mm512_permutex2var_epi8(t->quarter[0], v, t->quarter[1]);
	__m512i high = _mm512_permutex2var_epi8(t->quarter[2], v, t->quarter[3]);

	return _mm512_mask_mov_epi8(low, _mm512_movepi8_mask(v), high);
}

/* What has been found of errors so far, which are below 128. */
struct byte_errors {
	__m512i sum, squares, most;
};

static __always_inline void add_errors(struct byte_errors *found, __m512i e)
{
	found->most = _mm512_max_epu8(found->most, e);
	found->sum = _mm512_add_epi64(found->sum, _mm512_sad_epu8(e, _mm512_setzero_si512()));
	e = _mm512_madd_epi16(_mm512_maddubs_epi16(e, e), set16(1));
	found->squares = _mm512_add_epi32(found->squares, e);
}

static void look_up_points(const struct asc_vbr_grid *g, const u8 *values, u32 n, u8 *points,
			   struct asc_vbr_errors *errors)
{
	const __m512i none = _mm512_setzero_si512();
	struct byte_errors found = { none, none, none };
	u8 all[256], table[2][256];
	struct table to_points, to_errors;
	__m512i v;
	u32 i;

	for (i = 0; i < 256; i++)
		all[i] = i;
	vbr_byte_points(g, all, 256, table[0], table[1]);
	to_points = load_table(table[0]);
	to_errors = load_table(table[1]);
	for (i = 0; i + PAIR <= n; i += PAIR) {
		v = _mm512_loadu_si512(values + i);
		_mm512_storeu_si512(points + i, look_up(&to_points, v));
		add_errors(&found, look_up(&to_errors, v));
	}
	if (i < n) {
		v = load_inside(values, n, i);
		_mm512_storeu_si512(points + i, look_up(&to_points, v));
		add_errors(&found, _mm512_maskz_mov_epi8(inside(n, i), look_up(&to_errors, v)));
	}
	errors->sum_abs += _mm512_reduce_add_epi64(found.sum);
	errors->sum_sq += (u32)_mm512_reduce_add_epi32(found.squares);
	_mm512_storeu_si512(all, found.most);
	for (i = 0; i < 64; i++)
		errors->max_abs = all[i] > errors->max_abs ? all[i] : errors->max_abs;
}

static void to_points_avx512(const struct asc_vbr_grid *g, const u8 *values, u32 n, u8 *points,
			     struct asc_vbr_errors *errors)
{
	__m512i move = set8(g->origin - g->zero);
	u32 i;

	if (g->step > 1) {
		look_up_points(g, values, n, points, errors);
		return;
	}
	for (i = 0; i < n; i += PAIR)
		_mm512_storeu_si512(points + i, _mm512_add_epi8(load_inside(values, n, i), move));
}

/* --- encoding --------------------------------------------------------------- */

/* Values of a group of blocks that are decided on at a time. */
#define GROUP	(LANES * ASC_VBR_BLOCK)

static __always_inline __m512i fold_bytes(const struct asc_vbr_grid *g, __m512i p)
{
	__m512i origin = set8(g->origin), d, n;
	__mmask64 below;

	if (!g->origin)
		return p;
	below = _mm512_cmplt_epu8_mask(p, origin);
	d = _mm512_sub_epi8(p, origin);
	d = _mm512_mask_sub_epi8(d, below, origin, p);
	n = _mm512_add_epi8(d, d);
	n = _mm512_mask_sub_epi8(n, below, n, set8(1));
	return _mm512_mask_add_epi8(n, _mm512_cmpgt_epu8_mask(d, set8(g->both)), d,
				    set8(g->both));
}

/* 2 * d, with all bits turned over if d is negative: each bit is a sum of bits of d. */
static __always_inline __m512i fold_byte_difference(__m512i p, __m512i q)
{
	const __m512i fold = _mm512_set1_epi64(0x808182848890a0c0ll);

	return _mm512_gf2p8affine_epi64_epi8(_mm512_sub_epi8(p, q), kept(fold), 0);
}

/* Numbers of a group in the modes ZERO, LEFT and UP; the first are not there if points are. */
struct byte_numbers {
	u8 of[ASC_VBR_UP + 1][GROUP];
};

/* Numbers of a pair of blocks in all modes, and sums of 8 of each. */
static __always_inline u64 fold_pair(const struct asc_vbr_grid *g, const u8 *p, __mmask64 used,
				     __m512i up, u8 *to, __m512i *sums)
{
	__m512i v = _mm512_loadu_si512(p), none = _mm512_setzero_si512(), zero, left;

	zero = _mm512_maskz_mov_epi8(used, fold_bytes(g, v));
	left = _mm512_maskz_mov_epi8(used,
				     fold_byte_difference(v, _mm512_loadu_si512(p - 1)));
	up = _mm512_maskz_mov_epi8(used, fold_byte_difference(v, up));
	if (g->origin)
		_mm512_storeu_si512(to + ASC_VBR_ZERO * GROUP, zero);
	_mm512_storeu_si512(to + ASC_VBR_LEFT * GROUP, left);
	_mm512_storeu_si512(to + ASC_VBR_UP * GROUP, up);
	sums[0] = _mm512_sad_epu8(zero, none);
	sums[1] = _mm512_sad_epu8(left, none);
	sums[2] = _mm512_sad_epu8(up, none);
	return _mm512_test_epi8_mask(zero, zero);
}

/* Of each two quarters that are a block. */
static __always_inline __m512i add_halves(__m512i a, __m512i b)
{
	return _mm512_add_epi32(_mm512_shuffle_i32x4(a, b, 0x88),
				_mm512_shuffle_i32x4(a, b, 0xdd));
}

/* Numbers of a group of which there are @n values, and what they sum up to. */
static __always_inline void fold_group(const struct asc_vbr_grid *grid, const u8 *points,
				       u32 first, u32 n, bool whole, struct byte_numbers *numbers,
				       struct lane_sums *s)
{
	/* which nothing that is written changes */
	const struct asc_vbr_grid g = *grid;
	const __m512i origin = kept(set8(g.origin));
	const __m512i order = _mm512_setr_epi32(0, 4, 2, 6, 8, 12, 10, 14,
						16, 20, 18, 22, 24, 28, 26, 30);
	__m512i sums[2][3], two[LANES / 4], up[LANES / 4], one = set16(1), a, b;
	u32 i, j, at;

	for (i = 0; i < LANES / 4; i++) {
		for (j = 0; j < 2; j++) {
			__m512i above = origin;
			u64 nonzero;

			at = (2 * i + j) * PAIR;
			/* before the first point are as many origins */
			if (first + at + PAIR > g.up)
				above = _mm512_loadu_si512(points + first + at - (s32)g.up);
			nonzero = fold_pair(&g, points + first + at,
					    whole ? ~0ull : inside(n, at), above,
					    numbers->of[0] + at, sums[j]);
			memcpy(&s->nonzero[4 * i + 2 * j], &nonzero, sizeof(nonzero));
		}
		a = _mm512_packus_epi32(sums[0][0], sums[0][1]);
		b = _mm512_packus_epi32(sums[1][0], sums[1][1]);
		two[i] = _mm512_madd_epi16(_mm512_packus_epi32(a, b), one);
		up[i] = _mm512_packus_epi32(sums[0][2], sums[1][2]);
	}
	a = add_halves(two[0], two[1]);
	b = add_halves(two[2], two[3]);
	s->zero = _mm512_permutex2var_epi32(a, order, b);
	s->left = _mm512_permutex2var_epi32(a, _mm512_add_epi32(order, set32(1)), b);
	a = _mm512_madd_epi16(_mm512_packus_epi32(up[0], up[1]), one);
	b = _mm512_madd_epi16(_mm512_packus_epi32(up[2], up[3]), one);
	s->up = _mm512_permutexvar_epi32(_mm512_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7,
							   8, 12, 9, 13, 10, 14, 11, 15),
					 add_halves(a, b));
	s->count = whole ? set32(ASC_VBR_BLOCK) : count_lanes(n);
}

/**
 * struct byte_lanes - struct lanes in memory, in as few words as possible
 * @stored: as there
 * @source: from, with the place in the group, above 3 bits of the width
 * @place: low in the lower half, height in the higher one
 * @small: in a byte each: 32 - 4 * width - shift, modulo 64; end; less
 * @heights: as there
 *
 * Arrays have whole cache lines.
 */
struct byte_lanes {
	u32 stored[LANES];
	s32 source[LANES];
	u32 place[LANES], small[LANES], heights;
};

/* A group, which has sums first, and lanes when it has been decided on. */
struct byte_group {
	struct byte_numbers numbers;
	struct lane_sums sums;
	struct byte_lanes lanes;
};

static_assert(2 * sizeof(struct byte_group) <= sizeof(((struct asc_vbr_plan *)0)->numbers),
	      "numbers");

static noinline void fold_whole(const struct asc_vbr_grid *g, const u8 *points, u32 first,
				struct byte_group *group)
{
	fold_group(g, points, first, GROUP, true, &group->numbers, &group->sums);
}

static noinline void fold_some(const struct asc_vbr_grid *g, const u8 *points, u32 first, u32 n,
			       struct byte_group *group)
{
	fold_group(g, points, first, n, false, &group->numbers, &group->sums);
}

static __always_inline void fold_next(const struct asc_vbr_grid *g, u32 n,
				      const struct asc_vbr_plan *plan, u32 first,
				      struct byte_group *group)
{
	const u8 *points = plan->bytes + ASC_VBR_SLACK;

	if (first >= n)
		return;
	if (n - first >= GROUP)
		fold_whole(g, points, first, group);
	else
		fold_some(g, points, first, n - first, group);
}

static __always_inline void decide_group(const struct asc_vbr_grid *g, struct asc_vbr_plan *plan,
					 u32 first, u32 n, bool whole, struct byte_group *group,
					 struct lane_writer *w)
{
	const u8 *points = plan->bytes + ASC_VBR_SLACK;
	s32 zero = g->origin ? 0 : points + first - (const u8 *)&group->numbers;

	struct byte_lanes *lanes = &group->lanes;
	struct lanes l;

	decide_lanes(&group->sums, n, whole, true, GROUP, zero, 1,
		     plan->header + first / ASC_VBR_BLOCK, &l, w);
	_mm512_storeu_si512(lanes->stored, l.stored);
	l.from = _mm512_add_epi32(l.from, block_starts());
	l.width = _mm512_and_si512(l.width, set32(7));
	_mm512_storeu_si512(lanes->source, _mm512_or_si512(_mm512_slli_epi32(l.from, 3), l.width));
	_mm512_storeu_si512(lanes->place, _mm512_or_si512(_mm512_slli_epi32(l.height, 16), l.low));
	l.less = _mm512_slli_epi32(_mm512_or_si512(_mm512_slli_epi32(l.less, 8), l.end), 8);
	l.shift = _mm512_add_epi32(l.shift, _mm512_slli_epi32(l.width, 2));
	l.shift = _mm512_and_si512(_mm512_sub_epi32(set32(32), l.shift), set32(63));
	_mm512_storeu_si512(lanes->small, _mm512_or_si512(l.less, l.shift));
	lanes->heights = l.heights;
}

static noinline void decide_whole(const struct asc_vbr_grid *g, struct asc_vbr_plan *plan,
				  u32 first, struct byte_group *group, struct lane_writer *w)
{
	decide_group(g, plan, first, GROUP, true, group, w);
}

static noinline void decide_some(const struct asc_vbr_grid *g, struct asc_vbr_plan *plan,
				 u32 first, u32 n, struct byte_group *group,
				 struct lane_writer *w)
{
	decide_group(g, plan, first, n, false, group, w);
}

/**
 * struct byte_packing - what belongs to a width of k bits
 * @by16: makes one of two numbers, the second one moved up by k
 * @by32: likewise of four
 * @up: by how much the first of two fours is to be moved up to the second one
 * @bytes: where the bytes of 4 words are, of which each has k bytes of 8 numbers, and the bits
 *	of one more byte where it does not begin with one
 * @above: the same, but for the last bits of each word, where @bytes has the first ones of the
 *	next
 * @low: the bits of 8 numbers that are low ones
 * @high: for GF2P8AFFINEQB, moves the others down
 */
struct byte_packing {
	u8 by16[32];
	u16 by32[16];
	u32 up[8];
	u8 bytes[32], above[32];
	u64 low, high;
} __attribute__((aligned(256)));

#define PACKED(b, k)	((b) < 4 * (k) ? (b) / ((k) + !(k)) * 8 + (b) % ((k) + !(k)) : 24 + (k))
#define ABOVE(b, k)	((k) && (b) && (b) < 4 * (k) && (b) % ((k) + !(k)) == 0 ?		\
			 (b) / ((k) + !(k)) * 8 - 8 + (k) : PACKED(b, k))
#define FOUR(of, b, k)	of(b, k), of((b) + 1, k), of((b) + 2, k), of((b) + 3, k)
#define ALL(of, k)								\
	{ FOUR(of, 0, k), FOUR(of, 4, k), FOUR(of, 8, k), FOUR(of, 12, k),	\
	  FOUR(of, 16, k), FOUR(of, 20, k), FOUR(of, 24, k), FOUR(of, 28, k) }
#define TWO8(k)		1, 1 << (k), 1, 1 << (k)
#define TWO16(k)	1, 1 << 2 * (k)
#define TWO32(k)	32 - 4 * (k), 0
#define BYTE_PACKING(k)								\
	{ .low = ((1ull << (k)) - 1) * 0x0101010101010101ull,			\
	  .high = 0x0102040810204080ull << 8 * (k),				\
	  .by16 = { TWO8(k), TWO8(k), TWO8(k), TWO8(k), TWO8(k), TWO8(k), TWO8(k), TWO8(k) },	\
	  .by32 = { TWO16(k), TWO16(k), TWO16(k), TWO16(k),			\
		    TWO16(k), TWO16(k), TWO16(k), TWO16(k) },			\
	  .up = { TWO32(k), TWO32(k), TWO32(k), TWO32(k) },			\
	  .bytes = ALL(PACKED, k), .above = ALL(ABOVE, k) }

static const struct byte_packing byte_packings[8] = {
	BYTE_PACKING(0), BYTE_PACKING(1), BYTE_PACKING(2), BYTE_PACKING(3),
	BYTE_PACKING(4), BYTE_PACKING(5), BYTE_PACKING(6), BYTE_PACKING(7),
};

static __always_inline __m256i load256(const void *from)
{
	return _mm256_loadu_si256(from);
}

static __always_inline __m256i set64(u64 v)
{
	return _mm256_set1_epi64x((s64)v);
}

/*
 * Low bits of a block, behind the bits of a byte that has begun; returns those of the last byte,
 * if it is not full.  What is written behind it is overwritten.
 */
static __always_inline __m256i put_low(const struct byte_packing *p, __m256i small, u8 *lows,
				       __m256i v, __m256i begun)
{
	v = _mm256_and_si256(v, set64(p->low));
	v = _mm256_maddubs_epi16(load256(p->by16), v);
	v = _mm256_madd_epi16(v, load256(p->by32));
	/* both to where they begin in a byte; of a count 6 bits are used */
	v = _mm256_rorv_epi64(_mm256_sllv_epi32(v, load256(p->up)), small);
	v = _mm256_ternarylogic_epi64(_mm256_permutexvar_epi8(load256(p->bytes), v),
				      _mm256_permutexvar_epi8(load256(p->above), v), begun, 0xfe);
	_mm256_storeu_si256((void *)lows, v);
	return _mm256_maskz_permutexvar_epi8(1, _mm256_srli_epi32(small, 8), v);
}

/* As compress_bytes(). */
static __always_inline __m256i compress_bytes256(__mmask32 mask, __m256i v)
{
	__m256i zeros = _mm512_castsi512_si256(kept(_mm512_setzero_si512()));

	return _mm256_mask_compress_epi8(zeros, mask, v);
}

/* Numbers of a block of a group; what is not stored is there, too. */
static __always_inline __m256i load_numbers(const struct byte_group *group, s32 source,
					    __m256i small)
{
	/* the numbers, or the points, which lie in the same plan */
	const u8 *from = (const u8 *)&group->numbers + (source >> 3);

	return _mm256_sub_epi8(load256(from), _mm256_shuffle_epi8(small, _mm256_set1_epi8(2)));
}

static __always_inline __m256i put_block(const struct byte_group *group, u32 i, u8 *heights,
					 u8 *lows, __m256i begun)
{
	const struct byte_lanes *lanes = &group->lanes;
	__m256i small = _mm256_set1_epi32((int)lanes->small[i]), v;
	s32 source = lanes->source[i];
	const struct byte_packing *p = &byte_packings[source & 7];
	u32 place = lanes->place[i];

	v = compress_bytes256(lanes->stored[i], load_numbers(group, source, small));
	_mm256_storeu_si256((void *)(heights + (place >> 16)),
			    _mm256_gf2p8affine_epi64_epi8(v, set64(p->high), 0));
	return put_low(p, small, lows + (place & 0xffff), v, begun);
}

/* Blocks of a group, by twos; what is behind the last has no numbers. */
static noinline void put_group(const struct byte_group *group, u32 blocks, struct lane_writer *w,
			       struct asc_vbr_ahead *ahead)
{
	__m256i begun = _mm512_castsi512_si256(w->begun);
	u8 *heights = w->heights, *lows = w->lows;
	struct asc_vbr_ahead next = *ahead;
	u32 i;

	for (i = 0; i < blocks; i += 2) {
		asc_vbr_fetch_rows(&next);
		begun = put_block(group, i, heights, lows, begun);
		begun = put_block(group, i + 1, heights, lows, begun);
	}
	*ahead = next;
	w->begun = _mm512_castsi256_si512(begun);
	w->heights += group->lanes.heights;
}

static __always_inline void decide_next(const struct asc_vbr_grid *g, u32 n,
					struct asc_vbr_plan *plan, u32 first,
					struct byte_group *group, struct lane_writer *w)
{
	if (first >= n)
		return;
	if (n - first >= GROUP)
		decide_whole(g, plan, first, group, w);
	else
		decide_some(g, plan, first, n - first, group, w);
}

static void encode_avx512(const struct asc_vbr_grid *grid, u32 n, struct asc_vbr_plan *plan)
{
	struct byte_group *groups = (struct byte_group *)plan->numbers;
	struct asc_vbr_ahead ahead = plan->ahead;
	struct lane_writer w = writer_of(plan);
	struct asc_vbr_grid g = *grid;
	u32 first, i = 0;

	/* one ahead, as sums take a while to reach memory, and a decision takes long */
	fold_next(&g, n, plan, 0, &groups[0]);
	decide_next(&g, n, plan, 0, &groups[0], &w);
	for (first = 0; first < n; first += GROUP, i ^= 1) {
		fold_next(&g, n, plan, first + GROUP, &groups[i ^ 1]);
		put_group(&groups[i], asc_vbr_min(asc_vbr_blocks(n - first), LANES), &w, &ahead);
		decide_next(&g, n, plan, first + GROUP, &groups[i ^ 1], &w);
	}
	end_writing(&w, plan);
}

/* Returns the bits of the high parts of a group of @n values. */
static __always_inline u32 count_high(const struct byte_group *group, u32 n)
{
	u32 blocks = asc_vbr_min(asc_vbr_blocks(n), LANES), i;
	const struct byte_lanes *lanes = &group->lanes;
	__m256i sum = _mm256_setzero_si256();

	for (i = 0; i < blocks; i++) {
		__m256i small = _mm256_set1_epi32((int)lanes->small[i]), v;
		s32 source = lanes->source[i];

		v = _mm256_maskz_mov_epi8(lanes->stored[i], load_numbers(group, source, small));
		v = _mm256_gf2p8affine_epi64_epi8(v, set64(byte_packings[source & 7].high), 0);
		sum = _mm256_add_epi64(sum, _mm256_sad_epu8(v, _mm256_setzero_si256()));
	}
	return lanes->heights +
	       (u32)_mm512_reduce_add_epi64(_mm512_zextsi256_si512(sum));
}

static void count_avx512(const struct asc_vbr_grid *grid, u32 n, struct asc_vbr_plan *plan)
{
	struct byte_group *groups = (struct byte_group *)plan->numbers;
	struct lane_writer w = writer_of(plan);
	struct asc_vbr_grid g = *grid;
	u32 first, high_bits = 0, i = 0;

	fold_next(&g, n, plan, 0, &groups[0]);
	decide_next(&g, n, plan, 0, &groups[0], &w);
	for (first = 0; first < n; first += GROUP, i ^= 1) {
		fold_next(&g, n, plan, first + GROUP, &groups[i ^ 1]);
		high_bits += count_high(&groups[i], n - first);
		decide_next(&g, n, plan, first + GROUP, &groups[i ^ 1], &w);
	}
	plan->sizes.mask_bytes = w.masks - plan->masks;
	plan->sizes.low_bits = w.low_bits;
	plan->sizes.high_bits = high_bits;
}

/* --- decoding --------------------------------------------------------------- */

/**
 * struct byte_width - what belongs to a width
 * @places: which bytes of low bits hold 8 numbers each; of two blocks, the second one's have
 *	32 bytes of their own
 * @shifts: where in them each of these begins, by where in a byte the first one does
 */
struct byte_width {
	u64 places[8];
	u64 shifts[8];
};

static_assert(sizeof(struct byte_width) == 1 << ASC_VBR_LOW_ROW, "as in asc_vbr_control");

#define EIGHT(first, step)	((first) * 0x0101010101010101ull + (step) * 0x0706050403020100ull)
#define BYTE_WIDTH(k)								\
	{ .places = { EIGHT(0ull, 1), EIGHT(1ull * (k), 1), EIGHT(2ull * (k), 1),	\
		      EIGHT(3ull * (k), 1), EIGHT(32ull, 1), EIGHT(32ull + (k), 1),	\
		      EIGHT(32ull + 2 * (k), 1), EIGHT(32ull + 3 * (k), 1) },		\
	  .shifts = { EIGHT(0ull, k), EIGHT(1ull, k), EIGHT(2ull, k), EIGHT(3ull, k),	\
		      EIGHT(4ull, k), EIGHT(5ull, k), EIGHT(6ull, k), EIGHT(7ull, k) } }

/* Others have no numbers. */
static const struct byte_width byte_widths[16] = {
	BYTE_WIDTH(0), BYTE_WIDTH(1), BYTE_WIDTH(2), BYTE_WIDTH(3),
	BYTE_WIDTH(4), BYTE_WIDTH(5), BYTE_WIDTH(6), BYTE_WIDTH(7),
};

/* 32 bytes each. */
static __always_inline __m512i load_two(const u8 *a, const u8 *b)
{
	__m512i v = _mm512_castsi256_si512(_mm256_loadu_si256((const void *)a));

	return _mm512_mask_broadcast_i64x4(v, 0xf0, _mm256_loadu_si256((const void *)b));
}

/* Bytes whose lowest bits are those of the numbers of two blocks. */
static __always_inline __m512i get_low(const u8 *lows, const u16 *byte, const u16 *row)
{
	const u8 *rows = (const u8 *)byte_widths, *shifts = (const u8 *)byte_widths->shifts;
	__m512i places = _mm512_loadu_si512(rows + (row[0] & ~0u << ASC_VBR_LOW_ROW)), shift;

	places = _mm512_mask_loadu_epi64(places, 0xf0, rows + (row[1] & ~0u << ASC_VBR_LOW_ROW));
	shift = _mm512_broadcastq_epi64(_mm_loadl_epi64((const void *)(shifts + row[0])));
	shift = _mm512_mask_broadcastq_epi64(shift, 0xf0,
					     _mm_loadl_epi64((const void *)(shifts + row[1])));
	return _mm512_multishift_epi64_epi8(shift,
					    _mm512_permutexvar_epi8(places,
								    load_two(lows + byte[0],
									     lows + byte[1])));
}

static __always_inline __m512i ones_for(__mmask64 mask)
{
	return _mm512_maskz_mov_epi8(mask, set8(0xff));
}

/* What is the same for all blocks of a tile. */
struct byte_unfolding {
	__m512i origin, twice_both, far_flip, far_base;
};

static __always_inline __m512i unfold_bytes(const struct byte_unfolding *u, __m512i v)
{
	__m512i half = _mm512_avg_epu8(v, _mm512_setzero_si512()), p;
	__mmask64 far = _mm512_cmpgt_epu8_mask(v, u->twice_both);
	__mmask64 below = _mm512_test_epi8_mask(v, set8(1));

	p = _mm512_mask_sub_epi8(_mm512_add_epi8(u->origin, half), below, u->origin, half);
	return _mm512_mask_add_epi8(p, far, _mm512_xor_si512(v, u->far_flip), u->far_base);
}

/*
 * The points of blocks in modes ZERO and ZVC, the numbers of others.  Those of two blocks that
 * are stored are put together, and then spread by the masks: what is not stored is an origin.
 * Returns whether a number takes more than 8 bits.
 */
static bool get_blocks(const struct asc_vbr_grid *g, u32 blocks,
		       const struct asc_vbr_control *control, const u8 *lows, u32 ahead,
		       u8 *points)
{
	struct asc_vbr_ahead next_rows = control->ahead;
	const __m512i spread = _mm512_inserti64x4(_mm512_setzero_si512(), _mm256_set1_epi8(1), 1);
	const bool one_sided = g->origin <= g->both, plain = !g->origin;
	const struct byte_unfolding unfolding = {
		.origin = kept(set8(g->origin)), .twice_both = set8(2 * g->both),
		.far_flip = set8(one_sided ? 0 : 0xff),
		.far_base = set8(one_sided ? g->origin - g->both : g->origin + g->both + 1),
	};
	/* lanes are headers */
	const __m512i modes = _mm512_and_si512(bytes64(), set8(3));
	const __m512i widths = _mm512_and_si512(_mm512_srli_epi16(bytes64(), 2), set8(15));
	const __m512i shifts = _mm512_and_si512(widths, set8(7));
	const __m512i low_masks = _mm512_shuffle_epi8(row(0, 0x7f3f1f0f07030100ull), widths);
	const __m512i over_bits = _mm512_shuffle_epi8(row(0, 0xfefcf8f0e0c08000ull), widths);
	const __m512i zvcs = ones_for(_mm512_cmpeq_epi8_mask(modes, set8(ASC_VBR_ZVC)));
	const u8 *zeros = (u8 *)control->places + ASC_VBR_SLACK;
	__m512i over = _mm512_setzero_si512(), most = over;
	u32 block;

	for (block = 0; block < blocks; block += 2) {
		const u8 *next = zeros + __builtin_popcount(control->used[block]);
		const u16 *low_byte = control->low_byte + block, *rows = control->low_row + block;
		__m512i h, v, x, y;
		u64 used;
		u32 two;

		memcpy(&two, control->header + block, sizeof(two));
		fetch_ahead(lows + low_byte[0], ahead);
		asc_vbr_fetch_rows_to_write(&next_rows);
		h = _mm512_shuffle_epi8(set32(two), spread);
		memcpy(&used, control->used + block, sizeof(used));
		v = _mm512_maskz_sub_epi8(used, load_two(zeros, next),
					  load_two(zeros - 1, next - 1));
		zeros = next + __builtin_popcount(control->used[block + 1]);
		x = _mm512_maskz_permutexvar_epi8(0x5555555555555555ull, h, shifts);
		y = get_low(lows, low_byte, rows);
		over = _mm512_ternarylogic_epi32(over, v, _mm512_permutexvar_epi8(h, over_bits),
						 0xf8);
		v = _mm512_ternarylogic_epi32(_mm512_sllv_epi16(v, x), y,
					      _mm512_permutexvar_epi8(h, low_masks), 0xf8);
		x = _mm512_permutexvar_epi8(h, zvcs);
		most = _mm512_max_epu8(most, _mm512_and_si512(v, x));
		v = _mm512_sub_epi8(v, x);
		if (!plain) {
			h = _mm512_add_epi8(h, set8(1));
			v = _mm512_mask_mov_epi8(unfold_bytes(&unfolding, v),
						 _mm512_test_epi8_mask(h, set8(2)), v);
		}
		x = _mm512_mask_expand_epi8(unfolding.origin, control->mask[block], v);
		y = _mm512_mask_expand_epi8(unfolding.origin, control->mask[block + 1],
					    _mm512_shuffle_i64x2(v, v, 0x4e));
		_mm256_storeu_si256((void *)(points + block * ASC_VBR_BLOCK),
				    _mm512_castsi512_si256(x));
		_mm256_storeu_si256((void *)(points + (block + 1) * ASC_VBR_BLOCK),
				    _mm512_castsi512_si256(y));
	}
	most = _mm512_add_epi8(most, set8(1));
	return _mm512_test_epi8_mask(over, over) || _mm512_testn_epi8_mask(most, most);
}

/* (v >> 1) ^ -(v & 1): each bit is a sum of bits of v. */
static __always_inline __m256i unfold_byte_differences(__m256i v)
{
	return _mm256_gf2p8affine_epi64_epi8(v, set64(0x0305091121418101ull), 0);
}

/* Each byte and all before it. */
static __always_inline __m256i sum_up(__m256i v)
{
	v = _mm256_add_epi8(v, _mm256_bslli_epi128(v, 1));
	v = _mm256_add_epi8(v, _mm256_bslli_epi128(v, 2));
	v = _mm256_add_epi8(v, _mm256_bslli_epi128(v, 4));
	v = _mm256_add_epi8(v, _mm256_bslli_epi128(v, 8));
	return _mm256_add_epi8(v, _mm256_maskz_permutexvar_epi8(0xffff0000, _mm256_set1_epi8(15),
								v));
}

static void sum_lefts(const struct asc_vbr_differences *d, u8 *points)
{
	u32 i;

	for (i = 0; i < d->lefts; i++) {
		u8 *p = points + d->left[i] * ASC_VBR_BLOCK;
		__m256i v = _mm256_loadu_si256((const void *)p);

		_mm256_storeu_si256((void *)p, sum_up(unfold_byte_differences(v)));
	}
}

/* Each byte and those a multiple of @distance before it. */
static void sum_ups(const struct asc_vbr_differences *d, u32 distance, u8 *points)
{
	const __m256i place = _mm512_castsi512_si256(bytes64());
	__mmask32 mask[5];
	__m256i from[5];
	u32 steps = 0, i, k;

	for (; distance < ASC_VBR_BLOCK; distance *= 2) {
		from[steps] = _mm256_sub_epi8(place, _mm256_set1_epi8((char)distance));
		mask[steps++] = ~0u << distance;
	}
	for (i = 0; i < d->ups; i++) {
		u8 *p = points + d->up[i] * ASC_VBR_BLOCK;
		__m256i v = unfold_byte_differences(_mm256_loadu_si256((const void *)p));

		for (k = 0; k < steps; k++)
			v = _mm256_add_epi8(v, _mm256_maskz_permutexvar_epi8(mask[k], from[k], v));
		_mm256_storeu_si256((void *)p, v);
	}
}

/* What comes from the blocks before. */
static void carry_on(const struct asc_vbr_differences *d, const u8 *header, u32 up,
		     u8 *points)
{
	/* above a narrow plane's block is the one before */
	s32 distance[2] = { ASC_VBR_BLOCK, up > ASC_VBR_BLOCK ? up : ASC_VBR_BLOCK };
	__m256i from[2] = {
		_mm256_set1_epi8(ASC_VBR_BLOCK - 1),
		_mm512_cvtepi16_epi8(places_above(up)),
	};
	u32 i;

	for (i = 0; i < d->count; i++) {
		u32 block = d->all[i], is_up = ASC_VBR_HEADER_MODE(header[block]) == ASC_VBR_UP;
		s32 first = block * ASC_VBR_BLOCK, before = first - distance[is_up];
		__m256i v = _mm256_loadu_si256((const void *)(points + first)), x;

		/* before the first point are origins */
		before = before < -ASC_VBR_BLOCK ? -ASC_VBR_BLOCK : before;
		x = _mm256_loadu_si256((const void *)(points + before));
		x = _mm256_permutexvar_epi8(from[is_up], x);
		_mm256_storeu_si256((void *)(points + first), _mm256_add_epi8(v, x));
	}
}

/* What turns points into values of a surface. */
struct byte_values {
	struct table table;
	__m512i last, base, flip;
	bool plain;
};

static __always_inline __m512i to_values(const struct byte_values *t, __m512i v)
{
	/* without loss points are values but for the first one */
	if (t->plain)
		v = _mm512_add_epi8(_mm512_min_epu8(v, t->last), t->base);
	else
		v = look_up(&t->table, v);
	return _mm512_xor_si512(v, t->flip);
}

/* Rows that are half as wide as a register. */
static __always_inline void put_halves(const struct byte_values *t, const struct fmc_tile *tile,
				       const u8 *points, const struct fmc_rows *rows, u8 *out)
{
	u64 row = rows->row;
	u32 c, y;

	for (c = 0; c < tile->c; c++) {
		u8 *plane = out + rows->at + c * rows->plane;

		for (y = 0; y + 2 <= tile->h; y += 2, points += PAIR) {
			__m512i v = to_values(t, _mm512_loadu_si512(points));
			u8 *to = plane + y * row;

			_mm256_storeu_si256((void *)to, _mm512_castsi512_si256(v));
			_mm256_storeu_si256((void *)(to + row), _mm512_extracti64x4_epi64(v, 1));
		}
		if (y < tile->h) {
			__m512i v = to_values(t, _mm512_loadu_si512(points));

			_mm256_storeu_si256((void *)(plane + y * row),
					    _mm512_castsi512_si256(v));
			points += ASC_VBR_BLOCK;
		}
	}
}

static __always_inline void put_wide(const struct byte_values *t, const struct fmc_tile *tile,
				     const u8 *points, const struct fmc_rows *rows, u8 *out)
{
	u32 w = tile->w, c, y, x;
	u64 row = rows->row;

	for (c = 0; c < tile->c; c++) {
		u8 *plane = out + rows->at + c * rows->plane;

		for (y = 0; y < tile->h; y++, points += w) {
			u8 *to = plane + y * row;

			for (x = 0; x + PAIR <= w; x += PAIR)
				_mm512_storeu_si512(to + x,
						    to_values(t, _mm512_loadu_si512(points + x)));
			if (x < w)
				_mm512_mask_storeu_epi8(to + x, inside(w, x),
							to_values(t, load_inside(points, w, x)));
		}
	}
}

static __always_inline void put_values(const struct byte_values *t, const struct fmc_tile *tile,
				       const u8 *points, const struct fmc_rows *rows, u8 *out)
{
	if (tile->w == ASC_VBR_BLOCK)
		put_halves(t, tile, points, rows, out);
	else
		put_wide(t, tile, points, rows, out);
}

static void put_rows_avx512(const struct asc_vbr_grid *g, const struct fmc_tile *tile,
			    const u8 *points, const struct fmc_rows *rows, u8 *out)
{
	struct byte_values t = {
		.last = set8(g->last), .base = set8(g->zero - g->origin),
		.flip = set8(rows->flip), .plain = g->step == 1,
	};
	u8 table[256];

	if (t.plain) {
		put_values(&t, tile, points, rows, out);
		return;
	}
	vbr_byte_values(g, table);
	t.table = load_table(table);
	put_values(&t, tile, points, rows, out);
}

static bool decode_pairs(const struct asc_vbr_grid *g, u32 n, struct asc_vbr_control *control,
			 const u8 *lows, u32 ahead)
{
	u8 *points = control->bytes + ASC_VBR_SLACK;
	const struct asc_vbr_differences *d = &control->differences;

	if (get_blocks(g, asc_vbr_blocks(n), control, lows, ahead, points))
		return true;
	list_differences(control, asc_vbr_blocks(n));
	sum_lefts(d, points);
	sum_ups(d, g->up, points);
	carry_on(d, control->header, g->up, points);
	return false;
}

static bool widths_fit(const u8 *header, u32 blocks)
{
	__m512i most = _mm512_setzero_si512();
	u32 i;

	for (i = 0; i < blocks; i += 64) {
		__m512i v = _mm512_srli_epi16(_mm512_loadu_si512(header + i), 2);

		v = _mm512_and_si512(v, set8(15));
		v = _mm512_mask_mov_epi8(v, _mm512_cmpeq_epi8_mask(v, set8(15)), set8(0));
		if (blocks - i < 64)
			v = _mm512_maskz_mov_epi8((1ull << (blocks - i)) - 1, v);
		most = _mm512_max_epu8(most, v);
	}
	return !_mm512_cmpgt_epu8_mask(most, set8(7));
}

static int decode_avx512(const struct asc_vbr_grid *g, u32 n, struct asc_vbr_control *control,
			 const u8 *lows, const u8 *highs, const u8 *end)
{
	u32 low_bytes = highs - lows, high_bytes = end - highs, last = 0;
	u8 *places = (u8 *)control->places + ASC_VBR_SLACK;
	u32 blocks = asc_vbr_blocks(n);

	if (end - lows > 2 * FMC_TILE_MAX_VALUES || !widths_fit(control->header, blocks))
		return 1;
	places[-1] = 0;
	if (control->numbers) {
		last = count_zeros(highs, high_bytes, control->numbers, low_bytes + high_bytes,
				   places);
		if (!last)
			return 1;
	}
	if (blocks % 2) {
		control->header[blocks] = 0;
		control->mask[blocks] = 0;
		control->used[blocks] = 0;
		control->low_byte[blocks] = 0;
		control->low_row[blocks] = 0;
	}
	if (decode_pairs(g, n, control, readable_lows(control, lows, low_bytes, high_bytes),
			 low_bytes + high_bytes))
		return 1;
	if (8 * high_bytes - last >= 8)
		return -EBADMSG;
	return 0;
}

const struct asc_vbr_byte_kernels asc_vbr_bytes_avx512 = {
	.least = least_avx512,
	.to_points = to_points_avx512,
	.encode = encode_avx512,
	.count = count_avx512,
	.decode = decode_avx512,
	.put_rows = put_rows_avx512,
};

#endif
