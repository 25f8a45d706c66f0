/* buffer.c -- text that grows. */
#include "buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "pack/json.h"

static bool make_room(struct buffer *buffer, size_t size)
{
	size_t room = buffer->room > 0 ? buffer->room : 1024;

	if (buffer->error != ERR_NONE)
		return false;
	if (size > BUFFER_BYTES_MAX - buffer->used) {
		buffer->error = ERR_TOO_LARGE;
		return false;
	}
	while (room - buffer->used < size)
		room *= 2;
	if (room == buffer->room)
		return true;
	char *bytes = realloc(buffer->bytes, room);
	if (bytes == NULL) {
		buffer->error = ERR_MEMORY;
		return false;
	}
	buffer->bytes = bytes;
	buffer->room = room;
	return true;
}

void buffer_put(struct buffer *buffer, const void *data, size_t size)
{
	if (size == 0 || !make_room(buffer, size))
		return;
	memcpy(buffer->bytes + buffer->used, data, size);
	buffer->used += size;
}

void buffer_text(struct buffer *buffer, const char *text)
{
	buffer_put(buffer, text, strlen(text));
}

void buffer_format(struct buffer *buffer, const char *format, ...)
{
	char line[1024];
	va_list arguments;

	va_start(arguments, format);
	int size = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	CHECK(size >= 0 && (size_t)size < sizeof(line));
	buffer_put(buffer, line, (size_t)size);
}

void buffer_quoted(struct buffer *buffer, struct text text)
{
	buffer_text(buffer, "\"");
	for (uint32_t i = 0; i < text.size; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c == '"' || c == '\\')
			buffer_text(buffer, "\\");
		if (c < 0x20 || c == 0x7f)
			buffer_format(buffer, "\\u%04x", c);
		else
			buffer_put(buffer, &c, 1);
	}
	buffer_text(buffer, "\"");
}

/* JSON is at most six times as long as the packed bytes (control characters), a little more for numbers. */
void buffer_packed(struct buffer *buffer, struct bytes value)
{
	size_t most = value.size * 6 + 64;

	for (size_t room = value.size * 2 + 256; buffer->error == ERR_NONE; room = room * 2 < most ? room * 2 : most) {
		if (!make_room(buffer, room))
			return;
		int error = json_of_msgpack(value, buffer->bytes + buffer->used, buffer->room - buffer->used);
		if (error == ERR_NONE) {
			buffer->used += strlen(buffer->bytes + buffer->used);
			return;
		}
		if (error != ERR_TOO_LARGE || room >= most) {
			buffer->error = error;
			return;
		}
	}
}

void buffer_free(struct buffer *buffer)
{
	free(buffer->bytes);
	*buffer = (struct buffer){0};
}

struct body *body_copy(struct bytes bytes)
{
	struct body *body = malloc(sizeof(*body) + bytes.size);

	if (body == NULL)
		return NULL;
	body->holders = 1;
	body->size = bytes.size;
	if (bytes.size > 0)
		memcpy(body->bytes, bytes.data, bytes.size);
	return body;
}

struct body *body_of(struct buffer *buffer)
{
	struct body *body = buffer->error == ERR_NONE ? body_copy(bytes_of(buffer->bytes, buffer->used)) : NULL;

	buffer_free(buffer);
	return body;
}

struct body *body_hold(struct body *body)
{
	body->holders++;
	return body;
}

void body_release(struct body **out)
{
	struct body *body = *out;

	*out = NULL;
	if (body != NULL && --body->holders == 0)
		free(body);
}
