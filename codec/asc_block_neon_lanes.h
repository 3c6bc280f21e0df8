/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * ASC-CBR with NEON, for values of LANE_BITS: included by asc_block_neon.c, once for 8 and once
 * for 16.
 *
 * A batch is as many blocks as a vector has lanes; each lane works on a block, and there is
 * a vector for each place in a block.
 */

#if LANE_BITS == 8
#define NAME(name)	name##_8
#define LANES		16
#define VEC		uint8x16_t
#define VEC_2		uint8x16x2_t
#define VEC_4		uint8x16x4_t
#define WIDE		uint16x8_t
#define VALUE		u8
#define SUMS		struct sums_8
#define OP(name)	name##_u8
#define WIDE_OP(name)	name##_u16
#define TO_WIDE(x)	vreinterpretq_u16_u8(x)
#else
#define NAME(name)	name##_16
#define LANES		8
#define VEC		uint16x8_t
#define VEC_2		uint16x8x2_t
#define VEC_4		uint16x8x4_t
#define WIDE		uint32x4_t
#define VALUE		u16
#define SUMS		struct sums_16
#define OP(name)	name##_u16
#define WIDE_OP(name)	name##_u32
#define TO_WIDE(x)	vreinterpretq_u32_u16(x)
#endif

/* Errors of values between endpoints are, rounding aside, not above 1 << this. */
#define GAP_BITS	(LANE_BITS - 3)

static __always_inline VEC NAME(all)(u32 value)
{
	return OP(vdupq_n)(value);
}

/* Ones in the lanes of the first @n. */
static __always_inline VEC NAME(first_lanes)(u32 n)
{
	static const VALUE place[LANES] = {
		0, 1, 2, 3, 4, 5, 6, 7,
#if LANE_BITS == 8
		8, 9, 10, 11, 12, 13, 14, 15
#endif
	};

	return OP(vcltq)(OP(vld1q)(place), NAME(all)(n));
}

static __always_inline VEC NAME(sixteenths)(VEC range, u32 weight)
{
	VEC w = NAME(all)(weight);
	WIDE low = OP(vmull)(OP(vget_low)(range), OP(vget_low)(w));

	return WIDE_OP(vrshrn_high_n)(WIDE_OP(vrshrn_n)(low, 4), OP(vmull_high)(range, w), 4);
}

/* How far points are above the lowest: on the linear scale the lower half, on the other 1 to 6. */
static __always_inline void NAME(steps)(VEC range, VEC *linear, VEC *log)
{
	linear[0] = NAME(all)(0);
	linear[1] = OP(vrshrq_n)(range, 3);
	linear[2] = NAME(sixteenths)(range, 5);
	linear[3] = NAME(sixteenths)(range, 7);
	log[0] = linear[0];
	log[1] = OP(vrshrq_n)(range, 4);
	log[2] = linear[1];
	log[3] = OP(vrshrq_n)(range, 2);
	log[4] = NAME(sixteenths)(range, 6);
	log[5] = OP(vrshrq_n)(range, 1);
	log[6] = NAME(sixteenths)(range, 12);
	log[7] = range;
}

/* Points by the scale of each lane. */
static __always_inline void NAME(points)(VEC low, VEC range, VEC use_log, const VEC *linear,
					 const VEC *log, VEC *points)
{
	u32 k;

#pragma GCC unroll 8
	for (k = 0; k < ASC_POINTS; k++) {
		VEC step = k < 4 ? linear[k] : OP(vsubq)(range, linear[7 - k]);

		points[k] = OP(vaddq)(low, OP(vbslq)(use_log, log[k], step));
	}
}

/*
 * A value is above so many midpoints, see make_thresholds() of asc_block.c, each rounded
 * down: (a + b) / 2 of points if the lower one is even, (a + b - 1) / 2 otherwise, but a where
 * they are equal.
 */
static __always_inline void NAME(thresholds)(const VEC *points, VEC *thresholds)
{
	const VEC one = NAME(all)(1);
	u32 k;

#pragma GCC unroll 8
	for (k = 0; k < ASC_POINTS - 1; k++) {
		VEC above = points[k + 1];

		if (k & 1)
			above = OP(vmaxq)(points[k], OP(vqsubq)(above, one));
		thresholds[k] = OP(vhaddq)(points[k], above);
	}
}

