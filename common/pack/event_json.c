/*
 * event_json.c -- events from JSON, checked against their field tables, with a sentence for what is wrong;
 * and to JSON.
 */
#include <stdarg.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/units.h"
#include "pack/event.h"
#include "pack/json.h"

int event_to_json(const struct event_type *type, struct bytes data, char *out, size_t out_size)
{
	static _Thread_local uint8_t named[EVENT_OWN_BYTES_MAX]; /* house: large, and nobody keeps it */
	struct reader reader = reader_of(data);

	if (data.size > 0 && reader_peek(&reader) != READER_MAP)
		return ERR_WRONG_TYPE;
	if (type == NULL)
		return json_of_msgpack(data, out, out_size);
	/* The wire's names are the JSON's keys, so every field is told as it is, known or not. */
	struct writer writer = writer_of(named, sizeof(named));
	int error = event_data_named(type, data, &writer);
	return error == ERR_NONE ? json_of_msgpack(writer_bytes(&writer), out, out_size) : error;
}

struct from_json {
	struct arena *arena;
	char *message;
	size_t message_size;
	const char *list;	/* the list that is being read, or NULL */
	uint32_t item;
};

/* Says what is wrong, and in which item of which list. */
__attribute__((format(printf, 3, 4))) static int complain(struct from_json *from, int error,
							  const char *format, ...)
{
	va_list arguments;
	int used = 0;

	if (from->list != NULL)
		used = snprintf(from->message, from->message_size, "%s[%u]%s", from->list, from->item,
				format[0] == ':' ? "" : ".");
	if ((size_t)used < from->message_size) {
		va_start(arguments, format);
		vsnprintf(from->message + used, from->message_size - (size_t)used, format, arguments);
		va_end(arguments);
	}
	return error;
}

static int take_text(struct from_json *from, const struct field *field, const cJSON *value, void *member)
{
	if (!cJSON_IsString(value))
		return complain(from, ERR_WRONG_TYPE, "%s: must be a text", field->name);
	size_t size = strlen(value->valuestring);
	if ((int64_t)size > field->max || (int64_t)size < field->min)
		return complain(from, (int64_t)size > field->max ? ERR_TOO_LARGE : ERR_OUT_OF_RANGE,
				"%s: has %zu bytes, must have %lld to %lld", field->name, size,
				(long long)field->min, (long long)field->max);
	char *copy = arena_take(from->arena, size + 1);
	if (copy == NULL)
		return complain(from, ERR_TOO_LARGE, "%s: the event is too large", field->name);
	memcpy(copy, value->valuestring, size + 1);
	*(struct text *)member = (struct text){copy, (uint32_t)size};
	return ERR_NONE;
}

static int take_number(struct from_json *from, const struct field *field, const cJSON *value, void *member)
{
	double number = cJSON_IsNumber(value) ? value->valuedouble : 0.5;

	if (number > (double)NUMBER_MAX || number < -(double)NUMBER_MAX)
		return complain(from, ERR_OUT_OF_RANGE, "%s: beyond 2^53-1", field->name);
	int64_t whole = (int64_t)number;
	if ((double)whole > number || (double)whole < number)
		return complain(from, ERR_WRONG_TYPE, "%s: must be a whole number in %s", field->name, field->unit);
	if (whole < field->min || whole > field->max)
		return complain(from, ERR_OUT_OF_RANGE, "%s: %lld is outside %lld to %lld", field->name,
				(long long)whole, (long long)field->min, (long long)field->max);
	memcpy(member, &whole, sizeof(whole));
	return ERR_NONE;
}

static int take_object(struct from_json *from, const struct field *fields, uint32_t count,
		       const cJSON *object, void *event);

