/* query_orders.c -- `get orders`: what outlets have ordered. Arguments: outlet. */
#include "state.h"

static struct text paid_text(int32_t day, char text[DAY_TEXT_SIZE])
{
	if (day == 0)
		return (struct text){0};
	day_text(day, text);
	return text_of(text);
}

void query_orders(struct query *query)
{
	struct text outlet = query_argument(query, "outlet");
	struct bytes key = query_from(query), row;
	uint8_t at[KEY_SIZE];

	if (outlet.size > OUTLET_SIZE)
		return; /* there is no such outlet */
	if (key.size == 0 && outlet.size > 0)
		key = order_key(at, outlet, (struct text){0});
	for (row = query_seek(query, TABLE_ORDER, key, &key); key.data != NULL;
	     row = query_next(query, TABLE_ORDER, &key)) {
		struct order_row order;
		char paid_on[DAY_TEXT_SIZE];

		if (outlet.size > 0 && !text_equal(outlet, key_part(key, 0)))
			return;
		if (!order_read(row, &order))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		query_text(query, "outlet", key_part(key, 0));
		query_text(query, "order", key_part(key, 1));
		query_text(query, "state", order_state_text(order.state));
		query_int(query, "seq", (int64_t)order.seq);
		query_int(query, "amount_minor", order.amount);
		query_text(query, "paid_on", paid_text(order.paid_on, paid_on));
	}
}
