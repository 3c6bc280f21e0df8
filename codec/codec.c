// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A surface to a payload and back, by any of the codecs, in steps that are short
 * enough for a kernel.  Documentation/format.rst, "Payload".
 */

#include "asc_pooled.h"
#include "asc_vbr_trellis.h"
#include "codec.h"

static_assert(ASC_VBR_WORKSPACE_BYTES <= FMC_SCRATCH_BYTES, "scratch memory");
static_assert(FMC_REORDER_MAX_WORKSPACE <= FMC_SCRATCH_BYTES, "scratch memory");
static_assert(EBPC_TILE_WORKSPACE_BYTES <= FMC_SCRATCH_BYTES, "scratch memory");
static_assert(EBPC_LANES_WORKSPACE_BYTES <= FMC_SCRATCH_BYTES, "scratch memory");
static_assert(sizeof(struct asc_pool) <= FMC_SCRATCH_BYTES, "scratch memory");
static_assert(sizeof(struct asc_patch_memory) <= FMC_SCRATCH_BYTES, "scratch memory");
static_assert(FMC_ORDER_BITMAP_BYTES <= FMC_SCRATCH_BYTES, "scratch memory");

/* Values that one step works at, as far as there is a choice. */
#define STEP_VALUES	FMC_TILE_MAX_VALUES

/* A size of the index of tiles: where each tile ends. */
#define INDEX_ENTRY_BYTES	4

/* Of what is left open at least one choice has. */
static bool has_tiles(u32 codec)
{
	return codec == FMC_CODEC_ASC_VBR || codec == FMC_CODEC_EBPC ||
	       codec == FMC_CODEC_DCAC || codec == FMC_CODEC_ZVC || codec == FMC_CODEC_AUTO;
}

/* Can values come back changed, within what the parameters allow? */
static bool has_bound(u32 codec)
{
	return codec == FMC_CODEC_ASC_VBR || codec == FMC_CODEC_AUTO;
}

static struct asc_pool *pool_of(struct fmc_workspace *workspace)
{
	return (struct asc_pool *)workspace->scratch;
}

static struct asc_cbr_params cbr_params(const struct fmc_params *params)
{
	struct asc_cbr_params p = {
		.endpoints = params->endpoints,
		.scale = params->scale,
		.effort = params->effort,
		.zero_point = params->zero_point,
		.profile = params->profile,
		.exponent = params->exponent,
		.block = params->block,
		.reordered = params->reorder != FMC_REORDER_NONE,
	};

	return p;
}

/**
 * fmc_params_are_defaults - can they be used by fmc_params_fill()?
 * @params: any numbers
 *
 * They may belong to different codecs; each must be one that some codec takes, of any
 * surface.
 *
 * Return: true or false.
 */
bool fmc_params_are_defaults(const struct fmc_params *params)
{
	return params->codec > FMC_CODEC_DEFAULT && params->codec <= FMC_CODEC_AUTO &&
	       params->endpoints <= FMC_ENDPOINTS_TWO && params->scale <= FMC_SCALE_LOG &&
	       params->profile <= FMC_PROFILE_POOLED && params->effort <= ASC_EFFORT_BEST &&
	       params->reorder < FMC_REORDER_GIVEN && params->max_error <= FMC_MAX_ERROR &&
	       !(params->max_error && params->target_bpe) && !params->zero_point &&
	       !params->exponent &&
	       (asc_cbr_block_is_open(&params->block) || asc_cbr_block_is_valid(&params->block));
}

/**
 * fmc_params_fill - choose a codec, and what is left at zero, by defaults
 * @params: parameters with FMC_CODEC_DEFAULT
 * @defaults: where they come from; what the codec, or the surface, does not have is
 *	left out
 * @surface: the feature map; nothing in it is trusted
 */
void fmc_params_fill(struct fmc_params *params, const struct fmc_params *defaults,
		     const struct fmc_surface *surface)
{
	params->codec = defaults->codec;
	if (!params->effort)
		params->effort = defaults->effort;
	if (!params->reorder && params->codec != FMC_CODEC_RAW &&
	    surface->dim[FMC_DIM_C] <= FMC_REORDER_MAX_CHANNELS)
		params->reorder = defaults->reorder;
	if (params->codec == FMC_CODEC_ASC_CBR) {
		if (!params->endpoints)
			params->endpoints = defaults->endpoints;
		if (!params->scale)
			params->scale = defaults->scale;
		if (!params->profile && (defaults->profile != FMC_PROFILE_NARROW ||
					 fmc_dtype_bits(surface->dtype) == 16) &&
		    asc_cbr_block_fits(&params->block, defaults->profile))
			params->profile = defaults->profile;
		if (asc_cbr_block_is_open(&params->block) &&
		    asc_cbr_block_fits(&defaults->block, params->profile))
			params->block = defaults->block;
	}
	if (has_bound(params->codec) && !params->max_error && !params->target_bpe) {
		params->max_error = defaults->max_error;
		params->target_bpe = defaults->target_bpe;
	}
}

/*
 * Parameters of one codec are an error with another, where they would have no effect.  What
 * ASC-CBR has not, asc_cbr_bound() and asc_cbr_choose_init() say.
 */
static int check_params(const struct fmc_surface *surface, const struct fmc_params *params,
			u64 *elements)
{
	u64 bytes;
	int ret = fmc_surface_check(surface, elements, &bytes);

	if (ret)
		return ret;
	if (params->effort > ASC_EFFORT_BEST ||
	    !fmc_zero_point_fits(surface->dtype, params->zero_point))
		return -EINVAL;
	if (params->max_error > FMC_MAX_ERROR || (params->max_error && params->target_bpe) ||
	    ((params->max_error || params->target_bpe) && !has_bound(params->codec)))
		return -EINVAL;
	if (params->reorder > FMC_REORDER_GIVEN ||
	    (params->reorder && (params->codec == FMC_CODEC_RAW ||
				 surface->dim[FMC_DIM_C] > FMC_REORDER_MAX_CHANNELS)))
		return -EINVAL;
	if (params->codec == FMC_CODEC_ASC_CBR)
		return 0;
	if (params->exponent &&
	    (params->codec != FMC_CODEC_ASC_VBR || !fmc_dtype_is_float(surface->dtype) ||
	     params->exponent > asc_max_exponent(asc_kind_of(surface->dtype))))
		return -EINVAL;
	if (params->profile &&
	    (params->codec != FMC_CODEC_ASC_VBR || params->profile != FMC_PROFILE_POOLED))
		return -EINVAL;
	if (params->endpoints || params->scale || !asc_cbr_block_is_open(&params->block))
		return -EINVAL;
	return has_tiles(params->codec) || params->codec == FMC_CODEC_RAW ? 0 : -EINVAL;
}

static void init_tiling(struct fmc_tiling *tiling, const struct fmc_surface *surface,
			const struct fmc_params *params)
{
	/*
	 * An entropy coder learns from what a tile holds, and is better with more of it.
	 * ASC-VBR without one meets a rate by tiles of two steps, and is better with more tiles.
	 */
	bool many = params->codec == FMC_CODEC_ASC_VBR && params->profile != FMC_PROFILE_POOLED;

	fmc_tiling_init(tiling, surface, params->zero_point, 32, 1024,
			many ? 4096 : FMC_TILE_MAX_VALUES);
}

static u64 index_bytes(const struct fmc_tiling *tiling)
{
	return (u64)tiling->count * INDEX_ENTRY_BYTES;
}

/* What stands before the index, or the blocks. */
static u32 prefix_bytes(const struct fmc_surface *surface, const struct fmc_params *params)
{
	return params->reorder ? fmc_order_bytes(surface->dim[FMC_DIM_C]) : 0;
}

/* Of AUTO, that of whichever codec has more tiles. */
static u64 largest_index(const struct fmc_surface *surface, const struct fmc_params *params)
{
	struct fmc_params vbr = { .codec = FMC_CODEC_ASC_VBR, .zero_point = params->zero_point };
	struct fmc_tiling tiling;
	u64 bytes;

	if (!has_tiles(params->codec))
		return 0;
	init_tiling(&tiling, surface, params);
	bytes = index_bytes(&tiling);
	if (params->codec != FMC_CODEC_AUTO)
		return bytes;
	init_tiling(&tiling, surface, &vbr);
	return index_bytes(&tiling) > bytes ? index_bytes(&tiling) : bytes;
}

static u32 value_bytes(const struct fmc_surface *surface)
{
	return fmc_dtype_bits(surface->dtype) / 8;
}

/**
 * fmc_bound - the largest payload of a surface
 * @surface: the feature map; nothing in it is trusted
 * @params: parameters; nothing in them is trusted
 * @bytes: receives the size
 *
 * Return: 0; -EINVAL for unknown numbers, parameters that the codec does not have,
 * or a zero point that the type cannot hold; and what fmc_surface_check() refuses.
 */
int fmc_bound(const struct fmc_surface *surface, const struct fmc_params *params, u64 *bytes)
{
	struct asc_cbr_params cbr = cbr_params(params);
	u64 elements;
	int ret = check_params(surface, params, &elements);

	if (ret)
		return ret;
	if (params->codec == FMC_CODEC_ASC_CBR) {
		ret = asc_cbr_bound(surface, &cbr, bytes);
		if (ret)
			return ret;
	} else {
		*bytes = elements * value_bytes(surface) + largest_index(surface, params);
	}
	*bytes += prefix_bytes(surface, params);
	return 0;
}

/**
 * fmc_get_order - read the order of the channels from a payload
 * @payload: its first fmc_order_bytes() bytes; may change meanwhile
 * @channels: channels of the surface, at most FMC_REORDER_MAX_CHANNELS
 * @order: receives the order
 * @bitmap: scratch memory of FMC_ORDER_BITMAP_BYTES
 *
 * Return: 0, or -EBADMSG if it is no permutation; the order is then that of memory.
 */
int fmc_get_order(const void *payload, u32 channels, u16 *order, u8 *bitmap)
{
	u32 size = channels > 256 ? 2 : 1, i;
	const u8 *in = payload;

	for (i = 0; i < channels; i++)
		order[i] = fmc_get_value(in + size * i, size * 8);
	if (fmc_order_is_permutation(order, channels, bitmap))
		return 0;
	for (i = 0; i < channels; i++)
		order[i] = i;
	return -EBADMSG;
}

static void put_order(const u16 *order, u32 channels, u8 *out)
{
	u32 size = channels > 256 ? 2 : 1, i;

	memset(out, 0, fmc_order_bytes(channels));
	for (i = 0; i < channels; i++)
		out = fmc_put_value(out, order[i], size * 8);
}

/* --- encoding --------------------------------------------------------------- */

/* Tiles of a part of the surface that has a pace of its own. */
static u32 pace_tiles(const struct fmc_encoder *enc)
{
	return (enc->tiling.count - 1) / FMC_PACE_PARTS + 1;
}

/*
 * Tiles of which one of some is counted.  Once two steps are known, more of the last eighth is,
 * as the fewer are left to make up for an error the smaller it has to be, and all of the last part.
 */
static u32 sampled_tiles(const struct fmc_encoder *enc)
{
	return enc->tiling.count - (enc->steering.pace.fine ? pace_tiles(enc) : 0);
}

static u32 early_tiles(const struct fmc_encoder *enc)
{
	u32 count = sampled_tiles(enc);

	return enc->steering.pace.fine ? count - count / 8 : count;
}

static u32 late_stride(const struct fmc_encoder *enc)
{
	return (enc->steering.stride - 1) / 4 + 1;
}

static u32 samples_of(u32 tiles, u32 stride)
{
	return tiles ? (tiles - 1) / stride + 1 : 0;
}

