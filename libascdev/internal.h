/* SPDX-License-Identifier: MIT */
#ifndef ASCDEV_INTERNAL_H
#define ASCDEV_INTERNAL_H

#include <pthread.h>
#include <stdbool.h>

#include "ascdev.h"
#include "codec.h"
#include "list.h"

#define MAX_SYNCS	8	/* waits, and likewise signals, of a job */
#define MAX_THREADS	256

enum job_op { JOB_COMPRESS, JOB_DECOMPRESS };

enum job_state {
	JOB_NEW,	/* nothing to do yet */
	JOB_READY,	/* set up, not submitted since */
	JOB_IN_FLIGHT,
	JOB_DONE,	/* has ended; nobody has been told */
	JOB_ENDED,
};

enum buf_kind {
	BUF_OWN,	/* allocated */
	BUF_DMABUF,	/* imported */
	BUF_USER,	/* the caller's memory */
};

struct ascdev_buf {
	struct ascdev_ctx *ctx;
	enum buf_kind kind;
	uint64_t bytes;
	struct list node;	/* in ctx->bufs */
	/* protected by ctx->lock: */
	uint32_t refs;
	uint32_t maps;		/* ascdev_buf_map() without ascdev_buf_unmap() */
	uint32_t users;		/* jobs in flight, in process */
	void *address;		/* NULL while it is not mapped */

	int dmabuf;		/* a descriptor of our own, or -1 */
	uint64_t inode;		/* of the dma-buf, in process */
	uint32_t handle;	/* of the device */
	uint64_t object_bytes;	/* size of the device's object */
};

/* A checked job. */
struct job_plan {
	struct fmc_surface surface;
	struct fmc_params params;
	struct fmc_part part;
	uint64_t src_bytes;	/* bytes that may be read */
	uint64_t dst_bytes;	/* bytes that may be written */
};

struct sync_point {
	uint32_t handle;
	uint64_t point;
};

struct ascdev_job {
	struct ascdev_ctx *ctx;
	/* protected by ctx->lock: */
	enum job_state state;
	struct list node;	/* of jobs in flight, or of those that are done */
	bool queued;		/* in the pool, and no thread has it */

	bool is_private;	/* not for ascdev_reap() */
	uint64_t cookie;
	enum job_op op;
	struct ascdev_params params;
	struct ascdev_surface surface;
	struct ascdev_buf *src, *dst;
	uint64_t src_offset, dst_offset;
	bool has_part;
	struct ascdev_part part;	/* of the surface, if there is one */
	struct ascdev_buf *order;	/* copy of params.order, or NULL */
	int fences[MAX_SYNCS];
	uint32_t fence_count;
	struct sync_point waits[MAX_SYNCS], signals[MAX_SYNCS];
	uint32_t wait_count, signal_count;

	struct job_plan plan;		/* in process, while in flight */
	int error;			/* once done */
	struct ascdev_result result;	/* once done */

	struct ascdev_buf *record;	/* the device's result record */
	uint64_t point;			/* on the context's timeline */
};

/* One way to run jobs.  All functions return 0 or a negative errno. */
struct backend {
	uint32_t id;
	void (*close)(struct ascdev_ctx *ctx);
	int (*buf_alloc)(struct ascdev_buf *buf);
	/* the next five with ctx->lock held */
	int (*buf_import)(struct ascdev_ctx *ctx, int fd, struct ascdev_buf *buf,
			  struct ascdev_buf **known);
	int (*buf_map)(struct ascdev_buf *buf);
	void (*buf_unmap)(struct ascdev_buf *buf);
	void (*buf_free)(struct ascdev_buf *buf);
	/* makes ended jobs of job_done() those that have ended */
	void (*collect)(struct ascdev_ctx *ctx);
	int (*buf_export)(struct ascdev_buf *buf);
	int (*buf_wait)(struct ascdev_buf *buf, int64_t timeout_ns);
	int (*job_init)(struct ascdev_job *job);
	/* calls job_begin() for each that it accepts */
	int (*submit)(struct ascdev_ctx *ctx, struct ascdev_job *const *jobs, uint32_t count,
		      uint32_t *accepted);
	/* until it may be collected, else -ETIME */
	int (*wait)(struct ascdev_job *job, int64_t timeout_ns);
	int (*cancel)(struct ascdev_job *job);		/* with ctx->lock held */
	int (*get_fence)(struct ascdev_job *job);
	int (*open_syncobj)(struct ascdev_ctx *ctx, int fd, uint32_t *handle);
	void (*close_syncobj)(struct ascdev_ctx *ctx, uint32_t handle);
};

/* Scratch memory of a job in process. */
struct workspace {
	struct workspace *next;
	struct fmc_workspace codec;
};

struct pool;

struct ascdev_ctx {
	const struct backend *backend;
	const struct fmc_kernels *kernels;	/* of the codec in process */
	bool is_auto;
	int fallback_reason;
	struct ascdev_caps caps;
	bool has_defaults;
	struct fmc_params defaults;
	ascdev_log log;
	void *log_user;

	pthread_mutex_t text_lock;	/* protects message */
	char message[256];

