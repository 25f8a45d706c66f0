/*
 * apply.h -- master data from YAML: one list per kind, one mapping per record; every complaint names file, line and field.
 *
 * The fields are those of schemas/staff.yaml. Prices, money and quantities are written as people write them (12.50) and taken as exact
 * decimals; times, minutes and counts are whole numbers.
 */
#ifndef TRIBUTARY_COMMAND_APPLY_H
#define TRIBUTARY_COMMAND_APPLY_H

#include "command.h"

struct record {
	struct record *next;
	const struct event_type *type;
	void *event;
	unsigned line;
	const char *file;
};

struct records {
	struct record *first, **end;
	struct arena arena; /* events, texts, records */
	unsigned count, wrong;
};

/* apply_read -- append the records of a file; complaints go to stderr and are counted in wrong. errors  ERR_NOT_FOUND, ERR_SYNTAX, ERR_MEMORY. */
int apply_read(struct records *records, const char *file) must_check;

#endif
