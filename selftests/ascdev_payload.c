// SPDX-License-Identifier: MIT
/*
 * Every codec and type through the uapi: what comes back, what the records say, parts,
 * orders, and payloads that make no sense.
 */

#include <pthread.h>

#include "ascdev_test.h"

/* Untouched bytes in front of a decompressed surface, and behind it. */
#define GUARD		64
#define GUARD_BYTE	0x5a

#define VALUE_BYTES	(1 << 19)
#define PAYLOAD_BYTES	(1 << 19)
#define ORDER_BYTES	(2 * 4096)

/**
 * struct memory - a buffer object and its memory
 * @handle: buffer object
 * @bytes: its first byte
 */
struct memory {
	uint32_t handle;
	uint8_t *bytes;
};

/*
 * What all tests use.  src: a surface, described by describe(); bytes: from its first
 * value to its last; raw: of all values; payload: what it is compressed to; back: what that
 * is decompressed to, from GUARD on; syncobj: signalled by each job.
 */
FIXTURE(payload)
{
	int fd;
	int minor;
	struct memory src, payload, back, order, result;
	struct drm_ascdev_result *record;
	uint32_t syncobj;
	struct drm_ascdev_surface surface;
	uint64_t bytes, raw;
	uint32_t random;
};

static bool make_memory(int fd, struct memory *m, uint64_t bytes)
{
	m->handle = create_bo(fd, bytes);
	if (!m->handle)
		return false;
	m->bytes = map_bo(fd, m->handle, bytes);
	return m->bytes != MAP_FAILED;
}

FIXTURE_SETUP(payload)
{
	self->fd = open_node(&self->minor);
	if (self->fd < 0)
		SKIP(return, "no device");
	ASSERT_TRUE(make_memory(self->fd, &self->src, VALUE_BYTES));
	ASSERT_TRUE(make_memory(self->fd, &self->payload, PAYLOAD_BYTES));
	ASSERT_TRUE(make_memory(self->fd, &self->back, VALUE_BYTES));
	ASSERT_TRUE(make_memory(self->fd, &self->order, ORDER_BYTES));
	ASSERT_TRUE(make_memory(self->fd, &self->result, 4096));
	self->record = (struct drm_ascdev_result *)self->result.bytes;
	self->syncobj = create_syncobj(self->fd);
	ASSERT_NE(0, self->syncobj);
	self->random = 1;
}

FIXTURE_TEARDOWN(payload)
{
	close(self->fd);
}

static uint32_t random_u32(FIXTURE_DATA(payload) *self)
{
	self->random ^= self->random << 13;
	self->random ^= self->random >> 17;
	self->random ^= self->random << 5;
	return self->random;
}

static uint64_t reach(const struct drm_ascdev_surface *s, const uint32_t *dim)
{
	uint64_t bytes = dtype_bytes(s->dtype);
	int i;

	for (i = 0; i < 4; i++)
		bytes += (dim[i] - 1) * s->stride[i];
	return bytes;
}

/* NHWC, a byte behind each row; dense NCHW if @dense. */
static void lay_out(struct drm_ascdev_surface *s, uint32_t dtype, const uint32_t *dim, bool dense)
{
	describe_dense(s, dtype, dim[0], dim[1], dim[2], dim[3]);
	if (dense)
		return;
	s->stride[1] = dtype_bytes(dtype);
	s->stride[3] = s->stride[1] * dim[1];
	s->stride[2] = s->stride[3] * dim[3] + 1;
	s->stride[0] = s->stride[2] * dim[2];
}

static uint8_t *value_at(const struct drm_ascdev_surface *s, uint8_t *base, const uint32_t *at)
{
	return base + at[0] * s->stride[0] + at[1] * s->stride[1] + at[2] * s->stride[2] +
	       at[3] * s->stride[3];
}

#define FOR_EACH_VALUE(at, dim)							\
	for ((at)[0] = 0; (at)[0] < (dim)[0]; (at)[0]++)			\
		for ((at)[1] = 0; (at)[1] < (dim)[1]; (at)[1]++)		\
			for ((at)[2] = 0; (at)[2] < (dim)[2]; (at)[2]++)	\
				for ((at)[3] = 0; (at)[3] < (dim)[3]; (at)[3]++)

