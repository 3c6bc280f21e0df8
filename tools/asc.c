// SPDX-License-Identifier: MIT
/*
 * asc: compress feature maps from the command line.
 */

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asc.h"

static const char usage[] =
	"usage: asc COMMAND [OPTION...]\n"
	"\n"
	"  asc info                         devices of this machine and what runs jobs\n"
	"  asc compress IN -o OUT.asc       compress a feature map\n"
	"  asc decompress IN.asc -o OUT.npy decompress it\n"
	"  asc verify IN                    compress, decompress, report rate and error\n"
	"  asc help                         this text\n"
	"\n"
	"  -b, --backend auto|hw|sw  where the codec runs (auto)\n"
	"  -C, --codec NAME          asc-cbr, asc-vbr, ebpc, dcac, zvc, raw, auto\n"
	"  -p KEY=VALUE,...          parameters of the codec:\n"
	"       effort=hw|best, reorder=none|heuristic|greedy, zero_point=N\n"
	"       asc-cbr: block=auto|WxHxC|runN, endpoints=auto|one|two,\n"
	"                scale=auto|linear|log, profile=auto|full|narrow|pooled\n"
	"       asc-vbr, auto: max_error=N or target_bpe=X; lossless without\n"
	"  -d, --dtype TYPE          type of raw values: u8, s8, u16, s16, f16, bf16\n"
	"  -s, --shape C,H,W         shape of raw values; or N,C,H,W\n"
	"      --order-from FILE.asc channels in the order of that file, which was made\n"
	"                            with reorder=; for other maps of the same layer\n"
	"      --part N,C,H,W+N,C,H,W  decompress a part: first position and extents\n"
	"  -o, --output FILE         where the output goes\n"
	"  -j, --json                answers for machines\n"
	"  -V, --version\n"
	"\n"
	"IN is a .npy file of 1 to 4 dimensions (N,C,H,W) of 8- or 16-bit integers,\n"
	"f16 or bf16, or raw values.  Exit codes: 0 done, 1 failed, 2 usage, 3 no usable device,\n"
	"4 damaged input, 5 input or output error.\n";

