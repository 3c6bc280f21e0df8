// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Comparing shapes of blocks, for x86-64 with AVX-512: what asc_shape_folds.h does, 32 words at
 * a time, however short lines are.
 */

#include "kernels.h"

#ifdef FMC_X86

#include "asc_shape_parts.h"
#include "simd_x86.h"

/* Words 0 to count - 1. */
static __always_inline __mmask32 first_words(u32 count)
{
	return count >= 32 ? ~0u : (1u << count) - 1;
}

/* Plain accesses where they will do: what a masked one stores is slow to load. */
static __always_inline __m512i load_words(const u16 *p, u32 count)
{
	if (count >= 32)
		return _mm512_loadu_si512(p);
	return _mm512_maskz_loadu_epi16(first_words(count), p);
}

static __always_inline void store_words(u16 *p, u32 count, __m512i x)
{
	if (count >= 32)
		_mm512_storeu_si512(p, x);
	else
		_mm512_mask_storeu_epi16(p, first_words(count), x);
}

/**
 * struct lines - lines, two of which become one
 * @least: words of parts, from the first line on
 * @greatest: likewise
 * @sum: likewise
 * @to: receives those of larger parts, likewise
 */
struct lines {
	const u16 *least, *greatest, *sum;
	u16 *to[3];
};

/* Numbers in pairs become one each, from the word @at on. */
static __always_inline void fold_vectors(const struct lines *l, u32 at, u32 count,
					 const __m512i *least, const __m512i *greatest,
					 const __m512i *sum)
{
	store_words(l->to[0] + at, count, _mm512_min_epu16(least[0], least[1]));
	store_words(l->to[1] + at, count, _mm512_max_epu16(greatest[0], greatest[1]));
	store_words(l->to[2] + at, count, _mm512_add_epi16(sum[0], sum[1]));
}

/* Of up to 64 words, the two of each pair, by index. */
static __always_inline void load_pairs(const u16 *p, u32 count, const __m512i *index, __m512i *v)
{
	__m512i a = load_words(p, 2 * count);
	__m512i b = load_words(p + 32, count > 16 ? 2 * count - 32 : 0);

	v[0] = _mm512_permutex2var_epi16(a, index[0], b);
	v[1] = _mm512_permutex2var_epi16(a, index[1], b);
}

/* Up to 32 words of short lines come out, from the word @at on. */
static __always_inline void fold_some(const struct lines *l, u32 at, u32 count,
				      const __m512i *index, bool single)
{
	__m512i least[2], greatest[2], sum[2];

	load_pairs(l->sum + 2 * at, count, index, sum);
	if (single) {
		fold_vectors(l, at, count, sum, sum, sum);
		return;
	}
	load_pairs(l->least + 2 * at, count, index, least);
	load_pairs(l->greatest + 2 * at, count, index, greatest);
	fold_vectors(l, at, count, least, greatest, sum);
}

