/* json.c -- a bounded JSON writer driven by the reader. */
#include "json.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/error.h"

struct json {
	char *out;
	size_t size, used;
	bool full;
};

static void put(struct json *json, const char *text, size_t size)
{
	if (size >= json->size - json->used) {
		json->full = true;
		return;
	}
	memcpy(json->out + json->used, text, size);
	json->used += size;
}

static void put_char(struct json *json, char one)
{
	put(json, &one, 1);
}

static void put_text(struct json *json, struct text text)
{
	char escape[8];

	put_char(json, '"');
	for (uint32_t i = 0; i < text.size; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c == '"' || c == '\\') {
			put_char(json, '\\');
			put_char(json, (char)c);
		} else if (c < 0x20 || c == 0x7f) {
			put(json, escape, (size_t)snprintf(escape, sizeof(escape), "\\u%04x", c));
		} else {
			put_char(json, (char)c);
		}
	}
	put_char(json, '"');
}

static void put_hex(struct json *json, struct bytes bytes)
{
	static const char digits[] = "0123456789abcdef";

	put_char(json, '"');
	for (size_t i = 0; i < bytes.size; i++) {
		put_char(json, digits[bytes.data[i] >> 4]);
		put_char(json, digits[bytes.data[i] & 15]);
	}
	put_char(json, '"');
}

static void put_float(struct json *json, struct bytes packed)
{
	char text[40];
	uint64_t bits = 0;
	double value;
	float narrow;

	for (size_t i = 1; i < packed.size; i++)
		bits = bits << 8 | packed.data[i];
	uint32_t half = (uint32_t)bits;
	if (packed.size == 5) {
		memcpy(&narrow, &half, sizeof(narrow));
		value = (double)narrow;
	} else {
		memcpy(&value, &bits, sizeof(value));
	}
	put(json, text, (size_t)snprintf(text, sizeof(text), "%.17g", value));
}

static void put_value(struct json *json, struct reader *reader);

static void put_map(struct json *json, struct reader *reader)
{
	uint32_t pairs = reader_map(reader, READER_ITEMS_MAX);

	put_char(json, '{');
	for (uint32_t i = 0; i < pairs && reader->error == ERR_NONE && !json->full; i++) {
		if (i > 0)
			put_char(json, ',');
		if (reader_peek(reader) == READER_TEXT)
			put_text(json, reader_text(reader, UINT32_MAX));
		else
			put_hex(json, reader_value(reader)); /* JSON keys are texts */
		put_char(json, ':');
		put_value(json, reader);
	}
	put_char(json, '}');
	reader_leave(reader);
}

static void put_array(struct json *json, struct reader *reader)
{
	uint32_t items = reader_array(reader, READER_ITEMS_MAX);

	put_char(json, '[');
	for (uint32_t i = 0; i < items && reader->error == ERR_NONE && !json->full; i++) {
		if (i > 0)
			put_char(json, ',');
		put_value(json, reader);
	}
	put_char(json, ']');
	reader_leave(reader);
}

/* Depth is bounded by the reader: READER_DEPTH_MAX. */
static void put_value(struct json *json, struct reader *reader)
{
	char number[24];

	switch (reader_peek(reader)) {
	case READER_NIL:
		reader_nil(reader);
		put(json, "null", 4);
		return;
	case READER_BOOL:
		if (reader_bool(reader))
			put(json, "true", 4);
		else
			put(json, "false", 5);
		return;
	case READER_INT:
		put(json, number, (size_t)snprintf(number, sizeof(number), "%" PRId64, reader_int(reader)));
		return;
	case READER_TEXT:
		put_text(json, reader_text(reader, UINT32_MAX));
		return;
	case READER_MAP:
		put_map(json, reader);
		return;
	case READER_ARRAY:
		put_array(json, reader);
		return;
	case READER_FLOAT:
		put_float(json, reader_value(reader));
		return;
	case READER_BIN:
		put_hex(json, reader_bin(reader, UINT32_MAX));
		return;
	default: /* what JSON has no word for, and the end */
		put_hex(json, reader_value(reader));
		return;
	}
}

int json_of_msgpack(struct bytes value, char *out, size_t out_size)
{
	struct json json = {.out = out, .size = out_size};
	struct reader reader = reader_of(value);

	if (out_size == 0)
		return ERR_TOO_LARGE;
	put_value(&json, &reader);
	out[json.used] = 0;
	if (json.full && reader.error == ERR_NONE)
		return ERR_TOO_LARGE; /* the rest was not looked at */
	return reader_finish(&reader);
}
