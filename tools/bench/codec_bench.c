// SPDX-License-Identifier: MIT
/*
 * How fast the codecs are in process: beside memcpy, and beside what a user would otherwise
 * take, at the same maps in the same run.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <jansson.h>
#include <limits.h>
#include <sched.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define MAX_SETS	2
#define MAX_CODERS	64
#define MIN_SAMPLES	3
#define MAX_SAMPLES	15

/* Of latencies: samples of as many calls as take about so long. */
#define LATENCY_SAMPLES	31
#define LATENCY_NS	200000
#define LATENCY_BYTES	4096

#define STARTS		51

/* Of the sweep over sizes. */
#define SWEEP_FIRST	(64ULL << 10)
#define SWEEP_STEP	4

/* The map that is made, which is repeated for larger sizes. */
#define SWEEP_CHANNELS	128
#define SWEEP_WIDEST	128

/* A size is left out if one pass over it is expected to take longer. */
#define SWEEP_PASS_NS	4e9

enum { PART_CODECS = 1, PART_LATENCY = 2, PART_SWEEP = 4, PART_STARTUP = 8, PART_ALL = 15 };

/**
 * struct options - what to do
 * @json: file for the results, or NULL
 * @asc: the command to be started
 * @only: coders are left out that do not have this in their name; or NULL
 * @label: noted in the results, or NULL
 * @bytes: size of a set
 * @largest: of the sweep
 * @budget_ns: for the samples of each coder, set and number of threads; a coder that takes
 *	longer to code a set and decode it once gets less than that
 * @parts: mask
 * @count: run each codec once, for callgrind
 * @files: maps
 * @file_count: how many
 */
struct options {
	const char *json, *asc, *only, *label;
	uint64_t bytes, largest;
	int64_t budget_ns;
	unsigned int parts;
	bool count;
	char **files;
	int file_count;
};

