// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ASC-VBR with AVX-512 for values of 8 bits: a pair of blocks is a register of 64 bytes.
 */

#include "kernels.h"

#ifdef FMC_X86

#include "asc_vbr_avx512.h"
#include "asc_vbr_loops.h"

/* Blocks that are decided on at a time. */
#define GROUP	8
#define PAIRS	(GROUP / 2)
#define PAIR	(2 * ASC_VBR_BLOCK)

static __always_inline __m512i set8(u32 v)
{
	return _mm512_set1_epi8((char)v);
}

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

/* Errors are below 128. */
static void to_points_avx512(const struct asc_vbr_grid *g, const u8 *values, u32 n, u8 *points,
			     struct asc_vbr_errors *errors)
{
	__m512i sum = _mm512_setzero_si512(), squares = sum, most = sum;
	u8 all[256], table[2][256];
	struct table to_points, to_errors;
	u32 i;

	for (i = 0; i < 256; i++)
		all[i] = i;
	vbr_byte_points(g, all, 256, table[0], table[1]);
	to_points = load_table(table[0]);
	to_errors = load_table(table[1]);
	for (i = 0; i < n; i += PAIR) {
		__m512i v = load_inside(values, n, i), e;

		_mm512_storeu_si512(points + i, look_up(&to_points, v));
		e = _mm512_maskz_mov_epi8(inside(n, i), look_up(&to_errors, v));
		most = _mm512_max_epu8(most, e);
		sum = _mm512_add_epi64(sum, _mm512_sad_epu8(e, _mm512_setzero_si512()));
		e = _mm512_madd_epi16(_mm512_maddubs_epi16(e, e), set16(1));
		squares = _mm512_add_epi32(squares, e);
	}
	errors->sum_abs += _mm512_reduce_add_epi64(sum);
	errors->sum_sq += (u32)_mm512_reduce_add_epi32(squares);
	_mm512_storeu_si512(all, most);
	for (i = 0; i < 64; i++)
		errors->max_abs = all[i] > errors->max_abs ? all[i] : errors->max_abs;
}

/* --- encoding --------------------------------------------------------------- */

/* Of a pair of blocks, in the modes ZERO, LEFT and UP. */
struct numbers {
	__m512i zero, left, up;
};

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

static __always_inline __m512i fold_byte_difference(__mmask64 used, __m512i p, __m512i q)
{
	__m512i d = _mm512_sub_epi8(p, q), n = _mm512_add_epi8(d, d);

	n = _mm512_mask_sub_epi8(n, _mm512_movepi8_mask(d), set8(0xff), n);
	return _mm512_maskz_mov_epi8(used, n);
}

static __always_inline struct numbers fold_pair(const struct asc_vbr_grid *g, const u8 *points,
						u32 n, u32 first, bool full)
{
	__mmask64 used = full ? ~0ull : inside(n, first);
	const u8 *p = points + first;
	__m512i v = _mm512_loadu_si512(p), up = set8(g->origin);
	struct numbers x;

	/* before the first point are as many origins */
	if (first + PAIR > g->up)
		up = _mm512_loadu_si512(p - (s32)g->up);
	x.zero = _mm512_maskz_mov_epi8(used, fold_bytes(g, v));
	x.left = fold_byte_difference(used, v, _mm512_loadu_si512(p - 1));
	x.up = fold_byte_difference(used, v, up);
	return x;
}

/* Sums of the numbers of 8 places, and how many are not zero, in 4 words. */
static __always_inline __m512i sums_of(const struct numbers *x)
{
	__m512i zero = _mm512_setzero_si512();
	__m512i z = _mm512_sad_epu8(x->zero, zero), l = _mm512_sad_epu8(x->left, zero);
	__m512i u = _mm512_sad_epu8(x->up, zero);
	__m512i n = _mm512_sad_epu8(_mm512_min_epu8(x->zero, set8(1)), zero);

	z = _mm512_or_si512(z, _mm512_slli_epi64(l, 16));
	n = _mm512_or_si512(_mm512_slli_epi64(u, 32), _mm512_slli_epi64(n, 48));
	return _mm512_or_si512(z, n);
}

