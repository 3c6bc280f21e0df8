// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ASC at a constant bitrate: every block of a surface has the same size, so the
 * address of any block is computed.  Documentation/format.rst, "ASC-CBR payload".
 */

#include "asc_cbr.h"
#include "asc_pooled.h"
#include "kernels.h"

static u32 max_u32(u32 a, u32 b)
{
	return a > b ? a : b;
}

static u32 min_u32(u32 a, u32 b)
{
	return a < b ? a : b;
}

static u32 block_values(const struct asc_cbr_block *block)
{
	return block->h ? (u32)block->w * block->h * block->c : block->w;
}

/**
 * asc_cbr_block_is_open - is a shape left to the codec?
 * @block: shape
 *
 * Return: true or false.
 */
bool asc_cbr_block_is_open(const struct asc_cbr_block *block)
{
	return !block->w && !block->h && !block->c;
}

/**
 * asc_cbr_block_is_valid - is it a shape?
 * @block: any numbers
 *
 * Return: true or false; false for one that is left open.
 */
bool asc_cbr_block_is_valid(const struct asc_cbr_block *block)
{
	if (!block->w || !block->h != !block->c)
		return false;
	/* each first, so that the product fits */
	if (block->w > ASC_POOL_VALUES || block->h > ASC_POOL_VALUES ||
	    block->c > ASC_POOL_VALUES)
		return false;
	return (block_values(block) % 8 == 0 && block_values(block) <= FMC_BLOCK_MAX_VALUES) ||
	       block_values(block) == ASC_POOL_VALUES;
}

/**
 * asc_cbr_block_fits - does a profile have a shape?
 * @block: a shape, or one that is left open
 * @profile: one of enum fmc_profile
 *
 * Return: true or false; true for what is left open.
 */
bool asc_cbr_block_fits(const struct asc_cbr_block *block, u32 profile)
{
	if (profile == FMC_PROFILE_POOLED)
		return block_values(block) % ASC_POOLED_GROUP == 0;
	return block_values(block) <= FMC_BLOCK_MAX_VALUES;
}

static bool is_large(const struct asc_cbr_block *block)
{
	return block_values(block) > FMC_BLOCK_MAX_VALUES;
}

/* Large blocks of two endpoints have one, of which zero is not always a point. */
static bool has_trellis(const struct asc_cbr *cbr)
{
	return is_large(&cbr->block) && cbr->format.endpoints == 2;
}

static u32 blocks_along(u32 extent, u32 size)
{
	return extent / size + !!(extent % size);
}

/* How many blocks of a shape has a surface? */
static u32 count_blocks(const struct fmc_surface *s, u32 elements,
			const struct asc_cbr_block *b)
{
	if (!b->h)
		return blocks_along(elements, b->w);
	/* There are no more blocks than values. */
	return s->dim[FMC_DIM_N] * blocks_along(s->dim[FMC_DIM_C], b->c) *
	       blocks_along(s->dim[FMC_DIM_H], b->h) * blocks_along(s->dim[FMC_DIM_W], b->w);
}

/* Does the payload depend on the exponent? */
static bool profile_has_exponent(u32 profile, enum asc_kind kind)
{
	return profile == FMC_PROFILE_NARROW ||
	       (profile == FMC_PROFILE_POOLED && kind != ASC_INTEGER);
}

static bool profile_fits(const struct asc_cbr_params *params, enum asc_kind kind, u32 bits)
{
	if (params->exponent > (kind == ASC_INTEGER ? bits : asc_max_exponent(kind)))
		return false;
	switch (params->profile) {
	case FMC_PROFILE_FULL:
		return true;
	case FMC_PROFILE_NARROW:
		return bits == 16 && params->exponent;
	case FMC_PROFILE_POOLED:
		return kind == ASC_INTEGER || params->exponent;
	default:
		return false;
	}
}

/* Bytes of values that no cache is expected to hold beside others. */
#define STREAM_BYTES	(32u << 20)

/**
 * asc_cbr_init - prepare to encode or decode a surface
 * @cbr: filled in
 * @surface: the feature map; nothing in it is trusted
 * @params: parameters, with endpoints and shape; nothing in them is trusted
 *
 * Return: 0; -EINVAL for unknown numbers, endpoints, profile or shape left open or
 * impossible, the narrow profile without an exponent or for 8 bits, the pooled profile
 * without an exponent for floats or with groups that are not whole, a zero point or
 * exponent that the type cannot hold, or what fmc_surface_check() refuses; -EOVERFLOW as
 * there.
 */
int asc_cbr_init(struct asc_cbr *cbr, const struct fmc_surface *surface,
		 const struct asc_cbr_params *params)
{
	enum asc_kind kind = asc_kind_of(surface->dtype);
	u32 bits = fmc_dtype_bits(surface->dtype);
	u64 elements, bytes;
	int ret;

	ret = fmc_surface_check(surface, &elements, &bytes);
	if (ret)
		return ret;

	switch (params->scale) {
	case FMC_SCALE_AUTO:
		cbr->scales = 1u << ASC_SCALE_LINEAR | 1u << ASC_SCALE_LOG;
		break;
	case FMC_SCALE_LINEAR:
		cbr->scales = 1u << ASC_SCALE_LINEAR;
		break;
	case FMC_SCALE_LOG:
		cbr->scales = 1u << ASC_SCALE_LOG;
		break;
	default:
		return -EINVAL;
	}
	if (params->effort > ASC_EFFORT_BEST ||
	    (params->endpoints != FMC_ENDPOINTS_ONE && params->endpoints != FMC_ENDPOINTS_TWO) ||
	    !fmc_zero_point_fits(surface->dtype, params->zero_point) ||
	    !asc_cbr_block_is_valid(&params->block) ||
	    !asc_cbr_block_fits(&params->block, params->profile) ||
	    !profile_fits(params, kind, bits))
		return -EINVAL;

	cbr->surface = *surface;
	cbr->pool = params->pool;
	cbr->stream = elements * (bits / 8) >= STREAM_BYTES;
	cbr->kernels = params->kernels ? params->kernels : fmc_kernels_get(FMC_CPU_SCALAR);
	cbr->format.kernels = cbr->kernels;
	cbr->effort = params->effort;
	cbr->block = params->block;
	cbr->elements = elements;
	cbr->format.values = block_values(&params->block);
	cbr->format.bits = bits;
	cbr->format.endpoints = params->endpoints == FMC_ENDPOINTS_ONE ? 1 : 2;
	cbr->format.zero = fmc_zero_number(surface->dtype, params->zero_point);
	cbr->format.kind = kind;
	cbr->format.narrow = params->profile == FMC_PROFILE_NARROW;
	cbr->format.pooled = params->profile == FMC_PROFILE_POOLED;
	cbr->format.width = params->block.w;
	cbr->format.height = params->block.h ? params->block.h : 1;
	cbr->format.exponent = profile_has_exponent(params->profile, kind) ? params->exponent : 0;
	cbr->exponent = params->exponent ? params->exponent : asc_max_exponent(kind);
	if (!cbr->block.h) {
		cbr->across = 0;
		cbr->down = 0;
		cbr->deep = 0;
		cbr->blocks = blocks_along(cbr->elements, cbr->format.values);
		return 0;
	}
	cbr->across = blocks_along(surface->dim[FMC_DIM_W], cbr->block.w);
	cbr->down = blocks_along(surface->dim[FMC_DIM_H], cbr->block.h);
	cbr->deep = blocks_along(surface->dim[FMC_DIM_C], cbr->block.c);
	/* There are no more blocks than values, of which there are at most 2^30. */
	cbr->blocks = surface->dim[FMC_DIM_N] * cbr->deep * cbr->down * cbr->across;
	return 0;
}

/**
 * asc_cbr_bytes - size of the payload
 * @cbr: from asc_cbr_init()
 *
 * Return: bytes, exactly.
 */
u64 asc_cbr_bytes(const struct asc_cbr *cbr)
{
	return (u64)cbr->blocks * asc_block_bytes(&cbr->format);
}

/*
 * Shapes that give exactly 4 bits per value, by bytes of an endpoint and number of
 * endpoints.  An endpoint of 16 bits needs twice the values of one of 8 bits to share
 * its cost; a second endpoint likewise.  Planes come first; then runs, which have no
 * edges but the end of the surface; then columns through the channels, for small planes;
 * then two shapes that pay where neighbouring channels are similar.
 */
#define SHAPES			5
#define SHAPES_IN_MEMORY_ORDER	3

static const struct asc_cbr_block shapes[2][2][SHAPES] = {
	{ { { 4, 2, 1 }, { 8, 0, 0 }, { 1, 1, 8 }, { 2, 2, 2 }, { 2, 1, 4 } },
	  { { 4, 4, 1 }, { 16, 0, 0 }, { 1, 1, 16 }, { 2, 2, 4 }, { 4, 2, 2 } } },
	{ { { 4, 4, 1 }, { 16, 0, 0 }, { 1, 1, 16 }, { 2, 2, 4 }, { 4, 2, 2 } },
	  { { 8, 4, 1 }, { 32, 0, 0 }, { 1, 1, 32 }, { 4, 2, 4 }, { 4, 4, 2 } } },
};

/*
 * Of the pooled profile any number of values has 4 bits for each; many share them better.
 * Shapes through channels always pay, as each group goes its own way.
 */
static const struct asc_cbr_block pooled_shapes[SHAPES] = {
	{ 8, 8, 1 }, { 64, 0, 0 }, { 1, 1, 64 }, { 4, 4, 4 }, { 2, 2, 16 },
};

/* Large ones of two endpoints, which are for surfaces with values on both sides of zero. */
#define LARGE_SHAPES	2

static const struct asc_cbr_block large_shapes[LARGE_SHAPES] = {
	{ ASC_POOL_VALUES, 0, 0 }, { 16, 16, 1 },
};

/* Of one endpoint, each in the place of a pooled shape; loud channels share with quiet ones. */
static const struct asc_cbr_block large_pooled_shapes[SHAPES] = {
	{ 8, 8, 4 }, { ASC_POOL_VALUES, 0, 0 }, { 1, 1, 256 }, { 4, 4, 16 }, { 2, 2, 64 },
};

/* Few enough that the last run of a small surface holds little padding. */
static const struct asc_cbr_block short_run = { ASC_POOLED_GROUP, 0, 0 };

/* Is a surface cut into blocks without rest?  Extents of the blocks are powers of two. */
static bool has_whole_blocks(const struct fmc_surface *s, const struct asc_cbr_block *block)
{
	return block->h && !((s->dim[FMC_DIM_W] & (block->w - 1)) |
			     (s->dim[FMC_DIM_H] & (block->h - 1)) |
			     (s->dim[FMC_DIM_C] & (block->c - 1)));
}

/* Does padding at the edges add more than 3 %?  The shape is one of those above. */
static bool wastes_blocks(const struct fmc_surface *s, u32 elements,
			  const struct asc_cbr_block *block)
{
	if (has_whole_blocks(s, block))
		return false;
	return (u64)count_blocks(s, elements, block) * block_values(block) * 100 >
	       (u64)elements * 103;
}

static struct asc_cbr_block open_shape(u32 dtype, u32 profile, u32 endpoints, u32 shape)
{
	u32 wide = fmc_dtype_bits(dtype) == 16 && profile == FMC_PROFILE_FULL;

	if (profile == FMC_PROFILE_POOLED)
		return pooled_shapes[shape];
	return shapes[wide][endpoints - FMC_ENDPOINTS_ONE][shape];
}

