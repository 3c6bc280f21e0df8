/* SPDX-License-Identifier: MIT */
#ifndef ASCDEV_INTERNAL_H
#define ASCDEV_INTERNAL_H

#include <pthread.h>
#include <stdbool.h>

#include "ascdev.h"
#include "codec.h"

#define MAX_WAIT_FENCES	8

enum job_op { JOB_COMPRESS, JOB_DECOMPRESS };

enum job_state {
	JOB_NEW,	/* nothing to do yet */
	JOB_READY,	/* set up, never submitted since */
	JOB_IN_FLIGHT,
	JOB_ENDED,
};

struct ascdev_buf {
	struct ascdev_ctx *ctx;
	uint64_t bytes;
	void *address;		/* NULL until it is mapped; protected by ctx->lock */
	uint32_t handle;	/* of the device */
	uint64_t object_bytes;	/* size of the device's object */
};

struct ascdev_job {
	struct ascdev_ctx *ctx;
	enum job_state state;
	bool listed;		/* while ascdev_submit() looks at a list of jobs */
	enum job_op op;
	struct ascdev_params params;
	struct ascdev_surface surface;
	struct ascdev_buf *src, *dst;
	uint64_t src_offset, dst_offset;
	bool has_part;
	struct ascdev_part part;	/* of the surface, if there is one */
	struct ascdev_buf *order;	/* copy of params.order, or NULL */
	int wait_fences[MAX_WAIT_FENCES];
	uint32_t wait_count;

	int error;			/* once ended */
	struct ascdev_result result;	/* once ended */

	struct ascdev_buf *record;	/* the device's result record */
	uint64_t point;			/* on the context's timeline */
};

/* One way to run jobs.  All functions return 0 or a negative errno. */
struct backend {
	uint32_t id;
	void (*close)(struct ascdev_ctx *ctx);
	int (*buf_alloc)(struct ascdev_buf *buf);
	int (*buf_map)(struct ascdev_buf *buf);		/* with ctx->lock held */
	int (*buf_wait)(struct ascdev_buf *buf, int64_t timeout_ns);
	void (*buf_free)(struct ascdev_buf *buf);
	int (*job_init)(struct ascdev_job *job);
	int (*submit)(struct ascdev_ctx *ctx, struct ascdev_job *const *jobs, uint32_t count,
		      uint32_t *accepted);
	/* sets job->error and job->result when the job has ended, else -ETIME */
	int (*wait)(struct ascdev_job *job, int64_t timeout_ns);
	int (*get_fence)(struct ascdev_job *job);
};

/* Scratch memory of a job in process. */
struct workspace {
	struct workspace *next;
	struct fmc_workspace codec;
};

struct ascdev_ctx {
	const struct backend *backend;
	int fallback_reason;
	struct ascdev_caps caps;
	pthread_mutex_t lock;		/* protects all below */
	struct ascdev_stats stats;
	char message[256];

	int fd;				/* device node; not changed after opening */
	uint32_t timeline;		/* syncobj; not changed after opening */
	uint32_t max_jobs;		/* in one SUBMIT; not changed after opening */
	uint64_t last_point;		/* of the timeline */

	struct workspace *workspaces;	/* in process: those that no job uses */
};

/* Record a failure on a context; returns code. */
int ctx_fail(struct ascdev_ctx *ctx, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Copy a structure that begins with its size, either way, by the rules of ascdev.h. */
int struct_from_user(void *to, size_t size, size_t min_size, const void *from);
int struct_to_user(void *to, const void *from, size_t size);

int params_from_user(struct ascdev_params *to, const struct ascdev_params *from);
/* Clear what only encoders look at. */
void params_for_decoder(struct ascdev_params *params);
void codec_surface(struct fmc_surface *to, const struct ascdev_surface *from);
int codec_params(struct fmc_params *to, const struct ascdev_params *from);
/* What DEFAULT means in process. */
void params_for_software(struct fmc_params *params);
/* As fmc_bound(); of the device's defaults, what they are likely to give at most. */
int params_bound(const struct fmc_surface *surface, const struct fmc_params *params,
		 uint64_t *bytes);

/* A checked job. */
struct job_plan {
	struct fmc_surface surface;
	struct fmc_params params;
	struct fmc_part part;
	uint64_t src_bytes;	/* bytes that may be read */
	uint64_t dst_bytes;	/* bytes that may be written */
};

int job_check(const struct ascdev_job *job, struct job_plan *plan);

/* Open a device node.  Returns a file descriptor; fills in what it learns. */
int device_open(const char *node, struct ascdev_device_info *info);
int device_find(struct ascdev_device_info *info);

int hw_open(struct ascdev_ctx *ctx, const struct ascdev_device_info *info, int fd);
extern const struct backend sw_backend;
void sw_open(struct ascdev_ctx *ctx);

/* An absolute time of CLOCK_MONOTONIC; 0 for no wait. */
int64_t deadline_ns(int64_t timeout_ns);

#endif
