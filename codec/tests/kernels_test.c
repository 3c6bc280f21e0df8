// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What vector code gives is what plain C gives, for every CPU that can be had here.
 */

#include <stdlib.h>

#include "ascdev_harness.h"

#include "asc_cbr.h"
#include "cpus.h"
#include "rounds.h"

static u32 next_random(u64 *state)
{
	*state = *state * 6364136223846793005ull + 1442695040888963407ull;
	return *state >> 33;
}

/* Values of one of several kinds: smooth, sparse, wild, flat, with two levels, extreme. */
static void fill(u8 *map, u64 values, u32 bytes, u64 *seed)
{
	u32 kind = next_random(seed) % 6, limit = bytes == 1 ? 255 : 65535, last, spread;
	u64 i;

	last = next_random(seed) & limit;
	spread = 1 + (next_random(seed) & limit) % (1u << next_random(seed) % (8 * bytes));
	for (i = 0; i < values; i++) {
		u32 r = next_random(seed);

		switch (kind) {
		case 0:
			last += r % (2 * spread + 1) - spread;
			break;
		case 1:
			last = r & 0x70000 ? 0 : r % (spread + 1);
			break;
		case 2:
			last = r;
			break;
		case 3:
			last = r % 200 ? last : r >> 8;
			break;
		case 4:
			last = r & 0x10000 ? spread : 2 * spread;
			break;
		default:
			last = r & 0x10000 ? 0 : r & 0x20000 ? limit : r & 0x40000 ? limit / 2 : last;
		}
		memcpy(map + i * bytes, &last, bytes);	/* in whatever byte order */
	}
}

struct map {
	struct fmc_surface surface;
	u16 order[20];
	u8 *first;
	u64 bytes, elements;
};

/* Some order of the channels, or none. */
static void make_order(struct map *m, u64 *seed)
{
	u32 channels = m->surface.dim[FMC_DIM_C], i, k;
	u16 other;

	if (next_random(seed) % 4)
		return;
	for (i = 0; i < channels; i++)
		m->order[i] = i;
	for (i = 0; i < channels; i++) {
		k = next_random(seed) % channels;
		other = m->order[k];
		m->order[k] = m->order[i];
		m->order[i] = other;
	}
	m->surface.order = m->order;
}

/* Channels are the innermost dimension. */
static void make_nhwc(struct fmc_surface *s, u32 size)
{
	s->stride[FMC_DIM_C] = size;
	s->stride[FMC_DIM_W] = size * s->dim[FMC_DIM_C];
	s->stride[FMC_DIM_H] = s->stride[FMC_DIM_W] * s->dim[FMC_DIM_W];
	s->stride[FMC_DIM_N] = s->stride[FMC_DIM_H] * s->dim[FMC_DIM_H];
}

/* Rows may lie apart, and begin anywhere. */
static bool make_map(struct map *m, u32 dtype, u64 *seed)
{
	u32 size = fmc_dtype_bits(dtype) / 8, dense = next_random(seed) % 2, d;
	u64 stride = size;

	memset(&m->surface, 0, sizeof(m->surface));
	m->surface.dtype = dtype;
	m->surface.dim[FMC_DIM_N] = 1 + next_random(seed) % 2;
	/* often whole blocks, that lines of them follow one another */
	m->surface.dim[FMC_DIM_C] = next_random(seed) % 2 ? 16 : 1 + next_random(seed) % 20;
	m->surface.dim[FMC_DIM_H] = next_random(seed) % 2 ? 8 : 1 + next_random(seed) % 20;
	m->surface.dim[FMC_DIM_W] = 1 + next_random(seed) % (next_random(seed) % 4 ? 70 : 300);
	if (next_random(seed) % 2)
		m->surface.dim[FMC_DIM_W] = (m->surface.dim[FMC_DIM_W] + 15) & ~15u;
	/* rows that begin where lines of a cache do */
	if (!(next_random(seed) % 4))
		m->surface.dim[FMC_DIM_W] = (m->surface.dim[FMC_DIM_W] + 63) & ~63u;
	for (d = FMC_DIMS; d-- > 0; stride *= m->surface.dim[d]) {
		if (!dense && !(next_random(seed) % 3))
			stride += next_random(seed) % 5 * (d == FMC_DIM_W ? next_random(seed) % 2 : 1);
		m->surface.stride[d] = stride;
	}
	if (dense && !(next_random(seed) % 4))
		make_nhwc(&m->surface, size);
	make_order(m, seed);
	return !fmc_surface_check(&m->surface, &m->elements, &m->bytes);
}

