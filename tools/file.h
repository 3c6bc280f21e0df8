/* SPDX-License-Identifier: MIT */
#ifndef ASC_FILE_H
#define ASC_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Reads a whole file, or complains.  Returns an exit code; *data is to be freed. */
int file_read(const char *name, uint8_t **data, size_t *bytes);

/**
 * struct output - a file that appears complete or not at all
 * @name: its name
 * @target: where that leads to
 * @temporary: where it is written meanwhile, in the same directory; NULL for a
 *	device or a pipe
 * @stream: open for writing
 */
struct output {
	const char *name;
	char *target;
	char *temporary;
	FILE *stream;
};

/* All complain, and return an exit code. */
int output_open(struct output *output, const char *name);
int output_write(struct output *output, const void *data, size_t bytes);
int output_commit(struct output *output);

/* Removes what was written; of no effect after output_commit(). */
void output_abandon(struct output *output);

#endif
