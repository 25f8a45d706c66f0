/* audit_line.h -- one line of the audit file: written, hashed, read back. For audit.c. */
#ifndef TRIBUTARY_AUDIT_AUDIT_LINE_H
#define TRIBUTARY_AUDIT_AUDIT_LINE_H

#include <stddef.h>

#include "audit/audit.h"

/* What a line says of its place. */
struct audit_place {
	uint64_t n;
	char previous[AUDIT_HASH_TEXT + 1], hash[AUDIT_HASH_TEXT + 1];
	bool is_sound; /* its hash is that of its bytes */
};

/* audit_line_write -- a line with its end.   units  returns its bytes, at most AUDIT_LINE_MAX. */
size_t audit_line_write(char out[AUDIT_LINE_MAX], uint64_t n, int64_t now_us, const struct audit_act *act, const char *previous);

/* audit_line_read -- take a line, without its end, apart.   errors  false: it is none. */
bool audit_line_read(const char *line, size_t size, struct audit_place *place) must_check;

/* audit_hash -- of some bytes, as text. */
void audit_hash(const char *bytes, size_t size, char out[AUDIT_HASH_TEXT + 1]);

#endif