static const struct asc_cbr_block shapes[] = {
	{ 4, 4, 1 }, { 16, 0, 0 }, { 1, 1, 16 }, { 2, 2, 4 }, { 4, 2, 2 },
	{ 4, 2, 1 }, { 8, 0, 0 }, { 1, 1, 8 }, { 2, 2, 2 }, { 2, 1, 4 },
	{ 8, 4, 1 }, { 32, 0, 0 }, { 1, 1, 32 }, { 4, 2, 4 }, { 4, 4, 2 },
	{ 8, 8, 1 }, { 64, 0, 0 }, { 1, 1, 64 }, { 4, 4, 4 }, { 2, 2, 16 },
	{ 24, 0, 0 }, { 16, 1, 1 }, { 3, 8, 1 }, { 8, 5, 1 }, { 64, 1, 1 }, { 2, 8, 1 },
	{ 1, 8, 1 }, { 8, 1, 1 }, { 16, 2, 1 }, { 32, 2, 1 }, { 2, 4, 1 }, { 16, 4, 1 },
	{ 256, 0, 0 }, { 4, 4, 16 }, { 8, 8, 4 },
};

static void compare(struct __test_metadata *_metadata, const struct map *m,
		    const struct asc_cbr_params *params, u64 *seed)
{
	u32 shift = next_random(seed) % 3 ? 0 : next_random(seed) % 64, first, count;
	struct asc_cbr_params p = *params;
	static struct asc_pool pool;
	struct asc_cbr_stats stats[2];
	struct asc_cbr cbr[2];
	u8 *src, *payload[2], *dst[2];
	enum fmc_cpu cpu;
	u64 bytes;

	p.kernels = fmc_kernels_get(FMC_CPU_SCALAR);
	/* small blocks one by one do without */
	p.pool = next_random(seed) % 2 || p.block.w * (p.block.h ? p.block.h * p.block.c : 1) > 64 ?
		 &pool : NULL;
	if (asc_cbr_init(&cbr[0], &m->surface, &p))
		return;
	bytes = asc_cbr_bytes(&cbr[0]);
	src = malloc(m->bytes + shift);
	fill(src, (m->bytes + shift) / (fmc_dtype_bits(m->surface.dtype) / 8),
	     fmc_dtype_bits(m->surface.dtype) / 8, seed);
	payload[0] = malloc(bytes);
	payload[1] = malloc(bytes);
	dst[0] = malloc(m->bytes + shift);
	dst[1] = malloc(m->bytes + shift);
	memset(stats, 0, sizeof(stats));
	/* side by side they need it */
	p.pool = &pool;
	asc_cbr_encode(&cbr[0], 0, cbr[0].blocks, src + shift, payload[0], &stats[0]);
	for (cpu = FMC_CPU_SCALAR + 1; cpu < FMC_CPUS; cpu++) {
		if (!test_has_cpu(cpu))
			continue;
		p.kernels = fmc_kernels_get(cpu);
		asc_cbr_init(&cbr[1], &m->surface, &p);
		memset(&stats[1], 0, sizeof(stats[1]));
		memset(payload[1], 0x55, bytes);
		/* in two slices */
		first = next_random(seed) % (cbr[1].blocks + 1);
		asc_cbr_encode(&cbr[1], 0, first, src + shift, payload[1], &stats[1]);
		asc_cbr_encode(&cbr[1], first, cbr[1].blocks - first, src + shift, payload[1],
			       &stats[1]);
		ASSERT_EQ(0, memcmp(payload[0], payload[1], bytes))
			TH_LOG("%s dtype %u, %ux%ux%u", fmc_cpu_name(cpu), m->surface.dtype,
			       p.block.w, p.block.h, p.block.c);
		/* which only some vector code notes */
		stats[1].seen = 0;
		stats[1].greatest = 0;
		stats[1].negative = false;
		ASSERT_EQ(0, memcmp(&stats[0], &stats[1], sizeof(stats[0])))
			TH_LOG("%s dtype %u, %ux%ux%u", fmc_cpu_name(cpu), m->surface.dtype,
			       p.block.w, p.block.h, p.block.c);
	}
	/* what was encoded, then anything */
	if (next_random(seed) % 2)
		fill(payload[0], bytes, 1, seed);
	memset(dst[0], 0xaa, m->bytes + shift);
	asc_cbr_decode(&cbr[0], 0, cbr[0].blocks, payload[0], dst[0] + shift);
	for (cpu = FMC_CPU_SCALAR + 1; cpu < FMC_CPUS; cpu++) {
		if (!test_has_cpu(cpu))
			continue;
		p.kernels = fmc_kernels_get(cpu);
		asc_cbr_init(&cbr[1], &m->surface, &p);
		memset(dst[1], 0xaa, m->bytes + shift);
		/* as if the surface were large */
		cbr[1].stream = next_random(seed) % 2;
		first = next_random(seed) % (cbr[1].blocks + 1);
		count = cbr[1].blocks - first;
		asc_cbr_decode(&cbr[1], 0, first, payload[0], dst[1] + shift);
		asc_cbr_decode(&cbr[1], first, count, payload[0], dst[1] + shift);
		ASSERT_EQ(0, memcmp(dst[0], dst[1], m->bytes + shift))
			TH_LOG("%s dtype %u, %ux%ux%u", fmc_cpu_name(cpu), m->surface.dtype,
			       p.block.w, p.block.h, p.block.c);
	}
	free(src);
	free(payload[0]);
	free(payload[1]);
	free(dst[0]);
	free(dst[1]);
}

