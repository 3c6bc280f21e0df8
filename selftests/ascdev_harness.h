/* SPDX-License-Identifier: MIT */
/*
 * kselftest's harness, with more time.  Its 30 seconds for a test end those of a sanitised
 * codec under an emulator on a busy machine; what they are for is to end what hangs.
 */
#ifndef ASCDEV_HARNESS_H
#define ASCDEV_HARNESS_H

#include "kselftest_harness.h"

#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	1200

#endif
