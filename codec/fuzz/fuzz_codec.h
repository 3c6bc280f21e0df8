/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * For fuzz targets of codec.c.
 */
#ifndef ASCDEV_CODEC_FUZZ_CODEC_H
#define ASCDEV_CODEC_FUZZ_CODEC_H

#include "codec.h"
#include "fuzz_surface.h"
#include "tests/cpus.h"

/* Descriptions that are accepted may be of any size; only small ones are coded. */
#define MAX_ELEMENTS	6000
#define MAX_BYTES	65536

/* Any parameters; they often make sense. */
static inline struct fmc_params take_params(struct input *in)
{
	struct fmc_params p = { .codec = take(in, 1) & 15 };
	u8 choice = take(in, 1);

	if (choice & 128) {
		p.endpoints = take(in, 4);
		p.scale = take(in, 4);
		p.profile = take(in, 4);
		p.exponent = take(in, 4);
		p.effort = take(in, 4);
	} else if (p.codec == FMC_CODEC_ASC_CBR) {
		p.endpoints = choice & 3;
		p.scale = choice >> 2 & 3;
		p.profile = choice >> 4 & 3;
		p.exponent = take(in, 1);
		p.effort = choice >> 6 & 1;
		p.block.w = take(in, 1) & 15;
		p.block.h = take(in, 1) & 15;
		p.block.c = take(in, 1) & 15;
	}
	choice = take(in, 1);
	if (choice & 1)
		p.zero_point = choice & 64 ? (int)take(in, 2) - 32768 : (int)take(in, 1);
	if (choice & 2)
		p.max_error = take(in, choice & 64 ? 2 : 1);
	if (choice & 4)
		p.target_bpe = take(in, choice & 64 ? 4 : 2);
	if (p.codec == FMC_CODEC_ASC_VBR)
		p.effort = choice >> 7;
	p.reorder = choice >> 3 & 7;
	return p;
}

/* What was there before must make no difference. */
static inline struct fmc_workspace *workspace_of(u8 before)
{
	static struct fmc_workspace *workspace;

	if (!workspace)
		workspace = buffer(sizeof(*workspace));
	memset(workspace, before, sizeof(*workspace));
	workspace->kernels = test_kernels();
	/* nor must how much a step does */
	workspace->long_steps = before & 1;
	return workspace;
}

#endif
