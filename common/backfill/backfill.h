/*
 * backfill.h -- a service reads its own journal again (补算) for a metric that was registered late, a part at every tick, so that the metric
 * knows the past as well.
 *
 * Whose events a metric may count says which (struct backfill_source), hands over what it hears of metrics and of ticks, and says in its own words
 * where a reading begins and what each part has counted. What it says behind the word that begins a reading is exactly what is not read again:
 * whoever adds up begins anew at that word, and then nothing counts twice or not at all. The words are those of orders; those of
 * other services have other names and the same fields.
 *
 * It does not know what a metric is for, and keeps none but those that wait to be read.
 */
#ifndef TRIBUTARY_BACKFILL_BACKFILL_H
#define TRIBUTARY_BACKFILL_BACKFILL_H

#include "base/key.h"
#include "events/orders.h"
#include "events/partners.h"
#include "kernel/kernel.h"

#define BACKFILL_EVENTS 2000 /* of the journal, that one tick reads again */

/* Where the reading for a metric stands: the row of the service's table, by the code of the metric. Little-endian, without padding. */
struct backfill {
	int64_t version; /* of the metric */
	uint64_t next, through; /* sequences: next is read next */
	char event[64], field[32], value[64], sum[32];
};

/* A type of events that a metric may count. is_kept: of all of them kpi keeps count anyhow, so that only some of them, or a sum, are read again. */
struct backfill_event {
	const struct event_type *type;
	bool is_kept;
};

/* struct backfill_source -- one service's part: its table, its events (the last one has no type), and how it says that a reading begins, and a part of it. */
struct backfill_source {
	unsigned table;
	const struct backfill_event *events;
	uint64_t (*say_begun)(struct turn *turn, const struct metric_replay_begun *begun);
	uint64_t (*say_part)(struct turn *turn, const struct metric_replayed *part);
};

/*
 * backfill_begin -- a metric is declared: where it counts events of this service and cannot know their past otherwise, that it is read is said and kept.
 *   shape   a reading for an earlier version of the metric is forgotten in any case.   owns  borrows.
 */
void backfill_begin(struct turn *turn, const struct backfill_source *source, const struct metric_declared *declared);

/*
 * backfill_step -- one part for the first metric that waits; nothing where none does.
 *   shape   once for a tick. Of the turn's memory it takes about 360 KiB, and gives them back.
 */
void backfill_step(struct turn *turn, const struct backfill_source *source);

/* ---- the truths, for the audit of the service ---- */

struct backfill_told;

/* What the journal tells of readings, as far as it was walked; all zero at first. */
struct backfill_journal {
	struct audit *audit;
	struct backfill_told *told;
	size_t count, room;
};

/*
 * backfill_audit_begun, backfill_audit_part -- an event of the journal says that a reading begins, or a part of it; backfill_audit_rows -- the
 * journal is at its end.
 *   shape   a reading goes to the event before the word that begins it; parts belong to the latest reading of their metric, go forward and not
 *           beyond its end, and the last one is there; a row is where the parts of an open reading have left it.
 *   owns    memory of the heap until backfill_audit_rows.   errors  audit_wrong.
 */
void backfill_audit_begun(struct backfill_journal *journal, uint64_t seq, const struct metric_replay_begun *begun);
void backfill_audit_part(struct backfill_journal *journal, uint64_t seq, const struct metric_replayed *part);
void backfill_audit_rows(struct backfill_journal *journal, const struct backfill_source *source);

/* ---- the same words under the names of another service: all have the schema of those of orders ---- */

#define BACKFILL_BEGUN(name, begun)                                                                                                            \
	((struct name){.metric = (begun)->metric,                                                                                              \
		       .metric_version = (begun)->metric_version,                                                                              \
		       .event = (begun)->event,                                                                                                \
		       .has_field = (begun)->has_field,                                                                                        \
		       .field = (begun)->field,                                                                                                \
		       .has_value = (begun)->has_value,                                                                                        \
		       .value = (begun)->value,                                                                                                \
		       .has_sum = (begun)->has_sum,                                                                                            \
		       .sum = (begun)->sum,                                                                                                    \
		       .through = (begun)->through})

/* The sums are lent as they are. */
#define BACKFILL_PART(name, part)                                                                                                              \
	((struct name){.metric = (part)->metric,                                                                                               \
		       .metric_version = (part)->metric_version,                                                                               \
		       .through = (part)->through,                                                                                             \
		       .has_done = (part)->has_done,                                                                                           \
		       .done = (part)->done,                                                                                                   \
		       .sums = {(const struct name##_sum *)(const void *)(part)->sums.items, (part)->sums.count}})

#define BACKFILL_SAME(name)                                                                                                                    \
	_Static_assert(sizeof(struct name##_sum) == sizeof(struct metric_replayed_sum) &&                                                      \
	                   offsetof(struct name##_sum, counted) == offsetof(struct metric_replayed_sum, counted),                              \
	               "a sum is a sum")

#endif
