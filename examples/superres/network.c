// SPDX-License-Identifier: MIT
/*
 * The network in 8-bit integers.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "superres.h"

#define MAGIC		"ASCSR\0\0\1"
#define MAX_CHANNELS	256
#define MAX_SIZE	9

static int32_t get32(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (int32_t)((uint32_t)p[3] << 24);
}

static bool read_words(FILE *stream, int32_t *words, uint32_t count)
{
	uint8_t bytes[4];

	while (count--) {
		if (fread(bytes, sizeof(bytes), 1, stream) != 1)
			return false;
		*words++ = get32(bytes);
	}
	return true;
}

static const char *load_layer(struct layer *layer, FILE *stream, uint32_t in)
{
	int32_t header[3];
	size_t weights;
	uint32_t i;

	if (!read_words(stream, header, 3))
		return "cut off";
	layer->in = header[0];
	layer->out = header[1];
	layer->size = header[2];
	if (layer->in != in || !layer->out || layer->out > MAX_CHANNELS ||
	    layer->size > MAX_SIZE || layer->size % 2 == 0)
		return "bad shape of a layer";
	weights = (size_t)layer->in * layer->out * layer->size * layer->size;
	layer->bias = calloc(layer->out, sizeof(*layer->bias));
	layer->multiplier = calloc(layer->out, sizeof(*layer->multiplier));
	layer->shift = calloc(layer->out, sizeof(*layer->shift));
	layer->weights = malloc(weights);
	if (!layer->bias || !layer->multiplier || !layer->shift || !layer->weights)
		return "out of memory";
	if (!read_words(stream, layer->bias, layer->out) ||
	    !read_words(stream, layer->multiplier, layer->out) ||
	    !read_words(stream, layer->shift, layer->out) ||
	    fread(layer->weights, 1, weights, stream) != weights)
		return "cut off";
	for (i = 0; i < layer->out; i++) {
		if (layer->shift[i] < 1 || layer->shift[i] > 62)
			return "bad scale of a channel";
		/* together with all products it fits 32 bits */
		if (layer->bias[i] < -(1 << 28) || layer->bias[i] > 1 << 28)
			return "bad bias of a channel";
	}
	return NULL;
}

const char *network_load(struct network *network, const char *path)
{
	const char *wrong = NULL;
	FILE *stream = fopen(path, "rb");
	int32_t header[2];
	uint32_t i, in = 1;
	char magic[8];

	memset(network, 0, sizeof(*network));
	if (!stream)
		return "cannot be opened";
	if (fread(magic, sizeof(magic), 1, stream) != 1 || memcmp(magic, MAGIC, sizeof(magic)) ||
	    !read_words(stream, header, 2))
		wrong = "not weights of this program";
	else if (header[0] < 1 || header[0] > MAX_LAYERS)
		wrong = "bad number of layers";
	else if (header[1] < 0 || header[1] > 1 << 23)
		wrong = "bad scale of the result";
	if (!wrong) {
		network->count = header[0];
		network->residual_scale = header[1];
	}
	for (i = 0; i < network->count && !wrong; i++) {
		wrong = load_layer(&network->layers[i], stream, in);
		in = network->layers[i].out;
	}
	if (!wrong && in != 4)
		wrong = "the last layer must have 4 channels";
	fclose(stream);
	if (wrong)
		network_free(network);
	return wrong;
}

void network_free(struct network *network)
{
	uint32_t i;

	for (i = 0; i < MAX_LAYERS; i++) {
		free(network->layers[i].bias);
		free(network->layers[i].multiplier);
		free(network->layers[i].shift);
		free(network->layers[i].weights);
	}
	memset(network, 0, sizeof(*network));
}

static uint32_t clamp_index(int64_t i, uint32_t n)
{
	return i < 0 ? 0 : i >= n ? n - 1 : i;
}

/* Add one input channel, through one tap of the kernel, to a row of accumulators. */
static void add_tap(int32_t *acc, const uint8_t *row, int32_t weight, int32_t dx, uint32_t w)
{
	uint32_t x, first = dx < 0 ? -dx : 0, last = dx > 0 && (uint32_t)dx < w ? w - dx : w;

	if (first > w)
		first = w;
	if (dx > 0 && (uint32_t)dx >= w)
		last = 0;
	for (x = 0; x < first; x++)
		acc[x] += weight * row[0];
	for (; x < last; x++)
		acc[x] += weight * row[x + dx];
	for (; x < w; x++)
		acc[x] += weight * row[w - 1];
}

static int32_t requantise(int64_t acc, int32_t multiplier, int32_t shift)
{
	return (acc * multiplier + (1ll << (shift - 1))) >> shift;
}

void layer_run(const struct layer *layer, bool last, const uint8_t *in, uint8_t *out, uint32_t h,
	       uint32_t w)
{
	int32_t low = last ? -128 : 0, high = last ? 127 : 255, half = layer->size / 2;
	int32_t *acc = malloc(w * sizeof(*acc));
	uint32_t o, i, x, y;
	int32_t ky, kx;

	if (!acc)
		abort();
	for (o = 0; o < layer->out; o++) {
		const int8_t *kernel =
			layer->weights + (size_t)o * layer->in * layer->size * layer->size;

		for (y = 0; y < h; y++) {
			const int8_t *weight = kernel;

			for (x = 0; x < w; x++)
				acc[x] = layer->bias[o];
			for (i = 0; i < layer->in; i++) {
				for (ky = -half; ky <= half; ky++) {
					const uint8_t *row =
						in + ((size_t)i * h +
						      clamp_index((int64_t)y + ky, h)) * w;

					for (kx = -half; kx <= half; kx++)
						add_tap(acc, row, *weight++, kx, w);
				}
			}
			for (x = 0; x < w; x++) {
				int32_t v = requantise(acc[x], layer->multiplier[o],
						       layer->shift[o]);

				*out++ = v < low ? low : v > high ? high : v;
			}
		}
	}
	free(acc);
}
