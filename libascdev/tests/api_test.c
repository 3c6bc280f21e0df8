// SPDX-License-Identifier: MIT
/*
 * The library on its software backend, through the public header alone.
 */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ascdev.h>

#include "ascdev_harness.h"

FIXTURE(api)
{
	struct ascdev_ctx *ctx;
};

FIXTURE_SETUP(api)
{
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;

	opts.backend = ASCDEV_BACKEND_SW;
	ASSERT_EQ(0, ascdev_open(&opts, NULL, &self->ctx));
}

FIXTURE_TEARDOWN(api)
{
	ascdev_close(self->ctx);
}

static void fill(uint8_t *bytes, size_t count)
{
	uint32_t seed = 7;
	size_t i;

	for (i = 0; i < count; i++) {
		seed = seed * 1664525 + 1013904223;
		bytes[i] = i % 40 < 20 ? i : seed >> 24;
	}
}

static int message_holds(struct ascdev_ctx *ctx, const char *text)
{
	char message[256];

	ascdev_last_error(ctx, message, sizeof(message));
	return !!strstr(message, text);
}

TEST(version_and_texts)
{
	static const char *const codec_names[] = {
		"default", "asc-cbr", "asc-vbr", "ebpc", "dcac", "zvc", "raw", "auto",
	};
	static const char *const dtype_names[] = { "u8", "s8", "u16", "s16", "f16", "bf16" };
	int i;

	EXPECT_STREQ("0.1.0", ascdev_version_string());
	EXPECT_STREQ("success", ascdev_strerror(0));
	EXPECT_STREQ(ascdev_strerror(ENOSPC), ascdev_strerror(-ENOSPC));
	EXPECT_NE(NULL, strstr(ascdev_strerror(-EBADMSG), "payload"));
	for (i = -200; i < 200; i++)
		ASSERT_NE(NULL, ascdev_strerror(i));
	for (i = 0; i < 8; i++)
		EXPECT_STREQ(codec_names[i], ascdev_codec_name(i));
	EXPECT_EQ(NULL, ascdev_codec_name(8));
	EXPECT_EQ(NULL, ascdev_codec_name(~0u));
	for (i = 0; i < 6; i++) {
		EXPECT_STREQ(dtype_names[i], ascdev_dtype_name(i));
		EXPECT_EQ(i < 2 ? 1 : 2, ascdev_dtype_bytes(i));
	}
	EXPECT_EQ(NULL, ascdev_dtype_name(6));
	EXPECT_EQ(0, ascdev_dtype_bytes(6));
}

TEST(open_and_its_errors)
{
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	struct ascdev_error error = ASCDEV_ERROR_INIT;
	struct {
		struct ascdev_open_opts opts;
		uint32_t more[2];
	} newer = { .opts = ASCDEV_OPEN_OPTS_INIT };
	struct ascdev_ctx *ctx;

	opts.backend = 3;
	EXPECT_EQ(-EINVAL, ascdev_open(&opts, &error, &ctx));
	EXPECT_EQ(-EINVAL, error.code);
	opts.backend = ASCDEV_BACKEND_SW;
	opts.device = "/dev/null";
	EXPECT_EQ(-EINVAL, ascdev_open(&opts, &error, &ctx));

	opts.backend = ASCDEV_BACKEND_HW;
	opts.device = "/dev/accel/no-such-node";
	EXPECT_EQ(-ENOENT, ascdev_open(&opts, &error, &ctx));
	EXPECT_EQ(-ENOENT, error.code);
	EXPECT_NE(NULL, strstr(error.message, "/dev/accel/no-such-node"));
	opts.device = "/dev/null";
	EXPECT_EQ(-ENODEV, ascdev_open(&opts, &error, &ctx));
	EXPECT_NE(NULL, strstr(error.message, "/dev/null"));
	opts.device = "/a/path/that/is/much/longer/than/any/device/node/has/ever/been/on/this/earth";
	EXPECT_EQ(-ENOENT, ascdev_open(&opts, &error, &ctx));

	/* AUTO takes software and tells why */
	opts.backend = ASCDEV_BACKEND_AUTO;
	opts.device = "/dev/null";
	ASSERT_EQ(0, ascdev_open(&opts, &error, &ctx));
	EXPECT_EQ(ASCDEV_BACKEND_SW, ascdev_get_backend(ctx, &error.code));
	EXPECT_EQ(-ENODEV, error.code);
	EXPECT_TRUE(message_holds(ctx, "/dev/null"));
	ascdev_close(ctx);

	/* sizes of other versions */
	newer.opts.size = sizeof(newer);
	newer.opts.backend = ASCDEV_BACKEND_SW;
	ASSERT_EQ(0, ascdev_open(&newer.opts, NULL, &ctx));
	ascdev_close(ctx);
	newer.more[1] = 1;
	EXPECT_EQ(-E2BIG, ascdev_open(&newer.opts, NULL, &ctx));
	newer.opts.size = 4;
	EXPECT_EQ(-EINVAL, ascdev_open(&newer.opts, NULL, &ctx));
	ascdev_close(NULL);
}

TEST(a_node_without_permission)
{
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	struct ascdev_error error = ASCDEV_ERROR_INIT;
	char path[] = "/tmp/ascdev-test.XXXXXX";
	struct ascdev_ctx *ctx;
	int fd = mkstemp(path), ret;

	ASSERT_LE(0, fd);
	close(fd);
	chmod(path, 0);
	if (!geteuid() && setegid(65534) | seteuid(65534))
		SKIP(return, "cannot become nobody");
	opts.backend = ASCDEV_BACKEND_HW;
	opts.device = path;
	ret = ascdev_open(&opts, &error, &ctx);
	if (seteuid(0) | setegid(0))
		;	/* was not root */
	unlink(path);
	EXPECT_EQ(-EACCES, ret);
	EXPECT_NE(NULL, strstr(error.message, path));
	EXPECT_NE(NULL, strstr(error.message, "permission denied"));
}

TEST(enumerate)
{
	struct ascdev_device_list *list;
	int n = ascdev_enumerate(NULL, &list);

	ASSERT_LE(0, n);
	EXPECT_EQ(NULL, ascdev_device_list_get(list, n));
	ascdev_device_list_free(list);
	ascdev_device_list_free(NULL);
}

TEST(parameters_from_text)
{
	struct ascdev_params p = ASCDEV_PARAMS_INIT, before;
	static const char *const bad[] = {
		"codec", "codec=", "codec=zip", "=", ",", "scale=linear,", "endpoints=three",
		"scale=loglinear", "zero_point=", "zero_point=x", "zero_point=99999999999999999999",
		"Scale=log", " scale=log", "scale=log zero_point=1", "what=1", "zero_point=1x",
		"effort=most", "block=", "block=4", "block=4x4", "block=4x4x1x1", "block=0x4x4",
		"block=4x4x257", "block=run", "block=run0", "block=run16x1", "block=4x4x1 ",
		"block=-4x4x1", "profile=wide", "profile=", "reorder=given", "reorder=3", "codec=8",
		"codec=ASC-CBR", "codec=asc-cb", "codec=asc-cbrr", "max_error=32768", "max_error=-1",
		"max_error=", "max_error=1.5", "max_error=99999999999999999999", "target_bpe=65",
		"target_bpe=-1", "target_bpe=1.", "target_bpe=.5", "target_bpe=1.5.5",
		"target_bpe=1e1", "target_bpe=", "target_bpe=4 ", "zero_point=65536",
		"zero_point=--1", "zero_point=+1", "order=0", "max_error=1,,",
		"max_error=1,target_bpe",
	};
	size_t i;

	EXPECT_EQ(0, ascdev_params_parse(&p, ""));
	EXPECT_EQ(0, ascdev_params_parse(&p, "codec=asc-cbr,endpoints=one,scale=log,zero_point=-128"));
	EXPECT_EQ(ASCDEV_CODEC_ASC_CBR, p.codec);
	EXPECT_EQ(ASCDEV_ENDPOINTS_ONE, p.endpoints);
	EXPECT_EQ(ASCDEV_SCALE_LOG, p.scale);
	EXPECT_EQ(-128, p.zero_point);
	EXPECT_EQ(0, ascdev_params_parse(&p, "effort=best,block=2x2x4"));
	EXPECT_EQ(ASCDEV_EFFORT_BEST, p.effort);
	EXPECT_EQ(4, p.block.c);
	EXPECT_EQ(0, ascdev_params_parse(&p, "block=run16"));
	EXPECT_EQ(16, p.block.w);
	EXPECT_EQ(0, p.block.h);
	EXPECT_EQ(0, ascdev_params_parse(&p, "block=auto"));
	EXPECT_EQ(0, p.block.w);
	EXPECT_EQ(0, ascdev_params_parse(&p, "endpoints=auto"));
	EXPECT_EQ(ASCDEV_ENDPOINTS_AUTO, p.endpoints);
	EXPECT_EQ(-128, p.zero_point);
	before = p;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		EXPECT_EQ(-EINVAL, ascdev_params_parse(&p, bad[i])) TH_LOG("'%s'", bad[i]);
		EXPECT_EQ(0, memcmp(&before, &p, sizeof(p)));
	}
	p.size = 3;
	EXPECT_EQ(-EINVAL, ascdev_params_parse(&p, ""));
}

TEST(parameters_from_a_table)
{
	static const char table[] =
		"# a comment\n"
		"\n"
		"  conv1/out\t codec=asc-vbr,max_error=2  \r\n"
		"conv?/*     codec=dcac,reorder=heuristic\n"
		"conv[12]    effort=best\n"
		"two\\ words  codec=zvc\n"
		"\\#3         codec=raw\n"
		"conv2       codec=ebpc";
	static const struct {
		const char *name, *params;	/* NULL: no entry */
	} expected[] = {
		{ "conv1/out", "codec=asc-vbr,max_error=2" },
		{ "conv2/deep/out", "codec=dcac,reorder=heuristic" },
		{ "conv1", "codec=default,effort=best" },
		{ "conv2", "codec=default,effort=best" },	/* the first one counts */
		{ "two words", "codec=zvc" },
		{ "#3", "codec=raw" },
		{ "conv3", NULL }, { "xconv1/out", NULL }, { "two", NULL }, { "", NULL },
	};
	static const struct {
		const char *text;
		uint32_t line;
	} bad[] = {
		{ "conv1", 1 }, { "conv1 ", 1 }, { "* codec=zip", 1 },
		{ "a codec=zvc\n\n* codec=zvc max_error=1\n", 3 },
		{ "* codec=zvc\nb\\ codec=zvc\n", 2 },
	};
	struct ascdev_params p = ASCDEV_PARAMS_INIT, before;
	uint32_t line = 77;
	char text[256];
	size_t i;

	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		ASSERT_EQ(0, ascdev_params_parse(&p, "codec=asc-cbr,scale=log,zero_point=3"));
		before = p;
		EXPECT_EQ(!!expected[i].params,
			  ascdev_params_lookup(&p, table, expected[i].name, &line))
			TH_LOG("%s", expected[i].name);
		if (!expected[i].params) {
			EXPECT_EQ(0, memcmp(&before, &p, sizeof(p)));
			continue;
		}
		ascdev_params_format(&p, text, sizeof(text));
		EXPECT_STREQ(expected[i].params, text);
	}
	EXPECT_EQ(77, (int)line);
	before = p;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		EXPECT_EQ(-EINVAL, ascdev_params_lookup(&p, bad[i].text, "a", &line));
		EXPECT_EQ(bad[i].line, line) TH_LOG("%s", bad[i].text);
		EXPECT_EQ(-EINVAL, ascdev_params_lookup(&p, bad[i].text, "x", NULL));
		EXPECT_EQ(0, memcmp(&before, &p, sizeof(p)));
	}
	EXPECT_EQ(0, ascdev_params_lookup(&p, "", "a", NULL));
	EXPECT_EQ(1, ascdev_params_lookup(&p, "* codec=raw", "", NULL));
	p.size = 3;
	EXPECT_EQ(-EINVAL, ascdev_params_lookup(&p, "* codec=raw", "a", NULL));
}

