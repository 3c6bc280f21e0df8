// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Every coder while a second thread rewrites what it reads: it ends, and nothing but
 * its output changes.
 */

#include <pthread.h>
#include <stdlib.h>

#include "cpus.h"
#include "ascdev_harness.h"

#include "asc_pooled.h"
#include "codec.h"
#include "ebpc.h"
#include "rounds.h"

#define GUARD		64
#define GUARD_BYTE	0x5a
#define ROUNDS		1000

/* A coder, the bytes that it reads, and those that it may write. */
struct race {
	const char *name;
	u32 in, out;
	void (*run)(u8 *in, u8 *out);
};

/* 2 x 5 x 11 x 13 values of 16 bits; what they need in runs of 16, one endpoint */
static const struct fmc_surface surface = {
	FMC_S16, { 2, 5, 11, 13 }, { 1430, 286, 26, 2 },
};

#define SURFACE_BYTES	2860
#define PAYLOAD_BYTES	(90 * 8)

static const struct asc_cbr_params cbr_params = {
	.profile = FMC_PROFILE_FULL,
	.endpoints = FMC_ENDPOINTS_ONE, .effort = ASC_EFFORT_BEST, .block = { 16, 0, 0 },
};

static void decode_asc_cbr(u8 *in, u8 *out)
{
	struct asc_cbr cbr;

	if (asc_cbr_init(&cbr, &surface, &cbr_params) || asc_cbr_bytes(&cbr) != PAYLOAD_BYTES)
		abort();
	asc_cbr_decode(&cbr, 0, cbr.blocks, in, out);
}

static void encode_asc_cbr(u8 *in, u8 *out)
{
	struct asc_cbr_stats stats = { 0 };
	struct asc_cbr cbr;

	if (asc_cbr_init(&cbr, &surface, &cbr_params))
		abort();
	asc_cbr_encode(&cbr, 0, cbr.blocks, in, out, &stats);
}

/* 23 runs of 64 */
#define POOLED_BYTES	(23 * 32)
#define POOLS_BYTES	(6 * 128)

static const struct asc_cbr_params pooled_params = {
	.profile = FMC_PROFILE_POOLED,
	.endpoints = FMC_ENDPOINTS_TWO, .effort = ASC_EFFORT_BEST, .block = { 64, 0, 0 },
};

/* Side by side where there is vector code; with blocks of 256, of which there are 6, a trellis. */
static void decode_pooled_of(u16 values, u32 bytes, u8 *in, u8 *out)
{
	static struct asc_pool pool;
	struct asc_cbr_params p = pooled_params;
	struct asc_cbr cbr;

	p.block.w = values;
	p.pool = &pool;
	p.kernels = test_kernels();
	if (asc_cbr_init(&cbr, &surface, &p) || asc_cbr_bytes(&cbr) != bytes)
		abort();
	asc_cbr_decode(&cbr, 0, cbr.blocks, in, out);
}

static void decode_pooled(u8 *in, u8 *out)
{
	decode_pooled_of(64, POOLED_BYTES, in, out);
}

static void decode_pools(u8 *in, u8 *out)
{
	decode_pooled_of(256, POOLS_BYTES, in, out);
}

static void encode_pooled(u8 *in, u8 *out)
{
	struct asc_cbr_stats stats = { 0 };
	struct asc_cbr cbr;

	if (asc_cbr_init(&cbr, &surface, &pooled_params))
		abort();
	asc_cbr_encode(&cbr, 0, cbr.blocks, in, out, &stats);
}

static void choose_asc_cbr(u8 *in, u8 *out)
{
	struct asc_cbr_params p = { .profile = FMC_PROFILE_FULL };
	struct asc_cbr_chooser chooser;
	struct asc_cbr cbr;

	(void)out;
	if (asc_cbr_choose_init(&chooser, &surface, &p))
		abort();
	while (asc_cbr_choose_step(&chooser, in))
		;
	if (asc_cbr_init(&cbr, &surface, &chooser.params))
		abort();
}

