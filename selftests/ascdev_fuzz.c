// SPDX-License-Identifier: MIT
/*
 * Ioctls with arguments that make sense, but for a field or two.
 *
 * Several processes of several threads share one open file, its handles and its memory.
 * Each thread picks ioctls from a table, fills their structures by the tables of their
 * fields, spoils some, and looks at the errors.  Beside them others write into what the
 * jobs read, map and unmap it, export it, and change attributes.
 *
 * ASCDEV_FUZZ_SEED=N      where the random numbers begin
 * ASCDEV_FUZZ_SECONDS=N   how long, 0 until somebody ends it; otherwise a fixed number
 *                         of ioctls
 */

#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "ascdev_fields.h"
#include "ascdev_test.h"

/* libdrm's headers may be older than the kernel */
#ifndef DRM_IOCTL_SYNCOBJ_EVENTFD
struct drm_syncobj_eventfd {
	__u32 handle;
	__u32 flags;
	__u64 point;
	__s32 fd;
	__u32 pad;
};

#define DRM_IOCTL_SYNCOBJ_EVENTFD	DRM_IOWR(0xCF, struct drm_syncobj_eventfd)
#endif

/* likewise; these came with the fields */
#ifdef DRM_SYNCOBJ_WAIT_FLAGS_WAIT_DEADLINE
#define WAIT_DEADLINE		DRM_SYNCOBJ_WAIT_FLAGS_WAIT_DEADLINE
#define DEADLINE_FIELD(type)	FIELD(type, deadline_nsec, TIME, 0),
#else
#define WAIT_DEADLINE		0
#define DEADLINE_FIELD(type)
#endif
#ifdef DRM_SYNCOBJ_HANDLE_TO_FD_FLAGS_TIMELINE
#define HANDLE_FLAGS		(1 | DRM_SYNCOBJ_HANDLE_TO_FD_FLAGS_TIMELINE)
#define POINT_FIELD(FIELD, max)	FIELD(drm_syncobj_handle, point, NUMBER, max),
#else
#define HANDLE_FLAGS		1
#define POINT_FIELD(FIELD, max)
#endif

#define PROCESSES	2
#define THREADS		2
#define COOKIES		16	/* of jobs */
#define CALLS_EACH	2000	/* ioctls of a thread, unless there is a time */

#define BO_BYTES	65536
#define HALF		(BO_BYTES / 2)
#define MAX_BO_BYTES	(4 << 20)
#define HANDLES		3	/* in an array of syncobjs */
#define MAX_JOBS	6
#define MAX_SYNCS	4

/**
 * struct call - an ioctl
 * @name: its name
 * @request: its number
 * @fields: fields of its argument
 * @field_count: how many
 * @fill: completes what the fields' kinds cannot say, or NULL
 * @done: told what came of it, or NULL
 * @never: no argument makes it succeed
 * @weight: how often it is picked, compared with others
 * @errors: what it may answer; EFAULT, ENOMEM, EINTR beside them
 */
struct fuzz;
struct call {
	const char *name;
	unsigned long request;
	const struct field *fields;
	unsigned int field_count;
	void (*fill)(struct fuzz *fuzz, void *arg);
	void (*done)(struct fuzz *fuzz, void *arg, int ret);
	bool never;
	unsigned int weight;
	int errors[10];
};

#define BOS		32
#define SYNCOBJS	16
#define CTXS		8
#define MAX_CALLS	64

/* What the processes share; handles come and go without a lock. */
struct shared {
	uint32_t bos[BOS];
	uint32_t syncobjs[SYNCOBJS];
	uint32_t ctxs[CTXS];
	uint64_t calls[MAX_CALLS];
	uint64_t worked[MAX_CALLS];
	uint64_t queued;		/* jobs of successful calls of SUBMIT */
	uint64_t surprises;
	bool stop;
};

#define FDS	8

/* What a process has: file descriptors are its own. */
static struct shared *shared;
static int dmabufs[FDS], sync_fds[FDS], odd_fds[5];
static int device, device_minor;
static int64_t end_ns;

/* What a thread has. */
struct fuzz {
	uint64_t random;
	uint8_t *guard;			/* a page, and none behind it */
	uint8_t *readonly;
	struct drm_ascdev_job jobs[MAX_JOBS];
	struct drm_ascdev_sync syncs[MAX_JOBS][MAX_SYNCS];
	uint32_t handles[HANDLES];
	uint64_t points[HANDLES];
	char label[DRM_ASCDEV_BO_LABEL_BYTES + 16];
	uint64_t buffer[1024];		/* more than any answer takes */
	/* structures that the call at hand has, for the mutations */
	struct {
		const struct field *fields;
		unsigned int count;
		void *structure;
	} parts[1 + MAX_JOBS * (1 + MAX_SYNCS)];
	unsigned int part_count;
};

static uint64_t next(struct fuzz *fuzz)
{
	fuzz->random ^= fuzz->random << 13;
	fuzz->random ^= fuzz->random >> 7;
	fuzz->random ^= fuzz->random << 17;
	return fuzz->random * 0x2545f4914f6cdd1dull >> 8;
}

static uint64_t below(struct fuzz *fuzz, uint64_t n)
{
	return next(fuzz) % n;
}

static bool one_in(struct fuzz *fuzz, unsigned int n)
{
	return !below(fuzz, n);
}

static uint32_t pick(struct fuzz *fuzz, uint32_t *pool, unsigned int size)
{
	unsigned int tries = 4;
	uint32_t handle;

	do {
		handle = __atomic_load_n(&pool[below(fuzz, size)], __ATOMIC_RELAXED);
	} while (!handle && tries--);
	return handle;
}

static int64_t now_ns(void)
{
	return deadline_ms(0);
}

/* Puts a handle into a pool; returns the one whose place it takes. */
static uint32_t put(struct fuzz *fuzz, uint32_t *pool, unsigned int size, uint32_t handle)
{
	return __atomic_exchange_n(&pool[below(fuzz, size)], handle, __ATOMIC_RELAXED);
}

/* Forget a handle that is gone; some are remembered, and used all the same. */
static void drop(struct fuzz *fuzz, uint32_t *pool, unsigned int size, uint32_t handle)
{
	unsigned int i;

	for (i = 0; i < size; i++) {
		uint32_t expected = handle;

		if (!one_in(fuzz, 10))
			__atomic_compare_exchange_n(&pool[i], &expected, 0, false,
						    __ATOMIC_RELAXED, __ATOMIC_RELAXED);
	}
}

