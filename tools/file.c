// SPDX-License-Identifier: MIT
/*
 * Whole files in, whole files out.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "asc.h"
#include "file.h"

FILE *file_open(const char *name)
{
	FILE *stream = strcmp(name, "-") ? fopen(name, "rb") : stdin;

	if (!stream)
		complain("%s: %s", name, strerror(errno));
	return stream;
}

void file_close(FILE *stream)
{
	if (stream != stdin)
		fclose(stream);
}

int file_read(const char *name, uint8_t **data, size_t *bytes)
{
	FILE *stream = file_open(name);
	size_t capacity = 1 << 16, length = 0, n;
	uint8_t *buffer = NULL, *grown;
	struct stat st;

	if (!stream)
		return EXIT_IO;
	if (!fstat(fileno(stream), &st) && S_ISREG(st.st_mode))
		capacity = (size_t)st.st_size + 1;
	for (;;) {
		grown = realloc(buffer, capacity);
		if (!grown) {
			complain("%s: out of memory", input_shown(name));
			break;
		}
		buffer = grown;
		n = fread(buffer + length, 1, capacity - length, stream);
		length += n;
		if (ferror(stream)) {
			complain("%s: %s", input_shown(name), strerror(errno));
			break;
		}
		if (length < capacity) {
			file_close(stream);
			buffer[length] = 0;
			*data = buffer;
			*bytes = length;
			return EXIT_OK;
		}
		capacity *= 2;
	}
	free(buffer);
	file_close(stream);
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
	if (errno == EEXIST)
		complain("%s: exists; -f overwrites it", output->name);
	else
		complain("%s: %s", output_shown(output->name), strerror(errno));
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
	sigset_t all, before;
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
	/* no signal between the file and its being known */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	fd = mkstemp(output->temporary);
	if (fd >= 0)
		unfinished = output->temporary;
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (fd < 0) {
		free(output->temporary);
		output->temporary = NULL;
		return -1;
	}
	mask = umask(0);
	umask(mask);
	output->stream = fdopen(fd, "wb");
	if (!output->stream)
		close(fd);
	else if (!fchmod(fd, 0666 & ~mask))
		return 0;
	return -1;
}

int output_check(const char *name, bool force)
{
	if (force || !strcmp(name, "-") || is_special(name) || access(name, F_OK))
		return EXIT_OK;
	complain("%s: exists; -f overwrites it", name);
	return EXIT_IO;
}

int output_open(struct output *output, const char *name, bool force)
{
	*output = (struct output){ .name = name, .force = force };
	if (!strcmp(name, "-")) {
		output->stream = stdout;
	} else if (is_special(name)) {
		output->stream = fopen(name, "wb");
	} else if (output_check(name, force)) {
		return EXIT_IO;
	} else if (open_temporary(output)) {
		return output_failed(output);
	}
	if (!output->stream)
		return output_failed(output);
	if (force || !isatty(fileno(output->stream)))
		return EXIT_OK;
	complain("%s: a terminal, which the file would garble; -f writes it nevertheless",
		 output_shown(name));
	output_abandon(output);
	return EXIT_USAGE;
}

int output_write(struct output *output, const void *data, size_t bytes)
{
	if (fwrite(data, 1, bytes, output->stream) != bytes)
		return output_failed(output);
	return EXIT_OK;
}

/* Gives the temporary file its name; without -f not that of a file which exists. */
static int rename_temporary(const struct output *output)
{
	if (output->force)
		return rename(output->temporary, output->target);
	if (!renameat2(AT_FDCWD, output->temporary, AT_FDCWD, output->target, RENAME_NOREPLACE))
		return 0;
	/* file systems need not know how; what exists was looked for */
	return errno == EINVAL ? rename(output->temporary, output->target) : -1;
}

/* Standard output stays open. */
static int close_stream(FILE *stream)
{
	return stream == stdout ? fflush(stream) : fclose(stream);
}

int output_commit(struct output *output)
{
	FILE *stream = output->stream;

	output->stream = NULL;
	if (close_stream(stream) || (output->temporary && rename_temporary(output)))
		return output_failed(output);
	unfinished = NULL;
	free(output->temporary);
	output->temporary = NULL;
	output_abandon(output);
	return EXIT_OK;
}

void output_abandon(struct output *output)
{
	if (output->stream && output->stream != stdout)
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
