// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * EBPC (Extended Bit-Plane Compression, arXiv 1908.11645), lossless, in the
 * format of its authors' hardware: one stream tells zeros from other values, in
 * another these are coded in blocks, bit plane by bit plane of their differences.
 */

#include "ebpc.h"

static u32 log2_of(u32 power)
{
	u32 n = 0;

	while (power >> n > 1)
		n++;
	return n;
}

static int check_params(const struct ebpc_params *p)
{
	if ((p->bits != 8 && p->bits != 16) || (p->block != 8 && p->block != 16) ||
	    p->zero_run < 2 || p->zero_run > 64 || p->zero_run & (p->zero_run - 1))
		return -EINVAL;
	return 0;
}

static void init_stream(struct ebpc_stream *s, void *data, u64 bytes, u32 word_bits)
{
	s->data = data;
	/* whole words only; of two bytes, or one */
	s->capacity = (bytes >> (word_bits == 16)) * word_bits;
	s->at = 0;
	s->word_bits = word_bits;
}

/* The byte in which a bit of the stream lies. */
static u64 byte_of(const struct ebpc_stream *s, u64 bit)
{
	/* words of two bytes have their first bits in the second one */
	return s->word_bits == 16 ? (bit >> 3) ^ 1 : bit >> 3;
}

/* Write the lowest @count bits, the highest of them first.  Returns false if full. */
static bool put_bits(struct ebpc_stream *s, u32 value, u32 count)
{
	if (count > s->capacity - s->at)
		return false;
	while (count--) {
		u8 *byte = &s->data[byte_of(s, s->at)];
		u8 mask = 0x80 >> (s->at & 7);

		*byte = value >> count & 1 ? *byte | mask : *byte & ~mask;
		s->at++;
	}
	return true;
}

/* Read @count bits, or return a negative errno. */
static s32 get_bits(struct ebpc_stream *s, u32 count)
{
	s32 value = 0;

	if (count > s->capacity - s->at)
		return -EBADMSG;
	while (count--) {
		value = value << 1 | (s->data[byte_of(s, s->at)] >> (7 - (s->at & 7)) & 1);
		s->at++;
	}
	return value;
}

/* Fill the last word with zeros.  Returns the bytes of the stream. */
static u64 pad_stream(struct ebpc_stream *s)
{
	while (s->at & (s->word_bits - 1))
		put_bits(s, 0, 1);
	return s->at / 8;
}

/**
 * ebpc_bound - the largest streams that a number of values may give
 * @params: parameters
 * @count: number of values, at most 2^40
 * @znz_bytes: receives a size
 * @bpc_bytes: receives a size
 *
 * Return: 0 or -EINVAL.
 */
int ebpc_bound(const struct ebpc_params *params, u64 count, u64 *znz_bytes, u64 *bpc_bytes)
{
	u32 position, plane, word = params->bits;
	u64 blocks;

	if (check_params(params) || count >> 40)
		return -EINVAL;
	position = log2_of(params->block);
	plane = params->block > 5 + position ? params->block : 5 + position;
	blocks = (count + params->block - 1) >> position;
	/* a lone zero has the longest code */
	*znz_bytes = ((count * (1 + log2_of(params->zero_run)) + word - 1) & ~(u64)(word - 1)) / 8;
	*bpc_bytes = ((blocks * (word + (word + 1) * plane) + word - 1) & ~(u64)(word - 1)) / 8;
	return 0;
}

/**
 * ebpc_encode_init - begin to encode
 * @e: filled in
 * @params: parameters
 * @znz: receives the first stream
 * @znz_bytes: room there; see ebpc_bound()
 * @bpc: receives the second stream
 * @bpc_bytes: room there
 *
 * Return: 0 or -EINVAL.
 */
int ebpc_encode_init(struct ebpc_encoder *e, const struct ebpc_params *params, void *znz,
		     u64 znz_bytes, void *bpc, u64 bpc_bytes)
{
	if (check_params(params))
		return -EINVAL;
	memset(e, 0, sizeof(*e));
	e->params = *params;
	init_stream(&e->znz, znz, znz_bytes, params->bits);
	init_stream(&e->bpc, bpc, bpc_bytes, params->bits);
	return 0;
}