/* Lines of a power of two of words; @count words come out. */
static __always_inline void fold_short(const struct lines *l, u32 line, u32 count, bool single)
{
	__m512i i = _mm512_set_epi16(31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17,
				     16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
	__m512i index[2];
	u32 at;

	index[0] = _mm512_add_epi16(i, _mm512_and_si512(i, _mm512_set1_epi16(-line)));
	index[1] = _mm512_add_epi16(index[0], _mm512_set1_epi16(line));
	for (at = 0; at + 32 <= count; at += 32)
		fold_some(l, at, 32, index, single);
	if (at < count)
		fold_some(l, at, count - at, index, single);
}

/* Of two lines, up to 32 words. */
static __always_inline void fold_part(const struct lines *l, u32 line, u32 at, u32 count)
{
	__m512i least[2], greatest[2], sum[2];
	u32 k;

	for (k = 0; k < 2; k++, at += line) {
		least[k] = load_words(l->least + at, count);
		greatest[k] = load_words(l->greatest + at, count);
		sum[k] = load_words(l->sum + at, count);
	}
	fold_vectors(l, at - 2 * line, count, least, greatest, sum);
}

static void fold_long(const struct lines *l, u32 line)
{
	u32 at;

	for (at = 0; at + 32 <= line; at += 32)
		fold_part(l, line, at, 32);
	if (at < line)
		fold_part(l, line, at, line - at);
}

static struct lines lines_of(const struct parts *p, u32 from, u16 (*to)[ASC_PATCH_VALUES / 2],
			     u32 at)
{
	return (struct lines){ p->least + from, p->greatest + from, p->sum + from,
			       { to[0] + at, to[1] + at, to[2] + at } };
}

static void fold_lines(const struct parts *p, u32 from, u32 line, u32 count,
		       u16 (*to)[ASC_PATCH_VALUES / 2], u32 at)
{
	struct lines l = lines_of(p, from, to, at);

	if (line >= 32 || line & (line - 1)) {
		for (; count--; from += 2 * line, at += line) {
			l = lines_of(p, from, to, at);
			fold_long(&l, line);
		}
	} else if (p->least == p->sum) {
		fold_short(&l, line, line * count, true);
	} else {
		fold_short(&l, line, line * count, false);
	}
}

/* Sums of 32 bits in 64. */
static __always_inline u64 sum_of(__m512i x)
{
	x = _mm512_add_epi64(_mm512_and_si512(x, _mm512_set1_epi64(0xffffffff)),
			     _mm512_srli_epi64(x, 32));
	return _mm512_reduce_add_epi64(x);
}

/* Of @n values. */
static __always_inline __m512i times(__m512i x, u32 n)
{
	return _mm512_mullo_epi16(x, _mm512_set1_epi16(n));
}

/* A range has 10 bits, and what it is multiplied by 15. */
static __always_inline __m512i estimate_blocks(__m512i range, __m512i rest, u32 n)
{
	__mmask32 inexact = _mm512_cmpge_epu16_mask(range, _mm512_set1_epi16(EXACT_RANGE));

	rest = _mm512_min_epu16(rest, _mm512_srli_epi16(times(range, n), 1));
	return _mm512_madd_epi16(_mm512_maskz_mov_epi16(inexact, range), rest);
}

/* See estimate_narrow(); what is far has 16 bits. */
static __always_inline __m512i narrow_blocks(__m512i least, __m512i greatest, __m512i sum,
					     __m512i zero, u32 n)
{
	__mmask32 negative = _mm512_cmplt_epu16_mask(greatest, zero);
	__m512i most = _mm512_max_epu16(_mm512_subs_epu16(greatest, zero),
					_mm512_subs_epu16(zero, least));
	__m512i above = _mm512_sub_epi16(sum, times(_mm512_min_epu16(least, zero), n));
	__m512i below = _mm512_sub_epi16(times(zero, n), sum), far, last;

	far = _mm512_mask_mov_epi16(above, negative, below);
	last = _mm512_and_si512(far, _mm512_set1_epi16(1));
	far = _mm512_madd_epi16(most, _mm512_srli_epi16(far, 1));
	return _mm512_add_epi32(_mm512_add_epi32(far, far), _mm512_madd_epi16(most, last));
}

/**
 * struct sums - of estimates, in 32 bits each
 * @error: as estimate_two() and estimate_one() have it
 * @narrow: as estimate_narrow() has it
 *
 * A patch has 256 blocks at most, so that one adds up no more than 16 products, of 26 bits.
 */
struct sums {
	__m512i error, narrow;
};

/* Up to 32 blocks. */
static __always_inline void estimate_some(const struct folding *f, u32 at, u32 count, bool one,
					  const __m512i *zero, u32 n, struct sums *sums)
{
	__m512i least = load_words(f->parts.least + at, count), range, rest, far;
	__m512i greatest = load_words(f->parts.greatest + at, count);
	__m512i sum = load_words(f->parts.sum + at, count);

	range = one ? greatest : _mm512_sub_epi16(greatest, least);
	rest = _mm512_sub_epi16(sum, range);
	if (!one)
		rest = _mm512_sub_epi16(rest, times(least, n));
	sums->error = _mm512_add_epi32(sums->error, estimate_blocks(range, rest, n));
	if (!zero)
		return;
	/* none have no error */
	far = _mm512_maskz_mov_epi16(first_words(count), *zero);
	far = narrow_blocks(least, greatest, sum, far, n);
	sums->narrow = _mm512_add_epi32(sums->narrow, far);
}

static __always_inline void estimate_all(const struct folding *f, u32 blocks, bool one,
					 const __m512i *zero, u32 n, struct sums *sums)
{
	u32 at;

	for (at = 0; at + 32 <= blocks; at += 32)
		estimate_some(f, at, 32, one, zero, n, sums);
	if (at < blocks)
		estimate_some(f, at, blocks - at, one, zero, n, sums);
}

static void add_estimate(const struct folding *f, const struct asc_patch *patch,
			 const struct asc_cbr_choice *choice, u32 shift,
			 struct asc_estimate *estimate)
{
	u32 blocks = f->parts.w * f->parts.h * f->parts.c, n = f->w * f->h * f->c;
	struct sums sums = { _mm512_setzero_si512(), _mm512_setzero_si512() };
	const __m512i zero = _mm512_set1_epi16(patch->zero);

	if (choice->profile == FMC_PROFILE_NARROW) {
		if (choice->endpoints == FMC_ENDPOINTS_ONE)
			estimate_all(f, blocks, true, &zero, n, &sums);
		else
			estimate_all(f, blocks, false, &zero, n, &sums);
		estimate->error += sum_of(sums.narrow) >> 5 << 2 * shift;
	} else if (choice->endpoints == FMC_ENDPOINTS_ONE) {
		estimate_all(f, blocks, true, NULL, n, &sums);
	} else {
		estimate_all(f, blocks, false, NULL, n, &sums);
	}
	estimate->error += sum_of(sums.error) << 2 * shift;
	estimate->values += blocks * n;
}

#include "asc_shape_loops.h"

const struct asc_shape_kernels asc_shape_avx512 = ASC_SHAPE_KERNELS;

#endif
