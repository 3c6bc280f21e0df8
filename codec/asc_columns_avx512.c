// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ASC-CBR with AVX-512: integers, effort hw, blocks with 4 bits for each value, but for those of
 * 8 values (asc_eights_avx512.c) and the narrow profile.
 *
 * A group is four vectors, the rows, in which a block has a column: the least and the greatest
 * value, the points and the thresholds are found once for four vectors, and no step of the
 * search needs a shuffle.  What is in memory otherwise is brought into columns first.
 */

#include "asc_cbr.h"
#include "kernels.h"

#ifdef FMC_X86

#include "asc_columns_avx512.h"

#define ROWS	4
#define EACH(k)		FOR(ROWS, k)

/*
 * So many groups go through an encoder side by side: each is a long chain of steps, and a CPU
 * does not look far enough ahead to find the beginning of the next one.
 */
#define SIDES		2
#define BOTH(g)		FOR(SIDES, g)

static inline_all struct points make_points(u32 bits, __m512i range)
{
	const __m512i none = _mm512_setzero_si512();
	__m512i a = half(bits, range, 1), b;
	struct points p __uninitialized;

	p.range = range;
	/* (range * weight + 8) >> 4 */
	p.log[0] = mean(bits, half(bits, range, 3), none);
	p.log[1] = mean(bits, half(bits, range, 2), none);
	p.log[2] = mean(bits, a, none);
	p.log[4] = mean(bits, range, none);
	p.log[3] = mean(bits, a, half(bits, p.log[4], 1));
	p.log[5] = mean(bits, range, a);
	p.linear[0] = p.log[1];
	if (bits == 8) {
		/* both bytes of a word are of one block */
		b = _mm512_mask_mov_epi8(range, 0xaaaaaaaaaaaaaaaa, set1(8, 1));
		a = _mm512_srli_epi16(_mm512_maddubs_epi16(b, set1(16, 0x0805)), 4);
		b = _mm512_srli_epi16(_mm512_maddubs_epi16(b, set1(16, 0x0807)), 4);
		p.linear[1] = _mm512_or_si512(a, _mm512_slli_epi16(a, 8));
		p.linear[2] = _mm512_or_si512(b, _mm512_slli_epi16(b, 8));
	} else {
		p.linear[1] = mean(16, _mm512_mulhi_epu16(range, set1(16, 5 << 13)), none);
		p.linear[2] = mean(16, _mm512_mulhi_epu16(range, set1(16, 7 << 13)), none);
	}
	return p;
}

/**
 * struct layout - columns of blocks in a group
 * @bits: of a value
 * @width: bytes of a column: 4 of 8-bit values, 8 or 16 of 16-bit ones
 * @endpoints: of a block
 */
struct layout {
	u32 bits, width, endpoints;
};

/* What all encoders here are for; functions are made for each. */
#define BYTES_TWO	((struct layout){ 8, 4, 2 })
#define WORDS_TWO	((struct layout){ 16, 16, 2 })
#define WORDS_ONE	((struct layout){ 16, 8, 1 })

/**
 * struct job - what an encoder needs
 * @may_log: all ones if the log-linear scale may be taken
 * @must_log: all ones if it must be
 * @sign: what makes values of the type unsigned numbers
 * @zero: zero point
 * @top: the largest value above it
 * @pad: the zero point in memory
 * @only_log: only the log-linear scale may be taken
 */
struct job {
	__m512i may_log, must_log, sign, zero, top, pad;
	bool only_log;
};

/**
 * struct counts - sums of errors
 * @abs: of absolute errors, 64 bits each
 * @squares: of squares, 32 bits each of 8-bit values, enough for MAX_SLICE blocks, or 64
 * @max: largest errors
 * @log: minus the values, in units of the mask's, that are on the log-linear scale
 */
struct counts {
	__m512i abs, squares, max, log;
};

/**
 * struct group - blocks in columns, on their way through the encoder
 * @v: values
 * @x: values above the lowest; later indices
 * @low: lowest point
 * @high: highest point, from the lowest's zero
 * @points: what is between
 * @linear: distances of values to the points of the linear scale
 * @log: likewise, log-linear
 * @linear_sum: sum of the rows of @linear
 * @log_sum: likewise
 * @use_log: all ones in blocks on that scale
 * @limits: see make_limits()
 */
struct group {
	__m512i v[ROWS], x[ROWS], low, high;
	struct points points;
	__m512i linear[ROWS], log[ROWS], linear_sum, log_sum;
	__mmask64 use_log;
	__m512i limits[7];
};

/* Halves of columns change places, and so on down to single values. */
static inline_all __m512i swap_halves(__m512i x, u32 bytes)
{
	switch (bytes) {
	case 8:
		return _mm512_shuffle_epi32(x, 0x4e);
	case 4:
		return _mm512_shuffle_epi32(x, 0xb1);
	case 2:
		return _mm512_ror_epi32(x, 16);
	default:
		return _mm512_ror_epi32(x, 8);
	}
}

