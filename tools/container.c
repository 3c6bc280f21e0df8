// SPDX-License-Identifier: MIT
/*
 * .asc files.  Everything in the header is checked, and both checksums, before
 * the payload is decoded.
 */

#include <stdlib.h>
#include <string.h>

#include "container.h"
#include "crc32c.h"
#include "file.h"

#define MAGIC		"\x89" "ASC\r\n\x1a\n"
#define VERSION		1
#define HEADER_BYTES	80

/* Offsets of the fields; all little-endian. */
enum {
	AT_MAGIC = 0,
	AT_VERSION = 8,
	AT_HEADER_BYTES = 12,
	AT_CODEC = 16,
	AT_DTYPE = 20,
	AT_DIMS = 24,
	AT_DIM = 28,
	AT_ENDPOINTS = 44,
	AT_ZERO_POINT = 48,
	AT_BLOCK = 52,
	AT_PROFILE = 58,
	AT_REORDER = 59,
	AT_EXPONENT = 60,
	AT_RESERVED = 62,
	AT_PAYLOAD_BYTES = 64,
	AT_PAYLOAD_CRC = 72,
	AT_HEADER_CRC = 76,
};

static void put32(uint8_t *header, int at, uint32_t value)
{
	int i;

	for (i = 0; i < 4; i++)
		header[at + i] = value >> 8 * i;
}

static void put16(uint8_t *header, int at, uint16_t value)
{
	header[at] = value;
	header[at + 1] = value >> 8;
}

static uint16_t get16(const uint8_t *header, int at)
{
	return header[at] | header[at + 1] << 8;
}

