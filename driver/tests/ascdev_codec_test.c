// SPDX-License-Identifier: GPL-2.0-only
/*
 * The codecs as the kernel compiles them: the golden vectors, and what the driver
 * relies on.  codec/tests has the rest.
 */

#include <kunit/test.h>
#include <linux/math.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "../ascdev_vector.h"
#include "kernels.h"
#include "params_text.h"
#include "tests/golden.h"

/* Vectors with more values take long under the kernel's checkers. */
#define MAX_ELEMENTS	4096
#define MAX_BYTES	(2 * MAX_ELEMENTS)
#define MAX_PAYLOAD	(5 * MAX_BYTES)
/* Bytes behind the output, which must stay as they are. */
#define GUARD		64
#define GUARD_BYTE	0x5c

/**
 * struct context - memory of a test
 * @src: values
 * @payload: what becomes of them
 * @dst: what becomes of that
 * @enc: encoder
 * @dec: decoder
 * @surface: describes @src
 * @size: bytes of a value
 * @elements: values in @surface
 * @bytes: bytes of @surface
 * @cpu: what code runs
 * @workspace: for both
 */
struct context {
	u8 src[MAX_BYTES];
	u8 payload[MAX_PAYLOAD + GUARD];
	u8 dst[MAX_BYTES + GUARD];
	struct fmc_encoder enc;
	struct fmc_decoder dec;
	struct fmc_surface surface;
	u32 size;
	u64 elements;
	u64 bytes;
	enum fmc_cpu cpu;
	struct fmc_workspace workspace;
};

/* Each case runs plain C, and then what the module chose. */
static const char * const codes[] = { "plain C", "vectors" };

