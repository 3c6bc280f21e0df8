/* SPDX-License-Identifier: MIT */
/*
 * libascdev: feature-map compression on a codec accelerator or in process.
 *
 * Every function that can fail returns 0 (or a count) on success and a negative
 * errno on failure; errno itself is neither read nor set as part of the contract.  One errno
 * stands for one cause; ascdev_last_error(), struct ascdev_error and the log callback
 * have it in words, with the path and what helps.  Nothing is printed, no thread is
 * started unless struct ascdev_open_opts asks for it, no signal is used, and there is
 * no global state: two libraries in one process can both use this one.
 *
 * Thread safety, which stands under Context: "any thread" means at any time, also on the
 * same object; "one at a time" means that calls which name the same structure must not
 * overlap; "alone" means that no other call on the same object may be under way, as it is
 * freed, or a job is set up.
 *
 * fork(2): threads are not copied, memory and queues of the device are shared.  A child
 * uses no context, buffer or job of its parent, not even to close or free it; it opens
 * its own.  Descriptors are close-on-exec.
 *
 * Structures that begin with a size are the library's way to grow: set it to
 * sizeof, best with the _INIT macro.  Members are only
 * ever appended and zero is the default of each.  A larger structure than the
 * library knows is -E2BIG if its unknown end is not zero; one that is smaller than its first
 * version is -EINVAL.  Of what a function fills in, as much is written as fits the size.
 *
 * From these comments libascdev/man/make-man.py makes the man pages: errors are a list, as
 * "* -EINVAL: why", behind Return.
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

/**
 * ascdev_version_string - version of the library that runs
 *
 * A program may run with a later library than the one whose ASCDEV_VERSION_MAJOR,
 * ASCDEV_VERSION_MINOR and ASCDEV_VERSION_PATCH it was built with.
 *
 * Return: "0.1.0" or the like, static text.
 *
 * Context: any thread.
 */
const char *ascdev_version_string(void);

/**
 * ascdev_strerror - what an error code of this library means
 * @error: a code, negative or positive
 *
 * Return: static text, never NULL.
 *
 * Context: any thread.
 */
const char *ascdev_strerror(int error);

/**
 * ascdev_errname - name of an error code
 * @error: a code, negative or positive
 *
 * Return: "EACCES" or the like, static text, never NULL; "?" for what this library does not
 * return.
 *
 * Context: any thread.
 */
const char *ascdev_errname(int error);

/** enum ascdev_log_level - how much a message matters */
enum ascdev_log_level {
	ASCDEV_LOG_ERROR = 0,		/* a call failed */
	ASCDEV_LOG_WARNING = 1,		/* a job ran in process although there is a device */
	ASCDEV_LOG_INFO = 2,		/* what was opened */
};

/**
 * typedef ascdev_log - receives messages
 * @user: the log_user of struct ascdev_open_opts
 * @level: one of enum ascdev_log_level
 * @message: a line without its end
 *
 * Called in the thread that the message is about, also in those of a pool, without a
 * lock; it may be called at the same time in several.
 */
typedef void (*ascdev_log)(void *user, uint32_t level, const char *message);

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
 *	node), -ENXIO (no driver bound to it), -EPROTO (another version of the
 *	interface), -EMFILE, -ENOMEM
 * @node: path of the device node; "" without a driver
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

/**
 * struct ascdev_enumerate_opts - where to look for devices
 * @size: sizeof(struct ascdev_enumerate_opts)
 * @pad: 0
 * @root: directory that holds sys/ and dev/ of the machine, for tests; NULL for "/"
 */
struct ascdev_enumerate_opts {
	uint32_t size;
	uint32_t pad;
	const char *root;
};

#define ASCDEV_ENUMERATE_OPTS_INIT { sizeof(struct ascdev_enumerate_opts), 0, NULL }

struct ascdev_device_list;

/**
 * ascdev_enumerate - find the codec devices of this machine
 * @opts: options; NULL for the defaults
 * @list: receives a list, to be freed with ascdev_device_list_free()
 *
 * Unusable devices are listed too, with the reason.  Each is opened and closed again.
 *
 * Return: number of devices, or
 * * -EINVAL: @opts is too small, or its pad is not 0
 * * -E2BIG: @opts has members that this library does not know
 * * -ENOMEM: out of memory
 *
 * Context: any thread.
 */
int ascdev_enumerate(const struct ascdev_enumerate_opts *opts, struct ascdev_device_list **list);

/**
 * ascdev_device_list_get - one device of a list
 * @list: list
 * @i: index from 0
 *
 * Return: the device, which is the list's and valid until that is freed; NULL beyond the end.
 *
 * Context: any thread.
 */
const struct ascdev_device_info *ascdev_device_list_get(const struct ascdev_device_list *list,
							 uint32_t i);

/**
 * ascdev_device_list_free - free a list
 * @list: list; NULL is allowed
 *
 * Context: alone.
 */
void ascdev_device_list_free(struct ascdev_device_list *list);

/* --- contexts ------------------------------------------------------------- */

/** enum ascdev_backend - where the codec runs */
enum ascdev_backend {
	ASCDEV_BACKEND_AUTO = 0,	/* the device if there is one, else in process */
	ASCDEV_BACKEND_HW = 1,		/* the device or an error */
	ASCDEV_BACKEND_SW = 2,		/* in process */
};

/** enum ascdev_priority - which contexts of a device are served first */
enum ascdev_priority {
	ASCDEV_PRIORITY_NORMAL = 0,
	ASCDEV_PRIORITY_LOW = 1,	/* after all others */
	ASCDEV_PRIORITY_HIGH = 2,	/* before all others; needs CAP_SYS_NICE */
};

/* For ascdev_open_opts.threads: as many as there are CPUs that this process may use. */
#define ASCDEV_ALL_CPUS	0xffffffffu

