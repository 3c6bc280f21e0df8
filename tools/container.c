// SPDX-License-Identifier: MIT
/*
 * .asc files.  Everything in the headers is checked, and all checksums, before a payload is
 * decoded.
 */

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "container.h"
#include "crc32c.h"
#include "file.h"
#include "tensor.h"

#define MAGIC		"\x89" "ASC\r\n\x1a\n"
#define VERSION		2
#define HEADER_BYTES	32
#define RECORD_BYTES	72

/* Bytes of a payload that have a checksum of their own. */
#define CHUNK_BYTES	65536

/* Much more than any directory has; keeps a forged one from taking all memory. */
#define MAX_DIRECTORY	(1u << 28)

/* Offsets of the header's fields, and of those of a record; all little-endian. */
enum {
	AT_MAGIC = 0,
	AT_VERSION = 8,
	AT_COUNT = 12,
	AT_DIRECTORY_BYTES = 16,
	AT_DIRECTORY_CRC = 20,
	AT_RESERVED = 24,
	AT_HEADER_CRC = 28,

	REC_CODEC = 0,
	REC_DTYPE = 4,
	REC_DIMS = 8,
	REC_DIM = 12,
	REC_ENDPOINTS = 28,
	REC_ZERO_POINT = 32,
	REC_BLOCK = 36,
	REC_PROFILE = 42,
	REC_REORDER = 43,
	REC_EXPONENT = 44,
	REC_LAYOUT = 46,
	REC_RESERVED = 47,
	REC_SCALE = 48,
	REC_PAYLOAD_BYTES = 56,
	REC_NAME_BYTES = 64,
	REC_RESERVED_2 = 68,
};

static void put16(uint8_t *to, int at, uint16_t value)
{
	to[at] = value;
	to[at + 1] = value >> 8;
}

static void put32(uint8_t *to, int at, uint32_t value)
{
	put16(to, at, value);
	put16(to, at + 2, value >> 16);
}

static void put64(uint8_t *to, int at, uint64_t value)
{
	put32(to, at, value);
	put32(to, at + 4, value >> 32);
}

static uint16_t get16(const uint8_t *from, int at)
{
	return from[at] | from[at + 1] << 8;
}

static uint32_t get32(const uint8_t *from, int at)
{
	return get16(from, at) | (uint32_t)get16(from, at + 2) << 16;
}

static uint64_t get64(const uint8_t *from, int at)
{
	return get32(from, at) | (uint64_t)get32(from, at + 4) << 32;
}

static uint64_t chunks_of(uint64_t payload_bytes)
{
	return (payload_bytes + CHUNK_BYTES - 1) / CHUNK_BYTES;
}

static size_t chunk_bytes(uint64_t payload_bytes, uint64_t chunk)
{
	uint64_t rest = payload_bytes - chunk * CHUNK_BYTES;

	return rest < CHUNK_BYTES ? rest : CHUNK_BYTES;
}

/* Bytes of an entry in the directory. */
static uint64_t entry_bytes(const struct entry *entry)
{
	return RECORD_BYTES + strlen(entry->name) + 4 * chunks_of(entry->payload_bytes);
}

