// SPDX-License-Identifier: MIT
/*
 * Tables of parameters: which layers of a network are compressed how.
 */

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "internal.h"

#define LINE_BYTES	4096
#define BLANKS		" \t\r"

/* A line without its end, and without blanks around it.  NULL if it is too long. */
static char *copy_line(char *line, const char *text, size_t length)
{
	if (length >= LINE_BYTES)
		return NULL;
	memcpy(line, text, length);
	while (length && strchr(BLANKS, line[length - 1]))
		length--;
	line[length] = 0;
	return line + strspn(line, BLANKS);
}

/* Ends the pattern at the first blank that has no backslash before it; returns what follows. */
static const char *split(char *line)
{
	char *p = line;

	while (*p && !strchr(BLANKS, *p))
		p += p[0] == '\\' && p[1] ? 2 : 1;
	if (!*p)
		return NULL;
	*p++ = 0;
	return p + strspn(p, BLANKS);
}

/*
 * The parameters of a line.  Returns 1 if it has some and they are for that name, 0 if it has
 * not, -EINVAL if it makes no sense.
 */
static int parse_line(const char *text, size_t length, const char *name,
		      struct ascdev_params *params)
{
	char storage[LINE_BYTES], *pattern = copy_line(storage, text, length);
	const char *values;

	*params = (struct ascdev_params)ASCDEV_PARAMS_INIT;
	if (!pattern)
		return -EINVAL;
	if (!*pattern || *pattern == '#')
		return 0;
	values = split(pattern);
	if (!values || ascdev_params_parse(params, values))
		return -EINVAL;
	return !fnmatch(pattern, name, 0);
}

int ascdev_params_lookup(struct ascdev_params *params, const char *table, const char *name,
			 uint32_t *line)
{
	struct ascdev_params found, entry;
	int ret = struct_from_user(&found, sizeof(found), sizeof(found), params), fits = 0;
	uint32_t number;

	if (ret)
		return ret;
	/* also lines behind the one that is wanted: what is wrong shows whatever the name is */
	for (number = 1; *table; number++) {
		size_t length = strcspn(table, "\n");

		ret = parse_line(table, length, name, &entry);
		if (ret < 0) {
			if (line)
				*line = number;
			return ret;
		}
		if (ret && !fits)
			found = entry;
		fits |= ret;
		table += length + (table[length] == '\n');
	}
	ret = fits ? struct_to_user(params, &found, sizeof(found)) : 0;
	return ret ? ret : fits;
}
