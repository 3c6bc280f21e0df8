// SPDX-License-Identifier: MIT
/*
 * Whole files in, whole files out.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "asc.h"
#include "file.h"

int file_read(const char *name, uint8_t **data, size_t *bytes)
{
	FILE *stream = fopen(name, "rb");
	size_t capacity = 1 << 16, length = 0, n;
	uint8_t *buffer = NULL, *grown;
	struct stat st;

	if (!stream) {
		complain("%s: %s", name, strerror(errno));
		return EXIT_IO;
	}
	if (!fstat(fileno(stream), &st) && S_ISREG(st.st_mode))
		capacity = (size_t)st.st_size + 1;
	for (;;) {
		grown = realloc(buffer, capacity);
		if (!grown) {
			complain("%s: out of memory", name);
			break;
		}
		buffer = grown;
		n = fread(buffer + length, 1, capacity - length, stream);
		length += n;
		if (ferror(stream)) {
			complain("%s: %s", name, strerror(errno));
			break;
		}
		if (length < capacity) {
			fclose(stream);
			*data = buffer;
			*bytes = length;
			return EXIT_OK;
		}
		capacity *= 2;
	}
	free(buffer);
	fclose(stream);
	return EXIT_IO;
}

static int output_failed(struct output *output)
{
	complain("%s: %s", output->name, strerror(errno));
	output_abandon(output);
	return EXIT_IO;
}

int output_open(struct output *output, const char *name)
{
	mode_t mask;
	int fd;

	*output = (struct output){ .name = name };
	if (asprintf(&output->temporary, "%s.XXXXXX", name) < 0) {
		output->temporary = NULL;
		complain("%s: out of memory", name);
		return EXIT_IO;
	}
	fd = mkstemp(output->temporary);
	if (fd < 0) {
		complain("%s: %s", name, strerror(errno));
		free(output->temporary);
		output->temporary = NULL;
		return EXIT_IO;
	}
	mask = umask(0);
	umask(mask);
	if (fchmod(fd, 0666 & ~mask))
		return output_failed(output);
	output->stream = fdopen(fd, "wb");
	if (!output->stream) {
		close(fd);
		return output_failed(output);
	}
	return EXIT_OK;
}

int output_write(struct output *output, const void *data, size_t bytes)
{
	if (fwrite(data, 1, bytes, output->stream) != bytes)
		return output_failed(output);
	return EXIT_OK;
}

int output_commit(struct output *output)
{
	FILE *stream = output->stream;

	output->stream = NULL;
	if (fclose(stream) || rename(output->temporary, output->name))
		return output_failed(output);
	free(output->temporary);
	output->temporary = NULL;
	return EXIT_OK;
}

void output_abandon(struct output *output)
{
	if (output->stream)
		fclose(output->stream);
	if (output->temporary) {
		unlink(output->temporary);
		free(output->temporary);
	}
	output->stream = NULL;
	output->temporary = NULL;
}