/* 4095 bytes are a line, one more is too long. */
TEST(a_long_line_of_a_table)
{
	struct ascdev_params p = ASCDEV_PARAMS_INIT;
	char *table = malloc(8000);
	uint32_t line = 0;

	memset(table, 'x', 8000);
	strcpy(table + 4095 - strlen(" codec=raw"), " codec=raw");
	EXPECT_EQ(0, ascdev_params_lookup(&p, table, "x", &line));
	memset(table, 'x', 8000);
	strcpy(table + 4096 - strlen(" codec=raw"), " codec=raw");
	EXPECT_EQ(-EINVAL, ascdev_params_lookup(&p, table, "x", &line));
	EXPECT_EQ(1, (int)line);
	free(table);
}

TEST(parameters_to_text)
{
	static const char *const values[][2] = {
		{ "codec", "default" }, { "codec", "asc-cbr" }, { "codec", "asc-vbr" },
		{ "codec", "ebpc" }, { "codec", "dcac" }, { "codec", "zvc" }, { "codec", "raw" },
		{ "codec", "auto" }, { "endpoints", "auto" }, { "endpoints", "one" },
		{ "endpoints", "two" }, { "scale", "auto" }, { "scale", "linear" },
		{ "scale", "log" }, { "block", "auto" }, { "block", "4x4x1" },
		{ "block", "1x1x64" }, { "block", "run8" }, { "block", "run64" },
		{ "profile", "auto" }, { "profile", "full" }, { "profile", "narrow" },
		{ "profile", "pooled" },
		{ "effort", "hw" }, { "effort", "best" }, { "reorder", "none" },
		{ "reorder", "heuristic" }, { "reorder", "greedy" }, { "max_error", "0" },
		{ "max_error", "1" }, { "max_error", "32767" }, { "target_bpe", "0" },
		{ "target_bpe", "4" }, { "target_bpe", "2.5" }, { "target_bpe", "64" },
		{ "target_bpe", "0.00390625" }, { "zero_point", "0" }, { "zero_point", "-32768" },
		{ "zero_point", "65535" }, { "zero_point", "-65535" },
	};
	/* what has more than one spelling */
	static const char *const respelled[][3] = {
		{ "target_bpe=4.0", "target_bpe", "4" },
		{ "target_bpe=3.9999", "target_bpe", "4" },
		{ "target_bpe=2.500000000000000000001", "target_bpe", "2.5" },
		{ "zero_point=-0", "zero_point", "0" },
		{ "max_error=007", "max_error", "7" },
		{ "max_error=1,max_error=2", "max_error", "2" },
	};
	struct ascdev_params p = ASCDEV_PARAMS_INIT;
	char text[32], item[64];
	int length, i, bpe;

	for (i = 0; i < (int)(sizeof(values) / sizeof(values[0])); i++) {
		snprintf(item, sizeof(item), "%s=%s", values[i][0], values[i][1]);
		EXPECT_EQ(0, ascdev_params_parse(&p, item)) TH_LOG("%s", item);
		length = ascdev_params_get(&p, values[i][0], text, sizeof(text));
		EXPECT_EQ((int)strlen(values[i][1]), length);
		EXPECT_STREQ(values[i][1], text);
	}
	for (i = 0; i < (int)(sizeof(respelled) / sizeof(respelled[0])); i++) {
		EXPECT_EQ(0, ascdev_params_parse(&p, respelled[i][0])) TH_LOG("%s", respelled[i][0]);
		EXPECT_LT(0, ascdev_params_get(&p, respelled[i][1], text, sizeof(text)));
		EXPECT_STREQ(respelled[i][2], text);
	}
	/* every rate comes back from its text */
	for (bpe = 0; bpe <= 64 * 256; bpe++) {
		struct ascdev_params q = ASCDEV_PARAMS_INIT;

		p.target_bpe = bpe;
		ASSERT_LT(0, ascdev_params_get(&p, "target_bpe", text, sizeof(text)));
		snprintf(item, sizeof(item), "target_bpe=%s", text);
		ASSERT_EQ(0, ascdev_params_parse(&q, item));
		ASSERT_EQ(bpe, (int)q.target_bpe);
	}

	/* cut off, but never too long */
	p = (struct ascdev_params)ASCDEV_PARAMS_INIT;
	p.codec = ASCDEV_CODEC_ASC_CBR;
	memset(text, 'x', sizeof(text));
	EXPECT_EQ(7, ascdev_params_get(&p, "codec", text, 4));
	EXPECT_STREQ("asc", text);
	EXPECT_EQ('x', text[4]);
	EXPECT_EQ(7, ascdev_params_get(&p, "codec", NULL, 0));

	/* any number that a program may have put there */
	p.zero_point = INT32_MIN;
	EXPECT_EQ(11, ascdev_params_get(&p, "zero_point", text, sizeof(text)));
	EXPECT_STREQ("-2147483648", text);
	p.max_error = ~0u;
	EXPECT_EQ(10, ascdev_params_get(&p, "max_error", text, sizeof(text)));
	p.target_bpe = ~0u;
	EXPECT_EQ(17, ascdev_params_get(&p, "target_bpe", text, sizeof(text)));
	p.block = (struct ascdev_block){ 65535, 65535, 65535, 0 };
	EXPECT_EQ(17, ascdev_params_get(&p, "block", text, sizeof(text)));
	EXPECT_EQ(-EINVAL, ascdev_params_get(&p, "exponent", text, sizeof(text)));
	EXPECT_EQ(-EINVAL, ascdev_params_get(&p, "", text, sizeof(text)));
	EXPECT_EQ(-EINVAL, ascdev_params_get(&p, "code", text, sizeof(text)));
	p.codec = 8;
	EXPECT_EQ(-EINVAL, ascdev_params_get(&p, "codec", text, sizeof(text)));
	p.reorder = ASCDEV_REORDER_GIVEN;
	EXPECT_EQ(5, ascdev_params_get(&p, "reorder", text, sizeof(text)));
	EXPECT_STREQ("given", text);
	p.reorder = 4;
	EXPECT_EQ(-EINVAL, ascdev_params_get(&p, "reorder", text, sizeof(text)));
	p.size = 3;
	EXPECT_EQ(-EINVAL, ascdev_params_get(&p, "effort", text, sizeof(text)));
}

TEST(results_settle_parameters)
{
	struct ascdev_params p = ASCDEV_PARAMS_INIT;
	struct ascdev_result r = ASCDEV_RESULT_INIT;

	p.zero_point = -5;
	p.effort = ASCDEV_EFFORT_BEST;
	p.max_error = 3;
	r.codec = ASCDEV_CODEC_ASC_CBR;
	r.endpoints = ASCDEV_ENDPOINTS_ONE;
	r.block = (struct ascdev_block){ 4, 2, 1, 0 };
	r.profile = ASCDEV_PROFILE_NARROW;
	r.exponent = 13;
	r.reorder = ASCDEV_REORDER_GREEDY;
	ASSERT_EQ(0, ascdev_params_settle(&p, &r));
	EXPECT_EQ(ASCDEV_CODEC_ASC_CBR, p.codec);
	EXPECT_EQ(ASCDEV_ENDPOINTS_ONE, p.endpoints);
	EXPECT_EQ(4, p.block.w);
	EXPECT_EQ(2, p.block.h);
	EXPECT_EQ(1, p.block.c);
	EXPECT_EQ(ASCDEV_PROFILE_NARROW, p.profile);
	EXPECT_EQ(13, p.exponent);
	EXPECT_EQ(ASCDEV_REORDER_GREEDY, p.reorder);
	EXPECT_EQ(-5, p.zero_point);
	EXPECT_EQ(ASCDEV_EFFORT_BEST, p.effort);
	EXPECT_EQ(3, p.max_error);
	r.size = 0;
	EXPECT_EQ(-EINVAL, ascdev_params_settle(&p, &r));
}

TEST(surfaces)
{
	struct ascdev_surface s;
	uint64_t bytes;

	ascdev_surface_nchw(&s, ASCDEV_DTYPE_S16, 2, 3, 5, 7);
	EXPECT_EQ(2, s.stride[3]);
	EXPECT_EQ(14, s.stride[2]);
	EXPECT_EQ(70, s.stride[1]);
	EXPECT_EQ(210, s.stride[0]);
	ASSERT_EQ(0, ascdev_surface_bytes(&s, &bytes));
	EXPECT_EQ(420, bytes);
	ascdev_surface_nhwc(&s, ASCDEV_DTYPE_U8, 2, 3, 5, 7);
	EXPECT_EQ(1, s.stride[1]);
	EXPECT_EQ(3, s.stride[3]);
	EXPECT_EQ(21, s.stride[2]);
	EXPECT_EQ(105, s.stride[0]);
	s.pad = 1;
	EXPECT_EQ(-EINVAL, ascdev_surface_bytes(&s, &bytes));
	EXPECT_EQ(-EINVAL, ascdev_compress_bound(NULL, &s, &bytes));
	ascdev_surface_nchw(&s, 9, 1, 1, 1, 1);
	EXPECT_EQ(-EINVAL, ascdev_surface_bytes(&s, &bytes));
	ascdev_surface_nchw(&s, ASCDEV_DTYPE_U8, 1, 1, 65536, 65536);
	EXPECT_EQ(-EOVERFLOW, ascdev_surface_bytes(&s, &bytes));
	EXPECT_EQ(-EOVERFLOW, ascdev_compress_bound(NULL, &s, &bytes));
}