static void put_znz(struct ebpc_encoder *e, u32 value, u32 count)
{
	if (!put_bits(&e->znz, value, count))
		e->full = true;
}

static void put_bpc(struct ebpc_encoder *e, u32 value, u32 count)
{
	if (!put_bits(&e->bpc, value, count))
		e->full = true;
}

static void flush_run(struct ebpc_encoder *e)
{
	if (e->run)
		put_znz(e, e->run - 1, 1 + log2_of(e->params.zero_run));
	e->run = 0;
}

static s32 sign_extend(u16 value, u32 bits)
{
	return bits == 8 ? (value & 0xff) - ((value & 0x80) << 1) :
			   (s32)value - ((value & 0x8000) << 1);
}

/* Zero planes are coded as runs, which end with the block. */
static void put_zero_planes(struct ebpc_encoder *e, u32 planes)
{
	if (planes == 1)
		put_bpc(e, 1, 2);			/* 01 */
	else if (planes)
		put_bpc(e, 1u << log2_of(e->params.bits) | (planes - 2),
			3 + log2_of(e->params.bits));	/* 001 n */
}

/*
 * @plane: a bit of each difference, the first one in the highest of @width bits;
 * @x: with the plane below XORed onto it
 */
static void put_plane(struct ebpc_encoder *e, u32 plane, u32 x, u32 width)
{
	u32 position = log2_of(e->params.block), low, p;

	if (x == (1u << width) - 1) {
		put_bpc(e, 0, 5);			/* 00000 */
		return;
	}
	if (!plane) {
		put_bpc(e, 1, 5);			/* 00001 */
		return;
	}
	low = x & -x;
	if (x == low || x == (low | low << 1)) {
		/* position of the first one from the left */
		for (p = 0; !(x >> (width - 1 - p) & 1); p++)
			;
		put_bpc(e, (x == low ? 3 : 2) << position | p, 5 + position);
		return;
	}
	put_bpc(e, 1u << width | x, 1 + width);
}

static void put_block(struct ebpc_encoder *e)
{
	u32 bits = e->params.bits, width = e->params.block - 1, zeros = 0, last = 0, i, j;
	s32 deltas[EBPC_MAX_BLOCK - 1];

	for (i = 0; i < width; i++)
		deltas[i] = sign_extend(e->values[i + 1], bits) - sign_extend(e->values[i], bits);
	put_bpc(e, e->values[0] & ((1u << bits) - 1), bits);
	for (j = 0; j <= bits; j++) {
		u32 plane = 0, x;

		for (i = 0; i < width; i++)
			plane = plane << 1 | ((u32)deltas[i] >> j & 1);
		x = plane ^ last;
		last = plane;
		if (!x) {
			zeros++;
			continue;
		}
		put_zero_planes(e, zeros);
		zeros = 0;
		put_plane(e, plane, x, width);
	}
	put_zero_planes(e, zeros);
	e->fill = 0;
}

/**
 * ebpc_encode - encode some values
 * @e: encoder
 * @values: values; of their bits the lowest ones count
 * @count: number of values
 */
void ebpc_encode(struct ebpc_encoder *e, const u16 *values, u32 count)
{
	u32 mask = (1u << e->params.bits) - 1, i;

	for (i = 0; i < count; i++) {
		if (!(values[i] & mask)) {
			if (++e->run == e->params.zero_run)
				flush_run(e);
			continue;
		}
		flush_run(e);
		put_znz(e, 1, 1);
		e->values[e->fill++] = values[i] & mask;
		if (e->fill == e->params.block)
			put_block(e);
	}
}

/**
 * ebpc_encode_end - complete both streams
 * @e: encoder
 * @znz_bytes: receives the size of the first stream
 * @bpc_bytes: receives the size of the second stream
 *
 * Return: 0, or -ENOSPC if a stream had no room.
 */
int ebpc_encode_end(struct ebpc_encoder *e, u64 *znz_bytes, u64 *bpc_bytes)
{
	flush_run(e);
	if (e->fill) {
		while (e->fill < e->params.block)
			e->values[e->fill++] = 0;
		put_block(e);
	}
	if (e->full)
		return -ENOSPC;
	*znz_bytes = pad_stream(&e->znz);
	*bpc_bytes = pad_stream(&e->bpc);
	return 0;
}

