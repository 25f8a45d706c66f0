/* tools_inside.h -- shared by tools.c, check.c, rebuild.c, replace.c and backup.c. */
#ifndef TRIBUTARY_KERNEL_TOOLS_INSIDE_H
#define TRIBUTARY_KERNEL_TOOLS_INSIDE_H

#include <stdarg.h>

#include "kernel/tools.h"

int tools_open(struct engine **engine, const struct service *service, const struct tool_options *options, const char *name);
int tools_open_upstream(struct engine **engine, const struct tool_options *options, const char *name);
int tools_open_to_change(struct engine **engine, const struct tool_options *options, const char *name);

/*
 * tools_replace -- give what was rebuilt the name, the epoch and the clocks of the old store, and set that aside; closes both.
 *   shape   *meta is the old store's; path is the rebuilt store's folder.   errors  ERR_STORE_BUSY: the service runs.
 */
int tools_replace(struct engine **old, struct engine **fresh, const struct meta *meta, const char *dir, const char *path) must_check;
bool tools_meta(struct view *view, struct meta *meta);
void tools_say(FILE *out, const char *service, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
