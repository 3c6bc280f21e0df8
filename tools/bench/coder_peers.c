// SPDX-License-Identifier: MIT
/*
 * What a user would otherwise take, from Debian's packages; find-peers.sh tells which are
 * there.
 */

#include <stdlib.h>
#include <string.h>

#include "bench.h"

#ifdef HAVE_LZ4
#include <lz4.h>
#include <lz4hc.h>
#endif
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif
#ifdef HAVE_ZLIB
#include <zlib.h>
#endif
#ifdef HAVE_SNAPPY
#include <snappy-c.h>
#endif
#ifdef HAVE_BLOSC
#include <blosc.h>
#endif
#ifdef HAVE_ZFP
#include <zfp.h>
#endif
#ifdef HAVE_CHARLS
#include <charls/charls.h>
#endif

/* With some of the libraries, or none. */
#define UNUSED	__attribute__((unused))

/**
 * struct peer_state - what a thread keeps
 * @coder: coder
 * @scratch: memory of the coder
 * @scratch_bytes: its size
 */
struct peer_state {
	const struct coder *coder;
	void *scratch;
	uint64_t scratch_bytes;
};

static UNUSED void *peer_open(const struct coder *coder, unsigned int threads)
{
	struct peer_state *state = allocate(sizeof(*state));

	(void)threads;
	state->coder = coder;
	return state;
}

static UNUSED void peer_close(void *arg)
{
	struct peer_state *state = arg;

	free(state->scratch);
	free(state);
}

/* At least @bytes that the next call may use; their content is lost. */
static UNUSED void *scratch(struct peer_state *state, uint64_t bytes)
{
	if (state->scratch_bytes < bytes) {
		free(state->scratch);
		state->scratch = allocate(bytes);
		state->scratch_bytes = bytes;
	}
	return state->scratch;
}

static UNUSED bool is_signed(const struct piece *piece)
{
	return piece->surface.dtype == ASCDEV_DTYPE_S8 || piece->surface.dtype == ASCDEV_DTYPE_S16;
}