/* Returns what follows in the directory. */
static uint8_t *format_entry(const struct entry *entry, uint8_t *record)
{
	const struct ascdev_params *params = &entry->params;
	size_t name_bytes = strlen(entry->name);
	uint8_t *crcs = record + RECORD_BYTES + name_bytes;
	uint64_t scale, i;

	put32(record, REC_CODEC, params->codec);
	put32(record, REC_DTYPE, entry->dtype);
	put32(record, REC_DIMS, entry->dims);
	for (i = 0; i < 4; i++)
		put32(record, REC_DIM + 4 * i, entry->dim[i]);
	put32(record, REC_ENDPOINTS, params->endpoints);
	put32(record, REC_ZERO_POINT, params->zero_point);
	put16(record, REC_BLOCK, params->block.w);
	put16(record, REC_BLOCK + 2, params->block.h);
	put16(record, REC_BLOCK + 4, params->block.c);
	record[REC_PROFILE] = params->profile;
	record[REC_REORDER] = params->reorder;
	put16(record, REC_EXPONENT, params->exponent);
	record[REC_LAYOUT] = entry->layout;
	memcpy(&scale, &entry->scale, sizeof(scale));
	put64(record, REC_SCALE, scale);
	put64(record, REC_PAYLOAD_BYTES, entry->payload_bytes);
	put32(record, REC_NAME_BYTES, name_bytes);
	memcpy(record + RECORD_BYTES, entry->name, name_bytes);
	for (i = 0; i < chunks_of(entry->payload_bytes); i++)
		put32(crcs + 4 * i, 0, crc32c(0, entry->payload + i * CHUNK_BYTES,
					      chunk_bytes(entry->payload_bytes, i)));
	return crcs + 4 * chunks_of(entry->payload_bytes);
}

/* The header and the directory; to be freed.  NULL if that is too much. */
static uint8_t *format_headers(const struct container *container, uint64_t *bytes)
{
	uint8_t *header, *p;
	uint32_t i;

	*bytes = HEADER_BYTES;
	for (i = 0; i < container->count; i++)
		*bytes += entry_bytes(&container->entries[i]);
	if (*bytes - HEADER_BYTES > MAX_DIRECTORY)
		return NULL;
	header = calloc(1, *bytes);
	if (!header)
		return NULL;
	p = header + HEADER_BYTES;
	for (i = 0; i < container->count; i++)
		p = format_entry(&container->entries[i], p);
	memcpy(header + AT_MAGIC, MAGIC, 8);
	put32(header, AT_VERSION, VERSION);
	put32(header, AT_COUNT, container->count);
	put32(header, AT_DIRECTORY_BYTES, *bytes - HEADER_BYTES);
	put32(header, AT_DIRECTORY_CRC, crc32c(0, header + HEADER_BYTES, *bytes - HEADER_BYTES));
	put32(header, AT_HEADER_CRC, crc32c(0, header, AT_HEADER_CRC));
	return header;
}

/* Payloads up to that many bytes stay in memory. */
#define SPILL_BYTES	((uint64_t)64 << 20)

void container_spill(struct container *container, const char *name)
{
	uint64_t bytes = 0;
	uint32_t i;

	for (i = 0; i < container->count; i++)
		bytes += container->entries[i].spilled ? 0 : container->entries[i].payload_bytes;
	if (bytes < SPILL_BYTES)
		return;
	for (i = 0; i < container->count; i++) {
		struct entry *entry = &container->entries[i];
		uint8_t *mapped = entry->spilled ? NULL :
				  file_spill(name, entry->payload, entry->payload_bytes);

		if (!mapped)
			continue;
		free(entry->payload);
		entry->payload = mapped;
		entry->spilled = true;
	}
}

static void free_payload(struct entry *entry)
{
	if (entry->spilled)
		munmap(entry->payload, entry->payload_bytes);
	else
		free(entry->payload);
}

int container_write(const struct container *container, const char *name, bool force)
{
	struct output output;
	uint64_t bytes;
	uint8_t *header = format_headers(container, &bytes);
	uint32_t i;
	int ret;

	if (!header) {
		complain("%s: too many tensors, payloads or names for a directory of 2^28 bytes",
			 output_shown(name));
		return EXIT_FAILED;
	}
	ret = output_open(&output, name, force);
	if (!ret)
		ret = output_write(&output, header, bytes);
	for (i = 0; i < container->count && !ret; i++)
		ret = output_write(&output, container->entries[i].payload,
				   container->entries[i].payload_bytes);
	if (!ret)
		ret = output_commit(&output);
	free(header);
	return ret;
}