static void compare_all(struct __test_metadata *_metadata, u32 profile, u32 effort, u32 maps)
{
	struct asc_cbr_params p = { .profile = profile, .effort = effort };
	u64 seed = profile * 2 + effort;
	struct map m;
	u32 i, k;

	for (i = 0; i < maps; i++) {
		u32 dtype = next_random(&seed) % 6;

		if (!make_map(&m, dtype, &seed))
			continue;
		p.endpoints = FMC_ENDPOINTS_ONE + next_random(&seed) % 2;
		p.scale = next_random(&seed) % 4 ? FMC_SCALE_AUTO : next_random(&seed) % 3;
		p.exponent = 1 + next_random(&seed) % (fmc_dtype_is_float(dtype) ? 30 : 16);
		p.zero_point = 0;
		if (dtype < FMC_F16 && next_random(&seed) % 2)
			p.zero_point = (dtype == FMC_S8 || dtype == FMC_S16 ? -128 : 0) +
				       next_random(&seed) % 256;
		for (k = 0; k < sizeof(shapes) / sizeof(shapes[0]); k++) {
			p.block = shapes[k];
			compare(_metadata, &m, &p, &seed);
		}
	}
}

TEST(asc_full)
{
	compare_all(_metadata, FMC_PROFILE_FULL, ASC_EFFORT_HW, rounds(40));
}

TEST(asc_narrow)
{
	compare_all(_metadata, FMC_PROFILE_NARROW, ASC_EFFORT_HW, rounds(40));
}