	pthread_mutex_t lock;		/* protects all below */
	struct ascdev_stats stats;
	struct list bufs;		/* that an import may find again */
	struct list done;		/* jobs that ascdev_reap() is to give */
	pthread_cond_t ended;		/* a job has */

	/*
	 * Readable while jobs are done, as this library has counted it up by one, and when
	 * jobs of a device have ended, which counts it up by one each.
	 */
	int event;			/* not changed after opening */
	bool raised;			/* counted up by the library */
	uint64_t signals;		/* how often it was counted up by the device */

	int fd;				/* device node; not changed after opening */
	uint32_t hw_ctx;		/* likewise, as the next two */
	uint32_t timeline;		/* syncobj */
	uint32_t max_jobs;		/* in one SUBMIT */
	struct list in_flight;		/* jobs, by their points */
	uint64_t last_point;		/* of the timeline, that was submitted */
	uint64_t watched_point;		/* likewise, that counts event up */
	uint64_t ended_point;		/* likewise, that was waited for */

	struct pool *pool;		/* in process; not changed after opening */
	struct workspace *workspaces;	/* in process: those that no job uses */
};

/* Record a failure on a context; returns code.  Not with ctx->lock held, as the next. */
int ctx_fail(struct ascdev_ctx *ctx, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void ctx_log(struct ascdev_ctx *ctx, uint32_t level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Copy a structure that begins with its size, either way, by the rules of ascdev.h. */
int struct_from_user(void *to, size_t size, size_t min_size, const void *from);
int struct_to_user(void *to, const void *from, size_t size);

int params_from_user(struct ascdev_params *to, const struct ascdev_params *from);
/* Clear what only encoders look at. */
void params_for_decoder(struct ascdev_params *params);
void codec_surface(struct fmc_surface *to, const struct ascdev_surface *from);
int codec_params(struct fmc_params *to, const struct ascdev_params *from);
/* Parameters that become the defaults of a context. */
int params_as_defaults(struct fmc_params *to, const struct ascdev_params *from);
/* What DEFAULT means on a context, as far as the library knows. */
void params_for_ctx(const struct ascdev_ctx *ctx, bool in_process, struct fmc_params *params,
		    const struct fmc_surface *surface);
/* As fmc_bound(); of the device's defaults, what they are likely to give at most. */
int params_bound(const struct fmc_surface *surface, const struct fmc_params *params,
		 uint64_t *bytes);
/* Where that refuses: which parameter it does not take even by itself, in words. */
void params_explain(const struct fmc_surface *surface, const struct fmc_params *params,
		    char *text, size_t size);

/* Buffers; with ctx->lock held. */
void buf_get(struct ascdev_buf *buf);
void buf_put(struct ascdev_buf *buf);
/* Bracket access to a dma-buf; nothing for others. */
int dmabuf_sync(const struct ascdev_buf *buf, uint64_t flags);

int job_check(const struct ascdev_job *job, bool in_process, struct job_plan *plan);
void job_drop_syncs(struct ascdev_job *job);
/* With ctx->lock held: a job was accepted; it has ended, with error and result set. */
void job_begin(struct ascdev_job *job);
void job_done(struct ascdev_job *job);
/* With ctx->lock held: read the event, and set it as the list of done jobs is. */
void event_drain(struct ascdev_ctx *ctx);
void event_settle(struct ascdev_ctx *ctx);

/* Run a job that was checked in process, in this thread, with what the pool can help. */
void job_run(struct ascdev_job *job, struct fmc_workspace *workspace);
/*
 * The whole of a job that has no buffers but in memory, and was never set up.  @checked: what
 * job_check() would say, or NULL.
 */
int job_run_once(struct ascdev_job *job, const struct job_plan *checked, int reason);
struct workspace *take_workspace(struct ascdev_ctx *ctx);
void give_workspace(struct ascdev_ctx *ctx, struct workspace *w);

/* Open a device node.  Returns a file descriptor; fills in what it learns. */
int device_open(const char *node, struct ascdev_device_info *info);
/* Is an open file one of our devices?  Fills in what it learns. */
int device_check(int fd, struct ascdev_device_info *info);
int device_find(const char *root, struct ascdev_device_info *info);
void device_explain(struct ascdev_device_info *info, int state, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

int hw_open(struct ascdev_ctx *ctx, const struct ascdev_open_opts *opts, bool shared,
	    struct ascdev_device_info *info, int fd);
/*
 * The codec's functions for one of enum ascdev_cpu; AUTO follows the environment.  Returns
 * NULL for what this machine, or its library, does not have.
 */
const struct fmc_kernels *cpu_kernels(uint32_t cpu);
uint32_t cpu_of_kernels(const struct fmc_kernels *kernels);
extern const struct backend sw_backend;
int sw_open(struct ascdev_ctx *ctx, uint32_t threads);

/* An absolute time of CLOCK_MONOTONIC; 0 for no wait. */
int64_t deadline_ns(int64_t timeout_ns);
int64_t now_ns(void);
/* Wait on a condition that was made for it; -ETIME. */
void cond_init(pthread_cond_t *cond);
int cond_wait_until(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t deadline);

#endif
