/* query_commissions.c -- `get commissions`: what fell to whom for which role, by month; `get commission-statements`: what of a month is paid.
 * Arguments: outlet. */
#include "money/commission.h"

/* Whether a row of another outlet is to be answered: both tables begin with the outlet. */
static bool is_other(struct query *query, struct text of, bool *is_behind)
{
	struct text outlet = query_argument(query, "outlet");

	*is_behind = outlet.size > 0 && bytes_compare(bytes_of_text(of), bytes_of_text(outlet)) > 0;
	return outlet.size > 0 && !text_equal(outlet, of);
}

static bool is_locked(struct query *query, struct text outlet, struct text currency, int32_t month)
{
	const struct commission_place place = {outlet, currency, month};
	struct commission_statement statement;
	struct commission_place same;
	uint8_t key[KEY_SIZE];
	struct bytes at = commission_statement_key(key, &place);

	return commission_statement_read(at, query_get(query, TABLE_COMMISSION_STATEMENT, at), &same, &statement) && statement.is_locked;
}

static void answer_statement(struct query *query, const struct commission_place *place, const struct commission_statement *statement)
{
	char first[DAY_TEXT_SIZE];

	day_text(place->month, first);
	query_text(query, "outlet", place->outlet);
	query_text(query, "month", text_of(first));
	query_text(query, "currency", place->currency);
	query_int(query, "accrued_minor", statement->accrued);
	query_int(query, "adjusted_minor", statement->adjusted);
	query_int(query, "settled_minor", statement->settled);
	query_int(query, "balance_minor", commission_balance(statement));
	query_bool(query, "locked", statement->is_locked != 0);
	query_int(query, "parts", (int64_t)statement->parts);
}

void query_commission_statements(struct query *query)
{
	struct bytes key = query_from(query), row;
	bool is_behind = false;

	if (key.size == 0)
		key = bytes_of_text(query_argument(query, "outlet"));
	for (row = query_seek(query, TABLE_COMMISSION_STATEMENT, key, &key); key.data != NULL && !is_behind;
	     row = query_next(query, TABLE_COMMISSION_STATEMENT, &key)) {
		struct commission_statement statement;
		struct commission_place place;

		if (!commission_statement_read(key, row, &place, &statement) || is_other(query, place.outlet, &is_behind))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		answer_statement(query, &place, &statement);
	}
}

void query_commissions(struct query *query)
{
	struct bytes key = query_from(query), row;
	struct text of, role, currency;
	struct commission_sum sum;
	bool is_behind = false;
	int32_t month;

	if (key.size == 0)
		key = bytes_of_text(query_argument(query, "outlet"));
	for (row = query_seek(query, TABLE_COMMISSION_SUM, key, &key); key.data != NULL && !is_behind;
	     row = query_next(query, TABLE_COMMISSION_SUM, &key)) {
		char first[DAY_TEXT_SIZE];

		if (!commission_sum_read(key, row, &of, &role, &currency, &month, &sum) || is_other(query, of, &is_behind))
			continue;
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
		query_bool(query, "locked", is_locked(query, of, currency, month));
	}
}
