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
#include <sys/mman.h>
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

/*
 * Memory from here on is a mapping of its own, of a file if that can be: it need not fit into
 * memory.  What is smaller is copied, and so does not mind if the file is cut off meanwhile.
 */
#define MAP_BYTES	((size_t)64 << 20)

static uint8_t *allocate(size_t room)
{
	uint8_t *memory;

	if (room < MAP_BYTES)
		return malloc(room);
	memory = mmap(NULL, room, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return memory == MAP_FAILED ? NULL : memory;
}

static void release(uint8_t *memory, size_t room)
{
	if (room < MAP_BYTES)
		free(memory);
	else if (memory)
		munmap(memory, room);
}

static uint8_t *resize(uint8_t *memory, size_t room, size_t wanted)
{
	uint8_t *moved;

	if (room < MAP_BYTES && wanted < MAP_BYTES)
		return realloc(memory, wanted);
	if (room >= MAP_BYTES && wanted >= MAP_BYTES) {
		moved = mremap(memory, room, wanted, MREMAP_MAYMOVE);
		return moved == MAP_FAILED ? NULL : moved;
	}
	moved = allocate(wanted);
	if (moved && memory)
		memcpy(moved, memory, room < wanted ? room : wanted);
	if (moved)
		release(memory, room);
	return moved;
}

/* All of a file that is large; NULL if it is not, or cannot be mapped. */
static uint8_t *map_file(FILE *stream, size_t *bytes)
{
	uint8_t *memory;
	struct stat st;

	if (fstat(fileno(stream), &st) || !S_ISREG(st.st_mode) || ftello(stream) ||
	    st.st_size < (off_t)MAP_BYTES || (uintmax_t)st.st_size >= SIZE_MAX)
		return NULL;
	*bytes = st.st_size;
	/* over memory that is larger by the zero at the end */
	memory = allocate(*bytes + 1);
	if (memory && mmap(memory, *bytes, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, fileno(stream),
			   0) != MAP_FAILED)
		return memory;
	release(memory, *bytes + 1);
	return NULL;
}

static uint8_t *read_stream(FILE *stream, size_t *bytes, const char *name)
{
	size_t room = 1 << 16, length = 0;
	uint8_t *memory = NULL, *resized = allocate(room);

	while (resized) {
		memory = resized;
		length += fread(memory + length, 1, room - 1 - length, stream);
		if (ferror(stream)) {
			complain("%s: %s", input_shown(name), strerror(errno));
			release(memory, room);
			return NULL;
		}
		if (length < room - 1) {
			*bytes = length;
			resized = resize(memory, room, length + 1);
			if (!resized)
				break;
			resized[length] = 0;
			return resized;
		}
		resized = resize(memory, room, 2 * room);
		room *= resized ? 2 : 1;
	}
	complain("%s: out of memory", input_shown(name));
	release(memory, room);
	return NULL;
}

int file_read(const char *name, uint8_t **data, size_t *bytes)
{
	FILE *stream = file_open(name);

	if (!stream)
		return EXIT_IO;
	*data = map_file(stream, bytes);
	if (!*data)
		*data = read_stream(stream, bytes, name);
	file_close(stream);
	return *data ? EXIT_OK : EXIT_IO;
}

void file_free(uint8_t *data, size_t bytes)
{
	release(data, bytes + 1);
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

/* A file without a name, where one of that name will be. */
static int open_nameless(const char *name)
{
	const char *slash = strrchr(name, '/'), *dir = getenv("TMPDIR");
	char *parent = NULL;
	int fd;

	if (strcmp(name, "-") && !is_special(name))
		parent = slash ? strndup(name, slash + 1 - name) : strdup(".");
	if (parent)
		dir = parent;
	fd = open(dir && *dir ? dir : "/var/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	free(parent);
	return fd;
}

static bool write_all(int fd, const uint8_t *data, size_t bytes)
{
	ssize_t n;

	for (; bytes; data += n, bytes -= n) {
		n = write(fd, data, bytes);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n < 0)
			return false;
	}
	return true;
}

uint8_t *file_spill(const char *name, const uint8_t *data, size_t bytes)
{
	uint8_t *mapped = MAP_FAILED;
	int fd = open_nameless(name);

	if (fd < 0)
		return NULL;
	if (write_all(fd, data, bytes))
		mapped = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	return mapped == MAP_FAILED ? NULL : mapped;
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
