// SPDX-License-Identifier: MIT
/*
 * Who uses the devices, by the keys of Documentation/gpu/drm-usage-stats.rst in the kernel.
 */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients.h"

#define DRIVER	"ascdev"

static bool is_number(const char *name)
{
	return *name && strspn(name, "0123456789") == strlen(name);
}

/* A number, and the unit of memory behind it if there is one. */
static uint64_t parse_value(const char *text)
{
	char *unit;
	uint64_t value = strtoull(text, &unit, 10);

	if (!strncmp(unit, " KiB", 4))
		return value << 10;
	return strncmp(unit, " MiB", 4) ? value : value << 20;
}

static bool starts_with(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

/* Of engines, also those of groups that there are not today. */
static void parse_key(const char *key, const char *text, struct client *client)
{
	uint64_t value = parse_value(text);

	if (!strcmp(key, "drm-client-id"))
		client->id = value;
	else if (starts_with(key, "drm-engine-capacity-"))
		client->capacity = value;
	else if (starts_with(key, "drm-engine-"))
		client->busy_ns += value;
	else if (starts_with(key, "drm-cycles-"))
		client->cycles += value;
	else if (starts_with(key, "drm-total-"))
		client->total_bytes += value;
	else if (starts_with(key, "drm-resident-"))
		client->resident_bytes += value;
	else if (!strcmp(key, DRIVER "-pinned"))
		client->pinned_bytes = value;
}

/* Is that an open file of the driver? */
static bool parse_fdinfo(FILE *stream, struct client *client)
{
	bool ours = false;
	char line[256];

	*client = (struct client){ .capacity = 1 };
	while (fgets(line, sizeof(line), stream)) {
		char *colon = strchr(line, ':');

		if (!colon)
			continue;
		*colon = 0;
		colon += 1 + strspn(colon + 1, " \t");
		if (!strcmp(line, "drm-driver"))
			ours = starts_with(colon, DRIVER "\n");
		else
			parse_key(line, colon, client);
	}
	return ours;
}

static void read_command(struct client *client, const char *process)
{
	char path[512];
	FILE *stream;

	snprintf(path, sizeof(path), "%s/comm", process);
	stream = fopen(path, "r");
	if (!stream)
		return;
	if (!fgets(client->command, sizeof(client->command), stream))
		client->command[0] = 0;
	fclose(stream);
	client->command[strcspn(client->command, "\n")] = 0;
	make_plain(client->command);
}

/* The device, by the name of the node that was opened. */
static void read_device(struct client *client, const char *process, const char *fd)
{
	char path[512], target[256], *base;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/fd/%.16s", process, fd);
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return;
	target[n] = 0;
	base = strrchr(target, '/');
	snprintf(client->device, sizeof(client->device), "%.15s", base ? base + 1 : target);
}

static int add_client(struct clients *clients, const struct client *client)
{
	struct client *grown;

	/* a file that was inherited, or sent, is open in several processes */
	if (clients_find(clients, client->id))
		return EXIT_OK;
	grown = realloc(clients->list, (clients->count + 1) * sizeof(*grown));
	if (!grown) {
		complain("out of memory");
		return EXIT_FAILED;
	}
	clients->list = grown;
	clients->list[clients->count++] = *client;
	return EXIT_OK;
}

/* One open file; what is gone meanwhile is none. */
static int look_at_fd(struct clients *clients, const char *process, int pid, const char *fd,
		      const char *device)
{
	struct client client;
	char path[512];
	FILE *stream;
	bool ours;

	snprintf(path, sizeof(path), "%s/fdinfo/%.16s", process, fd);
	stream = fopen(path, "r");
	if (!stream)
		return EXIT_OK;
	ours = parse_fdinfo(stream, &client);
	fclose(stream);
	if (!ours)
		return EXIT_OK;
	client.pid = pid;
	read_command(&client, process);
	read_device(&client, process, fd);
	return device && strcmp(device, client.device) ? EXIT_OK : add_client(clients, &client);
}

static int look_at_process(struct clients *clients, const char *process, int pid,
			   const char *device)
{
	struct dirent *entry;
	char path[512];
	int ret = EXIT_OK;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/fdinfo", process);
	dir = opendir(path);
	if (!dir) {
		clients->hidden += errno == EACCES || errno == EPERM;
		return EXIT_OK;
	}
	while (!ret && (entry = readdir(dir))) {
		if (is_number(entry->d_name))
			ret = look_at_fd(clients, process, pid, entry->d_name, device);
	}
	closedir(dir);
	return ret;
}

static int by_id(const void *a, const void *b)
{
	const struct client *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

int clients_read(struct clients *clients, const char *root, const char *device)
{
	char proc[256], process[300];
	struct dirent *entry;
	int ret = EXIT_OK;
	DIR *dir;

	*clients = (struct clients){ .count = 0 };
	snprintf(proc, sizeof(proc), "%s/proc", root ? root : "");
	dir = opendir(proc);
	if (!dir) {
		complain("%s: %s", proc, strerror(errno));
		return EXIT_IO;
	}
	while (!ret && (entry = readdir(dir))) {
		if (!is_number(entry->d_name))
			continue;
		snprintf(process, sizeof(process), "%s/%.16s", proc, entry->d_name);
		ret = look_at_process(clients, process, atoi(entry->d_name), device);
	}
	closedir(dir);
	if (clients->count)
		qsort(clients->list, clients->count, sizeof(*clients->list), by_id);
	return ret;
}

const struct client *clients_find(const struct clients *clients, uint64_t id)
{
	size_t i;

	for (i = 0; i < clients->count; i++) {
		if (clients->list[i].id == id)
			return &clients->list[i];
	}
	return NULL;
}
