/*
 * spool.h -- events that are not yet durable at their service, on the disk of the one who saw them happen.
 *
 * Rows in order of arrival, whatever their source; per source its epoch and last number. A spool does not
 * talk to anybody.
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
	uint64_t last;	  /* number of its last event */
	uint64_t acked;	  /* durable at the service up to here */
	uint64_t waiting; /* events in the spool beyond acked */
	bool dirty;	  /* acked is not on disk yet */
	bool numbered;	  /* by somebody else: never renumbered here */

	/* What follows is the sender's, and not on disk. */
	bool fenced;		/* the service knows a later epoch: these events are held back */
	uint64_t later_epoch;	/* that one */
	int64_t held_until_us;	/* monotonic; 0: not held back */
	uint64_t sent;		/* number of its last event sent since the sender began from the oldest */
	int64_t waits_since_us; /* for an answer */
	unsigned strikes;	/* how often it waited in vain */
	uint64_t doubted;	/* session in which the service asked for what cannot be; 0: none */

	uint32_t size;
	char name[];
};

struct spool {
	struct store *store;
	struct spool_source *sources;
	uint64_t arrivals; /* number of the last arrival */
	uint64_t events_max, waiting;
	uint64_t acked_rows;	     /* acknowledged and not yet removed */
	uint64_t keep_rows;	     /* so many of them stay; set by whoever has opened it */
	uint64_t heard_epoch, heard; /* of a feed: dealt with through here; 0: nothing yet */
	bool open_turn;
	bool reloaded; /* a commit failed and what it held is gone: the sender begins anew, and clears this */
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

/*
 * spool_put -- number and keep one event; in the open turn, or in one of its own.   errors  as
 * client_publish.
 */
int spool_put(struct spool *spool, struct text source, const struct event_type *type, const void *event,
	      int64_t time_us, int64_t now_us, uint64_t *seq) must_check;

/*
 * spool_begin, spool_end -- many puts in one commit.   errors  ERR_USAGE (open already, not open), the
 * store's: nothing of it happened.
 */
int spool_begin(struct spool *spool) must_check;
int spool_end(struct spool *spool) must_check;

/* spool_confirm -- keep how far a feed is dealt with; in the open turn, or in one of its own. */
int spool_confirm(struct spool *spool, uint64_t epoch, uint64_t seq) must_check;

/* spool_number -- set where a source stands; ERR_USAGE while anything of it waits, unless it stands there. */
int spool_number(struct spool *spool, struct text name, uint64_t epoch, uint64_t last) must_check;

struct spool_source *spool_find(struct spool *spool, struct text name);
struct text spool_name(const struct spool_source *source);

/*
 * spool_next -- the first event after this arrival that is neither acknowledged nor held back, through an
 * open view; false: none.
 */
bool spool_next(struct spool *spool, struct view *view, uint64_t after, struct spooled *out);

/*
 * spool_ack -- a source is durable through this number.   spool_trim -- remove what is acknowledged (lazily:
 * a resend does no harm).
 */
void spool_ack(struct spool *spool, struct spool_source *source, uint64_t through);
void spool_trim(struct spool *spool);

/*
 * spool_take_back -- what was acknowledged beyond `through` and is still here waits again.
 *   shape   *all: whether that is everything beyond it.
 *   errors  ERR_USAGE (a turn is open), the store's: nothing happened.
 */
int spool_take_back(struct spool *spool, struct spool_source *source, uint64_t through, bool *all) must_check;

/*
 * spool_renumber -- give what waits of a source new numbers from 1 under this epoch; it is neither fenced nor
 * held back any more.
 *   errors  ERR_USAGE (a turn is open), the store's: nothing happened.
 */
int spool_renumber(struct spool *spool, struct spool_source *source, uint64_t epoch) must_check;

#endif
