/* query_funds.c -- `get funds`: what is left of each; `get claims`: how far each is. Arguments: outlet, fund. */
#include "base/error.h"
#include "money/fund.h"

static void answer_fund(struct query *query, const struct fund_submitted *fund, int64_t version, const struct fund_sum *sum)
{
	query_text(query, "fund", fund->fund);
	query_text(query, "name", fund->name);
	query_int(query, "version", version);
	if (fund->has_outlet)
		query_text(query, "outlet", fund->outlet);
	if (fund->has_tier)
		query_int(query, "tier", fund->tier);
	query_text(query, "from", fund->from);
	query_text(query, "until", fund->until);
	query_text(query, "currency", fund->currency);
	query_int(query, "budget_minor", fund->budget.minor);
	query_int(query, "approved_minor", sum->approved);
	query_int(query, "settled_minor", sum->settled);
	query_int(query, "balance_minor", fund->budget.minor - sum->approved);
	query_int(query, "claims", (int64_t)sum->claims);
}

void query_funds(struct query *query)
{
	struct text wanted = query_argument(query, "fund"), outlet = query_argument(query, "outlet");
	struct arena none = {0}; /* its fields are flat */
	struct bytes key, row;

	for (row = query_seek(query, TABLE_FUND, query_from(query), &key); key.data != NULL; row = query_next(query, TABLE_FUND, &key)) {
		struct fund_submitted fund;
		struct fund_sum sum;
		struct record record;

		if (!record_read(row, &record))
			continue;
		struct reader reader = reader_of(record.fields);
		if (fund_submitted_type.unpack(&fund, &reader, &none) != ERR_NONE || (wanted.size > 0 && !text_equal(wanted, fund.fund)) ||
		    (outlet.size > 0 && !text_equal(outlet, fund.outlet)))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		(void)fund_sum_read(query_get(query, TABLE_FUND_SUM, key), &sum);
		answer_fund(query, &fund, record.version, &sum);
	}
}

static void answer_claim(struct query *query, const struct claim_submitted *claim, const struct claim *row)
{
	query_text(query, "claim", claim->claim);
	query_text(query, "fund", claim->fund);
	query_text(query, "outlet", claim->outlet);
	query_text(query, "day", claim->day);
	query_text(query, "purpose", claim->purpose);
	query_text(query, "proof", claim->proof);
	query_text(query, "currency", claim->currency);
	query_int(query, "claimed_minor", claim->amount.minor);
	query_int(query, "approved_minor", row->amount);
	query_text(query, "state", CODE_TEXT(row->state));
	query_text(query, "by", CODE_TEXT(row->by));
}

void query_claims(struct query *query)
{
	struct text fund = query_argument(query, "fund"), outlet = query_argument(query, "outlet"), state = query_argument(query, "state");
	struct arena none = {0}; /* its fields are flat */
	struct bytes key, row;

	for (row = query_seek(query, TABLE_CLAIM, query_from(query), &key); key.data != NULL; row = query_next(query, TABLE_CLAIM, &key)) {
		struct claim_submitted claim;
		struct record record;
		struct claim known;

		if (!record_read(row, &record) || !claim_read(query_get(query, TABLE_CLAIM_STATE, key), &known))
			continue;
		struct reader reader = reader_of(record.fields);
		if (claim_submitted_type.unpack(&claim, &reader, &none) != ERR_NONE || (fund.size > 0 && !text_equal(fund, claim.fund)) ||
		    (outlet.size > 0 && !text_equal(outlet, claim.outlet)) || (state.size > 0 && !text_equal(state, CODE_TEXT(known.state))))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		answer_claim(query, &claim, &known);
	}
}
