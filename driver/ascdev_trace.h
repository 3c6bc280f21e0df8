/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trace events, one for each step of a job: see Documentation/driver.rst.
 */

#undef TRACE_SYSTEM
#define TRACE_SYSTEM ascdev

#if !defined(ASCDEV_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define ASCDEV_TRACE_H

#include <linux/tracepoint.h>

#include <drm/ascdev_accel.h>

#include "ascdev_ctx.h"
#include "ascdev_device.h"
#include "ascdev_job.h"

/* Userspace reads the format without these enums. */
TRACE_DEFINE_ENUM(DRM_ASCDEV_OP_COMPRESS);
TRACE_DEFINE_ENUM(DRM_ASCDEV_OP_DECOMPRESS);
TRACE_DEFINE_ENUM(DRM_ASCDEV_CODEC_ASC_CBR);
TRACE_DEFINE_ENUM(DRM_ASCDEV_CODEC_ASC_VBR);
TRACE_DEFINE_ENUM(DRM_ASCDEV_CODEC_EBPC);
TRACE_DEFINE_ENUM(DRM_ASCDEV_CODEC_DCAC);
TRACE_DEFINE_ENUM(DRM_ASCDEV_CODEC_ZVC);
TRACE_DEFINE_ENUM(DRM_ASCDEV_CODEC_RAW);
TRACE_DEFINE_ENUM(DRM_ASCDEV_CODEC_AUTO);

#define ascdev_show_op(op) __print_symbolic(op,			\
	{ DRM_ASCDEV_OP_COMPRESS, "compress" },			\
	{ DRM_ASCDEV_OP_DECOMPRESS, "decompress" })

#define ascdev_show_codec(codec) __print_symbolic(codec,	\
	{ DRM_ASCDEV_CODEC_ASC_CBR, "asc-cbr" },		\
	{ DRM_ASCDEV_CODEC_ASC_VBR, "asc-vbr" },		\
	{ DRM_ASCDEV_CODEC_EBPC, "ebpc" },			\
	{ DRM_ASCDEV_CODEC_DCAC, "dcac" },			\
	{ DRM_ASCDEV_CODEC_ZVC, "zvc" },			\
	{ DRM_ASCDEV_CODEC_RAW, "raw" },			\
	{ DRM_ASCDEV_CODEC_AUTO, "auto" })

/*
 * The job's name is that of its fence, as in the events of the scheduler: the
 * one that syncobjs and buffer objects hold.
 */
DECLARE_EVENT_CLASS(ascdev_job,
		    TP_PROTO(const struct ascdev_job *job),
		    TP_ARGS(job),
		    TP_STRUCT__entry(__string(dev, dev_name(job->adev->drm.dev))
				     __field(u64, client_id)
				     __field(u64, fence_context)
				     __field(u64, fence_seqno)
				     __field(u32, op)
				     __field(u32, codec)
				     __field(u64, elements)
				     __field(u64, bytes)),
		    TP_fast_assign(__assign_str(dev);
				   __entry->client_id = job->ctx->file->client_id;
				   __entry->fence_context = job->base.s_fence->finished.context;
				   __entry->fence_seqno = job->base.s_fence->finished.seqno;
				   __entry->op = job->op;
				   __entry->codec = job->params.codec;
				   __entry->elements = ascdev_job_elements(job);
				   __entry->bytes = ascdev_job_bytes(job);),
		    TP_printk("dev=%s client_id=%llu fence=%llu:%llu op=%s codec=%s elements=%llu bytes=%llu",
			      __get_str(dev), __entry->client_id, __entry->fence_context,
			      __entry->fence_seqno, ascdev_show_op(__entry->op),
			      ascdev_show_codec(__entry->codec), __entry->elements,
			      __entry->bytes));

/**
 * ascdev_job_submit - a job is queued
 * @job: the job, armed
 *
 * The codec is the one asked for; the bytes are those of the source.
 */
DEFINE_EVENT(ascdev_job, ascdev_job_submit,
	     TP_PROTO(const struct ascdev_job *job),
	     TP_ARGS(job));

/**
 * ascdev_job_run - an engine begins a job
 * @job: the job
 */