/** enum ascdev_cpu - what the codec in process may use of a CPU; results do not depend on it */
enum ascdev_cpu {
	ASCDEV_CPU_AUTO = 0,	/* ASCDEV_CPU in the environment, or all that there is */
	ASCDEV_CPU_SCALAR = 1,	/* what every machine of its kind has */
	ASCDEV_CPU_AVX2 = 2,
	ASCDEV_CPU_AVX512 = 3,
	ASCDEV_CPU_NEON = 4,
};

struct ascdev_params;

/**
 * struct ascdev_open_opts - how to open a context
 * @size: sizeof(struct ascdev_open_opts)
 * @backend: one of enum ascdev_backend
 * @device: path of a device node; NULL for the first usable device
 * @root: as in struct ascdev_enumerate_opts
 * @log: receives messages; NULL for none
 * @log_user: handed to @log
 * @defaults: what compression takes where a job has the codec DEFAULT, instead of what
 *	the device is set to; NULL for that.  Copied.  It names a codec, its zero point is
 *	0, and it has no order.  What the codec of a job does not have is left out.
 * @threads: threads of the software backend, at most 256, or ASCDEV_ALL_CPUS; 0 for
 *	none: jobs run in the thread that submits them.  None is started where a device
 *	runs the jobs.  Several jobs run at a time, and threads that have none help with
 *	one of 32768 values or more, also with that of ascdev_compress() and the like:
 *	with all of a decompression; with a compression but for the search for an order
 *	of the channels, and the last of the passes of ASC-VBR at a rate.  The bytes are
 *	those of one thread.
 * @priority: one of enum ascdev_priority; of no meaning in process
 * @cpu: one of enum ascdev_cpu; of no meaning where a device runs the jobs.  AUTO takes
 *	"scalar", "avx2", "avx512" or "neon" from the environment's ASCDEV_CPU if that is one
 *	which this CPU has, and otherwise the best that it has.
 * @pad: 0
 */
struct ascdev_open_opts {
	uint32_t size;
	uint32_t backend;
	const char *device;
	const char *root;
	ascdev_log log;
	void *log_user;
	const struct ascdev_params *defaults;
	uint32_t threads;
	uint32_t priority;
	uint32_t cpu;
	uint32_t pad;
};

#define ASCDEV_OPEN_OPTS_INIT { sizeof(struct ascdev_open_opts), 0, NULL, NULL, NULL, NULL, NULL, \
	0, 0, 0, 0 }

struct ascdev_ctx;

/**
 * ascdev_open - open a context
 * @opts: options; NULL for the defaults
 * @error: receives the reason of a failure; NULL is allowed
 * @ctx: receives the context, to be closed with ascdev_close()
 *
 * A context is a queue of jobs and the buffers that they use.
 *
 * With AUTO a device that cannot be opened, for whatever reason, is replaced by the codec
 * in process.  While a context has a device, AUTO repeats in process what the device
 * fails to do for ascdev_compress(), ascdev_decompress() and ascdev_decompress_part(), because
 * it is gone, busy, hangs, or has not enough memory; struct ascdev_result tells why, and
 * struct ascdev_stats counts.  HW never does that.
 *
 * When the device goes away, jobs in flight end with -ENODEV (it was running) or
 * -ECANCELED (it was not).  From then on buffers, jobs and ascdev_submit() of the context
 * answer -ENODEV, with AUTO too, for their memory is the device's; mapped buffers stay
 * mapped.  Another context must be opened, which with AUTO is in process if there is no
 * other device.
 *
 * Return: 0, or one of these; those of a device with HW only
 * * -EINVAL: @opts is too small, or a member makes no sense; @error tells which
 * * -E2BIG: @opts has members that this library does not know
 * * -EAGAIN: a thread could not be started
 * * -ENODEV: there is no device, or it is another driver's
 * * -ENXIO: the module is loaded, but bound to no device
 * * -ENOENT: there is no device node
 * * -EACCES: the mode of the node forbids it, or the priority needs CAP_SYS_NICE
 * * -EPERM: a cgroup or a seccomp filter forbids it
 * * -EPROTO: the driver has another version of the interface
 * * -EMFILE: the process has too many open files
 * * -ENOMEM: out of memory
 *
 * Context: any thread.
 */
int ascdev_open(const struct ascdev_open_opts *opts, struct ascdev_error *error,
		struct ascdev_ctx **ctx);

/**
 * ascdev_open_fd - open a context on an open device node
 * @fd: device node, as from a broker; stays the caller's, and may be closed
 * @opts: options; its device is NULL, its backend HW or AUTO
 * @error: receives the reason of a failure; NULL is allowed
 * @ctx: receives the context, to be closed with ascdev_close()
 *
 * Needs no sysfs.  Buffers belong to the open file, that is to @fd and every copy of it:
 * nothing else, no other context either, may import buffers through it.
 *
 * Return: as ascdev_open(), and
 * * -EBADF: @fd is not open
 * * -ENOSPC: the file has as many contexts as it may have
 *
 * Context: any thread.
 */
int ascdev_open_fd(int fd, const struct ascdev_open_opts *opts, struct ascdev_error *error,
		   struct ascdev_ctx **ctx);

/**
 * ascdev_close - close a context
 * @ctx: context; NULL is allowed
 *
 * Its jobs and buffers must be gone: their functions need it.  Stops and joins the threads
 * that the context has started.
 *
 * Context: alone.
 */
void ascdev_close(struct ascdev_ctx *ctx);

/**
 * ascdev_get_backend - what runs the jobs of a context, and why
 * @ctx: context
 * @reason: receives why AUTO did not take a device: a negative errno, or 0; NULL
 *	is allowed
 *
 * Return: ASCDEV_BACKEND_HW or ASCDEV_BACKEND_SW.
 *
 * Context: any thread.
 */
int ascdev_get_backend(const struct ascdev_ctx *ctx, int *reason);

/**
 * ascdev_last_error - the last failure on a context in words
 * @ctx: context
 * @buffer: receives a line, cut off if it does not fit
 * @size: bytes in @buffer; 256 are always enough
 *
 * After AUTO fell back to software, and before any other failure, it tells why
 * the device was not used.
 *
 * Return: length of the line without its end, in bytes, of all of it where it was cut off.
 *
 * Context: any thread; the line is of the last failure on any of them.  The log callback has
 * each in its own thread.
 */
