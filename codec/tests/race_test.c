// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Every coder while a second thread rewrites what it reads: it ends, and nothing but
 * its output changes.
 */

#include <pthread.h>
#include <stdlib.h>

#include "kselftest_harness.h"

#include "asc_cbr.h"
#include "ebpc.h"

#define GUARD		64
#define GUARD_BYTE	0x5a
#define ROUNDS		1000

/* A coder, the bytes that it reads, and those that it may write. */
struct race {
	const char *name;
	u32 in, out;
	void (*run)(u8 *in, u8 *out);
};

/* 2 x 5 x 11 x 13 values of 16 bits; what they need in runs of 16, one endpoint */
static const struct fmc_surface surface = {
	FMC_S16, { 2, 5, 11, 13 }, { 1430, 286, 26, 2 },
};

#define SURFACE_BYTES	2860
#define PAYLOAD_BYTES	(90 * 8)

static const struct asc_cbr_params cbr_params = {
	.profile = FMC_PROFILE_FULL,
	.endpoints = FMC_ENDPOINTS_ONE, .effort = ASC_EFFORT_BEST, .block = { 16, 0, 0 },
};

static void decode_asc_cbr(u8 *in, u8 *out)
{
	struct asc_cbr cbr;

	if (asc_cbr_init(&cbr, &surface, &cbr_params) || asc_cbr_bytes(&cbr) != PAYLOAD_BYTES)
		abort();
	asc_cbr_decode(&cbr, 0, cbr.blocks, in, out);
}

static void encode_asc_cbr(u8 *in, u8 *out)
{
	struct asc_cbr_stats stats = { 0 };
	struct asc_cbr cbr;

	if (asc_cbr_init(&cbr, &surface, &cbr_params))
		abort();
	asc_cbr_encode(&cbr, 0, cbr.blocks, in, out, &stats);
}

static void choose_asc_cbr(u8 *in, u8 *out)
{
	struct asc_cbr_params p = { .profile = FMC_PROFILE_FULL };
	struct asc_cbr_chooser chooser;
	struct asc_cbr cbr;

	(void)out;
	if (asc_cbr_choose_init(&chooser, &surface, &p))
		abort();
	while (asc_cbr_choose_step(&chooser, in))
		;
	if (asc_cbr_init(&cbr, &surface, &chooser.params))
		abort();
}

static const struct ebpc_params ebpc_params = { 16, 16, 16 };

/* The first stream is a third of the bytes. */
static void decode_ebpc(u8 *in, u8 *out)
{
	struct ebpc_decoder d;

	if (ebpc_decode_init(&d, &ebpc_params, in, 512, in + 512, 1024))
		abort();
	ebpc_decode(&d, (u16 *)out, 1024);
}

static void encode_ebpc(u8 *in, u8 *out)
{
	u64 znz_bytes, bpc_bytes;
	struct ebpc_encoder e;

	if (ebpc_encode_init(&e, &ebpc_params, out, 512, out + 512, 1024))
		abort();
	ebpc_encode(&e, (u16 *)in, 1024);
	ebpc_encode_end(&e, &znz_bytes, &bpc_bytes);
}

static const struct race races[] = {
	{ "asc-cbr decoder", PAYLOAD_BYTES, SURFACE_BYTES, decode_asc_cbr },
	{ "asc-cbr encoder", SURFACE_BYTES, PAYLOAD_BYTES, encode_asc_cbr },
	{ "asc-cbr choice", SURFACE_BYTES, 0, choose_asc_cbr },
	{ "ebpc decoder", 512 + 1024, 2048, decode_ebpc },
	{ "ebpc encoder", 2048, 512 + 1024, encode_ebpc },
};

struct writer {
	volatile u8 *bytes;
	u32 count;
	bool running, stop;
};

/* All zeros and all ones decide more often than other bytes. */
static void *rewrite(void *argument)
{
	struct writer *w = argument;
	u32 seed = 1;

	while (!__atomic_load_n(&w->stop, __ATOMIC_RELAXED)) {
		u32 i;

		__atomic_store_n(&w->running, true, __ATOMIC_RELAXED);
		seed = seed * 1664525 + 1013904223;
		for (i = seed >> 16 & 31; i < w->count; i += 1 + (seed >> 24 & 31)) {
			u8 choice = seed >> 8 ^ i * 37;

			w->bytes[i] = choice & 1 ? choice : choice & 2 ? 0 : 0xff;
		}
	}
	return NULL;
}

/* What does not end is ended by the harness, after 30 seconds. */
TEST(nothing_else_changes)
{
	u32 k, i, round;

	for (k = 0; k < sizeof(races) / sizeof(races[0]); k++) {
		const struct race *race = &races[k];
		u8 *in = malloc(race->in), *out = malloc(race->out + 2 * GUARD);
		struct writer w = { .bytes = in, .count = race->in };
		pthread_t thread;

		memset(in, 0, race->in);
		memset(out, GUARD_BYTE, race->out + 2 * GUARD);
		ASSERT_EQ(0, pthread_create(&thread, NULL, rewrite, &w));
		while (!__atomic_load_n(&w.running, __ATOMIC_RELAXED))
			;
		for (round = 0; round < ROUNDS; round++) {
			race->run(in, out + GUARD);
			for (i = 0; i < GUARD; i++) {
				ASSERT_EQ(GUARD_BYTE, out[i]) TH_LOG("%s", race->name);
				ASSERT_EQ(GUARD_BYTE, out[GUARD + race->out + i])
					TH_LOG("%s", race->name);
			}
		}
		__atomic_store_n(&w.stop, true, __ATOMIC_RELAXED);
		pthread_join(thread, NULL);
		free(in);
		free(out);
	}
}

TEST_HARNESS_MAIN
