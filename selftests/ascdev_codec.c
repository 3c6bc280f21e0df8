// SPDX-License-Identifier: MIT
/*
 * The device gives, byte for byte, what the library's codec in process gives.
 */

#include <sys/wait.h>

#include <ascdev.h>

#include "ascdev_test.h"

FIXTURE(codec)
{
	struct ascdev_ctx *hw, *sw;
};

FIXTURE_SETUP(codec)
{
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;

	opts.backend = ASCDEV_BACKEND_HW;
	if (ascdev_open(&opts, NULL, &self->hw))
		SKIP(return, "no device");
	opts.backend = ASCDEV_BACKEND_SW;
	ASSERT_EQ(0, ascdev_open(&opts, NULL, &self->sw));
}

FIXTURE_TEARDOWN(codec)
{
	ascdev_close(self->hw);
	ascdev_close(self->sw);
}

/* Values of several kinds: flat, smooth, sparse, wild. */
static void fill(uint8_t *bytes, uint64_t count, uint32_t seed)
{
	uint32_t random = seed * 2654435761u + 1;
	uint64_t i;

	for (i = 0; i < count; i++) {
		random = random * 1664525 + 1013904223;
		switch (i / 97 % 4) {
		case 0:
			bytes[i] = seed;
			break;
		case 1:
			bytes[i] = i / 3;
			break;
		case 2:
			bytes[i] = random >> 30 ? 0 : random >> 8;
			break;
		default:
			bytes[i] = random >> 24;
		}
	}
}

struct job_memory {
	struct ascdev_buf *src, *dst, *back;
	uint8_t *values, *payload, *decoded;
};

static int prepare(struct ascdev_ctx *ctx, struct job_memory *m, uint64_t offset, uint64_t bytes,
		   uint64_t bound)
{
	if (ascdev_buf_alloc(ctx, offset + bytes, &m->src) ||
	    ascdev_buf_alloc(ctx, bound, &m->dst) ||
	    ascdev_buf_alloc(ctx, offset + bytes, &m->back))
		return -1;
	return ascdev_buf_map(m->src, (void **)&m->values) ||
	       ascdev_buf_map(m->dst, (void **)&m->payload) ||
	       ascdev_buf_map(m->back, (void **)&m->decoded);
}

static void release(struct job_memory *m)
{
	ascdev_buf_unref(m->src);
	ascdev_buf_unref(m->dst);
	ascdev_buf_unref(m->back);
}

static int run_both_ways(struct ascdev_ctx *ctx, const struct ascdev_params *params,
			 const struct ascdev_surface *surface, struct job_memory *m,
			 uint64_t offset, struct ascdev_result *result)
{
	struct ascdev_params decode = *params;
	struct ascdev_job *job;
	int ret = ascdev_job_create(ctx, &job);

	if (!ret)
		ret = ascdev_job_compress(job, params, surface, m->src, offset, m->dst, 0);
	if (!ret)
		ret = ascdev_submit(ctx, &job, 1, NULL);
	if (!ret)
		ret = ascdev_wait(job, -1, result);
	if (!ret)
		ret = ascdev_params_settle(&decode, result);
	if (!ret)
		ret = ascdev_job_decompress(job, &decode, surface, m->dst, 0, m->back, offset);
	if (!ret)
		ret = ascdev_submit(ctx, &job, 1, NULL);
	if (!ret)
		ret = ascdev_wait(job, -1, NULL);
	ascdev_job_destroy(job);
	return ret;
}