/* The sums of each block, in order. */
static __always_inline __m512i add_up(const __m512i *s)
{
	__m512i a = _mm512_add_epi16(_mm512_unpacklo_epi64(s[0], s[1]),
				     _mm512_unpackhi_epi64(s[0], s[1]));
	__m512i b = _mm512_add_epi16(_mm512_unpacklo_epi64(s[2], s[3]),
				     _mm512_unpackhi_epi64(s[2], s[3]));

	a = _mm512_add_epi16(_mm512_shuffle_i64x2(a, b, 0x88), _mm512_shuffle_i64x2(a, b, 0xdd));
	return _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 1, 3, 4, 6, 5, 7), a);
}

/* Headers of the 4 blocks from @first on, each 4 times. */
static __always_inline __m512i decide_four(__m256i sums, u32 n, u32 first, bool full)
{
	__m512i count = set32(ASC_VBR_BLOCK), mask_bits = count;
	u32 i;

	for (i = 0; !full && i < 4; i++) {
		u32 at = first + i * ASC_VBR_BLOCK;
		u32 size = at < n ? asc_vbr_min(n - at, ASC_VBR_BLOCK) : ASC_VBR_BLOCK;
		__mmask16 quarter = 0xf << 4 * i;

		count = _mm512_mask_mov_epi32(count, quarter, set32(size));
		mask_bits = _mm512_mask_mov_epi32(mask_bits, quarter, set32((size + 7) / 8 * 8));
	}
	return decide_zmm(_mm512_cvtepu16_epi32(sums), count, mask_bits);
}

/* The least byte of each quarter. */
static __always_inline __m128i one_of_four(__m512i v)
{
	return _mm512_castsi512_si128(_mm512_permutexvar_epi8(set32(0x30201000), v));
}

/* Parts of a tile that grow. */
struct byte_writer {
	u8 *masks, *lows;
	u32 low_bits;
	__m256i begun;
	struct writer highs;
};

/* Whole bytes behind the bits of one that has begun. */
static __always_inline void put_low(struct byte_writer *w, __m256i v, u32 bits)
{
	__m256i before = _mm256_alignr_epi64(v, _mm256_setzero_si256(), 3);
	u32 next = w->low_bits % 8 + bits;

	v = _mm256_shldv_epi64(v, before, _mm256_set1_epi64x(w->low_bits % 8));
	v = _mm256_or_si256(v, w->begun);
	_mm256_storeu_si256((void *)(w->lows + w->low_bits / 8), v);
	w->begun = _mm256_maskz_permutexvar_epi8(1, _mm256_set1_epi8((char)(next / 8)), v);
	w->low_bits += bits;
}

/* Low bits of each block, packed, those of numbers that are stored only. */
static __always_inline void pack_low(__m512i v, __m512i width, __mmask64 stored, u32 width0,
				     u32 width1, __m256i *low)
{
	__m512i masks = row(0, 0x7f3f1f0f07030100ull), powers = row(0, 0x8040201008040201ull);
	__m512i factors = _mm512_shuffle_epi8(powers, width), by;
	__m256i a, b;

	v = _mm512_and_si512(v, _mm512_shuffle_epi8(masks, width));
	a = _mm256_maskz_compress_epi8((u32)stored, _mm512_castsi512_si256(v));
	b = _mm256_maskz_compress_epi8(stored >> 32, _mm512_extracti64x4_epi64(v, 1));
	v = _mm512_inserti64x4(_mm512_castsi256_si512(a), b, 1);
	/* 8 bits to 16 */
	factors = _mm512_mask_mov_epi8(factors, 0x5555555555555555ull, set8(1));
	v = _mm512_maddubs_epi16(factors, v);
	/* to 32 */
	by = _mm512_and_si512(_mm512_add_epi8(width, width), set32(0xff));
	v = _mm512_or_si512(_mm512_and_si512(v, set32(0xffff)),
			    _mm512_sllv_epi32(_mm512_srli_epi32(v, 16), by));
	/* to 64 */
	by = _mm512_and_si512(_mm512_add_epi32(by, by), _mm512_set1_epi64(0xff));
	v = _mm512_or_si512(_mm512_and_si512(v, _mm512_set1_epi64(0xffffffff)),
			    _mm512_sllv_epi64(_mm512_srli_epi64(v, 32), by));
	/* whole bytes, so to the end */
	low[0] = _mm256_maskz_compress_epi8(((1u << width0) - 1) * 0x01010101u,
					    _mm512_castsi512_si256(v));
	low[1] = _mm256_maskz_compress_epi8(((1u << width1) - 1) * 0x01010101u,
					    _mm512_extracti64x4_epi64(v, 1));
}