/*
 * A row of @fours times four values of each block.  Behind one another lie blocks, in them fours,
 * in these values; the last are brought apart by LD4, fours by taking every second one.
 */
static __always_inline void NAME(load_fours)(const u8 *p, u32 fours, VEC sign, VEC *v)
{
	VEC x[4][MAX_FOURS], y[MAX_FOURS];
	u32 i, k, rest;

#pragma GCC unroll 8
	for (i = 0; i < fours; i++) {
		VEC_4 four = OP(vld4q)((const VALUE *)(p + 64 * i));

		x[0][i] = four.val[0];
		x[1][i] = four.val[1];
		x[2][i] = four.val[2];
		x[3][i] = four.val[3];
	}
#pragma GCC unroll 4
	for (k = 0; k < 4; k++) {
#pragma GCC unroll 4
		for (rest = fours; rest > 1; rest /= 2) {
#pragma GCC unroll 8
			for (i = 0; i < fours / 2; i++) {
				y[i] = OP(vuzp1q)(x[k][2 * i], x[k][2 * i + 1]);
				y[fours / 2 + i] = OP(vuzp2q)(x[k][2 * i], x[k][2 * i + 1]);
			}
#pragma GCC unroll 8
			for (i = 0; i < fours; i++)
				x[k][i] = y[i];
		}
#pragma GCC unroll 8
		for (i = 0; i < fours; i++)
			v[4 * i + k] = OP(veorq)(x[k][i], sign);
	}
}

/* A row of @w values of each block, to as many vectors. */
static __always_inline void NAME(load_row)(const u8 *p, u32 w, VEC sign, VEC *v)
{
	VEC_2 two;

	switch (w) {
	case 1:
		v[0] = OP(veorq)(OP(vld1q)((const VALUE *)p), sign);
		break;
	case 2:
		two = OP(vld2q)((const VALUE *)p);
		v[0] = OP(veorq)(two.val[0], sign);
		v[1] = OP(veorq)(two.val[1], sign);
		break;
	case 4:
		NAME(load_fours)(p, 1, sign, v);
		break;
	case 8:
		NAME(load_fours)(p, 2, sign, v);
		break;
	case 16:
		NAME(load_fours)(p, 4, sign, v);
		break;
	default:
		NAME(load_fours)(p, 8, sign, v);
	}
}

/* Values of @n blocks as unsigned numbers; lanes behind them are 0 in memory. */
static noinline void NAME(load)(const struct asc_strip *strip, const u8 *src, u32 n, VEC *v)
{
	const VEC sign = NAME(all)(strip_sign(strip));
	u32 row_bytes = n * strip->w * sizeof(VALUE), y, z;
	u8 row[16 * MAX_VALUES];

	if (n < LANES)
		memset(row, 0, LANES * strip->w * sizeof(VALUE));
	for (z = 0; z < strip->c; z++) {
		for (y = 0; y < strip->h; y++, v += strip->w) {
			const u8 *p = src + plane_at(strip, z) + y * strip->row;

			if (n < LANES) {
				memcpy(row, p, row_bytes);
				p = row;
			}
			NAME(load_row)(p, strip->w, sign, v);
		}
	}
}

/* What a value is above the zero point, if a block's minimum is that. */
static __always_inline VEC NAME(number)(struct job job, VEC v, VEC zero)
{
	return job.endpoints == 1 ? OP(vqsubq)(v, zero) : v;
}

/*
 * Of the errors of a block, in its lane.  Sums of squares are right if no error is above
 * 1 << GAP_BITS, or rounding makes it so.
 */
SUMS {
	WIDE abs[2], squares[2];
	VEC max;
};

static __always_inline void NAME(add_error)(SUMS *s, VEC e)
{
	s->max = OP(vmaxq)(s->max, e);
	s->squares[0] = OP(vmlal)(s->squares[0], OP(vget_low)(e), OP(vget_low)(e));
	s->squares[1] = OP(vmlal_high)(s->squares[1], e, e);
}

static __always_inline void NAME(add_sum)(SUMS *s, VEC e)
{
	s->abs[0] = OP(vaddw)(s->abs[0], OP(vget_low)(e));
	s->abs[1] = OP(vaddw_high)(s->abs[1], e);
}

static __always_inline SUMS NAME(no_sums)(void)
{
	const WIDE none = WIDE_OP(vdupq_n)(0);
	SUMS s = { { none, none }, { none, none }, NAME(all)(0) };

	return s;
}

