/*
 * kernel.h -- what a service sees of the kernel: a turn to work in, and service_main to be run by.
 *
 * A service is a table of routes (events to handlers), a table of tables (its state), queries (looks at its state) and an audit.
 * Handlers are called inside a turn, one input after the other; they read and write rows, emit events, refuse inputs. They have no
 * clock, no randomness, no sockets, no malloc and no error returns: failures of storage are sticky in the turn and abort all of it.
 *
 * It does not know what any event means.
 */
#ifndef TRIBUTARY_KERNEL_KERNEL_H
#define TRIBUTARY_KERNEL_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/units.h"
#include "base/when.h"
#include "pack/event.h"
#include "store/store.h"

struct turn;

/* ---- routes: generated from the files on_<event>.c of a service ---- */

struct route {
	const struct event_type *type;
	void (*handle)(struct turn *turn, const void *event);
};

/* ---- inside a handler ---- */

/* struct input -- the envelope of the event being handled. */
struct input {
	struct text source;	/* "orders", "OUT-001/T1" */
	uint64_t epoch, seq;
	struct text subject;
	int64_t time_us;	/* when it happened, by the source's clock */
	int64_t now_us;		/* when it was admitted here; strictly rising; differs from run to run: never store it in a row */
	struct text id;		/* "orders#42": what effects name as their cause */
	struct text type;
};

const struct input *turn_input(const struct turn *turn);

/*
 * turn_get, turn_put, turn_del, turn_seek, turn_edit, turn_expect -- rows of the service's own tables (numbers as in tables.def); as
 * store_get and so on.
 *   owns    turn_get and turn_edit lend until the row is put or deleted, or the turn ends.
 */
struct bytes turn_get(struct turn *turn, unsigned table, struct bytes key);
void *turn_edit(struct turn *turn, unsigned table, struct bytes key, size_t size);
void turn_expect(struct turn *turn, unsigned table, const struct bytes *keys, unsigned count);
void turn_put(struct turn *turn, unsigned table, struct bytes key, struct bytes value);
void turn_del(struct turn *turn, unsigned table, struct bytes key);
struct bytes turn_seek(struct turn *turn, unsigned table, struct bytes key, struct bytes *found_key);

/*
 * turn_must -- whether a row that must be there was found, as told. One that was not is our bug and stops the process, unless a read of this
 * turn has failed: nothing of such a turn is kept, and its handler need only come to its end.
 */
bool turn_must(const struct turn *turn, bool is_there) must_check;

/* turn_own_event -- one of this service's own earlier events by sequence; false when there is none. Borrows until the turn ends. */
bool turn_own_event(struct turn *turn, uint64_t seq, struct envelope *envelope);

/* turn_next_seq -- the sequence that the next emitted event will have; ids derived from it are unique in this service's epoch. */
uint64_t turn_next_seq(const struct turn *turn);

/*
 * turn_take -- memory for lists and texts of events about to be emitted; valid until the handler returns. Never NULL (a
 * want beyond the arena fails the turn's event as too large and lends scrap memory).
 */
void *turn_take(struct turn *turn, size_t size);

/* turn_arena -- the same memory as an arena, for taking apart an own earlier event. */
struct arena *turn_arena(struct turn *turn);

#define TURN_TEXT_MAX 200 /* bytes: what a message in an event may have */

