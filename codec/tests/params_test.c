// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Parameters as text: what is taken, what is refused, and that the one gives the other.
 */

#include "ascdev_harness.h"

#include "params_text.h"

static int set(struct fmc_params *params, const char *key, const char *value)
{
	return fmc_param_set(params, key, strlen(key), value, strlen(value));
}

TEST(what_is_set_is_got)
{
	static const char *const words[][2] = {
		{ "codec", "default" }, { "codec", "asc-cbr" }, { "codec", "auto" },
		{ "endpoints", "one" }, { "scale", "log" }, { "profile", "narrow" }, { "profile", "pooled" },
		{ "effort", "best" }, { "reorder", "greedy" }, { "block", "auto" },
		{ "block", "run16" }, { "block", "4x4x1" }, { "block", "64x64x64" },
		{ "zero_point", "0" }, { "zero_point", "-32768" }, { "zero_point", "65535" },
		{ "max_error", "32767" }, { "target_bpe", "0" }, { "target_bpe", "2.5" },
		{ "target_bpe", "3.99609375" }, { "target_bpe", "64" },
	};
	char text[FMC_TEXT_BYTES];
	unsigned int i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct fmc_params p;

		memset(&p, 0x11, sizeof(p));
		EXPECT_EQ(0, set(&p, words[i][0], words[i][1])) TH_LOG("%s", words[i][1]);
		EXPECT_EQ(0, fmc_param_get(&p, words[i][0], text));
		EXPECT_STREQ(words[i][1], text);
	}
}

TEST(what_is_refused)
{
	static const char *const words[][2] = {
		{ "", "" }, { "code", "raw" }, { "codecs", "raw" }, { "codec", "" },
		{ "codec", "asc" }, { "codec", "asc-cbrs" }, { "reorder", "given" },
		{ "block", "" }, { "block", "run" }, { "block", "run0" }, { "block", "4x4" },
		{ "block", "4x4x1x" }, { "block", "4x4x257" }, { "block", "0x4x4" },
		{ "zero_point", "-" }, { "zero_point", "65536" }, { "zero_point", "--1" },
		{ "max_error", "32768" }, { "max_error", "-1" }, { "max_error", "1 " },
		{ "max_error", "99999999999999999999" }, { "target_bpe", "." },
		{ "target_bpe", "2." }, { "target_bpe", ".5" }, { "target_bpe", "2,5" },
		{ "target_bpe", "65" }, { "target_bpe", "64.01" }, { "target_bpe", "64.999" },
	};
	unsigned int i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct fmc_params p = { 0 }, zero = { 0 };

		EXPECT_EQ(-EINVAL, set(&p, words[i][0], words[i][1])) TH_LOG("%s", words[i][1]);
		EXPECT_EQ(0, memcmp(&p, &zero, sizeof(p)));
	}
}

/* Whatever the numbers are, there is room for them. */
TEST(extremes)
{
	struct fmc_params p;
	char text[FMC_TEXT_BYTES];
	unsigned int k;

	memset(&p, 0xff, sizeof(p));
	p.zero_point = -2147483647 - 1;
	EXPECT_EQ(0, fmc_param_get(&p, "zero_point", text));
	EXPECT_STREQ("-2147483648", text);
	EXPECT_EQ(0, fmc_param_get(&p, "target_bpe", text));
	EXPECT_STREQ("16777215.99609375", text);
	EXPECT_EQ(0, fmc_param_get(&p, "block", text));
	EXPECT_STREQ("65535x65535x65535", text);
	for (k = 0; fmc_param_keys[k]; k++)
		fmc_param_get(&p, fmc_param_keys[k], text);
	EXPECT_EQ(-EINVAL, fmc_param_get(&p, "codec", text));
}

TEST_HARNESS_MAIN
