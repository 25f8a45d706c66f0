/* pick.c -- fields found in the table of their event. */
#include "pack/pick.h"

#include <stdio.h>

static const struct field *field_of(const struct event_type *type, struct text name)
{
	for (uint32_t i = 0; i < type->field_count; i++)
		if (text_equal(name, text_of(type->fields[i].name)))
			return &type->fields[i];
	return NULL;
}

/* The field, where the event has it and says it. */
static const struct field *given_in(const struct event_type *type, const void *event, struct text name)
{
	const struct field *field = field_of(type, name);
	bool is_given = field != NULL;

	if (is_given && !field->required)
		memcpy(&is_given, (const char *)event + field->has_offset, sizeof(is_given));
	return is_given ? field : NULL;
}

struct text pick_text(const struct event_type *type, const void *event, struct text name)
{
	const struct field *field = given_in(type, event, name);
	struct text text = {0};

	if (field != NULL && field->kind == FIELD_TEXT)
		memcpy(&text, (const char *)event + field->offset, sizeof(text));
	return text;
}

int64_t pick_number(const struct event_type *type, const void *event, struct text name)
{
	const struct field *field = given_in(type, event, name);
	int64_t number = 0;
	bool flag;

	if (field == NULL || field->kind == FIELD_TEXT || field->kind == FIELD_LIST)
		return 0;
	if (field->kind == FIELD_BOOL) {
		memcpy(&flag, (const char *)event + field->offset, sizeof(flag));
		return flag;
	}
	memcpy(&number, (const char *)event + field->offset, sizeof(number));
	return number;
}

bool pick_holds(const struct event_type *type, const void *event, struct text name, struct text value)
{
	const struct field *field = given_in(type, event, name);
	char digits[24];

	if (field == NULL || field->kind == FIELD_LIST)
		return false;
	if (field->kind == FIELD_TEXT)
		return text_equal(pick_text(type, event, name), value);
	int64_t number = pick_number(type, event, name);
	if (field->kind == FIELD_BOOL)
		return text_equal(value, number != 0 ? TEXT_LITERAL("true") : TEXT_LITERAL("false"));
	snprintf(digits, sizeof(digits), "%lld", (long long)number);
	return text_equal(value, text_of(digits));
}
