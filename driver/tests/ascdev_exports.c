// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the tests use of the codec, which knows no kernel, and of the driver.  Part of
 * ascdev.ko where the tests are built.
 */

#include <kunit/visibility.h>
#include <linux/export.h>

#include "../ascdev_ctx.h"
#include "../ascdev_device.h"
#include "../ascdev_fence.h"
#include "../ascdev_job.h"
#include "../ascdev_vector.h"
#include "codec.h"
#include "params_text.h"

EXPORT_SYMBOL_IF_KUNIT(ascdev_ctx_find);
EXPORT_SYMBOL_IF_KUNIT(ascdev_device_use_engines);
EXPORT_SYMBOL_IF_KUNIT(ascdev_fence_alloc);
EXPORT_SYMBOL_IF_KUNIT(ascdev_fence_init);
EXPORT_SYMBOL_IF_KUNIT(ascdev_file_close);
EXPORT_SYMBOL_IF_KUNIT(ascdev_file_init);
EXPORT_SYMBOL_IF_KUNIT(ascdev_ioctl_cancel);
EXPORT_SYMBOL_IF_KUNIT(ascdev_ioctl_ctx_create);
EXPORT_SYMBOL_IF_KUNIT(ascdev_ioctl_ctx_destroy);
EXPORT_SYMBOL_IF_KUNIT(ascdev_ioctl_ctx_get_state);
EXPORT_SYMBOL_IF_KUNIT(ascdev_job_accept);
EXPORT_SYMBOL_IF_KUNIT(ascdev_job_begin);
EXPORT_SYMBOL_IF_KUNIT(ascdev_job_begin_cpu_access);
EXPORT_SYMBOL_IF_KUNIT(ascdev_job_done);
EXPORT_SYMBOL_IF_KUNIT(ascdev_job_release);
EXPORT_SYMBOL_IF_KUNIT(ascdev_sched_init_engine);
EXPORT_SYMBOL_IF_KUNIT(ascdev_vector_begin);
EXPORT_SYMBOL_IF_KUNIT(ascdev_vector_cpu);
EXPORT_SYMBOL_IF_KUNIT(ascdev_vector_end);
EXPORT_SYMBOL_IF_KUNIT(fmc_bound);
EXPORT_SYMBOL_IF_KUNIT(fmc_decode_check);
EXPORT_SYMBOL_IF_KUNIT(fmc_decode_init);
EXPORT_SYMBOL_IF_KUNIT(fmc_decode_step);
EXPORT_SYMBOL_IF_KUNIT(fmc_encode_init);
EXPORT_SYMBOL_IF_KUNIT(fmc_encode_step);
EXPORT_SYMBOL_IF_KUNIT(fmc_kernels_get);
EXPORT_SYMBOL_IF_KUNIT(fmc_param_get);
EXPORT_SYMBOL_IF_KUNIT(fmc_param_set);
EXPORT_SYMBOL_IF_KUNIT(fmc_params_are_defaults);
EXPORT_SYMBOL_IF_KUNIT(fmc_surface_check);