TEST(surfaces_in_groups_of_channels)
{
	struct ascdev_surface s;
	uint64_t bytes;

	/* NC/32HW32: 2 maps of 70 channels are 6 images of 32 */
	ASSERT_EQ(0, ascdev_surface_blocked(&s, ASCDEV_DTYPE_S16, 2, 70, 5, 7, 32));
	EXPECT_EQ(6, s.dim[0]);
	EXPECT_EQ(32, s.dim[1]);
	EXPECT_EQ(5, s.dim[2]);
	EXPECT_EQ(7, s.dim[3]);
	EXPECT_EQ(2, s.stride[1]);
	EXPECT_EQ(64, s.stride[3]);
	EXPECT_EQ(64 * 7, s.stride[2]);
	EXPECT_EQ(64 * 35, s.stride[0]);
	ASSERT_EQ(0, ascdev_surface_bytes(&s, &bytes));
	EXPECT_EQ(6 * 64 * 35, bytes);
	EXPECT_EQ(-EINVAL, ascdev_surface_blocked(&s, ASCDEV_DTYPE_U8, 1, 1, 1, 1, 0));
	EXPECT_EQ(-EOVERFLOW, ascdev_surface_blocked(&s, ASCDEV_DTYPE_U8, 1u << 31, 3, 1, 1, 1));
}

/* A crop is compressed like a dense map of the same values. */
TEST_F(api, crops)
{
	const struct ascdev_part part = { { 1, 2, 3, 4 }, { 1, 4, 8, 16 } };
	struct ascdev_result dense = ASCDEV_RESULT_INIT, cut = ASCDEV_RESULT_INIT;
	static uint8_t values[2 * 8 * 16 * 32], copy[512], one[512], two[512];
	struct ascdev_part bad = part;
	struct ascdev_surface whole, crop, small;
	uint64_t offset;
	uint32_t c, h;

	fill(values, sizeof(values));
	ascdev_surface_nchw(&whole, ASCDEV_DTYPE_U8, 2, 8, 16, 32);
	ASSERT_EQ(0, ascdev_surface_crop(&whole, &part, &crop, &offset));
	EXPECT_EQ(((8 + 2) * 16 + 3) * 32 + 4, offset);
	for (c = 0; c < 4; c++)
		for (h = 0; h < 8; h++)
			memcpy(copy + (c * 8 + h) * 16, values + offset + (c * 16 + h) * 32, 16);
	ascdev_surface_nchw(&small, ASCDEV_DTYPE_U8, 1, 4, 8, 16);
	ASSERT_EQ(0, ascdev_compress(self->ctx, NULL, &crop, values + offset, one, 512, &cut));
	ASSERT_EQ(0, ascdev_compress(self->ctx, NULL, &small, copy, two, 512, &dense));
	EXPECT_EQ(dense.bytes, cut.bytes);
	EXPECT_EQ(0, memcmp(one, two, dense.bytes));

	/* in place, and what does not fit */
	crop = whole;
	ASSERT_EQ(0, ascdev_surface_crop(&crop, &part, &crop, &offset));
	EXPECT_EQ(16, crop.dim[3]);
	bad.at[3] = 17;
	EXPECT_EQ(-EINVAL, ascdev_surface_crop(&whole, &bad, &crop, &offset));
	bad = part;
	bad.dim[1] = 0;
	EXPECT_EQ(-EINVAL, ascdev_surface_crop(&whole, &bad, &crop, &offset));
	bad.dim[1] = ~0u;
	EXPECT_EQ(-EINVAL, ascdev_surface_crop(&whole, &bad, &crop, &offset));
}

TEST(parameters_to_text_and_back)
{
	static const char *const texts[] = {
		"codec=default", "codec=asc-cbr,endpoints=two,scale=log,block=4x4x1,profile=full",
		"codec=asc-cbr,block=run16,profile=narrow,effort=best,exponent=142",
		"codec=asc-vbr,reorder=greedy,max_error=2", "codec=auto,target_bpe=2.5,zero_point=-7",
	};
	struct ascdev_params p, q;
	char text[256];
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		p = (struct ascdev_params)ASCDEV_PARAMS_INIT;
		q = p;
		ASSERT_EQ(0, ascdev_params_parse(&p, texts[i]));
		EXPECT_EQ(strlen(texts[i]), ascdev_params_format(&p, text, sizeof(text)));
		EXPECT_STREQ(texts[i], text);
		ASSERT_EQ(0, ascdev_params_parse(&q, text));
		EXPECT_EQ(0, memcmp(&p, &q, sizeof(p)));
		/* cut off, and only asked for its length */
		EXPECT_EQ(strlen(texts[i]), ascdev_params_format(&p, text, 8));
		EXPECT_EQ(0, memcmp(text, texts[i], 7));
		EXPECT_EQ(0, text[7]);
		EXPECT_EQ(strlen(texts[i]), ascdev_params_format(&p, NULL, 0));
	}
	p.reorder = ASCDEV_REORDER_GIVEN;
	EXPECT_EQ(-EINVAL, ascdev_params_format(&p, text, sizeof(text)));
	p.reorder = 0;
	p.codec = 99;
	EXPECT_EQ(-EINVAL, ascdev_params_format(&p, text, sizeof(text)));
	p.size = 3;
	EXPECT_EQ(-EINVAL, ascdev_params_format(&p, text, sizeof(text)));
}

TEST(analysis_of_a_known_map)
{
	struct ascdev_analysis a = ASCDEV_ANALYSIS_INIT;
	struct ascdev_params p = ASCDEV_PARAMS_INIT;
	struct ascdev_surface s;
	static int8_t values[4096];
	uint64_t sum = 0;
	int i;

	/* four values, equally frequent, in runs of 8: two bits each */
	for (i = 0; i < 4096; i++)
		values[i] = (i / 8 % 4) * 40 - 40;
	ascdev_surface_nchw(&s, ASCDEV_DTYPE_S8, 1, 4, 32, 32);
	ASSERT_EQ(0, ascdev_analyze(NULL, &s, values, 0, &a));
	EXPECT_EQ(4096, a.elements);
	EXPECT_EQ(4, a.distinct);
	EXPECT_EQ(1024, a.zeros);
	EXPECT_EQ(128, a.zero_runs);
	EXPECT_EQ(512, a.entropy);
	EXPECT_EQ(-40, a.min);
	EXPECT_EQ(80, a.max);
	for (i = 0; i < ASCDEV_ANALYSIS_BINS; i++)
		sum += a.histogram[i];
	EXPECT_EQ(4096, sum);
	EXPECT_EQ(1024, a.histogram[(128 - 40) / 4]);
	EXPECT_EQ(1024, a.histogram[128 / 4]);
	EXPECT_EQ(1u << ASCDEV_CODEC_RAW, a.exact);
	EXPECT_EQ(4096, a.bytes[ASCDEV_CODEC_RAW]);
	EXPECT_EQ(2048, a.bytes[ASCDEV_CODEC_ASC_CBR]);
	EXPECT_EQ(0, a.bytes[ASCDEV_CODEC_DEFAULT]);

	/* another zero point */
	p.zero_point = 40;
	ASSERT_EQ(0, ascdev_analyze(&p, &s, values, 0, &a));
	EXPECT_EQ(1024, a.zeros);
	p.zero_point = 41;
	ASSERT_EQ(0, ascdev_analyze(&p, &s, values, 0, &a));
	EXPECT_EQ(0, a.zeros);
	EXPECT_EQ(0, a.zero_runs);

	/* one value */
	memset(values, 5, sizeof(values));
	ASSERT_EQ(0, ascdev_analyze(NULL, &s, values, 0, &a));
	EXPECT_EQ(0, a.entropy);
	EXPECT_EQ(1, a.distinct);
	EXPECT_EQ(5, a.min);
	EXPECT_EQ(5, a.max);

	p.zero_point = 200;
	EXPECT_EQ(-EINVAL, ascdev_analyze(&p, &s, values, 0, &a));
	EXPECT_EQ(-EINVAL, ascdev_analyze(NULL, &s, values, 2, &a));
	s.dim[2] = 0;
	EXPECT_EQ(-EINVAL, ascdev_analyze(NULL, &s, values, 0, &a));
}

TEST_F(api, caps_and_stats)
{
	struct ascdev_caps caps = ASCDEV_CAPS_INIT;
	struct ascdev_stats stats = ASCDEV_STATS_INIT;
	struct {
		uint32_t size;
		uint32_t backend;
		uint32_t guard;
	} small = { 8, 0, 0x5a5a5a5a };

	ASSERT_EQ(0, ascdev_get_caps(self->ctx, &caps));
	EXPECT_EQ(ASCDEV_BACKEND_SW, caps.backend);
	EXPECT_EQ(0xff, caps.codecs);
	EXPECT_EQ(0x3f, caps.dtypes);
	EXPECT_EQ(8, caps.payload_align);
	EXPECT_STREQ("", caps.node);
	/* an older program knows less of the structure */
	ASSERT_EQ(0, ascdev_get_caps(self->ctx, (struct ascdev_caps *)(void *)&small));
	EXPECT_EQ(8, small.size);
	EXPECT_EQ(ASCDEV_BACKEND_SW, small.backend);
	EXPECT_EQ(0x5a5a5a5a, small.guard);
	small.size = 0;
	EXPECT_EQ(-EINVAL, ascdev_get_caps(self->ctx, (struct ascdev_caps *)(void *)&small));
	ASSERT_EQ(0, ascdev_get_stats(self->ctx, &stats));
	EXPECT_EQ(0, stats.submitted);
}

TEST_F(api, compress_and_decompress)
{
	struct ascdev_params params = ASCDEV_PARAMS_INIT;
	struct ascdev_result result = ASCDEV_RESULT_INIT, back_result = ASCDEV_RESULT_INIT;
	struct ascdev_stats stats = ASCDEV_STATS_INIT;
	uint8_t values[3 * 16 * 16], back[sizeof(values)], payload[sizeof(values) / 2];
	struct ascdev_surface surface;
	uint64_t sum = 0;
	size_t i;

	fill(values, sizeof(values));
	ascdev_surface_nchw(&surface, ASCDEV_DTYPE_U8, 1, 3, 16, 16);
	ASSERT_EQ(0, ascdev_compress(self->ctx, NULL, &surface, values, payload, sizeof(payload),
				     &result));
	EXPECT_EQ(sizeof(payload), result.bytes);
	EXPECT_EQ(sizeof(values), result.elements);
	EXPECT_EQ(ASCDEV_BACKEND_SW, result.backend);
	ASSERT_EQ(0, ascdev_params_settle(&params, &result));
	ASSERT_EQ(0, ascdev_decompress(self->ctx, &params, &surface, payload, result.bytes, back,
				       &back_result));
	for (i = 0; i < sizeof(values); i++)
		sum += abs(values[i] - back[i]);
	EXPECT_EQ(sum, result.sum_abs_error);
	EXPECT_LT(0, sum);
	EXPECT_EQ(sizeof(values), back_result.bytes);
	ASSERT_EQ(0, ascdev_get_stats(self->ctx, &stats));
	EXPECT_EQ(2, stats.submitted);
	EXPECT_EQ(2, stats.completed);
	EXPECT_EQ(sizeof(values), stats.compress_bytes_in);
	EXPECT_EQ(sizeof(payload), stats.compress_bytes_out);
	EXPECT_EQ(sizeof(payload), stats.decompress_bytes_in);
	EXPECT_EQ(sizeof(values), stats.decompress_bytes_out);
}

