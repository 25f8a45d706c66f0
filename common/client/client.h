/*
 * client.h -- the library for tills, warehouse systems, dashboards and tools: say what happened, hear what
 * follows.
 *
 * A client talks to the door of one service. What it publishes is on its own disk before client_publish
 * returns; it is sent in order, kept until the service says that it is durable there, and sent again after
 * lost connections and restarts, for days if need be. What it subscribes to arrives once and in order, from
 * any sequence. It needs no thread: call client_process often, or run it in a loop.
 *
 * It does not decide what a refusal means: refused events are reported and the caller acts.
 *
 *     struct client *till;
 *     struct client_options options = {.name = "till OUT-001/T1",
 *                                      .endpoint = "ipc://build/run/orders.door",
 *                                      .spool = "/var/lib/till",
 *                                      .on_verdict = print_verdict};
 *     struct ticket_sold_line line = {.sku = TEXT_LITERAL("A"), .quantity = {1000},         // one piece
 *                                     .has_unit_price = true, .unit_price = {25500}};       // 2.55
 *     struct ticket_sold sold = {.outlet = TEXT_LITERAL("OUT-001"), .receipt = TEXT_LITERAL("R-1001"),
 *                                .currency = TEXT_LITERAL("GBP"), .day = TEXT_LITERAL("2026-03-01"),
 *                                .lines = {&line, 1}};
 *
 *     if (client_open(&till, &options) != ERR_NONE) ...
 *     if (client_publish(till, "OUT-001/T1", &ticket_sold_type, &sold, now_us, &seq) == ERR_NONE)
 *             print_receipt(&sold);                                                      // on disk
 *     for (;;)
 *             client_process(till, 100);                                     // sends, hears, sends again
 *
 * Complete programs to start from: deploy/examples/till.c and warehouse.c. The events and the units of their
 * members: schemas/EVENTS.md. How the library keeps its word: DESIGN.md in this folder.
 *
 * Caveats
 * - One spool folder belongs to one client of one process.
 * - A source's numbering belongs to its spool. When the service asks for events that the spool no longer has,
 *   or has more than the spool ever sent (a copied or restored disk), what is not acknowledged is numbered
 *   anew under a later epoch, and the log says so. Two spools must not publish under one source: the later
 *   one fences the other off (on_held).
 * - A verdict may be told again after a crash: what was acknowledged leaves the disk up to a second later.
 *   Then it is a duplicate, or refused as before.
 * - Callbacks may publish, begin, end and confirm. client_process does nothing in them, client_flush and
 *   client_query return ERR_USAGE; client_close aborts.
 * - On a simulated bus time passes elsewhere: client_flush and client_query are for real ones.
 */
#ifndef TRIBUTARY_CLIENT_CLIENT_H
#define TRIBUTARY_CLIENT_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"
#include "bus/bus.h"
#include "pack/event.h"
#include "pack/message.h"

struct client;

enum verdict { VERDICT_ACCEPTED, VERDICT_DUPLICATE, VERDICT_REFUSED };

/*
 * What the service has decided about one published event; durable there. code and message are empty unless
 * refused. Borrowed.
 */
struct client_verdict {
	struct text source;
	uint64_t seq;
	enum verdict verdict;
	struct text code, message;
};

struct client_options {
	const char *name;	   /* who speaks, for the service's log; cut after 63 bytes */
	const char *endpoint;	   /* the service's door */
	/*
	 * A door on tcp takes keys: key_file as `tributary keys enrol` has written it, server_key the public key of the service
	 * (`tributary keys show`). NULL: none, for socket files.
	 */
	const char *key_file, *server_key;
	bool plaintext_loopback;   /* the network takes no keys on loopback addresses */
	const char *token;	   /* for whom it speaks, where it may speak for others; NULL: for itself */
	const char *spool;	   /* folder, created when missing; NULL: in memory, lost with the process */
	struct bus *bus;	   /* NULL: a loop of its own */
	uint64_t spool_events_max; /* refuse beyond; 0: one million */
	/*
	 * So many acknowledged events stay on the disk. When the service was restored from a backup and asks for
	 * them, they are sent again under their own numbers, and their verdicts told again. 0: none.
	 */
	uint64_t keep_events;
	uint32_t window_events;	   /* sent and not yet acknowledged, at most, and about half a MiB of them; 0: 2000 */
	uint64_t seed;		   /* of the backoff's jitter; 0: of name and time */
	bool send_twice;	   /* say everything twice: for tests of the other side */
	void (*on_verdict)(void *context, const struct client_verdict *verdict); /* NULL: nobody asks */
	/*
	 * What waits of this source stays on the disk and is not sent, the others go on. "epoch_fenced":
	 * another spool publishes under its name; somebody has to decide (client_renumber). "unanswered": the
	 * service answers, but not to this source's next event; tried again each minute. NULL: only the log
	 * says so.
	 */
	void (*on_held)(void *context, struct text source, struct text code);
	void *context;
};

/*
 * client_open -- open the spool and begin to connect; succeeds while nobody is at the door.
 *   errors  the store's and the bus's; of the key file: ERR_NOT_FOUND, ERR_SYNTAX, ERR_OUT_OF_RANGE (others may read it).
 */
int client_open(struct client **client, const struct client_options *options) must_check;