static const struct ebpc_params ebpc_params = { 16, 16, 16 };

/* The first stream is a third of the bytes. */
static void decode_ebpc(u8 *in, u8 *out)
{
	struct ebpc_decoder d;

	if (ebpc_decode_init(&d, &ebpc_params, in, 512, in + 512, 1024))
		abort();
	ebpc_decode(&d, (u16 *)out, 1024);
}

static void encode_ebpc(u8 *in, u8 *out)
{
	u64 znz_bytes, bpc_bytes;
	struct ebpc_encoder e;

	if (ebpc_encode_init(&e, &ebpc_params, out, 512, out + 512, 1024))
		abort();
	ebpc_encode(&e, (u16 *)in, 1024);
	ebpc_encode_end(&e, &znz_bytes, &bpc_bytes);
}

/* --- decoders of a tile; their encoders get a copy of the values --- */

static const struct fmc_tile tile = { 13, 11, 5, 16, 0x8000 };

#define TILE_VALUES	(13 * 11 * 5)
#define TILE_BYTES	(2 * TILE_VALUES)

static u64 scratch[FMC_SCRATCH_BYTES / 8];

static void decode_vbr(u8 *in, u8 *out)
{
	asc_vbr_tile_decode(&asc_vbr_kernels_scalar, &tile, in, 700, (u16 *)out, scratch);
}

static void decode_dcac(u8 *in, u8 *out)
{
	dcac_tile_decode(test_kernels()->tiles, &tile, in, 700, (u16 *)out, scratch);
}

static void decode_zvc(u8 *in, u8 *out)
{
	zvc_tile_decode(test_kernels()->tiles, &tile, in, 700, (u16 *)out);
}

static void decode_ebpc_tile(u8 *in, u8 *out)
{
	ebpc_tile_decode(test_kernels()->tiles, &tile, in, 700, (u16 *)out, scratch);
}

static void decode_ebpc_lanes(u8 *in, u8 *out)
{
	const struct fmc_tile_coders *c = test_kernels()->tiles;
	struct fmc_coded_tile tiles[EBPC_LANES];
	u32 i, good;

	if (!c->ebpc_decode_lanes)
		return;
	for (i = 0; i < EBPC_LANES; i++)
		tiles[i] = (struct fmc_coded_tile){ tile, in, 700 - i };
	good = ebpc_decode_lanes(c, tiles, ebpc_lanes(tile.bits), scratch);
	for (i = 0; i < EBPC_LANES; i++) {
		if (good >> i & 1)
			ebpc_take_lane(c, &tile, i, out, scratch);
	}
}

static void decode_tiles_of_dcac(u8 *in, u8 *out)
{
	const struct fmc_tile_coders *c = test_kernels()->tiles;
	struct fmc_coded_tile tiles[DCAC_TILES_MAX];
	u32 i, good;

	if (!c->dcac_decode_tiles)
		return;
	for (i = 0; i < DCAC_TILES_MAX; i++)
		tiles[i] = (struct fmc_coded_tile){ tile, in + 50 * i, 700 - 50 * i };
	good = dcac_decode_tiles(c, tiles, DCAC_TILES_MAX, scratch);
	for (i = 0; i < DCAC_TILES_MAX; i++) {
		if (good >> i & 1)
			dcac_take_tile(c, i, (u16 *)out, scratch);
	}
}

/* --- whole surfaces, of two tiles, in an order --- */

static struct fmc_workspace workspace;

static void __attribute__((constructor)) set_kernels(void)
{
	workspace.kernels = test_kernels();
}

/* What a payload has of the index, and of the order; at most as many bytes as the bound. */
#define CODEC_BYTES	(SURFACE_BYTES + 2 * 4 + 8)

