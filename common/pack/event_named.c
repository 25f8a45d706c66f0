/* event_named.c -- keys by their numbers become keys by their names: what a journal holds becomes what everybody reads. */
#include "base/error.h"
#include "pack/event.h"

/* A key by its number is one byte; names, and all that is no number, begin higher. */
static bool is_number(const struct reader *reader)
{
	return reader->at < reader->end && *reader->at < EVENT_KEYS_MAX;
}

static void name_map(struct reader *reader, struct writer *writer, const struct field *fields, uint32_t count);

static void name_list(struct reader *reader, struct writer *writer, const struct field *field)
{
	uint32_t items = reader_array(reader, READER_ITEMS_MAX);

	writer_array(writer, items);
	for (uint32_t i = 0; i < items && reader->error == ERR_NONE; i++)
		name_map(reader, writer, field->fields, field->field_count);
	reader_leave(reader);
}

/* A number that no field here has was written by who knows more: it stays a number, as an unknown name stays a name. */
static const struct field *name_key(struct reader *reader, struct writer *writer, const struct field *fields, uint32_t count)
{
	uint32_t number = is_number(reader) ? *reader->at : EVENT_KEYS_MAX;

	if (number >= count) {
		writer_raw(writer, reader_value(reader));
		return NULL;
	}
	reader->at++;
	writer_text(writer, text_of(fields[number].name));
	return &fields[number];
}

static void name_map(struct reader *reader, struct writer *writer, const struct field *fields, uint32_t count)
{
	uint32_t pairs = reader_map(reader, READER_ITEMS_MAX);

	writer_map(writer, pairs);
	for (; pairs > 0 && reader->error == ERR_NONE; pairs--) {
		const struct field *field = name_key(reader, writer, fields, count);

		if (field != NULL && field->kind == FIELD_LIST)
			name_list(reader, writer, field);
		else
			writer_raw(writer, reader_value(reader));
	}
	reader_leave(reader);
}

int event_data_named(const struct event_type *type, struct bytes data, struct writer *writer)
{
	struct reader reader = reader_of(data), inside = reader;
	size_t before = writer->used;

	(void)reader_map(&inside, READER_ITEMS_MAX);
	bool has_numbers = is_number(&inside);
	if (has_numbers)
		name_map(&reader, writer, type->fields, type->field_count);
	if (!has_numbers || reader_finish(&reader) != ERR_NONE) {
		writer->used = before; /* torn: it is not for us to mend, whoever reads it is told where */
		writer_raw(writer, data);
	}
	return writer->error;
}

int event_named(struct bytes event, struct writer *writer)
{
	struct reader reader = reader_of(event);
	struct envelope envelope;

	envelope_open(&reader, &envelope);
	const struct event_type *type = reader.error == ERR_NONE ? event_type_find(envelope.type) : NULL;
	if (type == NULL) {
		writer_raw(writer, event);
		return writer->error;
	}
	size_t head = (size_t)(reader.at - event.data);
	writer_raw(writer, bytes_of(event.data, head));
	return event_data_named(type, bytes_of(event.data + head, event.size - head), writer);
}
