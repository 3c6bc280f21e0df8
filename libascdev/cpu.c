// SPDX-License-Identifier: MIT
/*
 * What this CPU has, as far as the codec has code for it.
 */

#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static bool cpu_has(enum fmc_cpu cpu)
{
	switch (cpu) {
	case FMC_CPU_SCALAR:
		return true;
#ifdef FMC_X86
	case FMC_CPU_AVX2:
		return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
	case FMC_CPU_AVX512:
		return cpu_has(FMC_CPU_AVX2) && __builtin_cpu_supports("avx512f") &&
		       __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
		       __builtin_cpu_supports("avx512dq") &&
		       __builtin_cpu_supports("avx512vbmi") &&
		       __builtin_cpu_supports("avx512vbmi2") &&
		       __builtin_cpu_supports("avx512cd");
#endif
#ifdef FMC_ARM64
	case FMC_CPU_NEON:
		return true;
#endif
	default:
		return false;
	}
}

static enum fmc_cpu best_cpu(void)
{
	const char *wanted = secure_getenv("ASCDEV_CPU");
	enum fmc_cpu cpu, best = FMC_CPU_SCALAR;

	for (cpu = FMC_CPU_SCALAR; cpu < FMC_CPUS; cpu++) {
		if (!cpu_has(cpu))
			continue;
		if (wanted && !strcmp(wanted, fmc_cpu_name(cpu)))
			return cpu;
		best = cpu;
	}
	return best;
}

const struct fmc_kernels *cpu_kernels(uint32_t cpu)
{
	if (cpu == ASCDEV_CPU_AUTO)
		return fmc_kernels_get(best_cpu());
	return cpu_has(cpu - ASCDEV_CPU_SCALAR) ? fmc_kernels_get(cpu - ASCDEV_CPU_SCALAR) : NULL;
}

uint32_t cpu_of_kernels(const struct fmc_kernels *kernels)
{
	return kernels->cpu + ASCDEV_CPU_SCALAR;
}
