// SPDX-License-Identifier: MIT

#include <stdio.h>

#include "asc.h"
#include "json.h"

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