static inline_all void find_range(struct layout l, const struct job *job, struct group *s)
{
	__m512i high;

	EACH(k)
		s->x[k] = l.endpoints == 1 ? subs(l.bits, s->v[k], job->zero) : s->v[k];
	high = greater(l.bits, greater(l.bits, s->x[0], s->x[1]),
		       greater(l.bits, s->x[2], s->x[3]));
	if (l.endpoints == 2)
		s->low = lesser(l.bits, lesser(l.bits, s->x[0], s->x[1]),
				lesser(l.bits, s->x[2], s->x[3]));
	for (u32 bytes = l.width / 2; bytes >= l.bits / 8; bytes /= 2) {
		high = greater(l.bits, high, swap_halves(high, bytes));
		if (l.endpoints == 2)
			s->low = lesser(l.bits, s->low, swap_halves(s->low, bytes));
	}
	s->high = high;
	if (l.endpoints == 1)
		s->high = _mm512_or_si512(high, set1(l.bits, 1));
}

static inline_all void find_points(struct layout l, struct group *s)
{
	__m512i range = s->high;

	if (l.endpoints == 2) {
		range = sub(l.bits, s->high, s->low);
		EACH(k)
			s->x[k] = sub(l.bits, s->x[k], s->low);
	}
	s->points = make_points(l.bits, range);
}

/*
 * Distances to the nearest of three points between the ends, or to an end.  A distance to one of
 * the three that is too large for its sign comes out as more than that to an end.
 */
static inline_all __m512i nearest(u32 bits, __m512i x, __m512i ends, __m512i a, __m512i b,
				  __m512i c)
{
	return lesser(bits, lesser(bits, ends, distance(bits, x, a)),
		   lesser(bits, distance(bits, x, b), distance(bits, x, c)));
}

/*
 * The linear points are as far from one end as from the other.
 */
static inline_all void find_distances(struct layout l, struct group *s)
{
	const struct points *p = &s->points;
	__m512i middle = mean(l.bits, p->log[2], p->log[3]);

	EACH(k) {
		__m512i x = s->x[k];
		__m512i ends = lesser(l.bits, x, sub(l.bits, p->range, x));
		__mmask64 upper = reaches(l.bits, x, middle);

		s->linear[k] = nearest(l.bits, ends, ends, p->linear[0], p->linear[1],
				       p->linear[2]);
		s->log[k] = nearest(l.bits, x, ends, choose(l.bits, upper, p->log[0], p->log[4]),
				    choose(l.bits, upper, p->log[1], p->log[5]),
				    choose(l.bits, upper, p->log[2], p->log[3]));
	}
	s->linear_sum = add(l.bits, add(l.bits, s->linear[0], s->linear[1]),
			    add(l.bits, s->linear[2], s->linear[3]));
	s->log_sum = add(l.bits, add(l.bits, s->log[0], s->log[1]),
			 add(l.bits, s->log[2], s->log[3]));
}

/*
 * Distances are an eighth of the range at most, on the linear scale less, so that the difference
 * of sums over four rows has as many bits as a value.
 */
static inline_all void choose_scale(struct layout l, const struct job *job, struct group *s,
				    struct counts *c)
{
	__m512i x = sub(l.bits, s->linear_sum, s->log_sum);

	if (l.bits == 8)
		x = _mm512_maddubs_epi16(set1(8, 1), x);
	x = _mm512_madd_epi16(x, set1(16, -1));
	if (l.width >= 8)
		x = _mm512_add_epi32(x, _mm512_shuffle_epi32(x, 0xb1));
	if (l.width >= 16)
		x = _mm512_add_epi32(x, _mm512_shuffle_epi32(x, 0x4e));
	x = _mm512_srai_epi32(x, 31);
	x = _mm512_ternarylogic_epi32(x, job->may_log, job->must_log, 0xea);
	s->use_log = l.bits == 8 ? _mm512_movepi8_mask(x) : _mm512_movepi16_mask(x);
	c->log = _mm512_sub_epi32(c->log, x);
}

static inline_all __m512i add_words(__m512i sums, __m512i x)
{
	return add_halves(sums, _mm512_add_epi32(_mm512_srli_epi32(x, 16),
						 _mm512_and_si512(x, _mm512_set1_epi32(0xffff))));
}

/* Errors are the distances. */
static inline_all void count_two(struct layout l, const struct group *s, struct counts *c)
{
	__m512i x, squares = _mm512_setzero_si512();

	EACH(k) {
		x = choose(l.bits, s->use_log, s->linear[k], s->log[k]);
		c->max = greater(l.bits, c->max, x);
		if (l.bits == 8)
			squares = add(16, squares, _mm512_maddubs_epi16(x, x));
		else
			squares = _mm512_add_epi32(squares, _mm512_madd_epi16(x, x));
	}
	x = choose(l.bits, s->use_log, s->linear_sum, s->log_sum);
	if (l.bits == 8) {
		c->abs = _mm512_add_epi64(c->abs, _mm512_sad_epu8(x, _mm512_setzero_si512()));
		c->squares = _mm512_add_epi32(c->squares, _mm512_madd_epi16(squares, set1(16, 1)));
	} else {
		c->abs = add_words(c->abs, x);
		c->squares = add_halves(c->squares, squares);
	}
}

