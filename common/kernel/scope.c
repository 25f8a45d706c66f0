/* scope.c -- fields that name an outlet or a warehouse, found in maps and in structs. */
#include "scope.h"

#include "base/error.h"

/* What a map says under four names, each of which may be NULL. */
struct names {
	const char *outlet, *warehouse, *when, *is;
};

static void note(struct text key, struct text value, const struct names *names, struct scope *scope, bool *holds)
{
	if (names->outlet != NULL && text_equal(key, text_of(names->outlet)))
		scope->outlet = value;
	if (names->warehouse != NULL && text_equal(key, text_of(names->warehouse)))
		scope->warehouse = value;
	if (names->when != NULL && text_equal(key, text_of(names->when)))
		*holds = text_equal(value, text_of(names->is));
}

/* The name of the next key, which an event may have by its number; NULL for type: a map that is no event's. */
static struct text key_of(struct reader *reader, const struct event_type *type)
{
	if (type == NULL || reader_peek(reader) != READER_INT)
		return reader_text(reader, 255);
	uint64_t number = reader_uint(reader);
	return number < type->field_count ? text_of(type->fields[number].name) : (struct text){0};
}

static struct scope scope_of_map(struct bytes map, const struct event_type *type, const struct names *names)
{
	struct reader reader = reader_of(map);
	bool holds = names->when == NULL;
	struct scope scope = {0};

	for (uint32_t pairs = reader_map(&reader, 1 << 20); pairs > 0 && reader.error == ERR_NONE; pairs--) {
		struct text key = key_of(&reader, type);

		if (reader_peek(&reader) == READER_TEXT)
			note(key, reader_text(&reader, UINT32_MAX), names, &scope, &holds);
		else
			reader_skip(&reader);
	}
	return reader.error == ERR_NONE && holds ? scope : (struct scope){0};
}

static struct names names_of(const struct event_type *type)
{
	return (struct names){type->scope_outlet, type->scope_warehouse, type->scope_when, type->scope_is};
}

/* NULL: it cannot be read, or nobody knows it. */
static const struct event_type *type_of_event(struct bytes event, struct envelope *envelope)
{
	struct reader reader = reader_of(event);

	envelope_read(&reader, envelope);
	return reader.error == ERR_NONE ? event_type_find(envelope->type) : NULL;
}

struct scope scope_of_event(struct bytes event)
{
	struct envelope envelope;
	const struct event_type *type = type_of_event(event, &envelope);

	if (type == NULL)
		return (struct scope){0};
	struct names names = names_of(type);
	return scope_of_map(envelope.data, type, &names);
}

struct scope scope_of_struct(const struct event_type *type, const void *event)
{
	struct names names = names_of(type);
	bool holds = names.when == NULL;
	struct scope scope = {0};

	for (uint32_t i = 0; i < type->field_count; i++) {
		const struct field *field = &type->fields[i];
		struct text value;

		if (field->kind != FIELD_TEXT || (!field->required && !*((const bool *)event + field->has_offset)))
			continue;
		memcpy(&value, (const char *)event + field->offset, sizeof(value));
		note(text_of(field->name), value, &names, &scope, &holds);
	}
	return holds ? scope : (struct scope){0};
}

bool scope_is_said(const struct query_handler *handler)
{
	return handler->outlet != NULL || handler->warehouse != NULL;
}

struct scope scope_of_row(const struct query_handler *handler, struct bytes row)
{
	const struct names names = {handler->outlet, handler->warehouse, handler->when, handler->is};

	return scope_is_said(handler) ? scope_of_map(row, NULL, &names) : (struct scope){0};
}

static bool may_say(const struct guard_principal *principal, struct bytes event)
{
	struct guard_word word = {0};
	struct scope scope = {0};
	struct envelope envelope;
	const struct event_type *type = type_of_event(event, &envelope);

	if (type != NULL) {
		struct names names = names_of(type);

		word = (struct guard_word){text_of(type->publisher), type->is_dealers};
		scope = scope_of_map(envelope.data, type, &names);
	}
	return guard_may_say(principal, &word, principal->role == GUARD_WAREHOUSE ? scope.warehouse : scope.outlet);
}

bool scope_may_publish(const struct guard_principal *principal, struct text source, struct bytes events, uint32_t count)
{
	struct reader reader = reader_of(events);

	if (!guard_may_publish(principal, source))
		return false;
	for (uint32_t i = 0; i < count && !principal->is_operator; i++) {
		struct bytes event = reader_value(&reader);

		if (reader.error != ERR_NONE)
			return true; /* the rest is torn: it is kept in quarantine under this source */
		if (!may_say(principal, event))
			return false;
	}
	return true;
}
