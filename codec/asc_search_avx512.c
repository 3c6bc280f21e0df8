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
	const __m512i count = _mm512_set1_epi32(s->count), total = _mm512_set1_epi32(s->sums[s->count]);
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
		__m512i here = _mm512_cvtepi16_epi32(k & 1 ? _mm512_extracti64x4_epi64(at[k / 2], 1) :
							     _mm512_castsi512_si256(at[k / 2]));
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

u32 asc_try_avx512(const struct asc_sorted *s, const struct asc_tries *tries, u64 *cost)
{
	return s->count <= 8 ? try_16_of_8(s, tries, cost) :
	       s->count <= 16 ? try_16_of_16(s, tries, cost) :
	       s->count <= 32 ? try_16_of_32(s, tries, cost) : try_16_of_64(s, tries, cost);
}

#endif
