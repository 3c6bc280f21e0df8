// SPDX-License-Identifier: MIT
/*
 * NumPy's .npz files: .npy files in a zip archive.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if !__has_include(<zip.h>)
#error "libzip is missing; in Debian: apt-get install libzip-dev"
#endif
#include <zip.h>

#include "file.h"
#include "npy.h"
#include "tensor.h"

/* The largest tensor, and its header. */
#define MAX_MEMBER	((1ull << 31) + 8192)

bool npz_is(const uint8_t *data, size_t size)
{
	return size >= 4 && (!memcmp(data, "PK\3\4", 4) || !memcmp(data, "PK\5\6", 4));
}

/* Deflate gives no more than 1032 bytes for one. */
#define MAX_RATIO	1032

/* Whether a member can be as large as it claims to be, in an archive of @archive bytes. */
static bool size_is_possible(const zip_stat_t *st, uint64_t archive)
{
	return st->comp_size <= archive && st->size / MAX_RATIO <= st->comp_size;
}

/* Unpacks a member; to be freed.  Complains; returns an exit code. */
static int unpack(zip_t *zip, const zip_stat_t *st, zip_uint64_t index, const char *name,
		  uint8_t **data)
{
	zip_file_t *file;

	if (st->size > MAX_MEMBER) {
		complain("%s: more than 2^30 values", name);
		return EXIT_FAILED;
	}
	*data = malloc(st->size ? st->size : 1);
	if (!*data) {
		complain("%s: out of memory", name);
		return EXIT_FAILED;
	}
	file = zip_fopen_index(zip, index, 0);
	/* the end must have been reached for the checksum to be looked at */
	if (file && zip_fread(file, *data, st->size) == (zip_int64_t)st->size &&
	    !zip_fread(file, &(char){ 0 }, 1)) {
		zip_fclose(file);
		return EXIT_OK;
	}
	complain("%s: damaged: %s", name, file ? zip_file_strerror(file) : zip_strerror(zip));
	if (file)
		zip_fclose(file);
	return EXIT_CORRUPT;
}

static int read_member(struct tensors *tensors, zip_t *zip, zip_uint64_t index, uint64_t archive,
		       const char *name)
{
	const zip_uint64_t needed = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE;
	struct tensor *tensor;
	char member[512];
	zip_stat_t st;
	char *stem;
	int ret;

	if (zip_stat_index(zip, index, 0, &st) ||
	    (st.valid & needed) != needed) {
		complain("%s: damaged: %s", name, zip_strerror(zip));
		return EXIT_CORRUPT;
	}
	snprintf(member, sizeof(member), "%s: %s", name, st.name);
	if (!size_is_possible(&st, archive)) {
		complain("%s: damaged: its size makes no sense", member);
		return EXIT_CORRUPT;
	}
	if (!name_ends_in(st.name, ".npy")) {
		complain("%s: no .npy file", member);
		return EXIT_FAILED;
	}
	stem = strndup(st.name, strlen(st.name) - strlen(".npy"));
	tensor = stem ? tensors_add(tensors, stem) : NULL;
	free(stem);
	if (!tensor)
		return EXIT_FAILED;
	ret = unpack(zip, &st, index, member, &tensor->file);
	return ret ? ret : tensor_from_npy(tensor, tensor->file, st.size, member);
}

int npz_read(struct tensors *tensors, const uint8_t *data, size_t size, const char *name)
{
	zip_int64_t i, count;
	zip_source_t *source;
	zip_error_t error;
	int ret = EXIT_OK;
	zip_t *zip;

	zip_error_init(&error);
	source = zip_source_buffer_create(data, size, 0, &error);
	zip = source ? zip_open_from_source(source, ZIP_RDONLY, &error) : NULL;
	if (!zip) {
		complain("%s: damaged: %s", name, zip_error_strerror(&error));
		zip_error_fini(&error);
		zip_source_free(source);
		return EXIT_CORRUPT;
	}
	count = zip_get_num_entries(zip, 0);
	for (i = 0; i < count && !ret; i++)
		ret = read_member(tensors, zip, i, size, name);
	if (!count) {
		complain("%s: no tensors in it", name);
		ret = EXIT_FAILED;
	}
	zip_discard(zip);
	zip_error_fini(&error);
	return ret;
}

/**
 * struct member - a .npy file as it is written to an archive
 * @tensor: its tensor, which has values while the member is open
 * @index: which one that is
 * @loader: where the values come from
 * @header: what comes before them
 * @bytes: bytes of both
 * @at: of these, as many have been written
 * @ret: exit code of what has failed and been complained of
 */
struct member {
	struct tensor *tensor;
	size_t index;
	const struct loader *loader;
	uint8_t header[NPY_HEADER_BYTES];
	uint64_t bytes;
	uint64_t at;
	int ret;
};

static void member_init(struct member *member, struct tensor *tensor, size_t index,
			const struct loader *loader)
{
	*member = (struct member){ .tensor = tensor, .index = index, .loader = loader };
	tensor_npy_header(tensor, member->header);
	ascdev_surface_bytes(&tensor->surface, &member->bytes);
	member->bytes += NPY_HEADER_BYTES;
}

