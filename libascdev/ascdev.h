/* SPDX-License-Identifier: MIT */
/*
 * libascdev: feature-map compression on a codec accelerator or in process.
 *
 * Every function that can fail returns 0 (or a count) on success and a negative
 * errno on failure; errno itself is neither read nor set as part of the contract.
 * Nothing is printed, no thread is started, and there is no global state.
 *
 * Thread safety: "any thread" means at any time, also on the same object;
 * "one at a time" means that calls on the same object must not overlap.
 * A context and what belongs to it must not be used in a child after fork().
 *
 * Structures that begin with a size are the library's way to grow: set it to
 * sizeof, best with the _init function or the _INIT macro.  Members are only
 * ever appended and zero is the default of each.  A larger structure than the
 * library knows is -E2BIG if its unknown end is not zero.
 */
#ifndef ASCDEV_H
#define ASCDEV_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ASCDEV_VERSION_MAJOR	0
#define ASCDEV_VERSION_MINOR	1
#define ASCDEV_VERSION_PATCH	0

/** ascdev_version_string - version of the library that runs, as "0.1.0" */
const char *ascdev_version_string(void);

/**
 * ascdev_strerror - what an error code of this library means
 * @error: a code, negative or positive
 *
 * Return: static text, never NULL.  Any thread.
 */
const char *ascdev_strerror(int error);

/**
 * struct ascdev_error - why something failed before there was a context
 * @size: sizeof(struct ascdev_error)
 * @code: negative errno
 * @message: path, cause and remedy, in one line
 */
struct ascdev_error {
	uint32_t size;
	int32_t code;
	char message[256];
};

#define ASCDEV_ERROR_INIT { sizeof(struct ascdev_error), 0, "" }

/* --- devices -------------------------------------------------------------- */

/**
 * struct ascdev_device_info - a codec device, usable or not
 * @size: size of this structure
 * @state: 0 if it can be opened, otherwise the negative errno of the attempt:
 *	-EACCES (mode of the node), -EPERM (cgroup or seccomp), -ENOENT (no
 *	node), -EPROTO (another version of the interface)
 * @node: path of the device node
 * @sysfs: directory of its attributes, or ""
 * @version: version of the driver's interface, "1.0"; "" if unknown
 * @emulated: 1 if the driver runs jobs on a CPU
 * @engines: jobs that run at a time
 * @message: what is wrong and what helps; "" if usable
 */
struct ascdev_device_info {
	uint32_t size;
	int32_t state;
	char node[64];
	char sysfs[128];
	char version[16];
	uint32_t emulated;
	uint32_t engines;
	char message[256];
};

struct ascdev_device_list;

/**
 * ascdev_enumerate - find the codec devices of this machine
 * @list: receives a list, to be freed with ascdev_device_list_free()
 *
 * Unusable devices are listed too, with the reason.
 *
 * Return: number of devices, or -ENOMEM.  Any thread.
 */
int ascdev_enumerate(struct ascdev_device_list **list);

/**
 * ascdev_device_list_get - one device of a list
 * @list: list
 * @i: index from 0
 *
 * Return: valid until the list is freed; NULL beyond its end.  Any thread.
 */
const struct ascdev_device_info *ascdev_device_list_get(const struct ascdev_device_list *list,
							 uint32_t i);

/** ascdev_device_list_free - free a list; NULL is allowed */
void ascdev_device_list_free(struct ascdev_device_list *list);

/* --- contexts ------------------------------------------------------------- */

/** enum ascdev_backend - where the codec runs */
enum ascdev_backend {
	ASCDEV_BACKEND_AUTO = 0,	/* the device if there is one, else in process */
	ASCDEV_BACKEND_HW = 1,		/* the device or an error */
	ASCDEV_BACKEND_SW = 2,		/* in process */
};

/**
 * struct ascdev_open_opts - how to open a context
 * @size: sizeof(struct ascdev_open_opts)
 * @backend: one of enum ascdev_backend
 * @device: path of a device node; NULL for the first usable device
 */
struct ascdev_open_opts {
	uint32_t size;
	uint32_t backend;
	const char *device;
};

#define ASCDEV_OPEN_OPTS_INIT { sizeof(struct ascdev_open_opts), 0, NULL }

struct ascdev_ctx;

