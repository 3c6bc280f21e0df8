// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ASC's search for endpoints with AVX-512: where the values of each point end among the sorted
 * ones is found by bisection, for two thresholds of sixteen pairs of ends at once.
 */

#include "kernels.h"

#ifdef FMC_X86

#include "asc_search_x86.h"

/**
 * struct tables - sorted values
 * @values: the values, and above them 0xffff
 * @sums: of the first 1, 2, ... values
 */
struct tables {
	__m512i values[2], sums[4];
};

/* All of them are read, and no other. */
static inline_all void load_tables(const struct asc_sorted *s, u32 size, struct tables *t)
{
	const __m512i most = _mm512_set1_epi16(-1);
	u32 i;

	for (i = 0; i < (size + 31) / 32; i++) {
		u32 left = s->count - 32 * i;
		__mmask32 here = left >= 32 ? ~0u : (1u << left) - 1;

		t->values[i] = _mm512_mask_loadu_epi16(most, here, s->values + 32 * i);
	}
	for (i = 0; i < (size + 15) / 16; i++)
		t->sums[i] = _mm512_loadu_si512(s->sums + 16 * i + 1);
}

/* Go so many values up if that one is not above the threshold. */
static inline_all __m512i go_up(const struct tables *t, u32 size, __m512i threshold, __m512i at,
				u32 step)
{
	__m512i next = _mm512_add_epi16(at, _mm512_set1_epi16(step)), x;

	if (size == 64)
		x = _mm512_permutex2var_epi16(t->values[0], next, t->values[1]);
	else
		x = _mm512_permutexvar_epi16(next, t->values[0]);
	return _mm512_mask_mov_epi16(at, _mm512_cmple_epu16_mask(x, threshold), next);
}

/* Of each threshold, the last value that is not above it: its number, or -1. */
static inline_all __m512i bisect(const struct tables *t, u32 size, __m512i threshold)
{
	__m512i at = _mm512_set1_epi16(-1);
	u32 step;

#pragma GCC unroll 8
	for (step = size / 2; step; step /= 2)
		at = go_up(t, size, threshold, at, step);
	return go_up(t, size, threshold, at, 1);
}

/* Sums of the values up to that with a number. */
static inline_all __m512i sums_to(const struct tables *t, u32 size, __m512i at)
{
	__mmask16 any = _mm512_cmpge_epi32_mask(at, _mm512_setzero_si512());
	__m512i x;

	if (size <= 16)
		return _mm512_maskz_permutexvar_epi32(any, at, t->sums[0]);
	x = _mm512_maskz_permutex2var_epi32(any, t->sums[0], at, t->sums[1]);
	if (size <= 32)
		return x;
	any &= _mm512_cmpgt_epi32_mask(at, _mm512_set1_epi32(31));
	return _mm512_mask_mov_epi32(x, any, _mm512_permutex2var_epi32(t->sums[2], at,
								       t->sums[3]));
}

static inline_all __m512i wide(__m256i x)
{
	return _mm512_cvtepu16_epi32(x);
}

