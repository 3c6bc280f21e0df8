// SPDX-License-Identifier: MIT
/*
 * Images with numbers in them, written by libpng.
 */

#if !__has_include(<png.h>)
#error "libpng is missing; in Debian: apt-get install libpng-dev"
#endif
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asc.h"
#include "file.h"
#include "picture.h"

/* Grey, as white is a colour of errors. */
#define BACKGROUND	0xd0

#define GLYPH_WIDTH	3
#define GLYPH_HEIGHT	5
#define GLYPH_ZOOM	2

int picture_make(struct picture *picture, uint32_t width, uint32_t height)
{
	picture->width = width;
	picture->height = height;
	picture->pixels = malloc(3ull * width * height);
	if (!picture->pixels) {
		complain("out of memory");
		return EXIT_FAILED;
	}
	memset(picture->pixels, BACKGROUND, 3ull * width * height);
	return EXIT_OK;
}

void picture_fill(struct picture *picture, uint32_t x, uint32_t y, uint32_t width, uint32_t height,
		  const uint8_t *colour)
{
	uint32_t i, j;

	for (j = y; j < y + height && j < picture->height; j++)
		for (i = x; i < x + width && i < picture->width; i++)
			memcpy(&picture->pixels[3 * ((uint64_t)j * picture->width + i)], colour, 3);
}

/* Rows of a character from the top, three bits each; the upper bit is at the left. */
static const uint8_t *glyph(char c)
{
	static const struct {
		char c;
		uint8_t rows[GLYPH_HEIGHT];
	} glyphs[] = {
		{ '0', { 7, 5, 5, 5, 7 } }, { '1', { 2, 6, 2, 2, 7 } }, { '2', { 7, 1, 7, 4, 7 } },
		{ '3', { 7, 1, 7, 1, 7 } }, { '4', { 5, 5, 7, 1, 1 } }, { '5', { 7, 4, 7, 1, 7 } },
		{ '6', { 7, 4, 7, 5, 7 } }, { '7', { 7, 1, 1, 1, 1 } }, { '8', { 7, 5, 7, 5, 7 } },
		{ '9', { 7, 5, 7, 1, 7 } }, { '.', { 0, 0, 0, 0, 2 } }, { '-', { 0, 0, 7, 0, 0 } },
		{ '+', { 0, 2, 7, 2, 0 } }, { 'e', { 0, 7, 7, 4, 7 } },
	};
	static const uint8_t none[GLYPH_HEIGHT];
	size_t i;

	for (i = 0; i < sizeof(glyphs) / sizeof(glyphs[0]); i++) {
		if (glyphs[i].c == c)
			return glyphs[i].rows;
	}
	return none;
}

static int format_number(double number, char *text, size_t size)
{
	return snprintf(text, size, "%.4g", number);
}

uint32_t number_width(double number)
{
	char text[32];

	return format_number(number, text, sizeof(text)) * (GLYPH_WIDTH + 1) * GLYPH_ZOOM;
}

void picture_number(struct picture *picture, uint32_t x, uint32_t y, double number)
{
	static const uint8_t black[3];
	char text[32];
	const char *p;
	int i, j;

	format_number(number, text, sizeof(text));
	for (p = text; *p; p++, x += (GLYPH_WIDTH + 1) * GLYPH_ZOOM)
		for (j = 0; j < GLYPH_HEIGHT; j++)
			for (i = 0; i < GLYPH_WIDTH; i++)
				if (glyph(*p)[j] & 4 >> i)
					picture_fill(picture, x + i * GLYPH_ZOOM,
						     y + j * GLYPH_ZOOM, GLYPH_ZOOM, GLYPH_ZOOM,
						     black);
}

/* Between @count colours at equal distances. */
static void blend(const uint8_t (*colours)[3], int count, double at, uint8_t *colour)
{
	double position = (at < 0 ? 0 : at > 1 ? 1 : at) * (count - 1);
	int i, from = position < count - 1 ? (int)position : count - 2;

	for (i = 0; i < 3; i++)
		colour[i] = colours[from][i] +
			    (colours[from + 1][i] - colours[from][i]) * (position - from) + 0.5;
}

void colour_value(double at, uint8_t *colour)
{
	/* of viridis, which also reads well without colours */
	static const uint8_t colours[][3] = {
		{ 68, 1, 84 },	 { 59, 82, 139 },  { 33, 145, 140 },
		{ 94, 201, 98 }, { 253, 231, 37 },
	};

	blend(colours, 5, at, colour);
}

void colour_error(double at, uint8_t *colour)
{
	static const uint8_t colours[][3] = { { 5, 48, 200 }, { 255, 255, 255 }, { 200, 10, 30 } };

	blend(colours, 3, at, colour);
}

int picture_write(const struct picture *picture, const char *name, bool force)
{
	png_image image = {
		.version = PNG_IMAGE_VERSION,
		.width = picture->width,
		.height = picture->height,
		.format = PNG_FORMAT_RGB,
	};
	struct output output;
	png_alloc_size_t bytes;
	uint8_t *data = NULL;
	int ret;

	if (!png_image_write_get_memory_size(image, bytes, 0, picture->pixels, 0, NULL)) {
		complain("%s: %s", output_shown(name), image.message);
		return EXIT_FAILED;
	}
	data = malloc(bytes);
	if (!data || !png_image_write_to_memory(&image, data, &bytes, 0, picture->pixels, 0, NULL)) {
		complain("%s: %s", output_shown(name), data ? image.message : "out of memory");
		free(data);
		return EXIT_FAILED;
	}
	ret = output_open(&output, name, force);
	if (!ret)
		ret = output_write(&output, data, bytes);
	if (!ret)
		ret = output_commit(&output);
	free(data);
	return ret;
}