/**
 * ascdev_open - open a context
 * @opts: options; NULL for the defaults
 * @error: receives the reason of a failure; NULL is allowed
 * @ctx: receives the context, to be closed with ascdev_close()
 *
 * Return: 0; -EINVAL for bad options; with HW the error of the device: -ENODEV
 * (none), -EACCES, -EPERM, -ENOENT, -EPROTO, -EMFILE, -ENOMEM.  Any thread.
 */
int ascdev_open(const struct ascdev_open_opts *opts, struct ascdev_error *error,
		struct ascdev_ctx **ctx);

/**
 * ascdev_close - close a context; NULL is allowed
 *
 * Its jobs and buffers must be gone: their functions need it.
 */
void ascdev_close(struct ascdev_ctx *ctx);

/**
 * ascdev_get_backend - what runs the jobs of a context, and why
 * @ctx: context
 * @reason: receives why AUTO did not take a device: a negative errno, or 0; NULL
 *	is allowed
 *
 * Return: ASCDEV_BACKEND_HW or ASCDEV_BACKEND_SW.  Any thread.
 */
int ascdev_get_backend(const struct ascdev_ctx *ctx, int *reason);

/**
 * ascdev_last_error - the last failure on a context in words
 * @ctx: context
 * @buffer: receives a line, cut off if it does not fit
 * @size: bytes in @buffer
 *
 * After AUTO fell back to software, and before any other failure, it tells why
 * the device was not used.
 *
 * Return: length of the line without its end.  Any thread; the line is of the
 * last failure on any of them.
 */
int ascdev_last_error(struct ascdev_ctx *ctx, char *buffer, size_t size);

/**
 * struct ascdev_caps - what a context can do
 * @size: size of this structure
 * @backend: ASCDEV_BACKEND_HW or ASCDEV_BACKEND_SW
 * @emulated: 1 if a driver runs the jobs on a CPU
 * @engines: jobs that run at a time
 * @codecs: mask of 1 << enum ascdev_codec
 * @dtypes: mask of 1 << enum ascdev_dtype
 * @payload_align: offsets of payloads are multiples of it, in bytes
 * @pad: 0
 * @max_elements: values in one surface
 * @max_buffer_bytes: size of one buffer
 * @node: path of the device node, or ""
 */
struct ascdev_caps {
	uint32_t size;
	uint32_t backend;
	uint32_t emulated;
	uint32_t engines;
	uint32_t codecs;
	uint32_t dtypes;
	uint32_t payload_align;
	uint32_t pad;
	uint64_t max_elements;
	uint64_t max_buffer_bytes;
	char node[64];
};

#define ASCDEV_CAPS_INIT { sizeof(struct ascdev_caps), 0, 0, 0, 0, 0, 0, 0, 0, 0, "" }

/**
 * ascdev_get_caps - ask what a context can do
 * @ctx: context
 * @caps: receives the answer
 *
 * Return: 0 or -EINVAL for a bad size.  Any thread.
 */
int ascdev_get_caps(const struct ascdev_ctx *ctx, struct ascdev_caps *caps);

/**
 * struct ascdev_stats - what a context has done so far
 * @size: size of this structure
 * @pad: 0
 * @submitted: jobs accepted
 * @completed: jobs that ended well, as far as they were waited for
 * @failed: jobs that did not
 * @compress_bytes_in: bytes of values compressed
 * @compress_bytes_out: bytes of payload made of them
 * @decompress_bytes_in: bytes of payload decompressed
 * @decompress_bytes_out: bytes of values made of them
 * @exec_ns: time in which the jobs were worked at
 */
struct ascdev_stats {
	uint32_t size;
	uint32_t pad;
	uint64_t submitted;
	uint64_t completed;
	uint64_t failed;
	uint64_t compress_bytes_in;
	uint64_t compress_bytes_out;
	uint64_t decompress_bytes_in;
	uint64_t decompress_bytes_out;
	uint64_t exec_ns;
};

#define ASCDEV_STATS_INIT { sizeof(struct ascdev_stats), 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/**
 * ascdev_get_stats - read the statistics of a context
 * @ctx: context
 * @stats: receives them
 *
 * Return: 0 or -EINVAL for a bad size.  Any thread.
 */
int ascdev_get_stats(struct ascdev_ctx *ctx, struct ascdev_stats *stats);

/* --- descriptions --------------------------------------------------------- */

