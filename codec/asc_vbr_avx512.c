// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ASC-VBR with AVX-512 F, BW, VL, DQ, VBMI, VBMI2 and VPOPCNTDQ: a block is a register of 32
 * words.
 */

#include "kernels.h"

#ifdef FMC_X86

#include "asc_vbr_encode_avx512.h"
#include "asc_vbr_loops.h"

static __always_inline __m128i shift_by(u32 bits)
{
	return _mm_cvtsi32_si128((int)bits);
}

/* --- values and points ------------------------------------------------------ */

static __always_inline void get_rows_of(u32 bytes, const struct fmc_tile *tile,
					const struct fmc_rows *rows, const u8 *in, u8 *values)
{
	__m512i flip = tile->bits == 8 ? _mm512_set1_epi8((char)rows->flip) : set16(rows->flip);
	u64 row = rows->row;
	u32 c, y, x;

	for (c = 0; c < tile->c; c++) {
		const u8 *plane = in + rows->at + c * rows->plane;

		for (y = 0; y < tile->h; y++, values += bytes) {
			const u8 *from = plane + y * row;

			for (x = 0; x + 64 <= bytes; x += 64)
				_mm512_storeu_si512(values + x,
						    _mm512_xor_si512(_mm512_loadu_si512(from + x),
								     flip));
			if (bytes - x == 32) {
				__m256i v = _mm256_loadu_si256((const void *)(from + x));

				v = _mm256_xor_si256(v, _mm512_castsi512_si256(flip));
				_mm256_storeu_si256((void *)(values + x), v);
			} else if (x < bytes) {
				__mmask64 some = (1ull << (bytes - x)) - 1;
				__m512i v = _mm512_maskz_loadu_epi8(some, from + x);

				_mm512_mask_storeu_epi8(values + x, some,
							_mm512_xor_si512(v, flip));
			}
		}
	}
}

static void get_rows_avx512(const struct fmc_tile *tile, const struct fmc_rows *rows,
			    const u8 *in, u8 *values)
{
	u32 bytes = tile->w * (tile->bits / 8);

	/* those of most tiles */
	if (bytes == 64)
		get_rows_of(64, tile, rows, in, values);
	else if (bytes == 32)
		get_rows_of(32, tile, rows, in, values);
	else
		get_rows_of(bytes, tile, rows, in, values);
}

/* Squares of errors that have this bound add up to 32 bits. */
#define SMALL_ERROR	1024

/*
 * Points are quotients of what is seen from half a step below the first one, if that has 16 bits,
 * and the rest tells the error, where the outer points are values of the type, too.
 */
static bool has_quotients(const struct asc_vbr_grid *g)
{
	u32 half = g->step / 2, above = (g->last - g->origin) * g->step;

	return half < SMALL_ERROR && g->origin * g->step <= g->zero &&
	       above <= g->max - g->zero &&
	       g->origin * g->step + half + g->max - g->zero <= 0xffff;
}

/* What is the same for all values of a tile. */
struct quotients {
	__m512i step, half, base, reciprocal, origin;
	bool even;
};

/* What has been found of values so far. */
struct findings {
	__m512i least, sum, squares, most;
};

/* Points of 32 values, or of those @inside; what is found is not kept if that is NULL. */
static __always_inline void to_quotients32(const struct quotients *q, const u16 *values,
					   bool whole, __mmask32 inside, u16 *points,
					   struct findings *found, bool errors)
{
	__m512i one = set16(1), v, k, rest, e;
	__mmask32 up, tie;

	v = whole ? _mm512_loadu_si512(values) : _mm512_maskz_loadu_epi16(inside, values);
	if (whole)
		found->least = _mm512_min_epu16(found->least, v);
	else
		found->least = _mm512_mask_min_epu16(found->least, inside, found->least, v);
	v = _mm512_add_epi16(v, q->base);
	k = _mm512_mulhi_epu16(v, q->reciprocal);
	rest = _mm512_sub_epi16(v, _mm512_mullo_epi16(k, q->step));
	/* the quotient is too small by 1 at most */
	up = _mm512_cmpge_epu16_mask(rest, q->step);
	k = _mm512_mask_add_epi16(k, up, k, one);
	if (errors || q->even)
		rest = _mm512_mask_sub_epi16(rest, up, rest, q->step);
	if (q->even) {
		/* of two the one an even number of steps away */
		tie = _mm512_testn_epi16_mask(rest, rest);
		tie = _mm512_mask_test_epi16_mask(tie, _mm512_xor_si512(k, q->origin), one);
		k = _mm512_mask_sub_epi16(k, tie, k, one);
	}
	_mm512_storeu_si512(points, k);
	if (!errors)
		return;
	e = _mm512_abs_epi16(_mm512_sub_epi16(rest, q->half));
	if (!whole)
		e = _mm512_maskz_mov_epi16(inside, e);
	found->most = _mm512_max_epu16(found->most, e);
	found->sum = _mm512_add_epi32(found->sum, _mm512_madd_epi16(e, one));
	found->squares = _mm512_add_epi32(found->squares, _mm512_madd_epi16(e, e));
}

static __always_inline u32 least_word(__m512i v)
{
	v = _mm512_min_epu32(_mm512_srli_epi32(v, 16), _mm512_and_si512(v, set32(0xffff)));
	return _mm512_reduce_min_epu32(v);
}

static __always_inline u32 most_word(__m512i v)
{
	v = _mm512_max_epu32(_mm512_srli_epi32(v, 16), _mm512_and_si512(v, set32(0xffff)));
	return _mm512_reduce_max_epu32(v);
}

/* Returns the least value; @errors may be NULL. */
static __always_inline u32 to_quotients(const struct asc_vbr_grid *g, const u16 *values, u32 n,
					bool even, u16 *points, struct asc_vbr_errors *errors)
{
	const struct quotients q = {
		.step = set16(g->step), .half = set16(g->step / 2),
		.base = set16(g->origin * g->step + g->step / 2 - g->zero),
		.reciprocal = set16(65536 / g->step), .origin = set16(g->origin), .even = even,
	};
	__m512i none = _mm512_setzero_si512();
	struct findings found = {
		.least = set16(0xffff), .sum = none, .squares = none, .most = none,
	};
	u32 i, most;

	for (i = 0; i + 32 <= n; i += 32)
		to_quotients32(&q, values + i, true, 0, points + i, &found, errors);
	if (i < n)
		to_quotients32(&q, values + i, false, asc_vbr_mask(n - i), points + i, &found,
			       errors);
	if (errors) {
		__m512i squares = _mm512_add_epi64(_mm512_srli_epi64(found.squares, 32),
						   _mm512_maskz_mov_epi32(0x5555, found.squares));

		errors->sum_abs += (u32)_mm512_reduce_add_epi32(found.sum);
		errors->sum_sq += _mm512_reduce_add_epi64(squares);
		most = most_word(found.most);
		errors->max_abs = most > errors->max_abs ? most : errors->max_abs;
	}
	return least_word(found.least);
}

