// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Payloads of every codec, and what becomes of them, are those of golden_codecs.inc.
 * That file is made anew, where the format is meant to change, by
 *
 *	GOLDEN_FILE=codec/tests/golden_codecs.inc build/tests/golden_test
 */

#include <stdio.h>
#include <stdlib.h>

#include "cpus.h"
#include "golden.h"
#include "ascdev_harness.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

static struct fmc_workspace workspace;

/* Fills in the results of a vector. */
static void run(struct __test_metadata *_metadata, enum fmc_cpu cpu, struct vector *v)
{
	u32 size = fmc_dtype_bits(v->dtype) / 8, i;
	struct fmc_surface s = { .dtype = v->dtype };
	struct fmc_params p = {
		.codec = v->codec, .zero_point = v->zero_point, .block = v->block,
		.effort = v->effort, .reorder = v->reorder, .max_error = v->max_error,
		.target_bpe = v->target_bpe, .profile = v->profile,
	};
	u64 elements, bytes, bound, stride = size;
	u8 *src, *payload, *dst;
	struct fmc_encoder enc;
	struct fmc_decoder dec;

	for (i = FMC_DIMS; i-- > 0; stride *= s.dim[i]) {
		s.dim[i] = v->dim[i];
		s.stride[i] = stride;
	}
	ASSERT_EQ(0, fmc_surface_check(&s, &elements, &bytes));
	ASSERT_EQ(0, fmc_bound(&s, &p, &bound));
	src = malloc(bytes);
	dst = malloc(bytes);
	payload = malloc(bound);
	fill(v, src);
	workspace.kernels = fmc_kernels_get(cpu);
	ASSERT_EQ(0, fmc_encode_init(&enc, &s, &p, &workspace));
	while (fmc_encode_step(&enc, src, payload))
		;
	v->coded_as = enc.params.codec;
	v->bytes = enc.bytes;
	v->payload_hash = hash_bytes(payload, enc.bytes);
	ASSERT_EQ(0, fmc_decode_init(&dec, &s, &enc.params, NULL, enc.bytes, &workspace));
	while (fmc_decode_step(&dec, payload, dst))
		;
	ASSERT_EQ(0, dec.error);
	v->values_hash = hash_values(dst, elements, size);
	free(src);
	free(dst);
	free(payload);
}

static void check_on(struct __test_metadata *_metadata, enum fmc_cpu cpu, u32 codec,
		     u32 effort, bool rate)
{
	u32 i, count = 0;

	for (i = 0; i < COUNT(vectors); i++) {
		struct vector v = vectors[i];

		if (v.codec != codec || v.effort != effort || !v.target_bpe == rate)
			continue;
		count++;
		run(_metadata, cpu, &v);
		EXPECT_EQ(vectors[i].coded_as, v.coded_as) TH_LOG("vector %u, %s", i, fmc_cpu_name(cpu));
		EXPECT_EQ(vectors[i].bytes, v.bytes) TH_LOG("vector %u, %s", i, fmc_cpu_name(cpu));
		EXPECT_EQ(vectors[i].payload_hash, v.payload_hash) TH_LOG("vector %u, %s", i, fmc_cpu_name(cpu));
		EXPECT_EQ(vectors[i].values_hash, v.values_hash) TH_LOG("vector %u, %s", i, fmc_cpu_name(cpu));
	}
	EXPECT_NE(0, count);
}

static void check(struct __test_metadata *_metadata, u32 codec, u32 effort, bool rate)
{
	enum fmc_cpu cpu;

	for (cpu = FMC_CPU_SCALAR; cpu < FMC_CPUS; cpu++) {
		if (test_has_cpu(cpu))
			check_on(_metadata, cpu, codec, effort, rate);
	}
}

/* Several, as one test may take 30 s, and emulators are slow. */
TEST(asc_cbr)
{
	check(_metadata, FMC_CODEC_ASC_CBR, ASC_EFFORT_HW, false);
}

TEST(asc_cbr_best)
{
	check(_metadata, FMC_CODEC_ASC_CBR, ASC_EFFORT_BEST, false);
}

TEST(asc_vbr)
{
	check(_metadata, FMC_CODEC_ASC_VBR, ASC_EFFORT_HW, false);
}

TEST(asc_vbr_rate)
{
	check(_metadata, FMC_CODEC_ASC_VBR, ASC_EFFORT_HW, true);
}

TEST(asc_vbr_best)
{
	check(_metadata, FMC_CODEC_ASC_VBR, ASC_EFFORT_BEST, false);
}

TEST(asc_vbr_best_rate)
{
	check(_metadata, FMC_CODEC_ASC_VBR, ASC_EFFORT_BEST, true);
}

TEST(ebpc)
{
	check(_metadata, FMC_CODEC_EBPC, ASC_EFFORT_HW, false);
}

TEST(dcac)
{
	check(_metadata, FMC_CODEC_DCAC, ASC_EFFORT_HW, false);
}

TEST(zvc)
{
	check(_metadata, FMC_CODEC_ZVC, ASC_EFFORT_HW, false);
}