/**
 * ebpc_decode_init - begin to decode
 * @d: filled in
 * @params: parameters
 * @znz: first stream; any content is safe
 * @znz_bytes: its size
 * @bpc: second stream; any content is safe
 * @bpc_bytes: its size
 *
 * Return: 0 or -EINVAL.
 */
int ebpc_decode_init(struct ebpc_decoder *d, const struct ebpc_params *params, const void *znz,
		     u64 znz_bytes, const void *bpc, u64 bpc_bytes)
{
	if (check_params(params))
		return -EINVAL;
	memset(d, 0, sizeof(*d));
	d->params = *params;
	/* streams of a decoder are not written */
	init_stream(&d->znz, (void *)znz, znz_bytes, params->bits);
	init_stream(&d->bpc, (void *)bpc, bpc_bytes, params->bits);
	return 0;
}

/*
 * Read one symbol.  Sets *repeat to the number of planes that equal the last one,
 * or changes the plane.
 */
static int get_plane(struct ebpc_decoder *d, u32 *plane, u32 *repeat)
{
	u32 width = d->params.block - 1, position = log2_of(d->params.block);
	u32 zeros, ones;
	s32 kind, value;

	*repeat = 0;
	for (zeros = 0; zeros < 3; zeros++) {
		value = get_bits(&d->bpc, 1);
		if (value < 0)
			return value;
		if (value)
			break;
	}
	switch (zeros) {
	case 0:
		value = get_bits(&d->bpc, width);
		if (value < 0)
			return value;
		*plane ^= value;
		return 0;
	case 1:
		*repeat = 1;
		return 0;
	case 2:
		value = get_bits(&d->bpc, log2_of(d->params.bits));
		if (value < 0)
			return value;
		*repeat = value + 2;
		return 0;
	}
	kind = get_bits(&d->bpc, 2);
	if (kind < 0)
		return kind;
	if (kind == 0) {
		*plane ^= (1u << width) - 1;
		return 0;
	}
	if (kind == 1) {
		*plane = 0;
		return 0;
	}
	value = get_bits(&d->bpc, position);
	if (value < 0)
		return value;
	ones = kind == 2 ? 2 : 1;
	if (value + ones > width)
		return -EBADMSG;
	*plane ^= ((1u << ones) - 1) << (width - value - ones);
	return 0;
}

static int get_block(struct ebpc_decoder *d)
{
	u32 bits = d->params.bits, width = d->params.block - 1, mask = (1u << bits) - 1;
	u32 deltas[EBPC_MAX_BLOCK - 1] = { 0 }, plane = 0, i, j = 0;
	s32 base = get_bits(&d->bpc, bits);

	if (base < 0)
		return base;
	while (j <= bits) {
		u32 repeat, planes;
		int ret = get_plane(d, &plane, &repeat);

		if (ret)
			return ret;
		planes = repeat ? repeat : 1;
		if (planes > bits + 1 - j)
			return -EBADMSG;
		for (; planes; planes--, j++) {
			for (i = 0; i < width; i++)
				deltas[i] |= (plane >> (width - 1 - i) & 1) << j;
		}
	}
	d->values[0] = base;
	for (i = 0; i < width; i++)
		d->values[i + 1] = (d->values[i] + deltas[i]) & mask;
	d->left = d->params.block;
	return 0;
}

/**
 * ebpc_decode - decode some values
 * @d: decoder
 * @values: receives them; what could not be decoded is set to 0
 * @count: number of values
 *
 * Return: 0, or -EBADMSG if a stream ends too early or makes no sense.
 */
int ebpc_decode(struct ebpc_decoder *d, u16 *values, u32 count)
{
	u32 i;
	int ret = 0;

	for (i = 0; i < count; i++) {
		s32 code;

		if (!d->run) {
			code = get_bits(&d->znz, 1);
			if (code < 0) {
				ret = code;
				break;
			}
			if (code) {
				if (!d->left)
					ret = get_block(d);
				if (ret)
					break;
				values[i] = d->values[d->params.block - d->left--];
				continue;
			}
			code = get_bits(&d->znz, log2_of(d->params.zero_run));
			if (code < 0) {
				ret = code;
				break;
			}
			d->run = code + 1;
		}
		d->run--;
		values[i] = 0;
	}
	for (; i < count; i++)
		values[i] = 0;
	return ret;
}