/* The same without loss; values are points but for the first one. */
static __always_inline u32 to_differences(const struct asc_vbr_grid *g, const u16 *values, u32 n,
					  u16 *points)
{
	__m512i least = set16(0xffff), move = set16(g->origin - g->zero), v;
	u32 i;

	for (i = 0; i + 32 <= n; i += 32) {
		v = _mm512_loadu_si512(values + i);
		least = _mm512_min_epu16(least, v);
		_mm512_storeu_si512(points + i, _mm512_add_epi16(v, move));
	}
	if (i < n) {
		v = _mm512_mask_loadu_epi16(least, asc_vbr_mask(n - i), values + i);
		least = _mm512_min_epu16(least, v);
		_mm512_storeu_si512(points + i, _mm512_add_epi16(v, move));
	}
	return least_word(least);
}

static void to_points_avx512(const struct asc_vbr_grid *g, const u16 *values, u32 n, u16 *points)
{
	if (g->step == 1 || !has_quotients(g))
		vbr_to_points(g, values, n, points);
	else if (g->step & 1)
		to_quotients(g, values, n, false, points, NULL);
	else
		to_quotients(g, values, n, true, points, NULL);
}

/*
 * Most maps are behind a ReLU, and some are not, which the first values tell, as a rule. Points of
 * values below zero are undefined.
 */
static bool to_points_above_avx512(const struct asc_vbr_grid *g, const u16 *values, u32 n,
				   u16 *points, struct asc_vbr_errors *errors)
{
	struct asc_vbr_errors sum = { 0 };
	u32 least;

	if (vbr_least(values, asc_vbr_min(n, 128), g->zero) < g->zero)
		return false;
	if (g->step == 1)
		return to_differences(g, values, n, points) >= g->zero;
	if (!has_quotients(g))
		return false;
	if (!errors)
		least = g->step & 1 ? to_quotients(g, values, n, false, points, NULL) :
				      to_quotients(g, values, n, true, points, NULL);
	else
		least = g->step & 1 ? to_quotients(g, values, n, false, points, &sum) :
				      to_quotients(g, values, n, true, points, &sum);
	if (least < g->zero)
		return false;
	if (errors) {
		errors->sum_abs += sum.sum_abs;
		errors->sum_sq += sum.sum_sq;
		errors->max_abs = sum.max_abs > errors->max_abs ? sum.max_abs : errors->max_abs;
	}
	return true;
}

/* As steps_of() and vbr_from_points() have it; errors are below 2^15. */
static void to_points_errors_avx512(const struct asc_vbr_grid *g, const u16 *values, u32 n,
				    u16 *points, struct asc_vbr_errors *errors)
{
	__m512i zero = set16(g->zero), step = set16(g->step), last = set16(g->max - g->zero);
	__m512i half = set16(g->step - g->step / 2), reciprocal = set16(65536 / g->step);
	__m512i origin = set16(g->origin), one = set16(1), none = _mm512_setzero_si512();
	__m512i sum = none, squares = none, most = none, low32 = _mm512_set1_epi64(0xffffffff);
	__mmask32 even = g->step & 1 ? 0 : ~0u;
	u16 largest[32];
	u32 i;

	if (g->step == 1) {
		vbr_to_points(g, values, n, points);
		return;
	}
	if (has_quotients(g)) {
		if (g->step & 1)
			to_quotients(g, values, n, false, points, errors);
		else
			to_quotients(g, values, n, true, points, errors);
		return;
	}
	for (i = 0; i < n; i += 32) {
		__mmask32 inside = asc_vbr_mask(asc_vbr_min(n - i, 32));
		__m512i v = _mm512_mask_loadu_epi16(zero, inside, values + i), d, k, rest, room, e;
		__mmask32 below = _mm512_cmplt_epu16_mask(v, zero), up;

		d = _mm512_sub_epi16(v, zero);
		d = _mm512_mask_sub_epi16(d, below, zero, v);
		room = _mm512_mask_mov_epi16(_mm512_sub_epi16(last, d), below, v);
		k = _mm512_mulhi_epu16(d, reciprocal);
		rest = _mm512_sub_epi16(d, _mm512_mullo_epi16(k, step));
		/* the quotient is too small by 1 at most */
		up = _mm512_cmpge_epu16_mask(rest, step);
		k = _mm512_mask_add_epi16(k, up, k, one);
		rest = _mm512_mask_sub_epi16(rest, up, rest, step);
		/* a tie goes to the even one */
		up = _mm512_cmpge_epu16_mask(rest, half);
		up &= ~(even & _mm512_cmpeq_epu16_mask(rest, half) &
			_mm512_testn_epi16_mask(k, one));
		k = _mm512_mask_add_epi16(k, up, k, one);
		/* a point outside the type stands for its last value */
		e = _mm512_mask_min_epu16(rest, up, _mm512_sub_epi16(step, rest), room);
		k = _mm512_mask_sub_epi16(_mm512_add_epi16(origin, k), below, origin, k);
		_mm512_storeu_si512(points + i, k);
		most = _mm512_max_epu16(most, e);
		sum = _mm512_add_epi32(sum, _mm512_madd_epi16(e, one));
		e = _mm512_madd_epi16(e, e);
		squares = _mm512_add_epi64(squares, _mm512_and_si512(e, low32));
		squares = _mm512_add_epi64(squares, _mm512_srli_epi64(e, 32));
	}
	errors->sum_abs += (u32)_mm512_reduce_add_epi32(sum);
	errors->sum_sq += _mm512_reduce_add_epi64(squares);
	_mm512_storeu_si512(largest, most);
	for (i = 0; i < 32; i++)
		errors->max_abs = largest[i] > errors->max_abs ? largest[i] : errors->max_abs;
}

/* --- encoding --------------------------------------------------------------- */