/** enum ascdev_dtype - types of values; native byte order */
enum ascdev_dtype {
	ASCDEV_DTYPE_U8 = 0,
	ASCDEV_DTYPE_S8 = 1,
	ASCDEV_DTYPE_U16 = 2,
	ASCDEV_DTYPE_S16 = 3,
	ASCDEV_DTYPE_F16 = 4,		/* IEEE 754 binary16 */
	ASCDEV_DTYPE_BF16 = 5,		/* upper half of a binary32 */
};

/**
 * struct ascdev_surface - a feature map in memory
 * @dtype: one of enum ascdev_dtype
 * @pad: 0
 * @dim: extents N, C, H, W, all at least 1
 * @stride: bytes from one value to the next along each dimension; below 2^32
 *	where the extent is above 1.  Values need no alignment.  Where values are
 *	written, strides must nest: in ascending order, each must step over all
 *	that the smaller ones reach.
 */
struct ascdev_surface {
	uint32_t dtype;
	uint32_t pad;
	uint32_t dim[4];
	uint64_t stride[4];
};

/** ascdev_surface_nchw - describe a dense surface with W fastest.  Any thread. */
void ascdev_surface_nchw(struct ascdev_surface *surface, uint32_t dtype, uint32_t n, uint32_t c,
			 uint32_t h, uint32_t w);

/** ascdev_surface_nhwc - describe a dense surface with C fastest.  Any thread. */
void ascdev_surface_nhwc(struct ascdev_surface *surface, uint32_t dtype, uint32_t n, uint32_t c,
			 uint32_t h, uint32_t w);

/**
 * ascdev_surface_bytes - bytes from the first to the last value of a surface
 * @surface: surface
 * @bytes: receives the distance
 *
 * Return: 0; -EINVAL for an unknown type or an extent of 0; -EOVERFLOW for more
 * than 2^30 values or too large a stride.  Any thread.
 */
int ascdev_surface_bytes(const struct ascdev_surface *surface, uint64_t *bytes);

/** enum ascdev_codec - codecs */
enum ascdev_codec {
	ASCDEV_CODEC_DEFAULT = 0,	/* what the device is set to; ASC-CBR in process */
	ASCDEV_CODEC_ASC_CBR = 1,	/* ASC at a constant rate */
	ASCDEV_CODEC_ASC_VBR = 2,	/* ASC at a variable rate, within a bound */
	ASCDEV_CODEC_EBPC = 3,		/* lossless, as the next three */
	ASCDEV_CODEC_DCAC = 4,
	ASCDEV_CODEC_ZVC = 5,
	ASCDEV_CODEC_RAW = 6,
	ASCDEV_CODEC_AUTO = 7,		/* whichever is likely to give the fewest bytes
					 * within max_error or target_bpe; compression only */
};

/** enum ascdev_endpoints - what a block stores of its range */
enum ascdev_endpoints {
	ASCDEV_ENDPOINTS_AUTO = 0,	/* chosen for the surface; compression only */
	ASCDEV_ENDPOINTS_ONE = 1,	/* the maximum; the zero point is the minimum */
	ASCDEV_ENDPOINTS_TWO = 2,	/* minimum and maximum */
};

/** enum ascdev_scale - where the points between endpoints lie */
enum ascdev_scale {
	ASCDEV_SCALE_AUTO = 0,		/* chosen for each block by its L1 error */
	ASCDEV_SCALE_LINEAR = 1,
	ASCDEV_SCALE_LOG = 2,
};

/** enum ascdev_effort - how hard an encoder works; decoders are the same */
enum ascdev_effort {
	ASCDEV_EFFORT_HW = 0,		/* the specification's encoder, bit for bit */
	ASCDEV_EFFORT_BEST = 1,		/* endpoints are searched for, at more time */
};

/** enum ascdev_profile - layout of blocks of ASC-CBR */
enum ascdev_profile {
	ASCDEV_PROFILE_AUTO = 0,	/* chosen for the surface; compression only */
	ASCDEV_PROFILE_FULL = 1,	/* endpoints have all bits of a value */
	ASCDEV_PROFILE_NARROW = 2,	/* 8 bits, so that blocks may be smaller; 16-bit types */
	ASCDEV_PROFILE_POOLED = 3,	/* bits go where they are needed; 4 for each value */
};

/** enum ascdev_reorder - order of the channels in a payload */
enum ascdev_reorder {
	ASCDEV_REORDER_NONE = 0,
	ASCDEV_REORDER_HEURISTIC = 1,	/* similar ones side by side, by a cheap search */
	ASCDEV_REORDER_GREEDY = 2,	/* likewise, by a search over all pairs */
	ASCDEV_REORDER_GIVEN = 3,	/* by the order in struct ascdev_params */
};

