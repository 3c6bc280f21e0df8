/* SPDX-License-Identifier: MIT */
#ifndef ASC_FILE_H
#define ASC_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Opens a file to read, standard input if it is "-"; NULL after a complaint. */
FILE *file_open(const char *name);
void file_close(FILE *stream);

/*
 * All of a file, standard input if it is "-", or a complaint; a zero follows.  Returns an exit
 * code.  *data may be written, which leaves the file alone, and goes back to file_free().
 */
int file_read(const char *name, uint8_t **data, size_t *bytes);
void file_free(uint8_t *data, size_t bytes);

/*
 * Writes @data to a file without a name in the directory of @name, or where temporary files are
 * if that is no plain file, and maps it, to be read: what is there need not fit into memory.  NULL
 * if it cannot be, which is no failure.
 */
uint8_t *file_spill(const char *name, const uint8_t *data, size_t bytes);

/**
 * struct output - a file that appears complete or not at all
 * @name: its name; "-" is standard output
 * @force: may replace a file, and be a terminal
 * @target: where that leads to
 * @temporary: where it is written meanwhile, in the same directory; NULL for a
 *	device, a pipe or standard output
 * @stream: open for writing
 */
struct output {
	const char *name;
	bool force;
	char *target;
	char *temporary;
	FILE *stream;
};

/*
 * All complain, and return an exit code.  output_check() tells in time of a file that is not
 * to be replaced; output_open() and output_commit() look again.
 */
int output_check(const char *name, bool force);
int output_open(struct output *output, const char *name, bool force);
int output_write(struct output *output, const void *data, size_t bytes);
int output_commit(struct output *output);

/* Removes what was written; of no effect after output_commit(). */
void output_abandon(struct output *output);

#endif