/* What is the same for all blocks of a tile. */
struct folding {
	__m512i origin, both;
	bool plain;
};

static __always_inline __m512i fold_zmm(const struct folding *f, __m512i p)
{
	__m512i d, n;
	__mmask32 below;

	if (f->plain)
		return p;
	below = _mm512_cmplt_epu16_mask(p, f->origin);
	d = _mm512_sub_epi16(p, f->origin);
	d = _mm512_mask_sub_epi16(d, below, f->origin, p);
	n = _mm512_add_epi16(d, d);
	n = _mm512_mask_sub_epi16(n, below, n, set16(1));
	return _mm512_mask_add_epi16(n, _mm512_cmpgt_epu16_mask(d, f->both), d, f->both);
}

static __always_inline __m512i fold_difference_zmm(__m512i p, __m512i q, bool narrow)
{
	__m512i d = _mm512_sub_epi16(p, q), n;

	if (narrow)
		d = _mm512_slli_epi16(d, 8);
	n = _mm512_xor_si512(_mm512_add_epi16(d, d), _mm512_srai_epi16(d, 15));
	return narrow ? _mm512_srli_epi16(n, 8) : n;
}

/* Pairs of words, less 2^16 unless they are narrow. */
static __always_inline __m512i add_pairs(__m512i v, bool narrow)
{
	if (!narrow)
		v = _mm512_xor_si512(v, set16(0x8000));
	return _mm512_madd_epi16(v, set16(1));
}

/* Values of a group of blocks that are decided on at a time. */
#define GROUP	(LANES * ASC_VBR_BLOCK)

/* Numbers of a group in the modes ZERO, LEFT and UP; the first are not there if points are. */
struct word_numbers {
	u16 of[ASC_VBR_UP + 1][GROUP];
};

/* struct lanes in memory; arrays have whole cache lines. */
struct word_lanes {
	s32 from[LANES];
	u32 less[LANES], stored[LANES], width[LANES], low[LANES], end[LANES], shift[LANES];
	u32 height[LANES], heights;
};

/* A group, which has sums first, and lanes when it has been decided on. */
struct word_group {
	struct word_numbers numbers;
	struct lane_sums sums;
	struct word_lanes lanes;
};

static_assert(2 * sizeof(struct word_group) <= sizeof(((struct asc_vbr_plan *)0)->numbers),
	      "numbers");

static __always_inline struct folding folding_of(const struct asc_vbr_grid *g)
{
	struct folding f = {
		.origin = kept(set16(g->origin)),
		.both = kept(set16(g->both)),
		.plain = !g->origin,
	};

	return f;
}

/* Numbers of a block in all modes, and sums of pairs of each; returns which are not zero. */
static __always_inline u32 fold_block_zmm(const struct asc_vbr_grid *g, const struct folding *f,
					  const u16 *p, __mmask32 used, bool above, bool narrow,
					  u16 *to, __m512i *sums)
{
	__m512i v = _mm512_loadu_si512(p), zero, left, up = f->origin;

	/* before the first point are as many origins */
	if (above)
		up = _mm512_loadu_si512(p - (s32)g->up);
	zero = fold_zmm(f, v);
	left = fold_difference_zmm(v, _mm512_loadu_si512(p - 1), narrow);
	up = fold_difference_zmm(v, up, narrow);
	zero = _mm512_maskz_mov_epi16(used, zero);
	left = _mm512_maskz_mov_epi16(used, left);
	up = _mm512_maskz_mov_epi16(used, up);
	if (!f->plain)
		_mm512_storeu_si512(to + ASC_VBR_ZERO * GROUP, zero);
	_mm512_storeu_si512(to + ASC_VBR_LEFT * GROUP, left);
	_mm512_storeu_si512(to + ASC_VBR_UP * GROUP, up);
	sums[0] = add_pairs(zero, narrow);
	sums[1] = add_pairs(left, narrow);
	sums[2] = add_pairs(up, narrow);
	return _mm512_test_epi16_mask(zero, zero);
}

/* The sums of the four in each quarter, side by side. */
static __always_inline __m512i add_fours(__m512i a, __m512i b, __m512i c, __m512i d)
{
	a = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
	c = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
	return _mm512_add_epi32(_mm512_unpacklo_epi64(a, c), _mm512_unpackhi_epi64(a, c));
}

/* The sum of the quarters of each, in the quarter of its place. */
static __always_inline __m512i add_quarters(const __m512i *v)
{
	__m512i ab = _mm512_add_epi32(_mm512_shuffle_i32x4(v[0], v[1], 0x44),
				      _mm512_shuffle_i32x4(v[0], v[1], 0xee));
	__m512i cd = _mm512_add_epi32(_mm512_shuffle_i32x4(v[2], v[3], 0x44),
				      _mm512_shuffle_i32x4(v[2], v[3], 0xee));

	return _mm512_add_epi32(_mm512_shuffle_i32x4(ab, cd, 0x88),
				_mm512_shuffle_i32x4(ab, cd, 0xdd));
}

static __always_inline u32 values_of(u32 n, u32 first)
{
	return first >= n ? 0 : asc_vbr_min(n - first, ASC_VBR_BLOCK);
}

/* Numbers of a group of which there are @n values, and what they sum up to. */
static __always_inline void fold_group(const struct asc_vbr_grid *g, const u16 *points, u32 first,
				       u32 n, bool whole, bool narrow,
				       struct word_numbers *numbers, struct lane_sums *s)
{
	__m512i bias = set32(narrow ? 0 : ASC_VBR_BLOCK * 0x8000);
	__m512i zero[4], left[4], up[4], sums[4][3];
	struct folding f = folding_of(g);
	u32 i, j, at;

	for (i = 0; i < LANES / 4; i++) {
		for (j = 0; j < 4; j++) {
			u32 used = ~0u;

			at = (4 * i + j) * ASC_VBR_BLOCK;
			if (!whole)
				used = asc_vbr_mask(values_of(n, at));
			s->nonzero[4 * i + j] =
				fold_block_zmm(g, &f, points + first + at, used,
					       first + at + ASC_VBR_BLOCK > g->up, narrow,
					       numbers->of[0] + at, sums[j]);
		}
		zero[i] = add_fours(sums[0][0], sums[1][0], sums[2][0], sums[3][0]);
		left[i] = add_fours(sums[0][1], sums[1][1], sums[2][1], sums[3][1]);
		up[i] = add_fours(sums[0][2], sums[1][2], sums[2][2], sums[3][2]);
	}
	s->zero = _mm512_add_epi32(add_quarters(zero), bias);
	s->left = _mm512_add_epi32(add_quarters(left), bias);
	s->up = _mm512_add_epi32(add_quarters(up), bias);
	s->count = whole ? set32(ASC_VBR_BLOCK) : count_lanes(n);
}

