// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ASC-VBR with AVX-512 F, BW, VL, DQ, VBMI and VBMI2: a block is a register of 32 words.
 */

#include "kernels.h"

#ifdef FMC_X86

#include "asc_vbr_encode_avx512.h"
#include "asc_vbr_loops.h"

/* Blocks that are decided on at a time. */
#define QUAD	ASC_VBR_GROUP

static __always_inline __m128i shift_by(u32 bits)
{
	return _mm_cvtsi32_si128((int)bits);
}

/* --- values and points ------------------------------------------------------ */

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

/*
 * Numbers of a block in all modes; returns their sums and how many are not zero, in parts
 * that are to be added up, of each 128 bits.
 */
static __always_inline __m512i fold_block_zmm(const struct asc_vbr_grid *g, const struct folding *f,
					      const u16 *points, u32 first, __mmask32 inside,
					      bool narrow, u16 (*numbers)[ASC_VBR_BLOCK])
{
	const u16 *p = points + first;
	__m512i v = _mm512_loadu_si512(p), zero, left, up, a, b, c, d, t;

	/* what lies before the second block at least is there, or as good as origins */
	up = _mm512_loadu_si512(points_above(g, points, first, numbers[ASC_VBR_UP]));
	zero = fold_zmm(f, v);
	left = fold_difference_zmm(v, _mm512_loadu_si512(p - 1), narrow);
	up = fold_difference_zmm(v, up, narrow);
	zero = _mm512_maskz_mov_epi16(inside, zero);
	left = _mm512_maskz_mov_epi16(inside, left);
	up = _mm512_maskz_mov_epi16(inside, up);
	if (!f->plain)
		_mm512_storeu_si512(numbers[ASC_VBR_ZERO], zero);
	_mm512_storeu_si512(numbers[ASC_VBR_LEFT], left);
	_mm512_storeu_si512(numbers[ASC_VBR_UP], up);
	a = add_pairs(zero, narrow);
	b = add_pairs(left, narrow);
	c = add_pairs(up, narrow);
	d = _mm512_madd_epi16(_mm512_min_epu16(zero, set16(1)), set16(1));
	t = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
	d = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
	return _mm512_add_epi32(_mm512_unpacklo_epi64(t, d), _mm512_unpackhi_epi64(t, d));
}

/* The sum of the quarters of each, in the quarter of its place. */
static __always_inline __m512i add_quarters(__m512i a, __m512i b, __m512i c, __m512i d)
{
	__m512i ab = _mm512_add_epi32(_mm512_shuffle_i32x4(a, b, 0x44),
				      _mm512_shuffle_i32x4(a, b, 0xee));
	__m512i cd = _mm512_add_epi32(_mm512_shuffle_i32x4(c, d, 0x44),
				      _mm512_shuffle_i32x4(c, d, 0xee));

	return _mm512_add_epi32(_mm512_shuffle_i32x4(ab, cd, 0x88),
				_mm512_shuffle_i32x4(ab, cd, 0xdd));
}

static __always_inline u32 values_of(u32 n, u32 first)
{
	return first >= n ? 0 : asc_vbr_min(n - first, ASC_VBR_BLOCK);
}

static __always_inline struct folding folding_of(const struct asc_vbr_grid *g)
{
	struct folding f = {
		.origin = kept(set16(g->origin)),
		.both = kept(set16(g->both)),
		.plain = !g->origin,
	};

	return f;
}

/* Where the numbers of the blocks from @first on are, beside those before them. */
static __always_inline u16 (*numbers_of(struct asc_vbr_plan *plan, u32 first))
		[ASC_VBR_MODES][ASC_VBR_BLOCK]
{
	return plan->numbers + first / ASC_VBR_BLOCK % ASC_VBR_PLANNED;
}

