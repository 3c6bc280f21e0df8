/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The compiler's vector types and functions for x86-64.
 */
#ifndef ASCDEV_CODEC_SIMD_X86_H
#define ASCDEV_CODEC_SIMD_X86_H

#ifdef __KERNEL__
/* its malloc() is userspace's: GCC's guard, and clang's */
#define _MM_MALLOC_H_INCLUDED
#define __MM_MALLOC_H
#endif

#include <immintrin.h>

#endif