/* Long rows, and planes, of whole lines of a cache. */
TEST(asc_streamed)
{
	static const u32 dtypes[] = { FMC_U8, FMC_S8, FMC_S16 };
	struct asc_cbr_params p = { 0 };
	u32 i, k, d, stride;
	struct map m;
	u64 seed = 5;

	for (i = 0; i < rounds(12); i++) {
		memset(&m, 0, sizeof(m));
		m.surface.dtype = dtypes[i % 3];
		m.surface.dim[FMC_DIM_N] = 1;
		m.surface.dim[FMC_DIM_C] = 16;
		m.surface.dim[FMC_DIM_H] = 8;
		m.surface.dim[FMC_DIM_W] = 256;
		stride = fmc_dtype_bits(m.surface.dtype) / 8;
		for (d = FMC_DIMS; d-- > 0; stride *= m.surface.dim[d])
			m.surface.stride[d] = stride;
		ASSERT_EQ(0, fmc_surface_check(&m.surface, &m.elements, &m.bytes));
		p.profile = FMC_PROFILE_FULL;
		if (fmc_dtype_bits(m.surface.dtype) == 16 && i % 2)
			p.profile = FMC_PROFILE_NARROW;
		p.endpoints = FMC_ENDPOINTS_ONE + i / 3 % 2;
		p.exponent = fmc_dtype_bits(m.surface.dtype) - 1;
		for (k = 0; k < sizeof(shapes) / sizeof(shapes[0]); k++) {
			p.block = shapes[k];
			compare(_metadata, &m, &p, &seed);
		}
	}
}

TEST(asc_pooled)
{
	compare_all(_metadata, FMC_PROFILE_POOLED, ASC_EFFORT_HW, rounds(4));
}

TEST(asc_best_pooled)
{
	compare_all(_metadata, FMC_PROFILE_POOLED, ASC_EFFORT_BEST, rounds(4));
}

static const u16 pooled_shapes[][3] = {
	{ 8, 8, 1 }, { 64, 1, 1 }, { 1, 1, 64 }, { 4, 4, 4 }, { 2, 2, 16 }, { 16, 1, 1 },
	{ 1, 8, 4 }, { 3, 4, 4 }, { 8, 8, 4 }, { 256, 1, 1 }, { 1, 1, 256 }, { 4, 4, 16 },
	{ 2, 2, 64 }, { 16, 16, 1 },
};

/* Constant, sparse, around zero, around anything, smooth, with a few large ones, random. */
static u16 pooled_value(u32 content, const struct asc_block_format *f, u32 i, u32 amplitude,
			u32 offset, u64 *seed)
{
	s32 most = (1 << f->bits) - 1, random = next_random(seed) & 0x7fffffff, v;

	switch (content) {
	case 0:
		v = offset;
		break;
	case 1:
		v = f->zero + (random % 3 ? 0 : random / 3 % amplitude);
		break;
	case 2:
		v = f->zero + random % (2 * amplitude) - amplitude;
		break;
	case 3:
		v = offset + random % amplitude;
		break;
	case 4:
		v = offset + (i / 8 + i % 8) * amplitude / 8 + random % 3;
		break;
	case 5:
		v = f->zero + random % 4 + (random % 61 ? 0 : (s32)amplitude);
		break;
	default:
		v = random & most;
	}
	return v < 0 ? 0 : v > most ? most : v;
}