/* Numbers of the blocks from @first on, and their headers. */
static __always_inline void plan_quad_of(const struct asc_vbr_grid *g, u32 n, u32 first,
					 bool narrow, struct asc_vbr_plan *plan, u32 *headers)
{
	u16 (*numbers)[ASC_VBR_MODES][ASC_VBR_BLOCK] = numbers_of(plan, first);
	struct folding f = folding_of(g);
	const u16 *points = plan->points + ASC_VBR_BLOCK;
	u32 bias = narrow ? 0 : 32 * 0x8000;
	__m512i sums[QUAD], all, count = set32(ASC_VBR_BLOCK), mask_bits = set32(ASC_VBR_BLOCK);
	u32 i;

	if (n - first >= QUAD * ASC_VBR_BLOCK) {
		for (i = 0; i < QUAD; i++)
			sums[i] = fold_block_zmm(g, &f, points, first + i * ASC_VBR_BLOCK, ~0u,
						 narrow, numbers[i]);
	} else {
		for (i = 0; i < QUAD; i++) {
			u32 at = first + i * ASC_VBR_BLOCK, size = values_of(n, at);
			__mmask16 quarter = 0xf << 4 * i;

			sums[i] = _mm512_setzero_si512();
			if (!size)
				continue;
			sums[i] = fold_block_zmm(g, &f, points, at, asc_vbr_mask(size), narrow,
						 numbers[i]);
			count = _mm512_mask_mov_epi32(count, quarter, set32(size));
			mask_bits = _mm512_mask_mov_epi32(mask_bits, quarter,
							  set32((size + 7) / 8 * 8));
		}
	}
	all = add_quarters(sums[0], sums[1], sums[2], sums[3]);
	all = _mm512_add_epi32(all, _mm512_set4_epi32(0, bias, bias, bias));
	_mm512_storeu_si512(headers, decide_zmm(all, count, mask_bits));
}

static noinline void plan_narrow_quad(const struct asc_vbr_grid *g, u32 n, u32 first,
				      struct asc_vbr_plan *plan, u32 *headers)
{
	plan_quad_of(g, n, first, true, plan, headers);
}

static noinline void plan_wide_quad(const struct asc_vbr_grid *g, u32 n, u32 first,
				    struct asc_vbr_plan *plan, u32 *headers)
{
	plan_quad_of(g, n, first, false, plan, headers);
}

static __always_inline void plan_quad(const struct asc_vbr_grid *g, u32 n, u32 first,
				      struct asc_vbr_plan *plan, u32 *headers)
{
	if (g->sign_bit == 7)
		plan_narrow_quad(g, n, first, plan, headers);
	else
		plan_wide_quad(g, n, first, plan, headers);
}

/* Where those of mode ZERO are: points are the same if none is below the origin. */
static const u16 *zero_numbers(const struct asc_vbr_grid *g, struct asc_vbr_plan *plan, u32 first)
{
	return g->origin ? numbers_of(plan, first)[0][ASC_VBR_ZERO] :
			   plan->points + ASC_VBR_BLOCK + first;
}

/* How far those of a block are from those of the next. */
static __always_inline u32 zero_apart(const struct asc_vbr_grid *g)
{
	return g->origin ? ASC_VBR_MODES * ASC_VBR_BLOCK : ASC_VBR_BLOCK;
}

/*
 * Numbers of a block as they are stored, without zeros in mode ZVC, and their mask; @zero are
 * those of mode ZERO.
 */
static __always_inline __m512i stored_numbers(u16 (*numbers)[ASC_VBR_BLOCK], const u16 *zero,
					      u32 mode, u32 size, u32 *mask)
{
	bool zvc = mode == ASC_VBR_ZVC;
	const u16 *from = mode == ASC_VBR_ZERO || zvc ? zero : numbers[mode];
	__m512i v = _mm512_loadu_si512(from);

	/* a branch would go either way */
	*mask = (_mm512_test_epi16_mask(v, v) | ((u32)zvc - 1)) & asc_vbr_mask(size);
	return _mm512_maskz_sub_epi16(*mask, v, set16(zvc));
}

static __always_inline void count_quad(const struct asc_vbr_grid *g, struct asc_vbr_plan *plan,
				       u32 n, u32 first, bool narrow, const u32 *headers,
				       __m512i *high)
{
	struct asc_vbr_sizes *sizes = &plan->sizes;
	const u16 *zero = zero_numbers(g, plan, first);
	u32 apart = zero_apart(g), i, size;

	for (i = 0; i < QUAD; i++, zero += apart) {
		u32 mode = ASC_VBR_HEADER_MODE(headers[4 * i]), mask, numbers;
		u32 width = ASC_VBR_HEADER_WIDTH(headers[4 * i]);
		__m512i v;

		size = values_of(n, first + i * ASC_VBR_BLOCK);
		if (!size)
			return;
		sizes->mask_bytes += mode == ASC_VBR_ZVC ? (size + 7) / 8 : 0;
		v = stored_numbers(numbers_of(plan, first)[i], zero, mode, size, &mask);
		numbers = width == ASC_VBR_WIDTH_NONE ? 0 : __builtin_popcount(mask);
		sizes->low_bits += numbers * width;
		sizes->high_bits += numbers + (narrow ? 0 : 32 * 0x8000);
		v = add_pairs(_mm512_srl_epi16(v, shift_by(width)), narrow);
		*high = _mm512_add_epi32(*high, v);
	}
}