/* Cold: of 16 numbers one is long, or many are. */
static noinline struct writer put_high_slowly(struct writer w, const u8 *numbers, u32 stored,
					      u32 width)
{
	for (; stored; stored &= stored - 1) {
		u32 zeros = numbers[__builtin_ctz(stored)] >> width;

		for (; zeros >= 56; zeros -= 56)
			put(&w, 0, 56);
		put(&w, 1ull << zeros, zeros + 1);
	}
	return w;
}

/*
 * Zeros and a one for each number that is stored: codes of 4 numbers, which are put together
 * until they are 16 numbers long, and in the even places of @code.  Returns a byte for each
 * 16 numbers, which is 0 if they fit.
 */
static __always_inline u32 pack_high(__m512i v, __m512i width, __mmask64 stored, u64 *code,
				     u64 *bits)
{
	__m512i masks = row(0, 0x0103070f1f3f7fffull), one = set32(1);
	__m512i low8 = set32(0xff), low32 = _mm512_set1_epi64(0xffffffff);
	__m512i first, c, n;
	u32 broken;

	v = _mm512_srlv_epi16(v, _mm512_srli_epi16(width, 8));
	v = _mm512_and_si512(v, _mm512_shuffle_epi8(masks, width));
	/* behind each of 4 numbers, as far as that is below 255 */
	n = _mm512_maskz_adds_epu8(stored, v, set8(1));
	n = _mm512_adds_epu8(n, _mm512_slli_epi32(n, 8));
	n = _mm512_adds_epu8(n, _mm512_slli_epi32(n, 16));
	/* what is not stored is a one that no code has room for */
	v = _mm512_mask_sub_epi8(set8(0xff), stored, n, set8(1));
	c = _mm512_or_si512(_mm512_sllv_epi32(one, _mm512_and_si512(v, low8)),
			    _mm512_sllv_epi32(one, _mm512_srli_epi32(v, 24)));
	v = _mm512_srli_epi32(v, 8);
	c = _mm512_or_si512(c, _mm512_sllv_epi32(one, _mm512_and_si512(v, low8)));
	v = _mm512_srli_epi32(v, 8);
	c = _mm512_or_si512(c, _mm512_sllv_epi32(one, _mm512_and_si512(v, low8)));
	n = _mm512_srli_epi32(n, 24);
	broken = _pdep_u32(_mm512_cmpgt_epu32_mask(n, set32(32)), 0x55555555);
	/* to 64 */
	first = _mm512_and_si512(n, low32);
	c = _mm512_or_si512(_mm512_and_si512(c, low32),
			    _mm512_sllv_epi64(_mm512_srli_epi64(c, 32), first));
	n = _mm512_add_epi64(first, _mm512_srli_epi64(n, 32));
	/* 16 numbers */
	c = _mm512_or_si512(c, _mm512_sllv_epi64(_mm512_shuffle_epi32(c, 0x4e), n));
	n = _mm512_add_epi64(n, _mm512_shuffle_epi32(n, 0x4e));
	_mm512_storeu_si512(code, c);
	_mm512_storeu_si512(bits, n);
	return broken | _pdep_u32(_mm512_cmpgt_epu64_mask(n, _mm512_set1_epi64(56)), 0x11111111);
}

static __always_inline u32 mask_bytes(bool full, u32 used)
{
	return full ? 4 : (__builtin_popcount(used) + 7) / 8;
}