/* Returns NULL if device and process agree in all. */
static const char *compare(struct ascdev_ctx *hw, struct ascdev_ctx *sw,
			   const struct ascdev_params *params,
			   const struct ascdev_surface *surface, uint64_t offset, uint32_t seed)
{
	struct ascdev_result hw_result = ASCDEV_RESULT_INIT, sw_result = ASCDEV_RESULT_INIT;
	struct job_memory h = { 0 }, s = { 0 };
	const char *wrong = NULL;
	uint64_t bytes, bound;

	if (ascdev_surface_bytes(surface, &bytes) ||
	    ascdev_compress_bound(params, surface, &bound) ||
	    prepare(hw, &h, offset, bytes, bound) || prepare(sw, &s, offset, bytes, bound))
		return "preparation";
	fill(h.values, offset + bytes, seed);
	fill(s.values, offset + bytes, seed);
	memset(h.decoded, 0x77, offset + bytes);
	memset(s.decoded, 0x77, offset + bytes);
	if (run_both_ways(hw, params, surface, &h, offset, &hw_result))
		wrong = "job on the device";
	else if (run_both_ways(sw, params, surface, &s, offset, &sw_result))
		wrong = "job in process";
	else if (hw_result.bytes != sw_result.bytes || hw_result.bytes > bound)
		wrong = "size of the payload";
	else if (memcmp(h.payload, s.payload, hw_result.bytes))
		wrong = "payload";
	else if (memcmp(h.decoded, s.decoded, offset + bytes))
		wrong = "decoded values";
	else if (!hw_result.cycles || sw_result.cycles)
		wrong = "cycles";
	hw_result.backend = sw_result.backend;
	hw_result.exec_ns = sw_result.exec_ns;
	hw_result.cycles = sw_result.cycles;
	if (!wrong && memcmp(&hw_result, &sw_result, sizeof(hw_result)))
		wrong = "result";
	release(&h);
	release(&s);
	return wrong;
}

static const uint32_t dtypes[] = {
	ASCDEV_DTYPE_U8, ASCDEV_DTYPE_S8, ASCDEV_DTYPE_S16, ASCDEV_DTYPE_U16,
	ASCDEV_DTYPE_F16, ASCDEV_DTYPE_BF16,
};

TEST_F(codec, sizes_types_and_modes)
{
	static const uint32_t shapes[][4] = {
		{ 1, 1, 1, 1 }, { 1, 1, 1, 2 }, { 1, 1, 3, 3 }, { 1, 2, 4, 4 }, { 1, 3, 5, 7 },
		{ 2, 3, 1, 17 }, { 1, 7, 13, 13 }, { 3, 5, 8, 9 }, { 1, 16, 33, 31 },
		{ 1, 257, 1, 1 }, { 1, 1, 1, 4099 }, { 1, 1, 4099, 1 },
	};
	static const struct ascdev_block blocks[] = {
		{ 0, 0, 0, 0 }, { 4, 4, 1, 0 }, { 4, 4, 2, 0 }, { 2, 2, 4, 0 }, { 4, 4, 4, 0 },
		{ 8, 4, 1, 0 }, { 8, 8, 1, 0 }, { 16, 0, 0, 0 },
	};
	struct ascdev_params params = ASCDEV_PARAMS_INIT;
	struct ascdev_surface surface;
	uint32_t i, t, runs = 0;

	for (i = 0; i < ARRAY_SIZE(shapes); i++) {
		const uint32_t *d = shapes[i];

		for (t = 0; t < DTYPES; t++) {
			for (params.endpoints = 0; params.endpoints < 3; params.endpoints++) {
				const char *wrong;

				params.scale = (i + t) % 3;
				params.effort = i % 2;
				params.block = blocks[runs % 8];
				params.zero_point = dtypes[t] == ASCDEV_DTYPE_S8 ? -128 :
						    dtypes[t] >= ASCDEV_DTYPE_F16 ? 0 : i;
				if (i % 2)
					ascdev_surface_nchw(&surface, dtypes[t], d[0], d[1], d[2],
							    d[3]);
				else
					ascdev_surface_nhwc(&surface, dtypes[t], d[0], d[1], d[2],
							    d[3]);
				wrong = compare(self->hw, self->sw, &params, &surface, 0, i + t);
				ASSERT_EQ(NULL, wrong)
					TH_LOG("%s of %ux%ux%ux%u type %u endpoints %u", wrong,
					       d[0], d[1], d[2], d[3], dtypes[t],
					       params.endpoints);
				runs++;
			}
		}
	}
	EXPECT_EQ(216, runs);
}

