/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASCDEV_COREDUMP_H
#define ASCDEV_COREDUMP_H

struct ascdev_engine;
struct ascdev_job;

void ascdev_coredump(struct ascdev_engine *engine, struct ascdev_job *job);

#endif