/* Tiles that are counted, or of which samples are. */
static u32 counted_tiles(const struct fmc_encoder *enc)
{
	const struct fmc_steering *st = &enc->steering;
	u32 sampled = sampled_tiles(enc), early = early_tiles(enc);

	return samples_of(early - st->first, st->stride) +
	       samples_of(sampled - early, late_stride(enc)) + enc->tiling.count - sampled;
}

/* Blocks, tiles or values that a stage goes through. */
static u32 stage_units(const struct fmc_encoder *enc)
{
	if (enc->stage == FMC_STAGE_CODE && enc->params.codec == FMC_CODEC_ASC_CBR)
		return enc->cbr.blocks;
	if (enc->stage == FMC_STAGE_CODE && enc->params.codec == FMC_CODEC_RAW)
		return enc->elements;
	if (enc->stage == FMC_STAGE_CHOOSE)
		return asc_cbr_choose_units(&enc->chooser);
	if (enc->stage == FMC_STAGE_STEER)
		return counted_tiles(enc);
	return enc->tiling.count;
}

/* Where this encoder stops. */
static u32 encode_end(const struct fmc_encoder *enc)
{
	return enc->end ? enc->end : stage_units(enc);
}

static void start_coding(struct fmc_encoder *enc)
{
	struct asc_cbr_params cbr = cbr_params(&enc->params);

	cbr.pool = pool_of(enc->workspace);
	enc->stage = FMC_STAGE_CODE;
	enc->next = 0;
	if (enc->params.codec == FMC_CODEC_ASC_CBR) {
		cbr.kernels = enc->workspace->kernels;
		/* accepted when it began, and resolved since */
		asc_cbr_init(&enc->cbr, &enc->surface, &cbr);
	} else if (has_tiles(enc->params.codec)) {
		enc->bytes = prefix_bytes(&enc->surface, &enc->params) + index_bytes(&enc->tiling);
	}
}

/* Steps are then in 1/ASC_VBR_RATE_UNIT. */
static bool has_fine_steps(const struct fmc_encoder *enc)
{
	return enc->params.effort == ASC_EFFORT_BEST && enc->params.target_bpe;
}

static u32 largest_step(const struct fmc_encoder *enc)
{
	u32 largest = fmc_value_mask(fmc_dtype_bits(enc->surface.dtype));

	return has_fine_steps(enc) ? largest * ASC_VBR_RATE_UNIT : largest;
}

/* The largest one without loss. */
static u32 lossless_step(const struct fmc_encoder *enc)
{
	return has_fine_steps(enc) ? ASC_VBR_RATE_UNIT - 1 : 1;
}

/* The step that keeps an error, of the largest one that the type has. */
static u32 step_for(const struct fmc_surface *surface, u32 max_error)
{
	u32 largest = fmc_value_mask(fmc_dtype_bits(surface->dtype));

	return 2 * max_error + 1 < largest ? 2 * max_error + 1 : largest;
}

/* Bytes of a payload with a rate, given in 1/256 bits per value. */
static u64 payload_limit(const struct fmc_encoder *enc, u32 target_bpe)
{
	return (u64)enc->elements * target_bpe >> 11;
}

/*
 * ASC-VBR of values of 8 bits takes them as bytes if it need not count them first.  They
 * lie where values of 16 bits would.
 */
static bool codes_bytes(const struct fmc_encoder *enc)
{
	return enc->stage == FMC_STAGE_CODE && enc->params.codec == FMC_CODEC_ASC_VBR &&
	       enc->params.effort != ASC_EFFORT_BEST && !enc->steering.share &&
	       value_bytes(&enc->surface) == 1 && enc->workspace->kernels->vbr->bytes;
}

/* The same where they are counted. */
static bool counts_bytes(const struct fmc_encoder *enc)
{
	const struct asc_vbr_byte_kernels *k = enc->workspace->kernels->vbr->bytes;

	return enc->stage == FMC_STAGE_STEER && enc->params.effort != ASC_EFFORT_BEST &&
	       value_bytes(&enc->surface) == 1 && k && k->count;
}

/* Is memory fetched before it is needed? */
static bool fetches_ahead(const struct fmc_encoder *enc)
{
	return enc->stage == FMC_STAGE_CODE && enc->params.codec == FMC_CODEC_ASC_VBR &&
	       enc->params.effort != ASC_EFFORT_BEST;
}

/*
 * Values of a tile in rows, of which each has as many bytes as in memory.  Returns whether they
 * were read.
 */
static bool gather_rows(const struct fmc_encoder *enc, const u8 *src, const struct fmc_box *box,
			const struct fmc_tile *tile)
{
	const struct asc_vbr_kernels *k = enc->workspace->kernels->vbr;
	static const u32 origin[FMC_DIMS];
	struct fmc_rows rows;

	if (enc->params.codec != FMC_CODEC_ASC_VBR || enc->params.effort == ASC_EFFORT_BEST ||
	    !k->get_rows || enc->surface.order ||
	    !fmc_surface_rows(&enc->surface, origin, box, &rows))
		return false;
	k->get_rows(tile, &rows, src, (u8 *)enc->workspace->values);
	return true;
}

/* Values of 8 bits of a tile, as bytes. */
static void gather_bytes(const struct fmc_encoder *enc, const u8 *src, const struct fmc_box *box,
			 const struct fmc_tile *tile)
{
	if (!gather_rows(enc, src, box, tile))
		fmc_surface_gather_bytes(&enc->surface, src, box, (u8 *)enc->workspace->values);
}

/* Values of a tile, as its coder sees them. */
static void gather_box(struct fmc_encoder *enc, const void *src, const struct fmc_box *box,
		       const struct fmc_tile *tile)
{
	enum asc_kind kind = asc_kind_of(enc->surface.dtype);
	u16 *values = enc->workspace->values;
	u32 n, i;

	if (counts_bytes(enc)) {
		gather_bytes(enc, src, box, tile);
		return;
	}
	if (value_bytes(&enc->surface) == 2 && gather_rows(enc, src, box, tile))
		return;
	fmc_surface_gather(&enc->surface, src, box, values);
	if (!enc->params.exponent)
		return;
	n = fmc_tile_values(tile);
	for (i = 0; i < n; i++)
		values[i] = asc_float_to_fixed(kind, enc->params.exponent,
					       asc_float_finite(kind, values[i]));
}

static void gather_tile(struct fmc_encoder *enc, u32 index, const void *src,
			struct fmc_tile *tile)
{
	struct fmc_box box;

	fmc_tiling_get(&enc->tiling, index, tile, &box);
	gather_box(enc, src, &box, tile);
}

/*
 * Values that are counted to find two steps, and with those two, of a surface that has so many;
 * in pieces of tiles that have about so many.
 */
#define LARGE_SURFACE	4194304
#define STEER_VALUES	262144
#define PACE_VALUES	1048576
#define SAMPLE_VALUES	1024

/* Of how many tiles one is counted, for a sample of so many values. */
static u32 sampling_stride(const struct fmc_encoder *enc, u32 values)
{
	const struct fmc_tiling *t = &enc->tiling;
	/* an entropy coder has to learn from all of a tile */
	u32 each = has_fine_steps(enc) ? t->w * t->h * t->c : SAMPLE_VALUES;

	return t->count / (values / each) + 1;
}

/* Begin to look for the step that meets a rate. */
static void start_steering(struct fmc_encoder *enc, bool exact)
{
	memset(&enc->steering, 0, sizeof(enc->steering));
	enc->next = 0;
	enc->limit = 0;
	enc->stage = FMC_STAGE_STEER;
	enc->steering.sampled = !exact && enc->elements >= LARGE_SURFACE;
	enc->steering.stride = enc->steering.sampled ? sampling_stride(enc, STEER_VALUES) : 1;
	enc->steering.budget = (s64)payload_limit(enc, enc->params.target_bpe) -
			       (s64)index_bytes(&enc->tiling) -
			       prefix_bytes(&enc->surface, &enc->params);
	enc->steering.coarse = largest_step(enc);
	enc->steering.step = lossless_step(enc);
}

/* The codec is known.  Returns 0, or why ASC-CBR has no such parameters. */
static int start_choosing(struct fmc_encoder *enc)
{
	struct asc_cbr_params cbr = cbr_params(&enc->params);

	/* selecting has moved it on */
	enc->next = 0;
	if (enc->params.codec == FMC_CODEC_ASC_CBR) {
		enc->stage = FMC_STAGE_CHOOSE;
		cbr.pool = pool_of(enc->workspace);
		cbr.patch = (struct asc_patch_memory *)enc->workspace->scratch;
		cbr.kernels = enc->workspace->kernels;
		cbr.may_guess = !enc->wrong;
		return asc_cbr_choose_init(&enc->chooser, &enc->surface, &cbr);
	}
	if (has_fine_steps(enc))
		enc->params.profile = FMC_PROFILE_POOLED;
	if (has_tiles(enc->params.codec))
		init_tiling(&enc->tiling, &enc->surface, &enc->params);
	if (enc->params.target_bpe) {
		start_steering(enc, false);
		return 0;
	}
	memset(&enc->steering, 0, sizeof(enc->steering));
	enc->steering.coarse = step_for(&enc->surface, enc->params.max_error);
	start_coding(enc);
	return 0;
}

/* The order is known.  Returns as start_choosing(). */
static int start_selecting(struct fmc_encoder *enc)
{
	if (enc->params.codec != FMC_CODEC_AUTO)
		return start_choosing(enc);
	enc->stage = FMC_STAGE_SELECT;
	init_tiling(&enc->tiling, &enc->surface, &enc->params);
	memset(&enc->select, 0, sizeof(enc->select));
	return 0;
}

/**
 * fmc_encode_init - begin to compress a surface
 * @enc: filled in
 * @surface: the feature map; nothing in it is trusted
 * @params: parameters; nothing in them is trusted
 * @workspace: scratch memory, until the end
 *
 * Return: 0; an error of fmc_bound(); -EBADMSG if the order that was given is no
 * permutation.
 */
int fmc_encode_init(struct fmc_encoder *enc, const struct fmc_surface *surface,
		    const struct fmc_params *params, struct fmc_workspace *workspace)
{
	u64 elements, bytes;
	int ret;

	memset(enc, 0, sizeof(*enc));
	/* without an order, choosing begins here and checks what is left to it */
	ret = params->reorder ? fmc_bound(surface, params, &bytes) : 0;
	if (!ret)
		ret = check_params(surface, params, &elements);
	if (ret)
		return ret;
	enc->surface = *surface;
	enc->params = *params;
	enc->workspace = workspace;
	enc->elements = elements;
	if (params->reorder == FMC_REORDER_HEURISTIC || params->reorder == FMC_REORDER_GREEDY) {
		enc->stage = FMC_STAGE_REORDER;
		return fmc_reorder_init(&enc->search, surface, params->reorder, workspace->kernels,
					workspace->scratch, sizeof(workspace->scratch));
	}
	if (params->reorder == FMC_REORDER_GIVEN) {
		if (!fmc_order_is_permutation(workspace->order, surface->dim[FMC_DIM_C],
					      (u8 *)workspace->scratch))
			return -EBADMSG;
		enc->surface.order = workspace->order;
	}
	return start_selecting(enc);
}

static void reorder_step(struct fmc_encoder *enc, const void *src)
{
	u16 *order = enc->workspace->order;

	if (fmc_reorder_step(&enc->search, src))
		return;
	memcpy(order, enc->search.order, enc->surface.dim[FMC_DIM_C] * sizeof(*order));
	enc->surface.order = order;
	start_selecting(enc);
}

/* Tiles that are looked at, spread over the surface. */
#define SELECT_TILES	16

