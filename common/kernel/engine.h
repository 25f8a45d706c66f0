/*
 * engine.h -- the deterministic heart of a service: inputs in, rows and events out, one turn at a time.
 *
 * An engine is a service with its store. It decides what is new, a duplicate or a gap, records the order and the stamps of what it
 * admits, runs the handlers, keeps what it cannot understand in quarantine, and commits all of it in one transaction. It has no
 * sockets, no threads and no clock: the caller says what time it is. The same inputs give the same rows and the same journal
 * however they are cut into turns.
 *
 * It does not talk to anybody: doors and links are the node's.
 */
#ifndef TRIBUTARY_KERNEL_ENGINE_H
#define TRIBUTARY_KERNEL_ENGINE_H

#include "kernel/kernel.h"

/* The kernel's own tables stand before the service's in every store. */
enum kernel_table {
	KERNEL_META,	   /* "meta" -> struct meta */
	KERNEL_CURSOR,	   /* source -> struct cursor_row */
	KERNEL_JOURNAL,	   /* sequence -> event, as published */
	KERNEL_INTAKE,	   /* number of the first input of a run -> struct intake record (msgpack) */
	KERNEL_QUARANTINE, /* number -> record (msgpack): what could not be taken, and why */
	KERNEL_REFUSED,	   /* source 0 epoch sequence -> code 0 message: what a resend of a refused event hears */
	KERNEL_EPOCHS,	   /* epoch that has ended -> where, and where the next begins */
	KERNEL_TABLES
};

/* What of a service survives beside its rows. Written with every commit. */
struct meta {
	uint64_t epoch;		/* of this service as a source */
	uint64_t head;		/* sequence of the last event in the journal */
	uint64_t intake;	/* number of inputs admitted so far */
	uint64_t quarantined;	/* number of records ever put in quarantine */
	int64_t now_us;		/* the last stamp */
	int64_t business_us;	/* the business clock: largest event time admitted, decrees of the office apart */
	int64_t tick_us;	/* time of the last clock.ticked; 0: never */
};

/* Where a source stands here. */
struct cursor {
	uint64_t epoch;		/* 0: never heard */
	uint64_t through;	/* last sequence applied, or quarantined */
	uint64_t gaps;		/* how often something was missing before a sequence */
	uint64_t duplicates;	/* events that had been applied before */
	uint64_t refusals;	/* events refused by a rule or quarantined */
	int64_t heard_us;	/* event time of the last event */
};

struct engine;
struct epochs;

struct engine_options {
	const char *path;	/* of the store; a name only when memory is set */
	bool memory, read_only;
	struct store_disk *disk; /* with memory: what survives a close; NULL: nothing does */
	uint64_t map_bytes, map_bytes_max, cache_bytes;
	int64_t now_us;		/* becomes the epoch of a store that is created now */
	const int64_t *settings; /* values of the service's settings, in their order; NULL: the defaults */
	bool replay;		/* stamps and ticks come with the runs; suspects are ignored */
};

int engine_open(struct engine **engine, const struct service *service, const struct engine_options *options) must_check;
void engine_close(struct engine **engine);

struct store *engine_store(struct engine *engine);
const struct service *engine_service(const struct engine *engine);
const struct meta *engine_meta(const struct engine *engine); /* as of the last commit or of the open turn */
const struct epochs *engine_epochs(const struct engine *engine); /* those that have ended; the same until engine_close */

/* engine_cursor -- where a source stands; all zero when it was never heard. */
struct cursor engine_cursor(const struct engine *engine, struct text source);
/* engine_each_cursor -- call each for every known source. */
void engine_each_cursor(struct engine *engine, void (*each)(void *context, struct text source, const struct cursor *cursor),
			void *context);

/* struct run -- consecutive events of one source, as one message brought them. */
struct run {
	struct text source;
	uint64_t epoch;
	bool continues;		/* feed only: its epoch goes on where the one that is known here ended */
	bool feed;		/* from a service's feed: sequences rise with holes (other types), everything in (after, through] is here */
	uint64_t after, through; /* feed only */
	uint32_t count;		/* of events */
	struct bytes events;	/* count msgpack arrays, one after the other */
	int64_t now_us;		/* replay only: stamp of the first event */
};

enum admission_state {
	ADMISSION_DONE,	  /* durable through `through` once the turn is committed */
	ADMISSION_GAP,	  /* something before it is missing: resend from through + 1 */
	ADMISSION_FENCED, /* an older epoch of this source: never again */
	ADMISSION_BROKEN  /* the store failed; the turn is void */
};

struct refusal {
	uint64_t seq;
	struct text code, message;
};

struct admission {
	enum admission_state state;
	uint64_t epoch, through;
	uint64_t duplicate_first, duplicate_last; /* 0, 0: none; one range, since a run is contiguous */
	uint32_t admitted;			  /* events that were new */
	uint32_t refusal_count;
	const struct refusal *refusals; /* lent until the next engine_begin */
};

/*
 * engine_begin -- open a turn at this time of day.   errors  as store_begin.
 * engine_admit -- take one run into the open turn.
 * engine_tick -- admit clock.ticked if the business clock, moved on by the wall time since the last input, has crossed a minute and
 *   nothing was admitted for a minute; returns whether it did. For idle moments.
 * engine_commit -- make the turn true.   errors  as store_commit; after any error the engine stands where it stood before engine_begin.
 * engine_abort -- forget the turn.
 */
int engine_begin(struct engine *engine, int64_t now_us) must_check;
/* engine_skip -- replay: another epoch begins here, and its numbers behind `head`. */
void engine_skip(struct engine *engine, uint64_t head);
void engine_admit(struct engine *engine, const struct run *run, struct admission *admission);
bool engine_tick(struct engine *engine);
int engine_commit(struct engine *engine) must_check;
void engine_abort(struct engine *engine);

/* engine_turn_size -- inputs admitted in the open turn so far.   engine_dirty -- whether the turn has anything to commit. */
uint32_t engine_turn_size(const struct engine *engine);
bool engine_dirty(const struct engine *engine);

/* engine_setting -- the effective value of the service's setting number `setting`. */
int64_t engine_setting(const struct engine *engine, unsigned setting);

/* engine_touched -- row keys that turn_touch named since the last call, each once; lent until the next engine_begin. */
const struct bytes *engine_touched(struct engine *engine, uint32_t *count);

/* engine_routes -- whether this service hears a type from outside or from a feed; NULL: no. */
const struct route *engine_route(const struct engine *engine, struct text type);

/*
 * engine_suspect_guard -- install handlers that, when the process dies of a bug, leave the event it was working on in the file
 * `suspect` of the store's folder. engine_open reads it: an event that killed the process twice is put in quarantine.
 */
void engine_suspect_guard(struct engine *engine);

/* ---- intake records, for rebuild and tools ---- */

/* intake_write -- pack a run with its stamp; the events' bytes are kept when it is not a feed.   intake_read -- take it apart; borrows. */
void intake_write(struct writer *writer, const struct run *run, int64_t now_us);
bool intake_read(struct bytes record, struct run *run) must_check;

/* What an operator takes out of quarantine is admitted as an input of this source. No peer may publish under it, nor as `clock`. */
#define ENGINE_OPERATOR "operator"

/* engine_retry -- admit the quarantined event `number` again, as it is, in its own turn; returns ERR_NOT_FOUND, a decode error, or ERR_NONE. */
/* engine_discard -- remove it. Both commit. */
int engine_retry(struct engine *engine, uint64_t number, int64_t now_us) must_check;
int engine_discard(struct engine *engine, uint64_t number, int64_t now_us) must_check;

#endif
