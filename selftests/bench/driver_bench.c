// SPDX-License-Identifier: MIT
/*
 * What a job costs: from SUBMIT to its fence, one and many in flight, beside the same
 * codec in process, and beside the round trip of a vgem fence that stands for no work.
 */

#include <getopt.h>
#include <poll.h>
#include <pthread.h>
#include <sys/utsname.h>

#include <ascdev.h>

#define ASCDEV_NO_HARNESS
#include "../ascdev_test.h"

#define MAX_DEPTH	16
#define TINY		8

/* With many in flight, so often the device is filled before it is left to end them. */
#define ROUNDS_IN_FLIGHT	2

/* Larger jobs are measured one at a time, smaller ones in groups that take about so long. */
#define GROUP_NS	200000

/**
 * struct series - times of one thing
 * @name: what was done
 * @op: "compress", "decompress", or NULL
 * @bytes: values of a job; 0 where there are none
 * @in_flight: jobs that the device had at a time
 * @us: microseconds a job, one number a sample
 * @count: number of @us
 */
struct series {
	const char *name;
	const char *op;
	uint64_t bytes;
	int in_flight;
	double *us;
	size_t count, room;
};

static struct series all[256];
static int series_count;

/* A thing to be timed: does some jobs, and tells how many. */
typedef int (*run_fn)(void *arg);

static int64_t now_ns(void)
{
	return deadline_ms(0);
}

