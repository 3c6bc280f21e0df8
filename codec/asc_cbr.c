// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ASC at a constant bitrate: every block of a surface has the same size, so the
 * address of any block is computed.  Documentation/format.rst, "ASC-CBR payload".
 */

#include "asc_cbr.h"

/*
 * Block shapes that give exactly 4 bits per value.  An endpoint of 16 bits needs
 * twice the values of one of 8 bits to share its cost; a second endpoint likewise.
 */
static void block_shape(u32 bits, u32 endpoints, u32 *w, u32 *h)
{
	*w = bits == 16 && endpoints == 2 ? 8 : 4;
	*h = bits == 8 && endpoints == 1 ? 2 : 4;
}

static bool zero_point_fits(u32 dtype, s32 zero_point)
{
	switch (dtype) {
	case FMC_U8:
		return zero_point >= 0 && zero_point <= 255;
	case FMC_S8:
		return zero_point >= -128 && zero_point <= 127;
	default:
		return zero_point >= -32768 && zero_point <= 32767;
	}
}

/**
 * asc_cbr_init - prepare to encode or decode a surface
 * @cbr: filled in
 * @surface: the feature map; nothing in it is trusted
 * @params: parameters; nothing in them is trusted.  With AUTO endpoints the
 *	result serves asc_cbr_survey() only, or to encode with two.
 *
 * Return: 0; -EINVAL for unknown numbers, a zero point that the type cannot
 * hold, or what fmc_surface_check() refuses; -EOVERFLOW as there.
 */
int asc_cbr_init(struct asc_cbr *cbr, const struct fmc_surface *surface,
		 const struct asc_cbr_params *params)
{
	u32 bits = fmc_dtype_bits(surface->dtype);
	u32 mask, endpoints;
	u64 bytes;
	int ret;

	ret = fmc_surface_check(surface, &cbr->elements, &bytes);
	if (ret)
		return ret;

	switch (params->endpoints) {
	case FMC_ENDPOINTS_ONE:
		endpoints = 1;
		break;
	case FMC_ENDPOINTS_TWO:
	case FMC_ENDPOINTS_AUTO:
		endpoints = 2;
		break;
	default:
		return -EINVAL;
	}

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

	if (!zero_point_fits(surface->dtype, params->zero_point))
		return -EINVAL;

	block_shape(bits, endpoints, &cbr->w, &cbr->h);
	mask = (1u << bits) - 1;
	cbr->surface = *surface;
	cbr->format.values = cbr->w * cbr->h;
	cbr->format.bits = bits;
	cbr->format.endpoints = endpoints;
	cbr->format.zero = ((u32)params->zero_point & mask) ^ fmc_dtype_sign(surface->dtype);
	/* Widths and heights are powers of two of at most 8: nothing overflows, nothing divides. */
	cbr->across = (surface->dim[FMC_DIM_W] + cbr->w - 1) / cbr->w;
	cbr->down = (surface->dim[FMC_DIM_H] + cbr->h - 1) / cbr->h;
	/* There are no more blocks than values, of which there are at most 2^30. */
	cbr->blocks = surface->dim[FMC_DIM_N] * surface->dim[FMC_DIM_C] * cbr->down *
		      cbr->across;
	return 0;
}

/**
 * asc_cbr_bytes - size of the payload
 * @cbr: from asc_cbr_init(), endpoints not AUTO
 *
 * Return: bytes, exactly.
 */
u64 asc_cbr_bytes(const struct asc_cbr *cbr)
{
	return (u64)cbr->blocks * asc_block_bytes(&cbr->format);
}

/**
 * asc_cbr_bound - the largest payload of a surface
 * @surface: the feature map
 * @params: parameters; AUTO endpoints are covered
 * @bytes: receives the size
 *
 * Return: 0 or an error of asc_cbr_init().
 */
int asc_cbr_bound(const struct fmc_surface *surface, const struct asc_cbr_params *params,
		  u64 *bytes)
{
	struct asc_cbr cbr;
	int ret;

	/*
	 * A one-endpoint block is half of a two-endpoint block and half its size,
	 * so AUTO, which counts as two here, is never the smaller of the two.
	 */
	ret = asc_cbr_init(&cbr, surface, params);
	if (ret)
		return ret;
	*bytes = asc_cbr_bytes(&cbr);
	return 0;
}

/* Blocks follow one another by batch, channel, then down the plane and across. */
static void block_at(const struct asc_cbr *cbr, u32 block, struct fmc_box *box)
{
	u32 row = block / cbr->across;
	u32 plane = row / cbr->down;

	box->at[FMC_DIM_N] = plane / cbr->surface.dim[FMC_DIM_C];
	box->at[FMC_DIM_C] = plane % cbr->surface.dim[FMC_DIM_C];
	box->at[FMC_DIM_H] = row % cbr->down * cbr->h;
	box->at[FMC_DIM_W] = block % cbr->across * cbr->w;
	box->w = cbr->w;
	box->h = cbr->h;
	box->c = 1;
}