/* Values of several kinds, by channel: flat, slopes, sparse, wild. */
static void describe(FIXTURE_DATA(payload) *self, uint32_t dtype, const uint32_t *dim, bool dense)
{
	struct drm_ascdev_surface *s = &self->surface;
	uint32_t at[4];

	lay_out(s, dtype, dim, dense);
	self->bytes = reach(s, dim);
	self->raw = (uint64_t)dim[0] * dim[1] * dim[2] * dim[3] * dtype_bytes(dtype);
	memset(self->src.bytes, 0xee, self->bytes);
	FOR_EACH_VALUE(at, dim) {
		uint16_t value = 0;

		switch (at[1] % 4) {
		case 0:
			value = at[2] + 2 * at[3] + at[1];
			break;
		case 1:
			value = random_u32(self) % 4 ? 0 : random_u32(self) % 50;
			break;
		case 2:
			value = random_u32(self);
			break;
		}
		memcpy(value_at(s, self->src.bytes, at), &value, dtype_bytes(dtype));
	}
}

static int run(FIXTURE_DATA(payload) *self, struct drm_ascdev_job *job)
{
	struct drm_ascdev_sync sync = { DRM_ASCDEV_SYNC_SIGNAL, self->syncobj, 0 };
	int ret;

	job->cookie = random_u32(self);
	job->surface = self->surface;
	job->result = (struct drm_ascdev_range){ self->result.handle, 0, 0,
						 sizeof(struct drm_ascdev_result) };
	set_syncs(job, &sync, 1);
	memset(self->record, 0, sizeof(*self->record));
	ret = submit_jobs(self->fd, job, 1);
	return ret ? ret : wait_syncobj(self->fd, self->syncobj, 20000);
}

static int compress(FIXTURE_DATA(payload) *self, const struct drm_ascdev_codec_params *params)
{
	struct drm_ascdev_job job = {
		.op = DRM_ASCDEV_OP_COMPRESS,
		.params = *params,
		.src = { self->src.handle, 0, 0, self->bytes },
		.dst = { self->payload.handle, 0, 0, PAYLOAD_BYTES },
	};

	if (params->reorder == DRM_ASCDEV_REORDER_GIVEN)
		job.order = (struct drm_ascdev_range){ self->order.handle, 0, 0,
						       2 * self->surface.dim[1] };
	return run(self, &job);
}

/* Takes over what the record says. */
static void settle(FIXTURE_DATA(payload) *self, struct drm_ascdev_codec_params *params)
{
	params->codec = self->record->codec;
	params->endpoints = self->record->endpoints;
	params->profile = self->record->profile;
	params->exponent = self->record->exponent;
	params->reorder = self->record->reorder;
	params->block = self->record->block;
}

static int decompress(FIXTURE_DATA(payload) *self, const struct drm_ascdev_codec_params *params,
		      const struct drm_ascdev_part *part, uint64_t payload_bytes)
{
	struct drm_ascdev_job job = {
		.op = DRM_ASCDEV_OP_DECOMPRESS,
		.params = *params,
		.src = { self->payload.handle, 0, 0, payload_bytes },
		.dst = { self->back.handle, 0, GUARD,
			 reach(&self->surface, part ? part->dim : self->surface.dim) },
	};

	if (part)
		job.part = *part;
	memset(self->back.bytes, GUARD_BYTE, self->bytes + 2 * GUARD);
	return run(self, &job);
}

/* Order-preserving numbers, as the errors of ASC-VBR are counted in. */
static int32_t number_at(const struct drm_ascdev_surface *s, uint8_t *base, const uint32_t *at)
{
	uint8_t *p = value_at(s, base, at);
	int16_t value;

	if (s->dtype == DRM_ASCDEV_DTYPE_U8)
		return *p;
	if (s->dtype == DRM_ASCDEV_DTYPE_S8)
		return (int8_t)*p;
	memcpy(&value, p, sizeof(value));
	if (s->dtype == DRM_ASCDEV_DTYPE_U16)
		return (uint16_t)value;
	if (s->dtype >= DRM_ASCDEV_DTYPE_F16 && value < 0)
		return -1 - (value & 0x7fff);
	return value;
}

