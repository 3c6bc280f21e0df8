// SPDX-License-Identifier: MIT
/*
 * A coder at work on a set of maps: pieces, threads, quality, memory.
 */

#include <malloc.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

int64_t clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

void *allocate(uint64_t bytes)
{
	void *memory = calloc(1, bytes ? bytes : 1);

	if (!memory)
		fail("no memory");
	return memory;
}

/* Memory that is there, so that no measurement pays for its pages. */
static uint8_t *allocate_touched(uint64_t bytes)
{
	uint8_t *memory = allocate(bytes);

	memset(memory, 0x5a, bytes);
	return memory;
}

/* --- samples --------------------------------------------------------------------- */

void samples_add(struct samples *samples, double value)
{
	if (samples->count < sizeof(samples->values) / sizeof(samples->values[0]))
		samples->values[samples->count++] = value;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double samples_quantile(struct samples *samples, double q)
{
	double at = q * (samples->count - 1);
	unsigned int below = at;

	qsort(samples->values, samples->count, sizeof(samples->values[0]), by_value);
	if (below + 1 >= samples->count)
		return samples->values[samples->count - 1];
	return samples->values[below] +
	       (at - below) * (samples->values[below + 1] - samples->values[below]);
}

/* --- pieces ---------------------------------------------------------------------- */

static void add_piece(struct work *work, const struct map *map, uint32_t at, uint32_t images)
{
	struct piece *piece = &work->pieces[work->count++];
	const uint32_t *dim = map->surface.dim;

	piece->surface = map->surface;
	piece->surface.dim[0] = images;
	piece->bytes = images * map->surface.stride[0];
	piece->values = map->values + at * map->surface.stride[0];
	piece->width = dim[3];
	piece->rows = images * dim[1] * dim[2];
	piece->room = work->coder->bound(work->coder, piece);
	work->bytes += piece->bytes;
}

void work_make(struct work *work, const struct coder *coder, const struct set *set,
	       unsigned int share)
{
	uint64_t room = 0, at = 0;
	unsigned int i, images;
	uint32_t n, most = 0;

	*work = (struct work){ .coder = coder };
	for (i = 0; i < set->count; i++)
		most += set->maps[i].surface.dim[0];
	work->pieces = allocate(most * sizeof(*work->pieces));
	for (i = 0; i < set->count; i++) {
		images = set->maps[i].surface.dim[0] / share;
		if (!images)
			images = 1;
		if (coder->ours) {
			add_piece(work, &set->maps[i], 0, images);
			continue;
		}
		for (n = 0; n < images; n++)
			add_piece(work, &set->maps[i], n, 1);
	}
	for (i = 0; i < work->count; i++)
		room += (work->pieces[i].room + 63) & ~63ULL;
	work->memory[0] = allocate_touched(room);
	work->memory[1] = allocate_touched(work->bytes);
	for (i = 0, room = 0; i < work->count; i++) {
		work->pieces[i].payload = work->memory[0] + room;
		work->pieces[i].back = work->memory[1] + at;
		room += (work->pieces[i].room + 63) & ~63ULL;
		at += work->pieces[i].bytes;
	}
}

void work_free(struct work *work)
{
	free(work->memory[0]);
	free(work->memory[1]);
	free(work->pieces);
}

void work_quality(const struct work *work, struct quality *quality)
{
	double signal = 0, noise = 0;
	unsigned int i;
	uint64_t k;

	quality->max_abs_error = 0;
	for (i = 0; i < work->count; i++) {
		const struct piece *p = &work->pieces[i];
		uint32_t dtype = p->surface.dtype;
		uint64_t count = p->bytes / ascdev_dtype_bytes(dtype);
		uint64_t squares = 0, errors = 0;

		for (k = 0; k < count; k++) {
			int64_t v = value_at(p->values, dtype, k);
			int64_t d = v - value_at(p->back, dtype, k);

			squares += v * v;
			errors += d * d;
			if ((uint64_t)llabs(d) > quality->max_abs_error)
				quality->max_abs_error = llabs(d);
		}
		signal += squares;
		noise += errors;
	}
	quality->db = noise ? fmax(0, 10 * log10(signal / noise)) : -1;
}

/* --- threads --------------------------------------------------------------------- */

#define MAX_THREADS	256

/**
 * struct team - threads that take pieces until there are none left
 * @coder: coder
 * @threads: how many, the caller being one
 * @states: of the coder, one for each
 * @ids: of all but the caller
 * @begin: all have been told what to do, or to end
 * @end: all have done it
 * @work: what to do; NULL to end
 * @op: likewise
 * @next: the next piece to be taken
 * @failed: a piece could not be coded
 */
struct team {
	const struct coder *coder;
	unsigned int threads;
	void *states[MAX_THREADS];
	pthread_t ids[MAX_THREADS];
	pthread_barrier_t begin, end;
	struct work *work;
	enum op op;
	atomic_uint next;
	atomic_bool failed;
};

struct member {
	struct team *team;
	unsigned int number;
};

static void take_pieces(struct team *team, unsigned int number)
{
	unsigned int i;

	while ((i = atomic_fetch_add(&team->next, 1)) < team->work->count) {
		struct piece *piece = &team->work->pieces[i];
		bool done = team->op == OP_ENCODE ?
			team->coder->encode(team->states[number], piece) :
			team->coder->decode(team->states[number], piece);

		if (!done)
			team->failed = true;
	}
}

static void *member_main(void *arg)
{
	struct member member = *(struct member *)arg;

	free(arg);
	for (;;) {
		pthread_barrier_wait(&member.team->begin);
		if (!member.team->work)
			return NULL;
		take_pieces(member.team, member.number);
		pthread_barrier_wait(&member.team->end);
	}
}

struct team *team_start(const struct coder *coder, unsigned int threads)
{
	struct team *team = allocate(sizeof(*team));
	unsigned int i;

	if (threads > MAX_THREADS)
		threads = MAX_THREADS;
	team->coder = coder;
	team->threads = coder->ours ? 1 : threads;
	for (i = 0; i < team->threads; i++)
		team->states[i] = coder->open(coder, threads);
	pthread_barrier_init(&team->begin, NULL, team->threads);
	pthread_barrier_init(&team->end, NULL, team->threads);
	for (i = 1; i < team->threads; i++) {
		struct member *member = allocate(sizeof(*member));

		*member = (struct member){ team, i };
		if (pthread_create(&team->ids[i], NULL, member_main, member))
			fail("no thread");
	}
	return team;
}

void team_stop(struct team *team)
{
	unsigned int i;

	team->work = NULL;
	pthread_barrier_wait(&team->begin);
	for (i = 1; i < team->threads; i++)
		pthread_join(team->ids[i], NULL);
	for (i = 0; i < team->threads; i++)
		team->coder->close(team->states[i]);
	pthread_barrier_destroy(&team->begin);
	pthread_barrier_destroy(&team->end);
	free(team);
}

void team_run(struct team *team, struct work *work, enum op op)
{
	unsigned int i;

	team->work = work;
	team->op = op;
	team->next = 0;
	/* which would be a large part of what 4 KiB take */
	if (team->threads > 1)
		pthread_barrier_wait(&team->begin);
	take_pieces(team, 0);
	if (team->threads > 1)
		pthread_barrier_wait(&team->end);
	if (team->failed)
		fail("%s: %s failed", team->coder->name, op == OP_ENCODE ? "encoding" : "decoding");
	for (i = 0, work->payload_bytes = 0; i < work->count; i++)
		work->payload_bytes += work->pieces[i].payload_bytes;
}

/* --- memory ---------------------------------------------------------------------- */

/* A line of /proc/self/status in bytes. */
static uint64_t status_bytes(const char *key)
{
	FILE *file = fopen("/proc/self/status", "r");
	unsigned long long kib = 0;
	char line[256];

	while (file && fgets(line, sizeof(line), file)) {
		if (!strncmp(line, key, strlen(key)))
			sscanf(line + strlen(key), "%llu", &kib);
	}
	if (file)
		fclose(file);
	return kib << 10;
}

/* From here on the peak is that of what follows.  False where the kernel has no such thing. */
static bool forget_peak(void)
{
	FILE *file = fopen("/proc/self/clear_refs", "w");
	bool done;

	if (!file)
		return false;
	done = fputs("5", file) >= 0;
	return !fclose(file) && done;
}

/*
 * In a process of its own, which has none of the memory that others before have left with
 * malloc().  Large arrays are given back as they are freed, and thus found again.
 */
static void measure_here(struct work *work, unsigned int threads, uint64_t peak[OPS])
{
	enum op op;

	mallopt(M_MMAP_THRESHOLD, 128 << 10);
	mallopt(M_TRIM_THRESHOLD, 0);
	for (op = OP_ENCODE; op < OPS; op++) {
		uint64_t before, most;
		struct team *team;

		malloc_trim(0);
		if (!forget_peak())
			return;
		before = status_bytes("VmRSS:");
		team = team_start(work->coder, threads);
		team_run(team, work, op);
		most = status_bytes("VmHWM:");
		peak[op] = most > before ? most - before : 0;
		team_stop(team);
	}
}

void measure_memory(struct work *work, unsigned int threads, uint64_t peak[OPS])
{
	int fds[2], status;
	pid_t child;

	peak[OP_ENCODE] = peak[OP_DECODE] = UINT64_MAX;
	fflush(NULL);
	if (pipe(fds) || (child = fork()) < 0)
		fail("no process");
	if (!child) {
		measure_here(work, threads, peak);
		_exit(write(fds[1], peak, OPS * sizeof(*peak)) != OPS * sizeof(*peak));
	}
	close(fds[1]);
	if (read(fds[0], peak, OPS * sizeof(*peak)) != OPS * sizeof(*peak) ||
	    waitpid(child, &status, 0) != child || status)
		fail("%s: memory could not be measured", work->coder->name);
	close(fds[0]);
}
