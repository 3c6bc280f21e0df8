// SPDX-License-Identifier: MIT
/*
 * Whole files in, whole files out.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
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

/* The temporary file to remove if a signal ends the program; NULL for none. */
static const char *volatile unfinished;

static void remove_unfinished(int number)
{
	if (unfinished)
		unlink(unfinished);
	signal(number, SIG_DFL);
	raise(number);
}

static void catch_signals(void)
{
	static const int numbers[] = { SIGHUP, SIGINT, SIGTERM };
	struct sigaction action = { .sa_handler = remove_unfinished }, old;
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		/* what nohup has set stays */
		if (!sigaction(numbers[i], NULL, &old) && old.sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
	}
}

static int output_failed(struct output *output)
{
	complain("%s: %s", output->name, strerror(errno));
	output_abandon(output);
	return EXIT_IO;
}

/* Devices and pipes are written as they are. */
static bool is_special(const char *name)
{
	struct stat st;

	return !stat(name, &st) && !S_ISREG(st.st_mode);
}

/* A temporary file in the same directory, which is where a link leads to. */
static int open_temporary(struct output *output)
{
	const char *slash;
	mode_t mask;
	int fd;

	output->target = realpath(output->name, NULL);
	if (!output->target)
		output->target = strdup(output->name);
	if (!output->target)
		return -1;
	slash = strrchr(output->target, '/');
	if (asprintf(&output->temporary, "%.*s.asc.XXXXXX",
		     slash ? (int)(slash + 1 - output->target) : 0, output->target) < 0) {
		output->temporary = NULL;
		return -1;
	}
	catch_signals();
	fd = mkstemp(output->temporary);
	if (fd < 0) {
		free(output->temporary);
		output->temporary = NULL;
		return -1;
	}
	unfinished = output->temporary;
	mask = umask(0);
	umask(mask);
	output->stream = fdopen(fd, "wb");
	if (!output->stream)
		close(fd);
	else if (!fchmod(fd, 0666 & ~mask))
		return 0;
	return -1;
}

int output_open(struct output *output, const char *name)
{
	*output = (struct output){ .name = name };
	if (is_special(name))
		output->stream = fopen(name, "wb");
	else if (open_temporary(output))
		return output_failed(output);
	return output->stream ? EXIT_OK : output_failed(output);
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
	if (fclose(stream) || (output->temporary && rename(output->temporary, output->target)))
		return output_failed(output);
	unfinished = NULL;
	free(output->temporary);
	output->temporary = NULL;
	output_abandon(output);
	return EXIT_OK;
}

void output_abandon(struct output *output)
{
	if (output->stream)
		fclose(output->stream);
	if (output->temporary) {
		unlink(output->temporary);
		unfinished = NULL;
		free(output->temporary);
	}
	free(output->target);
	output->stream = NULL;
	output->temporary = NULL;
	output->target = NULL;
}
