/* query_budgets.c -- `get budgets`: what each allows and has left; `get held`: which restocks wait, and for what. Arguments: outlet. */
#include "base/when.h"
#include "procure.h"

static void row_budget(struct query *query, struct text code, const struct budget *budget)
{
	char from[DAY_TEXT_SIZE], until[DAY_TEXT_SIZE];

	day_text(budget->from, from);
	day_text(budget->until, until);
	query_text(query, "budget", code);
	query_int(query, "version", (int64_t)budget->version);
	query_text(query, "outlet", CODE_TEXT(budget->outlet));
	query_text(query, "category", CODE_TEXT(budget->category));
	query_text(query, "currency", CODE_TEXT(budget->currency));
	query_text(query, "from", text_of(from));
	query_text(query, "until", text_of(until));
	query_int(query, "amount_minor", budget->amount.minor);
	query_int(query, "spent_minor", budget->spent.minor);
	query_int(query, "left_minor", budget->amount.minor - budget->spent.minor);
}

void query_budgets(struct query *query)
{
	struct text outlet = query_argument(query, "outlet");
	struct bytes key, value = query_seek(query, TABLE_BUDGET, query_from(query), &key);
	struct budget budget;

	for (; key.data != NULL; value = query_next(query, TABLE_BUDGET, &key)) {
		if (value.size != sizeof(budget))
			continue;
		memcpy(&budget, value.data, sizeof(budget));
		if (outlet.size > 0 && !text_equal(outlet, CODE_TEXT(budget.outlet)))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		row_budget(query, key_part(key, 0), &budget);
	}
}

void query_held(struct query *query)
{
	struct text outlet = query_argument(query, "outlet");
	struct bytes key, value = query_seek(query, TABLE_HELD, query_from(query), &key);
	struct held held;

	for (; key.data != NULL; value = query_next(query, TABLE_HELD, &key)) {
		if (value.size != sizeof(held) || (outlet.size > 0 && !text_equal(outlet, key_part(key, 0))))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		memcpy(&held, value.data, sizeof(held));
		query_text(query, "outlet", key_part(key, 0));
		query_text(query, "sku", key_part(key, 1));
		query_text(query, "reason", held.budget[0] != 0 ? TEXT_LITERAL("budget") : TEXT_LITERAL("review"));
		query_text(query, "budget", CODE_TEXT(held.budget));
		query_int(query, "budget_version", (int64_t)held.version);
		query_int(query, "quantity_milli", held.quantity.milli);
	}
}
