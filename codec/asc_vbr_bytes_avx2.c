// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ASC-VBR with AVX2 and BMI2 for values of 8 bits: a block is a register of 32 bytes.
 */

#include "kernels.h"

#ifdef FMC_X86

#include "asc_vbr_avx2.h"

/* Blocks that are decided on at a time. */
#define GROUP	4

static __always_inline __m256i set8(u32 v)
{
	return _mm256_set1_epi8((char)v);
}

static __always_inline __m256i load(const u8 *p)
{
	return _mm256_loadu_si256((const void *)p);
}

/* --- values and points ------------------------------------------------------- */

static u32 least_avx2(const u8 *values, u32 n, u32 start)
{
	u8 least = start;
	u32 i;

	for (i = 0; i < n; i++)
		least = values[i] < least ? values[i] : least;
	return least;
}

/* What is the same for all values of a tile, in words. */
struct rounding {
	__m256i zero, step, reciprocal, half, even, below, above, origin;
};

static __always_inline __m256i set16(u32 v)
{
	return _mm256_set1_epi16((short)v);
}

/* As vbr_byte_points() has it; points may be below 0. */
static __always_inline __m256i round_words(const struct rounding *r, __m256i v, __m256i *error)
{
	__m256i side = _mm256_sub_epi16(v, r->zero), d = _mm256_abs_epi16(side);
	__m256i n = _mm256_mulhi_epu16(d, r->reciprocal), rest, more, tie, there, room;

	rest = _mm256_sub_epi16(d, _mm256_mullo_epi16(n, r->step));
	/* the quotient is too small by 1 at most */
	more = _mm256_cmpgt_epi16(r->step, rest);
	n = _mm256_add_epi16(n, _mm256_add_epi16(more, set16(1)));
	rest = _mm256_sub_epi16(rest, _mm256_andnot_si256(more, r->step));
	more = _mm256_cmpgt_epi16(r->half, rest);
	n = _mm256_add_epi16(n, _mm256_add_epi16(more, set16(1)));
	tie = _mm256_and_si256(_mm256_cmpeq_epi16(rest, r->half), r->even);
	n = _mm256_sub_epi16(n, _mm256_and_si256(n, tie));
	/* a point outside the type stands for its last value */
	room = _mm256_blendv_epi8(r->above, r->below, _mm256_srai_epi16(side, 15));
	there = _mm256_min_epi16(_mm256_mullo_epi16(n, r->step), room);
	*error = _mm256_abs_epi16(_mm256_sub_epi16(there, d));
	return _mm256_add_epi16(r->origin, _mm256_sign_epi16(n, side));
}

/* Of bytes from words. */
static __always_inline __m256i pack_words(__m256i a, __m256i b)
{
	return _mm256_permute4x64_epi64(_mm256_packus_epi16(a, b), 0xd8);
}

static void to_points_avx2(const struct asc_vbr_grid *g, const u8 *values, u32 n, u8 *points,
			   struct asc_vbr_errors *errors)
{
	struct rounding r = {
		.zero = set16(g->zero), .step = set16(g->step),
		.half = set16(g->step - g->step / 2),
		.reciprocal = set16(g->step == 1 ? 65535 : 65536 / g->step),
		.even = set16(~g->step & 1), .below = set16(g->zero), .above = set16(255 - g->zero),
		.origin = set16(g->origin),
	};
	__m256i zero = _mm256_setzero_si256(), sum = zero, squares = zero, most = zero;
	u8 last[ASC_VBR_BLOCK];
	u64 sums[4];
	u32 i;

