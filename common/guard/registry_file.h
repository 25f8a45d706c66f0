/*
 * registry_file.h -- a small file that is there whole or not at all.
 *
 * Only the guard room includes it.
 */
#ifndef TRIBUTARY_GUARD_REGISTRY_FILE_H
#define TRIBUTARY_GUARD_REGISTRY_FILE_H

#include <stddef.h>

#include "base/check.h"

/* registry_file_write -- into a file beside it, synced, renamed over it, its folder synced; mode 0600.   errors  ERR_SYSTEM. */
int registry_file_write(const char *path, const char *text, size_t size) must_check;

#endif
