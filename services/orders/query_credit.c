/* query_credit.c -- `get credit`: what outlets owe, and what they may. Arguments: outlet. */
#include "credit.h"

static void answer_sum(struct query *query, const char *name, int64_t minor)
{
	query_int(query, name, credit_said(minor).minor);
}

static void answer_credit(struct query *query, struct text outlet, const struct credit *credit)
{
	int64_t exposure = credit_exposure(credit);

	query_text(query, "outlet", outlet);
	query_bool(query, "limited", credit->version > 0);
	query_int(query, "limit_minor", credit->limit);
	query_int(query, "version", credit->version);
	answer_sum(query, "ordered_minor", credit->ordered);
	answer_sum(query, "paid_minor", credit->paid);
	answer_sum(query, "deposit_minor", credit->deposit);
	answer_sum(query, "exposure_minor", exposure);
	answer_sum(query, "available_minor", credit->version > 0 ? credit->limit - exposure : 0);
	query_int(query, "held", credit->held);
}

void query_credit(struct query *query)
{
	struct text outlet = query_argument(query, "outlet");
	struct bytes key = query_from(query), row;

	if (key.size == 0)
		key = bytes_of_text(outlet);
	for (row = query_seek(query, TABLE_CREDIT, key, &key); key.data != NULL; row = query_next(query, TABLE_CREDIT, &key)) {
		struct text at = {(const char *)key.data, (uint32_t)key.size};
		struct credit credit;

		if (outlet.size > 0 && !text_equal(outlet, at))
			return;
		if (!credit_read(row, &credit))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		answer_credit(query, at, &credit);
	}
}
