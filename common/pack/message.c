/* message.c -- reading the sentences of the dialogue. Writing them: message_write.c. */
#include "message.h"

#include <stdio.h>

#include "base/error.h"
#include "pack/message_words.h"

static void read_sources(struct reader *reader, struct message *message, bool with_seq)
{
	uint32_t count = reader_array(reader, MESSAGE_SOURCES_MAX);

	for (uint32_t i = 0; i < count && reader->error == ERR_NONE; i++) {
		struct message_source *source = &message->sources[i];

		if (reader_array(reader, 3) != (with_seq ? 3u : 2u))
			reader_fail(reader, ERR_MISSING_FIELD);
		source->source = reader_text(reader, SOURCE_TEXT_MAX);
		if (reader->error == ERR_NONE && source->source.size == 0)
			reader_fail(reader, ERR_OUT_OF_RANGE);
		source->epoch = reader_uint(reader);
		source->seq = with_seq ? reader_uint(reader) : 0;
		reader_leave(reader);
	}
	reader_leave(reader);
	message->source_count = reader->error == ERR_NONE ? count : 0;
}

static uint32_t read_texts(struct reader *reader, struct text *texts)
{
	uint32_t count = reader_array(reader, MESSAGE_TYPES_MAX);

	for (uint32_t i = 0; i < count && reader->error == ERR_NONE; i++)
		texts[i] = reader_text(reader, SUBJECT_TEXT_MAX);
	reader_leave(reader);
	return reader->error == ERR_NONE ? count : 0;
}

/*
 * Events are not looked into: they end the message, so what is torn or trails is seen by whoever takes
 * them one by one.
 */
static void read_events(struct reader *reader, struct message *message)
{
	message->event_count = reader_array(reader, MESSAGE_EVENTS_MAX);
	if (reader->error != ERR_NONE)
		return;
	message->events = bytes_of(reader->at, (size_t)(reader->end - reader->at));
	reader->at = reader->end;
	reader_leave(reader);
}

static void read_rows(struct reader *reader, struct message *message)
{
	message->row_count = reader_array(reader, MESSAGE_EVENTS_MAX);
	const uint8_t *start = reader->at;

	for (uint32_t i = 0; i < message->row_count && reader->error == ERR_NONE; i++)
		reader_skip(reader);
	message->rows = bytes_of(start, (size_t)(reader->at - start));
	reader_leave(reader);
}

static void read_ranges(struct reader *reader, struct message *message)
{
	uint32_t count = reader_array(reader, MESSAGE_RANGES_MAX);

	for (uint32_t i = 0; i < count && reader->error == ERR_NONE; i++) {
		if (reader_array(reader, 2) != 2)
			reader_fail(reader, ERR_MISSING_FIELD);
		message->ranges[i].first = reader_uint(reader);
		message->ranges[i].last = reader_uint(reader);
		reader_leave(reader);
	}
	reader_leave(reader);
	message->range_count = reader->error == ERR_NONE ? count : 0;
}

void message_refusal_next(struct reader *reader, struct message_refusal *refusal)
{
	if (reader_array(reader, 3) != 3)
		reader_fail(reader, ERR_MISSING_FIELD);
	refusal->seq = reader_uint(reader);
	refusal->code = reader_text(reader, MESSAGE_CODE_MAX);
	refusal->message = reader_text(reader, MESSAGE_TEXT_MAX);
	reader_leave(reader);
}

static void read_refusals(struct reader *reader, struct message *message)
{
	struct message_refusal ignored;

	message->refusal_count = reader_array(reader, MESSAGE_REFUSALS_MAX);
	const uint8_t *start = reader->at;

	for (uint32_t i = 0; i < message->refusal_count && reader->error == ERR_NONE; i++)
		message_refusal_next(reader, &ignored);
	message->refusals = bytes_of(start, (size_t)(reader->at - start));
	reader_leave(reader);
}