/**
 * struct ascdev_block - shape of a block
 * @w: width
 * @h: height
 * @c: channels
 * @pad: 0
 *
 * All 0: chosen for the surface; compression only.  @h and @c 0: a run of @w
 * values in the order N, C, H, W.  Otherwise a cuboid.  The number of values is a
 * multiple of 8, at most 64.  The rate follows from it: 3 bits per value, and the
 * endpoints, divided by the number of values.
 */
struct ascdev_block {
	uint16_t w;
	uint16_t h;
	uint16_t c;
	uint16_t pad;
};

/**
 * struct ascdev_params - how a surface is compressed
 * @size: sizeof(struct ascdev_params)
 * @codec: one of enum ascdev_codec
 * @endpoints: one of enum ascdev_endpoints; ASC-CBR, as @scale, @block and @profile
 * @scale: one of enum ascdev_scale; not looked at by decompression
 * @zero_point: the value that stands for 0.0; 0 for floats
 * @effort: one of enum ascdev_effort; not looked at by decompression
 * @block: shape of a block
 * @profile: one of enum ascdev_profile
 * @reorder: one of enum ascdev_reorder; not RAW
 * @max_error: ASC-VBR and AUTO: bound of the absolute error of any value, 0 for
 *	lossless; for floats, in steps from one number to the next.  Not looked at by
 *	decompression, as the next two.
 * @target_bpe: ASC-VBR and AUTO: bits per value to stay below, all included, in
 *	1/256, or 0; not together with @max_error
 * @exponent: what the endpoints of the narrow profile refer to, floats of the pooled
 *	one, or floats of ASC-VBR that were coded at a rate; 0 leaves it to compression
 * @pad: 0
 * @order: for ASCDEV_REORDER_GIVEN, for each channel which one takes its place; see
 *	ascdev_payload_order().  Read during the call.
 *
 * What a codec does not have must be 0.
 */
struct ascdev_params {
	uint32_t size;
	uint32_t codec;
	uint32_t endpoints;
	uint32_t scale;
	int32_t zero_point;
	uint32_t effort;
	struct ascdev_block block;
	uint32_t profile;
	uint32_t reorder;
	uint32_t max_error;
	uint32_t target_bpe;
	uint32_t exponent;
	uint32_t pad;
	const uint16_t *order;
};

#define ASCDEV_PARAMS_INIT { sizeof(struct ascdev_params), 0, 0, 0, 0, 0, { 0, 0, 0, 0 }, \
	0, 0, 0, 0, 0, 0, NULL }

/**
 * ascdev_params_parse - set parameters from text
 * @params: set where @text names something, otherwise left alone; not changed on
 *	failure
 * @text: "key=value,...":
 *	codec=default|asc-cbr|asc-vbr|ebpc|dcac|zvc|raw|auto, endpoints=auto|one|two,
 *	scale=auto|linear|log, block=auto|WxHxC|runN,
 *	profile=auto|full|narrow|pooled, effort=hw|best,
 *	reorder=none|heuristic|greedy, max_error=N, target_bpe=X, zero_point=N.  Empty is allowed.
 *
 * Return: 0, -EINVAL for an unknown key or value, or what a bad size gives.
 * Any thread.
 */
int ascdev_params_parse(struct ascdev_params *params, const char *text);

/**
 * ascdev_params_get - one parameter as text
 * @params: parameters
 * @key: a key of ascdev_params_parse()
 * @text: receives what the key would be set from; cut off if it does not fit
 * @size: bytes in @text
 *
 * Return: length of the text without its end, -EINVAL for an unknown key or a number
 * without a name, or what a bad size gives.  Any thread.
 */
int ascdev_params_get(const struct ascdev_params *params, const char *key, char *text,
		      size_t size);

/** ascdev_codec_name - "asc-cbr"; NULL for an unknown number.  Any thread. */
const char *ascdev_codec_name(uint32_t codec);

/** ascdev_dtype_name - "u8", "s8", "u16", "s16", "f16", "bf16"; NULL for an unknown number.  Any thread. */
const char *ascdev_dtype_name(uint32_t dtype);