static void code_name(const char * const *code, char *name)
{
	strscpy(name, *code, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(code, codes, code_name);

static int codec_init(struct kunit *test)
{
	bool vectors = test->param_value == &codes[1];
	struct context *c;

	if (vectors && ascdev_vector_cpu() == FMC_CPU_SCALAR)
		kunit_skip(test, "no vector registers, or the module was loaded with cpu=scalar");
	c = kvzalloc(sizeof(*c), GFP_KERNEL);
	test->priv = c;
	if (!c)
		return -ENOMEM;
	c->cpu = vectors ? ascdev_vector_cpu() : FMC_CPU_SCALAR;
	return 0;
}

static void codec_exit(struct kunit *test)
{
	kvfree(test->priv);
}

static struct fmc_params params_of(const struct vector *v)
{
	return (struct fmc_params){
		.codec = v->codec, .zero_point = v->zero_point, .block = v->block,
		.effort = v->effort, .reorder = v->reorder, .max_error = v->max_error,
		.target_bpe = v->target_bpe, .profile = v->profile,
	};
}

static void describe(struct kunit *test, const struct vector *v)
{
	struct context *c = test->priv;
	u64 stride;
	u32 i;

	c->size = fmc_dtype_bits(v->dtype) / 8;
	stride = c->size;
	c->surface = (struct fmc_surface){ .dtype = v->dtype };
	for (i = FMC_DIMS; i-- > 0; stride *= v->dim[i]) {
		c->surface.dim[i] = v->dim[i];
		c->surface.stride[i] = stride;
	}
	KUNIT_ASSERT_EQ(test, 0, fmc_surface_check(&c->surface, &c->elements, &c->bytes));
	KUNIT_ASSERT_LE(test, c->bytes, MAX_BYTES);
	fill(v, c->src);
}

static bool guard_is_intact(const u8 *guard)
{
	return !memchr_inv(guard, GUARD_BYTE, GUARD);
}

static void encode(struct kunit *test, const struct fmc_params *params)
{
	struct context *c = test->priv;
	u64 bound;
	int more;

	KUNIT_ASSERT_EQ(test, 0, fmc_bound(&c->surface, params, &bound));
	KUNIT_ASSERT_LE(test, bound, MAX_PAYLOAD);
	memset(c->payload + bound, GUARD_BYTE, GUARD);
	c->workspace.kernels = fmc_kernels_get(c->cpu);
	KUNIT_ASSERT_EQ(test, 0, fmc_encode_init(&c->enc, &c->surface, params, &c->workspace));
	do {
		ascdev_vector_begin(c->cpu);
		more = fmc_encode_step(&c->enc, c->src, c->payload);
		ascdev_vector_end(c->cpu);
		cond_resched();
	} while (more);
	KUNIT_ASSERT_LE(test, c->enc.bytes, bound);
	KUNIT_ASSERT_TRUE(test, guard_is_intact(c->payload + bound));
}

/* Decodes to dense memory of the part's extents; the whole, if there is no part. */
static void decode(struct kunit *test, const struct fmc_part *part, u64 bytes)
{
	struct context *c = test->priv;
	struct fmc_surface dst = c->surface;
	u64 stride = c->size;
	int more;
	u32 i;

	for (i = FMC_DIMS; i-- > 0; stride *= part ? part->dim[i] : dst.dim[i])
		dst.stride[i] = stride;
	memset(c->dst + bytes, GUARD_BYTE, GUARD);
	KUNIT_ASSERT_EQ(test, 0, fmc_decode_init(&c->dec, &dst, &c->enc.params, part, c->enc.bytes,
						 &c->workspace));
	do {
		ascdev_vector_begin(c->cpu);
		more = fmc_decode_step(&c->dec, c->payload, c->dst);
		ascdev_vector_end(c->cpu);
		cond_resched();
	} while (more);
	KUNIT_ASSERT_TRUE(test, guard_is_intact(c->dst + bytes));
}

static void golden(struct kunit *test, u32 codec)
{
	struct context *c = test->priv;
	u32 i, count = 0;

	for (i = 0; i < ARRAY_SIZE(vectors); i++) {
		const struct vector *v = &vectors[i];
		struct fmc_params params = params_of(v);

		if (v->codec != codec ||
		    v->dim[0] * v->dim[1] * v->dim[2] * v->dim[3] > MAX_ELEMENTS)
			continue;
		count++;
		describe(test, v);
		encode(test, &params);
		KUNIT_EXPECT_EQ_MSG(test, v->coded_as, c->enc.params.codec, "vector %u", i);
		KUNIT_EXPECT_EQ_MSG(test, v->bytes, c->enc.bytes, "vector %u", i);
		KUNIT_EXPECT_EQ_MSG(test, v->payload_hash, hash_bytes(c->payload, c->enc.bytes),
				    "vector %u", i);
		decode(test, NULL, c->bytes);
		KUNIT_EXPECT_EQ_MSG(test, 0, c->dec.error, "vector %u", i);
		KUNIT_EXPECT_EQ_MSG(test, v->values_hash,
				    hash_values(c->dst, c->elements, c->size), "vector %u", i);
	}
	KUNIT_EXPECT_GT(test, count, 10);
}

static void golden_asc_cbr(struct kunit *test)
{
	golden(test, FMC_CODEC_ASC_CBR);
}

static void golden_asc_vbr(struct kunit *test)
{
	golden(test, FMC_CODEC_ASC_VBR);
}

static void golden_ebpc(struct kunit *test)
{
	golden(test, FMC_CODEC_EBPC);
}

static void golden_dcac(struct kunit *test)
{
	golden(test, FMC_CODEC_DCAC);
}

static void golden_zvc(struct kunit *test)
{
	golden(test, FMC_CODEC_ZVC);
}

static void golden_raw(struct kunit *test)
{
	golden(test, FMC_CODEC_RAW);
}

static void golden_auto(struct kunit *test)
{
	golden(test, FMC_CODEC_AUTO);
}

/* One batch, for the other one has infinities in floats. */
static struct vector map(u32 codec, u32 dtype)
{
	return (struct vector){ .codec = codec, .dtype = dtype, .dim = { 1, 5, 13, 17 } };
}

static void lossless(struct kunit *test)
{
	struct context *c = test->priv;
	u32 codec, dtype;

	for (codec = FMC_CODEC_ASC_VBR; codec <= FMC_CODEC_AUTO; codec++)
		for (dtype = FMC_U8; dtype <= FMC_BF16; dtype++) {
			struct vector v = map(codec, dtype);
			struct fmc_params params = params_of(&v);

			describe(test, &v);
			encode(test, &params);
			decode(test, NULL, c->bytes);
			KUNIT_EXPECT_EQ(test, 0, c->dec.error);
			KUNIT_EXPECT_TRUE_MSG(test, !memcmp(c->src, c->dst, c->bytes),
					      "codec %u, dtype %u", codec, dtype);
		}
}

static void bounded_error(struct kunit *test)
{
	struct vector v = map(FMC_CODEC_ASC_VBR, FMC_S16);
	struct context *c = test->priv;
	s16 before, after;
	u32 i, worst = 0;

	v.max_error = 5;
	describe(test, &v);
	encode(test, &(struct fmc_params){ .codec = v.codec, .max_error = v.max_error });
	decode(test, NULL, c->bytes);
	for (i = 0; i < c->elements; i++) {
		memcpy(&before, c->src + 2 * i, 2);
		memcpy(&after, c->dst + 2 * i, 2);
		worst = max_t(u32, worst, abs(before - after));
	}
	KUNIT_EXPECT_GT(test, worst, 0);
	KUNIT_EXPECT_LE(test, worst, v.max_error);
}

/* A part is what it is in the whole. */
static void part(struct kunit *test)
{
	static const struct fmc_part part = { .at = { 0, 1, 3, 6 }, .dim = { 1, 3, 9, 10 } };
	struct context *c = test->priv;
	u64 bytes, part_bytes, at;
	u32 codec, k, y;
	u8 *whole;

	whole = kunit_kzalloc(test, MAX_BYTES, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, whole);
	for (codec = FMC_CODEC_ASC_CBR; codec <= FMC_CODEC_RAW; codec++) {
		struct vector v = map(codec, FMC_U16);
		struct fmc_params params = params_of(&v);
		const u8 *got = c->dst;

		describe(test, &v);
		encode(test, &params);
		decode(test, NULL, c->bytes);
		memcpy(whole, c->dst, c->bytes);
		bytes = 3 * 9 * 10 * c->size;
		decode(test, &part, bytes);
		KUNIT_EXPECT_EQ(test, 0, c->dec.error);
		for (k = 0; k < part.dim[FMC_DIM_C]; k++)
			for (y = 0; y < part.dim[FMC_DIM_H]; y++) {
				at = (k + 1) * c->surface.stride[FMC_DIM_C] +
				     (y + 3) * c->surface.stride[FMC_DIM_H] + 6 * c->size;
				KUNIT_EXPECT_TRUE_MSG(test,
						      !memcmp(whole + at, got, 10 * c->size),
						      "codec %u, channel %u, row %u", codec, k, y);
				got += 10 * c->size;
			}
		KUNIT_EXPECT_EQ(test, 0, fmc_decode_check(&c->surface, &c->enc.params, &part,
							  &bytes, &part_bytes));
	}
}

/* Any bytes decode to something, or to an error, and to the same each time. */
static void hostile_payload(struct kunit *test)
{
	struct context *c = test->priv;
	u32 codec, dtype, round, i, seed = 1;
	u64 hash;
	int error;

	for (codec = FMC_CODEC_ASC_CBR; codec <= FMC_CODEC_RAW; codec++)
		for (dtype = FMC_U8; dtype <= FMC_BF16; dtype++) {
			struct vector v = map(codec, dtype);
			struct fmc_params params = params_of(&v);

			describe(test, &v);
			for (round = 0; round < 8; round++) {
				encode(test, &params);
				for (i = 0; i < 1u << round; i++)
					c->payload[random_u32(&seed) % (u32)c->enc.bytes] ^=
						random_u32(&seed);
				memset(c->dst, 0, c->bytes);
				decode(test, NULL, c->bytes);
				error = c->dec.error;
				hash = hash_bytes(c->dst, c->bytes);
				KUNIT_EXPECT_TRUE(test, !error || error == -EBADMSG);
				memset(c->dst, 0xff, c->bytes);
				decode(test, NULL, c->bytes);
				KUNIT_EXPECT_EQ(test, error, c->dec.error);
				KUNIT_EXPECT_EQ_MSG(test, hash, hash_bytes(c->dst, c->bytes),
						    "codec %u, dtype %u", codec, dtype);
			}
		}
}

/* Nothing but noise, from some place on. */
static void hostile_noise(struct kunit *test)
{
	struct context *c = test->priv;
	u32 codec, dtype, round, seed = 2;
	u64 i;

	for (codec = FMC_CODEC_ASC_CBR; codec <= FMC_CODEC_RAW; codec++)
		for (dtype = FMC_U8; dtype <= FMC_BF16; dtype++) {
			struct vector v = map(codec, dtype);
			struct fmc_params params = params_of(&v);

			if (codec == FMC_CODEC_ASC_CBR)
				params.profile = FMC_PROFILE_FULL;
			for (round = 0; round < 24; round++) {
				describe(test, &v);
				/* small tiles end sooner than they say */
				if (round % 2)
					memset(c->src, 0, c->bytes - c->bytes / 16);
				encode(test, &params);
				for (i = c->enc.bytes * round / 24; i < c->enc.bytes; i++)
					c->payload[i] = round % 3 ? random_u32(&seed) : 0xff;
				decode(test, NULL, c->bytes);
				KUNIT_EXPECT_TRUE(test, !c->dec.error || c->dec.error == -EBADMSG);
			}
		}
}

/* Noise does not become smaller, and what does not fit its tile is stored. */
static void incompressible(struct kunit *test)
{
	struct context *c = test->priv;
	u32 codec, dtype, seed = 3;
	u64 i;

	for (codec = FMC_CODEC_ASC_VBR; codec <= FMC_CODEC_AUTO; codec++)
		for (dtype = FMC_U8; dtype <= FMC_S16; dtype++) {
			struct vector v = map(codec, dtype);
			struct fmc_params params = params_of(&v);

			if (codec != FMC_CODEC_RAW)
				params.reorder = FMC_REORDER_GREEDY;
			describe(test, &v);
			for (i = 0; i < c->bytes; i++)
				c->src[i] = random_u32(&seed);
			encode(test, &params);
			KUNIT_EXPECT_GE(test, c->enc.bytes, c->bytes);
			decode(test, NULL, c->bytes);
			KUNIT_EXPECT_EQ(test, 0, c->dec.error);
			KUNIT_EXPECT_TRUE_MSG(test, !memcmp(c->src, c->dst, c->bytes),
					      "codec %u, dtype %u", codec, dtype);
		}
}

/* The greatest numbers, which a coarse step must not make infinite. */
static void large_floats(struct kunit *test)
{
	struct context *c = test->priv;
	u32 codec, dtype, round, seed = 4, infinity;
	u64 i;

	for (codec = FMC_CODEC_ASC_CBR; codec <= FMC_CODEC_ASC_VBR; codec++)
		for (dtype = FMC_F16; dtype <= FMC_BF16; dtype++)
			for (round = 0; round < 4; round++) {
				struct vector v = map(codec, dtype);
				struct fmc_params params = params_of(&v);
				u16 value;

				if (codec == FMC_CODEC_ASC_VBR && round % 2)
					params.max_error = 100 * round;
				else if (codec == FMC_CODEC_ASC_VBR)
					params.target_bpe = 512 + 256 * round;
				infinity = dtype == FMC_F16 ? 0x7c00 : 0x7f80;
				describe(test, &v);
				for (i = 0; i < c->elements; i++) {
					value = infinity - 1 - random_u32(&seed) % (1 << 3 * round);
					value |= random_u32(&seed) & 0x8000;
					memcpy(c->src + 2 * i, &value, 2);
				}
				encode(test, &params);
				decode(test, NULL, c->bytes);
				KUNIT_EXPECT_EQ(test, 0, c->dec.error);
				for (i = 0; i < c->elements; i++) {
					memcpy(&value, c->dst + 2 * i, 2);
					KUNIT_ASSERT_LT_MSG(test, value & 0x7fff, infinity,
							    "codec %u, dtype %u, round %u", codec,
							    dtype, round);
				}
			}
}

static void refused(struct kunit *test)
{
	struct vector v = map(FMC_CODEC_ASC_VBR, FMC_U8);
	struct context *c = test->priv;
	struct fmc_surface s;
	struct fmc_params p;
	u64 bytes, elements;

	describe(test, &v);
	s = c->surface;
	s.dim[FMC_DIM_H] = 0;
	KUNIT_EXPECT_EQ(test, -EINVAL, fmc_surface_check(&s, &elements, &bytes));
	s = c->surface;
	s.dtype = FMC_BF16 + 1;
	KUNIT_EXPECT_EQ(test, -EINVAL, fmc_surface_check(&s, &elements, &bytes));
	s = c->surface;
	s.stride[FMC_DIM_N] = U64_MAX;
	s.dim[FMC_DIM_N] = 3;
	KUNIT_EXPECT_NE(test, 0, fmc_surface_check(&s, &elements, &bytes));

	p = params_of(&v);
	p.codec = FMC_CODEC_AUTO + 1;
	KUNIT_EXPECT_NE(test, 0, fmc_bound(&c->surface, &p, &bytes));
	p = params_of(&v);
	p.max_error = 1;
	p.target_bpe = 256;
	KUNIT_EXPECT_NE(test, 0, fmc_bound(&c->surface, &p, &bytes));
	p = params_of(&v);
	p.zero_point = 256;
	KUNIT_EXPECT_NE(test, 0, fmc_bound(&c->surface, &p, &bytes));
}

static void text(struct kunit *test)
{
	static const struct {
		const char *key, *value;
		bool valid;
	} cases[] = {
		{ "codec", "asc-vbr", true }, { "codec", "asc", false }, { "codec", "", false },
		{ "block", "4x4x2", true }, { "block", "4x4", false },
		{ "reorder", "greedy", true }, { "reorder", "Greedy", false },
		{ "target_bpe", "4.5", true }, { "target_bpe", "-1", false },
		{ "zero_point", "-128", true }, { "zero_point", "65535", true },
		{ "zero_point", "--1", false }, { "zero_point", "-65536", false },
		{ "max_error", "3", true }, { "max_error", "32768", false },
		{ "colour", "red", false },
	};
	char value[FMC_TEXT_BYTES];
	struct fmc_params p = { .codec = FMC_CODEC_RAW };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		int ret = fmc_param_set(&p, cases[i].key, strlen(cases[i].key), cases[i].value,
					strlen(cases[i].value));

		KUNIT_EXPECT_EQ_MSG(test, cases[i].valid, !ret, "case %u", i);
		if (ret)
			continue;
		KUNIT_EXPECT_EQ(test, 0, fmc_param_get(&p, cases[i].key, value));
		KUNIT_EXPECT_STREQ(test, value, cases[i].value);
	}
}

static struct kunit_case codec_cases[] = {
	KUNIT_CASE_PARAM(golden_asc_cbr, code_gen_params),
	KUNIT_CASE_PARAM(golden_asc_vbr, code_gen_params),
	KUNIT_CASE_PARAM(golden_ebpc, code_gen_params),
	KUNIT_CASE_PARAM(golden_dcac, code_gen_params),
	KUNIT_CASE_PARAM(golden_zvc, code_gen_params),
	KUNIT_CASE_PARAM(golden_raw, code_gen_params),
	KUNIT_CASE_PARAM(golden_auto, code_gen_params),
	KUNIT_CASE_PARAM(lossless, code_gen_params),
	KUNIT_CASE_PARAM(bounded_error, code_gen_params),
	KUNIT_CASE_PARAM(part, code_gen_params),
	KUNIT_CASE_PARAM(hostile_payload, code_gen_params),
	KUNIT_CASE_PARAM(hostile_noise, code_gen_params),
	KUNIT_CASE_PARAM(incompressible, code_gen_params),
	KUNIT_CASE_PARAM(large_floats, code_gen_params),
	KUNIT_CASE(refused),
	KUNIT_CASE(text),
	{ }
};

static struct kunit_suite codec_suite = {
	.name = "ascdev_codec",
	.init = codec_init,
	.exit = codec_exit,
	.test_cases = codec_cases,
};

kunit_test_suite(codec_suite);