int ascdev_last_error(struct ascdev_ctx *ctx, char *buffer, size_t size);

/**
 * struct ascdev_caps - what a context can do
 * @size: size of this structure
 * @backend: ASCDEV_BACKEND_HW or ASCDEV_BACKEND_SW
 * @emulated: 1 if a driver runs the jobs on a CPU
 * @engines: jobs that run at a time; in process, threads that share the work, at least 1
 * @codecs: mask of 1 << enum ascdev_codec
 * @dtypes: mask of 1 << enum ascdev_dtype
 * @payload_align: offsets of payloads are multiples of it, in bytes
 * @cpu: one of enum ascdev_cpu: what the codec in process uses; 0 with a device
 * @max_elements: values that one surface may have
 * @max_buffer_bytes: bytes that one buffer may have
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
	uint32_t cpu;
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
 * Return: 0, or
 * * -EINVAL: the size of @caps is below that of a size
 *
 * Context: any thread.
 */
int ascdev_get_caps(const struct ascdev_ctx *ctx, struct ascdev_caps *caps);

/**
 * struct ascdev_stats - what a context has done so far
 * @size: size of this structure
 * @in_flight: jobs that have not ended, as far as is known, as below
 * @submitted: jobs accepted
 * @completed: jobs that ended well; those of a device are counted when ascdev_reap() or
 *	ascdev_wait() learns of it
 * @failed: jobs that did not, cancelled ones included
 * @compress_bytes_in: bytes of values compressed
 * @compress_bytes_out: bytes of payload made of them
 * @decompress_bytes_in: bytes of payload decompressed
 * @decompress_bytes_out: bytes of values made of them
 * @exec_ns: nanoseconds in which the jobs were worked at
 * @jobs_hw: jobs that ended on a device
 * @jobs_sw: jobs that ended in process
 * @fallbacks: of these, jobs that AUTO would have had on a device, for one of the reasons
 *	that follow
 * @fallbacks_open: there was none, or it could not be opened
 * @fallbacks_gone: it went away
 * @fallbacks_busy: its queue was full
 * @fallbacks_limit: it had too little memory, gives the process no more, or took no buffers
 *	of that size
 * @fallbacks_failed: it hung, or refuses jobs because too many did
 * @queue_full: calls of ascdev_submit() that ended with -EBUSY as the queue was full
 * @cancelled: jobs taken back
 * @most_in_flight: most jobs that were in flight at a time
 *
 * Nothing sets them back: what happened between two calls is their difference, and
 * others may be counting too.
 */
struct ascdev_stats {
	uint32_t size;
	uint32_t in_flight;
	uint64_t submitted;
	uint64_t completed;
	uint64_t failed;
	uint64_t compress_bytes_in;
	uint64_t compress_bytes_out;
	uint64_t decompress_bytes_in;
	uint64_t decompress_bytes_out;
	uint64_t exec_ns;
	uint64_t jobs_hw;
	uint64_t jobs_sw;
	uint64_t fallbacks;
	uint64_t fallbacks_open;
	uint64_t fallbacks_gone;
	uint64_t fallbacks_busy;
	uint64_t fallbacks_limit;
	uint64_t fallbacks_failed;
	uint64_t queue_full;
	uint64_t cancelled;
	uint64_t most_in_flight;
};

#define ASCDEV_STATS_INIT { sizeof(struct ascdev_stats), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, \
	0, 0, 0, 0, 0, 0, 0 }

/**
 * ascdev_get_stats - read the statistics of a context
 * @ctx: context
 * @stats: receives them
 *
 * Return: 0, or
 * * -EINVAL: the size of @stats is below that of a size
 *
 * Context: any thread.
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

/**
 * ascdev_surface_nchw - describe a dense surface with W fastest
 * @surface: filled in
 * @dtype: one of enum ascdev_dtype
 * @n: maps
 * @c: channels
 * @h: height
 * @w: width
 *
 * What makes no sense shows where the surface is used.
 *
 * Context: any thread.
 */
void ascdev_surface_nchw(struct ascdev_surface *surface, uint32_t dtype, uint32_t n, uint32_t c,
			 uint32_t h, uint32_t w);

/**
 * ascdev_surface_nhwc - describe a dense surface with C fastest
 * @surface: filled in
 * @dtype: one of enum ascdev_dtype
 * @n: maps
 * @c: channels
 * @h: height
 * @w: width
 *
 * What makes no sense shows where the surface is used.
 *
 * Context: any thread.
 */
void ascdev_surface_nhwc(struct ascdev_surface *surface, uint32_t dtype, uint32_t n, uint32_t c,
			 uint32_t h, uint32_t w);

/**
 * ascdev_surface_blocked - describe a dense surface of groups of channels
 * @surface: filled in
 * @dtype: one of enum ascdev_dtype
 * @n: maps
 * @c: channels
 * @h: height
 * @w: width
 * @group: channels that lie next to each other, 32 for NC/32HW32
 *
 * In memory, from the slowest to the fastest: N, C/@group rounded up, H, W, @group.
 * Four strides cannot say that of N, C, H, W, so the surface is one of N * C/@group
 * images of @group channels: its dim[0] and dim[1] are these.  Where @c is no multiple
 * of @group, the last group of each map has channels that are in memory only; they are
 * compressed with the rest, and cost little if they are all equal, as zero.  Groups are
 * compressed one by one: channels are not reordered from one to another.
 *
 * Return: 0, or
 * * -EINVAL: @group is 0
 * * -EOVERFLOW: there are too many images
 *
 * Context: any thread.
 */
int ascdev_surface_blocked(struct ascdev_surface *surface, uint32_t dtype, uint32_t n, uint32_t c,
			   uint32_t h, uint32_t w, uint32_t group);

struct ascdev_part;