static noinline void fold_whole(const struct asc_vbr_grid *g, const u16 *points, u32 first,
				struct word_group *group)
{
	fold_group(g, points, first, GROUP, true, false, &group->numbers, &group->sums);
}

static noinline void fold_some(const struct asc_vbr_grid *g, const u16 *points, u32 first, u32 n,
			       struct word_group *group)
{
	fold_group(g, points, first, n, false, false, &group->numbers, &group->sums);
}

/* Of values of 8 bits. */
static noinline void fold_narrow(const struct asc_vbr_grid *g, const u16 *points, u32 first, u32 n,
				 struct word_group *group)
{
	fold_group(g, points, first, n, false, true, &group->numbers, &group->sums);
}

static __always_inline void fold_next(const struct asc_vbr_grid *g, u32 n,
				      const struct asc_vbr_plan *plan, u32 first,
				      struct word_group *group)
{
	const u16 *points = plan->points + ASC_VBR_BLOCK;

	if (first >= n)
		return;
	if (g->sign_bit == 7)
		fold_narrow(g, points, first, asc_vbr_min(n - first, GROUP), group);
	else if (n - first >= GROUP)
		fold_whole(g, points, first, group);
	else
		fold_some(g, points, first, n - first, group);
}

static __always_inline void decide_group(const struct asc_vbr_grid *g, struct asc_vbr_plan *plan,
					 u32 first, u32 n, bool whole, struct word_group *group,
					 struct lane_writer *w)
{
	const u16 *points = plan->points + ASC_VBR_BLOCK;
	s32 zero = g->origin ? 0 : (const u8 *)(points + first) - (const u8 *)&group->numbers;
	struct word_lanes *lanes = &group->lanes;
	struct lanes l;

	decide_lanes(&group->sums, n, whole, false, sizeof(group->numbers.of[0]), zero, 0x00010001,
		     plan->header + first / ASC_VBR_BLOCK, &l, w);
	_mm512_storeu_si512(lanes->from, l.from);
	_mm512_storeu_si512(lanes->less, l.less);
	_mm512_storeu_si512(lanes->stored, l.stored);
	_mm512_storeu_si512(lanes->width, l.width);
	_mm512_storeu_si512(lanes->low, l.low);
	_mm512_storeu_si512(lanes->end, l.end);
	_mm512_storeu_si512(lanes->shift, l.shift);
	_mm512_storeu_si512(lanes->height, l.height);
	lanes->heights = l.heights;
}

static noinline void decide_whole(const struct asc_vbr_grid *g, struct asc_vbr_plan *plan,
				  u32 first, struct word_group *group, struct lane_writer *w)
{
	decide_group(g, plan, first, GROUP, true, group, w);
}

static noinline void decide_some(const struct asc_vbr_grid *g, struct asc_vbr_plan *plan,
				 u32 first, u32 n, struct word_group *group,
				 struct lane_writer *w)
{
	decide_group(g, plan, first, n, false, group, w);
}

static __always_inline void decide_next(const struct asc_vbr_grid *g, u32 n,
					struct asc_vbr_plan *plan, u32 first,
					struct word_group *group, struct lane_writer *w)
{
	if (first >= n)
		return;
	if (n - first >= GROUP)
		decide_whole(g, plan, first, group, w);
	else
		decide_some(g, plan, first, n - first, group, w);
}

/* Numbers of a block of a group; what is not stored is there, too. */
static __always_inline __m512i load_numbers(const struct word_group *group, u32 i)
{
	/* the numbers, or the points, which lie in the same plan */
	const u8 *from = (const u8 *)&group->numbers + group->lanes.from[i] +
			 i * ASC_VBR_BLOCK * sizeof(u16);

	return _mm512_sub_epi16(_mm512_loadu_si512(from), set32(group->lanes.less[i]));
}

/* Returns the bits of the high parts of a group of @n values. */
static __always_inline u32 count_high(const struct word_group *group, u32 n, bool narrow)
{
	u32 blocks = asc_vbr_min(asc_vbr_blocks(n), LANES), i;
	const struct word_lanes *lanes = &group->lanes;
	__m512i high = _mm512_setzero_si512();

	for (i = 0; i < blocks; i++) {
		__m512i v = _mm512_maskz_mov_epi16(lanes->stored[i], load_numbers(group, i));

		v = _mm512_srl_epi16(v, shift_by(lanes->width[i]));
		high = _mm512_add_epi32(high, add_pairs(v, narrow));
	}
	return lanes->heights + (u32)_mm512_reduce_add_epi32(high) +
	       (narrow ? 0 : blocks * ASC_VBR_BLOCK * 0x8000);
}

static void vbr_count_avx512(const struct asc_vbr_grid *g, u32 n, struct asc_vbr_plan *plan)
{
	struct word_group *groups = (struct word_group *)plan->numbers;
	struct lane_writer w = writer_of(plan);
	bool narrow = g->sign_bit == 7;
	u32 first, high_bits = 0, i = 0;

	fold_next(g, n, plan, 0, &groups[0]);
	decide_next(g, n, plan, 0, &groups[0], &w);
	for (first = 0; first < n; first += GROUP, i ^= 1) {
		fold_next(g, n, plan, first + GROUP, &groups[i ^ 1]);
		high_bits += count_high(&groups[i], n - first, narrow);
		decide_next(g, n, plan, first + GROUP, &groups[i ^ 1], &w);
	}
	plan->sizes.mask_bytes = w.masks - plan->masks;
	plan->sizes.low_bits = w.low_bits;
	plan->sizes.high_bits = high_bits;
}

/* Where the bytes of a block are of which each quarter has as many; then zeros. */
#define PLACE(j, k)	((j) < 4 * (k) ? (j) / ((k) + !(k)) * 16ull + (j) % ((k) + !(k)) : 15ull)
#define EIGHT(j, k)	(PLACE(j, k) | PLACE((j) + 1, k) << 8 | PLACE((j) + 2, k) << 16 |	\
			 PLACE((j) + 3, k) << 24 | PLACE((j) + 4, k) << 32 |			\
			 PLACE((j) + 5, k) << 40 | PLACE((j) + 6, k) << 48 |			\
			 PLACE((j) + 7, k) << 56)