TEST_F(api, oneshot_errors)
{
	struct ascdev_params params = ASCDEV_PARAMS_INIT;
	uint8_t values[1024] = { 0 }, payload[512] = { 0 }, back[1024];
	struct ascdev_surface good, s;

	ascdev_surface_nchw(&good, ASCDEV_DTYPE_U8, 1, 4, 16, 16);
	EXPECT_EQ(-ENOSPC, ascdev_compress(self->ctx, NULL, &good, values, payload, 511, NULL));
	EXPECT_TRUE(message_holds(self->ctx, "512"));
	s = good;
	s.dim[1] = 0;
	EXPECT_EQ(-EINVAL, ascdev_compress(self->ctx, NULL, &s, values, payload, 512, NULL));
	s.dim[1] = ~0u;
	EXPECT_EQ(-EOVERFLOW, ascdev_compress(self->ctx, NULL, &s, values, payload, 512, NULL));
	EXPECT_EQ(-EINVAL, ascdev_compress(self->ctx, NULL, &good, values, values + 1023, 512, NULL));
	EXPECT_EQ(-EINVAL, ascdev_compress(self->ctx, NULL, &good, payload + 511, payload, 512, NULL));
	params.zero_point = 256;
	EXPECT_EQ(-EINVAL, ascdev_compress(self->ctx, &params, &good, values, payload, 512, NULL));
	params = (struct ascdev_params)ASCDEV_PARAMS_INIT;
	params.codec = 9;
	EXPECT_EQ(-EINVAL, ascdev_compress(self->ctx, &params, &good, values, payload, 512, NULL));

	params = (struct ascdev_params)ASCDEV_PARAMS_INIT;
	params.codec = ASCDEV_CODEC_ASC_CBR;
	memset(back, 0x33, sizeof(back));
	EXPECT_EQ(-EINVAL, ascdev_decompress(self->ctx, &params, &good, payload, 512, back, NULL));
	params.endpoints = ASCDEV_ENDPOINTS_TWO;
	EXPECT_EQ(-EINVAL, ascdev_decompress(self->ctx, &params, &good, payload, 512, back, NULL));
	params.block = (struct ascdev_block){ 4, 4, 1, 0 };
	EXPECT_EQ(-EINVAL, ascdev_decompress(self->ctx, &params, &good, payload, 512, back, NULL));
	params.profile = ASCDEV_PROFILE_FULL;
	EXPECT_EQ(-EINVAL, ascdev_decompress(self->ctx, &params, &good, payload, 511, back, NULL));
	s = good;
	s.stride[1] = 255;
	EXPECT_EQ(-EINVAL, ascdev_decompress(self->ctx, &params, &s, payload, 512, back, NULL));
	EXPECT_EQ(0x33, back[0]);
	/* what only encoders look at */
	params.scale = 77;
	params.effort = 77;
	EXPECT_EQ(-EINVAL, ascdev_compress(self->ctx, &params, &good, values, payload, 512, NULL));
	EXPECT_EQ(0, ascdev_decompress(self->ctx, &params, &good, payload, 512, back, NULL));
	EXPECT_EQ(0, back[0]);
}

TEST_F(api, buffers)
{
	struct ascdev_buf *buf;
	uint8_t *memory, *again;
	int i;

	EXPECT_EQ(-EINVAL, ascdev_buf_alloc(self->ctx, 0, &buf));
	EXPECT_EQ(-E2BIG, ascdev_buf_alloc(self->ctx, ~0ull, &buf));
	ASSERT_EQ(0, ascdev_buf_alloc(self->ctx, 1000, &buf));
	EXPECT_EQ(1000, ascdev_buf_size(buf));
	ASSERT_EQ(0, ascdev_buf_map(buf, (void **)&memory));
	ASSERT_EQ(0, ascdev_buf_map(buf, (void **)&again));
	EXPECT_EQ(memory, again);
	for (i = 0; i < 1000; i++)
		ASSERT_EQ(0, memory[i]);
	EXPECT_EQ(0, ascdev_buf_wait(buf, 0));
	EXPECT_EQ(0, ascdev_buf_unmap(buf));
	EXPECT_EQ(0, ascdev_buf_unmap(buf));
	EXPECT_EQ(-EINVAL, ascdev_buf_unmap(buf));
	EXPECT_EQ(0, ascdev_buf_begin_cpu(buf, ASCDEV_CPU_WRITE));
	EXPECT_EQ(0, ascdev_buf_end_cpu(buf, ASCDEV_CPU_WRITE));
	EXPECT_EQ(-EINVAL, ascdev_buf_begin_cpu(buf, 0));
	EXPECT_EQ(-EINVAL, ascdev_buf_begin_cpu(buf, 4));
	EXPECT_EQ(-EINVAL, ascdev_buf_end_cpu(buf, 0));
	EXPECT_EQ(-EOPNOTSUPP, ascdev_buf_export_dmabuf(buf));
	ascdev_buf_unref(buf);
	ascdev_buf_unref(NULL);
	EXPECT_EQ(-EINVAL, ascdev_buf_import_dmabuf(self->ctx, -1, &buf));
	EXPECT_EQ(-EINVAL, ascdev_buf_import_dmabuf(self->ctx, 0, &buf));
}

/* Jobs in memory that the program has anyway. */
TEST_F(api, memory_of_the_caller)
{
	static uint8_t values[1024], payload[512], expected[512];
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	struct ascdev_buf *src, *dst;
	struct ascdev_surface surface;
	struct ascdev_job *job;
	void *address;

	fill(values, sizeof(values));
	ascdev_surface_nchw(&surface, ASCDEV_DTYPE_U8, 1, 4, 16, 16);
	EXPECT_EQ(-EINVAL, ascdev_buf_import_user(self->ctx, NULL, 10, &src));
	EXPECT_EQ(-EINVAL, ascdev_buf_import_user(self->ctx, values, 0, &src));
	ASSERT_EQ(0, ascdev_buf_import_user(self->ctx, values, sizeof(values), &src));
	ASSERT_EQ(0, ascdev_buf_import_user(self->ctx, payload, sizeof(payload), &dst));
	ASSERT_EQ(0, ascdev_buf_map(src, &address));
	EXPECT_EQ((void *)values, address);
	ASSERT_EQ(0, ascdev_job_create(self->ctx, &job));
	EXPECT_EQ(-EINVAL, ascdev_cancel(job));
	ASSERT_EQ(0, ascdev_job_compress(job, NULL, &surface, src, 0, dst, 0));
	EXPECT_EQ(-EOPNOTSUPP, ascdev_job_wait_point(job, 0, 1));
	EXPECT_EQ(-EOPNOTSUPP, ascdev_job_signal_point(job, 0, 1));
	ASSERT_EQ(0, ascdev_submit(self->ctx, &job, 1, NULL));
	EXPECT_EQ(-EBUSY, ascdev_job_set_cookie(job, 1));
	ASSERT_EQ(0, ascdev_wait(job, -1, NULL));
	ASSERT_EQ(0, ascdev_compress(self->ctx, NULL, &surface, values, expected, 512, &result));
	EXPECT_EQ(0, memcmp(expected, payload, result.bytes));
	ascdev_job_destroy(job);
	ascdev_buf_unref(src);
	ascdev_buf_unref(dst);
}

TEST_F(api, jobs_and_their_errors)
{
	struct ascdev_params params = ASCDEV_PARAMS_INIT;
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	struct ascdev_buf *src, *dst, *foreign;
	struct ascdev_job *job, *other;
	struct ascdev_surface surface;
	struct ascdev_ctx *second;
	uint32_t accepted = 7;
	uint8_t *memory;

	ascdev_surface_nchw(&surface, ASCDEV_DTYPE_U8, 1, 4, 16, 16);
	ASSERT_EQ(0, ascdev_buf_alloc(self->ctx, 2048, &src));
	ASSERT_EQ(0, ascdev_buf_alloc(self->ctx, 1024, &dst));
	ASSERT_EQ(0, ascdev_buf_map(src, (void **)&memory));
	fill(memory, 2048);
	ASSERT_EQ(0, ascdev_job_create(self->ctx, &job));
	ASSERT_EQ(0, ascdev_job_create(self->ctx, &other));

	/* not set up, not submitted */
	EXPECT_EQ(-EINVAL, ascdev_submit(self->ctx, &job, 1, &accepted));
	EXPECT_EQ(0, accepted);
	EXPECT_EQ(-EINVAL, ascdev_wait(job, 0, NULL));
	EXPECT_EQ(-EINVAL, ascdev_job_get_fence(job));
	EXPECT_EQ(-EINVAL, ascdev_job_wait_fence(job, 0));

	/* bad descriptions show at submit */
	ASSERT_EQ(0, ascdev_job_compress(job, NULL, &surface, src, 1025, dst, 0));
	EXPECT_EQ(-EINVAL, ascdev_submit(self->ctx, &job, 1, NULL));
	ASSERT_EQ(0, ascdev_job_compress(job, NULL, &surface, src, ~0ull, dst, 0));
	EXPECT_EQ(-EINVAL, ascdev_submit(self->ctx, &job, 1, NULL));
	ASSERT_EQ(0, ascdev_job_compress(job, NULL, &surface, src, 0, dst, 4));
	EXPECT_EQ(-EINVAL, ascdev_submit(self->ctx, &job, 1, NULL));
	ASSERT_EQ(0, ascdev_job_compress(job, NULL, &surface, src, 0, dst, 520));
	EXPECT_EQ(-ENOSPC, ascdev_submit(self->ctx, &job, 1, NULL));
	ASSERT_EQ(0, ascdev_job_compress(job, NULL, &surface, src, 0, src, 1016));
	EXPECT_EQ(-EINVAL, ascdev_submit(self->ctx, &job, 1, NULL));
	ASSERT_EQ(0, ascdev_job_decompress(job, NULL, &surface, dst, 0, src, 0));
	EXPECT_EQ(-EINVAL, ascdev_submit(self->ctx, &job, 1, NULL));

	/* a file that is no fence */
	EXPECT_EQ(-EINVAL, ascdev_job_wait_fence(job, 0));
	EXPECT_EQ(-EINVAL, ascdev_job_wait_fence(job, -1));

	/* a buffer, and a job, of another context */
	opts.backend = ASCDEV_BACKEND_SW;
	ASSERT_EQ(0, ascdev_open(&opts, NULL, &second));
	ASSERT_EQ(0, ascdev_buf_alloc(second, 1024, &foreign));
	EXPECT_EQ(-EINVAL, ascdev_job_compress(job, NULL, &surface, src, 0, foreign, 0));
	ASSERT_EQ(0, ascdev_job_compress(job, NULL, &surface, src, 0, dst, 0));
	EXPECT_EQ(-EINVAL, ascdev_submit(second, &job, 1, NULL));

	/* a good one, once and again, and in front of a bad one */
	ASSERT_EQ(0, ascdev_submit(self->ctx, &job, 1, &accepted));
	EXPECT_EQ(1, accepted);
	EXPECT_EQ(-EBUSY, ascdev_submit(self->ctx, &job, 1, NULL));
	EXPECT_EQ(-EBUSY, ascdev_job_compress(job, NULL, &surface, src, 0, dst, 0));
	EXPECT_EQ(-EBUSY, ascdev_job_wait_fence(job, 0));
	EXPECT_EQ(-EOPNOTSUPP, ascdev_job_get_fence(job));
	ASSERT_EQ(0, ascdev_wait(job, -1, &result));
	EXPECT_EQ(512, result.bytes);
	ASSERT_EQ(0, ascdev_wait(job, 0, NULL));
	EXPECT_EQ(-EBUSY, ascdev_submit(self->ctx, (struct ascdev_job *[]){ job, job }, 2,
					&accepted));
	EXPECT_EQ(1, accepted);
	ASSERT_EQ(0, ascdev_wait(job, -1, NULL));
	ASSERT_EQ(0, ascdev_job_compress(other, NULL, &surface, src, 4096, dst, 0));
	EXPECT_EQ(-EINVAL, ascdev_submit(self->ctx, (struct ascdev_job *[]){ job, other }, 2,
					 &accepted));
	EXPECT_EQ(1, accepted);
	ASSERT_EQ(0, ascdev_wait(job, -1, NULL));

	ASSERT_EQ(0, ascdev_params_settle(&params, &result));
	ASSERT_EQ(0, ascdev_job_decompress(job, &params, &surface, dst, 0, src, 1024));
	ASSERT_EQ(0, ascdev_submit(self->ctx, &job, 1, NULL));
	ASSERT_EQ(0, ascdev_wait(job, 1000, &result));
	EXPECT_EQ(1024, result.bytes);

	ascdev_job_destroy(job);
	ascdev_job_destroy(other);
	ascdev_job_destroy(NULL);
	ascdev_buf_unref(src);
	ascdev_buf_unref(dst);
	ascdev_buf_unref(foreign);
	ascdev_close(second);
}