/**
 * ascdev_surface_crop - describe a part of a surface in its memory
 * @whole: surface
 * @part: first position and extents
 * @crop: receives the surface of the part: the same strides; may be @whole
 * @offset: receives the bytes from the first value of @whole to that of @crop
 *
 * Return: 0, or
 * * -EINVAL: the part leaves the surface, or has an extent of 0
 *
 * Context: any thread.
 */
int ascdev_surface_crop(const struct ascdev_surface *whole, const struct ascdev_part *part,
			struct ascdev_surface *crop, uint64_t *offset);

/**
 * ascdev_surface_bytes - bytes from the first to the last value of a surface
 * @surface: surface
 * @bytes: receives the distance, the last value included
 *
 * Return: 0, or
 * * -EINVAL: an unknown type, or an extent of 0
 * * -EOVERFLOW: more than 2^30 values, or too large a stride
 *
 * Context: any thread.
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

/** enum ascdev_profile - layout of blocks of ASC-CBR, size of tiles of ASC-VBR */
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
 * multiple of 8, at most 64, or 256 of the pooled profile.  The rate follows from it:
 * 3 bits per value, and the endpoints, divided by the number of values; of the pooled
 * profile 4 bits per value.
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
 * @endpoints: one of enum ascdev_endpoints; ASC-CBR, as @scale and @block
 * @scale: one of enum ascdev_scale; not looked at by decompression
 * @zero_point: the value that stands for 0.0; 0 for floats
 * @effort: one of enum ascdev_effort; not looked at by decompression
 * @block: shape of a block
 * @profile: one of enum ascdev_profile: of ASC-CBR; of ASC-VBR AUTO, or POOLED, which has
 *	larger tiles and is what AUTO becomes with ASCDEV_EFFORT_BEST and a rate
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
 * @text: "key=value,..."; "" is allowed
 *
 * The keys are codec=default|asc-cbr|asc-vbr|ebpc|dcac|zvc|raw|auto, endpoints=auto|one|two,
 * scale=auto|linear|log, block=auto|WxHxC|runN, profile=auto|full|narrow|pooled,
 * effort=hw|best, reorder=none|heuristic|greedy, max_error=N, target_bpe=X, zero_point=N,
 * exponent=N.  target_bpe is a decimal number of bits, rounded to 1/256.
 *
 * Return: 0, or
 * * -EINVAL: an unknown key or value, or @params is too small
 * * -E2BIG: @params has members that this library does not know
 *
 * Context: one at a time.
 */
int ascdev_params_parse(struct ascdev_params *params, const char *text);

/**
 * ascdev_params_get - one parameter as text
 * @params: parameters
 * @key: a key of ascdev_params_parse()
 * @text: receives what the key would be set from; cut off if it does not fit
 * @size: bytes in @text
 *
 * Return: length of the text without its end, or
 * * -EINVAL: an unknown key, or a number without a name, or @params is too small
 * * -E2BIG: @params has members that this library does not know
 *
 * Context: any thread.
 */
int ascdev_params_get(const struct ascdev_params *params, const char *key, char *text,
		      size_t size);

/**
 * ascdev_params_format - all parameters as text
 * @params: parameters
 * @text: receives what ascdev_params_parse() makes the same parameters of, starting from
 *	ASCDEV_PARAMS_INIT: the codec, and what is not at its default; cut off if it does
 *	not fit
 * @size: bytes in @text; 256 are always enough
 *
 * Return: length of the text without its end, or
 * * -EINVAL: a number without a name, or an order of channels that was given, which is not
 *	one word, or @params is too small
 * * -E2BIG: @params has members that this library does not know
 *
 * Context: any thread.
 */
int ascdev_params_format(const struct ascdev_params *params, char *text, size_t size);

/**
 * ascdev_params_lookup - the parameters that a table has for a layer
 * @params: receives those of the first entry that fits, and defaults for what it does not
 *	name; not changed if none fits, nor on failure
 * @table: text of lines, each an entry: a pattern; blanks; what ascdev_params_parse()
 *	takes, without blanks.  The pattern is one of glob(7) for names of layers, in which
 *	* and ? stand for slashes too; a backslash before a blank makes it part of the
 *	pattern.  Empty lines and those that begin with # are left out.  A line has at most
 *	4095 bytes.
 * @name: name of the layer, that is of its tensor
 * @line: receives the number, from 1, of a line that makes no sense; NULL is allowed
 *
 * "asc tune" writes such tables.  All of the table is checked at each call.
 *
 * Return: 1, or 0 if no entry fits; or
 * * -EINVAL: a line makes no sense, or @params is too small, when @line is left alone
 * * -E2BIG: @params has members that this library does not know
 *
 * Context: one at a time.
 */
int ascdev_params_lookup(struct ascdev_params *params, const char *table, const char *name,
			 uint32_t *line);

/**
 * ascdev_codec_name - name of a codec
 * @codec: one of enum ascdev_codec
 *
 * Return: "asc-cbr" or the like, static text; NULL for an unknown number.
 *
 * Context: any thread.
 */
const char *ascdev_codec_name(uint32_t codec);

/**
 * ascdev_dtype_name - name of a type of values
 * @dtype: one of enum ascdev_dtype
 *
 * Return: "u8", "bf16" and so on, static text; NULL for an unknown number.
 *
 * Context: any thread.
 */
const char *ascdev_dtype_name(uint32_t dtype);

/**
 * ascdev_dtype_bytes - bytes of a value
 * @dtype: one of enum ascdev_dtype
 *
 * Return: 1 or 2; 0 for an unknown number.
 *
 * Context: any thread.
 */
uint32_t ascdev_dtype_bytes(uint32_t dtype);

struct ascdev_result;

/**
 * ascdev_params_settle - take over what a compression chose
 * @params: parameters of the compression; afterwards, of its decompression
 * @result: its result
 *
 * A payload does not tell how it was made.  Whoever keeps it keeps these parameters with it, and
 * the surface.
 *
 * Return: 0, or
 * * -EINVAL: @params or @result is too small
 * * -E2BIG: @params or @result has members that this library does not know
 *
 * Context: one at a time.
 */
int ascdev_params_settle(struct ascdev_params *params, const struct ascdev_result *result);

