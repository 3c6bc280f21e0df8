// SPDX-License-Identifier: MIT
/*
 * Any bytes as a .npy, .npz or .safetensors file: the values that it tells of must be there.
 */

#include "fuzz.h"
#include "tensor.h"

static void check_values(const struct tensor *tensor)
{
	volatile uint8_t sum = 0;
	uint64_t at, bytes;

	if (ascdev_surface_bytes(&tensor->surface, &bytes))
		abort();
	for (at = 0; at < bytes; at++)
		sum += tensor->values[at];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct options options = { .dtype = -1, .layout = size & 1 };
	struct tensors tensors;
	char name[64];
	int fd = make_file(data, size, name, sizeof(name));
	size_t i;

	if (!tensors_read(&tensors, &options, name)) {
		for (i = 0; i < tensors.count; i++)
			check_values(&tensors.list[i]);
		tensors_free(&tensors);
	}
	close(fd);
	return 0;
}