/* --- every codec ----------------------------------------------------------- */

static const uint32_t codecs[] = {
	ASCDEV_CODEC_ASC_CBR, ASCDEV_CODEC_ASC_VBR, ASCDEV_CODEC_EBPC, ASCDEV_CODEC_DCAC,
	ASCDEV_CODEC_ZVC, ASCDEV_CODEC_RAW, ASCDEV_CODEC_AUTO,
};

#define CODECS	(sizeof(codecs) / sizeof(codecs[0]))
#define DTYPES	6

/* Odd extents, many channels of one value, many tiles */
static const uint32_t shapes[][4] = {
	{ 1, 1, 1, 1 }, { 2, 3, 7, 5 }, { 1, 300, 1, 1 }, { 1, 5, 65, 131 }, { 1, 40, 27, 29 },
};

#define SHAPES	(sizeof(shapes) / sizeof(shapes[0]))

/**
 * struct map - a feature map, its payload, and what it decodes to
 * @surface: description; NHWC with a byte behind each row
 * @bytes: of @values and of @back
 * @bound: of @payload; each is allocated by itself, so that the sanitiser sees their ends
 */
struct map {
	struct ascdev_surface surface;
	uint64_t bytes, bound;
	uint8_t *values, *payload, *back;
};

static uint8_t *value_at(const struct ascdev_surface *s, uint8_t *base, const uint32_t *at)
{
	return base + at[0] * s->stride[0] + at[1] * s->stride[1] + at[2] * s->stride[2] +
	       at[3] * s->stride[3];
}

static void describe_padded(struct ascdev_surface *s, uint32_t dtype, const uint32_t *dim)
{
	ascdev_surface_nhwc(s, dtype, dim[0], dim[1], dim[2], dim[3]);
	s->stride[2]++;
	s->stride[0] = s->stride[2] * dim[2];
}

/* Zeros, slopes and noise; with floats that are no number among it. */
static void fill_map(struct map *map)
{
	const struct ascdev_surface *s = &map->surface;
	uint32_t at[4], seed = s->dtype + 1;

	memset(map->values, 0xee, map->bytes);
	for (at[0] = 0; at[0] < s->dim[0]; at[0]++)
		for (at[1] = 0; at[1] < s->dim[1]; at[1]++)
			for (at[2] = 0; at[2] < s->dim[2]; at[2]++)
				for (at[3] = 0; at[3] < s->dim[3]; at[3]++) {
					uint16_t value = at[1] % 3 * 20 + at[2] + at[3];

					seed = seed * 1664525 + 1013904223;
					if (at[1] % 4 == 1 && seed >> 30)
						value = 0;
					if (at[1] % 4 == 2)
						value += seed >> 28;
					if (s->dtype >= ASCDEV_DTYPE_F16 && value)
						value = seed >> 24 ? value * 37 ^ 0x3c00 :
								     0x7c00 | seed >> 8;
					memcpy(value_at(s, map->values, at), &value,
					       ascdev_dtype_bytes(s->dtype));
				}
}

static int make_map(struct map *map, const struct ascdev_params *params, uint32_t dtype,
		    const uint32_t *dim)
{
	memset(map, 0, sizeof(*map));
	describe_padded(&map->surface, dtype, dim);
	if (ascdev_surface_bytes(&map->surface, &map->bytes) ||
	    ascdev_compress_bound(params, &map->surface, &map->bound))
		return -1;
	map->values = malloc(map->bytes);
	map->back = malloc(map->bytes);
	map->payload = malloc(map->bound);
	if (!map->values || !map->back || !map->payload)
		return -1;
	fill_map(map);
	return 0;
}

static void free_map(struct map *map)
{
	free(map->values);
	free(map->back);
	free(map->payload);
}

/* Order-preserving numbers, as the errors of ASC-VBR are counted in. */
static int32_t number_at(const struct ascdev_surface *s, uint8_t *base, const uint32_t *at)
{
	uint8_t *p = value_at(s, base, at);
	int16_t value;

	if (s->dtype == ASCDEV_DTYPE_U8)
		return *p;
	if (s->dtype == ASCDEV_DTYPE_S8)
		return (int8_t)*p;
	memcpy(&value, p, sizeof(value));
	if (s->dtype == ASCDEV_DTYPE_U16)
		return (uint16_t)value;
	if (s->dtype >= ASCDEV_DTYPE_F16 && value < 0)
		return -1 - (value & 0x7fff);
	return value;
}

/* What a decoded map shows of the original. */
struct errors {
	uint64_t sum, sum_sq;
	uint32_t max;
	int gaps_written;
};

/* @map->back was filled with 0x5a before. */
static struct errors compare_map(struct map *map)
{
	const struct ascdev_surface *s = &map->surface;
	struct errors e = { 0 };
	uint64_t row = (uint64_t)s->dim[1] * s->dim[3] * ascdev_dtype_bytes(s->dtype), i;
	uint32_t at[4];

	for (at[0] = 0; at[0] < s->dim[0]; at[0]++)
		for (at[1] = 0; at[1] < s->dim[1]; at[1]++)
			for (at[2] = 0; at[2] < s->dim[2]; at[2]++)
				for (at[3] = 0; at[3] < s->dim[3]; at[3]++) {
					uint32_t error = abs(number_at(s, map->values, at) -
							     number_at(s, map->back, at));

					e.sum += error;
					e.sum_sq += (uint64_t)error * error;
					e.max = error > e.max ? error : e.max;
				}
	for (i = row; i < map->bytes; i += s->stride[2])
		e.gaps_written |= map->back[i] != 0x5a;
	return e;
}

/* Compresses and decompresses; @params become those of the payload. */
static int there_and_back(struct ascdev_ctx *ctx, struct ascdev_params *params, struct map *map,
			  struct ascdev_result *result, struct ascdev_result *back)
{
	int ret = ascdev_compress(ctx, params, &map->surface, map->values, map->payload, map->bound,
				  result);

	if (!ret)
		ret = ascdev_params_settle(params, result);
	memset(map->back, 0x5a, map->bytes);
	if (!ret)
		ret = ascdev_decompress(ctx, params, &map->surface, map->payload, result->bytes,
					map->back, back);
	return ret;
}

static uint64_t elements_of(const struct map *map)
{
	const uint32_t *dim = map->surface.dim;

	return (uint64_t)dim[0] * dim[1] * dim[2] * dim[3];
}

TEST_F(api, codecs_and_types)
{
	uint32_t c, d, k;

	for (c = 0; c < CODECS; c++)
		for (d = 0; d < DTYPES; d++)
			for (k = 0; k < SHAPES; k++) {
				struct ascdev_result result = ASCDEV_RESULT_INIT;
				struct ascdev_result back = ASCDEV_RESULT_INIT;
				struct ascdev_params p = ASCDEV_PARAMS_INIT;
				uint64_t raw, bound;
				struct errors e;
				struct map map;

				p.codec = codecs[c];
				p.reorder = codecs[c] == ASCDEV_CODEC_RAW ? 0 : (c + d + k) % 3;
				ASSERT_EQ(0, make_map(&map, &p, d, shapes[k]));
				raw = elements_of(&map) * ascdev_dtype_bytes(d);
				ASSERT_EQ(0, there_and_back(self->ctx, &p, &map, &result, &back))
					TH_LOG("codec %u type %u shape %u", codecs[c], d, k);
				e = compare_map(&map);
				EXPECT_EQ(0, e.gaps_written);
				EXPECT_NE(ASCDEV_CODEC_AUTO, result.codec);
				EXPECT_NE(ASCDEV_CODEC_DEFAULT, result.codec);
				if (codecs[c] != ASCDEV_CODEC_AUTO)
					EXPECT_EQ(codecs[c], result.codec);
				EXPECT_LE(result.bytes, map.bound);
				if (codecs[c] == ASCDEV_CODEC_RAW)
					EXPECT_EQ(raw, map.bound);
				/* nothing is left open: the bound is the size */
				if (p.codec == ASCDEV_CODEC_RAW ||
				    p.codec == ASCDEV_CODEC_ASC_CBR) {
					EXPECT_EQ(0, ascdev_compress_bound(&p, &map.surface,
									   &bound));
					EXPECT_EQ(result.bytes, bound);
				}
				EXPECT_EQ(elements_of(&map), result.elements);
				EXPECT_EQ(elements_of(&map), back.elements);
				EXPECT_EQ(raw, result.bytes_read);
				EXPECT_EQ(raw, back.bytes);
				EXPECT_LE(back.bytes_read, result.bytes + map.bound);
				EXPECT_EQ(result.codec, back.codec);
				EXPECT_EQ(result.reorder, back.reorder);
				if (codecs[c] != ASCDEV_CODEC_ASC_CBR) {
					EXPECT_EQ(0, e.max) TH_LOG("codec %u type %u shape %u",
								   codecs[c], d, k);
					EXPECT_EQ(0, result.max_abs_error);
				}
				if (codecs[c] == ASCDEV_CODEC_ASC_CBR && d < ASCDEV_DTYPE_F16) {
					EXPECT_EQ(e.sum, result.sum_abs_error);
					EXPECT_EQ(e.sum_sq, result.sum_sq_error);
					EXPECT_EQ(e.max, result.max_abs_error);
					EXPECT_EQ(0, result.error_exponent);
				}
				free_map(&map);
			}
}

