/* query_shipments.c -- `get shipments`: in the order of their planning. Arguments: outlet, warehouse,
   state, shipment. */
#include "progress.h"

static bool is_wanted(struct query *query, const char *argument, struct text value)
{
	struct text wanted = query_argument(query, argument);

	return wanted.size == 0 || text_equal(wanted, value);
}

static void row_shipment(struct query *query, struct text id, const struct shipment *shipment)
{
	char promised[WHEN_TEXT_SIZE];

	when_text(shipment->promised_us, promised);
	query_text(query, "id", id);
	query_text(query, "warehouse", CODE_TEXT(shipment->warehouse));
	query_text(query, "outlet", CODE_TEXT(shipment->outlet));
	query_text(query, "carrier", CODE_TEXT(shipment->carrier));
	query_text(query, "lane", CODE_TEXT(shipment->lane));
	query_text(query, "state", progress_state_text((enum shipment_state)shipment->state));
	query_text(query, "promised", text_of(promised));
	query_int(query, "promised_us", shipment->promised_us);
	query_int(query, "cost_minor", shipment->cost.minor);
	query_text(query, "currency", CODE_TEXT(shipment->currency));
	query_int(query, "lines", shipment->lines);
}

void query_shipments(struct query *query)
{
	struct bytes key, value = query_seek(query, TABLE_SHIPMENT, query_from(query), &key);
	struct shipment shipment;
	char id[24];

	for (; key.data != NULL; value = query_next(query, TABLE_SHIPMENT, &key)) {
		if (value.size != sizeof(shipment) || key.size != 8)
			continue;
		memcpy(&shipment, value.data, sizeof(shipment));
		int size = snprintf(id, sizeof(id), "S-%llu", (unsigned long long)get_u64_be(key.data));
		struct text name = {id, (uint32_t)size};

		if (!is_wanted(query, "outlet", CODE_TEXT(shipment.outlet)) ||
		    !is_wanted(query, "warehouse", CODE_TEXT(shipment.warehouse)) ||
		    !is_wanted(query, "shipment", name) ||
		    !is_wanted(query, "state", progress_state_text((enum shipment_state)shipment.state)))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		row_shipment(query, name, &shipment);
	}
}
