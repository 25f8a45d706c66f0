/* frames.c -- a head, then one thing again and again while there is room. */
#include "frames.h"

#include "base/error.h"
#include "events/terminals.h"
#include "pack/message.h"

#define ROOM 256 /* for the head of a message */

static const struct text source = {"OUT-001/T1", 10};

const char *frames_name(unsigned kind)
{
	static const char *const names[FRAMES_KINDS] = {"small tickets",      "one ticket of many lines", "one ticket with what nobody knows",
							"sources of a hello", "refusals of an ack",	   "rows of a reply"};

	CHECK(kind < FRAMES_KINDS);
	return names[kind];
}

static void put_ticket(struct writer *writer, uint64_t seq, uint32_t lines)
{
	static struct ticket_sold_line line[1000];
	struct ticket_sold sold = {.outlet = TEXT_LITERAL("OUT-001"),
				   .receipt = TEXT_LITERAL("R-1"),
				   .currency = TEXT_LITERAL("GBP"),
				   .day = TEXT_LITERAL("2026-03-01"),
				   .lines = {line, lines}};
	struct envelope envelope = {.source = source, .seq = seq, .type = TEXT_LITERAL("ticket.sold"), .time_us = 1};

	for (uint32_t i = 0; i < lines; i++)
		line[i] = (struct ticket_sold_line){.sku = TEXT_LITERAL("SKU-12345"),
						    .quantity = {1000},
						    .has_unit_price = true,
						    .unit_price = {25500},
						    .has_amount = true,
						    .amount = {255}};
	envelope_write(writer, &envelope);
	ticket_sold_type.pack(&sold, writer);
}

/* A ticket whose ext map holds an array of empty arrays: each is a value to step over. */
static void put_unknown(struct writer *writer)
{
	uint32_t count = FRAMES_BYTES - 2 * ROOM;

	writer_array(writer, 9);
	writer_int(writer, 1);
	writer_text(writer, TEXT_LITERAL(""));
	writer_text(writer, source);
	writer_int(writer, 1);
	writer_text(writer, TEXT_LITERAL("ticket.sold"));
	writer_text(writer, TEXT_LITERAL("OUT-001"));
	writer_int(writer, 1);
	writer_map(writer, 1);
	writer_text(writer, TEXT_LITERAL("x"));
	writer_array(writer, count);
	for (uint32_t i = 0; i < count; i++)
		writer_array(writer, 0);
	writer_map(writer, 0);
}

static uint32_t tickets_that_fit(uint8_t *buffer, uint32_t most, uint32_t lines, struct writer *events)
{
	uint32_t count = 0;

	*events = writer_of(buffer, FRAMES_BYTES - ROOM);
	while (count < most) {
		struct writer before = *events;

		put_ticket(events, count + 1, lines);
		if (events->error != ERR_NONE) {
			*events = before;
			break;
		}
		count++;
	}
	return count;
}

static void fill_publish(struct writer *writer, unsigned kind)
{
	static uint8_t buffer[FRAMES_BYTES];
	struct writer events = writer_of(buffer, sizeof(buffer));
	uint32_t count = 1;

	if (kind == 0)
		count = tickets_that_fit(buffer, FRAMES_BYTES, 1, &events);
	else if (kind == 1)
		count = tickets_that_fit(buffer, 1, 1000, &events);
	else
		put_unknown(&events);
	CHECK(count > 0 && events.error == ERR_NONE);
	message_write_publish(writer, 7, source, 5, 1, writer_bytes(&events), count);
}

static void fill_hello(struct writer *writer)
{
	static struct message_source sources[MESSAGE_SOURCES_MAX];

	for (uint32_t i = 0; i < MESSAGE_SOURCES_MAX; i++)
		sources[i] = (struct message_source){.source = {"OUT-001/T1-with-a-name-of-nearly-the-longest", 44}, .epoch = NUMBER_MAX};
	message_write_hello(writer, TEXT_LITERAL("till"), sources, MESSAGE_SOURCES_MAX);
}

static void fill_ack(struct writer *writer)
{
	uint32_t count = (FRAMES_BYTES - ROOM) / 22;

	message_write_ack(writer, source, 5, 10000, NULL, count);
	for (uint32_t i = 0; i < count; i++)
		message_write_refusal(writer, 10000 + i, TEXT_LITERAL("unwanted"), TEXT_LITERAL("because"));
}

static void fill_reply(struct writer *writer)
{
	static uint8_t buffer[FRAMES_BYTES];
	struct writer rows = writer_of(buffer, sizeof(buffer));
	uint32_t count = 0;

	for (; rows.used < FRAMES_BYTES - 2 * ROOM; count++) {
		writer_map(&rows, 2);
		writer_text(&rows, TEXT_LITERAL("a"));
		writer_int(&rows, count);
		writer_text(&rows, TEXT_LITERAL("b"));
		writer_array(&rows, 0);
	}
	message_write_reply(writer, 1, false, writer_bytes(&rows), count, bytes_of(NULL, 0));
}

struct bytes frames_fill(unsigned kind, uint8_t *buffer)
{
	struct writer writer = writer_of(buffer, FRAMES_BYTES);

	CHECK(kind < FRAMES_KINDS);
	if (kind < 3)
		fill_publish(&writer, kind);
	else if (kind == 3)
		fill_hello(&writer);
	else if (kind == 4)
		fill_ack(&writer);
	else
		fill_reply(&writer);
	CHECK(writer.error == ERR_NONE && writer.used > FRAMES_BYTES * 3 / 4);
	return writer_bytes(&writer);
}

uint32_t frames_walk(struct bytes frame, struct arena *arena)
{
	static struct message message; /* of the program: it is large */
	struct reader events;
	char reason[160];

	CHECK(message_read(frame, &message, reason, sizeof(reason)) == ERR_NONE);
	events = reader_of(message.events);
	for (uint32_t i = 0; i < message.event_count; i++) {
		struct envelope envelope;

		envelope_read(&events, &envelope);
		CHECK(events.error == ERR_NONE);
		const struct event_type *type = event_type_find(envelope.type);
		struct reader data = reader_of(envelope.data);
		arena_reset(arena);
		void *event = arena_take(arena, type->struct_size);
		(void)type->unpack(event, &data, arena); /* an empty map is refused, as at a door */
	}
	return message.event_count + message.row_count + message.refusal_count + message.source_count;
}
