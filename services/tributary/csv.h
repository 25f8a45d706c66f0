/* csv.h -- lines of comma-separated values, plain or gzipped, with quotes as in RFC 4180. */
#ifndef TRIBUTARY_COMMAND_CSV_H
#define TRIBUTARY_COMMAND_CSV_H

#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"

#define CSV_FIELDS_MAX 64
#define CSV_LINE_MAX 65536

struct csv {
	void *file;		/* zlib's; reads plain files as well */
	char line[CSV_LINE_MAX];
	char *fields[CSV_FIELDS_MAX];	/* of the present line; valid until the next */
	uint32_t field_count;
	uint64_t number;	/* of the present line, from 1 */
};

/* csv_open -- errors: ERR_NOT_FOUND.   csv_next -- the next line; false at the end.   csv_column -- place of a name in the present (first) line, -1: none. */
int csv_open(struct csv *csv, const char *path) must_check;
bool csv_next(struct csv *csv);
int csv_column(const struct csv *csv, const char *name);
void csv_close(struct csv *csv);

#endif
