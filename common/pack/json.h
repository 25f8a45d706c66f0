/*
 * json.h -- msgpack as JSON text: rows of answers, unknown fields, anything.
 *
 * Integers stay integers, binary becomes lower-case hexadecimal text, an extension too. One value, no white space.
 */
#ifndef TRIBUTARY_PACK_JSON_H
#define TRIBUTARY_PACK_JSON_H

#include "base/bytes.h"
#include "base/check.h"
#include "pack/reader.h"

/* json_of_msgpack -- write one packed value as JSON and a zero.   errors  ERR_TOO_LARGE (out is too small), the reader's. */
int json_of_msgpack(struct bytes value, char *out, size_t out_size) must_check;

#endif
