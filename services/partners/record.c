/* record.c -- submissions become records, and records that changed are declared. */
#include "record.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/error.h"
#include "desk/notice.h"
#include "rules.h"

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

/* A declaration has the fields of its submission, in the same order, and a version. */
void record_copy(const struct event_type *from, const void *event, const struct event_type *to, void *copy)
{
	for (uint32_t i = 0; i < from->field_count && i < to->field_count; i++) {
		const struct field *source = &from->fields[i], *target = &to->fields[i];

		CHECK(strcmp(source->name, target->name) == 0 && source->kind == target->kind);
		memcpy((char *)copy + target->offset, (const char *)event + source->offset,
		       member_size(source));
		if (!source->required)
			memcpy((char *)copy + target->has_offset, (const char *)event + source->has_offset,
			       sizeof(bool));
	}
}

static struct bytes record_pack(const struct event_type *type, const void *submitted, uint8_t *buffer)
{
	struct writer writer = writer_of(buffer, type->bytes_max);

	type->pack(submitted, &writer);
	CHECK(writer.error == ERR_NONE);
	return writer_bytes(&writer);
}

struct bytes record_declared(const struct kind *kind, const void *declared, struct arena *arena,
                             int64_t *version)
{
	const struct field *last = &kind->declared->fields[kind->declared->field_count - 1];
	void *submitted = arena_take(arena, kind->submitted->struct_size);
	uint8_t *packed = arena_take(arena, kind->submitted->bytes_max);

	CHECK(submitted != NULL && packed != NULL);
	memset(submitted, 0, kind->submitted->struct_size);
	record_copy(kind->declared, declared, kind->submitted, submitted);
	memcpy(version, (const char *)declared + last->offset, sizeof(*version));
	return record_pack(kind->submitted, submitted, packed);
}

static void declare(struct turn *turn, const struct kind *kind, const void *submitted, int64_t version)
{
	const struct event_type *type = kind->declared;
	const struct field *last = &type->fields[type->field_count - 1];
	void *declared = turn_take(turn, type->struct_size);

	CHECK(strcmp(last->name, "version") == 0);
	memset(declared, 0, type->struct_size);
	record_copy(kind->submitted, submitted, type, declared);
	memcpy((char *)declared + last->offset, &version, sizeof(version));
	/* house: ten kinds through one piece; emit_<kind>_declared would do just this */
	turn_emit(turn, type, declared);
}

static const struct field *field_of(enum partners_table kind, const char *name)
{
	const struct event_type *type = kinds[kind].submitted;

	for (uint32_t i = 0; i < type->field_count; i++)
		if (strcmp(type->fields[i].name, name) == 0)
			return &type->fields[i];
	return NULL;
}

/* R11: Codes have no control characters: rows join codes with a zero byte. */
static const char *field_with_control(const struct event_type *type, const void *submitted)
{
	for (uint32_t i = 0; i < type->field_count; i++) {
		const struct field *field = &type->fields[i];
		bool is_given = true;
		struct text text;

		if (field->kind != FIELD_TEXT || strcmp(field->name, "name") == 0)
			continue; /* a name is for people */
		if (!field->required)
			memcpy(&is_given, (const char *)submitted + field->has_offset, sizeof(is_given));
		memcpy(&text, (const char *)submitted + field->offset, sizeof(text));
		if (is_given && !is_code(text))
			return field->name;
	}
	return NULL;
}

bool record_codes(struct turn *turn, enum partners_table kind, const void *submitted)
{
	const char *bad = field_with_control(kinds[kind].submitted, submitted);

	return bad == NULL || record_refuse(turn, kind, TEXT_LITERAL("-"), "bad_code", "%s has a control character", bad);
}

/* R2: What is submitted as it stands already changes nothing and is not said. */
int64_t record_submit(struct turn *turn, enum partners_table kind, struct bytes key, const void *submitted)
{
	const struct event_type *type = kinds[kind].submitted;

	if (!record_codes(turn, kind, submitted))
		return 0;
	struct record known = record_get(turn, kind, key);
	uint8_t *packed = turn_take(turn, type->bytes_max);
	struct bytes fields = record_pack(type, submitted, packed);
	if (known.version > 0 && bytes_equal(known.fields, fields))
		return 0;
	struct record record = {.version = known.version + 1, .fields = fields};
	record_put(turn, kind, key, &record);
	/* R3: A record that is new or changed is declared whole, with a version that rises by one. */
	declare(turn, &kinds[kind], submitted, record.version);
	notice_rule_changed(turn, kind, key, record.version);
	return record.version;
}

bool record_is_new(struct turn *turn, enum partners_table kind, struct text number, const void *submitted, const char *code, const char *sentence)
{
	const struct event_type *type = kinds[kind].submitted;
	struct record known = record_get(turn, kind, bytes_of_text(number));

	if (known.version == 0)
		return true;
	return !bytes_equal(known.fields, record_pack(type, submitted, turn_take(turn, type->bytes_max))) &&
	       record_refuse(turn, kind, number, code, "%s", sentence);
}