/*
 * Values below zero have more error, and those above the highest point; where that is cut off,
 * those there have less.
 */
static inline_all void count_one(const struct job *job, const struct group *s, struct counts *c)
{
	const __m512i one = set1(16, 1);
	__m512i cut = lesser(16, subs(16, s->high, job->top), one);
	/* no index is 0xffff */
	__m512i seven = greater(16, sub(16, cut, one), set1(16, 7));

	EACH(k) {
		__m512i x = choose(16, s->use_log, s->linear[k], s->log[k]), even, odd;

		x = choose(16, _mm512_cmpeq_epi16_mask(s->x[k], seven), x, sub(16, x, one));
		x = add(16, x, subs(16, job->zero, s->v[k]));
		c->max = greater(16, c->max, x);
		even = _mm512_and_si512(x, _mm512_set1_epi32(0xffff));
		odd = _mm512_srli_epi32(x, 16);
		c->abs = add_halves(c->abs, _mm512_add_epi32(even, odd));
		c->squares = add_halves(c->squares, _mm512_mullo_epi32(even, even));
		c->squares = add_halves(c->squares, _mm512_mullo_epi32(odd, odd));
	}
}

static inline_all __m512i index_of(u32 bits, __m512i x, const __m512i *t)
{
	__mmask64 four = reaches(bits, x, t[3]), two, one;
	__m512i i;

	two = reaches(bits, x, choose(bits, four, t[1], t[5]));
	one = reaches(bits, x, choose(bits, four, choose(bits, two, t[0], t[2]),
				      choose(bits, two, t[4], t[6])));
	i = choose(bits, four, _mm512_setzero_si512(), set1(bits, 4));
	if (bits == 8) {
		i = _mm512_mask_add_epi8(i, two, i, _mm512_set1_epi8(2));
		return _mm512_mask_add_epi8(i, one, i, _mm512_set1_epi8(1));
	}
	i = _mm512_mask_add_epi16(i, two, i, _mm512_set1_epi16(2));
	return _mm512_mask_add_epi16(i, one, i, _mm512_set1_epi16(1));
}

/* Both endpoints of a block as they are stored, in each pair of values; with one both alike. */
static inline_all __m512i stored_ends(struct layout l, const struct group *s)
{
	const __mmask64 odd = l.bits == 8 ? 0xaaaaaaaaaaaaaaaa : 0xaaaaaaaa;

	/* with one endpoint its lowest bit is the scale */
	if (l.endpoints == 1)
		return choose(l.bits, s->use_log, sub(l.bits, s->high, set1(l.bits, 1)), s->high);
	return choose(l.bits, s->use_log ^ odd, s->low, s->high);
}

/*
 * Bytes of the blocks of a group, from its indices: blocks of 8 bytes come out in two vectors,
 * those of the first two columns of a lane, and those of the others; those of 16 bytes, of which
 * there are four, in one.
 */
static inline_all void pack_bytes(struct layout l, const struct group *s, __m512i *out)
{
	__m512i ends = stored_ends(l, s), r[ROWS];

	EACH(k) {
		r[k] = _mm512_maddubs_epi16(s->x[k], set1(16, 0x0801));
		r[k] = _mm512_madd_epi16(r[k], _mm512_set1_epi32(0x00400001));
	}
	/* 12 bits of each row */
	r[0] = _mm512_or_si512(r[0], _mm512_slli_epi32(r[1], 12));
	r[2] = _mm512_or_si512(r[2], _mm512_slli_epi32(r[3], 12));
	ends = _mm512_mask_blend_epi16(0xaaaaaaaa, ends, _mm512_slli_epi32(r[0], 16));
	r[0] = _mm512_or_si512(_mm512_srli_epi32(r[0], 16), _mm512_slli_epi32(r[2], 8));
	out[0] = _mm512_unpacklo_epi32(ends, r[0]);
	out[1] = _mm512_unpackhi_epi32(ends, r[0]);
}

/* Two rows of indices to 12 bits of each four, in 32 bits. */
static inline_all __m512i pack_rows(__m512i a, __m512i b)
{
	a = _mm512_maddubs_epi16(_mm512_packus_epi16(a, b), set1(16, 0x0801));
	return _mm512_madd_epi16(a, _mm512_set1_epi32(0x00400001));
}

