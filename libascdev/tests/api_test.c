// SPDX-License-Identifier: MIT
/*
 * The library on its software backend, through the public header alone.
 */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ascdev.h>

#include "kselftest_harness.h"

FIXTURE(api)
{
	struct ascdev_ctx *ctx;
};

FIXTURE_SETUP(api)
{
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;

	opts.backend = ASCDEV_BACKEND_SW;
	ASSERT_EQ(0, ascdev_open(&opts, NULL, &self->ctx));
}

FIXTURE_TEARDOWN(api)
{
	ascdev_close(self->ctx);
}

static void fill(uint8_t *bytes, size_t count)
{
	uint32_t seed = 7;
	size_t i;

	for (i = 0; i < count; i++) {
		seed = seed * 1664525 + 1013904223;
		bytes[i] = i % 40 < 20 ? i : seed >> 24;
	}
}

static int message_holds(struct ascdev_ctx *ctx, const char *text)
{
	char message[256];

	ascdev_last_error(ctx, message, sizeof(message));
	return !!strstr(message, text);
}

TEST(version_and_texts)
{
	int i;

	EXPECT_STREQ("0.1.0", ascdev_version_string());
	EXPECT_STREQ("success", ascdev_strerror(0));
	EXPECT_STREQ(ascdev_strerror(ENOSPC), ascdev_strerror(-ENOSPC));
	for (i = -200; i < 200; i++)
		ASSERT_NE(NULL, ascdev_strerror(i));
	EXPECT_STREQ("asc-cbr", ascdev_codec_name(ASCDEV_CODEC_ASC_CBR));
	EXPECT_EQ(NULL, ascdev_codec_name(77));
	EXPECT_STREQ("s16", ascdev_dtype_name(ASCDEV_DTYPE_S16));
	EXPECT_STREQ("u16", ascdev_dtype_name(2));
	EXPECT_STREQ("bf16", ascdev_dtype_name(ASCDEV_DTYPE_BF16));
	EXPECT_EQ(NULL, ascdev_dtype_name(6));
	EXPECT_EQ(2, ascdev_dtype_bytes(ASCDEV_DTYPE_S16));
	EXPECT_EQ(0, ascdev_dtype_bytes(6));
}

TEST(open_and_its_errors)
{
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	struct ascdev_error error = ASCDEV_ERROR_INIT;
	struct {
		struct ascdev_open_opts opts;
		uint32_t more[2];
	} newer = { .opts = ASCDEV_OPEN_OPTS_INIT };
	struct ascdev_ctx *ctx;

	opts.backend = 3;
	EXPECT_EQ(-EINVAL, ascdev_open(&opts, &error, &ctx));
	EXPECT_EQ(-EINVAL, error.code);
	opts.backend = ASCDEV_BACKEND_SW;
	opts.device = "/dev/null";
	EXPECT_EQ(-EINVAL, ascdev_open(&opts, &error, &ctx));

	opts.backend = ASCDEV_BACKEND_HW;
	opts.device = "/dev/accel/no-such-node";
	EXPECT_EQ(-ENOENT, ascdev_open(&opts, &error, &ctx));
	EXPECT_EQ(-ENOENT, error.code);
	EXPECT_NE(NULL, strstr(error.message, "/dev/accel/no-such-node"));
	opts.device = "/dev/null";
	EXPECT_EQ(-ENODEV, ascdev_open(&opts, &error, &ctx));
	EXPECT_NE(NULL, strstr(error.message, "/dev/null"));
	opts.device = "/a/path/that/is/much/longer/than/any/device/node/has/ever/been/on/this/earth";
	EXPECT_EQ(-ENOENT, ascdev_open(&opts, &error, &ctx));

	/* AUTO takes software and tells why */
	opts.backend = ASCDEV_BACKEND_AUTO;
	opts.device = "/dev/null";
	ASSERT_EQ(0, ascdev_open(&opts, &error, &ctx));
	EXPECT_EQ(ASCDEV_BACKEND_SW, ascdev_get_backend(ctx, &error.code));
	EXPECT_EQ(-ENODEV, error.code);
	EXPECT_TRUE(message_holds(ctx, "/dev/null"));
	ascdev_close(ctx);

	/* sizes of other versions */
	newer.opts.size = sizeof(newer);
	newer.opts.backend = ASCDEV_BACKEND_SW;
	ASSERT_EQ(0, ascdev_open(&newer.opts, NULL, &ctx));
	ascdev_close(ctx);
	newer.more[1] = 1;
	EXPECT_EQ(-E2BIG, ascdev_open(&newer.opts, NULL, &ctx));
	newer.opts.size = 4;
	EXPECT_EQ(-EINVAL, ascdev_open(&newer.opts, NULL, &ctx));
	ascdev_close(NULL);
}

