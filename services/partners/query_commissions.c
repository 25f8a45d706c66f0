/* query_commissions.c -- `get commissions`: what fell to whom for which role, by month. Arguments: outlet. */
#include "commission.h"

void query_commissions(struct query *query)
{
	struct text outlet = query_argument(query, "outlet"), of, role, currency;
	struct bytes key = query_from(query), row;
	struct commission_sum sum;
	int32_t month;

	if (key.size == 0)
		key = bytes_of_text(outlet);
	for (row = query_seek(query, TABLE_COMMISSION_SUM, key, &key); key.data != NULL; row = query_next(query, TABLE_COMMISSION_SUM, &key)) {
		char first[DAY_TEXT_SIZE];

		if (!commission_sum_read(key, row, &of, &role, &currency, &month, &sum))
			continue;
		if (outlet.size > 0 && !text_equal(outlet, of)) {
			if (bytes_compare(bytes_of_text(of), bytes_of_text(outlet)) > 0)
				return;
			continue;
		}
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		day_text(month, first);
		query_text(query, "outlet", of);
		query_text(query, "role", role);
		query_text(query, "month", text_of(first));
		query_text(query, "currency", currency);
		query_int(query, "amount_minor", sum.amount);
		query_int(query, "parts", (int64_t)sum.parts);
	}
}
