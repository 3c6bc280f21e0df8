/* SPDX-License-Identifier: MIT */
#ifndef ASC_H
#define ASC_H

#include <stdbool.h>
#include <stdint.h>

#include <ascdev.h>

/* Exit codes; asc help tells of them. */
enum {
	EXIT_OK = 0,
	EXIT_FAILED = 1,	/* a file could not be processed */
	EXIT_USAGE = 2,
	EXIT_DEVICE = 3,	/* a device is required and not usable */
	EXIT_CORRUPT = 4,	/* the input is damaged */
	EXIT_IO = 5,
};

/**
 * struct options - the command line
 * @backend: one of enum ascdev_backend
 * @params: from --codec and -p
 * @input: input file
 * @output: -o, or NULL
 * @dtype: --dtype, or -1
 * @shape: --shape
 * @shape_dims: dimensions in @shape, 0 if there was none
 * @order_from: --order-from, or NULL
 * @part: --part
 * @has_part: there was one
 * @json: --json
 */
struct options {
	uint32_t backend;
	struct ascdev_params params;
	const char *input;
	const char *output;
	int dtype;
	uint32_t shape[4];
	int shape_dims;
	const char *order_from;
	struct ascdev_part part;
	bool has_part;
	bool json;
};

/* One line on stderr, with the name of the program in front. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Opens a context as the options want it, or complains.  Returns an exit code. */
int open_context(const struct options *options, struct ascdev_ctx **ctx);

/* Complains of a failed call of the library.  Returns an exit code. */
int library_failed(struct ascdev_ctx *ctx, int error, const char *name);

int cmd_info(const struct options *options);
int cmd_compress(const struct options *options);
int cmd_decompress(const struct options *options);
int cmd_verify(const struct options *options);

#endif
