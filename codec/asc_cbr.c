// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ASC at a constant bitrate: every block of a surface has the same size, so the
 * address of any block is computed.  Documentation/format.rst, "ASC-CBR payload".
 */

#include "asc_cbr.h"

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
	if (block->w > FMC_BLOCK_MAX_VALUES || block->h > FMC_BLOCK_MAX_VALUES ||
	    block->c > FMC_BLOCK_MAX_VALUES)
		return false;
	return block_values(block) % 8 == 0 && block_values(block) <= FMC_BLOCK_MAX_VALUES;
}

static u32 blocks_along(u32 extent, u32 size)
{
	return extent / size + !!(extent % size);
}

static enum asc_kind kind_of(u32 dtype)
{
	return dtype == FMC_F16 ? ASC_F16 : dtype == FMC_BF16 ? ASC_BF16 : ASC_INTEGER;
}

/* Biased exponent of the largest finite number. */
static u32 max_exponent(enum asc_kind kind)
{
	return kind == ASC_F16 ? 30 : kind == ASC_BF16 ? 254 : 0;
}

/**
 * asc_cbr_init - prepare to encode or decode a surface
 * @cbr: filled in
 * @surface: the feature map; nothing in it is trusted
 * @params: parameters, with endpoints and shape; nothing in them is trusted
 *
 * Return: 0; -EINVAL for unknown numbers, endpoints or a shape left open or
 * impossible, a zero point or exponent that the type cannot hold, or what
 * fmc_surface_check() refuses; -EOVERFLOW as there.
 */
int asc_cbr_init(struct asc_cbr *cbr, const struct fmc_surface *surface,
		 const struct asc_cbr_params *params)
{
	enum asc_kind kind = kind_of(surface->dtype);
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
	    params->exponent > max_exponent(kind) ||
	    !asc_cbr_block_is_valid(&params->block))
		return -EINVAL;

	cbr->surface = *surface;
	cbr->effort = params->effort;
	cbr->block = params->block;
	cbr->elements = elements;
	cbr->format.values = block_values(&params->block);
	cbr->format.bits = bits;
	cbr->format.endpoints = params->endpoints == FMC_ENDPOINTS_ONE ? 1 : 2;
	cbr->format.zero = fmc_zero_number(surface->dtype, params->zero_point);
	cbr->format.kind = kind;
	cbr->exponent = params->exponent ? params->exponent : max_exponent(kind);
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
 * Shapes that give exactly 4 bits per value.  An endpoint of 16 bits needs twice
 * the values of one of 8 bits to share its cost; a second endpoint likewise.
 * Planes come first; then runs, which have no edges but the end of the surface;
 * then columns through the channels, for small planes.
 */
static const struct asc_cbr_block shapes[2][2][3] = {
	{ { { 4, 2, 1 }, { 8, 0, 0 }, { 1, 1, 8 } },
	  { { 4, 4, 1 }, { 16, 0, 0 }, { 1, 1, 16 } } },
	{ { { 4, 4, 1 }, { 16, 0, 0 }, { 1, 1, 16 } },
	  { { 8, 4, 1 }, { 32, 0, 0 }, { 1, 1, 32 } } },
};

/* Does padding at the edges add more than 3 %? */
static bool wastes_blocks(const struct asc_cbr *cbr)
{
	return (u64)cbr->blocks * cbr->format.values * 100 > (u64)cbr->elements * 103;
}

/*
 * All that a set of parameters allows.  Cuboids that waste blocks are left out;
 * runs never are.  Returns their number or a negative errno.
 */
static int list_choices(const struct fmc_surface *surface, const struct asc_cbr_params *params,
			struct asc_cbr *cbr, struct asc_cbr_choice *choices)
{
	struct asc_cbr_params p = *params;
	u32 wide = fmc_dtype_bits(surface->dtype) == 16;
	u32 count = 0, endpoints, shape;
	int ret;

	if (params->endpoints > FMC_ENDPOINTS_TWO)
		return -EINVAL;
	for (endpoints = FMC_ENDPOINTS_TWO; endpoints >= FMC_ENDPOINTS_ONE; endpoints--) {
		if (params->endpoints != FMC_ENDPOINTS_AUTO && params->endpoints != endpoints)
			continue;
		for (shape = 0; shape < 3; shape++) {
			p.endpoints = endpoints;
			if (asc_cbr_block_is_open(&params->block))
				p.block = shapes[wide][endpoints - FMC_ENDPOINTS_ONE][shape];
			else if (shape)
				break;
			ret = asc_cbr_init(cbr, surface, &p);
			if (ret)
				return ret;
			if (asc_cbr_block_is_open(&params->block) && p.block.h && wastes_blocks(cbr))
				continue;
			choices[count].endpoints = endpoints;
			choices[count++].block = p.block;
		}
	}
	return count;
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
	struct asc_cbr_choice choices[ASC_CBR_MAX_CHOICES];
	struct asc_cbr_params p = *params;
	struct asc_cbr cbr;
	int count, i, ret;

