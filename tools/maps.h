/* SPDX-License-Identifier: MIT */
#ifndef ASC_MAPS_H
#define ASC_MAPS_H

#include "tensor.h"

/**
 * struct map - a tensor of an input
 * @input: name of the file
 * @tensor: tensor
 * @layer: what a table of parameters calls it
 */
struct map {
	const char *input;
	const struct tensor *tensor;
	char *layer;
};

/**
 * struct maps - the tensors of all inputs, in their order
 * @list: tensors
 * @count: how many
 * @files: what they lie in
 * @n_files: how many
 */
struct maps {
	struct map *list;
	size_t count;
	struct tensors *files;
	size_t n_files;
};

/*
 * Reads all inputs, also those behind one that fails.  Complains; returns an exit code as
 * for_each_input() does, and there may be maps all the same.
 */
int maps_read(struct maps *maps, const struct options *options);

void maps_free(struct maps *maps);

/* What people call it: the file, and the tensor if that has a name. */
void map_print(const struct map *map);

#endif
