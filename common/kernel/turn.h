/* turn.h -- the inside of a turn, shared by the files of the kernel. Services see kernel.h only. */
#ifndef TRIBUTARY_KERNEL_TURN_H
#define TRIBUTARY_KERNEL_TURN_H

#include "kernel/engine.h"
#include "kernel/epochs.h"
#include "kernel/metrics.h"
#include "kernel/prints.h"
#include "kernel/scrub.h"
#include "kernel/sources.h"

#define TURN_ARENA_BYTES (4u << 20)
#define EVENT_ARENA_BYTES (2u << 20)
#define TOUCHED_MAX 65536
#define TOUCHED_LATELY 256

struct turn {
	struct engine *engine;
	struct input input;
	char id[ID_TEXT_MAX];
	bool refused;
	struct refusal refusal;
	struct arena event_arena;	/* decoded lists, handlers' own takings; reset for every event */
};

struct touched {
	struct bytes keys[TOUCHED_MAX];
	uint32_t places[TOUCHED_MAX];	 /* of each key in slots */
	uint32_t slots[TOUCHED_MAX * 2]; /* hash of key -> index + 1 */
	uint32_t count;
	struct arena arena;
	struct {
		const void *row;
		int64_t number;
	} lately[TOUCHED_LATELY]; /* what turn_touched was asked about */
};

struct suspect {
	char source[SOURCE_TEXT_MAX];
	uint32_t source_size;
	uint32_t deaths;
	uint64_t epoch, seq;
};

/* What is known of a route before its first event. */
struct route_facts {
	struct text name; /* of its type */
	bool moves_business_clock;
};

struct engine {
	const struct service *service;
	struct text name;		/* the service's */
	struct route_facts *facts;	/* of each route, in their order */
	struct store *store;
	struct table tables[STORE_TABLES_MAX];
	int64_t settings[64];
	bool replay;
	struct meta meta, meta_before;
	struct epochs epochs;
	struct sources sources;
	struct scrub scrub;
	struct engine_counts counts;
	void (*observe)(void *context, struct metrics_node *out); /* NULL: there is no node */
	void *observer;
	struct turn turn;
	struct arena turn_arena;	/* refusals and what must live until the turn ends */
	struct touched *touched;
	_Alignas(8) uint8_t notes[TURN_NOTES_BYTES]; /* the service's own, of the open turn; zero behind notes_size */
	size_t notes_size;
	uint32_t turn_size;
	int64_t wall_us;		/* time of day of the open turn */
	int64_t idle_since_us;		/* wall time of the last admitted input */
	uint8_t *scratch;		/* EVENT_OWN_BYTES_MAX, for packing */
	uint8_t *record;		/* for intake and quarantine records */
	size_t record_size;
	const struct route *routed;	/* of the event before: most are of the same type */
	const struct event_type *saying; /* what was said last, likewise, */
	struct text saying_name;	/* and its name */
	struct suspect suspect;
	struct prints prints;
	char suspect_path[4096];
};

static inline const struct route_facts *route_facts(const struct engine *engine, const struct route *route)
{
	return &engine->facts[route - engine->service->routes];
}

/* turn_write_meta -- meta and touched cursors into the turn. */
void turn_event(struct engine *engine, struct cursor *cursor, const struct run *run, uint64_t seq, struct bytes event);
/* quarantine_put -- keep an event whole with the reason. */
void quarantine_put(struct engine *engine, const struct run *run, uint64_t seq, struct bytes event, const char *reason);

#endif