void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("codec-bench: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

static unsigned int cpu_count(void)
{
	cpu_set_t cpus;

	return sched_getaffinity(0, sizeof(cpus), &cpus) ? 1 : CPU_COUNT(&cpus);
}

static bool wanted(const struct options *options, const struct coder *coder)
{
	return !options->only || strstr(coder->name, options->only);
}

/* A coder by number: ours, and then the others; NULL behind the last. */
static const struct coder *coder_at(unsigned int i)
{
	if (i < ascdev_coder_count)
		return &ascdev_coders[i];
	i -= ascdev_coder_count;
	return i < peer_coder_count ? &peer_coders[i] : NULL;
}

/* --- results --------------------------------------------------------------------- */

static json_t *quantiles(struct samples *samples)
{
	return json_pack("{s:f, s:f, s:f, s:i}", "median", samples_quantile(samples, .5),
			 "p10", samples_quantile(samples, .1),
			 "p90", samples_quantile(samples, .9), "samples", (int)samples->count);
}

static json_t *bytes_or_null(uint64_t bytes)
{
	return bytes == UINT64_MAX ? json_null() : json_integer(bytes);
}

/* --- coders at a set ------------------------------------------------------------- */

/**
 * struct speed - of encoding or decoding
 * @gbs: 10^9 bytes of values a second
 * @relative: to the memcpy that was measured just before
 */
struct speed {
	struct samples gbs, relative;
};

static double pass(struct team *team, struct work *work, enum op op)
{
	int64_t begin = clock_ns();

	team_run(team, work, op);
	return (double)work->bytes / (clock_ns() - begin);
}

/* Where a coder does not keep its word, the benchmark is worth nothing. */
static void check_quality(const struct work *work, const struct quality *quality)
{
	int bound = work->coder->max_error;

	if (bound >= 0 && quality->max_abs_error > (uint32_t)bound)
		fail("%s: error %u above %d", work->coder->name, quality->max_abs_error, bound);
}

/*
 * memcpy, encoding and decoding in turn, so that what else the machine does meets all of
 * them.  The first round is not counted.
 */
static void measure_speed(struct work *work, struct work *copy, unsigned int threads,
			  int64_t budget_ns, struct speed speed[OPS], struct quality *quality)
{
	struct team *team = team_start(work->coder, threads);
	struct team *copiers = team_start(&memcpy_coder, threads);
	enum op op;
	int64_t begin;

	team_run(team, work, OP_ENCODE);
	team_run(team, work, OP_DECODE);
	work_quality(work, quality);
	check_quality(work, quality);
	team_run(copiers, copy, OP_ENCODE);
	memset(speed, 0, OPS * sizeof(*speed));
	begin = clock_ns();
	do {
		for (op = OP_ENCODE; op < OPS; op++) {
			double base = pass(copiers, copy, op);
			double gbs = pass(team, work, op);

			samples_add(&speed[op].gbs, gbs);
			samples_add(&speed[op].relative, gbs / base);
		}
	} while (speed[0].gbs.count < MAX_SAMPLES &&
		 clock_ns() - begin < budget_ns * (speed[0].gbs.count < MIN_SAMPLES ? 8 : 1));
	team_stop(copiers);
	team_stop(team);
}

static json_t *speed_json(struct speed *speed, uint64_t peak)
{
	return json_pack("{s:o, s:o, s:o}", "gbs", quantiles(&speed->gbs),
			 "relative", quantiles(&speed->relative),
			 "peak_bytes", bytes_or_null(peak));
}

static void print_row(const struct coder *coder, unsigned int threads, const struct work *work,
		      const struct quality *quality, struct speed speed[OPS],
		      const uint64_t peak[OPS])
{
	char db[16];
	enum op op;

	snprintf(db, sizeof(db), quality->db < 0 ? "-" : "%.2f", quality->db);
	printf("%-26s %7u %6.1f %7.3f %7s", coder->name, threads, work->bytes / 1048576.0,
	       (double)work->bytes / work->payload_bytes, db);
	for (op = OP_ENCODE; op < OPS; op++)
		printf(" %8.3f %6.3f", samples_quantile(&speed[op].gbs, .5),
		       samples_quantile(&speed[op].relative, .5));
	for (op = OP_ENCODE; op < OPS; op++)
		printf(" %7.2f", peak[op] == UINT64_MAX ? -1 : peak[op] / 1048576.0);
	printf("\n");
	fflush(stdout);
}

/* The part of a set that a coder can be given, as one over a power of two. */
static unsigned int share_of(const struct options *options, const struct coder *coder,
			     const struct set *set)
{
	struct team *team = team_start(coder, 1);
	unsigned int share = 1;
	struct work work;
	int64_t begin;
	double ns;

	work_make(&work, coder, set, UINT_MAX);
	begin = clock_ns();
	team_run(team, &work, OP_ENCODE);
	team_run(team, &work, OP_DECODE);
	ns = (double)(clock_ns() - begin) / work.bytes * set->bytes;
	while (ns / share > options->budget_ns && share < 1 << 16)
		share *= 2;
	team_stop(team);
	work_free(&work);
	return share;
}

static json_t *bench_coder(const struct options *options, const struct coder *coder,
			   const struct set *set, struct work *copy, unsigned int threads,
			   unsigned int share)
{
	uint64_t peak[OPS];
	struct quality quality;
	struct speed speed[OPS];
	struct work work;
	json_t *row;

	work_make(&work, coder, set, share);
	measure_memory(&work, threads, peak);
	measure_speed(&work, copy, threads, options->budget_ns, speed, &quality);
	print_row(coder, threads, &work, &quality, speed, peak);
	row = json_pack("{s:s, s:s, s:b, s:i, s:I, s:I, s:f, s:f, s:o, s:i, s:o, s:o}",
			"set", set->name, "coder", coder->name, "ours", coder->ours,
			"threads", (int)threads, "bytes", (json_int_t)work.bytes,
			"payload_bytes", (json_int_t)work.payload_bytes,
			"ratio", (double)work.bytes / work.payload_bytes,
			"bpe", 8.0 * work.payload_bytes * set->value_bytes / work.bytes,
			"sqnr_db", quality.db < 0 ? json_null() : json_real(quality.db),
			"max_abs_error", (int)quality.max_abs_error,
			"encode", speed_json(&speed[OP_ENCODE], peak[OP_ENCODE]),
			"decode", speed_json(&speed[OP_DECODE], peak[OP_DECODE]));
	work_free(&work);
	return row;
}

static void bench_set(const struct options *options, const struct set *set, unsigned int threads,
		      const unsigned int *shares, json_t *rows)
{
	const struct coder *coder;
	struct work copy;
	unsigned int i;

	work_make(&copy, &memcpy_coder, set, 1);
	printf("\n%s, %u thread%s\n%-26s %7s %6s %7s %7s %8s %6s %8s %6s %7s %7s\n", set->name,
	       threads, threads > 1 ? "s" : "", "", "threads", "MiB", "ratio", "dB", "enc GB/s",
	       "memcpy", "dec GB/s", "memcpy", "enc MiB", "dec MiB");
	json_array_append_new(rows, bench_coder(options, &memcpy_coder, set, &copy,
						threads, 1));
	for (i = 0; (coder = coder_at(i)); i++) {
		if (wanted(options, coder) && coder->widest >= set->value_bytes)
			json_array_append_new(rows, bench_coder(options, coder, set, &copy,
								threads, shares[i]));
	}
	work_free(&copy);
}

static json_t *bench_codecs(const struct options *options, struct set *sets, unsigned int count)
{
	unsigned int shares[MAX_CODERS] = { 0 }, cpus = cpu_count(), i, k;
	const struct coder *coder;
	json_t *rows = json_array();

	for (i = 0; i < count; i++) {
		for (k = 0; (coder = coder_at(k)); k++) {
			if (wanted(options, coder) && coder->widest >= sets[i].value_bytes)
				shares[k] = share_of(options, coder, &sets[i]);
		}
		bench_set(options, &sets[i], 1, shares, rows);
		if (cpus > 1)
			bench_set(options, &sets[i], 2, shares, rows);
		if (cpus > 2)
			bench_set(options, &sets[i], cpus, shares, rows);
	}
	return rows;
}

/* --- a small map ----------------------------------------------------------------- */

static json_t *bench_latency_of(const struct coder *coder, uint32_t dtype)
{
	struct samples us[OPS] = { { 0 } };
	struct team *team = team_start(coder, 1);
	struct set set;
	struct work work;
	int64_t begin, once;
	int i, k, calls;
	enum op op;
	json_t *row;

	set_make_small(&set, dtype, 16, LATENCY_BYTES / 16 / 16 / ascdev_dtype_bytes(dtype), 16);
	work_make(&work, coder, &set, 1);
	for (op = OP_ENCODE; op < OPS; op++) {
		team_run(team, &work, op);
		begin = clock_ns();
		team_run(team, &work, op);
		once = clock_ns() - begin;
		calls = once > 0 && once < LATENCY_NS ? LATENCY_NS / once : 1;
		for (i = 0; i < LATENCY_SAMPLES; i++) {
			begin = clock_ns();
			for (k = 0; k < calls; k++)
				team_run(team, &work, op);
			samples_add(&us[op], (clock_ns() - begin) / 1000.0 / calls);
		}
	}
	printf("%-26s %-4s encode %8.2f us  decode %8.2f us\n", coder->name, set.name,
	       samples_quantile(&us[OP_ENCODE], .5), samples_quantile(&us[OP_DECODE], .5));
	row = json_pack("{s:s, s:s, s:i, s:o, s:o}", "set", set.name, "coder", coder->name,
			"bytes", LATENCY_BYTES, "encode_us", quantiles(&us[OP_ENCODE]),
			"decode_us", quantiles(&us[OP_DECODE]));
	team_stop(team);
	work_free(&work);
	set_free(&set);
	return row;
}

static json_t *bench_latency(const struct options *options)
{
	static const uint32_t dtypes[] = { ASCDEV_DTYPE_U8, ASCDEV_DTYPE_S16 };
	json_t *rows = json_array();
	unsigned int i, k;

	printf("\na map of %d bytes\n", LATENCY_BYTES);
	for (i = 0; i < sizeof(dtypes) / sizeof(dtypes[0]); i++) {
		for (k = 0; k < ascdev_coder_count; k++) {
			if (wanted(options, &ascdev_coders[k]))
				json_array_append_new(rows, bench_latency_of(&ascdev_coders[k],
									     dtypes[i]));
		}
	}
	return rows;
}

/* --- all sizes ------------------------------------------------------------------- */

/* The cost at one size; @slow has what a byte took at the size before. */
static json_t *bench_size(const struct options *options, const struct coder *coder,
			  const struct set *set, double *slow)
{
	struct quality quality;
	struct work work, copy;
	struct speed speed[OPS];
	enum op op;
	double ns[OPS];

	work_make(&work, coder, set, 1);
	work_make(&copy, &memcpy_coder, set, 1);
	measure_speed(&work, &copy, 1, options->budget_ns / 4, speed, &quality);
	work_free(&copy);
	work_free(&work);
	for (op = OP_ENCODE, *slow = 0; op < OPS; op++) {
		ns[op] = 1 / samples_quantile(&speed[op].gbs, .5);
		*slow += ns[op];
	}
	printf("%-26s %-4s %8.2f MiB encode %9.3f decode %9.3f ns a byte\n", coder->name, set->name,
	       set->bytes / 1048576.0, ns[OP_ENCODE], ns[OP_DECODE]);
	fflush(stdout);
	return json_pack("{s:s, s:s, s:I, s:f, s:f}", "set", set->name, "coder", coder->name,
			 "bytes", (json_int_t)set->bytes, "encode_ns", ns[OP_ENCODE],
			 "decode_ns", ns[OP_DECODE]);
}

/* All of the channels at any size: what a value costs depends on what it is. */
static void make_set_of(struct set *set, uint64_t bytes)
{
	uint32_t h = 1;

	while (2 * h * h * SWEEP_CHANNELS < bytes)
		h *= 2;
	if (2 * h <= SWEEP_WIDEST)
		set_make_small(set, ASCDEV_DTYPE_U8, SWEEP_CHANNELS, h, 2 * h);
	else
		set_make(set, ASCDEV_DTYPE_U8, bytes);
}

static json_t *bench_sweep(const struct options *options)
{
	const struct coder *coders[] = { &memcpy_coder, &ascdev_coders[0], &ascdev_coders[2],
					 &ascdev_coders[8], &ascdev_coders[9], &ascdev_coders[10] };
	double slow[sizeof(coders) / sizeof(coders[0])] = { 0 };
	json_t *rows = json_array();
	unsigned int i;
	uint64_t bytes;

	printf("\nsizes\n");
	for (bytes = SWEEP_FIRST; bytes <= options->largest; bytes *= SWEEP_STEP) {
		struct set set;

		make_set_of(&set, bytes);
		for (i = 0; i < sizeof(coders) / sizeof(coders[0]); i++) {
			if ((i && !wanted(options, coders[i])) || slow[i] * bytes > SWEEP_PASS_NS)
				continue;
			json_array_append_new(rows, bench_size(options, coders[i], &set, &slow[i]));
		}
		set_free(&set);
	}
	return rows;
}

/* --- the command ----------------------------------------------------------------- */

static double start_once(const char *asc)
{
	char *argv[] = { (char *)asc, (char *)"--version", NULL };
	posix_spawn_file_actions_t actions;
	int64_t begin;
	pid_t child;
	int status;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	begin = clock_ns();
	if (posix_spawn(&child, asc, &actions, NULL, argv, environ) ||
	    waitpid(child, &status, 0) != child || status)
		fail("%s --version failed", asc);
	posix_spawn_file_actions_destroy(&actions);
	return (clock_ns() - begin) / 1e6;
}

static json_t *bench_startup(const struct options *options)
{
	struct samples ms = { 0 };
	int i;

	if (!options->asc)
		return json_null();
	start_once(options->asc);
	for (i = 0; i < STARTS; i++)
		samples_add(&ms, start_once(options->asc));
	printf("\nasc --version: %.2f ms (%.2f to %.2f)\n", samples_quantile(&ms, .5),
	       samples_quantile(&ms, .1), samples_quantile(&ms, .9));
	return quantiles(&ms);
}

/* --- instructions ---------------------------------------------------------------- */

/* What callgrind counts: it is told this name. */
__attribute__((noinline)) void counted_pass(struct team *team, struct work *work, enum op op);

void counted_pass(struct team *team, struct work *work, enum op op)
{
	team_run(team, work, op);
}

/* One line for each call of counted_pass(), in their order. */
static void count_coder(const struct coder *coder, const struct set *set)
{
	static const char *const names[OPS] = { "encode", "decode" };
	struct team *team = team_start(coder, 1);
	struct work work;
	enum op op;

	work_make(&work, coder, set, 1);
	for (op = OP_ENCODE; op < OPS; op++) {
		/* what the first call does for all others is not of interest */
		team_run(team, &work, op);
		counted_pass(team, &work, op);
		printf("%s\t%s\t%s\t%llu\n", set->name, coder->name, names[op],
		       (unsigned long long)(work.bytes / set->value_bytes));
	}
	team_stop(team);
	work_free(&work);
}

static void count_all(const struct options *options)
{
	static const uint32_t dtypes[] = { ASCDEV_DTYPE_U8, ASCDEV_DTYPE_S16 };
	unsigned int i, k;

	for (i = 0; i < sizeof(dtypes) / sizeof(dtypes[0]); i++) {
		struct set set;

		set_make_small(&set, dtypes[i], 64, 32, 32);
		for (k = 0; k < ascdev_coder_count; k++) {
			if (wanted(options, &ascdev_coders[k]))
				count_coder(&ascdev_coders[k], &set);
		}
		set_free(&set);
	}
}

/* --- main ------------------------------------------------------------------------ */

static unsigned int make_sets(const struct options *options, struct set sets[MAX_SETS])
{
	unsigned int count = 0;

	if (!options->file_count) {
		set_make(&sets[0], ASCDEV_DTYPE_U8, options->bytes);
		set_make(&sets[1], ASCDEV_DTYPE_S16, options->bytes);
		return 2;
	}
	set_load(&sets[count], options->files, options->file_count, 1, options->bytes);
	count += sets[count].count > 0;
	set_load(&sets[count], options->files, options->file_count, 2, options->bytes);
	count += sets[count].count > 0;
	if (!count)
		fail("no map of integers of 8 or 16 bits");
	return count;
}

static json_t *sets_json(const struct set *sets, unsigned int count)
{
	json_t *list = json_array();
	unsigned int i, k;

	for (i = 0; i < count; i++) {
		json_t *maps = json_array();

		for (k = 0; k < sets[i].count; k++) {
			const struct map *map = &sets[i].maps[k];

			json_array_append_new(maps, json_pack("{s:s, s:s, s:[iiii]}",
				"name", map->name, "dtype", ascdev_dtype_name(map->surface.dtype),
				"dim", map->surface.dim[0], map->surface.dim[1],
				map->surface.dim[2], map->surface.dim[3]));
		}
		json_array_append_new(list, json_pack("{s:s, s:i, s:I, s:f, s:f, s:o}",
			"name", sets[i].name, "value_bytes", sets[i].value_bytes,
			"bytes", (json_int_t)sets[i].bytes, "zeros", sets[i].zeros,
			"correlation", sets[i].correlation, "maps", maps));
	}
	return list;
}

static json_t *machine_json(void)
{
	FILE *file = fopen("/proc/cpuinfo", "r");
	char line[256], cpu[256] = "unknown";
	struct utsname uts;

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "model name : %255[^\n]", cpu) == 1)
			break;
	}
	if (file)
		fclose(file);
	uname(&uts);
	return json_pack("{s:s, s:i, s:s, s:s, s:I, s:I}", "cpu", cpu, "cpus", (int)cpu_count(),
			 "machine", uts.machine, "kernel", uts.release,
			 "l2_bytes", (json_int_t)sysconf(_SC_LEVEL2_CACHE_SIZE),
			 "l3_bytes", (json_int_t)sysconf(_SC_LEVEL3_CACHE_SIZE));
}

