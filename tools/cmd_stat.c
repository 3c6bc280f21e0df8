// SPDX-License-Identifier: MIT
/*
 * asc stat: what a device does, like vmstat; and who uses it, like top.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clients.h"
#include "json.h"
#include "measure.h"
#include "sysfs.h"

#define HEADER_LINES	20	/* lines on a terminal until the header comes again */

enum {
	JOBS_SUBMITTED,
	JOBS_COMPLETED,
	JOBS_FAILED,
	JOBS_CANCELLED,
	HANGS,
	COMPRESS_JOBS,
	COMPRESS_IN,
	COMPRESS_OUT,
	DECOMPRESS_JOBS,
	DECOMPRESS_IN,
	DECOMPRESS_OUT,
	BUSY_NS,
	CYCLES,
	COUNTERS,
};

static const char *const names[COUNTERS] = {
	[JOBS_SUBMITTED] = "jobs_submitted",
	[JOBS_COMPLETED] = "jobs_completed",
	[JOBS_FAILED] = "jobs_failed",
	[JOBS_CANCELLED] = "jobs_cancelled",
	[HANGS] = "hangs",
	[COMPRESS_JOBS] = "compress_jobs",
	[COMPRESS_IN] = "compress_bytes_in",
	[COMPRESS_OUT] = "compress_bytes_out",
	[DECOMPRESS_JOBS] = "decompress_jobs",
	[DECOMPRESS_IN] = "decompress_bytes_in",
	[DECOMPRESS_OUT] = "decompress_bytes_out",
	[BUSY_NS] = "busy_ns",
	[CYCLES] = "cycles",
};

/**
 * struct sample - the counters of a device
 * @seconds: when they were read; of a difference, how long it took; 0 of totals
 * @engines: engines that get jobs
 * @queued: jobs that have not ended
 * @counters: counters
 */
struct sample {
	double seconds;
	uint64_t engines;
	uint64_t queued;
	uint64_t counters[COUNTERS];
};

/* The counters of a directory that stays the same one while they are read. */
static int read_counters(const char *path, struct sample *sample)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), i, ret = 0;

	if (dir < 0)
		return -errno;
	for (i = 0; i < COUNTERS && !ret; i++)
		ret = sysfs_read(dir, names[i], &sample->counters[i]);
	close(dir);
	return ret;
}

/* A device that is there may be one of an older driver, which does not count everything. */
static int explain(const struct ascdev_device_info *info, const char *path, int error)
{
	if (error == -ENOENT && !access(path, F_OK))
		complain("%s: some statistics are missing in %s; update the driver", info->node,
			 path);
	else
		complain("%s: the device is gone: %s", info->node, strerror(-error));
	return EXIT_DEVICE;
}

static int read_sample(const struct ascdev_device_info *info, struct sample *sample)
{
	uint64_t *c = sample->counters, ended;
	char stats[256], engines[256];
	int ret;

	snprintf(stats, sizeof(stats), "%s/stats", info->sysfs);
	snprintf(engines, sizeof(engines), "%s/engines", info->sysfs);
	sample->seconds = seconds_now();
	ret = read_counters(stats, sample);
	if (!ret)
		ret = sysfs_read(AT_FDCWD, engines, &sample->engines);
	if (ret)
		return explain(info, stats, ret);
	/* counters are read one by one, and jobs end meanwhile */
	ended = c[JOBS_COMPLETED] + c[JOBS_FAILED] + c[JOBS_CANCELLED];
	sample->queued = c[JOBS_SUBMITTED] > ended ? c[JOBS_SUBMITTED] - ended : 0;
	return EXIT_OK;
}

/* From @before to @after; what counts anew has a device behind it that is another one. */
static struct sample difference(const struct sample *before, const struct sample *after)
{
	struct sample d = *after;
	int i;

	d.seconds -= before->seconds;
	for (i = 0; i < COUNTERS; i++) {
		if (d.counters[i] >= before->counters[i])
			d.counters[i] -= before->counters[i];
	}
	return d;
}

/* How much of the time the engines worked, 0 to 1; longer jobs count where they end. */
static double busy(const struct sample *d)
{
	return d->counters[BUSY_NS] * 1e-9 / (d->seconds * d->engines);
}

static json_t *sample_json(const struct ascdev_device_info *info, const struct sample *s)
{
	const uint64_t *c = s->counters;
	json_t *value = json_pack("{s:s, s:o, s:I, s:I, s:o, s:o}", "node", info->node, "seconds",
				  s->seconds ? json_real(s->seconds) : json_null(), "engines",
				  (json_int_t)s->engines, "queued", (json_int_t)s->queued, "busy",
				  s->seconds ? json_number(busy(s)) : json_null(), "ratio",
				  c[COMPRESS_OUT] ?
				  json_real((double)c[COMPRESS_IN] / c[COMPRESS_OUT]) :
				  json_null());
	int i;

	for (i = 0; i < COUNTERS; i++)
		json_object_set_new(value, names[i], json_integer(c[i]));
	return value;
}

