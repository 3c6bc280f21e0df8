// SPDX-License-Identifier: GPL-2.0-only
/*
 * How many cycles a job would take in hardware: Documentation/hardware.rst.  Knows no
 * device and no DRM.
 */

#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/math.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>

#include "ascdev_model.h"
#include "codec.h"

/* 32 lanes keep pace with the 51.2 GB/s of DDR5-6400, which is 64 bytes in a cycle. */
const struct ascdev_model ascdev_default_model = {
	.clock_khz = 800000,
	.lanes = 32,
	.startup_cycles = 200,
	.compress_cycles = 8,
	.decompress_cycles = 8,
	.memory_bytes = 64,
};
EXPORT_SYMBOL_IF_KUNIT(ascdev_default_model);

static u32 asc_cycles(const struct ascdev_model *model, bool compress)
{
	return compress ? model->compress_cycles : model->decompress_cycles;
}

/* Cycles of a lane for a block. */
static u32 block_cycles(const struct ascdev_model *model, const struct ascdev_model_job *job)
{
	switch (job->codec) {
	case FMC_CODEC_ASC_CBR:
		return asc_cycles(model, job->compress);
	case FMC_CODEC_ASC_VBR:
		/* one pass for the widths, one for the bits */
		return 2 * asc_cycles(model, job->compress);
	case FMC_CODEC_EBPC:
	case FMC_CODEC_DCAC:
		/* EBPC's published RTL has bits + 2 cycles for as many values as bits */
		return job->bits == 8 ? 20 : 18;
	case FMC_CODEC_ZVC:
		return ASCDEV_MODEL_BLOCK;
	default:
		return 0;
	}
}

/**
 * ascdev_model_cycles - cycles that a job would take
 * @model: the hardware
 * @job: a job that an engine has done
 *
 * Return: cycles.
 */
u64 ascdev_model_cycles(const struct ascdev_model *model, const struct ascdev_model_job *job)
{
	u64 blocks = DIV_ROUND_UP_ULL(job->values, ASCDEV_MODEL_BLOCK);
	u64 work, memory;

	if (job->codec == FMC_CODEC_ASC_CBR)
		blocks = job->blocks * DIV_ROUND_UP(job->block_values, ASCDEV_MODEL_BLOCK);
	work = DIV_ROUND_UP_ULL(blocks, model->lanes) * block_cycles(model, job);
	memory = DIV_ROUND_UP_ULL(job->bytes, model->memory_bytes);
	return model->startup_cycles + max(work, memory);
}
EXPORT_SYMBOL_IF_KUNIT(ascdev_model_cycles);

/**
 * ascdev_model_ns - time that cycles take, and no less
 * @model: the hardware
 * @cycles: cycles
 *
 * Return: nanoseconds.
 */
u64 ascdev_model_ns(const struct ascdev_model *model, u64 cycles)
{
	return mul_u64_u32_div(cycles, NSEC_PER_MSEC, model->clock_khz) + 1;
}
EXPORT_SYMBOL_IF_KUNIT(ascdev_model_ns);
