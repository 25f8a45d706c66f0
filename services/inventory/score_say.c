/* score_say.c -- at the change of day, what has arrived since is weighed and said. */
#include "score.h"

#include "base/when.h"

/* The months of a supplier or a lane; those that no scorecard will look at any more go. */
static void months_read(struct turn *turn, struct bytes prefix, struct months *months)
{
	uint8_t at[KEY_SIZE];
	size_t size = prefix.size + 1;
	uint32_t month;
	struct score score;

	memcpy(at, prefix.data, prefix.size);
	at[prefix.size] = 0;
	while (rows_walk(turn, TABLE_SCORE, prefix.size + 1, at, &size)) {
		struct bytes key = bytes_of(at, size - 1);

		if (months_key(key, &month) != prefix.size || !row_get(turn, TABLE_SCORE, key, &score, sizeof(score)))
			continue;
		if (months->count == SCORE_MONTHS_MAX) {
			uint8_t oldest[KEY_SIZE];

			memcpy(oldest, at, prefix.size + 1);
			put_u64_be(oldest + prefix.size + 1, months->number[0]);
			turn_del(turn, TABLE_SCORE, bytes_of(oldest, prefix.size + MONTH_SIZE));
		}
		months_add(months, month, &score);
	}
}

struct card score_card(struct turn *turn, enum score_kind kind, struct text code, struct text currency)
{
	struct months *months = turn_take(turn, sizeof(*months));
	uint8_t key[KEY_SIZE];

	*months = (struct months){0};
	months_read(turn, score_key(key, kind, code, currency), months);
	return months->count > 0 ? card_of(months, turn_setting(turn, SETTING_SCORE_MONTHS)) : (struct card){0};
}

#define SCORE_FIELDS(card, coin)                                                                                                       \
	.from = text_of((card)->from), .until = text_of((card)->until), .deliveries = (card)->sum.deliveries,                          \
	.promised = (card)->sum.promised, .on_time = (card)->sum.on_time, .in_full = (card)->sum.in_full,                              \
	.on_time_in_full = (card)->sum.both, .asked = (card)->sum.asked, .sent = (card)->sum.sent, .usable = (card)->sum.usable,       \
	.otif_bp = (card)->otif_bp, .defects_ppm = (card)->defects_ppm, .has_lead_time = (card)->has_lead,                             \
	.lead_time = (card)->lead_minutes, .has_lead_variance = (card)->has_lead, .lead_variance = (card)->lead_variance,              \
	.has_currency = (coin).size > 0, .currency = (coin), .has_unit_cost = (card)->has_cost, .unit_cost = (card)->unit_cost,        \
	.has_freight_share = (card)->has_cost, .freight_share = (card)->freight_share, .has_expected_loss = (card)->has_cost,          \
	.expected_loss = (card)->expected_loss, .has_landed_cost = (card)->has_cost, .landed_cost = (card)->landed_cost

static void say(struct turn *turn, struct bytes key, const struct card *card)
{
	struct text code = key_part(key, 1), currency = key_part(key, 2);

	if (key.data[0] == SCORE_LANE)
		emit_lane_scored(turn, &(struct lane_scored){.lane = code, SCORE_FIELDS(card, currency)});
	else
		emit_supplier_scored(turn, &(struct supplier_scored){.supplier = code, SCORE_FIELDS(card, currency)});
}

static const char scored_day[] = "scored";

/* R88: Where a day begins, in UTC, each supplier and lane that something has arrived from since it was scored is scored anew, over the
   months of the setting up to its latest delivery. */
void scores_tick(struct turn *turn, int64_t time_us)
{
	struct bytes name = bytes_of(scored_day, sizeof(scored_day) - 1);
	int64_t day = time_us / US_PER_DAY, before;
	uint8_t at[KEY_SIZE];
	size_t size = 0;

	row_get(turn, TABLE_BOOK, name, &before, sizeof(before));
	if (day == before)
		return;
	for (unsigned said = 0; said < SCORES_PER_TICK; said++) {
		struct months *months = turn_take(turn, sizeof(*months));

		if (!rows_walk(turn, TABLE_UNSCORED, 0, at, &size)) {
			turn_put(turn, TABLE_BOOK, name, bytes_of(&day, sizeof(day)));
			return;
		}
		struct bytes key = bytes_of(at, size - 1);
		*months = (struct months){0};
		months_read(turn, key, months);
		if (!turn_must(turn, months->count > 0))
			return;
		struct card card = card_of(months, turn_setting(turn, SETTING_SCORE_MONTHS));
		turn_del(turn, TABLE_UNSCORED, key);
		say(turn, key, &card);
	}
}
