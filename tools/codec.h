/* SPDX-License-Identifier: MIT */
#ifndef ASC_CODEC_H
#define ASC_CODEC_H

#include "asc.h"
#include "container.h"
#include "tensor.h"

/*
 * Compress a tensor that was read, as the options want it; input is the name of its file.  The
 * entry's name and payload are to be freed.  Complains; returns an exit code.
 */
int compress_tensor(struct ascdev_ctx *ctx, const struct options *options,
		    const struct tensor *tensor, const char *input, struct entry *entry,
		    struct ascdev_result *result);

/*
 * Describe in @tensor, which has a name, what an entry is, or a box of it.  Complains; returns
 * an exit code.
 */
int describe_entry(const struct entry *entry, const struct ascdev_part *box, const char *input,
		   struct tensor *tensor);

/* Likewise, and decompress it; the values are the tensor's. */
int decompress_entry(struct ascdev_ctx *ctx, const struct entry *entry,
		     const struct ascdev_part *box, const char *input, struct tensor *tensor,
		     struct ascdev_result *result);

/*
 * What a tensor is called in a table of parameters: its name, or that of its file, without
 * directory and .npy, if it has none.  To be freed; NULL after a complaint.
 */
char *layer_name(const struct tensor *tensor, const char *input);

void entry_free(struct entry *entry);

/* "hw" or "sw" */
const char *backend_name(const struct ascdev_result *result);

#endif
