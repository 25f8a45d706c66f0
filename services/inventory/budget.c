/* budget.c -- what restocks may cost, and what they take of it. */
#include "base/when.h"
#include "ladder.h"

/* struct draw -- the budgets that a restock would draw on. */
struct draw {
	char codes[BUDGETS_MAX][CODE_SIZE];
	struct budget budgets[BUDGETS_MAX];
	unsigned count;
};

static void scope_add(struct turn *turn, const struct terms *terms, struct draw *draw, const struct text scope[2])
{
	uint8_t at[KEY_SIZE];
	size_t prefix = key_join(at, (const struct text[]){scope[0], scope[1], {0}}, 3).size, size = prefix;
	struct budget budget;

	while (draw->count < BUDGETS_MAX && rows_walk(turn, TABLE_BUDGET_AT, prefix, at, &size)) {
		struct text code = {(const char *)at + prefix, (uint32_t)(size - 1 - prefix)};

		if (!row_get(turn, TABLE_BUDGET, bytes_of_text(code), &budget, sizeof(budget)) || terms->day < budget.from ||
		    terms->day > budget.until)
			continue;
		CODE_PUT(draw->codes[draw->count], code);
		draw->budgets[draw->count++] = budget;
	}
}

static struct draw *draw_of(struct turn *turn, const struct terms *terms, struct text place)
{
	struct draw *draw = turn_take(turn, sizeof(*draw));
	struct text none = {0}, category = CODE_TEXT(terms->product.category);
	const struct text scopes[][2] = {{place, category}, {none, category}, {place, none}, {none, none}};

	draw->count = 0;
	for (unsigned i = category.size > 0 ? 0 : 2; i < sizeof(scopes) / sizeof(scopes[0]); i++)
		scope_add(turn, terms, draw, scopes[i]);
	return draw;
}

/* R94: A restock costs the product's cost, in the minor unit, half to even; what has no cost in a budget's currency takes nothing from it. */
static struct money cost_in(const struct terms *terms, const struct budget *budget, struct quantity quantity)
{
	struct priced priced = terms_priced(terms, quantity);
	struct money cost = {0};

#if defined(MUTANT_BUDGET_BY_LIST)
	priced = (struct priced){terms->product.cost, terms->product.currency};
#endif
	if (memcmp(priced.currency, budget->currency, CURRENCY_SIZE) != 0 ||
	    !money_of_line(quantity, priced.price, currency_exponent(CODE_TEXT(budget->currency)), &cost))
		return money_of(0);
	return cost;
}

/* Said once for each version of a budget that it waits for. */
static void hold(struct turn *turn, const struct restock_held *held)
{
	uint8_t key[KEY_SIZE];
	struct bytes at = shelf_key(key, held->place, held->sku);
	struct held row = {.version = (uint64_t)held->budget_version, .quantity = held->quantity}, before;

	CODE_PUT(row.budget, held->budget);
	row_get(turn, TABLE_HELD, at, &before, sizeof(before));
	turn_put(turn, TABLE_HELD, at, bytes_of(&row, sizeof(row)));
	if (memcmp(before.budget, row.budget, CODE_SIZE) != 0 || before.version != row.version)
		emit_restock_held(turn, held);
}

/* The first budget that has less left than so much costs; NULL: all have enough. */
static const struct budget *short_of(const struct terms *terms, const struct draw *draw, struct quantity quantity)
{
	for (unsigned i = 0; i < draw->count; i++) {
		const struct budget *budget = &draw->budgets[i];
		struct money cost = cost_in(terms, budget, quantity);

#if defined(MUTANT_BUDGET_UNBOUND)
		cost = money_of(0);
#endif
		if (cost.minor != 0 && cost.minor > money_sub(budget->amount, budget->spent).minor)
			return budget;
	}
	return NULL;
}

bool budgets_fit(struct turn *turn, const struct terms *terms, struct text place, struct quantity quantity)
{
	return short_of(terms, draw_of(turn, terms, place), quantity) == NULL;
}

/* R93: A restock draws on every budget of its outlet or all, of its category or all goods, whose days hold the day; where one of them has
   less left than the restock costs it is held, and that is said once for each version of that budget. */
bool budgets_allow(struct turn *turn, const struct terms *terms, struct text place, struct text sku, struct quantity quantity)
{
	struct draw *draw = draw_of(turn, terms, place);
	const struct budget *budget = short_of(terms, draw, quantity);
	char until[DAY_TEXT_SIZE];

	if (budget == NULL)
		return true;
	day_text(budget->until, until);
	hold(turn, &(struct restock_held){.place = place,
	                                  .sku = sku,
	                                  .quantity = quantity,
	                                  .budget = CODE_TEXT(draw->codes[budget - draw->budgets]),
	                                  .budget_version = (int64_t)budget->version,
	                                  .currency = CODE_TEXT(budget->currency),
	                                  .cost = cost_in(terms, budget, quantity),
	                                  .left = money_sub(budget->amount, budget->spent),
	                                  .until = text_of(until)});
	return false;
}

static struct bytes charge_key(uint8_t key[KEY_SIZE], uint64_t number, struct text budget)
{
	put_u64_be(key, number);
	memcpy(key + 8, budget.data, budget.size);
	return bytes_of(key, 8 + budget.size);
}

void budgets_charge(struct turn *turn, const struct terms *terms, uint64_t number, const struct restock *restock)
{
	struct draw *draw = draw_of(turn, terms, CODE_TEXT(restock->place));
	uint8_t key[KEY_SIZE];

	for (unsigned i = 0; i < draw->count; i++) {
		struct text code = CODE_TEXT(draw->codes[i]);
		struct money cost = cost_in(terms, &draw->budgets[i], restock->asked);

		if (cost.minor == 0)
			continue;
		draw->budgets[i].spent = money_add(draw->budgets[i].spent, cost);
		turn_put(turn, TABLE_BUDGET, bytes_of_text(code), bytes_of(&draw->budgets[i], sizeof(draw->budgets[i])));
		turn_put(turn, TABLE_CHARGE, charge_key(key, number, code), bytes_of(&cost, sizeof(cost)));
	}
}

/* R95: What of a restock will never leave gives its share of the cost back to the budgets. */
void budgets_release(struct turn *turn, uint64_t number, struct quantity part, struct quantity whole)
{
	uint8_t at[KEY_SIZE];
	size_t size = 8;

	CHECK(whole.milli > 0);
	if (part.milli == 0)
		return;
	put_u64_be(at, number);
	while (rows_walk(turn, TABLE_CHARGE, 8, at, &size)) {
		struct text code = {(const char *)at + 8, (uint32_t)(size - 1 - 8)};
		struct bytes key = bytes_of(at, size - 1);
		struct money cost, back;
		struct budget budget;

		if (!row_get(turn, TABLE_CHARGE, key, &cost, sizeof(cost)) ||
		    !row_get(turn, TABLE_BUDGET, bytes_of_text(code), &budget, sizeof(budget)))
			continue;
		back = money_of(divide_half_even((wide)cost.minor * part.milli, whole.milli));
		cost = money_sub(cost, back);
		budget.spent = money_sub(budget.spent, back);
		turn_put(turn, TABLE_CHARGE, key, bytes_of(&cost, sizeof(cost)));
		turn_put(turn, TABLE_BUDGET, bytes_of_text(code), bytes_of(&budget, sizeof(budget)));
	}
}