	for (i = 0; i < n; i += ASC_VBR_BLOCK) {
		const u8 *v = values + i;
		__m256i a, b, e, f;

		if (n - i < ASC_VBR_BLOCK) {
			memset(last, g->zero, sizeof(last));
			memcpy(last, v, n - i);
			v = last;
		}
		a = _mm256_cvtepu8_epi16(_mm_loadu_si128((const void *)v));
		b = _mm256_cvtepu8_epi16(_mm_loadu_si128((const void *)(v + 16)));
		a = round_words(&r, a, &e);
		b = round_words(&r, b, &f);
		_mm256_storeu_si256((void *)(points + i), pack_words(a, b));
		squares = _mm256_add_epi32(squares, _mm256_add_epi32(_mm256_madd_epi16(e, e),
								     _mm256_madd_epi16(f, f)));
		e = _mm256_packus_epi16(e, f);
		most = _mm256_max_epu8(most, e);
		sum = _mm256_add_epi64(sum, _mm256_sad_epu8(e, zero));
	}
	squares = _mm256_add_epi64(_mm256_srli_epi64(squares, 32),
				   _mm256_blend_epi32(squares, zero, 0xaa));
	_mm256_storeu_si256((void *)sums, sum);
	errors->sum_abs += sums[0] + sums[1] + sums[2] + sums[3];
	_mm256_storeu_si256((void *)sums, squares);
	errors->sum_sq += sums[0] + sums[1] + sums[2] + sums[3];
	_mm256_storeu_si256((void *)last, most);
	for (i = 0; i < sizeof(last); i++)
		errors->max_abs = last[i] > errors->max_abs ? last[i] : errors->max_abs;
}

/* --- encoding --------------------------------------------------------------- */

/* Of a block, in the modes ZERO, LEFT and UP. */
struct numbers {
	__m256i zero, left, up;
};

/* All bits of the bytes that are in a mask. */
static __always_inline __m256i spread(u32 mask)
{
	const __m256i bit = _mm256_set1_epi64x((s64)0x8040201008040201ull);
	__m256i v = _mm256_setr_epi64x(0, 0x0101010101010101ll, 0x0202020202020202ll,
				       0x0303030303030303ll);

	v = _mm256_and_si256(_mm256_shuffle_epi8(set32(mask), v), bit);
	return _mm256_cmpeq_epi8(v, bit);
}

static __always_inline __m256i fold_bytes(const struct asc_vbr_grid *g, __m256i p)
{
	__m256i origin = set8(g->origin), both = set8(g->both), zero = _mm256_setzero_si256();
	__m256i below, d, n, near;

	if (!g->origin)
		return p;
	below = _mm256_subs_epu8(origin, p);
	d = _mm256_or_si256(_mm256_subs_epu8(p, origin), below);
	n = _mm256_sub_epi8(_mm256_add_epi8(d, d), set8(1));
	n = _mm256_sub_epi8(n, _mm256_cmpeq_epi8(below, zero));
	near = _mm256_cmpeq_epi8(_mm256_subs_epu8(d, both), zero);
	return _mm256_blendv_epi8(_mm256_add_epi8(d, both), n, near);
}

static __always_inline __m256i fold_byte_difference(__m256i p, __m256i q)
{
	__m256i d = _mm256_sub_epi8(p, q), sign = _mm256_cmpgt_epi8(_mm256_setzero_si256(), d);

	return _mm256_xor_si256(_mm256_add_epi8(d, d), sign);
}

static __always_inline struct numbers fold_block_bytes(const struct asc_vbr_grid *g,
						       const u8 *points, u32 n, u32 first)
{
	const u8 *p = points + first;
	__m256i v = load(p), up = set8(g->origin), used;
	struct numbers x;

	/* before the first point are as many origins */
	if (first + ASC_VBR_BLOCK > g->up)
		up = load(p - (s32)g->up);
	x.zero = fold_bytes(g, v);
	x.left = fold_byte_difference(v, load(p - 1));
	x.up = fold_byte_difference(v, up);
	if (n - first < ASC_VBR_BLOCK) {
		used = spread(asc_vbr_mask(n - first));
		x.zero = _mm256_and_si256(x.zero, used);
		x.left = _mm256_and_si256(x.left, used);
		x.up = _mm256_and_si256(x.up, used);
	}
	return x;
}

/* Sums of the numbers of 8 places, and how many are not zero, in 4 words. */
static __always_inline __m256i sums_of(const struct numbers *x)
{
	__m256i zero = _mm256_setzero_si256();
	__m256i z = _mm256_sad_epu8(x->zero, zero), l = _mm256_sad_epu8(x->left, zero);
	__m256i u = _mm256_sad_epu8(x->up, zero);
	__m256i n = _mm256_sad_epu8(_mm256_min_epu8(x->zero, set8(1)), zero);

	z = _mm256_or_si256(z, _mm256_slli_epi64(l, 16));
	n = _mm256_or_si256(_mm256_slli_epi64(u, 32), _mm256_slli_epi64(n, 48));
	return _mm256_or_si256(z, n);
}

