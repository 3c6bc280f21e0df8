/* SPDX-License-Identifier: ((GPL-2.0-only WITH Linux-syscall-note) OR MIT) */
#ifndef _UAPI_ASCDEV_ACCEL_H_
#define _UAPI_ASCDEV_ACCEL_H_

#include "drm.h"

#if defined(__cplusplus)
extern "C" {
#endif

/**
 * DOC: Introduction
 *
 * The interface of /dev/accel/accelN for a feature-map codec.  Whether silicon
 * or the driver's own emulation runs a job shows in one flag of the device
 * information and nowhere else.
 *
 * Rules that every structure here keeps:
 *
 * - Fields are aligned to their size and sizes are multiples of 8 bytes, so
 *   that 32-bit and 64-bit programs share one layout.
 * - Padding is explicit and must be zero (MBZ).  Flags that are not defined
 *   must be zero.  Anything else is answered with -EINVAL.
 * - Arrays of structures carry a stride, a multiple of 8 and at most 4096.  A
 *   longer structure than the kernel knows is accepted if its unknown end is
 *   zero and otherwise answered with -E2BIG; a stride above 4096 always is.
 * - Zero keeps the meaning of "as before" in every field to come.  Numbers are
 *   appended, never used again.
 * - Timeouts are absolute, in nanoseconds of CLOCK_MONOTONIC.
 *
 * Errors common to all: -EFAULT for memory that cannot be read or written,
 * -ENODEV when the device is gone, -ENOMEM, -EINTR (repeat the call as it was).
 * No call ever answers -EAGAIN.
 */

/**
 * enum drm_ascdev_ioctl_id - numbers of the driver's ioctls
 */
enum drm_ascdev_ioctl_id {
	/** @DRM_ASCDEV_DEV_QUERY: ask what the device is and can do */
	DRM_ASCDEV_DEV_QUERY = 0,

	/** @DRM_ASCDEV_BO_CREATE: create a buffer object */
	DRM_ASCDEV_BO_CREATE = 1,

	/** @DRM_ASCDEV_BO_MMAP_OFFSET: ask for the offset that maps a buffer object */
	DRM_ASCDEV_BO_MMAP_OFFSET = 2,

	/** @DRM_ASCDEV_BO_WAIT: wait for the jobs that use a buffer object */
	DRM_ASCDEV_BO_WAIT = 3,

	/** @DRM_ASCDEV_SUBMIT: queue jobs */
	DRM_ASCDEV_SUBMIT = 4,

	/** @DRM_ASCDEV_CTX_CREATE: create a context */
	DRM_ASCDEV_CTX_CREATE = 5,

	/** @DRM_ASCDEV_CTX_DESTROY: destroy a context */
	DRM_ASCDEV_CTX_DESTROY = 6,

	/** @DRM_ASCDEV_CTX_GET_STATE: ask how a context fares */
	DRM_ASCDEV_CTX_GET_STATE = 7,

	/** @DRM_ASCDEV_BO_SET_LABEL: give a buffer object a name */
	DRM_ASCDEV_BO_SET_LABEL = 8,

	/** @DRM_ASCDEV_CANCEL: take jobs back */
	DRM_ASCDEV_CANCEL = 9
};

/**
 * enum drm_ascdev_dev_query_type - what DRM_IOCTL_ASCDEV_DEV_QUERY answers
 */
enum drm_ascdev_dev_query_type {
	/** @DRM_ASCDEV_DEV_QUERY_DEV_INFO: struct drm_ascdev_dev_info */
	DRM_ASCDEV_DEV_QUERY_DEV_INFO = 0,

	/**
	 * @DRM_ASCDEV_DEV_QUERY_CODEC_INFO: struct drm_ascdev_codec_info of the
	 * codec in &drm_ascdev_dev_query.index
	 */
	DRM_ASCDEV_DEV_QUERY_CODEC_INFO = 1
};

/**
 * struct drm_ascdev_dev_query - argument of DRM_IOCTL_ASCDEV_DEV_QUERY
 *
 * Errors: -EINVAL for an unknown type, a non-zero @pad, or an @index where none
 * belongs; -ENOENT for a codec that the device does not have; -E2BIG for a @size
 * above 4096.
 */
struct drm_ascdev_dev_query {
	/** @type: one of enum drm_ascdev_dev_query_type */
	__u32 type;

	/**
	 * @size: bytes at @pointer.  The kernel writes at most so many, and sets
	 * this to the size that it knows.  What lies beyond is set to zero.
	 */
	__u32 size;

	/** @pointer: where the answer goes; 0 only asks for @size */
	__u64 pointer;

	/** @index: a codec for CODEC_INFO, otherwise MBZ */
	__u32 index;

	/** @pad: MBZ */
	__u32 pad;
};

/**
 * define DRM_ASCDEV_DEV_EMULATED - jobs are run by the driver on a CPU
 */
#define DRM_ASCDEV_DEV_EMULATED	(1u << 0)

/**
 * struct drm_ascdev_dev_info - the device as a whole
 */
struct drm_ascdev_dev_info {
	/** @flags: DRM_ASCDEV_DEV_* */
	__u32 flags;

	/** @engines: how many jobs run at a time */
	__u32 engines;

	/** @codecs: mask of 1 << enum drm_ascdev_codec */
	__u32 codecs;

	/** @max_jobs: jobs in one SUBMIT */
	__u32 max_jobs;

	/** @max_syncs: sync operations in one job */
	__u32 max_syncs;

	/**
	 * @max_queued_jobs: jobs of one open file that are not yet freed, which
	 * they are soon after their fence has signalled
	 */
	__u32 max_queued_jobs;

	/** @max_elements: values in one surface */
	__u64 max_elements;

	/** @max_bo_bytes: size of one buffer object */
	__u64 max_bo_bytes;

	/** @max_contexts: contexts of one open file, apart from context 0 */
	__u32 max_contexts;

	/** @priorities: mask of 1 << enum drm_ascdev_priority that the caller may have */
	__u32 priorities;

	/**
	 * @max_pinned_bytes: size of all buffer objects of one open file that its
	 * jobs have used.  Such an object counts, in each file whose jobs used it,
	 * until the file's handle is closed and its last job with the object has
	 * been freed.
	 */
	__u64 max_pinned_bytes;

	/** @clock_khz: clock of the engines, which &drm_ascdev_result.cycles counts */
	__u32 clock_khz;

	/** @pad: 0 */
	__u32 pad;
};

/**
 * enum drm_ascdev_codec - codecs
 */
enum drm_ascdev_codec {
	/**
	 * @DRM_ASCDEV_CODEC_DEFAULT: for compression, what the device is set to
	 * in sysfs, codec and every other parameter that the job leaves at zero
	 * (&drm_ascdev_codec_params.zero_point apart); the result record tells
	 * what it was
	 */
	DRM_ASCDEV_CODEC_DEFAULT = 0,

	/** @DRM_ASCDEV_CODEC_ASC_CBR: ASC at a constant bitrate */
	DRM_ASCDEV_CODEC_ASC_CBR = 1,

	/** @DRM_ASCDEV_CODEC_ASC_VBR: ASC at a variable bitrate */
	DRM_ASCDEV_CODEC_ASC_VBR = 2,

	/** @DRM_ASCDEV_CODEC_EBPC: extended bit-plane compression, lossless */
	DRM_ASCDEV_CODEC_EBPC = 3,

	/** @DRM_ASCDEV_CODEC_DCAC: correlation between planes, lossless */
	DRM_ASCDEV_CODEC_DCAC = 4,

	/** @DRM_ASCDEV_CODEC_ZVC: zero value compression, lossless */
	DRM_ASCDEV_CODEC_ZVC = 5,

	/** @DRM_ASCDEV_CODEC_RAW: the values as they are */
	DRM_ASCDEV_CODEC_RAW = 6,

	/**
	 * @DRM_ASCDEV_CODEC_AUTO: the codec that is likely to give the fewest
	 * bytes within max_error or target_bpe; for compression
	 */
	DRM_ASCDEV_CODEC_AUTO = 7
};

/**
 * enum drm_ascdev_dtype - types of values; native byte order
 */
enum drm_ascdev_dtype {
	/** @DRM_ASCDEV_DTYPE_U8: unsigned 8 bit */
	DRM_ASCDEV_DTYPE_U8 = 0,

	/** @DRM_ASCDEV_DTYPE_S8: signed 8 bit */
	DRM_ASCDEV_DTYPE_S8 = 1,

	/** @DRM_ASCDEV_DTYPE_U16: unsigned 16 bit */
	DRM_ASCDEV_DTYPE_U16 = 2,

	/** @DRM_ASCDEV_DTYPE_S16: signed 16 bit */
	DRM_ASCDEV_DTYPE_S16 = 3,

	/** @DRM_ASCDEV_DTYPE_F16: IEEE 754 binary16 */
	DRM_ASCDEV_DTYPE_F16 = 4,

	/** @DRM_ASCDEV_DTYPE_BF16: bfloat16, the upper half of binary32 */
	DRM_ASCDEV_DTYPE_BF16 = 5
};

/**
 * enum drm_ascdev_endpoints - what a block stores of its range
 */
enum drm_ascdev_endpoints {
	/**
	 * @DRM_ASCDEV_ENDPOINTS_AUTO: chosen for the surface while it is
	 * compressed; the result record tells which.  Not for decompression.
	 */
	DRM_ASCDEV_ENDPOINTS_AUTO = 0,

	/** @DRM_ASCDEV_ENDPOINTS_ONE: the maximum; the zero point is the minimum */
	DRM_ASCDEV_ENDPOINTS_ONE = 1,

	/** @DRM_ASCDEV_ENDPOINTS_TWO: minimum and maximum */
	DRM_ASCDEV_ENDPOINTS_TWO = 2
};

/**
 * enum drm_ascdev_scale - where the points between endpoints lie
 */
enum drm_ascdev_scale {
	/** @DRM_ASCDEV_SCALE_AUTO: chosen for each block by its L1 error */
	DRM_ASCDEV_SCALE_AUTO = 0,

	/** @DRM_ASCDEV_SCALE_LINEAR: linear everywhere */
	DRM_ASCDEV_SCALE_LINEAR = 1,

	/** @DRM_ASCDEV_SCALE_LOG: log-linear everywhere */
	DRM_ASCDEV_SCALE_LOG = 2
};

/**
 * enum drm_ascdev_effort - how hard an encoder works; decoders are the same
 */
enum drm_ascdev_effort {
	/** @DRM_ASCDEV_EFFORT_HW: the specification's encoder, bit for bit */
	DRM_ASCDEV_EFFORT_HW = 0,

	/** @DRM_ASCDEV_EFFORT_BEST: endpoints are searched for, at more time */
	DRM_ASCDEV_EFFORT_BEST = 1
};

/**
 * enum drm_ascdev_profile - layout of blocks of ASC-CBR, size of tiles of ASC-VBR
 */
enum drm_ascdev_profile {
	/**
	 * @DRM_ASCDEV_PROFILE_AUTO: chosen for the surface while it is compressed;
	 * the result record tells which.  Not for decompression, but of ASC-VBR
	 * without a rate or without effort best.
	 */
	DRM_ASCDEV_PROFILE_AUTO = 0,

	/** @DRM_ASCDEV_PROFILE_FULL: endpoints have all bits of a value */
	DRM_ASCDEV_PROFILE_FULL = 1,

	/**
	 * @DRM_ASCDEV_PROFILE_NARROW: endpoints have fewer bits, so that blocks may
	 * be smaller; 16-bit types only
	 */
	DRM_ASCDEV_PROFILE_NARROW = 2,

	/**
	 * @DRM_ASCDEV_PROFILE_POOLED: no endpoints, but a step, and the bits of a
	 * block go to the values that need them; 4 bits for each value.  Blocks
	 * have 16, 32, 48, 64 or 256 values.  Of ASC-VBR: tiles have up to 16384
	 * values in place of 4096.
	 */
	DRM_ASCDEV_PROFILE_POOLED = 3
};

/**
 * enum drm_ascdev_reorder - order of the channels in a payload
 */
enum drm_ascdev_reorder {
	/** @DRM_ASCDEV_REORDER_NONE: as they are */
	DRM_ASCDEV_REORDER_NONE = 0,

	/** @DRM_ASCDEV_REORDER_HEURISTIC: similar ones side by side, by a cheap search */
	DRM_ASCDEV_REORDER_HEURISTIC = 1,

	/** @DRM_ASCDEV_REORDER_GREEDY: likewise, by a search over all pairs */
	DRM_ASCDEV_REORDER_GREEDY = 2,

	/** @DRM_ASCDEV_REORDER_GIVEN: the order in &drm_ascdev_job.order */
	DRM_ASCDEV_REORDER_GIVEN = 3
};

/**
 * struct drm_ascdev_codec_info - what the device does of one codec
 */
struct drm_ascdev_codec_info {
	/** @codec: one of enum drm_ascdev_codec */
	__u32 codec;

	/** @dtypes: mask of 1 << enum drm_ascdev_dtype */
	__u32 dtypes;

	/** @endpoints: mask of 1 << enum drm_ascdev_endpoints */
	__u32 endpoints;

	/** @scales: mask of 1 << enum drm_ascdev_scale */
	__u32 scales;

	/** @payload_align: what payload offsets must be a multiple of, in bytes */
	__u32 payload_align;

	/** @efforts: mask of 1 << enum drm_ascdev_effort */
	__u32 efforts;

	/** @profiles: mask of 1 << enum drm_ascdev_profile */
	__u32 profiles;

	/** @reorders: mask of 1 << enum drm_ascdev_reorder */
	__u32 reorders;

	/** @reorder_channels: channels that can be reordered at most */
	__u32 reorder_channels;

	/** @max_error: largest &drm_ascdev_codec_params.max_error */
	__u32 max_error;
};

/**
 * define DRM_ASCDEV_BO_WC - mappings combine writes; else they are cached
 *
 * For memory that a process writes from one end to the other and does not read,
 * to be read by an engine that does not look into the CPU's caches.  All mappings
 * have it: those of processes, those through an exported dma-buf, and the one by
 * which an emulated engine works, whose reads are then slow.  An imported buffer
 * object is mapped as its exporter says.
 */
#define DRM_ASCDEV_BO_WC	(1u << 0)

/**
 * struct drm_ascdev_bo_create - argument of DRM_IOCTL_ASCDEV_BO_CREATE
 *
 * The memory is zero at first.
 *
 * Errors: -EINVAL for a size of 0 or unknown flags; -E2BIG for a size beyond
 * &drm_ascdev_dev_info.max_bo_bytes.
 */
struct drm_ascdev_bo_create {
	/** @size: bytes wanted; set to the size given, rounded up to pages */
	__u64 size;

	/** @flags: DRM_ASCDEV_BO_* */
	__u32 flags;

	/** @handle: set to the new handle, never 0; close with DRM_IOCTL_GEM_CLOSE */
	__u32 handle;
};

/**
 * struct drm_ascdev_bo_mmap_offset - argument of DRM_IOCTL_ASCDEV_BO_MMAP_OFFSET
 *
 * Errors: -EINVAL for a non-zero @pad; -ENOENT for an unknown handle.
 */
struct drm_ascdev_bo_mmap_offset {
	/** @handle: a buffer object */
	__u32 handle;

	/** @pad: MBZ */
	__u32 pad;

	/**
	 * @offset: set to what mmap() of the device node takes, mmap64() in a
	 * 32-bit program
	 */
	__u64 offset;
};

/**
 * struct drm_ascdev_bo_wait - argument of DRM_IOCTL_ASCDEV_BO_WAIT
 *
 * Waits until no queued job reads or writes the buffer object.
 *
 * Errors: -EINVAL for a non-zero @pad; -ENOENT for an unknown handle; -ETIME
 * when the time is over, at once if @timeout_ns has passed and the buffer object
 * is busy.
 */
struct drm_ascdev_bo_wait {
	/** @handle: a buffer object */
	__u32 handle;

	/** @pad: MBZ */
	__u32 pad;

	/** @timeout_ns: absolute, CLOCK_MONOTONIC */
	__s64 timeout_ns;
};

/**
 * define DRM_ASCDEV_BO_LABEL_BYTES - longest name of a buffer object, with its final NUL
 */
#define DRM_ASCDEV_BO_LABEL_BYTES	128

/**
 * struct drm_ascdev_bo_set_label - argument of DRM_IOCTL_ASCDEV_BO_SET_LABEL
 *
 * The name belongs to the object, not to the handle, and is for whoever looks into
 * debugfs.  It replaces an earlier one.  An exported dma-buf has a name of its own,
 * see DMA_BUF_SET_NAME.
 *
 * Errors: -EINVAL for a non-zero @pad; -ENOENT for an unknown handle; -E2BIG for a
 * name of DRM_ASCDEV_BO_LABEL_BYTES or more without a NUL.
 */
struct drm_ascdev_bo_set_label {
	/** @handle: a buffer object */
	__u32 handle;

	/** @pad: MBZ */
	__u32 pad;

	/** @label: address of a string that ends in NUL; 0 takes the name away */
	__u64 label;
};

/**
 * struct drm_ascdev_obj_array - an array of structures that may grow
 */
struct drm_ascdev_obj_array {
	/** @stride: bytes from one to the next; 0 if @count is 0 */
	__u32 stride;

	/** @count: how many */
	__u32 count;

	/** @array: address of the first; 0 if @count is 0 */
	__u64 array;
};

/**
 * define DRM_ASCDEV_SYNC_TIMELINE - @handle is a timeline; else a binary syncobj
 */
#define DRM_ASCDEV_SYNC_TIMELINE	(1u << 0)

/**
 * define DRM_ASCDEV_SYNC_SIGNAL - signal when the job ends; else wait before it starts
 */
#define DRM_ASCDEV_SYNC_SIGNAL		(1u << 31)

/**
 * struct drm_ascdev_sync - one wait or signal of a job
 *
 * Errors: -EINVAL for unknown flags, a value on a binary syncobj, or point 0 of a
 * timeline; -ENOENT for an unknown handle.  A wait for a fence that nobody has
 * submitted yet is -EINVAL: wait with DRM_SYNCOBJ_WAIT_FLAGS_WAIT_AVAILABLE first.
 */
struct drm_ascdev_sync {
	/** @flags: DRM_ASCDEV_SYNC_* */
	__u32 flags;

	/** @handle: a syncobj */
	__u32 handle;

	/** @timeline_value: the point of a timeline; MBZ for a binary syncobj */
	__u64 timeline_value;
};

/**
 * struct drm_ascdev_range - bytes of a buffer object
 */
struct drm_ascdev_range {
	/** @handle: a buffer object; 0 where the range is optional */
	__u32 handle;

	/** @pad: MBZ */
	__u32 pad;

	/** @offset: first byte */
	__u64 offset;

	/** @size: bytes that may be touched */
	__u64 size;
};

/**
 * struct drm_ascdev_surface - a feature map in memory
 */
struct drm_ascdev_surface {
	/** @dtype: one of enum drm_ascdev_dtype */
	__u32 dtype;

	/** @pad: MBZ */
	__u32 pad;

	/** @dim: extents N, C, H, W, all at least 1 */
	__u32 dim[4];

	/**
	 * @stride: bytes from one value to the next along each dimension; below
	 * 2^32 where the extent is above 1.  Values need no alignment.  In the
	 * destination of a decompression strides must nest: in ascending order,
	 * each must step over all that the smaller ones reach.
	 */
	__u64 stride[4];
};

/**
 * struct drm_ascdev_block - shape of a block
 *
 * All zero leaves it to the device; not for decompression.  @h and @c zero: a run
 * of @w values in the order N, C, H, W.  Otherwise a cuboid.  The number of values
 * is a multiple of 8, at most 64, or 256 (&DRM_ASCDEV_PROFILE_POOLED only).
 */
struct drm_ascdev_block {
	/** @w: width */
	__u16 w;

	/** @h: height */
	__u16 h;

	/** @c: channels */
	__u16 c;

	/** @pad: MBZ */
	__u16 pad;
};

/**
 * struct drm_ascdev_codec_params - how a surface is compressed
 *
 * What a codec does not have must be zero.
 */
struct drm_ascdev_codec_params {
	/** @codec: one of enum drm_ascdev_codec */
	__u32 codec;

	/** @endpoints: one of enum drm_ascdev_endpoints; ASC-CBR */
	__u32 endpoints;

	/** @scale: one of enum drm_ascdev_scale; ASC-CBR; not looked at by decompression */
	__u32 scale;

	/** @profile: one of enum drm_ascdev_profile; ASC-CBR; of ASC-VBR AUTO or POOLED */
	__u32 profile;

	/** @effort: one of enum drm_ascdev_effort; not looked at by decompression */
	__u32 effort;

	/** @zero_point: the value that stands for 0.0; within the range of the type */
	__s32 zero_point;

	/**
	 * @max_error: ASC-VBR and AUTO: bound of the absolute error of any value,
	 * in steps of the type; 0 for lossless.  Not looked at by decompression.
	 */
	__u32 max_error;

	/**
	 * @target_bpe: ASC-VBR and AUTO: bits per value to stay below, all
	 * included, in 1/256; 0 for none.  Not together with @max_error.  Not
	 * looked at by decompression.
	 */
	__u32 target_bpe;

	/**
	 * @reorder: one of enum drm_ascdev_reorder; not RAW.  For decompression,
	 * what the result record says.
	 */
	__u32 reorder;

	/**
	 * @exponent: what the endpoints of the narrow profile refer to, floats of the
	 * pooled one, or floats of ASC-VBR that were coded at a rate; 0 leaves it to compression.
	 */
	__u32 exponent;

	/** @block: shape of a block; ASC-CBR */
	struct drm_ascdev_block block;
};

/**
 * struct drm_ascdev_part - a part of a surface, in values
 *
 * All zero for the whole.
 */
struct drm_ascdev_part {
	/** @at: first position in N, C, H, W */
	__u32 at[4];

	/** @dim: extents */
	__u32 dim[4];
};

/**
 * enum drm_ascdev_priority - who is served first
 */
enum drm_ascdev_priority {
	/** @DRM_ASCDEV_PRIORITY_NORMAL: as every open file has it */
	DRM_ASCDEV_PRIORITY_NORMAL = 0,

	/** @DRM_ASCDEV_PRIORITY_LOW: after all others */
	DRM_ASCDEV_PRIORITY_LOW = 1,

	/** @DRM_ASCDEV_PRIORITY_HIGH: before all others; needs CAP_SYS_NICE */
	DRM_ASCDEV_PRIORITY_HIGH = 2
};

/**
 * struct drm_ascdev_ctx_create - argument of DRM_IOCTL_ASCDEV_CTX_CREATE
 *
 * A context is a queue: its jobs run in order, those of others between them.  With one
 * priority open files take turns, job by job, and the contexts of each within these,
 * however many jobs are queued.  Every open file has a context from the start, number 0,
 * of normal priority.
 *
 * Errors: -EINVAL for unknown flags or numbers, or a non-zero @pad; -EACCES for a
 * priority that the caller may not have; -ENOSPC for too many contexts.
 */
struct drm_ascdev_ctx_create {
	/** @flags: MBZ */
	__u32 flags;

	/** @priority: one of enum drm_ascdev_priority */
	__u32 priority;

	/**
	 * @defaults: what a job gets that leaves the codec open, instead of what
	 * the device is set to; codec DEFAULT, and all else zero, for the latter
	 */
	struct drm_ascdev_codec_params defaults;

	/** @ctx: set to the new context, never 0 */
	__u32 ctx;

	/** @pad: MBZ */
	__u32 pad;
};

/**
 * struct drm_ascdev_ctx_destroy - argument of DRM_IOCTL_ASCDEV_CTX_DESTROY
 *
 * Waits until an engine has the last job of the context; where the process is killed
 * meanwhile, jobs that no engine has yet are dropped.  DRM_IOCTL_ASCDEV_CANCEL, before it,
 * makes that a short time.
 *
 * Errors: -EINVAL for a non-zero @pad or context 0; -ENOENT for an unknown context.
 */
struct drm_ascdev_ctx_destroy {
	/** @ctx: a context */
	__u32 ctx;

	/** @pad: MBZ */
	__u32 pad;
};

/**
 * define DRM_ASCDEV_CTX_BANNED - SUBMIT refuses its jobs, for too many hung an engine
 */
#define DRM_ASCDEV_CTX_BANNED	(1u << 0)

/**
 * struct drm_ascdev_ctx_get_state - argument of DRM_IOCTL_ASCDEV_CTX_GET_STATE
 *
 * Errors: -EINVAL for a non-zero @pad; -ENOENT for an unknown context.
 */
struct drm_ascdev_ctx_get_state {
	/** @ctx: a context, or 0 for that of the open file */
	__u32 ctx;

	/** @flags: set to DRM_ASCDEV_CTX_* */
	__u32 flags;

	/** @hangs: set to the number of its jobs with which an engine made no progress */
	__u32 hangs;

	/** @last_error: set to the error of its last job that failed on an engine, or 0 */
	__s32 last_error;

	/** @last_error_cookie: set to the cookie of that job */
	__u64 last_error_cookie;

	/** @device_hangs: set to the number of hangs of all contexts */
	__u32 device_hangs;

	/** @pad: MBZ */
	__u32 pad;
};

/**
 * enum drm_ascdev_op - what a job does
 */
enum drm_ascdev_op {
	/** @DRM_ASCDEV_OP_COMPRESS: surface to payload */
	DRM_ASCDEV_OP_COMPRESS = 0,

	/** @DRM_ASCDEV_OP_DECOMPRESS: payload to surface */
	DRM_ASCDEV_OP_DECOMPRESS = 1
};

/**
 * struct drm_ascdev_job - one job
 *
 * Errors: -EINVAL for unknown numbers, flags or non-zero padding, a description
 * that contradicts itself, a misaligned payload or result, a range beyond its
 * buffer object, a source too short for what it should hold, or ranges of one
 * buffer object that overlap; -EOVERFLOW for a surface of more than
 * &drm_ascdev_dev_info.max_elements values or a stride of 2^32 or more;
 * -ENOENT for an unknown handle; -ENOSPC for a destination or a result that is
 * too small; -E2BIG for too many sync operations; -EDQUOT if the buffer objects
 * that the file's jobs have used would come to more than
 * &drm_ascdev_dev_info.max_pinned_bytes, and -ENOMEM if those of all files would come
 * to more than the machine can spare; -EOPNOTSUPP for an imported buffer object
 * that its exporter does not let the engine map.
 */
struct drm_ascdev_job {
	/** @op: one of enum drm_ascdev_op */
	__u32 op;

	/** @flags: MBZ */
	__u32 flags;

	/** @cookie: returned in the result record; names the job for DRM_IOCTL_ASCDEV_CANCEL */
	__u64 cookie;

	/**
	 * @surface: the uncompressed side.  Where a part is decompressed, @dim is
	 * of the whole and @stride of the part.
	 */
	struct drm_ascdev_surface surface;

	/** @part: what to decompress; compression takes the whole */
	struct drm_ascdev_part part;

	/** @params: the compressed side */
	struct drm_ascdev_codec_params params;

	/**
	 * @src: the surface to compress, or the payload to decompress.  A
	 * payload starts at a multiple of &drm_ascdev_codec_info.payload_align.
	 */
	struct drm_ascdev_range src;

	/** @dst: the payload, or the surface or its part */
	struct drm_ascdev_range dst;

	/**
	 * @order: for REORDER_GIVEN, a __u16 for each channel, at a multiple of 2
	 * bytes: which one takes this place.  Otherwise zero.
	 */
	struct drm_ascdev_range order;

	/**
	 * @result: where struct drm_ascdev_result goes, at a multiple of 8
	 * bytes; handle 0, with nothing else set, if it is not wanted
	 */
	struct drm_ascdev_range result;

	/** @syncs: struct drm_ascdev_sync, waits and signals in any order */
	struct drm_ascdev_obj_array syncs;
};

/**
 * define DRM_ASCDEV_SUBMIT_WAIT - wait while the queue is full; else that is EBUSY
 *
 * The call returns when the jobs are queued, with -EINTR if a signal came first, or
 * with -ENODEV when the device is gone; in these cases nothing was done.
 */
#define DRM_ASCDEV_SUBMIT_WAIT	(1u << 0)

/**
 * struct drm_ascdev_submit - argument of DRM_IOCTL_ASCDEV_SUBMIT
 *
 * All jobs are checked before the first is queued: on an error nothing was done.
 * Jobs of one context run in the order in which they were queued; one that
 * fails does not stop those behind it.  A job also waits for earlier jobs, of
 * any process, that use the same buffer objects.
 *
 * Signals of one call are seen by waits of later calls only.
 *
 * An emulated engine is a CPU.  Where a job uses a dma-buf of an exporter that wants
 * to know of access by CPUs (udmabuf, dma-heaps), the call therefore waits for the
 * implicit fences on it, also of earlier jobs: those of writers if the job reads it,
 * else all.
 *
 * Errors: -EINVAL for unknown flags or an array without jobs; -ENOENT for an unknown
 * context; -EIO for one that is banned, or a device that does not wake up;
 * -E2BIG for more than &drm_ascdev_dev_info.max_jobs jobs, or too long a
 * structure with something at its end; -EBUSY if with these the file would have
 * more than &drm_ascdev_dev_info.max_queued_jobs jobs; and those of a job.
 */
struct drm_ascdev_submit {
	/** @flags: DRM_ASCDEV_SUBMIT_* */
	__u32 flags;

	/** @ctx: the context whose jobs they become, 0 for that of the open file */
	__u32 ctx;

	/** @jobs: struct drm_ascdev_job */
	struct drm_ascdev_obj_array jobs;
};

/**
 * define DRM_ASCDEV_CANCEL_ALL - all jobs of the context; else those with the cookie
 */
#define DRM_ASCDEV_CANCEL_ALL	(1u << 0)

/**
 * struct drm_ascdev_cancel - argument of DRM_IOCTL_ASCDEV_CANCEL
 *
 * Takes jobs of one context back.  The call does not wait for their ends:
 *
 * - A job that no engine has yet keeps its place, and ends when it would have begun: whoever
 *   waits for its fences comes after all that the job had to wait for.  It leaves a result
 *   record, and does nothing else.
 * - A job that an engine has is stopped soon.  What its destination then holds is not defined.
 * - A job that has ended, or is being ended as it made no progress, is left alone.
 *
 * Each job that @cancelled counts ends with -ECANCELED in its record and in its fences, also
 * if it was about to end otherwise; unless its queue is dropped before its turn, as that of
 * a process that is killed.  Nobody is told of it but by these: a job that waits for such a
 * fence runs as always.
 *
 * Errors: -EINVAL for unknown flags, a non-zero @pad, or a @cookie with
 * DRM_ASCDEV_CANCEL_ALL; -ENOENT for an unknown context.  That no job was left to be
 * cancelled is no error.
 */
struct drm_ascdev_cancel {
	/** @ctx: a context, or 0 for that of the open file */
	__u32 ctx;

	/** @flags: DRM_ASCDEV_CANCEL_* */
	__u32 flags;

	/** @cookie: of the jobs; MBZ with DRM_ASCDEV_CANCEL_ALL */
	__u64 cookie;

	/** @cancelled: set to the number of jobs that this call cancelled */
	__u32 cancelled;

	/** @pad: MBZ */
	__u32 pad;
};

/**
 * enum drm_ascdev_status - how a job ended
 */
enum drm_ascdev_status {
	/** @DRM_ASCDEV_STATUS_NONE: never written; clear the record to see that a job ended */
	DRM_ASCDEV_STATUS_NONE = 0,

	/** @DRM_ASCDEV_STATUS_DONE: done */
	DRM_ASCDEV_STATUS_DONE = 1,

	/** @DRM_ASCDEV_STATUS_FAILED: failed; see &drm_ascdev_result.error */
	DRM_ASCDEV_STATUS_FAILED = 2
};

/**
 * struct drm_ascdev_result - result record of a job
 *
 * Written before the job's fences signal.  A job that never ran (its process
 * ended, the device went away) leaves no record; its fences then carry an error.
 */
struct drm_ascdev_result {
	/** @status: one of enum drm_ascdev_status */
	__u32 status;

	/**
	 * @error: 0, or a negative errno: -ETIME without progress, -ENODEV when
	 * unplugged, -ECANCELED by DRM_IOCTL_ASCDEV_CANCEL, -EBADMSG for a payload
	 * or an order that makes no sense.
	 * After -EBADMSG every value of the destination has been written, those
	 * that could not be told with the zero point.
	 */
	__s32 error;

	/** @cookie: as in the job */
	__u64 cookie;

	/** @bytes: bytes written to the destination */
	__u64 bytes;

	/** @bytes_read: bytes read from the source */
	__u64 bytes_read;

	/** @elements: values in the surface or its part */
	__u64 elements;

	/** @linear_blocks: blocks on the linear scale; compression only, as all below */
	__u64 linear_blocks;

	/** @log_blocks: blocks on the log-linear scale */
	__u64 log_blocks;

	/** @sum_abs_error: sum of the absolute errors of all values, see @error_exponent */
	__u64 sum_abs_error;

	/** @sum_sq_error: sum of the squared errors of all values */
	__u64 sum_sq_error;

	/** @max_abs_error: largest absolute error of a value */
	__u32 max_abs_error;

	/** @codec: the codec that was used */
	__u32 codec;

	/** @endpoints: the endpoint mode that was used; decompression needs it */
	__u32 endpoints;

	/** @profile: the profile that was used; decompression needs it */
	__u32 profile;

	/** @reorder: how channels were ordered; decompression needs it */
	__u32 reorder;

	/**
	 * @error_exponent: errors are counted in units of 2 to this power; 0 but
	 * for floating-point types
	 */
	__s32 error_exponent;

	/** @exponent: the exponent that was used; decompression needs it */
	__u32 exponent;

	/** @effort: the effort that was used */
	__u32 effort;

	/** @block: the shape of a block that was used; decompression needs it */
	struct drm_ascdev_block block;

	/** @start_ns: when the engine began, CLOCK_MONOTONIC; 0 if it was cancelled before */
	__u64 start_ns;

	/** @end_ns: when it ended; likewise */
	__u64 end_ns;

	/**
	 * @cycles: cycles of the clock that the job takes, those of its start
	 * included: from the engine, or, if it is emulated, from a model of one,
	 * and then the same whenever the job is the same.  0 for one that was cut
	 * off.  Of decompression too.
	 */
	__u64 cycles;

	/** @scale: the scale that was used, AUTO where each block had its own */
	__u32 scale;

	/** @max_error: the bound of the absolute error that was used; 0 if the codec has none */
	__u32 max_error;

	/** @target_bpe: the rate that was used, in 1/256 bits per value; 0 for none */
	__u32 target_bpe;

	/** @pad: 0 */
	__u32 pad;
};

/**
 * define DRM_IOCTL_ASCDEV_DEV_QUERY - see struct drm_ascdev_dev_query
 */
#define DRM_IOCTL_ASCDEV_DEV_QUERY \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_ASCDEV_DEV_QUERY, struct drm_ascdev_dev_query)

/**
 * define DRM_IOCTL_ASCDEV_BO_CREATE - see struct drm_ascdev_bo_create
 */
#define DRM_IOCTL_ASCDEV_BO_CREATE \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_ASCDEV_BO_CREATE, struct drm_ascdev_bo_create)

/**
 * define DRM_IOCTL_ASCDEV_BO_MMAP_OFFSET - see struct drm_ascdev_bo_mmap_offset
 */
#define DRM_IOCTL_ASCDEV_BO_MMAP_OFFSET \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_ASCDEV_BO_MMAP_OFFSET, struct drm_ascdev_bo_mmap_offset)

/**
 * define DRM_IOCTL_ASCDEV_BO_WAIT - see struct drm_ascdev_bo_wait
 */
#define DRM_IOCTL_ASCDEV_BO_WAIT \
	DRM_IOW(DRM_COMMAND_BASE + DRM_ASCDEV_BO_WAIT, struct drm_ascdev_bo_wait)

/**
 * define DRM_IOCTL_ASCDEV_SUBMIT - see struct drm_ascdev_submit
 */
#define DRM_IOCTL_ASCDEV_SUBMIT \
	DRM_IOW(DRM_COMMAND_BASE + DRM_ASCDEV_SUBMIT, struct drm_ascdev_submit)

/**
 * define DRM_IOCTL_ASCDEV_CTX_CREATE - see struct drm_ascdev_ctx_create
 */
#define DRM_IOCTL_ASCDEV_CTX_CREATE \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_ASCDEV_CTX_CREATE, struct drm_ascdev_ctx_create)

/**
 * define DRM_IOCTL_ASCDEV_CTX_DESTROY - see struct drm_ascdev_ctx_destroy
 */
#define DRM_IOCTL_ASCDEV_CTX_DESTROY \
	DRM_IOW(DRM_COMMAND_BASE + DRM_ASCDEV_CTX_DESTROY, struct drm_ascdev_ctx_destroy)

/**
 * define DRM_IOCTL_ASCDEV_CTX_GET_STATE - see struct drm_ascdev_ctx_get_state
 */
#define DRM_IOCTL_ASCDEV_CTX_GET_STATE \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_ASCDEV_CTX_GET_STATE, struct drm_ascdev_ctx_get_state)

/**
 * define DRM_IOCTL_ASCDEV_BO_SET_LABEL - see struct drm_ascdev_bo_set_label
 */
#define DRM_IOCTL_ASCDEV_BO_SET_LABEL \
	DRM_IOW(DRM_COMMAND_BASE + DRM_ASCDEV_BO_SET_LABEL, struct drm_ascdev_bo_set_label)

/**
 * define DRM_IOCTL_ASCDEV_CANCEL - see struct drm_ascdev_cancel
 */
#define DRM_IOCTL_ASCDEV_CANCEL \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_ASCDEV_CANCEL, struct drm_ascdev_cancel)

#if defined(__cplusplus)
}
#endif

#endif /* _UAPI_ASCDEV_ACCEL_H_ */
