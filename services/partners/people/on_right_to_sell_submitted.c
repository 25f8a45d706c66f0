/* on_right_to_sell_submitted.c -- staff says what only an outlet with a certificate may sell (持证销售). */
#include "record.h"

/* R187: A right to sell names a known course, and is for one brand, one category, one SKU or everything, at one outlet, in one channel, in one tier or
 * everywhere; its days are in order, its words are of their lists. */
static bool right_valid(struct turn *turn, const struct right_to_sell_submitted *right)
{
	const struct text key = right->right_to_sell;

	if (!record_names(turn, TABLE_RIGHT_TO_SELL, key, TABLE_COURSE, right->course) ||
	    !record_scope_valid(turn, TABLE_RIGHT_TO_SELL, key, RECORD_SCOPE(right)) ||
	    !record_days(turn, TABLE_RIGHT_TO_SELL, key, right->has_from, right->from, right->has_until, right->until))
		return false;
	return (!right->has_mode || record_word(turn, TABLE_RIGHT_TO_SELL, key, "mode", right->mode, "unknown_mode")) &&
	       (!right->has_status || record_word(turn, TABLE_RIGHT_TO_SELL, key, "status", right->status, "unknown_status"));
}

void on_right_to_sell_submitted(struct turn *turn, const struct right_to_sell_submitted *right)
{
	if (right_valid(turn, right))
		record_submit(turn, TABLE_RIGHT_TO_SELL, bytes_of_text(right->right_to_sell), right);
}