static void fail(const char *what)
{
	fprintf(stderr, "driver-bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void check(int ret, const char *what)
{
	if (!ret)
		return;
	errno = -ret;
	fail(what);
}

/* The series of this description; the first round makes it. */
static struct series *find_series(const char *name, const char *op, uint64_t bytes, int in_flight)
{
	struct series *s;

	for (s = all; s < all + series_count; s++) {
		if (!strcmp(s->name, name) && s->op == op && s->bytes == bytes &&
		    s->in_flight == in_flight)
			return s;
	}
	if (series_count == sizeof(all) / sizeof(all[0])) {
		errno = ENOSPC;
		fail("series");
	}
	series_count++;
	*s = (struct series){ .name = name, .op = op, .bytes = bytes, .in_flight = in_flight };
	return s;
}

static void add_sample(struct series *s, double us)
{
	if (s->count == s->room) {
		s->room = s->room ? 2 * s->room : 64;
		s->us = realloc(s->us, s->room * sizeof(*s->us));
		if (!s->us)
			fail("memory");
	}
	s->us[s->count++] = us;
}

/* Again and again for @budget_ns.  The first time does not count, unless it took so long. */
static void measure(struct series *s, run_fn run, void *arg, int64_t budget_ns)
{
	int64_t begin = now_ns(), end, once, stop;
	int jobs = run(arg), i, group;

	end = now_ns();
	once = end - begin;
	stop = end + budget_ns;
	if (once >= budget_ns) {
		add_sample(s, once / 1000.0 / jobs);
		return;
	}
	group = once > 0 && once < GROUP_NS ? GROUP_NS / once : 1;
	while (end < stop) {
		begin = now_ns();
		for (i = 0, jobs = 0; i < group; i++)
			jobs += run(arg);
		end = now_ns();
		add_sample(s, (end - begin) / 1000.0 / jobs);
	}
}

/* --- vgem --------------------------------------------------------------------- */

/**
 * struct vgem - a buffer object of vgem, and who signals its fences
 * @fd: node
 * @handle: buffer object
 * @dmabuf: the same, to be polled
 * @pipe: names of fences, for the other thread
 * @signaller: the other thread
 */
struct vgem {
	int fd;
	uint32_t handle;
	int dmabuf;
	int pipe[2];
	pthread_t signaller;
};

static void *signal_fences(void *arg)
{
	struct vgem *vgem = arg;
	uint32_t fence;

	while (read(vgem->pipe[0], &fence, sizeof(fence)) == sizeof(fence)) {
		struct vgem_fence_signal signal = { .fence = fence };

		check(do_ioctl(vgem->fd, VGEM_IOCTL_FENCE_SIGNAL, &signal), "vgem signal");
	}
	return NULL;
}

/* False where vgem is not there. */
static bool vgem_open(struct vgem *vgem)
{
	struct drm_mode_create_dumb dumb = { .width = 64, .height = 16, .bpp = 32 };

	vgem->fd = open_vgem();
	if (vgem->fd < 0)
		return false;
	check(do_ioctl(vgem->fd, DRM_IOCTL_MODE_CREATE_DUMB, &dumb), "vgem buffer object");
	vgem->handle = dumb.handle;
	vgem->dmabuf = export_dmabuf(vgem->fd, dumb.handle);
	check(vgem->dmabuf < 0 ? vgem->dmabuf : 0, "vgem export");
	if (pipe(vgem->pipe))
		fail("pipe");
	check(-pthread_create(&vgem->signaller, NULL, signal_fences, vgem), "thread");
	return true;
}

static void vgem_close(struct vgem *vgem)
{
	close(vgem->pipe[1]);
	pthread_join(vgem->signaller, NULL);
	close(vgem->pipe[0]);
	close(vgem->dmabuf);
	close(vgem->fd);
}

static uint32_t vgem_attach(struct vgem *vgem)
{
	struct vgem_fence_attach attach = { .handle = vgem->handle, .flags = VGEM_FENCE_WRITE };

	check(do_ioctl(vgem->fd, VGEM_IOCTL_FENCE_ATTACH, &attach), "vgem attach");
	return attach.out_fence;
}

static void vgem_wait(struct vgem *vgem)
{
	struct pollfd fd = { .fd = vgem->dmabuf, .events = POLLOUT };

	if (poll(&fd, 1, 10000) != 1)
		fail("vgem poll");
}

/* Nobody else takes part, and nobody sleeps. */
static int vgem_alone(void *arg)
{
	struct vgem_fence_signal signal = { .fence = vgem_attach(arg) };

	check(do_ioctl(((struct vgem *)arg)->fd, VGEM_IOCTL_FENCE_SIGNAL, &signal), "vgem signal");
	vgem_wait(arg);
	return 1;
}

/* As with a job: one thread waits until another, which it has woken, signals. */
static int vgem_two_threads(void *arg)
{
	struct vgem *vgem = arg;
	uint32_t fence = vgem_attach(vgem);

	if (write(vgem->pipe[1], &fence, sizeof(fence)) != sizeof(fence))
		fail("pipe");
	vgem_wait(vgem);
	return 1;
}

/* --- the device ------------------------------------------------------------------ */

/**
 * struct load - jobs of one kind
 * @fd: node
 * @bytes: values of each, of 8 bits
 * @depth: jobs in flight at most
 * @surface: buffer object of values, for each place
 * @payload: buffer object of payload, for each place
 * @jobs: compress or decompress
 * @memory: values, payload and values again, for the codec in process
 * @sw: the library's codec in process
 * @params: for it
 * @layout: for it
 */
struct load {
	int fd;
	uint64_t bytes;
	int depth;
	uint32_t surface[MAX_DEPTH], payload[MAX_DEPTH];
	struct drm_ascdev_job jobs[MAX_DEPTH];
	uint8_t *memory[3];
	uint64_t payload_bytes;
	struct ascdev_ctx *sw;
	struct ascdev_params params;
	struct ascdev_surface layout;
};

/* Smooth, with edges and zeros, as maps are. */
static void fill(uint8_t *values, uint64_t count)
{
	uint64_t i;

	for (i = 0; i < count; i++)
		values[i] = i % 16 < 3 ? 0 : (i % 128) * (i / 128 % 61) / 32 ^ (i * 2654435761u >> 30);
}

static void describe(struct load *load, uint32_t dim[4])
{
	uint64_t bytes = load->bytes;

	dim[0] = 1;
	dim[3] = bytes < 4096 ? bytes : 64;
	dim[2] = bytes < 4096 ? 1 : 64;
	dim[1] = bytes / dim[2] / dim[3];
}

static void make_load(struct load *load, int fd, struct ascdev_ctx *sw, const char *params,
		      uint64_t bytes)
{
	struct drm_ascdev_job job = { .op = DRM_ASCDEV_OP_COMPRESS };
	uint32_t dim[4];
	void *map;
	int i;

	*load = (struct load){ .fd = fd, .bytes = bytes, .sw = sw };
	load->depth = bytes < 256 << 10 ? MAX_DEPTH : bytes < 8 << 20 ? 4 : 2;
	describe(load, dim);
	load->params = (struct ascdev_params)ASCDEV_PARAMS_INIT;
	check(ascdev_params_parse(&load->params, params), "parameters");
	ascdev_surface_nchw(&load->layout, ASCDEV_DTYPE_U8, dim[0], dim[1], dim[2], dim[3]);
	check(ascdev_compress_bound(&load->params, &load->layout, &load->payload_bytes), "bound");
	for (i = 0; i < 3; i++) {
		load->memory[i] = calloc(1, load->payload_bytes + bytes);
		if (!load->memory[i])
			fail("memory");
	}
	fill(load->memory[0], bytes);

	describe_dense(&job.surface, DRM_ASCDEV_DTYPE_U8, dim[0], dim[1], dim[2], dim[3]);
	job.params.codec = load->params.codec;
	job.params.endpoints = load->params.endpoints;
	job.params.scale = load->params.scale;
	job.params.profile = load->params.profile;
	job.params.effort = load->params.effort;
	job.params.max_error = load->params.max_error;
	job.params.target_bpe = load->params.target_bpe;
	job.params.block = (struct drm_ascdev_block){
		load->params.block.w, load->params.block.h, load->params.block.c, 0
	};
	for (i = 0; i < load->depth; i++) {
		load->surface[i] = create_bo(fd, bytes);
		load->payload[i] = create_bo(fd, load->payload_bytes);
		map = map_bo(fd, load->surface[i], bytes);
		if (!load->payload[i] || map == MAP_FAILED)
			fail("buffer object");
		memcpy(map, load->memory[0], bytes);
		munmap(map, bytes);
		load->jobs[i] = job;
		load->jobs[i].src = (struct drm_ascdev_range){ load->surface[i], 0, 0, bytes };
		load->jobs[i].dst = (struct drm_ascdev_range){ load->payload[i], 0, 0,
							       load->payload_bytes };
	}
}

static void free_load(struct load *load)
{
	int i;

	for (i = 0; i < load->depth; i++) {
		struct drm_gem_close args = { .handle = load->surface[i] };

		do_ioctl(load->fd, DRM_IOCTL_GEM_CLOSE, &args);
		args.handle = load->payload[i];
		do_ioctl(load->fd, DRM_IOCTL_GEM_CLOSE, &args);
	}
	for (i = 0; i < 3; i++)
		free(load->memory[i]);
}

/* What was compressed is read again; what an encoder chose, a decoder must be told. */
static void turn_around(struct load *load, const struct ascdev_result *result)
{
	int i;

	check(ascdev_params_settle(&load->params, result), "parameters");
	for (i = 0; i < load->depth; i++) {
		struct drm_ascdev_job *job = &load->jobs[i];

		check(submit_jobs(load->fd, job, 1), "SUBMIT");
		check(wait_bo(load->fd, load->payload[i], 60000), "BO_WAIT");
		job->op = DRM_ASCDEV_OP_DECOMPRESS;
		job->params.codec = result->codec;
		job->params.endpoints = result->endpoints;
		job->params.profile = result->profile;
		job->params.block = (struct drm_ascdev_block){
			result->block.w, result->block.h, result->block.c, 0
		};
		job->src = (struct drm_ascdev_range){ load->payload[i], 0, 0, result->bytes };
		job->dst = (struct drm_ascdev_range){ load->surface[i], 0, 0, load->bytes };
	}
	load->payload_bytes = result->bytes;
}

static void wait_for_place(struct load *load, int place)
{
	check(wait_bo(load->fd, load->jobs[place].dst.handle, 60000), "BO_WAIT");
}

static int one_in_flight(void *arg)
{
	struct load *load = arg;

	check(submit_jobs(load->fd, load->jobs, 1), "SUBMIT");
	wait_for_place(load, 0);
	return 1;
}

static void drain(struct load *load)
{
	int i;

	for (i = 0; i < load->depth; i++)
		wait_for_place(load, i);
}

/* One SUBMIT a job; a place is used again when its job has ended. */
static int many_in_flight(void *arg)
{
	struct load *load = arg;
	int i;

	for (i = 0; i < ROUNDS_IN_FLIGHT * load->depth; i++) {
		int place = i % load->depth;

		if (i >= load->depth)
			wait_for_place(load, place);
		check(submit_jobs(load->fd, &load->jobs[place], 1), "SUBMIT");
	}
	drain(load);
	return i;
}

/* Half of all places in one SUBMIT, while the device works on the others. */
static int in_batches(void *arg)
{
	struct load *load = arg;
	int half = load->depth / 2, i;

	for (i = 0; i < ROUNDS_IN_FLIGHT * load->depth; i += half) {
		int place = i % load->depth;

		if (i >= load->depth)
			wait_for_place(load, place + half - 1);
		check(submit_jobs(load->fd, &load->jobs[place], half), "SUBMIT");
	}
	drain(load);
	return i;
}

static int compress_in_process(void *arg)
{
	struct load *load = arg;

	check(ascdev_compress(load->sw, &load->params, &load->layout, load->memory[0],
			      load->memory[1], load->payload_bytes, NULL), "compress in process");
	return 1;
}

static int decompress_in_process(void *arg)
{
	struct load *load = arg;

	check(ascdev_decompress(load->sw, &load->params, &load->layout, load->memory[1],
				load->payload_bytes, load->memory[2], NULL),
	      "decompress in process");
	return 1;
}

static void measure_direction(struct load *load, const char *op, run_fn in_process,
			      int64_t budget_ns)
{
	uint64_t bytes = load->bytes;

	measure(find_series("in process", op, bytes, 1), in_process, load, budget_ns);
	measure(find_series("device", op, bytes, 1), one_in_flight, load, budget_ns);
	measure(find_series("device", op, bytes, load->depth), many_in_flight, load, budget_ns);
	measure(find_series("device, batches", op, bytes, load->depth), in_batches, load,
		budget_ns);
}

/* The device must have done what the codec in process does. */
static void compare(struct load *load, uint32_t handle, const uint8_t *memory, uint64_t bytes)
{
	void *map = map_bo(load->fd, handle, bytes);

	if (map == MAP_FAILED)
		fail("mapping");
	if (memcmp(map, memory, bytes)) {
		fprintf(stderr, "driver-bench: device and codec in process differ\n");
		exit(1);
	}
	munmap(map, bytes);
}

static void measure_size(int fd, struct ascdev_ctx *sw, const char *params, uint64_t bytes,
			 int64_t budget_ns)
{
	static const char compress[] = "compress", decompress[] = "decompress";
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	struct load load;

	make_load(&load, fd, sw, params, bytes);
	measure_direction(&load, compress, compress_in_process, budget_ns);
	check(ascdev_compress(sw, &load.params, &load.layout, load.memory[0], load.memory[1],
			      load.payload_bytes, &result), "compress in process");
	compare(&load, load.payload[0], load.memory[1], result.bytes);
	turn_around(&load, &result);
	measure_direction(&load, decompress, decompress_in_process, budget_ns);
	compare(&load, load.surface[0], load.memory[2], bytes);
	free_load(&load);
}

/* --- the report -------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double quantile(const struct series *s, double q)
{
	return s->us[(size_t)(q * (s->count - 1) + 0.5)];
}

static void report_json(FILE *to)
{
	struct utsname uts;
	struct series *s;

	uname(&uts);
	fprintf(to, "{\n  \"kernel\": \"%s\",\n  \"cpus\": %ld,\n  \"series\": [\n", uts.release,
	       sysconf(_SC_NPROCESSORS_ONLN));
	for (s = all; s < all + series_count; s++) {
		double us = quantile(s, 0.5);

		fprintf(to, "    { \"what\": \"%s\", ", s->name);
		if (s->op)
			fprintf(to, "\"op\": \"%s\", ", s->op);
		fprintf(to, "\"bytes\": %llu, \"in_flight\": %d, \"samples\": %zu, "
		       "\"us\": { \"p10\": %.2f, \"p50\": %.2f, \"p90\": %.2f }, "
		       "\"per_s\": %.1f }%s\n",
		       (unsigned long long)s->bytes, s->in_flight, s->count, quantile(s, 0.1), us,
		       quantile(s, 0.9), 1e6 / us, s + 1 < all + series_count ? "," : "");
	}
	fprintf(to, "  ]\n}\n");
}

/* Of what a job is compared with; NULL where there is none. */
static const struct series *reference(const struct series *s)
{
	struct series *r;

	for (r = all; r < all + series_count; r++) {
		if (!strcmp(r->name, "in process") && r->op == s->op && r->bytes == s->bytes)
			return r;
	}
	return NULL;
}

static void report_text(void)
{
	struct utsname uts;
	struct series *s;

	uname(&uts);
	printf("Linux %s, %ld CPUs; microseconds a job: median (10%% to 90%% of the samples)\n\n",
	       uts.release, sysconf(_SC_NPROCESSORS_ONLN));
	printf("%-18s %-10s %8s %6s %28s %10s %8s %10s\n", "what", "", "bytes", "flight",
	       "us", "per s", "MiB/s", "in process");
	for (s = all; s < all + series_count; s++) {
		const struct series *r = s->op ? reference(s) : NULL;
		double us = quantile(s, 0.5);
		char range[40];

		snprintf(range, sizeof(range), "%.1f (%.1f to %.1f)", us, quantile(s, 0.1),
			 quantile(s, 0.9));
		printf("%-18s %-10s %8llu %6d %28s %10.0f", s->name, s->op ? s->op : "",
		       (unsigned long long)s->bytes, s->in_flight, range, 1e6 / us);
		if (r)
			printf(" %8.1f %9.0f%%", s->bytes / us * 1e6 / (1 << 20),
			       100 * quantile(r, 0.5) / us);
		printf("\n");
	}
}

static void usage(FILE *to)
{
	fputs("usage: driver-bench [--json FILE] [--rounds N] [--ms N] [--max BYTES] [--params TEXT]\n"
	      "  --json FILE    write the figures there, too\n"
	      "  --rounds N     go through everything so often (5), so that what else the\n"
	      "                 machine does meets all of it alike\n"
	      "  --ms N         time for each thing in each round (100)\n"
	      "  --max BYTES    size of the largest job (8388608)\n"
	      "  --params TEXT  codec, as the library takes it (codec=asc-cbr)\n", to);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", required_argument, NULL, 'j' },
		{ "rounds", required_argument, NULL, 'r' },
		{ "ms", required_argument, NULL, 'm' },
		{ "max", required_argument, NULL, 'x' },
		{ "params", required_argument, NULL, 'p' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	static const uint64_t sizes[] = { TINY, 4 << 10, 32 << 10, 256 << 10, 1 << 20, 8 << 20 };
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	const char *params = "codec=asc-cbr";
	uint64_t max = 8 << 20;
	int rounds = 5, round, fd, option;
	int64_t budget_ns = 100000000;
	FILE *json = NULL;
	bool has_vgem;
	struct ascdev_ctx *sw;
	struct vgem vgem;
	struct series *s;
	size_t i;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'j':
			json = fopen(optarg, "w");
			if (!json)
				fail(optarg);
			break;
		case 'r':
			rounds = atoi(optarg);
			break;
		case 'm':
			budget_ns = atoi(optarg) * 1000000ll;
			break;
		case 'x':
			max = strtoull(optarg, NULL, 0);
			break;
		case 'p':
			params = optarg;
			break;
		case 'h':
			usage(stdout);
			return 0;
		default:
			usage(stderr);
			return 2;
		}
	}
	fd = open_node(NULL);
	if (fd < 0)
		fail("no device");
	has_vgem = vgem_open(&vgem);
	opts.backend = ASCDEV_BACKEND_SW;
	check(ascdev_open(&opts, NULL, &sw), "library");

	for (round = 0; round < rounds; round++) {
		if (has_vgem) {
			measure(find_series("vgem, one thread", NULL, 0, 1), vgem_alone, &vgem,
				budget_ns);
			measure(find_series("vgem, two threads", NULL, 0, 1), vgem_two_threads,
				&vgem, budget_ns);
		}
		for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]) && sizes[i] <= max; i++)
			measure_size(fd, sw, params, sizes[i], budget_ns);
	}

	for (s = all; s < all + series_count; s++)
		qsort(s->us, s->count, sizeof(*s->us), by_value);
	report_text();
	if (json) {
		report_json(json);
		if (fclose(json))
			fail("JSON");
	}
	if (has_vgem)
		vgem_close(&vgem);
	ascdev_close(sw);
	close(fd);
	return 0;
}