/* The sums of each block, in order. */
static __always_inline __m256i add_up(const __m256i *s)
{
	__m256i a = _mm256_add_epi16(_mm256_unpacklo_epi64(s[0], s[1]),
				     _mm256_unpackhi_epi64(s[0], s[1]));
	__m256i b = _mm256_add_epi16(_mm256_unpacklo_epi64(s[2], s[3]),
				     _mm256_unpackhi_epi64(s[2], s[3]));

	return _mm256_add_epi16(_mm256_permute2x128_si256(a, b, 0x20),
				_mm256_permute2x128_si256(a, b, 0x31));
}

static __always_inline void decide_group(const struct asc_vbr_grid *g, u32 n, u32 first,
					 struct asc_vbr_plan *plan)
{
	__m256i sums[GROUP];
	u32 i, at, size[GROUP];

	for (i = 0; i < GROUP; i++) {
		struct numbers x;

		at = first + i * ASC_VBR_BLOCK;
		size[i] = ASC_VBR_BLOCK;
		sums[i] = _mm256_setzero_si256();
		if (at >= n)
			continue;
		size[i] = asc_vbr_min(n - at, ASC_VBR_BLOCK);
		x = fold_block_bytes(g, plan->bytes + ASC_VBR_SLACK, n, at);
		sums[i] = sums_of(&x);
	}
	sums[0] = add_up(sums);
	for (i = 0; i < GROUP; i += 2) {
		__m128i two = i ? _mm256_extracti128_si256(sums[0], 1) :
				  _mm256_castsi256_si128(sums[0]);

		decide_two(_mm256_cvtepu16_epi32(two), size + i,
			   plan->header + first / ASC_VBR_BLOCK + i);
	}
}

/* Parts of a tile that grow. */
struct byte_writer {
	u8 *masks;
	struct writer lows, highs;
};

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
 * until they are 16 numbers long, and in the even places of @code.  Returns two bytes for
 * each 16 numbers, which are 0 if they fit.
 */
static __always_inline u32 pack_high(__m256i v, u32 width, __m256i stored, u64 *code, u64 *bits)
{
	__m256i one = set32(1), low8 = set32(0xff), low32 = _mm256_set1_epi64x(0xffffffff);
	__m256i n, c, first, broken;

	v = _mm256_srl_epi16(v, _mm_cvtsi32_si128((int)width));
	v = _mm256_and_si256(v, set8(0xff >> width));
	/* behind each number, as far as that is below 255 */
	n = _mm256_and_si256(_mm256_adds_epu8(v, set8(1)), stored);
	n = _mm256_adds_epu8(n, _mm256_slli_epi32(n, 8));
	n = _mm256_adds_epu8(n, _mm256_slli_epi32(n, 16));
	/* what is not stored is a one that no code has room for */
	v = _mm256_or_si256(_mm256_sub_epi8(n, set8(1)),
			    _mm256_xor_si256(stored, set8(0xff)));
	c = _mm256_or_si256(_mm256_sllv_epi32(one, _mm256_and_si256(v, low8)),
			    _mm256_sllv_epi32(one, _mm256_srli_epi32(v, 24)));
	v = _mm256_srli_epi32(v, 8);
	c = _mm256_or_si256(c, _mm256_sllv_epi32(one, _mm256_and_si256(v, low8)));
	v = _mm256_srli_epi32(v, 8);
	c = _mm256_or_si256(c, _mm256_sllv_epi32(one, _mm256_and_si256(v, low8)));
	n = _mm256_srli_epi32(n, 24);
	broken = _mm256_cmpgt_epi32(n, set32(32));
	/* 8 numbers */
	first = _mm256_and_si256(n, low32);
	c = _mm256_or_si256(_mm256_and_si256(c, low32),
			    _mm256_sllv_epi64(_mm256_srli_epi64(c, 32), first));
	n = _mm256_add_epi64(first, _mm256_srli_epi64(n, 32));
	/* 16 */
	c = _mm256_or_si256(c, _mm256_sllv_epi64(_mm256_shuffle_epi32(c, 0x4e), n));
	n = _mm256_add_epi64(n, _mm256_shuffle_epi32(n, 0x4e));
	broken = _mm256_or_si256(broken, _mm256_cmpgt_epi32(n, set32(56)));
	_mm256_storeu_si256((void *)code, c);
	_mm256_storeu_si256((void *)bits, n);
	return _mm256_movemask_epi8(broken);
}

