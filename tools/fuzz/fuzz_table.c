// SPDX-License-Identifier: MIT
/*
 * Tables of parameters.  Input: a byte; a name, ended by a zero; the table, or parameters from
 * which one is made as asc tune does.
 */

#include "fuzz.h"

#include <errno.h>
#include <string.h>

#include "pattern.h"

#define CHECK(condition)	do { if (!(condition)) abort(); } while (0)

static bool same(const struct ascdev_params *a, const struct ascdev_params *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static uint32_t lines_of(const char *table)
{
	uint32_t lines = 1;

	for (; *table; table++)
		lines += *table == '\n';
	return lines;
}

/* What a table gives can be written as text, and stands in it. */
static void look_up(const char *table, const char *name)
{
	struct ascdev_params params = ASCDEV_PARAMS_INIT, before, parsed = ASCDEV_PARAMS_INIT;
	uint32_t line = 0;
	char text[256];
	int ret;

	params.max_error = 12345;
	before = params;
	ret = ascdev_params_lookup(&params, table, name, &line);
	CHECK(ret == -EINVAL ? line >= 1 && line <= lines_of(table) : !line && (ret | 1) == 1);
	if (ret != 1) {
		CHECK(same(&params, &before));
		return;
	}
	ret = ascdev_params_format(&params, text, sizeof(text));
	CHECK(ret > 0 && ret < (int)sizeof(text));
	CHECK(!ascdev_params_parse(&parsed, text) && same(&parsed, &params));
}

/* The line that is made for a name fits it. */
static void make_line(const char *name, const char *values)
{
	struct ascdev_params wanted = ASCDEV_PARAMS_INIT, found = ASCDEV_PARAMS_INIT;
	char *table = NULL, text[256];
	size_t size;
	FILE *stream;

	if (!*name || ascdev_params_parse(&wanted, values))
		return;
	CHECK(ascdev_params_format(&wanted, text, sizeof(text)) > 0);
	stream = open_memstream(&table, &size);
	CHECK(stream);
	fprintf(stream, "# asc tune\n");
	pattern_print(stream, name);
	fprintf(stream, " %s\n* codec=raw\n", text);
	CHECK(!fclose(stream));
	CHECK(ascdev_params_lookup(&found, table, name, NULL) == 1 && same(&found, &wanted));
	free(table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *name, *rest;
	size_t length;

	if (!size)
		return 0;
	/* each with an end, and memory of its own */
	length = strnlen((const char *)data + 1, size - 1);
	name = strndup((const char *)data + 1, length);
	length += 1 + (length < size - 1);
	rest = strndup((const char *)data + length, size - length);
	CHECK(name && rest);
	if (data[0] & 1)
		make_line(name, rest);
	else
		look_up(rest, name);
	free(rest);
	free(name);
	return 0;
}