#define LOW_PLACES(k)	{ EIGHT(0, k), EIGHT(8, k), EIGHT(16, k), EIGHT(24, k),			\
			  EIGHT(32, k), EIGHT(40, k), EIGHT(48, k), EIGHT(56, k) }

/* The last one has no numbers. */
static const u64 low_places[16][8] = {
	LOW_PLACES(0), LOW_PLACES(1), LOW_PLACES(2), LOW_PLACES(3), LOW_PLACES(4), LOW_PLACES(5),
	LOW_PLACES(6), LOW_PLACES(7), LOW_PLACES(8), LOW_PLACES(9), LOW_PLACES(10), LOW_PLACES(11),
	LOW_PLACES(12), LOW_PLACES(13), LOW_PLACES(14), LOW_PLACES(0),
};

/* What belongs to the widths of a group; of each block, in all places of a word of 32 bits. */
struct word_packing {
	u32 width[LANES], low[LANES], power[LANES], by32[LANES], by64[LANES];
};

static __always_inline void prepare_packing(const struct word_lanes *lanes, struct word_packing *p)
{
	__m512i width = _mm512_loadu_si512(lanes->width), power, low;

	/* of a block without numbers any will do */
	width = _mm512_min_epu32(width, set32(ASC_VBR_WIDTH_MAX));
	_mm512_storeu_si512(p->width, _mm512_or_si512(width, _mm512_slli_epi32(width, 16)));
	power = _mm512_sllv_epi32(set32(1), width);
	low = _mm512_sub_epi32(power, set32(1));
	_mm512_storeu_si512(p->low, _mm512_or_si512(low, _mm512_slli_epi32(low, 16)));
	power = _mm512_or_si512(_mm512_slli_epi32(power, 16), set32(1));
	_mm512_storeu_si512(p->power, power);
	width = _mm512_add_epi32(width, width);
	_mm512_storeu_si512(p->by32, _mm512_sub_epi32(set32(32), width));
	_mm512_storeu_si512(p->by64, _mm512_sub_epi32(set32(64), _mm512_add_epi32(width, width)));
}

/* Words of up to 14 bits, one behind the other; those behind the last are 0. */
static __always_inline __m512i pack_low(const struct word_packing *p, u32 i, u32 width, __m512i v)
{
	__m512i by = _mm512_maskz_set1_epi32(0x5555, (int)p->by32[i]), high;

	v = _mm512_and_si512(v, set32(p->low[i]));
	v = _mm512_madd_epi16(v, set32(p->power[i]));
	/* 32 bits to 64: the lower part is moved up to the higher one, and both down */
	v = _mm512_srlv_epi64(_mm512_sllv_epi32(v, by), by);
	/* to 128 */
	high = _mm512_maskz_shuffle_epi32(0x3333, v, 0xee);
	v = _mm512_sllv_epi64(v, _mm512_maskz_set1_epi32(0x1111, (int)p->by64[i]));
	v = _mm512_shrdv_epi64(v, high, set32(p->by64[i]));
	/* whole bytes to the end */
	return _mm512_permutexvar_epi8(_mm512_loadu_si512(low_places[width]), v);
}

/* What pack_low() has made goes behind the bits of a byte that has begun. */
static __always_inline __m512i put_low(const struct word_lanes *lanes, u32 i, u8 *lows, __m512i v,
				       __m512i begun)
{
	__m512i before = _mm512_alignr_epi64(v, _mm512_setzero_si512(), 7);

	v = _mm512_shldv_epi64(v, before, set32(lanes->shift[i]));
	v = _mm512_or_si512(v, begun);
	_mm512_storeu_si512(lows + lanes->low[i], v);
	return _mm512_maskz_permutexvar_epi8(1, set32(lanes->end[i]), v);
}

/* A block of a group, of which high parts go to @heights. */
static __always_inline __m512i put_block(const struct word_group *group,
					 const struct word_packing *packing, u32 i, u8 *heights,
					 u8 *lows, __m512i begun)
{
	const struct word_lanes *lanes = &group->lanes;
	__m512i v = compress_words(lanes->stored[i], load_numbers(group, i)), high;

	high = _mm512_srlv_epi16(v, set32(packing->width[i]));
	_mm256_storeu_si256((void *)(heights + lanes->height[i]), _mm512_cvtepi16_epi8(high));
	return put_low(lanes, i, lows, pack_low(packing, i, lanes->width[i], v), begun);
}

/* Blocks of a group, by twos; what is behind the last has no numbers. */
static noinline void put_group(const struct word_group *group, u32 blocks, struct lane_writer *w,
			       struct asc_vbr_ahead *ahead)
{
	__m512i begun = w->begun;
	struct word_packing packing __uninitialized;
	struct asc_vbr_ahead next = *ahead;
	u8 *heights = w->heights, *lows = w->lows;
	u32 i;

	prepare_packing(&group->lanes, &packing);
	for (i = 0; i < blocks; i += 2) {
		asc_vbr_fetch_rows(&next);
		begun = put_block(group, &packing, i, heights, lows, begun);
		begun = put_block(group, &packing, i + 1, heights, lows, begun);
	}
	*ahead = next;
	w->begun = begun;
	w->heights += group->lanes.heights;
}

static void vbr_encode_avx512(const struct asc_vbr_grid *g, u32 n, struct asc_vbr_plan *plan)
{
	struct word_group *groups = (struct word_group *)plan->numbers;
	struct asc_vbr_ahead ahead = plan->ahead;
	struct lane_writer w = writer_of(plan);
	u32 first, i = 0;

	/* one ahead, as sums take a while to reach memory, and a decision takes long */
	fold_next(g, n, plan, 0, &groups[0]);
	decide_next(g, n, plan, 0, &groups[0], &w);
	for (first = 0; first < n; first += GROUP, i ^= 1) {
		fold_next(g, n, plan, first + GROUP, &groups[i ^ 1]);
		put_group(&groups[i], asc_vbr_min(asc_vbr_blocks(n - first), LANES), &w,
			  &ahead);
		decide_next(g, n, plan, first + GROUP, &groups[i ^ 1], &w);
	}
	end_writing(&w, plan);
}

