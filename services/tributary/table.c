/* table.c -- cells are kept as text until their columns' widths are known. */
#include "table.h"

#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "command.h"
#include "say.h"

#define CELL_BYTES 256
#define CELL_WIDTH 60 /* of a text; what is longer is cut, with a mark */

static const struct {
	const char *end;
	enum table_unit unit;
} units[] = {{"_minor", TABLE_MINOR}, {"_milli", TABLE_MILLI}, {"_bp", TABLE_BP}, {"_us", TABLE_TIME}};

static void title(struct table_column *column, struct text name)
{
	snprintf(column->name, sizeof(column->name), "%.*s", TEXT_ARGS(name));
	column->title = strlen(column->name);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		size_t end = strlen(units[i].end);

		if (column->title > end && strcmp(column->name + column->title - end, units[i].end) == 0) {
			column->unit = units[i].unit;
			column->title -= end;
			return;
		}
	}
}

static bool is_called(const struct table_column *column, struct text name)
{
	return text_equal(name, text_of(column->name)) || text_equal(name, (struct text){column->name, (uint32_t)column->title});
}

/* The column of this name in the row, with or without its unit; a name that is not there stays, and its cells say so. */
static void column_called(struct table_column *column, struct bytes row, struct text name)
{
	struct reader reader = reader_of(row);

	for (uint32_t pairs = reader_map(&reader, 1000); pairs > 0; pairs--) {
		title(column, reader_text(&reader, 200));
		if (is_called(column, name))
			return;
		*column = (struct table_column){.width = 0};
		reader_skip(&reader);
	}
	title(column, name);
}

static void titles(struct table *table, struct bytes row)
{
	struct reader reader = reader_of(row);

	for (const char *at = table->wanted; at != NULL && *at != 0 && table->column_count < TABLE_COLUMNS;) {
		size_t size = strcspn(at, ",");

		if (size > 0)
			column_called(&table->columns[table->column_count++], row, (struct text){at, (uint32_t)size});
		at += size + (at[size] == ',');
	}
	for (uint32_t pairs = reader_map(&reader, 1000); table->wanted == NULL && pairs > 0 && table->column_count < TABLE_COLUMNS; pairs--) {
		title(&table->columns[table->column_count++], reader_text(&reader, 200));
		reader_skip(&reader);
	}
}

/* Columns of a terminal that a text takes: two for each letter of the East, none for what joins the letter before it. */
static size_t width_of(const char *text)
{
	size_t width = 0;

	for (const unsigned char *at = (const unsigned char *)text; *at != 0; at++) {
		if ((*at & 0xC0) == 0x80)
			continue;
		width += *at >= 0xE3 && *at <= 0xED ? 2 : 1; /* U+3000 to U+DFFF */
	}
	return width;
}

static void number_cell(char *cell, const struct table_column *column, int64_t value, struct bytes row)
{
	char number[SAY_NUMBER_BYTES];
	int exponent;

	switch (column->unit) {
	case TABLE_MINOR:
		exponent = currency_exponent(row_text(row, "currency"));
		say_decimal(cell, value, exponent >= 0 ? exponent : 2, false);
		return;
	case TABLE_MILLI:
		say_decimal(cell, value, 3, true);
		return;
	case TABLE_BP:
		say_decimal(number, value, 2, false);
		snprintf(cell, CELL_BYTES, "%s %%", number);
		return;
	case TABLE_TIME:
		say_time(cell, value);
		return;
	case TABLE_PLAIN:
		snprintf(cell, CELL_BYTES, "%lld", (long long)value);
		return;
	}
}

/* No more than fits; cut between characters. */
static void text_cell(char *cell, struct text text)
{
	size_t length = (size_t)snprintf(cell, CELL_BYTES, "%.*s", TEXT_ARGS(text));

	if (length < CELL_BYTES && width_of(cell) <= CELL_WIDTH)
		return;
	length = length < CELL_BYTES - 8 ? length : CELL_BYTES - 8;
	do {
		while ((cell[length] & 0xC0) == 0x80)
			length--;
		cell[length] = 0;
	} while (width_of(cell) >= CELL_WIDTH && length-- > 0);
	snprintf(cell + length, CELL_BYTES - length, "…");
}

static char *cell_of(struct table_column *column, struct bytes row)
{
	char cell[CELL_BYTES];
	struct text text = row_text(row, column->name);
	int64_t number = row_int(row, column->name, INT64_MIN);

	if (number != INT64_MIN) {
		column->is_number = true;
		number_cell(cell, column, number, row);
	} else if (text.size > 0) {
		text_cell(cell, text);
	} else {
		snprintf(cell, sizeof(cell), "%s",
			 row_true(row, column->name) ? "yes" : row_false(row, column->name) ? "no" : "-");
	}
	if (width_of(cell) > column->width)
		column->width = width_of(cell);
	return strdup(cell);
}

static void print_cell(const struct table_column *column, const char *text, size_t size, bool is_last)
{
	size_t width = width_of(text) - (strlen(text) - size); /* only a title, of one column a byte, is shortened */
	int gap = (int)(column->width > width ? column->width - width : 0);

	if (column->is_number)
		printf("%*s%.*s", gap, "", (int)size, text);
	else
		printf("%.*s%*s", (int)size, text, is_last ? 0 : gap, "");
	fputs(is_last ? "\n" : "  ", stdout);
}

static void flush(struct table *table)
{
	unsigned last = table->column_count - 1;

	for (unsigned i = 0; i < table->column_count && !table->titled; i++)
		if (table->columns[i].title > table->columns[i].width)
			table->columns[i].width = table->columns[i].title;
	for (unsigned i = 0; i <= last && !table->titled; i++)
		print_cell(&table->columns[i], table->columns[i].name, table->columns[i].title, i == last);
	table->titled = true;
	for (unsigned r = 0; r < table->row_count; r++)
		for (unsigned i = 0; i <= last; i++) {
			char *cell = table->cells[r][i];

			print_cell(&table->columns[i], cell != NULL ? cell : "", cell != NULL ? strlen(cell) : 0, i == last);
			free(cell);
		}
	table->row_count = 0;
}

void table_row(struct table *table, struct bytes row)
{
	if (table->column_count == 0)
		titles(table, row);
	if (table->column_count == 0)
		return; /* a row without fields says nothing */
	for (unsigned i = 0; i < table->column_count; i++)
		table->cells[table->row_count][i] = cell_of(&table->columns[i], row);
	if (++table->row_count == TABLE_ROWS)
		flush(table);
}

void table_end(struct table *table)
{
	if (table->row_count > 0)
		flush(table);
	*table = (struct table){.wanted = table->wanted};
}
