// SPDX-License-Identifier: MIT
/*
 * asc: compress feature maps from the command line.
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "asc.h"

static const struct command commands[] = {
	{ "info", cmd_info, TAKES_DOCTOR | TAKES_ROOT },
	{ "stat", cmd_stat, TAKES_INTERVAL | TAKES_ROOT },
	{ "compress", cmd_compress,
	  TAKES_INPUT | TAKES_OUTPUT | TAKES_REMOVE | TAKES_CODEC | TAKES_RAW | TAKES_SCALE |
	  TAKES_JOIN },
	{ "decompress", cmd_decompress,
	  TAKES_INPUT | TAKES_OUTPUT | TAKES_REMOVE | TAKES_BOX | TAKES_TENSOR },
	{ "list", cmd_list, TAKES_INPUT },
	{ "verify", cmd_verify, TAKES_INPUT | TAKES_CODEC | TAKES_RAW },
	{ "eval", cmd_eval, TAKES_INPUT | TAKES_RAW | TAKES_TRY | TAKES_EVAL },
	{ "bench", cmd_bench, TAKES_RAW | TAKES_TRY | TAKES_BENCH },
	{ "tune", cmd_tune,
	  TAKES_INPUT | TAKES_OUTPUT | TAKES_RAW | TAKES_TRY | TAKES_GOAL | TAKES_ROOT |
	  TAKES_JOIN },
	{ "view", cmd_view,
	  TAKES_INPUT | TAKES_OUTPUT | TAKES_CODEC | TAKES_RAW | TAKES_TENSOR | TAKES_CHANNELS },
};

const struct command *find_command(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	}
	return NULL;
}

int open_context(const struct options *options, struct ascdev_ctx **ctx)
{
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	struct ascdev_error error = ASCDEV_ERROR_INIT;
	char message[256];
	int reason;

	opts.backend = options->backend;
	opts.device = options->device;
	opts.threads = options->threads;
	opts.root = options->root;
	if (ascdev_open(&opts, &error, ctx)) {
		complain("%s", error.message);
		return options->backend == ASCDEV_BACKEND_SW ? EXIT_FAILED : EXIT_DEVICE;
	}
	if (ascdev_get_backend(*ctx, &reason) == ASCDEV_BACKEND_SW && reason) {
		ascdev_last_error(*ctx, message, sizeof(message));
		tell("in process, as no device can be used: %s", message);
	}
	return EXIT_OK;
}

int library_failed(struct ascdev_ctx *ctx, int error, const char *name)
{
	char message[256];

	ascdev_last_error(ctx, message, sizeof(message));
	complain("%s: %s", input_shown(name), message);
	return error == -ENODEV ? EXIT_DEVICE : EXIT_FAILED;
}

int for_each_input(const struct options *options, file_fn one)
{
	struct ascdev_ctx *ctx;
	int ret = open_context(options, &ctx);

	if (ret)
		return ret;
	ret = for_each_file(options, ctx, one);
	ascdev_close(ctx);
	return ret;
}

int for_each_file(const struct options *options, struct ascdev_ctx *ctx, file_fn one)
{
	size_t i, failed = 0;
	int ret = EXIT_OK;

	for (i = 0; i < options->n_inputs; i++) {
		progress("%zu of %zu: %s", i + 1, options->n_inputs,
			 input_shown(options->inputs[i]));
		ret = one(ctx, options, options->inputs[i]);
		failed += ret != EXIT_OK;
	}
	progress_end();
	if (options->n_inputs == 1)
		return ret;
	return failed ? EXIT_FAILED : EXIT_OK;
}

/* What was printed must have been written, or the exit code says so. */
static int finish(int code)
{
	if (!fflush(stdout) && !ferror(stdout))
		return code;
	/* a file that failed has been complained of; who stops to read a text knows */
	if (code != EXIT_IO && errno != EPIPE)
		complain("standard output: %s", strerror(errno));
	return EXIT_IO;
}

int main(int argc, char **argv)
{
	struct options options = { .params = ASCDEV_PARAMS_INIT, .dtype = -1, .channels = 64,
				   .repeats = 9 };
	const struct command *command;
	int ret;

	/* a pipe that nobody reads is an error like others */
	signal(SIGPIPE, SIG_IGN);
	message_setup(0);
	ret = options_parse(argc, argv, &options, &command);
	if (ret < 0) {
		message_setup(options.verbosity);
		ret = command->run(&options);
	}
	options_free(&options);
	return finish(ret);
}
