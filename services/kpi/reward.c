/* reward.c -- what scores are worth. */
#include "reward.h"

static struct bytes grant_key(uint8_t key[KEY_SIZE], struct text appraisal, struct text outlet, struct text reward)
{
	const struct text codes[] = {appraisal, outlet, reward};

	return key_join(key, codes, 3);
}

void reward_declare(struct turn *turn, struct text appraisal, struct text code, const struct reward *reward)
{
	uint8_t key[KEY_SIZE];
	struct walk walk;

	walk_begin(&walk, turn, TABLE_REWARD, bytes_of(NULL, 0));
	while (walk_next(&walk)) {
		struct text at = key_part(walk.key, 1);

		if (text_equal(at, code))
			turn_del(turn, TABLE_REWARD, walk.key);
	}
	row_put(turn, TABLE_REWARD, key_pair(key, appraisal, code.data, code.size), reward, sizeof(*reward));
}

static struct reward_granted granted_of(struct text appraisal, struct text code, const struct sheet *sheet,
					const struct reward *reward)
{
	return (struct reward_granted){.reward = code,
				       .reward_version = reward->version,
				       .appraisal = appraisal,
				       .outlet = CODE_TEXT(sheet->outlet),
				       .score_bp = sheet->score.score_bp,
				       .round = sheet->score.round,
				       .has_amount = reward->amount > 0,
				       .amount = {reward->amount},
				       .has_currency = reward->currency[0] != 0,
				       .currency = CODE_TEXT(reward->currency),
				       .has_status = reward->status[0] != 0,
				       .status = CODE_TEXT(reward->status)};
}

/* R43: A final score grants each reward of its appraisal whose bounds hold it, once; a score that is made anew grants what it has newly
   earned and revokes what it no longer earns. */
static void settle_one(struct turn *turn, struct text appraisal, struct text code, const struct sheet *sheet,
		       const struct reward *reward)
{
	uint8_t key[KEY_SIZE];
	struct bytes wanted = grant_key(key, appraisal, CODE_TEXT(sheet->outlet), code);
	int64_t version;
	bool had = row_get(turn, TABLE_GRANT, wanted, &version, sizeof(version));
	bool earns = sheet->score.score_bp >= reward->from_bp && sheet->score.score_bp <= reward->until_bp;
	struct reward_granted granted = granted_of(appraisal, code, sheet, reward);

	if (earns && !had) {
		row_put(turn, TABLE_GRANT, wanted, &reward->version, sizeof(reward->version));
		emit_reward_granted(turn, &granted);
	} else if (had && !earns) {
#if defined(MUTANT_REWARD_STAYS)
		return;
#endif
		const void *any = &granted;

		_Static_assert(sizeof(struct reward_granted) == sizeof(struct reward_revoked), "what is revoked was granted");
		turn_del(turn, TABLE_GRANT, wanted);
		emit_reward_revoked(turn, any);
	}
}

void reward_settle(struct turn *turn, struct text appraisal, const struct sheet *sheet)
{
	uint8_t key[KEY_SIZE];
	struct reward reward;
	struct walk walk;

	walk_begin(&walk, turn, TABLE_REWARD, key_pair(key, appraisal, NULL, 0));
	while (walk_next(&walk)) {
		struct text code = key_part(walk.key, 1);

		if (copy_row(walk.value, &reward, sizeof(reward)))
			settle_one(turn, appraisal, code, sheet, &reward);
	}
}