/* The payload's size, or its bound where the rate varies. */
static bool payload_fits(const struct entry *entry)
{
	uint32_t codec = entry->params.codec;
	struct ascdev_surface surface;
	uint64_t bytes;

	ascdev_surface_nchw(&surface, entry->dtype, entry->dim[0], entry->dim[1], entry->dim[2],
			    entry->dim[3]);
	if (ascdev_compress_bound(&entry->params, &surface, &bytes))
		return false;
	if (codec == ASCDEV_CODEC_ASC_CBR || codec == ASCDEV_CODEC_RAW)
		return entry->payload_bytes == bytes;
	return entry->payload_bytes <= bytes;
}

/* Return: NULL, or what is wrong with the entry. */
static const char *check_entry(const struct entry *entry)
{
	const struct ascdev_params *params = &entry->params;
	int i;

	if (!ascdev_codec_name(params->codec))
		return "made by a newer version: unknown codec";
	if (entry->layout > LAYOUT_NHWC)
		return "made by a newer version: unknown layout";
	if (entry->dims < 1 || entry->dims > 4)
		return "damaged: bad number of dimensions";
	for (i = 0; i < 4 - entry->dims; i++) {
		if (entry->dim[layout_axis(entry->layout, i)] != 1)
			return "damaged: bad dimensions";
	}
	if (!isfinite(entry->scale) || signbit(entry->scale))
		return "damaged: bad scale";
	if (params->codec == ASCDEV_CODEC_DEFAULT || params->codec == ASCDEV_CODEC_AUTO ||
	    (params->codec == ASCDEV_CODEC_ASC_CBR &&
	     (params->endpoints == ASCDEV_ENDPOINTS_AUTO || !params->block.w ||
	      params->profile == ASCDEV_PROFILE_AUTO)))
		return "damaged: codec, endpoint mode, block or profile left open";
	if (!payload_fits(entry))
		return "damaged: the payload's size does not fit the tensor";
	return NULL;
}

/**
 * struct directory - what is left of a directory
 * @p: the next entry
 * @bytes: bytes from there to the end
 */
struct directory {
	const uint8_t *p;
	size_t bytes;
};

/* @crcs receives where the checksums of the chunks are.  Return: NULL, or what is wrong. */
static const char *parse_entry(struct directory *directory, struct entry *entry,
			       const uint8_t **crcs)
{
	struct ascdev_params *params = &entry->params;
	const uint8_t *record = directory->p;
	uint64_t scale, bytes;
	uint32_t name_bytes;
	const char *wrong;
	int i;

	if (directory->bytes < RECORD_BYTES)
		return "damaged: the directory is cut off";
	*params = (struct ascdev_params)ASCDEV_PARAMS_INIT;
	params->codec = get32(record, REC_CODEC);
	entry->dtype = get32(record, REC_DTYPE);
	entry->dims = get32(record, REC_DIMS);
	for (i = 0; i < 4; i++)
		entry->dim[i] = get32(record, REC_DIM + 4 * i);
	params->endpoints = get32(record, REC_ENDPOINTS);
	params->zero_point = (int32_t)get32(record, REC_ZERO_POINT);
	params->block.w = get16(record, REC_BLOCK);
	params->block.h = get16(record, REC_BLOCK + 2);
	params->block.c = get16(record, REC_BLOCK + 4);
	params->profile = record[REC_PROFILE];
	params->reorder = record[REC_REORDER];
	params->exponent = get16(record, REC_EXPONENT);
	entry->layout = record[REC_LAYOUT];
	scale = get64(record, REC_SCALE);
	memcpy(&entry->scale, &scale, sizeof(scale));
	entry->payload_bytes = get64(record, REC_PAYLOAD_BYTES);
	name_bytes = get32(record, REC_NAME_BYTES);
	if (record[REC_RESERVED] || get32(record, REC_RESERVED_2))
		return "made by a newer version: reserved bytes are set";
	wrong = check_entry(entry);
	if (wrong)
		return wrong;

	bytes = 4 * chunks_of(entry->payload_bytes);
	if (directory->bytes - RECORD_BYTES < name_bytes ||
	    directory->bytes - RECORD_BYTES - name_bytes < bytes)
		return "damaged: the directory is cut off";
	if (memchr(record + RECORD_BYTES, 0, name_bytes))
		return "damaged: a name with a zero byte";
	entry->name = strndup((const char *)record + RECORD_BYTES, name_bytes);
	if (!entry->name)
		return "out of memory";
	*crcs = record + RECORD_BYTES + name_bytes;
	bytes += RECORD_BYTES + name_bytes;
	directory->p += bytes;
	directory->bytes -= bytes;
	return NULL;
}

