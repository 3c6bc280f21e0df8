/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASCDEV_MODEL_H
#define ASCDEV_MODEL_H

#include <linux/types.h>

/* What a lane is given at a time, at most. */
#define ASCDEV_MODEL_BLOCK	16

/**
 * struct ascdev_model - the hardware that an emulated engine stands for
 * @clock_khz: its clock
 * @lanes: blocks that it works at side by side
 * @startup_cycles: from the start of a job to its first block
 * @compress_cycles: a lane with a block of ASCDEV_MODEL_BLOCK values by ASC-CBR
 * @decompress_cycles: likewise
 * @memory_bytes: bytes of memory read or written in a cycle
 *
 * Documentation/hardware.rst says where the numbers come from.
 */
struct ascdev_model {
	u32 clock_khz;
	u32 lanes;
	u32 startup_cycles;
	u32 compress_cycles;
	u32 decompress_cycles;
	u32 memory_bytes;
};

/**
 * struct ascdev_model_job - what the model has to know of a job
 * @compress: or decompress
 * @codec: one of enum fmc_codec
 * @bits: of a value
 * @values: in the surface or its part
 * @blocks: of the format; ASC-CBR
 * @block_values: in each of them; ASC-CBR
 * @bytes: read and written
 */
struct ascdev_model_job {
	bool compress;
	u32 codec;
	u32 bits;
	u64 values;
	u64 blocks;
	u32 block_values;
	u64 bytes;
};

extern const struct ascdev_model ascdev_default_model;

u64 ascdev_model_cycles(const struct ascdev_model *model, const struct ascdev_model_job *job);
u64 ascdev_model_ns(const struct ascdev_model *model, u64 cycles);

#endif
