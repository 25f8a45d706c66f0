/* promotion_end.c -- promotions are declared, and are over when the clock says so. */
#include "promotion.h"

#define ENDED_MAX 500 /* of one tick; the others wait for the next */

static struct bytes end_key(struct turn *turn, uint8_t key[KEY_SIZE], int64_t until, struct text code)
{
	put_u64_be(key, (uint64_t)(until - DAY_MIN + turn_setting(turn, SETTING_PROMOTION_GRACE)));
	memcpy(key + 8, code.data, code.size);
	return bytes_of(key, 8 + code.size);
}

void promotion_place(struct turn *turn, const struct promotion_set *set)
{
	struct promotion_sum sum;
	uint8_t key[KEY_SIZE];

	if (promotion_sum_get(turn, set->promotion, &sum) && sum.is_watched)
		turn_del(turn, TABLE_PROMOTION_END, end_key(turn, key, sum.until, set->promotion));
	rule_place(turn, RULES_PROMOTION, set->promotion, &set->scope, set->from, set->rule);
	sum.version = set->version;
	sum.until = set->until;
	sum.ended = 0;
	sum.is_watched = set->rule != NULL;
	CODE_PUT(sum.currency, set->currency);
	CODE_PUT(sum.outlet, set->scope.outlet);
	promotion_sum_put(turn, set->promotion, &sum);
	if (set->rule != NULL)
		turn_put(turn, TABLE_PROMOTION_END, end_key(turn, key, set->until, set->promotion), bytes_of("", 0));
}

static void say_ended(struct turn *turn, struct text code)
{
	struct promotion_sum sum;
	char day[DAY_TEXT_SIZE];

	if (!promotion_sum_get(turn, code, &sum))
		return;
#if !defined(MUTANT_ENDLESS)
	sum.ended = 1;
#endif
	sum.is_watched = 0;
	promotion_sum_put(turn, code, &sum);
	day_text(sum.until, day);
	emit_promotion_ended(turn, &(struct promotion_ended){.promotion = code,
							     .promotion_version = sum.version,
							     .has_outlet = sum.outlet[0] != 0,
							     .outlet = CODE_TEXT(sum.outlet),
							     .until = text_of(day),
							     .currency = CODE_TEXT(sum.currency),
							     .lines = sum.lines,
							     .amount = money_of(sum.given),
							     .brand_amount = money_of(sum.brand),
							     .dealer_amount = money_of(sum.dealer)});
}

/* R93: A promotion has ended at the first tick of the clock that finds its last day over by the days of grace, once for each version. */
void promotion_watch(struct turn *turn, int64_t day)
{
	for (unsigned said = 0; said < ENDED_MAX; said++) {
		struct bytes key;

		(void)turn_seek(turn, TABLE_PROMOTION_END, bytes_of(NULL, 0), &key);
		if (key.size <= 8 || (int64_t)get_u64_be(key.data) >= day - DAY_MIN)
			return;
		uint8_t place[KEY_SIZE];
		size_t size = key.size;
		memcpy(place, key.data, size);
		turn_del(turn, TABLE_PROMOTION_END, bytes_of(place, size));
		struct text code = turn_text(turn, "%.*s", (int)(size - 8), (const char *)place + 8);
		say_ended(turn, code);
	}
}
