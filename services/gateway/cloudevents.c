/* cloudevents.c -- reading what somebody posts. */
#include "cloudevents.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/when.h"
#include "pack/event.h"
#include "pack/json.h"

#define NUMBER_TEXT_MAX 20

struct reading {
	int64_t now_us;
	struct arena *arena;
	struct offered *event;
};

__attribute__((format(printf, 2, 3))) static bool complain(struct offered *event, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(event->fault, FAULT_BYTES, format, arguments);
	va_end(arguments);
	return false;
}

/* Who hears events from outside. */
static const char *heard_by(const struct event_type *type)
{
	if (strcmp(type->publisher, "terminals") == 0)
		return "orders";
	if (strcmp(type->publisher, "staff") == 0)
		return "partners";
	if (strcmp(type->publisher, "warehouses") != 0)
		return NULL;
	return strcmp(type->name, "stock.counted") == 0 || strcmp(type->name, "goods.received") == 0 ? "inventory" : "logistics";
}

static const char *text_at(const cJSON *object, const char *name)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, name);

	return cJSON_IsString(value) ? value->valuestring : NULL;
}

/* A whole number, or its digits as text, as CloudEvents attributes are. */
static bool number_at(const cJSON *object, const char *name, uint64_t absent, uint64_t *out)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, name);
	const char *text = cJSON_IsString(value) ? value->valuestring : NULL;

	*out = absent;
	if (value == NULL)
		return absent != 0;
	if (text != NULL) {
		size_t digits = strspn(text, "0123456789");

		if (digits == 0 || digits > NUMBER_TEXT_MAX - 1 || text[digits] != 0)
			return false;
		*out = strtoull(text, NULL, 10);
	} else {
		double number = cJSON_IsNumber(value) ? value->valuedouble : 0;

		if (number < 1 || number > 9007199254740991.0 || (double)(uint64_t)number < number)
			return false;
		*out = (uint64_t)number;
	}
	return *out >= 1 && *out <= UINT64_C(9007199254740991);
}

static bool take_attributes(struct reading *reading, const cJSON *object)
{
	struct offered *event = reading->event;
	const char *version = text_at(object, "specversion"), *source = text_at(object, "source"), *id = text_at(object, "id");

	if (!cJSON_IsObject(object))
		return complain(event, "an event is a JSON object");
	if (source == NULL || source[0] == 0 || strlen(source) > SOURCE_TEXT_MAX)
		return complain(event, "source: a text of 1 to %d bytes", SOURCE_TEXT_MAX);
	char *copy = arena_take(reading->arena, strlen(source));
	if (copy == NULL)
		return complain(event, "the body is too large");
	memcpy(copy, source, strlen(source));
	event->source = (struct text){copy, (uint32_t)strlen(source)};
	if (!number_at(object, "sequence", 0, &event->seq))
		return complain(event, "sequence: a whole number from 1, which numbers the events of the source without gaps");
	if (!number_at(object, "epoch", 1, &event->epoch))
		return complain(event, "epoch: a whole number from 1");
	if (version == NULL || strcmp(version, "1.0") != 0)
		return complain(event, "specversion: must be \"1.0\"");
	if (id == NULL || id[0] == 0)
		return complain(event, "id: is missing");
	return true;
}

static bool take_time(const struct reading *reading, const cJSON *object, int64_t *time_us)
{
	const cJSON *time = cJSON_GetObjectItemCaseSensitive(object, "time");

	*time_us = reading->now_us;
	if (time == NULL)
		return true;
	return cJSON_IsString(time) && when_parse(text_of(time->valuestring), time_us);
}

static struct text subject_of(const struct event_type *type, const void *data)
{
	struct text subject = {0};

	for (uint32_t i = 0; type->subject_field != NULL && i < type->field_count; i++)
		if (strcmp(type->fields[i].name, type->subject_field) == 0)
			memcpy(&subject, (const char *)data + type->fields[i].offset, sizeof(subject));
	return subject;
}

static bool pack_event(struct reading *reading, const struct event_type *type, const void *data, int64_t time_us)
{
	struct offered *event = reading->event;
	struct envelope envelope = {.source = event->source, .seq = event->seq, .type = text_of(type->name),
				    .subject = subject_of(type, data), .time_us = time_us};
	size_t room = type->bytes_max + 512 < EVENT_BYTES_MAX ? type->bytes_max + 512 : EVENT_BYTES_MAX;
	uint8_t *bytes = arena_take(reading->arena, room);

	if (bytes == NULL)
		return complain(event, "the body is too large");
	struct writer writer = writer_of(bytes, room);
	envelope_write(&writer, &envelope);
	type->pack(data, &writer);
	if (writer.error != ERR_NONE)
		return complain(event, "larger than %d bytes", EVENT_BYTES_MAX);
	event->event = writer_bytes(&writer);
	reading->arena->used -= (room - writer.used) & ~(size_t)7; /* what it did not need */
	return true;
}

