/* on_claim_submitted.c -- staff hands in a claim of an outlet on a fund (费用核销). */
#include "money/fund.h"
#include "network/outlet.h"
#include "record.h"
#include "rules.h"

static bool refuse(struct turn *turn, const struct claim_submitted *claim, const char *code, const char *sentence)
{
	return record_refuse(turn, TABLE_CLAIM, claim->claim, code, "%s", sentence);
}

/* R161: A claim is of a known outlet that its fund is for, of a day of the fund, in its currency, of more than nothing, with its proof; its number
 * is opened once. */
static bool claim_valid(struct turn *turn, const struct claim_submitted *claim)
{
	struct outlet_submitted outlet;
	struct fund_submitted fund;
	int64_t day;

	if (!record_codes(turn, TABLE_CLAIM, claim))
		return false;
	if (!outlet_known(turn, claim->outlet, &outlet))
		return refuse(turn, claim, "unknown_outlet", "its outlet is not known");
	if (fund_known(turn, claim->fund, &fund) == 0)
		return refuse(turn, claim, "unknown_fund", "its fund is not known");
	if ((fund.has_outlet && !text_equal(fund.outlet, claim->outlet)) || (fund.has_tier && fund.tier != outlet.tier))
		return refuse(turn, claim, "bad_scope", "the fund is not for this outlet");
	if (!day_number(claim->day, &day) || !is_between(claim->day, fund.from, fund.until))
		return refuse(turn, claim, "bad_day", "its day is no day of the fund");
	if (!text_equal(claim->currency, fund.currency))
		return refuse(turn, claim, "wrong_currency", "the fund is in another currency");
	return claim->amount.minor > 0 || refuse(turn, claim, "bad_amount", "what is claimed is more than nothing");
}

static void claim_open(struct turn *turn, const struct claim_submitted *claim)
{
	struct fund_sum sum = fund_sum_get(turn, claim->fund);
	struct claim row = {0};
	struct claim_opened opened = {.claim = claim->claim,
				      .fund = claim->fund,
				      .outlet = claim->outlet,
				      .amount = claim->amount,
				      .currency = claim->currency,
				      .day = claim->day,
				      .purpose = claim->purpose,
				      .proof = claim->proof,
				      .version = 1};

	CODE_PUT(row.state, TEXT_LITERAL("opened"));
	CODE_PUT(row.by, turn_input(turn)->source);
	sum.claims++;
	fund_sum_put(turn, claim->fund, &sum);
	claim_put(turn, claim->claim, &row);
	emit_claim_opened(turn, &opened);
}

void on_claim_submitted(struct turn *turn, const struct claim_submitted *claim)
{
	if (!record_is_new(turn, TABLE_CLAIM, claim->claim, claim, "already_claimed", "this number was claimed with other words"))
		return;
	if (!claim_valid(turn, claim))
		return;
	record_keep(turn, TABLE_CLAIM, bytes_of_text(claim->claim), claim);
	claim_open(turn, claim);
}
