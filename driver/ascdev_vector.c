// SPDX-License-Identifier: GPL-2.0-only
/*
 * Vector registers for the codecs, where the kernel lets them be used.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/string.h>
#ifdef CONFIG_ARCH_HAS_KERNEL_FPU_SUPPORT
#include <linux/fpu.h>
#elif defined(CONFIG_UML)
#include <asm/fpu/api.h>
#endif
#ifdef CONFIG_X86_64
#include <asm/cpufeature.h>
#endif

#include "ascdev_device.h"
#include "ascdev_vector.h"
#include "kernels.h"

static char *cpu = "auto";
module_param(cpu, charp, 0444);
MODULE_PARM_DESC(cpu, "code of emulated engines: auto, scalar, avx2, avx512 or neon");

/* Read by engines of any device; written before there is one. */
static enum fmc_cpu chosen;

#ifdef CONFIG_X86_64
static bool has_avx2(void)
{
	return boot_cpu_has(X86_FEATURE_AVX2) && boot_cpu_has(X86_FEATURE_BMI1) &&
	       boot_cpu_has(X86_FEATURE_BMI2) && boot_cpu_has(X86_FEATURE_ABM) &&
	       boot_cpu_has(X86_FEATURE_POPCNT);
}

static bool has_avx512(void)
{
	return has_avx2() && boot_cpu_has(X86_FEATURE_AVX512F) &&
	       boot_cpu_has(X86_FEATURE_AVX512BW) && boot_cpu_has(X86_FEATURE_AVX512VL) &&
	       boot_cpu_has(X86_FEATURE_AVX512DQ) && boot_cpu_has(X86_FEATURE_AVX512CD) &&
	       boot_cpu_has(X86_FEATURE_AVX512VBMI) &&
	       boot_cpu_has(X86_FEATURE_AVX512_VBMI2) &&
	       boot_cpu_has(X86_FEATURE_AVX512_VPOPCNTDQ) && boot_cpu_has(X86_FEATURE_GFNI);
}
#endif

static bool may_run(enum fmc_cpu which)
{
	/* such as NEON in a kernel with the higher byte first */
	if (fmc_kernels_get(which)->cpu != which)
		return false;
	switch (which) {
	case FMC_CPU_SCALAR:
		return true;
#ifdef CONFIG_X86_64
	case FMC_CPU_AVX2:
		return has_avx2();
	case FMC_CPU_AVX512:
		return has_avx512();
#endif
#ifdef CONFIG_ARM64
	case FMC_CPU_NEON:
		return kernel_fpu_available();
#endif
	default:
		return false;
	}
}

/**
 * ascdev_vector_init - take the module's parameter
 *
 * Return: 0, or -EINVAL if it is no word or this CPU cannot do it.
 */
int ascdev_vector_init(void)
{
	static const enum fmc_cpu by_speed[] = {
		FMC_CPU_AVX512, FMC_CPU_AVX2, FMC_CPU_NEON, FMC_CPU_SCALAR,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(by_speed); i++) {
		chosen = by_speed[i];
		if (!may_run(chosen))
			continue;
		if (sysfs_streq(cpu, "auto") || sysfs_streq(cpu, fmc_cpu_name(chosen)))
			return 0;
	}
	pr_err("cpu=%s is not one of what this CPU can run\n", cpu);
	return -EINVAL;
}

/**
 * ascdev_vector_cpu - what code emulated engines run
 *
 * Return: one of enum fmc_cpu.
 */
enum fmc_cpu ascdev_vector_cpu(void)
{
	return chosen;
}

/**
 * ascdev_vector_begin - make vector registers usable
 * @cpu: for what code; nothing is done for FMC_CPU_SCALAR
 *
 * Until ascdev_vector_end() the caller must not sleep, and nothing else runs on this CPU:
 * to be held for a step of a codec.
 */
void ascdev_vector_begin(enum fmc_cpu cpu)
{
	if (cpu == FMC_CPU_SCALAR)
		return;
	/* some kernels' kernel_fpu_begin() does it, User Mode Linux' does not */
	preempt_disable();
	kernel_fpu_begin();
}

/**
 * ascdev_vector_end - end what ascdev_vector_begin() began
 * @cpu: the same
 */
void ascdev_vector_end(enum fmc_cpu cpu)
{
	if (cpu == FMC_CPU_SCALAR)
		return;
	kernel_fpu_end();
	preempt_enable();
}
