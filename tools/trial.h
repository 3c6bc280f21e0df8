/* SPDX-License-Identifier: MIT */
#ifndef ASC_TRIAL_H
#define ASC_TRIAL_H

#include "tensor.h"

/*
 * What codecs make of tensors.
 */

/**
 * struct difference - how one tensor differs from another
 * @signal: sum of the squared values of the first
 * @noise: sum of the squared differences
 * @max: largest difference
 * @least: least value of the first
 * @greatest: its greatest value
 * @elements: values
 */
struct difference {
	double signal;
	double noise;
	double max;
	double least;
	double greatest;
	uint64_t elements;
};

struct difference tensor_compare(const struct tensor *a, const struct tensor *b);

/* That of both together, as of two parts of one tensor. */
void difference_add(struct difference *sum, const struct difference *more);

/* dB; infinite if there is no difference, and minus infinity if all values are 0. */
double difference_sqnr(const struct difference *difference);

/* Likewise, the peak being the distance from the least to the greatest value. */
double difference_psnr(const struct difference *difference);

/**
 * struct trial - what became of a tensor with some parameters
 * @params: parameters that were used, as its decompression needs them
 * @elements: values
 * @bytes: bytes of these
 * @payload_bytes: bytes of the payload
 * @compress_s: time of the compression in seconds
 * @decompress_s: likewise
 * @difference: of what came back
 */
struct trial {
	struct ascdev_params params;
	uint64_t elements;
	uint64_t bytes;
	uint64_t payload_bytes;
	double compress_s;
	double decompress_s;
	struct difference difference;
};

/* Not an exit code: the codec or the type of the values has no such parameters. */
#define TRIAL_NOT_FOR	(-1)

/*
 * Compresses and decompresses a tensor of the file @input.  Complains, but for TRIAL_NOT_FOR;
 * returns an exit code.
 */
int trial_run(struct ascdev_ctx *ctx, const struct ascdev_params *params,
	      const struct tensor *tensor, const char *input, struct trial *trial);

/* Sums, for several tensors; the parameters are those of the first. */
void trial_add(struct trial *sum, const struct trial *more);

double trial_bpe(const struct trial *trial);

#endif