/**
 * struct listing - what there is to choose from, being listed
 * @surface: a checked description
 * @params: parameters
 * @elements: values in the surface
 * @choices: receives what there is
 * @count: how many so far
 */
struct listing {
	const struct fmc_surface *surface;
	const struct asc_cbr_params *params;
	u32 elements;
	struct asc_cbr_choice *choices;
	u32 count;
};

static void list_shape(struct listing *l, u32 profile, u32 endpoints,
		       const struct asc_cbr_block *block)
{
	struct asc_cbr_choice *choice = &l->choices[l->count++];

	choice->profile = profile;
	choice->endpoints = endpoints;
	choice->block = *block;
}

/* Cuboids that waste blocks are left out; runs never are. */
static void list_open_shapes(struct listing *l, u32 profile, u32 endpoints)
{
	bool pooled = profile == FMC_PROFILE_POOLED;
	u32 count = pooled || l->params->reordered ? SHAPES : SHAPES_IN_MEMORY_ORDER, i;

	for (i = 0; i < count; i++) {
		struct asc_cbr_block block = open_shape(l->surface->dtype, profile, endpoints, i);
		bool wastes;

		if (pooled && endpoints == FMC_ENDPOINTS_ONE &&
		    l->params->effort == ASC_EFFORT_BEST &&
		    !wastes_blocks(l->surface, l->elements, &large_pooled_shapes[i]))
			block = large_pooled_shapes[i];
		wastes = (block.h || pooled) && wastes_blocks(l->surface, l->elements, &block);
		if (wastes && block.h)
			continue;
		list_shape(l, profile, endpoints, wastes ? &short_run : &block);
	}
}

/* The large shapes of two endpoints, without those that waste blocks. */
static void list_large_shapes(struct listing *l)
{
	u32 i;

	for (i = 0; i < LARGE_SHAPES; i++) {
		if (!wastes_blocks(l->surface, l->elements, &large_shapes[i]))
			list_shape(l, FMC_PROFILE_POOLED, FMC_ENDPOINTS_TWO, &large_shapes[i]);
	}
}

/*
 * May a profile be tried?  The pooled one is for a search: it has no scale to choose, and
 * the rate that follows from a shape is another.
 */
static bool profile_is_open(const struct asc_cbr_params *params, u32 dtype, u32 profile)
{
	if (params->profile != FMC_PROFILE_AUTO)
		return params->profile == profile;
	if (profile == FMC_PROFILE_NARROW)
		return fmc_dtype_bits(dtype) == 16;
	if (profile == FMC_PROFILE_POOLED)
		return params->effort == ASC_EFFORT_BEST && params->scale == FMC_SCALE_AUTO &&
		       asc_cbr_block_is_open(&params->block);
	return true;
}

static void take_choice(struct asc_cbr_params *p, const struct asc_cbr_choice *choice)
{
	p->profile = choice->profile;
	p->endpoints = choice->endpoints;
	p->block = choice->block;
}

/* Would asc_cbr_init() take it? */
static noinline int check_choice(const struct fmc_surface *surface,
				 const struct asc_cbr_params *params,
				 const struct asc_cbr_choice *choice, struct asc_cbr *cbr)
{
	struct asc_cbr_params p = *params;

	take_choice(&p, choice);
	/* sizes do not depend on it */
	if (!p.exponent)
		p.exponent = 1;
	return asc_cbr_init(cbr, surface, &p);
}

/* All that a set of parameters allows.  Returns their number or a negative errno. */
static int list_choices(const struct fmc_surface *surface, const struct asc_cbr_params *params,
			struct asc_cbr *cbr, struct asc_cbr_choice *choices)
{
	struct listing l = { .surface = surface, .params = params, .choices = choices };
	bool open = asc_cbr_block_is_open(&params->block);
	u64 elements, bytes;
	u32 endpoints, profile, i;
	int ret = fmc_surface_check(surface, &elements, &bytes);

	if (ret)
		return ret;
	if (params->endpoints > FMC_ENDPOINTS_TWO || params->profile > FMC_PROFILE_POOLED)
		return -EINVAL;
	l.elements = elements;
	for (profile = FMC_PROFILE_FULL; profile <= FMC_PROFILE_POOLED; profile++) {
		if (!profile_is_open(params, surface->dtype, profile))
			continue;
		for (endpoints = FMC_ENDPOINTS_TWO; endpoints >= FMC_ENDPOINTS_ONE; endpoints--) {
			if (params->endpoints != FMC_ENDPOINTS_AUTO &&
			    params->endpoints != endpoints)
				continue;
			if (open && profile == FMC_PROFILE_POOLED &&
			    endpoints == FMC_ENDPOINTS_TWO && params->effort == ASC_EFFORT_BEST)
				list_large_shapes(&l);
			if (open)
				list_open_shapes(&l, profile, endpoints);
			else
				list_shape(&l, profile, endpoints, &params->block);
		}
	}
	/* shapes of the tables fit their profile, and so one of them says all */
	for (i = open && l.count ? l.count - 1 : 0; i < l.count; i++) {
		ret = check_choice(surface, params, &choices[i], cbr);
		if (ret)
			return ret;
	}
	return l.count;
}

static u64 choice_bytes(const struct fmc_surface *s, u32 elements,
			const struct asc_cbr_choice *choice)
{
	struct asc_block_format f = {
		.values = block_values(&choice->block), .bits = fmc_dtype_bits(s->dtype),
		.endpoints = choice->endpoints, .narrow = choice->profile == FMC_PROFILE_NARROW,
		.pooled = choice->profile == FMC_PROFILE_POOLED,
	};

	return (u64)count_blocks(s, elements, &choice->block) * asc_block_bytes(&f);
}

/**
 * asc_cbr_bound - the largest payload of a surface
 * @surface: the feature map
 * @params: parameters
 * @bytes: receives the size; exact where nothing is left to the codec
 *
 * Return: 0 or an error of asc_cbr_init().
 */
int asc_cbr_bound(const struct fmc_surface *surface, const struct asc_cbr_params *params,
		  u64 *bytes)
{
	struct asc_cbr_choice choices[ASC_CBR_MAX_CHOICES] __uninitialized;
	struct asc_cbr cbr;
	int count, i;

	count = list_choices(surface, params, &cbr, choices);
	if (count < 0)
		return count;
	*bytes = 0;
	for (i = 0; i < count; i++) {
		u64 size = choice_bytes(surface, cbr.elements, &choices[i]);

		if (size > *bytes)
			*bytes = size;
	}
	return 0;
}

/* Cuboids follow one another by batch, channel, then down the plane and across. */
static void block_at(const struct asc_cbr *cbr, u32 block, struct fmc_box *box)
{
	u32 row = block / cbr->across;
	u32 plane = row / cbr->down;

	box->at[FMC_DIM_N] = plane / cbr->deep;
	box->at[FMC_DIM_C] = plane % cbr->deep * cbr->block.c;
	box->at[FMC_DIM_H] = row % cbr->down * cbr->block.h;
	box->at[FMC_DIM_W] = block % cbr->across * cbr->block.w;
	box->w = cbr->block.w;
	box->h = cbr->block.h;
	box->c = cbr->block.c;
}

static u32 run_inside(const struct asc_cbr *cbr, u32 block)
{
	u32 left = cbr->elements - block * cbr->format.values;

	return left < cbr->format.values ? left : cbr->format.values;
}

/* Where the values of a block go; @small has room for those of a small one. */
static u16 *block_buffer(const struct asc_cbr *cbr, u16 *small)
{
	return is_large(&cbr->block) ? cbr->pool->values : small;
}

static void gather(const struct asc_cbr *cbr, u32 block, const void *src, u16 *values)
{
	struct fmc_box box;

	if (!cbr->block.h) {
		fmc_surface_gather_run(&cbr->surface, src, block * cbr->format.values,
				       run_inside(cbr, block), cbr->format.values, values);
		return;
	}
	block_at(cbr, block, &box);
	fmc_surface_gather(&cbr->surface, src, &box, values);
}

static void scatter(const struct asc_cbr *cbr, u32 block, void *dst, const u16 *values)
{
	struct fmc_box box;

	if (!cbr->block.h) {
		fmc_surface_scatter_run(&cbr->surface, dst, block * cbr->format.values,
					run_inside(cbr, block), values);
		return;
	}
	block_at(cbr, block, &box);
	fmc_surface_scatter(&cbr->surface, dst, &box, values);
}

/* Of integers, or of floats in fixed point. */
static void add_whole_block(u32 count, const u16 *values, const u16 *decoded,
			    struct asc_cbr_stats *stats)
{
	u32 max = 0, sum = 0, i;
	u64 squares = 0;

	for (i = 0; i < count; i++) {
		u16 more = values[i] > decoded[i] ? values[i] : decoded[i];
		u16 less = values[i] > decoded[i] ? decoded[i] : values[i];
		u32 error = (u16)(more - less);

		sum += error;
		squares += error * error;
		max = error > max ? error : max;
	}
	stats->sum_abs_error += sum;
	stats->sum_sq_error += squares;
	if (max > stats->max_abs_error)
		stats->max_abs_error = max;
}

/* Count errors; of floats, in fixed point. */
static void add_row(const struct asc_cbr *cbr, u32 count, const u16 *values, const u16 *decoded,
		    struct asc_cbr_stats *stats)
{
	const struct asc_float_kernels *floats = cbr->kernels->floats;
	u16 fixed[2][FMC_BLOCK_MAX_VALUES] __uninitialized;
	u32 now;

	for (; count; count -= now, values += now, decoded += now) {
		now = min_u32(count, FMC_BLOCK_MAX_VALUES);
		if (cbr->format.kind == ASC_INTEGER) {
			add_whole_block(now, values, decoded, stats);
			continue;
		}
		floats->to_fixed(cbr->format.kind, cbr->exponent, values, now, fixed[0]);
		floats->to_fixed(cbr->format.kind, cbr->exponent, decoded, now, fixed[1]);
		add_whole_block(now, fixed[0], fixed[1], stats);
	}
}

static s32 error_exponent(const struct asc_cbr *cbr)
{
	if (cbr->format.kind == ASC_INTEGER)
		return 0;
	return (s32)cbr->exponent - (s32)asc_exponent_bias(cbr->format.kind) -
	       (ASC_FIXED_BITS - 1);
}

static u32 cut(u32 size, u32 extent, u32 at)
{
	return extent - at < size ? extent - at : size;
}

/* Count the errors of the values that lie inside the surface.  Returns their number. */
static u32 add_errors(const struct asc_cbr *cbr, u32 block, const u16 *values,
		      const u16 *decoded, struct asc_cbr_stats *stats)
{
	u32 w = cbr->format.values, h = 1, c = 1, inside_w, inside_h = 1, inside_c = 1;
	struct fmc_box box;
	u32 y, z;

	if (cbr->block.h) {
		const u32 *dim = cbr->surface.dim;

		block_at(cbr, block, &box);
		w = box.w;
		h = box.h;
		c = box.c;
		inside_w = cut(w, dim[FMC_DIM_W], box.at[FMC_DIM_W]);
		inside_h = cut(h, dim[FMC_DIM_H], box.at[FMC_DIM_H]);
		inside_c = cut(c, dim[FMC_DIM_C], box.at[FMC_DIM_C]);
	} else {
		inside_w = run_inside(cbr, block);
	}
	/* whole planes, and rows, have nothing between them */
	if (inside_w == w && inside_h == h) {
		add_row(cbr, w * h * inside_c, values, decoded, stats);
		return w * h * inside_c;
	}
	for (z = 0; z < inside_c; z++) {
		for (y = 0; y < inside_h; y++) {
			u32 at = (z * h + y) * w;

			add_row(cbr, inside_w, values + at, decoded + at, stats);
		}
	}
	return inside_w * inside_h * inside_c;
}

