// SPDX-License-Identifier: MIT
/*
 * What this CPU has, as far as the codec has code for it.
 */

#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#ifdef FMC_X86
#include <cpuid.h>
#endif

#ifdef FMC_X86
/* The registers whose contents the kernel keeps. */
static uint64_t kept_registers(void)
{
	uint32_t low, high;

	__asm__("xgetbv" : "=a" (low), "=d" (high) : "c" (0));
	return low | (uint64_t)high << 32;
}

#define KEPT_AVX	0x06ull		/* XMM, YMM */
#define KEPT_AVX512	0xe6ull		/* and masks, ZMM, ZMM16 to 31 */

/*
 * Asked of the CPU, as __builtin_cpu_supports() would bring writable variables into the
 * library.
 */
static bool x86_has(enum fmc_cpu cpu)
{
	uint32_t eax, ebx, ecx, edx, basic, extended;
	uint64_t kept;

	if (!__get_cpuid(1, &eax, &ebx, &basic, &edx) || !(basic & bit_OSXSAVE))
		return false;
	if (!__get_cpuid(0x80000001, &eax, &ebx, &extended, &edx) ||
	    !__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx))
		return false;
	kept = kept_registers();
	if ((kept & KEPT_AVX) != KEPT_AVX || !(basic & bit_POPCNT) || !(extended & bit_LZCNT) ||
	    !(ebx & bit_AVX2) || !(ebx & bit_BMI) || !(ebx & bit_BMI2))
		return false;
	return cpu == FMC_CPU_AVX2 ||
	       ((kept & KEPT_AVX512) == KEPT_AVX512 && ebx & bit_AVX512F && ebx & bit_AVX512BW &&
		ebx & bit_AVX512VL && ebx & bit_AVX512DQ && ebx & bit_AVX512CD &&
		ecx & bit_AVX512VBMI && ecx & bit_AVX512VBMI2 &&
		ecx & bit_AVX512VPOPCNTDQ && ecx & bit_GFNI);
}
#endif

static bool cpu_has(enum fmc_cpu cpu)
{
	switch (cpu) {
	case FMC_CPU_SCALAR:
		return true;
#ifdef FMC_X86
	case FMC_CPU_AVX2:
	case FMC_CPU_AVX512:
		return x86_has(cpu);
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
