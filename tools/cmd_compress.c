// SPDX-License-Identifier: MIT
/*
 * asc compress, asc decompress
 */

#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "codec.h"
#include "file.h"
#include "json.h"

#define SUFFIX	".asc"

static bool ends_in(const char *name, const char *suffix)
{
	size_t length = strlen(name), n = strlen(suffix);

	return length > n && !strcmp(name + length - n, suffix);
}

/* Where the output goes; to be freed.  NULL after a complaint. */
static char *compressed_name(const struct options *options, const char *input)
{
	char *name;

	if (options->output)
		return strdup(options->output);
	if (!strcmp(input, "-"))
		return strdup("-");
	return asprintf(&name, "%s" SUFFIX, input) < 0 ? NULL : name;
}

static char *decompressed_name(const struct options *options, const char *input)
{
	char *name, *stem;
	int ret;

	if (options->output)
		return strdup(options->output);
	if (!strcmp(input, "-"))
		return strdup("-");
	if (!ends_in(input, SUFFIX)) {
		complain("%s: the name does not end in " SUFFIX "; -o names the output", input);
		return NULL;
	}
	stem = strndup(input, strlen(input) - strlen(SUFFIX));
	if (!stem || ends_in(stem, ".npy"))
		return stem;
	ret = asprintf(&name, "%s.npy", stem);
	free(stem);
	return ret < 0 ? NULL : name;
}

/* What a command did: @bytes of values, @payload of what they are compressed. */
static int report(const struct options *options, const char *input, const char *output,
		  const struct ascdev_result *result, uint64_t bytes, uint64_t payload)
{
	double bpe = payload * 8.0 / result->elements;

	if (options->json)
		return json_print(json_pack("{s:o, s:o, s:s, s:I, s:I, s:I, s:f}", "input",
					    json_name(input), "output", json_name(output), "backend",
					    backend_name(result), "elements",
					    (json_int_t)result->elements, "bytes", (json_int_t)bytes,
					    "payload_bytes", (json_int_t)payload, "bpe", bpe));
	tell("%s: %llu bytes of values, %llu of payload, %.3f bpe, backend %s, to %s",
	     input_shown(input), (unsigned long long)bytes, (unsigned long long)payload, bpe,
	     backend_name(result), output_shown(output));
	return EXIT_OK;
}

/* --rm */
static int remove_input(const struct options *options, const char *input)
{
	if (!options->remove || !strcmp(input, "-") || !unlink(input))
		return EXIT_OK;
	complain("%s: cannot be removed: %s", input, strerror(errno));
	return EXIT_IO;
}

static int compress(struct ascdev_ctx *ctx, const struct options *options, const char *input)
{
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	struct container container = { .file = NULL };
	char *output = compressed_name(options, input);
	struct tensor tensor = { .file = NULL };
	int ret;

	if (!output)
		return EXIT_FAILED;
	ret = output_check(output, options->force);
	if (!ret)
		ret = tensor_read(&tensor, options, input);
	if (!ret)
		ret = compress_tensor(ctx, options, &tensor, input, &container, &result);
	if (!ret)
		ret = container_write(&container, output, options->force);
	if (!ret)
		ret = report(options, input, output, &result,
			     result.elements * ascdev_dtype_bytes(container.dtype),
			     container.payload_bytes);
	if (!ret)
		ret = remove_input(options, input);
	container_free(&container);
	tensor_free(&tensor);
	free(output);
	return ret;
}

static int decompress(struct ascdev_ctx *ctx, const struct options *options, const char *input)
{
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	struct tensor tensor = { .file = NULL };
	char *output = decompressed_name(options, input);
	struct container container = { .file = NULL };
	int ret;

	if (!output)
		return EXIT_FAILED;
	ret = output_check(output, options->force);
	if (!ret)
		ret = container_read(&container, input);
	if (!ret)
		ret = decompress_container(ctx, &container,
					   options->has_part ? &options->part : NULL, input,
					   &tensor, &result);
	if (!ret)
		ret = tensor_write_npy(&tensor, output, options->force);
	if (!ret)
		ret = report(options, input, output, &result, result.bytes,
			     container.payload_bytes);
	if (!ret)
		ret = remove_input(options, input);
	tensor_free(&tensor);
	container_free(&container);
	free(output);
	return ret;
}

int cmd_compress(const struct options *options)
{
	return for_each_input(options, compress);
}

int cmd_decompress(const struct options *options)
{
	return for_each_input(options, decompress);
}
