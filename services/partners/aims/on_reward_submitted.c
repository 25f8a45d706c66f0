/* on_reward_submitted.c -- staff says what a score is worth. */
#include "record.h"

static bool refuse(struct turn *turn, const struct reward_submitted *reward, const char *code, const char *sentence)
{
	return record_refuse(turn, TABLE_REWARD, reward->reward, code, "%s", sentence);
}

static bool reward_valid(struct turn *turn, const struct reward_submitted *reward)
{
	/* R91: A reward is an amount with its currency, a status, or both, for scores of a known appraisal, the lowest not above the
	 * highest. */
	if (!record_names(turn, TABLE_REWARD, reward->reward, TABLE_APPRAISAL, reward->appraisal))
		return false;
	if (!reward->has_amount && !reward->has_status)
		return refuse(turn, reward, "bad_reward", "give an amount, a status, or both");
	if (reward->has_amount && (!reward->has_currency || reward->amount.minor <= 0))
		return refuse(turn, reward, "bad_reward", "an amount is above nothing, and names its currency");
	if (reward->has_currency && !record_currency(turn, TABLE_REWARD, reward->reward, reward->currency))
		return false;
	return !reward->has_until_score_bp || reward->from_score_bp <= reward->until_score_bp ||
	       refuse(turn, reward, "bad_reward", "the lowest score is above the highest");
}

void on_reward_submitted(struct turn *turn, const struct reward_submitted *reward)
{
	if (reward_valid(turn, reward))
		record_submit(turn, TABLE_REWARD, bytes_of_text(reward->reward), reward);
}