/* A pair of blocks that has its headers. */
static __always_inline void put_pair(const struct asc_vbr_grid *g, u32 n, u32 first, bool full,
				     struct asc_vbr_plan *plan, struct byte_writer *w)
{
	struct numbers x = fold_pair(g, plan->bytes + ASC_VBR_SLACK, n, first, full);
	const u8 *headers = plan->header + first / ASC_VBR_BLOCK;
	u32 width0 = ASC_VBR_HEADER_WIDTH(headers[0]), width1 = ASC_VBR_HEADER_WIDTH(headers[1]);
	__m512i header, mode, width, v;
	__mmask64 zvc, nonzero, stored, used = full ? ~0ull : inside(n, first);
	u64 code[8], bits[8];
	__m256i low[2];
	u32 broken, i;

	header = _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_set1_epi8((char)headers[0])),
				    _mm256_set1_epi8((char)headers[1]), 1);
	mode = _mm512_and_si512(header, set8(3));
	width = _mm512_and_si512(_mm512_srli_epi16(header, 2), set8(15));
	zvc = _mm512_cmpeq_epi8_mask(mode, set8(ASC_VBR_ZVC));
	v = _mm512_mask_mov_epi8(x.zero, _mm512_cmpeq_epi8_mask(mode, set8(ASC_VBR_LEFT)), x.left);
	v = _mm512_mask_mov_epi8(v, _mm512_cmpeq_epi8_mask(mode, set8(ASC_VBR_UP)), x.up);
	nonzero = _mm512_test_epi8_mask(v, v);
	v = _mm512_mask_sub_epi8(v, zvc, v, set8(1));
	stored = (nonzero | ~zvc) & used;
	put_u64(w->masks, nonzero);
	w->masks += mask_bytes(full, used) & (u32)zvc;
	put_u64(w->masks, nonzero >> 32);
	w->masks += mask_bytes(full, used >> 32) & (u32)(zvc >> 32);
	stored &= _mm512_cmplt_epu8_mask(width, set8(ASC_VBR_WIDTH_NONE));
	pack_low(v, width, stored, width0, width1, low);
	put_low(w, low[0], __builtin_popcount((u32)stored) * width0);
	put_low(w, low[1], __builtin_popcount(stored >> 32) * width1);
	broken = pack_high(v, width, stored, code, bits);
	if (!broken) {
		for (i = 0; i < 8; i += 2)
			put(&w->highs, code[i], bits[i]);
		return;
	}
	_mm512_storeu_si512(plan->numbers, v);
	for (i = 0; i < 4; i++, broken >>= 8, stored >>= 16) {
		if (broken & 0xff)
			w->highs = put_high_slowly(w->highs, (const u8 *)plan->numbers + 16 * i,
						   stored & 0xffff, i < 2 ? width0 : width1);
		else
			put(&w->highs, code[2 * i], bits[2 * i]);
	}
}

/* Headers of 8 blocks. */
static __always_inline void decide_group(const struct asc_vbr_grid *g, u32 n, u32 first, bool full,
					 struct asc_vbr_plan *plan)
{
	u8 *header = plan->header + first / ASC_VBR_BLOCK;
	__m512i sums[PAIRS], four;
	u32 i;

	for (i = 0; i < PAIRS; i++) {
		struct numbers x = fold_pair(g, plan->bytes + ASC_VBR_SLACK, n, first + i * PAIR,
					     full);

		sums[i] = sums_of(&x);
	}
	sums[0] = add_up(sums);
	four = decide_four(_mm512_castsi512_si256(sums[0]), n, first, full);
	_mm_storeu_si128((void *)header, one_of_four(four));
	four = decide_four(_mm512_extracti64x4_epi64(sums[0], 1), n, first + 4 * ASC_VBR_BLOCK,
			   full);
	_mm_storeu_si128((void *)(header + 4), one_of_four(four));
}

