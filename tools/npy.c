// SPDX-License-Identifier: MIT
/*
 * The header of NumPy's .npy files (numpy.lib.format).
 */

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ascdev.h>

#include "npy.h"

#define MAGIC		"\x93NUMPY"
#define MAGIC_BYTES	6

/* The longest header that is looked at; real ones have about 100 bytes. */
#define MAX_TEXT	4096

bool npy_is(const uint8_t *data, size_t size)
{
	return size >= MAGIC_BYTES && !memcmp(data, MAGIC, MAGIC_BYTES);
}

static bool native_is_little(void)
{
	return BYTE_ORDER == LITTLE_ENDIAN;
}

/* The text behind 'key': in a dictionary literal, or NULL. */
static const char *find_value(const char *text, const char *key)
{
	char quoted[32];
	const char *p;

	snprintf(quoted, sizeof(quoted), "'%s'", key);
	p = strstr(text, quoted);
	if (!p)
		return NULL;
	p += strlen(quoted);
	p += strspn(p, " ");
	if (*p++ != ':')
		return NULL;
	return p + strspn(p, " ");
}

static const char *parse_descr(const char *p, struct npy_header *header)
{
	static const struct {
		const char *type;
		uint32_t dtype;
	} types[] = {
		{ "u1", ASCDEV_DTYPE_U8 },
		{ "i1", ASCDEV_DTYPE_S8 },
		{ "u2", ASCDEV_DTYPE_U16 },
		{ "i2", ASCDEV_DTYPE_S16 },
		{ "f2", ASCDEV_DTYPE_F16 },
		{ "V2", ASCDEV_DTYPE_BF16 },	/* as ml_dtypes writes bfloat16 */
	};
	char order;
	size_t i;

	if (!p || *p++ != '\'')
		return "no type in the .npy header";
	order = *p;
	if (order == '<' || order == '>' || order == '|' || order == '=')
		p++;
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		size_t n = strlen(types[i].type);

		if (!strncmp(p, types[i].type, n) && p[n] == '\'') {
			header->dtype = types[i].dtype;
			header->swapped = ascdev_dtype_bytes(header->dtype) > 1 &&
					  order == (native_is_little() ? '>' : '<');
			return NULL;
		}
	}
	snprintf(header->other, sizeof(header->other), "values of %.*s", (int)strcspn(p, "'"), p);
	return "";
}

static const char *parse_shape(const char *p, struct npy_header *header)
{
	header->dims = 0;
	if (!p || *p++ != '(')
		return "no shape in the .npy header";
	for (;;) {
		unsigned long long extent;
		char *end;

		p += strspn(p, " ");
		if (*p == ')')
			break;
		if (*p < '0' || *p > '9')
			return "bad shape in the .npy header";
		extent = strtoull(p, &end, 10);
		if (extent > UINT32_MAX)
			return "an extent beyond 2^32";
		if (header->dims == 4) {
			strcpy(header->other, "more than 4 dimensions");
			return "";
		}
		header->dim[header->dims++] = extent;
		p = end + strspn(end, " ");
		if (*p == ',')
			p++;
		else if (*p != ')')
			return "bad shape in the .npy header";
	}
	return header->dims ? NULL : "no dimensions";
}

const char *npy_parse(const uint8_t *data, size_t size, struct npy_header *header)
{
	char text[MAX_TEXT + 1];
	const char *p, *wrong;
	size_t start, length;

	if (size < 12)
		return "damaged: the .npy header is cut off";
	switch (data[6]) {
	case 1:
		start = 10;
		length = data[8] | data[9] << 8;
		break;
	case 2:
	case 3:
		start = 12;
		length = data[8] | data[9] << 8 | (size_t)data[10] << 16 | (size_t)data[11] << 24;
		break;
	default:
		return "a .npy format that is not known";
	}
	if (length > MAX_TEXT)
		return "damaged: the .npy header is too long";
	if (length > size - start)
		return "damaged: the .npy header is cut off";
	memcpy(text, data + start, length);
	text[length] = 0;

	*header = (struct npy_header){ .bytes = start + length };
	wrong = parse_descr(find_value(text, "descr"), header);
	if (!wrong)
		wrong = parse_shape(find_value(text, "shape"), header);
	if (wrong)
		return wrong;
	p = find_value(text, "fortran_order");
	if (!p || (strncmp(p, "True", 4) && strncmp(p, "False", 5)))
		return "no fortran_order in the .npy header";
	header->fortran_order = *p == 'T';
	return NULL;
}

void npy_format(const struct npy_header *header, uint8_t text[NPY_HEADER_BYTES])
{
	static const char *const types[] = {
		[ASCDEV_DTYPE_U8] = "|u1", [ASCDEV_DTYPE_S8] = "|i1",
		[ASCDEV_DTYPE_U16] = "u2", [ASCDEV_DTYPE_S16] = "i2",
		[ASCDEV_DTYPE_F16] = "f2", [ASCDEV_DTYPE_BF16] = "V2",
	};
	const char *order = "";
	char shape[64] = "", line[NPY_HEADER_BYTES];
	int i, n = 0;

	if (ascdev_dtype_bytes(header->dtype) > 1)
		order = native_is_little() ? "<" : ">";
	for (i = 0; i < header->dims; i++)
		n += snprintf(shape + n, sizeof(shape) - n, "%u, ", header->dim[i]);
	n = snprintf(line, sizeof(line), "{'descr': '%s%s', 'fortran_order': False, 'shape': (%.*s), }",
		     order, types[header->dtype], header->dims > 1 ? n - 2 : n - 1, shape);
	memcpy(text, MAGIC "\x01\x00", MAGIC_BYTES + 2);
	text[8] = NPY_HEADER_BYTES - 10;
	text[9] = 0;
	memset(text + 10, ' ', NPY_HEADER_BYTES - 10);
	memcpy(text + 10, line, n);
	text[NPY_HEADER_BYTES - 1] = '\n';
}