static void put_fd(struct fuzz *fuzz, int *pool, int fd)
{
	int old = __atomic_exchange_n(&pool[below(fuzz, FDS)], fd, __ATOMIC_RELAXED);

	if (old >= 0)
		close(old);
}

static int pick_fd(struct fuzz *fuzz, int *pool)
{
	if (one_in(fuzz, 16))
		return odd_fds[below(fuzz, COUNT(odd_fds))];
	return __atomic_load_n(&pool[below(fuzz, FDS)], __ATOMIC_RELAXED);
}

/* Addresses where nothing can be read or, in one case, written. */
static void *nowhere(struct fuzz *fuzz)
{
	switch (below(fuzz, 6)) {
	case 0:
		return NULL;
	case 1:
		return (void *)(uintptr_t)(1 + below(fuzz, 4095));
	case 2:
		return fuzz->guard + 4096 + below(fuzz, 4096);
	case 3:
		return fuzz->readonly;
	case 4:
		return (void *)(uintptr_t)(0xffff800000000000ull + below(fuzz, 1ull << 40));
	default:
		return (void *)(uintptr_t)(~0ull - below(fuzz, 4096));
	}
}

/* Likewise; or only the beginning is there, or it is misaligned. */
static uint64_t bad_pointer(struct fuzz *fuzz)
{
	if (one_in(fuzz, 3))
		return (uintptr_t)fuzz->guard + 4096 - below(fuzz, 256);
	if (one_in(fuzz, 4))
		return (uintptr_t)fuzz->buffer + 1 + below(fuzz, 7);
	return (uintptr_t)nowhere(fuzz);
}

static int64_t some_time(struct fuzz *fuzz)
{
	switch (below(fuzz, 4)) {
	case 0:
		return 0;
	case 1:
		return -(int64_t)below(fuzz, 1ull << 62);
	case 2:
		return INT64_MAX - below(fuzz, 100);	/* a signal ends it */
	default:
		return now_ns() + below(fuzz, 2000000);
	}
}

static uint64_t sensible(struct fuzz *fuzz, const struct field *field)
{
	switch (field->kind) {
	case FIELD_NUMBER:
		return below(fuzz, field->max);
	case FIELD_FLAGS:
		return next(fuzz) & field->max;
	case FIELD_CONST:
		return field->max;
	case FIELD_BO:
		return pick(fuzz, shared->bos, BOS);
	case FIELD_SYNCOBJ:
		return pick(fuzz, shared->syncobjs, SYNCOBJS);
	case FIELD_CTX:
		return one_in(fuzz, 3) ? 0 : pick(fuzz, shared->ctxs, CTXS);
	case FIELD_DMABUF:
		return pick_fd(fuzz, dmabufs);
	case FIELD_SYNC_FD:
		return pick_fd(fuzz, sync_fds);
	case FIELD_EVENTFD:
		return odd_fds[below(fuzz, COUNT(odd_fds))];
	case FIELD_TIME:
		return some_time(fuzz);
	case FIELD_BYTES:
		return one_in(fuzz, 16) ? 1 + below(fuzz, BO_BYTES) : BO_BYTES;
	case FIELD_BUFFER:
		return (uintptr_t)fuzz->buffer;
	case FIELD_STRING:
		return one_in(fuzz, 4) ? 0 : (uintptr_t)fuzz->label;
	case FIELD_SYNCOBJS:
		return (uintptr_t)fuzz->handles;
	case FIELD_POINTS:
		return (uintptr_t)fuzz->points;
	default:
		return 0;
	}
}

/* Fill a structure by its table, and remember it for the mutations. */
static void fill(struct fuzz *fuzz, const struct field *fields, unsigned int count,
		 void *structure)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (fields[i].kind != FIELD_JOB)
			write_field(&fields[i], structure, sensible(fuzz, &fields[i]));
	}
	fuzz->parts[fuzz->part_count].fields = fields;
	fuzz->parts[fuzz->part_count].count = count;
	fuzz->parts[fuzz->part_count++].structure = structure;
}

static void spoil(struct fuzz *fuzz)
{
	unsigned int part = below(fuzz, fuzz->part_count);
	const struct field *field =
		&fuzz->parts[part].fields[below(fuzz, fuzz->parts[part].count)];
	uint64_t value;

	if (field->fixed)
		return;
	switch (below(fuzz, 8)) {
	case 0:
		value = bad_pointer(fuzz);
		break;
	case 1:
		value = pick(fuzz, shared->bos, BOS);
		break;
	case 2:
		value = pick(fuzz, shared->syncobjs, SYNCOBJS);
		break;
	case 3:
		value = below(fuzz, 100);
		break;
	case 4:
		value = next(fuzz);
		break;
	case 5:
		value = -below(fuzz, 10);
		break;
	default:
		value = boundary(below(fuzz, BOUNDARIES));
	}
	write_field(field, fuzz->parts[part].structure, value);
}

/* Arguments of each ioctl */

static const struct field query_fields[] = {
	FIELD(drm_ascdev_dev_query, type, NUMBER, 2),
	FIELD(drm_ascdev_dev_query, size, NUMBER, 200),
	FIELD(drm_ascdev_dev_query, pointer, BUFFER, 0),
	FIELD(drm_ascdev_dev_query, index, NUMBER, 8),
	FIELD(drm_ascdev_dev_query, pad, ZERO, 0),
};

static const struct field bo_create_fields[] = {
	FIELD(drm_ascdev_bo_create, size, BYTES, 0),
	FIELD(drm_ascdev_bo_create, flags, FLAGS, DRM_ASCDEV_BO_WC),
	FIELD(drm_ascdev_bo_create, handle, ZERO, 0),
};

static const struct field bo_mmap_offset_fields[] = {
	FIELD(drm_ascdev_bo_mmap_offset, handle, BO, 0),
	FIELD(drm_ascdev_bo_mmap_offset, pad, ZERO, 0),
	FIELD(drm_ascdev_bo_mmap_offset, offset, ZERO, 0),
};

static const struct field bo_wait_fields[] = {
	FIELD(drm_ascdev_bo_wait, handle, BO, 0),
	FIELD(drm_ascdev_bo_wait, pad, ZERO, 0),
	FIELD(drm_ascdev_bo_wait, timeout_ns, TIME, 0),
};