static noinline void decide_all(const struct asc_vbr_grid *grid, u32 n, struct asc_vbr_plan *plan)
{
	struct asc_vbr_grid g = *grid;
	u32 first;

	for (first = 0; first + GROUP * ASC_VBR_BLOCK <= n; first += GROUP * ASC_VBR_BLOCK)
		decide_group(&g, n, first, true, plan);
	if (first < n)
		decide_group(&g, n, first, false, plan);
}

static void encode_avx512(const struct asc_vbr_grid *grid, u32 n, struct asc_vbr_plan *plan)
{
	struct byte_writer w = {
		.masks = plan->masks,
		.lows = plan->lows,
		.begun = _mm256_setzero_si256(),
		.highs = { .at = plan->highs },
	};
	struct asc_vbr_ahead ahead = plan->ahead;
	struct asc_vbr_grid g = *grid;
	u32 first;

	/* apart, as a decision takes long, but many of them do not */
	decide_all(grid, n, plan);
	for (first = 0; first + PAIR <= n; first += PAIR) {
		asc_vbr_fetch_row(&ahead);
		asc_vbr_fetch_row(&ahead);
		put_pair(&g, n, first, true, plan, &w);
	}
	if (first < n)
		put_pair(&g, n, first, false, plan, &w);
	plan->sizes.mask_bytes = w.masks - plan->masks;
	plan->sizes.low_bits = w.low_bits;
	plan->sizes.high_bits = bits_written(&w.highs, plan->highs);
}

/* --- decoding --------------------------------------------------------------- */

/*
 * Where the ones are, modulo 256, of which there are to be @numbers.  Returns the place
 * behind the last one; 0 if there are too few, or two of them may be 256 bits apart.
 */
static u32 find_ones(const u8 *highs, u32 bytes, u32 numbers, u32 ahead, u8 *places)
{
	u32 found = 0, at;

	for (at = 0; at < bytes; at += 8) {
		u64 bits = high_bits(highs, at, bytes);
		__m512i ones = _mm512_maskz_compress_epi8(bits, bytes64());

		if (!bits)
			return 0;
		fetch_ahead(highs + at, ahead);
		_mm512_storeu_si512(places + found, _mm512_add_epi8(ones, set8(8 * at)));
		found += __builtin_popcountll(bits);
		if (found >= numbers)
			return 8 * at + places[(s32)numbers - 1] % 64 + 1;
	}
	return 0;
}

#define EIGHT_FROM(place)	(0x0706050403020100ull + (place) * 0x0101010101010101ull)

/* Of a width, which 8 bytes hold each 8 numbers. */
static const u64 low_places[8][4] = {
	{ EIGHT_FROM(0), EIGHT_FROM(0), EIGHT_FROM(0), EIGHT_FROM(0) },
	{ EIGHT_FROM(0), EIGHT_FROM(1), EIGHT_FROM(2), EIGHT_FROM(3) },
	{ EIGHT_FROM(0), EIGHT_FROM(2), EIGHT_FROM(4), EIGHT_FROM(6) },
	{ EIGHT_FROM(0), EIGHT_FROM(3), EIGHT_FROM(6), EIGHT_FROM(9) },
	{ EIGHT_FROM(0), EIGHT_FROM(4), EIGHT_FROM(8), EIGHT_FROM(12) },
	{ EIGHT_FROM(0), EIGHT_FROM(5), EIGHT_FROM(10), EIGHT_FROM(15) },
	{ EIGHT_FROM(0), EIGHT_FROM(6), EIGHT_FROM(12), EIGHT_FROM(18) },
	{ EIGHT_FROM(0), EIGHT_FROM(7), EIGHT_FROM(14), EIGHT_FROM(21) },
};

/* Words of @width bits each, at most 7. */
static __always_inline __m256i get_low(const u8 *lows, u32 at, u32 width)
{
	__m256i v = _mm256_loadu_si256((const void *)(lows + at / 8));
	u64 shifts = 0x0706050403020100ull * width + 0x0101010101010101ull * (at % 8);

	v = _mm256_permutexvar_epi8(_mm256_loadu_si256((const void *)low_places[width]), v);
	v = _mm256_multishift_epi64_epi8(_mm256_set1_epi64x((s64)shifts), v);
	return _mm256_and_si256(v, _mm256_set1_epi8((char)((1u << width) - 1)));
}

