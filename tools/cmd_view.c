// SPDX-License-Identifier: MIT
/*
 * asc view: channels of a map, their reconstruction and the error, on a contact sheet.
 */

#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "file.h"
#include "json.h"
#include "picture.h"

#define GAP		2	/* pixels between channels */
#define MARGIN		12	/* around panels and scales */
#define BAR_WIDTH	12
#define MIN_SIDE	96	/* what small maps are enlarged to, about */
#define MAX_SIDE	256	/* what large ones are thinned out to */
#define MIN_PANEL	64	/* height, so that a scale has room for its numbers */

/**
 * struct sheet - how channels are laid out
 * @first: first channel, counted through all maps of an N
 * @count: channels
 * @columns: of a panel
 * @rows: likewise
 * @step: each step-th value is drawn, in both directions
 * @zoom: pixels of a value
 * @cell_width: pixels of a channel
 * @cell_height: likewise
 */
struct sheet {
	uint32_t first;
	uint32_t count;
	uint32_t columns;
	uint32_t rows;
	uint32_t step;
	uint32_t zoom;
	uint32_t cell_width;
	uint32_t cell_height;
};

/**
 * struct panel - one grid of channels and its scale
 * @tensor: what is shown
 * @minus: what is subtracted from it, or NULL
 * @min: the least of the scale
 * @max: the greatest
 * @colour: colours of the scale
 */
struct panel {
	const struct tensor *tensor;
	const struct tensor *minus;
	double min;
	double max;
	void (*colour)(double at, uint8_t *colour);
};

static uint32_t divide_up(uint32_t a, uint32_t b)
{
	return a / b + !!(a % b);
}

static void plan_sheet(struct sheet *sheet, const uint32_t *dim)
{
	uint32_t side = dim[2] > dim[3] ? dim[2] : dim[3];

	sheet->columns = ceil(sqrt(sheet->count));
	sheet->rows = divide_up(sheet->count, sheet->columns);
	sheet->step = divide_up(side, MAX_SIDE);
	sheet->zoom = side < MIN_SIDE ? MIN_SIDE / side : 1;
	if (sheet->zoom > 16)
		sheet->zoom = 16;
	sheet->cell_width = divide_up(dim[3], sheet->step) * sheet->zoom;
	sheet->cell_height = divide_up(dim[2], sheet->step) * sheet->zoom;
}

static uint32_t panel_height(const struct sheet *sheet)
{
	uint32_t height = sheet->rows * (sheet->cell_height + GAP) - GAP;

	return height < MIN_PANEL ? MIN_PANEL : height;
}

/* Of a panel, its scale, and the margin behind it. */
static uint32_t panel_width(const struct sheet *sheet, const struct panel *panel)
{
	uint32_t low = number_width(panel->min), high = number_width(panel->max);

	return sheet->columns * (sheet->cell_width + GAP) - GAP + MARGIN + BAR_WIDTH + GAP +
	       (low > high ? low : high) + MARGIN;
}

static double value_of(const struct panel *panel, const uint32_t *at)
{
	double value = tensor_value(panel->tensor, at);

	return panel->minus ? value - tensor_value(panel->minus, at) : value;
}

static void draw_channel(struct picture *picture, const struct sheet *sheet,
			 const struct panel *panel, uint32_t channel, uint32_t x, uint32_t y)
{
	const uint32_t *dim = panel->tensor->surface.dim;
	uint32_t at[4] = { channel / dim[1], channel % dim[1], 0, 0 };
	double range = panel->max - panel->min;
	uint8_t colour[3];

	for (at[2] = 0; at[2] < dim[2]; at[2] += sheet->step) {
		for (at[3] = 0; at[3] < dim[3]; at[3] += sheet->step) {
			double value = value_of(panel, at);

			panel->colour(range ? (value - panel->min) / range : 0.5, colour);
			picture_fill(picture, x + at[3] / sheet->step * sheet->zoom,
				     y + at[2] / sheet->step * sheet->zoom, sheet->zoom,
				     sheet->zoom, colour);
		}
	}
}