/** ascdev_dtype_bytes - bytes of a value; 0 for an unknown number.  Any thread. */
uint32_t ascdev_dtype_bytes(uint32_t dtype);

struct ascdev_result;

/**
 * ascdev_params_settle - take over what a compression chose
 * @params: parameters of the compression; afterwards, of its decompression
 * @result: its result
 *
 * Return: 0 or what a bad size gives.  Any thread.
 */
int ascdev_params_settle(struct ascdev_params *params, const struct ascdev_result *result);

/**
 * ascdev_compress_bound - the largest payload that a compression may give
 * @params: parameters; NULL for the defaults
 * @surface: surface
 * @bytes: receives the size; exact for RAW, and for ASC-CBR if neither endpoints
 *	nor block nor profile are left open
 *
 * Return: 0, -EINVAL or -EOVERFLOW.  Any thread.
 */
int ascdev_compress_bound(const struct ascdev_params *params,
			  const struct ascdev_surface *surface, uint64_t *bytes);

/**
 * ascdev_payload_order - the order of the channels in a payload
 * @params: parameters, as for decompression
 * @surface: surface
 * @payload: payload
 * @payload_bytes: its size
 * @order: receives, for each channel of the surface, which one takes its place
 *
 * With it, and ASCDEV_REORDER_GIVEN, other maps of the same layer are compressed
 * without a search.
 *
 * Return: 0; -EINVAL for a payload without an order, or bad parameters; -EBADMSG if
 * it is no permutation.  Any thread.
 */
int ascdev_payload_order(const struct ascdev_params *params, const struct ascdev_surface *surface,
			 const void *payload, uint64_t payload_bytes, uint16_t *order);

/* --- buffers -------------------------------------------------------------- */

struct ascdev_buf;

/**
 * ascdev_buf_alloc - allocate a buffer
 * @ctx: context that the buffer belongs to
 * @bytes: its size, at least 1
 * @buf: receives the buffer, all zero
 *
 * Return: 0; -EINVAL for a size of 0; -E2BIG beyond the limit of the context;
 * -ENOMEM; -ENODEV if the device is gone.  Any thread.
 */
int ascdev_buf_alloc(struct ascdev_ctx *ctx, uint64_t bytes, struct ascdev_buf **buf);

/**
 * ascdev_buf_map - the memory of a buffer
 * @buf: buffer
 * @address: receives its first byte; valid until the buffer is freed
 *
 * It is the device's memory.  System calls that pin pages, direct input and
 * output among them, answer -EFAULT for it.
 *
 * Return: 0, -ENOMEM or -ENODEV.  Any thread.
 */
int ascdev_buf_map(struct ascdev_buf *buf, void **address);

/** ascdev_buf_size - bytes in a buffer, as asked for.  Any thread. */
uint64_t ascdev_buf_size(const struct ascdev_buf *buf);

/**
 * ascdev_buf_wait - wait until no queued job uses a buffer
 * @buf: buffer
 * @timeout_ns: how long, from now; negative for ever
 *
 * Return: 0, -ETIME, or -ENODEV if the device is gone.  Any thread.
 */
int ascdev_buf_wait(struct ascdev_buf *buf, int64_t timeout_ns);

/** ascdev_buf_free - free a buffer; NULL is allowed.  Jobs in flight keep its memory. */
void ascdev_buf_free(struct ascdev_buf *buf);

/* --- jobs ----------------------------------------------------------------- */

/**
 * struct ascdev_result - how a job ended
 * @size: size of this structure
 * @backend: ASCDEV_BACKEND_HW or ASCDEV_BACKEND_SW, whichever ran it
 * @codec: codec that was used
 * @endpoints: endpoint mode that was used; decompression needs it
 * @block: shape of a block that was used; decompression needs it
 * @bytes: bytes written: payload or values
 * @elements: values in the surface or its part
 * @linear_blocks: blocks on the linear scale; compression only, as all below
 * @log_blocks: blocks on the log-linear scale
 * @sum_abs_error: sum of the absolute errors of all values, see @error_exponent
 * @sum_sq_error: sum of the squared errors of all values
 * @max_abs_error: largest absolute error of a value
 * @pad: 0
 * @exec_ns: time that the job was worked at; of decompression too
 * @profile: profile that was used; decompression needs it
 * @reorder: how channels were ordered; decompression needs it
 * @error_exponent: errors are counted in units of 2 to this power; 0 but for floats
 * @exponent: the exponent that was used; decompression needs it
 * @bytes_read: bytes read: values or payload; of decompression too
 * @cycles: cycles that a device took, or, if it is emulated, that hardware would take;
 *	0 from software; of decompression too
 */