TEST_F(codec, codecs_and_parameters)
{
	static const char * const texts[] = {
		"codec=asc-cbr,effort=best", "codec=asc-cbr,reorder=greedy,block=run16",
		"codec=asc-cbr,profile=narrow,endpoints=two", "codec=asc-cbr,profile=pooled",
		"codec=asc-cbr,profile=pooled,effort=best,block=4x4x4", "codec=asc-vbr",
		"codec=asc-vbr,max_error=5,reorder=heuristic", "codec=asc-vbr,target_bpe=2.75",
		"codec=asc-vbr,max_error=1,effort=best", "codec=ebpc", "codec=ebpc,reorder=greedy",
		"codec=dcac", "codec=dcac,effort=best,reorder=heuristic",
		"codec=zvc,reorder=heuristic", "codec=raw", "codec=auto", "codec=auto,max_error=3",
		"codec=auto,target_bpe=4",
	};
	static const uint32_t shapes[][4] = { { 2, 5, 9, 7 }, { 1, 36, 25, 23 } };
	struct ascdev_surface surface;
	uint32_t i, t, k;

	for (i = 0; i < ARRAY_SIZE(texts); i++)
		for (t = 0; t < DTYPES; t++)
			for (k = 0; k < 2; k++) {
				struct ascdev_params params = ASCDEV_PARAMS_INIT;
				const uint32_t *d = shapes[k];
				const char *wrong;

				ASSERT_EQ(0, ascdev_params_parse(&params, texts[i]));
				if (params.profile == ASCDEV_PROFILE_NARROW &&
				    ascdev_dtype_bytes(dtypes[t]) == 1)
					continue;
				if (k)
					ascdev_surface_nchw(&surface, dtypes[t], d[0], d[1], d[2],
							    d[3]);
				else
					ascdev_surface_nhwc(&surface, dtypes[t], d[0], d[1], d[2],
							    d[3]);
				wrong = compare(self->hw, self->sw, &params, &surface, k, i + t);
				ASSERT_EQ(NULL, wrong)
					TH_LOG("%s of %s, type %u, shape %u", wrong, texts[i],
					       dtypes[t], k);
			}
}

/*
 * Every codec, type and size: a value, less than a block, a block and more, more than a group of
 * channels, and what codecs code in several pieces.
 */
TEST_F(codec, every_codec_type_and_size)
{
	static const char * const texts[] = {
		"codec=asc-cbr", "codec=asc-vbr", "codec=asc-vbr,target_bpe=3", "codec=ebpc",
		"codec=dcac", "codec=zvc", "codec=raw", "codec=auto",
	};
	static const uint32_t shapes[][4] = {
		{ 1, 1, 1, 1 }, { 1, 1, 1, 7 }, { 1, 1, 8, 9 }, { 1, 513, 1, 1 },
		{ 1, 3, 210, 211 },
	};
	struct ascdev_surface surface;
	uint32_t i, t, k;

	for (i = 0; i < ARRAY_SIZE(texts); i++)
		for (t = 0; t < DTYPES; t++)
			for (k = 0; k < ARRAY_SIZE(shapes); k++) {
				struct ascdev_params params = ASCDEV_PARAMS_INIT;
				const uint32_t *d = shapes[k];
				const char *wrong;

				ASSERT_EQ(0, ascdev_params_parse(&params, texts[i]));
				ascdev_surface_nchw(&surface, dtypes[t], d[0], d[1], d[2], d[3]);
				wrong = compare(self->hw, self->sw, &params, &surface, 0, i + t);
				ASSERT_EQ(NULL, wrong)
					TH_LOG("%s of %s, type %u, shape %u", wrong, texts[i],
					       dtypes[t], k);
			}
}

