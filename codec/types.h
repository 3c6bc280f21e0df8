/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The few names that differ between the kernel and userspace.  Everything else
 * in this directory is freestanding C: no allocation, no floating point, no
 * globals, no call but memcpy and memset.
 */
#ifndef ASCDEV_CODEC_TYPES_H
#define ASCDEV_CODEC_TYPES_H

#ifdef __KERNEL__

#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/math64.h>
#include <linux/string.h>
#include <linux/types.h>

#define fmc_div_s64(n, d) div_s64(n, d)
#define fmc_div_u64(n, d) div_u64(n, d)

#else

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

/*
 * Kernels set local variables to zero at every call.  For arrays of hot functions that
 * are written as far as they are read.
 */
#define __uninitialized

/* For what would make the frame of its only caller too large for a kernel's stack. */
#define noinline __attribute__((__noinline__))

/* 64 bits divided by 32, of which 32-bit kernels have no operator */
#define fmc_div_s64(n, d) ((s64)(n) / (s32)(d))
#define fmc_div_u64(n, d) ((u64)(n) / (u32)(d))

#endif

#endif
