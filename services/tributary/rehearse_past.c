/* rehearse_past.c -- the journals of a running network, turned back into what was said to it. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "events/inventory.h"
#include "events/warehouses.h"
#include "hearing.h"
#include "rehearse.h"

#define ARENA_BYTES ((size_t)2 << 30) /* address space; pages come with what is written */

/* What a service made of an event, and the event that it was made of. */
static const struct {
	const char *recorded, *said;
} recorded_as[] = {{"sale.recorded", "ticket.sold"},
		   {"sale.returned", "ticket.returned"},
		   {"sale.voided", "ticket.voided"},
		   {"writeoff.recorded", "stock.written_off"},
		   {"order.placed", "order.requested"}};

struct listener {
	struct hearing hearing; /* first: the subscription's context */
	struct past *past;
	void (*take)(struct past *past, const struct event_type *type, const void *event, const struct envelope *envelope);
};

void *past_keep(struct past *past, size_t size)
{
	void *memory = arena_take(&past->arena, size);

	CHECK(memory != NULL);
	return memory;
}

void past_say(struct sayings *sayings, struct said said)
{
	if (sayings->count == sayings->room) {
		sayings->room = sayings->room > 0 ? sayings->room * 2 : 1024;
		sayings->items = realloc(sayings->items, sayings->room * sizeof(*sayings->items));
		CHECK(sayings->items != NULL);
	}
	said.order = sayings->count;
	sayings->items[sayings->count++] = said;
}

static const struct field *field_named(const struct field *fields, uint32_t count, const char *name)
{
	for (uint32_t i = 0; i < count; i++)
		if (strcmp(fields[i].name, name) == 0)
			return &fields[i];
	return NULL;
}

struct list {
	const void *items;
	uint32_t count;
};

/* Fields of the same name and kind; lists item by item. What the target does not have is what a service added. */
static void recast(struct past *past, const struct field *from_fields, uint32_t from_count, const char *from,
		   const struct field *fields, uint32_t count, char *to)
{
	for (uint32_t i = 0; i < count; i++) {
		const struct field *field = &fields[i], *source = field_named(from_fields, from_count, field->name);
		bool given = source != NULL && source->kind == field->kind;

		if (given && !source->required)
			memcpy(&given, from + source->has_offset, sizeof(given));
		if (!field->required)
			memcpy(to + field->has_offset, &given, sizeof(given));
		if (!given)
			continue;
		if (field->kind != FIELD_LIST) {
			memcpy(to + field->offset, from + source->offset,
			       field->kind == FIELD_TEXT   ? sizeof(struct text)
			       : field->kind == FIELD_BOOL ? sizeof(bool)
							   : sizeof(int64_t));
			continue;
		}
		struct list list, made;
		memcpy(&list, from + source->offset, sizeof(list));
		char *items = past_keep(past, (size_t)list.count * field->item_size + 1);
		memset(items, 0, (size_t)list.count * field->item_size);
		for (uint32_t j = 0; j < list.count; j++)
			recast(past, source->fields, source->field_count, (const char *)list.items + (size_t)j * source->item_size, field->fields,
			       field->field_count, items + (size_t)j * field->item_size);
		made = (struct list){items, list.count};
		memcpy(to + field->offset, &made, sizeof(made));
	}
}

void *past_recast(struct past *past, const struct event_type *from, const void *event, const struct event_type *to)
{
	void *made = past_keep(past, to->struct_size);

	memset(made, 0, to->struct_size);
	recast(past, from->fields, from->field_count, event, to->fields, to->field_count, made);
	return made;
}

/* "OUT-001/T1#7" was said by OUT-001/T1. */
const char *past_source(struct past *past, struct text id)
{
	uint32_t size = id.size;

	while (size > 0 && id.data[size - 1] != '#')
		size--;
	if (size <= 1)
		return NULL;
	char *source = past_keep(past, size);
	memcpy(source, id.data, size - 1);
	source[size - 1] = 0;
	return source;
}

static struct text day_of(const struct event_type *type, const void *event)
{
	const struct field *field = field_named(type->fields, type->field_count, "day");
	struct text day = {0};

	if (field != NULL && field->kind == FIELD_TEXT && field->required)
		memcpy(&day, (const char *)event + field->offset, sizeof(day));
	return day;
}

