// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Feature maps in memory: extents, strides, edges.
 */

#include "surface.h"

/**
 * fmc_surface_check - validate a description and measure it
 * @s: the description; nothing in it is trusted
 * @elements: receives the number of values
 * @bytes: receives the distance from the first byte to the last one touched, plus 1
 *
 * Return: 0; -EINVAL for an unknown type or an extent of 0; -EOVERFLOW for more
 * than FMC_MAX_ELEMENTS values, or a stride of 2^32 bytes or more
 * that is used.
 */
int fmc_surface_check(const struct fmc_surface *s, u64 *elements, u64 *bytes)
{
	u64 count = 1, last = 0;
	u32 bits = fmc_dtype_bits(s->dtype);
	u32 i;

	if (!bits)
		return -EINVAL;

	for (i = 0; i < FMC_DIMS; i++) {
		if (!s->dim[i])
			return -EINVAL;
		count *= s->dim[i];
		if (count > FMC_MAX_ELEMENTS)
			return -EOVERFLOW;
		if (s->dim[i] == 1)
			continue;
		/* With these two limits the sum stays below 2^63. */
		if (s->stride[i] >> 32)
			return -EOVERFLOW;
		last += s->stride[i] * (s->dim[i] - 1);
	}

	*elements = count;
	*bytes = last + bits / 8;
	return 0;
}

/**
 * fmc_surface_is_injective - does every value have bytes of its own?
 * @s: a description that fmc_surface_check() accepted
 *
 * True where, taken in order of their strides, each dimension steps over all
 * that the smaller ones reach.  Every dense, padded or sliced layout is of this
 * kind.  A surface that is written must be.
 *
 * Return: true or false.
 */
bool fmc_surface_is_injective(const struct fmc_surface *s)
{
	u64 reach = fmc_dtype_bits(s->dtype) / 8;
	u32 done = 0, i, step;

	for (step = 0; step < FMC_DIMS; step++) {
		u32 next = FMC_DIMS;

		for (i = 0; i < FMC_DIMS; i++) {
			if (done & (1u << i) || s->dim[i] == 1)
				continue;
			if (next == FMC_DIMS || s->stride[i] < s->stride[next])
				next = i;
		}
		if (next == FMC_DIMS)
			return true;
		if (s->stride[next] < reach)
			return false;
		reach += s->stride[next] * (s->dim[next] - 1);
		done |= 1u << next;
	}
	return true;
}

/* What turns an integer into a number of equal order, and back. */
static u32 sign_flip(u32 dtype)
{
	return dtype == FMC_S8 ? 0x80 : dtype == FMC_S16 ? 0x8000 : 0;
}

