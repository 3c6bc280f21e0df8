// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * params_text.c.  Input: a key, how long the value is, the value; then parameters.
 */

#include "fuzz.h"
#include "params_text.h"

/* What is accepted is read back, and that is accepted for the same. */
static void set_and_get(const char *key, size_t key_length, const char *value, size_t length)
{
	struct fmc_params a, b;
	char text[FMC_TEXT_BYTES];
	u32 k;

	memset(&a, 0xa5, sizeof(a));
	b = a;
	if (fmc_param_set(&a, key, key_length, value, length)) {
		CHECK(!memcmp(&a, &b, sizeof(a)));
		return;
	}
	for (k = 0; fmc_param_keys[k]; k++) {
		if (strlen(fmc_param_keys[k]) != key_length ||
		    memcmp(fmc_param_keys[k], key, key_length))
			continue;
		CHECK(!fmc_param_get(&a, fmc_param_keys[k], text));
		CHECK(strlen(text) < FMC_TEXT_BYTES);
		CHECK(!fmc_param_set(&b, key, key_length, text, strlen(text)));
		CHECK(!memcmp(&a, &b, sizeof(a)));
		return;
	}
	CHECK(!"a key of the list");
}

/* Any numbers are text of at most the documented length. */
static void get_any(struct input *in)
{
	struct fmc_params params;
	u8 *bytes = take_buffer(in, sizeof(params));
	char *text = buffer(FMC_TEXT_BYTES);
	u32 k;

	memcpy(&params, bytes, sizeof(params));
	for (k = 0; fmc_param_keys[k]; k++)
		fmc_param_get(&params, fmc_param_keys[k], text);
	fmc_codec_name(params.codec);
	fmc_dtype_name(params.codec);
	free(text);
	free(bytes);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	u32 choice = take(&in, 1), length = take(&in, 1), keys = 0;
	char *value;

	while (fmc_param_keys[keys])
		keys++;
	length = length < in.left ? length : in.left;
	/* not ended by a zero */
	value = buffer(length);
	memcpy(value, in.data, length);
	if (choice < 128) {
		const char *key = fmc_param_keys[choice % keys];

		set_and_get(key, strlen(key), value, length);
	} else {
		u32 split = choice - 128 < length ? choice - 128 : length;

		set_and_get(value, split, value + split, length - split);
	}
	free(value);
	get_any(&in);
	return 0;
}
