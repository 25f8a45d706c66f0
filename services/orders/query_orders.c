/* query_orders.c -- orders of outlets. */
#include "state.h"

void query_orders(struct query *query)
{
	struct text outlet = query_argument(query, "outlet");
	struct bytes key = query_from(query), row;

	for (row = query_seek(query, TABLE_ORDER, key, &key); key.data != NULL;
	     row = query_next(query, TABLE_ORDER, &key)) {
		struct order_row order;

		if (!order_read(row, &order) || (outlet.size > 0 && !text_equal(outlet, key_part(key, 0))))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		query_text(query, "outlet", key_part(key, 0));
		query_text(query, "order", key_part(key, 1));
		query_text(query, "state",
		           order.state == ORDER_CANCELLED ? TEXT_LITERAL("cancelled")
		                                          : TEXT_LITERAL("accepted"));
		query_int(query, "seq", (int64_t)order.seq);
	}
}
