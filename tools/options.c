// SPDX-License-Identifier: MIT
/*
 * The command line.
 */

#include <getopt.h>
#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "asc.h"
#include "file.h"
#include "tensor.h"

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

static int parse_box(const char *text, struct options *options)
{
	const char *p = parse_four(text, '+', options->box.at);

	if (p)
		p = parse_four(p, 0, options->box.dim);
	options->has_box = p;
	if (p)
		return 0;
	complain("bad box '%s'; like 0,8,0,0+1,4,56,56", text);
	return -1;
}

static int parse_params(const char *text, struct ascdev_params *params)
{
	if (!ascdev_params_parse(params, text))
		return 0;
	complain("bad parameters '%s'; see asc help codecs", text);
	return -1;
}

/* Of one key. */
static bool parse_param(const char *key, const char *text, struct ascdev_params *params)
{
	char item[64];

	return !strchr(text, ',') && snprintf(item, sizeof(item), "%s=%s", key, text) < 64 &&
	       !ascdev_params_parse(params, item);
}

static int parse_codec(const char *text, struct ascdev_params *params)
{
	if (parse_param("codec", text, params))
		return 0;
	complain("unknown codec '%s'; see asc help codecs", text);
	return -1;
}

static int parse_zero_point(const char *text, struct ascdev_params *params)
{
	if (parse_param("zero_point", text, params))
		return 0;
	complain("bad zero point '%s'; a whole number", text);
	return -1;
}

static int parse_threads(const char *text, uint32_t *threads)
{
	unsigned long number;
	char *end;

	number = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || number > 256) {
		complain("bad number of threads '%s'; 1 to 256, or 0 for all CPUs", text);
		return -1;
	}
	*threads = number ? number : ASCDEV_ALL_CPUS;
	return 0;
}

static int parse_channels(const char *text, struct options *options)
{
	unsigned long first, count;
	char plus, end;

	if (*text < '0' || *text > '9' ||
	    sscanf(text, "%lu%c%lu%c", &first, &plus, &count, &end) != 3 || plus != '+' ||
	    first > UINT32_MAX || count < 1 || count > 1024) {
		complain("bad channels '%s'; FIRST+COUNT, like 0+64, at most 1024", text);
		return -1;
	}
	options->first_channel = first;
	options->channels = count;
	return 0;
}

static int parse_layout(const char *text, uint32_t *layout)
{
	for (*layout = LAYOUT_NCHW; *layout <= LAYOUT_NHWC; (*layout)++) {
		if (!strcmp(text, layout_name(*layout)))
			return 0;
	}
	complain("unknown layout '%s'; nchw or nhwc", text);
	return -1;
}

static int parse_scale(const char *text, double *scale)
{
	char *end;

	*scale = strtod(text, &end);
	if (end != text && !*end && isfinite(*scale) && *scale > 0)
		return 0;
	complain("bad scale '%s'; a number above 0", text);
	return -1;
}

/* Of --try; what is wrong shows here, and not after an hour. */
static int parse_try(const char *text, struct options *options)
{
	struct ascdev_params *grown =
		realloc(options->tries, (options->n_tries + 1) * sizeof(*grown));

	if (!grown) {
		complain("out of memory");
		return -1;
	}
	options->tries = grown;
	grown[options->n_tries] = (struct ascdev_params)ASCDEV_PARAMS_INIT;
	return parse_params(text, &grown[options->n_tries++]);
}

static int parse_plot(const char *text, struct options *options)
{
	options->plot = text;
	if (!name_ends_in(text, ".png"))
		return 0;
	complain("%s: plots are SVG; FILE.svg", text);
	return -1;
}

/* A whole number from @min to @max. */
static int parse_count(const char *text, const char *what, unsigned long min, unsigned long max,
		       uint32_t *count)
{
	unsigned long number;
	char *end;

	number = strtoul(text, &end, 10);
	if (*text >= '0' && *text <= '9' && !*end && number >= min && number <= max) {
		*count = number;
		return 0;
	}
	complain("bad %s '%s'; %lu to %lu", what, text, min, max);
	return -1;
}

