/* SPDX-License-Identifier: MIT */
#ifndef ASCDEV_POOL_H
#define ASCDEV_POOL_H

#include "internal.h"

int pool_start(struct ascdev_ctx *ctx, uint32_t threads);
void pool_stop(struct ascdev_ctx *ctx);

/* Threads that may work at one job, 1 without a pool. */
uint32_t pool_threads(const struct ascdev_ctx *ctx);

/* Queue a job that was checked; with ctx->lock held.  -EBUSY if the queue is full. */
int pool_queue(struct ascdev_job *job);
/* Take a job back; with ctx->lock held.  Returns whether no thread had it yet. */
bool pool_take_back(struct ascdev_job *job);

/*
 * Call work(argument, i, workspace) for every i below count, in this thread, with the
 * workspace given, and in threads that have nothing else to do, with theirs.
 */
void pool_share(struct ascdev_ctx *ctx, uint32_t count,
		void (*work)(void *argument, uint32_t i, struct fmc_workspace *workspace),
		void *argument, struct fmc_workspace *workspace);

#endif
