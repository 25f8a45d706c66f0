/* audit_fund.c -- what a fund has approved and settled is what its claims say, and no more than its budget. */
#include "base/error.h"
#include "money/fund.h"

#define ARENA_BYTES (1u << 16)

/* The claims on a fund, added up. */
static struct fund_sum claims_of(struct audit *audit, struct bytes fund, struct arena *arena)
{
	struct view *view = audit_view(audit);
	unsigned table = audit_table(audit, TABLE_CLAIM);
	struct fund_sum sum = {0};
	struct bytes key, row;

	for (row = view_seek(view, table, bytes_of(NULL, 0), &key); key.data != NULL; row = view_next(view, table, &key)) {
		struct claim_submitted claim;
		struct record record;
		struct claim known;

		arena_reset(arena);
		if (!record_read(row, &record))
			continue;
		struct reader reader = reader_of(record.fields);
		if (claim_submitted_type.unpack(&claim, &reader, arena) != ERR_NONE || !bytes_equal(bytes_of_text(claim.fund), fund))
			continue;
		sum.claims++;
		if (!claim_read(view_get(view, audit_table(audit, TABLE_CLAIM_STATE), key), &known))
			continue;
		bool settled = text_equal(CODE_TEXT(known.state), TEXT_LITERAL("settled"));
		if (settled || text_equal(CODE_TEXT(known.state), TEXT_LITERAL("approved")))
			sum.approved += known.amount;
		sum.settled += settled ? known.amount : 0;
	}
	return sum;
}

void partners_audit_funds(struct audit *audit)
{
	struct view *view = audit_view(audit);
	unsigned table = audit_table(audit, TABLE_FUND);
	struct arena fund_arena, claim_arena;
	struct bytes key, row;

	CHECK(arena_open(&fund_arena, ARENA_BYTES) == ERR_NONE && arena_open(&claim_arena, ARENA_BYTES) == ERR_NONE);
	for (row = view_seek(view, table, bytes_of(NULL, 0), &key); key.data != NULL; row = view_next(view, table, &key)) {
		struct fund_submitted fund;
		struct record record;
		struct fund_sum sum;

		arena_reset(&fund_arena);
		if (!record_read(row, &record))
			continue; /* said already */
		struct reader reader = reader_of(record.fields);
		if (fund_submitted_type.unpack(&fund, &reader, &fund_arena) != ERR_NONE)
			continue;
		struct fund_sum given = claims_of(audit, key, &claim_arena);
		(void)fund_sum_read(view_get(view, audit_table(audit, TABLE_FUND_SUM), key), &sum);
		if (sum.approved != given.approved || sum.settled != given.settled || sum.claims != given.claims)
			audit_wrong(audit, "fund %.*s: %lld approved, %lld settled of %llu claims, which give %lld, %lld of %llu", TEXT_ARGS(fund.fund),
				    (long long)sum.approved, (long long)sum.settled, (unsigned long long)sum.claims, (long long)given.approved,
				    (long long)given.settled, (unsigned long long)given.claims);
		if (sum.approved > fund.budget.minor || sum.settled > sum.approved)
			audit_wrong(audit, "fund %.*s: %lld approved and %lld settled of a budget of %lld", TEXT_ARGS(fund.fund), (long long)sum.approved,
				    (long long)sum.settled, (long long)fund.budget.minor);
	}
	arena_close(&fund_arena);
	arena_close(&claim_arena);
}
