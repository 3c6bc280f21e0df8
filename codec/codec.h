/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_CODEC_H
#define ASCDEV_CODEC_CODEC_H

#include "asc_cbr.h"
#include "asc_vbr.h"
#include "dcac.h"
#include "ebpc_tile.h"
#include "kernels.h"
#include "pace.h"
#include "reorder.h"
#include "select.h"
#include "tile.h"
#include "tiling.h"
#include "zvc.h"

/**
 * enum fmc_codec - codecs
 * @FMC_CODEC_DEFAULT: for the layers above; no codec
 * @FMC_CODEC_ASC_CBR: ASC at a constant rate
 * @FMC_CODEC_ASC_VBR: ASC at a variable rate
 * @FMC_CODEC_EBPC: extended bit-plane compression, lossless
 * @FMC_CODEC_DCAC: correlation between planes, lossless
 * @FMC_CODEC_ZVC: zero value compression, lossless
 * @FMC_CODEC_RAW: the values as they are
 * @FMC_CODEC_AUTO: the one that is likely to give the fewest bytes
 *
 * The numbers are those of the uapi and of the library.
 */
enum fmc_codec {
	FMC_CODEC_DEFAULT = 0,
	FMC_CODEC_ASC_CBR = 1,
	FMC_CODEC_ASC_VBR = 2,
	FMC_CODEC_EBPC = 3,
	FMC_CODEC_DCAC = 4,
	FMC_CODEC_ZVC = 5,
	FMC_CODEC_RAW = 6,
	FMC_CODEC_AUTO = 7,
};

/**
 * struct fmc_params - how a surface is compressed
 * @codec: one of enum fmc_codec; not DEFAULT
 * @endpoints: one of enum fmc_endpoints; ASC-CBR, otherwise 0, as the next four
 * @scale: one of enum fmc_scale; of no meaning to a decoder
 * @profile: one of enum fmc_profile
 * @exponent: of ASC-CBR: see struct asc_cbr_params.  Of floats with ASC-VBR:
 *	not 0 if tiles hold fixed-point numbers, which refer to it.  Otherwise 0.
 * @block: shape of a block
 * @effort: one of enum asc_effort; of no meaning to a decoder
 * @zero_point: the value that stands for 0.0; one that the surface's type can hold
 * @max_error: ASC-VBR and AUTO: bound of the absolute error of a value, 0 for
 *	lossless; otherwise 0.  Of no meaning to a decoder, as the next one.
 * @target_bpe: ASC-VBR and AUTO: bits per value to aim for, in 1/256, or 0; at
 *	most one of this and @max_error is set
 * @reorder: one of enum fmc_reorder; to a decoder, not 0 says that the payload
 *	begins with an order of the channels
 *
 * What is left open an encoder resolves; a decoder must be told.
 */
struct fmc_params {
	u32 codec;
	u32 endpoints;
	u32 scale;
	u32 profile;
	u32 exponent;
	struct asc_cbr_block block;
	u32 effort;
	s32 zero_point;
	u32 max_error;
	u32 target_bpe;
	u32 reorder;
};

/* Tiles of DC-AC need most, or others as much as two of them; codec.c checks those. */
#define FMC_SCRATCH_BYTES	((DCAC_TILES_MAX > 2 ? DCAC_TILES_MAX : 2) * DCAC_WORKSPACE_BYTES)

/**
 * struct fmc_workspace - scratch memory of an encoder or a decoder
 * @kernels: functions for this CPU, which the caller sets, see fmc_kernels_get()
 * @values: values of a tile
 * @decoded: what they become
 * @coded: a tile that may not be the smallest
 * @order: order of the channels; for FMC_REORDER_GIVEN the caller fills in what it
 *	was given, which need not make sense
 * @long_steps: set by the caller: steps of a decoder may take as long as some tiles do together
 * @tiles: tiles that are decoded together
 * @boxes: where they are
 * @scratch: for the coder of a tile
 *
 * One for everything that runs at the same time.
 */
