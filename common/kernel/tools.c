/* tools.c -- what check and rebuild share: opening stores from outside. */
#include "tools_inside.h"

#include <stdio.h>

#include "base/error.h"

/* Only the kernel's tables of another service's store are looked at: a service without tables of its own can open any. */
static const char *const nobody[] = {NULL};
static const struct service reader = {.name = "reader", .follows = nobody};

static int open_store(struct engine **engine, const struct service *service, const struct tool_options *options, const char *name,
		      bool read_only)
{
	char path[4096];
	struct engine_options engine_options = {.path = path,
						.read_only = read_only,
						.map_bytes = 1 << 20,
						.map_bytes_max = options->map_bytes_max,
						.settings = options->settings,
						.now_us = 1};

	snprintf(path, sizeof(path), "%s/%s", options->dir, name);
	return engine_open(engine, service, &engine_options);
}

int tools_open(struct engine **engine, const struct service *service, const struct tool_options *options, const char *name)
{
	return open_store(engine, service, options, name, true);
}

int tools_open_upstream(struct engine **engine, const struct tool_options *options, const char *name)
{
	return open_store(engine, &reader, options, name, true);
}

int tools_open_to_change(struct engine **engine, const struct tool_options *options, const char *name)
{
	return open_store(engine, &reader, options, name, false);
}

bool tools_meta(struct view *view, struct meta *meta)
{
	struct bytes row = view_get(view, KERNEL_META, bytes_of("meta", 4));

	if (row.size != sizeof(*meta))
		return false;
	memcpy(meta, row.data, sizeof(*meta));
	return true;
}

__attribute__((format(printf, 3, 4))) void tools_say(FILE *out, const char *service, const char *format, ...)
{
	va_list arguments;
	char text[1024];

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	for (char *at = text; *at != 0; at++)
		if (*at == '"' || *at == '\\' || (unsigned char)*at < ' ')
			*at = '\'';
	fprintf(out, "{\"service\":\"%s\",\"found\":\"%s\"}\n", service, text);
}
