/* envelope.c -- the nine positions that every event has. */
#include "envelope.h"

#include "base/error.h"

#define EXT_PAIRS_MAX 32
#define EXT_KEY_MAX 64

static bool key_is(struct text key, const char *name)
{
	return key.size == strlen(name) && memcmp(key.data, name, key.size) == 0;
}

/* Bits for the keys of ext that were seen, so that a second one is refused. */
enum ext_seen { SEEN_EPOCH = 1, SEEN_CAUSE = 2, SEEN_RECORDED = 4, SEEN_TRACE = 8, SEEN_CORRELATION = 16 };

static void note_once(struct reader *reader, uint32_t *seen, uint32_t key)
{
	if (*seen & key)
		reader_fail(reader, ERR_DUPLICATE_KEY);
	*seen |= key;
}

static void read_ext(struct reader *reader, struct envelope *envelope)
{
	uint32_t pairs = reader_map(reader, EXT_PAIRS_MAX), seen = 0;

	for (; pairs > 0 && reader->error == ERR_NONE; pairs--) {
		struct text key = reader_text(reader, EXT_KEY_MAX);

		if (key_is(key, "cause")) {
			note_once(reader, &seen, SEEN_CAUSE);
			envelope->cause = reader_text(reader, ID_TEXT_MAX);
		} else if (key_is(key, "recorded")) {
			note_once(reader, &seen, SEEN_RECORDED);
			envelope->recorded_us = reader_int(reader);
		} else if (key_is(key, "epoch")) {
			note_once(reader, &seen, SEEN_EPOCH);
			envelope->epoch = reader_uint(reader);
		} else if (key_is(key, "trace")) {
			note_once(reader, &seen, SEEN_TRACE);
			envelope->trace = reader_text(reader, ID_TEXT_MAX);
		} else if (key_is(key, "correlation")) {
			note_once(reader, &seen, SEEN_CORRELATION);
			envelope->correlation = reader_text(reader, ID_TEXT_MAX);
		} else if (key.size > 0 && key.data[0] == '!') {
			reader_fail(reader, ERR_UNKNOWN_CRITICAL);
		} else {
			reader_skip(reader);
		}
	}
	reader_leave(reader);
}

/* Names the part that failed first. */
static void part(struct reader *reader, const char *name)
{
	if (reader->error != ERR_NONE && reader->field == NULL)
		reader->field = name;
}

/* What nearly all data are: a map of less than 16 fields. */
static bool is_short_map(const struct reader *reader)
{
	return reader->at < reader->end && (*reader->at & 0xf0) == 0x80;
}

void envelope_open(struct reader *reader, struct envelope *envelope)
{
	*envelope = (struct envelope){0};
	uint32_t items = reader_array(reader, 9);
	if (reader->error == ERR_NONE && items != 9)
		reader_fail(reader, ERR_MISSING_FIELD);
	part(reader, "envelope");
	int64_t version = reader_int(reader);
	if (reader->error == ERR_NONE && version != ENVELOPE_VERSION)
		reader_fail(reader, ERR_VERSION);
	part(reader, "version");
	envelope->id = reader_text(reader, ID_TEXT_MAX);
	part(reader, "id");
	envelope->source = reader_text(reader, SOURCE_TEXT_MAX);
	if (reader->error == ERR_NONE && envelope->source.size == 0)
		reader_fail(reader, ERR_OUT_OF_RANGE);
	part(reader, "source");
	envelope->seq = reader_uint(reader);
	if (reader->error == ERR_NONE && envelope->seq == 0)
		reader_fail(reader, ERR_OUT_OF_RANGE);
	part(reader, "seq");
	envelope->type = reader_text(reader, TYPE_TEXT_MAX);
	part(reader, "type");
	envelope->subject = reader_text(reader, SUBJECT_TEXT_MAX);
	part(reader, "subject");
	envelope->time_us = reader_int(reader);
	part(reader, "time");
	read_ext(reader, envelope);
	part(reader, "ext");
	if (!is_short_map(reader)) {
		enum reader_kind kind = reader_peek(reader);

		if (kind != READER_MAP && kind != READER_END) /* an end is for whoever reads on to tell */
			reader_fail(reader, ERR_WRONG_TYPE);
	}
	part(reader, "data");
}

void envelope_read(struct reader *reader, struct envelope *envelope)
{
	envelope_open(reader, envelope);
	envelope->data = reader_value(reader);
	part(reader, "data");
	reader_leave(reader);
}

bool envelope_peek(struct bytes event, struct envelope *envelope)
{
	struct reader reader = reader_of(event);

	(void)reader_array(&reader, 9);
	(void)reader_int(&reader);
	(void)reader_text(&reader, ID_TEXT_MAX);
	envelope->source = reader_text(&reader, SOURCE_TEXT_MAX);
	envelope->seq = reader_uint(&reader);
	envelope->type = reader_text(&reader, TYPE_TEXT_MAX);
	envelope->subject = reader_text(&reader, SUBJECT_TEXT_MAX);
	return reader.error == ERR_NONE;
}

static void write_ext(struct writer *writer, const struct envelope *envelope)
{
	const bool there[] = {envelope->epoch != 0, envelope->cause.size > 0, envelope->recorded_us != 0,
			      envelope->trace.size > 0, envelope->correlation.size > 0};
	uint32_t pairs = 0;

	for (size_t i = 0; i < sizeof(there) / sizeof(there[0]); i++)
		pairs += there[i];
	writer_map(writer, pairs);
	if (envelope->epoch != 0) {
		writer_text(writer, TEXT_LITERAL("epoch"));
		writer_uint(writer, envelope->epoch);
	}
	if (envelope->cause.size > 0) {
		writer_text(writer, TEXT_LITERAL("cause"));
		writer_text(writer, envelope->cause);
	}
	if (envelope->recorded_us != 0) {
		writer_text(writer, TEXT_LITERAL("recorded"));
		writer_int(writer, envelope->recorded_us);
	}
	if (envelope->trace.size > 0) {
		writer_text(writer, TEXT_LITERAL("trace"));
		writer_text(writer, envelope->trace);
	}
	if (envelope->correlation.size > 0) {
		writer_text(writer, TEXT_LITERAL("correlation"));
		writer_text(writer, envelope->correlation);
	}
}

void envelope_write(struct writer *writer, const struct envelope *envelope)
{
	writer_array(writer, 9);
	writer_uint(writer, ENVELOPE_VERSION);
	writer_text(writer, envelope->id);
	writer_text(writer, envelope->source);
	writer_uint(writer, envelope->seq);
	writer_text(writer, envelope->type);
	writer_text(writer, envelope->subject);
	writer_int(writer, envelope->time_us);
	write_ext(writer, envelope);
	writer_raw(writer, envelope->data);
}