/* The map of a query's arguments, with its "from" set apart. */
static void read_arguments(struct reader *reader, struct message *message)
{
	struct reader inside = *reader;

	message->arguments = reader_value(reader);
	for (uint32_t pairs = reader_map(&inside, 64); pairs > 0 && inside.error == ERR_NONE; pairs--) {
		struct text key = reader_text(&inside, 64);

		if (text_equal(key, TEXT_LITERAL("from")) && reader_peek(&inside) == READER_BIN)
			message->from = reader_bin(&inside, 512);
		else
			reader_skip(&inside);
	}
	if (inside.error != ERR_NONE)
		reader_fail(reader, inside.error);
}

/* The map that may end a hello; keys that are not known are passed over. */
static void read_options(struct reader *reader, struct message *message)
{
	for (uint32_t pairs = reader_map(reader, 64); pairs > 0 && reader->error == ERR_NONE; pairs--) {
		struct text key = reader_text(reader, 64);

		if (text_equal(key, TEXT_LITERAL("token")))
			message->token = reader_text(reader, MESSAGE_TOKEN_MAX);
		else if (text_equal(key, TEXT_LITERAL("numbers")))
			message->numbers = reader_bool(reader);
		else
			reader_skip(reader);
	}
	reader_leave(reader);
}

static void read_hello(struct reader *reader, struct message *message, bool has_options)
{
	message->version = reader_uint(reader);
	message->name = reader_text(reader, SUBJECT_TEXT_MAX);
	read_sources(reader, message, false);
	if (has_options)
		read_options(reader, message);
}

static void read_to_door(struct reader *reader, struct message *message)
{
	message->session = reader_uint(reader);
	if (message->kind == MESSAGE_PUBLISH) {
		message->source = reader_text(reader, SOURCE_TEXT_MAX);
		message->epoch = reader_uint(reader);
		message->first_seq = reader_uint(reader);
		if (reader->error == ERR_NONE && (message->first_seq == 0 || message->epoch == 0))
			reader_fail(reader, ERR_OUT_OF_RANGE);
		read_events(reader, message);
	} else if (message->kind == MESSAGE_PING) {
		read_sources(reader, message, true);
	} else if (message->kind == MESSAGE_QUERY) {
		message->id = reader_uint(reader);
		message->what = reader_text(reader, TYPE_TEXT_MAX);
		read_arguments(reader, message);
	} else {
		message->sub = reader_uint(reader);
	}
	if (message->kind == MESSAGE_SUBSCRIBE) {
		message->type_count = read_texts(reader, message->types);
		message->key_count = read_texts(reader, message->keys);
		message->from_seq = reader_uint(reader);
		message->credit = reader_uint(reader);
	} else if (message->kind == MESSAGE_CREDIT) {
		message->credit = reader_uint(reader);
		message->durable = reader_uint(reader);
	}
}

static void read_welcome(struct reader *reader, struct message *message)
{
	message->version = reader_uint(reader);
	message->service = reader_text(reader, SOURCE_TEXT_MAX);
	message->epoch = reader_uint(reader);
	message->head = reader_uint(reader);
	message->session = reader_uint(reader);
	read_sources(reader, message, true);
	message->time_us = reader_int(reader);
}

static void read_about_source(struct reader *reader, struct message *message)
{
	if (message->kind == MESSAGE_BATCH || message->kind == MESSAGE_HEAD)
		message->sub = reader_uint(reader);
	message->source = reader_text(reader, SOURCE_TEXT_MAX);
	message->epoch = reader_uint(reader);
	if (message->kind == MESSAGE_ACK) {
		message->through = reader_uint(reader);
		read_ranges(reader, message);
		read_refusals(reader, message);
	} else if (message->kind == MESSAGE_RESEND) {
		message->seq = reader_uint(reader);
		message->code = reader_text(reader, MESSAGE_CODE_MAX);
		message->text = reader_text(reader, MESSAGE_TEXT_MAX);
		message->after_ms = reader_uint(reader);
	} else if (message->kind == MESSAGE_BATCH) {
		message->after = reader_uint(reader);
		message->through = reader_uint(reader);
		message->head = reader_uint(reader);
		read_events(reader, message);
	} else {
		message->head = reader_uint(reader);
		message->through = reader_uint(reader);
	}
}

