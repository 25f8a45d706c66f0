/* tools.c -- what check and rebuild share: opening stores from outside. */
#include "tools_inside.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

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

/* A signal handler has no context argument, and may not format: what it will say is made before. */
static char last_words[2][700];

static void on_wreck(int number)
{
	const char *words = last_words[number == SIGBUS];

	(void)!write(STDOUT_FILENO, words, strlen(words));
	_exit(1);
}

void tool_guard(const struct service *service)
{
	static const int deadly[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
	static const char remedy[] = "{\"service\":\"%s\",\"found\":\"%s\"}\n{\"service\":\"%s\",\"remedy\":\"the store cannot be read to its "
				     "end, so nothing is repaired from it. Stop the network and restore a backup (tributary restore)\"}\n";

	setvbuf(stdout, NULL, _IOLBF, 0); /* nothing that was found is lost with the process */
	snprintf(last_words[0], sizeof(last_words[0]), remedy, service->name, "a damaged page: reading it went astray", service->name);
	snprintf(last_words[1], sizeof(last_words[1]), remedy, service->name,
		 "SIGBUS: the file is shorter than it says of itself, or its disk cannot read it", service->name);
	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		signal(deadly[i], on_wreck);
}
