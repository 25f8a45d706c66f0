/* query_outlets.c -- outlets as orders knows them. */
#include "state.h"

void query_outlets(struct query *query)
{
	struct bytes key = query_from(query), row;

	for (row = query_seek(query, TABLE_OUTLET, key, &key); key.data != NULL;
	     row = query_next(query, TABLE_OUTLET, &key)) {
		struct outlet outlet;

		if (!outlet_read(row, &outlet))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		query_text(query, "outlet", key_part(key, 0));
		query_int(query, "tier", outlet.tier);
		query_text(query, "currency", (struct text){outlet.currency, sizeof(outlet.currency)});
		query_bool(query, "active", !outlet.is_closed);
	}
}
