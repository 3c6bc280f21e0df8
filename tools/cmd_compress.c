// SPDX-License-Identifier: MIT
/*
 * asc compress, asc decompress
 */

#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "codec.h"
#include "file.h"
#include "json.h"

#define SUFFIX	".asc"

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
	if (!name_ends_in(input, SUFFIX)) {
		complain("%s: the name does not end in " SUFFIX "; -o names the output", input);
		return NULL;
	}
	stem = strndup(input, strlen(input) - strlen(SUFFIX));
	if (!stem || name_ends_in(stem, ".npy") || name_ends_in(stem, ".npz") ||
	    name_ends_in(stem, ".safetensors"))
		return stem;
	ret = asprintf(&name, "%s.npy", stem);
	free(stem);
	return ret < 0 ? NULL : name;
}

/**
 * struct total - what a command did with a file
 * @tensors: tensors
 * @elements: values of all of them
 * @bytes: bytes of these
 * @payload: bytes of what they are compressed
 * @backend: what ran the last job
 */
struct total {
	uint32_t tensors;
	uint64_t elements;
	uint64_t bytes;
	uint64_t payload;
	const char *backend;
};

static void add_up(struct total *total, const struct ascdev_result *result,
		   const struct entry *entry)
{
	total->tensors++;
	total->elements += result->elements;
	total->bytes += result->elements * ascdev_dtype_bytes(entry->dtype);
	total->payload += entry->payload_bytes;
	total->backend = backend_name(result);
}

static int report(const struct options *options, const char *input, const char *output,
		  const struct total *total)
{
	double bpe = total->payload * 8.0 / total->elements;

	if (options->json)
		return json_print(json_pack("{s:o, s:o, s:s, s:I, s:I, s:I, s:I, s:f}", "input",
					    json_name(input), "output", json_name(output), "backend",
					    total->backend, "tensors", (json_int_t)total->tensors,
					    "elements", (json_int_t)total->elements, "bytes",
					    (json_int_t)total->bytes, "payload_bytes",
					    (json_int_t)total->payload, "bpe", bpe));
	tell("%s: %llu bytes of values, %llu of payload, %.3f bpe, backend %s, to %s",
	     input_shown(input), (unsigned long long)total->bytes,
	     (unsigned long long)total->payload, bpe, total->backend, output_shown(output));
	return EXIT_OK;
}

