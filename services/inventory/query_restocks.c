/* query_restocks.c -- `get restocks`: every want in the order of the requests. Arguments: outlet, sku,
   state. */
#include "restock.h"

static bool is_wanted(const struct restock *restock, struct text place, struct text sku, struct text state)
{
	return (place.size == 0 || text_equal(place, CODE_TEXT(restock->place))) &&
	       (sku.size == 0 || text_equal(sku, CODE_TEXT(restock->sku))) &&
	       (state.size == 0 || text_equal(state, restock_state_text(restock->state)));
}

static void row_restock(struct query *query, uint64_t number, const struct restock *restock)
{
	char id[24];
	int size = snprintf(id, sizeof(id), "R-%llu", (unsigned long long)number);

	query_text(query, "id", (struct text){id, (uint32_t)size});
	query_text(query, "outlet", CODE_TEXT(restock->place));
	query_text(query, "sku", CODE_TEXT(restock->sku));
	query_int(query, "quantity_milli", restock->asked.milli);
	query_text(query, "from", CODE_TEXT(restock->from));
	query_text(query, "state", restock_state_text(restock->state));
	query_text(query, "cause", CODE_TEXT(restock->cause));
	query_text(query, "order", CODE_TEXT(restock->order));
	query_int(query, "planned_milli", restock->planned.milli);
	query_int(query, "dispatched_milli", restock->dispatched.milli);
	query_int(query, "received_milli", restock->usable.milli);
}

void query_restocks(struct query *query)
{
	struct text place = query_argument(query, "outlet"), sku = query_argument(query, "sku");
	struct text state = query_argument(query, "state");
	struct bytes key, value = query_seek(query, TABLE_RESTOCK, query_from(query), &key);
	struct restock restock;

	for (; key.data != NULL; value = query_next(query, TABLE_RESTOCK, &key)) {
		if (value.size != sizeof(restock) || key.size != 8)
			continue;
		memcpy(&restock, value.data, sizeof(restock));
		if (!is_wanted(&restock, place, sku, state))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		row_restock(query, get_u64_be(key.data), &restock);
	}
}