static const struct field ctx_create_fields[] = {
	FIELD(drm_ascdev_ctx_create, flags, ZERO, 0),
	FIELD(drm_ascdev_ctx_create, priority, NUMBER, 3),
	PARAM_FIELDS(drm_ascdev_ctx_create, defaults, JOB),
	FIELD(drm_ascdev_ctx_create, ctx, ZERO, 0),
	FIELD(drm_ascdev_ctx_create, pad, ZERO, 0),
};

static const struct field ctx_destroy_fields[] = {
	FIELD(drm_ascdev_ctx_destroy, ctx, CTX, 0),
	FIELD(drm_ascdev_ctx_destroy, pad, ZERO, 0),
};

static const struct field ctx_get_state_fields[] = {
	FIELD(drm_ascdev_ctx_get_state, ctx, CTX, 0),
	FIELD(drm_ascdev_ctx_get_state, flags, ZERO, 0),
	FIELD(drm_ascdev_ctx_get_state, hangs, ZERO, 0),
	FIELD(drm_ascdev_ctx_get_state, last_error, ZERO, 0),
	FIELD(drm_ascdev_ctx_get_state, last_error_cookie, ZERO, 0),
	FIELD(drm_ascdev_ctx_get_state, device_hangs, ZERO, 0),
	FIELD(drm_ascdev_ctx_get_state, pad, ZERO, 0),
};

static const struct field get_cap_fields[] = {
	FIELD(drm_get_cap, capability, NUMBER, 22),
	FIELD(drm_get_cap, value, ZERO, 0),
};

static const struct field gem_close_fields[] = {
	FIELD(drm_gem_close, handle, BO, 0),
	FIELD(drm_gem_close, pad, ZERO, 0),
};

static const struct field gem_flink_fields[] = {
	FIELD(drm_gem_flink, handle, BO, 0),
	FIELD(drm_gem_flink, name, ZERO, 0),
};

static const struct field gem_open_fields[] = {
	FIELD(drm_gem_open, name, NUMBER, 4),
	FIELD(drm_gem_open, handle, ZERO, 0),
	FIELD(drm_gem_open, size, ZERO, 0),
};

static const struct field dumb_fields[] = {
	FIELD(drm_mode_create_dumb, height, NUMBER, 64),
	FIELD(drm_mode_create_dumb, width, NUMBER, 64),
	FIELD(drm_mode_create_dumb, bpp, CONST, 32),
	FIELD(drm_mode_create_dumb, flags, ZERO, 0),
};

static const struct field export_fields[] = {
	FIELD(drm_prime_handle, handle, BO, 0),
	FIELD(drm_prime_handle, flags, FLAGS, DRM_CLOEXEC | DRM_RDWR),
	FIELD(drm_prime_handle, fd, ZERO, 0),
};

static const struct field import_fields[] = {
	FIELD(drm_prime_handle, handle, ZERO, 0),
	FIELD(drm_prime_handle, flags, ZERO, 0),
	FIELD(drm_prime_handle, fd, DMABUF, 0),
};

static const struct field syncobj_create_fields[] = {
	FIELD(drm_syncobj_create, handle, ZERO, 0),
	FIELD(drm_syncobj_create, flags, FLAGS, DRM_SYNCOBJ_CREATE_SIGNALED),
};

static const struct field syncobj_destroy_fields[] = {
	FIELD(drm_syncobj_destroy, handle, SYNCOBJ, 0),
	FIELD(drm_syncobj_destroy, pad, ZERO, 0),
};

static const struct field handle_to_fd_fields[] = {
	FIELD(drm_syncobj_handle, handle, SYNCOBJ, 0),
	FIELD(drm_syncobj_handle, flags, FLAGS, HANDLE_FLAGS),
	FIELD(drm_syncobj_handle, fd, SYNC_FD, 0),
	FIELD(drm_syncobj_handle, pad, ZERO, 0),
	POINT_FIELD(FIELD, 4)
};

/* The core warns where a sync_file of a chain of fences goes into a point of a timeline. */
static const struct field fd_to_handle_fields[] = {
	FIELD(drm_syncobj_handle, handle, SYNCOBJ, 0),
	FIELD(drm_syncobj_handle, flags, FLAGS, HANDLE_FLAGS),
	FIELD(drm_syncobj_handle, fd, SYNC_FD, 0),
	FIELD(drm_syncobj_handle, pad, ZERO, 0),
	POINT_FIELD(FIXED, 1)
};

/*
 * The core allocates arrays for as many handles as it is told, with a warning where that
 * is more than the page allocator has, so counts are left alone.  It loses a reference
 * if TRANSFER has an unknown flag.
 */
static const struct field syncobj_wait_fields[] = {
	FIELD(drm_syncobj_wait, handles, SYNCOBJS, 0),
	FIELD(drm_syncobj_wait, timeout_nsec, TIME, 0),
	FIXED(drm_syncobj_wait, count_handles, CONST, HANDLES),
	FIELD(drm_syncobj_wait, flags, FLAGS, DRM_SYNCOBJ_WAIT_FLAGS_WAIT_ALL |
	      DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT | WAIT_DEADLINE),
	FIELD(drm_syncobj_wait, first_signaled, ZERO, 0),
	FIELD(drm_syncobj_wait, pad, ZERO, 0),
	DEADLINE_FIELD(drm_syncobj_wait)
};

static const struct field syncobj_timeline_wait_fields[] = {
	FIELD(drm_syncobj_timeline_wait, handles, SYNCOBJS, 0),
	FIELD(drm_syncobj_timeline_wait, points, POINTS, 0),
	FIELD(drm_syncobj_timeline_wait, timeout_nsec, TIME, 0),
	FIXED(drm_syncobj_timeline_wait, count_handles, CONST, HANDLES),
	FIELD(drm_syncobj_timeline_wait, flags, FLAGS, DRM_SYNCOBJ_WAIT_FLAGS_WAIT_ALL |
	      DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT | DRM_SYNCOBJ_WAIT_FLAGS_WAIT_AVAILABLE |
	      WAIT_DEADLINE),
	FIELD(drm_syncobj_timeline_wait, first_signaled, ZERO, 0),
	FIELD(drm_syncobj_timeline_wait, pad, ZERO, 0),
	DEADLINE_FIELD(drm_syncobj_timeline_wait)
};

static const struct field syncobj_array_fields[] = {
	FIELD(drm_syncobj_array, handles, SYNCOBJS, 0),
	FIXED(drm_syncobj_array, count_handles, CONST, HANDLES),
	FIELD(drm_syncobj_array, pad, ZERO, 0),
};

