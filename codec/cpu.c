// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Which machine's code runs.
 */

#include "kernels.h"

/**
 * fmc_cpu_name - a name for it
 * @cpu: one of enum fmc_cpu
 *
 * Return: a word, or "?".
 */
const char *fmc_cpu_name(enum fmc_cpu cpu)
{
	switch (cpu) {
	case FMC_CPU_SCALAR:
		return "scalar";
	case FMC_CPU_AVX2:
		return "avx2";
	case FMC_CPU_AVX512:
		return "avx512";
	case FMC_CPU_NEON:
		return "neon";
	default:
		return "?";
	}
}

/**
 * fmc_kernels_get - the fastest functions that a CPU can run
 * @cpu: what code may use
 *
 * Return: the table for @cpu, or that of plain C where this build has no other.
 */
const struct fmc_kernels *fmc_kernels_get(enum fmc_cpu cpu)
{
	switch (cpu) {
#ifdef FMC_X86
	case FMC_CPU_AVX512:
		return &fmc_kernels_avx512;
	case FMC_CPU_AVX2:
		return &fmc_kernels_avx2;
#endif
#ifdef FMC_ARM64
	case FMC_CPU_NEON:
		return &fmc_kernels_neon;
#endif
	default:
		return &fmc_kernels_scalar;
	}
}
