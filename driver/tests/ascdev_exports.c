// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the tests use of the codec, which knows no kernel.  Part of ascdev.ko where
 * the tests are built.
 */

#include <kunit/visibility.h>
#include <linux/export.h>

#include "codec.h"
#include "params_text.h"

EXPORT_SYMBOL_IF_KUNIT(fmc_bound);
EXPORT_SYMBOL_IF_KUNIT(fmc_decode_check);
EXPORT_SYMBOL_IF_KUNIT(fmc_decode_init);
EXPORT_SYMBOL_IF_KUNIT(fmc_decode_step);
EXPORT_SYMBOL_IF_KUNIT(fmc_encode_init);
EXPORT_SYMBOL_IF_KUNIT(fmc_encode_step);
EXPORT_SYMBOL_IF_KUNIT(fmc_param_get);
EXPORT_SYMBOL_IF_KUNIT(fmc_param_set);
EXPORT_SYMBOL_IF_KUNIT(fmc_params_are_defaults);
EXPORT_SYMBOL_IF_KUNIT(fmc_surface_check);