static u8 *vbr_put_headers_avx512(u8 *header, u32 blocks, u8 *out)
{
	return put_headers_bmi2(header, blocks, out);
}

/* --- decoding --------------------------------------------------------------- */

/* Each and all before it. */
static __always_inline __m512i sum_up_16(__m512i v)
{
	const __m512i zero = _mm512_setzero_si512();

	v = _mm512_add_epi32(v, _mm512_alignr_epi32(v, zero, 15));
	v = _mm512_add_epi32(v, _mm512_alignr_epi32(v, zero, 14));
	v = _mm512_add_epi32(v, _mm512_alignr_epi32(v, zero, 12));
	return _mm512_add_epi32(v, _mm512_alignr_epi32(v, zero, 8));
}

/* 16 blocks at a time, as long as there are bytes for the masks of all. */
static const u8 *vbr_get_control_avx512(const u8 *in, const u8 *end, u32 n,
					struct asc_vbr_control *control, u32 *low_bits)
{
	__m512i numbers = _mm512_setzero_si512(), lows = numbers;
	u32 blocks = asc_vbr_blocks(n), whole = n / ASC_VBR_BLOCK, i;

	get_headers_bmi2(in, blocks, control->header);
	in = behind_headers(in, blocks);
	for (i = 0; i + 16 <= whole && end - in >= 64; i += 16) {
		__m512i header = _mm512_cvtepu8_epi32(_mm_loadu_si128((const void *)
								      (control->header + i)));
		__m512i width = _mm512_srli_epi32(header, 2), mask, bits, at;
		__mmask16 some = _mm512_cmplt_epu32_mask(width, set32(ASC_VBR_WIDTH_NONE));
		__mmask16 zvc = _mm512_cmpeq_epi32_mask(_mm512_and_si512(header, set32(3)),
							set32(ASC_VBR_ZVC));

		mask = _mm512_mask_expand_epi32(set32(~0u), zvc, _mm512_loadu_si512(in));
		in += 4 * bits_of_mask(zvc);
		_mm512_storeu_si512(control->mask + i, mask);
		mask = _mm512_maskz_mov_epi32(some, _mm512_popcnt_epi32(mask));
		_mm512_storeu_si512(control->used + i,
				    _mm512_sub_epi32(_mm512_sllv_epi32(set32(1), mask), set32(1)));
		numbers = _mm512_add_epi32(numbers, mask);
		bits = _mm512_madd_epi16(mask, width);
		at = _mm512_add_epi32(lows, sum_up_16(bits));
		lows = _mm512_permutexvar_epi32(set32(15), at);
		at = _mm512_sub_epi32(at, bits);
		_mm256_storeu_si256((void *)(control->low_byte + i),
				    _mm512_cvtepi32_epi16(_mm512_srli_epi32(at, 3)));
		at = _mm512_slli_epi32(_mm512_and_si512(at, set32(7)), 3);
		at = _mm512_or_si512(at, _mm512_slli_epi32(width, ASC_VBR_LOW_ROW));
		_mm256_storeu_si256((void *)(control->low_row + i), _mm512_cvtepi32_epi16(at));
	}
	control->numbers = _mm512_reduce_add_epi32(numbers);
	*low_bits = _mm_cvtsi128_si32(_mm512_castsi512_si128(lows));
	return get_masks(in, end, i, n, control, low_bits);
}

/**
 * struct word_width - what belongs to a width
 * @places: which 8 bytes of low bits hold 4 numbers each
 * @shifts: by where in a byte the first number begins, where in them the halves of each do;
 *	of even fours, and of odd ones, which may begin amid a byte
 */
struct word_width {
	u64 places[8];
	u64 shifts[8][2];
};

/* Of each number, the lower byte and the higher one. */
#define PLACES(n, k)	(0x0706050403020100ull + (n) * (k) / 2 * 0x0101010101010101ull)
#define SHIFTS(n, k)	(0x0800080008000800ull + (n) * 0x0101010101010101ull +	\
			 (k) * 0x0303020201010000ull)
#define BOTH(n, k)	{ SHIFTS(n, k), SHIFTS((n) + (k) % 2 * 4, k) }
#define WORD_WIDTH(k)									\
	{ .places = { PLACES(0, k), PLACES(1, k), PLACES(2, k), PLACES(3, k),		\
		      PLACES(4, k), PLACES(5, k), PLACES(6, k), PLACES(7, k) },		\
	  .shifts = { BOTH(0, k), BOTH(1, k), BOTH(2, k), BOTH(3, k),			\
		      BOTH(4, k), BOTH(5, k), BOTH(6, k), BOTH(7, k) } }

/* The last one has no numbers. */
static const struct word_width word_widths[16] = {
	WORD_WIDTH(0), WORD_WIDTH(1), WORD_WIDTH(2), WORD_WIDTH(3),
	WORD_WIDTH(4), WORD_WIDTH(5), WORD_WIDTH(6), WORD_WIDTH(7),
	WORD_WIDTH(8), WORD_WIDTH(9), WORD_WIDTH(10), WORD_WIDTH(11),
	WORD_WIDTH(12), WORD_WIDTH(13), WORD_WIDTH(14),
};

/* Words whose lowest bits are those of a number, from asc_vbr_control.low_row on. */
static __always_inline __m512i get_low(const u8 *lows, u32 width, u32 row)
{
	const struct word_width *w = &word_widths[width];
	const u64 *shifts = (const u64 *)w->shifts + row % (1 << ASC_VBR_LOW_ROW) / 4;
	__m512i by = _mm512_broadcast_i64x2(_mm_loadu_si128((const void *)shifts));
	__m512i places = _mm512_loadu_si512(w->places);

	return _mm512_multishift_epi64_epi8(by, _mm512_permutexvar_epi8(places,
									_mm512_loadu_si512(lows)));
}

/**
 * struct word_header - what belongs to a header, in each of two words
 * @width: bits of a number that are low ones
 * @low: of these
 * @over: bits of the high part that are too many
 * @zvc: of blocks in mode ZVC
 */
struct word_header {
	u32 width, low, over, zvc;
};

#define WORD_HEADER(mode, k)								\
	{ (k) * 0x10001, ((1 << (k)) - 1) * 0x10001u, (0x10000 - (0x10000 >> (k))) * 0x10001u,	\
	  (mode) == ASC_VBR_ZVC ? ~0u : 0 }
