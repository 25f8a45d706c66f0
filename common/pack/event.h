/*
 * event.h -- what the generated code and the rest of the house share: the description of an event type.
 *
 * Every event of schemas/ becomes a C struct and one struct event_type that describes it. The hot path (pack,
 * unpack) is generated code per type; JSON, equality and printing walk the field tables. Optional fields have
 * a `bool has_<field>` beside them; lists are {const struct X *items; uint32_t count;}; texts borrow.
 */
#ifndef TRIBUTARY_PACK_EVENT_H
#define TRIBUTARY_PACK_EVENT_H

#include <stdio.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/check.h"
#include "pack/envelope.h"

enum field_kind { FIELD_TEXT, FIELD_INT, FIELD_BOOL, FIELD_MONEY, FIELD_PRICE, FIELD_QUANTITY, FIELD_TIME,
		  FIELD_LIST };

struct field {
	const char *name;	/* wire key = JSON key = C member */
	enum field_kind kind;
	bool required;
	uint32_t offset;	/* of the member in its struct */
	uint32_t has_offset;	/* of has_<field>, optional fields only */
	int64_t min, max;	/* of a number; bytes of a text; items of a list */
	/* "minor units of `currency`", "1/1000 of the base unit"; every number has one; for documents and errors */
	const char *unit;
	const char *sentence;
	/*
	 * NULL, or the texts that an enumerated text may be, NULL-terminated (unknown ones are tolerated
	 * unless x-closed)
	 */
	const char *const *choices;
	/* of a list's item: its fields, field_count of them, item_size bytes each */
	const struct field *fields;
	uint32_t field_count;
	uint32_t item_size;
};

/* The kind of a record that a decision applied, and the fields with its code and its version; NULL where the event does not say it. */
struct event_rule {
	const char *kind, *code, *version;
};

struct event_type {
	const char *name;	/* "sale.recorded" */
	/* "orders"; for events from outside "terminals", "warehouses", "staff", "clock" */
	const char *publisher;
	const char *sentence;
	const char *subject_field; /* the field that the envelope's subject repeats, or NULL */
	uint32_t subject_offset;   /* of its text in the struct */
	/*
	 * Whose it is: the fields that name the outlet and the warehouse, or NULL; only where the field scope_when
	 * says scope_is, when that is not NULL. None of them: it is for the principal alone.
	 */
	const char *scope_outlet, *scope_warehouse, *scope_when, *scope_is;
	bool is_dealers; /* the dealer of the outlet in scope_outlet may say it as well as who says it as a rule */
	const struct field *fields;
	uint32_t field_count;
	uint32_t struct_size;
	size_t bytes_max;	/* upper bound of the packed data map */
	/*
	 * Decode and validate data into *event; lists and nothing else come from the arena. Returns
	 * ERR_NONE or the failure, also in reader->error/field.
	 */
	int (*unpack)(void *event, struct reader *reader, struct arena *arena);
	void (*pack)(const void *event, struct writer *writer);
	bool (*is_sound)(const void *event); /* event_check's answer when all is well, sooner */
	/* A decision in words, as sentences with {fields}, or NULL (schemas/README.md, "In words"); and the rules that it applied. */
	const char *explain_en, *explain_zh;
	const struct event_rule *rules; /* ends with a kind NULL; NULL: none */
};

/* Every event type of schemas/, sorted by name; generated. */
extern const struct event_type *const event_types[];
extern const uint32_t event_type_count;

/* event_type_find -- by wire name; NULL when nobody here knows it. */
const struct event_type *event_type_find(struct text name);

/*
 * event_check -- validate a struct as strictly as unpack validates bytes: bounds of numbers, texts and lists,
 * UTF-8.
 *   shape   *field names the offender, or is NULL.
 *   errors  ERR_OUT_OF_RANGE, ERR_TOO_LARGE, ERR_TOO_MANY, ERR_NOT_UTF8.
 */
int event_check(const struct event_type *type, const void *event, const char **field) must_check;
bool event_equal(const struct event_type *type, const void *a, const void *b);

/*
 * A key of a field is its name or its number, its place among the fields of its map, from 0 on, in one byte:
 * unpack takes both, pack writes numbers where the writer is told to. Journals and the feeds between services
 * have numbers, everybody else is told names. Fields of shipped events never change their places.
 */
#define EVENT_KEYS_MAX 64u

/*
 * event_named -- write an event with the names of its keys; one that has names already, is of a type that nobody
 * here knows, or is torn, as it is.   event_data_named -- the same for its data alone.
 *   shape   what pack writes with numbers becomes, byte for byte, what it writes with names.
 *   errors  ERR_TOO_LARGE when the writer is too small.
 */
int event_named(struct bytes event, struct writer *writer) must_check;
int event_data_named(const struct event_type *type, struct bytes data, struct writer *writer) must_check;

/*
 * event_to_json -- write data (a packed map) as one JSON object; the names of the wire's keys are the JSON's keys,
 * unknown ones stay as they are.
 *   shape   quantities, money, prices and times stay integers; see json.h for everything else. type may be
 *           NULL.
 *   errors  ERR_TOO_LARGE when out is too small, ERR_WRONG_TYPE when data is no map, the reader's.
 */
int event_to_json(const struct event_type *type, struct bytes data, char *out, size_t out_size) must_check;

/*
 * event_from_json -- parse and validate one JSON object into an event struct.
 *   shape   JSON as strict as RFC 8259 is, with nothing behind it; whole numbers may be written 12, 12.0 or
 *           1.2e1.
 *   owns    texts and lists are copied into the arena.
 *   errors  ERR_SYNTAX, ERR_NOT_UTF8, ERR_MISSING_FIELD, ERR_WRONG_TYPE, ERR_OUT_OF_RANGE, ERR_TOO_LARGE,
 *           ERR_TOO_MANY, ERR_TOO_DEEP, ERR_DUPLICATE_KEY, ERR_UNKNOWN_TYPE for an unknown key; message says
 *           which field and why.
 */
int event_from_json(const struct event_type *type, const char *json, void *event, struct arena *arena,
		    char *message, size_t message_size) must_check;

/*
 * event_print -- `sale.recorded outlet=OUT-001 total=1530 lines=[sku=A quantity=2000; sku=B ...]` on one
 * line, for logs and people.
 */
void event_print(const struct event_type *type, const void *event, FILE *out);

#endif
