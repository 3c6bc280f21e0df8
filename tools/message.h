/* SPDX-License-Identifier: MIT */
#ifndef ASC_MESSAGE_H
#define ASC_MESSAGE_H

/* What goes to stderr.  Colours and progress only if that is a terminal. */

/* @verbosity: -1 for complaints only, 0, or 1 for a line about each file in a pipe, too */
void message_setup(int verbosity);

/* One line, with the name of the program in front. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A line about what was done: with -v or on a terminal, but not with -q. */
void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A line that the next one replaces: on a terminal, but not with -q. */
void progress(const char *format, ...) __attribute__((format(printf, 1, 2)));
void progress_end(void);

/*
 * Puts a question mark for each character that could move a terminal's cursor; returns the text.
 * What the functions above print has none of these.
 */
char *make_plain(char *text);

/* How a file is called in messages: "-" is a standard stream. */
const char *input_shown(const char *name);
const char *output_shown(const char *name);

#endif