static void draw_scale(struct picture *picture, const struct panel *panel, uint32_t x, uint32_t y,
		       uint32_t height)
{
	uint8_t colour[3];
	uint32_t i;

	for (i = 0; i < height; i++) {
		panel->colour(1 - i / (height - 1.0), colour);
		picture_fill(picture, x, y + i, BAR_WIDTH, 1, colour);
	}
	x += BAR_WIDTH + GAP;
	picture_number(picture, x, y, panel->max);
	picture_number(picture, x, y + height - NUMBER_HEIGHT, panel->min);
}

static void draw_panel(struct picture *picture, const struct sheet *sheet,
		       const struct panel *panel, uint32_t x)
{
	uint32_t i;

	for (i = 0; i < sheet->count; i++)
		draw_channel(picture, sheet, panel, sheet->first + i,
			     x + i % sheet->columns * (sheet->cell_width + GAP),
			     MARGIN + i / sheet->columns * (sheet->cell_height + GAP));
	draw_scale(picture, panel, x + sheet->columns * (sheet->cell_width + GAP) - GAP + MARGIN,
		   MARGIN, panel_height(sheet));
}

/* The least and the greatest value of the channels that are shown. */
static void find_range(const struct sheet *sheet, struct panel *panel)
{
	const uint32_t *dim = panel->tensor->surface.dim;
	uint32_t i, at[4];

	panel->min = INFINITY;
	panel->max = -INFINITY;
	for (i = sheet->first; i < sheet->first + sheet->count; i++) {
		at[0] = i / dim[1];
		at[1] = i % dim[1];
		for (at[2] = 0; at[2] < dim[2]; at[2]++) {
			for (at[3] = 0; at[3] < dim[3]; at[3]++) {
				double value = value_of(panel, at);

				panel->min = fmin(panel->min, value);
				panel->max = fmax(panel->max, value);
			}
		}
	}
}

static int draw(const struct options *options, const char *output, const struct sheet *sheet,
		const struct panel *panels, int count)
{
	struct picture picture = { .pixels = NULL };
	uint32_t width = MARGIN;
	int i, ret;

	for (i = 0; i < count; i++)
		width += panel_width(sheet, &panels[i]);
	ret = picture_make(&picture, width, panel_height(sheet) + 2 * MARGIN);
	if (ret)
		return ret;
	width = MARGIN;
	for (i = 0; i < count; i++) {
		draw_panel(&picture, sheet, &panels[i], width);
		width += panel_width(sheet, &panels[i]);
	}
	ret = picture_write(&picture, output, options->force);
	free(picture.pixels);
	return ret;
}

static int report(const struct options *options, const char *input, const char *output,
		  const struct sheet *sheet, const struct panel *panels, int count)
{
	double error = count > 1 ? panels[2].max : 0;

	if (options->json)
		return json_print(json_pack("{s:o, s:o, s:i, s:i, s:f, s:f, s:o}", "input",
					    json_name(input), "output", json_name(output),
					    "first_channel", (int)sheet->first, "channels",
					    (int)sheet->count, "min", panels[0].min, "max",
					    panels[0].max, "max_error",
					    count > 1 ? json_real(error) : json_null()));
	if (count > 1)
		tell("%s: %u channels, values %g to %g, largest error %g, to %s",
		     input_shown(input), sheet->count, panels[0].min, panels[0].max, error,
		     output_shown(output));
	else
		tell("%s: %u channels, values %g to %g, to %s", input_shown(input), sheet->count,
		     panels[0].min, panels[0].max, output_shown(output));
	return EXIT_OK;
}

