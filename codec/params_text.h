/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_PARAMS_TEXT_H
#define ASCDEV_CODEC_PARAMS_TEXT_H

#include "codec.h"

/* Bytes of the longest value as text, its end included. */
#define FMC_TEXT_BYTES	24

/* The keys of a set of parameters, ended by NULL. */
extern const char *const fmc_param_keys[];

int fmc_param_set(struct fmc_params *params, const char *key, size_t key_length,
		  const char *value, size_t value_length);
int fmc_param_get(const struct fmc_params *params, const char *key, char *text);

const char *fmc_codec_name(u32 codec);
const char *fmc_dtype_name(u32 dtype);

#endif
