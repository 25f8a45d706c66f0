/* apply_read.c -- the YAML document, walked along the field tables of the events. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "apply.h"
#include "replay.h"

struct reading {
	struct records *records;
	yaml_document_t *document;
	const char *file;
	const struct event_type *type;
	int exponent; /* of the record's currency */
};

/* Plural in the file, type of the event. In the order in which they are sent: what is referred to comes first. */
static const struct {
	const char *plural, *type;
} kinds[] = {
    {"suppliers", "supplier.submitted"},
    {"warehouses", "warehouse.submitted"},
    {"carriers", "carrier.submitted"},
    {"outlets", "outlet.submitted"},
    {"lanes", "lane.submitted"},
    {"products", "product.submitted"},
    {"prices", "price.submitted"},
    {"stock_policies", "stock_policy.submitted"},
    {"terminals", "terminal.submitted"},
    {"schemes", "scheme.submitted"},
    {"clawbacks", "clawback.submitted"},
    {"settlements", "settlement.submitted"},
    {"territories", "territory.submitted"},
    {"targets", "target.submitted"},
    {"transfer_permits", "transfer_permit.submitted"},
    {"corridors", "corridor.submitted"},
    {"observations", "observation.submitted"},
    {"calendars", "calendar.submitted"},
    {"peer_groups", "peer_group.submitted"},
    {"scans", "scan.submitted"},
    {"members", "member.submitted"},
    {"metrics", "metric.submitted"},
    {"appraisals", "appraisal.submitted"},
    {"rewards", "reward.submitted"},
    {"appeals", "appeal.submitted"},
    {"appeal_decisions", "appeal_decision.submitted"},
    {"assortments", "assortment.submitted"},
    {"promotions", "promotion.submitted"},
    {"displays", "display.submitted"},
    {"fair_shares", "fair_share.submitted"},
    {"credits", "credit.submitted"},
    {"payments", "payment.submitted"},
    {"procurements", "procurement.submitted"},
    {"budgets", "budget.submitted"},
    {"transfers", "transfer.submitted"},
    {"service_tickets", "ticket.submitted"},
    {"commissions", "commission.submitted"},
    {"funds", "fund.submitted"},
    {"claims", "claim.submitted"},
    {"notices", "notice.submitted"},
    {"meetings", "meeting.submitted"},
    {"action_items", "action_item.submitted"},
    {"payouts", "payout.submitted"},
    {"invoices", "invoice.submitted"},
    {"courses", "course.submitted"},
    {"training_results", "training_result.submitted"},
    {"rights_to_sell", "right_to_sell.submitted"},
    {"enrolments", "enrolment.submitted"},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

__attribute__((format(printf, 4, 5))) static void complain(struct reading *reading, const yaml_node_t *node, const char *field,
							   const char *format, ...)
{
	va_list arguments;

	reading->records->wrong++;
	fprintf(stderr, "%s:%zu: ", reading->file, node->start_mark.line + 1);
	if (field != NULL)
		fprintf(stderr, "%s: ", field);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

static const char *scalar(const yaml_node_t *node)
{
	return node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : NULL;
}

static int digits_of(const struct reading *reading, const struct field *field)
{
	switch (field->kind) {
	case FIELD_PRICE:
		return 4;
	case FIELD_QUANTITY:
		return 3;
	case FIELD_MONEY:
		return reading->exponent;
	case FIELD_TEXT:
	case FIELD_INT:
	case FIELD_BOOL:
	case FIELD_TIME:
	case FIELD_LIST:
		return 0;
	}
	return 0;
}

static void take_number(struct reading *reading, const yaml_node_t *node, const struct field *field, void *member)
{
	const char *text = scalar(node), *point = text != NULL ? strchr(text, '.') : NULL;
	int digits = digits_of(reading, field);
	int64_t number;

	if (text == NULL || !replay_decimal(text, digits, &number))
		complain(reading, node, field->name, "'%s' is not a number", text != NULL ? text : "(not a scalar)");
	else if (point != NULL && strlen(point + 1) > (size_t)digits)
		complain(reading, node, field->name, "'%s' has more than %d decimals", text, digits);
	else if (number < field->min || number > field->max)
		complain(reading, node, field->name, "%s is outside its range", text);
	else
		memcpy(member, &number, sizeof(number));
}

static void take_text(struct reading *reading, const yaml_node_t *node, const struct field *field, void *member)
{
	const char *text = scalar(node);
	size_t size = text != NULL ? strlen(text) : 0;

	if (text == NULL || (int64_t)size < field->min || (int64_t)size > field->max) {
		complain(reading, node, field->name, "must be a text of %lld to %lld bytes", (long long)field->min, (long long)field->max);
		return;
	}
	char *copy = arena_take(&reading->records->arena, size + 1);
	if (copy == NULL) {
		complain(reading, node, field->name, "the file is too large");
		return;
	}
	memcpy(copy, text, size + 1);
	*(struct text *)member = (struct text){copy, (uint32_t)size};
}

static void take_bool(struct reading *reading, const yaml_node_t *node, const struct field *field, void *member)
{
	const char *text = scalar(node);
	bool yes = text != NULL && (strcmp(text, "true") == 0 || strcmp(text, "yes") == 0);

	if (!yes && (text == NULL || (strcmp(text, "false") != 0 && strcmp(text, "no") != 0)))
		complain(reading, node, field->name, "must be true or false");
	*(bool *)member = yes;
}

static void take_mapping(struct reading *reading, const yaml_node_t *node, const struct field *fields, uint32_t count, void *event);

static void take_list(struct reading *reading, const yaml_node_t *node, const struct field *field, void *member)
{
	struct {
		const void *items;
		uint32_t count;
	} list = {0};

	if (node->type != YAML_SEQUENCE_NODE) {
		complain(reading, node, field->name, "must be a list");
		return;
	}
	size_t size = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
	char *items = arena_take(&reading->records->arena, size * field->item_size + 1);
	if ((int64_t)size > field->max || (int64_t)size < field->min || items == NULL) {
		complain(reading, node, field->name, "must have %lld to %lld items", (long long)field->min, (long long)field->max);
		return;
	}
	memset(items, 0, size * field->item_size);
	for (; list.count < size; list.count++)
		take_mapping(reading, yaml_document_get_node(reading->document, node->data.sequence.items.start[list.count]),
			     field->fields, field->field_count, items + list.count * field->item_size);
	list.items = items;
	memcpy(member, &list, sizeof(list));
}

static void take_value(struct reading *reading, const yaml_node_t *node, const struct field *field, void *event)
{
	void *member = (char *)event + field->offset;

	if (!field->required)
		*(bool *)((char *)event + field->has_offset) = true;
	if (field->kind == FIELD_TEXT)
		take_text(reading, node, field, member);
	else if (field->kind == FIELD_BOOL)
		take_bool(reading, node, field, member);
	else if (field->kind == FIELD_LIST)
		take_list(reading, node, field, member);
	else
		take_number(reading, node, field, member);
}

static const struct field *field_named(const struct field *fields, uint32_t count, const char *name)
{
	for (uint32_t i = 0; i < count; i++)
		if (strcmp(fields[i].name, name) == 0)
			return &fields[i];
	return NULL;
}

static void unknown_field(struct reading *reading, const yaml_node_t *key, const struct field *fields, uint32_t count)
{
	const char *names[64];

	for (uint32_t i = 0; i < count && i < 64; i++)
		names[i] = fields[i].name;
	const char *guess = scalar(key) != NULL ? params_guess(scalar(key), names, count < 64 ? count : 64) : NULL;
	complain(reading, key, scalar(key), "%s has no such field%s%s%s", reading->type->name, guess != NULL ? "; did you mean '" : "",
		 guess != NULL ? guess : "", guess != NULL ? "'?" : "");
}

/* The exponent of money depends on the record's currency, wherever in the record that stands. */
static void find_currency(struct reading *reading, const yaml_node_t *node)
{
	for (yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
		const char *key = scalar(yaml_document_get_node(reading->document, pair->key));
		const char *value = scalar(yaml_document_get_node(reading->document, pair->value));

		if (key != NULL && value != NULL && strcmp(key, "currency") == 0)
			reading->exponent = currency_exponent(text_of(value)) >= 0 ? currency_exponent(text_of(value)) : 2;
	}
}

static void take_mapping(struct reading *reading, const yaml_node_t *node, const struct field *fields, uint32_t count, void *event)
{
	bool seen[64] = {false};

	if (node->type != YAML_MAPPING_NODE) {
		complain(reading, node, NULL, "a record is a mapping of fields");
		return;
	}
	CHECK(count <= 64);
	for (yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = yaml_document_get_node(reading->document, pair->key);
		const struct field *field = scalar(key) != NULL ? field_named(fields, count, scalar(key)) : NULL;

		if (field == NULL) {
			unknown_field(reading, key, fields, count);
		} else if (seen[field - fields]) {
			complain(reading, key, field->name, "given twice");
		} else {
			seen[field - fields] = true;
			take_value(reading, yaml_document_get_node(reading->document, pair->value), field, event);
		}
	}
	for (uint32_t i = 0; i < count; i++)
		if (fields[i].required && !seen[i])
			complain(reading, node, fields[i].name, "is missing");
}

static void take_record(struct reading *reading, const yaml_node_t *node)
{
	struct record *record = arena_take(&reading->records->arena, sizeof(*record));
	void *event = arena_take(&reading->records->arena, reading->type->struct_size);

	if (record == NULL || event == NULL) {
		complain(reading, node, NULL, "the file is too large");
		return;
	}
	memset(event, 0, reading->type->struct_size);
	reading->exponent = 2;
	if (node->type == YAML_MAPPING_NODE)
		find_currency(reading, node);
	take_mapping(reading, node, reading->type->fields, reading->type->field_count, event);
	*record = (struct record){
	    .type = reading->type, .event = event, .line = (unsigned)node->start_mark.line + 1, .file = reading->file};
	*reading->records->end = record;
	reading->records->end = &record->next;
	reading->records->count++;
}

static void take_kind(struct reading *reading, const yaml_node_t *list)
{
	if (list->type != YAML_SEQUENCE_NODE) {
		complain(reading, list, NULL, "must be a list of records");
		return;
	}
	for (yaml_node_item_t *item = list->data.sequence.items.start; item < list->data.sequence.items.top; item++)
		take_record(reading, yaml_document_get_node(reading->document, *item));
}

static void check_kinds(struct reading *reading, const yaml_node_t *root)
{
	const char *names[KINDS];

	for (size_t i = 0; i < KINDS; i++)
		names[i] = kinds[i].plural;
	for (yaml_node_pair_t *pair = root->data.mapping.pairs.start; pair < root->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = yaml_document_get_node(reading->document, pair->key);
		const char *name = scalar(key) != NULL ? scalar(key) : "?";
		bool known = false;

		for (size_t i = 0; i < KINDS; i++)
			known = known || strcmp(names[i], name) == 0;
		const char *guess = known ? NULL : params_guess(name, names, KINDS);
		if (!known)
			complain(reading, key, name, "no such kind of record%s%s%s", guess != NULL ? "; did you mean '" : "",
				 guess != NULL ? guess : "", guess != NULL ? "'?" : "");
	}
}

static void take_document(struct reading *reading)
{
	const yaml_node_t *root = yaml_document_get_root_node(reading->document);

	if (root == NULL)
		return; /* an empty file changes nothing */
	if (root->type != YAML_MAPPING_NODE) {
		complain(reading, root, NULL, "the file is a mapping: outlets: [...], products: [...] and so on");
		return;
	}
	check_kinds(reading, root);
	for (size_t i = 0; i < KINDS; i++)
		for (yaml_node_pair_t *pair = root->data.mapping.pairs.start; pair < root->data.mapping.pairs.top; pair++) {
			const char *name = scalar(yaml_document_get_node(reading->document, pair->key));

			if (name == NULL || strcmp(name, kinds[i].plural) != 0)
				continue;
			reading->type = event_type_find(text_of(kinds[i].type));
			CHECK(reading->type != NULL);
			take_kind(reading, yaml_document_get_node(reading->document, pair->value));
		}
}

int apply_read(struct records *records, const char *file)
{
	struct reading reading = {.records = records, .file = file};
	yaml_document_t document;
	yaml_parser_t parser;
	FILE *in = fopen(file, "rb");
	int error = ERR_NONE;

	if (in == NULL) {
		fprintf(stderr, "%s: %s\n", file, strerror(errno));
		return ERR_NOT_FOUND;
	}
	if (!yaml_parser_initialize(&parser)) {
		fclose(in);
		return ERR_MEMORY;
	}
	yaml_parser_set_input_file(&parser, in);
	if (yaml_parser_load(&parser, &document)) {
		reading.document = &document;
		take_document(&reading);
		yaml_document_delete(&document);
	} else {
		fprintf(stderr, "%s:%zu: %s\n", file, parser.problem_mark.line + 1,
			parser.problem != NULL ? parser.problem : "not YAML");
		error = ERR_SYNTAX;
	}
	yaml_parser_delete(&parser);
	fclose(in);
	return error;
}