static void select_step(struct fmc_encoder *enc, const void *src)
{
	struct fmc_workspace *ws = enc->workspace;
	struct fmc_tile tile;

	gather_tile(enc, enc->next, src, &tile);
	fmc_select_add(&enc->select, ws->kernels->vbr, &tile,
		       step_for(&enc->surface, enc->params.max_error), ws->values, ws->scratch);
	enc->next += enc->tiling.count / SELECT_TILES + 1;
	if (enc->next < enc->tiling.count)
		return;
	enc->params.codec = fmc_select_codec(&enc->select, enc->params.target_bpe);
	if (enc->params.codec == FMC_CODEC_RAW) {
		enc->params.reorder = FMC_REORDER_NONE;
		enc->surface.order = NULL;
	}
	if (enc->params.codec != FMC_CODEC_ASC_VBR) {
		enc->target_bpe = enc->params.target_bpe;
		enc->limit = payload_limit(enc, enc->target_bpe);
		enc->params.max_error = 0;
		enc->params.target_bpe = 0;
	}
	start_choosing(enc);
}

static int choose_step(struct fmc_encoder *enc, const void *src)
{
	if (asc_cbr_choose_step(&enc->chooser, src))
		return 1;
	if (enc->end)
		return 0;
	enc->open = enc->params;
	enc->guess = enc->chooser.guess;
	enc->params.endpoints = enc->chooser.params.endpoints;
	enc->params.block = enc->chooser.params.block;
	enc->params.profile = enc->chooser.params.profile;
	enc->params.exponent = enc->chooser.params.exponent;
	start_coding(enc);
	return 1;
}

/* With a look at all values. */
static void start_again(struct fmc_encoder *enc)
{
	enc->wrong = true;
	enc->params = enc->open;
	memset(&enc->stats, 0, sizeof(enc->stats));
	start_choosing(enc);
}

static int cbr_encode_step(struct fmc_encoder *enc, const void *src, u8 *payload)
{
	u32 count = STEP_VALUES / enc->cbr.format.values;

	if (count > encode_end(enc) - enc->next)
		count = encode_end(enc) - enc->next;
	if (!asc_cbr_encode_guess(&enc->cbr, &enc->guess, enc->next, count, src,
				  payload + prefix_bytes(&enc->surface, &enc->params),
				  &enc->stats)) {
		enc->wrong = true;
		if (enc->end)
			return 0;
		start_again(enc);
		return 1;
	}
	enc->next += count;
	enc->bytes = prefix_bytes(&enc->surface, &enc->params) + asc_cbr_bytes(&enc->cbr);
	return enc->next < encode_end(enc);
}

/* Does memory hold what a raw payload does, one value behind the other, low byte first? */
static bool is_raw_in_memory(const struct fmc_surface *s)
{
	u32 size = fmc_dtype_bits(s->dtype) / 8, d;
	u64 dense = size;

	if (s->order || (size > 1 && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__))
		return false;
	for (d = FMC_DIMS; d-- > 0; dense *= s->dim[d])
		if (s->dim[d] > 1 && s->stride[d] != dense)
			return false;
	return true;
}

static int raw_encode_step(struct fmc_encoder *enc, const void *src, u8 *payload)
{
	u32 dtype = enc->surface.dtype, bits = fmc_dtype_bits(dtype);
	u16 *values = enc->workspace->values;
	u32 count = STEP_VALUES, i;

	if (count > encode_end(enc) - enc->next)
		count = encode_end(enc) - enc->next;
	payload += enc->bytes;
	if (is_raw_in_memory(&enc->surface)) {
		memcpy(payload, (const u8 *)src + (u64)enc->next * (bits / 8), count * (bits / 8));
	} else {
		fmc_surface_gather_run(&enc->surface, src, enc->next, count, count, values);
		for (i = 0; i < count; i++)
			payload = fmc_put_value(payload, fmc_from_ordered(dtype, values[i]), bits);
	}
	enc->next += count;
	enc->bytes += count * (bits / 8);
	return enc->next < encode_end(enc);
}

/*
 * Floats that are no finite number have a tile coded without loss, which keeps them; so
 * they never come from finite ones, either.
 */
static bool all_finite(const struct fmc_encoder *enc, const struct fmc_tile *tile,
		       const u16 *values)
{
	u32 n = fmc_tile_values(tile), i;

	if (!fmc_dtype_is_float(enc->surface.dtype) || enc->params.exponent)
		return true;
	for (i = 0; i < n; i++) {
		if (!fmc_number_is_finite(enc->surface.dtype, values[i]))
			return false;
	}
	return true;
}

/* Returns 0 if it does not fit. */
static u32 vbr_encode_finely(struct fmc_encoder *enc, const struct fmc_tile *tile, u32 step,
			     u32 capacity)
{
	struct fmc_workspace *ws = enc->workspace;

	if (!all_finite(enc, tile, ws->values))
		step = lossless_step(enc);
	return asc_vbr_rate_encode(ws->kernels->vbr, tile, step, ws->values, ws->coded, capacity,
				   ws->decoded, ws->scratch);
}

/* Returns the bytes of a tile, never more than it has as it is. */
static u32 vbr_tile_bytes(struct fmc_encoder *enc, const struct fmc_tile *tile, u32 step)
{
	struct fmc_workspace *ws = enc->workspace;
	u32 raw = fmc_tile_raw_bytes(tile), bytes;

	if (has_fine_steps(enc)) {
		bytes = vbr_encode_finely(enc, tile, step, raw - 1);
		return bytes ? bytes : raw;
	}
	if (counts_bytes(enc))
		return asc_vbr_min(raw, asc_vbr_bytes_size(ws->kernels->vbr, tile, step,
							   (const u8 *)ws->values, ws->scratch));
	if (!all_finite(enc, tile, ws->values))
		step = 1;
	bytes = asc_vbr_tile_bytes(ws->kernels->vbr, tile, step, ws->values, ws->scratch);
	if (bytes > raw)
		bytes = raw;
	if (enc->params.effort == ASC_EFFORT_BEST) {
		u32 better = asc_vbr_entropy_encode(ws->kernels->vbr, tile, step,
						    ws->values, ws->coded, bytes,
						    ws->decoded, ws->scratch);

		bytes = better ? better : bytes;
	}
	return bytes;
}

/* Values of the tiles that are counted, or that samples stand for; of about one size. */
static u32 counted_values(const struct fmc_encoder *enc)
{
	u32 count = enc->tiling.count;

	return fmc_div_u64((u64)enc->elements * (count - enc->steering.first), count);
}

/* Bits that a step twice as large saves: about one of each value, if nothing else is known. */
static u32 saved_bits(const struct fmc_encoder *enc)
{
	return enc->steering.doubling ? enc->steering.doubling : counted_values(enc);
}

/* A step that meets the rate, from one that takes too much. */
static u32 guess_step(const struct fmc_encoder *enc)
{
	const struct fmc_steering *st = &enc->steering;
	u64 bits = (u64)(st->fine_bytes - st->budget) << 3;
	u32 saved = saved_bits(enc);
	u64 step = st->fine;

	for (; bits >= saved && step < st->coarse; bits -= saved)
		step *= 2;
	step += fmc_div_u64(step * bits, saved);
	/* a little more, so that the place is soon between two steps that were counted */
	return step + step / 16 < st->coarse ? step + step / 16 : st->coarse;
}

/* The same from a step that takes too little, if none is known that takes too much. */
static u32 guess_finer_step(const struct fmc_encoder *enc)
{
	const struct fmc_steering *st = &enc->steering;
	u64 bits = (u64)(st->budget - st->coarse_bytes) << 3;
	u32 saved = saved_bits(enc);
	u64 step = st->coarse;

	if (st->tries > 6)
		bits = saved;
	for (; bits >= saved && step > lossless_step(enc); bits -= saved)
		step /= 2;
	step -= fmc_div_u64(step * bits, saved) / 2;
	step -= step / 16;
	return step > lossless_step(enc) ? step : lossless_step(enc);
}

/* Logarithm to the base of 2, in 1/256; a straight line between powers. */
static u32 log2_of(u32 x)
{
	u32 power = 0;

	while (x >> power > 1)
		power++;
	return (power << 8) + (u32)(((u64)x << 8 >> power) & 0xff);
}

/* Two steps have been counted: what does one save that is twice as large? */
static void learn_saving(struct fmc_steering *st)
{
	s64 more, less;
	u32 doublings;

	if (st->fine) {
		doublings = log2_of(st->step) - log2_of(st->fine);
		more = st->fine_bytes;
		less = st->bytes;
	} else if (st->coarse_bytes) {
		doublings = log2_of(st->coarse) - log2_of(st->step);
		more = st->bytes;
		less = st->coarse_bytes;
	} else {
		return;
	}
	if (doublings && more > less)
		st->doubling = fmc_div_u64((u64)(more - less) << 11, doublings);
}

/* With what is known of savings; if that does not lead anywhere, without. */
static u32 guess_again(const struct fmc_encoder *enc)
{
	const struct fmc_steering *st = &enc->steering;
	u32 step = guess_step(enc);

	if (st->coarse_bytes && (step >= st->coarse || st->tries > 6))
		return st->fine + (st->coarse - st->fine) / 2;
	return st->tries > 6 ? asc_vbr_min(2 * st->fine, st->coarse) : step;
}

/*
 * A step between the two bounds: guessed as long as one of them is far away, then
 * interpolated, and every other time the middle, so that it ends.
 */
static u32 next_step(const struct fmc_encoder *enc)
{
	const struct fmc_steering *st = &enc->steering;
	u32 width = st->coarse - st->fine, part = width / 2, step;

	if (!st->fine)
		step = guess_finer_step(enc);
	else if (st->doubling && (!st->coarse_bytes || st->coarse > 2 * st->fine))
		step = guess_again(enc);
	else if (!st->coarse_bytes || st->coarse > 2 * st->fine)
		step = st->tries % 4 < 3 ? guess_step(enc) : st->fine + part;
	else if (st->tries % 2)
		step = st->fine + part;
	else
		step = st->fine + fmc_div_u64((u64)width * (st->fine_bytes - st->budget),
					      st->fine_bytes - st->coarse_bytes);
	if (step <= st->fine)
		return st->fine + 1;
	return step < st->coarse ? step : st->coarse - 1;
}

/*
 * Tiles of both steps together meet the rate, and are of about one quality; or those of
 * one leave next to nothing of it, are without loss, or the largest there is.  Steps that have been
 * found with a sample change as tiles are coded, and of the last tiles there are few.
 */
static bool is_close(const struct fmc_encoder *enc)
{
	const struct fmc_steering *st = &enc->steering;

	if (st->coarse <= lossless_step(enc) || st->coarse_bytes > st->budget)
		return true;
	if (st->sampled)
		return st->coarse_bytes && st->coarse - st->fine <= 1 + st->fine / 8;
	return st->coarse - st->fine <= 1 + st->coarse / (st->first ? 16 : 64) ||
	       (st->coarse_bytes && st->coarse_bytes <= st->budget &&
		st->budget - st->coarse_bytes <= st->budget >> (st->first ? 6 : 8));
}

/*
 * A step has been found with a sample from which the right one is not far, if what larger ones
 * save is known.  Where steps are small their sizes are on no curve.
 */
static bool is_near(const struct fmc_steering *st)
{
	s64 distance = st->bytes - st->budget;

	return st->doubling && st->step >= 16 &&
	       (distance < 0 ? -distance : distance) <= st->budget >> 5;
}

/* Take that one, and another that is a little smaller, for those between which steps are. */
static void surround(struct fmc_encoder *enc)
{
	struct fmc_steering *st = &enc->steering;

	st->coarse = st->step;
	st->fine = st->step - st->step / 8;
	if (st->fine < lossless_step(enc))
		st->fine = lossless_step(enc);
}

