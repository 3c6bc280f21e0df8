// SPDX-License-Identifier: MIT
/*
 * asc info
 */

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "asc.h"
#include "doctor.h"
#include "json.h"

static json_t *device_json(const struct ascdev_device_info *info)
{
	return json_pack("{s:s, s:b, s:s, s:s, s:b, s:i, s:s}", "node", info->node, "usable",
			 !info->state, "sysfs", info->sysfs, "interface", info->version,
			 "emulated", info->emulated, "engines", info->engines, "message",
			 info->message);
}

/* What the codec in process uses of the CPU. */
static const char *cpu_name(const struct ascdev_ctx *ctx)
{
	static const char *const names[] = { "none", "scalar", "avx2", "avx512", "neon" };
	struct ascdev_caps caps = ASCDEV_CAPS_INIT;

	if (ascdev_get_caps(ctx, &caps) || caps.cpu >= sizeof(names) / sizeof(names[0]))
		return "?";
	return names[caps.cpu];
}

static void print_device(const struct ascdev_device_info *info)
{
	if (info->state)
		printf("device   %s\n", info->message);
	else
		printf("device   %s: interface %s, %u engine%s%s\n", info->node, info->version,
		       info->engines, info->engines == 1 ? "" : "s",
		       info->emulated ? ", emulated by the driver" : "");
}

int cmd_info(const struct options *options)
{
	struct ascdev_enumerate_opts where = ASCDEV_ENUMERATE_OPTS_INIT;
	const struct ascdev_device_info *info;
	struct ascdev_device_list *list;
	struct ascdev_ctx *ctx;
	char message[256] = "";
	const char *backend;
	json_t *devices;
	uint32_t i;
	int ret, reason;

	if (options->doctor)
		return doctor(options);
	where.root = options->root;
	if (ascdev_enumerate(&where, &list) < 0) {
		complain("out of memory");
		return EXIT_FAILED;
	}
	ret = open_context(options, &ctx);
	if (ret) {
		ascdev_device_list_free(list);
		return ret;
	}
	backend = ascdev_get_backend(ctx, &reason) == ASCDEV_BACKEND_HW ? "hw" : "sw";
	if (reason)
		ascdev_last_error(ctx, message, sizeof(message));

	if (options->json) {
		devices = json_array();
		for (i = 0; (info = ascdev_device_list_get(list, i)); i++)
			json_array_append_new(devices, device_json(info));
		ret = json_print(json_pack("{s:s, s:o, s:s, s:s, s:s}", "version",
					   ascdev_version_string(), "devices", devices, "backend",
					   backend, "reason", message, "cpu",
					   cpu_name(ctx)));
	} else {
		printf("library  libascdev %s\n", ascdev_version_string());
		for (i = 0; (info = ascdev_device_list_get(list, i)); i++)
			print_device(info);
		if (!i)
			printf("device   none\n");
		printf("backend  %s%s%s%s\n", backend, reason ? " (" : "", message,
		       reason ? ")" : "");
		printf("cpu      %s\n", cpu_name(ctx));
	}
	ascdev_close(ctx);
	ascdev_device_list_free(list);
	return ret;
}