/*
 * Errors on both scales.  The nearest point is the one with the least error.  The linear scale
 * is its own mirror image, so that its lower half is enough.
 */
static __always_inline void NAME(measure)(struct job job, const VEC *v, VEC low, VEC high,
					  const VEC *linear, const VEC *log,
					  SUMS *linear_sums, SUMS *log_sums)
{
	const VEC zero = NAME(all)(job.zero), none = NAME(all)(0);
	SUMS a = NAME(no_sums)(), b = a;
	u32 i, k;

	for (i = 0; i < job.values; i += 4) {
		VEC sum_a = none, sum_b = none;

#pragma GCC unroll 4
		for (k = 0; k < 4; k++) {
			VEC x = NAME(number)(job, v[i + k], zero), beyond = none, up, d, e;

			if (job.narrow) {
				/* endpoints are rounded */
				d = OP(vminq)(OP(vmaxq)(x, low), high);
				beyond = OP(vabdq)(x, d);
				x = d;
			}
			up = job.endpoints == 1 ? x : OP(vsubq)(x, low);
			d = OP(vminq)(up, OP(vsubq)(high, x));
			e = OP(vminq)(OP(vminq)(d, OP(vabdq)(d, linear[1])),
				      OP(vminq)(OP(vabdq)(d, linear[2]),
						OP(vabdq)(d, linear[3])));
			d = OP(vminq)(OP(vminq)(d, OP(vabdq)(up, log[1])),
				      OP(vminq)(OP(vabdq)(up, log[2]), OP(vabdq)(up, log[3])));
			d = OP(vminq)(OP(vminq)(d, OP(vabdq)(up, log[4])),
				      OP(vminq)(OP(vabdq)(up, log[5]), OP(vabdq)(up, log[6])));
			if (job.narrow) {
				e = OP(vaddq)(e, beyond);
				d = OP(vaddq)(d, beyond);
				NAME(add_sum)(&a, e);
				NAME(add_sum)(&b, d);
			} else {
				/* four of them fit */
				sum_a = OP(vaddq)(sum_a, e);
				sum_b = OP(vaddq)(sum_b, d);
			}
			NAME(add_error)(&a, e);
			NAME(add_error)(&b, d);
		}
		if (!job.narrow) {
			NAME(add_sum)(&a, sum_a);
			NAME(add_sum)(&b, sum_b);
		}
	}
	*linear_sums = a;
	*log_sums = b;
}

/* Ones for blocks where the log-linear scale has less error. */
static __always_inline VEC NAME(prefer_log)(struct job job, const SUMS *linear,
					    const SUMS *log)
{
	if (job.scales != (1u << ASC_SCALE_LINEAR | 1u << ASC_SCALE_LOG))
		return NAME(all)(job.scales & 1u << ASC_SCALE_LOG ? ~0u : 0);
	return WIDE_OP(vmovn_high)(WIDE_OP(vmovn)(WIDE_OP(vcltq)(log->abs[0], linear->abs[0])),
				   WIDE_OP(vcltq)(log->abs[1], linear->abs[1]));
}

/* Of the first @n lanes; by scale. */
static __always_inline void NAME(count_sums)(const SUMS *linear,
					     const SUMS *log, VEC use_log, u32 n,
					     struct asc_cbr_stats *stats)
{
	VEC used = NAME(first_lanes)(n), max = OP(vbslq)(use_log, log->max, linear->max);
	WIDE mask[2] = {
		TO_WIDE(OP(vzip1q)(use_log, use_log)),
		TO_WIDE(OP(vzip2q)(use_log, use_log)),
	};
	WIDE here[2] = {
		TO_WIDE(OP(vzip1q)(used, used)),
		TO_WIDE(OP(vzip2q)(used, used)),
	};
	u32 i;

#pragma GCC unroll 2
	for (i = 0; i < 2; i++) {
		WIDE abs = WIDE_OP(vbslq)(mask[i], log->abs[i], linear->abs[i]);
		WIDE squares = WIDE_OP(vbslq)(mask[i], log->squares[i], linear->squares[i]);

		stats->sum_abs_error += WIDE_OP(vaddlvq)(WIDE_OP(vandq)(abs, here[i]));
		stats->sum_sq_error += WIDE_OP(vaddlvq)(WIDE_OP(vandq)(squares, here[i]));
	}
	stats->max_abs_error = max_u32(stats->max_abs_error,
				       OP(vmaxvq)(OP(vandq)(max, used)));
}

