/* SPDX-License-Identifier: MIT */
#ifndef ASC_CLIENTS_H
#define ASC_CLIENTS_H

#include "asc.h"

/**
 * struct client - an open file of a device
 * @id: its number, drm-client-id
 * @pid: a process that has it
 * @command: what that process calls itself
 * @device: "accel0", or ""
 * @busy_ns: time in which engines worked for it
 * @capacity: engines of the device
 * @cycles: cycles that they took
 * @total_bytes: memory of its buffers
 * @resident_bytes: of these, what has its pages
 * @pinned_bytes: of these, what its jobs have pinned
 */
struct client {
	uint64_t id;
	int pid;
	char command[32];
	char device[16];
	uint64_t busy_ns;
	uint64_t capacity;
	uint64_t cycles;
	uint64_t total_bytes;
	uint64_t resident_bytes;
	uint64_t pinned_bytes;
};

/**
 * struct clients - those at a time
 * @list: in the order of their numbers; to be freed
 * @count: how many
 * @hidden: processes that could not be looked into
 */
struct clients {
	struct client *list;
	size_t count;
	uint32_t hidden;
};

/*
 * Finds the clients of a device, "accel0", or of all if it is NULL, by /proc/PID/fdinfo below
 * @root.  Complains; returns an exit code.
 */
int clients_read(struct clients *clients, const char *root, const char *device);

/* The client of that number, or NULL. */
const struct client *clients_find(const struct clients *clients, uint64_t id);

#endif
