/*
 * json.h -- msgpack as JSON text: events, rows of answers, anything; and a strict look at JSON that came from
 * outside.
 *
 * Integers stay integers, other numbers are told with 17 digits, binary becomes lower-case hexadecimal text,
 * an extension and a key that is no text become the hexadecimal of their packed bytes. One value, no white
 * space.
 */
#ifndef TRIBUTARY_PACK_JSON_H
#define TRIBUTARY_PACK_JSON_H

#include "base/bytes.h"
#include "base/check.h"
#include "pack/reader.h"

/*
 * json_of_msgpack -- write one packed value as JSON and a zero.   errors  ERR_TOO_LARGE (out is too
 * small), the reader's.
 */
int json_of_msgpack(struct bytes value, char *out, size_t out_size) must_check;

#define JSON_DEPTH_MAX 16
#define JSON_DIGITS_EXACT 15 /* so many digits of a fraction a double still tells apart */

/*
 * json_check -- whether a text is one JSON value and nothing else, before a parser that is less strict sees
 * it.
 *   shape   RFC 8259; beyond it: no U+0000, no depth beyond JSON_DEPTH_MAX, no fraction or exponent that a
 *           double cannot hold. *failed_at is the byte where it fails.
 *   errors  ERR_SYNTAX, ERR_TRUNCATED, ERR_TRAILING, ERR_NOT_UTF8, ERR_TOO_DEEP, ERR_OUT_OF_RANGE.
 */
int json_check(const char *text, size_t *failed_at) must_check;

#endif
