// SPDX-License-Identifier: MIT
/*
 * Rate against SQNR, as SVG.
 */

#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asc.h"
#include "file.h"
#include "plot.h"

#define LEFT		60
#define TOP		30
#define WIDTH		560
#define HEIGHT		400
#define LEGEND_LINE	18

/* Of Okabe and Ito, which those who are colour-blind can tell apart. */
static const char *const colours[] = {
	"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999",
};

/**
 * struct axis - one direction of a plot
 * @least: at its start
 * @greatest: at its end
 * @step: from one number to the next
 */
struct axis {
	double least;
	double greatest;
	double step;
};

/* Ends at multiples of a step of 1, 2 or 5 times a power of 10, of which there are a few. */
static void set_axis(struct axis *axis, double least, double greatest)
{
	double range = fmax(greatest - least, 0.1), power = pow(10, floor(log10(range)));

	axis->step = range / power <= 2 ? power / 5 : range / power <= 5 ? power / 2 : power;
	axis->least = floor(least / axis->step) * axis->step;
	axis->greatest = ceil(greatest / axis->step) * axis->step;
	if (axis->greatest <= axis->least)
		axis->greatest = axis->least + axis->step;
}

static double at_x(const struct axis *axis, double x)
{
	return LEFT + WIDTH * (x - axis->least) / (axis->greatest - axis->least);
}

/* What lost nothing is at the upper edge. */
static double at_y(const struct axis *axis, double y)
{
	if (y > axis->greatest)
		return TOP;
	return TOP + HEIGHT * (axis->greatest - y) / (axis->greatest - axis->least);
}

static void draw_axes(FILE *stream, const struct axis *x, const struct axis *y)
{
	double v;

	fprintf(stream, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" "
		"stroke=\"#444\"/>\n", LEFT, TOP, WIDTH, HEIGHT);
	for (v = x->least; v < x->greatest + x->step / 2; v += x->step)
		fprintf(stream, "<path d=\"M%.1f %dv%d\" stroke=\"#ddd\"/>"
			"<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.4g</text>\n",
			at_x(x, v), TOP, HEIGHT, at_x(x, v), TOP + HEIGHT + 18, v);
	for (v = y->least; v < y->greatest + y->step / 2; v += y->step)
		fprintf(stream, "<path d=\"M%d %.1fh%d\" stroke=\"#ddd\"/>"
			"<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.4g</text>\n", LEFT,
			at_y(y, v), WIDTH, LEFT - 6, at_y(y, v) + 4, fabs(v) < 1e-9 ? 0 : v);
	fprintf(stream, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">bits per value</text>\n",
		LEFT + WIDTH / 2, TOP + HEIGHT + 40);
	fprintf(stream, "<text transform=\"translate(16 %d) rotate(-90)\" "
		"text-anchor=\"middle\">SQNR, dB</text>\n", TOP + HEIGHT / 2);
	fprintf(stream, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">lossless</text>\n",
		LEFT + WIDTH, TOP - 8);
}

static bool is_first(const struct point *points, size_t i)
{
	size_t j;

	for (j = 0; j < i; j++) {
		if (!strcmp(points[j].series, points[i].series))
			return false;
	}
	return true;
}

/* All points of the series that begins at @first, and its name. */
static void draw_series(FILE *stream, const struct point *points, size_t first, size_t count,
			size_t number, const struct axis *x, const struct axis *y)
{
	const char *colour = colours[number % (sizeof(colours) / sizeof(colours[0]))];
	int line = TOP + 6 + (int)number * LEGEND_LINE;
	size_t i;

	fprintf(stream, "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\" points=\"",
		colour);
	for (i = first; i < count; i++) {
		if (!strcmp(points[i].series, points[first].series))
			fprintf(stream, "%.1f,%.1f ", at_x(x, points[i].x), at_y(y, points[i].y));
	}
	fprintf(stream, "\"/>\n");
	for (i = first; i < count; i++) {
		if (!strcmp(points[i].series, points[first].series))
			fprintf(stream, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" fill=\"%s\"/>\n",
				at_x(x, points[i].x), at_y(y, points[i].y), colour);
	}
	fprintf(stream, "<circle cx=\"%d\" cy=\"%d\" r=\"3.5\" fill=\"%s\"/>"
		"<text x=\"%d\" y=\"%d\">%s</text>\n", LEFT + WIDTH + 20, line, colour,
		LEFT + WIDTH + 30, line + 4, points[first].series);
}

static void draw(FILE *stream, const struct point *points, size_t count)
{
	double x_max = 0, y_min = INFINITY, y_max = -INFINITY;
	struct axis x, y;
	size_t i, number = 0;

	for (i = 0; i < count; i++) {
		x_max = fmax(x_max, points[i].x);
		if (isfinite(points[i].y)) {
			y_min = fmin(y_min, points[i].y);
			y_max = fmax(y_max, points[i].y);
		}
	}
	set_axis(&x, 0, x_max);
	set_axis(&y, isfinite(y_min) ? y_min : 0, isfinite(y_max) ? y_max : 1);
	fprintf(stream, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
		"font-family=\"sans-serif\" font-size=\"12\">\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
		LEFT + WIDTH + 340, TOP + HEIGHT + 60);
	draw_axes(stream, &x, &y);
	for (i = 0; i < count; i++) {
		if (is_first(points, i))
			draw_series(stream, points, i, count, number++, &x, &y);
	}
	fprintf(stream, "</svg>\n");
}

static int by_rate(const void *a, const void *b)
{
	double x = ((const struct point *)a)->x, y = ((const struct point *)b)->x;

	return (x > y) - (x < y);
}

int plot_write(const struct point *points, size_t count, const char *name, bool force)
{
	struct point *sorted = malloc((count + 1) * sizeof(*sorted));
	struct output output;
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);
	int ret = EXIT_FAILED;

	if (sorted && stream) {
		memcpy(sorted, points, count * sizeof(*sorted));
		qsort(sorted, count, sizeof(*sorted), by_rate);
		draw(stream, sorted, count);
	}
	if (sorted && stream && !fclose(stream)) {
		ret = output_open(&output, name, force);
		if (!ret)
			ret = output_write(&output, text, size);
		if (!ret)
			ret = output_commit(&output);
	} else {
		complain("out of memory");
	}
	free(text);
	free(sorted);
	return ret;
}