static void vbr_count_avx512(const struct asc_vbr_grid *g, u32 n, struct asc_vbr_plan *plan)
{
	bool narrow = g->sign_bit == 7;
	__m512i high = _mm512_setzero_si512();
	u32 headers[4 * QUAD], first;

	memset(&plan->sizes, 0, sizeof(plan->sizes));
	for (first = 0; first < n; first += QUAD * ASC_VBR_BLOCK) {
		plan_quad(g, n, first, plan, headers);
		count_quad(g, plan, n, first, narrow, headers, &high);
	}
	plan->sizes.high_bits += (u32)_mm512_reduce_add_epi32(high);
}

/* Constants of what follows, in registers. */
struct packing {
	__m512i one16, low32;
};

static __always_inline struct packing packing_of(void)
{
	struct packing p = {
		.one16 = kept(set16(1)),
		.low32 = kept(_mm512_set1_epi64(0xffffffff)),
	};

	return p;
}

/* Words of up to 14 bits, one behind the other; those behind the last are 0. */
static __always_inline __m512i pack_low(const struct packing *c, __m512i v, u32 width)
{
	const __mmask8 lower = 0x55;
	__m128i by2 = shift_by(2 * width), by4 = shift_by(4 * width);
	__m512i pair;

	v = _mm512_and_si512(v, set16((1u << width) - 1));
	v = _mm512_madd_epi16(v, set32(1 | 1u << (16 + width)));
	/* 32 bits to 64 */
	pair = _mm512_sll_epi64(_mm512_srli_epi64(v, 32), by2);
	v = _mm512_or_si512(_mm512_and_si512(v, c->low32), pair);
	/* to 128: the upper half goes to where the lower one ends */
	pair = _mm512_shuffle_epi32(v, 0xee);
	v = _mm512_maskz_mov_epi64(lower, v);
	v = _mm512_or_si512(v, _mm512_maskz_sll_epi64(lower, pair, by4));
	pair = _mm512_maskz_srl_epi64(0xaa, pair, shift_by(64 - 4 * width));
	v = _mm512_or_si512(v, pair);
	/* whole bytes to the end */
	return _mm512_maskz_compress_epi8(((1ull << width) - 1) * 0x0001000100010001ull, v);
}

/* What pack_low() has made goes behind the bits of a byte that has begun. */
static __always_inline __m512i put_low(u8 *lows, __m512i v, u32 at, u32 bits, __m512i begun)
{
	__m512i before = _mm512_alignr_epi64(v, _mm512_setzero_si512(), 7);

	v = _mm512_shldv_epi64(v, before, _mm512_set1_epi64(at % 8));
	v = _mm512_or_si512(v, begun);
	_mm512_storeu_si512(lows + at / 8, v);
	return _mm512_maskz_permutexvar_epi8(1, set32((at % 8 + bits) / 8), v);
}

