/* query_routes.c -- `get routes`: the rounds in the order of their planning. Argument: warehouse. */
#include "state.h"

void query_routes(struct query *query)
{
	struct text warehouse = query_argument(query, "warehouse");
	struct bytes key, value = query_seek(query, TABLE_ROUTE, query_from(query), &key);
	struct route_row row;
	char id[24];

	for (; key.data != NULL; value = query_next(query, TABLE_ROUTE, &key)) {
		if (value.size != sizeof(row) || key.size != 8)
			continue;
		memcpy(&row, value.data, sizeof(row));
		if (warehouse.size > 0 && !text_equal(warehouse, CODE_TEXT(row.warehouse)))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		int size = snprintf(id, sizeof(id), "T-%llu", (unsigned long long)get_u64_be(key.data));
		query_text(query, "id", (struct text){id, (uint32_t)size});
		query_text(query, "warehouse", CODE_TEXT(row.warehouse));
		query_text(query, "carrier", CODE_TEXT(row.carrier));
		query_int(query, "distance_m", row.metres);
		query_int(query, "cost_minor", row.cost.minor);
		query_text(query, "currency", CODE_TEXT(row.currency));
		query_int(query, "stops", (int64_t)row.stops);
	}
}