/* @back: the reconstruction, or NULL if @tensor is one */
static int view_tensor(const struct options *options, const char *input, const char *output,
		       const struct tensor *tensor, const struct tensor *back)
{
	const uint32_t *dim = tensor->surface.dim;
	struct sheet sheet = { .first = options->first_channel };
	uint64_t channels = (uint64_t)dim[0] * dim[1];
	struct panel panels[3] = {
		{ .tensor = tensor, .colour = colour_value },
		{ .tensor = back, .colour = colour_value },
		{ .tensor = back, .minus = tensor, .colour = colour_error },
	};
	int count = back ? 3 : 1, ret;

	if (sheet.first >= channels) {
		complain("%s: channel %u of %llu", input_shown(input), sheet.first,
			 (unsigned long long)channels);
		return EXIT_FAILED;
	}
	sheet.count = channels - sheet.first < options->channels ? channels - sheet.first :
								   options->channels;
	plan_sheet(&sheet, dim);
	find_range(&sheet, &panels[0]);
	if (back) {
		panels[1].min = panels[0].min;
		panels[1].max = panels[0].max;
		find_range(&sheet, &panels[2]);
		panels[2].max = fmax(fabs(panels[2].min), fabs(panels[2].max));
		panels[2].min = panels[2].max ? -panels[2].max : 0;
	}
	ret = draw(options, output, &sheet, panels, count);
	return ret ? ret : report(options, input, output, &sheet, panels, count);
}

static int view_container(struct ascdev_ctx *ctx, const struct options *options,
			  const char *input, const char *output, uint8_t *data, size_t size)
{
	struct tensor tensor = { .file = NULL };
	struct container container;
	const struct entry *entry;
	int ret = container_from_bytes(&container, data, size, input);

	if (ret)
		return ret;
	entry = container_find(&container, options->tensor, input);
	ret = entry ? decompress_entry(ctx, entry, NULL, input, &tensor, NULL) : EXIT_FAILED;
	if (!ret)
		ret = view_tensor(options, input, output, &tensor, NULL);
	free(tensor.file);
	container_free(&container);
	return ret;
}

static const struct tensor *find_tensor(const struct tensors *tensors, const char *tensor,
					const char *input)
{
	size_t i;

	if (!tensor && tensors->count == 1)
		return tensors->list;
	for (i = 0; tensor && i < tensors->count; i++) {
		if (!strcmp(tensors->list[i].name, tensor))
			return &tensors->list[i];
	}
	if (tensor)
		complain("%s: no tensor '%s' in it", input_shown(input), tensor);
	else
		complain("%s: %zu tensors; --tensor names one", input_shown(input),
			 tensors->count);
	return NULL;
}

static int view_map(struct ascdev_ctx *ctx, const struct options *options, const char *input,
		    const char *output, uint8_t *data, size_t size)
{
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	struct entry entry = { .payload = NULL };
	struct tensor back = { .file = NULL };
	const struct tensor *tensor;
	struct tensors tensors;
	int ret = tensors_from_bytes(&tensors, options, data, size, input);

	if (ret)
		return ret;
	tensor = find_tensor(&tensors, options->tensor, input);
	ret = tensor ? compress_tensor(ctx, options, tensor, input, &entry, &result) : EXIT_FAILED;
	if (!ret)
		ret = decompress_entry(ctx, &entry, NULL, input, &back, NULL);
	if (!ret)
		ret = view_tensor(options, input, output, tensor, &back);
	free(back.file);
	entry_free(&entry);
	tensors_free(&tensors);
	return ret;
}

/* Raw values may look like a container; who gives their type and shape knows better. */
static bool holds_container(const struct options *options, const char *input,
			    const uint8_t *data, size_t size)
{
	return name_ends_in(input, ".asc") ||
	       (!(options->shape_dims && options->dtype >= 0) && container_is(data, size));
}

static int view(struct ascdev_ctx *ctx, const struct options *options, const char *input)
{
	uint8_t *data;
	char *output;
	size_t size;
	int ret;

	if (options->output)
		output = strdup(options->output);
	else if (!strcmp(input, "-"))
		output = strdup("-");
	else if (asprintf(&output, "%s.png", input) < 0)
		output = NULL;
	if (!output) {
		complain("out of memory");
		return EXIT_FAILED;
	}
	ret = output_check(output, options->force);
	if (!ret)
		ret = file_read(input, &data, &size);
	if (!ret)
		ret = holds_container(options, input, data, size) ?
			      view_container(ctx, options, input, output, data, size) :
			      view_map(ctx, options, input, output, data, size);
	free(output);
	return ret;
}

int cmd_view(const struct options *options)
{
	return for_each_input(options, view);
}