static bool is_same_file(const char *a, const char *b)
{
	struct stat x, y;

	return !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* --rm; not what the output has replaced already */
static int remove_input(const struct options *options, const char *input, const char *output)
{
	if (!options->remove || !strcmp(input, "-") || is_same_file(input, output) ||
	    !unlink(input))
		return EXIT_OK;
	complain("%s: cannot be removed: %s", input, strerror(errno));
	return EXIT_IO;
}

/* Adds the tensors of an input to a container, of which the last payload at least is in memory. */
static int compress_all(struct ascdev_ctx *ctx, const struct options *options,
			const struct tensors *tensors, const char *input, const char *output,
			struct container *container, struct total *total)
{
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	struct entry *grown = realloc(container->entries, (container->count + tensors->count) *
							  sizeof(*grown));
	int ret = EXIT_OK;
	size_t i;

	if (!grown) {
		complain("out of memory");
		return EXIT_FAILED;
	}
	container->entries = grown;
	for (i = 0; i < tensors->count && !ret; i++) {
		struct entry *entry = &container->entries[container->count];

		container_spill(container, output);
		ret = compress_tensor(ctx, options, &tensors->list[i], input, entry, &result);
		if (!ret) {
			add_up(total, &result, entry);
			container->count++;
		}
	}
	return ret;
}

static int compress(struct ascdev_ctx *ctx, const struct options *options, const char *input)
{
	char *output = compressed_name(options, input);
	struct container container = { .count = 0 };
	struct tensors tensors = { .count = 0 };
	struct total total = { .tensors = 0 };
	int ret;

	if (!output)
		return EXIT_FAILED;
	ret = output_check(output, options->force);
	if (!ret)
		ret = tensors_read(&tensors, options, input);
	if (!ret)
		ret = compress_all(ctx, options, &tensors, input, output, &container, &total);
	if (!ret)
		ret = container_write(&container, output, options->force);
	if (!ret)
		ret = report(options, input, output, &total);
	if (!ret)
		ret = remove_input(options, input, output);
	container_free(&container);
	tensors_free(&tensors);
	free(output);
	return ret;
}

/* Tensors of several files are told apart by their names; what has none gets that of its file. */
static int name_tensors(struct tensors *tensors, const char *input,
			const struct container *container)
{
	size_t i;

	for (i = 0; i < tensors->count; i++) {
		struct tensor *tensor = &tensors->list[i];
		char *name = layer_name(tensor, input);

		if (!name)
			return EXIT_FAILED;
		free(tensor->name);
		tensor->name = name;
		if (container_has(container, name)) {
			complain("%s: a tensor '%s' is among those of another input already",
				 input_shown(input), name);
			return EXIT_FAILED;
		}
	}
	return EXIT_OK;
}

static int compress_input(struct ascdev_ctx *ctx, const struct options *options,
			  const char *input, struct container *container, struct total *total)
{
	struct tensors tensors = { .count = 0 };
	int ret = tensors_read(&tensors, options, input);

	if (!ret)
		ret = name_tensors(&tensors, input, container);
	if (!ret)
		ret = compress_all(ctx, options, &tensors, input, options->output, container, total);
	tensors_free(&tensors);
	return ret;
}

/* All inputs to one output, or none. */
static int compress_together(struct ascdev_ctx *ctx, const struct options *options,
			     struct total *totals)
{
	const char *output = options->output;
	struct container container = { .count = 0 };
	int ret = output_check(output, options->force);
	size_t i;

	for (i = 0; i < options->n_inputs && !ret; i++) {
		progress("%zu of %zu: %s", i + 1, options->n_inputs,
			 input_shown(options->inputs[i]));
		ret = compress_input(ctx, options, options->inputs[i], &container, &totals[i]);
	}
	progress_end();
	if (!ret)
		ret = container_write(&container, output, options->force);
	for (i = 0; i < options->n_inputs && !ret; i++)
		ret = report(options, options->inputs[i], output, &totals[i]);
	for (i = 0; i < options->n_inputs && !ret; i++)
		ret = remove_input(options, options->inputs[i], output);
	container_free(&container);
	return ret;
}

/**
 * struct decompression - of one container
 * @ctx: what runs the jobs
 * @options: the command line
 * @input: name of the container
 * @entries: what is wanted of it, from the first one on
 * @total: what was done
 */
struct decompression {
	struct ascdev_ctx *ctx;
	const struct options *options;
	const char *input;
	const struct entry *entries;
	struct total total;
};

static const struct ascdev_part *wanted_box(const struct options *options)
{
	return options->has_box ? &options->box : NULL;
}

/* Of struct loader: one tensor after the other, as it is written. */
static int load_values(void *data, size_t i, struct tensor *tensor)
{
	struct decompression *d = data;
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	int ret = decompress_entry(d->ctx, &d->entries[i], wanted_box(d->options), d->input,
				   tensor, &result);

	if (!ret)
		add_up(&d->total, &result, &d->entries[i]);
	return ret;
}

/* Tensors without values, for all entries or the one that is wanted. */
static int describe_all(struct decompression *d, const struct container *container,
			struct tensors *tensors)
{
	uint32_t i, count = container->count;
	int ret = EXIT_OK;

	d->entries = container->entries;
	if (d->options->has_box || d->options->tensor) {
		d->entries = container_find(container, d->options->tensor, d->input);
		if (!d->entries)
			return EXIT_FAILED;
		count = 1;
	}
	for (i = 0; i < count && !ret; i++) {
		struct tensor *tensor = tensors_add(tensors, d->entries[i].name);

		ret = tensor ? describe_entry(&d->entries[i], wanted_box(d->options), d->input,
					      tensor) : EXIT_FAILED;
	}
	return ret;
}

static int decompress(struct ascdev_ctx *ctx, const struct options *options, const char *input)
{
	struct decompression d = { .ctx = ctx, .options = options, .input = input };
	const struct loader loader = { load_values, &d };
	char *output = decompressed_name(options, input);
	struct container container = { .count = 0 };
	struct tensors tensors = { .count = 0 };
	int ret;

	if (!output)
		return EXIT_FAILED;
	ret = output_check(output, options->force);
	if (!ret)
		ret = container_read(&container, input);
	if (!ret)
		ret = describe_all(&d, &container, &tensors);
	if (!ret)
		ret = tensors_write(&tensors, &loader, output, options->force);
	if (!ret)
		ret = report(options, input, output, &d.total);
	if (!ret)
		ret = remove_input(options, input, output);
	tensors_free(&tensors);
	container_free(&container);
	free(output);
	return ret;
}

int cmd_compress(const struct options *options)
{
	struct ascdev_ctx *ctx;
	struct total *totals;
	int ret;

	if (!options->output || options->n_inputs == 1)
		return for_each_input(options, compress);
	ret = open_context(options, &ctx);
	if (ret)
		return ret;
	totals = calloc(options->n_inputs, sizeof(*totals));
	if (!totals) {
		complain("out of memory");
		ret = EXIT_FAILED;
	} else {
		ret = compress_together(ctx, options, totals);
	}
	free(totals);
	ascdev_close(ctx);
	return ret;
}

int cmd_decompress(const struct options *options)
{
	return for_each_input(options, decompress);
}
