/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASCDEV_INJECT_H
#define ASCDEV_INJECT_H

#include <linux/atomic.h>
#include <linux/fault-inject.h>
#include <linux/types.h>

struct ascdev_device;

/**
 * enum ascdev_injection - what an emulated engine can be told to do to a job
 * @ASCDEV_INJECT_HANG: make no progress until it is told to end
 * @ASCDEV_INJECT_FAIL: fail
 * @ASCDEV_INJECT_CORRUPT: write nonsense into its result record
 * @ASCDEV_INJECT_SLOW: pause after each of its steps
 * @ASCDEV_INJECTIONS: number of them
 */
enum ascdev_injection {
	ASCDEV_INJECT_HANG,
	ASCDEV_INJECT_FAIL,
	ASCDEV_INJECT_CORRUPT,
	ASCDEV_INJECT_SLOW,
	ASCDEV_INJECTIONS
};

/**
 * struct ascdev_inject - injected faults of a device
 * @count: how many of the next jobs are affected
 * @attr: the kernel's fault injection, beside @count
 * @slow_ms: pause after each step of every job; read and written once at a time
 */
struct ascdev_inject {
	atomic_t count[ASCDEV_INJECTIONS];
#ifdef CONFIG_FAULT_INJECTION
	struct fault_attr attr[ASCDEV_INJECTIONS];
#endif
	u32 slow_ms;
};

void ascdev_inject_init(struct ascdev_device *adev);
void ascdev_inject_register(struct ascdev_device *adev);
bool ascdev_injected(struct ascdev_device *adev, enum ascdev_injection what);

#endif
