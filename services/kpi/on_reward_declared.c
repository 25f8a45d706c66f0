/* on_reward_declared.c -- what a score is worth. */
#include "reward.h"

void on_reward_declared(struct turn *turn, const struct reward_declared *declared)
{
	struct reward reward = {.version = declared->version,
				.from_bp = declared->from_score_bp,
				.until_bp = declared->has_until_score_bp ? declared->until_score_bp : NUMBER_MAX,
				.amount = declared->has_amount ? declared->amount.minor : 0};

	if (declared->has_currency)
		CODE_PUT(reward.currency, declared->currency);
	if (declared->has_status)
		CODE_PUT(reward.status, declared->status);
	reward_declare(turn, declared->appraisal, declared->reward, &reward);
}
