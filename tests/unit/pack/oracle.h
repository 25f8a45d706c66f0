/*
 * oracle.h -- the reader against another implementation: msgpack-c's own unpacker.
 *
 * Both must agree on what is msgpack and on every value, except where the reader is stricter on purpose. Then
 * the reason must be found in what the other one unpacked:
 *     ERR_OUT_OF_RANGE   an integer beyond +-(2^53 - 1), a float that is no number or infinite
 *     ERR_NOT_UTF8       a text that is not UTF-8
 *     ERR_TOO_DEEP       arrays and maps nested deeper than READER_DEPTH_MAX
 *     ERR_TRAILING       one value, and bytes behind it
 */
#ifndef TRIBUTARY_TESTS_PACK_ORACLE_H
#define TRIBUTARY_TESTS_PACK_ORACLE_H

#include "base/bytes.h"

struct oracle_verdict {
	const char *disagreement;	/* NULL when both agree; else what is wrong */
	int error;			/* what the reader said */
	/* not given to msgpack-c: it would reserve memory for a count that is a lie */
	bool skipped;
};

struct oracle_verdict oracle_compare(struct bytes bytes);

#endif