/* What is called exact is what compression gives; an estimate is not far from it. */
TEST_F(api, analysis_and_what_codecs_give)
{
	uint32_t dtype, codec;

	for (dtype = ASCDEV_DTYPE_U8; dtype <= ASCDEV_DTYPE_BF16; dtype++) {
		struct ascdev_analysis exact = ASCDEV_ANALYSIS_INIT, guess = ASCDEV_ANALYSIS_INIT;
		struct ascdev_params p = ASCDEV_PARAMS_INIT;
		uint64_t least = ~0ull;
		struct map map;

		p.codec = ASCDEV_CODEC_AUTO;
		p.max_error = 1;
		p.reorder = ASCDEV_REORDER_HEURISTIC;
		ASSERT_EQ(0, make_map(&map, &p, dtype, shapes[4]));
		ASSERT_EQ(0, ascdev_analyze(&p, &map.surface, map.values, 0, &guess));
		ASSERT_EQ(0, ascdev_analyze(&p, &map.surface, map.values, ASCDEV_ANALYZE_EXACT,
					    &exact));
		EXPECT_EQ(0, memcmp(guess.histogram, exact.histogram, sizeof(guess.histogram)));
		EXPECT_EQ(0x7e, exact.exact);
		for (codec = ASCDEV_CODEC_ASC_CBR; codec < ASCDEV_CODEC_AUTO; codec++) {
			struct ascdev_result result = ASCDEV_RESULT_INIT;

			p.codec = codec;
			p.max_error = codec == ASCDEV_CODEC_ASC_VBR;
			p.reorder = codec == ASCDEV_CODEC_RAW ? 0 : ASCDEV_REORDER_HEURISTIC;
			ASSERT_EQ(0, ascdev_compress(self->ctx, &p, &map.surface, map.values,
						     map.payload, map.bound, &result));
			EXPECT_EQ(result.bytes, exact.bytes[codec]) TH_LOG("codec %u", codec);
			EXPECT_GE(result.bytes * 2 + 64, guess.bytes[codec]);
			EXPECT_LE(result.bytes / 2, guess.bytes[codec] + 64);
			if (codec != ASCDEV_CODEC_ASC_CBR && result.bytes < least)
				least = result.bytes;
		}
		EXPECT_EQ(least, exact.bytes[ASCDEV_CODEC_AUTO]);
		free_map(&map);
	}
}

TEST_F(api, error_bounds_and_rates)
{
	static const uint32_t bounds[] = { 1, 9, 32767 }, rates[] = { 2 * 256, 3 * 256 + 99 };
	uint32_t d, i, automatic;

	for (d = 0; d < DTYPES; d++)
		for (automatic = 0; automatic < 2; automatic++)
			for (i = 0; i < 5; i++) {
				struct ascdev_result result = ASCDEV_RESULT_INIT;
				struct ascdev_params p = ASCDEV_PARAMS_INIT;
				struct errors e;
				struct map map;

				p.codec = automatic ? ASCDEV_CODEC_AUTO : ASCDEV_CODEC_ASC_VBR;
				if (i < 3)
					p.max_error = bounds[i];
				else
					p.target_bpe = rates[i - 3];
				ASSERT_EQ(0, make_map(&map, &p, d, shapes[4]));
				ASSERT_EQ(0, there_and_back(self->ctx, &p, &map, &result, NULL));
				e = compare_map(&map);
				/* at a rate, errors of floats are counted in fixed point */
				if (i < 3 || d < ASCDEV_DTYPE_F16) {
					EXPECT_EQ(e.max, result.max_abs_error);
					EXPECT_EQ(e.sum, result.sum_abs_error);
					EXPECT_EQ(e.sum_sq, result.sum_sq_error);
				}
				if (i < 3)
					EXPECT_GE(bounds[i], e.max);
				if (i >= 3 && d < ASCDEV_DTYPE_F16)
					EXPECT_LE(result.bytes * 2048,
						  elements_of(&map) * rates[i - 3])
						TH_LOG("type %u rate %u", d, rates[i - 3]);
				free_map(&map);
			}
}

/* Parameters that a codec does not have are refused, by both directions and the bound. */
TEST_F(api, parameters_of_other_codecs)
{
	uint32_t c, i;

	for (c = 0; c < CODECS; c++) {
		uint32_t codec = codecs[c];
		int cbr = codec == ASCDEV_CODEC_ASC_CBR, raw = codec == ASCDEV_CODEC_RAW;
		int bounded = codec == ASCDEV_CODEC_ASC_VBR || codec == ASCDEV_CODEC_AUTO;
		struct ascdev_params good = ASCDEV_PARAMS_INIT;
		struct map map;

		good.codec = codec;
		ASSERT_EQ(0, make_map(&map, &good, ASCDEV_DTYPE_S16, shapes[1]));
		map.payload = realloc(map.payload, 4096);
		for (i = 0; i < 14; i++) {
			struct ascdev_params p = good;
			uint64_t bound;
			int expected;

			switch (i) {
			case 0: p.endpoints = 1; expected = cbr; break;
			case 1: p.scale = 1; expected = cbr; break;
			case 2: p.profile = 1; expected = cbr; break;
			case 3: p.block.w = 16; expected = cbr; break;
			case 4: p.exponent = 3; expected = cbr; break;
			case 5: p.max_error = 1; expected = bounded; break;
			case 6: p.target_bpe = 512; expected = bounded; break;
			case 7: p.max_error = 1; p.target_bpe = 512; expected = 0; break;
			case 8: p.max_error = 32768; expected = 0; break;
			case 9: p.reorder = ASCDEV_REORDER_GREEDY; expected = !raw; break;
			case 10: p.reorder = 4; expected = 0; break;
			case 11: p.effort = 2; expected = 0; break;
			case 12: p.pad = 1; expected = 0; break;
			default: p.zero_point = 32768; expected = 0; break;
			}
			EXPECT_EQ(expected ? 0 : -EINVAL,
				  ascdev_compress_bound(&p, &map.surface, &bound))
				TH_LOG("codec %u case %u", codec, i);
			EXPECT_EQ(expected ? 0 : -EINVAL,
				  ascdev_compress(self->ctx, &p, &map.surface, map.values,
						  map.payload, 4096, NULL))
				TH_LOG("codec %u case %u", codec, i);
		}
		free_map(&map);
	}
}

TEST_F(api, why_parameters_are_refused)
{
	static const struct {
		const char *text, *words;
		uint32_t dtype;
	} refused[] = {
		{ "codec=zvc,effort=best,max_error=1", "zvc of u8 values does not take max_error=1" },
		{ "max_error=4", "asc-cbr of u8 values does not take max_error=4" },
		{ "codec=raw,reorder=greedy", "raw of u8 values does not take reorder=greedy" },
		{ "codec=dcac,zero_point=-1", "dcac of u8 values does not take zero_point=-1" },
		{ "codec=dcac,zero_point=1", "dcac of f16 values does not take zero_point=1",
		  ASCDEV_DTYPE_F16 },
		{ "codec=asc-cbr,profile=narrow", "asc-cbr of u8 values does not take profile=narrow" },
		{ "codec=asc-vbr,max_error=1,target_bpe=2", "parameters: they do not go together" },
	};
	struct ascdev_surface surface;
	struct ascdev_params params;
	uint8_t values[512], payload[2048];
	uint32_t i;

	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		params = (struct ascdev_params)ASCDEV_PARAMS_INIT;
		ASSERT_EQ(0, ascdev_params_parse(&params, refused[i].text));
		ascdev_surface_nchw(&surface, refused[i].dtype, 1, 1, 16, 16);
		EXPECT_EQ(-EINVAL, ascdev_compress(self->ctx, &params, &surface, values, payload,
						   sizeof(payload), NULL));
		EXPECT_TRUE(message_holds(self->ctx, refused[i].words)) TH_LOG("%s", refused[i].text);
	}
	params = (struct ascdev_params)ASCDEV_PARAMS_INIT;
	params.codec = 99;
	EXPECT_EQ(-EINVAL, ascdev_compress(self->ctx, &params, &surface, values, payload,
					   sizeof(payload), NULL));
	EXPECT_TRUE(message_holds(self->ctx, "an unknown codec"));
	params.codec = ASCDEV_CODEC_ASC_CBR;
	params.scale = 99;
	EXPECT_EQ(-EINVAL, ascdev_compress(self->ctx, &params, &surface, values, payload,
					   sizeof(payload), NULL));
	EXPECT_TRUE(message_holds(self->ctx, "scale: a number without a name"));
	surface.dim[1] = 0;
	EXPECT_EQ(-EINVAL, ascdev_compress(self->ctx, NULL, &surface, values, payload,
					   sizeof(payload), NULL));
	EXPECT_TRUE(message_holds(self->ctx, "surface: "));
}

TEST_F(api, why_jobs_are_refused)
{
	struct ascdev_params params = ASCDEV_PARAMS_INIT;
	struct ascdev_surface surface, none;
	struct ascdev_buf *buf;
	struct ascdev_job *job;

	ascdev_surface_nchw(&surface, ASCDEV_DTYPE_U8, 1, 1, 16, 16);
	ascdev_surface_nchw(&none, ASCDEV_DTYPE_U8, 1, 0, 16, 16);
	ASSERT_EQ(0, ascdev_buf_alloc(self->ctx, 1024, &buf));
	ASSERT_EQ(0, ascdev_job_create(self->ctx, &job));
#define EXPECT_REFUSED(words)							\
	do {									\
		EXPECT_EQ(-EINVAL, ascdev_submit(self->ctx, &job, 1, NULL));	\
		EXPECT_TRUE(message_holds(self->ctx, "job 0: " words));		\
	} while (0)
	ASSERT_EQ(0, ascdev_job_compress(job, &params, &none, buf, 0, buf, 512));
	EXPECT_REFUSED("the surface has an unknown type, or an extent of 0");
	ASSERT_EQ(0, ascdev_job_compress(job, &params, &surface, buf, 0, buf, 516));
	EXPECT_REFUSED("the offset of the payload is no multiple of 8");
	ASSERT_EQ(0, ascdev_job_compress(job, &params, &surface, buf, 900, buf, 0));
	EXPECT_REFUSED("the surface takes 256 bytes from 900, its buffer has 1024");
	params.max_error = 1;
	ASSERT_EQ(0, ascdev_job_compress(job, &params, &surface, buf, 0, buf, 512));
	EXPECT_REFUSED("asc-cbr of u8 values does not take max_error=1");
	ASSERT_EQ(0, ascdev_job_decompress(job, NULL, &surface, buf, 0, buf, 512));
	EXPECT_REFUSED("invalid argument");
	ascdev_job_destroy(job);
	ascdev_buf_unref(buf);
}