static void print_ratio(const uint64_t *c)
{
	if (c[COMPRESS_OUT])
		printf("%6.3f", (double)c[COMPRESS_IN] / c[COMPRESS_OUT]);
	else
		printf("%6s", "-");
}

static void print_totals(const struct ascdev_device_info *info, const struct sample *s)
{
	const uint64_t *c = s->counters;

	printf("%s: %llu engine%s, since it was bound\n", info->node,
	       (unsigned long long)s->engines, s->engines == 1 ? "" : "s");
	printf("jobs        %llu submitted, %llu completed, %llu failed, %llu cancelled, ",
	       (unsigned long long)c[JOBS_SUBMITTED], (unsigned long long)c[JOBS_COMPLETED],
	       (unsigned long long)c[JOBS_FAILED], (unsigned long long)c[JOBS_CANCELLED]);
	printf("%llu queued\n", (unsigned long long)s->queued);
	printf("compress    %llu jobs, %.3f MB in, %.3f MB out, ratio",
	       (unsigned long long)c[COMPRESS_JOBS], c[COMPRESS_IN] / 1e6,
	       c[COMPRESS_OUT] / 1e6);
	print_ratio(c);
	printf("\ndecompress  %llu jobs, %.3f MB in, %.3f MB out\n",
	       (unsigned long long)c[DECOMPRESS_JOBS], c[DECOMPRESS_IN] / 1e6,
	       c[DECOMPRESS_OUT] / 1e6);
	printf("engines     %.3f s of work, %llu cycles, %llu hangs\n", c[BUSY_NS] / 1e9,
	       (unsigned long long)c[CYCLES], (unsigned long long)c[HANGS]);
}

static void print_header(void)
{
	printf("--------- jobs/s --------- ---- compress MB/s ---- decompress MB/s --- engines ---\n"
	       "submitted     done  failed       in      out  ratio      in      out queued  busy%%\n");
}

static void print_rates(const struct sample *d)
{
	const uint64_t *c = d->counters;

	printf("%9.1f %8.1f %7.1f %8.1f %8.1f ", c[JOBS_SUBMITTED] / d->seconds,
	       c[JOBS_COMPLETED] / d->seconds, c[JOBS_FAILED] / d->seconds,
	       c[COMPRESS_IN] / d->seconds / 1e6, c[COMPRESS_OUT] / d->seconds / 1e6);
	print_ratio(c);
	printf(" %7.1f %8.1f %6llu %6.1f\n", c[DECOMPRESS_IN] / d->seconds / 1e6,
	       c[DECOMPRESS_OUT] / d->seconds / 1e6, (unsigned long long)d->queued,
	       100 * busy(d));
}

/* Until @interval after the time before; a late one does not make the next ones late. */
static void wait_until(struct timespec *next, double interval)
{
	next->tv_sec += (time_t)interval;
	next->tv_nsec += (interval - (time_t)interval) * 1e9;
	next->tv_sec += next->tv_nsec / 1000000000;
	next->tv_nsec %= 1000000000;
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, next, NULL) == EINTR)
		;
}

/* Each answer is seen at once; who does not read any more ends it, and knows. */
static int shown(void)
{
	if (!fflush(stdout))
		return EXIT_OK;
	if (errno != EPIPE)
		complain("standard output: %s", strerror(errno));
	return EXIT_IO;
}

static int show_rates(const struct options *options, const struct ascdev_device_info *info,
		      const struct sample *d, uint32_t line)
{
	if (options->json)
		return json_print(sample_json(info, d));
	if (!line || (line % HEADER_LINES == 0 && isatty(STDOUT_FILENO)))
		print_header();
	print_rates(d);
	return EXIT_OK;
}

static int watch_device(const struct options *options, const struct ascdev_device_info *info)
{
	struct sample before, after, d;
	struct timespec next;
	uint32_t i;
	int ret = read_sample(info, &before);

	clock_gettime(CLOCK_MONOTONIC, &next);
	for (i = 0; !ret && (!options->count || i < options->count); i++) {
		wait_until(&next, options->interval);
		ret = read_sample(info, &after);
		if (ret)
			break;
		d = difference(&before, &after);
		ret = show_rates(options, info, &d, i);
		if (!ret)
			ret = shown();
		before = after;
	}
	return ret;
}

static int show_totals(const struct options *options, const struct ascdev_device_info *info)
{
	struct sample sample;
	int ret = read_sample(info, &sample);

	if (ret)
		return ret;
	sample.seconds = 0;
	if (options->json)
		return json_print(sample_json(info, &sample));
	print_totals(info, &sample);
	return EXIT_OK;
}

/* --- clients ------------------------------------------------------------------- */

