// SPDX-License-Identifier: MIT

#define _GNU_SOURCE
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

char *make_plain(char *text)
{
	char *p;

	for (p = text; *p; p++) {
		const unsigned char *c = (const unsigned char *)p;

		/* in UTF-8 there are 32 more, of two bytes */
		if (c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0)
			*p++ = '?';
		else if (c[0] >= ' ' && c[0] != 0x7f)
			continue;
		*p = '?';
	}
	return text;
}

/* Names in messages come from files, and do what they like to a terminal if they can. */
static void print_plain(const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		return;
	fputs(make_plain(text), stderr);
	free(text);
}

void complain(const char *format, ...)
{
	va_list args;

	progress_end();
	fputs(colours ? "\033[1;31masc:\033[0m " : "asc: ", stderr);
	va_start(args, format);
	print_plain(format, args);
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
	print_plain(format, args);
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
	print_plain(format, args);
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