/* Blocks side by side give what plain C gives for each. */
static void compare_pooled(struct __test_metadata *_metadata, const struct fmc_kernels *k,
			   const struct asc_block_format *f, u32 effort, u64 *seed)
{
	static struct asc_pooled_lanes lanes;
	static u16 values[ASC_POOLED_LANES][ASC_POOL_VALUES];
	static struct asc_pool pool;
	u64 sum = 0, squares = 0;
	u32 lane, i, max = 0, uncounted = next_random(seed) % 2 ? 3 : ASC_POOLED_LANES + 1;

	for (lane = 0; lane < ASC_POOLED_LANES; lane++) {
		u32 amplitude = 1u << next_random(seed) % f->bits, content = next_random(seed) % 7;
		u32 offset = next_random(seed) & ((1u << f->bits) - 1);

		for (i = 0; i < f->values; i++) {
			values[lane][i] = pooled_value(content, f, i, amplitude, offset, seed);
			lanes.values[i][lane] = values[lane][i];
			if (f->kind == ASC_INTEGER)
				continue;
			lanes.values[i][lane] =
				asc_float_to_fixed(f->kind, f->exponent,
						   asc_float_finite(f->kind, values[lane][i]));
		}
		lanes.counted[lane] = 0;
		if (f->kind == ASC_INTEGER && (lane + 1) % uncounted)
			lanes.counted[lane] = 0xffff;
	}
	lanes.sum_abs_error = 0;
	lanes.sum_sq_error = 0;
	lanes.max_abs_error = 0;
	k->pooled->encode(f, effort, &lanes);
	for (lane = 0; lane < ASC_POOLED_LANES; lane++) {
		u8 expected[ASC_POOL_BYTES], bits[ASC_POOL_BYTES];
		u16 small[FMC_BLOCK_MAX_VALUES], *decoded = small;

		if (!asc_pooled_take_out(f, k->pooled, &lanes, lane, bits))
			continue;
		if (f->values == ASC_POOL_VALUES) {
			memcpy(pool.values, values[lane], sizeof(pool.values));
			asc_pooled_encode_large(f, effort, &pool, expected);
			decoded = pool.decoded;
		} else {
			asc_pooled_encode(f, effort, values[lane], expected, decoded);
		}
		ASSERT_EQ(0, memcmp(bits, expected, asc_block_bytes(f)));
		for (i = 0; i < f->values; i++) {
			u32 error = abs(decoded[i] - values[lane][i]), number;

			if (!lanes.counted[lane]) {
				number = lanes.decoded[i][lane];
				if (f->kind != ASC_INTEGER)
					number = asc_float_from_fixed(f->kind, f->exponent, number);
				ASSERT_EQ(decoded[i], number);
				continue;
			}
			sum += error;
			squares += (u64)error * error;
			max = error > max ? error : max;
		}
	}
	ASSERT_EQ(sum, lanes.sum_abs_error);
	ASSERT_EQ(squares, lanes.sum_sq_error);
	ASSERT_EQ(max, lanes.max_abs_error);
}

/* Bits, zero, and what floats need. */
static struct asc_block_format pooled_format(u32 endpoints, u64 *seed)
{
	static const u16 zeros[2][3] = { { 0, 128, 37 }, { 0, 32768, 20000 } };
	u32 wide = next_random(seed) % 2;
	struct asc_block_format f = {
		.bits = wide ? 16 : 8, .endpoints = endpoints, .pooled = true,
		.zero = zeros[wide][next_random(seed) % 3],
	};

	if (wide && next_random(seed) % 3 == 0) {
		f.kind = 1 + next_random(seed) % 2;
		f.zero = ASC_FLOAT_ZERO;
		f.exponent = 1 + next_random(seed) % asc_max_exponent(f.kind);
	}
	return f;
}

TEST(asc_pooled_lanes)
{
	u64 seed = 1;
	u32 round, cpu;

	for (round = 0; round < rounds(400); round++) {
		const u16 *shape = pooled_shapes[next_random(&seed) % 14];
		struct asc_block_format f = pooled_format(1 + next_random(&seed) % 2, &seed);

		f.width = shape[0];
		f.height = shape[1];
		f.values = shape[0] * shape[1] * shape[2];
		if (f.values == ASC_POOL_VALUES)
			f.endpoints = 1;
		for (cpu = 0; cpu < FMC_CPUS; cpu++) {
			const struct fmc_kernels *k = fmc_kernels_get(cpu);

			if (test_has_cpu(cpu) && k->pooled)
				compare_pooled(_metadata, k, &f, round % 2, &seed);
		}
	}
}

/* Bytes of blocks: any, with long runs of ones, sparse, or with a step that is not large. */
static void fill_pooled(const struct asc_block_format *f, u8 *bits, u64 *seed)
{
	u32 kind = next_random(seed) % 4, i;

	for (i = 0; i < f->values / 2; i++) {
		u32 random = next_random(seed);

		bits[i] = random;
		if (kind == 1)
			bits[i] |= random >> 8 | random >> 16;
		if (kind == 2)
			bits[i] &= (random >> 8) & (random >> 16);
		if (kind == 1 && random >> 24 & 1)
			bits[i] = 0xff;
	}
	if (kind == 3)
		bits[0] &= 0x5f;
}

static void decode_pooled(const struct asc_block_format *f, const struct asc_pool_place *place,
			  const u8 *bits, u16 *values)
{
	static struct asc_pool pool;

	if (f->values < ASC_POOL_VALUES)
		asc_pooled_decode(f, bits, values);
	else if (f->endpoints == 1)
		asc_pooled_decode_large(f, bits, &pool, values);
	else
		asc_pool_decode(f, place, bits, &pool, values);
}

