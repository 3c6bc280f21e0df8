// SPDX-License-Identifier: MIT
/*
 * All inputs at a time, for what looks at several of them together.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "maps.h"

static int add_tensors(struct maps *maps, const struct tensors *tensors, const char *input)
{
	struct map *grown = realloc(maps->list, (maps->count + tensors->count) * sizeof(*grown));
	size_t i;

	if (!grown) {
		complain("out of memory");
		return EXIT_FAILED;
	}
	maps->list = grown;
	for (i = 0; i < tensors->count; i++) {
		struct map *map = &maps->list[maps->count];

		*map = (struct map){ .input = input, .tensor = &tensors->list[i] };
		map->layer = layer_name(map->tensor, input);
		if (!map->layer)
			return EXIT_FAILED;
		maps->count++;
	}
	return EXIT_OK;
}

int maps_read(struct maps *maps, const struct options *options)
{
	size_t i, failed = 0;
	int ret = EXIT_OK;

	*maps = (struct maps){ .count = 0 };
	maps->files = calloc(options->n_inputs, sizeof(*maps->files));
	if (!maps->files) {
		complain("out of memory");
		return EXIT_FAILED;
	}
	for (i = 0; i < options->n_inputs; i++) {
		struct tensors *file = &maps->files[maps->n_files];

		ret = tensors_read(file, options, options->inputs[i]);
		if (!ret) {
			maps->n_files++;
			ret = add_tensors(maps, file, options->inputs[i]);
		}
		failed += ret != EXIT_OK;
	}
	if (options->n_inputs == 1)
		return ret;
	return failed ? EXIT_FAILED : EXIT_OK;
}

void maps_free(struct maps *maps)
{
	size_t i;

	for (i = 0; i < maps->count; i++)
		free(maps->list[i].layer);
	for (i = 0; i < maps->n_files; i++)
		tensors_free(&maps->files[i]);
	free(maps->list);
	free(maps->files);
}

void map_print(const struct map *map)
{
	const uint32_t *dim = map->tensor->surface.dim;

	printf("%s%s%s: %s, %u x %u x %u x %u\n", input_shown(map->input),
	       *map->tensor->name ? ": " : "", map->tensor->name,
	       ascdev_dtype_name(map->tensor->surface.dtype), dim[0], dim[1], dim[2], dim[3]);
}