void complain(const char *format, ...)
{
	va_list args;

	fputs("asc: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

int open_context(const struct options *options, struct ascdev_ctx **ctx)
{
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	struct ascdev_error error = ASCDEV_ERROR_INIT;

	opts.backend = options->backend;
	if (!ascdev_open(&opts, &error, ctx))
		return EXIT_OK;
	complain("%s", error.message);
	return EXIT_DEVICE;
}

int library_failed(struct ascdev_ctx *ctx, int error, const char *name)
{
	char message[256];

	ascdev_last_error(ctx, message, sizeof(message));
	complain("%s: %s", name, message);
	return error == -ENODEV ? EXIT_DEVICE : EXIT_FAILED;
}

/* What was printed must have been written, or the exit code says so. */
static int finish(int code)
{
	if (!fflush(stdout) && !ferror(stdout))
		return code;
	complain("standard output: %s", strerror(errno));
	return EXIT_IO;
}

static int parse_backend(const char *text, uint32_t *backend)
{
	static const char *const names[] = {
		[ASCDEV_BACKEND_AUTO] = "auto",
		[ASCDEV_BACKEND_HW] = "hw",
		[ASCDEV_BACKEND_SW] = "sw",
	};
	uint32_t i;

	for (i = 0; i < 3; i++) {
		if (!strcmp(text, names[i])) {
			*backend = i;
			return 0;
		}
	}
	complain("unknown backend '%s'; auto, hw or sw", text);
	return -1;
}

static int parse_dtype(const char *text, int *dtype)
{
	int i;

	for (i = 0; i < 8; i++) {
		const char *name = ascdev_dtype_name(i);

		if (name && !strcmp(text, name)) {
			*dtype = i;
			return 0;
		}
	}
	complain("unknown type '%s'; u8, s8, u16, s16, f16 or bf16", text);
	return -1;
}

static int parse_shape(const char *text, struct options *options)
{
	const char *p = text;

	for (options->shape_dims = 0; options->shape_dims < 4; p++) {
		unsigned long long extent;
		char *end;

		if (*p < '0' || *p > '9')
			break;
		extent = strtoull(p, &end, 10);
		if (!extent || extent > UINT32_MAX)
			break;
		options->shape[options->shape_dims++] = extent;
		p = end;
		if (!*p)
			return 0;
		if (*p != ',')
			break;
	}
	complain("bad shape '%s'; like 64,56,56", text);
	return -1;
}

/* Four numbers, separated by commas. Returns what follows @end, or NULL. */
static const char *parse_four(const char *p, char end, uint32_t *numbers)
{
	int i;

	for (i = 0; i < 4; i++) {
		unsigned long long number;
		char *next;

		if (*p < '0' || *p > '9')
			return NULL;
		number = strtoull(p, &next, 10);
		if (number > UINT32_MAX || *next != (i < 3 ? ',' : end))
			return NULL;
		numbers[i] = number;
		p = next + 1;
	}
	return p;
}

static int parse_part(const char *text, struct options *options)
{
	const char *p = parse_four(text, '+', options->part.at);

	if (p)
		p = parse_four(p, 0, options->part.dim);
	options->has_part = p;
	if (p)
		return 0;
	complain("bad part '%s'; like 0,8,0,0+1,4,56,56", text);
	return -1;
}

static int parse_params(const char *text, struct ascdev_params *params)
{
	if (!ascdev_params_parse(params, text))
		return 0;
	complain("bad parameters '%s'; see asc help", text);
	return -1;
}

static int parse_codec(const char *text, struct ascdev_params *params)
{
	char item[64];

	if (strchr(text, ',') || snprintf(item, sizeof(item), "codec=%s", text) >= 64 ||
	    ascdev_params_parse(params, item)) {
		complain("unknown codec '%s'; see asc help", text);
		return -1;
	}
	return 0;
}

/* Options without a letter. */
enum { OPTION_ORDER_FROM = 256, OPTION_PART };

static int parse_options(int argc, char **argv, struct options *options)
{
	static const struct option longopts[] = {
		{ "backend", required_argument, NULL, 'b' },
		{ "codec", required_argument, NULL, 'C' },
		{ "dtype", required_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ "json", no_argument, NULL, 'j' },
		{ "order-from", required_argument, NULL, OPTION_ORDER_FROM },
		{ "output", required_argument, NULL, 'o' },
		{ "part", required_argument, NULL, OPTION_PART },
		{ "shape", required_argument, NULL, 's' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int c, ret = 0;

	while (!ret && (c = getopt_long(argc, argv, "b:C:d:hjo:p:s:V", longopts, NULL)) != -1) {
		switch (c) {
		case 'b':
			ret = parse_backend(optarg, &options->backend);
			break;
		case 'C':
			ret = parse_codec(optarg, &options->params);
			break;
		case 'd':
			ret = parse_dtype(optarg, &options->dtype);
			break;
		case 'h':
			fputs(usage, stdout);
			exit(finish(EXIT_OK));
		case 'j':
			options->json = true;
			break;
		case 'o':
			options->output = optarg;
			break;
		case 'p':
			ret = parse_params(optarg, &options->params);
			break;
		case OPTION_ORDER_FROM:
			options->order_from = optarg;
			break;
		case OPTION_PART:
			ret = parse_part(optarg, options);
			break;
		case 's':
			ret = parse_shape(optarg, options);
			break;
		case 'V':
			printf("asc %s\n", ascdev_version_string());
			exit(finish(EXIT_OK));
		default:
			ret = -1;
		}
	}
	return ret;
}

/**
 * struct command - what asc can do
 * @name: its name
 * @run: does it; returns an exit code
 * @needs_input: takes a file
 * @needs_output: takes -o
 */
static const struct command {
	const char *name;
	int (*run)(const struct options *options);
	bool needs_input;
	bool needs_output;
} commands[] = {
	{ "info", cmd_info, false, false },
	{ "compress", cmd_compress, true, true },
	{ "decompress", cmd_decompress, true, true },
	{ "verify", cmd_verify, true, false },
};

static const struct command *find_command(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	}
	return NULL;
}

int main(int argc, char **argv)
{
	struct options options = { .params = ASCDEV_PARAMS_INIT, .dtype = -1 };
	const struct command *command;
	int i;

	if (parse_options(argc, argv, &options))
		return EXIT_USAGE;
	if (optind == argc) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[optind], "help")) {
		fputs(usage, stdout);
		return finish(EXIT_OK);
	}
	command = find_command(argv[optind]);
	if (!command) {
		complain("unknown command '%s'; see asc help", argv[optind]);
		return EXIT_USAGE;
	}
	for (i = optind + 1; i < argc; i++) {
		if (!command->needs_input || options.input) {
			complain("unexpected argument '%s'", argv[i]);
			return EXIT_USAGE;
		}
		options.input = argv[i];
	}
	if (command->needs_input && !options.input) {
		complain("%s needs an input file", command->name);
		return EXIT_USAGE;
	}
	if (options.has_part && command->run != cmd_decompress) {
		complain("%s does not take --part", command->name);
		return EXIT_USAGE;
	}
	if (options.order_from && command->run != cmd_compress && command->run != cmd_verify) {
		complain("%s does not take --order-from", command->name);
		return EXIT_USAGE;
	}
	if (command->needs_output != !!options.output) {
		complain("%s %s -o FILE", command->name,
			 command->needs_output ? "needs" : "does not take");
		return EXIT_USAGE;
	}
	return finish(command->run(&options));
}