static uint32_t get32(const uint8_t *header, int at)
{
	const uint8_t *p = header + at;

	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

int container_write(const struct container *container, const char *name, bool force)
{
	const struct ascdev_params *params = &container->params;
	uint8_t header[HEADER_BYTES] = { 0 };
	struct output output;
	int i, ret;

	memcpy(header + AT_MAGIC, MAGIC, 8);
	put32(header, AT_VERSION, VERSION);
	put32(header, AT_HEADER_BYTES, HEADER_BYTES);
	put32(header, AT_CODEC, params->codec);
	put32(header, AT_DTYPE, container->dtype);
	put32(header, AT_DIMS, container->dims);
	for (i = 0; i < 4; i++)
		put32(header, AT_DIM + 4 * i, container->dim[i]);
	put32(header, AT_ENDPOINTS, params->endpoints);
	put32(header, AT_ZERO_POINT, params->zero_point);
	put16(header, AT_BLOCK, params->block.w);
	put16(header, AT_BLOCK + 2, params->block.h);
	put16(header, AT_BLOCK + 4, params->block.c);
	header[AT_PROFILE] = params->profile;
	header[AT_REORDER] = params->reorder;
	put16(header, AT_EXPONENT, params->exponent);
	put32(header, AT_PAYLOAD_BYTES, container->payload_bytes);
	put32(header, AT_PAYLOAD_BYTES + 4, container->payload_bytes >> 32);
	put32(header, AT_PAYLOAD_CRC, crc32c(0, container->payload, container->payload_bytes));
	put32(header, AT_HEADER_CRC, crc32c(0, header, AT_HEADER_CRC));

	ret = output_open(&output, name, force);
	if (!ret)
		ret = output_write(&output, header, sizeof(header));
	if (!ret)
		ret = output_write(&output, container->payload, container->payload_bytes);
	if (!ret)
		ret = output_commit(&output);
	return ret;
}

/* The payload's size, or its bound where the rate varies. */
static bool payload_fits(const struct container *container)
{
	uint32_t codec = container->params.codec;
	struct ascdev_surface surface;
	uint64_t bytes;

	ascdev_surface_nchw(&surface, container->dtype, container->dim[0], container->dim[1],
			    container->dim[2], container->dim[3]);
	if (ascdev_compress_bound(&container->params, &surface, &bytes))
		return false;
	if (codec == ASCDEV_CODEC_ASC_CBR || codec == ASCDEV_CODEC_RAW)
		return container->payload_bytes == bytes;
	return container->payload_bytes <= bytes;
}

/* Return: NULL, or what is wrong with the header. */
static const char *parse(struct container *container, const uint8_t *header)
{
	struct ascdev_params *params = &container->params;
	int i;

	if (get32(header, AT_HEADER_CRC) != crc32c(0, header, AT_HEADER_CRC))
		return "damaged: the checksum of the header is wrong";
	params->codec = get32(header, AT_CODEC);
	container->dtype = get32(header, AT_DTYPE);
	container->dims = get32(header, AT_DIMS);
	for (i = 0; i < 4; i++)
		container->dim[i] = get32(header, AT_DIM + 4 * i);
	params->endpoints = get32(header, AT_ENDPOINTS);
	params->zero_point = (int32_t)get32(header, AT_ZERO_POINT);
	params->block.w = get16(header, AT_BLOCK);
	params->block.h = get16(header, AT_BLOCK + 2);
	params->block.c = get16(header, AT_BLOCK + 4);
	params->profile = header[AT_PROFILE];
	params->reorder = header[AT_REORDER];
	params->exponent = get16(header, AT_EXPONENT);
	container->payload_bytes = get32(header, AT_PAYLOAD_BYTES) |
				   (uint64_t)get32(header, AT_PAYLOAD_BYTES + 4) << 32;
	for (i = AT_RESERVED; i < AT_PAYLOAD_BYTES; i++) {
		if (header[i])
			return "made by a newer version: reserved bytes are set";
	}
	if (!ascdev_codec_name(params->codec))
		return "made by a newer version: unknown codec";
	if (container->dims < 1 || container->dims > 4)
		return "damaged: bad number of dimensions";
	for (i = 0; i < 4 - container->dims; i++) {
		if (container->dim[i] != 1)
			return "damaged: bad dimensions";
	}
	if (params->codec == ASCDEV_CODEC_DEFAULT || params->codec == ASCDEV_CODEC_AUTO ||
	    (params->codec == ASCDEV_CODEC_ASC_CBR &&
	     (params->endpoints == ASCDEV_ENDPOINTS_AUTO || !params->block.w ||
	      params->profile == ASCDEV_PROFILE_AUTO)))
		return "damaged: codec, endpoint mode, block or profile left open";
	if (!payload_fits(container))
		return "damaged: the payload's size does not fit the tensor";
	return NULL;
}

static const char *parse_file(struct container *container, size_t size)
{
	const uint8_t *header = container->file;
	const char *wrong;

	if (size < 8 || memcmp(header, MAGIC, 8))
		return "not a .asc file";
	if (size < HEADER_BYTES)
		return "damaged: the file is cut off";
	if (get32(header, AT_VERSION) != VERSION || get32(header, AT_HEADER_BYTES) != HEADER_BYTES)
		return "made by a newer version";
	wrong = parse(container, header);
	if (wrong)
		return wrong;
	if (size - HEADER_BYTES < container->payload_bytes)
		return "damaged: the file is cut off";
	if (size - HEADER_BYTES > container->payload_bytes)
		return "damaged: there is something behind the payload";
	container->payload = container->file + HEADER_BYTES;
	if (get32(header, AT_PAYLOAD_CRC) !=
	    crc32c(0, container->payload, container->payload_bytes))
		return "damaged: the checksum of the payload is wrong";
	return NULL;
}

int container_read(struct container *container, const char *name)
{
	const char *wrong;
	size_t size;
	int ret;

	*container = (struct container){ .params = ASCDEV_PARAMS_INIT };
	ret = file_read(name, &container->file, &size);
	if (ret)
		return ret;
	wrong = parse_file(container, size);
	if (!wrong)
		return EXIT_OK;
	complain("%s: %s", input_shown(name), wrong);
	container_free(container);
	return EXIT_CORRUPT;
}

void container_free(struct container *container)
{
	free(container->file);
	container->file = NULL;
}