/* Parts, given orders and damaged payloads, by the one-shot calls. */
TEST_F(codec, parts_orders_and_damage)
{
	const struct ascdev_part part = { { 0, 11, 3, 2 }, { 1, 9, 7, 8 } };
	uint8_t values[2 * 24 * 13 * 11], payload[2][2 * sizeof(values)], back[2][sizeof(values)];
	uint32_t codec, i, b;
	uint16_t order[24];

	for (i = 0; i < 24; i++)
		order[i] = (i * 5 + 3) % 24;
	for (codec = 1; codec < CODECS; codec++) {
		struct ascdev_params params[2] = { ASCDEV_PARAMS_INIT, ASCDEV_PARAMS_INIT };
		struct ascdev_result result[2] = { ASCDEV_RESULT_INIT, ASCDEV_RESULT_INIT };
		struct ascdev_surface surface, cut;
		uint16_t found[24];
		int damaged[2];

		ascdev_surface_nchw(&surface, dtypes[codec % DTYPES], 1, 24, 13, 11);
		fill(values, sizeof(values), codec);
		for (b = 0; b < 2; b++) {
			struct ascdev_ctx *ctx = b ? self->sw : self->hw;

			params[b].codec = codec;
			if (codec != ASCDEV_CODEC_RAW)
				params[b].reorder = ASCDEV_REORDER_GIVEN;
			params[b].order = order;
			ASSERT_EQ(0, ascdev_compress(ctx, &params[b], &surface, values, payload[b],
						     sizeof(payload[b]), &result[b]));
			ASSERT_EQ(0, ascdev_params_settle(&params[b], &result[b]));
			if (params[b].reorder) {
				ASSERT_EQ(0, ascdev_payload_order(&params[b], &surface, payload[b],
								  result[b].bytes, found));
				EXPECT_EQ(0, memcmp(order, found, sizeof(order)));
			}
			memset(back[b], 0x55, sizeof(back[b]));
			ascdev_surface_nhwc(&cut, surface.dtype, 1, 9, 7, 8);
			cut.stride[2] += 3;
			memcpy(cut.dim, surface.dim, sizeof(cut.dim));
			ASSERT_EQ(0, ascdev_decompress_part(ctx, &params[b], &cut, &part,
							    payload[b], result[b].bytes, back[b],
							    &result[b]));
			EXPECT_EQ(9 * 7 * 8, result[b].elements);
		}
		EXPECT_EQ(result[0].bytes_read, result[1].bytes_read);
		EXPECT_EQ(0, memcmp(back[0], back[1], sizeof(back[0]))) TH_LOG("codec %u", codec);

		/* the first bytes: an order, an index, or a block */
		memset(payload[0], 0xff, 8);
		for (b = 0; b < 2; b++) {
			memset(back[b], 0x55, sizeof(back[b]));
			damaged[b] = ascdev_decompress(b ? self->sw : self->hw, &params[0],
						       &surface, payload[0], sizeof(payload[0]),
						       back[b], NULL);
		}
		EXPECT_EQ(damaged[0], damaged[1]);
		EXPECT_EQ(result[0].codec == ASCDEV_CODEC_RAW ? 0 : -EBADMSG, damaged[0]);
		EXPECT_EQ(0, memcmp(back[0], back[1], sizeof(back[0]))) TH_LOG("codec %u", codec);

		/* no permutation */
		params[0].codec = ASCDEV_CODEC_ZVC;
		params[0].endpoints = 0;
		params[0].profile = 0;
		params[0].exponent = 0;
		memset(&params[0].block, 0, sizeof(params[0].block));
		params[0].reorder = ASCDEV_REORDER_GIVEN;
		memset(found, 0, sizeof(found));
		params[0].order = found;
		for (b = 0; b < 2; b++)
			EXPECT_EQ(-EBADMSG, ascdev_compress(b ? self->sw : self->hw, &params[0],
							    &surface, values, payload[1],
							    sizeof(payload[1]), NULL));
	}
}

