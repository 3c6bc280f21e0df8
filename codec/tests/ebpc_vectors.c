// SPDX-License-Identifier: MIT
/*
 * ebpc-vectors DIR: reads manifest.json and the files that it names, checks that
 * encoder and decoder give exactly these, and prints "N passed, N failed".
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "ebpc.h"

/**
 * struct bytes - a file
 * @data: content, to be freed
 * @size: bytes
 */
struct bytes {
	uint8_t *data;
	size_t size;
};

static bool read_file(const char *dir, const char *name, struct bytes *bytes)
{
	char path[1024];
	FILE *file;
	long size;

	*bytes = (struct bytes){ NULL, 0 };
	if (!name || (size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >= sizeof(path))
		return false;
	file = fopen(path, "rb");
	if (!file)
		return false;
	if (!fseek(file, 0, SEEK_END) && (size = ftell(file)) >= 0) {
		rewind(file);
		bytes->size = size;
		bytes->data = malloc(size + 1);
		if (bytes->data && fread(bytes->data, 1, size, file) != (size_t)size) {
			free(bytes->data);
			bytes->data = NULL;
		}
	}
	fclose(file);
	return bytes->data;
}

static uint32_t get_number(json_t *from, const char *key)
{
	return json_integer_value(json_object_get(from, key));
}

/* Returns NULL, or what differs. */
static const char *check(const struct ebpc_params *params, const struct bytes *input,
			 const struct bytes *znz, const struct bytes *bpc)
{
	uint32_t width = params->bits / 8, count = input->size / width, i;
	uint16_t *values = calloc(count + 1, sizeof(*values));
	uint16_t *back = calloc(count + 1, sizeof(*back));
	u64 znz_room, bpc_room, znz_bytes, bpc_bytes;
	const char *wrong = "parameters";
	struct ebpc_encoder encoder;
	struct ebpc_decoder decoder;
	uint8_t *a = NULL, *b = NULL;

	for (i = 0; i < count; i++)
		values[i] = width == 1 ? input->data[i] :
					 input->data[2 * i] | input->data[2 * i + 1] << 8;
	if (ebpc_bound(params, count, &znz_room, &bpc_room))
		goto out;
	a = malloc(znz_room + 1);
	b = malloc(bpc_room + 1);
	if (ebpc_encode_init(&encoder, params, a, znz_room, b, bpc_room))
		goto out;
	ebpc_encode(&encoder, values, count);
	wrong = "bound";
	if (ebpc_encode_end(&encoder, &znz_bytes, &bpc_bytes))
		goto out;
	wrong = "ZNZ stream";
	if (znz_bytes != znz->size || memcmp(a, znz->data, znz->size))
		goto out;
	wrong = "BPC stream";
	if (bpc_bytes != bpc->size || memcmp(b, bpc->data, bpc->size))
		goto out;
	wrong = "decoded values";
	if (ebpc_decode_init(&decoder, params, znz->data, znz->size, bpc->data, bpc->size) ||
	    ebpc_decode(&decoder, back, count) || memcmp(values, back, count * sizeof(*values)))
		goto out;
	wrong = NULL;
out:
	free(values);
	free(back);
	free(a);
	free(b);
	return wrong;
}

int main(int argc, char **argv)
{
	uint32_t passed = 0, failed = 0;
	char path[1024];
	json_error_t error;
	json_t *root, *vector;
	size_t i;

	if (argc != 2) {
		fprintf(stderr, "usage: ebpc-vectors DIR\n");
		return 2;
	}
	snprintf(path, sizeof(path), "%s/manifest.json", argv[1]);
	root = json_load_file(path, 0, &error);
	if (!root) {
		fprintf(stderr, "ebpc-vectors: %s: %s\n", path, error.text);
		return 2;
	}
	json_array_foreach(json_object_get(root, "cases"), i, vector) {
		json_t *p = json_object_get(vector, "params"), *files = json_object_get(vector, "files");
		struct ebpc_params params = { get_number(p, "data_w"), get_number(p, "block_size"),
					      get_number(p, "max_zrle_len") };
		const char *wrong = "files", *id = json_string_value(json_object_get(vector, "id"));
		struct bytes input, znz = { 0 }, bpc = { 0 };

		if (read_file(argv[1], json_string_value(json_object_get(files, "input")), &input) &&
		    read_file(argv[1], json_string_value(json_object_get(files, "znz")), &znz) &&
		    read_file(argv[1], json_string_value(json_object_get(files, "bpc")), &bpc))
			wrong = check(&params, &input, &znz, &bpc);
		if (wrong) {
			printf("%s: %s\n", id ? id : "?", wrong);
			failed++;
		} else {
			passed++;
		}
		free(input.data);
		free(znz.data);
		free(bpc.data);
	}
	json_decref(root);
	printf("%u passed, %u failed\n", passed, failed);
	return failed || !passed;
}
