/* SPDX-License-Identifier: MIT */
#ifndef ASC_PATTERN_H
#define ASC_PATTERN_H

#include <stdio.h>

/* Prints a pattern for tables of parameters that fits the name, and as few others as can be. */
void pattern_print(FILE *stream, const char *name);

#endif