#define PEER(name_, level_, lossy_, max_error_, widest_, prefix)				\
	{ .name = name_, .level = level_, .lossy = lossy_, .max_error = max_error_,		\
	  .widest = widest_, .version = prefix##_version, .open = peer_open,	\
	  .close = peer_close, .bound = prefix##_bound, .encode = prefix##_encode,		\
	  .decode = prefix##_decode }

/* --- LZ4 ------------------------------------------------------------------------- */

#ifdef HAVE_LZ4
static const char *lz4_version(void)
{
	return LZ4_versionString();
}

static uint64_t lz4_bound(const struct coder *coder, const struct piece *piece)
{
	(void)coder;
	return LZ4_compressBound(piece->bytes);
}

static bool lz4_encode(void *arg, struct piece *p)
{
	const struct coder *coder = ((struct peer_state *)arg)->coder;
	int got;

	if (coder->level)
		got = LZ4_compress_HC((const char *)p->values, (char *)p->payload, p->bytes,
				      p->room, coder->level);
	else
		got = LZ4_compress_default((const char *)p->values, (char *)p->payload, p->bytes,
					   p->room);
	p->payload_bytes = got;
	return got > 0;
}

static bool lz4_decode(void *arg, struct piece *p)
{
	(void)arg;
	return LZ4_decompress_safe((const char *)p->payload, (char *)p->back, p->payload_bytes,
				   p->bytes) == (int)p->bytes;
}
#endif

/* --- zstd ------------------------------------------------------------------------ */

#ifdef HAVE_ZSTD
static const char *zstd_version(void)
{
	return ZSTD_versionString();
}

static uint64_t zstd_bound(const struct coder *coder, const struct piece *piece)
{
	(void)coder;
	return ZSTD_compressBound(piece->bytes);
}

/**
 * struct zstd_state - contexts, which keep their memory
 * @level: level
 * @c: of compression
 * @d: of decompression
 */
struct zstd_state {
	int level;
	ZSTD_CCtx *c;
	ZSTD_DCtx *d;
};

static void *zstd_open(const struct coder *coder, unsigned int threads)
{
	struct zstd_state *state = allocate(sizeof(*state));

	(void)threads;
	*state = (struct zstd_state){ coder->level, ZSTD_createCCtx(), ZSTD_createDCtx() };
	return state;
}

static void zstd_close(void *arg)
{
	struct zstd_state *state = arg;

	ZSTD_freeCCtx(state->c);
	ZSTD_freeDCtx(state->d);
	free(state);
}

static bool zstd_encode(void *arg, struct piece *p)
{
	struct zstd_state *state = arg;

	p->payload_bytes = ZSTD_compressCCtx(state->c, p->payload, p->room, p->values, p->bytes,
					     state->level);
	return !ZSTD_isError(p->payload_bytes);
}

static bool zstd_decode(void *arg, struct piece *p)
{
	struct zstd_state *state = arg;

	return ZSTD_decompressDCtx(state->d, p->back, p->bytes, p->payload, p->payload_bytes) ==
	       p->bytes;
}

#define ZSTD_CODER(name_, level_)							\
	{ .name = name_, .level = level_, .max_error = 0, .widest = 2,			\
	  .version = zstd_version, .open = zstd_open, .close = zstd_close,		\
	  .bound = zstd_bound, .encode = zstd_encode, .decode = zstd_decode }
#endif

/* --- zlib ------------------------------------------------------------------------ */

#ifdef HAVE_ZLIB
static const char *deflate_version(void)
{
	return zlibVersion();
}

static uint64_t deflate_bound(const struct coder *coder, const struct piece *piece)
{
	(void)coder;
	return compressBound(piece->bytes);
}

static bool deflate_encode(void *arg, struct piece *p)
{
	const struct coder *coder = ((struct peer_state *)arg)->coder;
	uLongf bytes = p->room;

	if (compress2(p->payload, &bytes, p->values, p->bytes, coder->level) != Z_OK)
		return false;
	p->payload_bytes = bytes;
	return true;
}

static bool deflate_decode(void *arg, struct piece *p)
{
	uLongf bytes = p->bytes;

	(void)arg;
	return uncompress(p->back, &bytes, p->payload, p->payload_bytes) == Z_OK &&
	       bytes == p->bytes;
}
#endif

/* --- Snappy ---------------------------------------------------------------------- */

#ifdef HAVE_SNAPPY
static const char *snappy_version(void)
{
	return NULL;
}

static uint64_t snappy_bound(const struct coder *coder, const struct piece *piece)
{
	(void)coder;
	return snappy_max_compressed_length(piece->bytes);
}

static bool snappy_encode(void *arg, struct piece *p)
{
	size_t bytes = p->room;

	(void)arg;
	if (snappy_compress((const char *)p->values, p->bytes, (char *)p->payload, &bytes))
		return false;
	p->payload_bytes = bytes;
	return true;
}

static bool snappy_decode(void *arg, struct piece *p)
{
	size_t bytes = p->bytes;

	(void)arg;
	return snappy_uncompress((const char *)p->payload, p->payload_bytes, (char *)p->back,
				 &bytes) == SNAPPY_OK && bytes == p->bytes;
}
#endif

/* --- c-blosc --------------------------------------------------------------------- */

#ifdef HAVE_BLOSC
static const char *blosc_version(void)
{
	return BLOSC_VERSION_STRING;
}

static uint64_t blosc_bound(const struct coder *coder, const struct piece *piece)
{
	(void)coder;
	return piece->bytes + BLOSC_MAX_OVERHEAD;
}

static bool blosc_encode(void *arg, struct piece *p)
{
	int got = blosc_compress_ctx(((struct peer_state *)arg)->coder->level, BLOSC_BITSHUFFLE,
				     ascdev_dtype_bytes(p->surface.dtype), p->bytes, p->values,
				     p->payload, p->room, "lz4", 0, 1);

	p->payload_bytes = got;
	return got > 0;
}

static bool blosc_decode(void *arg, struct piece *p)
{
	(void)arg;
	return blosc_decompress_ctx(p->payload, p->back, p->bytes, 1) == (int)p->bytes;
}
#endif

/* --- zfp ------------------------------------------------------------------------- */

#ifdef HAVE_ZFP
/* Rows at a time; a multiple of the side of a block. */
#define ZFP_ROWS	64

static const char *zfp_version(void)
{
	return ZFP_VERSION_STRING;
}

/* @level bits for each value of a block of 4x4, which edges fill up. */
static uint64_t zfp_bound(const struct coder *coder, const struct piece *p)
{
	uint64_t blocks = (p->width + 3) / 4 * (uint64_t)((p->rows + 3) / 4);

	return blocks * 2 * coder->level + 64;
}

/*
 * zfp knows numbers of 32 bits, of which it wants the upper ones.  All planes in one stream,
 * as an image; @before makes the numbers of some rows, or @after takes them.
 */
static uint64_t zfp_rows(struct peer_state *state, struct piece *p, uint64_t room,
			 void (*before)(const struct piece *, int32_t *, uint64_t, uint64_t),
			 void (*after)(struct piece *, const int32_t *, uint64_t, uint64_t))
{
	int32_t *wide = scratch(state, sizeof(*wide) * ZFP_ROWS * (uint64_t)p->width);
	bitstream *bits = stream_open(p->payload, room);
	zfp_stream *zfp = zfp_stream_open(bits);
	uint64_t used = 0;
	uint32_t y;

	zfp_stream_set_rate(zfp, state->coder->level, zfp_type_int32, 2, zfp_false);
	for (y = 0; y < p->rows; y += ZFP_ROWS) {
		uint32_t rows = p->rows - y < ZFP_ROWS ? p->rows - y : ZFP_ROWS;
		uint64_t at = (uint64_t)y * p->width, count = (uint64_t)rows * p->width;
		zfp_field *field = zfp_field_2d(wide, zfp_type_int32, p->width, rows);

		if (before)
			before(p, wide, at, count);
		used = before ? zfp_compress(zfp, field) : zfp_decompress(zfp, field);
		if (after)
			after(p, wide, at, count);
		zfp_field_free(field);
		if (!used)
			break;
	}
	zfp_stream_close(zfp);
	stream_close(bits);
	return used;
}

static void zfp_widen(const struct piece *p, int32_t *wide, uint64_t at, uint64_t count)
{
	const uint8_t *u8 = p->values + at;
	const int16_t *s16 = (const int16_t *)p->values + at;
	uint64_t i;

	switch (p->surface.dtype) {
	case ASCDEV_DTYPE_U8:
		for (i = 0; i < count; i++)
			wide[i] = (u8[i] - 0x80) * (1 << 23);
		break;
	case ASCDEV_DTYPE_S8:
		for (i = 0; i < count; i++)
			wide[i] = (int8_t)u8[i] * (1 << 23);
		break;
	case ASCDEV_DTYPE_U16:
		for (i = 0; i < count; i++)
			wide[i] = ((uint16_t)s16[i] - 0x8000) * (1 << 15);
		break;
	default:
		for (i = 0; i < count; i++)
			wide[i] = s16[i] * (1 << 15);
	}
}

static int32_t clamp(int32_t v, int32_t top)
{
	return v < -top - 1 ? -top - 1 : v > top ? top : v;
}

static void zfp_narrow(struct piece *p, const int32_t *wide, uint64_t at, uint64_t count)
{
	uint8_t *u8 = p->back + at;
	uint16_t *u16 = (uint16_t *)p->back + at;
	bool sign = is_signed(p);
	uint64_t i;

	if (ascdev_dtype_bytes(p->surface.dtype) == 1) {
		for (i = 0; i < count; i++)
			u8[i] = clamp(((wide[i] >> 22) + 1) >> 1, 0x7f) + (sign ? 0 : 0x80);
	} else {
		for (i = 0; i < count; i++)
			u16[i] = clamp(((wide[i] >> 14) + 1) >> 1, 0x7fff) + (sign ? 0 : 0x8000);
	}
}

static bool zfp_encode(void *arg, struct piece *p)
{
	p->payload_bytes = zfp_rows(arg, p, p->room, zfp_widen, NULL);
	return p->payload_bytes > 0;
}

static bool zfp_decode(void *arg, struct piece *p)
{
	return zfp_rows(arg, p, p->room, NULL, zfp_narrow) > 0;
}
#endif

/* --- JPEG-LS --------------------------------------------------------------------- */

#ifdef HAVE_CHARLS
static const char *charls_version(void)
{
	return charls_get_version_string();
}

static uint64_t charls_bound(const struct coder *coder, const struct piece *p)
{
	(void)coder;
	return p->bytes + p->bytes / 2 + 4096;
}

/* Images are unsigned. */
static void flip_sign(const struct piece *p, uint8_t *to, const uint8_t *from, uint64_t bytes)
{
	uint64_t i;

	if (ascdev_dtype_bytes(p->surface.dtype) == 1) {
		for (i = 0; i < bytes; i++)
			to[i] = from[i] ^ 0x80;
	} else {
		for (i = 0; i < bytes / 2; i++)
			((uint16_t *)to)[i] = ((const uint16_t *)from)[i] ^ 0x8000;
	}
}

static bool charls_encode(void *arg, struct piece *p)
{
	struct peer_state *state = arg;
	charls_frame_info info = { p->width, p->rows,
				   8 * ascdev_dtype_bytes(p->surface.dtype), 1 };
	charls_jpegls_encoder *encoder = charls_jpegls_encoder_create();
	const uint8_t *values = p->values;
	bool done;

	if (is_signed(p)) {
		flip_sign(p, scratch(state, p->bytes), values, p->bytes);
		values = state->scratch;
	}
	done = encoder && !charls_jpegls_encoder_set_frame_info(encoder, &info) &&
	       !charls_jpegls_encoder_set_near_lossless(encoder, state->coder->level) &&
	       !charls_jpegls_encoder_set_destination_buffer(encoder, p->payload, p->room) &&
	       !charls_jpegls_encoder_encode_from_buffer(encoder, values, p->bytes, 0) &&
	       !charls_jpegls_encoder_get_bytes_written(encoder, &p->payload_bytes);
	charls_jpegls_encoder_destroy(encoder);
	return done;
}

static bool charls_decode(void *arg, struct piece *p)
{
	charls_jpegls_decoder *decoder = charls_jpegls_decoder_create();
	bool done;

	(void)arg;
	done = decoder &&
	       !charls_jpegls_decoder_set_source_buffer(decoder, p->payload, p->payload_bytes) &&
	       !charls_jpegls_decoder_read_header(decoder) &&
	       !charls_jpegls_decoder_decode_to_buffer(decoder, p->back, p->bytes, 0);
	charls_jpegls_decoder_destroy(decoder);
	if (is_signed(p))
		flip_sign(p, p->back, p->back, p->bytes);
	return done;
}
#endif

/* --- BC4 ------------------------------------------------------------------------- */

#ifdef HAVE_SQUISH
static const char *squish_version(void)
{
	return NULL;
}

static uint64_t squish_bound(const struct coder *coder, const struct piece *p)
{
	(void)coder;
	return (p->width + 3) / 4 * (uint64_t)((p->rows + 3) / 4) * 8;
}

/* Between a block and the image; what is outside repeats the edge. */
static void move_block(const struct piece *p, uint32_t y, uint32_t x, uint8_t block[16], bool back)
{
	uint8_t sign = is_signed(p) ? 0x80 : 0;
	uint32_t i;

	for (i = 0; i < 16; i++) {
		uint32_t v = y + i / 4, u = x + i % 4;
		bool inside = v < p->rows && u < p->width;
		uint64_t at = (uint64_t)(v < p->rows ? v : p->rows - 1) * p->width +
			      (u < p->width ? u : p->width - 1);

		if (!back)
			block[i] = p->values[at] ^ sign;
		else if (inside)
			p->back[at] = block[i] ^ sign;
	}
}

static bool squish_encode(void *arg, struct piece *p)
{
	uint8_t values[16], *out = p->payload;
	uint32_t y, x;

	(void)arg;
	for (y = 0; y < p->rows; y += 4) {
		for (x = 0; x < p->width; x += 4, out += 8) {
			move_block(p, y, x, values, false);
			bc4_encode(values, out);
		}
	}
	p->payload_bytes = out - p->payload;
	return true;
}

static bool squish_decode(void *arg, struct piece *p)
{
	const uint8_t *in = p->payload;
	uint8_t values[16];
	uint32_t y, x;

	(void)arg;
	for (y = 0; y < p->rows; y += 4) {
		for (x = 0; x < p->width; x += 4, in += 8) {
			bc4_decode(in, values);
			move_block(p, y, x, values, true);
		}
	}
	return true;
}
#endif

/* --- all ------------------------------------------------------------------------- */

const struct coder peer_coders[] = {
#ifdef HAVE_LZ4
	PEER("LZ4", 0, false, 0, 2, lz4),
	PEER("LZ4HC -9", 9, false, 0, 2, lz4),
#endif
#ifdef HAVE_ZSTD
	ZSTD_CODER("zstd -1", 1),
	ZSTD_CODER("zstd -3", 3),
	ZSTD_CODER("zstd -19", 19),
#endif
#ifdef HAVE_ZLIB
	PEER("zlib -6", 6, false, 0, 2, deflate),
#endif
#ifdef HAVE_SNAPPY
	PEER("Snappy", 0, false, 0, 2, snappy),
#endif
#ifdef HAVE_BLOSC
	PEER("c-blosc bitshuffle LZ4", 5, false, 0, 2, blosc),
#endif
#ifdef HAVE_ZFP
	PEER("zfp rate 4", 4, true, -1, 2, zfp),
#endif
#ifdef HAVE_CHARLS
	PEER("JPEG-LS", 0, false, 0, 2, charls),
	PEER("JPEG-LS near=1", 1, true, 1, 2, charls),
#endif
#ifdef HAVE_SQUISH
	PEER("BC4", 0, true, -1, 1, squish),
#endif
	{ .name = NULL }
};

const unsigned int peer_coder_count = sizeof(peer_coders) / sizeof(peer_coders[0]) - 1;
