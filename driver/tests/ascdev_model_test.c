// SPDX-License-Identifier: GPL-2.0-only
/*
 * How many cycles jobs take: the rules and the worked examples of
 * Documentation/hardware.rst.
 */

#include <kunit/test.h>

#include "../ascdev_model.h"
#include "codec.h"

/* 64 x 56 x 56 values of 8 bits, in blocks of 4 x 4 x 1, by the default hardware */
static void model_worked_example(struct kunit *test)
{
	struct ascdev_model_job job = {
		.compress = true,
		.codec = FMC_CODEC_ASC_CBR,
		.bits = 8,
		.values = 64 * 56 * 56,
		.blocks = 64 * 14 * 14,
		.block_values = 16,
		.bytes = 64 * 56 * 56 + 64 * 14 * 14 * 8,
	};

	KUNIT_EXPECT_EQ(test, 4904, ascdev_model_cycles(&ascdev_default_model, &job));
	KUNIT_EXPECT_EQ(test, 6131, ascdev_model_ns(&ascdev_default_model, 4904));
	job.compress = false;
	KUNIT_EXPECT_EQ(test, 4904, ascdev_model_cycles(&ascdev_default_model, &job));
}

static void model_rules(struct kunit *test)
{
	static const struct ascdev_model small = {
		.clock_khz = 1000,
		.lanes = 4,
		.startup_cycles = 100,
		.compress_cycles = 10,
		.decompress_cycles = 6,
		.memory_bytes = 8,
	};
	static const struct {
		struct ascdev_model_job job;
		u64 cycles;
	} cases[] = {
		/* nothing at all takes the start */
		{ { true, FMC_CODEC_ASC_CBR, 8, 0, 0, 16, 0 }, 100 },
		/* one block, four at a time, one more */
		{ { true, FMC_CODEC_ASC_CBR, 8, 16, 1, 16, 24 }, 110 },
		{ { true, FMC_CODEC_ASC_CBR, 8, 64, 4, 16, 80 }, 110 },
		{ { true, FMC_CODEC_ASC_CBR, 8, 80, 5, 16, 120 }, 120 },
		{ { false, FMC_CODEC_ASC_CBR, 8, 80, 5, 16, 80 }, 112 },
		/* an edge's block is a whole one; larger ones are two or more */
		{ { true, FMC_CODEC_ASC_CBR, 8, 65, 5, 16, 105 }, 120 },
		{ { true, FMC_CODEC_ASC_CBR, 8, 128, 16, 8, 0 }, 140 },
		{ { true, FMC_CODEC_ASC_CBR, 16, 128, 4, 32, 0 }, 120 },
		{ { true, FMC_CODEC_ASC_CBR, 16, 96, 4, 24, 0 }, 120 },
		{ { true, FMC_CODEC_ASC_CBR, 16, 64, 1, 64, 0 }, 110 },
		/* memory is slower */
		{ { true, FMC_CODEC_ASC_CBR, 8, 64, 4, 16, 81 }, 111 },
		{ { true, FMC_CODEC_ASC_CBR, 8, 64, 4, 16, 96 }, 112 },
		/* others take values as they come, 16 at a time */
		{ { true, FMC_CODEC_ASC_VBR, 8, 65, 0, 0, 0 }, 140 },
		{ { false, FMC_CODEC_ASC_VBR, 16, 64, 0, 0, 0 }, 112 },
		{ { true, FMC_CODEC_EBPC, 8, 64, 0, 0, 0 }, 120 },
		{ { false, FMC_CODEC_EBPC, 8, 64, 0, 0, 0 }, 120 },
		{ { true, FMC_CODEC_EBPC, 16, 64, 0, 0, 0 }, 118 },
		{ { true, FMC_CODEC_DCAC, 8, 65, 0, 0, 0 }, 140 },
		{ { true, FMC_CODEC_ZVC, 8, 64, 0, 0, 0 }, 116 },
		{ { true, FMC_CODEC_RAW, 8, 64, 0, 0, 128 }, 116 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_EQ_MSG(test, cases[i].cycles,
				    ascdev_model_cycles(&small, &cases[i].job), "case %u", i);
}

/* The slowest hardware and the largest job; nothing overflows. */
static void model_extremes(struct kunit *test)
{
	static const struct ascdev_model slow = {
		.clock_khz = 1000,
		.lanes = 1,
		.startup_cycles = 1000000,
		.compress_cycles = 4096,
		.decompress_cycles = 4096,
		.memory_bytes = 1,
	};
	struct ascdev_model_job job = {
		.compress = true,
		.codec = FMC_CODEC_ASC_VBR,
		.bits = 16,
		.values = FMC_MAX_ELEMENTS,
		.bytes = 4ull * FMC_MAX_ELEMENTS,
	};
	u64 cycles = ascdev_model_cycles(&slow, &job);

	KUNIT_EXPECT_EQ(test, 1000000 + FMC_MAX_ELEMENTS / 16 * 8192ull, cycles);
	KUNIT_EXPECT_EQ(test, cycles * 1000 + 1, ascdev_model_ns(&slow, cycles));
}

/* Never less than the cycles take. */
static void model_time(struct kunit *test)
{
	static const u32 clocks[] = { 1000, 999983, 800000, 3333333, 10000000 };
	struct ascdev_model model = ascdev_default_model;
	u64 cycles, ns;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(clocks); i++) {
		model.clock_khz = clocks[i];
		for (cycles = 0; cycles < 1000; cycles++) {
			ns = ascdev_model_ns(&model, cycles);
			KUNIT_EXPECT_GE(test, ns * clocks[i], cycles * 1000000);
			KUNIT_EXPECT_LE(test, (ns - 1) * clocks[i], cycles * 1000000);
		}
	}
}

static struct kunit_case model_cases[] = {
	KUNIT_CASE(model_worked_example),
	KUNIT_CASE(model_rules),
	KUNIT_CASE(model_extremes),
	KUNIT_CASE(model_time),
	{ }
};

static struct kunit_suite model_suite = {
	.name = "ascdev_model",
	.test_cases = model_cases,
};

kunit_test_suite(model_suite);
