/*
 * table.h -- rows of answers as a table for people: aligned, with units taken out of the names and put to the values.
 *
 * Numbers say their unit at the end of their name, and become: _minor an amount (by the row's currency), _milli a quantity, _bp a
 * percentage, _us a moment or a span of time. Widths are those of the first TABLE_ROWS rows, then of as many more.
 *
 * It does not know what any column means; whoever reads with a program asks for --json.
 */
#ifndef TRIBUTARY_TABLE_H
#define TRIBUTARY_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

#define TABLE_COLUMNS 64
#define TABLE_ROWS 200

enum table_unit { TABLE_PLAIN, TABLE_MINOR, TABLE_MILLI, TABLE_BP, TABLE_TIME };

struct table_column {
	char name[64];	/* of the field */
	size_t title;	/* bytes of the name without its unit */
	enum table_unit unit;
	bool is_number;
	size_t width;
};

struct table {
	const char *wanted; /* names of columns with or without their unit, by commas; NULL: those of the first row */
	struct table_column columns[TABLE_COLUMNS];
	unsigned column_count;
	char *cells[TABLE_ROWS][TABLE_COLUMNS];
	unsigned row_count;
	bool titled;
};

/*
 * table_row -- one more row, a msgpack map. The columns are those of the first, or the wanted ones; what else a row has is for --json.
 *   owns    copies it.
 * table_end -- print what is left; the table is empty again.
 */
void table_row(struct table *table, struct bytes row);
void table_end(struct table *table);

#endif
