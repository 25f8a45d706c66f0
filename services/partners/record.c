/* record.c -- submissions become records, and records that changed are declared. */
#include "record.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/error.h"

static size_t member_size(const struct field *field)
{
	switch (field->kind) {
	case FIELD_BOOL:
		return sizeof(bool);
	case FIELD_TEXT:
	case FIELD_LIST: /* items and count: the size of a text */
		return sizeof(struct text);
	case FIELD_INT:
	case FIELD_MONEY:
	case FIELD_PRICE:
	case FIELD_QUANTITY:
	case FIELD_TIME:
		return sizeof(int64_t);
	}
	return 0;
}

/* A declaration has the fields of its submission, and a version. */
static void copy_fields(const struct kind *kind, const void *submitted, void *declared)
{
	for (uint32_t i = 0; i < kind->submitted->field_count; i++) {
		const struct field *from = &kind->submitted->fields[i], *to = &kind->declared->fields[i];

		CHECK(strcmp(from->name, to->name) == 0 && from->kind == to->kind);
		memcpy((char *)declared + to->offset, (const char *)submitted + from->offset,
		       member_size(from));
		if (!from->required)
			memcpy((char *)declared + to->has_offset, (const char *)submitted + from->has_offset,
			       sizeof(bool));
	}
}

static void declare(struct turn *turn, const struct kind *kind, const void *submitted, int64_t version)
{
	const struct event_type *type = kind->declared;
	const struct field *last = &type->fields[type->field_count - 1];
	void *declared = turn_take(turn, type->struct_size);

	CHECK(strcmp(last->name, "version") == 0);
	memset(declared, 0, type->struct_size);
	copy_fields(kind, submitted, declared);
	memcpy((char *)declared + last->offset, &version, sizeof(version));
	turn_emit(turn, type,
	          declared); /* house: ten kinds through one piece; emit_<kind>_declared would do just this */
}

/* R2: What is submitted as it stands already changes nothing and is not said. */
void record_submit(struct turn *turn, enum partners_table kind, struct bytes key, const void *submitted)
{
	const struct event_type *type = kinds[kind].submitted;
	struct record known = record_get(turn, kind, key);
	uint8_t *packed = turn_take(turn, type->bytes_max);
	struct writer writer = writer_of(packed, type->bytes_max);

	type->pack(submitted, &writer);
	CHECK(writer.error == ERR_NONE);
	if (known.version > 0 && bytes_equal(known.fields, writer_bytes(&writer)))
		return;
	struct record record = {.version = known.version + 1, .fields = writer_bytes(&writer)};
	record_put(turn, kind, key, &record);
	/* R3: A record that is new or changed is declared whole, with a version that rises by one. */
	declare(turn, &kinds[kind], submitted, record.version);
}

/* R1: A record that refers to what is not known, or contradicts itself, is refused with a code and changes
 * nothing. */
bool record_refuse(struct turn *turn, enum partners_table kind, struct text key, const char *code,
                   const char *format, ...)
{
	char message[TURN_TEXT_MAX * 2]; /* turn_text cuts it between characters */
	va_list arguments;

	va_start(arguments, format);
	int size = vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	size = size < (int)sizeof(message) ? size : (int)sizeof(message) - 1;
	struct text text = turn_text(turn, "%.*s", size, message);
	struct submission_refused refused = {
	    .kind = text_of(kinds[kind].name), .key = key, .code = text_of(code), .message = text};

	turn_refuse(turn, code, text);
	emit_submission_refused(turn, &refused);
	return false;
}

bool record_currency(struct turn *turn, enum partners_table kind, struct text key, struct text currency)
{
	return currency_exponent(currency) >= 0 ||
	       record_refuse(turn, kind, key, "unknown_currency", "%.*s is no ISO 4217 currency",
	                     TEXT_ARGS(currency));
}