struct errors {
	uint64_t sum, sum_sq;
	uint32_t max;
};

static struct errors compare(FIXTURE_DATA(payload) *self)
{
	const struct drm_ascdev_surface *s = &self->surface;
	struct errors e = { 0 };
	uint32_t at[4];

	FOR_EACH_VALUE(at, s->dim) {
		uint32_t error = abs(number_at(s, self->src.bytes, at) -
				     number_at(s, self->back.bytes + GUARD, at));

		e.sum += error;
		e.sum_sq += (uint64_t)error * error;
		e.max = error > e.max ? error : e.max;
	}
	return e;
}

/* Are all bytes that belong to no value as they were? */
static bool guards_are_whole(FIXTURE_DATA(payload) *self, const struct drm_ascdev_surface *s,
			     const uint32_t *dim)
{
	uint64_t bytes = self->bytes + 2 * GUARD, i;
	uint8_t *expected = malloc(bytes);
	uint32_t at[4];
	bool whole;

	memset(expected, GUARD_BYTE, bytes);
	FOR_EACH_VALUE(at, dim)
		memset(value_at(s, expected + GUARD, at), 0, dtype_bytes(s->dtype));
	for (i = 0; i < bytes && (!expected[i] || self->back.bytes[i] == expected[i]); i++)
		;
	whole = i == bytes;
	free(expected);
	return whole;
}

static void expect_record(struct __test_metadata *_metadata, FIXTURE_DATA(payload) *self,
			  const struct drm_ascdev_codec_params *asked, uint64_t bytes)
{
	const struct drm_ascdev_result *r = self->record;
	bool is_cbr = r->codec == DRM_ASCDEV_CODEC_ASC_CBR;

	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, r->status);
	EXPECT_EQ(0, r->error);
	EXPECT_EQ(1, fence_status(self->fd, self->syncobj));
	EXPECT_EQ(self->random, r->cookie);
	EXPECT_EQ(self->raw / dtype_bytes(self->surface.dtype), r->elements);
	EXPECT_EQ(bytes, r->bytes);
	EXPECT_NE(DRM_ASCDEV_CODEC_DEFAULT, r->codec);
	EXPECT_NE(DRM_ASCDEV_CODEC_AUTO, r->codec);
	if (asked->codec != DRM_ASCDEV_CODEC_AUTO)
		EXPECT_EQ(asked->codec, r->codec);
	EXPECT_EQ(r->codec == DRM_ASCDEV_CODEC_RAW ? DRM_ASCDEV_REORDER_NONE : asked->reorder,
		  r->reorder);
	EXPECT_EQ(is_cbr, r->endpoints != 0);
	EXPECT_EQ(is_cbr, r->profile != 0);
	EXPECT_EQ(is_cbr, r->block.w != 0);
	if (r->codec != DRM_ASCDEV_CODEC_ASC_VBR)
		EXPECT_EQ(r->profile == DRM_ASCDEV_PROFILE_NARROW ||
			  (is_cbr && self->surface.dtype >= DRM_ASCDEV_DTYPE_F16),
			  r->exponent != 0);
	EXPECT_EQ(0, r->block.pad);
	EXPECT_EQ(0, r->pad);
	EXPECT_LE(r->start_ns, r->end_ns);
}

/* Compresses and decompresses; @params become those of the payload. */
static void round_trip(struct __test_metadata *_metadata, FIXTURE_DATA(payload) *self,
		       struct drm_ascdev_codec_params *params, struct drm_ascdev_result *result)
{
	struct drm_ascdev_codec_params asked = *params;