static inline_all u32 try_16(const struct asc_sorted *s, const struct asc_tries *tries, u32 size,
			     u64 *cost)
{
	const __m512i total = _mm512_set1_epi32(s->sums[s->count]);
	const __m512i count = _mm512_set1_epi32(s->count);
	const __m512i last = _mm512_set1_epi16(s->count - 1);
	__m512i squares, sum, p, a, b, at[4];
	__m256i points[ASC_POINTS], t[ASC_POINTS];
	struct tables tables;
	__mmask8 allowed;
	u64 least;
	u32 k;

	load_tables(s, size, &tables);
	tried_points(tries, points);
#pragma GCC unroll 8
	for (k = 0; k < ASC_POINTS - 1; k++)
		t[k] = tried_threshold(points, k);
	t[7] = t[6];
#pragma GCC unroll 4
	for (k = 0; k < 4; k++) {
		a = _mm512_inserti64x4(_mm512_castsi256_si512(t[2 * k]), t[2 * k + 1], 1);
		/* a threshold of 0xffff is not below what stands behind the values */
		at[k] = _mm512_min_epi16(bisect(&tables, size, a), last);
	}
	/* as if all were of the last point; (p - x)^2 = x^2 + p * (p - 2x) */
	p = wide(points[7]);
	sum = _mm512_sub_epi32(_mm512_mullo_epi32(p, count), total);
	squares = _mm512_add_epi32(_mm512_mullo_epi32(p, _mm512_sub_epi32(sum, total)),
				   _mm512_set1_epi32((u32)s->squares));
#pragma GCC unroll 8
	for (k = ASC_POINTS - 1; k-- > 0; ) {
		__m256i half = k & 1 ? _mm512_extracti64x4_epi64(at[k / 2], 1) :
				       _mm512_castsi512_si256(at[k / 2]);
		__m512i here = _mm512_cvtepi16_epi32(half);
		__m512i below = wide(points[k]), step = _mm512_sub_epi32(p, below);
		__m512i values = sums_to(&tables, size, here);

		/* those up to here go one point down */
		here = _mm512_sub_epi32(here, _mm512_set1_epi32(-1));
		a = _mm512_mullo_epi32(_mm512_add_epi32(p, below), here);
		a = _mm512_sub_epi32(a, _mm512_add_epi32(values, values));
		squares = _mm512_sub_epi32(squares, _mm512_mullo_epi32(step, a));
		sum = _mm512_sub_epi32(sum, _mm512_mullo_epi32(step, here));
		p = below;
	}
	/* even words, then odd ones: the scales */
	a = _mm512_add_epi64(_mm512_mul_epi32(sum, sum), _mm512_mul_epi32(sum, sum));
	a = _mm512_add_epi64(a, _mm512_mul_epu32(squares, count));
	sum = _mm512_srli_epi64(sum, 32);
	squares = _mm512_srli_epi64(squares, 32);
	b = _mm512_add_epi64(_mm512_mul_epi32(sum, sum), _mm512_mul_epi32(sum, sum));
	b = _mm512_add_epi64(b, _mm512_mul_epu32(squares, count));
	/* a number in the lowest bits lets the first of equals win */
	a = _mm512_or_si512(_mm512_slli_epi64(a, 4), _mm512_set_epi64(14, 12, 10, 8, 6, 4, 2, 0));
	b = _mm512_or_si512(_mm512_slli_epi64(b, 4), _mm512_set_epi64(15, 13, 11, 9, 7, 5, 3, 1));
	allowed = tries->scales & 1u << ASC_SCALE_LINEAR ? 0xff : 0;
	a = _mm512_mask_mov_epi64(_mm512_set1_epi64(-1), allowed, a);
	allowed = tries->scales & 1u << ASC_SCALE_LOG ? 0xff : 0;
	a = _mm512_mask_min_epu64(a, allowed, a, b);
	least = _mm512_reduce_min_epu64(a);
	*cost = least >> 4;
	return least & (ASC_TRIES - 1);
}

#define TRY(size)										\
static noinline u32 try_16_of_##size(const struct asc_sorted *s, const struct asc_tries *tries,	\
				     u64 *cost)							\
{												\
	return try_16(s, tries, size, cost);							\
}

TRY(8)
TRY(16)
TRY(32)
TRY(64)

static u32 try_all(const struct asc_sorted *s, const struct asc_tries *tries, u64 *cost)
{
	return s->count <= 8 ? try_16_of_8(s, tries, cost) :
	       s->count <= 16 ? try_16_of_16(s, tries, cost) :
	       s->count <= 32 ? try_16_of_32(s, tries, cost) : try_16_of_64(s, tries, cost);
}

/*
 * Both scales side by side, eight points of each.  The upper points of the linear one are
 * mirrored: of range R, R - (R * w + 8 >> 4) is R * (16 - w) + 7 >> 4.
 */
#define WEIGHTS		16, 12, 8, 6, 4, 2, 1, 0, 16, 14, 11, 9, 7, 5, 2, 0
#define BIAS		8, 8, 8, 8, 8, 8, 8, 8, 7, 7, 7, 7, 8, 8, 8, 8

/* What is one point below, and 0 below the first. */
static inline_all __m512i below(__m512i x)
{
	return _mm512_maskz_alignr_epi32(0xfefe, x, x, 15);
}

/* Sums of the halves, in all their words. */
static inline_all __m512i sum_halves(__m512i x)
{
	x = _mm512_add_epi32(x, _mm512_shuffle_epi32(x, 0x4e));
	x = _mm512_add_epi32(x, _mm512_shuffle_epi32(x, 0xb1));
	return _mm512_add_epi32(x, _mm512_shuffle_i32x4(x, x, 0xb1));
}