/* Any bytes side by side become what plain C makes of each block. */
static void compare_decoded(struct __test_metadata *_metadata, const struct fmc_kernels *k,
			    const struct asc_block_format *f, u64 *seed)
{
	static struct asc_pool_decoder d;
	bool trellis = f->values == ASC_POOL_VALUES && f->endpoints == 2;
	u32 count = 1 + next_random(seed) % ASC_POOL_LANES, lane;
	u8 *bits = malloc(count * f->values / 2);

	d.w = trellis ? 1 + next_random(seed) % (next_random(seed) % 2 ? 40 : 400) : f->width;
	d.h = trellis ? 1 + next_random(seed) % 20 : f->height;
	for (lane = 0; lane < count; lane++) {
		fill_pooled(f, bits + lane * f->values / 2, seed);
		d.x[lane] = trellis ? next_random(seed) % d.w : 0;
		d.y[lane] = trellis ? next_random(seed) % d.h : 0;
	}
	k->pooled->decode(f, bits, count, &d);
	for (lane = 0; lane < count; lane++) {
		struct asc_pool_place place = { d.w, d.h, d.x[lane], d.y[lane] };
		u16 expected[ASC_POOL_VALUES];

		decode_pooled(f, &place, bits + lane * f->values / 2, expected);
		ASSERT_EQ(0, memcmp(expected, d.values[lane], f->values * sizeof(*expected)))
			TH_LOG("%s, %u values of %u bits, %u endpoints, kind %u",
			       fmc_cpu_name(k->cpu), f->values, f->bits, f->endpoints, f->kind);
	}
	free(bits);
}

TEST(asc_pooled_decoders)
{
	u64 seed = 1;
	u32 round, cpu;

	for (round = 0; round < rounds(3000); round++) {
		const u16 *shape = pooled_shapes[next_random(&seed) % 14];
		struct asc_block_format f = pooled_format(1 + next_random(&seed) % 2, &seed);

		f.width = shape[0];
		f.height = shape[1];
		f.values = shape[0] * shape[1] * shape[2];
		for (cpu = 0; cpu < FMC_CPUS; cpu++) {
			const struct fmc_kernels *k = fmc_kernels_get(cpu);

			if (test_has_cpu(cpu) && k->pooled)
				compare_decoded(_metadata, k, &f, &seed);
		}
	}
}

/* Likewise with a trellis. */
static u32 compare_pools(struct __test_metadata *_metadata, const struct fmc_kernels *k,
			 const struct asc_block_format *f, u32 effort, u64 *seed)
{
	static struct asc_pool_lanes lanes;
	static struct asc_pool pool;
	struct asc_pool_place places[ASC_POOL_LANES];
	u32 w = 1 + next_random(seed) % 40, h = 1 + next_random(seed) % 20, lane, i, taken = 0;

	for (lane = 0; lane < ASC_POOL_LANES; lane++) {
		struct asc_pool_place place = { w, h, next_random(seed) % w, next_random(seed) % h };
		u32 amplitude = 1u << next_random(seed) % f->bits, content = next_random(seed) % 7;
		u32 offset = next_random(seed) & ((1u << f->bits) - 1);

		for (i = 0; i < ASC_POOL_VALUES; i++)
			lanes.values[lane][i] = pooled_value(content, f, i, amplitude, offset, seed);
		places[lane] = place;
		asc_pool_put_in(f, &place, &lanes, lane);
	}
	k->pooled->encode_pools(f, effort, &lanes);
	for (lane = 0; lane < ASC_POOL_LANES; lane++) {
		u8 expected[ASC_POOL_BYTES], bits[ASC_POOL_BYTES];
		u16 decoded[ASC_POOL_VALUES];

		if (!asc_pool_take_out(f, &lanes, lane, bits, decoded))
			continue;
		memcpy(pool.values, lanes.values[lane], sizeof(pool.values));
		asc_pool_encode(f, effort, &places[lane], &pool, expected);
		ASSERT_EQ(0, memcmp(bits, expected, sizeof(bits)));
		ASSERT_EQ(0, memcmp(decoded, pool.decoded, sizeof(decoded)));
		taken++;
	}
	return taken;
}

