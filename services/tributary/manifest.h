/* manifest.h -- what backup.c and restore.c share. A manifest is TO/manifest.json: an object with the list `stores`. */
#ifndef TRIBUTARY_COMMAND_MANIFEST_H
#define TRIBUTARY_COMMAND_MANIFEST_H

#include "command.h"
#include "kernel/backup.h"

#define MANIFEST_RESTORING "restoring" /* this file in a run folder: a restore there was not finished */

/* manifest_now_us -- the time of day. */
int64_t manifest_now_us(void);

#endif