static int parse_interval(const char *text, double *interval)
{
	char *end;

	*interval = strtod(text, &end);
	if (end != text && !*end && *interval >= 0.01 && *interval <= 86400)
		return 0;
	complain("bad interval '%s'; seconds, 0.01 to 86400", text);
	return -1;
}

static int parse_goal(const char *text, uint32_t goal, struct options *options)
{
	static const double most[] = {
		[GOAL_MIN_SQNR] = 200, [GOAL_MAX_ERROR] = 32767, [GOAL_TARGET_BPE] = 64,
	};
	double value;
	char *end;

	value = strtod(text, &end);
	if (options->goal && options->goal != goal) {
		complain("one of --min-sqnr, --max-error and --target-bpe, not two");
		return -1;
	}
	if (end == text || *end || !(value >= 0 && value <= most[goal]) ||
	    (goal == GOAL_MAX_ERROR && value != floor(value)) ||
	    (goal == GOAL_TARGET_BPE && !value)) {
		complain("bad goal '%s'; see asc help tune", text);
		return -1;
	}
	options->goal = goal;
	options->goal_value = value;
	return 0;
}

/* Options without a letter. */
enum {
	OPTION_BOX = 256,
	OPTION_CHANNELS,
	OPTION_CLIENTS,
	OPTION_CSV,
	OPTION_DEVICE,
	OPTION_DOCTOR,
	OPTION_LAYOUT,
	OPTION_MAX_ERROR,
	OPTION_MIN_SQNR,
	OPTION_ORDER_FROM,
	OPTION_PARAMS_FROM,
	OPTION_PLOT,
	OPTION_REPEATS,
	OPTION_RM,
	OPTION_ROOT,
	OPTION_SCALE,
	OPTION_SYSFS,
	OPTION_TARGET_BPE,
	OPTION_TENSOR,
	OPTION_TRY,
	OPTION_ZERO_POINT,
	OPTION_END,
};

static const char shortopts[] = "b:C:cd:fhjko:p:qs:T:Vv";

static const struct option longopts[] = {
	{ "backend", required_argument, NULL, 'b' },
	{ "box", required_argument, NULL, OPTION_BOX },
	{ "channels", required_argument, NULL, OPTION_CHANNELS },
	{ "clients", no_argument, NULL, OPTION_CLIENTS },
	{ "codec", required_argument, NULL, 'C' },
	{ "csv", no_argument, NULL, OPTION_CSV },
	{ "device", required_argument, NULL, OPTION_DEVICE },
	{ "stdout", no_argument, NULL, 'c' },
	{ "doctor", no_argument, NULL, OPTION_DOCTOR },
	{ "dtype", required_argument, NULL, 'd' },
	{ "force", no_argument, NULL, 'f' },
	{ "help", no_argument, NULL, 'h' },
	{ "json", no_argument, NULL, 'j' },
	{ "keep", no_argument, NULL, 'k' },
	{ "layout", required_argument, NULL, OPTION_LAYOUT },
	{ "max-error", required_argument, NULL, OPTION_MAX_ERROR },
	{ "min-sqnr", required_argument, NULL, OPTION_MIN_SQNR },
	{ "order-from", required_argument, NULL, OPTION_ORDER_FROM },
	{ "output", required_argument, NULL, 'o' },
	{ "params", required_argument, NULL, 'p' },
	{ "params-from", required_argument, NULL, OPTION_PARAMS_FROM },
	{ "plot", required_argument, NULL, OPTION_PLOT },
	{ "quiet", no_argument, NULL, 'q' },
	{ "repeats", required_argument, NULL, OPTION_REPEATS },
	{ "rm", no_argument, NULL, OPTION_RM },
	{ "root", required_argument, NULL, OPTION_ROOT },
	{ "scale", required_argument, NULL, OPTION_SCALE },
	{ "shape", required_argument, NULL, 's' },
	{ "sysfs", no_argument, NULL, OPTION_SYSFS },
	{ "target-bpe", required_argument, NULL, OPTION_TARGET_BPE },
	{ "tensor", required_argument, NULL, OPTION_TENSOR },
	{ "threads", required_argument, NULL, 'T' },
	{ "try", required_argument, NULL, OPTION_TRY },
	{ "verbose", no_argument, NULL, 'v' },
	{ "version", no_argument, NULL, 'V' },
	{ "zero-point", required_argument, NULL, OPTION_ZERO_POINT },
	{ NULL, 0, NULL, 0 },
};

