/* SPDX-License-Identifier: MIT */
/*
 * The structures of the ioctls, field by field: what a field means, so that it can be
 * filled with sense and with nonsense.
 */
#ifndef ASCDEV_FIELDS_H
#define ASCDEV_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <drm/ascdev_accel.h>

/**
 * enum field_kind - what a field means
 * @FIELD_ZERO: must be zero, or is set by the kernel
 * @FIELD_NUMBER: below @max
 * @FIELD_FLAGS: a subset of @max
 * @FIELD_CONST: @max
 * @FIELD_BO: a buffer object
 * @FIELD_SYNCOBJ: a syncobj
 * @FIELD_CTX: a context
 * @FIELD_DMABUF: a file descriptor of a dma-buf, or of something else
 * @FIELD_SYNC_FD: likewise, of a syncobj or a sync_file
 * @FIELD_EVENTFD: likewise, of an eventfd
 * @FIELD_TIME: an absolute time
 * @FIELD_BYTES: a size of memory
 * @FIELD_BUFFER: address of memory that the kernel writes
 * @FIELD_STRING: address of a name
 * @FIELD_SYNCOBJS: address of an array of HANDLES syncobjs
 * @FIELD_POINTS: address of an array of HANDLES points
 * @FIELD_JOB: filled by who makes the job
 */
enum field_kind {
	FIELD_ZERO,
	FIELD_NUMBER,
	FIELD_FLAGS,
	FIELD_CONST,
	FIELD_BO,
	FIELD_SYNCOBJ,
	FIELD_CTX,
	FIELD_DMABUF,
	FIELD_SYNC_FD,
	FIELD_EVENTFD,
	FIELD_TIME,
	FIELD_BYTES,
	FIELD_BUFFER,
	FIELD_STRING,
	FIELD_SYNCOBJS,
	FIELD_POINTS,
	FIELD_JOB,
};

/**
 * struct field - a field of a structure
 * @name: its name
 * @offset: where it is
 * @bytes: its size: 2, 4 or 8
 * @kind: one of enum field_kind
 * @fixed: is never spoilt, for the DRM core does not survive it
 * @max: see enum field_kind
 */
struct field {
	const char *name;
	uint16_t offset;
	uint8_t bytes;
	uint8_t kind;
	bool fixed;
	uint64_t max;
};

#define FIELD(type, member, kind, max)							\
	{ #member, offsetof(struct type, member), sizeof(((struct type *)0)->member),	\
	  FIELD_##kind, false, max }
#define FIXED(type, member, kind, max)							\
	{ #member, offsetof(struct type, member), sizeof(((struct type *)0)->member),	\
	  FIELD_##kind, true, max }
#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

#define PARAM_FIELDS(type, member, kind)						\
	FIELD(type, member.codec, kind, 8), FIELD(type, member.endpoints, kind, 3),	\
	FIELD(type, member.scale, kind, 3), FIELD(type, member.profile, kind, 4),	\
	FIELD(type, member.effort, kind, 2), FIELD(type, member.zero_point, kind, 16),	\
	FIELD(type, member.max_error, kind, 2), FIELD(type, member.target_bpe, kind, 1), \
	FIELD(type, member.reorder, kind, 3), FIELD(type, member.exponent, kind, 1),	\
	FIELD(type, member.block.w, kind, 1), FIELD(type, member.block.h, kind, 1),	\
	FIELD(type, member.block.c, kind, 1), FIELD(type, member.block.pad, ZERO, 0)

#define RANGE_FIELDS(type, member)							\
	FIELD(type, member.handle, JOB, 0), FIELD(type, member.pad, ZERO, 0),		\
	FIELD(type, member.offset, JOB, 0), FIELD(type, member.size, JOB, 0)

#define FOUR_FIELDS(type, member)							\
	FIELD(type, member[0], JOB, 0), FIELD(type, member[1], JOB, 0),			\
	FIELD(type, member[2], JOB, 0), FIELD(type, member[3], JOB, 0)

static const struct field job_fields[] = {
	FIELD(drm_ascdev_job, op, JOB, 0),
	FIELD(drm_ascdev_job, flags, ZERO, 0),
	FIELD(drm_ascdev_job, cookie, JOB, 0),
	FIELD(drm_ascdev_job, surface.dtype, JOB, 0),
	FIELD(drm_ascdev_job, surface.pad, ZERO, 0),
	FOUR_FIELDS(drm_ascdev_job, surface.dim),
	FOUR_FIELDS(drm_ascdev_job, surface.stride),
	FOUR_FIELDS(drm_ascdev_job, part.at),
	FOUR_FIELDS(drm_ascdev_job, part.dim),
	PARAM_FIELDS(drm_ascdev_job, params, JOB),
	RANGE_FIELDS(drm_ascdev_job, src),
	RANGE_FIELDS(drm_ascdev_job, dst),
	RANGE_FIELDS(drm_ascdev_job, order),
	RANGE_FIELDS(drm_ascdev_job, result),
	FIELD(drm_ascdev_job, syncs.stride, JOB, 0),
	FIELD(drm_ascdev_job, syncs.count, JOB, 0),
	FIELD(drm_ascdev_job, syncs.array, JOB, 0),
};

static const struct field sync_fields[] = {
	FIELD(drm_ascdev_sync, flags, JOB, 0),
	FIELD(drm_ascdev_sync, handle, SYNCOBJ, 0),
	FIELD(drm_ascdev_sync, timeline_value, JOB, 0),
};

static const struct field submit_fields[] = {
	FIELD(drm_ascdev_submit, flags, FLAGS, DRM_ASCDEV_SUBMIT_WAIT),
	FIELD(drm_ascdev_submit, ctx, CTX, 0),
	FIELD(drm_ascdev_submit, jobs.stride, JOB, 0),
	FIELD(drm_ascdev_submit, jobs.count, JOB, 0),
	FIELD(drm_ascdev_submit, jobs.array, JOB, 0),
};

static const struct field cancel_fields[] = {
	FIELD(drm_ascdev_cancel, ctx, CTX, 0),
	FIELD(drm_ascdev_cancel, flags, FLAGS, DRM_ASCDEV_CANCEL_ALL),
	FIELD(drm_ascdev_cancel, cookie, JOB, 0),
	FIELD(drm_ascdev_cancel, cancelled, ZERO, 0),
	FIELD(drm_ascdev_cancel, pad, ZERO, 0),
};

static const struct field bo_set_label_fields[] = {
	FIELD(drm_ascdev_bo_set_label, handle, BO, 0),
	FIELD(drm_ascdev_bo_set_label, pad, ZERO, 0),
	FIELD(drm_ascdev_bo_set_label, label, STRING, 0),
};

static inline void write_field(const struct field *field, void *structure, uint64_t value)
{
	uint8_t *at = (uint8_t *)structure + field->offset;

	if (field->bytes == 2)
		*(uint16_t *)at = value;
	else if (field->bytes == 4)
		*(uint32_t *)at = value;
	else
		*(uint64_t *)at = value;
}

/* The limits of integers of all sizes, each with its neighbours. */
static inline uint64_t boundary(unsigned int i)
{
	static const uint64_t edges[] = {
		0, 1ull << 8, 1ull << 12, 1ull << 15, 1ull << 16, 1ull << 28, 1ull << 31,
		1ull << 32, 1ull << 63,
	};

	return edges[i / 3 % COUNT(edges)] + i % 3 - 1;
}

#define BOUNDARIES	27

#endif
