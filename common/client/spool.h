/*
 * spool.h -- events that are not yet durable at their service, on the disk of the one who saw them happen.
 *
 * Rows in order of arrival, whatever their source; per source its epoch and last number. A spool does not talk to anybody.
 */
#ifndef TRIBUTARY_CLIENT_SPOOL_H
#define TRIBUTARY_CLIENT_SPOOL_H

#include <uthash.h>

#include "base/check.h"
#include "pack/event.h"
#include "store/store.h"

/* One source of this spool. */
struct spool_source {
	UT_hash_handle hh;
	uint64_t epoch;
	uint64_t last;		/* number of its last event */
	uint64_t acked;		/* durable at the service up to here */
	uint64_t waiting;	/* events in the spool beyond acked */
	bool fenced;		/* the service knows a later epoch: these events are held back */
	uint32_t size;
	char name[];
};

struct spool {
	struct store *store;
	struct spool_source *sources;
	uint64_t arrivals;	/* number of the last arrival */
	uint64_t events_max, waiting;
	uint64_t acked_rows;	/* acknowledged and not yet removed */
	bool open_turn;
	uint8_t *scratch;
};

/* One spooled event. */
struct spooled {
	uint64_t arrival, epoch, seq;
	struct spool_source *source;
	struct bytes event;
};

int spool_open(struct spool *spool, const char *folder, uint64_t events_max) must_check;
void spool_close(struct spool *spool);

/* spool_put -- number and keep one event; in the open turn, or in one of its own.   errors  as client_publish. */
int spool_put(struct spool *spool, struct text source, const struct event_type *type, const void *event, int64_t time_us, int64_t now_us,
	      uint64_t *seq) must_check;
int spool_begin(struct spool *spool) must_check;
int spool_end(struct spool *spool) must_check;

/* spool_number -- set where a source stands; ERR_USAGE while anything of it waits. */
int spool_number(struct spool *spool, struct text name, uint64_t epoch, uint64_t last) must_check;

struct spool_source *spool_find(struct spool *spool, struct text name);
struct text spool_name(const struct spool_source *source);

/* spool_next -- the first event after this arrival that is not acknowledged, through an open view; false: none. */
bool spool_next(struct spool *spool, struct view *view, uint64_t after, struct spooled *out);

/* spool_ack -- a source is durable through this number.   spool_trim -- remove what is acknowledged (lazily: a resend does no harm). */
void spool_ack(struct spool *spool, struct spool_source *source, uint64_t through);
void spool_trim(struct spool *spool);

/* spool_renumber -- give what waits of a source new numbers from 1 under this epoch. */
int spool_renumber(struct spool *spool, struct spool_source *source, uint64_t epoch) must_check;

#endif
