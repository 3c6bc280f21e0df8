// SPDX-License-Identifier: MIT
/*
 * asc verify
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "json.h"
#include "trial.h"

static json_t *params_json(const struct ascdev_params *params)
{
	static const char *const keys[] = { "endpoints", "block", "profile", "reorder" };
	json_t *value = json_object();
	char text[32];
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (ascdev_params_get(params, keys[i], text, sizeof(text)) >= 0)
			json_object_set_new(value, keys[i], json_string(text));
	}
	return value;
}

static void print_params(const struct ascdev_params *params)
{
	char text[32];

	if (params->codec == ASCDEV_CODEC_ASC_CBR) {
		ascdev_params_get(params, "endpoints", text, sizeof(text));
		printf(", endpoints %s", text);
		ascdev_params_get(params, "block", text, sizeof(text));
		printf(", block %s", text);
	}
	if (params->profile) {
		ascdev_params_get(params, "profile", text, sizeof(text));
		printf(", profile %s", text);
	}
	if (params->reorder) {
		ascdev_params_get(params, "reorder", text, sizeof(text));
		printf(", reorder %s", text);
	}
}

static int report(const struct options *options, const char *input, const struct entry *entry,
		  const struct ascdev_result *result, const struct difference *d)
{
	uint64_t bytes = d->elements * ascdev_dtype_bytes(entry->dtype);
	double ratio = (double)bytes / entry->payload_bytes;
	double bpe = entry->payload_bytes * 8.0 / d->elements;
	double sqnr = difference_sqnr(d);

	if (options->json) {
		json_t *value = json_pack(
			"{s:o, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:f, s:f, s:f, s:I, s:I, s:b}",
			"input", json_name(input), "tensor", entry->name, "backend", backend_name(result), "codec",
			ascdev_codec_name(entry->params.codec), "dtype",
			ascdev_dtype_name(entry->dtype), "elements", (json_int_t)d->elements,
			"bytes", (json_int_t)bytes, "payload_bytes",
			(json_int_t)entry->payload_bytes, "ratio", ratio, "bpe", bpe,
			"max_error", d->max, "linear_blocks", (json_int_t)result->linear_blocks,
			"log_blocks", (json_int_t)result->log_blocks, "lossless", !d->noise);
		json_t *params = params_json(&entry->params);

		json_object_update(value, params);
		json_decref(params);
		json_object_set_new(value, "sqnr_db", json_number(sqnr));
		return json_print(value);
	}
	printf("%s%s%s: %s %s, %u x %u x %u x %u", input_shown(input),
	       *entry->name ? ": " : "", entry->name,
	       ascdev_codec_name(entry->params.codec), ascdev_dtype_name(entry->dtype),
	       entry->dim[0], entry->dim[1], entry->dim[2], entry->dim[3]);
	print_params(&entry->params);
	printf(", backend %s\n", backend_name(result));
	printf("%llu bytes to %llu: ratio %.3f, %.3f bpe\n", (unsigned long long)bytes,
	       (unsigned long long)entry->payload_bytes, ratio, bpe);
	if (d->noise && !d->signal)
		printf("SQNR undefined, all values are 0; largest error %g\n", d->max);
	else if (d->noise)
		printf("SQNR %.2f dB, largest error %g\n", sqnr, d->max);
	else
		printf("SQNR infinite, nothing was lost\n");
	return EXIT_OK;
}

static bool is_float(const struct tensor *tensor)
{
	return tensor->surface.dtype == ASCDEV_DTYPE_F16 ||
	       tensor->surface.dtype == ASCDEV_DTYPE_BF16;
}

static int verify_tensor(struct ascdev_ctx *ctx, const struct options *options,
			 const struct tensor *tensor, const char *input)
{
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	struct tensor back = { .file = NULL };
	struct difference difference;
	struct entry entry;
	int ret = compress_tensor(ctx, options, tensor, input, &entry, &result);

	if (!ret)
		ret = decompress_entry(ctx, &entry, NULL, input, &back, NULL);
	if (!ret) {
		difference = tensor_compare(tensor, &back);
		if (!is_float(tensor) && difference.max != result.max_abs_error) {
			complain("%s: the largest error is %g, but %u was reported",
				 input_shown(input), difference.max, result.max_abs_error);
			ret = EXIT_FAILED;
		}
	}
	if (!ret)
		ret = report(options, input, &entry, &result, &difference);
	free(back.file);
	entry_free(&entry);
	return ret;
}

static int verify(struct ascdev_ctx *ctx, const struct options *options, const char *input)
{
	struct tensors tensors;
	int ret = tensors_read(&tensors, options, input);
	size_t i;

	if (ret)
		return ret;
	for (i = 0; i < tensors.count && !ret; i++)
		ret = verify_tensor(ctx, options, &tensors.list[i], input);
	tensors_free(&tensors);
	return ret;
}

int cmd_verify(const struct options *options)
{
	return for_each_input(options, verify);
}