#define WORD_HEADERS(k)									\
	{ WORD_HEADER(0, k), WORD_HEADER(1, k), WORD_HEADER(2, k), WORD_HEADER(3, k) }

static const struct word_header word_headers[16][ASC_VBR_MODES] = {
	WORD_HEADERS(0), WORD_HEADERS(1), WORD_HEADERS(2), WORD_HEADERS(3), WORD_HEADERS(4),
	WORD_HEADERS(5), WORD_HEADERS(6), WORD_HEADERS(7), WORD_HEADERS(8), WORD_HEADERS(9),
	WORD_HEADERS(10), WORD_HEADERS(11), WORD_HEADERS(12), WORD_HEADERS(13), WORD_HEADERS(14),
	WORD_HEADERS(0),
};

/* What is the same for all blocks of a tile. */
struct unfolding {
	__m512i origin, twice_both, far_flip, far_base;
	bool plain;
};

static __always_inline __m512i unfold_zmm(const struct unfolding *u, __m512i v)
{
	__m512i half, p;
	__mmask32 far;

	if (u->plain)
		return v;
	half = _mm512_avg_epu16(v, _mm512_setzero_si512());
	far = _mm512_cmpgt_epu16_mask(v, u->twice_both);
	p = _mm512_add_epi16(u->origin, half);
	p = _mm512_mask_sub_epi16(p, _mm512_test_epi16_mask(v, set16(1)), u->origin, half);
	v = _mm512_xor_si512(v, u->far_flip);
	return _mm512_mask_add_epi16(p, far, v, u->far_base);
}

/*
 * The points of blocks in modes ZERO and ZVC, the numbers of others.  Those that are stored are
 * spread by the masks: what is not stored is an origin.  Returns whether a number takes more
 * than 16 bits.
 */
static bool get_blocks(const struct asc_vbr_grid *g, u32 blocks,
		       const struct asc_vbr_control *control, const u8 *lows, u32 ahead,
		       u16 *points)
{
	struct asc_vbr_ahead next_rows = control->ahead;
	const bool one_sided = g->origin <= g->both;
	const struct unfolding u = {
		.origin = kept(set16(g->origin)), .twice_both = set16(2 * g->both),
		.far_flip = set16(one_sided ? 0 : 0xffff),
		.far_base = set16(one_sided ? g->origin - g->both : g->origin + g->both + 1),
		.plain = !g->origin,
	};
	const u8 *zeros = (const u8 *)control->places + ASC_VBR_SLACK;
	__m512i over = _mm512_setzero_si512(), most = over;
	u32 block;

	for (block = 0; block < blocks; block++) {
		u32 header = control->header[block] % 64, used = control->used[block];
		u32 mode = ASC_VBR_HEADER_MODE(header), width = ASC_VBR_HEADER_WIDTH(header);
		const struct word_header *h = &word_headers[width][mode];
		const u8 *low = lows + control->low_byte[block];
		__m512i v, x, zvc = set32(h->zvc);
		__m256i high;

		fetch_ahead(low, ahead);
		asc_vbr_fetch_row_to_write(&next_rows);
		high = _mm256_maskz_sub_epi8(used, _mm256_loadu_si256((const void *)zeros),
					     _mm256_loadu_si256((const void *)(zeros - 1)));
		v = _mm512_cvtepu8_epi16(high);
		zeros += __builtin_popcount(used);
		over = _mm512_ternarylogic_epi32(over, v, set32(h->over), 0xf8);
		v = _mm512_sllv_epi16(v, set32(h->width));
		x = get_low(low, width, control->low_row[block]);
		v = _mm512_ternarylogic_epi32(v, x, set32(h->low), 0xf8);
		most = _mm512_max_epu16(most, _mm512_and_si512(v, zvc));
		v = _mm512_sub_epi16(v, zvc);
		if (!u.plain) {
			__mmask32 differs = mode == ASC_VBR_LEFT || mode == ASC_VBR_UP ? ~0u : 0;

			v = _mm512_mask_mov_epi16(unfold_zmm(&u, v), differs, v);
		}
		v = _mm512_mask_expand_epi16(u.origin, control->mask[block], v);
		_mm512_storeu_si512(points + block * ASC_VBR_BLOCK, v);
	}
	most = _mm512_add_epi16(most, set16(1));
	return _mm512_test_epi16_mask(over, over) || _mm512_testn_epi16_mask(most, most);
}

static __always_inline __m512i unfold_difference_zmm(__m512i v)
{
	__m512i odd = _mm512_and_si512(v, set16(1));

	return _mm512_xor_si512(_mm512_srli_epi16(v, 1),
				_mm512_sub_epi16(_mm512_setzero_si512(), odd));
}

/* Each word and all before it. */
static __always_inline __m512i sum_up(__m512i v)
{
	__m512i last = _mm512_and_si512(lanes(), set16(0x10)), t;

	v = _mm512_add_epi16(v, _mm512_bslli_epi128(v, 2));
	v = _mm512_add_epi16(v, _mm512_bslli_epi128(v, 4));
	v = _mm512_add_epi16(v, _mm512_bslli_epi128(v, 8));
	/* the last word of the first and the third quarter */
	t = _mm512_maskz_permutexvar_epi16(0xff00ff00, _mm512_or_si512(last, set16(7)), v);
	v = _mm512_add_epi16(v, t);
	return _mm512_add_epi16(v, _mm512_maskz_permutexvar_epi16(0xffff0000, set16(15), v));
}

static void sum_lefts(const struct asc_vbr_differences *d, u16 *points)
{
	u32 i;

	for (i = 0; i < d->lefts; i++) {
		u16 *p = points + d->left[i] * ASC_VBR_BLOCK;

		_mm512_storeu_si512(p, sum_up(unfold_difference_zmm(_mm512_loadu_si512(p))));
	}
}

/* Each word and those a multiple of @distance before it. */
static void sum_ups(const struct asc_vbr_differences *d, u32 distance, u16 *points)
{
	__mmask32 mask[5];
	__m512i from[5];
	u32 steps = 0, i, k;

	for (; distance < ASC_VBR_BLOCK; distance *= 2) {
		from[steps] = _mm512_sub_epi16(lanes(), set16(distance));
		mask[steps++] = ~0u << distance;
	}
	for (i = 0; i < d->ups; i++) {
		u16 *p = points + d->up[i] * ASC_VBR_BLOCK;
		__m512i v = unfold_difference_zmm(_mm512_loadu_si512(p));

		for (k = 0; k < steps; k++)
			v = _mm512_add_epi16(v, _mm512_maskz_permutexvar_epi16(mask[k], from[k],
									       v));
		_mm512_storeu_si512(p, v);
	}
}

