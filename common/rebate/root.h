/*
 * root.h -- the hash over the entries of a period of a rebate, one over the other.
 *
 * What is hashed is text that anybody can write down again; services/partners/DESIGN.md shows it. Whoever has all entries can work the
 * root out, and no entry can be changed, left out, added or put elsewhere without changing it.
 */
#ifndef TRIBUTARY_REBATE_ROOT_H
#define TRIBUTARY_REBATE_ROOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define ROOT_CONDITIONS 4
#define ROOT_TEXT 64 /* characters of a root, hexadecimal, without a zero behind them */

/* What one line of a ticket counts and brings. */
struct root_line {
	int64_t line, basis, amount;
};

/* struct root_entry -- an accrual or an adjustment. Borrows. */
struct root_entry {
	int64_t number;	  /* within its period, from 1 */
	struct text word; /* "accrued", or the cause of an adjustment */
	int64_t version;  /* of the scheme */
	struct text sale; /* empty: none */
	int64_t basis, base, share, amount; /* after it; amount: what it adds */
	bool has_conditions;
	int64_t conditions[ROOT_CONDITIONS]; /* mix, SKUs, displays, cases */
	const struct root_line *lines;
	uint32_t line_count;
};

/* root_begin -- the root of no entries.   root_bytes -- how much room root_next needs to write an entry down. */
void root_begin(char root[ROOT_TEXT]);
size_t root_bytes(const struct root_entry *entry);

/* root_next -- the root with one more entry.   owns  writes into buffer, of root_bytes, for the moment. */
void root_next(char root[ROOT_TEXT], const struct root_entry *entry, char *buffer);

#endif
