// SPDX-License-Identifier: MIT
/*
 * Surfaces and parameters.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

_Static_assert((int)ASCDEV_DTYPE_U8 == FMC_U8, "numbers of the codec");
_Static_assert((int)ASCDEV_DTYPE_S8 == FMC_S8, "numbers of the codec");
_Static_assert((int)ASCDEV_DTYPE_U16 == FMC_U16, "numbers of the codec");
_Static_assert((int)ASCDEV_DTYPE_S16 == FMC_S16, "numbers of the codec");
_Static_assert((int)ASCDEV_EFFORT_HW == ASC_EFFORT_HW, "numbers of the codec");
_Static_assert((int)ASCDEV_EFFORT_BEST == ASC_EFFORT_BEST, "numbers of the codec");
_Static_assert((int)ASCDEV_ENDPOINTS_AUTO == FMC_ENDPOINTS_AUTO, "numbers of the codec");
_Static_assert((int)ASCDEV_ENDPOINTS_ONE == FMC_ENDPOINTS_ONE, "numbers of the codec");
_Static_assert((int)ASCDEV_ENDPOINTS_TWO == FMC_ENDPOINTS_TWO, "numbers of the codec");
_Static_assert((int)ASCDEV_SCALE_AUTO == FMC_SCALE_AUTO, "numbers of the codec");
_Static_assert((int)ASCDEV_SCALE_LINEAR == FMC_SCALE_LINEAR, "numbers of the codec");
_Static_assert((int)ASCDEV_SCALE_LOG == FMC_SCALE_LOG, "numbers of the codec");

struct name {
	const char *text;
	uint32_t number;
};

static const struct name codec_names[] = {
	{ "asc-cbr", ASCDEV_CODEC_ASC_CBR },
	{ NULL, 0 },
};

static const struct name endpoint_names[] = {
	{ "auto", ASCDEV_ENDPOINTS_AUTO },
	{ "one", ASCDEV_ENDPOINTS_ONE },
	{ "two", ASCDEV_ENDPOINTS_TWO },
	{ NULL, 0 },
};

static const struct name scale_names[] = {
	{ "auto", ASCDEV_SCALE_AUTO },
	{ "linear", ASCDEV_SCALE_LINEAR },
	{ "log", ASCDEV_SCALE_LOG },
	{ NULL, 0 },
};

static const struct name effort_names[] = {
	{ "hw", ASCDEV_EFFORT_HW },
	{ "best", ASCDEV_EFFORT_BEST },
	{ NULL, 0 },
};

static const struct name dtype_names[] = {
	{ "u8", ASCDEV_DTYPE_U8 },
	{ "s8", ASCDEV_DTYPE_S8 },
	{ "u16", ASCDEV_DTYPE_U16 },
	{ "s16", ASCDEV_DTYPE_S16 },
	{ NULL, 0 },
};

static const char *find_name(const struct name *names, uint32_t number)
{
	for (; names->text; names++) {
		if (names->number == number)
			return names->text;
	}
	return NULL;
}

static int find_number(const struct name *names, const char *text, size_t length,
		       uint32_t *number)
{
	for (; names->text; names++) {
		if (strlen(names->text) == length && !memcmp(names->text, text, length)) {
			*number = names->number;
			return 0;
		}
	}
	return -EINVAL;
}

const char *ascdev_codec_name(uint32_t codec)
{
	return find_name(codec_names, codec);
}

const char *ascdev_dtype_name(uint32_t dtype)
{
	return find_name(dtype_names, dtype);
}

uint32_t ascdev_dtype_bytes(uint32_t dtype)
{
	return fmc_dtype_bits(dtype) / 8;
}

/* @order: dimensions from the fastest to the slowest */
static void dense_surface(struct ascdev_surface *surface, uint32_t dtype, const uint32_t *dim,
			  const int *order)
{
	uint64_t stride = ascdev_dtype_bytes(dtype);
	int i;

	memset(surface, 0, sizeof(*surface));
	surface->dtype = dtype;
	for (i = 0; i < 4; i++) {
		surface->dim[order[i]] = dim[order[i]];
		surface->stride[order[i]] = stride;
		stride *= dim[order[i]];
	}
}

void ascdev_surface_nchw(struct ascdev_surface *surface, uint32_t dtype, uint32_t n, uint32_t c,
			 uint32_t h, uint32_t w)
{
	dense_surface(surface, dtype, (const uint32_t[]){ n, c, h, w },
		      (const int[]){ FMC_DIM_W, FMC_DIM_H, FMC_DIM_C, FMC_DIM_N });
}

void ascdev_surface_nhwc(struct ascdev_surface *surface, uint32_t dtype, uint32_t n, uint32_t c,
			 uint32_t h, uint32_t w)
{
	dense_surface(surface, dtype, (const uint32_t[]){ n, c, h, w },
		      (const int[]){ FMC_DIM_C, FMC_DIM_W, FMC_DIM_H, FMC_DIM_N });
}

void codec_surface(struct fmc_surface *to, const struct ascdev_surface *from)
{
	int i;

	to->dtype = from->dtype;
	for (i = 0; i < 4; i++) {
		to->dim[i] = from->dim[i];
		to->stride[i] = from->stride[i];
	}
	to->order = NULL;
}