static inline_all void pack_words(struct layout l, const struct group *s, __m512i *out)
{
	const __m512i two_a = _mm512_set4_epi32(0xffffffff, 0xffff0a09, 0x08020100, 0xffffffff);
	const __m512i two_b = _mm512_set4_epi32(0x0a090802, 0x0100ffff, 0xffffffff, 0xffffffff);
	__m512i ends = stored_ends(l, s);
	__m512i a = pack_rows(s->x[0], s->x[1]), b = pack_rows(s->x[2], s->x[3]);

	if (l.width == 8) {
		/* the rows of a block are 8 bytes apart */
		a = _mm512_shuffle_epi32(a, 0xd8);
		b = _mm512_shuffle_epi32(b, 0xd8);
	}
	/* 24 bits in the lower bytes of each eight */
	a = _mm512_or_si512(a, _mm512_srli_epi64(a, 20));
	b = _mm512_or_si512(b, _mm512_srli_epi64(b, 20));
	if (l.width == 8) {
		const __m512i one_a = _mm512_set4_epi32(0xffffff0a, 0x0908ffff, 0xffffff02,
							0x0100ffff);
		const __m512i one_b = _mm512_set4_epi32(0x0a0908ff, 0xffffffff, 0x020100ff,
							0xffffffff);

		a = _mm512_or_si512(_mm512_shuffle_epi8(a, one_a), _mm512_shuffle_epi8(b, one_b));
		out[0] = _mm512_mask_mov_epi16(a, 0x11111111, ends);
		return;
	}
	a = _mm512_or_si512(_mm512_shuffle_epi8(a, two_a), _mm512_shuffle_epi8(b, two_b));
	out[0] = _mm512_mask_mov_epi32(a, 0x1111, ends);
}

/* Groups side by side to the bytes of their blocks. */
static inline_all void encode_groups(struct layout l, const struct job *job, struct group *s,
				     __m512i out[][2], struct counts *c)
{
	BOTH(g)
		find_range(l, job, &s[g]);
	BOTH(g)
		find_points(l, &s[g]);
	BOTH(g)
		find_distances(l, &s[g]);
	BOTH(g)
		choose_scale(l, job, &s[g], c);
	if (l.endpoints == 2) {
		BOTH(g)
			count_two(l, &s[g], c);
	}
	BOTH(g)
		make_limits(l.bits, &s[g].points, s[g].use_log, s[g].limits);
	BOTH(g) {
		EACH(k)
			s[g].x[k] = index_of(l.bits, s[g].x[k], s[g].limits);
	}
	if (l.endpoints == 1) {
		BOTH(g)
			count_one(job, &s[g], c);
	}
	BOTH(g) {
		if (l.bits == 8)
			pack_bytes(l, &s[g], out[g]);
		else
			pack_words(l, &s[g], out[g]);
	}
}

static inline_all __m512i load_row(const struct job *job, const struct line *at, u32 row,
				   u32 blocks)
{
	const u8 *p = at->src + at->row[row];

	__builtin_prefetch(p + at->ahead);
	return _mm512_xor_si512(load_bytes(p, blocks * at->size, job->pad),
				job->sign);
}

/* Lanes of two vectors in turn. */
static inline_all void mix_lanes(__m512i *v)
{
	const __m512i first = _mm512_set_epi64(11, 10, 3, 2, 9, 8, 1, 0);
	const __m512i last = _mm512_set_epi64(15, 14, 7, 6, 13, 12, 5, 4);
	__m512i a = v[0];

	v[0] = _mm512_permutex2var_epi64(a, first, v[1]);
	v[1] = _mm512_permutex2var_epi64(a, last, v[1]);
}

/*
 * A row of columns from as many rows of pieces as a column has of them.  Half of the pieces of
 * two such are side by side after each step; @part says which, by bits, the last step's lowest.
 */
static inline_all __m512i load_two(const struct job *job, const struct line *at, u32 row,
				   u32 blocks, u32 piece, u32 part)
{
	return unpack(piece, part & 1, load_row(job, at, row, blocks),
		      load_row(job, at, row + 1, blocks));
}

static inline_all __m512i load_four(const struct job *job, const struct line *at, u32 row,
				    u32 blocks, u32 piece, u32 part)
{
	return unpack(2 * piece, part & 1, load_two(job, at, row, blocks, piece, part >> 1),
		      load_two(job, at, row + 2, blocks, piece, part >> 1));
}

static inline_all __m512i load_eight(const struct job *job, const struct line *at, u32 row,
				     u32 blocks, u32 piece, u32 part)
{
	return unpack(4 * piece, part & 1, load_four(job, at, row, blocks, piece, part >> 1),
		      load_four(job, at, row + 4, blocks, piece, part >> 1));
}

static inline_all __m512i load_columns(struct layout l, const struct job *job,
				       const struct line *at, u32 k, u32 blocks, u32 piece,
				       u32 part)
{
	switch (l.width / piece) {
	case 1:
		return load_row(job, at, k, blocks);
	case 2:
		return load_two(job, at, 2 * k, blocks, piece, part);
	case 4:
		return load_four(job, at, 4 * k, blocks, piece, part);
	default:
		return load_eight(job, at, 8 * k, blocks, piece, part);
	}
}

