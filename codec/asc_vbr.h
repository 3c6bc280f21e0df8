/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef ASCDEV_CODEC_ASC_VBR_H
#define ASCDEV_CODEC_ASC_VBR_H

#include "asc_vbr_entropy.h"

/* Of every function below; aligned to 4 bytes. */
#define ASC_VBR_WORKSPACE_BYTES	ASC_VBR_ENTROPY_WORKSPACE_BYTES

u32 asc_vbr_tile_bytes(const struct asc_vbr_kernels *k, const struct fmc_tile *tile, u32 step,
		       const u16 *values, void *workspace);
u32 asc_vbr_tile_encode(const struct asc_vbr_kernels *k, const struct fmc_tile *tile, u32 step,
			const u16 *values, u8 *out, u32 capacity, u16 *decoded, void *workspace);
u32 asc_vbr_tile_encode_errors(const struct asc_vbr_kernels *k, const struct fmc_tile *tile,
			       u32 step, const u16 *values, u8 *out, u32 capacity, u16 *decoded,
			       struct asc_vbr_errors *errors, const struct asc_vbr_ahead *ahead,
			       void *workspace);
u32 asc_vbr_bytes_size(const struct asc_vbr_kernels *k, const struct fmc_tile *tile, u32 step,
		       const u8 *values, void *workspace);
u32 asc_vbr_bytes_encode(const struct asc_vbr_kernels *k, const struct fmc_tile *tile, u32 step,
			 const u8 *values, u8 *out, u32 capacity, struct asc_vbr_errors *errors,
			 const struct asc_vbr_ahead *ahead, void *workspace);
int asc_vbr_tile_decode(const struct asc_vbr_kernels *k, const struct fmc_tile *tile,
			const u8 *in, u32 bytes, u16 *values, void *workspace);
bool asc_vbr_rows_decode(const struct asc_vbr_kernels *k, const struct fmc_tile *tile,
			 const u8 *in, u32 bytes, const struct fmc_rows *rows, u8 *out,
			 const struct asc_vbr_ahead *ahead, void *workspace);
int asc_vbr_bytes_decode(const struct asc_vbr_kernels *k, const struct fmc_tile *tile,
			 const u8 *in, u32 bytes, u8 *values, void *workspace);

#endif