static const struct field syncobj_timeline_array_fields[] = {
	FIELD(drm_syncobj_timeline_array, handles, SYNCOBJS, 0),
	FIELD(drm_syncobj_timeline_array, points, POINTS, 0),
	FIXED(drm_syncobj_timeline_array, count_handles, CONST, HANDLES),
	FIELD(drm_syncobj_timeline_array, flags, ZERO, 0),
};

static const struct field syncobj_transfer_fields[] = {
	FIELD(drm_syncobj_transfer, src_handle, SYNCOBJ, 0),
	FIELD(drm_syncobj_transfer, dst_handle, SYNCOBJ, 0),
	FIELD(drm_syncobj_transfer, src_point, NUMBER, 3),
	FIELD(drm_syncobj_transfer, dst_point, NUMBER, 3),
	FIXED(drm_syncobj_transfer, flags, FLAGS, DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT),
	FIELD(drm_syncobj_transfer, pad, ZERO, 0),
};

static const struct field syncobj_eventfd_fields[] = {
	FIELD(drm_syncobj_eventfd, handle, SYNCOBJ, 0),
	FIELD(drm_syncobj_eventfd, flags, FLAGS, DRM_SYNCOBJ_WAIT_FLAGS_WAIT_AVAILABLE),
	FIELD(drm_syncobj_eventfd, point, NUMBER, 4),
	FIELD(drm_syncobj_eventfd, fd, EVENTFD, 0),
	FIELD(drm_syncobj_eventfd, pad, ZERO, 0),
};

/* Jobs */

static void fill_params(struct fuzz *fuzz, struct drm_ascdev_codec_params *params, bool open)
{
	memset(params, 0, sizeof(*params));
	params->codec = open ? below(fuzz, CODECS) : 1 + below(fuzz, 6);
	if (params->codec == DRM_ASCDEV_CODEC_ASC_CBR) {
		static const struct drm_ascdev_block blocks[] = {
			{ 4, 4, 1, 0 }, { 8, 0, 0, 0 }, { 64, 0, 0, 0 }, { 2, 4, 4, 0 },
		};

		params->block = blocks[below(fuzz, COUNT(blocks))];
		params->endpoints = 1 + below(fuzz, 2);
		params->profile = 1 + below(fuzz, 3);
		params->scale = below(fuzz, 3);
		if (params->profile != DRM_ASCDEV_PROFILE_FULL && !open)
			params->exponent = below(fuzz, 256);
	}
	if (open && one_in(fuzz, 3)) {
		if (params->codec == DRM_ASCDEV_CODEC_ASC_VBR ||
		    params->codec == DRM_ASCDEV_CODEC_AUTO) {
			if (one_in(fuzz, 2))
				params->max_error = below(fuzz, 50);
			else
				params->target_bpe = below(fuzz, 2048);
		}
		params->effort = below(fuzz, 2);
	}
	if (one_in(fuzz, 4) && params->codec != DRM_ASCDEV_CODEC_RAW &&
	    params->codec != DRM_ASCDEV_CODEC_DEFAULT)
		params->reorder = below(fuzz, 4);
}

static void fill_job(struct fuzz *fuzz, struct drm_ascdev_job *job)
{
	uint32_t c = 1 + below(fuzz, 12), h = 1 + below(fuzz, 12), w = 1 + below(fuzz, 24), i;
	uint64_t bytes, half = one_in(fuzz, 2) ? HALF : 0;

	memset(job, 0, sizeof(*job));
	fill(fuzz, job_fields, COUNT(job_fields), job);
	job->op = below(fuzz, 2);
	/* names for CANCEL */
	job->cookie = below(fuzz, COOKIES);
	describe_dense(&job->surface, below(fuzz, DTYPES), 1, c, h, w);
	bytes = dtype_bytes(job->surface.dtype);
	if (one_in(fuzz, 4)) {
		/* the order N, H, W, C */
		job->surface.stride[1] = bytes;
		job->surface.stride[3] = bytes * c;
		job->surface.stride[2] = bytes * c * w;
	}
	fill_params(fuzz, &job->params, job->op == DRM_ASCDEV_OP_COMPRESS);
	job->src = (struct drm_ascdev_range){ pick(fuzz, shared->bos, BOS), 0, half, HALF };
	job->dst = (struct drm_ascdev_range){ pick(fuzz, shared->bos, BOS), 0, HALF - half,
					      HALF - 1024 };
	if (one_in(fuzz, 2))
		job->result = (struct drm_ascdev_range){
			pick(fuzz, shared->bos, BOS), 0, BO_BYTES - 1024, 1024 };
	if (job->op == DRM_ASCDEV_OP_COMPRESS &&
	    job->params.reorder == DRM_ASCDEV_REORDER_GIVEN)
		job->order = (struct drm_ascdev_range){ pick(fuzz, shared->bos, BOS), 0,
							half, 64 };
	if (job->op == DRM_ASCDEV_OP_DECOMPRESS && one_in(fuzz, 2)) {
		for (i = 0; i < 4; i++) {
			job->part.at[i] = below(fuzz, job->surface.dim[i]);
			job->part.dim[i] = 1 + below(fuzz, job->surface.dim[i] - job->part.at[i]);
		}
	}
}

static void fill_syncs(struct fuzz *fuzz, struct drm_ascdev_job *job,
		       struct drm_ascdev_sync *syncs)
{
	unsigned int count = one_in(fuzz, 2) ? below(fuzz, MAX_SYNCS + 1) : 0, i;

	for (i = 0; i < count; i++) {
		fill(fuzz, sync_fields, COUNT(sync_fields), &syncs[i]);
		/* waits fail where nothing was submitted, so there are fewer */
		syncs[i].flags = one_in(fuzz, 8) ? 0 : DRM_ASCDEV_SYNC_SIGNAL;
		syncs[i].timeline_value = 0;
		if (one_in(fuzz, 2)) {
			syncs[i].flags |= DRM_ASCDEV_SYNC_TIMELINE;
			syncs[i].timeline_value = 1 + below(fuzz, 20);
		}
	}
	if (count)
		set_syncs(job, syncs, count);
}

