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

#include "types.h"

/*
 * How many bits are set.  gcc 12 may store a mask of 16 bits, and have POPCNT read 32 from there:
 * so it goes through a register.
 */
static __always_inline u32 bits_of_mask(__mmask16 mask)
{
	u32 bits = mask;

	__asm__("" : "+r" (bits));
	return __builtin_popcount(bits);
}

#endif