DEFINE_EVENT(ascdev_job, ascdev_job_run,
	     TP_PROTO(const struct ascdev_job *job),
	     TP_ARGS(job));

/**
 * ascdev_job_cancel - a job is cancelled, and will end with -ECANCELED
 * @job: the job
 */
DEFINE_EVENT(ascdev_job, ascdev_job_cancel,
	     TP_PROTO(const struct ascdev_job *job),
	     TP_ARGS(job));

/**
 * ascdev_job_done - a job has ended; each that is queued has this event once
 * @job: the job
 * @result: how it ended.  No codec, bytes and times for one that never ran, nor codec and
 *	bytes for one that was cancelled or whose engine wrote nonsense; the codec is then the
 *	one asked for.
 */
TRACE_EVENT(ascdev_job_done,
	    TP_PROTO(const struct ascdev_job *job, const struct drm_ascdev_result *result),
	    TP_ARGS(job, result),
	    TP_STRUCT__entry(__string(dev, dev_name(job->adev->drm.dev))
			     __field(u64, client_id)
			     __field(u64, fence_context)
			     __field(u64, fence_seqno)
			     __field(u32, op)
			     __field(u32, codec)
			     __field(u64, elements)
			     __field(u64, bytes_in)
			     __field(u64, bytes_out)
			     __field(u64, duration_ns)
			     __field(s32, error)),
	    TP_fast_assign(__assign_str(dev);
			   __entry->client_id = job->ctx->file->client_id;
			   __entry->fence_context = job->base.s_fence->finished.context;
			   __entry->fence_seqno = job->base.s_fence->finished.seqno;
			   __entry->op = job->op;
			   __entry->codec = result->codec ?: job->params.codec;
			   __entry->elements = ascdev_job_elements(job);
			   __entry->bytes_in = result->bytes_read;
			   __entry->bytes_out = result->bytes;
			   __entry->duration_ns = result->end_ns - result->start_ns;
			   __entry->error = result->error;),
	    TP_printk("dev=%s client_id=%llu fence=%llu:%llu op=%s codec=%s elements=%llu bytes_in=%llu bytes_out=%llu duration_ns=%llu error=%d",
		      __get_str(dev), __entry->client_id, __entry->fence_context,
		      __entry->fence_seqno, ascdev_show_op(__entry->op),
		      ascdev_show_codec(__entry->codec), __entry->elements, __entry->bytes_in,
		      __entry->bytes_out, __entry->duration_ns, __entry->error));

/**
 * ascdev_job_timeout - a job has been on an engine for the length of the timeout
 * @job: the job
 * @units: units of work done so far
 * @error: 0 if it made progress, or the error with which it is told to end
 */
TRACE_EVENT(ascdev_job_timeout,
	    TP_PROTO(const struct ascdev_job *job, u32 units, int error),
	    TP_ARGS(job, units, error),
	    TP_STRUCT__entry(__string(dev, dev_name(job->adev->drm.dev))
			     __field(u64, client_id)
			     __field(u64, fence_context)
			     __field(u64, fence_seqno)
			     __field(u32, op)
			     __field(u32, codec)
			     __field(u64, elements)
			     __field(u32, units)
			     __field(s32, error)),
	    TP_fast_assign(__assign_str(dev);
			   __entry->client_id = job->ctx->file->client_id;
			   __entry->fence_context = job->base.s_fence->finished.context;
			   __entry->fence_seqno = job->base.s_fence->finished.seqno;
			   __entry->op = job->op;
			   __entry->codec = job->params.codec;
			   __entry->elements = ascdev_job_elements(job);
			   __entry->units = units;
			   __entry->error = error;),
	    TP_printk("dev=%s client_id=%llu fence=%llu:%llu op=%s codec=%s elements=%llu units=%u error=%d",
		      __get_str(dev), __entry->client_id, __entry->fence_context,
		      __entry->fence_seqno, ascdev_show_op(__entry->op),
		      ascdev_show_codec(__entry->codec), __entry->elements, __entry->units,
		      __entry->error));

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE ascdev_trace

#include <trace/define_trace.h>