bool past_has(const struct past *past, struct text day)
{
	return day.size == 10 && (past->from == NULL || memcmp(day.data, past->from, 10) >= 0) &&
	       (past->until == NULL || memcmp(day.data, past->until, 10) <= 0);
}

static void take_ticket(struct past *past, const struct event_type *type, const void *event, const struct envelope *envelope)
{
	past_take_order(past, type, event, envelope);
	for (size_t i = 0; i < sizeof(recorded_as) / sizeof(recorded_as[0]); i++) {
		if (strcmp(type->name, recorded_as[i].recorded) != 0 || !past_has(past, day_of(type, event)))
			continue;
		const struct event_type *said = event_type_find(text_of(recorded_as[i].said));
		const char *source = past_source(past, envelope->cause);
		if (source == NULL) {
			past->left_out++;
			return;
		}
		past_say(&past->tickets, (struct said){said, source, past_recast(past, type, event, said), envelope->time_us, 0});
		if (past->begins_us == 0 || envelope->time_us < past->begins_us)
			past->begins_us = envelope->time_us;
	}
}

static void take_rule(struct past *past, const struct event_type *type, const void *event, const struct envelope *envelope)
{
	static const char ending[] = ".declared";
	size_t size = strlen(type->name);
	char name[TYPE_TEXT_MAX + 1];

	past_take_office(past, type, event, envelope);
	if (size < sizeof(ending) || strcmp(type->name + size - strlen(ending), ending) != 0)
		return;
	snprintf(name, sizeof(name), "%.*s.submitted", (int)(size - strlen(ending)), type->name);
	const struct event_type *said = event_type_find(text_of(name));
	if (said != NULL)
		past_say(&past->rules, (struct said){said, "staff/rehearsal", past_recast(past, type, event, said), envelope->time_us, 0});
}

static void shelf_add(struct past *past, struct text place, struct text sku, int64_t milli)
{
	struct shelf *shelf = NULL;
	char key[sizeof(shelf->key)] = "";
	unsigned size = place.size + 1 + sku.size;

	memcpy(key, place.data, place.size);
	memcpy(key + place.size + 1, sku.data, sku.size);
	HASH_FIND(hh, past->shelves, key, size, shelf);
	if (shelf == NULL) {
		shelf = calloc(1, sizeof(*shelf));
		CHECK(shelf != NULL);
		memcpy(shelf->key, key, sizeof(key));
		HASH_ADD_KEYPTR(hh, past->shelves, shelf->key, size, shelf);
	}
	shelf->milli += milli;
}

/* Goods that a supplier brought in the period come again. */
static void take_supply(struct past *past, const struct supply_changed *changed, const struct envelope *envelope)
{
	struct goods_received *received = past_keep(past, sizeof(*received));
	struct goods_received_line *lines = past_keep(past, changed->lines.count * sizeof(*lines));
	char *source = past_keep(past, SOURCE_TEXT_MAX + 1), *reference = past_keep(past, 32);

	snprintf(source, SOURCE_TEXT_MAX + 1, "wms/%.*s", TEXT_ARGS(changed->warehouse));
	snprintf(reference, 32, "rehearsal-%llu", (unsigned long long)envelope->seq);
	for (uint32_t i = 0; i < changed->lines.count; i++)
		lines[i] = (struct goods_received_line){.sku = changed->lines.items[i].sku, .quantity = changed->lines.items[i].delta};
	*received = (struct goods_received){.warehouse = changed->warehouse, .reference = text_of(reference), .lines = {lines, changed->lines.count}};
	past_say(&past->supplies, (struct said){&goods_received_type, source, received, envelope->time_us, 0});
}

static void take_movement(struct past *past, const struct event_type *type, const void *event, const struct envelope *envelope)
{
	if (type == &stock_changed_type) {
		const struct stock_changed *changed = event;

		for (uint32_t i = 0; i < changed->lines.count && envelope->time_us < past->begins_us; i++)
			shelf_add(past, changed->place, changed->lines.items[i].sku, changed->lines.items[i].delta.milli);
	} else if (type == &supply_changed_type) {
		const struct supply_changed *changed = event;

		for (uint32_t i = 0; i < changed->lines.count && envelope->time_us < past->begins_us; i++)
			shelf_add(past, changed->warehouse, changed->lines.items[i].sku, changed->lines.items[i].delta.milli);
		if (envelope->time_us >= past->begins_us && text_equal(changed->reason, TEXT_LITERAL("receipt")))
			take_supply(past, changed, envelope);
	}
}

