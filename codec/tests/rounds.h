/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_TESTS_ROUNDS_H
#define ASCDEV_CODEC_TESTS_ROUNDS_H

#include <stdlib.h>

/* Are tests to be short?  cross_test.sh asks for it, as emulators are slow. */
static inline int few_rounds(void)
{
	return !!getenv("ASCDEV_FEW_ROUNDS");
}

/* A tenth of the rounds of a loop, then. */
static inline unsigned int rounds(unsigned int count)
{
	return few_rounds() ? (count + 9) / 10 : count;
}

#endif