/* client_close -- what is not acknowledged stays in the spool. */
void client_close(struct client **client);

/*
 * client_publish -- number an event of this source, write it to the spool, and send it when its turn comes.
 *   shape   event is a struct of type; source 1 to 64 bytes of UTF-8.
 *   owns    copies everything; *seq (may be NULL) is its number.
 *   errors  ERR_OUT_OF_RANGE and the like from event_check (nothing happened); ERR_OUT_OF_RANGE also where the
 *           source has no number left (client_renumber begins another epoch); ERR_STORE_FULL (the spool is
 *           at its limit), ERR_DISK_FULL, ERR_STORE_IO: it is not on disk, do not print a receipt. Between
 *           client_begin and client_end it is on disk when client_end says so.
 */
int client_publish(struct client *client, const char *source, const struct event_type *type,
		   const void *event, int64_t time_us, uint64_t *seq) must_check;

/*
 * client_number -- take over a numbering that is kept elsewhere: the next event of this source will be number
 * `last` + 1 of this epoch.
 *   shape   for tools that replay numbered events; nothing of the source may wait in the spool, unless it
 *           stands there already. Such a source is never renumbered: what the service cannot take is refused
 *           with "gap" or "epoch_fenced".
 *   errors  ERR_USAGE (something waits), ERR_MEMORY, the spool's.
 */
int client_number(struct client *client, const char *source, uint64_t epoch, uint64_t last) must_check;

/*
 * client_renumber -- decide that this spool goes on under this source's name: what waits is numbered anew
 * under a later epoch, and whoever else publishes under the name is fenced off.
 *   errors  ERR_NOT_FOUND, ERR_USAGE (between client_begin and client_end), the spool's.
 */
int client_renumber(struct client *client, const char *source) must_check;

/*
 * client_begin, client_end -- many client_publish and client_confirm in one synced commit: on disk when
 * client_end returns ERR_NONE, and none of them when it does not. Nothing is sent in between.
 *   errors  ERR_USAGE (open already, not open), the spool's.
 */
int client_begin(struct client *client) must_check;
int client_end(struct client *client) must_check;

/*
 * client_waiting -- events in the spool not acknowledged yet.   client_connected -- the door answered lately.
 */
uint64_t client_waiting(const struct client *client);
bool client_connected(const struct client *client);

/* client_process -- do what is due, waiting at most wait_ms for something to become due. */
void client_process(struct client *client, uint64_t wait_ms);

/* client_flush -- process until everything is acknowledged.   errors  ERR_TIMEOUT: it is not by then. */
int client_flush(struct client *client, uint64_t timeout_ms) must_check;

/* ---- subscribing ---- */

struct client_subscription {
	const char *const *types; /* NULL-terminated; NULL: all */
	const char *const *keys;  /* of the envelope's subject; NULL: all */
	uint64_t from;		  /* first sequence wanted; 0: only what comes from now on */
	uint64_t epoch;		  /* of the numbering of `from`; another is heard from 1; 0: any */
	uint32_t credit;	  /* events sent ahead; 0: 1000 */
	/*
	 * One event, once, in order. epoch is that of the numbering; a new one begins at 1 again. Borrowed.
	 */
	void (*on_event)(void *context, const struct envelope *envelope, struct bytes event, uint64_t epoch);
	/* Everything up to `through` was heard; head is how far the journal goes. May be NULL. */
	void (*on_progress)(void *context, uint64_t through, uint64_t head);
	void *context;
};

/*
 * client_subscribe -- one subscription a client. To "kpi.updated" at kpi's door it is a live view: everything
 * as it stands, then the changes, and everything again after a lost connection; its numbers mean nothing
 * beyond it.
 *   owns    the texts must live as long as the client.
 *   errors  ERR_USAGE (there is one already, an epoch without from).
 */
int client_subscribe(struct client *client, const struct client_subscription *subscription) must_check;

/*
 * client_confirm -- keep in the spool that everything through `seq` of this epoch was dealt with.
 * client_confirmed -- where that is, also after a restart; {0, 0}: nowhere yet. To go on from there:
 * subscribe with from = seq + 1 and that epoch.
 *   shape   between client_begin and client_end it becomes durable together with the events published there:
 *           whoever answers an event with events, as a warehouse does, answers each exactly once.
 *   errors  the spool's.
 */
int client_confirm(struct client *client, uint64_t epoch, uint64_t seq) must_check;
void client_confirmed(const struct client *client, uint64_t *epoch, uint64_t *seq);

/* ---- asking ---- */

/*
 * client_query -- ask, and hear every row of every page.
 *   shape   arguments: a packed map of text to text or int, or empty.
 *   units   timeout_ms for each page.
 *   owns    row is borrowed for the call.
 *   errors  ERR_UNREACHABLE (nobody at the door), ERR_TIMEOUT, ERR_NOT_FOUND (no such query), ERR_AGAIN
 *           (refused for now), ERR_FORBIDDEN (not theirs to ask), ERR_MISSING_FIELD (a page that says there is more, but not where).
 */
int client_query(struct client *client, const char *what, struct bytes arguments,
		 void (*on_row)(void *context, struct bytes row), void *context,
		 uint64_t timeout_ms) must_check;

#endif
