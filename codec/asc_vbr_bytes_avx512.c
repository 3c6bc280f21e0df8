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

/* (v >> 1) ^ -(v & 1) */
static __always_inline __m256i unfold_byte_differences(__m256i v)
{
	const __m256i one = _mm256_set1_epi8(1);
	__m256i minus = _mm256_sub_epi8(_mm256_setzero_si256(), _mm256_and_si256(v, one));

	return _mm256_ternarylogic_epi32(_mm256_srli_epi16(v, 1), _mm256_set1_epi8(0x7f), minus,
					 0x6a);
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

static void put_values(const struct asc_vbr_grid *g, u32 n, const u8 *points, u8 *values)
{
	struct table to_values;
	u8 table[256];
	u32 i;

	vbr_byte_values(g, table);
	to_values = load_table(table);
	for (i = 0; i + PAIR <= n; i += PAIR)
		_mm512_storeu_si512(values + i,
				    look_up(&to_values, _mm512_loadu_si512(points + i)));
	if (i < n)
		_mm512_mask_storeu_epi8(values + i, inside(n, i),
					look_up(&to_values, _mm512_loadu_si512(points + i)));
}

static bool decode_pairs(const struct asc_vbr_grid *g, u32 n, struct asc_vbr_control *control,
			 const u8 *lows, u32 ahead, u8 *values)
{
	u8 *points = control->bytes + ASC_VBR_SLACK;
	const struct asc_vbr_differences *d = &control->differences;

	if (get_blocks(g, asc_vbr_blocks(n), control, lows, ahead, points))
		return true;
	list_differences(control, asc_vbr_blocks(n));
	sum_lefts(d, points);
	sum_ups(d, g->up, points);
	carry_on(d, control->header, g->up, points);
	put_values(g, n, points, values);
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
			 const u8 *lows, const u8 *highs, const u8 *end, u8 *values)
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
			 low_bytes + high_bytes, values))
		return 1;
	if (8 * high_bytes - last >= 8)
		return -EBADMSG;
	return 0;
}

const struct asc_vbr_byte_kernels asc_vbr_bytes_avx512 = {
	.least = least_avx512,
	.to_points = to_points_avx512,
	.encode = encode_avx512,
	.decode = decode_avx512,
};

#endif