/* Which commands take an option; 0 for all. */
static unsigned int taken_by(int option)
{
	switch (option) {
	case 'C':
	case 'p':
	case OPTION_ORDER_FROM:
	case OPTION_PARAMS_FROM:
		return TAKES_CODEC;
	case 'd':
	case 's':
	case OPTION_LAYOUT:
		return TAKES_RAW;
	case 'c':
	case 'o':
		return TAKES_OUTPUT;
	case 'f':
		return TAKES_OUTPUT | TAKES_EVAL;
	case 'k':
	case OPTION_RM:
		return TAKES_REMOVE;
	case OPTION_BOX:
		return TAKES_BOX;
	case OPTION_TENSOR:
		return TAKES_TENSOR;
	case OPTION_CHANNELS:
		return TAKES_CHANNELS;
	case OPTION_SCALE:
		return TAKES_SCALE;
	case OPTION_DOCTOR:
		return TAKES_DOCTOR;
	case OPTION_ROOT:
		return TAKES_ROOT;
	case OPTION_CLIENTS:
		return TAKES_INTERVAL;
	case OPTION_TRY:
	case OPTION_ZERO_POINT:
		return TAKES_TRY;
	case OPTION_CSV:
	case OPTION_PLOT:
		return TAKES_EVAL;
	case OPTION_REPEATS:
		return TAKES_BENCH;
	case OPTION_MAX_ERROR:
	case OPTION_MIN_SQNR:
	case OPTION_SYSFS:
	case OPTION_TARGET_BPE:
		return TAKES_GOAL;
	default:
		return 0;
	}
}

static int parse_option(int option, const char *text, struct options *options)
{
	switch (option) {
	case 'b':
		return parse_backend(text, &options->backend);
	case 'C':
		return parse_codec(text, &options->params);
	case 'c':
		options->output = "-";
		return 0;
	case 'd':
		return parse_dtype(text, &options->dtype);
	case 'f':
		options->force = true;
		return 0;
	case 'j':
		options->json = true;
		return 0;
	case 'k':
		options->remove = false;
		return 0;
	case 'o':
		options->output = text;
		return 0;
	case 'p':
		return parse_params(text, &options->params);
	case 'q':
		options->verbosity = -1;
		return 0;
	case 's':
		return parse_shape(text, options);
	case 'T':
		return parse_threads(text, &options->threads);
	case 'v':
		options->verbosity = 1;
		return 0;
	case OPTION_LAYOUT:
		return parse_layout(text, &options->layout);
	case OPTION_CHANNELS:
		return parse_channels(text, options);
	case OPTION_DOCTOR:
		options->doctor = true;
		return 0;
	case OPTION_ROOT:
		options->root = text;
		return 0;
	case OPTION_SCALE:
		return parse_scale(text, &options->scale);
	case OPTION_TENSOR:
		options->tensor = text;
		return 0;
	case OPTION_ORDER_FROM:
		options->order_from = text;
		return 0;
	case OPTION_PARAMS_FROM:
		options->params_from = text;
		return 0;
	case OPTION_TRY:
		return parse_try(text, options);
	case OPTION_ZERO_POINT:
		return parse_zero_point(text, &options->params);
	case OPTION_CLIENTS:
		options->clients = true;
		return 0;
	case OPTION_CSV:
		options->csv = true;
		return 0;
	case OPTION_DEVICE:
		options->device = text;
		return 0;
	case OPTION_MAX_ERROR:
		return parse_goal(text, GOAL_MAX_ERROR, options);
	case OPTION_MIN_SQNR:
		return parse_goal(text, GOAL_MIN_SQNR, options);
	case OPTION_TARGET_BPE:
		return parse_goal(text, GOAL_TARGET_BPE, options);
	case OPTION_PLOT:
		return parse_plot(text, options);
	case OPTION_REPEATS:
		return parse_count(text, "number of repeats", 1, 10000, &options->repeats);
	case OPTION_SYSFS:
		options->sysfs = true;
		return 0;
	case OPTION_BOX:
		return parse_box(text, options);
	case OPTION_RM:
		options->remove = true;
		return 0;
	default:
		return -1;
	}
}

