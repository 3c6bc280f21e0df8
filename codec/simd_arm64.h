/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The compiler's vector types and functions for aarch64.
 */
#ifndef ASCDEV_CODEC_SIMD_ARM64_H
#define ASCDEV_CODEC_SIMD_ARM64_H

#ifdef __KERNEL__
/* the same, with 64-bit types that agree with the kernel's */
#include <asm/neon-intrinsics.h>
/* it needs -ffreestanding, which makes a call of each of these, however short */
#undef memcpy
#define memcpy(to, from, bytes)	__builtin_memcpy(to, from, bytes)
#undef memset
#define memset(to, value, bytes)	__builtin_memset(to, value, bytes)
#else
#include <arm_neon.h>
#endif

#endif