/* Four by four words of 32 bits in each lane. */
static inline_all void transpose_in_lanes(__m512i *v)
{
	__m512i a = unpack(4, false, v[0], v[1]), b = unpack(4, true, v[0], v[1]);
	__m512i c = unpack(4, false, v[2], v[3]), d = unpack(4, true, v[2], v[3]);

	v[0] = unpack(8, false, a, c);
	v[1] = unpack(8, true, a, c);
	v[2] = unpack(8, false, b, d);
	v[3] = unpack(8, true, b, d);
}

/* Columns of blocks that are in memory one after the other, in 256 bytes. */
static inline_all void load_runs(struct layout l, const struct job *job, const u8 *src, u32 bytes,
				 __m512i *v)
{
	__m512i a, b;

	EACH(k) {
		v[k] = load_bytes(src + 64 * k, part_of(bytes, 64 * k, 64), job->pad);
		v[k] = _mm512_xor_si512(v[k], job->sign);
	}
	switch (l.width) {
	case 4:
		transpose_in_lanes(v);
		break;
	case 8:
		FOR(2, k) {
			const __m512i even = _mm512_set_epi64(13, 9, 5, 1, 12, 8, 4, 0);
			const __m512i odd = _mm512_set_epi64(15, 11, 7, 3, 14, 10, 6, 2);

			a = v[2 * k];
			v[2 * k] = _mm512_permutex2var_epi64(a, even, v[2 * k + 1]);
			v[2 * k + 1] = _mm512_permutex2var_epi64(a, odd, v[2 * k + 1]);
		}
		a = v[0];
		b = v[1];
		v[0] = _mm512_shuffle_i64x2(a, v[2], 0x44);
		v[1] = _mm512_shuffle_i64x2(a, v[2], 0xee);
		v[2] = _mm512_shuffle_i64x2(b, v[3], 0x44);
		v[3] = _mm512_shuffle_i64x2(b, v[3], 0xee);
		break;
	default:
		transpose_lanes(v);
	}
}

/* The bytes of a group of which two vectors may be made, one after the other. */
static inline_all void store_group(struct layout l, u32 piece, __m512i *out, u8 *bits, u32 bytes)
{
	const __m512i order = _mm512_set_epi64(7, 5, 3, 1, 6, 4, 2, 0);

	if (l.bits == 16) {
		store_bytes(bits, bytes, out[0]);
		return;
	}
	if (piece) {
		mix_lanes(out);
	} else {
		out[0] = _mm512_permutexvar_epi64(order, out[0]);
		out[1] = _mm512_permutexvar_epi64(order, out[1]);
	}
	store_bytes(bits, part_of(bytes, 0, 64), out[0]);
	store_bytes(bits + 64, part_of(bytes, 64, 64), out[1]);
}

static inline_all void store_half(u8 *p, u32 count, __m256i x)
{
	if (count == 32)
		_mm256_storeu_si256((__m256i *)p, x);
	else if (count)
		_mm256_mask_storeu_epi8(p, first_bytes(count), x);
}

/* Of two groups of load_columns(), part 2 * @pair and the next. */
static inline_all void store_parts(struct layout l, u32 pairs, u32 pair, __m512i out[][2],
				   u8 *bits, u32 bytes)
{
	__m512i v[4] = { out[0][0], l.bits == 8 ? out[0][1] : out[1][0], out[1][0], out[1][1] };

	if (l.bits == 8) {
		transpose_lanes(v);
		FOR(4, k) {
			u32 at = 64 * (pairs * k + pair);

			store_bytes(bits + at, part_of(bytes, at, 64), v[k]);
		}
		return;
	}
	mix_lanes(v);
	FOR(4, k) {
		u32 at = 32 * (pairs * k + pair);

		store_half(bits + at, part_of(bytes, at, 32),
			   k & 1 ? _mm512_extracti64x4_epi64(v[k / 2], 1) :
				   _mm512_castsi512_si256(v[k / 2]));
	}
}

/*
 * Some of the next blocks, by two groups.  @piece is the bytes of a row of a block, 0 for runs.
 * Returns how many bytes they have.
 */
static inline_all u32 encode_some(struct layout l, u32 piece, const struct job *job,
				  struct line *at, u8 *bits, struct counts *c)
{
	u32 bytes = l.bits / 8 * l.endpoints, values = ROWS * l.width / (l.bits / 8);
	u32 in_group = 64 / l.width, now[SIDES] = { 0 };
	__m512i out[SIDES][2] __uninitialized;
	struct group s[SIDES] __uninitialized;