/* Cold: points are cut, or above @zero but values below it, or errors large. */
static noinline void NAME(count_carefully)(u32 values, u32 zero, const VEC *v,
					   const VEC *points, const VEC *index, u32 n,
					   struct asc_cbr_stats *stats)
{
	VALUE value[LANES], decoded[LANES];
	u32 i, k;

	for (i = 0; i < values; i++) {
		VEC d = points[0];

		for (k = 1; k < ASC_POINTS; k++)
			d = OP(vbslq)(OP(vceqq)(index[i], NAME(all)(k)), points[k], d);
		d = OP(vqaddq)(d, NAME(all)(zero));
		OP(vst1q)(value, v[i]);
		OP(vst1q)(decoded, d);
		for (k = 0; k < n; k++) {
			u32 e = value[k] > decoded[k] ? value[k] - decoded[k] :
							decoded[k] - value[k];

			stats->sum_abs_error += e;
			stats->sum_sq_error += (u64)e * e;
			stats->max_abs_error = max_u32(stats->max_abs_error, e);
		}
	}
}

/* How many midpoints each value is above. */
static __always_inline void NAME(find_indices)(struct job job, const VEC *v,
					       const VEC *thresholds, VEC *index)
{
	const VEC zero = NAME(all)(job.zero);
	u32 i, k;

#pragma GCC unroll 2
	for (i = 0; i < job.values; i++) {
		VEC x = NAME(number)(job, v[i], zero), count = NAME(all)(0);

#pragma GCC unroll 8
		for (k = 0; k < ASC_POINTS - 1; k++)
			count = OP(vsubq)(count, OP(vcgtq)(x, thresholds[k]));
		index[i] = count;
	}
}

/* @n blocks side by side to bits. */
static __always_inline void NAME(encode_batch)(struct job job, const u8 *src, u32 n, u8 *bits,
					       struct asc_cbr_stats *stats)
{
	const VEC zero = NAME(all)(job.zero), one = NAME(all)(1);
	VEC linear[4], log[ASC_POINTS], points[ASC_POINTS], thresholds[ASC_POINTS - 1];
	VEC v[MAX_VALUES], index[MAX_VALUES], low, high, use_log, least, out[2];
	SUMS linear_sums, log_sums;
	bool careful;
	u32 i;

	NAME(load)(job.strip, src, n, v);
	least = v[0];
	high = v[0];
#pragma GCC unroll 4
	for (i = 0; i < job.values; i++) {
		least = OP(vminq)(least, v[i]);
		high = OP(vmaxq)(high, v[i]);
	}
	high = NAME(number)(job, high, zero);
	low = job.endpoints == 1 ? NAME(all)(0) : least;
#if LANE_BITS == 16
	if (job.narrow) {
		if (job.endpoints == 2)
			low = narrow_numbers(job, narrow_codes(job, low));
		high = narrow_numbers(job, narrow_codes(job, high));
	}
#endif
	if (job.endpoints == 1 && !job.narrow)
		high = OP(vorrq)(high, one);
	NAME(steps)(OP(vsubq)(high, low), linear, log);
	NAME(measure)(job, v, low, high, linear, log, &linear_sums, &log_sums);
	use_log = NAME(prefer_log)(job, &linear_sums, &log_sums);
	NAME(points)(low, OP(vsubq)(high, low), use_log, linear, log, points);
	NAME(thresholds)(points, thresholds);
	NAME(find_indices)(job, v, thresholds, index);

	careful = job.endpoints == 1 &&
		  (OP(vminvq)(least) < job.zero || OP(vmaxvq)(high) > job.most - job.zero);
	if (job.narrow)
		careful |= OP(vmaxvq)(OP(vmaxq)(linear_sums.max, log_sums.max)) > 1u << GAP_BITS;
	if (careful)
		NAME(count_carefully)(job.values, job.endpoints == 1 ? job.zero : 0, v, points,
				      index, n, stats);
	else
		NAME(count_sums)(&linear_sums, &log_sums, use_log, n, stats);
	stats->log_blocks += OP(vaddvq)(OP(vandq)(OP(vandq)(use_log, one),
						  NAME(first_lanes)(n)));

#if LANE_BITS == 16
	if (job.narrow) {
		/* what was rounded may have another code of the same number */
		low = narrow_codes(job, low);
		high = narrow_codes(job, high);
	}
#endif
	if (job.endpoints == 1) {
		/* the lowest bit is the scale */
		out[0] = OP(vbslq)(one, use_log, high);
	} else {
		/* so is the order */
		out[0] = OP(vbslq)(use_log, high, low);
		out[1] = OP(vbslq)(use_log, low, high);
	}
	NAME(store)(job, out, index, n, bits);
}