TEST(a_node_without_permission)
{
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	struct ascdev_error error = ASCDEV_ERROR_INIT;
	char path[] = "/tmp/ascdev-test.XXXXXX";
	struct ascdev_ctx *ctx;
	int fd = mkstemp(path), ret;

	ASSERT_LE(0, fd);
	close(fd);
	chmod(path, 0);
	if (!geteuid() && setegid(65534) | seteuid(65534))
		SKIP(return, "cannot become nobody");
	opts.backend = ASCDEV_BACKEND_HW;
	opts.device = path;
	ret = ascdev_open(&opts, &error, &ctx);
	if (seteuid(0) | setegid(0))
		;	/* was not root */
	unlink(path);
	EXPECT_EQ(-EACCES, ret);
	EXPECT_NE(NULL, strstr(error.message, path));
	EXPECT_NE(NULL, strstr(error.message, "permission denied"));
}

TEST(enumerate)
{
	struct ascdev_device_list *list;
	int n = ascdev_enumerate(&list);

	ASSERT_LE(0, n);
	EXPECT_EQ(NULL, ascdev_device_list_get(list, n));
	ascdev_device_list_free(list);
	ascdev_device_list_free(NULL);
}

TEST(parameters_from_text)
{
	struct ascdev_params p = ASCDEV_PARAMS_INIT, before;
	static const char *const bad[] = {
		"codec", "codec=", "codec=zip", "=", ",", "scale=linear,", "endpoints=three",
		"scale=loglinear", "zero_point=", "zero_point=x", "zero_point=99999999999999999999",
		"Scale=log", " scale=log", "scale=log zero_point=1", "what=1", "zero_point=1x",
		"effort=most", "block=", "block=4", "block=4x4", "block=4x4x1x1", "block=0x4x4",
		"block=4x4x65", "block=run", "block=run0", "block=run16x1", "block=4x4x1 ",
		"block=-4x4x1",
	};
	size_t i;

	EXPECT_EQ(0, ascdev_params_parse(&p, ""));
	EXPECT_EQ(0, ascdev_params_parse(&p, "codec=asc-cbr,endpoints=one,scale=log,zero_point=-128"));
	EXPECT_EQ(ASCDEV_CODEC_ASC_CBR, p.codec);
	EXPECT_EQ(ASCDEV_ENDPOINTS_ONE, p.endpoints);
	EXPECT_EQ(ASCDEV_SCALE_LOG, p.scale);
	EXPECT_EQ(-128, p.zero_point);
	EXPECT_EQ(0, ascdev_params_parse(&p, "effort=best,block=2x2x4"));
	EXPECT_EQ(ASCDEV_EFFORT_BEST, p.effort);
	EXPECT_EQ(4, p.block.c);
	EXPECT_EQ(0, ascdev_params_parse(&p, "block=run16"));
	EXPECT_EQ(16, p.block.w);
	EXPECT_EQ(0, p.block.h);
	EXPECT_EQ(0, ascdev_params_parse(&p, "block=auto"));
	EXPECT_EQ(0, p.block.w);
	EXPECT_EQ(0, ascdev_params_parse(&p, "endpoints=auto"));
	EXPECT_EQ(ASCDEV_ENDPOINTS_AUTO, p.endpoints);
	EXPECT_EQ(-128, p.zero_point);
	before = p;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		EXPECT_EQ(-EINVAL, ascdev_params_parse(&p, bad[i])) TH_LOG("'%s'", bad[i]);
		EXPECT_EQ(0, memcmp(&before, &p, sizeof(p)));
	}
	p.size = 3;
	EXPECT_EQ(-EINVAL, ascdev_params_parse(&p, ""));
}