/* Two steps have been found: count what parts of the surface take, by a larger sample. */
static void start_pace(struct fmc_encoder *enc)
{
	struct fmc_steering *st = &enc->steering;
	struct fmc_pace *pace = &st->pace;

	pace->fine = st->fine;
	pace->coarse = st->coarse;
	pace->least = lossless_step(enc);
	pace->largest = largest_step(enc);
	st->stride = sampling_stride(enc, PACE_VALUES);
	st->bytes = 0;
}

/* A sample promises that a payload will not be too large. */
static void trust_sample(struct fmc_encoder *enc)
{
	struct fmc_steering *st = &enc->steering;

	if (st->pace.fine) {
		fmc_pace_begin(&st->pace, enc->tiling.count, pace_tiles(enc));
		st->paced = true;
	}
	enc->limit = payload_limit(enc, enc->params.target_bpe);
	start_coding(enc);
}

/* Go on where tiles had a step each. */
static void code_tail(struct fmc_encoder *enc)
{
	enc->stage = FMC_STAGE_CODE;
	enc->next = enc->steering.first;
}

/* All tiles have been counted with a step. */
static void steer_by_count(struct fmc_encoder *enc)
{
	struct fmc_steering *st = &enc->steering;
	/* without loss only if the sample is likely to be right */
	bool unsure = st->sampled && st->step == lossless_step(enc);
	s64 budget = unsure ? st->budget - (st->budget >> 4) : st->budget;

	enc->next = 0;
	if (st->pace.fine) {
		trust_sample(enc);
		return;
	}
	if (st->sampled || st->first)
		learn_saving(st);
	if (st->sampled && is_near(st)) {
		surround(enc);
		start_pace(enc);
		return;
	}
	if (st->bytes > budget && st->step < st->coarse) {
		st->fine = st->step;
		st->fine_bytes = st->bytes;
	} else {
		st->coarse = st->step;
		st->coarse_bytes = st->bytes;
	}
	st->tries++;
	st->bytes = 0;
	if (st->fine && fmc_dtype_is_float(enc->surface.dtype) && !enc->params.exponent) {
		/* not without loss, then by values and not by patterns */
		enc->stage = FMC_STAGE_MEASURE;
		return;
	}
	if (st->coarse_bytes && is_close(enc) && st->sampled) {
		if (st->fine && st->coarse_bytes <= st->budget)
			start_pace(enc);
		else
			trust_sample(enc);
		return;
	}
	if (st->coarse_bytes && is_close(enc)) {
		s64 spare = st->budget - st->coarse_bytes;

		if (st->fine && spare > 0)
			st->share = fmc_div_u64((u64)spare << 16,
						st->fine_bytes - st->coarse_bytes);
		st->coarse_left = st->coarse_bytes;
		if (st->first)
			code_tail(enc);
		else
			start_coding(enc);
		return;
	}
	st->step = is_close(enc) ? st->coarse : next_step(enc);
}

/* All values have been looked at. */
static void end_measuring(struct fmc_encoder *enc)
{
	enum asc_kind kind = asc_kind_of(enc->surface.dtype);

	enc->params.exponent = enc->largest;
	enc->stats.error_exponent = (s32)enc->largest - (s32)asc_exponent_bias(kind) -
				    (ASC_FIXED_BITS - 1);
	start_choosing(enc);
}

/* Returns whether there is more to do in this stage. */
static int measure_step(struct fmc_encoder *enc, const void *src)
{
	enum asc_kind kind = asc_kind_of(enc->surface.dtype);
	const u16 *values = enc->workspace->values;
	struct fmc_tile tile;
	u32 n, i;

	gather_tile(enc, enc->next, src, &tile);
	n = fmc_tile_values(&tile);
	for (i = 0; i < n; i++) {
		u32 exponent = asc_float_exponent(kind, asc_float_finite(kind, values[i]));

		if (exponent > enc->largest)
			enc->largest = exponent;
	}
	return ++enc->next < encode_end(enc);
}

/**
 * struct sample - a piece of a tile, which stands for some tiles
 * @first: the first of these
 * @tiles: how many
 * @tile: what is counted
 * @box: likewise
 * @values: those that the whole tile has
 */
struct sample {
	u32 first, tiles;
	struct fmc_tile tile;
	struct fmc_box box;
	u32 values;
};

/* The lesser of what there is, and of as many units as have @values, or a little more. */
static u32 units_for(u32 values, u32 unit, u32 units)
{
	return asc_vbr_min((values - 1) / unit + 1, units);
}

/*
 * One of @count, evenly spread over them whatever indices are looked at: the fraction of a multiple
 * of @ratio, in 1/2^32.  Two of them that are spread evenly over pairs are those of the root of
 * x^3 = x + 1, and its square.
 */
static u32 nth_of(u32 index, u32 ratio, u32 count)
{
	return (u64)(index * ratio) * count >> 32;
}

/* Where @size of @extent begin; the first, the last, and those between are as likely. */
static u32 place_of(u32 size, u32 extent, u32 piece, u32 pieces)
{
	return pieces > 1 ? (extent - size) * piece / (pieces - 1) : 0;
}

/* Some rows of a channel, or some channels. */
static void cut_sample(struct sample *s, u32 index)
{
	struct fmc_tile *tile = &s->tile;
	u32 rows = units_for(SAMPLE_VALUES, tile->w, tile->h);
	u32 channels = units_for(SAMPLE_VALUES, tile->w * rows, tile->c);
	u32 down = (tile->h - 1) / rows + 1, deep = (tile->c - 1) / channels + 1;
	u32 piece = nth_of(index, 2447445414, down * deep);

	s->box.at[FMC_DIM_H] += place_of(rows, tile->h, piece % down, down);
	s->box.at[FMC_DIM_C] += place_of(channels, tile->c, piece / down, deep);
	s->box.c = channels;
	s->box.h = rows;
	tile->c = channels;
	tile->h = rows;
}

/* Which tiles a sample stands for. */
static void find_sampled(const struct fmc_encoder *enc, u32 index, struct sample *s)
{
	u32 sampled = sampled_tiles(enc), end = early_tiles(enc), stride = enc->steering.stride;
	u32 before = samples_of(end, stride);

	s->first = index * stride;
	if (index >= before) {
		stride = late_stride(enc);
		s->first = end + (index - before) * stride;
		before += samples_of(sampled - end, stride);
		end = sampled;
	}
	s->tiles = asc_vbr_min(end - s->first, stride);
	if (index >= before) {
		s->first = sampled + index - before;
		s->tiles = 1;
	}
}

/* The tile is any of them, as a map may repeat after some tiles. */
static void find_sample(const struct fmc_encoder *enc, u32 index, struct sample *s)
{
	find_sampled(enc, index, s);
	fmc_tiling_get(&enc->tiling, s->first + nth_of(index, 3242174889, s->tiles), &s->tile,
		       &s->box);
	s->values = fmc_tile_values(&s->tile);
	/* an entropy coder has to learn from all of a tile */
	if (!has_fine_steps(enc) && s->first < sampled_tiles(enc))
		cut_sample(s, index);
}

/* Where the rows of a box are, but for channels out of order. */
static void look_at_rows(const struct fmc_surface *s, unsigned long start,
			 const struct fmc_box *box, struct asc_vbr_ahead *ahead)
{
	u32 i;

	for (i = 0; i < FMC_DIMS; i++)
		start += box->at[i] * s->stride[i];
	ahead->at = start;
	ahead->row = s->stride[FMC_DIM_H];
	ahead->plane = s->stride[FMC_DIM_C] - (box->h - 1) * s->stride[FMC_DIM_H];
	ahead->height = box->h;
	ahead->left = box->h;
}

/* A sample that will be counted, which nothing has been near of yet. */
static void fetch_sample(const struct fmc_encoder *enc, const u8 *src, u32 index)
{
	struct asc_vbr_ahead ahead;
	struct sample sample;
	u32 i;

	if (index >= counted_tiles(enc))
		return;
	find_sample(enc, index, &sample);
	look_at_rows(&enc->surface, (unsigned long)src, &sample.box, &ahead);
	for (i = 0; i < sample.tile.h * sample.tile.c; i++) {
		__builtin_prefetch((const void *)ahead.at);
		asc_vbr_skip_row(&ahead);
	}
}

/* About what all take that a sample stands for. */
static u32 sample_bytes(struct fmc_encoder *enc, const struct sample *s, u32 step)
{
	u32 bytes = vbr_tile_bytes(enc, &s->tile, step);
	/* a step, an origin and what fills up bytes count once */
	u32 head = s->tile.bits / 4 + 1;

	if (bytes > head)
		bytes = head + (bytes - head) * s->values / fmc_tile_values(&s->tile);
	return s->tiles * bytes;
}

static void add_to_part(struct fmc_encoder *enc, const struct sample *s)
{
	struct fmc_pace *pace = &enc->steering.pace;
	u32 part = s->first / pace_tiles(enc), bytes = sample_bytes(enc, s, pace->coarse);

	pace->parts[part] += bytes;
	pace->saved[part] += sample_bytes(enc, s, pace->fine) - bytes;
}

/* Returns whether there is more to do in this stage. */
static int steer_step(struct fmc_encoder *enc, const void *src)
{
	struct fmc_steering *st = &enc->steering;
	struct fmc_pace *pace = &st->pace;
	struct sample sample;
	struct fmc_tile tile;

	if (!st->sampled) {
		gather_tile(enc, st->first + enc->next, src, &tile);
		st->bytes += vbr_tile_bytes(enc, &tile, st->step);
		return ++enc->next < encode_end(enc);
	}
	find_sample(enc, enc->next, &sample);
	gather_box(enc, src, &sample.box, &sample.tile);
	fetch_sample(enc, src, enc->next + 1);
	if (pace->fine)
		add_to_part(enc, &sample);
	else
		st->bytes += sample_bytes(enc, &sample, st->step);
	return ++enc->next < encode_end(enc);
}

static void join_errors(const struct asc_vbr_errors *errors, struct asc_cbr_stats *stats)
{
	stats->sum_abs_error += errors->sum_abs;
	stats->sum_sq_error += errors->sum_sq;
	if (errors->max_abs > stats->max_abs_error)
		stats->max_abs_error = errors->max_abs;
}

/* With effort best: blocks, if an entropy coder is not better. */
static u32 vbr_encode_best(struct fmc_encoder *enc, const struct fmc_tile *tile, u32 step,
			   u8 *out, u32 capacity)
{
	struct fmc_workspace *ws = enc->workspace;
	u32 bytes = asc_vbr_tile_encode(ws->kernels->vbr, tile, step, ws->values, out, capacity,
					ws->decoded, ws->scratch);
	u32 better = asc_vbr_entropy_encode(ws->kernels->vbr, tile, step, ws->values, ws->coded,
					    bytes ? bytes : capacity, ws->decoded, ws->scratch);

	if (better)
		memcpy(out, ws->coded, better);
	return better ? better : bytes;
}

/*
 * Returns 0 if it does not fit, or would make something else of finite numbers.  @errors
 * receives what it does to values.
 */
static u32 vbr_encode_with(struct fmc_encoder *enc, const struct fmc_tile *tile, u32 step,
			   u8 *out, u32 capacity, struct asc_vbr_errors *errors)
{
	bool patterns = fmc_dtype_is_float(enc->surface.dtype) && !enc->params.exponent;
	struct fmc_workspace *ws = enc->workspace;
	u32 bytes;

	memset(errors, 0, sizeof(*errors));
	if (has_fine_steps(enc)) {
		bytes = vbr_encode_finely(enc, tile, step, capacity);
		memcpy(out, ws->coded, bytes);
		if (bytes)
			ws->kernels->vbr->add_errors(ws->values, ws->decoded,
						     fmc_tile_values(tile), errors);
		return bytes;
	}
	if (!all_finite(enc, tile, ws->values))
		step = 1;
	if (enc->params.effort == ASC_EFFORT_BEST) {
		bytes = vbr_encode_best(enc, tile, step, out, capacity);
		if (bytes && step > 1)
			ws->kernels->vbr->add_errors(ws->values, ws->decoded,
						     fmc_tile_values(tile), errors);
	} else {
		bytes = asc_vbr_tile_encode_errors(ws->kernels->vbr, tile, step, ws->values, out,
						   capacity,
						   patterns && step > 1 ? ws->decoded : NULL,
						   errors, &enc->ahead, ws->scratch);
	}
	if (bytes && step > 1 && !all_finite(enc, tile, ws->decoded))
		return 0;
	return bytes;
}

