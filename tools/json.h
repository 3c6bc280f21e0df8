/* SPDX-License-Identifier: MIT */
#ifndef ASC_JSON_H
#define ASC_JSON_H

#include <jansson.h>

/* A file name; bytes that are no UTF-8 become question marks. */
json_t *json_name(const char *name);

/* JSON knows no number that is not finite: null. */
json_t *json_number(double number);

/* Prints a value on stdout and drops it.  Returns an exit code. */
int json_print(json_t *value);

#endif