	ASSERT_EQ(0, compress(self, params)) TH_LOG("codec %u", params->codec);
	*result = *self->record;
	expect_record(_metadata, self, &asked, result->bytes);
	EXPECT_EQ(self->raw, result->bytes_read);
	settle(self, params);
	ASSERT_EQ(0, decompress(self, params, NULL, result->bytes));
	expect_record(_metadata, self, params, self->raw);
	EXPECT_EQ(result->bytes, self->record->bytes_read);
	EXPECT_EQ(0, self->record->linear_blocks + self->record->log_blocks);
	EXPECT_EQ(0, self->record->sum_abs_error);
	EXPECT_EQ(0, self->record->max_abs_error);
	EXPECT_TRUE(guards_are_whole(self, &self->surface, self->surface.dim));
}

/* One value, odd extents, planes of one value, rows over several tiles, several tiles */
static const uint32_t shapes[][4] = {
	{ 1, 1, 1, 1 }, { 2, 3, 7, 5 }, { 1, 300, 1, 1 }, { 2, 3, 1, 1500 }, { 1, 3, 67, 41 },
	{ 1, 40, 23, 21 },
};

#define SHAPES	ARRAY_SIZE(shapes)

TEST_F(payload, round_trips)
{
	uint32_t codec, dtype, k;

	for (codec = 1; codec < CODECS; codec++)
		for (dtype = 0; dtype < DTYPES; dtype++)
			for (k = 0; k < SHAPES; k++) {
				struct drm_ascdev_codec_params params = { .codec = codec };
				struct drm_ascdev_result r;
				struct errors e;

				if (codec != DRM_ASCDEV_CODEC_RAW)
					params.reorder = (codec + dtype + k) % 3;
				describe(self, dtype, shapes[k], (dtype + k) % 2);
				round_trip(_metadata, self, &params, &r);
				e = compare(self);
				if (codec != DRM_ASCDEV_CODEC_ASC_CBR) {
					ASSERT_EQ(0, e.max) TH_LOG("codec %u type %u shape %u",
								   codec, dtype, k);
					EXPECT_EQ(0, r.sum_abs_error);
					EXPECT_EQ(0, r.sum_sq_error);
					EXPECT_EQ(0, r.max_abs_error);
					EXPECT_EQ(0, r.linear_blocks + r.log_blocks);
					EXPECT_EQ(0, r.error_exponent);
				}
				if (codec == DRM_ASCDEV_CODEC_ASC_CBR &&
				    dtype < DRM_ASCDEV_DTYPE_F16) {
					EXPECT_EQ(e.sum, r.sum_abs_error);
					EXPECT_EQ(e.sum_sq, r.sum_sq_error);
					EXPECT_EQ(e.max, r.max_abs_error);
					EXPECT_EQ(0, r.error_exponent);
				}
				if (codec == DRM_ASCDEV_CODEC_ASC_CBR)
					EXPECT_LT(0, r.linear_blocks + r.log_blocks);
				if (codec == DRM_ASCDEV_CODEC_RAW)
					EXPECT_EQ(self->raw, r.bytes);
			}
}

/* What ASC-CBR is told, it does, and its record says so. */
TEST_F(payload, asc_cbr)
{
	static const struct drm_ascdev_block blocks[] = {
		{ 4, 4, 1, 0 }, { 16, 0, 0, 0 }, { 2, 2, 4, 0 },
	};
	uint32_t dtype, endpoints, profile, b;

	for (dtype = 0; dtype < DTYPES; dtype++) {
		describe(self, dtype, shapes[4], dtype % 2);
		for (endpoints = 1; endpoints <= 2; endpoints++)
			for (profile = 1; profile <= 2; profile++)
				for (b = 0; b < 3; b++) {
					struct drm_ascdev_codec_params p = {
						.codec = DRM_ASCDEV_CODEC_ASC_CBR,
						.endpoints = endpoints,
						.profile = profile,
						.block = blocks[b],
						.effort = b % 2,
					};
					struct drm_ascdev_result r;
					uint64_t values;

					if (profile == 2 && dtype_bytes(dtype) == 1) {
						EXPECT_EQ(-EINVAL, compress(self, &p));
						continue;
					}
					round_trip(_metadata, self, &p, &r);
					EXPECT_EQ(endpoints, r.endpoints);
					EXPECT_EQ(profile, r.profile);
					EXPECT_EQ(0, memcmp(&blocks[b], &r.block, sizeof(r.block)));
					values = (r.linear_blocks + r.log_blocks) * 16;
					EXPECT_LE(r.elements, values);
					/* 3 bits each, and endpoints of 8 or 16 bits */
					EXPECT_EQ(values / 16 *
						  (6 + endpoints * (profile == 1 ?
								    dtype_bytes(dtype) : 1)),
						  r.bytes);
				}
	}
}