static int take_list(struct from_json *from, const struct field *field, const cJSON *value, void *member)
{
	struct {
		const void *items;
		uint32_t count;
	} list = {0};
	int error = ERR_NONE;

	if (!cJSON_IsArray(value))
		return complain(from, ERR_WRONG_TYPE, "%s: must be a list", field->name);
	int size = cJSON_GetArraySize(value);
	if (size < field->min || size > field->max)
		return complain(from, size > field->max ? ERR_TOO_MANY : ERR_OUT_OF_RANGE,
				"%s: has %d items, must have %lld to %lld", field->name, size,
				(long long)field->min, (long long)field->max);
	char *items = arena_take(from->arena, (size_t)size * field->item_size);
	if (items == NULL)
		return complain(from, ERR_TOO_LARGE, "%s: the event is too large", field->name);
	memset(items, 0, (size_t)size * field->item_size);
	from->list = field->name;
	for (const cJSON *item = value->child; item != NULL && error == ERR_NONE; item = item->next) {
		from->item = list.count;
		error = take_object(from, field->fields, field->field_count, item,
				    items + (size_t)list.count * field->item_size);
		list.count++;
	}
	from->list = NULL;
	list.items = items;
	memcpy(member, &list, sizeof(list));
	return error;
}

static int take_field(struct from_json *from, const struct field *field, const cJSON *value, void *member)
{
	switch (field->kind) {
	case FIELD_TEXT:
		return take_text(from, field, value, member);
	case FIELD_BOOL:
		if (!cJSON_IsBool(value))
			return complain(from, ERR_WRONG_TYPE, "%s: must be true or false", field->name);
		*(bool *)member = cJSON_IsTrue(value);
		return ERR_NONE;
	case FIELD_LIST:
		return take_list(from, field, value, member);
	default: /* all the others are numbers */
		return take_number(from, field, value, member);
	}
}

static int known_keys_only(struct from_json *from, const struct field *fields, uint32_t count,
			   const cJSON *object)
{
	for (const cJSON *item = object->child; item != NULL; item = item->next) {
		bool known = false;

		for (uint32_t i = 0; i < count; i++)
			known = known || strcmp(fields[i].name, item->string) == 0;
		if (!known)
			return complain(from, ERR_UNKNOWN_TYPE, "%s: no such field", item->string);
		for (const cJSON *other = item->next; other != NULL; other = other->next)
			if (strcmp(other->string, item->string) == 0)
				return complain(from, ERR_DUPLICATE_KEY, "%s: given twice", item->string);
	}
	return ERR_NONE;
}

static int take_object(struct from_json *from, const struct field *fields, uint32_t count,
		       const cJSON *object, void *event)
{
	if (!cJSON_IsObject(object) && from->list != NULL)
		return complain(from, ERR_WRONG_TYPE, ": must be an object");
	if (!cJSON_IsObject(object))
		return complain(from, ERR_WRONG_TYPE, "must be an object");
	int error = known_keys_only(from, fields, count, object);

	for (uint32_t i = 0; i < count && error == ERR_NONE; i++) {
		const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, fields[i].name);

		if (value == NULL && fields[i].required)
			return complain(from, ERR_MISSING_FIELD, "%s: is missing", fields[i].name);
		if (value == NULL)
			continue;
		if (!fields[i].required)
			*(bool *)((char *)event + fields[i].has_offset) = true;
		error = take_field(from, &fields[i], value, (char *)event + fields[i].offset);
	}
	return error;
}

int event_from_json(const struct event_type *type, const char *json, void *event, struct arena *arena,
		    char *message, size_t message_size)
{
	struct from_json from = {.arena = arena, .message = message, .message_size = message_size};
	size_t failed_at;
	int error = json_check(json, &failed_at);

	memset(event, 0, type->struct_size);
	if (error != ERR_NONE)
		return complain(&from, error, "not JSON: byte %zu: %s", failed_at, error_text(error));
	cJSON *object = cJSON_Parse(json);
	if (object == NULL)
		return complain(&from, ERR_MEMORY, "%s", error_text(ERR_MEMORY));
	error = take_object(&from, type->fields, type->field_count, object, event);
	cJSON_Delete(object);
	return error;
}