	bytes += values * 3 / 8;
	if (piece && piece < l.width) {
		u32 pairs = l.width / piece / 2, pair;

		now[0] = in_line(at, 64 / piece);
		for (pair = 0; pair < pairs; pair++) {
			BOTH(g) {
				EACH(k)
					s[g].v[k] = load_columns(l, job, at, k, now[0], piece,
								 2 * pair + g);
			}
			encode_groups(l, job, s, out, c);
			store_parts(l, pairs, pair, out, bits, now[0] * bytes);
		}
		go_on(at, now[0]);
		return now[0] * bytes;
	}
	BOTH(g) {
		now[g] = in_line(at, in_group);
		if (!piece) {
			load_runs(l, job, at->src, now[g] * values * l.bits / 8, s[g].v);
		} else {
			EACH(k)
				s[g].v[k] = load_row(job, at, k, now[g]);
		}
		go_on(at, now[g]);
	}
	encode_groups(l, job, s, out, c);
	store_group(l, piece, out[0], bits, now[0] * bytes);
	store_group(l, piece, out[1], bits + now[0] * bytes, now[1] * bytes);
	return (now[0] + now[1]) * bytes;
}

static inline_all void add_counts(struct layout l, const struct counts *c, u32 blocks,
				  bool must_log, struct asc_cbr_stats *stats)
{
	u32 most = greatest_of(l.bits, c->max), log;
	__m512i squares = c->squares, sum = c->log;

	if (l.bits == 8)
		squares = add_halves(_mm512_setzero_si512(), squares);
	log = (u32)_mm512_reduce_add_epi32(sum) / (l.width / 4);
	if (must_log)
		log = blocks;
	stats->log_blocks += log;
	stats->linear_blocks += blocks - log;
	stats->sum_abs_error += _mm512_reduce_add_epi64(c->abs);
	stats->sum_sq_error += _mm512_reduce_add_epi64(squares);
	if (most > stats->max_abs_error)
		stats->max_abs_error = most;
	stats->error_exponent = 0;
}

static const struct counts no_counts;

static inline_all void encode_lines(struct layout l, u32 piece, const struct job *job,
				    struct line *at, u32 count, u8 *bits,
				    struct asc_cbr_stats *stats)
{
	for (; count; count -= min_u32(count, MAX_SLICE)) {
		struct counts c = no_counts;

		at->left = min_u32(count, MAX_SLICE);
		while (at->left)
			bits += encode_some(l, piece, job, at, bits, &c);
		add_counts(l, &c, min_u32(count, MAX_SLICE), job->only_log, stats);
	}
}

#define ENCODER(name, layout, piece)							\
static noinline void name(const struct job *job, struct line *at, u32 count, u8 *bits,	\
			  struct asc_cbr_stats *stats)					\
{											\
	encode_lines(layout, piece, job, at, count, bits, stats);			\
}

ENCODER(bytes_two_run, BYTES_TWO, 0)
ENCODER(bytes_two_1, BYTES_TWO, 1)
ENCODER(bytes_two_2, BYTES_TWO, 2)
ENCODER(bytes_two_4, BYTES_TWO, 4)
ENCODER(words_two_run, WORDS_TWO, 0)
ENCODER(words_two_1, WORDS_TWO, 2)
ENCODER(words_two_4, WORDS_TWO, 8)
ENCODER(words_two_8, WORDS_TWO, 16)
ENCODER(words_one_run, WORDS_ONE, 0)
ENCODER(words_one_1, WORDS_ONE, 2)
ENCODER(words_one_2, WORDS_ONE, 4)
ENCODER(words_one_4, WORDS_ONE, 8)

/**
 * struct encoder - what encodes one kind of blocks
 * @bits: of a value
 * @endpoints: of a block
 * @values: in a block
 * @w: of them in a row
 * @encode: the function
 */
struct encoder {
	u8 bits, endpoints, values, w;
	void (*encode)(const struct job *job, struct line *at, u32 count, u8 *bits,
		       struct asc_cbr_stats *stats);
};

static const struct encoder encoders[] = {
	{ 8, 2, 16, 16, bytes_two_run },
	{ 8, 2, 16, 1, bytes_two_1 },
	{ 8, 2, 16, 2, bytes_two_2 },
	{ 8, 2, 16, 4, bytes_two_4 },
	{ 16, 2, 32, 32, words_two_run },
	{ 16, 2, 32, 1, words_two_1 },
	{ 16, 2, 32, 4, words_two_4 },
	{ 16, 2, 32, 8, words_two_8 },
	{ 16, 1, 16, 16, words_one_run },
	{ 16, 1, 16, 1, words_one_1 },
	{ 16, 1, 16, 2, words_one_2 },
	{ 16, 1, 16, 4, words_one_4 },
	{ 0 }
};

static noinline void make_job(struct job *job, const struct asc_strip *strip)
{
	u32 flip = strip->dtype == FMC_S8 ? 0x80 : strip->dtype == FMC_S16 ? 0x8000 : 0;
	const struct asc_block_format *f = strip->format;

	job->only_log = strip->scales == 1u << ASC_SCALE_LOG;
	job->may_log = _mm512_set1_epi32(strip->scales & 1u << ASC_SCALE_LOG ? -1 : 0);
	job->must_log = _mm512_set1_epi32(job->only_log ? -1 : 0);
	job->sign = set1(f->bits, flip);
	job->zero = set1(f->bits, f->zero);
	job->top = set1(f->bits, (1u << f->bits) - 1 - f->zero);
	job->pad = set1(f->bits, f->zero ^ flip);
}

