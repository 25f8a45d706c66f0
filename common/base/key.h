/*
 * key.h -- keys of rows made of codes, and codes of fixed place in rows.
 *
 * A key joins codes by zero bytes, so that rows of one first code lie together and sort by the next. A code in a row fills its place
 * with zeros. Codes themselves hold no zero byte: the decoders and the rulebook see to that.
 */
#ifndef TRIBUTARY_BASE_KEY_H
#define TRIBUTARY_BASE_KEY_H

#include "base/bytes.h"
#include "base/check.h"

#define KEY_SIZE 256 /* bytes: the longest key, four codes of 48 and their separators, with room to spare */

/*
 * key_join -- codes with a zero byte between them (an empty last code leaves the separator: a prefix).
 *   owns    writes into key, which the result borrows.   errors  a key beyond KEY_SIZE is our bug and aborts.
 */
struct bytes key_join(uint8_t key[KEY_SIZE], const struct text *codes, unsigned count);

/*
 * key_timed -- a key behind a moment: rows lie in the order of their moments, those of one moment in that of their keys.
 *   units   part stands before the moment, "" for none; the moment is no less than 0, in whatever the rows count.
 *   owns    as key_join.   errors  as key_join.
 */
struct bytes key_timed(uint8_t key[KEY_SIZE], const char *part, int64_t moment, struct bytes rest);

/* key_part -- the n-th code of a joined key, from 0; empty when there are fewer. Borrows. */
struct text key_part(struct bytes key, unsigned part);

/* code_put -- fill the place of a code in a row.   code_text -- read it; borrows the row. */
void code_put(char *code, size_t size, struct text text);
struct text code_text(const char *code, size_t size);
#define CODE_PUT(code, text) code_put((code), sizeof(code), (text))
#define CODE_TEXT(code) code_text((code), sizeof(code))

#endif