/* A block that has its header. */
static __always_inline void put_block(const struct asc_vbr_grid *g, u32 n, u32 first,
				      struct asc_vbr_plan *plan, struct byte_writer *w)
{
	struct numbers x = fold_block_bytes(g, plan->bytes + ASC_VBR_SLACK, n, first);
	u32 header = plan->header[first / ASC_VBR_BLOCK], size = n - first, broken, i;
	u32 mode = ASC_VBR_HEADER_MODE(header), width = ASC_VBR_HEADER_WIDTH(header);
	u32 zvc = mode == ASC_VBR_ZVC ? ~0u : 0, stored;
	u64 numbers[4], masks[4], code[4], bits[4];
	__m256i v, keep;

	size = size < ASC_VBR_BLOCK ? size : ASC_VBR_BLOCK;
	v = _mm256_blendv_epi8(x.zero, x.left, set8(mode == ASC_VBR_LEFT ? 0xff : 0));
	v = _mm256_blendv_epi8(v, x.up, set8(mode == ASC_VBR_UP ? 0xff : 0));
	stored = ~_mm256_movemask_epi8(_mm256_cmpeq_epi8(v, _mm256_setzero_si256()));
	v = _mm256_add_epi8(v, set32(zvc));
	put_u64(w->masks, stored);
	w->masks += (size + 7) / 8 & zvc;
	stored = (stored | ~zvc) & asc_vbr_mask(size);
	stored = width == ASC_VBR_WIDTH_NONE ? 0 : stored;
	keep = spread(stored);
	_mm256_storeu_si256((void *)numbers, v);
	_mm256_storeu_si256((void *)masks, _mm256_and_si256(keep, set8((1u << width) - 1)));
	for (i = 0; i < 4; i++)
		put(&w->lows, _pext_u64(numbers[i], masks[i]), __builtin_popcountll(masks[i]));
	broken = pack_high(v, width, keep, code, bits);
	if (!broken) {
		put(&w->highs, code[0], bits[0]);
		put(&w->highs, code[2], bits[2]);
		return;
	}
	for (i = 0; i < 2; i++, broken >>= 16, stored >>= 16) {
		if (broken & 0xffff)
			w->highs = put_high_slowly(w->highs, (const u8 *)(numbers + 2 * i),
						   stored & 0xffff, width);
		else
			put(&w->highs, code[2 * i], bits[2 * i]);
	}
}

static void encode_avx2(const struct asc_vbr_grid *grid, u32 n, struct asc_vbr_plan *plan)
{
	struct byte_writer w = {
		.masks = plan->masks,
		.lows = { .at = plan->lows },
		.highs = { .at = plan->highs },
	};
	struct asc_vbr_ahead ahead = plan->ahead;
	struct asc_vbr_grid g = *grid;
	u32 first;

	/* apart, as a decision takes long, but many of them do not */
	for (first = 0; first < n; first += GROUP * ASC_VBR_BLOCK)
		decide_group(&g, n, first, plan);
	for (first = 0; first < n; first += ASC_VBR_BLOCK) {
		asc_vbr_fetch_row(&ahead);
		put_block(&g, n, first, plan, &w);
	}
	plan->sizes.mask_bytes = w.masks - plan->masks;
	plan->sizes.low_bits = bits_written(&w.lows, plan->lows);
	plan->sizes.high_bits = bits_written(&w.highs, plan->highs);
}

const struct asc_vbr_byte_kernels asc_vbr_bytes_avx2 = {
	.least = least_avx2,
	.to_points = to_points_avx2,
	.encode = encode_avx2,
};

#endif
