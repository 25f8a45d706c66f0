/* category.c -- tickets by category, brand and SKU, and those that wait to know theirs. */
#include "category.h"

#include "target.h"

#define LINES_MAX 1000 /* of a ticket, by its schema */

/* A ticket that waits: this head, then its lines. */
struct waiting {
	int64_t total, units;
	int32_t day;
	uint32_t tier;
	uint16_t is_return, slot; /* slot: its hour and one; 0: kept before there were hours */
	uint32_t is_void;
	uint32_t line_count;
	char currency[CURRENCY_SIZE];
	char outlet[CODE_SIZE];
	char person[PERSON_SIZE];
	uint64_t epoch, seq; /* of the ticket's event: with the SKU they are the row's key */
};

struct waiting_line {
	int64_t amount, units;
	char sku[CODE_SIZE];
};

_Static_assert(sizeof(struct waiting) == 152, "a waiting ticket has no padding");
_Static_assert(sizeof(struct waiting_line) == 48, "a waiting line has no padding");

/* What one ticket brings to one category, brand or SKU. */
struct part {
	char code[CODE_SIZE];
	char scope;
	struct money amount;
	struct quantity units;
};

static void past_key(uint8_t key[KEY_SIZE], struct text sku, int32_t day, struct bytes *out)
{
	uint8_t inverted[4];

	/* Inverted, so that the latest one not after a day is found by going forward. */
	number_key(inverted, ~(uint32_t)day);
	*out = key_pair(key, sku, inverted, sizeof(inverted));
}

/* R8: A line counts in the category and in the brand that its product has on the ticket's day; products
   without one count in none. */
static const struct class *class_on(struct turn *turn, struct text sku, const struct product *product, int32_t day, struct class *past)
{
	uint8_t key[KEY_SIZE];
	struct bytes wanted, found, value;

	if (day >= product->class_from)
		return &product->class;
	past_key(key, sku, day, &wanted);
	value = turn_seek(turn, TABLE_CATEGORY, wanted, &found);
	memset(past, 0, sizeof(*past));
	if (found.size == wanted.size && memcmp(found.data, wanted.data, wanted.size - 4) == 0)
		(void)copy_row(value, past, sizeof(*past));
	return past;
}

static size_t waiting_size(uint32_t line_count)
{
	return sizeof(struct waiting) + line_count * sizeof(struct waiting_line);
}

static struct waiting *waiting_of(struct turn *turn, const struct ticket *ticket)
{
	struct waiting *waiting = turn_take(turn, waiting_size(ticket->line_count));
	struct waiting_line *lines = (struct waiting_line *)(waiting + 1);

	*waiting = (struct waiting){.total = ticket->total.minor,
				    .units = ticket->units.milli,
				    .day = ticket->day,
				    .tier = (uint32_t)ticket->tier,
				    .is_return = ticket->is_return,
				    .slot = (uint16_t)(ticket->slot + 1),
				    .is_void = ticket->is_void,
				    .line_count = ticket->line_count,
				    .epoch = turn_input(turn)->epoch,
				    .seq = turn_input(turn)->seq};
	CODE_PUT(waiting->currency, ticket->currency);
	CODE_PUT(waiting->outlet, ticket->outlet);
	CODE_PUT(waiting->person, ticket->person);
	for (uint32_t i = 0; i < ticket->line_count; i++) {
		lines[i].amount = ticket->lines[i].amount.minor;
		lines[i].units = ticket->lines[i].units.milli;
		CODE_PUT(lines[i].sku, ticket->lines[i].sku);
	}
	return waiting;
}

static void waiting_put(struct turn *turn, struct text sku, const struct waiting *waiting)
{
	uint8_t key[KEY_SIZE], number[16];

	put_u64_be(number, waiting->epoch);
	put_u64_be(number + 8, waiting->seq);
	row_put(turn, TABLE_WAITING, key_pair(key, sku, number, sizeof(number)), waiting,
		waiting_size(waiting->line_count));
}

/* The parts of a ticket while its lines are looked at: at most three a line. */
struct parts {
	struct part *items;
	uint32_t count;
};

#define PARTS_PER_LINE 3

static void parts_add(struct parts *parts, char scope, const char code[CODE_SIZE],
		      const struct ticket_line *line)
{
	uint32_t at = 0;

	if (code[0] == 0)
		return;
	while (at < parts->count && (parts->items[at].scope != scope ||
				     !memory_equal(parts->items[at].code, code, CODE_SIZE)))
		at++;
	if (at == parts->count) {
		parts->items[at] = (struct part){.scope = scope};
		memcpy(parts->items[at].code, code, CODE_SIZE);
		parts->count++;
	}
	struct part *part = &parts->items[at];
	part->amount.minor = shown((wide)part->amount.minor + line->amount.minor);
	part->units.milli = shown((wide)part->units.milli + line->units.milli);
}