/* Where the values of a large block lie: a run may begin anywhere in a plane. */
static void pool_place(const struct asc_cbr *cbr, u32 block, struct asc_pool_place *place)
{
	const u32 *dim = cbr->surface.dim;
	u32 first = block * cbr->format.values;

	place->w = cbr->block.h ? cbr->block.w : dim[FMC_DIM_W];
	place->h = cbr->block.h ? cbr->block.h : dim[FMC_DIM_H];
	place->x = cbr->block.h ? 0 : first % place->w;
	place->y = cbr->block.h ? 0 : first / place->w % place->h;
}

static u32 encode_pool(const struct asc_cbr *cbr, u32 block, const void *src, u8 *bits,
		       struct asc_cbr_stats *stats)
{
	struct asc_pool *pool = cbr->pool;
	struct asc_pool_place place;

	gather(cbr, block, src, pool->values);
	if (has_trellis(cbr)) {
		pool_place(cbr, block, &place);
		asc_pool_encode(&cbr->format, cbr->effort, &place, pool, bits);
	} else {
		asc_pooled_encode_large(&cbr->format, cbr->effort, pool, bits);
	}
	stats->linear_blocks++;
	stats->error_exponent = error_exponent(cbr);
	return add_errors(cbr, block, pool->values, pool->decoded, stats);
}

/* Returns the number of values that lie inside the surface. */
static u32 encode_small_block(const struct asc_cbr *cbr, u32 block, const void *src, u8 *bits,
			      struct asc_cbr_stats *stats)
{
	u16 values[FMC_BLOCK_MAX_VALUES] __uninitialized;
	u16 decoded[FMC_BLOCK_MAX_VALUES] __uninitialized;
	bool log = false;

	gather(cbr, block, src, values);
	if (cbr->format.pooled)
		asc_pooled_encode(&cbr->format, cbr->effort, values, bits, decoded);
	else
		log = asc_block_encode(&cbr->format, cbr->scales, cbr->effort, values, bits,
				       decoded) == ASC_SCALE_LOG;
	if (log)
		stats->log_blocks++;
	else
		stats->linear_blocks++;
	stats->error_exponent = error_exponent(cbr);
	return add_errors(cbr, block, values, decoded, stats);
}

static u32 encode_block(const struct asc_cbr *cbr, u32 block, const void *src, u8 *bits,
			struct asc_cbr_stats *stats)
{
	if (is_large(&cbr->block))
		return encode_pool(cbr, block, src, bits, stats);
	return encode_small_block(cbr, block, src, bits, stats);
}

/* Is every value next to the one before it, in the order N, C, H, W? */
static bool is_dense(const struct fmc_surface *s)
{
	u64 bytes = fmc_dtype_bits(s->dtype) / 8;
	u32 d;

	for (d = FMC_DIMS; d-- > 0; bytes *= s->dim[d]) {
		if (s->dim[d] > 1 && s->stride[d] != bytes)
			return false;
	}
	return !s->order;
}

/*
 * Are the rows of a plane one behind the other, and blocks as flat as they?  The stride of a
 * row's values says nothing where there is one only.
 */
static bool is_flat(const struct asc_cbr *cbr)
{
	const struct fmc_surface *s = &cbr->surface;

	return cbr->block.h == 1 && !(s->dim[FMC_DIM_W] % cbr->block.w) &&
	       s->stride[FMC_DIM_H] == (u64)s->dim[FMC_DIM_W] * (fmc_dtype_bits(s->dtype) / 8);
}

/* Are the planes one behind the other, as rows are, and cut in blocks without rest? */
static bool is_stack(const struct asc_cbr *cbr)
{
	const struct fmc_surface *s = &cbr->surface;

	return cbr->block.c == 1 && !s->order && !(s->dim[FMC_DIM_H] % cbr->block.h) &&
	       s->stride[FMC_DIM_C] == (u64)s->dim[FMC_DIM_H] * s->stride[FMC_DIM_H];
}

/*
 * Cuboids from one on that follow one another, in one or more lines.  Returns their number.
 * Only whole lines have others behind them.
 */
static u32 whole_lines(const struct asc_cbr *cbr, const struct fmc_box *box,
		       struct asc_strip *strip)
{
	const struct fmc_surface *s = &cbr->surface;
	u32 x = box->at[FMC_DIM_W] / box->w, y = box->at[FMC_DIM_H] / box->h;
	u32 lines;

	strip->across = s->dim[FMC_DIM_W] / box->w - x;
	strip->line = box->h * s->stride[FMC_DIM_H];
	lines = s->dim[FMC_DIM_H] / box->h - y;
	if (is_flat(cbr)) {
		strip->across += (lines - 1) * cbr->across;
		return strip->across;
	}
	if (x || strip->across != cbr->across || strip->across * box->w != s->dim[FMC_DIM_W])
		return strip->across;
	if (is_stack(cbr))
		lines += (s->dim[FMC_DIM_C] - box->at[FMC_DIM_C] - 1) * cbr->down;
	return lines * strip->across;
}

/* Whole cuboids from one on to the right.  Returns their number. */
static u32 cuboid_strip(const struct asc_cbr *cbr, u32 block, struct asc_strip *strip, u64 *offset)
{
	const struct fmc_surface *s = &cbr->surface;
	u32 whole = s->dim[FMC_DIM_W] / cbr->block.w;
	struct fmc_box box;
	u32 c;

	block_at(cbr, block, &box);
	c = box.at[FMC_DIM_C];
	if (s->dim[FMC_DIM_H] - box.at[FMC_DIM_H] < box.h || s->dim[FMC_DIM_C] - c < box.c ||
	    box.at[FMC_DIM_W] / box.w >= whole ||
	    (s->dim[FMC_DIM_W] > 1 && s->stride[FMC_DIM_W] != fmc_dtype_bits(s->dtype) / 8))
		return 0;
	strip->w = box.w;
	strip->h = box.h;
	strip->c = box.c;
	strip->row = s->stride[FMC_DIM_H];
	strip->plane = s->stride[FMC_DIM_C];
	strip->order = s->order && box.c > 1 ? s->order + c : NULL;
	if (s->order)
		c = strip->order ? 0 : s->order[c];
	*offset = box.at[FMC_DIM_N] * s->stride[FMC_DIM_N] + c * s->stride[FMC_DIM_C] +
		  box.at[FMC_DIM_H] * s->stride[FMC_DIM_H] +
		  box.at[FMC_DIM_W] * s->stride[FMC_DIM_W];
	return whole_lines(cbr, &box, strip);
}

/*
 * Whole blocks side by side, from one on.  Returns their number, which may be 0, and where
 * their values are.
 */
static u32 strip_at(const struct asc_cbr *cbr, u32 block, struct asc_strip *strip, u64 *offset)
{
	strip->format = &cbr->format;
	strip->dtype = cbr->surface.dtype;
	strip->scales = cbr->scales;
	strip->exponent = cbr->exponent;
	strip->stream = cbr->stream;
	if (cbr->block.h)
		return cuboid_strip(cbr, block, strip, offset);
	if (!is_dense(&cbr->surface))
		return 0;
	strip->w = cbr->format.values;
	strip->h = 1;
	strip->c = 1;
	strip->row = 0;
	strip->plane = 0;
	strip->order = NULL;
	strip->across = cbr->elements / cbr->format.values - block;
	strip->line = 0;
	*offset = (u64)block * cbr->format.values * (cbr->format.bits / 8);
	return strip->across;
}

/* The same, for what knows small blocks only. */
static u32 find_strip(const struct asc_cbr *cbr, u32 block, struct asc_strip *strip, u64 *offset)
{
	return is_large(&cbr->block) ? 0 : strip_at(cbr, block, strip, offset);
}

/**
 * struct pieces - rows of pieces of memory that are copied
 * @to: where the first goes
 * @to_step: from one in a row to the next
 * @to_row: from a row to the next
 * @from: the first
 * @from_step: as @to_step
 * @from_row: as @to_row
 * @bytes: of each
 * @count: pieces in a row
 * @rows: how many
 */
struct pieces {
	u8 *to;
	u64 to_step, to_row;
	const u8 *from;
	u64 from_step, from_row;
	u32 bytes, count, rows;
};

static __always_inline void copy_pieces_of(const struct pieces *p, u32 bytes)
{
	u32 y, i;

	for (y = 0; y < p->rows; y++) {
		const u8 *from = p->from + y * p->from_row;
		u8 *to = p->to + y * p->to_row;

		for (i = 0; i < p->count; i++, to += p->to_step, from += p->from_step)
			memcpy(to, from, bytes);
	}
}

/* Sizes that most pieces have are told to the compiler. */
static void copy_pieces(const struct pieces *p)
{
	switch (p->bytes) {
	case 1:
		copy_pieces_of(p, 1);
		break;
	case 2:
		copy_pieces_of(p, 2);
		break;
	case 4:
		copy_pieces_of(p, 4);
		break;
	case 8:
		copy_pieces_of(p, 8);
		break;
	case 16:
		copy_pieces_of(p, 16);
		break;
	default:
		copy_pieces_of(p, p->bytes);
	}
}

/* Bytes of values that are brought together for vector code. */
#define STAGE_BYTES	256

/* Rows of blocks of a strip from memory to blocks one behind the other, or back. */
static noinline void stage(const struct asc_strip *s, u8 *values, u8 *blocks, u32 count, bool back)
{
	u32 size = s->format->bits / 8, row_bytes = s->w * size, z;
	u32 block_bytes = s->format->values * size;

	for (z = 0; z < s->c; z++, blocks += s->h * row_bytes) {
		u8 *plane = values + (s->order ? s->order[z] : z) * s->plane;
		struct pieces p = {
			.to = blocks, .to_step = block_bytes, .to_row = row_bytes,
			.from = plane, .from_step = row_bytes, .from_row = s->row,
			.bytes = row_bytes, .count = count, .rows = s->h,
		};

		if (back) {
			p.to = plane;
			p.to_step = row_bytes;
			p.to_row = s->row;
			p.from = blocks;
			p.from_step = block_bytes;
			p.from_row = row_bytes;
		}
		copy_pieces(&p);
	}
}

/* Rows of one block to numbers, or back. */
static void row_to_numbers(const u8 *p, bool wide, u16 flip, u32 count, u16 *__restrict values)
{
	u32 i;

	if (wide) {
		memcpy(values, p, 2 * count);
		for (i = 0; i < count; i++)
			values[i] ^= flip;
	} else {
		for (i = 0; i < count; i++)
			values[i] = p[i] ^ flip;
	}
}

/* Indices to values of a row; @palette is as they are in memory. */
static void decode_row_of(u8 *p, bool wide, const u16 *palette, u32 count, u64 indices)
{
	u32 i;

	for (i = 0; i < count; i++, indices >>= 3) {
		if (wide)
			memcpy(p + 2 * i, &palette[indices & 7], 2);
		else
			p[i] = palette[indices & 7];
	}
}

/* Where bytes lie one behind the other: 8 of them, the first the lowest. */
static u64 get_u64(const u8 *p)
{
	return p[0] | (u64)p[1] << 8 | (u64)p[2] << 16 | (u64)p[3] << 24 | (u64)p[4] << 32 |
	       (u64)p[5] << 40 | (u64)p[6] << 48 | (u64)p[7] << 56;
}

