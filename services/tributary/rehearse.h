/*
 * rehearse.h -- what the files of `tributary rehearse` share: a recorded period, and what came of it under a rulebook.
 *
 * The past is read from the journals of a running network and changes nothing there. It is played in a network of the command's own,
 * once under the rules as they stand and once with the candidate's on top of them; the real services decide both times.
 */
#ifndef TRIBUTARY_COMMAND_REHEARSE_H
#define TRIBUTARY_COMMAND_REHEARSE_H

#include <uthash.h>

#include "apply.h"
#include "base/units.h"
#include "scratch.h"

/* One event that somebody said, as it is said again. */
struct said {
	const struct event_type *type;
	const char *source;
	void *event;
	int64_t time_us;
	size_t order; /* in which it was recorded */
};

struct sayings {
	struct said *items;
	size_t count, room;
};

/* What lay at a place before the period: the sum of its movements. */
struct shelf {
	UT_hash_handle hh;
	char key[72]; /* place, a zero byte, SKU */
	int64_t milli;
};

struct past {
	const char *from, *until; /* business days, inclusive */
	struct arena arena;	  /* events and their texts */
	struct sayings rules;	  /* of staff, in their order */
	struct sayings tickets;	  /* of tills, by time */
	struct sayings supplies;  /* of warehouse systems: goods that suppliers brought */
	struct sayings office;	  /* of staff, by time: payments, claims on funds */
	struct sayings openings;  /* of staff: what outlets owed before */
	struct shelf *shelves;	  /* by place */
	struct owed_order *orders; /* of before the period */
	struct debtor *debtors;
	int64_t begins_us;	  /* of the first ticket */
	uint64_t left_out;	  /* events that cannot be said again */
};

/* ---- rehearse_past.c ---- */

/* past_read -- rules as they stand, what lay where, what was sold from day to day.   errors  an exit code, said on stderr. */
int past_read(struct past *past, const struct network *network);
void past_free(struct past *past);

/* past_keep -- memory as long as the past.   past_say -- one more of them, its texts and its event kept.   past_source -- who has said the
 * event of this id; NULL: nobody.   past_has -- whether a business day is one of the period.   past_recast -- an event as another type, by the
 * names of its fields. */
void *past_keep(struct past *past, size_t size);
void past_say(struct sayings *sayings, struct said said);
const char *past_source(struct past *past, struct text id);
bool past_has(const struct past *past, struct text day);
void *past_recast(struct past *past, const struct event_type *from, const void *event, const struct event_type *to);

/* ---- rehearse_money.c ---- */

/* past_take_order, past_take_office -- one event of orders, of partners; others pass.   past_open_books -- what outlets owed when the period began. */
void past_take_order(struct past *past, const struct event_type *type, const void *event, const struct envelope *envelope);
void past_take_office(struct past *past, const struct event_type *type, const void *event, const struct envelope *envelope);
void past_open_books(struct past *past);

/* ---- rehearse_play.c ---- */

enum measure {
#define MEASURE(name, key, unit, sentence) MEASURE_##name,
#include "rehearse_measures.def"
#undef MEASURE
	MEASURES
};

enum measure_unit { UNIT_COUNT, UNIT_MONEY, UNIT_BASIS_POINTS };

/* What came of the period at one outlet. */
struct outcome {
	UT_hash_handle hh;
	char outlet[40], currency[4]; /* currency: that it trades in, or empty */
	int64_t values[MEASURES];
};

struct rehearsal {
	const struct past *past;
	const struct records *candidate; /* NULL: the rules as they stand */
	int64_t step_us;		 /* tickets of so much time are said before deliveries of that time are */
	bool keep;
	const char *name, *tmp;
	struct outcome *outcomes;
	uint64_t refused; /* rules that partners did not take */
};

/* rehearsal_play -- in a network of its own.   errors  an exit code, said on stderr.   rehearsal_outcome -- made when new. */
int rehearsal_play(struct rehearsal *rehearsal);
struct outcome *rehearsal_outcome(struct rehearsal *rehearsal, struct text outlet);
void rehearsal_free(struct rehearsal *rehearsal);

/* ---- rehearse_measure.c ---- */

/* rehearsal_measure -- ask the played network what came of it.   errors  those of a query. */
int rehearsal_measure(struct rehearsal *rehearsal, const struct network *network) must_check;

#endif
