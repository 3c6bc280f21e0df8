/* SPDX-License-Identifier: MIT */
#ifndef ASC_FUZZ_H
#define ASC_FUZZ_H

/* Comes first in a file. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "asc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Complaints go nowhere; message.c is not part of a target. */
void complain(const char *format, ...)
{
	(void)format;
}

const char *input_shown(const char *name)
{
	return name;
}

const char *output_shown(const char *name)
{
	return name;
}

/* A file with the input, to be closed; @name receives what it can be opened as. */
static inline int make_file(const uint8_t *data, size_t size, char *name, size_t name_size)
{
	int fd = memfd_create("fuzz", 0);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(name, name_size, "/proc/self/fd/%d", fd);
	return fd;
}

#endif