static u16 strip_flip(const struct asc_strip *strip)
{
	return strip->dtype == FMC_S8 ? 0x80 : strip->dtype == FMC_S16 ? 0x8000 : 0;
}

/* Sizes that most rows have are told to the compiler. */
#define FOR_WIDTH(w, call)		\
	do {				\
		if ((w) == 4)		\
			call(4);	\
		else if ((w) == 8)	\
			call(8);	\
		else if ((w) == 16)	\
			call(16);	\
		else			\
			call(w);	\
	} while (0)

static void gather_strip(const struct asc_strip *s, const u8 *src, u16 *values)
{
	bool wide = s->format->bits == 16;
	u16 flip = strip_flip(s);
	u32 y, z;

	for (z = 0; z < s->c; z++) {
		const u8 *p = src + (s->order ? s->order[z] : z) * s->plane;

		for (y = 0; y < s->h; y++, values += s->w) {
#define GATHER(n) row_to_numbers(p + y * s->row, wide, flip, n, values)
			FOR_WIDTH(s->w, GATHER);
#undef GATHER
		}
	}
}

/* Indices of a block, 16 at most at a time, with 8 bytes behind them. */
static void decode_rows(const struct asc_strip *s, const u16 *palette, const u8 *indices, u8 *dst)
{
	bool wide = s->format->bits == 16;
	u32 size = wide ? 2 : 1, at = 0, x, y, z;

	for (z = 0; z < s->c; z++) {
		u8 *p = dst + (s->order ? s->order[z] : z) * s->plane;

		for (y = 0; y < s->h; y++) {
			u8 *row = p + y * s->row;

			for (x = 0; x < s->w; x += 16) {
				u32 now = min_u32(s->w - x, 16);
				u64 word = get_u64(indices + (3 * at >> 3)) >> (3 * at & 7);

#define DECODE(n) decode_row_of(row + x * size, wide, palette, n, word)
				FOR_WIDTH(now, DECODE);
#undef DECODE
				at += now;
			}
		}
	}
}

/* Integers in plain C, one block after the other. */
static noinline void encode_plainly(const struct asc_cbr *cbr, const struct asc_strip *strip,
				    const u8 *src, u32 count, u8 *bits,
				    struct asc_cbr_stats *stats)
{
	u16 values[FMC_BLOCK_MAX_VALUES] __uninitialized;
	u16 decoded[FMC_BLOCK_MAX_VALUES] __uninitialized;
	u32 step = strip->w * (cbr->format.bits / 8), bytes = asc_block_bytes(&cbr->format);

	for (; count; count--, src += step, bits += bytes) {
		gather_strip(strip, src, values);
		if (asc_block_encode(&cbr->format, cbr->scales, cbr->effort, values, bits,
				     decoded) == ASC_SCALE_LOG)
			stats->log_blocks++;
		else
			stats->linear_blocks++;
		add_whole_block(cbr->format.values, values, decoded, stats);
	}
	stats->error_exponent = 0;
}

static noinline void decode_plainly(const struct asc_cbr *cbr, const struct asc_strip *strip,
				    const u8 *payload, u32 count, u8 *dst)
{
	const struct asc_block_format *f = &cbr->format;
	u32 step = strip->w * (f->bits / 8), bytes = asc_block_bytes(f), i;
	u32 ends = f->endpoints * asc_endpoint_bytes(f);
	u8 bits[ASC_BLOCK_MAX_BYTES + 8] = { 0 };
	u16 palette[ASC_POINTS] __uninitialized;
	u16 flip = strip_flip(strip);

	for (; count; count--, dst += step, payload += bytes) {
		memcpy(bits, payload, bytes);
		asc_block_palette(f, bits, palette);
		for (i = 0; i < ASC_POINTS; i++)
			palette[i] ^= flip;
		decode_rows(strip, palette, bits + ends, dst);
	}
}

/* May whole blocks of a strip be coded so? */
static bool is_plain(const struct asc_cbr *cbr)
{
	return cbr->format.kind == ASC_INTEGER && !cbr->format.pooled;
}

/* As if its blocks were runs. */
static struct asc_strip runs_of(const struct asc_strip *strip)
{
	struct asc_strip runs = *strip;

	runs.w = strip->format->values;
	runs.across = strip->across;
	runs.h = 1;
	runs.c = 1;
	runs.order = NULL;
	runs.stream = false;
	return runs;
}

/* What vector code does not know the shape of.  Returns how many were encoded. */
static noinline u32 encode_staged(const struct asc_cbr *cbr, const struct asc_strip *strip,
				  const u8 *src, u32 count, u8 *bits, struct asc_cbr_stats *stats)
{
	u32 values = cbr->format.values, done, now, size = cbr->format.bits / 8;
	u32 at_once = STAGE_BYTES / (values * size);
	struct asc_strip runs = runs_of(strip);
	u8 blocks[STAGE_BYTES] __uninitialized;

	for (done = 0; done < count; done += now) {
		now = min_u32(count - done, at_once);
		stage(strip, (u8 *)src + (u64)done * strip->w * size, blocks, now, false);
		if (!cbr->kernels->asc_encode(&runs, blocks, now,
					      bits + done * asc_block_bytes(&cbr->format), stats))
			break;
	}
	return done;
}

static noinline u32 decode_staged(const struct asc_cbr *cbr, const struct asc_strip *strip,
				  const u8 *bits, u32 count, u8 *dst)
{
	u32 values = cbr->format.values, done, now, size = cbr->format.bits / 8;
	u32 at_once = STAGE_BYTES / (values * size);
	struct asc_strip runs = runs_of(strip);
	u8 blocks[STAGE_BYTES] __uninitialized;

	for (done = 0; done < count; done += now) {
		now = min_u32(count - done, at_once);
		if (!cbr->kernels->asc_decode(&runs, bits + done * asc_block_bytes(&cbr->format),
					      now, blocks))
			break;
		stage(strip, dst + (u64)done * strip->w * size, blocks, now, true);
	}
	return done;
}

static u32 encode_strip(const struct asc_cbr *cbr, const struct asc_strip *strip, const u8 *src,
			u32 count, u8 *bits, struct asc_cbr_stats *stats)
{
	u32 done = 0;

	if (cbr->effort == ASC_EFFORT_HW && cbr->kernels->cpu != FMC_CPU_SCALAR) {
		done = cbr->kernels->asc_encode(strip, src, count, bits, stats);
		if (!done && strip->w != cbr->format.values)
			done = encode_staged(cbr, strip, src, min_u32(count, strip->across), bits,
					     stats);
	}
	if (done || !is_plain(cbr))
		return done;
	count = min_u32(count, strip->across);
	encode_plainly(cbr, strip, src, count, bits, stats);
	return count;
}

static u32 decode_strip(const struct asc_cbr *cbr, const struct asc_strip *strip, const u8 *bits,
			u32 count, u8 *dst)
{
	u32 done = 0;

	if (cbr->kernels->cpu != FMC_CPU_SCALAR) {
		done = cbr->kernels->asc_decode(strip, bits, count, dst);
		if (!done && strip->w != cbr->format.values)
			done = decode_staged(cbr, strip, bits, min_u32(count, strip->across), dst);
	}
	if (done || !is_plain(cbr))
		return done;
	count = min_u32(count, strip->across);
	decode_plainly(cbr, strip, bits, count, dst);
	return count;
}

/* Does a block lie inside the surface with all its values? */
static bool is_whole(const struct asc_cbr *cbr, u32 block)
{
	const u32 *dim = cbr->surface.dim;
	struct fmc_box box;

	if (!cbr->block.h)
		return run_inside(cbr, block) == cbr->format.values;
	block_at(cbr, block, &box);
	return dim[FMC_DIM_W] - box.at[FMC_DIM_W] >= box.w &&
	       dim[FMC_DIM_H] - box.at[FMC_DIM_H] >= box.h &&
	       dim[FMC_DIM_C] - box.at[FMC_DIM_C] >= box.c;
}

/* What vector code does not count.  Returns as encode_block(). */
static noinline u32 add_lane(const struct asc_cbr *cbr, u32 block, u32 lane, const void *src,
			     struct asc_cbr_stats *stats)
{
	struct asc_pooled_lanes *lanes = &cbr->pool->lanes;
	/* no coder needs its memory here */
	u16 *values = lanes->steps[0], *decoded = values + ASC_POOL_VALUES;
	u32 i;

	for (i = 0; i < cbr->format.values; i++) {
		values[i] = lanes->values[i][lane];
		decoded[i] = lanes->decoded[i][lane];
	}
	/* what is read is not what was rounded to fixed point, nor what is written */
	if (cbr->format.kind != ASC_INTEGER) {
		gather(cbr, block, src, values);
		for (i = 0; i < cbr->format.values; i++)
			decoded[i] = asc_float_from_fixed(cbr->format.kind, cbr->format.exponent,
							  decoded[i]);
	}
	return add_errors(cbr, block, values, decoded, stats);
}

static noinline void put_in_block(const struct asc_cbr *cbr, u32 block, u32 lane, const void *src)
{
	struct asc_pooled_lanes *lanes = &cbr->pool->lanes;
	/* as in add_lane() */
	u16 *values = lanes->steps[0];
	u32 i;

	gather(cbr, block, src, values);
	if (cbr->format.kind != ASC_INTEGER)
		cbr->kernels->floats->to_fixed(cbr->format.kind, cbr->format.exponent, values,
					       cbr->format.values, values);
	for (i = 0; i < cbr->format.values; i++)
		lanes->values[i][lane] = values[i];
	lanes->counted[lane] = 0;
	if (cbr->format.kind == ASC_INTEGER && is_whole(cbr, block))
		lanes->counted[lane] = 0xffff;
}

/* A row of so many blocks, @w values in each. */
static void put_in_row(const u8 *p, bool wide, u16 flip, u32 w, u32 count,
		       u16 (*__restrict values)[ASC_POOLED_LANES])
{
	u32 i, x;

	for (i = 0; i < count; i++) {
		for (x = 0; x < w; x++) {
			u16 v = p[w * i + x];

			if (wide)
				memcpy(&v, p + 2 * (w * i + x), sizeof(v));
			values[x][i] = v ^ flip;
		}
	}
}

static noinline void put_in_strip(const struct asc_strip *s, const u8 *src, u32 lane, u32 count,
				  const struct asc_pooled_kernels *k,
				  struct asc_pooled_lanes *lanes)
{
	u16 (*values)[ASC_POOLED_LANES] = (void *)(lanes->values[0] + lane);
	bool wide = s->format->bits == 16, all = count == ASC_POOLED_LANES && k->put_in_row;
	u16 flip = strip_flip(s);
	u32 y, z, i;

	for (z = 0; z < s->c; z++) {
		const u8 *p = src + (s->order ? s->order[z] : z) * s->plane;

		for (y = 0; y < s->h; y++, values += s->w) {
			const u8 *row = p + y * s->row;

			if (all && k->put_in_row(row, wide, flip, s->w, values))
				continue;
#define PUT_IN(w)									\
	do {										\
		if (wide)								\
			put_in_row(row, true, flip, w, count, values);			\
		else									\
			put_in_row(row, false, flip, w, count, values);			\
	} while (0)
			if (s->w == 1)
				PUT_IN(1);
			else if (s->w == 2)
				PUT_IN(2);
			else if (s->w == 4)
				PUT_IN(4);
			else
				PUT_IN(s->w);
#undef PUT_IN
		}
	}
	for (i = lane; i < lane + count; i++)
		lanes->counted[i] = 0xffff;
}

