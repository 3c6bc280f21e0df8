// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Surfaces and payloads that begin or end where a page does, beside pages that cannot be accessed:
 * sanitisers do not see what masked vector instructions touch.  Layouts are of all kinds, values
 * of a source may overlap, payloads may be damaged; and every CPU does the same.
 */

#include <sys/mman.h>
#include <unistd.h>

#include "ascdev_harness.h"

#include "codec.h"
#include "cpus.h"
#include "rounds.h"

#define MAX_ELEMENTS	20000
#define MAX_BYTES	(1 << 20)

/**
 * struct pages - memory between two pages without access
 * @map: the first of these
 * @bytes: of all pages
 * @first: begin of the memory, or what is @bytes before the last page
 */
struct pages {
	u8 *map;
	size_t bytes;
	u8 *first;
};

static void get_pages(struct pages *p, size_t bytes, bool at_end)
{
	size_t page = sysconf(_SC_PAGESIZE), inside = (bytes + page - 1) / page * page;

	p->bytes = inside + 2 * page;
	p->map = mmap(NULL, p->bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p->map == MAP_FAILED || mprotect(p->map + page, inside, PROT_READ | PROT_WRITE))
		abort();
	p->first = p->map + page + (at_end ? inside - bytes : 0);
}

static void put_pages(struct pages *p)
{
	munmap(p->map, p->bytes);
}

static u32 next_random(u64 *seed)
{
	*seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
	return *seed >> 33;
}

static u32 below(u64 *seed, u32 limit)
{
	return next_random(seed) % limit;
}

/* Extents: anything small, few long rows, many small planes, narrow planes, one row. */
static void choose_dims(u64 *seed, u32 *dim)
{
	static const u32 most[][FMC_DIMS] = {
		{ 12, 12, 12, 12 }, { 1, 4, 20, 300 }, { 1, 200, 9, 9 }, { 2, 3, 150, 5 },
		{ 1, 1, 1, 20000 }, { 1, 20, 40, 24 },
	};
	u32 kind = below(seed, 6), i;

	for (i = 0; i < FMC_DIMS; i++)
		dim[i] = 1 + below(seed, most[kind][i]);
	/* whole blocks */
	if (kind == 5) {
		dim[FMC_DIM_H] = (dim[FMC_DIM_H] + 3) / 4 * 4;
		dim[FMC_DIM_W] = (dim[FMC_DIM_W] + 7) / 8 * 8;
	}
}

/* No two values overlap. */
static struct fmc_surface choose_surface(u64 *seed)
{
	struct fmc_surface s = { .dtype = below(seed, 6) };
	u32 order[FMC_DIMS] = { FMC_DIM_W, FMC_DIM_H, FMC_DIM_C, FMC_DIM_N }, kind, i;
	u64 bytes = fmc_dtype_bits(s.dtype) / 8, stride = bytes;

	choose_dims(seed, s.dim);
	kind = below(seed, 6);
	for (i = 0; !kind && i < FMC_DIMS; i++) {
		u32 k = below(seed, FMC_DIMS), other = order[k];

		order[k] = order[i];
		order[i] = other;
	}
	for (i = 0; i < FMC_DIMS; i++) {
		s.stride[order[i]] = stride;
		stride *= s.dim[order[i]];
		if (kind == 1)
			stride += below(seed, 70) * bytes;
		if (kind == 2)
			stride += below(seed, 7);
		if (kind == 3 && !i)
			stride = (stride + 63) / 64 * 64;
	}
	return s;
}

/* Only a source may be like that. */
static void let_values_overlap(u64 *seed, struct fmc_surface *s)
{
	u32 i;

	if (below(seed, 2)) {
		s->stride[below(seed, FMC_DIMS)] = 0;
		return;
	}
	for (i = 0; i < FMC_DIMS; i++) {
		if (below(seed, 2))
			s->stride[i] = below(seed, 40);
	}
}