static bool take_data(struct reading *reading, const cJSON *object)
{
	struct offered *event = reading->event;
	const char *name = text_at(object, "type");
	const cJSON *data = cJSON_GetObjectItemCaseSensitive(object, "data");
	const struct event_type *type = name != NULL ? event_type_find(text_of(name)) : NULL;
	int64_t time_us;

	event->service = type != NULL ? heard_by(type) : NULL;
	if (type == NULL)
		return complain(event, "type: missing, or no event of that name: see schemas/EVENTS.md");
	if (event->service == NULL)
		return complain(event, "type: %s is said by the network itself", type->name);
	if (!take_time(reading, object, &time_us))
		return complain(event, "time: not RFC 3339");
	if (!cJSON_IsObject(data))
		return complain(event, "data: must be an object");
	void *fields = arena_take(reading->arena, type->struct_size);
	char *json = fields != NULL ? cJSON_PrintUnformatted(data) : NULL;
	if (json == NULL)
		return complain(event, "the body is too large");
	int error = event_from_json(type, json, fields, reading->arena, event->fault, FAULT_BYTES);
	free(json);
	if (error != ERR_NONE)
		return false;
	event->fault[0] = 0;
	return pack_event(reading, type, fields, time_us);
}

static int read_json(struct reading *reading, const cJSON *whole, bool batch, unsigned *count, char reason[FAULT_BYTES])
{
	int size = batch && cJSON_IsArray(whole) ? cJSON_GetArraySize(whole) : 1;
	const cJSON *item = batch ? whole->child : whole;

	if (batch && (!cJSON_IsArray(whole) || size == 0 || size > OFFERED_MAX)) {
		snprintf(reason, FAULT_BYTES, "a batch is an array of 1 to %d events", OFFERED_MAX);
		return size > OFFERED_MAX ? ERR_TOO_MANY : ERR_WRONG_TYPE;
	}
	for (; *count < (unsigned)size; item = item->next, (*count)++, reading->event++) {
		*reading->event = (struct offered){0};
		if (take_attributes(reading, item))
			(void)take_data(reading, item);
	}
	return ERR_NONE;
}

static bool take_packed(struct offered *event, struct bytes packed)
{
	struct reader reader = reader_of(packed);
	struct envelope envelope;

	envelope_read(&reader, &envelope);
	if (reader_finish(&reader) != ERR_NONE)
		return complain(event, "envelope: %s: %s", reader.field != NULL ? reader.field : "event", error_text(reader.error));
	event->source = envelope.source;
	event->seq = envelope.seq;
	event->epoch = envelope.epoch != 0 ? envelope.epoch : 1;
	event->event = packed;
	const struct event_type *type = event_type_find(envelope.type);
	event->service = type != NULL ? heard_by(type) : NULL;
	if (event->service == NULL)
		return complain(event, "type: no event of that name is taken from outside: see schemas/EVENTS.md");
	if (packed.size > EVENT_BYTES_MAX)
		return complain(event, "larger than %d bytes", EVENT_BYTES_MAX);
	return true;
}

static int read_packed(const char *body, size_t size, struct offered *events, unsigned *count, char reason[FAULT_BYTES])
{
	struct reader reader = reader_of(bytes_of(body, size));
	uint32_t items = reader_array(&reader, OFFERED_MAX);

	for (uint32_t i = 0; i < items && reader.error == ERR_NONE; i++) {
		struct bytes packed = reader_value(&reader);

		events[i] = (struct offered){0};
		if (reader.error == ERR_NONE)
			(void)take_packed(&events[i], packed);
	}
	reader_leave(&reader);
	int error = reader_finish(&reader);
	if (error == ERR_NONE && items == 0)
		error = ERR_WRONG_TYPE;
	*count = error == ERR_NONE ? items : 0;
	if (error != ERR_NONE)
		snprintf(reason, FAULT_BYTES, "not a packed array of 1 to %d events: %s", OFFERED_MAX, error_text(error));
	return error;
}

int cloudevents_read(enum body_kind kind, const char *body, size_t size, int64_t now_us, struct arena *arena, struct offered *events,
		     unsigned *count, char reason[FAULT_BYTES])
{
	struct reading reading = {.now_us = now_us, .arena = arena, .event = events};
	size_t failed_at = 0;

	*count = 0;
	if (kind == BODY_PACKED)
		return read_packed(body, size, events, count, reason);
	int error = strlen(body) == size ? json_check(body, &failed_at) : ERR_SYNTAX;
	if (error != ERR_NONE) {
		snprintf(reason, FAULT_BYTES, "not JSON: byte %zu: %s", failed_at, error_text(error));
		return error;
	}
	cJSON *whole = cJSON_Parse(body);
	if (whole == NULL) {
		snprintf(reason, FAULT_BYTES, "not JSON");
		return ERR_SYNTAX;
	}
	error = read_json(&reading, whole, kind == BODY_BATCH, count, reason);
	cJSON_Delete(whole);
	return error;
}