static u16 load_u16(const u8 *p)
{
	u16 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static void store_u16(u8 *p, u16 v)
{
	memcpy(p, &v, sizeof(v));
}

/*
 * Rows of values.  Loops whose stride is a constant are ones that compilers turn into
 * vector code.
 */
static void load_u8_row(const u8 *__restrict p, u64 stride, u16 flip, u32 n,
			u16 *__restrict values)
{
	u32 i;

	if (stride == 1) {
		for (i = 0; i < n; i++)
			values[i] = p[i] ^ flip;
		return;
	}
	for (i = 0; i < n; i++)
		values[i] = p[i * stride] ^ flip;
}

static void load_u16_row(const u8 *__restrict p, u64 stride, u16 flip, u32 n,
			 u16 *__restrict values)
{
	u32 i;

	if (stride == 2) {
		for (i = 0; i < n; i++)
			values[i] = load_u16(p + 2ull * i) ^ flip;
		return;
	}
	for (i = 0; i < n; i++)
		values[i] = load_u16(p + i * stride) ^ flip;
}

static u16 float_to_ordered(u16 v)
{
	return v ^ ((v >> 15 ? 0xffff : 0) | 0x8000);
}

static void load_float_row(const u8 *__restrict p, u64 stride, u32 n, u16 *__restrict values)
{
	u32 i;

	if (stride == 2) {
		for (i = 0; i < n; i++)
			values[i] = float_to_ordered(load_u16(p + 2ull * i));
		return;
	}
	for (i = 0; i < n; i++)
		values[i] = float_to_ordered(load_u16(p + i * stride));
}

/* The box beside this one comes next.  What lies behind a row need not exist. */
static void prefetch_behind(const u8 *row, u64 bytes)
{
	__builtin_prefetch((const void *)((unsigned long)row + (unsigned long)bytes + 63));
}

static void prefetch_behind_to_write(const u8 *row, u64 bytes)
{
	__builtin_prefetch((const void *)((unsigned long)row + (unsigned long)bytes + 63), 1);
}

static void load_row(const struct fmc_surface *s, const u8 *p, u32 n, u16 *values)
{
	u64 stride = s->stride[FMC_DIM_W];

	prefetch_behind(p, n * stride);
	if (fmc_dtype_bits(s->dtype) == 8)
		load_u8_row(p, stride, sign_flip(s->dtype), n, values);
	else if (fmc_dtype_is_float(s->dtype))
		load_float_row(p, stride, n, values);
	else
		load_u16_row(p, stride, sign_flip(s->dtype), n, values);
}

static void store_u8_row(u8 *__restrict p, u64 stride, u16 flip, u32 n,
			 const u16 *__restrict values)
{
	u32 i;

	if (stride == 1) {
		for (i = 0; i < n; i++)
			p[i] = values[i] ^ flip;
		return;
	}
	for (i = 0; i < n; i++)
		p[i * stride] = values[i] ^ flip;
}

static void store_u16_row(u8 *__restrict p, u64 stride, u16 flip, u32 n,
			  const u16 *__restrict values)
{
	u32 i;

	if (stride == 2) {
		for (i = 0; i < n; i++)
			store_u16(p + 2ull * i, values[i] ^ flip);
		return;
	}
	for (i = 0; i < n; i++)
		store_u16(p + i * stride, values[i] ^ flip);
}

static u16 float_from_ordered(u16 number)
{
	return number ^ ((number >> 15 ? 0 : 0xffff) | 0x8000);
}

static void store_float_row(u8 *__restrict p, u64 stride, u32 n, const u16 *__restrict values)
{
	u32 i;

	if (stride == 2) {
		for (i = 0; i < n; i++)
			store_u16(p + 2ull * i, float_from_ordered(values[i]));
		return;
	}
	for (i = 0; i < n; i++)
		store_u16(p + i * stride, float_from_ordered(values[i]));
}

static void store_row(const struct fmc_surface *s, u8 *p, u32 n, const u16 *values)
{
	u64 stride = s->stride[FMC_DIM_W];

	prefetch_behind_to_write(p, n * stride);
	if (fmc_dtype_bits(s->dtype) == 8)
		store_u8_row(p, stride, sign_flip(s->dtype), n, values);
	else if (fmc_dtype_is_float(s->dtype))
		store_float_row(p, stride, n, values);
	else
		store_u16_row(p, stride, sign_flip(s->dtype), n, values);
}

/* A row of values of 8 bits in bytes, with the highest bit of each turned or not. */
static void copy_row(const u8 *__restrict from, u64 from_stride, u8 *__restrict to, u64 to_stride,
		     u8 flip, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		to[i * to_stride] = from[i * from_stride] ^ flip;
}

/**
 * struct rows - rows of values that lie side by side, in memory or in a box
 * @from: the first
 * @from_row: bytes from one to the next
 * @to: where it goes
 * @to_row: likewise
 * @bytes: bytes of a row
 * @count: how many
 * @flips: bits of 8 bytes to turn over
 */
struct rows {
	const u8 *from;
	u64 from_row;
	u8 *to;
	u64 to_row;
	u32 bytes, count;
	u64 flips;
};

/* In as large registers as there are; that is for the compiler to say. */
typedef u64 four_words __attribute__((__vector_size__(32)));

/* What is left of a row behind its vectors. */
static __always_inline void copy_rest(const u8 *from, u8 *to, u32 bytes, u64 flips)
{
	u64 one;
	u32 i;

	for (i = 0; i + 8 <= bytes; i += 8) {
		memcpy(&one, from + i, 8);
		one ^= flips;
		memcpy(to + i, &one, 8);
	}
	/* the byte order of values makes no difference to whole ones */
	for (; i + 2 <= bytes; i += 2) {
		u16 last = load_u16(from + i) ^ (u16)flips;

		store_u16(to + i, last);
	}
	if (i < bytes)
		to[i] = from[i] ^ (u8)flips;
}

/* Rows are short: what is done once for each of them counts. */
static __always_inline void copy_rows(const struct rows *rows, bool to_memory)
{
	u32 bytes = rows->bytes, whole = bytes & ~31u, y, i;
	four_words four;

	for (y = 0; y < rows->count; y++) {
		/* of a single row the distance to the next may be anything */
		const u8 *from = rows->from + y * rows->from_row;
		u8 *to = rows->to + y * rows->to_row;

		if (to_memory)
			prefetch_behind_to_write(to, bytes);
		else
			prefetch_behind(from, bytes);
		for (i = 0; i < whole; i += 32) {
			memcpy(&four, from + i, 32);
			four ^= rows->flips;
			memcpy(to + i, &four, 32);
		}
		if (i < bytes)
			copy_rest(from + i, to + i, bytes - i, rows->flips);
	}
}

/* Can values of @size bytes be copied so? */
static bool has_rows(const struct fmc_surface *s, u32 size)
{
	return s->stride[FMC_DIM_W] == size && fmc_dtype_bits(s->dtype) == 8 * size &&
	       !fmc_dtype_is_float(s->dtype);
}

static u64 row_flips(const struct fmc_surface *s)
{
	u64 flip = sign_flip(s->dtype);

	return fmc_dtype_bits(s->dtype) == 8 ? flip * 0x0101010101010101ull :
					       flip * 0x0001000100010001ull;
}

static u32 min_u32(u32 a, u32 b)
{
	return a < b ? a : b;
}

static u32 max_u32(u32 a, u32 b)
{
	return a > b ? a : b;
}

/* From the first value of a batch to that of the channel at a place in the order. */
static u64 channel_offset(const struct fmc_surface *s, u32 place)
{
	return (s->order ? s->order[place] : place) * s->stride[FMC_DIM_C];
}

/* Where the first row of a box begins, seen from the first value of its channel. */
static u64 box_offset(const struct fmc_surface *s, const struct fmc_box *box)
{
	return box->at[FMC_DIM_N] * s->stride[FMC_DIM_N] +
	       box->at[FMC_DIM_H] * s->stride[FMC_DIM_H] +
	       box->at[FMC_DIM_W] * s->stride[FMC_DIM_W];
}

/**
 * fmc_surface_gather - read a box of values as unsigned numbers of equal order
 * @s: a checked description
 * @base: its first value
 * @box: what to read; its first position lies inside the surface
 * @values: receives w*h*c values, x fastest, then y, then c
 *
 * A position outside the surface yields the value at the nearest position
 * inside, so that it neither widens a block's range nor skews its choice of a
 * scale much.  Each byte of the surface is read at most once per position.
 */
void fmc_surface_gather(const struct fmc_surface *s, const void *base,
			const struct fmc_box *box, u16 *values)
{
	const u8 *first = (const u8 *)base + box_offset(s, box);
	u32 in_w = min_u32(box->w, s->dim[FMC_DIM_W] - box->at[FMC_DIM_W]);
	u32 in_h = min_u32(box->h, s->dim[FMC_DIM_H] - box->at[FMC_DIM_H]);
	u32 in_c = min_u32(box->c, s->dim[FMC_DIM_C] - box->at[FMC_DIM_C]);
	u32 x, y, c;

	for (c = 0; c < box->c; c++) {
		u32 place = box->at[FMC_DIM_C] + min_u32(c, in_c - 1);
		const u8 *plane = first + channel_offset(s, place);

		if (has_rows(s, 2) && in_w == box->w && in_h == box->h) {
			struct rows rows = {
				.from = plane, .from_row = s->stride[FMC_DIM_H],
				.to = (u8 *)values, .to_row = 2 * box->w,
				.bytes = 2 * box->w, .count = box->h, .flips = row_flips(s),
			};

			copy_rows(&rows, false);
			values += box->w * box->h;
			continue;
		}
		for (y = 0; y < box->h; y++) {
			const u8 *p = plane + min_u32(y, in_h - 1) * s->stride[FMC_DIM_H];

			load_row(s, p, in_w, values);
			for (x = in_w; x < box->w; x++)
				values[x] = values[in_w - 1];
			values += box->w;
		}
	}
}

/**
 * fmc_surface_gather_bytes - read a box of values of 8 bits
 * @s: a checked description, of a type of 8 bits
 * @base: its first value
 * @box: what to read, all of it inside the surface
 * @values: receives w*h*c values as fmc_surface_gather() gives them, in bytes
 */
void fmc_surface_gather_bytes(const struct fmc_surface *s, const void *base,
			      const struct fmc_box *box, u8 *values)
{
	const u8 *first = (const u8 *)base + box_offset(s, box);
	u8 flip = sign_flip(s->dtype);
	u32 y, c;

	for (c = 0; c < box->c; c++) {
		const u8 *p = first + channel_offset(s, box->at[FMC_DIM_C] + c);

		if (has_rows(s, 1)) {
			struct rows rows = {
				.from = p, .from_row = s->stride[FMC_DIM_H],
				.to = values, .to_row = box->w,
				.bytes = box->w, .count = box->h, .flips = row_flips(s),
			};

			copy_rows(&rows, false);
			values += box->w * box->h;
			continue;
		}
		for (y = 0; y < box->h; y++) {
			copy_row(p + y * s->stride[FMC_DIM_H], s->stride[FMC_DIM_W], values, 1,
				 flip, box->w);
			values += box->w;
		}
	}
}

/**
 * fmc_surface_scatter - write a box of values
 * @s: a checked, injective description
 * @base: its first value
 * @box: what to write; positions outside the surface are left out
 * @values: w*h*c values as fmc_surface_gather() gives them
 */
void fmc_surface_scatter(const struct fmc_surface *s, void *base,
			 const struct fmc_box *box, const u16 *values)
{
	u8 *first = (u8 *)base + box_offset(s, box);
	u32 in_w = min_u32(box->w, s->dim[FMC_DIM_W] - box->at[FMC_DIM_W]);
	u32 in_h = min_u32(box->h, s->dim[FMC_DIM_H] - box->at[FMC_DIM_H]);
	u32 in_c = min_u32(box->c, s->dim[FMC_DIM_C] - box->at[FMC_DIM_C]);
	u32 y, c;

	for (c = 0; c < in_c; c++) {
		u8 *plane = first + channel_offset(s, box->at[FMC_DIM_C] + c);

		for (y = 0; y < in_h; y++) {
			const u16 *v = values + (c * box->h + y) * box->w;
			u8 *p = plane + y * s->stride[FMC_DIM_H];

			store_row(s, p, in_w, v);
		}
	}
}

static u64 position_offset(const struct fmc_surface *s, const u32 *at)
{
	return at[FMC_DIM_N] * s->stride[FMC_DIM_N] + channel_offset(s, at[FMC_DIM_C]) +
	       at[FMC_DIM_H] * s->stride[FMC_DIM_H] + at[FMC_DIM_W] * s->stride[FMC_DIM_W];
}

/* Does a position of a larger surface lie inside this one, which is cut out of it? */
static bool is_inside(u32 position, u32 origin, u32 extent)
{
	return position >= origin && position - origin < extent;
}

/* Values of a box have @size bytes each. */
static void scatter_part(const struct fmc_surface *s, void *base, const u32 *origin,
			 const struct fmc_box *box, const u16 *order, const void *values, u32 size)
{
	u32 left = max_u32(box->at[FMC_DIM_W], origin[FMC_DIM_W]);
	u32 right = min_u32(box->at[FMC_DIM_W] + box->w, origin[FMC_DIM_W] + s->dim[FMC_DIM_W]);
	u32 top = max_u32(box->at[FMC_DIM_H], origin[FMC_DIM_H]), y, c;
	u32 bottom = min_u32(box->at[FMC_DIM_H] + box->h, origin[FMC_DIM_H] + s->dim[FMC_DIM_H]);
	bool fast = has_rows(s, size);

	if (left >= right || top >= bottom)
		return;
	if (!is_inside(box->at[FMC_DIM_N], origin[FMC_DIM_N], s->dim[FMC_DIM_N]))
		return;
	for (c = 0; c < box->c; c++) {
		u32 place = box->at[FMC_DIM_C] + c, channel = order ? order[place] : place;
		u32 skipped = (c * box->h + top - box->at[FMC_DIM_H]) * box->w;
		u32 at[FMC_DIMS] = { box->at[FMC_DIM_N] - origin[FMC_DIM_N],
				     channel - origin[FMC_DIM_C], top - origin[FMC_DIM_H],
				     left - origin[FMC_DIM_W] };
		struct rows rows = {
			.from = (const u8 *)values + (skipped + left - box->at[FMC_DIM_W]) * size,
			.from_row = box->w * size, .to_row = s->stride[FMC_DIM_H],
			.bytes = (right - left) * size, .count = bottom - top,
		};

		if (!is_inside(channel, origin[FMC_DIM_C], s->dim[FMC_DIM_C]))
			continue;
		rows.to = (u8 *)base + position_offset(s, at);
		if (fast) {
			rows.flips = row_flips(s);
			copy_rows(&rows, true);
			continue;
		}
		for (y = 0; y < rows.count; y++) {
			const u8 *from = rows.from + y * rows.from_row;
			u8 *to = rows.to + y * rows.to_row;

			if (size == 2)
				store_row(s, to, right - left, (const u16 *)from);
			else
				copy_row(from, 1, to, s->stride[FMC_DIM_W],
					 sign_flip(s->dtype), right - left);
		}
	}
}

/**
 * fmc_surface_scatter_part - write what a box of values shares with a surface
 * @s: a checked, injective description of a part cut out of a larger surface; its
 *	order is NULL
 * @base: its first value
 * @origin: where the part begins in the larger surface, in each dimension
 * @box: a box of the larger surface; may reach over its far edges, but for channels
 * @order: order of the channels of the larger surface, or NULL
 * @values: w*h*c values of the box
 */
void fmc_surface_scatter_part(const struct fmc_surface *s, void *base, const u32 *origin,
			      const struct fmc_box *box, const u16 *order, const u16 *values)
{
	scatter_part(s, base, origin, box, order, values, 2);
}

/**
 * fmc_surface_scatter_part_bytes - the same for values of 8 bits that are in bytes
 * @s: as for fmc_surface_scatter_part(), of a type of 8 bits
 * @base: its first value
 * @origin: as for fmc_surface_scatter_part()
 * @box: as for fmc_surface_scatter_part()
 * @order: as for fmc_surface_scatter_part()
 * @values: w*h*c values of the box
 */
void fmc_surface_scatter_part_bytes(const struct fmc_surface *s, void *base, const u32 *origin,
				    const struct fmc_box *box, const u16 *order,
				    const u8 *values)
{
	scatter_part(s, base, origin, box, order, values, 1);
}

/**
 * fmc_surface_rows - where the rows of a box are, if all of it can be copied as rows
 * @s: as for fmc_surface_scatter_part(); if it is only read, any checked one
 * @origin: as for fmc_surface_scatter_part()
 * @box: as for fmc_surface_scatter_part(), of channels that are in no other order
 * @rows: receives it
 *
 * Return: whether the surface has all of the box, and values side by side.
 */
bool fmc_surface_rows(const struct fmc_surface *s, const u32 *origin, const struct fmc_box *box,
		      struct fmc_rows *rows)
{
	const u32 size[FMC_DIMS] = { 1, box->c, box->h, box->w };
	u32 i;

	if (!has_rows(s, fmc_dtype_bits(s->dtype) / 8))
		return false;
	rows->at = 0;
	for (i = 0; i < FMC_DIMS; i++) {
		u32 at = box->at[i] - origin[i];

		if (box->at[i] < origin[i] || at > s->dim[i] || size[i] > s->dim[i] - at)
			return false;
		rows->at += at * s->stride[i];
	}
	rows->row = s->stride[FMC_DIM_H];
	rows->plane = s->stride[FMC_DIM_C];
	rows->flip = sign_flip(s->dtype);
	return true;
}

/* Where value i of a surface is, in the order N, C, H, W; C is a place in the order. */
static void position_of(const struct fmc_surface *s, u32 i, u32 *at)
{
	u32 d;

	for (d = FMC_DIMS; d-- > 1; i /= s->dim[d])
		at[d] = i % s->dim[d];
	at[FMC_DIM_N] = i;
}

/* Values from a position to the end of its row. */
static u32 rest_of_row(const struct fmc_surface *s, const u32 *at, u32 most)
{
	return min_u32(s->dim[FMC_DIM_W] - at[FMC_DIM_W], most);
}

static void next_row(const struct fmc_surface *s, u32 *at)
{
	u32 d;

	at[FMC_DIM_W] = 0;
	for (d = FMC_DIM_W; d-- > 1; at[d] = 0) {
		if (++at[d] < s->dim[d])
			return;
	}
	at[FMC_DIM_N]++;
}

/**
 * fmc_surface_gather_run - read consecutive values, in the order N, C, H, W
 * @s: a checked description
 * @base: its first value
 * @first: index of the first one to read, inside the surface
 * @inside: how many lie inside the surface, at least 1
 * @count: how many to give; behind the end the last value is repeated
 * @values: receives them
 */
void fmc_surface_gather_run(const struct fmc_surface *s, const void *base, u32 first,
			    u32 inside, u32 count, u16 *values)
{
	u32 at[FMC_DIMS], i, n;

	position_of(s, first, at);
	for (i = 0; i < inside; i += n) {
		n = rest_of_row(s, at, inside - i);
		load_row(s, (const u8 *)base + position_offset(s, at), n, values + i);
		next_row(s, at);
	}
	for (; i < count; i++)
		values[i] = values[i - 1];
}

/**
 * fmc_surface_scatter_run - write consecutive values, in the order N, C, H, W
 * @s: a checked, injective description
 * @base: its first value
 * @first: index of the first one to write, inside the surface
 * @inside: how many to write; all lie inside the surface
 * @values: the values
 */
void fmc_surface_scatter_run(const struct fmc_surface *s, void *base, u32 first, u32 inside,
			     const u16 *values)
{
	u32 at[FMC_DIMS], i, n;

	position_of(s, first, at);
	for (i = 0; i < inside; i += n) {
		n = rest_of_row(s, at, inside - i);
		store_row(s, (u8 *)base + position_offset(s, at), n, values + i);
		next_row(s, at);
	}
}