static int add_input(struct options *options, const char *name)
{
	char **grown = realloc(options->inputs, (options->n_inputs + 1) * sizeof(*grown));

	if (grown)
		options->inputs = grown;
	if (!grown || !(grown[options->n_inputs] = strdup(name))) {
		complain("out of memory");
		return EXIT_FAILED;
	}
	options->n_inputs++;
	return EXIT_OK;
}

/* A pattern that the shell has left alone stands for the files that it matches. */
static int add_inputs(struct options *options, const char *name)
{
	int ret = EXIT_OK;
	glob_t found;
	size_t i;

	if (!strpbrk(name, "*?[") || !access(name, F_OK))
		return add_input(options, name);
	if (glob(name, GLOB_NOCHECK, NULL, &found))
		return add_input(options, name);
	for (i = 0; i < found.gl_pathc && !ret; i++)
		ret = add_input(options, found.gl_pathv[i]);
	globfree(&found);
	return ret;
}

/* [INTERVAL [COUNT]] */
static int parse_interval_count(int argc, char **argv, struct options *options)
{
	if (argc > optind + 2) {
		complain("unexpected argument '%s'", argv[optind + 2]);
		return EXIT_USAGE;
	}
	if (argc > optind && parse_interval(argv[optind], &options->interval))
		return EXIT_USAGE;
	if (argc > optind + 1 &&
	    parse_count(argv[optind + 1], "count", 1, UINT32_MAX, &options->count))
		return EXIT_USAGE;
	return EXIT_OK;
}

static int parse_inputs(int argc, char **argv, const struct command *command,
			struct options *options)
{
	int i, ret;

	if (command->takes & TAKES_INTERVAL)
		return parse_interval_count(argc, argv, options);
	for (i = optind; i < argc; i++) {
		if (!(command->takes & (TAKES_INPUT | TAKES_BENCH))) {
			complain("unexpected argument '%s'", argv[i]);
			return EXIT_USAGE;
		}
		ret = add_inputs(options, argv[i]);
		if (ret)
			return ret;
	}
	if ((command->takes & TAKES_INPUT) && !options->n_inputs) {
		complain("%s needs an input file, or -", command->name);
		return EXIT_USAGE;
	}
	return EXIT_OK;
}

/* The zero point is that of the values, whatever is tried. */
static void set_zero_points(struct options *options)
{
	size_t i;

	for (i = 0; i < options->n_tries; i++) {
		if (!options->tries[i].zero_point)
			options->tries[i].zero_point = options->params.zero_point;
	}
}

static bool has_zero_point(const struct options *options)
{
	bool has = options->params.zero_point;
	size_t i;

	for (i = 0; i < options->n_tries; i++)
		has |= options->tries[i].zero_point;
	return has;
}