/* A part in memory with gaps of its own is that of the whole, and the gaps stay. */
static int part_is_right(struct map *map, const struct ascdev_part *part,
			 const struct ascdev_surface *cut, uint8_t *dst, uint64_t bytes)
{
	uint32_t size = ascdev_dtype_bytes(cut->dtype), at[4], from[4], i;
	uint8_t *expected = malloc(bytes);
	int same;

	memset(expected, 0x3c, bytes);
	for (at[0] = 0; at[0] < part->dim[0]; at[0]++)
		for (at[1] = 0; at[1] < part->dim[1]; at[1]++)
			for (at[2] = 0; at[2] < part->dim[2]; at[2]++)
				for (at[3] = 0; at[3] < part->dim[3]; at[3]++) {
					for (i = 0; i < 4; i++)
						from[i] = part->at[i] + at[i];
					memcpy(value_at(cut, expected, at),
					       value_at(&map->surface, map->back, from), size);
				}
	same = !memcmp(expected, dst, bytes);
	free(expected);
	return same;
}

TEST_F(api, parts)
{
	uint32_t c, d, k, i, n, seed = 5;

	for (c = 0; c < CODECS; c++)
		for (k = 0; k < SHAPES; k++) {
			struct ascdev_result result = ASCDEV_RESULT_INIT;
			struct ascdev_params p = ASCDEV_PARAMS_INIT;
			struct map map;

			d = (c + k) % DTYPES;
			p.codec = codecs[c];
			p.reorder = codecs[c] == ASCDEV_CODEC_RAW ? 0 : k % 3;
			ASSERT_EQ(0, make_map(&map, &p, d, shapes[k]));
			ASSERT_EQ(0, there_and_back(self->ctx, &p, &map, &result, NULL));
			for (n = 0; n < 6; n++) {
				struct ascdev_result cut_result = ASCDEV_RESULT_INIT;
				struct ascdev_surface cut;
				struct ascdev_part part;
				uint64_t bytes;
				uint8_t *dst;

				for (i = 0; i < 4; i++) {
					seed = seed * 1664525 + 1013904223;
					part.dim[i] = 1 + (seed >> 16) % shapes[k][i];
					seed = seed * 1664525 + 1013904223;
					part.at[i] = (seed >> 16) % (shapes[k][i] - part.dim[i] + 1);
				}
				describe_padded(&cut, d, part.dim);
				ASSERT_EQ(0, ascdev_surface_bytes(&cut, &bytes));
				dst = malloc(bytes);
				memset(dst, 0x3c, bytes);
				memcpy(cut.dim, map.surface.dim, sizeof(cut.dim));
				ASSERT_EQ(0, ascdev_decompress_part(self->ctx, &p, &cut, &part,
								    map.payload, result.bytes, dst,
								    &cut_result));
				EXPECT_TRUE(part_is_right(&map, &part, &cut, dst, bytes))
					TH_LOG("codec %u type %u shape %u", p.codec, d, k);
				EXPECT_EQ((uint64_t)part.dim[0] * part.dim[1] * part.dim[2] *
					  part.dim[3], cut_result.elements);
				EXPECT_EQ(cut_result.elements * ascdev_dtype_bytes(d),
					  cut_result.bytes);
				free(dst);
			}
			free_map(&map);
		}
}

/* A small part of a large map reads little of its payload. */
TEST_F(api, parts_read_little)
{
	static const uint32_t dim[4] = { 1, 64, 48, 48 };
	const struct ascdev_part part = { { 0, 17, 20, 20 }, { 1, 1, 4, 4 } };
	uint32_t c;

	for (c = 0; c < CODECS; c++) {
		struct ascdev_result result = ASCDEV_RESULT_INIT;
		struct ascdev_params p = ASCDEV_PARAMS_INIT;
		struct ascdev_surface cut;
		uint8_t dst[16];
		struct map map;

		p.codec = codecs[c];
		ASSERT_EQ(0, make_map(&map, &p, ASCDEV_DTYPE_U8, dim));
		ASSERT_EQ(0, there_and_back(self->ctx, &p, &map, &result, NULL));
		ascdev_surface_nchw(&cut, ASCDEV_DTYPE_U8, 1, 1, 4, 4);
		memcpy(cut.dim, dim, sizeof(dim));
		ASSERT_EQ(0, ascdev_decompress_part(self->ctx, &p, &cut, &part, map.payload,
						    result.bytes, dst, &result));
		EXPECT_GT(map.bound / 5, result.bytes_read) TH_LOG("codec %u", codecs[c]);
		EXPECT_LT(0, result.bytes_read);
		free_map(&map);
	}
}

TEST_F(api, bad_parts)
{
	static const struct ascdev_part bad[] = {
		{ { 0, 0, 0, 0 }, { 0, 0, 0, 0 } }, { { 0, 0, 0, 0 }, { 2, 3, 7, 0 } },
		{ { 0, 0, 0, 0 }, { 3, 1, 1, 1 } }, { { 0, 0, 0, 1 }, { 1, 1, 1, 5 } },
		{ { 2, 0, 0, 0 }, { 1, 1, 1, 1 } }, { { ~0u, 0, 0, 0 }, { 2, 1, 1, 1 } },
		{ { 1, 2, 6, 4 }, { ~0u, 1, 1, 1 } }, { { 0, ~0u, 0, 0 }, { 1, ~0u, 1, 1 } },
	};
	struct ascdev_part good = { { 1, 2, 6, 4 }, { 1, 1, 1, 1 } };
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	struct ascdev_params p = ASCDEV_PARAMS_INIT;
	struct ascdev_buf *src, *dst;
	struct ascdev_surface cut;
	struct ascdev_job *job;
	uint8_t *memory;
	struct map map;
	uint32_t i;

	p.codec = ASCDEV_CODEC_ZVC;
	ASSERT_EQ(0, make_map(&map, &p, ASCDEV_DTYPE_U8, shapes[1]));
	ASSERT_EQ(0, there_and_back(self->ctx, &p, &map, &result, NULL));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		EXPECT_EQ(-EINVAL, ascdev_decompress_part(self->ctx, &p, &map.surface, &bad[i],
							  map.payload, result.bytes, map.back,
							  NULL)) TH_LOG("part %u", i);

	/* the same by a job */
	ASSERT_EQ(0, ascdev_job_create(self->ctx, &job));
	EXPECT_EQ(-EINVAL, ascdev_job_set_part(job, &good));
	ASSERT_EQ(0, ascdev_buf_alloc(self->ctx, map.bound, &src));
	ASSERT_EQ(0, ascdev_buf_alloc(self->ctx, map.bytes, &dst));
	ASSERT_EQ(0, ascdev_buf_map(src, (void **)&memory));
	memcpy(memory, map.payload, result.bytes);
	ASSERT_EQ(0, ascdev_job_compress(job, &p, &map.surface, dst, 0, src, 0));
	EXPECT_EQ(-EINVAL, ascdev_job_set_part(job, &good));
	ascdev_surface_nchw(&cut, ASCDEV_DTYPE_U8, 2, 3, 7, 5);
	ASSERT_EQ(0, ascdev_job_decompress(job, &p, &cut, src, 0, dst, map.bytes - 1));
	ASSERT_EQ(0, ascdev_job_set_part(job, &bad[3]));
	EXPECT_EQ(-EINVAL, ascdev_submit(self->ctx, &job, 1, NULL));
	/* one value has room for one value */
	ASSERT_EQ(0, ascdev_job_set_part(job, &good));
	ASSERT_EQ(0, ascdev_submit(self->ctx, &job, 1, NULL));
	EXPECT_EQ(-EBUSY, ascdev_job_set_part(job, &good));
	ASSERT_EQ(0, ascdev_wait(job, -1, &result));
	EXPECT_EQ(1, result.elements);
	EXPECT_EQ(1, result.bytes);
	ASSERT_EQ(0, ascdev_buf_map(dst, (void **)&memory));
	EXPECT_EQ(map.values[map.bytes - 1], memory[map.bytes - 1]);
	/* a new description is of the whole again */
	ASSERT_EQ(0, ascdev_job_decompress(job, &p, &cut, src, 0, dst, map.bytes - 1));
	EXPECT_EQ(-ENOSPC, ascdev_submit(self->ctx, &job, 1, NULL));
	ascdev_job_destroy(job);
	ascdev_buf_unref(src);
	ascdev_buf_unref(dst);
	free_map(&map);
}

