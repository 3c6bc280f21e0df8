// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Parameters as text: the same words in the library's parameter string, in the
 * command and in sysfs.
 */

#include "asc_pooled.h"
#include "params_text.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

/* A name's place is its number. */
static const char *const codec_names[] = {
	"default", "asc-cbr", "asc-vbr", "ebpc", "dcac", "zvc", "raw", "auto",
};

static const char *const dtype_names[] = { "u8", "s8", "u16", "s16", "f16", "bf16" };
static const char *const endpoints_names[] = { "auto", "one", "two" };
static const char *const scale_names[] = { "auto", "linear", "log" };
static const char *const profile_names[] = { "auto", "full", "narrow", "pooled" };
static const char *const reorder_names[] = { "none", "heuristic", "greedy", "given" };
static const char *const effort_names[] = { "hw", "best" };

const char *const fmc_param_keys[] = {
	"codec", "endpoints", "scale", "block", "profile", "effort", "reorder", "max_error",
	"target_bpe", "zero_point", NULL,
};

static bool text_is(const char *text, size_t length, const char *name)
{
	size_t i;

	for (i = 0; i < length; i++) {
		if (!name[i] || name[i] != text[i])
			return false;
	}
	return !name[length];
}

static int find_name(const char *const *names, u32 count, const char *text, size_t length,
		     u32 *number)
{
	u32 i;

	for (i = 0; i < count; i++) {
		if (text_is(text, length, names[i])) {
			*number = i;
			return 0;
		}
	}
	return -EINVAL;
}

/*
 * Digits at *text, moving it on.  Returns the number, or a negative errno if there
 * are none or it is above @max.
 */
static s64 take_number(const char **text, const char *end, u32 max)
{
	s64 number = 0;

	if (*text == end || **text < '0' || **text > '9')
		return -EINVAL;
	for (; *text < end && **text >= '0' && **text <= '9'; ++*text) {
		number = number * 10 + (**text - '0');
		if (number > max)
			return -EINVAL;
	}
	return number;
}

static int set_number(const char *text, size_t length, u32 max, u32 *number)
{
	const char *end = text + length;
	s64 value = take_number(&text, end, max);

	if (value < 0 || text != end)
		return -EINVAL;
	*number = value;
	return 0;
}

static int set_signed(const char *text, size_t length, u32 max, s32 *number)
{
	bool negative = length && *text == '-';
	u32 value;
	int ret = set_number(text + negative, length - negative, max, &value);

	if (ret)
		return ret;
	*number = negative ? -(s32)value : (s32)value;
	return 0;
}

/* Parts of a bit per value. */
#define BPE_UNIT	256
#define BPE_MAX		64

/* A decimal number, to the nearest 1/256. */
static int set_bpe(const char *text, size_t length, u32 *bpe)
{
	const char *end = text + length;
	s64 whole = take_number(&text, end, BPE_MAX);
	u32 fraction = 0, scale = 1;

	if (whole < 0)
		return -EINVAL;
	if (text < end) {
		if (*text++ != '.' || text == end)
			return -EINVAL;
		for (; text < end; text++) {
			if (*text < '0' || *text > '9')
				return -EINVAL;
			/* more digits make no difference */
			if (scale < 1000000) {
				fraction = fraction * 10 + (*text - '0');
				scale *= 10;
			}
		}
	}
	fraction = (u32)whole * BPE_UNIT + (fraction * BPE_UNIT + scale / 2) / scale;
	if (fraction > BPE_MAX * BPE_UNIT)
		return -EINVAL;
	*bpe = fraction;
	return 0;
}

/* "auto", "run16" or "4x4x1" */
static int set_block(const char *text, size_t length, struct asc_cbr_block *block)
{
	const char *end = text + length;
	u16 size[3] = { 0, 0, 0 };
	u32 count = 3, i;

	if (!text_is(text, length, "auto")) {
		if (length > 3 && text_is(text, 3, "run")) {
			text += 3;
			count = 1;
		}
		for (i = 0; i < count; i++) {
			s64 number;

			if (i && (text == end || *text++ != 'x'))
				return -EINVAL;
			number = take_number(&text, end, ASC_POOL_VALUES);
			if (number <= 0)
				return -EINVAL;
			size[i] = number;
		}
		if (text != end)
			return -EINVAL;
	}
	block->w = size[0];
	block->h = size[1];
	block->c = size[2];
	return 0;
}

/**
 * fmc_param_set - set one parameter from text
 * @params: changed on success only; whether it fits the others is not checked
 * @key: one of fmc_param_keys
 * @key_length: its length
 * @value: the value: a name, a number, a shape "4x4x1", "run16" or "auto"
 * @value_length: its length
 *
 * Return: 0 or -EINVAL.
 */
