// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Blocks with a trellis, of the pooled profile, with AVX-512: 16 side by side.
 */

#include "asc_pool_search.h"
#include "kernels.h"

#ifdef FMC_X86

#include "words_avx512.h"

/* 2^24 / 8 to 15, rounded up. */
static inline_all words w_reciprocal(words step_code)
{
	const words all = _mm512_setr_epi32(2097153, 1864136, 1677722, 1525202, 1398102, 1290556,
					    1198373, 1118482, 0, 0, 0, 0, 0, 0, 0, 0);

	return _mm512_permutexvar_epi32(w_and(step_code, w_set(7)), all);
}

#include "asc_pool_lanes.h"

/**
 * asc_pool_encode_avx512 - encode blocks with a trellis
 * @f: format, of two endpoints
 * @effort: as for asc_pool_encode()
 * @lanes: blocks
 */
void asc_pool_encode_avx512(const struct asc_block_format *f, enum asc_effort effort,
			    struct asc_pool_lanes *lanes)
{
	encode_pool_lanes(f, effort, lanes, 0);
}

#define w_leading(x)		w_sub(w_set(31), _mm512_lzcnt_epi32(x))
#define get_lane_group(r, code, indices)	get_group(r, code, indices)

#include "asc_pool_decode_lanes.h"

/**
 * asc_pool_decode_avx512 - decode blocks side by side
 * @f: format
 * @bits: of the blocks, one behind the other; may change meanwhile
 * @count: blocks, at most ASC_POOL_LANES
 * @decoder: where values lie; receives them
 */
void asc_pool_decode_avx512(const struct asc_block_format *f, const u8 *bits, u32 count,
			    struct asc_pool_decoder *decoder)
{
	decode_pool_lanes(f, bits, count, decoder);
}

#endif