/* Pooled blocks side by side; behind the last, any will do. */
static noinline void put_in_lanes(const struct asc_cbr *cbr, u32 first, u32 count, const void *src)
{
	struct asc_pooled_lanes *lanes = &cbr->pool->lanes;
	struct asc_strip strip;
	u32 lane = 0, now;
	u64 offset;

	while (lane < count) {
		now = 1;
		if (cbr->format.kind == ASC_INTEGER &&
		    strip_at(cbr, first + lane, &strip, &offset)) {
			now = min_u32(strip.across, count - lane);
			put_in_strip(&strip, (const u8 *)src + offset, lane, now,
				     cbr->kernels->pooled, lanes);
		} else {
			put_in_block(cbr, first + lane, lane, src);
		}
		lane += now;
	}
	for (; lane < ASC_POOLED_LANES; lane++) {
		put_in_block(cbr, first, lane, src);
		lanes->counted[lane] = 0;
	}
}

/* Where the bits of a block go, if they are wanted; else to memory that is not looked at. */
static u8 *bits_of(u8 *bits, u32 block, u32 bytes, u8 *unwanted)
{
	return bits ? bits + block * bytes : unwanted;
}

/* Returns the number of values that lie inside the surface.  Without @bits, blocks are tried. */
static u32 encode_lanes(const struct asc_cbr *cbr, u32 first, u32 count, const void *src,
			u8 *bits, struct asc_cbr_stats *stats)
{
	struct asc_pooled_lanes *lanes = &cbr->pool->lanes;
	u32 bytes = asc_block_bytes(&cbr->format), inside = 0, plain = 0, lane;
	u8 unwanted[ASC_POOL_BYTES] __uninitialized;

	put_in_lanes(cbr, first, count, src);
	lanes->sum_abs_error = 0;
	lanes->sum_sq_error = 0;
	lanes->max_abs_error = 0;
	cbr->kernels->pooled->encode(&cbr->format, cbr->effort, lanes);
	for (lane = 0; lane < count; lane++) {
		if (!asc_pooled_take_out(&cbr->format, cbr->kernels->pooled, lanes, lane,
					 bits_of(bits, lane, bytes, NULL))) {
			plain |= 1u << lane;
			continue;
		}
		stats->linear_blocks++;
		inside += lanes->counted[lane] ? cbr->format.values :
						 add_lane(cbr, first + lane, lane, src, stats);
	}
	stats->sum_abs_error += lanes->sum_abs_error;
	stats->sum_sq_error += lanes->sum_sq_error;
	stats->max_abs_error = max_u32(stats->max_abs_error, lanes->max_abs_error);
	stats->error_exponent = error_exponent(cbr);
	/* last, as they may need the memory of the lanes */
	for (lane = 0; lane < count; lane++) {
		if (plain >> lane & 1)
			inside += encode_block(cbr, first + lane, src,
					       bits_of(bits, lane, bytes, unwanted), stats);
	}
	return inside;
}

/* Is there vector code for pooled blocks? */
static bool has_lanes(const struct asc_cbr *cbr)
{
	return cbr->format.pooled && !has_trellis(cbr) && cbr->pool && cbr->kernels->pooled;
}

/* The same for blocks with a trellis. */
static bool has_pool_lanes(const struct asc_cbr *cbr)
{
	return has_trellis(cbr) && cbr->pool && cbr->kernels->pooled;
}

/* Is there vector code to decode pooled blocks, of both kinds? */
static bool has_decoder(const struct asc_cbr *cbr)
{
	return cbr->format.pooled && cbr->pool && cbr->kernels->pooled;
}

/* As encode_lanes(). */
static u32 encode_pool_lanes(const struct asc_cbr *cbr, u32 first, u32 count, const void *src,
			     u8 *bits, struct asc_cbr_stats *stats)
{
	struct asc_pool_lanes *lanes = &cbr->pool->pool_lanes;
	u8 unwanted[ASC_POOL_BYTES] __uninitialized;
	u32 inside = 0, plain = 0, lane;
	struct asc_pool_place place;

	/* behind the last, any will do */
	for (lane = 0; lane < ASC_POOL_LANES; lane++) {
		u32 block = first + (lane < count ? lane : 0);

		gather(cbr, block, src, lanes->values[lane]);
		pool_place(cbr, block, &place);
		asc_pool_put_in(&cbr->format, &place, lanes, lane);
	}
	cbr->kernels->pooled->encode_pools(&cbr->format, cbr->effort, lanes);
	for (lane = 0; lane < count; lane++) {
		/* no coder needs its memory here */
		u16 *decoded = lanes->scratch[0];

		if (!asc_pool_take_out(&cbr->format, lanes, lane,
				       bits_of(bits, lane, ASC_POOL_BYTES, NULL), decoded)) {
			plain |= 1u << lane;
			continue;
		}
		stats->linear_blocks++;
		inside += add_errors(cbr, first + lane, lanes->values[lane], decoded, stats);
	}
	stats->error_exponent = error_exponent(cbr);
	/* last, as they need the memory of the lanes */
	for (lane = 0; lane < count; lane++) {
		if (plain >> lane & 1)
			inside += encode_block(cbr, first + lane, src,
					       bits_of(bits, lane, ASC_POOL_BYTES, unwanted),
					       stats);
	}
	return inside;
}

/*
 * A line of which nothing was done, and a block that is in none, are coded block by block.
 * Returns how many blocks.
 */
static u32 one_by_one(u32 blocks, u32 done, const struct asc_strip *strip)
{
	if (done)
		return 0;
	return blocks ? min_u32(blocks, strip->across) : 1;
}

/* Likewise; vector code of pooled blocks only may try them. */
static u32 encode_blocks(const struct asc_cbr *cbr, u32 first, u32 count, const void *src,
			 u8 *bits, struct asc_cbr_stats *stats)
{
	u32 bytes = asc_block_bytes(&cbr->format), end = first + count, inside = 0;
	struct asc_strip strip;
	u64 offset;

	while (first < end && has_lanes(cbr)) {
		u32 now = min_u32(end - first, ASC_POOLED_LANES);

		inside += encode_lanes(cbr, first, now, src, bits, stats);
		first += now;
		bits = bits_of(bits, now, bytes, NULL);
	}
	while (first < end && has_pool_lanes(cbr)) {
		u32 now = min_u32(end - first, ASC_POOL_LANES);

		inside += encode_pool_lanes(cbr, first, now, src, bits, stats);
		first += now;
		bits = bits_of(bits, now, bytes, NULL);
	}
	while (first < end) {
		u32 blocks = min_u32(find_strip(cbr, first, &strip, &offset), end - first);
		u32 done = 0, last;

		if (blocks)
			done = encode_strip(cbr, &strip, (const u8 *)src + offset, blocks, bits,
					    stats);
		inside += done * cbr->format.values;
		bits += (u64)done * bytes;
		last = first + one_by_one(blocks, done, &strip);
		for (first += done; first < last; first++, bits += bytes)
			inside += encode_block(cbr, first, src, bits, stats);
	}
	return inside;
}

static void start_choice(struct asc_cbr_chooser *chooser)
{
	struct asc_cbr_params p = chooser->params;

	take_choice(&p, &chooser->choices[chooser->trying]);
	/* what is looked at will tell */
	if (!p.exponent && chooser->guessing)
		p.exponent = 1;
	/* a search would gain about as much with any choice */
	p.effort = ASC_EFFORT_HW;
	/* it was accepted when the choices were listed */
	asc_cbr_init(&chooser->cbr, &chooser->cbr.surface, &p);
	chooser->next = 0;
	chooser->tried = 0;
	memset(&chooser->stats, 0, sizeof(chooser->stats));
}

static bool needs_exponent(const struct asc_cbr_chooser *chooser)
{
	u32 i;

	for (i = 0; i < chooser->count; i++) {
		if (chooser->choices[i].profile == FMC_PROFILE_NARROW)
			return true;
	}
	return false;
}

/* May a choice be taken, with or without values below the zero point? */
static bool suits(const struct asc_cbr_chooser *chooser, const struct asc_cbr_choice *choice)
{
	if (is_large(&choice->block) && choice->endpoints == FMC_ENDPOINTS_TWO)
		return chooser->negative && chooser->params.pool;
	return choice->endpoints == FMC_ENDPOINTS_TWO || !chooser->negative ||
	       chooser->params.endpoints != FMC_ENDPOINTS_AUTO;
}

/* Without memory for large blocks, those of a list are short runs, which need no more bytes. */
static void do_without_pool(struct asc_cbr_chooser *chooser)
{
	u32 i;

	for (i = 0; i < chooser->count; i++) {
		if (is_large(&chooser->choices[i].block) &&
		    chooser->choices[i].endpoints == FMC_ENDPOINTS_ONE)
			chooser->choices[i].block = short_run;
	}
}

/* Unless nothing else is open. */
static void strike_off(struct asc_cbr_chooser *chooser)
{
	u32 i, kept = 0;

	if (!chooser->params.pool && asc_cbr_block_is_open(&chooser->params.block))
		do_without_pool(chooser);
	if (chooser->count == 1)
		return;
	for (i = 0; i < chooser->count; i++) {
		if (suits(chooser, &chooser->choices[i]))
			chooser->choices[kept++] = chooser->choices[i];
	}
	chooser->count = kept;
}

static bool has_large(const struct asc_cbr_chooser *chooser)
{
	u32 i;

	for (i = 0; i < chooser->count; i++) {
		if (is_large(&chooser->choices[i].block))
			return true;
	}
	return false;
}

/* Has a patch blocks of this shape? */
static bool has_estimate(const struct asc_sampler *sampler, const struct fmc_surface *s,
			 const struct asc_cbr_block *b)
{
	u32 rows, length;

	if (b->h)
		return b->w <= sampler->w && b->h <= sampler->h && b->c <= sampler->c;
	asc_sampler_runs(sampler, s, &rows, &length);
	return b->w <= length;
}

/* Sides are folded by two. */
static bool may_estimate(const struct asc_cbr_choice *choice)
{
	const struct asc_cbr_block *b = &choice->block;

	return choice->profile != FMC_PROFILE_POOLED && !is_large(b) && !(b->w & (b->w - 1)) &&
	       !(b->h & (b->h - 1)) && !(b->c & (b->c - 1));
}

/* Are all choices ones that estimates tell apart, and are there some? */
static bool can_estimate(struct asc_cbr_chooser *chooser)
{
	bool some = false;
	u32 i;

	if (chooser->params.effort != ASC_EFFORT_HW || !chooser->params.patch || chooser->count < 2)
		return false;
	asc_sampler_init(&chooser->sampler, &chooser->cbr.surface, chooser->cbr.elements);
	for (i = 0; i < chooser->count; i++) {
		if (!may_estimate(&chooser->choices[i]))
			return false;
		if (has_estimate(&chooser->sampler, &chooser->cbr.surface,
				 &chooser->choices[i].block))
			some = true;
	}
	return some;
}

/* Integers whose rows have no gaps: looking through them again costs next to nothing. */
static bool has_dense_rows(const struct asc_cbr *cbr)
{
	const struct fmc_surface *s = &cbr->surface;

	return cbr->format.kind == ASC_INTEGER &&
	       (s->dim[FMC_DIM_W] == 1 || s->stride[FMC_DIM_W] == fmc_dtype_bits(s->dtype) / 8);
}