/* The map that may end an error; keys that are not known are passed over. */
static void read_about(struct reader *reader, struct message *message)
{
	for (uint32_t pairs = reader_map(reader, 64); pairs > 0 && reader->error == ERR_NONE; pairs--) {
		struct text key = reader_text(reader, 64);

		if (text_equal(key, TEXT_LITERAL("query"))) {
			message->about = MESSAGE_ABOUT_QUESTION;
			message->id = reader_uint(reader);
		} else if (text_equal(key, TEXT_LITERAL("sub"))) {
			message->about = MESSAGE_ABOUT_SUBSCRIPTION;
			message->sub = reader_uint(reader);
		} else if (text_equal(key, TEXT_LITERAL("source"))) {
			message->about = MESSAGE_ABOUT_RUN;
			message->source = reader_text(reader, SOURCE_TEXT_MAX);
		} else if (text_equal(key, TEXT_LITERAL("epoch"))) {
			message->epoch = reader_uint(reader);
		} else if (text_equal(key, TEXT_LITERAL("seq"))) {
			message->seq = reader_uint(reader);
		} else if (text_equal(key, TEXT_LITERAL("after_ms"))) {
			message->after_ms = reader_uint(reader);
		} else {
			reader_skip(reader);
		}
	}
	reader_leave(reader);
}

static void read_from_door(struct reader *reader, struct message *message, bool has_about)
{
	switch (message->kind) {
	case MESSAGE_WELCOME:
		read_welcome(reader, message);
		return;
	case MESSAGE_REPLY:
		message->id = reader_uint(reader);
		message->more = reader_bool(reader);
		read_rows(reader, message);
		message->from = reader_bin(reader, 512);
		return;
	case MESSAGE_PONG:
		message->time_us = reader_int(reader);
		message->epoch = reader_uint(reader);
		message->head = reader_uint(reader);
		return;
	case MESSAGE_ERROR:
		message->code = reader_text(reader, MESSAGE_CODE_MAX);
		message->text = reader_text(reader, MESSAGE_TEXT_MAX);
		if (has_about)
			read_about(reader, message);
		return;
	default:
		read_about_source(reader, message);
	}
}

/* Everything but the large arrays, whose counts say what of them is set. */
static void message_clear(struct message *message)
{
	memset(message, 0, offsetof(struct message, sources));
}

int message_read(struct bytes frame, struct message *message, char *reason, size_t reason_size)
{
	struct reader reader = reader_of(frame);
	uint32_t items = reader_array(&reader, 16), kind = 0;

	message_clear(message);
	struct text word = reader_text(&reader, 16);
	while (kind < MESSAGE_WORD_COUNT && !text_equal(word, text_of(message_words[kind].word)))
		kind++;
	if (reader.error == ERR_NONE && kind == MESSAGE_WORD_COUNT)
		reader_fail(&reader, ERR_UNKNOWN_TYPE);
	bool may_have_more = kind == MESSAGE_HELLO || kind == MESSAGE_ERROR;
	bool has_more = may_have_more && items == message_words[kind].items + 1;
	if (reader.error == ERR_NONE && items != message_words[kind].items && !has_more)
		reader_fail(&reader, ERR_MISSING_FIELD);
	if (reader.error == ERR_NONE) {
		message->kind = (enum message_kind)kind;
		if (kind == MESSAGE_HELLO)
			read_hello(&reader, message, has_more);
		else if (kind <= MESSAGE_QUERY)
			read_to_door(&reader, message);
		else
			read_from_door(&reader, message, has_more);
		reader_leave(&reader);
	}
	int error = reader_finish(&reader);
	if (error != ERR_NONE)
		snprintf(reason, reason_size, "%.*s: byte %u: %s", TEXT_ARGS(word), reader.failed_at,
			 error_text(error));
	return error;
}