static void decode_codec(u32 codec, u32 reorder, const struct fmc_part *part, u8 *in, u8 *out)
{
	struct fmc_params p = { .codec = codec, .reorder = reorder };
	struct fmc_decoder dec;

	if (codec == FMC_CODEC_ASC_CBR) {
		p.endpoints = FMC_ENDPOINTS_TWO;
		p.profile = FMC_PROFILE_FULL;
		p.block = (struct asc_cbr_block){ 4, 4, 1 };
	}
	if (fmc_decode_init(&dec, &surface, &p, part, CODEC_BYTES, &workspace))
		abort();
	while (fmc_decode_step(&dec, in, out))
		;
}

static void encode_codec(struct fmc_params p, u8 *in, u8 *out)
{
	struct fmc_encoder enc;
	u64 bound;

	if (fmc_bound(&surface, &p, &bound) || bound > CODEC_BYTES ||
	    fmc_encode_init(&enc, &surface, &p, &workspace))
		abort();
	while (fmc_encode_step(&enc, in, out))
		;
	if (enc.bytes > bound)
		abort();
}

/* All of the surface, then a part of it, whose strides are those of the whole. */
#define DECODER(name, codec, reorder)						\
static void name(u8 *in, u8 *out)						\
{										\
	const struct fmc_part part = { { 1, 1, 2, 3 }, { 1, 3, 8, 9 } };	\
										\
	decode_codec(codec, reorder, NULL, in, out);				\
	decode_codec(codec, reorder, &part, in, out);				\
}

#define ENCODER(name, ...)							\
static void name(u8 *in, u8 *out)						\
{										\
	encode_codec((struct fmc_params){ __VA_ARGS__ }, in, out);		\
}

DECODER(decode_codec_cbr, FMC_CODEC_ASC_CBR, FMC_REORDER_GREEDY)
DECODER(decode_codec_vbr, FMC_CODEC_ASC_VBR, FMC_REORDER_NONE)
DECODER(decode_codec_ebpc, FMC_CODEC_EBPC, FMC_REORDER_NONE)
DECODER(decode_codec_dcac, FMC_CODEC_DCAC, FMC_REORDER_GREEDY)
DECODER(decode_codec_zvc, FMC_CODEC_ZVC, FMC_REORDER_NONE)
DECODER(decode_codec_raw, FMC_CODEC_RAW, FMC_REORDER_NONE)
ENCODER(encode_codec_cbr, .codec = FMC_CODEC_ASC_CBR, .reorder = FMC_REORDER_GREEDY)
ENCODER(encode_codec_vbr, .codec = FMC_CODEC_ASC_VBR, .max_error = 3)
ENCODER(encode_codec_rate, .codec = FMC_CODEC_ASC_VBR, .target_bpe = 512)
ENCODER(encode_codec_ebpc, .codec = FMC_CODEC_EBPC)
ENCODER(encode_codec_dcac, .codec = FMC_CODEC_DCAC, .reorder = FMC_REORDER_HEURISTIC)
ENCODER(encode_codec_zvc, .codec = FMC_CODEC_ZVC)
ENCODER(encode_codec_raw, .codec = FMC_CODEC_RAW)
ENCODER(encode_codec_auto, .codec = FMC_CODEC_AUTO, .target_bpe = 1024)

#define DECODES(name)	{ #name, CODEC_BYTES, SURFACE_BYTES, name }
#define ENCODES(name)	{ #name, SURFACE_BYTES, CODEC_BYTES, name }

