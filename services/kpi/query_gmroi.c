/* query_gmroi.c -- `get gmroi`: what the stock of each outlet earned in its last window. Arguments: outlet. */
#include "assessed.h"
#include "figures.h"
#include "look.h"

static void row_of(struct query *query, struct bytes key, const struct assessed *assessed)
{
	struct look look = look_of_query(query);
	struct measures days = look_measures(&look, SCOPE_OUTLET, key_part(key, 0), key_part(key, 1), (int32_t)assessed->from,
					     (int32_t)assessed->until, NULL, NULL);
	int64_t revenue = days.revenue.minor - days.returns.minor, margin = revenue - assessed->sold_cost.minor;
	char from[DAY_TEXT_SIZE], until[DAY_TEXT_SIZE];

	day_text(assessed->from, from);
	day_text(assessed->until, until);
	query_text(query, "outlet", key_part(key, 0));
	query_text(query, "currency", key_part(key, 1));
	query_text(query, "from", text_of(from));
	query_text(query, "until", text_of(until));
	query_int(query, "revenue_minor", revenue);
	query_int(query, "sold_cost_minor", assessed->sold_cost.minor);
	query_int(query, "margin_minor", margin);
	query_int(query, "mean_stock_cost_minor", assessed->mean_stock_cost.minor);
	/* R110: The margin return on inventory (GMROI) of a window is the revenue of its business days less returns and less what the goods
	   cost that were sold, over what the mean stock costs. */
	if (assessed->mean_stock_cost.minor > 0)
		query_int(query, "gmroi_bp", divide_half_even((wide)margin * 10000, assessed->mean_stock_cost.minor));
}

void query_gmroi(struct query *query)
{
	struct text outlet = query_argument(query, "outlet");
	struct bytes key, value = query_seek(query, TABLE_ASSESSED, query_from(query), &key);
	struct assessed assessed;

	for (; key.data != NULL; value = query_next(query, TABLE_ASSESSED, &key)) {
		if (value.size != sizeof(assessed) || (outlet.size > 0 && !text_equal(outlet, key_part(key, 0))))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		memcpy(&assessed, value.data, sizeof(assessed));
		row_of(query, key, &assessed);
	}
}