/* Ends of @n blocks, of which @e0 comes first, to their points one behind the other. */
static __always_inline void NAME(make_tables)(struct job job, VEC e0, VEC e1, VALUE *tables)
{
	VEC linear[4], log[ASC_POINTS], points[ASC_POINTS], low, high, use_log;
	const VEC sign = NAME(all)(strip_sign(job.strip)), one = NAME(all)(1);
	u32 k;

	if (job.endpoints == 1) {
		use_log = OP(vtstq)(e0, one);
		low = NAME(all)(0);
		high = job.narrow ? e0 : OP(vorrq)(e0, one);
	} else {
		use_log = OP(vcgtq)(e0, e1);
		low = OP(vminq)(e0, e1);
		high = OP(vmaxq)(e0, e1);
	}
#if LANE_BITS == 16
	if (job.narrow) {
		if (job.endpoints == 2)
			low = narrow_numbers(job, low);
		high = narrow_numbers(job, high);
	}
#endif
	NAME(steps)(OP(vsubq)(high, low), linear, log);
	NAME(points)(low, OP(vsubq)(high, low), use_log, linear, log, points);
#pragma GCC unroll 8
	for (k = 0; k < ASC_POINTS; k++) {
		if (job.endpoints == 1)
			points[k] = OP(vqaddq)(points[k], NAME(all)(job.zero));
		points[k] = OP(veorq)(points[k], sign);
	}
	NAME(store_tables)(points, tables);
}

/* Bits to @n blocks side by side; behind them are @left bytes of bits. */
static __always_inline void NAME(decode_batch)(struct job job, const u8 *bits, u32 n, u32 left,
					       u8 *dst)
{
	u8 copy[LANES * MAX_BYTES + 16], blocks[LANES * MAX_VALUES * sizeof(VALUE) + 16];
	u32 block_bytes = job.values * sizeof(VALUE), b;
	const u8 *in = bits;
	u8 *to = blocks;
	VALUE ends[2 * LANES], tables[LANES * ASC_POINTS];
	bool run = job.strip->w == job.values;
	VEC_2 e;

	if (n < LANES || left < 16) {
		memcpy(copy, bits, n * job.bytes);
		memset(copy + n * job.bytes, 0, (LANES - n) * job.bytes + 16);
		in = copy;
	}
#pragma GCC unroll 4
	for (b = 0; b < LANES; b++) {
		const u8 *p = in + b * job.bytes;

		if (job.narrow) {
			ends[b * job.endpoints] = p[0];
			ends[b * job.endpoints + job.endpoints - 1] = p[job.endpoints - 1];
		} else {
			memcpy(ends + b * job.endpoints, p, job.endpoints * sizeof(VALUE));
		}
	}
	if (job.endpoints == 1) {
		e.val[0] = OP(vld1q)(ends);
		e.val[1] = e.val[0];
	} else {
		e = OP(vld2q)(ends);
	}
	NAME(make_tables)(job, e.val[0], e.val[1], tables);
	switch (NAME(rows)(job, n)) {
	case 4:
		NAME(take_points)(job, in, tables, n, 4, dst);
		return;
#if LANE_BITS == 16
	case 8:
		NAME(take_points)(job, in, tables, n, 8, dst);
		return;
#endif
	}
	/* where no more than the blocks is written */
	if (run && NAME(writes_whole)(job, n))
		to = dst;
	NAME(take_points)(job, in, tables, n, 0, to);
	if (to == dst)
		return;
	if (run)
		memcpy(dst, blocks, n * block_bytes);
	else
		store_rows(job.strip, blocks, block_bytes, n, dst);
}

#undef NAME
#undef LANES
#undef VEC
#undef VEC_2
#undef VEC_4
#undef WIDE
#undef VALUE
#undef SUMS
#undef OP
#undef WIDE_OP
#undef TO_WIDE
#undef GAP_BITS
#undef LANE_BITS