/* Blocks that have been decided on, step by step, so that they run side by side. */
static noinline void put_quad(const struct asc_vbr_grid *g, struct asc_vbr_plan *plan, u32 n,
			      u32 first, const u32 *headers, struct lane_writer *w)
{
	u16 (*numbers)[ASC_VBR_MODES][ASC_VBR_BLOCK] = numbers_of(plan, first);
	struct packing packing = packing_of(), *c = &packing;
	u32 width[QUAD], count[QUAD], at, i;
	__m512i v[QUAD], low[QUAD], begun = w->begun;
	u8 *heights, *lows = w->lows, *masks = w->masks;
	const u16 *zero = zero_numbers(g, plan, first);
	u32 apart = zero_apart(g);

	/* those of blocks before, which have reached memory by now */
	put_whole_heights(w);
	heights = w->heights + w->height_count;
	for (i = 0; i < QUAD; i++) {
		u32 mode = ASC_VBR_HEADER_MODE(headers[4 * i]), mask;
		u32 size = values_of(n, first + i * ASC_VBR_BLOCK);

		width[i] = ASC_VBR_HEADER_WIDTH(headers[4 * i]);
		plan->header[first / ASC_VBR_BLOCK + i] = headers[4 * i];
		v[i] = stored_numbers(numbers[i], zero, mode, size, &mask);
		zero += apart;
		put_u64(masks, mask);
		masks += mode == ASC_VBR_ZVC ? (size + 7) / 8 : 0;
		mask = width[i] == ASC_VBR_WIDTH_NONE ? 0 : mask;
		count[i] = __builtin_popcount(mask);
		v[i] = _mm512_maskz_compress_epi16(mask, v[i]);
	}
	for (i = 0; i < QUAD; i++)
		low[i] = pack_low(c, v[i], width[i]);
	for (i = 0; i < QUAD; i++) {
		__m512i high = _mm512_srl_epi16(v[i], shift_by(width[i]));

		high = _mm512_add_epi16(high, c->one16);
		_mm256_storeu_si256((void *)heights, _mm512_cvtepi16_epi8(high));
		heights += count[i];
	}
	for (i = 0, at = w->low_bits; i < QUAD; i++) {
		begun = put_low(lows, low[i], at, count[i] * width[i], begun);
		at += count[i] * width[i];
	}
	w->masks = masks;
	w->low_bits = at;
	w->begun = begun;
	w->height_count = heights - w->heights;
}

static void vbr_encode_avx512(const struct asc_vbr_grid *g, u32 n, struct asc_vbr_plan *plan)
{
	struct lane_writer w = {
		.masks = plan->masks,
		.lows = plan->lows,
		.begun = _mm512_setzero_si512(),
		.heights = plan->heights,
		.highs = { .at = plan->highs },
	};
	u32 headers[2][4 * QUAD], first, next, i = 0;

	/* one ahead, as a decision takes long */
	plan_quad(g, n, 0, plan, headers[0]);
	for (first = 0; first < n; first = next, i ^= 1) {
		next = first + QUAD * ASC_VBR_BLOCK;
		if (next < n)
			plan_quad(g, n, next, plan, headers[i ^ 1]);
		put_quad(g, plan, n, first, headers[i], &w);
	}
	put_whole_heights(&w);
	put_last_heights(&w);
	plan->sizes.mask_bytes = w.masks - plan->masks;
	plan->sizes.low_bits = w.low_bits;
	plan->sizes.high_bits = bits_written(&w.highs, plan->highs);
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
		in += 4 * __builtin_popcount(zvc);
		_mm512_storeu_si512(control->mask + i, mask);
		mask = _mm512_maskz_mov_epi32(some, bits_of_words(mask));
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
 * @shifts: where in them the halves of each begin
 */
struct word_width {
	u64 places[8];
	u64 shifts[8];
};

static_assert(sizeof(struct word_width) == 1 << ASC_VBR_LOW_ROW, "as in asc_vbr_control");

/* Of each number, the lower byte and the higher one; those of odd fours may begin amid a byte. */
#define PLACES(n, k)	(0x0706050403020100ull + (n) * (k) / 2 * 0x0101010101010101ull)
#define SHIFTS(n, k)	(0x0800080008000800ull + (n) * (k) % 2 * 0x0404040404040404ull +	\
			 (k) * 0x0303020201010000ull)
#define WORD_WIDTH(k)									\
	{ .places = { PLACES(0, k), PLACES(1, k), PLACES(2, k), PLACES(3, k),		\
		      PLACES(4, k), PLACES(5, k), PLACES(6, k), PLACES(7, k) },		\
	  .shifts = { SHIFTS(0, k), SHIFTS(1, k), SHIFTS(2, k), SHIFTS(3, k),		\
		      SHIFTS(4, k), SHIFTS(5, k), SHIFTS(6, k), SHIFTS(7, k) } }