static void fill_submit(struct fuzz *fuzz, void *arg)
{
	struct drm_ascdev_submit *submit = arg;
	unsigned int count = 1 + (one_in(fuzz, 3) ? below(fuzz, MAX_JOBS) : 0), i;

	for (i = 0; i < count; i++) {
		fill_job(fuzz, &fuzz->jobs[i]);
		fill_syncs(fuzz, &fuzz->jobs[i], fuzz->syncs[i]);
	}
	submit->jobs = (struct drm_ascdev_obj_array){
		sizeof(struct drm_ascdev_job), count, (uintptr_t)fuzz->jobs };
}

static void fill_query(struct fuzz *fuzz, void *arg)
{
	struct drm_ascdev_dev_query *query = arg;

	if (query->type == DRM_ASCDEV_DEV_QUERY_DEV_INFO)
		query->index = 0;
}

static void fill_ctx_create(struct fuzz *fuzz, void *arg)
{
	struct drm_ascdev_ctx_create *create = arg;

	if (one_in(fuzz, 2))
		fill_params(fuzz, &create->defaults, true);
}

/* All but a few are of one job, so that most others run. */
static void fill_cancel(struct fuzz *fuzz, void *arg)
{
	struct drm_ascdev_cancel *args = arg;

	if (one_in(fuzz, 8))
		args->flags = DRM_ASCDEV_CANCEL_ALL;
	else
		*args = (struct drm_ascdev_cancel){ .ctx = args->ctx,
						    .cookie = below(fuzz, COOKIES) };
}

/* Some names are too long. */
static void fill_label(struct fuzz *fuzz, void *arg)
{
	unsigned int length = below(fuzz, one_in(fuzz, 4) ? sizeof(fuzz->label) : 32), i;

	for (i = 0; i < length; i++)
		fuzz->label[i] = 1 + below(fuzz, 255);
	fuzz->label[length] = 0;
}

static void fill_handles(struct fuzz *fuzz, void *arg)
{
	int i;

	for (i = 0; i < HANDLES; i++) {
		fuzz->handles[i] = pick(fuzz, shared->syncobjs, SYNCOBJS);
		fuzz->points[i] = below(fuzz, 20);
	}
}

/* What came of it */

static void close_bo(uint32_t handle)
{
	struct drm_gem_close args = { .handle = handle };

	ioctl(device, DRM_IOCTL_GEM_CLOSE, &args);
}

static void done_bo_create(struct fuzz *fuzz, void *arg, int ret)
{
	const struct drm_ascdev_bo_create *create = arg;
	uint32_t old;

	if (ret)
		return;
	old = put(fuzz, shared->bos, BOS, create->handle);
	if (old)
		close_bo(old);
}

static void done_gem_close(struct fuzz *fuzz, void *arg, int ret)
{
	if (!ret)
		drop(fuzz, shared->bos, BOS, ((struct drm_gem_close *)arg)->handle);
}

static void done_syncobj_destroy(struct fuzz *fuzz, void *arg, int ret)
{
	if (!ret)
		drop(fuzz, shared->syncobjs, SYNCOBJS,
		     ((struct drm_syncobj_destroy *)arg)->handle);
}

static void done_ctx_destroy(struct fuzz *fuzz, void *arg, int ret)
{
	if (!ret)
		drop(fuzz, shared->ctxs, CTXS, ((struct drm_ascdev_ctx_destroy *)arg)->ctx);
}

static void done_import(struct fuzz *fuzz, void *arg, int ret)
{
	const struct drm_prime_handle *prime = arg;
	uint32_t old;

	if (ret)
		return;
	/* it may be there already */
	drop(fuzz, shared->bos, BOS, prime->handle);
	old = put(fuzz, shared->bos, BOS, prime->handle);
	if (old && old != prime->handle)
		close_bo(old);
}

static void done_export(struct fuzz *fuzz, void *arg, int ret)
{
	const struct drm_prime_handle *prime = arg;

	if (!ret)
		put_fd(fuzz, dmabufs, prime->fd);
}

static void done_syncobj_create(struct fuzz *fuzz, void *arg, int ret)
{
	const struct drm_syncobj_create *create = arg;
	struct drm_syncobj_destroy destroy = { 0 };

	if (ret)
		return;
	destroy.handle = put(fuzz, shared->syncobjs, SYNCOBJS, create->handle);
	if (destroy.handle)
		ioctl(device, DRM_IOCTL_SYNCOBJ_DESTROY, &destroy);
}

static void done_handle_to_fd(struct fuzz *fuzz, void *arg, int ret)
{
	const struct drm_syncobj_handle *handle = arg;

	if (!ret)
		put_fd(fuzz, sync_fds, handle->fd);
}

static void done_fd_to_handle(struct fuzz *fuzz, void *arg, int ret)
{
	const struct drm_syncobj_handle *handle = arg;
	struct drm_syncobj_create create = { .handle = handle->handle };

	/* a sync_file goes into a syncobj that is there */
	if (!ret && !handle->flags)
		done_syncobj_create(fuzz, &create, 0);
}

static void done_ctx_create(struct fuzz *fuzz, void *arg, int ret)
{
	const struct drm_ascdev_ctx_create *create = arg;
	struct drm_ascdev_ctx_destroy destroy = { 0 };

	if (ret)
		return;
	destroy.ctx = put(fuzz, shared->ctxs, CTXS, create->ctx);
	if (destroy.ctx)
		ioctl(device, DRM_IOCTL_ASCDEV_CTX_DESTROY, &destroy);
}

static void done_submit(struct fuzz *fuzz, void *arg, int ret)
{
	const struct drm_ascdev_submit *submit = arg;

	if (!ret)
		__atomic_fetch_add(&shared->queued, submit->jobs.count, __ATOMIC_RELAXED);
}

#define CALL(request, fields) #request, request, fields, COUNT(fields)