/* What goes together. */
static int check_options(const struct options *options, const struct command *command)
{
	bool to_stdout = options->output && !strcmp(options->output, "-");
	size_t i, stdins = 0;

	for (i = 0; i < options->n_inputs; i++)
		stdins += !strcmp(options->inputs[i], "-");
	/* a table of tune is one for all inputs, and is part of what --json says */
	if ((command->takes & TAKES_OUTPUT) && !(command->takes & TAKES_GOAL))
		to_stdout |= stdins && !options->output;
	stdins += options->params_from && !strcmp(options->params_from, "-");
	if (stdins > 1)
		complain("standard input can be read but once");
	else if (options->output && options->n_inputs > 1 && !(command->takes & TAKES_JOIN))
		complain("%zu inputs cannot go to one output; without -o and -c each has its own",
			 options->n_inputs);
	else if (options->json && to_stdout)
		complain("standard output cannot take both the file and --json");
	else if (options->json && options->csv)
		complain("--json or --csv, not both");
	else if (options->sysfs && has_zero_point(options))
		complain("defaults of a device have no zero point; without --sysfs the table has it");
	else
		return EXIT_OK;
	return EXIT_USAGE;
}

/* Read once, as it may come from a pipe, and checked before there is any output. */
static int read_table(struct options *options)
{
	struct ascdev_params params = ASCDEV_PARAMS_INIT;
	uint32_t line;
	int ret;

	if (!options->params_from)
		return EXIT_OK;
	ret = file_read(options->params_from, &options->table, &options->table_bytes);
	if (ret)
		return ret;
	if (strlen((const char *)options->table) != options->table_bytes) {
		complain("%s: no text", input_shown(options->params_from));
		return EXIT_FAILED;
	}
	if (ascdev_params_lookup(&params, (const char *)options->table, "", &line) >= 0)
		return EXIT_OK;
	complain("%s: line %u makes no sense; see asc help tables",
		 input_shown(options->params_from), line);
	return EXIT_FAILED;
}

/* Complains of options that a command does not have. */
static int check_taken(const struct command *command, const char *given)
{
	const struct option *option;

	for (option = longopts; option->name; option++) {
		unsigned int takers = taken_by(option->val);

		if (given[option->val] && takers && !(command->takes & takers)) {
			if (option->val < OPTION_BOX)
				complain("%s does not take -%c, --%s", command->name, option->val,
					 option->name);
			else
				complain("%s does not take --%s", command->name, option->name);
			return EXIT_USAGE;
		}
	}
	return EXIT_OK;
}

int options_parse(int argc, char **argv, struct options *options, const struct command **command)
{
	char given[OPTION_END] = { 0 };
	int c, ret;

	while ((c = getopt_long(argc, argv, shortopts, longopts, NULL)) != -1) {
		if (c == 'h')
			return help(NULL);
		if (c == 'V') {
			printf("asc %s\n", ascdev_version_string());
			return EXIT_OK;
		}
		if (parse_option(c, optarg, options))
			return EXIT_USAGE;
		given[c] = 1;
	}
	if (optind == argc) {
		complain("no command; see asc help");
		return EXIT_USAGE;
	}
	if (!strcmp(argv[optind], "help"))
		return help(argv[optind + 1]);
	*command = find_command(argv[optind]);
	if (!*command) {
		complain("unknown command '%s'; see asc help", argv[optind]);
		return EXIT_USAGE;
	}
	optind++;
	set_zero_points(options);
	ret = check_taken(*command, given);
	if (!ret)
		ret = parse_inputs(argc, argv, *command, options);
	if (!ret)
		ret = check_options(options, *command);
	if (!ret)
		ret = read_table(options);
	return ret ? ret : -1;
}

void options_free(struct options *options)
{
	size_t i;

	for (i = 0; i < options->n_inputs; i++)
		free(options->inputs[i]);
	free(options->inputs);
	free(options->tries);
	file_free(options->table, options->table_bytes);
}
