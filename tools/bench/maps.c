// SPDX-License-Identifier: MIT
/*
 * Feature maps: of files, or made.
 */

#include <stdlib.h>
#include <string.h>

#include "../npy.h"
#include "bench.h"

/* --- made ------------------------------------------------------------------------ */

#define SIDE		128
#define CHANNELS	128
#define CELL		8
#define GRID		(SIDE / CELL + 1)

/* xorshift32 */
static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* About normal, of mean 0 and standard deviation 148. */
static int32_t noise(uint32_t *random)
{
	uint32_t r = next_random(random);

	return (int32_t)((r & 0xff) + (r >> 8 & 0xff) + (r >> 16 & 0xff) + (r >> 24)) - 510;
}

/* A smooth field: random values at the corners of cells, linear between them. */
static int32_t smooth(const int32_t grid[GRID][GRID], int y, int x)
{
	const int32_t *up = &grid[y / CELL][x / CELL], *down = up + GRID;
	int fx = x % CELL, fy = y % CELL;

	return ((up[0] * (CELL - fx) + up[1] * fx) * (CELL - fy) +
		(down[0] * (CELL - fx) + down[1] * fx) * fy) / (CELL * CELL);
}

/*
 * Each channel has a strength, a roughness and a threshold of its own, as those of networks
 * have: some are nearly empty, some nearly full.
 */
static void make_plane(uint8_t *out, uint32_t value_bytes, uint32_t *random)
{
	int32_t strength = 20 + next_random(random) % 60, rough = 40 + next_random(random) % 90;
	int32_t threshold = (int32_t)(next_random(random) % 260) - 130;
	int32_t top = value_bytes == 1 ? 255 : 32767, grid[GRID][GRID];
	int x, y;

	for (y = 0; y < GRID; y++) {
		for (x = 0; x < GRID; x++)
			grid[y][x] = 3 * noise(random) / 2;
	}
	for (y = 0; y < SIDE; y++) {
		for (x = 0; x < SIDE; x++) {
			int32_t v = smooth(grid, y, x) + noise(random) * rough / 128 - threshold;

			v = v > 0 ? v * strength : 0;
			v = value_bytes == 1 ? v >> 8 : v >> 1;
			if (v > top)
				v = top;
			if (value_bytes == 1)
				out[y * SIDE + x] = v;
			else
				((uint16_t *)out)[y * SIDE + x] = v;
		}
	}
}

/* --- both ------------------------------------------------------------------------ */

int64_t value_at(const uint8_t *values, uint32_t dtype, uint64_t i)
{
	uint16_t v = values[i];

	switch (dtype) {
	case ASCDEV_DTYPE_U8:
		return v;
	case ASCDEV_DTYPE_S8:
		return (int8_t)v;
	}
	memcpy(&v, values + 2 * i, sizeof(v));
	return dtype == ASCDEV_DTYPE_S16 ? (int16_t)v : v;
}

/* Adds to the sums over planes: of values that are 0, and of products of neighbours. */
static void plane_statistics(const uint8_t *values, const struct ascdev_surface *surface,
			     uint64_t *zeros, double *neighbours, double *squares)
{
	uint32_t h = surface->dim[2], w = surface->dim[3], x, y;
	double sum = 0, mean;

	for (x = 0; x < h * w; x++) {
		int64_t v = value_at(values, surface->dtype, x);

		*zeros += v == 0;
		sum += v;
	}
	mean = sum / ((double)h * w);
	for (y = 0; y < h; y++) {
		double before = 0;

		for (x = 0; x < w; x++) {
			double d = value_at(values, surface->dtype, (uint64_t)y * w + x) - mean;

			*neighbours += x ? d * before : 0;
			*squares += d * d;
			before = d;
		}
	}
}

static void set_statistics(struct set *set)
{
	uint64_t zeros = 0, elements = 0;
	double neighbours = 0, squares = 0;
	unsigned int i, c;

	for (i = 0; i < set->count; i++) {
		const struct ascdev_surface *s = &set->maps[i].surface;

		/* the first image; the others repeat it */
		for (c = 0; c < s->dim[1]; c++)
			plane_statistics(set->maps[i].values + c * s->stride[1], s, &zeros,
					 &neighbours, &squares);
		elements += (uint64_t)s->dim[1] * s->dim[2] * s->dim[3];
		set->bytes += set->maps[i].bytes;
	}
	set->zeros = elements ? (double)zeros / elements : 0;
	set->correlation = squares ? neighbours / squares : 0;
}

/* Repeats an image along N until there are @bytes. */
static void map_repeat(struct map *map, const uint8_t *image, uint32_t dtype, uint32_t c,
		       uint32_t h, uint32_t w, uint64_t bytes)
{
	uint64_t image_bytes = (uint64_t)c * h * w * ascdev_dtype_bytes(dtype);
	uint64_t n = (bytes + image_bytes - 1) / image_bytes, i;

	if (!n)
		n = 1;
	ascdev_surface_nchw(&map->surface, dtype, n, c, h, w);
	map->bytes = n * image_bytes;
	map->values = allocate(map->bytes);
	for (i = 0; i < n; i++)
		memcpy(map->values + i * image_bytes, image, image_bytes);
}