static struct fmc_params choose_params(u64 *seed, u32 dtype)
{
	static const struct asc_cbr_block blocks[] = {
		{ 0, 0, 0 }, { 4, 4, 1 }, { 8, 2, 1 }, { 2, 4, 2 }, { 1, 1, 16 }, { 4, 2, 1 },
		{ 8, 1, 1 }, { 2, 2, 2 }, { 2, 2, 4 }, { 1, 1, 8 }, { 1, 8, 1 }, { 8, 4, 1 },
		{ 2, 4, 4 }, { 1, 4, 4 }, { 4, 4, 4 }, { 2, 1, 4 }, { 4, 1, 2 }, { 16, 0, 0 },
		{ 8, 0, 0 }, { 32, 0, 0 },
	};
	bool is_float = fmc_dtype_is_float(dtype);
	struct fmc_params p = { .codec = 1 + below(seed, FMC_CODEC_AUTO) };

	if (!below(seed, 3))
		p.codec = FMC_CODEC_ASC_CBR;
	if (p.codec == FMC_CODEC_ASC_CBR) {
		p.endpoints = below(seed, 3);
		p.scale = below(seed, 3);
		p.profile = below(seed, 4);
		p.effort = !below(seed, 6);
		p.block = blocks[below(seed, sizeof(blocks) / sizeof(blocks[0]))];
		if (p.profile == FMC_PROFILE_NARROW && below(seed, 2))
			p.exponent = below(seed, is_float ? 256 : 17);
	}
	if (p.codec == FMC_CODEC_ASC_VBR || p.codec == FMC_CODEC_AUTO) {
		switch (below(seed, 3)) {
		case 0:
			p.max_error = below(seed, 4) ? below(seed, 10) : below(seed, 32768);
			break;
		case 1:
			p.target_bpe = 64 + below(seed, 2560);
			break;
		}
	}
	if (!is_float && below(seed, 2))
		p.zero_point = below(seed, dtype == FMC_S8 ? 128 : 256);
	if (!below(seed, 4))
		p.reorder = below(seed, FMC_REORDER_GIVEN);
	return p;
}

static void fill(u64 *seed, u8 *memory, size_t bytes)
{
	u32 kind = below(seed, 4);
	size_t i;

	for (i = 0; i < bytes; i++) {
		u32 r = next_random(seed);

		memory[i] = kind == 0 ? r : kind == 1 ? (r & 0x300 ? 0 : r) :
			    kind == 2 ? (i ? memory[i - 1] : 0) + r % 7 - 3 : r & 0x300 ? 0 : 255;
	}
}

static struct fmc_workspace *workspace_of(enum fmc_cpu cpu, bool long_steps)
{
	static struct fmc_workspace workspace;

	memset(&workspace, 0x55 * cpu, sizeof(workspace));
	workspace.kernels = fmc_kernels_get(cpu);
	workspace.long_steps = long_steps;
	return &workspace;
}

struct coded {
	struct pages payload;
	u64 bytes;
	struct asc_cbr_stats stats;
	struct fmc_params params;
};

static void encode(enum fmc_cpu cpu, bool at_end, const struct fmc_surface *s,
		   const struct fmc_params *p, const u8 *src, struct coded *coded)
{
	struct fmc_encoder enc;
	u64 bound;

	if (fmc_bound(s, p, &bound))
		abort();
	get_pages(&coded->payload, bound, at_end);
	if (fmc_encode_init(&enc, s, p, workspace_of(cpu, at_end)))
		abort();
	while (fmc_encode_step(&enc, src, coded->payload.first))
		;
	coded->bytes = enc.bytes;
	coded->stats = enc.stats;
	coded->params = enc.params;
}

static bool is_same(const struct coded *a, const struct coded *b)
{
	struct asc_cbr_stats stats = b->stats;

	/* which only some vector code notes */
	stats.seen = a->stats.seen;
	stats.greatest = a->stats.greatest;
	stats.negative = a->stats.negative;
	return a->bytes == b->bytes && !memcmp(&a->stats, &stats, sizeof(stats)) &&
	       !memcmp(&a->params, &b->params, sizeof(a->params)) &&
	       !memcmp(a->payload.first, b->payload.first, a->bytes);
}

struct decoded {
	struct pages values;
	u64 bytes, bytes_read;
	int error;
};