/* The step of the next tile; @room becomes less than a tile has if that were too much. */
static u32 paced_step(struct fmc_encoder *enc, u32 used, u32 *room)
{
	struct fmc_steering *st = &enc->steering;
	u32 step = fmc_pace_step(&st->pace, st->budget, used);

	*room = asc_vbr_min(*room, fmc_pace_room(&st->pace, st->budget, used));
	fmc_pace_next(&st->pace);
	return step;
}

/* Returns whether there is one that may fit, where that is not because a tile is stored. */
static bool coarser_step(const struct fmc_encoder *enc, u32 room, u32 capacity, u32 *step)
{
	u32 most = fmc_pace_most(&enc->steering.pace);

	if (room >= capacity || *step >= most)
		return false;
	*step = asc_vbr_min(*step + *step / 4 + 1, most);
	return true;
}

/* Has each tile a step of its own? */
static bool has_pace(const struct fmc_encoder *enc)
{
	return enc->stage == FMC_STAGE_CODE && enc->params.codec == FMC_CODEC_ASC_VBR &&
	       enc->steering.paced;
}

/* Bytes of tiles so far, of those that the budget is for. */
static u64 used_bytes(const struct fmc_encoder *enc)
{
	return enc->bytes - index_bytes(&enc->tiling) -
	       prefix_bytes(&enc->surface, &enc->params) - enc->steering.used;
}

static u32 vbr_encode_tile(struct fmc_encoder *enc, const struct fmc_tile *tile, u8 *out,
			   u32 capacity)
{
	struct fmc_steering *st = &enc->steering;
	s64 used = used_bytes(enc);
	struct asc_vbr_errors errors;
	u32 bytes = 0;

	if (st->paced) {
		u32 room = capacity, step = paced_step(enc, used, &room);

		do {
			bytes = vbr_encode_with(enc, tile, step, out, room, &errors);
		} while (!bytes && coarser_step(enc, room, capacity, &step));
		if (bytes)
			join_errors(&errors, &enc->stats);
		return bytes;
	}
	st->credit += st->share;
	if (st->share && st->credit >= 1u << 16) {
		st->coarse_left -= vbr_tile_bytes(enc, tile, st->coarse);
		bytes = vbr_encode_with(enc, tile, st->fine, out, capacity, &errors);
		if (used + bytes + st->coarse_left > st->budget)
			bytes = 0;
		if (bytes)
			st->credit -= 1u << 16;
		else
			bytes = vbr_encode_with(enc, tile, st->coarse, out, capacity,
						&errors);
	} else {
		bytes = vbr_encode_with(enc, tile, st->coarse, out, capacity, &errors);
		/* as much as vbr_tile_bytes() has counted */
		st->coarse_left -= bytes ? bytes : fmc_tile_raw_bytes(tile);
	}
	if (bytes)
		join_errors(&errors, &enc->stats);
	return bytes;
}

static u32 encode_tile(struct fmc_encoder *enc, const struct fmc_tile *tile, u8 *out,
		       u32 capacity)
{
	struct fmc_workspace *ws = enc->workspace;

	switch (enc->params.codec) {
	case FMC_CODEC_ASC_VBR:
		return vbr_encode_tile(enc, tile, out, capacity);
	case FMC_CODEC_DCAC:
		return dcac_tile_encode(ws->kernels->tiles, tile, ws->values, out, capacity,
					ws->scratch);
	case FMC_CODEC_EBPC:
		return ebpc_tile_encode(ws->kernels->tiles, tile, ws->values, out, capacity,
					ws->scratch);
	default:
		return zvc_tile_encode(ws->kernels->tiles, tile, ws->values, out, capacity);
	}
}

/* A tile that no coder makes smaller is stored as it is; its size tells. */
static u32 encode_or_store(struct fmc_encoder *enc, const struct fmc_tile *tile, u8 *out)
{
	u32 raw = fmc_tile_raw_bytes(tile), n = fmc_tile_values(tile), i;
	u32 bytes = encode_tile(enc, tile, out, raw - 1);

	if (bytes)
		return bytes;
	for (i = 0; i < n; i++)
		out = fmc_put_value(out, enc->workspace->values[i], tile->bits);
	return raw;
}

/*
 * The tile that follows, of which only what is no channel out of order is known, and where this
 * one goes.
 */
static void look_ahead(const struct fmc_encoder *enc, const u8 *src, const u8 *out,
		       struct asc_vbr_ahead *ahead)
{
	u32 next = enc->next + 1 < enc->tiling.count ? enc->next + 1 : enc->next;
	struct fmc_tile tile;
	struct fmc_box box;

	fmc_tiling_get(&enc->tiling, next, &tile, &box);
	look_at_rows(&enc->surface, (unsigned long)src, &box, ahead);
	ahead->out = (unsigned long)out;
}

/* All at once, what comes next and where this tile goes, if its coder has no time of it. */
static void fetch_ahead(struct fmc_encoder *enc, const u8 *src, const struct fmc_tile *tile,
			const u8 *out)
{
	struct asc_vbr_ahead ahead;
	u32 n = fmc_tile_values(tile), i;

	if (!fetches_ahead(enc))
		return;
	look_ahead(enc, src, out, &enc->ahead);
	if (enc->workspace->kernels->vbr->get_rows)
		return;
	ahead = enc->ahead;
	for (i = 0; i < n; i += ASC_VBR_BLOCK)
		asc_vbr_fetch_row(&ahead);
}

/* The same for values in bytes. */
static u32 encode_or_store_bytes(struct fmc_encoder *enc, const struct fmc_tile *tile,
				 const struct asc_vbr_ahead *ahead, u8 *out)
{
	struct fmc_workspace *ws = enc->workspace;
	const u8 *values = (const u8 *)ws->values;
	struct asc_vbr_errors errors = { 0 };
	u32 raw = fmc_tile_raw_bytes(tile), step = enc->steering.coarse, room = raw - 1, bytes;

	if (enc->steering.paced)
		step = paced_step(enc, used_bytes(enc), &room);
	do {
		bytes = asc_vbr_bytes_encode(ws->kernels->vbr, tile, step, values, out, room,
					     &errors, ahead, ws->scratch);
	} while (!bytes && coarser_step(enc, room, raw - 1, &step));
	if (bytes) {
		join_errors(&errors, &enc->stats);
		return bytes;
	}
	memcpy(out, values, raw);
	return raw;
}

static void put_u32(u8 *out, u32 value)
{
	out[0] = value;
	out[1] = value >> 8;
	out[2] = value >> 16;
	out[3] = value >> 24;
}

static u32 get_u32(const u8 *in)
{
	return in[0] | (u32)in[1] << 8 | (u32)in[2] << 16 | (u32)in[3] << 24;
}

/*
 * The sample was too good: not without loss, then, or with steps that all tiles are counted
 * with.  Returns whether that is so.
 */
static int is_over_limit(struct fmc_encoder *enc)
{
	s32 exponent = enc->stats.error_exponent;

	if (!enc->limit || enc->bytes <= enc->limit)
		return 0;
	if (enc->params.codec == FMC_CODEC_ASC_VBR) {
		memset(&enc->stats, 0, sizeof(enc->stats));
		enc->stats.error_exponent = exponent;
		start_steering(enc, true);
		return 1;
	}
	enc->limit = 0;
	enc->params.codec = FMC_CODEC_ASC_VBR;
	enc->params.target_bpe = enc->target_bpe;
	start_choosing(enc);
	return 1;
}

/*
 * What is left is known now: look for the step that uses it up, beginning with the one that was
 * likely to.
 */
static void start_tail(struct fmc_encoder *enc)
{
	struct fmc_steering *st = &enc->steering;
	u32 used = used_bytes(enc), step = fmc_pace_step(&st->pace, st->budget, used);
	s64 left = st->budget - used;

	memset(st, 0, sizeof(*st));
	st->budget = left;
	st->used = used;
	st->first = enc->next;
	st->stride = 1;
	st->coarse = largest_step(enc);
	st->step = step > lossless_step(enc) ? step : lossless_step(enc);
	enc->next = 0;
	enc->stage = FMC_STAGE_STEER;
}

static int tile_encode_step(struct fmc_encoder *enc, const void *src, u8 *payload)
{
	u64 index = prefix_bytes(&enc->surface, &enc->params);
	struct asc_vbr_ahead ahead;
	struct fmc_tile tile;
	struct fmc_box box;

	if (codes_bytes(enc)) {
		fmc_tiling_get(&enc->tiling, enc->next, &tile, &box);
		gather_bytes(enc, src, &box, &tile);
		look_ahead(enc, src, payload + enc->bytes, &ahead);
		enc->bytes += encode_or_store_bytes(enc, &tile, &ahead, payload + enc->bytes);
	} else {
		gather_tile(enc, enc->next, src, &tile);
		fetch_ahead(enc, src, &tile, payload + enc->bytes);
		enc->bytes += encode_or_store(enc, &tile, payload + enc->bytes);
	}
	put_u32(payload + index + (u64)enc->next * INDEX_ENTRY_BYTES,
		enc->bytes - index - index_bytes(&enc->tiling));
	enc->next++;
	if (is_over_limit(enc))
		return 1;
	if (has_pace(enc) && enc->next == enc->steering.pace.end)
		start_tail(enc);
	return enc->next < encode_end(enc);
}

/**
 * fmc_encode_step - compress a little more
 * @enc: from fmc_encode_init()
 * @src: the first value of the surface; may change meanwhile
 * @payload: the first byte of the payload, with room for fmc_bound() bytes
 *
 * Return: 1 if there is more to do; 0 at the end, when @enc->bytes is the size of
 * the payload and @enc->params tells how to decode it.
 */
int fmc_encode_step(struct fmc_encoder *enc, const void *src, void *payload)
{
	if (enc->stage == FMC_STAGE_REORDER) {
		reorder_step(enc, src);
		return 1;
	}
	if (enc->stage == FMC_STAGE_SELECT) {
		select_step(enc, src);
		return 1;
	}
	if (enc->stage == FMC_STAGE_CHOOSE)
		return choose_step(enc, src);
	if (enc->stage == FMC_STAGE_MEASURE) {
		if (!measure_step(enc, src) && !enc->end)
			end_measuring(enc);
		return !enc->end || enc->next < enc->end;
	}
	if (enc->stage == FMC_STAGE_STEER) {
		if (!steer_step(enc, src) && !enc->end)
			steer_by_count(enc);
		return !enc->end || enc->next < enc->end;
	}
	if (!enc->next && enc->params.reorder)
		put_order(enc->surface.order, enc->surface.dim[FMC_DIM_C], payload);
	switch (enc->params.codec) {
	case FMC_CODEC_ASC_CBR:
		return cbr_encode_step(enc, src, payload);
	case FMC_CODEC_RAW:
		return raw_encode_step(enc, src, payload);
	default:
		return tile_encode_step(enc, src, payload);
	}
}

/**
 * fmc_encode_units - how much of what comes next can be done at the same time?
 * @enc: from fmc_encode_init(), fmc_encode_step() or fmc_encode_join()
 *
 * Return: how many blocks, tiles or values may be handed out with fmc_encode_fork(); 0
 * if fmc_encode_step() must go on.
 */