void set_make(struct set *set, uint32_t dtype, uint64_t bytes)
{
	uint32_t value_bytes = ascdev_dtype_bytes(dtype), random = 1, c;
	uint64_t plane_bytes = (uint64_t)SIDE * SIDE * value_bytes;
	uint32_t channels = bytes / plane_bytes;
	uint8_t *image;

	if (!channels)
		channels = 1;
	if (channels > CHANNELS)
		channels = CHANNELS;
	image = allocate(channels * plane_bytes);
	for (c = 0; c < channels; c++)
		make_plane(image + c * plane_bytes, value_bytes, &random);
	*set = (struct set){ .name = ascdev_dtype_name(dtype), .value_bytes = value_bytes,
			     .count = 1 };
	set->maps = allocate(sizeof(*set->maps));
	set->maps->name = strdup("made");
	map_repeat(set->maps, image, dtype, channels, SIDE, SIDE, bytes);
	free(image);
	set_statistics(set);
}

void set_make_small(struct set *set, uint32_t dtype, uint32_t c, uint32_t h, uint32_t w)
{
	struct ascdev_part part = { { 0, 0, 0, 0 }, { 1, c, h, w } };
	struct ascdev_surface crop;
	uint64_t offset, row;
	uint8_t *values;
	struct map *map;
	uint32_t i, y;

	set_make(set, dtype, c * (uint64_t)SIDE * SIDE * ascdev_dtype_bytes(dtype));
	map = set->maps;
	if (ascdev_surface_crop(&map->surface, &part, &crop, &offset))
		fail("no map of %u x %u x %u", c, h, w);
	row = w * (uint64_t)set->value_bytes;
	values = allocate(c * h * row);
	for (i = 0; i < c; i++) {
		for (y = 0; y < h; y++)
			memcpy(values + (i * h + y) * row,
			       map->values + offset + i * crop.stride[1] + y * crop.stride[2], row);
	}
	free(map->values);
	map->values = values;
	map->bytes = c * h * row;
	ascdev_surface_nchw(&map->surface, dtype, 1, c, h, w);
	set->bytes = 0;
	set_statistics(set);
}

/* --- files ----------------------------------------------------------------------- */

static uint8_t *read_file(const char *name, uint64_t *size)
{
	FILE *file = fopen(name, "rb");
	uint8_t *data;
	long end;

	if (!file || fseek(file, 0, SEEK_END) || (end = ftell(file)) < 0)
		fail("%s cannot be read", name);
	rewind(file);
	data = allocate(end + 1);
	if (fread(data, 1, end, file) != (size_t)end)
		fail("%s cannot be read", name);
	fclose(file);
	*size = end;
	return data;
}

/* The values of a file as C x H x W; false for values of another size, and for floats. */
static bool load_image(const char *name, uint32_t value_bytes, uint8_t **file,
		       struct npy_header *header, uint32_t dim[3])
{
	uint64_t size, count;
	const char *wrong;
	int i;

	*file = read_file(name, &size);
	wrong = npy_parse(*file, size, header);
	if (wrong)
		fail("%s: %s", name, wrong);
	if (header->swapped || header->fortran_order)
		fail("%s: not in the order of this machine and of C", name);
	if (header->dtype > ASCDEV_DTYPE_S16 || ascdev_dtype_bytes(header->dtype) != value_bytes) {
		free(*file);
		return false;
	}
	dim[0] = dim[1] = dim[2] = 1;
	for (i = 0; i < header->dims; i++) {
		int at = 3 - header->dims + i;

		dim[at < 0 ? 0 : at] *= header->dim[i];
	}
	count = (uint64_t)dim[0] * dim[1] * dim[2];
	if (!count || header->bytes + count * value_bytes > size)
		fail("%s: too short", name);
	return true;
}

void set_load(struct set *set, char *const *files, int count, uint32_t value_bytes,
	      uint64_t bytes)
{
	struct npy_header header;
	uint32_t dim[3];
	uint8_t *file;
	int i, fitting = 0;

	*set = (struct set){ .name = value_bytes == 1 ? "8 bit" : "16 bit",
			     .value_bytes = value_bytes };
	set->maps = allocate(count * sizeof(*set->maps));
	for (i = 0; i < count; i++) {
		if (load_image(files[i], value_bytes, &file, &header, dim)) {
			fitting++;
			free(file);
		}
	}
	for (i = 0; i < count; i++) {
		struct map *map = &set->maps[set->count];
		const char *slash = strrchr(files[i], '/');

		if (!load_image(files[i], value_bytes, &file, &header, dim))
			continue;
		map->name = strdup(slash ? slash + 1 : files[i]);
		map_repeat(map, file + header.bytes, header.dtype, dim[0], dim[1], dim[2],
			   bytes / fitting);
		free(file);
		set->count++;
	}
	set_statistics(set);
}

void set_free(struct set *set)
{
	unsigned int i;

	for (i = 0; i < set->count; i++) {
		free(set->maps[i].values);
		free(set->maps[i].name);
	}
	free(set->maps);
}