TEST_F(payload, error_bounds_and_rates)
{
	static const uint32_t bounds[] = { 1, 20, 32767 }, rates[] = { 2 * 256, 3 * 256 + 77 };
	uint32_t codec, dtype, i;

	for (codec = DRM_ASCDEV_CODEC_ASC_VBR; codec < CODECS;
	     codec += DRM_ASCDEV_CODEC_AUTO - DRM_ASCDEV_CODEC_ASC_VBR)
		for (dtype = 0; dtype < DTYPES; dtype++) {
			describe(self, dtype, shapes[5], dtype % 2);
			for (i = 0; i < 5; i++) {
				struct drm_ascdev_codec_params p = {
					.codec = codec,
					.max_error = i < 3 ? bounds[i] : 0,
					.target_bpe = i < 3 ? 0 : rates[i - 3],
				};
				struct drm_ascdev_result r;
				struct errors e;

				round_trip(_metadata, self, &p, &r);
				e = compare(self);
				/* at a rate, errors of floats are counted in fixed point */
				if (i < 3 || dtype < DRM_ASCDEV_DTYPE_F16) {
					EXPECT_EQ(e.sum, r.sum_abs_error);
					EXPECT_EQ(e.sum_sq, r.sum_sq_error);
					EXPECT_EQ(e.max, r.max_abs_error);
					EXPECT_EQ(0, r.error_exponent);
				}
				if (i < 3)
					EXPECT_GE(bounds[i], e.max);
				if (i >= 3)
					EXPECT_LE(r.bytes * 2048, r.elements * rates[i - 3])
						TH_LOG("codec %u type %u", codec, dtype);
			}
		}
}

/* Every pattern of 16 bits, infinities, NaNs and negative zero among them. */
TEST_F(payload, every_float)
{
	static const uint32_t dim[4] = { 1, 4, 128, 128 };
	uint32_t codec, dtype, i;

	for (dtype = DRM_ASCDEV_DTYPE_F16; dtype <= DRM_ASCDEV_DTYPE_BF16; dtype++) {
		describe(self, dtype, dim, true);
		for (i = 0; i < 65536; i++)
			((uint16_t *)self->src.bytes)[i] = i * 40503u >> 3;
		for (codec = DRM_ASCDEV_CODEC_ASC_VBR; codec < CODECS; codec++) {
			struct drm_ascdev_codec_params params = { .codec = codec };
			struct drm_ascdev_result r;

			round_trip(_metadata, self, &params, &r);
			EXPECT_EQ(0, memcmp(self->src.bytes, self->back.bytes + GUARD, self->bytes))
				TH_LOG("codec %u type %u", codec, dtype);
		}
	}
}