u32 fmc_encode_units(const struct fmc_encoder *enc)
{
	if (enc->next || enc->stage < FMC_STAGE_CHOOSE)
		return 0;
	/* which step a tile has depends on those before it */
	if (enc->stage == FMC_STAGE_CODE && enc->params.codec == FMC_CODEC_ASC_VBR &&
	    (enc->steering.share || enc->steering.paced))
		return 0;
	return stage_units(enc);
}

/* Bytes that tiles take at most. */
static u64 raw_bytes_of_tiles(const struct fmc_tiling *tiling, u32 count)
{
	struct fmc_tile tile;
	struct fmc_box box;
	u64 bytes = 0;
	u32 i;

	for (i = 0; i < count; i++) {
		fmc_tiling_get(tiling, i, &tile, &box);
		bytes += fmc_tile_raw_bytes(&tile);
	}
	return bytes;
}

/**
 * fmc_encode_fork - make an encoder for a part of what comes next
 * @enc: the whole; must stay as it is until fmc_encode_join()
 * @first: the first of fmc_encode_units()
 * @count: how many, at least 1
 * @workspace: scratch memory of this part
 * @part: filled in; fmc_encode_step() is to be called, with the source and the payload
 *	of the whole, until it returns 0, in any thread
 */
void fmc_encode_fork(const struct fmc_encoder *enc, u32 first, u32 count,
		     struct fmc_workspace *workspace, struct fmc_encoder *part)
{
	*part = *enc;
	/* one part may have the workspace of the whole, which others read meanwhile */
	if (workspace != enc->workspace)
		workspace->kernels = enc->workspace->kernels;
	part->workspace = workspace;
	memset(&part->stats, 0, sizeof(part->stats));
	part->limit = 0;
	part->first = first;
	part->next = first;
	part->end = first + count;
	if (enc->stage == FMC_STAGE_CHOOSE) {
		part->chooser.cbr.pool = pool_of(workspace);
		asc_cbr_choose_fork(&part->chooser, first, count);
	}
	if (enc->stage == FMC_STAGE_CODE && enc->params.codec == FMC_CODEC_ASC_CBR)
		part->cbr.pool = pool_of(workspace);
	if (enc->stage != FMC_STAGE_CODE || enc->params.codec == FMC_CODEC_ASC_CBR)
		return;
	if (enc->params.codec == FMC_CODEC_RAW)
		part->bytes += (u64)first * value_bytes(&enc->surface);
	else
		part->bytes += raw_bytes_of_tiles(&enc->tiling, first);
	part->start = part->bytes;
}

static void join_stats(struct asc_cbr_stats *to, const struct asc_cbr_stats *from)
{
	to->linear_blocks += from->linear_blocks;
	to->log_blocks += from->log_blocks;
	to->sum_abs_error += from->sum_abs_error;
	to->sum_sq_error += from->sum_sq_error;
	if (from->max_abs_error > to->max_abs_error)
		to->max_abs_error = from->max_abs_error;
	if (from->error_exponent)
		to->error_exponent = from->error_exponent;
	to->seen += from->seen;
	if (from->greatest > to->greatest)
		to->greatest = from->greatest;
	to->negative |= from->negative;
}

static void join_steering(struct fmc_steering *to, const struct fmc_steering *from)
{
	u32 i;

	to->bytes += from->bytes;
	for (i = 0; i < FMC_PACE_PARTS; i++) {
		to->pace.parts[i] += from->pace.parts[i];
		to->pace.saved[i] += from->pace.saved[i];
	}
}

/* memmove() to a lower address; freestanding code has only memcpy(). */
static void move_down(u8 *to, const u8 *from, u64 bytes)
{
	u64 gap = from - to;

	for (; bytes > gap; bytes -= gap) {
		memcpy(to, from, gap);
		to += gap;
		from += gap;
	}
	memcpy(to, from, bytes);
}

/* Move the tiles of a part to the end of those before them. */
static void join_tiles(struct fmc_encoder *enc, const struct fmc_encoder *part, u8 *payload)
{
	u8 *index = payload + prefix_bytes(&enc->surface, &enc->params);
	u64 gap = part->start - enc->bytes;
	u32 i;

	if (gap)
		move_down(payload + enc->bytes, payload + part->start, part->bytes - part->start);
	for (i = part->first; gap && i < part->end; i++)
		put_u32(index + (u64)i * INDEX_ENTRY_BYTES,
			get_u32(index + (u64)i * INDEX_ENTRY_BYTES) - gap);
	enc->bytes += part->bytes - part->start;
}

/**
 * fmc_encode_join - take over what parts have done
 * @enc: the whole
 * @parts: what fmc_encode_fork() made, in order, together all of fmc_encode_units()
 * @count: how many
 * @payload: as for fmc_encode_step()
 *
 * What comes out is what one encoder would have given, byte for byte.
 *
 * Return: as fmc_encode_step().
 */
int fmc_encode_join(struct fmc_encoder *enc, const struct fmc_encoder *parts, u32 count,
		    void *payload)
{
	bool was_coding = enc->stage == FMC_STAGE_CODE, was_wrong = enc->wrong;
	bool tiles = was_coding && has_tiles(enc->params.codec);
	u32 i;

	for (i = 0; i < count; i++) {
		join_stats(&enc->stats, &parts[i].stats);
		enc->wrong |= parts[i].wrong;
		if (parts[i].largest > enc->largest)
			enc->largest = parts[i].largest;
		if (enc->stage == FMC_STAGE_STEER)
			join_steering(&enc->steering, &parts[i].steering);
		else if (enc->stage == FMC_STAGE_CHOOSE)
			asc_cbr_choose_join(&enc->chooser, &parts[i].chooser);
		else if (tiles)
			join_tiles(enc, &parts[i], payload);
	}
	if (enc->stage == FMC_STAGE_CHOOSE)
		asc_cbr_choose_end(&enc->chooser);
	else if (enc->stage == FMC_STAGE_MEASURE)
		end_measuring(enc);
	else if (enc->stage == FMC_STAGE_STEER)
		steer_by_count(enc);
	if (!was_coding)
		return 1;
	if (enc->wrong && !was_wrong) {
		start_again(enc);
		return 1;
	}
	enc->next = stage_units(enc);
	if (!tiles)
		enc->bytes = parts[count - 1].bytes;
	return is_over_limit(enc);
}

/* --- decoding --------------------------------------------------------------- */

static int get_part(const struct fmc_surface *surface, const struct fmc_part *part,
		    struct fmc_part *out)
{
	u32 i;

	for (i = 0; i < FMC_DIMS; i++) {
		out->at[i] = part ? part->at[i] : 0;
		out->dim[i] = part ? part->dim[i] : surface->dim[i];
		if (!out->dim[i] || out->dim[i] > surface->dim[i] ||
		    out->at[i] > surface->dim[i] - out->dim[i])
			return -EINVAL;
	}
	return 0;
}

static void cut_surface(const struct fmc_surface *surface, const struct fmc_part *part,
			struct fmc_surface *out)
{
	*out = *surface;
	out->order = NULL;
	memcpy(out->dim, part->dim, sizeof(out->dim));
}

/* The strides belong to the part; of the whole only the extents count. */
static int check_extents(const struct fmc_surface *surface)
{
	struct fmc_surface extents = *surface;
	u64 elements, bytes;

	memset(extents.stride, 0, sizeof(extents.stride));
	return fmc_surface_check(&extents, &elements, &bytes);
}

/*
 * What the blocks of ASC-CBR take, of which a decoder must be told all; otherwise returns
 * -EINVAL.
 */
static noinline int cbr_bytes(const struct fmc_surface *whole, const struct fmc_params *params,
			      u64 *bytes)
{
	struct asc_cbr_params resolved = cbr_params(params);
	struct asc_cbr cbr;
	int ret = asc_cbr_init(&cbr, whole, &resolved);

	if (!ret)
		*bytes = asc_cbr_bytes(&cbr);
	return ret;
}

/**
 * fmc_decode_check - can this be decompressed?
 * @surface: extents of the whole surface, and strides of the part in memory;
 *	nothing in it is trusted
 * @params: parameters; nothing in them is trusted
 * @part: what to decompress; NULL for all
 * @payload_bytes: receives how many bytes a payload has at least
 * @part_bytes: receives the bytes from the first to the last value of the part
 *
 * Return: 0; -EINVAL also for parameters that are left open, a part that leaves the
 * surface, or strides that give two values one place; or an error of fmc_bound().
 */
int fmc_decode_check(const struct fmc_surface *surface, const struct fmc_params *params,
		     const struct fmc_part *part, u64 *payload_bytes, u64 *part_bytes)
{
	struct fmc_surface dst, whole = *surface;
	struct fmc_tiling tiling;
	struct fmc_part p;
	u64 elements;
	int ret = check_extents(surface);

	if (!ret)
		ret = get_part(surface, part, &p);
	if (ret)
		return ret;
	cut_surface(surface, &p, &dst);
	ret = fmc_surface_check(&dst, &elements, part_bytes);
	if (ret)
		return ret;
	memset(whole.stride, 0, sizeof(whole.stride));
	ret = check_params(&whole, params, &elements);
	if (ret)
		return ret;
	if (!fmc_surface_is_injective(&dst) || params->codec == FMC_CODEC_AUTO)
		return -EINVAL;
	*payload_bytes = elements * value_bytes(&whole);
	if (params->codec == FMC_CODEC_ASC_CBR)
		ret = cbr_bytes(&whole, params, payload_bytes);
	if (has_tiles(params->codec)) {
		init_tiling(&tiling, &whole, params);
		*payload_bytes = index_bytes(&tiling);
	}
	*payload_bytes += prefix_bytes(&whole, params);
	return ret;
}

/* @size is made a multiple of @unit. */
static u32 whole_units(u32 size, u32 unit)
{
	return size > unit ? size - size % unit : unit;
}

/*
 * Cut a surface without tiles into pieces of about STEP_VALUES values, which hold whole
 * blocks.
 */
static void init_pieces(struct fmc_decoder *dec)
{
	const struct asc_cbr_block *block = &dec->cbr.block;
	struct fmc_tiling *t = &dec->tiling;
	const u32 *dim = dec->whole.dim;

	t->surface = dec->whole;
	t->w = whole_units(dim[FMC_DIM_W] < STEP_VALUES ? dim[FMC_DIM_W] : STEP_VALUES, block->w);
	t->h = whole_units(STEP_VALUES / t->w, block->h ? block->h : 1);
	t->c = whole_units(STEP_VALUES / (t->w * t->h), block->c ? block->c : 1);
	t->across = dim[FMC_DIM_W] / t->w + !!(dim[FMC_DIM_W] % t->w);
	t->down = dim[FMC_DIM_H] / t->h + !!(dim[FMC_DIM_H] % t->h);
	t->deep = dim[FMC_DIM_C] / t->c + !!(dim[FMC_DIM_C] % t->c);
	t->count = dim[FMC_DIM_N] * t->deep * t->down * t->across;
}

/* Which tiles meet the part, in each dimension. */
static void find_tiles(struct fmc_decoder *dec)
{
	const struct fmc_tiling *t = &dec->tiling;
	const u32 size[FMC_DIMS] = { 1, t->c, t->h, t->w };
	u32 i;

	for (i = 0; i < FMC_DIMS; i++) {
		dec->first[i] = dec->part.at[i] / size[i];
		dec->tiles[i] = (dec->part.at[i] + dec->part.dim[i] - 1) / size[i] -
				dec->first[i] + 1;
	}
	if (dec->params.reorder) {
		/* a channel of the part may be anywhere */
		dec->first[FMC_DIM_C] = 0;
		dec->tiles[FMC_DIM_C] = t->deep;
	}
	dec->count = dec->tiles[FMC_DIM_N] * dec->tiles[FMC_DIM_C] * dec->tiles[FMC_DIM_H] *
		     dec->tiles[FMC_DIM_W];
}