TEST(surfaces)
{
	struct ascdev_surface s;
	uint64_t bytes;

	ascdev_surface_nchw(&s, ASCDEV_DTYPE_S16, 2, 3, 5, 7);
	EXPECT_EQ(2, s.stride[3]);
	EXPECT_EQ(14, s.stride[2]);
	EXPECT_EQ(70, s.stride[1]);
	EXPECT_EQ(210, s.stride[0]);
	ASSERT_EQ(0, ascdev_surface_bytes(&s, &bytes));
	EXPECT_EQ(420, bytes);
	ascdev_surface_nhwc(&s, ASCDEV_DTYPE_U8, 2, 3, 5, 7);
	EXPECT_EQ(1, s.stride[1]);
	EXPECT_EQ(3, s.stride[3]);
	EXPECT_EQ(21, s.stride[2]);
	EXPECT_EQ(105, s.stride[0]);
	s.pad = 1;
	EXPECT_EQ(-EINVAL, ascdev_surface_bytes(&s, &bytes));
	EXPECT_EQ(-EINVAL, ascdev_compress_bound(NULL, &s, &bytes));
	ascdev_surface_nchw(&s, 9, 1, 1, 1, 1);
	EXPECT_EQ(-EINVAL, ascdev_surface_bytes(&s, &bytes));
	ascdev_surface_nchw(&s, ASCDEV_DTYPE_U8, 1, 1, 65536, 65536);
	EXPECT_EQ(-EOVERFLOW, ascdev_surface_bytes(&s, &bytes));
	EXPECT_EQ(-EOVERFLOW, ascdev_compress_bound(NULL, &s, &bytes));
}

TEST_F(api, caps_and_stats)
{
	struct ascdev_caps caps = ASCDEV_CAPS_INIT;
	struct ascdev_stats stats = ASCDEV_STATS_INIT;
	struct {
		uint32_t size;
		uint32_t backend;
		uint32_t guard;
	} small = { 8, 0, 0x5a5a5a5a };

	ASSERT_EQ(0, ascdev_get_caps(self->ctx, &caps));
	EXPECT_EQ(ASCDEV_BACKEND_SW, caps.backend);
	EXPECT_TRUE(caps.dtypes & 1u << ASCDEV_DTYPE_S16);
	EXPECT_STREQ("", caps.node);
	/* an older program knows less of the structure */
	ASSERT_EQ(0, ascdev_get_caps(self->ctx, (struct ascdev_caps *)(void *)&small));
	EXPECT_EQ(8, small.size);
	EXPECT_EQ(ASCDEV_BACKEND_SW, small.backend);
	EXPECT_EQ(0x5a5a5a5a, small.guard);
	small.size = 0;
	EXPECT_EQ(-EINVAL, ascdev_get_caps(self->ctx, (struct ascdev_caps *)(void *)&small));
	ASSERT_EQ(0, ascdev_get_stats(self->ctx, &stats));
	EXPECT_EQ(0, stats.submitted);
}

