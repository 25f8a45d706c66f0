/* goods.c -- categories and brands of lines, and sums of days by them. */
#include "rebates/goods.h"

/* R108: A line counts in the category and the brand that its product has on the ticket's day; what a product is told to be first counts from
 * the beginning, another word from the business day after the latest one seen. */
void goods_declare(struct turn *turn, const struct product_submitted *product)
{
	struct goods known, goods;
	bool is_known = goods_get(turn, product->sku, &known);

	goods = (struct goods){.from = known.from};
	CODE_PUT(goods.category, product->has_category ? product->category : (struct text){0});
	CODE_PUT(goods.brand, product->has_brand ? product->brand : (struct text){0});
	if (is_known && memcmp(&goods, &known, sizeof(goods)) == 0)
		return;
	if (is_known) {
		goods.from = book_get(turn).day_max + 1;
		if (goods.from > known.from)
			goods_past_put(turn, product->sku, &known);
	}
	goods_put(turn, product->sku, &goods);
}

void goods_take(struct turn *turn, struct ticket *ticket, const struct sale_recorded_line *lines, uint32_t count)
{
	int64_t sign = ticket->is_return != ticket->is_void ? -1 : 1;

#if defined(MUTANT_VOIDED_RETURN_TAKES)
	sign = ticket->is_return || ticket->is_void ? -1 : 1;
#endif

	ticket->count = 0;
	ticket->lines = turn_take(turn, count * sizeof(*ticket->lines));
	for (uint32_t i = 0; i < count; i++)
		if (!(lines[i].has_service && lines[i].service))
			ticket->lines[ticket->count++] = (struct counted){.sku = lines[i].sku,
									  .revenue = sign * lines[i].amount.minor,
									  .units = sign * lines[i].quantity.milli,
									  .line = i + 1};
}

void goods_of_lines(struct turn *turn, struct ticket *ticket)
{
	struct text skus[GOODS_EXPECTED];
	uint32_t count = ticket->count < GOODS_EXPECTED ? ticket->count : GOODS_EXPECTED;

	for (uint32_t i = 0; i < count; i++)
		skus[i] = ticket->lines[i].sku;
	goods_expect(turn, skus, count);
	for (uint32_t i = 0; i < ticket->count; i++) {
		struct counted *line = &ticket->lines[i];

		if (goods_get(turn, line->sku, &line->goods) && ticket->day < line->goods.from)
			(void)goods_past(turn, line->sku, ticket->day, &line->goods);
	}
}

bool goods_in(struct goods_code goods, const struct counted *line)
{
	switch (goods.kind) {
	case 's':
		return text_equal(goods.code, line->sku);
	case 'c':
		return text_equal(goods.code, CODE_TEXT(line->goods.category));
	case 'b':
		return text_equal(goods.code, CODE_TEXT(line->goods.brand));
	default:
		return true;
	}
}

bool goods_is(const struct scheme *scheme, const struct counted *line)
{
	return goods_in((struct goods_code){scheme->goods_kind, CODE_TEXT(scheme->goods)}, line);
}

/* The code of a line for one kind of sum; empty: the line is in none. */
static struct text code_of(const struct counted *line, char kind)
{
	return kind == 'c' ? CODE_TEXT(line->goods.category) : CODE_TEXT(line->goods.brand);
}

/* Whether an earlier line has the same code: then it has been added with that one. */
static bool is_first(const struct text *codes, uint32_t at)
{
	for (uint32_t i = 0; i < at; i++)
		if (text_equal(codes[i], codes[at]))
			return false;
	return true;
}

static void sum_all(struct turn *turn, const struct ticket *ticket, const struct place *place)
{
	struct goods_code goods = {'a', {0}};
	struct day_sum add = {0};

	for (uint32_t i = 0; i < ticket->count; i++) {
		add.revenue = sum_of(add.revenue, ticket->lines[i].revenue);
		add.units = sum_of(add.units, ticket->lines[i].units);
	}
	day_add(turn, place, ticket->currency, &goods, &add);
}

static void sum_kind(struct turn *turn, const struct ticket *ticket, const struct place *place, char kind)
{
	struct text *codes = turn_take(turn, ticket->count * sizeof(*codes));

	for (uint32_t i = 0; i < ticket->count; i++)
		codes[i] = code_of(&ticket->lines[i], kind);
	for (uint32_t i = 0; i < ticket->count; i++) {
		struct goods_code goods = {kind, codes[i]};
		struct day_sum add = {0};

		if (goods.code.size == 0 || !is_first(codes, i))
			continue;
		for (uint32_t j = i; j < ticket->count; j++)
			if (text_equal(codes[j], goods.code)) {
				add.revenue = sum_of(add.revenue, ticket->lines[j].revenue);
				add.units = sum_of(add.units, ticket->lines[j].units);
			}
		day_add(turn, place, ticket->currency, &goods, &add);
	}
}

void goods_sum_day(struct turn *turn, const struct ticket *ticket)
{
	const struct place place = {.outlet = ticket->outlet, .period = ticket->day};

	sum_all(turn, ticket, &place);
	sum_kind(turn, ticket, &place, 'c');
	sum_kind(turn, ticket, &place, 'b');
}