/* turn_text -- printf into turn_take memory, cut between characters at TURN_TEXT_MAX bytes. */
struct text turn_text(struct turn *turn, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * turn_emit -- append one event to this service's journal; generated emit_<event>() wrap it, nobody else calls it.
 *   units   returns its sequence. Its time is the input's time, its cause the input.
 */
uint64_t turn_emit(struct turn *turn, const struct event_type *type, const void *event);

/*
 * turn_refuse -- tell the source of the present input that its event was refused, with a code and a sentence; recorded, so a resend
 * hears the same. The handler emits the refusal event beside it and returns. code: lower case with underscores, static text.
 */
void turn_refuse(struct turn *turn, const char *code, struct text message);

/* turn_setting -- the value of one of the service's own settings (index in params). */
int64_t turn_setting(const struct turn *turn, unsigned setting);

/* ---- queries: looks at committed state ---- */

struct query;

/* query_argument -- the value of an argument of the query, or an empty text. */
struct text query_argument(const struct query *query, const char *name);
int64_t query_argument_int(const struct query *query, const char *name, int64_t absent);

/* query_get -- a committed row by its key; a key of no bytes, as of an argument that was not given, names none.   query_seek, query_next -- in order. */
struct bytes query_get(struct query *query, unsigned table, struct bytes key);
struct bytes query_seek(struct query *query, unsigned table, struct bytes key, struct bytes *found_key);
struct bytes query_next(struct query *query, unsigned table, struct bytes *found_key);

/* query_row -- begin one row of the answer, then its fields. Returns false when the page is full: return from the handler after query_more. */
bool query_row(struct query *query);
void query_text(struct query *query, const char *key, struct text value);
void query_int(struct query *query, const char *key, int64_t value);
void query_bool(struct query *query, const char *key, bool value);
void query_bin(struct query *query, const char *key, struct bytes value); /* the first 8 KiB of it */

/* query_more -- the answer goes on from this row key: the caller asks again and finds it in query_from. */
void query_more(struct query *query, struct bytes key);
struct bytes query_from(const struct query *query);

struct query_handler {
	const char *name;	/* "stock" */
	void (*answer)(struct query *query);
	const char *sentence;
	/* The keys of a row that name its outlet and its warehouse, or NULL; only where `when` is `is`. None: the rows are for whoever sees all. */
	const char *outlet, *warehouse, *when, *is;
};

/* ---- audit: a service's own invariants, checked by `tributary check` ---- */

struct audit;
struct view *audit_view(struct audit *audit);	/* service tables through audit_table() */
unsigned audit_table(const struct audit *audit, unsigned table);
/* audit_event -- walk the service's own journal: next event after the last, false at the end. */
bool audit_event(struct audit *audit, struct envelope *envelope);
/* audit_wrong -- report one violated truth, naming the place. */
void audit_wrong(struct audit *audit, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- live views: streams of rows that change, snapshot first, conflated for slow readers ---- */

/*
 * turn_touch -- say that the row `key` of the service's view `table` has changed, so that watchers hear it after the commit.
 * The service's render function makes the event of it.
 */
void turn_touch(struct turn *turn, struct bytes key);

/*
 * turn_touched -- whether this was asked before in this turn about a row that turn_edit lent, and a number: then what was touched for
 * them is touched already. False for the first time, and when that is forgotten: touch it again.
 */
bool turn_touched(struct turn *turn, const void *row, int64_t number);

/*
 * turn_notes -- memory in which a service may note what it has found in this turn, so that it need not look again.
 *   units   size in bytes, at most TURN_NOTES_BYTES, the same in every call.
 *   owns    lends until the turn ends. All zero at its first call in a turn; aligned to 8.
 *   Where a turn begins and ends is chance: what is done must not depend on what is noted.
 */
#define TURN_NOTES_BYTES (64u << 10)
void *turn_notes(struct turn *turn, size_t size);

/* ---- a service ---- */

struct setting {
	const char *name, *unit, *sentence;
	int64_t min, max, value; /* value: the default */
};

enum meter_kind { METER_GAUGE, METER_COUNTER, METER_HISTOGRAM };

/* One figure for whoever watches the network, beside those that every service has (metrics.def). */
struct meter {
	const char *name, *unit, *sentence;
	enum meter_kind kind;
	unsigned decimals;			/* digits of the value behind its point */
	int64_t (*value)(struct query *query);	/* of the moment: a few rows are read, no table is walked */
};

struct service {
	const char *name;
	const struct route *routes;
	unsigned route_count;
	const struct table *tables;
	unsigned table_count;
	const struct setting *settings;
	unsigned setting_count;
	const struct query_handler *queries;
	unsigned query_count;
	const struct meter *meters;
	unsigned meter_count;
	void (*audit)(struct audit *audit); /* NULL: none */
	/* Live view: type of the rendered events; render packs the row `key` into event memory (struct of that type); false: no such row. NULL: none. */
	const struct event_type *view_type;
	unsigned view_table;
	bool (*view_render)(struct query *query, struct bytes key, void *event, struct arena *arena);
	/*
	 * How long a turn waits for company, ms: for services whose answers nobody waits for, so that their commits do
	 * not compete for the disk with those that somebody does.
	 */
	unsigned linger_ms;
	unsigned rest_ms; /* the same behind a turn of 500 inputs or more, 0: not at all: larger turns write less and leave the disk to others */
	int nice; /* how far its threads step back (0 to 19) on a busy machine, for services that somebody waits for */
	const char *const *follows;	/* services whose events it hears; NULL-terminated; generated */
	/*
	 * is_idle -- whether its committed rows leave it nothing to do with events of the types in idle_types: these are then not even
	 * sent to it. NULL: it always has something to do.
	 *   shape   once false, always false: from the turn on that made it so everything is heard again.
	 */
	bool (*is_idle)(struct query *query);
	const char *const *idle_types;	/* NULL-terminated; of each service that it follows it hears others too */
};

/* service_is_spared -- whether an event of this type is one that the service, which has is_idle, does not hear while it is idle. */
bool service_is_spared(const struct service *service, struct text type);

/*
 * service_main -- options, settings, store, bus, loop and store thread, until SIGTERM; or one of the tools (--rebuild, --check, --hash).
 *   errors  returns the exit code of the process: 0 done, 1 failed, 2 usage.
 */
int service_main(int argc, char **argv, const struct service *service);

#endif