int ascdev_surface_bytes(const struct ascdev_surface *surface, uint64_t *bytes)
{
	struct fmc_surface s;
	uint64_t elements;

	if (surface->pad)
		return -EINVAL;
	codec_surface(&s, surface);
	return fmc_surface_check(&s, &elements, bytes);
}

int params_from_user(struct ascdev_params *to, const struct ascdev_params *from)
{
	if (from)
		return struct_from_user(to, sizeof(*to), sizeof(*to), from);
	*to = (struct ascdev_params)ASCDEV_PARAMS_INIT;
	return 0;
}

void params_for_decoder(struct ascdev_params *params)
{
	params->scale = ASCDEV_SCALE_AUTO;
	params->effort = ASCDEV_EFFORT_HW;
}

int codec_params(struct asc_cbr_params *to, const struct ascdev_params *from)
{
	if (from->codec > ASCDEV_CODEC_ASC_CBR || from->block.pad)
		return -EINVAL;
	to->endpoints = from->endpoints;
	to->scale = from->scale;
	to->effort = from->effort;
	to->zero_point = from->zero_point;
	to->block.w = from->block.w;
	to->block.h = from->block.h;
	to->block.c = from->block.c;
	return 0;
}

static int parse_number(const char *text, size_t length, int32_t *number)
{
	char copy[16], *end;
	long value;

	if (!length || length >= sizeof(copy))
		return -EINVAL;
	memcpy(copy, text, length);
	copy[length] = 0;
	value = strtol(copy, &end, 0);
	if (*end || value < -65536 || value > 65536)
		return -EINVAL;
	*number = value;
	return 0;
}

/* "auto", "run16" or "4x4x1" */
static int parse_block(const char *text, size_t length, struct ascdev_block *block)
{
	uint32_t size[3] = { 0 };
	char copy[16], *p = copy;
	int n;

	memset(block, 0, sizeof(*block));
	if (!length || length >= sizeof(copy))
		return -EINVAL;
	memcpy(copy, text, length);
	copy[length] = 0;
	if (!strcmp(copy, "auto"))
		return 0;
	n = strncmp(copy, "run", 3) ? 3 : 1;
	if (n == 1)
		p += 3;
	for (int i = 0; i < n; i++) {
		if (*p < '0' || *p > '9')
			return -EINVAL;
		size[i] = strtoul(p, &p, 10);
		if (!size[i] || size[i] > FMC_BLOCK_MAX_VALUES)
			return -EINVAL;
		if (i < n - 1 && *p++ != 'x')
			return -EINVAL;
	}
	if (*p)
		return -EINVAL;
	block->w = size[0];
	block->h = size[1];
	block->c = size[2];
	return 0;
}

static int parse_item(struct ascdev_params *params, const char *key, size_t key_length,
		      const char *value, size_t length)
{
#define KEY_IS(name) (key_length == sizeof(name) - 1 && !memcmp(key, name, key_length))
	if (KEY_IS("codec"))
		return find_number(codec_names, value, length, &params->codec);
	if (KEY_IS("endpoints"))
		return find_number(endpoint_names, value, length, &params->endpoints);
	if (KEY_IS("scale"))
		return find_number(scale_names, value, length, &params->scale);
	if (KEY_IS("effort"))
		return find_number(effort_names, value, length, &params->effort);
	if (KEY_IS("block"))
		return parse_block(value, length, &params->block);
	if (KEY_IS("zero_point"))
		return parse_number(value, length, &params->zero_point);
#undef KEY_IS
	return -EINVAL;
}

int ascdev_params_parse(struct ascdev_params *params, const char *text)
{
	struct ascdev_params parsed;
	int ret = struct_from_user(&parsed, sizeof(parsed), sizeof(parsed), params);

	if (ret)
		return ret;
	while (*text) {
		size_t length = strcspn(text, ",");
		const char *equals = memchr(text, '=', length);

		if (!equals)
			return -EINVAL;
		ret = parse_item(&parsed, text, equals - text, equals + 1,
				 text + length - equals - 1);
		if (ret)
			return ret;
		text += length;
		if (*text == ',' && !*++text)
			return -EINVAL;
	}
	return struct_to_user(params, &parsed, sizeof(parsed));
}

int ascdev_params_settle(struct ascdev_params *params, const struct ascdev_result *result)
{
	struct ascdev_params p;
	struct ascdev_result r;
	int ret = struct_from_user(&p, sizeof(p), sizeof(p), params);

	if (!ret)
		ret = struct_from_user(&r, sizeof(r), sizeof(r), result);
	if (ret)
		return ret;
	p.codec = r.codec;
	p.endpoints = r.endpoints;
	p.block = r.block;
	return struct_to_user(params, &p, sizeof(p));
}

int ascdev_compress_bound(const struct ascdev_params *params,
			  const struct ascdev_surface *surface, uint64_t *bytes)
{
	struct ascdev_params p;
	struct asc_cbr_params codec;
	struct fmc_surface s;
	int ret = params_from_user(&p, params);

	if (!ret && surface->pad)
		ret = -EINVAL;
	if (!ret)
		ret = codec_params(&codec, &p);
	if (ret)
		return ret;
	codec_surface(&s, surface);
	return asc_cbr_bound(&s, &codec, bytes);
}