/* @bytes: of the file that were read, at least HEADER_BYTES if it is as long. */
bool container_is(const uint8_t *data, size_t size)
{
	return size >= 8 && !memcmp(data, MAGIC, 8);
}

static const char *parse_header(const uint8_t *header, size_t bytes)
{
	if (!container_is(header, bytes))
		return "not a .asc file";
	if (bytes < HEADER_BYTES)
		return "damaged: the file is cut off";
	if (get32(header, AT_VERSION) != VERSION)
		return "made by another version: this one reads containers of version 2";
	if (get32(header, AT_HEADER_CRC) != crc32c(0, header, AT_HEADER_CRC))
		return "damaged: the checksum of the header is wrong";
	if (get32(header, AT_RESERVED))
		return "made by a newer version: reserved bytes are set";
	if (!get32(header, AT_COUNT) || get32(header, AT_DIRECTORY_BYTES) > MAX_DIRECTORY ||
	    get32(header, AT_COUNT) > get32(header, AT_DIRECTORY_BYTES) / RECORD_BYTES)
		return "damaged: the number of tensors makes no sense";
	return NULL;
}

static const char *check_payload(const struct entry *entry, const uint8_t *crcs)
{
	uint64_t i;

	for (i = 0; i < chunks_of(entry->payload_bytes); i++) {
		if (get32(crcs + 4 * i, 0) !=
		    crc32c(0, entry->payload + i * CHUNK_BYTES,
			   chunk_bytes(entry->payload_bytes, i)))
			return "damaged: the checksum of the payload is wrong";
	}
	return NULL;
}

/*
 * Entries from the header and the directory.  @size is that of the file, as far as known; or
 * 0.  Payloads are looked at if @payload is where they start.
 */
static const char *parse_entries(struct container *container, const uint8_t *header,
				 uint64_t size, uint8_t *payload)
{
	struct directory directory = { header + HEADER_BYTES, get32(header, AT_DIRECTORY_BYTES) };
	uint64_t at = HEADER_BYTES + directory.bytes;
	uint32_t count = get32(header, AT_COUNT);
	const char *wrong = NULL;

	if (get32(header, AT_DIRECTORY_CRC) != crc32c(0, directory.p, directory.bytes))
		return "damaged: the checksum of the directory is wrong";
	container->entries = calloc(count ? count : 1, sizeof(*container->entries));
	if (!container->entries)
		return "out of memory";
	while (container->count < count && !wrong) {
		struct entry *entry = &container->entries[container->count];
		const uint8_t *crcs;

		wrong = parse_entry(&directory, entry, &crcs);
		if (wrong)
			return wrong;
		container->count++;
		if (size && size - at < entry->payload_bytes)
			return "damaged: the file is cut off";
		if (payload) {
			entry->payload = payload + (at - HEADER_BYTES -
						    get32(header, AT_DIRECTORY_BYTES));
			wrong = check_payload(entry, crcs);
		}
		at += entry->payload_bytes;
	}
	if (wrong)
		return wrong;
	if (directory.bytes)
		return "damaged: there is something behind the directory";
	if (size && size != at)
		return "damaged: there is something behind the payload";
	return NULL;
}

