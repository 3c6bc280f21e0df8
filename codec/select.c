// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Which codec is likely to give the fewest bytes, by statistics of some tiles.
 * Documentation/format.rst, "auto".
 */

#include "asc_vbr.h"
#include "codec.h"
#include "select.h"

/* Fixed point of logarithms. */
#define LOG_SHIFT	8

static u32 bit_length(u32 v)
{
	return v ? 32 - __builtin_clz(v) : 0;
}

/* Logarithm to base 2, linear between powers of two, in 1/256. */
static u32 log2_fixed(u32 v)
{
	u32 whole = bit_length(v) - 1;

	return (whole << LOG_SHIFT) + (u32)(((u64)(v - (1u << whole)) << LOG_SHIFT) >> whole);
}

/* A difference modulo the range of the type, as a number that is small if it is. */
static u32 fold(u32 difference, u32 mask)
{
	difference &= mask;
	return difference > mask / 2 ? 2 * (mask - difference) + 1 : 2 * difference;
}

/* What the neighbours to the left, above, and between say: the median of LOCO-I. */
static u32 predict(const struct fmc_tile *tile, const u16 *at, u32 x, u32 y)
{
	u32 left, above, corner, low, high;

	if (!x && !y)
		return tile->zero;
	if (!x)
		return at[-(s32)tile->w];
	left = at[-1];
	if (!y)
		return left;
	above = at[-(s32)tile->w];
	corner = at[-(s32)tile->w - 1];
	low = left < above ? left : above;
	high = left < above ? above : left;
	if (corner >= high)
		return low;
	return corner <= low ? high : left + above - corner;
}

/* Lengths of numbers are what an entropy coder sees; the bits behind the first are raw. */
#define CLASSES	18

static u64 entropy_bits(const u32 *classes, u32 count)
{
	u64 bits = 0;
	u32 i;

	for (i = 0; i < CLASSES; i++) {
		if (!classes[i])
			continue;
		bits += (u64)classes[i] * (log2_fixed(count) - log2_fixed(classes[i]));
		if (i > 1)
			bits += (u64)classes[i] * (i - 1) << LOG_SHIFT;
	}
	return bits >> LOG_SHIFT;
}

static u64 estimate_dcac(const struct fmc_tile *tile, const u16 *values)
{
	u32 mask = fmc_value_mask(tile->bits), x, y, c;
	u32 residual[CLASSES] = { 0 }, plain[CLASSES] = { 0 };
	u64 a, b;

	for (c = 0; c < tile->c; c++)
		for (y = 0; y < tile->h; y++)
			for (x = 0; x < tile->w; x++, values++) {
				u32 p = predict(tile, values, x, y);

				residual[bit_length(fold(*values - p, mask))]++;
				plain[bit_length(fold(*values - tile->zero, mask))]++;
			}
	a = entropy_bits(residual, fmc_tile_values(tile));
	b = entropy_bits(plain, fmc_tile_values(tile));
	return a < b ? a : b;
}

/* Blocks of non-zero values: a base, and planes of the differences up to the longest. */
static u64 estimate_ebpc(const struct fmc_tile *tile, const u16 *values)
{
	u32 n = fmc_tile_values(tile), mask = fmc_value_mask(tile->bits), i;
	u32 fill = 0, last = 0, longest = 0, run = 0;
	u64 bits = 0;

	for (i = 0; i < n; i++) {
		u32 v = values[i] - tile->zero;

		if (!(v & mask)) {
			bits += run++ % 16 ? 0 : 5;
			continue;
		}
		run = 0;
		bits++;
		if (fill && bit_length(fold(v - last, mask)) > longest)
			longest = bit_length(fold(v - last, mask));
		last = v;
		if (++fill == tile->bits) {
			bits += tile->bits + longest * tile->bits + 6;
			fill = 0;
			longest = 0;
		}
	}
	if (fill)
		bits += tile->bits + longest * tile->bits + 6;
	return bits;
}

/**
 * fmc_select_add - look at a tile
 * @select: zero at first; added to
 * @k: inner loops of ASC-VBR
 * @tile: what the values are
 * @step: step of ASC-VBR
 * @values: the values
 * @workspace: ASC_VBR_WORKSPACE_BYTES, aligned to 4
 */
void fmc_select_add(struct fmc_select *select, const struct asc_vbr_kernels *k,
		    const struct fmc_tile *tile, u32 step, const u16 *values, void *workspace)
{
	u32 n = fmc_tile_values(tile), nonzero = 0, i;
	u64 lossless, dcac;

	for (i = 0; i < n; i++)
		nonzero += values[i] != tile->zero;
	select->values += n;
	select->raw += (u64)n * tile->bits;
	select->zvc += n + (u64)nonzero * tile->bits;
	select->ebpc += estimate_ebpc(tile, values);
	lossless = 8ull * asc_vbr_tile_bytes(k, tile, 1, values, workspace);
	dcac = estimate_dcac(tile, values);
	/* It sees more than the lengths of numbers do, and so nearly always beats ASC-VBR. */
	if (dcac > lossless - lossless / 16)
		dcac = lossless - lossless / 16;
	select->dcac += dcac;
	select->vbr += step == 1 ? lossless :
				   8ull * asc_vbr_tile_bytes(k, tile, step, values, workspace);
}

/**
 * fmc_select_codec - the codec that is likely to give the fewest bytes
 * @select: from fmc_select_add()
 * @target_bpe: bits per value to stay below, in 1/256, or 0: what is lossless and does
 *	so is preferred to ASC-VBR
 *
 * Return: one of enum fmc_codec; of equal ones the simplest.
 */
u32 fmc_select_codec(const struct fmc_select *select, u32 target_bpe)
{
	u64 best = select->raw;
	u32 codec = FMC_CODEC_RAW;

	if (select->zvc < best) {
		best = select->zvc;
		codec = FMC_CODEC_ZVC;
	}
	if (select->ebpc < best) {
		best = select->ebpc;
		codec = FMC_CODEC_EBPC;
	}
	if (target_bpe) {
		if (select->dcac < best) {
			best = select->dcac;
			codec = FMC_CODEC_DCAC;
		}
		return best << 8 <= select->values * target_bpe ? codec : FMC_CODEC_ASC_VBR;
	}
	if (select->vbr < best) {
		best = select->vbr;
		codec = FMC_CODEC_ASC_VBR;
	}
	return select->dcac < best ? FMC_CODEC_DCAC : codec;
}
