/* query_transfers.c -- `get transfers`: between outlets, in the order of their proposals. Arguments: outlet, sku, state. */
#include "transfer.h"

static bool is_wanted(const struct query *query, const struct transfer *transfer)
{
	struct text outlet = query_argument(query, "outlet"), sku = query_argument(query, "sku"), state = query_argument(query, "state");

	return (outlet.size == 0 || text_equal(outlet, CODE_TEXT(transfer->from)) || text_equal(outlet, CODE_TEXT(transfer->to))) &&
	       (sku.size == 0 || text_equal(sku, CODE_TEXT(transfer->sku))) &&
	       (state.size == 0 || text_equal(state, transfer_state_text(transfer->state)));
}

static void row_transfer(struct query *query, uint64_t number, const struct transfer *transfer)
{
	char id[24];
	int size = snprintf(id, sizeof(id), "X-%llu", (unsigned long long)number);

	query_text(query, "id", (struct text){id, (uint32_t)size});
	query_text(query, "sku", CODE_TEXT(transfer->sku));
	query_text(query, "from", CODE_TEXT(transfer->from));
	query_text(query, "to", CODE_TEXT(transfer->to));
	query_int(query, "quantity_milli", transfer->quantity.milli);
	query_text(query, "state", transfer_state_text(transfer->state));
	query_int(query, "expires_us", transfer->expires_us);
}

void query_transfers(struct query *query)
{
	struct bytes key, value = query_seek(query, TABLE_TRANSFER, query_from(query), &key);
	struct transfer transfer;

	for (; key.data != NULL; value = query_next(query, TABLE_TRANSFER, &key)) {
		if (value.size != sizeof(transfer) || key.size != 8)
			continue;
		memcpy(&transfer, value.data, sizeof(transfer));
		if (!is_wanted(query, &transfer))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		row_transfer(query, get_u64_be(key.data), &transfer);
	}
}