/**
 * ascdev_compress_bound - the largest payload that a compression may give
 * @params: parameters; NULL for the defaults
 * @surface: surface
 * @bytes: receives the size; exact for RAW, and for ASC-CBR if neither endpoints
 *	nor block nor profile are left open
 *
 * Return: 0, or
 * * -EINVAL: parameters or surface make no sense, or @params is too small
 * * -E2BIG: @params has members that this library does not know
 * * -EOVERFLOW: more than 2^30 values, or too large a stride
 *
 * Context: any thread.
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
 * Return: 0, or
 * * -EINVAL: the payload has no order or is too short, or @params is too small
 * * -E2BIG: @params has members that this library does not know
 * * -EBADMSG: the order is no permutation
 *
 * Context: any thread.
 */
int ascdev_payload_order(const struct ascdev_params *params, const struct ascdev_surface *surface,
			 const void *payload, uint64_t payload_bytes, uint16_t *order);

/* --- analysis ------------------------------------------------------------- */

#define ASCDEV_ANALYSIS_BINS	64

/* For ascdev_analyze(): try every codec, so that all of its bytes are exact. */
#define ASCDEV_ANALYZE_EXACT	(1u << 0)

/**
 * struct ascdev_analysis - what is in a feature map
 * @size: size of this structure
 * @distinct: different values
 * @elements: values
 * @zeros: values that are the zero point
 * @zero_runs: runs of them in the order N, C, H, W
 * @entropy: order-0 entropy, in 1/256 bits per value: what a coder of single values
 *	needs at least
 * @exact: mask of 1 << enum ascdev_codec: whose @bytes are exact; the rest is estimated
 * @bytes: for each enum ascdev_codec, bytes of the payload; 0 for DEFAULT, and for what
 *	was not tried; for AUTO the least of the others that keep the parameters
 * @min: least value; as a number of the type, floats as their bits in the order of
 *	numbers, that is sign and magnitude
 * @max: greatest value
 * @histogram: values by their upper 6 bits, in the order of numbers: the first bin has the
 *	least values that the type can hold
 */
struct ascdev_analysis {
	uint32_t size;
	uint32_t distinct;
	uint64_t elements;
	uint64_t zeros;
	uint64_t zero_runs;
	uint32_t entropy;
	uint32_t exact;
	uint64_t bytes[16];
	int32_t min;
	int32_t max;
	uint64_t histogram[ASCDEV_ANALYSIS_BINS];
};

#define ASCDEV_ANALYSIS_INIT { sizeof(struct ascdev_analysis), 0, 0, 0, 0, 0, 0, { 0 }, 0, 0, \
	{ 0 } }

/**
 * ascdev_analyze - look at a feature map
 * @params: its codec has no meaning; what a codec does not have is left out for it, and
 *	so everything may be set; NULL for the defaults
 * @surface: describes @src
 * @src: the first value
 * @flags: ASCDEV_ANALYZE_EXACT or 0
 * @analysis: receives the answer
 *
 * Without ASCDEV_ANALYZE_EXACT it takes about as long as one lossless compression;
 * target_bpe is then the size that ASC-VBR is taken to reach.  Runs in the caller's
 * thread, in process.
 *
 * Return: 0, or
 * * -EINVAL: parameters, surface or flags make no sense, or a structure is too small
 * * -E2BIG: @params has members that this library does not know
 * * -EOVERFLOW: more than 2^30 values, or too large a stride
 * * -ENOMEM: out of memory
 *
 * Context: any thread.
 */
int ascdev_analyze(const struct ascdev_params *params, const struct ascdev_surface *surface,
		   const void *src, uint32_t flags, struct ascdev_analysis *analysis);

/* --- buffers -------------------------------------------------------------- */

struct ascdev_buf;

/**
 * ascdev_buf_alloc - allocate a buffer
 * @ctx: context that the buffer belongs to
 * @bytes: its size, at least 1
 * @buf: receives the buffer, all zero, with one reference, to be dropped with
 *	ascdev_buf_unref()
 *
 * Return: 0, or
 * * -EINVAL: a size of 0
 * * -E2BIG: more than the max_buffer_bytes of struct ascdev_caps
 * * -ENOMEM: out of memory
 * * -ENODEV: the device is gone
 *
 * Context: any thread.
 */
int ascdev_buf_alloc(struct ascdev_ctx *ctx, uint64_t bytes, struct ascdev_buf **buf);

/**
 * ascdev_buf_import_dmabuf - use the memory of a dma-buf, of any driver
 * @ctx: context that the buffer belongs to
 * @fd: dma-buf, readable and writable; not consumed
 * @buf: receives the buffer, with one reference; what was imported before, or exported by
 *	this context, is the same buffer with a reference more
 *
 * In process it is mapped, jobs wait for the fences on it, and their access is bracketed.
 *
 * Return: 0, or
 * * -EINVAL: @fd is no dma-buf
 * * -EOPNOTSUPP: it cannot be mapped, in process, or not be reached by the device
 * * -EMFILE: too many open files
 * * -ENOMEM: out of memory
 * * -ENODEV: the device is gone
 *
 * Context: any thread.
 */
int ascdev_buf_import_dmabuf(struct ascdev_ctx *ctx, int fd, struct ascdev_buf **buf);

/**
 * ascdev_buf_import_user - use memory of the caller
 * @ctx: context that the buffer belongs to, in process
 * @memory: first byte; stays the caller's, and where it is until the last reference is gone
 * @bytes: how many, at least 1
 * @buf: receives the buffer, with one reference
 *
 * Return: 0, or
 * * -EINVAL: no memory
 * * -EOPNOTSUPP: on a device, which uses none but its own buffers and dma-bufs
 * * -ENOMEM: out of memory
 *
 * Context: any thread.
 */
int ascdev_buf_import_user(struct ascdev_ctx *ctx, void *memory, uint64_t bytes,
			   struct ascdev_buf **buf);