struct fmc_workspace {
	const struct fmc_kernels *kernels;
	u16 values[FMC_TILE_MAX_VALUES];
	u16 decoded[FMC_TILE_MAX_VALUES];
	u8 coded[2 * FMC_TILE_MAX_VALUES];
	u16 order[FMC_REORDER_MAX_CHANNELS];
	bool long_steps;
	struct fmc_coded_tile tiles[EBPC_LANES];
	struct fmc_box boxes[EBPC_LANES];
	u64 scratch[FMC_SCRATCH_BYTES / 8];
};

/**
 * enum fmc_stage - what an encoder does, in this order
 * @FMC_STAGE_REORDER: look for an order of the channels
 * @FMC_STAGE_SELECT: select a codec
 * @FMC_STAGE_CHOOSE: resolve what ASC-CBR leaves open
 * @FMC_STAGE_MEASURE: find the largest exponent of floats that ASC-VBR codes at a rate
 * @FMC_STAGE_STEER: find the step with which ASC-VBR meets a rate
 * @FMC_STAGE_CODE: code; before the last tiles of a large surface it may go back to STEER
 */
enum fmc_stage {
	FMC_STAGE_REORDER,
	FMC_STAGE_SELECT,
	FMC_STAGE_CHOOSE,
	FMC_STAGE_MEASURE,
	FMC_STAGE_STEER,
	FMC_STAGE_CODE,
};

/**
 * struct fmc_steering - steps of ASC-VBR for a rate
 * @first: the first tile; not 0 if the step is sought that uses up what those before it left
 * @used: bytes of those before it
 * @budget: bytes of all tiles from it on at most
 * @fine: a step that takes more; 0 if none is known
 * @fine_bytes: how much
 * @coarse: a step that does not, or the largest one
 * @coarse_bytes: how much it takes
 * @step: the step whose bytes are being counted
 * @bytes: of the tiles before the next one, with @step
 * @tries: steps that have been counted
 * @doubling: bits that a step twice as large saves, if that has been found
 * @credit: how much of a tile may be coded with @fine, in 1/65536
 * @share: what each tile adds to it
 * @coarse_left: bytes with @coarse of the tiles that are still to be coded
 * @sampled: a sample of tiles is counted
 * @stride: one of so many, which stands for the others
 * @paced: steps are found as tiles are coded
 * @pace: what parts of the surface are likely to take
 *
 * If all tiles are counted, those with @coarse keep within the budget; what is left of it lets
 * some of them, spread evenly, have @fine.
 */
struct fmc_steering {
	u32 first, used;
	s64 budget;
	u32 fine, coarse;
	s64 fine_bytes, coarse_bytes;
	u32 step;
	s64 bytes;
	u32 tries, doubling;
	u32 credit, share;
	s64 coarse_left;
	bool sampled;
	u32 stride;
	bool paced;
	struct fmc_pace pace;
};

/**
 * struct fmc_encoder - a surface on its way to a payload
 * @surface: the feature map
 * @params: parameters; what they leave open is resolved on the way
 * @workspace: scratch memory
 * @bytes: bytes of the payload so far; its size at the end
 * @elements: values in the surface
 * @stats: what was done
 * @limit: bytes that the payload is to have at most, if it may have more, or 0
 * @target_bpe: what AUTO was asked for
 * @largest: the largest exponent seen
 * @stage: what is being done
 * @search: orders the channels
 * @open: what the parameters left to ASC-CBR's chooser
 * @guess: what it took for granted
 * @wrong: that is not so: what has been encoded is to be done again
 * @chooser: resolves what ASC-CBR leaves open
 * @cbr: ASC-CBR
 * @tiling: codecs with tiles
 * @select: which codec, where that is left open
 * @steering: ASC-VBR
 * @ahead: what it needs next
 * @next: next block, tile, or value
 * @end: of an encoder made by fmc_encode_fork(), where it stops; otherwise 0
 * @first: likewise, where it began
 * @start: likewise, where its first tile goes in the payload
 */
struct fmc_encoder {
	struct fmc_surface surface;
	struct fmc_params params;
	struct fmc_workspace *workspace;
	u64 bytes;
	u32 elements;
	struct asc_cbr_stats stats;
	u64 limit;
	u32 target_bpe;
	u32 largest;
	enum fmc_stage stage;
	struct fmc_params open;
	struct asc_cbr_guess guess;
	bool wrong;
	union {
		struct fmc_reorder_search search;
		struct asc_cbr_chooser chooser;
		struct asc_cbr cbr;
		struct {
			struct fmc_tiling tiling;
			union {
				struct fmc_select select;
				struct fmc_steering steering;
			};
		};
	};
	struct asc_vbr_ahead ahead;
	u32 next;
	u32 end;
	u32 first;
	u64 start;
};