TEST_F(api, compress_and_decompress)
{
	struct ascdev_params params = ASCDEV_PARAMS_INIT;
	struct ascdev_result result = ASCDEV_RESULT_INIT, back_result = ASCDEV_RESULT_INIT;
	struct ascdev_stats stats = ASCDEV_STATS_INIT;
	uint8_t values[3 * 16 * 16], back[sizeof(values)], payload[sizeof(values) / 2];
	struct ascdev_surface surface;
	uint64_t sum = 0;
	size_t i;

	fill(values, sizeof(values));
	ascdev_surface_nchw(&surface, ASCDEV_DTYPE_U8, 1, 3, 16, 16);
	ASSERT_EQ(0, ascdev_compress(self->ctx, NULL, &surface, values, payload, sizeof(payload),
				     &result));
	EXPECT_EQ(sizeof(payload), result.bytes);
	EXPECT_EQ(sizeof(values), result.elements);
	EXPECT_EQ(ASCDEV_BACKEND_SW, result.backend);
	ASSERT_EQ(0, ascdev_params_settle(&params, &result));
	ASSERT_EQ(0, ascdev_decompress(self->ctx, &params, &surface, payload, result.bytes, back,
				       &back_result));
	for (i = 0; i < sizeof(values); i++)
		sum += abs(values[i] - back[i]);
	EXPECT_EQ(sum, result.sum_abs_error);
	EXPECT_LT(0, sum);
	EXPECT_EQ(sizeof(values), back_result.bytes);
	ASSERT_EQ(0, ascdev_get_stats(self->ctx, &stats));
	EXPECT_EQ(2, stats.submitted);
	EXPECT_EQ(2, stats.completed);
	EXPECT_EQ(sizeof(values), stats.compress_bytes_in);
	EXPECT_EQ(sizeof(payload), stats.compress_bytes_out);
	EXPECT_EQ(sizeof(payload), stats.decompress_bytes_in);
	EXPECT_EQ(sizeof(values), stats.decompress_bytes_out);
}

TEST_F(api, oneshot_errors)
{
	struct ascdev_params params = ASCDEV_PARAMS_INIT;
	uint8_t values[1024] = { 0 }, payload[512] = { 0 }, back[1024];
	struct ascdev_surface good, s;

	ascdev_surface_nchw(&good, ASCDEV_DTYPE_U8, 1, 4, 16, 16);
	EXPECT_EQ(-ENOSPC, ascdev_compress(self->ctx, NULL, &good, values, payload, 511, NULL));
	EXPECT_TRUE(message_holds(self->ctx, "512"));
	s = good;
	s.dim[1] = 0;
	EXPECT_EQ(-EINVAL, ascdev_compress(self->ctx, NULL, &s, values, payload, 512, NULL));
	s.dim[1] = ~0u;
	EXPECT_EQ(-EOVERFLOW, ascdev_compress(self->ctx, NULL, &s, values, payload, 512, NULL));
	EXPECT_EQ(-EINVAL, ascdev_compress(self->ctx, NULL, &good, values, values + 1023, 512, NULL));
	EXPECT_EQ(-EINVAL, ascdev_compress(self->ctx, NULL, &good, payload + 511, payload, 512, NULL));
	params.zero_point = 256;
	EXPECT_EQ(-EINVAL, ascdev_compress(self->ctx, &params, &good, values, payload, 512, NULL));
	params = (struct ascdev_params)ASCDEV_PARAMS_INIT;
	params.codec = 9;
	EXPECT_EQ(-EINVAL, ascdev_compress(self->ctx, &params, &good, values, payload, 512, NULL));

	params = (struct ascdev_params)ASCDEV_PARAMS_INIT;
	params.codec = ASCDEV_CODEC_ASC_CBR;
	memset(back, 0x33, sizeof(back));
	EXPECT_EQ(-EINVAL, ascdev_decompress(self->ctx, &params, &good, payload, 512, back, NULL));
	params.endpoints = ASCDEV_ENDPOINTS_TWO;
	EXPECT_EQ(-EINVAL, ascdev_decompress(self->ctx, &params, &good, payload, 512, back, NULL));
	params.block = (struct ascdev_block){ 4, 4, 1, 0 };
	EXPECT_EQ(-EINVAL, ascdev_decompress(self->ctx, &params, &good, payload, 512, back, NULL));
	params.profile = ASCDEV_PROFILE_FULL;
	EXPECT_EQ(-EINVAL, ascdev_decompress(self->ctx, &params, &good, payload, 511, back, NULL));
	s = good;
	s.stride[1] = 255;
	EXPECT_EQ(-EINVAL, ascdev_decompress(self->ctx, &params, &s, payload, 512, back, NULL));
	EXPECT_EQ(0x33, back[0]);
	/* what only encoders look at */
	params.scale = 77;
	params.effort = 77;
	EXPECT_EQ(-EINVAL, ascdev_compress(self->ctx, &params, &good, values, payload, 512, NULL));
	EXPECT_EQ(0, ascdev_decompress(self->ctx, &params, &good, payload, 512, back, NULL));
	EXPECT_EQ(0, back[0]);
}