static json_t *versions_json(void)
{
	json_t *versions = json_object();
	const struct coder *coder;
	unsigned int i;

	for (i = 0; (coder = coder_at(i)); i++) {
		const char *version = coder->version();

		json_object_set_new(versions, coder->name,
				    version ? json_string(version) : json_null());
	}
	return versions;
}

static json_t *command_json(int argc, char **argv)
{
	json_t *list = json_array();
	int i;

	for (i = 0; i < argc; i++)
		json_array_append_new(list, json_string(argv[i]));
	return list;
}

static void usage(FILE *to)
{
	fputs("usage: codec-bench [OPTION...] [MAP.npy...]\n"
	      "Speed of the codecs in process beside memcpy and other libraries.  Maps are C x H x W\n"
	      "or N x C x H x W integers of 8 or 16 bits; without any, some are made.\n"
	      "  --json FILE    write the results there, too\n"
	      "  --bytes N      size of a set of maps; 67108864\n"
	      "  --largest N    of the sweep over sizes; 1073741824\n"
	      "  --ms N         time for each coder, set and number of threads; 500.  Slower ones get\n"
	      "                 fewer bytes\n"
	      "  --quick        8 MiB, a sweep up to 16 MiB, 60 ms\n"
	      "  --only TEXT    only coders with TEXT in their name\n"
	      "  --part NAME    codecs, latency, sweep or startup; may be repeated\n"
	      "  --asc FILE     the command, for startup\n"
	      "  --label TEXT   noted in the results\n"
	      "  --count        each codec once, for callgrind: see instructions.py\n", to);
}

