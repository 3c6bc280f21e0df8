/* SPDX-License-Identifier: MIT */
/*
 * Faults that the kernel injects into calls of this thread.  They need root and a kernel with
 * CONFIG_FAULT_INJECTION, FAILSLAB and FAIL_PAGE_ALLOC.
 */
#ifndef ASCDEV_FAULT_H
#define ASCDEV_FAULT_H

#include "ascdev_test.h"

static inline bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

static const char * const injectors[] = { "failslab", "fail_page_alloc", "fail_usercopy" };

/* Let faults hit allocations of every kind, quietly. */
static inline bool set_up_injection(void)
{
	char path[128];
	size_t i;

	for (i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s/verbose", injectors[i]);
		if (!write_file(path, "0"))
			return false;
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s/times", injectors[i]);
		if (!write_file(path, "-1"))
			return false;
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s/ignore-gfp-wait", injectors[i]);
		if (i < 2 && !write_file(path, "N"))
			return false;
	}
	return write_file("/sys/kernel/debug/fail_page_alloc/min-order", "0");
}

static inline bool write_injectors(const char *file, unsigned long value)
{
	char path[128], text[32];
	bool ok = true;
	size_t i;

	snprintf(text, sizeof(text), "%#lx", value);
	for (i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s", injectors[i], file);
		ok = write_file(path, text) && ok;
	}
	return ok;
}

/* Where a function of the kernel is. */
static inline bool find_symbol(const char *wanted, unsigned long *start, unsigned long *end)
{
	unsigned long address;
	char name[128], type;
	FILE *file = fopen("/proc/kallsyms", "r");

	if (!file)
		return false;
	*start = 0;
	*end = ~0ul;
	while (fscanf(file, "%lx %c %127s%*[^\n]", &address, &type, name) == 3) {
		if (!strcmp(name, wanted))
			*start = address;
	}
	rewind(file);
	while (fscanf(file, "%lx %c %127s%*[^\n]", &address, &type, name) == 3) {
		if (address > *start && address < *end)
			*end = address;
	}
	fclose(file);
	return *start;
}

/* No faults in a function, nor in what it calls. */
static inline bool spare(const char *function)
{
	unsigned long start, end;

	return find_symbol(function, &start, &end) &&
	       write_injectors("stacktrace-depth", 32) &&
	       write_injectors("reject-start", start) && write_injectors("reject-end", end);
}

/* Faults in what a function calls, and nowhere else. */
static inline bool fail_below(const char *function)
{
	unsigned long start, end;

	return find_symbol(function, &start, &end) &&
	       write_injectors("require-start", start) && write_injectors("require-end", end);
}

static inline bool spare_nothing(void)
{
	return write_injectors("reject-end", 0) && write_injectors("reject-start", 0) &&
	       write_injectors("require-start", 0) && write_injectors("require-end", ~0ul);
}

/* Opens what arm() and disarm() need; negative if there is no fault injection. */
static inline int open_faults(void)
{
	return set_up_injection() ? open("/proc/thread-self/fail-nth", O_RDWR) : -1;
}

static inline void arm(int fd, unsigned int nth)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", nth);
	if (pwrite(fd, text, strlen(text), 0) < 0)
		abort();
}

/* Returns true if the fault was hit; disarms it in any case. */
static inline bool disarm(int fd)
{
	char text[16] = "";

	/* a fault that the operation left over may hit these two: then it is gone */
	if (pread(fd, text, sizeof(text) - 1, 0) < 0)
		return false;
	if (pwrite(fd, "0", 1, 0) < 0 && errno != EFAULT)
		abort();
	return atoi(text) == 0;
}

/*
 * Repeats an operation with the first, second, ... fault of self->nth_fd until none is hit.
 * A fault that is hit may be survived, or gives one of two errors.
 */
#define SWEEP_FOR(error, other, operation, ...)						\
	do {										\
		unsigned int nth, failed = 0;						\
		bool hit = true;							\
											\
		for (nth = 1; hit; nth++) {						\
			int ret;							\
											\
			ASSERT_LT(nth, 1000);						\
			arm(self->nth_fd, nth);						\
			ret = operation;						\
			hit = disarm(self->nth_fd);					\
			EXPECT_TRUE(!ret || (hit && (ret == (error) || ret == (other))))	\
				TH_LOG("fault %u: %d", nth, ret);			\
			failed += !!ret;						\
			if (!ret) {							\
				__VA_ARGS__;						\
			}								\
		}									\
		EXPECT_LT(0, failed);							\
	} while (0)

#endif
