/* on_promotion_submitted.c -- staff sets a promotion (促销): what it takes off, and who pays for it. */
#include "record.h"

#define WHOLE_BP 10000

/* R73: A promotion takes off a share of the list price between nothing and all of it, an amount above nothing, or leads down to a floor of no
 * less than nothing: the one that its mechanic names, and no other. */
static bool mechanic_valid(struct turn *turn, const struct promotion_submitted *promotion)
{
	const struct text key = promotion->promotion;
	bool is_percent = text_equal(promotion->mechanic, TEXT_LITERAL("percent"));
	bool is_amount = text_equal(promotion->mechanic, TEXT_LITERAL("amount"));
	bool is_floor = text_equal(promotion->mechanic, TEXT_LITERAL("floor"));

	if (!record_word(turn, TABLE_PROMOTION, key, "mechanic", promotion->mechanic, "unknown_mechanic"))
		return false;
	if (promotion->has_off_bp != is_percent || promotion->has_amount_off != is_amount || promotion->has_floor != is_floor)
		return record_refuse(turn, TABLE_PROMOTION, key, "bad_mechanic",
		                     "percent has off_bp, amount has amount_off, floor has floor, and nothing else");
	if ((is_percent && (promotion->off_bp <= 0 || promotion->off_bp > WHOLE_BP)) || (is_amount && promotion->amount_off.e4 <= 0) ||
	    (is_floor && promotion->floor.e4 < 0))
		return record_refuse(turn, TABLE_PROMOTION, key, "bad_mechanic", "what it takes off is nothing, or more than there is");
	return true;
}

/* R74: The shares of a promotion's funding are no less than nothing and sum to exactly 10,000 basis points; its cap is above nothing. */
static bool funding_valid(struct turn *turn, const struct promotion_submitted *promotion)
{
	const struct text key = promotion->promotion;

	if (promotion->brand_bp < 0 || promotion->dealer_bp < 0 || promotion->brand_bp > WHOLE_BP ||
	    promotion->brand_bp + promotion->dealer_bp != WHOLE_BP)
		return record_refuse(turn, TABLE_PROMOTION, key, "bad_shares", "the shares of the funding do not sum to 10000 basis points");
	return !promotion->has_cap || promotion->cap.minor > 0 ||
	       record_refuse(turn, TABLE_PROMOTION, key, "bad_cap", "a cap is above nothing");
}

/* R72: A promotion has a first and a last day and a currency, and is for one sort of goods at most and one place at most, as an assortment is. */
static bool promotion_valid(struct turn *turn, const struct promotion_submitted *promotion)
{
	const struct text key = promotion->promotion;

	if (!record_scope_valid(turn, TABLE_PROMOTION, key, RECORD_SCOPE(promotion)) || !record_currency(turn, TABLE_PROMOTION, key, promotion->currency) ||
	    !record_days(turn, TABLE_PROMOTION, key, true, promotion->from, true, promotion->until))
		return false;
	return mechanic_valid(turn, promotion) && funding_valid(turn, promotion) &&
	       (!promotion->has_status || record_word(turn, TABLE_PROMOTION, key, "status", promotion->status, "unknown_status"));
}

/* R75: A promotion that is known keeps its currency: what it has given is in it. */
static bool currency_kept(struct turn *turn, const struct promotion_submitted *promotion)
{
	struct promotion_submitted before;

	if (record_fields(turn, TABLE_PROMOTION, bytes_of_text(promotion->promotion), &before) == 0)
		return true;
	return text_equal(before.currency, promotion->currency) ||
	       record_refuse(turn, TABLE_PROMOTION, promotion->promotion, "wrong_currency", "what it has given is in %.*s",
	                     TEXT_ARGS(before.currency));
}

void on_promotion_submitted(struct turn *turn, const struct promotion_submitted *promotion)
{
	if (promotion_valid(turn, promotion) && currency_kept(turn, promotion))
		record_submit(turn, TABLE_PROMOTION, bytes_of_text(promotion->promotion), promotion);
}