static const struct call calls[] = {
	{ CALL(DRM_IOCTL_ASCDEV_SUBMIT, submit_fields), fill_submit, done_submit, false, 40,
	  { EINVAL, ENOENT, E2BIG, EBUSY, EOVERFLOW, ENOSPC, EIO, EDQUOT, EOPNOTSUPP } },
	{ CALL(DRM_IOCTL_ASCDEV_BO_CREATE, bo_create_fields), NULL, done_bo_create, false, 12,
	  { EINVAL, E2BIG } },
	{ CALL(DRM_IOCTL_ASCDEV_BO_MMAP_OFFSET, bo_mmap_offset_fields), NULL, NULL, false, 4,
	  { EINVAL, ENOENT } },
	{ CALL(DRM_IOCTL_ASCDEV_BO_WAIT, bo_wait_fields), NULL, NULL, false, 4,
	  { EINVAL, ENOENT, ETIME } },
	{ CALL(DRM_IOCTL_ASCDEV_BO_SET_LABEL, bo_set_label_fields), fill_label, NULL, false, 3,
	  { EINVAL, ENOENT, E2BIG } },
	{ CALL(DRM_IOCTL_ASCDEV_DEV_QUERY, query_fields), fill_query, NULL, false, 2,
	  { EINVAL, ENOENT, E2BIG } },
	{ CALL(DRM_IOCTL_ASCDEV_CTX_CREATE, ctx_create_fields), fill_ctx_create, done_ctx_create,
	  false, 3, { EINVAL, EACCES, ENOSPC } },
	{ CALL(DRM_IOCTL_ASCDEV_CTX_DESTROY, ctx_destroy_fields), NULL, done_ctx_destroy, false, 1,
	  { EINVAL, ENOENT } },
	{ CALL(DRM_IOCTL_ASCDEV_CTX_GET_STATE, ctx_get_state_fields), NULL, NULL, false, 2,
	  { EINVAL, ENOENT } },
	{ CALL(DRM_IOCTL_ASCDEV_CANCEL, cancel_fields), fill_cancel, NULL, false, 4,
	  { EINVAL, ENOENT } },
	{ CALL(DRM_IOCTL_GET_CAP, get_cap_fields), NULL, NULL, false, 1, { EINVAL, EOPNOTSUPP } },
	{ CALL(DRM_IOCTL_GEM_CLOSE, gem_close_fields), NULL, done_gem_close, false, 3,
	  { EINVAL } },
	{ CALL(DRM_IOCTL_GEM_FLINK, gem_flink_fields), NULL, NULL, true, 1, { EACCES } },
	{ CALL(DRM_IOCTL_GEM_OPEN, gem_open_fields), NULL, NULL, true, 1, { EACCES } },
	{ CALL(DRM_IOCTL_MODE_CREATE_DUMB, dumb_fields), NULL, NULL, true, 1, { EACCES } },
	{ CALL(DRM_IOCTL_PRIME_HANDLE_TO_FD, export_fields), NULL, done_export, false, 4,
	  { EINVAL, ENOENT, EMFILE } },
	{ CALL(DRM_IOCTL_PRIME_FD_TO_HANDLE, import_fields), NULL, done_import, false, 4,
	  { EINVAL, EBADF } },
	{ CALL(DRM_IOCTL_SYNCOBJ_CREATE, syncobj_create_fields), NULL, done_syncobj_create, false,
	  4, { EINVAL } },
	{ CALL(DRM_IOCTL_SYNCOBJ_DESTROY, syncobj_destroy_fields), NULL, done_syncobj_destroy,
	  false, 1, { EINVAL } },
	{ CALL(DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD, handle_to_fd_fields), NULL, done_handle_to_fd,
	  false, 3, { EINVAL, ENOENT, EMFILE } },
	{ CALL(DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE, fd_to_handle_fields), NULL, done_fd_to_handle,
	  false, 3, { EINVAL, ENOENT, EBADF } },
	{ CALL(DRM_IOCTL_SYNCOBJ_WAIT, syncobj_wait_fields), fill_handles, NULL, false, 2,
	  { EINVAL, ENOENT, ETIME } },
	{ CALL(DRM_IOCTL_SYNCOBJ_TIMELINE_WAIT, syncobj_timeline_wait_fields), fill_handles, NULL,
	  false, 2, { EINVAL, ENOENT, ETIME } },
	{ CALL(DRM_IOCTL_SYNCOBJ_RESET, syncobj_array_fields), fill_handles, NULL, false, 1,
	  { EINVAL, ENOENT } },
	{ CALL(DRM_IOCTL_SYNCOBJ_SIGNAL, syncobj_array_fields), fill_handles, NULL, false, 2,
	  { EINVAL, ENOENT } },
	{ CALL(DRM_IOCTL_SYNCOBJ_TIMELINE_SIGNAL, syncobj_timeline_array_fields), fill_handles,
	  NULL, false, 2, { EINVAL, ENOENT } },
	{ CALL(DRM_IOCTL_SYNCOBJ_QUERY, syncobj_timeline_array_fields), fill_handles, NULL, false,
	  2, { EINVAL, ENOENT } },
	{ CALL(DRM_IOCTL_SYNCOBJ_TRANSFER, syncobj_transfer_fields), NULL, NULL, false, 2,
	  { EINVAL, ENOENT, ETIME } },
	{ CALL(DRM_IOCTL_SYNCOBJ_EVENTFD, syncobj_eventfd_fields), NULL, NULL, false, 2,
	  { EINVAL, ENOENT, EBADF } },
};

static const struct call *pick_call(struct fuzz *fuzz)
{
	unsigned int total = 0, i;
	uint64_t at;

	for (i = 0; i < COUNT(calls); i++)
		total += calls[i].weight;
	at = below(fuzz, total);
	for (i = 0; at >= calls[i].weight; i++)
		at -= calls[i].weight;
	return &calls[i];
}

static bool is_expected(const struct call *call, int error)
{
	unsigned int i;

	if (error == EFAULT || error == ENOMEM || error == EINTR)
		return true;
	for (i = 0; i < COUNT(call->errors); i++) {
		if (error == call->errors[i])
			return true;
	}
	return false;
}

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void fuzz_one(struct fuzz *fuzz)
{
	const struct call *call = pick_call(fuzz);
	unsigned int which = call - calls, size = _IOC_SIZE(call->request), spoiled = 0;
	uint64_t storage[16] = { 0 };
	void *arg = storage;
	int ret;

	if (size > sizeof(storage))
		abort();
	fuzz->part_count = 0;
	fill(fuzz, call->fields, call->field_count, arg);
	if (call->fill)
		call->fill(fuzz, arg);
	if (one_in(fuzz, 3)) {
		do {
			spoil(fuzz);
			spoiled++;
		} while (one_in(fuzz, 2));
	}
	/* where one is mapped all of it is in memory, and no quota counts that */
	if (call->request == DRM_IOCTL_ASCDEV_BO_CREATE && storage[0] > MAX_BO_BYTES &&
	    storage[0] <= 2ull << 30)
		storage[0] = MAX_BO_BYTES;
	if (one_in(fuzz, 64)) {
		/* some of it in a page that is not there, or all of it */
		arg = fuzz->guard + 4096 - below(fuzz, size + 1);
		memcpy(arg, storage, min_size(size, fuzz->guard + 4096 - (uint8_t *)arg));
	} else if (one_in(fuzz, 64)) {
		arg = (uint8_t *)fuzz->buffer + 1 + below(fuzz, 7);
		memcpy(arg, storage, size);
	} else if (one_in(fuzz, 64)) {
		arg = nowhere(fuzz);
	}
	ret = ioctl(device, call->request, arg) ? errno : 0;
	__atomic_fetch_add(&shared->calls[which], 1, __ATOMIC_RELAXED);
	if (!ret)
		__atomic_fetch_add(&shared->worked[which], 1, __ATOMIC_RELAXED);
	if ((!ret && call->never) || (ret && !is_expected(call, ret))) {
		/* a few are enough */
		if (__atomic_fetch_add(&shared->surprises, 1, __ATOMIC_RELAXED) < 10)
			printf("# %s: %s, %u fields spoiled\n", call->name, strerror(ret),
			       spoiled);
		fflush(stdout);
	}
	/* what came back is looked at only where it is where it belongs */
	if (call->done && (arg == storage || call->request == DRM_IOCTL_ASCDEV_SUBMIT))
		call->done(fuzz, storage, ret);
}