/* A part is that part of the whole, and nothing beside it is touched. */
TEST_F(payload, parts)
{
	uint8_t *whole = malloc(VALUE_BYTES), *back = self->back.bytes + GUARD;
	uint32_t codec, k, n, i, at[4];

	for (codec = 1; codec < CODECS; codec++)
		for (k = 0; k < SHAPES; k++) {
			struct drm_ascdev_codec_params params = { .codec = codec };
			struct drm_ascdev_surface s;
			struct drm_ascdev_result r;

			if (codec != DRM_ASCDEV_CODEC_RAW)
				params.reorder = k % 3;
			describe(self, (codec + k) % DTYPES, shapes[k], k % 2);
			s = self->surface;
			round_trip(_metadata, self, &params, &r);
			memcpy(whole, back, self->bytes);
			for (n = 0; n < 6; n++) {
				struct drm_ascdev_part part;
				struct drm_ascdev_surface cut;
				bool same = true;

				for (i = 0; i < 4; i++) {
					part.dim[i] = 1 + random_u32(self) % s.dim[i];
					part.at[i] = random_u32(self) %
						     (s.dim[i] - part.dim[i] + 1);
				}
				lay_out(&cut, s.dtype, part.dim, n % 2);
				self->surface = cut;
				memcpy(self->surface.dim, s.dim, sizeof(s.dim));
				ASSERT_EQ(0, decompress(self, &params, &part, r.bytes));
				ASSERT_EQ(DRM_ASCDEV_STATUS_DONE, self->record->status);
				EXPECT_EQ((uint64_t)part.dim[0] * part.dim[1] * part.dim[2] *
					  part.dim[3], self->record->elements);
				EXPECT_EQ(self->record->elements * dtype_bytes(s.dtype),
					  self->record->bytes);
				EXPECT_LT(0, self->record->bytes_read);
				FOR_EACH_VALUE(at, part.dim) {
					uint32_t from[4];

					for (i = 0; i < 4; i++)
						from[i] = part.at[i] + at[i];
					same &= !memcmp(value_at(&s, whole, from),
							value_at(&cut, back, at),
							dtype_bytes(s.dtype));
				}
				EXPECT_TRUE(same) TH_LOG("codec %u shape %u", codec, k);
				EXPECT_TRUE(guards_are_whole(self, &cut, part.dim))
					TH_LOG("codec %u shape %u", codec, k);
			}
		}
	free(whole);
}

/* One value of many reads little of the payload. */
TEST_F(payload, a_small_part_reads_little)
{
	const struct drm_ascdev_part part = { { 0, 31, 9, 11 }, { 1, 1, 1, 1 } };
	static const uint32_t dim[4] = { 1, 60, 40, 40 };
	uint32_t codec;

	describe(self, DRM_ASCDEV_DTYPE_U8, dim, true);
	for (codec = 1; codec < CODECS; codec++) {
		struct drm_ascdev_codec_params params = { .codec = codec };
		struct drm_ascdev_result r;

		round_trip(_metadata, self, &params, &r);
		ASSERT_EQ(0, decompress(self, &params, &part, r.bytes));
		EXPECT_LT(0, self->record->bytes_read);
		EXPECT_GT(r.bytes / 3, self->record->bytes_read) TH_LOG("codec %u", codec);
	}
}

TEST_F(payload, given_orders)
{
	uint16_t *order = (uint16_t *)self->order.bytes;
	uint8_t *found = malloc(PAYLOAD_BYTES);
	uint32_t codec, i;

	describe(self, DRM_ASCDEV_DTYPE_U16, (uint32_t[]){ 1, 300, 6, 5 }, true);
	for (codec = 1; codec < CODECS; codec++) {
		struct drm_ascdev_codec_params p = { .codec = codec,
						     .reorder = DRM_ASCDEV_REORDER_GREEDY };
		struct drm_ascdev_codec_params decode;
		struct drm_ascdev_result r, again;

		if (codec == DRM_ASCDEV_CODEC_RAW)
			continue;
		decode = p;
		round_trip(_metadata, self, &decode, &r);
		ASSERT_NE(DRM_ASCDEV_CODEC_RAW, r.codec);
		memcpy(found, self->payload.bytes, r.bytes);
		/* what was found serves again */
		memcpy(order, found, 600);
		p.reorder = DRM_ASCDEV_REORDER_GIVEN;
		decode = p;
		round_trip(_metadata, self, &decode, &again);
		EXPECT_EQ(r.bytes, again.bytes);
		EXPECT_EQ(0, memcmp(found, self->payload.bytes, r.bytes)) TH_LOG("codec %u", codec);

		/* and so does any other */
		for (i = 0; i < 300; i++)
			order[i] = (i * 7 + 150) % 300;
		decode = p;
		round_trip(_metadata, self, &decode, &again);
		EXPECT_EQ(0, memcmp(order, self->payload.bytes, 600));

		/* what is no permutation fails when it runs, and writes nothing */
		memset(self->payload.bytes, 0xa5, 4096);
		for (i = 0; i < 3; i++) {
			long long failed = read_stat(self->minor, "jobs_failed");
			uint16_t good = order[299];

			order[299] = i == 0 ? order[0] : i == 1 ? 300 : 65535;
			ASSERT_EQ(0, compress(self, &p));
			EXPECT_EQ(DRM_ASCDEV_STATUS_FAILED, self->record->status);
			EXPECT_EQ(-EBADMSG, self->record->error);
			EXPECT_EQ(self->random, self->record->cookie);
			EXPECT_EQ(0, self->record->bytes);
			EXPECT_EQ(-EBADMSG, fence_status(self->fd, self->syncobj));
			EXPECT_EQ(0xa5, self->payload.bytes[0]);
			EXPECT_EQ(failed + 1, read_stat(self->minor, "jobs_failed"));
			order[299] = good;
		}
	}
	free(found);
}

