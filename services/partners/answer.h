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

#endif