static void next_block(const struct asc_cbr *cbr, struct fmc_box *box)
{
	box->at[FMC_DIM_W] += cbr->w;
	if (box->at[FMC_DIM_W] < cbr->surface.dim[FMC_DIM_W])
		return;
	box->at[FMC_DIM_W] = 0;
	box->at[FMC_DIM_H] += cbr->h;
	if (box->at[FMC_DIM_H] < cbr->surface.dim[FMC_DIM_H])
		return;
	box->at[FMC_DIM_H] = 0;
	if (++box->at[FMC_DIM_C] < cbr->surface.dim[FMC_DIM_C])
		return;
	box->at[FMC_DIM_C] = 0;
	box->at[FMC_DIM_N]++;
}

/**
 * asc_cbr_survey - look at some blocks
 * @cbr: from asc_cbr_init() with AUTO endpoints
 * @first: first block
 * @count: number of blocks; @first + @count is at most cbr->blocks
 * @src: the first value of the surface
 * @survey: counters, zero at first, that are added to
 */
void asc_cbr_survey(const struct asc_cbr *cbr, u32 first, u32 count, const void *src,
		    struct asc_cbr_survey *survey)
{
	u16 values[FMC_BLOCK_MAX_VALUES];
	struct fmc_box box;
	u32 i;

	block_at(cbr, first, &box);
	for (; count; count--, next_block(cbr, &box)) {
		u32 low;

		fmc_surface_gather(&cbr->surface, src, &box, values);
		low = values[0];
		for (i = 1; i < cbr->format.values; i++)
			low = values[i] < low ? values[i] : low;
		survey->blocks++;
		survey->zero_blocks += low == cbr->format.zero;
		survey->negative_blocks += low < cbr->format.zero;
	}
}

/**
 * asc_cbr_choose - one endpoint or two?
 * @survey: counts over the whole surface
 *
 * One endpoint serves a map that never goes below its zero point and reaches it
 * in at least three of four blocks, as a map behind a ReLU does; then a minimum
 * would be spent on a number that is known.
 *
 * Return: FMC_ENDPOINTS_ONE or FMC_ENDPOINTS_TWO.
 */
u32 asc_cbr_choose(const struct asc_cbr_survey *survey)
{
	if (survey->negative_blocks || survey->zero_blocks * 4 < survey->blocks * 3)
		return FMC_ENDPOINTS_TWO;
	return FMC_ENDPOINTS_ONE;
}

static void add_errors(const struct asc_cbr *cbr, const struct fmc_box *box,
		       const u16 *values, const u16 *decoded, struct asc_cbr_stats *stats)
{
	u32 w = cbr->surface.dim[FMC_DIM_W] - box->at[FMC_DIM_W];
	u32 h = cbr->surface.dim[FMC_DIM_H] - box->at[FMC_DIM_H];
	u64 sum = 0, squares = 0;
	u32 x, y, max = 0;

	w = w < box->w ? w : box->w;
	h = h < box->h ? h : box->h;
	for (y = 0; y < h; y++, values += box->w, decoded += box->w) {
		for (x = 0; x < w; x++) {
			u32 error = values[x] > decoded[x] ? values[x] - decoded[x] :
							     decoded[x] - values[x];

			sum += error;
			squares += (u64)error * error;
			max = error > max ? error : max;
		}
	}
	stats->sum_abs_error += sum;
	stats->sum_sq_error += squares;
	stats->max_abs_error = max > stats->max_abs_error ? max : stats->max_abs_error;
}

/**
 * asc_cbr_encode - compress some blocks
 * @cbr: from asc_cbr_init(), endpoints not AUTO
 * @first: first block
 * @count: number of blocks; @first + @count is at most cbr->blocks
 * @src: the first value of the surface; may change meanwhile
 * @payload: the first byte of the whole payload, asc_cbr_bytes() long
 * @stats: counters, zero at first, that are added to
 */
void asc_cbr_encode(const struct asc_cbr *cbr, u32 first, u32 count, const void *src,
		    void *payload, struct asc_cbr_stats *stats)
{
	u16 values[FMC_BLOCK_MAX_VALUES], decoded[FMC_BLOCK_MAX_VALUES];
	u32 bytes = asc_block_bytes(&cbr->format);
	u8 *out = (u8 *)payload + (u64)first * bytes;
	struct fmc_box box;

	block_at(cbr, first, &box);
	for (; count; count--, next_block(cbr, &box), out += bytes) {
		fmc_surface_gather(&cbr->surface, src, &box, values);
		if (asc_block_encode(&cbr->format, cbr->scales, values, out, decoded) ==
		    ASC_SCALE_LOG)
			stats->log_blocks++;
		else
			stats->linear_blocks++;
		add_errors(cbr, &box, values, decoded, stats);
	}
}

/**
 * asc_cbr_decode - decompress some blocks
 * @cbr: from asc_cbr_init(), endpoints not AUTO
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
	u32 bytes = asc_block_bytes(&cbr->format);
	const u8 *in = (const u8 *)payload + (u64)first * bytes;
	struct fmc_box box;

	block_at(cbr, first, &box);
	for (; count; count--, next_block(cbr, &box), in += bytes) {
		memcpy(bits, in, bytes);
		asc_block_decode(&cbr->format, bits, values);
		fmc_surface_scatter(&cbr->surface, dst, &box, values);
	}
}
