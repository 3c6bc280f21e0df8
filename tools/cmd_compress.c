// SPDX-License-Identifier: MIT
/*
 * asc compress, asc decompress
 */

#include <stdio.h>

#include "codec.h"
#include "json.h"

/* Report what a command did: @elements values in @bytes bytes of payload. */
static int report(const struct options *options, const struct ascdev_result *result,
		  uint64_t elements, uint64_t value_bytes, uint64_t bytes)
{
	if (options->json)
		return json_print(json_pack("{s:o, s:o, s:s, s:I, s:I, s:I, s:f}", "input",
					    json_name(options->input), "output",
					    json_name(options->output), "backend",
					    backend_name(result), "elements",
					    (json_int_t)elements, "bytes", (json_int_t)value_bytes,
					    "payload_bytes", (json_int_t)bytes, "bpe",
					    bytes * 8.0 / elements));
	return EXIT_OK;
}

int cmd_compress(const struct options *options)
{
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	struct container container = { .file = NULL };
	struct ascdev_ctx *ctx;
	struct tensor tensor;
	int ret = tensor_read(&tensor, options);

	if (ret)
		return ret;
	ret = open_context(options, &ctx);
	if (ret) {
		tensor_free(&tensor);
		return ret;
	}
	ret = compress_tensor(ctx, options, &tensor, options->input, &container, &result);
	if (!ret)
		ret = container_write(&container, options->output);
	if (!ret)
		ret = report(options, &result, result.elements,
			     result.elements * ascdev_dtype_bytes(container.dtype),
			     container.payload_bytes);
	container_free(&container);
	tensor_free(&tensor);
	ascdev_close(ctx);
	return ret;
}

int cmd_decompress(const struct options *options)
{
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	struct tensor tensor = { .file = NULL };
	struct container container;
	struct ascdev_ctx *ctx;
	int ret = container_read(&container, options->input);

	if (ret)
		return ret;
	ret = open_context(options, &ctx);
	if (ret) {
		container_free(&container);
		return ret;
	}
	ret = decompress_container(ctx, &container, options->has_part ? &options->part : NULL,
				   options->input, &tensor, &result);
	if (!ret)
		ret = tensor_write_npy(&tensor, options->output);
	if (!ret)
		ret = report(options, &result, result.elements, result.bytes,
			     container.payload_bytes);
	tensor_free(&tensor);
	container_free(&container);
	ascdev_close(ctx);
	return ret;
}
