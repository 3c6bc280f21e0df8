// SPDX-License-Identifier: MIT
/*
 * Photographs: PNG, luma, halving, bicubic doubling.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "superres.h"

const char *image_load_png(struct image *image, const char *path)
{
	png_image png = { .version = PNG_IMAGE_VERSION };

	if (!png_image_begin_read_from_file(&png, path))
		return "not a PNG file that can be read";
	png.format = PNG_FORMAT_RGB;
	image->w = png.width;
	image->h = png.height;
	/* what is transparent lies on black */
	image->rgb = calloc(1, PNG_IMAGE_SIZE(png));
	if (!image->rgb) {
		png_image_free(&png);
		return "out of memory";
	}
	if (!png_image_finish_read(&png, NULL, image->rgb, 0, NULL)) {
		free(image->rgb);
		image->rgb = NULL;
		return "damaged PNG file";
	}
	return NULL;
}

const char *image_save_png(const struct image *image, const char *path)
{
	png_image png = { .version = PNG_IMAGE_VERSION };

	png.width = image->w;
	png.height = image->h;
	png.format = PNG_FORMAT_RGB;
	if (!png_image_write_to_file(&png, path, 0, image->rgb, 0, NULL))
		return "cannot be written";
	return NULL;
}

/* ITU-R BT.601, full range, 16 bits of fraction; rounded as libjpeg and Pillow do. */
void image_luma(const struct image *image, uint8_t *luma)
{
	uint64_t i, count = (uint64_t)image->w * image->h;

	for (i = 0; i < count; i++) {
		const uint8_t *p = image->rgb + 3 * i;

		luma[i] = (19595u * p[0] + 38470u * p[1] + 7471u * p[2] + 32768u) >> 16;
	}
}

void plane_halve(const uint8_t *in, uint8_t *out, uint32_t w, uint32_t h)
{
	uint32_t x, y;

	for (y = 0; y < h; y += 2) {
		for (x = 0; x < w; x += 2) {
			const uint8_t *p = in + (size_t)y * w + x;

			*out++ = (p[0] + p[1] + p[w] + p[w + 1] + 2) / 4;
		}
	}
}

/* Keys' cubic with a = -1/2, a quarter pixel from the nearest sample, in 128ths. */
static const int taps[4] = { -9, 111, 29, -3 };

static uint32_t clamp_index(int64_t i, uint32_t n)
{
	return i < 0 ? 0 : i >= n ? n - 1 : i;
}

/* Twice n samples, step apart, to 2n, out_step apart; 7 more bits of fraction. */
static void double_line(const int32_t *in, uint32_t n, size_t step, int32_t *out, size_t out_step)
{
	uint32_t i, k;

	for (i = 0; i < n; i++) {
		int32_t before = 0, after = 0;

		for (k = 0; k < 4; k++) {
			before += taps[k] * in[step * clamp_index((int64_t)i + 1 - k, n)];
			after += taps[k] * in[step * clamp_index((int64_t)i - 1 + k, n)];
		}
		out[out_step * 2 * i] = before;
		out[out_step * (2 * i + 1)] = after;
	}
}

void plane_double(const uint8_t *in, uint8_t *out, uint32_t w, uint32_t h)
{
	size_t count = (size_t)w * h, i;
	int32_t *line = malloc(count * sizeof(*line));
	int32_t *wide = malloc(count * 2 * sizeof(*wide));
	int32_t *both = malloc(count * 4 * sizeof(*both));

	if (!line || !wide || !both)
		abort();
	for (i = 0; i < count; i++)
		line[i] = in[i];
	for (i = 0; i < h; i++)
		double_line(line + i * w, w, 1, wide + i * 2 * w, 1);
	for (i = 0; i < 2 * (size_t)w; i++)
		double_line(wide + i, h, 2 * (size_t)w, both + i, 2 * (size_t)w);
	for (i = 0; i < count * 4; i++) {
		int32_t v = (both[i] + (1 << 13)) >> 14;

		out[i] = v < 0 ? 0 : v > 255 ? 255 : v;
	}
	free(line);
	free(wide);
	free(both);
}

double plane_psnr(const uint8_t *a, const uint8_t *b, uint64_t count)
{
	double sum = 0;
	uint64_t i;

	for (i = 0; i < count; i++)
		sum += (a[i] - b[i]) * (a[i] - b[i]);
	return sum ? 10 * log10(255.0 * 255.0 * count / sum) : INFINITY;
}