static inline_all void fit_16(const struct asc_sorted *s, const struct asc_tries *tries, u32 size,
			      struct asc_fit *fits)
{
	const __m512i weights = _mm512_set_epi32(WEIGHTS), one = _mm512_set1_epi32(1);
	__m512i low = _mm512_mask_set1_epi32(_mm512_set1_epi32(tries->low[0]), 0xff00,
					     tries->low[1]);
	__m512i range = _mm512_mask_set1_epi32(_mm512_set1_epi32(tries->high[0] - tries->low[0]),
					       0xff00, tries->high[1] - tries->low[1]);
	__m512i points, next, t, at, sums, products, squares, high;
	struct tables tables;
	__mmask16 less;
	u32 i;

	load_tables(s, size, &tables);
	points = _mm512_add_epi32(_mm512_mullo_epi32(range, weights), _mm512_set_epi32(BIAS));
	points = _mm512_add_epi32(_mm512_srli_epi32(points, 4), low);
	next = _mm512_alignr_epi32(points, points, 1);
	less = _mm512_mask_cmplt_epu32_mask(0xaaaa, points, next);
	t = _mm512_add_epi32(points, next);
	t = _mm512_srli_epi32(_mm512_mask_sub_epi32(t, less, t, one), 1);
	/* all values are up to the last point */
	t = _mm512_mask_mov_epi32(t, 0x8080, _mm512_set1_epi32(0xffff));
	at = bisect(&tables, size, _mm512_castsi256_si512(_mm512_cvtepi32_epi16(t)));
	at = _mm512_cvtepi16_epi32(_mm512_castsi512_si256(at));
	at = _mm512_min_epi32(at, _mm512_set1_epi32(s->count - 1));
	sums = sums_to(&tables, size, at);
	at = _mm512_add_epi32(at, one);
	at = _mm512_sub_epi32(at, below(at));
	sums = _mm512_sub_epi32(sums, below(sums));
	products = sum_halves(_mm512_mullo_epi32(weights, sums));
	high = _mm512_mullo_epi32(weights, at);
	squares = sum_halves(_mm512_mullo_epi32(high, weights));
	high = sum_halves(high);
	/* errors, and p * (p - 2x) */
	at = _mm512_sub_epi32(_mm512_mullo_epi32(points, at), sums);
	sums = sum_halves(_mm512_mullo_epi32(points, _mm512_sub_epi32(at, sums)));
	at = sum_halves(at);
#pragma GCC unroll 2
	for (i = 0; i < 2; i++) {
		s32 sum = _mm_cvtsi128_si32(_mm512_castsi512_si128(at));

		fits[i].cost = (u64)((u32)s->squares +
				     _mm_cvtsi128_si32(_mm512_castsi512_si128(sums))) * s->count +
			       ASC_BIAS_WEIGHT * (u64)((s64)sum * sum);
		fits[i].high = _mm_cvtsi128_si32(_mm512_castsi512_si128(high));
		fits[i].squares = _mm_cvtsi128_si32(_mm512_castsi512_si128(squares));
		fits[i].products = _mm_cvtsi128_si32(_mm512_castsi512_si128(products));
		at = _mm512_shuffle_i32x4(at, at, 0xee);
		sums = _mm512_shuffle_i32x4(sums, sums, 0xee);
		high = _mm512_shuffle_i32x4(high, high, 0xee);
		squares = _mm512_shuffle_i32x4(squares, squares, 0xee);
		products = _mm512_shuffle_i32x4(products, products, 0xee);
	}
}

#define FIT(size)										\
static noinline void fit_of_##size(const struct asc_sorted *s, const struct asc_tries *tries,	\
				   struct asc_fit *fits)					\
{												\
	fit_16(s, tries, size, fits);								\
}

FIT(8)
FIT(16)
FIT(32)
FIT(64)

static void fit(const struct asc_sorted *s, const struct asc_tries *tries, struct asc_fit *fits)
{
	if (s->count <= 8)
		fit_of_8(s, tries, fits);
	else if (s->count <= 16)
		fit_of_16(s, tries, fits);
	else if (s->count <= 32)
		fit_of_32(s, tries, fits);
	else
		fit_of_64(s, tries, fits);
}

/* Words whose number has a bit. */
#define BIT_1	0xaaaaaaaau
#define BIT_2	0xccccccccu
#define BIT_4	0xf0f0f0f0u
#define BIT_8	0xff00ff00u
#define BIT_16	0xffff0000u

/* Batcher's bitonic sorter: words at a distance change places, upwards but in some. */
static inline_all __m512i exchange(__m512i x, u32 distance, __mmask32 greater)
{
	const __m512i numbers = _mm512_set_epi16(31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19,
						 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5,
						 4, 3, 2, 1, 0);
	__m512i y = _mm512_permutexvar_epi16(_mm512_xor_si512(numbers, _mm512_set1_epi16(distance)),
					     x);

	return _mm512_mask_max_epu16(_mm512_min_epu16(x, y), greater, x, y);
}

