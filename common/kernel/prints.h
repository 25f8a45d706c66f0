/*
 * prints.h -- what the latest events of each source looked like, so that two of one number are told apart.
 *
 * A till that was cloned (its key and its spool copied) says other events under numbers that are taken. The first of them is seen here: of
 * each source the hashes of the latest PRINTS_LATEST events are remembered, also over a restart, from the recorded inputs. What is older is a
 * duplicate like any other. An event is its type and its data: who says it again may have forgotten when it was. It decides nothing: what is
 * taken stays taken.
 */
#ifndef TRIBUTARY_KERNEL_PRINTS_H
#define TRIBUTARY_KERNEL_PRINTS_H

#include <uthash.h>

#include "kernel/engine.h"

#define PRINTS_LATEST 128	/* of one source: more than is ever on its way */
#define PRINTS_SOURCES 20000	/* further sources are not remembered */
#define PRINTS_INPUTS 65536	/* recorded inputs looked at when a service starts */

struct print {
	uint64_t seq, hash;
};

struct prints_source {
	UT_hash_handle hh;
	uint64_t epoch;
	struct print latest[PRINTS_LATEST]; /* at seq modulo PRINTS_LATEST */
	bool is_told; /* that there are two of it */
	uint32_t name_size;
	char name[];
};

struct prints {
	struct prints_source *sources;
	struct prints_source *lately; /* that was looked for last */
};

/* prints_load -- from the latest recorded inputs; what cannot be read is passed over.   prints_close -- forget. */
void prints_load(struct prints *prints, struct store *store, uint64_t intake);
void prints_close(struct prints *prints);

/* prints_note -- this is the event of that number.   prints_differ -- whether it is known to have been another one. */
void prints_note(struct prints *prints, const struct run *run, uint64_t seq, uint64_t print);
bool prints_differ(struct prints *prints, const struct run *run, uint64_t seq, uint64_t print);

/* prints_of -- the hash of an event; of one that cannot be read: no type, and all of its bytes. */
uint64_t prints_of(struct text type, struct bytes data);

/* prints_tell -- whether this is the first time that somebody has to be told of this source. */
bool prints_tell(struct prints *prints, const struct run *run);

#endif
