/* event.c -- event structs through their field tables: find, check, compare, print. JSON: event_json.c. */
#include "event.h"

#include <inttypes.h>

#include "base/error.h"
#include "base/units.h"
#include "pack/json.h"

/* A list in any event struct: items and their count. */
struct list {
	const void *items;
	uint32_t count;
};

static const void *member(const void *event, const struct field *field)
{
	return (const char *)event + field->offset;
}

static bool is_there(const void *event, const struct field *field)
{
	return field->required || *(const bool *)((const char *)event + field->has_offset);
}

static int64_t number_of(const void *event, const struct field *field)
{
	int64_t number;

	memcpy(&number, member(event, field), sizeof(number)); /* money, price and quantity hold just that */
	return number;
}

static struct text text_of_field(const void *event, const struct field *field)
{
	struct text text;

	memcpy(&text, member(event, field), sizeof(text));
	return text;
}

static struct list list_of(const void *event, const struct field *field)
{
	struct list list;

	memcpy(&list, member(event, field), sizeof(list));
	return list;
}

const struct event_type *event_type_find(struct text name)
{
	uint32_t low = 0, high = name.size > 0 ? event_type_count : 0;

	while (low < high) {
		uint32_t middle = (low + high) / 2;
		const char *other = event_types[middle]->name;
		int order = strncmp(name.data, other, name.size);

		if (order == 0) { /* one is the beginning of the other, or they are the same */
			size_t size = strlen(other);

			if (size == name.size)
				return event_types[middle];
			order = name.size < size ? -1 : 1;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static int check_fields(const struct field *fields, uint32_t count, const void *event, const char **offender);

static int check_list(const struct field *field, struct list list, const char **offender)
{
	int error = ERR_NONE;

	if ((int64_t)list.count > field->max)
		error = ERR_TOO_MANY;
	else if ((int64_t)list.count < field->min)
		error = ERR_OUT_OF_RANGE;
	for (uint32_t i = 0; i < list.count && error == ERR_NONE; i++)
		error = check_fields(field->fields, field->field_count,
				     (const char *)list.items + (size_t)i * field->item_size, offender);
	return error;
}

static int check_text(const struct field *field, struct text text)
{
	if ((int64_t)text.size > field->max)
		return ERR_TOO_LARGE;
	if ((int64_t)text.size < field->min)
		return ERR_OUT_OF_RANGE;
	return reader_utf8(text.data, text.size) ? ERR_NONE : ERR_NOT_UTF8;
}

static int check_field(const struct field *field, const void *event, const char **offender)
{
	int64_t number;

	switch (field->kind) {
	case FIELD_TEXT:
		return check_text(field, text_of_field(event, field));
	case FIELD_BOOL:
		return ERR_NONE;
	case FIELD_LIST:
		return check_list(field, list_of(event, field), offender);
	default: /* all the others are numbers */
		number = number_of(event, field);
		return number < field->min || number > field->max ? ERR_OUT_OF_RANGE : ERR_NONE;
	}
}

static int check_fields(const struct field *fields, uint32_t count, const void *event, const char **offender)
{
	for (uint32_t i = 0; i < count; i++) {
		int error = is_there(event, &fields[i]) ? check_field(&fields[i], event, offender) : ERR_NONE;

		if (error != ERR_NONE) {
			if (*offender == NULL)
				*offender = fields[i].name;
			return error;
		}
	}
	return ERR_NONE;
}

int event_check(const struct event_type *type, const void *event, const char **field)
{
	*field = NULL;
	if (type->is_sound(event))
		return ERR_NONE;
	return check_fields(type->fields, type->field_count, event, field);
}

static bool equal_fields(const struct field *fields, uint32_t count, const void *a, const void *b);

static bool equal_lists(const struct field *field, struct list a, struct list b)
{
	if (a.count != b.count)
		return false;
	for (uint32_t i = 0; i < a.count; i++)
		if (!equal_fields(field->fields, field->field_count,
				  (const char *)a.items + (size_t)i * field->item_size,
				  (const char *)b.items + (size_t)i * field->item_size))
			return false;
	return true;
}

static bool equal_field(const struct field *field, const void *a, const void *b)
{
	switch (field->kind) {
	case FIELD_TEXT:
		return text_equal(text_of_field(a, field), text_of_field(b, field));
	case FIELD_BOOL:
		return *(const bool *)member(a, field) == *(const bool *)member(b, field);
	case FIELD_LIST:
		return equal_lists(field, list_of(a, field), list_of(b, field));
	default: /* all the others are numbers */
		return number_of(a, field) == number_of(b, field);
	}
}

static bool equal_fields(const struct field *fields, uint32_t count, const void *a, const void *b)
{
	for (uint32_t i = 0; i < count; i++) {
		bool there = is_there(a, &fields[i]);

		if (there != is_there(b, &fields[i]) || (there && !equal_field(&fields[i], a, b)))
			return false;
	}
	return true;
}

bool event_equal(const struct event_type *type, const void *a, const void *b)
{
	return equal_fields(type->fields, type->field_count, a, b);
}

/*
 * A text that could be mistaken for something else stands in quotes; whatever it holds, the line stays one
 * line.
 */
static void print_text(struct text text, FILE *out)
{
	bool plain = text.size > 0;

	for (uint32_t i = 0; i < text.size; i++)
		plain = plain && text.data[i] > ' ' && strchr("\"\\=;[]\x7f", text.data[i]) == NULL;
	if (plain) {
		fwrite(text.data, 1, text.size, out);
		return;
	}
	fputc('"', out);
	for (uint32_t i = 0; i < text.size; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c < ' ' || c == 0x7f)
			fprintf(out, "\\x%02x", c);
		else
			fprintf(out, c == '"' || c == '\\' ? "\\%c" : "%c", c);
	}
	fputc('"', out);
}

static void print_fields(const struct field *fields, uint32_t count, const void *event, FILE *out);

static void print_list(const struct field *field, struct list list, FILE *out)
{
	fputc('[', out);
	for (uint32_t i = 0; i < list.count; i++) {
		fputs(i > 0 ? "; " : "", out);
		print_fields(field->fields, field->field_count,
			     (const char *)list.items + (size_t)i * field->item_size, out);
	}
	fputc(']', out);
}

static void print_fields(const struct field *fields, uint32_t count, const void *event, FILE *out)
{
	bool first = true;

	for (uint32_t i = 0; i < count; i++) {
		const struct field *field = &fields[i];

		if (!is_there(event, field))
			continue;
		fprintf(out, "%s%s=", first ? "" : " ", field->name);
		first = false;
		if (field->kind == FIELD_TEXT)
			print_text(text_of_field(event, field), out);
		else if (field->kind == FIELD_BOOL)
			fputs(*(const bool *)member(event, field) ? "yes" : "no", out);
		else if (field->kind == FIELD_LIST)
			print_list(field, list_of(event, field), out);
		else
			fprintf(out, "%" PRId64, number_of(event, field));
	}
}

void event_print(const struct event_type *type, const void *event, FILE *out)
{
	fprintf(out, "%s ", type->name);
	print_fields(type->fields, type->field_count, event, out);
	fputc('\n', out);
}
