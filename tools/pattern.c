// SPDX-License-Identifier: MIT
/*
 * Names of layers as patterns.
 */

#include <string.h>

#include "pattern.h"

/* Of a name, so that a line, with parameters, has less than ascdev_params_lookup() takes. */
#define MAX_BYTES	3500

void pattern_print(FILE *stream, const char *name)
{
	size_t bytes = 0;
	const char *p;

	for (p = name; *p && bytes < MAX_BYTES; p++, bytes++) {
		if ((unsigned char)*p < ' ') {
			fputc('?', stream);
			continue;
		}
		if (strchr("*?[\\ ", *p) || (p == name && *p == '#')) {
			fputc('\\', stream);
			bytes++;
		}
		fputc(*p, stream);
	}
	if (*p)
		fputc('*', stream);
}