/* What is the same for all blocks of a tile. */
struct byte_unfolding {
	__m256i origin, twice_both, far_flip, far_base;
	bool plain;
};

static __always_inline __m256i unfold_bytes(const struct byte_unfolding *u, __m256i v)
{
	__m256i half, p;
	__mmask32 far;

	if (u->plain)
		return v;
	half = _mm256_avg_epu8(v, _mm256_setzero_si256());
	far = _mm256_cmpgt_epu8_mask(v, u->twice_both);
	p = _mm256_add_epi8(u->origin, half);
	p = _mm256_mask_sub_epi8(p, _mm256_test_epi8_mask(v, _mm256_set1_epi8(1)), u->origin, half);
	v = _mm256_xor_si256(v, u->far_flip);
	return _mm256_mask_add_epi8(p, far, v, u->far_base);
}

static __always_inline __m256i unfold_byte_difference(__m256i v)
{
	__mmask32 odd = _mm256_test_epi8_mask(v, _mm256_set1_epi8(1));
	__m256i half = _mm256_and_si256(_mm256_srli_epi16(v, 1), _mm256_set1_epi8(0x7f));

	return _mm256_mask_sub_epi8(half, odd, _mm256_set1_epi8(-1), half);
}

/* Each byte and all before it, and the last of @before. */
static __always_inline __m256i sum_up(__m256i v, __m256i before)
{
	v = _mm256_add_epi8(v, _mm256_bslli_epi128(v, 1));
	v = _mm256_add_epi8(v, _mm256_bslli_epi128(v, 2));
	v = _mm256_add_epi8(v, _mm256_bslli_epi128(v, 4));
	v = _mm256_add_epi8(v, _mm256_bslli_epi128(v, 8));
	v = _mm256_add_epi8(v, _mm256_maskz_permutexvar_epi8(0xffff0000, _mm256_set1_epi8(15), v));
	return _mm256_add_epi8(v, _mm256_permutexvar_epi8(_mm256_set1_epi8(31), before));
}

/* Each byte and those a multiple of @distance before it, and those of the block before. */
static __always_inline __m256i sum_up_by(u32 distance, __m256i v, __m256i before)
{
	__m256i place = _mm256_loadu_si256((const void *)lane_numbers);
	__m256i from = _mm256_sub_epi8(place, _mm256_set1_epi8((char)distance)), more;
	u32 d;

	more = _mm256_maskz_permutexvar_epi8(asc_vbr_mask(distance), from, before);
	v = _mm256_add_epi8(v, more);
	for (d = distance; d < ASC_VBR_BLOCK; d *= 2) {
		from = _mm256_sub_epi8(place, _mm256_set1_epi8((char)d));
		v = _mm256_add_epi8(v, _mm256_maskz_permutexvar_epi8(~0u << d, from, v));
	}
	return v;
}

/* The points above a block, of planes wider than that. */
static __always_inline __m256i above_bytes(const struct byte_unfolding *u, const u8 *points,
					   u32 first, u32 distance)
{
	const u8 *above = points + (s32)(first - distance);

	/* before the first point are as many origins */
	if (first + ASC_VBR_BLOCK <= distance)
		return u->origin;
	return _mm256_loadu_si256((const void *)above);
}