/**
 * ascdev_buf_export_dmabuf - a dma-buf of a buffer, for other devices and processes
 * @buf: buffer
 *
 * Return: a file descriptor, close-on-exec, which the caller closes, or
 * * -EOPNOTSUPP: in process, unless the buffer was imported from a dma-buf: memory of a
 *	process is none
 * * -EMFILE: too many open files
 * * -ENOMEM: out of memory
 * * -ENODEV: the device is gone
 *
 * Context: any thread.
 */
int ascdev_buf_export_dmabuf(struct ascdev_buf *buf);

/**
 * ascdev_buf_map - the memory of a buffer
 * @buf: buffer
 * @address: receives its first byte; valid until as many ascdev_buf_unmap(), or the end
 *	of the buffer
 *
 * It is the device's memory.  System calls that pin pages, direct input and
 * output among them, answer -EFAULT for it.
 *
 * Return: 0, or
 * * -ENOMEM: out of memory, or of addresses
 * * -EOPNOTSUPP: an imported dma-buf that cannot be mapped
 * * -ENODEV: the device is gone
 *
 * Context: any thread.
 */
int ascdev_buf_map(struct ascdev_buf *buf, void **address);

/**
 * ascdev_buf_unmap - give up one mapping
 * @buf: buffer
 *
 * Return: 0, or
 * * -EINVAL: the buffer is not mapped
 *
 * Context: any thread.
 */
int ascdev_buf_unmap(struct ascdev_buf *buf);

/* For ascdev_buf_begin_cpu(). */
#define ASCDEV_CPU_READ		(1u << 0)
#define ASCDEV_CPU_WRITE	(1u << 1)

/**
 * ascdev_buf_begin_cpu - the CPU is about to use the memory of a buffer
 * @buf: buffer
 * @access: ASCDEV_CPU_READ, ASCDEV_CPU_WRITE or both
 *
 * Waits until no queued job uses the buffer, for ever if need be (ascdev_buf_wait() has a
 * limit), and makes what devices wrote visible.  Buffers that are not imported are
 * coherent, and ascdev_wait() for their jobs is enough.
 *
 * Return: 0, or
 * * -EINVAL: unknown bits, or none
 * * -ENODEV: the device is gone
 *
 * Context: any thread.
 */
int ascdev_buf_begin_cpu(struct ascdev_buf *buf, uint32_t access);

/**
 * ascdev_buf_end_cpu - the CPU has used the memory of a buffer
 * @buf: buffer
 * @access: as for ascdev_buf_begin_cpu()
 *
 * Return: 0, or
 * * -EINVAL: unknown bits, or none
 *
 * Context: any thread.
 */
int ascdev_buf_end_cpu(struct ascdev_buf *buf, uint32_t access);

/**
 * ascdev_buf_size - bytes in a buffer
 * @buf: buffer
 *
 * Return: its size, as asked for, or that of the dma-buf.
 *
 * Context: any thread.
 */
uint64_t ascdev_buf_size(const struct ascdev_buf *buf);

/**
 * ascdev_buf_wait - wait until no queued job uses a buffer
 * @buf: buffer
 * @timeout_ns: nanoseconds, from now; 0 to ask only; negative for ever
 *
 * Return: 0, or
 * * -ETIME: a job uses it still
 * * -ENODEV: the device is gone
 *
 * Context: any thread.
 */
int ascdev_buf_wait(struct ascdev_buf *buf, int64_t timeout_ns);

/**
 * ascdev_buf_ref - take another reference
 * @buf: buffer
 *
 * Return: @buf.
 *
 * Context: any thread.
 */
struct ascdev_buf *ascdev_buf_ref(struct ascdev_buf *buf);

/**
 * ascdev_buf_unref - drop a reference
 * @buf: buffer; NULL is allowed
 *
 * The buffer goes with its last one.  A job has one from when it is set up until it is
 * set up again or destroyed.
 *
 * Context: any thread, with a reference of its own.
 */
void ascdev_buf_unref(struct ascdev_buf *buf);

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
 * @exec_ns: nanoseconds that the job was worked at; of decompression too
 * @profile: profile that was used; decompression needs it
 * @reorder: how channels were ordered; decompression needs it
 * @error_exponent: errors are counted in units of 2 to this power; 0 but for floats
 * @exponent: the exponent that was used; decompression needs it
 * @bytes_read: bytes read: values or payload; of decompression too
 * @cycles: cycles that a device took, or, if it is emulated, that hardware would take;
 *	0 from software; of decompression too
 * @fallback_reason: why it ran in process although AUTO prefers a device: a negative
 *	errno, or 0
 * @pad2: 0
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
	int32_t fallback_reason;
	uint32_t pad2;
};

#define ASCDEV_RESULT_INIT { sizeof(struct ascdev_result), 0, 0, 0, { 0, 0, 0, 0 }, 0, 0, 0, 0, \
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/**
 * ascdev_compress - compress ordinary memory and wait for it
 * @ctx: context
 * @params: parameters; NULL for the defaults
 * @surface: describes @src
 * @src: the first value
 * @dst: receives the payload
 * @dst_bytes: its size; ascdev_compress_bound() is always enough
 * @result: receives the details, its bytes being the size of the payload; NULL
 *	is allowed
 *
 * @src and @dst must not overlap.
 *
 * Return: 0, or what ascdev_wait() gives for a job that failed, or one of these, the last
 * five of which AUTO avoids: see ascdev_open()
 * * -EINVAL: parameters or surface make no sense, or @src and @dst overlap, or a structure
 *	is too small
 * * -EOVERFLOW: more than 2^30 values, or too large a stride
 * * -ENOSPC: @dst is below the bound
 * * -ENOMEM: out of memory
 * * -E2BIG: @params has members that this library does not know, or a buffer of the device
 *	cannot hold it
 * * -EBUSY: the queue of the context is full
 * * -EIO: the device refuses the context, of which too many jobs hung
 * * -EDQUOT: jobs of the process have used as much memory as the device's max_pinned_bytes
 *	allows; buffers that go make room
 * * -ENODEV: the device is gone
 *
 * Context: any thread.
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
 * Return: as ascdev_compress(), and
 * * -EINVAL: @src is too short, the codec is DEFAULT or AUTO, endpoints, block or profile are
 *	left open, or strides of @surface do not nest
 * * -EBADMSG: the payload makes no sense; every value of @dst has been written, those that
 *	could not be told with the zero point
 *
 * Context: any thread.
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
 * @part: what to decompress; only what it needs of the payload is read; NULL for all of it
 * @src: payload
 * @src_bytes: its size
 * @dst: receives the first value of the part
 * @result: receives the details; NULL is allowed
 *
 * Return: as ascdev_decompress(), and
 * * -EINVAL: the part leaves the surface
 *
 * Context: any thread.
 */
