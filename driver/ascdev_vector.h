/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASCDEV_VECTOR_H
#define ASCDEV_VECTOR_H

#include "cpu.h"

int ascdev_vector_init(void);
enum fmc_cpu ascdev_vector_cpu(void);
void ascdev_vector_begin(enum fmc_cpu cpu);
void ascdev_vector_end(enum fmc_cpu cpu);

#endif