/* What comes from the blocks before. */
static void carry_on(const struct asc_vbr_differences *d, const u8 *header, u32 up, u16 *points)
{
	/* above a narrow plane's block is the one before */
	s32 distance[2] = { ASC_VBR_BLOCK, up > ASC_VBR_BLOCK ? up : ASC_VBR_BLOCK };
	__m512i from[2] = { set16(ASC_VBR_BLOCK - 1), places_above(up) };
	u32 i;

	for (i = 0; i < d->count; i++) {
		u32 block = d->all[i], is_up = ASC_VBR_HEADER_MODE(header[block]) == ASC_VBR_UP;
		s32 first = block * ASC_VBR_BLOCK, before = first - distance[is_up];
		__m512i v = _mm512_loadu_si512(points + first), x;

		/* before the first point are origins */
		before = before < -ASC_VBR_BLOCK ? -ASC_VBR_BLOCK : before;
		x = _mm512_loadu_si512(points + before);
		x = _mm512_permutexvar_epi16(from[is_up], x);
		_mm512_storeu_si512(points + first, _mm512_add_epi16(v, x));
	}
}

static int vbr_decode_avx512(const struct asc_vbr_grid *g, u32 n, struct asc_vbr_control *control,
			     const u8 *lows, const u8 *highs, const u8 *end)
{
	u32 low_bytes = highs - lows, high_bytes = end - highs, last = 0;
	u8 *zeros = (u8 *)control->places + ASC_VBR_SLACK;
	u16 *points = control->points + ASC_VBR_BLOCK;

	/* of 8 bits, what asc_vbr_bytes_avx512 leaves; and not what an encoder writes */
	if (g->sign_bit == 7 || end - lows > 2 * FMC_TILE_MAX_VALUES)
		return vbr_decode(g, n, control, lows, highs, end);
	zeros[-1] = 0;
	if (control->numbers) {
		last = count_zeros(highs, high_bytes, control->numbers, low_bytes + high_bytes,
				   zeros);
		if (!last)
			return vbr_decode(g, n, control, lows, highs, end);
	}
	if (8 * high_bytes - last >= 8)
		return -EBADMSG;
	if (get_blocks(g, asc_vbr_blocks(n), control,
		       readable_lows(control, lows, low_bytes, high_bytes), end - lows, points))
		return vbr_decode(g, n, control, lows, highs, end);
	list_differences(control, asc_vbr_blocks(n));
	sum_lefts(&control->differences, points);
	sum_ups(&control->differences, g->up, points);
	carry_on(&control->differences, control->header, g->up, points);
	return 0;
}

/* As vbr_from_points() has it. */
struct word_values {
	__m512i step, base, least, most, last, flip;
	bool plain;
};

static __always_inline __m512i to_values(const struct word_values *t, __m512i p)
{
	__m512i v;

	p = _mm512_min_epu16(p, t->last);
	/* without loss points are values but for the first one */
	if (t->plain)
		return _mm512_xor_si512(_mm512_add_epi16(p, t->base), t->flip);
	v = _mm512_add_epi16(_mm512_mullo_epi16(p, t->step), t->base);
	v = _mm512_mask_mov_epi16(v, _mm512_cmpgt_epu16_mask(p, t->most), set16(0xffff));
	v = _mm512_maskz_mov_epi16(_mm512_cmpge_epu16_mask(p, t->least), v);
	return _mm512_xor_si512(v, t->flip);
}

static __always_inline void put_width(const struct word_values *t, u32 w,
				      const struct fmc_tile *tile, const u16 *points,
				      const struct fmc_rows *rows, u8 *out)
{
	u64 row = rows->row;
	u32 c, y, x;

	for (c = 0; c < tile->c; c++) {
		u8 *plane = out + rows->at + c * rows->plane;

		for (y = 0; y < tile->h; y++, points += w) {
			u8 *to = plane + y * row;

			for (x = 0; x + 32 <= w; x += 32)
				_mm512_storeu_si512(to + 2 * x,
						    to_values(t, _mm512_loadu_si512(points + x)));
			if (x < w)
				_mm512_mask_storeu_epi16(to + 2 * x, asc_vbr_mask(w - x),
							 to_values(t, _mm512_loadu_si512(points +
											 x)));
		}
	}
}

static __always_inline void put_values(const struct word_values *t, const struct fmc_tile *tile,
				       const u16 *points, const struct fmc_rows *rows, u8 *out)
{
	if (tile->w == ASC_VBR_BLOCK)
		put_width(t, ASC_VBR_BLOCK, tile, points, rows, out);
	else
		put_width(t, tile->w, tile, points, rows, out);
}

static void put_rows_avx512(const struct asc_vbr_grid *g, const struct fmc_tile *tile,
			    const u16 *points, const struct fmc_rows *rows, u8 *out)
{
	u32 below = g->zero / g->step, above = (g->max - g->zero) / g->step;
	struct word_values t = {
		.step = set16(g->step), .base = set16(g->zero - g->origin * g->step),
		.least = set16(g->origin > below ? g->origin - below : 0),
		.most = set16(g->origin + above), .last = set16(g->last),
		.flip = set16(rows->flip), .plain = g->step == 1,
	};

	if (t.plain)
		put_values(&t, tile, points, rows, out);
	else
		put_values(&t, tile, points, rows, out);
}

const struct asc_vbr_kernels asc_vbr_kernels_avx512 = {
	.tiles = &fmc_tile_coders_avx512,
	.bytes = &asc_vbr_bytes_avx512,
	.least = vbr_least,
	.to_points = to_points_avx512,
	.to_points_errors = to_points_errors_avx512,
	.to_points_above = to_points_above_avx512,
	.from_points = vbr_from_points,
	.add_errors = vbr_add_errors,
	.encode = vbr_encode_avx512,
	.count = vbr_count_avx512,
	.put_headers = vbr_put_headers_avx512,
	.get_control = vbr_get_control_avx512,
	.decode = vbr_decode_avx512,
	.put_rows = put_rows_avx512,
	.get_rows = get_rows_avx512,
	.trellis = asc_vbr_trellis_avx512,
};

#endif