static const char *parse_file(struct container *container, size_t size)
{
	uint8_t *header = container->file;
	const char *wrong = parse_header(header, size);

	if (wrong)
		return wrong;
	if (size - HEADER_BYTES < get32(header, AT_DIRECTORY_BYTES))
		return "damaged: the file is cut off";
	return parse_entries(container, header, size,
			     header + HEADER_BYTES + get32(header, AT_DIRECTORY_BYTES));
}

/* Complains of what is wrong, if anything. */
static int finish_read(struct container *container, const char *name, const char *wrong)
{
	if (!wrong)
		return EXIT_OK;
	complain("%s: %s", input_shown(name), wrong);
	container_free(container);
	return EXIT_CORRUPT;
}

int container_from_bytes(struct container *container, uint8_t *data, size_t size,
			 const char *name)
{
	*container = (struct container){ .file = data, .file_bytes = size };
	return finish_read(container, name, parse_file(container, size));
}

int container_read(struct container *container, const char *name)
{
	uint8_t *data;
	size_t size;
	int ret;

	*container = (struct container){ .count = 0 };
	ret = file_read(name, &data, &size);
	return ret ? ret : container_from_bytes(container, data, size, name);
}

static const char *read_headers(struct container *container, FILE *stream)
{
	uint8_t start[HEADER_BYTES], *headers;
	uint64_t size = 0;
	const char *wrong;
	uint32_t bytes;
	struct stat st;

	wrong = parse_header(start, fread(start, 1, HEADER_BYTES, stream));
	if (wrong)
		return ferror(stream) ? strerror(errno) : wrong;
	if (!fstat(fileno(stream), &st) && S_ISREG(st.st_mode))
		size = st.st_size;
	bytes = get32(start, AT_DIRECTORY_BYTES);
	if (size && size - HEADER_BYTES < bytes)
		return "damaged: the file is cut off";
	headers = malloc(HEADER_BYTES + bytes);
	if (!headers)
		return "out of memory";
	memcpy(headers, start, HEADER_BYTES);
	if (fread(headers + HEADER_BYTES, 1, bytes, stream) == bytes)
		wrong = parse_entries(container, headers, size, NULL);
	else
		wrong = ferror(stream) ? strerror(errno) : "damaged: the file is cut off";
	free(headers);
	return wrong;
}

int container_read_headers(struct container *container, const char *name)
{
	FILE *stream = file_open(name);
	bool failed;
	int ret;

	*container = (struct container){ .count = 0 };
	if (!stream)
		return EXIT_IO;
	ret = finish_read(container, name, read_headers(container, stream));
	failed = ferror(stream);
	file_close(stream);
	return failed ? EXIT_IO : ret;
}

static const struct entry *find_entry(const struct container *container, const char *tensor)
{
	uint32_t i;

	for (i = 0; i < container->count; i++) {
		if (!strcmp(container->entries[i].name, tensor))
			return &container->entries[i];
	}
	return NULL;
}

bool container_has(const struct container *container, const char *tensor)
{
	return find_entry(container, tensor);
}

const struct entry *container_find(const struct container *container, const char *tensor,
				   const char *name)
{
	const struct entry *entry = tensor ? find_entry(container, tensor) :
				    container->count == 1 ? container->entries : NULL;

	if (entry)
		return entry;
	if (tensor)
		complain("%s: no tensor '%s' in it; asc list tells what there is",
			 input_shown(name), tensor);
	else
		complain("%s: %u tensors; --tensor names one", input_shown(name), container->count);
	return NULL;
}

void container_free(struct container *container)
{
	uint32_t i;

	for (i = 0; i < container->count; i++) {
		free(container->entries[i].name);
		if (!container->file)
			free_payload(&container->entries[i]);
	}
	free(container->entries);
	file_free(container->file, container->file_bytes);
	*container = (struct container){ .count = 0 };
}
