/*
 * state.h -- records as rows: version and packed fields, found by kind and key; and all versions that were before.
 *
 * The only file that knows the layout. It does not judge what a record says.
 */
#ifndef TRIBUTARY_PARTNERS_STATE_H
#define TRIBUTARY_PARTNERS_STATE_H

#include "base/key.h"
#include "partners.h"

/* A record as it lies in its row. Borrows from the row. */
struct record {
	int64_t version;     /* 0: there is none */
	struct bytes fields; /* the packed map of its <kind>.submitted */
};

/* One kind of record: where it is kept and what is said of it. In the order of enum partners_table; a table that keeps no records has no name here.
 */
struct kind {
	const char *name;
	const struct event_type *submitted, *declared;
};

extern const struct kind kinds[TABLE_COUNT];

/* kind_find -- the kind of this name; TABLE_COUNT when there is none. */
unsigned kind_find(struct text name);

/* record_shown -- a key for people: codes joined with slashes. */
struct text record_shown(struct bytes key, char shown[KEY_SIZE]);

/*
 * record_get -- the record of a key, version 0 when there is none.   record_put -- replace it, and keep this version beside those
 * before it.   record_read -- take a row apart.
 */
struct record record_get(struct turn *turn, enum partners_table kind, struct bytes key);
void record_put(struct turn *turn, enum partners_table kind, struct bytes key, const struct record *record);
bool record_read(struct bytes row, struct record *record);

/* One version of a record as it lies in the history. Borrows from the row. */
struct version {
	int64_t time_us; /* of its declaration */
	struct bytes fields;
};

#define VERSION_KEY_SIZE (1 + KEY_SIZE + 8)

/* version_key -- where a version of a record lies in the history.   version_read -- take its row apart; false when it is none. */
struct bytes version_key(uint8_t to[VERSION_KEY_SIZE], unsigned kind, struct bytes key, int64_t version);
bool version_read(struct bytes row, struct version *version);

/* version_key_read -- which version of which record lies there; false when the key is none. */
bool version_key_read(struct bytes from, unsigned *kind, struct bytes *key, int64_t *version);

/* struct row_walk -- rows of a table whose keys begin alike, one after the other, while they may be changed. */
struct row_walk {
	uint8_t at[KEY_SIZE + 1];
	size_t size, prefix;
};

/* row_walk_of -- before the first of those that begin so.   row_walk_next -- the row of the next one; empty: there is none. Its key without what all
 * have in common belongs to the turn. */
struct row_walk row_walk_of(struct bytes prefix);
struct bytes row_walk_next(struct turn *turn, enum partners_table table, struct row_walk *walk, struct text *rest);

/* record_known -- whether there is a record with this one code as its key. */
bool record_known(struct turn *turn, enum partners_table kind, struct text code);

/* payment_sum_read -- all that an outlet has paid, deposited and was given back, added up. */
int64_t payment_sum_read(struct bytes row);

#endif