TEST(raw)
{
	check(_metadata, FMC_CODEC_RAW, ASC_EFFORT_HW, false);
}

TEST(automatic)
{
	check(_metadata, FMC_CODEC_AUTO, ASC_EFFORT_HW, false);
	check(_metadata, FMC_CODEC_AUTO, ASC_EFFORT_HW, true);
}

static void print(FILE *file, const struct vector *v)
{
	fprintf(file, "\t{ %u, %u, { %u, %u, %u, %u }, %d, { %u, %u, %u }, %u, %u, %u, %u, %u,\n"
		"\t  %u, %llu, 0x%016llxull, 0x%016llxull },\n",
		v->codec, v->dtype, v->dim[0], v->dim[1], v->dim[2], v->dim[3], v->zero_point,
		v->block.w, v->block.h, v->block.c, v->effort, v->reorder, v->max_error,
		v->target_bpe, v->profile,
		v->coded_as, (unsigned long long)v->bytes, (unsigned long long)v->payload_hash,
		(unsigned long long)v->values_hash);
}

TEST(write_file)
{
	static const struct vector modes[] = {
		{ .codec = FMC_CODEC_ASC_CBR },
		{ .codec = FMC_CODEC_ASC_CBR, .block = { 2, 2, 4 }, .reorder = 1 },
		{ .codec = FMC_CODEC_ASC_CBR, .block = { 2, 2, 4 }, .reorder = 2 },
		{ .codec = FMC_CODEC_ASC_CBR, .profile = FMC_PROFILE_POOLED },
		{ .codec = FMC_CODEC_ASC_CBR, .profile = FMC_PROFILE_POOLED,
		  .effort = ASC_EFFORT_BEST },
		{ .codec = FMC_CODEC_ASC_VBR },
		{ .codec = FMC_CODEC_ASC_VBR, .max_error = 1 },
		{ .codec = FMC_CODEC_ASC_VBR, .max_error = 5 },
		{ .codec = FMC_CODEC_ASC_VBR, .target_bpe = 2 * 256 },
		{ .codec = FMC_CODEC_ASC_VBR, .target_bpe = 4 * 256 },
		{ .codec = FMC_CODEC_ASC_VBR, .reorder = 1 },
		{ .codec = FMC_CODEC_ASC_VBR, .reorder = 2 },
		{ .codec = FMC_CODEC_ASC_VBR, .effort = ASC_EFFORT_BEST },
		{ .codec = FMC_CODEC_ASC_VBR, .effort = ASC_EFFORT_BEST, .max_error = 5 },
		{ .codec = FMC_CODEC_ASC_VBR, .effort = ASC_EFFORT_BEST, .target_bpe = 2 * 256 },
		{ .codec = FMC_CODEC_EBPC },
		{ .codec = FMC_CODEC_DCAC },
		{ .codec = FMC_CODEC_ZVC },
		{ .codec = FMC_CODEC_RAW },
		{ .codec = FMC_CODEC_AUTO },
		{ .codec = FMC_CODEC_AUTO, .target_bpe = 4 * 256 },
		{ .codec = FMC_CODEC_ASC_CBR, .profile = FMC_PROFILE_POOLED, .block = { 256 } },
		{ .codec = FMC_CODEC_ASC_CBR, .profile = FMC_PROFILE_POOLED,
		  .block = { 16, 16, 1 } },
		{ .codec = FMC_CODEC_ASC_VBR, .effort = ASC_EFFORT_BEST, .target_bpe = 5 * 256 },
	};
	/* the last but one has more than one tile with every codec */
	static const u32 dims[][FMC_DIMS] = {
		{ 1, 1, 1, 1 }, { 1, 300, 1, 1 }, { 1, 7, 3, 3 }, { 1, 1, 33, 65 },
		{ 1, 20, 33, 65 }, { 2, 5, 17, 19 },
	};
	const char *name = getenv("GOLDEN_FILE");
	u32 m, d, k;
	FILE *file;

	if (!name)
		SKIP(return, "GOLDEN_FILE is not set");
	file = fopen(name, "w");
	ASSERT_TRUE(!!file);
	fprintf(file, "/* SPDX-License-Identifier: GPL-2.0-only OR MIT */\n"
		"/*\n"
		" * Made by golden_test.c.  codec, dtype, { n, c, h, w }, zero point, block { w, h, c },\n"
		" * effort, reorder, max_error, target_bpe, profile; codec of the payload, its bytes and FNV-1a,\n"
		" * FNV-1a of the decoded values\n"
		" */\n");
	for (m = 0; m < COUNT(modes); m++)
		for (d = FMC_U8; d <= FMC_BF16; d++)
			for (k = 0; k < COUNT(dims); k++) {
				struct vector v = modes[m];

				v.dtype = d;
				memcpy(v.dim, dims[k], sizeof(v.dim));
				if (!fmc_dtype_is_float(d) && k % 2)
					v.zero_point = 5 + k * 7;
				run(_metadata, FMC_CPU_SCALAR, &v);
				print(file, &v);
			}
	ASSERT_EQ(0, fclose(file));
}

TEST_HARNESS_MAIN