TEST(asc_pool_lanes)
{
	u32 round, cpu, taken = 0, all = 0;
	u64 seed = 1;

	for (round = 0; round < rounds(100); round++) {
		struct asc_block_format f = pooled_format(2, &seed);

		f.values = ASC_POOL_VALUES;
		for (cpu = 0; cpu < FMC_CPUS; cpu++) {
			const struct fmc_kernels *k = fmc_kernels_get(cpu);

			if (!test_has_cpu(cpu) || !k->pooled)
				continue;
			taken += compare_pools(_metadata, k, &f, round % 2, &seed);
			all += ASC_POOL_LANES;
		}
	}
	EXPECT_LE(all, 2 * taken);
}

TEST(asc_best)
{
	compare_all(_metadata, FMC_PROFILE_FULL, ASC_EFFORT_BEST, rounds(4));
}

TEST(asc_best_narrow)
{
	compare_all(_metadata, FMC_PROFILE_NARROW, ASC_EFFORT_BEST, rounds(4));
}

/* Every pattern, at every address; against what is made one by one. */
TEST(floats)
{
	static u16 values[65536 + 7], fixed[65536];
	enum asc_kind kind;
	enum fmc_cpu cpu;
	u32 exponent, i;

	for (cpu = FMC_CPU_SCALAR; cpu < FMC_CPUS; cpu++) {
		const struct asc_float_kernels *k = fmc_kernels_get(cpu)->floats;

		if (!test_has_cpu(cpu))
			continue;
		for (kind = ASC_F16; kind <= ASC_BF16; kind++) {
			for (exponent = 1; exponent <= asc_max_exponent(kind); exponent++) {
				u16 *v = values + exponent % 8;

				for (i = 0; i < 65536; i++)
					v[i] = i * 40503;
				k->to_fixed(kind, exponent, v, 65536 - exponent % 64, fixed);
				for (i = 0; i < 65536 - exponent % 64; i++) {
					u32 finite = asc_float_finite(kind, v[i]);

					ASSERT_EQ(asc_float_to_fixed(kind, exponent, finite),
						  fixed[i])
						TH_LOG("%s %u %x", fmc_cpu_name(cpu), exponent,
						       v[i]);
				}
			}
		}
	}
}

TEST(largest_floats)
{
	u16 values[FMC_BLOCK_MAX_VALUES];
	enum fmc_cpu cpu;
	u64 seed = 3;
	u32 round, i;

	for (round = 0; round < 20000; round++) {
		enum asc_kind kind = round % 2 ? ASC_F16 : ASC_BF16;
		u32 count = 8 + 8 * (round / 2 % 8), largest[2] = { 0 }, spread, positive;

		spread = next_random(&seed) % 16;
		for (i = 0; i < count; i++) {
			u32 finite, r = next_random(&seed) % 0x10000;

			/* near zero, or anywhere */
			values[i] = r;
			if (round % 3)
				values[i] = ASC_FLOAT_ZERO + (r >> spread) - (0x8000 >> spread);
			finite = asc_float_finite(kind, values[i]);
			if (asc_magnitude(finite) > largest[0])
				largest[0] = asc_magnitude(finite);
			if (finite >= ASC_FLOAT_ZERO && asc_magnitude(finite) > largest[1])
				largest[1] = asc_magnitude(finite);
		}
		for (cpu = FMC_CPU_SCALAR; cpu < FMC_CPUS; cpu++) {
			const struct asc_float_kernels *k = fmc_kernels_get(cpu)->floats;

			if (!test_has_cpu(cpu))
				continue;
			for (positive = 0; positive < 2; positive++)
				ASSERT_EQ(largest[positive],
					  k->largest(kind, values, count, positive))
					TH_LOG("%s", fmc_cpu_name(cpu));
		}
	}
}

TEST_HARNESS_MAIN