int64_t record_fields(struct turn *turn, enum partners_table kind, struct bytes key, void *submitted)
{
	struct record record = record_get(turn, kind, key);
	struct reader reader = reader_of(record.fields);

	if (record.version > 0)
		CHECK(kinds[kind].submitted->unpack(submitted, &reader, turn_arena(turn)) == ERR_NONE);
	return record.version;
}

void record_keep(struct turn *turn, enum partners_table kind, struct bytes key, const void *submitted)
{
	const struct event_type *type = kinds[kind].submitted;
	struct record record = {.version = 1, .fields = record_pack(type, submitted, turn_take(turn, type->bytes_max))};

	record_put(turn, kind, key, &record);
}

/* R1: A record that refers to what is not known, or contradicts itself, is refused with a code and changes
 * nothing. */
void record_refused(struct turn *turn, enum partners_table kind, struct text key, const char *code, const char *format, ...)
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
}

void breach_refuse(struct turn *turn, const struct breach *breach, struct text key, const char *code, struct text message)
{
	turn_refuse(turn, code, message);
	emit_submission_refused(turn, &(struct submission_refused){.kind = text_of(breach->kind),
								   .key = key,
								   .code = text_of(code),
								   .message = message,
								   .has_flow = true,
								   .flow = text_of(breach->flow->name),
								   .has_from_state = breach->from.size > 0,
								   .from_state = breach->from,
								   .has_to_state = breach->to.size > 0,
								   .to_state = breach->to});
}

bool record_word(struct turn *turn, enum partners_table kind, struct text key, const char *field,
                 struct text word, const char *code)
{
	const struct field *known = field_of(kind, field);

	CHECK(known != NULL && known->choices != NULL);
	/* R10: Words that have a list are words of it: an outlet's kind, every status. */
	return is_word(word, known->choices) ||
	       record_refuse(turn, kind, key, code, "%s %.*s is no word of the rulebook", field,
	                     TEXT_ARGS(word));
}

/* R14: A currency is one of ISO 4217 in circulation. */
bool record_currency(struct turn *turn, enum partners_table kind, struct text key, struct text currency)
{
	return currency_exponent(currency) >= 0 ||
	       record_refuse(turn, kind, key, "unknown_currency", "%.*s is no ISO 4217 currency",
	                     TEXT_ARGS(currency));
}

bool record_names(struct turn *turn, enum partners_table kind, struct text key, enum partners_table named, struct text code)
{
	static const char *const unknown[TABLE_COUNT] = {
	    [TABLE_OUTLET] = "unknown_outlet",       [TABLE_WAREHOUSE] = "unknown_warehouse", [TABLE_CARRIER] = "unknown_carrier",
	    [TABLE_PRODUCT] = "unknown_product",     [TABLE_TERRITORY] = "unknown_territory", [TABLE_SCHEME] = "unknown_scheme",
	    [TABLE_APPRAISAL] = "unknown_appraisal", [TABLE_APPEAL] = "unknown_appeal",       [TABLE_METRIC] = "unknown_metric",
	    [TABLE_MEETING] = "unknown_meeting",     [TABLE_COURSE] = "unknown_course",
	    [TABLE_MEMBER] = "unknown_member"};

	CHECK(unknown[named] != NULL);
	return record_known(turn, named, code) ||
	       record_refuse(turn, kind, key, unknown[named], "%s %.*s is not known", kinds[named].name, TEXT_ARGS(code));
}

bool record_day(struct turn *turn, enum partners_table kind, struct text key, struct text day)
{
	int64_t number;

	return day_number(day, &number) || record_refuse(turn, kind, key, "bad_day", "the day is not a date");
}

bool record_days(struct turn *turn, enum partners_table kind, struct text key, bool has_from, struct text from, bool has_until,
                 struct text until)
{
	return window_ordered(has_from, from, has_until, until) ||
	       record_refuse(turn, kind, key, "bad_period", "its days are no dates, or not in order");
}

bool record_scope_valid(struct turn *turn, enum partners_table kind, struct text key, const struct record_scope *scope)
{
	if ((scope->brand.size > 0) + (scope->category.size > 0) + (scope->sku.size > 0) > 1 ||
	    (scope->outlet.size > 0) + (scope->territory.size > 0) + (scope->channel.size > 0) + scope->has_tier > 1)
		return record_refuse(turn, kind, key, "bad_scope", "give one of brand, category, sku, and one place: outlet, %s, tier",
		                     kind == TABLE_CORRIDOR ? "territory" : "channel");
	if ((scope->territory.size > 0 && !record_names(turn, kind, key, TABLE_TERRITORY, scope->territory)) ||
	    (scope->sku.size > 0 && !record_names(turn, kind, key, TABLE_PRODUCT, scope->sku)) ||
	    (scope->outlet.size > 0 && !record_names(turn, kind, key, TABLE_OUTLET, scope->outlet)))
		return false;
	return scope->channel.size == 0 || record_word(turn, kind, key, "channel", scope->channel, "unknown_channel");
}
