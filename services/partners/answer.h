/*
 * answer.h -- what the questions about the rulebook share: a record as fields of a row, and keys as people write them.
 */
#ifndef TRIBUTARY_PARTNERS_ANSWER_H
#define TRIBUTARY_PARTNERS_ANSWER_H

#include "state.h"

/* answer_fields -- the packed fields of a record into the present row; lists as JSON text, a field `kind` as `sort`. */
void answer_fields(struct query *query, struct bytes fields);

/*
 * answer_key -- the key of the record that people call so (A/S1//GBP).
 *   owns    writes into key, which the result borrows; {NULL, 0}: no such record.
 */
struct bytes answer_key(struct query *query, unsigned kind, struct text shown, uint8_t key[KEY_SIZE]);

/* The versions of one record, from the oldest; `version` is 0 before the first. */
struct version_walk {
	unsigned kind;
	struct bytes key;
	int64_t latest, version, known_us;
	struct bytes fields;
};

/* version_walk_of -- before the first version of a record whose present one is `latest`.   version_walk_next -- the next that the history has. */
struct version_walk version_walk_of(unsigned kind, struct bytes key, int64_t latest);
bool version_walk_next(struct query *query, struct version_walk *walk);

/* version_known -- the last version that was known at this moment; false when none was. */
bool version_known(struct query *query, struct version_walk *walk, int64_t moment_us);

#endif
