// SPDX-License-Identifier: MIT
/*
 * Parameters.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"
#include "params_text.h"

_Static_assert((int)ASCDEV_DTYPE_U8 == FMC_U8, "numbers of the codec");
_Static_assert((int)ASCDEV_DTYPE_S8 == FMC_S8, "numbers of the codec");
_Static_assert((int)ASCDEV_DTYPE_U16 == FMC_U16, "numbers of the codec");
_Static_assert((int)ASCDEV_DTYPE_S16 == FMC_S16, "numbers of the codec");
_Static_assert((int)ASCDEV_DTYPE_F16 == FMC_F16, "numbers of the codec");
_Static_assert((int)ASCDEV_DTYPE_BF16 == FMC_BF16, "numbers of the codec");
_Static_assert((int)ASCDEV_CODEC_DEFAULT == FMC_CODEC_DEFAULT, "numbers of the codec");
_Static_assert((int)ASCDEV_CODEC_ASC_CBR == FMC_CODEC_ASC_CBR, "numbers of the codec");
_Static_assert((int)ASCDEV_CODEC_ASC_VBR == FMC_CODEC_ASC_VBR, "numbers of the codec");
_Static_assert((int)ASCDEV_CODEC_EBPC == FMC_CODEC_EBPC, "numbers of the codec");
_Static_assert((int)ASCDEV_CODEC_DCAC == FMC_CODEC_DCAC, "numbers of the codec");
_Static_assert((int)ASCDEV_CODEC_ZVC == FMC_CODEC_ZVC, "numbers of the codec");
_Static_assert((int)ASCDEV_CODEC_RAW == FMC_CODEC_RAW, "numbers of the codec");
_Static_assert((int)ASCDEV_CODEC_AUTO == FMC_CODEC_AUTO, "numbers of the codec");
_Static_assert((int)ASCDEV_PROFILE_AUTO == FMC_PROFILE_AUTO, "numbers of the codec");
_Static_assert((int)ASCDEV_PROFILE_FULL == FMC_PROFILE_FULL, "numbers of the codec");
_Static_assert((int)ASCDEV_PROFILE_NARROW == FMC_PROFILE_NARROW, "numbers of the codec");
_Static_assert((int)ASCDEV_PROFILE_POOLED == FMC_PROFILE_POOLED, "numbers of the codec");
_Static_assert((int)ASCDEV_REORDER_NONE == FMC_REORDER_NONE, "numbers of the codec");
_Static_assert((int)ASCDEV_REORDER_HEURISTIC == FMC_REORDER_HEURISTIC, "numbers of the codec");
_Static_assert((int)ASCDEV_REORDER_GREEDY == FMC_REORDER_GREEDY, "numbers of the codec");
_Static_assert((int)ASCDEV_REORDER_GIVEN == FMC_REORDER_GIVEN, "numbers of the codec");
_Static_assert((int)ASCDEV_EFFORT_HW == ASC_EFFORT_HW, "numbers of the codec");
_Static_assert((int)ASCDEV_EFFORT_BEST == ASC_EFFORT_BEST, "numbers of the codec");
_Static_assert((int)ASCDEV_ENDPOINTS_AUTO == FMC_ENDPOINTS_AUTO, "numbers of the codec");
_Static_assert((int)ASCDEV_ENDPOINTS_ONE == FMC_ENDPOINTS_ONE, "numbers of the codec");
_Static_assert((int)ASCDEV_ENDPOINTS_TWO == FMC_ENDPOINTS_TWO, "numbers of the codec");
_Static_assert((int)ASCDEV_SCALE_AUTO == FMC_SCALE_AUTO, "numbers of the codec");
_Static_assert((int)ASCDEV_SCALE_LINEAR == FMC_SCALE_LINEAR, "numbers of the codec");
_Static_assert((int)ASCDEV_SCALE_LOG == FMC_SCALE_LOG, "numbers of the codec");

const char *ascdev_codec_name(uint32_t codec)
{
	return fmc_codec_name(codec);
}

const char *ascdev_dtype_name(uint32_t dtype)
{
	return fmc_dtype_name(dtype);
}

uint32_t ascdev_dtype_bytes(uint32_t dtype)
{
	return fmc_dtype_bits(dtype) / 8;
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
	params->max_error = 0;
	params->target_bpe = 0;
}

int codec_params(struct fmc_params *to, const struct ascdev_params *from)
{
	if (from->block.pad || from->pad)
		return -EINVAL;
	*to = (struct fmc_params){
		.codec = from->codec,
		.endpoints = from->endpoints,
		.scale = from->scale,
		.profile = from->profile,
		.exponent = from->exponent,
		.block = { from->block.w, from->block.h, from->block.c },
		.effort = from->effort,
		.zero_point = from->zero_point,
		.max_error = from->max_error,
		.target_bpe = from->target_bpe,
		.reorder = from->reorder,
	};
	return 0;
}

static void params_from_codec(struct ascdev_params *to, const struct fmc_params *from)
{
	to->codec = from->codec;
	to->endpoints = from->endpoints;
	to->scale = from->scale;
	to->profile = from->profile;
	to->exponent = from->exponent;
	to->block = (struct ascdev_block){ from->block.w, from->block.h, from->block.c, 0 };
	to->effort = from->effort;
	to->zero_point = from->zero_point;
	to->max_error = from->max_error;
	to->target_bpe = from->target_bpe;
	to->reorder = from->reorder;
}

/* What the codec has no word for: it is not the user's to choose. */
static bool is_exponent(const char *text, size_t length)
{
	return length == 8 && !memcmp(text, "exponent", 8);
}