/**
 * struct row - a client as it is shown
 * @client: client
 * @busy: part of the time, 0 to 1, in which the engines worked for it; below 0 if unknown
 */
struct row {
	const struct client *client;
	double busy;
};

static int by_busy(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->busy != y->busy)
		return x->busy < y->busy ? 1 : -1;
	return (x->client->id > y->client->id) - (x->client->id < y->client->id);
}

/* @before: NULL if there is nothing to compare with */
static double client_busy(const struct client *client, const struct clients *before,
			  double seconds)
{
	const struct client *old = before ? clients_find(before, client->id) : NULL;
	uint64_t busy_ns = client->busy_ns;

	if (!before)
		return -1;
	/* numbers begin anew when the kernel's module is loaded again */
	if (old && old->busy_ns <= busy_ns)
		busy_ns -= old->busy_ns;
	return busy_ns * 1e-9 / (seconds * client->capacity);
}

static int clients_json(const struct row *rows, const struct clients *clients, double seconds)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < clients->count; i++) {
		const struct client *c = rows[i].client;

		json_array_append_new(list, json_pack(
			"{s:I, s:i, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I}", "id",
			(json_int_t)c->id, "pid", c->pid, "command", json_name(c->command),
			"device", json_name(c->device), "busy",
			rows[i].busy < 0 ? json_null() : json_real(rows[i].busy), "engine_ns",
			(json_int_t)c->busy_ns, "cycles", (json_int_t)c->cycles, "total_bytes",
			(json_int_t)c->total_bytes, "resident_bytes",
			(json_int_t)c->resident_bytes, "pinned_bytes",
			(json_int_t)c->pinned_bytes));
	}
	return json_print(json_pack("{s:o, s:o, s:i}", "seconds",
				    seconds ? json_real(seconds) : json_null(), "clients", list,
				    "hidden_processes", (int)clients->hidden));
}

static void print_clients(const struct row *rows, const struct clients *clients)
{
	size_t i;

	printf("  client      pid device    busy%%  engine s  total MiB  resident    pinned command\n");
	for (i = 0; i < clients->count; i++) {
		const struct client *c = rows[i].client;
		char percent[16] = "-";

		if (rows[i].busy >= 0)
			snprintf(percent, sizeof(percent), "%.1f", 100 * rows[i].busy);
		printf("%8llu %8d %-8s %6s %9.3f %10.2f %9.2f %9.2f %s\n",
		       (unsigned long long)c->id, c->pid, *c->device ? c->device : "-", percent,
		       c->busy_ns / 1e9, c->total_bytes / 1048576.0,
		       c->resident_bytes / 1048576.0, c->pinned_bytes / 1048576.0, c->command);
	}
}

/* @before: NULL for the first look, or the only one */
static int show_clients(const struct options *options, const struct clients *clients,
			const struct clients *before, double seconds, bool first)
{
	struct row *rows = calloc(clients->count + 1, sizeof(*rows));
	int ret = EXIT_OK;
	size_t i;

	if (!rows) {
		complain("out of memory");
		return EXIT_FAILED;
	}
	for (i = 0; i < clients->count; i++) {
		rows[i].client = &clients->list[i];
		rows[i].busy = client_busy(&clients->list[i], before, seconds);
	}
	qsort(rows, clients->count, sizeof(*rows), by_busy);
	if (options->json) {
		ret = clients_json(rows, clients, seconds);
	} else {
		if (isatty(STDOUT_FILENO) && before)
			fputs("\033[H\033[J", stdout);
		else if (!first)
			putchar('\n');
		print_clients(rows, clients);
		if (clients->hidden)
			tell("%u %s could not be looked into; root sees all", clients->hidden,
			     clients->hidden == 1 ? "process" : "processes");
	}
	free(rows);
	return ret;
}

static int watch_clients(const struct options *options, const char *device)
{
	struct clients before, after;
	double then = seconds_now(), now;
	struct timespec next;
	uint32_t i;
	int ret = clients_read(&before, options->root, device);

	if (!ret && !options->interval)
		ret = show_clients(options, &before, NULL, 0, true);
	clock_gettime(CLOCK_MONOTONIC, &next);
	for (i = 0; !ret && options->interval && (!options->count || i < options->count); i++) {
		wait_until(&next, options->interval);
		now = seconds_now();
		ret = clients_read(&after, options->root, device);
		if (!ret)
			ret = show_clients(options, &after, &before, now - then, !i);
		if (!ret)
			ret = shown();
		free(before.list);
		before = after;
		then = now;
	}
	free(before.list);
	return ret;
}

int cmd_stat(const struct options *options)
{
	struct ascdev_device_info info;
	int ret = sysfs_find(options, &info);

	if (ret)
		return ret;
	if (options->clients)
		return watch_clients(options, options->device ? strrchr(info.node, '/') + 1 : NULL);
	return options->interval ? watch_device(options, &info) : show_totals(options, &info);
}