	count = list_choices(surface, params, &cbr, choices);
	if (count < 0)
		return count;
	*bytes = 0;
	for (i = 0; i < count; i++) {
		p.endpoints = choices[i].endpoints;
		p.block = choices[i].block;
		ret = asc_cbr_init(&cbr, surface, &p);
		if (ret)
			return ret;
		if (asc_cbr_bytes(&cbr) > *bytes)
			*bytes = asc_cbr_bytes(&cbr);
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

static void add_error(const struct asc_cbr *cbr, u32 a, u32 b, struct asc_cbr_stats *stats)
{
	u32 error;

	if (cbr->format.kind != ASC_INTEGER) {
		a = asc_float_to_fixed(cbr->format.kind, cbr->exponent,
				       asc_float_finite(cbr->format.kind, a));
		b = asc_float_to_fixed(cbr->format.kind, cbr->exponent, b);
	}
	error = a > b ? a - b : b - a;
	stats->sum_abs_error += error;
	stats->sum_sq_error += (u64)error * error;
	if (error > stats->max_abs_error)
		stats->max_abs_error = error;
}

static s32 error_exponent(const struct asc_cbr *cbr)
{
	switch (cbr->format.kind) {
	case ASC_F16:
		return (s32)cbr->exponent - 15 - (ASC_FIXED_BITS - 1);
	case ASC_BF16:
		return (s32)cbr->exponent - 127 - (ASC_FIXED_BITS - 1);
	default:
		return 0;
	}
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
	u32 x, y, z;

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
	for (z = 0; z < inside_c; z++) {
		for (y = 0; y < inside_h; y++) {
			const u16 *v = values + (z * h + y) * w, *d = decoded + (z * h + y) * w;

			for (x = 0; x < inside_w; x++)
				add_error(cbr, v[x], d[x], stats);
		}
	}
	return inside_w * inside_h * inside_c;
}

/* Returns the number of values that lie inside the surface. */
static u32 encode_block(const struct asc_cbr *cbr, u32 block, const void *src, u8 *bits,
			struct asc_cbr_stats *stats)
{
	u16 values[FMC_BLOCK_MAX_VALUES], decoded[FMC_BLOCK_MAX_VALUES];

	gather(cbr, block, src, values);
	if (asc_block_encode(&cbr->format, cbr->scales, cbr->effort, values, bits, decoded) ==
	    ASC_SCALE_LOG)
		stats->log_blocks++;
	else
		stats->linear_blocks++;
	stats->error_exponent = error_exponent(cbr);
	return add_errors(cbr, block, values, decoded, stats);
}

static void start_choice(struct asc_cbr_chooser *chooser)
{
	struct asc_cbr_params p = chooser->params;

	p.endpoints = chooser->choices[chooser->trying].endpoints;
	p.block = chooser->choices[chooser->trying].block;
	/* it was accepted when the choices were listed */
	asc_cbr_init(&chooser->cbr, &chooser->cbr.surface, &p);
	chooser->next = 0;
	chooser->tried = 0;
	memset(&chooser->stats, 0, sizeof(chooser->stats));
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

	memset(chooser, 0, sizeof(*chooser));
	chooser->params = *params;
	count = list_choices(surface, params, &chooser->cbr, chooser->choices);
	if (count < 0)
		return count;
	chooser->count = count;
	chooser->best_error = ~0ull;
	chooser->seeking = (params->endpoints == FMC_ENDPOINTS_AUTO && chooser->cbr.format.zero) ||
			   (chooser->cbr.format.kind != ASC_INTEGER && !params->exponent);
	start_choice(chooser);
	return 0;
}

/* Surfaces of more blocks have one in eight tried, in groups. */
#define TRY_ALL_BLOCKS	2048
#define TRY_GROUP	16

static void look_at(struct asc_cbr_chooser *chooser, u32 value)
{
	const struct asc_block_format *f = &chooser->cbr.format;
	u32 exponent;

	if (f->kind != ASC_INTEGER) {
		value = asc_float_finite(f->kind, value);
		exponent = asc_float_exponent(f->kind, value);
		if (exponent > chooser->largest)
			chooser->largest = exponent;
	}
	if (value < f->zero)
		chooser->negative = true;
}

static void look_through_group(struct asc_cbr_chooser *chooser, const void *src)
{
	const struct asc_cbr *cbr = &chooser->cbr;
	u16 values[FMC_BLOCK_MAX_VALUES];
	u32 block, end = chooser->next + TRY_GROUP, i;

	for (block = chooser->next; block < end && block < cbr->blocks; block++) {
		gather(cbr, block, src, values);
		for (i = 0; i < cbr->format.values; i++)
			look_at(chooser, values[i]);
	}
	chooser->next = end;
}

/*
 * Look through the surface once.  A value below the zero point, of which one endpoint
 * would make zero, strikes one endpoint off the list.
 */
static void seek(struct asc_cbr_chooser *chooser, const void *src)
{
	bool integer = chooser->cbr.format.kind == ASC_INTEGER;
	u32 i, kept = 0;

	look_through_group(chooser, src);
	if (chooser->next < chooser->cbr.blocks && !(integer && chooser->negative))
		return;
	chooser->seeking = false;
	if (!chooser->params.exponent)
		chooser->params.exponent = chooser->largest;
	if (chooser->negative && chooser->params.endpoints == FMC_ENDPOINTS_AUTO) {
		for (i = 0; i < chooser->count; i++) {
			if (chooser->choices[i].endpoints == FMC_ENDPOINTS_TWO)
				chooser->choices[kept++] = chooser->choices[i];
		}
		chooser->count = kept;
	}
	start_choice(chooser);
}

/* Mean squared error in 1/256. */
static u64 mean_error(const struct asc_cbr_chooser *chooser)
{
	u64 whole = fmc_div_u64(chooser->stats.sum_sq_error, chooser->tried);
	u64 rest = chooser->stats.sum_sq_error - whole * chooser->tried;

	return (whole << 8) + fmc_div_u64(rest << 8, chooser->tried);
}

static void end_choice(struct asc_cbr_chooser *chooser)
{
	u64 error = mean_error(chooser);

	if (error < chooser->best_error) {
		chooser->best_error = error;
		chooser->best = chooser->trying;
	}
	if (++chooser->trying < chooser->count)
		start_choice(chooser);
}

/**
 * asc_cbr_choose_step - resolve a little more
 * @chooser: from asc_cbr_choose_init()
 * @src: the first value of the surface; may change meanwhile
 *
 * Return: true if there is more to do, after the work of a few blocks; false
 * once chooser->params are resolved.
 */
bool asc_cbr_choose_step(struct asc_cbr_chooser *chooser, const void *src)
{
	const struct asc_cbr *cbr = &chooser->cbr;
	u8 bits[ASC_BLOCK_MAX_BYTES];
	u32 step = cbr->blocks > TRY_ALL_BLOCKS ? 8 * TRY_GROUP : TRY_GROUP;
	u32 block;

	if (chooser->seeking) {
		seek(chooser, src);
		return true;
	}
	if (chooser->count > 1 && chooser->trying < chooser->count) {
		for (block = chooser->next;
		     block < chooser->next + TRY_GROUP && block < cbr->blocks; block++)
			chooser->tried += encode_block(cbr, block, src, bits, &chooser->stats);
		chooser->next += step;
		if (chooser->next >= cbr->blocks)
			end_choice(chooser);
		return true;
	}
	chooser->params.endpoints = chooser->choices[chooser->best].endpoints;
	chooser->params.block = chooser->choices[chooser->best].block;
	return false;
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
	u32 bytes = asc_block_bytes(&cbr->format), block;
	u8 *out = (u8 *)payload + (u64)first * bytes;

	for (block = first; block < first + count; block++, out += bytes)
		encode_block(cbr, block, src, out, stats);
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
	u8 bits[ASC_BLOCK_MAX_BYTES];
	u16 values[FMC_BLOCK_MAX_VALUES];
	u32 bytes = asc_block_bytes(&cbr->format), block;
	const u8 *in = (const u8 *)payload + (u64)first * bytes;

	for (block = first; block < first + count; block++, in += bytes) {
		memcpy(bits, in, bytes);
		asc_block_decode(&cbr->format, bits, values);
		scatter(cbr, block, dst, values);
	}
}