static int parse_exponent(const char *text, size_t length, uint32_t *exponent)
{
	uint32_t value = 0;
	size_t i;

	for (i = 0; i < length && i < 4; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -EINVAL;
		value = value * 10 + (text[i] - '0');
	}
	if (!length || i < length)
		return -EINVAL;
	*exponent = value;
	return 0;
}

int ascdev_params_parse(struct ascdev_params *params, const char *text)
{
	struct ascdev_params parsed;
	struct fmc_params codec;
	int ret = struct_from_user(&parsed, sizeof(parsed), sizeof(parsed), params);

	if (!ret)
		ret = codec_params(&codec, &parsed);
	if (ret)
		return ret;
	while (*text) {
		size_t length = strcspn(text, ",");
		const char *equals = memchr(text, '=', length);

		if (!equals)
			return -EINVAL;
		if (is_exponent(text, equals - text))
			ret = parse_exponent(equals + 1, text + length - equals - 1,
					     &codec.exponent);
		else
			ret = fmc_param_set(&codec, text, equals - text, equals + 1,
					    text + length - equals - 1);
		if (ret)
			return ret;
		text += length;
		if (*text == ',' && !*++text)
			return -EINVAL;
	}
	params_from_codec(&parsed, &codec);
	return struct_to_user(params, &parsed, sizeof(parsed));
}

int ascdev_params_get(const struct ascdev_params *params, const char *key, char *text,
		      size_t size)
{
	char value[FMC_TEXT_BYTES];
	struct ascdev_params p;
	struct fmc_params codec;
	int ret = struct_from_user(&p, sizeof(p), sizeof(p), params);

	if (!ret)
		ret = codec_params(&codec, &p);
	if (!ret)
		ret = fmc_param_get(&codec, key, value);
	return ret ? ret : snprintf(text, size, "%s", value);
}

/* Adds to text that may be too short for all; @length counts all the same. */
static void add_param(char *text, size_t size, int *length, const char *key, const char *value)
{
	size_t at = (size_t)*length < size ? (size_t)*length : size;

	*length += snprintf(size ? text + at : NULL, size - at, "%s%s=%s", *length ? "," : "", key,
			    value);
}

int ascdev_params_format(const struct ascdev_params *params, char *text, size_t size)
{
	const struct fmc_params defaults = { .codec = FMC_CODEC_DEFAULT };
	char value[FMC_TEXT_BYTES], plain[FMC_TEXT_BYTES];
	struct ascdev_params p;
	struct fmc_params codec;
	int ret = struct_from_user(&p, sizeof(p), sizeof(p), params), length = 0, i;

	if (!ret)
		ret = codec_params(&codec, &p);
	if (!ret && p.reorder == ASCDEV_REORDER_GIVEN)
		ret = -EINVAL;
	for (i = 0; !ret && fmc_param_keys[i]; i++) {
		ret = fmc_param_get(&codec, fmc_param_keys[i], value);
		fmc_param_get(&defaults, fmc_param_keys[i], plain);
		if (!ret && (!i || strcmp(value, plain)))
			add_param(text, size, &length, fmc_param_keys[i], value);
	}
	if (!ret && codec.exponent) {
		snprintf(value, sizeof(value), "%u", codec.exponent);
		add_param(text, size, &length, "exponent", value);
	}
	return ret ? ret : length;
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
	p.profile = r.profile;
	p.exponent = r.exponent;
	p.reorder = r.reorder;
	return struct_to_user(params, &p, sizeof(p));
}