static void parts_count(struct turn *turn, const struct book *book, const struct ticket *ticket,
			const struct parts *parts)
{
	for (uint32_t i = 0; i < parts->count; i++) {
		const struct part *part = &parts->items[i];
		struct measures add = ticket_measures(ticket, part->amount, part->units);
		struct text code = CODE_TEXT(part->code);

		/* A SKU is counted by the targets that name it, and nowhere else. */
		if (part->scope != SCOPE_SKU)
			count_sold(turn, book, part->scope, code, ticket, &add);
		target_count(turn, book, part->scope, code, ticket, &add);
	}
}

/* Counts a ticket in its categories, brands and SKUs; or counts nothing and returns the SKU that is not
 * declared yet. */
static struct text count_lines(struct turn *turn, const struct book *book, const struct ticket *ticket,
			       struct part *items)
{
	struct parts parts = {.items = items};
	struct class past;

	for (uint32_t i = 0; i < ticket->line_count; i++) {
		const struct ticket_line *line = &ticket->lines[i];
		const struct product *product = product_look(turn, line->sku);
		char code[CODE_SIZE];

		if (product == NULL)
			return line->sku;
		const struct class *class = class_on(turn, line->sku, product, ticket->day, &past);
		parts_add(&parts, SCOPE_CATEGORY, class->category, line);
		parts_add(&parts, SCOPE_BRAND, class->brand, line);
		if (product->aimed != 0) {
			CODE_PUT(code, line->sku);
			parts_add(&parts, SCOPE_SKU, code, line);
		}
	}
	parts_count(turn, book, ticket, &parts);
	return (struct text){0};
}

void category_count(struct turn *turn, const struct book *book, const struct ticket *ticket)
{
	struct part *parts = turn_take(turn, PARTS_PER_LINE * ticket->line_count * sizeof(*parts));
	struct text missing = count_lines(turn, book, ticket, parts);

	/* R9: A ticket with a product that is not declared yet waits, for its categories, brands and SKUs
	   alone, until it is. */
	if (missing.size > 0)
		waiting_put(turn, missing, waiting_of(turn, ticket));
}

/* What a waiting ticket is laid out on, once for all: a product may have kept many waiting. */
struct desk {
	struct waiting *waiting;
	struct ticket_line *lines;
	struct part *parts;
};

static void release_one(struct turn *turn, const struct book *book, const struct desk *desk)
{
	const struct waiting *waiting = desk->waiting;
	const struct waiting_line *lines = (const struct waiting_line *)(waiting + 1);
	struct ticket ticket = {.outlet = CODE_TEXT(waiting->outlet),
				.currency = CODE_TEXT(waiting->currency),
				.person = CODE_TEXT(waiting->person),
				.tier = waiting->tier,
				.day = waiting->day,
				.slot = (uint16_t)(waiting->slot > 0 ? waiting->slot - 1 : 0),
				.is_return = waiting->is_return != 0,
				.is_void = waiting->is_void != 0,
				.total = {waiting->total},
				.units = {waiting->units},
				.lines = desk->lines,
				.line_count = waiting->line_count};

	for (uint32_t i = 0; i < ticket.line_count; i++)
		desk->lines[i] = (struct ticket_line){
		    .sku = CODE_TEXT(lines[i].sku), .amount = {lines[i].amount}, .units = {lines[i].units}};
	struct text missing = count_lines(turn, book, &ticket, desk->parts);
	if (missing.size > 0)
		waiting_put(turn, missing, waiting);
}

void category_release(struct turn *turn, struct text sku)
{
	struct desk desk = {0};
	uint8_t key[KEY_SIZE];
	struct book book = book_get(turn);
	struct walk walk;

	walk_begin(&walk, turn, TABLE_WAITING, key_pair(key, sku, NULL, 0));
	while (walk_next(&walk)) {
		if (desk.waiting == NULL) {
			desk.waiting = turn_take(turn, waiting_size(LINES_MAX));
			desk.lines = turn_take(turn, LINES_MAX * sizeof(*desk.lines));
			desk.parts = turn_take(turn, PARTS_PER_LINE * LINES_MAX * sizeof(*desk.parts));
		}
		CHECK(walk.value.size <= waiting_size(LINES_MAX));
		memcpy(desk.waiting, walk.value.data, walk.value.size);
		turn_del(turn, TABLE_WAITING, walk.key);
		release_one(turn, &book, &desk);
	}
}

/* R10: The first category and brand of a product count from the beginning; others count from the business day
   after the latest seen, so those of a day that has counted never change. */
void category_change(struct turn *turn, struct text sku, struct product *product, bool first,
		     const struct class *class)
{
	int32_t from = book_get(turn).day_max + 1;
	uint8_t key[KEY_SIZE];
	struct bytes past;

	if (!first && memcmp(class, &product->class, sizeof(*class)) != 0) {
		past_key(key, sku, product->class_from, &past);
		if (from > product->class_from)
			row_put(turn, TABLE_CATEGORY, past, &product->class, sizeof(product->class));
		product->class_from = from;
	}
	product->class = *class;
}