static uint64_t number(const char *text)
{
	char *end;
	unsigned long long n;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno || *end || end == text || *text == '-' || !n)
		fail("%s is no number above 0", text);
	return n;
}

static unsigned int part(const char *text)
{
	static const char *const names[] = { "codecs", "latency", "sweep", "startup" };
	unsigned int i;

	for (i = 0; i < 4; i++) {
		if (!strcmp(text, names[i]))
			return 1u << i;
	}
	fail("%s is no part", text);
}

static void parse_options(struct options *options, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "json", required_argument, NULL, 'j' },
		{ "bytes", required_argument, NULL, 'b' },
		{ "largest", required_argument, NULL, 'x' },
		{ "ms", required_argument, NULL, 'm' },
		{ "quick", no_argument, NULL, 'q' },
		{ "only", required_argument, NULL, 'o' },
		{ "part", required_argument, NULL, 'p' },
		{ "asc", required_argument, NULL, 'a' },
		{ "label", required_argument, NULL, 'l' },
		{ "count", no_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	*options = (struct options){ .bytes = 64 << 20, .largest = 1 << 30,
				     .budget_ns = 500000000 };
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 'j':
			options->json = optarg;
			break;
		case 'b':
			options->bytes = number(optarg);
			break;
		case 'x':
			options->largest = number(optarg);
			break;
		case 'm':
			options->budget_ns = number(optarg) * 1000000;
			break;
		case 'q':
			options->bytes = 8 << 20;
			options->largest = 16 << 20;
			options->budget_ns = 60000000;
			break;
		case 'o':
			options->only = optarg;
			break;
		case 'p':
			options->parts |= part(optarg);
			break;
		case 'a':
			options->asc = optarg;
			break;
		case 'l':
			options->label = optarg;
			break;
		case 'c':
			options->count = true;
			break;
		case 'h':
			usage(stdout);
			exit(0);
		default:
			usage(stderr);
			exit(2);
		}
	}
	if (!options->parts)
		options->parts = PART_ALL;
	options->files = argv + optind;
	options->file_count = argc - optind;
}