static zip_int64_t member_read(struct member *member, uint8_t *data, uint64_t size)
{
	uint64_t done = 0, at, part;

	while (done < size && member->at < member->bytes) {
		bool header = member->at < NPY_HEADER_BYTES;

		at = header ? member->at : member->at - NPY_HEADER_BYTES;
		part = (header ? NPY_HEADER_BYTES : member->bytes - NPY_HEADER_BYTES) - at;
		if (part > size - done)
			part = size - done;
		memcpy(data + done, (header ? member->header : member->tensor->values) + at, part);
		done += part;
		member->at += part;
	}
	return done;
}

/* What libzip asks of the source of a member. */
static zip_int64_t member_source(void *of, void *data, zip_uint64_t size, zip_source_cmd_t command)
{
	struct member *member = of;
	zip_stat_t *st = data;
	int error[2] = { ZIP_ER_INTERNAL, 0 };

	switch (command) {
	case ZIP_SOURCE_OPEN:
		member->at = 0;
		member->ret = member->loader->load(member->loader->data, member->index,
						   member->tensor);
		return member->ret ? -1 : 0;
	case ZIP_SOURCE_READ:
		return member_read(member, data, size);
	case ZIP_SOURCE_CLOSE:
		tensor_unload(member->tensor);
		return 0;
	case ZIP_SOURCE_STAT:
		zip_stat_init(st);
		st->valid |= ZIP_STAT_SIZE;
		st->size = member->bytes;
		return sizeof(*st);
	case ZIP_SOURCE_ERROR:
		memcpy(data, error, sizeof(error));
		return sizeof(error);
	case ZIP_SOURCE_SUPPORTS:
		return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ,
						      ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT,
						      ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE, -1);
	default:
		return 0;
	}
}

static int add_member(zip_t *zip, struct member *member)
{
	const char *name = *member->tensor->name ? member->tensor->name : "arr_0";
	zip_source_t *source;
	zip_int64_t index;
	char *full;

	full = malloc(strlen(name) + sizeof(".npy"));
	source = full ? zip_source_function(zip, member_source, member) : NULL;
	if (!source) {
		free(full);
		return -1;
	}
	/* as NumPy names what has no name */
	strcpy(full, name);
	strcat(full, ".npy");
	index = zip_file_add(zip, full, source, ZIP_FL_ENC_UTF_8);
	free(full);
	if (index < 0) {
		zip_source_free(source);
		return -1;
	}
	/* the same tensors are the same bytes: no time, and stored as NumPy does */
	zip_file_set_dostime(zip, index, 0, 33, 0);
	zip_set_file_compression(zip, index, ZIP_CM_STORE, 0);
	return 0;
}

/* The archive in memory has been closed, and is read. */
static int copy_archive(zip_source_t *archive, const char *name, bool force)
{
	struct output output;
	uint8_t data[65536];
	zip_int64_t n = 0;
	int ret;

	if (zip_source_open(archive)) {
		complain("%s: %s", output_shown(name), zip_error_strerror(zip_source_error(archive)));
		return EXIT_FAILED;
	}
	ret = output_open(&output, name, force);
	while (!ret && (n = zip_source_read(archive, data, sizeof(data))) > 0)
		ret = output_write(&output, data, n);
	zip_source_close(archive);
	if (ret)
		return ret;
	if (!n)
		return output_commit(&output);
	complain("%s: %s", output_shown(name), zip_error_strerror(zip_source_error(archive)));
	output_abandon(&output);
	return EXIT_FAILED;
}

/* Complains, if a member has not; returns an exit code. */
static int archive_failed(zip_t *zip, const struct member *members, size_t count, const char *name)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (members[i].ret)
			return members[i].ret;
	}
	complain("%s: %s", output_shown(name), zip_strerror(zip));
	return EXIT_FAILED;
}

int npz_write(struct tensors *tensors, const struct loader *loader, const char *name, bool force)
{
	struct member *members = calloc(tensors->count, sizeof(*members));
	zip_source_t *archive = zip_source_buffer_create(NULL, 0, 0, NULL);
	zip_t *zip = archive ? zip_open_from_source(archive, ZIP_TRUNCATE, NULL) : NULL;
	int ret;
	size_t i;

	if (!members || !zip) {
		complain("out of memory");
		zip_source_free(archive);
		free(members);
		return EXIT_FAILED;
	}
	zip_source_keep(archive);
	for (i = 0; i < tensors->count; i++) {
		member_init(&members[i], &tensors->list[i], i, loader);
		if (add_member(zip, &members[i]))
			break;
	}
	if (i == tensors->count && !zip_close(zip)) {
		ret = copy_archive(archive, name, force);
	} else {
		ret = archive_failed(zip, members, i, name);
		zip_discard(zip);
	}
	zip_source_free(archive);
	free(members);
	return ret;
}
