// SPDX-License-Identifier: MIT
/*
 * A small accelerator runtime: doubles the size of a photograph with a
 * convolutional network and keeps every feature map compressed between layers.
 *
 * The photograph is halved first, so that the result can be compared with it.
 */

#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <ascdev.h>

#include "superres.h"

/**
 * struct map_report - what became of one feature map
 * @surface: its shape
 * @result: of its compression
 * @sqnr: in dB
 * @layer_ms: time to compute the map
 * @codec_ms: time to compress and decompress it, waiting included
 */
struct map_report {
	struct ascdev_surface surface;
	struct ascdev_result result;
	double sqnr;
	double layer_ms;
	double codec_ms;
};

static void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

static void fail(const char *format, ...)
{
	va_list args;

	fputs("superres: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

static void check(struct ascdev_ctx *ctx, int error)
{
	char message[256];

	if (!error)
		return;
	ascdev_last_error(ctx, message, sizeof(message));
	fail("%s", message);
}

static void *allocate(size_t bytes)
{
	void *memory = malloc(bytes);

	if (!memory)
		fail("out of memory");
	return memory;
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static int map_value(const struct ascdev_surface *surface, const uint8_t *map, uint64_t i)
{
	return surface->dtype == ASCDEV_DTYPE_S8 ? (int8_t)map[i] : map[i];
}

static double measure_sqnr(const struct ascdev_surface *surface, const uint8_t *map,
			   uint64_t noise)
{
	uint64_t bytes, i;
	double signal = 0;

	ascdev_surface_bytes(surface, &bytes);
	for (i = 0; i < bytes; i++)
		signal += map_value(surface, map, i) * map_value(surface, map, i);
	return noise ? 10 * log10(signal / noise) : INFINITY;
}

static void save(const char *dir, uint32_t layer, const void *data, uint64_t bytes)
{
	char path[512];
	FILE *stream;
	void *copy;

	if (!dir)
		return;
	if ((size_t)snprintf(path, sizeof(path), "%s/layer%u.bin", dir, layer + 1) >= sizeof(path))
		fail("%s: path too long", dir);
	/* some file systems cannot write from a device's memory: copy it first */
	copy = allocate(bytes);
	memcpy(copy, data, bytes);
	stream = fopen(path, "wb");
	if (!stream || fwrite(copy, 1, bytes, stream) != bytes || fclose(stream))
		fail("%s: cannot be written", path);
	free(copy);
}

/* A buffer of the context and its memory. */
static struct ascdev_buf *get_buffer(struct ascdev_ctx *ctx, uint64_t bytes, void *address)
{
	struct ascdev_buf *buf;

	check(ctx, ascdev_buf_alloc(ctx, bytes, &buf));
	check(ctx, ascdev_buf_map(buf, address));
	return buf;
}

/* A fence of a submitted job, or -1 where a submitted job has ended already. */
static int get_fence(struct ascdev_ctx *ctx, struct ascdev_job *job)
{
	int fence;

	if (ascdev_get_backend(ctx, NULL) != ASCDEV_BACKEND_HW)
		return -1;
	fence = ascdev_job_get_fence(job);
	check(ctx, fence < 0 ? fence : 0);
	return fence;
}

/*
 * Compress a map into a buffer, drop the original, decompress it for the next
 * layer.  Both jobs are under way at once: the second waits for a fence of the
 * first.  Where the compression is to choose a codec, it is waited for instead.
 */
static struct ascdev_buf *pass_through_codec(struct ascdev_ctx *ctx,
					     const struct ascdev_params *params,
					     struct ascdev_buf *map, uint8_t **values,
					     const char *dump, uint32_t layer,
					     struct map_report *report)
{
	struct ascdev_params settled = *params;
	struct ascdev_job *compress, *decompress;
	struct ascdev_buf *payload, *back;
	uint8_t *original, *back_values;
	uint64_t bytes, bound;
	void *compressed;
	double start;
	int fence;

	ascdev_surface_bytes(&report->surface, &bytes);
	if (ascdev_compress_bound(params, &report->surface, &bound))
		fail("bad parameters");
	original = allocate(bytes);	/* only to measure the loss */
	memcpy(original, *values, bytes);

	start = now_ms();
	payload = get_buffer(ctx, bound, &compressed);
	back = get_buffer(ctx, bytes, (void **)&back_values);
	check(ctx, ascdev_job_create(ctx, &compress));
	check(ctx, ascdev_job_create(ctx, &decompress));
	check(ctx, ascdev_job_compress(compress, params, &report->surface, map, 0, payload, 0));
	check(ctx, ascdev_submit(ctx, &compress, 1, NULL));
	report->result = (struct ascdev_result)ASCDEV_RESULT_INIT;
	if (params->codec == ASCDEV_CODEC_AUTO) {
		check(ctx, ascdev_wait(compress, -1, &report->result));
		ascdev_params_settle(&settled, &report->result);
	}
	check(ctx, ascdev_job_decompress(decompress, &settled, &report->surface, payload, 0, back,
					 0));
	fence = get_fence(ctx, compress);
	if (fence >= 0) {
		check(ctx, ascdev_job_wait_fence(decompress, fence));
		close(fence);
	}
	ascdev_buf_unref(map);
	check(ctx, ascdev_submit(ctx, &decompress, 1, NULL));
	check(ctx, ascdev_wait(decompress, -1, NULL));
	check(ctx, ascdev_wait(compress, -1, &report->result));
	report->codec_ms = now_ms() - start;

	report->sqnr = measure_sqnr(&report->surface, original, report->result.sum_sq_error);
	save(dump, layer, compressed, report->result.bytes);
	ascdev_job_destroy(compress);
	ascdev_job_destroy(decompress);
	ascdev_buf_unref(payload);
	free(original);
	*values = back_values;
	return back;
}

static struct ascdev_surface map_surface(const struct network *network, uint32_t layer,
					 uint32_t w, uint32_t h)
{
	struct ascdev_surface surface;

	ascdev_surface_nchw(&surface, layer == network->count - 1 ? ASCDEV_DTYPE_S8 :
								    ASCDEV_DTYPE_U8,
			    1, network->layers[layer].out, h, w);
	return surface;
}

/* Run the network on plain memory.  The result is to be freed. */
static uint8_t *run_plain(const struct network *network, const uint8_t *luma, uint32_t w,
			  uint32_t h)
{
	uint8_t *in = allocate((size_t)w * h), *out;
	uint32_t i;

	memcpy(in, luma, (size_t)w * h);
	for (i = 0; i < network->count; i++) {
		out = allocate((size_t)network->layers[i].out * w * h);
		layer_run(&network->layers[i], i == network->count - 1, in, out, h, w);
		free(in);
		in = out;
	}
	return in;
}

/* The runtime knows what a ReLU leaves: nothing below zero. */
static void fill_in(struct ascdev_params *params, bool last)
{
	if (params->endpoints == ASCDEV_ENDPOINTS_AUTO)
		params->endpoints = last ? ASCDEV_ENDPOINTS_TWO : ASCDEV_ENDPOINTS_ONE;
	if (!params->block.w)
		params->block = last ? (struct ascdev_block){ 4, 4, 1, 0 } :
				       (struct ascdev_block){ 4, 2, 1, 0 };
	params->profile = ASCDEV_PROFILE_FULL;
}

/* Run the network with every map compressed.  The result is to be freed. */
static uint8_t *run_compressed(const struct network *network, struct ascdev_ctx *ctx,
			       const struct ascdev_params *base, const uint8_t *luma, uint32_t w,
			       uint32_t h, const char *dump, struct map_report *reports)
{
	struct ascdev_buf *in_buf = NULL, *out_buf;
	const uint8_t *in = luma;
	uint8_t *out, *result;
	uint64_t bytes;
	uint32_t i;

	for (i = 0; i < network->count; i++) {
		struct ascdev_params params = *base;
		struct map_report *report = &reports[i];
		bool last = i == network->count - 1;
		double start = now_ms();

		if (params.codec == ASCDEV_CODEC_DEFAULT)
			params.codec = ASCDEV_CODEC_ASC_CBR;
		if (params.codec == ASCDEV_CODEC_ASC_CBR)
			fill_in(&params, last);
		report->surface = map_surface(network, i, w, h);
		ascdev_surface_bytes(&report->surface, &bytes);
		out_buf = get_buffer(ctx, bytes, (void **)&out);
		layer_run(&network->layers[i], last, in, out, h, w);
		ascdev_buf_unref(in_buf);
		report->layer_ms = now_ms() - start;
		in_buf = pass_through_codec(ctx, &params, out_buf, &out, dump, i, report);
		in = out;
	}
	result = allocate(bytes);
	memcpy(result, in, bytes);
	ascdev_buf_unref(in_buf);
	return result;
}

/* Add the last map, whose 4 channels are the 2 x 2 pixels, to the doubled image. */
static void add_residual(const struct network *network, const uint8_t *map, uint32_t w, uint32_t h,
			 uint8_t *plane)
{
	uint32_t c, x, y;

	for (c = 0; c < 4; c++) {
		for (y = 0; y < h; y++) {
			for (x = 0; x < w; x++) {
				uint8_t *p = plane + (2 * (size_t)y + c / 2) * 2 * w + 2 * x + c % 2;
				int32_t step = (int8_t)*map++;
				int32_t v = *p + ((step * network->residual_scale + (1 << 15)) >> 16);

				*p = v < 0 ? 0 : v > 255 ? 255 : v;
			}
		}
	}
}

static void print_table(const struct map_report *reports, uint32_t count)
{
	uint32_t i;

	printf("layer  map                bytes  compressed  ratio    bpe   SQNR dB   layer ms  codec ms\n");
	for (i = 0; i < count; i++) {
		const struct map_report *r = &reports[i];
		char shape[32];

		snprintf(shape, sizeof(shape), "%u x %u x %u %s", r->surface.dim[1],
			 r->surface.dim[2], r->surface.dim[3],
			 ascdev_dtype_name(r->surface.dtype));
		printf("%-5u  %-17s %6llu  %10llu  %5.3f  %5.3f  %8.2f  %9.1f  %8.1f\n", i + 1, shape,
		       (unsigned long long)r->result.elements,
		       (unsigned long long)r->result.bytes,
		       (double)r->result.elements / r->result.bytes,
		       r->result.bytes * 8.0 / r->result.elements, r->sqnr, r->layer_ms,
		       r->codec_ms);
	}
}

/*
 * The three results side by side, in colour: the chroma of the photograph,
 * halved and doubled, with each luma.
 */
static void save_picture(const char *path, const struct image *photo, uint8_t *const *lumas)
{
	size_t count = (size_t)photo->w * photo->h, i;
	struct image picture = { 3 * photo->w, photo->h, allocate(9 * count) };
	uint8_t *plane = allocate(count), *small = allocate(count), *rgb = allocate(3 * count);
	uint8_t *luma = allocate(count);
	const char *wrong;
	int c, k;

	for (c = 0; c < 3; c++) {
		for (i = 0; i < count; i++)
			plane[i] = photo->rgb[3 * i + c];
		plane_halve(plane, small, photo->w, photo->h);
		plane_double(small, plane, photo->w / 2, photo->h / 2);
		for (i = 0; i < count; i++)
			rgb[3 * i + c] = plane[i];
	}
	image_luma(&(struct image){ photo->w, photo->h, rgb }, luma);
	for (k = 0; k < 3; k++) {
		for (i = 0; i < count; i++) {
			uint8_t *p = picture.rgb +
				     3 * (i / photo->w * picture.w + k * photo->w + i % photo->w);

			for (c = 0; c < 3; c++) {
				int v = rgb[3 * i + c] + lumas[k][i] - luma[i];

				p[c] = v < 0 ? 0 : v > 255 ? 255 : v;
			}
		}
	}
	wrong = image_save_png(&picture, path);
	if (wrong)
		fail("%s: %s", path, wrong);
	free(picture.rgb);
	free(plane);
	free(small);
	free(rgb);
	free(luma);
}

static void load_photo(struct image *photo, const char *path)
{
	const char *wrong = image_load_png(photo, path);
	uint32_t y, w;

	if (wrong)
		fail("%s: %s", path, wrong);
	/* even extents */
	w = photo->w & ~1u;
	photo->h &= ~1u;
	for (y = 0; y < photo->h; y++)
		memmove(photo->rgb + 3 * (size_t)y * w, photo->rgb + 3 * (size_t)y * photo->w,
			3 * (size_t)w);
	photo->w = w;
	if (!w || !photo->h)
		fail("%s: too small", path);
}

static const char usage[] =
	"usage: superres [--backend auto|hw|sw] [-p KEY=VALUE,...] [-w WEIGHTS] [-o OUT.png]\n"
	"                [--dump DIR] PHOTO.png\n";

int main(int argc, char **argv)
{
	static const struct option longopts[] = {
		{ "backend", required_argument, NULL, 'b' },
		{ "dump", required_argument, NULL, 'D' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	static const char *const backends[] = { "auto", "hw", "sw" };
	struct ascdev_open_opts opts = ASCDEV_OPEN_OPTS_INIT;
	struct ascdev_params params = ASCDEV_PARAMS_INIT;
	struct ascdev_error error = ASCDEV_ERROR_INIT;
	struct ascdev_caps caps = ASCDEV_CAPS_INIT;
	const char *weights = "weights.bin", *output = NULL, *dump = NULL, *wrong;
	struct map_report reports[MAX_LAYERS];
	uint8_t *luma, *small, *lumas[3], *map;
	struct network network;
	struct ascdev_ctx *ctx;
	struct image photo;
	double bicubic, plain, compressed;
	size_t count;
	int c, i;

	while ((c = getopt_long(argc, argv, "b:ho:p:w:", longopts, NULL)) != -1) {
		switch (c) {
		case 'b':
			for (i = 0; i < 3 && strcmp(optarg, backends[i]); i++)
				;
			if (i == 3)
				fail("unknown backend '%s'", optarg);
			opts.backend = i;
			break;
		case 'D':
			dump = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		case 'o':
			output = optarg;
			break;
		case 'p':
			if (ascdev_params_parse(&params, optarg))
				fail("bad parameters '%s'", optarg);
			break;
		case 'w':
			weights = optarg;
			break;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	if (optind != argc - 1) {
		fputs(usage, stderr);
		return 2;
	}

	wrong = network_load(&network, weights);
	if (wrong)
		fail("%s: %s", weights, wrong);
	load_photo(&photo, argv[optind]);
	if (ascdev_open(&opts, &error, &ctx))
		fail("%s", error.message);
	ascdev_get_caps(ctx, &caps);

	count = (size_t)photo.w * photo.h;
	luma = allocate(count);
	small = allocate(count / 4);
	for (i = 0; i < 3; i++)
		lumas[i] = allocate(count);
	image_luma(&photo, luma);
	plane_halve(luma, small, photo.w, photo.h);
	plane_double(small, lumas[0], photo.w / 2, photo.h / 2);
	memcpy(lumas[1], lumas[0], count);
	memcpy(lumas[2], lumas[0], count);

	map = run_plain(&network, small, photo.w / 2, photo.h / 2);
	add_residual(&network, map, photo.w / 2, photo.h / 2, lumas[1]);
	free(map);
	map = run_compressed(&network, ctx, &params, small, photo.w / 2, photo.h / 2, dump, reports);
	add_residual(&network, map, photo.w / 2, photo.h / 2, lumas[2]);
	free(map);

	bicubic = plane_psnr(lumas[0], luma, count);
	plain = plane_psnr(lumas[1], luma, count);
	compressed = plane_psnr(lumas[2], luma, count);
	printf("%s: %u x %u from %u x %u\n", argv[optind], photo.w, photo.h, photo.w / 2,
	       photo.h / 2);
	if (caps.backend == ASCDEV_BACKEND_HW)
		printf("backend hw: %s%s\n", caps.node, caps.emulated ? ", emulated by the driver" : "");
	else
		printf("backend sw: the codec in process\n");
	print_table(reports, network.count);
	printf("PSNR of the luma: bicubic %.2f dB, network %.2f dB, with every map compressed %.2f dB (loss %.2f dB)\n",
	       bicubic, plain, compressed, plain - compressed);
	if (output)
		save_picture(output, &photo, lumas);

	for (i = 0; i < 3; i++)
		free(lumas[i]);
	free(small);
	free(luma);
	free(photo.rgb);
	network_free(&network);
	ascdev_close(ctx);
	return 0;
}