/* Both are able to do the same. */
TEST_F(codec, capabilities)
{
	struct ascdev_caps hw = ASCDEV_CAPS_INIT, sw = ASCDEV_CAPS_INIT;

	ASSERT_EQ(0, ascdev_get_caps(self->hw, &hw));
	ASSERT_EQ(0, ascdev_get_caps(self->sw, &sw));
	EXPECT_EQ(sw.codecs, hw.codecs);
	EXPECT_EQ(sw.dtypes, hw.dtypes);
	EXPECT_EQ(sw.payload_align, hw.payload_align);
	EXPECT_EQ(sw.max_elements, hw.max_elements);
}

TEST_F(codec, odd_strides_and_offsets)
{
	struct ascdev_params params = ASCDEV_PARAMS_INIT;
	struct ascdev_surface surface;
	const char *wrong;
	uint32_t t;

	for (t = 0; t < DTYPES; t++) {
		uint64_t e = ascdev_dtype_bytes(dtypes[t]);

		/* rows and planes padded by odd numbers of bytes, values apart */
		ascdev_surface_nchw(&surface, dtypes[t], 2, 3, 9, 11);
		surface.stride[3] = e + 1;
		surface.stride[2] = 11 * (e + 1) + 5;
		surface.stride[1] = 9 * surface.stride[2] + 1;
		surface.stride[0] = 3 * surface.stride[1] + 13;
		wrong = compare(self->hw, self->sw, &params, &surface, 3, t);
		ASSERT_EQ(NULL, wrong) TH_LOG("%s, padded, type %u", wrong, dtypes[t]);

		/* W slowest */
		ascdev_surface_nchw(&surface, dtypes[t], 1, 6, 10, 14);
		surface.stride[1] = e;
		surface.stride[2] = 6 * e;
		surface.stride[3] = 60 * e;
		wrong = compare(self->hw, self->sw, &params, &surface, 1, t);
		ASSERT_EQ(NULL, wrong) TH_LOG("%s, transposed, type %u", wrong, dtypes[t]);
	}
}

TEST_F(codec, eight_mebibytes)
{
	struct ascdev_params params = ASCDEV_PARAMS_INIT;
	struct ascdev_surface surface;
	const char *wrong;

	ascdev_surface_nchw(&surface, ASCDEV_DTYPE_U8, 1, 128, 256, 256);
	wrong = compare(self->hw, self->sw, &params, &surface, 0, 1);
	ASSERT_EQ(NULL, wrong) TH_LOG("%s", wrong);
	ascdev_surface_nhwc(&surface, ASCDEV_DTYPE_S16, 1, 64, 256, 256);
	wrong = compare(self->hw, self->sw, &params, &surface, 0, 2);
	ASSERT_EQ(NULL, wrong) TH_LOG("%s", wrong);
}

TEST_F(codec, two_processes)
{
	struct ascdev_params params = ASCDEV_PARAMS_INIT;
	pid_t pids[2];
	int i, status;

	for (i = 0; i < 2; i++) {
		pids[i] = fork();
		ASSERT_LE(0, pids[i]);
		if (!pids[i]) {
			struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
			struct ascdev_surface surface;
			struct ascdev_ctx *hw, *sw;
			int k;

			opts.backend = ASCDEV_BACKEND_HW;
			if (ascdev_open(&opts, NULL, &hw))
				_exit(1);
			opts.backend = ASCDEV_BACKEND_SW;
			if (ascdev_open(&opts, NULL, &sw))
				_exit(1);
			for (k = 0; k < 30; k++) {
				ascdev_surface_nchw(&surface, dtypes[(i + k) % DTYPES], 1, 3 + k,
						    32, 32 + i);
				if (compare(hw, sw, &params, &surface, 0, i * 100 + k))
					_exit(2);
			}
			ascdev_close(hw);
			ascdev_close(sw);
			_exit(0);
		}
	}
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(pids[i], waitpid(pids[i], &status, 0));
		EXPECT_EQ(0, status);
	}
}

