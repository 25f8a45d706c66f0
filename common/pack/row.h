/*
 * row.h -- one field of a row of an answer: a packed map with texts as keys. Nothing is copied.
 *
 * A field that is not there, is of another kind, or stands behind bytes that are no msgpack is absent.
 */
#ifndef TRIBUTARY_PACK_ROW_H
#define TRIBUTARY_PACK_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

/* row_text -- empty when it is absent; borrows from the row. */
struct text row_text(struct bytes row, const char *key);
int64_t row_int(struct bytes row, const char *key, int64_t absent);

/* row_true, row_false -- whether it is there and says so. */
bool row_true(struct bytes row, const char *key);
bool row_false(struct bytes row, const char *key);

#endif