int main(int argc, char **argv)
{
	struct set sets[MAX_SETS];
	struct options options;
	unsigned int count, i;
	json_t *out;

	parse_options(&options, argc, argv);
	if (options.count) {
		count_all(&options);
		return 0;
	}
	count = make_sets(&options, sets);
	out = json_pack("{s:o, s:o, s:o, s:s*, s:s*, s:o}", "machine", machine_json(),
			"command", command_json(argc, argv), "versions", versions_json(),
			"label", options.label, "ascdev_cpu", getenv("ASCDEV_CPU"),
			"sets", sets_json(sets, count));
	if (options.parts & PART_CODECS)
		json_object_set_new(out, "results", bench_codecs(&options, sets, count));
	if (options.parts & PART_LATENCY)
		json_object_set_new(out, "latency", bench_latency(&options));
	if (options.parts & PART_SWEEP)
		json_object_set_new(out, "sweep", bench_sweep(&options));
	if (options.parts & PART_STARTUP)
		json_object_set_new(out, "startup_ms", bench_startup(&options));
	if (options.json && json_dump_file(out, options.json, JSON_INDENT(1)))
		fail("%s cannot be written", options.json);
	json_decref(out);
	for (i = 0; i < count; i++)
		set_free(&sets[i]);
	return 0;
}
