/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the machine that runs a test has.
 */
#ifndef ASCDEV_TESTS_CPUS_H
#define ASCDEV_TESTS_CPUS_H

#include <stdlib.h>

#include "kernels.h"

static inline bool test_has_cpu(enum fmc_cpu cpu)
{
	switch (cpu) {
	case FMC_CPU_SCALAR:
		return true;
#ifdef FMC_X86
	case FMC_CPU_AVX2:
		return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
	case FMC_CPU_AVX512:
		return test_has_cpu(FMC_CPU_AVX2) && __builtin_cpu_supports("avx512bw") &&
		       __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
		       __builtin_cpu_supports("avx512vbmi") &&
		       __builtin_cpu_supports("avx512vbmi2") &&
		       __builtin_cpu_supports("avx512cd") &&
		       __builtin_cpu_supports("avx512vpopcntdq") && __builtin_cpu_supports("gfni");
#endif
#ifdef FMC_ARM64
	case FMC_CPU_NEON:
		return true;
#endif
	default:
		return false;
	}
}

/* Those of the CPU that ASCDEV_CPU names, or of the best that the machine has. */
static inline const struct fmc_kernels *test_kernels(void)
{
	const char *wanted = getenv("ASCDEV_CPU");
	enum fmc_cpu i, best = FMC_CPU_SCALAR;

#ifdef FMC_X86
	__builtin_cpu_init();	/* constructors come here, too */
#endif
	for (i = FMC_CPU_SCALAR; i < FMC_CPUS; i++) {
		if (!test_has_cpu(i))
			continue;
		if (wanted && !strcmp(wanted, fmc_cpu_name(i)))
			return fmc_kernels_get(i);
		best = i;
	}
	return fmc_kernels_get(best);
}

#endif
