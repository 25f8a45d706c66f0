/*
 * fuzz_message.c -- any bytes as a frame at a door: what is accepted stays within its bounds and within
 * the frame.
 */
#include "base/check.h"
#include "base/error.h"
#include "fuzz.h"
#include "pack/message.h"

static void check_inside(const void *view, size_t view_size, struct bytes frame)
{
	const uint8_t *at = view;

	if (view_size > 0)
		CHECK(at >= frame.data && at + view_size <= frame.data + frame.size);
}

static void check_text(struct text text, struct bytes frame)
{
	check_inside(text.data, text.size, frame);
	CHECK(reader_utf8(text.data, text.size));
}

static void check_lists(const struct message *message, struct bytes frame)
{
	CHECK(message->source_count <= MESSAGE_SOURCES_MAX);
	CHECK(message->type_count <= MESSAGE_TYPES_MAX);
	CHECK(message->key_count <= MESSAGE_TYPES_MAX);
	CHECK(message->range_count <= MESSAGE_RANGES_MAX);
	for (uint32_t i = 0; i < message->source_count; i++)
		check_text(message->sources[i].source, frame);
	for (uint32_t i = 0; i < message->type_count; i++)
		check_text(message->types[i], frame);
	for (uint32_t i = 0; i < message->key_count; i++)
		check_text(message->keys[i], frame);
}

/* Events may be torn; rows and refusals have been looked at. */
static void check_packed(const struct message *message)
{
	struct reader events = reader_of(message->events), rows = reader_of(message->rows),
		refusals = reader_of(message->refusals);
	struct message_refusal refusal;
	struct envelope envelope;

	for (uint32_t i = 0; i < message->event_count && events.error == ERR_NONE; i++)
		envelope_read(&events, &envelope);
	for (uint32_t i = 0; i < message->row_count; i++)
		reader_skip(&rows);
	CHECK(reader_finish(&rows) == ERR_NONE);
	for (uint32_t i = 0; i < message->refusal_count; i++)
		message_refusal_next(&refusals, &refusal);
	CHECK(reader_finish(&refusals) == ERR_NONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct message message; /* of the process: it is large */
	struct bytes frame = bytes_of(data, size);
	char reason[160] = "";

	if (message_read(frame, &message, reason, sizeof(reason)) != ERR_NONE) {
		CHECK(reason[0] != 0);
		return 0;
	}
	CHECK(message.kind <= MESSAGE_ERROR);
	check_text(message.name, frame);
	check_text(message.service, frame);
	check_text(message.source, frame);
	check_text(message.what, frame);
	check_text(message.code, frame);
	check_text(message.text, frame);
	check_inside(message.arguments.data, message.arguments.size, frame);
	check_inside(message.from.data, message.from.size, frame);
	check_inside(message.events.data, message.events.size, frame);
	check_inside(message.rows.data, message.rows.size, frame);
	check_lists(&message, frame);
	check_packed(&message);
	return 0;
}
