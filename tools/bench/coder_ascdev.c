// SPDX-License-Identifier: MIT
/*
 * memcpy, and the codecs of the library, in process.
 */

#include <stdlib.h>
#include <string.h>

#include "bench.h"

static const char *no_version(void)
{
	return NULL;
}

static void *memcpy_open(const struct coder *coder, unsigned int threads)
{
	(void)threads;
	return (void *)coder;
}

static void memcpy_close(void *state)
{
	(void)state;
}

static uint64_t memcpy_bound(const struct coder *coder, const struct piece *piece)
{
	(void)coder;
	return piece->bytes;
}

static bool memcpy_encode(void *state, struct piece *piece)
{
	(void)state;
	memcpy(piece->payload, piece->values, piece->bytes);
	piece->payload_bytes = piece->bytes;
	return true;
}

static bool memcpy_decode(void *state, struct piece *piece)
{
	(void)state;
	memcpy(piece->back, piece->payload, piece->bytes);
	return true;
}

const struct coder memcpy_coder = {
	.name = "memcpy", .max_error = 0, .widest = 2, .version = no_version,
	.open = memcpy_open, .close = memcpy_close, .bound = memcpy_bound,
	.encode = memcpy_encode, .decode = memcpy_decode,
};

/**
 * struct ascdev_state - a context and what it is to do
 * @ctx: in process
 * @params: of compression
 */
struct ascdev_state {
	struct ascdev_ctx *ctx;
	struct ascdev_params params;
};

static void parse(const struct coder *coder, struct ascdev_params *params)
{
	*params = (struct ascdev_params)ASCDEV_PARAMS_INIT;
	if (ascdev_params_parse(params, coder->text))
		fail("%s: bad parameters", coder->text);
}

static void *ascdev_state_open(const struct coder *coder, unsigned int threads)
{
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	struct ascdev_state *state = allocate(sizeof(*state));
	int ret;

	opts.backend = ASCDEV_BACKEND_SW;
	opts.threads = threads > 1 ? threads : 0;
	parse(coder, &state->params);
	ret = ascdev_open(&opts, NULL, &state->ctx);
	if (ret)
		fail("ascdev_open: %s", ascdev_strerror(ret));
	return state;
}

static void ascdev_state_close(void *arg)
{
	struct ascdev_state *state = arg;

	ascdev_close(state->ctx);
	free(state);
}

static uint64_t ascdev_bound(const struct coder *coder, const struct piece *piece)
{
	struct ascdev_params params;
	uint64_t bytes;

	parse(coder, &params);
	if (ascdev_compress_bound(&params, &piece->surface, &bytes))
		fail("%s: no bound", coder->name);
	return bytes;
}

static bool ascdev_encode(void *arg, struct piece *piece)
{
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	struct ascdev_state *state = arg;

	if (ascdev_compress(state->ctx, &state->params, &piece->surface, piece->values,
			    piece->payload, piece->room, &result))
		return false;
	piece->params = state->params;
	piece->payload_bytes = result.bytes;
	return !ascdev_params_settle(&piece->params, &result);
}

static bool ascdev_decode(void *arg, struct piece *piece)
{
	struct ascdev_state *state = arg;

	return !ascdev_decompress(state->ctx, &piece->params, &piece->surface, piece->payload,
				  piece->payload_bytes, piece->back, NULL);
}

#define ASCDEV_CODER_UP_TO(widest_, name_, text_, lossy_, max_error_)			\
	{ .name = name_, .text = text_, .ours = true, .lossy = lossy_,			\
	  .max_error = max_error_, .widest = widest_,					\
	  .version = ascdev_version_string,						\
	  .open = ascdev_state_open, .close = ascdev_state_close, .bound = ascdev_bound,	\
	  .encode = ascdev_encode, .decode = ascdev_decode }

#define ASCDEV_CODER(...)	ASCDEV_CODER_UP_TO(2, __VA_ARGS__)

const struct coder ascdev_coders[] = {
	ASCDEV_CODER("asc-cbr", "codec=asc-cbr", true, -1),
	/* of 16 bits it would take 5 for each value */
	ASCDEV_CODER_UP_TO(1, "asc-cbr 4x4x1",
			   "codec=asc-cbr,block=4x4x1,endpoints=two,profile=full", true, -1),
	ASCDEV_CODER("asc-cbr 8x4x1", "codec=asc-cbr,block=8x4x1,endpoints=two,profile=full",
		     true, -1),
	ASCDEV_CODER("asc-cbr best", "codec=asc-cbr,effort=best", true, -1),
	ASCDEV_CODER("asc-vbr max_error=0", "codec=asc-vbr,max_error=0", false, 0),
	ASCDEV_CODER("asc-vbr max_error=0 best", "codec=asc-vbr,max_error=0,effort=best",
		     false, 0),
	ASCDEV_CODER("asc-vbr max_error=1", "codec=asc-vbr,max_error=1", true, 1),
	ASCDEV_CODER("asc-vbr max_error=1 best", "codec=asc-vbr,max_error=1,effort=best",
		     true, 1),
	ASCDEV_CODER("asc-vbr target_bpe=4", "codec=asc-vbr,target_bpe=4", true, -1),
	ASCDEV_CODER("asc-vbr target_bpe=4 best", "codec=asc-vbr,target_bpe=4,effort=best",
		     true, -1),
	ASCDEV_CODER("ebpc", "codec=ebpc", false, 0),
	ASCDEV_CODER("dcac", "codec=dcac", false, 0),
	ASCDEV_CODER("zvc", "codec=zvc", false, 0),
	ASCDEV_CODER("raw", "codec=raw", false, 0),
	ASCDEV_CODER("auto max_error=0", "codec=auto,max_error=0", false, 0),
};

const unsigned int ascdev_coder_count = sizeof(ascdev_coders) / sizeof(ascdev_coders[0]);