int ascdev_decompress_part(struct ascdev_ctx *ctx, const struct ascdev_params *params,
			   const struct ascdev_surface *surface, const struct ascdev_part *part,
			   const void *src, uint64_t src_bytes, void *dst,
			   struct ascdev_result *result);

struct ascdev_job;

/**
 * ascdev_job_create - make a job
 * @ctx: context that it belongs to
 * @job: receives the job, to be set up, submitted, reaped or waited for, used again, and
 *	destroyed with ascdev_job_destroy()
 *
 * A job is in flight from when it is submitted until its end has been reported, by
 * ascdev_reap() or ascdev_wait().
 *
 * Return: 0, or
 * * -ENOMEM: out of memory
 * * -ENODEV: the device is gone
 *
 * Context: any thread.
 */
int ascdev_job_create(struct ascdev_ctx *ctx, struct ascdev_job **job);

/**
 * ascdev_job_destroy - free a job
 * @job: job; NULL is allowed
 *
 * Waits for it if it is in flight; ascdev_cancel() may shorten that.
 *
 * Context: alone.
 */
void ascdev_job_destroy(struct ascdev_job *job);

/**
 * ascdev_job_compress - set a job up to compress
 * @job: job, not in flight
 * @params: parameters, copied, the order of the channels as well; NULL for the defaults
 * @surface: describes the source, copied
 * @src: buffer of the same context with the surface
 * @src_offset: where its first value is, in bytes
 * @dst: buffer of the same context for the payload
 * @dst_offset: where it starts, in bytes, a multiple of the payload_align of struct
 *	ascdev_caps
 *
 * The job takes a reference to each buffer.  Waits and signals added before are dropped.  Whether
 * the description is right shows when the job is submitted.
 *
 * Return: 0, or
 * * -EBUSY: the job is in flight
 * * -EINVAL: a buffer of another context, an order that is missing, or @params is too small
 * * -E2BIG: @params has members that this library does not know
 * * -ENOMEM: out of memory, for the order
 * * -ENODEV: the device is gone
 *
 * Context: alone.
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
 * @src_offset: where it starts, in bytes, a multiple of the payload_align of struct
 *	ascdev_caps; it may reach to the end of the buffer
 * @dst: buffer of the same context for the surface
 * @dst_offset: where its first value goes, in bytes
 *
 * Otherwise as ascdev_job_compress().
 *
 * Return: 0, or
 * * -EBUSY: the job is in flight
 * * -EINVAL: a buffer of another context, or @params is too small
 * * -E2BIG: @params has members that this library does not know
 *
 * Context: alone.
 */
int ascdev_job_decompress(struct ascdev_job *job, const struct ascdev_params *params,
			  const struct ascdev_surface *surface, struct ascdev_buf *src,
			  uint64_t src_offset, struct ascdev_buf *dst, uint64_t dst_offset);

/**
 * ascdev_job_set_part - let a decompression give a part of the surface
 * @job: job, set up by ascdev_job_decompress(), not in flight
 * @part: what to decompress, copied; see ascdev_decompress_part()
 *
 * Return: 0, or
 * * -EBUSY: the job is in flight
 * * -EINVAL: the job is not set up to decompress
 *
 * Context: alone.
 */
int ascdev_job_set_part(struct ascdev_job *job, const struct ascdev_part *part);

/**
 * ascdev_job_set_cookie - let a job be known by a number
 * @job: job, not in flight
 * @cookie: returned by ascdev_reap(); stays until it is set again; 0 at first
 *
 * Return: 0, or
 * * -EBUSY: the job is in flight
 *
 * Context: alone.
 */
int ascdev_job_set_cookie(struct ascdev_job *job, uint64_t cookie);

/**
 * ascdev_job_wait_fence - let a job start only after a fence
 * @job: job, set up, not in flight
 * @fd: a sync_file, of any driver; not consumed
 *
 * In process a thread of the pool waits for it; without a pool, ascdev_submit() does.
 *
 * Return: 0, or
 * * -EBUSY: the job is in flight
 * * -EINVAL: @fd is no sync_file, or the job is not set up or has eight waits already
 * * -EMFILE: too many open files
 *
 * Context: alone.
 */
int ascdev_job_wait_fence(struct ascdev_job *job, int fd);

/**
 * ascdev_job_wait_point - let a job start only after a point of a timeline
 * @job: job, set up, not in flight
 * @fd: a DRM syncobj as a file descriptor, of any driver; not consumed
 * @point: the point, of which the fence must have been submitted when the job is; 0 for
 *	a syncobj that is no timeline
 *
 * Return: 0, or
 * * -EOPNOTSUPP: in process, where there are no timelines
 * * -EBUSY: the job is in flight
 * * -EINVAL: @fd is no syncobj, or the job is not set up or has eight waits already
 * * -ENOMEM: out of memory
 * * -ENODEV: the device is gone
 *
 * Context: alone.
 */
int ascdev_job_wait_point(struct ascdev_job *job, int fd, uint64_t point);

/**
 * ascdev_job_signal_point - signal a point of a timeline when a job has ended
 * @job: job, set up, not in flight
 * @fd: a DRM syncobj as a file descriptor, of any driver; not consumed
 * @point: the point, above all that the timeline has; 0 for a syncobj that is no timeline
 *
 * Return: 0, or
 * * -EOPNOTSUPP: in process, where there are no timelines
 * * -EBUSY: the job is in flight
 * * -EINVAL: @fd is no syncobj, or the job is not set up or has eight signals already
 * * -ENOMEM: out of memory
 * * -ENODEV: the device is gone
 *
 * Context: alone.
 */