/* The same through ordinary memory, gaps between values being left alone. */
TEST_F(codec, oneshot)
{
	struct ascdev_params params = ASCDEV_PARAMS_INIT, decode;
	struct ascdev_result a = ASCDEV_RESULT_INIT, b = ASCDEV_RESULT_INIT;
	uint8_t values[8000], hw_payload[4000], sw_payload[4000], hw_back[8000], sw_back[8000];
	struct ascdev_surface surface;

	ascdev_surface_nchw(&surface, ASCDEV_DTYPE_S16, 1, 5, 13, 17);
	surface.stride[2] = 41;
	surface.stride[1] = 13 * 41 + 2;
	fill(values, sizeof(values), 5);
	memset(hw_back, 0x55, sizeof(hw_back));
	memset(sw_back, 0x55, sizeof(sw_back));
	ASSERT_EQ(0, ascdev_compress(self->hw, &params, &surface, values, hw_payload, 4000, &a));
	ASSERT_EQ(0, ascdev_compress(self->sw, &params, &surface, values, sw_payload, 4000, &b));
	EXPECT_EQ(ASCDEV_BACKEND_HW, a.backend);
	EXPECT_EQ(ASCDEV_BACKEND_SW, b.backend);
	ASSERT_EQ(a.bytes, b.bytes);
	EXPECT_EQ(0, memcmp(hw_payload, sw_payload, a.bytes));
	decode = params;
	ASSERT_EQ(0, ascdev_params_settle(&decode, &a));
	/* each decodes what the other made */
	ASSERT_EQ(0, ascdev_decompress(self->hw, &decode, &surface, sw_payload, b.bytes, hw_back,
				       NULL));
	ASSERT_EQ(0, ascdev_decompress(self->sw, &decode, &surface, hw_payload, a.bytes, sw_back,
				       NULL));
	EXPECT_EQ(0, memcmp(hw_back, sw_back, sizeof(hw_back)));
	EXPECT_EQ(0x55, hw_back[40]);
}

/* A chain of jobs that wait for each other by fences, and more jobs than one SUBMIT takes. */
TEST_F(codec, fences_and_many_jobs)
{
	struct ascdev_params params = ASCDEV_PARAMS_INIT;
	struct ascdev_stats stats = ASCDEV_STATS_INIT;
	struct ascdev_job *jobs[600];
	struct ascdev_surface surface;
	struct job_memory m = { 0 };
	uint64_t bytes, bound;
	uint32_t accepted;
	int i, fence;

	ascdev_surface_nchw(&surface, ASCDEV_DTYPE_U8, 1, 1, 16, 16);
	ascdev_surface_bytes(&surface, &bytes);
	ascdev_compress_bound(&params, &surface, &bound);
	ASSERT_EQ(0, prepare(self->hw, &m, 0, bytes, bound));
	for (i = 0; i < 600; i++) {
		ASSERT_EQ(0, ascdev_job_create(self->hw, &jobs[i]));
		ASSERT_EQ(0, ascdev_job_compress(jobs[i], &params, &surface, m.src, 0, m.dst, 0));
	}
	ASSERT_EQ(0, ascdev_submit(self->hw, jobs, 1, NULL));
	fence = ascdev_job_get_fence(jobs[0]);
	ASSERT_LE(0, fence);
	ASSERT_EQ(0, ascdev_job_wait_fence(jobs[1], fence));
	close(fence);
	ASSERT_EQ(0, ascdev_submit(self->hw, jobs + 1, 599, &accepted));
	EXPECT_EQ(599, accepted);
	EXPECT_EQ(-EBUSY, ascdev_submit(self->hw, jobs + 599, 1, &accepted));
	EXPECT_EQ(0, accepted);
	ASSERT_EQ(0, ascdev_wait(jobs[599], -1, NULL));
	for (i = 0; i < 599; i++)
		ASSERT_EQ(0, ascdev_wait(jobs[i], 0, NULL));
	ASSERT_EQ(0, ascdev_get_stats(self->hw, &stats));
	EXPECT_EQ(600, stats.submitted);
	EXPECT_EQ(600, stats.completed);
	EXPECT_EQ(600 * bytes, stats.compress_bytes_in);
	for (i = 0; i < 600; i++)
		ascdev_job_destroy(jobs[i]);
	release(&m);
}

TEST_HARNESS_MAIN
