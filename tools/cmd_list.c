// SPDX-License-Identifier: MIT
/*
 * asc list
 */

#include <stdio.h>
#include <string.h>

#include "codec.h"
#include "json.h"

static uint64_t elements_of(const struct entry *entry)
{
	return (uint64_t)entry->dim[0] * entry->dim[1] * entry->dim[2] * entry->dim[3];
}

/* Extents as the file has them, "4x6x10" */
static void format_shape(const struct entry *entry, char *text, size_t size)
{
	size_t n = 0;
	int i;

	for (i = 4 - entry->dims; i < 4; i++)
		n += snprintf(text + n, size - n, "%s%u", n ? "x" : "",
			      entry->dim[layout_axis(entry->layout, i)]);
}

static json_t *entry_json(const struct entry *entry)
{
	uint64_t elements = elements_of(entry);
	json_t *shape = json_array();
	char params[256] = "";
	int i;

	for (i = 4 - entry->dims; i < 4; i++)
		json_array_append_new(shape,
				      json_integer(entry->dim[layout_axis(entry->layout, i)]));
	ascdev_params_format(&entry->params, params, sizeof(params));
	return json_pack("{s:o, s:s, s:s, s:o, s:s, s:s, s:I, s:I, s:I, s:f, s:o}", "name",
			 json_name(entry->name), "codec", ascdev_codec_name(entry->params.codec),
			 "dtype", ascdev_dtype_name(entry->dtype), "shape", shape, "layout",
			 layout_name(entry->layout), "params", params, "elements",
			 (json_int_t)elements, "bytes",
			 (json_int_t)(elements * ascdev_dtype_bytes(entry->dtype)), "payload_bytes",
			 (json_int_t)entry->payload_bytes, "bpe",
			 entry->payload_bytes * 8.0 / elements, "scale",
			 entry->scale ? json_real(entry->scale) : json_null());
}

static void print_entry(struct entry *entry)
{
	uint64_t elements = elements_of(entry);
	char shape[48];

	format_shape(entry, shape, sizeof(shape));
	printf("%-7s  %-4s  %-18s  %-6s  %10llu  %10llu  %6.3f  ",
	       ascdev_codec_name(entry->params.codec), ascdev_dtype_name(entry->dtype), shape,
	       layout_name(entry->layout),
	       (unsigned long long)elements * ascdev_dtype_bytes(entry->dtype),
	       (unsigned long long)entry->payload_bytes, entry->payload_bytes * 8.0 / elements);
	if (entry->scale)
		printf("%-10g  ", entry->scale);
	else
		printf("%-10s  ", "-");
	printf("%s\n", *entry->name ? make_plain(entry->name) : "-");
}

static int list(struct ascdev_ctx *ctx, const struct options *options, const char *input)
{
	struct container container;
	int ret = container_read_headers(&container, input);
	json_t *tensors;
	uint32_t i;

	(void)ctx;
	if (ret)
		return ret;
	progress_end();
	if (options->json) {
		tensors = json_array();
		for (i = 0; i < container.count; i++)
			json_array_append_new(tensors, entry_json(&container.entries[i]));
		ret = json_print(json_pack("{s:o, s:o}", "input", json_name(input), "tensors",
					   tensors));
	} else {
		printf("%s\ncodec    type  %-18s  %-6s  %10s  %10s  %6s  %-10s  name\n",
		       input_shown(input), "shape", "layout", "bytes", "payload", "bpe", "scale");
		for (i = 0; i < container.count; i++)
			print_entry(&container.entries[i]);
	}
	container_free(&container);
	return ret;
}

int cmd_list(const struct options *options)
{
	return for_each_file(options, NULL, list);
}
