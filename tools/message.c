// SPDX-License-Identifier: MIT

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "message.h"

static int verbosity;
static bool terminal, colours;
static bool line_to_erase;

void message_setup(int level)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	verbosity = level;
	terminal = isatty(STDERR_FILENO);
	colours = terminal && !(no_color && *no_color) && !(term && !strcmp(term, "dumb"));
}

void progress_end(void)
{
	if (line_to_erase)
		fputs("\r\033[K", stderr);
	line_to_erase = false;
}

void complain(const char *format, ...)
{
	va_list args;

	progress_end();
	fputs(colours ? "\033[1;31masc:\033[0m " : "asc: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

void tell(const char *format, ...)
{
	va_list args;

	if (verbosity < 0 || (!terminal && !verbosity))
		return;
	progress_end();
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

void progress(const char *format, ...)
{
	va_list args;

	if (verbosity < 0 || !terminal)
		return;
	progress_end();
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fflush(stderr);
	line_to_erase = true;
}

const char *input_shown(const char *name)
{
	return strcmp(name, "-") ? name : "standard input";
}

const char *output_shown(const char *name)
{
	return strcmp(name, "-") ? name : "standard output";
}