/**
 * struct fmc_part - a part of a surface, in values
 * @at: first position in each dimension
 * @dim: extents
 */
struct fmc_part {
	u32 at[FMC_DIMS];
	u32 dim[FMC_DIMS];
};

/**
 * struct fmc_decoder - a payload, or a part of it, on its way to a surface
 * @whole: the surface that the payload stands for; its strides have no meaning
 * @part: the part to decode
 * @dst: that part in memory
 * @params: parameters
 * @workspace: scratch memory
 * @payload_bytes: size of the payload
 * @elements: values in @part
 * @is_whole: @part is all of it
 * @cbr: ASC-CBR
 * @tiling: tiles, or pieces of a surface without tiles
 * @first: coordinates of the first tile that meets @part
 * @tiles: how many do, in each dimension
 * @count: how many do
 * @next: next tile, block, or value
 * @end: of a decoder made by fmc_decode_fork(), where it stops; otherwise 0
 * @bytes_read: bytes of the payload that were read so far
 * @error: 0, or -EBADMSG once something in the payload made no sense
 */
struct fmc_decoder {
	struct fmc_surface whole;
	struct fmc_part part;
	struct fmc_surface dst;
	struct fmc_params params;
	struct fmc_workspace *workspace;
	u64 payload_bytes;
	u32 elements;
	bool is_whole;
	struct asc_cbr cbr;
	struct fmc_tiling tiling;
	u32 first[FMC_DIMS];
	u32 tiles[FMC_DIMS];
	u32 count;
	u32 next;
	u32 end;
	u64 bytes_read;
	int error;
};

/* The largest max_error. */
#define FMC_MAX_ERROR	32767

/* Is the size of a payload known from the surface and the parameters? */
static inline bool fmc_codec_has_fixed_rate(u32 codec)
{
	return codec == FMC_CODEC_ASC_CBR || codec == FMC_CODEC_RAW;
}

/* Bytes of an order of the channels at the beginning of a payload; of one byte if it will do. */
static inline u32 fmc_order_bytes(u32 channels)
{
	return (channels * (channels > 256 ? 2 : 1) + 7) & ~7u;
}

int fmc_get_order(const void *payload, u32 channels, u16 *order, u8 *bitmap);
bool fmc_params_are_defaults(const struct fmc_params *params);
void fmc_params_fill(struct fmc_params *params, const struct fmc_params *defaults,
		     const struct fmc_surface *surface);
int fmc_bound(const struct fmc_surface *surface, const struct fmc_params *params, u64 *bytes);

int fmc_encode_init(struct fmc_encoder *enc, const struct fmc_surface *surface,
		    const struct fmc_params *params, struct fmc_workspace *workspace);
int fmc_encode_step(struct fmc_encoder *enc, const void *src, void *payload);
u32 fmc_encode_units(const struct fmc_encoder *enc);
void fmc_encode_fork(const struct fmc_encoder *enc, u32 first, u32 count,
		     struct fmc_workspace *workspace, struct fmc_encoder *part);
int fmc_encode_join(struct fmc_encoder *enc, const struct fmc_encoder *parts, u32 count,
		    void *payload);

int fmc_decode_check(const struct fmc_surface *surface, const struct fmc_params *params,
		     const struct fmc_part *part, u64 *payload_bytes, u64 *part_bytes);
int fmc_decode_init(struct fmc_decoder *dec, const struct fmc_surface *surface,
		    const struct fmc_params *params, const struct fmc_part *part,
		    u64 payload_bytes, struct fmc_workspace *workspace);
int fmc_decode_step(struct fmc_decoder *dec, const void *payload, void *dst);
u32 fmc_decode_units(const struct fmc_decoder *dec);
void fmc_decode_fork(const struct fmc_decoder *dec, u32 first, u32 count,
		     struct fmc_workspace *workspace, struct fmc_decoder *part);
void fmc_decode_join(struct fmc_decoder *dec, const struct fmc_decoder *parts, u32 count);

#endif
