/* query_stock.c -- `get stock` and `get policies`: the shelves, place by place. Arguments: outlet, sku. */
#include "state.h"

/* Walks the shelves of the query's place (all places when it names none) and calls row for each of the
   query's SKU. */
static void each_shelf(struct query *query, void (*row)(struct query *query, const struct shelf *shelf))
{
	struct text place = query_argument(query, "outlet"), sku = query_argument(query, "sku");
	uint8_t prefix[KEY_SIZE];
	struct bytes wanted = bytes_of(prefix, 0), key, value;
	struct shelf shelf;

	if (place.size > CODE_SIZE)
		return;
	if (place.size > 0)
		wanted = shelf_key(prefix, place, (struct text){0});
	value =
	    query_seek(query, TABLE_SHELF, query_from(query).size > 0 ? query_from(query) : wanted, &key);
	for (; key.data != NULL; value = query_next(query, TABLE_SHELF, &key)) {
		if (key.size < wanted.size || memcmp(key.data, wanted.data, wanted.size) != 0)
			return;
		if (!shelf_read(value, &shelf) || (sku.size > 0 && !text_equal(sku, key_part(key, 1))))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		query_text(query, "outlet", key_part(key, 0));
		query_text(query, "sku", key_part(key, 1));
		row(query, &shelf);
	}
}

static void row_stock(struct query *query, const struct shelf *shelf)
{
	query_int(query, "on_hand_milli", shelf->stock.on_hand.milli);
	query_int(query, "in_transit_milli", shelf->stock.in_transit.milli);
	query_int(query, "on_order_milli", shelf->stock.on_order.milli);
	query_int(query, "reserved_milli", shelf->stock.reserved.milli);
	query_int(query, "backlog_milli", shelf->stock.backlog.milli);
	query_int(query, "position_milli", stock_position(&shelf->stock).milli);
}

static void row_policy(struct query *query, const struct shelf *shelf)
{
	query_text(query, "policy", policy_text(shelf->policy.origin));
	query_int(query, "version", shelf->policy.version);
	query_int(query, "reorder_point_milli", shelf->policy.reorder_point.milli);
	query_int(query, "order_up_to_milli", shelf->policy.order_up_to.milli);
	query_int(query, "pack_milli", shelf->supply.pack.milli);
	query_int(query, "lead_minutes",
	          shelf->supply.lead_minutes == LEAD_NONE ? -1 : (int64_t)shelf->supply.lead_minutes);
	query_int(query, "demand_milli_per_day", shelf->demand.level / 1000);
	query_int(query, "deviation_milli", shelf->demand.deviation / 1000);
	query_int(query, "demand_days", shelf->demand.days);
}

void query_stock(struct query *query)
{
	each_shelf(query, row_stock);
}

void query_policies(struct query *query)
{
	each_shelf(query, row_policy);
}
