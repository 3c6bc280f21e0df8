/* SPDX-License-Identifier: MIT */
#ifndef CODEC_BENCH_H
#define CODEC_BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <ascdev.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Ends the program: a benchmark has nothing to go on with. */
void fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

void *allocate(uint64_t bytes);

/* --- maps ----------------------------------------------------------------------- */

/**
 * struct map - a feature map, repeated along N
 * @name: its file, or what it is
 * @surface: N x C x H x W, dense
 * @values: the first value
 * @bytes: all of it
 */
struct map {
	char *name;
	struct ascdev_surface surface;
	uint8_t *values;
	uint64_t bytes;
};

/**
 * struct set - maps of one size of values, measured together
 * @name: "u8" or "s16" for maps that are made, "8 bit" or "16 bit" for those of files
 * @value_bytes: bytes of a value
 * @maps: its maps
 * @count: how many
 * @bytes: of all of them
 * @zeros: share of values that are 0
 * @correlation: of neighbours along W, of differences from the mean of the plane, pooled
 */
struct set {
	const char *name;
	uint32_t value_bytes;
	struct map *maps;
	unsigned int count;
	uint64_t bytes;
	double zeros;
	double correlation;
};

/* One map, always the same: ReLU on a smooth field and noise, of @bytes or a little more. */
void set_make(struct set *set, uint32_t dtype, uint64_t bytes);

/* A part of the same map: the upper left of the first channels. */
void set_make_small(struct set *set, uint32_t dtype, uint32_t c, uint32_t h, uint32_t w);

/* Maps of .npy files with values of @value_bytes, each repeated to an equal share of @bytes. */
void set_load(struct set *set, char *const *files, int count, uint32_t value_bytes,
	      uint64_t bytes);

void set_free(struct set *set);

int64_t value_at(const uint8_t *values, uint32_t dtype, uint64_t i);

/* --- coders --------------------------------------------------------------------- */

/**
 * struct piece - what a coder takes at a time, and what it makes of it
 * @surface: describes @values
 * @values: dense
 * @bytes: of @values
 * @width: of an image that has the planes below each other
 * @rows: of that image
 * @payload: receives the compressed bytes
 * @room: size of @payload
 * @payload_bytes: bytes used of it
 * @back: receives the values again
 * @params: what the library needs to decompress
 */
struct piece {
	struct ascdev_surface surface;
	const uint8_t *values;
	uint64_t bytes;
	uint32_t width;
	uint32_t rows;
	uint8_t *payload;
	uint64_t room;
	uint64_t payload_bytes;
	uint8_t *back;
	struct ascdev_params params;
};

/**
 * struct coder - a way to compress
 * @name: shown
 * @text: parameters
 * @level: likewise, a number
 * @ours: of this library: takes a whole map, and has threads of its own.  Others get no more
 *	than an image of a map at a time, so that none profits from the repetition.
 * @lossy: values may differ
 * @max_error: by how much, if that is promised; otherwise negative
 * @widest: bytes of the largest values that it takes
 * @version: text
 * @open: gives a state, one for each thread; for @ours, one with that many threads
 * @close: frees it
 * @bound: room that it needs for a payload
 * @encode: fills in @payload and @payload_bytes
 * @decode: fills in @back
 */
struct coder {
	const char *name;
	const char *text;
	int level;
	bool ours;
	bool lossy;
	int max_error;
	uint32_t widest;
	const char *(*version)(void);
	void *(*open)(const struct coder *coder, unsigned int threads);
	void (*close)(void *state);
	uint64_t (*bound)(const struct coder *coder, const struct piece *piece);
	bool (*encode)(void *state, struct piece *piece);
	bool (*decode)(void *state, struct piece *piece);
};

extern const struct coder memcpy_coder;
extern const struct coder ascdev_coders[];
extern const unsigned int ascdev_coder_count;
extern const struct coder peer_coders[];
extern const unsigned int peer_coder_count;

/* BC4 of libsquish, which is C++: 16 values and 8 bytes. */
void bc4_encode(const uint8_t values[16], uint8_t block[8]);
void bc4_decode(const uint8_t block[8], uint8_t values[16]);

/* --- measurements ---------------------------------------------------------------- */

/**
 * struct work - a coder at a set
 * @coder: coder
 * @pieces: what it is given
 * @count: how many
 * @bytes: of all their values
 * @payload_bytes: of all their payloads, after an encoding
 * @memory: what payloads and values that come back lie in
 */
struct work {
	const struct coder *coder;
	struct piece *pieces;
	unsigned int count;
	uint64_t bytes;
	uint64_t payload_bytes;
	uint8_t *memory[2];
};

/* Takes 1/@share of the images of each map, at least one. */
void work_make(struct work *work, const struct coder *coder, const struct set *set,
	       unsigned int share);
void work_free(struct work *work);

/**
 * struct team - threads that take pieces until there are none left
 *
 * The caller is one of them.
 */
struct team;

struct team *team_start(const struct coder *coder, unsigned int threads);
void team_stop(struct team *team);

enum op { OP_ENCODE, OP_DECODE, OPS };

/* Does all of @work once; fails if it cannot be done. */
void team_run(struct team *team, struct work *work, enum op op);

/**
 * struct quality - what came back
 * @db: SQNR; negative for no error
 * @max_abs_error: largest error of a value
 */
struct quality {
	double db;
	uint32_t max_abs_error;
};

void work_quality(const struct work *work, struct quality *quality);

/**
 * struct samples - times of one thing
 * @count: how many
 * @values: numbers, sorted by samples_quantile()
 */
struct samples {
	unsigned int count;
	double values[64];
};

void samples_add(struct samples *samples, double value);
double samples_quantile(struct samples *samples, double q);

int64_t clock_ns(void);

/* Peak of resident memory beyond maps, payloads and values that come back; by another process. */
void measure_memory(struct work *work, unsigned int threads, uint64_t peak[OPS]);

#ifdef __cplusplus
}
#endif

#endif