/**
 * asc_encode_columns_avx512 - encode blocks with 4 bits for each value
 * @strip: blocks, of any kind; @strip->order is followed
 * @src: first value of the first block
 * @count: how many
 * @bits: receives the blocks
 * @stats: counters that are added to
 *
 * Return: @count, or 0 if the blocks are of another kind.
 */
u32 asc_encode_columns_avx512(const struct asc_strip *strip, const u8 *src, u32 count, u8 *bits,
			      struct asc_cbr_stats *stats)
{
	const struct asc_block_format *f = strip->format;
	const struct encoder *e;
	struct line at;
	struct job job;

	if (f->kind != ASC_INTEGER || f->pooled || f->narrow)
		return 0;
	for (e = encoders; e->encode; e++) {
		if (e->bits != f->bits || e->endpoints != f->endpoints ||
		    e->values != f->values || e->w != strip->w)
			continue;
		make_job(&job, strip);
		make_line(&at, strip, src, 0);
		e->encode(&job, &at, count, bits, stats);
		return count;
	}
	return 0;
}

/* --- decoder, of bytes with two endpoints -------------------------------------- */

#define WEIGHTS_LINEAR	0x100e0b0907050200ll
#define WEIGHTS_LOG	0x100c080604020100ll
#define BIAS_LINEAR	0x0707070708080808ll
#define BIAS_LOG	0x0808080808080808ll

/*
 * The points of eight blocks, each in its eight bytes.  The upper points of the linear scale are
 * mirrored: of range R, R - (R * w + 8 >> 4) is R * (16 - w) + 7 >> 4.
 */
static inline_all __m512i points_of(__m512i x, __m512i sign)
{
	const __m512i first = _mm512_set4_epi32(0x08080808, 0x08080808, 0, 0);
	__m512i e0 = _mm512_shuffle_epi8(x, first), one = set1(8, 1), low, range, weights, bias;
	__m512i e1 = _mm512_shuffle_epi8(x, add(8, first, one)), a, b;
	__mmask64 log = _mm512_cmpgt_epu8_mask(e0, e1);

	low = lesser(8, e0, e1);
	range = sub(8, greater(8, e0, e1), low);
	weights = choose(8, log, _mm512_set1_epi64(WEIGHTS_LINEAR), _mm512_set1_epi64(WEIGHTS_LOG));
	bias = choose(8, log, _mm512_set1_epi64(BIAS_LINEAR), _mm512_set1_epi64(BIAS_LOG));
	a = _mm512_maddubs_epi16(unpack(1, false, range, one), unpack(1, false, weights, bias));
	b = _mm512_maddubs_epi16(unpack(1, true, range, one), unpack(1, true, weights, bias));
	a = _mm512_packus_epi16(_mm512_srli_epi16(a, 4), _mm512_srli_epi16(b, 4));
	return _mm512_xor_si512(add(8, low, a), sign);
}

/*
 * Columns of four bytes of 16 blocks.  Row k of a block is 12 bits, from bit 16 + 12 * k on: two
 * bytes with them come together with those of the next block.
 */
static inline_all void decode_group(const u8 *bits, u32 count, __m512i sign, __m512i *v)
{
	const __m512i base = _mm512_set_epi64(0x7878787870707070, 0x6868686860606060,
					      0x5858585850505050, 0x4848484840404040,
					      0x3838383830303030, 0x2828282820202020,
					      0x1818181810101010, 0x0808080800000000);
	const __m512i bytes = add(8, base, _mm512_set1_epi32(0x00000100));
	const __m512i none = _mm512_setzero_si512();
	__m512i a = load_bytes(bits, part_of(8 * count, 0, 64), none), x;
	__m512i b = load_bytes(bits + 64, part_of(8 * count, 64, 64), none);
	__m512i low = points_of(a, sign), high = points_of(b, sign);

	__builtin_prefetch(bits + AHEAD);
	__builtin_prefetch(bits + 64 + AHEAD);
	EACH(k) {
		const __m512i shifts = _mm512_set1_epi64(k & 1 ? 0x2d2a27240d0a0704 :
								 0x2926232009060300);

		x = _mm512_permutex2var_epi8(a, add(8, bytes, set1(8, 2 + 3 * k / 2)), b);
		x = _mm512_multishift_epi64_epi8(shifts, x);
		/* x & 7 | base */
		x = _mm512_ternarylogic_epi32(x, set1(8, 7), base, 0xea);
		v[k] = _mm512_permutex2var_epi8(low, x, high);
	}
}

static inline_all void store_row(const struct line *at, u32 row, u32 blocks, bool stream,
				 __m512i x)
{
	put_bytes(at, (u8 *)at->src + at->row[row], blocks * at->size, stream, x);
}