/**
 * fmc_decode_init - begin to decompress a surface, or a part of it
 * @dec: filled in
 * @surface: as for fmc_decode_check()
 * @params: as for fmc_decode_check()
 * @part: as for fmc_decode_check()
 * @payload_bytes: size of the payload
 * @workspace: scratch memory, until the end
 *
 * Return: 0, or an error of fmc_decode_check(); -EINVAL also for a payload that is
 * too short.
 */
int fmc_decode_init(struct fmc_decoder *dec, const struct fmc_surface *surface,
		    const struct fmc_params *params, const struct fmc_part *part,
		    u64 payload_bytes, struct fmc_workspace *workspace)
{
	struct asc_cbr_params cbr = cbr_params(params);
	u64 least, extent;
	int ret;

	memset(dec, 0, sizeof(*dec));
	ret = fmc_decode_check(surface, params, part, &least, &extent);
	if (ret)
		return ret;
	if (payload_bytes < least)
		return -EINVAL;
	get_part(surface, part, &dec->part);
	cut_surface(surface, &dec->part, &dec->dst);
	dec->whole = *surface;
	memset(dec->whole.stride, 0, sizeof(dec->whole.stride));
	dec->whole.order = NULL;
	dec->params = *params;
	dec->workspace = workspace;
	dec->payload_bytes = payload_bytes;
	/* a part has no more values than the whole */
	dec->elements = dec->part.dim[FMC_DIM_N] * dec->part.dim[FMC_DIM_C] *
			dec->part.dim[FMC_DIM_H] * dec->part.dim[FMC_DIM_W];
	dec->is_whole = !memcmp(dec->part.dim, surface->dim, sizeof(dec->part.dim));
	if (params->codec == FMC_CODEC_ASC_CBR) {
		cbr.pool = pool_of(workspace);
		cbr.kernels = workspace->kernels;
		ret = asc_cbr_init(&dec->cbr, dec->is_whole ? &dec->dst : &dec->whole, &cbr);
		if (ret)
			return ret;
		init_pieces(dec);
		find_tiles(dec);
	}
	if (has_tiles(params->codec)) {
		init_tiling(&dec->tiling, &dec->whole, params);
		find_tiles(dec);
	}
	return 0;
}

/* The first step of a decoder whose payload begins with an order. */
static void read_order(struct fmc_decoder *dec, const u8 *payload)
{
	u32 channels = dec->whole.dim[FMC_DIM_C];
	struct fmc_workspace *ws = dec->workspace;

	if (fmc_get_order(payload, channels, ws->order, (u8 *)ws->scratch))
		dec->error = -EBADMSG;
	dec->whole.order = ws->order;
	dec->cbr.surface.order = ws->order;
	/* every part reads it, but it is counted once */
	if (!dec->next)
		dec->bytes_read += fmc_order_bytes(channels);
}

static u32 decode_units(const struct fmc_decoder *dec)
{
	if (dec->params.codec == FMC_CODEC_ASC_CBR && dec->is_whole)
		return dec->cbr.blocks;
	return dec->params.codec == FMC_CODEC_RAW ? dec->elements : dec->count;
}

/* Where this decoder stops. */
static u32 decode_end(const struct fmc_decoder *dec)
{
	return dec->end ? dec->end : decode_units(dec);
}

/* Index of a tile that meets the part. */
static u32 nth_tile(const struct fmc_decoder *dec, u32 i)
{
	const struct fmc_tiling *t = &dec->tiling;
	u32 x, y, z;

	x = dec->first[FMC_DIM_W] + i % dec->tiles[FMC_DIM_W];
	i /= dec->tiles[FMC_DIM_W];
	y = dec->first[FMC_DIM_H] + i % dec->tiles[FMC_DIM_H];
	i /= dec->tiles[FMC_DIM_H];
	z = dec->first[FMC_DIM_C] + i % dec->tiles[FMC_DIM_C];
	i /= dec->tiles[FMC_DIM_C];
	return (((dec->first[FMC_DIM_N] + i) * t->deep + z) * t->down + y) * t->across + x;
}

/* All of the surface, in the order of the blocks. */
static int cbr_decode_whole_step(struct fmc_decoder *dec, const u8 *payload, void *dst)
{
	u32 count = STEP_VALUES / dec->cbr.format.values;

	if (count > decode_end(dec) - dec->next)
		count = decode_end(dec) - dec->next;
	asc_cbr_decode(&dec->cbr, dec->next, count, payload, dst);
	dec->next += count;
	dec->bytes_read += (u64)count * asc_block_bytes(&dec->cbr.format);
	return dec->next < decode_end(dec);
}

/* What a box shares with the part, of as many channels as @c says. */
static void cbr_decode_box(struct fmc_decoder *dec, const struct fmc_box *box, u32 place,
			   u32 channel, u32 c, const u8 *payload, u8 *dst)
{
	const u32 size[FMC_DIMS] = { 1, c, box->h, box->w };
	struct fmc_surface to = dec->dst;
	u32 at[FMC_DIMS], i;

	for (i = 0; i < FMC_DIMS; i++) {
		u32 from = i == FMC_DIM_C ? channel : box->at[i], end = from + size[i];

		at[i] = from > dec->part.at[i] ? from : dec->part.at[i];
		if (end > dec->part.at[i] + dec->part.dim[i])
			end = dec->part.at[i] + dec->part.dim[i];
		if (end <= at[i])
			return;
		to.dim[i] = end - at[i];
		dst += (at[i] - dec->part.at[i]) * dec->dst.stride[i];
	}
	at[FMC_DIM_C] += place - channel;
	asc_cbr_decode_box(&dec->cbr, payload, at, &to, dst, &dec->bytes_read);
}

static int cbr_decode_step(struct fmc_decoder *dec, const u8 *payload, void *dst)
{
	struct fmc_tile tile;
	struct fmc_box box;
	u32 c;

	if (dec->is_whole)
		return cbr_decode_whole_step(dec, payload, dst);
	fmc_tiling_get(&dec->tiling, nth_tile(dec, dec->next), &tile, &box);
	if (!dec->whole.order) {
		cbr_decode_box(dec, &box, box.at[FMC_DIM_C], box.at[FMC_DIM_C], box.c, payload,
			       dst);
		return ++dec->next < decode_end(dec);
	}
	for (c = box.at[FMC_DIM_C]; c < box.at[FMC_DIM_C] + box.c; c++)
		cbr_decode_box(dec, &box, c, dec->whole.order[c], 1, payload, dst);
	return ++dec->next < decode_end(dec);
}

/* A piece of a row of the part. */
static void raw_decode_piece(struct fmc_decoder *dec, struct fmc_box *box, const u8 *payload,
			     void *dst)
{
	const u32 *dim = dec->whole.dim;
	u32 dtype = dec->whole.dtype, size = fmc_dtype_bits(dtype) / 8, i;
	u16 *values = dec->workspace->values;
	u32 first = ((box->at[FMC_DIM_N] * dim[FMC_DIM_C] + box->at[FMC_DIM_C]) * dim[FMC_DIM_H] +
		     box->at[FMC_DIM_H]) * dim[FMC_DIM_W] + box->at[FMC_DIM_W];

	payload += (u64)first * size;
	for (i = 0; i < box->w; i++)
		values[i] = fmc_to_ordered(dtype, fmc_get_value(payload + i * size, size * 8));
	fmc_surface_scatter_part(&dec->dst, dst, dec->part.at, box, NULL, values);
	dec->bytes_read += (u64)box->w * size;
}

static int raw_decode_step(struct fmc_decoder *dec, const u8 *payload, void *dst)
{
	const struct fmc_part *part = &dec->part;
	struct fmc_box box = { .h = 1, .c = 1 };
	u32 done, left;

	if (dec->is_whole && is_raw_in_memory(&dec->dst)) {
		u32 size = fmc_dtype_bits(dec->dst.dtype) / 8;
		u64 at = (u64)dec->next * size;

		left = decode_end(dec) - dec->next;
		done = left < STEP_VALUES ? left : STEP_VALUES;
		memcpy((u8 *)dst + at, payload + at, done * size);
		dec->bytes_read += (u64)done * size;
		dec->next += done;
		return dec->next < decode_end(dec);
	}
	for (done = 0; done < STEP_VALUES && dec->next < decode_end(dec); done += box.w) {
		u32 i = dec->next;

		left = part->dim[FMC_DIM_W] - i % part->dim[FMC_DIM_W];
		box.w = left < STEP_VALUES ? left : STEP_VALUES;
		if (box.w > decode_end(dec) - i)
			box.w = decode_end(dec) - i;
		box.at[FMC_DIM_W] = part->at[FMC_DIM_W] + i % part->dim[FMC_DIM_W];
		i /= part->dim[FMC_DIM_W];
		box.at[FMC_DIM_H] = part->at[FMC_DIM_H] + i % part->dim[FMC_DIM_H];
		i /= part->dim[FMC_DIM_H];
		box.at[FMC_DIM_C] = part->at[FMC_DIM_C] + i % part->dim[FMC_DIM_C];
		i /= part->dim[FMC_DIM_C];
		box.at[FMC_DIM_N] = part->at[FMC_DIM_N] + i;
		raw_decode_piece(dec, &box, payload, dst);
		dec->next += box.w;
	}
	return dec->next < decode_end(dec);
}

/* Without an order every tile does that is looked at. */
static bool meets_part(const struct fmc_decoder *dec, const struct fmc_box *box)
{
	const u16 *order = dec->whole.order;
	u32 c, first = dec->part.at[FMC_DIM_C];

	if (!order)
		return true;
	for (c = box->at[FMC_DIM_C]; c < box->at[FMC_DIM_C] + box->c; c++) {
		if (order[c] >= first && order[c] - first < dec->part.dim[FMC_DIM_C])
			return true;
	}
	return false;
}

static int decode_values(struct fmc_decoder *dec, const struct fmc_tile *tile, const u8 *in,
			 u32 bytes)
{
	struct fmc_workspace *ws = dec->workspace;
	u32 n = fmc_tile_values(tile), i;

	if (bytes == fmc_tile_raw_bytes(tile)) {
		for (i = 0; i < n; i++)
			ws->values[i] = fmc_get_value(in + i * (tile->bits / 8), tile->bits);
		return 0;
	}
	switch (dec->params.codec) {
	case FMC_CODEC_ASC_VBR:
		return asc_vbr_tile_decode(ws->kernels->vbr, tile, in, bytes, ws->values,
					   ws->scratch);
	case FMC_CODEC_DCAC:
		return dcac_tile_decode(ws->kernels->tiles, tile, in, bytes, ws->values,
					ws->scratch);
	case FMC_CODEC_EBPC:
		return ebpc_tile_decode(ws->kernels->tiles, tile, in, bytes, ws->values,
					ws->scratch);
	default:
		return zvc_tile_decode(ws->kernels->tiles, tile, in, bytes, ws->values);
	}
}

static void from_fixed(struct fmc_decoder *dec, const struct fmc_tile *tile)
{
	enum asc_kind kind = asc_kind_of(dec->whole.dtype);
	u32 n = fmc_tile_values(tile), i;
	u16 *values = dec->workspace->values;

	for (i = 0; i < n; i++)
		values[i] = asc_float_from_fixed(kind, dec->params.exponent, values[i]);
}

static void clear_values(const struct fmc_tile *tile, u16 *values)
{
	u32 n = fmc_tile_values(tile), i;

	for (i = 0; i < n; i++)
		values[i] = tile->zero;
}