TEST_F(api, orders)
{
	static const uint32_t dim[4] = { 1, 300, 6, 6 }, wide[4] = { 1, 4097, 1, 1 };
	struct ascdev_result result = ASCDEV_RESULT_INIT, again = ASCDEV_RESULT_INIT;
	struct ascdev_params p = ASCDEV_PARAMS_INIT, found;
	uint16_t order[300], *passing;
	uint8_t *first, *memory;
	struct ascdev_buf *src, *dst;
	struct ascdev_job *job;
	uint64_t bound, bytes;
	struct map map, other;
	uint32_t c, i, moved = 0;

	for (c = 0; c < CODECS; c++) {
		if (codecs[c] == ASCDEV_CODEC_RAW)
			continue;
		p = (struct ascdev_params)ASCDEV_PARAMS_INIT;
		p.codec = codecs[c];
		p.reorder = ASCDEV_REORDER_GREEDY;
		ASSERT_EQ(0, make_map(&map, &p, ASCDEV_DTYPE_S16, dim));
		found = p;
		ASSERT_EQ(0, there_and_back(self->ctx, &found, &map, &result, NULL));
		EXPECT_EQ(ASCDEV_REORDER_GREEDY, result.reorder);
		ASSERT_EQ(0, ascdev_payload_order(&found, &map.surface, map.payload, result.bytes,
						  order));
		for (i = 0; i < 300; i++)
			moved += order[i] != i;
		first = malloc(result.bytes);
		memcpy(first, map.payload, result.bytes);
		p.reorder = ASCDEV_REORDER_GIVEN;
		p.order = order;
		ASSERT_EQ(0, there_and_back(self->ctx, &p, &map, &again, NULL));
		EXPECT_EQ(ASCDEV_REORDER_GIVEN, again.reorder);
		EXPECT_EQ(result.bytes, again.bytes);
		EXPECT_EQ(0, memcmp(first, map.payload, again.bytes)) TH_LOG("codec %u", codecs[c]);
		free(first);
		if (c + 1 < CODECS)
			free_map(&map);
	}
	EXPECT_LT(0, moved);

	/* an order is read while the job is set up, and no later */
	bound = map.bound;
	ASSERT_EQ(0, ascdev_surface_bytes(&map.surface, &bytes));
	ASSERT_EQ(0, ascdev_buf_alloc(self->ctx, bytes, &src));
	ASSERT_EQ(0, ascdev_buf_alloc(self->ctx, bound, &dst));
	ASSERT_EQ(0, ascdev_buf_map(src, (void **)&memory));
	memcpy(memory, map.values, bytes);
	ASSERT_EQ(0, ascdev_job_create(self->ctx, &job));
	passing = malloc(sizeof(order));
	for (i = 0; i < 300; i++)
		passing[i] = 299 - i;
	p.codec = ASCDEV_CODEC_ZVC;
	p.reorder = ASCDEV_REORDER_GIVEN;
	p.order = passing;
	ASSERT_EQ(0, ascdev_job_compress(job, &p, &map.surface, src, 0, dst, 0));
	free(passing);
	/* a description that is refused changes nothing */
	p.order = NULL;
	EXPECT_EQ(-EINVAL, ascdev_job_compress(job, &p, &map.surface, src, 0, dst, 0));
	ASSERT_EQ(0, ascdev_submit(self->ctx, &job, 1, NULL));
	ASSERT_EQ(0, ascdev_wait(job, -1, &result));
	ASSERT_EQ(0, ascdev_buf_map(dst, (void **)&memory));
	ASSERT_EQ(0, ascdev_params_settle(&p, &result));
	ASSERT_EQ(0, ascdev_payload_order(&p, &map.surface, memory, result.bytes, order));
	for (i = 0; i < 300; i++)
		ASSERT_EQ(299 - i, order[i]);

	/* no permutation: accepted, and an error once it has run */
	for (i = 0; i < 2; i++) {
		struct ascdev_stats stats = ASCDEV_STATS_INIT;
		uint64_t failed;

		ascdev_get_stats(self->ctx, &stats);
		failed = stats.failed;
		order[7] = i ? 300 : order[8];
		p.order = order;
		ASSERT_EQ(0, ascdev_job_compress(job, &p, &map.surface, src, 0, dst, 0));
		ASSERT_EQ(0, ascdev_submit(self->ctx, &job, 1, NULL));
		EXPECT_EQ(-EBADMSG, ascdev_wait(job, -1, NULL));
		EXPECT_EQ(-EBADMSG, ascdev_wait(job, -1, NULL));
		EXPECT_TRUE(message_holds(self->ctx, "order"));
		ascdev_get_stats(self->ctx, &stats);
		EXPECT_EQ(failed + 1, stats.failed);
		EXPECT_EQ(-EBADMSG, ascdev_compress(self->ctx, &p, &map.surface, map.values,
						    map.payload, map.bound, NULL));
	}

	/* what has no order, or not all of it */
	EXPECT_EQ(-EINVAL, ascdev_payload_order(&p, &map.surface, memory, 599, order));
	memory[1] ^= 2;
	EXPECT_EQ(-EBADMSG, ascdev_payload_order(&p, &map.surface, memory, result.bytes, order));
	p.reorder = ASCDEV_REORDER_NONE;
	EXPECT_EQ(-EINVAL, ascdev_payload_order(&p, &map.surface, memory, result.bytes, order));
	p.reorder = ASCDEV_REORDER_GREEDY;
	other.surface = map.surface;
	other.surface.dim[1] = 0;
	EXPECT_EQ(-EINVAL, ascdev_payload_order(&p, &other.surface, memory, 10000, order));
	p.codec = ASCDEV_CODEC_RAW;
	EXPECT_EQ(-EINVAL, ascdev_payload_order(&p, &map.surface, memory, result.bytes, order));
	p.codec = result.codec;
	ascdev_surface_nchw(&other.surface, ASCDEV_DTYPE_U8, wide[0], wide[1], wide[2], wide[3]);
	EXPECT_EQ(-EINVAL, ascdev_payload_order(&p, &other.surface, memory, 10000, order));
	EXPECT_EQ(-EINVAL, ascdev_compress_bound(&p, &other.surface, &bound));
	p.reorder = ASCDEV_REORDER_GIVEN;
	EXPECT_EQ(-EINVAL, ascdev_job_compress(job, &p, &other.surface, src, 0, dst, 0));

	ascdev_job_destroy(job);
	ascdev_buf_unref(src);
	ascdev_buf_unref(dst);
	free_map(&map);
}

/* Whatever the payload holds, every value of the destination is written, and no more. */
TEST_F(api, damaged_payloads)
{
	uint32_t c, k, n, i, seed = 11, broken = 0;

	for (c = 0; c < CODECS; c++)
		for (k = 1; k < SHAPES; k++) {
			struct ascdev_result result = ASCDEV_RESULT_INIT;
			struct ascdev_params p = ASCDEV_PARAMS_INIT;
			uint8_t *copy, *second;
			struct map map;

			p.codec = codecs[c];
			p.reorder = codecs[c] == ASCDEV_CODEC_RAW ? 0 : k % 2;
			ASSERT_EQ(0, make_map(&map, &p, (c + k) % DTYPES, shapes[k]));
			ASSERT_EQ(0, there_and_back(self->ctx, &p, &map, &result, NULL));
			second = malloc(map.bytes);
			for (n = 0; n < 12; n++) {
				uint64_t j, row = map.surface.stride[2];
				int ret, ret2;

				copy = malloc(result.bytes);
				memcpy(copy, map.payload, result.bytes);
				for (i = 0; i < (n == 11 ? result.bytes : n); i++) {
					seed = seed * 1664525 + 1013904223;
					copy[(seed >> 8) % result.bytes] ^= 1u << (seed >> 5) % 8;
				}
				memset(map.back, 0x00, map.bytes);
				memset(second, 0xff, map.bytes);
				ret = ascdev_decompress(self->ctx, &p, &map.surface, copy,
							result.bytes, map.back, NULL);
				ret2 = ascdev_decompress(self->ctx, &p, &map.surface, copy,
							 result.bytes, second, NULL);
				EXPECT_EQ(ret, ret2);
				EXPECT_TRUE(!ret || ret == -EBADMSG) TH_LOG("%d", ret);
				broken += !!ret;
				for (j = 0; j < map.bytes; j++) {
					int gap = j % row == row - 1;

					ASSERT_EQ(gap ? 0x00 : second[j], map.back[j]);
					ASSERT_EQ(gap ? 0xff : map.back[j], second[j]);
				}
				free(copy);
			}
			free(second);
			free_map(&map);
		}
	EXPECT_LT(50, broken);
}

/* Where nothing can be told, values are the zero point. */
TEST_F(api, broken_index)
{
	uint32_t c, i;

	for (c = 0; c < CODECS; c++) {
		struct ascdev_result result = ASCDEV_RESULT_INIT;
		struct ascdev_params p = ASCDEV_PARAMS_INIT;
		struct ascdev_stats stats = ASCDEV_STATS_INIT;
		struct map map;

		p.codec = codecs[c];
		p.zero_point = 7;
		ASSERT_EQ(0, make_map(&map, &p, ASCDEV_DTYPE_U8, (uint32_t[]){ 1, 2, 9, 9 }));
		ASSERT_EQ(0, there_and_back(self->ctx, &p, &map, &result, NULL));
		if (result.codec == ASCDEV_CODEC_RAW || result.codec == ASCDEV_CODEC_ASC_CBR) {
			EXPECT_EQ(-EINVAL, ascdev_decompress(self->ctx, &p, &map.surface,
							     map.payload, result.bytes - 1,
							     map.back, NULL));
			free_map(&map);
			continue;
		}
		/* cut off inside, and before the end of, the index */
		EXPECT_EQ(-EBADMSG, ascdev_decompress(self->ctx, &p, &map.surface, map.payload,
						      result.bytes - 1, map.back, NULL));
		EXPECT_EQ(-EINVAL, ascdev_decompress(self->ctx, &p, &map.surface, map.payload, 3,
						     map.back, NULL));
		memset(map.payload, 0xff, 4);
		memset(map.back, 0x5a, map.bytes);
		EXPECT_EQ(-EBADMSG, ascdev_decompress(self->ctx, &p, &map.surface, map.payload,
						      result.bytes, map.back, NULL));
		EXPECT_TRUE(message_holds(self->ctx, "payload"));
		for (i = 0; i < map.bytes; i++)
			ASSERT_EQ(i % map.surface.stride[2] == map.surface.stride[2] - 1 ? 0x5a : 7,
				  map.back[i]);
		ASSERT_EQ(0, ascdev_get_stats(self->ctx, &stats));
		EXPECT_LE(2, stats.failed);
		free_map(&map);
	}
}

/* A job that fails does not keep those behind it from running. */
TEST_F(api, failed_jobs_in_a_row)
{
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	struct ascdev_params p = ASCDEV_PARAMS_INIT;
	struct ascdev_job *jobs[3];
	struct ascdev_buf *src, *dst;
	uint8_t *payload, *values;
	uint32_t accepted, i;
	struct map map;

	p.codec = ASCDEV_CODEC_DCAC;
	ASSERT_EQ(0, make_map(&map, &p, ASCDEV_DTYPE_BF16, shapes[1]));
	ASSERT_EQ(0, there_and_back(self->ctx, &p, &map, &result, NULL));
	ASSERT_EQ(0, ascdev_buf_alloc(self->ctx, 2048, &src));
	ASSERT_EQ(0, ascdev_buf_alloc(self->ctx, 3 * map.bytes, &dst));
	ASSERT_EQ(0, ascdev_buf_map(src, (void **)&payload));
	ASSERT_EQ(0, ascdev_buf_map(dst, (void **)&values));
	ASSERT_GE(1024, result.bytes);
	memset(payload, 0xff, 1024);
	memcpy(payload + 1024, map.payload, result.bytes);
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, ascdev_job_create(self->ctx, &jobs[i]));
		ASSERT_EQ(0, ascdev_job_decompress(jobs[i], &p, &map.surface, src,
						   i == 2 ? 1024 : 0, dst, i * map.bytes));
	}
	ASSERT_EQ(0, ascdev_submit(self->ctx, jobs, 3, &accepted));
	EXPECT_EQ(3, accepted);
	EXPECT_EQ(-EBADMSG, ascdev_wait(jobs[0], -1, &result));
	EXPECT_EQ(ASCDEV_CODEC_DCAC, result.codec);
	EXPECT_EQ(elements_of(&map), result.elements);
	EXPECT_EQ(-EBADMSG, ascdev_wait(jobs[1], -1, NULL));
	EXPECT_EQ(0, ascdev_wait(jobs[2], -1, NULL));
	memcpy(map.back, values + 2 * map.bytes, map.bytes);
	EXPECT_EQ(0, compare_map(&map).max);
	for (i = 0; i < 3; i++)
		ascdev_job_destroy(jobs[i]);
	ascdev_buf_unref(src);
	ascdev_buf_unref(dst);
	free_map(&map);
}

static void *compress_often(void *argument)
{
	struct ascdev_ctx *ctx = argument;
	uint8_t values[1024], payload[512];
	struct ascdev_surface surface;
	long failed = 0;
	int i;

	fill(values, sizeof(values));
	ascdev_surface_nchw(&surface, ASCDEV_DTYPE_U8, 1, 4, 16, 16);
	for (i = 0; i < 200; i++)
		failed += !!ascdev_compress(ctx, NULL, &surface, values, payload, 512, NULL);
	return (void *)failed;
}

TEST_F(api, threads_share_a_context)
{
	struct ascdev_stats stats = ASCDEV_STATS_INIT;
	pthread_t threads[4];
	void *failed;
	int i;

	for (i = 0; i < 4; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, compress_often, self->ctx));
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, pthread_join(threads[i], &failed));
		EXPECT_EQ(NULL, failed);
	}
	ASSERT_EQ(0, ascdev_get_stats(self->ctx, &stats));
	EXPECT_EQ(800, stats.completed);
}

TEST_HARNESS_MAIN
