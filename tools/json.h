/* SPDX-License-Identifier: MIT */
#ifndef ASC_JSON_H
#define ASC_JSON_H

#include <jansson.h>

/* Prints a value on stdout and drops it.  Returns an exit code. */
int json_print(json_t *value);

#endif