/*
 * ASC-VBR gives values of 8 bits as bytes, which lie where values of 16 bits would.
 * Returns whether it has done so, and written them.
 */
static bool decode_bytes(struct fmc_decoder *dec, const struct fmc_tile *tile,
			 const struct fmc_box *box, const u8 *in, u32 bytes, void *dst)
{
	struct fmc_workspace *ws = dec->workspace;
	const struct asc_vbr_kernels *k = ws->kernels->vbr;
	u8 *values = (u8 *)ws->values;
	int ret;

	if (dec->params.codec != FMC_CODEC_ASC_VBR || tile->bits != 8 || !k->bytes ||
	    !k->bytes->decode || bytes == fmc_tile_raw_bytes(tile))
		return false;
	ret = asc_vbr_bytes_decode(k, tile, in, bytes, values, ws->scratch);
	if (ret > 0)
		return false;
	if (ret)
		dec->error = -EBADMSG;
	fmc_surface_scatter_part_bytes(&dec->dst, dst, dec->part.at, box, dec->whole.order,
				       values);
	return true;
}

/* The rows of the tile that follows, of which only what is no channel out of order is known. */
static void look_ahead_to_write(const struct fmc_decoder *dec, const u8 *dst,
				struct asc_vbr_ahead *ahead)
{
	const struct fmc_surface *s = &dec->dst;
	u32 next = dec->next < decode_end(dec) ? dec->next : dec->next - 1, i;
	unsigned long start = (unsigned long)dst;
	struct fmc_tile tile;
	struct fmc_box box;

	fmc_tiling_get(&dec->tiling, nth_tile(dec, next), &tile, &box);
	for (i = 0; i < FMC_DIMS; i++)
		start -= dec->part.at[i] * s->stride[i];
	look_at_rows(s, start, &box, ahead);
}

/* ASC-VBR writes integers to where they belong.  Returns whether it has done so. */
static bool decode_rows(struct fmc_decoder *dec, const struct fmc_coded_tile *coded,
			const struct fmc_box *box, void *dst)
{
	struct fmc_workspace *ws = dec->workspace;
	struct asc_vbr_ahead ahead;
	struct fmc_rows rows;

	if (dec->params.codec != FMC_CODEC_ASC_VBR || !ws->kernels->vbr->put_rows ||
	    dec->whole.order || coded->bytes == fmc_tile_raw_bytes(&coded->tile) ||
	    !fmc_surface_rows(&dec->dst, dec->part.at, box, &rows))
		return false;
	look_ahead_to_write(dec, dst, &ahead);
	return asc_vbr_rows_decode(ws->kernels->vbr, &coded->tile, coded->in, coded->bytes,
				   &rows, dst, &ahead, ws->scratch);
}

/*
 * The next tile, if it meets the part.  Its bytes are none, and nowhere, where the index makes
 * no sense.
 */
static bool next_tile(struct fmc_decoder *dec, const u8 *payload, struct fmc_coded_tile *coded,
		      struct fmc_box *box)
{
	u32 index = nth_tile(dec, dec->next++), start = 0, end;
	u64 data = index_bytes(&dec->tiling);
	u64 bytes = dec->payload_bytes - prefix_bytes(&dec->whole, &dec->params) - data;

	fmc_tiling_get(&dec->tiling, index, &coded->tile, box);
	if (!meets_part(dec, box))
		return false;
	dec->bytes_read += INDEX_ENTRY_BYTES;
	end = get_u32(payload + (u64)index * INDEX_ENTRY_BYTES);
	if (index)
		start = get_u32(payload + (u64)(index - 1) * INDEX_ENTRY_BYTES);
	coded->in = NULL;
	coded->bytes = 0;
	if (start > end || end > bytes || end - start > fmc_tile_raw_bytes(&coded->tile))
		return true;
	coded->in = payload + data + start;
	coded->bytes = end - start;
	dec->bytes_read += coded->bytes;
	return true;
}

static void decode_tile(struct fmc_decoder *dec, const struct fmc_coded_tile *coded,
			const struct fmc_box *box, void *dst)
{
	const struct fmc_tile *tile = &coded->tile;

	if (!coded->in) {
		clear_values(tile, dec->workspace->values);
		dec->error = -EBADMSG;
	} else {
		if (decode_rows(dec, coded, box, dst) ||
		    decode_bytes(dec, tile, box, coded->in, coded->bytes, dst))
			return;
		if (decode_values(dec, tile, coded->in, coded->bytes))
			dec->error = -EBADMSG;
	}
	if (dec->params.exponent)
		from_fixed(dec, tile);
	fmc_surface_scatter_part(&dec->dst, dst, dec->part.at, box, dec->whole.order,
				 dec->workspace->values);
}

static int tile_decode_step(struct fmc_decoder *dec, const u8 *payload, void *dst)
{
	struct fmc_coded_tile coded;
	struct fmc_box box;

	if (next_tile(dec, payload, &coded, &box))
		decode_tile(dec, &coded, &box, dst);
	return dec->next < decode_end(dec);
}

/* With fewer tiles, one after the other is as fast. */
#define MIN_LANES	3

static bool decodes_lanes(const struct fmc_decoder *dec)
{
	const struct fmc_workspace *ws = dec->workspace;

	return dec->params.codec == FMC_CODEC_EBPC && ws->long_steps &&
	       ws->kernels->tiles->ebpc_decode_lanes && decode_end(dec) - dec->next >= MIN_LANES;
}

/* Those of the next tiles that are not as they are; the others are decoded here. */
static u32 next_tiles(struct fmc_decoder *dec, const u8 *payload, void *dst, u32 limit)
{
	struct fmc_workspace *ws = dec->workspace;
	u32 count = 0;

	while (count < limit && dec->next < decode_end(dec)) {
		struct fmc_coded_tile *coded = &ws->tiles[count];

		if (!next_tile(dec, payload, coded, &ws->boxes[count]))
			continue;
		if (coded->in && coded->bytes != fmc_tile_raw_bytes(&coded->tile))
			count++;
		else
			decode_tile(dec, coded, &ws->boxes[count], dst);
	}
	return count;
}

static void put_lane(struct fmc_decoder *dec, u32 lane, void *dst)
{
	struct fmc_workspace *ws = dec->workspace;
	const struct fmc_tile *tile = &ws->tiles[lane].tile;
	const struct fmc_box *box = &ws->boxes[lane];

	ebpc_take_lane(ws->kernels->tiles, tile, lane, ws->values, ws->scratch);
	if (tile->bits == 8)
		fmc_surface_scatter_part_bytes(&dec->dst, dst, dec->part.at, box,
					       dec->whole.order, (const u8 *)ws->values);
	else
		fmc_surface_scatter_part(&dec->dst, dst, dec->part.at, box, dec->whole.order,
					 ws->values);
}

/* Those that were not decoded together; they have the same scratch memory. */
static void decode_others(struct fmc_decoder *dec, u32 count, u32 done, void *dst)
{
	struct fmc_workspace *ws = dec->workspace;
	u32 i;

	for (i = 0; i < count; i++) {
		if (!(done >> i & 1))
			decode_tile(dec, &ws->tiles[i], &ws->boxes[i], dst);
	}
}

static int lanes_decode_step(struct fmc_decoder *dec, const u8 *payload, void *dst)
{
	struct fmc_workspace *ws = dec->workspace;
	u32 limit = ebpc_lanes(fmc_dtype_bits(dec->whole.dtype)), done = 0, i;
	u32 count = next_tiles(dec, payload, dst, limit);

	if (count >= MIN_LANES)
		done = ebpc_decode_lanes(ws->kernels->tiles, ws->tiles, count, ws->scratch);
	for (i = 0; i < count; i++) {
		if (done >> i & 1)
			put_lane(dec, i, dst);
	}
	decode_others(dec, count, done, dst);
	return dec->next < decode_end(dec);
}

static bool decodes_tiles(const struct fmc_decoder *dec)
{
	const struct fmc_workspace *ws = dec->workspace;

	return dec->params.codec == FMC_CODEC_DCAC && ws->long_steps &&
	       ws->kernels->tiles->dcac_decode_tiles && decode_end(dec) - dec->next >= 2;
}

static int tiles_decode_step(struct fmc_decoder *dec, const u8 *payload, void *dst)
{
	struct fmc_workspace *ws = dec->workspace;
	const struct fmc_tile_coders *coders = ws->kernels->tiles;
	u32 count = next_tiles(dec, payload, dst, DCAC_TILES_MAX), done, i;

	done = dcac_decode_tiles(coders, ws->tiles, count, ws->scratch);
	for (i = 0; i < count; i++) {
		if (!(done >> i & 1))
			continue;
		dcac_take_tile(coders, i, ws->values, ws->scratch);
		fmc_surface_scatter_part(&dec->dst, dst, dec->part.at, &ws->boxes[i],
					 dec->whole.order, ws->values);
	}
	decode_others(dec, count, done, dst);
	return dec->next < decode_end(dec);
}

/**
 * fmc_decode_step - decompress a little more
 * @dec: from fmc_decode_init()
 * @payload: the first byte of the payload; any content, and it may change meanwhile
 * @dst: the first value of the part
 *
 * Return: 1 if there is more to do; 0 at the end, when every value of the part has
 * been written and @dec->error tells whether the payload made sense.  Where it did
 * not, values are the zero point.
 */
int fmc_decode_step(struct fmc_decoder *dec, const void *payload, void *dst)
{
	const u8 *in = payload;

	if (dec->params.reorder && !dec->whole.order)
		read_order(dec, in);
	in += prefix_bytes(&dec->whole, &dec->params);
	switch (dec->params.codec) {
	case FMC_CODEC_ASC_CBR:
		return cbr_decode_step(dec, in, dst);
	case FMC_CODEC_RAW:
		return raw_decode_step(dec, in, dst);
	default:
		if (decodes_lanes(dec))
			return lanes_decode_step(dec, in, dst);
		if (decodes_tiles(dec))
			return tiles_decode_step(dec, in, dst);
		return tile_decode_step(dec, in, dst);
	}
}

/**
 * fmc_decode_units - how much can be done at the same time?
 * @dec: from fmc_decode_init()
 *
 * Return: how many blocks, tiles or values may be handed out with fmc_decode_fork().
 */
u32 fmc_decode_units(const struct fmc_decoder *dec)
{
	return decode_units(dec);
}

/**
 * fmc_decode_fork - make a decoder for a part of the work
 * @dec: from fmc_decode_init(), with nothing decoded yet
 * @first: the first of fmc_decode_units()
 * @count: how many, at least 1
 * @workspace: scratch memory of this part
 * @part: filled in; fmc_decode_step() is to be called, with the payload and the
 *	destination of the whole, until it returns 0, in any thread
 */
void fmc_decode_fork(const struct fmc_decoder *dec, u32 first, u32 count,
		     struct fmc_workspace *workspace, struct fmc_decoder *part)
{
	*part = *dec;
	if (workspace != dec->workspace) {
		workspace->kernels = dec->workspace->kernels;
		workspace->long_steps = dec->workspace->long_steps;
	}
	part->workspace = workspace;
	part->cbr.pool = pool_of(workspace);
	part->next = first;
	part->end = first + count;
}

/**
 * fmc_decode_join - take over what parts have done
 * @dec: the whole
 * @parts: what fmc_decode_fork() made, together all of fmc_decode_units(), each at its
 *	end
 * @count: how many
 *
 * @dec is then as if fmc_decode_step() had returned 0.
 */
void fmc_decode_join(struct fmc_decoder *dec, const struct fmc_decoder *parts, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++) {
		dec->bytes_read += parts[i].bytes_read;
		if (parts[i].error)
			dec->error = parts[i].error;
	}
	dec->next = decode_units(dec);
}
