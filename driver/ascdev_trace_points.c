// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bodies of the trace events.
 */

#ifndef __CHECKER__
#define CREATE_TRACE_POINTS
#include "ascdev_trace.h"
#endif