int params_as_defaults(struct fmc_params *to, const struct ascdev_params *from)
{
	struct ascdev_params p;
	int ret = params_from_user(&p, from);

	if (!ret)
		ret = codec_params(to, &p);
	if (!ret && !fmc_params_are_defaults(to))
		ret = -EINVAL;
	return ret;
}

void params_for_ctx(const struct ascdev_ctx *ctx, bool in_process, struct fmc_params *params,
		    const struct fmc_surface *surface)
{
	if (params->codec != FMC_CODEC_DEFAULT)
		return;
	if (ctx->has_defaults)
		fmc_params_fill(params, &ctx->defaults, surface);
	else if (in_process)
		params->codec = FMC_CODEC_ASC_CBR;
}

int params_bound(const struct fmc_surface *surface, const struct fmc_params *params,
		 uint64_t *bytes)
{
	struct fmc_params cbr = *params, any = { .codec = FMC_CODEC_AUTO };
	uint64_t cbr_bytes, any_bytes;
	int ret;

	if (params->codec != FMC_CODEC_DEFAULT)
		return fmc_bound(surface, params, bytes);
	cbr.codec = FMC_CODEC_ASC_CBR;
	cbr.max_error = 0;
	cbr.target_bpe = 0;
	ret = fmc_bound(surface, &cbr, &cbr_bytes);
	if (ret)
		return ret;
	/* The device may reorder; where it cannot, it does not. */
	any.reorder = FMC_REORDER_GREEDY;
	if (fmc_bound(surface, &any, &any_bytes)) {
		any.reorder = FMC_REORDER_NONE;
		ret = fmc_bound(surface, &any, &any_bytes);
	}
	*bytes = cbr_bytes > any_bytes ? cbr_bytes : any_bytes;
	return ret;
}

void params_explain(const struct fmc_surface *surface, const struct fmc_params *params,
		    char *text, size_t size)
{
	const char *codec = fmc_codec_name(params->codec), *const *key;
	char value[FMC_TEXT_BYTES];
	uint64_t bytes;

	snprintf(text, size, codec ? "they do not go together" : "an unknown codec");
	for (key = &fmc_param_keys[1]; codec && *key; key++) {
		struct fmc_params alone = { .codec = params->codec };

		if (fmc_param_get(params, *key, value)) {
			snprintf(text, size, "%s: a number without a name", *key);
			return;
		}
		fmc_param_set(&alone, *key, strlen(*key), value, strlen(value));
		if (params_bound(surface, &alone, &bytes)) {
			snprintf(text, size, "%s of %s values does not take %s=%s", codec,
				 fmc_dtype_name(surface->dtype), *key, value);
			return;
		}
	}
}

int ascdev_compress_bound(const struct ascdev_params *params,
			  const struct ascdev_surface *surface, uint64_t *bytes)
{
	struct ascdev_params p;
	struct fmc_params codec;
	struct fmc_surface s;
	int ret = params_from_user(&p, params);

	if (!ret && surface->pad)
		ret = -EINVAL;
	if (!ret)
		ret = codec_params(&codec, &p);
	if (ret)
		return ret;
	codec_surface(&s, surface);
	return params_bound(&s, &codec, bytes);
}

int ascdev_payload_order(const struct ascdev_params *params, const struct ascdev_surface *surface,
			 const void *payload, uint64_t payload_bytes, uint16_t *order)
{
	uint8_t bitmap[FMC_ORDER_BITMAP_BYTES];
	struct ascdev_params p;
	int ret = params_from_user(&p, params);

	if (ret)
		return ret;
	if (p.reorder == ASCDEV_REORDER_NONE || p.reorder > ASCDEV_REORDER_GIVEN ||
	    p.codec == ASCDEV_CODEC_RAW || !surface->dim[FMC_DIM_C] ||
	    surface->dim[FMC_DIM_C] > FMC_REORDER_MAX_CHANNELS ||
	    payload_bytes < fmc_order_bytes(surface->dim[FMC_DIM_C]))
		return -EINVAL;
	return fmc_get_order(payload, surface->dim[FMC_DIM_C], order, bitmap);
}