int ascdev_job_signal_point(struct ascdev_job *job, int fd, uint64_t point);

/**
 * ascdev_job_get_fence - a fence that signals when a job has ended
 * @job: submitted job
 *
 * Return: a new sync_file, close-on-exec, which the caller closes, or
 * * -EINVAL: the job was never submitted
 * * -EOPNOTSUPP: in process, where nothing makes fences
 * * -EMFILE: too many open files
 * * -ENOMEM: out of memory
 * * -ENODEV: the device is gone
 *
 * Context: any thread, but not while the job is submitted.
 */
int ascdev_job_get_fence(struct ascdev_job *job);

/**
 * ascdev_submit - submit jobs
 * @ctx: context of all of them
 * @jobs: jobs, set up, not in flight, each but once
 * @count: how many
 * @accepted: receives how many were accepted, from the first on; NULL is allowed
 *
 * This does not block, but for a software backend without threads, where the jobs have
 * run when it returns.  On a device jobs run in order, and each sees what those before it
 * wrote.  So does each job in the threads of a pool, where those that do not touch each
 * other's bytes run at a time, and end in any order.
 *
 * Return: 0 if all were accepted, otherwise why the next one was not
 * * -EBUSY: the queue is full, which is 1024 jobs in process, or the job is in flight
 * * -EINVAL: the job is not set up, or is of another context, or its description makes no
 *	sense
 * * -EOVERFLOW: more than 2^30 values, or too large a stride
 * * -ENOSPC: the destination is too small
 * * -EIO: the device refuses the context, of which too many jobs hung
 * * -EDQUOT: jobs of the process have used as much memory as the device's max_pinned_bytes
 *	allows; buffers that go make room
 * * -EOPNOTSUPP: a dma-buf that the device cannot reach
 * * -ENOMEM: out of memory
 * * -ENODEV: the device is gone
 *
 * Context: any thread, with different jobs.
 */
int ascdev_submit(struct ascdev_ctx *ctx, struct ascdev_job *const *jobs, uint32_t count,
		  uint32_t *accepted);

/**
 * ascdev_wait - wait for a job to end
 * @job: submitted job
 * @timeout_ns: nanoseconds, from now; 0 to ask only; negative for ever
 * @result: receives the details; NULL is allowed
 *
 * A job whose end is reported here is not reported by ascdev_reap() any more.  Others
 * are left alone.  May be repeated until the job is submitted again.
 *
 * Return: 0; or that it has not ended, or cannot be asked for; or otherwise why it failed
 * * -ETIME: it has not ended yet
 * * -EINVAL: it was never submitted, or the size of @result is below that of a size
 * * -ETIMEDOUT: the engine stood still
 * * -EIO: the engine failed
 * * -EBADMSG: the payload, or its order of channels, makes no sense
 * * -ECANCELED: taken back by ascdev_cancel(), or dropped before it ran as the device went away
 * * -ENODEV: the device went away meanwhile
 * * -ENOMEM: out of memory
 *
 * Context: any thread.
 */
int ascdev_wait(struct ascdev_job *job, int64_t timeout_ns, struct ascdev_result *result);

/**
 * struct ascdev_completion - the end of a job
 * @job: which
 * @cookie: see ascdev_job_set_cookie()
 * @result: its details, @size of which tells how much there is; valid until the job is
 *	set up, submitted or destroyed
 * @status: 0, or why it failed; see ascdev_wait()
 * @pad: 0
 *
 * The result is not copied: it may grow, and this must not.
 */
struct ascdev_completion {
	struct ascdev_job *job;
	uint64_t cookie;
	const struct ascdev_result *result;
	int32_t status;
	uint32_t pad;
};

/**
 * ascdev_reap - take ends of jobs
 * @ctx: context
 * @completions: receives them, in the order in which they ended
 * @max: how many at most, at least 1
 * @timeout_ns: nanoseconds to wait for the first one, from now; 0 not at all; negative for
 *	ever.  Jobs that are submitted meanwhile count.
 *
 * Jobs of ascdev_compress() and the like are not reported.  There are no functions that
 * are called at the end of a job: on a device they would need a thread of the library.
 *
 * Return: how many, 0 when the time is over, or
 * * -EINVAL: @max is 0, or more than INT32_MAX
 * * -EINTR: a signal came
 *
 * Context: any thread.
 */
int ascdev_reap(struct ascdev_ctx *ctx, struct ascdev_completion *completions, uint32_t max,
		int64_t timeout_ns);

/**
 * ascdev_get_fd - a file descriptor to wait for ends of jobs
 * @ctx: context
 *
 * Readable, as poll(2) and epoll(7) have it, while ascdev_reap() has something to give.  On a
 * device it may be readable once more after ascdev_wait(); then ascdev_reap() gives 0.
 *
 * Return: the descriptor, which belongs to the context: it must not be read, written or
 * closed.
 *
 * Context: any thread.
 */
int ascdev_get_fd(const struct ascdev_ctx *ctx);

/**
 * ascdev_cancel - take a job back
 * @job: submitted job
 *
 * It ends with -ECANCELED, which is reported like any end.  What its destination then holds is
 * not defined.  Nobody does it in its place: with AUTO, too, it is not run in process.
 *
 * In process that is at once, but a job that a thread has begun runs to its end.  On a device one
 * that has begun is stopped, and ends soon.  One that has not keeps its place there, as its fence
 * stands for all that the job waits for: it ends after the jobs before it, and after the fences
 * that it waits for.  To be done with several, cancel the first of them too.
 *
 * Return: 0, or
 * * -EBUSY: it is too late: the job has ended, runs in process, or was taken back before
 * * -EINVAL: it was never submitted
 * * -ENODEV: the device is gone, and ends the job
 *
 * Context: any thread.
 */
int ascdev_cancel(struct ascdev_job *job);

#ifdef __cplusplus
}
#endif

#endif