/* The most channels there may be, of both widths of an order's entries. */
TEST_F(payload, many_channels)
{
	static const uint32_t channels[] = { 1, 255, 256, 257, 4096 };
	uint32_t i;

	for (i = 0; i < 5; i++) {
		const uint32_t dim[4] = { 1, channels[i], 2, 2 };
		struct drm_ascdev_codec_params params = {
			.codec = DRM_ASCDEV_CODEC_EBPC,
			.reorder = DRM_ASCDEV_REORDER_HEURISTIC,
		};
		struct drm_ascdev_result r;

		describe(self, DRM_ASCDEV_DTYPE_S8, dim, true);
		round_trip(_metadata, self, &params, &r);
		EXPECT_EQ(0, compare(self).max) TH_LOG("%u channels", channels[i]);
	}
}

/* Decompresses what may be damaged; returns what the record says. */
static int decompress_damaged(struct __test_metadata *_metadata, FIXTURE_DATA(payload) *self,
			      const struct drm_ascdev_codec_params *params, uint64_t bytes)
{
	struct drm_ascdev_result *r = self->record;

	ASSERT_EQ(0, decompress(self, params, NULL, bytes));
	EXPECT_TRUE(guards_are_whole(self, &self->surface, self->surface.dim))
		TH_LOG("codec %u", params->codec);
	EXPECT_EQ(r->error ? DRM_ASCDEV_STATUS_FAILED : DRM_ASCDEV_STATUS_DONE, r->status);
	EXPECT_TRUE(!r->error || r->error == -EBADMSG) TH_LOG("%d", r->error);
	EXPECT_EQ(r->error ? r->error : 1, fence_status(self->fd, self->syncobj));
	EXPECT_EQ(self->raw / dtype_bytes(self->surface.dtype), r->elements);
	EXPECT_EQ(self->raw, r->bytes);
	return r->error;
}

/* Bits turned over, the end cut off, an index of anything. */
TEST_F(payload, damaged_payloads)
{
	uint8_t *good = malloc(PAYLOAD_BYTES);
	uint32_t codec, k, n, i, broken = 0;

	for (codec = 1; codec < CODECS; codec++)
		for (k = 1; k < SHAPES; k++) {
			struct drm_ascdev_codec_params params = { .codec = codec };
			struct drm_ascdev_result r;

			if (codec != DRM_ASCDEV_CODEC_RAW)
				params.reorder = k % 2;
			describe(self, (codec + k) % DTYPES, shapes[k], k % 2);
			round_trip(_metadata, self, &params, &r);
			memcpy(good, self->payload.bytes, r.bytes);
			for (n = 0; n < 8; n++) {
				bool fixed = params.codec == DRM_ASCDEV_CODEC_ASC_CBR ||
					     params.codec == DRM_ASCDEV_CODEC_RAW;
				uint64_t bytes = r.bytes;

				memcpy(self->payload.bytes, good, r.bytes);
				for (i = 0; i < 1u << n; i++)
					self->payload.bytes[random_u32(self) % r.bytes] ^=
						1u << random_u32(self) % 8;
				if (n == 6)
					for (i = 0; i < 64 && i < r.bytes; i++)
						self->payload.bytes[i] = random_u32(self);
				if (n == 7)
					memset(self->payload.bytes, 0xff, r.bytes);
				if (n % 2 && !fixed)
					bytes = r.bytes / 2 + random_u32(self) % (r.bytes / 2 + 1);
				broken += !!decompress_damaged(_metadata, self, &params, bytes);
			}
		}
	EXPECT_LT(40, broken);
	free(good);
}