/* Sorted parts of half of a size to ones of that, in turn upwards and downwards. */
static inline_all __m512i merge(__m512i x, u32 size, __mmask32 down)
{
	if (size >= 32)
		x = exchange(x, 16, BIT_16 ^ down);
	if (size >= 16)
		x = exchange(x, 8, BIT_8 ^ down);
	if (size >= 8)
		x = exchange(x, 4, BIT_4 ^ down);
	if (size >= 4)
		x = exchange(x, 2, BIT_2 ^ down);
	return exchange(x, 1, BIT_1 ^ down);
}

static inline_all __m512i sort_32(__m512i x, u32 size)
{
	x = merge(x, 2, BIT_2);
	x = merge(x, 4, BIT_4);
	x = merge(x, 8, size > 8 ? BIT_8 : 0);
	if (size > 8)
		x = merge(x, 16, size > 16 ? BIT_16 : 0);
	return size > 16 ? merge(x, 32, 0) : x;
}

/* Sums of words up to each of them. */
static inline_all __m512i running_sums(__m512i x)
{
	const __m512i none = _mm512_setzero_si512();

	x = _mm512_add_epi32(x, _mm512_alignr_epi32(x, none, 15));
	x = _mm512_add_epi32(x, _mm512_alignr_epi32(x, none, 14));
	x = _mm512_add_epi32(x, _mm512_alignr_epi32(x, none, 12));
	return _mm512_add_epi32(x, _mm512_alignr_epi32(x, none, 8));
}

static inline_all __m512i add_halves(__m512i x)
{
	return _mm512_add_epi64(_mm512_and_si512(x, _mm512_set1_epi64(0xffffffff)),
				_mm512_srli_epi64(x, 32));
}

static inline_all void add_up(struct asc_sorted *s, const __m512i *values, u32 vectors)
{
	__m512i squares = _mm512_setzero_si512(), last = squares;
	u32 i;

	s->sums[0] = 0;
#pragma GCC unroll 4
	for (i = 0; i < 2 * vectors; i++) {
		__m512i x = wide(i & 1 ? _mm512_extracti64x4_epi64(values[i / 2], 1) :
					 _mm512_castsi512_si256(values[i / 2]));

		squares = _mm512_add_epi64(squares, add_halves(_mm512_mullo_epi32(x, x)));
		last = _mm512_add_epi32(running_sums(x), last);
		_mm512_storeu_si512(s->sums + 16 * i + 1, last);
		last = _mm512_permutexvar_epi32(_mm512_set1_epi32(15), last);
	}
	s->squares = _mm512_reduce_add_epi64(squares);
}

static noinline void sort(const u16 *values, u32 count, struct asc_sorted *s)
{
	const __m512i most = _mm512_set1_epi16(-1);
	u32 above = count > 32 ? count - 32 : 0;
	__mmask32 low = count >= 32 ? ~0u : (1u << count) - 1;
	__mmask32 high = above >= 32 ? ~0u : (1u << above) - 1;
	__m512i v[2];

	s->count = count;
	v[0] = _mm512_mask_loadu_epi16(most, low, values);
	v[0] = count <= 8 ? sort_32(v[0], 8) : count <= 16 ? sort_32(v[0], 16) : sort_32(v[0], 32);
	if (count > 32) {
		const __m512i numbers = _mm512_set_epi16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
							 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
							 24, 25, 26, 27, 28, 29, 30, 31);
		__m512i back;

		v[1] = sort_32(_mm512_mask_loadu_epi16(most, high, values + 32), 32);
		back = _mm512_permutexvar_epi16(numbers, v[1]);
		v[1] = merge(_mm512_max_epu16(v[0], back), 32, 0);
		v[0] = merge(_mm512_min_epu16(v[0], back), 32, 0);
		_mm512_mask_storeu_epi16(s->values + 32, high, v[1]);
		v[1] = _mm512_maskz_mov_epi16(high, v[1]);
	}
	_mm512_mask_storeu_epi16(s->values, low, v[0]);
	v[0] = _mm512_maskz_mov_epi16(low, v[0]);
	if (count > 32)
		add_up(s, v, 2);
	else
		add_up(s, v, 1);
}

const struct asc_search_kernels asc_search_avx512 = {
	.sort = sort,
	.fit = fit,
	.try_all = try_all,
};

#endif