/* What is open is known, but for what values say. */
static void start_comparing(struct asc_cbr_chooser *chooser)
{
	strike_off(chooser);
	start_choice(chooser);
	chooser->estimating = can_estimate(chooser);
	if (chooser->estimating)
		memset(chooser->estimates, 0, chooser->count * sizeof(chooser->estimates[0]));
}

/**
 * asc_cbr_choose_init - begin to resolve what is left open
 * @chooser: filled in
 * @surface: the feature map; nothing in it is trusted
 * @params: parameters; nothing in them is trusted
 *
 * Return: 0 or an error of asc_cbr_init().
 */
int asc_cbr_choose_init(struct asc_cbr_chooser *chooser, const struct fmc_surface *surface,
			const struct asc_cbr_params *params)
{
	int count;

	chooser->params = *params;
	chooser->trying = 0;
	chooser->next = 0;
	chooser->negative = false;
	chooser->largest = 0;
	chooser->best = 0;
	chooser->end = 0;
	chooser->estimating = false;
	chooser->guessing = false;
	memset(&chooser->guess, 0, sizeof(chooser->guess));
	count = list_choices(surface, params, &chooser->cbr, chooser->choices);
	if (count < 0)
		return count;
	chooser->count = count;
	chooser->best_error = ~0ull;
	chooser->measuring = !params->exponent &&
			     (chooser->cbr.format.kind != ASC_INTEGER ||
			      needs_exponent(chooser));
	chooser->seeking = chooser->measuring ||
			   (chooser->cbr.format.zero &&
			    (params->endpoints == FMC_ENDPOINTS_AUTO || has_large(chooser)));
	if (chooser->seeking && params->may_guess && chooser->cbr.kernels->notes_extremes &&
	    has_dense_rows(&chooser->cbr) && can_estimate(chooser)) {
		chooser->guessing = true;
		chooser->seeking = false;
	}
	/* the blocks of any choice will do for looking through the values */
	if (!chooser->seeking)
		start_comparing(chooser);
	return 0;
}

/* Surfaces of more blocks have one in eight tried, in groups. */
#define TRY_ALL_BLOCKS	2048
#define TRY_GROUP	16

/*
 * For effort best, which has more to try, about so many blocks are tried, in groups, or as many
 * values in large ones.
 */
#define BEST_GROUP	ASC_POOLED_LANES
#define BEST_BLOCKS	1024

/* Blocks that are looked through at a time. */
#define SEEK_GROUP	256

static u32 bit_length(u32 value)
{
	u32 bits = 0;

	for (; value; value >>= 1)
		bits++;
	return bits;
}

static void look_at(struct asc_cbr_chooser *chooser, u32 value)
{
	const struct asc_block_format *f = &chooser->cbr.format;
	u32 exponent;

	if (f->kind == ASC_INTEGER) {
		exponent = bit_length(value > f->zero ? value - f->zero : f->zero - value);
	} else {
		value = asc_float_finite(f->kind, value);
		exponent = asc_float_exponent(f->kind, value);
	}
	if (exponent > chooser->largest)
		chooser->largest = exponent;
	if (value < f->zero)
		chooser->negative = true;
}

/* Blocks of a group that is tried. */
static u32 try_group(const struct asc_cbr_chooser *chooser)
{
	if (chooser->params.effort != ASC_EFFORT_BEST)
		return TRY_GROUP;
	return has_trellis(&chooser->cbr) ? BEST_GROUP / 4 : BEST_GROUP;
}

static u32 best_blocks(const struct asc_cbr_chooser *chooser)
{
	return is_large(&chooser->cbr.block) ? BEST_BLOCKS / 4 : BEST_BLOCKS;
}

/* Blocks from one group that is looked at to the next. */
static u32 group_stride(const struct asc_cbr_chooser *chooser)
{
	if (chooser->seeking)
		return SEEK_GROUP;
	if (chooser->params.effort == ASC_EFFORT_BEST)
		return (chooser->cbr.blocks / best_blocks(chooser) + 1) * try_group(chooser);
	return chooser->cbr.blocks > TRY_ALL_BLOCKS ? 8 * TRY_GROUP : TRY_GROUP;
}

/* Where this chooser stops. */
static u32 choose_end(const struct asc_cbr_chooser *chooser)
{
	return chooser->end ? chooser->end : chooser->cbr.blocks;
}

/* Integers, in the order of memory. */
static void look_at_range(struct asc_cbr_chooser *chooser, const u8 *src, u32 first, u32 count)
{
	const struct asc_cbr *cbr = &chooser->cbr;
	u32 least, greatest;

	/* blocks may hold more values than there are */
	if (first >= cbr->elements)
		return;
	cbr->kernels->shape->range(src + (u64)first * (cbr->format.bits / 8), cbr->format.bits,
				   fmc_to_ordered(cbr->surface.dtype, 0),
				   min_u32(count, cbr->elements - first), &least, &greatest);
	look_at(chooser, least);
	look_at(chooser, greatest);
}

static void look_through_group(struct asc_cbr_chooser *chooser, const void *src)
{
	const struct asc_cbr *cbr = &chooser->cbr;
	u16 small[FMC_BLOCK_MAX_VALUES], *values = block_buffer(cbr, small);
	u32 block, end = chooser->next + SEEK_GROUP, i;

	if (cbr->format.kind == ASC_INTEGER && is_dense(&cbr->surface)) {
		look_at_range(chooser, src, chooser->next * cbr->format.values,
			      SEEK_GROUP * cbr->format.values);
		chooser->next = end;
		return;
	}
	for (block = chooser->next; block < end && block < cbr->blocks; block++) {
		gather(cbr, block, src, values);
		for (i = 0; i < cbr->format.values; i++)
			look_at(chooser, values[i]);
	}
	chooser->next = end;
}

/*
 * The surface has been looked through.  A value below the zero point, of which one
 * endpoint would make zero, strikes one endpoint off the list, and none large blocks.
 */
static void end_seeking(struct asc_cbr_chooser *chooser)
{
	chooser->seeking = false;
	if (chooser->measuring)
		chooser->params.exponent = chooser->largest ? chooser->largest : 1;
	start_comparing(chooser);
}

/* Mean of squared errors in 1/256. */
static u64 mean_error(u64 sum, u32 count)
{
	u64 whole = fmc_div_u64(sum, count);

	return (whole << 8) + fmc_div_u64((sum - whole * count) << 8, count);
}

/* Groups between one look at whether to go on and the next. */
#define GROUPS_A_LOOK	16

/*
 * Has a choice, or a part of it, more error than the best one already, whatever comes?  There
 * are not more values to come to than all groups hold.
 */
static bool is_beaten(const struct asc_cbr_chooser *chooser)
{
	u32 stride = group_stride(chooser), groups, most;

	if (chooser->best_error == ~0ull || chooser->next / stride % GROUPS_A_LOOK)
		return false;
	groups = chooser->cbr.blocks / stride + 1;
	most = min_u32(chooser->cbr.elements,
		       groups * try_group(chooser) * chooser->cbr.format.values);
	return mean_error(chooser->stats.sum_sq_error, most) >= chooser->best_error;
}

static void end_trying(struct asc_cbr_chooser *chooser)
{
	u64 error = mean_error(chooser->stats.sum_sq_error, chooser->tried);

	if (error < chooser->best_error) {
		chooser->best_error = error;
		chooser->best = chooser->trying;
	}
	if (++chooser->trying < chooser->count)
		start_choice(chooser);
}

static bool is_trying(const struct asc_cbr_chooser *chooser)
{
	return chooser->count > 1 && chooser->trying < chooser->count;
}

/* Numbers of a box inside the surface: of floats those in fixed point. */
static void load_patch(const struct asc_cbr *cbr, const u8 *src, const struct fmc_box *box,
		       u16 *numbers)
{
	const struct fmc_surface *s = &cbr->surface;
	u32 size = cbr->format.bits / 8, row = box->w, rows = box->h, planes = box->c, y, z;
	u16 flip = fmc_to_ordered(s->dtype, 0);
	enum asc_kind kind = cbr->format.kind;

	if (kind != ASC_INTEGER || (s->dim[FMC_DIM_W] > 1 && s->stride[FMC_DIM_W] != size)) {
		fmc_surface_gather(s, src, box, numbers);
		for (y = 0; kind != ASC_INTEGER && y < row * rows * box->c; y++)
			numbers[y] = asc_float_to_fixed(kind, cbr->exponent,
							asc_float_finite(kind, numbers[y]));
		return;
	}
	if (row == s->dim[FMC_DIM_W] && s->stride[FMC_DIM_H] == row * size) {
		row *= rows;
		rows = 1;
	}
	if (rows == 1 && !s->order && s->stride[FMC_DIM_C] == row * size) {
		row *= planes;
		planes = 1;
	}
	src += box->at[FMC_DIM_N] * s->stride[FMC_DIM_N] +
	       box->at[FMC_DIM_H] * s->stride[FMC_DIM_H] + box->at[FMC_DIM_W] * size;
	for (z = 0; z < planes; z++) {
		u32 place = box->at[FMC_DIM_C] + z;
		const u8 *p = src + (s->order ? s->order[place] : place) * s->stride[FMC_DIM_C];

		for (y = 0; y < rows; y++, numbers += row)
			cbr->kernels->shape->load(p + y * s->stride[FMC_DIM_H], cbr->format.bits,
						  flip, row, numbers);
	}
}

/*
 * Bring numbers to what estimates are made of.  Numbers of 8 bits mostly are that.  Returns
 * by how much they were shifted to the right.
 */
static u32 center_patch(const struct asc_cbr_chooser *chooser, struct asc_patch *patch, u32 count)
{
	const struct asc_block_format *f = &chooser->cbr.format;
	const struct asc_shape_kernels *k = chooser->cbr.kernels->shape;
	u32 zero = f->zero, least = 0, greatest = 0, shift = 0, i;
	bool one = false, narrow = false;

	for (i = 0; i < chooser->count; i++) {
		one |= chooser->choices[i].endpoints == FMC_ENDPOINTS_ONE;
		narrow |= chooser->choices[i].profile == FMC_PROFILE_NARROW;
	}
	if (f->bits == 8 && (!one || !zero)) {
		patch->zero = zero;
		return 0;
	}
	k->extremes(patch->memory->values, count, &least, &greatest);
	if (one || (narrow && zero < least))
		least = zero;
	if (narrow && zero > greatest)
		greatest = zero;
	if (greatest > least)
		shift = bit_length(greatest - least);
	shift = shift > ASC_PATCH_BITS ? shift - ASC_PATCH_BITS : 0;
	k->center(patch->memory->values, count, least, shift);
	patch->zero = zero > least ? (zero - least) >> shift : 0;
	return shift;
}

/* Returns whether there are values below the zero point, where none had been before. */
static bool look_at_patch(struct asc_cbr_chooser *chooser, const u16 *numbers, u32 count)
{
	bool had_some = chooser->negative;
	u32 least, greatest;

	chooser->cbr.kernels->shape->extremes(numbers, count, &least, &greatest);
	look_at(chooser, least);
	look_at(chooser, greatest);
	return chooser->negative && !had_some;
}

