// SPDX-License-Identifier: MIT

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asc.h"
#include "json.h"

json_t *json_name(const char *name)
{
	json_t *value = json_string(name);
	char *copy, *p;

	if (value)
		return value;
	copy = strdup(name);
	if (!copy)
		return NULL;
	for (p = copy; *p; p++) {
		if (*p & 0x80)
			*p = '?';
	}
	value = json_string(copy);
	free(copy);
	return value;
}

json_t *json_number(double number)
{
	return isfinite(number) ? json_real(number) : json_null();
}

int json_print(json_t *value)
{
	int ret = EXIT_OK;

	if (!value || json_dumpf(value, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6))) {
		complain("out of memory");
		ret = EXIT_FAILED;
	} else {
		putchar('\n');
	}
	json_decref(value);
	return ret;
}
