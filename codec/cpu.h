/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_CPU_H
#define ASCDEV_CODEC_CPU_H

#include "types.h"

/**
 * enum fmc_cpu - what code may use
 * @FMC_CPU_SCALAR: nothing but what the compiler takes for granted
 * @FMC_CPU_AVX2: x86-64 with AVX2 and BMI2
 * @FMC_CPU_AVX512: likewise, with AVX-512 F, BW, VL, DQ, CD, VBMI, VBMI2 and VPOPCNTDQ, and GFNI;
 *	no CPU has VBMI2 but not the last two
 * @FMC_CPU_NEON: aarch64
 * @FMC_CPUS: how many there are
 *
 * Who calls the codec finds out what the machine has, and in the kernel makes vector
 * registers usable; the codec looks for nothing by itself.  The numbers are those of the
 * library.
 */
enum fmc_cpu {
	FMC_CPU_SCALAR,
	FMC_CPU_AVX2,
	FMC_CPU_AVX512,
	FMC_CPU_NEON,
	FMC_CPUS,
};

const char *fmc_cpu_name(enum fmc_cpu cpu);

#endif