/* Returns false if all is to be begun again, as values are below the zero point. */
static noinline bool estimate_patch(struct asc_cbr_chooser *chooser, const void *src)
{
	const struct asc_cbr *cbr = &chooser->cbr;
	struct asc_patch patch;
	struct fmc_box box;
	u32 shift;

	asc_sampler_get(&chooser->sampler, &cbr->surface, chooser->next, &box);
	patch.w = box.w;
	patch.h = box.h;
	patch.c = box.c;
	patch.memory = chooser->params.patch;
	asc_sampler_runs(&chooser->sampler, &cbr->surface, &patch.rows, &patch.length);
	load_patch(cbr, src, &box, patch.memory->values);
	if (chooser->guessing &&
	    look_at_patch(chooser, patch.memory->values, box.w * box.h * box.c))
		return false;
	shift = center_patch(chooser, &patch, box.w * box.h * box.c);
	cbr->kernels->shape->estimate(&patch, chooser->choices, chooser->count, shift,
				      chooser->estimates);
	return true;
}

/*
 * As if it had been known from the start that there are values below the zero point.  What cannot
 * be compared by estimates then needs a look at all values.
 */
static void start_over(struct asc_cbr_chooser *chooser)
{
	start_comparing(chooser);
	if (chooser->estimating)
		return;
	chooser->guessing = false;
	chooser->seeking = true;
}

/*
 * The mean of an estimate in 1/256.  Values that reach through channels lie apart, which is
 * slow on both sides: such a shape must be better by half a decibel, but where channels
 * were ordered for it.
 */
static u64 mean_estimate(const struct asc_cbr_chooser *chooser, u32 i)
{
	const struct asc_estimate *e = &chooser->estimates[i];
	u64 mean;

	if (!e->values)
		return ~0ull;
	mean = mean_error(e->error, e->values);
	if (chooser->choices[i].block.c > 1 && !chooser->params.reordered)
		mean += mean >> 3;
	return mean;
}

/* What the choice depends on is taken for granted, unless all values have been looked at. */
static void end_guessing(struct asc_cbr_chooser *chooser)
{
	const struct asc_cbr_choice *choice = &chooser->choices[chooser->best];
	bool all = chooser->sampler.count == chooser->sampler.places;

	if (chooser->measuring)
		chooser->params.exponent = chooser->largest ? chooser->largest : 1;
	chooser->guess.exponent = !all && chooser->measuring &&
				  choice->profile == FMC_PROFILE_NARROW;
	chooser->guess.positive = !all && chooser->cbr.format.zero &&
				  chooser->params.endpoints == FMC_ENDPOINTS_AUTO &&
				  !chooser->negative;
}

static void end_estimating(struct asc_cbr_chooser *chooser)
{
	u32 i;

	for (i = 0; i < chooser->count; i++) {
		u64 error = mean_estimate(chooser, i);

		if (error < chooser->best_error) {
			chooser->best_error = error;
			chooser->best = i;
		}
	}
	chooser->estimating = false;
	chooser->trying = chooser->count;
	if (chooser->guessing)
		end_guessing(chooser);
}

/* Returns whether there is more to look at before something is decided. */
static bool look_further(struct asc_cbr_chooser *chooser, const void *src)
{
	const struct asc_cbr *cbr = &chooser->cbr;
	u8 bits[TRY_GROUP * 16] __uninitialized;
	u32 block, end, part;

	if (chooser->seeking) {
		look_through_group(chooser, src);
		return chooser->next < choose_end(chooser) &&
		       (chooser->measuring || !chooser->negative);
	}
	if (chooser->estimating) {
		if (!estimate_patch(chooser, src)) {
			start_over(chooser);
			return true;
		}
		return ++chooser->next < chooser->sampler.count;
	}
	end = min_u32(chooser->next + try_group(chooser), cbr->blocks);
	for (block = chooser->next; block < end; block += part) {
		part = end - block;
		if (has_lanes(cbr) || has_pool_lanes(cbr)) {
			chooser->tried += encode_blocks(cbr, block, part, src, NULL,
							&chooser->stats);
			continue;
		}
		part = min_u32(part, sizeof(bits) / asc_block_bytes(&cbr->format));
		chooser->tried += encode_blocks(cbr, block, part, src, bits, &chooser->stats);
	}
	chooser->next += group_stride(chooser);
	return chooser->next < choose_end(chooser) && !is_beaten(chooser);
}

/**
 * asc_cbr_choose_end - decide by what was looked at
 * @chooser: all of asc_cbr_choose_units() has been looked at
 */
void asc_cbr_choose_end(struct asc_cbr_chooser *chooser)
{
	if (chooser->seeking)
		end_seeking(chooser);
	else if (chooser->estimating)
		end_estimating(chooser);
	else
		end_trying(chooser);
}

/**
 * asc_cbr_choose_step - resolve a little more
 * @chooser: from asc_cbr_choose_init() or asc_cbr_choose_fork()
 * @src: the first value of the surface; may change meanwhile
 *
 * Return: true if there is more to do, after the work of a few blocks; false
 * once chooser->params are resolved, or a part is at its end.
 */
bool asc_cbr_choose_step(struct asc_cbr_chooser *chooser, const void *src)
{
	if (chooser->seeking || is_trying(chooser)) {
		if (look_further(chooser, src))
			return true;
		if (chooser->end)
			return false;
		asc_cbr_choose_end(chooser);
		return true;
	}
	take_choice(&chooser->params, &chooser->choices[chooser->best]);
	if (chooser->cbr.format.kind == ASC_INTEGER &&
	    chooser->params.profile != FMC_PROFILE_NARROW)
		chooser->params.exponent = 0;
	return false;
}

/**
 * asc_cbr_choose_units - how much can be looked at in parallel?
 * @chooser: chooser
 *
 * Return: how many units may be handed out with asc_cbr_choose_fork(); 0 if
 * asc_cbr_choose_step() must go on.
 */
u32 asc_cbr_choose_units(const struct asc_cbr_chooser *chooser)
{
	u32 stride = group_stride(chooser), blocks = chooser->cbr.blocks;

	if (chooser->next || chooser->estimating || !(chooser->seeking || is_trying(chooser)))
		return 0;
	return blocks / stride + !!(blocks % stride);
}

/**
 * asc_cbr_choose_fork - make a chooser look at a part only
 * @part: a copy of the whole
 * @first: first unit
 * @count: how many, at least 1
 */
void asc_cbr_choose_fork(struct asc_cbr_chooser *part, u32 first, u32 count)
{
	u32 stride = group_stride(part), left = part->cbr.blocks - first * stride;

	part->next = first * stride;
	part->end = part->next + (left / stride < count ? left : count * stride);
}

/**
 * asc_cbr_choose_join - take over what a part has seen
 * @chooser: the whole; asc_cbr_choose_end() is to follow after all parts
 * @part: from asc_cbr_choose_fork(), at its end
 */
void asc_cbr_choose_join(struct asc_cbr_chooser *chooser, const struct asc_cbr_chooser *part)
{
	if (part->largest > chooser->largest)
		chooser->largest = part->largest;
	if (part->negative)
		chooser->negative = true;
	chooser->stats.sum_sq_error += part->stats.sum_sq_error;
	chooser->tried += part->tried;
}

/**
 * struct extremes - of numbers
 * @least: the least
 * @greatest: the greatest
 */
struct extremes {
	u32 least, greatest;
};

static void add_extremes(struct extremes *to, u32 least, u32 greatest)
{
	to->least = min_u32(to->least, least);
	to->greatest = max_u32(to->greatest, greatest);
}

/* Values one behind the other. */
static void look_at_values(const struct asc_cbr *cbr, const u8 *p, u32 count,
			   struct extremes *extremes)
{
	u16 flip = fmc_to_ordered(cbr->surface.dtype, 0);
	u32 least, greatest;

	cbr->kernels->shape->range(p, cbr->format.bits, flip, count, &least, &greatest);
	add_extremes(extremes, least, greatest);
}

/* One of the planes of blocks.  Lines that are whole rows have nothing between them. */
static void look_at_plane(const struct asc_cbr *cbr, const struct asc_strip *s, const u8 *plane,
			  u32 count, struct extremes *extremes)
{
	u32 row = s->across * s->w, size = cbr->format.bits / 8, lines = count / s->across, y, now;

	if (s->h > 1 && lines && s->row == (u64)row * size && s->line == s->h * s->row) {
		look_at_values(cbr, plane, lines * s->h * row, extremes);
		plane += lines * s->line;
		count -= lines * s->across;
	}
	for (; count; count -= now, plane += s->line) {
		now = min_u32(count, s->across);
		for (y = 0; y < s->h; y++)
			look_at_values(cbr, plane + y * s->row, now * s->w, extremes);
	}
}

/* The extremes of blocks that have just been encoded. */
static noinline void look_at_blocks(const struct asc_cbr *cbr, u32 first, u32 count, const u8 *src,
				    struct extremes *extremes)
{
	u16 values[FMC_BLOCK_MAX_VALUES] __uninitialized;
	u32 end = first + count, blocks, least, greatest, z;
	struct asc_strip strip;
	u64 offset;

	for (; first < end; first += blocks) {
		blocks = min_u32(find_strip(cbr, first, &strip, &offset), end - first);
		for (z = 0; blocks && z < strip.c; z++)
			look_at_plane(cbr, &strip, src + offset +
				      (strip.order ? strip.order[z] : z) * strip.plane, blocks,
				      extremes);
		if (blocks)
			continue;
		blocks = 1;
		gather(cbr, first, src, values);
		cbr->kernels->shape->extremes(values, cbr->format.values, &least, &greatest);
		add_extremes(extremes, least, greatest);
	}
}

/**
 * asc_cbr_encode - compress some blocks
 * @cbr: from asc_cbr_init()
 * @first: first block
 * @count: number of blocks; @first + @count is at most cbr->blocks
 * @src: the first value of the surface; may change meanwhile
 * @payload: the first byte of the whole payload, asc_cbr_bytes() long
 * @stats: counters, zero at first, that are added to
 */
void asc_cbr_encode(const struct asc_cbr *cbr, u32 first, u32 count, const void *src,
		    void *payload, struct asc_cbr_stats *stats)
{
	encode_blocks(cbr, first, count, src,
		      (u8 *)payload + (u64)first * asc_block_bytes(&cbr->format), stats);
}

/**
 * asc_cbr_encode_guess - compress some blocks, if a guess was right
 * @cbr: from asc_cbr_init(), with parameters of a chooser
 * @guess: what that took for granted
 * @first: first block
 * @count: number of blocks; @first + @count is at most cbr->blocks
 * @src: the first value of the surface; may change meanwhile
 * @payload: the first byte of the whole payload, asc_cbr_bytes() long
 * @stats: counters, zero at first, that are added to
 *
 * Return: false if values of these blocks are not as was guessed: all is to be done again.
 */
bool asc_cbr_encode_guess(const struct asc_cbr *cbr, const struct asc_cbr_guess *guess, u32 first,
			  u32 count, const void *src, void *payload, struct asc_cbr_stats *stats)
{
	struct extremes extremes = { cbr->format.zero, cbr->format.zero };
	u64 seen = stats->seen;
	u32 above, below;

	asc_cbr_encode(cbr, first, count, src, payload, stats);
	if (!guess->exponent && !guess->positive)
		return true;
	/* vector code does not note how far below the zero point */
	if (stats->seen - seen != count || (guess->exponent && stats->negative))
		look_at_blocks(cbr, first, count, src, &extremes);
	above = max_u32(extremes.greatest - cbr->format.zero, stats->greatest);
	below = cbr->format.zero - extremes.least;
	if (guess->positive && (below || stats->negative))
		return false;
	return !guess->exponent || bit_length(max_u32(above, below)) <= cbr->format.exponent;
}

