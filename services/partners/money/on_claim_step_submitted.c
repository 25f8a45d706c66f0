/* on_claim_step_submitted.c -- staff decides a claim, or pays it. */
#include "events/staff.h"
#include "flow/flow.h"
#include "money/fund.h"
#include "record.h"

/* What a step is about. */
struct about {
	struct claim_submitted claim;
	struct fund_submitted fund;
	int64_t fund_version;
	struct claim row;
};

static bool refuse(struct turn *turn, const struct claim_step_submitted *step, const char *code, const char *sentence)
{
	return record_refuse(turn, TABLE_CLAIM, step->claim, code, "%s", sentence);
}

/* R163: What is approved is more than nothing, no more than is claimed, and no more than the budget of the fund has left: the balance of a fund is its
 * budget less all that is approved, and never below nothing. */
static bool amount_valid(struct turn *turn, const struct claim_step_submitted *step, const struct about *about, int64_t amount)
{
	struct fund_sum sum = fund_sum_get(turn, about->claim.fund);

	if (amount <= 0 || amount > about->claim.amount.minor)
		return refuse(turn, step, "bad_amount", "what is approved is more than nothing, and no more than is claimed");
#if defined(MUTANT_BUDGET_FORGOTTEN)
	return true;
#endif
	return amount <= about->fund.budget.minor - sum.approved ||
	       refuse(turn, step, "over_budget", "the budget of the fund does not have that much left");
}

static void endorse(struct turn *turn, struct about *about, int64_t amount)
{
	struct text by = turn_input(turn)->source;

	about->row.amount = amount;
	CODE_PUT(about->row.state, TEXT_LITERAL("endorsed"));
	CODE_PUT(about->row.by, by);
	emit_claim_endorsed(turn, &(struct claim_endorsed){.claim = about->claim.claim,
							   .fund = about->claim.fund,
							   .fund_version = about->fund_version,
							   .outlet = about->claim.outlet,
							   .amount = money_of(amount),
							   .currency = about->claim.currency,
							   .by = by});
}

/* R164: From the amount on that a fund says, a second person has to approve: the first one endorses, and whoever handed the claim in or endorsed it does
 * not approve it; the amount is that of the second. */
static bool approve(struct turn *turn, const struct claim_step_submitted *step, struct about *about)
{
	bool is_endorsed = text_equal(CODE_TEXT(about->row.state), TEXT_LITERAL("endorsed"));
	int64_t amount = step->has_amount ? step->amount.minor : is_endorsed ? about->row.amount : about->claim.amount.minor;
	bool needs_second = about->fund.has_second_from && amount >= about->fund.second_from.minor;
	struct text by = turn_input(turn)->source;

	if (!amount_valid(turn, step, about, amount))
		return false;
	if (needs_second && text_equal(CODE_TEXT(about->row.by), by))
		return refuse(turn, step, "same_person", "a second person has to approve it");
	if (needs_second && !is_endorsed) {
		endorse(turn, about, amount);
		return true;
	}
	struct fund_sum sum = fund_sum_get(turn, about->claim.fund);
	sum.approved += amount;
	fund_sum_put(turn, about->claim.fund, &sum);
	about->row.amount = amount;
	CODE_PUT(about->row.state, TEXT_LITERAL("approved"));
	CODE_PUT(about->row.by, by);
	emit_claim_approved(turn, &(struct claim_approved){.claim = about->claim.claim,
							   .fund = about->claim.fund,
							   .fund_version = about->fund_version,
							   .outlet = about->claim.outlet,
							   .amount = money_of(amount),
							   .currency = about->claim.currency,
							   .by = by,
							   .balance = money_of(about->fund.budget.minor - sum.approved)});
	return true;
}

static bool reject(struct turn *turn, const struct claim_step_submitted *step, struct about *about)
{
	struct text by = turn_input(turn)->source;

	if (!step->has_reason)
		return refuse(turn, step, "missing_reason", "say why it is not paid");
	about->row.amount = 0;
	CODE_PUT(about->row.state, TEXT_LITERAL("rejected"));
	CODE_PUT(about->row.by, by);
	emit_claim_rejected(turn, &(struct claim_rejected){.claim = about->claim.claim,
							   .fund = about->claim.fund,
							   .fund_version = about->fund_version,
							   .outlet = about->claim.outlet,
							   .amount = about->claim.amount,
							   .currency = about->claim.currency,
							   .by = by,
							   .has_reason = true,
							   .reason = step->reason});
	return true;
}

static bool settle(struct turn *turn, const struct claim_step_submitted *step, struct about *about)
{
	struct fund_sum sum = fund_sum_get(turn, about->claim.fund);
	struct text by = turn_input(turn)->source;

	sum.settled += about->row.amount;
	fund_sum_put(turn, about->claim.fund, &sum);
	CODE_PUT(about->row.state, TEXT_LITERAL("settled"));
	CODE_PUT(about->row.by, by);
	emit_claim_settled(turn, &(struct claim_settled){.claim = about->claim.claim,
							 .fund = about->claim.fund,
							 .fund_version = about->fund_version,
							 .outlet = about->claim.outlet,
							 .amount = money_of(about->row.amount),
							 .currency = about->claim.currency,
							 .by = by,
							 .has_reference = step->has_reference,
							 .reference = step->reference});
	return true;
}

void on_claim_step_submitted(struct turn *turn, const struct claim_step_submitted *step)
{
	struct about about;

	if (!claim_get(turn, step->claim, &about.row) || claim_known(turn, step->claim, &about.claim) == 0) {
		(void)refuse(turn, step, "unknown_claim", "there is no such claim");
		return;
	}
	about.fund_version = fund_known(turn, about.claim.fund, &about.fund);
	/* R162: A claim moves by these steps alone: opened, perhaps endorsed, approved or rejected, and what is approved is settled. */
	if (flow_next(&flow_claim, CODE_TEXT(about.row.state), step->step) == NULL) {
		const struct breach breach = {"claim", &flow_claim, CODE_TEXT(about.row.state), step->step};

		breach_refuse(turn, &breach, step->claim, "bad_step", TEXT_LITERAL("a claim in this state cannot take this step"));
		return;
	}
	bool done = text_equal(step->step, TEXT_LITERAL("approve"))  ? approve(turn, step, &about)
		    : text_equal(step->step, TEXT_LITERAL("reject")) ? reject(turn, step, &about)
								      : settle(turn, step, &about);
	if (done)
		claim_put(turn, step->claim, &about.row);
}
