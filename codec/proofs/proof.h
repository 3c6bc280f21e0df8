/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_PROOF_H
#define ASCDEV_CODEC_PROOF_H

#include "types.h"

u32 nondet_u32(void);
u16 nondet_u16(void);
void __CPROVER_assume(_Bool condition);
void __CPROVER_assert(_Bool condition, const char *text);

/* A function without a body may return anything. */
#define any_u32()		nondet_u32()
#define ASSUME(condition)	__CPROVER_assume(condition)
#define ASSERT(condition, text)	__CPROVER_assert(condition, text)

#endif