static void decode(enum fmc_cpu cpu, bool at_end, const struct fmc_surface *s,
		   const struct fmc_params *p, const struct fmc_part *part, const u8 *payload,
		   u64 bytes, struct decoded *decoded)
{
	struct fmc_decoder dec;
	u64 least;

	if (fmc_decode_check(s, p, part, &least, &decoded->bytes) || least > bytes)
		abort();
	get_pages(&decoded->values, decoded->bytes, at_end);
	if (fmc_decode_init(&dec, s, p, part, bytes, workspace_of(cpu, at_end)))
		abort();
	while (fmc_decode_step(&dec, payload, decoded->values.first))
		;
	decoded->bytes_read = dec.bytes_read;
	decoded->error = dec.error;
}

/* Gaps between values are zero, and stay so. */
static bool are_same(const struct decoded *a, const struct decoded *b)
{
	return a->error == b->error && a->bytes_read == b->bytes_read &&
	       !memcmp(a->values.first, b->values.first, a->bytes);
}

/* Returns whether all CPUs decode it to the same. */
static bool decode_all(u64 *seed, const struct fmc_surface *s, const struct coded *coded)
{
	struct fmc_part some, *part = below(seed, 2) ? &some : NULL;
	bool at_end = below(seed, 2), ok = true;
	struct decoded plain, other;
	struct pages payload;
	enum fmc_cpu cpu;
	u32 i;

	for (i = 0; i < FMC_DIMS; i++) {
		some.at[i] = below(seed, s->dim[i]);
		some.dim[i] = 1 + below(seed, s->dim[i] - some.at[i]);
	}
	/* of just as many bytes */
	get_pages(&payload, coded->bytes, at_end);
	memcpy(payload.first, coded->payload.first, coded->bytes);
	for (i = below(seed, 3) ? 0 : below(seed, 20); i; i--)
		payload.first[below(seed, coded->bytes)] = next_random(seed);
	decode(FMC_CPU_SCALAR, at_end, s, &coded->params, part, payload.first, coded->bytes,
	       &plain);
	for (cpu = FMC_CPU_SCALAR + 1; cpu < FMC_CPUS; cpu++) {
		if (!test_has_cpu(cpu))
			continue;
		decode(cpu, at_end, s, &coded->params, part, payload.first, coded->bytes, &other);
		ok &= are_same(&plain, &other);
		put_pages(&other.values);
	}
	put_pages(&plain.values);
	put_pages(&payload);
	return ok;
}

/* Returns 1 if all CPUs do the same, 0 if not, -1 if there is nothing to do. */
static int try_one(u64 seed)
{
	struct fmc_surface whole = choose_surface(&seed), s = whole;
	bool at_end = below(&seed, 2), ok = true;
	u64 elements, bytes, bound;
	struct coded plain, other;
	struct fmc_params p;
	struct pages src;
	enum fmc_cpu cpu;

	if (!below(&seed, 4))
		let_values_overlap(&seed, &s);
	p = choose_params(&seed, s.dtype);
	if (fmc_bound(&s, &p, &bound) || fmc_surface_check(&s, &elements, &bytes) ||
	    elements > MAX_ELEMENTS || bytes > MAX_BYTES)
		return -1;
	get_pages(&src, bytes, at_end);
	fill(&seed, src.first, bytes);
	encode(FMC_CPU_SCALAR, at_end, &s, &p, src.first, &plain);
	for (cpu = FMC_CPU_SCALAR + 1; cpu < FMC_CPUS; cpu++) {
		if (!test_has_cpu(cpu))
			continue;
		encode(cpu, at_end, &s, &p, src.first, &other);
		ok &= is_same(&plain, &other);
		put_pages(&other.payload);
	}
	ok &= decode_all(&seed, &whole, &plain);
	put_pages(&plain.payload);
	put_pages(&src);
	return ok;
}

TEST(beside_pages_without_access)
{
	u32 tried = 0, i;

	for (i = 0; i < rounds(1500); i++) {
		int ret = try_one(i);

		EXPECT_NE(0, ret)
			TH_LOG("seed %u", i);
		tried += ret > 0;
	}
	EXPECT_LT(rounds(1500) / 3, tried);
}

TEST_HARNESS_MAIN
