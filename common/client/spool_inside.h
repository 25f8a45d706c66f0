/* spool_inside.h -- the rows of a spool, shared by spool.c and spool_numbers.c. */
#ifndef TRIBUTARY_CLIENT_SPOOL_INSIDE_H
#define TRIBUTARY_CLIENT_SPOOL_INSIDE_H

#include "client/spool.h"

enum { SPOOL_SOURCES, SPOOL_EVENTS, SPOOL_HEARD, SPOOL_TABLES };

/* spool_read_row -- take a row of SPOOL_EVENTS apart; false: it is none of this spool. */
bool spool_read_row(struct spool *spool, struct bytes key, struct bytes row, struct spooled *out);

/* spool_put_row, spool_put_source -- write in the open turn; errors sticky there. */
void spool_put_row(struct spool *spool, uint64_t arrival, const struct spool_source *source, uint64_t seq,
		   struct bytes event);
void spool_put_source(struct spool *spool, const struct spool_source *source);

/* spool_add -- a source that is not known yet; NULL: no memory. */
struct spool_source *spool_add(struct spool *spool, struct text name, uint64_t epoch);

/* spool_waits -- whether an event is still to be acknowledged. */
bool spool_waits(const struct spooled *spooled);

/*
 * spool_walk -- the next row of SPOOL_EVENTS in the open turn, beginning with a zeroed walk; false: none, or
 * the turn is broken. The row may be changed or deleted before the next call.
 */
struct spool_walk {
	uint8_t key[9];
	size_t key_size;
};

bool spool_walk(struct spool *spool, struct spool_walk *walk, struct spooled *out);

#endif