/* Interrupts what sleeps. */
static void wake(int signal)
{
}

static timer_t start_waking(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1 };
	struct itimerspec often = { { 0, 7000000 }, { 0, 7000000 } };
	timer_t timer;

	event._sigev_un._tid = syscall(SYS_gettid);
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) ||
	    timer_settime(timer, 0, &often, NULL))
		abort();
	return timer;
}

static bool is_over(void)
{
	return __atomic_load_n(&shared->stop, __ATOMIC_RELAXED) || (end_ns && now_ns() > end_ns);
}

static void *run_thread(void *seed)
{
	struct fuzz *fuzz = calloc(1, sizeof(*fuzz));
	timer_t timer = start_waking();
	int left = CALLS_EACH;

	if (!fuzz)
		abort();
	fuzz->random = 0x9e3779b97f4a7c15ull * ((uintptr_t)seed + 1);
	fuzz->guard = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	fuzz->readonly = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (fuzz->guard == MAP_FAILED || fuzz->readonly == MAP_FAILED ||
	    mprotect(fuzz->guard + 4096, 4096, PROT_NONE))
		abort();
	while (end_ns ? !is_over() : left-- > 0)
		fuzz_one(fuzz);
	timer_delete(timer);
	munmap(fuzz->guard, 8192);
	munmap(fuzz->readonly, 4096);
	free(fuzz);
	return NULL;
}

/* Writes into the memory of jobs, by way of either mapping. */
static void disturb_memory(struct fuzz *fuzz)
{
	struct drm_ascdev_bo_mmap_offset args = { .handle = pick(fuzz, shared->bos, BOS) };
	uint8_t *memory = MAP_FAILED;
	int i;

	if (one_in(fuzz, 3))
		memory = mmap(NULL, BO_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
			      pick_fd(fuzz, dmabufs), 0);
	else if (!ioctl(device, DRM_IOCTL_ASCDEV_BO_MMAP_OFFSET, &args))
		memory = mmap(NULL, BO_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, device,
			      args.offset);
	if (memory == MAP_FAILED)
		return;
	for (i = 0; i < 400; i++)
		memory[below(fuzz, one_in(fuzz, 2) ? 256 : BO_BYTES)] = next(fuzz);
	munmap(memory, BO_BYTES);
}

static void disturb_dmabuf(struct fuzz *fuzz)
{
	struct dma_buf_sync sync = { .flags = below(fuzz, 8) };
	struct dma_buf_export_sync_file args = { .flags = DMA_BUF_SYNC_RW, .fd = -1 };
	int fd = pick_fd(fuzz, dmabufs);

	ioctl(fd, DMA_BUF_IOCTL_SYNC, &sync);
	if (!ioctl(fd, DMA_BUF_IOCTL_EXPORT_SYNC_FILE, &args))
		put_fd(fuzz, sync_fds, args.fd);
}

static void write_attribute(const char *name, const char *value)
{
	char path[160];
	int fd;

	snprintf(path, sizeof(path), SYSFS_DEVICE "/%s", device_minor, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	/* what is refused is refused */
	if (write(fd, value, strlen(value)) < 0)
		errno = 0;
	close(fd);
}

static void disturb_device(struct fuzz *fuzz)
{
	static const char * const engines[] = { "1", "2", "3", "8", "9", "x" };
	static const char * const codecs[] = { "asc-cbr", "asc-vbr", "ebpc", "zvc", "none" };
	static const char * const pinned[] = { "0", "1000000", "4000000", "1000000000", "-1" };
	static const char * const files[] = { "bos", "clients", "contexts", "engines", "queues" };
	char path[160], text[512];
	int fd;

	write_attribute("engines", engines[below(fuzz, COUNT(engines))]);
	write_attribute("defaults/codec", codecs[below(fuzz, COUNT(codecs))]);
	write_attribute("max_pinned_bytes", pinned[below(fuzz, COUNT(pinned))]);
	snprintf(path, sizeof(path), "/sys/kernel/debug/accel/" FIRST_DEVICE "/%s",
		 files[below(fuzz, COUNT(files))]);
	if (one_in(fuzz, 2))
		snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", device);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	while (read(fd, text, sizeof(text)) > 0)
		;
	close(fd);
}

/* Somebody else, for a moment. */
static void disturb_file(struct fuzz *fuzz)
{
	char path[64];
	int fd, dmabuf = pick_fd(fuzz, dmabufs);
	struct small_job small;

	snprintf(path, sizeof(path), "/dev/accel/accel%d", device_minor);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	import_dmabuf(fd, dmabuf);
	if (make_small_job(fd, &small)) {
		if (!submit_jobs(fd, &small.job, 1))
			__atomic_fetch_add(&shared->queued, 1, __ATOMIC_RELAXED);
		munmap(small.surface, SMALL_BYTES);
		munmap(small.payload, SMALL_PAYLOAD);
		munmap(small.record, 4096);
	}
	close(fd);
}

static void *disturb(void *seed)
{
	struct fuzz fuzz = { .random = 0xd1b54a32d192ed03ull * ((uintptr_t)seed + 1) };

	while (!is_over()) {
		switch (below(&fuzz, 16)) {
		case 0:
			disturb_device(&fuzz);
			break;
		case 1:
			disturb_file(&fuzz);
			break;
		case 2 ... 4:
			disturb_dmabuf(&fuzz);
			break;
		default:
			disturb_memory(&fuzz);
		}
	}
	return NULL;
}

/* A dma-buf of vgem, or -1. */
static int foreign_buffer(void)
{
	struct drm_mode_create_dumb dumb = { .width = 64, .height = BO_BYTES / 256, .bpp = 32 };
	int vgem = open_vgem(), dmabuf = -1;

	if (vgem >= 0 && !do_ioctl(vgem, DRM_IOCTL_MODE_CREATE_DUMB, &dumb))
		dmabuf = export_dmabuf(vgem, dumb.handle);
	if (vgem >= 0)
		close(vgem);
	return dmabuf;
}

static int run_process(uint64_t seed)
{
	pthread_t threads[THREADS], other;
	struct sigaction action = { .sa_handler = wake };
	int i;

	sigaction(SIGUSR1, &action, NULL);
	for (i = 0; i < FDS; i++) {
		dmabufs[i] = -1;
		sync_fds[i] = -1;
	}
	odd_fds[0] = -1;
	odd_fds[1] = device;
	odd_fds[2] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	odd_fds[3] = memfd_create("fuzz", MFD_CLOEXEC);
	/* so that it can be mapped and read like a buffer object */
	if (ftruncate(odd_fds[3], BO_BYTES))
		return 1;
	odd_fds[4] = foreign_buffer();
	for (i = 0; i < THREADS; i++) {
		if (pthread_create(&threads[i], NULL, run_thread,
				   (void *)(uintptr_t)(seed * 16 + i)))
			return 1;
	}
	if (pthread_create(&other, NULL, disturb, (void *)(uintptr_t)(seed * 16 + THREADS)))
		return 1;
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	/* the last to end is not alone, but nobody waits for it long */
	__atomic_store_n(&shared->stop, true, __ATOMIC_RELAXED);
	pthread_join(other, NULL);
	return 0;
}

static uint64_t from_environment(const char *name, uint64_t value)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : value;
}

