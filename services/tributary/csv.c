/* csv.c -- one line at a time; a quoted field may hold commas and line ends. */
#include "csv.h"

#include <string.h>

#include <zlib.h>

#include "base/error.h"

int csv_open(struct csv *csv, const char *path)
{
	memset(csv, 0, sizeof(*csv));
	csv->file = gzopen(path, "rb");
	return csv->file != NULL ? ERR_NONE : ERR_NOT_FOUND;
}

void csv_close(struct csv *csv)
{
	if (csv->file != NULL)
		gzclose(csv->file);
	csv->file = NULL;
}

static bool quotes_balance(const char *line)
{
	bool inside = false;

	for (; *line != 0; line++)
		inside ^= *line == '"';
	return !inside;
}

static bool read_line(struct csv *csv)
{
	size_t used = 0;

	do {
		if (gzgets(csv->file, csv->line + used, (int)(sizeof(csv->line) - used)) == NULL)
			return used > 0;
		used += strlen(csv->line + used);
		csv->number++;
	} while (!quotes_balance(csv->line) && used + 1 < sizeof(csv->line));
	while (used > 0 && (csv->line[used - 1] == '\n' || csv->line[used - 1] == '\r'))
		csv->line[--used] = 0;
	return true;
}

/* Cuts one field out in place; returns where the next begins, NULL at the end of the line. */
static char *cut(char *at, char **field)
{
	char *out = at;
	bool quoted = *at == '"';

	*field = at;
	if (quoted)
		at++;
	while (*at != 0 && (quoted || *at != ',')) {
		if (quoted && *at == '"') {
			if (at[1] != '"') {
				quoted = false;
				at++;
				continue;
			}
			at++;
		}
		*out++ = *at++;
	}
	char *next = *at == ',' ? at + 1 : NULL;
	*out = 0;
	return next;
}

bool csv_next(struct csv *csv)
{
	if (!read_line(csv))
		return false;
	csv->field_count = 0;
	for (char *at = csv->line; at != NULL && csv->field_count < CSV_FIELDS_MAX;)
		at = cut(at, &csv->fields[csv->field_count++]);
	return true;
}

int csv_column(const struct csv *csv, const char *name)
{
	for (uint32_t i = 0; i < csv->field_count; i++)
		if (strcmp(csv->fields[i], name) == 0)
			return (int)i;
	return -1;
}