/* Texts of an event borrow from its bytes: those are kept as well. */
static void on_event(void *context, const struct envelope *envelope, struct bytes event, uint64_t epoch)
{
	struct listener *listener = context;
	struct past *past = listener->past;
	const struct event_type *type = event_type_find(envelope->type);

	(void)event;
	(void)epoch;
	listener->hearing.heard = true;
	if (type == NULL)
		return;
	uint8_t *bytes = past_keep(past, envelope->data.size);
	memcpy(bytes, envelope->data.data, envelope->data.size);
	struct reader reader = reader_of(bytes_of(bytes, envelope->data.size));
	void *taken = past_keep(past, type->struct_size);
	if (type->unpack(taken, &reader, &past->arena) == ERR_NONE)
		listener->take(past, type, taken, envelope);
	else
		past->left_out++;
}

static int hear(struct past *past, const struct network *network, const char *service, const char *const *types,
		void (*take)(struct past *past, const struct event_type *type, const void *event, const struct envelope *envelope))
{
	struct listener listener = {.past = past, .take = take};
	struct client_subscription subscription = {
	    .types = types, .from = 1, .on_event = on_event, .on_progress = hearing_progress, .context = &listener};
	struct client *client = network_client(network, service, "tributary rehearse");
	int error = client != NULL ? client_subscribe(client, &subscription) : ERR_UNREACHABLE;

	if (error == ERR_NONE)
		error = hearing_run(client, &listener.hearing, false, NULL);
	client_close(&client);
	return network_say(service, error);
}

static int by_time(const void *a, const void *b)
{
	const struct said *first = a, *second = b;

	if (first->time_us != second->time_us)
		return first->time_us < second->time_us ? -1 : 1;
	return first->order < second->order ? -1 : 1;
}

static int by_place(struct shelf *a, struct shelf *b)
{
	int order = strcmp(a->key, b->key);

	return order != 0 ? order : strcmp(a->key + strlen(a->key) + 1, b->key + strlen(b->key) + 1);
}

int past_read(struct past *past, const struct network *network)
{
	static const char *const tickets[] = {"sale.recorded", "sale.returned", "sale.voided", "writeoff.recorded",
					      "order.placed",  "order.accepted", "order.cancelled", NULL};
	static const char *const movements[] = {"stock.changed", "supply.changed", NULL};

	if (arena_open(&past->arena, ARENA_BYTES) != ERR_NONE) {
		fprintf(stderr, "tributary rehearse: no memory for the period\n");
		return EXIT_REFUSED;
	}
	int code = hear(past, network, "partners", NULL, take_rule);
	if (code == EXIT_DONE)
		code = hear(past, network, "orders", tickets, take_ticket);
	if (code == EXIT_DONE && past->tickets.count == 0) {
		fprintf(stderr, "tributary rehearse: nothing was sold in this period; see `tributary get sales`\n");
		code = EXIT_REFUSED;
	}
	if (code == EXIT_DONE)
		code = hear(past, network, "inventory", movements, take_movement);
	if (code == EXIT_DONE) /* tills that were offline too are heard by their clocks; a void stays behind its sale */
		qsort(past->tickets.items, past->tickets.count, sizeof(*past->tickets.items), by_time);
	if (code == EXIT_DONE && past->office.count > 0)
		qsort(past->office.items, past->office.count, sizeof(*past->office.items), by_time);
	HASH_SORT(past->shelves, by_place);
	past_open_books(past);
	return code;
}

void past_free(struct past *past)
{
	struct shelf *shelf, *next;

	HASH_ITER(hh, past->shelves, shelf, next) {
		HASH_DEL(past->shelves, shelf);
		free(shelf);
	}
	free(past->rules.items);
	free(past->tickets.items);
	free(past->supplies.items);
	free(past->office.items);
	free(past->openings.items);
	arena_close(&past->arena);
}