static void decode_pool(const struct asc_cbr *cbr, u32 block, const void *payload)
{
	const u8 *bits = (const u8 *)payload + (u64)block * ASC_POOL_BYTES;
	struct asc_pool_place place;

	if (!has_trellis(cbr)) {
		asc_pooled_decode_large(&cbr->format, bits, cbr->pool, cbr->pool->values);
		return;
	}
	pool_place(cbr, block, &place);
	asc_pool_decode(&cbr->format, &place, bits, cbr->pool, cbr->pool->values);
}

static void decode_block(const struct asc_cbr *cbr, u32 block, const void *payload,
			 u16 *values)
{
	u32 bytes = asc_block_bytes(&cbr->format);
	u8 bits[ASC_BLOCK_MAX_BYTES] __uninitialized;

	if (is_large(&cbr->block)) {
		decode_pool(cbr, block, payload);
		return;
	}
	memcpy(bits, (const u8 *)payload + (u64)block * bytes, bytes);
	if (cbr->format.pooled)
		asc_pooled_decode(&cbr->format, bits, values);
	else
		asc_block_decode(&cbr->format, bits, values);
}

/* Numbers as they are in memory. */
static void to_memory(const struct asc_cbr *cbr, const u16 *from, u8 *__restrict bytes)
{
	u32 values = cbr->format.values, i;
	u16 flip = fmc_to_ordered(cbr->surface.dtype, 0);
	u16 *to = (u16 *)bytes;

	if (cbr->format.bits == 8) {
		for (i = 0; i < values; i++)
			bytes[i] = from[i] ^ flip;
	} else if (cbr->format.kind == ASC_INTEGER) {
		for (i = 0; i < values; i++)
			to[i] = from[i] ^ flip;
	} else {
		for (i = 0; i < values; i++)
			to[i] = from[i] ^ (from[i] >> 15 ? 0x8000 : 0xffff);
	}
}

/* Decoded blocks to where they belong. */
static void put_lanes(const struct asc_cbr *cbr, u32 first, u32 lanes, struct asc_pool_decoder *d,
		      u8 *dst)
{
	/* nothing needs it any more */
	u8 *blocks = (u8 *)d->columns;
	u32 bytes = cbr->format.values * (cbr->format.bits / 8), lane, now;
	struct asc_strip strip;
	u64 offset;

	for (lane = 0; lane < lanes; lane++)
		to_memory(cbr, d->values[lane], blocks + lane * bytes);
	for (lane = 0; lane < lanes; lane += now) {
		now = 1;
		if (strip_at(cbr, first + lane, &strip, &offset)) {
			now = min_u32(strip.across, lanes - lane);
			stage(&strip, dst + offset, blocks + lane * bytes, now, true);
		} else {
			scatter(cbr, first + lane, dst, d->values[lane]);
		}
	}
}

/* Fewer blocks side by side are slower than plain C. */
#define FEW_LANES	3

/* Pooled blocks from one on, as many as lie side by side; returns their number, which may be 0. */
static u32 decode_lanes(const struct asc_cbr *cbr, u32 first, u32 count, const void *payload,
			void *dst)
{
	u32 bytes = asc_block_bytes(&cbr->format), now = min_u32(count, ASC_POOL_LANES), lane;
	struct asc_pool_place place = { cbr->format.width, cbr->format.height, 0, 0 };
	struct asc_pool_decoder *d;

	if (!has_decoder(cbr) || now <= FEW_LANES)
		return 0;
	d = &cbr->pool->decoder;
	for (lane = 0; lane < now; lane++) {
		if (has_trellis(cbr))
			pool_place(cbr, first + lane, &place);
		d->x[lane] = place.x;
		d->y[lane] = place.y;
	}
	d->w = place.w;
	d->h = place.h;
	cbr->kernels->pooled->decode(&cbr->format, (const u8 *)payload + (u64)first * bytes, now,
				     d);
	put_lanes(cbr, first, now, d, dst);
	return now;
}

/**
 * asc_cbr_decode - decompress some blocks
 * @cbr: from asc_cbr_init()
 * @first: first block
 * @count: number of blocks; @first + @count is at most cbr->blocks
 * @payload: the first byte of the whole payload, asc_cbr_bytes() long; any
 *	content is valid, and it may change meanwhile
 * @dst: the first value of the surface, which is injective
 */
void asc_cbr_decode(const struct asc_cbr *cbr, u32 first, u32 count, const void *payload,
		    void *dst)
{
	u32 bytes = asc_block_bytes(&cbr->format), end = first + count;
	u16 small[FMC_BLOCK_MAX_VALUES] __uninitialized, *values = block_buffer(cbr, small);
	struct asc_strip strip;
	u64 offset;

	while (first < end) {
		u32 done = decode_lanes(cbr, first, end - first, payload, dst), blocks, last;

		first += done;
		if (done)
			continue;
		blocks = min_u32(find_strip(cbr, first, &strip, &offset), end - first);
		if (blocks)
			done = decode_strip(cbr, &strip,
					    (const u8 *)payload + (u64)first * bytes, blocks,
					    (u8 *)dst + offset);
		last = first + one_by_one(blocks, done, &strip);
		for (first += done; first < last; first++) {
			decode_block(cbr, first, payload, values);
			scatter(cbr, first, dst, values);
		}
	}
}

/**
 * struct region - a part of a surface that is decoded into a surface of its own
 * @cbr: the whole
 * @payload: of the whole
 * @at: where it begins
 * @to: the surface of its own; its extents are those of the part
 * @dst: first value of that
 * @bytes_read: bytes of @payload that were read
 */
struct region {
	const struct asc_cbr *cbr;
	const void *payload;
	const u32 *at;
	const struct fmc_surface *to;
	void *dst;
	u64 *bytes_read;
};

static void read_block(const struct region *r, u32 block, u16 *values)
{
	decode_block(r->cbr, block, r->payload, values);
	*r->bytes_read += asc_block_bytes(&r->cbr->format);
}

/* Write values of one row; the position is that in the whole. */
static void put_row(const struct region *r, u32 n, u32 c, u32 y, u32 x, u32 count,
		    const u16 *values)
{
	struct fmc_box box = {
		.at = { n - r->at[FMC_DIM_N], c - r->at[FMC_DIM_C], y - r->at[FMC_DIM_H],
			x - r->at[FMC_DIM_W] },
		.w = count, .h = 1, .c = 1,
	};

	fmc_surface_scatter(r->to, r->dst, &box, values);
}

static u32 region_end(const struct region *r, u32 dim)
{
	return r->at[dim] + r->to->dim[dim];
}

/* The part of a cuboid that lies inside. */
static void decode_cuboid(const struct region *r, u32 block)
{
	u16 small[FMC_BLOCK_MAX_VALUES], *values = block_buffer(r->cbr, small);
	u32 x, end_x, c, end_c, y, end_y;
	struct fmc_box box;

	read_block(r, block, values);
	block_at(r->cbr, block, &box);
	x = max_u32(box.at[FMC_DIM_W], r->at[FMC_DIM_W]);
	end_x = min_u32(box.at[FMC_DIM_W] + box.w, region_end(r, FMC_DIM_W));
	end_c = min_u32(box.at[FMC_DIM_C] + box.c, region_end(r, FMC_DIM_C));
	end_y = min_u32(box.at[FMC_DIM_H] + box.h, region_end(r, FMC_DIM_H));
	for (c = max_u32(box.at[FMC_DIM_C], r->at[FMC_DIM_C]); c < end_c; c++) {
		for (y = max_u32(box.at[FMC_DIM_H], r->at[FMC_DIM_H]); y < end_y; y++) {
			u32 row = (c - box.at[FMC_DIM_C]) * box.h + y - box.at[FMC_DIM_H];

			put_row(r, box.at[FMC_DIM_N], c, y, x, end_x - x,
				values + row * box.w + x - box.at[FMC_DIM_W]);
		}
	}
}

static void decode_cuboids(const struct region *r)
{
	const struct asc_cbr *cbr = r->cbr;
	u32 last_c = (region_end(r, FMC_DIM_C) - 1) / cbr->block.c;
	u32 last_y = (region_end(r, FMC_DIM_H) - 1) / cbr->block.h;
	u32 last_x = (region_end(r, FMC_DIM_W) - 1) / cbr->block.w;
	u32 n, c, y, x;

	for (n = r->at[FMC_DIM_N]; n < region_end(r, FMC_DIM_N); n++)
		for (c = r->at[FMC_DIM_C] / cbr->block.c; c <= last_c; c++)
			for (y = r->at[FMC_DIM_H] / cbr->block.h; y <= last_y; y++)
				for (x = r->at[FMC_DIM_W] / cbr->block.w; x <= last_x; x++)
					decode_cuboid(r, ((n * cbr->deep + c) * cbr->down + y) *
							 cbr->across + x);
}

/*
 * The part of one row, which lies in one or more runs.  The last run is kept for the next
 * row: @decoded says which it is.
 */
static void decode_row(const struct region *r, u32 n, u32 c, u32 y, u16 *values, u32 *decoded)
{
	const struct asc_cbr *cbr = r->cbr;
	const u32 *dim = cbr->surface.dim;
	u32 row = ((n * dim[FMC_DIM_C] + c) * dim[FMC_DIM_H] + y) * dim[FMC_DIM_W];
	u32 end = row + region_end(r, FMC_DIM_W), i, count;

	for (i = row + r->at[FMC_DIM_W]; i < end; i += count) {
		u32 block = i / cbr->format.values, skip = i % cbr->format.values;

		if (block != *decoded)
			read_block(r, block, values);
		*decoded = block;
		count = min_u32(cbr->format.values - skip, end - i);
		put_row(r, n, c, y, i - row, count, values + skip);
	}
}

static void decode_runs(const struct region *r)
{
	u16 small[FMC_BLOCK_MAX_VALUES], *values = block_buffer(r->cbr, small);
	u32 decoded = r->cbr->blocks, n, c, y;

	for (n = r->at[FMC_DIM_N]; n < region_end(r, FMC_DIM_N); n++)
		for (c = r->at[FMC_DIM_C]; c < region_end(r, FMC_DIM_C); c++)
			for (y = r->at[FMC_DIM_H]; y < region_end(r, FMC_DIM_H); y++)
				decode_row(r, n, c, y, values, &decoded);
}

/**
 * asc_cbr_decode_box - decompress a part of a surface
 * @cbr: from asc_cbr_init()
 * @payload: the first byte of the whole payload, asc_cbr_bytes() long; any
 *	content is valid, and it may change meanwhile.  Only blocks that meet the
 *	part are read.
 * @at: where the part begins: N, C, H, W
 * @to: the surface that receives it, with the extents of the part and strides of
 *	its own; injective
 * @dst: the first value of @to
 * @bytes_read: what was read of the payload is added
 *
 * Return: 0; -EINVAL if @to has another type or the part reaches over an edge, or an
 * error of fmc_surface_check().
 */
int asc_cbr_decode_box(const struct asc_cbr *cbr, const void *payload, const u32 *at,
		       const struct fmc_surface *to, void *dst, u64 *bytes_read)
{
	struct region region = { cbr, payload, at, to, dst, bytes_read };
	u64 elements, bytes;
	u32 i;
	int ret = fmc_surface_check(to, &elements, &bytes);

	if (ret)
		return ret;
	if (to->dtype != cbr->surface.dtype)
		return -EINVAL;
	for (i = 0; i < FMC_DIMS; i++) {
		if (to->dim[i] > cbr->surface.dim[i] ||
		    at[i] > cbr->surface.dim[i] - to->dim[i])
			return -EINVAL;
	}
	if (cbr->block.h)
		decode_cuboids(&region);
	else
		decode_runs(&region);
	return 0;
}
