/*
 * sources.h -- the cursors of all sources in memory, with what they were before the turn, so that an abort puts them back.
 *
 * The rows of KERNEL_CURSOR are the truth on disk; this is their copy for the one writer.
 */
#ifndef TRIBUTARY_KERNEL_SOURCES_H
#define TRIBUTARY_KERNEL_SOURCES_H

#include "base/bytes.h"
#include "base/check.h"

struct store;
struct cursor;
struct source;

struct sources {
	struct source *by_name;	/* hash of all */
	struct source *touched;	/* list of those changed in this turn */
};

/* sources_load -- read every cursor row.   errors  the store's; ERR_STORE_CORRUPT: a row is none. */
int sources_load(struct sources *sources, struct store *store) must_check;
void sources_close(struct sources *sources);

/*
 * sources_find -- the cursor of a source, NULL when it was never heard (counters changed through it reach the disk with
 * its next touch).   sources_touch -- the same, made when new, noted for rollback.
 */
struct cursor *sources_find(const struct sources *sources, struct text name);
struct cursor *sources_touch(struct sources *sources, struct text name);

/* sources_write -- put the touched cursors' rows.   sources_keep -- they are true now.   sources_undo -- they never happened. */
void sources_write(struct sources *sources, struct store *store);
void sources_keep(struct sources *sources);
void sources_undo(struct sources *sources);

void sources_each(struct sources *sources, void (*each)(void *context, struct text source, const struct cursor *cursor),
		  void *context);

#endif