/* Where nothing can be told, values are the zero point. */
TEST_F(payload, no_tile_is_told)
{
	uint32_t codec, i;

	for (codec = DRM_ASCDEV_CODEC_ASC_VBR; codec <= DRM_ASCDEV_CODEC_ZVC; codec++) {
		struct drm_ascdev_codec_params params = { .codec = codec, .zero_point = 9 };
		struct drm_ascdev_result r;

		describe(self, DRM_ASCDEV_DTYPE_U8, shapes[1], true);
		round_trip(_metadata, self, &params, &r);
		memset(self->payload.bytes, 0xff, r.bytes);
		EXPECT_EQ(-EBADMSG, decompress_damaged(_metadata, self, &params, r.bytes));
		for (i = 0; i < self->bytes; i++)
			ASSERT_EQ(9, self->back.bytes[GUARD + i]);
	}
}

static volatile bool stop_scribbling;

static void *scribble(void *memory)
{
	volatile uint8_t *bytes = memory;
	uint32_t random = 1;

	while (!stop_scribbling) {
		random = random * 1664525 + 1013904223;
		bytes[(random >> 8) % 4096] = random >> 24;
	}
	return NULL;
}

/* A payload, its index and its order that another thread writes while they are read. */
TEST_F(payload, changing_payloads)
{
	uint32_t codec, i;

	for (codec = 1; codec < CODECS; codec++) {
		struct drm_ascdev_codec_params params = { .codec = codec };
		struct drm_ascdev_result r;
		pthread_t thread;

		if (codec != DRM_ASCDEV_CODEC_RAW)
			params.reorder = DRM_ASCDEV_REORDER_HEURISTIC;
		describe(self, DRM_ASCDEV_DTYPE_S16, shapes[5], true);
		round_trip(_metadata, self, &params, &r);
		stop_scribbling = false;
		ASSERT_EQ(0, pthread_create(&thread, NULL, scribble, self->payload.bytes));
		for (i = 0; i < 8; i++)
			decompress_damaged(_metadata, self, &params, r.bytes);
		stop_scribbling = true;
		pthread_join(thread, NULL);
	}
}

/* An order that another thread writes is one when the job begins, or the job fails. */
TEST_F(payload, changing_orders)
{
	struct drm_ascdev_codec_params params = {
		.codec = DRM_ASCDEV_CODEC_ZVC, .reorder = DRM_ASCDEV_REORDER_GIVEN,
	};
	uint16_t *order = (uint16_t *)self->order.bytes;
	struct drm_ascdev_result *r = self->record;
	pthread_t thread;
	uint32_t i, k;

	describe(self, DRM_ASCDEV_DTYPE_U8, (uint32_t[]){ 1, 2048, 3, 3 }, true);
	stop_scribbling = false;
	ASSERT_EQ(0, pthread_create(&thread, NULL, scribble, order));
	for (i = 0; i < 20; i++) {
		for (k = 0; k < 2048; k++)
			order[k] = k;
		ASSERT_EQ(0, compress(self, &params));
		EXPECT_EQ(r->error ? DRM_ASCDEV_STATUS_FAILED : DRM_ASCDEV_STATUS_DONE, r->status);
		EXPECT_TRUE(!r->error || r->error == -EBADMSG) TH_LOG("%d", r->error);
		if (r->error)
			continue;
		ASSERT_EQ(0, decompress(self, &params, NULL, r->bytes));
		EXPECT_EQ(0, r->error);
		EXPECT_EQ(0, compare(self).max);
	}
	stop_scribbling = true;
	pthread_join(thread, NULL);
}

TEST_HARNESS_MAIN