TEST_F(api, buffers)
{
	struct ascdev_buf *buf;
	uint8_t *memory, *again;
	int i;

	EXPECT_EQ(-EINVAL, ascdev_buf_alloc(self->ctx, 0, &buf));
	EXPECT_EQ(-E2BIG, ascdev_buf_alloc(self->ctx, ~0ull, &buf));
	ASSERT_EQ(0, ascdev_buf_alloc(self->ctx, 1000, &buf));
	EXPECT_EQ(1000, ascdev_buf_size(buf));
	ASSERT_EQ(0, ascdev_buf_map(buf, (void **)&memory));
	ASSERT_EQ(0, ascdev_buf_map(buf, (void **)&again));
	EXPECT_EQ(memory, again);
	for (i = 0; i < 1000; i++)
		ASSERT_EQ(0, memory[i]);
	EXPECT_EQ(0, ascdev_buf_wait(buf, 0));
	ascdev_buf_free(buf);
	ascdev_buf_free(NULL);
}

TEST_F(api, jobs_and_their_errors)
{
	struct ascdev_params params = ASCDEV_PARAMS_INIT;
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	struct ascdev_buf *src, *dst, *foreign;
	struct ascdev_job *job, *other;
	struct ascdev_surface surface;
	struct ascdev_ctx *second;
	uint32_t accepted = 7;
	uint8_t *memory;

	ascdev_surface_nchw(&surface, ASCDEV_DTYPE_U8, 1, 4, 16, 16);
	ASSERT_EQ(0, ascdev_buf_alloc(self->ctx, 2048, &src));
	ASSERT_EQ(0, ascdev_buf_alloc(self->ctx, 1024, &dst));
	ASSERT_EQ(0, ascdev_buf_map(src, (void **)&memory));
	fill(memory, 2048);
	ASSERT_EQ(0, ascdev_job_create(self->ctx, &job));
	ASSERT_EQ(0, ascdev_job_create(self->ctx, &other));

	/* not set up, not submitted */
	EXPECT_EQ(-EINVAL, ascdev_submit(self->ctx, &job, 1, &accepted));
	EXPECT_EQ(0, accepted);
	EXPECT_EQ(-EINVAL, ascdev_wait(job, 0, NULL));
	EXPECT_EQ(-EINVAL, ascdev_job_get_fence(job));
	EXPECT_EQ(-EINVAL, ascdev_job_wait_fence(job, 0));

	/* bad descriptions show at submit */
	ASSERT_EQ(0, ascdev_job_compress(job, NULL, &surface, src, 1025, dst, 0));
	EXPECT_EQ(-EINVAL, ascdev_submit(self->ctx, &job, 1, NULL));
	ASSERT_EQ(0, ascdev_job_compress(job, NULL, &surface, src, ~0ull, dst, 0));
	EXPECT_EQ(-EINVAL, ascdev_submit(self->ctx, &job, 1, NULL));
	ASSERT_EQ(0, ascdev_job_compress(job, NULL, &surface, src, 0, dst, 4));
	EXPECT_EQ(-EINVAL, ascdev_submit(self->ctx, &job, 1, NULL));
	ASSERT_EQ(0, ascdev_job_compress(job, NULL, &surface, src, 0, dst, 520));
	EXPECT_EQ(-ENOSPC, ascdev_submit(self->ctx, &job, 1, NULL));
	ASSERT_EQ(0, ascdev_job_compress(job, NULL, &surface, src, 0, src, 1016));
	EXPECT_EQ(-EINVAL, ascdev_submit(self->ctx, &job, 1, NULL));
	ASSERT_EQ(0, ascdev_job_decompress(job, NULL, &surface, dst, 0, src, 0));
	EXPECT_EQ(-EINVAL, ascdev_submit(self->ctx, &job, 1, NULL));

	/* a file that is no fence */
	EXPECT_EQ(-EINVAL, ascdev_job_wait_fence(job, 0));
	EXPECT_EQ(-EINVAL, ascdev_job_wait_fence(job, -1));

	/* a buffer, and a job, of another context */
	opts.backend = ASCDEV_BACKEND_SW;
	ASSERT_EQ(0, ascdev_open(&opts, NULL, &second));
	ASSERT_EQ(0, ascdev_buf_alloc(second, 1024, &foreign));
	EXPECT_EQ(-EINVAL, ascdev_job_compress(job, NULL, &surface, src, 0, foreign, 0));
	ASSERT_EQ(0, ascdev_job_compress(job, NULL, &surface, src, 0, dst, 0));
	EXPECT_EQ(-EINVAL, ascdev_submit(second, &job, 1, NULL));

	/* a good one, once and again, and in front of a bad one */
	ASSERT_EQ(0, ascdev_submit(self->ctx, &job, 1, &accepted));
	EXPECT_EQ(1, accepted);
	EXPECT_EQ(-EBUSY, ascdev_submit(self->ctx, &job, 1, NULL));
	EXPECT_EQ(-EBUSY, ascdev_job_compress(job, NULL, &surface, src, 0, dst, 0));
	EXPECT_EQ(-EBUSY, ascdev_job_wait_fence(job, 0));
	EXPECT_EQ(-EOPNOTSUPP, ascdev_job_get_fence(job));
	ASSERT_EQ(0, ascdev_wait(job, -1, &result));
	EXPECT_EQ(512, result.bytes);
	ASSERT_EQ(0, ascdev_wait(job, 0, NULL));
	EXPECT_EQ(-EBUSY, ascdev_submit(self->ctx, (struct ascdev_job *[]){ job, job }, 2,
					&accepted));
	EXPECT_EQ(1, accepted);
	ASSERT_EQ(0, ascdev_wait(job, -1, NULL));
	ASSERT_EQ(0, ascdev_job_compress(other, NULL, &surface, src, 4096, dst, 0));
	EXPECT_EQ(-EINVAL, ascdev_submit(self->ctx, (struct ascdev_job *[]){ job, other }, 2,
					 &accepted));
	EXPECT_EQ(1, accepted);
	ASSERT_EQ(0, ascdev_wait(job, -1, NULL));

	ASSERT_EQ(0, ascdev_params_settle(&params, &result));
	ASSERT_EQ(0, ascdev_job_decompress(job, &params, &surface, dst, 0, src, 1024));
	ASSERT_EQ(0, ascdev_submit(self->ctx, &job, 1, NULL));
	ASSERT_EQ(0, ascdev_wait(job, 1000, &result));
	EXPECT_EQ(1024, result.bytes);

	ascdev_job_destroy(job);
	ascdev_job_destroy(other);
	ascdev_job_destroy(NULL);
	ascdev_buf_free(src);
	ascdev_buf_free(dst);
	ascdev_buf_free(foreign);
	ascdev_close(second);
}

static void *compress_often(void *argument)
{
	struct ascdev_ctx *ctx = argument;
	uint8_t values[1024], payload[512];
	struct ascdev_surface surface;
	long failed = 0;
	int i;

	fill(values, sizeof(values));
	ascdev_surface_nchw(&surface, ASCDEV_DTYPE_U8, 1, 4, 16, 16);
	for (i = 0; i < 200; i++)
		failed += !!ascdev_compress(ctx, NULL, &surface, values, payload, 512, NULL);
	return (void *)failed;
}

TEST_F(api, threads_share_a_context)
{
	struct ascdev_stats stats = ASCDEV_STATS_INIT;
	pthread_t threads[4];
	void *failed;
	int i;

	for (i = 0; i < 4; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, compress_often, self->ctx));
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, pthread_join(threads[i], &failed));
		EXPECT_EQ(NULL, failed);
	}
	ASSERT_EQ(0, ascdev_get_stats(self->ctx, &stats));
	EXPECT_EQ(800, stats.completed);
}

TEST_HARNESS_MAIN