/* The same of 32 blocks, four bytes wide, in two vectors. */
static inline_all void store_two(const struct line *at, u32 row, u32 blocks, bool stream, __m512i a,
				 __m512i b)
{
	u8 *p = (u8 *)at->src + at->row[row];

	put_bytes(at, p, part_of(4 * blocks, 0, 64), stream, a);
	put_bytes(at, p + 64, part_of(4 * blocks, 64, 64), stream, b);
}

/* Rows of 64 blocks, one byte wide, from a row of four groups. */
static inline_all void store_bytes_of(const struct line *at, u32 k, u32 blocks, bool stream,
				      const __m512i *v)
{
	/* the first bytes of two groups, then the second ones; the others are two further */
	const __m512i order = _mm512_set_epi64(0x7d7975716d696561, 0x5d5955514d494541,
					       0x3d3935312d292521, 0x1d1915110d090501,
					       0x7c7874706c686460, 0x5c5854504c484440,
					       0x3c3834302c282420, 0x1c1814100c080400);

	FOR(2, i) {
		__m512i which = add(8, order, set1(8, 2 * i));
		__m512i a = _mm512_permutex2var_epi8(v[0], which, v[1]);
		__m512i b = _mm512_permutex2var_epi8(v[2], which, v[3]);

		store_row(at, 4 * k + 2 * i, blocks, stream,
			  _mm512_shuffle_i64x2(a, b, 0x44));
		store_row(at, 4 * k + 2 * i + 1, blocks, stream,
			  _mm512_shuffle_i64x2(a, b, 0xee));
	}
}

static inline_all void store_words_of(const struct line *at, u32 k, u32 blocks, bool stream,
				      const __m512i *v)
{
	const __m512i order = _mm512_set_epi64(0x003e003c003a0038, 0x0036003400320030,
					       0x002e002c002a0028, 0x0026002400220020,
					       0x001e001c001a0018, 0x0016001400120010,
					       0x000e000c000a0008, 0x0006000400020000);

	FOR(2, i)
		store_row(at, 2 * k + i, blocks, stream,
			  _mm512_permutex2var_epi16(v[0], add(16, order, set1(16, i)), v[1]));
}

static inline_all void decode_some(u32 w, const struct line *at, const u8 *bits, u32 now,
				   bool stream, __m512i sign)
{
	const u32 groups = w == 1 ? 4 : 2;
	__m512i v[4][ROWS];

	FOR(groups, g)
		decode_group(bits + 128 * g, part_of(now, 16 * g, 16), sign, v[g]);
	EACH(k) {
		const __m512i row[4] = { v[0][k], v[1][k], v[w == 1 ? 2 : 0][k],
					 v[w == 1 ? 3 : 0][k] };

		if (w == 4)
			store_two(at, k, now, stream, row[0], row[1]);
		else if (w == 2)
			store_words_of(at, k, now, stream, row);
		else
			store_bytes_of(at, k, now, stream, row);
	}
}

static inline_all void decode_lines(u32 w, struct line *at, const u8 *bits, __m512i sign)
{
	const u32 most = w == 1 ? 64 : 32;
	u32 now;

	for (now = first_in_line(at, most); at->left; now = in_line(at, most)) {
		if (now < most)
			decode_some(w, at, bits, now, false, sign);
		else if (streams(at))
			decode_some(w, at, bits, most, true, sign);
		else
			decode_some(w, at, bits, most, false, sign);
		go_on(at, now);
		bits += 8 * now;
	}
}

static noinline void decode_4(struct line *at, const u8 *bits, __m512i sign)
{
	decode_lines(4, at, bits, sign);
}

static noinline void decode_2(struct line *at, const u8 *bits, __m512i sign)
{
	decode_lines(2, at, bits, sign);
}

static noinline void decode_1(struct line *at, const u8 *bits, __m512i sign)
{
	decode_lines(1, at, bits, sign);
}

/**
 * asc_decode_columns_avx512 - decode blocks of 16 values of 8 bits with two endpoints
 * @strip: blocks, of any kind; @strip->order is followed
 * @bits: the blocks; each byte is read once
 * @count: how many
 * @dst: first value of the first block
 *
 * Return: @count, or 0 if the blocks are of another kind.
 */
u32 asc_decode_columns_avx512(const struct asc_strip *strip, const u8 *bits, u32 count, u8 *dst)
{
	const struct asc_block_format *f = strip->format;
	__m512i sign = set1(8, strip->dtype == FMC_S8 ? 0x80 : 0);
	struct line at;

	if (f->bits != 8 || f->values != 16 || f->endpoints != 2 || f->pooled)
		return 0;
	if (strip->w != 4 && strip->w != 2 && strip->w != 1)
		return 0;
	make_line_of(&at, strip, dst, count);
	if (strip->w == 4)
		decode_4(&at, bits, sign);
	else if (strip->w == 2)
		decode_2(&at, bits, sign);
	else
		decode_1(&at, bits, sign);
	end_line(&at);
	return count;
}

#endif
