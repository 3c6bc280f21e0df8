/* SPDX-License-Identifier: MIT */
#ifndef ASC_H
#define ASC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ascdev.h>

#include "message.h"

/* Exit codes; asc help exit-codes tells of them. */
enum {
	EXIT_OK = 0,
	EXIT_FAILED = 1,	/* a file could not be processed */
	EXIT_USAGE = 2,
	EXIT_DEVICE = 3,	/* a device is required and not usable */
	EXIT_CORRUPT = 4,	/* the input is damaged */
	EXIT_IO = 5,
};

/* What tune keeps to. */
enum goal {
	GOAL_LOSSLESS = 0,
	GOAL_MIN_SQNR = 1,	/* dB */
	GOAL_MAX_ERROR = 2,	/* steps of the type */
	GOAL_TARGET_BPE = 3,
};

/**
 * struct options - the command line
 * @backend: one of enum ascdev_backend
 * @device: --device, or NULL
 * @threads: -T: threads of the library's pool
 * @params: from --codec, -p and --zero-point
 * @inputs: input files; "-" is standard input
 * @n_inputs: how many
 * @output: -o, "-" for standard output; NULL for a name made from that of the input
 * @dtype: --dtype, or -1
 * @shape: --shape
 * @shape_dims: dimensions in @shape, 0 if there was none
 * @layout: --layout, one of enum layout
 * @scale: --scale, or 0
 * @tensor: --tensor, or NULL
 * @order_from: --order-from, or NULL
 * @params_from: --params-from, or NULL
 * @table: its text, which makes sense
 * @table_bytes: its size
 * @tries: of each --try, instead of those that a command tries by itself
 * @n_tries: how many
 * @box: --box
 * @has_box: there was one
 * @first_channel: --channels
 * @channels: likewise, how many
 * @doctor: --doctor
 * @root: --root, or NULL
 * @interval: INTERVAL of stat, in seconds, or 0
 * @count: COUNT of stat, or 0
 * @clients: --clients
 * @csv: --csv
 * @plot: --plot, or NULL
 * @repeats: --repeats
 * @goal: of tune, one of enum goal
 * @goal_value: its number
 * @sysfs: --sysfs
 * @json: --json
 * @force: -f: overwrite files, and write to terminals
 * @remove: --rm: remove inputs that were processed
 * @verbosity: -1 with -q, 1 with -v
 */
struct options {
	uint32_t backend;
	const char *device;
	uint32_t threads;
	struct ascdev_params params;
	char **inputs;
	size_t n_inputs;
	const char *output;
	int dtype;
	uint32_t shape[4];
	int shape_dims;
	uint32_t layout;
	double scale;
	const char *tensor;
	const char *order_from;
	const char *params_from;
	uint8_t *table;
	size_t table_bytes;
	struct ascdev_params *tries;
	size_t n_tries;
	struct ascdev_part box;
	bool has_box;
	uint32_t first_channel;
	uint32_t channels;
	bool doctor;
	const char *root;
	double interval;
	uint32_t count;
	bool clients;
	bool csv;
	const char *plot;
	uint32_t repeats;
	uint32_t goal;
	double goal_value;
	bool sysfs;
	bool json;
	bool force;
	bool remove;
	int verbosity;
};

/* Which options, beyond those that every command has, a command takes. */
enum {
	TAKES_INPUT = 1 << 0,
	TAKES_OUTPUT = 1 << 1,		/* -o, -c, -f */
	TAKES_CODEC = 1 << 2,		/* -C, -p, --order-from, --params-from */
	TAKES_BOX = 1 << 3,
	TAKES_SCALE = 1 << 4,
	TAKES_DOCTOR = 1 << 5,
	TAKES_TENSOR = 1 << 6,
	TAKES_CHANNELS = 1 << 7,
	TAKES_REMOVE = 1 << 8,		/* --rm, -k */
	TAKES_RAW = 1 << 9,		/* -d, -s, --layout */
	TAKES_ROOT = 1 << 10,
	TAKES_INTERVAL = 1 << 11,	/* INTERVAL, COUNT, --clients */
	TAKES_TRY = 1 << 12,
	TAKES_EVAL = 1 << 13,		/* --csv, --plot, -f */
	TAKES_BENCH = 1 << 14,		/* --repeats; no input, too */
	TAKES_GOAL = 1 << 15,		/* goals and --sysfs */
	TAKES_JOIN = 1 << 16,		/* one output for all inputs */
};

/**
 * struct command - what asc can do
 * @name: its name
 * @run: does it; returns an exit code
 * @takes: options that it takes
 */
struct command {
	const char *name;
	int (*run)(const struct options *options);
	unsigned int takes;
};

/* Fills @options and @command in, or complains.  Returns an exit code, or -1 to go on. */
int options_parse(int argc, char **argv, struct options *options, const struct command **command);
void options_free(struct options *options);

/* The command of that name, or NULL. */
const struct command *find_command(const char *name);

/* Help on stdout, on a topic if it is not NULL; complains of one that there is not. */
int help(const char *topic);

/* Opens a context as the options want it, or complains.  Returns an exit code. */
int open_context(const struct options *options, struct ascdev_ctx **ctx);

/* Complains of a failed call of the library.  Returns an exit code. */
int library_failed(struct ascdev_ctx *ctx, int error, const char *name);

/* Processes one input; returns an exit code. */
typedef int (*file_fn)(struct ascdev_ctx *ctx, const struct options *options, const char *input);

/*
 * Processes every input in one context, also those behind one that fails.  Returns the exit
 * code of the only one, or EXIT_FAILED if one of several failed.
 */
int for_each_input(const struct options *options, file_fn one);

/* Likewise, in a context that is open, or NULL for what needs none. */
int for_each_file(const struct options *options, struct ascdev_ctx *ctx, file_fn one);

int cmd_info(const struct options *options);
int cmd_compress(const struct options *options);
int cmd_decompress(const struct options *options);
int cmd_list(const struct options *options);
int cmd_verify(const struct options *options);
int cmd_view(const struct options *options);
int cmd_stat(const struct options *options);
int cmd_eval(const struct options *options);
int cmd_bench(const struct options *options);
int cmd_tune(const struct options *options);

#endif