/* A job whose payload is known. */
static bool works_as_before(const uint8_t *expected, uint8_t *payload)
{
	struct small_job small;
	int fd = open_node(NULL);
	bool ok = fd >= 0 && make_small_job(fd, &small) && !submit_jobs(fd, &small.job, 1) &&
		  !wait_bo(fd, small.result, 60000) &&
		  small.record->status == DRM_ASCDEV_STATUS_DONE;

	if (ok && payload)
		memcpy(payload, small.payload, SMALL_PAYLOAD);
	if (ok && expected)
		ok = !memcmp(expected, small.payload, SMALL_PAYLOAD);
	if (fd >= 0)
		close(fd);
	return ok;
}

FIXTURE(fuzz)
{
};

FIXTURE_SETUP(fuzz)
{
}

FIXTURE_TEARDOWN(fuzz)
{
}

TEST_F(fuzz, tables_name_every_byte)
{
	unsigned int bytes = 0, i;

	for (i = 0; i < COUNT(job_fields); i++)
		bytes += job_fields[i].bytes;
	EXPECT_EQ(sizeof(struct drm_ascdev_job), bytes);
	for (i = 0; i < COUNT(calls); i++) {
		unsigned int k;

		if (calls[i].request == DRM_IOCTL_MODE_CREATE_DUMB)
			continue;
		for (k = 0, bytes = 0; k < calls[i].field_count; k++)
			bytes += calls[i].fields[k].bytes;
		EXPECT_EQ((_IOC_SIZE(calls[i].request) + 7) & ~7u, (bytes + 7) & ~7u)
			TH_LOG("%s", calls[i].name);
	}
}

/* A day at most. */
TEST_F_TIMEOUT(fuzz, ioctls, 86400)
{
	uint64_t seed = from_environment("ASCDEV_FUZZ_SEED", 1);
	uint64_t seconds = from_environment("ASCDEV_FUZZ_SECONDS", UINT64_MAX);
	static uint8_t expected[SMALL_PAYLOAD];
	char dir[128], max_pinned[32];
	pid_t children[PROCESSES];
	long long submitted;
	unsigned int i;
	int status;

	device = open_node(&device_minor);
	if (device < 0)
		SKIP(return, "no device");
	ASSERT_TRUE(works_as_before(NULL, expected));
	submitted = read_stat(device_minor, "jobs_submitted");
	snprintf(dir, sizeof(dir), SYSFS_DEVICE "/", device_minor);
	read_line(dir, "max_pinned_bytes", max_pinned, sizeof(max_pinned));
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	ASSERT_NE(MAP_FAILED, shared);
	if (seconds != UINT64_MAX)
		end_ns = seconds ? now_ns() + seconds * 1000000000ll : INT64_MAX;
	for (i = 0; i < BOS; i++)
		shared->bos[i] = create_bo(device, BO_BYTES);
	for (i = 0; i < SYNCOBJS; i++)
		shared->syncobjs[i] = create_syncobj(device);
	printf("# ASCDEV_FUZZ_SEED=%llu\n", (unsigned long long)seed);
	fflush(stdout);
	for (i = 0; i < PROCESSES; i++) {
		children[i] = fork();
		ASSERT_LE(0, children[i]);
		if (!children[i])
			_exit(run_process(seed * PROCESSES + i));
	}
	for (i = 0; i < PROCESSES; i++) {
		ASSERT_EQ(children[i], waitpid(children[i], &status, 0));
		EXPECT_EQ(0, status);
	}
	close(device);
	write_attribute("engines", "1");
	write_attribute("defaults/codec", "asc-cbr");
	write_attribute("max_pinned_bytes", max_pinned);

	for (i = 0; i < COUNT(calls); i++) {
		printf("# %-36s %8llu calls, %8llu worked\n", calls[i].name,
		       (unsigned long long)shared->calls[i],
		       (unsigned long long)shared->worked[i]);
		/* otherwise the table is wrong */
		EXPECT_TRUE(calls[i].never || shared->worked[i]) TH_LOG("%s", calls[i].name);
	}
	fflush(stdout);
	EXPECT_EQ(0, shared->surprises);
	EXPECT_TRUE(stats_balance(device_minor));
	EXPECT_EQ(submitted + (long long)shared->queued, read_stat(device_minor, "jobs_submitted"));
	EXPECT_TRUE(works_as_before(expected, NULL));
}

TEST_HARNESS_MAIN
