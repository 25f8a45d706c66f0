/*
 * state.h -- records as rows: version and packed fields, found by kind and key.
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

/* One kind of record: where it is kept and what is said of it. In the order of enum partners_table. */
struct kind {
	const char *name;
	const struct event_type *submitted, *declared;
};

extern const struct kind kinds[TABLE_COUNT];

/* record_shown -- a key for people: codes joined with slashes. */
struct text record_shown(struct bytes key, char shown[KEY_SIZE]);

/* record_get -- the record of a key, version 0 when there is none.   record_put -- replace it.   record_read
 * -- take a row apart. */
struct record record_get(struct turn *turn, enum partners_table kind, struct bytes key);
void record_put(struct turn *turn, enum partners_table kind, struct bytes key, const struct record *record);
bool record_read(struct bytes row, struct record *record);

/* record_known -- whether there is a record with this one code as its key. */
bool record_known(struct turn *turn, enum partners_table kind, struct text code);

#endif