/* Returns whether there are numbers that take more than 8 bits. */
static bool decode_points(const struct asc_vbr_grid *g, u32 n, struct asc_vbr_control *control,
			  const u8 *lows, u32 ahead)
{
	const u8 *places = (u8 *)control->places + ASC_VBR_SLACK;
	u8 *points = control->bytes + ASC_VBR_SLACK;
	bool one_sided = g->origin <= g->both;
	struct byte_unfolding u = {
		.origin = _mm256_set1_epi8((char)g->origin),
		.twice_both = _mm256_set1_epi8((char)(2 * g->both)),
		.far_flip = _mm256_set1_epi8(one_sided ? 0 : -1),
		.far_base = _mm256_set1_epi8((char)(one_sided ? g->origin - g->both :
						    g->origin + g->both + 1)),
		.plain = !g->origin,
	};
	__m256i v, before = u.origin, one = _mm256_set1_epi8(1);
	u32 low = 0, distance = g->up, broken = 0, first;

	for (first = 0; first < n; first += ASC_VBR_BLOCK) {
		u32 header = control->header[first / ASC_VBR_BLOCK];
		u32 mask = control->mask[first / ASC_VBR_BLOCK];
		u32 mode = ASC_VBR_HEADER_MODE(header), width = ASC_VBR_HEADER_WIDTH(header);
		u32 stored = width == ASC_VBR_WIDTH_NONE ? 0 : mask;
		u32 count = __builtin_popcount(stored);

		width = width == ASC_VBR_WIDTH_NONE ? 0 : width;
		if (width > 7)
			return true;
		v = _mm256_sub_epi8(_mm256_loadu_si256((const void *)places),
				    _mm256_loadu_si256((const void *)(places - 1)));
		v = _mm256_sub_epi8(v, one);
		broken |= _bzhi_u32(_mm256_cmpgt_epu8_mask(v, _mm256_set1_epi8(0xff >> width)),
				    count);
		v = _mm256_sll_epi16(v, _mm_cvtsi32_si128((int)width));
		fetch_ahead(lows + low / 8, ahead);
		v = _mm256_or_si256(v, get_low(lows, low, width));
		v = _mm256_maskz_expand_epi8(stored, v);
		places += count;
		low += count * width;
		if (mode == ASC_VBR_ZERO || mode == ASC_VBR_ZVC) {
			mask = mode == ASC_VBR_ZVC ? mask : 0;
			v = _mm256_mask_add_epi8(v, mask, v, one);
			broken |= _mm256_mask_testn_epi8_mask(mask, v, v);
			v = unfold_bytes(&u, v);
		} else {
			v = unfold_byte_difference(v);
			if (mode == ASC_VBR_LEFT)
				v = sum_up(v, before);
			else if (distance == ASC_VBR_BLOCK)
				v = _mm256_add_epi8(v, before);
			else if (distance < ASC_VBR_BLOCK)
				v = sum_up_by(distance, v, before);
			else
				v = _mm256_add_epi8(v, above_bytes(&u, points, first, distance));
		}
		_mm256_storeu_si256((void *)(points + first), v);
		before = v;
	}
	return broken;
}

static int decode_avx512(const struct asc_vbr_grid *g, u32 n, struct asc_vbr_control *control,
			 const u8 *lows, const u8 *highs, const u8 *end, u8 *values)
{
	u32 low_bytes = highs - lows, high_bytes = end - highs, last = 0, i;
	u8 *places = (u8 *)control->places + ASC_VBR_SLACK, bytes[256];
	struct table to_values;

	if (low_bytes + high_bytes > 2 * FMC_TILE_MAX_VALUES)
		return 1;
	places[-1] = 0xff;
	if (control->numbers) {
		last = find_ones(highs, high_bytes, control->numbers, low_bytes + high_bytes,
				 places);
		if (!last)
			return 1;
	}
	if (decode_points(g, n, control, readable_lows(control, lows, low_bytes, high_bytes),
			  low_bytes + high_bytes))
		return 1;
	if (8 * high_bytes - last >= 8)
		return -EBADMSG;
	vbr_byte_values(g, bytes);
	to_values = load_table(bytes);
	for (i = 0; i < n; i += PAIR) {
		__m512i v = _mm512_loadu_si512(control->bytes + ASC_VBR_SLACK + i);

		_mm512_mask_storeu_epi8(values + i, inside(n, i), look_up(&to_values, v));
	}
	return 0;
}

const struct asc_vbr_byte_kernels asc_vbr_bytes_avx512 = {
	.least = least_avx512,
	.to_points = to_points_avx512,
	.encode = encode_avx512,
	.decode = decode_avx512,
};

#endif