static const struct race races[] = {
	{ "asc-cbr decoder", PAYLOAD_BYTES, SURFACE_BYTES, decode_asc_cbr },
	{ "asc-cbr encoder", SURFACE_BYTES, PAYLOAD_BYTES, encode_asc_cbr },
	{ "asc-cbr pooled decoder", POOLED_BYTES, SURFACE_BYTES, decode_pooled },
	{ "asc-cbr trellis decoder", POOLS_BYTES, SURFACE_BYTES, decode_pools },
	{ "asc-cbr pooled encoder", SURFACE_BYTES, POOLED_BYTES, encode_pooled },
	{ "asc-cbr choice", SURFACE_BYTES, 0, choose_asc_cbr },
	{ "ebpc decoder", 512 + 1024, 2048, decode_ebpc },
	{ "ebpc encoder", 2048, 512 + 1024, encode_ebpc },
	{ "asc-vbr tile decoder", 700, TILE_BYTES, decode_vbr },
	{ "dcac tile decoder", 700, TILE_BYTES, decode_dcac },
	{ "zvc tile decoder", 700, TILE_BYTES, decode_zvc },
	{ "ebpc tile decoder", 700, TILE_BYTES, decode_ebpc_tile },
	{ "tiles of dcac", 700, TILE_BYTES, decode_tiles_of_dcac },
	{ "ebpc lanes", 700, TILE_BYTES, decode_ebpc_lanes },
	DECODES(decode_codec_cbr), DECODES(decode_codec_vbr), DECODES(decode_codec_ebpc),
	DECODES(decode_codec_dcac), DECODES(decode_codec_zvc), DECODES(decode_codec_raw),
	ENCODES(encode_codec_cbr), ENCODES(encode_codec_vbr), ENCODES(encode_codec_rate),
	ENCODES(encode_codec_ebpc), ENCODES(encode_codec_dcac), ENCODES(encode_codec_zvc),
	ENCODES(encode_codec_raw), ENCODES(encode_codec_auto),
};

struct writer {
	volatile u8 *bytes;
	u32 count;
	bool running, stop;
};

/* All zeros and all ones decide more often than other bytes. */
static void *rewrite(void *argument)
{
	struct writer *w = argument;
	u32 seed = 1;

	while (!__atomic_load_n(&w->stop, __ATOMIC_RELAXED)) {
		u32 i;

		__atomic_store_n(&w->running, true, __ATOMIC_RELAXED);
		seed = seed * 1664525 + 1013904223;
		for (i = seed >> 16 & 31; i < w->count; i += 1 + (seed >> 24 & 31)) {
			u8 choice = seed >> 8 ^ i * 37;

			w->bytes[i] = choice & 1 ? choice : choice & 2 ? 0 : 0xff;
		}
	}
	return NULL;
}

static void run_races(struct __test_metadata *_metadata, u32 first, u32 end)
{
	u32 k, i, round;

	for (k = first; k < end; k++) {
		const struct race *race = &races[k];
		u8 *in = malloc(race->in), *out = malloc(race->out + 2 * GUARD);
		struct writer w = { .bytes = in, .count = race->in };
		pthread_t thread;

		memset(in, 0, race->in);
		memset(out, GUARD_BYTE, race->out + 2 * GUARD);
		ASSERT_EQ(0, pthread_create(&thread, NULL, rewrite, &w));
		while (!__atomic_load_n(&w.running, __ATOMIC_RELAXED))
			;
		for (round = 0; round < rounds(ROUNDS); round++) {
			race->run(in, out + GUARD);
			for (i = 0; i < GUARD; i++) {
				ASSERT_EQ(GUARD_BYTE, out[i]) TH_LOG("%s", race->name);
				ASSERT_EQ(GUARD_BYTE, out[GUARD + race->out + i])
					TH_LOG("%s", race->name);
			}
		}
		__atomic_store_n(&w.stop, true, __ATOMIC_RELAXED);
		pthread_join(thread, NULL);
		free(in);
		free(out);
	}
}

#define RACES	(sizeof(races) / sizeof(races[0]))

/* What does not end is ended by the harness. */
TEST(nothing_else_changes_by_blocks_and_tiles)
{
	run_races(_metadata, 0, RACES / 2);
}

TEST(nothing_else_changes_by_whole_surfaces)
{
	run_races(_metadata, RACES / 2, RACES);
}

TEST_HARNESS_MAIN