struct ascdev_result {
	uint32_t size;
	uint32_t backend;
	uint32_t codec;
	uint32_t endpoints;
	struct ascdev_block block;
	uint64_t bytes;
	uint64_t elements;
	uint64_t linear_blocks;
	uint64_t log_blocks;
	uint64_t sum_abs_error;
	uint64_t sum_sq_error;
	uint32_t max_abs_error;
	uint32_t pad;
	uint64_t exec_ns;
	uint32_t profile;
	uint32_t reorder;
	int32_t error_exponent;
	uint32_t exponent;
	uint64_t bytes_read;
	uint64_t cycles;
};

#define ASCDEV_RESULT_INIT { sizeof(struct ascdev_result), 0, 0, 0, { 0, 0, 0, 0 }, 0, 0, 0, 0, \
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/**
 * ascdev_compress - compress ordinary memory and wait for it
 * @ctx: context
 * @params: parameters; NULL for the defaults
 * @surface: describes @src
 * @src: the first value
 * @dst: receives the payload
 * @dst_bytes: its size; ascdev_compress_bound() is always enough
 * @result: receives the details, its @bytes being the size of the payload; NULL
 *	is allowed
 *
 * @src and @dst must not overlap.
 *
 * Return: 0; -EINVAL or -EOVERFLOW for a bad description; -ENOSPC if @dst is
 * below the bound; -E2BIG if a buffer of the device cannot hold it; -EBUSY if the
 * queue of the context is full; -ENOMEM; and what ascdev_wait() gives for a job
 * that failed.  Any thread.
 */
int ascdev_compress(struct ascdev_ctx *ctx, const struct ascdev_params *params,
		    const struct ascdev_surface *surface, const void *src, void *dst,
		    uint64_t dst_bytes, struct ascdev_result *result);

/**
 * ascdev_decompress - decompress into ordinary memory and wait for it
 * @ctx: context
 * @params: parameters of the payload; see ascdev_params_settle()
 * @surface: describes @dst; bytes between its values are left alone
 * @src: payload; any content is safe
 * @src_bytes: its size
 * @dst: receives the first value
 * @result: receives the details; NULL is allowed
 *
 * Return: as ascdev_compress(); -EINVAL also if @src is too short, the codec is
 * DEFAULT or AUTO, endpoints, block or profile are left open, or strides of @surface
 * do not nest; -EBADMSG for a payload that makes no sense, when every value of @dst has
 * been written, those that could not be told with the zero point.  Any thread.
 */
int ascdev_decompress(struct ascdev_ctx *ctx, const struct ascdev_params *params,
		      const struct ascdev_surface *surface, const void *src, uint64_t src_bytes,
		      void *dst, struct ascdev_result *result);

/**
 * struct ascdev_part - a part of a surface, in values
 * @at: first position in N, C, H, W
 * @dim: extents
 */
struct ascdev_part {
	uint32_t at[4];
	uint32_t dim[4];
};

/**
 * ascdev_decompress_part - decompress a part of a surface and wait for it
 * @ctx: context
 * @params: parameters of the payload
 * @surface: its extents are those of the whole, its strides describe the part in @dst
 * @part: what to decompress; only what it needs of the payload is read
 * @src: payload
 * @src_bytes: its size
 * @dst: receives the first value of the part
 * @result: receives the details; NULL is allowed
 *
 * Return: as ascdev_decompress(); -EINVAL also for a part that leaves the surface.
 * Any thread.
 */
int ascdev_decompress_part(struct ascdev_ctx *ctx, const struct ascdev_params *params,
			   const struct ascdev_surface *surface, const struct ascdev_part *part,
			   const void *src, uint64_t src_bytes, void *dst,
			   struct ascdev_result *result);

struct ascdev_job;

/**
 * ascdev_job_create - make a job
 * @ctx: context that it belongs to
 * @job: receives the job, to be set up, submitted, waited for, and used again
 *
 * Return: 0, -ENOMEM or -ENODEV.  Any thread.
 */
int ascdev_job_create(struct ascdev_ctx *ctx, struct ascdev_job **job);

/** ascdev_job_destroy - free a job; waits for it if it is in flight; NULL is allowed */
void ascdev_job_destroy(struct ascdev_job *job);

