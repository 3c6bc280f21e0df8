/* SPDX-License-Identifier: MIT */
#ifndef SUPERRES_H
#define SUPERRES_H

#include <stdbool.h>
#include <stdint.h>

#define MAX_LAYERS	8

/**
 * struct layer - one convolution; its output is a feature map
 * @in: input channels
 * @out: output channels
 * @size: width and height of the kernel, odd
 * @bias: for each output channel, in units of the accumulator
 * @multiplier: for each output channel; the accumulator times it, shifted right
 *	by @shift and rounded, is the value of the output map
 * @shift: see @multiplier
 * @weights: [out][in][size][size]
 */
struct layer {
	uint32_t in, out, size;
	int32_t *bias, *multiplier, *shift;
	int8_t *weights;
};

/**
 * struct network - convolutions; a ReLU behind each but the last
 * @layers: convolutions
 * @count: number of @layers
 * @residual_scale: what a step of the last map is worth in a pixel, 16.16
 */
struct network {
	struct layer layers[MAX_LAYERS];
	uint32_t count;
	int32_t residual_scale;
};

/* Reads weights.bin.  Returns NULL, or what is wrong. */
const char *network_load(struct network *network, const char *path);
void network_free(struct network *network);

/*
 * One layer: maps are C x H x W, unsigned 8 bit but for the output of the last
 * layer, which is signed.  Integers only, so every machine gives the same bytes.
 */
void layer_run(const struct layer *layer, bool last, const uint8_t *in, uint8_t *out, uint32_t h,
	       uint32_t w);

/**
 * struct image - 8-bit RGB, rows without gaps
 * @w: width
 * @h: height
 * @rgb: pixels
 */
struct image {
	uint32_t w, h;
	uint8_t *rgb;
};

/* All return NULL, or what is wrong. */
const char *image_load_png(struct image *image, const char *path);
const char *image_save_png(const struct image *image, const char *path);

/* A plane of w x h values, 0 to 255. */
void image_luma(const struct image *image, uint8_t *luma);

/* Means of 2 x 2 values; w and h are those of the input, even. */
void plane_halve(const uint8_t *in, uint8_t *out, uint32_t w, uint32_t h);

/* Twice the size by bicubic interpolation; w and h are those of the input. */
void plane_double(const uint8_t *in, uint8_t *out, uint32_t w, uint32_t h);

double plane_psnr(const uint8_t *a, const uint8_t *b, uint64_t count);

#endif