/* The last one has no numbers. */
static const struct word_width word_widths[16] = {
	WORD_WIDTH(0), WORD_WIDTH(1), WORD_WIDTH(2), WORD_WIDTH(3),
	WORD_WIDTH(4), WORD_WIDTH(5), WORD_WIDTH(6), WORD_WIDTH(7),
	WORD_WIDTH(8), WORD_WIDTH(9), WORD_WIDTH(10), WORD_WIDTH(11),
	WORD_WIDTH(12), WORD_WIDTH(13), WORD_WIDTH(14),
};

/* Words whose lowest bits are those of a number, from a place in the table on. */
static __always_inline __m512i get_low(const u8 *lows, u32 row)
{
	const u8 *width = (const u8 *)word_widths + (row & ~0u << ASC_VBR_LOW_ROW);
	__m512i v = _mm512_loadu_si512(lows), shift = _mm512_set1_epi8((char)(row / 8 % 8));

	v = _mm512_permutexvar_epi8(_mm512_loadu_si512(width), v);
	shift = _mm512_add_epi8(shift, _mm512_loadu_si512(width + sizeof(word_widths->places)));
	return _mm512_multishift_epi64_epi8(shift, v);
}

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
		u32 header = control->header[block], used = control->used[block];
		u32 mode = ASC_VBR_HEADER_MODE(header), width = ASC_VBR_HEADER_WIDTH(header);
		const u8 *low = lows + control->low_byte[block];
		__m512i v, zvc = set16(mode == ASC_VBR_ZVC ? 0xffff : 0), x;
		__mmask32 is_point = mode == ASC_VBR_LEFT || mode == ASC_VBR_UP ? 0 : ~0u;
		__m256i high;

		width = width == ASC_VBR_WIDTH_NONE ? 0 : width;
		fetch_ahead(low, ahead);
		asc_vbr_fetch_row_to_write(&next_rows);
		high = _mm256_maskz_sub_epi8(used, _mm256_loadu_si256((const void *)zeros),
					     _mm256_loadu_si256((const void *)(zeros - 1)));
		zeros += __builtin_popcount(used);
		v = _mm512_cvtepu8_epi16(high);
		x = _mm512_andnot_si512(set16(0xffff >> width), v);
		over = _mm512_or_si512(over, x);
		v = _mm512_sll_epi16(v, shift_by(width));
		v = _mm512_ternarylogic_epi32(v, get_low(low, control->low_row[block]),
					      set16((1u << width) - 1), 0xf8);
		most = _mm512_max_epu16(most, _mm512_and_si512(v, zvc));
		v = _mm512_sub_epi16(v, zvc);
		v = _mm512_mask_mov_epi16(v, is_point, unfold_zmm(&u, v));
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

static __always_inline void put_values(const struct word_values *t, const struct fmc_tile *tile,
				       const u16 *points, const struct fmc_rows *rows)
{
	u8 *plane = rows->first, *to;
	u32 w = tile->w, c, y, x;

	for (c = 0; c < tile->c; c++, plane += rows->plane) {
		for (y = 0, to = plane; y < tile->h; y++, points += w, to += rows->row) {
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

static void put_rows_avx512(const struct asc_vbr_grid *g, const struct fmc_tile *tile,
			    const u16 *points, const struct fmc_rows *rows)
{
	u32 below = g->zero / g->step, above = (g->max - g->zero) / g->step;
	struct word_values t = {
		.step = set16(g->step), .base = set16(g->zero - g->origin * g->step),
		.least = set16(g->origin > below ? g->origin - below : 0),
		.most = set16(g->origin + above), .last = set16(g->last),
		.flip = set16(rows->flip), .plain = g->step == 1,
	};

	if (t.plain)
		put_values(&t, tile, points, rows);
	else
		put_values(&t, tile, points, rows);
}

const struct asc_vbr_kernels asc_vbr_kernels_avx512 = {
	.tiles = &fmc_tile_coders_avx512,
	.bytes = &asc_vbr_bytes_avx512,
	.least = vbr_least,
	.to_points = vbr_to_points,
	.to_points_errors = to_points_errors_avx512,
	.from_points = vbr_from_points,
	.add_errors = vbr_add_errors,
	.encode = vbr_encode_avx512,
	.count = vbr_count_avx512,
	.put_headers = vbr_put_headers_avx512,
	.get_control = vbr_get_control_avx512,
	.decode = vbr_decode_avx512,
	.put_rows = put_rows_avx512,
};

#endif
