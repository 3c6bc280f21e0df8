/* SPDX-License-Identifier: MIT */
#ifndef ASC_PICTURE_H
#define ASC_PICTURE_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct picture - an RGB image
 * @width: in pixels
 * @height: likewise
 * @pixels: three bytes each, by rows; to be freed
 */
struct picture {
	uint32_t width;
	uint32_t height;
	uint8_t *pixels;
};

/* All background; complains if there is no memory, and returns an exit code. */
int picture_make(struct picture *picture, uint32_t width, uint32_t height);

void picture_fill(struct picture *picture, uint32_t x, uint32_t y, uint32_t width, uint32_t height,
		  const uint8_t *colour);

/* Width of a number in pixels, and its height. */
uint32_t number_width(double number);
#define NUMBER_HEIGHT	10

/* A number in black, from its upper left corner on. */
void picture_number(struct picture *picture, uint32_t x, uint32_t y, double number);

/* Colours for 0 to 1: dark blue to yellow, and, around 0.5, blue to white to red. */
void colour_value(double at, uint8_t *colour);
void colour_error(double at, uint8_t *colour);

/* Writes a .png file.  Complains; returns an exit code. */
int picture_write(const struct picture *picture, const char *name, bool force);

#endif