/**
 * ascdev_job_compress - set a job up to compress
 * @job: job, not in flight
 * @params: parameters, copied; NULL for the defaults
 * @surface: describes the source, copied
 * @src: buffer of the same context with the surface
 * @src_offset: where its first value is
 * @dst: buffer of the same context for the payload
 * @dst_offset: where it starts, a multiple of the context's payload_align
 *
 * Drops the waits added before.  Whether the description is right shows when the
 * job is submitted.
 *
 * Return: 0, -EBUSY if the job is in flight, or -EINVAL.  One at a time.
 */
int ascdev_job_compress(struct ascdev_job *job, const struct ascdev_params *params,
			const struct ascdev_surface *surface, struct ascdev_buf *src,
			uint64_t src_offset, struct ascdev_buf *dst, uint64_t dst_offset);

/**
 * ascdev_job_decompress - set a job up to decompress
 * @job: job, not in flight
 * @params: parameters, copied
 * @surface: describes the destination, copied
 * @src: buffer of the same context with the payload
 * @src_offset: where it starts, a multiple of the context's payload_align; it may
 *	reach to the end of the buffer
 * @dst: buffer of the same context for the surface
 * @dst_offset: where its first value goes
 *
 * Otherwise as ascdev_job_compress().
 */
int ascdev_job_decompress(struct ascdev_job *job, const struct ascdev_params *params,
			  const struct ascdev_surface *surface, struct ascdev_buf *src,
			  uint64_t src_offset, struct ascdev_buf *dst, uint64_t dst_offset);

/**
 * ascdev_job_set_part - let a decompression give a part of the surface
 * @job: job, set up by ascdev_job_decompress(), not in flight
 * @part: what to decompress, copied; see ascdev_decompress_part()
 *
 * Return: 0, -EBUSY if the job is in flight, or -EINVAL.  One at a time.
 */
int ascdev_job_set_part(struct ascdev_job *job, const struct ascdev_part *part);

/**
 * ascdev_job_wait_fence - let a job start only after a fence
 * @job: job, set up, not in flight
 * @fd: a sync_file, of any driver; not consumed
 *
 * In process, ascdev_submit() waits for it.
 *
 * Return: 0; -EBUSY if the job is in flight; -EMFILE; -EINVAL if @fd is no
 * sync_file, or the job is not set up or has eight already.  One at a time.
 */
int ascdev_job_wait_fence(struct ascdev_job *job, int fd);

/**
 * ascdev_job_get_fence - a fence that signals when a job has ended
 * @job: submitted job
 *
 * Return: a new sync_file, which the caller closes; -EINVAL if the job was never
 * submitted; -EOPNOTSUPP in process, where a submitted job has ended already;
 * -EMFILE; -ENOMEM; -ENODEV.  One at a time.
 */
int ascdev_job_get_fence(struct ascdev_job *job);

/**
 * ascdev_submit - submit jobs
 * @ctx: context of all of them
 * @jobs: jobs, set up, not in flight, each but once
 * @count: how many
 * @accepted: receives how many were accepted, from the first on; NULL is allowed
 *
 * On a device this does not block, jobs run in order, and each sees what those
 * before it wrote.  In process the jobs have run when it returns.
 *
 * Return: 0 if all were accepted, otherwise why the next one was not: -EBUSY if
 * the queue is full; -EINVAL, -EOVERFLOW or -ENOSPC for a bad description;
 * -ENODEV; -ENOMEM.  Any thread, with different jobs.
 */
int ascdev_submit(struct ascdev_ctx *ctx, struct ascdev_job *const *jobs, uint32_t count,
		  uint32_t *accepted);

/**
 * ascdev_wait - wait for a job to end
 * @job: submitted job
 * @timeout_ns: how long, from now; 0 to ask only; negative for ever
 * @result: receives the details; NULL is allowed
 *
 * Return: 0; -ETIME if it has not ended yet; otherwise why it failed: -ETIMEDOUT
 * (the engine stood still), -EBADMSG (a payload, or an order, that makes no sense), -ECANCELED (dropped before it ran, as when the
 * device went away), -ENODEV (the device went away meanwhile); -EINVAL if it was
 * never submitted.  One at a time.
 */
int ascdev_wait(struct ascdev_job *job, int64_t timeout_ns, struct ascdev_result *result);

#ifdef __cplusplus
}
#endif

#endif
