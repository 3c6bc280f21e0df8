// SPDX-License-Identifier: MIT
/*
 * NumPy's .npz files: .npy files in a zip archive.
 */

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

/* Unpacks a member; to be freed.  NULL after a complaint. */
static uint8_t *unpack(zip_t *zip, const zip_stat_t *st, zip_uint64_t index, const char *name)
{
	zip_file_t *file = NULL;
	uint8_t *data = NULL;

	if (st->size > MAX_MEMBER) {
		complain("%s: %s: more than 2^30 values", name, st->name);
		return NULL;
	}
	data = malloc(st->size ? st->size : 1);
	if (!data) {
		complain("%s: out of memory", name);
		return NULL;
	}
	file = zip_fopen_index(zip, index, 0);
	/* the end must have been reached for the checksum to be looked at */
	if (file && zip_fread(file, data, st->size) == (zip_int64_t)st->size &&
	    !zip_fread(file, &(char){ 0 }, 1)) {
		zip_fclose(file);
		return data;
	}
	complain("%s: %s: damaged: %s", name, st->name,
		 file ? zip_file_strerror(file) : zip_strerror(zip));
	if (file)
		zip_fclose(file);
	free(data);
	return NULL;
}

static int read_member(struct tensors *tensors, zip_t *zip, zip_uint64_t index, uint64_t archive,
		       const char *name)
{
	const zip_uint64_t needed = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE;
	struct tensor *tensor;
	zip_stat_t st;
	char *stem;

	if (zip_stat_index(zip, index, 0, &st) ||
	    (st.valid & needed) != needed) {
		complain("%s: damaged: %s", name, zip_strerror(zip));
		return EXIT_CORRUPT;
	}
	if (!size_is_possible(&st, archive)) {
		complain("%s: %s: damaged: its size makes no sense", name, st.name);
		return EXIT_CORRUPT;
	}
	if (!name_ends_in(st.name, ".npy")) {
		complain("%s: %s: no .npy file", name, st.name);
		return EXIT_FAILED;
	}
	stem = strndup(st.name, strlen(st.name) - strlen(".npy"));
	tensor = stem ? tensors_add(tensors, stem) : NULL;
	free(stem);
	if (!tensor)
		return EXIT_FAILED;
	tensor->file = unpack(zip, &st, index, name);
	if (!tensor->file)
		return EXIT_CORRUPT;
	return tensor_from_npy(tensor, tensor->file, st.size, tensor->name);
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

/* A member with the .npy file of a tensor; @data receives that, to be freed after all. */
static int add_member(zip_t *zip, const struct tensor *tensor, uint8_t **data)
{
	uint64_t bytes;
	zip_source_t *source;
	zip_int64_t index;
	char *member;
	size_t length = strlen(tensor->name);

	ascdev_surface_bytes(&tensor->surface, &bytes);
	*data = malloc(NPY_HEADER_BYTES + bytes);
	member = malloc(length + sizeof("arr_0.npy"));
	if (!*data || !member) {
		free(member);
		return -1;
	}
	tensor_npy_header(tensor, *data);
	memcpy(*data + NPY_HEADER_BYTES, tensor->values, bytes);
	/* as NumPy names what has no name */
	strcpy(member, length ? tensor->name : "arr_0");
	strcat(member, ".npy");
	source = zip_source_buffer(zip, *data, NPY_HEADER_BYTES + bytes, 0);
	index = source ? zip_file_add(zip, member, source, ZIP_FL_ENC_UTF_8) : -1;
	free(member);
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

int npz_write(const struct tensors *tensors, const char *name, bool force)
{
	uint8_t **members = calloc(tensors->count, sizeof(*members));
	zip_source_t *archive = zip_source_buffer_create(NULL, 0, 0, NULL);
	zip_t *zip = archive ? zip_open_from_source(archive, ZIP_TRUNCATE, NULL) : NULL;
	int ret = EXIT_FAILED;
	size_t i;

	if (!members || !zip) {
		complain("out of memory");
		zip_source_free(archive);
		free(members);
		return EXIT_FAILED;
	}
	zip_source_keep(archive);
	for (i = 0; i < tensors->count; i++) {
		if (add_member(zip, &tensors->list[i], &members[i]))
			break;
	}
	if (i == tensors->count && !zip_close(zip)) {
		ret = copy_archive(archive, name, force);
	} else {
		complain("%s: %s", output_shown(name), zip_strerror(zip));
		zip_discard(zip);
	}
	zip_source_free(archive);
	for (i = 0; i < tensors->count; i++)
		free(members[i]);
	free(members);
	return ret;
}
