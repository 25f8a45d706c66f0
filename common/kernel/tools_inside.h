/* tools_inside.h -- shared by tools.c, check.c, rebuild.c and backup.c. */
#ifndef TRIBUTARY_KERNEL_TOOLS_INSIDE_H
#define TRIBUTARY_KERNEL_TOOLS_INSIDE_H

#include <stdarg.h>

#include "kernel/tools.h"

int tools_open(struct engine **engine, const struct service *service, const struct tool_options *options, const char *name);
int tools_open_upstream(struct engine **engine, const struct tool_options *options, const char *name);
int tools_open_to_change(struct engine **engine, const struct tool_options *options, const char *name);
bool tools_meta(struct view *view, struct meta *meta);
void tools_say(FILE *out, const char *service, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