int fmc_param_set(struct fmc_params *params, const char *key, size_t key_length,
		  const char *value, size_t value_length)
{
#define KEY_IS(name) text_is(key, key_length, name)
	if (KEY_IS("codec"))
		return find_name(codec_names, COUNT(codec_names), value, value_length,
				 &params->codec);
	if (KEY_IS("endpoints"))
		return find_name(endpoints_names, COUNT(endpoints_names), value, value_length,
				 &params->endpoints);
	if (KEY_IS("scale"))
		return find_name(scale_names, COUNT(scale_names), value, value_length,
				 &params->scale);
	if (KEY_IS("profile"))
		return find_name(profile_names, COUNT(profile_names), value, value_length,
				 &params->profile);
	if (KEY_IS("reorder"))
		/* all but the last, which needs more than a word */
		return find_name(reorder_names, COUNT(reorder_names) - 1, value, value_length,
				 &params->reorder);
	if (KEY_IS("block"))
		return set_block(value, value_length, &params->block);
	if (KEY_IS("effort"))
		return find_name(effort_names, COUNT(effort_names), value, value_length,
				 &params->effort);
	if (KEY_IS("zero_point"))
		return set_signed(value, value_length, 65535, &params->zero_point);
	if (KEY_IS("max_error"))
		return set_number(value, value_length, FMC_MAX_ERROR, &params->max_error);
	if (KEY_IS("target_bpe"))
		return set_bpe(value, value_length, &params->target_bpe);
#undef KEY_IS
	return -EINVAL;
}

static char *add_text(char *to, const char *text)
{
	while (*text)
		*to++ = *text++;
	*to = 0;
	return to;
}

static char *add_number(char *to, u32 number)
{
	char digits[10];
	u32 n = 0;

	do {
		digits[n++] = '0' + number % 10;
		number /= 10;
	} while (number);
	while (n)
		*to++ = digits[--n];
	*to = 0;
	return to;
}

static void add_bpe(char *to, u32 bpe)
{
	u32 rest = bpe % BPE_UNIT;

	to = add_number(to, bpe / BPE_UNIT);
	if (rest)
		*to++ = '.';
	for (; rest; rest %= BPE_UNIT) {
		rest *= 10;
		*to++ = '0' + rest / BPE_UNIT;
	}
	*to = 0;
}

static void add_block(char *to, const struct asc_cbr_block *block)
{
	if (!block->w) {
		add_text(to, "auto");
	} else if (!block->h) {
		add_number(add_text(to, "run"), block->w);
	} else {
		to = add_text(add_number(to, block->w), "x");
		to = add_text(add_number(to, block->h), "x");
		add_number(to, block->c);
	}
}

static int add_name(const char *const *names, u32 count, u32 number, char *text)
{
	if (number >= count)
		return -EINVAL;
	add_text(text, names[number]);
	return 0;
}

/**
 * fmc_param_get - one parameter as text
 * @params: parameters; a shape in them is a valid one
 * @key: one of fmc_param_keys
 * @text: receives what fmc_param_set() takes, of at most FMC_TEXT_BYTES
 *
 * Return: 0 or -EINVAL.
 */
int fmc_param_get(const struct fmc_params *params, const char *key, char *text)
{
	size_t key_length = strlen(key);

#define KEY_IS(name) text_is(key, key_length, name)
	if (KEY_IS("codec"))
		return add_name(codec_names, COUNT(codec_names), params->codec, text);
	if (KEY_IS("endpoints"))
		return add_name(endpoints_names, COUNT(endpoints_names), params->endpoints, text);
	if (KEY_IS("scale"))
		return add_name(scale_names, COUNT(scale_names), params->scale, text);
	if (KEY_IS("profile"))
		return add_name(profile_names, COUNT(profile_names), params->profile, text);
	if (KEY_IS("reorder"))
		return add_name(reorder_names, COUNT(reorder_names), params->reorder, text);
	if (KEY_IS("effort"))
		return add_name(effort_names, COUNT(effort_names), params->effort, text);
	if (KEY_IS("block"))
		add_block(text, &params->block);
	else if (KEY_IS("zero_point"))
		add_number(add_text(text, params->zero_point < 0 ? "-" : ""),
			   params->zero_point < 0 ? -(u32)params->zero_point :
						    (u32)params->zero_point);
	else if (KEY_IS("max_error"))
		add_number(text, params->max_error);
	else if (KEY_IS("target_bpe"))
		add_bpe(text, params->target_bpe);
	else
		return -EINVAL;
#undef KEY_IS
	return 0;
}

/**
 * fmc_codec_name - name of a codec
 * @codec: number
 *
 * Return: static text, NULL for an unknown number.
 */
const char *fmc_codec_name(u32 codec)
{
	return codec < COUNT(codec_names) ? codec_names[codec] : NULL;
}

/**
 * fmc_dtype_name - name of a type of values
 * @dtype: number
 *
 * Return: static text, NULL for an unknown number.
 */
const char *fmc_dtype_name(u32 dtype)
{
	return dtype < COUNT(dtype_names) ? dtype_names[dtype] : NULL;
}
