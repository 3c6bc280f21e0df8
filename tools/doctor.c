// SPDX-License-Identifier: MIT
/*
 * asc info --doctor: what works, and where it does not, the cause and the remedy, which the
 * library's messages have.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include <jansson.h>

#include "doctor.h"
#include "json.h"

/* Of the map that is compressed to see whether that works. */
#define CHANNELS	4
#define SIDE		32
#define VALUES		(CHANNELS * SIDE * SIDE)

/**
 * struct checkup - what has been found so far
 * @checks: an object for each check
 * @failed: exit code of the worst
 */
struct checkup {
	json_t *checks;
	int failed;
};

static void note(struct checkup *checkup, int failure, const char *what, const char *message)
{
	json_array_append_new(checkup->checks, json_pack("{s:s, s:b, s:s}", "check", what, "ok",
							 !failure, "message", message));
	if (failure && (!checkup->failed || failure == EXIT_FAILED))
		checkup->failed = failure;
}

/* Slopes and zeros. */
static void make_map(uint8_t *values)
{
	int i;

	for (i = 0; i < VALUES; i++)
		values[i] = i & 64 ? i % SIDE * 3 + i / SIDE : 0;
}

/*
 * Compresses and decompresses a map.  Returns the bytes of the payload, or 0 after a note of
 * what failed.
 */
static uint64_t round_trip(struct checkup *checkup, struct ascdev_ctx *ctx, uint32_t codec,
			   const char *what, uint8_t *payload, size_t size)
{
	struct ascdev_params params = ASCDEV_PARAMS_INIT;
	struct ascdev_result result = ASCDEV_RESULT_INIT;
	uint8_t values[VALUES], back[VALUES];
	struct ascdev_surface surface;
	char error[256], message[384];
	int ret;

	make_map(values);
	params.codec = codec;
	ascdev_surface_nchw(&surface, ASCDEV_DTYPE_U8, 1, CHANNELS, SIDE, SIDE);
	ret = ascdev_compress(ctx, &params, &surface, values, payload, size, &result);
	if (!ret)
		ret = ascdev_params_settle(&params, &result);
	if (!ret)
		ret = ascdev_decompress(ctx, &params, &surface, payload, result.bytes, back, NULL);
	if (ret) {
		ascdev_last_error(ctx, error, sizeof(error));
		snprintf(message, sizeof(message), "%s: %s", ascdev_codec_name(codec), error);
		note(checkup, EXIT_FAILED, what, message);
		return 0;
	}
	if (codec != ASCDEV_CODEC_ASC_CBR && memcmp(values, back, VALUES)) {
		snprintf(message, sizeof(message), "%s: a lossless codec lost something",
			 ascdev_codec_name(codec));
		note(checkup, EXIT_FAILED, what, message);
		return 0;
	}
	return result.bytes;
}

/* Every codec in @ctx, and that it gives the bytes that @reference does, if that is not NULL. */
static void try_codecs(struct checkup *checkup, struct ascdev_ctx *ctx,
		       struct ascdev_ctx *reference, const char *what)
{
	uint8_t payload[4 * VALUES], expected[4 * VALUES];
	char message[128];
	uint32_t codec;

	for (codec = ASCDEV_CODEC_ASC_CBR; codec <= ASCDEV_CODEC_RAW; codec++) {
		uint64_t bytes = round_trip(checkup, ctx, codec, what, payload, sizeof(payload));

		if (!bytes)
			return;
		if (reference &&
		    (round_trip(checkup, reference, codec, "software", expected,
				sizeof(expected)) != bytes || memcmp(payload, expected, bytes))) {
			snprintf(message, sizeof(message), "%s: other bytes than in process",
				 ascdev_codec_name(codec));
			note(checkup, EXIT_FAILED, what, message);
			return;
		}
	}
	note(checkup, EXIT_OK, what, reference ? "every codec works, with the bytes of software" :
						 "every codec works");
}

static void check_device(struct checkup *checkup, const struct ascdev_device_info *info,
			 const char *root, struct ascdev_ctx *software)
{
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	struct ascdev_error error = ASCDEV_ERROR_INIT;
	const char *what = *info->node ? info->node : "device";
	struct ascdev_ctx *ctx;

	if (info->state) {
		note(checkup, EXIT_DEVICE, what, info->message);
		return;
	}
	opts.backend = ASCDEV_BACKEND_HW;
	opts.device = info->node;
	opts.root = root;
	if (ascdev_open(&opts, &error, &ctx)) {
		note(checkup, EXIT_DEVICE, what, error.message);
		return;
	}
	try_codecs(checkup, ctx, software, what);
	ascdev_close(ctx);
}

static void check_devices(struct checkup *checkup, const char *root, struct ascdev_ctx *software)
{
	struct ascdev_enumerate_opts where = ASCDEV_ENUMERATE_OPTS_INIT;
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	struct ascdev_error error = ASCDEV_ERROR_INIT;
	const struct ascdev_device_info *info;
	struct ascdev_device_list *list;
	struct ascdev_ctx *ctx;
	uint32_t i;

	where.root = root;
	if (ascdev_enumerate(&where, &list) < 0) {
		note(checkup, EXIT_FAILED, "device", "out of memory");
		return;
	}
	for (i = 0; (info = ascdev_device_list_get(list, i)); i++)
		check_device(checkup, info, root, software);
	ascdev_device_list_free(list);
	if (i)
		return;
	/* why there is none, the attempt to open one tells */
	opts.backend = ASCDEV_BACKEND_HW;
	opts.root = root;
	if (ascdev_open(&opts, &error, &ctx))
		note(checkup, EXIT_DEVICE, "device", error.message);
	else
		ascdev_close(ctx);
}

static int print_checkup(const struct options *options, const struct checkup *checkup)
{
	const char *what, *message;
	json_t *check;
	size_t i;
	int ok;

	if (options->json)
		return json_print(json_pack("{s:b, s:O}", "ok", !checkup->failed, "checks",
					    checkup->checks));
	json_array_foreach(checkup->checks, i, check) {
		json_unpack(check, "{s:s, s:b, s:s}", "check", &what, "ok", &ok, "message",
			    &message);
		printf("%-4s  %s: %s\n", ok ? "ok" : "BAD", what, message);
	}
	return EXIT_OK;
}

int doctor(const struct options *options)
{
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	struct ascdev_error error = ASCDEV_ERROR_INIT;
	struct checkup checkup = { .checks = json_array() };
	struct ascdev_ctx *software;
	struct utsname kernel;
	char text[256] = "";
	int ret;

	if (!uname(&kernel))
		snprintf(text, sizeof(text), "libascdev %s, Linux %s, %s",
			 ascdev_version_string(), kernel.release, kernel.machine);
	note(&checkup, EXIT_OK, "versions", text);
	opts.backend = ASCDEV_BACKEND_SW;
	if (ascdev_open(&opts, &error, &software)) {
		note(&checkup, EXIT_FAILED, "software", error.message);
	} else {
		try_codecs(&checkup, software, NULL, "software");
		if (options->backend != ASCDEV_BACKEND_SW)
			check_devices(&checkup, options->root, software);
		ascdev_close(software);
	}
	ret = print_checkup(options, &checkup);
	json_decref(checkup.checks);
	return ret ? ret : checkup.failed;
}
